//! What must hold in a pack beyond each entry's own form.

use std::collections::{BTreeMap, HashMap, HashSet};

use super::{At, Checker, MOST, Sections, coverage::uncovered};
use crate::{
    calendar::Span,
    policy::{Dated, SubjectNode, Words, file::Subject},
};

/// Events on which a claimant may have to be told.
pub(super) const TOLD_ON: &[&str] =
    &["registered", "refused", "transferred", "extended", "shelved", "hastened", "closed", "stopped"];

/// A parameter, and whether a value is one.
type Setting = (&'static str, fn(&toml::Value) -> bool);

/// Parameters every pack must set, and what a value must be.
const PARAMETERS: &[Setting] = &[
    ("accept.separate", toml::Value::is_bool),
    ("alert.near_due_percent", percent),
    ("alert.unsigned_percent", percent),
    ("assist.max", count),
    ("callback.attempts", count),
    ("callback.days", count),
    ("callback.spacing", span),
    ("correct.recompute", toml::Value::is_bool),
    ("extension.count", count),
    ("extension.forbidden_urgency", words),
    ("extension.within_original", toml::Value::is_bool),
    ("filing.limit", span),
    ("intake.clock_from", |value| matches!(value.as_str(), Some("received" | "registered"))),
    ("pause.count", count),
    ("pause.longest", span),
    ("phone_notice.urgency", words),
    ("policy.pinning", |value| matches!(value.as_str(), Some("dispatch" | "intake" | "newest"))),
    ("redo.count", count),
    ("return.basis_required", toml::Value::is_bool),
    ("return.per_unit", count),
    ("return.suggestion_required", toml::Value::is_bool),
    ("shelving.forbidden_urgency", words),
    ("supervision.levels", words),
    ("unit.min_handlers", count),
    ("withdraw.part_only_kinds", words),
];

/// Parameters a pack may set, and what a value must be.
const MAY_SET: &[Setting] =
    &[("roster.hours", |value| crate::policy::ask::hours(value).is_some()), ("roster.standby", toml::Value::is_bool)];

fn count(value: &toml::Value) -> bool {
    value.as_integer().is_some_and(|number| (0..=1_000_000).contains(&number))
}

fn percent(value: &toml::Value) -> bool {
    value.as_integer().is_some_and(|number| (1..=100).contains(&number))
}

fn words(value: &toml::Value) -> bool {
    value.as_array().is_some_and(|list| list.iter().all(toml::Value::is_str))
}

fn span(value: &toml::Value) -> bool {
    value.clone().try_into::<Span>().is_ok_and(|span| (1..=MOST).contains(&span.amount))
}

pub(super) fn labelled(check: &mut Checker, at: &At, label: &Words) {
    if label.values().all(|text| text.trim().is_empty()) {
        check.fault(at, "`label` is empty; name it in at least the working language");
    }
}

pub(super) fn check_organisation(
    check: &mut Checker,
    all: &Sections,
    sources: &HashSet<String>,
    areas: &HashSet<String>,
    unit_kinds: &HashSet<String>,
    units: &HashSet<String>,
) {
    let above: HashMap<&str, &str> =
        all.area.iter().filter_map(|(_, area)| Some((area.code.as_str(), area.parent.as_deref()?))).collect();
    for (at, area) in &all.area {
        check.known(at, areas, "area", &area.parent);
        if circles(&area.code, &above) {
            check.fault(at, format!("area `{}` lies in itself; mend `parent`", area.code));
        }
    }
    for (at, unit) in &all.unit {
        check.cite(at, sources, &unit.cite);
        check.known(at, unit_kinds, "unit kind", [&unit.kind]);
        check.known(at, units, "unit", unit.parent.iter().chain(&unit.successor).chain(&unit.superior));
        check.known(at, areas, "area", &unit.territory);
        if unit.until.is_some_and(|until| until < unit.from) {
            check.fault(at, format!("unit `{}` ends before it begins", unit.code));
        }
        if let Some(consent) = &unit.consent {
            check.cite(at, sources, consent);
        }
        let joins = all.unit_kind.iter().any(|(_, kind)| kind.code == unit.kind && kind.consent);
        if let Some(founded) = all.pack.first().and_then(|(_, head)| head.founded)
            && joins
            && unit.from > founded
            && unit.consent.is_none()
        {
            check.fault(
                at,
                format!(
                    "unit `{}` joined on {}, after the founding on {founded}; name the document of consent: consent = {{ source = …, article = … }}",
                    unit.code, unit.from
                ),
            );
        }
    }
    let followed: HashMap<&str, &str> =
        all.unit.iter().filter_map(|(_, u)| Some((u.code.as_str(), u.successor.as_deref()?))).collect();
    for (at, unit) in &all.unit {
        if circles(&unit.code, &followed) {
            check.fault(at, format!("unit `{}` follows itself; mend `successor`", unit.code));
        }
    }
    let mut names: HashMap<&str, &str> = HashMap::new();
    for (at, unit) in &all.unit {
        for name in std::iter::once(&unit.name).chain(&unit.aliases) {
            if unit.until.is_none()
                && let Some(other) = names.insert(name, &unit.code)
                && other != unit.code
            {
                check.fault(
                    at,
                    format!("units `{other}` and `{}` share the name `{name}`; one of them is a duplicate", unit.code),
                );
            }
        }
    }
    let parents: HashMap<&str, &str> =
        all.unit.iter().filter_map(|(_, u)| Some((u.code.as_str(), u.parent.as_deref()?))).collect();
    for (at, unit) in &all.unit {
        if circles(&unit.code, &parents) {
            check.fault(at, format!("unit `{}` lies below itself; mend `parent`", unit.code));
        }
    }
}

fn circles(code: &str, parents: &HashMap<&str, &str>) -> bool {
    let mut at = parents.get(code).copied();
    for _ in 0..=parents.len() {
        match at {
            Some(above) if above == code => return true,
            Some(above) => at = parents.get(above).copied(),
            None => return false,
        }
    }
    // A cycle further up: reported at its own members.
    false
}

pub(super) fn check_subjects(
    check: &mut Checker,
    entries: &[(At, Subject)],
    known: &HashSet<String>,
) -> BTreeMap<String, SubjectNode> {
    let by_code: HashMap<&str, &Subject> = entries.iter().map(|(_, s)| (s.code.as_str(), s)).collect();
    let parents: HashMap<&str, &str> =
        entries.iter().filter_map(|(_, s)| Some((s.code.as_str(), s.parent.as_deref()?))).collect();
    let inner: HashSet<&str> = parents.values().copied().collect();
    let mut nodes = BTreeMap::new();
    for (at, subject) in entries {
        check.known(at, known, "subject", &subject.parent);
        if circles(&subject.code, &parents) {
            check.fault(at, format!("subject `{}` lies below itself; mend `parent`", subject.code));
            continue;
        }
        let mut above = Vec::new();
        let mut next = subject.parent.as_deref();
        while let Some(code) = next.filter(|_| above.len() < 16) {
            above.push(code.to_owned());
            next = parents.get(code).copied();
        }
        let mut flags = subject.flags.clone();
        let mut path = vec![subject.name.clone()];
        for node in above.iter().filter_map(|code| by_code.get(code.as_str())) {
            flags.extend(node.flags.iter().filter(|f| !subject.flags.contains(f)).cloned());
            path.insert(0, node.name.clone());
        }
        flags.sort();
        flags.dedup();
        let leaf = !inner.contains(subject.code.as_str());
        nodes.insert(
            subject.code.clone(),
            SubjectNode { code: subject.code.clone(), name: subject.name.clone(), path, flags, above, leaf },
        );
    }
    nodes
}

pub(super) fn check_parameters(check: &mut Checker, all: &Sections, sources: &HashSet<String>, start: &At) {
    for (at, parameter) in &all.parameter {
        check.timeline(
            at,
            &format!("parameter `{}`", parameter.name),
            parameter.value.iter().map(|v| (v.from, v.until)),
        );
        for Dated { value, cite, .. } in &parameter.value {
            check.cite(at, sources, cite);
            if let Some((_, fits)) = PARAMETERS.iter().chain(MAY_SET).find(|(name, _)| *name == parameter.name)
                && !fits(value)
            {
                check.fault(at, format!("parameter `{}` cannot be `{value}`", parameter.name));
            }
        }
    }
    let unread: HashSet<String> = all.unread("parameter").collect();
    for (name, _) in PARAMETERS {
        let Some((at, parameter)) = all.parameter.iter().find(|(_, parameter)| parameter.name == *name) else {
            if !unread.contains(*name) {
                check.fault(
                    start,
                    format!("parameter `{name}` is missing; add a [[parameter]] with its value and citation"),
                );
            }
            continue;
        };
        let spans = parameter.value.iter().map(|value| (value.from, value.until)).collect();
        if let Some(day) = all.pack.first().and_then(|(_, head)| uncovered(spans, head.from)) {
            check.fault(
                at,
                format!("parameter `{name}` has no value on {day}; every day from the pack's `from` on needs one"),
            );
        }
    }
}

/// How a lower level's limit follows from the upper one.
pub(super) fn check_below(check: &mut Checker, at: &At, what: &str, rule: &crate::policy::ClockRule) {
    let Some(below) = rule.below else { return };
    if rule.level != crate::policy::Level::Task {
        check.fault(at, format!("{what}: `below` is about a task under another; write level = \"task\""));
    }
    match (below.offset, below.share) {
        (Some(offset), None) if (1..=MOST).contains(&offset.amount) => {}
        (None, Some(share)) if (1..=100).contains(&share) => {}
        _ => check.fault(
            at,
            format!("{what}: `below` gives either an `offset` of 1 to {MOST} or a `share` of 1 to 100 percent"),
        ),
    }
}
