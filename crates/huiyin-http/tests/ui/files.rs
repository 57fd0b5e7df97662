//! Evidence by plain forms: chosen, sent in parts, shown, kept when the form is not carried out.

use super::browser::{Browser, Form, form, registered, site};

const PDF: &[u8] = b"%PDF-1.7\nan invented page";

fn new_order(form: Form) -> Form {
    form.with("_do", "register")
        .with("channel", "visit")
        .with("title", "楼上漏水")
        .with("body", "天花板滴水,墙皮脱落。")
        .with("kind", "complaint")
        .with("subject", "020103")
        .with("urgency", "normal")
}

#[tokio::test]
async fn a_form_brings_files_without_script() {
    let server = site().await;
    let mut agent = Browser::of(&server, "agent").await;
    let page = agent.get("/orders/new").await;
    assert!(page.text.contains("enctype=\"multipart/form-data\"") && page.text.contains("type=\"file\""));
    let form_of = new_order(form(&page, "/orders/new"));
    let files: &[(&str, &str, &[u8])] = &[("files", "报修单.pdf", PDF), ("files", "", b"")];
    let sent = agent.send_with(&form_of, files).await;
    assert_eq!(sent.status, 303, "{}", sent.text);
    // Sent twice it is one order with one file.
    let again = agent.send_with(&form_of, files).await;
    assert_eq!((again.status.as_u16(), again.header("location")), (303, sent.header("location")));
    let order = agent.get(sent.header("location")).await;
    assert_eq!(order.text.matches("class=\"attached__name\"").count(), 1);
    assert!(order.text.contains("报修单.pdf"));
    let href = order.text.split("attached__file\" href=\"").nth(1).unwrap().split('"').next().unwrap().to_owned();
    let file = agent.get(&href).await;
    assert_eq!((file.status.as_u16(), file.text.as_bytes()), (200, PDF));
    assert!(file.header("content-disposition").starts_with("attachment;"));
    assert_eq!(agent.get(&format!("{href}/thumb")).await.status, 404);
    // The reading stands in the timeline.
    let log = agent.get(&format!("{}?tl=reveal", sent.header("location"))).await;
    assert!(log.text.contains("查看附件"));
    // Who may not see the order does not get the file.
    let mut officer = Browser::of(&server, "officer").await;
    assert_eq!(officer.get(&href).await.status, 404);
}

#[tokio::test]
async fn what_was_typed_and_sent_is_kept_when_a_file_is_not_taken() {
    let server = site().await;
    let mut agent = Browser::of(&server, "agent").await;
    let page = agent.get("/orders/new").await;
    let form_of = new_order(form(&page, "/orders/new"));
    let files: &[(&str, &str, &[u8])] = &[("files", "报修单.pdf", PDF), ("files", "照片.jpg", b"<html>")];
    let sent = agent.send_with(&form_of, files).await;
    assert_eq!(sent.status, 422, "{}", sent.text);
    assert!(sent.text.contains("照片.jpg") && sent.text.contains("没有收下"));
    assert!(sent.text.contains("墙皮脱落") && sent.text.contains("已上传：报修单.pdf"), "{}", sent.text);
    let id = sent.text.split("name=\"files\" value=\"").nth(1).unwrap().split('"').next().unwrap().to_owned();
    // Sent again without choosing it again.
    let form_of = new_order(form(&sent, "/orders/new")).with("files", &id);
    let done = agent.send_with(&form_of, &[]).await;
    assert_eq!(done.status, 303, "{}", done.text);
    assert!(agent.get(done.header("location")).await.text.contains("报修单.pdf"));
}

#[tokio::test]
async fn a_form_that_is_not_ours_stores_nothing() {
    let server = site().await;
    let no = registered(&server, "complaint", "020103").await;
    let mut agent = Browser::of(&server, "agent").await;
    let action = format!("/orders/{no}/do/supplement");
    let foreign = Form { action: action.clone(), fields: vec![("_csrf".into(), "guessed".into())] };
    let sent = agent.send_with(&foreign.with("text", "补充"), &[("files", "a.pdf", PDF)]).await;
    assert_eq!(sent.status, 403);
    let mut nobody = Browser::new(&server);
    let typed = Form { action: action.clone(), fields: Vec::new() }.with("text", "写了很久的补充");
    let sent = nobody.send_with(&typed, &[("files", "a.pdf", PDF)]).await;
    assert!(sent.status == 401 && sent.text.contains("写了很久的补充"), "{}", sent.text);
    assert_eq!(server.test.files.older_than("sanya", huiyin_core::time::Instant(i64::MAX)).await.unwrap().len(), 0);
    // From the order's own page it is taken.
    let own = agent.form_at(&format!("/orders/{no}"), &action).await;
    let sent = agent.send_with(&own.with("text", "补充照片"), &[("files", "a.pdf", PDF)]).await;
    assert_eq!(sent.status, 303, "{}", sent.text);
    assert!(agent.get(&format!("/orders/{no}")).await.text.contains("a.pdf"));
}
