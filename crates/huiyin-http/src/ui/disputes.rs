//! `GET /disputes`: a unit says "not ours" for the second time, or again after it was told no: both sides' grounds side by side,
//! and the ruling, which is final.

use askama::Template;
use axum::{extract::RawQuery, response::Response};
use huiyin_app::orders::{
    list::{self, OrderFilter, Page},
    view::{self, OrderView},
};
use huiyin_core::order::{Ask, Decision, TaskState};

use super::{
    acts::Maker,
    cases::{self, Case},
    error::Fault,
    field::{Act, Tried},
    filters,
    form::Form,
    frame::Frame,
    matter::{self, Tag},
    session::Ctx,
    show, words,
};

/// What one side says.
#[derive(Debug)]
pub struct Ground {
    /// Who, and when.
    pub who: String,
    /// How it was decided.
    pub decision: String,
    /// The reason.
    pub reason: String,
    /// The provision or duty it rests on.
    pub basis: String,
    /// Whose it is, in the unit's view.
    pub suggestion: String,
    /// Whether it waits.
    pub waits: bool,
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
    /// What it is about.
    pub about: Vec<(String, String)>,
    /// Where it was sent before.
    pub sent: Vec<String>,
    /// What units have said, the latest first.
    pub grounds: Vec<Ground>,
    /// What the rules suggest: unit, reasons, rule.
    pub suggested: Vec<(String, String, String)>,
    /// Ruling, granting, refusing.
    pub acts: Vec<Act>,
}

/// The page.
#[derive(Debug, Template)]
#[template(path = "disputes.html")]
pub struct DisputesPage {
    /// What surrounds it.
    pub frame: Frame,
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

/// `GET /disputes`.
///
/// # Errors
/// [`Fault`].
pub async fn get(ctx: Ctx, RawQuery(query): RawQuery) -> Result<Response, Fault> {
    show_page(&ctx, &Form::query(query.as_deref()), None).await
}

/// Whether a return that waits is contested: one was decided before, or a task was given back already.
fn contested(view: &OrderView) -> bool {
    let order = &view.order;
    let asked = |decision: Option<Decision>| {
        order
            .requests
            .iter()
            .filter(|one| matches!(one.ask, Ask::Return { .. }) && decision.is_none_or(|is| one.decision == is))
            .count()
    };
    asked(Some(Decision::Asked)) > 0
        && (asked(None) > 1 || order.tasks.iter().any(|task| task.state == TaskState::Returned))
}

/// The page, perhaps with a form that was not carried out.
///
/// # Errors
/// [`Fault`].
pub async fn show_page(ctx: &Ctx, query: &Form, tried: Option<&Tried>) -> Result<Response, Fault> {
    let app = &ctx.site.app;
    let wanted = OrderFilter { asked: vec!["return".into()], open: Some(true), ..OrderFilter::default() };
    let page = Page { limit: 50, ..Page::default() };
    let (mut rows, _) = list::orders_in(app, &ctx.actor, &ctx.org, wanted, page, Vec::new()).await?;
    // Few returns wait at once, and only the order itself tells which are contested.
    let mut views = Vec::new();
    for row in &rows {
        views.push(view::order_in(app, &ctx.actor, &ctx.org, &row.no).await?);
    }
    views.retain(contested);
    rows.retain(|row| views.iter().any(|view| view.order.no == row.no));
    let (cases, here) = cases::cases(ctx, &rows, "/disputes", query);
    let open = here.and_then(|no| views.iter().find(|view| view.order.no == no)).map(|view| open(ctx, view, tried));
    let page = DisputesPage {
        frame: ctx.frame(t!("disputes-title"), "/disputes", tried),
        cases,
        empty: t!("disputes-empty"),
        split: query.get("case").is_some(),
        open,
        units: show::unit_names(app, &ctx.org),
    };
    ctx.answer(&page, tried)
}

fn open(ctx: &Ctx, view: &OrderView, tried: Option<&Tried>) -> Open {
    let (app, order) = (&ctx.site.app, &view.order);
    let (pack, now) = (&app.pack, app.now());
    let maker = Maker::new(ctx, view, "/disputes", tried);
    let mut acts = Vec::new();
    for command in ["rule", "grant", "reject"] {
        for request in maker.requests_for(command).into_iter().filter(|one| matches!(one.ask, Ask::Return { .. })) {
            // The ruling is what the page is for.
            let act = maker.on_request(command, request);
            acts.push(Act { open: act.open || command == "rule", ..act });
        }
    }
    let grounds = order
        .requests
        .iter()
        .rev()
        .filter_map(|request| {
            let Ask::Return { reason, basis, suggestion } = &request.ask else { return None };
            let task = order.task(request.task)?;
            let decision = match request.decision {
                Decision::Asked => "asked",
                Decision::Granted => "granted",
                Decision::Refused => "refused",
                Decision::Withdrawn => "withdrawn",
            };
            Some(Ground {
                who: format!(
                    "{} · {}",
                    view.unit_name(task.unit.as_str()),
                    show::near_moment(pack, now, request.asked_at)
                ),
                decision: words::decision(decision).to_owned(),
                reason: show::reason(pack, "return", reason),
                basis: view.text(basis.as_ref()).to_owned(),
                suggestion: suggestion.as_ref().map(|unit| view.unit_name(unit.as_str())).unwrap_or_default(),
                waits: request.decision == Decision::Asked,
            })
        })
        .collect();
    let title = view.text(order.title.as_ref());
    Open {
        no: order.no.clone(),
        title: if title.is_empty() { t!("word-no-title").into() } else { title.to_owned() },
        tags: matter::tags(ctx, view),
        body: view.body().to_owned(),
        about: matter::about(ctx, view),
        sent: order
            .tasks
            .iter()
            .map(|task| {
                format!(
                    "{} {} · {}",
                    show::near_moment(pack, now, task.delivered_at),
                    view.unit_name(task.unit.as_str()),
                    words::task_state(task.state.code())
                )
            })
            .collect(),
        grounds,
        suggested: super::suggest::units(app, &ctx.org, order)
            .into_iter()
            .map(|one| (one.name, [one.reasons, one.against].concat().join(t!("punct-semicolon")), one.cite))
            .collect(),
        acts,
    }
}
