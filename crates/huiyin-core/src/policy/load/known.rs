//! The names an entry of a pack may use.

use std::collections::HashSet;

use super::Sections;
use crate::order::{State, Urgency};

/// The names that are defined, those of entries that do not read among them.
pub(super) struct Known {
    pub sources: HashSet<String>,
    pub kinds: HashSet<String>,
    pub subjects: HashSet<String>,
    /// Flags that some subject carries.
    pub flags: HashSet<String>,
    pub areas: HashSet<String>,
    pub units: HashSet<String>,
    pub unit_kinds: HashSet<String>,
    pub facts: HashSet<String>,
    pub modes: HashSet<String>,
    pub urgencies: HashSet<String>,
    pub states: HashSet<String>,
}

impl Known {
    pub fn of(all: &Sections) -> Self {
        let with = |section: &str, codes: Vec<&String>| -> HashSet<String> {
            codes.into_iter().cloned().chain(all.unread(section)).collect()
        };
        Self {
            sources: with("source", all.source.iter().map(|(_, e)| &e.key).collect()),
            kinds: with("kind", all.kind.iter().map(|(_, e)| &e.code).collect()),
            subjects: with("subject", all.subject.iter().map(|(_, e)| &e.code).collect()),
            flags: all.subject.iter().flat_map(|(_, e)| e.flags.iter().cloned()).collect(),
            areas: with("area", all.area.iter().map(|(_, e)| &e.code).collect()),
            units: with("unit", all.unit.iter().map(|(_, e)| &e.code).collect()),
            unit_kinds: with("unit_kind", all.unit_kind.iter().map(|(_, e)| &e.code).collect()),
            facts: with("fact", all.fact.iter().map(|(_, e)| &e.name).collect()),
            modes: with("mode", all.mode.iter().map(|(_, e)| &e.code).collect()),
            urgencies: Urgency::ALL.iter().map(|urgency| urgency.code().to_owned()).collect(),
            states: State::CODES.iter().map(|&state| state.to_owned()).collect(),
        }
    }
}
