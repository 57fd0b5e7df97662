//! Orders: the row that is the order, the rows lists and timers read, and the journal they are all made from.
//!
//! Every row but the journal is a pure function of the order ([`rows`]): a command writes the difference between the
//! rows before and after, and a rebuild must find the same ones.

use huiyin_core::{
    id::OrderId,
    order::{Event, Order, Standing},
    policy::Level,
    time::{Day, Instant, Zone},
};

use crate::{Changes, Row, StoreError, Table, Tx, Value, alike, live, records::Reveal, seal, values};

/// `due` of what has no limit: sorts last, and no column is null.
pub const NEVER: i64 = 9_000_000_000_000_000;

/// `due_sort` of what has ended: behind everything open.
pub const ENDED: i64 = NEVER + 1;

/// What an order or task sorts by among others: its limit while it is open, else behind all of them.
fn due_sort(open: bool, due: Option<Instant>) -> i64 {
    if open { due.map_or(NEVER, Instant::ms) } else { ENDED }
}

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
        "city",
        "id",
        "no",
        "seq",
        "state",
        "outcome",
        "kind",
        "subject",
        "urgency",
        "area",
        "channel",
        "holder",
        "holder_task",
        "desk",
        "lies_with",
        "target",
        "is_open",
        "secret",
        "sealed",
        "supervised",
        "difficult",
        "asked",
        "redo",
        "urges",
        "missed",
        "due",
        "due_sort",
        "provisional",
        "received_at",
        "taken_in_at",
        "closed_at",
        "day",
        "closed_day",
        "title",
        "merged_into",
        "tags",
        "body",
        "hash",
    ],
};
const TASK: Table = Table {
    name: "task",
    key: &["city", "order_id", "no"],
    columns: &[
        "city",
        "order_id",
        "no",
        "unit",
        "parent",
        "role",
        "state",
        "is_open",
        "is_first",
        "redo",
        "delivered_at",
        "due",
        "due_sort",
        "missed",
        "asked",
        "handler",
    ],
};
const UNIT: Table = Table {
    name: "order_unit",
    key: &["city", "order_id", "unit"],
    columns: &["city", "order_id", "unit", "due_sort", "taken_in_at"],
};
const CLOCK: Table = Table {
    name: "clock",
    key: &["city", "order_id", "no"],
    columns: &[
        "city",
        "order_id",
        "no",
        "name",
        "level",
        "task",
        "standing",
        "state",
        "started_at",
        "due",
        "provisional",
        "missed_at",
        "next_at",
        "next_moment",
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
    columns: &["city", "consumer", "order_id", "seq", "at"],
};
/// The rows an order has in each table beside the journal, by key; the order's own hash is left out.
#[derive(Default)]
pub struct Rows {
    /// `work_order`.
    pub order: Vec<Vec<Value>>,
    /// `order_unit`.
    pub units: Vec<Vec<Value>>,
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
    Ok(Rows { order: vec![own_row(city, zone, order, in_full(order)?)], ..beside(city, order) })
}

/// The whole order as JSON.
fn in_full(order: &Order) -> Result<String, StoreError> {
    serde_json::to_string(order).map_err(|error| StoreError::Corrupt(error.to_string()))
}

/// The row of the order itself, but for its hash.
fn own_row(city: &str, zone: &Zone, order: &Order, body: String) -> Vec<Value> {
    let id = order.id.as_str();
    let holder = order.holder();
    let due = order.case_due();
    let asked = order.pending().next().map(|request| request.ask.code());
    let missed = order.clocks.iter().any(|clock| clock.missed.is_some() && clock.is_running() && clock.name == "close");
    values![
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
        due_sort(order.state.is_open(), due.map(|clock| clock.due.at)),
        due.is_some_and(|clock| clock.due.provisional),
        order.received_at.ms(),
        order.taken_in_at.ms(),
        order.closed_at.map(Instant::ms),
        zone.day(order.taken_in_at).number(),
        order.closed_at.map(|at| zone.day(at).number()),
        order.title.as_ref().map(|title| title.content.as_str()),
        order.merged.as_ref().map(|(into, _)| into.as_str()),
        (!order.tags.is_empty()).then(|| order.tags.join(" ")),
        body
    ]
}

/// The rows beside it: tasks, clocks, requests, duties.
fn beside(city: &str, order: &Order) -> Rows {
    let id = order.id.as_str();
    let mut concerned: Vec<&str> = order.tasks.iter().map(|task| task.unit.as_str()).collect();
    concerned.extend([order.lies_with.as_str(), order.desk.as_str()]);
    concerned.extend(order.copies.iter().map(|unit| unit.as_str()));
    concerned.sort_unstable();
    concerned.dedup();
    let sort = due_sort(order.state.is_open(), order.case_due().map(|clock| clock.due.at));
    let units = concerned.into_iter().map(|unit| values![city, id, unit, sort, order.taken_in_at.ms()]).collect();
    let tasks = order
        .tasks
        .iter()
        .map(|task| {
            let close = order.governing("close", Level::Task, Some(task.no));
            let asked = order.pending().find(|request| request.task == task.no).map(|request| request.ask.code());
            let open = task.state.is_open() && order.state.is_open();
            values![
                city,
                id,
                i64::from(task.no.0),
                task.unit.as_str(),
                task.parent.map(|parent| i64::from(parent.0)),
                task.role.code(),
                task.state.code(),
                open,
                task.first,
                i64::from(task.redo),
                task.delivered_at.ms(),
                close.map_or(NEVER, |clock| clock.due.at.ms()),
                due_sort(open, close.map(|clock| clock.due.at)),
                close.is_some_and(|clock| clock.missed.is_some()),
                asked,
                task.handler.as_ref().map(|person| person.as_str())
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
    Rows { order: Vec::new(), units, tasks, clocks, requests, duties }
}

/// Rows of `after` that are new or differ; keys of `before` that are gone.
fn difference(before: Vec<Vec<Value>>, after: Vec<Vec<Value>>) -> (Vec<Vec<Value>>, Vec<Vec<Value>>) {
    let gone =
        before.iter().filter(|old| after.iter().all(|new| new[..3] != old[..3])).map(|old| old[..3].to_vec()).collect();
    // Most lie where they lay.
    let known = |at: usize, row: &Vec<Value>| before.get(at) == Some(row) || before.contains(row);
    let changed = after.into_iter().enumerate().filter(|(at, row)| !known(*at, row)).map(|(_, row)| row).collect();
    (changed, gone)
}

/// An event about to be written: what, when, by whom.
#[derive(Debug, Clone)]
pub struct Entry<'a> {
    /// The event.
    pub event: &'a Event,
    /// When it happened.
    pub at: Instant,
    /// Who caused it.
    pub author: &'a Author,
}

/// Rows of the journal, and the hash the chain ends with.
fn journal_rows<'a>(
    city: &str,
    zone: &Zone,
    order: &OrderId,
    first: u64,
    previous: &str,
    entries: impl IntoIterator<Item = Entry<'a>>,
) -> Result<(Vec<Vec<Value>>, String), StoreError> {
    let mut hash = previous.to_owned();
    let mut rows = Vec::new();
    for (Entry { event, at, author }, seq) in entries.into_iter().zip(first..) {
        let row = JournalRow {
            order: order.0.clone(),
            seq: seq as i64,
            at,
            day: zone.day(at).number(),
            person: author.person.clone(),
            unit: author.unit.clone(),
            name: event.name(),
            body: serde_json::to_string(event).map_err(|error| StoreError::Corrupt(error.to_string()))?,
            hash: String::new(),
        };
        hash = row.expected_hash(city, &hash);
        let JournalRow { order, seq, at, day, person, unit, name, body, .. } = row;
        rows.push(values![city, order, seq, at.ms(), day, person, unit, name, body, hash.as_str()]);
    }
    Ok((rows, hash))
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
    let changes = tx.changes();
    save_with(tx, changes, city, zone, before, after, events, author).await
}

/// As [`save`], together with other changes.
///
/// # Errors
/// [`StoreError`] of the database.
#[allow(clippy::too_many_arguments, reason = "what came in with it, and all that a save needs")]
pub async fn save_with(
    tx: &mut Tx,
    mut changes: Changes,
    city: &str,
    zone: &Zone,
    before: Option<&Stored>,
    after: Order,
    events: &[Event],
    author: &Author,
) -> Result<Stored, StoreError> {
    let id = after.id.as_str();
    let first = after.seq - events.len() as u64 + 1;
    let entries = events.iter().map(|event| Entry { event, at: after.at, author });
    let previous = before.map_or("", |stored| stored.hash.as_str());
    let (journal, hash) = journal_rows(city, zone, &after.id, first, previous, entries)?;
    let mut feed: Vec<Vec<Value>> =
        (first..=after.seq).map(|seq| values![city, "checkpoint", id, seq as i64, None::<i64>]).collect();
    feed.push(values![city, live::CONSUMER, id, after.seq as i64, after.at.ms()]);
    if events.iter().any(|event| matches!(event, Event::Registered(_) | Event::Corrected { .. })) {
        feed.push(values![city, alike::CONSUMER, id, after.seq as i64, None::<i64>]);
    }
    let mut own = own_row(city, zone, &after, in_full(&after)?);
    own.push(hash.as_str().into());
    let old = match before {
        Some(stored) => {
            let mut was = own_row(city, zone, &stored.order, String::new());
            was.push(stored.hash.as_str().into());
            // Only the columns that differ, so that indexes over the others rest.
            let changed = ORDER.columns.iter().zip(own).zip(was).filter(|((_, now), was)| now != was);
            let changed = changed.map(|((column, now), _)| (*column, now)).collect();
            changes.update(&ORDER, values![city, id], changed);
            beside(city, &stored.order)
        }
        None => {
            changes.insert(&ORDER, vec![own]);
            Rows::default()
        }
    };
    let new = beside(city, &after);
    for (table, old, new) in [
        (&UNIT, old.units, new.units),
        (&TASK, old.tasks, new.tasks),
        (&CLOCK, old.clocks, new.clocks),
        (&REQUEST, old.requests, new.requests),
        (&DUTY, old.duties, new.duties),
    ] {
        let (changed, gone) = difference(old, new);
        changes.upsert(table, changed);
        changes.delete(table, gone);
    }
    changes.insert(&EVENT, journal);
    changes.insert(&FEED, feed);
    tx.defer(changes).await?;
    Ok(Stored { order: after, hash })
}

/// A whole order with its journal, as history is brought in.
#[derive(Debug)]
pub struct Life {
    /// The order as its last event left it.
    pub order: Order,
    /// Its events from the first, when each happened, and by whom.
    pub events: Vec<(Event, Instant, Author)>,
}

/// The rows of whole orders, made outside a transaction; the same rows [`save`] would have left.
pub struct History {
    rows: Rows,
    journal: Vec<Vec<Value>>,
    /// What a checkpoint must cover: order, place, hash; in their order.
    pub entries: Vec<(String, i64, String)>,
}

/// Makes the rows of whole orders.
///
/// # Errors
/// When an order or event cannot be written as JSON.
pub fn history(city: &str, zone: &Zone, lives: &[Life]) -> Result<History, StoreError> {
    let mut all = History { rows: Rows::default(), journal: Vec::new(), entries: Vec::new() };
    for Life { order, events } in lives {
        let entries = events.iter().map(|(event, at, author)| Entry { event, at: *at, author });
        let (journal, hash) = journal_rows(city, zone, &order.id, 1, "", entries)?;
        for (row, seq) in journal.iter().zip(1_i64..) {
            if let Some(Value::Text(Some(hash))) = row.last() {
                all.entries.push((order.id.0.clone(), seq, hash.clone()));
            }
        }
        all.journal.extend(journal);
        let mut own = own_row(city, zone, order, in_full(order)?);
        own.push(hash.into());
        let beside = beside(city, order);
        all.rows.order.push(own);
        all.rows.units.extend(beside.units);
        all.rows.tasks.extend(beside.tasks);
        all.rows.clocks.extend(beside.clocks);
        all.rows.requests.extend(beside.requests);
        all.rows.duties.extend(beside.duties);
    }
    all.entries.sort_unstable();
    Ok(all)
}

/// Writes whole orders. They are left to no consumer: whoever brings history in puts it under a checkpoint itself.
///
/// # Errors
/// [`StoreError::Unique`] when one of them is there already.
pub async fn bring_in(tx: &mut Tx, history: &History) -> Result<(), StoreError> {
    let Rows { order, units, tasks, clocks, requests, duties } = &history.rows;
    for (table, rows) in [
        (&ORDER, order),
        (&UNIT, units),
        (&TASK, tasks),
        (&CLOCK, clocks),
        (&REQUEST, requests),
        (&DUTY, duties),
        (&EVENT, &history.journal),
    ] {
        // Kept, for a write may be run again.
        tx.insert(table, rows.clone()).await?;
    }
    Ok(())
}

crate::statements! {
    FIND = "SELECT body, hash FROM work_order WHERE city = $1 AND id = $2";
    FIND_BY_NO = "SELECT body, hash FROM work_order WHERE city = $1 AND no = $2";
    FIND_BY_NO_BESIDE = "SELECT o.body, o.hash, s.version FROM (SELECT 1 AS one) AS always LEFT JOIN work_order o ON o.city = $1 AND o.no = $2 LEFT JOIN setting s ON s.city = $1 AND s.name = $3";
    JOURNAL = "SELECT order_id, seq, at, day, person, unit, name, body, hash FROM event WHERE city = $1 AND order_id = $2 ORDER BY seq";
    ORDERS_AFTER = "SELECT id, body, hash FROM work_order WHERE city = $1 AND id > $2 ORDER BY id LIMIT $3";
    TAKEN_IN_BETWEEN = "SELECT taken_in_at, id, body, hash FROM work_order WHERE city = $1 AND sealed = $2 AND (taken_in_at, id) > ($3, $4) AND taken_in_at < $5 ORDER BY taken_in_at, id LIMIT $6";
    COUNT_BETWEEN = "SELECT CAST(COUNT(*) AS BIGINT) FROM work_order WHERE city = $1 AND sealed IN (FALSE, TRUE) AND taken_in_at >= $2 AND taken_in_at < $3";
    JOURNAL_HEADS = "SELECT DISTINCT order_id FROM event WHERE city = $1 AND order_id > $2 ORDER BY order_id LIMIT $3";
    DUE_CLOCKS = "SELECT order_id, no, next_moment, next_at FROM clock WHERE city = $1 AND next_at IS NOT NULL AND next_at <= $2 ORDER BY next_at, order_id, no LIMIT $3";
    PROVISIONAL = "SELECT DISTINCT order_id FROM clock WHERE city = $1 AND provisional AND order_id > $2 AND state IN ('running', 'held', 'halted') ORDER BY order_id LIMIT $3";
    MERGED_INTO = "SELECT id FROM work_order WHERE city = $1 AND merged_into = $2 ORDER BY id";
    CLOSED = "SELECT id FROM work_order WHERE city = $1 AND state = 'closed' AND id > $2 ORDER BY id LIMIT $3";
    NAMED_JOURNAL = "SELECT e.order_id, e.seq, e.at, e.day, e.person, e.unit, e.name, e.body, e.hash, p.name FROM event e LEFT JOIN person p ON p.city = e.city AND p.id = e.person WHERE e.city = $1 AND e.order_id = $2 UNION ALL SELECT r.order_id, 0, r.at, 0, r.person, '', r.field, r.purpose, '', p.name FROM reveal r LEFT JOIN person p ON p.city = r.city AND p.id = r.person WHERE r.city = $1 AND r.order_id = $2 ORDER BY 2, 3";
    HANDLERS = "SELECT p.id, p.name, o.unit FROM task t JOIN post o ON o.city = t.city AND o.unit = t.unit JOIN person p ON p.city = o.city AND p.id = o.person WHERE t.city = $1 AND t.order_id = $2 AND t.is_open AND o.from_day <= $3 AND (o.until_day IS NULL OR o.until_day >= $3) AND o.role IN ('officer', 'leader', 'subcentre') AND p.active UNION SELECT p.id, p.name, '' FROM task t JOIN person p ON p.city = t.city AND p.id = t.handler WHERE t.city = $1 AND t.order_id = $2 ORDER BY 2, 1, 3";
    WITHOUT_JOURNAL = "SELECT o.id FROM work_order o WHERE o.city = $1 AND NOT EXISTS (SELECT 1 FROM event v WHERE v.city = o.city AND v.order_id = o.id) LIMIT $2";
    STORED_UNITS = "SELECT unit, due_sort, taken_in_at FROM order_unit WHERE city = $1 AND order_id = $2";
    STORED_TASKS = "SELECT no, unit, parent, role, state, is_open, is_first, redo, delivered_at, due, due_sort, missed, asked, handler FROM task WHERE city = $1 AND order_id = $2 ORDER BY no";
    STORED_CLOCKS = "SELECT no, name, level, task, standing, state, started_at, due, provisional, missed_at, next_at, next_moment FROM clock WHERE city = $1 AND order_id = $2 ORDER BY no";
    STORED_REQUESTS = "SELECT no, task, unit, ask, decision, asked_at, decided_at FROM request WHERE city = $1 AND order_id = $2 ORDER BY no";
    STORED_DUTIES = "SELECT no, what, claimant, owed_at, told_at, impossible FROM duty WHERE city = $1 AND order_id = $2 ORDER BY no";
    STORED_ORDER = "SELECT no, seq, state, outcome, kind, subject, urgency, area, channel, holder, holder_task, desk, lies_with, target, is_open, secret, sealed, supervised, difficult, asked, redo, urges, missed, due, due_sort, provisional, received_at, taken_in_at, closed_at, day, closed_day, title, merged_into, tags, body FROM work_order WHERE city = $1 AND id = $2";
}

fn stored(row: &Row, body: usize) -> Result<Stored, StoreError> {
    let order = serde_json::from_str(row.str(body)?).map_err(|error| {
        StoreError::Corrupt(format!("an order cannot be read: {error}; rebuild it from its journal"))
    })?;
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

/// An order by its number and, whether or not there is one, the version of a setting; 0 when it was never set.
///
/// # Errors
/// [`StoreError`] of the database.
pub async fn find_by_no_beside(
    tx: &mut Tx,
    city: &str,
    no: &str,
    setting: &str,
) -> Result<(Option<Stored>, i64), StoreError> {
    let row = tx.fetch_one(&FIND_BY_NO_BESIDE, values![city, no, setting]).await?;
    let found = if row.opt_str(0)?.is_some() { Some(stored(&row, 0)?) } else { None };
    Ok((found, row.opt_int(2)?.unwrap_or(0)))
}

/// Up to `limit` orders after an id, in order of id.
///
/// # Errors
/// [`StoreError`] of the database.
pub async fn after(tx: &mut Tx, city: &str, id: &str, limit: i64) -> Result<Vec<Stored>, StoreError> {
    tx.fetch(&ORDERS_AFTER, values![city, id, limit]).await?.iter().map(|row| stored(row, 1)).collect()
}

/// Up to `limit` orders, sealed ones or the others, taken in after a moment and id and before a moment, in order of both;
/// with each the moment.
///
/// # Errors
/// [`StoreError`] of the database.
pub async fn taken_in_between(
    tx: &mut Tx,
    city: &str,
    sealed: bool,
    after: (Instant, &str),
    before: Instant,
    limit: i64,
) -> Result<Vec<(Instant, Stored)>, StoreError> {
    let values = values![city, sealed, after.0.ms(), after.1, before.ms(), limit];
    let rows = tx.fetch(&TAKEN_IN_BETWEEN, values).await?;
    rows.iter().map(|row| Ok((Instant(row.int(0)?), stored(row, 2)?))).collect()
}

/// How many orders were taken in from a moment on and before a moment.
///
/// # Errors
/// [`StoreError`] of the database.
pub async fn count_between(tx: &mut Tx, city: &str, from: Instant, before: Instant) -> Result<i64, StoreError> {
    let row = tx.fetch_optional(&COUNT_BETWEEN, values![city, from.ms(), before.ms()]).await?;
    row.map_or(Ok(0), |row| row.int(0))
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

/// What happened to an order and who read of it what is sealed, with the names of all these persons by id.
#[derive(Debug, Default)]
pub struct NamedJournal {
    /// The journal.
    pub entries: Vec<JournalRow>,
    /// Readings of identities and files.
    pub reveals: Vec<Reveal>,
    /// Names by id.
    pub names: Vec<(String, String)>,
}

/// The journal of an order with the readings, in one statement.
///
/// # Errors
/// [`StoreError`] of the database.
pub async fn named_journal(tx: &mut Tx, city: &str, order: &str) -> Result<NamedJournal, StoreError> {
    let mut found = NamedJournal::default();
    for row in tx.fetch(&NAMED_JOURNAL, values![city, order]).await? {
        let entry = journal_row(&row)?;
        if let Some(name) = row.opt_string(9)? {
            found.names.push((entry.person.clone(), name));
        }
        // An event has its place in the journal, from 1; a reading has none.
        if entry.seq == 0 {
            let JournalRow { person, name: field, body: purpose, at, .. } = entry;
            found.reveals.push(Reveal { person, field, purpose, at });
        } else {
            found.entries.push(entry);
        }
    }
    found.names.sort();
    found.names.dedup();
    Ok(found)
}

/// Somebody who works on a task, or may: id, name, and the unit of the post that makes it so.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MayHandle {
    /// The person.
    pub person: String,
    /// Their name.
    pub name: String,
    /// The unit; empty for who is named to work on it already.
    pub unit: String,
}

/// Who works on the tasks of an order, and who has a post on a day in the units of its open ones.
///
/// # Errors
/// [`StoreError`] of the database.
pub async fn handlers(tx: &mut Tx, city: &str, order: &str, day: Day) -> Result<Vec<MayHandle>, StoreError> {
    let read = |row: &Row| Ok(MayHandle { person: row.string(0)?, name: row.string(1)?, unit: row.string(2)? });
    tx.fetch(&HANDLERS, values![city, order, day.number()]).await?.iter().map(read).collect()
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

/// Clocks with a moment that has come, the earliest first; of one moment in the order of orders and clocks. Its cost
/// grows with what is due, not with what is open.
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

/// Up to `limit` orders after one with a limit that was counted through a year without a holiday notice.
///
/// # Errors
/// [`StoreError`] of the database.
pub async fn provisional(tx: &mut Tx, city: &str, after: &str, limit: i64) -> Result<Vec<OrderId>, StoreError> {
    tx.fetch(&PROVISIONAL, values![city, after, limit]).await?.iter().map(|row| Ok(OrderId(row.string(0)?))).collect()
}

/// Orders merged into one.
///
/// # Errors
/// [`StoreError`] of the database.
pub async fn merged_into(tx: &mut Tx, city: &str, master: &OrderId) -> Result<Vec<OrderId>, StoreError> {
    tx.fetch(&MERGED_INTO, values![city, master.as_str()])
        .await?
        .iter()
        .map(|row| Ok(OrderId(row.string(0)?)))
        .collect()
}

/// Up to `limit` ids of closed orders, after one.
///
/// # Errors
/// [`StoreError`] of the database.
pub async fn closed(tx: &mut Tx, city: &str, after: &str, limit: i64) -> Result<Vec<OrderId>, StoreError> {
    tx.fetch(&CLOSED, values![city, after, limit]).await?.iter().map(|row| Ok(OrderId(row.string(0)?))).collect()
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
        ("order_unit", &STORED_UNITS, &expected.units, 2),
        ("task", &STORED_TASKS, &expected.tasks, 2),
        ("clock", &STORED_CLOCKS, &expected.clocks, 2),
        ("request", &STORED_REQUESTS, &expected.requests, 2),
        ("duty", &STORED_DUTIES, &expected.duties, 2),
    ] {
        let mut found = tx.fetch(statement, values![city, id]).await?;
        if name == "order_unit" {
            // In the order of the codes, which no collation decides.
            found.sort_by(|one, other| one.str(0).unwrap_or_default().cmp(other.str(0).unwrap_or_default()));
        }
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
