//! Leaders' approval given to another person for a dated period.

use huiyin_core::time::{Day, Instant};

use crate::{Row, StoreError, Table, Tx, values};

/// A leader's approval in other hands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Delegation {
    /// The id.
    pub id: String,
    /// The unit.
    pub unit: String,
    /// The leader.
    pub from_person: String,
    /// Who approves.
    pub to_person: String,
    /// First day.
    pub from: Day,
    /// Last day.
    pub until: Day,
    /// When it was given.
    pub created_at: Instant,
    /// When it was ended early.
    pub ended_at: Option<Instant>,
}

const DELEGATION: Table = Table {
    name: "delegation",
    key: &["city", "id"],
    columns: &["city", "id", "unit", "from_person", "to_person", "from_day", "until_day", "created_at", "ended_at"],
};

crate::statements! {
    FIND = "SELECT id, unit, from_person, to_person, from_day, until_day, created_at, ended_at FROM delegation WHERE city = $1 AND id = $2";
    OF_UNIT = "SELECT id, unit, from_person, to_person, from_day, until_day, created_at, ended_at FROM delegation WHERE city = $1 AND unit = $2 ORDER BY from_day, id";
    END = "UPDATE delegation SET ended_at = $3 WHERE city = $1 AND id = $2 AND ended_at IS NULL";
}

fn delegation(row: &Row) -> Result<Delegation, StoreError> {
    Ok(Delegation {
        id: row.string(0)?,
        unit: row.string(1)?,
        from_person: row.string(2)?,
        to_person: row.string(3)?,
        from: Day::try_from(row.int(4)?).map_err(StoreError::Corrupt)?,
        until: Day::try_from(row.int(5)?).map_err(StoreError::Corrupt)?,
        created_at: Instant(row.int(6)?),
        ended_at: row.opt_int(7)?.map(Instant),
    })
}

/// A delegation by its id.
///
/// # Errors
/// [`StoreError`] of the database.
pub async fn find(tx: &mut Tx, city: &str, id: &str) -> Result<Option<Delegation>, StoreError> {
    tx.fetch_optional(&FIND, values![city, id]).await?.map(|row| delegation(&row)).transpose()
}

/// A unit's delegations, past ones too.
///
/// # Errors
/// [`StoreError`] of the database.
pub async fn of_unit(tx: &mut Tx, city: &str, unit: &str) -> Result<Vec<Delegation>, StoreError> {
    tx.fetch(&OF_UNIT, values![city, unit]).await?.iter().map(delegation).collect()
}

/// Adds a delegation.
///
/// # Errors
/// [`StoreError`] of the database.
pub async fn insert(tx: &mut Tx, city: &str, d: &Delegation) -> Result<(), StoreError> {
    let row = values![
        city,
        &d.id,
        &d.unit,
        &d.from_person,
        &d.to_person,
        d.from.number(),
        d.until.number(),
        d.created_at.ms(),
        d.ended_at.map(Instant::ms)
    ];
    tx.insert(&DELEGATION, vec![row]).await.map(drop)
}

/// Ends a delegation at once. False when it was ended before.
///
/// # Errors
/// [`StoreError`] of the database.
pub async fn end(tx: &mut Tx, city: &str, id: &str, at: Instant) -> Result<bool, StoreError> {
    Ok(tx.execute(&END, values![city, id, at.ms()]).await? > 0)
}
