//! What the limits of an order would be by other rules. Nothing of the order changes.

use crate::{
    calendar::Due,
    id::TaskNo,
    order::{Clock, ClockState, Order, Role, Standing, Task},
    organisation::Organisation,
    policy::{Level, Pack, Question, Ruled},
    time::{Day, Instant},
};

/// A limit of an order beside what it would be.
#[derive(Debug, Clone)]
pub struct WhatIf<'a> {
    /// The clock as it is.
    pub clock: &'a Clock,
    /// The rule that would set it, and when it would end; none where the other rules know no such limit.
    pub would: Option<Would>,
    /// Whether it is missed.
    pub late: bool,
    /// Whether it would be.
    pub would_be_late: bool,
}

/// What other rules say of a limit.
#[derive(Debug, Clone)]
pub struct Would {
    /// The rule.
    pub rule: String,
    /// When it would end.
    pub due: Due,
}

/// The governing limits of an order and what they would be by `pack` as it is in force on `day`, or on the order's own
/// day where that is later. What was granted meanwhile (an extension, a pause) moves a limit by as much as it did.
pub fn what_if<'a>(order: &'a Order, pack: &Pack, org: &Organisation, day: Day, now: Instant) -> Vec<WhatIf<'a>> {
    let own = pack.zone().day(order.taken_in_at).max(order.pinned.unwrap_or(day));
    let governing = own.max(day);
    let mut caps: Vec<(TaskNo, Due)> = Vec::new();
    let mut found = Vec::new();
    let asked = order.clocks.iter().filter(|clock| {
        // A date that a person named is no rule's; what was cancelled was asked for no longer.
        clock.standing == Standing::Governs && clock.state != ClockState::Cancelled && clock.rule != clock.name
    });
    for clock in asked {
        let task = clock.task.and_then(|no| order.task(no));
        let ruled = governing_rule(order, task, clock, pack, org, governing);
        let would = ruled.map(|ruled| {
            let moved = clock.due.at.ms() - clock.original.at.ms();
            let due = Due { at: ruled.due.at.plus(moved), ..ruled.due };
            let cap = task.and_then(|task| task.parent).and_then(|parent| {
                caps.iter().find(|(no, _)| *no == parent && clock.name == "close").map(|(_, due)| *due)
            });
            Would { rule: ruled.rule.rule.clone(), due: cap.filter(|cap| cap.at < due.at).unwrap_or(due) }
        });
        if let (Some(no), Some(would), "close") = (clock.task, &would, clock.name.as_str()) {
            caps.push((no, would.due));
        }
        let end = match clock.state {
            ClockState::Stopped(at) | ClockState::Halted(at) => Some(at),
            ClockState::Running => Some(now),
            ClockState::Held(_) | ClockState::Cancelled => None,
        };
        let missed = |due: &Due| clock.breach && end.is_some_and(|end| due.missed_by(end));
        let (late, would_be_late) = (missed(&clock.due), would.as_ref().is_some_and(|would| missed(&would.due)));
        found.push(WhatIf { clock, would, late, would_be_late });
    }
    found
}

/// The rule that would govern in a clock's place.
fn governing_rule<'p>(
    order: &Order,
    task: Option<&Task>,
    clock: &Clock,
    pack: &'p Pack,
    org: &Organisation,
    governing: Day,
) -> Option<Ruled<'p>> {
    let unit_kind = |task: &Task| org.unit(&task.unit).map(|unit| unit.kind.as_str());
    let first_lead = || order.tasks.iter().find(|task| task.leads_case());
    let units = task.map(|task| org.path(&task.unit)).unwrap_or_default();
    let question = Question {
        kind: order.kind.as_deref(),
        subject: order.subject.as_deref().and_then(|code| pack.subject(code)),
        urgency: order.urgency.code(),
        unit_kind: task.or_else(first_lead).and_then(unit_kind),
        source: Some(order.channel.code()),
        assist: task.is_some_and(|task| task.role == Role::Assist),
        first: task.is_some_and(|task| task.first),
        below: task.is_some_and(|task| task.parent.is_some()),
        units: &units,
        mode: order.mode.as_deref(),
        governing,
    };
    let level = if clock.task.is_some() { Level::Task } else { Level::Case };
    let rules = pack.ask(&question, clock.start, &[]);
    rules.into_iter().find(|ruled| ruled.governs && ruled.rule.name == clock.name && ruled.rule.level == level)
}
