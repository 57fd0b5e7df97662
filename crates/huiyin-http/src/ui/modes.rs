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
        let mode = pack.mode(code).and_then(|mode| pack.in_language(&mode.label, "zh"));
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
            time: format!("{} 至 {}", zone.short(view.period.from), zone.short(view.period.until)),
            who: match &view.period.ended_by {
                Some(ended) => format!("{} 启动，{ended} 提前结束", view.period.declared_by),
                None => format!("{} 启动", view.period.declared_by),
            },
            notice: view.period.notice,
            on: view.on,
            may_end: view.may_end,
            id: view.period.id,
        })
        .collect();
    let typed = |name: &str| tried.and_then(|tried| tried.typed.get(name)).unwrap_or_default().to_owned();
    let page = ModesPage {
        frame: ctx.frame("应急模式", "/admin/modes", tried),
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
        Err(_) => return again(&ctx, form, "请写明结束时间，如 2026-08-18 17:00".into()).await,
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
                ("notice", m) if m.starts_with("name") => "请写明所依据的通知".into(),
                ("notice", _) => "通知名称不超过 200 字".into(),
                ("until", "it is past") => "结束时间已过".into(),
                ("until", _) => "结束时间超出一次可启动的最长时间；到时可再次启动".into(),
                ("mode", m) if m.starts_with("it is on") => "该模式已在启动中".into(),
                _ => "没有这个应急模式".into(),
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
        Err(CommandError::Invalid { .. }) => again(&ctx, form, "该模式已经结束".into()).await,
        Err(other) => Err(other.into()),
    }
}
