//! The facts a unit states, and which of them closing needs.

use serde::{Deserialize, Serialize};

use super::{Cite, Words};

/// A fact a unit states in its feedback.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Fact {
    /// Its name, such as `matter_disposed`.
    pub name: String,
    /// What kind of value it is.
    pub is: FactKind,
    /// What staff see.
    pub label: Words,
}

/// What kind of value a fact is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum FactKind {
    /// Yes or no; only yes counts as stated.
    Flag,
    /// One of the codes of a closing branch.
    Code,
    /// A text.
    Text,
    /// A civil day.
    Day,
    /// A moment.
    Instant,
}

/// The facts that closing needs.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Closing {
    /// The rule's own name, such as `SY-62-d`.
    pub rule: String,
    /// Kinds it holds for; empty for all.
    #[serde(default)]
    pub kinds: Vec<String>,
    /// Urgencies it holds for; empty for all.
    #[serde(default)]
    pub urgency: Vec<String>,
    /// Facts always needed.
    #[serde(default)]
    pub requires: Vec<String>,
    /// A coded fact whose value decides what else is needed.
    #[serde(default)]
    pub branch: Option<String>,
    /// The branches: every allowed value of `branch`.
    #[serde(default)]
    pub case: Vec<ClosingCase>,
    /// Where it comes from.
    pub cite: Cite,
}

/// One branch of a closing condition.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ClosingCase {
    /// The value of the branching fact.
    pub when: String,
    /// What staff see.
    pub label: Words,
    /// Facts needed in this branch.
    #[serde(default)]
    pub requires: Vec<String>,
    /// Facts that may not be set in this branch.
    #[serde(default)]
    pub forbids: Vec<String>,
    /// A fact that holds a promised day: when it comes, a follow-up is due.
    #[serde(default)]
    pub promise: Option<String>,
}
