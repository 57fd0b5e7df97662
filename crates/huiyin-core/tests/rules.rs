//! What a pack says beside limits, and that orders obey it: routes, forbidden work, who leads and decides, units' own
//! rules, the supervision ladder, emergency modes.

mod common;

use common::{Case, at, day, dispatch, local, organisation, pack, pack_with, texts};
use huiyin_core::{
    id::RequestNo,
    order::{Command, Standing, Urgency},
    organisation::{Declared, Organisation, Unit},
    policy::{Decides, Fault, Level, Pack, Question, RouteQuestion},
};

fn with(more: &str) -> Pack {
    let mut texts = texts();
    texts.push(("more.toml".into(), more.into()));
    common::load(&texts)
}

fn refused(more: &str) -> Vec<Fault> {
    let mut texts = texts();
    texts.push(("more.toml".into(), more.into()));
    Pack::load(&texts).err().unwrap_or_default()
}

fn leads(pack: &Pack, question: &RouteQuestion<'_>) -> Vec<String> {
    pack.routes(question).into_iter().map(|route| route.lead.clone()).collect()
}

/// C6: who takes tourism reports depends on the date.
#[test]
fn c6_the_route_of_tourism_reports_changes_with_the_date() {
    let on = |kind, at: &str| {
        let question = RouteQuestion { subject: Some("0701"), ..RouteQuestion::on(kind, common::at(at)) };
        leads(pack(), &question)[0].clone()
    };
    assert_eq!(on("report", "2024-06-14T12:00:00"), "hotline-12301");
    assert_eq!(on("report", "2024-06-15T00:00:00"), "culture-tourism");
    assert_eq!(on("complaint", "2026-10-12T12:00:00"), "hotline-12301");
}

#[test]
fn a_route_holds_by_time_of_day_urgency_target_and_mode() {
    let route = |more: &str| {
        with(&format!(
            "[[route]]\nsubjects = [\"{}\"]\nlead = \"police\"\ncite = {{ source = \"HY-DEFAULT\", article = \"x\" }}\n{more}",
            common::SOCIAL
        ))
    };
    let base = |at: &str| RouteQuestion { subject: Some(common::SOCIAL), ..RouteQuestion::on("help", common::at(at)) };
    let first = |pack: &Pack, question: &RouteQuestion<'_>| leads(pack, question)[0] == "police";
    let night = route("hours = [\"17:30\", \"08:30\"]");
    for (time, holds) in [("17:29", false), ("17:30", true), ("03:00", true), ("08:29", true), ("08:30", false)] {
        assert_eq!(first(&night, &base(&format!("2026-10-12T{time}:00"))), holds, "{time}");
    }
    let urgent = route("urgency = [\"urgent\"]");
    assert!(!first(&urgent, &base("2026-10-12T09:00:00")));
    assert!(first(&urgent, &RouteQuestion { urgency: "urgent", ..base("2026-10-12T09:00:00") }));
    let target = route("targets = [\"enforcement\"]");
    assert!(!first(&target, &base("2026-10-12T09:00:00")));
    assert!(first(&target, &RouteQuestion { target: &["enforcement"], ..base("2026-10-12T09:00:00") }));
    let mode = route("modes = [\"typhoon\"]");
    assert!(!first(&mode, &base("2026-10-12T09:00:00")));
    assert!(first(&mode, &RouteQuestion { mode: Some("typhoon"), ..base("2026-10-12T09:00:00") }));
    let says = |more: &str, says: &str| {
        let faults = refused(&format!(
            "[[route]]\nlead = \"police\"\ncite = {{ source = \"HY-DEFAULT\", article = \"x\" }}\n{more}"
        ));
        assert!(faults.iter().any(|f| f.file == "more.toml" && f.message.contains(says)), "{faults:#?}");
    };
    says("hours = [\"25:00\", \"08:30\"]", "time of day");
    says("from = 2026-01-02\nuntil = 2026-01-01", "ends before it begins");
    says("modes = [\"tsunami\"]", "no mode is called `tsunami`");
    says("copy_to = [\"nobody\"]", "no unit is called `nobody`");
}

/// What a pack says of channels, mass events and texts is refused with what to do.
#[test]
fn channels_mass_events_and_texts_that_cannot_be_obeyed_are_refused() {
    let cite = "cite = { source = \"HY-DEFAULT\", article = \"x\" }";
    let says = |more: &str, says: &str| {
        let faults = refused(&more.replace("CITE", cite));
        assert!(faults.iter().any(|f| f.file == "more.toml" && f.line > 0 && f.message.contains(says)), "{faults:#?}");
    };
    says("[[channel]]\ncode = \"telegram\"\nCITE", "no channel is called `telegram`; write one of phone, ");
    says("[[channel]]\ncode = \"email\"\nCITE", "channel `email` is already defined");
    let event = |fields: &str| format!("[[mass_event]]\nname = \"a\"\nwhat = \"b\"\n{fields}\nCITE");
    let hours = "window = { amount = 2, unit = \"hour\" }";
    says(&event(&format!("{hours}\nthreshold = 1\narea_level = 2")), "`threshold` is at least 2");
    says(&event(&format!("{hours}\nthreshold = 2")), "say by what");
    says(&event(&format!("{hours}\nthreshold = 2\narea_level = 9")), "`area_level` is 1 to 8");
    let days = "window = { amount = 2, unit = \"workday\" }";
    says(&event(&format!("{days}\nthreshold = 2\narea_level = 2")), "`window` is a time in minutes or hours");
    let negative = event(&format!("{hours}\nthreshold = -2\narea_level = 2"));
    says(&negative, "`threshold`: `-2` stands where a whole number from 0 to 4294967295 belongs");
    let text = |name: &str, words: &str| format!("[[text]]\nname = \"{name}\"\n[text.words]\n{words}");
    says(&text("tell.acepted", "zh = \"x\""), "did you mean `tell.accepted`?");
    says(&text("tell.rates", "zh = \"x\""), "texts are ");
}

/// What stands in a text is filled in, and the working language is there to fall back to.
#[test]
fn a_text_without_its_placeholder_its_language_or_itself_is_refused() {
    let says = |from: &str, to: &str, says: &str| {
        let mut texts = common::texts();
        let tell = texts.iter_mut().find(|(name, _)| name == "tell.toml").expect("it is there");
        assert!(tell.1.contains(from), "{from}");
        tell.1 = tell.1.replacen(from, to, 1);
        let faults = Pack::load(&texts).expect_err("it is refused");
        assert!(faults.iter().any(|f| f.file == "tell.toml" && f.message.contains(says)), "{faults:#?}");
    };
    says("最迟{due}前答复您。{track}", "最迟{deadline}前答复您。", "nothing is put in place of `{deadline}`");
    says("zh = \"【三亚12345】您反映的事项已受理", "fr = \"【三亚12345】您反映的事项已受理", "is missing in `zh`");
    says("name = \"tell.hastened\"", "name = \"script.other\"", "add a [[text]] called `tell.hastened`");
}

/// One order is sampled or not by its number alone, and of many about as many as the pack says.
#[test]
fn the_share_of_answers_looked_at_again_is_that_of_the_pack() {
    let (today, numbers) = (common::day(20_261_012), (1..=4_000).map(|n| format!("20261012-{n:04}")));
    let sampled = numbers.filter(|no| pack().samples(no, today)).count();
    assert!((140..=260).contains(&sampled), "{sampled} of 4000, not about 5 percent");
}

/// The register of the tests with a village committee.
fn with_village() -> Organisation {
    let mut village: Unit = organisation().unit(&"water".into()).expect("it is there").clone();
    (village.id, village.name, village.aliases) = ("village".into(), "某村委会".into(), Vec::new());
    (village.kind, village.approval) = ("village".into(), Vec::new());
    Organisation::new(organisation().units().cloned().chain([village]))
}

/// D09: the work of departments is not handed to a village, but for a duty the routes list.
#[test]
fn d09_departments_work_is_not_handed_to_the_grassroots() {
    let org: &'static Organisation = Box::leak(Box::new(with_village()));
    let mut case = Case::with(pack(), org, "2026-10-12T09:00:00");
    case.registered("help", common::SOCIAL, Urgency::Normal);
    let refusal = case.no(dispatch("village", &[]), "dispatch.forbidden");
    assert_eq!(refusal.basis[0].source, "GBH-2025-66");
    assert!(!refusal.instead.is_empty(), "the units of the catalogue are proposed");
    case.no(dispatch("human-resources", &["village"]), "dispatch.forbidden");
    // Before the opinion there was no such rule.
    let mut before = Case::with(pack(), org, "2025-06-24T09:00:00");
    before.registered("help", common::SOCIAL, Urgency::Normal).ok(dispatch("village", &[]));
    // A listed joint duty is allowed.
    let listed = "[[unit]]\ncode = \"village\"\nname = \"某村委会\"\nkind = \"village\"\nfrom = 2018-01-01\ncite = { source = \"HY-DEFAULT\", article = \"x\" }\n[[route]]\nsubjects = [\"09\"]\nlead = \"human-resources\"\nassist = [\"village\"]\ncite = { source = \"HY-DEFAULT\", article = \"共同职责\" }";
    let pack: &'static Pack = Box::leak(Box::new(with(listed)));
    let mut joint = Case::with(pack, org, "2026-10-12T09:00:00");
    joint.registered("help", common::SOCIAL, Urgency::Normal).ok(dispatch("human-resources", &["village"]));
}

/// F04: where a city and a district department are both named, the city's leads.
#[test]
fn f04_the_citys_department_leads() {
    let rule = "[[lead]]\nname = \"city\"\nover = [\"city-department\"]\nunder = [\"district-department\"]\ncite = { source = \"HY-DEFAULT\", article = \"市级部门主办\" }";
    let pack: &'static Pack = Box::leak(Box::new(with(rule)));
    let mut case = Case::with(pack, organisation(), "2026-10-12T09:00:00");
    case.registered("help", common::SOCIAL, Urgency::Normal);
    let refusal = case.no(dispatch("jiyang-market", &["human-resources"]), "dispatch.lead_order");
    assert_eq!(refusal.instead, ["human-resources"]);
    case.ok(dispatch("human-resources", &["jiyang-market"]));
}

/// D08: what is about a unit goes to the one the pack names over it.
#[test]
fn d08_recusal_proposes_the_superior_the_pack_names() {
    let pack: &'static Pack = Box::leak(Box::new(pack_with(
        "units.toml",
        "code = \"enforcement\"\n",
        "code = \"enforcement\"\nsuperior = \"police\"\n",
    )));
    let mut case = Case::with(pack, organisation(), "2026-10-12T09:00:00");
    case.ok(common::register("complaint", Some(common::SOCIAL), Urgency::Normal, Some("enforcement"), false));
    assert_eq!(case.no(dispatch("enforcement", &[]), "dispatch.reported_party").instead, ["police"]);
}

const EXTENSIONS: &str = "
[[approver]]
name = \"first\"
ask = \"extension\"
nth = 1
share = 100
by = \"above\"
cite = { source = \"HY-DEFAULT\", article = \"一\" }

[[approver]]
name = \"second\"
ask = \"extension\"
nth = 2
share = 100
by = \"mayor\"
cite = { source = \"HY-DEFAULT\", article = \"二\" }

[[approver]]
name = \"longer\"
ask = \"extension\"
nth = 1
up_to = { amount = 8, unit = \"workday\" }
by = \"office\"
cite = { source = \"HY-DEFAULT\", article = \"三\" }
";

/// E03, E04 by a pack that allows more: who decides depends on length and number, and beyond them nobody does.
#[test]
fn e03_e04_who_decides_an_extension_depends_on_its_length_and_number() {
    let mut texts = common::edited(
        "parameters.toml",
        "value = true\ncite = { source = \"HY-DEFAULT\", article = \"延期；参照多省不超过",
        "value = false\ncite = { source = \"HY-DEFAULT\", article = \"延期；参照多省不超过",
    );
    let (_, parameters) = texts.iter_mut().find(|(name, _)| name == "parameters.toml").expect("a file");
    *parameters = parameters.replace("name = \"extension.count\"\nwhat = \"一件工单可延期的次数\"\n[[parameter.value]]\nfrom = 2018-03-27\nvalue = 1", "name = \"extension.count\"\nwhat = \"一件工单可延期的次数\"\n[[parameter.value]]\nfrom = 2018-03-27\nvalue = 2");
    texts.push(("more.toml".into(), EXTENSIONS.into()));
    let pack: &'static Pack = Box::leak(Box::new(common::load(&texts)));
    let mut case = Case::with(pack, organisation(), "2026-10-12T09:00:00");
    case.registered("help", common::SOCIAL, Urgency::Normal).dispatched("human-resources", &[]).taken_up(1);
    let by = |case: &Case<'_>, no: u32| case.order.request(RequestNo(no)).expect("it was asked").by;
    case.ok(common::extend(1, 5, huiyin_core::calendar::Unit::Workday));
    assert_eq!(by(&case, 1), None, "the level above");
    case.ok(Command::WithdrawRequest { request: RequestNo(1) });
    case.ok(common::extend(1, 6, huiyin_core::calendar::Unit::Workday));
    assert_eq!(by(&case, 2), Some(Decides::Office), "longer than the limit itself");
    case.ok(Command::WithdrawRequest { request: RequestNo(2) });
    let refusal = case.no(common::extend(1, 9, huiyin_core::calendar::Unit::Workday), "extension.beyond");
    assert_eq!(refusal.basis.len(), 3, "all rows are named");
    case.ok(common::extend(1, 5, huiyin_core::calendar::Unit::Workday))
        .ok(Command::Grant { request: RequestNo(3), note: None });
    case.ok(common::extend(1, 5, huiyin_core::calendar::Unit::Workday));
    assert_eq!(by(&case, 4), Some(Decides::Mayor), "the second is a leader's");
}

fn inner_question<'a>(pack: &'a Pack, kind: &'a str, units: &'a [&'a str], below: bool) -> Question<'a> {
    Question {
        kind: Some(kind),
        subject: pack.subject(common::SOCIAL),
        unit_kind: Some("city-department"),
        source: Some("phone"),
        below,
        units,
        ..Question::on(day(20_261_009))
    }
}

/// A08 (JT-3): the bureau answers questions of policy within one working day; the city's limit is shown beside it.
#[test]
fn a08_a_unit_lays_a_stricter_rule_over_itself() {
    let start = at("2026-10-09T16:00:00");
    let close = |units: &[&str], kind: &str| {
        let question = inner_question(pack(), kind, units, false);
        let found = pack().ask(&question, start, &["delivered"]);
        let close: Vec<(String, String, bool)> = found
            .iter()
            .filter(|r| r.rule.name == "close" && r.rule.level == Level::Task && !r.yields)
            .map(|r| (r.rule.rule.clone(), local(r.due.at), r.governs))
            .collect();
        close
    };
    assert_eq!(
        close(&["transport"], "consultation"),
        [("SY-62-b".into(), "2026-10-16T00:00:00".into(), false), ("JT-3".into(), "2026-10-11T00:00:00".into(), true)]
    );
    assert_eq!(close(&["transport"], "help").len(), 1, "others within the order's limit");
    assert_eq!(close(&["water"], "consultation").len(), 1, "no other unit is bound");
    assert_eq!(close(&["section", "transport"], "consultation").len(), 2, "those below are");
}

/// JT-4: a section returns on the same day.
#[test]
fn jt4_a_section_returns_on_the_same_day() {
    let question = inner_question(pack(), "help", &["section", "transport"], true);
    let found = pack().ask(&question, at("2026-10-12T16:00:00"), &["delivered"]);
    let governs = found.iter().find(|r| r.rule.name == "return" && r.governs).expect("one governs");
    assert_eq!((governs.rule.rule.as_str(), local(governs.due.at).as_str()), ("JT-4", "2026-10-13T00:00:00"));
    let top = inner_question(pack(), "help", &["transport"], false);
    let found = pack().ask(&top, at("2026-10-12T16:00:00"), &["delivered"]);
    assert!(!found.iter().any(|r| r.rule.rule == "JT-4"));
}

#[test]
fn a_units_own_rule_is_obeyed_by_its_orders() {
    let mut transport = Organisation::of_pack(pack()).unit(&"transport".into()).expect("it is there").clone();
    transport.approval.clear();
    let org: &'static Organisation =
        Box::leak(Box::new(Organisation::new(organisation().units().cloned().chain([transport]))));
    let mut case = Case::with(pack(), org, "2026-10-09T16:00:00");
    case.registered("consultation", common::SOCIAL, Urgency::Normal).dispatched("transport", &[]);
    assert_eq!(case.due("close", Some(1)), "2026-10-11T00:00:00");
    assert_eq!(case.due("close", None), "2026-10-16T00:00:00", "the claimant's limit is the city's");
    assert!(
        case.order
            .clocks
            .iter()
            .any(|c| c.rule == "SY-62-b" && c.level == Level::Task && c.standing == Standing::Second)
    );
}

#[test]
fn a_unit_is_never_looser_than_the_city() {
    let says = |old: &str, new: &str, says: &str| {
        let faults = Pack::load(&common::edited("transport.toml", old, new)).expect_err(says);
        assert_eq!(faults.len(), 1, "{faults:#?}");
        assert!(faults[0].file == "transport.toml" && faults[0].message.contains(says), "{faults:#?}");
    };
    says("amount = 1\nunit = \"workday\"\ncite", "amount = 6\nunit = \"workday\"\ncite", "ends 2018-04-");
    says(
        "within = \"transport\", below = true, without_flags = [\"city-management\"]",
        "within = \"transport\", below = true",
        "`HY-return-a` ",
    );
    says("within = \"transport\", without", "within = \"transports\", without", "no unit is called `transports`");
}

/// I01: missed, the unit is reminded at the end of the next working day; two working days later the notice follows.
#[test]
fn i01_supervision_climbs_by_itself_when_limits_are_missed() {
    let mut case = Case::taken_in("2026-10-12T09:00:00");
    case.registered("help", common::SOCIAL, Urgency::Normal).dispatched("human-resources", &[]);
    let levels = |case: &Case<'_>| case.order.supervision.iter().map(|s| s.level.clone()).collect::<Vec<_>>();
    case.at("2026-10-20T00:00:00").fire();
    assert!(levels(&case).is_empty());
    assert_eq!(
        (case.due("remind", None), case.due("supervise", None)),
        ("2026-10-21T00:00:00".into(), "2026-10-23T00:00:00".into())
    );
    case.at("2026-10-21T00:00:00").fire();
    assert_eq!(levels(&case), ["urge"]);
    case.at("2026-10-23T00:00:00").fire();
    assert_eq!(levels(&case), ["urge", "order"]);
    case.at("2026-10-30T00:00:00").fire();
    assert_eq!(levels(&case), ["urge", "order"], "each level is reached once");
}

/// I02: nobody on the scene when the last limit ends; the list of leaders is next.
#[test]
fn i02_a_scene_missed_goes_up_to_the_leaders() {
    let mut case = Case::taken_in("2026-10-12T08:00:00");
    case.registered("help", common::PIPE, Urgency::Emergency).dispatched("water", &[]);
    case.at("2026-10-12T08:20:00").fire();
    assert!(!case.order.clocks.iter().any(|clock| clock.name == "leaders"), "the last limit has not ended");
    case.at("2026-10-12T08:31:00").fire();
    assert_eq!(case.due("leaders", Some(1)), "2026-10-12T08:40:00", "ten minutes from the end of the limit");
    case.at("2026-10-12T08:42:00").fire();
    assert_eq!(case.order.supervision.iter().map(|s| s.level.as_str()).collect::<Vec<_>>(), ["leading-group"]);
}

/// I03, N08: in typhoon mode public-safety matters take the emergency path; ending it changes nothing commanded.
#[test]
fn i03_in_typhoon_mode_public_safety_takes_the_emergency_path() {
    let (from, until) = (at("2026-08-18T00:00:00"), at("2026-08-18T17:00:00"));
    let declared = Declared { mode: "typhoon".into(), from, until };
    let org: &'static Organisation = Box::leak(Box::new(organisation().clone().with_modes([declared])));
    let taken_in = |now: &str, subject: &str| {
        let mut case = Case::with(pack(), org, now);
        case.registered("help", subject, Urgency::Normal);
        case
    };
    let mut inside = taken_in("2026-08-18T00:00:00", common::PIPE);
    assert_eq!((inside.order.urgency, inside.order.mode.as_deref()), (Urgency::Emergency, Some("typhoon")));
    inside.dispatched("water", &[]);
    assert_eq!(inside.due("scene", Some(1)), "2026-08-18T00:20:00", "it is commanded");
    inside.at("2026-08-18T18:00:00");
    assert_eq!(inside.due("scene", Some(1)), "2026-08-18T00:20:00", "the end of the mode changes nothing");
    for (now, subject) in [
        ("2026-08-17T23:59:59", common::PIPE),
        ("2026-08-18T17:00:00", common::PIPE),
        ("2026-08-18T09:00:00", common::SOCIAL),
    ] {
        let case = taken_in(now, subject);
        assert_eq!((case.order.urgency, case.order.mode.as_deref()), (Urgency::Normal, None), "{now} {subject}");
    }
}

/// B08: what is superseded decides nothing.
#[test]
fn b08_a_superseded_source_decides_nothing() {
    let faults = Pack::load(&common::edited(
        "clocks.toml",
        "source = \"SY2018\", article = \"一\"",
        "source = \"SY2010\", article = \"一\"",
    ))
    .expect_err("it decides nothing");
    assert!(
        faults
            .iter()
            .all(|f| f.file == "clocks.toml" && f.message.contains("`SY2010` is superseded and decides nothing")),
        "{faults:#?}"
    );
    let mut texts =
        common::edited("clocks.toml", "source = \"SY2018\", article = \"一\"", "source = \"SY2010\", article = \"一\"");
    let (_, head) = texts.iter_mut().find(|(name, _)| name == "pack.toml").expect("a file");
    *head =
        head.replace("status = \"superseded, not repealed\"", "status = \"superseded, not repealed\"\ndecides = true");
    common::load(&texts);
}

#[test]
fn rules_that_name_nothing_are_refused() {
    let says = |more: &str, says: &str| {
        let faults = refused(more);
        assert!(faults.iter().any(|f| f.file == "more.toml" && f.message.contains(says)), "{says}: {faults:#?}");
    };
    let cite = "cite = { source = \"HY-DEFAULT\", article = \"x\" }";
    says(
        &format!("[[approver]]\nname = \"x\"\nask = \"extenson\"\nby = \"office\"\n{cite}"),
        "no request is called `extenson`",
    );
    says(
        &format!("[[approver]]\nname = \"x\"\nask = \"pause\"\nshare = 50\nby = \"office\"\n{cite}"),
        "measure an extension",
    );
    says(&format!("[[approver]]\nname = \"x\"\nask = \"pause\"\nby = \"king\"\n{cite}"), "king");
    says(
        &format!("[[ladder]]\nlevel = \"warn\"\nclock = \"close\"\nreason = \"overdue\"\n{cite}"),
        "no level of supervision is called `warn`",
    );
    says(&format!("[[forbid]]\nname = \"x\"\nwhat = \"x\"\n{cite}"), "forbids no unit");
    says(
        &format!("[[lead]]\nname = \"x\"\nover = [\"village\"]\nunder = [\"village\"]\n{cite}"),
        "lead and assist itself",
    );
    let mode = "[[mode]]\ncode = \"flood\"\nlabel = { zh = \"防汛\" }\nwhat = \"x\"\nurgency = \"emergency\"\n";
    says(
        &format!("{mode}declared_by = [\"king\"]\nlongest = {{ amount = 1, unit = \"hour\" }}\n{cite}"),
        "no role is called `king`",
    );
    says(&format!("{mode}declared_by = []\nlongest = {{ amount = 1, unit = \"hour\" }}\n{cite}"), "nobody may declare");
    says(
        &format!("{mode}declared_by = [\"office\"]\nlongest = {{ amount = 1, unit = \"workday\" }}\n{cite}"),
        "ends at a moment",
    );
}
