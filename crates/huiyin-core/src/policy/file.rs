//! A pack as it is written: the sections of its TOML files, in their own words.
//!
//! Any section may stand in any file of the pack. Every value carries the day it is in force from and
//! its citation; values are added, never edited.

use std::collections::BTreeMap;

use crate::{
    calendar::{Shift, Span, Unit},
    time::Day,
};
use serde::{Deserialize, Deserializer, Serialize};

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
pub(super) struct WrittenValue {
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

/// Days a claim about the register holds, such as which organ a unit stands under.
pub type Organs = Vec<Dated<String>>;

/// A text the system writes: a notice, a letter, a script. Placeholders are `{number}`, `{unit}`, `{due}`, `{reason}`,
/// `{text}`; `{track}` is the text `tell.track` with `{url}` and `{code}`; `tell.rate` has `{number}` and `{link}`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TextEntry {
    /// Its name, such as `tell.accepted`.
    pub name: String,
    /// The text by language.
    pub words: Words,
}
