//! The facts that closing needs, and the way back to the claimant: review, call back, redo, close.

mod common;

use common::{Case, PIPE, SOCIAL, answers, at, day, feedback, give_back, local, text};
use huiyin_core::{
    id::{RequestNo, TaskNo},
    order::{Answers, ClockState, Command, FactValue, Moment, Outcome, Part, State, Told, Urgency, conditions},
};

const NORMAL: Urgency = Urgency::Normal;

fn at_work(kind: &str) -> Case<'static> {
    let mut case = Case::taken_in("2026-10-12T09:00:00");
    case.registered(kind, SOCIAL, NORMAL).dispatched("human-resources", &[]).taken_up(1);
    case
}

fn with(facts: &[(&str, FactValue)]) -> Command {
    Command::Feedback {
        task: TaskNo(1),
        facts: facts.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect(),
        internal: None,
        public: Some(text()),
    }
}

fn code(value: &str) -> FactValue {
    FactValue::Code(value.into())
}

fn words() -> FactValue {
    FactValue::Text(text())
}

/// Answered and passed: the claimant is to be called.
fn to_call(kind: &str) -> Case<'static> {
    let mut case = at_work(kind);
    let answer = feedback(&case.order, 1, case.now);
    case.ok(answer).ok(Command::Pass {});
    case
}

fn redo() -> Command {
    Command::Redo { reason: "not-contacted".into(), note: None }
}

#[test]
fn g01_a_true_complaint_needs_both_disposals() {
    let mut case = at_work("complaint");
    let refusal = case.no(with(&[("finding", code("true")), ("matter_disposed", words())]), "close.facts_missing");
    assert_eq!(refusal.instead, ["unit_dealt_with"]);
    assert_eq!(refusal.basis[0].source, "SY2018");
    case.ok(with(&[("finding", code("true")), ("matter_disposed", words()), ("unit_dealt_with", words())]));
    assert_eq!(case.order.state, State::Review);
}

#[test]
fn g02_an_untrue_one_needs_the_notice_and_the_explanation() {
    let mut case = at_work("complaint");
    let refusal = case
        .no(with(&[("finding", code("untrue")), ("told_complainant", FactValue::Flag(false))]), "close.facts_missing");
    assert_eq!(refusal.instead, ["explanation", "told_complainant"]);
    case.ok(with(&[
        ("finding", code("untrue")),
        ("told_complainant", FactValue::Flag(true)),
        ("explanation", words()),
    ]));
}

#[test]
fn g03_unlawful_help_cannot_be_solved() {
    let mut case = at_work("help");
    let base = [("finding", code("unlawful")), ("provision", words()), ("explanation", words())];
    case.no(with(&base[..2]), "close.facts_missing");
    let solved = [&base[..], &[("solved", FactValue::Flag(true))]].concat();
    case.no(with(&solved), "close.fact_forbidden");
    case.ok(with(&base));
}

#[test]
fn g04_a_promise_opens_a_follow_up() {
    let mut case = at_work("suggestion");
    case.no(with(&[("adoption", code("adopted"))]), "close.facts_missing");
    case.no(
        with(&[("adoption", code("adopted")), ("finish_day", FactValue::Day(day(20_261_011)))]),
        "close.promise_past",
    );
    case.ok(with(&[("adoption", code("adopted")), ("finish_day", FactValue::Day(day(20_261_130)))]))
        .ok(Command::Pass {});
    case.ok(answers(true, true, 4)).ok(Command::Close {});
    assert_eq!(case.due("follow-up", None), "2026-12-01T00:00:00");
    let told = case.at("2026-12-01T00:00:00").fire();
    assert_eq!(told, [("follow-up".into(), Moment::Warn), ("follow-up".into(), Moment::Due)]);
}

#[test]
fn g05_an_emergency_needs_proof_from_the_scene() {
    let mut case = Case::taken_in("2026-10-12T09:00:00");
    case.registered("help", PIPE, Urgency::Emergency).dispatched("enforcement", &[]).taken_up(1);
    let plain = with(&[("finding", code("lawful")), ("solved", FactValue::Flag(true)), ("measures", words())]);
    let refusal = case.no(plain.clone(), "close.facts_missing");
    assert_eq!(refusal.instead, ["safety", "scene_at", "scene_place"]);
    // What was recorded on the scene counts.
    case.ok(Command::OnScene { task: TaskNo(1), at: None, place: text(), safety: text(), photo: None }).ok(plain);
    assert!(conditions(&case.order, &case.order.facts, common::pack()).iter().all(|condition| condition.met));
}

#[test]
fn g06_passing_it_on_is_not_handling_it() {
    let mut case = at_work("complaint");
    case.no(with(&[]), "close.facts_missing");
    case.no(
        Command::Feedback { task: TaskNo(1), facts: Default::default(), internal: Some(text()), public: None },
        "feedback.public_missing",
    );
}

fn missed(when: &str) -> Command {
    Command::CallbackMissed { at: Some(at(when)) }
}

fn waive(code: &str) -> Command {
    Command::WaiveCallback { reason: code.into() }
}

#[test]
fn h01_not_reached_takes_three_attempts_on_two_days() {
    let mut case = to_call("complaint");
    case.at("2026-10-15T09:59:00").ok(Command::CallbackMissed { at: None });
    case.no(missed("2026-10-15T09:00:00"), "callback.out_of_order");
    case.at("2026-10-15T10:30:00").ok(Command::CallbackMissed { at: None });
    case.at("2026-10-15T10:50:00").ok(Command::CallbackMissed { at: None });
    case.no(waive("not-reached"), "waive.too_few_attempts");
    let mut spread = to_call("complaint");
    for when in ["2026-10-15T10:00:00", "2026-10-15T19:30:00", "2026-10-16T12:30:00"] {
        spread.at(when).no(waive("not-reached"), "waive.too_few_attempts");
        spread.ok(missed(when));
    }
    spread.no(Command::Close {}, "close.not_called_back");
    spread.ok(waive("not-reached")).ok(Command::Close {});
    assert_eq!(
        (spread.order.callback.attempts.len(), spread.order.callback.waived.as_deref()),
        (3, Some("not-reached"))
    );
    assert!(
        spread.order.duties.iter().any(|duty| duty.what == Told::Result && duty.told_at.is_none()),
        "the result is still owed"
    );
}

#[test]
fn h02_a_redo_is_a_new_task_and_the_first_answer_stays() {
    let mut case = to_call("complaint");
    let first = case.order.task(TaskNo(1)).and_then(|task| task.feedback.clone());
    case.at("2026-10-15T10:00:00").no(redo(), "redo.no_cause");
    case.ok(waive("claimant-declined")).ok(answers(false, false, 1)).ok(redo());
    assert_eq!((case.order.redo, case.order.state), (1, State::Assigned));
    assert_eq!(case.due("close", Some(2)), "2026-10-23T00:00:00", "five working days from the redo");
    assert!(matches!(case.clock("close", None).state, ClockState::Stopped(_)), "the claimant's limit stays stopped");
    assert_eq!(case.order.task(TaskNo(1)).and_then(|task| task.feedback.clone()), first);
    case.taken_up(2);
    let answer = feedback(&case.order, 2, case.now);
    case.ok(answer).ok(Command::Pass {}).no(Command::Close {}, "close.not_called_back");
    case.sound();
}

#[test]
fn a_redo_given_back_lies_at_the_desk_with_a_limit() {
    let mut case = to_call("complaint");
    case.ok(answers(false, false, 1))
        .ok(redo())
        .ok(give_back(2, "enforcement"))
        .ok(Command::Grant { request: RequestNo(1), note: None });
    assert_eq!(case.order.state, State::Registered);
    let redispatch = case.clock("redispatch", None);
    assert_eq!((redispatch.state, local(redispatch.due.at)), (ClockState::Running, "2026-10-13T09:00:00".into()));
    case.dispatched("enforcement", &[]);
    assert!(matches!(case.clock("redispatch", None).state, ClockState::Stopped(_)));
    assert!(matches!(case.clock("close", None).state, ClockState::Stopped(_)));
    case.sound();
}

#[test]
fn h03_unsatisfied_with_nothing_more_owed_may_close() {
    let mut case = to_call("complaint");
    case.ok(answers(true, false, 1)).ok(Command::Close {});
    assert_eq!(case.order.state, State::Closed(Outcome::Handled));
    assert_eq!(
        case.order.callback.answers.as_ref().map(|answers| answers.satisfied),
        Some(1),
        "the claimant's words remain"
    );
    case.no(redo(), "order.wrong_state");
}

#[test]
fn a_call_back_names_whom_it_reached_and_the_others_are_owed_the_result() {
    let mut case = at_work("complaint");
    let joined = |case: &Case<'_>, claimant: &str, reachable| Part {
        claimant: claimant.into(),
        origin: "o9".into(),
        reachable,
        ..case.order.parts[0].clone()
    };
    let said = |claimant: &str, solved, satisfied| Command::CallbackAnswered {
        claimant: Some(claimant.into()),
        answers: Answers { contacted: true, solved, satisfied, said: None },
    };
    let parts = vec![joined(&case, "b", true), joined(&case, "c", true), joined(&case, "d", false)];
    case.ok(Command::Absorb { from: "o9".into(), parts, fresh: false });
    let answer = feedback(&case.order, 1, case.now);
    case.ok(answer).ok(Command::Pass {});
    case.no(said("z", true, 5), "callback.unknown_claimant");
    case.ok(said("b", false, 2));
    // Without a name it was the first who is still to be called.
    case.ok(answers(true, true, 5));
    assert_eq!(case.order.callback.answered.iter().map(|one| one.as_str()).collect::<Vec<_>>(), ["b", "a"]);
    assert_eq!(case.order.to_call().iter().map(|one| one.as_str()).collect::<Vec<_>>(), ["c"]);
    // What the least content of them said is what a redo goes by.
    assert_eq!(case.order.callback.answers.as_ref().map(|answers| answers.satisfied), Some(2));
    case.ok(Command::Close {}).sound();
    let told = |claimant: &str| {
        let result = case.order.duties.iter().find(|d| d.what == Told::Result && d.claimant.as_str() == claimant);
        result.map(|duty| duty.told_at.is_some())
    };
    assert_eq!(["a", "b", "c", "d"].map(told), [Some(true), Some(true), Some(false), Some(true)]);
}

#[test]
fn h04_who_cannot_be_reached_is_not_called() {
    let mut case = Case::taken_in("2026-10-12T09:00:00");
    case.order = huiyin_core::order::Order::blank("o1".into(), case.now);
    case.journal.clear();
    case.ok(common::take_in("20261012-0001", huiyin_core::order::Channel::Phone, &[("a", false)]));
    case.registered("complaint", SOCIAL, NORMAL).dispatched("human-resources", &[]).taken_up(1);
    let answer = feedback(&case.order, 1, case.now);
    case.ok(answer).ok(Command::Pass {});
    assert_eq!(case.order.state, State::Closed(Outcome::Handled));
    assert_eq!(case.order.callback.waived.as_deref(), Some("anonymous-no-number"));
    assert!(case.order.duties.iter().all(|duty| duty.impossible), "nobody can be told");
    let mut reachable = to_call("complaint");
    reachable.no(waive("anonymous-no-number"), "waive.reachable");
    for code in ["praise", "answered-live", "merged"] {
        reachable.no(waive(code), "waive.not_applicable");
    }
    reachable.ok(waive("claimant-declined")).no(waive("claimant-declined"), "waive.already");
}

#[test]
fn h06_after_two_redos_it_goes_to_the_difficult_pool() {
    let mut case = to_call("complaint");
    for task in [2, 3] {
        case.ok(answers(false, false, 1)).ok(redo()).taken_up(task);
        let answer = feedback(&case.order, task, case.now);
        case.ok(answer).ok(Command::Pass {});
    }
    let refusal = case.ok(answers(false, false, 1)).no(redo(), "redo.count_used_up");
    assert_eq!(refusal.instead, ["difficult", "close"]);
    case.ok(Command::Difficult { on: true, note: None })
        .no(Command::Difficult { on: true, note: None }, "difficult.already");
}

#[test]
fn the_claimant_who_was_called_has_heard_the_result() {
    let mut case = Case::taken_in("2026-10-12T09:00:00");
    case.order = huiyin_core::order::Order::blank("o1".into(), case.now);
    case.journal.clear();
    case.ok(common::take_in(
        "20261012-0001",
        huiyin_core::order::Channel::Web,
        &[("mute", false), ("gone", true), ("a", true), ("b", true)],
    ));
    case.registered("complaint", SOCIAL, NORMAL).dispatched("human-resources", &[]).taken_up(1);
    case.ok(Command::Withdraw { claimant: Some("gone".into()), reason: "changed-mind".into(), confirmed: true });
    let answer = feedback(&case.order, 1, case.now);
    case.ok(answer).ok(Command::Pass {}).ok(answers(true, true, 5)).ok(Command::Close {});
    let results: Vec<_> = case
        .order
        .duties
        .iter()
        .filter(|duty| duty.what == Told::Result)
        .map(|duty| (duty.claimant.as_str(), duty.told_at.is_some(), duty.impossible))
        .collect();
    assert_eq!(results, [("mute", true, true), ("a", true, false), ("b", false, false)]);
    case.no(Command::Archive {}, "archive.duty_owed");
}

#[test]
fn stopped_orders_owe_the_claimant_a_word() {
    let mut case = at_work("complaint");
    case.no(Command::Stop { reason: "test".into(), note: None }, "stop.note_missing");
    case.ok(Command::Stop { reason: "opened-in-error".into(), note: Some(text()) });
    assert_eq!(case.order.state, State::Closed(Outcome::Stopped));
    assert!(case.order.duties.iter().any(|duty| duty.what == Told::Result && duty.text.is_some()));
    assert!(case.order.clocks.iter().all(|clock| !clock.is_unsettled()));
    case.sound();
}

#[test]
fn a_clock_to_the_scene_ends_with_the_task() {
    let mut case = Case::taken_in("2026-10-12T09:00:00");
    case.registered("help", PIPE, Urgency::Emergency).dispatched("enforcement", &["human-resources"]).taken_up(1);
    case.ok(Command::Sign { task: TaskNo(2) });
    let assist = feedback(&case.order, 2, case.now);
    let lead = feedback(&case.order, 1, case.now);
    case.ok(assist).ok(lead).ok(Command::Pass {});
    assert!(case.order.clocks.iter().all(|clock| !clock.is_unsettled()), "nobody who is done is sent to the scene");
}
