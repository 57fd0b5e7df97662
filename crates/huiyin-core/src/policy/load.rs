//! Reading and checking a pack: all faults at once, each with file, line and column.

use std::collections::{BTreeSet, HashMap};

use toml::de::DeTable;

use crate::{policy::Pack, time::Zone};

mod check;
mod checker;
mod closing;
mod coverage;
mod days;
mod decisions;
mod inner;
mod intake;
mod known;
mod limits;
mod modes;
mod routing;
mod sections;
mod texts;
mod words;

use check::{check_organisation, check_parameters, check_subjects, labelled};
use checker::{At, Checker};
use closing::check_closing;
use coverage::check_coverage;
use days::calendar;
use decisions::check_decisions;
use inner::check_inner;
use intake::{answer_limit, check_intake};
use known::Known;
use limits::check_limits;
use modes::check_modes;
use routing::check_routing;
pub(super) use sections::forms;
use sections::{Origins, Sections};
use texts::check_texts;

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

/// Longest message of a fault, in bytes: what it repeats of the pack may be as long as a file.
const LONGEST: usize = 2_000;

/// Most entries of a pack with all its parents.
const MOST_ENTRIES: usize = 200_000;

/// Largest pack with all its parents, in bytes.
const MAX_PACK: usize = 32 * 1024 * 1024;

/// Most kinds of request: each is tried against every rule.
const MOST_KINDS: usize = 200;

/// Most clock rules of a pack.
const MOST_RULES: usize = 10_000;

/// Levels of a territory.
const LEVELS: &[&str] = &["province", "city", "district", "county"];

/// Most packs above one.
const MOST_PARENTS: usize = 8;

/// Largest amount of time a pack may name, in any unit.
pub(super) const MOST: u32 = 100_000;

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
        let mut check = Checker::default();
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
            check.unreadable(&at, error.message());
        }
    }
    for (key, value) in table.into_inner() {
        let at = At { file, span: key.span() };
        all.add(check, &at, key.get_ref(), value, errors.is_empty());
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
    for (_, source) in all.source.iter().filter(|(_, s)| s.status.starts_with("superseded") && !s.decides) {
        check.silent.insert(source.key.clone());
    }
    let known = Known::of(&all);

    for (at, remove) in &all.removed {
        check.cite(at, &known.sources, &remove.cite);
    }
    check_organisation(check, &all, &known);
    let nodes = check_subjects(check, &all.subject, &known.subjects);
    for (at, entry) in all.kind.iter().chain(&all.item) {
        check.cite(at, &known.sources, &entry.cite);
        labelled(check, at, &entry.label);
    }
    for (at, reason) in &all.reason {
        check.cite(at, &known.sources, &reason.cite);
        labelled(check, at, &reason.label);
    }
    if let Some((at, _)) = all.clock.get(MOST_RULES) {
        check.fault(
            at,
            format!("the pack has more than {MOST_RULES} clock rules; join those that differ in one condition"),
        );
        return None;
    }
    if let Some((at, _)) = all.kind.get(MOST_KINDS) {
        check.fault(
            at,
            format!("the pack has more than {MOST_KINDS} kinds; what differs only in its matter is a subject"),
        );
        return None;
    }
    check_limits(check, &all, &known);
    check_closing(check, &all, &known);
    for (at, source) in &all.source {
        if source.until.is_some_and(|until| until < source.from) {
            check.fault(at, format!("source `{}` ends before it begins", source.key));
        }
    }
    check_texts(check, &all, &known);
    check_routing(check, &all, &known);
    check_decisions(check, &all, &known);
    check_modes(check, &all, &known);
    check_intake(check, &all, &known);
    check_parameters(check, &all, &known.sources, &start);
    check_coverage(check, &all, &known.kinds, &nodes, &start);

    let Some((at, head)) = all.pack.first() else {
        if all.unread("pack").next().is_none() {
            check.fault(&start, "the pack has no [pack] section; add one with name, zone and languages");
        }
        return None;
    };
    if head.languages.is_empty() {
        check.fault(at, "`languages` is empty; name the working language first");
    }
    check::one_of(check, at, "level of a territory", LEVELS, &head.level);
    check.known(at, &known.areas, "area", [&head.territory]);
    let zone = Zone::named(&head.zone).map_err(|message| check.fault(at, message)).ok()?;
    let day_end = all.calendar.first().map(|(_, week)| week.day_end).unwrap_or_default();
    let calendar = calendar(check, &all, &start, &known.sources, head.from, zone)?;
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
    let mut origins = origins;
    let mut answers = Vec::new();
    for (_, channel) in &all.channel {
        let Some(rule) = answer_limit(channel) else { continue };
        if let Some(origin) = origins.get(&format!("channel {}", channel.code)).cloned() {
            origins.insert(format!("clock {}", rule.key()), origin);
        }
        answers.push(rule);
    }
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
        clocks: all.clock.into_iter().map(|(_, c)| c).chain(answers).collect(),
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
        channels: all.channel.into_iter().map(|(_, c)| c).collect(),
        mass_events: all.mass_event.into_iter().map(|(_, m)| m).collect(),
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
