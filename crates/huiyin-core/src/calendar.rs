//! Working days and the arithmetic of limits (regulation notes T-1 to T-8).
//!
//! Hour clocks run through nights and holidays and end at an instant that is still in time; those in working time
//! run only while the city's offices are open. Day clocks leave out the start day and end at the end of the last
//! counted day: at midnight, which is the start of the next, or at close of business.

use std::collections::{BTreeMap, HashSet};

use serde::{Deserialize, Serialize};

use crate::time::{Day, Instant, Zone};

/// What a limit is counted in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Unit {
    /// Natural minutes.
    Minute,
    /// Natural hours.
    Hour,
    /// Minutes while offices are open.
    Workminute,
    /// Hours while offices are open.
    Workhour,
    /// Natural days.
    Day,
    /// Working days.
    Workday,
}

/// An amount of time a pack or a person names. A limit of no days ends with the day it starts on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Span {
    /// How many.
    pub amount: u32,
    /// Of what.
    pub unit: Unit,
}

impl Span {
    /// Milliseconds, for natural minutes and hours.
    pub fn ms(self) -> Option<i64> {
        match self.unit {
            Unit::Minute => Some(i64::from(self.amount) * 60_000),
            Unit::Hour => Some(i64::from(self.amount) * 3_600_000),
            Unit::Workminute | Unit::Workhour | Unit::Day | Unit::Workday => None,
        }
    }

    /// Milliseconds of working time, for working minutes and hours.
    pub fn work_ms(self) -> Option<i64> {
        match self.unit {
            Unit::Workminute => Some(i64::from(self.amount) * 60_000),
            Unit::Workhour => Some(i64::from(self.amount) * 3_600_000),
            Unit::Minute | Unit::Hour | Unit::Day | Unit::Workday => None,
        }
    }
}

/// How the days of a limit end.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Ends {
    /// The last of natural days rolls to the next working day.
    pub roll: bool,
    /// The last day ends at close of business, not at midnight.
    pub close: bool,
}

/// Where a start outside working time moves to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Shift {
    /// From a day off to the start of the next working day.
    Workday,
    /// From outside business hours to the next opening.
    BusinessHours,
}

/// The hours offices are open, for a time and a season.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hours {
    /// First day in force.
    pub from: Day,
    /// Last day in force.
    pub until: Option<Day>,
    /// First and last day of the season, as month and day; it may run over the end of the year.
    pub season: Option<((i8, i8), (i8, i8))>,
    /// Opening and closing, in minutes of the day, in order.
    pub spans: Vec<(u16, u16)>,
}

impl Hours {
    /// Whether they hold on a day.
    pub fn holds(&self, day: Day) -> bool {
        let date = (day.date().month(), day.date().day());
        let in_season = self.season.is_none_or(|(first, last)| {
            if first <= last { first <= date && date <= last } else { first <= date || date <= last }
        });
        in_season && self.from <= day && self.until.is_none_or(|until| day <= until)
    }
}

/// When a limit ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Due {
    /// Hour clocks: the last instant in time. Day clocks: the first instant after the last counted day.
    pub at: Instant,
    /// Whether `at` itself is still in time.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub inclusive: bool,
    /// The last counted day of a day clock.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last: Option<Day>,
    /// Whether a year without a holiday notice was counted through.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub provisional: bool,
}

impl Due {
    /// Whether something done at `at` is late.
    pub fn missed_by(&self, at: Instant) -> bool {
        if self.inclusive { at > self.at } else { at >= self.at }
    }

    /// The first instant that is late.
    pub fn missed_from(&self) -> Instant {
        if self.inclusive { self.at.plus(1) } else { self.at }
    }
}

/// A city's days: the week, the yearly holiday notices with their make-up days, local closures, business hours.
#[derive(Debug, Clone)]
pub struct Calendar {
    zone: Zone,
    /// By weekday, 1 Monday to 7 Sunday.
    worked: [bool; 8],
    rest: HashSet<Day>,
    makeup: HashSet<Day>,
    /// Days closed by a local notice, which no make-up day outdoes.
    closed: HashSet<Day>,
    /// Without any, a working day is open from midnight to midnight.
    hours: Vec<Hours>,
    /// Year to the notice that fixed it.
    notices: BTreeMap<i16, String>,
}

impl Calendar {
    /// A calendar: which weekdays are worked (1 to 7), days off and make-up days, and the notice of each known year.
    pub fn new(
        zone: Zone,
        weekdays: &[i8],
        rest: impl IntoIterator<Item = Day>,
        makeup: impl IntoIterator<Item = Day>,
        notices: BTreeMap<i16, String>,
    ) -> Self {
        let mut worked = [false; 8];
        for &day in weekdays {
            if let Some(flag) = usize::try_from(day).ok().and_then(|at| worked.get_mut(at)) {
                *flag = true;
            }
        }
        Self {
            zone,
            worked,
            rest: rest.into_iter().collect(),
            makeup: makeup.into_iter().collect(),
            closed: HashSet::new(),
            hours: Vec::new(),
            notices,
        }
    }

    /// The same with days closed by local notices.
    #[must_use]
    pub fn closed_on(mut self, days: impl IntoIterator<Item = Day>) -> Self {
        self.closed.extend(days);
        self
    }

    /// The same with business hours.
    #[must_use]
    pub fn open_at(mut self, hours: impl IntoIterator<Item = Hours>) -> Self {
        self.hours.extend(hours);
        self
    }

    /// The city's zone.
    pub fn zone(&self) -> &Zone {
        &self.zone
    }

    /// The holiday notice of a year, if it is known.
    pub fn notice(&self, year: i16) -> Option<&str> {
        self.notices.get(&year).map(String::as_str)
    }

    /// Whether a day is worked.
    pub fn is_working(&self, day: Day) -> bool {
        if self.closed.contains(&day) {
            return false;
        }
        if self.makeup.contains(&day) {
            return true;
        }
        !self.rest.contains(&day) && self.worked[usize::try_from(day.weekday()).unwrap_or(0)]
    }

    /// When offices open and close on a day, in order; nothing on a day off.
    fn open(&self, day: Day) -> Vec<(Instant, Instant)> {
        if !self.is_working(day) {
            return Vec::new();
        }
        match self.hours.iter().find(|hours| hours.holds(day)) {
            Some(hours) => hours
                .spans
                .iter()
                .map(|(open, close)| (self.zone.moment(day, *open), self.zone.moment(day, *close)))
                .collect(),
            None => vec![(self.zone.start_of(day), self.zone.start_of(day.next()))],
        }
    }

    /// The moment when so much working time has passed since a start.
    fn work_after(&self, start: Instant, ms: i64) -> Instant {
        let (mut day, mut left) = (self.zone.day(start), ms);
        loop {
            for (open, close) in self.open(day) {
                let from = open.max(start);
                let there = close.ms() - from.ms();
                if there > 0 && left <= there {
                    return from.plus(left);
                }
                left -= there.max(0);
            }
            day = day.next();
        }
    }

    /// The latest moment from which so much working time is left until an end.
    fn work_before(&self, end: Instant, ms: i64) -> Instant {
        let (mut day, mut left) = (self.zone.day(end), ms);
        loop {
            for (open, close) in self.open(day).into_iter().rev() {
                let to = close.min(end);
                let there = to.ms() - open.ms();
                if there > 0 && left <= there {
                    return to.plus(-left);
                }
                left -= there.max(0);
            }
            day = day.previous();
        }
    }

    /// Working time between two moments, in milliseconds.
    pub fn work_between(&self, from: Instant, until: Instant) -> i64 {
        let (mut day, last) = (self.zone.day(from), self.zone.day(until));
        let mut found = 0;
        while day <= last {
            for (open, close) in self.open(day) {
                found += (close.min(until).ms() - open.max(from).ms()).max(0);
            }
            day = day.next();
        }
        found
    }

    /// A start moved into working time.
    pub fn shifted(&self, start: Instant, shift: Shift) -> Instant {
        match shift {
            Shift::BusinessHours => self.work_after(start, 0),
            Shift::Workday => {
                let first = self.zone.day(start);
                let mut day = first;
                while !self.is_working(day) {
                    day = day.next();
                }
                if day == first { start } else { self.zone.start_of(day) }
            }
        }
    }

    /// When a limit of `span` that starts at `start` ends.
    pub fn due(&self, start: Instant, span: Span, ends: Ends) -> Due {
        let first = self.zone.day(start);
        if let Some(ms) = span.ms() {
            return Due { at: start.plus(ms), inclusive: true, last: None, provisional: false };
        }
        if let Some(ms) = span.work_ms() {
            let at = self.work_after(start, ms);
            return Due { at, inclusive: true, last: None, provisional: self.unknown(first, self.zone.day(at)) };
        }
        let last = match span.unit {
            Unit::Workday => self.working_days_after(first, span.amount),
            _ => self.rolled((0..span.amount).fold(first, |day, _| day.next()), ends.roll),
        };
        let mut due = self.end_of(first, last, ends.close);
        if due.at <= start {
            // Offices have closed already: the day itself is left.
            due.at = self.zone.start_of(last.next());
        }
        // Natural days that roll nowhere ask no notice.
        Due { provisional: due.provisional && (ends.roll || span.unit == Unit::Workday), ..due }
    }

    /// The due moment of a limit that ends with `last`, counted from `first`; `close` ends it at close of business.
    pub fn end_of(&self, first: Day, last: Day, close: bool) -> Due {
        let closing = self.open(last).last().map(|(_, at)| *at).filter(|_| close);
        let at = closing.unwrap_or_else(|| self.zone.start_of(last.next()));
        Due { at, inclusive: false, last: Some(last), provisional: self.unknown(first, last) }
    }

    /// Whether a year without a notice lies between two days.
    fn unknown(&self, first: Day, last: Day) -> bool {
        (first.date().year()..=last.date().year()).any(|year| !self.notices.contains_key(&year))
    }

    fn rolled(&self, mut day: Day, roll: bool) -> Day {
        while roll && !self.is_working(day) {
            day = day.next();
        }
        day
    }

    /// A due moment moved on: a day clock continues from its last counted day, an hour clock by the amount.
    ///
    /// An hour clock given days ends with that many days after the day it would have ended on.
    pub fn extend(&self, due: Due, span: Span, ends: Ends) -> Due {
        if let Some(ms) = span.ms() {
            return Due { at: due.at.plus(ms), ..due };
        }
        if let Some(ms) = span.work_ms() {
            let at = self.work_after(due.at, ms);
            let unknown = self.unknown(self.zone.day(due.at), self.zone.day(at));
            return Due { at, provisional: due.provisional || unknown, ..due };
        }
        let last = due.last.unwrap_or_else(|| self.zone.day(due.at));
        let end = match span.unit {
            Unit::Workday => self.working_days_after(last, span.amount),
            _ => self.rolled((0..span.amount).fold(last, |day, _| day.next()), ends.roll),
        };
        let moved = self.end_of(last, end, ends.close);
        let unknown = moved.provisional && (ends.roll || span.unit == Unit::Workday);
        Due { provisional: due.provisional || unknown, ..moved }
    }

    /// A due moment moved on by a pause, for a limit counted in `unit`: hour clocks by its length (or the working time
    /// in it), day clocks by the working (or natural) days from the one it began on to the one before it ended, so that
    /// as many days are left as there were.
    pub fn shift(&self, due: Due, from: Instant, until: Instant, unit: Unit, ends: Ends) -> Due {
        let Some(last) = due.last else {
            if matches!(unit, Unit::Workminute | Unit::Workhour) {
                let lost = self.work_between(from, until);
                let at = if lost > 0 { self.work_after(due.at, lost) } else { due.at };
                let unknown = lost > 0 && self.unknown(self.zone.day(due.at), self.zone.day(at));
                return Due { at, provisional: due.provisional || unknown, ..due };
            }
            return Due { at: due.at.plus((until.ms() - from.ms()).max(0)), ..due };
        };
        let natural = unit == Unit::Day;
        let (mut day, end) = (self.zone.day(from), self.zone.day(until));
        let mut lost = 0;
        while day < end {
            lost += u32::from(natural || self.is_working(day));
            day = day.next();
        }
        if lost == 0 {
            return due;
        }
        let unit = if natural { Unit::Day } else { Unit::Workday };
        let moved = self.extend(due, Span { amount: lost, unit }, Ends { roll: false, ..ends });
        debug_assert!(moved.last >= Some(last));
        moved
    }

    /// A due moment so much earlier: a day clock by days counted back from its last, an hour clock by the amount.
    pub fn earlier(&self, due: Due, span: Span, ends: Ends) -> Due {
        if let Some(ms) = span.ms() {
            return Due { at: due.at.plus(-ms), inclusive: true, last: None, ..due };
        }
        if let Some(ms) = span.work_ms() {
            return Due { at: self.work_before(due.at, ms), inclusive: true, last: None, ..due };
        }
        let mut day = due.last.unwrap_or_else(|| self.zone.day(due.at));
        let mut left = span.amount;
        while left > 0 {
            day = day.previous();
            left -= u32::from(span.unit == Unit::Day || self.is_working(day));
        }
        Due { provisional: due.provisional, ..self.end_of(day, day, ends.close) }
    }

    /// The end of a share of a limit, in percent: whole working days of a day clock, at least one; time of an hour clock.
    pub fn share(&self, start: Instant, due: Due, percent: u32, ends: Ends) -> Due {
        let Some(last) = due.last else {
            let ms = (due.at.ms() - start.ms()) / 100 * i64::from(percent);
            return Due { at: start.plus(ms), ..due };
        };
        let first = self.zone.day(start);
        let (mut day, mut counted) = (first, 0_u64);
        while day < last {
            day = day.next();
            counted += u64::from(self.is_working(day));
        }
        let days = u32::try_from(counted * u64::from(percent) / 100).unwrap_or(u32::MAX).max(1);
        let end = self.working_days_after(first, days).min(last);
        Due { provisional: due.provisional, ..self.end_of(first, end, ends.close) }
    }

    /// How many of a unit a limit has had from its start, rounded down.
    pub fn units(&self, start: Instant, due: Due, unit: Unit) -> i64 {
        let ms = |each: i64| (due.at.ms() - start.ms()) / each;
        match unit {
            Unit::Minute => ms(60_000),
            Unit::Hour => ms(3_600_000),
            Unit::Workminute => self.work_between(start, due.at) / 60_000,
            Unit::Workhour => self.work_between(start, due.at) / 3_600_000,
            Unit::Day | Unit::Workday => {
                let last = due.last.unwrap_or_else(|| self.zone.day(due.at));
                let (mut day, mut found) = (self.zone.day(start), 0);
                while day < last {
                    day = day.next();
                    found += i64::from(unit == Unit::Day || self.is_working(day));
                }
                found
            }
        }
    }

    /// The moment of the warning `before` a due: the start of the nth last counted day, or so many hours earlier.
    pub fn warning(&self, due: Due, before: Span) -> Instant {
        if let Some(ms) = before.ms() {
            return due.at.plus(-ms);
        }
        if let Some(ms) = before.work_ms() {
            return self.work_before(due.at, ms);
        }
        let mut day = due.last.unwrap_or_else(|| self.zone.day(due.at));
        let counts = |day: Day| before.unit == Unit::Day || self.is_working(day);
        let mut left = before.amount.saturating_sub(u32::from(counts(day)));
        while left > 0 {
            day = day.previous();
            left -= u32::from(counts(day));
        }
        self.zone.start_of(day)
    }

    fn working_days_after(&self, day: Day, count: u32) -> Day {
        let (mut day, mut left) = (day, count);
        while left > 0 {
            day = day.next();
            left -= u32::from(self.is_working(day));
        }
        day
    }
}
