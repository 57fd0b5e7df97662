//! What changed, for the pages that are open: the feed's rows of the consumer `live`, one for each command, read by every
//! node and swept soon.

use std::collections::HashMap;

use huiyin_core::time::Instant;

use crate::{Row, StoreError, Tx, values};

/// A change of an order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// The order's id.
    pub order: String,
    /// Its version after the change.
    pub seq: i64,
    /// Its number.
    pub no: String,
    /// Whether ordinary roles may not know of it.
    pub sealed: bool,
    /// Units it concerns.
    pub units: Vec<String>,
    /// Who changed it.
    pub person: String,
}

/// The consumer's name.
pub(crate) const CONSUMER: &str = "live";

crate::statements! {
    SINCE = "SELECT f.order_id, f.seq, o.no, o.sealed, e.person FROM feed f JOIN work_order o ON o.city = f.city AND o.id = f.order_id JOIN event e ON e.city = f.city AND e.order_id = f.order_id AND e.seq = f.seq WHERE f.city = $1 AND f.at >= $2 ORDER BY f.at, f.order_id, f.seq LIMIT 2000";
    UNITS = "SELECT DISTINCT u.order_id, u.unit FROM feed f JOIN order_unit u ON u.city = f.city AND u.order_id = f.order_id WHERE f.city = $1 AND f.at >= $2";
    SWEEP = "DELETE FROM feed WHERE city = $1 AND at < $2";
}

/// Changes since a moment.
///
/// # Errors
/// [`StoreError`] of the database.
pub async fn since(tx: &mut Tx, city: &str, at: Instant) -> Result<Vec<Change>, StoreError> {
    let read = |row: &Row| {
        let (order, seq) = (row.string(0)?, row.int(1)?);
        Ok(Change { order, seq, no: row.string(2)?, sealed: row.bool(3)?, units: Vec::new(), person: row.string(4)? })
    };
    let mut changes: Vec<Change> =
        tx.fetch(&SINCE, values![city, at.ms()]).await?.iter().map(read).collect::<Result<_, StoreError>>()?;
    if changes.is_empty() {
        return Ok(changes);
    }
    let mut units: HashMap<String, Vec<String>> = HashMap::new();
    for row in tx.fetch(&UNITS, values![city, at.ms()]).await? {
        units.entry(row.string(0)?).or_default().push(row.string(1)?);
    }
    for change in &mut changes {
        change.units = units.get(&change.order).cloned().unwrap_or_default();
    }
    Ok(changes)
}

/// Removes what is older than a moment; gives how many.
///
/// # Errors
/// [`StoreError`] of the database.
pub async fn sweep(tx: &mut Tx, city: &str, before: Instant) -> Result<u64, StoreError> {
    tx.execute(&SWEEP, values![city, before.ms()]).await
}
