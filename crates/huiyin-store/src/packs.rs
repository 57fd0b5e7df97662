//! Versions of the city's rules that were brought in while the program runs.

use huiyin_core::time::{Day, Instant};

use crate::{Row, StoreError, Tx, values};

/// A version without its files.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PackVersion {
    /// Its number, from 1.
    pub no: i64,
    /// `draft`, `approved` or `withdrawn`.
    pub state: String,
    /// What it changes and why, in the words of who wrote it.
    pub note: String,
    /// The version its own head names.
    pub version: String,
    /// Sum of its files.
    pub checksum: String,
    /// Who wrote it.
    pub made_by: String,
    /// Their name.
    pub made_by_name: Option<String>,
    /// When.
    pub made_at: Instant,
    /// What a trial on past orders came to, as JSON.
    pub trial: Option<String>,
    /// Who approved or withdrew it.
    pub decided_by: Option<String>,
    /// Their name.
    pub decided_by_name: Option<String>,
    /// When.
    pub decided_at: Option<Instant>,
    /// The first day it is in force, once approved.
    pub from: Option<Day>,
}

crate::statements! {
    INSERT = "INSERT INTO pack_version (city, no, state, note, version, checksum, made_by, made_at, files) SELECT $1, COALESCE(MAX(no), 0) + 1, 'draft', $2, $3, $4, $5, $6, $7 FROM pack_version WHERE city = $1 RETURNING no";
    ALL = "SELECT no, state, note, version, checksum, made_by, made_at, trial, decided_by, decided_at, from_day, (SELECT p.name FROM person p WHERE p.city = pack_version.city AND p.id = made_by), (SELECT p.name FROM person p WHERE p.city = pack_version.city AND p.id = decided_by) FROM pack_version WHERE city = $1 ORDER BY no DESC LIMIT $2";
    ONE = "SELECT no, state, note, version, checksum, made_by, made_at, trial, decided_by, decided_at, from_day, (SELECT p.name FROM person p WHERE p.city = pack_version.city AND p.id = made_by), (SELECT p.name FROM person p WHERE p.city = pack_version.city AND p.id = decided_by) FROM pack_version WHERE city = $1 AND no = $2";
    FILES = "SELECT files FROM pack_version WHERE city = $1 AND no = $2";
    IN_FORCE = "SELECT no FROM pack_version WHERE city = $1 AND state = 'approved' AND from_day <= $2 ORDER BY from_day DESC, no DESC LIMIT $3";
    TRIED = "UPDATE pack_version SET trial = $3 WHERE city = $1 AND no = $2 AND state = 'draft'";
    DECIDE = "UPDATE pack_version SET state = $3, decided_by = $4, decided_at = $5, from_day = $6 WHERE city = $1 AND no = $2 AND state = $7";
}

fn version(row: &Row) -> Result<PackVersion, StoreError> {
    let from = row.opt_int(10)?.map(Day::try_from).transpose();
    Ok(PackVersion {
        no: row.int(0)?,
        state: row.string(1)?,
        note: row.string(2)?,
        version: row.string(3)?,
        checksum: row.string(4)?,
        made_by: row.string(5)?,
        made_by_name: row.opt_string(11)?,
        made_at: Instant(row.int(6)?),
        trial: row.opt_string(7)?,
        decided_by: row.opt_string(8)?,
        decided_by_name: row.opt_string(12)?,
        decided_at: row.opt_int(9)?.map(Instant),
        from: from.map_err(|error| StoreError::Corrupt(format!("a day of a pack version: {error}")))?,
    })
}

/// Adds a draft and gives its number.
///
/// # Errors
/// [`StoreError`] of the database.
pub async fn add(tx: &mut Tx, city: &str, draft: &PackVersion, files: &str) -> Result<i64, StoreError> {
    let PackVersion { note, version, checksum, made_by, made_at, .. } = draft;
    let values =
        values![city, note.as_str(), version.as_str(), checksum.as_str(), made_by.as_str(), made_at.ms(), files];
    tx.fetch_one(&INSERT, values).await?.int(0)
}

/// The newest versions, the newest first.
///
/// # Errors
/// [`StoreError`] of the database.
pub async fn newest(tx: &mut Tx, city: &str, limit: i64) -> Result<Vec<PackVersion>, StoreError> {
    tx.fetch(&ALL, values![city, limit]).await?.iter().map(version).collect()
}

/// One version.
///
/// # Errors
/// [`StoreError`] of the database.
pub async fn one(tx: &mut Tx, city: &str, no: i64) -> Result<Option<PackVersion>, StoreError> {
    tx.fetch_optional(&ONE, values![city, no]).await?.as_ref().map(version).transpose()
}

/// The files of a version, as JSON.
///
/// # Errors
/// [`StoreError`] of the database.
pub async fn files(tx: &mut Tx, city: &str, no: i64) -> Result<Option<String>, StoreError> {
    tx.fetch_optional(&FILES, values![city, no]).await?.map(|row| row.string(0)).transpose()
}

/// Numbers of approved versions whose day has come, the one in force first, then those before it.
///
/// # Errors
/// [`StoreError`] of the database.
pub async fn in_force(tx: &mut Tx, city: &str, today: Day, limit: i64) -> Result<Vec<i64>, StoreError> {
    tx.fetch(&IN_FORCE, values![city, today.number(), limit]).await?.iter().map(|row| row.int(0)).collect()
}

/// Keeps what the trial of a draft came to; false when it is no draft any more.
///
/// # Errors
/// [`StoreError`] of the database.
pub async fn tried(tx: &mut Tx, city: &str, no: i64, trial: &str) -> Result<bool, StoreError> {
    Ok(tx.execute(&TRIED, values![city, no, trial]).await? == 1)
}

/// Decides about a version that is in the state `was`; false when it no longer is.
///
/// # Errors
/// [`StoreError`] of the database.
#[allow(clippy::too_many_arguments, reason = "what is written of a decision")]
pub async fn decide(
    tx: &mut Tx,
    city: &str,
    no: i64,
    was: &str,
    state: &str,
    by: &str,
    at: Instant,
    from: Option<Day>,
) -> Result<bool, StoreError> {
    let from = from.map(Day::number);
    Ok(tx.execute(&DECIDE, values![city, no, state, by, at.ms(), from, was]).await? == 1)
}
