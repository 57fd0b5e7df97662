//! Small records beside the orders: settings, order numbers, repeated commands, refused attempts, reveals, desk items,
//! leases, and the chains of everything that is not an order.

use huiyin_core::time::Instant;

use crate::{
    Db, Row, StoreError, Table, Tx,
    list::{Filter, List, Sort},
    seal, values,
};

/// Answers kept under the key of their command.
const ANSWER: Table = Table {
    name: "idempotency",
    key: &["city", "person", "key"],
    columns: &["city", "person", "key", "digest", "answer", "at"],
};

crate::statements! {
    SETTING = "SELECT value, version FROM setting WHERE city = $1 AND name = $2";
    SET = "INSERT INTO setting (city, name, value, version) VALUES ($1, $2, $3, 1) ON CONFLICT (city, name) DO UPDATE SET value = excluded.value, version = setting.version + 1";
    TAKE_NUMBERS = "INSERT INTO number_block (city, day, taken) VALUES ($1, $2, $3) ON CONFLICT (city, day) DO UPDATE SET taken = number_block.taken + excluded.taken RETURNING taken";
    ANSWERED = "SELECT digest, answer FROM idempotency WHERE city = $1 AND person = $2 AND key = $3";
    FORGET = "DELETE FROM idempotency WHERE city = $1 AND at < $2";
    ATTEMPT = "INSERT INTO attempt (city, id, order_id, person, command, code, at) VALUES ($1, $2, $3, $4, $5, $6, $7)";
    ATTEMPTS = "SELECT person, command, code, at FROM attempt WHERE city = $1 AND order_id = $2 ORDER BY at, id";
    REVEAL = "INSERT INTO reveal (city, id, order_id, claimant, person, field, purpose, at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)";
    ITEMS = "SELECT id, order_id, what, unit, task, duty, created_at, due, note FROM desk_item WHERE city = $1 AND unit = $2 AND done_at IS NULL ORDER BY due, id LIMIT $3";
    ITEMS_OF_ORDER = "SELECT id, order_id, what, unit, task, duty, created_at, due, note FROM desk_item WHERE city = $1 AND order_id = $2 AND done_at IS NULL ORDER BY due, id";
    ITEM = "SELECT id, order_id, what, unit, task, duty, created_at, due, note FROM desk_item WHERE city = $1 AND id = $2 AND done_at IS NULL";
    ADD_ITEM = "INSERT INTO desk_item (city, id, order_id, what, unit, task, duty, created_at, due, dedupe) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) ON CONFLICT (city, dedupe) DO NOTHING";
    FINISH_ITEM = "UPDATE desk_item SET done_at = $3, person = $4, note = $5 WHERE city = $1 AND id = $2 AND done_at IS NULL";
    FINISH_DUTY_ITEM = "UPDATE desk_item SET done_at = $4, person = $5 WHERE city = $1 AND order_id = $2 AND duty = $3 AND done_at IS NULL";
    FINISH_TASK_ITEM = "UPDATE desk_item SET done_at = $4, person = $5 WHERE city = $1 AND order_id = $2 AND task = $3 AND what = $6 AND done_at IS NULL";
    TAKE_LEASE = "INSERT INTO lease (city, name, holder, until) VALUES ($1, $2, $3, $4) ON CONFLICT (city, name) DO UPDATE SET holder = excluded.holder, until = excluded.until WHERE lease.until < $5 OR lease.holder = excluded.holder";
    CHAIN_HEAD = "SELECT seq, hash FROM register_event WHERE city = $1 AND chain = $2 ORDER BY seq DESC LIMIT 1";
    CHAIN_ADD = "INSERT INTO register_event (city, chain, seq, at, person, name, body, hash) VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (city, chain, seq) DO NOTHING";
    CHAIN = "SELECT seq, at, person, name, body, hash FROM register_event WHERE city = $1 AND chain = $2 ORDER BY seq";
    CHAIN_END = "SELECT seq, at, person, name, body, hash FROM register_event WHERE city = $1 AND chain = $2 ORDER BY seq DESC LIMIT 1";
    CHAINS = "SELECT DISTINCT chain FROM register_event WHERE city = $1 ORDER BY chain";
    FEED = "SELECT order_id, seq FROM feed WHERE city = $1 AND consumer = $2 ORDER BY order_id, seq LIMIT $3";
    LAST_CHECKPOINT = "SELECT no, digest FROM checkpoint WHERE city = $1 ORDER BY no DESC LIMIT 1";
    ADD_CHECKPOINT = "INSERT INTO checkpoint (city, no, at, entries, digest, signature) VALUES ($1, $2, $3, $4, $5, $6)";
    CHECKPOINTS = "SELECT no, at, entries, digest, signature FROM checkpoint WHERE city = $1 ORDER BY no";
    CHECKPOINT_HASHES = "SELECT e.order_id, e.seq, e.last, v.seq, v.hash, v.at FROM checkpoint_entry e LEFT JOIN event v ON v.city = e.city AND v.order_id = e.order_id AND v.seq BETWEEN e.seq AND e.last WHERE e.city = $1 AND e.checkpoint = $2 ORDER BY e.order_id, e.seq, v.seq";
    WITHOUT_CHECKPOINT = "SELECT CAST(COALESCE(SUM(e.last - e.seq + 1), 0) AS BIGINT) FROM checkpoint_entry e WHERE e.city = $1 AND NOT EXISTS (SELECT 1 FROM checkpoint c WHERE c.city = e.city AND c.no = e.checkpoint)";
    WITHOUT_EVENT = "SELECT f.order_id, f.seq FROM feed f WHERE f.city = $1 AND NOT EXISTS (SELECT 1 FROM event v WHERE v.city = f.city AND v.order_id = f.order_id AND v.seq = f.seq) ORDER BY f.order_id, f.seq LIMIT $2";
    UNCOVERED = "SELECT CAST(COUNT(*) AS BIGINT) FROM event v WHERE v.city = $1 AND NOT EXISTS (SELECT 1 FROM checkpoint_entry e WHERE e.city = v.city AND e.order_id = v.order_id AND v.seq BETWEEN e.seq AND e.last) AND NOT EXISTS (SELECT 1 FROM feed f WHERE f.city = v.city AND f.consumer = 'checkpoint' AND f.order_id = v.order_id AND f.seq = v.seq)";
}

/// A setting and its version; none when it was never set.
///
/// # Errors
/// [`StoreError`] of the database.
pub async fn setting(tx: &mut Tx, city: &str, name: &str) -> Result<Option<(String, i64)>, StoreError> {
    tx.fetch_optional(&SETTING, values![city, name]).await?.map(|row| Ok((row.string(0)?, row.int(1)?))).transpose()
}

/// A setting and its version as they are now, outside a transaction.
///
/// # Errors
/// [`StoreError`] of the database.
pub async fn setting_now(db: &Db, city: &str, name: &str) -> Result<Option<(String, i64)>, StoreError> {
    db.fetch_optional(&SETTING, values![city, name]).await?.map(|row| Ok((row.string(0)?, row.int(1)?))).transpose()
}

/// The setting whose version counts changes of the register: of units, and of who holds which post and duty phone in them.
pub const REGISTER: &str = "register";

/// Counts a change of the register on, so that no process goes by what it read before.
///
/// # Errors
/// [`StoreError`] of the database.
pub async fn register_changed(tx: &mut Tx, city: &str) -> Result<(), StoreError> {
    set(tx, city, REGISTER, "changed").await
}

/// Sets a setting; its version counts on.
///
/// # Errors
/// [`StoreError`] of the database.
pub async fn set(tx: &mut Tx, city: &str, name: &str, value: &str) -> Result<(), StoreError> {
    tx.execute(&SET, values![city, name, value]).await.map(drop)
}

/// Leases the next `count` order numbers of a day; gives the first.
///
/// # Errors
/// [`StoreError`] of the database.
pub async fn take_numbers(tx: &mut Tx, city: &str, day: i64, count: i64) -> Result<i64, StoreError> {
    Ok(tx.fetch_one(&TAKE_NUMBERS, values![city, day, count]).await?.int(0)? - count + 1)
}

/// The answer given before under a key, with the digest of what was asked.
///
/// # Errors
/// [`StoreError`] of the database.
pub async fn answered(
    tx: &mut Tx,
    city: &str,
    person: &str,
    key: &str,
) -> Result<Option<(String, String)>, StoreError> {
    tx.fetch_optional(&ANSWERED, values![city, person, key])
        .await?
        .map(|row| Ok((row.string(0)?, row.string(1)?)))
        .transpose()
}

/// Keeps an answer under its key.
///
/// # Errors
/// [`StoreError::Unique`] when the key was used meanwhile; it may come with the commit.
pub async fn remember(
    tx: &mut Tx,
    city: &str,
    person: &str,
    key: &str,
    digest: &str,
    answer: &str,
    at: Instant,
) -> Result<(), StoreError> {
    let mut changes = tx.changes();
    changes.insert(&ANSWER, vec![values![city, person, key, digest, answer, at.ms()]]);
    tx.defer(changes).await
}

/// Forgets answers older than a moment.
///
/// # Errors
/// [`StoreError`] of the database.
pub async fn forget(tx: &mut Tx, city: &str, before: Instant) -> Result<u64, StoreError> {
    tx.execute(&FORGET, values![city, before.ms()]).await
}

/// A refused attempt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attempt {
    /// Who.
    pub person: String,
    /// The command.
    pub command: String,
    /// Code of the refusal.
    pub code: String,
    /// When.
    pub at: Instant,
}

/// Logs a refused attempt.
///
/// # Errors
/// [`StoreError`] of the database.
pub async fn attempt(tx: &mut Tx, city: &str, id: &str, order: Option<&str>, a: &Attempt) -> Result<(), StoreError> {
    let values = values![city, id, order, &a.person, &a.command, &a.code, a.at.ms()];
    tx.execute(&ATTEMPT, values).await.map(drop)
}

/// The refused attempts on an order.
///
/// # Errors
/// [`StoreError`] of the database.
pub async fn attempts(tx: &mut Tx, city: &str, order: &str) -> Result<Vec<Attempt>, StoreError> {
    let read = |row: &Row| {
        Ok(Attempt { person: row.string(0)?, command: row.string(1)?, code: row.string(2)?, at: Instant(row.int(3)?) })
    };
    tx.fetch(&ATTEMPTS, values![city, order]).await?.iter().map(read).collect()
}

/// One reading of an identity.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reveal {
    /// Who read.
    pub person: String,
    /// Which fields.
    pub field: String,
    /// Why.
    pub purpose: String,
    /// When.
    pub at: Instant,
}

/// Logs that an identity was read.
///
/// # Errors
/// [`StoreError`] of the database.
pub async fn reveal(
    tx: &mut Tx,
    city: &str,
    id: &str,
    order: &str,
    claimant: &str,
    r: &Reveal,
) -> Result<(), StoreError> {
    let values = values![city, id, order, claimant, &r.person, &r.field, &r.purpose, r.at.ms()];
    tx.execute(&REVEAL, values).await.map(drop)
}

/// Something a person must do beside the orders in their queue (待办).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeskItem {
    /// Its id.
    pub id: String,
    /// The order.
    pub order: String,
    /// `tell`, `phone-notice`, `relay`, `follow-up`, `alert`.
    pub what: String,
    /// The desk.
    pub unit: String,
    /// The task it is about.
    pub task: Option<i64>,
    /// The duty to tell it would discharge.
    pub duty: Option<i64>,
    /// Since when.
    pub created_at: Instant,
    /// By when.
    pub due: Instant,
    /// A note.
    pub note: Option<String>,
}

fn item(row: &Row) -> Result<DeskItem, StoreError> {
    Ok(DeskItem {
        id: row.string(0)?,
        order: row.string(1)?,
        what: row.string(2)?,
        unit: row.string(3)?,
        task: row.opt_int(4)?,
        duty: row.opt_int(5)?,
        created_at: Instant(row.int(6)?),
        due: Instant(row.int(7)?),
        note: row.opt_string(8)?,
    })
}

/// Adds a desk item, once under `dedupe`.
///
/// # Errors
/// [`StoreError`] of the database.
pub async fn add_item(tx: &mut Tx, city: &str, i: &DeskItem, dedupe: &str) -> Result<bool, StoreError> {
    let values =
        values![city, &i.id, &i.order, &i.what, &i.unit, i.task, i.duty, i.created_at.ms(), i.due.ms(), dedupe];
    Ok(tx.execute(&ADD_ITEM, values).await? > 0)
}

/// Open items of a desk, by due.
///
/// # Errors
/// [`StoreError`] of the database.
pub async fn items(tx: &mut Tx, city: &str, unit: &str, limit: i64) -> Result<Vec<DeskItem>, StoreError> {
    tx.fetch(&ITEMS, values![city, unit, limit]).await?.iter().map(item).collect()
}

/// Open items of an order.
///
/// # Errors
/// [`StoreError`] of the database.
pub async fn items_of_order(tx: &mut Tx, city: &str, order: &str) -> Result<Vec<DeskItem>, StoreError> {
    tx.fetch(&ITEMS_OF_ORDER, values![city, order]).await?.iter().map(item).collect()
}

/// An open item.
///
/// # Errors
/// [`StoreError`] of the database.
pub async fn item_by_id(tx: &mut Tx, city: &str, id: &str) -> Result<Option<DeskItem>, StoreError> {
    tx.fetch_optional(&ITEM, values![city, id]).await?.map(|row| item(&row)).transpose()
}

/// Marks an item done. False when it was already.
///
/// # Errors
/// [`StoreError`] of the database.
pub async fn finish_item(
    tx: &mut Tx,
    city: &str,
    id: &str,
    at: Instant,
    person: &str,
    note: Option<&str>,
) -> Result<bool, StoreError> {
    Ok(tx.execute(&FINISH_ITEM, values![city, id, at.ms(), person, note]).await? > 0)
}

/// Marks the items of a duty done.
///
/// # Errors
/// [`StoreError`] of the database.
pub async fn finish_duty_item(
    tx: &mut Tx,
    city: &str,
    order: &str,
    duty: i64,
    at: Instant,
    person: &str,
) -> Result<(), StoreError> {
    tx.execute(&FINISH_DUTY_ITEM, values![city, order, duty, at.ms(), person]).await.map(drop)
}

/// Marks a task's items of one kind done.
///
/// # Errors
/// [`StoreError`] of the database.
pub async fn finish_task_item(
    tx: &mut Tx,
    city: &str,
    order: &str,
    task: i64,
    what: &str,
    at: Instant,
    person: &str,
) -> Result<(), StoreError> {
    tx.execute(&FINISH_TASK_ITEM, values![city, order, task, at.ms(), person, what]).await.map(drop)
}

/// Takes or keeps a lease until a moment. False while another holds it.
///
/// # Errors
/// [`StoreError`] of the database.
pub async fn take_lease(
    tx: &mut Tx,
    city: &str,
    name: &str,
    holder: &str,
    now: Instant,
    until: Instant,
) -> Result<bool, StoreError> {
    Ok(tx.execute(&TAKE_LEASE, values![city, name, holder, until.ms(), now.ms()]).await? > 0)
}

/// One entry of a chain that is not an order's: people, units, packs, settings.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChainEntry {
    /// Its place, from 1.
    pub seq: i64,
    /// When.
    pub at: Instant,
    /// Who.
    pub person: String,
    /// What happened.
    pub name: String,
    /// Codes and ids, as JSON.
    pub body: String,
    /// Hash over this entry and the hash before it.
    pub hash: String,
}

impl ChainEntry {
    /// The hash this entry must carry after `previous`.
    pub fn expected_hash(&self, city: &str, chain: &str, previous: &str) -> String {
        let (seq, at) = (self.seq.to_string(), self.at.ms().to_string());
        seal::chain_hash(previous, &[city, chain, &seq, &at, &self.person, &self.name, &self.body])
    }
}

/// Adds an entry at the end of a chain.
///
/// # Errors
/// [`StoreError`] of the database.
pub async fn add_to_chain(
    tx: &mut Tx,
    city: &str,
    chain: &str,
    at: Instant,
    person: &str,
    name: &str,
    body: &str,
) -> Result<(), StoreError> {
    let head = tx.fetch_optional(&CHAIN_HEAD, values![city, chain]).await?;
    let (seq, previous) = match head {
        Some(row) => (row.int(0)? + 1, row.string(1)?),
        None => (1, String::new()),
    };
    let mut entry = ChainEntry {
        seq,
        at,
        person: person.to_owned(),
        name: name.to_owned(),
        body: body.to_owned(),
        hash: String::new(),
    };
    entry.hash = entry.expected_hash(city, chain, &previous);
    let values = values![city, chain, seq, at.ms(), person, name, body, &entry.hash];
    // Another's entry at this place: PostgreSQL asks to run the whole write again, which a plain clash would not.
    match tx.execute(&CHAIN_ADD, values).await? {
        0 => Err(StoreError::Conflict),
        _ => Ok(()),
    }
}

/// The names of all chains.
///
/// # Errors
/// [`StoreError`] of the database.
pub async fn chains(tx: &mut Tx, city: &str) -> Result<Vec<String>, StoreError> {
    tx.fetch(&CHAINS, values![city]).await?.iter().map(|row| row.string(0)).collect()
}

/// A chain, in order.
///
/// # Errors
/// [`StoreError`] of the database.
pub async fn chain(tx: &mut Tx, city: &str, name: &str) -> Result<Vec<ChainEntry>, StoreError> {
    tx.fetch(&CHAIN, values![city, name]).await?.iter().map(read_entry).collect()
}

/// The last entry of a chain.
///
/// # Errors
/// [`StoreError`] of the database.
pub async fn chain_end(tx: &mut Tx, city: &str, name: &str) -> Result<Option<ChainEntry>, StoreError> {
    tx.fetch_optional(&CHAIN_END, values![city, name]).await?.map(|row| read_entry(&row)).transpose()
}

fn read_entry(row: &Row) -> Result<ChainEntry, StoreError> {
    Ok(ChainEntry {
        seq: row.int(0)?,
        at: Instant(row.int(1)?),
        person: row.string(2)?,
        name: row.string(3)?,
        body: row.string(4)?,
        hash: row.string(5)?,
    })
}

/// A signed summary of journal entries.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checkpoint {
    /// Its number, from 1.
    pub no: i64,
    /// When it was made.
    pub at: Instant,
    /// How many entries it covers.
    pub entries: i64,
    /// Digest over the entries and the digest before.
    pub digest: String,
    /// Signature over the digest.
    pub signature: Vec<u8>,
}

/// An entry a checkpoint covers: order, seq, and hash and time of the event, where it is still there.
pub type Covered = (String, i64, Option<String>, Option<i64>);

const FEED_TABLE: Table = Table {
    name: "feed",
    key: &["city", "consumer", "order_id", "seq"],
    columns: &["city", "consumer", "order_id", "seq"],
};
const ENTRY_TABLE: Table = Table {
    name: "checkpoint_entry",
    key: &["city", "order_id", "seq"],
    columns: &["city", "order_id", "seq", "last", "checkpoint"],
};

/// Up to `limit` feed rows of a consumer: order and event.
///
/// # Errors
/// [`StoreError`] of the database.
pub async fn feed(tx: &mut Tx, city: &str, consumer: &str, limit: i64) -> Result<Vec<(String, i64)>, StoreError> {
    let rows = tx.fetch(&FEED, values![city, consumer, limit]).await?;
    rows.iter().map(|row| Ok((row.string(0)?, row.int(1)?))).collect()
}

/// Claims up to `limit` feed rows of a consumer and deletes them in the same transaction.
///
/// # Errors
/// [`StoreError`] of the database.
pub async fn claim_feed(tx: &mut Tx, city: &str, consumer: &str, limit: i64) -> Result<Vec<(String, i64)>, StoreError> {
    let found = feed(tx, city, consumer, limit).await?;
    let keys = found.iter().map(|(order, seq)| values![city, consumer, order, *seq]).collect();
    tx.delete(&FEED_TABLE, keys).await?;
    Ok(found)
}

/// Hashes of events, in the order asked for.
///
/// # Errors
/// [`StoreError::Corrupt`] when one of them is not there.
pub async fn event_hashes(tx: &mut Tx, city: &str, keys: &[(String, i64)]) -> Result<Vec<String>, StoreError> {
    let mut found = std::collections::HashMap::new();
    let mut orders: Vec<&str> = keys.iter().map(|(order, _)| order.as_str()).collect();
    orders.dedup();
    for chunk in orders.chunks(400) {
        let list = List::new("v.order_id, v.seq, v.hash", "event v")
            .filter(Filter::new().is("v.city", city).among("v.order_id", chunk.iter().copied()))
            .sort(&BY_ENTRY)
            .limit(1_000_000)
            .query();
        for row in tx.fetch_list(&list).await? {
            found.insert((row.string(0)?, row.int(1)?), row.string(2)?);
        }
    }
    keys.iter()
        .map(|key| {
            let missing = || StoreError::Corrupt(format!("event {} of order `{}` is missing", key.1, key.0));
            found.get(key).cloned().ok_or_else(missing)
        })
        .collect()
}

const BY_ENTRY: Sort = Sort { keys: &["v.order_id", "v.seq"], descending: false };

/// Number and digest of the last checkpoint.
///
/// # Errors
/// [`StoreError`] of the database.
pub async fn last_checkpoint(tx: &mut Tx, city: &str) -> Result<Option<(i64, String)>, StoreError> {
    tx.fetch_optional(&LAST_CHECKPOINT, values![city]).await?.map(|row| Ok((row.int(0)?, row.string(1)?))).transpose()
}

/// Adds a checkpoint over these entries.
///
/// # Errors
/// [`StoreError`] of the database.
pub async fn add_checkpoint(
    tx: &mut Tx,
    city: &str,
    c: &Checkpoint,
    entries: &[(String, i64)],
) -> Result<(), StoreError> {
    let values = values![city, c.no, c.at.ms(), c.entries, &c.digest, c.signature.clone()];
    tx.execute(&ADD_CHECKPOINT, values).await?;
    // Events of one order that follow each other are one row.
    let mut runs: Vec<(&str, i64, i64)> = Vec::new();
    for (order, seq) in entries {
        match runs.last_mut() {
            Some((of, _, last)) if *of == order && *last + 1 == *seq => *last = *seq,
            _ => runs.push((order, *seq, *seq)),
        }
    }
    let rows = runs.into_iter().map(|(order, first, last)| values![city, order, first, last, c.no]).collect();
    tx.insert(&ENTRY_TABLE, rows).await.map(drop)
}

/// All checkpoints.
///
/// # Errors
/// [`StoreError`] of the database.
pub async fn checkpoints(tx: &mut Tx, city: &str) -> Result<Vec<Checkpoint>, StoreError> {
    let read = |row: &Row| {
        Ok(Checkpoint {
            no: row.int(0)?,
            at: Instant(row.int(1)?),
            entries: row.int(2)?,
            digest: row.string(3)?,
            signature: row.bytes(4)?,
        })
    };
    tx.fetch(&CHECKPOINTS, values![city]).await?.iter().map(read).collect()
}

/// What a checkpoint covers, in order.
///
/// # Errors
/// [`StoreError`] of the database.
pub async fn covered(tx: &mut Tx, city: &str, no: i64) -> Result<Vec<Covered>, StoreError> {
    let mut found: Vec<Covered> = Vec::new();
    let mut run: Option<(String, i64, i64, i64)> = None;
    let rest = |found: &mut Vec<Covered>, run: Option<(String, i64, i64, i64)>| {
        if let Some((order, _, next, last)) = run {
            found.extend((next..=last).map(|seq| (order.clone(), seq, None, None)));
        }
    };
    for row in tx.fetch(&CHECKPOINT_HASHES, values![city, no]).await? {
        let (order, first, last) = (row.str(0)?, row.int(1)?, row.int(2)?);
        if run.as_ref().is_none_or(|(of, from, ..)| of != order || *from != first) {
            rest(&mut found, run.take());
            run = Some((order.to_owned(), first, first, last));
        }
        let (Some((order, _, next, _)), Some(seq)) = (run.as_mut(), row.opt_int(3)?) else { continue };
        // What is not there is told as well.
        found.extend((*next..seq).map(|seq| (order.clone(), seq, None, None)));
        found.push((order.clone(), seq, row.opt_string(4)?, row.opt_int(5)?));
        *next = seq + 1;
    }
    rest(&mut found, run);
    Ok(found)
}

/// Entries of checkpoints that are not there.
///
/// # Errors
/// [`StoreError`] of the database.
pub async fn without_checkpoint(tx: &mut Tx, city: &str) -> Result<i64, StoreError> {
    tx.fetch_one(&WITHOUT_CHECKPOINT, values![city]).await?.int(0)
}

/// Some events that a consumer still has to look at and that are not there: order and place.
///
/// # Errors
/// [`StoreError`] of the database.
pub async fn without_event(tx: &mut Tx, city: &str, limit: i64) -> Result<Vec<(String, i64)>, StoreError> {
    let rows = tx.fetch(&WITHOUT_EVENT, values![city, limit]).await?;
    rows.iter().map(|row| Ok((row.string(0)?, row.int(1)?))).collect()
}

/// Events neither under a checkpoint nor waiting for one.
///
/// # Errors
/// [`StoreError`] of the database.
pub async fn uncovered(tx: &mut Tx, city: &str) -> Result<i64, StoreError> {
    tx.fetch_one(&UNCOVERED, values![city]).await?.int(0)
}
