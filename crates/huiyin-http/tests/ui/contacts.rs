//! What could not be read, at the intake desk: read raw, typed in, set aside, taken back; by forms alone.

use huiyin_app::orders;

use super::{
    browser::{Browser, Form, form, site},
    common::Server,
};

async fn waits(server: &Server, external: &str, raw: &[u8]) {
    assert!(orders::set_aside(&server.test.app, "email", external, raw, "the text is not UTF-8").await.unwrap());
}

/// The form of a page whose address ends so.
fn form_to(page: &super::common::Answer, end: &str) -> Form {
    let action = page.text.split("action=\"").skip(1).map(|rest| rest.split('"').next().unwrap());
    let action =
        action.into_iter().find(|action| action.ends_with(end)).unwrap_or_else(|| panic!("{end}: {}", page.text));
    form(page, action)
}

#[tokio::test]
async fn what_cannot_be_read_is_shown_raw_and_typed_in() {
    let server = site().await;
    waits(&server, "m-1", b"<script>alert(1)</script> \xc8\xfd\xd1\xc7\xcd\xe5\xc2\xb7").await;
    let mut agent = Browser::of(&server, "agent").await;
    let desk = agent.get("/intake").await;
    assert!(desk.text.contains("未能解析 <span class=\"tab__n\" data-level=\"soon\">1</span>"), "{}", desk.text);
    let page = agent.get("/intake/contacts").await;
    assert!(page.text.contains("&#60;script&#62;alert(1)") && page.text.contains("\\xc8"), "{}", page.text);
    let id = page.text.split("name=\"contact\" value=\"").nth(1).unwrap().split('"').next().unwrap().to_owned();
    let again = agent.get(&format!("/intake/contacts?contact={id}&encoding=gb18030")).await;
    assert!(again.text.contains("三亚湾路"));
    let raw = agent.get(&format!("/intake/contacts/{id}/raw")).await;
    assert_eq!(raw.header("content-type"), "application/octet-stream");
    assert!(raw.header("content-disposition").starts_with("attachment"));
    // Without a kind it cannot be registered; what was typed stays.
    let typed = form_to(&page, "/open").with("title", "三亚湾路路灯不亮").with("body", "正文未能完整解析。");
    let refused = agent.send(&typed.clone().with("_do", "register")).await;
    assert!(refused.status == 422 && refused.text.contains("正文未能完整解析。"), "{}", refused.text);
    let done = agent.send(&typed.with("_do", "receive")).await;
    assert_eq!(done.status, 303, "{}", done.text);
    let order = agent.get(done.header("location")).await;
    assert!(order.text.contains("三亚湾路路灯不亮"));
    assert!(agent.get("/intake/contacts").await.text.contains("没有未能解析的来件"));
    assert!(
        agent.get("/intake").await.text.contains("三亚湾路路灯不亮"),
        "it waits to be registered, appended, refused"
    );
}

#[tokio::test]
async fn what_waits_too_long_is_marked_and_names_its_rule() {
    let server = site().await;
    waits(&server, "m-1", b"\xc8\xfd").await;
    let mut agent = Browser::of(&server, "agent").await;
    let page = agent.get("/intake/contacts").await;
    assert!(page.text.contains("由人查看（") && page.text.contains("GB/T 33358-2016"), "{}", page.text);
    assert!(!page.text.contains("class=\"tag\" data-level=\"over\""), "{}", page.text);
    server.test.clock.advance(24 * 60 * 60_000 + 1_000);
    let mut agent = Browser::of(&server, "agent").await;
    let late = agent.get("/intake/contacts").await;
    assert!(late.text.contains("class=\"tag\" data-level=\"over\""), "{}", late.text);
}

#[tokio::test]
async fn spam_is_set_aside_with_a_reason_and_taken_back() {
    let server = site().await;
    waits(&server, "m-1", b"buy now").await;
    let mut agent = Browser::of(&server, "agent").await;
    let page = agent.get("/intake/contacts").await;
    let aside = form_to(&page, "/dismiss");
    assert_eq!(agent.send(&aside.clone().with("reason", "")).await.status, 422);
    let to = agent.done(&aside.clone().with("reason", "spam").with("note", "广告")).await;
    assert!(agent.get(&to).await.text.contains("没有未能解析的来件"));
    // Somebody else still had the page open.
    let late = agent.send(&aside.with("reason", "spam")).await;
    assert!(late.status == 422 && late.text.contains("已由他人处理"), "{}", late.text);
    let list = agent.get("/intake/contacts?state=dismissed").await;
    assert!(list.text.contains("垃圾信息") && list.text.contains("buy now"));
    let to = agent.done(&form_to(&list, "/restore")).await;
    assert!(agent.get(&to).await.text.contains("buy now"));
}
