//! Another version of the rules takes hold in a running server: nothing is refused or lost, also when it is killed then.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod load;
mod program;

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use huiyin_core::time::{Day, Instant as Moment};
use huiyin_store::{
    packs::{self, PackVersion},
    testing,
};
use load::{Account, City, Dice, Load, Request, settle};
use program::Server;
use serde_json::json;

fn serve(city: &City) -> Server {
    let arguments = city.serves();
    Server::start(city.path(), &arguments.iter().map(String::as_str).collect::<Vec<_>>())
}

/// A channel of the city, and the kind of contact that tells whether it is one.
const LISTED: &[&str] = &["fax", "letter"];

/// Brings in and approves a version by which the city takes nothing in by a channel any more.
fn bring_in(city: &City, without: &str) {
    let mut files: Vec<(String, String)> = std::fs::read_dir(city.path().join("sanya"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .map(|path| (path.file_name().unwrap().to_str().unwrap().to_owned(), std::fs::read_to_string(&path).unwrap()))
        .collect();
    files.sort();
    for (_, text) in files.iter_mut().filter(|(name, _)| name == "intake.toml") {
        let all: Vec<&str> = text.split("[[channel]]").collect();
        let kept = all.into_iter().filter(|entry| !entry.contains(&format!("\"{without}\"")));
        *text = kept.collect::<Vec<_>>().join("[[channel]]");
    }
    let files = serde_json::to_string(&files).unwrap();
    let url = format!("sqlite://{}", city.path().join("data/huiyin.db").display());
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    runtime.block_on(async {
        let db = testing::open(&url).await;
        let draft = PackVersion {
            no: 0,
            state: "draft".into(),
            note: "试行".into(),
            version: "2026.12".into(),
            checksum: String::new(),
            made_by: "office".into(),
            made_by_name: None,
            made_at: Moment(0),
            trial: None,
            decided_by: None,
            decided_by_name: None,
            decided_at: None,
            from: None,
        };
        let draft = Arc::new((draft, files));
        db.write("bring_in", move |tx| {
            let draft = Arc::clone(&draft);
            Box::pin(async move {
                let no = packs::add(tx, "sanya", &draft.0, &draft.1).await?;
                let from = Day::try_from(20_240_101_i64).ok();
                packs::decide(tx, "sanya", no, "draft", "approved", "admin", Moment(0), from).await
            })
        })
        .await
        .unwrap();
        db.close().await;
    });
}

/// Whether a letter of this channel is refused by the rules in force; whoever asks is answered.
fn is_closed(city: &City, address: &str, channel: &str) -> bool {
    let body = json!({
        "channel": channel, "title": "来信", "body": "请处理。", "desk": "call-centre",
        "claimant": { "name": "李甲", "phone": "13800000001" },
    });
    let sent = Request { who: "agent", path: String::new(), body: Some(body), key: None };
    let (status, answer) = city.send(address, &sent).expect("whoever asks is answered");
    match (status, answer["code"].as_str()) {
        (422, Some("intake.channel_closed")) => true,
        (200 | 201, _) => false,
        _ => panic!("{status} {answer}"),
    }
}

#[test]
fn rules_turn_over_in_a_running_server_and_nothing_is_lost() {
    let city = Arc::new(City::new(None));
    let (mut account, mut dice) = (Account::default(), Dice::new(20_261_014));
    let mut server = serve(&city);
    let mut letters = 0;
    let load = Load::start(&city, &server.address, 4, 0);
    load.reaches(10);
    bring_in(&city, LISTED[0]);
    let began = Instant::now();
    while !is_closed(&city, &server.address, LISTED[0]) {
        letters += 1;
        assert!(began.elapsed() < Duration::from_secs(300), "the rules do not turn over");
        std::thread::sleep(Duration::from_millis(300));
    }
    let then = load.done.load(std::sync::atomic::Ordering::SeqCst);
    load.reaches(then + 10);
    load.stop(&mut account);
    assert!(account.unanswered.is_empty(), "{:?}", account.unanswered);

    // Killed while the next version is taken up, it comes back with it.
    let load = Load::start(&city, &server.address, 4, 1);
    load.reaches(1);
    bring_in(&city, LISTED[1]);
    std::thread::sleep(Duration::from_millis(dice.roll(5_500)));
    server.signal("-KILL");
    server.ended();
    load.ended(&mut account);
    server = serve(&city);
    assert!(is_closed(&city, &server.address, LISTED[1]));
    account.beside(letters);
    settle(&city, &server.address, &mut account, &mut dice);
    server.signal("-TERM");
    assert_eq!(server.ended().0, Some(0));
}
