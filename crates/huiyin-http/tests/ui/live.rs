//! The stream of a page.

use axum::{
    body::{Body, BodyDataStream},
    http::Request,
};
use futures_util::StreamExt as _;
use huiyin_app::live::{self, Seen};
use tower::ServiceExt as _;

use super::{
    browser::{Browser, registered, site},
    common::Server,
};

async fn stream(server: &Server, browser: &Browser<'_>) -> BodyDataStream {
    let request = Request::get("/live").header("cookie", browser.cookie()).body(Body::empty()).unwrap();
    let response = server.router.clone().oneshot(request).await.unwrap();
    assert_eq!(response.status(), 200);
    assert_eq!(response.headers()["content-type"], "text/event-stream");
    assert_eq!(response.headers()["x-accel-buffering"], "no");
    response.into_body().into_data_stream()
}

async fn next(stream: &mut BodyDataStream) -> String {
    String::from_utf8(stream.next().await.unwrap().unwrap().to_vec()).unwrap()
}

#[tokio::test]
async fn an_event_names_what_changed_and_nothing_of_it() {
    let server = site().await;
    let office = Browser::of(&server, "office").await;
    let mut events = stream(&server, &office).await;
    let hello = next(&mut events).await;
    assert!(hello.contains("event: hello") && hello.contains("retry: "), "{hello}");
    let no = registered(&server, "complaint", "020103").await;
    live::look(&server.test.app, &mut Seen::default()).await.unwrap();
    let changed = next(&mut events).await;
    assert!(changed.contains("event: changed"), "{changed}");
    assert!(changed.contains(&format!("data: {{\"orders\":[\"{no}\"],\"more\":false}}")), "{changed}");
    // The server stops: the page is told to connect again, and the stream ends.
    let (_tell, stop) = tokio::sync::watch::channel(true);
    live::run(std::sync::Arc::clone(&server.test.app), stop).await;
    let bye = next(&mut events).await;
    assert!(bye.contains("event: bye") && bye.contains("retry: "), "{bye}");
    assert!(events.next().await.is_none());
}
