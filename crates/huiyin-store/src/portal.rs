//! What the public pages keep: matters being written, and the codes and links by which a claimant shows that an order is
//! theirs. Of codes, links and addresses only digests are here.

use huiyin_core::time::Instant;

use crate::{StoreError, Table, Tx, values};

const DRAFT: Table =
    Table { name: "portal_draft", key: &["city", "id"], columns: &["city", "id", "sealed", "made_at", "until"] };
const ACCESS: Table = Table {
    name: "access",
    key: &["city", "digest"],
    columns: &["city", "digest", "what", "order_id", "claimant", "round", "made_at", "until"],
};
const TRY: Table =
    Table { name: "access_try", key: &["city", "who"], columns: &["city", "who", "wrong", "since", "until"] };

const CODE: Table =
    Table { name: "phone_code", key: &["city", "who"], columns: &["city", "who", "sealed", "until", "waits"] };

crate::statements! {
    CODE_OF = "SELECT sealed FROM phone_code WHERE city = $1 AND who = $2 AND until > $3";
    CODES_TO_SEND = "SELECT who, sealed FROM phone_code WHERE city = $1 AND waits = TRUE AND until > $2 ORDER BY until LIMIT $3";
    CODE_IS_SENT = "UPDATE phone_code SET waits = FALSE WHERE city = $1 AND who = $2 AND waits = TRUE";
    FORGET_CODES = "DELETE FROM phone_code WHERE city = $1 AND until <= $2";
    DRAFT_OF = "SELECT sealed FROM portal_draft WHERE city = $1 AND id = $2 AND until > $3";
    FORGET_DRAFTS = "DELETE FROM portal_draft WHERE city = $1 AND until <= $2";
    FORGET_TRIES = "DELETE FROM access_try WHERE city = $1 AND since <= $2";
    ACCESS_OF = "SELECT what, order_id, claimant, round, until FROM access WHERE city = $1 AND digest = $2";
    TRIES = "SELECT wrong, since, until FROM access_try WHERE city = $1 AND who = $2";
    TO_RATE = "SELECT o.id FROM work_order o WHERE o.city = $1 AND o.sealed = FALSE AND o.state = 'callback' AND NOT EXISTS (SELECT 1 FROM access a WHERE a.city = o.city AND a.order_id = o.id AND a.what = 'rate' AND a.round = o.redo) ORDER BY o.due_sort, o.id LIMIT $2";
    OPEN = "SELECT o.id, o.no, o.kind, o.subject, o.area, o.state, c.body FROM work_order o LEFT JOIN content c ON c.city = o.city AND c.id = o.title WHERE o.city = $1 AND o.sealed = FALSE AND o.taken_in_at > $2 AND o.is_open = TRUE AND o.secret = FALSE AND o.subject IS NOT NULL ORDER BY o.taken_in_at DESC, o.id DESC LIMIT $3";
}

/// A matter being written, as it lies sealed.
///
/// # Errors
/// [`StoreError`] of the database.
pub async fn draft(tx: &mut Tx, city: &str, id: &str, now: Instant) -> Result<Option<Vec<u8>>, StoreError> {
    tx.fetch_optional(&DRAFT_OF, values![city, id, now.ms()]).await?.map(|row| row.bytes(0)).transpose()
}

/// Keeps a matter being written.
///
/// # Errors
/// [`StoreError`] of the database.
pub async fn keep_draft(
    tx: &mut Tx,
    city: &str,
    id: &str,
    sealed: Vec<u8>,
    made_at: Instant,
    until: Instant,
) -> Result<(), StoreError> {
    tx.upsert(&DRAFT, vec![values![city, id, sealed, made_at.ms(), until.ms()]]).await.map(drop)
}

/// Forgets matters that were never sent, and wrong tries of long ago.
///
/// # Errors
/// [`StoreError`] of the database.
pub async fn sweep(tx: &mut Tx, city: &str, now: Instant, tries_before: Instant) -> Result<u64, StoreError> {
    let drafts = tx.execute(&FORGET_DRAFTS, values![city, now.ms()]).await?;
    let codes = tx.execute(&FORGET_CODES, values![city, now.ms()]).await?;
    Ok(drafts + codes + tx.execute(&FORGET_TRIES, values![city, tries_before.ms()]).await?)
}

/// What a code or link opens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Access {
    /// `code` or `rate`.
    pub what: String,
    /// The order.
    pub order: String,
    /// The claimant it was given to.
    pub claimant: String,
    /// How often the order had been redone.
    pub round: i64,
    /// When it ends.
    pub until: Instant,
}

/// What the code or link with this digest opens.
///
/// # Errors
/// [`StoreError`] of the database.
pub async fn access(tx: &mut Tx, city: &str, digest: &str) -> Result<Option<Access>, StoreError> {
    let Some(row) = tx.fetch_optional(&ACCESS_OF, values![city, digest]).await? else { return Ok(None) };
    Ok(Some(Access {
        what: row.string(0)?,
        order: row.string(1)?,
        claimant: row.string(2)?,
        round: row.int(3)?,
        until: Instant(row.int(4)?),
    }))
}

/// Keeps what a code or link opens. Given again it is the same.
///
/// # Errors
/// [`StoreError`] of the database.
pub async fn give_access(
    tx: &mut Tx,
    city: &str,
    digest: &str,
    access: &Access,
    now: Instant,
) -> Result<(), StoreError> {
    let Access { what, order, claimant, round, until } = access;
    tx.upsert(&ACCESS, vec![values![city, digest, what, order, claimant, *round, now.ms(), until.ms()]]).await.map(drop)
}

/// Takes back what a link opened, for it never reached anybody.
///
/// # Errors
/// [`StoreError`] of the database.
pub async fn take_access_back(tx: &mut Tx, city: &str, digest: &str) -> Result<(), StoreError> {
    tx.delete(&ACCESS, vec![values![city, digest]]).await.map(drop)
}

/// Keeps a code for a phone; one before it is good no longer. It is sent where `waits` says so.
///
/// # Errors
/// [`StoreError`] of the database.
pub async fn keep_code(
    tx: &mut Tx,
    city: &str,
    who: &str,
    sealed: Vec<u8>,
    until: Instant,
    waits: bool,
) -> Result<(), StoreError> {
    tx.upsert(&CODE, vec![values![city, who, sealed, until.ms(), waits]]).await.map(drop)
}

/// A phone's code, as it lies sealed.
///
/// # Errors
/// [`StoreError`] of the database.
pub async fn code(tx: &mut Tx, city: &str, who: &str, now: Instant) -> Result<Option<Vec<u8>>, StoreError> {
    tx.fetch_optional(&CODE_OF, values![city, who, now.ms()]).await?.map(|row| row.bytes(0)).transpose()
}

/// Forgets a phone's code: it was used.
///
/// # Errors
/// [`StoreError`] of the database.
pub async fn forget_code(tx: &mut Tx, city: &str, who: &str) -> Result<(), StoreError> {
    tx.delete(&CODE, vec![values![city, who]]).await.map(drop)
}

/// Codes that wait to be sent: whose, and sealed.
///
/// # Errors
/// [`StoreError`] of the database.
pub async fn codes_to_send(
    tx: &mut Tx,
    city: &str,
    now: Instant,
    limit: i64,
) -> Result<Vec<(String, Vec<u8>)>, StoreError> {
    tx.fetch(&CODES_TO_SEND, values![city, now.ms(), limit])
        .await?
        .iter()
        .map(|row| Ok((row.string(0)?, row.bytes(1)?)))
        .collect()
}

/// Marks a code as sent; false where another did.
///
/// # Errors
/// [`StoreError`] of the database.
pub async fn code_is_sent(tx: &mut Tx, city: &str, who: &str) -> Result<bool, StoreError> {
    Ok(tx.execute(&CODE_IS_SENT, values![city, who]).await? > 0)
}

/// Wrong tries of one number or address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Tries {
    /// How many.
    pub wrong: i64,
    /// Since when they are counted.
    pub since: Instant,
    /// Until when nothing more is answered.
    pub until: Instant,
}

/// Wrong tries so far.
///
/// # Errors
/// [`StoreError`] of the database.
pub async fn tries(tx: &mut Tx, city: &str, who: &str) -> Result<Option<Tries>, StoreError> {
    let Some(row) = tx.fetch_optional(&TRIES, values![city, who]).await? else { return Ok(None) };
    Ok(Some(Tries { wrong: row.int(0)?, since: Instant(row.int(1)?), until: Instant(row.int(2)?) }))
}

/// Keeps wrong tries.
///
/// # Errors
/// [`StoreError`] of the database.
pub async fn keep_tries(tx: &mut Tx, city: &str, who: &str, tries: Tries) -> Result<(), StoreError> {
    let Tries { wrong, since, until } = tries;
    tx.upsert(&TRY, vec![values![city, who, wrong, since.ms(), until.ms()]]).await.map(drop)
}

/// Forgets wrong tries.
///
/// # Errors
/// [`StoreError`] of the database.
pub async fn forget_tries(tx: &mut Tx, city: &str, who: &str) -> Result<(), StoreError> {
    tx.delete(&TRY, vec![values![city, who]]).await.map(drop)
}

/// Orders in the call-back that nobody was sent a link for since they were last redone.
///
/// # Errors
/// [`StoreError`] of the database.
pub async fn to_rate(tx: &mut Tx, city: &str, limit: i64) -> Result<Vec<String>, StoreError> {
    tx.fetch(&TO_RATE, values![city, limit]).await?.iter().map(|row| row.string(0)).collect()
}

/// An open order as it may be compared with what somebody writes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpenOrder {
    /// Its id.
    pub id: String,
    /// Its number.
    pub no: String,
    /// Its kind.
    pub kind: Option<String>,
    /// Its subject.
    pub subject: String,
    /// Its area.
    pub area: Option<String>,
    /// Its state.
    pub state: String,
    /// Its title: to compare with, never to show.
    pub title: String,
}

/// Open orders that are not secret and whose subject is known, the newest first.
///
/// # Errors
/// [`StoreError`] of the database.
pub async fn open_orders(tx: &mut Tx, city: &str, since: Instant, limit: i64) -> Result<Vec<OpenOrder>, StoreError> {
    let rows = tx.fetch(&OPEN, values![city, since.ms(), limit]).await?;
    rows.iter()
        .map(|row| {
            Ok(OpenOrder {
                id: row.string(0)?,
                no: row.string(1)?,
                kind: row.opt_string(2)?,
                subject: row.string(3)?,
                area: row.opt_string(4)?,
                state: row.string(5)?,
                title: row.opt_bytes(6)?.map(|title| String::from_utf8_lossy(&title).into_owned()).unwrap_or_default(),
            })
        })
        .collect()
}
