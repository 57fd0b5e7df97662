//! Working days and the arithmetic of limits (regulation notes T-1 to T-8).
//!
//! Hour clocks run through nights and holidays and end at an instant that is still in time. Day clocks
//! leave out the start day and end at the end of the last counted day, which is the start of the next.

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
    /// Natural days.
    Day,
    /// Working days.
    Workday,
}

/// An amount of time a pack or a person names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Span {
    /// How many, at least 1.
    pub amount: u32,
    /// Of what.
    pub unit: Unit,
}

impl Span {
    /// Milliseconds, for minutes and hours.
    pub fn ms(self) -> Option<i64> {
        match self.unit {
            Unit::Minute => Some(i64::from(self.amount) * 60_000),
            Unit::Hour => Some(i64::from(self.amount) * 3_600_000),
            Unit::Day | Unit::Workday => None,
        }
    }
}

/// When a limit ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Due {
    /// Hour clocks: the last instant in time. Day clocks: the first instant after the last counted day.
    pub at: Instant,
    /// Whether `at` itself is still in time.
    pub inclusive: bool,
    /// The last counted day of a day clock.
    pub last: Option<Day>,
    /// Whether a year without a holiday notice was counted through.
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

/// A city's days: the week, the yearly holiday notices with their make-up days, local closures.
#[derive(Debug, Clone)]
pub struct Calendar {
    zone: Zone,
    /// Weekdays (1 Monday … 7 Sunday) that are worked in a plain week.
    worked: [bool; 8],
    rest: HashSet<Day>,
    makeup: HashSet<Day>,
    notices: BTreeMap<i16, String>,
}

impl Calendar {
    /// A calendar from its facts. `notices` names the holiday notice of each known year.
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
        Self { zone, worked, rest: rest.into_iter().collect(), makeup: makeup.into_iter().collect(), notices }
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
        if self.makeup.contains(&day) {
            return true;
        }
        !self.rest.contains(&day) && self.worked[usize::try_from(day.weekday()).unwrap_or(0)]
    }

    /// When a limit of `span` that starts at `start` ends. `roll` moves the last of natural days to the next working day.
    pub fn due(&self, start: Instant, span: Span, roll: bool) -> Due {
        if let Some(ms) = span.ms() {
            return Due { at: start.plus(ms), inclusive: true, last: None, provisional: false };
        }
        let first = self.zone.day(start);
        let last = match span.unit {
            Unit::Workday => self.working_days_after(first, span.amount),
            _ => {
                let mut day = (0..span.amount).fold(first, |day, _| day.next());
                while roll && !self.is_working(day) {
                    day = day.next();
                }
                day
            }
        };
        let due = self.end_of(first, last);
        // Natural days that roll nowhere ask no notice.
        Due { provisional: due.provisional && (roll || span.unit == Unit::Workday), ..due }
    }

    /// The due moment of a limit that ends with `last`, counted from `first`.
    pub fn end_of(&self, first: Day, last: Day) -> Due {
        let provisional = (first.date().year()..=last.date().year()).any(|year| !self.notices.contains_key(&year));
        Due { at: self.zone.start_of(last.next()), inclusive: false, last: Some(last), provisional }
    }

    /// A due moment moved on: a day clock continues from its last counted day, an hour clock by the amount.
    ///
    /// An hour clock given days ends with that many days after the day it would have ended on.
    pub fn extend(&self, due: Due, span: Span) -> Due {
        match (due.last, span.ms()) {
            (_, Some(ms)) => Due { at: due.at.plus(ms), ..due },
            (last, None) => {
                let last = last.unwrap_or_else(|| self.zone.day(due.at));
                let end = match span.unit {
                    Unit::Workday => self.working_days_after(last, span.amount),
                    _ => (0..span.amount).fold(last, |day, _| day.next()),
                };
                let moved = self.end_of(last, end);
                let unknown = moved.provisional && span.unit == Unit::Workday;
                Due { provisional: due.provisional || unknown, ..moved }
            }
        }
    }

    /// A due moment moved on by a pause: hour clocks by its length, day clocks by the working (or natural)
    /// days from the one it began on to the one before it ended, so that as many days are left as there were.
    pub fn shift(&self, due: Due, from: Instant, until: Instant, natural: bool) -> Due {
        let Some(last) = due.last else {
            return Due { at: due.at.plus((until.ms() - from.ms()).max(0)), ..due };
        };
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
        let moved = self.extend(due, Span { amount: lost, unit });
        debug_assert!(moved.last >= Some(last));
        moved
    }

    /// The moment of the warning `before` a due: the start of the nth last counted day, or so many hours earlier.
    pub fn warning(&self, due: Due, before: Span) -> Instant {
        let Some(ms) = before.ms() else {
            let mut day = due.last.unwrap_or_else(|| self.zone.day(due.at));
            let counts = |day: Day| before.unit == Unit::Day || self.is_working(day);
            let mut left = before.amount.saturating_sub(u32::from(counts(day)));
            while left > 0 {
                day = day.previous();
                left -= u32::from(counts(day));
            }
            return self.zone.start_of(day);
        };
        due.at.plus(-ms)
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
