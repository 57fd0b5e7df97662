//! Matters that look like one event: what each is alike by, and how many claimants share it. Which orders are to be looked
//! at comes by the feed: registering one is not held up by it.

use std::collections::BTreeSet;

use huiyin_core::time::Instant;

use crate::{
    StoreError, Table, Tx,
    records::{self, DeskItem},
    values,
};

/// The feed's consumer: orders that are new, or were corrected.
pub(crate) const CONSUMER: &str = "alike";

const ALIKE: Table =
    Table { name: "alike", key: &["city", "key", "at", "order_id"], columns: &["city", "key", "at", "order_id"] };

crate::statements! {
    SHARING = "SELECT o.id, o.no, o.is_open, o.merged_into, c.id, c.phone FROM alike a JOIN work_order o ON o.city = a.city AND o.id = a.order_id JOIN claimant c ON c.city = a.city AND c.order_id = a.order_id WHERE a.city = $1 AND a.key = $2 AND a.at > $3 ORDER BY a.at, a.order_id, c.id LIMIT $4";
    ADD_ITEM = "INSERT INTO desk_item (city, id, order_id, what, unit, task, duty, created_at, due, note, dedupe) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) ON CONFLICT (city, dedupe) DO NOTHING";
    FORGET = "DELETE FROM alike WHERE city = $1 AND at < $2";
}

/// Most rows counted under one key: more are a mass event whatever they are.
const MOST: i64 = 2_000;

/// Whether orders wait to be looked at.
///
/// # Errors
/// [`StoreError`] of the database.
pub async fn waits(tx: &mut Tx, city: &str) -> Result<bool, StoreError> {
    Ok(!records::feed(tx, city, CONSUMER, 1).await?.is_empty())
}

/// Takes orders that wait to be looked at, each once.
///
/// # Errors
/// [`StoreError`] of the database.
pub async fn claim(tx: &mut Tx, city: &str, limit: i64) -> Result<Vec<String>, StoreError> {
    let mut orders: Vec<String> =
        records::claim_feed(tx, city, CONSUMER, limit).await?.into_iter().map(|(order, _)| order).collect();
    orders.dedup();
    Ok(orders)
}

/// Remembers what orders are alike by: key, since when, order.
///
/// # Errors
/// [`StoreError`] of the database.
pub async fn add(tx: &mut Tx, city: &str, keys: &[(String, Instant, String)]) -> Result<(), StoreError> {
    let rows = keys.iter().map(|(key, at, order)| values![city, key, at.ms(), order]).collect();
    tx.upsert(&ALIKE, rows).await.map(drop)
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
