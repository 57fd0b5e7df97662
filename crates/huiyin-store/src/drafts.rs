//! What persons keep for themselves: drafts not sent yet, and filters with a name.

use huiyin_core::time::Instant;

use crate::{Row, StoreError, Tx, values};

crate::statements! {
    SAVE = "INSERT INTO draft (city, person, id, form, order_no, sealed, seq, saved_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (city, person, id) DO UPDATE SET sealed = excluded.sealed, seq = excluded.seq, saved_at = excluded.saved_at";
    SEQ = "SELECT seq, saved_at FROM draft WHERE city = $1 AND person = $2 AND id = $3";
    FIND = "SELECT id, form, order_no, sealed, seq, saved_at FROM draft WHERE city = $1 AND person = $2 AND id = $3";
    OF_ORDER = "SELECT id, form, order_no, sealed, seq, saved_at FROM draft WHERE city = $1 AND person = $2 AND order_no = $3 ORDER BY saved_at DESC, id LIMIT $4";
    OF_PERSON = "SELECT id, form, order_no, sealed, seq, saved_at FROM draft WHERE city = $1 AND person = $2 ORDER BY saved_at DESC, id LIMIT $3";
    DISCARD = "DELETE FROM draft WHERE city = $1 AND person = $2 AND id = $3";
    SWEEP = "DELETE FROM draft WHERE city = $1 AND person = $2 AND saved_at < $3";
    VIEWS = "SELECT id, page, name, query FROM saved_view WHERE city = $1 AND person = $2 AND page = $3 ORDER BY made_at, id";
    ADD_VIEW = "INSERT INTO saved_view (city, person, id, page, name, query, made_at) VALUES ($1, $2, $3, $4, $5, $6, $7)";
    REMOVE_VIEW = "DELETE FROM saved_view WHERE city = $1 AND person = $2 AND id = $3";
}

/// A draft as it is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DraftRow {
    /// Its id, of the person alone.
    pub id: String,
    /// Where it is written.
    pub form: String,
    /// The order it is about; empty for none.
    pub order_no: String,
    /// What is written, sealed.
    pub sealed: Vec<u8>,
    /// How often it was saved.
    pub seq: i64,
    /// When last.
    pub saved_at: Instant,
}

fn draft(row: &Row) -> Result<DraftRow, StoreError> {
    Ok(DraftRow {
        id: row.string(0)?,
        form: row.string(1)?,
        order_no: row.string(2)?,
        sealed: row.bytes(3)?,
        seq: row.int(4)?,
        saved_at: Instant(row.int(5)?),
    })
}

/// Saves a draft over what was there.
///
/// # Errors
/// [`StoreError`] of the database.
pub async fn save(tx: &mut Tx, city: &str, person: &str, d: &DraftRow) -> Result<(), StoreError> {
    let values = values![city, person, &d.id, &d.form, &d.order_no, d.sealed.clone(), d.seq, d.saved_at.ms()];
    tx.execute(&SAVE, values).await.map(drop)
}

/// How often a draft was saved, and when last.
///
/// # Errors
/// [`StoreError`] of the database.
pub async fn seq(tx: &mut Tx, city: &str, person: &str, id: &str) -> Result<Option<(i64, Instant)>, StoreError> {
    let row = tx.fetch_optional(&SEQ, values![city, person, id]).await?;
    row.map(|row| Ok((row.int(0)?, Instant(row.int(1)?)))).transpose()
}

/// A draft.
///
/// # Errors
/// [`StoreError`] of the database.
pub async fn find(tx: &mut Tx, city: &str, person: &str, id: &str) -> Result<Option<DraftRow>, StoreError> {
    tx.fetch_optional(&FIND, values![city, person, id]).await?.map(|row| draft(&row)).transpose()
}

/// Drafts of a person on an order, the latest first.
///
/// # Errors
/// [`StoreError`] of the database.
pub async fn of_order(
    tx: &mut Tx,
    city: &str,
    person: &str,
    order_no: &str,
    limit: i64,
) -> Result<Vec<DraftRow>, StoreError> {
    tx.fetch(&OF_ORDER, values![city, person, order_no, limit]).await?.iter().map(draft).collect()
}

/// Drafts of a person, the latest first.
///
/// # Errors
/// [`StoreError`] of the database.
pub async fn of_person(tx: &mut Tx, city: &str, person: &str, limit: i64) -> Result<Vec<DraftRow>, StoreError> {
    tx.fetch(&OF_PERSON, values![city, person, limit]).await?.iter().map(draft).collect()
}

/// Throws a draft away. False when there was none.
///
/// # Errors
/// [`StoreError`] of the database.
pub async fn discard(tx: &mut Tx, city: &str, person: &str, id: &str) -> Result<bool, StoreError> {
    Ok(tx.execute(&DISCARD, values![city, person, id]).await? > 0)
}

/// Throws away what a person has not touched since a moment.
///
/// # Errors
/// [`StoreError`] of the database.
pub async fn sweep(tx: &mut Tx, city: &str, person: &str, before: Instant) -> Result<u64, StoreError> {
    tx.execute(&SWEEP, values![city, person, before.ms()]).await
}

/// A filter with a name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SavedView {
    /// Its id.
    pub id: String,
    /// The list it is of: `queue`, `orders`.
    pub page: String,
    /// Its name.
    pub name: String,
    /// The query of its address.
    pub query: String,
}

/// A person's filters of a list, as they were made.
///
/// # Errors
/// [`StoreError`] of the database.
pub async fn views(tx: &mut Tx, city: &str, person: &str, page: &str) -> Result<Vec<SavedView>, StoreError> {
    let read = |row: &Row| {
        Ok(SavedView { id: row.string(0)?, page: row.string(1)?, name: row.string(2)?, query: row.string(3)? })
    };
    tx.fetch(&VIEWS, values![city, person, page]).await?.iter().map(read).collect()
}

/// Keeps a filter.
///
/// # Errors
/// [`StoreError`] of the database.
pub async fn add_view(tx: &mut Tx, city: &str, person: &str, v: &SavedView, at: Instant) -> Result<(), StoreError> {
    tx.execute(&ADD_VIEW, values![city, person, &v.id, &v.page, &v.name, &v.query, at.ms()]).await.map(drop)
}

/// Forgets a filter. False when there was none.
///
/// # Errors
/// [`StoreError`] of the database.
pub async fn remove_view(tx: &mut Tx, city: &str, person: &str, id: &str) -> Result<bool, StoreError> {
    Ok(tx.execute(&REMOVE_VIEW, values![city, person, id]).await? > 0)
}
