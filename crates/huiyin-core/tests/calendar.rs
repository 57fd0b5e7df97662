//! The calendar against a second one that is slow and obvious: it walks from day to day and looks each up.
//!
//! `HUIYIN_TEST_ALL=1` compares a million random cases.

mod common;

use std::collections::{BTreeMap, BTreeSet};

use common::{local, pack};
use huiyin_core::{
    calendar::{Calendar, Due, Span, Unit},
    time::{Day, Instant, Zone},
};
use proptest::{prelude::*, test_runner::RngSeed};

/// Days looked up one by one; nothing clever.
struct Slow {
    week: [bool; 7],
    rest: BTreeSet<i64>,
    work: BTreeSet<i64>,
    years: BTreeSet<i64>,
}

impl Slow {
    fn works(&self, day: Day) -> bool {
        if self.work.contains(&day.number()) {
            true
        } else if self.rest.contains(&day.number()) {
            false
        } else {
            self.week[day.weekday() as usize - 1]
        }
    }

    fn zone() -> Zone {
        Zone::named("Asia/Shanghai").expect("a zone")
    }

    fn day_of(at: Instant) -> Day {
        Self::zone().day(at)
    }

    fn unknown_year(&self, first: Day, last: Day) -> bool {
        (first.number() / 10_000..=last.number() / 10_000).any(|year| !self.years.contains(&year))
    }

    /// Counts `amount` days after `from`, all of them or the working ones.
    fn count(&self, from: Day, amount: u32, all: bool) -> Day {
        let mut day = from;
        let mut counted = 0;
        while counted < amount {
            day = day.next();
            if all || self.works(day) {
                counted += 1;
            }
        }
        day
    }

    fn end(last: Day) -> Instant {
        Self::zone().start_of(last.next())
    }

    fn due(&self, start: Instant, span: Span, roll: bool) -> Due {
        let first = Self::day_of(start);
        let hours = |ms: i64| Due {
            at: Instant(start.ms() + i64::from(span.amount) * ms),
            inclusive: true,
            last: None,
            provisional: false,
        };
        match span.unit {
            Unit::Minute => hours(60 * 1000),
            Unit::Hour => hours(60 * 60 * 1000),
            Unit::Day => {
                let mut last = self.count(first, span.amount, true);
                if roll {
                    while !self.works(last) {
                        last = last.next();
                    }
                }
                Due {
                    at: Self::end(last),
                    inclusive: false,
                    last: Some(last),
                    provisional: roll && self.unknown_year(first, last),
                }
            }
            Unit::Workday => {
                let last = self.count(first, span.amount, false);
                Due {
                    at: Self::end(last),
                    inclusive: false,
                    last: Some(last),
                    provisional: self.unknown_year(first, last),
                }
            }
        }
    }

    /// A limit moved on by a span: hours are added, days are counted on from the last.
    fn extend(&self, due: Due, span: Span) -> Due {
        let ms = match span.unit {
            Unit::Minute => 60 * 1000,
            Unit::Hour => 60 * 60 * 1000,
            Unit::Day | Unit::Workday => {
                let from = due.last.unwrap_or_else(|| Self::day_of(due.at));
                let last = self.count(from, span.amount, span.unit == Unit::Day);
                let provisional = due.provisional || (span.unit == Unit::Workday && self.unknown_year(from, last));
                return Due { at: Self::end(last), inclusive: false, last: Some(last), provisional };
            }
        };
        Due { at: Instant(due.at.ms() + i64::from(span.amount) * ms), ..due }
    }

    /// A limit moved on by a pause: hour limits by its length, day limits by as many days as were lost, so that from
    /// the day it ended on as many are left as there were from the day it began on.
    fn shift(&self, due: Due, from: Instant, until: Instant, natural: bool) -> Due {
        if due.last.is_none() {
            return Due { at: Instant(due.at.ms() + (until.ms() - from.ms()).max(0)), ..due };
        }
        let mut moved = due;
        let mut day = Self::day_of(from);
        while day < Self::day_of(until) {
            if natural || self.works(day) {
                moved = self.extend(moved, Span { amount: 1, unit: if natural { Unit::Day } else { Unit::Workday } });
            }
            day = day.next();
        }
        moved
    }

    /// Working days from a day to the last of a limit, both counted.
    fn left(&self, from: Day, due: Due) -> u32 {
        let (mut day, mut left) = (from, 0);
        while Some(day) <= due.last {
            left += u32::from(self.works(day));
            day = day.next();
        }
        left
    }

    /// The start of the nth last counted day, or so many hours before.
    fn warning(&self, due: Due, before: Span) -> Instant {
        let ms = match before.unit {
            Unit::Minute => 60 * 1000,
            Unit::Hour => 60 * 60 * 1000,
            Unit::Day | Unit::Workday => {
                let mut day = due.last.unwrap_or_else(|| Self::day_of(due.at));
                let mut left = before.amount;
                loop {
                    if before.unit == Unit::Day || self.works(day) {
                        left -= 1;
                    }
                    if left == 0 {
                        return Self::zone().start_of(day);
                    }
                    day = day.previous();
                }
            }
        };
        Instant(due.at.ms() - i64::from(before.amount) * ms)
    }
}

/// Both calendars over the same invented facts.
fn both(seed: u64, week: &[i8]) -> (Calendar, Slow) {
    // A plain generator: which days of two years are off or worked.
    let mut state = seed | 1;
    let mut next = move || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state
    };
    let (mut rest, mut work) = (BTreeSet::new(), BTreeSet::new());
    let mut day = Day::try_from(20_260_101).expect("a day");
    while day.number() < 20_280_101 {
        match next() % 10 {
            0 | 1 => drop(rest.insert(day.number())),
            2 => drop(work.insert(day.number())),
            _ => {}
        }
        day = day.next();
    }
    let years: BTreeMap<i16, String> = if seed.is_multiple_of(2) { &[2026_i16, 2027][..] } else { &[2026][..] }
        .iter()
        .map(|year| (*year, "notice".to_owned()))
        .collect();
    let days = |set: &BTreeSet<i64>| set.iter().map(|day| Day::try_from(*day).expect("a day")).collect::<Vec<_>>();
    let fast = Calendar::new(Slow::zone(), week, days(&rest), days(&work), years.clone());
    let mut plain = [false; 7];
    for day in week {
        plain[*day as usize - 1] = true;
    }
    (fast, Slow { week: plain, rest, work, years: years.keys().map(|year| i64::from(*year)).collect() })
}

fn span(most: u32) -> impl Strategy<Value = Span> {
    let unit = prop_oneof![Just(Unit::Minute), Just(Unit::Hour), Just(Unit::Day), Just(Unit::Workday)];
    (1..=most, unit).prop_map(|(amount, unit)| Span { amount, unit })
}

fn cases() -> ProptestConfig {
    let cases = if std::env::var("HUIYIN_TEST_ALL").is_ok_and(|all| all == "1") { 1_000_000 } else { 2_000 };
    ProptestConfig { cases, failure_persistence: None, rng_seed: RngSeed::Fixed(62), ..ProptestConfig::default() }
}

proptest! {
    #![proptest_config(cases())]

    #[test]
    fn the_fast_calendar_agrees_with_the_slow_one(
        seed in any::<u64>(),
        week in prop_oneof![Just(vec![1_i8, 2, 3, 4, 5]), Just(vec![1, 2, 3, 4, 5, 6]), Just(vec![7]), Just(vec![1, 2, 3, 4, 5, 6, 7])],
        start in 1_767_225_600_000_i64..1_830_000_000_000,
        long in span(40),
        more in span(12),
        before in span(6),
        pause in 0_i64..40 * 86_400_000,
        roll in any::<bool>(),
        natural in any::<bool>(),
    ) {
        let (fast, slow) = both(seed, &week);
        let start = Instant(start);
        let due = fast.due(start, long, roll);
        prop_assert_eq!(due, slow.due(start, long, roll));
        prop_assert_eq!(fast.extend(due, more), slow.extend(due, more));
        let until = start.plus(pause);
        prop_assert_eq!(fast.shift(due, start, until, natural), slow.shift(due, start, until, natural));
        // A pause leaves as many working days as there were, when it began before the limit ended.
        if due.last.is_some() {
            let moved = fast.shift(due, start, until, false);
            prop_assert_eq!(slow.left(Slow::day_of(start), due), slow.left(Slow::day_of(until), moved));
        }
        prop_assert_eq!(fast.warning(due, before), slow.warning(due, before));
        prop_assert!(due.missed_by(due.missed_from()) && !due.missed_by(due.missed_from().plus(-1)));
    }
}

/// The notices of the pack, day by day: a rest day is not worked, a make-up day is, all others go by the week.
#[test]
fn the_years_of_the_pack_count_as_many_working_days_as_their_notices_leave() {
    let calendar = pack().calendar();
    // Year, working days: counted by hand from the weekday table and the notice.
    for (year, worked) in [(2024, 251), (2025, 248), (2026, 248)] {
        let mut day = Day::try_from(year * 10_000 + 101).expect("a day");
        let mut count = 0;
        while day.number() / 10_000 == year {
            count += i64::from(calendar.is_working(day));
            day = day.next();
        }
        assert_eq!(count, worked, "{year}");
    }
    assert_eq!(local(calendar.zone().start_of(Day::try_from(20_261_010).expect("a day"))), "2026-10-10T00:00:00");
}
