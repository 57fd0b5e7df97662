//! The desk: a call taken by hand, each of its ways on, and what is shown before anything is stored.

use super::browser::{Browser, Form, registered, site};

fn call(form: &Form, way: &str) -> Form {
    form.clone()
        .with("_do", way)
        .with("claimant.phone", "138 0013 8000")
        .with("kind", "complaint")
        .with("body", "夜市摆到人行道，盲道被占。希望清理。")
        .with("subject", "020103")
        .with("place", "榆亚路")
}

#[tokio::test]
async fn a_number_in_any_form_finds_what_it_raised_and_the_name_is_read_into_the_log() {
    let server = site().await;
    let no = registered(&server, "complaint", "020103").await;
    let mut agent = Browser::of(&server, "agent").await;
    let form = agent.form_at("/desk", "/desk").await;
    for written in ["13800138000", "+86 138-0013-8000", "１３８００１３８０００"] {
        let page = agent.send(&form.clone().with("_do", "find").with("claimant.phone", written)).await;
        assert_eq!(page.status, 200);
        assert!(page.text.contains(&format!("<span class=\"orderno\">{no}</span>")), "`{written}`: {}", page.text);
        assert!(page.text.contains("value=\"林某\""), "the name of the last call is filled in");
    }
    assert!(agent.get(&format!("/orders/{no}?tl=reveal")).await.text.contains("来电登记，核对来电人"));
    let page = agent.send(&form.clone().with("_do", "find").with("claimant.phone", "12")).await;
    assert!(page.text.contains("这不是电话号码"));
}

#[tokio::test]
async fn limits_doubles_and_a_unit_are_shown_before_anything_is_stored() {
    let server = site().await;
    let no = registered(&server, "complaint", "020103").await;
    let mut agent = Browser::of(&server, "agent").await;
    let form = agent.form_at("/desk", "/desk").await;
    let page = agent.send(&call(&form, "preview")).await;
    assert_eq!(page.status, 200);
    let strip = page.text.split("id=\"desk-limits\"").nth(1).unwrap().split("</div>").next().unwrap();
    assert!(strip.contains("办结时限") && strip.contains("class=\"cite\""), "{strip}");
    assert!(
        page.text.contains("可能与在办工单重复") && page.text.contains("同号码、同事项"),
        "the same caller and subject"
    );
    assert!(page.text.contains(&format!("value=\"append:{no}\"")));
    assert!(page.text.contains("市综合行政执法局"), "the unit of its subject leads");
    assert!(page.text.contains("夜市摆到人行道"), "what was typed is kept");
    let found = agent.get("/orders?tab=all").await;
    assert_eq!(found.text.matches("data-row=").count(), 1, "nothing was stored");
}

#[tokio::test]
async fn a_call_is_registered_and_dispatched_in_one_go_and_sent_twice_it_is_one() {
    let server = site().await;
    let mut agent = Browser::of(&server, "agent").await;
    let form = agent.form_at("/desk", "/desk").await;
    let sent = call(&form, "dispatch").with("lead", "市综合行政执法局");
    assert_eq!(agent.done(&sent).await, "/desk");
    assert!(agent.get("/desk").await.text.contains("已派单"));
    assert_eq!(agent.done(&sent).await, "/desk");
    let list = agent.get("/orders").await.text;
    assert_eq!(list.matches("data-row=").count(), 1);
    assert!(list.contains("夜市摆到人行道，盲道被占"), "its first sentence is the title");
    // Without a unit it is not sent, and nothing typed is lost.
    let form = agent.form_at("/desk", "/desk").await;
    let page = agent.send(&call(&form, "dispatch")).await;
    assert_eq!(page.status, 422);
    assert!(page.text.contains("请填写主办单位") && page.text.contains("夜市摆到人行道"));
}

#[tokio::test]
async fn what_the_rules_refuse_after_registering_is_said_on_the_order_with_all_that_was_typed() {
    let server = site().await;
    let mut agent = Browser::of(&server, "agent").await;
    let form = agent.form_at("/desk", "/desk").await;
    // The unit complained about may not lead.
    let sent = call(&form, "dispatch")
        .with("lead", "市综合行政执法局")
        .with("target", "市综合行政执法局")
        .with("note", "请今晚到场");
    let page = agent.send(&sent).await;
    assert_eq!(page.status, 422);
    assert!(page.text.contains("已登记为") && page.text.contains("请今晚到场"), "{}", page.text);
}

#[tokio::test]
async fn a_call_can_be_added_to_an_open_order_refused_transferred_or_answered() {
    let server = site().await;
    let mut agent = Browser::of(&server, "agent").await;
    let form = agent.form_at("/desk", "/desk").await;
    agent.done(&call(&form, "dispatch").with("lead", "市综合行政执法局")).await;
    let list = agent.get("/orders").await.text;
    let no = list.split("data-row=\"").nth(1).unwrap().split('"').next().unwrap().to_owned();
    let form = agent.form_at("/desk", "/desk").await;
    let added = form.with("_do", &format!("append:{no}")).with("claimant.phone", "13800138000");
    agent.done(&added.with("body", "昨晚又摆出来了")).await;
    assert!(agent.get(&format!("/orders/{no}")).await.text.contains("昨晚又摆出来了"), "the order has it");
    for (way, field, value) in [("refuse", "reason", "out-of-jurisdiction"), ("transfer", "to", "police-110")] {
        let form = agent.form_at("/desk", "/desk").await;
        let page = agent.send(&call(&form, way)).await;
        assert_eq!(page.status, 422, "{way} without its reason");
        let sent = call(&form, way).with(field, value).with("answered_at", "2026-01-01T08:00");
        let answer = agent.send(&sent).await;
        assert!(matches!(answer.status.as_u16(), 303 | 422), "{way}: {}", answer.status);
    }
    assert!(agent.get("/orders?tab=closed").await.text.matches("data-row=").count() >= 2);
    let form = agent.form_at("/desk", "/desk").await;
    let asked = form
        .with("claimant.anonymous", "true")
        .with("kind", "consultation")
        .with("body", "医保异地备案怎么办？")
        .with("subject", "020103");
    let page = agent.send(&asked.clone().with("_do", "preview")).await;
    assert!(page.text.contains("name=\"public\""));
    let answer = agent.send(&asked.with("_do", "answer").with("public", "可在手机上办理。")).await;
    assert!(matches!(answer.status.as_u16(), 303 | 422), "{}", answer.text);
}

#[tokio::test]
async fn an_emergency_is_confirmed_and_who_was_told_by_phone_is_put_down() {
    let server = site().await;
    let mut agent = Browser::of(&server, "agent").await;
    let form = agent.form_at("/desk", "/desk").await;
    let sent = call(&form, "emergency").with("lead", "市综合行政执法局");
    let page = agent.send(&sent).await;
    assert_eq!(page.status, 422);
    assert!(page.text.contains("转应急须先勾选确认"));
    agent.done(&sent.with("confirmed", "true").with("notice.who", "值班员小符")).await;
    let list = agent.get("/orders?tab=emergency").await.text;
    let no = list.split("data-row=\"").nth(1).unwrap().split('"').next().unwrap().to_owned();
    let page = agent.get(&format!("/orders/{no}")).await.text;
    assert!(page.contains("应急指令已电话确认"), "{page}");
    // Told to nobody yet: the order's page asks for it.
    let form = agent.form_at("/desk", "/desk").await;
    let to = agent.done(&call(&form, "emergency").with("lead", "市综合行政执法局").with("confirmed", "true")).await;
    assert!(to.starts_with("/orders/"), "{to}");
    assert!(agent.get(&to).await.text.contains("/do/phone-notice"));
}
