//! The limits of worked scenarios, asked of the program as a person would.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod load;
mod program;

use std::{
    fs,
    path::{Path, PathBuf},
};

use program::{Ran, run};
use serde_json::{Value, json};

/// A limit as it is printed: level, due, whether it governs.
type Limit<'a> = (&'a str, &'a str, bool);

fn due(pack: &str, arguments: &[&str]) -> Value {
    let all = [&["policy", "due", "--json", "--pack", pack], arguments].concat();
    run(Path::new("."), &all).is_done().json()
}

/// All limits of a clock's name.
fn limits(answer: &Value, name: &str) -> Vec<(String, String, bool)> {
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let mut found: Vec<_> = answer["clocks"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|clock| clock["name"] == name)
        .map(|clock| (text(&clock["level"]), text(&clock["due"]), clock["governs"].as_bool().unwrap()))
        .collect();
    found.sort();
    found.dedup();
    found
}

/// What governs of a clock, by level.
fn governing(answer: &Value, name: &str) -> Vec<(String, String)> {
    limits(answer, name).into_iter().filter(|(.., governs)| *governs).map(|(level, due, _)| (level, due)).collect()
}

#[track_caller]
fn expect(answer: &Value, name: &str, limits_: &[Limit<'_>]) {
    let wanted: Vec<_> =
        limits_.iter().map(|(level, due, governs)| (level.to_string(), format!("{due}+08:00"), *governs)).collect();
    for limit in wanted {
        assert!(limits(answer, name).contains(&limit), "{limit:?} is not among {:?}", limits(answer, name));
    }
}

#[track_caller]
fn expect_governs(answer: &Value, name: &str, wanted: &[(&str, &str)]) {
    let wanted: Vec<_> = wanted.iter().map(|(level, due)| (level.to_string(), format!("{due}+08:00"))).collect();
    assert_eq!(governing(answer, name), wanted);
}

/// A matter of social insurance at a city department.
const OTHER: &[&str] = &["--kind", "help", "--subject", "090201", "--unit-kind", "city-department"];

fn other(at: &str) -> Value {
    due("sanya", &[&["--at", at], OTHER].concat())
}

/// The pack of the workspace in a folder of its own, changed.
fn changed(change: impl Fn(&str, String) -> String) -> (tempfile::TempDir, String) {
    let from = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../packs/sanya");
    let folder = tempfile::tempdir().unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|ext| ext == "toml") {
            let name = path.file_name().unwrap().to_str().unwrap().to_owned();
            let text = change(&name, fs::read_to_string(&path).unwrap());
            fs::write(folder.path().join(name), text).unwrap();
        }
    }
    let path = folder.path().to_str().unwrap().to_owned();
    (folder, path)
}

/// The pack with a further rule.
fn with_rule(name: &str, amount: u32, unit: &str) -> (tempfile::TempDir, String) {
    let rule = format!(
        "\n[[clock]]\nrule = \"T-{name}\"\nname = \"{name}\"\nlevel = \"task\"\nwhat = \"…\"\nstart = \"delivered\"\n\
         stop = [\"feedback\"]\n[[clock.value]]\nfrom = 2018-03-27\namount = {amount}\nunit = \"{unit}\"\n\
         cite = {{ source = \"HY-DEFAULT\", article = \"…\" }}\n"
    );
    changed(|file, text| if file == "clocks.toml" { text + &rule } else { text })
}

#[test]
fn a01_hours_run_through_the_holiday() {
    let answer = due(
        "sanya",
        &["--at", "2026-09-24T16:00:00", "--kind", "help", "--subject", "010201", "--unit-kind", "city-management"],
    );
    assert_eq!(answer["pack"], "sanya");
    expect_governs(&answer, "accept", &[("task", "2026-09-25T04:00:00")]);
    expect_governs(&answer, "close", &[("case", "2026-09-26T16:00:00"), ("task", "2026-09-26T16:00:00")]);
    let clock = answer["clocks"].as_array().unwrap().iter().find(|clock| clock["name"] == "close").unwrap();
    let mut fields: Vec<&str> = clock.as_object().unwrap().keys().map(String::as_str).collect();
    fields.sort_unstable();
    assert_eq!(fields, ["basis", "due", "governs", "inclusive", "level", "name", "provisional", "start", "warn_at"]);
    assert_eq!(clock["start"], "2026-09-24T16:00:00+08:00");
    assert_eq!((clock["inclusive"].as_bool(), clock["provisional"].as_bool()), (Some(true), Some(false)));
    let basis = clock["basis"][0].as_object().unwrap();
    assert_eq!(basis["number"], "三府办〔2018〕62号");
    assert_eq!(basis["from"], "2018-03-27");
    assert!(basis.contains_key("document") && basis.contains_key("article") && basis.len() == 4);
}

#[test]
fn a02_to_a07_working_days_are_those_of_the_notices() {
    // A02: over National Day.
    let answer = other("2026-09-30T10:00:00");
    expect_governs(&answer, "accept", &[("task", "2026-10-01T10:00:00")]);
    expect_governs(&answer, "close", &[("case", "2026-10-14T00:00:00"), ("task", "2026-10-14T00:00:00")]);
    let clock = answer["clocks"].as_array().unwrap().iter().find(|clock| clock["name"] == "close").unwrap();
    assert_eq!(clock["inclusive"], false);
    for (at, close) in [
        ("2026-09-20T09:00:00", "2026-09-29T00:00:00"), // A03: on a make-up Sunday
        ("2026-10-03T22:30:00", "2026-10-14T00:00:00"), // A04: inside the holiday
        ("2026-02-13T17:59:00", "2026-02-28T00:00:00"), // A06: Spring Festival, make-up Saturday
        ("2026-09-28T09:00:00", "2026-10-11T00:00:00"), // A07: the last counted day is a Saturday
    ] {
        expect_governs(&other(at), "close", &[("case", close), ("task", close)]);
    }
    expect_governs(&other("2026-10-03T22:30:00"), "accept", &[("task", "2026-10-04T22:30:00")]);
    let warned = other("2026-09-28T09:00:00");
    let close = warned["clocks"].as_array().unwrap().iter().find(|clock| clock["name"] == "close").unwrap();
    assert_eq!(close["warn_at"], "2026-10-10T00:00:00+08:00");
}

#[test]
fn the_moment_may_be_written_with_any_offset() {
    let local = other("2026-09-30T10:00:00");
    assert_eq!(local, other("2026-09-30T10:00:00+08:00"));
    assert_eq!(local, other("2026-09-30T02:00:00Z"));
}

#[test]
fn a08_to_a10_further_limits_are_a_change_of_the_pack() {
    let (_folder, pack) = with_rule("reply", 1, "workday");
    let at = |pack: &str, at: &str| due(pack, &["--at", at, "--kind", "help"]);
    expect_governs(&at(&pack, "2026-10-09T16:00:00"), "reply", &[("task", "2026-10-11T00:00:00")]);
    let rule = fs::read_to_string(Path::new(&pack).join("clocks.toml")).unwrap();
    let (_plain, plain) = changed(|file, text| match file {
        "clocks.toml" => rule.clone(),
        // No day is worked that the week does not work.
        "calendar.toml" => emptied(&text, "work = ["),
        _ => text,
    });
    expect_governs(&at(&plain, "2026-10-09T16:00:00"), "reply", &[("task", "2026-10-13T00:00:00")]);
    let (_folder, pack) = with_rule("filing", 2, "workday");
    expect_governs(&at(&pack, "2026-09-30T09:00:00"), "filing", &[("task", "2026-10-10T00:00:00")]);
    let (_folder, pack) = with_rule("county", 12, "hour");
    expect_governs(&at(&pack, "2026-10-03T23:00:00"), "county", &[("task", "2026-10-04T11:00:00")]);
}

/// A text with every list that begins so made empty.
fn emptied(text: &str, begin: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some(at) = rest.find(begin) {
        let (before, from) = rest.split_at(at + begin.len());
        out.push_str(before);
        rest = from.find(']').map_or("", |end| &from[end..]);
    }
    out + rest
}

#[test]
fn a11_an_emergency_has_both_rules() {
    let at = &["--at", "2026-10-01T02:13:20", "--kind", "help", "--subject", "040104", "--urgency", "emergency"];
    let lead = due("sanya", at);
    expect(&lead, "scene", &[("task", "2026-10-01T02:33:20", true), ("task", "2026-10-01T02:43:20", false)]);
    let numbers: Vec<&str> = lead["clocks"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|clock| clock["name"] == "scene")
        .map(|clock| clock["basis"][0]["number"].as_str().unwrap())
        .collect();
    assert!(numbers.contains(&"三府办〔2018〕62号") && numbers.contains(&"三府规〔2019〕5号"), "{numbers:?}");
    let assisting = due("sanya", &[at, &["--assist"][..]].concat());
    assert_eq!(limits(&assisting, "scene"), [("task".to_owned(), "2026-10-01T02:43:20+08:00".to_owned(), true)]);
}

#[test]
fn b01_and_b02_a_rule_begins_with_its_first_day() {
    let at = |at: &str| due("sanya", &["--at", at, "--kind", "help", "--urgency", "emergency"]);
    let before = at("2018-03-26T23:50:00");
    assert_eq!(limits(&before, "scene"), [("task".to_owned(), "2018-03-27T00:20:00+08:00".to_owned(), true)]);
    let first = at("2018-03-27T00:00:00");
    expect(&first, "scene", &[("task", "2018-03-27T00:20:00", true), ("task", "2018-03-27T00:30:00", false)]);
}

#[test]
fn b03_which_rule_governs_is_a_setting_of_the_pack() {
    let (short, long) = ("2026-10-12T08:20:00", "2026-10-12T08:30:00");
    for (setting, governs) in [
        ("strictest", vec![short]),
        ("highest_authority", vec![long]),
        ("latest", vec![short]),
        ("both_reported", vec![short, long]),
    ] {
        let (_folder, pack) = changed(|file, text| match file {
            "pack.toml" => text.replace("conflict = \"strictest\"", &format!("conflict = \"{setting}\"")),
            _ => text,
        });
        let answer = due(&pack, &["--at", "2026-10-12T08:00:00", "--kind", "help", "--urgency", "emergency"]);
        let wanted: Vec<(&str, &str)> = governs.iter().map(|due| ("task", *due)).collect();
        expect_governs(&answer, "scene", &wanted);
        assert_eq!(limits(&answer, "scene").len(), 2, "the rule that lost is shown: {setting}");
    }
}

#[test]
fn f01_assisting_units_answer_a_working_day_before() {
    expect_governs(
        &other("2026-09-30T10:00:00"),
        "close",
        &[("case", "2026-10-14T00:00:00"), ("task", "2026-10-14T00:00:00")],
    );
    let assisting = due("sanya", &[&["--at", "2026-09-30T10:00:00", "--assist"], OTHER].concat());
    expect_governs(&assisting, "close", &[("task", "2026-10-13T00:00:00")]);
}

#[test]
fn beyond_the_known_notices_a_limit_is_provisional() {
    let answer = other("2031-05-08T10:00:00");
    let close = answer["clocks"].as_array().unwrap().iter().find(|clock| clock["name"] == "close").unwrap();
    assert_eq!(close["provisional"], true);
}

#[test]
fn what_does_not_exist_is_named_with_what_does() {
    let ask = |arguments: &[&str]| -> Ran {
        run(Path::new("."), &[&["policy", "due", "--json", "--at", "2026-10-12T09:00:00"], arguments].concat())
    };
    ask(&["--kind", "complain"]).is_refused("complaint");
    ask(&["--kind", "help", "--subject", "0102"]).is_done();
    ask(&["--kind", "help", "--subject", "010299"]).is_refused("010201");
    ask(&["--kind", "help", "--unit-kind", "bureau"]).is_refused("city-department");
    ask(&["--kind", "help", "--urgency", "high"]).is_refused("emergency");
    ask(&["--kind", "help", "--source", "pigeon"]).is_refused("phone");
    ask(&["--kind", "help", "--pack", "atlantis"]).is_refused("sanya");
    for at in ["soon", "9999-12-31T23:59:59", "-0001-01-01T00:00:00"] {
        run(Path::new("."), &["policy", "due", "--kind", "help", &format!("--at={at}")]).is_refused("--at");
    }
}

#[test]
fn the_compiled_pack_is_shown() {
    let shown = run(Path::new("."), &["policy", "show", "--pack", "sanya", "--json"]).is_done().json();
    assert_eq!(shown["pack"], "sanya");
    let kinds: Vec<&str> =
        shown["kinds"].as_array().unwrap().iter().map(|kind| kind["code"].as_str().unwrap()).collect();
    assert_eq!(kinds, ["consultation", "help", "complaint", "report", "suggestion", "praise"]);
    let lamp = shown["subjects"].as_array().unwrap().iter().find(|subject| subject["code"] == "010201").unwrap();
    assert_eq!(lamp["path"].as_array().unwrap().len(), 3);
    assert!(lamp["flags"].as_array().unwrap().contains(&"city-management".into()));
    assert!(shown["units"].as_array().unwrap().len() > 100);
    assert!(shown["rules"].as_array().unwrap().iter().any(|rule| rule["rule"] == "SY-62-g"));
    let table = run(Path::new("."), &["policy", "show"]);
    assert!(table.is_done().stdout.contains("SY-62-g"));
}

#[test]
fn a_sound_pack_passes_and_every_fault_of_another_is_named() {
    run(Path::new("."), &["policy", "check"]).is_done();
    let checked = run(Path::new("."), &["policy", "check", "--json"]).is_done().json();
    assert_eq!(checked["ok"], true);
    let (_folder, pack) = changed(|file, text| match file {
        "clocks.toml" => text.replacen("cite = { source = \"SY2018\"", "cite = { source = \"SY1918\"", 2),
        "kinds.toml" => text.replacen("code = \"help\"", "code = \"help", 1),
        _ => text,
    });
    let checked = run(Path::new("."), &["policy", "check", &pack]);
    assert_eq!(checked.code, 1, "{checked:?}");
    let lines: Vec<&str> = checked.stdout.lines().collect();
    assert!(lines.iter().filter(|line| line.contains("SY1918")).count() == 2, "{lines:?}");
    assert!(lines.iter().any(|line| line.starts_with(&format!("{pack}/kinds.toml:"))), "{lines:?}");
    for line in &lines {
        let place = line.strip_prefix(&format!("{pack}/")).unwrap_or_else(|| panic!("{line}"));
        let mut parts = place.splitn(4, ':');
        let (file, at, column) = (parts.next().unwrap(), parts.next().unwrap(), parts.next().unwrap());
        assert!(file.ends_with(".toml") && at.parse::<u32>().is_ok() && column.parse::<u32>().is_ok(), "{line}");
        assert!(parts.next().is_some_and(|message| message.starts_with(' ')), "{line}");
    }
    let json = run(Path::new("."), &["policy", "check", &pack, "--json"]);
    assert_eq!((json.code, json.json()["ok"].as_bool()), (1, Some(false)));
    run(Path::new("."), &["policy", "check", "nowhere"]).is_refused("nowhere");
}

#[test]
fn a_draft_is_tried_on_the_orders_of_a_period() {
    let folder = tempfile::tempdir().unwrap();
    run(folder.path(), &["migrate"]).is_done();
    let draft = |arguments: &[&str]| run(folder.path(), &[&["policy", "simulate"], arguments].concat());
    let done = draft(&["--pack", "sanya", "--from", "2026-10-01", "--to", "2026-10-31", "--json"]).is_done().json();
    assert_eq!((&done["orders"], &done["would_be_late"]), (&json!(0), &json!(0)));
    draft(&["--from", "2026-10-01", "--to", "2026-10-31"]).is_refused("--pack DIR");
    draft(&["--pack", "sanya", "--from", "2026-13-01", "--to", "2026-10-31"]).is_refused("is not a day");
    draft(&["--pack", "nowhere", "--from", "2026-10-01", "--to", "2026-10-31"]).is_refused("nowhere");
    run(folder.path(), &["policy", "explain", "20261012-0001"]).is_refused("there is no order");
}

/// A folder with an order that was taken in, registered and dispatched by the program itself.
fn with_an_order(kind: &str) -> (load::City, program::Server, String) {
    let city = load::City::new(None);
    let arguments = city.serves();
    let server = program::Server::start(city.path(), &arguments.iter().map(String::as_str).collect::<Vec<_>>());
    let body = json!({
        "channel": "phone", "title": "路灯不亮", "body": "请处理。", "kind": kind, "subject": "040104",
        "claimant": { "name": "李甲", "phone": "13800000001" },
    });
    let taken = city.ok(&server.address, "agent", "", body);
    let no = taken["no"].as_str().unwrap().to_owned();
    city.ok(&server.address, "agent", &format!("/{no}/dispatch"), json!({ "lead": "water" }));
    (city, server, no)
}

#[test]
fn a_mode_is_declared_listed_explained_and_ended() {
    let city = load::City::new(None);
    city.run(&["mode", "declare", "tsunami", "--notice", "防风通知"]).is_refused("tsunami");
    city.run(&["mode", "declare", "typhoon", "--notice", "防风通知", "--until", "yesterday"]).is_refused("yesterday");
    city.run(&["mode", "declare", "typhoon", "--notice", "防风通知"]).is_done();
    let listed = city.run(&["mode", "list", "--json"]).is_done().json();
    let one = &listed["modes"][0];
    assert_eq!((&one["mode"], &one["on"]), (&json!("typhoon"), &json!(true)), "{listed}");
    let arguments = city.serves();
    let server = program::Server::start(city.path(), &arguments.iter().map(String::as_str).collect::<Vec<_>>());
    let body = json!({
        "channel": "phone", "title": "水管爆裂", "body": "请处理。", "kind": "help", "subject": "040104",
        "claimant": { "name": "李甲", "phone": "13800000001" },
    });
    let no = city.ok(&server.address, "agent", "", body)["no"].as_str().unwrap().to_owned();
    let why = city.run(&["policy", "explain", &no, "--json"]).is_done().json();
    assert_eq!(why["mode"]["mode"], "typhoon", "{why}");
    assert!(why["mode"]["basis"]["article"].as_str().unwrap().contains("台风"), "{why}");
    let id = one["id"].as_str().unwrap();
    city.run(&["mode", "end", id]).is_done();
    city.run(&["mode", "end", "no-such-mode"]).is_refused("");
    let listed = city.run(&["mode", "list", "--json"]).is_done().json();
    assert_eq!(listed["modes"][0]["on"], json!(false), "{listed}");
}

#[test]
fn who_decides_a_request_is_explained_with_its_rule() {
    let (city, server, no) = with_an_order("help");
    city.ok(&server.address, "officer", &format!("/{no}/sign"), json!({}));
    let asked = json!({ "reason": "complex", "span": { "amount": 1, "unit": "workday" } });
    city.ok(&server.address, "officer", &format!("/{no}/extend"), asked);
    let why = city.run(&["policy", "explain", &no, "--json"]).is_done().json();
    assert_eq!(
        (&why["requests"][0]["ask"], &why["requests"][0]["by"]),
        (&json!("extension"), &json!("above")),
        "{why}"
    );
    let said = city.run(&["policy", "explain", &no]);
    assert!(said.is_done().stdout.contains("extension asked by water: decided by above"), "{said:?}");
}

#[test]
fn limits_are_recounted_and_the_schema_is_printed() {
    let (city, server, _) = with_an_order("help");
    server.signal("-TERM");
    server.ended();
    city.run(&["policy", "recount"]).is_done();
    let schema = run(Path::new("."), &["policy", "schema"]).is_done().json();
    let sections = schema["properties"].as_object().unwrap();
    for section in ["clock", "route", "mode", "channel", "mass_event", "approver", "ladder"] {
        assert!(sections.contains_key(section), "{section}");
    }
    let window = &sections["mass_event"]["items"]["properties"]["window"];
    assert!(window["description"].as_str().is_some_and(|what| !what.is_empty()), "{window}");
}

#[test]
fn a_shorter_limit_tried_on_past_orders_names_who_would_be_late_and_changes_no_order() {
    let (city, server, no) = with_an_order("help");
    let before = city.order(&server.address, &no);
    let (_folder, draft) = changed(|name, text| match name {
        "clocks.toml" => text.replace("amount = 5\nunit = \"workday\"", "amount = 3\nunit = \"workday\""),
        _ => text,
    });
    let span = ["--from", "2020-01-01", "--to", "2099-12-31", "--json"];
    let done = run(city.path(), &[&["policy", "simulate", "--pack", &draft], &span[..]].concat()).is_done().json();
    assert_eq!(done["orders"], 1, "{done}");
    assert_eq!(city.order(&server.address, &no), before);
}
