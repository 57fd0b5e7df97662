//! The arithmetic of limits, one line for each case: where it starts, how long it is, when it ends.
//!
//! A day limit ends before the moment given; an hour or minute limit may still be met at it. The days off and worked
//! are those of the national notice for 2026, as pack `sanya` has them.

mod common;

use std::collections::BTreeMap;

use common::{at, local, pack};
use huiyin_core::{
    calendar::{Calendar, Span, Unit},
    time::{Day, Zone},
};

/// Case, start, amount, unit, whether the last natural day rolls to a working day, end.
const VECTORS: &str = "
A01a  2026-09-24T16:00:00  12 hour     -   2026-09-25T04:00:00
A01b  2026-09-24T16:00:00  48 hour     -   2026-09-26T16:00:00
A02a  2026-09-30T10:00:00  24 hour     -   2026-10-01T10:00:00
A02b  2026-09-30T10:00:00   5 workday  -   2026-10-14T00:00:00
A03   2026-09-20T09:00:00   5 workday  -   2026-09-29T00:00:00
A04a  2026-10-03T22:30:00  24 hour     -   2026-10-04T22:30:00
A04   2026-10-03T22:30:00   5 workday  -   2026-10-14T00:00:00
A06   2026-02-13T17:59:00   5 workday  -   2026-02-28T00:00:00
A06c  2026-01-04T23:59:59   5 workday  -   2026-01-10T00:00:00
A06d  2026-04-30T16:00:00   5 workday  -   2026-05-12T00:00:00
A06e  2026-06-18T23:30:00   5 workday  -   2026-06-27T00:00:00
A07   2026-09-28T09:00:00   5 workday  -   2026-10-11T00:00:00
A08   2026-10-09T16:00:00   1 workday  -   2026-10-11T00:00:00
A09   2026-09-30T15:00:00   2 workday  -   2026-10-10T00:00:00
A10   2026-10-03T23:00:00  12 hour     -   2026-10-04T11:00:00
A11a  2026-10-01T02:13:20  20 minute   -   2026-10-01T02:33:20
A11b  2026-10-01T02:13:20  30 minute   -   2026-10-01T02:43:20
A15a  2026-09-30T09:00:00   7 day      yes 2026-10-09T00:00:00
A15b  2026-09-30T09:00:00   7 day      no  2026-10-08T00:00:00
A15c  2026-09-30T09:00:00  15 day      yes 2026-10-16T00:00:00
A16a  2026-10-02T20:15:00  24 hour     -   2026-10-03T20:15:00
A16b  2026-10-02T20:15:00   2 hour     -   2026-10-02T22:15:00
A18a  2026-10-12T09:00:00  24 hour     -   2026-10-13T09:00:00
A18b  2026-10-12T09:00:00   5 workday  -   2026-10-20T00:00:00
A19a  2026-10-01T03:00:00  15 minute   -   2026-10-01T03:15:00
A19b  2026-10-01T03:00:00  30 minute   -   2026-10-01T03:30:00
A19c  2026-10-01T03:00:00   1 workday  -   2026-10-09T00:00:00
A20a  2026-09-30T10:00:00   3 workday  -   2026-10-11T00:00:00
A20b  2026-09-30T10:00:00   7 workday  -   2026-10-16T00:00:00
A20c  2026-09-30T10:00:00  15 workday  -   2026-10-28T00:00:00
B01   2018-03-26T23:50:00  30 minute   -   2018-03-27T00:20:00
D02a  2026-10-14T10:00:00   5 workday  -   2026-10-22T00:00:00
D02b  2026-10-13T09:00:00   5 workday  -   2026-10-21T00:00:00
D03   2026-10-13T09:00:00   1 workday  -   2026-10-15T00:00:00
E01   2026-10-13T23:59:59   3 workday  -   2026-10-17T00:00:00
F01   2026-09-30T10:00:00   4 workday  -   2026-10-13T00:00:00
K06   2018-05-18T10:00:00   3 workday  -   2018-05-24T00:00:00
";

struct Vector {
    id: String,
    start: String,
    span: Span,
    roll: bool,
    end: String,
}

fn vectors() -> Vec<Vector> {
    VECTORS
        .lines()
        .filter(|line| !line.trim().is_empty())
        .map(|line| {
            let [id, start, amount, unit, roll, end]: [&str; 6] =
                line.split_whitespace().collect::<Vec<_>>().try_into().expect("six columns");
            let unit = match unit {
                "minute" => Unit::Minute,
                "hour" => Unit::Hour,
                "day" => Unit::Day,
                "workday" => Unit::Workday,
                other => panic!("no unit {other}"),
            };
            let span = Span { amount: amount.parse().expect("a number"), unit };
            Vector { id: id.into(), start: start.into(), span, roll: roll == "yes", end: end.into() }
        })
        .collect()
}

#[test]
fn every_vector_comes_out() {
    let calendar = pack().calendar();
    for vector in vectors() {
        let due = calendar.due(at(&vector.start), vector.span, vector.roll);
        assert_eq!(local(due.at), vector.end, "{}", vector.id);
        let hours = matches!(vector.span.unit, Unit::Minute | Unit::Hour);
        assert_eq!(due.inclusive, hours, "{}", vector.id);
        assert!(!due.provisional, "{}", vector.id);
        // The last moment in time, and the first that is late.
        let end = at(&vector.end);
        assert!(!due.missed_by(if hours { end } else { end.plus(-1) }), "{}", vector.id);
        assert!(due.missed_by(if hours { end.plus(1) } else { end }), "{}", vector.id);
        assert_eq!(due.missed_from(), if hours { end.plus(1) } else { end }, "{}", vector.id);
    }
}

#[test]
fn an_extension_counts_on_from_the_last_day() {
    let calendar = pack().calendar();
    let due = calendar.due(at("2026-09-30T10:00:00"), Span { amount: 5, unit: Unit::Workday }, false);
    let later = calendar.extend(due, Span { amount: 3, unit: Unit::Workday });
    assert_eq!(local(later.at), "2026-10-17T00:00:00");
    let hours = calendar.due(at("2026-09-24T16:00:00"), Span { amount: 48, unit: Unit::Hour }, false);
    assert_eq!(local(calendar.extend(hours, Span { amount: 12, unit: Unit::Hour }).at), "2026-09-27T04:00:00");
}

/// A07, I01: the warning one working day before is the start of the last counted day, a worked Saturday included.
#[test]
fn the_warning_stands_at_the_start_of_the_last_counted_day() {
    let calendar = pack().calendar();
    let five = Span { amount: 5, unit: Unit::Workday };
    let before = Span { amount: 1, unit: Unit::Workday };
    let due = calendar.due(at("2026-09-28T09:00:00"), five, false);
    assert_eq!(local(calendar.warning(due, before)), "2026-10-10T00:00:00");
    let due = calendar.due(at("2026-09-30T10:00:00"), five, false);
    assert_eq!(local(calendar.warning(due, before)), "2026-10-13T00:00:00");
}

/// A08 with the make-up days taken out of the calendar.
#[test]
fn without_the_makeup_days_the_limit_ends_later() {
    let rest = (1..=7).map(|day| Day::try_from(20_261_000 + day).expect("a day"));
    let zone = Zone::named("Asia/Shanghai").expect("a zone");
    let notices = BTreeMap::from([(2026, "notice".to_owned())]);
    let calendar = Calendar::new(zone, &[1, 2, 3, 4, 5], rest, [], notices);
    let due = calendar.due(at("2026-10-09T16:00:00"), Span { amount: 1, unit: Unit::Workday }, false);
    assert_eq!(local(due.at), "2026-10-13T00:00:00");
}

/// T-8: a limit counted through a year without a notice says so; one that looks at no notice does not.
#[test]
fn a_limit_into_an_unknown_year_is_provisional() {
    let calendar = pack().calendar();
    let start = at("2026-12-28T09:00:00");
    let due = |amount, unit, roll| calendar.due(start, Span { amount, unit }, roll).provisional;
    assert!(due(5, Unit::Workday, false));
    assert!(due(7, Unit::Day, true));
    assert!(!due(7, Unit::Day, false));
    assert!(!due(240, Unit::Hour, false));
    assert!(!due(2, Unit::Workday, false));
}
