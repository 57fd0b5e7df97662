//! Which rule, which text, since when, and what else applied; for the claimant one plain sentence.

use huiyin_core::{
    id::PersonId,
    order::{Actor, Ask, Clock, ClockState, Context, Order, Request, Standing, approver_of, conditions},
    policy::{Basis, Citation, Decides, Pack, Route, RouteQuestion},
    time::Day,
};
use serde::Serialize;
use serde_json::{Value, json};

use crate::{
    App,
    orders::view::{ClockView, OrderView, clock_view},
};

/// Why an order is as it is.
#[derive(Debug, Clone, Serialize)]
pub struct Explanation {
    /// Its number.
    pub order: String,
    /// Its state.
    pub state: String,
    /// Its kind.
    pub kind: Option<String>,
    /// Its subject.
    pub subject: Option<String>,
    /// The day whose rules govern it; none while none is fixed.
    pub pinned: Option<String>,
    /// The emergency mode of the city it was registered under.
    pub mode: Option<ModeWhy>,
    /// Every limit.
    pub clocks: Vec<ClockWhy>,
    /// Requests that wait, and who decides them.
    pub requests: Vec<RequestWhy>,
    /// Units its kind, subject and place lead to, the most specific first.
    pub routing: Vec<RouteWhy>,
    /// Facts that closing it asks for.
    pub required: Vec<FactWhy>,
    /// Settings by which commands are refused.
    pub settings: Vec<SettingWhy>,
}

/// The mode an order was registered under.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ModeWhy {
    /// Its code.
    pub mode: String,
    /// What it is called.
    pub label: Plain,
    /// What it changes.
    pub what: String,
    /// Where it comes from.
    pub basis: Citation,
}

/// Who decides a request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RequestWhy {
    /// Its number in the order.
    pub request: u32,
    /// What is asked.
    pub ask: &'static str,
    /// The unit that asks.
    pub unit: String,
    /// `leader` of that unit, `above` it, `office` or `mayor`.
    pub by: Decides,
    /// The row of the pack that says so; none where the level above decides without one.
    pub row: Option<String>,
    /// Where it comes from.
    pub basis: Option<Citation>,
}

/// A sentence for who is no official.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Plain {
    /// In Chinese.
    pub zh: String,
    /// In English.
    pub en: String,
}

/// Why a limit is as it is.
#[derive(Debug, Clone, Serialize)]
pub struct ClockWhy {
    /// The clock.
    #[serde(flatten)]
    pub clock: ClockView,
    /// What the rule demands.
    pub what: String,
    /// Rules that applied too and lost.
    pub lost: Vec<Loser>,
    /// How that was settled: `precedence`, `strictest`, `latest`, `highest_authority`, `both_reported`; none where nothing lost.
    pub by: Option<String>,
    /// For the claimant.
    pub plain: Plain,
}

/// A rule that applied and lost.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Loser {
    /// The rule.
    pub rule: String,
    /// When it would have ended.
    pub due: String,
    /// Whether it gave way to a rule for the matter; else it lost to the one that governs, and is reported beside it.
    pub yields: bool,
    /// Where it comes from.
    pub basis: Citation,
}

/// Why a unit is proposed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RouteWhy {
    /// The unit.
    pub lead: String,
    /// Its name.
    pub name: String,
    /// Units that usually assist.
    pub assist: Vec<String>,
    /// Subjects, areas and kinds the route is for; empty for all.
    pub subjects: Vec<String>,
    /// Areas.
    pub areas: Vec<String>,
    /// Kinds.
    pub kinds: Vec<String>,
    /// What else it asks for: days, hours, flags, urgency, target, mode, an owner that is not clear.
    pub when: Vec<String>,
    /// Whether the order went there first.
    pub chosen: bool,
    /// Where it comes from.
    pub basis: Citation,
}

/// Why closing asks for a fact.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FactWhy {
    /// The fact.
    pub fact: String,
    /// What it is called.
    pub label: Plain,
    /// Whether it is stated.
    pub met: bool,
    /// The rule.
    pub rule: String,
    /// Where it comes from.
    pub basis: Citation,
}

/// A setting by which commands are refused.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct SettingWhy {
    /// Its name.
    pub name: &'static str,
    /// Its value.
    pub value: Value,
    /// Where it comes from.
    pub basis: Citation,
}

/// Settings by which commands are refused, in the order of an order's life.
const SETTINGS: &[&str] = &[
    "assist.max",
    "return.per_unit",
    "return.basis_required",
    "return.suggestion_required",
    "extension.count",
    "extension.within_original",
    "extension.forbidden_urgency",
    "pause.count",
    "pause.longest",
    "shelving.forbidden_urgency",
    "callback.attempts",
    "callback.days",
    "callback.spacing",
    "redo.count",
    "withdraw.part_only_kinds",
];

/// Explains an order as its actor sees it.
pub fn explain(app: &App, view: &OrderView) -> Explanation {
    let (pack, order) = (&app.pack, &view.order);
    let day = order.pinned.unwrap_or_else(|| app.zone().day(app.now()));
    let cited = |basis: &Basis| pack.citation(basis);
    let clocks = order.clocks.iter().filter(|clock| clock.standing == Standing::Governs);
    let first = order.tasks.iter().find(|task| task.leads_case()).map(|task| task.unit.as_str());
    let sent = order.tasks.iter().find(|task| task.leads_case()).map_or_else(|| app.now(), |task| task.delivered_at);
    let target = order.target.as_ref().map(|target| view.organisation.path(target)).unwrap_or_default();
    let routes = order.kind.as_ref().map(|_| pack.routes(&RouteQuestion::of(order, &target, sent)));
    let routing = routes.unwrap_or_default().into_iter().map(|route| RouteWhy {
        lead: route.lead.clone(),
        name: view.unit_name(&route.lead),
        assist: route.assist.clone(),
        subjects: route.subjects.clone(),
        areas: route.areas.clone(),
        kinds: route.kinds.clone(),
        when: conditions_of(route),
        chosen: first == Some(route.lead.as_str()),
        basis: cited(&pack.basis(&route.cite)),
    });
    let required = conditions(order, &order.facts, pack).into_iter().map(|condition| FactWhy {
        label: label(pack, &condition.fact),
        met: condition.met,
        rule: condition.rule,
        basis: cited(&condition.basis),
        fact: condition.fact,
    });
    let settings = SETTINGS.iter().filter_map(|name| setting(pack, name, day));
    Explanation {
        order: order.no.clone(),
        state: order.state.code().to_owned(),
        kind: order.kind.clone(),
        subject: order.subject.clone(),
        pinned: order.pinned.map(|day| day.to_string()),
        mode: order.mode.as_deref().and_then(|code| mode_why(pack, code)),
        clocks: clocks.map(|clock| clock_why(app, order, clock)).collect(),
        requests: order.pending().map(|request| request_why(app, view, request)).collect(),
        routing: routing.collect(),
        required: required.collect(),
        settings: settings.collect(),
    }
}

/// The mode of a code, as the pack has it.
pub fn mode_why(pack: &Pack, code: &str) -> Option<ModeWhy> {
    let mode = pack.mode(code)?;
    let said = |language| pack.in_language(&mode.label, language).unwrap_or(code).to_owned();
    Some(ModeWhy {
        mode: code.to_owned(),
        label: Plain { zh: said("zh"), en: said("en") },
        what: mode.what.clone(),
        basis: pack.citation(&pack.basis(&mode.cite)),
    })
}

/// Who decides a request of an order that waits.
pub fn request_why(app: &App, view: &OrderView, request: &Request) -> RequestWhy {
    let (pack, order) = (&app.pack, &view.order);
    let unit = order.task(request.task).map_or("", |task| task.unit.as_str());
    let approval = matches!(request.ask, Ask::Approval { .. });
    let ctx = Context {
        actor: Actor { person: PersonId("system".into()), unit: order.lies_with.clone() },
        now: request.asked_at,
        pack,
        organisation: &view.organisation,
        master_closed: false,
        other: None,
    };
    let by = if approval { Decides::Leader } else { request.by.unwrap_or(Decides::Above) };
    // The rules may have changed since: a row that names another is not why.
    let row = approver_of(order, request, &ctx).filter(|row| row.by == by);
    RequestWhy {
        request: request.no.0,
        ask: request.ask.code(),
        unit: unit.to_owned(),
        by,
        row: row.map(|row| row.name.clone()),
        basis: row.map(|row| pack.citation(&pack.basis(&row.cite))),
    }
}

/// The conditions of a route beside subject, area and kind, as they are written.
fn conditions_of(route: &Route) -> Vec<String> {
    let list = |name: &str, list: &[String]| (!list.is_empty()).then(|| format!("{name} {}", list.join(", ")));
    let hours = route.hours.as_ref().map(|[from, until]| format!("hours {from}-{until}"));
    [
        route.from.map(|day| format!("from {day}")),
        route.until.map(|day| format!("until {day}")),
        hours,
        list("flags", &route.flags),
        list("urgency", &route.urgency),
        list("targets", &route.targets),
        list("modes", &route.modes),
        route.unclear.then(|| "unclear".to_owned()),
    ]
    .into_iter()
    .flatten()
    .collect()
}

fn label(pack: &Pack, fact: &str) -> Plain {
    let known = pack.fact(fact);
    let said = |language| known.and_then(|known| pack.in_language(&known.label, language)).unwrap_or(fact).to_owned();
    Plain { zh: said("zh"), en: said("en") }
}

fn setting(pack: &Pack, name: &'static str, day: Day) -> Option<SettingWhy> {
    let (value, basis) = pack.parameter(name, day)?;
    let value = serde_json::to_value(value).unwrap_or_else(|_| json!(value.to_string()));
    Some(SettingWhy { name, value, basis: pack.citation(&basis) })
}

/// Explains a limit that governs.
pub fn clock_why(app: &App, order: &Order, clock: &Clock) -> ClockWhy {
    let pack = &app.pack;
    let rule = pack.clock_rule(&clock.rule, &clock.name, clock.level);
    let rivals = order.clocks.iter().filter(|other| {
        other.no != clock.no
            && other.standing != Standing::Governs
            && (&other.name, other.level, other.task, other.start)
                == (&clock.name, clock.level, clock.task, clock.start)
    });
    let lost: Vec<Loser> = rivals
        .map(|other| Loser {
            rule: other.rule.clone(),
            due: app.zone().rfc3339(other.due.at),
            yields: other.standing == Standing::Yields,
            basis: pack.citation(&other.basis),
        })
        .collect();
    let by = match lost.as_slice() {
        [] => None,
        all if all.iter().all(|loser| loser.yields) => Some("precedence".to_owned()),
        _ => serde_json::to_value(pack.conflict(&clock.name)).ok().and_then(|by| by.as_str().map(str::to_owned)),
    };
    ClockWhy {
        clock: clock_view(app, clock, app.now()),
        what: rule.map_or_else(String::new, |rule| rule.what.clone()),
        lost,
        by,
        plain: plain(app, clock),
    }
}

/// What a limit means to the claimant.
fn plain(app: &App, clock: &Clock) -> Plain {
    let basis = app.pack.citation(&clock.basis);
    let until = app.zone().short(clock.due.at);
    let text = format!("{}{}", basis.document, basis.article);
    let (zh, en) = match clock.name.as_str() {
        "dispatch" => ("把您的事项交到承办单位", "your matter reaches the unit that handles it"),
        "accept" => ("承办单位受理您的事项", "the unit takes your matter up"),
        "contact" => ("承办单位与您联系", "the unit contacts you"),
        "scene" => ("处置人员到达现场", "help is on the scene"),
        "close" | "reply" => ("办结并答复您", "your matter is settled and answered"),
        "return" => ("承办单位须说明事项是否归其办理", "the unit has to say whether the matter is its own"),
        "pause" => ("恢复办理", "work on your matter goes on"),
        "shelving" => ("复查您的事项", "your matter is looked at again"),
        "follow-up" => ("兑现对您的承诺", "what was promised to you is done"),
        "callback" => ("回访您", "you are asked how it went"),
        "review" => ("审核给您的答复", "the answer to you is checked"),
        _ => ("完成这一步", "this step is done"),
    };
    match clock.state {
        ClockState::Stopped(_) => Plain {
            zh: format!("已经{zh}；期限是 {until}，依据{text}。"),
            en: format!("Done: {en}. The limit was {until}, by {text}."),
        },
        ClockState::Cancelled => Plain {
            zh: format!("不再需要在期限内{zh}。"),
            en: format!("It is no longer asked that {en} by a limit."),
        },
        _ => Plain {
            zh: format!("最迟在 {until} {zh}，依据{text}。"),
            en: format!("By {until} at the latest {en}, by {text}."),
        },
    }
}
