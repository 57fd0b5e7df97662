//! `packs/acceptance.toml` lists every acceptance scenario and clock vector; each is carried out, or says why not yet.

use std::collections::{BTreeMap, BTreeSet};

use libtest_mimic::{Failed, Trial};
use serde::Deserialize;

use crate::{examples, packs, run};

/// The list.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct File {
    /// Acceptance scenarios.
    pub scenario: Vec<Entry>,
    /// Clock vectors.
    pub vector: Vec<String>,
}

/// An acceptance scenario.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Entry {
    /// Its id.
    pub id: String,
    /// What it is about.
    pub what: String,
    /// Why it is not carried out yet.
    pub later: Option<String>,
    /// The part that is not carried out yet, and why.
    pub partly: Option<String>,
}

/// The list as it stands.
pub fn list() -> Result<File, String> {
    let text = std::fs::read_to_string(packs::folder().join("acceptance.toml")).map_err(|error| error.to_string())?;
    toml::from_str(&text).map_err(|error| format!("acceptance.toml: {error}"))
}

/// Ids of the scenarios carried out, with the packs that do.
pub fn carried_out() -> Result<BTreeMap<String, BTreeSet<String>>, String> {
    let mut ids: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for pack in packs::names() {
        for scenario in run::scenarios(&pack)? {
            ids.entry(scenario.id.clone()).or_default().insert(pack.clone());
        }
        // Some are no life of an order but a look at the pack.
        let looks =
            examples::checks(&pack)?.into_iter().filter_map(|(name, _)| Some(name.strip_prefix("source ")?.to_owned()));
        for id in looks.filter(|id| is_listed(id)) {
            ids.entry(id).or_default().insert(pack.clone());
        }
    }
    Ok(ids)
}

/// Whether an id is one of the acceptance scenarios, `A01`, and not a city's own.
fn is_listed(id: &str) -> bool {
    id.len() == 3 && id.starts_with(|c: char| c.is_ascii_uppercase()) && id[1..].chars().all(|c| c.is_ascii_digit())
}

fn check() -> Result<(), String> {
    let (file, carried_out) = (list()?, carried_out()?);
    let mut faults = Vec::new();
    let mut known = BTreeSet::new();
    for entry in &file.scenario {
        if !known.insert(entry.id.as_str()) {
            faults.push(format!("{} is listed twice", entry.id));
        }
        match (carried_out.contains_key(&entry.id), &entry.later) {
            (true, Some(_)) => {
                faults.push(format!("{} is carried out and marked `later`; take the mark off", entry.id))
            }
            (false, None) => faults
                .push(format!("{} ({}) is not carried out; write it, or say why under `later`", entry.id, entry.what)),
            _ => {}
        }
        if entry.later.is_some() && entry.partly.is_some() {
            faults.push(format!("{}: `later` or `partly`, not both", entry.id));
        }
    }
    faults.extend(
        carried_out
            .keys()
            .filter(|id| is_listed(id) && !known.contains(id.as_str()))
            .map(|id| format!("{id} is carried out and not listed")),
    );
    let mut vectors = BTreeSet::new();
    for pack in packs::names() {
        vectors.extend(
            examples::checks(&pack)?.into_iter().filter_map(|(name, _)| Some(name.strip_prefix("vector ")?.to_owned())),
        );
    }
    faults
        .extend(file.vector.iter().filter(|id| !vectors.contains(*id)).map(|id| format!("vector {id} is not counted")));
    if faults.is_empty() { Ok(()) } else { Err(faults.join("\n")) }
}

/// The list is held to what there is.
pub fn trials() -> Vec<Trial> {
    vec![Trial::test("acceptance::every_scenario_is_carried_out_or_says_why_not", || check().map_err(Failed::from))]
}
