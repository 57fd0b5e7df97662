//! Which limits an order runs, which of them govern, and what an early or late step makes of them.

mod common;

use common::{
    Case, LIGHT, PIPE, SOCIAL, at, dispatch, extend, feedback, give_back, local, organisation, pack, pack_with,
    register, text,
};
use huiyin_core::{
    calendar::Unit,
    id::{ClockNo, RequestNo, TaskNo},
    order::{Clock, ClockState, Command, Moment, Standing, Urgency},
    policy::Level,
};

const EMERGENCY: Urgency = Urgency::Emergency;
const NORMAL: Urgency = Urgency::Normal;

fn scene_clocks<'a>(case: &'a Case<'_>, task: u32) -> Vec<&'a Clock> {
    case.order.clocks.iter().filter(|clock| clock.name == "scene" && clock.task == Some(TaskNo(task))).collect()
}

fn burst() -> Case<'static> {
    let mut case = Case::taken_in("2026-10-01T02:13:20");
    case.registered("help", PIPE, EMERGENCY).dispatched("enforcement", &["human-resources"]);
    case
}

fn on_scene(task: u32) -> Command {
    Command::OnScene { task: TaskNo(task), at: None, place: text(), safety: text(), photo: None }
}

#[test]
fn a11_both_rules_of_an_emergency_are_kept_and_named() {
    let mut case = burst();
    case.at("2026-10-01T02:40:00").ok(on_scene(1));
    case.at("2026-10-01T02:43:20").ok(on_scene(2));
    let first = scene_clocks(&case, 1);
    let of = |rule: &str| first.iter().find(|clock| clock.rule == rule).expect("both rules run");
    assert_eq!((local(of("SY-62-g").due.at), of("SY-62-g").missed.is_some()), ("2026-10-01T02:33:20".into(), true));
    assert_eq!((local(of("SY-14-4d").due.at), of("SY-14-4d").missed.is_some()), ("2026-10-01T02:43:20".into(), false));
    let number = |rule: &str| pack().citation(&of(rule).basis).number;
    assert_eq!((number("SY-62-g"), number("SY-14-4d")), ("三府办〔2018〕62号".into(), "三府规〔2019〕5号".into()));
    let second = scene_clocks(&case, 2);
    assert_eq!(second.len(), 1, "who assists has the one rule");
    assert!(second[0].missed.is_none(), "the exact instant is in time");
    // Late is shown and blocks nothing.
    case.ok(Command::Sign { task: TaskNo(1) });
    let answer = feedback(&case.order, 1, case.now);
    case.ok(answer).ok(Command::Pass {});
    assert!(scene_clocks(&case, 1).iter().any(|clock| clock.missed.is_some()));
    case.sound();
}

#[test]
fn a12_an_excuse_covers_the_rule_that_knows_exceptions() {
    let mut case = burst();
    case.at("2026-10-01T04:10:00").ok(on_scene(1));
    for rule in ["SY-14-4d", "SY-62-g"] {
        let clock = scene_clocks(&case, 1).iter().find(|clock| clock.rule == rule).expect("it runs").no;
        case.ok(Command::Excuse { task: TaskNo(1), clock, reason: "force-majeure".into(), evidence: Some(text()) });
        let request = case.order.pending().next().expect("it is asked").no;
        case.ok(Command::Grant { request, note: None });
    }
    for clock in scene_clocks(&case, 1) {
        assert!(clock.missed.is_some() && clock.excuses.len() == 1, "{}", clock.rule);
        assert_eq!(clock.is_excused(), clock.rule == "SY-14-4d");
    }
    case.no(
        Command::Excuse { task: TaskNo(2), clock: ClockNo(1), reason: "force-majeure".into(), evidence: None },
        "excuse.not_missed",
    );
}

#[test]
fn a18_not_signing_stops_nothing() {
    let mut case = Case::taken_in("2026-10-12T09:00:00");
    case.registered("help", SOCIAL, NORMAL).dispatched("human-resources", &[]);
    let mut late = Case {
        pack: case.pack,
        organisation: case.organisation,
        order: case.order.clone(),
        journal: case.journal.clone(),
        now: case.now,
    };
    assert_eq!(case.due("close", None), "2026-10-20T00:00:00");
    case.at("2026-10-13T09:00:00").ok(Command::Sign { task: TaskNo(1) });
    assert_eq!(case.due("close", None), "2026-10-20T00:00:00");
    let accept = case.clock("accept", Some(1));
    assert!(matches!(accept.state, ClockState::Stopped(_)) && accept.missed.is_none(), "the exact instant is in time");
    late.at("2026-10-20T00:00:00").fire();
    let missed: Vec<_> =
        late.order.clocks.iter().filter(|c| c.missed.is_some()).map(|c| (c.name.as_str(), c.level)).collect();
    assert_eq!(
        missed,
        [("close", Level::Case), ("accept", Level::Task), ("close", Level::Task)],
        "each is breached by itself"
    );
}

#[test]
fn a22_a_server_clock_that_steps_back_turns_nothing_round() {
    let mut case = Case::taken_in("2026-10-12T09:00:00");
    case.registered("help", SOCIAL, NORMAL).dispatched("human-resources", &[]);
    let due = case.due("close", None);
    case.at("2026-10-12T08:58:30").ok(Command::Sign { task: TaskNo(1) });
    assert_eq!(case.order.at, at("2026-10-12T09:00:00"));
    assert!(case.journal.windows(2).all(|pair| pair[0].1 <= pair[1].1));
    let stopped = case.clock("accept", Some(1));
    assert!(matches!(stopped.state, ClockState::Stopped(when) if when >= stopped.start));
    assert_eq!(case.due("close", None), due);
    case.sound();
}

/// The scene clocks of a unit commanded at a moment: rule, end, standing.
fn commanded(pack: &huiyin_core::policy::Pack, now: &str) -> Vec<(String, String, Standing)> {
    let mut case = Case::with(pack, organisation(), now);
    case.registered("help", PIPE, EMERGENCY).dispatched("enforcement", &[]);
    scene_clocks(&case, 1).iter().map(|clock| (clock.rule.clone(), local(clock.due.at), clock.standing)).collect()
}

#[test]
fn b01_b02_a_rule_binds_from_its_first_instant() {
    let before = commanded(pack(), "2018-03-26T23:50:00");
    assert_eq!(before, [("SY-14-4d".to_owned(), "2018-03-27T00:20:00".to_owned(), Standing::Governs)]);
    let from = commanded(pack(), "2018-03-27T00:00:00");
    assert_eq!(
        from,
        [
            ("SY-14-4d".to_owned(), "2018-03-27T00:30:00".to_owned(), Standing::Second),
            ("SY-62-g".to_owned(), "2018-03-27T00:20:00".to_owned(), Standing::Governs),
        ]
    );
}

#[test]
fn b03_the_pack_says_how_two_rules_are_resolved() {
    let governing = |conflict: &str| -> Vec<String> {
        let pack = pack_with("pack.toml", "conflict = \"strictest\"", &format!("conflict = \"{conflict}\""));
        commanded(&pack, "2026-10-12T08:00:00")
            .into_iter()
            .filter(|(_, _, standing)| *standing == Standing::Governs)
            .map(|(_, due, _)| due)
            .collect()
    };
    assert_eq!(governing("strictest"), ["2026-10-12T08:20:00"]);
    assert_eq!(governing("highest_authority"), ["2026-10-12T08:30:00"]);
    assert_eq!(governing("latest"), ["2026-10-12T08:20:00"]);
    assert_eq!(governing("both_reported"), ["2026-10-12T08:30:00", "2026-10-12T08:20:00"]);
    let by_group = pack_with("pack.toml", "conflicts = {}", "conflicts = { scene = \"highest_authority\" }");
    let governs: Vec<_> =
        commanded(&by_group, "2026-10-12T08:00:00").into_iter().filter(|(_, _, s)| *s == Standing::Governs).collect();
    assert_eq!(governs[0].1, "2026-10-12T08:30:00");
}

#[test]
fn i01_a_warning_the_day_before_and_overdue_at_the_end() {
    let mut case = Case::taken_in("2026-09-30T09:30:00");
    case.registered("help", SOCIAL, NORMAL).at("2026-09-30T10:00:00").dispatched("human-resources", &[]).taken_up(1);
    assert_eq!(case.due("close", None), "2026-10-14T00:00:00");
    assert!(case.at("2026-10-12T23:59:59").fire().iter().all(|(_, moment)| *moment == Moment::Alert));
    let warned = case.at("2026-10-13T00:00:00").fire();
    assert_eq!(warned, [("close".into(), Moment::Warn), ("close".into(), Moment::Warn)]);
    assert!(case.at("2026-10-13T23:59:59").fire().is_empty());
    let missed = case.at("2026-10-14T00:00:00").fire();
    assert_eq!(missed, [("close".into(), Moment::Due), ("close".into(), Moment::Due)]);
    assert!(case.fire().is_empty(), "each moment is told of once");
}

#[test]
fn i02_the_limit_to_the_scene_is_told_of_at_once() {
    let mut case = burst();
    case.at("2026-10-01T02:43:20");
    assert!(
        !case.fire().iter().any(|(name, moment)| name == "scene"
            && *moment == Moment::Due
            && scene_clocks(&case, 2)[0].missed.is_some())
    );
    case.now = at("2026-10-01T02:43:20").plus(1);
    let told = case.fire();
    assert_eq!(told.iter().filter(|(name, moment)| name == "scene" && *moment == Moment::Due).count(), 2, "{told:?}");
}

#[test]
fn an_arrival_recorded_late_was_not_missed() {
    let mut case = burst();
    case.at("2026-10-01T02:50:00").fire();
    assert!(scene_clocks(&case, 1).iter().all(|clock| clock.missed.is_some()));
    case.ok(Command::OnScene {
        task: TaskNo(1),
        at: Some(at("2026-10-01T02:30:00")),
        place: text(),
        safety: text(),
        photo: None,
    });
    assert!(scene_clocks(&case, 1).iter().all(|clock| clock.missed.is_none()));
    case.no(on_scene(1), "emergency.already_on_scene");
    case.no(
        Command::OnScene {
            task: TaskNo(2),
            at: Some(at("2026-10-01T02:13:19")),
            place: text(),
            safety: text(),
            photo: None,
        },
        "time.before_receipt",
    );
}

#[test]
fn an_arrival_that_only_the_answer_states_ends_the_clock_to_the_scene() {
    let mut case = burst();
    case.at("2026-10-01T02:30:00").ok(Command::Sign { task: TaskNo(1) });
    let answer = feedback(&case.order, 1, case.now);
    case.at("2026-10-01T05:00:00").ok(answer);
    assert_eq!(
        case.order.task(TaskNo(1)).and_then(|task| task.scene.as_ref()).map(|scene| scene.at),
        Some(at("2026-10-01T02:30:00"))
    );
    assert!(
        scene_clocks(&case, 1)
            .iter()
            .all(|clock| matches!(clock.state, ClockState::Stopped(_)) && clock.missed.is_none())
    );
}

#[test]
fn feedback_that_fails_review_never_stopped_the_clock() {
    let mut case = Case::taken_in("2026-10-12T09:00:00");
    case.registered("complaint", SOCIAL, NORMAL).dispatched("human-resources", &[]).taken_up(1);
    case.at("2026-10-19T23:00:00").fire();
    let answer = feedback(&case.order, 1, case.now);
    case.ok(answer);
    // Past the end while it is looked at: no overdue mark.
    assert!(case.at("2026-10-21T09:00:00").fire().is_empty());
    case.ok(Command::FailReview { reason: "facts-missing".into(), note: None });
    case.fire();
    let missed = case.clock("close", None).missed;
    assert_eq!(missed.map(local), Some("2026-10-20T00:00:00".into()), "overdue since its end");
    let answer = feedback(&case.order, 1, case.now);
    case.ok(answer).ok(Command::Pass {});
    assert!(matches!(case.clock("close", None).state, ClockState::Stopped(at) if local(at) == "2026-10-21T09:00:00"));
    case.sound();
}

#[test]
fn feedback_that_passes_stopped_the_clock_when_it_was_given() {
    let mut case = Case::taken_in("2026-10-12T09:00:00");
    case.registered("complaint", SOCIAL, NORMAL)
        .dispatched("human-resources", &[])
        .taken_up(1)
        .at("2026-10-19T23:59:59");
    let answer = feedback(&case.order, 1, case.now);
    case.ok(answer).at("2026-10-25T09:00:00").ok(Command::Pass {});
    let close = case.clock("close", None);
    assert_eq!((close.state, close.missed), (ClockState::Stopped(at("2026-10-19T23:59:59")), None));
}

#[test]
fn a_correction_counts_again_from_the_first_start_and_keeps_the_old_limit() {
    let mut case = Case::taken_in("2026-10-12T09:00:00");
    case.registered("help", SOCIAL, NORMAL).dispatched("human-resources", &[]);
    case.at("2026-10-12T15:00:00").ok(correct(None, Some(LIGHT), None));
    assert_eq!(
        (case.due("close", None), case.due("close", Some(1))),
        ("2026-10-14T09:00:00".into(), "2026-10-14T09:00:00".into())
    );
    assert_eq!(case.due("accept", Some(1)), "2026-10-12T21:00:00");
    let old: Vec<_> = case
        .order
        .clocks
        .iter()
        .filter(|c| c.name == "close" && c.state == ClockState::Cancelled && c.standing == Standing::Governs)
        .collect();
    assert!(old.iter().all(|clock| local(clock.due.at) == "2026-10-20T00:00:00") && old.len() == 2);
    case.sound();
}

fn correct(kind: Option<&str>, subject: Option<&str>, urgency: Option<Urgency>) -> Command {
    Command::Correct {
        kind: kind.map(Into::into),
        subject: subject.map(Into::into),
        area: None,
        place: None,
        urgency,
        reason: "new-facts".into(),
        note: Some(text()),
    }
}

#[test]
fn a_correction_keeps_what_an_extension_and_a_pause_gave() {
    let mut case = Case::taken_in("2026-10-12T09:00:00");
    case.registered("help", SOCIAL, NORMAL).dispatched("human-resources", &[]).taken_up(1);
    case.ok(extend(1, 3, Unit::Workday)).ok(Command::Grant { request: RequestNo(1), note: None });
    assert_eq!(case.due("close", None), "2026-10-23T00:00:00");
    case.ok(Command::Pause { task: TaskNo(1), reason: "waiting-claimant".into(), until: common::day(20_261_016) });
    case.ok(Command::Grant { request: RequestNo(2), note: None });
    // Corrected while paused: the new limit is held as the old was.
    case.at("2026-10-13T09:00:00").ok(correct(Some("complaint"), None, None));
    case.at("2026-10-14T09:00:00").ok(Command::Resume { task: TaskNo(1) });
    assert_eq!(case.due("close", None), "2026-10-27T00:00:00", "two working days were lost");
    case.ok(correct(None, Some(LIGHT), None)).ok(correct(None, Some(SOCIAL), None));
    assert_eq!((case.due("close", None), case.clock("close", None).extensions), ("2026-10-27T00:00:00".into(), 1));
    case.sound();
}

#[test]
fn praise_that_turns_out_to_be_a_complaint_gets_its_limits() {
    let mut case = Case::taken_in("2026-10-12T09:00:00");
    case.ok(register("praise", None, NORMAL, None, false));
    assert!(case.order.clocks.iter().all(|clock| clock.state == ClockState::Cancelled));
    case.at("2026-10-12T10:00:00").ok(correct(Some("complaint"), Some(SOCIAL), None));
    assert_eq!(case.due("dispatch", None), "2026-10-13T09:00:00", "from the taking in");
    assert_eq!(case.clock("dispatch", None).state, ClockState::Running);
}

#[test]
fn c11_a_later_emergency_starts_its_clock_at_the_new_command() {
    let mut case = Case::taken_in("2026-10-12T09:00:00");
    case.registered("help", PIPE, NORMAL).at("2026-10-12T10:00:00").dispatched("enforcement", &[]);
    case.at("2026-10-12T12:00:00").ok(correct(None, None, Some(EMERGENCY)));
    let dues: Vec<_> = scene_clocks(&case, 1).iter().map(|clock| local(clock.due.at)).collect();
    assert_eq!(dues, ["2026-10-12T12:30:00", "2026-10-12T12:20:00"]);
    assert_eq!(case.order.task(TaskNo(1)).map(|task| local(task.delivered_at)), Some("2026-10-12T10:00:00".into()));
    // Lifted, nobody is asked to the scene any more; raised again, from then.
    case.at("2026-10-12T12:05:00").ok(correct(None, None, Some(NORMAL)));
    assert!(scene_clocks(&case, 1).iter().all(|clock| clock.state == ClockState::Cancelled));
    case.at("2026-10-12T13:00:00").ok(correct(None, None, Some(EMERGENCY)));
    let running: Vec<_> = scene_clocks(&case, 1)
        .into_iter()
        .filter(|c| c.state == ClockState::Running)
        .map(|c| local(c.due.at))
        .collect();
    assert_eq!(running, ["2026-10-12T13:30:00", "2026-10-12T13:20:00"]);
    // Who is there already is not sent there again.
    case.ok(on_scene(1)).ok(correct(None, None, Some(NORMAL))).ok(correct(None, None, Some(EMERGENCY)));
    assert!(scene_clocks(&case, 1).iter().all(|clock| clock.state != ClockState::Running));
}

#[test]
fn rerouting_leaves_the_claimants_limit_alone_and_the_desk_gets_one_of_its_own() {
    let mut case = Case::taken_in("2026-10-13T08:00:00");
    case.registered("complaint", SOCIAL, NORMAL).at("2026-10-13T09:00:00").ok(dispatch("human-resources", &[]));
    case.at("2026-10-14T08:00:00")
        .ok(give_back(1, "enforcement"))
        .ok(Command::Grant { request: RequestNo(1), note: None });
    assert_eq!(case.due("redispatch", None), "2026-10-15T08:00:00");
    assert_eq!(case.due("close", None), "2026-10-21T00:00:00");
    case.at("2026-10-14T10:00:00").dispatched("enforcement", &[]);
    assert!(matches!(case.clock("redispatch", None).state, ClockState::Stopped(_)));
    assert_eq!(
        (case.due("close", None), case.due("close", Some(2))),
        ("2026-10-21T00:00:00".into(), "2026-10-22T00:00:00".into())
    );
    case.ok(Command::Recall { task: TaskNo(2), reason: "wrong-unit".into() });
    assert_eq!(case.clock("redispatch", None).state, ClockState::Running, "each time it comes back");
    case.sound();
}
