//! Orders driven by hand: who acts, commands, what lies in the database, and whether all is sound.
#![allow(dead_code, reason = "each test file uses its own part")]

use std::{
    collections::BTreeSet,
    sync::{Arc, Mutex},
};

use bytes::Bytes;
use futures_util::{Stream, stream};
use huiyin_app::{
    Actor, App, CommandError, Parts, Post, Role, audit, doctor,
    files::{self, Kept},
    jobs,
    orders::{self, Done, Given, NewClaimantInput, NewOrder, TakenIn, list, view},
    ports::{Carrier, Clock, CountingIds},
};
use huiyin_core::order::Order;
use huiyin_store::{
    Db, Row, Statement, StoreError, Value,
    files::Files,
    orders::{self as rows, JournalRow},
    records::{self, Attempt, DeskItem},
    seal::{MasterKey, SeededEntropy},
    testing,
};
use serde_json::{Value as Json, json};

use crate::common::{TestApp, actor, day, pack};

pub const MINUTE: i64 = 60_000;
pub const HOUR: i64 = 60 * MINUTE;
pub const DAY: i64 = 24 * HOUR;

/// A subject that is not city management, and one with danger.
pub const SOCIAL: &str = "090201";
pub const PIPE: &str = "040104";

pub fn agent() -> Actor {
    actor("agent", Role::Agent, "call-centre")
}

pub fn office() -> Actor {
    actor("office", Role::Office, "office")
}

pub fn callback() -> Actor {
    actor("callback", Role::Callback, "call-centre")
}

pub fn mayor() -> Actor {
    actor("mayor", Role::Mayor, "gov-office")
}

pub fn officer(unit: &str) -> Actor {
    actor(&format!("officer-{unit}"), Role::Officer, unit)
}

pub fn leader(unit: &str) -> Actor {
    actor(&format!("leader-{unit}"), Role::Leader, unit)
}

pub fn sub(unit: &str) -> Actor {
    actor(&format!("sub-{unit}"), Role::Subcentre, unit)
}

/// One who holds two posts.
pub fn with_post(mut actor: Actor, role: Role, unit: &str) -> Actor {
    actor.posts.push(Post { unit: unit.into(), role, from: day(20_260_101), until: None });
    actor
}

/// A matter by phone that is registered at once.
pub fn new_order(kind: &str) -> NewOrder {
    NewOrder {
        channel: Some("phone".into()),
        title: Some("楼下噪声".into()),
        body: Some("夜里施工,睡不着。".into()),
        kind: Some(kind.into()),
        subject: Some(SOCIAL.into()),
        // What is secret is said where it is meant.
        secret: Some(false),
        claimant: NewClaimantInput {
            name: Some("李甲".into()),
            phone: Some("13800000001".into()),
            ..NewClaimantInput::default()
        },
        ..NewOrder::default()
    }
}

/// Facts that close an order of kind `help`.
pub fn solved() -> Json {
    json!({ "finding": "lawful", "solved": true, "measures": "已停工并罚款。" })
}

/// Commands that were carried out in this process.
pub static CARRIED_OUT: Mutex<BTreeSet<String>> = Mutex::new(BTreeSet::new());

/// A picture of so many pixels a side, with a place and a device in it.
pub fn photo(side: u32) -> Vec<u8> {
    let mut out = Vec::new();
    let mut encoder = png::Encoder::new(&mut out, side, side);
    encoder.set_color(png::ColorType::Rgb);
    encoder.add_text_chunk("Comment".into(), "GPS 18.25N 109.51E".into()).unwrap();
    let mut writer = encoder.write_header().unwrap();
    let pixels: Vec<u8> = (0..side * side * 3).map(|at| (at.wrapping_mul(2_654_435_761) >> 24) as u8).collect();
    writer.write_image_data(&pixels).unwrap();
    writer.finish().unwrap();
    out
}

/// A body as it comes over a wire.
pub fn parts(bytes: &[u8], size: usize) -> impl Stream<Item = Result<Bytes, ()>> + Send + Unpin + use<> {
    let parts: Vec<Bytes> = bytes.chunks(size).map(Bytes::copy_from_slice).collect();
    stream::iter(parts.into_iter().map(Ok))
}

/// What a command came to, or why not.
pub type Came = Result<Done, CommandError>;

/// An application driven by hand.
pub trait Drive {
    /// The application.
    fn own(&self) -> &Arc<App>;

    /// Takes a matter in.
    async fn take_in(&self, who: &Actor, new: NewOrder) -> Result<TakenIn, CommandError> {
        let raw = serde_json::to_vec(&new).unwrap();
        orders::take_in(self.own(), who, new, &raw, None).await
    }

    /// Stores a file in small parts; gives its id.
    async fn file(&self, who: &Actor, name: &str, bytes: &[u8]) -> Result<Kept, CommandError> {
        files::take(self.own(), who, name, None, parts(bytes, 1000)).await
    }

    /// Takes a matter of a kind in by phone and registers it; gives its number.
    async fn registered(&self, kind: &str) -> String {
        self.take_in(&agent(), new_order(kind)).await.unwrap().done.no
    }

    /// As [`registered`](Self::registered), and sends it to a unit.
    async fn dispatched(&self, kind: &str, unit: &str) -> String {
        let no = self.registered(kind).await;
        self.ok(&office(), &no, "dispatch", json!({ "lead": unit })).await;
        no
    }

    /// As [`dispatched`](Self::dispatched), and the unit signs and accepts.
    async fn accepted(&self, kind: &str, unit: &str) -> String {
        let no = self.dispatched(kind, unit).await;
        self.ok(&officer(unit), &no, "sign", json!({})).await;
        self.ok(&officer(unit), &no, "accept", json!({})).await;
        no
    }

    /// As [`accepted`](Self::accepted), answered and passed: the claimant is to be called.
    async fn answered(&self, unit: &str) -> String {
        let no = self.accepted("help", unit).await;
        self.ok(&officer(unit), &no, "feedback", json!({ "public": "已解决。", "facts": solved() })).await;
        self.ok(&office(), &no, "pass", json!({})).await;
        no
    }

    /// Gives a command.
    async fn give(&self, who: &Actor, order: &str, command: &str, input: Json) -> Came {
        let given = Given { order: order.to_owned(), command: command.to_owned(), input, key: None, if_match: None };
        let came = orders::command(self.own(), who, given).await;
        if came.is_ok() {
            CARRIED_OUT.lock().unwrap().insert(command.to_owned());
        }
        came
    }

    /// Gives a command that must be carried out.
    async fn ok(&self, who: &Actor, order: &str, command: &str, input: Json) -> Done {
        let came = self.give(who, order, command, input).await;
        came.unwrap_or_else(|error| panic!("{command} by {}: {error} ({})", who.person, error.code()))
    }

    /// Gives a command that must fail with this code and change nothing.
    async fn no(&self, who: &Actor, order: &str, command: &str, input: Json, code: &str) -> CommandError {
        let before = self.everything().await;
        let error = match self.give(who, order, command, input).await {
            Ok(done) => panic!("{command} by {} was carried out: {done:?}", who.person),
            Err(error) => error,
        };
        assert_eq!(error.code(), code, "{command} by {}: {error}", who.person);
        assert_eq!(self.everything().await, before, "{command} was refused and changed something");
        error
    }

    /// Scans for timers until nothing is due; gives how many moments were told of.
    async fn fire(&self) -> usize {
        let mut fired = 0;
        loop {
            match jobs::fire(self.own()).await.unwrap() {
                0 => return fired,
                n => fired += n,
            }
        }
    }

    /// The order as stored.
    async fn order(&self, no: &str) -> Order {
        let (app, no) = (Arc::clone(self.own()), no.to_owned());
        let found: Result<_, StoreError> = self
            .own()
            .db
            .read("test", move |tx| {
                Box::pin(async move {
                    let city = app.city.as_str();
                    match rows::find_by_no(tx, city, &no).await? {
                        Some(stored) => Ok(Some(stored)),
                        None => rows::find(tx, city, &no.as_str().into()).await,
                    }
                })
            })
            .await;
        found.unwrap().expect("the order is there").order
    }

    /// Its journal.
    async fn journal(&self, no: &str) -> Vec<JournalRow> {
        let (app, id) = (Arc::clone(self.own()), self.order(no).await.id);
        let found: Result<_, StoreError> = self
            .own()
            .db
            .read("test", move |tx| Box::pin(async move { rows::journal(tx, app.city.as_str(), id.as_str()).await }))
            .await;
        found.unwrap()
    }

    /// How often an event stands in its journal.
    async fn times(&self, no: &str, event: &str) -> usize {
        self.journal(no).await.iter().filter(|row| row.name == event).count()
    }

    /// Its refused attempts.
    async fn attempts(&self, no: &str) -> Vec<Attempt> {
        let (app, id) = (Arc::clone(self.own()), self.order(no).await.id);
        let found: Result<_, StoreError> = self
            .own()
            .db
            .read("test", move |tx| {
                Box::pin(async move { records::attempts(tx, app.city.as_str(), id.as_str()).await })
            })
            .await;
        found.unwrap()
    }

    /// Its open desk items.
    async fn items(&self, no: &str) -> Vec<DeskItem> {
        let (app, id) = (Arc::clone(self.own()), self.order(no).await.id);
        let found: Result<_, StoreError> = self
            .own()
            .db
            .read("test", move |tx| {
                Box::pin(async move { records::items_of_order(tx, app.city.as_str(), id.as_str()).await })
            })
            .await;
        found.unwrap()
    }

    /// Kinds of its open desk items, sorted.
    async fn desks(&self, no: &str) -> Vec<String> {
        let mut what: Vec<String> = self.items(no).await.into_iter().map(|item| item.what).collect();
        what.sort();
        what
    }

    /// The order as somebody sees it.
    async fn seen(&self, who: &Actor, no: &str) -> Result<view::OrderView, CommandError> {
        view::order(self.own(), who, no).await
    }

    /// Numbers of the orders in somebody's list, sorted, with the count of the same.
    async fn listed(&self, who: &Actor) -> (Vec<String>, usize) {
        let all = list::OrderFilter::default();
        let page = list::Page { limit: 100, ..list::Page::default() };
        let (rows, counts) = list::orders(self.own(), who, all.clone(), page, vec![all]).await.unwrap();
        let mut numbers: Vec<String> = rows.into_iter().map(|row| row.no).collect();
        numbers.sort();
        (numbers, usize::try_from(counts[0].n).unwrap())
    }

    /// Numbers of the orders in the queue of somebody's units, sorted, with the count of the same.
    async fn queued(&self, who: &Actor) -> (Vec<String>, usize) {
        let all = list::TaskFilter::default();
        let page = list::Page { limit: 100, ..list::Page::default() };
        let (rows, counts) = list::queue(self.own(), who, all.clone(), page, vec![all]).await.unwrap();
        let mut numbers: Vec<String> = rows.into_iter().map(|row| row.no).collect();
        numbers.sort();
        (numbers, usize::try_from(counts[0].n).unwrap())
    }

    /// Rows of a statement that only a test asks.
    async fn rows(&self, sql: &str, values: Vec<Value>) -> Vec<Row> {
        self.own().db.fetch(leak(sql), values).await.unwrap()
    }

    /// Changes the database behind the program's back; gives how many rows.
    async fn tamper(&self, sql: &str, values: Vec<Value>) -> u64 {
        let statement = leak(sql);
        let done: Result<u64, StoreError> = self
            .own()
            .db
            .write("test", move |tx| {
                let values = values.clone();
                Box::pin(async move { tx.execute(statement, values).await })
            })
            .await;
        done.unwrap()
    }

    /// How many rows a table has.
    async fn count(&self, table: &str) -> i64 {
        let rows = self.rows(&format!("SELECT CAST(COUNT(*) AS BIGINT) FROM {table}"), Vec::new()).await;
        rows[0].int(0).unwrap()
    }

    /// Rows of every table that a refused command must not touch, and all orders' last hashes.
    async fn everything(&self) -> Vec<String> {
        let mut all = Vec::new();
        for table in [
            "contact",
            "content",
            "claimant",
            "task",
            "clock",
            "request",
            "duty",
            "event",
            "feed",
            "idempotency",
            "reveal",
            "desk_item",
            "checkpoint",
            "register_event",
        ] {
            all.push(format!("{table} {}", self.count(table).await));
        }
        for row in self.rows("SELECT id, seq, hash FROM work_order ORDER BY id", Vec::new()).await {
            all.push(format!("{} {} {}", row.str(0).unwrap(), row.int(1).unwrap(), row.str(2).unwrap()));
        }
        all
    }

    /// Puts the journal under checkpoints; then nothing may be found wrong.
    async fn sound(&self) {
        jobs::checkpoint(self.own()).await.unwrap();
        let report = audit::verify(self.own()).await.unwrap();
        assert_eq!(report.faults, Vec::<String>::new());
        assert!(report.ok);
        let found = doctor::examine(self.own()).await.unwrap();
        assert_eq!(found.faults, Vec::<String>::new());
        assert!(found.ok);
    }
}

impl Drive for TestApp {
    fn own(&self) -> &Arc<App> {
        &self.app
    }
}

impl Drive for Arc<App> {
    fn own(&self) -> &Arc<App> {
        self
    }
}

/// A second application on a test's database, as another process would be, with the same clock.
pub async fn beside(app: &TestApp, carriers: Vec<Arc<dyn Carrier>>) -> Arc<App> {
    on(testing::open(&app.db.url).await, app, carriers).await.unwrap()
}

/// A second application on a test's database, with a clock of its own.
pub async fn with_clock(app: &TestApp, clock: Arc<dyn Clock>) -> Arc<App> {
    made(testing::open(&app.db.url).await, app.files.clone(), clock, Vec::new()).await.unwrap()
}

/// An application with the key and clock of another, on some database.
pub async fn on(db: Db, like: &TestApp, carriers: Vec<Arc<dyn Carrier>>) -> Result<Arc<App>, CommandError> {
    made(db, like.files.clone(), Arc::clone(&like.clock) as _, carriers).await
}

/// As [`on`], with files of its own.
pub async fn with_files(db: Db, files: Files, like: &TestApp) -> Result<Arc<App>, CommandError> {
    made(db, files, Arc::clone(&like.clock) as _, Vec::new()).await
}

async fn made(
    db: Db,
    files: Files,
    clock: Arc<dyn Clock>,
    carriers: Vec<Arc<dyn Carrier>>,
) -> Result<Arc<App>, CommandError> {
    let parts = Parts {
        db,
        pack: Arc::new(pack("sanya")),
        master: Arc::new(MasterKey::generate(&SeededEntropy::new(1))),
        clock,
        ids: Arc::new(CountingIds::from(1 << 40)),
        entropy: Arc::new(SeededEntropy::new(3)),
        carriers,
        files,
    };
    Ok(Arc::new(App::open(parts).await?))
}

/// A statement of a text made in a test.
fn leak(sql: &str) -> &'static Statement {
    Box::leak(Box::new(Statement::same(Box::leak(sql.to_owned().into_boxed_str()))))
}

/// The code of an input fault's field.
pub fn field<T: std::fmt::Debug>(result: Result<T, CommandError>) -> String {
    match result {
        Err(CommandError::Invalid { field, .. }) => field,
        other => panic!("not an input fault: {other:?}"),
    }
}
