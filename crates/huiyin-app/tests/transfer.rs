//! A whole city out of one database and into another, and back: the same to the byte. All data invented.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod common;
#[path = "common/desk.rs"]
mod desk;

use std::{collections::BTreeMap, fs, path::Path, sync::Arc};

use common::{TestApp, apps};
use desk::{Drive, MINUTE, agent, callback, field, new_order, office, officer, photo, solved, with_files};
use huiyin_app::{
    App, CommandError, Parts, Role, jobs,
    orders::{self, NewOrder},
    people::Position,
    ports::CountingIds,
    transfer::{self, Manifest},
};
use huiyin_store::{
    Db, Engine,
    files::Files,
    seal::{MasterKey, SeededEntropy},
    testing::{self, TestDb},
};
use serde_json::json;
use sha2::{Digest, Sha256};

/// A city with something in every table.
async fn city(app: &TestApp) -> String {
    app.person("li", "water", Role::Officer, Position::Handler).await;
    let done = app.answered("water").await;
    app.ok(
        &callback(),
        &done,
        "callback-answered",
        json!({ "answers": { "contacted": true, "solved": true, "satisfied": 5 } }),
    )
    .await;
    app.ok(&callback(), &done, "close", json!({})).await;
    let merged = app.registered("help").await;
    let no = app.accepted("help", "water").await;
    app.ok(&agent(), &merged, "merge", json!({ "into": no })).await;
    let secret = app.take_in(&agent(), NewOrder { secret: Some(true), ..new_order("report") }).await.unwrap().done.no;
    app.ok(&agent(), &secret, "redact", json!({ "text": "制表\t符、引号\"、反斜线\\、换行\n与表情😀" })).await;
    app.ok(
        &officer("water"),
        &no,
        "extend",
        json!({ "span": { "amount": 1, "unit": "workday" }, "reason": "complex" }),
    )
    .await;
    let picture = app.file(&officer("water"), "现场.png", &photo(300)).await.unwrap();
    app.ok(&officer("water"), &no, "progress", json!({ "text": "已到现场", "files": [picture.id] })).await;
    assert!(orders::set_aside(&app.app, "web", "w1", b"\xff\x00", "not UTF-8").await.unwrap());
    app.give(&officer("water"), &no, "accept", json!({})).await.unwrap_err();
    orders::reveal(&app.app, &agent(), &no, "回访本人").await.unwrap();
    let given = orders::Given {
        order: no.clone(),
        command: "urge".into(),
        input: json!({}),
        key: Some("k".into()),
        if_match: None,
    };
    orders::command(&app.app, &agent(), given).await.unwrap();
    jobs::once(&app.app).await.unwrap();
    // Some events wait for a checkpoint.
    app.ok(&agent(), &no, "urge", json!({})).await;
    for table in [
        "work_order",
        "event",
        "feed",
        "checkpoint",
        "contact",
        "idempotency",
        "reveal",
        "attempt",
        "desk_item",
        "file",
        "person",
        "unit",
    ] {
        assert!(app.count(table).await > 0, "{table}");
    }
    no
}

fn files(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let inner = fs::read_dir(folder.join("files")).into_iter().flatten();
    fs::read_dir(folder)
        .unwrap()
        .chain(inner)
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.is_file())
        .map(|path| (path.file_name().unwrap().to_string_lossy().into_owned(), fs::read(&path).unwrap()))
        .collect()
}

/// A place with nothing in it.
struct Place {
    home: TestDb,
    files: Files,
}

impl std::ops::Deref for Place {
    type Target = TestDb;

    fn deref(&self) -> &TestDb {
        &self.home
    }
}

impl Place {
    async fn opened(&self, like: &TestApp) -> Result<Arc<App>, CommandError> {
        with_files(self.db.clone(), self.files.clone(), like).await
    }
}

async fn empty(engine: Engine) -> Place {
    let home = match engine {
        Engine::Sqlite => testing::sqlite().await,
        Engine::Postgres => testing::postgres().await,
    };
    Place { home, files: Files::in_memory() }
}

fn other(engine: Engine) -> Engine {
    if engine == Engine::Sqlite { Engine::Postgres } else { Engine::Sqlite }
}

#[tokio::test]
async fn from_one_database_to_the_other_and_back_it_is_the_same() {
    for app in apps().await {
        let no = city(&app).await;
        let folders: Vec<_> = (0..3).map(|_| tempfile::tempdir().unwrap()).collect();
        let first = transfer::export(&app.app, folders[0].path(), false).await.unwrap();
        assert!(
            first.at.is_none() && first.tables.iter().all(|entry| entry.table != "session" && entry.table != "lease")
        );
        let there = empty(other(app.db.engine())).await;
        let read = transfer::import(&there.db, &there.files, folders[0].path()).await.unwrap();
        assert_eq!(read, first);
        let moved = there.opened(&app).await.unwrap();
        transfer::export(&moved, folders[1].path(), false).await.unwrap();
        let back = empty(app.db.engine()).await;
        transfer::import(&back.db, &back.files, folders[1].path()).await.unwrap();
        let again = back.opened(&app).await.unwrap();
        transfer::export(&again, folders[2].path(), false).await.unwrap();
        let all = folders.iter().map(|folder| files(folder.path())).collect::<Vec<_>>();
        for (name, text) in &all[0] {
            assert!(all[1][name] == *text && all[2][name] == *text, "{name} differs");
        }
        assert_eq!((all[1].len(), all[2].len()), (all[0].len(), all[0].len()));
        // What was moved goes on where it was: chains proved, keys known, the order driven to its end.
        for app in [&moved, &again] {
            app.sound().await;
            let given = orders::Given {
                order: no.clone(),
                command: "urge".into(),
                input: json!({}),
                key: Some("k".into()),
                if_match: None,
            };
            assert!(orders::command(app, &agent(), given).await.unwrap().repeated);
            assert!(
                app.take_in(
                    &agent(),
                    NewOrder { external_id: Some("w1".into()), channel: Some("web".into()), ..new_order("help") }
                )
                .await
                .is_ok()
            );
            app.ok(&office(), &no, "grant", json!({ "request": 1 })).await;
            app.ok(&officer("water"), &no, "feedback", json!({ "public": "已解决", "facts": solved() })).await;
            app.ok(&office(), &no, "pass", json!({})).await;
            app.ok(&callback(), &no, "waive-callback", json!({ "reason": "claimant-declined" })).await;
            app.ok(&callback(), &no, "close", json!({})).await;
            let fresh = app.registered("help").await;
            assert_ne!(app.order(&fresh).await.no, no);
            let found = orders::reveal(app, &agent(), &no, "回访本人").await.unwrap();
            assert_eq!(found[0].identity.name.as_deref(), Some("李甲"));
            app.sound().await;
        }
    }
}

#[tokio::test]
async fn an_export_is_of_one_moment_while_the_city_works() {
    for app in apps().await {
        city(&app).await;
        let (own, stop) = (Arc::clone(&app.app), Arc::new(std::sync::atomic::AtomicBool::new(false)));
        let stopped = Arc::clone(&stop);
        let works = async move {
            let mut done = 0;
            while !stopped.load(std::sync::atomic::Ordering::SeqCst) {
                own.dispatched("help", "water").await;
                done += 1;
            }
            done
        };
        let folder = tempfile::tempdir().unwrap();
        let exports = async {
            for n in 0..3 {
                tokio::time::sleep(std::time::Duration::from_millis(30)).await;
                transfer::export(&app.app, &folder.path().join(n.to_string()), true).await.unwrap();
            }
            stop.store(true, std::sync::atomic::Ordering::SeqCst);
        };
        let (done, ()) = tokio::join!(works, exports);
        assert!(done > 0);
        for n in 0..3 {
            let there = empty(other(app.db.engine())).await;
            let read = transfer::import(&there.db, &there.files, &folder.path().join(n.to_string())).await.unwrap();
            assert!(read.at.is_some());
            there.opened(&app).await.unwrap().sound().await;
        }
    }
}

#[tokio::test]
async fn only_an_empty_place_is_filled() {
    for app in apps().await {
        city(&app).await;
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("note"), "x").unwrap();
        assert_eq!(field(transfer::export(&app.app, folder.path(), false).await), "DIR");
        let out = folder.path().join("out");
        transfer::export(&app.app, &out, false).await.unwrap();
        let before = app.everything().await;
        let error = transfer::import(&app.db.db, &app.app.files, &out).await.unwrap_err();
        assert!(error.to_string().contains("use an empty one"), "{error}");
        assert_eq!(app.everything().await, before);
        // A program that was only started has made its keys: that is not empty either.
        let there = empty(app.db.engine()).await;
        there.opened(&app).await.unwrap();
        assert_eq!(field(transfer::import(&there.db, &there.files, &out).await), "target");
    }
}

/// One of the files given as evidence.
fn a_file(folder: &Path) -> std::path::PathBuf {
    fs::read_dir(folder.join("files")).unwrap().next().unwrap().unwrap().path()
}

/// Writes the manifest anew for a file that was changed.
fn resign(folder: &Path, table: &str) {
    let path = folder.join("manifest.json");
    let mut manifest: Manifest = serde_json::from_slice(&fs::read(&path).unwrap()).unwrap();
    let entry = manifest.tables.iter_mut().find(|entry| entry.table == table).unwrap();
    let digest = Sha256::digest(fs::read(folder.join(format!("{table}.jsonl"))).unwrap());
    entry.sha256 = digest.iter().map(|byte| format!("{byte:02x}")).collect();
    fs::write(path, serde_json::to_vec(&manifest).unwrap()).unwrap();
}

#[tokio::test]
async fn a_damaged_folder_is_refused_and_nothing_is_half_done() {
    let app = apps().await.remove(0);
    city(&app).await;
    let folder = tempfile::tempdir().unwrap();
    let sound = folder.path().join("sound");
    transfer::export(&app.app, &sound, false).await.unwrap();
    type Damage = fn(&Path);
    let cases: [(&str, Damage); 13] = [
        ("SHA-256", |f| {
            fs::write(
                f.join("event.jsonl"),
                fs::read_to_string(f.join("event.jsonl")).unwrap().replace("office", "offica"),
            )
            .unwrap()
        }),
        ("SHA-256", |f| fs::write(f.join("unit.jsonl"), "").unwrap()),
        ("contact.jsonl", |f| fs::remove_file(f.join("contact.jsonl")).unwrap()),
        ("manifest.json", |f| fs::remove_file(f.join("manifest.json")).unwrap()),
        ("the manifest says", |f| fs::remove_file(a_file(f)).unwrap()),
        ("SHA-256 is not its name", |f| fs::write(a_file(f), "x").unwrap()),
        ("cannot be read", |f| fs::write(f.join("manifest.json"), "{").unwrap()),
        ("the format is `huiyin-9`", |f| {
            let text = fs::read_to_string(f.join("manifest.json")).unwrap();
            fs::write(f.join("manifest.json"), text.replace("huiyin-1", "huiyin-9")).unwrap();
        }),
        ("no table `zebra`", |f| {
            // The last by name, so that all others are written before it is found.
            let text = fs::read_to_string(f.join("manifest.json")).unwrap();
            fs::rename(f.join("work_order.jsonl"), f.join("zebra.jsonl")).unwrap();
            fs::write(f.join("manifest.json"), text.replace("\"work_order\"", "\"zebra\"")).unwrap();
        }),
        ("work_order.jsonl:2", |f| {
            let mut lines: Vec<String> =
                fs::read_to_string(f.join("work_order.jsonl")).unwrap().lines().map(str::to_owned).collect();
            lines[1] = "[1,2,3]".into();
            fs::write(f.join("work_order.jsonl"), lines.join("\n") + "\n").unwrap();
            resign(f, "work_order");
        }),
        ("rows, the manifest says", |f| {
            let lines: Vec<String> =
                fs::read_to_string(f.join("work_order.jsonl")).unwrap().lines().skip(1).map(str::to_owned).collect();
            fs::write(f.join("work_order.jsonl"), lines.join("\n") + "\n").unwrap();
            resign(f, "work_order");
        }),
        ("exists already", |f| {
            let mut text = fs::read_to_string(f.join("work_order.jsonl")).unwrap();
            let first = text.lines().next().unwrap().to_owned();
            text.push_str(&first);
            fs::write(f.join("work_order.jsonl"), text + "\n").unwrap();
            resign(f, "work_order");
        }),
        ("another city", |f| {
            let text = fs::read_to_string(f.join("work_order.jsonl")).unwrap();
            fs::write(f.join("work_order.jsonl"), text.replacen("[\"sanya\"", "[\"haikou\"", 1)).unwrap();
            resign(f, "work_order");
        }),
    ];
    for (at, (words, damage)) in cases.into_iter().enumerate() {
        let damaged = folder.path().join(at.to_string());
        fs::create_dir(&damaged).unwrap();
        fs::create_dir(damaged.join("files")).unwrap();
        for (name, bytes) in files(&sound) {
            let to = if name.contains('.') { damaged.join(name) } else { damaged.join("files").join(name) };
            fs::write(to, bytes).unwrap();
        }
        damage(&damaged);
        for home in testing::databases().await {
            let there = Place { home, files: Files::in_memory() };
            let error = transfer::import(&there.db, &there.files, &damaged).await.unwrap_err();
            assert!(error.to_string().contains(words), "{words}: {error}");
            for table in ["unit", "event", "work_order", "setting", "content"] {
                assert_eq!(rows(&there.db, table).await, 0, "{words}: {table} on {}", there.engine());
            }
            // The sound folder fits in afterwards.
            if at == 7 {
                transfer::import(&there.db, &there.files, &sound).await.unwrap();
                there.opened(&app).await.unwrap().sound().await;
            }
        }
    }
}

async fn rows(db: &Db, table: &str) -> i64 {
    let sql: &'static str = Box::leak(format!("SELECT CAST(COUNT(*) AS BIGINT) FROM {table}").into_boxed_str());
    let statement: &'static huiyin_store::Statement = Box::leak(Box::new(huiyin_store::Statement::same(sql)));
    db.fetch(statement, vec![]).await.unwrap()[0].int(0).unwrap()
}

#[tokio::test]
async fn with_another_key_it_does_not_open() {
    for app in apps().await {
        city(&app).await;
        let folder = tempfile::tempdir().unwrap();
        transfer::export(&app.app, &folder.path().join("out"), false).await.unwrap();
        for (name, bytes) in files(&folder.path().join("out")) {
            let text = String::from_utf8_lossy(&bytes).into_owned();
            assert!(!text.contains("李甲") && !text.contains("13800000001"), "{name} holds an identity");
        }
        let there = empty(other(app.db.engine())).await;
        transfer::import(&there.db, &there.files, &folder.path().join("out")).await.unwrap();
        let parts = Parts {
            db: there.db.clone(),
            pack: Arc::new(common::pack("sanya")),
            master: Arc::new(MasterKey::generate(&SeededEntropy::new(99))),
            clock: Arc::clone(&app.clock) as _,
            ids: Arc::new(CountingIds::default()),
            entropy: Arc::new(SeededEntropy::new(5)),
            carriers: Vec::new(),
            files: huiyin_store::files::Files::in_memory(),
        };
        let Err(CommandError::Internal(why)) = App::open(parts).await else { panic!("a wrong key opened it") };
        assert!(why.contains("key") && why.contains("HUIYIN_KEY_FILE"), "{why}");
        app.clock.advance(MINUTE);
        there.opened(&app).await.unwrap().sound().await;
    }
}
