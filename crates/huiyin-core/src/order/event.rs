//! What happened, in the past tense. An event is never edited; a correction is another event.

use serde::{Deserialize, Serialize};

use crate::{
    calendar::Due,
    id::{ClaimantId, ClockNo, ContactId, ContentId, DutyNo, OrderId, PersonId, RequestNo, TaskNo, UnitId},
    order::{
        Answers, Ask, Channel, Clock, Decision, Duty, Facts, Feedback, Link, Matter, Moment, Outcome, Part, Role,
        State, Text, Urgency,
    },
    policy::{Basis, Decides},
    time::{Day, Instant},
};

/// Finds the task an event happened to, where it names one first.
macro_rules! task_of {
    ($this:ident $variant:ident { task $($rest:ident)* }) => {
        if let Self::$variant { task, .. } = $this {
            return Some(*task);
        }
    };
    ($($other:tt)*) => {};
}

/// Makes the events of their rows: the name in the journal, the words in Chinese and in English, what it holds.
macro_rules! events {
    ($(
        #[doc = $what:literal]
        $name:literal $zh:literal $en:literal $variant:ident
            $({ $($(#[$meta:meta])* $field:ident: $holds:ty),* $(,)? })? $(($whole:ty))?;
    )*) => {
        /// One entry of an order's journal.
        #[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
        #[serde(tag = "event", deny_unknown_fields)]
        #[allow(missing_docs)] // the fields are those of the order and its parts, documented there
        pub enum Event {
            $(
                #[doc = $what]
                #[serde(rename = $name)]
                $variant $({ $($(#[$meta])* $field: $holds),* })? $(($whole))?,
            )*
        }

        impl Event {
            /// The names of all events.
            pub const CODES: &'static [&'static str] = &[$($name),*];

            /// The event's name, as in the journal.
            pub fn code(&self) -> &'static str {
                match self {
                    $(Self::$variant { .. } => $name,)*
                }
            }

            /// What an event of this name is called in Chinese.
            pub fn zh(name: &str) -> Option<&'static str> {
                match name {
                    $($name => Some($zh),)*
                    _ => None,
                }
            }

            /// What an event of this name is called in English.
            pub fn en(name: &str) -> Option<&'static str> {
                match name {
                    $($name => Some($en),)*
                    _ => None,
                }
            }

            /// The task it happened to.
            pub(super) fn task(&self) -> Option<TaskNo> {
                $($(task_of!(self $variant { $($field)* });)?)*
                None
            }
        }
    };
}

events! {
    /// A contact opened an order.
    "order.taken-in" "收件" "Taken in" TakenIn {
        no: String,
        channel: Channel,
        contact: ContactId,
        desk: UnitId,
        lies_with: UnitId,
        received_at: Instant,
        claimed_emergency: bool,
        #[serde(default, skip_serializing_if = "Option::is_none")] claimed_kind: Option<String>,
        title: Option<Text>,
        body: Option<Text>,
        parts: Vec<Part>,
        link: Option<Link>,
        #[serde(default, skip_serializing_if = "std::ops::Not::not")] secret: bool,
    };
    /// An emergency mode of the city took it onto the emergency path.
    "order.in-mode" "纳入应急模式" "Under the emergency mode" InMode { mode: String };
    /// A person accepted it.
    "order.registered" "登记受理" "Registered" Registered(Matter);
    /// What it is about was put right; absent fields stay.
    "order.corrected" "更正" "Corrected" Corrected {
        kind: Option<String>,
        subject: Option<String>,
        area: Option<String>,
        place: Option<Text>,
        urgency: Option<Urgency>,
        reason: String,
        note: Option<Text>,
    };
    /// The text units may see of a secret order was settled.
    "order.redacted" "整理单位可见内容" "Text for units settled" Redacted { text: Text };
    /// It was corrected into a kind that is secret by the rules; who raised it is told to no unit from now on.
    "order.made-secret" "转为保密工单" "Made secret" MadeSecret { kind: String, basis: Vec<Basis> };
    /// It has to do with another.
    "order.linked" "关联工单" "Linked to an order" Linked { link: Link };
    /// Another order's claimants joined it.
    "order.absorbed" "其他工单并入" "Another order merged in" Absorbed { from: OrderId, parts: Vec<Part> };
    /// They left it again.
    "order.released" "解除并入" "Merged claimants released" Released { from: OrderId };
    /// It goes on inside another order.
    "order.merged" "并入其他工单" "Merged into another order" Merged { into: OrderId, reason: String };
    /// It goes on by itself again.
    "order.unmerged" "撤销并入" "Merge undone" Unmerged { reason: Option<Text> };
    /// A claimant took their part back.
    "part.withdrawn" "诉求人撤回" "Claimant withdrew" PartWithdrawn { claimant: ClaimantId, reason: String };
    /// The claimant added facts.
    "order.supplemented" "诉求人补充情况" "Claimant added facts" Supplemented { text: Text };
    /// The unit took note of them.
    "order.supplement-acknowledged" "单位已阅补充" "Unit noted the added facts" SupplementAcknowledged { task: TaskNo };
    /// Files were given as evidence: the task's, or the matter's.
    "order.files-attached" "附件" "Attachments" FilesAttached { files: Vec<Text>, task: Option<TaskNo> };
    /// The claimant urged.
    "order.urged" "诉求人催办" "Claimant urged" Urged { text: Option<Text> };
    /// It was put under supervision.
    "order.supervised" "督办" "Supervised" Supervised { level: String, reason: String, note: Option<Text> };
    /// Supervision ended.
    "order.supervision-lifted" "解除督办" "Supervision lifted" SupervisionLifted { note: Option<Text> };
    /// It got a tag of the pack's list, or lost it.
    "order.tagged" "标签" "Tag" Tagged { tag: String, on: bool };
    /// Staff noted something for staff.
    "order.noted" "内部备注" "Internal note" Noted { text: Text, by: PersonId };
    /// Who wrote a note took it back.
    "order.note-withdrawn" "撤回备注" "Note taken back" NoteWithdrawn { note: u32 };
    /// It entered or left the difficult pool.
    "order.difficult" "疑难库" "Difficult pool" Difficult { on: bool, note: Option<Text> };
    /// It is, or is no longer, held as evidence.
    "order.held" "证据保全" "Held as evidence" LegalHold { on: bool, note: Option<Text> };
    /// Ordinary roles may no longer open it.
    "order.sealed" "封存" "Sealed" Sealed;
    /// The rules of this day govern from now on.
    "order.pinned" "适用规则确定" "Rules settled" Pinned { day: Day };
    /// Units got a copy to supervise by.
    "order.copied" "抄送监督单位" "Copied to supervising units" Copied { units: Vec<UnitId> };
    /// It reached a unit.
    "task.delivered" "派单" "Dispatched" TaskDelivered {
        task: TaskNo,
        parent: Option<TaskNo>,
        unit: UnitId,
        role: Role,
        first: bool,
        ruled: bool,
        praise: bool,
        note: Option<Text>,
    };
    /// An emergency command was given to the unit.
    "task.commanded" "下达应急指令" "Emergency command given" TaskCommanded { task: TaskNo };
    /// The duty phone confirmed the command.
    "task.phoned" "电话通知已确认" "Phone notice confirmed" TaskPhoned { task: TaskNo, who: Text, answered_at: Instant };
    /// The unit signed for it.
    "task.signed" "签收" "Signed" TaskSigned { task: TaskNo };
    /// A person of the unit works on it from now on; or nobody in particular.
    "task.assigned" "指定承办人" "Handler named" TaskAssigned { task: TaskNo, person: Option<PersonId> };
    /// The unit took it up.
    "task.accepted" "单位受理" "Accepted by the unit" TaskAccepted { task: TaskNo };
    /// The unit reported progress.
    "task.progressed" "进展" "Progress" TaskProgressed { task: TaskNo, text: Text };
    /// The unit spoke, or tried to speak, with the claimant.
    "task.contacted" "联系诉求人" "Claimant contacted" TaskContacted { task: TaskNo, reached: bool, at: Instant, said: Option<Text> };
    /// The unit asked the claimant of a secret order something, through the call centre.
    "task.relay-asked" "请热线转问诉求人" "Question to relay" RelayAsked { task: TaskNo, text: Text };
    /// The call centre brought the answer.
    "task.relay-answered" "诉求人答复转达" "Claimant's answer relayed" RelayAnswered { task: TaskNo, text: Text, question: Option<u32> };
    /// The unit is on the scene.
    "task.on-scene" "到达现场" "On the scene" TaskOnScene { task: TaskNo, at: Instant, place: Text, safety: Text, photo: Option<ContentId> };
    /// Danger is over.
    "task.made-safe" "险情已排除" "Danger over" TaskMadeSafe { task: TaskNo };
    /// The unit reported situation and measures.
    "task.situation-reported" "现场情况报告" "Report from the scene" TaskSituation { task: TaskNo, text: Text };
    /// The unit answered.
    "task.fed-back" "办结反馈" "Feedback" TaskFedBack { task: TaskNo, feedback: Feedback };
    /// The level above sent the answer back.
    "task.sent-back" "退回补正" "Sent back" TaskSentBack { task: TaskNo, reason: String, note: Option<Text> };
    /// It is finished.
    "task.done" "任务完成" "Task done" TaskDone { task: TaskNo };
    /// It is given back as not the unit's.
    "task.returned" "退单" "Returned" TaskReturned { task: TaskNo };
    /// It was taken back.
    "task.recalled" "收回" "Recalled" TaskRecalled { task: TaskNo, reason: String };
    /// The unit must keep it.
    "task.ruled" "裁定由该单位办理" "Ruled to be this unit's" TaskRuled { task: TaskNo };
    /// Something was asked.
    "request.asked" "提出申请" "Request made" RequestAsked {
        request: RequestNo,
        task: TaskNo,
        ask: Ask,
        by: Option<Decides>,
    };
    /// It was decided.
    "request.decided" "决定申请" "Request decided" RequestDecided { request: RequestNo, decision: Decision, note: Option<Text> };
    /// A limit began to run.
    "clock.started" "时限开始" "Limit starts" ClockStarted { clock: Box<Clock> };
    /// It waits for the review of an answer.
    "clock.halted" "时限暂停待审" "Limit halted for review" ClockHalted { clock: ClockNo };
    /// The answer was sent back: it never stopped.
    "clock.unhalted" "时限继续计算" "Limit runs on" ClockUnhalted { clock: ClockNo };
    /// It is held by a pause or shelving.
    "clock.paused" "时限挂起" "Limit paused" ClockPaused { clock: ClockNo };
    /// It runs on with a later due.
    "clock.resumed" "时限恢复" "Limit resumed" ClockResumed { clock: ClockNo, due: Due, warn_at: Option<Instant>, alert_at: Option<Instant> };
    /// An extension moved it.
    "clock.extended" "时限延长" "Limit extended" ClockExtended { clock: ClockNo, due: Due, warn_at: Option<Instant>, alert_at: Option<Instant>, request: RequestNo };
    /// It was counted again when the holiday notice of a year was known.
    "clock.recounted" "时限按放假通知重算" "Limit counted again by the holiday notice" ClockRecounted {
        clock: ClockNo,
        original: Due,
        due: Due,
        warn_at: Option<Instant>,
        alert_at: Option<Instant>,
        calendar: String,
    };
    /// It stopped at this moment.
    "clock.stopped" "时限停止" "Limit stopped" ClockStopped { clock: ClockNo, at: Instant };
    /// It is no longer asked for.
    "clock.cancelled" "时限取消" "Limit cancelled" ClockCancelled { clock: ClockNo };
    /// Somebody was told of one of its moments; `due` marks it missed since its end.
    "clock.fired" "时限提醒" "Reminder of a limit" ClockFired { clock: ClockNo, moment: Moment };
    /// An excuse was attached to its breach.
    "clock.excused" "时限免责" "Missed limit excused" ClockExcused { clock: ClockNo, request: RequestNo };
    /// A claimant must be told something.
    "duty.owed" "应告知诉求人" "Claimant to be told" DutyOwed { duty: Duty };
    /// The claimant was told, or could not be.
    "duty.told" "已告知诉求人" "Claimant told" DutyTold { duty: DutyNo, impossible: bool, record: Option<Text> };
    /// The answer passed review.
    "order.passed" "审核通过" "Passed review" Passed { callback_desk: UnitId };
    /// The claimant was called and not reached.
    "callback.missed" "回访未接通" "Callback not reached" CallbackMissed { at: Instant };
    /// The claimant answered.
    "callback.answered" "回访" "Callback" CallbackAnswered { claimant: Option<ClaimantId>, answers: Answers };
    /// Nobody needs to be asked.
    "callback.waived" "免回访" "Callback waived" CallbackWaived { reason: String };
    /// It goes back to the unit.
    "order.redone" "退回重办" "Redo" Redone { reason: String, note: Option<Text> };
    /// It is answered with an entry of the knowledge base, in the version it had.
    "order.entry-used" "引用知识条目" "Entry of the knowledge base used" EntryUsed { entry: String, version: Option<u32> };
    /// It ended.
    "order.closed" "办结" "Closed" Closed { outcome: Outcome, reason: Option<String>, text: Option<Text>, facts: Facts };
    /// It ended for good.
    "order.archived" "归档" "Archived" Archived;
}

impl Event {
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
