//! What a clock rule can say, and that orders are counted by it.

mod common;

use common::{Case, at, context, dispatch, local, organisation, pack_with, register, text};
use huiyin_core::{
    id::TaskNo,
    order::{Channel, Clock, ClockState, Command, Standing, Told, Urgency, decide},
    policy::{Level, Pack, Question},
};

/// The rule that closes what is not city management, at the case.
const CLOSE: &str = "start = \"dispatched\"\nstop = [\"feedback\"]\nwhen = { kinds = [\"consultation\", \"help\", \"complaint\", \"report\", \"suggestion\"], without_flags = [\"city-management\"] }\nprecedence = 2\nwarn = { amount = 1, unit = \"workday\" }\nextendable = true\npausable = true\n[[clock.value]]\nfrom = 2018-03-27\namount = 5\nunit = \"workday\"";

const HOURS: &str = "
[[business_hours]]
from = 2018-01-01
season = [\"10-01\", \"04-30\"]
open = [[\"08:30\", \"12:00\"], [\"14:30\", \"17:30\"]]
cite = { source = \"HY-DEFAULT\", article = \"冬令办公时间\" }

[[business_hours]]
from = 2018-01-01
season = [\"05-01\", \"09-30\"]
open = [[\"08:30\", \"12:00\"], [\"15:00\", \"18:00\"]]
cite = { source = \"HY-DEFAULT\", article = \"夏令办公时间\" }
";

/// Pack `sanya` with business hours, its close rule for other matters ended otherwise, and more rules beside.
fn with(rule: &str, value: &str, more: &str) -> Pack {
    let new = CLOSE
        .replace("precedence = 2", &format!("precedence = 2\n{rule}"))
        .replace("amount = 5\nunit = \"workday\"", value);
    let mut texts = common::edited("clocks.toml", CLOSE, &new);
    texts.push(("hours.toml".into(), HOURS.into()));
    texts.push(("more.toml".into(), more.into()));
    common::load(&texts)
}

fn close_due(pack: &Pack, start: &str) -> String {
    let question = Question {
        kind: Some("help"),
        subject: pack.subject(common::SOCIAL),
        urgency: "normal",
        unit_kind: Some("city-department"),
        source: Some("phone"),
        assist: false,
        first: true,
        below: false,
        units: &[],
        mode: None,
        governing: pack.zone().day(at(start)),
    };
    let found = pack.ask(&question, at(start), &["dispatched"]);
    let governing: Vec<_> =
        found.iter().filter(|r| r.rule.name == "close" && r.rule.level == Level::Case && r.governs).collect();
    assert_eq!(governing.len(), 1);
    local(governing[0].due.at)
}

#[test]
fn working_hours_run_while_offices_are_open() {
    let pack = with("", "amount = 4\nunit = \"workhour\"", "");
    // Monday 16:30: an hour until half past five, three from half past eight.
    assert_eq!(close_due(&pack, "2026-10-12T16:30:00"), "2026-10-13T11:30:00");
    // A holiday is passed over; the make-up Saturday is not.
    assert_eq!(close_due(&pack, "2026-09-30T17:30:00"), "2026-10-08T12:00:00");
    assert_eq!(close_due(&pack, "2026-10-09T17:00:00"), "2026-10-10T12:00:00");
    // The summer's evening is half an hour longer.
    assert_eq!(close_due(&pack, "2026-07-06T17:45:00"), "2026-07-07T15:15:00");
    let minutes = with("", "amount = 30\nunit = \"workminute\"", "");
    assert_eq!(close_due(&minutes, "2026-10-10T17:15:00"), "2026-10-12T08:45:00");
}

#[test]
fn a_limit_ends_at_once_with_the_day_or_with_the_next_worked_one() {
    assert_eq!(close_due(&with("", "unit = \"at-once\"", ""), "2026-10-12T16:30:00"), "2026-10-12T16:30:00");
    assert_eq!(close_due(&with("", "unit = \"same-day\"", ""), "2026-10-12T16:30:00"), "2026-10-13T00:00:00");
    assert_eq!(close_due(&with("", "unit = \"next-workday\"", ""), "2026-10-09T16:30:00"), "2026-10-11T00:00:00");
    let closing = with("day_end = \"close-of-business\"", "unit = \"same-day\"", "");
    assert_eq!(close_due(&closing, "2026-10-12T16:30:00"), "2026-10-12T17:30:00");
    // After hours the day itself is left.
    assert_eq!(close_due(&closing, "2026-10-12T18:30:00"), "2026-10-13T00:00:00");
}

#[test]
fn days_end_at_close_of_business_where_the_rule_or_the_calendar_says_so() {
    let pack = with("day_end = \"close-of-business\"", "amount = 5\nunit = \"workday\"", "");
    assert_eq!(close_due(&pack, "2026-09-30T10:00:00"), "2026-10-13T17:30:00");
    let mut texts = common::edited("calendar.toml", "workdays =", "day_end = \"close-of-business\"\nworkdays =");
    texts.push(("hours.toml".into(), HOURS.into()));
    assert_eq!(close_due(&common::load(&texts), "2026-09-30T10:00:00"), "2026-10-13T17:30:00");
}

#[test]
fn natural_days_roll_where_the_rule_says_so() {
    assert_eq!(close_due(&with("", "amount = 7\nunit = \"day\"", ""), "2026-09-30T09:00:00"), "2026-10-08T00:00:00");
    assert_eq!(
        close_due(&with("roll = true", "amount = 7\nunit = \"day\"", ""), "2026-09-30T09:00:00"),
        "2026-10-09T00:00:00"
    );
}

#[test]
fn a_start_on_a_holiday_moves_where_the_rule_says_so() {
    let day = with("shift = \"workday\"", "amount = 5\nunit = \"workday\"", "");
    // Counted from Thursday 8 October: 9, 10, 12, 13, 14.
    assert_eq!(close_due(&day, "2026-10-03T22:30:00"), "2026-10-15T00:00:00");
    assert_eq!(close_due(&day, "2026-10-12T22:30:00"), "2026-10-20T00:00:00");
    let hours = with("shift = \"business-hours\"", "amount = 24\nunit = \"hour\"", "");
    assert_eq!(close_due(&hours, "2026-10-12T22:30:00"), "2026-10-14T08:30:00");
    assert_eq!(close_due(&hours, "2026-10-12T12:30:00"), "2026-10-13T14:30:00");
}

#[test]
fn days_closed_by_a_local_notice_are_not_counted() {
    let closure = "[[closure]]\nfrom = 2026-10-10\nuntil = 2026-10-12\nwhat = \"台风停工\"\ncite = { source = \"HY-DEFAULT\", article = \"停工通知\" }";
    let pack = with("", "amount = 5\nunit = \"workday\"", closure);
    // Without the make-up Saturday and the Monday: 8, 9, 13, 14, 15.
    assert_eq!(close_due(&pack, "2026-09-30T10:00:00"), "2026-10-16T00:00:00");
}

fn sub_centre(below: &str) -> Case<'static> {
    let old = "start = \"delivered\"\nstop = [\"feedback\"]\nwhen = { kinds = [\"consultation\", \"help\", \"complaint\", \"report\", \"suggestion\"], without_flags = [\"city-management\"], role = \"lead\" }\nprecedence = 2";
    let pack: &'static Pack = Box::leak(Box::new(pack_with("clocks.toml", old, &format!("{old}\n{below}"))));
    let mut case = Case::with(pack, organisation(), "2026-10-12T09:00:00");
    case.registered("help", common::SOCIAL, Urgency::Normal).dispatched("sub-jiyang", &[]);
    case.at("2026-10-12T10:00:00").ok(Command::Redispatch {
        task: TaskNo(1),
        lead: "jiyang-market".into(),
        assist: Vec::new(),
        note: None,
    });
    case
}

#[test]
fn a_lower_level_has_an_offset_or_a_share_of_the_upper_limit() {
    assert_eq!(sub_centre("").due("close", Some(2)), "2026-10-20T00:00:00");
    let offset = sub_centre("below = { offset = { amount = 1, unit = \"workday\" } }");
    assert_eq!(
        (offset.due("close", Some(1)), offset.due("close", Some(2))),
        ("2026-10-20T00:00:00".into(), "2026-10-17T00:00:00".into())
    );
    // Three of five working days.
    assert_eq!(sub_centre("below = { share = 60 }").due("close", Some(2)), "2026-10-16T00:00:00");
}

/// E08: the law gives longer; the hotline's limit stays to be seen and is met by telling the claimant.
#[test]
fn e08_a_statutory_limit_governs_and_the_hotlines_is_met_by_telling_the_claimant() {
    let statutory = "
[[clock]]
rule = \"LAW-noise\"
name = \"close\"
level = \"case\"
what = \"法定20个工作日\"
start = \"dispatched\"
stop = [\"feedback\"]
when = { kinds = [\"help\"] }
statutory = true
notice = [\"contacted\"]
[[clock.value]]
from = 2018-03-27
amount = 20
unit = \"workday\"
cite = { source = \"CIVIL-CODE\", article = \"第二百零四条\" }
";
    let pack: &'static Pack = Box::leak(Box::new(with("", "amount = 5\nunit = \"workday\"", statutory)));
    let mut case = Case::with(pack, organisation(), "2026-10-12T09:00:00");
    case.registered("help", common::SOCIAL, Urgency::Normal).dispatched("human-resources", &[]);
    assert_eq!(case.due("close", None), "2026-11-10T00:00:00");
    let hotline = |case: &Case<'_>| -> Clock {
        let mut found =
            case.order.clocks.iter().filter(|c| c.rule == "SY-62-b" && c.name == "close" && c.level == Level::Case);
        found.next().expect("the hotline's limit is shown").clone()
    };
    let second = hotline(&case);
    assert_eq!((second.standing, local(second.due.at)), (Standing::Second, "2026-10-20T00:00:00".into()));
    assert!(case.order.clocks.iter().any(|c| c.rule == "SY-62-b.unit" && c.standing == Standing::Yields));
    let mut silent = Case { order: case.order.clone(), journal: Vec::new(), ..case };
    // Never told: a breach of the hotline's limit.
    silent.at("2026-10-20T00:00:00");
    let moment = silent.order.next_moment(&second).expect("it is watched");
    assert_eq!(local(moment.0), "2026-10-19T00:00:00");
    let mut told =
        Case { order: silent.order.clone(), journal: Vec::new(), pack, organisation: organisation(), now: silent.now };
    told.at("2026-10-13T09:00:00").taken_up(1).ok(Command::Contact {
        task: TaskNo(1),
        reached: true,
        at: None,
        said: Some(text()),
    });
    // The contact was made with the unit's task; what it meets lies over the whole case.
    assert!(matches!(hotline(&told).state, ClockState::Stopped(_)), "{:?}", hotline(&told).state);
    assert_eq!(told.due("close", None), "2026-11-10T00:00:00", "the order stays open with the law's limit");
}

/// L04: a partner's limit is shorter; both are shown.
#[test]
fn l04_a_shorter_limit_of_the_province_governs_beside_the_citys() {
    let province = "
[[clock]]
rule = \"PROVINCE\"
name = \"close\"
level = \"case\"
what = \"省平台24小时\"
start = \"dispatched\"
stop = [\"feedback\"]
when = { sources = [\"fax\"] }
precedence = 2
[[clock.value]]
from = 2018-03-27
amount = 24
unit = \"hour\"
cite = { source = \"HY-DEFAULT\", article = \"省平台时限\" }
";
    let pack = with("", "amount = 5\nunit = \"workday\"", province);
    let mut case = Case {
        order: huiyin_core::order::Order::blank("o1".into(), at("2026-10-12T09:00:00")),
        journal: Vec::new(),
        pack: &pack,
        organisation: organisation(),
        now: at("2026-10-12T09:00:00"),
    };
    case.ok(common::take_in("20261012-0001", Channel::Fax, &[("a", true)]));
    case.ok(register("help", Some(common::SOCIAL), Urgency::Normal, None, false)).ok(dispatch("human-resources", &[]));
    assert_eq!(case.due("close", None), "2026-10-13T09:00:00");
    assert!(case.order.clocks.iter().any(|c| c.rule == "SY-62-b" && c.standing == Standing::Second));
}

/// B03 with more dates than one.
#[test]
fn the_latest_is_told_by_the_date_the_pack_names() {
    let latest = |by: &str| {
        pack_with(
            "pack.toml",
            "conflict = \"strictest\"\nconflicts = {}\nlatest_by = \"clause\"",
            &format!("conflict = \"latest\"\nlatest_by = \"{by}\""),
        )
    };
    let governs = |pack: &Pack| {
        let question = Question {
            kind: Some("help"),
            subject: pack.subject(common::PIPE),
            urgency: "emergency",
            unit_kind: Some("company"),
            source: Some("phone"),
            assist: false,
            first: true,
            below: false,
            units: &[],
            mode: None,
            governing: common::day(20_261_012),
        };
        let found = pack.ask(&question, at("2026-10-12T08:00:00"), &["commanded"]);
        local(found.iter().find(|r| r.governs).expect("one governs").due.at)
    };
    // The clause of twenty minutes is of 2018; the document with the thirty is of 2019, its text published in 2020.
    assert_eq!(governs(&latest("clause")), "2026-10-12T08:20:00");
    assert_eq!(governs(&latest("issue")), "2026-10-12T08:30:00");
    assert_eq!(governs(&latest("publication")), "2026-10-12T08:30:00");
    let unnamed = common::edited(
        "pack.toml",
        "conflict = \"strictest\"\nconflicts = {}\nlatest_by = \"clause\"",
        "conflict = \"latest\"",
    );
    let faults = Pack::load(&unnamed).expect_err("no date is named");
    assert!(faults.iter().any(|f| f.message.contains("latest_by")), "{faults:?}");
}

/// T-8: counted by the plain week while the year's notice is not out; moved when it is.
#[test]
fn provisional_limits_move_when_the_notice_is_loaded_and_the_claimant_hears_only_of_an_earlier_one() {
    let notice = |rest: &str, work: &str| {
        let mut texts = common::texts();
        texts.push((
            "next.toml".into(),
            format!("[[holiday]]\nyear = 2027\nnotice = \"2027\"\nrest = [{rest}]\nwork = [{work}]"),
        ));
        common::load(&texts)
    };
    let mut case = Case::taken_in("2026-12-29T09:00:00");
    case.registered("help", common::SOCIAL, Urgency::Normal).dispatched("human-resources", &[]);
    // 30, 31 December, 1, 4, 5 January.
    assert_eq!(
        (case.due("close", None), case.clock("close", None).due.provisional),
        ("2027-01-06T00:00:00".into(), true)
    );
    assert_eq!(case.no(Command::Recount {}, "clock.nothing_provisional").instead, Vec::<String>::new());

    let moved = |pack: &Pack| {
        let events =
            decide(&case.order, &Command::Recount {}, &context(pack, organisation(), at("2026-12-30T09:00:00")))
                .expect("it moves");
        let mut after = Case {
            order: case.order.clone(),
            journal: Vec::new(),
            pack: case.pack,
            organisation: organisation(),
            now: at("2026-12-30T09:00:00"),
        };
        after.add(events);
        assert!(!after.clock("close", None).due.provisional);
        assert_eq!(after.clock("close", None).calendar, "2027");
        let told = after.order.duties.iter().any(|duty| duty.what == Told::Hastened && duty.told_at.is_none());
        (after.due("close", None), after.due("close", Some(1)), told)
    };
    // New Year off: a day later, and nobody is disturbed.
    assert_eq!(moved(&notice("2027-01-01", "")), ("2027-01-07T00:00:00".into(), "2027-01-07T00:00:00".into(), false));
    // The weekend worked: earlier, and the claimant is told.
    assert_eq!(
        moved(&notice("2027-01-01", "2027-01-02, 2027-01-03")),
        ("2027-01-05T00:00:00".into(), "2027-01-05T00:00:00".into(), true)
    );
}

#[test]
fn what_a_rule_cannot_mean_is_refused() {
    let refused = |rule: &str, value: &str, says: &str| {
        let new = CLOSE
            .replace("precedence = 2", &format!("precedence = 2\n{rule}"))
            .replace("amount = 5\nunit = \"workday\"", value);
        let faults = Pack::load(&common::edited("clocks.toml", CLOSE, &new)).expect_err(says);
        assert!(faults.iter().any(|f| f.file == "clocks.toml" && f.message.contains(says)), "{faults:#?}");
    };
    refused("", "amount = 4\nunit = \"workhour\"", "business hours");
    refused("day_end = \"close-of-business\"", "amount = 4\nunit = \"workday\"", "business hours");
    refused("day_end = \"noon\"", "amount = 4\nunit = \"workday\"", "noon");
    refused("", "amount = 2\nunit = \"same-day\"", "leave out `amount`");
    refused("", "unit = \"workday\"", "`amount` is missing");
    refused("", "amount = 0\nunit = \"workday\"", "an amount of 0");
    refused("below = { share = 60 }", "amount = 4\nunit = \"workday\"", "level = \"task\"");
    refused("notice = [\"contactd\"]", "amount = 4\nunit = \"workday\"", "contactd");
    let hours = |text: &str, says: &str| {
        let mut texts = common::texts();
        texts.push(("hours.toml".into(), text.into()));
        let faults = Pack::load(&texts).expect_err(says);
        assert!(faults.iter().all(|f| f.file == "hours.toml" && f.message.contains(says)), "{faults:#?}");
    };
    hours(&HOURS.replace("\"10-01\", \"04-30\"", "\"10-02\", \"04-30\""), "no business hours cover 2018-10-01");
    hours(&HOURS.replace("\"10-01\", \"04-30\"", "\"09-30\", \"04-30\""), "cover 2018-09-30");
    hours(&HOURS.replace("\"08:30\", \"12:00\"", "\"12:30\", \"12:00\""), "opening and closing in order");
    hours(
        "[[closure]]\nfrom = 2026-10-12\nuntil = 2026-10-10\nwhat = \"x\"\ncite = { source = \"HY-DEFAULT\", article = \"x\" }",
        "ends before it begins",
    );
    hours(
        "[[closure]]\nfrom = 2026-10-12\nuntil = 2800-10-10\nwhat = \"x\"\ncite = { source = \"HY-DEFAULT\", article = \"x\" }",
        "at most 92 days",
    );
}
