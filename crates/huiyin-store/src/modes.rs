//! Emergency modes that were declared.

use huiyin_core::time::Instant;

use crate::{Row, StoreError, Table, Tx, values};

/// A mode, declared.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ModePeriod {
    /// The id.
    pub id: String,
    /// Code of the mode in the pack.
    pub mode: String,
    /// Since when it is on.
    pub from: Instant,
    /// When it ends, or was ended.
    pub until: Instant,
    /// The notice it rests on.
    pub notice: String,
    /// Who declared it.
    pub declared_by: String,
    /// Who ended it early.
    pub ended_by: Option<String>,
}

const MODE_PERIOD: Table = Table {
    name: "mode_period",
    key: &["city", "id"],
    columns: &["city", "id", "mode", "from_at", "until_at", "notice", "declared_by", "ended_by"],
};

crate::statements! {
    FIND = "SELECT id, mode, from_at, until_at, notice, declared_by, ended_by FROM mode_period WHERE city = $1 AND id = $2";
    ALL = "SELECT id, mode, from_at, until_at, notice, declared_by, ended_by FROM mode_period WHERE city = $1 ORDER BY from_at DESC, id DESC LIMIT $2";
    END = "UPDATE mode_period SET until_at = $3, ended_by = $4 WHERE city = $1 AND id = $2 AND ended_by IS NULL AND until_at > $3";
}

fn period(row: &Row) -> Result<ModePeriod, StoreError> {
    Ok(ModePeriod {
        id: row.string(0)?,
        mode: row.string(1)?,
        from: Instant(row.int(2)?),
        until: Instant(row.int(3)?),
        notice: row.string(4)?,
        declared_by: row.string(5)?,
        ended_by: row.opt_string(6)?,
    })
}

/// A declared mode by its id.
///
/// # Errors
/// [`StoreError`] of the database.
pub async fn find(tx: &mut Tx, city: &str, id: &str) -> Result<Option<ModePeriod>, StoreError> {
    tx.fetch_optional(&FIND, values![city, id]).await?.map(|row| period(&row)).transpose()
}

/// The modes declared last, the newest first.
///
/// # Errors
/// [`StoreError`] of the database.
pub async fn latest(tx: &mut Tx, city: &str, limit: i64) -> Result<Vec<ModePeriod>, StoreError> {
    tx.fetch(&ALL, values![city, limit]).await?.iter().map(period).collect()
}

/// Adds a declared mode.
///
/// # Errors
/// [`StoreError`] of the database.
pub async fn insert(tx: &mut Tx, city: &str, period: &ModePeriod) -> Result<(), StoreError> {
    let row = values![
        city,
        &period.id,
        &period.mode,
        period.from.ms(),
        period.until.ms(),
        &period.notice,
        &period.declared_by,
        period.ended_by.as_deref()
    ];
    tx.insert(&MODE_PERIOD, vec![row]).await.map(drop)
}

/// Ends a mode now. False when it had ended.
///
/// # Errors
/// [`StoreError`] of the database.
pub async fn end(tx: &mut Tx, city: &str, id: &str, at: Instant, person: &str) -> Result<bool, StoreError> {
    Ok(tx.execute(&END, values![city, id, at.ms(), person]).await? > 0)
}
