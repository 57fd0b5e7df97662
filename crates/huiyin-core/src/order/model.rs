//! What an order is made of. Codes, numbers, instants and content ids only: no text, no identity, no file.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::{
    calendar::{Due, Span},
    id::{ClaimantId, ClockNo, ContactId, ContentId, DutyNo, OrderId, PersonId, RequestNo, TaskNo, UnitId},
    order::{Channel, Outcome, Role, State, TaskState, Told, Urgency},
    policy::{Basis, Decides, FactKind, Level},
    time::{Day, Instant},
};

/// A stored text: where it is, and a code under its own key that shows it unchanged.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Text {
    /// The content row.
    pub content: ContentId,
    /// HMAC of the text under the content's own key, hexadecimal.
    pub mac: String,
}

/// A fact a unit states.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum FactValue {
    /// Yes or no.
    Flag(bool),
    /// A code of a closing branch.
    Code(String),
    /// A text.
    Text(Text),
    /// A civil day.
    Day(Day),
    /// A moment.
    Instant(Instant),
}

impl FactValue {
    /// What kind of value it is.
    pub fn kind(&self) -> FactKind {
        match self {
            Self::Flag(_) => FactKind::Flag,
            Self::Code(_) => FactKind::Code,
            Self::Text(_) => FactKind::Text,
            Self::Day(_) => FactKind::Day,
            Self::Instant(_) => FactKind::Instant,
        }
    }

    /// Whether it states anything: only yes counts of yes and no.
    pub fn is_stated(&self) -> bool {
        !matches!(self, Self::Flag(false))
    }
}

/// Facts by name.
pub type Facts = BTreeMap<String, FactValue>;

/// One claimant's part in an order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Part {
    /// Who.
    pub claimant: ClaimantId,
    /// The contact it came with.
    pub contact: ContactId,
    /// The order it was raised in, which stays so through merges.
    pub origin: OrderId,
    /// Whether no name was given.
    pub anonymous: bool,
    /// Whether there is a number or address to reach the claimant by.
    pub reachable: bool,
    /// Whether the claimant took it back.
    #[serde(default)]
    pub withdrawn: bool,
    /// Why.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub withdrawn_for: Option<String>,
    /// The merged order it came with, while it stays here. Set when the part joins.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub via: Option<OrderId>,
}

/// What an order is about, as it is registered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Matter {
    /// Kind of request.
    pub kind: String,
    /// A leaf of the subjects.
    pub subject: Option<String>,
    /// Accepted-matter item.
    pub item: Option<String>,
    /// How pressing.
    #[serde(default = "normal")]
    pub urgency: Urgency,
    /// Area code.
    pub area: Option<String>,
    /// The place in words.
    pub place: Option<Text>,
    /// The unit complained about.
    pub target: Option<UnitId>,
    /// Whether units must not learn who raised it; where nothing is said, as the pack has it for the kind.
    #[serde(default)]
    pub secret: Option<bool>,
    /// Title, where it is new.
    pub title: Option<Text>,
    /// The matter, where it is new.
    pub body: Option<Text>,
}

impl Matter {
    /// Of a kind, and nothing else known.
    pub fn of(kind: &str) -> Self {
        Self {
            kind: kind.to_owned(),
            subject: None,
            item: None,
            urgency: Urgency::Normal,
            area: None,
            place: None,
            target: None,
            secret: None,
            title: None,
            body: None,
        }
    }
}

fn normal() -> Urgency {
    Urgency::Normal
}

/// A unit's answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Feedback {
    /// When.
    pub at: Instant,
    /// What it states.
    pub facts: Facts,
    /// Findings for the office alone.
    pub internal: Option<Text>,
    /// The wording for the claimant.
    pub public: Option<Text>,
    /// Assisting units that had not answered.
    #[serde(default)]
    pub missing: Vec<UnitId>,
}

/// A file given as evidence: its content row describes it, and holds what the object store keeps under which digest.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Attached {
    /// The file.
    pub file: Text,
    /// The task whose unit gave it; none for what the claimant gave or the desk added.
    pub task: Option<TaskNo>,
    /// When it was given.
    pub at: Instant,
}

/// Files the claimant's side of an order takes, and each of its tasks.
pub const MAX_FILES: usize = 9;

/// A note of staff for staff.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Note {
    /// When.
    pub at: Instant,
    /// Who wrote it; nobody else takes it back.
    pub by: PersonId,
    /// What it says.
    pub text: Text,
    /// Whether it was taken back; it stays readable in the journal.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub withdrawn: bool,
}

/// What was done on the scene of an emergency.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Scene {
    /// When the unit arrived.
    pub at: Instant,
    /// Where.
    pub place: Text,
    /// What protects people meanwhile.
    pub safety: Text,
    /// The picture.
    #[serde(default)]
    pub photo: Option<ContentId>,
}

/// The order at one unit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Task {
    /// Its number in the order.
    pub no: TaskNo,
    /// The task above it in the tree.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub parent: Option<TaskNo>,
    /// The unit.
    pub unit: UnitId,
    /// Lead or assist.
    pub role: Role,
    /// Where it stands.
    pub state: TaskState,
    /// Whether it is the order's first dispatch (首派).
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub first: bool,
    /// Whether a ruling sent it: it may not be returned.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub ruled: bool,
    /// Which redo it belongs to; 0 is the first handling.
    pub redo: u32,
    /// Whether it only passes on praise.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub praise: bool,
    /// When it was delivered.
    pub delivered_at: Instant,
    /// When an emergency command was given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub commanded_at: Option<Instant>,
    /// Whether the duty phone confirmed the command.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub phoned: bool,
    /// Whether the claimant was contacted.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub contacted: bool,
    /// What was done on the scene.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub scene: Option<Scene>,
    /// When danger was over.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub safe_at: Option<Instant>,
    /// The answer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub feedback: Option<Feedback>,
    /// The person of the unit who works on it (承办人); the unit answers for it all the same.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub handler: Option<PersonId>,
}

impl Task {
    /// Whether it is the lead right below the office.
    pub fn leads_case(&self) -> bool {
        self.parent.is_none() && self.role == Role::Lead
    }
}

/// What a request asks.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Ask {
    /// Not ours.
    Return {
        /// Reason code.
        reason: String,
        /// The provision or duty it rests on.
        basis: Option<Text>,
        /// Whose it is, in the unit's view.
        suggestion: Option<UnitId>,
    },
    /// More time.
    Extension {
        /// How much.
        span: Span,
        /// Reason code.
        reason: String,
    },
    /// Hold the clocks.
    Pause {
        /// Reason code.
        reason: String,
        /// Last day of the pause.
        until: Day,
    },
    /// Cannot be solved now: a plan and a review date.
    Shelving {
        /// Reason code.
        reason: String,
        /// The plan.
        plan: Text,
        /// Who answers for it.
        responsible: Text,
        /// When it is looked at again.
        review: Day,
    },
    /// A missed limit was nobody's fault.
    Excuse {
        /// The clock.
        clock: ClockNo,
        /// Reason code.
        reason: String,
        /// What shows it.
        evidence: Option<Text>,
    },
    /// The unit leader's approval of an answer.
    Approval {
        /// The answer.
        feedback: Box<Feedback>,
    },
}

impl Ask {
    /// The codes of all kinds of request.
    pub const CODES: &'static [&'static str] = &["return", "extension", "pause", "shelving", "excuse", "approval"];

    /// The code of the kind of request.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Return { .. } => "return",
            Self::Extension { .. } => "extension",
            Self::Pause { .. } => "pause",
            Self::Shelving { .. } => "shelving",
            Self::Excuse { .. } => "excuse",
            Self::Approval { .. } => "approval",
        }
    }
}

/// Where a request stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Decision {
    /// Waiting.
    Asked,
    /// Granted.
    Granted,
    /// Refused.
    Refused,
    /// Taken back, or overtaken by events.
    Withdrawn,
}

/// A request beside a task.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Request {
    /// Its number in the order.
    pub no: RequestNo,
    /// The task.
    pub task: TaskNo,
    /// What is asked.
    pub ask: Ask,
    /// When.
    pub asked_at: Instant,
    /// Where it stands.
    pub decision: Decision,
    /// When it was decided.
    pub decided_at: Option<Instant>,
    /// Who decides it, where the pack names another than the level above.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<Decides>,
}

/// How a clock stands to others of its name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Standing {
    /// It governs.
    Governs,
    /// Another governs; this one binds too and is reported.
    Second,
    /// It gave way and binds nobody.
    Yields,
}

/// Whether a clock runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ClockState {
    /// Running.
    Running,
    /// Stopped by an answer that has not passed review yet.
    Halted(Instant),
    /// Held by a pause or shelving.
    Held(Instant),
    /// Stopped.
    Stopped(Instant),
    /// No longer asked for.
    Cancelled,
}

/// A moment of a clock that somebody is told of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Moment {
    /// The warning before.
    Warn,
    /// So many percent of it are gone: the duty phone is called.
    Alert,
    /// It is missed.
    Due,
}

/// A running limit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Clock {
    /// Its number in the order.
    pub no: ClockNo,
    /// The clock: `accept`, `close`, `scene`, …
    pub name: String,
    /// Whose.
    pub level: Level,
    /// The task, for a task's clock.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub task: Option<TaskNo>,
    /// The rule that set it.
    pub rule: String,
    /// Where the rule comes from.
    pub basis: Basis,
    /// Version of the calendar it was counted with.
    pub calendar: String,
    /// When it started.
    pub start: Instant,
    /// When it ends now.
    pub due: Due,
    /// When it ended first.
    pub original: Due,
    /// When to warn.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub warn_at: Option<Instant>,
    /// When to call the duty phone.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub alert_at: Option<Instant>,
    /// Among those of its name.
    pub standing: Standing,
    /// Whether missing it is a breach.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub breach: bool,
    /// Whether a breach may be excused.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub excusable: bool,
    /// Whether an extension moves it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub extendable: bool,
    /// Whether a pause holds it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub pausable: bool,
    /// Signals of which the first stops it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub stop: Vec<String>,
    /// Whether it runs.
    pub state: ClockState,
    /// Moments already told of.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub fired: Vec<Moment>,
    /// Since when it is missed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub missed: Option<Instant>,
    /// Excuses attached to the breach.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub excuses: Vec<RequestNo>,
    /// How often it was extended.
    pub extensions: u32,
}

impl Clock {
    /// Whether it runs and binds.
    pub fn is_running(&self) -> bool {
        self.state == ClockState::Running && self.standing != Standing::Yields
    }

    /// Whether a request or pause on this task moves or holds it: its own clocks, and with the lead those of the case.
    pub fn moves_with(&self, task: &Task) -> bool {
        self.task == Some(task.no) || (self.level == Level::Case && task.leads_case())
    }

    /// Whether it runs, is held or waits for a review.
    pub fn is_unsettled(&self) -> bool {
        !matches!(self.state, ClockState::Stopped(_) | ClockState::Cancelled)
    }

    /// Whether its breach is excused: an excuse was granted and its rule knows exceptions.
    pub fn is_excused(&self) -> bool {
        self.excusable && !self.excuses.is_empty()
    }
}

/// Something a claimant must be told.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Duty {
    /// Its number in the order.
    pub no: DutyNo,
    /// What.
    pub what: Told,
    /// Whom.
    pub claimant: ClaimantId,
    /// Since when it is owed.
    pub owed_at: Instant,
    /// The rule.
    pub basis: Basis,
    /// The words to tell, where the event brought some.
    pub text: Option<Text>,
    /// When the claimant was told, or it was found impossible.
    pub told_at: Option<Instant>,
    /// Whether the claimant could not be told (no number, not reached).
    pub impossible: bool,
}

/// What the claimant answered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Answers {
    /// Whether the unit contacted the claimant.
    pub contacted: bool,
    /// Whether the matter is solved.
    pub solved: bool,
    /// 1 very dissatisfied to 5 very satisfied.
    pub satisfied: u8,
    /// Their own words.
    #[serde(default)]
    pub said: Option<Text>,
}

/// A question to the claimant of a secret order, asked through the call centre; its number is its place, from 1.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Relay {
    /// The task of the unit that asks.
    pub task: TaskNo,
    /// The question.
    pub text: Text,
    /// Whether the call centre brought the answer.
    pub answered: bool,
}

/// The call back.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Callback {
    /// Attempts that reached nobody, since the last answer of the unit.
    pub attempts: Vec<Instant>,
    /// Who was reached and answered.
    #[serde(default)]
    pub answered: Vec<ClaimantId>,
    /// What was answered; of several claimants, what the least content of them said.
    pub answers: Option<Answers>,
    /// Why nobody needs to be asked.
    pub waived: Option<String>,
}

/// Another order this one has to do with.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Link {
    /// The other order.
    pub order: OrderId,
    /// `related`, `split-from`, `split-into`, `reopens`, `reopened-by`, `follows-up`.
    pub relation: String,
}

/// New facts from the claimant.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Supplement {
    /// When.
    pub at: Instant,
    /// What.
    pub text: Text,
    /// Whether the unit has taken note.
    pub acknowledged: bool,
}

/// Supervision over an order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Supervision {
    /// Level of the pack's ladder.
    pub level: String,
    /// Reason code.
    pub reason: String,
    /// Since when.
    pub at: Instant,
    /// Whether it is still on.
    pub on: bool,
}

/// The one desk or unit that owes the next step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Holder {
    /// The unit.
    pub unit: UnitId,
    /// The task it owes it on, for a member unit.
    pub task: Option<TaskNo>,
}

/// One matter.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Order {
    /// Its identifier.
    pub id: OrderId,
    /// Its number, `20261123-0051`.
    pub no: String,
    /// How many events it has had; also its version.
    pub seq: u64,
    /// When the last event happened; later ones never seem earlier.
    pub at: Instant,
    /// Where it stands.
    pub state: State,
    /// How it came in.
    pub channel: Channel,
    /// The contact that opened it.
    pub contact: ContactId,
    /// The desk that took it in.
    pub desk: UnitId,
    /// The office, or the sub-centre it lies with.
    pub lies_with: UnitId,
    /// When the city received it.
    pub received_at: Instant,
    /// When it was taken in.
    pub taken_in_at: Instant,
    /// When a person accepted it.
    pub registered_at: Option<Instant>,
    /// Kind.
    pub kind: Option<String>,
    /// Subject.
    pub subject: Option<String>,
    /// Accepted-matter item.
    pub item: Option<String>,
    /// Urgency.
    pub urgency: Urgency,
    /// Whether the claimant called it an emergency, whatever was found.
    pub claimed_emergency: bool,
    /// The kind the claimant called it, whatever was found.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub claimed_kind: Option<String>,
    /// Area code of the place.
    pub area: Option<String>,
    /// The place in words.
    pub place: Option<Text>,
    /// Title.
    pub title: Option<Text>,
    /// The matter.
    pub body: Option<Text>,
    /// The text units see of a secret order.
    pub redacted: Option<Text>,
    /// The unit complained about.
    pub target: Option<UnitId>,
    /// Whether units must not learn who raised it.
    pub secret: bool,
    /// Whether ordinary roles may no longer open it.
    pub sealed: bool,
    /// The day whose rules govern, once fixed.
    pub pinned: Option<Day>,
    /// The emergency mode it was taken in under.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mode: Option<String>,
    /// Claimants.
    pub parts: Vec<Part>,
    /// Tasks.
    pub tasks: Vec<Task>,
    /// Requests.
    pub requests: Vec<Request>,
    /// Clocks.
    pub clocks: Vec<Clock>,
    /// Duties to tell.
    pub duties: Vec<Duty>,
    /// The facts the case was answered with.
    pub facts: Facts,
    /// The wording for the claimant that passed or awaits review.
    pub public: Option<Text>,
    /// The call back.
    pub callback: Callback,
    /// Where calling back is done, once review passed.
    pub callback_desk: Option<UnitId>,
    /// Questions through the call centre.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub relays: Vec<Relay>,
    /// How often it was redone.
    pub redo: u32,
    /// How often the claimant urged.
    pub urges: u32,
    /// New facts from the claimant.
    pub supplements: Vec<Supplement>,
    /// Files.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub files: Vec<Attached>,
    /// Tags of the pack's list, in the order they were given.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tags: Vec<String>,
    /// Notes of staff for staff; the claimant learns nothing of them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<Note>,
    /// Supervision.
    pub supervision: Vec<Supervision>,
    /// Whether it is in the difficult pool.
    pub difficult: bool,
    /// Whether it is held as evidence.
    pub hold: bool,
    /// Other orders it has to do with.
    pub links: Vec<Link>,
    /// The order it goes on in, and where the merge found it.
    pub merged: Option<(OrderId, State)>,
    /// Orders that go on in this one.
    pub absorbed: Vec<OrderId>,
    /// Units that got a copy to supervise by.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub copies: Vec<UnitId>,
    /// When it was closed.
    pub closed_at: Option<Instant>,
}

impl Order {
    /// A task by its number.
    pub fn task(&self, no: TaskNo) -> Option<&Task> {
        self.tasks.get((no.0 as usize).checked_sub(1)?)
    }

    /// A request by its number.
    pub fn request(&self, no: RequestNo) -> Option<&Request> {
        self.requests.get((no.0 as usize).checked_sub(1)?)
    }

    /// A clock by its number.
    pub fn clock(&self, no: ClockNo) -> Option<&Clock> {
        self.clocks.get((no.0 as usize).checked_sub(1)?)
    }

    /// The lead task of the case that is at work or answered.
    pub fn lead(&self) -> Option<&Task> {
        self.tasks
            .iter()
            .rev()
            .find(|task| task.leads_case() && (task.state.is_open() || task.state == TaskState::FedBack))
    }

    /// Tasks directly below one.
    pub fn children(&self, no: TaskNo) -> impl Iterator<Item = &Task> {
        self.tasks.iter().filter(move |task| task.parent == Some(no))
    }

    /// The lead task directly below one that is still open.
    pub fn open_child_lead(&self, no: TaskNo) -> Option<&Task> {
        self.children(no).find(|task| task.role == Role::Lead && task.state.is_open())
    }

    /// Requests waiting for a decision.
    pub fn pending(&self) -> impl Iterator<Item = &Request> {
        self.requests.iter().filter(|request| request.decision == Decision::Asked)
    }

    /// The governing clock of a name that was not cancelled, the latest first.
    pub fn governing(&self, name: &str, level: Level, task: Option<TaskNo>) -> Option<&Clock> {
        self.clocks.iter().rev().find(|clock| {
            clock.name == name
                && clock.level == level
                && clock.task == task
                && clock.standing == Standing::Governs
                && clock.state != ClockState::Cancelled
        })
    }

    /// When the whole case must be answered.
    pub fn case_due(&self) -> Option<&Clock> {
        self.governing("close", Level::Case, None)
    }

    /// The one desk or unit that owes the next step; none once closed.
    pub fn holder(&self) -> Option<Holder> {
        let desk = |unit: &UnitId| Some(Holder { unit: unit.clone(), task: None });
        match self.state {
            State::Intake => desk(&self.desk),
            State::Registered | State::Review => desk(&self.lies_with),
            State::Callback => desk(self.callback_desk.as_ref().unwrap_or(&self.desk)),
            State::Assigned => {
                let mut task = self.tasks.iter().rev().find(|task| task.leads_case() && task.state.is_open())?;
                while let Some(below) = self.open_child_lead(task.no) {
                    task = below;
                }
                Some(Holder { unit: task.unit.clone(), task: Some(task.no) })
            }
            State::Closed(_) | State::Archived(_) => None,
        }
    }

    /// Claimants with a part here who can be called and have not been reached.
    pub fn to_call(&self) -> Vec<&ClaimantId> {
        let mut found: Vec<&ClaimantId> = Vec::new();
        for part in self.active_parts().filter(|part| part.reachable) {
            if !self.callback.answered.contains(&part.claimant) && !found.contains(&&part.claimant) {
                found.push(&part.claimant);
            }
        }
        found
    }

    /// Numbers of a task's questions that wait for the claimant's answer.
    pub fn open_questions(&self, task: TaskNo) -> Vec<u32> {
        let numbered = (1_u32..).zip(&self.relays);
        numbered.filter(|(_, relay)| relay.task == task && !relay.answered).map(|(no, _)| no).collect()
    }

    /// Numbers and notes of a person that were not taken back.
    pub fn notes_of<'a>(&'a self, person: &'a PersonId) -> impl Iterator<Item = (u32, &'a Note)> {
        (1_u32..).zip(&self.notes).filter(move |(_, note)| !note.withdrawn && note.by == *person)
    }

    /// The next moment of a clock that somebody is to be told of.
    ///
    /// While an extension is asked for, the due moment waits for the decision: granted, it was never overdue.
    pub fn next_moment(&self, clock: &Clock) -> Option<(Instant, Moment)> {
        if !clock.is_running() {
            return None;
        }
        let extension_pending = clock.extendable
            && self.pending().any(|r| {
                matches!(r.ask, Ask::Extension { .. }) && self.task(r.task).is_some_and(|task| clock.moves_with(task))
            });
        [
            clock.warn_at.map(|at| (at, Moment::Warn)),
            clock.alert_at.map(|at| (at, Moment::Alert)),
            (clock.breach && !extension_pending).then(|| (clock.due.missed_from(), Moment::Due)),
        ]
        .into_iter()
        .flatten()
        .filter(|(_, moment)| !clock.fired.contains(moment))
        .min()
    }

    /// Claimants who still want an answer.
    pub fn active_parts(&self) -> impl Iterator<Item = &Part> {
        self.parts.iter().filter(|part| !part.withdrawn)
    }

    /// How it ended, if it did.
    pub fn outcome(&self) -> Option<Outcome> {
        self.state.outcome()
    }
}
