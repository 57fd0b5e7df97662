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

#[tokio::test]
async fn who_else_is_at_an_order_and_who_writes_is_told_to_those_at_it() {
    let server = site().await;
    let no = registered(&server, "complaint", "020103").await;
    let mut office = Browser::of(&server, "office").await;
    let agent = Browser::of(&server, "agent").await;
    let at = |browser: &Browser<'_>| {
        let request = Request::get(format!("/live?order={no}")).header("cookie", browser.cookie());
        server.router.clone().oneshot(request.body(Body::empty()).unwrap())
    };
    let mut first = at(&agent).await.unwrap().into_body().into_data_stream();
    assert!(next(&mut first).await.contains("hello"));
    let mut second = at(&office).await.unwrap().into_body().into_data_stream();
    assert!(next(&mut second).await.contains("hello"));
    // Who came before is told at once, who comes later as they come.
    assert!(next(&mut second).await.contains("event: present"));
    let told = next(&mut first).await;
    assert!(told.contains("event: present") && told.contains("\"editing\":false"), "{told}");
    let form = office.form_at(&format!("/orders/{no}"), &format!("/orders/{no}/reveal")).await;
    let mut editing = form.clone();
    editing.action = format!("/orders/{no}/editing");
    assert_eq!(office.send(&editing).await.status, 204);
    assert!(next(&mut first).await.contains("\"editing\":true"));
    drop(second);
    assert!(next(&mut first).await.contains("\"people\":[]"), "gone with the page");
    // Of an order one may not know of, nothing.
    let officer = Browser::of(&server, "officer").await;
    assert_eq!(at(&officer).await.unwrap().status(), 404);
}
