//! Orders: the row that is the order, the rows lists and timers read, and the journal they are all made from.
//!
//! Every row but the journal is a pure function of the order ([`rows`]): a command writes the difference between the
//! rows before and after, and a rebuild must find the same ones.

use huiyin_core::{
    id::OrderId,
    order::{Event, Order, Standing},
    policy::Level,
    time::{Instant, Zone},
};

use crate::{Row, StoreError, Table, Tx, Value, seal, values};

/// `due` of what has no limit: sorts last, and no column is null.
pub const NEVER: i64 = 9_000_000_000_000_000;

/// An order as stored, with the last hash of its journal.
#[derive(Debug, Clone)]
pub struct Stored {
    /// The order.
    pub order: Order,
    /// Hash of its last event; empty before the first.
    pub hash: String,
}

/// Who an event is written for.
#[derive(Debug, Clone)]
pub struct Author {
    /// The person, or `system` or `claimant`.
    pub person: String,
    /// The unit acted for.
    pub unit: String,
}

/// One row of the journal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JournalRow {
    /// The order.
    pub order: String,
    /// Its place in the order's journal, from 1.
    pub seq: i64,
    /// When.
    pub at: Instant,
    /// Day in the city's zone.
    pub day: i64,
    /// Who.
    pub person: String,
    /// For which unit.
    pub unit: String,
    /// Event name.
    pub name: String,
    /// The event as JSON.
    pub body: String,
    /// Hash over this row and the hash before it.
    pub hash: String,
}

impl JournalRow {
    /// The hash this row must carry after `previous`.
    pub fn expected_hash(&self, city: &str, previous: &str) -> String {
        seal::chain_hash(
            previous,
            &[
                city,
                &self.order,
                &self.seq.to_string(),
                &self.at.ms().to_string(),
                &self.day.to_string(),
                &self.person,
                &self.unit,
                &self.name,
                &self.body,
            ],
        )
    }

    /// The event.
    ///
    /// # Errors
    /// When the body is not an event this program knows.
    pub fn event(&self) -> Result<Event, StoreError> {
        serde_json::from_str(&self.body)
            .map_err(|error| StoreError::Corrupt(format!("event {} of order `{}`: {error}", self.seq, self.order)))
    }
}

const ORDER: Table = Table {
    name: "work_order",
    key: &["city", "id"],
    columns: &[
        "city", "id", "no", "seq", "state", "outcome", "kind", "subject", "urgency", "area", "channel", "holder",
        "holder_task", "desk", "lies_with", "target", "is_open", "secret", "sealed", "supervised", "difficult", "asked",
        "redo", "urges", "missed", "due", "provisional", "received_at", "taken_in_at", "closed_at", "day", "closed_day",
        "title", "merged_into", "body", "hash",
    ],
};
const TASK: Table = Table {
    name: "task",
    key: &["city", "order_id", "no"],
    columns: &[
        "city", "order_id", "no", "unit", "parent", "role", "state", "is_open", "is_first", "redo", "delivered_at", "due",
        "missed", "asked",
    ],
};
const CLOCK: Table = Table {
    name: "clock",
    key: &["city", "order_id", "no"],
    columns: &[
        "city", "order_id", "no", "name", "level", "task", "standing", "state", "started_at", "due", "provisional",
        "missed_at", "next_at", "next_moment",
    ],
};
const REQUEST: Table = Table {
    name: "request",
    key: &["city", "order_id", "no"],
    columns: &["city", "order_id", "no", "task", "unit", "ask", "decision", "asked_at", "decided_at"],
};
const DUTY: Table = Table {
    name: "duty",
    key: &["city", "order_id", "no"],
    columns: &["city", "order_id", "no", "what", "claimant", "owed_at", "told_at", "impossible"],
};
const EVENT: Table = Table {
    name: "event",
    key: &["city", "order_id", "seq"],
    columns: &["city", "order_id", "seq", "at", "day", "person", "unit", "name", "body", "hash"],
};
const FEED: Table = Table {
    name: "feed",
    key: &["city", "consumer", "order_id", "seq"],
    columns: &["city", "consumer", "order_id", "seq"],
};
/// The rows an order has in each table beside the journal, by key; the order's own hash is left out.
pub struct Rows {
    /// `work_order`.
    pub order: Vec<Vec<Value>>,
    /// `task`.
    pub tasks: Vec<Vec<Value>>,
    /// `clock`.
    pub clocks: Vec<Vec<Value>>,
    /// `request`.
    pub requests: Vec<Vec<Value>>,
    /// `duty`.
    pub duties: Vec<Vec<Value>>,
}

fn code<T: serde::Serialize>(value: &T) -> String {
    match serde_json::to_value(value) {
        Ok(serde_json::Value::String(code)) => code,
        Ok(serde_json::Value::Object(map)) => map.into_iter().next().map_or_else(String::new, |(code, _)| code),
        _ => String::new(),
    }
}

/// All rows of an order.
///
/// # Errors
/// When the order cannot be written as JSON, which no order of this program is.
pub fn rows(city: &str, zone: &Zone, order: &Order) -> Result<Rows, StoreError> {
    let id = order.id.as_str();
    let holder = order.holder();
    let due = order.case_due();
    let asked = order.pending().next().map(|request| request.ask.code());
    let body = serde_json::to_string(order).map_err(|error| StoreError::Corrupt(error.to_string()))?;
    let missed = order.clocks.iter().any(|clock| clock.missed.is_some() && clock.is_running() && clock.name == "close");
    let own = values![
        city,
        id,
        order.no.as_str(),
        order.seq as i64,
        order.state.code(),
        order.outcome().map(|outcome| outcome.code()),
        order.kind.as_deref(),
        order.subject.as_deref(),
        order.urgency.code(),
        order.area.as_deref(),
        order.channel.code(),
        holder.as_ref().map(|holder| holder.unit.as_str()),
        holder.as_ref().and_then(|holder| holder.task).map(|task| i64::from(task.0)),
        order.desk.as_str(),
        order.lies_with.as_str(),
        order.target.as_ref().map(|unit| unit.as_str()),
        order.state.is_open(),
        order.secret,
        order.sealed,
        order.supervision.iter().any(|supervision| supervision.on),
        order.difficult,
        asked,
        i64::from(order.redo),
        i64::from(order.urges),
        missed,
        due.map_or(NEVER, |clock| clock.due.at.ms()),
        due.is_some_and(|clock| clock.due.provisional),
        order.received_at.ms(),
        order.taken_in_at.ms(),
        order.closed_at.map(Instant::ms),
        zone.day(order.taken_in_at).number(),
        order.closed_at.map(|at| zone.day(at).number()),
        order.title.as_ref().map(|title| title.content.as_str()),
        order.merged.as_ref().map(|(into, _)| into.as_str()),
        body
    ];
    let tasks = order
        .tasks
        .iter()
        .map(|task| {
            let close = order.governing("close", Level::Task, Some(task.no));
            let asked = order.pending().find(|request| request.task == task.no).map(|request| request.ask.code());
            values![
                city,
                id,
                i64::from(task.no.0),
                task.unit.as_str(),
                task.parent.map(|parent| i64::from(parent.0)),
                task.role.code(),
                task.state.code(),
                task.state.is_open() && order.state.is_open(),
                task.first,
                i64::from(task.redo),
                task.delivered_at.ms(),
                close.map_or(NEVER, |clock| clock.due.at.ms()),
                close.is_some_and(|clock| clock.missed.is_some()),
                asked
            ]
        })
        .collect();
    let clocks = order
        .clocks
        .iter()
        .map(|clock| {
            let next = order.next_moment(clock);
            values![
                city,
                id,
                i64::from(clock.no.0),
                clock.name.as_str(),
                code(&clock.level),
                clock.task.map(|task| i64::from(task.0)),
                code(&clock.standing),
                code(&clock.state),
                clock.start.ms(),
                clock.due.at.ms(),
                clock.due.provisional,
                clock.missed.filter(|_| clock.standing != Standing::Yields).map(Instant::ms),
                next.map(|(at, _)| at.ms()),
                next.map(|(_, moment)| code(&moment))
            ]
        })
        .collect();
    let requests = order
        .requests
        .iter()
        .map(|request| {
            let unit = order.task(request.task).map_or("", |task| task.unit.as_str());
            values![
                city,
                id,
                i64::from(request.no.0),
                i64::from(request.task.0),
                unit,
                request.ask.code(),
                code(&request.decision),
                request.asked_at.ms(),
                request.decided_at.map(Instant::ms)
            ]
        })
        .collect();
    let duties = order
        .duties
        .iter()
        .map(|duty| {
            values![
                city,
                id,
                i64::from(duty.no.0),
                duty.what.code(),
                duty.claimant.as_str(),
                duty.owed_at.ms(),
                duty.told_at.map(Instant::ms),
                duty.impossible
            ]
        })
        .collect();
    Ok(Rows { order: vec![own], tasks, clocks, requests, duties })
}

/// Rows of `after` that are new or differ; keys of `before` that are gone.
fn difference(before: Vec<Vec<Value>>, after: Vec<Vec<Value>>) -> (Vec<Vec<Value>>, Vec<Vec<Value>>) {
    let key = |row: &[Value]| row[..3].to_vec();
    let gone = before.iter().skip(after.len()).map(|row| key(row)).collect();
    let changed = after
        .into_iter()
        .enumerate()
        .filter(|(at, row)| before.get(*at) != Some(row))
        .map(|(_, row)| row)
        .collect();
    (changed, gone)
}

/// Writes what a command did: the order's rows, its events at the end of its chain, what consumers must look at.
///
/// # Errors
/// [`StoreError`] of the database.
pub async fn save(
    tx: &mut Tx,
    city: &str,
    zone: &Zone,
    before: Option<&Stored>,
    after: Order,
    events: &[Event],
    author: &Author,
) -> Result<Stored, StoreError> {
    let id = after.id.as_str();
    let (at, first) = (after.at, after.seq - events.len() as u64 + 1);
    let day = zone.day(at).number();
    let mut hash = before.map_or_else(String::new, |stored| stored.hash.clone());
    let mut journal = Vec::with_capacity(events.len());
    let mut feed = Vec::with_capacity(events.len());
    for (event, seq) in events.iter().zip(first..) {
        let row = JournalRow {
            order: id.to_owned(),
            seq: seq as i64,
            at,
            day,
            person: author.person.clone(),
            unit: author.unit.clone(),
            name: event.name(),
            body: serde_json::to_string(event).map_err(|error| StoreError::Corrupt(error.to_string()))?,
            hash: String::new(),
        };
        hash = row.expected_hash(city, &hash);
        feed.push(values![city, "checkpoint", id, row.seq]);
        journal.push(values![
            city,
            id,
            row.seq,
            row.at.ms(),
            row.day,
            row.person,
            row.unit,
            row.name,
            row.body,
            hash.as_str()
        ]);
    }
    let old = match before {
        Some(stored) => rows(city, zone, &stored.order)?,
        None => Rows { order: vec![], tasks: vec![], clocks: vec![], requests: vec![], duties: vec![] },
    };
    let mut new = rows(city, zone, &after)?;
    for row in &mut new.order {
        row.push(hash.as_str().into());
    }
    tx.upsert(&ORDER, new.order).await?;
    for (table, old, new) in [
        (&TASK, old.tasks, new.tasks),
        (&CLOCK, old.clocks, new.clocks),
        (&REQUEST, old.requests, new.requests),
        (&DUTY, old.duties, new.duties),
    ] {
        let (changed, gone) = difference(old, new);
        tx.upsert(table, changed).await?;
        tx.delete(table, gone).await?;
    }
    tx.insert(&EVENT, journal).await?;
    tx.insert(&FEED, feed).await?;
    Ok(Stored { order: after, hash })
}

crate::statements! {
    FIND = "SELECT body, hash FROM work_order WHERE city = $1 AND id = $2";
    FIND_BY_NO = "SELECT body, hash FROM work_order WHERE city = $1 AND no = $2";
    JOURNAL = "SELECT order_id, seq, at, day, person, unit, name, body, hash FROM event WHERE city = $1 AND order_id = $2 ORDER BY seq";
    ORDERS_AFTER = "SELECT id, body, hash FROM work_order WHERE city = $1 AND id > $2 ORDER BY id LIMIT $3";
    JOURNAL_HEADS = "SELECT DISTINCT order_id FROM event WHERE city = $1 AND order_id > $2 ORDER BY order_id LIMIT $3";
    DUE_CLOCKS = "SELECT order_id, no, next_moment, next_at FROM clock WHERE city = $1 AND next_at IS NOT NULL AND next_at <= $2 ORDER BY next_at LIMIT $3";
    MERGED_INTO = "SELECT id FROM work_order WHERE city = $1 AND merged_into = $2 ORDER BY id";
    ARCHIVABLE = "SELECT id FROM work_order WHERE city = $1 AND state = $2 AND id > $3 ORDER BY id LIMIT $4";
    WITHOUT_JOURNAL = "SELECT o.id FROM work_order o WHERE o.city = $1 AND NOT EXISTS (SELECT 1 FROM event v WHERE v.city = o.city AND v.order_id = o.id) LIMIT $2";
    STORED_TASKS = "SELECT no, unit, parent, role, state, is_open, is_first, redo, delivered_at, due, missed, asked FROM task WHERE city = $1 AND order_id = $2 ORDER BY no";
    STORED_CLOCKS = "SELECT no, name, level, task, standing, state, started_at, due, provisional, missed_at, next_at, next_moment FROM clock WHERE city = $1 AND order_id = $2 ORDER BY no";
    STORED_REQUESTS = "SELECT no, task, unit, ask, decision, asked_at, decided_at FROM request WHERE city = $1 AND order_id = $2 ORDER BY no";
    STORED_DUTIES = "SELECT no, what, claimant, owed_at, told_at, impossible FROM duty WHERE city = $1 AND order_id = $2 ORDER BY no";
    STORED_ORDER = "SELECT no, seq, state, outcome, kind, subject, urgency, area, channel, holder, holder_task, desk, lies_with, target, is_open, secret, sealed, supervised, difficult, asked, redo, urges, missed, due, provisional, received_at, taken_in_at, closed_at, day, closed_day, title, merged_into, body FROM work_order WHERE city = $1 AND id = $2";
}

fn stored(row: &Row, body: usize) -> Result<Stored, StoreError> {
    let order = serde_json::from_str(row.str(body)?)
        .map_err(|error| StoreError::Corrupt(format!("an order cannot be read: {error}; rebuild it from its journal")))?;
    Ok(Stored { order, hash: row.string(body + 1)? })
}

/// An order by its id.
///
/// # Errors
/// [`StoreError`] of the database.
pub async fn find(tx: &mut Tx, city: &str, id: &OrderId) -> Result<Option<Stored>, StoreError> {
    tx.fetch_optional(&FIND, values![city, id.as_str()]).await?.map(|row| stored(&row, 0)).transpose()
}

/// An order by its number.
///
/// # Errors
/// [`StoreError`] of the database.
pub async fn find_by_no(tx: &mut Tx, city: &str, no: &str) -> Result<Option<Stored>, StoreError> {
    tx.fetch_optional(&FIND_BY_NO, values![city, no]).await?.map(|row| stored(&row, 0)).transpose()
}

/// Up to `limit` orders after an id, in order of id.
///
/// # Errors
/// [`StoreError`] of the database.
pub async fn after(tx: &mut Tx, city: &str, id: &str, limit: i64) -> Result<Vec<Stored>, StoreError> {
    tx.fetch(&ORDERS_AFTER, values![city, id, limit]).await?.iter().map(|row| stored(row, 1)).collect()
}

fn journal_row(row: &Row) -> Result<JournalRow, StoreError> {
    Ok(JournalRow {
        order: row.string(0)?,
        seq: row.int(1)?,
        at: Instant(row.int(2)?),
        day: row.int(3)?,
        person: row.string(4)?,
        unit: row.string(5)?,
        name: row.string(6)?,
        body: row.string(7)?,
        hash: row.string(8)?,
    })
}

/// The journal of an order.
///
/// # Errors
/// [`StoreError`] of the database.
pub async fn journal(tx: &mut Tx, city: &str, order: &str) -> Result<Vec<JournalRow>, StoreError> {
    tx.fetch(&JOURNAL, values![city, order]).await?.iter().map(journal_row).collect()
}

/// Up to `limit` ids, after one, of orders that have a journal.
///
/// # Errors
/// [`StoreError`] of the database.
pub async fn journalled_after(tx: &mut Tx, city: &str, id: &str, limit: i64) -> Result<Vec<String>, StoreError> {
    tx.fetch(&JOURNAL_HEADS, values![city, id, limit]).await?.iter().map(|row| row.string(0)).collect()
}

/// A clock with a moment that has come.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DueClock {
    /// The order.
    pub order: OrderId,
    /// The clock's number.
    pub clock: u32,
    /// The moment's code.
    pub moment: String,
    /// When it came.
    pub at: Instant,
}

/// Clocks with a moment that has come, the earliest first. Its cost grows with what is due, not with what is open.
///
/// # Errors
/// [`StoreError`] of the database.
pub async fn due_clocks(tx: &mut Tx, city: &str, now: Instant, limit: i64) -> Result<Vec<DueClock>, StoreError> {
    tx.fetch(&DUE_CLOCKS, values![city, now.ms(), limit])
        .await?
        .iter()
        .map(|row| {
            Ok(DueClock {
                order: OrderId(row.string(0)?),
                clock: u32::try_from(row.int(1)?).unwrap_or(0),
                moment: row.string(2)?,
                at: Instant(row.int(3)?),
            })
        })
        .collect()
}

/// Orders merged into one.
///
/// # Errors
/// [`StoreError`] of the database.
pub async fn merged_into(tx: &mut Tx, city: &str, master: &OrderId) -> Result<Vec<OrderId>, StoreError> {
    tx.fetch(&MERGED_INTO, values![city, master.as_str()]).await?.iter().map(|row| Ok(OrderId(row.string(0)?))).collect()
}

/// Up to `limit` ids of orders in a state, after one.
///
/// # Errors
/// [`StoreError`] of the database.
pub async fn in_state(tx: &mut Tx, city: &str, state: &str, after: &str, limit: i64) -> Result<Vec<OrderId>, StoreError> {
    tx.fetch(&ARCHIVABLE, values![city, state, after, limit]).await?.iter().map(|row| Ok(OrderId(row.string(0)?))).collect()
}

/// Some orders that have no journal at all.
///
/// # Errors
/// [`StoreError`] of the database.
pub async fn without_journal(tx: &mut Tx, city: &str, limit: i64) -> Result<Vec<String>, StoreError> {
    tx.fetch(&WITHOUT_JOURNAL, values![city, limit]).await?.iter().map(|row| row.string(0)).collect()
}

/// What differs between the stored rows of an order and those a rebuild gives; empty when they are equal.
///
/// # Errors
/// [`StoreError`] of the database.
pub async fn compare(tx: &mut Tx, city: &str, zone: &Zone, rebuilt: &Order) -> Result<Vec<String>, StoreError> {
    let id = rebuilt.id.as_str();
    let expected = rows(city, zone, rebuilt)?;
    let mut faults = Vec::new();
    for (name, statement, expected, skip) in [
        ("work_order", &STORED_ORDER, &expected.order, 2_usize),
        ("task", &STORED_TASKS, &expected.tasks, 2),
        ("clock", &STORED_CLOCKS, &expected.clocks, 2),
        ("request", &STORED_REQUESTS, &expected.requests, 2),
        ("duty", &STORED_DUTIES, &expected.duties, 2),
    ] {
        let found = tx.fetch(statement, values![city, id]).await?;
        if found.len() != expected.len() {
            faults.push(format!("{name}: {} rows stored, {} in the journal", found.len(), expected.len()));
            continue;
        }
        for (row, expected) in found.iter().zip(expected) {
            for (at, value) in expected[skip..].iter().enumerate() {
                if !row.holds(at, value)? {
                    faults.push(format!("{name}: column {} differs from the journal", at + 1));
                }
            }
        }
    }
    Ok(faults)
}

