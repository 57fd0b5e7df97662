//! Emergency modes: declared by those the pack names, seen by every command, kept over a restart. All data invented.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod common;
#[path = "common/desk.rs"]
mod desk;

use common::apps;
use desk::{Drive, PIPE, agent, beside, mayor, new_order, office, officer};
use huiyin_app::{
    CommandError,
    modes::{self, Declare},
    orders::{NewOrder, view},
};
use huiyin_core::order::Urgency;
use serde_json::json;

fn typhoon() -> Declare {
    Declare { mode: "typhoon".into(), until: None, notice: "防风停工通知".into() }
}

fn burst() -> NewOrder {
    NewOrder { subject: Some(PIPE.into()), ..new_order("help") }
}

fn field<T: std::fmt::Debug>(came: Result<T, CommandError>) -> String {
    match came {
        Err(CommandError::Invalid { field, .. }) => field,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn i03_n08_a_mode_takes_matters_onto_the_emergency_path_until_it_ends_and_over_a_restart() {
    for app in apps().await {
        let own = &app.app;
        let urgency = |order: &view::OrderView| (order.order.urgency, order.order.mode.clone());
        let before = app.take_in(&agent(), burst()).await.unwrap().done.no;
        assert!(matches!(modes::declare(own, &agent(), typhoon()).await, Err(CommandError::Forbidden(_))));
        assert_eq!(field(modes::declare(own, &office(), Declare { mode: "flood".into(), ..typhoon() }).await), "mode");
        assert_eq!(field(modes::declare(own, &office(), Declare { notice: " ".into(), ..typhoon() }).await), "notice");
        let until = |text: &str| Some(app.at(text));
        for end in ["2026-10-12T08:59:59", "2026-10-15T09:00:01"] {
            assert_eq!(
                field(modes::declare(own, &office(), Declare { until: until(end), ..typhoon() }).await),
                "until"
            );
        }
        let id = modes::declare(own, &office(), typhoon()).await.unwrap();
        assert_eq!(field(modes::declare(own, &mayor(), typhoon()).await), "mode", "it is on already");

        let inside = app.take_in(&agent(), burst()).await.unwrap().done.no;
        let order = |no: String| async move { view::order(own, &office(), &no).await.unwrap() };
        assert_eq!(urgency(&order(inside.clone()).await), (Urgency::Emergency, Some("typhoon".into())));
        assert_eq!(urgency(&order(before).await), (Urgency::Normal, None), "what was taken in before keeps its clocks");
        let other = app.take_in(&agent(), new_order("help")).await.unwrap().done.no;
        assert_eq!(urgency(&order(other).await), (Urgency::Normal, None), "no danger to the public");
        app.ok(&office(), &inside, "dispatch", json!({ "lead": "water" })).await;
        let commanded = order(inside.clone()).await.order.tasks[0].commanded_at;
        assert_eq!(commanded, Some(app.at("2026-10-12T09:00:00")));

        // Another process over the same data, as after a restart: still on.
        let again = beside(&app, Vec::new()).await;
        let no = again.take_in(&agent(), burst()).await.unwrap().done.no;
        assert_eq!(
            urgency(&view::order(&again, &office(), &no).await.unwrap()),
            (Urgency::Emergency, Some("typhoon".into()))
        );

        assert!(matches!(modes::end(own, &officer("water"), &id).await, Err(CommandError::Forbidden(_))));
        assert_eq!(modes::end(own, &office(), "none").await, Err(CommandError::NotFound));
        app.set("2026-10-12T10:00:00");
        modes::end(own, &mayor(), &id).await.unwrap();
        assert_eq!(field(modes::end(own, &mayor(), &id).await), "mode", "it has ended");
        let after = app.take_in(&agent(), burst()).await.unwrap().done.no;
        assert_eq!(urgency(&order(after).await), (Urgency::Normal, None));
        assert_eq!(order(inside).await.order.tasks[0].commanded_at, commanded, "what was commanded stays commanded");
        let listed = modes::list(own, &office()).await.unwrap();
        assert_eq!(listed.len(), 1);
        assert_eq!(
            (listed[0].on, listed[0].period.declared_by.as_str(), listed[0].period.ended_by.as_deref()),
            (false, "office", Some("mayor"))
        );
        app.sound().await;
    }
}
