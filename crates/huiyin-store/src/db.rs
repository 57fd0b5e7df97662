//! The database: SQLite or PostgreSQL, chosen by its address when the program starts.

mod pool;
mod postgres;
mod tx;
mod writer;

use std::future::Future;
use std::path::{Path, PathBuf};
use std::pin::Pin;
use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;

use sqlx::ConnectOptions as _;
use sqlx::postgres::PgConnectOptions;
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteSynchronous};
use tokio::sync::{mpsc, oneshot};
use tracing::Instrument as _;

use crate::error::{Fault, StoreError};
use crate::list::ListQuery;
use crate::migrate::{self, Schema};
use crate::statements::Statement;
use crate::value::{Row, Value};
use pool::{Lent, Pool, Source};
use writer::{Order, Pending};

pub(crate) use pool::close;
pub use tx::{Changes, Table, Tx};
pub(crate) use tx::{Connection, Ledger, Taped};

/// What a closure of [`Db::write`] gives: `Box::pin(async move { … })`.
pub type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

type Total = Arc<Ledger>;

/// Which engine a database runs on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Engine {
    /// A file beside the program.
    Sqlite,
    /// A server, or several.
    Postgres,
}

/// How to open a database.
#[derive(Debug, Clone)]
pub struct Options {
    /// Connections for reading.
    pub read_connections: u32,
    /// Connections for writing, on PostgreSQL; SQLite has one writer.
    pub write_connections: u32,
    /// Whether a commit waits for the disk, on SQLite. Only tests say no.
    pub durable: bool,
}

impl Default for Options {
    fn default() -> Self {
        Self { read_connections: 4, write_connections: 16, durable: true }
    }
}

/// The database. Cloning it is cheap, and every clone is the same database.
#[derive(Clone)]
pub struct Db(Arc<Inner>);

struct Inner {
    reads: Pool,
    writes: Writes,
    /// Makes a connection that may change tables.
    source: Source,
    total: Total,
}

enum Writes {
    Sqlite { queue: mpsc::Sender<Order>, file: PathBuf },
    Postgres(Box<Pool>),
}

/// Every command sees one state of the data and a clash makes it run again: what SQLite's single writer gives for nothing.
const SNAPSHOT: &str = "BEGIN ISOLATION LEVEL REPEATABLE READ";
/// Rows that someone else has just taken are passed over instead of making the claim run again.
const CLAIM: &str = "BEGIN ISOLATION LEVEL READ COMMITTED";

impl Db {
    /// Opens the database at `sqlite://path/to/file.db` (made if it is not there) or `postgres://…`.
    pub async fn open(url: &str, options: Options) -> Result<Self, StoreError> {
        if let Some(path) = url.strip_prefix("sqlite://") {
            Self::open_sqlite(Path::new(path), &options).await
        } else if url.starts_with("postgres://") || url.starts_with("postgresql://") {
            Self::open_postgres(url, &options).await
        } else {
            Err(StoreError::other("a database address starts with `sqlite://` or `postgres://`"))
        }
    }

    async fn open_sqlite(path: &Path, options: &Options) -> Result<Self, StoreError> {
        if path.as_os_str().is_empty() || path.to_string_lossy().starts_with(':') {
            return Err(StoreError::other("a SQLite address names a file: `sqlite://path/to/file.db`"));
        }
        if let Some(folder) = path.parent() {
            std::fs::create_dir_all(folder).map_err(|error| {
                StoreError::unavailable(format!("the folder `{}` cannot be made: {}", folder.display(), error.kind()))
            })?;
        }
        let common = SqliteConnectOptions::new()
            .filename(path)
            .foreign_keys(true)
            .busy_timeout(Duration::from_secs(10))
            .statement_cache_capacity(256)
            .pragma("temp_store", "memory")
            .disable_statement_logging();
        let write = common
            .clone()
            // The many texts of changes that are made together.
            .statement_cache_capacity(512)
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(if options.durable { SqliteSynchronous::Full } else { SqliteSynchronous::Off })
            .pragma("cache_size", "-8000")
            // Pages that many commits change are copied into the file once.
            .pragma("wal_autocheckpoint", "4000")
            .pragma("journal_size_limit", "67108864");
        let read = common.pragma("cache_size", "-4000").pragma("query_only", "on");
        let source = Source::Sqlite(Box::new(write));
        let total = Total::default();
        let (queue, orders) = mpsc::channel(writer::QUEUE);
        let first = source.connect().await?;
        tokio::spawn(writer::task(source.clone(), first, Arc::clone(&total), orders));
        Ok(Self(Arc::new(Inner {
            reads: Pool::new(Source::Sqlite(Box::new(read)), options.read_connections),
            writes: Writes::Sqlite { queue, file: path.to_owned() },
            source,
            total,
        })))
    }

    async fn open_postgres(url: &str, options: &Options) -> Result<Self, StoreError> {
        // The parser's own message may repeat the password.
        let connect = PgConnectOptions::from_str(url)
            .map_err(|_| {
                StoreError::other("the PostgreSQL address cannot be read: `postgres://user:password@host:port/name`")
            })?
            .application_name("huiyin")
            .statement_cache_capacity(256)
            .disable_statement_logging();
        let source = Source::Postgres(Box::new(connect));
        let inner = Inner {
            reads: Pool::new(source.clone(), options.read_connections),
            writes: Writes::Postgres(Box::new(Pool::new(source.clone(), options.write_connections))),
            source,
            total: Total::default(),
        };
        // Whether it answers is known at once, not at the first request.
        let Lent { connection, permit, .. } = inner.reads.take().await?;
        inner.reads.put(connection, permit);
        Ok(Self(Arc::new(inner)))
    }

    /// Which engine it runs on.
    pub fn engine(&self) -> Engine {
        match self.0.writes {
            Writes::Sqlite { .. } => Engine::Sqlite,
            Writes::Postgres(_) => Engine::Postgres,
        }
    }

    /// The database file, on SQLite.
    pub fn file(&self) -> Option<&Path> {
        match &self.0.writes {
            Writes::Sqlite { file, .. } => Some(file),
            Writes::Postgres(_) => None,
        }
    }

    /// How many statements have been executed through this `Db` and its clones.
    pub fn statements(&self) -> u64 {
        self.0.total.count()
    }

    /// Counts, and keeps while a tape runs, what is executed through this `Db`.
    pub(crate) fn ledger(&self) -> &Ledger {
        &self.0.total
    }

    /// A connection of its own, that may write.
    pub(crate) async fn connect(&self) -> Result<Connection, StoreError> {
        self.0.source.connect().await
    }

    /// Applies the migrations that are still to be applied; refuses a database that a newer program has changed.
    pub async fn migrate(&self) -> Result<(), StoreError> {
        let mut connection = self.0.source.connect().await?;
        let done = match &mut connection {
            Connection::Sqlite(c) => migrate::run(Engine::Sqlite, c).await,
            Connection::Postgres(c) => migrate::run(Engine::Postgres, c).await,
        };
        // Closing also lets the server's migration lock go if a migration failed.
        pool::close(connection).await;
        done
    }

    /// How the tables compare with what this program knows.
    pub async fn schema(&self) -> Result<Schema, StoreError> {
        let mut connection = self.0.source.connect().await?;
        let state = match &mut connection {
            Connection::Sqlite(c) => migrate::state(c).await,
            Connection::Postgres(c) => migrate::state(c).await,
        };
        pool::close(connection).await;
        state
    }

    /// Runs a closure in a transaction and commits it if it gives `Ok`.
    ///
    /// The closure may be run again and nothing but `tx` may be awaited in it. Once it is queued it runs to its end,
    /// whether or not the caller still waits. Call sites read
    ///
    /// ```ignore
    /// db.write("dispatch", move |tx| {
    ///     let order = order.clone();
    ///     Box::pin(async move { orders::save(tx, &order).await })
    /// })
    /// .await
    /// ```
    pub async fn write<T, E, F>(&self, name: &'static str, f: F) -> Result<T, E>
    where
        F: for<'a> Fn(&'a mut Tx) -> BoxFuture<'a, Result<T, E>> + Send + Sync + 'static,
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        self.write_as(name, SNAPSHOT, f).await
    }

    /// As [`write`](Self::write), for claims that pass over what others hold (`FOR UPDATE SKIP LOCKED`): on PostgreSQL
    /// each statement sees what is committed by then.
    pub async fn claim<T, E, F>(&self, name: &'static str, f: F) -> Result<T, E>
    where
        F: for<'a> Fn(&'a mut Tx) -> BoxFuture<'a, Result<T, E>> + Send + Sync + 'static,
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        self.write_as(name, CLAIM, f).await
    }

    async fn write_as<T, E, F>(&self, name: &'static str, isolation: &'static str, f: F) -> Result<T, E>
    where
        F: for<'a> Fn(&'a mut Tx) -> BoxFuture<'a, Result<T, E>> + Send + Sync + 'static,
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        let span = tracing::debug_span!("write", db.write = name);
        let stopped = || StoreError::unavailable("it is closed");
        match &self.0.writes {
            Writes::Sqlite { queue, .. } => {
                let (answer, outcome) = oneshot::channel();
                let order = Order::Run(Box::new(Pending::new(f, span, answer)));
                queue.send(order).await.map_err(|_| stopped())?;
                outcome.await.map_err(|_| stopped())?
            }
            Writes::Postgres(_) => {
                let inner = Arc::clone(&self.0);
                let run = async move {
                    match &inner.writes {
                        Writes::Postgres(pool) => postgres::write(pool, &inner.total, isolation, f).await,
                        Writes::Sqlite { .. } => Err(stopped().into()),
                    }
                };
                // A task of its own: it ends even if the caller goes away.
                tokio::spawn(run.instrument(span)).await.map_err(|_| stopped())?
            }
        }
    }

    /// Runs a closure that only reads; all it reads is of one moment.
    pub async fn read<T, E, F>(&self, name: &'static str, f: F) -> Result<T, E>
    where
        F: for<'a> FnOnce(&'a mut Tx) -> BoxFuture<'a, Result<T, E>> + Send,
        T: Send,
        E: From<StoreError> + Send,
    {
        let begin = match self.engine() {
            Engine::Sqlite => "BEGIN DEFERRED",
            Engine::Postgres => "BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY",
        };
        async {
            let (mut tx, permit) = postgres::begin(&self.0.reads, &self.0.total, begin).await?;
            let outcome = f(&mut tx).await;
            if tx.fault() != Some(Fault::Lost) && (tx.never_opened() || tx.control("ROLLBACK").await.is_ok()) {
                self.0.reads.put(tx.into_connection(), permit);
            }
            outcome
        }
        .instrument(tracing::debug_span!("read", db.read = name))
        .await
    }

    /// All rows of one query.
    pub async fn fetch(&self, statement: &Statement, values: Vec<Value>) -> Result<Vec<Row>, StoreError> {
        let sql = statement.sql(self.engine());
        loop {
            let Lent { connection, fresh, permit } = self.0.reads.take().await?;
            let mut tx = Tx::new(connection, Arc::clone(&self.0.total));
            let rows = tx.fetch_sql(sql.clone(), &values).await;
            match tx.fault() {
                // It died while idle.
                Some(Fault::Lost) if !fresh => continue,
                Some(Fault::Lost) => {}
                _ => self.0.reads.put(tx.into_connection(), permit),
            }
            return rows;
        }
    }

    /// The first row of one query, if there is one.
    pub async fn fetch_optional(&self, statement: &Statement, values: Vec<Value>) -> Result<Option<Row>, StoreError> {
        Ok(self.fetch(statement, values).await?.into_iter().next())
    }

    /// The rows of one composed list, in the order of its sort.
    pub async fn fetch_list(&self, list: &ListQuery) -> Result<Vec<Row>, StoreError> {
        loop {
            let Lent { connection, fresh, permit } = self.0.reads.take().await?;
            let mut tx = Tx::new(connection, Arc::clone(&self.0.total));
            let rows = tx.fetch_list(list).await;
            match tx.fault() {
                Some(Fault::Lost) if !fresh => continue,
                Some(Fault::Lost) => {}
                _ => self.0.reads.put(tx.into_connection(), permit),
            }
            return rows;
        }
    }

    /// The engine's plan of a composed list, as text: a test looks whether it uses an index.
    pub async fn explain(&self, list: &ListQuery) -> Result<String, StoreError> {
        let list = list.clone();
        self.read("explain", move |tx| Box::pin(async move { crate::list::explain(tx, &list).await })).await
    }

    /// Finishes what is queued, writes the log back into the file and closes every connection.
    pub async fn close(&self) {
        // SQLite's log is written back by the last connection to close, which must be one that may write.
        self.0.reads.close().await;
        match &self.0.writes {
            Writes::Sqlite { queue, .. } => {
                let (answer, done) = oneshot::channel();
                if queue.send(Order::Close(answer)).await.is_ok() {
                    let _ = done.await;
                }
            }
            Writes::Postgres(pool) => pool.close().await,
        }
    }
}

impl std::fmt::Display for Engine {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Sqlite => "SQLite",
            Self::Postgres => "PostgreSQL",
        })
    }
}

impl std::fmt::Debug for Db {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Db({:?})", self.engine())
    }
}
