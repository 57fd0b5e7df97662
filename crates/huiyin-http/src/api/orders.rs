//! Orders: taking in, lists, one order, commands, identities.

use std::{future::Future, pin::Pin};

use axum::{
    Extension, Json,
    extract::State,
    http::{
        HeaderMap, HeaderName, HeaderValue, StatusCode,
        header::{ETAG, LOCATION},
    },
    response::{IntoResponse, Response},
};
use huiyin_app::{
    Actor, App,
    orders::{
        self, Done, Given, NewOrder, TakenIn,
        list::{ListRow, MAX_LIMIT, NEVER, OrderFilter, Page, Sort},
        view,
    },
};
use huiyin_core::{
    order::{Ask, Channel, State as OrderState, Urgency, table},
    time::Instant,
};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{
    Problem,
    read::{Body, Named, Params, if_match, key},
};
use crate::Site;

/// Says that the answer was given before under the same key.
pub(super) const REPLAYED: HeaderName = HeaderName::from_static("idempotency-replayed");

/// Rows of a page where nothing is said.
const LIMIT: u32 = 50;

pub(super) async fn take_in(
    State(site): State<Site>,
    Extension(actor): Extension<Actor>,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Problem> {
    let (key, raw) = (key(&headers)?, body.0.clone());
    let new: NewOrder = body.into()?;
    let taken =
        orders::take_in(&site.app, &actor, new, &raw, key).await.map_err(|error| Problem::of(&site.app, error))?;
    let location = format!("/api/v1/orders/{}", taken.done.no);
    let status = if taken.known { StatusCode::OK } else { StatusCode::CREATED };
    let (version, repeated) = (taken.done.version, taken.done.repeated && !taken.known);
    let taken = TakenIn { done: Done { repeated: false, ..taken.done }, ..taken };
    let mut response = (status, Json(taken)).into_response();
    stamp(&mut response, version, repeated);
    if let Ok(location) = HeaderValue::from_str(&location) {
        response.headers_mut().insert(LOCATION, location);
    }
    Ok(response)
}

/// The version as ETag, and whether the answer is the first one again.
fn stamp(response: &mut Response, version: u64, repeated: bool) {
    if let Ok(tag) = HeaderValue::from_str(&format!("\"{version}\"")) {
        response.headers_mut().insert(ETAG, tag);
    }
    if repeated {
        response.headers_mut().insert(REPLAYED, HeaderValue::from_static("true"));
    }
}

pub(super) async fn list(
    State(site): State<Site>,
    Extension(actor): Extension<Actor>,
    mut params: Params,
) -> Result<Json<Value>, Problem> {
    let (states, channels) = (OrderState::CODES.to_vec(), Channel::ALL.iter().map(|channel| channel.code()).collect());
    let filter = OrderFilter {
        within: None,
        states: params.codes("state", Some(states))?,
        open: params.flag("open")?,
        kinds: params.codes("kind", Some(kinds(&site.app)))?,
        subjects: params.codes("subject", None)?,
        urgency: params.codes("urgency", Some(urgencies()))?,
        areas: params.codes("area", None)?,
        channels: params.codes("channel", Some(channels))?,
        holders: params.codes("holder", None)?,
        asked: params.codes("asked", Some(Ask::CODES.to_vec()))?,
        missed: params.flag("missed")?,
        supervised: params.flag("supervised")?,
        difficult: params.flag("difficult")?,
        redone: params.flag("redone")?,
        days: match (params.day("from")?, params.day("to")?) {
            (None, None) => None,
            (from, to) => Some((from.unwrap_or(0), to.unwrap_or(99_991_231))),
        },
        tags: params.codes("tag", None)?,
    };
    let page = page(&mut params)?;
    params.finish()?;
    let (rows, _) = orders::list::orders(&site.app, &actor, filter, page.beyond(), Vec::new())
        .await
        .map_err(|error| Problem::of(&site.app, error))?;
    Ok(Json(page.answer(&site.app, rows)))
}

pub(super) fn kinds(app: &App) -> Vec<&str> {
    app.pack.kinds().iter().map(|kind| kind.code.as_str()).collect()
}

pub(super) fn urgencies() -> Vec<&'static str> {
    Urgency::ALL.iter().map(|urgency| urgency.code()).collect()
}

/// A page as a program asks for it.
pub(super) struct Asked(Page);

/// Reads `sort`, `after` and `limit`.
pub(super) fn page(params: &mut Params) -> Result<Asked, Problem> {
    let order = match params.one("sort")?.as_deref() {
        None | Some("due") => Sort::Due,
        Some("newest") => Sort::Newest,
        Some(_) => return Err(Problem::invalid("sort", "write due or newest").instead(["due", "newest"])),
    };
    let limit = params.number("limit", MAX_LIMIT)?.unwrap_or(LIMIT);
    let after = match params.one("after")? {
        None => None,
        Some(text) => Some(cursor(&text, order).ok_or_else(|| {
            Problem::invalid("after", "send `next` of the page before, as it was, with the same `sort`")
        })?),
    };
    Ok(Asked(Page { order, after, limit }))
}

impl Asked {
    /// The page with one row more, which tells whether there is another page.
    pub(super) fn beyond(&self) -> Page {
        Page { limit: self.0.limit + 1, ..self.0.clone() }
    }

    /// The rows that were asked for, and the cursor of the next page.
    pub(super) fn answer(&self, app: &App, mut rows: Vec<ListRow>) -> Value {
        let most = self.0.limit as usize;
        let more = rows.len() > most;
        rows.truncate(most);
        let next = rows.last().filter(|_| more).map(|row| write_cursor(self.0.order, &row.key(self.0.order)));
        let items: Vec<Value> = rows.iter().map(|row| item(app, row)).collect();
        json!({ "items": items, "next": next })
    }
}

fn write_cursor(order: Sort, (value, id, no): &(i64, String, i64)) -> String {
    let sort = if order == Sort::Due { 'd' } else { 'n' };
    format!("{sort}.{value}.{id}.{no}").bytes().map(|byte| format!("{byte:02x}")).collect()
}

fn cursor(text: &str, order: Sort) -> Option<(i64, String, i64)> {
    if text.len() > 400 || !text.is_ascii() {
        return None;
    }
    let byte = |pair: &[u8]| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok();
    let bytes: Option<Vec<u8>> = text.as_bytes().chunks(2).map(byte).collect();
    let plain = String::from_utf8(bytes?).ok()?;
    let mut parts = plain.split('.');
    let sort = parts.next()?;
    let (value, id, no) = (parts.next()?.parse().ok()?, parts.next()?, parts.next()?.parse().ok()?);
    let own = if order == Sort::Due { "d" } else { "n" };
    let is_id = (1..=64).contains(&id.len()) && id.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
    (sort == own && parts.next().is_none() && is_id).then(|| (value, id.to_owned(), no))
}

fn item(app: &App, row: &ListRow) -> Value {
    let zone = app.zone();
    let mut item = json!({
        "id": row.id,
        "no": row.no,
        "version": row.seq,
        "state": row.state,
        "outcome": row.outcome,
        "kind": row.kind,
        "subject": row.subject,
        "urgency": row.urgency,
        "area": row.area,
        "channel": row.channel,
        "holder": row.holder,
        "asked": row.asked,
        "redo": row.redo,
        "urges": row.urges,
        "missed": row.missed,
        "due": (row.due < NEVER).then(|| zone.rfc3339(Instant(row.due))),
        "provisional": row.provisional,
        "secret": row.secret,
        "supervised": row.supervised,
        "taken_in_at": zone.rfc3339(Instant(row.taken_in_at)),
        "title": row.title,
        "tags": row.tags,
    });
    if let (Some(task), Some(item)) = (&row.task, item.as_object_mut()) {
        let cell = json!({
            "no": task.no,
            "unit": task.unit,
            "role": task.role,
            "state": task.state,
            "delivered_at": zone.rfc3339(Instant(task.delivered_at)),
            "handler": task.handler.as_ref().map(|(person, _)| person),
        });
        item.insert("task".into(), cell);
    }
    item
}

pub(super) async fn one(
    State(site): State<Site>,
    Extension(actor): Extension<Actor>,
    Named(no): Named,
    params: Params,
) -> Result<Response, Problem> {
    params.finish()?;
    let seen = view::order(&site.app, &actor, &no).await.map_err(|error| Problem::of(&site.app, error))?;
    let mut response = Json(view::json(&site.app, &seen)).into_response();
    stamp(&mut response, seen.order.seq, false);
    Ok(response)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Reveal {
    purpose: String,
}

pub(super) async fn reveal(
    State(site): State<Site>,
    Extension(actor): Extension<Actor>,
    Named(no): Named,
    body: Body,
) -> Result<Json<Value>, Problem> {
    let Reveal { purpose } = body.into()?;
    let found =
        orders::reveal(&site.app, &actor, &no, &purpose).await.map_err(|error| Problem::of(&site.app, error))?;
    Ok(Json(json!({ "claimants": found })))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Find {
    phone: String,
}

pub(super) async fn find(
    State(site): State<Site>,
    Extension(actor): Extension<Actor>,
    body: Body,
) -> Result<Json<Value>, Problem> {
    let Find { phone } = body.into()?;
    let found =
        orders::find_by_phone(&site.app, &actor, &phone).await.map_err(|error| Problem::of(&site.app, error))?;
    Ok(Json(json!({ "orders": found })))
}

type Answer = Pin<Box<dyn Future<Output = Result<Response, Problem>> + Send>>;

/// The handler of a command.
pub(super) fn command(
    name: &'static str,
) -> impl Fn(State<Site>, Extension<Actor>, Named, HeaderMap, Body) -> Answer + Clone + Send + Sync + 'static {
    move |State(site), Extension(actor), Named(order), headers, body| {
        Box::pin(async move {
            let given = Given {
                order,
                command: name.to_owned(),
                key: key(&headers)?,
                if_match: if_match(&headers)?,
                input: read(name, &body)?,
            };
            let done =
                orders::command(&site.app, &actor, given).await.map_err(|error| Problem::of(&site.app, error))?;
            let (version, repeated) = (done.version, done.repeated);
            let mut response = Json(Done { repeated: false, ..done }).into_response();
            stamp(&mut response, version, repeated);
            Ok(response)
        })
    }
}

/// The fields of a command, of which each is one it takes.
fn read(name: &str, body: &Body) -> Result<Value, Problem> {
    if body.0.len() > orders::MAX_INPUT {
        let detail = format!("the input of a command has at most {} bytes", orders::MAX_INPUT);
        return Err(Problem::new(StatusCode::PAYLOAD_TOO_LARGE, "body.too_large", detail));
    }
    let fields = body.object()?;
    let takes = table::named(name).map_or(&[] as &[_], |row| row.takes);
    match fields.keys().find(|given| !takes.iter().any(|field| field.name == given.as_str())) {
        Some(unknown) => {
            let unknown: String = unknown.chars().filter(|c| !c.is_control()).take(60).collect();
            let detail = match takes.is_empty() {
                true => format!("unknown field `{unknown}`; `{name}` takes none"),
                false => format!("unknown field `{unknown}`; remove it, or write one of those `{name}` takes"),
            };
            Err(Problem::invalid(&unknown, detail).instead(takes.iter().map(|field| field.name)))
        }
        None => Ok(Value::Object(fields)),
    }
}
