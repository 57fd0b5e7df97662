//! What must hold in a pack beyond each entry's own form.

use std::collections::{BTreeMap, HashMap, HashSet};

use super::{At, Checker, Known, MOST, Sections, coverage::uncovered};
use crate::{
    calendar::Span,
    policy::{
        Dated, SubjectNode, Words,
        file::Subject,
        settings::{SETTINGS, Setting, nearest},
    },
    time::Day,
};

/// Events on which a claimant may have to be told.
pub(super) const TOLD_ON: &[&str] =
    &["registered", "refused", "transferred", "extended", "shelved", "hastened", "closed", "stopped"];

pub(super) fn labelled(check: &mut Checker, at: &At, label: &Words) {
    if label.values().all(|text| text.trim().is_empty()) {
        check.fault(at, "`label` is empty; name it in at least the working language");
    }
}

/// Days in their order.
pub(super) fn interval(check: &mut Checker, at: &At, what: &str, from: Option<Day>, until: Option<Day>) {
    if from.zip(until).is_some_and(|(from, until)| until < from) {
        check.fault(at, format!("{what} ends before it begins"));
    }
}

/// An amount of time that can be counted.
pub(super) fn length(check: &mut Checker, at: &At, what: &str, span: Span) {
    if span.amount == 0 || span.amount > MOST {
        check.fault(at, format!("{what}: an amount of {} is not between 1 and {MOST}", span.amount));
    }
}

/// A word of the program's own.
pub(super) fn one_of(check: &mut Checker, at: &At, what: &str, list: &[&str], word: &str) {
    if !list.contains(&word) {
        check.fault(at, format!("no {what} is called `{word}`; write one of {}", list.join(", ")));
    }
}

pub(super) fn check_organisation(check: &mut Checker, all: &Sections, known: &Known) {
    let Known { sources, areas, unit_kinds, units, .. } = known;
    let above: HashMap<&str, &str> =
        all.area.iter().filter_map(|(_, area)| Some((area.code.as_str(), area.parent.as_deref()?))).collect();
    let round = circles(&above);
    for (at, area) in &all.area {
        check.known(at, areas, "area", &area.parent);
        if round.contains(area.code.as_str()) {
            check.fault(at, format!("area `{}` lies in itself; mend `parent`", area.code));
        }
    }
    let consented: HashSet<&str> =
        all.unit_kind.iter().filter(|(_, kind)| kind.consent).map(|(_, kind)| kind.code.as_str()).collect();
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
        let joins = consented.contains(unit.kind.as_str());
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
    let round = circles(&followed);
    for (at, unit) in &all.unit {
        if round.contains(unit.code.as_str()) {
            check.fault(at, format!("unit `{}` follows itself; mend `successor`", unit.code));
        }
    }
    for (at, unit) in &all.unit {
        for organ in &unit.organ {
            check.cite(at, sources, &organ.cite);
        }
        if !unit.organ.is_empty() {
            check.timeline(
                at,
                &format!("the organs of unit `{}`", unit.code),
                unit.organ.iter().map(|o| (o.from, o.until)),
            );
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
    let round = circles(&parents);
    for (at, unit) in &all.unit {
        if round.contains(unit.code.as_str()) {
            check.fault(at, format!("unit `{}` lies below itself; mend `parent`", unit.code));
        }
    }
}

/// The codes that lie above themselves; each code is looked at once.
fn circles<'a>(parents: &HashMap<&'a str, &'a str>) -> HashSet<&'a str> {
    let (mut found, mut seen) = (HashSet::new(), HashSet::new());
    for start in parents.keys() {
        let (mut path, mut at) = (Vec::new(), Some(*start));
        while let Some(code) = at.filter(|code| seen.insert(*code)) {
            path.push(code);
            at = parents.get(code).copied();
        }
        // Back on the way just walked: from there on it goes round.
        if let Some(begin) = at.and_then(|code| path.iter().position(|on_way| *on_way == code)) {
            found.extend(&path[begin..]);
        }
    }
    found
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
    let round = circles(&parents);
    let mut nodes = BTreeMap::new();
    for (at, subject) in entries {
        check.known(at, known, "subject", &subject.parent);
        if round.contains(subject.code.as_str()) {
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
        let setting = SETTINGS.iter().find(|setting| setting.name == parameter.name);
        if setting.is_none() {
            let near = nearest(&parameter.name, SETTINGS.iter().map(|setting| setting.name));
            let meant = near.map_or_else(
                || "leave it out; `huiyin policy schema` lists the names there are".to_owned(),
                |near| format!("did you mean `{near}`?"),
            );
            check.fault(at, format!("no parameter is called `{}`; {meant}", parameter.name));
        }
        check.timeline(
            at,
            &format!("parameter `{}`", parameter.name),
            parameter.value.iter().map(|v| (v.from, v.until)),
        );
        for Dated { value, cite, .. } in &parameter.value {
            check.cite(at, sources, cite);
            if let Some(setting) = setting.filter(|setting| !setting.is.fits(value)) {
                let mut shown = value.to_string();
                shown.truncate(shown.floor_char_boundary(80));
                check.fault(
                    at,
                    format!("parameter `{}` cannot be `{shown}`; write {}", parameter.name, setting.is.words()),
                );
            }
        }
    }
    let unread: HashSet<String> = all.unread("parameter").collect();
    for Setting { name, .. } in SETTINGS.iter().filter(|setting| setting.must) {
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
