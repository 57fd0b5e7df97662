//! Commands on two orders in one transaction.

use huiyin_app::{Role, orders::NewOrder};
use serde_json::json;

use crate::{
    common::{TestApp, actor, apps},
    desk::{Drive, agent, field, new_order, office, officer, solved, sub},
};

async fn in_intake(app: &TestApp, body: &str) -> String {
    let new = NewOrder { kind: None, subject: None, body: Some(body.into()), ..new_order("help") };
    app.take_in(&agent(), new).await.unwrap().done.no
}

#[tokio::test]
async fn a_merged_order_goes_on_in_the_other_until_it_is_unmerged() {
    for app in apps().await {
        let (into, from) = (app.dispatched("help", "water").await, app.registered("help").await);
        let before = (app.order(&into).await, app.order(&from).await);
        let done = app.ok(&agent(), &from, "merge", json!({ "into": into })).await;
        assert_eq!(
            (done.state.as_str(), done.outcome.as_deref(), done.other.as_deref()),
            ("closed", Some("merged"), Some(into.as_str()))
        );
        let (master, merged) = (app.order(&into).await, app.order(&from).await);
        assert_eq!((master.parts.len(), master.absorbed.as_slice()), (2, &[merged.id.clone()][..]));
        assert!(merged.clocks.iter().all(|clock| !clock.is_running()));
        app.no(&agent(), &from, "merge", json!({ "into": into }), "order.wrong_state").await;
        app.no(&agent(), &into, "merge", json!({ "into": into }), "merge.itself").await;
        let done = app.ok(&agent(), &from, "unmerge", json!({ "note": "不是同一件事" })).await;
        assert_eq!((done.state.as_str(), done.other.as_deref()), ("registered", Some(into.as_str())));
        let after = (app.order(&into).await, app.order(&from).await);
        assert_eq!((after.0.parts, after.0.absorbed), (before.0.parts, before.0.absorbed));
        assert_eq!(
            after.1.clocks.iter().map(|c| (c.due, c.state)).collect::<Vec<_>>(),
            before.1.clocks.iter().map(|c| (c.due, c.state)).collect::<Vec<_>>()
        );
        // One that ended takes nothing in any more.
        app.ok(&office(), &into, "stop", json!({ "reason": "test", "note": "演练" })).await;
        app.no(&agent(), &from, "merge", json!({ "into": into }), "merge.closed").await;
        assert_eq!(field(app.give(&agent(), &from, "merge", json!({ "into": "20261012-9999" })).await), "into");
        assert_eq!(field(app.give(&agent(), &from, "merge", json!({})).await), "into");
        assert_eq!(field(app.give(&agent(), &from, "merge", json!({ "into": into, "color": "red" })).await), "color");
        app.sound().await;
    }
}

#[tokio::test]
async fn what_is_appended_can_be_read_in_the_other_order() {
    for app in apps().await {
        let into = app.accepted("help", "water").await;
        let from = in_intake(&app, "昨晚又响了,同一工地。").await;
        app.ok(&agent(), &from, "append", json!({ "into": into })).await;
        let view = app.seen(&officer("water"), &into).await.unwrap();
        let added = view.order.supplements.last().expect("facts were added").text.clone();
        assert_eq!(view.text(Some(&added)), "昨晚又响了,同一工地。");
        app.no(
            &officer("water"),
            &into,
            "feedback",
            json!({ "public": "已解决", "facts": solved() }),
            "feedback.supplement_unread",
        )
        .await;
        // After an unmerge the words stay: they were added, and are the other order's as well.
        app.ok(&agent(), &from, "unmerge", json!({})).await;
        assert_eq!(app.seen(&agent(), &from).await.unwrap().body(), "昨晚又响了,同一工地。");
        app.sound().await;
    }
}

#[tokio::test]
async fn an_order_beside_another_has_its_claimants_and_links_both_ways() {
    for app in apps().await {
        let first = app.dispatched("help", "water").await;
        // With a kind it is registered at once; without, it waits for a person.
        let done = app
            .ok(
                &agent(),
                &first,
                "split",
                json!({ "title": "路灯", "body": "路灯不亮", "kind": "complaint", "subject": "010201" }),
            )
            .await;
        let (lamp, origin) = (app.order(done.other.as_deref().unwrap()).await, app.order(&first).await);
        assert_eq!((lamp.state.code(), lamp.kind.as_deref()), ("registered", Some("complaint")));
        assert_eq!(lamp.parts[0].claimant, origin.parts[0].claimant);
        assert_eq!((lamp.links[0].order.clone(), lamp.links[0].relation.as_str()), (origin.id.clone(), "split-from"));
        assert_eq!((origin.links[0].order.clone(), origin.links[0].relation.as_str()), (lamp.id.clone(), "split-into"));
        assert_eq!(app.seen(&agent(), &lamp.no).await.unwrap().body(), "路灯不亮");
        // The claimant can be told of it: their identity is found from the new order too.
        let known = huiyin_app::orders::reveal(&app.app, &agent(), &lamp.no, "回访本人").await.unwrap();
        assert_eq!(known[0].identity.name.as_deref(), Some("李甲"));
        let done = app.ok(&agent(), &first, "split", json!({ "body": "还有井盖" })).await;
        assert_eq!(app.order(done.other.as_deref().unwrap()).await.state.code(), "intake");
        // Refused as a whole: neither the order beside it nor the link stays.
        app.no(
            &agent(),
            &first,
            "split",
            json!({ "body": "x", "kind": "nonsense", "subject": "010201" }),
            "kind.unknown",
        )
        .await;
        app.no(&agent(), &first, "split", json!({}), "input.invalid").await;
        app.no(&agent(), &first, "split", json!({ "body": "x", "color": "red" }), "input.invalid").await;
        app.no(&agent(), &first, "reopen", json!({ "reason": "relapse", "body": "x" }), "order.wrong_state").await;
        app.ok(&office(), &first, "stop", json!({ "reason": "test", "note": "演练" })).await;
        app.no(&agent(), &first, "reopen", json!({ "reason": "no-such", "body": "x" }), "reason.unknown").await;
        let done = app.ok(&agent(), &first, "reopen", json!({ "reason": "relapse", "body": "又响了" })).await;
        let again = app.order(done.other.as_deref().unwrap()).await;
        assert_eq!((again.state.code(), again.links[0].relation.as_str()), ("intake", "reopens"));
        app.sound().await;
    }
}

#[tokio::test]
async fn who_may_not_act_on_the_other_order_does_not_change_it() {
    for app in apps().await {
        let jiyang = sub("sub-jiyang");
        let own = app.take_in(&jiyang, new_order("help")).await.unwrap().done.no;
        assert_eq!(app.order(&own).await.lies_with.as_str(), "sub-jiyang");
        // It lies with the office and the sub-centre has a task in it: seen, but not its own to change.
        let seen = app.dispatched("help", "sub-jiyang").await;
        let unseen = app.dispatched("help", "water").await;
        for command in ["merge", "append"] {
            app.no(&jiyang, &own, command, json!({ "into": seen }), "forbidden").await;
        }
        app.no(&jiyang, &own, "link", json!({ "other": seen }), "forbidden").await;
        assert_eq!(field(app.give(&jiyang, &own, "merge", json!({ "into": unseen })).await), "into");
        assert_eq!(field(app.give(&jiyang, &own, "link", json!({ "other": unseen })).await), "other");
        app.no(&actor("x", Role::Officer, "water"), &unseen, "link", json!({ "other": seen }), "forbidden").await;
        let other = app.take_in(&jiyang, new_order("help")).await.unwrap().done.no;
        app.ok(&jiyang, &own, "merge", json!({ "into": other })).await;
        app.sound().await;
    }
}
