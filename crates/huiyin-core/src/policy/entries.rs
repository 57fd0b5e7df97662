//! The entries of a pack as they are written: for people who read, compare and write rules.
//!
//! Nothing here knows what a section means. A section that is new to the schema is browsed and compared from the day it is
//! there.

use std::collections::{BTreeMap, HashMap};

use serde::Deserialize as _;
use toml::de::{DeTable, DeValue, ValueDeserializer};

pub use toml::{Table, Value};

/// Fields an entry is known by, the first that it has.
const NAMES: &[&str] = &["key", "code", "name", "rule", "year", "on", "entry"];
/// Sections whose entries are known by several fields together.
const TOGETHER: &[(&str, &[&str])] = &[
    ("clock", &["rule", "name", "level"]),
    ("reason", &["group", "code"]),
    ("closing", &["rule", "kinds", "urgency"]),
];
/// Longest name of an entry that has none, in characters.
const LONGEST: usize = 60;

/// An entry of a pack.
#[derive(Debug, Clone, PartialEq)]
pub struct Entry {
    /// Its section: `clock`, `parameter`, `unit` …
    pub section: String,
    /// What it is known by in its section.
    pub name: String,
    /// Its file.
    pub file: String,
    /// The line it begins at, from 1.
    pub line: usize,
    /// What is written in it.
    pub fields: Table,
}

impl Entry {
    /// Its citations: the key of the source, and the article.
    pub fn cites(&self) -> Vec<(&str, &str)> {
        let mut found = Vec::new();
        self.fields.values().for_each(|value| cites(value, &mut found));
        found.dedup();
        found
    }

    /// Its dated values, where it has any.
    pub fn values(&self) -> impl Iterator<Item = &Table> {
        self.fields.get("value").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_table)
    }
}

fn cites<'a>(value: &'a Value, found: &mut Vec<(&'a str, &'a str)>) {
    match value {
        Value::Table(table) => match (table.get("source"), table.get("article")) {
            (Some(Value::String(source)), Some(Value::String(article))) => found.push((source, article)),
            _ => table.values().for_each(|value| cites(value, found)),
        },
        Value::Array(values) => values.iter().for_each(|value| cites(value, found)),
        _ => {}
    }
}

/// The entries of a pack's files, in their order. What cannot be read is left out: [`Pack::load`](super::Pack::load) says
/// what is wrong with it.
pub fn entries(texts: &[(String, String)]) -> Vec<Entry> {
    let mut found = Vec::new();
    let mut seen: HashMap<(String, String), usize> = HashMap::new();
    for (file, text) in texts {
        let lines: Vec<usize> = std::iter::once(0).chain(text.match_indices('\n').map(|(at, _)| at + 1)).collect();
        let line = |at: usize| lines.partition_point(|begin| *begin <= at);
        let (table, errors) = DeTable::parse_recoverable(text);
        if !errors.is_empty() {
            continue;
        }
        let mut all = Vec::new();
        for (section, value) in table.into_inner() {
            let section = section.into_inner().into_owned();
            match value.get_ref() {
                DeValue::Array(_) => {
                    let DeValue::Array(each) = value.into_inner() else { continue };
                    all.extend(each.into_iter().map(|one| (section.clone(), one)));
                }
                _ => all.push((section, value)),
            }
        }
        // As they stand in the file: a table forgets it.
        all.sort_by_key(|(_, one)| one.span().start);
        for (section, one) in all {
            let at = one.span().start;
            let Ok(fields) = Table::deserialize(ValueDeserializer::from(one)) else { continue };
            let mut name = named(&section, &fields);
            let times = seen.entry((section.clone(), name.clone())).or_default();
            *times += 1;
            if *times > 1 {
                name = format!("{name}#{times}");
            }
            found.push(Entry { section, name, file: file.clone(), line: line(at), fields });
        }
    }
    found
}

fn named(section: &str, fields: &Table) -> String {
    let join =
        |names: &[&str]| names.iter().filter_map(|name| fields.get(*name)).map(written).collect::<Vec<_>>().join(" ");
    if let Some((_, names)) = TOGETHER.iter().find(|(known, _)| *known == section) {
        return join(names);
    }
    if let Some(name) = NAMES.iter().find_map(|name| fields.get(*name)?.as_str().map(str::to_owned)) {
        return name;
    }
    if let Some(year) = fields.get("year").filter(|year| year.is_integer()) {
        return written(year);
    }
    // What it says is what it is known by.
    let said: Vec<String> =
        fields.iter().filter(|(name, _)| *name != "cite").map(|(_, value)| written(value)).collect();
    match said.join(" ").chars().take(LONGEST).collect::<String>() {
        said if said.is_empty() => section.to_owned(),
        said => said,
    }
}

/// A value as one reads it.
pub fn written(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Array(values) => values.iter().map(written).collect::<Vec<_>>().join(", "),
        Value::Table(table) => {
            table.iter().map(|(name, value)| format!("{name} = {}", written(value))).collect::<Vec<_>>().join("; ")
        }
        other => other.to_string(),
    }
}

/// What differs in an entry between two packs.
#[derive(Debug, Clone, PartialEq)]
pub struct Change {
    /// Its section.
    pub section: String,
    /// Its name.
    pub name: String,
    /// The older entry.
    pub was: Option<Entry>,
    /// The newer one.
    pub now: Option<Entry>,
}

impl Change {
    /// The fields that differ: name, what stood there, what stands there now.
    pub fn fields(&self) -> Vec<(String, Option<String>, Option<String>)> {
        let none = Table::new();
        let (was, now) = (
            self.was.as_ref().map_or(&none, |entry| &entry.fields),
            self.now.as_ref().map_or(&none, |entry| &entry.fields),
        );
        let mut names: Vec<&String> = was.keys().chain(now.keys().filter(|name| !was.contains_key(*name))).collect();
        names.retain(|name| was.get(*name) != now.get(*name));
        names.into_iter().map(|name| (name.clone(), was.get(name).map(written), now.get(name).map(written))).collect()
    }
}

/// What differs between two packs, by section and name.
pub fn compare(old: &[Entry], new: &[Entry]) -> Vec<Change> {
    type Name<'a> = (&'a str, &'a str);
    let mut both: BTreeMap<Name<'_>, (Option<&Entry>, Option<&Entry>)> = BTreeMap::new();
    for entry in old {
        both.entry((&entry.section, &entry.name)).or_default().0 = Some(entry);
    }
    for entry in new {
        both.entry((&entry.section, &entry.name)).or_default().1 = Some(entry);
    }
    both.into_iter()
        .filter(|(_, (was, now))| was.map(|entry| &entry.fields) != now.map(|entry| &entry.fields))
        .map(|((section, name), (was, now))| Change {
            section: section.to_owned(),
            name: name.to_owned(),
            was: was.cloned(),
            now: now.cloned(),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::{compare, entries};

    fn pack(text: &str) -> Vec<(String, String)> {
        vec![("a.toml".into(), text.into())]
    }

    const OLD: &str = "[pack]\nname = \"town\"\n\n[[clock]]\nrule = \"main\"\nname = \"close\"\nlevel = \"case\"\nvalue = [{ from = \"2020-01-01\", amount = 5, cite = { source = \"law\", article = \"3\" } }]\n\n[[parameter]]\nname = \"redo.limit\"\n";

    #[test]
    fn an_entry_knows_its_place_its_values_and_its_citations() {
        let found = entries(&pack(OLD));
        let names: Vec<_> = found.iter().map(|one| (one.section.as_str(), one.name.as_str(), one.line)).collect();
        assert_eq!(names, [("pack", "town", 1), ("clock", "main close case", 4), ("parameter", "redo.limit", 10)]);
        assert_eq!(found[1].cites(), [("law", "3")]);
        assert_eq!(found[1].values().count(), 1);
    }

    #[test]
    fn two_packs_differ_by_entry_and_field() {
        let new = OLD.replace("amount = 5", "amount = 4").replace("redo.limit", "redo.most");
        let changes = compare(&entries(&pack(OLD)), &entries(&pack(&new)));
        let seen: Vec<_> =
            changes.iter().map(|one| (one.name.as_str(), one.was.is_some(), one.now.is_some())).collect();
        assert_eq!(seen, [("main close case", true, true), ("redo.limit", true, false), ("redo.most", false, true)]);
        let fields = changes[0].fields();
        assert_eq!(fields.len(), 1);
        assert!(fields[0].1.as_deref().is_some_and(|was| was.contains("amount = 5")));
        assert!(fields[0].2.as_deref().is_some_and(|now| now.contains("amount = 4")));
        assert_eq!(compare(&entries(&pack(OLD)), &entries(&pack(OLD))), []);
    }

    #[test]
    fn what_cannot_be_read_is_left_out() {
        assert_eq!(entries(&pack("[[clock]\nname = ")).len(), 0);
        assert_eq!(entries(&pack("[[parameter]]\nname = \"a\"\n[[parameter]]\nname = \"a\"\n"))[1].name, "a#2");
    }
}
