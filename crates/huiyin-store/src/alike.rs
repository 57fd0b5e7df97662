//! Matters that look like one event: what each is alike by, and how many claimants share it.

use std::collections::BTreeSet;

use huiyin_core::time::Instant;

use crate::{Changes, StoreError, Table, Tx, records::DeskItem, values};

const ALIKE: Table = Table {
    name: "alike",
    key: &["city", "key", "at", "order_id"],
    columns: &["city", "key", "at", "order_id", "looked"],
};

crate::statements! {
    UNLOOKED = "SELECT DISTINCT key FROM alike WHERE city = $1 AND NOT looked ORDER BY key LIMIT $2";
    SHARING = "SELECT o.id, o.no, o.is_open, o.merged_into, c.id, c.phone FROM alike a JOIN work_order o ON o.city = a.city AND o.id = a.order_id JOIN claimant c ON c.city = a.city AND c.order_id = a.order_id WHERE a.city = $1 AND a.key = $2 AND a.at > $3 ORDER BY a.at, a.order_id, c.id LIMIT $4";
    LOOKED = "UPDATE alike SET looked = TRUE WHERE city = $1 AND key = $2 AND NOT looked";
    ADD_ITEM = "INSERT INTO desk_item (city, id, order_id, what, unit, task, duty, created_at, due, note, dedupe) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) ON CONFLICT (city, dedupe) DO NOTHING";
    FORGET = "DELETE FROM alike WHERE city = $1 AND looked AND at < $2";
}

/// Most rows counted under one key: more are a mass event whatever they are.
const MOST: i64 = 2_000;

/// Remembers what an order is alike by.
pub fn add(changes: &mut Changes, city: &str, order: &str, at: Instant, keys: Vec<String>) {
    if !keys.is_empty() {
        changes.insert(&ALIKE, keys.into_iter().map(|key| values![city, key, at.ms(), order, false]).collect());
    }
}

/// Keys under which something is new.
///
/// # Errors
/// [`StoreError`] of the database.
pub async fn unlooked(tx: &mut Tx, city: &str, limit: i64) -> Result<Vec<String>, StoreError> {
    tx.fetch(&UNLOOKED, values![city, limit]).await?.iter().map(|row| row.string(0)).collect()
}

/// What shares a key.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Sharing {
    /// Ids of the orders that are open and in no other, the first first.
    pub orders: Vec<String>,
    /// How many claimants raised them, or those merged into others; one phone number is one claimant.
    pub claimants: usize,
}

/// The orders and claimants that share a key since a moment.
///
/// # Errors
/// [`StoreError`] of the database.
pub async fn sharing(tx: &mut Tx, city: &str, key: &str, since: Instant) -> Result<Sharing, StoreError> {
    let mut found = Sharing::default();
    let mut claimants = BTreeSet::new();
    for row in tx.fetch(&SHARING, values![city, key, since.ms(), MOST]).await? {
        let id = row.string(0)?;
        if row.bool(2)? && row.opt_string(3)?.is_none() && !found.orders.contains(&id) {
            found.orders.push(id);
        }
        claimants.insert(row.opt_bytes(5)?.unwrap_or(row.string(4)?.into_bytes()));
    }
    found.claimants = claimants.len();
    Ok(found)
}

/// All under a key has been counted.
///
/// # Errors
/// [`StoreError`] of the database.
pub async fn looked(tx: &mut Tx, city: &str, key: &str) -> Result<(), StoreError> {
    tx.execute(&LOOKED, values![city, key]).await.map(drop)
}

/// Adds a desk item that says from the beginning what it is about.
///
/// # Errors
/// [`StoreError`] of the database.
pub async fn add_item(tx: &mut Tx, city: &str, i: &DeskItem) -> Result<bool, StoreError> {
    let (note, dedupe) = (i.note.as_deref(), &i.id);
    let values =
        values![city, &i.id, &i.order, &i.what, &i.unit, i.task, i.duty, i.created_at.ms(), i.due.ms(), note, dedupe];
    Ok(tx.execute(&ADD_ITEM, values).await? > 0)
}

/// Forgets what is older than any window.
///
/// # Errors
/// [`StoreError`] of the database.
pub async fn forget(tx: &mut Tx, city: &str, before: Instant) -> Result<u64, StoreError> {
    tx.execute(&FORGET, values![city, before.ms()]).await
}
