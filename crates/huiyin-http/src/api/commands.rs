//! The commands as programs send them: what each does, the fields it takes, and a body that shows it.
//!
//! The input of the API and `/api/openapi.json` both go by this table. `tests/api_document.rs` compares it with what the
//! application reads, field by field, so it cannot drift.

/// What a field holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Holds {
    /// Words of people; at most 20,000 characters, a title 200.
    Text,
    /// A code of the city's rules, or of a unit.
    Code,
    /// Codes of units.
    Codes,
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

/// A field of a command.
#[derive(Debug, Clone, Copy)]
pub struct Field {
    /// Its name.
    pub name: &'static str,
    /// What it holds.
    pub holds: Holds,
    /// Whether the command cannot be read without it.
    pub required: bool,
    /// What it says.
    pub what: &'static str,
}

/// A command.
#[derive(Debug, Clone, Copy)]
pub struct Spec {
    /// Its name, and the end of its path.
    pub name: &'static str,
    /// What it does.
    pub what: &'static str,
    /// What it takes.
    pub fields: &'static [Field],
    /// A body, as JSON.
    pub sample: &'static str,
}

const fn must(name: &'static str, holds: Holds, what: &'static str) -> Field {
    Field { name, holds, required: true, what }
}

const fn may(name: &'static str, holds: Holds, what: &'static str) -> Field {
    Field { name, holds, required: false, what }
}

const fn spec(name: &'static str, what: &'static str, fields: &'static [Field], sample: &'static str) -> Spec {
    Spec { name, what, fields, sample }
}

/// Kinds of request that can wait for a decision, as in `asked`.
pub const ASKS: &[&str] = &["return", "extension", "pause", "shelving", "excuse", "approval"];

const FILES: Field = may("files", Holds::Files, "Ids of the caller's files that are given with it as evidence");
const TASK: Field = may("task", Holds::Number, "The task; the caller's only open one where nothing is said");
const REQUEST: Field = must("request", Holds::Number, "The request's number in the order");
const NOTE: Field = may("note", Holds::Text, "A note for those who handle it");
const KIND: Field = must("kind", Holds::Code, "Kind of request, such as `help`");
const SUBJECT: Field = may("subject", Holds::Code, "A leaf of the pack's subjects");
const ITEM: Field = may("item", Holds::Code, "Accepted-matter item");
const URGENCY: Field = may("urgency", Holds::Urgency, "How pressing it is");
const AREA: Field = may("area", Holds::Code, "Area code");
const PLACE: Field = may("place", Holds::Text, "The place in words");
const TARGET: Field = may("target", Holds::Code, "The unit complained about");
const SECRET: Field = may("secret", Holds::Flag, "Whether units must not learn who raised it");
const TITLE: Field = may("title", Holds::Text, "Title");
const BODY: Field = may("body", Holds::Text, "The matter");
const LEAD: Field = must("lead", Holds::Code, "The unit that answers");
const ASSIST: Field = may("assist", Holds::Codes, "Units that help");
const FACTS: Field = may("facts", Holds::Facts, "The facts closing this kind asks for, by the pack's names");

const fn reason(what: &'static str) -> Field {
    must("reason", Holds::Code, what)
}

/// Every command of [`huiyin_app::permission::COMMANDS`], in its order.
pub const ALL: &[Spec] = &[
    spec("accept", "The unit takes the task up", &[TASK], r#"{}"#),
    spec("acknowledge", "The unit takes note of facts the claimant added", &[TASK], r#"{}"#),
    spec(
        "answer",
        "Answers at once, without a unit",
        &[
            FACTS,
            must("public", Holds::Text, "The wording for the claimant"),
            may("entry", Holds::Code, "Entry of the knowledge base it rests on"),
            may("entry_version", Holds::Number, "Version of that entry"),
            may("entry_until", Holds::Day, "Last day that entry is good"),
        ],
        r#"{"public":"办事大厅周一至周五 8:30 至 17:30 开放。","facts":{"answered":true}}"#,
    ),
    spec(
        "append",
        "The contact only adds to an open order, and goes on inside it",
        &[
            must("into", Holds::Order, "The order it adds to"),
            may("reason", Holds::Code, "Reason; `same-person-same-facts` where nothing is said"),
        ],
        r#"{"into":"20261012-0001"}"#,
    ),
    spec("archive", "Puts a closed order away for good", &[], r#"{}"#),
    spec(
        "callback-answered",
        "The claimant was called and answered",
        &[must("answers", Holds::Answers, "What the claimant said")],
        r#"{"answers":{"contacted":true,"solved":true,"satisfied":5,"said":"很满意"}}"#,
    ),
    spec(
        "callback-missed",
        "The claimant was called and not reached",
        &[may("at", Holds::Instant, "When; now where nothing is said")],
        r#"{}"#,
    ),
    spec("close", "Ends the order", &[], r#"{}"#),
    spec("confirm-receipt", "The unit has the praise", &[TASK], r#"{}"#),
    spec(
        "contact",
        "The unit spoke with the claimant, or tried to",
        &[
            TASK,
            must("reached", Holds::Flag, "Whether the claimant was reached"),
            may("at", Holds::Instant, "When; now where nothing is said"),
            may("said", Holds::Text, "What the claimant said"),
            FILES,
        ],
        r#"{"reached":true,"said":"已说明处理安排"}"#,
    ),
    spec(
        "correct",
        "Puts right what the order is about",
        &[
            may("kind", Holds::Code, "Kind of request"),
            SUBJECT,
            AREA,
            PLACE,
            URGENCY,
            reason("Reason of group `correct`"),
            NOTE,
        ],
        r#"{"subject":"090201","reason":"misheard"}"#,
    ),
    spec(
        "difficult",
        "Into the difficult pool, or out of it",
        &[must("on", Holds::Flag, "In or out"), NOTE],
        r#"{"on":true,"note":"涉及多部门"}"#,
    ),
    spec(
        "dispatch",
        "Sends the order to a lead unit and assisting units",
        &[LEAD, ASSIST, NOTE],
        r#"{"lead":"human-resources","assist":[],"note":"请核实"}"#,
    ),
    spec(
        "excuse",
        "The unit asks that a missed limit be excused",
        &[
            TASK,
            must("clock", Holds::Number, "The clock's number in the order"),
            reason("Reason of group `excuse`"),
            may("evidence", Holds::Text, "What shows it"),
            FILES,
        ],
        r#"{"clock":1,"reason":"force-majeure"}"#,
    ),
    spec(
        "extend",
        "The unit asks for more time",
        &[TASK, must("span", Holds::Span, "How much"), reason("Reason of group `extension`")],
        r#"{"span":{"amount":3,"unit":"workday"},"reason":"complex"}"#,
    ),
    spec(
        "fail-review",
        "The answer does not pass review and goes back",
        &[reason("Reason of group `send-back`"), NOTE],
        r#"{"reason":"facts-missing"}"#,
    ),
    spec(
        "feedback",
        "The unit answers",
        &[
            TASK,
            FACTS,
            may("internal", Holds::Text, "What was found, for the office"),
            may("public", Holds::Text, "The wording for the claimant"),
            FILES,
        ],
        r#"{"public":"工资已全部发放。","facts":{"finding":"lawful","solved":true,"measures":"责令限期支付"}}"#,
    ),
    spec("grant", "Grants a request", &[REQUEST, NOTE], r#"{"request":1}"#),
    spec(
        "hold",
        "Holds the order as evidence, or no longer",
        &[must("on", Holds::Flag, "Held or not"), NOTE],
        r#"{"on":true}"#,
    ),
    spec("lift-supervision", "Ends supervision", &[NOTE], r#"{}"#),
    spec(
        "link",
        "Notes that two orders have to do with each other",
        &[must("other", Holds::Order, "The other order")],
        r#"{"other":"20261012-0001"}"#,
    ),
    spec("made-safe", "Danger is over", &[TASK], r#"{}"#),
    spec(
        "merge",
        "The order goes on inside another",
        &[
            must("into", Holds::Order, "The other order"),
            may("reason", Holds::Code, "Reason of group `merge`; `same-event` where nothing is said"),
        ],
        r#"{"into":"20261012-0001","reason":"same-event"}"#,
    ),
    spec(
        "on-scene",
        "The unit is on the scene",
        &[
            TASK,
            may("at", Holds::Instant, "When; now where nothing is said"),
            must("place", Holds::Text, "Where"),
            must("safety", Holds::Text, "Safety measures"),
            may("photo", Holds::Code, "Which of the files shows the scene; the first picture where nothing is said"),
            FILES,
        ],
        r#"{"place":"解放路 12 号","safety":"已设围挡"}"#,
    ),
    spec("pass", "The answer passes review", &[], r#"{}"#),
    spec(
        "pass-on",
        "Passes praise on to a unit",
        &[must("unit", Holds::Code, "The unit praised"), NOTE],
        r#"{"unit":"human-resources"}"#,
    ),
    spec(
        "pause",
        "The unit asks to hold the clocks",
        &[TASK, reason("Reason of group `pause`"), must("until", Holds::Day, "Last day of the pause")],
        r#"{"reason":"waiting-claimant","until":"2026-10-20"}"#,
    ),
    spec(
        "phone-notice",
        "The duty phone confirmed an emergency command",
        &[
            TASK,
            must("who", Holds::Text, "Who answered"),
            may("answered_at", Holds::Instant, "When; now where nothing is said"),
        ],
        r#"{"who":"值班员"}"#,
    ),
    spec(
        "progress",
        "The unit reports progress",
        &[TASK, must("text", Holds::Text, "What was done"), FILES],
        r#"{"text":"已联系用人单位"}"#,
    ),
    spec("recall", "Takes a task back", &[TASK, reason("Reason of group `recall`")], r#"{"reason":"wrong-unit"}"#),
    spec(
        "redact",
        "Settles the text units may see of a secret order",
        &[must("text", Holds::Text, "The text without what could identify")],
        r#"{"text":"反映某单位拖欠工资"}"#,
    ),
    spec("redispatch", "Sends the task on, down the tree", &[TASK, LEAD, ASSIST, NOTE], r#"{"lead":"jiyang-market"}"#),
    spec("redo", "The unit must do it again", &[reason("Reason of group `redo`"), NOTE], r#"{"reason":"not-solved"}"#),
    spec(
        "refuse",
        "Does not accept the matter; the claimant is told why",
        &[reason("Reason of group `refusal`"), may("text", Holds::Text, "The words to tell")],
        r#"{"reason":"out-of-jurisdiction"}"#,
    ),
    spec(
        "register",
        "Accepts a contact into an order",
        &[KIND, SUBJECT, ITEM, URGENCY, AREA, PLACE, TARGET, SECRET, TITLE, BODY, FILES],
        r#"{"kind":"help","subject":"090201"}"#,
    ),
    spec("reject", "Refuses a request", &[REQUEST, NOTE], r#"{"request":1,"note":"可按期办结"}"#),
    spec(
        "relay",
        "Asks the claimant of a secret order something, through the call centre",
        &[TASK, must("text", Holds::Text, "What to ask")],
        r#"{"text":"请补充欠薪月份"}"#,
    ),
    spec(
        "relay-answer",
        "What the claimant of a secret order said to it",
        &[TASK, must("text", Holds::Text, "What was said")],
        r#"{"text":"八月和九月"}"#,
    ),
    spec(
        "reopen",
        "Takes a closed matter up again in a linked order",
        &[
            reason("Reason of group `reopen`"),
            may("title", Holds::Text, "Title of the new order"),
            may("body", Holds::Text, "Its matter; this or a title"),
        ],
        r#"{"reason":"relapse","body":"同一路灯又坏了"}"#,
    ),
    spec("resume", "The pause is over", &[TASK], r#"{}"#),
    spec(
        "return",
        "The unit says the task is not its own",
        &[
            TASK,
            reason("Reason of group `return`"),
            may("basis", Holds::Text, "The provision or duty it rests on"),
            may("suggestion", Holds::Code, "The unit it belongs to"),
            FILES,
        ],
        r#"{"reason":"not-our-duty","basis":"三定方案第二条","suggestion":"water"}"#,
    ),
    spec(
        "review-shelving",
        "Looks at shelving again: a new date, or the matter is taken up",
        &[TASK, may("review", Holds::Day, "The new review date; none takes the matter up"), NOTE],
        r#"{}"#,
    ),
    spec(
        "rule",
        "Rules on a disputed return, finally",
        &[REQUEST, must("unit", Holds::Code, "The unit that keeps or gets it"), NOTE],
        r#"{"request":1,"unit":"human-resources"}"#,
    ),
    spec(
        "send-back",
        "The level above sends an answer back to the unit below",
        &[TASK, reason("Reason of group `send-back`"), NOTE],
        r#"{"reason":"wording"}"#,
    ),
    spec(
        "shelve",
        "The unit cannot solve it now: a plan and a review date",
        &[
            TASK,
            reason("Reason of group `shelving`"),
            must("plan", Holds::Text, "The plan"),
            must("responsible", Holds::Text, "Who answers for it"),
            must("review", Holds::Day, "When it is looked at again"),
            FILES,
        ],
        r#"{"reason":"funds-or-plan","plan":"列入明年计划","responsible":"科长","review":"2027-03-01"}"#,
    ),
    spec("sign", "The unit signs for the task", &[TASK], r#"{}"#),
    spec(
        "situation",
        "Situation and measures of an emergency, reported to the call centre",
        &[TASK, must("text", Holds::Text, "The report"), FILES],
        r#"{"text":"已疏散"}"#,
    ),
    spec(
        "split",
        "Opens another order for a part of the matter; with `kind` it is registered at once",
        &[
            may("title", Holds::Text, "Title of the other order"),
            may("body", Holds::Text, "Its matter; this or a title"),
            may("kind", Holds::Code, "Its kind"),
            SUBJECT,
            ITEM,
            URGENCY,
            AREA,
            PLACE,
            TARGET,
            SECRET,
        ],
        r#"{"body":"另一件:井盖松动"}"#,
    ),
    spec(
        "stop",
        "The office ends the order",
        &[reason("Reason of group `stop`"), NOTE],
        r#"{"reason":"opened-in-error"}"#,
    ),
    spec(
        "supervise",
        "Puts the order under supervision",
        &[must("level", Holds::Code, "Level, of the pack's"), reason("Reason of group `supervise`"), NOTE],
        r#"{"level":"order","reason":"overdue"}"#,
    ),
    spec(
        "supplement",
        "The claimant adds facts",
        &[must("text", Holds::Text, "What was added"), FILES],
        r#"{"text":"补充:门牌 12 号"}"#,
    ),
    spec(
        "tell",
        "The claimant was told something owed, or could not be",
        &[
            must("duty", Holds::Number, "The duty's number in the order"),
            may("reached", Holds::Flag, "Whether it was possible; true where nothing is said"),
            may("record", Holds::Text, "How"),
        ],
        r#"{"duty":1,"record":"电话告知"}"#,
    ),
    spec(
        "transfer",
        "Hands the matter to another service",
        &[
            must("to", Holds::Code, "Reason of group `transfer`: the service"),
            may("answered_at", Holds::Instant, "When the other side took it over"),
            NOTE,
        ],
        r#"{"to":"police-110"}"#,
    ),
    spec("unmerge", "Undoes a merge", &[NOTE], r#"{}"#),
    spec("urge", "The claimant urges", &[may("text", Holds::Text, "In their words")], r#"{}"#),
    spec(
        "waive-callback",
        "Nobody needs to be called",
        &[reason("Reason of group `waive`")],
        r#"{"reason":"claimant-declined"}"#,
    ),
    spec(
        "withdraw",
        "A claimant takes the matter back; a person confirms it",
        &[
            may("claimant", Holds::Code, "Id of the claimant; the only one where nothing is said"),
            reason("Reason of group `withdraw`"),
            may("confirmed", Holds::Flag, "Whether a person has confirmed it with the claimant"),
        ],
        r#"{"reason":"changed-mind","confirmed":true}"#,
    ),
    spec("withdraw-request", "The unit takes its request back", &[REQUEST], r#"{"request":1}"#),
];

/// The command of a name.
pub fn of(name: &str) -> Option<&'static Spec> {
    ALL.iter().find(|spec| spec.name == name)
}
