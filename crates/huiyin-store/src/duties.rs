//! The outbox: duties to tell that still have to be carried to a claimant. It lives in the duty's own row.

use huiyin_core::time::Instant;

use crate::{Row, StoreError, Tx, values};

/// A duty to tell, as the outbox sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outgoing {
    /// The order.
    pub order: String,
    /// The duty's number.
    pub no: i64,
    /// What must be told.
    pub what: String,
    /// Whom.
    pub claimant: String,
    /// How often it was tried.
    pub attempts: i64,
}

crate::statements! {
    TO_SEND = "SELECT order_id, no, what, claimant, attempts FROM duty WHERE city = $1 AND told_at IS NULL AND sending IN ('queued', 'sending') AND next_at <= $2 ORDER BY next_at, order_id, no LIMIT $3";
    UNREPORTED = "SELECT order_id, no, what, claimant, attempts FROM duty WHERE city = $1 AND told_at IS NULL AND sending IN ('sent', 'accepted') AND next_at <= $2 ORDER BY next_at, order_id, no LIMIT $3";
    CLAIM = "UPDATE duty SET sending = 'sending', next_at = $5, attempts = attempts + 1 WHERE city = $1 AND order_id = $2 AND no = $3 AND told_at IS NULL AND sending IN ('queued', 'sending') AND next_at <= $4";
    TAKEN = "UPDATE duty SET sending = $4, carrier = $5, receipt = $6, next_at = $7, fault = NULL WHERE city = $1 AND order_id = $2 AND no = $3 AND sending = 'sending'";
    LATER = "UPDATE duty SET sending = 'queued', next_at = $4, fault = $5 WHERE city = $1 AND order_id = $2 AND no = $3 AND sending = 'sending'";
    TO_PERSON = "UPDATE duty SET sending = 'to-person', fault = $4 WHERE city = $1 AND order_id = $2 AND no = $3 AND sending IN ('queued', 'sending', 'sent', 'accepted')";
    BY_RECEIPT = "SELECT order_id, no, sending FROM duty WHERE city = $1 AND carrier = $2 AND receipt = $3";
    ADVANCE = "UPDATE duty SET sending = $4 WHERE city = $1 AND order_id = $2 AND no = $3";
    OUTBOX_STATES = "SELECT sending, CAST(COUNT(*) AS BIGINT) FROM duty WHERE city = $1 AND told_at IS NULL GROUP BY sending ORDER BY sending";
}

fn outgoing(row: &Row) -> Result<Outgoing, StoreError> {
    Ok(Outgoing {
        order: row.string(0)?,
        no: row.int(1)?,
        what: row.string(2)?,
        claimant: row.string(3)?,
        attempts: row.int(4)?,
    })
}

/// Duties whose time to be tried has come.
///
/// # Errors
/// [`StoreError`] of the database.
pub async fn to_send(tx: &mut Tx, city: &str, now: Instant, limit: i64) -> Result<Vec<Outgoing>, StoreError> {
    tx.fetch(&TO_SEND, values![city, now.ms(), limit]).await?.iter().map(outgoing).collect()
}

/// Takes a duty for sending until a moment; after it another may try. False when it is taken or told.
///
/// # Errors
/// [`StoreError`] of the database.
pub async fn claim(tx: &mut Tx, city: &str, o: &Outgoing, now: Instant, until: Instant) -> Result<bool, StoreError> {
    Ok(tx.execute(&CLAIM, values![city, &o.order, o.no, now.ms(), until.ms()]).await? > 0)
}

/// Duties a carrier took over and has not reported delivered by the moment it should have.
///
/// # Errors
/// [`StoreError`] of the database.
pub async fn unreported(tx: &mut Tx, city: &str, now: Instant, limit: i64) -> Result<Vec<Outgoing>, StoreError> {
    tx.fetch(&UNREPORTED, values![city, now.ms(), limit]).await?.iter().map(outgoing).collect()
}

/// A carrier took it over: `sent` while a report will follow, else `accepted`. `by` is when its report is missed.
///
/// # Errors
/// [`StoreError`] of the database.
pub async fn taken(
    tx: &mut Tx,
    city: &str,
    o: &Outgoing,
    state: &str,
    carrier: &str,
    receipt: Option<&str>,
    by: Instant,
) -> Result<(), StoreError> {
    tx.execute(&TAKEN, values![city, &o.order, o.no, state, carrier, receipt, by.ms()]).await.map(drop)
}

/// It could not be sent now.
///
/// # Errors
/// [`StoreError`] of the database.
pub async fn later(tx: &mut Tx, city: &str, o: &Outgoing, at: Instant, fault: &str) -> Result<(), StoreError> {
    tx.execute(&LATER, values![city, &o.order, o.no, at.ms(), fault]).await.map(drop)
}

/// A person must tell it. False when it was already so, or told.
///
/// # Errors
/// [`StoreError`] of the database.
pub async fn to_person(tx: &mut Tx, city: &str, order: &str, no: i64, fault: &str) -> Result<bool, StoreError> {
    Ok(tx.execute(&TO_PERSON, values![city, order, no, fault]).await? > 0)
}

/// The duty a carrier's receipt belongs to: order, number, where it stands.
///
/// # Errors
/// [`StoreError`] of the database.
pub async fn by_receipt(
    tx: &mut Tx,
    city: &str,
    carrier: &str,
    receipt: &str,
) -> Result<Option<(String, i64, String)>, StoreError> {
    tx.fetch_optional(&BY_RECEIPT, values![city, carrier, receipt])
        .await?
        .map(|row| Ok((row.string(0)?, row.int(1)?, row.string(2)?)))
        .transpose()
}

/// Moves a duty on; the caller sees to it that it never moves back.
///
/// # Errors
/// [`StoreError`] of the database.
pub async fn advance(tx: &mut Tx, city: &str, order: &str, no: i64, state: &str) -> Result<(), StoreError> {
    tx.execute(&ADVANCE, values![city, order, no, state]).await.map(drop)
}

/// How many duties stand where.
///
/// # Errors
/// [`StoreError`] of the database.
pub async fn states(tx: &mut Tx, city: &str) -> Result<Vec<(String, i64)>, StoreError> {
    tx.fetch(&OUTBOX_STATES, values![city]).await?.iter().map(|row| Ok((row.string(0)?, row.int(1)?))).collect()
}
