//! One command on many orders goes on behind: each order once, by what its person may do now, through a restart.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod common;
#[path = "common/desk.rs"]
mod desk;

use common::{TestApp, apps};
use desk::{Drive, beside, office};
use huiyin_app::{
    Actor, CommandError, Role,
    bulk::{self, Ask, Pick},
    orders::view,
    people::Position,
};
use huiyin_store::values;
use serde_json::{Value, json};

async fn at_water(app: &TestApp, many: usize) -> Vec<String> {
    let mut numbers = Vec::new();
    for _ in 0..many {
        let no = app.registered("help").await;
        app.ok(&office(), &no, "dispatch", json!({ "lead": "water" })).await;
        numbers.push(no);
    }
    numbers
}

fn ask(key: &str, command: &str, input: Value, numbers: &[String]) -> Ask {
    let picks = numbers.iter().map(|no| Pick { no: no.clone(), task: Some(1), command: command.into() });
    Ask { key: key.into(), command: command.into(), input, back: "/queue".into(), picks: picks.collect() }
}

async fn counts(app: &TestApp, who: &Actor, id: &str) -> (String, i64, i64, i64) {
    let found = bulk::progress(&app.app, who, id).await.unwrap();
    (found.state, found.done, found.refused, found.waiting)
}

#[tokio::test]
async fn each_order_is_once_through_a_restart_and_a_refusal_says_why() {
    for app in apps().await {
        app.person("wen", "water", Role::Officer, Position::Staff).await;
        let wen = app.signed_in("wen").await;
        let numbers = at_water(&app, 40).await;
        app.ok(&wen, &numbers[3], "sign", json!({})).await;
        let id = bulk::ask(&app.app, &wen, ask("form-1", "sign", json!({}), &numbers)).await.unwrap();
        let again = bulk::ask(&app.app, &wen, ask("form-1", "sign", json!({}), &numbers)).await.unwrap();
        assert_eq!(again, id, "sent twice it is one");
        assert_eq!(bulk::work(&app.app, 25).await.unwrap(), 25);
        assert_eq!(counts(&app, &wen, &id).await, ("running".into(), 24, 1, 15));
        // The process is gone; another goes on.
        let there = beside(&app, Vec::new()).await;
        assert_eq!(bulk::work(&there, 100).await.unwrap(), 15);
        assert_eq!(counts(&app, &wen, &id).await, ("ended".into(), 39, 1, 0));
        let found = bulk::progress(&app.app, &wen, &id).await.unwrap();
        assert_eq!(found.faults[0].0, numbers[3]);
        assert!(found.faults[0].1.refusal.is_some(), "{:?}", found.faults);
        for no in &numbers {
            let order = view::order(&app.app, &wen, no).await.unwrap().order;
            assert_eq!(order.tasks[0].state.code(), "signed", "{no}");
        }
        assert_eq!(bulk::work(&app.app, 100).await.unwrap(), 0);
        app.sound().await;
    }
}

#[tokio::test]
async fn it_is_stopped_taken_back_and_nobody_elses() {
    let app = common::sqlite_app().await;
    app.person("wen", "water", Role::Officer, Position::Staff).await;
    app.person("lu", "water", Role::Officer, Position::Staff).await;
    let (wen, lu) = (app.signed_in("wen").await, app.signed_in("lu").await);
    let numbers = at_water(&app, 60).await;
    let fields = json!({ "tag": "group", "on": true });
    let id = bulk::ask(&app.app, &wen, ask("form-2", "tag", fields, &numbers)).await.unwrap();
    bulk::work(&app.app, 25).await.unwrap();
    assert_eq!(bulk::stop(&app.app, &lu, &id).await, Err(CommandError::NotFound));
    assert!(matches!(bulk::undo(&app.app, &wen, &id).await, Err(CommandError::Invalid { .. })), "it still runs");
    bulk::stop(&app.app, &wen, &id).await.unwrap();
    assert_eq!(bulk::work(&app.app, 100).await.unwrap(), 0);
    assert_eq!(counts(&app, &wen, &id).await, ("stopped".into(), 25, 0, 35));
    let back = bulk::undo(&app.app, &wen, &id).await.unwrap();
    bulk::work(&app.app, 100).await.unwrap();
    assert_eq!(counts(&app, &wen, &back).await, ("ended".into(), 25, 0, 0));
    let order = view::order(&app.app, &wen, &numbers[0]).await.unwrap().order;
    assert!(order.tags.is_empty());
    assert_eq!(bulk::undo(&app.app, &wen, &id).await.unwrap(), back, "taken back once");
}

#[tokio::test]
async fn who_has_left_does_nothing_any_more_and_an_order_of_another_unit_is_not_there() {
    let app = common::sqlite_app().await;
    app.person("wen", "water", Role::Officer, Position::Staff).await;
    let wen = app.signed_in("wen").await;
    let mut numbers = at_water(&app, 2).await;
    let elsewhere = app.registered("help").await;
    app.ok(&office(), &elsewhere, "dispatch", json!({ "lead": "housing" })).await;
    numbers.push(elsewhere);
    let id = bulk::ask(&app.app, &wen, ask("form-3", "sign", json!({}), &numbers)).await.unwrap();
    bulk::work(&app.app, 100).await.unwrap();
    assert_eq!(counts(&app, &wen, &id).await, ("ended".into(), 2, 1, 0));
    let found = bulk::progress(&app.app, &wen, &id).await.unwrap();
    assert_eq!(found.faults[0].1.code, "not_found");
    // An actor whom no table knows is as one who has left.
    let gone = common::actor("gone", Role::Officer, "water");
    let id = bulk::ask(&app.app, &gone, ask("form-4", "note", json!({ "text": "甲" }), &numbers)).await.unwrap();
    bulk::work(&app.app, 100).await.unwrap();
    assert_eq!(counts(&app, &gone, &id).await, ("stopped".into(), 0, 0, 3));
}

#[tokio::test]
async fn one_that_cannot_be_read_is_stopped_and_holds_up_no_other() {
    for app in apps().await {
        app.person("wen", "water", Role::Officer, Position::Staff).await;
        let wen = app.signed_in("wen").await;
        let numbers = at_water(&app, 2).await;
        let spoilt = bulk::ask(&app.app, &wen, ask("form-5", "sign", json!({}), &numbers[..1])).await.unwrap();
        let sound = bulk::ask(&app.app, &wen, ask("form-6", "sign", json!({}), &numbers[1..])).await.unwrap();
        app.tamper("UPDATE bulk SET fields = $2 WHERE id = $1", values![spoilt.as_str(), vec![0_u8; 40]]).await;
        assert_eq!(bulk::work(&app.app, 100).await.unwrap(), 1);
        assert_eq!(counts(&app, &wen, &spoilt).await, ("stopped".into(), 0, 0, 1));
        assert_eq!(counts(&app, &wen, &sound).await, ("ended".into(), 1, 0, 0));
    }
}
