//! Who answers for a matter, who may not, and who leads.

use serde::Deserialize;

use super::{Cite, some_day};
use crate::time::Day;

/// Who answers for a subject, or a place, or both.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Route {
    /// A name, where another pack may put something in its place.
    #[serde(default)]
    pub name: Option<String>,
    /// Subject codes, each with all below it; empty for all.
    #[serde(default)]
    pub subjects: Vec<String>,
    /// Area codes, each with all below it; empty for all.
    #[serde(default)]
    pub areas: Vec<String>,
    /// Kinds; empty for all.
    #[serde(default)]
    pub kinds: Vec<String>,
    /// Flags of which the subject must carry one.
    #[serde(default)]
    pub flags: Vec<String>,
    /// Urgencies; empty for all.
    #[serde(default)]
    pub urgency: Vec<String>,
    /// Units the matter is about, each with all below it; empty for all.
    #[serde(default)]
    pub targets: Vec<String>,
    /// Modes under which it holds; empty for always.
    #[serde(default)]
    pub modes: Vec<String>,
    /// First day it holds.
    #[serde(default, deserialize_with = "some_day")]
    pub from: Option<Day>,
    /// Last day it holds.
    #[serde(default, deserialize_with = "some_day")]
    pub until: Option<Day>,
    /// Time of day it holds, as `["17:30", "08:30"]`; it may run over midnight.
    #[serde(default)]
    pub hours: Option<[String; 2]>,
    /// The unit that leads.
    pub lead: String,
    /// Units that usually assist.
    #[serde(default)]
    pub assist: Vec<String>,
    /// Whether it is for matters whose owner is not clear: the unit goes at once, and the office is asked to fix the owner.
    #[serde(default)]
    pub unclear: bool,
    /// Units that get a copy to supervise by.
    #[serde(default)]
    pub copy_to: Vec<String>,
    /// Where it comes from.
    pub cite: Cite,
}

/// Units that may not be given certain work.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Forbid {
    /// Its name.
    pub name: String,
    /// What it forbids and why, as staff read it.
    pub what: String,
    /// Kinds of unit it is about; with none, those named in `units`.
    #[serde(default)]
    pub unit_kinds: Vec<String>,
    /// Units it is about.
    #[serde(default)]
    pub units: Vec<String>,
    /// Kinds; empty for all.
    #[serde(default)]
    pub kinds: Vec<String>,
    /// Subjects, each with all below it; empty for all.
    #[serde(default)]
    pub subjects: Vec<String>,
    /// Flags of which the subject must carry one; empty for all.
    #[serde(default)]
    pub flags: Vec<String>,
    /// Whether work that a `[[route]]` lists for the unit, as lead or assisting, is allowed.
    #[serde(default)]
    pub except_routed: bool,
    /// First day it holds.
    #[serde(default, deserialize_with = "some_day")]
    pub from: Option<Day>,
    /// Last day it holds.
    #[serde(default, deserialize_with = "some_day")]
    pub until: Option<Day>,
    /// Where it comes from.
    pub cite: Cite,
}

/// Which of two units leads where both are named.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Lead {
    /// Its name.
    pub name: String,
    /// Kinds of unit that lead.
    pub over: Vec<String>,
    /// Kinds of unit that assist beside one of those.
    pub under: Vec<String>,
    /// Where it comes from.
    pub cite: Cite,
}
