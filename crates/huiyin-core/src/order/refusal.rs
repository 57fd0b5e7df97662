//! A refusal: a code, why, by which rule, and what would be accepted instead. It changes nothing.

use serde::{Deserialize, Serialize};

use crate::policy::Basis;

/// Why a command was not carried out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[error("{code}: {why}")]
pub struct Refusal {
    /// The code, `return.window_closed`.
    pub code: String,
    /// Why, in words for staff; codes and numbers only.
    pub why: String,
    /// The rules it rests on.
    pub basis: Vec<Basis>,
    /// What would be accepted instead: commands, values, units.
    pub instead: Vec<String>,
}

impl Refusal {
    /// A refusal with a code and a reason.
    pub fn new(code: &str, why: impl Into<String>) -> Self {
        Self { code: code.to_owned(), why: why.into(), basis: Vec::new(), instead: Vec::new() }
    }

    /// By these rules.
    #[must_use]
    pub fn by(mut self, basis: impl IntoIterator<Item = Basis>) -> Self {
        self.basis.extend(basis);
        self
    }

    /// With what would be accepted.
    #[must_use]
    pub fn instead(mut self, instead: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.instead.extend(instead.into_iter().map(Into::into));
        self
    }
}
