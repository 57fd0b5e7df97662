//! Invented history stands by itself on both databases: chains, texts, signatures, rows, holders, clocks.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::{collections::BTreeMap, sync::Arc};

use huiyin_app::{
    Actor, App, Parts, audit, doctor, jobs,
    orders::list::{self, OrderFilter, Page},
    ports::{CountingIds, SetClock},
    seed::{self, Plan},
};
use huiyin_core::{policy::Pack, time::Instant};
use huiyin_store::{
    Db,
    seal::{MasterKey, SeededEntropy},
};

const NOW: Instant = Instant(1_790_000_000_000);

async fn app(db: &Db) -> Arc<App> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../packs/sanya");
    let mut texts: Vec<(String, String)> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|ext| ext == "toml"))
        .map(|path| (path.file_name().unwrap().to_string_lossy().into_owned(), std::fs::read_to_string(&path).unwrap()))
        .collect();
    texts.sort();
    let entropy = Arc::new(SeededEntropy::new(1));
    let parts = Parts {
        db: db.clone(),
        pack: Arc::new(Pack::load(&texts).unwrap()),
        master: Arc::new(MasterKey::generate(&*entropy)),
        clock: Arc::new(SetClock::at(NOW)),
        ids: Arc::new(CountingIds::default()),
        entropy,
        carriers: Vec::new(),
        files: huiyin_store::files::Files::in_memory(),
    };
    Arc::new(App::open(parts).await.unwrap())
}

async fn exported(app: &Arc<App>) -> BTreeMap<String, Vec<u8>> {
    let folder = tempfile::tempdir().unwrap();
    let target = folder.path().join("export");
    huiyin_app::transfer::export(app, &target, false).await.unwrap();
    let files = std::fs::read_dir(&target).unwrap().map(|entry| entry.unwrap().path());
    files
        .map(|path| (path.file_name().unwrap().to_string_lossy().into_owned(), std::fs::read(&path).unwrap()))
        .collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn invented_history_stands_on_both_databases_alike() {
    let mut exports = Vec::new();
    for db in huiyin_store::testing::databases().await {
        let app = app(&db).await;
        let plan = Plan { orders: 300, open_percent: 40, days: 200, seed: Some(7) };
        let mut told = Vec::new();
        let seeded = seed::seed(&app, &plan, |done| told.push(done)).await.unwrap();
        assert_eq!(seeded.orders, 300);
        assert_eq!(told, [250, 300]);
        assert!((100..=120).contains(&seeded.open), "about so many stay open: {seeded:?}");

        let audit = audit::verify(&app).await.unwrap();
        assert!(audit.ok, "{:#?}", audit.faults);
        assert_eq!((audit.orders, audit.events), (300, seeded.events));
        assert!(audit.checkpoints > 0 && audit.texts > 600);
        let health = doctor::examine(&app).await.unwrap();
        assert!(health.ok, "{:#?}", health.faults);
        assert_eq!(health.open, seeded.open);

        let count = async |wanted: OrderFilter| {
            let page = Page { limit: 200, ..Page::default() };
            list::orders(&app, &Actor::system(), wanted, page, Vec::new()).await.unwrap().0.len()
        };
        for state in ["intake", "registered", "assigned", "review", "callback", "archived"] {
            let wanted = OrderFilter { states: vec![state.into()], ..OrderFilter::default() };
            assert!(count(wanted).await > 0, "none is in `{state}`");
        }
        assert!(count(OrderFilter { missed: Some(true), open: Some(true), ..OrderFilter::default() }).await > 0);
        // Whatever a timer had to tell of was told of.
        assert_eq!(jobs::fire(&app).await.unwrap(), 0);
        exports.push(exported(&app).await);
    }
    assert!(exports[0] == exports[1], "the same seed gives the same on either database");
}
