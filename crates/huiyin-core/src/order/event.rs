//! What happened, in the past tense. An event is never edited; a correction is another event.

use serde::{Deserialize, Serialize};

use crate::{
    calendar::Due,
    id::{ClaimantId, ClockNo, ContactId, ContentId, DutyNo, OrderId, RequestNo, TaskNo, UnitId},
    order::{
        Answers, Ask, Channel, Clock, Decision, Duty, Facts, Feedback, Link, Moment, Outcome, Part, Role, State, Text,
        Urgency,
    },
    time::{Day, Instant},
};

/// One entry of an order's journal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "event", deny_unknown_fields)]
#[allow(missing_docs)] // the fields are those of the order and its parts, documented there
pub enum Event {
    /// A contact opened an order.
    #[serde(rename = "order.taken-in")]
    TakenIn {
        no: String,
        channel: Channel,
        contact: ContactId,
        desk: UnitId,
        lies_with: UnitId,
        received_at: Instant,
        claimed_emergency: bool,
        title: Option<Text>,
        body: Option<Text>,
        parts: Vec<Part>,
        link: Option<Link>,
    },
    /// A person accepted it.
    #[serde(rename = "order.registered")]
    Registered {
        kind: String,
        subject: Option<String>,
        item: Option<String>,
        urgency: Urgency,
        area: Option<String>,
        place: Option<Text>,
        target: Option<UnitId>,
        secret: bool,
        title: Option<Text>,
        body: Option<Text>,
    },
    /// What it is about was put right; absent fields stay.
    #[serde(rename = "order.corrected")]
    Corrected {
        kind: Option<String>,
        subject: Option<String>,
        area: Option<String>,
        place: Option<Text>,
        urgency: Option<Urgency>,
        reason: String,
        note: Option<Text>,
    },
    /// The text units may see of a secret order was settled.
    #[serde(rename = "order.redacted")]
    Redacted { text: Text },
    /// It has to do with another.
    #[serde(rename = "order.linked")]
    Linked { link: Link },
    /// Another order's claimants joined it.
    #[serde(rename = "order.absorbed")]
    Absorbed { from: OrderId, parts: Vec<Part> },
    /// They left it again.
    #[serde(rename = "order.released")]
    Released { from: OrderId },
    /// It goes on inside another order.
    #[serde(rename = "order.merged")]
    Merged { into: OrderId, reason: String },
    /// It goes on by itself again.
    #[serde(rename = "order.unmerged")]
    Unmerged { reason: Option<Text> },
    /// A claimant took their part back.
    #[serde(rename = "part.withdrawn")]
    PartWithdrawn { claimant: ClaimantId, reason: String },
    /// The claimant added facts.
    #[serde(rename = "order.supplemented")]
    Supplemented { text: Text },
    /// The unit took note of them.
    #[serde(rename = "order.supplement-acknowledged")]
    SupplementAcknowledged { task: TaskNo },
    /// Files were given as evidence.
    #[serde(rename = "order.files-attached")]
    FilesAttached { task: Option<TaskNo>, files: Vec<Text> },
    /// The claimant urged.
    #[serde(rename = "order.urged")]
    Urged { text: Option<Text> },
    /// It was put under supervision.
    #[serde(rename = "order.supervised")]
    Supervised { level: String, reason: String, note: Option<Text> },
    /// Supervision ended.
    #[serde(rename = "order.supervision-lifted")]
    SupervisionLifted { note: Option<Text> },
    /// It entered or left the difficult pool.
    #[serde(rename = "order.difficult")]
    Difficult { on: bool, note: Option<Text> },
    /// It is, or is no longer, held as evidence.
    #[serde(rename = "order.held")]
    LegalHold { on: bool, note: Option<Text> },
    /// Ordinary roles may no longer open it.
    #[serde(rename = "order.sealed")]
    Sealed,
    /// The rules of this day govern from now on.
    #[serde(rename = "order.pinned")]
    Pinned { day: Day },
    /// It reached a unit.
    #[serde(rename = "task.delivered")]
    TaskDelivered {
        task: TaskNo,
        parent: Option<TaskNo>,
        unit: UnitId,
        role: Role,
        first: bool,
        ruled: bool,
        praise: bool,
        note: Option<Text>,
    },
    /// An emergency command was given to the unit.
    #[serde(rename = "task.commanded")]
    TaskCommanded { task: TaskNo },
    /// The duty phone confirmed the command.
    #[serde(rename = "task.phoned")]
    TaskPhoned { task: TaskNo, who: Text, answered_at: Instant },
    /// The unit signed for it.
    #[serde(rename = "task.signed")]
    TaskSigned { task: TaskNo },
    /// The unit took it up.
    #[serde(rename = "task.accepted")]
    TaskAccepted { task: TaskNo },
    /// The unit reported progress.
    #[serde(rename = "task.progressed")]
    TaskProgressed { task: TaskNo, text: Text },
    /// The unit spoke, or tried to speak, with the claimant.
    #[serde(rename = "task.contacted")]
    TaskContacted { task: TaskNo, reached: bool, at: Instant, said: Option<Text> },
    /// The unit asked the claimant of a secret order something, through the call centre.
    #[serde(rename = "task.relay-asked")]
    RelayAsked { task: TaskNo, text: Text },
    /// The call centre brought the answer.
    #[serde(rename = "task.relay-answered")]
    RelayAnswered { task: TaskNo, text: Text },
    /// The unit is on the scene.
    #[serde(rename = "task.on-scene")]
    TaskOnScene { task: TaskNo, at: Instant, place: Text, safety: Text, photo: Option<ContentId> },
    /// Danger is over.
    #[serde(rename = "task.made-safe")]
    TaskMadeSafe { task: TaskNo },
    /// The unit reported situation and measures.
    #[serde(rename = "task.situation-reported")]
    TaskSituation { task: TaskNo, text: Text },
    /// The unit answered.
    #[serde(rename = "task.fed-back")]
    TaskFedBack { task: TaskNo, feedback: Feedback },
    /// The level above sent the answer back.
    #[serde(rename = "task.sent-back")]
    TaskSentBack { task: TaskNo, reason: String, note: Option<Text> },
    /// It is finished.
    #[serde(rename = "task.done")]
    TaskDone { task: TaskNo },
    /// It is given back as not the unit's.
    #[serde(rename = "task.returned")]
    TaskReturned { task: TaskNo },
    /// It was taken back.
    #[serde(rename = "task.recalled")]
    TaskRecalled { task: TaskNo, reason: String },
    /// The unit must keep it.
    #[serde(rename = "task.ruled")]
    TaskRuled { task: TaskNo },
    /// Something was asked.
    #[serde(rename = "request.asked")]
    RequestAsked { request: RequestNo, task: TaskNo, ask: Ask },
    /// It was decided.
    #[serde(rename = "request.decided")]
    RequestDecided { request: RequestNo, decision: Decision, note: Option<Text> },
    /// A limit began to run.
    #[serde(rename = "clock.started")]
    ClockStarted { clock: Box<Clock> },
    /// It waits for the review of an answer.
    #[serde(rename = "clock.halted")]
    ClockHalted { clock: ClockNo },
    /// The answer was sent back: it never stopped.
    #[serde(rename = "clock.unhalted")]
    ClockUnhalted { clock: ClockNo },
    /// It is held by a pause or shelving.
    #[serde(rename = "clock.paused")]
    ClockPaused { clock: ClockNo },
    /// It runs on with a later due.
    #[serde(rename = "clock.resumed")]
    ClockResumed { clock: ClockNo, due: Due, warn_at: Option<Instant>, alert_at: Option<Instant> },
    /// An extension moved it.
    #[serde(rename = "clock.extended")]
    ClockExtended { clock: ClockNo, due: Due, warn_at: Option<Instant>, alert_at: Option<Instant>, request: RequestNo },
    /// It stopped at this moment.
    #[serde(rename = "clock.stopped")]
    ClockStopped { clock: ClockNo, at: Instant },
    /// It is no longer asked for.
    #[serde(rename = "clock.cancelled")]
    ClockCancelled { clock: ClockNo },
    /// Somebody was told of one of its moments; `due` marks it missed since its end.
    #[serde(rename = "clock.fired")]
    ClockFired { clock: ClockNo, moment: Moment },
    /// An excuse was attached to its breach.
    #[serde(rename = "clock.excused")]
    ClockExcused { clock: ClockNo, request: RequestNo },
    /// A claimant must be told something.
    #[serde(rename = "duty.owed")]
    DutyOwed { duty: Duty },
    /// The claimant was told, or could not be.
    #[serde(rename = "duty.told")]
    DutyTold { duty: DutyNo, impossible: bool, record: Option<Text> },
    /// The answer passed review.
    #[serde(rename = "order.passed")]
    Passed { callback_desk: UnitId },
    /// The claimant was called and not reached.
    #[serde(rename = "callback.missed")]
    CallbackMissed { at: Instant },
    /// The claimant answered.
    #[serde(rename = "callback.answered")]
    CallbackAnswered { answers: Answers },
    /// Nobody needs to be asked.
    #[serde(rename = "callback.waived")]
    CallbackWaived { reason: String },
    /// It goes back to the unit.
    #[serde(rename = "order.redone")]
    Redone { reason: String, note: Option<Text> },
    /// It is answered with an entry of the knowledge base, in the version it had.
    #[serde(rename = "order.entry-used")]
    EntryUsed { entry: String, version: Option<u32> },
    /// It ended.
    #[serde(rename = "order.closed")]
    Closed { outcome: Outcome, reason: Option<String>, text: Option<Text>, facts: Facts },
    /// It ended for good.
    #[serde(rename = "order.archived")]
    Archived,
}

impl Event {
    /// The names of all events.
    pub const CODES: &'static [&'static str] = &[
        "order.taken-in",
        "order.registered",
        "order.corrected",
        "order.redacted",
        "order.linked",
        "order.absorbed",
        "order.released",
        "order.merged",
        "order.unmerged",
        "part.withdrawn",
        "order.supplemented",
        "order.files-attached",
        "order.supplement-acknowledged",
        "order.urged",
        "order.supervised",
        "order.supervision-lifted",
        "order.difficult",
        "order.held",
        "order.sealed",
        "order.pinned",
        "task.delivered",
        "task.commanded",
        "task.phoned",
        "task.signed",
        "task.accepted",
        "task.progressed",
        "task.contacted",
        "task.relay-asked",
        "task.relay-answered",
        "task.on-scene",
        "task.made-safe",
        "task.situation-reported",
        "task.fed-back",
        "task.sent-back",
        "task.done",
        "task.returned",
        "task.recalled",
        "task.ruled",
        "request.asked",
        "request.decided",
        "clock.started",
        "clock.halted",
        "clock.unhalted",
        "clock.paused",
        "clock.resumed",
        "clock.extended",
        "clock.stopped",
        "clock.cancelled",
        "clock.fired",
        "clock.excused",
        "duty.owed",
        "duty.told",
        "order.passed",
        "callback.missed",
        "callback.answered",
        "callback.waived",
        "order.redone",
        "order.entry-used",
        "order.closed",
        "order.archived",
    ];

    /// The event's name, as in the journal.
    pub fn code(&self) -> &'static str {
        match self {
            Self::TakenIn { .. } => "order.taken-in",
            Self::Registered { .. } => "order.registered",
            Self::Corrected { .. } => "order.corrected",
            Self::Redacted { .. } => "order.redacted",
            Self::Linked { .. } => "order.linked",
            Self::Absorbed { .. } => "order.absorbed",
            Self::Released { .. } => "order.released",
            Self::Merged { .. } => "order.merged",
            Self::Unmerged { .. } => "order.unmerged",
            Self::PartWithdrawn { .. } => "part.withdrawn",
            Self::Supplemented { .. } => "order.supplemented",
            Self::FilesAttached { .. } => "order.files-attached",
            Self::SupplementAcknowledged { .. } => "order.supplement-acknowledged",
            Self::Urged { .. } => "order.urged",
            Self::Supervised { .. } => "order.supervised",
            Self::SupervisionLifted { .. } => "order.supervision-lifted",
            Self::Difficult { .. } => "order.difficult",
            Self::LegalHold { .. } => "order.held",
            Self::Sealed => "order.sealed",
            Self::Pinned { .. } => "order.pinned",
            Self::TaskDelivered { .. } => "task.delivered",
            Self::TaskCommanded { .. } => "task.commanded",
            Self::TaskPhoned { .. } => "task.phoned",
            Self::TaskSigned { .. } => "task.signed",
            Self::TaskAccepted { .. } => "task.accepted",
            Self::TaskProgressed { .. } => "task.progressed",
            Self::TaskContacted { .. } => "task.contacted",
            Self::RelayAsked { .. } => "task.relay-asked",
            Self::RelayAnswered { .. } => "task.relay-answered",
            Self::TaskOnScene { .. } => "task.on-scene",
            Self::TaskMadeSafe { .. } => "task.made-safe",
            Self::TaskSituation { .. } => "task.situation-reported",
            Self::TaskFedBack { .. } => "task.fed-back",
            Self::TaskSentBack { .. } => "task.sent-back",
            Self::TaskDone { .. } => "task.done",
            Self::TaskReturned { .. } => "task.returned",
            Self::TaskRecalled { .. } => "task.recalled",
            Self::TaskRuled { .. } => "task.ruled",
            Self::RequestAsked { .. } => "request.asked",
            Self::RequestDecided { .. } => "request.decided",
            Self::ClockStarted { .. } => "clock.started",
            Self::ClockHalted { .. } => "clock.halted",
            Self::ClockUnhalted { .. } => "clock.unhalted",
            Self::ClockPaused { .. } => "clock.paused",
            Self::ClockResumed { .. } => "clock.resumed",
            Self::ClockExtended { .. } => "clock.extended",
            Self::ClockStopped { .. } => "clock.stopped",
            Self::ClockCancelled { .. } => "clock.cancelled",
            Self::ClockFired { .. } => "clock.fired",
            Self::ClockExcused { .. } => "clock.excused",
            Self::DutyOwed { .. } => "duty.owed",
            Self::DutyTold { .. } => "duty.told",
            Self::Passed { .. } => "order.passed",
            Self::CallbackMissed { .. } => "callback.missed",
            Self::CallbackAnswered { .. } => "callback.answered",
            Self::CallbackWaived { .. } => "callback.waived",
            Self::Redone { .. } => "order.redone",
            Self::EntryUsed { .. } => "order.entry-used",
            Self::Closed { .. } => "order.closed",
            Self::Archived => "order.archived",
        }
    }

    /// The event's name, owned.
    pub fn name(&self) -> String {
        self.code().to_owned()
    }

    /// The state it puts an order in, for those that do so by themselves.
    pub(super) fn reaches(&self) -> Option<State> {
        match self {
            Self::TakenIn { .. } => Some(State::Intake),
            Self::Registered { .. } => Some(State::Registered),
            Self::Passed { .. } => Some(State::Callback),
            Self::Redone { .. } => Some(State::Assigned),
            Self::Closed { outcome, .. } => Some(State::Closed(*outcome)),
            Self::Merged { .. } => Some(State::Closed(Outcome::Merged)),
            _ => None,
        }
    }
}
