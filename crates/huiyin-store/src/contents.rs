//! What people wrote and who they are: texts with their wrapped keys, raw contacts, sealed identities.

use huiyin_core::time::Instant;

use crate::{Changes, Row, StoreError, Table, Tx, Value, values};

/// A text or file about to be stored, with its key already wrapped.
#[derive(Clone)]
pub struct NewContent {
    /// Its id.
    pub id: String,
    /// The order, once known.
    pub order: Option<String>,
    /// What it is: `title`, `body`, `raw`, `public`, …
    pub what: String,
    /// The bytes.
    pub body: Vec<u8>,
    /// Its key, wrapped under the master key.
    pub wrapped_key: Vec<u8>,
}

/// A contact about to be stored.
#[derive(Debug, Clone)]
pub struct NewContact {
    /// Its id.
    pub id: String,
    /// How it came in.
    pub channel: String,
    /// The channel's own id of it, by which a second delivery is known.
    pub external_id: Option<String>,
    /// When the city received it.
    pub received_at: Instant,
    /// Content id of the raw bytes.
    pub raw: String,
    /// The order it opened.
    pub order: Option<String>,
    /// `opened`, `waiting` (could not be parsed; a person must look).
    pub state: String,
    /// Why it could not be parsed.
    pub fault: Option<String>,
}

/// An identity about to be stored.
#[derive(Clone)]
pub struct NewClaimant {
    /// Its id.
    pub id: String,
    /// The order it was raised in.
    pub order: String,
    /// The sealed identity.
    pub sealed: Vec<u8>,
    /// HMAC of the normalised phone number.
    pub phone: Option<Vec<u8>>,
    /// HMAC of the identity number.
    pub idno: Option<Vec<u8>>,
    /// HMAC of the mail address.
    pub email: Option<Vec<u8>>,
}

const CONTENT: Table = Table {
    name: "content",
    key: &["city", "id"],
    columns: &["city", "id", "order_id", "what", "body", "wrapped_key", "stored_at"],
};
const CONTACT: Table = Table {
    name: "contact",
    key: &["city", "id"],
    columns: &["city", "id", "channel", "external_id", "received_at", "stored_at", "raw", "order_id", "state", "fault"],
};
const CLAIMANT: Table = Table {
    name: "claimant",
    key: &["city", "id"],
    columns: &["city", "id", "order_id", "sealed", "phone", "idno", "email", "stored_at"],
};

fn content_row(city: &str, at: Instant, c: &NewContent) -> Vec<Value> {
    values![city, &c.id, c.order.as_deref(), c.what.as_str(), &c.body, &c.wrapped_key, at.ms()]
}

fn contact_row(city: &str, at: Instant, c: &NewContact) -> Vec<Value> {
    values![
        city,
        &c.id,
        c.channel.as_str(),
        c.external_id.as_deref(),
        c.received_at.ms(),
        at.ms(),
        &c.raw,
        c.order.as_deref(),
        c.state.as_str(),
        c.fault.as_deref()
    ]
}

fn claimant_row(city: &str, at: Instant, c: &NewClaimant) -> Vec<Value> {
    values![city, &c.id, &c.order, c.sealed.clone(), c.phone.clone(), c.idno.clone(), c.email.clone(), at.ms()]
}

/// Stores texts and files.
///
/// # Errors
/// [`StoreError`] of the database.
pub async fn insert(tx: &mut Tx, city: &str, at: Instant, contents: &[NewContent]) -> Result<(), StoreError> {
    tx.insert(&CONTENT, contents.iter().map(|c| content_row(city, at, c)).collect()).await.map(drop)
}

/// Stores a contact.
///
/// # Errors
/// [`StoreError::Unique`] when the channel delivered it before.
pub async fn insert_contact(tx: &mut Tx, city: &str, at: Instant, c: &NewContact) -> Result<(), StoreError> {
    tx.insert(&CONTACT, vec![contact_row(city, at, c)]).await.map(drop)
}

/// Stores identities.
///
/// # Errors
/// [`StoreError`] of the database.
pub async fn insert_claimants(
    tx: &mut Tx,
    city: &str,
    at: Instant,
    claimants: &[NewClaimant],
) -> Result<(), StoreError> {
    tx.insert(&CLAIMANT, claimants.iter().map(|c| claimant_row(city, at, c)).collect()).await.map(drop)
}

/// Adds texts and files to changes that are made together.
pub fn add(changes: &mut Changes, city: &str, at: Instant, contents: &[NewContent]) {
    changes.insert(&CONTENT, contents.iter().map(|c| content_row(city, at, c)).collect());
}

/// Adds a contact to changes that are made together.
pub fn add_contact(changes: &mut Changes, city: &str, at: Instant, c: &NewContact) {
    changes.insert(&CONTACT, vec![contact_row(city, at, c)]);
}

/// Adds identities to changes that are made together.
pub fn add_claimants(changes: &mut Changes, city: &str, at: Instant, claimants: &[NewClaimant]) {
    changes.insert(&CLAIMANT, claimants.iter().map(|c| claimant_row(city, at, c)).collect());
}

/// What came in over a long time, each with when it was stored.
#[derive(Default)]
pub struct Bundle {
    /// Contacts.
    pub contacts: Vec<(Instant, NewContact)>,
    /// Identities.
    pub claimants: Vec<(Instant, NewClaimant)>,
    /// Texts.
    pub contents: Vec<(Instant, NewContent)>,
}

/// Stores what came in over a long time.
///
/// # Errors
/// [`StoreError::Unique`] when a part of it is there already.
pub async fn bring_in(tx: &mut Tx, city: &str, bundle: &Bundle) -> Result<(), StoreError> {
    tx.insert(&CONTACT, bundle.contacts.iter().map(|(at, c)| contact_row(city, *at, c)).collect()).await?;
    tx.insert(&CLAIMANT, bundle.claimants.iter().map(|(at, c)| claimant_row(city, *at, c)).collect()).await?;
    tx.insert(&CONTENT, bundle.contents.iter().map(|(at, c)| content_row(city, *at, c)).collect()).await.map(drop)
}

crate::statements! {
    BODY = "SELECT body FROM content WHERE city = $1 AND id = $2";
    OF_ORDER = "SELECT id, what, body FROM content WHERE city = $1 AND order_id = $2 ORDER BY id";
    KEYED = "SELECT body, wrapped_key FROM content WHERE city = $1 AND id = $2";
    CONTACT_BY_EXTERNAL = "SELECT id, order_id FROM contact WHERE city = $1 AND channel = $2 AND external_id = $3";
    CONTACTS = "SELECT id, channel, external_id, received_at, stored_at, raw, order_id, state, fault, (SELECT CAST(LENGTH(c.body) AS BIGINT) FROM content c WHERE c.city = contact.city AND c.id = contact.raw), reason, settled_at, settled_by FROM contact WHERE city = $1 AND state = $2 AND state <> 'opened' AND (stored_at, id) > ($3, $4) ORDER BY stored_at, id LIMIT $5";
    CONTACT_ROW = "SELECT id, channel, external_id, received_at, stored_at, raw, order_id, state, fault, (SELECT CAST(LENGTH(c.body) AS BIGINT) FROM content c WHERE c.city = contact.city AND c.id = contact.raw), reason, settled_at, settled_by FROM contact WHERE city = $1 AND id = $2";
    COUNT_CONTACTS = "SELECT CAST(COUNT(*) AS BIGINT) FROM (SELECT id FROM contact WHERE city = $1 AND state = $2 AND state <> 'opened' LIMIT 1001) AS found";
    DISMISS = "UPDATE contact SET state = 'dismissed', reason = $3, note = $4, settled_at = $5, settled_by = $6 WHERE city = $1 AND id = $2 AND state = 'waiting'";
    RESTORE = "UPDATE contact SET state = 'waiting', reason = NULL, note = NULL, settled_at = NULL, settled_by = NULL WHERE city = $1 AND id = $2 AND state = 'dismissed'";
    CONTACT_BY_ID = "SELECT id, channel, external_id, received_at, stored_at, raw, order_id, state, fault FROM contact WHERE city = $1 AND id = $2";
    SETTLE = "UPDATE contact SET state = $3, order_id = $4 WHERE city = $1 AND id = $2 AND state <> 'opened'";
    SEALED = "SELECT sealed FROM claimant WHERE city = $1 AND id = $2";
    BY_PHONE = "SELECT id, order_id FROM claimant WHERE city = $1 AND phone = $2 ORDER BY id DESC LIMIT 50";
    BY_IDNO = "SELECT id, order_id FROM claimant WHERE city = $1 AND idno = $2 ORDER BY id DESC LIMIT 50";
    ERASE = "UPDATE content SET body = NULL, wrapped_key = NULL WHERE city = $1 AND id = $2";
}

/// The bytes of a content; none when it was erased or never was.
///
/// # Errors
/// [`StoreError`] of the database.
pub async fn body(tx: &mut Tx, city: &str, id: &str) -> Result<Option<Vec<u8>>, StoreError> {
    Ok(tx.fetch_optional(&BODY, values![city, id]).await?.map(|row| row.opt_bytes(0)).transpose()?.flatten())
}

/// A content as it lies there, to check its code in the journal.
#[derive(Clone, PartialEq, Eq)]
pub enum Kept {
    /// The bytes and the wrapped key.
    Whole(Vec<u8>, Vec<u8>),
    /// Bytes and key were erased together.
    Erased,
    /// One of them is missing, or the row is.
    Broken,
}

/// A content with its wrapped key, to check its code in the journal.
///
/// # Errors
/// [`StoreError`] of the database.
pub async fn keyed(tx: &mut Tx, city: &str, id: &str) -> Result<Kept, StoreError> {
    let Some(row) = tx.fetch_optional(&KEYED, values![city, id]).await? else { return Ok(Kept::Broken) };
    Ok(match (row.opt_bytes(0)?, row.opt_bytes(1)?) {
        (Some(bytes), Some(key)) => Kept::Whole(bytes, key),
        (None, None) => Kept::Erased,
        _ => Kept::Broken,
    })
}

/// Every content of an order: id, what it is, text.
///
/// # Errors
/// [`StoreError`] of the database.
pub async fn of_order(tx: &mut Tx, city: &str, order: &str) -> Result<Vec<(String, String, String)>, StoreError> {
    tx.fetch(&OF_ORDER, values![city, order])
        .await?
        .iter()
        .map(|row| {
            let text = row.opt_bytes(2)?.map(|bytes| String::from_utf8_lossy(&bytes).into_owned());
            Ok((row.string(0)?, row.string(1)?, text.unwrap_or_default()))
        })
        .collect()
}

/// Erases a content and its key; the journal keeps its code, which nobody can check any more.
///
/// # Errors
/// [`StoreError`] of the database.
pub async fn erase(tx: &mut Tx, city: &str, id: &str) -> Result<bool, StoreError> {
    Ok(tx.execute(&ERASE, values![city, id]).await? > 0)
}

/// A contact a channel delivered before: its id and the order it opened.
///
/// # Errors
/// [`StoreError`] of the database.
pub async fn known_contact(
    tx: &mut Tx,
    city: &str,
    channel: &str,
    external: &str,
) -> Result<Option<(String, Option<String>)>, StoreError> {
    tx.fetch_optional(&CONTACT_BY_EXTERNAL, values![city, channel, external])
        .await?
        .map(|row| Ok((row.string(0)?, row.opt_string(1)?)))
        .transpose()
}

/// A contact and what was decided about it.
#[derive(Debug, Clone)]
pub struct ContactRow {
    /// The contact.
    pub contact: NewContact,
    /// When it was stored.
    pub stored_at: Instant,
    /// Length of what came in, sealed.
    pub sealed: i64,
    /// Why it was set aside.
    pub reason: Option<String>,
    /// When.
    pub settled_at: Option<Instant>,
    /// By whom.
    pub settled_by: Option<String>,
}

fn read_row(row: &Row) -> Result<ContactRow, StoreError> {
    Ok(ContactRow {
        contact: read_contact(row)?,
        stored_at: Instant(row.int(4)?),
        sealed: row.opt_int(9)?.unwrap_or(0),
        reason: row.opt_string(10)?,
        settled_at: row.opt_int(11)?.map(Instant),
        settled_by: row.opt_string(12)?,
    })
}

/// Contacts in a state, the oldest first, after a moment and id.
///
/// # Errors
/// [`StoreError`] of the database.
pub async fn contacts(
    tx: &mut Tx,
    city: &str,
    state: &str,
    at: Instant,
    after: &str,
    limit: i64,
) -> Result<Vec<ContactRow>, StoreError> {
    tx.fetch(&CONTACTS, values![city, state, at.ms(), after, limit]).await?.iter().map(read_row).collect()
}

/// A contact with what was decided about it.
///
/// # Errors
/// [`StoreError`] of the database.
pub async fn contact_row_of(tx: &mut Tx, city: &str, id: &str) -> Result<Option<ContactRow>, StoreError> {
    tx.fetch_optional(&CONTACT_ROW, values![city, id]).await?.map(|row| read_row(&row)).transpose()
}

/// How many contacts are in a state; counting stops after a thousand.
///
/// # Errors
/// [`StoreError`] of the database.
pub async fn count_contacts(tx: &mut Tx, city: &str, state: &str) -> Result<i64, StoreError> {
    tx.fetch_optional(&COUNT_CONTACTS, values![city, state]).await?.map_or(Ok(0), |row| row.int(0))
}

/// Sets a waiting contact aside. False when it does not wait.
///
/// # Errors
/// [`StoreError`] of the database.
pub async fn dismiss(
    tx: &mut Tx,
    city: &str,
    id: &str,
    reason: &str,
    note: Option<&str>,
    at: Instant,
    person: &str,
) -> Result<bool, StoreError> {
    Ok(tx.execute(&DISMISS, values![city, id, reason, note, at.ms(), person]).await? > 0)
}

/// Lets a contact wait again that was set aside. False when it was not.
///
/// # Errors
/// [`StoreError`] of the database.
pub async fn restore(tx: &mut Tx, city: &str, id: &str) -> Result<bool, StoreError> {
    Ok(tx.execute(&RESTORE, values![city, id]).await? > 0)
}

/// A contact by its id.
///
/// # Errors
/// [`StoreError`] of the database.
pub async fn contact(tx: &mut Tx, city: &str, id: &str) -> Result<Option<NewContact>, StoreError> {
    tx.fetch_optional(&CONTACT_BY_ID, values![city, id]).await?.map(|row| read_contact(&row)).transpose()
}

fn read_contact(row: &Row) -> Result<NewContact, StoreError> {
    Ok(NewContact {
        id: row.string(0)?,
        channel: row.string(1)?,
        external_id: row.opt_string(2)?,
        received_at: Instant(row.int(3)?),
        raw: row.string(5)?,
        order: row.opt_string(6)?,
        state: row.string(7)?,
        fault: row.opt_string(8)?,
    })
}

/// Says what became of a contact that no order was opened for. False when another was faster.
///
/// # Errors
/// [`StoreError`] of the database.
pub async fn settle(tx: &mut Tx, city: &str, id: &str, state: &str, order: Option<&str>) -> Result<bool, StoreError> {
    Ok(tx.execute(&SETTLE, values![city, id, state, order]).await? > 0)
}

/// A sealed identity.
///
/// # Errors
/// [`StoreError`] of the database.
pub async fn sealed(tx: &mut Tx, city: &str, claimant: &str) -> Result<Option<Vec<u8>>, StoreError> {
    tx.fetch_optional(&SEALED, values![city, claimant]).await?.map(|row| row.bytes(0)).transpose()
}

/// Claimants with a phone number, newest first: claimant and order.
///
/// # Errors
/// [`StoreError`] of the database.
pub async fn by_phone(tx: &mut Tx, city: &str, phone: Vec<u8>) -> Result<Vec<(String, String)>, StoreError> {
    found(tx.fetch(&BY_PHONE, values![city, phone]).await?)
}

/// Claimants with an identity number, newest first: claimant and order.
///
/// # Errors
/// [`StoreError`] of the database.
pub async fn by_idno(tx: &mut Tx, city: &str, idno: Vec<u8>) -> Result<Vec<(String, String)>, StoreError> {
    found(tx.fetch(&BY_IDNO, values![city, idno]).await?)
}

fn found(rows: Vec<Row>) -> Result<Vec<(String, String)>, StoreError> {
    rows.iter().map(|row| Ok((row.string(0)?, row.string(1)?))).collect()
}
