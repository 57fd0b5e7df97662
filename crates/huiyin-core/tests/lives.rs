//! Long random lives: sixty and more steps, with time that jumps ahead, stands still and steps back, and the same
//! checks as the walk after each of them.
//!
//! `HUIYIN_TEST_ALL=1` lives many more.

mod common;

use common::{Act, World, acts, check, check_json, check_rebuild, check_step, codes};
use huiyin_core::order::{Channel, Outcome};
use proptest::{prelude::*, test_runner::RngSeed};

/// Ways an order ends, and what lies over it without moving it: taken only now and then, or every life is short and dull.
const RARE: &[&str] = &[
    "refuse",
    "answer",
    "transfer",
    "stop",
    "withdraw",
    "merge",
    "archive",
    "confirm-receipt",
    "recall",
    "urge",
    "link",
    "supervise",
    "lift-supervision",
    "difficult",
    "hold",
    "tag",
    "note",
    "withdraw-note",
    "assign",
    "supplement",
    "redact",
    "split",
    "correct",
    "progress",
    "contact",
    "relay",
    "relay-answer",
    "phone-notice",
    "situation",
    "tell",
];

/// One step of a life: where to begin looking for an accepted act, and how the clock moves meanwhile.
#[derive(Debug, Clone, Copy)]
struct Beat {
    pick: u32,
    minutes: i64,
}

fn beat() -> impl Strategy<Value = Beat> {
    let minutes = prop_oneof![
        3 => 0_i64..90,
        2 => 60_i64..3_000,
        1 => Just(0_i64),
        1 => Just(-1_i64),
        1 => 3_000_i64..30_000,
    ];
    (any::<u32>(), minutes).prop_map(|(pick, minutes)| Beat { pick, minutes })
}

/// The first act from `pick` on that is accepted, with where it leads.
fn accepted(world: &World, beat: Beat) -> Option<(Act, World)> {
    // A step back is by 90 seconds.
    let by = if beat.minutes < 0 { -90_000 } else { beat.minutes * 60_000 };
    let now = world.now.plus(by);
    let mut all = acts(world, 4);
    if world.orders.iter().all(|order| !order.state.is_open()) && world.orders.len() < 6 {
        all.push(Act::TakeIn(common::take_in("20260930-0009", Channel::Email, &[("z", true), ("y", false)])));
    }
    let (mut at, step) = (beat.pick as usize % all.len(), 1 + 2 * (beat.pick as usize / all.len() % 50));
    // Once round for what moves an order; again for anything, when nothing does.
    for round in 0..2 * all.len() {
        let act = &all[at];
        let rare = codes(act).iter().any(|code| RARE.contains(code));
        if (!rare || round >= all.len() || beat.pick.is_multiple_of(13))
            && let Ok(after) = world.after(act, now)
        {
            return Some((act.clone(), after));
        }
        at = (at + step) % all.len();
    }
    None
}

/// Steps taken, and how far the orders got.
fn live(beats: &[Beat]) -> Result<(usize, World), TestCaseError> {
    let mut world = World::new(common::at("2026-09-18T15:00:00"));
    let first = Act::TakeIn(common::take_in("20260918-0001", Channel::Phone, &[("a", true), ("b", false)]));
    let second = Act::TakeIn(common::take_in("20260918-0002", Channel::Letter, &[("c", true)]));
    let mut trail = Vec::new();
    let mut steps = 0;
    let fault =
        |fault: String, trail: &[String]| TestCaseError::fail(format!("{fault}\nby way of\n  {}", trail.join("\n  ")));
    for act in [first, second] {
        world = world.after(&act, world.now).map_err(|refusal| TestCaseError::fail(refusal.to_string()))?;
    }
    for beat in beats {
        let Some((act, after)) = accepted(&world, *beat) else { continue };
        trail.push(format!("{} {act:?}", common::local(after.now)));
        check_step(&world, &after, &act).map_err(|what| fault(what, &trail))?;
        check(&after, Some(&world)).map_err(|what| fault(what, &trail))?;
        world = after;
        steps += 1;
    }
    check_rebuild(&world).and_then(|()| check_json(&world)).map_err(|what| fault(what, &trail))?;
    Ok((steps, world))
}

fn cases(few: u32, many: u32) -> ProptestConfig {
    let cases = if std::env::var("HUIYIN_TEST_ALL").is_ok_and(|all| all == "1") { many } else { few };
    // A failure prints its whole life; nothing is written beside the tests.
    ProptestConfig {
        cases,
        failure_persistence: None,
        max_shrink_iters: 200,
        rng_seed: RngSeed::Fixed(12_345),
        ..ProptestConfig::default()
    }
}

proptest! {
    #![proptest_config(cases(80, 20_000))]

    #[test]
    fn what_must_hold_holds_all_life_long(beats in proptest::collection::vec(beat(), 60..140)) {
        let (steps, world) = live(&beats)?;
        prop_assert!(steps >= 30, "only {steps} steps in {} orders", world.orders.len());
        prop_assert!(world.orders.iter().all(|order| order.outcome() != Some(Outcome::Merged) || order.merged.is_some()));
    }
}
