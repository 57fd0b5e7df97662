//! A city at work over the API: programs that register, dispatch and sign at once, and the account of what was acknowledged.
#![allow(dead_code, reason = "each test file uses a part of it")]

use std::{
    collections::{BTreeMap, BTreeSet},
    path::{Path, PathBuf},
    process::Command,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    thread::JoinHandle,
    time::{Duration, Instant},
};

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::program::{Ran, http, run};

/// Whether the long sets run whole.
pub fn whole() -> bool {
    std::env::var("HUIYIN_TEST_ALL").is_ok_and(|all| all == "1")
}

/// A seeded sequence of numbers.
pub struct Dice(u64);

impl Dice {
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// A number below `n`.
    pub fn roll(&mut self, n: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % n
    }
}

/// A PostgreSQL of a test's own, which it may crash.
pub struct Postgres(PathBuf);

impl Postgres {
    /// Starts one.
    pub fn start(name: &str) -> (Self, String) {
        let server = Self(std::env::temp_dir().join(format!("huiyin-{name}-{}", std::process::id())));
        let url = server.run("start");
        (server, url)
    }

    /// `crash` or `restart`.
    pub fn run(&self, command: &str) -> String {
        let output = self.command(command);
        assert!(output.status.success(), "{command}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap().trim().to_owned()
    }

    fn command(&self, command: &str) -> std::process::Output {
        let script = concat!(env!("CARGO_MANIFEST_DIR"), "/../../scripts/postgres");
        Command::new(script).arg(command).env("HUIYIN_PG_DIR", &self.0).env("HUIYIN_PG_FSYNC", "on").output().unwrap()
    }

    /// Makes another database beside the first; gives its address.
    pub fn another(&self, url: &str, name: &str) -> String {
        let done = Command::new("psql").args([url, "-qc", &format!("CREATE DATABASE {name}")]).output().unwrap();
        assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
        let (server, _) = url.rsplit_once('/').unwrap();
        format!("{server}/{name}")
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        let _ = self.command("stop");
    }
}

/// A folder with a configuration, persons and tokens, before any server runs.
pub struct City {
    pub folder: TempDir,
    pub tokens: BTreeMap<&'static str, String>,
}

/// When every matter was received: long enough ago that the dispatch limit has passed when it is taken in.
const RECEIVED: &str = "2024-03-04T09:00:00+08:00";

impl City {
    /// A city on SQLite, or on this database.
    pub fn new(database: Option<&str>) -> Self {
        let city = Self { folder: tempfile::tempdir().unwrap(), tokens: BTreeMap::new() };
        city.configure(database);
        city.run(&["migrate"]).is_done();
        let mut tokens = BTreeMap::new();
        for (login, role, unit) in [
            ("agent", "agent", "call-centre"),
            ("office", "office", "office"),
            ("officer", "officer", "water"),
            ("callback", "callback", "call-centre"),
        ] {
            city.run(&["user", "add", login, "--name", "测试", "--role", role, "--unit", unit]).is_done();
            let made = city.run(&["token", "add", "--user", login, "--scope", "orders:read", "orders:write", "--json"]);
            tokens.insert(login, made.is_done().json()["token"].as_str().unwrap().to_owned());
        }
        Self { tokens, ..city }
    }

    /// A city of the same configuration on another place, with nothing in it.
    pub fn empty(database: Option<&str>, like: &Self) -> Self {
        let city = Self { folder: tempfile::tempdir().unwrap(), tokens: like.tokens.clone() };
        city.configure(database);
        city
    }

    /// Writes the configuration, and rules by which the time to dispatch runs from when a matter was received.
    fn configure(&self, database: Option<&str>) {
        let (from, to) = (Path::new(env!("CARGO_MANIFEST_DIR")).join("../../packs/sanya"), self.path().join("sanya"));
        std::fs::create_dir(&to).unwrap();
        for entry in std::fs::read_dir(from).unwrap() {
            let path = entry.unwrap().path();
            if path.extension().is_some_and(|extension| extension == "toml") {
                let text = std::fs::read_to_string(&path).unwrap();
                let text = text.replace("value = \"registered\"", "value = \"received\"");
                std::fs::write(to.join(path.file_name().unwrap()), text).unwrap();
            }
        }
        let database = database.map(|url| format!("database_url = \"{url}\"\n")).unwrap_or_default();
        std::fs::write(self.path().join("huiyin.toml"), format!("pack = \"sanya\"\nlog = \"off\"\n{database}"))
            .unwrap();
    }

    pub fn path(&self) -> &Path {
        self.folder.path()
    }

    /// Runs the program on it.
    pub fn run(&self, arguments: &[&str]) -> Ran {
        let pack = self.path().join("sanya");
        let mut all = arguments.to_vec();
        all.extend(["--pack", pack.to_str().unwrap()]);
        run(self.path(), &all)
    }

    /// Arguments of a server on it.
    pub fn serves(&self) -> Vec<String> {
        vec!["--pack".into(), self.path().join("sanya").display().to_string()]
    }

    /// Sends a request of the API.
    pub fn send(&self, address: &str, sent: &Request) -> Option<(u16, Value)> {
        let token = &self.tokens[sent.who];
        let (method, body) = match &sent.body {
            Some(body) => ("POST", body.to_string()),
            None => ("GET", String::new()),
        };
        let key = sent.key.as_ref().map(|key| format!("Idempotency-Key: {key}\r\n")).unwrap_or_default();
        let head = format!(
            "{method} /api/v1/orders{} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\nAuthorization: Bearer {token}\r\n{key}Content-Type: application/json\r\nContent-Length: {}\r\n\r\n",
            sent.path,
            body.len()
        );
        let (status, text) = http(address, &(head + &body))?;
        // An answer cut off half way is none.
        Some((status, serde_json::from_str(&text).ok()?))
    }

    /// An order as the API shows it.
    pub fn order(&self, address: &str, no: &str) -> Value {
        let asked = Request { who: "agent", path: format!("/{no}"), body: None, key: None };
        let (status, order) = self.send(address, &asked).unwrap_or_else(|| panic!("nobody answers for {no}"));
        assert_eq!(status, 200, "{no}: {order}");
        order
    }

    /// Gives a command that must be carried out.
    pub fn ok(&self, address: &str, who: &'static str, path: &str, body: Value) -> Value {
        let sent = Request { who, path: path.to_owned(), body: Some(body), key: None };
        let (status, answer) = self.send(address, &sent).unwrap_or_else(|| panic!("nobody answers {path}"));
        assert!(status == 200 || status == 201, "{path}: {status} {answer}");
        answer
    }
}

/// A request of the API.
#[derive(Debug, Clone)]
pub struct Request {
    pub who: &'static str,
    pub path: String,
    pub body: Option<Value>,
    pub key: Option<String>,
}

/// What was acknowledged, and what was sent and not answered.
#[derive(Debug, Default)]
pub struct Account {
    pub answered: Vec<(Request, Value)>,
    pub unanswered: Vec<Request>,
    /// How many of the answered were looked at after the fault that followed them.
    settled: usize,
    /// Matters taken in beside the load, of which nothing else is asked.
    beside: u64,
}

impl Account {
    /// So many matters more were taken in.
    pub fn beside(&mut self, count: u64) {
        self.beside += count;
    }

    fn add(&mut self, other: Self) {
        self.answered.extend(other.answered);
        self.unanswered.extend(other.unanswered);
    }

    /// The highest version acknowledged of each order.
    pub fn orders(&self) -> BTreeMap<String, u64> {
        Self::versions(&self.answered)
    }

    fn versions(answered: &[(Request, Value)]) -> BTreeMap<String, u64> {
        let mut orders = BTreeMap::new();
        for (_, answer) in answered {
            let version = orders.entry(answer["no"].as_str().unwrap().to_owned()).or_insert(0);
            *version = (*version).max(answer["version"].as_u64().unwrap());
        }
        orders
    }

    /// How many matters were taken in.
    pub fn taken_in(&self) -> u64 {
        self.answered.iter().filter(|(sent, _)| sent.path.is_empty()).count() as u64
    }
}

/// Programs at work.
pub struct Load {
    clients: Vec<JoinHandle<Account>>,
    stop: Arc<AtomicBool>,
    pub done: Arc<AtomicU64>,
}

impl Load {
    /// Starts so many; each ends when it is not answered. `round` keeps their keys apart.
    pub fn start(city: &Arc<City>, address: &str, clients: u64, round: u64) -> Self {
        let (stop, done) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicU64::new(0)));
        let clients = (0..clients)
            .map(|client| {
                let (city, address, stop, done) =
                    (Arc::clone(city), address.to_owned(), Arc::clone(&stop), Arc::clone(&done));
                std::thread::spawn(move || work(&city, &address, round * 100 + client, &stop, &done))
            })
            .collect();
        Self { clients, stop, done }
    }

    /// Waits until so many requests were acknowledged.
    pub fn reaches(&self, count: u64) {
        let began = Instant::now();
        while self.done.load(Ordering::SeqCst) < count {
            assert!(began.elapsed() < Duration::from_secs(300), "no load comes about");
            std::thread::sleep(Duration::from_millis(5));
        }
    }

    /// What came of it, once all have ended.
    pub fn ended(self, account: &mut Account) {
        for client in self.clients {
            account.add(client.join().unwrap());
        }
    }

    /// Lets everybody finish what they have begun.
    pub fn stop(self, account: &mut Account) {
        self.stop.store(true, Ordering::SeqCst);
        self.ended(account);
    }
}

fn work(city: &City, address: &str, client: u64, stop: &AtomicBool, done: &AtomicU64) -> Account {
    let mut account = Account::default();
    let pace = Duration::from_millis(if whole() { 60 } else { 0 });
    for n in 0_u64.. {
        let body = json!({
            "channel": "phone", "title": "楼下噪声", "body": format!("第{client}-{n}件"), "kind": "help", "subject": "090201",
            "received_at": RECEIVED, "claimant": { "name": "李甲", "phone": "13800000001" },
        });
        let mut steps = vec![("agent", "", body)];
        // One in three stays at the desk, where its time to dispatch is over at once.
        if n % 3 != 0 {
            steps.push(("agent", "dispatch", json!({ "lead": "water" })));
            steps.push(("officer", "sign", json!({})));
        }
        let mut no = String::new();
        for (who, command, body) in steps {
            // The whole set is long enough without a city of many years.
            std::thread::sleep(pace);
            if stop.load(Ordering::SeqCst) {
                return account;
            }
            let path = if command.is_empty() { String::new() } else { format!("/{no}/{command}") };
            let sent = Request { who, path, body: Some(body), key: Some(format!("{client}-{n}-{command}")) };
            match city.send(address, &sent) {
                Some((200 | 201, answer)) => {
                    no = answer["no"].as_str().unwrap().to_owned();
                    account.answered.push((sent, answer));
                    done.fetch_add(1, Ordering::SeqCst);
                }
                // Not now, or not at all: whether it was done is for the same key to find out.
                None | Some((503, _)) => {
                    account.unanswered.push(sent);
                    return account;
                }
                Some((status, answer)) => panic!("{}: {status} {answer}", sent.path),
            }
        }
    }
    account
}

/// After a fault: what was not answered is done under its key, and nothing acknowledged is missing, doubled or different.
pub fn settle(city: &City, address: &str, account: &mut Account, dice: &mut Dice) {
    for sent in std::mem::take(&mut account.unanswered) {
        let (status, answer) = city.send(address, &sent).unwrap_or_else(|| panic!("nobody answers {}", sent.path));
        assert!(status == 200 || status == 201, "{}: {status} {answer}", sent.path);
        account.answered.push((sent, answer));
    }
    let numbers: BTreeSet<&str> = account
        .answered
        .iter()
        .filter(|(sent, _)| sent.path.is_empty())
        .map(|(_, answer)| answer["no"].as_str().unwrap())
        .collect();
    assert_eq!(numbers.len() as u64, account.taken_in(), "two matters have one number");
    // What was acknowledged since the last fault was in danger; of the rest, some.
    let (count, fresh) = (account.answered.len(), account.settled..account.answered.len());
    let some: Vec<usize> = (0..20).map(|_| dice.roll(count as u64) as usize).collect();
    for at in (count.saturating_sub(60)..count).chain(some.iter().copied()) {
        let (sent, first) = &account.answered[at];
        let (_, again) = city.send(address, sent).unwrap_or_else(|| panic!("nobody answers {}", sent.path));
        assert_eq!(&again, first, "another answer under the key {:?}", sent.key);
    }
    kept(city, address, &account.answered[fresh]);
    some.into_iter().for_each(|at| kept(city, address, &account.answered[at..=at]));
    account.settled = count;
    proved(city, account.taken_in() + account.beside);
}

/// Every order is there at least as it was acknowledged.
fn kept(city: &City, address: &str, answered: &[(Request, Value)]) {
    for (no, version) in Account::versions(answered) {
        let order = city.order(address, &no);
        assert!(order["version"].as_u64().unwrap() >= version, "{no} was acknowledged at {version}: {order}");
    }
}

/// Every chain holds, every row is as it must be, and there are so many orders.
pub fn proved(city: &City, orders: u64) {
    let audit = city.run(&["audit", "verify", "--json"]);
    assert_eq!(audit.is_done().json()["ok"], true, "{audit:?}");
    let doctor = city.run(&["doctor", "--json"]);
    assert_eq!(doctor.is_done().json()["orders"], orders, "{doctor:?}");
}

/// A whole city as its export has it.
struct Exported {
    /// Version and state of each order, by number.
    orders: BTreeMap<String, (u64, String)>,
    /// Numbers by id.
    ids: BTreeMap<String, String>,
    /// Order and body of each `clock.fired`.
    fired: Vec<(String, String)>,
}

fn exported(city: &City) -> Exported {
    let out = tempfile::tempdir().unwrap();
    let folder = out.path().join("out");
    city.run(&["export", folder.to_str().unwrap()]).is_done();
    let rows = |table: &str, only: &str| -> Vec<Vec<Value>> {
        let text = std::fs::read_to_string(folder.join(format!("{table}.jsonl"))).unwrap();
        text.lines().filter(|line| line.contains(only)).map(|line| serde_json::from_str(line).unwrap()).collect()
    };
    let text = |cell: &Value| cell.as_str().unwrap().to_owned();
    let (mut orders, mut ids) = (BTreeMap::new(), BTreeMap::new());
    for row in rows("work_order", "") {
        ids.insert(text(&row[1]), text(&row[2]));
        orders.insert(text(&row[2]), (row[3].as_u64().unwrap(), text(&row[4])));
    }
    let fired = rows("event", "\"clock.fired\"");
    let fired = fired.iter().filter(|row| row[7] == "clock.fired").map(|row| (text(&row[1]), text(&row[8]))).collect();
    Exported { orders, ids, fired }
}

/// Everything that was ever acknowledged is there, and nothing else; each moment of each clock was told of once, and of the
/// orders that stayed at the desk both of theirs.
pub fn all_is_there_and_told_once(city: &City, account: &Account) {
    let began = Instant::now();
    let told_of = |now: &Exported| {
        let mut told: BTreeMap<&str, u64> = BTreeMap::new();
        now.fired.iter().for_each(|(order, _)| *told.entry(&now.ids[order]).or_default() += 1);
        let mut at_desk = now.orders.iter().filter(|(_, (_, state))| state == "registered").peekable();
        assert!(at_desk.peek().is_some());
        at_desk.all(|(no, _)| told.get(no.as_str()).is_some_and(|told| *told >= 2))
    };
    while !told_of(&exported(city)) {
        assert!(began.elapsed() < Duration::from_secs(900), "the timers do not fire");
        std::thread::sleep(Duration::from_secs(1));
    }
    // Some seconds more, in which nothing may be told of again.
    std::thread::sleep(Duration::from_secs(3));
    let now = exported(city);
    let once: BTreeSet<&(String, String)> = now.fired.iter().collect();
    assert_eq!(once.len(), now.fired.len(), "a moment was told of twice");
    let acknowledged = account.orders();
    assert_eq!(now.orders.keys().collect::<Vec<_>>(), acknowledged.keys().collect::<Vec<_>>());
    for (no, version) in acknowledged {
        assert!(now.orders[&no].0 >= version, "{no} was acknowledged at {version}: {:?}", now.orders[&no]);
    }
}
