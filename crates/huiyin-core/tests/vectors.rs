//! What moves a limit, and what it says of itself, by the national notice for 2026 as pack `sanya` has it.
//!
//! Where limits end is data beside the packs (`packs/sanya/examples/vectors.toml`), checked with their scenarios.

mod common;

use std::collections::BTreeMap;

use common::{at, local, pack};
use huiyin_core::{
    calendar::{Calendar, Ends, Span, Unit},
    time::{Day, Zone},
};

#[test]
fn an_extension_counts_on_from_the_last_day() {
    let calendar = pack().calendar();
    let due = calendar.due(at("2026-09-30T10:00:00"), Span { amount: 5, unit: Unit::Workday }, Ends::default());
    let later = calendar.extend(due, Span { amount: 3, unit: Unit::Workday }, Ends::default());
    assert_eq!(local(later.at), "2026-10-17T00:00:00");
    let hours = calendar.due(at("2026-09-24T16:00:00"), Span { amount: 48, unit: Unit::Hour }, Ends::default());
    assert_eq!(
        local(calendar.extend(hours, Span { amount: 12, unit: Unit::Hour }, Ends::default()).at),
        "2026-09-27T04:00:00"
    );
}

/// A07, I01: the warning one working day before is the start of the last counted day, a worked Saturday included.
#[test]
fn the_warning_stands_at_the_start_of_the_last_counted_day() {
    let calendar = pack().calendar();
    let five = Span { amount: 5, unit: Unit::Workday };
    let before = Span { amount: 1, unit: Unit::Workday };
    let due = calendar.due(at("2026-09-28T09:00:00"), five, Ends::default());
    assert_eq!(local(calendar.warning(due, before)), "2026-10-10T00:00:00");
    let due = calendar.due(at("2026-09-30T10:00:00"), five, Ends::default());
    assert_eq!(local(calendar.warning(due, before)), "2026-10-13T00:00:00");
}

/// A08 with the make-up days taken out of the calendar.
#[test]
fn without_the_makeup_days_the_limit_ends_later() {
    let rest = (1..=7).map(|day| Day::try_from(20_261_000 + day).expect("a day"));
    let zone = Zone::named("Asia/Shanghai").expect("a zone");
    let notices = BTreeMap::from([(2026, "notice".to_owned())]);
    let calendar = Calendar::new(zone, &[1, 2, 3, 4, 5], rest, [], notices);
    let due = calendar.due(at("2026-10-09T16:00:00"), Span { amount: 1, unit: Unit::Workday }, Ends::default());
    assert_eq!(local(due.at), "2026-10-13T00:00:00");
}

/// T-8: a limit counted through a year without a notice says so; one that looks at no notice does not.
#[test]
fn a_limit_into_an_unknown_year_is_provisional() {
    let calendar = pack().calendar();
    let start = at("2026-12-28T09:00:00");
    let due = |amount, unit, roll| calendar.due(start, Span { amount, unit }, Ends { roll, close: false }).provisional;
    assert!(due(5, Unit::Workday, false));
    assert!(due(7, Unit::Day, true));
    assert!(!due(7, Unit::Day, false));
    assert!(!due(240, Unit::Hour, false));
    assert!(!due(2, Unit::Workday, false));
}
