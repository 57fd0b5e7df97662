//! Taking matters in: once however often delivered, raw first, and what cannot be read waits.

use std::sync::Arc;

use huiyin_app::{
    Actor, CommandError,
    orders::{self, NewClaimantInput, NewOrder, contacts},
};
use serde_json::json;
use tokio::task::JoinSet;

use crate::{
    common::apps,
    desk::{DAY, Drive, HOUR, agent, beside, field, new_order, office, officer, sub},
};

fn by_web(id: &str) -> NewOrder {
    NewOrder {
        channel: Some("web".into()),
        external_id: Some(id.into()),
        kind: None,
        subject: None,
        ..new_order("help")
    }
}

#[tokio::test]
async fn a_second_delivery_is_the_same_contact() {
    for app in apps().await {
        let first = app.take_in(&agent(), by_web("w1")).await.unwrap();
        assert!(!first.known);
        app.ok(&agent(), &first.done.no, "register", json!({ "kind": "help", "subject": "090201" })).await;
        let before = app.everything().await;
        let again = app.take_in(&Actor::system(), by_web("w1")).await.unwrap();
        assert!(again.known && again.done.repeated);
        assert_eq!((again.done.no, again.done.state.as_str()), (first.done.no, "registered"));
        assert_eq!(app.everything().await, before);
        // The same id of another channel is another contact.
        let mail = NewOrder { channel: Some("email".into()), ..by_web("w1") };
        assert!(!app.take_in(&agent(), mail).await.unwrap().known);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn delivered_eight_times_at_once_it_is_one_order() {
    for app in apps().await {
        for (key, external) in [(None, Some("w1")), (Some("k1"), None), (Some("k2"), Some("w2"))] {
            let before = app.count("work_order").await;
            let mut tasks = JoinSet::new();
            for _ in 0..8 {
                let app = Arc::clone(&app.app);
                tasks.spawn(async move {
                    let new = NewOrder { external_id: external.map(Into::into), ..by_web("") };
                    orders::take_in(&app, &agent(), new, b"as it came", key.map(str::to_owned)).await
                });
            }
            let mut numbers = Vec::new();
            while let Some(taken) = tasks.join_next().await {
                numbers.push(taken.unwrap().unwrap().done.no);
            }
            numbers.dedup();
            assert_eq!((numbers.len(), app.count("work_order").await - before), (1, 1), "{key:?} {external:?}");
        }
        assert_eq!(app.count("contact").await, 3);
        assert_eq!(app.count("claimant").await, 3);
        app.sound().await;
    }
}

#[tokio::test]
async fn a_key_is_for_one_body() {
    for app in apps().await {
        let take = async |raw: &[u8], key: &str| {
            orders::take_in(&app.app, &agent(), by_web_without_id(), raw, Some(key.into())).await
        };
        let first = take(b"one", "k").await.unwrap();
        assert_eq!(take(b"one", "k").await.unwrap().done.no, first.done.no);
        assert_eq!(take(b"two", "k").await.unwrap_err(), CommandError::KeyReused);
        for bad in ["", &"k".repeat(201), "a\u{0}b"] {
            assert_eq!(field(take(b"one", bad).await), "Idempotency-Key", "{bad:?}");
        }
    }
}

fn by_web_without_id() -> NewOrder {
    NewOrder { external_id: None, ..by_web("") }
}

#[tokio::test]
async fn what_cannot_be_read_waits_for_a_person_and_is_not_lost() {
    for app in apps().await {
        let raw = b"\xff\xfe broken \x00 bytes";
        assert!(orders::set_aside(&app.app, "web", "w9", raw, "not UTF-8").await.unwrap());
        assert!(!orders::set_aside(&app.app, "web", "w9", raw, "not UTF-8").await.unwrap());
        for who in [agent(), office(), sub("sub-jiyang")] {
            let waiting = contacts::list(&app.app, &who, "waiting", None).await.unwrap();
            assert_eq!(
                (waiting.len(), waiting[0].channel.as_str(), waiting[0].fault.as_str()),
                (1, "web", "not UTF-8")
            );
            assert_eq!(contacts::read(&app.app, &who, &waiting[0].id).await.unwrap().1, raw);
        }
        assert_eq!(contacts::list(&app.app, &officer("water"), "waiting", None).await.unwrap_err().code(), "forbidden");
        // Delivered again in a form that can be read, it opens its order and waits no longer.
        let taken = app.take_in(&Actor::system(), by_web("w9")).await.unwrap();
        assert!(!taken.known);
        assert!(contacts::list(&app.app, &agent(), "waiting", None).await.unwrap().is_empty());
        assert!(app.take_in(&Actor::system(), by_web("w9")).await.unwrap().known);
        assert_eq!(app.count("contact").await, 1);
        app.sound().await;
    }
}

#[tokio::test]
async fn a_person_opens_what_waits() {
    for app in apps().await {
        let raw = "噪声,李甲,138 0000 0001".as_bytes();
        assert!(orders::set_aside(&app.app, "email", "m1", raw, "no subject").await.unwrap());
        app.clock.advance(HOUR);
        let waiting = contacts::list(&app.app, &agent(), "waiting", None).await.unwrap().remove(0);
        let open = async |who: &Actor, new: NewOrder| orders::open_waiting(&app.app, who, &waiting.id, new, None).await;
        assert_eq!(open(&officer("water"), new_order("help")).await.unwrap_err().code(), "forbidden");
        let before = app.everything().await;
        assert_eq!(open(&agent(), new_order("song")).await.unwrap_err().code(), "kind.unknown");
        assert_eq!(app.everything().await, before);
        assert_eq!(contacts::list(&app.app, &agent(), "waiting", None).await.unwrap().len(), 1, "it waits on");
        let taken = open(&agent(), new_order("help")).await.unwrap();
        let order = app.order(&taken.done.no).await;
        assert_eq!(
            (order.channel.code(), order.received_at, order.contact.as_str()),
            ("email", waiting.stored_at, waiting.id.as_str())
        );
        assert!(contacts::list(&app.app, &agent(), "waiting", None).await.unwrap().is_empty());
        let again = open(&office(), new_order("help")).await.unwrap();
        assert!(again.known && again.done.no == taken.done.no);
        let nothing = orders::open_waiting(&app.app, &agent(), "no-such", new_order("help"), None).await.unwrap_err();
        assert_eq!(nothing, CommandError::NotFound);
        app.sound().await;
    }
}

#[tokio::test]
async fn a_matter_that_is_refused_leaves_nothing() {
    for app in apps().await {
        let before = app.everything().await;
        let wrong: Vec<(NewOrder, &str)> = vec![
            (NewOrder { channel: Some("pigeon".into()), ..new_order("help") }, "channel"),
            (NewOrder { received_at: Some("yesterday".into()), ..new_order("help") }, "received_at"),
            (
                NewOrder { received_at: Some(app.zone().rfc3339(app.now().plus(HOUR))), ..new_order("help") },
                "received_at",
            ),
            (NewOrder { title: None, body: Some(" \n".into()), ..new_order("help") }, "body"),
            (NewOrder { body: Some("字".repeat(20_001)), ..new_order("help") }, "body"),
            (NewOrder { title: Some("字".repeat(201)), ..new_order("help") }, "title"),
            (NewOrder { body: Some("a\u{0}b".into()), ..new_order("help") }, "body"),
            (NewOrder { place: Some("a\u{1b}[31m".into()), ..new_order("help") }, "place"),
            (NewOrder { kind: Some("help\u{0}".into()), ..new_order("help") }, "kind"),
            (NewOrder { external_id: Some(String::new()), ..new_order("help") }, "external_id"),
            (NewOrder { external_id: Some("x".repeat(251)), ..new_order("help") }, "external_id"),
            (NewOrder { desk: Some("nowhere".into()), ..new_order("help") }, "desk"),
            (NewOrder { urgency: Some("soon".into()), ..new_order("help") }, "urgency"),
            (
                NewOrder {
                    claimant: NewClaimantInput { name: Some("名".repeat(201)), ..NewClaimantInput::default() },
                    ..new_order("help")
                },
                "claimant.name",
            ),
            (
                NewOrder {
                    claimant: NewClaimantInput { address: Some("x\u{7}".into()), ..NewClaimantInput::default() },
                    ..new_order("help")
                },
                "claimant.address",
            ),
        ];
        for (new, name) in wrong {
            assert_eq!(field(app.take_in(&agent(), new).await), name);
        }
        for (new, code) in [
            (new_order("song"), "kind.unknown"),
            (NewOrder { subject: Some("99".into()), ..new_order("help") }, "subject.unknown"),
            (NewOrder { area: Some("1".into()), ..new_order("help") }, "area.unknown"),
            (NewOrder { target: Some("nobody".into()), ..new_order("help") }, "unit.unknown"),
            (NewOrder { subject: None, ..new_order("help") }, "register.subject_missing"),
            (
                NewOrder { received_at: Some("1850-01-01T00:00:00+08:00".into()), ..new_order("help") },
                "intake.received_long_ago",
            ),
        ] {
            assert_eq!(app.take_in(&agent(), new).await.unwrap_err().code(), code);
        }
        assert_eq!(app.take_in(&officer("water"), new_order("help")).await.unwrap_err().code(), "forbidden");
        assert_eq!(app.take_in(&Actor::visitor("a"), new_order("help")).await.unwrap_err().code(), "forbidden");
        assert_eq!(
            app.take_in(&sub("sub-jiyang"), NewOrder { desk: Some("call-centre".into()), ..new_order("help") })
                .await
                .unwrap_err()
                .code(),
            "forbidden"
        );
        assert_eq!(app.everything().await, before);
        // What the public writes waits for a person; what came in earlier keeps its time.
        let received_at = app.now().plus(-2 * DAY);
        let new = NewOrder {
            kind: None,
            subject: None,
            received_at: Some(app.zone().rfc3339(received_at)),
            ..new_order("help")
        };
        let taken = app.take_in(&Actor::visitor("a"), new).await.unwrap();
        let order = app.order(&taken.done.no).await;
        assert_eq!((order.state.code(), order.received_at, order.taken_in_at), ("intake", received_at, app.now()));
        // Without a name or number it is anonymous, and nobody can be told.
        let nobody = NewOrder { claimant: NewClaimantInput::default(), ..new_order("help") };
        let order = app.order(&app.take_in(&agent(), nobody).await.unwrap().done.no).await;
        assert!(order.parts[0].anonymous && order.duties.iter().all(|duty| duty.impossible));
        app.sound().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn many_at_once_on_two_nodes_have_each_a_number_of_their_own() {
    for app in apps().await {
        let other = beside(&app, Vec::new()).await;
        let mut tasks = JoinSet::new();
        // More than a node leases at once, so that all run out of numbers together.
        for n in 0..240 {
            let node = if n % 2 == 0 { Arc::clone(&app.app) } else { Arc::clone(&other) };
            tasks.spawn(async move { orders::take_in(&node, &agent(), new_order("help"), b"raw", None).await });
        }
        let mut numbers = std::collections::BTreeSet::new();
        while let Some(taken) = tasks.join_next().await {
            numbers.insert(taken.unwrap().unwrap().done.no);
        }
        assert_eq!(numbers.len(), 240);
    }
}
