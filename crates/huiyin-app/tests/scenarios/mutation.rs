//! Whether the scenarios and examples hold each value of `sanya`: every value changed by itself must make one of them
//! fail, or the pack be refused.
//!
//! A slice runs by default, all of it with `HUIYIN_TEST_ALL=1`, fields by name with `HUIYIN_TEST_MUTATE=clock.`, each tenth
//! of them with `clock./10`, and of those the second with `clock./10/2`. Which changes are in a slice follows from the name and the value of each
//! alone, so that a row more in the pack moves none of the others.
//! `packs/mutations.toml` lists the fields left out, and why; what else goes unseen fails the test.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Write as _,
};

use libtest_mimic::{Failed, Trial};
use serde::Deserialize;
use toml::{Table, Value};

use crate::{
    examples::{self, Check},
    file::Scenario,
    packs,
    run::{self, Engine},
};

/// One in so many changes is in the slice.
const SLICE: u64 = 90;

/// Fields that are left out.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    unseen: Vec<Unseen>,
    survivors: Vec<Survivor>,
}

/// A change that is known to go unseen, and should not.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Survivor {
    /// As this test prints it.
    change: String,
    /// What would show it.
    #[allow(dead_code, reason = "for readers")]
    wants: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Unseen {
    /// `section.field`, such as `reason.label`, with all below it.
    field: String,
    /// Why.
    #[allow(dead_code, reason = "for readers")]
    why: String,
}

/// One value changed.
struct Mutant {
    section: String,
    /// What the entry is called.
    entry: String,
    /// Where in the entry, without numbers of places: `value.amount`.
    field: String,
    at: Vec<At>,
    /// What stands there.
    was: Value,
    to: Option<Value>,
}

impl Mutant {
    /// What it is called: section, entry, field, and what is there in the pack's own words.
    fn name(&self) -> String {
        format!("{} {} {} {}", self.section, self.entry, self.field, self.was)
    }

    /// FNV-1a over its name, mixed so that its last digits depend on all of it.
    fn hash(&self) -> u64 {
        let hash = self
            .name()
            .bytes()
            .fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3));
        (hash ^ (hash >> 32)).wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 32
    }
}

#[derive(Debug, Clone)]
enum At {
    Field(String),
    Place(usize),
}

/// Fields that hold words for readers.
const WORDS: &[&str] = &[
    "label", "tell", "instead", "name", "title", "document", "number", "issuer", "article", "what", "words", "notice",
    "aliases", "status", "version",
];

fn is_words(field: &str) -> bool {
    field.split('.').any(|part| WORDS.contains(&part))
}

/// Every change of one value.
fn mutants(all: &Table) -> Vec<Mutant> {
    // What else stands in the same field: a reference is changed into another one that is there.
    let mut others: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    visit(all, &mut |section, _, field, _, value| {
        if let Value::String(text) = value {
            others.entry(format!("{section}.{field}")).or_default().insert(text.clone());
        }
    });
    let mut found = Vec::new();
    visit(all, &mut |section, entry, field, at, value| {
        let to = match value {
            // A matter's precedence before a unit's: what counts is which is the higher.
            Value::Integer(number) if field == "precedence" => Some(Value::Integer(3 - number)),
            Value::Integer(number) => Some(Value::Integer(number + 1)),
            Value::Float(number) => Some(Value::Float(number + 1.0)),
            Value::Boolean(flag) => Some(Value::Boolean(!flag)),
            Value::String(text) if is_words(field) && section != "parameter" => {
                Some(Value::String(format!("{text}改")))
            }
            Value::String(text) => {
                let all = &others[&format!("{section}.{field}")];
                let next = all.range(text.clone()..).nth(1).or_else(|| all.iter().find(|other| *other != text));
                Some(Value::String(next.cloned().unwrap_or_else(|| format!("{text}x"))))
            }
            Value::Datetime(date) => later(date),
            Value::Array(_) | Value::Table(_) => return,
        };
        let mutant = |to| Mutant {
            section: section.into(),
            entry: entry.into(),
            field: field.into(),
            at: at.to_vec(),
            was: value.clone(),
            to,
        };
        // A rest day that the plain week does not work, or a make-up day that it does, says nothing new.
        if section == "holiday" && says_nothing(all, field, value) {
            return;
        }
        match (at.last(), value) {
            // Of a list, an entry is left out.
            (Some(At::Place(_)), _) => found.push(mutant(None)),
            _ => found.push(mutant(to)),
        }
    });
    found
}

fn says_nothing(all: &Table, field: &str, value: &Value) -> bool {
    let Ok(day) = value.to_string().parse::<jiff::civil::Date>() else { return false };
    let weekday = i64::from(day.weekday().to_monday_one_offset());
    let week = all["calendar"]["workdays"].as_array().expect("weekdays");
    week.iter().any(|day| day.as_integer() == Some(weekday)) != (field == "rest")
}

fn later(date: &toml::value::Datetime) -> Option<Value> {
    let day: jiff::civil::Date = date.to_string().parse().ok()?;
    let next = day.tomorrow().ok()?.to_string();
    Some(Value::Datetime(next.parse().ok()?))
}

type Visit<'a> = &'a mut dyn FnMut(&str, &str, &str, &[At], &Value);

/// Calls for every value of a pack: section, entry, field, place, value.
fn visit(all: &Table, see: Visit<'_>) {
    for (section, value) in all {
        match value {
            Value::Array(entries) => {
                for (n, entry) in entries.iter().enumerate() {
                    let mut at = vec![At::Field(section.clone()), At::Place(n)];
                    inside(section, &named(entry), "", &mut at, entry, see);
                }
            }
            entry => inside(section, section, "", &mut vec![At::Field(section.clone())], entry, see),
        }
    }
}

/// What an entry is called: never by its place, which a row before it would move.
fn named(entry: &Value) -> String {
    let named = ["group", "key", "code", "rule", "name", "on", "year"];
    let text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    let of = |fields: &mut dyn Iterator<Item = &Value>| fields.map(text).collect::<Vec<_>>().join("/");
    let called = of(&mut named.iter().filter_map(|field| entry.get(field)));
    if called.is_empty() {
        of(&mut entry.as_table().into_iter().flatten().filter(|(name, _)| *name != "cite").map(|(_, value)| value))
    } else {
        called
    }
}

fn inside(section: &str, entry: &str, field: &str, at: &mut Vec<At>, value: &Value, see: Visit<'_>) {
    match value {
        Value::Table(fields) => {
            for (name, value) in fields {
                let field = if field.is_empty() { name.clone() } else { format!("{field}.{name}") };
                at.push(At::Field(name.clone()));
                inside(section, entry, &field, at, value, see);
                at.pop();
            }
        }
        Value::Array(list) => {
            for (n, value) in list.iter().enumerate() {
                at.push(At::Place(n));
                inside(section, entry, field, at, value, see);
                at.pop();
            }
        }
        value => see(section, entry, field, at, value),
    }
}

/// The pack with one value changed.
fn changed(all: &Table, mutant: &Mutant) -> Table {
    let mut all = Value::Table(all.clone());
    let (last, above) = mutant.at.split_last().expect("a place");
    let mut here = &mut all;
    for step in above {
        here = match step {
            At::Field(name) => &mut here[name.as_str()],
            At::Place(n) => &mut here[*n],
        };
    }
    match (last, &mutant.to, here) {
        (At::Place(n), None, Value::Array(list)) => drop(list.remove(*n)),
        (At::Field(name), Some(to), here) => here[name.as_str()] = to.clone(),
        (At::Place(n), Some(to), here) => here[*n] = to.clone(),
        _ => {}
    }
    match all {
        Value::Table(all) => all,
        _ => unreachable!("a pack is a table"),
    }
}

/// What became of a change.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Fate {
    /// The pack is refused.
    Refused,
    /// An example does not come out.
    Example,
    /// A scenario does not.
    Scenario,
    /// Nothing shows it.
    Unseen,
}

fn fate(all: &Table, mutant: &Mutant, checks: &[(String, Check)], scenarios: &[Scenario]) -> Fate {
    let texts = packs::written(&changed(all, mutant));
    let Ok(pack) = packs::load(&texts) else { return Fate::Refused };
    if checks.iter().any(|(_, check)| check(&pack).is_err()) {
        return Fate::Example;
    }
    // Those that say they are about it come first.
    let (near, far): (Vec<_>, Vec<_>) = scenarios
        .iter()
        .partition(|scenario| scenario.rules.iter().any(|rule| mutant.entry.split('/').any(|part| part == rule)));
    let fails = |scenario: &&Scenario| run::lived(&texts, scenario, Engine::Sqlite).is_err();
    if near.into_iter().chain(far).any(|scenario| fails(&scenario)) { Fate::Scenario } else { Fate::Unseen }
}

fn check() -> Result<(), String> {
    let pack = "sanya";
    let all = packs::merged(&packs::files(pack))?;
    let text = std::fs::read_to_string(packs::folder().join("mutations.toml")).map_err(|e| e.to_string())?;
    let may: File = toml::from_str(&text).map_err(|error| format!("mutations.toml: {error}"))?;
    let (checks, scenarios) = (examples::checks(pack)?, run::scenarios(pack)?);
    let whole = std::env::var("HUIYIN_TEST_ALL").is_ok_and(|value| value == "1");
    let only = std::env::var("HUIYIN_TEST_MUTATE").ok();
    let mut mutants = mutants(&all);
    let every = mutants.len();
    mutants.retain(|mutant| {
        let field = format!("{}.{}", mutant.section, mutant.field);
        !may.unseen.iter().any(|unseen| field == unseen.field || field.starts_with(&format!("{}.", unseen.field)))
    });
    let held = mutants.len();
    let mut asked = only.as_deref().unwrap_or_default().split('/');
    let part = asked.next().unwrap_or_default();
    let of = if whole || only.is_some() { 1 } else { SLICE };
    let of = asked.next().and_then(|of| of.parse().ok()).unwrap_or(of).max(1);
    let nth = asked.next().and_then(|nth| nth.parse().ok()).unwrap_or(0);
    mutants.retain(|mutant| format!("{}.{}", mutant.section, mutant.field).contains(part) && mutant.hash() % of == nth);
    let mut account: BTreeMap<String, BTreeMap<Fate, usize>> = BTreeMap::new();
    let mut unseen = Vec::new();
    for mutant in &mutants {
        let fate = fate(&all, mutant, &checks, &scenarios);
        *account.entry(format!("{}.{}", mutant.section, mutant.field)).or_default().entry(fate).or_default() += 1;
        if fate == Fate::Unseen {
            let to = mutant.to.as_ref().map_or_else(|| "left out".to_owned(), ToString::to_string);
            let told = format!("{} → {to}", mutant.name());
            eprintln!("unseen: {told}");
            if !may.survivors.iter().any(|known| told.starts_with(&known.change)) {
                unseen.push(told);
            }
        }
    }
    if whole || only.is_some() {
        eprintln!("{every} values, {held} of them held, {} changed\n{}", mutants.len(), table(&account));
    }
    if unseen.is_empty() {
        Ok(())
    } else {
        Err(format!("{} changes that no scenario or example shows:\n{}", unseen.len(), unseen.join("\n")))
    }
}

/// The account as rows of a table: field, changes, and what became of them.
fn table(account: &BTreeMap<String, BTreeMap<Fate, usize>>) -> String {
    let mut out =
        String::from("| field | changes | pack refused | example | scenario | unseen |\n|---|---|---|---|---|---|\n");
    for (field, fates) in account {
        let of = |fate| fates.get(&fate).copied().unwrap_or(0);
        let all: usize = fates.values().sum();
        let _ = writeln!(
            out,
            "| {field} | {all} | {} | {} | {} | {} |",
            of(Fate::Refused),
            of(Fate::Example),
            of(Fate::Scenario),
            of(Fate::Unseen)
        );
    }
    out
}

/// The test.
pub fn trials() -> Vec<Trial> {
    vec![Trial::test("sanya::every_value_is_held_by_a_scenario_or_example", || check().map_err(Failed::from))]
}
