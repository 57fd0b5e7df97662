//! The calendar against a second one that is slow and obvious: it walks from day to day and looks each up.
//!
//! `HUIYIN_TEST_ALL=1` compares a million random cases.

mod common;

use std::collections::{BTreeMap, BTreeSet};

use common::{local, pack};
use huiyin_core::{
    calendar::{Calendar, Due, Ends, Hours, Shift, Span, Unit},
    time::{Day, Instant, Zone},
};
use proptest::{prelude::*, test_runner::RngSeed};

/// Days looked up one by one; nothing clever.
struct Slow {
    week: [bool; 7],
    rest: BTreeSet<i64>,
    work: BTreeSet<i64>,
    years: BTreeSet<i64>,
    closed: BTreeSet<i64>,
    /// Whether offices have hours: half past eight to twelve and half past two to half past five, an hour more in summer.
    hours: bool,
}

impl Slow {
    fn works(&self, day: Day) -> bool {
        if self.closed.contains(&day.number()) {
            false
        } else if self.work.contains(&day.number()) {
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

    /// Whether offices are open in a minute of a day.
    fn open(&self, day: Day, minute: i64) -> bool {
        let summer = (601..=930).contains(&(day.number() % 10_000));
        let evening = if summer { 18 * 60 + 30 } else { 17 * 60 + 30 };
        let hours = (8 * 60 + 30..12 * 60).contains(&minute) || (14 * 60 + 30..evening).contains(&minute);
        self.works(day) && (!self.hours || hours)
    }

    /// Walks from minute to minute while offices are open until so much time has passed.
    fn work_after(&self, start: Instant, ms: i64) -> Instant {
        let (mut day, mut left) = (Self::day_of(start), ms);
        loop {
            let midnight = Self::zone().start_of(day).ms();
            for minute in 0..1440 {
                let (begin, end) = (midnight + minute * 60_000, midnight + (minute + 1) * 60_000);
                if end <= start.ms() || !self.open(day, minute) {
                    continue;
                }
                let begin = begin.max(start.ms());
                if left <= end - begin {
                    return Instant(begin + left);
                }
                left -= end - begin;
            }
            day = day.next();
        }
    }

    fn work_before(&self, end: Instant, ms: i64) -> Instant {
        let (mut day, mut left) = (Self::day_of(end), ms);
        loop {
            let midnight = Self::zone().start_of(day).ms();
            for minute in (0..1440).rev() {
                let (begin, until) = (midnight + minute * 60_000, midnight + (minute + 1) * 60_000);
                if begin >= end.ms() || !self.open(day, minute) {
                    continue;
                }
                let until = until.min(end.ms());
                if left <= until - begin {
                    return Instant(until - left);
                }
                left -= until - begin;
            }
            day = day.previous();
        }
    }

    fn work_between(&self, from: Instant, until: Instant) -> i64 {
        let (mut day, mut found) = (Self::day_of(from), 0);
        while day <= Self::day_of(until) {
            let midnight = Self::zone().start_of(day).ms();
            for minute in (0..1440).filter(|minute| self.open(day, *minute)) {
                let (begin, end) = (midnight + minute * 60_000, midnight + (minute + 1) * 60_000);
                found += (end.min(until.ms()) - begin.max(from.ms())).max(0);
            }
            day = day.next();
        }
        found
    }

    /// The moment a day ends: midnight, or when offices close if they open on it.
    fn end_at(&self, last: Day, close: bool) -> Instant {
        let closing = (0..1440).rev().find(|minute| self.open(last, *minute)).filter(|_| close);
        closing.map_or_else(|| Self::end(last), |at| Instant(Self::zone().start_of(last).ms() + (at + 1) * 60_000))
    }

    fn due(&self, start: Instant, span: Span, ends: Ends) -> Due {
        let mut due = self.due_at_midnight(start, span, ends.roll);
        if let Some(last) = due.last {
            let at = self.end_at(last, ends.close);
            due.at = if at > start { at } else { due.at };
        }
        due
    }

    fn due_at_midnight(&self, start: Instant, span: Span, roll: bool) -> Due {
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
            Unit::Workminute | Unit::Workhour => {
                let ms = if span.unit == Unit::Workhour { 3_600_000 } else { 60_000 };
                let at = self.work_after(start, i64::from(span.amount) * ms);
                Due { at, inclusive: true, last: None, provisional: self.unknown_year(first, Self::day_of(at)) }
            }
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
    fn extend(&self, due: Due, span: Span, ends: Ends) -> Due {
        let ms = match span.unit {
            Unit::Minute => 60 * 1000,
            Unit::Hour => 60 * 60 * 1000,
            Unit::Workminute | Unit::Workhour => {
                let ms = if span.unit == Unit::Workhour { 3_600_000 } else { 60_000 };
                let at = self.work_after(due.at, i64::from(span.amount) * ms);
                let unknown = self.unknown_year(Self::day_of(due.at), Self::day_of(at));
                return Due { at, provisional: due.provisional || unknown, ..due };
            }
            Unit::Day | Unit::Workday => {
                let from = due.last.unwrap_or_else(|| Self::day_of(due.at));
                let mut last = self.count(from, span.amount, span.unit == Unit::Day);
                while ends.roll && span.unit == Unit::Day && !self.works(last) {
                    last = last.next();
                }
                let asks = ends.roll || span.unit == Unit::Workday;
                let provisional = due.provisional || (asks && self.unknown_year(from, last));
                return Due { at: self.end_at(last, ends.close), inclusive: false, last: Some(last), provisional };
            }
        };
        Due { at: Instant(due.at.ms() + i64::from(span.amount) * ms), ..due }
    }

    /// A limit moved on by a pause: hour limits by its length, day limits by as many days as were lost, so that from
    /// the day it ended on as many are left as there were from the day it began on.
    fn shift(&self, due: Due, from: Instant, until: Instant, unit: Unit, ends: Ends) -> Due {
        let natural = unit == Unit::Day;
        if due.last.is_none() && matches!(unit, Unit::Workhour | Unit::Workminute) {
            let lost = self.work_between(from, until);
            if lost <= 0 {
                return due;
            }
            let at = self.work_after(due.at, lost);
            let unknown = self.unknown_year(Self::day_of(due.at), Self::day_of(at));
            return Due { at, provisional: due.provisional || unknown, ..due };
        }
        if due.last.is_none() {
            return Due { at: Instant(due.at.ms() + (until.ms() - from.ms()).max(0)), ..due };
        }
        let mut moved = due;
        let mut day = Self::day_of(from);
        while day < Self::day_of(until) {
            if natural || self.works(day) {
                let unit = if natural { Unit::Day } else { Unit::Workday };
                moved = self.extend(moved, Span { amount: 1, unit }, Ends { roll: false, ..ends });
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
            Unit::Workminute => return self.work_before(due.at, i64::from(before.amount) * 60_000),
            Unit::Workhour => return self.work_before(due.at, i64::from(before.amount) * 3_600_000),
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

    /// A limit so much earlier: as many days before its last, or so much time before its end.
    fn earlier(&self, due: Due, by: Span, ends: Ends) -> Due {
        if !matches!(by.unit, Unit::Day | Unit::Workday) {
            return Due { at: self.warning(due, by), inclusive: true, last: None, ..due };
        }
        let mut day = due.last.unwrap_or_else(|| Self::day_of(due.at));
        for _ in 0..by.amount {
            day = day.previous();
            while by.unit == Unit::Workday && !self.works(day) {
                day = day.previous();
            }
        }
        Due { at: self.end_at(day, ends.close), inclusive: false, last: Some(day), provisional: due.provisional }
    }

    /// A part of a limit: of its working days after the first so many percent, rounded down, at least one.
    fn share(&self, start: Instant, due: Due, percent: u32, ends: Ends) -> Due {
        let Some(last) = due.last else {
            return Due { at: Instant(start.ms() + (due.at.ms() - start.ms()) / 100 * i64::from(percent)), ..due };
        };
        let (mut counted, mut day) = (Vec::new(), Self::day_of(start));
        while day < last {
            day = day.next();
            if self.works(day) {
                counted.push(day);
            }
        }
        let which = (counted.len() * percent as usize / 100).max(1);
        let end = counted.get(which - 1).copied().unwrap_or(last);
        Due { at: self.end_at(end, ends.close), inclusive: false, last: Some(end), provisional: due.provisional }
    }

    fn shifted(&self, start: Instant, shift: Shift) -> Instant {
        let mut at = start;
        let apt = |at: Instant| {
            let day = Self::day_of(at);
            let minute = (at.ms() - Self::zone().start_of(day).ms()) / 60_000;
            match shift {
                Shift::Workday => self.works(day),
                Shift::BusinessHours => self.open(day, minute),
            }
        };
        while !apt(at) {
            let day = Self::day_of(at);
            let into = at.ms() - Self::zone().start_of(day).ms();
            let step = if self.works(day) { into / 60_000 * 60_000 + 60_000 } else { 86_400_000 };
            at = Instant(Self::zone().start_of(day).ms() + step);
        }
        at
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
    let (mut rest, mut work, mut closed) = (BTreeSet::new(), BTreeSet::new(), BTreeSet::new());
    let mut day = Day::try_from(20_260_101).expect("a day");
    while day.number() < 20_280_101 {
        match next() % 10 {
            0 | 1 => drop(rest.insert(day.number())),
            2 => drop(work.insert(day.number())),
            3 if next().is_multiple_of(4) => drop(closed.insert(day.number())),
            _ => {}
        }
        day = day.next();
    }
    let years: BTreeMap<i16, String> = if seed.is_multiple_of(2) { &[2026_i16, 2027][..] } else { &[2026][..] }
        .iter()
        .map(|year| (*year, "notice".to_owned()))
        .collect();
    let days = |set: &BTreeSet<i64>| set.iter().map(|day| Day::try_from(*day).expect("a day")).collect::<Vec<_>>();
    let hours = !seed.is_multiple_of(3);
    let evening = |close| vec![(8 * 60 + 30, 12 * 60), (14 * 60 + 30, close)];
    let season = |first, last, close| Hours {
        from: Day::try_from(20_200_101).expect("a day"),
        until: None,
        season: Some((first, last)),
        spans: evening(close),
    };
    let both = [season((6, 1), (9, 30), 18 * 60 + 30), season((10, 1), (5, 31), 17 * 60 + 30)];
    let fast = Calendar::new(Slow::zone(), week, days(&rest), days(&work), years.clone())
        .closed_on(days(&closed))
        .open_at(both.into_iter().filter(|_| hours));
    let mut plain = [false; 7];
    for day in week {
        plain[*day as usize - 1] = true;
    }
    let years = years.keys().map(|year| i64::from(*year)).collect();
    (fast, Slow { week: plain, rest, work, years, closed, hours })
}

fn span(most: u32) -> impl Strategy<Value = Span> {
    let unit = prop_oneof![
        Just(Unit::Minute),
        Just(Unit::Hour),
        Just(Unit::Workminute),
        Just(Unit::Workhour),
        Just(Unit::Day),
        Just(Unit::Workday)
    ];
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
        close in any::<bool>(),
        unit in prop_oneof![Just(Unit::Day), Just(Unit::Workday), Just(Unit::Workhour), Just(Unit::Hour)],
        percent in 1_u32..=100,
    ) {
        let (fast, slow) = both(seed, &week);
        let start = Instant(start);
        let ends = Ends { roll, close };
        for shift in [Shift::Workday, Shift::BusinessHours] {
            prop_assert_eq!(fast.shifted(start, shift), slow.shifted(start, shift));
        }
        let same_day = Span { amount: 0, unit: Unit::Day };
        prop_assert_eq!(fast.due(start, same_day, ends), slow.due(start, same_day, ends));
        let due = fast.due(start, long, ends);
        prop_assert_eq!(due, slow.due(start, long, ends));
        prop_assert_eq!(fast.extend(due, more, ends), slow.extend(due, more, ends));
        prop_assert_eq!(fast.earlier(due, before, ends), slow.earlier(due, before, ends));
        prop_assert_eq!(fast.share(start, due, percent, ends), slow.share(start, due, percent, ends));
        let until = start.plus(pause);
        prop_assert_eq!(fast.shift(due, start, until, unit, ends), slow.shift(due, start, until, unit, ends));
        // A pause leaves as many working days as there were, when it began before the limit ended.
        if due.last.is_some() {
            let moved = fast.shift(due, start, until, Unit::Workday, ends);
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
