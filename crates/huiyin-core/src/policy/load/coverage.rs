//! Whether every matter has a limit on every day, or a mark that it has none.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use super::{At, Checker, Sections};
use crate::{
    order::{Urgency, signal},
    policy::{ClockRule, Level, SubjectNode, When},
    time::Day,
};

/// The first day from `from` on that none of these covers.
pub(super) fn uncovered(mut spans: Vec<(Day, Option<Day>)>, from: Day) -> Option<Day> {
    spans.sort();
    let mut at = from;
    for (from, until) in spans {
        if from > at {
            return Some(at);
        }
        at = at.max(until?.next());
    }
    Some(at)
}

/// Every kind must have a closing limit and an intake limit on every day, or a mark that it has none.
pub(super) fn check_coverage(
    check: &mut Checker,
    all: &Sections,
    kinds: &HashSet<String>,
    nodes: &BTreeMap<String, SubjectNode>,
    start: &At,
) {
    let first_day = all.pack.first().map(|(_, head)| head.from);
    // What does not read, or starts on a word that is none, is told of already.
    let unread = all.unread("clock").next().is_some()
        || all.unread("no_clock").next().is_some()
        || all.clock.iter().any(|(_, rule)| !signal::ALL.contains(&rule.start.as_str()));
    let marked = |state: &str, kind: Option<&str>| {
        all.no_clock.iter().any(|(_, mark)| {
            (mark.states.is_empty() || mark.states.iter().any(|s| s == state))
                && (mark.kinds.is_empty() || kind.is_some_and(|kind| mark.kinds.iter().any(|k| k == kind)))
        })
    };
    let days = |kind: Option<&str>, is: &dyn Fn(&ClockRule) -> bool| -> Vec<(Day, Option<Day>)> {
        all.clock
            .iter()
            .filter(|(_, rule)| {
                is(rule)
                    && (rule.when.kinds.is_empty() || kind.is_none_or(|kind| rule.when.kinds.iter().any(|k| k == kind)))
            })
            .flat_map(|(_, rule)| in_force(rule))
            .collect()
    };
    for (at, kind) in &all.kind {
        let code = Some(kind.code.as_str());
        let close = days(code, &|rule| rule.name == "close");
        let intake = days(code, &|rule| rule.start == "taken-in");
        if !unread && !marked("assigned", code) {
            if close.is_empty() {
                check.fault(
                    at,
                    format!(
                        "kind `{}` has neither a `close` clock nor a [[no_clock]] mark; add one of them",
                        kind.code
                    ),
                );
            } else if let Some(day) = first_day.and_then(|from| uncovered(close, from)) {
                check.fault(
                    at,
                    format!("kind `{}` has no `close` clock on {day}; add a value or a [[no_clock]] mark", kind.code),
                );
            } else if let Some(from) = first_day {
                check_matters(check, at, all, &kind.code, nodes, from);
            }
        }
        if !unread && !marked("registered", code) {
            if intake.is_empty() {
                check.fault(
                    at,
                    format!(
                        "kind `{}` has neither a clock from `taken-in` nor a [[no_clock]] mark; add one of them",
                        kind.code
                    ),
                );
            } else if let Some(day) = first_day.and_then(|from| uncovered(intake, from)) {
                check.fault(
                    at,
                    format!(
                        "kind `{}` has no clock from `taken-in` on {day}; add a value or a [[no_clock]] mark",
                        kind.code
                    ),
                );
            }
            if days(code, &|rule| rule.start == "unassigned").is_empty() {
                check.fault(at, format!("kind `{}` has no clock from `unassigned`, for an order that came back to the desk; add one, or a [[no_clock]] mark for `registered`", kind.code));
            }
        }
        for state in ["review", "callback"] {
            let signal = if state == "review" { "feedback" } else { "passed" };
            if !unread
                && !marked(state, code)
                && days(code, &|rule| rule.start == signal && rule.level == Level::Case).is_empty()
            {
                check.fault(
                    at,
                    format!(
                        "kind `{}` runs no clock in `{state}`; add one from `{signal}`, or a [[no_clock]] mark",
                        kind.code
                    ),
                );
            }
        }
        let conditions = all.closing.iter().any(|(_, c)| c.kinds.is_empty() || c.kinds.contains(&kind.code));
        if !conditions && all.unread("closing").next().is_none() {
            check.fault(
                at,
                format!("kind `{}` has no [[closing]] condition; add one, empty if nothing is needed", kind.code),
            );
        }
    }
    if kinds.is_empty() {
        check.fault(start, "the pack has no [[kind]]; add the kinds of request the city takes");
    }
}

/// The days each value of a rule is in force: one holds until the next.
fn in_force(rule: &ClockRule) -> impl Iterator<Item = (Day, Option<Day>)> {
    let next = rule.value.iter().skip(1).map(|value| Some(value.from.previous())).chain([None]);
    rule.value.iter().zip(next).map(|(value, next)| (value.from, value.until.or(next)))
}

/// Most matters of a kind told of as without a limit.
const MOST_TOLD: usize = 3;

/// Most questions asked of all kinds together, so that no pack takes long to refuse.
const MOST_QUESTIONS: usize = 12_000_000;

/// Every matter of a kind (subject, urgency, kind of unit) must have a closing limit on every day.
///
/// Only what the rules tell apart is asked: subjects by the flags and units by the kinds that some rule names.
fn check_matters(
    check: &mut Checker,
    at: &At,
    all: &Sections,
    kind: &str,
    nodes: &BTreeMap<String, SubjectNode>,
    from: Day,
) {
    // What holds for a partner, an assisting unit or a lower level alone leaves the rest without a limit.
    let rules: Vec<&ClockRule> = all
        .clock
        .iter()
        .map(|(_, rule)| rule)
        .filter(|rule| {
            rule.name == "close" && (rule.when.kinds.is_empty() || rule.when.kinds.iter().any(|k| k == kind))
        })
        .filter(|rule| rule.when.sources.is_empty() && !rule.when.first && rule.when.below != Some(true))
        .filter(|rule| rule.when.role.as_deref() != Some("assist"))
        .filter(|rule| rule.when.within.is_none() && rule.when.modes.is_empty())
        .collect();
    let named = |list: &dyn Fn(&When) -> Vec<String>| -> BTreeSet<String> {
        rules.iter().flat_map(|rule| list(&rule.when)).collect()
    };
    let flags = named(&|when| when.flags.iter().chain(&when.without_flags).cloned().collect());
    let mut unit_kinds: Vec<Option<String>> =
        named(&|when| when.unit_kinds.iter().chain(&when.not_unit_kinds).cloned().collect())
            .into_iter()
            .map(Some)
            .collect();
    unit_kinds.push(None);
    let mut subjects: BTreeMap<Vec<&String>, &str> = BTreeMap::new();
    for node in nodes.values().filter(|node| node.leaf) {
        subjects.entry(node.flags.iter().filter(|flag| flags.contains(*flag)).collect()).or_insert(&node.code);
    }
    if subjects.len() * unit_kinds.len() * Urgency::ALL.len() * rules.len() > MOST_QUESTIONS / all.kind.len().max(1) {
        check.fault(at, format!("kind `{kind}` has more `close` rules than can be looked through; join those that differ in one condition"));
        return;
    }
    let mut told = 0;
    for (flags, code) in &subjects {
        for unit_kind in &unit_kinds {
            for urgency in Urgency::ALL {
                let holds = |rule: &&&ClockRule| {
                    let when = &rule.when;
                    let among = |list: &[String]| unit_kind.as_ref().is_some_and(|kind| list.contains(kind));
                    (when.urgency.is_empty() || when.urgency.iter().any(|u| u == urgency.code()))
                        && (when.flags.is_empty() || when.flags.iter().any(|flag| flags.contains(&flag)))
                        && !when.without_flags.iter().any(|flag| flags.contains(&flag))
                        && (when.unit_kinds.is_empty() || among(&when.unit_kinds))
                        && !among(&when.not_unit_kinds)
                };
                let spans = rules.iter().filter(holds).flat_map(|rule| in_force(rule)).collect();
                let Some(day) = uncovered(spans, from) else { continue };
                if told < MOST_TOLD {
                    let unit = unit_kind.as_deref().unwrap_or("any other");
                    check.fault(
                        at,
                        format!(
                            "kind `{kind}`, subject `{code}`, urgency `{urgency}`, unit kind `{unit}` has no `close` clock on {day}; add a rule or a [[no_clock]] mark"
                        ),
                    );
                }
                told += 1;
            }
        }
    }
}
