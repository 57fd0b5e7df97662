//! `GET /orders/{no}`: all of an order, and what one may do with it.

use askama::Template;
use axum::{
    extract::{Path, RawQuery},
    response::Response,
};
use huiyin_app::orders::{
    self, Revealed,
    view::{self, OrderView},
};
use huiyin_app::{Role, policy};
use huiyin_core::{
    id::TaskNo,
    order::{Request, State, TaskState},
};

use super::{
    acts::Maker,
    error::Fault,
    field::{Act, Problem, Tried},
    files::{self, FileCard},
    filters,
    form::Form,
    frame::Frame,
    matter::{Tag, about, claimants, source, tags},
    people::Lacking,
    print::{self, Slip},
    session::{Ctx, Posted},
    show::{self, ClockCard},
    suggest::{self, Limit},
    timeline::{self, Entry},
    words,
};

/// A row of the tree of tasks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TaskRow {
    /// How deep.
    pub depth: usize,
    /// The unit.
    pub unit: String,
    /// Lead or assist.
    pub role: String,
    /// Where it stands.
    pub state: String,
    /// Whether it is given back or recalled.
    pub gone: bool,
    /// Whether it owes the next step.
    pub now: bool,
    /// More about it.
    pub detail: String,
}

/// A request on the page of its order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RequestRow {
    /// What is asked, and by whom.
    pub what: String,
    /// How it stands.
    pub decision: String,
    /// When it was asked, and decided.
    pub when: String,
    /// Whether it waits.
    pub waits: bool,
}

/// A step on the way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StepRow {
    /// What it is called.
    pub name: &'static str,
    /// `done`, `now`, or nothing.
    pub state: &'static str,
    /// When and who.
    pub meta: String,
}

/// The page.
#[derive(Debug, Template)]
#[template(path = "order.html")]
pub struct OrderPage {
    /// What surrounds it.
    pub frame: Frame,
    /// Number.
    pub no: String,
    /// Title.
    pub title: String,
    /// What tells it from others.
    pub tags: Vec<Tag>,
    /// The way.
    pub steps: Vec<StepRow>,
    /// The matter.
    pub body: String,
    /// What was received, and when.
    pub source: String,
    /// What it is about.
    pub about: Vec<(String, String)>,
    /// Buttons that ask nothing.
    pub oneshots: Vec<Act>,
    /// Forms that take it on its way.
    pub main: Vec<Act>,
    /// Other forms.
    pub more: Vec<Act>,
    /// Tasks.
    pub tasks: Vec<TaskRow>,
    /// Requests.
    pub requests: Vec<RequestRow>,
    /// Open desk items.
    pub items: Vec<String>,
    /// The timeline.
    pub entries: Vec<Entry>,
    /// Which part of it: code, words, count, shown.
    pub groups: Vec<(&'static str, &'static str, usize, bool)>,
    /// Clocks.
    pub clocks: Vec<ClockCard>,
    /// Clocks that gave way to another rule.
    pub second: Vec<ClockCard>,
    /// Limits that will run, before it is dispatched.
    pub limits: Vec<Limit>,
    /// What there is to say of the claimant without a name.
    pub claimants: Vec<(String, String)>,
    /// Whether the claimant asked for secrecy.
    pub secret: bool,
    /// Whether the identity may be asked for.
    pub may_reveal: bool,
    /// Identities, once read.
    pub revealed: Vec<Vec<(String, String)>>,
    /// Files.
    pub files: Vec<FileCard>,
    /// Duties to tell: what, how it stands, basis.
    pub duties: Vec<(String, String, String)>,
    /// Other orders.
    pub links: Vec<(String, String)>,
    /// Names of units.
    pub units: Vec<String>,
    /// Units that are not ready.
    pub lacking: Vec<Lacking>,
    /// Whether it is archived.
    pub archived: bool,
    /// For the printed slip.
    pub slip: Slip,
}

/// `GET /orders/{no}`.
///
/// # Errors
/// [`Fault`].
pub async fn get(ctx: Ctx, Path(no): Path<String>, RawQuery(query): RawQuery) -> Result<Response, Fault> {
    show_order(&ctx, &no, &Form::query(query.as_deref()), None, Vec::new()).await
}

/// The page, perhaps with a form that was not carried out or with identities just read.
///
/// # Errors
/// [`Fault`].
pub async fn show_order(
    ctx: &Ctx,
    no: &str,
    query: &Form,
    tried: Option<&Tried>,
    revealed: Vec<Revealed>,
) -> Result<Response, Fault> {
    let view = view::order_in(&ctx.site.app, &ctx.actor, &ctx.org, no).await?;
    let maker = Maker::new(ctx, &view, &format!("/orders/{}", view.order.no), tried)
        .with_drafts()
        .await?
        .with_lacking()
        .await?;
    ctx.answer(&page(&maker, query, revealed), tried)
}

/// `POST /orders/{no}/reveal`: the identities, once, with a purpose and into the log.
///
/// # Errors
/// [`Fault`].
pub async fn reveal(Path(no): Path<String>, posted: Posted) -> Result<Response, Fault> {
    let Posted { ctx, form, .. } = posted;
    let purpose = form.get("purpose").unwrap_or_default();
    match orders::reveal(&ctx.site.app, &ctx.actor, &no, purpose).await {
        Ok(found) => show_order(&ctx, &no, &Form::default(), None, found).await,
        Err(huiyin_app::CommandError::Invalid { .. }) => {
            let problem = Problem { title: t!("order-purpose-missing").into(), ..Problem::default() };
            let tried = Tried::new(&no, "reveal", form, problem);
            show_order(&ctx, &no, &Form::default(), Some(&tried), Vec::new()).await
        }
        Err(other) => Err(other.into()),
    }
}

/// The case's limit beside the title: on a phone the clocks stand far below.
fn due_tag(ctx: &Ctx, view: &OrderView) -> Option<Tag> {
    let (app, order) = (&ctx.site.app, &view.order);
    let clock = order.case_due().filter(|clock| clock.is_running() && order.state.is_open())?;
    let emergency = order.urgency.code() == "emergency";
    let due = show::due_cell(app, app.now(), clock.start.ms(), clock.due.at.ms(), clock.missed.is_some(), emergency)?;
    Some(Tag { look: due.level, icon: due.icon, words: t!("order-closed-as", text = due.text) })
}

fn steps(ctx: &Ctx, view: &OrderView) -> Vec<StepRow> {
    let order = &view.order;
    let pack = &ctx.site.app.pack;
    let now = ctx.site.app.now();
    let at = |name: &str| {
        view.journal
            .iter()
            .rev()
            .find(|row| row.name == name)
            .map(|row| show::near_moment(pack, now, row.at))
            .unwrap_or_default()
    };
    let lead = order.lead().map(|task| (task.state, view.unit_name(task.unit.as_str())));
    let reached = match order.state {
        State::Intake => 0,
        State::Registered => 1,
        State::Assigned => match lead.as_ref().map(|(state, _)| *state) {
            Some(TaskState::Delivered) | None => 2,
            _ => 3,
        },
        State::Review => 4,
        State::Callback => 5,
        State::Closed(_) => 6,
        State::Archived(_) => 7,
    };
    let unit = lead.map(|(_, unit)| unit).unwrap_or_default();
    let rows = [
        (t!("nav-intake"), at("order.registered")),
        (t!("nav-dispatch"), at("task.delivered")),
        (t!("word-sign"), at("task.signed")),
        (t!("stage-handled"), if reached == 3 { unit } else { at("task.fed-back") }),
        (t!("nav-review"), at("order.passed")),
        (t!("nav-callback"), at("callback.answered")),
        (t!("word-settle"), at("order.closed")),
    ];
    rows.into_iter()
        .enumerate()
        .map(|(step, (name, meta))| StepRow {
            name,
            state: if order.outcome().is_some() || step < reached {
                "done"
            } else if step == reached {
                "now"
            } else {
                ""
            },
            meta,
        })
        .collect()
}

fn tasks(ctx: &Ctx, view: &OrderView) -> Vec<TaskRow> {
    let order = &view.order;
    let holder = order.holder().and_then(|holder| holder.task);
    let pack = &ctx.site.app.pack;
    let now = ctx.site.app.now();
    let mut found = Vec::new();
    let mut stack: Vec<(TaskNo, usize)> =
        order.tasks.iter().rev().filter(|task| task.parent.is_none()).map(|task| (task.no, 0)).collect();
    while let Some((no, depth)) = stack.pop() {
        let Some(task) = order.task(no) else { continue };
        let mut detail = vec![t!("order-delivered", delivered_at = show::near_moment(pack, now, task.delivered_at))];
        if let Some(name) = task.handler.as_ref().and_then(|person| view.names.get(person.as_str())) {
            detail.push(format!("{} {name}", t!("lists-handler")));
        }
        if task.ruled {
            detail.push(t!("order-ruled").into());
        }
        if task.redo > 0 {
            detail.push(t!("order-redo-no", redo = task.redo));
        }
        if task.commanded_at.is_some() {
            detail.push(if task.phoned { t!("order-phoned").into() } else { t!("order-not-phoned").into() });
        }
        found.push(TaskRow {
            depth: depth.min(3),
            unit: view.unit_name(task.unit.as_str()),
            role: words::task_role(task.role.code()).to_owned(),
            state: words::task_state(task.state.code()).to_owned(),
            gone: matches!(task.state, TaskState::Returned | TaskState::Recalled),
            now: holder == Some(no),
            detail: detail.join(" · "),
        });
        let mut below: Vec<_> = order.children(no).map(|task| (task.no, depth + 1)).collect();
        below.reverse();
        stack.extend(below);
    }
    found
}

fn requests(ctx: &Ctx, view: &OrderView) -> Vec<RequestRow> {
    let pack = &ctx.site.app.pack;
    let now = ctx.site.app.now();
    view.order
        .requests
        .iter()
        .rev()
        .map(|request| {
            let decision = serde_json::to_value(request.decision)
                .ok()
                .and_then(|one| one.as_str().map(str::to_owned))
                .unwrap_or_default();
            let unit = view.order.task(request.task).map(|task| view.unit_name(task.unit.as_str())).unwrap_or_default();
            let decided = request
                .decided_at
                .map(|at| t!("order-decided", at = show::near_moment(pack, now, at)))
                .unwrap_or_default();
            let waits = decision == "asked";
            let decided = if waits { decides(ctx, view, request) } else { decided };
            RequestRow {
                what: format!("{unit} {}", words::ask(request.ask.code())),
                decision: words::decision(&decision).to_owned(),
                when: t!("order-asked", asked_at = show::near_moment(pack, now, request.asked_at), decided),
                waits,
            }
        })
        .collect()
}

/// Who decides a request that waits, and by which rule.
fn decides(ctx: &Ctx, view: &OrderView, request: &Request) -> String {
    let why = policy::request_why(&ctx.site.app, view, request);
    let by = words::decides(why.by);
    match why.basis {
        Some(basis) => t!("order-decides-by-rule", by, cite = format!("{} {}", basis.number, basis.article)),
        None => t!("order-decides", by),
    }
}

fn identity(revealed: Revealed) -> Vec<(String, String)> {
    let who = revealed.identity;
    [
        (t!("word-name"), who.name),
        (t!("word-phone"), who.phone),
        (t!("field-email"), who.email),
        (t!("field-idno"), who.idno),
        (t!("word-address"), who.address),
        (t!("word-language"), who.language),
    ]
    .into_iter()
    .filter_map(|(label, value)| value.map(|value| (label.to_owned(), value)))
    .collect()
}

fn page(maker: &Maker<'_>, query: &Form, revealed: Vec<Revealed>) -> OrderPage {
    let (ctx, view, tried) = (maker.ctx, maker.view, maker.tried);
    let (app, order) = (&ctx.site.app, &view.order);
    let no = order.no.clone();
    let (main, mut more) = maker.all();
    let (mut oneshots, main): (Vec<Act>, Vec<Act>) = main.into_iter().partition(Act::is_oneshot);
    let (also, rest): (Vec<Act>, Vec<Act>) = more.into_iter().partition(Act::is_oneshot);
    oneshots.extend(also);
    more = rest;
    let entries = timeline::entries(app, view);
    let wanted = query.get("tl").unwrap_or("main");
    let count = |group: &str| entries.iter().filter(|entry| entry.group == group).count();
    let groups = vec![
        ("main", t!("timeline-main"), entries.len() - count("clock"), wanted == "main"),
        ("flow", t!("timeline-flow"), count("flow"), wanted == "flow"),
        ("talk", t!("timeline-talk"), count("talk"), wanted == "talk"),
        ("clock", t!("word-limits"), count("clock"), wanted == "clock"),
        ("reveal", t!("timeline-views"), count("reveal"), wanted == "reveal"),
        ("all", t!("word-all"), entries.len(), wanted == "all"),
    ];
    let mut kept: Vec<_> = order.clocks.iter().collect();
    // What runs first, the case before the units, a window that merely closes last.
    kept.sort_by_key(|clock| (!clock.is_unsettled(), !clock.breach, clock.task.is_some(), clock.due.at));
    let clocks: Vec<ClockCard> = kept
        .into_iter()
        .filter(|clock| clock.state != huiyin_core::order::ClockState::Cancelled)
        .map(|clock| show::clock_card(app, &ctx.org, order, clock))
        .collect();
    let (clocks, second): (Vec<ClockCard>, Vec<ClockCard>) = clocks.into_iter().partition(|card| !card.second);
    let limits = match order.state {
        State::Intake | State::Registered => {
            suggest::limits(app, &ctx.org, &suggest::Matter::of(order), order.received_at)
        }
        _ => Vec::new(),
    };
    let title = view.text(order.title.as_ref());
    let title = if title.is_empty() { t!("word-no-title").to_owned() } else { title.to_owned() };
    let only_mayor = ctx.actor.has(Role::Mayor) && ctx.actor.posts.len() == 1;
    OrderPage {
        frame: ctx.frame(&format!("{no} {title}"), "/orders", tried),
        tags: tags(ctx, view).into_iter().chain(due_tag(ctx, view)).collect(),
        steps: steps(ctx, view),
        body: view.body().to_owned(),
        source: source(ctx, view),
        about: about(ctx, view),
        oneshots,
        main,
        more,
        tasks: tasks(ctx, view),
        requests: requests(ctx, view),
        items: view
            .items
            .iter()
            .map(|item| format!("{} · {}", words::item(&item.what), view.unit_name(&item.unit)))
            .collect(),
        entries: entries
            .into_iter()
            .filter(|entry| match wanted {
                "all" => true,
                // The ticking of limits has a list of its own.
                "main" => entry.group != "clock",
                group => entry.group == group,
            })
            .collect(),
        groups,
        clocks,
        second,
        limits,
        claimants: claimants(view),
        secret: order.secret,
        may_reveal: view.sees_claimants && !order.parts.is_empty() && !only_mayor,
        revealed: revealed.into_iter().map(identity).collect(),
        files: view
            .files
            .iter()
            .map(|file| {
                let task = file.task.and_then(|no| order.task(TaskNo(no)));
                let whose = task.map(|task| view.unit_name(task.unit.as_str())).unwrap_or_default();
                files::card(&no, file, &whose)
            })
            .collect(),
        duties: order
            .duties
            .iter()
            .map(|duty| {
                let how = match duty.told_at {
                    Some(at) if duty.impossible => {
                        t!("duty-not-possible", at = show::near_moment(&app.pack, app.now(), at))
                    }
                    Some(at) => t!("duty-done", at = show::near_moment(&app.pack, app.now(), at)),
                    None => t!("duty-open").into(),
                };
                (words::told(duty.what.code()).to_owned(), how, show::cite(&app.pack, &duty.basis))
            })
            .collect(),
        links: order
            .links
            .iter()
            .map(|link| (words::relation(&link.relation).to_owned(), link.order.0.clone()))
            .collect(),
        units: show::unit_names(app, &ctx.org),
        lacking: maker.lacking.clone(),
        archived: matches!(order.state, State::Archived(_)),
        slip: print::slip(ctx, view),
        title,
        no,
    }
}
