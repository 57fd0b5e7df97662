//! Who sees which order: alike in the page, the lists, the counts and the queue.

use huiyin_app::{Actor, CommandError, Role, Scope, orders::list};
use serde_json::json;

use crate::{
    common::{actor, apps},
    desk::{Drive, agent, callback, leader, mayor, new_order, office, officer, sub, with_post},
};

#[tokio::test]
async fn page_list_counts_and_queue_agree() {
    for app in apps().await {
        let water = app.accepted("help", "water").await;
        let jiyang = app.dispatched("help", "sub-jiyang").await;
        app.ok(
            &sub("sub-jiyang"),
            &jiyang,
            "redispatch",
            json!({ "lead": "jiyang-market", "assist": ["jiyang-housing"] }),
        )
        .await;
        let kept = app.take_in(&sub("sub-tianya"), new_order("help")).await.unwrap().done.no;
        let sealed = app.registered("report").await;
        app.ok(&agent(), &sealed, "transfer", json!({ "to": "discipline" })).await;
        // Taken back again: who worked on it still sees it.
        let back = app.dispatched("help", "enforcement").await;
        app.ok(&office(), &back, "recall", json!({ "reason": "wrong-unit" })).await;
        let all = [&water, &jiyang, &kept, &sealed, &back].map(Clone::clone);

        let nobody: Vec<&String> = Vec::new();
        let city = vec![&water, &jiyang, &kept, &back];
        let mut stands_in = officer("human-resources");
        stands_in.stands_in.push("water".into());
        let cases: Vec<(Actor, Vec<&String>, Vec<&String>)> = vec![
            (agent(), city.clone(), nobody.clone()),
            (office(), city.clone(), nobody.clone()),
            (callback(), city.clone(), nobody.clone()),
            (mayor(), city.clone(), nobody.clone()),
            (officer("water"), vec![&water], vec![&water]),
            (leader("water"), vec![&water], vec![&water]),
            (stands_in, vec![&water], nobody.clone()),
            (officer("enforcement"), vec![&back], vec![&back]),
            (sub("sub-jiyang"), vec![&jiyang], vec![&jiyang]),
            (officer("jiyang-market"), vec![&jiyang], vec![&jiyang]),
            (officer("jiyang-housing"), vec![&jiyang], vec![&jiyang]),
            (sub("sub-tianya"), vec![&kept], nobody.clone()),
            (officer("human-resources"), nobody.clone(), nobody.clone()),
            (actor("editor", Role::Editor, "office"), nobody.clone(), nobody.clone()),
            (actor("supervisor", Role::Supervisor, "office"), nobody.clone(), nobody.clone()),
            (actor("admin", Role::Admin, "office"), nobody.clone(), nobody.clone()),
            (with_post(officer("water"), Role::Officer, "enforcement"), vec![&water, &back], vec![&water, &back]),
            (Actor::visitor("a"), nobody.clone(), nobody.clone()),
        ];
        for (who, sees, queue) in cases {
            let sorted = |numbers: Vec<&String>| {
                let mut numbers: Vec<String> = numbers.into_iter().cloned().collect();
                numbers.sort();
                numbers
            };
            let (sees, queue) = (sorted(sees), sorted(queue));
            assert_eq!(app.listed(&who).await, (sees.clone(), sees.len()), "list of {}", who.person);
            assert_eq!(app.queued(&who).await, (queue.clone(), queue.len()), "queue of {}", who.person);
            for no in &all {
                let page = app.seen(&who, no).await;
                assert_eq!(page.is_ok(), sees.contains(no), "{} and {no}", who.person);
                if let Err(error) = page {
                    assert_eq!(error, CommandError::NotFound);
                }
            }
            // A queue asked for of other units is not theirs.
            let wanted =
                list::TaskFilter { units: vec!["water".into(), "jiyang-market".into()], ..list::TaskFilter::default() };
            let page = list::Page { limit: 50, ..list::Page::default() };
            let (rows, counts) = list::queue(&app.app, &who, wanted.clone(), page, vec![wanted]).await.unwrap();
            assert!(rows.iter().all(|row| queue.contains(&row.no)), "{}", who.person);
            assert_eq!(usize::try_from(counts[0].n).unwrap(), rows.len());
        }
        app.sound().await;
    }
}

#[tokio::test]
async fn a_token_does_what_its_scopes_say() {
    for app in apps().await {
        let no = app.registered("help").await;
        let with = |scopes: &[Scope]| Actor { scopes: Some(scopes.to_vec()), ..agent() };
        let reader = with(&[Scope::OrdersRead]);
        app.seen(&reader, &no).await.unwrap();
        app.no(&reader, &no, "urge", json!({}), "forbidden").await;
        assert_eq!(app.take_in(&reader, new_order("help")).await.unwrap_err().code(), "forbidden");
        let writer = with(&[Scope::OrdersWrite]);
        app.ok(&writer, &no, "urge", json!({})).await;
        assert_eq!(app.seen(&writer, &no).await.err().map(|error| error.code().to_owned()), Some("forbidden".into()));
        for who in [&reader, &writer] {
            assert_eq!(
                huiyin_app::orders::reveal(&app.app, who, &no, "回访本人").await.unwrap_err().code(),
                "forbidden"
            );
        }
        let other = with(&[Scope::ReportsRead, Scope::Admin]);
        app.no(&other, &no, "urge", json!({}), "not_found").await;
    }
}

#[tokio::test]
async fn what_may_be_done_is_what_can_be_done() {
    for app in apps().await {
        let no = app.registered("help").await;
        let view = app.seen(&agent(), &no).await.unwrap();
        assert!(view.may.contains(&"dispatch") && !view.may.contains(&"sign") && !view.may.contains(&"register"));
        app.ok(&office(), &no, "dispatch", json!({ "lead": "water" })).await;
        let view = app.seen(&officer("water"), &no).await.unwrap();
        assert!(view.may.contains(&"sign") && view.may.contains(&"return") && !view.may.contains(&"dispatch"));
        assert!(!view.may.contains(&"feedback"), "it is not signed for yet");
        let view = app.seen(&mayor(), &no).await.unwrap();
        assert_eq!(view.may, ["supervise"], "nothing is under supervision that could be lifted");
    }
}
