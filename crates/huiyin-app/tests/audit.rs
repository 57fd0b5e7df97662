//! What is changed behind the program's back is found, and named with its place and time. All data invented.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod common;
#[path = "common/desk.rs"]
mod desk;

use std::sync::Arc;

use common::{TestApp, apps};
use desk::{Drive, HOUR, agent, office, officer};
use huiyin_app::{App, audit, doctor, jobs};
use huiyin_store::{contents, orders::JournalRow, values};
use serde_json::json;

/// Two orders at work; the first part of their journals under one checkpoint, the rest under another.
async fn city(app: &TestApp) -> String {
    let no = app.dispatched("help", "water").await;
    app.dispatched("complaint", "enforcement").await;
    jobs::checkpoint(&app.app).await.unwrap();
    app.clock.advance(HOUR);
    app.ok(&officer("water"), &no, "sign", json!({})).await;
    app.clock.advance(HOUR);
    app.ok(&officer("water"), &no, "progress", json!({ "text": "已到现场" })).await;
    jobs::checkpoint(&app.app).await.unwrap();
    let id = app.order(&no).await.id.0;
    app.sound().await;
    id
}

async fn faults(app: &Arc<App>) -> (Vec<String>, Vec<String>) {
    let (report, found) = (audit::verify(app).await.unwrap(), doctor::examine(app).await.unwrap());
    assert_eq!((report.ok, found.ok), (report.faults.is_empty(), found.faults.is_empty()));
    (report.faults, found.faults)
}

async fn journal(app: &TestApp, id: &str) -> Vec<JournalRow> {
    app.journal(id).await
}

/// Writes a journal anew from a place on, with every hash as it should be.
async fn forge(app: &TestApp, id: &str, from: usize, change: impl Fn(&mut JournalRow)) {
    let mut rows = journal(app, id).await;
    let mut previous = if from == 0 { String::new() } else { rows[from - 1].hash.clone() };
    for (at, row) in rows.iter_mut().enumerate().skip(from) {
        if at == from {
            change(row);
        }
        row.hash = row.expected_hash(app.city.as_str(), &previous);
        previous.clone_from(&row.hash);
        let values = values![id, row.seq, row.at.ms(), &row.person, &row.body, &row.hash];
        app.tamper(
            "UPDATE event SET at = $3, person = $4, body = $5, hash = $6 WHERE order_id = $1 AND seq = $2",
            values,
        )
        .await;
    }
    app.tamper("UPDATE work_order SET hash = $2 WHERE id = $1", values![id, previous]).await;
}

fn one(faults: &[String], words: &[&str]) {
    assert!(
        faults.iter().any(|fault| words.iter().all(|word| fault.contains(word))),
        "nothing says {words:?}: {faults:#?}"
    );
}

#[tokio::test]
async fn an_event_that_was_changed_is_named_with_its_times() {
    for app in apps().await {
        let id = city(&app).await;
        let rows = journal(&app, &id).await;
        let signed = rows.iter().find(|row| row.name == "task.signed").unwrap();
        app.tamper(
            "UPDATE event SET person = $3 WHERE order_id = $1 AND seq = $2",
            values![&id, signed.seq, "somebody"],
        )
        .await;
        let (audit, _) = faults(&app.app).await;
        let (from, until) = (app.zone().rfc3339(rows[0].at), app.zone().rfc3339(signed.at));
        one(&audit, &[&id, &format!("event {} `task.signed` was changed", signed.seq), &from, &until]);
        // Put right, all is well again.
        app.tamper(
            "UPDATE event SET person = $3 WHERE order_id = $1 AND seq = $2",
            values![&id, signed.seq, &signed.person],
        )
        .await;
        app.sound().await;
        for (column, value) in [("body", "{}"), ("name", "task.accepted"), ("unit", "enforcement"), ("hash", "00")] {
            let old = app
                .rows(&format!("SELECT {column} FROM event WHERE order_id = $1 AND seq = $2"), values![&id, signed.seq])
                .await;
            let old = old[0].string(0).unwrap();
            let set = format!("UPDATE event SET {column} = $3 WHERE order_id = $1 AND seq = $2");
            app.tamper(&set, values![&id, signed.seq, value]).await;
            one(&faults(&app.app).await.0, &[&id, &format!("event {}", signed.seq), "was changed"]);
            app.tamper(&set, values![&id, signed.seq, &old]).await;
        }
        for column in ["at", "day"] {
            let set =
                |by: &str| format!("UPDATE event SET {column} = {column} {by} 1 WHERE order_id = $1 AND seq = $2");
            app.tamper(&set("+"), values![&id, signed.seq]).await;
            one(&faults(&app.app).await.0, &[&id, &format!("event {}", signed.seq), "was changed"]);
            app.tamper(&set("-"), values![&id, signed.seq]).await;
        }
        app.sound().await;
    }
}

#[tokio::test]
async fn a_journal_forged_with_right_hashes_fails_its_checkpoint() {
    for app in apps().await {
        let id = city(&app).await;
        let rows = journal(&app, &id).await;
        let at = rows.iter().position(|row| row.name == "task.signed").unwrap();
        forge(&app, &id, at, |row| row.person = "somebody".into()).await;
        let (audit, doctor) = faults(&app.app).await;
        assert_eq!(doctor, Vec::<String>::new(), "rows and journal agree");
        let ends: Vec<i64> = app
            .rows("SELECT at FROM checkpoint ORDER BY no", vec![])
            .await
            .iter()
            .map(|row| row.int(0).unwrap())
            .collect();
        let time = |ms: i64| app.zone().rfc3339(huiyin_core::time::Instant(ms));
        one(&audit, &["checkpoint 2", "was changed, removed or added", &time(ends[0]), &time(ends[1])]);
        assert_eq!(audit.len(), 1, "{audit:?}");
    }
}

#[tokio::test]
async fn an_event_that_was_removed_is_missed() {
    for app in apps().await {
        let id = city(&app).await;
        let rows = journal(&app, &id).await;
        let last = rows.last().unwrap();
        app.tamper("DELETE FROM event WHERE order_id = $1 AND seq = $2", values![&id, last.seq]).await;
        let (audit, doctor) = faults(&app.app).await;
        one(&audit, &[&id, "entries at its end were removed or added"]);
        one(&audit, &["checkpoint 2", &format!("event {} of order {id} was removed", last.seq)]);
        one(&doctor, &[&id, "work_order"]);
    }
    for app in apps().await {
        let id = city(&app).await;
        app.tamper("DELETE FROM event WHERE order_id = $1 AND seq = 3", values![&id]).await;
        let (audit, doctor) = faults(&app.app).await;
        one(&audit, &[&id, "event 3 is missing or out of place", "between"]);
        assert!(!doctor.is_empty());
    }
    for app in apps().await {
        let id = city(&app).await;
        app.tamper("DELETE FROM event WHERE order_id = $1", values![&id]).await;
        let (audit, doctor) = faults(&app.app).await;
        one(&audit, &[&id, "its journal is gone"]);
        one(&audit, &["checkpoint 1", "was removed"]);
        one(&doctor, &[&id, "no journal"]);
        // With its row it leaves no trace but under the checkpoints.
        app.tamper("DELETE FROM work_order WHERE id = $1", values![&id]).await;
        one(&faults(&app.app).await.0, &["checkpoint 1", "was removed"]);
    }
    // Before a checkpoint covers it.
    for app in apps().await {
        let id = city(&app).await;
        app.ok(&agent(), &id, "urge", json!({})).await;
        let rows = journal(&app, &id).await;
        app.tamper("DELETE FROM event WHERE order_id = $1 AND seq = $2", values![&id, rows.len() as i64]).await;
        one(&faults(&app.app).await.0, &[&id, "was removed before it came under a checkpoint"]);
    }
}

#[tokio::test]
async fn checkpoints_hold_each_other() {
    let cases: [(&str, &[&str]); 6] = [
        ("UPDATE checkpoint SET digest = '00' WHERE no = 1", &["checkpoint 1"]),
        ("UPDATE checkpoint SET at = at + 1 WHERE no = 2", &["checkpoint 2"]),
        (
            "UPDATE checkpoint SET signature = (SELECT c.signature FROM checkpoint c WHERE c.no = 1) WHERE no = 2",
            &["checkpoint 2", "the signature is not of this city's key"],
        ),
        ("DELETE FROM checkpoint WHERE no = 1", &["checkpoint 1 is missing"]),
        ("DELETE FROM checkpoint WHERE no = 2", &["the checkpoint over", "is missing"]),
        ("UPDATE checkpoint_entry SET last = 3 WHERE checkpoint = 2 AND last > 3", &["under no checkpoint"]),
    ];
    for (sql, words) in cases {
        for app in apps().await {
            city(&app).await;
            assert!(app.tamper(sql, vec![]).await > 0);
            one(&faults(&app.app).await.0, words);
        }
    }
    // Another key's signatures do not pass because the key beside them was changed as well.
    for app in apps().await {
        city(&app).await;
        app.tamper("UPDATE setting SET value = $1 WHERE name = 'signing_public'", values!["00"]).await;
        one(&faults(&app.app).await.0, &["public key", "was changed"]);
    }
}

#[tokio::test]
async fn a_text_that_was_changed_is_found_and_one_that_was_erased_is_not_missed() {
    for app in apps().await {
        let id = city(&app).await;
        let find = "SELECT id FROM content WHERE order_id = $1 AND what = 'text'";
        let text = app.rows(find, values![&id]).await[0].string(0).unwrap();
        let other = app.rows("SELECT id FROM content WHERE order_id = $1 AND what = 'body'", values![&id]).await[0]
            .string(0)
            .unwrap();
        let old = app.rows("SELECT body FROM content WHERE id = $1", values![&text]).await[0].bytes(0).unwrap();
        let set = "UPDATE content SET body = $2 WHERE id = $1";
        app.tamper(set, values![&text, b"other words".to_vec()]).await;
        one(&faults(&app.app).await.0, &[&id, &text, "`task.progressed` was changed"]);
        app.tamper(set, values![&text, old]).await;
        app.sound().await;
        // Erased by the program, with its key.
        let (own, erased) = (Arc::clone(&app.app), text.clone());
        let done: Result<bool, huiyin_store::StoreError> = app
            .app
            .db
            .write("test", move |tx| {
                let (app, text) = (Arc::clone(&own), erased.clone());
                Box::pin(async move { contents::erase(tx, app.city.as_str(), &text).await })
            })
            .await;
        assert!(done.unwrap());
        app.sound().await;
        app.seen(&office(), &id).await.unwrap();
        // Removed is not erased.
        app.tamper("DELETE FROM content WHERE id = $1", values![&other]).await;
        one(&faults(&app.app).await.0, &[&id, &other, "is gone"]);
    }
}

#[tokio::test]
async fn other_chains_are_proved_too() {
    for app in apps().await {
        city(&app).await;
        app.person("li", "water", huiyin_app::Role::Officer, huiyin_app::people::Position::Handler).await;
        app.sound().await;
        app.tamper("UPDATE register_event SET person = 'somebody' WHERE chain = 'register' AND seq = 1", vec![]).await;
        let (audit, _) = faults(&app.app).await;
        one(&audit, &["chain register", "entry 1", "was changed or removed"]);
    }
}

#[tokio::test]
async fn rows_that_differ_from_the_journal_are_named() {
    let cases: [(&str, &str); 10] = [
        ("UPDATE work_order SET state = 'closed' WHERE id = $1", "work_order"),
        ("UPDATE work_order SET holder = 'enforcement' WHERE id = $1", "work_order"),
        ("UPDATE work_order SET body = '{}' WHERE id = $1", "work_order"),
        ("UPDATE work_order SET due = due + 86400000 WHERE id = $1", "work_order"),
        ("UPDATE task SET state = 'done' WHERE order_id = $1", "task"),
        ("UPDATE clock SET due = due + 1 WHERE order_id = $1 AND no = 2", "clock"),
        ("UPDATE clock SET next_at = NULL WHERE order_id = $1 AND next_at IS NOT NULL", "clock"),
        ("DELETE FROM clock WHERE order_id = $1 AND no = 1", "clock"),
        ("UPDATE duty SET told_at = 1 WHERE order_id = $1", "duty"),
        (
            "INSERT INTO request SELECT city, order_id, 1, no, unit, 'return', 'asked', 1, NULL FROM task WHERE order_id = $1",
            "request",
        ),
    ];
    for app in apps().await {
        let id = city(&app).await;
        let tables = ["work_order", "task", "clock", "duty"];
        for (sql, word) in cases {
            // Each on the sound city: what was changed is laid back as it was.
            for table in tables {
                app.tamper(&format!("CREATE TABLE kept_{table} AS SELECT * FROM {table}"), vec![]).await;
            }
            assert!(app.tamper(sql, values![&id]).await > 0, "{sql}");
            let found = doctor::examine(&app.app).await.unwrap();
            assert!(!found.ok);
            one(&found.faults, &[&id, word]);
            app.tamper("DELETE FROM request", vec![]).await;
            for table in tables {
                app.tamper(&format!("DELETE FROM {table}"), vec![]).await;
                app.tamper(&format!("INSERT INTO {table} SELECT * FROM kept_{table}"), vec![]).await;
                app.tamper(&format!("DROP TABLE kept_{table}"), vec![]).await;
            }
            app.sound().await;
        }
    }
}
