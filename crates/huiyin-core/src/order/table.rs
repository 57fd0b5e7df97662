//! Which command is allowed where, and where it leads: the table that [`decide`](super::decide) goes by and the
//! manual prints.
//!
//! A row allows; what else a command needs is said where it is decided. A test walks the machine and finds no
//! step that is not in the table, and none in the table that is never taken.

use super::{Command, Order, State, TaskState};

/// A state a command is allowed in, and the states it may leave behind.
pub type Path<S> = (S, &'static [&'static str]);

/// The states a command is allowed in.
#[derive(Debug)]
pub struct Row {
    /// The command's name.
    pub command: &'static str,
    /// By state of the order; `=` leaves it as it is. Empty: before the order's first event.
    pub order: &'static [Path<&'static str>],
    /// By state of the task it names; empty for a command that names none.
    pub task: &'static [Path<TaskState>],
}

impl Row {
    /// Whether the order may be in this state.
    pub fn allows(&self, state: State) -> bool {
        self.order.iter().any(|(from, _)| *from == state.code())
    }

    /// Whether the task it names may be in this state.
    pub fn allows_task(&self, state: TaskState) -> bool {
        self.task.iter().any(|(from, _)| *from == state)
    }
}

const SAME: &[&str] = &["="];
const ANY: &[Path<&str>] = &[
    ("intake", SAME),
    ("registered", SAME),
    ("assigned", SAME),
    ("review", SAME),
    ("callback", SAME),
    ("closed", SAME),
    ("archived", SAME),
];
const OPEN: &[Path<&str>] =
    &[("intake", SAME), ("registered", SAME), ("assigned", SAME), ("review", SAME), ("callback", SAME)];
/// A unit works while the order is assigned; who assists may still answer while the lead's answer is reviewed.
const WORK: &[Path<&str>] = &[("assigned", SAME), ("review", SAME)];
const DECIDE: &[Path<&str>] = &[("assigned", SAME), ("review", SAME), ("callback", SAME), ("closed", SAME)];
const KEPT: &[Path<&str>] = &[
    ("intake", SAME),
    ("registered", SAME),
    ("assigned", SAME),
    ("review", SAME),
    ("callback", SAME),
    ("closed", SAME),
];
const NONE: &[Path<TaskState>] = &[];
const AT_UNIT: &[Path<TaskState>] =
    &[(TaskState::Delivered, SAME), (TaskState::Signed, SAME), (TaskState::Accepted, SAME)];
const AT_WORK: &[Path<TaskState>] = &[(TaskState::Signed, SAME), (TaskState::Accepted, SAME)];

const fn row(command: &'static str, order: &'static [Path<&'static str>], task: &'static [Path<TaskState>]) -> Row {
    Row { command, order, task }
}

/// Every command.
pub const ROWS: &[Row] = &[
    row("take-in", &[], NONE),
    row("take-over", &[], NONE),
    row("register", &[("intake", &["registered"])], NONE),
    row("refuse", &[("intake", &["closed refused"]), ("registered", &["closed refused"])], NONE),
    row("answer", &[("registered", &["closed answered"])], NONE),
    row("transfer", &[("intake", &["closed transferred"]), ("registered", &["closed transferred"])], NONE),
    row("split", OPEN, NONE),
    row("link", ANY, NONE),
    row(
        "merge",
        &[("intake", &["closed merged"]), ("registered", &["closed merged"]), ("assigned", &["closed merged"])],
        NONE,
    ),
    row("absorb", OPEN, NONE),
    row("unmerge", &[("closed", &["intake", "registered", "assigned"])], NONE),
    row("release", OPEN, NONE),
    row("correct", &[("registered", SAME), ("assigned", SAME)], NONE),
    row("redact", &[("intake", SAME), ("registered", SAME), ("assigned", SAME)], NONE),
    row("pass-on", &[("registered", &["assigned"])], NONE),
    row("confirm-receipt", &[("assigned", &["closed passed-on"])], &[(TaskState::Delivered, &["done"])]),
    row("dispatch", &[("registered", &["assigned"])], NONE),
    row(
        "redispatch",
        WORK,
        &[(TaskState::Delivered, &["accepted"]), (TaskState::Signed, &["accepted"]), (TaskState::Accepted, SAME)],
    ),
    row(
        "recall",
        &[("assigned", &["=", "registered"]), ("review", SAME)],
        &[
            (TaskState::Delivered, &["recalled"]),
            (TaskState::Signed, &["recalled"]),
            (TaskState::Accepted, &["recalled"]),
        ],
    ),
    row("sign", WORK, &[(TaskState::Delivered, &["signed", "accepted"])]),
    row("accept", WORK, &[(TaskState::Signed, &["accepted"])]),
    row("progress", WORK, &[(TaskState::Signed, &["accepted"]), (TaskState::Accepted, SAME)]),
    row("contact", WORK, AT_UNIT),
    row("relay", WORK, AT_UNIT),
    row(
        "relay-answer",
        WORK,
        &[
            (TaskState::Delivered, SAME),
            (TaskState::Signed, SAME),
            (TaskState::Accepted, SAME),
            (TaskState::FedBack, SAME),
        ],
    ),
    row("return", WORK, AT_UNIT),
    row("extend", WORK, AT_WORK),
    row("pause", WORK, AT_WORK),
    row("resume", WORK, AT_WORK),
    row("shelve", WORK, AT_WORK),
    row("review-shelving", WORK, AT_WORK),
    row(
        "excuse",
        WORK,
        &[
            (TaskState::Delivered, SAME),
            (TaskState::Signed, SAME),
            (TaskState::Accepted, SAME),
            (TaskState::FedBack, SAME),
        ],
    ),
    row(
        "grant",
        &[("assigned", &["=", "registered", "review"]), ("review", SAME), ("callback", SAME), ("closed", SAME)],
        NONE,
    ),
    row("reject", DECIDE, NONE),
    row("rule", WORK, NONE),
    row("withdraw-request", DECIDE, NONE),
    row(
        "feedback",
        &[("assigned", &["=", "review"]), ("review", SAME)],
        &[(TaskState::Signed, &["accepted", "fed-back"]), (TaskState::Accepted, &["=", "fed-back"])],
    ),
    row("send-back", WORK, &[(TaskState::FedBack, &["accepted"])]),
    row("pass", &[("review", &["callback", "closed handled"])], NONE),
    row("fail-review", &[("review", &["assigned"])], NONE),
    row("callback-missed", &[("callback", SAME)], NONE),
    row("callback-answered", &[("callback", SAME)], NONE),
    row("waive-callback", &[("callback", SAME)], NONE),
    row("redo", &[("callback", &["assigned"])], NONE),
    row("close", &[("callback", &["closed handled"])], NONE),
    row("archive", &[("closed", &["archived"])], NONE),
    row("reopen", &[("closed", SAME), ("archived", SAME)], NONE),
    row("supplement", OPEN, NONE),
    row("attach", KEPT, NONE),
    row("acknowledge", WORK, AT_UNIT),
    row("urge", OPEN, NONE),
    row(
        "withdraw",
        &[
            ("intake", &["=", "closed withdrawn"]),
            ("registered", &["=", "closed withdrawn"]),
            ("assigned", &["=", "closed withdrawn"]),
            ("review", &["=", "closed withdrawn"]),
            ("callback", &["=", "closed withdrawn"]),
        ],
        NONE,
    ),
    row(
        "stop",
        &[
            ("intake", &["closed stopped"]),
            ("registered", &["closed stopped"]),
            ("assigned", &["closed stopped"]),
            ("review", &["closed stopped"]),
            ("callback", &["closed stopped"]),
        ],
        NONE,
    ),
    row("supervise", OPEN, NONE),
    row("lift-supervision", ANY, NONE),
    row("difficult", OPEN, NONE),
    row("hold", ANY, NONE),
    row("phone-notice", WORK, AT_UNIT),
    row("on-scene", WORK, AT_UNIT),
    row("made-safe", WORK, AT_UNIT),
    row("situation", WORK, AT_UNIT),
    row("tell", ANY, NONE),
    row("fire", ANY, NONE),
];

/// The row of a command.
///
/// # Panics
/// Never: a test finds a row for each command.
pub fn of(command: &Command) -> &'static Row {
    let name = command.code();
    ROWS.iter().find(|row| row.command == name).expect("every command has its row")
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
