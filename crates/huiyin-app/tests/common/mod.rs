//! An application of the invented city day, on a fresh database of each engine, with a clock the test moves.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]
#![allow(dead_code, reason = "each test file uses its own part")]

use std::{
    ops::Deref,
    path::{Path, PathBuf},
    sync::Arc,
};

use huiyin_app::{
    Actor, App, Parts, Post, Role,
    people::{self, AddPost, Position, SeedPerson, Terms},
    policy::versions::Rules,
    ports::{Carrier, CountingIds, SetClock},
};
use huiyin_core::{
    id::{PersonId, UnitId},
    policy::Pack,
    time::{Day, Instant},
};
use huiyin_store::{
    seal::{MasterKey, SeededEntropy},
    testing::{self, TestDb},
};

/// A password that keeps the rules.
pub const PASSWORD: &str = "ripe-mango-17";

/// An application on a database of its own.
pub struct TestApp {
    /// The application.
    pub app: Arc<App>,
    /// Its clock; it stands until the test moves it.
    pub clock: Arc<SetClock>,
    /// Its database, removed with it.
    pub db: TestDb,
}

impl Deref for TestApp {
    type Target = App;

    fn deref(&self) -> &App {
        &self.app
    }
}

/// One application on each engine; the clock stands at Monday 2026-10-12T09:00 in Sanya.
pub async fn apps() -> Vec<TestApp> {
    apps_with(Vec::new).await
}

/// As [`apps`], with ways out of the house.
pub async fn apps_with(carriers: impl Fn() -> Vec<Arc<dyn Carrier>>) -> Vec<TestApp> {
    let mut apps = Vec::new();
    for db in testing::databases().await {
        apps.push(app_on(db, carriers()).await);
    }
    apps
}

/// An application on SQLite only: for what does not touch SQL.
pub async fn sqlite_app() -> TestApp {
    app_on(testing::sqlite().await, Vec::new()).await
}

/// An application on SQLite with these files as its pack.
pub async fn sqlite_app_of(texts: Vec<(String, String)>) -> TestApp {
    app_of(testing::sqlite().await, Vec::new(), texts).await
}

async fn app_on(db: TestDb, carriers: Vec<Arc<dyn Carrier>>) -> TestApp {
    app_of(db, carriers, pack_texts("sanya")).await
}

async fn app_of(db: TestDb, carriers: Vec<Arc<dyn Carrier>>, texts: Vec<(String, String)>) -> TestApp {
    let pack = Arc::new(Pack::load(&texts).unwrap());
    let clock = Arc::new(SetClock::at(pack.zone().parse("2026-10-12T09:00:00").unwrap()));
    let parts = Parts {
        db: db.db.clone(),
        pack,
        master: Arc::new(MasterKey::generate(&SeededEntropy::new(1))),
        clock: Arc::clone(&clock) as _,
        ids: Arc::new(CountingIds::default()),
        entropy: Arc::new(SeededEntropy::new(2)),
        carriers,
        files: huiyin_store::files::Files::in_memory(),
    };
    let rules = Rules::built(texts, Arc::new(|_| None));
    TestApp { app: Arc::new(App::open(parts).await.unwrap().with_rules(rules)), clock, db }
}

/// A pack of the repository.
pub fn pack(name: &str) -> Pack {
    Pack::load(&pack_texts(name)).unwrap()
}

/// Its files.
pub fn pack_texts(name: &str) -> Vec<(String, String)> {
    let folder: PathBuf = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../packs").join(name);
    let mut texts: Vec<(String, String)> = std::fs::read_dir(&folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "toml"))
        .map(|path| {
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            (name, std::fs::read_to_string(&path).unwrap())
        })
        .collect();
    texts.sort();
    texts
}

/// A civil day.
pub fn day(number: i64) -> Day {
    Day::try_from(number).unwrap()
}

/// A post of the unit's own staff, from before every test.
pub fn post(unit: &str, role: Role, position: Position) -> AddPost {
    AddPost {
        unit: unit.into(),
        role,
        position,
        terms: Terms::Own,
        employer: None,
        from: Some(day(20_260_101)),
        until: None,
    }
}

/// An actor with one post, whom no table knows: for permissions and commands.
pub fn actor(person: &str, role: Role, unit: &str) -> Actor {
    Actor {
        person: person.into(),
        name: person.to_owned(),
        posts: vec![Post { unit: unit.into(), role, from: day(20_260_101), until: None }],
        stands_in: Vec::new(),
        scopes: None,
        own: None,
    }
}

impl TestApp {
    /// A moment of the city.
    pub fn at(&self, local: &str) -> Instant {
        self.app.zone().parse(local).unwrap()
    }

    /// Puts the clock at a moment of the city.
    pub fn set(&self, local: &str) {
        self.clock.set(self.at(local));
    }

    /// Enters a person with one filed post and the common password.
    pub async fn person(&self, login: &str, unit: &str, role: Role, position: Position) -> PersonId {
        self.person_with(login, vec![post(unit, role, position)]).await
    }

    /// Enters a person with filed posts and the common password.
    pub async fn person_with(&self, login: &str, posts: Vec<AddPost>) -> PersonId {
        let seed = SeedPerson {
            login,
            password: PASSWORD,
            must_change: false,
            name: "测试人员",
            phone: None,
            posts,
            filed: true,
        };
        people::seed_person(&self.app, seed).await.unwrap()
    }

    /// The actor a person is, through signing in.
    pub async fn signed_in(&self, login: &str) -> Actor {
        let signed = people::sign_in(&self.app, login, PASSWORD, None, "test").await.unwrap();
        people::session_actor(&self.app, signed.token.as_str()).await.unwrap().0
    }
}

/// A unit's code.
pub fn unit(code: &str) -> UnitId {
    code.into()
}
