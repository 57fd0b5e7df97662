//! `GET /orders/{no}/print`: the slip on paper; several at once from a list. Who raised a secret order stands on none.

use askama::Template;
use axum::{extract::Path, response::Response};
use huiyin_app::orders::view::{self, OrderView};

use super::{error::Fault, filters, frame::Frame, matter, session::Ctx, show, words};
use crate::catalogue::Language;

/// A slip.
#[derive(Debug, Clone, PartialEq, Eq, Template)]
#[template(path = "part/slip.html")]
pub struct Slip {
    /// The city.
    pub city: String,
    /// Number.
    pub no: String,
    /// Title.
    pub title: String,
    /// Who prints it, and when.
    pub printed: String,
    /// What it is about.
    pub rows: Vec<(String, String)>,
    /// What there is to say of the claimant.
    pub claimant: String,
    /// The matter.
    pub body: String,
}

/// The page.
#[derive(Debug, Template)]
#[template(path = "print.html")]
pub struct PrintPage {
    /// What surrounds it.
    pub frame: Frame,
    /// The slips.
    pub slips: Vec<Slip>,
    /// Where to go back to.
    pub back: String,
}

/// The slip of an order.
pub fn slip(ctx: &Ctx, view: &OrderView) -> Slip {
    let (app, order) = (&ctx.site.app, &view.order);
    let mut rows = vec![
        (t!("word-kind").to_owned(), show::kind(&app.pack, order.kind.as_deref())),
        (t!("word-channel").to_owned(), words::channel(order.channel.code()).to_owned()),
        (t!("print-received").to_owned(), show::moment(&app.pack, order.received_at)),
    ];
    rows.extend(matter::about(ctx, view));
    if let Some(due) = order.case_due() {
        let text =
            t!("print-due", due = show::until(&app.pack, &due.due), basis = show::full_cite(&app.pack, &due.basis));
        rows.push((t!("word-due").into(), text));
    }
    let title = view.text(order.title.as_ref());
    let pack = &app.pack;
    Slip {
        city: pack.in_language(&pack.head().title, Language::here().code()).unwrap_or_default().to_owned(),
        no: order.no.clone(),
        title: if title.is_empty() { t!("word-no-title").into() } else { title.to_owned() },
        printed: format!("{} {}", ctx.actor.name, show::moment(pack, app.now())),
        rows,
        claimant: if order.secret { t!("word-secret-asked").into() } else { t!("print-identity").into() },
        body: view.body().to_owned(),
    }
}

/// `GET /orders/{no}/print`.
///
/// # Errors
/// [`Fault`].
pub async fn get(ctx: Ctx, Path(no): Path<String>) -> Result<Response, Fault> {
    show(&ctx, std::slice::from_ref(&no), format!("/orders/{no}")).await
}

/// The slips of some orders; those one may not know of are left out.
///
/// # Errors
/// [`Fault`]; not found where none is left.
pub async fn show(ctx: &Ctx, numbers: &[String], back: String) -> Result<Response, Fault> {
    let mut slips = Vec::new();
    for no in numbers {
        match view::order_in(&ctx.site.app, &ctx.actor, &ctx.org, no).await {
            Ok(view) => slips.push(slip(ctx, &view)),
            Err(huiyin_app::CommandError::NotFound) => {}
            Err(other) => return Err(other.into()),
        }
    }
    if slips.is_empty() {
        return Err(huiyin_app::CommandError::NotFound.into());
    }
    let page = PrintPage { frame: ctx.frame(t!("print-title"), "/orders", None), slips, back };
    ctx.answer(&page, None)
}
