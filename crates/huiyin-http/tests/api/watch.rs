//! What lies around every route: health, headers, limits, faults, tokens, the log and the metrics.

use std::{net::SocketAddr, sync::Arc, time::Duration};

use axum::{
    Router,
    body::Body,
    extract::ConnectInfo,
    http::Request,
    response::IntoResponse as _,
    routing::{get, post},
};
use huiyin_app::Role;
use huiyin_http::{Options, Site, ops};
use serde_json::json;
use tower::ServiceExt as _;

use crate::common::{Server, app, server, servers};

#[tokio::test]
async fn health_tells_which_check_fails() {
    for server in servers().await {
        assert_eq!(server.get("", "/healthz").await.text, "ok\n");
        let ready = server.get("", "/readyz").await.expect(200);
        assert_eq!(ready, json!({ "ready": true, "checks": { "database": "ok", "schema": "ok" } }));
    }
    let test = app::sqlite_app().await;
    std::fs::remove_file(test.db.file().unwrap()).unwrap();
    let server = server(test, Options::default());
    let ready = server.get("", "/readyz").await.expect(503);
    assert_eq!(ready["ready"], false);
    assert_ne!(ready["checks"]["schema"], "ok", "{ready}");
    assert_eq!(server.get("", "/healthz").await.text, "ok\n");
}

#[tokio::test]
async fn every_answer_is_guarded() {
    let server = server(app::sqlite_app().await, Options::default());
    for path in ["/healthz", "/api/openapi.json", "/api/v1/me", "/api/nothing", "/nothing"] {
        let answer = server.get("", path).await;
        let policy = answer.header("content-security-policy");
        for part in [
            "default-src 'self'",
            "script-src 'self'",
            "frame-ancestors 'none'",
            "base-uri 'none'",
            "form-action 'self'",
        ] {
            assert!(policy.contains(part), "{path}: {policy}");
        }
        assert_eq!(answer.header("x-content-type-options"), "nosniff", "{path}");
        assert_eq!(answer.header("referrer-policy"), "same-origin", "{path}");
        assert!(answer.header("permissions-policy").contains("geolocation=()"), "{path}");
        assert!(!answer.header("cache-control").is_empty(), "{path}");
        assert!(!answer.header("x-request-id").is_empty(), "{path}");
    }
    // A proxy's id is kept when it is one.
    let given = server.raw("", "GET", "/healthz", &[("x-request-id", "proxy-12345678")], "").await;
    assert_eq!(given.header("x-request-id"), "proxy-12345678");
    let given = server.raw("", "GET", "/healthz", &[("x-request-id", "a b <script>")], "").await;
    assert_ne!(given.header("x-request-id"), "a b <script>");
    let one = server.get("", "/healthz").await.header("x-request-id").to_owned();
    assert_ne!(one, server.get("", "/healthz").await.header("x-request-id"));
    // Long answers are packed when they may be.
    let packed = server.raw("", "GET", "/api/openapi.json", &[("accept-encoding", "gzip")], "").await;
    assert_eq!(packed.header("content-encoding"), "gzip");
    assert!(packed.text.len() < 60_000);
}

async fn panics() -> &'static str {
    panic!("on purpose")
}

/// Routes with faults of their own, within the layers.
async fn faulty(options: Options) -> (Server, Arc<tokio::sync::Notify>) {
    let test = app::sqlite_app().await;
    let site = Site { app: Arc::clone(&test.app), options: Arc::new(options) };
    let go = Arc::new(tokio::sync::Notify::new());
    let wait = Arc::clone(&go);
    let events = || async {
        let stream = "data: 1\n\n".repeat(1_000);
        ([("content-type", "text/event-stream")], stream).into_response()
    };
    let routes = Router::new()
        .route("/api/panic", get(panics))
        .route("/panic", get(panics))
        .route("/api/slow", get(move || async move { wait.notified().await }))
        .route("/api/events", get(events))
        .route("/api/echo", post(|body: String| async { body }))
        .merge(ops::router(site.clone()));
    (Server { router: ops::layers(routes, &site), test }, go)
}

#[tokio::test]
async fn a_fault_of_the_program_has_a_number_and_no_words() {
    let (server, _) = faulty(Options::default()).await;
    let answer = server.get("", "/api/panic").await;
    let problem = answer.problem(500, "internal");
    assert_eq!(problem["incident"], answer.header("x-request-id"));
    assert!(!answer.text.contains("on purpose"));
    let page = server.get("", "/panic").await;
    assert_eq!(page.status, 500);
    assert!(page.header("content-type").starts_with("text/html") && page.text.contains(page.header("x-request-id")));
    assert!(!page.text.contains("on purpose"));
    assert_eq!(server.get("", "/healthz").await.status, 200);
}

#[tokio::test]
async fn what_takes_too_long_or_is_too_much_is_turned_away() {
    let options = Options { timeout: Duration::from_millis(200), at_once: 1, ..Options::default() };
    let (server, go) = faulty(options).await;
    let slow = || server.router.clone().oneshot(Request::get("/api/slow").body(Body::empty()).unwrap());
    let first = slow();
    let second = async {
        tokio::task::yield_now().await;
        let busy = server.get("", "/api/events").await;
        busy.problem(503, "busy");
        assert!(!busy.header("retry-after").is_empty());
        // Whoever watches the server still gets an answer.
        assert_eq!(server.get("", "/healthz").await.status, 200);
        assert_eq!(server.get("", "/readyz").await.status, 200);
        go.notify_one();
    };
    let (first, ()) = tokio::join!(first, second);
    assert_eq!(first.unwrap().status(), 200);
    let late = server.get("", "/api/slow").await;
    late.problem(503, "timeout");
    assert!(!late.header("retry-after").is_empty());
    // Its place is free again.
    assert_eq!(server.get("", "/api/events").await.status, 200);
}

#[tokio::test]
async fn a_stream_is_not_packed() {
    let (server, _) = faulty(Options::default()).await;
    let answer = server.raw("", "GET", "/api/events", &[("accept-encoding", "gzip")], "").await;
    assert_eq!((answer.status.as_u16(), answer.header("content-encoding")), (200, ""));
    assert_eq!(answer.text.len(), 9_000);
}

#[tokio::test]
async fn a_body_is_limited_whoever_reads_it() {
    let (server, _) = faulty(Options { body_limit: 1_000, ..Options::default() }).await;
    assert_eq!(server.raw("", "POST", "/api/echo", &[], "a".repeat(1_000)).await.status, 200);
    assert_eq!(server.raw("", "POST", "/api/echo", &[], "a".repeat(1_001)).await.status, 413);
}

async fn from(server: &Server, address: &str, token: &str) -> u16 {
    let mut request =
        Request::get("/api/v1/me").header("authorization", format!("Bearer {token}")).body(Body::empty()).unwrap();
    let peer: SocketAddr = format!("{address}:40000").parse().unwrap();
    request.extensions_mut().insert(ConnectInfo(peer));
    server.send(request).await.status.as_u16()
}

#[tokio::test]
async fn bad_tokens_shut_an_address_out() {
    let server = server(app::sqlite_app().await, Options::default());
    let (known, fresh) = (
        server.caller("known", Role::Agent, "call-centre").await,
        server.caller("fresh", Role::Agent, "call-centre").await,
    );
    assert_eq!(from(&server, "203.0.113.1", &known).await, 200);
    let mut statuses = Vec::new();
    for at in 0..30 {
        statuses.push(from(&server, "203.0.113.1", &format!("hy_bad{at}")).await);
    }
    assert_eq!(statuses.iter().filter(|status| **status == 401).count(), 20, "{statuses:?}");
    assert_eq!(statuses[29], 429);
    // Shut out before the database is asked.
    let (status, cost) = server.statements(from(&server, "203.0.113.1", "hy_bad")).await;
    assert_eq!((status, cost), (429, 0));
    // Nor can a good token be found from there, but one that was good before goes on.
    assert_eq!(from(&server, "203.0.113.1", &fresh).await, 429);
    assert_eq!(from(&server, "203.0.113.1", &known).await, 200);
    assert_eq!(from(&server, "203.0.113.2", &fresh).await, 200);
    let answer = {
        let mut request =
            Request::get("/api/v1/me").header("authorization", "Bearer hy_bad").body(Body::empty()).unwrap();
        request.extensions_mut().insert(ConnectInfo("203.0.113.1:1".parse::<SocketAddr>().unwrap()));
        server.send(request).await
    };
    answer.problem(429, "too_many");
    assert!(answer.header("retry-after").parse::<u64>().unwrap() > 0);
}

#[tokio::test]
async fn a_request_without_a_good_token_is_told_how() {
    for server in servers().await {
        let token = server.caller("agent", Role::Agent, "call-centre").await;
        let bare = server.get("", "/api/v1/me").await;
        bare.problem(401, "unauthenticated");
        assert_eq!(bare.header("www-authenticate"), "Bearer realm=\"huiyin\"");
        for value in ["Bearer", "Bearer ", "Basic YTpi", &token, &format!("Token {token}")] {
            let answer = server.raw("", "GET", "/api/v1/me", &[("authorization", value)], "").await;
            answer.problem(401, "unauthenticated");
        }
        let wrong = server.raw("", "GET", "/api/v1/me", &[("authorization", "Bearer hy_nothing")], "").await;
        wrong.problem(401, "unauthenticated");
        assert!(wrong.header("www-authenticate").contains("invalid_token"));
        server.raw("", "GET", "/api/v1/me", &[("authorization", &format!("bearer {token}"))], "").await.expect(200);
        // What a browser sends by itself opens nothing.
        let cookie =
            server.raw("", "GET", "/api/v1/me", &[("cookie", &format!("session={token}; token={token}"))], "").await;
        cookie.problem(401, "unauthenticated");
    }
}

#[tokio::test]
async fn the_database_away_is_unavailable() {
    let server = server(app::sqlite_app().await, Options::default());
    let agent = server.caller("agent", Role::Agent, "call-centre").await;
    server.test.db.close().await;
    let answer = server.post(&agent, "/api/v1/orders", &json!({ "body": "x" })).await;
    answer.problem(503, "unavailable");
    assert!(!answer.header("retry-after").is_empty());
    assert!(!answer.text.contains("sqlite"));
}

#[tokio::test]
async fn the_metrics_know_routes_and_no_paths() {
    let handle = ops::keep_metrics().unwrap();
    let server = server(app::sqlite_app().await, Options::default());
    let agent = server.caller("agent", Role::Agent, "call-centre").await;
    server.get(&agent, "/api/v1/orders/20261012-7777").await.problem(404, "not_found");
    server.get(&agent, "/api/v1/orders/find/13800000000").await.problem(404, "path.unknown");
    server.raw(&agent, "NONSENSE", "/13800000000?phone=13800000000", &[], "").await;
    let metrics =
        ops::metrics_router(handle).oneshot(Request::get("/metrics").body(Body::empty()).unwrap()).await.unwrap();
    let text =
        String::from_utf8(axum::body::to_bytes(metrics.into_body(), usize::MAX).await.unwrap().to_vec()).unwrap();
    let counted = "huiyin_http_requests_total{method=\"GET\",route=\"/api/v1/orders/{no}\",status=\"404\"} 1";
    assert!(text.contains(counted), "{text}");
    assert!(text.contains("method=\"other\""), "{text}");
    assert!(text.contains("huiyin_http_request_seconds_bucket"), "{text}");
    assert!(!text.contains("138000") && !text.contains("7777") && !text.contains("NONSENSE"), "{text}");
}

/// Keeps every line of the log as text.
#[derive(Clone, Default)]
struct Lines(Arc<std::sync::Mutex<Vec<String>>>);

struct Line(String);

impl tracing::field::Visit for Line {
    fn record_debug(&mut self, field: &tracing::field::Field, value: &dyn std::fmt::Debug) {
        self.0.push_str(&format!(" {field}={value:?}"));
    }
}

impl tracing::Subscriber for Lines {
    fn enabled(&self, _: &tracing::Metadata<'_>) -> bool {
        true
    }

    fn new_span(&self, span: &tracing::span::Attributes<'_>) -> tracing::span::Id {
        let mut line = Line(format!("span {}", span.metadata().name()));
        span.record(&mut line);
        self.0.lock().unwrap().push(line.0);
        tracing::span::Id::from_u64(1)
    }

    fn record(&self, _: &tracing::span::Id, _: &tracing::span::Record<'_>) {}

    fn record_follows_from(&self, _: &tracing::span::Id, _: &tracing::span::Id) {}

    fn event(&self, event: &tracing::Event<'_>) {
        let mut line = Line(event.metadata().target().to_owned());
        event.record(&mut line);
        self.0.lock().unwrap().push(line.0);
    }

    fn enter(&self, _: &tracing::span::Id) {}

    fn exit(&self, _: &tracing::span::Id) {}
}

#[tokio::test]
async fn the_log_knows_routes_and_no_people() {
    let server = server(app::sqlite_app().await, Options::default());
    let agent = server.caller("agent", Role::Agent, "call-centre").await;
    let lines = Lines::default();
    let guard = tracing::subscriber::set_default(lines.clone());
    let new = json!({ "body": "独一无二的内容", "claimant": { "name": "欧阳某某", "phone": "13912345678" } });
    let no = server.post(&agent, "/api/v1/orders", &new).await.expect(201)["no"].as_str().unwrap().to_owned();
    server.get(&agent, &format!("/api/v1/orders/{no}")).await.expect(200);
    server.get(&agent, "/api/v1/orders?holder=13912345678").await.expect(200);
    server.post(&agent, "/api/v1/orders/find", &json!({ "phone": "13912345678" })).await.expect(200);
    server.get(&agent, "/13912345678").await;
    drop(guard);
    let lines = lines.0.lock().unwrap().join("\n");
    for part in ["http.route=\"/api/v1/orders/{no}\"", "http.method=\"GET\"", "http.status=201", "ms=", "request.id="] {
        assert!(lines.contains(part), "no {part} in {lines}");
    }
    for private in ["独一无二", "欧阳", "13912345678", agent.as_str(), no.as_str()] {
        assert!(!lines.contains(private), "`{private}` in {lines}");
    }
}
