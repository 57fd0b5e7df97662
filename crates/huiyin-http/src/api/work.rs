//! What waits for the one who calls: who they are, their units' queue, their desks' items.

use axum::{Extension, Json, extract::State, http::StatusCode};
use huiyin_app::{
    Actor, CommandError, Scope, modes,
    orders::list::{self, NEVER, TaskFilter},
};
use huiyin_core::{
    order::{Ask, TaskState},
    time::Instant,
};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{
    Problem,
    orders::{kinds, page, urgencies},
    read::{Body, Named, Params},
};
use crate::Site;

pub(super) async fn me(
    State(site): State<Site>,
    Extension(actor): Extension<Actor>,
    params: Params,
) -> Result<Json<Value>, Problem> {
    params.finish()?;
    let register = site.app.current_organisation().await.map_err(|error| Problem::of(&site.app, error))?;
    let posts: Vec<Value> = actor
        .posts
        .iter()
        .map(|post| {
            json!({
                "unit": post.unit,
                "unit_name": register.unit(&post.unit).map(|unit| unit.name.as_str()),
                "role": post.role,
                "from": post.from.to_string(),
                "until": post.until.map(|day| day.to_string()),
            })
        })
        .collect();
    Ok(Json(json!({
        "person": actor.person,
        "name": actor.name,
        "city": site.app.city,
        "posts": posts,
        "stands_in": actor.stands_in,
        "scopes": actor.scopes.unwrap_or_default().into_iter().map(Scope::code).collect::<Vec<_>>(),
    })))
}

pub(super) async fn queue(
    State(site): State<Site>,
    Extension(actor): Extension<Actor>,
    mut params: Params,
) -> Result<Json<Value>, Problem> {
    let states = params.codes("state", Some(TaskState::ALL.iter().map(|state| state.code()).collect()))?;
    let open = params.flag("open")?;
    let filter = TaskFilter {
        units: params.codes("unit", None)?,
        // A queue is what is still to be done, unless another is asked for.
        open: if open.is_none() && states.is_empty() { Some(true) } else { open },
        states,
        kinds: params.codes("kind", Some(kinds(&site.app)))?,
        urgency: params.codes("urgency", Some(urgencies()))?,
        asked: params.codes("asked", Some(Ask::CODES.to_vec()))?,
        missed: params.flag("missed")?,
        due_before: params.instant("due_before", site.app.zone())?.map(Instant::ms),
        redone: params.flag("redone")?,
        subjects: params.codes("subject", None)?,
        areas: params.codes("area", None)?,
        channels: params.codes("channel", None)?,
        roles: params.codes("role", Some(vec!["lead", "assist"]))?,
        supervised: params.flag("supervised")?,
        handlers: params.codes("handler", None)?,
        handled: params.flag("handled")?,
        tags: params.codes("tag", None)?,
    };
    let page = page(&mut params)?;
    params.finish()?;
    let (rows, _) = list::queue(&site.app, &actor, filter, page.beyond(), Vec::new())
        .await
        .map_err(|error| Problem::of(&site.app, error))?;
    Ok(Json(page.answer(&site.app, rows)))
}

pub(super) async fn desk_items(
    State(site): State<Site>,
    Extension(actor): Extension<Actor>,
    params: Params,
) -> Result<Json<Value>, Problem> {
    params.finish()?;
    let items = list::desk_items(&site.app, &actor).await.map_err(|error| Problem::of(&site.app, error))?;
    let zone = site.app.zone();
    let items: Vec<Value> = items
        .iter()
        .map(|item| {
            json!({
                "id": item.id,
                "order": item.order,
                "what": item.what,
                "unit": item.unit,
                "task": item.task,
                "duty": item.duty,
                "created_at": zone.rfc3339(item.created_at),
                "due": (item.due.ms() < NEVER).then(|| zone.rfc3339(item.due)),
                "note": item.note,
            })
        })
        .collect();
    Ok(Json(json!({ "items": items })))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Finished {
    note: String,
}

pub(super) async fn done(
    State(site): State<Site>,
    Extension(actor): Extension<Actor>,
    Named(id): Named,
    body: Body,
) -> Result<StatusCode, Problem> {
    let Finished { note } = body.into()?;
    list::finish_item(&site.app, &actor, &id, &note).await.map_err(|error| Problem::of(&site.app, error))?;
    Ok(StatusCode::NO_CONTENT)
}

pub(super) async fn modes(
    State(site): State<Site>,
    Extension(actor): Extension<Actor>,
    params: Params,
) -> Result<Json<Value>, Problem> {
    params.finish()?;
    let found = modes::list(&site.app, &actor).await.map_err(|error| Problem::of(&site.app, error))?;
    let zone = site.app.zone();
    let found: Vec<Value> = found
        .iter()
        .map(|view| {
            json!({
                "id": view.period.id,
                "mode": view.period.mode,
                "from": zone.rfc3339(view.period.from),
                "until": zone.rfc3339(view.period.until),
                "notice": view.period.notice,
                "declared_by": view.period.declared_by,
                "ended_by": view.period.ended_by,
                "on": view.on,
            })
        })
        .collect();
    Ok(Json(json!({ "modes": found })))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Declared {
    mode: String,
    #[serde(default)]
    until: Option<String>,
    notice: String,
}

pub(super) async fn declare_mode(
    State(site): State<Site>,
    Extension(actor): Extension<Actor>,
    body: Body,
) -> Result<(StatusCode, Json<Value>), Problem> {
    let Declared { mode, until, notice } = body.into()?;
    let fault = |error| Problem::of(&site.app, error);
    let until = until
        .map(|text| site.app.zone().parse(&text).map_err(|message| CommandError::invalid("until", message)))
        .transpose()
        .map_err(fault)?;
    let input = modes::Declare { mode, until, notice };
    let id = modes::declare(&site.app, &actor, input).await.map_err(fault)?;
    Ok((StatusCode::CREATED, Json(json!({ "id": id }))))
}

pub(super) async fn end_mode(
    State(site): State<Site>,
    Extension(actor): Extension<Actor>,
    Named(id): Named,
) -> Result<StatusCode, Problem> {
    modes::end(&site.app, &actor, &id).await.map_err(|error| Problem::of(&site.app, error))?;
    Ok(StatusCode::NO_CONTENT)
}
