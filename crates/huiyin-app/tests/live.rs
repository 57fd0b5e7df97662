//! What changed is told to open pages: at most once a second, to those who may know of it, once.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod common;
#[path = "common/desk.rs"]
mod desk;

use std::{sync::Arc, time::Duration};

use common::{TestApp, apps};
use desk::{Drive, agent, beside, new_order, office, officer, sub};
use huiyin_app::{
    Actor, CommandError, Role,
    live::{self, Seen, Told, Watch},
    orders::NewOrder,
};
use serde_json::json;

async fn open(app: &TestApp, who: &Actor) -> Watch {
    live::open(&app.app, who).await.unwrap()
}

/// What a stream has to tell now.
async fn told(watch: &mut Watch) -> Option<Told> {
    tokio::time::timeout(Duration::from_millis(50), watch.next()).await.ok().flatten()
}

fn orders(numbers: &[&String]) -> Option<Told> {
    Some(Told { orders: numbers.iter().map(|no| (*no).clone()).collect(), more: false, ..Told::default() })
}

#[tokio::test]
async fn a_stream_tells_what_its_person_may_know_of_and_tells_it_once() {
    for app in apps().await {
        let mut seen = Seen::default();
        let before = app.registered("help").await;
        app.clock.advance(11_000);
        let (mut desk, mut water, mut other) =
            (open(&app, &agent()).await, open(&app, &officer("water")).await, open(&app, &officer("housing")).await);
        let no = app.registered("help").await;
        app.ok(&office(), &no, "dispatch", json!({ "lead": "water" })).await;
        app.ok(&officer("water"), &no, "sign", json!({})).await;
        // Three commands within a second are one event; what lies further back is not told.
        assert_eq!(live::look(&app.app, &mut seen).await.unwrap(), 3);
        assert_eq!(told(&mut desk).await, orders(&[&no]), "and not {before}");
        assert_eq!(told(&mut water).await, orders(&[&no]));
        assert_eq!(told(&mut other).await, None);
        assert_eq!(live::look(&app.app, &mut seen).await.unwrap(), 0, "read again, and not told again");
        assert_eq!(told(&mut desk).await, None);
        // Another process on the same data tells its own pages.
        let there = beside(&app, Vec::new()).await;
        let mut far = live::open(&there, &sub("sub-jiyang")).await.unwrap();
        let mut everywhere = live::open(&there, &office()).await.unwrap();
        assert_eq!(live::look(&there, &mut Seen::default()).await.unwrap(), 3);
        assert_eq!((told(&mut far).await, told(&mut everywhere).await), (None, orders(&[&no])));
    }
}

#[tokio::test]
async fn a_person_is_told_apart_of_what_they_changed_themselves() {
    for app in apps().await {
        let no = app.registered("help").await;
        app.clock.advance(11_000);
        let (mut own, mut other) = (open(&app, &office()).await, open(&app, &agent()).await);
        let mut seen = Seen::default();
        app.ok(&office(), &no, "dispatch", json!({ "lead": "water" })).await;
        live::look(&app.app, &mut seen).await.unwrap();
        assert_eq!(told(&mut own).await, Some(Told { own: vec![no.clone()], ..Told::default() }));
        assert_eq!(told(&mut other).await, orders(&[&no]));
        // Somebody else had a hand in it too: then it is news.
        app.ok(&office(), &no, "urge", json!({})).await;
        app.ok(&officer("water"), &no, "sign", json!({})).await;
        live::look(&app.app, &mut seen).await.unwrap();
        assert_eq!(told(&mut own).await, orders(&[&no]));
    }
}

#[tokio::test]
async fn of_a_sealed_order_nobody_is_told() {
    for app in apps().await {
        let mut desk = open(&app, &office()).await;
        let new = NewOrder { kind: None, subject: None, ..new_order("report") };
        let no = app.take_in(&agent(), new).await.unwrap().done.no;
        app.ok(&agent(), &no, "transfer", json!({ "to": "discipline" })).await;
        live::look(&app.app, &mut Seen::default()).await.unwrap();
        assert_eq!(told(&mut desk).await, None);
        // Who sees no order at all has nothing to be told.
        let mut admin = open(&app, &common::actor("x", Role::Admin, "office")).await;
        app.registered("help").await;
        live::look(&app.app, &mut Seen::default()).await.unwrap();
        assert_eq!(told(&mut admin).await, None);
    }
}

#[tokio::test]
async fn without_open_streams_nothing_is_read_and_rows_are_swept() {
    for app in apps().await {
        app.registered("help").await;
        let before = app.db.statements();
        assert_eq!(live::look(&app.app, &mut Seen::default()).await.unwrap(), 0);
        assert_eq!(app.db.statements(), before);
        assert_eq!(live::sweep(&app.app).await.unwrap(), 0);
        app.clock.advance(61_000);
        assert_eq!(live::sweep(&app.app).await.unwrap(), 1);
        app.sound().await;
    }
}

#[tokio::test]
async fn many_changes_are_told_as_more_and_a_slow_stream_is_told_that_something_changed() {
    let app = common::sqlite_app().await;
    let (mut desk, mut slow) = (open(&app, &office()).await, open(&app, &agent()).await);
    let mut seen = Seen::default();
    for _ in 0..60 {
        app.registered("help").await;
    }
    live::look(&app.app, &mut seen).await.unwrap();
    let first = told(&mut desk).await.unwrap();
    assert_eq!((first.orders.len(), first.more), (50, true));
    for _ in 0..20 {
        app.registered("help").await;
        live::look(&app.app, &mut seen).await.unwrap();
    }
    assert_eq!(told(&mut slow).await, Some(Told { more: true, ..Told::default() }));
}

#[tokio::test]
async fn a_stop_ends_every_stream() {
    let app = common::sqlite_app().await;
    let mut desk = open(&app, &office()).await;
    let (tell, stop) = tokio::sync::watch::channel(false);
    let running = tokio::spawn(live::run(Arc::clone(&app.app), stop));
    tell.send(true).unwrap();
    assert_eq!(desk.next().await, None);
    running.await.unwrap();
    assert!(matches!(live::open(&app.app, &office()).await, Err(CommandError::Unavailable(_))));
}
