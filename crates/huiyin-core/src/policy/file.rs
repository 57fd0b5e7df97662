//! A pack as it is written: the sections of its TOML files, in their own words.
//!
//! Any section may stand in any file of the pack. Every value carries the day it is in force from and
//! its citation; values are added, never edited.

mod clock;
mod closing;
mod decisions;
mod intake;
mod mode;
mod routing;

use std::collections::BTreeMap;

use serde::{Deserialize, Deserializer, Serialize};

pub use clock::{Below, ClockRule, ClockValue, Level, NoClock, When};
pub use closing::{Closing, ClosingCase, Fact, FactKind};
pub use decisions::{Approver, Decides, Ladder, Notice};
pub use intake::{ChannelEntry, MassEvent};
pub use mode::Mode;
pub use routing::{Forbid, Lead, Route};

use crate::time::Day;

/// Texts by language code (`zh`, `en`, `ru`).
pub type Words = BTreeMap<String, String>;

/// Reads a TOML date (`2026-01-01`, without quotes).
pub(super) fn day<'de, D: Deserializer<'de>>(from: D) -> Result<Day, D::Error> {
    let date = toml::value::Datetime::deserialize(from)?;
    date.to_string()
        .parse::<jiff::civil::Date>()
        .ok()
        // Days far outside any law would overrun the calendar.
        .and_then(|date| Day::try_from(Day::from(date).number()).ok())
        .ok_or_else(|| serde::de::Error::custom(format!("`{date}` is not a date such as 2026-01-01")))
}

fn some_day<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Day>, D::Error> {
    day(from).map(Some)
}

fn days<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<Day>, D::Error> {
    #[derive(Deserialize)]
    struct One(#[serde(deserialize_with = "day")] Day);
    Ok(Vec::<One>::deserialize(from)?.into_iter().map(|one| one.0).collect())
}

/// Whose pack it is.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Head {
    /// The pack's name, also the city's code.
    pub name: String,
    /// Its name for readers.
    pub title: Words,
    /// Division code of the territory.
    pub territory: String,
    /// `province`, `city`, `district` or `county`.
    pub level: String,
    /// IANA zone name.
    pub zone: String,
    /// Languages of the public pages, the first is the working language.
    pub languages: Vec<String>,
    /// The telephone area code, with its leading 0.
    pub area_code: String,
    /// The version of this pack, for people.
    pub version: String,
    /// From this day on every question must have an answer.
    #[serde(deserialize_with = "day")]
    pub from: Day,
    /// The pack this one extends: what has the same name here stands in its place.
    #[serde(default)]
    pub parent: Option<String>,
    /// The day the platform was founded: a unit of a kind that needs consent and joined later names the document.
    #[serde(default, deserialize_with = "some_day")]
    pub founded: Option<Day>,
    /// How two rules of one group that both apply are resolved, where the group has no setting of its own.
    pub conflict: Conflict,
    /// The same by group of clock rules.
    #[serde(default)]
    pub conflicts: BTreeMap<String, Conflict>,
    /// By which date a rule is the latest, where a conflict is resolved so.
    #[serde(default)]
    pub latest_by: Option<DateKind>,
}

/// A date by which of two rules one is the later.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum DateKind {
    /// Since when the clause is in force.
    Clause,
    /// When its document was issued.
    Issue,
    /// When its document, or its present text, was published.
    Publication,
}

/// Something of the packs above that does not hold here.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Remove {
    /// The section it stands in, such as `clock`.
    pub section: String,
    /// Its name there; of clock rules, `SY-62-a` means all of that name and `SY-62-a/accept` one.
    pub name: String,
    /// Why it does not hold.
    pub cite: Cite,
}

/// How rules of one group that all apply are resolved.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Conflict {
    /// The earliest due governs.
    Strictest,
    /// The clause that came into force last governs.
    Latest,
    /// The highest issuer governs.
    HighestAuthority,
    /// All govern and all are reported.
    BothReported,
}

/// A document the pack cites.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Source {
    /// The key citations use.
    pub key: String,
    /// The document's name.
    pub document: String,
    /// Its number.
    pub number: String,
    /// Who issued it.
    pub issuer: String,
    /// Rank of the issuer: 1 is the state, larger is lower.
    pub rank: u8,
    /// The day it was issued.
    #[serde(deserialize_with = "day")]
    pub issued: Day,
    /// The day its present text was published, where that is another than the day of issue.
    #[serde(default, deserialize_with = "some_day")]
    pub published: Option<Day>,
    /// The day it came into force.
    #[serde(deserialize_with = "day")]
    pub from: Day,
    /// The last day it was in force, if it ended.
    #[serde(default, deserialize_with = "some_day")]
    pub until: Option<Day>,
    /// `in force`, `expired`, `superseded, not repealed`, `inferred`. One that is superseded decides nothing.
    pub status: String,
    /// Whether it decides all the same.
    #[serde(default)]
    pub decides: bool,
    /// The last day a person compared the pack with the text.
    #[serde(deserialize_with = "day")]
    pub checked: Day,
}

/// A citation: which document, which article, and since when the clause is in force.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Cite {
    /// Key of a source.
    pub source: String,
    /// The article or section.
    pub article: String,
    /// The day the clause came into force, where it differs from the document's.
    #[serde(default, deserialize_with = "some_day")]
    pub from: Option<Day>,
}

/// A value and the days it is in force.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Dated<T> {
    /// First day in force.
    #[serde(deserialize_with = "day")]
    pub from: Day,
    /// Last day in force; without it the value holds until the next one.
    #[serde(default, deserialize_with = "some_day")]
    pub until: Option<Day>,
    /// The value.
    pub value: T,
    /// Where it comes from.
    pub cite: Cite,
}

/// A named setting of the procedure.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Parameter {
    /// The name the program asks for, such as `return.per_unit`.
    pub name: String,
    /// What it means.
    pub what: String,
    /// Its values over time.
    pub value: Vec<Dated<toml::Value>>,
}

/// The plain week.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CalendarFile {
    /// Weekdays that are worked, 1 Monday to 7 Sunday.
    pub workdays: Vec<i8>,
    /// When the last day of a limit ends, where its rule does not say: `24:00` (also if absent) or `close-of-business`.
    #[serde(default)]
    pub day_end: DayEnd,
}

/// When the last day of a limit ends.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum DayEnd {
    /// At midnight.
    #[default]
    #[serde(rename = "24:00")]
    Midnight,
    /// When offices close.
    #[serde(rename = "close-of-business")]
    CloseOfBusiness,
}

/// The hours offices are open. Working hours and minutes, and `close-of-business`, are counted by them.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BusinessHours {
    /// First day in force.
    #[serde(deserialize_with = "day")]
    pub from: Day,
    /// Last day in force.
    #[serde(default, deserialize_with = "some_day")]
    pub until: Option<Day>,
    /// First and last day of the season as `MM-DD`, where hours change with it.
    #[serde(default)]
    pub season: Option<[String; 2]>,
    /// Opening and closing as `HH:MM`, in order: `[["08:30", "12:00"], ["14:30", "17:30"]]`.
    pub open: Vec<[String; 2]>,
    /// Where it comes from.
    pub cite: Cite,
}

/// Days on which the city's offices are closed by a local notice (a storm, an epidemic): no working days.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Closure {
    /// First day.
    #[serde(deserialize_with = "day")]
    pub from: Day,
    /// Last day.
    #[serde(deserialize_with = "day")]
    pub until: Day,
    /// What the notice says.
    pub what: String,
    /// The notice.
    pub cite: Cite,
}

/// The holiday notice of a year.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Holiday {
    /// The year.
    pub year: i16,
    /// The notice's number or title.
    pub notice: String,
    /// Weekdays and weekend days off by the notice.
    #[serde(deserialize_with = "days")]
    pub rest: Vec<Day>,
    /// Make-up days worked by the notice.
    #[serde(deserialize_with = "days")]
    pub work: Vec<Day>,
}

/// A part of the territory.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Area {
    /// Division code.
    pub code: String,
    /// Name.
    pub name: String,
    /// Code of the area it lies in.
    #[serde(default)]
    pub parent: Option<String>,
}

/// A kind of unit.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct UnitKind {
    /// The code.
    pub code: String,
    /// Name.
    pub label: Words,
    /// What the program must know of it: `office`, `call-centre`, `sub-centre`, `member`, `section`, `none`.
    pub function: Function,
    /// Whether a unit of this kind that joins after the founding needs a document of consent.
    #[serde(default)]
    pub consent: bool,
}

/// What a kind of unit does in the procedure.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Function {
    /// The hotline office: dispatches, decides, reviews.
    Office,
    /// Takes in and calls back.
    CallCentre,
    /// A district sub-centre: receives, sends on within its district, reviews.
    SubCentre,
    /// Handles matters.
    Member,
    /// A part of a member unit.
    Section,
    /// Stands in the register without handling orders.
    None,
}

/// A unit in the pack's register.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct UnitEntry {
    /// Code, stable for ever.
    pub code: String,
    /// Official name.
    pub name: String,
    /// Other names it is written by.
    #[serde(default)]
    pub aliases: Vec<String>,
    /// Code of its kind.
    pub kind: String,
    /// The unit above it.
    #[serde(default)]
    pub parent: Option<String>,
    /// Area it answers for, where it is bound to one.
    #[serde(default)]
    pub territory: Option<String>,
    /// First day of its existence in the register.
    #[serde(deserialize_with = "day")]
    pub from: Day,
    /// Last day, if it ended.
    #[serde(default, deserialize_with = "some_day")]
    pub until: Option<Day>,
    /// The unit that took over.
    #[serde(default)]
    pub successor: Option<String>,
    /// The unit that handles what is about this one, where that is not the unit above it.
    #[serde(default)]
    pub superior: Option<String>,
    /// The document by which it joined after the founding.
    #[serde(default)]
    pub consent: Option<Cite>,
    /// The organ in charge of it (主管机关) over time, where that is not the unit above.
    #[serde(default)]
    pub organ: Organs,
    /// Kinds whose feedback needs the unit leader's approval.
    #[serde(default)]
    pub approval: Vec<String>,
    /// Why it stands in the register.
    pub cite: Cite,
}

/// A code with its label and basis.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Coded {
    /// The code.
    pub code: String,
    /// Name by language.
    pub label: Words,
    /// Where it comes from.
    pub cite: Cite,
}

/// A node of the subject tree; leaves are what orders are filed under.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Subject {
    /// The code.
    pub code: String,
    /// Name.
    pub name: String,
    /// Code of the node above; none on the first level.
    #[serde(default)]
    pub parent: Option<String>,
    /// Flags such as `city-management`, inherited by the nodes below.
    #[serde(default)]
    pub flags: Vec<String>,
}

/// A coded reason a person may give.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Reason {
    /// Which list: `refusal`, `transfer`, `return`, `extension`, `pause`, `shelving`, `excuse`, `waive`, `redo`, `stop`, `send-back`, …
    pub group: String,
    /// The code.
    pub code: String,
    /// What staff see.
    pub label: Words,
    /// What the claimant is told.
    #[serde(default)]
    pub tell: Words,
    /// What would be accepted instead, or where to go.
    #[serde(default)]
    pub instead: Words,
    /// Whether the claimant may object.
    #[serde(default)]
    pub appeal: bool,
    /// Whether the order is sealed by it (discipline matters).
    #[serde(default)]
    pub seals: bool,
    /// Where it comes from.
    pub cite: Cite,
}

/// What a claimant must be told, and when.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Tell {
    /// The event that owes it: `registered`, `refused`, `transferred`, `extended`, `shelved`, `hastened`, `closed`.
    pub on: String,
    /// The duty: `accepted`, `refused`, `transferred`, `extended`, `shelved`, `hastened`, `result`.
    pub what: String,
    /// Kinds it holds for; empty for all.
    #[serde(default)]
    pub kinds: Vec<String>,
    /// Where it comes from.
    pub cite: Cite,
}

/// Days a claim about the register holds, such as which organ a unit stands under.
pub type Organs = Vec<Dated<String>>;

/// A text the system writes: a notice, a letter, a script. Placeholders are `{number}`, `{unit}`, `{due}`, `{reason}`,
/// `{text}`; `{track}` is the text `tell.track` with `{url}` and `{code}`; `tell.rate` has `{number}` and `{link}`,
/// `tell.code` `{code}`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TextEntry {
    /// Its name, such as `tell.accepted`.
    pub name: String,
    /// The text by language.
    pub words: Words,
}
