//! `/desk-items`: what a person must do beside the orders themselves (待办).

use askama::Template;
use axum::{
    extract::Path,
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use huiyin_app::{
    App, CommandError,
    jobs::Found,
    orders::{
        list::{self, DeskItem},
        view::{self, OrderView},
    },
};
use huiyin_core::{id::TaskNo, policy::Notice};

use super::{
    error::Fault,
    field::{Problem, Tried},
    filters,
    frame::Frame,
    session::{self, Ctx, Posted},
    show::{self, DueCell},
    words,
};
use crate::catalogue::Language;

/// A row.
#[derive(Debug)]
pub struct Row {
    /// Its id.
    pub id: String,
    /// What to do.
    pub what: String,
    /// What more there is to say: how many claimants of how many orders, or what is said on the phone.
    pub about: Option<String>,
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

/// What to do, and who signs or is called where the rules name them.
fn what(app: &App, code: &str) -> String {
    let wanted = match code {
        "supervision-notice" => Notice::Written,
        "phone-leaders" => Notice::Phone,
        _ => return words::item(code).to_owned(),
    };
    let row = app.pack.ladder().iter().find(|row| row.notice == Some(wanted));
    match row.and_then(|row| row.signs.as_deref()) {
        Some(signs) => t!("field-cited", label = words::item(code), cite = signs),
        None => words::item(code).to_owned(),
    }
}

/// What was found of many matters that look like one.
fn about_many(app: &App, item: &DeskItem) -> Option<String> {
    let found: Found = serde_json::from_str(item.note.as_deref().filter(|_| item.what == "mass-found")?).ok()?;
    let rule = app.pack.mass_events().iter().find(|rule| rule.name == found.rule)?;
    let cite = show::cite(&app.pack, &app.pack.basis(&rule.cite));
    Some(t!("items-alike", claimants = found.claimants, orders = found.orders, what = rule.what, cite))
}

/// What is said on the phone of an emergency that was commanded, in the pack's words.
fn phone_script(app: &App, view: &OrderView, item: &DeskItem) -> Option<String> {
    let task = TaskNo(u32::try_from(item.task.filter(|_| item.what == "phone-notice")?).ok()?);
    let unit = view.order.task(task).map(|task| view.unit_name(task.unit.as_str())).unwrap_or_default();
    let scene = view.order.clocks.iter().filter(|clock| clock.name == "scene" && clock.task == Some(task));
    let due = scene.map(|clock| clock.due.at).max().map(|at| app.zone().short(at)).unwrap_or_default();
    let text = app.pack.text("notice.phone-duty", Language::here().code())?;
    Some(text.replace("{number}", &view.order.no).replace("{unit}", &unit).replace("{due}", &due))
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
        let (no, title, script) = match view::order(app, &ctx.actor, &item.order).await {
            Ok(view) => {
                let script = phone_script(app, &view, &item);
                (view.order.no.clone(), view.text(view.order.title.as_ref()).to_owned(), script)
            }
            Err(CommandError::NotFound) => continue,
            Err(other) => return Err(other.into()),
        };
        let about = |name: &str, number: Option<i64>| number.map(|number| format!("act-{name}-{no}-{number}"));
        let command = match item.what.as_str() {
            "tell" => about("tell", item.duty),
            "relay" => about("relay-answer", item.task),
            "phone-notice" => about("phone-notice", item.task),
            "redact" => Some(format!("act-redact-{no}")),
            _ => None,
        };
        let note = tried
            .filter(|tried| tried.no == item.id)
            .and_then(|tried| tried.typed.get("note"))
            .unwrap_or_default()
            .to_owned();
        rows.push(Row {
            what: what(app, &item.what),
            about: about_many(app, &item).or(script),
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
