//! Whole lives, which together give every command of the table.

use huiyin_app::{Actor, Role, orders::NewOrder, people::Position};
use huiyin_core::order::table;
use serde_json::json;

use crate::{
    common::{TestApp, apps},
    desk::{
        CARRIED_OUT, DAY, Drive, HOUR, MINUTE, PIPE, agent, callback, leader, mayor, new_order, office, officer,
        solved, sub,
    },
};

#[tokio::test]
async fn every_command_is_carried_out_in_some_life() {
    for app in apps().await {
        down_the_tree_and_back(&app).await;
        given_back_ruled_and_recalled(&app).await;
        an_emergency(&app).await;
        a_secret_report(&app).await;
        praise(&app).await;
        early_ends(&app).await;
        pairs(&app).await;
        app.sound().await;
    }
    let done = CARRIED_OUT.lock().unwrap().clone();
    let never: Vec<&str> = table::given().map(|row| row.command).filter(|name| !done.contains(*name)).collect();
    assert_eq!(never, Vec::<&str>::new());
}

async fn down_the_tree_and_back(app: &TestApp) {
    let (sub, market, water) = (sub("sub-jiyang"), officer("jiyang-market"), officer("water"));
    let taken = app.take_in(&agent(), NewOrder { kind: None, subject: None, ..new_order("help") }).await.unwrap();
    let no = taken.done.no.as_str();
    assert_eq!((taken.done.state.as_str(), taken.done.holder.as_deref()), ("intake", Some("call-centre")));
    let done = app.ok(&agent(), no, "register", json!({ "kind": "help", "subject": "090201" })).await;
    assert_eq!((done.state.as_str(), done.holder.as_deref()), ("registered", Some("office")));
    app.ok(&agent(), no, "correct", json!({ "reason": "misheard", "place": "解放路8号" })).await;
    app.ok(&office(), no, "supervise", json!({ "level": "order", "reason": "bad-effect" })).await;
    app.ok(&mayor(), no, "lift-supervision", json!({ "note": "已落实" })).await;
    app.ok(&office(), no, "difficult", json!({ "on": true })).await;
    app.ok(&office(), no, "hold", json!({ "on": true, "note": "涉诉" })).await;
    app.ok(&office(), no, "hold", json!({ "on": false })).await;
    let done =
        app.ok(&office(), no, "dispatch", json!({ "lead": "sub-jiyang", "assist": ["water"], "note": "请会同" })).await;
    assert_eq!((done.state.as_str(), done.holder.as_deref()), ("assigned", Some("sub-jiyang")));
    // The task is the actor's only open one where none is named.
    app.ok(&sub, no, "sign", json!({})).await;
    app.ok(&sub, no, "accept", json!({})).await;
    let done = app.ok(&sub, no, "redispatch", json!({ "lead": "jiyang-market" })).await;
    assert_eq!(done.holder.as_deref(), Some("jiyang-market"));
    app.ok(&market, no, "sign", json!({ "task": "3" })).await;
    app.ok(&market, no, "accept", json!({ "task": 3 })).await;
    app.person("market-1", "jiyang-market", Role::Officer, Position::Staff).await;
    app.ok(&market, no, "assign", json!({ "person": "market-1" })).await;
    app.ok(&market, no, "tag", json!({ "tag": "elderly" })).await;
    app.ok(&market, no, "note", json!({ "text": "老人独居,上门前先打电话" })).await;
    app.ok(&market, no, "withdraw-note", json!({ "note": 1 })).await;
    app.ok(&market, no, "extend", json!({ "span": { "amount": 1, "unit": "workday" }, "reason": "complex" })).await;
    app.ok(&sub, no, "reject", json!({ "request": 1, "note": "期限内可办结" })).await;
    app.ok(&market, no, "pause", json!({ "reason": "inspection-appraisal", "until": "2026-10-16" })).await;
    app.ok(&sub, no, "grant", json!({ "request": 2 })).await;
    app.ok(&market, no, "resume", json!({})).await;
    let shelve = json!({ "reason": "engineering", "plan": "列入改造", "responsible": "张乙", "review": "2026-11-12" });
    app.ok(&market, no, "shelve", shelve.clone()).await;
    app.ok(&market, no, "withdraw-request", json!({ "request": 3 })).await;
    app.ok(&market, no, "shelve", shelve).await;
    app.ok(&sub, no, "grant", json!({ "request": 4 })).await;
    app.ok(&sub, no, "review-shelving", json!({ "task": 3, "note": "提前解决" })).await;
    app.ok(&agent(), no, "supplement", json!({ "text": "昨晚又响了" })).await;
    app.ok(&market, no, "acknowledge", json!({})).await;
    let own = app.order(no).await;
    app.ok(&Actor::claimant_of(&own.id, &own.parts[0].claimant), no, "urge", json!({})).await;
    // The assisting unit missed its hour of acceptance and asks that it be excused.
    app.clock.advance(DAY + HOUR);
    app.fire().await;
    let order = app.order(no).await;
    let missed = order.clocks.iter().find(|clock| clock.missed.is_some() && clock.task.is_some_and(|task| task.0 == 2));
    let clock = missed.expect("nobody at the assisting unit signed").no.0;
    app.ok(&water, no, "excuse", json!({ "clock": clock, "reason": "force-majeure", "evidence": "停电证明" })).await;
    app.ok(&office(), no, "grant", json!({ "request": 5 })).await;
    app.ok(&water, no, "sign", json!({})).await;
    app.ok(&water, no, "progress", json!({ "text": "已到现场" })).await;
    app.ok(&water, no, "feedback", json!({ "internal": "管线无异常" })).await;
    app.ok(&office(), no, "send-back", json!({ "task": 2, "reason": "wording" })).await;
    app.ok(&water, no, "feedback", json!({ "internal": "管线无异常,已复核" })).await;
    app.ok(&market, no, "contact", json!({ "reached": true, "said": "同意处理" })).await;
    app.ok(&market, no, "feedback", json!({ "public": "已解决", "facts": solved() })).await;
    let answer = json!({ "public": "已解决", "facts": solved() });
    let done = app.ok(&sub, no, "feedback", answer.clone()).await;
    assert_eq!((done.state.as_str(), done.holder.as_deref()), ("review", Some("office")));
    app.ok(&office(), no, "fail-review", json!({ "reason": "wording", "note": "口径不清" })).await;
    app.ok(&sub, no, "feedback", answer.clone()).await;
    let done = app.ok(&office(), no, "pass", json!({})).await;
    assert_eq!((done.state.as_str(), done.holder.as_deref()), ("callback", Some("call-centre")));
    app.ok(&callback(), no, "callback-missed", json!({})).await;
    let dissatisfied = json!({ "answers": { "contacted": true, "solved": false, "satisfied": 1, "said": "没有解决" } });
    app.ok(&callback(), no, "callback-answered", dissatisfied).await;
    let done = app.ok(&callback(), no, "redo", json!({ "reason": "not-solved", "note": "仍有噪声" })).await;
    assert_eq!((done.state.as_str(), done.holder.as_deref()), ("assigned", Some("sub-jiyang")));
    app.ok(&sub, no, "sign", json!({})).await;
    app.ok(&sub, no, "feedback", answer).await;
    app.ok(&office(), no, "pass", json!({})).await;
    app.ok(&callback(), no, "waive-callback", json!({ "reason": "claimant-declined" })).await;
    let done = app.ok(&callback(), no, "close", json!({})).await;
    assert_eq!((done.state.as_str(), done.outcome.as_deref(), done.holder), ("closed", Some("handled"), None));
    let order = app.order(no).await;
    for duty in order.duties.iter().filter(|duty| duty.told_at.is_none()) {
        app.ok(&agent(), no, "tell", json!({ "duty": duty.no, "record": "本人已告知" })).await;
    }
    let done = app.ok(&office(), no, "archive", json!({})).await;
    assert_eq!((done.state.as_str(), done.outcome.as_deref()), ("archived", Some("handled")));
    let again = app.ok(&agent(), no, "reopen", json!({ "reason": "relapse", "body": "又开始施工" })).await;
    let other = again.other.expect("reopening makes an order beside it");
    assert_eq!(app.order(&other).await.state.code(), "intake");
}

async fn given_back_ruled_and_recalled(app: &TestApp) {
    let no = app.dispatched("complaint", "water").await;
    let give_back = |to: &str| json!({ "reason": "not-our-duty", "basis": "三定方案", "suggestion": to });
    app.ok(&officer("water"), &no, "return", give_back("enforcement")).await;
    let done = app.ok(&office(), &no, "grant", json!({ "request": 1 })).await;
    assert_eq!((done.state.as_str(), done.holder.as_deref()), ("registered", Some("office")));
    app.ok(&office(), &no, "dispatch", json!({ "lead": "enforcement" })).await;
    app.ok(&officer("enforcement"), &no, "return", give_back("water")).await;
    let done = app.ok(&office(), &no, "rule", json!({ "request": 2, "unit": "water", "note": "由水务承办" })).await;
    assert_eq!((done.state.as_str(), done.holder.as_deref()), ("assigned", Some("water")));
    let kept = app.no(&officer("water"), &no, "return", give_back("enforcement"), "return.ruled").await;
    assert!(kept.to_string().contains("ruling"), "{kept}");
    let done = app.ok(&office(), &no, "recall", json!({ "task": 3, "reason": "wrong-unit" })).await;
    assert_eq!(done.state, "registered");
    app.ok(&office(), &no, "stop", json!({ "reason": "test", "note": "演练" })).await;
}

async fn an_emergency(app: &TestApp) {
    let new = NewOrder { urgency: Some("emergency".into()), subject: Some(PIPE.into()), ..new_order("help") };
    let no = app.take_in(&agent(), new).await.unwrap().done.no;
    app.ok(&office(), &no, "dispatch", json!({ "lead": "water" })).await;
    assert_eq!(app.desks(&no).await, ["phone-notice"]);
    app.ok(&agent(), &no, "phone-notice", json!({ "who": "值班员王丙" })).await;
    assert_eq!(app.desks(&no).await, Vec::<String>::new());
    let water = officer("water");
    app.clock.advance(10 * MINUTE);
    app.ok(&water, &no, "contact", json!({ "reached": false })).await;
    app.ok(&water, &no, "on-scene", json!({ "place": "解放路8号", "safety": "已围挡" })).await;
    app.ok(&water, &no, "situation", json!({ "text": "水压下降,正在关阀" })).await;
    app.ok(&water, &no, "made-safe", json!({})).await;
    app.ok(&water, &no, "sign", json!({})).await;
    let done = app.ok(&water, &no, "feedback", json!({ "public": "已抢修完毕", "facts": solved() })).await;
    assert_eq!(done.state, "review");
}

async fn a_secret_report(app: &TestApp) {
    let no = app.take_in(&agent(), NewOrder { secret: Some(true), ..new_order("report") }).await.unwrap().done.no;
    app.no(&office(), &no, "dispatch", json!({ "lead": "human-resources" }), "dispatch.not_redacted").await;
    app.ok(&agent(), &no, "redact", json!({ "text": "某单位违规" })).await;
    app.ok(&office(), &no, "dispatch", json!({ "lead": "human-resources" })).await;
    let unit = officer("human-resources");
    app.ok(&unit, &no, "sign", json!({})).await;
    app.no(&unit, &no, "contact", json!({ "reached": true, "said": "…" }), "contact.secret").await;
    app.ok(&unit, &no, "relay", json!({ "text": "请问发生在哪一天?" })).await;
    assert_eq!(app.desks(&no).await, ["relay"]);
    app.ok(&agent(), &no, "relay-answer", json!({ "text": "上周一" })).await;
    assert_eq!(app.desks(&no).await, Vec::<String>::new());
    // Of two questions the desk keeps the one that is not answered.
    app.ok(&unit, &no, "relay", json!({ "text": "几个人在场?" })).await;
    app.ok(&unit, &no, "relay", json!({ "text": "有无照片?" })).await;
    assert_eq!(app.desks(&no).await, ["relay", "relay"]);
    app.no(&agent(), &no, "relay-answer", json!({ "text": "三个人" }), "relay.which_question").await;
    app.ok(&agent(), &no, "relay-answer", json!({ "text": "三个人", "question": 2 })).await;
    assert_eq!(app.desks(&no).await, ["relay"]);
    app.ok(&agent(), &no, "relay-answer", json!({ "text": "没有照片" })).await;
    assert_eq!(app.desks(&no).await, Vec::<String>::new());
    let done = app.ok(&agent(), &no, "withdraw", json!({ "reason": "changed-mind", "confirmed": true })).await;
    assert_eq!(done.state, "assigned", "a report is looked into although who raised it withdrew");
}

async fn praise(app: &TestApp) {
    let no = app.take_in(&agent(), NewOrder { subject: None, ..new_order("praise") }).await.unwrap().done.no;
    app.no(&office(), &no, "dispatch", json!({ "lead": "water" }), "dispatch.passed_on").await;
    app.ok(&office(), &no, "pass-on", json!({ "unit": "water" })).await;
    let done = app.ok(&leader("water"), &no, "confirm-receipt", json!({})).await;
    assert_eq!((done.state.as_str(), done.outcome.as_deref()), ("closed", Some("passed-on")));
}

async fn early_ends(app: &TestApp) {
    let no = app.registered("consultation").await;
    let done = app.ok(&agent(), &no, "answer", json!({ "public": "请带身份证", "facts": { "answered": true } })).await;
    assert_eq!((done.state.as_str(), done.outcome.as_deref()), ("closed", Some("answered")));
    let no = app.registered("help").await;
    let done = app.ok(&agent(), &no, "refuse", json!({ "reason": "in-legal-procedure", "text": "已在诉讼中" })).await;
    assert_eq!((done.state.as_str(), done.outcome.as_deref()), ("closed", Some("refused")));
    let no = app.registered("help").await;
    let to = json!({ "to": "fire-119", "answered_at": "2026-10-12T08:00:00+08:00" });
    let to = if app.now() > app.at("2026-10-13T00:00:00") {
        json!({ "to": "fire-119", "answered_at": app.zone().rfc3339(app.now()) })
    } else {
        to
    };
    let done = app.ok(&agent(), &no, "transfer", to).await;
    assert_eq!((done.state.as_str(), done.outcome.as_deref()), ("closed", Some("transferred")));
}

async fn pairs(app: &TestApp) {
    let (first, second) = (app.registered("help").await, app.registered("help").await);
    app.ok(&agent(), &second, "link", json!({ "other": first })).await;
    let done = app.ok(&agent(), &second, "merge", json!({ "into": first, "reason": "same-event" })).await;
    assert_eq!((done.outcome.as_deref(), done.other.as_deref()), (Some("merged"), Some(first.as_str())));
    app.ok(&agent(), &second, "unmerge", json!({ "note": "不是同一事" })).await;
    let third =
        app.take_in(&agent(), NewOrder { kind: None, subject: None, ..new_order("help") }).await.unwrap().done.no;
    app.ok(&agent(), &third, "append", json!({ "into": first })).await;
    app.ok(&agent(), &first, "split", json!({ "title": "另一件", "body": "路灯不亮" })).await;
}
