//! Contacts that wait for a person: list, read raw, open as an order, set aside, take back.

use axum::{
    Extension, Json,
    extract::State,
    http::{HeaderMap, StatusCode},
};
use huiyin_app::{
    Actor,
    orders::{
        self, NewOrder, TakenIn,
        contacts::{self, Waiting},
    },
};
use huiyin_core::time::Instant;
use serde::Deserialize;
use serde_json::{Value, json};

use super::{
    Problem,
    read::{Body, Named, Params, key},
};
use crate::Site;

fn item(site: &Site, contact: &Waiting) -> Value {
    let at = |at: Instant| site.app.zone().rfc3339(at);
    json!({
        "id": contact.id,
        "channel": contact.channel,
        "external_id": contact.external_id,
        "received_at": at(contact.received_at),
        "stored_at": at(contact.stored_at),
        "state": contact.state,
        "fault": contact.fault,
        "size": contact.size,
        "reason": contact.reason,
        "settled_at": contact.settled_at.map(at),
        "settled_by": contact.settled_by,
        "due": contact.limit.as_ref().map(|(due, _)| at(due.at)),
        "missed": contact.limit.as_ref().is_some_and(|(due, _)| due.missed_by(site.app.now())),
        "basis": contact.limit.iter().map(|(_, basis)| site.app.pack.citation(basis)).collect::<Vec<_>>(),
    })
}

pub(super) async fn list(
    State(site): State<Site>,
    Extension(actor): Extension<Actor>,
    mut params: Params,
) -> Result<Json<Value>, Problem> {
    let state = params.codes("state", Some(contacts::STATES.to_vec()))?;
    let after = match params.one("after")? {
        None => None,
        Some(text) => {
            let parts = text.split_once('.').and_then(|(at, id)| Some((Instant(at.parse().ok()?), id.to_owned())));
            let wrong = || Problem::invalid("after", "send `next` of the page before, as it was");
            Some(parts.filter(|(_, id)| id.len() <= 64).ok_or_else(wrong)?)
        }
    };
    params.finish()?;
    let state = match state.as_slice() {
        [] => "waiting",
        [one] => one,
        _ => return Err(Problem::invalid("state", "name one state").instead(contacts::STATES.iter().copied())),
    };
    let rows = contacts::list(&site.app, &actor, state, after).await.map_err(|error| Problem::of(&site.app, error))?;
    let full = i64::try_from(rows.len()).unwrap_or(0) == contacts::PAGE;
    let next = rows.last().filter(|_| full).map(|last| format!("{}.{}", last.stored_at.ms(), last.id));
    let items: Vec<Value> = rows.iter().map(|contact| item(&site, contact)).collect();
    Ok(Json(json!({ "items": items, "next": next })))
}

pub(super) async fn one(
    State(site): State<Site>,
    Extension(actor): Extension<Actor>,
    Named(id): Named,
    mut params: Params,
) -> Result<Json<Value>, Problem> {
    let encoding = params.codes("encoding", Some(contacts::ENCODINGS.to_vec()))?;
    params.finish()?;
    let (contact, raw) = contacts::read(&site.app, &actor, &id).await.map_err(|error| Problem::of(&site.app, error))?;
    let shown = contacts::shown(&raw, encoding.first().map_or("utf-8", String::as_str));
    let mut answer = item(&site, &contact);
    answer["text"] = json!(shown.text);
    answer["cut"] = json!(shown.cut);
    Ok(Json(answer))
}

pub(super) async fn open(
    State(site): State<Site>,
    Extension(actor): Extension<Actor>,
    Named(id): Named,
    headers: HeaderMap,
    body: Body,
) -> Result<(StatusCode, Json<TakenIn>), Problem> {
    let key = key(&headers)?;
    let new: NewOrder = body.into()?;
    let taken =
        orders::open_waiting(&site.app, &actor, &id, new, key).await.map_err(|error| Problem::of(&site.app, error))?;
    Ok((if taken.known { StatusCode::OK } else { StatusCode::CREATED }, Json(taken)))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Dismiss {
    reason: String,
    note: Option<String>,
}

pub(super) async fn dismiss(
    State(site): State<Site>,
    Extension(actor): Extension<Actor>,
    Named(id): Named,
    body: Body,
) -> Result<StatusCode, Problem> {
    let Dismiss { reason, note } = body.into()?;
    contacts::dismiss(&site.app, &actor, &id, &reason, note.as_deref())
        .await
        .map_err(|error| Problem::of(&site.app, error))?;
    Ok(StatusCode::NO_CONTENT)
}

pub(super) async fn restore(
    State(site): State<Site>,
    Extension(actor): Extension<Actor>,
    Named(id): Named,
    body: Body,
) -> Result<StatusCode, Problem> {
    if !body.object()?.is_empty() {
        return Err(Problem::invalid("body", "this takes no fields; send none"));
    }
    contacts::restore(&site.app, &actor, &id).await.map_err(|error| Problem::of(&site.app, error))?;
    Ok(StatusCode::NO_CONTENT)
}
