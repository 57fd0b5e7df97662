//! One command on many orders: what was asked, and what each order came to.

use huiyin_core::time::Instant;

use crate::{Row, StoreError, Table, Tx, values};

const BULK: Table = Table {
    name: "bulk",
    key: &["city", "id"],
    columns: &["city", "id", "person", "command", "fields", "back", "state", "made_at", "ended_at"],
};
const ROW: Table = Table {
    name: "bulk_row",
    key: &["city", "bulk", "place"],
    columns: &["city", "bulk", "place", "order_no", "task", "command", "given", "state", "fault", "undo"],
};

crate::statements! {
    FIND = "SELECT id, person, command, fields, back, state, made_at, ended_at FROM bulk WHERE city = $1 AND id = $2";
    RUNNING = "SELECT id, person, command, fields, back, state, made_at, ended_at FROM bulk WHERE city = $1 AND state = 'running' ORDER BY made_at, id LIMIT 10";
    OF_PERSON = "SELECT id, person, command, fields, back, state, made_at, ended_at FROM bulk WHERE city = $1 AND person = $2 ORDER BY made_at DESC, id LIMIT $3";
    COUNTS = "SELECT state, CAST(COUNT(*) AS BIGINT) FROM bulk_row WHERE city = $1 AND bulk = $2 GROUP BY state";
    ROWS = "SELECT place, order_no, task, command, given, state, fault, undo FROM bulk_row WHERE city = $1 AND bulk = $2 AND state = $3 ORDER BY place LIMIT $4";
    UNDOABLE = "SELECT place, order_no, task, command, given, state, fault, undo FROM bulk_row WHERE city = $1 AND bulk = $2 AND state = 'done' AND undo IS NOT NULL ORDER BY place LIMIT $3";
    CAME_TO = "UPDATE bulk_row SET state = $4, fault = $5, undo = $6 WHERE city = $1 AND bulk = $2 AND place = $3";
    END = "UPDATE bulk SET state = $3, ended_at = $4 WHERE city = $1 AND id = $2 AND state = 'running'";
    FORGET_ROWS = "DELETE FROM bulk_row WHERE city = $1 AND bulk IN (SELECT id FROM bulk WHERE city = $1 AND ended_at < $2)";
    FORGET = "DELETE FROM bulk WHERE city = $1 AND ended_at < $2";
}

/// One command on many orders.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bulk {
    /// Its id.
    pub id: String,
    /// Who asked.
    pub person: String,
    /// The command, or `undo`.
    pub command: String,
    /// What it is given with, sealed.
    pub fields: Vec<u8>,
    /// Where its page leads back to.
    pub back: String,
    /// `running`, `ended`, `stopped`.
    pub state: String,
    /// When it was asked.
    pub made_at: Instant,
    /// When the last of it was done, or it was stopped.
    pub ended_at: Option<Instant>,
}

/// An order of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BulkRow {
    /// Its place.
    pub place: i64,
    /// Number of the order.
    pub no: String,
    /// The task; 0 for none.
    pub task: i64,
    /// The command on this one.
    pub command: String,
    /// Its own fields, where it has some.
    pub given: Option<String>,
    /// `waiting`, `done`, `refused`.
    pub state: String,
    /// Why it was refused.
    pub fault: Option<String>,
    /// What takes it back.
    pub undo: Option<String>,
}

fn bulk(row: &Row) -> Result<Bulk, StoreError> {
    Ok(Bulk {
        id: row.string(0)?,
        person: row.string(1)?,
        command: row.string(2)?,
        fields: row.bytes(3)?,
        back: row.string(4)?,
        state: row.string(5)?,
        made_at: Instant(row.int(6)?),
        ended_at: row.opt_int(7)?.map(Instant),
    })
}

fn bulk_row(row: &Row) -> Result<BulkRow, StoreError> {
    Ok(BulkRow {
        place: row.int(0)?,
        no: row.string(1)?,
        task: row.int(2)?,
        command: row.string(3)?,
        given: row.opt_string(4)?,
        state: row.string(5)?,
        fault: row.opt_string(6)?,
        undo: row.opt_string(7)?,
    })
}

/// Keeps what is asked, with its orders.
///
/// # Errors
/// [`StoreError`] of the database.
pub async fn add(tx: &mut Tx, city: &str, b: &Bulk, rows: &[BulkRow]) -> Result<(), StoreError> {
    let head =
        values![city, &b.id, &b.person, &b.command, b.fields.clone(), &b.back, &b.state, b.made_at.ms(), None::<i64>];
    tx.insert(&BULK, vec![head]).await?;
    let row = |r: &BulkRow| {
        values![
            city,
            &b.id,
            r.place,
            &r.no,
            r.task,
            &r.command,
            r.given.as_deref(),
            &r.state,
            None::<&str>,
            None::<&str>
        ]
    };
    tx.insert(&ROW, rows.iter().map(row).collect()).await.map(drop)
}

/// One of these by its id.
///
/// # Errors
/// [`StoreError`] of the database.
pub async fn find(tx: &mut Tx, city: &str, id: &str) -> Result<Option<Bulk>, StoreError> {
    tx.fetch_optional(&FIND, values![city, id]).await?.map(|row| bulk(&row)).transpose()
}

/// Those that are not done yet, the oldest first.
///
/// # Errors
/// [`StoreError`] of the database.
pub async fn running(tx: &mut Tx, city: &str) -> Result<Vec<Bulk>, StoreError> {
    tx.fetch(&RUNNING, values![city]).await?.iter().map(bulk).collect()
}

/// Those of a person, the latest first.
///
/// # Errors
/// [`StoreError`] of the database.
pub async fn of_person(tx: &mut Tx, city: &str, person: &str, limit: i64) -> Result<Vec<Bulk>, StoreError> {
    tx.fetch(&OF_PERSON, values![city, person, limit]).await?.iter().map(bulk).collect()
}

/// How many orders of it are in each state.
///
/// # Errors
/// [`StoreError`] of the database.
pub async fn counts(tx: &mut Tx, city: &str, id: &str) -> Result<Vec<(String, i64)>, StoreError> {
    tx.fetch(&COUNTS, values![city, id]).await?.iter().map(|row| Ok((row.string(0)?, row.int(1)?))).collect()
}

/// Orders of it in a state, in their order.
///
/// # Errors
/// [`StoreError`] of the database.
pub async fn rows(tx: &mut Tx, city: &str, id: &str, state: &str, limit: i64) -> Result<Vec<BulkRow>, StoreError> {
    tx.fetch(&ROWS, values![city, id, state, limit]).await?.iter().map(bulk_row).collect()
}

/// Orders of it that can be taken back.
///
/// # Errors
/// [`StoreError`] of the database.
pub async fn undoable(tx: &mut Tx, city: &str, id: &str, limit: i64) -> Result<Vec<BulkRow>, StoreError> {
    tx.fetch(&UNDOABLE, values![city, id, limit]).await?.iter().map(bulk_row).collect()
}

/// Writes down what an order came to.
///
/// # Errors
/// [`StoreError`] of the database.
pub async fn came_to(tx: &mut Tx, city: &str, id: &str, r: &BulkRow) -> Result<(), StoreError> {
    let values = values![city, id, r.place, &r.state, r.fault.as_deref(), r.undo.as_deref()];
    tx.execute(&CAME_TO, values).await.map(drop)
}

/// Ends what is running: `ended` or `stopped`. False when it is not running.
///
/// # Errors
/// [`StoreError`] of the database.
pub async fn end(tx: &mut Tx, city: &str, id: &str, state: &str, at: Instant) -> Result<bool, StoreError> {
    Ok(tx.execute(&END, values![city, id, state, at.ms()]).await? > 0)
}

/// Forgets what ended before a moment.
///
/// # Errors
/// [`StoreError`] of the database.
pub async fn forget(tx: &mut Tx, city: &str, before: Instant) -> Result<u64, StoreError> {
    tx.execute(&FORGET_ROWS, values![city, before.ms()]).await?;
    tx.execute(&FORGET, values![city, before.ms()]).await
}
