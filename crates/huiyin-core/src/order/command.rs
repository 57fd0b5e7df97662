//! What people, timers and programs ask of an order.

use serde::{Deserialize, Serialize};

use crate::{
    calendar::Span,
    id::{ClaimantId, ClockNo, ContactId, ContentId, DutyNo, OrderId, RequestNo, TaskNo, UnitId},
    order::{Answers, Channel, Facts, Link, Moment, Part, Text, Urgency},
    time::{Day, Instant},
};

/// A claimant's part as it comes in with a contact.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NewPart {
    /// Who.
    pub claimant: ClaimantId,
    /// Whether no name was given.
    pub anonymous: bool,
    /// Whether there is a way to reach them.
    pub reachable: bool,
}

/// A command. Its name is its path in the API; unknown fields are refused.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "command", rename_all = "kebab-case", deny_unknown_fields)]
#[allow(missing_docs)] // fields are named by the glossary; what each must be is checked in `decide`
pub enum Command {
    /// Makes an order in `intake` of a contact. Given by the program that took the contact in.
    TakeIn {
        no: String,
        channel: Channel,
        contact: ContactId,
        desk: UnitId,
        received_at: Option<Instant>,
        #[serde(default)]
        claimed_emergency: bool,
        title: Option<Text>,
        body: Option<Text>,
        parts: Vec<NewPart>,
        link: Option<Link>,
    },
    /// Carries a claimant's part over from another order (split, reopen); the origin stays.
    TakeOver {
        no: String,
        channel: Channel,
        contact: ContactId,
        desk: UnitId,
        parts: Vec<Part>,
        link: Link,
        title: Option<Text>,
        body: Option<Text>,
    },
    /// Accepts it into an order.
    Register {
        kind: String,
        subject: Option<String>,
        item: Option<String>,
        #[serde(default = "normal")]
        urgency: Urgency,
        area: Option<String>,
        place: Option<Text>,
        target: Option<UnitId>,
        #[serde(default)]
        secret: bool,
        title: Option<Text>,
        body: Option<Text>,
    },
    /// Does not accept it; the claimant is told why.
    Refuse { reason: String, text: Option<Text> },
    /// Answers at once, from the knowledge base or by word of mouth.
    Answer {
        #[serde(default)]
        facts: Facts,
        public: Text,
        entry: Option<String>,
        entry_version: Option<u32>,
        entry_until: Option<Day>,
    },
    /// Hands it to another service; `answered_at` is when the other side took it over.
    Transfer { to: String, answered_at: Option<Instant>, note: Option<Text> },
    /// Notes that this order was split; the other is made beside it.
    Split { into: OrderId },
    /// Has to do with another order.
    Link { other: OrderId, relation: String },
    /// Goes on inside another order (also: the contact only adds to an open order).
    Merge { into: OrderId, reason: String },
    /// Takes in the claimants of a merged order. Given by the program with `merge`.
    Absorb { from: OrderId, parts: Vec<Part> },
    /// Undoes a merge.
    Unmerge { note: Option<Text> },
    /// Lets the claimants of a merged order go. Given by the program with `unmerge`.
    Release { from: OrderId },
    /// Puts right what it is about.
    Correct {
        kind: Option<String>,
        subject: Option<String>,
        area: Option<String>,
        place: Option<Text>,
        urgency: Option<Urgency>,
        reason: String,
        note: Option<Text>,
    },
    /// Settles the text units may see of a secret order.
    Redact { text: Text },
    /// Passes praise on to a unit.
    PassOn { unit: UnitId, note: Option<Text> },
    /// The unit has the praise.
    ConfirmReceipt { task: TaskNo },
    /// Sends it to a lead and assisting units.
    Dispatch {
        lead: UnitId,
        #[serde(default)]
        assist: Vec<UnitId>,
        note: Option<Text>,
    },
    /// Sends it on, down the tree.
    Redispatch {
        task: TaskNo,
        lead: UnitId,
        #[serde(default)]
        assist: Vec<UnitId>,
        note: Option<Text>,
    },
    /// Takes a task back.
    Recall { task: TaskNo, reason: String },
    /// The unit signs for it.
    Sign { task: TaskNo },
    /// The unit takes it up.
    Accept { task: TaskNo },
    /// The unit reports progress.
    Progress { task: TaskNo, text: Text },
    /// The unit spoke with the claimant, or tried to.
    Contact { task: TaskNo, reached: bool, at: Option<Instant>, said: Option<Text> },
    /// Asks the claimant of a secret order something, through the call centre.
    Relay { task: TaskNo, text: Text },
    /// What the claimant said to it.
    RelayAnswer { task: TaskNo, text: Text },
    /// The unit says it is not its own.
    Return { task: TaskNo, reason: String, basis: Option<Text>, suggestion: Option<UnitId> },
    /// The unit asks for more time.
    Extend { task: TaskNo, span: Span, reason: String },
    /// The unit asks to hold the clocks.
    Pause { task: TaskNo, reason: String, until: Day },
    /// The pause is over.
    Resume { task: TaskNo },
    /// The unit cannot solve it now.
    Shelve { task: TaskNo, reason: String, plan: Text, responsible: Text, review: Day },
    /// Shelving was looked at again: a new date, or the matter is taken up.
    ReviewShelving { task: TaskNo, review: Option<Day>, note: Option<Text> },
    /// The unit asks that a breach be excused.
    Excuse { task: TaskNo, clock: ClockNo, reason: String, evidence: Option<Text> },
    /// A request is granted.
    Grant { request: RequestNo, note: Option<Text> },
    /// A request is refused.
    Reject { request: RequestNo, note: Option<Text> },
    /// A disputed return is ruled on: this unit keeps or gets it, finally.
    Rule { request: RequestNo, unit: UnitId, note: Option<Text> },
    /// The unit takes its request back.
    WithdrawRequest { request: RequestNo },
    /// The unit answers.
    Feedback {
        task: TaskNo,
        #[serde(default)]
        facts: Facts,
        internal: Option<Text>,
        public: Option<Text>,
    },
    /// The level above sends an answer back to the unit below.
    SendBack { task: TaskNo, reason: String, note: Option<Text> },
    /// The answer passes review.
    Pass {},
    /// The answer does not pass review.
    FailReview { reason: String, note: Option<Text> },
    /// The claimant was called and not reached.
    CallbackMissed { at: Option<Instant> },
    /// The claimant was reached and answered.
    CallbackAnswered { answers: Answers },
    /// Nobody needs to be called.
    WaiveCallback { reason: String },
    /// The unit must do it again.
    Redo { reason: String, note: Option<Text> },
    /// Ends it.
    Close {},
    /// Puts it away for good.
    Archive {},
    /// Notes that a linked order takes the matter up again.
    Reopen { by: OrderId, reason: String },
    /// The claimant adds facts.
    Supplement { text: Text },
    /// Keeps files as evidence: the task's, or the matter's. Given by the program with the command that brings them.
    Attach { of: Option<TaskNo>, files: Vec<Text> },
    /// The unit takes note of added facts.
    Acknowledge { task: TaskNo },
    /// The claimant urges.
    Urge { text: Option<Text> },
    /// A claimant takes the matter back; a person confirms it.
    Withdraw {
        claimant: Option<ClaimantId>,
        reason: String,
        #[serde(default)]
        confirmed: bool,
    },
    /// The office ends it.
    Stop { reason: String, note: Option<Text> },
    /// Puts it under supervision.
    Supervise { level: String, reason: String, note: Option<Text> },
    /// Ends supervision.
    LiftSupervision { note: Option<Text> },
    /// Into the difficult pool, or out of it.
    Difficult { on: bool, note: Option<Text> },
    /// Holds it as evidence, or no longer.
    Hold { on: bool, note: Option<Text> },
    /// The duty phone confirmed an emergency command.
    PhoneNotice { task: TaskNo, who: Text, answered_at: Option<Instant> },
    /// The unit is on the scene.
    OnScene { task: TaskNo, at: Option<Instant>, place: Text, safety: Text, photo: Option<ContentId> },
    /// Danger is over.
    MadeSafe { task: TaskNo },
    /// Situation and measures, reported to the call centre.
    Situation { task: TaskNo, text: Text },
    /// The claimant was told, or could not be.
    Tell {
        duty: DutyNo,
        #[serde(default = "yes")]
        reached: bool,
        record: Option<Text>,
    },
    /// A clock has come to one of its moments. Given by the timer.
    Fire { clock: ClockNo, moment: Moment },
}

fn normal() -> Urgency {
    Urgency::Normal
}

fn yes() -> bool {
    true
}

impl Command {
    /// The command's name, as in the API.
    pub fn code(&self) -> &'static str {
        match self {
            Self::TakeIn { .. } => "take-in",
            Self::TakeOver { .. } => "take-over",
            Self::Register { .. } => "register",
            Self::Refuse { .. } => "refuse",
            Self::Answer { .. } => "answer",
            Self::Transfer { .. } => "transfer",
            Self::Split { .. } => "split",
            Self::Link { .. } => "link",
            Self::Merge { .. } => "merge",
            Self::Absorb { .. } => "absorb",
            Self::Unmerge { .. } => "unmerge",
            Self::Release { .. } => "release",
            Self::Correct { .. } => "correct",
            Self::Redact { .. } => "redact",
            Self::PassOn { .. } => "pass-on",
            Self::ConfirmReceipt { .. } => "confirm-receipt",
            Self::Dispatch { .. } => "dispatch",
            Self::Redispatch { .. } => "redispatch",
            Self::Recall { .. } => "recall",
            Self::Sign { .. } => "sign",
            Self::Accept { .. } => "accept",
            Self::Progress { .. } => "progress",
            Self::Contact { .. } => "contact",
            Self::Relay { .. } => "relay",
            Self::RelayAnswer { .. } => "relay-answer",
            Self::Return { .. } => "return",
            Self::Extend { .. } => "extend",
            Self::Pause { .. } => "pause",
            Self::Resume { .. } => "resume",
            Self::Shelve { .. } => "shelve",
            Self::ReviewShelving { .. } => "review-shelving",
            Self::Excuse { .. } => "excuse",
            Self::Grant { .. } => "grant",
            Self::Reject { .. } => "reject",
            Self::Rule { .. } => "rule",
            Self::WithdrawRequest { .. } => "withdraw-request",
            Self::Feedback { .. } => "feedback",
            Self::SendBack { .. } => "send-back",
            Self::Pass { .. } => "pass",
            Self::FailReview { .. } => "fail-review",
            Self::CallbackMissed { .. } => "callback-missed",
            Self::CallbackAnswered { .. } => "callback-answered",
            Self::WaiveCallback { .. } => "waive-callback",
            Self::Redo { .. } => "redo",
            Self::Close { .. } => "close",
            Self::Archive { .. } => "archive",
            Self::Reopen { .. } => "reopen",
            Self::Supplement { .. } => "supplement",
            Self::Attach { .. } => "attach",
            Self::Acknowledge { .. } => "acknowledge",
            Self::Urge { .. } => "urge",
            Self::Withdraw { .. } => "withdraw",
            Self::Stop { .. } => "stop",
            Self::Supervise { .. } => "supervise",
            Self::LiftSupervision { .. } => "lift-supervision",
            Self::Difficult { .. } => "difficult",
            Self::Hold { .. } => "hold",
            Self::PhoneNotice { .. } => "phone-notice",
            Self::OnScene { .. } => "on-scene",
            Self::MadeSafe { .. } => "made-safe",
            Self::Situation { .. } => "situation",
            Self::Tell { .. } => "tell",
            Self::Fire { .. } => "fire",
        }
    }

    /// The command's name, owned.
    pub fn name(&self) -> String {
        self.code().to_owned()
    }

    /// The task it names.
    pub fn task(&self) -> Option<TaskNo> {
        match self {
            Self::ConfirmReceipt { task }
            | Self::Redispatch { task, .. }
            | Self::Recall { task, .. }
            | Self::Sign { task }
            | Self::Accept { task }
            | Self::Progress { task, .. }
            | Self::Contact { task, .. }
            | Self::Relay { task, .. }
            | Self::RelayAnswer { task, .. }
            | Self::Return { task, .. }
            | Self::Extend { task, .. }
            | Self::Pause { task, .. }
            | Self::Resume { task }
            | Self::Shelve { task, .. }
            | Self::ReviewShelving { task, .. }
            | Self::Excuse { task, .. }
            | Self::Feedback { task, .. }
            | Self::SendBack { task, .. }
            | Self::Acknowledge { task }
            | Self::PhoneNotice { task, .. }
            | Self::OnScene { task, .. }
            | Self::MadeSafe { task }
            | Self::Situation { task, .. } => Some(*task),
            _ => None,
        }
    }
}
