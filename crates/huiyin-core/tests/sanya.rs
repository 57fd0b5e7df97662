//! Pack `sanya` is sound, and answers every question on every day.

mod common;

use common::{at, local, pack};
use huiyin_core::policy::{Level, Question};

#[test]
fn the_pack_has_no_faults() {
    let pack = pack();
    assert_eq!(pack.head().name, "sanya");
    assert_eq!(pack.kinds().len(), 6);
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
                            below: false,
                            units: &[],
                            mode: None,
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
