//! A few connections, lent one at a time.
//!
//! Smaller than the driver's pool, which sends a ping at every return. A connection goes back only when its user
//! has finished with it in order; a future dropped half way drops its connection too.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use sqlx::ConnectOptions as _;
use sqlx::postgres::PgConnectOptions;
use sqlx::sqlite::SqliteConnectOptions;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::tx::Connection;
use crate::StoreError;
use crate::error::{Fault, classify};

/// How long a caller waits for a connection to come free, or to be made.
const PATIENCE: Duration = Duration::from_secs(30);
/// Firewalls forget quiet connections; so do we.
const QUIET: Duration = Duration::from_secs(600);

/// How to make a connection.
#[derive(Clone)]
pub(crate) enum Source {
    Sqlite(Box<SqliteConnectOptions>),
    Postgres(Box<PgConnectOptions>),
}

impl Source {
    pub(crate) async fn connect(&self) -> Result<Connection, StoreError> {
        match self {
            Self::Sqlite(options) => {
                options.connect().await.map(Connection::Sqlite).map_err(|error| classify(&error).1)
            }
            Self::Postgres(options) => match tokio::time::timeout(PATIENCE, options.connect()).await {
                Ok(Ok(connection)) => Ok(Connection::Postgres(connection)),
                Ok(Err(error)) => Err(match classify(&error) {
                    (Fault::Lost, _) => StoreError::unavailable(format!(
                        "no PostgreSQL answers at {}:{}",
                        options.get_host(),
                        options.get_port()
                    )),
                    (_, StoreError::Other(text)) => StoreError::Other(format!("PostgreSQL lets us not in: {text}")),
                    (_, error) => error,
                }),
                Err(_) => Err(StoreError::unavailable("PostgreSQL does not answer")),
            },
        }
    }
}

pub(crate) struct Pool {
    source: Source,
    idle: Mutex<Vec<(Connection, Instant)>>,
    permits: Arc<Semaphore>,
    size: u32,
}

/// The right to one connection; `fresh` when it was made just now.
pub(crate) struct Lent {
    pub(crate) connection: Connection,
    pub(crate) fresh: bool,
    pub(crate) permit: OwnedSemaphorePermit,
}

impl Pool {
    pub(crate) fn new(source: Source, size: u32) -> Self {
        let size = size.max(1);
        let permits = Arc::new(Semaphore::new(size as usize));
        Self { source, idle: Mutex::new(Vec::new()), permits, size }
    }

    pub(crate) async fn take(&self) -> Result<Lent, StoreError> {
        let permit = match tokio::time::timeout(PATIENCE, Arc::clone(&self.permits).acquire_owned()).await {
            Ok(Ok(permit)) => permit,
            Ok(Err(_)) => return Err(StoreError::unavailable("it is closed")),
            Err(_) => return Err(StoreError::unavailable("all connections are busy")),
        };
        // The one used last comes first, so that the others may grow quiet.
        let kept = self.lock().pop().filter(|(_, since)| since.elapsed() < QUIET);
        match kept {
            Some((connection, _)) => Ok(Lent { connection, fresh: false, permit }),
            None => Ok(Lent { connection: self.source.connect().await?, fresh: true, permit }),
        }
    }

    /// Gives a connection back in good order, then its permit.
    pub(crate) fn put(&self, connection: Connection, permit: OwnedSemaphorePermit) {
        if !self.permits.is_closed() {
            self.lock().push((connection, Instant::now()));
        }
        drop(permit);
    }

    /// Waits for what is lent, lends nothing more and closes every connection.
    pub(crate) async fn close(&self) {
        // Who takes too long is left behind.
        let all = tokio::time::timeout(PATIENCE, self.permits.acquire_many(self.size)).await;
        drop(all);
        self.permits.close();
        let idle = std::mem::take(&mut *self.lock());
        for (connection, _) in idle {
            close(connection).await;
        }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Vec<(Connection, Instant)>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Closes a connection; what goes wrong then no longer matters.
pub(crate) async fn close(connection: Connection) {
    use sqlx::Connection as _;
    let _ = match connection {
        Connection::Sqlite(connection) => connection.close().await,
        Connection::Postgres(connection) => connection.close().await,
    };
}
