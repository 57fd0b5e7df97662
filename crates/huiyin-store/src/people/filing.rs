//! Changes of persons that must be filed, and those filed that wait for the office's receipt.

use huiyin_core::time::Instant;

use super::posts::{Post, post};
use crate::{StoreError, Tx, values};

crate::statements! {
    OVERDUE = "SELECT id, person, unit, role, position, terms, employer, from_day, until_day, changed_at, filing_due, filed_at, filed_by, receipt, received_at FROM post WHERE city = $1 AND filed_at IS NULL AND filing_due <= $2 ORDER BY filing_due, id";
    UNRECEIVED = "SELECT id, person, unit, role, position, terms, employer, from_day, until_day, changed_at, filing_due, filed_at, filed_by, receipt, received_at FROM post WHERE city = $1 AND filed_at IS NOT NULL AND received_at IS NULL AND filing_due IS NOT NULL ORDER BY filed_at, id";
}

/// Changes not filed although their limit has passed, the oldest first.
///
/// # Errors
/// [`StoreError`] of the database.
pub async fn overdue(tx: &mut Tx, city: &str, now: Instant) -> Result<Vec<Post>, StoreError> {
    tx.fetch(&OVERDUE, values![city, now.ms()]).await?.iter().map(post).collect()
}

/// Filed changes without a receipt, the oldest first.
///
/// # Errors
/// [`StoreError`] of the database.
pub async fn unreceived(tx: &mut Tx, city: &str) -> Result<Vec<Post>, StoreError> {
    tx.fetch(&UNRECEIVED, values![city]).await?.iter().map(post).collect()
}
