//! What runs by itself: timers, messages, checkpoints, archiving; each once, and again after a fault. All data invented.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod common;
#[path = "common/desk.rs"]
mod desk;

use std::{
    collections::{BTreeSet, VecDeque},
    sync::{Arc, Mutex},
    time::Duration,
};

use common::{TestApp, apps, apps_with};
use desk::{DAY, Drive, HOUR, MINUTE, PIPE, agent, beside, callback, new_order, office, officer, solved};
use huiyin_app::{
    BoxFuture,
    jobs::{self, Report},
    orders::{NewClaimantInput, NewOrder, list},
    portal::{access, phone, rate, track},
    ports::{Carrier, Message, Sent},
};
use huiyin_core::order::{ClockState, Moment};
use huiyin_store::values;
use serde_json::json;

/// A carrier that answers as it is told to and keeps what it was given.
struct Fake {
    name: &'static str,
    answers: Mutex<VecDeque<Sent>>,
    sent: Mutex<Vec<Message>>,
    /// Never answers while set.
    hangs: Mutex<bool>,
}

impl Fake {
    fn new(name: &'static str) -> Arc<Self> {
        Arc::new(Self { name, answers: Mutex::default(), sent: Mutex::default(), hangs: Mutex::new(false) })
    }

    fn answers(&self, answers: impl IntoIterator<Item = Sent>) {
        *self.answers.lock().unwrap() = answers.into_iter().collect();
    }

    fn keys(&self) -> Vec<String> {
        self.sent.lock().unwrap().iter().map(|message| message.key.clone()).collect()
    }

    fn last(&self) -> Message {
        self.sent.lock().unwrap().last().expect("something was sent").clone()
    }
}

impl Carrier for Fake {
    fn name(&self) -> &'static str {
        self.name
    }

    fn send<'a>(&'a self, message: &'a Message) -> BoxFuture<'a, Sent> {
        Box::pin(async move {
            self.sent.lock().unwrap().push(message.clone());
            if *self.hangs.lock().unwrap() {
                std::future::pending::<()>().await;
            }
            let next = self.answers.lock().unwrap().pop_front();
            next.unwrap_or(Sent::Taken { receipt: Some(format!("r-{}", message.key)), report_follows: true })
        })
    }
}

/// An application on each engine whose messages go by this carrier.
async fn apps_by(carrier: &Arc<Fake>) -> Vec<TestApp> {
    apps_with(|| vec![Arc::clone(carrier) as Arc<dyn Carrier>]).await
}

async fn outbox(app: &TestApp) -> Vec<(String, i64, bool)> {
    let rows = app.rows("SELECT sending, attempts, told_at FROM duty ORDER BY order_id, no", vec![]).await;
    rows.iter().map(|row| (row.string(0).unwrap(), row.int(1).unwrap(), row.opt_int(2).unwrap().is_some())).collect()
}

fn state(state: &str, attempts: i64, told: bool) -> Vec<(String, i64, bool)> {
    vec![(state.to_owned(), attempts, told)]
}

// --- timers ---

#[tokio::test(flavor = "multi_thread")]
async fn two_that_fire_at_once_fire_each_moment_once() {
    for app in apps().await {
        let mut numbers = Vec::new();
        for _ in 0..12 {
            numbers.push(app.dispatched("help", "water").await);
        }
        let other = beside(&app, Vec::new()).await;
        app.clock.advance(30 * DAY);
        let mut fired = 0;
        loop {
            let (here, there) = (Arc::clone(&app.app), Arc::clone(&other));
            let (here, there) = (
                tokio::spawn(async move { jobs::fire(&here).await }),
                tokio::spawn(async move { jobs::fire(&there).await }),
            );
            match here.await.unwrap().unwrap() + there.await.unwrap().unwrap() {
                0 => break,
                n => fired += n,
            }
        }
        let mut told = 0;
        for no in &numbers {
            let bodies: Vec<String> =
                app.journal(no).await.into_iter().filter(|row| row.name == "clock.fired").map(|row| row.body).collect();
            assert_eq!(bodies.iter().collect::<BTreeSet<_>>().len(), bodies.len(), "a moment was told of twice");
            told += bodies.len();
            let order = app.order(no).await;
            let missed = order.clocks.iter().filter(|clock| clock.is_running() && clock.breach);
            assert!(missed.clone().count() >= 3 && missed.clone().all(|clock| clock.fired.contains(&Moment::Due)));
        }
        assert_eq!(told, fired);
        assert_eq!(app.count("attempt").await, 0, "who came second tried nothing");
        app.sound().await;
    }
}

#[tokio::test]
async fn an_unsigned_task_is_called_for_and_then_missed() {
    for app in apps().await {
        let no = app.dispatched("help", "water").await;
        // 70 percent of 24 hours.
        app.set("2026-10-13T01:47:59");
        app.fire().await;
        assert!(app.desks(&no).await.is_empty());
        app.set("2026-10-13T01:48:00");
        app.fire().await;
        let items = app.items(&no).await;
        let item = items.first().expect("the duty phone is to be called");
        assert_eq!(
            (item.what.as_str(), item.unit.as_str(), item.task, items.len()),
            ("call-duty-phone", "call-centre", Some(1), 1)
        );
        assert_eq!(app.fire().await, 0);
        // In time at the last instant, missed after it.
        app.set("2026-10-13T09:00:00");
        app.fire().await;
        let accept =
            |order: &huiyin_core::order::Order| order.clocks.iter().find(|c| c.name == "accept").unwrap().missed;
        assert_eq!(accept(&app.order(&no).await), None);
        app.clock.advance(1);
        app.fire().await;
        assert!(accept(&app.order(&no).await).is_some());
        // Who signs has heard; nobody need be called any more.
        app.ok(&officer("water"), &no, "sign", json!({})).await;
        assert!(app.desks(&no).await.is_empty());
        app.sound().await;
    }
}

#[tokio::test]
async fn an_emergency_whose_unit_does_not_arrive_goes_to_the_head() {
    for app in apps().await {
        let new = NewOrder { urgency: Some("emergency".into()), subject: Some(PIPE.into()), ..new_order("help") };
        let no = app.take_in(&agent(), new).await.unwrap().done.no;
        app.ok(&office(), &no, "dispatch", json!({ "lead": "water" })).await;
        app.clock.advance(30 * MINUTE);
        app.fire().await;
        assert_eq!(app.desks(&no).await, ["phone-notice"]);
        app.clock.advance(1);
        app.fire().await;
        assert_eq!(app.desks(&no).await, ["phone-head", "phone-notice"]);
        app.ok(&officer("water"), &no, "on-scene", json!({ "place": "解放路8号", "safety": "已围挡" })).await;
        assert_eq!(app.desks(&no).await, ["phone-notice"]);
        // Taken back, nobody is to be phoned about it: no command could finish the item any more.
        app.ok(&office(), &no, "recall", json!({ "reason": "wrong-unit" })).await;
        assert!(app.desks(&no).await.is_empty());
        app.sound().await;
    }
}

#[tokio::test]
async fn a_pending_extension_decides_whether_the_limit_was_missed() {
    for app in apps().await {
        let (granted, refused) = (app.accepted("help", "water").await, app.accepted("help", "water").await);
        let due = app.order(&granted).await.case_due().unwrap().due;
        app.set("2026-10-16T12:00:00");
        for no in [&granted, &refused] {
            app.ok(
                &officer("water"),
                no,
                "extend",
                json!({ "span": { "amount": 2, "unit": "workday" }, "reason": "complex" }),
            )
            .await;
        }
        app.clock.set(due.at.plus(9 * HOUR));
        app.fire().await;
        let missed = async |no: &str| {
            let order = app.order(no).await;
            let close: Vec<_> = order.clocks.iter().filter(|c| c.name == "close" && c.is_running()).cloned().collect();
            assert!(!close.is_empty());
            close.into_iter().filter_map(|clock| clock.missed).collect::<Vec<_>>()
        };
        assert!(
            missed(&granted).await.is_empty() && missed(&refused).await.is_empty(),
            "the decision is still to come"
        );
        app.ok(&office(), &granted, "grant", json!({ "request": 1 })).await;
        app.ok(&office(), &refused, "reject", json!({ "request": 1, "note": "期限已足" })).await;
        app.fire().await;
        assert!(missed(&granted).await.is_empty(), "granted, it was never overdue");
        let since = missed(&refused).await;
        assert!(
            !since.is_empty() && since.iter().all(|at| *at == due.missed_from()),
            "refused, it is overdue since the old limit"
        );
        // Lists say the same.
        let wanted = list::OrderFilter { missed: Some(true), ..list::OrderFilter::default() };
        let page = list::Page { limit: 10, ..list::Page::default() };
        let (rows, _) = list::orders(&app.app, &office(), wanted, page, vec![]).await.unwrap();
        assert_eq!(rows.iter().map(|row| row.no.as_str()).collect::<Vec<_>>(), [refused.as_str()]);
        app.sound().await;
    }
}

#[tokio::test]
async fn a_pause_that_runs_over_and_a_promise_come_to_the_desk() {
    for app in apps().await {
        let no = app.accepted("help", "water").await;
        app.ok(&officer("water"), &no, "pause", json!({ "reason": "inspection-appraisal", "until": "2026-10-14" }))
            .await;
        app.ok(&office(), &no, "grant", json!({ "request": 1 })).await;
        app.set("2026-10-15T00:00:01");
        app.fire().await;
        let overrun = app.items(&no).await;
        assert_eq!((overrun[0].what.as_str(), overrun[0].unit.as_str()), ("overrun", "office"));
        list::finish_item(&app.app, &office(), &overrun[0].id, "已电话催办,单位承诺明日恢复").await.unwrap();
        assert!(app.desks(&no).await.is_empty());
        let promised = json!({ "finding": "objective", "plan": "年底改造管网", "promised_day": "2026-12-01" });
        app.ok(&officer("water"), &no, "feedback", json!({ "public": "年底前解决", "facts": promised })).await;
        app.ok(&office(), &no, "pass", json!({})).await;
        app.ok(
            &callback(),
            &no,
            "callback-answered",
            json!({ "answers": { "contacted": true, "solved": false, "satisfied": 3 } }),
        )
        .await;
        app.ok(&callback(), &no, "close", json!({})).await;
        // Archived, and still not forgotten.
        assert_eq!(jobs::archive(&app.app).await.unwrap(), 1);
        app.set("2026-12-02T00:00:01");
        app.fire().await;
        let order = app.order(&no).await;
        assert_eq!(order.state.code(), "archived");
        let items = app.items(&no).await;
        assert_eq!((items[0].what.as_str(), items[0].unit.as_str(), items.len()), ("follow-up", "office", 1));
        let error = list::finish_item(&app.app, &officer("water"), &items[0].id, "查看过").await.unwrap_err();
        assert_eq!(error.code(), "not_found");
        assert_eq!(desk::field(list::finish_item(&app.app, &office(), &items[0].id, " ").await), "note");
        app.sound().await;
    }
}

#[tokio::test]
async fn one_bad_order_stops_no_other() {
    let carrier = Fake::new("sms");
    for app in apps_by(&carrier).await {
        let (bad, good) = (app.dispatched("help", "water").await, app.dispatched("help", "water").await);
        let ended = app.answered("enforcement").await;
        app.ok(
            &callback(),
            &ended,
            "callback-answered",
            json!({ "answers": { "contacted": true, "solved": true, "satisfied": 5 } }),
        )
        .await;
        app.ok(&callback(), &ended, "close", json!({})).await;
        let ill = app.dispatched("help", "water").await;
        app.ok(&office(), &ill, "stop", json!({ "reason": "test", "note": "演练" })).await;
        let (bad_id, ill_id) = (app.order(&bad).await.id, app.order(&ill).await.id);
        for id in [&bad_id, &ill_id] {
            app.tamper("UPDATE work_order SET body = $2 WHERE id = $1", values![id.as_str(), "{}"]).await;
        }
        app.set("2026-10-13T09:00:01");
        for _ in 0..5 {
            // Each job reports what it could not do, and does the rest.
            let _ = jobs::once(&app.app).await;
        }
        assert!(app.order(&good).await.clocks.iter().any(|clock| clock.missed.is_some()));
        assert_eq!(app.order(&ended).await.state.code(), "archived");
        let good = app.order(&good).await.id;
        assert!(carrier.keys().iter().any(|key| key.starts_with(good.as_str())));
    }
}

// --- messages ---

#[tokio::test]
async fn without_a_carrier_a_person_tells() {
    for app in apps().await {
        let no = app.registered("help").await;
        assert_eq!(jobs::send(&app.app).await.unwrap(), 1);
        assert_eq!(jobs::send(&app.app).await.unwrap(), 0);
        assert_eq!(outbox(&app).await, state("to-person", 1, false));
        let items = app.items(&no).await;
        assert_eq!(
            (items[0].what.as_str(), items[0].unit.as_str(), items[0].duty, items.len()),
            ("tell", "call-centre", Some(1), 1)
        );
        // It is closed by the command that records who was told, not by hand.
        assert_eq!(desk::field(list::finish_item(&app.app, &agent(), &items[0].id, "打过电话").await), "id");
        app.no(&agent(), &no, "tell", json!({ "duty": 1 }), "duty.record_missing").await;
        app.ok(&agent(), &no, "tell", json!({ "duty": 1, "record": "本人接听,已告知受理" })).await;
        assert!(app.desks(&no).await.is_empty());
        app.no(&agent(), &no, "tell", json!({ "duty": 1, "record": "再次告知" }), "duty.already_told").await;
        assert_eq!(outbox(&app).await, state("to-person", 1, true));
        app.sound().await;
    }
}

#[tokio::test]
async fn a_carrier_that_reports_nothing_has_told_when_it_takes_over() {
    let carrier = Fake::new("sms");
    for app in apps_by(&carrier).await {
        let no = app.registered("help").await;
        carrier.answers([Sent::Taken { receipt: Some("a".into()), report_follows: false }]);
        assert_eq!(jobs::send(&app.app).await.unwrap(), 1);
        assert_eq!(outbox(&app).await, state("accepted", 1, true));
        let message = carrier.last();
        assert_eq!((message.to.as_str(), message.order_no.as_str()), ("+8613800000001", no.as_str()));
        assert!(message.text.contains(&no) && !message.text.contains('{'), "{}", message.text);
        let told = app.seen(&agent(), &no).await.unwrap();
        assert!(told.texts.values().any(|text| text == "sms a"), "the receipt is the record");
        app.sound().await;
    }
}

#[tokio::test]
async fn reports_never_move_a_message_back() {
    let carrier = Fake::new("sms");
    for app in apps_by(&carrier).await {
        let no = app.registered("help").await;
        jobs::send(&app.app).await.unwrap();
        assert_eq!(outbox(&app).await, state("sent", 1, false));
        let receipt = format!("r-{}", carrier.last().key);
        let told = async |report| jobs::report(&app.app, "sms", &receipt, report).await.unwrap();
        assert!(!jobs::report(&app.app, "sms", "unknown", Report::Delivered).await.unwrap());
        assert!(!jobs::report(&app.app, "email", &receipt, Report::Delivered).await.unwrap());
        assert!(told(Report::Accepted).await);
        assert_eq!(outbox(&app).await, state("accepted", 1, false));
        for report in [Report::Delivered, Report::Delivered, Report::Accepted, Report::Failed] {
            assert!(told(report).await);
            assert_eq!(outbox(&app).await, state("delivered", 1, true), "{report:?}");
        }
        assert_eq!(app.times(&no, "duty.told").await, 1);
        assert!(app.desks(&no).await.is_empty());
        // Failed: a person tells, and a late word of delivery does not take it from the desk.
        let no = app.registered("help").await;
        app.clock.advance(1);
        jobs::send(&app.app).await.unwrap();
        let receipt = format!("r-{}", carrier.last().key);
        for report in [Report::Failed, Report::Failed, Report::Accepted, Report::Delivered] {
            assert!(jobs::report(&app.app, "sms", &receipt, report).await.unwrap());
            assert_eq!(app.desks(&no).await, ["tell"], "{report:?}");
        }
        assert_eq!(app.order(&no).await.duties[0].told_at, None);
        app.sound().await;
    }
}

#[tokio::test]
async fn a_report_that_never_comes_is_not_waited_for_for_ever() {
    let carrier = Fake::new("sms");
    for app in apps_by(&carrier).await {
        let no = app.registered("help").await;
        jobs::send(&app.app).await.unwrap();
        app.clock.advance(DAY - MINUTE);
        assert_eq!(jobs::send(&app.app).await.unwrap(), 0);
        app.clock.advance(MINUTE);
        assert_eq!(jobs::send(&app.app).await.unwrap(), 1);
        assert_eq!(app.desks(&no).await, ["tell"]);
        assert_eq!(jobs::send(&app.app).await.unwrap(), 0);
    }
}

#[tokio::test]
async fn later_is_tried_again_with_growing_waits_and_then_by_a_person() {
    let carrier = Fake::new("sms");
    for app in apps_by(&carrier).await {
        carrier.sent.lock().unwrap().clear();
        let no = app.registered("help").await;
        carrier.answers((0..20).map(|_| Sent::Later("busy".into())));
        let mut waits = Vec::new();
        let mut waited = 0;
        while app.desks(&no).await.is_empty() {
            let before = carrier.keys().len();
            jobs::send(&app.app).await.unwrap();
            if carrier.keys().len() > before {
                waits.push(waited);
                waited = 0;
            }
            app.clock.advance(MINUTE);
            waited += 1;
            assert!(waits.len() < 20 && waited < 200);
        }
        assert_eq!(waits, [0, 1, 2, 4, 8, 16, 32, 64]);
        let keys: BTreeSet<String> = carrier.keys().into_iter().collect();
        assert_eq!(keys.len(), 1, "every attempt is the same message");
        carrier.answers([]);
    }
}

#[tokio::test]
async fn never_goes_to_a_person_at_once() {
    let carrier = Fake::new("sms");
    for app in apps_by(&carrier).await {
        let no = app.registered("help").await;
        carrier.answers([Sent::Never("no such number".into())]);
        assert_eq!(jobs::send(&app.app).await.unwrap(), 1);
        assert_eq!(app.desks(&no).await, ["tell"]);
        assert_eq!(outbox(&app).await, state("to-person", 1, false));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_half_sent_is_sent_again_under_the_same_key() {
    let carrier = Fake::new("sms");
    for app in apps_by(&carrier).await {
        carrier.sent.lock().unwrap().clear();
        let no = app.registered("help").await;
        *carrier.hangs.lock().unwrap() = true;
        // The program ends after the carrier has it and before that is written down.
        assert!(tokio::time::timeout(Duration::from_millis(300), jobs::send(&app.app)).await.is_err());
        *carrier.hangs.lock().unwrap() = false;
        assert_eq!(outbox(&app).await, state("sending", 1, false));
        let other = beside(&app, vec![Arc::clone(&carrier) as Arc<dyn Carrier>]).await;
        assert_eq!(jobs::send(&other).await.unwrap(), 0, "perhaps it is still being sent");
        app.clock.advance(2 * MINUTE);
        carrier.answers([Sent::Taken { receipt: None, report_follows: false }]);
        // Two take it up; one sends it.
        let (here, there) = tokio::join!(jobs::send(&app.app), jobs::send(&other));
        assert_eq!(here.unwrap() + there.unwrap(), 1);
        let keys = carrier.keys();
        assert_eq!((keys.len(), &keys[0]), (2, &keys[1]));
        assert_eq!(app.times(&no, "duty.told").await, 1);
        app.sound().await;
    }
}

#[tokio::test]
async fn claimants_are_told_in_words_that_say_what_happened() {
    let carrier = Fake::new("email");
    for app in apps_by(&carrier).await {
        let told = async || {
            app.clock.advance(1000);
            jobs::send(&app.app).await.unwrap();
            let message = carrier.last();
            assert!(!message.text.contains('{') && message.text.contains(&message.order_no), "{}", message.text);
            assert_eq!(message.to, "wang@example.com");
            message.text
        };
        let by_mail = |kind: &str, language: Option<&str>| NewOrder {
            claimant: NewClaimantInput {
                name: Some("Wang".into()),
                email: Some("wang@example.com".into()),
                language: language.map(Into::into),
                ..NewClaimantInput::default()
            },
            ..new_order(kind)
        };
        let take = async |new: NewOrder| {
            let no = app.take_in(&agent(), new).await.unwrap().done.no;
            told().await;
            no
        };
        let no = take(by_mail("help", None)).await;
        app.ok(&agent(), &no, "refuse", json!({ "reason": "in-legal-procedure", "text": "案号已登记。" })).await;
        let text = told().await;
        assert!(
            text.contains("案号已登记。") && !text.contains("in-legal-procedure") && !text.contains("refused"),
            "{text}"
        );
        let no = take(by_mail("help", Some("en"))).await;
        app.ok(&agent(), &no, "transfer", json!({ "to": "litigation" })).await;
        let text = told().await;
        assert!(text.starts_with("[Sanya 12345]") && !text.contains("litigation "), "{text}");
        let no = take(by_mail("help", None)).await;
        for (who, command, input) in [
            (office(), "dispatch", json!({ "lead": "water" })),
            (officer("water"), "sign", json!({})),
            (officer("water"), "extend", json!({ "span": { "amount": 1, "unit": "workday" }, "reason": "complex" })),
            (office(), "grant", json!({ "request": 1 })),
        ] {
            app.ok(&who, &no, command, input).await;
        }
        let text = told().await;
        let label = app.pack.reason("extension", "complex").unwrap().label["zh"].clone();
        assert!(text.contains(&label), "{text}");
        let shelve =
            json!({ "reason": "engineering", "plan": "列入改造计划", "responsible": "张乙", "review": "2026-11-12" });
        app.ok(&officer("water"), &no, "shelve", shelve).await;
        app.ok(&office(), &no, "grant", json!({ "request": 2 })).await;
        let text = told().await;
        assert!(text.contains("列入改造计划") && text.contains("2026-11-12"), "{text}");
        app.ok(&officer("water"), &no, "feedback", json!({ "public": "管道已更换。", "facts": solved() })).await;
        app.ok(&office(), &no, "pass", json!({})).await;
        app.ok(&callback(), &no, "waive-callback", json!({ "reason": "claimant-declined" })).await;
        app.ok(&callback(), &no, "close", json!({})).await;
        let text = told().await;
        let unit = app.current_organisation().await.unwrap().unit(&"water".into()).unwrap().name.clone();
        assert!(text.contains("管道已更换。") && text.contains(&unit), "{text}");
    }
}

// --- checkpoints, archive ---

#[tokio::test(flavor = "multi_thread")]
async fn every_event_is_under_one_checkpoint_of_one_chain() {
    for app in apps().await {
        let other = beside(&app, Vec::new()).await;
        for _ in 0..3 {
            for _ in 0..4 {
                app.dispatched("help", "water").await;
            }
            let (here, there) = (Arc::clone(&app.app), Arc::clone(&other));
            let (here, there) = (
                tokio::spawn(async move { jobs::checkpoint(&here).await }),
                tokio::spawn(async move { jobs::checkpoint(&there).await }),
            );
            here.await.unwrap().unwrap();
            there.await.unwrap().unwrap();
        }
        assert_eq!(jobs::checkpoint(&app.app).await.unwrap(), 0);
        assert!(app.count("checkpoint_entry").await > 0);
        // What open pages are told of is swept by itself.
        app.clock.advance(61_000);
        assert_eq!(huiyin_app::live::sweep(&app.app).await.unwrap(), 24);
        // Nor is what is looked at for being alike left behind.
        jobs::found(&app.app).await.unwrap();
        assert_eq!((app.count("checkpoint").await, app.count("feed").await), (3, 0));
        let report = huiyin_app::audit::verify(&app.app).await.unwrap();
        assert!(report.ok && report.checkpoints == 3, "{report:?}");
        // Whoever looks with the other handle finds the same.
        assert!(huiyin_app::audit::verify(&other).await.unwrap().ok);
    }
}

#[tokio::test]
async fn what_has_ended_is_archived_and_a_merged_order_after_its_master() {
    for app in apps().await {
        let (master, merged) = (app.answered("water").await, app.registered("help").await);
        let open = app.dispatched("help", "enforcement").await;
        app.ok(&agent(), &merged, "merge", json!({ "into": open })).await;
        app.ok(&agent(), &merged, "tell", json!({ "duty": 1, "record": "本人已告知" })).await;
        assert_eq!(jobs::archive(&app.app).await.unwrap(), 0, "the order it was merged into is open");
        app.ok(
            &callback(),
            &master,
            "callback-answered",
            json!({ "answers": { "contacted": true, "solved": true, "satisfied": 5 } }),
        )
        .await;
        app.ok(&callback(), &master, "close", json!({})).await;
        assert_eq!(jobs::archive(&app.app).await.unwrap(), 1);
        assert_eq!(app.order(&master).await.state.code(), "archived");
        app.ok(&office(), &open, "stop", json!({ "reason": "test", "note": "演练" })).await;
        assert_eq!(
            jobs::archive(&app.app).await.unwrap(),
            1,
            "the merged one; who raised the other must still be told"
        );
        for duty in app.order(&open).await.duties.iter().filter(|duty| duty.told_at.is_none()) {
            app.ok(&agent(), &open, "tell", json!({ "duty": duty.no, "record": "本人已告知" })).await;
        }
        assert_eq!(jobs::archive(&app.app).await.unwrap(), 1);
        assert_eq!(jobs::archive(&app.app).await.unwrap(), 0);
        assert!(app.order(&open).await.clocks.iter().all(|clock| !matches!(clock.state, ClockState::Running)));
        app.sound().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn servers_beside_each_other_take_turns_and_lose_nothing() {
    for app in apps().await {
        let mut numbers = Vec::new();
        for _ in 0..4 {
            numbers.push(app.dispatched("help", "water").await);
        }
        app.clock.advance(2 * DAY);
        let other = beside(&app, Vec::new()).await;
        let (stop, stopped) = tokio::sync::watch::channel(false);
        let servers =
            [tokio::spawn(jobs::run(Arc::clone(&app.app), stopped.clone())), tokio::spawn(jobs::run(other, stopped))];
        for _ in 0..600 {
            let mut told = 0;
            for no in &numbers {
                told += usize::from(
                    app.order(no).await.clocks.iter().any(|clock| clock.name == "accept" && clock.missed.is_some()),
                );
            }
            // What pages were told stays a minute; what the checkpoint must cover is taken.
            if told == numbers.len() && app.count("feed WHERE consumer = 'checkpoint'").await == 0 {
                break;
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        stop.send(true).unwrap();
        for server in servers {
            server.await.unwrap();
        }
        for no in &numbers {
            let fired: Vec<String> =
                app.journal(no).await.into_iter().filter(|row| row.name == "clock.fired").map(|row| row.body).collect();
            assert!(!fired.is_empty());
            assert_eq!(fired.iter().collect::<BTreeSet<_>>().len(), fired.len());
        }
        app.sound().await;
    }
}

// --- what the public is sent ---

/// Whether an item of a kind waits for a person.
async fn has(app: &TestApp, no: &str, what: &str) -> bool {
    app.items(no).await.iter().any(|item| item.what == what)
}

#[tokio::test]
async fn where_the_public_reaches_the_pages_messages_carry_a_code_and_a_link() {
    for app in apps().await {
        let fake = Fake::new("sms");
        let own = beside(&app, vec![Arc::clone(&fake) as Arc<dyn Carrier>]).await;
        let own = Arc::new(Arc::into_inner(own).unwrap().reached_at(Some("https://12345.example/".into())));
        let no = app.answered("water").await;
        jobs::send(&own).await.unwrap();
        let told = fake.sent.lock().unwrap().iter().find(|one| one.text.contains("已受理")).unwrap().text.clone();
        assert!(told.contains("https://12345.example/p/track"), "{told}");
        let code = told[told.len() - 6..].to_owned();
        let proof = access::by_code(&own, &no, &code, [127, 0, 0, 1].into()).await.ok().unwrap();
        assert_eq!(track::look(&own, &proof).await.unwrap().state, "callback");
        // Asked by a link, once; what is said is the answer of the call back.
        assert_eq!((jobs::ask(&own).await.unwrap(), jobs::ask(&own).await.unwrap()), (1, 0));
        let text = fake.last().text;
        let (_, token) = text.split_once("https://12345.example/p/rate/").unwrap();
        let answers = rate::Answers { contacted: true, solved: false, satisfied: 1, said: "还在漏水".into() };
        rate::answer(&own, token, &answers).await.unwrap();
        // It is not solved: somebody at the desk must look at it.
        assert!(has(&app, &no, "not-solved").await);
        assert!(matches!(
            rate::find(&own, token).await.unwrap(),
            rate::Rating::Done { follows: rate::Follows::Check, .. }
        ));
        let order = app.order(&no).await;
        let said = order.callback.answers.unwrap();
        assert_eq!((said.contacted, said.solved, said.satisfied), (true, false, 1));
        // Done again, it is asked about again, and the first link is over.
        app.ok(&office(), &no, "redo", json!({ "reason": "not-solved" })).await;
        assert_eq!(rate::find(&own, token).await.unwrap(), rate::Rating::Over(rate::Over::Redone));
        assert!(!has(&app, &no, "not-solved").await, "it was looked at");
        assert_eq!(rate::find(&own, "never-given").await.unwrap(), rate::Rating::Over(rate::Over::Unknown));
        app.sound().await;
    }
}

#[tokio::test]
async fn a_closed_matter_is_rated_for_a_while_and_asked_to_be_taken_up_anew() {
    for app in apps().await {
        let fake = Fake::new("sms");
        let own = beside(&app, vec![Arc::clone(&fake) as Arc<dyn Carrier>]).await;
        let own = Arc::new(Arc::into_inner(own).unwrap().reached_at(Some("https://12345.example/".into())));
        let mut links = Vec::new();
        for _ in 0..2 {
            let no = app.answered("water").await;
            jobs::ask(&own).await.unwrap();
            let text = fake.last().text;
            links.push((no.clone(), text.split_once("/p/rate/").unwrap().1.to_owned()));
            app.ok(&callback(), &no, "waive-callback", json!({ "reason": "claimant-declined" })).await;
            app.ok(&callback(), &no, "close", json!({})).await;
        }
        let answers = rate::Answers { contacted: true, solved: false, satisfied: 1, said: "又漏了".into() };
        let (no, token) = &links[0];
        rate::answer(&own, token, &answers).await.unwrap();
        let order = app.order(no).await;
        assert!(!order.state.is_open() && !order.callback.answers.unwrap().solved);
        assert!(matches!(
            rate::find(&own, token).await.unwrap(),
            rate::Rating::Done { follows: rate::Follows::Reopening, .. }
        ));
        app.ok(&agent(), no, "reopen", json!({ "reason": "relapse", "body": "又漏了" })).await;
        assert!(!has(&app, no, "reopen-asked").await, "it was looked at");
        // After its time the link says that it is over, and nothing is taken.
        app.clock.advance(40 * DAY);
        let (no, token) = &links[1];
        assert_eq!(rate::find(&own, token).await.unwrap(), rate::Rating::Over(rate::Over::Expired));
        assert!(rate::answer(&own, token, &answers).await.is_err());
        let late = json!({ "answers": { "contacted": true, "solved": false, "satisfied": 1 },
            "claimant": app.order(no).await.parts[0].claimant });
        app.no(&callback(), no, "callback-answered", late, "callback.too_late").await;
        app.sound().await;
    }
}

#[tokio::test]
async fn a_phone_opens_its_orders_by_a_code_that_is_good_once() {
    for app in apps().await {
        let fake = Fake::new("sms");
        let own = beside(&app, vec![Arc::clone(&fake) as Arc<dyn Carrier>]).await;
        let no = app.registered("help").await;
        let secret = NewOrder { secret: Some(true), ..new_order("report") };
        app.take_in(&agent(), secret).await.unwrap();
        let here: std::net::IpAddr = [127, 0, 0, 1].into();
        phone::ask(&own, "138 0000 0001", "zh", here).await.unwrap();
        let before = fake.keys().len();
        jobs::once(&own).await.unwrap();
        let text =
            fake.sent.lock().unwrap().iter().skip(before).find(|one| one.text.contains("验证码")).unwrap().text.clone();
        let code: String = text.chars().filter(char::is_ascii_digit).skip(5).take(6).collect();
        let wrong = if code == "000000" { "000001" } else { "000000" };
        assert_eq!(phone::by_code(&own, "13800000001", wrong, here).await.err(), Some(access::Denied::Wrong));
        let held = phone::by_code(&own, "+86 13800000001", &code, here).await.ok().unwrap();
        assert_eq!(phone::by_code(&own, "13800000001", &code, here).await.err(), Some(access::Denied::Wrong), "once");
        let found = phone::own(&own, &held).await.unwrap();
        assert_eq!(
            found.iter().map(|one| one.no.clone()).collect::<Vec<_>>(),
            std::slice::from_ref(&no),
            "and nothing secret"
        );
        let proof = phone::proof(&own, &held, &no).await.unwrap().unwrap();
        assert_eq!(track::look(&own, &proof).await.unwrap().no, no);
        assert!(phone::proof(&own, &held, "20261012-9999").await.unwrap().is_none());
        // The ticket of a browser is sealed and ends.
        let ticket = phone::ticket(&own, &held);
        assert!(phone::open_ticket(&own, &ticket).is_some() && phone::open_ticket(&own, &ticket[2..]).is_none());
        app.clock.advance(31 * MINUTE);
        assert!(phone::open_ticket(&own, &ticket).is_none());
        // A number nobody left is answered alike and is sent nothing; no code is good longer than ten minutes.
        let sent = fake.keys().len();
        phone::ask(&own, "13900000009", "zh", here).await.unwrap();
        phone::ask(&own, "no number", "zh", here).await.unwrap();
        jobs::once(&own).await.unwrap();
        assert_eq!(fake.keys().len(), sent);
        phone::ask(&own, "13800000001", "en", here).await.unwrap();
        jobs::once(&own).await.unwrap();
        let text = fake.last().text;
        assert!(text.contains("Your code is"), "{text}");
        let code: String = text.chars().filter(char::is_ascii_digit).skip(5).take(6).collect();
        app.clock.advance(11 * MINUTE);
        assert_eq!(phone::by_code(&own, "13800000001", &code, here).await.err(), Some(access::Denied::Wrong));
        // Whoever asks again and again waits, known or not.
        for number in ["13800000001", "13900000009"] {
            let mut last = Ok(());
            for _ in 0..4 {
                last = phone::ask(&own, number, "zh", [10, 0, 0, 9].into()).await;
            }
            assert!(matches!(last, Err(access::Denied::Wait { .. })), "{number}");
        }
        app.sound().await;
    }
}
