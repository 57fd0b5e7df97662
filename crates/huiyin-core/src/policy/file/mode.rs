//! Emergency modes of the city.

use serde::Deserialize;

use super::{Cite, Words};
use crate::calendar::Span;

/// An emergency mode of the city: who may declare it, and what it changes while it is on.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Mode {
    /// The code.
    pub code: String,
    /// Name.
    pub label: Words,
    /// What it changes while it is on, as staff read it.
    pub what: String,
    /// Roles that may declare and end it.
    pub declared_by: Vec<String>,
    /// The longest it is declared for at once.
    pub longest: Span,
    /// Kinds of matter that take the emergency path; empty for all.
    #[serde(default)]
    pub kinds: Vec<String>,
    /// Flags of which the subject must carry one; empty for all.
    #[serde(default)]
    pub flags: Vec<String>,
    /// The urgency such matters are registered with at least.
    pub urgency: String,
    /// Where it comes from.
    pub cite: Cite,
}
