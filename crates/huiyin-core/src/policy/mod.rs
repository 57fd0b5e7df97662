//! A city's rules as data: the pack, loaded, checked and asked.
//!
//! A pack is a set of TOML texts ([`file`] names every section). [`Pack::load`] reads them all, reports
//! every fault with file, line and column, and gives a pack only when there is none.

mod ask;
mod clocks;
pub mod entries;
mod file;
mod load;
mod mass;
mod route;
mod schema;
mod settings;

use std::collections::{BTreeMap, HashMap};

use serde::{Deserialize, Serialize};

pub use clocks::{Question, Ruled};
pub use file::{
    Approver, Area, Below, BusinessHours, ChannelEntry, Cite, ClockRule, ClockValue, Closing, ClosingCase, Closure,
    Coded, Conflict, DateKind, Dated, DayEnd, Decides, Fact, FactKind, Forbid, Function, Head, Ladder, Lead, Level,
    MassEvent, Mode, NoClock, Notice, Parameter, Reason, Route, Source, Subject, Tell, TextEntry, UnitEntry, UnitKind,
    When, Words,
};
pub use load::{Fault, Library};
pub use route::RouteQuestion;
pub use schema::schema;
pub use settings::{Is, SETTINGS, Setting};

use crate::{calendar::Calendar, time::Day};

/// Where a rule comes from, short enough to be stored with what it decided.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Basis {
    /// Key of the source in the pack.
    pub source: String,
    /// The article.
    pub article: String,
    /// In force from.
    pub from: Day,
}

/// A basis written out for a reader.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Citation {
    /// The document's name.
    pub document: String,
    /// Its number.
    pub number: String,
    /// The article.
    pub article: String,
    /// In force from.
    pub from: String,
}

/// Where an entry of a pack is written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Origin {
    /// The pack: this one, or one above it.
    pub pack: String,
    /// The file.
    pub file: String,
    /// The line, from 1.
    pub line: usize,
    /// The column, from 1.
    pub column: usize,
}

/// A node of the subject tree with what it inherits.
#[derive(Debug, Clone, Serialize)]
pub struct SubjectNode {
    /// The code.
    pub code: String,
    /// Name.
    pub name: String,
    /// Names from the first level down to this one.
    pub path: Vec<String>,
    /// Own and inherited flags.
    pub flags: Vec<String>,
    /// Codes of the nodes above, nearest first.
    #[serde(skip)]
    pub above: Vec<String>,
    /// Whether orders may be filed under it.
    #[serde(skip)]
    pub leaf: bool,
}

/// A city's rules.
#[derive(Debug)]
pub struct Pack {
    head: Head,
    checksum: String,
    origins: HashMap<String, Origin>,
    calendar: Calendar,
    day_end: DayEnd,
    sources: HashMap<String, Source>,
    parameters: HashMap<String, Vec<Dated<toml::Value>>>,
    areas: BTreeMap<String, Area>,
    unit_kinds: HashMap<String, UnitKind>,
    units: Vec<UnitEntry>,
    kinds: Vec<Coded>,
    items: Vec<Coded>,
    subjects: BTreeMap<String, SubjectNode>,
    reasons: Vec<Reason>,
    clocks: Vec<ClockRule>,
    no_clocks: Vec<NoClock>,
    facts: Vec<Fact>,
    closings: Vec<Closing>,
    tells: Vec<Tell>,
    routes: Vec<Route>,
    forbids: Vec<Forbid>,
    leads: Vec<Lead>,
    approvers: Vec<Approver>,
    ladder: Vec<Ladder>,
    modes: Vec<Mode>,
    channels: Vec<ChannelEntry>,
    mass_events: Vec<MassEvent>,
    texts: HashMap<String, Words>,
}
