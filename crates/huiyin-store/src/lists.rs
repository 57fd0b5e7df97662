//! The lists people work from: orders of a desk or the city, tasks of a unit. Composed by [`list`](crate::list), paged by
//! key, one statement each.

use huiyin_core::{
    order::State,
    time::{Day, Zone},
};

use crate::{
    Row, StoreError, Tx,
    list::{Count, Filter, List, ListQuery, Sort, Tab, merged},
    orders::{ENDED, NEVER},
    values,
};

/// How a list is ordered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Order {
    /// By the case's or task's limit, the nearest first.
    #[default]
    Due,
    /// By when it was taken in, the newest first.
    Newest,
}

/// Which orders. An empty list is no condition.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct OrderFilter {
    /// Only orders that lie with, were taken in by, or have a task at one of these units; none for the whole city.
    pub within: Option<Vec<String>>,
    /// States.
    pub states: Vec<String>,
    /// Before `closed`, or after.
    pub open: Option<bool>,
    /// Kinds.
    pub kinds: Vec<String>,
    /// Subjects.
    pub subjects: Vec<String>,
    /// Urgencies.
    pub urgency: Vec<String>,
    /// Areas.
    pub areas: Vec<String>,
    /// Channels.
    pub channels: Vec<String>,
    /// Who holds it.
    pub holders: Vec<String>,
    /// A request of this kind waits.
    pub asked: Vec<String>,
    /// The case limit is missed.
    pub missed: Option<bool>,
    /// Under supervision.
    pub supervised: Option<bool>,
    /// In the difficult pool.
    pub difficult: Option<bool>,
    /// Redone at least once.
    pub redone: Option<bool>,
    /// First and last day it was taken in.
    pub days: Option<(i64, i64)>,
    /// Has one of these tags.
    pub tags: Vec<String>,
}

/// Which tasks of units. An empty list is no condition.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TaskFilter {
    /// The units; no units, no rows.
    pub units: Vec<String>,
    /// States.
    pub states: Vec<String>,
    /// Whether the unit still owes something.
    pub open: Option<bool>,
    /// Kinds.
    pub kinds: Vec<String>,
    /// Urgencies.
    pub urgency: Vec<String>,
    /// A request of this kind waits.
    pub asked: Vec<String>,
    /// The limit is missed.
    pub missed: Option<bool>,
    /// Due before this moment.
    pub due_before: Option<i64>,
    /// Redone at least once.
    pub redone: Option<bool>,
    /// Subjects.
    pub subjects: Vec<String>,
    /// Areas.
    pub areas: Vec<String>,
    /// Channels.
    pub channels: Vec<String>,
    /// `lead`, `assist`.
    pub roles: Vec<String>,
    /// Under supervision.
    pub supervised: Option<bool>,
    /// Persons who work on it.
    pub handlers: Vec<String>,
    /// Whether somebody of the unit is named to work on it.
    pub handled: Option<bool>,
    /// The order has one of these tags.
    pub tags: Vec<String>,
}

/// A page of a list.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Page {
    /// The order.
    pub order: Order,
    /// Key of the last row seen: its sort value and its order's id (and task number).
    pub after: Option<(i64, String, i64)>,
    /// At most so many rows.
    pub limit: u32,
}

/// A row of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListRow {
    /// The order's id.
    pub id: String,
    /// Its number.
    pub no: String,
    /// Its version.
    pub seq: i64,
    /// Its state.
    pub state: String,
    /// How it ended.
    pub outcome: Option<String>,
    /// Kind.
    pub kind: Option<String>,
    /// Subject.
    pub subject: Option<String>,
    /// Urgency.
    pub urgency: String,
    /// Area code.
    pub area: Option<String>,
    /// Channel.
    pub channel: String,
    /// Who holds it.
    pub holder: Option<String>,
    /// Kind of the request that waits.
    pub asked: Option<String>,
    /// How often it was redone.
    pub redo: i64,
    /// How often it was urged.
    pub urges: i64,
    /// Whether the limit shown is missed.
    pub missed: bool,
    /// Limit of the case, or of the task in a unit's list; [`NEVER`] for none.
    pub due: i64,
    /// Whether the limit is provisional.
    pub provisional: bool,
    /// Secret.
    pub secret: bool,
    /// Supervised.
    pub supervised: bool,
    /// When it was taken in.
    pub taken_in_at: i64,
    /// Whether it has ended, and sorts behind all that is open.
    pub ended: bool,
    /// Title.
    pub title: Option<String>,
    /// Codes of its tags.
    pub tags: Vec<String>,
    /// The task, in a unit's list: number, unit, role, state, when it was delivered.
    pub task: Option<TaskCell>,
}

/// The task of a unit's list row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TaskCell {
    /// Its number.
    pub no: i64,
    /// The unit.
    pub unit: String,
    /// Lead or assist.
    pub role: String,
    /// Its state.
    pub state: String,
    /// When it was delivered.
    pub delivered_at: i64,
    /// Who works on it: id and name.
    pub handler: Option<(String, String)>,
}

impl ListRow {
    /// The key of the next page after this row.
    pub fn key(&self, order: Order) -> (i64, String, i64) {
        let value = match (order, &self.task) {
            (Order::Due, _) if self.ended => ENDED,
            (Order::Due, _) => self.due,
            (Order::Newest, Some(task)) => task.delivered_at,
            (Order::Newest, None) => self.taken_in_at,
        };
        (value, self.id.clone(), self.task.as_ref().map_or(0, |task| task.no))
    }
}

const COLUMNS: &str = "o.id, o.no, o.seq, o.state, o.outcome, o.kind, o.subject, o.urgency, o.area, o.channel, o.holder, o.asked, o.redo, o.urges, o.missed, o.due, o.provisional, o.secret, o.supervised, o.taken_in_at, c.body, o.due_sort, o.tags";
const TASK_COLUMNS: &str = "o.id, o.no, o.seq, o.state, o.outcome, o.kind, o.subject, o.urgency, o.area, o.channel, o.holder, t.asked, o.redo, o.urges, t.missed, t.due, o.provisional, o.secret, o.supervised, o.taken_in_at, c.body, t.due_sort, o.tags, t.no, t.unit, t.role, t.state, t.delivered_at, t.handler, p.name";
const TITLE: &str = "LEFT JOIN content c ON c.city = o.city AND c.id = o.title";
const HANDLER: &str = "LEFT JOIN person p ON p.city = t.city AND p.id = t.handler";
const BY_DUE: Sort = Sort { keys: &["o.due_sort", "o.id"], descending: false };
const NEWEST: Sort = Sort { keys: &["o.taken_in_at", "o.id"], descending: true };
const TASK_BY_DUE: Sort = Sort { keys: &["t.due_sort", "t.order_id", "t.no"], descending: false };
const TASK_NEWEST: Sort = Sort { keys: &["t.delivered_at", "t.order_id", "t.no"], descending: true };

fn among(filter: Filter, column: &'static str, list: &[String]) -> Filter {
    if list.is_empty() { filter } else { filter.among(column, list.iter().map(String::as_str)) }
}

/// One of several values, in a list that is read in its order. With one value the index of the column has that order; with
/// several it would have to be sorted, and the index of the order alone is the shorter way: `[column, hidden]`.
fn in_order(filter: Filter, [column, hidden]: [&'static str; 2], list: &[String]) -> Filter {
    among(filter, if list.len() > 1 { hidden } else { column }, list)
}

fn flag(filter: Filter, [yes, no]: [&'static str; 2], wanted: Option<bool>) -> Filter {
    // Written out, so that an index over the few that have it is seen to fit.
    match wanted {
        Some(wanted) => filter.when(if wanted { yes } else { no }, Vec::new()),
        None => filter,
    }
}

/// Open or not: as a range of `due_sort` where that is what the list is sorted by.
fn open(filter: Filter, order: Order, [upto, beyond, yes, no]: [&'static str; 4], wanted: Option<bool>) -> Filter {
    match (order, wanted) {
        (Order::Due, Some(wanted)) => filter.when(if wanted { upto } else { beyond }, values![NEVER]),
        (Order::Newest, wanted) => flag(filter, [yes, no], wanted),
        (Order::Due, None) => filter,
    }
}

const OPEN_ORDER: [&str; 4] = ["o.due_sort <= ?", "o.due_sort > ?", "o.is_open", "NOT o.is_open"];
const OPEN_AT_UNIT: [&str; 4] = ["r.due_sort <= ?", "r.due_sort > ?", "o.is_open", "NOT o.is_open"];
const OPEN_TASK: [&str; 4] = ["t.due_sort <= ?", "t.due_sort > ?", "t.is_open", "NOT t.is_open"];

/// Whether only open orders are wanted, or only others, by what is said, by the states, and by what only an open order has: a
/// holder, a limit that runs and is missed, a request that can be decided (an excuse outlives the order).
fn wants_open(wanted: &OrderFilter) -> Option<bool> {
    let open = |code: &String| {
        State::CODES.contains(&code.as_str()).then_some(!matches!(code.as_str(), "closed" | "archived"))
    };
    let first = wanted.states.first().and_then(open);
    let by_states = || first.filter(|first| wanted.states.iter().all(|code| open(code) == Some(*first)));
    let decidable = !wanted.asked.is_empty() && wanted.asked.iter().all(|ask| ask != "excuse");
    let still_open = !wanted.holders.is_empty() || wanted.missed == Some(true) || decidable;
    wanted.open.or_else(by_states).or_else(|| still_open.then_some(true))
}

/// One of several tags. Few orders have any, and an index holds these few.
fn tagged(filter: Filter, tags: &[String]) -> Filter {
    if tags.is_empty() {
        return filter;
    }
    let any = tags.iter().map(|tag| Filter::new().when("' ' || o.tags || ' ' LIKE ?", values![format!("% {tag} %")]));
    filter.when("o.tags IS NOT NULL", Vec::new()).either(any.collect())
}

/// The conditions on orders, but for the units they concern; sealed ones are in no list.
fn order_filter(city: &str, wanted: &OrderFilter) -> Filter {
    let mut filter = Filter::new().is("o.city", city).is("o.sealed", false);
    filter = in_order(filter, ["o.state", "COALESCE(o.state, '')"], &wanted.states);
    filter = in_order(filter, ["o.kind", "COALESCE(o.kind, '')"], &wanted.kinds);
    filter = in_order(filter, ["o.subject", "COALESCE(o.subject, '')"], &wanted.subjects);
    filter = in_order(filter, ["o.urgency", "COALESCE(o.urgency, '')"], &wanted.urgency);
    if !wanted.urgency.is_empty() && wanted.urgency.iter().all(|urgency| urgency != "normal") {
        filter = filter.when("o.urgency <> 'normal'", Vec::new());
    }
    filter = in_order(filter, ["o.area", "COALESCE(o.area, '')"], &wanted.areas);
    filter = among(filter, "o.channel", &wanted.channels);
    filter = among(filter, "o.holder", &wanted.holders);
    filter = among(filter, "o.asked", &wanted.asked);
    filter = flag(filter, ["o.missed", "NOT o.missed"], wanted.missed);
    filter = flag(filter, ["o.supervised", "NOT o.supervised"], wanted.supervised);
    filter = flag(filter, ["o.difficult", "NOT o.difficult"], wanted.difficult);
    filter = flag(filter, ["o.redo > 0", "o.redo = 0"], wanted.redone);
    if let Some((first, last)) = wanted.days {
        filter = filter.when("o.day BETWEEN ? AND ?", values![first, last]);
    }
    tagged(filter, &wanted.tags)
}

/// Moments that surely hold these days, whatever the city's zone: a range of what the newest are sorted by.
fn around(days: (i64, i64)) -> Option<(i64, i64)> {
    const WIDEST: i64 = 15 * 3_600_000;
    let utc = Zone::named("UTC").ok()?;
    let (first, last) = (Day::try_from(days.0).ok()?, Day::try_from(days.1).ok()?);
    Some((utc.start_of(first).ms() - WIDEST, utc.start_of(last.next()).ms() + WIDEST))
}

/// The list of orders as a query.
pub fn orders_query(city: &str, wanted: &OrderFilter, page: &Page) -> ListQuery {
    let days = wanted.days.and_then(around);
    let limit = page.limit;
    let Some(units) = &wanted.within else {
        let sort = if page.order == Order::Due { &BY_DUE } else { &NEWEST };
        let mut filter = open(order_filter(city, wanted), page.order, OPEN_ORDER, wants_open(wanted));
        if let Some((from, to)) = days {
            filter = filter.when("o.taken_in_at BETWEEN ? AND ?", values![from, to]);
        }
        let list = List::new(COLUMNS, "work_order o").join(TITLE).filter(filter).sort(sort).limit(limit);
        return from(list, page).query();
    };
    let (columns, sort) = if page.order == Order::Due { (UNIT_DUE, &UNIT_BY_DUE) } else { (UNIT_TIME, &UNIT_NEWEST) };
    let lists: Vec<List> = units
        .iter()
        .map(|unit| {
            let mut filter =
                Filter::new().is("r.city", city).is("r.unit", unit.as_str()).and(concerned(city, wanted, page.order));
            if let Some((from, to)) = days {
                filter = filter.when("r.taken_in_at BETWEEN ? AND ?", values![from, to]);
            }
            from(List::new(columns, UNIT_FROM).filter(filter).sort(sort).limit(limit), page)
        })
        .collect();
    if lists.is_empty() {
        return List::new(COLUMNS, "work_order o")
            .join(TITLE)
            .filter(Filter::new().among("o.id", Vec::<&str>::new()))
            .query();
    }
    merged(COLUMNS, &["sorted_by", "id"], UNIT_THEN, city, &lists, limit)
}

/// The page after the last row seen.
fn from(list: List, page: &Page) -> List {
    match &page.after {
        Some((value, id, _)) => list.after(values![*value, id]),
        None => list,
    }
}

const UNIT_DUE: &str = "r.due_sort AS sorted_by, r.order_id AS id";
const UNIT_TIME: &str = "r.taken_in_at AS sorted_by, r.order_id AS id";
const UNIT_BY_DUE: Sort = Sort { keys: &["r.due_sort", "r.order_id"], descending: false };
const UNIT_NEWEST: Sort = Sort { keys: &["r.taken_in_at", "r.order_id"], descending: true };
// From the unit to its orders, never the other way: `CROSS JOIN` keeps SQLite from turning it round.
const UNIT_FROM: &str = "order_unit r CROSS JOIN work_order o";
const UNIT_THEN: &str = "JOIN work_order o ON o.id = m.id LEFT JOIN content c ON c.city = o.city AND c.id = o.title";

/// The conditions on orders that concern a unit.
fn concerned(city: &str, wanted: &OrderFilter, order: Order) -> Filter {
    let joined =
        Filter::new().when("o.city = r.city AND o.id = r.order_id", Vec::new()).and(order_filter(city, wanted));
    open(joined, order, OPEN_AT_UNIT, wants_open(wanted))
}

/// The conditions on tasks.
fn task_filter(city: &str, wanted: &TaskFilter, order: Order) -> Filter {
    let mut filter =
        Filter::new().is("t.city", city).among("t.unit", wanted.units.iter().map(String::as_str)).is("o.sealed", false);
    filter = in_order(filter, ["t.state", "COALESCE(t.state, '')"], &wanted.states);
    filter = open(filter, order, OPEN_TASK, wanted.open);
    filter = among(filter, "o.kind", &wanted.kinds);
    filter = among(filter, "o.urgency", &wanted.urgency);
    filter = among(filter, "o.subject", &wanted.subjects);
    filter = among(filter, "o.area", &wanted.areas);
    filter = among(filter, "o.channel", &wanted.channels);
    filter = among(filter, "t.role", &wanted.roles);
    filter = flag(filter, ["o.supervised", "NOT o.supervised"], wanted.supervised);
    filter = among(filter, "t.asked", &wanted.asked);
    filter = flag(filter, ["t.missed", "NOT t.missed"], wanted.missed);
    if let Some(before) = wanted.due_before {
        filter = filter.when("t.due < ?", values![before]);
    }
    match wanted.redone {
        Some(true) => filter = filter.when("t.redo > ?", values![0_i64]),
        Some(false) => filter = filter.is("t.redo", 0_i64),
        None => {}
    }
    filter = in_order(filter, ["t.handler", "COALESCE(t.handler, '')"], &wanted.handlers);
    filter = flag(filter, ["t.handler IS NOT NULL", "t.handler IS NULL"], wanted.handled);
    tagged(filter, &wanted.tags)
}

const TASK_FROM: &str = "task t JOIN work_order o ON o.city = t.city AND o.id = t.order_id";

/// The list of tasks as a query.
pub fn tasks_query(city: &str, wanted: &TaskFilter, page: &Page) -> ListQuery {
    let sort = if page.order == Order::Due { &TASK_BY_DUE } else { &TASK_NEWEST };
    let mut list = List::new(TASK_COLUMNS, TASK_FROM)
        .join(TITLE)
        .join(HANDLER)
        .filter(task_filter(city, wanted, page.order))
        .sort(sort)
        .limit(page.limit);
    if let Some((value, id, no)) = &page.after {
        list = list.after(values![*value, id, *no]);
    }
    list.query()
}

fn read(row: &Row, task: bool) -> Result<ListRow, StoreError> {
    Ok(ListRow {
        id: row.string(0)?,
        no: row.string(1)?,
        seq: row.int(2)?,
        state: row.string(3)?,
        outcome: row.opt_string(4)?,
        kind: row.opt_string(5)?,
        subject: row.opt_string(6)?,
        urgency: row.string(7)?,
        area: row.opt_string(8)?,
        channel: row.string(9)?,
        holder: row.opt_string(10)?,
        asked: row.opt_string(11)?,
        redo: row.int(12)?,
        urges: row.int(13)?,
        missed: row.bool(14)?,
        due: row.int(15)?,
        provisional: row.bool(16)?,
        secret: row.bool(17)?,
        supervised: row.bool(18)?,
        taken_in_at: row.int(19)?,
        ended: row.int(21)? == ENDED,
        title: row.opt_bytes(20)?.map(|bytes| String::from_utf8_lossy(&bytes).into_owned()),
        tags: row.opt_string(22)?.map(|tags| tags.split(' ').map(str::to_owned).collect()).unwrap_or_default(),
        task: match task {
            true => Some(TaskCell {
                no: row.int(23)?,
                unit: row.string(24)?,
                role: row.string(25)?,
                state: row.string(26)?,
                delivered_at: row.int(27)?,
                handler: row.opt_string(28)?.zip(row.opt_string(29)?),
            }),
            false => None,
        },
    })
}

/// A page of orders.
///
/// # Errors
/// [`StoreError`] of the database.
pub async fn orders(tx: &mut Tx, city: &str, wanted: &OrderFilter, page: &Page) -> Result<Vec<ListRow>, StoreError> {
    tx.fetch_list(&orders_query(city, wanted, page)).await?.iter().map(|row| read(row, false)).collect()
}

/// These orders, the newest first; sealed ones are in no list.
///
/// # Errors
/// [`StoreError`] of the database.
pub async fn orders_by_id(tx: &mut Tx, city: &str, ids: &[String]) -> Result<Vec<ListRow>, StoreError> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let filter = Filter::new().is("o.city", city).among("o.id", ids.iter().map(String::as_str)).is("o.sealed", false);
    let list = List::new(COLUMNS, "work_order o").join(TITLE).filter(filter).sort(&NEWEST);
    tx.fetch_list(&list.query()).await?.iter().map(|row| read(row, false)).collect()
}

/// A page of tasks.
///
/// # Errors
/// [`StoreError`] of the database.
pub async fn tasks(tx: &mut Tx, city: &str, wanted: &TaskFilter, page: &Page) -> Result<Vec<ListRow>, StoreError> {
    tx.fetch_list(&tasks_query(city, wanted, page)).await?.iter().map(|row| read(row, true)).collect()
}

/// Counts of several order lists in one statement; each stops at 1,000.
///
/// # Errors
/// [`StoreError`] of the database.
pub async fn count_orders(tx: &mut Tx, city: &str, tabs: &[OrderFilter]) -> Result<Vec<Count>, StoreError> {
    let scope = Filter::new().is("o.city", city);
    let tabs: Vec<Tab> = tabs
        .iter()
        .map(|wanted| match &wanted.within {
            None => {
                let filter = open(order_filter(city, wanted), Order::Due, OPEN_ORDER, wants_open(wanted));
                Tab { from: "work_order o", filter, each: None }
            }
            Some(units) => {
                let filter = Filter::new().is("r.city", city).among("r.unit", units.iter().map(String::as_str));
                let each = (units.len() > 1).then_some("r.order_id");
                Tab { from: UNIT_FROM, filter: filter.and(concerned(city, wanted, Order::Due)), each }
            }
        })
        .collect();
    tx.counts(&scope, &tabs).await
}

/// Counts of several task lists in one statement; each stops at 1,000.
///
/// # Errors
/// [`StoreError`] of the database.
pub async fn count_tasks(tx: &mut Tx, city: &str, tabs: &[TaskFilter]) -> Result<Vec<Count>, StoreError> {
    let scope = Filter::new().is("t.city", city);
    let tabs: Vec<Tab> = tabs
        .iter()
        .map(|wanted| Tab { from: TASK_FROM, filter: task_filter(city, wanted, Order::Due), each: None })
        .collect();
    tx.counts(&scope, &tabs).await
}
