//! Wrong input, a clock that steps back, a full disk, a lost database: a clear answer, nothing half done. All data invented.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod common;
#[path = "common/desk.rs"]
mod desk;

use std::{path::PathBuf, process::Command, sync::Arc};

use common::{TestApp, apps, sqlite_app};
use desk::{DAY, Drive, MINUTE, agent, callback, new_order, office, officer, on, solved};
use huiyin_app::{
    App, CommandError, jobs,
    orders::{self, Given, MAX_INPUT, NewOrder},
};
use huiyin_core::{order::table, time::Instant};
use huiyin_store::{Db, Options, Statement, StoreError, values};
use serde_json::{Value, json};

// --- wrong input ---

#[tokio::test]
async fn wrong_values_are_refused_by_name_and_change_nothing() {
    for app in apps().await {
        let no = app.accepted("help", "water").await;
        let (water, office) = (officer("water"), office());
        let long = "字".repeat(20_001);
        let good = json!({ "public": "已解决", "facts": solved() });
        let with = |name: &str, value: Value| {
            let mut input = good.clone();
            input[name] = value;
            input
        };
        let fact = |name: &str, value: Value| {
            let mut facts = solved();
            facts[name] = value;
            with("facts", facts)
        };
        // Command, input, and the field or code that is named.
        let cases: Vec<(&str, Value, &str)> = vec![
            ("feedback", json!(null), "body"),
            ("feedback", json!("text"), "body"),
            ("feedback", json!([]), "body"),
            ("feedback", with("public", json!(7)), "public"),
            ("feedback", with("public", json!({ "content": "x", "mac": "y" })), "public"),
            ("feedback", with("public", json!(long)), "public"),
            ("feedback", with("public", json!("a\u{0}b")), "public"),
            ("feedback", with("internal", json!("\u{1b}[2J")), "internal"),
            ("feedback", with("color", json!("red")), "color"),
            ("feedback", with("task", json!("one")), "task"),
            ("feedback", with("task", json!(-1)), "task"),
            ("feedback", with("task", json!(1e30)), "task"),
            ("feedback", with("task", json!(99)), "task.unknown"),
            ("feedback", with("facts", json!("yes")), "facts"),
            ("feedback", fact("solved", json!("maybe")), "facts.solved"),
            ("feedback", fact("measures", json!(true)), "facts.measures"),
            ("feedback", fact("measures", json!(long)), "facts.measures"),
            ("feedback", fact("promised_day", json!("2026-13-40")), "facts.promised_day"),
            ("feedback", fact("scene_at", json!("soon")), "facts.scene_at"),
            ("feedback", fact("moon", json!(true)), "facts.moon"),
            ("feedback", fact("finding", json!("x".repeat(300))), "facts.finding"),
            ("feedback", fact("finding", json!("nonsense")), "close.unknown_branch"),
            ("feedback", json!({ "public": "  \n ", "facts": solved() }), "feedback.public_missing"),
            ("extend", json!({ "span": "long", "reason": "complex" }), "span"),
            ("extend", json!({ "span": { "amount": -3, "unit": "workday" }, "reason": "complex" }), "span"),
            ("extend", json!({ "span": { "amount": 1, "unit": "moon" }, "reason": "complex" }), "span"),
            ("extend", json!({ "span": { "amount": 0, "unit": "workday" }, "reason": "complex" }), "extension.nothing"),
            (
                "extend",
                json!({ "span": { "amount": 4_000_000_000_u32, "unit": "workday" }, "reason": "complex" }),
                "extension.too_long",
            ),
            ("extend", json!({ "span": { "amount": 1, "unit": "workday" } }), "reason"),
            ("extend", json!({ "span": { "amount": 1 }, "reason": "complex" }), "span"),
            ("extend", json!({ "span": { "amount": 1, "unit": "workday" }, "reason": "no\u{0}" }), "reason"),
            ("extend", json!({ "span": { "amount": 1, "unit": "workday" }, "reason": "whim" }), "reason.unknown"),
            ("pause", json!({ "reason": "inspection-appraisal", "until": "tomorrow" }), "until"),
            ("pause", json!({ "reason": "inspection-appraisal", "until": 20_261_399 }), "until"),
            ("pause", json!({ "reason": "inspection-appraisal", "until": "2026-10-11" }), "pause.in_past"),
            ("contact", json!({ "reached": "perhaps", "said": "x" }), "reached"),
            ("contact", json!({ "reached": false, "at": "9 o'clock" }), "at"),
            ("contact", json!({ "reached": false, "at": "2026-10-12T09:01:00+08:00" }), "time.in_future"),
            ("contact", json!({ "reached": false, "at": "1999-01-01T00:00:00+08:00" }), "time.before_receipt"),
            ("return", json!({ "reason": "not-our-duty", "basis": "x", "suggestion": "nobody" }), "unit.unknown"),
            ("redispatch", json!({ "lead": ["water"] }), "lead"),
            ("redispatch", json!({ "lead": "enforcement", "assist": "water" }), "assist"),
            ("redispatch", json!({ "lead": "x".repeat(251) }), "lead"),
        ];
        let named = |error: &CommandError| match error {
            CommandError::Invalid { field, .. } => field.clone(),
            other => other.code().to_owned(),
        };
        for (command, input, name) in cases {
            let before = app.everything().await;
            let error = app.give(&water, &no, command, input.clone()).await.unwrap_err();
            assert_eq!(
                named(&error),
                name,
                "{command} {}: {error}",
                input.to_string().chars().take(120).collect::<String>()
            );
            assert!(!error.to_string().is_empty() && error.to_string().len() < 2_000, "{error}");
            assert_eq!(app.everything().await, before);
        }
        let big = json!({ "text": "x".repeat(MAX_INPUT) });
        assert_eq!(named(&app.give(&office, &no, "urge", big).await.unwrap_err()), "body");
        for order in
            ["", "20261012-9999", "x\u{0}y", &"9".repeat(5000), "'; DROP TABLE work_order; --", "0".repeat(36).as_str()]
        {
            assert_eq!(
                app.give(&office, order, "urge", json!({})).await.unwrap_err(),
                CommandError::NotFound,
                "{order:?}"
            );
        }
        // And the right one goes through after all of it.
        app.ok(&water, &no, "feedback", good).await;
        app.sound().await;
    }
}

#[tokio::test]
async fn no_input_of_any_command_is_a_fault_of_the_program() {
    let mut deep = json!("x");
    for _ in 0..120 {
        deep = json!({ "answers": deep });
    }
    let mut nested = json!([]);
    for _ in 0..120 {
        nested = json!([nested]);
    }
    let odd = [
        "\u{0}",
        "\u{7f}",
        "\u{202e}txet",
        "𝕏😀",
        "null",
        "-1",
        "9999999999999999999999",
        "2026-02-30",
        "%00",
        "${x}",
        "{number}",
    ];
    for app in apps().await {
        let no = app.accepted("help", "water").await;
        let everyone = office();
        let everyone = desk::with_post(everyone, huiyin_app::Role::Agent, "call-centre");
        let everyone = desk::with_post(everyone, huiyin_app::Role::Officer, "water");
        let everyone = desk::with_post(everyone, huiyin_app::Role::Leader, "water");
        let everyone = desk::with_post(everyone, huiyin_app::Role::Callback, "call-centre");
        let fields = [
            "task", "request", "duty", "clock", "reason", "text", "note", "lead", "assist", "unit", "into", "other",
            "facts", "answers", "span", "until", "review", "at", "urgency", "on", "level", "record", "place", "kind",
            "subject", "public",
        ];
        let mut dice: u64 = 20_261_012;
        let mut roll = |n: usize| {
            dice = dice.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (dice >> 33) as usize % n
        };
        for command in table::given().map(|row| row.command) {
            for _ in 0..12 {
                let mut input = json!({});
                for _ in 0..=roll(4) {
                    let value = match roll(9) {
                        0 => json!(odd[roll(odd.len())]),
                        1 => json!(roll(5)),
                        2 => json!(-1.5e300),
                        3 => json!(u64::MAX),
                        4 => deep.clone(),
                        5 => nested.clone(),
                        6 => json!({ "": { "content": "c", "mac": "m" } }),
                        7 => json!(true),
                        _ => json!({ "amount": roll(9), "unit": "workday" }),
                    };
                    input[fields[roll(fields.len())]] = value;
                }
                match app.give(&everyone, &no, command, input.clone()).await {
                    Err(CommandError::Internal(why)) => panic!("{command} {input}: {why}"),
                    Err(CommandError::Unavailable(why)) => panic!("{command} {input}: {why}"),
                    _ => {}
                }
            }
        }
        app.sound().await;
    }
}

// --- the clock ---

#[tokio::test]
async fn a_clock_that_steps_back_disorders_nothing() {
    for app in apps().await {
        let no = app.dispatched("help", "water").await;
        let due = app.order(&no).await.case_due().unwrap().due;
        let before = app.now();
        app.clock.advance(-90_000);
        app.ok(&officer("water"), &no, "sign", json!({})).await;
        // Back in time, what was just recorded is not in the future.
        app.ok(&officer("water"), &no, "contact", json!({ "reached": true, "said": "已联系" })).await;
        let second = app.registered("help").await;
        app.ok(&office(), &second, "dispatch", json!({ "lead": "water" })).await;
        app.clock.advance(90_000 + MINUTE);
        app.ok(&officer("water"), &no, "accept", json!({})).await;
        let times: Vec<Instant> = app.journal(&no).await.iter().map(|row| row.at).collect();
        assert!(times.is_sorted(), "{times:?}");
        assert_eq!(
            times.iter().filter(|at| **at == before).count(),
            times.len() - 1,
            "what came in the gap stands at the last moment"
        );
        assert_eq!(app.order(&no).await.case_due().unwrap().due, due);
        assert_ne!(no, second);
        // Timers and jobs do not mind either.
        app.clock.advance(DAY);
        app.fire().await;
        app.clock.advance(-90_000);
        jobs::once(&app.app).await.unwrap();
        app.fire().await;
        app.clock.advance(30 * DAY);
        app.fire().await;
        app.clock.advance(-90_000);
        jobs::once(&app.app).await.unwrap();
        for no in [&no, &second] {
            let bodies: Vec<String> =
                app.journal(no).await.into_iter().filter(|row| row.name == "clock.fired").map(|row| row.body).collect();
            assert!(!bodies.is_empty());
            assert_eq!(bodies.iter().collect::<std::collections::BTreeSet<_>>().len(), bodies.len());
        }
        app.sound().await;
    }
}

#[tokio::test]
async fn numbers_stay_apart_when_the_clock_steps_over_midnight() {
    for app in apps().await {
        app.set("2026-10-13T00:00:30");
        let mut numbers = vec![app.registered("help").await];
        for step in [-90_000, 90_000, -90_000, 90_000] {
            app.clock.advance(step);
            numbers.push(app.registered("help").await);
        }
        let mut apart = numbers.clone();
        apart.sort();
        apart.dedup();
        assert_eq!(apart.len(), numbers.len(), "{numbers:?}");
        assert!(numbers[1].starts_with("20261012-") && numbers[2].starts_with("20261013-"));
    }
}

// --- a full disk ---

static PAGES: Statement = Statement::same("PRAGMA max_page_count = 1");

/// Lets the database file grow no more, as a full disk does, until the writer has failed once.
async fn fill(app: &TestApp) {
    let done: Result<(), StoreError> =
        app.app.db.write("full", |tx| Box::pin(async move { tx.fetch(&PAGES, values![]).await.map(drop) })).await;
    done.unwrap();
}

#[tokio::test]
async fn a_full_disk_refuses_clearly_and_keeps_nothing_half() {
    let app = sqlite_app().await;
    let no = app.accepted("help", "water").await;
    let long = || "字".repeat(20_000);
    let key = |order: &str, command: &str, input: Value| Given {
        order: order.to_owned(),
        command: command.to_owned(),
        input,
        key: Some(command.to_owned()),
        if_match: None,
    };
    let feedback = key(&no, "feedback", json!({ "public": long(), "facts": solved() }));
    let split = key(&no, "split", json!({ "body": long() }));
    for given in [feedback, split] {
        let before = app.everything().await;
        fill(&app).await;
        let who = if given.command == "split" { agent() } else { officer("water") };
        let error = orders::command(&app.app, &who, given.clone()).await.unwrap_err();
        assert!(matches!(&error, CommandError::Unavailable(why) if why.contains("the disk is full")), "{error}");
        assert_eq!(app.everything().await, before);
        // Room was made; the same key is carried out now, once.
        assert!(!orders::command(&app.app, &who, given.clone()).await.unwrap().repeated);
        assert!(orders::command(&app.app, &who, given).await.unwrap().repeated);
    }
    let before = app.everything().await;
    fill(&app).await;
    let new = NewOrder { body: Some(long()), external_id: Some("w1".into()), ..new_order("help") };
    let error = app.take_in(&agent(), new.clone()).await.unwrap_err();
    assert_eq!(error.code(), "unavailable");
    assert_eq!(app.everything().await, before);
    assert!(!app.take_in(&agent(), new).await.unwrap().known);
    app.sound().await;
}

// --- a lost database ---

/// A PostgreSQL of this test's own, which it may crash.
struct Server(PathBuf);

impl Server {
    fn command(&self, command: &str) -> std::process::Output {
        let script = concat!(env!("CARGO_MANIFEST_DIR"), "/../../scripts/postgres");
        Command::new(script).arg(command).env("HUIYIN_PG_DIR", &self.0).env("HUIYIN_PG_FSYNC", "on").output().unwrap()
    }

    fn run(&self, command: &str) -> String {
        let output = self.command(command);
        assert!(output.status.success(), "{command}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap().trim().to_owned()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.command("stop");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn without_its_database_it_says_so_and_goes_on_when_it_is_back() {
    let server = Server(std::env::temp_dir().join(format!("huiyin-lost-{}", std::process::id())));
    let db = Db::open(&server.run("start"), Options::default()).await.unwrap();
    db.migrate().await.unwrap();
    let like = sqlite_app().await;
    let app: Arc<App> = on(db, &like, Vec::new()).await.unwrap();
    let no = app.accepted("help", "water").await;
    let feedback = Given {
        order: no.clone(),
        command: "feedback".into(),
        input: json!({ "public": "已解决", "facts": solved() }),
        key: Some("k1".into()),
        if_match: None,
    };
    for round in 0..2 {
        server.run("crash");
        let unavailable = |error: CommandError| {
            assert!(
                matches!(&error, CommandError::Unavailable(why) if why.starts_with("the database is not available")),
                "{error:?}"
            );
        };
        unavailable(orders::command(&app, &officer("water"), feedback.clone()).await.unwrap_err());
        unavailable(app.take_in(&agent(), new_order("help")).await.unwrap_err());
        unavailable(app.seen(&agent(), &no).await.err().unwrap());
        unavailable(orders::reveal(&app, &agent(), &no, "回访本人").await.unwrap_err());
        unavailable(jobs::once(&app).await.unwrap_err());
        unavailable(huiyin_app::audit::verify(&app).await.unwrap_err());
        server.run("restart");
        // The same handle goes on, and what was not acknowledged is done under its key, once.
        let first = orders::command(&app, &officer("water"), feedback.clone()).await.unwrap();
        assert_eq!((first.repeated, first.state.as_str()), (round > 0, "review"));
        assert_eq!(app.times(&no, "task.fed-back").await, 1);
        app.sound().await;
    }
    app.ok(&office(), &no, "pass", json!({})).await;
    app.ok(&callback(), &no, "waive-callback", json!({ "reason": "claimant-declined" })).await;
    app.ok(&callback(), &no, "close", json!({})).await;
    app.db.close().await;
}
