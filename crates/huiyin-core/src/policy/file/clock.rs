//! Limits: what starts and stops them, when they hold, and their values over time.

use serde::{Deserialize, Serialize};

use super::{Cite, DayEnd, day, some_day};
use crate::{
    calendar::{Shift, Span, Unit},
    time::Day,
};

/// A limit.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ClockRule {
    /// The rule's own name, such as `SY-62-a`.
    pub rule: String,
    /// The clock it sets: `accept`, `close`, `scene`, `return`, …
    pub name: String,
    /// Whose clock.
    pub level: Level,
    /// What it demands, in our words.
    pub what: String,
    /// Signal that starts it.
    pub start: String,
    /// Signals of which the first stops it.
    pub stop: Vec<String>,
    /// When it applies.
    #[serde(default)]
    pub when: When,
    /// Of several that apply, those of the highest precedence remain (a matter before a unit).
    #[serde(default)]
    pub precedence: u8,
    /// The warning before the due moment.
    #[serde(default)]
    pub warn: Option<Span>,
    /// Rolls the last natural day to a working day.
    #[serde(default)]
    pub roll: bool,
    /// When its last day ends, where that differs from the calendar's.
    #[serde(default)]
    pub day_end: Option<DayEnd>,
    /// Where a start on a day off (`workday`) or outside business hours (`business-hours`) moves to; else it stays.
    #[serde(default)]
    pub shift: Option<Shift>,
    /// So much less than the value (assisting units answer before the lead).
    #[serde(default)]
    pub offset: Option<Span>,
    /// For a task below another: so much of the upper task's limit of the same name, whatever the value.
    #[serde(default)]
    pub below: Option<Below>,
    /// Set by a law above the hotline's rules: it governs whatever `conflict` says, longer or shorter.
    #[serde(default)]
    pub statutory: bool,
    /// Of a statutory limit: signals that meet the limits it sets aside, as when the claimant was told of it in time.
    #[serde(default)]
    pub notice: Vec<String>,
    /// Whether a breach may be excused (the rule itself knows exceptions).
    #[serde(default)]
    pub excusable: bool,
    /// Whether an extension may move it.
    #[serde(default)]
    pub extendable: bool,
    /// Whether a pause or shelving holds it.
    #[serde(default)]
    pub pausable: bool,
    /// Whether missing it is a breach (a window such as `return` merely closes).
    #[serde(default = "yes")]
    pub breach: bool,
    /// Its values over time.
    pub value: Vec<ClockValue>,
}

impl ClockRule {
    /// Its name among all: one rule may set several clocks.
    pub fn key(&self) -> String {
        let level = if self.level == Level::Case { "case" } else { "task" };
        let role = self.when.role.as_deref().unwrap_or_default();
        match &self.when.within {
            Some(unit) => format!("{}/{}/{level}/{role}/{unit}", self.rule, self.name),
            None => format!("{}/{}/{level}/{role}", self.rule, self.name),
        }
    }
}

fn yes() -> bool {
    true
}

/// How the limit of a lower level follows from the upper one; one of the two is given.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Below {
    /// It ends so much earlier.
    #[serde(default)]
    pub offset: Option<Span>,
    /// It has this share of the upper one, in percent.
    #[serde(default)]
    pub share: Option<u32>,
}

/// Whose clock a limit is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Level {
    /// The claimant's view: never restarts on re-routing.
    Case,
    /// The unit's view: one for each delivery.
    Task,
}

/// When a clock rule applies; an empty list is no condition.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct When {
    /// Kinds.
    pub kinds: Vec<String>,
    /// Urgencies.
    pub urgency: Vec<String>,
    /// Flags of which the subject must carry one.
    pub flags: Vec<String>,
    /// Flags of which the subject must carry none; with no subject given this does not hold.
    pub without_flags: Vec<String>,
    /// Kinds of unit.
    pub unit_kinds: Vec<String>,
    /// Kinds of unit it does not apply to.
    pub not_unit_kinds: Vec<String>,
    /// Channels or partners the order came by.
    pub sources: Vec<String>,
    /// `lead` or `assist`.
    pub role: Option<String>,
    /// Only the first dispatch.
    pub first: bool,
    /// Only tasks below another (true), or only those right below the office (false).
    pub below: Option<bool>,
    /// A rule of this unit's own, over itself and all below it: stricter than the city's, never looser.
    pub within: Option<String>,
    /// Only orders taken in under one of these modes.
    pub modes: Vec<String>,
}

/// A limit's value over time.
#[derive(Debug, Clone, Deserialize)]
#[serde(try_from = "WrittenValue")]
pub struct ClockValue {
    /// First day in force.
    pub from: Day,
    /// Last day in force.
    pub until: Option<Day>,
    /// How many; 0 of an `at-once` or `same-day` limit.
    pub amount: u32,
    /// Of what.
    pub unit: Unit,
    /// Where it comes from.
    pub cite: Cite,
}

/// A limit's value as it is written.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::policy) struct WrittenValue {
    #[serde(deserialize_with = "day")]
    from: Day,
    #[serde(default, deserialize_with = "some_day")]
    until: Option<Day>,
    /// How many, unless the unit says it.
    #[serde(default)]
    amount: Option<u32>,
    /// Of what.
    unit: WrittenUnit,
    /// Where it comes from.
    cite: Cite,
}

/// What a limit is written in: a unit that is counted, or a word that is a limit by itself.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum WrittenUnit {
    Minute,
    Hour,
    Workminute,
    Workhour,
    Day,
    Workday,
    AtOnce,
    SameDay,
    NextWorkday,
}

impl TryFrom<WrittenValue> for ClockValue {
    type Error = String;

    fn try_from(written: WrittenValue) -> Result<Self, String> {
        use WrittenUnit as W;
        let (fixed, unit) = match written.unit {
            W::Minute => (None, Unit::Minute),
            W::Hour => (None, Unit::Hour),
            W::Workminute => (None, Unit::Workminute),
            W::Workhour => (None, Unit::Workhour),
            W::Day => (None, Unit::Day),
            W::Workday => (None, Unit::Workday),
            W::AtOnce => (Some(0), Unit::Minute),
            W::SameDay => (Some(0), Unit::Day),
            W::NextWorkday => (Some(1), Unit::Workday),
        };
        let amount = match (fixed, written.amount) {
            (None, Some(0)) => return Err("an amount of 0; write a unit of `at-once` or `same-day` instead".into()),
            (Some(_), Some(_)) => return Err("this unit is a limit by itself; leave out `amount`".into()),
            (None, None) => return Err("`amount` is missing; write how many".into()),
            (Some(amount), None) | (None, Some(amount)) => amount,
        };
        Ok(Self { from: written.from, until: written.until, amount, unit, cite: written.cite })
    }
}

/// A reason why an open order may run no clock.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NoClock {
    /// The code of the reason.
    pub code: String,
    /// Kinds it holds for; empty for all.
    #[serde(default)]
    pub kinds: Vec<String>,
    /// States it holds in; empty for all.
    #[serde(default)]
    pub states: Vec<String>,
    /// Where it comes from.
    pub cite: Cite,
}
