//! `/desk-items`: what a person must do beside the orders themselves (待办).

use askama::Template;
use axum::{
    extract::Path,
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use huiyin_app::{
    CommandError,
    orders::{list, view},
};

use super::{
    error::Fault,
    field::{Problem, Tried},
    filters,
    frame::Frame,
    session::{self, Ctx, Posted},
    show::{self, DueCell},
    words,
};

/// A row.
#[derive(Debug)]
pub struct Row {
    /// Its id.
    pub id: String,
    /// What to do.
    pub what: String,
    /// Number of the order.
    pub no: String,
    /// Title of the order.
    pub title: String,
    /// Whose it is.
    pub unit: String,
    /// Until when.
    pub due: Option<DueCell>,
    /// Since when it is there.
    pub since: String,
    /// Anchor of the command on the order that finishes it; none where it is finished here.
    pub command: Option<String>,
    /// What was typed.
    pub note: String,
}

/// The page.
#[derive(Debug, Template)]
#[template(path = "items.html")]
pub struct ItemsPage {
    /// What surrounds it.
    pub frame: Frame,
    /// The rows.
    pub rows: Vec<Row>,
}

/// `GET /desk-items`.
///
/// # Errors
/// [`Fault`].
pub async fn get(ctx: Ctx) -> Result<Response, Fault> {
    show_page(&ctx, None).await
}

async fn show_page(ctx: &Ctx, tried: Option<&Tried>) -> Result<Response, Fault> {
    let app = &ctx.site.app;
    let items = list::desk_items(app, &ctx.actor).await?;
    let mut rows = Vec::new();
    for item in items.into_iter().take(100) {
        let (no, title) = match view::order(app, &ctx.actor, &item.order).await {
            Ok(view) => (view.order.no.clone(), view.text(view.order.title.as_ref()).to_owned()),
            Err(CommandError::NotFound) => continue,
            Err(other) => return Err(other.into()),
        };
        let about = |name: &str, number: Option<i64>| number.map(|number| format!("act-{name}-{no}-{number}"));
        let command = match item.what.as_str() {
            "tell" => about("tell", item.duty),
            "relay" => about("relay-answer", item.task),
            "phone-notice" => about("phone-notice", item.task),
            _ => None,
        };
        let note = tried
            .filter(|tried| tried.no == item.id)
            .and_then(|tried| tried.typed.get("note"))
            .unwrap_or_default()
            .to_owned();
        rows.push(Row {
            what: words::item(&item.what).to_owned(),
            title: if title.is_empty() { t!("word-untitled").into() } else { title },
            unit: show::unit(&ctx.org, &item.unit.as_str().into()),
            due: match item.due > item.created_at {
                true => show::due_cell(app, app.now(), item.created_at.ms(), item.due.ms(), false, false),
                // Owed at once: it has no limit of its own.
                false => None,
            },
            since: show::near_moment(&app.pack, app.now(), item.created_at),
            command,
            note,
            id: item.id,
            no,
        });
    }
    let mut frame = ctx.frame(t!("nav-desk-items"), "/desk-items", None);
    frame.problem = tried.map(|tried| tried.problem.clone());
    ctx.answer(&ItemsPage { frame, rows }, tried)
}

/// `POST /desk-items/{id}/done`.
///
/// # Errors
/// [`Fault`].
pub async fn done(Path(id): Path<String>, posted: Posted) -> Result<Response, Fault> {
    let Posted { ctx, form, .. } = posted;
    match list::finish_item(&ctx.site.app, &ctx.actor, &id, form.get("note").unwrap_or_default()).await {
        Ok(()) => {
            let said = session::say(&ctx.site, "item-done");
            Ok((StatusCode::SEE_OTHER, [(header::LOCATION, "/desk-items")], [(header::SET_COOKIE, said)])
                .into_response())
        }
        Err(CommandError::Invalid { field, message }) => {
            let title = match field.as_str() {
                "note" if message.starts_with("write what was done") => t!("items-say").into(),
                "id" => t!("items-by-order").into(),
                _ => words::invalid(&field, &message),
            };
            let tried = Tried::new(&id, "item-done", form, Problem { title, ..Problem::default() });
            show_page(&ctx, Some(&tried)).await
        }
        Err(other) => Err(other.into()),
    }
}
