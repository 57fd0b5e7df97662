//! `GET /review`: answers under review, and requests that wait for a decision, in one list by limit.

use askama::Template;
use axum::{extract::RawQuery, response::Response};
use huiyin_app::{
    Role,
    orders::{
        list::{self, OrderFilter, Page},
        view::{self, OrderView},
    },
};
use huiyin_core::order::{Ask, ClockState, Request, Task};

use super::{
    acts::Maker,
    cases::{self, Case, Tab},
    error::Fault,
    facts::{self, Cond},
    field::{Act, Tried},
    filters,
    form::{Form, encode},
    frame::Frame,
    matter::{self, Tag},
    session::Ctx,
    show, timeline, words,
};

/// A request of the open order.
#[derive(Debug)]
pub struct Asked {
    /// What is asked, by whom and when.
    pub title: String,
    /// The facts of it.
    pub rows: Vec<(String, String)>,
    /// What granting does to the limits: before and after.
    pub ages: Vec<(String, String, &'static str)>,
    /// What granting does, in words.
    pub effect: String,
    /// The decisions.
    pub acts: Vec<Act>,
}

/// The order that is open.
#[derive(Debug)]
pub struct Open {
    /// Number.
    pub no: String,
    /// Title.
    pub title: String,
    /// What tells it from others.
    pub tags: Vec<Tag>,
    /// The matter.
    pub body: String,
    /// The last time it was sent back.
    pub sent_back: Option<(String, String)>,
    /// Whether an answer is under review.
    pub answer: bool,
    /// The findings.
    pub internal: String,
    /// The wording for the claimant.
    pub public: String,
    /// Who answered, and when.
    pub by: String,
    /// What the answer states.
    pub stated: Vec<(String, String)>,
    /// The conditions of closing.
    pub conds: Vec<Cond>,
    /// How many of them are missing.
    pub missing: usize,
    /// Rules of the conditions.
    pub cite: String,
    /// Passing it.
    pub pass: Option<Act>,
    /// Sending it back.
    pub fail: Option<Act>,
    /// Requests that wait.
    pub asked: Vec<Asked>,
}

/// The page.
#[derive(Debug, Template)]
#[template(path = "review.html")]
pub struct ReviewPage {
    /// What surrounds it.
    pub frame: Frame,
    /// Tabs.
    pub tabs: Vec<Tab>,
    /// The list.
    pub cases: Vec<Case>,
    /// What an empty list says.
    pub empty: &'static str,
    /// Whether a case was asked for.
    pub split: bool,
    /// The order that is open.
    pub open: Option<Open>,
    /// Names of units.
    pub units: Vec<String>,
}

/// `GET /review`.
///
/// # Errors
/// [`Fault`].
pub async fn get(ctx: Ctx, RawQuery(query): RawQuery) -> Result<Response, Fault> {
    show_page(&ctx, &Form::query(query.as_deref()), None).await
}

/// Requests the level above a unit decides.
const ASKS: &[&str] = &["return", "extension", "pause", "shelving", "excuse"];

/// The page, perhaps with a form that was not carried out.
///
/// # Errors
/// [`Fault`].
pub async fn show_page(ctx: &Ctx, query: &Form, tried: Option<&Tried>) -> Result<Response, Fault> {
    let app = &ctx.site.app;
    let tab = query.get("tab").unwrap_or_default();
    let holders: Vec<String> = match ctx.actor.has(Role::Office) {
        true => Vec::new(),
        false => ctx.actor.units(Role::Subcentre).map(|unit| unit.0.clone()).collect(),
    };
    let answers = OrderFilter { states: vec!["review".into()], holders, ..OrderFilter::default() };
    let asks = |codes: &[&str]| OrderFilter {
        asked: codes.iter().map(|code| (*code).to_owned()).collect(),
        ..OrderFilter::default()
    };
    let tabs = vec![
        answers.clone(),
        asks(ASKS),
        asks(&["return"]),
        asks(&["extension"]),
        asks(&["pause", "shelving", "excuse"]),
    ];
    let page = Page { limit: 50, ..Page::default() };
    let wanted = match tab {
        "asks" => asks(ASKS),
        "return" => asks(&["return"]),
        "extension" => asks(&["extension"]),
        "rest" => asks(&["pause", "shelving", "excuse"]),
        _ => answers,
    };
    let (rows, counts) = list::orders_in(app, &ctx.actor, &ctx.org, wanted, page, tabs).await?;
    let (cases, here) = cases::cases(ctx, &rows, "/review", query);
    let open = match here.filter(|no| rows.iter().any(|row| row.no == *no)) {
        Some(no) => {
            let view = view::order_in(app, &ctx.actor, &ctx.org, &no).await?;
            let next = if tab.is_empty() { "/review".to_owned() } else { format!("/review?tab={}", encode(tab)) };
            Some(open(ctx, &view, &next, tried).await?)
        }
        None => None,
    };
    let names = [
        ("", t!("word-feedback")),
        ("asks", t!("word-request")),
        ("return", t!("word-return")),
        ("extension", t!("word-extension")),
        ("rest", t!("review-tab-rest")),
    ];
    let page = ReviewPage {
        frame: ctx.frame(t!("nav-review"), "/review", tried),
        tabs: names
            .iter()
            .enumerate()
            .map(|(at, (code, words))| Tab {
                href: if code.is_empty() { "/review".into() } else { format!("/review?tab={code}") },
                words: (*words).into(),
                count: cases::count(counts.get(at)),
                level: "",
                here: *code == tab,
            })
            .collect(),
        cases,
        empty: if tab.is_empty() { t!("review-no-feedback") } else { t!("review-no-requests") },
        split: query.get("case").is_some(),
        open,
        units: show::unit_names(app, &ctx.org),
    };
    ctx.answer(&page, tried)
}

async fn open(ctx: &Ctx, view: &OrderView, next: &str, tried: Option<&Tried>) -> Result<Open, Fault> {
    let (app, order) = (&ctx.site.app, &view.order);
    let maker = Maker::new(ctx, view, next, tried).with_drafts().await?;
    let lead = order.lead();
    let feedback = lead.and_then(|task| task.feedback.as_ref());
    let conds = facts::conds(app, view, &order.facts);
    let missing = conds.iter().filter(|cond| cond.state == "miss").count();
    let entries = timeline::entries(app, view);
    let sent_back = entries.iter().find(|entry| entry.title == words::event("task.sent-back")).map(|entry| {
        let text = entry.texts.first().map(|(_, text)| text.clone()).unwrap_or_default();
        (format!("{} {}", entry.at, entry.who), format!("{} {text}", entry.detail))
    });
    let may = |command: &str| view.may.contains(&command);
    let title = view.text(order.title.as_ref());
    let cite = conds.first().map(|cond| cond.cite.clone()).unwrap_or_default();
    Ok(Open {
        no: order.no.clone(),
        title: if title.is_empty() { t!("word-no-title").into() } else { title.to_owned() },
        tags: matter::tags(ctx, view),
        body: view.body().to_owned(),
        sent_back,
        answer: order.state.code() == "review",
        internal: feedback.map(|one| view.text(one.internal.as_ref()).to_owned()).unwrap_or_default(),
        public: feedback.map(|one| view.text(one.public.as_ref()).to_owned()).unwrap_or_default(),
        by: match (lead, feedback) {
            (Some(task), Some(one)) => {
                format!("{} · {}", view.unit_name(task.unit.as_str()), show::near_moment(&app.pack, app.now(), one.at))
            }
            _ => String::new(),
        },
        stated: feedback.map(|one| facts::stated(app, view, &one.facts)).unwrap_or_default(),
        conds,
        missing,
        cite,
        pass: may("pass").then(|| Act { button: t!("review-pass-next").into(), ..maker.whole("pass") }),
        fail: may("fail-review").then(|| maker.whole("fail-review")),
        asked: maker
            .requests_for("grant")
            .into_iter()
            .filter(|request| request.ask.code() != "approval")
            .map(|request| asked(ctx, view, &maker, request))
            .collect(),
    })
}

/// What a request says, and what deciding it does.
fn asked(ctx: &Ctx, view: &OrderView, maker: &Maker<'_>, request: &Request) -> Asked {
    let (app, order) = (&ctx.site.app, &view.order);
    let pack = &app.pack;
    let task = order.task(request.task);
    let unit = task.map(|task| view.unit_name(task.unit.as_str())).unwrap_or_default();
    let mut rows = vec![
        (t!("review-asked-by").to_owned(), unit.clone()),
        (t!("review-asked-at").to_owned(), show::near_moment(pack, app.now(), request.asked_at)),
    ];
    rows.extend(says(ctx, view, request));
    let mut acts: Vec<Act> = vec![maker.on_request("grant", request), maker.on_request("reject", request)];
    if maker.requests_for("rule").iter().any(|one| one.no == request.no) {
        acts.push(maker.on_request("rule", request));
    }
    let (ages, effect) = effect(ctx, view, request, task);
    Asked { title: format!("{unit} {}", words::ask(request.ask.code())), rows, ages, effect, acts }
}

/// What a request says, as rows.
pub fn says(ctx: &Ctx, view: &OrderView, request: &Request) -> Vec<(String, String)> {
    let pack = &ctx.site.app.pack;
    let text = |text: &huiyin_core::order::Text| view.text(Some(text)).to_owned();
    let reason = |group: &str, code: &str| (t!("word-reason").to_owned(), show::reason(pack, group, code));
    match &request.ask {
        Ask::Return { reason: code, basis, suggestion } => {
            let mut rows = vec![reason("return", code)];
            rows.extend(basis.as_ref().map(|basis| (t!("word-basis").to_owned(), text(basis))));
            rows.extend(
                suggestion.as_ref().map(|unit| (t!("disputes-suggests").to_owned(), view.unit_name(unit.as_str()))),
            );
            rows
        }
        Ask::Extension { span, reason: code } => {
            let unit = serde_json::to_value(span.unit)
                .ok()
                .and_then(|unit| unit.as_str().map(str::to_owned))
                .unwrap_or_default();
            vec![
                (t!("queue-extend-by").into(), format!("{} {}", span.amount, words::span_unit(&unit))),
                reason("extension", code),
            ]
        }
        Ask::Pause { reason: code, until } => {
            vec![(t!("word-paused-until").into(), until.to_string()), reason("pause", code)]
        }
        Ask::Shelving { reason: code, plan, responsible, review } => vec![
            (t!("review-shelved-until").into(), review.to_string()),
            reason("shelving", code),
            (t!("word-plan").into(), text(plan)),
            (t!("word-responsible").into(), text(responsible)),
        ],
        Ask::Excuse { clock, reason: code, evidence } => {
            let mut rows = Vec::new();
            if let Some(clock) = view.order.clock(*clock) {
                rows.push((
                    t!("word-limits").into(),
                    t!("review-clock-due", name = words::clock(&clock.name), due = show::until(pack, &clock.due)),
                ));
            }
            rows.push(reason("excuse", code));
            rows.extend(evidence.as_ref().map(|evidence| (t!("review-evidence").to_owned(), text(evidence))));
            rows
        }
        Ask::Approval { .. } => Vec::new(),
    }
}

/// What granting does to the limits.
pub fn effect(
    ctx: &Ctx,
    view: &OrderView,
    request: &Request,
    task: Option<&Task>,
) -> (Vec<(String, String, &'static str)>, String) {
    let app = &ctx.site.app;
    let pack = &app.pack;
    let now = app.now();
    let close = view.order.clocks.iter().rev().find(|clock| {
        clock.name == "close" && clock.task == Some(request.task) && !matches!(clock.state, ClockState::Cancelled)
    });
    let Some(close) = close else { return (Vec::new(), String::new()) };
    let start = (show::near_moment(pack, now, close.start), t!("review-delivered").to_owned(), "");
    let due = (show::until(pack, &close.due), t!("review-due-now").to_owned(), "now");
    match &request.ask {
        Ask::Extension { span, .. } => {
            let rule = pack.clock_rules().iter().find(|rule| rule.rule == close.rule && rule.name == close.name);
            let ends = rule.map(|rule| pack.ends(rule)).unwrap_or_default();
            let later = pack.calendar().extend(close.due, *span, ends);
            (
                vec![start, due, (show::until(pack, &later), t!("review-due-then").into(), "draft")],
                t!("review-extension-what").into(),
            )
        }
        Ask::Pause { until, .. } => (
            vec![start, due, (until.to_string(), t!("word-paused-until").into(), "draft")],
            t!("review-pause-what").into(),
        ),
        Ask::Shelving { review, .. } => (
            vec![start, due, (review.to_string(), t!("review-shelved-until").into(), "draft")],
            t!("review-shelving-what").into(),
        ),
        Ask::Return { .. } => {
            let back =
                if task.is_some_and(Task::leads_case) { t!("review-return-desk") } else { t!("review-return-above") };
            (vec![start, due, (t!("review-return-to").into(), back.into(), "draft")], t!("review-return-what").into())
        }
        Ask::Excuse { .. } => (Vec::new(), t!("review-excuse-what").into()),
        Ask::Approval { .. } => (Vec::new(), t!("review-approval-what").into()),
    }
}
