//! Drafts: forms save themselves every few seconds (`POST /drafts`), `/desk/drafts` lists what waits, and the page a form
//! stands on brings it back. Without script a desk's form has a button that saves.

use askama::Template;
use axum::{
    Json,
    extract::Path,
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use huiyin_app::{
    CommandError,
    drafts::{self, Draft, Save, Saved},
};
use serde_json::json;

use super::{
    error::Fault,
    filters,
    form::{Form, encode},
    frame::Frame,
    session::{self, Ctx, Posted},
    show, words,
};

/// What a form says of its draft.
#[derive(Debug, Clone, PartialEq, Eq, Default, Template)]
#[template(path = "part/draft.html")]
pub struct Note {
    /// The draft's id.
    pub id: String,
    /// Where it is written.
    pub form: String,
    /// The order it is about.
    pub order: String,
    /// How often it was saved.
    pub seq: i64,
    /// When last, in words; empty for never.
    pub saved: String,
}

impl Note {
    /// A form nothing is saved of yet.
    pub fn fresh(form: &str, order: &str, id: String) -> Self {
        Self { id, form: form.into(), order: order.into(), ..Self::default() }
    }

    /// What a form was brought back from.
    pub fn of(ctx: &Ctx, draft: &Draft) -> Self {
        Self {
            id: draft.id.clone(),
            form: draft.form.clone(),
            order: draft.order.clone(),
            seq: draft.seq,
            saved: show::near_moment(&ctx.site.app.pack, ctx.site.app.now(), draft.at),
        }
    }

    /// What a form that was sent said of its draft.
    pub fn sent(form: &Form) -> Option<Self> {
        Some(Self {
            id: form.get("_draft")?.to_owned(),
            form: form.get("_form").unwrap_or_default().to_owned(),
            order: form.get("_order").unwrap_or_default().to_owned(),
            seq: form.get("_seq").and_then(|seq| seq.parse().ok()).unwrap_or(0),
            saved: String::new(),
        })
    }
}

/// A row of the list.
#[derive(Debug)]
pub struct Row {
    /// Its id.
    pub id: String,
    /// Where it goes on.
    pub href: String,
    /// What it is.
    pub what: String,
    /// How it begins.
    pub title: String,
    /// The order.
    pub order: String,
    /// When it was saved.
    pub at: String,
    /// Whether it was saved beside a text from elsewhere.
    pub beside: bool,
}

/// The page.
#[derive(Debug, Template)]
#[template(path = "drafts.html")]
pub struct DraftsPage {
    /// What surrounds it.
    pub frame: Frame,
    /// The drafts.
    pub rows: Vec<Row>,
}

/// What of a form is kept: what is written, chosen, and ticked; nothing the page sends by itself, no password, no file.
pub fn kept(form: &Form) -> drafts::Fields {
    let own = |name: &str| {
        (!name.starts_with('_') || name == "_other_lead")
            && !matches!(name, "password" | "present" | "again" | "code" | "files" | "task" | "request" | "duty")
    };
    form.0.iter().filter(|(name, value)| own(name) && !value.trim().is_empty()).cloned().collect()
}

/// Saves a form.
///
/// # Errors
/// [`CommandError`].
pub async fn keep(ctx: &Ctx, form: &Form) -> Result<Saved, CommandError> {
    let note = Note::sent(form).ok_or_else(|| CommandError::invalid("_draft", "a form names its draft"))?;
    let order = Some(note.order).filter(|order| !order.is_empty());
    let save = Save { id: note.id, form: note.form, order, fields: kept(form), seq: note.seq };
    drafts::save(&ctx.site.app, &ctx.actor, save).await
}

/// Throws away the draft of a form that was carried out.
pub async fn sent(ctx: &Ctx, form: &Form) {
    if let Some(id) = form.get("_draft") {
        // Most forms are sent before they were ever saved.
        let _ = drafts::discard(&ctx.site.app, &ctx.actor, id).await;
    }
}

/// The draft an address names, if it is still there.
pub async fn named(ctx: &Ctx, query: &Form) -> Result<Option<Draft>, Fault> {
    let Some(id) = query.get("draft") else { return Ok(None) };
    match drafts::find(&ctx.site.app, &ctx.actor, id).await {
        Ok(draft) => Ok(Some(draft)),
        Err(CommandError::NotFound) => Ok(None),
        Err(other) => Err(other.into()),
    }
}

/// `POST /drafts`: a page saves what is written on it.
///
/// # Errors
/// [`Fault`].
pub async fn save(posted: Posted) -> Result<Response, Fault> {
    let Posted { ctx, form, .. } = posted;
    let saved = keep(&ctx, &form).await?;
    let app = &ctx.site.app;
    let time = |at| app.zone().rfc3339(at).get(11..19).unwrap_or_default().to_owned();
    let body = json!({
        "id": saved.id, "seq": saved.seq, "at": time(saved.at), "beside": saved.beside.map(time),
    });
    Ok(([(header::CACHE_CONTROL, "no-store")], Json(body)).into_response())
}

/// `POST /drafts/{id}/discard`.
///
/// # Errors
/// [`Fault`].
pub async fn discard(Path(id): Path<String>, posted: Posted) -> Result<Response, Fault> {
    let Posted { ctx, form, .. } = posted;
    drafts::discard(&ctx.site.app, &ctx.actor, &id).await?;
    let to = session::next(form.get("_next"), "/desk/drafts").to_owned();
    let said = session::say(&ctx.site, "draft-gone");
    Ok((StatusCode::SEE_OTHER, [(header::LOCATION, to)], [(header::SET_COOKIE, said)]).into_response())
}

/// `GET /desk/drafts`.
///
/// # Errors
/// [`Fault`].
pub async fn get(ctx: Ctx) -> Result<Response, Fault> {
    let app = &ctx.site.app;
    let rows = drafts::list(app, &ctx.actor, None).await?.into_iter().map(|draft| row(&ctx, draft)).collect();
    let page = DraftsPage { frame: ctx.frame(t!("nav-drafts"), "/desk/drafts", None), rows };
    ctx.answer(&page, None)
}

fn row(ctx: &Ctx, draft: Draft) -> Row {
    let app = &ctx.site.app;
    let (href, what) = match draft.form.as_str() {
        "desk" => (format!("/desk?draft={}", encode(&draft.id)), t!("nav-desk").to_owned()),
        "new" => (format!("/orders/new?draft={}", encode(&draft.id)), t!("word-register-order").to_owned()),
        command => (format!("/orders/{}", encode(&draft.order)), words::command(command).to_owned()),
    };
    let text = ["title", "body", "public", "text", "internal", "said", "note"]
        .iter()
        .find_map(|name| draft.get(name))
        .or_else(|| draft.fields.iter().map(|(_, value)| value.as_str()).max_by_key(|value| value.chars().count()))
        .unwrap_or_default();
    Row {
        href,
        what,
        title: show::short(text.trim(), 60),
        at: show::near_moment(&app.pack, app.now(), draft.at),
        beside: draft.id.contains('~'),
        order: draft.order,
        id: draft.id,
    }
}
