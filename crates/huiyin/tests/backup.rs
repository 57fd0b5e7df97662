//! A copy made while the city works, laid down elsewhere, proved, and worked on.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod load;
mod program;

use std::{sync::Arc, time::Instant};

use load::{Account, City, Load, Postgres, proved};
use program::Server;
use serde_json::json;

fn serve(city: &City) -> Server {
    let arguments = city.serves();
    Server::start(city.path(), &arguments.iter().map(String::as_str).collect::<Vec<_>>())
}

/// Backs up under load, restores elsewhere, proves it and drives an order to its end there.
fn moves(from: Option<&str>, to: Option<&str>) {
    let city = Arc::new(City::new(from));
    let server = serve(&city);
    let mut before = Account::default();
    let load = Load::start(&city, &server.address, 4, 0);
    load.reaches(60);
    load.stop(&mut before);
    assert!(before.unanswered.is_empty());

    let mut during = Account::default();
    let load = Load::start(&city, &server.address, 4, 1);
    load.reaches(1);
    let copy = city.path().join("copy");
    let made = city.run(&["backup", copy.to_str().unwrap()]);
    made.is_done();
    assert!(format!("{}{}", made.stdout, made.stderr).contains("key"), "it says that the key is not in it: {made:?}");
    load.stop(&mut during);
    assert!(during.unanswered.is_empty(), "a backup holds up nobody");
    let names: Vec<String> = std::fs::read_dir(&copy)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned())
        .collect();
    assert!(!names.iter().any(|name| name.contains("key")), "{names:?}");
    city.run(&["backup", copy.to_str().unwrap()]).is_refused("not empty");

    let there = City::empty(to, &city);
    let copy = copy.to_str().unwrap();
    let restored = there.run(&["restore", copy]);
    assert!(restored.is_done().stderr.contains("key"), "it says that the key is still missing: {restored:?}");
    // Without the key nothing opens, and none is made in its place.
    there.run(&["doctor"]).is_refused("key");
    let data = there.path().join("data");
    std::fs::create_dir_all(&data).unwrap();
    std::fs::copy(city.path().join("data/key"), data.join("key")).unwrap();
    there.run(&["restore", copy]).is_refused("use an empty one");

    let restored = there.run(&["doctor", "--json"]).is_done().json()["orders"].as_u64().unwrap();
    proved(&there, restored);
    assert!((before.taken_in()..=before.taken_in() + during.taken_in() + 4).contains(&restored), "{restored}");
    let moved = serve(&there);
    for (no, version) in before.orders() {
        assert!(there.order(&moved.address, &no)["version"].as_u64().unwrap() >= version, "{no}");
    }
    drives_on(&there, &moved.address, before.orders().keys().next().unwrap());
    let fresh =
        there.ok(&moved.address, "agent", "", json!({ "body": "新的一件", "kind": "help", "subject": "090201" }));
    assert!(!before.orders().contains_key(fresh["no"].as_str().unwrap()));
    proved(&there, restored + 1);
    // The first city has gone on meanwhile.
    proved(&city, before.taken_in() + during.taken_in());
}

/// Drives an order from wherever it stands to `archived`.
fn drives_on(city: &City, address: &str, no: &str) {
    let state = |order: &serde_json::Value| order["state"].as_str().unwrap().to_owned();
    if state(&city.order(address, no)) == "registered" {
        city.ok(address, "office", &format!("/{no}/dispatch"), json!({ "lead": "water" }));
        city.ok(address, "officer", &format!("/{no}/sign"), json!({}));
    }
    let facts = json!({ "finding": "lawful", "solved": true, "measures": "已停工。" });
    city.ok(address, "officer", &format!("/{no}/feedback"), json!({ "public": "已解决。", "facts": facts }));
    city.ok(address, "office", &format!("/{no}/pass"), json!({}));
    city.ok(address, "callback", &format!("/{no}/waive-callback"), json!({ "reason": "claimant-declined" }));
    city.ok(address, "callback", &format!("/{no}/close"), json!({}));
    let order = city.order(address, no);
    for duty in order["duties"].as_array().unwrap().iter().filter(|duty| duty["told_at"].is_null()) {
        city.ok(address, "agent", &format!("/{no}/tell"), json!({ "duty": duty["no"], "record": "本人接听,已告知" }));
    }
    let began = Instant::now();
    while state(&city.order(address, no)) != "archived" {
        assert!(began.elapsed() < std::time::Duration::from_secs(300), "it is not archived");
        std::thread::sleep(std::time::Duration::from_millis(200));
    }
}

#[test]
fn a_backup_under_load_is_restored_elsewhere_and_worked_on() {
    moves(None, None);
}

#[test]
fn from_one_database_to_the_other() {
    let (postgres, url) = Postgres::start("backup");
    moves(Some(&url), None);
    let another = postgres.another(&url, "another");
    moves(None, Some(&another));
}
