//! Pack `sanya` is sound, and every worked example beside it comes out.

mod common;

use common::{at, local, pack};
use huiyin_core::policy::{Level, Question};

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct Examples {
    due: Vec<Example>,
}

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct Example {
    id: String,
    at: String,
    kind: String,
    subject: Option<String>,
    unit_kind: Option<String>,
    urgency: Option<String>,
    source: Option<String>,
    #[serde(default)]
    assist: bool,
    first: Option<bool>,
    expect: Vec<Expected>,
}

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct Expected {
    clock: String,
    level: String,
    due: String,
    governs: bool,
}

#[test]
fn the_pack_has_no_faults() {
    let pack = pack();
    assert_eq!(pack.head().name, "sanya");
    assert_eq!(pack.kinds().len(), 6);
}

#[test]
fn every_worked_example_comes_out() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../packs/sanya/examples");
    let mut run = 0;
    for entry in std::fs::read_dir(folder).expect("the examples are there") {
        let path = entry.expect("a folder entry").path();
        if path.extension().is_none_or(|ext| ext != "toml") {
            continue;
        }
        let examples: Examples = toml::from_str(&std::fs::read_to_string(&path).expect("a text"))
            .unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        for example in examples.due {
            check(&example);
            run += 1;
        }
    }
    assert!(run >= 20, "only {run} examples");
}

fn check(example: &Example) {
    let pack = pack();
    let start = at(&example.at);
    let question = Question {
        kind: Some(&example.kind),
        subject: example.subject.as_deref().map(|code| pack.subject(code).expect("a subject of the pack")),
        urgency: example.urgency.as_deref().unwrap_or("normal"),
        unit_kind: example.unit_kind.as_deref(),
        source: example.source.as_deref(),
        assist: example.assist,
        first: example.first.unwrap_or(!example.assist),
        governing: pack.zone().day(start),
    };
    let ruled = pack.ask(&question, start, &[]);
    for expected in &example.expect {
        let level = if expected.level == "case" { Level::Case } else { Level::Task };
        let found: Vec<String> = ruled
            .iter()
            .filter(|ruled| {
                ruled.rule.name == expected.clock
                    && ruled.rule.level == level
                    && ruled.governs == expected.governs
                    && !ruled.yields
            })
            .map(|ruled| local(ruled.due.at))
            .collect();
        assert_eq!(
            found,
            std::slice::from_ref(&expected.due),
            "{}: {} of the {}",
            example.id,
            expected.clock,
            expected.level
        );
    }
}

/// Exactly one rule of a name governs on every day, at every urgency, for every subject, kind and kind of unit.
#[test]
fn one_limit_governs_every_question_on_every_day() {
    let pack = pack();
    let subjects: Vec<_> =
        std::iter::once(None).chain(["010201", "040104", "090201"].map(|code| pack.subject(code))).collect();
    let days = [
        "2018-03-27",
        "2019-08-12",
        "2019-08-13",
        "2020-02-01",
        "2022-12-31",
        "2024-09-14",
        "2026-02-13",
        "2026-10-03",
        "2026-12-31",
    ];
    for start in days.map(at) {
        for kind in pack.kinds() {
            for subject in &subjects {
                for urgency in ["normal", "urgent", "emergency"] {
                    for unit_kind in [None, Some("city-management"), Some("city-department")] {
                        let question = Question {
                            kind: Some(&kind.code),
                            subject: *subject,
                            urgency,
                            unit_kind,
                            source: Some("phone"),
                            assist: false,
                            first: true,
                            governing: pack.zone().day(start),
                        };
                        let ruled = pack.ask(&question, start, &[]);
                        for (name, level) in [
                            ("accept", Level::Task),
                            ("close", Level::Case),
                            ("close", Level::Task),
                            ("dispatch", Level::Case),
                        ] {
                            let governing = ruled
                                .iter()
                                .filter(|r| r.rule.name == name && r.rule.level == level && r.governs)
                                .count();
                            let due = usize::from(kind.code != "praise");
                            assert_eq!(governing, due, "{name} of a {} at {}", kind.code, local(start));
                        }
                    }
                }
            }
        }
    }
}
