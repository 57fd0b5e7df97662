//! A pack over another: what it puts in its place, what it takes away, and what is refused.

mod common;

use common::{at, day, local, texts};
use huiyin_core::policy::{Fault, Pack, Question};

/// A district's pack over `sanya`.
fn district(head: &str, rest: &str) -> Vec<(String, String)> {
    let head = format!(
        "[pack]
name = \"haitang\"
title = {{ zh = \"海棠区热线\" }}
territory = \"460202\"
level = \"district\"
zone = \"Asia/Shanghai\"
languages = [\"zh\"]
area_code = \"0898\"
version = \"1\"
from = 2018-03-27
conflict = \"strictest\"
{head}
"
    );
    vec![("pack.toml".into(), head), ("rules.toml".into(), rest.into())]
}

fn load(texts: &[(String, String)]) -> Result<Pack, Vec<Fault>> {
    Pack::load_with(texts, &|name| match name {
        "sanya" => Some(self::texts()),
        "loop" => Some(
            district("parent = \"haitang\"", "")
                .into_iter()
                .map(|(n, t)| (n, t.replace("\"haitang\"\ntitle", "\"loop\"\ntitle")))
                .collect(),
        ),
        _ => None,
    })
}

fn sound(rest: &str) -> Pack {
    load(&district("parent = \"sanya\"", rest)).unwrap_or_else(|faults| panic!("{faults:#?}"))
}

fn close_due(pack: &Pack) -> String {
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
        governing: day(20_261_012),
    };
    let found = pack.ask(&question, at("2026-10-12T09:00:00"), &["dispatched"]);
    local(found.iter().find(|r| r.rule.name == "close" && r.governs).expect("one governs").due.at)
}

const SHORTER: &str = "
[[source]]
key = \"HT\"
document = \"海棠区办法\"
number = \"海府〔2026〕1号\"
issuer = \"海棠区人民政府\"
rank = 7
issued = 2026-01-01
from = 2026-01-01
status = \"in force\"
checked = 2026-11-01

[[clock]]
rule = \"SY-62-b\"
name = \"close\"
level = \"case\"
what = \"其他事项：3个工作日内办结\"
start = \"dispatched\"
stop = [\"feedback\"]
when = { kinds = [\"consultation\", \"help\", \"complaint\", \"report\", \"suggestion\"], without_flags = [\"city-management\"] }
precedence = 2
[[clock.value]]
from = 2018-03-27
amount = 3
unit = \"workday\"
cite = { source = \"HT\", article = \"三\" }

[[parameter]]
name = \"redo.count\"
what = \"重办次数\"
[[parameter.value]]
from = 2018-03-27
value = 1
cite = { source = \"HT\", article = \"四\" }

[[reason]]
group = \"return\"
code = \"not-ours\"
label = { zh = \"不属本区职责\" }
cite = { source = \"HT\", article = \"五\" }
";

#[test]
fn what_has_the_same_name_stands_in_its_place_and_the_rest_is_inherited() {
    let pack = sound(SHORTER);
    assert_eq!(close_due(&pack), "2026-10-16T00:00:00");
    assert_eq!(pack.number("redo.count", day(20_261_012)), 1);
    assert_eq!(pack.number("extension.count", day(20_261_012)), 1);
    assert_eq!(pack.head().name, "haitang");
    assert!(pack.reason("refusal", "abusive").is_some() && pack.unit_kind("office").is_some());
    let rules = |pack: &Pack| pack.clock_rules().len();
    assert_eq!(rules(&pack), rules(common::pack()));
}

#[test]
fn each_entry_says_which_pack_it_comes_from() {
    let pack = sound(SHORTER);
    let own = pack.origin("parameter", "redo.count").expect("it has an origin");
    assert_eq!((own.pack.as_str(), own.file.as_str()), ("haitang", "rules.toml"));
    assert_eq!((own.line, own.column), (28, 1));
    let inherited = pack.origin("parameter", "extension.count").expect("it has an origin");
    assert_eq!((inherited.pack.as_str(), inherited.file.as_str()), ("sanya", "../sanya/parameters.toml"));
    let rule = pack.clock_rules().iter().find(|rule| rule.rule == "SY-62-a").expect("a rule");
    assert_eq!(pack.origin_of(rule).expect("it has an origin").pack, "sanya");
}

#[test]
fn what_does_not_hold_here_is_removed_with_its_reason() {
    let pack = sound(
        "[[remove]]\nsection = \"clock\"\nname = \"HY-return-a\"\ncite = { source = \"HY-DEFAULT\", article = \"不适用\" }",
    );
    assert!(!pack.clock_rules().iter().any(|rule| rule.rule == "HY-return-a"));
    assert!(pack.clock_rules().iter().any(|rule| rule.rule == "HY-return-a.unit"), "a name is the whole name");
    let says = |rest: &str, says: &str| {
        let faults = load(&district("parent = \"sanya\"", rest)).expect_err(says);
        assert!(faults.iter().any(|f| f.file == "rules.toml" && f.message.contains(says)), "{faults:#?}");
    };
    says(
        "[[remove]]\nsection = \"clock\"\nname = \"HY-returns\"\ncite = { source = \"HY-DEFAULT\", article = \"x\" }",
        "no clock `HY-returns` to remove",
    );
    says(
        "[[remove]]\nsection = \"clocks\"\nname = \"x\"\ncite = { source = \"HY-DEFAULT\", article = \"x\" }",
        "nothing is removed from `clocks`",
    );
    says("[[remove]]\nsection = \"clock\"\nname = \"HY-return-a\"", "cite");
    // What another entry needs is missed by it.
    let faults = load(&district("parent = \"sanya\"", "[[remove]]\nsection = \"parameter\"\nname = \"redo.count\"\ncite = { source = \"HY-DEFAULT\", article = \"x\" }")).expect_err("it is asked for");
    assert!(faults.iter().any(|f| f.message.contains("parameter `redo.count` is missing")), "{faults:#?}");
}

#[test]
fn a_parent_that_is_not_there_or_leads_back_is_refused() {
    let faults = load(&district("parent = \"hainan\"", "")).expect_err("no such pack");
    assert!(
        faults.iter().any(|f| f.file == "pack.toml" && f.message.contains("no pack is called `hainan`")),
        "{faults:#?}"
    );
    let faults = load(&district("parent = \"loop\"", "")).expect_err("a circle");
    assert!(
        faults.iter().any(|f| f.file == "../loop/pack.toml" && f.message.contains("a parent of itself")),
        "{faults:#?}"
    );
    let faults = load(&district("parent = \"haitang\"", "")).expect_err("itself");
    assert!(faults.iter().any(|f| f.file == "pack.toml" && f.message.contains("a parent of itself")), "{faults:#?}");
}

#[test]
fn a_fault_of_the_parent_is_told_in_its_file() {
    let faults = Pack::load_with(&district("parent = \"sanya\"", ""), &|_| {
        Some(common::edited("tell.toml", "on = \"shelved\"", "on = \"shelvd\""))
    })
    .expect_err("the parent is broken");
    assert!(faults.iter().any(|f| f.file == "../sanya/tell.toml" && f.message.contains("shelvd")), "{faults:#?}");
}
