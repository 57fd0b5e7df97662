//! Reading and checking a pack: all faults at once, each with file, line and column.

use std::{
    collections::{BTreeSet, HashMap, HashSet},
    ops::Range,
};

use serde::de::DeserializeOwned;
use toml::{
    Spanned,
    de::{DeTable, DeValue, ValueDeserializer},
};

use crate::{
    order::{State, Told, Urgency, signal},
    policy::{Cite, FactKind, Pack, UnitEntry, file::Subject, schema::form, settings::nearest},
    time::{Day, Zone},
};

mod check;
mod coverage;
mod days;
mod inner;
mod routing;

use check::{TOLD_ON, check_below, check_organisation, check_parameters, check_subjects, labelled};
use coverage::check_coverage;
use days::calendar;
use inner::check_inner;
use routing::{Known, check_decisions, check_routing};

/// Largest text of one file of a pack, in bytes.
pub const MAX_FILE: usize = 4 * 1024 * 1024;

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

/// Most faults reported of a pack.
const MOST_FAULTS: usize = 1_000;

/// Most entries of a pack with all its parents.
const MOST_ENTRIES: usize = 200_000;

/// Largest pack with all its parents, in bytes.
const MAX_PACK: usize = 32 * 1024 * 1024;

/// Most kinds of request: each is tried against every rule.
const MOST_KINDS: usize = 200;

/// Most clock rules of a pack.
const MOST_RULES: usize = 10_000;

/// Most packs above one.
const MOST_PARENTS: usize = 8;

/// Largest amount of time a pack may name, in any unit.
pub(super) const MOST: u32 = 100_000;

/// Where an entry stands.
#[derive(Clone)]
struct At {
    file: usize,
    span: Range<usize>,
}

/// One text of a pack.
struct File {
    name: String,
    text: String,
    /// Where its lines begin.
    lines: Vec<usize>,
}

/// The texts and what is wrong with them so far.
struct Checker {
    files: Vec<File>,
    faults: Vec<Fault>,
    /// Faults beyond those that are kept.
    more: usize,
    /// Entries read.
    entries: usize,
    /// Sources that are superseded and decide nothing.
    silent: HashSet<String>,
}

impl Checker {
    fn fault(&mut self, at: &At, message: impl Into<String>) {
        if self.faults.len() >= MOST_FAULTS {
            self.more += 1;
            return;
        }
        let (line, column) = self.place(at);
        let file = self.files[at.file].name.clone();
        self.faults.push(Fault { file, line, column, message: message.into() });
    }

    /// Line and column of a place, from 1.
    fn place(&self, at: &At) -> (usize, usize) {
        let File { text, lines, .. } = &self.files[at.file];
        let start = at.span.start.min(text.len());
        let line = lines.partition_point(|begin| *begin <= start);
        let begin = line.checked_sub(1).and_then(|line| lines.get(line)).copied().unwrap_or(0);
        (line.max(1), text.get(begin..start).map_or(0, |before| before.chars().count()) + 1)
    }

    /// Reads the texts of one pack.
    fn layer(&mut self, texts: &[(String, String)], prefix: &str) -> Sections {
        let mut all = Sections::default();
        for (name, text) in texts {
            let file = self.files.len();
            let all_files: usize = self.files.iter().map(|file| file.text.len()).sum();
            let large = text.len() > MAX_FILE || all_files + text.len() > MAX_PACK;
            let whole = text.len();
            let text = if large { String::new() } else { text.clone() };
            let lines = std::iter::once(0).chain(text.match_indices('\n').map(|(at, _)| at + 1)).collect();
            self.files.push(File { name: format!("{prefix}{name}"), text: text.clone(), lines });
            if large {
                let at = At { file, span: 0..0 };
                let said = if whole > MAX_FILE {
                    format!("`{name}` is larger than {} MiB; split it", MAX_FILE >> 20)
                } else {
                    format!("with `{name}` the pack is larger than {} MiB; it was not read", MAX_PACK >> 20)
                };
                self.fault(&at, said);
                continue;
            }
            read(self, file, &text, &mut all);
        }
        all
    }

    /// Counts an entry; false when there are more than a pack may have.
    fn counts(&mut self, at: &At) -> bool {
        self.entries += 1;
        if self.entries == MOST_ENTRIES + 1 {
            self.fault(at, format!("the pack has more than {MOST_ENTRIES} entries; the rest was not read"));
        }
        self.entries <= MOST_ENTRIES
    }

    /// The pack, if nothing is wrong with it.
    fn done(mut self, pack: Option<Pack>) -> Result<Pack, Vec<Fault>> {
        self.faults.sort();
        self.faults.dedup();
        if self.more > 0
            && let Some(last) = self.faults.last().cloned()
        {
            let message = format!("and {} more faults; mend those above first", self.more);
            self.faults.push(Fault { message, ..last });
        }
        match pack {
            Some(pack) if self.faults.is_empty() => Ok(pack),
            _ => Err(self.faults),
        }
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
        if self.silent.contains(&cite.source) {
            self.fault(
                at,
                format!(
                    "source `{}` is superseded and decides nothing; cite what took its place, or set `decides = true` on it",
                    cite.source
                ),
            );
        }
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

/// Finds the texts of a pack by its name: the parents of a pack are looked for with it.
pub type Library<'a> = &'a dyn Fn(&str) -> Option<Vec<(String, String)>>;

impl Pack {
    /// Reads a pack that has no parent from its named texts.
    ///
    /// # Errors
    /// Every fault found, in the order of files and lines.
    pub fn load(texts: &[(String, String)]) -> Result<Self, Vec<Fault>> {
        Self::load_with(texts, &|_| None)
    }

    /// Reads a pack from its named texts, and those of its parents from the library.
    ///
    /// # Errors
    /// Every fault found, in the order of files and lines; those of a parent's files come as `../parent/file`.
    pub fn load_with(texts: &[(String, String)], library: Library<'_>) -> Result<Self, Vec<Fault>> {
        if texts.is_empty() {
            return Err(vec![Fault {
                file: String::new(),
                line: 1,
                column: 1,
                message: "the pack has no files; put its .toml files in the folder".into(),
            }]);
        }
        let mut check = Checker { files: Vec::new(), faults: Vec::new(), more: 0, entries: 0, silent: HashSet::new() };
        let mut layers = vec![check.layer(texts, "")];
        let mut chain = vec![layers[0].name().to_owned()];
        while let Some((at, parent)) = layers[layers.len() - 1].parent() {
            if chain.contains(&parent) {
                check.fault(&at, format!("`{parent}` is a parent of itself; mend `parent`"));
                break;
            }
            if chain.len() > MOST_PARENTS {
                check.fault(&at, format!("more than {MOST_PARENTS} packs stand above this one; join some"));
                break;
            }
            let Some(texts) = library(&parent).filter(|texts| !texts.is_empty()) else {
                check.fault(
                    &at,
                    format!("no pack is called `{parent}`; put its folder beside this one, or leave `parent` out"),
                );
                break;
            };
            layers.push(check.layer(&texts, &format!("../{parent}/")));
            chain.push(parent);
        }
        let mut origins = HashMap::new();
        let mut all = Sections::default();
        for layer in layers.into_iter().rev() {
            all = layer.over(all, &mut check, &mut origins);
        }
        let pack = build(&mut check, all, origins);
        check.done(pack)
    }
}

/// Reads one file entry by entry, so that a fault in one hides none in the others.
fn read(check: &mut Checker, file: usize, text: &str, all: &mut Sections) {
    let (table, errors) = DeTable::parse_recoverable(text);
    let mut told = BTreeSet::new();
    for error in &errors {
        let at = At { file, span: error.span().unwrap_or(0..0) };
        // One fault to a line: what follows the first is its echo.
        let line = check.files[file].lines.partition_point(|begin| *begin <= at.span.start);
        if told.len() < MOST_UNREADABLE && told.insert(line) {
            check.fault(&at, error.message().replace('\n', "; "));
        }
    }
    for (key, value) in table.into_inner() {
        let at = At { file, span: key.span() };
        all.add(check, &at, key.get_ref(), value, errors.is_empty());
    }
}

/// A fault of a word that is none, with the one it was probably meant for.
fn meant(message: String) -> String {
    let mut words = message.split('`').skip(1).step_by(2);
    let near = match (message.starts_with("unknown "), words.next()) {
        (true, Some(unknown)) => nearest(unknown, words),
        _ => None,
    };
    near.map(|near| format!("{message}; did you mean `{near}`?")).unwrap_or(message)
}

/// Reads one entry. One that does not read is remembered by its code, so that what names it is no fault too.
fn entry<T: DeserializeOwned>(
    check: &mut Checker,
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
                check.fault(&at, meant(error.message().replace('\n', "; ")));
            }
            Err(code)
        }
    }
}

macro_rules! sections {
    ($($field:ident: $type:ty = $key:expr),+ $(,)?) => {
        #[derive(Default)]
        struct Sections {
            pack: Vec<(At, super::file::Head)>,
            calendar: Vec<(At, super::file::CalendarFile)>,
            remove: Vec<(At, super::file::Remove)>,
            $($field: Vec<(At, $type)>,)+
            /// What was removed from the packs above, for its citations.
            removed: Vec<(At, super::file::Remove)>,
            /// Entries that do not read: their section, and their code where they have one.
            broken: Vec<(&'static str, String)>,
        }

        /// Each section with its form, and whether it is a list.
        pub(super) fn forms() -> Vec<(&'static str, bool, serde_json::Value)> {
            vec![
                ("pack", false, form::<super::file::Head>()),
                ("calendar", false, form::<super::file::CalendarFile>()),
                ("remove", true, form::<super::file::Remove>()),
                $((stringify!($field), true, form::<$type>())),+
            ]
        }

        impl Sections {
            const NAMES: &[&str] = &["pack", "calendar", "remove", $(stringify!($field)),+];

            fn add(&mut self, check: &mut Checker, at: &At, name: &str, value: Spanned<DeValue<'_>>, loud: bool) {
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
                    "remove" => {
                        for value in list(check, at, name, value, loud) {
                            if let Ok(entry) = entry(check, at.file, value, loud) {
                                self.remove.push(entry);
                            }
                        }
                    }
                    $(stringify!($field) => {
                        for value in list(check, at, name, value, loud) {
                            if !check.counts(at) {
                                return;
                            }
                            match entry(check, at.file, value, loud) {
                                Ok(entry) => self.$field.push(entry),
                                Err(code) => broken.push((stringify!($field), code.unwrap_or_default())),
                            }
                        }
                    })+
                    _ if !loud => {}
                    _ if LATER.contains(&name) => check.fault(
                        at,
                        format!("`{name}` is not yet supported by this program; leave the section out until it is"),
                    ),
                    _ => {
                        let near = nearest(name, Self::NAMES.iter().copied());
                        let near = near.map_or_else(String::new, |near| format!("did you mean `{near}`? "));
                        let mut name = name.to_owned();
                        name.truncate(name.floor_char_boundary(80));
                        let known = Self::NAMES.join(", ");
                        check.fault(at, format!("no section is called `{name}`; {near}sections are {known}"));
                    }
                }
            }

            /// Codes of entries of a section that are written but do not read.
            fn unread(&self, section: &str) -> impl Iterator<Item = String> {
                self.broken.iter().filter(move |(of, _)| *of == section).map(|(_, code)| code.clone())
            }

            /// This pack over those above it: what has a name of theirs stands in its place, what is removed is gone.
            fn over(mut self, mut above: Self, check: &mut Checker, origins: &mut Origins) -> Self {
                let name = self.name().to_owned();
                let removed = std::mem::take(&mut self.remove);
                for (at, remove) in &removed {
                    let found = match remove.section.as_str() {
                        $(stringify!($field) => {
                            let before = above.$field.len();
                            above.$field.retain(|(_, entry)| !is_named(&($key)(entry), &remove.name));
                            above.$field.len() < before
                        })+
                        _ => {
                            check.fault(at, format!("nothing is removed from `{}`; name one of {}", remove.section, Self::NAMES[3..].join(", ")));
                            continue;
                        }
                    };
                    if !found {
                        check.fault(at, format!("the packs above have no {} `{}` to remove", remove.section, remove.name));
                    }
                }
                $(
                    unique(check, &self.$field, stringify!($field), $key);
                    for (at, entry) in &self.$field {
                        let (line, column) = check.place(at);
                        let file = check.files[at.file].name.clone();
                        let origin = super::Origin { pack: name.clone(), file, line, column };
                        origins.insert(format!("{} {}", stringify!($field), ($key)(entry)), origin);
                    }
                    if above.$field.is_empty() {
                        above.$field = self.$field;
                    } else {
                        let places: HashMap<String, usize> =
                            above.$field.iter().enumerate().map(|(at, (_, entry))| (($key)(entry), at)).collect();
                        for entry in self.$field {
                            match places.get(&($key)(&entry.1)).filter(|_| ($key)(&entry.1) != UNNAMED) {
                                Some(place) => above.$field[*place] = entry,
                                None => above.$field.push(entry),
                            }
                        }
                    }
                )+
                if !self.pack.is_empty() {
                    // What the pack does not say of resolving conflicts, those above it say.
                    if let (Some((_, own)), Some((_, upper))) = (self.pack.first_mut(), above.pack.first()) {
                        let mut conflicts = upper.conflicts.clone();
                        conflicts.append(&mut own.conflicts);
                        own.conflicts = conflicts;
                        own.latest_by = own.latest_by.or(upper.latest_by);
                    }
                    above.pack = self.pack;
                }
                if !self.calendar.is_empty() {
                    above.calendar = self.calendar;
                }
                above.broken.append(&mut self.broken);
                above.removed.extend(removed);
                above
            }
        }
    };
}

/// Where each named entry of a pack comes from.
type Origins = HashMap<String, super::Origin>;

/// Sections of the design that no version of the program reads yet.
const LATER: &[&str] = &["privacy", "reward", "knowledge", "exchange", "measure", "report"];

/// The entries of a list section.
fn list<'t>(
    check: &mut Checker,
    at: &At,
    name: &str,
    value: Spanned<DeValue<'t>>,
    loud: bool,
) -> Vec<Spanned<DeValue<'t>>> {
    match value.into_inner() {
        DeValue::Array(entries) => entries.into_iter().collect(),
        _ => {
            if loud {
                check.fault(at, format!("`{name}` is a list; write [[{name}]]"));
            }
            Vec::new()
        }
    }
}

/// Whether a key is this name, or begins with it: `SY-62-a` names all rules of that name.
fn is_named(key: &str, name: &str) -> bool {
    key.strip_prefix(name).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// Every name of a section only once.
fn unique<T>(check: &mut Checker, entries: &[(At, T)], section: &str, key: impl Fn(&T) -> String) {
    let mut seen = HashSet::new();
    let what = section.replace('_', " ");
    for (at, entry) in entries {
        let key = key(entry);
        if key.trim_matches(['/', ' ']).is_empty() {
            check.fault(at, format!("a {what} has an empty code; give it one"));
        } else if key != UNNAMED && !seen.insert(key.clone()) {
            check.fault(at, format!("{what} `{key}` is already defined; remove one or give it another code"));
        }
    }
}

sections! {
    source: super::Source = |s: &super::Source| s.key.clone(),
    parameter: super::Parameter = |p: &super::Parameter| p.name.clone(),
    holiday: super::file::Holiday = |h: &super::file::Holiday| h.year.to_string(),
    business_hours: super::BusinessHours =
        |h: &super::BusinessHours| format!("{} {}", h.from, h.season.as_ref().map_or(String::new(), |s| s.join(" "))),
    closure: super::Closure = |c: &super::Closure| c.from.to_string(),
    area: super::Area = |a: &super::Area| a.code.clone(),
    unit_kind: super::UnitKind = |k: &super::UnitKind| k.code.clone(),
    unit: UnitEntry = |u: &UnitEntry| u.code.clone(),
    kind: super::Coded = |k: &super::Coded| k.code.clone(),
    item: super::Coded = |i: &super::Coded| i.code.clone(),
    subject: Subject = |s: &Subject| s.code.clone(),
    reason: super::Reason = |r: &super::Reason| format!("{}/{}", r.group, r.code),
    clock: super::ClockRule = super::ClockRule::key,
    no_clock: super::NoClock = |n: &super::NoClock| format!("{}/{}/{}", n.code, n.kinds.join(" "), n.states.join(" ")),
    fact: super::Fact = |f: &super::Fact| f.name.clone(),
    closing: super::Closing = |c: &super::Closing| format!("{}/{}/{}", c.rule, c.kinds.join(" "), c.urgency.join(" ")),
    tell: super::Tell = |t: &super::Tell| format!("{}/{}", t.on, t.kinds.join(" ")),
    route: super::Route = |r: &super::Route| r.name.clone().unwrap_or_else(|| UNNAMED.to_owned()),
    forbid: super::Forbid = |f: &super::Forbid| f.name.clone(),
    lead: super::Lead = |l: &super::Lead| l.name.clone(),
    approver: super::Approver = |a: &super::Approver| a.name.clone(),
    ladder: super::Ladder = |l: &super::Ladder| l.level.clone(),
    mode: super::Mode = |m: &super::Mode| m.code.clone(),
    text: super::TextEntry = |t: &super::TextEntry| t.name.clone(),
}

/// The key of an entry without a name: it stands beside all others.
const UNNAMED: &str = "\u{1}";

impl Sections {
    /// The pack's name.
    fn name(&self) -> &str {
        self.pack.first().map_or("", |(_, head)| head.name.as_str())
    }

    /// The pack it extends.
    fn parent(&self) -> Option<(At, String)> {
        self.pack.first().and_then(|(at, head)| Some((at.clone(), head.parent.clone()?)))
    }
}

fn codes(list: &[(At, super::Coded)]) -> Vec<super::Coded> {
    list.iter().map(|(_, entry)| entry.clone()).collect()
}

fn build(check: &mut Checker, all: Sections, origins: Origins) -> Option<Pack> {
    let start = At { file: 0, span: 0..0 };
    for (at, _) in all.pack.iter().skip(1) {
        check.fault(at, "a pack has one [pack] section; remove this one");
    }
    for (at, _) in all.calendar.iter().skip(1) {
        check.fault(at, "a pack has one [calendar] section; remove this one");
    }
    let mut sources: HashSet<String> = all.source.iter().map(|(_, e)| e.key.clone()).collect();
    sources.extend(all.unread("source"));
    for (_, source) in all.source.iter().filter(|(_, s)| s.status.starts_with("superseded") && !s.decides) {
        check.silent.insert(source.key.clone());
    }
    let mut kinds: HashSet<String> = all.kind.iter().map(|(_, e)| e.code.clone()).collect();
    kinds.extend(all.unread("kind"));
    let mut areas: HashSet<String> = all.area.iter().map(|(_, e)| e.code.clone()).collect();
    areas.extend(all.unread("area"));
    let mut unit_kinds: HashSet<String> = all.unit_kind.iter().map(|(_, e)| e.code.clone()).collect();
    unit_kinds.extend(all.unread("unit_kind"));
    let mut units: HashSet<String> = all.unit.iter().map(|(_, e)| e.code.clone()).collect();
    units.extend(all.unread("unit"));
    let mut subjects: HashSet<String> = all.subject.iter().map(|(_, e)| e.code.clone()).collect();
    subjects.extend(all.unread("subject"));
    let mut facts: HashSet<String> = all.fact.iter().map(|(_, e)| e.name.clone()).collect();
    facts.extend(all.unread("fact"));
    let urgencies: HashSet<String> = Urgency::ALL.iter().map(|u| u.code().to_owned()).collect();
    let states: HashSet<String> = State::CODES.iter().map(|&s| s.to_owned()).collect();

    for (at, remove) in &all.removed {
        check.cite(at, &sources, &remove.cite);
    }
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
    if let Some((at, _)) = all.clock.get(MOST_RULES) {
        check.fault(
            at,
            format!("the pack has more than {MOST_RULES} clock rules; join those that differ in one condition"),
        );
        return None;
    }
    let modes: HashSet<String> = all.mode.iter().map(|(_, mode)| mode.code.clone()).collect();
    if let Some((at, _)) = all.kind.get(MOST_KINDS) {
        check.fault(
            at,
            format!("the pack has more than {MOST_KINDS} kinds; what differs only in its matter is a subject"),
        );
        return None;
    }
    for (at, rule) in &all.clock {
        let what = format!("clock rule `{}`", rule.rule);
        check.timeline(at, &what, rule.value.iter().map(|v| (v.from, v.until)));
        for value in &rule.value {
            check.cite(at, &sources, &value.cite);
            if value.amount > MOST {
                check.fault(at, format!("{what}: an amount of {} is more than {MOST}", value.amount));
            }
        }
        check_below(check, at, &what, rule);
        for span in rule.warn.iter().chain(&rule.offset).filter(|span| span.amount == 0 || span.amount > MOST) {
            check.fault(at, format!("{what}: an amount of {} is not between 1 and {MOST}", span.amount));
        }
        if let Some(offset) = rule.offset
            && rule.value.iter().any(|value| value.unit != offset.unit || value.amount <= offset.amount)
        {
            check.fault(at, format!("{what}: `offset` is taken off the value, so it is in the same unit and smaller"));
        }
        for name in std::iter::once(&rule.start).chain(&rule.stop).chain(&rule.notice) {
            if !signal::ALL.contains(&name.as_str()) {
                check.fault(at, format!("{what}: nothing signals `{name}`; signals are {}", signal::ALL.join(", ")));
            }
        }
        check.known(at, &kinds, "kind", &rule.when.kinds);
        check.known(at, &urgencies, "urgency", &rule.when.urgency);
        check.known(at, &unit_kinds, "unit kind", rule.when.unit_kinds.iter().chain(&rule.when.not_unit_kinds));
        check.known(at, &flags, "subject flag", rule.when.flags.iter().chain(&rule.when.without_flags));
        check.known(at, &units, "unit", &rule.when.within);
        if rule.when.within.is_some() && rule.level != super::Level::Task {
            check.fault(at, format!("{what}: a unit's own rule is about its tasks; write level = \"task\""));
        }
        check.known(at, &modes, "mode", &rule.when.modes);
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
    let branching: HashSet<&str> = all.closing.iter().filter_map(|(_, closing)| closing.branch.as_deref()).collect();
    for (at, fact) in &all.fact {
        labelled(check, at, &fact.label);
        let branches = branching.contains(fact.name.as_str());
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
    let known = Known {
        sources: &sources,
        kinds: &kinds,
        subjects: &subjects,
        areas: &areas,
        units: &units,
        unit_kinds: &unit_kinds,
        flags: &flags,
        urgencies: &urgencies,
    };
    check_routing(check, &all, &known);
    check_decisions(check, &all, &known);
    check_parameters(check, &all, &sources, &start);
    check_coverage(check, &all, &kinds, &nodes, &start);

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
    let day_end = all.calendar.first().map(|(_, week)| week.day_end).unwrap_or_default();
    let calendar = calendar(check, &all, &start, &sources, head.from, zone)?;
    if head.latest_by.is_none()
        && std::iter::once(&head.conflict).chain(head.conflicts.values()).any(|c| *c == super::Conflict::Latest)
    {
        check.fault(
            at,
            "`latest` needs to know by which date: add `latest_by`, one of \"clause\", \"issue\", \"publication\"",
        );
    }
    let mut digest: Vec<(&str, &str)> =
        check.files.iter().map(|file| (file.name.as_str(), file.text.as_str())).collect();
    digest.sort_unstable();
    let inner: Vec<(At, String)> = all
        .clock
        .iter()
        .filter(|(_, rule)| rule.when.within.is_some())
        .map(|(at, rule)| (at.clone(), rule.key()))
        .collect();
    let pack = Pack {
        head: head.clone(),
        checksum: checksum(&digest),
        origins,
        calendar,
        day_end,
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
        forbids: all.forbid.into_iter().map(|(_, f)| f).collect(),
        leads: all.lead.into_iter().map(|(_, l)| l).collect(),
        approvers: all.approver.into_iter().map(|(_, a)| a).collect(),
        ladder: all.ladder.into_iter().map(|(_, l)| l).collect(),
        modes: all.mode.into_iter().map(|(_, m)| m).collect(),
        texts: all.text.into_iter().map(|(_, t)| (t.name, t.words)).collect(),
    };
    // What is wrong otherwise would be told again.
    if check.faults.is_empty() {
        check_inner(check, &pack, &inner);
    }
    Some(pack)
}

/// FNV-1a over names and texts: tells versions apart; it is no defence against forgery.
fn checksum(texts: &[(&str, &str)]) -> String {
    let mut hash: u64 = 0xcbf2_9ce4_8422_2325;
    for byte in texts.iter().flat_map(|(name, text)| name.bytes().chain([0]).chain(text.bytes()).chain([0])) {
        hash = (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
    }
    format!("{hash:016x}")
}
