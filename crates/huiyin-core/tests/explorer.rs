//! Walks the machine breadth first: every state reached from a handful of beginnings, every command worth trying in
//! it, and after each step everything that must hold.
//!
//! `HUIYIN_TEST_ALL=1` walks much further.

mod common;

use std::collections::{BTreeMap, BTreeSet, HashSet, VecDeque};

use common::{Act, World, acts, check, check_json, check_rebuild, check_step, codes, label, normal};
use huiyin_core::{
    id::TaskNo,
    order::{Channel, Command, Event, Urgency, table},
    time::Instant,
};

/// Reached, and why the walk stopped there.
#[derive(Default)]
struct Walk {
    seen: HashSet<u64>,
    queue: VecDeque<(World, Vec<String>)>,
    accepted: BTreeMap<&'static str, usize>,
    refused: BTreeMap<&'static str, usize>,
    refusals: BTreeSet<String>,
    events: BTreeSet<&'static str>,
    steps: BTreeSet<(&'static str, String, String)>,
    tasks: BTreeSet<(&'static str, &'static str, &'static str)>,
    transitions: usize,
}

impl Walk {
    /// A step: checked, counted, and its end kept if it is new.
    fn step(&mut self, world: &World, trail: &[String], act: &Act, now: Instant) -> Option<World> {
        match world.after(act, now) {
            Err(refusal) => {
                for code in codes(act).into_iter().take(1) {
                    *self.refused.entry(code).or_default() += 1;
                }
                self.refusals.insert(refusal.code);
                None
            }
            Ok(after) => {
                self.transitions += 1;
                for code in codes(act) {
                    *self.accepted.entry(code).or_default() += 1;
                }
                self.note(world, &after, act);
                let told = |fault: String| panic!("{fault}\nafter {act:?}\nby way of\n  {}", trail.join("\n  "));
                check_step(world, &after, act).unwrap_or_else(told);
                check(&after, Some(world)).unwrap_or_else(told);
                Some(after)
            }
        }
    }

    fn note(&mut self, before: &World, after: &World, act: &Act) {
        for (at, journal) in after.journals.iter().enumerate() {
            let known = before.journals.get(at).map_or(0, |journal| journal.len());
            self.events.extend(journal[known..].iter().map(|(event, _)| event.code()));
        }
        if let Act::One(at, command) = act {
            let (old, new) = (&before.orders[*at], &after.orders[*at]);
            self.steps.insert((command.code(), old.state.code().into(), label(new.state)));
            if let Some(no) = command.task() {
                let state = |order: &huiyin_core::order::Order| order.task(no).expect("it was named").state.code();
                self.tasks.insert((command.code(), state(old), state(new)));
            }
        }
        if let Act::Unmerge(at) = act {
            self.steps.insert(("unmerge", "closed".into(), label(after.orders[*at].state)));
        }
        if let Act::Merge(at, _) = act {
            self.steps.insert(("merge", before.orders[*at].state.code().into(), label(after.orders[*at].state)));
        }
    }

    /// Lines up a state that was not seen before.
    fn keep(&mut self, world: World, trail: Vec<String>) {
        if self.seen.insert(normal(&world)) {
            check_rebuild(&world)
                .and_then(|()| check_json(&world))
                .unwrap_or_else(|fault| panic!("{fault}\nby way of\n  {}", trail.join("\n  ")));
            self.queue.push_back((world, trail));
        }
    }

    /// Follows acts from an empty world, keeping every state on the way.
    fn begin(&mut self, name: &str, path: Vec<Act>) {
        let mut world = World::new(common::at("2026-09-30T10:00:00"));
        let mut trail = vec![name.to_owned()];
        for act in path {
            let now = world.now.plus(20 * 60_000);
            let after = self.step(&world, &trail, &act, now);
            world = after.unwrap_or_else(|| panic!("{name}: {act:?} was refused: {:?}", world.after(&act, now).err()));
            trail.push(format!("{act:?}"));
            self.keep(world.clone(), trail.clone());
        }
    }

    fn run(&mut self, most: usize) {
        while let Some((world, trail)) = self.queue.pop_front() {
            // The clock usually goes on, and sometimes steps back.
            let by = if trail.len() % 4 == 3 { -90_000 } else { 20 * 60_000 };
            for act in acts(&world, 3) {
                let now = world.now.plus(by);
                if let Some(after) = self.step(&world, &trail, &act, now)
                    && self.seen.len() < most
                {
                    let mut trail = trail.clone();
                    trail.push(format!("{act:?}"));
                    self.keep(after, trail);
                }
            }
        }
    }
}

fn one(command: Command) -> Act {
    Act::One(0, command)
}

/// Lives that lead to far places; every state on the way is explored.
fn beginnings() -> Vec<(&'static str, Vec<Act>)> {
    use Command as C;
    let order = |channel| Act::TakeIn(common::take_in("20260930-0001", channel, &[("a", true)]));
    let unreachable = Act::TakeIn(common::take_in("20260930-0002", Channel::Web, &[("b", false)]));
    let register = |kind: &str, subject, urgency| one(common::register(kind, subject, urgency, None, false));
    let complaint = || register("complaint", Some(common::SOCIAL), Urgency::Normal);
    let emergency = || register("help", Some(common::PIPE), Urgency::Emergency);
    let go = |lead, assist: &[&str]| one(common::dispatch(lead, assist));
    let task = TaskNo;
    let took_up = |no| [one(C::Sign { task: task(no) }), one(C::Accept { task: task(no) })];
    let facts = |kind: &str| common::closing_facts(kind, Urgency::Normal, common::at("2026-09-30T10:00:00"));
    let answer = |no, kind: &str| {
        one(C::Feedback { task: task(no), facts: facts(kind), internal: None, public: Some(common::text()) })
    };
    let down = |no, lead: &str, assist: &[&str]| {
        one(C::Redispatch {
            task: task(no),
            lead: lead.into(),
            assist: assist.iter().map(|unit| (*unit).into()).collect(),
            note: None,
        })
    };
    let unsatisfied = || one(common::answers(true, false, 1));
    let redo = || one(C::Redo { reason: "not-solved".into(), note: None });
    let again = |no| {
        [vec![unsatisfied(), redo()], took_up(no).to_vec(), vec![answer(no, "complaint"), one(C::Pass {})]].concat()
    };
    let start = |first: Act, rest: &[&[Act]]| [&[order(Channel::Phone), first], rest.concat().as_slice()].concat();
    vec![
        (
            "praise",
            start(
                register("praise", None, Urgency::Normal),
                &[&[one(C::PassOn { unit: "enforcement".into(), note: None })]],
            ),
        ),
        ("overlays", {
            let on = |on| [one(C::Difficult { on, note: None }), one(C::Hold { on, note: None })];
            let supervise = one(C::Supervise { level: "joint".into(), reason: "repeated".into(), note: None });
            let lift = one(C::LiftSupervision { note: None });
            let noted = [one(C::Note { text: common::text() }), one(C::WithdrawNote { note: 1 })];
            start(complaint(), &[&on(true), &on(false), &[supervise, lift, one(C::Urge { text: None })], &noted])
        }),
        ("answered", start(register("consultation", Some(common::SOCIAL), Urgency::Normal), &[])),
        ("redone twice", {
            let first =
                [vec![go("human-resources", &[])], took_up(1).to_vec(), vec![answer(1, "complaint"), one(C::Pass {})]]
                    .concat();
            start(complaint(), &[&first, &again(2), &again(3), &[unsatisfied()]])
        }),
        ("redo returned", {
            let first =
                [vec![go("human-resources", &[])], took_up(1).to_vec(), vec![answer(1, "complaint"), one(C::Pass {})]]
                    .concat();
            let back = [unsatisfied(), redo(), one(common::give_back(2, "enforcement"))];
            start(
                complaint(),
                &[&first, &back, &[one(C::Grant { request: huiyin_core::id::RequestNo(1), note: None })]],
            )
        }),
        ("down the tree", {
            let tree = [down(1, "jiyang-market", &["market-section"]), down(3, "market-section", &[])];
            start(complaint(), &[&[go("sub-jiyang", &["enforcement"])], &tree])
        }),
        (
            "below an assisting unit",
            start(complaint(), &[&[go("human-resources", &["sub-jiyang"])], &took_up(1), &[answer(1, "complaint")]]),
        ),
        (
            "leader approves",
            start(complaint(), &[&[go("water", &["enforcement"])], &took_up(1), &[answer(1, "complaint")]]),
        ),
        (
            "emergency",
            start(
                emergency(),
                &[&[go("enforcement", &["human-resources"])], &[Act::Timer(0), Act::Timer(0), Act::Timer(0)]],
            ),
        ),
        ("paused", {
            let pause = C::Pause { task: task(1), reason: "waiting-claimant".into(), until: common::day(20_261_012) };
            let granted = C::Grant { request: huiyin_core::id::RequestNo(1), note: None };
            start(complaint(), &[&[go("human-resources", &[])], &took_up(1), &[one(pause), one(granted)]])
        }),
        ("shelved", {
            let shelve = C::Shelve {
                task: task(1),
                reason: "engineering".into(),
                plan: common::text(),
                responsible: common::text(),
                review: common::day(20_261_020),
            };
            let granted = C::Grant { request: huiyin_core::id::RequestNo(1), note: None };
            start(complaint(), &[&[go("human-resources", &[])], &took_up(1), &[one(shelve), one(granted)]])
        }),
        ("overdue", {
            let late = vec![Act::Timer(0); 5];
            start(complaint(), &[&[go("human-resources", &[])], &took_up(1), &late])
        }),
        ("not reached", {
            let tried = vec![one(C::CallbackMissed { at: None }); 3];
            start(
                complaint(),
                &[&[go("human-resources", &[])], &took_up(1), &[answer(1, "complaint"), one(C::Pass {})], &tried],
            )
        }),
        (
            "nobody to call",
            vec![
                unreachable.clone(),
                complaint(),
                go("human-resources", &[]),
                one(C::Sign { task: task(1) }),
                answer(1, "complaint"),
            ],
        ),
        ("suggestion", {
            let first =
                [vec![go("human-resources", &[])], took_up(1).to_vec(), vec![answer(1, "suggestion"), one(C::Pass {})]]
                    .concat();
            start(
                register("suggestion", Some(common::SOCIAL), Urgency::Normal),
                &[&first, &[one(common::answers(true, true, 5)), one(C::Close {})]],
            )
        }),
        (
            "secret",
            start(
                one(common::register("report", Some(common::SOCIAL), Urgency::Normal, Some("enforcement"), true)),
                &[&[one(C::Redact { text: common::text() }), go("human-resources", &[])], &took_up(1)],
            ),
        ),
        ("two orders", start(complaint(), &[&[unreachable.clone(), go("human-resources", &[]), Act::Merge(0, 1)]])),
        (
            "two merged the other way",
            start(complaint(), &[&[unreachable.clone(), go("human-resources", &[]), Act::Merge(1, 0)]]),
        ),
        (
            "split and merged",
            start(complaint(), &[&[Act::Split(0), Act::Merge(1, 0), unreachable.clone(), Act::Merge(2, 0)]]),
        ),
        ("split and merged the other way", start(complaint(), &[&[Act::Split(0), Act::Merge(0, 1)]])),
        ("asked through the centre", {
            let secret = one(common::register("report", Some(common::SOCIAL), Urgency::Normal, None, true));
            let relay = one(C::Relay { task: task(1), text: common::text() });
            let redact = one(C::Redact { text: common::text() });
            start(secret, &[&[redact, go("human-resources", &[]), relay]])
        }),
        ("withdrawn while merged", {
            let withdraw = C::Withdraw { claimant: Some("b".into()), reason: "changed-mind".into(), confirmed: true };
            let own = Act::One(1, common::register("help", Some(common::LIGHT), Urgency::Normal, None, false));
            start(complaint(), &[&[unreachable.clone(), own, Act::Merge(1, 0), one(withdraw), Act::Unmerge(1)]])
        }),
        ("merged while paused", {
            let pause = C::Pause { task: task(1), reason: "waiting-claimant".into(), until: common::day(20_261_012) };
            let granted = C::Grant { request: huiyin_core::id::RequestNo(1), note: None };
            let both = [one(pause), one(granted), unreachable, Act::Merge(0, 1)];
            start(complaint(), &[&[go("human-resources", &[])], &took_up(1), &both])
        }),
    ]
}

#[test]
fn every_step_keeps_what_must_hold() {
    let most = std::env::var("HUIYIN_TEST_STATES").ok().and_then(|most| most.parse().ok());
    let most = most.unwrap_or(if std::env::var("HUIYIN_TEST_ALL").is_ok_and(|all| all == "1") { 60_000 } else { MOST });
    let mut walk = Walk::default();
    for (name, path) in beginnings() {
        walk.begin(name, path);
    }
    walk.run(most);

    let refusals: usize = walk.refused.values().sum();
    let figures = format!(
        "{} states, {} steps taken, {refusals} refused for {} reasons",
        walk.seen.len(),
        walk.transitions,
        walk.refusals.len()
    );
    eprintln!("{figures}");
    // Counting again waits for another pack; `clock_words.rs` looks at it.
    for row in table::ROWS.iter().filter(|row| row.command != "recount") {
        assert!(walk.accepted.contains_key(row.command), "{} was never accepted; {figures}", row.command);
        assert!(walk.refused.contains_key(row.command), "{} was never refused; {figures}", row.command);
    }
    let missing: Vec<_> = Event::CODES
        .iter()
        // A mode is declared of the city, not of an order; `rules.rs` looks at it. No route of this pack copies to anybody;
        // the scenario `G-copy` has one that does.
        .filter(|code| !matches!(**code, "clock.recounted" | "order.in-mode" | "order.copied"))
        .filter(|code| !walk.events.contains(*code))
        .collect();
    assert!(missing.is_empty(), "never seen: {missing:?}; {figures}");
    assert!(walk.events.iter().all(|code| Event::CODES.contains(code)));
    every_listed_step_was_taken(&walk);
}

/// The table promises no step that the walk did not find.
fn every_listed_step_was_taken(walk: &Walk) {
    for row in table::ROWS {
        for (from, to) in row.order.iter().flat_map(|(from, to)| to.iter().map(move |to| (*from, *to))) {
            let taken = walk.steps.iter().any(|(code, was, is)| {
                *code == row.command
                    && was == from
                    && (is == to || (to == "=" && (is == from || is.starts_with(&format!("{from} ")))))
            });
            assert!(taken || to == "=", "{} never led from {from} to {to}", row.command);
        }
        for (from, to) in row.task.iter().flat_map(|(from, to)| to.iter().map(move |to| (from.code(), *to))) {
            // Signing that accepts at once is a setting of the pack.
            let setting = (row.command, from, to) == ("sign", "delivered", "accepted");
            let taken = walk.tasks.contains(&(row.command, from, if to == "=" { from } else { to }));
            assert!(taken || setting || to == "=", "{} of a task never led from {from} to {to}", row.command);
        }
    }
}

/// As many states as half a minute holds without optimisation.
const MOST: usize = 3_000;
