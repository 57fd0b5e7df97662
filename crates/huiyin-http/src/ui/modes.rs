//! `/admin/modes`: the city's emergency modes, declared and ended by those the pack names.

use askama::Template;
use axum::{
    extract::Path,
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use huiyin_app::{
    CommandError,
    modes::{self, Declare},
};

use super::{
    error::Fault,
    field::{Problem, Tried},
    filters,
    frame::Frame,
    session::{self, Ctx, Posted},
    show,
};
use crate::catalogue::Language;

/// A mode that may be declared.
#[derive(Debug)]
pub struct ModeRow {
    /// Its code.
    pub code: String,
    /// Its name.
    pub label: String,
    /// What it changes while it is on.
    pub what: String,
    /// The rule behind it.
    pub cite: String,
    /// Hours it may last at most.
    pub hours: i64,
    /// Whether it is on.
    pub on: bool,
    /// Whether one may declare it.
    pub may: bool,
}

/// A mode that was declared.
#[derive(Debug)]
pub struct PeriodRow {
    /// Its id.
    pub id: String,
    /// Its name.
    pub label: String,
    /// Since when, until when.
    pub time: String,
    /// The notice.
    pub notice: String,
    /// Who declared it, and who ended it.
    pub who: String,
    /// Whether it is on.
    pub on: bool,
    /// Whether one may end it.
    pub may_end: bool,
}

/// The page.
#[derive(Debug, Template)]
#[template(path = "modes.html")]
pub struct ModesPage {
    /// What surrounds it.
    pub frame: Frame,
    /// Modes of the pack.
    pub modes: Vec<ModeRow>,
    /// Those declared, the newest first.
    pub periods: Vec<PeriodRow>,
    /// What was typed: notice, end.
    pub typed: (String, String),
}

/// `GET /admin/modes`.
///
/// # Errors
/// [`Fault`].
pub async fn get(ctx: Ctx) -> Result<Response, Fault> {
    show_page(&ctx, None).await
}

async fn show_page(ctx: &Ctx, tried: Option<&Tried>) -> Result<Response, Fault> {
    let app = &ctx.site.app;
    let (pack, zone) = (&app.pack, app.zone());
    let label = |code: &str| {
        let mode = pack.mode(code).and_then(|mode| pack.in_language(&mode.label, Language::here().code()));
        mode.unwrap_or(code).to_owned()
    };
    let declared = modes::list(app, &ctx.actor).await?;
    let rows = pack
        .modes()
        .iter()
        .map(|mode| ModeRow {
            code: mode.code.clone(),
            label: label(&mode.code),
            what: mode.what.clone(),
            cite: show::cite(pack, &pack.basis(&mode.cite)),
            hours: mode.longest.ms().unwrap_or(0) / 3_600_000,
            on: declared.iter().any(|view| view.on && view.period.mode == mode.code),
            may: modes::may(app, &ctx.actor, &mode.code),
        })
        .collect();
    let periods = declared
        .into_iter()
        .map(|view| PeriodRow {
            label: label(&view.period.mode),
            time: t!("word-from-to", from = zone.short(view.period.from), until = zone.short(view.period.until)),
            who: match &view.period.ended_by {
                Some(ended) => t!("modes-ended", declared_by = view.period.declared_by, ended),
                None => t!("modes-declared", declared_by = view.period.declared_by),
            },
            notice: view.period.notice,
            on: view.on,
            may_end: view.may_end,
            id: view.period.id,
        })
        .collect();
    let typed = |name: &str| tried.and_then(|tried| tried.typed.get(name)).unwrap_or_default().to_owned();
    let page = ModesPage {
        frame: ctx.frame(t!("modes-title"), "/admin/modes", tried),
        modes: rows,
        periods,
        typed: (typed("notice"), typed("until")),
    };
    ctx.answer(&page, tried)
}

fn done(ctx: &Ctx, what: &str) -> Response {
    let said = session::say(&ctx.site, what);
    (StatusCode::SEE_OTHER, [(header::LOCATION, "/admin/modes")], [(header::SET_COOKIE, said)]).into_response()
}

/// `POST /admin/modes`.
///
/// # Errors
/// [`Fault`].
pub async fn declare(posted: Posted) -> Result<Response, Fault> {
    let Posted { ctx, form, .. } = posted;
    let app = &ctx.site.app;
    let until = match form.get("until").map(|text| app.zone().parse(&text.replace('T', " "))).transpose() {
        Ok(until) => until,
        Err(_) => return again(&ctx, form, t!("modes-bad-time").into()).await,
    };
    let input = Declare {
        mode: form.get("mode").unwrap_or_default().to_owned(),
        until,
        notice: form.get("notice").unwrap_or_default().to_owned(),
    };
    match modes::declare(app, &ctx.actor, input).await {
        Ok(_) => Ok(done(&ctx, "mode-declared")),
        Err(CommandError::Invalid { field, message }) => {
            let title = match (field.as_str(), message.as_str()) {
                ("notice", m) if m.starts_with("name") => t!("modes-no-notice").into(),
                ("notice", _) => t!("modes-long-notice").into(),
                ("until", "it is past") => t!("modes-past").into(),
                ("until", _) => t!("modes-too-long").into(),
                ("mode", m) if m.starts_with("it is on") => t!("modes-already").into(),
                _ => t!("modes-unknown").into(),
            };
            again(&ctx, form, title).await
        }
        Err(other) => Err(other.into()),
    }
}

async fn again(ctx: &Ctx, form: super::form::Form, title: String) -> Result<Response, Fault> {
    let tried = Tried::new("", "mode", form, Problem { title, ..Problem::default() });
    show_page(ctx, Some(&tried)).await
}

/// `POST /admin/modes/{id}/end`.
///
/// # Errors
/// [`Fault`].
pub async fn end(Path(id): Path<String>, posted: Posted) -> Result<Response, Fault> {
    let Posted { ctx, form, .. } = posted;
    match modes::end(&ctx.site.app, &ctx.actor, &id).await {
        Ok(()) => Ok(done(&ctx, "mode-ended")),
        Err(CommandError::Invalid { .. }) => again(&ctx, form, t!("modes-over").into()).await,
        Err(other) => Err(other.into()),
    }
}
