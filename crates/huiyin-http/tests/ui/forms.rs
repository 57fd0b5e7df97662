//! Forms that are not carried out: nothing typed is lost, and the page says why and what would do.

use super::browser::{Browser, form, registered, site};

/// An order at the enforcement bureau, signed for.
async fn signed(server: &super::common::Server) -> String {
    let no = registered(server, "complaint", "020103").await;
    let mut office = Browser::of(server, "office").await;
    let dispatch = office.form_at("/dispatch", &format!("/orders/{no}/do/dispatch")).await.with("lead", "enforcement");
    office.done(&dispatch).await;
    let mut officer = Browser::of(server, "officer").await;
    let sign = officer.form_at("/queue", "/queue/bulk").await;
    assert_eq!(officer.done(&sign.with("_one", &format!("{no}.1.sign"))).await, "/queue");
    no
}

#[tokio::test]
async fn a_refusal_keeps_what_was_typed_and_names_the_rule() {
    let server = site().await;
    let no = signed(&server).await;
    let path = format!("/orders/{no}");
    let mut officer = Browser::of(&server, "officer").await;
    let answer = officer.form_at(&path, &format!("{path}/do/feedback")).await;
    let answer = answer
        .with("facts.finding", "true")
        .with("facts.unit_dealt_with", "谈话提醒一次")
        .with("internal", "写了很多字的调查情况")
        .with("public", "您反映的问题属实。");
    let page = officer.send(&answer).await;
    assert_eq!(page.status, 422);
    for part in [
        "办结要件不全",
        "对事件和物品的处置",
        "三府办〔2018〕62号",
        "写了很多字的调查情况",
        "您反映的问题属实。",
        "谈话提醒一次",
    ] {
        assert!(page.text.contains(part), "`{part}` in {}", page.text);
    }
    assert!(page.text.contains("value=\"true\" checked"), "the finding stays chosen");
    // The form on the page can be sent again, with a key of its own.
    let again = form(&page, &format!("{path}/do/feedback"));
    let key = |form: &super::browser::Form| form.fields.iter().find(|(name, _)| name == "_key").unwrap().1.clone();
    assert_ne!(key(&again), key(&answer));
}

#[tokio::test]
async fn a_unit_that_is_none_is_said_at_its_field() {
    let server = site().await;
    let no = registered(&server, "complaint", "020103").await;
    let mut office = Browser::of(&server, "office").await;
    let dispatch = office.form_at("/dispatch", &format!("/orders/{no}/do/dispatch")).await;
    let page = office.send(&dispatch.with("_other_lead", "没有的局").with("note", "请尽快")).await;
    assert_eq!(page.status, 422);
    for part in ["没有名为「没有的局」的单位", "value=\"没有的局\"", "请尽快"] {
        assert!(page.text.contains(part), "`{part}` in {}", page.text);
    }
}

#[tokio::test]
async fn sent_twice_it_is_done_once() {
    let server = site().await;
    let no = signed(&server).await;
    let path = format!("/orders/{no}");
    let mut officer = Browser::of(&server, "officer").await;
    let progress = officer.form_at(&path, &format!("{path}/do/progress")).await.with("text", "只记一次的进展");
    officer.done(&progress).await;
    officer.done(&progress).await;
    let page = officer.get(&path).await;
    assert_eq!(page.text.matches("只记一次的进展").count(), 1);
    // The same form with other words is another matter: it is not done, and its words stay.
    let mut other = progress.clone();
    other.fields.last_mut().unwrap().1 = "另外的一句话".into();
    let page = officer.send(&other).await;
    assert_eq!(page.status, 422);
    assert!(page.text.contains("另外的一句话") && page.text.contains("已经提交过"), "{}", page.text);
}

#[tokio::test]
async fn a_change_meanwhile_is_shown_and_nothing_is_lost() {
    let server = site().await;
    let no = signed(&server).await;
    let path = format!("/orders/{no}");
    let mut officer = Browser::of(&server, "officer").await;
    let progress = officer.form_at(&path, &format!("{path}/do/progress")).await.with("text", "写了一半的进展");
    let mut office = Browser::of(&server, "office").await;
    let urge = office.form_at(&path, &format!("{path}/do/urge")).await.with("text", "请今天答复");
    office.done(&urge).await;
    let page = officer.send(&progress).await;
    assert_eq!(page.status, 409);
    for part in ["已被改动", "诉求人催办", "写了一半的进展"] {
        assert!(page.text.contains(part), "`{part}` in {}", page.text);
    }
    // Seen, and sent again.
    let again = form(&page, &format!("{path}/do/progress")).with("text", "写了一半的进展");
    officer.done(&again).await;
}

#[tokio::test]
async fn a_new_order_is_not_lost_either() {
    let server = site().await;
    let mut agent = Browser::of(&server, "agent").await;
    let new = agent.form_at("/orders/new", "/orders/new").await;
    let new =
        new.with("_do", "register").with("body", "一长段诉求").with("claimant.name", "王某").with("kind", "complaint");
    let page = agent.send(&new).await;
    assert_eq!(page.status, 422);
    for part in ["请选择事项", "一长段诉求", "value=\"王某\"", "value=\"complaint\" checked"] {
        assert!(page.text.contains(part), "`{part}` in {}", page.text);
    }
}

#[tokio::test]
async fn what_is_typed_is_never_markup() {
    let server = site().await;
    let no = signed(&server).await;
    let path = format!("/orders/{no}");
    let mut officer = Browser::of(&server, "officer").await;
    let progress =
        officer.form_at(&path, &format!("{path}/do/progress")).await.with("text", "<script>alert(1)</script>\"'");
    officer.done(&progress).await;
    let page = officer.get(&path).await;
    assert!(!page.text.contains("<script>alert") && page.text.contains("&#60;script&#62;alert"), "{}", page.text);
    assert!(!page.text.contains(" style=\""), "the content policy forbids it");
}

#[tokio::test]
async fn a_unit_sees_no_words_of_a_secret_order() {
    let server = site().await;
    let mut agent = Browser::of(&server, "agent").await;
    let new = agent.form_at("/orders/new", "/orders/new").await;
    let new = new
        .with("_do", "register")
        .with("title", "举报我单位王某")
        .with("body", "我是三楼会计,举报王某。")
        .with("claimant.name", "会计")
        .with("claimant.phone", "13800138001")
        .with("kind", "report")
        .with("subject", "020103")
        .with("secret", "true");
    let path = agent.done(&new).await;
    let mut office = Browser::of(&server, "office").await;
    let page = office.get("/dispatch").await;
    let redact = form(&page, &format!("{path}/do/redact")).with("text", "有人举报某商户占道。");
    office.done(&redact).await;
    let dispatch = office.form_at("/dispatch", &format!("{path}/do/dispatch")).await.with("lead", "enforcement");
    office.done(&dispatch).await;
    let mut officer = Browser::of(&server, "officer").await;
    for page in [officer.get("/queue").await, officer.get(&path).await, officer.get("/orders").await] {
        assert_eq!(page.status, 200);
        assert!(!page.text.contains("会计") && !page.text.contains("举报我单位"), "{}", page.text);
    }
    let page = officer.get(&path).await;
    assert!(page.text.contains("有人举报某商户占道。") && page.text.contains("请热线转问诉求人"), "{}", page.text);
    assert!(!page.text.contains(&format!("{path}/reveal")), "a unit does not ask who it is");
    let relay = form(&page, &format!("{path}/do/relay")).with("text", "具体在几号门?");
    officer.done(&relay).await;
    let items = agent.get("/desk-items").await;
    assert!(items.text.contains("转问诉求人"), "{}", items.text);
}

#[tokio::test]
async fn a_session_that_ends_takes_nothing_typed_with_it() {
    let server = site().await;
    let no = signed(&server).await;
    let path = format!("/orders/{no}");
    let mut officer = Browser::of(&server, "officer").await;
    let progress = officer.form_at(&path, &format!("{path}/do/progress")).await.with("text", "写了很久的进展");
    let out = officer.form_at("/me", "/logout").await;
    officer.done(&out).await;
    let page = officer.send(&progress).await;
    assert_eq!(page.status, 401);
    assert!(page.text.contains("登录已到期") && page.text.contains("写了很久的进展"), "{}", page.text);
    officer.sign_in("officer", super::common::app::PASSWORD).await;
    let page = officer.send(&progress).await;
    assert_eq!(page.status, 403, "the form belongs to the session before");
    assert!(page.text.contains("写了很久的进展"), "{}", page.text);
}
