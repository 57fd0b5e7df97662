//! To the units and back: dispatch, the tree below it, return and ruling, lead and assisting units.

mod common;

use common::{Case, SOCIAL, dispatch, feedback, give_back, register, text};
use huiyin_core::{
    id::{RequestNo, TaskNo},
    order::{Command, Decision, State, TaskState, Urgency},
};

const NORMAL: Urgency = Urgency::Normal;

fn below(task: u32, lead: &str, assist: &[&str]) -> Command {
    Command::Redispatch {
        task: TaskNo(task),
        lead: lead.into(),
        assist: assist.iter().map(|unit| (*unit).into()).collect(),
        note: None,
    }
}

fn grant(request: u32) -> Command {
    Command::Grant { request: RequestNo(request), note: None }
}

fn state(case: &Case<'_>, task: u32) -> TaskState {
    case.order.task(TaskNo(task)).expect("the task is there").state
}

fn to_unit(kind: &str) -> Case<'static> {
    let mut case = Case::taken_in("2026-10-13T08:00:00");
    case.registered(kind, SOCIAL, NORMAL).at("2026-10-13T09:00:00").dispatched("human-resources", &[]);
    case
}

#[test]
fn d01_work_goes_down_and_both_clocks_are_seen() {
    let mut case = Case::taken_in("2026-10-13T08:00:00");
    case.registered("complaint", SOCIAL, NORMAL).at("2026-10-13T09:00:00").dispatched("sub-jiyang", &[]);
    case.at("2026-10-13T15:00:00").no(below(1, "enforcement", &[]), "redispatch.not_below");
    case.ok(below(1, "jiyang-market", &["market-section"]));
    assert_eq!(case.order.holder().map(|holder| holder.unit.0), Some("jiyang-market".into()));
    assert_eq!(
        (case.due("close", Some(1)), case.due("close", Some(2))),
        ("2026-10-21T00:00:00".into(), "2026-10-21T00:00:00".into())
    );
    assert_eq!(case.due("close", Some(3)), "2026-10-20T00:00:00", "who assists answers a day earlier");
    case.at("2026-10-16T09:00:00").ok(Command::Recall { task: TaskNo(2), reason: "wrong-unit".into() });
    assert_eq!(case.order.holder().map(|holder| holder.unit.0), Some("sub-jiyang".into()));
    // Sent on later: the limit of the level above ends it.
    case.at("2026-10-19T09:00:00").ok(below(1, "jiyang-market", &[]));
    assert_eq!(case.due("close", Some(4)), "2026-10-21T00:00:00");
    // The answer climbs back.
    let answer = feedback(&case.order, 1, case.now);
    case.no(answer, "feedback.still_below");
    case.ok(Command::Sign { task: TaskNo(4) });
    let answer = feedback(&case.order, 4, case.now);
    case.ok(answer);
    assert_eq!(case.order.holder().map(|holder| holder.unit.0), Some("sub-jiyang".into()));
    case.ok(Command::SendBack { task: TaskNo(4), reason: "wording".into(), note: None });
    assert_eq!(state(&case, 4), TaskState::Accepted);
    let answer = feedback(&case.order, 4, case.now);
    case.ok(answer);
    let answer = feedback(&case.order, 1, case.now);
    case.ok(answer)
        .no(Command::SendBack { task: TaskNo(4), reason: "wording".into(), note: None }, "send_back.not_below");
    case.ok(Command::Pass {});
    assert_eq!(
        (state(&case, 1), state(&case, 4), state(&case, 3)),
        (TaskState::Done, TaskState::Done, TaskState::Recalled)
    );
    case.sound();
}

#[test]
fn d02_a_return_granted_frees_the_unit_and_leaves_the_claimants_limit() {
    let mut case = to_unit("complaint");
    case.at("2026-10-14T08:00:00").ok(give_back(1, "enforcement"));
    assert_eq!(
        case.order.holder().map(|holder| holder.unit.0),
        Some("human-resources".into()),
        "a pending request moves nothing"
    );
    case.at("2026-10-14T10:00:00").ok(grant(1)).dispatched("enforcement", &[]);
    assert_eq!(
        (state(&case, 1), case.due("close", Some(2)), case.due("close", None)),
        (TaskState::Returned, "2026-10-22T00:00:00".into(), "2026-10-21T00:00:00".into())
    );
    assert_eq!(case.order.request(RequestNo(1)).map(|request| request.decision), Some(Decision::Granted));
    case.sound();
}

#[test]
fn d03_a_return_after_the_window_is_refused() {
    let mut case = to_unit("complaint");
    assert_eq!(case.due("return", Some(1)), "2026-10-15T00:00:00");
    let refusal = case.at("2026-10-15T00:00:01").no(give_back(1, "enforcement"), "return.window_closed");
    assert_eq!(refusal.basis[0].source, "HY-DEFAULT");
    assert!(refusal.instead.contains(&"feedback".to_owned()));
    case.at("2026-10-14T23:59:59").ok(give_back(1, "enforcement"));
}

#[test]
fn d05_a_return_states_its_basis_and_whose_it_is() {
    let mut case = to_unit("complaint");
    let with = |reason: &str, basis: bool, suggestion: Option<&str>| Command::Return {
        task: TaskNo(1),
        reason: reason.into(),
        basis: basis.then(text),
        suggestion: suggestion.map(Into::into),
    };
    case.no(with("not-our-duty", false, Some("enforcement")), "return.basis_missing");
    case.no(with("not-our-duty", true, None), "return.suggestion_missing");
    case.no(with("not-our-duty", true, Some("human-resources")), "return.suggests_itself");
    case.no(with("not-our-duty", true, Some("nobody")), "unit.unknown");
    case.no(with("not ours", true, Some("enforcement")), "reason.unknown");
}

#[test]
fn a_second_return_goes_to_a_ruling_and_a_ruling_stands() {
    let mut case = to_unit("complaint");
    case.ok(give_back(1, "enforcement")).no(give_back(1, "enforcement"), "request.pending");
    case.no(Command::Reject { request: RequestNo(1), note: None }, "reject.note_missing");
    case.ok(Command::Reject { request: RequestNo(1), note: Some(text()) })
        .no(give_back(1, "enforcement"), "return.count_used_up");
    let mut ruled = to_unit("complaint");
    ruled.ok(give_back(1, "enforcement"));
    ruled.ok(Command::Rule { request: RequestNo(1), unit: "enforcement".into(), note: None });
    assert_eq!((ruled.order.state, state(&ruled, 1)), (State::Assigned, TaskState::Returned));
    assert!(ruled.order.task(TaskNo(2)).is_some_and(|task| task.ruled && task.unit.as_str() == "enforcement"));
    ruled.no(give_back(2, "human-resources"), "return.ruled");
    let mut kept = to_unit("complaint");
    kept.ok(give_back(1, "enforcement")).ok(Command::Rule {
        request: RequestNo(1),
        unit: "human-resources".into(),
        note: None,
    });
    assert!(kept.order.task(TaskNo(1)).is_some_and(|task| task.ruled && task.state == TaskState::Delivered));
    // Sent there again by hand, it says why.
    let mut again = to_unit("complaint");
    again.ok(give_back(1, "enforcement")).ok(grant(1)).no(dispatch("human-resources", &[]), "dispatch.same_unit_again");
}

#[test]
fn d08_who_is_complained_about_does_not_handle_it() {
    let mut case = Case::taken_in("2026-10-12T09:00:00");
    case.ok(register("complaint", Some(SOCIAL), NORMAL, Some("jiyang-market"), false));
    let refusal = case.no(dispatch("jiyang-market", &[]), "dispatch.reported_party");
    assert_eq!(refusal.instead, ["sub-jiyang"]);
    case.no(dispatch("human-resources", &["market-section"]), "dispatch.reported_party");
    case.ok(dispatch("sub-jiyang", &[])).no(below(1, "market-section", &[]), "dispatch.reported_party");
}

#[test]
fn d10_of_two_at_once_one_is_told_that_the_order_changed() {
    let mut case = to_unit("complaint");
    case.taken_up(1).ok(give_back(1, "enforcement"));
    let answer = feedback(&case.order, 1, case.now);
    let mut other = Case {
        pack: case.pack,
        organisation: case.organisation,
        order: case.order.clone(),
        journal: case.journal.clone(),
        now: case.now,
    };
    case.ok(grant(1)).no(answer.clone(), "order.wrong_state");
    other.ok(answer).no(grant(1), "request.decided");
    assert_eq!(
        other.order.request(RequestNo(1)).map(|request| request.decision),
        Some(Decision::Withdrawn),
        "overtaken, and kept"
    );
    assert!(other.order.task(TaskNo(1)).is_some_and(|task| task.feedback.is_some()));
}

#[test]
fn f01_who_assists_answers_earlier() {
    let mut case = Case::taken_in("2026-09-30T09:00:00");
    case.registered("complaint", SOCIAL, NORMAL)
        .at("2026-09-30T10:00:00")
        .dispatched("human-resources", &["water", "sub-jiyang"]);
    assert_eq!(case.due("close", Some(1)), "2026-10-14T00:00:00");
    assert_eq!(
        (case.due("close", Some(2)), case.due("close", Some(3))),
        ("2026-10-13T00:00:00".into(), "2026-10-13T00:00:00".into())
    );
    let mut twice = Case::taken_in("2026-09-30T09:00:00");
    twice.registered("complaint", SOCIAL, NORMAL).no(dispatch("water", &["water"]), "dispatch.unit_twice");
    twice.no(dispatch("water", &["call-centre"; 6]), "dispatch.unit_twice");
}

#[test]
fn f02_a_silent_assisting_unit_holds_nobody_up() {
    let mut case = Case::taken_in("2026-09-30T09:00:00");
    case.registered("complaint", SOCIAL, NORMAL)
        .at("2026-09-30T10:00:00")
        .dispatched("human-resources", &["enforcement", "sub-jiyang"])
        .taken_up(1);
    case.ok(Command::Sign { task: TaskNo(2) });
    let answer = feedback(&case.order, 2, case.now);
    case.ok(answer).at("2026-10-13T09:00:00").fire();
    let answer = feedback(&case.order, 1, case.now);
    case.ok(answer);
    let given = case.order.task(TaskNo(1)).and_then(|task| task.feedback.clone()).expect("it answered");
    assert_eq!(given.missing, ["sub-jiyang".into()]);
    let missed: Vec<_> =
        case.order.clocks.iter().filter(|c| c.missed.is_some() && c.name == "close").map(|c| c.task).collect();
    assert_eq!(missed, [Some(TaskNo(3))], "it alone is overdue");
    // Late, but before the review is over, it may still answer; after that it is recalled.
    case.ok(Command::Sign { task: TaskNo(3) });
    case.ok(below(3, "jiyang-market", &[]));
    assert_eq!(case.order.state, State::Review, "work below who assists leaves the review alone");
    case.ok(Command::Pass {});
    assert_eq!((state(&case, 2), state(&case, 3)), (TaskState::Done, TaskState::Recalled));
    case.sound();
}

#[test]
fn an_answer_waits_for_the_leader_and_is_looked_at_again() {
    let mut case = Case::taken_in("2026-10-13T08:00:00");
    case.registered("complaint", SOCIAL, NORMAL).at("2026-10-13T09:00:00").dispatched("water", &[]).taken_up(1);
    let answer = feedback(&case.order, 1, case.now);
    case.ok(answer.clone());
    assert_eq!((state(&case, 1), case.order.state), (TaskState::Accepted, State::Assigned));
    case.no(answer.clone(), "feedback.approval_pending");
    case.ok(Command::Supplement { text: text() }).no(grant(1), "feedback.supplement_unread");
    case.ok(Command::Acknowledge { task: TaskNo(1) });
    // Corrected meanwhile: the facts are not those of the new kind.
    case.ok(Command::Correct {
        kind: Some("suggestion".into()),
        subject: None,
        area: None,
        place: None,
        urgency: None,
        reason: "wrong-choice".into(),
        note: None,
    });
    case.no(grant(1), "close.facts_missing");
    case.ok(Command::Reject { request: RequestNo(1), note: Some(text()) });
    let answer = feedback(&case.order, 1, case.now);
    case.ok(answer).ok(give_back(1, "enforcement")).at("2026-10-13T12:00:00").ok(grant(2));
    assert_eq!((state(&case, 1), case.order.state), (TaskState::FedBack, State::Review));
    assert!(case.order.pending().next().is_none(), "the return is overtaken");
    case.sound();
}

#[test]
fn a_secret_order_goes_out_redacted_and_is_asked_through_the_centre() {
    let mut case = Case::taken_in("2026-10-12T09:00:00");
    case.ok(register("report", Some(SOCIAL), NORMAL, None, true))
        .no(dispatch("human-resources", &[]), "dispatch.not_redacted");
    case.ok(Command::Redact { text: text() }).dispatched("human-resources", &[]).taken_up(1);
    case.no(Command::Contact { task: TaskNo(1), reached: true, at: None, said: Some(text()) }, "contact.secret");
    case.ok(Command::Relay { task: TaskNo(1), text: text() }).ok(Command::RelayAnswer {
        task: TaskNo(1),
        text: text(),
        question: None,
    });
    let answer = |question| Command::RelayAnswer { task: TaskNo(1), text: text(), question };
    case.no(answer(None), "relay.nothing_asked");
    case.no(answer(Some(1)), "relay.nothing_asked");
    // Of two questions one is answered, and the other waits on.
    case.ok(Command::Relay { task: TaskNo(1), text: text() }).ok(Command::Relay { task: TaskNo(1), text: text() });
    case.no(answer(None), "relay.which_question");
    case.no(answer(Some(9)), "relay.which_question");
    case.ok(answer(Some(3)));
    assert_eq!(case.order.open_questions(TaskNo(1)), [2]);
    case.ok(answer(None)).sound();
    let mut open = to_unit("report");
    open.no(Command::Relay { task: TaskNo(1), text: text() }, "relay.not_secret");
}
