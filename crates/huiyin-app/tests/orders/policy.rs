//! Why an order is as it is, and what a draft pack would have come to.

use std::sync::Mutex;

use huiyin_app::{Actor, policy};
use huiyin_core::{policy::Pack, time::Day};
use serde_json::json;

use crate::{
    common::{apps, pack_texts},
    desk::{DAY, Drive, agent, new_order, office, officer, solved},
};

/// Pack `sanya` with five working days cut to two.
fn stricter() -> Pack {
    let texts: Vec<(String, String)> = pack_texts("sanya")
        .into_iter()
        .map(|(name, text)| (name, text.replace("amount = 5\nunit = \"workday\"", "amount = 2\nunit = \"workday\"")))
        .collect();
    Pack::load(&texts).expect("the draft is sound")
}

#[tokio::test]
async fn an_order_says_why_it_has_its_limits() {
    for app in apps().await {
        let no = app.dispatched("complaint", "human-resources").await;
        let why = policy::explain(&app.app, &app.seen(&office(), &no).await.unwrap());
        let close = why.clocks.iter().find(|one| one.clock.name == "close" && one.clock.task.is_none()).unwrap();
        assert_eq!(close.clock.rule, "SY-62-b");
        assert!(
            !close.what.is_empty()
                && !close.clock.basis[0].document.is_empty()
                && !close.clock.basis[0].from.is_empty()
        );
        // The matter's rule governs; the unit's applied too and gave way.
        assert_eq!(close.by.as_deref(), Some("precedence"));
        assert!(close.lost.iter().any(|loser| loser.rule.ends_with(".unit") && loser.yields), "{:?}", close.lost);
        assert!(close.plain.zh.starts_with("最迟在") && close.plain.zh.contains(&close.clock.basis[0].document));
        assert!(close.plain.en.starts_with("By ") && close.plain.en.contains("your matter is settled"));
        assert!(why.clocks.iter().all(|one| one.clock.governs && !one.clock.basis.is_empty()));
        assert!(
            why.required.iter().any(|fact| !fact.met && !fact.label.zh.is_empty() && !fact.basis.document.is_empty())
        );
        assert!(why.settings.iter().any(|setting| setting.name == "return.per_unit" && setting.value == json!(1)));
        assert_eq!(why.routing.iter().filter(|route| route.chosen).count(), 1, "{:?}", why.routing);
    }
}

#[tokio::test]
async fn a_draft_is_tried_on_past_orders_and_changes_nothing() {
    for app in apps().await {
        let day = |number: i64| Day::try_from(number).unwrap();
        let (from, to) = (day(20_261_012), day(20_261_012));
        // One is answered after three working days, one at once; one was taken in on another day.
        let late = app.dispatched("help", "human-resources").await;
        let quick = app.dispatched("help", "human-resources").await;
        let unit = officer("human-resources");
        let answer = async |no: &str| {
            app.ok(&unit, no, "contact", json!({ "reached": true, "said": "同意" })).await;
            app.ok(&unit, no, "feedback", json!({ "public": "已解决", "facts": solved() })).await;
        };
        for no in [&late, &quick] {
            app.ok(&unit, no, "sign", json!({})).await;
            app.ok(&unit, no, "accept", json!({})).await;
        }
        answer(&quick).await;
        app.clock.advance(3 * DAY);
        answer(&late).await;
        app.take_in(&agent(), new_order("help")).await.unwrap();
        let before = app.seen(&office(), &late).await.unwrap().order;

        let told = Mutex::new(Vec::new());
        let tell = |done, total| told.lock().unwrap().push((done, total));
        let done = policy::simulate(&app.app, &office(), stricter(), from, to, tell).await.unwrap();
        assert_eq!((done.orders, done.late, done.would_be_late), (2, 0, 1));
        assert_eq!(told.into_inner().unwrap().last(), Some(&(2, 2)));
        assert_eq!(done.moved.iter().map(|moved| moved.order.as_str()).collect::<Vec<_>>(), [late.as_str()]);
        assert!(done.moved[0].would_be_late && done.moved[0].clocks == ["close"]);
        let row = &done.by_unit_and_kind[0];
        assert_eq!((row.unit.as_str(), row.kind.as_str(), row.orders), ("human-resources", "help", 2));
        assert_eq!((row.late, row.would_be_late), (0, 1));
        let close = done.limits.iter().find(|of| of.name == "close" && of.level == "case").unwrap();
        assert_eq!((close.count, close.earlier.count, close.later.count), (2, 2, 0));
        assert_eq!(close.earlier.mean, 5 * 24 * 60, "from the end of Monday back to the end of Wednesday");
        // The pack in force moves nothing.
        let same = Pack::load(&pack_texts("sanya")).unwrap();
        let done = policy::simulate(&app.app, &Actor::system(), same, from, to, |_, _| {}).await.unwrap();
        assert!(done.moved.is_empty() && done.limits.iter().all(|of| of.earlier.count + of.later.count + of.gone == 0));
        assert_eq!(app.seen(&office(), &late).await.unwrap().order, before, "nothing live changes");

        let error = policy::simulate(&app.app, &unit, stricter(), from, to, |_, _| {}).await.unwrap_err();
        assert_eq!(error.code(), "forbidden");
        let error =
            policy::simulate(&app.app, &office(), stricter(), to, day(20_261_001), |_, _| {}).await.unwrap_err();
        assert_eq!(error.code(), "input.invalid");
    }
}
