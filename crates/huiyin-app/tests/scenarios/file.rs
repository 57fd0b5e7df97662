//! What a scenario may say. `docs/packs.md` lists the same for its writers.

use serde::Deserialize;
use toml::{Table, Value};

use crate::packs::Change;

/// A file of scenarios.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct File {
    /// The scenarios.
    #[serde(default)]
    pub scenario: Vec<Scenario>,
}

/// What happens to some orders, and what must come of it.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Scenario {
    /// The acceptance scenario it is, such as `A01`; a city's own are called as it likes.
    pub id: String,
    /// Which part of it, where there are several.
    pub case: Option<String>,
    /// What it shows.
    pub what: String,
    /// Rules and parameters of the pack it holds the program to.
    #[serde(default)]
    pub rules: Vec<String>,
    /// What is otherwise in the pack than in its files.
    pub change: Option<Change>,
    /// Whether it also runs on PostgreSQL.
    #[serde(default)]
    pub postgres: bool,
    /// What happens, in order.
    pub step: Vec<Step>,
}

/// One thing that happens, and what must hold after it.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Step {
    /// When: local time of the city, or `+2h` after the step before.
    pub at: Option<String>,
    /// Who: `agent`, `office`, `callback`, `mayor`, `admin`, `system`, `claimant`, or a role at a unit: `officer:police`.
    pub by: Option<String>,
    /// A matter comes in, with these fields; left out are filled in.
    pub take_in: Option<Table>,
    /// What the order is called from here on.
    #[serde(rename = "as")]
    pub called: Option<String>,
    /// The order meant; without it, the last one named.
    pub order: Option<String>,
    /// A command on it.
    #[serde(rename = "do")]
    pub command: Option<String>,
    /// Fields of the command.
    pub with: Table,
    /// The version of the order that the actor has seen.
    pub version: Option<u64>,
    /// It happens so many times; `{n}` in the names of orders counts them.
    pub times: Option<usize>,
    /// Commands given in the same moment, of which one is carried out.
    pub together: Vec<Step>,
    /// What the others are refused with: one of these.
    pub one_of: Vec<String>,
    /// Timers and the other jobs run.
    pub jobs: bool,
    /// The program is stopped and started again.
    pub restart: bool,
    /// The pack is changed, and the program started again with it.
    pub change: Option<Change>,
    /// Limits of open orders are counted by the notices there are now.
    pub recount: bool,
    /// A draft of the pack is tried on past orders, which stay as they are.
    pub simulate: Option<Simulate>,
    /// Somebody reads the claimant's identity, and why.
    pub reveal: Option<String>,
    /// An emergency mode of the city is declared from now on.
    pub declare: Option<Declare>,
    /// The mode of this name is ended.
    pub end: Option<String>,
    /// A person takes a post: login, unit, role, position.
    pub hire: Option<Hire>,
    /// A table of units and persons is read (not applied).
    pub import: Option<String>,
    /// All orders the actor may list are taken out.
    pub export: Option<Export>,
    /// A row is changed behind the program's back.
    pub tamper: Option<String>,
    /// The code of the refusal that must come.
    pub refused: Option<String>,
    /// What the refusal must offer instead, at least.
    pub instead: Vec<String>,
    /// Sources the refusal must name, at least.
    pub basis: Vec<String>,
    /// Parts of the faults that must be found: of a pack, a table, or the journal.
    pub faults: Vec<String>,
    /// What the order must look like; `false`: it must not be found.
    pub see: Option<Value>,
    /// What it must not look like.
    pub unseen: Option<Value>,
    /// How many entries lists of it must have.
    pub count: Table,
    /// Who looks; without it, the system.
    pub seen_by: Option<String>,
    /// Orders that must stand in the actor's list, and no others.
    pub lists: Option<Vec<String>>,
    /// Units that must not be ready for this reason: unit and part.
    pub not_ready: Option<Table>,
}

/// A draft to be tried.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Simulate {
    /// What is otherwise in it than in the pack.
    pub change: Change,
    /// First and last day the orders were taken in, as numbers: 20261001.
    pub from: i64,
    pub to: i64,
    /// A part of what it must come to.
    pub see: Value,
}

/// A mode to be declared.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Declare {
    pub mode: String,
    pub notice: String,
    /// When it ends: a local time.
    pub until: Option<String>,
}

/// What a list taken out must hold.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Export {
    /// The orders in it, and no others.
    pub orders: Vec<String>,
    /// Those of them whose words the actor does not see.
    #[serde(default)]
    pub unseen: Vec<String>,
}

/// A person and a post.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Hire {
    pub login: String,
    pub unit: String,
    pub role: String,
    pub position: String,
    #[serde(default)]
    pub filed: bool,
}
