//! The packs of the repository, and packs changed for one scenario.

use std::path::PathBuf;

use huiyin_core::policy::Pack;
use serde::Deserialize;
use toml::{Table, Value};

/// Names and texts of a pack's files.
pub type Texts = Vec<(String, String)>;

/// The folder of all packs.
pub fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../packs")
}

/// Names of the packs.
pub fn names() -> Vec<String> {
    let mut names: Vec<String> = std::fs::read_dir(folder())
        .expect("the packs are there")
        .map(|entry| entry.expect("a folder entry").path())
        .filter(|path| path.join("pack.toml").is_file())
        .map(|path| path.file_name().expect("a name").to_string_lossy().into_owned())
        .collect();
    names.sort();
    names
}

/// The TOML files of a folder beside or in a pack, by name.
pub fn files(of: &str) -> Texts {
    let Ok(entries) = std::fs::read_dir(folder().join(of)) else { return Texts::new() };
    let mut texts: Texts = entries
        .map(|entry| entry.expect("a folder entry").path())
        .filter(|path| path.is_file() && path.extension().is_some_and(|extension| extension == "toml"))
        .map(|path| {
            let name = path.file_name().expect("a file").to_string_lossy().into_owned();
            (name, std::fs::read_to_string(&path).expect("a text"))
        })
        .collect();
    texts.sort();
    texts
}

/// A pack without faults.
pub fn load(texts: &Texts) -> Result<Pack, String> {
    Pack::load(texts).map_err(|faults| {
        let faults: Vec<String> = faults.iter().map(ToString::to_string).collect();
        format!("the pack has faults:\n{}", faults.join("\n"))
    })
}

/// What is changed in a pack.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Change {
    /// Fields of `[pack]`.
    pub head: Table,
    /// Parameters by name: their last value.
    pub set: Table,
    /// Entries taken out, `section name`, such as `clock HY-return-a`.
    pub drop: Vec<String>,
    /// Entries changed.
    pub edit: Vec<Edit>,
    /// Further sections, as the text of a file.
    pub add: String,
}

/// One change of the entries of a section that have these fields.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Edit {
    section: String,
    #[serde(rename = "where")]
    of: Table,
    with: Table,
}

/// All files of a pack as one table.
pub fn merged(texts: &Texts) -> Result<Table, String> {
    let mut all = Table::new();
    for (name, text) in texts {
        let table: Table = toml::from_str(text).map_err(|error| format!("{name}: {error}"))?;
        for (key, value) in table {
            match (all.get_mut(&key), value) {
                (Some(Value::Array(list)), Value::Array(more)) => list.extend(more),
                (_, value) => drop(all.insert(key, value)),
            }
        }
    }
    Ok(all)
}

/// A table as the only file of a pack.
pub fn written(all: &Table) -> Texts {
    vec![("pack.toml".into(), toml::to_string(all).expect("a table can be written"))]
}

/// The texts of a pack with a change made.
pub fn changed(texts: &Texts, change: &Change) -> Result<Texts, String> {
    let mut all = merged(texts)?;
    let head = all.get_mut("pack").and_then(Value::as_table_mut).ok_or("the pack has no [pack]")?;
    head.extend(change.head.clone());
    for (name, value) in &change.set {
        let parameter = entries(&mut all, "parameter")?
            .iter_mut()
            .find(|entry| entry.get("name").and_then(Value::as_str) == Some(name))
            .ok_or_else(|| format!("the pack has no parameter `{name}`"))?;
        let last = parameter.get_mut("value").and_then(Value::as_array_mut).and_then(|values| values.last_mut());
        last.and_then(Value::as_table_mut)
            .ok_or_else(|| format!("the parameter `{name}` has no value"))?
            .insert("value".into(), value.clone());
    }
    for dropped in &change.drop {
        let (section, name) = dropped.split_once(' ').ok_or_else(|| format!("`{dropped}`: write `section name`"))?;
        let list = entries(&mut all, section)?;
        let before = list.len();
        list.retain(|entry| called(entry) != Some(name.to_owned()));
        if list.len() == before {
            return Err(format!("the pack has no {section} `{name}`"));
        }
    }
    for edit in &change.edit {
        let mut found = false;
        for entry in entries(&mut all, &edit.section)?.iter_mut().filter_map(Value::as_table_mut) {
            if edit.of.iter().all(|(key, value)| entry.get(key) == Some(value)) {
                entry.extend(edit.with.clone());
                found = true;
            }
        }
        if !found {
            return Err(format!("the pack has no {} with {}", edit.section, edit.of));
        }
    }
    let mut texts = written(&all);
    if !change.add.is_empty() {
        texts.push(("more.toml".into(), change.add.clone()));
    }
    Ok(texts)
}

fn entries<'a>(all: &'a mut Table, section: &str) -> Result<&'a mut Vec<Value>, String> {
    all.get_mut(section).and_then(Value::as_array_mut).ok_or_else(|| format!("the pack has no [[{section}]]"))
}

/// What an entry is called: its key, code, name, rule or year.
pub fn called(entry: &Value) -> Option<String> {
    ["key", "code", "rule", "name"]
        .iter()
        .find_map(|field| entry.get(field)?.as_str().map(str::to_owned))
        .or_else(|| entry.get("year")?.as_integer().map(|year| year.to_string()))
}
