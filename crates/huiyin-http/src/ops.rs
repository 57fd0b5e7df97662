//! What watches and guards the server: health, metrics, the access log, and what lies around every route.
//!
//! [`layers`] is one pass around each request: an id, a place among those worked on at once, a time limit, the
//! security headers, one line in the log and one count. The log and the metrics know a request by its route, never by
//! its path or query, which may name people.

use std::{
    any::Any,
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use axum::{
    Json, Router,
    extract::{ConnectInfo, DefaultBodyLimit, MatchedPath, Request, State},
    http::{
        HeaderMap, HeaderName, HeaderValue, Method, StatusCode,
        header::{self, CACHE_CONTROL, CONTENT_TYPE, RETRY_AFTER},
    },
    middleware::{self, Next},
    response::{IntoResponse, Response},
    routing::get,
};
use metrics_exporter_prometheus::{BuildError, Matcher, PrometheusBuilder, PrometheusHandle};
use serde_json::json;
use tokio::sync::{Mutex, Semaphore};
use tower_http::{
    CompressionLevel,
    catch_panic::CatchPanicLayer,
    compression::{
        CompressionLayer,
        predicate::{NotForContentType, Predicate, SizeAbove},
    },
};
use tracing::Instrument as _;

use crate::{
    Options, Site,
    api::{self, Problem},
    catalogue::Language,
    ui,
};

/// Headers of every answer.
const HEADERS: [(HeaderName, HeaderValue); 5] = [
    (
        header::CONTENT_SECURITY_POLICY,
        HeaderValue::from_static(
            "default-src 'self'; img-src 'self' data:; style-src 'self'; script-src 'self'; frame-ancestors 'none'; \
             base-uri 'none'; form-action 'self'",
        ),
    ),
    (header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
    (header::X_FRAME_OPTIONS, HeaderValue::from_static("DENY")),
    (header::REFERRER_POLICY, HeaderValue::from_static("same-origin")),
    (
        HeaderName::from_static("permissions-policy"),
        HeaderValue::from_static("camera=(), geolocation=(), microphone=(), payment=(), usb=()"),
    ),
];

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// Routes that answer however busy the server is, and are not worth a line in the log.
const WATCHED: [&str; 2] = ["/healthz", "/readyz"];

/// How long an answer of `/readyz` is good for: it opens a connection, and anybody may ask.
const READY_FOR: Duration = Duration::from_secs(1);

/// How often the metrics are tidied.
const TIDY: Duration = Duration::from_secs(5);

/// How long `/readyz` waits for the database.
const READY_WITHIN: Duration = Duration::from_secs(3);

tokio::task_local! {
    static CURRENT: Arc<str>;
}

/// Id of the request being answered; a person who reports a fault names it.
pub fn request_id() -> String {
    CURRENT.try_with(|id| id.to_string()).unwrap_or_else(|_| "none".to_owned())
}

/// Who asks: the peer, or whom a trusted proxy says it asks for. IPv6 is cut to the network one customer has.
pub fn client(peer: Option<&ConnectInfo<SocketAddr>>, headers: &HeaderMap, options: &Options) -> IpAddr {
    let known = |address: &IpAddr| options.trusted_proxies.contains(address);
    let peer = peer.map_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED), |ConnectInfo(peer)| peer.ip().to_canonical());
    let mut found = peer;
    if known(&peer) {
        let hops = headers.get_all("x-forwarded-for").iter().filter_map(|value| value.to_str().ok());
        let hops: Vec<&str> = hops.flat_map(|value| value.split(',')).collect();
        for hop in hops.iter().rev() {
            let Ok(address) = hop.trim().parse::<IpAddr>() else { break };
            found = address.to_canonical();
            if !known(&found) {
                break;
            }
        }
    }
    match found {
        IpAddr::V4(_) => found,
        IpAddr::V6(long) => {
            let [a, b, c, d, ..] = long.segments();
            IpAddr::V6(Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0))
        }
    }
}

#[derive(Clone)]
struct Watch {
    site: Site,
    last: Arc<Mutex<Option<(Instant, StatusCode, serde_json::Value)>>>,
}

/// The routes: whether the process lives, and whether it can work.
pub fn router(site: Site) -> Router {
    Router::new()
        .route("/healthz", get(|| async { "ok\n" }))
        .route("/readyz", get(ready))
        .with_state(Watch { site, last: Arc::default() })
}

async fn ready(State(watch): State<Watch>) -> Response {
    let mut last = watch.last.lock().await;
    if let Some((at, status, body)) = last.as_ref()
        && at.elapsed() < READY_FOR
    {
        return (*status, Json(body.clone())).into_response();
    }
    let checks = match tokio::time::timeout(READY_WITHIN, watch.site.app.health()).await {
        Ok(checks) => checks.to_vec(),
        Err(_) => vec![("database", Some(format!("no answer within {} s", READY_WITHIN.as_secs())))],
    };
    let good = checks.iter().all(|(_, fault)| fault.is_none());
    let checks: serde_json::Map<String, serde_json::Value> = checks
        .into_iter()
        .map(|(name, fault)| (name.to_owned(), json!(fault.unwrap_or_else(|| "ok".into()))))
        .collect();
    let status = if good { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    let body = json!({ "ready": good, "checks": checks });
    *last = Some((Instant::now(), status, body.clone()));
    (status, Json(body)).into_response()
}

/// Starts keeping metrics, for the whole process. Call it inside the runtime, which tidies them: what nobody reads does
/// not pile up.
///
/// # Errors
/// When they are kept already.
pub fn keep_metrics() -> Result<PrometheusHandle, BuildError> {
    let seconds = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0];
    let builder = PrometheusBuilder::new().set_buckets_for_metric(Matcher::Suffix("_seconds".into()), &seconds)?;
    let handle = builder.install_recorder()?;
    let own = handle.clone();
    tokio::spawn(async move {
        loop {
            tokio::time::sleep(TIDY).await;
            own.run_upkeep();
        }
    });
    Ok(handle)
}

/// The routes of the metrics port.
pub fn metrics_router(handle: PrometheusHandle) -> Router {
    let render = move || async move { ([(CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")], handle.render()) };
    Router::new().route("/metrics", get(render))
}

/// A file as an answer: by its kind, under its name, and never run by a browser.
pub(crate) fn file(reading: huiyin_app::files::Reading) -> Response {
    let way = if reading.media.starts_with("image/") { "inline" } else { "attachment" };
    let ending = reading.name.rsplit('.').next().unwrap_or("bin");
    let name = crate::ui::form::encode(&reading.name);
    let disposition = format!("{way}; filename=\"file.{ending}\"; filename*=UTF-8''{name}");
    let mut response = axum::body::Body::from_stream(reading.body).into_response();
    let headers = response.headers_mut();
    for (name, value) in [
        (CONTENT_TYPE, reading.media.as_str()),
        (header::CONTENT_DISPOSITION, disposition.as_str()),
        (header::CONTENT_SECURITY_POLICY, "default-src 'none'; sandbox"),
        (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
    ] {
        if let Ok(value) = HeaderValue::from_str(value) {
            headers.insert(name, value);
        }
    }
    if let Some(size) = reading.size {
        headers.insert(header::CONTENT_LENGTH, HeaderValue::from(size));
    }
    response
}

/// How long a request that brings files may take: a phone in the field sends slowly.
const FILES_WITHIN: Duration = Duration::from_secs(15 * 60);

/// Whether a request brings files.
fn brings_files(request: &Request) -> bool {
    let kind = request.headers().get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    request.uri().path() == "/api/v1/files" || kind.starts_with("multipart/form-data")
}

struct Guard {
    places: Semaphore,
    timeout: Duration,
    /// What sets this process's request ids apart.
    prefix: String,
    count: AtomicU64,
}

impl Guard {
    /// The id a proxy in front gave, where it is one, or a new one.
    fn id(&self, headers: &HeaderMap) -> Arc<str> {
        let sound = |id: &&str| {
            (8..=64).contains(&id.len())
                && id.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.'))
        };
        match headers.get(REQUEST_ID).and_then(|value| value.to_str().ok()).filter(sound) {
            Some(id) => id.into(),
            None => format!("{}-{:x}", self.prefix, self.count.fetch_add(1, Ordering::Relaxed)).into(),
        }
    }
}

/// A handler has panicked; the answer is made where it is known who asked.
#[derive(Clone)]
struct Panicked;

/// What lies around all routes.
pub fn layers(router: Router, site: &Site) -> Router {
    let id = site.app.id();
    let guard = Arc::new(Guard {
        places: Semaphore::new(site.options.at_once.min(Semaphore::MAX_PERMITS)),
        timeout: site.options.timeout,
        prefix: id.rsplit('-').next().unwrap_or(&id).to_owned(),
        count: AtomicU64::new(1),
    });
    let worth = SizeAbove::new(1024).and(NotForContentType::IMAGES).and(NotForContentType::SSE);
    router
        .layer(DefaultBodyLimit::max(site.options.body_limit))
        .layer(CatchPanicLayer::custom(panicked))
        .layer(CompressionLayer::new().gzip(true).quality(CompressionLevel::Fastest).compress_when(worth))
        .layer(middleware::from_fn_with_state(guard, around))
}

fn panicked(panic: Box<dyn Any + Send + 'static>) -> Response {
    let said =
        panic.downcast_ref::<&str>().map(|text| (*text).to_owned()).or_else(|| panic.downcast_ref::<String>().cloned());
    tracing::error!(request.id = %request_id(), panic = said.unwrap_or_default(), "a handler panicked");
    let mut response = StatusCode::INTERNAL_SERVER_ERROR.into_response();
    response.extensions_mut().insert(Panicked);
    response
}

async fn around(State(guard): State<Arc<Guard>>, request: Request, next: Next) -> Response {
    let start = Instant::now();
    let id = guard.id(request.headers());
    let method = known(request.method());
    let route = request.extensions().get::<MatchedPath>().cloned();
    let route = route.as_ref().map_or("unmatched", MatchedPath::as_str);
    let path = request.uri().path();
    let program = path == "/api" || path.starts_with("/api/");
    let watched = WATCHED.contains(&route);
    let chinese = program && api::wants_chinese(request.headers());
    let within = if brings_files(&request) { FILES_WITHIN.max(guard.timeout) } else { guard.timeout };
    let place = guard.places.try_acquire();
    let mut response = if place.is_err() && !watched {
        plain(program, Problem::busy())
    } else {
        let span = tracing::info_span!("request", request.id = %id);
        let language = if program { Language::Zh } else { ui::language::of(request.headers()) };
        let answer = CURRENT.scope(Arc::clone(&id), language.scope(next.run(request))).instrument(span);
        match tokio::time::timeout(within, answer).await {
            Ok(response) if response.extensions().get::<Panicked>().is_some() => plain(program, Problem::incident(&id)),
            Ok(response) => response,
            Err(_) => plain(program, Problem::timed_out(within)),
        }
    };
    drop(place);
    if chinese {
        response = api::in_chinese(response);
    }
    let headers = response.headers_mut();
    for (name, value) in &HEADERS {
        headers.entry(name).or_insert_with(|| value.clone());
    }
    headers.entry(CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    if let Ok(id) = HeaderValue::from_str(&id) {
        headers.insert(REQUEST_ID, id);
    }
    let (status, took) = (response.status(), start.elapsed());
    let labels = [("method", method.to_owned()), ("route", route.to_owned()), ("status", status.as_str().to_owned())];
    metrics::counter!("huiyin_http_requests_total", &labels).increment(1);
    metrics::histogram!("huiyin_http_request_seconds", "route" => route.to_owned()).record(took.as_secs_f64());
    if !watched {
        tracing::info!(
            http.method = method,
            http.route = route,
            http.status = status.as_u16(),
            ms = u64::try_from(took.as_millis()).unwrap_or(u64::MAX),
            request.id = %id,
            "answered"
        );
    }
    response
}

/// A method by name; whoever makes names up makes no new row in the metrics.
fn known(method: &Method) -> &'static str {
    match *method {
        Method::GET => "GET",
        Method::HEAD => "HEAD",
        Method::POST => "POST",
        Method::PUT => "PUT",
        Method::PATCH => "PATCH",
        Method::DELETE => "DELETE",
        Method::OPTIONS => "OPTIONS",
        _ => "other",
    }
}

/// The problem for a program; for a person a page that needs nothing else to work.
fn plain(program: bool, problem: Problem) -> Response {
    if program {
        return problem.into_response();
    }
    let (status, retry) = (problem.status(), problem.retry_after());
    let number = match status {
        StatusCode::INTERNAL_SERVER_ERROR => {
            format!("<p>故障编号 Incident: <code>{}</code></p>", problem.incident_number())
        }
        _ => String::new(),
    };
    let words = match status {
        StatusCode::INTERNAL_SERVER_ERROR => {
            "系统内部故障，请把编号告诉管理员。<br>Internal fault: tell the number to the administrator."
        }
        _ => {
            "系统繁忙，请稍后再试；已提交的内容可能已生效，请先刷新查看。<br>Busy: reload in a moment and look before you send again."
        }
    };
    let page = format!(
        "<!doctype html><html lang=\"zh-CN\"><head><meta charset=\"utf-8\"><title>{0}</title></head>\
         <body><h1>{0}</h1><p>{words}</p>{number}</body></html>",
        status.as_u16()
    );
    let mut response = (status, [(CONTENT_TYPE, "text/html; charset=utf-8")], page).into_response();
    if let Some(seconds) = retry {
        response.headers_mut().insert(RETRY_AFTER, HeaderValue::from(seconds));
    }
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(peer: &str, forwarded: &[&str], trusted: &[&str]) -> String {
        let mut headers = HeaderMap::new();
        for value in forwarded {
            headers.append("x-forwarded-for", value.parse().unwrap());
        }
        let options =
            Options { trusted_proxies: trusted.iter().map(|t| t.parse().unwrap()).collect(), ..Options::default() };
        client(Some(&ConnectInfo(SocketAddr::new(peer.parse().unwrap(), 1))), &headers, &options).to_string()
    }

    #[test]
    fn only_a_trusted_proxy_says_for_whom_it_asks() {
        assert_eq!(asked("203.0.113.9", &["198.51.100.1"], &[]), "203.0.113.9");
        assert_eq!(asked("10.0.0.1", &["198.51.100.1"], &["10.0.0.1"]), "198.51.100.1");
        // What a client wrote in front of what the proxy added is not believed.
        assert_eq!(asked("10.0.0.1", &["1.2.3.4, 198.51.100.1"], &["10.0.0.1"]), "198.51.100.1");
        assert_eq!(
            asked("10.0.0.1", &["1.2.3.4, 198.51.100.1", "10.0.0.2"], &["10.0.0.1", "10.0.0.2"]),
            "198.51.100.1"
        );
        assert_eq!(asked("10.0.0.1", &["nonsense"], &["10.0.0.1"]), "10.0.0.1");
        assert_eq!(asked("::ffff:203.0.113.9", &[], &[]), "203.0.113.9");
        assert_eq!(asked("2001:db8:1:2:3:4:5:6", &[], &[]), "2001:db8:1:2::");
    }
}
