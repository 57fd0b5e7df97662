//! `GET /live`: the one stream of a page that is looked at. An event says which orders changed; the page fetches again.

use std::{convert::Infallible, time::Duration};

use axum::{
    http::{HeaderName, HeaderValue},
    response::{
        IntoResponse, Response,
        sse::{Event, KeepAlive, Sse},
    },
};
use futures_util::stream;
use huiyin_app::live::{self, Watch};
use tokio::time::Instant;

use super::{error::Fault, session::Ctx};

/// How long a stream lasts: what its person may see is looked at again when the page connects again.
const LASTS: Duration = Duration::from_secs(600);
/// How often a quiet stream says that it is there.
const BEAT: Duration = Duration::from_secs(25);
/// When a page connects again, at the earliest; not all at once after a stop.
const AGAIN: u64 = 2_000;

enum Step {
    Begin(Watch),
    Go(Watch, Instant),
    Over,
}

/// `GET /live`.
///
/// # Errors
/// [`Fault`].
pub async fn get(ctx: Ctx) -> Result<Response, Fault> {
    let app = &ctx.site.app;
    let watch = live::open(app, &ctx.actor).await?;
    let again = Duration::from_millis(AGAIN + app.id().bytes().map(u64::from).sum::<u64>() % 16 * 250);
    let events = stream::unfold(Step::Begin(watch), move |step| async move {
        let (mut watch, until) = match step {
            Step::Begin(watch) => {
                let hello = Event::default().event("hello").data("{}").retry(again);
                return Some((Ok::<_, Infallible>(hello), Step::Go(watch, Instant::now() + LASTS)));
            }
            Step::Go(watch, until) => (watch, until),
            Step::Over => return None,
        };
        match tokio::time::timeout_at(until, watch.next()).await {
            Ok(Some(told)) => {
                let data = serde_json::to_string(&told).unwrap_or_else(|_| "{}".into());
                Some((Ok(Event::default().event("changed").data(data)), Step::Go(watch, until)))
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
