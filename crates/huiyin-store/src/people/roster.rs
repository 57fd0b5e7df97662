//! Duty phones of units.

use huiyin_core::time::Day;

use super::Private;
use crate::{Row, StoreError, Table, Tx, records, values};

/// Who answers for a unit in a shift.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// The id.
    pub id: String,
    /// The unit.
    pub unit: String,
    /// `day`, `night`, `holiday`.
    pub shift: String,
    /// First day.
    pub from: Day,
    /// Last day.
    pub until: Option<Day>,
    /// Who.
    pub who: String,
    /// Their phone.
    pub phone: Private,
    /// Who is called when they do not answer.
    pub substitute: Option<String>,
    /// The substitute's phone.
    pub substitute_phone: Option<Private>,
}

impl Entry {
    /// Whether it stands on a day.
    pub fn in_force(&self, day: Day) -> bool {
        self.from <= day && self.until.is_none_or(|until| day <= until)
    }
}

const ROSTER: Table = Table {
    name: "roster",
    key: &["city", "id"],
    columns: &[
        "city",
        "id",
        "unit",
        "shift",
        "from_day",
        "until_day",
        "who",
        "phone",
        "substitute",
        "substitute_phone",
    ],
};

crate::statements! {
    FIND = "SELECT id, unit, shift, from_day, until_day, who, phone, substitute, substitute_phone FROM roster WHERE city = $1 AND id = $2";
    OF_UNIT = "SELECT id, unit, shift, from_day, until_day, who, phone, substitute, substitute_phone FROM roster WHERE city = $1 AND unit = $2 ORDER BY shift, from_day, id";
    COVERED = "SELECT DISTINCT unit, shift FROM roster WHERE city = $1 AND from_day <= $2 AND (until_day IS NULL OR until_day >= $2)";
    END = "UPDATE roster SET until_day = $3 WHERE city = $1 AND id = $2 AND (until_day IS NULL OR until_day > $3)";
}

fn entry(row: &Row) -> Result<Entry, StoreError> {
    let day = |number: i64| Day::try_from(number).map_err(StoreError::Corrupt);
    Ok(Entry {
        id: row.string(0)?,
        unit: row.string(1)?,
        shift: row.string(2)?,
        from: day(row.int(3)?)?,
        until: row.opt_int(4)?.map(day).transpose()?,
        who: row.string(5)?,
        phone: Private(row.string(6)?),
        substitute: row.opt_string(7)?,
        substitute_phone: row.opt_string(8)?.map(Private),
    })
}

/// An entry by its id.
///
/// # Errors
/// [`StoreError`] of the database.
pub async fn find(tx: &mut Tx, city: &str, id: &str) -> Result<Option<Entry>, StoreError> {
    tx.fetch_optional(&FIND, values![city, id]).await?.map(|row| entry(&row)).transpose()
}

/// A unit's roster, past entries too.
///
/// # Errors
/// [`StoreError`] of the database.
pub async fn of_unit(tx: &mut Tx, city: &str, unit: &str) -> Result<Vec<Entry>, StoreError> {
    tx.fetch(&OF_UNIT, values![city, unit]).await?.iter().map(entry).collect()
}

/// Which shifts of which units are covered on a day.
///
/// # Errors
/// [`StoreError`] of the database.
pub async fn covered(tx: &mut Tx, city: &str, day: Day) -> Result<Vec<(String, String)>, StoreError> {
    let rows = tx.fetch(&COVERED, values![city, day.number()]).await?;
    rows.iter().map(|row| Ok((row.string(0)?, row.string(1)?))).collect()
}

/// Adds an entry.
///
/// # Errors
/// [`StoreError`] of the database.
pub async fn insert(tx: &mut Tx, city: &str, e: &Entry) -> Result<(), StoreError> {
    records::register_changed(tx, city).await?;
    let row = values![
        city,
        &e.id,
        &e.unit,
        &e.shift,
        e.from.number(),
        e.until.map(Day::number),
        &e.who,
        e.phone.as_str(),
        e.substitute.as_deref(),
        e.substitute_phone.as_ref().map(Private::as_str)
    ];
    tx.insert(&ROSTER, vec![row]).await.map(drop)
}

/// Makes a day the last of an entry. False when it ended by then already.
///
/// # Errors
/// [`StoreError`] of the database.
pub async fn end(tx: &mut Tx, city: &str, id: &str, last: Day) -> Result<bool, StoreError> {
    records::register_changed(tx, city).await?;
    Ok(tx.execute(&END, values![city, id, last.number()]).await? > 0)
}
