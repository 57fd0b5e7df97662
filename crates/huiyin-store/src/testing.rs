//! Fresh, migrated databases for tests; behind the feature `testing`, never in the program.
//!
//! PostgreSQL is the server named by `HUIYIN_TEST_POSTGRES`. It is migrated once, into a template whose name carries
//! the migrations' digest, and every test gets a copy of its own. A test that finds no server fails: it never skips.

use std::ops::Deref;
use std::sync::atomic::{AtomicU64, Ordering};

use sha2::{Digest as _, Sha256};
use sqlx::{AssertSqlSafe, Connection as _, PgConnection, SqlSafeStr as _, SqlStr};
use tempfile::TempDir;

use crate::db::{Connection, Db, Options, Tx};
use crate::migrate;
use crate::statements::Statement;

/// A database of one test, removed with it.
pub struct TestDb {
    /// The database.
    pub db: Db,
    /// Its address, for a second [`Db`] on the same data.
    pub url: String,
    home: Home,
}

enum Home {
    Folder(#[allow(dead_code, reason = "held so that the folder lives as long as the database")] TempDir),
    Server { admin: String, name: String },
}

impl Deref for TestDb {
    type Target = Db;

    fn deref(&self) -> &Db {
        &self.db
    }
}

impl Drop for TestDb {
    fn drop(&mut self) {
        if let Home::Server { admin, name } = &self.home {
            let admin = admin.clone();
            let sql = format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)");
            // The test's own runtime is on its way out. What cannot be dropped goes with the throw-away server.
            let drop = move || block_on(async move { with_admin(&admin, sql).await });
            let _ = std::thread::spawn(drop).join();
        }
    }
}

/// One fresh database on each engine.
pub async fn databases() -> Vec<TestDb> {
    vec![sqlite().await, postgres().await]
}

/// A fresh SQLite database in a folder of its own.
pub async fn sqlite() -> TestDb {
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    let url = format!("sqlite://{}", folder.path().join("huiyin.db").display());
    let db = open(&url).await;
    db.migrate().await.expect("the migrations run on SQLite");
    TestDb { db, url, home: Home::Folder(folder) }
}

/// A fresh PostgreSQL database on the test server.
pub async fn postgres() -> TestDb {
    static MADE: AtomicU64 = AtomicU64::new(0);
    let admin = std::env::var("HUIYIN_TEST_POSTGRES").unwrap_or_else(|_| {
        panic!("HUIYIN_TEST_POSTGRES is not set: run the tests through ./test, which starts a PostgreSQL for them")
    });
    let template = template(&admin).await;
    let unique = (std::process::id(), MADE.fetch_add(1, Ordering::Relaxed), rand::random::<u32>());
    let name = format!("huiyin_test_{}_{}_{:08x}", unique.0, unique.1, unique.2);
    with_admin(&admin, format!("CREATE DATABASE {name} TEMPLATE {template}"))
        .await
        .expect("a test database can be made");
    let url = at(&admin, &name);
    let db = open(&url).await;
    TestDb { db, url, home: Home::Server { admin, name } }
}

/// Opens a second handle on a test's database, as another process would.
pub async fn open(url: &str) -> Db {
    let options = Options { read_connections: 2, write_connections: 4, durable: false };
    Db::open(url, options).await.expect("the test's database can be opened")
}

/// Prepares every statement on both engines; called by the test that `statements!` makes.
pub fn prepare_all(statements: &[(&str, &Statement)]) {
    block_on(async {
        let mut faults = Vec::new();
        for test in databases().await {
            let engine = test.engine();
            for (name, statement) in statements {
                if let Err(error) = prepare(&test, statement.sql(engine)).await {
                    faults.push(format!("{name} on {engine:?}: {error}"));
                }
            }
        }
        assert!(faults.is_empty(), "{}", faults.join("\n"));
    });
}

async fn prepare(db: &Db, sql: SqlStr) -> Result<(), crate::StoreError> {
    db.read("prepare", move |tx: &mut Tx| Box::pin(tx.prepare(sql))).await
}

fn block_on<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime can be made").block_on(future)
}

/// The same server, another database.
fn at(admin: &str, name: &str) -> String {
    let (base, query) = admin.split_once('?').map_or((admin, None), |(base, query)| (base, Some(query)));
    let server = base.find("://").map_or(0, |i| i + 3);
    let end = base[server..].find('/').map_or(base.len(), |i| server + i);
    let query = query.map_or(String::new(), |query| format!("?{query}"));
    format!("{}/{name}{query}", &base[..end])
}

async fn connect(url: &str) -> PgConnection {
    match PgConnection::connect(url).await {
        Ok(connection) => connection,
        Err(error) => {
            panic!("no PostgreSQL at HUIYIN_TEST_POSTGRES ({error}): run the tests through ./test")
        }
    }
}

async fn with_admin(admin: &str, sql: String) -> Result<(), sqlx::Error> {
    let mut connection = PgConnection::connect(admin).await?;
    sqlx::raw_sql(AssertSqlSafe(sql)).execute(&mut connection).await?;
    connection.close().await
}

/// The name of the migrated template, made by whichever test comes first, of whatever process.
async fn template(admin: &str) -> String {
    let mut digest = Sha256::new();
    for (_, name, text) in migrate::ALL {
        digest.update(name.as_bytes());
        digest.update(text.as_bytes());
    }
    let id: String = digest.finalize().iter().take(8).map(|byte| format!("{byte:02x}")).collect();
    let name = format!("huiyin_template_{id}");

    let mut connection = connect(admin).await;
    if exists(&mut connection, &name).await {
        return name;
    }
    run(&mut connection, "SELECT pg_advisory_lock(12345)").await;
    if !exists(&mut connection, &name).await {
        // It gets its name last, so that a half-made one is never copied.
        let draft = format!("{name}_draft");
        run(&mut connection, format!("DROP DATABASE IF EXISTS {draft} WITH (FORCE)")).await;
        run(&mut connection, format!("CREATE DATABASE {draft}")).await;
        let mut inside = Connection::Postgres(connect(&at(admin, &draft)).await);
        if let Connection::Postgres(c) = &mut inside {
            migrate::run(crate::Engine::Postgres, c).await.expect("the migrations run on PostgreSQL");
        }
        crate::db::close(inside).await;
        run(&mut connection, format!("ALTER DATABASE {draft} RENAME TO {name}")).await;
    }
    run(&mut connection, "SELECT pg_advisory_unlock(12345)").await;
    let _ = connection.close().await;
    name
}

async fn exists(connection: &mut PgConnection, name: &str) -> bool {
    let sql = "SELECT 1 FROM pg_database WHERE datname = $1";
    let row = sqlx::query(sql).bind(name).fetch_optional(connection).await;
    row.expect("the server lists its databases").is_some()
}

async fn run(connection: &mut PgConnection, sql: impl Into<std::borrow::Cow<'static, str>>) {
    let sql = AssertSqlSafe(sql.into()).into_sql_str();
    sqlx::raw_sql(sql).execute(connection).await.expect("the server makes the template");
}
