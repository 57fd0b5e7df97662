//! What is new for a person: counted on every page, read by one press, each for themselves.

use huiyin_app::{Role, people::Position};

use super::browser::{Browser, dispatched, site};

/// The number on the bell.
fn bell(page: &str) -> &str {
    page.split("btn__badge\">").nth(1).map_or("", |rest| rest.split('<').next().unwrap())
}

#[tokio::test]
async fn a_new_order_is_counted_for_each_of_its_unit_until_they_have_read() {
    let server = site().await;
    let no = dispatched(&server).await;
    server.test.person("water", "water", Role::Officer, Position::Staff).await;
    let mut officer = Browser::of(&server, "officer").await;
    assert_eq!(bell(&officer.get("/queue").await.text), "1", "in the frame of every page");
    let page = officer.get("/notices").await.text;
    assert!(page.contains("1 条未读") && page.contains("新派单") && page.contains(&no), "{page}");
    server.test.clock.advance(1_000);
    let read = officer.form_at("/notices", "/notices/read").await;
    // What comes after the page was made stays new, though the button is pressed later.
    server.test.clock.advance(1_000);
    let later = dispatched(&server).await;
    officer.done(&read).await;
    let page = officer.get("/notices").await.text;
    assert!(page.contains("1 条未读") && page.contains(&later) && page.contains(&no), "{page}");
    let read = officer.form_at("/notices", "/notices/read").await;
    officer.done(&read).await;
    server.test.clock.advance(1_000);
    let page = officer.get("/notices").await.text;
    assert!(page.contains("都读过了") && page.contains(&no), "what is read is still there");
    assert_eq!(bell(&officer.get("/me").await.text), "");
    assert_eq!(bell(&Browser::of(&server, "leader").await.get("/queue").await.text), "2", "each for themselves");
    let mut water = Browser::of(&server, "water").await;
    let page = water.get("/notices").await.text;
    assert!(bell(&page).is_empty() && !page.contains(&no), "another unit learns nothing");
    assert_eq!(bell(&Browser::of(&server, "office").await.get("/notices").await.text), "", "nobody of their own doing");
}

#[tokio::test]
async fn a_kind_is_left_out_but_not_what_duty_demands() {
    let server = site().await;
    let no = dispatched(&server).await;
    let mut officer = Browser::of(&server, "officer").await;
    let page = officer.get("/me").await.text;
    assert!(page.contains("应急、超期、督办、重办是职责所在") && page.matches("disabled").count() >= 4, "{page}");
    // Nothing ticked: all that may be left out is.
    let mut choose = officer.form_at("/me", "/me/notices").await;
    choose.fields.retain(|(name, _)| name != "kind");
    officer.done(&choose).await;
    let page = officer.get("/notices").await.text;
    assert!(bell(&page).is_empty() && page.contains(&no), "not counted, and still to be read");
    let mut office = Browser::of(&server, "office").await;
    let path = format!("/orders/{no}");
    let supervise = office.form_at(&path, &format!("{path}/do/supervise")).await;
    office.done(&supervise.with("level", "order").with("reason", "overdue")).await;
    let page = officer.get("/notices").await.text;
    assert_eq!(bell(&page), "1");
    assert!(page.contains("督办"));
    officer.done(&choose.with("kind", "delivered")).await;
    assert_eq!(bell(&officer.get("/notices").await.text), "2");
}

#[tokio::test]
async fn who_decides_hears_of_a_request_and_who_asked_of_the_decision() {
    let server = site().await;
    let no = dispatched(&server).await;
    let path = format!("/orders/{no}");
    let mut officer = Browser::of(&server, "officer").await;
    let sign = officer.form_at(&path, &format!("{path}/do/sign")).await;
    officer.done(&sign).await;
    let extend = officer.form_at(&path, &format!("{path}/do/extend")).await;
    let extend = extend.with("span.amount", "1").with("span.unit", "workday").with("reason", "complex");
    officer.done(&extend).await;
    let mut office = Browser::of(&server, "office").await;
    assert!(office.get("/notices").await.text.contains("有申请待决定"));
    let grant = office.form_at(&path, &format!("{path}/do/grant")).await;
    office.done(&grant).await;
    assert!(officer.get("/notices").await.text.contains("申请有了结果"));
    // An order taken back is no longer of the unit: neither is what was told of it.
    let recall = office.form_at(&path, &format!("{path}/do/recall")).await;
    office.done(&recall.with("reason", "wrong-unit")).await;
    let shown = officer.get("/notices").await.text.contains(&no);
    assert_eq!(shown, officer.get(&path).await.status == 200, "a notice is as hidden as its order");
}
