//! What is known of a command beside its fields: [`Row`]. The rows themselves stand in `command.rs`, one a command;
//! [`decide`](super::decide) goes by them and the manual prints them.
//!
//! A row allows; what else a command needs is said where it is decided. A test walks the machine and finds no
//! step that is not in the table, and none in the table that is never taken.

pub use super::command::ROWS;
use super::{Command, Order, State, TaskState, command::APPEND};

/// A state a command is allowed in, and the states it may leave behind.
pub type Path<S> = (S, &'static [&'static str]);

/// Who may give a command, seen from the order, task or request it is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Who {
    /// A call-taker.
    Agent,
    /// The hotline office.
    Office,
    /// The office, or the sub-centre the order lies with.
    Desk,
    /// Those who handle the task: officers and leaders of the unit (or of the unit above a section), a sub-centre for its own.
    Handler,
    /// The level above the task: who handles the task above it, or the desk.
    Above,
    /// Who decides the request: a leader for an approval, the level above for the rest.
    Decider,
    /// The call-back desk.
    Callback,
    /// A city leader.
    Mayor,
    /// Who has to do with the order: call-takers, the office, the call-back desk, the sub-centre it lies with, handlers of any
    /// of its tasks.
    Concerned,
    /// The public, through its own pages.
    Claimant,
}

impl Who {
    /// All of them.
    pub const ALL: &'static [Self] = &[
        Self::Agent,
        Self::Office,
        Self::Desk,
        Self::Handler,
        Self::Above,
        Self::Decider,
        Self::Callback,
        Self::Mayor,
        Self::Concerned,
        Self::Claimant,
    ];

    /// In English and in Chinese.
    pub fn words(self) -> (&'static str, &'static str) {
        match self {
            Self::Agent => ("a call-taker", "话务员"),
            Self::Office => ("the hotline office", "热线办"),
            Self::Desk => ("the desk the order lies with", "工单所在的热线办或区分中心"),
            Self::Handler => ("a handler of the task's unit", "承办单位的信息采编员或领导"),
            Self::Above => ("the level above the task", "上一级（热线办、区分中心或主办单位）"),
            Self::Decider => ("who decides the request", "有权决定这项申请的人"),
            Self::Callback => ("the call-back desk", "回访专员"),
            Self::Mayor => ("a city leader", "市领导"),
            Self::Concerned => {
                ("who has to do with the order", "经办此单的话务员、热线办、区分中心、回访专员或承办单位")
            }
            Self::Claimant => ("the claimant", "诉求人"),
        }
    }
}

/// What a field holds, as it comes from outside.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Holds {
    /// Words of people; at most 20,000 characters, a title 200.
    Text,
    /// A code of the city's rules.
    Code,
    /// A reason of this group of the city's rules.
    Reason(&'static str),
    /// Id of a person.
    Person,
    /// Code of a unit.
    Unit,
    /// Codes of units.
    Units,
    /// Number of an order.
    Order,
    /// A number that counts within the order.
    Number,
    /// `normal`, `urgent`, `emergency`.
    Urgency,
    /// True or false.
    Flag,
    /// A moment, RFC 3339.
    Instant,
    /// A day, `2026-10-12`.
    Day,
    /// An amount of time.
    Span,
    /// Facts by name.
    Facts,
    /// What the claimant answered.
    Answers,
    /// Ids of files stored before, by `POST /api/v1/files`.
    Files,
}

/// A field a command takes from outside.
#[derive(Debug, Clone, Copy)]
pub struct Field {
    /// Its name.
    pub name: &'static str,
    /// What it holds.
    pub holds: Holds,
    /// Whether the command cannot be read without it.
    pub required: bool,
    /// What it is called in Chinese.
    pub zh: &'static str,
    /// What it is called in English.
    pub en: &'static str,
    /// What it says.
    pub what: &'static str,
}

pub(super) const fn must(
    name: &'static str,
    holds: Holds,
    zh: &'static str,
    en: &'static str,
    what: &'static str,
) -> Field {
    Field { name, holds, required: true, zh, en, what }
}

pub(super) const fn may(
    name: &'static str,
    holds: Holds,
    zh: &'static str,
    en: &'static str,
    what: &'static str,
) -> Field {
    Field { name, holds, required: false, zh, en, what }
}

/// A reason of a group.
pub(super) const fn reason(group: &'static str) -> Field {
    must("reason", Holds::Reason(group), "理由", "Reason", "Why")
}

/// What is known of a command.
#[derive(Debug, Clone, Copy)]
pub struct Row {
    /// The command's name.
    pub command: &'static str,
    /// What it does.
    pub what: &'static str,
    /// What it is called in Chinese.
    pub zh: &'static str,
    /// What it is called in English.
    pub en: &'static str,
    /// Who may give it; nobody gives what is left to the program. The system may give all.
    pub who: &'static [Who],
    /// By state of the order; `=` leaves it as it is. Empty: before the order's first event.
    pub order: &'static [Path<&'static str>],
    /// By state of the task it names; empty for a command that names none.
    pub task: &'static [Path<TaskState>],
    /// What it takes from outside.
    pub takes: &'static [Field],
    /// A body, as JSON.
    pub sample: &'static str,
}

/// A row that says nothing yet.
pub(super) const ROW: Row =
    Row { command: "", what: "", zh: "", en: "", who: &[], order: &[], task: &[], takes: &[], sample: "{}" };

impl Row {
    /// Whether the order may be in this state.
    pub fn allows(&self, state: State) -> bool {
        self.order.iter().any(|(from, _)| *from == state.code())
    }

    /// Whether the task it names may be in this state.
    pub fn allows_task(&self, state: TaskState) -> bool {
        self.task.iter().any(|(from, _)| *from == state)
    }

    /// What it does, as a sentence without its period.
    pub fn says(&self) -> &'static str {
        self.what.trim().trim_end_matches('.')
    }

    /// A field it takes.
    pub fn field(&self, name: &str) -> Option<&'static Field> {
        self.takes.iter().find(|field| field.name == name)
    }
}

pub(super) const SAME: &[&str] = &["="];
pub(super) const ANY: &[Path<&str>] = &[
    ("intake", SAME),
    ("registered", SAME),
    ("assigned", SAME),
    ("review", SAME),
    ("callback", SAME),
    ("closed", SAME),
    ("archived", SAME),
];
pub(super) const KEPT: &[Path<&str>] = &[
    ("intake", SAME),
    ("registered", SAME),
    ("assigned", SAME),
    ("review", SAME),
    ("callback", SAME),
    ("closed", SAME),
];
pub(super) const OPEN: &[Path<&str>] =
    &[("intake", SAME), ("registered", SAME), ("assigned", SAME), ("review", SAME), ("callback", SAME)];
/// A unit works while the order is assigned; who assists may still answer while the lead's answer is reviewed.
pub(super) const WORK: &[Path<&str>] = &[("assigned", SAME), ("review", SAME)];
pub(super) const DECIDE: &[Path<&str>] = &[("assigned", SAME), ("review", SAME), ("callback", SAME), ("closed", SAME)];
pub(super) const AT_UNIT: &[Path<TaskState>] =
    &[(TaskState::Delivered, SAME), (TaskState::Signed, SAME), (TaskState::Accepted, SAME)];
pub(super) const AT_WORK: &[Path<TaskState>] = &[(TaskState::Signed, SAME), (TaskState::Accepted, SAME)];

/// The commands people and programs outside may give.
pub fn given() -> impl Iterator<Item = &'static Row> {
    ROWS.iter().chain(std::iter::once(&APPEND)).filter(|row| !row.who.is_empty())
}

/// The row of a name.
pub fn named(command: &str) -> Option<&'static Row> {
    ROWS.iter().chain(std::iter::once(&APPEND)).find(|row| row.command == command)
}

/// The row of a command.
///
/// # Panics
/// Never: a command is made of its row.
pub fn of(command: &Command) -> &'static Row {
    let name = command.code();
    ROWS.iter().find(|row| row.command == name).expect("a command is made of its row")
}

/// Commands that may be given to an order in the state it is in, by the table alone: what else they need is decided.
pub fn allowed(order: &Order) -> impl Iterator<Item = &'static Row> {
    let state = order.state;
    ROWS.iter().filter(move |row| row.allows(state))
}

/// The tables in Markdown, as they stand in `docs/states.md`.
pub fn markdown() -> String {
    let mut text = String::from(
        "# States\n\n\
         Printed from the code (`huiyin-core`, `order/table.rs`), which goes by the same table: what stands here is what is\n\
         allowed. An empty cell is refused; `=` leaves the state as it is. What else a command needs, its refusal says.\n\n\
         ## Orders\n\n",
    );
    let codes: Vec<&str> = State::CODES.to_vec();
    header(&mut text, &codes);
    for row in ROWS {
        let cells = codes.iter().map(|code| cell(row.order.iter().find(|(from, _)| from == code).map(|(_, to)| *to)));
        let cells: Vec<String> = cells.collect();
        if row.order.is_empty() {
            line(
                &mut text,
                row.command,
                &std::iter::once("makes the order".to_owned()).chain(cells.into_iter().skip(1)).collect::<Vec<_>>(),
            );
        } else {
            line(&mut text, row.command, &cells);
        }
    }
    text.push_str("\n## Tasks\n\nCommands that name a task, by the state of that task.\n\n");
    let states = TaskState::ALL;
    header(&mut text, &states.iter().map(|state| state.code()).collect::<Vec<_>>());
    for row in ROWS.iter().filter(|row| !row.task.is_empty()) {
        let cells: Vec<String> = states
            .iter()
            .map(|state| cell(row.task.iter().find(|(from, _)| from == state).map(|(_, to)| *to)))
            .collect();
        line(&mut text, row.command, &cells);
    }
    text.push_str(
        "\nA granted `return` takes the task to `returned`; `pass` takes every answered task to `done` and recalls the rest;\n\
         a unit leader's `grant` of an answer takes it to `fed-back`.\n",
    );
    text
}

fn header(text: &mut String, columns: &[&str]) {
    text.push_str(&format!("| command | {} |\n", columns.join(" | ")));
    text.push_str(&format!("| --- |{}\n", " --- |".repeat(columns.len())));
}

fn cell(to: Option<&'static [&'static str]>) -> String {
    to.map_or_else(String::new, |to| to.join(", "))
}

fn line(text: &mut String, command: &str, cells: &[String]) {
    let cells: String =
        cells.iter().map(|cell| if cell.is_empty() { " |".to_owned() } else { format!(" {cell} |") }).collect();
    text.push_str(&format!("| `{command}` |{cells}\n"));
}
