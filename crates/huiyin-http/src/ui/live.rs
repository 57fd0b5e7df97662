//! `GET /live`: the one stream of a page that is looked at. An event says which orders changed; the page fetches again.

use std::{convert::Infallible, time::Duration};

use axum::{
    extract::{Path, RawQuery},
    http::{HeaderName, HeaderValue, StatusCode},
    response::{
        IntoResponse, Response,
        sse::{Event, KeepAlive, Sse},
    },
};
use futures_util::stream;
use huiyin_app::{
    live::{self, Told, Watch},
    presence::{self, Attendance, Present},
};
use tokio::time::Instant;

use super::{
    error::Fault,
    form::Form,
    session::{Ctx, Posted},
};

/// How long a stream lasts: what its person may see is looked at again when the page connects again.
const LASTS: Duration = Duration::from_secs(600);
/// How often a quiet stream says that it is there.
const BEAT: Duration = Duration::from_secs(25);
/// When a page connects again, at the earliest; not all at once after a stop.
const AGAIN: u64 = 2_000;

/// What a stream waits for: changes of orders, and at an order's page who else is at it.
struct Open {
    watch: Watch,
    page: Option<Attendance>,
    /// The others as last told.
    told: Vec<Present>,
}

enum Step {
    Begin(Open),
    Go(Open, Instant),
    Over,
}

/// What comes next of a stream.
enum News {
    Changed(Told),
    Present,
}

impl Open {
    /// The others, where they are not as last told.
    fn news(&mut self) -> Option<Event> {
        let others = self.page.as_ref()?.others();
        if others == self.told {
            return None;
        }
        let data = serde_json::to_string(&serde_json::json!({ "people": others })).unwrap_or_default();
        self.told = others;
        Some(Event::default().event("present").data(data))
    }

    async fn next(&mut self) -> Option<News> {
        let Some(page) = &mut self.page else { return self.watch.next().await.map(News::Changed) };
        tokio::select! {
            told = self.watch.next() => told.map(News::Changed),
            () = page.changed() => Some(News::Present),
        }
    }
}

/// `GET /live`, of an order's page with `?order=`.
///
/// # Errors
/// [`Fault`].
pub async fn get(ctx: Ctx, RawQuery(query): RawQuery) -> Result<Response, Fault> {
    let app = &ctx.site.app;
    let watch = live::open(app, &ctx.actor).await?;
    let page = match Form::query(query.as_deref()).get("order") {
        Some(no) => presence::attend(app, &ctx.actor, &ctx.org, no).await?,
        None => None,
    };
    let open = Open { watch, page, told: Vec::new() };
    let again = Duration::from_millis(AGAIN + app.id().bytes().map(u64::from).sum::<u64>() % 16 * 250);
    let events = stream::unfold(Step::Begin(open), move |step| async move {
        let (mut open, until) = match step {
            Step::Begin(open) => {
                let hello = Event::default().event("hello").data("{}").retry(again);
                return Some((Ok::<_, Infallible>(hello), Step::Go(open, Instant::now() + LASTS)));
            }
            Step::Go(open, until) => (open, until),
            Step::Over => return None,
        };
        // Who was there before the page came is told at once.
        if let Some(event) = open.news() {
            return Some((Ok(event), Step::Go(open, until)));
        }
        let next = async {
            loop {
                match open.next().await {
                    Some(News::Changed(told)) => return Some(Ok(told)),
                    Some(News::Present) => match open.news() {
                        Some(event) => return Some(Err(event)),
                        None => continue,
                    },
                    None => return None,
                }
            }
        };
        match tokio::time::timeout_at(until, next).await {
            Ok(Some(Err(event))) => Some((Ok(event), Step::Go(open, until))),
            Ok(Some(Ok(told))) => {
                let data = serde_json::to_string(&told).unwrap_or_else(|_| "{}".into());
                Some((Ok(Event::default().event("changed").data(data)), Step::Go(open, until)))
            }
            // The server stops, or the stream has lasted long enough: the page connects again.
            Ok(None) | Err(_) => Some((Ok(Event::default().event("bye").data("{}").retry(again)), Step::Over)),
        }
    });
    let mut response = Sse::new(events).keep_alive(KeepAlive::new().interval(BEAT)).into_response();
    // A proxy in front must not gather what is sent.
    response.headers_mut().insert(HeaderName::from_static("x-accel-buffering"), HeaderValue::from_static("no"));
    Ok(response)
}

/// `POST /orders/{no}/editing`: a form of the order's page is being filled in, or no longer.
///
/// # Errors
/// [`Fault`].
pub async fn editing(Path(no): Path<String>, posted: Posted) -> Result<Response, Fault> {
    let Posted { ctx, form, .. } = posted;
    presence::editing(&ctx.site.app, &ctx.actor, &ctx.org, &no, form.get("on") != Some("false")).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}
