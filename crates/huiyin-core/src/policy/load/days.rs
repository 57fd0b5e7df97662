//! The calendar of a pack: week, notices, closures, business hours.

use std::collections::{BTreeSet, HashSet};

use super::{At, Checker, Sections};
use crate::{
    calendar::{Calendar, Hours, Unit},
    time::{Day, Zone},
};

/// Longest local closure, in days.
const LONGEST_CLOSURE: usize = 92;

/// `HH:MM` as minutes of the day; 24:00 is the end of it.
pub(super) fn minutes(text: &str) -> Option<u16> {
    let (hour, minute) = text.split_once(':').filter(|(h, m)| h.len() == 2 && m.len() == 2)?;
    let (hour, minute) = (hour.parse::<u16>().ok()?, minute.parse::<u16>().ok()?);
    (minute < 60 && (hour < 24 || (hour == 24 && minute == 0))).then_some(hour * 60 + minute)
}

/// `MM-DD` as month and day; the 29th of February is one.
pub(super) fn month_day(text: &str) -> Option<(i8, i8)> {
    let (month, day) = text.split_once('-').filter(|(m, d)| m.len() == 2 && d.len() == 2)?;
    let (month, day) = (month.parse().ok()?, day.parse().ok()?);
    jiff::civil::Date::new(2028, month, day).ok().map(|_| (month, day))
}

/// The business hours, each day with one set of them.
pub(super) fn business_hours(check: &mut Checker, all: &Sections, sources: &HashSet<String>, first: Day) -> Vec<Hours> {
    let mut found: Vec<(At, Hours)> = Vec::new();
    for (at, entry) in &all.business_hours {
        check.cite(at, sources, &entry.cite);
        if entry.until.is_some_and(|until| until < entry.from) {
            check.fault(at, "these business hours end before they begin");
        }
        let season = match &entry.season {
            None => Some(None),
            Some([first, last]) => month_day(first).zip(month_day(last)).map(Some),
        };
        let Some(season) = season else {
            check.fault(at, "`season` is the first and last day as [\"05-01\", \"09-30\"]");
            continue;
        };
        let spans: Option<Vec<(u16, u16)>> =
            entry.open.iter().map(|[open, close]| minutes(open).zip(minutes(close))).collect();
        let Some(spans) = spans.filter(|spans| {
            spans.iter().all(|(open, close)| open < close)
                && spans.windows(2).all(|pair| pair[0].1 <= pair[1].0)
                // So that counting in working time ends.
                && spans.iter().map(|(open, close)| close - open).sum::<u16>() >= 60
        }) else {
            check.fault(
                at,
                "`open` lists opening and closing in order, an hour or more in all: [[\"08:30\", \"12:00\"], [\"14:30\", \"17:30\"]]",
            );
            continue;
        };
        found.push((at.clone(), Hours { from: entry.from, until: entry.until, season, spans }));
    }
    // Hours change where a validity begins or ends and once a season: a year from each such day shows all of it.
    let mut begins: BTreeSet<Day> = std::iter::once(first).collect();
    for (_, hours) in found.iter().take(100) {
        begins.extend([hours.from].into_iter().chain(hours.until.map(Day::next)).filter(|day| *day >= first));
    }
    let mut told = false;
    for begin in begins {
        let mut day = begin;
        for _ in 0..366 {
            let mut holding = found.iter().filter(|(_, hours)| hours.holds(day));
            let (one, two) = (holding.next(), holding.next());
            if told || found.is_empty() {
                break;
            }
            match (one, two) {
                (None, _) => {
                    let at = found[0].0.clone();
                    check.fault(
                        &at,
                        format!("no business hours cover {day}; every day from the pack's `from` on needs them"),
                    );
                    told = true;
                }
                (Some(_), Some((at, _))) => {
                    let at = at.clone();
                    check.fault(&at, format!("two sets of business hours cover {day}; end the earlier one before"));
                    told = true;
                }
                _ => {}
            }
            day = day.next();
        }
    }
    found.into_iter().map(|(_, hours)| hours).collect()
}

pub(super) fn calendar(
    check: &mut Checker,
    all: &Sections,
    start: &At,
    sources: &HashSet<String>,
    first: Day,
    zone: Zone,
) -> Option<Calendar> {
    let Some((at, week)) = all.calendar.first() else {
        if all.unread("calendar").next().is_none() {
            check.fault(start, "the pack has no [calendar] section; add one with the worked weekdays");
        }
        return None;
    };
    if week.workdays.is_empty() || week.workdays.iter().any(|day| !(1..=7).contains(day)) {
        check.fault(at, "`workdays` lists the worked weekdays, 1 Monday to 7 Sunday, at least one");
        return None;
    }
    for (at, holiday) in &all.holiday {
        for day in holiday.rest.iter().chain(&holiday.work) {
            if day.date().year() != holiday.year {
                check.fault(at, format!("{day} stands in the notice of {}; move it to its own year", holiday.year));
            }
            if holiday.rest.contains(day) && holiday.work.contains(day) {
                check.fault(at, format!("{day} is both a rest day and a make-up day; keep one"));
            }
        }
    }
    let mut closed = Vec::new();
    for (at, closure) in &all.closure {
        check.cite(at, sources, &closure.cite);
        if closure.until < closure.from {
            check.fault(at, format!("the closure from {} ends before it begins", closure.from));
        }
        let mut day = closure.from;
        for _ in 0..LONGEST_CLOSURE {
            if day > closure.until {
                break;
            }
            closed.push(day);
            day = day.next();
        }
        if day <= closure.until {
            check.fault(at, format!("a closure lasts at most {LONGEST_CLOSURE} days; write a later one beside it"));
        }
    }
    let hours = business_hours(check, all, sources, first);
    let counted = |rule: &crate::policy::ClockRule| {
        rule.value.iter().any(|value| matches!(value.unit, Unit::Workminute | Unit::Workhour))
            || rule.day_end.unwrap_or(week.day_end) == crate::policy::DayEnd::CloseOfBusiness
            || rule.shift == Some(crate::calendar::Shift::BusinessHours)
    };
    if let Some((at, rule)) = all.clock.iter().find(|(_, rule)| counted(rule)).filter(|_| all.business_hours.is_empty())
    {
        check.fault(
            at,
            format!(
                "clock rule `{}` counts by business hours and the pack has none; add [[business_hours]]",
                rule.rule
            ),
        );
    }
    Some(
        Calendar::new(
            zone,
            &week.workdays,
            all.holiday.iter().flat_map(|(_, h)| h.rest.iter().copied()),
            all.holiday.iter().flat_map(|(_, h)| h.work.iter().copied()),
            all.holiday.iter().map(|(_, h)| (h.year, h.notice.clone())).collect(),
        )
        .closed_on(closed)
        .open_at(hours),
    )
}
