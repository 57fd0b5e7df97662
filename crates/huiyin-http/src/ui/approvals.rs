//! `GET /approvals`: answers that wait for their unit's leader, one card each.

use askama::Template;
use axum::response::Response;
use huiyin_app::orders::{
    list::{self, OrderFilter, Page},
    view,
};
use huiyin_core::order::Ask;

use super::{
    acts::Maker,
    error::Fault,
    facts::{self, Cond},
    field::{Act, Tried},
    filters,
    frame::Frame,
    session::Ctx,
    show, words,
};

/// A card.
#[derive(Debug)]
pub struct Card {
    /// Number.
    pub no: String,
    /// Title.
    pub title: String,
    /// What is asked.
    pub what: String,
    /// Level, icon and words of the limit.
    pub due: Option<(&'static str, &'static str, String)>,
    /// Kind and unit.
    pub meta: String,
    /// Whether one signs in another's place.
    pub instead: bool,
    /// The wording for the claimant.
    pub public: String,
    /// The findings.
    pub internal: String,
    /// What the answer states.
    pub stated: Vec<(String, String)>,
    /// The conditions of closing.
    pub conds: Vec<Cond>,
    /// Granting it.
    pub grant: Act,
    /// Sending it back.
    pub reject: Act,
}

/// The page.
#[derive(Debug, Template)]
#[template(path = "approvals.html")]
pub struct ApprovalsPage {
    /// What surrounds it.
    pub frame: Frame,
    /// Beside the title.
    pub sub: String,
    /// Units for which one stands in.
    pub stands_in: Vec<String>,
    /// The cards.
    pub cards: Vec<Card>,
}

/// `GET /approvals`.
///
/// # Errors
/// [`Fault`].
pub async fn get(ctx: Ctx) -> Result<Response, Fault> {
    show_page(&ctx, None).await
}

/// The page, perhaps with a form that was not carried out.
///
/// # Errors
/// [`Fault`].
pub async fn show_page(ctx: &Ctx, tried: Option<&Tried>) -> Result<Response, Fault> {
    let app = &ctx.site.app;
    let wanted = OrderFilter { open: Some(true), asked: vec!["approval".into()], ..OrderFilter::default() };
    let (rows, _) =
        list::orders_in(app, &ctx.actor, &ctx.org, wanted, Page { limit: 30, ..Page::default() }, Vec::new()).await?;
    let mut cards = Vec::new();
    for row in &rows {
        let view = view::order_in(app, &ctx.actor, &ctx.org, &row.no).await?;
        let maker = Maker::new(ctx, &view, "/approvals", tried).with_drafts().await?;
        for request in maker.requests_for("grant") {
            let Ask::Approval { feedback } = &request.ask else { continue };
            let Some(task) = view.order.task(request.task) else { continue };
            let due = show::due_cell(app, app.now(), row.taken_in_at, row.due, row.missed, row.urgency == "emergency");
            let title = view.text(view.order.title.as_ref());
            cards.push(Card {
                no: row.no.clone(),
                title: if title.is_empty() { t!("word-no-title").into() } else { title.to_owned() },
                what: words::ask("approval").to_owned(),
                due: due.map(|due| (due.level, due.icon, due.text)),
                meta: format!(
                    "{} · {}",
                    show::kind(&app.pack, row.kind.as_deref()),
                    view.unit_name(task.unit.as_str())
                ),
                instead: ctx.actor.stands_in.contains(&task.unit),
                public: view.text(feedback.public.as_ref()).to_owned(),
                internal: view.text(feedback.internal.as_ref()).to_owned(),
                stated: facts::stated(app, &view, &feedback.facts),
                conds: facts::conds(app, &view, &feedback.facts),
                grant: Act {
                    fields: Vec::new(),
                    button: t!("word-approve").into(),
                    ..maker.on_request("grant", request)
                },
                reject: Act {
                    button: t!("approvals-send-back").into(),
                    title: t!("approvals-send-back").into(),
                    ..maker.on_request("reject", request)
                },
            });
        }
    }
    let page = ApprovalsPage {
        frame: ctx.frame(t!("approvals-title"), "/approvals", tried),
        sub: if cards.is_empty() { t!("approvals-empty").into() } else { t!("approvals-what", n = cards.len()) },
        stands_in: ctx.actor.stands_in.iter().map(|unit| show::unit(&ctx.org, unit)).collect(),
        cards,
    };
    ctx.answer(&page, tried)
}
