//! How values are written for readers: moments, limits, units, citations.

use askama::Template;
use huiyin_app::{App, policy};
use huiyin_core::{
    calendar::Due,
    id::UnitId,
    order::{Clock, ClockState, Order, Standing, Urgency},
    organisation::Organisation,
    policy::{Basis, Pack},
    time::Instant,
};

use super::{field::Choice, field::Group, filters, words};
use crate::catalogue::Language;

/// A limit in a list.
#[derive(Debug, Clone, PartialEq, Eq, Template)]
#[template(path = "part/due.html")]
pub struct DueCell {
    /// `ok`, `soon`, `over`, `hold`, `done`.
    pub level: &'static str,
    /// Its icon.
    pub icon: &'static str,
    /// In words.
    pub text: String,
    /// Seconds left, where the page counts on.
    pub left: Option<i64>,
    /// Percent gone, in fives.
    pub gone: u8,
}

/// Time left or gone over, as the script says it too.
pub fn left(seconds: i64) -> String {
    let text = lasted(seconds * 1000);
    if seconds < 0 { t!("left-over", text) } else { t!("left-left", text) }
}

/// A duration.
pub fn lasted(ms: i64) -> String {
    let seconds = (ms / 1000).abs();
    let (days, hours, minutes) = (seconds / 86_400, seconds % 86_400 / 3_600, seconds % 3_600 / 60);
    if days > 0 {
        t!("left-days", days, hours)
    } else if hours > 0 {
        t!("left-hours", hours, minutes = format_args!("{minutes:02}"))
    } else {
        t!("left-minutes", minutes, seconds = format_args!("{:02}", seconds % 60))
    }
}

fn gone(now: i64, start: i64, due: i64) -> u8 {
    if due <= start || now >= due {
        return 100;
    }
    let percent = (now - start).max(0) * 100 / (due - start);
    u8::try_from(percent / 5 * 5).unwrap_or(100)
}

/// Whether a limit is near: a quarter of it is left, or it ends today.
fn near(app: &App, now: Instant, start: i64, due: i64) -> bool {
    due - now.ms() <= (due - start) / 4 || app.zone().day(Instant(due)) == app.zone().day(now)
}

/// A limit in a list.
pub fn due_cell(app: &App, now: Instant, start: i64, due: i64, missed: bool, emergency: bool) -> Option<DueCell> {
    if due >= huiyin_app::orders::list::NEVER {
        return None;
    }
    let over = missed || now.ms() >= due;
    let level = match () {
        () if over || emergency => "over",
        () if near(app, now, start, due) => "soon",
        () => "ok",
    };
    let icon = match level {
        "over" if emergency && !over => "urgent",
        "over" => "overdue",
        "soon" => "soon",
        _ => "clock",
    };
    let seconds = (due - now.ms()) / 1000;
    Some(DueCell { level, icon, text: left(seconds), left: Some(seconds), gone: gone(now.ms(), start, due) })
}

/// When a limit ends, for a reader. A day clock ends with its last day.
pub fn until(pack: &Pack, due: &Due) -> String {
    let text = match due.last {
        Some(day) => t!("show-day-until", day, weekday = weekday(day)),
        None => t!("show-time-until", at = moment(pack, due.at)),
    };
    if due.provisional { t!("show-provisional", text) } else { text }
}

/// A day of the week.
pub fn weekday(day: huiyin_core::time::Day) -> &'static str {
    match day.weekday() {
        1 => t!("weekday-1"),
        2 => t!("weekday-2"),
        3 => t!("weekday-3"),
        4 => t!("weekday-4"),
        5 => t!("weekday-5"),
        6 => t!("weekday-6"),
        _ => t!("weekday-7"),
    }
}

/// A moment: `2026-11-23 周一 17:30`.
pub fn moment(pack: &Pack, at: Instant) -> String {
    let text = pack.zone().short(at);
    let (day, time) = text.split_once(' ').unwrap_or((&text, ""));
    format!("{day} {} {time}", weekday(pack.zone().day(at)))
}

/// A moment near by: `今天 17:30`, `11-23 17:30`, or with its year.
pub fn near_moment(pack: &Pack, now: Instant, at: Instant) -> String {
    let (text, today) = (pack.zone().short(at), pack.zone().day(now));
    let day = pack.zone().day(at);
    let time = text.get(11..).unwrap_or_default();
    if day == today {
        t!("show-today", time)
    } else if day == today.previous() {
        t!("show-yesterday", time)
    } else if day.date().year() == today.date().year() {
        text.get(5..).unwrap_or_default().to_owned()
    } else {
        text
    }
}

/// The beginning of a text that may be long.
pub fn short(text: &str, most: usize) -> String {
    if text.chars().count() <= most {
        return text.to_owned();
    }
    text.chars().take(most.saturating_sub(1)).chain(['…']).collect()
}

/// A citation in one line.
pub fn cite(pack: &Pack, basis: &Basis) -> String {
    let citation = pack.citation(basis);
    let number = if citation.number.is_empty() { citation.document } else { citation.number };
    format!("{number} {}", citation.article)
}

/// A citation in full, for where a rule is held against somebody.
pub fn full_cite(pack: &Pack, basis: &Basis) -> String {
    let citation = pack.citation(basis);
    let number = match citation.number.as_str() {
        "" => String::new(),
        number => t!("show-cite-number", number),
    };
    t!("show-cite", document = citation.document, number, article = citation.article, from = citation.from)
}

/// A unit's name.
pub fn unit(org: &Organisation, id: &UnitId) -> String {
    org.unit(id).map_or_else(|| id.0.clone(), |unit| unit.name.clone())
}

/// A kind's name.
pub fn kind(pack: &Pack, code: Option<&str>) -> String {
    let Some(code) = code else { return t!("show-no-kind").into() };
    pack.kind(code).and_then(|kind| pack.in_language(&kind.label, Language::here().code())).unwrap_or(code).to_owned()
}

/// A subject's names from the first level down.
pub fn subject(pack: &Pack, code: Option<&str>) -> String {
    code.map_or_else(String::new, |code| {
        pack.subject(code).map_or_else(|| code.to_owned(), |node| node.path.join(" / "))
    })
}

/// An area's names from the district down.
pub fn area(pack: &Pack, code: Option<&str>) -> String {
    let Some(code) = code else { return String::new() };
    let Some(area) = pack.area(code) else { return code.to_owned() };
    let above = area.parent.as_deref().and_then(|above| pack.area(above)).filter(|above| above.parent.is_some());
    above.map_or_else(|| area.name.clone(), |above| format!("{} · {}", above.name, area.name))
}

/// A reason's words.
pub fn reason(pack: &Pack, group: &str, code: &str) -> String {
    pack.reason(group, code)
        .and_then(|reason| pack.in_language(&reason.label, Language::here().code()))
        .unwrap_or(code)
        .to_owned()
}

/// The reasons of a group, as choices.
pub fn reasons(pack: &Pack, group: &str) -> Vec<Choice> {
    pack.reasons(group)
        .map(|reason| {
            Choice::new(&reason.code, pack.in_language(&reason.label, Language::here().code()).unwrap_or(&reason.code))
        })
        .collect()
}

/// Kinds, as choices.
pub fn kinds(pack: &Pack) -> Vec<Choice> {
    pack.kinds()
        .iter()
        .map(|kind| {
            Choice::new(&kind.code, pack.in_language(&kind.label, Language::here().code()).unwrap_or(&kind.code))
        })
        .collect()
}

/// Subjects by their first two levels, as choices.
pub fn subjects(pack: &Pack) -> Vec<Group> {
    let mut groups: Vec<Group> = Vec::new();
    for node in pack.subjects().filter(|node| node.leaf) {
        let label = node.path[..node.path.len().saturating_sub(1)].join(" / ");
        let choice = Choice::new(&node.code, &node.name);
        match groups.iter_mut().rev().find(|group| group.label == label) {
            Some(group) => group.choices.push(choice),
            None => groups.push(Group { label, choices: vec![choice] }),
        }
    }
    groups
}

/// Districts with what lies in them, as choices.
pub fn areas(pack: &Pack) -> Vec<Group> {
    let city = pack.areas().find(|area| area.parent.is_none());
    let whole = city.map(|city| Group {
        label: String::new(),
        choices: vec![Choice::new(&city.code, t!("show-whole-city", name = city.name))],
    });
    let districts =
        pack.areas().filter(|area| area.parent.is_some() && area.parent.as_deref() == city.map(|c| c.code.as_str()));
    let below = districts.map(|district| Group {
        label: district.name.clone(),
        choices: std::iter::once(Choice::new(&district.code, t!("show-whole-district", name = district.name)))
            .chain(
                pack.areas()
                    .filter(|area| area.parent.as_deref() == Some(&district.code))
                    .map(|area| Choice::new(&area.code, &area.name)),
            )
            .collect(),
    });
    whole.into_iter().chain(below).collect()
}

/// Urgencies, as choices.
pub fn urgencies() -> Vec<Choice> {
    huiyin_core::order::Urgency::ALL.iter().map(|one| Choice::new(one.code(), words::urgency(one.code()))).collect()
}

/// Channels, as choices.
pub fn channels() -> Vec<Choice> {
    huiyin_core::order::Channel::ALL.iter().map(|one| Choice::new(one.code(), words::channel(one.code()))).collect()
}

/// Names of units that take orders today, for the list a field searches.
pub fn unit_names(app: &App, org: &Organisation) -> Vec<String> {
    use huiyin_core::policy::Function;
    let today = app.zone().day(app.now());
    org.units()
        .filter(|unit| unit.in_force(today) && !matches!(unit.function, Function::None))
        .map(|unit| unit.name.clone())
        .collect()
}

/// A clock on the page of its order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClockCard {
    /// Its name.
    pub name: String,
    /// Whose: the case, or a unit.
    pub whose: String,
    /// `ok`, `soon`, …
    pub level: &'static str,
    /// Its icon.
    pub icon: &'static str,
    /// Time left, or how it ended.
    pub text: String,
    /// Seconds left, where the page counts on.
    pub left: Option<i64>,
    /// Percent gone, in fives.
    pub gone: u8,
    /// When it ends and since when it runs.
    pub detail: String,
    /// The rule.
    pub cite: String,
    /// Whether it gave way to another rule.
    pub second: bool,
    /// Why: what the rule demands, its text, what else applied, and a plain sentence for the claimant.
    pub why: Vec<(&'static str, String)>,
}

/// Why a limit is as it is, for a reader.
fn why(app: &App, order: &Order, clock: &Clock) -> Vec<(&'static str, String)> {
    let pack = &app.pack;
    let found = policy::clock_why(app, order, clock);
    let mut lines = Vec::new();
    if !found.what.is_empty() {
        lines.push((t!("why-asks"), found.what));
    }
    lines.push((t!("word-basis"), full_cite(pack, &clock.basis)));
    let how = match found.by.as_deref() {
        Some("precedence") => t!("why-yields"),
        Some("strictest") => t!("why-strictest"),
        Some("latest") => t!("why-latest"),
        Some("highest_authority") => t!("why-highest"),
        _ => t!("why-both"),
    };
    lines.extend(found.lost.iter().map(|loser| {
        let text =
            t!("why-other", document = loser.basis.document, article = loser.basis.article, rule = loser.rule, how);
        (t!("why-also"), text)
    }));
    let english = Language::here() == Language::En;
    lines.push((t!("why-claimant"), if english { found.plain.en } else { found.plain.zh }));
    lines
}

/// A clock on the page of its order.
pub fn clock_card(app: &App, org: &Organisation, order: &Order, clock: &Clock) -> ClockCard {
    let emergency = order.urgency == Urgency::Emergency;
    let unit_of = clock.task.and_then(|no| order.task(no)).map(|task| &task.unit);
    let (pack, now) = (&app.pack, app.now());
    let excused = if clock.is_excused() { t!("clock-excused") } else { "" };
    let missed = clock.missed.is_some() || (clock.breach && clock.is_running() && clock.due.missed_by(now));
    let seconds = (clock.due.at.ms() - now.ms()) / 1000;
    let ended = |at: Instant| {
        let late = clock.due.missed_by(at);
        let took = lasted(at.ms() - clock.start.ms());
        let (level, icon, text) = if late && clock.breach {
            ("over", "overdue", t!("clock-late", took, excused))
        } else {
            ("done", "done", t!("clock-in-time", took))
        };
        (level, icon, text, None)
    };
    let (level, icon, text, left_seconds) = match clock.state {
        ClockState::Running if missed && clock.breach => {
            ("over", "overdue", left(seconds.min(-1)), Some(seconds.min(-1)))
        }
        ClockState::Running if seconds < 0 => ("hold", "hold", t!("clock-past").to_owned(), None),
        ClockState::Running if emergency => ("over", "urgent", left(seconds), Some(seconds)),
        ClockState::Running
            if clock.warn_at.is_some_and(|at| at <= now) || near(app, now, clock.start.ms(), clock.due.at.ms()) =>
        {
            ("soon", "soon", left(seconds), Some(seconds))
        }
        ClockState::Running => ("ok", "clock", left(seconds), Some(seconds)),
        ClockState::Halted(_) => ("hold", "hold", t!("clock-halted").to_owned(), None),
        ClockState::Held(_) => ("hold", "hold", t!("clock-paused").to_owned(), None),
        ClockState::Stopped(at) => ended(at),
        ClockState::Cancelled => ("hold", "x", t!("clock-cancelled").to_owned(), None),
    };
    let moved = if clock.original.at == clock.due.at {
        String::new()
    } else {
        t!("clock-was", original = until(pack, &clock.original))
    };
    ClockCard {
        name: words::clock(&clock.name).to_owned(),
        whose: unit_of.map_or_else(|| t!("clock-case").to_owned(), |id| unit(org, id)),
        level,
        icon,
        text,
        left: left_seconds,
        gone: gone(now.ms(), clock.start.ms(), clock.due.at.ms()),
        detail: t!("clock-detail", due = until(pack, &clock.due), start = near_moment(pack, now, clock.start), moved),
        cite: format!("{} · {}", cite(pack, &clock.basis), clock.rule),
        second: clock.standing != Standing::Governs,
        why: why(app, order, clock),
    }
}

#[cfg(test)]
mod tests {
    use super::{gone, left};

    #[test]
    fn time_left_is_said_as_the_script_says_it() {
        assert_eq!(left(90_000), "剩 1 天 1 小时");
        assert_eq!(left(4_320), "剩 1 小时 12 分");
        assert_eq!(left(1_092), "剩 18 分 12 秒");
        assert_eq!(left(-11_640), "超期 3 小时 14 分");
    }

    #[test]
    fn bars_go_in_fives() {
        assert_eq!(gone(0, 0, 100), 0);
        assert_eq!(gone(49, 0, 100), 45);
        assert_eq!(gone(200, 0, 100), 100);
        assert_eq!(gone(5, 10, 10), 100);
    }
}
