//! Who decides a request, and how supervision climbs.

use serde::{Deserialize, Serialize};

use super::Cite;
use crate::calendar::Span;

/// Who decides a request: the first row that holds. Where a kind of request has rows and none holds, it is refused.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Approver {
    /// Its name.
    pub name: String,
    /// The request: `return`, `extension`, `pause`, `shelving`, `excuse`.
    pub ask: String,
    /// Kinds; empty for all.
    #[serde(default)]
    pub kinds: Vec<String>,
    /// Urgencies; empty for all.
    #[serde(default)]
    pub urgency: Vec<String>,
    /// Only the first so many that are granted.
    #[serde(default)]
    pub nth: Option<u32>,
    /// Only up to this share of the limit itself, in percent.
    #[serde(default)]
    pub share: Option<u32>,
    /// Only up to this length.
    #[serde(default)]
    pub up_to: Option<Span>,
    /// Who decides: `leader` (of the unit itself), `above` (the level above the task), `office`, `mayor`.
    pub by: Decides,
    /// Where it comes from.
    pub cite: Cite,
}

/// Who decides a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Decides {
    /// The leader of the unit that asks.
    Leader,
    /// The level above the task.
    Above,
    /// The hotline office.
    Office,
    /// A city leader.
    Mayor,
}

/// A level of supervision that is reached by itself when a limit is missed.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Ladder {
    /// The level, one of `supervision.levels`.
    pub level: String,
    /// The clock whose end, missed, brings it: `close`, `scene`, or one that starts on `missed` or `scene-missed`.
    pub clock: String,
    /// The reason recorded, of group `supervise`.
    pub reason: String,
    /// What it puts on a desk, where it does: a notice to write, or a call to make.
    #[serde(default)]
    pub notice: Option<Notice>,
    /// Who signs the notice or is called, as staff read it.
    #[serde(default)]
    pub signs: Option<String>,
    /// Where it comes from.
    pub cite: Cite,
}

/// How a level of supervision is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Notice {
    /// In writing, by the hotline office.
    Written,
    /// By telephone, by the call centre.
    Phone,
}
