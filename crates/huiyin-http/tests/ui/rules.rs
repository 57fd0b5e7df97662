//! The rules as staff read them, and a new version from its first line to the day it holds.

use super::browser::{Browser, Form, form, site};

const VERSIONS: &str = "/admin/rules/versions";

#[tokio::test]
async fn a_rule_is_found_by_name_and_by_document_and_says_where_it_stands() {
    let server = site().await;
    let mut office = Browser::of(&server, "office").await;
    let page = office.get("/admin/rules").await;
    assert_eq!(page.status, 200);
    assert!(page.text.contains("分期取值") && page.text.contains("clocks") && page.text.contains("生效中"));
    let found = office.get("/admin/rules?section=parameter&q=return.per_unit").await;
    assert!(found.text.contains("return.per_unit") && found.text.contains(".toml:"));
    assert!(office.get("/admin/rules?q=no-such-thing-at-all").await.text.contains("没有符合的规则"));
    let hostile = office.get("/admin/rules?q=%3Cscript%3E&section=%22&entry=%3Cb%3E").await;
    assert!(hostile.status == 200 && !hostile.text.contains("<script>alert") && !hostile.text.contains("value=\"<"));
}

#[tokio::test]
async fn a_file_with_faults_comes_back_with_all_of_them_and_what_was_typed() {
    let server = site().await;
    let mut office = Browser::of(&server, "office").await;
    let edit = format!("{VERSIONS}/edit?file=clocks.toml");
    let page = office.get(&edit).await;
    assert!(page.text.contains("[[clock]]"));
    let broken =
        form(&page, VERSIONS).with("note", "试写一处").with("text", "[[clock]]\nrule = 7\r\nnoise = \"喧闹\"\n");
    let sent = office.send_with(&broken, &[]).await;
    assert_eq!(sent.status, 422, "{}", sent.text);
    assert!(sent.text.contains("clocks.toml:") && sent.text.contains("处错误"));
    assert!(
        sent.text.contains("noise = &#34;喧闹&#34;") || sent.text.contains("noise = &quot;喧闹&quot;"),
        "{}",
        sent.text
    );
    assert!(sent.text.contains("试写一处"));
    assert!(office.get(VERSIONS).await.text.contains("还没有修订"));
    // A form of another page is not read.
    let foreign = Form { action: VERSIONS.into(), fields: vec![("_csrf".into(), "guessed".into())] };
    assert_eq!(office.send_with(&foreign.with("note", "x"), &[("files", "a.toml", b"")]).await.status, 403);
}

#[tokio::test]
async fn a_new_version_goes_from_upload_to_a_second_person() {
    let server = site().await;
    let mut office = Browser::of(&server, "office").await;
    let page = office.get(VERSIONS).await;
    let clocks = server.test.app.rules.files.iter().find(|(name, _)| name == "clocks.toml").unwrap().1.clone();
    let shorter = clocks.replace("amount = 5\nunit = \"workday\"", "amount = 2\nunit = \"workday\"");
    assert_ne!(clocks, shorter);
    let upload = form(&page, VERSIONS).with("note", "把五个工作日改为两个");
    let sent = office.send_with(&upload, &[("files", "clocks.toml", shorter.as_bytes())]).await;
    assert_eq!((sent.status.as_u16(), sent.header("location")), (303, "/admin/rules/versions/1"), "{}", sent.text);
    let one = office.get("/admin/rules/versions/1").await;
    assert!(one.text.contains("检查通过") && one.text.contains("把五个工作日改为两个"));
    assert!(one.text.contains("<del>") && one.text.contains("<ins>") && one.text.contains("须由另一位"));
    assert!(!one.text.contains("/approve\""), "who wrote it is not offered to approve it");

    let tried = form(&one, "/admin/rules/versions/1/try").with("from", "2026-10-01").with("to", "2026-10-12");
    assert_eq!(office.send(&tried).await.status, 303);
    let mut admin = Browser::of(&server, "admin").await;
    let one = loop {
        let one = admin.get("/admin/rules/versions/1").await;
        if one.text.contains("修订后超期") {
            break one;
        }
        tokio::task::yield_now().await;
    };
    let approve = form(&one, "/admin/rules/versions/1/approve");
    let late = admin.send(&approve.clone().with("from", "2026-10-11")).await;
    assert!(late.status == 422 && late.text.contains("生效日期不能早于今天"), "{}", late.text);
    let wrong = admin.send(&approve.clone().with("from", "tomorrow")).await;
    assert!(wrong.status == 422 && wrong.text.contains("请写日期"));
    // Sent by who wrote it all the same: refused.
    let own = office.get("/admin/rules/versions/1").await;
    let forged = Form {
        action: "/admin/rules/versions/1/approve".into(),
        fields: form(&own, "/admin/rules/versions/1/withdraw").fields,
    };
    let forged = office.send(&forged.with("from", "2026-10-13")).await;
    assert!(forged.status == 422 && forged.text.contains("起草人不能批准"), "{}", forged.text);
    assert_eq!(admin.send(&approve.with("from", "2026-10-13")).await.status, 303);
    let list = admin.get(VERSIONS).await;
    assert!(list.text.contains("已批准，待生效") && list.text.contains("2026-10-13"));
    let browsed = admin.get("/admin/rules?version=1&section=clock").await;
    assert!(browsed.text.contains("第 1 次修订"));
}
