//! What persons keep for themselves: drafts not sent yet, filters with a name, settings of their pages.

use huiyin_core::time::{Day, Instant};

use crate::{Row, StoreError, Tx, values};

crate::statements! {
    SAVE = "INSERT INTO draft (city, person, id, form, order_no, sealed, seq, saved_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (city, person, id) DO UPDATE SET sealed = excluded.sealed, seq = excluded.seq, saved_at = excluded.saved_at";
    SEQ = "SELECT seq, saved_at FROM draft WHERE city = $1 AND person = $2 AND id = $3";
    FIND = "SELECT id, form, order_no, sealed, seq, saved_at FROM draft WHERE city = $1 AND person = $2 AND id = $3";
    OF_ORDER = "SELECT id, form, order_no, sealed, seq, saved_at FROM draft WHERE city = $1 AND person = $2 AND order_no = $3 ORDER BY saved_at DESC, id LIMIT $4";
    OF_PERSON = "SELECT id, form, order_no, sealed, seq, saved_at FROM draft WHERE city = $1 AND person = $2 ORDER BY saved_at DESC, id LIMIT $3";
    DISCARD = "DELETE FROM draft WHERE city = $1 AND person = $2 AND id = $3";
    SWEEP = "DELETE FROM draft WHERE city = $1 AND person = $2 AND saved_at < $3";
    OWN_VIEWS = "SELECT CAST(COUNT(*) AS BIGINT) FROM saved_view WHERE city = $1 AND person = $2 AND page = $3";
    BESIDE = "SELECT 'view', v.id, v.name, v.query, COALESCE(v.shared, ''), v.made_at FROM saved_view v WHERE v.city = $1 AND v.person = $2 AND v.page = $3 UNION ALL SELECT 'shared', v.id, v.name, v.query, COALESCE(v.shared, ''), v.made_at FROM saved_view v WHERE v.city = $1 AND v.page = $3 AND v.person <> $2 AND (v.shared = '*' OR v.shared IN (SELECT m.unit FROM post m WHERE m.city = $1 AND m.person = $2 AND m.from_day <= $4 AND (m.until_day IS NULL OR m.until_day >= $4))) UNION ALL SELECT 'setting', s.name, s.value, '', '', 0 FROM person_setting s WHERE s.city = $1 AND s.person = $2 UNION ALL SELECT DISTINCT 'colleague', p.id, p.name, o.unit, '', 0 FROM post m JOIN post o ON o.city = m.city AND o.unit = m.unit JOIN person p ON p.city = o.city AND p.id = o.person WHERE m.city = $1 AND m.person = $2 AND m.from_day <= $4 AND (m.until_day IS NULL OR m.until_day >= $4) AND o.from_day <= $4 AND (o.until_day IS NULL OR o.until_day >= $4) AND o.role IN ('officer', 'leader', 'subcentre') AND p.active ORDER BY 1, 6, 3, 2";
    SETTINGS = "SELECT name, value FROM person_setting WHERE city = $1 AND person = $2 ORDER BY name";
    SET = "INSERT INTO person_setting (city, person, name, value) VALUES ($1, $2, $3, $4) ON CONFLICT (city, person, name) DO UPDATE SET value = excluded.value";
    ADD_VIEW = "INSERT INTO saved_view (city, person, id, page, name, query, shared, made_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)";
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
    /// Who else sees it: a unit, or `*` for everybody.
    pub shared: Option<String>,
    /// Whether it is the person's own.
    pub own: bool,
}

/// What stands beside a list: filters with a name, the person's settings, and who works with them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Beside {
    /// Filters, one's own first, as they were made.
    pub views: Vec<SavedView>,
    /// Settings by name.
    pub settings: Vec<(String, String)>,
    /// Handlers of the units the person has a post in: unit, id, name.
    pub colleagues: Vec<(String, String, String)>,
}

/// What stands beside a list of a person on a day, in one statement.
///
/// # Errors
/// [`StoreError`] of the database.
pub async fn beside(tx: &mut Tx, city: &str, person: &str, page: &str, day: Day) -> Result<Beside, StoreError> {
    let mut found = Beside::default();
    for row in tx.fetch(&BESIDE, values![city, person, page, day.number()]).await? {
        let (id, name, third) = (row.string(1)?, row.string(2)?, row.string(3)?);
        match row.str(0)? {
            "setting" => found.settings.push((id, name)),
            "colleague" => found.colleagues.push((third, id, name)),
            what => found.views.push(SavedView {
                id,
                page: page.to_owned(),
                name,
                query: third,
                shared: Some(row.string(4)?).filter(|shared| !shared.is_empty()),
                own: what == "view",
            }),
        }
    }
    found.views.sort_by_key(|view| !view.own);
    Ok(found)
}

/// How many filters of a list a person has.
///
/// # Errors
/// [`StoreError`] of the database.
pub async fn own_views(tx: &mut Tx, city: &str, person: &str, page: &str) -> Result<i64, StoreError> {
    tx.fetch_optional(&OWN_VIEWS, values![city, person, page]).await?.map_or(Ok(0), |row| row.int(0))
}

/// A person's settings by name.
///
/// # Errors
/// [`StoreError`] of the database.
pub async fn settings(tx: &mut Tx, city: &str, person: &str) -> Result<Vec<(String, String)>, StoreError> {
    let read = |row: &Row| Ok((row.string(0)?, row.string(1)?));
    tx.fetch(&SETTINGS, values![city, person]).await?.iter().map(read).collect()
}

/// Keeps a setting of a person.
///
/// # Errors
/// [`StoreError`] of the database.
pub async fn set(tx: &mut Tx, city: &str, person: &str, name: &str, value: &str) -> Result<(), StoreError> {
    tx.execute(&SET, values![city, person, name, value]).await.map(drop)
}

/// Keeps a filter.
///
/// # Errors
/// [`StoreError`] of the database.
pub async fn add_view(tx: &mut Tx, city: &str, person: &str, v: &SavedView, at: Instant) -> Result<(), StoreError> {
    let values = values![city, person, &v.id, &v.page, &v.name, &v.query, v.shared.as_deref(), at.ms()];
    tx.execute(&ADD_VIEW, values).await.map(drop)
}

/// Forgets a filter. False when there was none.
///
/// # Errors
/// [`StoreError`] of the database.
pub async fn remove_view(tx: &mut Tx, city: &str, person: &str, id: &str) -> Result<bool, StoreError> {
    Ok(tx.execute(&REMOVE_VIEW, values![city, person, id]).await? > 0)
}
