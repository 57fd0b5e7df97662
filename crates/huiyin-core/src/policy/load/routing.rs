//! Routes, forbidden work, who leads, who decides, supervision and modes.

use std::collections::HashSet;

use super::{At, Checker, MOST, Sections, days::minutes};
use crate::{calendar::Span, policy::Cite, time::Day};

/// The names an entry may use.
pub(super) struct Known<'a> {
    pub sources: &'a HashSet<String>,
    pub kinds: &'a HashSet<String>,
    pub subjects: &'a HashSet<String>,
    pub areas: &'a HashSet<String>,
    pub units: &'a HashSet<String>,
    pub unit_kinds: &'a HashSet<String>,
    pub flags: &'a HashSet<String>,
    pub urgencies: &'a HashSet<String>,
}

/// Roles a person may hold, as posts give them.
const ROLES: &[&str] =
    &["agent", "office", "subcentre", "officer", "leader", "callback", "editor", "supervisor", "mayor", "admin"];

/// Requests that somebody decides.
const ASKS: &[&str] = &["return", "extension", "pause", "shelving", "excuse"];

fn interval(check: &mut Checker, at: &At, what: &str, from: Option<Day>, until: Option<Day>) {
    if from.zip(until).is_some_and(|(from, until)| until < from) {
        check.fault(at, format!("{what} ends before it begins"));
    }
}

fn length(check: &mut Checker, at: &At, what: &str, span: Span) {
    if span.amount == 0 || span.amount > MOST {
        check.fault(at, format!("{what}: an amount of {} is not between 1 and {MOST}", span.amount));
    }
}

pub(super) fn check_routing(check: &mut Checker, all: &Sections, known: &Known<'_>) {
    let modes: HashSet<String> = all.mode.iter().map(|(_, mode)| mode.code.clone()).collect();
    for (at, route) in &all.route {
        check.cite(at, known.sources, &route.cite);
        check.known(at, known.subjects, "subject", &route.subjects);
        check.known(at, known.areas, "area", &route.areas);
        check.known(at, known.kinds, "kind", &route.kinds);
        check.known(at, known.flags, "subject flag", &route.flags);
        check.known(at, known.urgencies, "urgency", &route.urgency);
        check.known(at, &modes, "mode", &route.modes);
        let units = std::iter::once(&route.lead).chain(&route.assist).chain(&route.copy_to).chain(&route.targets);
        check.known(at, known.units, "unit", units);
        interval(check, at, "the route", route.from, route.until);
        if route.hours.as_ref().is_some_and(|hours| hours.iter().any(|time| minutes(time).is_none())) {
            check.fault(at, "`hours` is a time of day from and until: [\"17:30\", \"08:30\"]");
        }
    }
    for (at, forbid) in &all.forbid {
        check.cite(at, known.sources, &forbid.cite);
        check.known(at, known.unit_kinds, "unit kind", &forbid.unit_kinds);
        check.known(at, known.units, "unit", &forbid.units);
        check.known(at, known.subjects, "subject", &forbid.subjects);
        check.known(at, known.kinds, "kind", &forbid.kinds);
        check.known(at, known.flags, "subject flag", &forbid.flags);
        interval(check, at, "the prohibition", forbid.from, forbid.until);
        if forbid.unit_kinds.is_empty() && forbid.units.is_empty() {
            check.fault(at, format!("`{}` forbids no unit anything; name `unit_kinds` or `units`", forbid.name));
        }
    }
    for (at, lead) in &all.lead {
        check.cite(at, known.sources, &lead.cite);
        check.known(at, known.unit_kinds, "unit kind", lead.over.iter().chain(&lead.under));
        if lead.over.iter().any(|kind| lead.under.contains(kind)) {
            check.fault(at, format!("`{}`: a kind of unit cannot lead and assist itself", lead.name));
        }
    }
}

pub(super) fn check_decisions(check: &mut Checker, all: &Sections, known: &Known<'_>) {
    let one_of = |check: &mut Checker, at: &At, what: &str, list: &[&str], word: &str| {
        if !list.contains(&word) {
            check.fault(at, format!("no {what} is called `{word}`; write one of {}", list.join(", ")));
        }
    };
    let cited = |check: &mut Checker, at: &At, cite: &Cite| check.cite(at, known.sources, cite);
    for (at, row) in &all.approver {
        cited(check, at, &row.cite);
        one_of(check, at, "request", ASKS, &row.ask);
        check.known(at, known.kinds, "kind", &row.kinds);
        check.known(at, known.urgencies, "urgency", &row.urgency);
        if let Some(span) = row.up_to {
            length(check, at, "`up_to`", span);
        }
        if (row.up_to.is_some() || row.share.is_some()) && row.ask != "extension" {
            check.fault(at, "`up_to` and `share` measure an extension; leave them out of another request");
        }
        if row.share.is_some_and(|share| !(1..=1_000).contains(&share)) || row.nth == Some(0) {
            check.fault(at, "`share` is 1 to 1000 percent, `nth` at least 1");
        }
    }
    let reasons: HashSet<String> =
        all.reason.iter().filter(|(_, r)| r.group == "supervise").map(|(_, r)| r.code.clone()).collect();
    let clocks: HashSet<String> = all.clock.iter().map(|(_, rule)| rule.name.clone()).collect();
    let levels: HashSet<String> = all
        .parameter
        .iter()
        .filter(|(_, parameter)| parameter.name == "supervision.levels")
        .flat_map(|(_, parameter)| &parameter.value)
        .filter_map(|dated| dated.value.as_array())
        .flatten()
        .filter_map(|level| level.as_str().map(str::to_owned))
        .collect();
    for (at, row) in &all.ladder {
        cited(check, at, &row.cite);
        check.known(at, &levels, "level of supervision", [&row.level]);
        check.known(at, &reasons, "reason to supervise", [&row.reason]);
        check.known(at, &clocks, "clock", [&row.clock]);
    }
    for (at, mode) in &all.mode {
        cited(check, at, &mode.cite);
        check.known(at, known.kinds, "kind", &mode.kinds);
        check.known(at, known.flags, "subject flag", &mode.flags);
        check.known(at, known.urgencies, "urgency", [&mode.urgency]);
        length(check, at, "`longest`", mode.longest);
        if mode.longest.ms().is_none() {
            check.fault(at, "`longest` is a time in minutes or hours: a mode ends at a moment");
        }
        for role in &mode.declared_by {
            one_of(check, at, "role", ROLES, role);
        }
        if mode.declared_by.is_empty() {
            check.fault(at, format!("nobody may declare the mode `{}`; name roles in `declared_by`", mode.code));
        }
        if mode.label.values().all(|text| text.trim().is_empty()) {
            check.fault(at, "`label` is empty; name it in at least the working language");
        }
    }
    for (at, unit) in &all.unit {
        for organ in &unit.organ {
            cited(check, at, &organ.cite);
        }
        if !unit.organ.is_empty() {
            check.timeline(
                at,
                &format!("the organs of unit `{}`", unit.code),
                unit.organ.iter().map(|o| (o.from, o.until)),
            );
        }
    }
}
