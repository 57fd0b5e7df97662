//! Extension, pause, shelving, excuse: asked beside the work, decided by the level above.

mod common;

use common::{Case, PIPE, SOCIAL, day, extend, feedback, give_back, local, text};
use huiyin_core::{
    calendar::Unit,
    id::{RequestNo, TaskNo},
    order::{ClockState, Command, Moment, Told, Urgency},
};

const NORMAL: Urgency = Urgency::Normal;

/// Taken up by a unit; due before 2026-10-14.
fn at_work() -> Case<'static> {
    let mut case = Case::taken_in("2026-09-30T09:00:00");
    case.registered("help", SOCIAL, NORMAL)
        .at("2026-09-30T10:00:00")
        .dispatched("human-resources", &["enforcement"])
        .taken_up(1);
    case
}

fn grant(request: u32) -> Command {
    Command::Grant { request: RequestNo(request), note: Some(text()) }
}

fn reject(request: u32) -> Command {
    Command::Reject { request: RequestNo(request), note: Some(text()) }
}

fn pause(until: i64) -> Command {
    Command::Pause { task: TaskNo(1), reason: "waiting-claimant".into(), until: day(until) }
}

fn shelve(review: i64) -> Command {
    Command::Shelve {
        task: TaskNo(1),
        reason: "engineering".into(),
        plan: text(),
        responsible: text(),
        review: day(review),
    }
}

#[test]
fn e01_an_extension_counts_on_from_the_last_day() {
    let mut case = at_work();
    case.at("2026-10-13T15:00:00").fire();
    case.ok(extend(1, 3, Unit::Workday));
    assert_eq!(case.due("close", None), "2026-10-14T00:00:00", "asked is not granted");
    case.at("2026-10-13T17:00:00").ok(grant(1));
    let close = case.clock("close", None);
    assert_eq!(
        (local(close.due.at), local(close.original.at)),
        ("2026-10-17T00:00:00".into(), "2026-10-14T00:00:00".into())
    );
    assert_eq!(close.warn_at.map(local), Some("2026-10-16T00:00:00".into()), "warned a working day before the new end");
    assert!(case.order.duties.iter().any(|duty| duty.what == Told::Extended && duty.told_at.is_none()));
    assert_eq!(case.due("close", Some(2)), "2026-10-13T00:00:00", "not that of who assists");
    case.sound();
}

#[test]
fn e02_a_pending_extension_stops_nothing_and_marks_nothing() {
    let mut case = at_work();
    case.at("2026-10-13T23:00:00").fire();
    case.ok(extend(1, 1, Unit::Workday)).at("2026-10-14T10:00:00");
    assert!(case.fire().is_empty(), "the end waits for the decision");
    let mut refused = Case {
        pack: case.pack,
        organisation: case.organisation,
        order: case.order.clone(),
        journal: case.journal.clone(),
        now: case.now,
    };
    case.ok(grant(1));
    assert!(case.clock("close", None).missed.is_none(), "granted: never overdue");
    refused.ok(reject(1));
    assert_eq!(
        refused.clock("close", None).missed.map(local),
        Some("2026-10-14T00:00:00".into()),
        "refused: overdue since the old end"
    );
    refused.no(extend(1, 1, Unit::Workday), "extension.too_late");
    // Granted so late that the new end has passed too: it is missed then, without a warning for what is past.
    let mut late = at_work();
    late.at("2026-10-13T23:00:00").ok(extend(1, 1, Unit::Workday)).at("2026-10-20T10:00:00").ok(grant(1));
    late.fire();
    let close = late.clock("close", None);
    assert_eq!(
        (close.fired.as_slice(), close.missed.map(local)),
        (&[Moment::Due][..], Some("2026-10-15T00:00:00".into()))
    );
}

#[test]
fn a_pending_extension_keeps_only_its_own_limits_back() {
    let mut case = at_work();
    case.ok(Command::Sign { task: TaskNo(2) }).ok(extend(2, 1, Unit::Workday)).at("2026-10-14T00:00:00");
    let told: Vec<_> = case.fire().into_iter().filter(|(_, moment)| *moment == Moment::Due).collect();
    assert_eq!(told.len(), 2, "the case and the lead are overdue, who asked is not: {told:?}");
    assert!(case.clock("close", Some(2)).missed.is_none());
}

#[test]
fn e03_a_second_extension_is_refused() {
    let mut case = at_work();
    case.ok(extend(1, 1, Unit::Workday)).no(extend(1, 1, Unit::Workday), "request.pending");
    case.ok(grant(1)).no(extend(1, 1, Unit::Workday), "extension.count_used_up");
    let two = common::pack_with(
        "parameters.toml",
        "what = \"一件工单可延期的次数\"\n[[parameter.value]]\nfrom = 2018-03-27\nvalue = 1",
        "what = \"一件工单可延期的次数\"\n[[parameter.value]]\nfrom = 2018-03-27\nvalue = 2",
    );
    let mut again = Case {
        pack: &two,
        organisation: case.organisation,
        order: case.order.clone(),
        journal: Vec::new(),
        now: case.now,
    };
    again.ok(extend(1, 1, Unit::Workday));
}

#[test]
fn one_extension_is_for_the_case_whoever_leads_it() {
    let mut case = at_work();
    case.ok(extend(1, 1, Unit::Workday)).ok(grant(1)).ok(give_back(1, "sub-jiyang")).ok(grant(2));
    case.dispatched("sub-jiyang", &[]).taken_up(3).no(extend(3, 1, Unit::Workday), "extension.count_used_up");
}

#[test]
fn e04_longer_than_the_limit_itself_is_refused() {
    let mut case = at_work();
    case.no(extend(1, 6, Unit::Workday), "extension.longer_than_original");
    case.no(extend(1, 0, Unit::Workday), "extension.nothing");
    case.no(extend(1, u32::MAX, Unit::Workday), "extension.too_long");
    case.no(extend(1, u32::MAX, Unit::Hour), "extension.too_long");
    case.ok(extend(1, 5, Unit::Workday));
}

#[test]
fn e05_an_emergency_is_neither_extended_nor_shelved() {
    let mut case = Case::taken_in("2026-10-12T09:00:00");
    case.registered("help", PIPE, Urgency::Emergency).dispatched("enforcement", &[]).taken_up(1);
    case.no(extend(1, 1, Unit::Hour), "extension.urgency");
    case.no(shelve(20_270_115), "shelving.urgency");
    // Nor when it became one after it was asked.
    let mut rises = at_work();
    rises.ok(extend(1, 1, Unit::Workday)).ok(Command::Correct {
        kind: None,
        subject: None,
        area: None,
        place: None,
        urgency: Some(Urgency::Emergency),
        reason: "new-facts".into(),
        note: None,
    });
    rises.no(grant(1), "extension.urgency");
}

#[test]
fn e06_shelving_puts_a_review_date_in_place_of_the_limit() {
    let mut case = at_work();
    case.at("2026-10-13T10:00:00").no(shelve(20_261_013), "shelving.review_in_past");
    case.ok(shelve(20_270_115)).ok(grant(1));
    assert!(matches!(case.clock("close", None).state, ClockState::Held(_)));
    let review = case.clock("shelving", Some(1));
    assert_eq!((local(review.due.at), review.due.provisional), ("2027-01-16T00:00:00".into(), false));
    let plan = case.order.duties.iter().find(|duty| duty.what == Told::Shelved).expect("the claimant gets the plan");
    assert!(plan.text.is_some());
    case.no(shelve(20_270_301), "shelving.already");
    case.no(
        Command::ReviewShelving { task: TaskNo(1), review: Some(day(90_001_231)), note: None },
        "shelving.review_too_far",
    );
    let told: Vec<_> = case
        .at("2027-01-16T00:00:00")
        .fire()
        .into_iter()
        .filter(|(_, moment)| *moment == Moment::Due)
        .map(|(name, _)| name)
        .collect();
    assert_eq!(
        told,
        ["accept", "close", "shelving"],
        "who assists, and the missed review date; the case is not overdue"
    );
    assert!(case.clock("close", None).missed.is_none());
    case.ok(Command::ReviewShelving { task: TaskNo(1), review: Some(day(20_270_301)), note: None });
    assert_eq!(case.due("shelving", Some(1)), "2027-03-02T00:00:00");
    case.ok(Command::ReviewShelving { task: TaskNo(1), review: None, note: None });
    assert_eq!(case.clock("close", None).state, ClockState::Running);
    assert!(case.clock("close", None).due.at > case.now, "what was left of the limit is left");
    case.sound();
}

#[test]
fn an_answer_ends_a_pause_and_its_time_counts() {
    for shelved in [false, true] {
        let mut case = at_work();
        case.at("2026-10-12T10:00:00").ok(if shelved { shelve(20_261_030) } else { pause(20_261_030) }).ok(grant(1));
        case.at("2026-10-20T10:00:00");
        let answer = feedback(&case.order, 1, case.now);
        case.ok(answer);
        assert!(matches!(case.clock("close", None).state, ClockState::Halted(_)));
        // Sent back, the limit runs on: six working days were lost.
        case.ok(Command::FailReview { reason: "wording".into(), note: None });
        let close = case.clock("close", None);
        assert_eq!(
            (close.state, local(close.due.at), close.missed),
            (ClockState::Running, "2026-10-22T00:00:00".into(), None)
        );
        assert!(
            case.order
                .governing(
                    if shelved { "shelving" } else { "pause" },
                    huiyin_core::policy::Level::Task,
                    Some(TaskNo(1))
                )
                .is_some_and(|c| !c.is_unsettled())
        );
        case.sound();
    }
}

#[test]
fn a_pause_ends_when_the_unit_loses_the_order() {
    for lost in [
        vec![Command::Recall { task: TaskNo(1), reason: "wrong-unit".into() }],
        vec![give_back(1, "sub-jiyang"), grant(2)],
    ] {
        let mut case = at_work();
        case.ok(pause(20_261_009)).ok(grant(1));
        assert!(matches!(case.clock("close", None).state, ClockState::Held(_)));
        for command in lost {
            case.ok(command);
        }
        assert_eq!(case.clock("close", None).state, ClockState::Running, "the claimant's limit runs on");
        case.sound();
    }
}

#[test]
fn a_pause_has_its_bounds() {
    let mut case = at_work();
    case.no(pause(20_260_929), "pause.in_past");
    case.no(pause(20_261_231), "pause.too_long");
    case.ok(pause(20_261_009)).ok(grant(1)).no(pause(20_261_010), "pause.clock_not_running");
    case.no(Command::ReviewShelving { task: TaskNo(1), review: None, note: None }, "shelving.not_shelved");
    case.ok(Command::Resume { task: TaskNo(1) }).no(Command::Resume { task: TaskNo(1) }, "resume.not_paused");
    assert_eq!(case.due("close", None), "2026-10-14T00:00:00", "no day began in it");
    case.ok(pause(20_261_009))
        .ok(grant(2))
        .ok(Command::Resume { task: TaskNo(1) })
        .no(pause(20_261_009), "pause.count_used_up");
}

#[test]
fn a_merge_undone_leaves_a_pause_as_it_was() {
    let mut case = at_work();
    case.ok(pause(20_261_009)).ok(grant(1)).at("2026-10-08T10:00:00");
    case.ok(Command::Merge { into: "o2".into(), reason: "same-event".into() });
    assert!(case.order.clocks.iter().all(|clock| clock.state != ClockState::Running));
    case.ok(Command::Unmerge { note: None, withdrawn: Vec::new() });
    assert!(
        matches!(case.clock("close", None).state, ClockState::Held(since) if local(since) == "2026-09-30T10:00:00")
    );
    assert_eq!(case.clock("pause", Some(1)).state, ClockState::Running);
    case.at("2026-10-09T10:00:00").ok(Command::Resume { task: TaskNo(1) });
    assert_eq!(case.due("close", None), "2026-10-16T00:00:00", "Sep 30 and Oct 8 were lost");
    case.sound();
}

#[test]
fn an_excuse_is_decided_even_after_closing() {
    let mut case = at_work();
    case.at("2026-10-14T10:00:00").fire();
    let clock = case.clock("close", Some(1)).no;
    case.ok(Command::Excuse { task: TaskNo(1), clock, reason: "system-fault".into(), evidence: None });
    let answer = feedback(&case.order, 1, case.now);
    case.ok(answer).ok(Command::Pass {}).ok(common::answers(true, true, 5)).ok(Command::Close {});
    for duty in 1..=2 {
        let duty = huiyin_core::id::DutyNo(duty);
        if case.order.duties.iter().any(|d| d.no == duty && d.told_at.is_none()) {
            case.ok(Command::Tell { duty, reached: true, record: Some(text()) });
        }
    }
    case.no(Command::Archive {}, "archive.request_pending");
    case.ok(grant(1)).ok(Command::Archive {});
    assert_eq!(case.order.clock(clock).map(|clock| clock.excuses.clone()), Some(vec![RequestNo(1)]));
}
