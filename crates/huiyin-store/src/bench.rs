//! What measurements need of the database, and nothing else may use: statements kept as they were executed, and run again
//! bare, with nothing around them but the driver.

use std::fmt::Write as _;
use std::time::{Duration, Instant};

use crate::db::{Engine, Taped, Tx};
use crate::{Db, StoreError, Value, values};

crate::statements! {
    BACKEND = {
        sqlite: "SELECT 0",
        postgres: "SELECT pg_backend_pid()",
    };
    WRITTEN_BACK = {
        sqlite: "PRAGMA wal_checkpoint(TRUNCATE)",
        postgres: "SELECT 1",
    };
    KNOWN_BETTER = "ANALYZE";
}

/// The statements of some writes, in order.
pub struct Tape(Vec<Vec<Taped>>);

impl Tape {
    /// Keeps what is executed from here on.
    pub fn start(db: &Db) {
        db.ledger().tape(true);
    }

    /// What was executed since, by transaction.
    pub fn stop(db: &Db) -> Self {
        let mut writes: Vec<Vec<Taped>> = Vec::new();
        for taped in db.ledger().tape(false) {
            match writes.last_mut() {
                Some(write) if !taped.first => write.push(taped),
                _ => writes.push(vec![taped]),
            }
        }
        Self(writes)
    }

    /// Only the transactions with at least so many statements.
    #[must_use]
    pub fn longer_than(self, statements: usize) -> Self {
        Self(self.0.into_iter().filter(|write| write.len() > statements).collect())
    }

    /// How many transactions there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Runs the transactions again on another database of the same tables, `group` of them in each commit, in a bare
    /// loop. Gives how long it took.
    ///
    /// # Errors
    /// [`StoreError`] of the database.
    pub async fn replay(&self, db: &Db, group: usize) -> Result<Duration, StoreError> {
        let begin = if db.engine() == Engine::Sqlite { "BEGIN IMMEDIATE" } else { "BEGIN" };
        let mut tx = Tx::new(db.connect().await?, std::sync::Arc::default());
        let plain = |(_, error)| error;
        let began = Instant::now();
        for group in self.0.chunks(group.max(1)) {
            tx.control(begin).await.map_err(plain)?;
            for taped in group.iter().flatten() {
                tx.again(taped).await?;
            }
            tx.control("COMMIT").await.map_err(plain)?;
        }
        let took = began.elapsed();
        crate::db::close(tx.into_connection()).await;
        Ok(took)
    }

    /// A script for `pgbench -M prepared` whose transaction writes the rows of one of these, with ids of its own each time: the
    /// moment in every id gives way to a number that counts on in each client.
    pub fn script(&self) -> String {
        let Some(write) = self.0.get(self.0.len() / 2) else { return String::new() };
        let mut text = String::from("\\set n :n + 1\n\\set u 1000000000000 + :n * 1000 + :client_id\nBEGIN;\n");
        for taped in write.iter().filter(|taped| !taped.fetches) {
            let mut sql = taped.sql.clone();
            for (at, value) in taped.values.iter().enumerate().rev() {
                sql = sql.replace(&format!("${}", at + 1), &literal(value));
            }
            let _ = writeln!(text, "{};", sql.replace('\n', " "));
        }
        text.push_str("COMMIT;\n");
        text
    }
}

/// A value as SQL of PostgreSQL.
fn literal(value: &Value) -> String {
    match value {
        Value::Text(None) | Value::Int(None) | Value::Bool(None) | Value::Bytes(None) | Value::Real(None) => {
            "NULL".into()
        }
        Value::Int(Some(number)) => number.to_string(),
        Value::Bool(Some(flag)) => flag.to_string(),
        Value::Real(Some(number)) => number.to_string(),
        Value::Bytes(Some(bytes)) => {
            let hex: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
            format!("'\\x{hex}'")
        }
        Value::Text(Some(text)) => anew(text),
    }
}

/// A text in which ids and numbers of orders are others each time.
fn anew(text: &str) -> String {
    // To pgbench a colon begins a name, wherever it stands.
    let quoted = |text: &str| {
        let text = text.replace('\\', "\\\\").replace('\'', "''").replace(':', "\\003A").replace('\n', "\\000A");
        format!("U&'{text}'")
    };
    let mut parts: Vec<String> = Vec::new();
    let (mut from, mut at) = (0, 0);
    let bytes = text.as_bytes();
    while at < bytes.len() {
        let cut = if is_id(&bytes[at..]) {
            Some((at, at + 13))
        } else if is_number(&bytes[at..]) {
            Some((at + 9, at + 13))
        } else {
            None
        };
        let Some((start, end)) = cut else {
            at += 1;
            continue;
        };
        parts.push(quoted(&text[from..start]));
        parts.push("CAST(:u AS TEXT)".into());
        (from, at) = (end, end);
    }
    parts.push(quoted(&text[from..]));
    if parts.len() == 1 { parts.remove(0) } else { format!("({})", parts.join(" || ")) }
}

/// Whether an id begins here.
fn is_id(text: &[u8]) -> bool {
    text.len() >= 36
        && text[..36].iter().enumerate().all(|(at, byte)| match at {
            8 | 13 | 18 | 23 => *byte == b'-',
            _ => byte.is_ascii_hexdigit(),
        })
}

/// Whether a number of an order begins here.
fn is_number(text: &[u8]) -> bool {
    text.len() >= 13
        && text[..13].iter().enumerate().all(|(at, byte)| if at == 8 { *byte == b'-' } else { byte.is_ascii_digit() })
        && text[..2] == *b"20"
}

/// The server's process behind a connection, on PostgreSQL.
///
/// # Errors
/// [`StoreError`] of the database.
pub async fn backend(db: &Db) -> Result<Option<i64>, StoreError> {
    let row = db.fetch_optional(&BACKEND, values![]).await?;
    row.map(|row| row.int(0)).transpose().map(|pid| pid.filter(|pid| *pid > 0))
}

/// After much was written: the log goes back into the file, and the planner learns how much there is.
///
/// # Errors
/// [`StoreError`] of the database.
pub async fn settle(db: &Db) -> Result<(), StoreError> {
    let mut tx = Tx::new(db.connect().await?, std::sync::Arc::default());
    for statement in [&KNOWN_BETTER, &WRITTEN_BACK] {
        tx.fetch(statement, values![]).await?;
    }
    crate::db::close(tx.into_connection()).await;
    Ok(())
}
