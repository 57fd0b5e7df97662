//! The same command under the same key, stale versions, default tasks, commands at once, refused attempts.

use std::sync::Arc;

use huiyin_app::{
    Actor, CommandError,
    orders::{self, Given},
};
use serde_json::{Value, json};
use tokio::task::JoinSet;

use crate::{
    common::{TestApp, apps},
    desk::{Came, Drive, agent, callback, field, leader, office, officer, solved, sub, with_clock, with_post},
};
use huiyin_app::Role;

fn given(order: &str, command: &str, input: Value, key: Option<&str>, if_match: Option<u64>) -> Given {
    Given { order: order.to_owned(), command: command.to_owned(), input, key: key.map(str::to_owned), if_match }
}

async fn keyed(app: &TestApp, who: &Actor, order: &str, command: &str, input: Value, key: &str) -> Came {
    orders::command(&app.app, who, given(order, command, input, Some(key), None)).await
}

#[tokio::test]
async fn the_same_key_gives_the_first_answer_again() {
    for app in apps().await {
        let no = app.registered("help").await;
        let lead = json!({ "lead": "water" });
        let first = keyed(&app, &office(), &no, "dispatch", lead.clone(), "k1").await.unwrap();
        assert!(!first.repeated);
        app.ok(&officer("water"), &no, "sign", json!({})).await;
        let before = app.everything().await;
        let again = keyed(&app, &office(), &no, "dispatch", lead.clone(), "k1").await.unwrap();
        assert!(again.repeated);
        // As it was then, not as it is now.
        assert_eq!((again.version, again.state, again.events), (first.version, first.state, first.events));
        assert_eq!(app.everything().await, before);
        // Another body, command or order under the same key is something else.
        for (order, command, input) in [
            (no.as_str(), "dispatch", json!({ "lead": "enforcement" })),
            (no.as_str(), "urge", lead.clone()),
            ("20261012-9999", "dispatch", lead.clone()),
        ] {
            let reused = keyed(&app, &office(), order, command, input, "k1").await.unwrap_err();
            assert_eq!(reused, CommandError::KeyReused, "{command}");
        }
        // A key is a person's own.
        let other = keyed(&app, &agent(), &no, "urge", json!({}), "k1").await.unwrap();
        assert!(!other.repeated);
        // What was refused has no answer to keep: put right, the same key is carried out.
        let refused = keyed(&app, &agent(), &no, "register", json!({ "kind": "help" }), "k2").await.unwrap_err();
        assert_eq!(refused.code(), "order.wrong_state");
        assert!(!keyed(&app, &agent(), &no, "urge", json!({}), "k2").await.unwrap().repeated);
        for bad in ["", &"k".repeat(201), "a\u{0}b", "a\nb"] {
            assert_eq!(field(keyed(&app, &agent(), &no, "urge", json!({}), bad).await), "Idempotency-Key", "{bad:?}");
        }
        app.sound().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_used_eight_times_at_once_has_one_effect() {
    for app in apps().await {
        let no = app.registered("help").await;
        // One that makes an order beside it is the hardest: a number and an id are drawn by each.
        for (command, input, event) in [
            ("urge", json!({ "text": "请快办" }), "order.urged"),
            ("split", json!({ "body": "路灯不亮" }), "order.linked"),
        ] {
            let before = app.count("work_order").await;
            let mut tasks = JoinSet::new();
            for _ in 0..8 {
                let (app, no, input) = (Arc::clone(&app.app), no.clone(), input.clone());
                tasks.spawn(async move {
                    orders::command(&app, &agent(), given(&no, command, input, Some(command), None)).await
                });
            }
            let mut answers = Vec::new();
            while let Some(came) = tasks.join_next().await {
                answers.push(came.unwrap().unwrap());
            }
            assert_eq!(answers.iter().filter(|done| !done.repeated).count(), 1, "{command}");
            assert!(answers.iter().all(|done| (done.version, &done.other) == (answers[0].version, &answers[0].other)));
            assert_eq!(app.times(&no, event).await, 1, "{command}");
            assert_eq!(app.count("work_order").await - before, i64::from(command == "split"));
        }
        app.sound().await;
    }
}

#[tokio::test]
async fn a_stale_version_is_told_the_version_of_now() {
    for app in apps().await {
        let no = app.registered("help").await;
        let version = app.order(&no).await.seq;
        let urge = |version| given(&no, "urge", json!({}), None, Some(version));
        orders::command(&app.app, &agent(), urge(version)).await.unwrap();
        let before = app.everything().await;
        let stale = orders::command(&app.app, &agent(), urge(version)).await.unwrap_err();
        assert_eq!(stale, CommandError::Stale { now: version + 1 });
        assert_eq!(app.everything().await, before);
        orders::command(&app.app, &agent(), urge(version + 1)).await.unwrap();
    }
}

#[tokio::test]
async fn a_task_command_takes_the_only_open_task_or_asks_which() {
    for app in apps().await {
        let no = app.registered("help").await;
        // Before anything is dispatched there is no task to speak of.
        assert_eq!(
            app.give(&office(), &no, "recall", json!({ "reason": "wrong-unit" })).await.unwrap_err().code(),
            "task.none"
        );
        app.ok(&office(), &no, "dispatch", json!({ "lead": "water", "assist": ["enforcement"] })).await;
        let both = with_post(officer("water"), Role::Officer, "enforcement");
        let asked = app.give(&both, &no, "sign", json!({})).await.unwrap_err();
        assert!(asked.to_string().contains("[1, 2]"), "{asked}");
        app.ok(&both, &no, "sign", json!({ "task": 2 })).await;
        app.ok(&officer("water"), &no, "sign", json!({})).await;
        assert_eq!(
            app.give(&officer("water"), &no, "sign", json!({ "task": 9 })).await.unwrap_err().code(),
            "task.unknown"
        );
        // A unit that has no task here may not even know of the order.
        app.no(&officer("human-resources"), &no, "sign", json!({}), "not_found").await;
        // One that has a task may not act on another's.
        let not_ours = app.no(&officer("enforcement"), &no, "accept", json!({ "task": 1 }), "forbidden").await;
        assert_eq!(not_ours.to_string(), "this needs a handler of the task's unit");
    }
}

#[tokio::test]
async fn a_refused_attempt_is_logged_and_changes_nothing() {
    for app in apps().await {
        let no = app.dispatched("help", "water").await;
        let water = officer("water");
        app.no(&water, &no, "accept", json!({}), "task.wrong_state").await;
        app.no(&water, &no, "dispatch", json!({ "lead": "enforcement" }), "forbidden").await;
        app.no(&water, &no, "sign", json!({ "nonsense": 1 }), "input.invalid").await;
        app.no(&callback(), &no, "callback-missed", json!({}), "order.wrong_state").await;
        // By id as well as by number.
        let id = app.order(&no).await.id.0;
        app.no(&leader("water"), &id, "accept", json!({}), "task.wrong_state").await;
        app.no(&sub("sub-jiyang"), &no, "sign", json!({}), "not_found").await;
        app.no(&office(), &no, "no-such-command", json!({}), "not_found").await;
        app.no(&office(), &no, "fire", json!({ "clock": 1, "moment": "due" }), "not_found").await;
        let mut logged: Vec<(String, String, String)> =
            app.attempts(&no).await.into_iter().map(|a| (a.person, a.command, a.code)).collect();
        logged.sort();
        let expected = [
            ("callback", "callback-missed", "order.wrong_state"),
            ("leader-water", "accept", "task.wrong_state"),
            ("officer-water", "accept", "task.wrong_state"),
            ("officer-water", "dispatch", "forbidden"),
        ];
        let expected: Vec<_> =
            expected.into_iter().map(|(a, b, c)| (a.to_owned(), b.to_owned(), c.to_owned())).collect();
        assert_eq!(logged, expected);
        // What the program itself finds not yet due is nobody's attempt.
        app.ok(&office(), &no, "stop", json!({ "reason": "test", "note": "演练" })).await;
        huiyin_app::jobs::archive(&app.app).await.unwrap();
        assert_eq!(app.order(&no).await.state.code(), "closed");
        assert_eq!(app.count("attempt").await, 4);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_commands_that_exclude_each_other_one_is_carried_out() {
    for app in apps().await {
        for round in 0..6 {
            let no = app.accepted("help", "water").await;
            let ask = json!({ "reason": "not-our-duty", "basis": "三定方案", "suggestion": "enforcement" });
            app.ok(&officer("water"), &no, "return", ask).await;
            let contents = app.count("content").await;
            let (grant, feedback) = (Arc::clone(&app.app), Arc::clone(&app.app));
            let (first, second) = (no.clone(), no.clone());
            let grant = tokio::spawn(async move {
                let input = json!({ "request": 1, "note": "同意退回" });
                orders::command(&grant, &office(), given(&first, "grant", input, Some(&format!("g{round}")), None))
                    .await
            });
            let feedback = tokio::spawn(async move {
                if round % 2 == 1 {
                    tokio::task::yield_now().await;
                }
                let input = json!({ "public": "已解决", "facts": solved() });
                orders::command(
                    &feedback,
                    &officer("water"),
                    given(&second, "feedback", input, Some(&format!("f{round}")), None),
                )
                .await
            });
            let (grant, feedback) = (grant.await.unwrap(), feedback.await.unwrap());
            match (&grant, &feedback) {
                (Ok(done), Err(refused)) => {
                    assert_eq!((done.state.as_str(), refused.code()), ("registered", "order.wrong_state"));
                    // The texts of the one that was carried out, and nothing of the other.
                    assert_eq!(app.count("content").await, contents + 1);
                }
                (Err(refused), Ok(done)) => {
                    assert_eq!((done.state.as_str(), refused.code()), ("review", "request.decided"));
                    assert_eq!(app.count("content").await, contents + 2, "the answer and its measures");
                }
                both => panic!("not exactly one: {both:?}"),
            }
            let order = app.order(&no).await;
            assert_eq!(order.pending().count(), 0);
            assert!(app.attempts(&no).await.len() == 1);
        }
        app.sound().await;
    }
}

/// A clock that goes on at every look.
struct Ticking(std::sync::atomic::AtomicI64);

impl huiyin_app::ports::Clock for Ticking {
    fn now(&self) -> huiyin_core::time::Instant {
        huiyin_core::time::Instant(self.0.fetch_add(1, std::sync::atomic::Ordering::SeqCst))
    }
}

#[tokio::test]
async fn all_of_a_command_happens_at_one_moment() {
    for app in apps().await {
        let clock = Arc::new(Ticking(std::sync::atomic::AtomicI64::new(app.now().ms())));
        let ticking = with_clock(&app, clock).await;
        let (first, second) = (ticking.accepted("help", "water").await, ticking.registered("help").await);
        ticking.ok(&agent(), &second, "append", json!({ "into": first })).await;
        ticking.ok(&agent(), &second, "unmerge", json!({})).await;
        ticking.ok(&agent(), &first, "split", json!({ "body": "路灯不亮", "kind": "help", "subject": "090201" })).await;
        ticking.ok(&agent(), &first, "supplement", json!({ "text": "又响了" })).await;
        // Made again from the journal, every row is the same.
        ticking.sound().await;
    }
}
