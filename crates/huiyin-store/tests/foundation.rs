//! The database foundation, the same story on both engines.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use huiyin_store::list::{Count, Filter, List, Sort, Tab, full_scans, sorts};
use huiyin_store::testing::{self, TestDb};
use huiyin_store::{BoxFuture, Db, Engine, Options, Row, Schema, StoreError, Table, Tx, statements, values};
use tokio::sync::Barrier;

statements! {
    GET = "SELECT value, version FROM setting WHERE city = $1 AND name = $2";
    PUT = "INSERT INTO setting (city, name, value, version) VALUES ($1, $2, $3, 1)";
    CHANGE = "UPDATE setting SET value = $3, version = version + 1 WHERE city = $1 AND name = $2 AND version = $4";
    ADD = "UPDATE setting SET version = version + 1 WHERE city = $1 AND name = $2";
    ALL = "SELECT name FROM setting WHERE city = $1 ORDER BY name";
    TYPES = {
        sqlite: "SELECT $1, $2, $3, $4, $5",
        postgres: "SELECT CAST($1 AS TEXT), CAST($2 AS BIGINT), CAST($3 AS BOOLEAN), CAST($4 AS BYTEA), CAST($5 AS DOUBLE PRECISION)",
    };
    LIMIT = { sqlite: "PRAGMA max_page_count = 1", postgres: "SELECT 1" };
    FROM_THE_FUTURE = {
        sqlite: "INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time) VALUES (9999, 'x', TRUE, X'00', 0)",
        postgres: "INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time) VALUES (9999, 'x', TRUE, '\\x00', 0)",
    };
    BACKEND = {
        sqlite: "SELECT 0",
        postgres: "SELECT CAST(pg_backend_pid() AS BIGINT)",
    };
    KILL = {
        sqlite: "SELECT $1 > 0",
        postgres: "SELECT pg_terminate_backend(CAST($1 AS INTEGER))",
    };
}

const SETTING: Table =
    Table { name: "setting", key: &["city", "name"], columns: &["city", "name", "value", "version"] };

async fn put(db: &Db, name: &str) -> Result<u64, StoreError> {
    let name = name.to_owned();
    db.write("put", move |tx| {
        let name = name.clone();
        Box::pin(async move { tx.execute(&PUT, values!["sanya", name, "v"]).await })
    })
    .await
}

async fn names(db: &Db) -> Vec<String> {
    let rows = db.fetch(&ALL, values!["sanya"]).await.unwrap();
    rows.iter().map(|row| row.string(0).unwrap()).collect()
}

fn name(row: &Row) -> String {
    row.string(0).unwrap()
}

#[tokio::test]
async fn writes_that_wait_together_each_get_their_own_answer() {
    for test in testing::databases().await {
        let tasks: Vec<_> = (0..40)
            .map(|n| {
                let db = test.db.clone();
                tokio::spawn(async move {
                    let name = format!("n{n:02}");
                    let rows = put(&db, &name).await?;
                    // What is acknowledged can be read at once, through another connection.
                    let row = db.fetch_optional(&GET, values!["sanya", &name]).await?;
                    Ok::<_, StoreError>((n, rows, row.is_some()))
                })
            })
            .collect();
        for (n, task) in tasks.into_iter().enumerate() {
            assert_eq!(task.await.unwrap().unwrap(), (n, 1, true));
        }
        assert_eq!(names(&test).await.len(), 40);
    }
}

/// Queues writes so that they share a batch on SQLite: the first holds the writer until the others wait behind it.
async fn together(db: &Db, kinds: &[&'static str]) -> Vec<Result<(), StoreError>> {
    let gate = Arc::new(tokio::sync::Semaphore::new(0));
    let first = {
        let gate = Arc::clone(&gate);
        let db = db.clone();
        tokio::spawn(async move {
            db.write("first", move |tx| {
                let gate = Arc::clone(&gate);
                Box::pin(async move {
                    tx.execute(&PUT, values!["sanya", "first", "v"]).await?;
                    let _ = gate.acquire().await;
                    Ok::<_, StoreError>(())
                })
            })
            .await
        })
    };
    let tasks: Vec<_> = kinds
        .iter()
        .map(|&kind| {
            let db = db.clone();
            tokio::spawn(async move { db.write(kind, move |tx| act(tx, kind)).await })
        })
        .collect();
    // Single-threaded: the others run until they wait.
    for _ in 0..100 {
        tokio::task::yield_now().await;
    }
    gate.add_permits(1);
    let mut outcomes = vec![first.await.unwrap()];
    for task in tasks {
        outcomes.push(task.await.unwrap());
    }
    outcomes
}

fn act<'a>(tx: &'a mut Tx, kind: &'static str) -> BoxFuture<'a, Result<(), StoreError>> {
    Box::pin(async move {
        if kind.starts_with("deferred") {
            // "deferred-twin" is there already; what it wrote before goes with it.
            if kind == "deferred-twin" {
                tx.execute(&PUT, values!["sanya", "with the twin", "v"]).await?;
            }
            let name = if kind == "deferred-twin" { "there" } else { kind };
            let mut changes = tx.changes();
            changes.insert(&SETTING, vec![values!["sanya", name, "v", 1]]);
            return tx.defer(changes).await;
        }
        tx.execute(&PUT, values!["sanya", kind, "v"]).await?;
        match kind {
            "refused" => Err(StoreError::Conflict),
            "panics" => panic!("as the test wants"),
            "swallows" => {
                let _ = tx.execute(&PUT, values!["sanya", kind, "again"]).await;
                Ok(())
            }
            _ => Ok(()),
        }
    })
}

#[tokio::test]
async fn one_that_fails_takes_nothing_from_its_neighbours() {
    for test in testing::databases().await {
        let kinds = ["a", "refused", "b", "panics", "c", "swallows", "d"];
        let outcomes = together(&test, &kinds).await;
        let good: Vec<bool> = outcomes.iter().map(Result::is_ok).collect();
        assert_eq!(good, [true, true, false, true, false, true, false, true], "{outcomes:?}");
        assert_eq!(outcomes[2], Err(StoreError::Conflict));
        assert_eq!(names(&test).await, ["a", "b", "c", "d", "first"]);
        // The writer goes on.
        put(&test, "after").await.unwrap();
    }
}

#[tokio::test]
async fn the_first_of_a_batch_may_fail_too() {
    for test in testing::databases().await {
        for kind in ["refused", "panics", "swallows"] {
            test.write(kind, move |tx| act(tx, kind)).await.unwrap_err();
        }
        assert!(names(&test).await.is_empty());
        put(&test, "after").await.unwrap();
        assert_eq!(names(&test).await, ["after"]);
    }
}

#[tokio::test]
async fn a_deferred_change_is_made_with_the_commit_and_fails_its_own_write_alone() {
    for test in testing::databases().await {
        put(&test, "there").await.unwrap();
        let outcomes = together(&test, &["deferred-1", "deferred-twin", "a", "deferred-2"]).await;
        let good: Vec<bool> = outcomes.iter().map(Result::is_ok).collect();
        assert_eq!(good, [true, true, false, true, true], "{outcomes:?}");
        assert_eq!(outcomes[2], Err(StoreError::Unique("setting(city, name)".into())));
        assert_eq!(names(&test).await, ["a", "deferred-1", "deferred-2", "first", "there"]);
        // Alone, where it is the commit that brings it out, and as the last of several.
        let alone = test.write("deferred-twin", move |tx| act(tx, "deferred-twin")).await;
        assert_eq!(alone, Err(StoreError::Unique("setting(city, name)".into())));
        let last = test.write("deferred-3", move |tx| act(tx, "deferred-3")).await;
        assert_eq!(last, Ok(()));
        assert_eq!(names(&test).await, ["a", "deferred-1", "deferred-2", "deferred-3", "first", "there"]);
        // Made before the next statement, and counted once.
        let seen = test
            .write("deferred-4", move |tx| {
                Box::pin(async move {
                    act(tx, "deferred-4").await?;
                    let before = tx.statements();
                    let written = tx.execute(&ADD, values!["sanya", "deferred-4"]).await?;
                    Ok::<_, StoreError>((before, written, tx.statements()))
                })
            })
            .await;
        assert_eq!(seen, Ok((1, 1, 2)));
    }
}

#[tokio::test]
async fn a_write_that_touches_nothing_commits_nothing_and_holds_nobody_up() {
    for test in testing::databases().await {
        assert_eq!(test.write("nothing", |_| Box::pin(async { Ok::<_, StoreError>(7) })).await, Ok(7));
        put(&test, "after").await.unwrap();
        assert_eq!(names(&test).await, ["after"]);
    }
}

#[tokio::test]
async fn a_write_ends_though_its_caller_went_away() {
    for test in testing::databases().await {
        let started = Arc::new(tokio::sync::Notify::new());
        let go = Arc::new(tokio::sync::Notify::new());
        let write = {
            let (db, started, go) = (test.db.clone(), Arc::clone(&started), Arc::clone(&go));
            tokio::spawn(async move {
                db.write("put", move |tx| {
                    let (started, go) = (Arc::clone(&started), Arc::clone(&go));
                    Box::pin(async move {
                        started.notify_one();
                        go.notified().await;
                        tx.execute(&PUT, values!["sanya", "left", "v"]).await
                    })
                })
                .await
            })
        };
        started.notified().await;
        write.abort();
        let _ = write.await;
        go.notify_one();
        // On SQLite this waits behind it; on PostgreSQL it may be a moment later.
        put(&test, "next").await.unwrap();
        while names(&test).await != ["left", "next"] {
            tokio::task::yield_now().await;
        }
    }
}

#[tokio::test]
async fn a_twin_is_unique_by_table_and_columns() {
    for test in testing::databases().await {
        put(&test, "a").await.unwrap();
        let error = put(&test, "a").await.unwrap_err();
        assert_eq!(error, StoreError::Unique("setting(city, name)".into()), "{}", test.engine());
    }
}

#[tokio::test]
async fn no_message_repeats_a_value() {
    for test in testing::databases().await {
        put(&test, "13800000000").await.unwrap();
        let error = put(&test, "13800000000").await.unwrap_err();
        assert!(!error.to_string().contains("138"), "{error}");
        let error = test
            .write("nul", |tx| Box::pin(async move { tx.execute(&PUT, values!["sanya", "138\0", "v"]).await }))
            .await
            .unwrap_err();
        assert!(!error.to_string().contains("138"), "{error}");
        assert!(!format!("{:?}", values!["13800000000", 138]).contains("138"));
    }
}

/// The pattern of every optimistic change: the row is written only if its version is still the one that was read.
async fn change(db: &Db, expected: i64) -> Result<(), StoreError> {
    db.write("change", move |tx| {
        Box::pin(async move {
            match tx.execute(&CHANGE, values!["sanya", "a", "new", expected]).await? {
                0 => Err(StoreError::Conflict),
                _ => Ok(()),
            }
        })
    })
    .await
}

#[tokio::test]
async fn a_stale_version_is_a_conflict() {
    for test in testing::databases().await {
        put(&test, "a").await.unwrap();
        change(&test, 1).await.unwrap();
        assert_eq!(change(&test, 1).await, Err(StoreError::Conflict));
        change(&test, 2).await.unwrap();
        let row = test.fetch_optional(&GET, values!["sanya", "a"]).await.unwrap().unwrap();
        assert_eq!((row.str(0).unwrap(), row.int(1).unwrap()), ("new", 3));
    }
}

#[tokio::test]
async fn writers_of_one_row_lose_no_update() {
    for test in testing::databases().await {
        put(&test, "a").await.unwrap();
        let runs = Arc::new(AtomicUsize::new(0));
        let both_read = Arc::new(Barrier::new(2));
        let postgres = test.engine() == Engine::Postgres;
        let tasks: Vec<_> = (0..2)
            .map(|_| {
                let (db, runs, both_read) = (test.db.clone(), Arc::clone(&runs), Arc::clone(&both_read));
                tokio::spawn(async move {
                    db.write("add", move |tx| {
                        let (runs, both_read) = (Arc::clone(&runs), Arc::clone(&both_read));
                        Box::pin(async move {
                            let run = runs.fetch_add(1, Ordering::SeqCst);
                            let row = tx.fetch_one(&GET, values!["sanya", "a"]).await?;
                            // On PostgreSQL the first two runs read the same version, so one of them must run again.
                            if postgres && run < 2 {
                                both_read.wait().await;
                            }
                            let version = row.int(1)?;
                            match tx.execute(&CHANGE, values!["sanya", "a", "new", version]).await? {
                                0 => Err(StoreError::Conflict),
                                _ => Ok(version),
                            }
                        })
                    })
                    .await
                })
            })
            .collect();
        let mut versions = Vec::new();
        for task in tasks {
            versions.push(task.await.unwrap().unwrap());
        }
        versions.sort_unstable();
        assert_eq!(versions, [1, 2]);
        assert_eq!(runs.load(Ordering::SeqCst), if postgres { 3 } else { 2 });
    }
}

#[tokio::test]
async fn many_writers_of_one_row_all_succeed() {
    for test in testing::databases().await {
        put(&test, "a").await.unwrap();
        let tasks: Vec<_> = (0..8)
            .map(|_| {
                let db = test.db.clone();
                tokio::spawn(async move {
                    // READ COMMITTED: each waits for the one before it instead of running again.
                    db.claim("add", |tx| Box::pin(async move { tx.execute(&ADD, values!["sanya", "a"]).await })).await
                })
            })
            .collect();
        for task in tasks {
            assert_eq!(task.await.unwrap().unwrap(), 1);
        }
        let row = test.fetch_optional(&GET, values!["sanya", "a"]).await.unwrap().unwrap();
        assert_eq!(row.int(1).unwrap(), 9);
    }
}

#[tokio::test]
async fn values_come_back_as_they_went_and_nulls_have_types() {
    for test in testing::databases().await {
        let row = test.fetch(&TYPES, values!["三亚", i64::MIN, true, vec![0_u8, 255], 0.1]).await.unwrap().remove(0);
        assert_eq!(row.str(0).unwrap(), "三亚");
        assert_eq!(row.int(1).unwrap(), i64::MIN);
        assert!(row.bool(2).unwrap());
        assert_eq!(row.bytes(3).unwrap(), [0, 255]);
        assert_eq!(row.real(4).unwrap().to_bits(), 0.1_f64.to_bits());
        assert!(matches!(row.int(0), Err(StoreError::Corrupt(_))));
        assert!(matches!(row.str(1), Err(StoreError::Corrupt(_))));
        assert!(row.str(9).is_err());

        let nulls = values![None::<String>, None::<i64>, None::<bool>, None::<Vec<u8>>, None::<f64>];
        let row = test.fetch(&TYPES, nulls).await.unwrap().remove(0);
        assert_eq!(row.opt_str(0).unwrap(), None);
        assert_eq!(row.opt_int(1).unwrap(), None);
        assert_eq!(row.opt_bool(2).unwrap(), None);
        assert_eq!(row.opt_bytes(3).unwrap(), None);
        assert_eq!(row.opt_real(4).unwrap(), None);
        assert!(matches!(row.int(1), Err(StoreError::Corrupt(_))));
    }
}

#[tokio::test]
async fn many_rows_are_few_statements() {
    for test in testing::databases().await {
        let before = test.statements();
        let counted = test
            .write("many", |tx| {
                Box::pin(async move {
                    let rows = |range: std::ops::Range<i64>, value: &'static str| {
                        range.map(|n| values!["sanya", format!("n{n:04}"), value, n]).collect::<Vec<_>>()
                    };
                    assert_eq!(tx.insert(&SETTING, Vec::new()).await?, 0);
                    assert_eq!(tx.delete(&SETTING, Vec::new()).await?, 0);
                    assert_eq!(tx.statements(), 0);
                    assert_eq!(tx.insert(&SETTING, rows(0..1200, "old")).await?, 1200);
                    assert_eq!(tx.upsert(&SETTING, rows(1100..1300, "new")).await?, 200);
                    let keys = (0..10).map(|n| values!["sanya", format!("n{n:04}")]).collect();
                    assert_eq!(tx.delete(&SETTING, keys).await?, 10);
                    Ok::<_, StoreError>(tx.statements())
                })
            })
            .await
            .unwrap();
        assert_eq!(counted, 5);
        assert_eq!(test.statements() - before, 5);
        let names = names(&test).await;
        assert_eq!((names.len(), names[0].as_str()), (1290, "n0010"));
        let row = test.fetch_optional(&GET, values!["sanya", "n1150"]).await.unwrap().unwrap();
        assert_eq!(row.str(0).unwrap(), "new");
        let row = test.fetch_optional(&GET, values!["sanya", "n1000"]).await.unwrap().unwrap();
        assert_eq!(row.str(0).unwrap(), "old");

        let all = test.write("all", |tx| Box::pin(async move { tx.delete(&SETTING, vec![values!["sanya"]]).await }));
        assert_eq!(all.await.unwrap(), 1290);
    }
}

#[tokio::test]
async fn a_row_of_the_wrong_width_is_refused() {
    for test in testing::databases().await {
        let write = test.write("bad", |tx| Box::pin(async move { tx.insert(&SETTING, vec![values!["sanya"]]).await }));
        assert!(matches!(write.await, Err(StoreError::Other(_))));
    }
}

#[tokio::test]
async fn a_read_sees_one_moment_and_writes_nothing() {
    for test in testing::databases().await {
        put(&test, "a").await.unwrap();
        let db = test.db.clone();
        let seen = test
            .read("twice", move |tx| {
                Box::pin(async move {
                    let before = tx.fetch(&ALL, values!["sanya"]).await?.len();
                    put(&db, "b").await?;
                    let after = tx.fetch(&ALL, values!["sanya"]).await?.len();
                    Ok::<_, StoreError>((before, after))
                })
            })
            .await
            .unwrap();
        assert_eq!(seen, (1, 1));
        let write = test.read("put", |tx| Box::pin(async move { tx.execute(&PUT, values!["sanya", "c", "v"]).await }));
        assert!(matches!(write.await, Err(StoreError::Unavailable(_))));
        assert_eq!(names(&test).await, ["a", "b"]);
    }
}

#[tokio::test]
async fn a_read_left_half_way_keeps_no_connection() {
    for test in testing::databases().await {
        for _ in 0..10 {
            let read = test.read("left", |tx| {
                Box::pin(async move {
                    tx.fetch(&ALL, values!["sanya"]).await?;
                    std::future::pending::<Result<(), StoreError>>().await
                })
            });
            let left = tokio::time::timeout(std::time::Duration::from_millis(20), read).await;
            assert!(left.is_err());
        }
        assert!(names(&test).await.is_empty());
    }
}

#[tokio::test]
async fn connections_that_died_while_idle_are_passed_over() {
    let test = testing::postgres().await;
    let other = testing::open(&test.url).await;
    put(&test, "a").await.unwrap();
    let writer: i64 =
        test.write("pid", |tx| Box::pin(async move { tx.fetch_one(&BACKEND, values![]).await?.int(0) })).await.unwrap();
    let reader = test.fetch(&BACKEND, values![]).await.unwrap()[0].int(0).unwrap();
    for pid in [writer, reader] {
        other.fetch(&KILL, values![pid]).await.unwrap();
    }
    assert_eq!(names(&test).await, ["a"]);
    put(&test, "b").await.unwrap();
    // In the middle of a write there is no second try: the caller is told.
    let killer = other.clone();
    let error = test
        .write("killed", move |tx| {
            let killer = killer.clone();
            Box::pin(async move {
                let pid = tx.fetch_one(&BACKEND, values![]).await?.int(0)?;
                killer.fetch(&KILL, values![pid]).await?;
                tx.execute(&PUT, values!["sanya", "c", "v"]).await
            })
        })
        .await
        .unwrap_err();
    assert!(matches!(error, StoreError::Unavailable(_)), "{error}");
    put(&test, "d").await.unwrap();
    assert_eq!(names(&test).await, ["a", "b", "d"]);
    other.close().await;
}

#[tokio::test]
async fn a_full_disk_is_told_and_the_writer_lives_on() {
    let test = testing::sqlite().await;
    put(&test, "kept").await.unwrap();
    test.write("limit", |tx| Box::pin(async move { tx.fetch(&LIMIT, values![]).await.map(drop) })).await.unwrap();
    let big = "事".repeat(200_000);
    let error = test
        .write("big", move |tx| {
            let big = big.clone();
            Box::pin(async move { tx.execute(&PUT, values!["sanya", "big", big]).await })
        })
        .await
        .unwrap_err();
    assert_eq!(error.to_string(), "the database is not available: the disk is full");
    put(&test, "after").await.unwrap();
    assert_eq!(names(&test).await, ["after", "kept"]);
}

const BY_VERSION: Sort = Sort { keys: &["version", "name"], descending: false };
const BY_VERSION_DOWN: Sort = Sort { keys: &["version", "name"], descending: true };
const BY_NAME: Sort = Sort { keys: &["name"], descending: false };

async fn fill(test: &TestDb, n: i64) {
    test.write("fill", move |tx| {
        Box::pin(async move {
            // Seven rows to each version.
            let rows = (0..n).map(|n| values!["sanya", format!("n{:04}", (n * 37) % 1500), "v", n / 7]).collect();
            tx.insert(&SETTING, rows).await
        })
    })
    .await
    .unwrap();
}

#[tokio::test]
async fn pages_visit_every_row_once_both_ways() {
    for test in testing::databases().await {
        fill(&test, 100).await;
        for sort in [&BY_VERSION, &BY_VERSION_DOWN] {
            let list =
                List::new("name, version", "setting").filter(Filter::new().is("city", "sanya")).sort(sort).limit(9);
            let whole = test.fetch_list(&list.clone().limit(1000).query()).await.unwrap();
            let whole: Vec<String> = whole.iter().map(name).collect();
            assert_eq!(whole.iter().collect::<BTreeSet<_>>().len(), 100);

            let mut seen = Vec::new();
            let mut page = list.clone();
            loop {
                let rows = test.fetch_list(&page.query()).await.unwrap();
                let Some(last) = rows.last() else { break };
                let edge = values![last.int(1).unwrap(), last.str(0).unwrap()];
                seen.extend(rows.iter().map(name));
                page = list.clone().after(edge);
            }
            assert_eq!(seen, whole);

            // And back again from the last row.
            let mut back = vec![whole[99].clone()];
            let last = test.fetch_optional(&GET, values!["sanya", &whole[99]]).await.unwrap().unwrap();
            let mut edge = values![last.int(1).unwrap(), &whole[99]];
            loop {
                let rows = test.fetch_list(&list.clone().before(edge).query()).await.unwrap();
                let Some(first) = rows.first() else { break };
                edge = values![first.int(1).unwrap(), first.str(0).unwrap()];
                back.splice(0..0, rows.iter().map(name));
            }
            assert_eq!(back, whole);
        }
    }
}

#[tokio::test]
async fn all_tabs_are_counted_in_one_statement_up_to_the_cap() {
    for test in testing::databases().await {
        fill(&test, 1200).await;
        let before = test.statements();
        let tabs = [
            Tab { from: "setting", filter: Filter::new(), each: None },
            Tab { from: "setting", filter: Filter::new().when("version < ?", values![3]), each: None },
            Tab { from: "setting", filter: Filter::new().among("version", Vec::<i64>::new()), each: None },
            Tab {
                from: "setting",
                filter: Filter::new().either(vec![Filter::new().is("version", 1), Filter::new().is("version", 2)]),
                each: None,
            },
        ];
        let counts = test.counts(&Filter::new().is("city", "sanya"), &tabs).await.unwrap();
        let count = |n, more| Count { n, more };
        assert_eq!(counts, [count(1000, true), count(21, false), count(0, false), count(14, false)]);
        assert_eq!(counts[0].to_string(), "1000+");
        assert_eq!(test.statements() - before, 1);
    }
}

#[tokio::test]
async fn plans_tell_an_index_from_a_whole_table() {
    for test in testing::databases().await {
        let of_city = || Filter::new().is("city", "sanya");
        let page = List::new("name", "setting").filter(of_city()).sort(&BY_NAME).after(values!["n"]).limit(9).query();
        let plan = test.explain(&page).await.unwrap();
        assert!(full_scans(&plan).is_empty() && !sorts(&plan), "{plan}");

        let sorted = List::new("name", "setting").filter(of_city()).sort(&BY_VERSION).query();
        assert!(sorts(&test.explain(&sorted).await.unwrap()));
        let scanned = List::new("name", "setting").filter(Filter::new().is("version", 1)).query();
        assert!(!full_scans(&test.explain(&scanned).await.unwrap()).is_empty());

        let tabs = [Tab { from: "setting", filter: Filter::new().is("name", "a"), each: None }];
        let plan = test.explain(&huiyin_store::list::counts(&of_city(), &tabs)).await.unwrap();
        assert!(full_scans(&plan).is_empty(), "{plan}");
    }
}

#[tokio::test]
async fn migrating_again_changes_nothing_and_a_newer_database_is_refused() {
    for test in testing::databases().await {
        test.migrate().await.unwrap();
        assert_eq!(test.schema().await.unwrap(), Schema::Current);
        test.write("future", |tx| Box::pin(async move { tx.execute(&FROM_THE_FUTURE, values![]).await }))
            .await
            .unwrap();
        assert_eq!(test.schema().await.unwrap(), Schema::Newer(9999));
        let error = test.migrate().await.unwrap_err();
        assert!(error.to_string().contains("newer huiyin"), "{error}");
    }
}

#[tokio::test]
async fn closing_finishes_what_is_queued() {
    for test in testing::databases().await {
        let other = testing::open(&test.url).await;
        let tasks: Vec<_> = (0..10)
            .map(|n| {
                let db = other.clone();
                tokio::spawn(async move { put(&db, &format!("n{n}")).await })
            })
            .collect();
        for _ in 0..100 {
            tokio::task::yield_now().await;
        }
        other.close().await;
        for task in tasks {
            task.await.unwrap().unwrap();
        }
        other.close().await;
        assert!(matches!(put(&other, "late").await, Err(StoreError::Unavailable(_))));
        assert_eq!(names(&test).await.len(), 10);
    }
}

#[tokio::test]
async fn what_cannot_be_opened_says_why() {
    let fault = |error: StoreError| error.to_string();
    let open = async |url: &str| Db::open(url, Options::default()).await.map(drop).map_err(fault);
    let refused = open("mysql://x").await.unwrap_err();
    assert_eq!(refused, "a database address starts with `sqlite://` or `postgres://`");
    let refused = open("postgres://someone:secret@127.0.0.1:1/x").await.unwrap_err();
    assert_eq!(refused, "the database is not available: no PostgreSQL answers at 127.0.0.1:1");
    assert!(open("sqlite://").await.is_err());
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("text"), "not a database, but a longer text than a header has").unwrap();
    let refused = open(&format!("sqlite://{}/text", folder.path().display())).await.unwrap_err();
    assert!(refused.starts_with("stored data is damaged"), "{refused}");
}

/// A PostgreSQL of this test's own, which it may crash.
struct Server(std::path::PathBuf);

impl Server {
    fn command(&self, command: &str) -> std::process::Output {
        let script = concat!(env!("CARGO_MANIFEST_DIR"), "/../../scripts/postgres");
        std::process::Command::new(script)
            .arg(command)
            .env("HUIYIN_PG_DIR", &self.0)
            .env("HUIYIN_PG_FSYNC", "on")
            .output()
            .unwrap()
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
async fn acknowledged_writes_outlive_a_crash_of_the_server() {
    let server = Server(std::env::temp_dir().join(format!("huiyin-crash-{}", std::process::id())));
    let db = Db::open(&server.run("start"), Options::default()).await.unwrap();
    db.migrate().await.unwrap();
    for round in 0..2 {
        let acknowledged = Arc::new(AtomicUsize::new(0));
        let writers: Vec<_> = (0..8)
            .map(|writer| {
                let (db, acknowledged) = (db.clone(), Arc::clone(&acknowledged));
                tokio::spawn(async move {
                    let mut mine = Vec::new();
                    for n in 0.. {
                        let name = format!("r{round}w{writer}n{n}");
                        match put(&db, &name).await {
                            Ok(_) => mine.push(name),
                            Err(error) => {
                                assert!(matches!(error, StoreError::Unavailable(_)), "{error}");
                                return mine;
                            }
                        }
                        acknowledged.fetch_add(1, Ordering::SeqCst);
                    }
                    mine
                })
            })
            .collect();
        while acknowledged.load(Ordering::SeqCst) < 50 {
            tokio::task::yield_now().await;
        }
        server.run("crash");
        let mut mine = BTreeSet::new();
        for writer in writers {
            mine.extend(writer.await.unwrap());
        }
        assert!(matches!(put(&db, "down").await, Err(StoreError::Unavailable(_))));
        server.run("restart");
        // The same `Db` goes on, and nothing it acknowledged is missing.
        put(&db, &format!("r{round}after")).await.unwrap();
        let kept: BTreeSet<String> = names(&db).await.into_iter().collect();
        assert!(mine.len() >= 50 && mine.is_subset(&kept));
    }
    db.close().await;
}
