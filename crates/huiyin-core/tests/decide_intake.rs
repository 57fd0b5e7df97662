//! From a contact to an order, or to an early end.

mod common;

use common::{
    Act, Case, PIPE, SOCIAL, World, at, check, closing_facts, day, dispatch, organisation, pack, register, take_in,
    text,
};
use huiyin_core::{
    id::{OrderId, TaskNo},
    order::{Channel, Command, Event, FactValue, Facts, NewPart, Outcome, State, Told, Urgency},
    organisation::Organisation,
};

const NORMAL: Urgency = Urgency::Normal;

fn answer(until: i64) -> Command {
    Command::Answer {
        facts: closing_facts("consultation", NORMAL, at("2026-10-12T10:00:00")),
        public: text(),
        entry: Some("entry-7".into()),
        entry_version: Some(3),
        entry_until: Some(day(until)),
    }
}

#[test]
fn c01_answered_live_closes_without_a_call_back() {
    let mut case = Case::taken_in("2026-10-12T10:00:00");
    case.registered("consultation", SOCIAL, NORMAL).at("2026-10-12T10:05:00").ok(answer(20_270_101));
    assert_eq!(case.order.state, State::Closed(Outcome::Answered));
    assert_eq!(case.order.callback.waived.as_deref(), Some("answered-live"));
    assert!(case.order.duties.iter().any(|duty| duty.what == Told::Result && duty.told_at.is_some()));
    assert!(
        case.journal.iter().any(|(event, _)| *event == Event::EntryUsed { entry: "entry-7".into(), version: Some(3) })
    );
    case.ok(Command::Archive {}).sound();
}

#[test]
fn c02_an_expired_entry_answers_nothing() {
    let mut case = Case::taken_in("2026-10-01T10:00:00");
    case.registered("consultation", SOCIAL, NORMAL);
    let refusal = case.no(answer(20_260_930), "answer.entry_expired");
    assert_eq!(refusal.instead, ["dispatch"]);
    case.ok(answer(20_261_001));
}

#[test]
fn c03_a_rescue_call_stays_until_the_other_side_takes_it() {
    let mut case = Case::taken_in("2026-10-01T21:00:00");
    let go = |answered_at| Command::Transfer { to: "fire-119".into(), answered_at, note: None };
    case.at("2026-10-01T21:00:30").no(go(None), "transfer.not_answered");
    case.no(go(Some(at("2026-10-01T21:01:00"))), "transfer.in_future");
    case.no(go(Some(at("2026-10-01T20:59:59"))), "time.before_receipt");
    case.ok(go(Some(case.now)));
    assert_eq!(case.order.state, State::Closed(Outcome::Transferred));
    assert!(case.order.duties.iter().all(|duty| duty.told_at.is_some()), "the caller was on the line");
}

#[test]
fn c04_a_discipline_matter_is_sealed() {
    let mut case = Case::taken_in("2026-10-12T09:00:00");
    case.ok(Command::Transfer { to: "discipline".into(), answered_at: None, note: None });
    assert!(case.order.sealed);
    assert_eq!(case.order.state, State::Closed(Outcome::Transferred));
}

#[test]
fn c06_a_refusal_has_its_code_and_the_claimant_is_told() {
    let mut case = Case::taken_in("2026-10-12T09:00:00");
    let refusal = case.no(Command::Refuse { reason: "no-time".into(), text: None }, "reason.unknown");
    assert!(refusal.instead.contains(&"in-legal-procedure".to_owned()));
    case.ok(Command::Refuse { reason: "in-legal-procedure".into(), text: Some(text()) });
    assert_eq!(case.order.state, State::Closed(Outcome::Refused));
    let reason = pack().reason("refusal", "in-legal-procedure").expect("it is in the pack");
    assert!(reason.appeal && reason.instead.contains_key("zh"));
    let duty = &case.order.duties[0];
    assert_eq!((duty.what, duty.told_at), (Told::Refused, None));
    case.no(Command::Archive {}, "archive.duty_owed");
    case.ok(Command::Tell { duty: duty_no(1), reached: true, record: Some(text()) }).ok(Command::Archive {});
}

fn duty_no(no: u32) -> huiyin_core::id::DutyNo {
    huiyin_core::id::DutyNo(no)
}

#[test]
fn c07_abuse_does_not_discard_the_danger() {
    let mut case = Case::taken_in("2026-10-12T09:00:00");
    case.registered("help", PIPE, Urgency::Emergency);
    let refusal = case.no(Command::Refuse { reason: "abusive".into(), text: None }, "refuse.emergency");
    assert!(refusal.instead.contains(&"dispatch".to_owned()));
    // The hazard goes on as an order of its own; what is left may be refused.
    let mut world = World::new(at("2026-10-12T09:00:00"));
    for act in [
        Act::TakeIn(take_in("20261012-0001", Channel::Phone, &[("a", true)])),
        Act::Split(0),
        Act::One(1, register("help", Some(PIPE), Urgency::Emergency, None, false)),
        Act::One(1, dispatch("enforcement", &[])),
        Act::One(0, Command::Refuse { reason: "abusive".into(), text: None }),
    ] {
        world = world.after(&act, world.now.plus(1_000)).unwrap_or_else(|refusal| panic!("{act:?}: {refusal}"));
        check(&world, None).expect("it holds");
    }
    assert_eq!((world.orders[0].state.code(), world.orders[1].state.code()), ("closed", "assigned"));
}

#[test]
fn c10_praise_runs_no_clock_and_nobody_is_called() {
    let mut case = Case::taken_in("2026-10-12T09:00:00");
    case.ok(register("praise", None, NORMAL, None, false));
    case.no(dispatch("human-resources", &[]), "dispatch.passed_on");
    case.ok(Command::PassOn { unit: "human-resources".into(), note: None });
    assert!(case.order.clocks.iter().all(|clock| !clock.is_running()));
    case.no(Command::Sign { task: TaskNo(1) }, "sign.praise");
    case.no(
        Command::Redispatch { task: TaskNo(1), lead: "enforcement".into(), assist: Vec::new(), note: None },
        "redispatch.praise",
    );
    case.ok(Command::ConfirmReceipt { task: TaskNo(1) });
    assert_eq!(case.order.state, State::Closed(Outcome::PassedOn));
    assert_eq!(case.order.callback.waived.as_deref(), Some("praise"));
    assert!(case.order.duties.is_empty());
}

#[test]
fn c10_a_suggestion_has_its_own_three_branches() {
    let mut case = Case::taken_in("2026-10-12T09:00:00");
    case.registered("suggestion", SOCIAL, NORMAL).dispatched("human-resources", &[]).taken_up(1);
    let with = |facts: &[(&str, FactValue)]| Command::Feedback {
        task: TaskNo(1),
        facts: facts.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect(),
        internal: None,
        public: Some(text()),
    };
    let code = |code: &str| ("adoption", FactValue::Code(code.into()));
    let words = || FactValue::Text(text());
    for (branch, fact, value) in [
        ("adopted", "finish_day", FactValue::Day(day(20_270_101))),
        ("done", "what_was_done", words()),
        ("not-adopted", "reason_not_adopted", words()),
    ] {
        let refusal = case.no(with(&[code(branch)]), "close.facts_missing");
        assert_eq!(refusal.instead, [fact], "{branch}");
        case.try_with(&with(&[code(branch), (fact, value)]), |_| {}).expect("the branch closes");
    }
    case.no(with(&[code("perhaps")]), "close.unknown_branch");
}

#[test]
fn c11_the_callers_word_is_stored_and_decides_nothing() {
    let mut case = Case::taken_in("2026-10-12T09:00:00");
    let mut claimed = take_in("20261012-0001", Channel::Phone, &[("a", true)]);
    if let Command::TakeIn { claimed_emergency, .. } = &mut claimed {
        *claimed_emergency = true;
    }
    case.order = huiyin_core::order::Order::blank("o1".into(), case.now);
    case.journal.clear();
    case.ok(claimed).registered("complaint", SOCIAL, NORMAL);
    assert!(case.order.claimed_emergency);
    assert_eq!(case.order.urgency, NORMAL);
}

#[test]
fn b06_an_ended_unit_gets_nothing_and_its_successor_is_proposed() {
    let whole = Organisation::of_pack(pack());
    let mut case = Case::with(pack(), &whole, "2026-10-12T09:00:00");
    case.registered("complaint", SOCIAL, NORMAL);
    let refusal = case.no(dispatch("entry-exit-quarantine", &[]), "dispatch.unit_ended");
    assert_eq!(refusal.instead, ["customs"]);
    assert_eq!(case.order.state, State::Registered);
    case.no(dispatch("nowhere", &[]), "unit.unknown");
    case.no(dispatch("discipline", &[]), "dispatch.unit_takes_no_orders");
}

#[test]
fn i04_thirty_callers_one_event_one_answer_each() {
    let mut world = World::new(at("2026-10-12T09:00:00"));
    let mut step = |act: Act| {
        world = world.after(&act, world.now.plus(1_000)).unwrap_or_else(|refusal| panic!("{act:?}: {refusal}"));
        check(&world, None).expect("it holds");
        world.clone()
    };
    for caller in 0..30 {
        step(Act::TakeIn(take_in("20261012-0001", Channel::Phone, &[(&format!("c{caller}"), true)])));
    }
    step(Act::One(0, register("help", Some(PIPE), Urgency::Emergency, None, false)));
    step(Act::One(0, dispatch("enforcement", &[])));
    for caller in 1..30 {
        step(Act::Merge(caller, 0));
    }
    let now = step(Act::One(0, Command::Sign { task: TaskNo(1) }));
    let commands = now.orders[0].tasks.iter().filter(|task| task.commanded_at.is_some()).count();
    assert_eq!((now.orders[0].parts.len(), commands), (30, 1));
    let facts = closing_facts("help", Urgency::Emergency, now.now);
    step(Act::One(0, Command::Feedback { task: TaskNo(1), facts, internal: None, public: Some(text()) }));
    step(Act::One(0, Command::Pass {}));
    step(Act::One(0, common::answers(true, true, 5)));
    let now = step(Act::One(0, Command::Close {}));
    let results: Vec<_> = now.orders[0]
        .duties
        .iter()
        .filter(|duty| duty.what == Told::Result)
        .map(|duty| duty.claimant.clone())
        .collect();
    assert_eq!(results.len(), 30);
    assert_eq!(results.iter().collect::<std::collections::BTreeSet<_>>().len(), 30, "one each");
}

#[test]
fn i06_an_urge_changes_nothing_and_new_facts_are_taken_note_of() {
    let mut case = Case::taken_in("2026-10-12T09:00:00");
    case.registered("complaint", SOCIAL, NORMAL).dispatched("human-resources", &["enforcement"]).taken_up(1);
    case.ok(Command::Urge { text: None });
    assert_eq!((case.order.urges, case.order.state), (1, State::Assigned));
    case.ok(Command::Supplement { text: text() });
    let answer = common::feedback(&case.order, 1, case.now);
    case.no(answer.clone(), "feedback.supplement_unread");
    case.no(Command::Acknowledge { task: TaskNo(2) }, "acknowledge.not_lead");
    case.ok(Command::Acknowledge { task: TaskNo(1) }).ok(answer);
}

#[test]
fn a_merge_undone_gives_each_order_its_own_claimants_back() {
    // Split, then one merged into the other, both ways: the claimant they share stays in both.
    for (from, into) in [(0, 1), (1, 0)] {
        let mut world = World::new(at("2026-10-12T09:00:00"));
        for act in [
            Act::TakeIn(take_in("20261012-0001", Channel::Phone, &[("a", true), ("b", true)])),
            Act::Split(0),
            Act::Merge(from, into),
            Act::Unmerge(from),
        ] {
            world = world.after(&act, world.now.plus(1_000)).unwrap_or_else(|refusal| panic!("{act:?}: {refusal}"));
            check(&world, None).expect("claimants balance");
        }
        assert_eq!((world.orders[0].parts.len(), world.orders[1].parts.len()), (2, 1));
    }
}

#[test]
fn a_merge_of_merged_orders_comes_apart_again() {
    let mut world = World::new(at("2026-10-12T09:00:00"));
    let taken = |claimant| Act::TakeIn(take_in("20261012-0001", Channel::Phone, &[(claimant, true)]));
    for act in [taken("a"), taken("b"), taken("c"), Act::Merge(0, 1), Act::Merge(1, 2)] {
        world = world.after(&act, world.now.plus(1_000)).unwrap_or_else(|refusal| panic!("{act:?}: {refusal}"));
        check(&world, None).expect("claimants balance");
    }
    assert_eq!(world.orders[2].parts.len(), 3);
    // The inner one waits for the outer one.
    assert_eq!(
        world.after(&Act::Unmerge(0), world.now).expect_err("order 1 is merged itself").code,
        "order.wrong_state"
    );
    for act in [Act::Unmerge(1), Act::Unmerge(0)] {
        world = world.after(&act, world.now.plus(1_000)).unwrap_or_else(|refusal| panic!("{act:?}: {refusal}"));
        check(&world, None).expect("claimants balance");
    }
    assert!(world.orders.iter().all(|order| order.parts.len() == 1));
}

/// Order `0` registered for claimant `a`, order `1` of claimant `b`, and then these acts.
fn two_orders(acts: &[Act]) -> World {
    let mut world = World::new(at("2026-10-12T09:00:00"));
    let begin = [
        Act::TakeIn(take_in("20261012-0001", Channel::Phone, &[("a", true)])),
        Act::One(0, register("complaint", Some(SOCIAL), NORMAL, None, false)),
        Act::TakeIn(take_in("20261012-0002", Channel::Phone, &[("b", true)])),
    ];
    for act in begin.iter().chain(acts) {
        world = world.after(act, world.now.plus(1_000)).unwrap_or_else(|refusal| panic!("{act:?}: {refusal}"));
        check(&world, None).expect("claimants balance");
    }
    world
}

#[test]
fn who_is_merged_from_intake_is_told_it_was_accepted() {
    let told = |world: &World, order: usize, claimant: &str| {
        let duties = world.orders[order].duties.iter();
        duties.filter(|duty| duty.what == Told::Accepted && duty.claimant.as_str() == claimant).count()
    };
    let world = two_orders(&[Act::Merge(1, 0)]);
    assert_eq!((told(&world, 0, "a"), told(&world, 0, "b")), (1, 1));
    // Apart again its own order tells it, when it is accepted.
    let world = world.after(&Act::Unmerge(1), world.now.plus(1_000)).expect("it comes apart");
    assert!(world.orders[0].duties.iter().all(|duty| duty.claimant.as_str() == "a" || duty.impossible));
    // Who was told in an order of their own is not told twice.
    let own = Act::One(1, register("complaint", Some(SOCIAL), NORMAL, None, false));
    let world = two_orders(&[own, Act::Merge(1, 0)]);
    assert_eq!((told(&world, 0, "b"), told(&world, 1, "b")), (0, 1));
}

#[test]
fn a_withdrawal_in_another_order_is_carried_back() {
    let withdraw = Command::Withdraw { claimant: Some("b".into()), reason: "changed-mind".into(), confirmed: true };
    let register = |kind| Act::One(1, register(kind, Some(SOCIAL), NORMAL, None, false));
    let apart = [Act::Merge(1, 0), Act::One(0, withdraw), Act::Unmerge(1)];
    let world = two_orders(&[&[register("help")][..], &apart].concat());
    assert!(world.orders[1].parts[0].withdrawn);
    assert_eq!(world.orders[1].parts[0].withdrawn_for.as_deref(), Some("changed-mind"));
    assert_eq!(world.orders[1].state, State::Closed(Outcome::Withdrawn));
    assert!(world.orders[0].state.is_open() && world.orders[0].active_parts().count() == 1);
    // What is looked into all the same stays open, without the claimant.
    let world = two_orders(&[&[register("report")][..], &apart].concat());
    assert_eq!((world.orders[1].state, world.orders[1].active_parts().count()), (State::Registered, 0));
}

#[test]
fn an_order_stopped_before_it_was_accepted_tells_its_claimant() {
    let mut case = Case::taken_in("2026-10-12T09:00:00");
    case.ok(Command::Stop { reason: "void-by-office".into(), note: Some(text()) });
    let owed: Vec<_> = case.order.duties.iter().map(|duty| (duty.what, duty.text.is_some(), duty.told_at)).collect();
    assert_eq!(owed, [(Told::Result, true, None)]);
    case.no(Command::Archive {}, "archive.duty_owed");
}

#[test]
fn what_merges_and_links_refuse() {
    let mut case = Case::taken_in("2026-10-12T09:00:00");
    let merge = |into: &str| Command::Merge { into: into.into(), reason: "same-event".into() };
    case.no(merge("o1"), "merge.itself");
    let closed =
        case.try_with(&merge("o2"), |context| context.other = Some(("o2".into(), State::Closed(Outcome::Handled))));
    assert_eq!(closed.expect_err("the other is closed").code, "merge.closed");
    case.no(Command::Unmerge { note: None, withdrawn: Vec::new() }, "order.wrong_state");
    case.no(Command::Split { into: "o1".into() }, "link.itself");
    case.ok(Command::Split { into: "o2".into() }).no(Command::Split { into: "o2".into() }, "link.exists");
    case.ok(merge("o2")).no(Command::Archive {}, "archive.merged_still_open");
    case.no(Command::Reopen { by: OrderId::from("o3"), reason: "relapse".into() }, "reopen.merged");
    let archived = case.try_with(&Command::Archive {}, |context| context.master_closed = true);
    archived.expect("its master has ended");
}

#[test]
fn an_order_begins_with_a_contact() {
    let mut case = Case::taken_in("2026-10-12T09:00:00");
    case.no(take_in("20261012-0002", Channel::Web, &[("b", true)]), "order.exists");
    let blank = huiyin_core::order::Order::blank("o2".into(), case.now);
    let fresh = Case { pack: pack(), organisation: organisation(), order: blank, journal: Vec::new(), now: case.now };
    fresh.try_with(&Command::Urge { text: None }, |_| {}).expect_err("nothing was taken in yet");
    let with = |claimants: &[NewPart], received: Option<&str>| {
        let mut command = take_in("20261012-0002", Channel::Letter, &[]);
        if let Command::TakeIn { parts, received_at, .. } = &mut command {
            *parts = claimants.to_vec();
            *received_at = received.map(at);
        }
        fresh.try_with(&command, |_| {}).map(|events| events.len()).map_err(|refusal| refusal.code)
    };
    let one = [NewPart { claimant: "a".into(), anonymous: true, reachable: false }];
    assert_eq!(with(&[], None), Err("intake.no_claimant".into()));
    assert_eq!(with(&one, Some("2026-10-12T09:00:01")), Err("intake.received_in_future".into()));
    assert_eq!(with(&one, Some("1066-10-14T09:00:00")), Err("intake.received_long_ago".into()));
    assert!(with(&one, Some("2026-10-09T09:00:00")).is_ok());
}

/// C09: the letter's clock starts as the pack says.
#[test]
fn a_letter_counts_from_registration_or_receipt_as_the_pack_says() {
    let start = |pack: &huiyin_core::policy::Pack| {
        let blank = huiyin_core::order::Order::blank("o2".into(), at("2026-10-12T09:00:00"));
        let mut case = Case {
            pack,
            organisation: organisation(),
            order: blank,
            journal: Vec::new(),
            now: at("2026-10-12T09:00:00"),
        };
        let mut command = take_in("20261012-0002", Channel::Letter, &[("a", false)]);
        if let Command::TakeIn { received_at, .. } = &mut command {
            *received_at = Some(at("2026-10-09T00:00:00"));
        }
        case.ok(command);
        (
            common::local(case.clock("dispatch", None).start),
            common::local(case.order.received_at),
            common::local(case.order.taken_in_at),
        )
    };
    let (starts, received, taken) = start(pack());
    assert_eq!(
        (starts.as_str(), received.as_str(), taken.as_str()),
        ("2026-10-12T09:00:00", "2026-10-09T00:00:00", "2026-10-12T09:00:00")
    );
    let receipt = common::pack_with("parameters.toml", "value = \"registered\"", "value = \"received\"");
    assert_eq!(start(&receipt).0, "2026-10-09T00:00:00");
}

#[test]
fn a_withdrawal_takes_the_claimant_out_and_leaves_what_others_raised() {
    let mut case = Case::taken_in("2026-10-12T09:00:00");
    let go = |who: Option<&str>, confirmed| Command::Withdraw {
        claimant: who.map(Into::into),
        reason: "solved-itself".into(),
        confirmed,
    };
    case.no(go(None, false), "withdraw.not_confirmed");
    case.no(go(Some("x"), true), "withdraw.unknown_claimant");
    case.registered("report", SOCIAL, NORMAL);
    case.ok(go(None, true));
    assert_eq!(case.order.state, State::Registered, "a report is looked into all the same");
    assert_eq!(case.order.active_parts().count(), 0);
    case.no(go(None, true), "withdraw.which_claimant");
    // Nobody is left to call: the answer that passes review ends it.
    case.dispatched("human-resources", &[]).taken_up(1);
    let answer = common::feedback(&case.order, 1, case.now);
    case.ok(answer).ok(Command::Pass {});
    assert_eq!(case.order.state, State::Closed(Outcome::Handled));
    assert_eq!(case.order.callback.waived.as_deref(), Some("claimant-declined"));
    let mut alone = Case::taken_in("2026-10-12T09:00:00");
    alone.registered("complaint", SOCIAL, NORMAL).dispatched("human-resources", &[]).ok(go(None, true));
    assert_eq!(alone.order.state, State::Closed(Outcome::Withdrawn));
    assert!(!alone.events().contains(&"clock.fired") && alone.order.tasks.iter().all(|task| !task.state.is_open()));
    let started = alone
        .journal
        .iter()
        .filter(|(event, _)| matches!(event, Event::ClockStarted { clock } if clock.name == "redispatch"))
        .count();
    assert_eq!(started, 0, "an order that ends does not come back to the desk");
}

#[test]
fn facts_of_the_wrong_kind_state_nothing() {
    let mut case = Case::taken_in("2026-10-12T09:00:00");
    case.registered("consultation", SOCIAL, NORMAL);
    let with = |name: &str, value: FactValue| Command::Answer {
        facts: Facts::from([(name.to_owned(), value)]),
        public: text(),
        entry: None,
        entry_version: None,
        entry_until: None,
    };
    case.no(with("answered", FactValue::Flag(false)), "close.facts_missing");
    case.no(with("answered", FactValue::Text(text())), "close.fact_kind");
    case.no(with("anwsered", FactValue::Flag(true)), "close.unknown_fact");
    case.ok(with("answered", FactValue::Flag(true)));
}
