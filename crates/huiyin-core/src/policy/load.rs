//! Reading and checking a pack: all faults at once, each with file, line and column.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap, HashSet},
    ops::Range,
};

use serde::de::DeserializeOwned;
use toml::{
    Spanned,
    de::{DeTable, DeValue, ValueDeserializer},
};

use crate::{
    calendar::{Calendar, Span},
    order::{State, Told, Urgency, signal},
    policy::{Cite, Dated, FactKind, Pack, SubjectNode, UnitEntry, Words, file::Subject},
    time::{Day, Zone},
};

/// Largest text of one file of a pack, in bytes.
pub const MAX_FILE: usize = 16 * 1024 * 1024;

/// A fault of a pack: where, what, and what to do.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Fault {
    /// File of the pack.
    pub file: String,
    /// Line, from 1.
    pub line: usize,
    /// Column, from 1.
    pub column: usize,
    /// What is wrong and what to do.
    pub message: String,
}

impl std::fmt::Display for Fault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}:{}:{}: {}", self.file, self.line, self.column, self.message)
    }
}

/// Most faults of writing reported of one file: what is no TOML at all has one at every word.
const MOST_UNREADABLE: usize = 20;

/// Largest amount of time a pack may name, in any unit.
const MOST: u32 = 100_000;

/// Where an entry stands.
#[derive(Clone)]
struct At {
    file: usize,
    span: Range<usize>,
}

/// The texts and what is wrong with them so far.
struct Checker<'a> {
    texts: &'a [(String, String)],
    /// Where the lines of each text begin.
    lines: Vec<Vec<usize>>,
    faults: Vec<Fault>,
}

impl Checker<'_> {
    fn fault(&mut self, at: &At, message: impl Into<String>) {
        let (name, text) = &self.texts[at.file];
        let start = at.span.start.min(text.len());
        let starts = &self.lines[at.file];
        let line = starts.partition_point(|begin| *begin <= start);
        let begin = line.checked_sub(1).and_then(|line| starts.get(line)).copied().unwrap_or(0);
        let column = text.get(begin..start).map_or(0, |before| before.chars().count()) + 1;
        self.faults.push(Fault { file: name.clone(), line: line.max(1), column, message: message.into() });
    }

    /// The codes of a section, each only once.
    fn unique<'t, T>(&mut self, entries: &'t [(At, T)], what: &str, code: impl Fn(&'t T) -> String) -> HashSet<String> {
        let mut seen = HashSet::new();
        for (at, entry) in entries {
            let code = code(entry);
            if code.trim().is_empty() {
                self.fault(at, format!("a {what} has an empty code; give it one"));
            }
            if !seen.insert(code.clone()) {
                self.fault(at, format!("{what} `{code}` is already defined; remove one or give it another code"));
            }
        }
        seen
    }

    fn known(
        &mut self,
        at: &At,
        known: &HashSet<String>,
        what: &str,
        codes: impl IntoIterator<Item = impl AsRef<str>>,
    ) {
        for code in codes {
            let code = code.as_ref();
            if !known.contains(code) {
                self.fault(at, format!("no {what} is called `{code}`; define it or correct the name"));
            }
        }
    }

    fn cite(&mut self, at: &At, sources: &HashSet<String>, cite: &Cite) {
        self.known(at, sources, "source", [&cite.source]);
        if cite.article.trim().is_empty() {
            self.fault(at, "a citation names no article; write which part of the document the value comes from");
        }
    }

    /// Values in order of time, without overlap or gap.
    fn timeline(&mut self, at: &At, what: &str, spans: impl Iterator<Item = (Day, Option<Day>)>) {
        let spans: Vec<_> = spans.collect();
        if spans.is_empty() {
            self.fault(at, format!("{what} has no value; add one with `from` and `cite`"));
        }
        for (from, until) in &spans {
            if until.is_some_and(|until| until < *from) {
                self.fault(at, format!("{what}: a value ends before it begins on {from}"));
            }
        }
        for pair in spans.windows(2) {
            let ((from, until), (next, _)) = (pair[0], pair[1]);
            if next <= from {
                self.fault(at, format!("{what}: the value from {next} must stand after the one from {from} in time"));
            } else if until.is_some_and(|until| until >= next) {
                self.fault(at, format!("{what}: two values cover {next}; end the earlier one before"));
            } else if until.is_some_and(|until| until >= from && until.next() < next) {
                self.fault(
                    at,
                    format!("{what}: no value covers the days between {} and {next}", until.unwrap_or(from)),
                );
            }
        }
    }
}

impl Pack {
    /// Reads a pack from its named texts.
    ///
    /// # Errors
    /// Every fault found, in the order of files and lines.
    pub fn load(texts: &[(String, String)]) -> Result<Self, Vec<Fault>> {
        if texts.is_empty() {
            return Err(vec![Fault {
                file: String::new(),
                line: 1,
                column: 1,
                message: "the pack has no files; put its .toml files in the folder".into(),
            }]);
        }
        let lines = texts
            .iter()
            .map(|(_, text)| std::iter::once(0).chain(text.match_indices('\n').map(|(at, _)| at + 1)).collect())
            .collect();
        let mut check = Checker { texts, lines, faults: Vec::new() };
        let mut all = Sections::default();
        for (file, (name, text)) in texts.iter().enumerate() {
            if text.len() > MAX_FILE {
                let at = At { file, span: 0..0 };
                check.fault(&at, format!("`{name}` is larger than {} MiB; split it", MAX_FILE >> 20));
                continue;
            }
            read(&mut check, file, text, &mut all);
        }
        let pack = build(&mut check, all, texts);
        check.faults.sort();
        check.faults.dedup();
        match pack {
            Some(pack) if check.faults.is_empty() => Ok(pack),
            _ => Err(check.faults),
        }
    }
}

/// Reads one file entry by entry, so that a fault in one hides none in the others.
fn read(check: &mut Checker<'_>, file: usize, text: &str, all: &mut Sections) {
    let (table, errors) = DeTable::parse_recoverable(text);
    let mut told = BTreeSet::new();
    for error in &errors {
        let at = At { file, span: error.span().unwrap_or(0..0) };
        // One fault to a line: what follows the first is its echo.
        let line = check.lines[file].partition_point(|begin| *begin <= at.span.start);
        if told.len() < MOST_UNREADABLE && told.insert(line) {
            check.fault(&at, error.message().replace('\n', "; "));
        }
    }
    for (key, value) in table.into_inner() {
        let at = At { file, span: key.span() };
        all.add(check, &at, key.get_ref(), value, errors.is_empty());
    }
}

/// Reads one entry. One that does not read is remembered by its code, so that what names it is no fault too.
fn entry<T: DeserializeOwned>(
    check: &mut Checker<'_>,
    file: usize,
    value: Spanned<DeValue<'_>>,
    loud: bool,
) -> Result<(At, T), Option<String>> {
    let at = At { file, span: value.span() };
    let code = ["key", "code", "name", "rule"]
        .iter()
        .find_map(|field| value.get_ref().as_table()?.get(*field)?.get_ref().as_str().map(str::to_owned));
    match T::deserialize(ValueDeserializer::from(value)) {
        Ok(entry) => Ok((at, entry)),
        Err(error) => {
            if loud {
                let at = At { span: error.span().unwrap_or(at.span), ..at };
                check.fault(&at, error.message().replace('\n', "; "));
            }
            Err(code)
        }
    }
}

macro_rules! sections {
    ($($field:ident: $type:ty),+ $(,)?) => {
        #[derive(Default)]
        struct Sections {
            pack: Vec<(At, super::file::Head)>,
            calendar: Vec<(At, super::file::CalendarFile)>,
            $($field: Vec<(At, $type)>,)+
            /// Entries that do not read: their section, and their code where they have one.
            broken: Vec<(&'static str, String)>,
        }

        impl Sections {
            const NAMES: &[&str] = &["pack", "calendar", $(stringify!($field)),+];

            fn add(&mut self, check: &mut Checker<'_>, at: &At, name: &str, value: Spanned<DeValue<'_>>, loud: bool) {
                let broken = &mut self.broken;
                match name {
                    "pack" => match entry(check, at.file, value, loud) {
                        Ok(entry) => self.pack.push(entry),
                        Err(code) => broken.push(("pack", code.unwrap_or_default())),
                    },
                    "calendar" => match entry(check, at.file, value, loud) {
                        Ok(entry) => self.calendar.push(entry),
                        Err(code) => broken.push(("calendar", code.unwrap_or_default())),
                    },
                    $(stringify!($field) => {
                        let DeValue::Array(entries) = value.into_inner() else {
                            if loud {
                                check.fault(at, format!("`{name}` is a list; write [[{name}]]"));
                            }
                            return;
                        };
                        for value in entries {
                            match entry(check, at.file, value, loud) {
                                Ok(entry) => self.$field.push(entry),
                                Err(code) => broken.push((stringify!($field), code.unwrap_or_default())),
                            }
                        }
                    })+
                    _ if loud => check.fault(at, format!("no section is called `{name}`; sections are {}", Self::NAMES.join(", "))),
                    _ => {}
                }
            }

            /// Codes of entries of a section that are written but do not read.
            fn unread(&self, section: &str) -> impl Iterator<Item = String> {
                self.broken.iter().filter(move |(of, _)| *of == section).map(|(_, code)| code.clone())
            }
        }
    };
}

sections! {
    source: super::Source,
    parameter: super::Parameter,
    holiday: super::file::Holiday,
    area: super::Area,
    unit_kind: super::UnitKind,
    unit: UnitEntry,
    kind: super::Coded,
    item: super::Coded,
    subject: Subject,
    reason: super::Reason,
    clock: super::ClockRule,
    no_clock: super::NoClock,
    fact: super::Fact,
    closing: super::Closing,
    tell: super::Tell,
    route: super::Route,
    text: super::TextEntry,
}

/// Events on which a claimant may have to be told.
const TOLD_ON: &[&str] = &["registered", "refused", "transferred", "extended", "shelved", "closed"];

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

fn codes(list: &[(At, super::Coded)]) -> Vec<super::Coded> {
    list.iter().map(|(_, entry)| entry.clone()).collect()
}

fn build(check: &mut Checker<'_>, all: Sections, texts: &[(String, String)]) -> Option<Pack> {
    let start = At { file: 0, span: 0..0 };
    for (at, _) in all.pack.iter().skip(1) {
        check.fault(at, "a pack has one [pack] section; remove this one");
    }
    for (at, _) in all.calendar.iter().skip(1) {
        check.fault(at, "a pack has one [calendar] section; remove this one");
    }
    let mut sources = check.unique(&all.source, "source", |s| s.key.clone());
    sources.extend(all.unread("source"));
    let mut kinds = check.unique(&all.kind, "kind", |k| k.code.clone());
    kinds.extend(all.unread("kind"));
    check.unique(&all.item, "item", |i| i.code.clone());
    let mut areas = check.unique(&all.area, "area", |a| a.code.clone());
    areas.extend(all.unread("area"));
    let mut unit_kinds = check.unique(&all.unit_kind, "unit kind", |k| k.code.clone());
    unit_kinds.extend(all.unread("unit_kind"));
    let mut units = check.unique(&all.unit, "unit", |u| u.code.clone());
    units.extend(all.unread("unit"));
    let mut subjects = check.unique(&all.subject, "subject", |s| s.code.clone());
    subjects.extend(all.unread("subject"));
    let mut facts = check.unique(&all.fact, "fact", |f| f.name.clone());
    facts.extend(all.unread("fact"));
    check.unique(&all.reason, "reason", |r| format!("{}/{}", r.group, r.code));
    check.unique(&all.clock, "clock rule", |c| {
        format!(
            "{}/{}/{}/{}",
            c.rule,
            c.name,
            if c.level == super::Level::Case { "case" } else { "task" },
            c.when.role.as_deref().unwrap_or("")
        )
    });
    check.unique(&all.parameter, "parameter", |p| p.name.clone());
    check.unique(&all.text, "text", |t| t.name.clone());
    let urgencies: HashSet<String> = Urgency::ALL.iter().map(|u| u.code().to_owned()).collect();
    let states: HashSet<String> = State::CODES.iter().map(|&s| s.to_owned()).collect();

    check_organisation(check, &all, &sources, &areas, &unit_kinds, &units);
    let nodes = check_subjects(check, &all.subject, &subjects);
    for (at, entry) in all.kind.iter().chain(&all.item) {
        check.cite(at, &sources, &entry.cite);
        labelled(check, at, &entry.label);
    }
    for (at, reason) in &all.reason {
        check.cite(at, &sources, &reason.cite);
        labelled(check, at, &reason.label);
    }
    let flags: HashSet<String> = nodes.values().flat_map(|node| node.flags.iter().cloned()).collect();
    for (at, rule) in &all.clock {
        let what = format!("clock rule `{}`", rule.rule);
        check.timeline(at, &what, rule.value.iter().map(|v| (v.from, v.until)));
        for value in &rule.value {
            check.cite(at, &sources, &value.cite);
            if value.amount == 0 || value.amount > MOST {
                check.fault(at, format!("{what}: an amount of {} is not between 1 and {MOST}", value.amount));
            }
        }
        for span in rule.warn.iter().chain(&rule.offset).filter(|span| span.amount == 0 || span.amount > MOST) {
            check.fault(at, format!("{what}: an amount of {} is not between 1 and {MOST}", span.amount));
        }
        if let Some(offset) = rule.offset
            && rule.value.iter().any(|value| value.unit != offset.unit || value.amount <= offset.amount)
        {
            check.fault(at, format!("{what}: `offset` is taken off the value, so it is in the same unit and smaller"));
        }
        for name in std::iter::once(&rule.start).chain(&rule.stop) {
            if !signal::ALL.contains(&name.as_str()) {
                check.fault(at, format!("{what}: nothing signals `{name}`; signals are {}", signal::ALL.join(", ")));
            }
        }
        check.known(at, &kinds, "kind", &rule.when.kinds);
        check.known(at, &urgencies, "urgency", &rule.when.urgency);
        check.known(at, &unit_kinds, "unit kind", rule.when.unit_kinds.iter().chain(&rule.when.not_unit_kinds));
        check.known(at, &flags, "subject flag", rule.when.flags.iter().chain(&rule.when.without_flags));
        if rule.when.role.as_deref().is_some_and(|role| !matches!(role, "lead" | "assist")) {
            check.fault(at, format!("{what}: a role is `lead` or `assist`"));
        }
    }
    for (at, entry) in &all.no_clock {
        check.cite(at, &sources, &entry.cite);
        check.known(at, &kinds, "kind", &entry.kinds);
        check.known(at, &states, "state", &entry.states);
    }
    for (at, closing) in &all.closing {
        check.cite(at, &sources, &closing.cite);
        check.known(at, &kinds, "kind", &closing.kinds);
        check.known(at, &urgencies, "urgency", &closing.urgency);
        let named = closing.requires.iter().chain(&closing.branch);
        let in_cases =
            closing.case.iter().flat_map(|case| case.requires.iter().chain(&case.forbids).chain(&case.promise));
        check.known(at, &facts, "fact", named.chain(in_cases));
        if closing.branch.is_some() == closing.case.is_empty() {
            check.fault(at, format!("closing `{}`: `branch` and its [[closing.case]] rows go together", closing.rule));
        }
    }
    for (at, fact) in &all.fact {
        labelled(check, at, &fact.label);
        let branches = all.closing.iter().any(|(_, closing)| closing.branch.as_ref() == Some(&fact.name));
        if branches && fact.is != FactKind::Code {
            check.fault(at, format!("fact `{}` decides a branch, so `is` must be \"code\"", fact.name));
        }
    }
    for (at, source) in &all.source {
        if source.until.is_some_and(|until| until < source.from) {
            check.fault(at, format!("source `{}` ends before it begins", source.key));
        }
    }
    for (at, tell) in &all.tell {
        check.cite(at, &sources, &tell.cite);
        check.known(at, &kinds, "kind", &tell.kinds);
        if !TOLD_ON.contains(&tell.on.as_str()) {
            check.fault(at, format!("nothing is told on `{}`; write one of {}", tell.on, TOLD_ON.join(", ")));
        }
        if let Err(message) = Told::try_from(tell.what.as_str()) {
            check.fault(at, message);
        }
    }
    for (at, route) in &all.route {
        check.cite(at, &sources, &route.cite);
        check.known(at, &subjects, "subject", &route.subjects);
        check.known(at, &areas, "area", &route.areas);
        check.known(at, &kinds, "kind", &route.kinds);
        check.known(at, &units, "unit", std::iter::once(&route.lead).chain(&route.assist));
    }
    check_parameters(check, &all, &sources, &start);
    check_coverage(check, &all, &kinds, &start);

    let Some((at, head)) = all.pack.first() else {
        if all.unread("pack").next().is_none() {
            check.fault(&start, "the pack has no [pack] section; add one with name, zone and languages");
        }
        return None;
    };
    if head.languages.is_empty() {
        check.fault(at, "`languages` is empty; name the working language first");
    }
    check.known(at, &areas, "area", [&head.territory]);
    let zone = Zone::named(&head.zone).map_err(|message| check.fault(at, message)).ok()?;
    let calendar = calendar(check, &all, &start, zone)?;
    let mut digest = texts.to_vec();
    digest.sort();
    Some(Pack {
        head: head.clone(),
        checksum: checksum(&digest),
        calendar,
        sources: all.source.into_iter().map(|(_, s)| (s.key.clone(), s)).collect(),
        parameters: all.parameter.into_iter().map(|(_, p)| (p.name, p.value)).collect(),
        areas: all.area.into_iter().map(|(_, a)| (a.code.clone(), a)).collect(),
        unit_kinds: all.unit_kind.into_iter().map(|(_, k)| (k.code.clone(), k)).collect(),
        units: all.unit.into_iter().map(|(_, u)| u).collect(),
        kinds: codes(&all.kind),
        items: codes(&all.item),
        subjects: nodes,
        reasons: all.reason.into_iter().map(|(_, r)| r).collect(),
        clocks: all.clock.into_iter().map(|(_, c)| c).collect(),
        no_clocks: all.no_clock.into_iter().map(|(_, n)| n).collect(),
        facts: all.fact.into_iter().map(|(_, f)| f).collect(),
        closings: all.closing.into_iter().map(|(_, c)| c).collect(),
        tells: all.tell.into_iter().map(|(_, t)| t).collect(),
        routes: all.route.into_iter().map(|(_, r)| r).collect(),
        texts: all.text.into_iter().map(|(_, t)| (t.name, t.words)).collect(),
    })
}

fn labelled(check: &mut Checker<'_>, at: &At, label: &Words) {
    if label.values().all(|text| text.trim().is_empty()) {
        check.fault(at, "`label` is empty; name it in at least the working language");
    }
}

fn check_organisation(
    check: &mut Checker<'_>,
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
        check.known(at, units, "unit", unit.parent.iter().chain(&unit.successor));
        check.known(at, areas, "area", &unit.territory);
        if unit.until.is_some_and(|until| until < unit.from) {
            check.fault(at, format!("unit `{}` ends before it begins", unit.code));
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

fn check_subjects(
    check: &mut Checker<'_>,
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

fn check_parameters(check: &mut Checker<'_>, all: &Sections, sources: &HashSet<String>, start: &At) {
    for (at, parameter) in &all.parameter {
        check.timeline(
            at,
            &format!("parameter `{}`", parameter.name),
            parameter.value.iter().map(|v| (v.from, v.until)),
        );
        for Dated { value, cite, .. } in &parameter.value {
            check.cite(at, sources, cite);
            if let Some((_, fits)) = PARAMETERS.iter().find(|(name, _)| *name == parameter.name)
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

/// The first day from `from` on that none of these covers.
fn uncovered(mut spans: Vec<(Day, Option<Day>)>, from: Day) -> Option<Day> {
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
fn check_coverage(check: &mut Checker<'_>, all: &Sections, kinds: &HashSet<String>, start: &At) {
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
    let days = |kind: Option<&str>, is: &dyn Fn(&super::ClockRule) -> bool| -> Vec<(Day, Option<Day>)> {
        all.clock
            .iter()
            .filter(|(_, rule)| {
                is(rule)
                    && (rule.when.kinds.is_empty() || kind.is_none_or(|kind| rule.when.kinds.iter().any(|k| k == kind)))
            })
            .flat_map(|(_, rule)| {
                // A value holds until the next one.
                let next = rule.value.iter().skip(1).map(|value| Some(value.from.previous())).chain([None]);
                rule.value.iter().zip(next).map(|(value, next)| (value.from, value.until.or(next)))
            })
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
                && days(code, &|rule| rule.start == signal && rule.level == super::Level::Case).is_empty()
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

fn calendar(check: &mut Checker<'_>, all: &Sections, start: &At, zone: Zone) -> Option<Calendar> {
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
    check.unique(&all.holiday, "holiday notice for year", |h| h.year.to_string());
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
    Some(Calendar::new(
        zone,
        &week.workdays,
        all.holiday.iter().flat_map(|(_, h)| h.rest.iter().copied()),
        all.holiday.iter().flat_map(|(_, h)| h.work.iter().copied()),
        all.holiday.iter().map(|(_, h)| (h.year, h.notice.clone())).collect(),
    ))
}

/// FNV-1a over names and texts: tells versions apart; it is no defence against forgery.
fn checksum(texts: &[(String, String)]) -> String {
    let mut hash: u64 = 0xcbf2_9ce4_8422_2325;
    for byte in texts.iter().flat_map(|(name, text)| name.bytes().chain([0]).chain(text.bytes()).chain([0])) {
        hash = (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
    }
    format!("{hash:016x}")
}
