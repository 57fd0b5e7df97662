//! The main road, by forms alone.

use huiyin_app::{
    Actor,
    orders::{self, Given},
};
use serde_json::json;

use super::browser::{Browser, form, registered, site};

#[tokio::test]
async fn from_a_call_to_the_end() {
    let server = site().await;
    let no = registered(&server, "complaint", "020103").await;
    let path = format!("/orders/{no}");
    let to = |command: &str| format!("{path}/do/{command}");

    // The office sees it, with the unit the rules suggest, and sends it out.
    let mut office = Browser::of(&server, "office").await;
    let page = office.get("/dispatch").await;
    for part in ["大东海夜市占道", "市综合行政执法局", "办结时限", "三府办〔2018〕62号"] {
        assert!(page.text.contains(part), "`{part}` in {}", page.text);
    }
    let dispatch =
        form(&page, &to("dispatch")).with("lead", "enforcement").with("note", "请今晚到场。").with("assist", "");
    assert_eq!(office.done(&dispatch).await, "/dispatch");
    let next = office.get("/dispatch").await;
    assert!(next.text.contains(&format!("{no} 已派单")) && next.text.contains("没有待派的工单"), "{}", next.text);

    // The unit signs from its list, takes it up, and answers.
    let mut officer = Browser::of(&server, "officer").await;
    let queue = officer.get("/queue").await;
    assert!(queue.text.contains("待签收") && queue.text.contains("大东海夜市占道"), "{}", queue.text);
    let sign = form(&queue, "/queue/bulk").with("_one", &format!("{no}.1.sign"));
    assert_eq!(officer.done(&sign).await, "/queue");
    let page = officer.get(&path).await;
    if page.text.contains(&to("accept")) {
        officer.done(&form(&page, &to("accept"))).await;
    }
    let progress = officer.form_at(&path, &to("progress")).await.with("text", "已约谈经营者。");
    officer.done(&progress).await;
    let contact = officer.form_at(&path, &to("contact")).await.with("reached", "true").with("said", "希望今晚就清走。");
    officer.done(&contact).await;
    let page = officer.get(&path).await;
    assert!(page.text.contains("已约谈经营者。") && page.text.contains("希望今晚就清走。"));
    assert!(page.text.contains("对责任单位和责任人的处理"), "the conditions of its kind are asked");
    let answer = form(&page, &to("feedback"))
        .with("facts.finding", "true")
        .with("facts.unit_dealt_with", "对中队责任人谈话提醒。")
        .with("facts.matter_disposed", "已清退桌椅,立案二件。")
        .with("internal", "六家占道,二家立案。")
        .with("public", "您反映的问题属实,已清退并立案。");
    officer.done(&answer).await;

    // Where the unit's leader approves, that comes first.
    let mut leader = Browser::of(&server, "leader").await;
    let cards = leader.get("/approvals").await;
    if cards.text.contains(&to("grant")) {
        assert!(cards.text.contains("您反映的问题属实"));
        assert_eq!(leader.done(&form(&cards, &to("grant"))).await, "/approvals");
    }

    // The office reviews it.
    let review = office.get("/review").await;
    for part in ["您反映的问题属实", "六家占道", "条件齐备", "对中队责任人谈话提醒。"] {
        assert!(review.text.contains(part), "`{part}` in {}", review.text);
    }
    assert_eq!(office.done(&form(&review, &to("pass"))).await, "/review");

    // The claimant is called, and it ends.
    let mut callback = Browser::of(&server, "callback").await;
    let page = callback.get("/callback").await;
    assert!(page.text.contains("您好，这里是三亚12345热线") && page.text.contains("市综合行政执法局"), "{}", page.text);
    let answers = form(&page, &to("callback-answered"))
        .with("answers.contacted", "true")
        .with("answers.solved", "true")
        .with("answers.satisfied", "5")
        .with("answers.said", "很快。");
    let stays = callback.done(&answers).await;
    assert_eq!(stays, format!("/callback?case={no}"));
    let page = callback.get(&stays).await;
    assert!(page.text.contains("建议办结"), "{}", page.text);
    assert_eq!(callback.done(&form(&page, &to("close"))).await, "/callback");

    let page = office.get(&path).await;
    for part in ["已办结 · 办理完毕", "很快。", "回访", "审核通过", "签收", "派单", "登记受理", "收件"]
    {
        assert!(page.text.contains(part), "`{part}` in {}", page.text);
    }
    assert!(!page.text.contains("13800138000") && !page.text.contains("林某"), "no name without a purpose");
}

#[tokio::test]
async fn a_message_that_arrives_holds_nobody_up_and_a_persons_doing_does() {
    let server = site().await;
    let no = registered(&server, "complaint", "020103").await;
    let path = format!("/orders/{no}/do/dispatch");
    let mut office = Browser::of(&server, "office").await;
    let seen = form(&office.get("/dispatch").await, &path).with("lead", "enforcement");
    let tell = |actor: Actor, command: &'static str, input| {
        let given = Given { order: no.clone(), command: command.into(), input, key: None, if_match: None };
        let app = &server.test.app;
        async move { orders::command(app, &actor, given).await.unwrap() }
    };
    tell(Actor::system(), "tell", json!({ "duty": 1, "record": "sms 1" })).await;
    assert_eq!(office.done(&seen).await, "/dispatch");

    let no = registered(&server, "complaint", "020103").await;
    let path = format!("/orders/{no}/do/dispatch");
    let seen = form(&office.get("/dispatch").await, &path).with("lead", "enforcement");
    let mut agent = Browser::of(&server, "agent").await;
    let urge = agent.form_at(&format!("/orders/{no}"), &format!("/orders/{no}/do/urge")).await;
    agent.done(&urge).await;
    let page = office.send(&seen).await;
    assert_eq!(page.status, 409, "{}", page.text);
}

#[tokio::test]
async fn a_letter_is_received_first_and_registered_at_the_desk() {
    let server = site().await;
    let mut agent = Browser::of(&server, "agent").await;
    let new = agent.form_at("/orders/new", "/orders/new").await;
    let letter = new
        .with("_do", "receive")
        .with("channel", "letter")
        .with("received_at", "2026-10-11T16:00")
        .with("body", "路灯不亮,请修。")
        .with("claimant.anonymous", "true");
    let path = agent.done(&letter).await;
    let page = agent.get("/intake").await;
    assert!(page.text.contains("路灯不亮,请修。") && page.text.contains("信件"), "{}", page.text);
    let action = format!("{path}/do/register");
    let register = form(&page, &action)
        .with("kind", "help")
        .with("urgency", "normal")
        .with("title", "路灯不亮")
        .with("subject", "010201");
    assert_eq!(agent.done(&register).await, "/intake");
    let page = agent.get(&path).await;
    assert!(
        page.text.contains("待派单") && page.text.contains("路灯不亮") && page.text.contains("派单时限"),
        "{}",
        page.text
    );
}

#[tokio::test]
async fn limits_are_seen_before_anything_is_stored() {
    let server = site().await;
    let mut agent = Browser::of(&server, "agent").await;
    let new = agent.form_at("/orders/new", "/orders/new").await;
    let preview = new
        .with("_do", "preview")
        .with("body", "夜市占道。")
        .with("kind", "complaint")
        .with("subject", "020103")
        .with("urgency", "normal");
    let page = agent.send(&preview).await;
    assert_eq!(page.status, 200);
    for part in ["受理时限", "办结时限", "2026-10-14", "三府办〔2018〕62号", "夜市占道。", "市综合行政执法局"]
    {
        assert!(page.text.contains(part), "`{part}` in {}", page.text);
    }
    assert!(agent.get("/orders").await.text.contains("没有符合条件的工单"), "nothing was stored");
}

#[tokio::test]
async fn a_name_is_read_with_a_purpose_and_that_is_seen() {
    let server = site().await;
    let no = registered(&server, "complaint", "020103").await;
    let path = format!("/orders/{no}");
    let mut office = Browser::of(&server, "office").await;
    let page = office.get(&path).await;
    let ask = form(&page, &format!("{path}/reveal"));
    assert_eq!(office.send(&ask.clone().with("purpose", "看")).await.status, 422);
    let shown = office.send(&ask.with("purpose", "核对来电号码")).await;
    assert_eq!((shown.status.as_u16(), shown.header("cache-control")), (200, "no-store"));
    assert!(shown.text.contains("13800138000") && shown.text.contains("林某"), "{}", shown.text);
    let page = office.get(&format!("{path}?tl=reveal")).await;
    assert!(page.text.contains("核对来电号码") && !page.text.contains("13800138000"), "{}", page.text);
}

#[tokio::test]
async fn a_call_is_found_by_number_and_a_phone_by_its_orders() {
    let server = site().await;
    let no = registered(&server, "complaint", "020103").await;
    let mut office = Browser::of(&server, "office").await;
    assert_eq!(office.get(&format!("/orders?q={no}")).await.header("location"), format!("/orders/{no}"));
    assert_eq!(office.get("/orders?q=138-0013-8000").await.header("location"), format!("/orders/{no}"));
    assert!(office.get("/orders?q=nothing").await.text.contains("没有找到"));
    let mut officer = Browser::of(&server, "officer").await;
    assert!(
        officer.get(&format!("/orders?q={no}")).await.text.contains("没有找到"),
        "what one may not see is not there"
    );
}
