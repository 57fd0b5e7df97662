//! By what matters come in, and when many of them are one.

use serde::Deserialize;

use super::{Cite, ClockValue, some_day};
use crate::{calendar::Span, time::Day};

/// A channel by which matters are taken in. A pack that lists any takes in by those alone.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ChannelEntry {
    /// `phone`, `letter`, `fax`, `email`, `sms`, `mms`, `wechat`, `weibo`, `web`, `voice` or `visit`.
    pub code: String,
    /// How soon a person takes up what came by it: a limit from the moment it came in until it is registered or closed.
    #[serde(default)]
    pub answer: Vec<ClockValue>,
    /// Why it is one.
    pub cite: Cite,
}

/// When matters of several claimants look like one event. The office is told; a person merges them, or does not.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MassEvent {
    /// Its name.
    pub name: String,
    /// What it is about, as staff read it.
    pub what: String,
    /// Subjects are alike that lie under the same one of this level, 1 the first; without it any are.
    #[serde(default)]
    pub subject_level: Option<usize>,
    /// Places are alike that lie in the same area of this level, 1 the territory; without it any are.
    #[serde(default)]
    pub area_level: Option<usize>,
    /// Whether matters are alike only when they are about the same unit.
    #[serde(default)]
    pub same_target: bool,
    /// Kinds; empty for all.
    #[serde(default)]
    pub kinds: Vec<String>,
    /// Flags of which the subject must carry one; empty for all.
    #[serde(default)]
    pub flags: Vec<String>,
    /// Within which time they come in.
    pub window: Span,
    /// How many claimants.
    pub threshold: u32,
    /// First day it holds.
    #[serde(default, deserialize_with = "some_day")]
    pub from: Option<Day>,
    /// Last day it holds.
    #[serde(default, deserialize_with = "some_day")]
    pub until: Option<Day>,
    /// Where it comes from.
    pub cite: Cite,
}
