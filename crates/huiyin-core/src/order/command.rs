//! What people, timers and programs ask of an order: every command once, with all that is known of it.
//!
//! A row holds the command's name and fields, what decides it, what it is called in Chinese and in English, who may give
//! it, the states it is allowed in, and what it takes from outside. The state table of the manual, permission, the description of the
//! API, the reading of input and the forms of pages go by these rows; nothing of them is written a second time.

use serde::{Deserialize, Serialize};

use super::{
    Answers, Channel, Facts, Link, Matter, Moment, Part,
    TaskState::{Accepted, Delivered, FedBack, Signed},
    Text, Urgency,
    decide::{dispatch, finish, handle, intake, overlay, request},
    draft::{Draft, Step},
    table::{
        ANY, AT_UNIT, AT_WORK, DECIDE, Field, Holds, KEPT, OPEN, ROW, Row, SAME, WORK,
        Who::{Above, Agent, Callback, Claimant, Concerned, Decider, Desk, Handler, Mayor, Office},
        may, must, reason,
    },
};
use crate::{
    calendar::Span,
    id::{ClaimantId, ClockNo, ContactId, ContentId, DutyNo, OrderId, PersonId, RequestNo, TaskNo, UnitId},
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

fn yes() -> bool {
    true
}

const TASK: Field =
    may("task", Holds::Number, "任务", "Task", "The task; the caller's only open one where nothing is said");
const REQUEST: Field = must("request", Holds::Number, "申请", "Request", "The request's number in the order");
const TO_UNIT: Field = may("note", Holds::Text, "给承办单位的话", "Note for the unit", "A note for the unit");
const NOTE: Field = may("note", Holds::Text, "说明", "Note", "A note for those who handle it");
const KIND: Field = must("kind", Holds::Code, "诉求类型", "Kind of request", "Kind of request, such as `help`");
const SUBJECT: Field = may("subject", Holds::Code, "事项", "Subject", "A leaf of the pack's subjects");
const ITEM: Field = may("item", Holds::Code, "受理范围", "Accepted-matter item", "Accepted-matter item");
const URGENCY: Field = may("urgency", Holds::Urgency, "紧急程度", "Urgency", "How pressing it is");
const AREA: Field = may("area", Holds::Code, "区域", "Area", "Area code");
const PLACE: Field = may("place", Holds::Text, "地点", "Place", "The place in words");
const TARGET: Field = may("target", Holds::Unit, "被反映单位", "Unit complained about", "The unit complained about");
const SECRET: Field = may(
    "secret",
    Holds::Flag,
    "保密",
    "Secret",
    "Whether units must not learn who raised it; as the pack has it for the kind where nothing is said",
);
const TITLE: Field = may("title", Holds::Text, "标题", "Title", "Title");
const BODY: Field = may("body", Holds::Text, "内容", "Text", "The matter");
const LEAD: Field = must("lead", Holds::Unit, "主办单位", "Lead unit", "The unit that answers");
const ASSIST: Field = may("assist", Holds::Units, "协办单位", "Assisting units", "Units that help");
const FILES: Field =
    may("files", Holds::Files, "附件", "Attachments", "Ids of the caller's files that are given with it as evidence");
const QUESTION: Field = may(
    "question",
    Holds::Number,
    "答复的是哪一问",
    "Question it answers",
    "Which question it answers; the only open one where nothing is said",
);
const REACHED: Field = may(
    "claimant",
    Holds::Code,
    "接听的诉求人",
    "Claimant who answered",
    "Id of the claimant who was reached; the first still to be called where nothing is said",
);
const FACTS: Field = may(
    "facts",
    Holds::Facts,
    "办结要件",
    "Closing conditions",
    "The facts closing this kind asks for, by the pack's names",
);

/// Finds the number a command names, where it names one.
macro_rules! number_of {
    ($this:ident task $variant:ident { task $($rest:ident)* }) => {
        if let Self::$variant { task, .. } = $this {
            return Some(*task);
        }
    };
    ($this:ident request $variant:ident { request $($rest:ident)* }) => {
        if let Self::$variant { request, .. } = $this {
            return Some(*request);
        }
    };
    ($($other:tt)*) => {};
}

/// Makes the commands of their rows: `name Variant { fields } => what decides it, Row { … };`.
macro_rules! commands {
    ($d:ident, $command:ident; $(
        #[doc = $what:literal]
        $name:literal $variant:ident
            $({ $($(#[$meta:meta])* $field:ident: $holds:ty),* $(,)? })? $(($inner:ident: $whole:ty))?
            => $decide:expr, $row:expr;
    )*) => {
        /// A command. Its name is its path in the API; unknown fields are refused.
        #[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
        #[serde(tag = "command", deny_unknown_fields)]
        #[allow(missing_docs)] // fields are named by the glossary; what each must be is checked where it is decided
        pub enum Command {
            $(
                #[doc = $what]
                #[serde(rename = $name)]
                $variant $({ $($(#[$meta])* $field: $holds),* })? $(($whole))?,
            )*
        }

        /// Every command, in the order of an order's life.
        pub const ROWS: &[Row] = &[$(Row { command: $name, what: $what, ..$row }),*];

        impl Command {
            /// The command's name, as in the API.
            pub fn code(&self) -> &'static str {
                match self {
                    $(Self::$variant { .. } => $name,)*
                }
            }

            /// The task it names.
            pub fn task(&self) -> Option<TaskNo> {
                $($(number_of!(self task $variant { $($field)* });)?)*
                None
            }

            /// The request it names.
            pub fn request(&self) -> Option<RequestNo> {
                $($(number_of!(self request $variant { $($field)* });)?)*
                None
            }
        }

        /// What decides a command: its events go into the draft, or it is refused.
        #[allow(unused_variables)] // some fields only stand in the log of input
        pub(super) fn run($d: &mut Draft<'_>, $command: &Command) -> Step {
            match $command {
                $(Command::$variant $({ $($field),* })? $(($inner))? => $decide,)*
            }
        }
    };
}

commands! {
    d, command;

    /// Makes an order in `intake` of a contact. Given by the program that took the contact in.
    "take-in" TakeIn {
        no: String,
        channel: Channel,
        contact: ContactId,
        desk: UnitId,
        received_at: Option<Instant>,
        #[serde(default)] claimed_emergency: bool,
        #[serde(default)] claimed_kind: Option<String>,
        title: Option<Text>,
        body: Option<Text>,
        parts: Vec<NewPart>,
        link: Option<Link>,
        #[serde(default)] secret: bool,
    } => intake::take_in(d, command), Row {
        zh: "收件",
        en: "Take in",
        order: &[],
        ..ROW
    };

    /// Carries a claimant's part over from another order (split, reopen); the origin stays.
    "take-over" TakeOver {
        no: String,
        channel: Channel,
        contact: ContactId,
        desk: UnitId,
        parts: Vec<Part>,
        link: Link,
        title: Option<Text>,
        body: Option<Text>,
    } => intake::take_in(d, command), Row {
        zh: "另立工单",
        en: "Open another order",
        order: &[],
        ..ROW
    };

    /// Accepts a contact into an order.
    "register" Register(matter: Matter) => intake::register(d, matter), Row {
        zh: "登记受理",
        en: "Register",
        who: &[Agent, Desk],
        order: &[("intake", &["registered"])],
        takes: &[KIND, SUBJECT, ITEM, URGENCY, AREA, PLACE, TARGET, SECRET, TITLE, BODY, FILES],
        sample: r#"{"kind":"help","subject":"090201"}"#,
        ..ROW
    };

    /// Does not accept the matter; the claimant is told why.
    "refuse" Refuse { reason: String, text: Option<Text> } => intake::refuse(d, reason, text), Row {
        zh: "不予受理",
        en: "Do not accept",
        who: &[Agent, Desk],
        order: &[("intake", &["closed refused"]), ("registered", &["closed refused"])],
        takes: &[reason("refusal"), may("text", Holds::Text, "内容", "Text", "The words to tell")],
        sample: r#"{"reason":"out-of-jurisdiction"}"#,
        ..ROW
    };

    /// Answers at once, without a unit.
    "answer" Answer {
        #[serde(default)] facts: Facts,
        public: Text,
        entry: Option<String>,
        entry_version: Option<u32>,
        entry_until: Option<Day>,
    } => intake::answer(d, facts, public, entry.as_deref().map(|entry| (entry, *entry_version)), *entry_until), Row {
        zh: "直接答复",
        en: "Answer at once",
        who: &[Agent, Desk],
        order: &[("registered", &["closed answered"])],
        takes: &[
            FACTS,
            must("public", Holds::Text, "答复诉求人（公开口径）", "Answer to the claimant (public wording)", "The wording for the claimant"),
            may("entry", Holds::Code, "引用的知识条目", "Entry of the knowledge base", "Entry of the knowledge base it rests on"),
            may("entry_version", Holds::Number, "条目版本", "Version of the entry", "Version of that entry"),
            may("entry_until", Holds::Day, "条目复核日期", "Entry good until", "Last day that entry is good"),
        ],
        sample: r#"{"public":"办事大厅周一至周五 8:30 至 17:30 开放。","facts":{"answered":true}}"#,
        ..ROW
    };

    /// Hands the matter to another service.
    "transfer" Transfer { to: String, answered_at: Option<Instant>, note: Option<Text> }
        => intake::transfer(d, to, *answered_at, note), Row {
        zh: "转其他渠道",
        en: "Transfer elsewhere",
        who: &[Agent, Desk],
        order: &[("intake", &["closed transferred"]), ("registered", &["closed transferred"])],
        takes: &[
            must("to", Holds::Reason("transfer"), "转往", "Transfer to", "The service"),
            may("answered_at", Holds::Instant, "对方接听时间", "Taken over at", "When the other side took it over"),
            NOTE,
        ],
        sample: r#"{"to":"police-110"}"#,
        ..ROW
    };

    /// Opens another order for a part of the matter; with `kind` it is registered at once.
    "split" Split { into: OrderId } => intake::split(d, into), Row {
        zh: "拆出一件",
        en: "Split a matter off",
        who: &[Agent, Desk],
        order: OPEN,
        takes: &[
            may("title", Holds::Text, "标题", "Title", "Title of the other order"),
            may("body", Holds::Text, "内容", "Text", "Its matter; this or a title"),
            may("kind", Holds::Code, "诉求类型", "Kind of request", "Its kind"),
            SUBJECT,
            ITEM,
            URGENCY,
            AREA,
            PLACE,
            TARGET,
            SECRET,
        ],
        sample: r#"{"body":"另一件:井盖松动"}"#,
        ..ROW
    };

    /// Notes that two orders have to do with each other.
    "link" Link { other: OrderId, relation: String } => intake::link(d, other, relation), Row {
        zh: "关联工单",
        en: "Link an order",
        who: &[Agent, Desk],
        order: ANY,
        takes: &[must("other", Holds::Order, "关联的工单号", "Order to link", "The other order")],
        sample: r#"{"other":"20261012-0001"}"#,
        ..ROW
    };

    /// The order goes on inside another.
    "merge" Merge { into: OrderId, reason: String } => intake::merge(d, into, reason), Row {
        zh: "并入其他工单",
        en: "Merge into another order",
        who: &[Agent, Desk],
        order: &[
            ("intake", &["closed merged"]),
            ("registered", &["closed merged"]),
            ("assigned", &["closed merged"]),
        ],
        takes: &[
            must("into", Holds::Order, "并入的工单号", "Order to merge into", "The other order"),
            may("reason", Holds::Reason("merge"), "理由", "Reason", "Why; `same-event` where nothing is said"),
        ],
        sample: r#"{"into":"20261012-0001","reason":"same-event"}"#,
        ..ROW
    };

    /// Takes in the claimants of a merged order. Given by the program with `merge`.
    "absorb" Absorb { from: OrderId, parts: Vec<Part>, #[serde(default)] fresh: bool }
        => intake::absorb(d, from, parts, *fresh), Row {
        zh: "接收并入",
        en: "Take in merged claimants",
        order: OPEN,
        ..ROW
    };

    /// Undoes a merge.
    "unmerge" Unmerge { note: Option<Text>, #[serde(default)] withdrawn: Vec<(ClaimantId, String)> }
        => intake::unmerge(d, note, withdrawn), Row {
        zh: "撤销并入",
        en: "Undo the merge",
        who: &[Agent, Desk],
        order: &[("closed", &["intake", "registered", "assigned", "closed withdrawn"])],
        takes: &[NOTE],
        ..ROW
    };

    /// Lets the claimants of a merged order go. Given by the program with `unmerge`.
    "release" Release { from: OrderId } => intake::release(d, from), Row {
        zh: "解除并入",
        en: "Release merged claimants",
        order: OPEN,
        ..ROW
    };

    /// Puts right what the order is about.
    "correct" Correct {
        kind: Option<String>,
        subject: Option<String>,
        area: Option<String>,
        place: Option<Text>,
        urgency: Option<Urgency>,
        reason: String,
        note: Option<Text>,
    } => intake::correct(d, kind, subject, area, place, *urgency, reason, note), Row {
        zh: "更正",
        en: "Correct",
        who: &[Agent, Desk],
        order: &[("registered", SAME), ("assigned", SAME)],
        takes: &[
            may("kind", Holds::Code, "诉求类型", "Kind of request", "Kind of request"),
            SUBJECT,
            AREA,
            PLACE,
            URGENCY,
            reason("correct"),
            NOTE,
        ],
        sample: r#"{"subject":"090201","reason":"misheard"}"#,
        ..ROW
    };

    /// Settles the text units may see; an order is secret from then on.
    "redact" Redact { text: Text } => intake::redact(d, text), Row {
        zh: "整理单位可见内容",
        en: "Settle the text units may see",
        who: &[Agent, Desk],
        order: &[("intake", SAME), ("registered", SAME), ("assigned", SAME)],
        takes: &[must("text", Holds::Text, "内容", "Text", "The text without what could identify")],
        sample: r#"{"text":"反映某单位拖欠工资"}"#,
        ..ROW
    };

    /// Passes praise on to a unit.
    "pass-on" PassOn { unit: UnitId, note: Option<Text> } => dispatch::pass_on(d, unit, note), Row {
        zh: "转达表扬",
        en: "Pass praise on",
        who: &[Agent, Desk],
        order: &[("registered", &["assigned"])],
        takes: &[must("unit", Holds::Unit, "受表扬的单位", "Unit praised", "The unit praised"), NOTE],
        sample: r#"{"unit":"human-resources"}"#,
        ..ROW
    };

    /// The unit has the praise.
    "confirm-receipt" ConfirmReceipt { task: TaskNo } => dispatch::confirm_receipt(d, *task), Row {
        zh: "确认收到",
        en: "Confirm receipt",
        who: &[Handler],
        order: &[("assigned", &["closed passed-on"])],
        task: &[(Delivered, &["done"])],
        takes: &[TASK],
        ..ROW
    };

    /// Sends the order to a lead unit and assisting units.
    "dispatch" Dispatch { lead: UnitId, #[serde(default)] assist: Vec<UnitId>, note: Option<Text> }
        => dispatch::dispatch(d, lead, assist, note, false), Row {
        zh: "派单",
        en: "Dispatch",
        who: &[Agent, Desk],
        order: &[("registered", &["assigned"])],
        takes: &[LEAD, ASSIST, NOTE],
        sample: r#"{"lead":"human-resources","assist":[],"note":"请核实"}"#,
        ..ROW
    };

    /// Sends the task on, down the tree.
    "redispatch" Redispatch { task: TaskNo, lead: UnitId, #[serde(default)] assist: Vec<UnitId>, note: Option<Text> }
        => dispatch::redispatch(d, *task, lead, assist, note), Row {
        zh: "转派下级",
        en: "Send down",
        who: &[Handler],
        order: WORK,
        task: &[(Delivered, &["accepted"]), (Signed, &["accepted"]), (Accepted, SAME)],
        takes: &[TASK, LEAD, ASSIST, NOTE],
        sample: r#"{"lead":"jiyang-market"}"#,
        ..ROW
    };

    /// Takes a task back.
    "recall" Recall { task: TaskNo, reason: String } => dispatch::recall(d, *task, reason), Row {
        zh: "收回",
        en: "Recall",
        who: &[Above],
        order: &[("assigned", &["=", "registered"]), ("review", SAME)],
        task: &[(Delivered, &["recalled"]), (Signed, &["recalled"]), (Accepted, &["recalled"])],
        takes: &[TASK, reason("recall")],
        sample: r#"{"reason":"wrong-unit"}"#,
        ..ROW
    };

    /// The unit signs for the task.
    "sign" Sign { task: TaskNo } => handle::sign(d, *task), Row {
        zh: "签收",
        en: "Sign",
        who: &[Handler],
        order: WORK,
        task: &[(Delivered, &["signed", "accepted"])],
        takes: &[TASK],
        ..ROW
    };

    /// Names the person of the unit who works on the task; no person takes the name off.
    "assign" Assign { task: TaskNo, person: Option<PersonId> } => handle::assign(d, *task, person), Row {
        zh: "指定承办人",
        en: "Name a handler",
        who: &[Handler],
        order: WORK,
        task: AT_UNIT,
        takes: &[
            TASK,
            may("person", Holds::Person, "承办人", "Handler", "Id of a person with a post in the task's unit; none takes the name off"),
        ],
        sample: r#"{"person":"p1"}"#,
        ..ROW
    };

    /// The unit takes the task up.
    "accept" Accept { task: TaskNo } => handle::accept(d, *task), Row {
        zh: "受理",
        en: "Accept",
        who: &[Handler],
        order: WORK,
        task: &[(Signed, &["accepted"])],
        takes: &[TASK],
        ..ROW
    };

    /// The unit reports progress.
    "progress" Progress { task: TaskNo, text: Text } => handle::progress(d, *task, text), Row {
        zh: "记一条进展",
        en: "Record progress",
        who: &[Handler],
        order: WORK,
        task: &[(Signed, &["accepted"]), (Accepted, SAME)],
        takes: &[TASK, must("text", Holds::Text, "进展", "Progress", "What was done"), FILES],
        sample: r#"{"text":"已联系用人单位"}"#,
        ..ROW
    };

    /// The unit spoke with the claimant, or tried to.
    "contact" Contact { task: TaskNo, reached: bool, at: Option<Instant>, said: Option<Text> }
        => handle::contact(d, *task, *reached, *at, said), Row {
        zh: "登记与诉求人联系",
        en: "Record a contact with the claimant",
        who: &[Handler],
        order: WORK,
        task: AT_UNIT,
        takes: &[
            TASK,
            must("reached", Holds::Flag, "是否接通", "Reached", "Whether the claimant was reached"),
            may("at", Holds::Instant, "联系时间", "When", "When; now where nothing is said"),
            may("said", Holds::Text, "诉求人说了什么", "What the claimant said", "What the claimant said"),
            FILES,
        ],
        sample: r#"{"reached":true,"said":"已说明处理安排"}"#,
        ..ROW
    };

    /// Asks the claimant of a secret order something, through the call centre.
    "relay" Relay { task: TaskNo, text: Text } => handle::relay(d, *task, text), Row {
        zh: "请热线转问诉求人",
        en: "Have the hotline ask the claimant",
        who: &[Handler],
        order: WORK,
        task: AT_UNIT,
        takes: &[TASK, must("text", Holds::Text, "请热线转问", "Question to relay", "What to ask")],
        sample: r#"{"text":"请补充欠薪月份"}"#,
        ..ROW
    };

    /// What the claimant of a secret order said to it.
    "relay-answer" RelayAnswer { task: TaskNo, text: Text, question: Option<u32> }
        => handle::relay_answer(d, *task, text, *question), Row {
        zh: "登记诉求人答复",
        en: "Record the claimant's answer",
        who: &[Agent, Desk],
        order: WORK,
        task: &[(Delivered, SAME), (Signed, SAME), (Accepted, SAME), (FedBack, SAME)],
        takes: &[TASK, must("text", Holds::Text, "诉求人的答复", "The claimant's answer", "What was said"), QUESTION],
        sample: r#"{"text":"八月和九月"}"#,
        ..ROW
    };

    /// The unit says the task is not its own.
    "return" Return { task: TaskNo, reason: String, basis: Option<Text>, suggestion: Option<UnitId> }
        => request::give_back(d, *task, reason, basis, suggestion), Row {
        zh: "申请退单",
        en: "Return",
        who: &[Handler],
        order: WORK,
        task: AT_UNIT,
        takes: &[
            TASK,
            reason("return"),
            may("basis", Holds::Text, "职责或法律依据", "Duty or law it rests on", "The provision or duty it rests on"),
            may("suggestion", Holds::Unit, "建议承办单位", "Suggested unit", "The unit it belongs to"),
            FILES,
        ],
        sample: r#"{"reason":"not-our-duty","basis":"三定方案第二条","suggestion":"water"}"#,
        ..ROW
    };

    /// The unit asks for more time.
    "extend" Extend { task: TaskNo, span: Span, reason: String } => request::extend(d, *task, *span, reason), Row {
        zh: "申请延期",
        en: "Ask for an extension",
        who: &[Handler],
        order: WORK,
        task: AT_WORK,
        takes: &[TASK, must("span", Holds::Span, "时长", "How long", "How much"), reason("extension")],
        sample: r#"{"span":{"amount":3,"unit":"workday"},"reason":"complex"}"#,
        ..ROW
    };

    /// The unit asks to hold the clocks.
    "pause" Pause { task: TaskNo, reason: String, until: Day } => request::pause(d, *task, reason, *until), Row {
        zh: "申请挂起",
        en: "Ask for a pause",
        who: &[Handler],
        order: WORK,
        task: AT_WORK,
        takes: &[TASK, reason("pause"), must("until", Holds::Day, "挂起至", "Paused until", "Last day of the pause")],
        sample: r#"{"reason":"waiting-claimant","until":"2026-10-20"}"#,
        ..ROW
    };

    /// The pause is over.
    "resume" Resume { task: TaskNo } => request::resume(d, *task), Row {
        zh: "恢复办理",
        en: "Resume",
        who: &[Handler, Above],
        order: WORK,
        task: AT_WORK,
        takes: &[TASK],
        ..ROW
    };

    /// The unit cannot solve it now: a plan and a review date.
    "shelve" Shelve { task: TaskNo, reason: String, plan: Text, responsible: Text, review: Day }
        => request::shelve(d, *task, reason, plan, responsible, *review), Row {
        zh: "申请挂账",
        en: "Ask for shelving",
        who: &[Handler],
        order: WORK,
        task: AT_WORK,
        takes: &[
            TASK,
            reason("shelving"),
            must("plan", Holds::Text, "计划", "Plan", "The plan"),
            must("responsible", Holds::Text, "责任人", "Responsible", "Who answers for it"),
            must("review", Holds::Day, "复查日期", "Review date", "When it is looked at again"),
            FILES,
        ],
        sample: r#"{"reason":"funds-or-plan","plan":"列入明年计划","responsible":"科长","review":"2027-03-01"}"#,
        ..ROW
    };

    /// Looks at shelving again: a new date, or the matter is taken up.
    "review-shelving" ReviewShelving { task: TaskNo, review: Option<Day>, note: Option<Text> }
        => request::review_shelving(d, *task, *review), Row {
        zh: "挂账复查",
        en: "Review the shelving",
        who: &[Above],
        order: WORK,
        task: AT_WORK,
        takes: &[TASK, may("review", Holds::Day, "下次复查日期", "Next review date", "The new review date; none takes the matter up"), NOTE],
        ..ROW
    };

    /// The unit asks that a missed limit be excused.
    "excuse" Excuse { task: TaskNo, clock: ClockNo, reason: String, evidence: Option<Text> }
        => request::excuse(d, *task, *clock, reason, evidence), Row {
        zh: "申请免责",
        en: "Ask to be excused",
        who: &[Handler],
        order: WORK,
        task: &[(Delivered, SAME), (Signed, SAME), (Accepted, SAME), (FedBack, SAME)],
        takes: &[
            TASK,
            must("clock", Holds::Number, "超期的时限", "Missed limit", "The clock's number in the order"),
            reason("excuse"),
            may("evidence", Holds::Text, "佐证说明", "What shows it", "What shows it"),
            FILES,
        ],
        sample: r#"{"clock":1,"reason":"force-majeure"}"#,
        ..ROW
    };

    /// Grants a request.
    "grant" Grant { request: RequestNo, note: Option<Text> } => request::grant(d, *request, note), Row {
        zh: "同意",
        en: "Approve",
        who: &[Decider],
        order: &[
            ("assigned", &["=", "registered", "review"]),
            ("review", SAME),
            ("callback", SAME),
            ("closed", SAME),
        ],
        takes: &[REQUEST, NOTE],
        sample: r#"{"request":1}"#,
        ..ROW
    };

    /// Refuses a request.
    "reject" Reject { request: RequestNo, note: Option<Text> } => request::reject(d, *request, note), Row {
        zh: "不同意",
        en: "Refuse",
        who: &[Decider],
        order: DECIDE,
        takes: &[REQUEST, NOTE],
        sample: r#"{"request":1,"note":"可按期办结"}"#,
        ..ROW
    };

    /// Rules on a disputed return, finally.
    "rule" Rule { request: RequestNo, unit: UnitId, note: Option<Text> }
        => request::rule(d, *request, unit, note), Row {
        zh: "裁定",
        en: "Rule",
        who: &[Office],
        order: WORK,
        takes: &[REQUEST, must("unit", Holds::Unit, "裁定由谁办理", "Who handles it", "The unit that keeps or gets it"), NOTE],
        sample: r#"{"request":1,"unit":"human-resources"}"#,
        ..ROW
    };

    /// The unit takes its request back.
    "withdraw-request" WithdrawRequest { request: RequestNo } => request::withdraw(d, *request), Row {
        zh: "撤回申请",
        en: "Withdraw the request",
        who: &[Handler],
        order: DECIDE,
        takes: &[REQUEST],
        sample: r#"{"request":1}"#,
        ..ROW
    };

    /// The unit answers.
    "feedback" Feedback { task: TaskNo, #[serde(default)] facts: Facts, internal: Option<Text>, public: Option<Text> }
        => handle::feedback(d, *task, facts, internal, public), Row {
        zh: "办结反馈",
        en: "Feedback",
        who: &[Handler],
        order: &[("assigned", &["=", "review"]), ("review", SAME)],
        task: &[(Signed, &["accepted", "fed-back"]), (Accepted, &["=", "fed-back"])],
        takes: &[
            TASK,
            FACTS,
            may("internal", Holds::Text, "调查处理情况（内部）", "What was found and done (internal)", "What was found, for the office"),
            may("public", Holds::Text, "答复诉求人（公开口径）", "Answer to the claimant (public wording)", "The wording for the claimant"),
            FILES,
        ],
        sample: r#"{"public":"工资已全部发放。","facts":{"finding":"lawful","solved":true,"measures":"责令限期支付"}}"#,
        ..ROW
    };

    /// The level above sends an answer back to the unit below.
    "send-back" SendBack { task: TaskNo, reason: String, note: Option<Text> }
        => handle::send_back(d, *task, reason, note), Row {
        zh: "退回下级",
        en: "Send back to the unit below",
        who: &[Above],
        order: WORK,
        task: &[(FedBack, &["accepted"])],
        takes: &[TASK, reason("send-back"), TO_UNIT],
        sample: r#"{"reason":"wording"}"#,
        ..ROW
    };

    /// The answer passes review.
    "pass" Pass {} => finish::pass(d), Row {
        zh: "审核通过",
        en: "Pass review",
        who: &[Desk],
        order: &[("review", &["callback", "closed handled"])],
        ..ROW
    };

    /// The answer does not pass review and goes back.
    "fail-review" FailReview { reason: String, note: Option<Text> } => finish::fail_review(d, reason, note), Row {
        zh: "退回补正",
        en: "Send back from review",
        who: &[Desk],
        order: &[("review", &["assigned"])],
        takes: &[reason("send-back"), TO_UNIT],
        sample: r#"{"reason":"facts-missing"}"#,
        ..ROW
    };

    /// The claimant was called and not reached.
    "callback-missed" CallbackMissed { at: Option<Instant> } => finish::callback_missed(d, *at), Row {
        zh: "登记未接通",
        en: "Record a missed callback",
        who: &[Callback],
        order: &[("callback", SAME)],
        takes: &[may("at", Holds::Instant, "拨打时间", "Called at", "When; now where nothing is said")],
        ..ROW
    };

    /// The claimant was called and answered.
    "callback-answered" CallbackAnswered { claimant: Option<ClaimantId>, answers: Answers }
        => finish::callback_answered(d, claimant, answers), Row {
        zh: "登记回访结果",
        en: "Record the callback",
        who: &[Callback, Claimant],
        order: &[("callback", SAME), ("closed", SAME), ("archived", SAME)],
        takes: &[REACHED, must("answers", Holds::Answers, "回访结果", "Result of the callback", "What the claimant said")],
        sample: r#"{"answers":{"contacted":true,"solved":true,"satisfied":5,"said":"很满意"}}"#,
        ..ROW
    };

    /// Nobody needs to be called.
    "waive-callback" WaiveCallback { reason: String } => finish::waive_callback(d, reason), Row {
        zh: "免回访",
        en: "Waive the callback",
        who: &[Callback, Office],
        order: &[("callback", SAME)],
        takes: &[reason("waive")],
        sample: r#"{"reason":"claimant-declined"}"#,
        ..ROW
    };

    /// The unit must do it again.
    "redo" Redo { reason: String, note: Option<Text> } => finish::redo(d, reason, note), Row {
        zh: "退回重办",
        en: "Redo",
        who: &[Callback, Office],
        order: &[("callback", &["assigned"])],
        takes: &[reason("redo"), TO_UNIT],
        sample: r#"{"reason":"not-solved"}"#,
        ..ROW
    };

    /// Ends the order.
    "close" Close {} => finish::close(d), Row {
        zh: "办结",
        en: "Close",
        who: &[Callback, Office],
        order: &[("callback", &["closed handled"])],
        ..ROW
    };

    /// Puts a closed order away for good.
    "archive" Archive {} => finish::archive(d), Row {
        zh: "归档",
        en: "Archive",
        who: &[Office],
        order: &[("closed", &["archived"])],
        ..ROW
    };

    /// Takes a closed matter up again in a linked order.
    "reopen" Reopen { by: OrderId, reason: String } => finish::reopen(d, by, reason), Row {
        zh: "重新受理",
        en: "Reopen",
        who: &[Agent, Desk, Callback],
        order: &[("closed", SAME), ("archived", SAME)],
        takes: &[
            reason("reopen"),
            may("title", Holds::Text, "标题", "Title", "Title of the new order"),
            may("body", Holds::Text, "内容", "Text", "Its matter; this or a title"),
        ],
        sample: r#"{"reason":"relapse","body":"同一路灯又坏了"}"#,
        ..ROW
    };

    /// The claimant adds facts.
    "supplement" Supplement { text: Text } => overlay::supplement(d, text), Row {
        zh: "补充情况",
        en: "Add facts",
        who: &[Agent, Desk, Callback, Claimant],
        order: OPEN,
        takes: &[must("text", Holds::Text, "补充的情况", "Added facts", "What was added"), FILES],
        sample: r#"{"text":"补充:门牌 12 号"}"#,
        ..ROW
    };

    /// Keeps files as evidence: the task's, or the matter's. Given by the program with the command that brings them.
    "attach" Attach { of: Option<TaskNo>, files: Vec<Text> } => overlay::attach(d, *of, files), Row {
        zh: "附件",
        en: "Attachments",
        order: KEPT,
        ..ROW
    };

    /// The unit takes note of facts the claimant added.
    "acknowledge" Acknowledge { task: TaskNo } => handle::acknowledge(d, *task), Row {
        zh: "已阅补充",
        en: "Note the added facts",
        who: &[Handler],
        order: WORK,
        task: AT_UNIT,
        takes: &[TASK],
        ..ROW
    };

    /// The claimant urges.
    "urge" Urge { text: Option<Text> } => overlay::urge(d, text), Row {
        zh: "催办",
        en: "Urge",
        who: &[Agent, Desk, Callback, Claimant],
        order: OPEN,
        takes: &[may("text", Holds::Text, "催办内容", "Text of the urge", "In their words")],
        ..ROW
    };

    /// A claimant takes the matter back; a person confirms it.
    "withdraw" Withdraw { claimant: Option<ClaimantId>, reason: String, #[serde(default)] confirmed: bool }
        => finish::withdraw(d, claimant, reason, *confirmed), Row {
        zh: "诉求人撤回",
        en: "Withdrawal by the claimant",
        who: &[Agent, Desk, Callback],
        order: &[
            ("intake", &["=", "closed withdrawn"]),
            ("registered", &["=", "closed withdrawn"]),
            ("assigned", &["=", "closed withdrawn"]),
            ("review", &["=", "closed withdrawn"]),
            ("callback", &["=", "closed withdrawn"]),
        ],
        takes: &[
            may("claimant", Holds::Code, "谁撤回", "Who withdraws", "Id of the claimant; the only one where nothing is said"),
            reason("withdraw"),
            may("confirmed", Holds::Flag, "已与诉求人本人确认", "Confirmed with the claimant in person", "Whether a person has confirmed it with the claimant"),
        ],
        sample: r#"{"reason":"changed-mind","confirmed":true}"#,
        ..ROW
    };

    /// The office ends the order.
    "stop" Stop { reason: String, note: Option<Text> } => finish::stop(d, reason, note), Row {
        zh: "终止",
        en: "Stop",
        who: &[Office],
        order: &[
            ("intake", &["closed stopped"]),
            ("registered", &["closed stopped"]),
            ("assigned", &["closed stopped"]),
            ("review", &["closed stopped"]),
            ("callback", &["closed stopped"]),
        ],
        takes: &[reason("stop"), NOTE],
        sample: r#"{"reason":"opened-in-error"}"#,
        ..ROW
    };

    /// Puts the order under supervision.
    "supervise" Supervise { level: String, reason: String, note: Option<Text> }
        => overlay::supervise(d, level, reason, note), Row {
        zh: "督办",
        en: "Supervise",
        who: &[Office, Mayor],
        order: OPEN,
        takes: &[must("level", Holds::Code, "级别", "Level", "Level, of the pack's"), reason("supervise"), NOTE],
        sample: r#"{"level":"order","reason":"overdue"}"#,
        ..ROW
    };

    /// Ends supervision.
    "lift-supervision" LiftSupervision { note: Option<Text> } => overlay::lift_supervision(d, note), Row {
        zh: "解除督办",
        en: "Lift supervision",
        who: &[Office, Mayor],
        order: ANY,
        takes: &[NOTE],
        ..ROW
    };

    /// Gives the order a tag of the pack's list, or takes it off.
    "tag" Tag { tag: String, #[serde(default = "yes")] on: bool } => overlay::tag(d, tag, *on), Row {
        zh: "打标签",
        en: "Tag",
        who: &[Concerned],
        order: KEPT,
        takes: &[
            must("tag", Holds::Reason("tag"), "标签", "Tag", "The tag"),
            may("on", Holds::Flag, "打上或取下", "Give or take off", "On or off; on where nothing is said"),
        ],
        sample: r#"{"tag":"group"}"#,
        ..ROW
    };

    /// Notes something for staff alone.
    "note" Note { text: Text } => overlay::note(d, text), Row {
        zh: "内部备注",
        en: "Internal note",
        who: &[Concerned],
        order: KEPT,
        takes: &[must("text", Holds::Text, "备注（不对外）", "Note, for staff alone", "The note")],
        sample: r#"{"text":"已与社区对接"}"#,
        ..ROW
    };

    /// Takes a note of one's own back; it stays in the journal.
    "withdraw-note" WithdrawNote { note: u32 } => overlay::withdraw_note(d, *note), Row {
        zh: "撤回备注",
        en: "Take a note back",
        who: &[Concerned],
        order: KEPT,
        takes: &[must("note", Holds::Number, "备注", "Note", "The note's number in the order, from 1")],
        sample: r#"{"note":1}"#,
        ..ROW
    };

    /// Into the difficult pool, or out of it.
    "difficult" Difficult { on: bool, note: Option<Text> } => overlay::difficult(d, *on, note), Row {
        zh: "疑难库",
        en: "Difficult pool",
        who: &[Office],
        order: OPEN,
        takes: &[must("on", Holds::Flag, "列入或解除", "Put on or lift", "In or out"), NOTE],
        sample: r#"{"on":true,"note":"涉及多部门"}"#,
        ..ROW
    };

    /// Holds the order as evidence, or no longer.
    "hold" Hold { on: bool, note: Option<Text> } => overlay::hold(d, *on, note), Row {
        zh: "证据保全",
        en: "Hold as evidence",
        who: &[Office],
        order: ANY,
        takes: &[must("on", Holds::Flag, "列入或解除", "Put on or lift", "Held or not"), NOTE],
        sample: r#"{"on":true}"#,
        ..ROW
    };

    /// The duty phone confirmed an emergency command.
    "phone-notice" PhoneNotice { task: TaskNo, who: Text, answered_at: Option<Instant> }
        => handle::phone_notice(d, *task, who, *answered_at), Row {
        zh: "登记电话通知",
        en: "Record a phone notice",
        who: &[Agent, Desk],
        order: WORK,
        task: AT_UNIT,
        takes: &[
            TASK,
            must("who", Holds::Text, "接电话的人", "Who took the call", "Who answered"),
            may("answered_at", Holds::Instant, "接听时间", "Answered at", "When; now where nothing is said"),
        ],
        sample: r#"{"who":"值班员"}"#,
        ..ROW
    };

    /// The unit is on the scene.
    "on-scene" OnScene { task: TaskNo, at: Option<Instant>, place: Text, safety: Text, photo: Option<ContentId> }
        => handle::on_scene(d, *task, *at, place, safety, photo), Row {
        zh: "到达现场",
        en: "On the scene",
        who: &[Handler],
        order: WORK,
        task: AT_UNIT,
        takes: &[
            TASK,
            may("at", Holds::Instant, "到达时间", "Arrived at", "When; now where nothing is said"),
            must("place", Holds::Text, "到达地点", "Where", "Where"),
            must("safety", Holds::Text, "安全防护措施", "Safety measures", "Safety measures"),
            may("photo", Holds::Code, "照片", "Photo", "Which of the files shows the scene; the first picture where nothing is said"),
            FILES,
        ],
        sample: r#"{"place":"解放路 12 号","safety":"已设围挡"}"#,
        ..ROW
    };

    /// Danger is over.
    "made-safe" MadeSafe { task: TaskNo } => handle::made_safe(d, *task), Row {
        zh: "险情已排除",
        en: "Danger over",
        who: &[Handler],
        order: WORK,
        task: AT_UNIT,
        takes: &[TASK],
        ..ROW
    };

    /// Situation and measures of an emergency, reported to the call centre.
    "situation" Situation { task: TaskNo, text: Text } => handle::situation(d, *task, text), Row {
        zh: "报告现场情况",
        en: "Report from the scene",
        who: &[Handler],
        order: WORK,
        task: AT_UNIT,
        takes: &[TASK, must("text", Holds::Text, "现场情况与措施", "Situation and measures", "The report"), FILES],
        sample: r#"{"text":"已疏散"}"#,
        ..ROW
    };

    /// The claimant was told something owed, or could not be.
    "tell" Tell { duty: DutyNo, #[serde(default = "yes")] reached: bool, record: Option<Text> }
        => finish::tell(d, *duty, *reached, record), Row {
        zh: "登记告知",
        en: "Record that the claimant was told",
        who: &[Agent, Desk, Callback],
        order: ANY,
        takes: &[
            must("duty", Holds::Number, "告知事项", "Duty to tell", "The duty's number in the order"),
            may("reached", Holds::Flag, "是否接通", "Reached", "Whether it was possible; true where nothing is said"),
            may("record", Holds::Text, "告知记录", "Record", "How"),
        ],
        sample: r#"{"duty":1,"record":"电话告知"}"#,
        ..ROW
    };

    /// A clock has come to one of its moments. Given by the timer.
    "fire" Fire { clock: ClockNo, moment: Moment } => overlay::fire(d, *clock, *moment), Row {
        zh: "时限提醒",
        en: "Reminder of a limit",
        order: ANY,
        ..ROW
    };

    /// Counts provisional limits again by the holiday notices known now. Given by the program.
    "recount" Recount {} => overlay::recount(d), Row {
        zh: "按放假通知重算时限",
        en: "Count limits again by the holiday notice",
        order: OPEN,
        ..ROW
    };
}

/// The contact only adds to an open order, and goes on inside it: a merge whose text is carried over as a supplement.
pub(super) const APPEND: Row = Row {
    command: "append",
    what: "The contact only adds to an open order, and goes on inside it",
    zh: "追加到在办工单",
    en: "Append to an open order",
    who: &[Agent, Desk],
    order: &[("intake", &["closed merged"])],
    takes: &[
        must("into", Holds::Order, "工单号", "Order number", "The order it adds to"),
        may("reason", Holds::Reason("merge"), "理由", "Reason", "Why; `same-person-same-facts` where nothing is said"),
    ],
    sample: r#"{"into":"20261012-0001"}"#,
    ..ROW
};
