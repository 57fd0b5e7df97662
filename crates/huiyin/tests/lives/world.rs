//! One city in process: the router, a clock to move, a token for each role.

use std::{
    collections::{BTreeMap, HashMap},
    sync::Arc,
};

use axum::{
    Router,
    body::{Body, to_bytes},
    http::{Request, StatusCode},
};
use huiyin_app::{
    Actor, App, Parts, Role, Scope,
    people::{self, AddPost, AddToken, Position, SeedPerson, Terms},
    ports::{CountingIds, SetClock},
};
use huiyin_core::{policy::Pack, time::Instant};
use huiyin_http::{Options, Site};
use huiyin_store::{
    Db, orders, records,
    seal::{MasterKey, SeededEntropy},
};
use serde_json::{Value, json};
use tower::ServiceExt as _;

pub struct World {
    pub app: Arc<App>,
    pub clock: Arc<SetClock>,
    router: Router,
    tokens: HashMap<String, String>,
}

#[derive(Debug, Default)]
pub struct Accounts {
    pub orders: u64,
    pub open: u64,
    pub not_archived: u64,
    pub by_outcome: BTreeMap<String, u64>,
    /// Pairs of claimant and the order they raised it in, over the orders each belongs to.
    pub matters: u64,
}

/// Who acts in the lives: a token for each, named `role@unit`.
pub const POSTS: &[(&str, Role, &str)] = &[
    ("agent", Role::Agent, "call-centre"),
    ("office", Role::Office, "office"),
    ("callback", Role::Callback, "call-centre"),
];

/// Member units with a handler each, whose token is named after the unit.
pub const MEMBERS: &[&str] = &["human-resources", "enforcement", "housing", "transport"];

/// Sub-centres and a department below each, likewise.
pub const DISTRICTS: &[(&str, &str)] = &[("sub-jiyang", "jiyang-housing"), ("sub-tianya", "tianya-water")];

impl World {
    pub async fn new(db: &Db) -> Self {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../packs/sanya");
        let mut texts: Vec<(String, String)> = std::fs::read_dir(folder)
            .unwrap()
            .map(|entry| entry.unwrap().path())
            .filter(|path| path.extension().is_some_and(|ext| ext == "toml"))
            .map(|path| {
                (path.file_name().unwrap().to_string_lossy().into_owned(), std::fs::read_to_string(&path).unwrap())
            })
            .collect();
        texts.sort();
        let entropy = Arc::new(SeededEntropy::new(7));
        let clock = Arc::new(SetClock::at(Instant(1_790_000_000_000)));
        let app = App::open(Parts {
            db: db.clone(),
            pack: Arc::new(Pack::load(&texts).unwrap()),
            master: Arc::new(MasterKey::generate(&*entropy)),
            clock: clock.clone(),
            ids: Arc::new(CountingIds::default()),
            entropy,
            carriers: Vec::new(),
            files: huiyin_store::files::Files::in_memory(),
        })
        .await
        .unwrap();
        let app = Arc::new(app);
        let router = huiyin_http::router(Site { app: Arc::clone(&app), options: Arc::new(Options::default()) });
        let mut world = Self { app, clock, router, tokens: HashMap::new() };
        for (name, role, unit) in POSTS {
            world.hire(name, *role, unit).await;
        }
        for unit in MEMBERS {
            world.hire(unit, Role::Officer, unit).await;
        }
        for (sub, below) in DISTRICTS {
            world.hire(sub, Role::Subcentre, sub).await;
            world.hire(below, Role::Officer, below).await;
        }
        world
    }

    /// A person with one post, and a token that may do all it gives.
    async fn hire(&mut self, name: &str, role: Role, unit: &str) {
        let post = AddPost {
            unit: unit.into(),
            role,
            position: Position::Staff,
            terms: Terms::Own,
            employer: None,
            from: None,
            until: None,
        };
        let seed = SeedPerson {
            login: name,
            password: "a long enough password",
            must_change: false,
            name,
            phone: None,
            posts: vec![post],
            filed: true,
        };
        people::seed_person(&self.app, seed).await.unwrap();
        let scopes = vec![Scope::OrdersRead, Scope::OrdersWrite, Scope::OrdersReveal];
        let token = AddToken { login: name.to_owned(), scopes, until: None };
        let made = people::add_token(&self.app, &Actor::system(), token).await.unwrap();
        self.tokens.insert(name.to_owned(), made.token.0);
    }

    pub fn advance(&self, minutes: i64) {
        self.clock.advance(minutes * 60_000);
    }

    /// Everything that runs by itself, now.
    pub async fn jobs(&self) {
        huiyin_app::jobs::once(&self.app).await.unwrap();
    }

    pub async fn post(&self, who: &str, path: &str, body: &Value) -> (StatusCode, Value) {
        let request = Request::post(path)
            .header("authorization", format!("Bearer {}", self.tokens[who]))
            .header("content-type", "application/json")
            .body(Body::from(body.to_string()))
            .unwrap();
        let response = self.router.clone().oneshot(request).await.unwrap();
        let status = response.status();
        let bytes = to_bytes(response.into_body(), 1 << 20).await.unwrap();
        (status, serde_json::from_slice(&bytes).unwrap_or(Value::Null))
    }

    /// A command that must be carried out.
    pub async fn give(&self, who: &str, no: &str, command: &str, body: Value) -> Value {
        let (status, answer) = self.post(who, &format!("/api/v1/orders/{no}/{command}"), &body).await;
        assert!(status.is_success(), "{who} {command} on {no}: {status} {answer}");
        answer
    }

    /// The order as a program reads it.
    pub async fn order(&self, no: &str) -> Value {
        let view = huiyin_app::orders::view::order(&self.app, &Actor::system(), no).await.unwrap();
        huiyin_app::orders::view::json(&self.app, &view)
    }

    /// Duties a person at the call centre must discharge: order and duty.
    pub async fn tell_items(&self) -> Vec<(String, i64)> {
        let app = Arc::clone(&self.app);
        let items = self.app.db.read("items", move |tx| {
            Box::pin(async move { records::items(tx, app.city.as_str(), "call-centre", 10_000).await })
        });
        let items = items.await.unwrap();
        items.into_iter().filter(|item| item.what == "tell").filter_map(|item| Some((item.order, item.duty?))).collect()
    }

    pub async fn accounts(&self) -> Accounts {
        let app = Arc::clone(&self.app);
        self.app
            .db
            .read("accounts", move |tx| {
                Box::pin(async move {
                    let mut accounts = Accounts::default();
                    let mut after = String::new();
                    loop {
                        let page = orders::after(tx, app.city.as_str(), &after, 500).await?;
                        let Some(last) = page.last() else { return Ok::<_, huiyin_store::StoreError>(accounts) };
                        after = last.order.id.0.clone();
                        for stored in page {
                            let order = stored.order;
                            accounts.orders += 1;
                            accounts.open += u64::from(order.state.is_open());
                            accounts.not_archived += u64::from(order.state.code() != "archived");
                            if let Some(outcome) = order.outcome() {
                                *accounts.by_outcome.entry(outcome.code().to_owned()).or_default() += 1;
                            }
                            accounts.matters +=
                                order.parts.iter().filter(|part| part.origin == order.id).count() as u64;
                        }
                    }
                })
            })
            .await
            .unwrap()
    }

    pub async fn export(&self) -> BTreeMap<String, Vec<u8>> {
        let folder = tempfile::tempdir().unwrap();
        let target = folder.path().join("export");
        huiyin_app::transfer::export(&self.app, &target, false).await.unwrap();
        std::fs::read_dir(&target)
            .unwrap()
            .map(|entry| entry.unwrap().path())
            .map(|path| (path.file_name().unwrap().to_string_lossy().into_owned(), std::fs::read(&path).unwrap()))
            .collect()
    }
}

/// A new matter without a kind: it waits in intake.
pub fn matter(message: &super::plan::Message, phone: Option<String>) -> Value {
    json!({
        "channel": "web",
        "external_id": message.id,
        "title": message.title.chars().take(60).collect::<String>(),
        "body": message.body.chars().take(4_000).collect::<String>(),
        "claimant": match phone { Some(phone) => json!({ "name": "李某", "phone": phone }), None => json!({ "anonymous": true }) },
    })
}
