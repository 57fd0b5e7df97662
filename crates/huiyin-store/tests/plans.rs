//! Every list people work from is read through an index, on both engines: each filter, each pair of filters, each sort.
//!
//! Where rows are sorted after they were found, it is said here, and why it must be so.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use huiyin_store::{
    Db, Engine, StoreError, Table, Value,
    list::{ListQuery, full_scans, sorts},
    lists::{self, Order, OrderFilter, Page, TaskFilter},
    orders::{ENDED, NEVER},
    testing, values,
};

const CITY: &str = "sanya";
const ORDERS: usize = 3_000;
const STATES: &[&str] = &["archived", "assigned", "registered", "review", "callback", "intake", "closed"];
const KINDS: &[&str] = &["help", "complaint", "consultation", "report", "suggestion", "praise"];

const WORK_ORDER: Table = Table {
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
        "body",
        "hash",
    ],
};
const ORDER_UNIT: Table = Table {
    name: "order_unit",
    key: &["city", "order_id", "unit"],
    columns: &["city", "order_id", "unit", "due_sort", "taken_in_at"],
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
    ],
};

/// Rows as a city has them: most orders long archived, a few open ones, many units.
async fn fill(db: &Db) {
    let mut orders: Vec<Vec<Value>> = Vec::new();
    let mut tasks: Vec<Vec<Value>> = Vec::new();
    let mut dice: u64 = 7;
    let mut roll = |sides: usize| {
        dice = dice.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (dice >> 33) as usize % sides
    };
    for n in 0..ORDERS {
        let open = roll(8) == 0;
        let state = if open { STATES[1 + roll(5)] } else { STATES[0] };
        let unit = format!("unit-{}", roll(60));
        let taken = 1_780_000_000_000 + n as i64 * 60_000;
        let due = if open { taken + 400_000_000 } else { NEVER };
        let (id, no) = (format!("order-{n:06}"), format!("20260601-{n:04}"));
        let asked = if open && roll(20) == 0 { Some("extension") } else { None };
        orders.push(values![
            CITY,
            id.as_str(),
            no,
            3,
            state,
            (!open).then_some("handled"),
            KINDS[roll(KINDS.len())],
            format!("0102{:02}", roll(60)),
            if roll(16) == 0 { "urgent" } else { "normal" },
            format!("4602{:02}", roll(5)),
            if roll(3) == 0 { "web" } else { "phone" },
            open.then_some(unit.as_str()),
            1,
            "call-centre",
            "office",
            Option::<&str>::None,
            open,
            false,
            false,
            roll(100) == 0,
            roll(200) == 0,
            asked,
            0,
            0,
            open && roll(5) == 0,
            due,
            if open { due } else { ENDED },
            false,
            taken,
            taken,
            (!open).then_some(taken),
            20_260_601 + (n / 150) as i64,
            Option::<i64>::None,
            Option::<&str>::None,
            Option::<&str>::None,
            "{}",
            "hash"
        ]);
        let at_work = if open { "accepted" } else { "done" };
        tasks.push(values![
            CITY,
            id,
            1,
            unit,
            Option::<i64>::None,
            "lead",
            at_work,
            open,
            true,
            i64::from(roll(30) == 0),
            taken,
            due,
            if open { due } else { ENDED },
            open && roll(5) == 0,
            asked
        ]);
    }
    let reach = orders
        .iter()
        .map(|row| vec![row[0].clone(), row[1].clone(), row[11].clone(), row[26].clone(), row[29].clone()]);
    let reach: Vec<Vec<Value>> = reach.filter(|row| row[2] != Value::Text(None)).collect();
    db.write("fill", move |tx| {
        let (orders, tasks, reach) = (orders.clone(), tasks.clone(), reach.clone());
        Box::pin(async move {
            tx.insert(&WORK_ORDER, orders).await?;
            tx.insert(&TASK, tasks).await?;
            tx.insert(&ORDER_UNIT, reach).await?;
            Ok::<_, StoreError>(())
        })
    })
    .await
    .unwrap();
    // PostgreSQL does so by itself; SQLite is asked as it runs, without knowing how the values lie.
    if db.engine() == Engine::Postgres {
        huiyin_store::bench::settle(db).await.unwrap();
    }
}

type Narrow<F> = (&'static str, fn(&mut F));

const ORDER_FILTERS: &[Narrow<OrderFilter>] = &[
    ("state", |f| f.states = vec!["assigned".into()]),
    ("states", |f| f.states = vec!["review".into(), "callback".into()]),
    ("open", |f| f.open = Some(true)),
    ("kind", |f| f.kinds = vec!["help".into()]),
    ("subject", |f| f.subjects = vec!["010207".into()]),
    ("urgency", |f| f.urgency = vec!["urgent".into()]),
    ("area", |f| f.areas = vec!["460203".into()]),
    ("channel", |f| f.channels = vec!["web".into()]),
    ("holder", |f| f.holders = vec!["unit-7".into()]),
    ("asked", |f| f.asked = vec!["extension".into()]),
    ("missed", |f| f.missed = Some(true)),
    ("supervised", |f| f.supervised = Some(true)),
    ("difficult", |f| f.difficult = Some(true)),
    ("redone", |f| f.redone = Some(true)),
    ("tag", |f| f.tags = vec!["group".into(), "media".into()]),
    ("days", |f| f.days = Some((20_260_603, 20_260_604))),
    ("within one unit", |f| f.within = Some(vec!["unit-7".into()])),
    ("within some units", |f| f.within = Some(vec!["unit-7".into(), "unit-8".into(), "unit-9".into()])),
];

const TASK_FILTERS: &[Narrow<TaskFilter>] = &[
    ("state", |f| f.states = vec!["delivered".into()]),
    ("states", |f| f.states = vec!["signed".into(), "accepted".into()]),
    ("open", |f| f.open = Some(true)),
    ("kind", |f| f.kinds = vec!["help".into()]),
    ("urgency", |f| f.urgency = vec!["urgent".into()]),
    ("asked", |f| f.asked = vec!["extension".into()]),
    ("missed", |f| f.missed = Some(true)),
    ("due before", |f| f.due_before = Some(1_780_900_000_000)),
    ("redone", |f| f.redone = Some(true)),
    ("subject", |f| f.subjects = vec!["010207".into()]),
    ("area", |f| f.areas = vec!["460203".into()]),
    ("channel", |f| f.channels = vec!["web".into()]),
    ("role", |f| f.roles = vec!["assist".into()]),
    ("supervised", |f| f.supervised = Some(true)),
    ("handler", |f| f.handlers = vec!["person-7".into()]),
    ("unhandled", |f| f.handled = Some(false)),
    ("tag", |f| f.tags = vec!["group".into()]),
];

/// Each filter alone and with each other, in each order, on the first page and a later one.
fn all<F: Default + Clone>(
    filters: &[Narrow<F>],
    base: &F,
    query: impl Fn(&F, &Page) -> ListQuery,
) -> Vec<(String, ListQuery)> {
    let mut found = Vec::new();
    let mut wanted: Vec<(String, F)> = vec![("nothing".into(), base.clone())];
    for (at, (name, narrow)) in filters.iter().enumerate() {
        let mut one = base.clone();
        narrow(&mut one);
        wanted.push(((*name).to_owned(), one.clone()));
        for (other, and) in &filters[at + 1..] {
            let mut two = one.clone();
            and(&mut two);
            wanted.push((format!("{name} + {other}"), two));
        }
    }
    for (name, filter) in wanted {
        for order in [Order::Due, Order::Newest] {
            for after in [None, Some((1_780_050_000_000, "order-000900".to_owned(), 1))] {
                let later = if after.is_some() { ", a later page" } else { "" };
                let page = Page { order, after, limit: 50 };
                found.push((format!("{name} by {order:?}{later}"), query(&filter, &page)));
            }
        }
    }
    found
}

/// Whether rows of this list may be sorted after they were found.
fn sorted_at_last(name: &str) -> bool {
    // The first rows of each unit are merged into one list.
    name.contains("within")
        // Few orders have any of these: to find them and sort them is shorter than to look through all in order.
        || name.contains("Newest") && ["holder", "asked", "missed", "supervised", "difficult", "urgency", "tag"].iter().any(|few| name.contains(few))
        // What came in over some days lies side by side by when it came in, not by when it is due.
        || name.contains("days") && name.contains("Due")
}

async fn look(db: &Db, lists: Vec<(String, ListQuery)>) -> Vec<String> {
    let mut faults = Vec::new();
    for (name, query) in lists {
        let plan = match db.explain(&query).await {
            Ok(plan) => plan,
            Err(error) => {
                faults.push(format!("{name} on {}: {error}\n{query:?}", db.engine()));
                continue;
            }
        };
        if !full_scans(&plan).is_empty() {
            faults.push(format!("{name} on {} reads a whole table:\n{plan}", db.engine()));
        }
        // PostgreSQL knows how few rows a test has, and sorts them sooner than it would the rows of a city.
        if db.engine() == Engine::Sqlite && sorts(&plan) && !sorted_at_last(&name) {
            faults.push(format!("{name} on {} sorts:\n{plan}", db.engine()));
        }
    }
    faults
}

#[tokio::test]
async fn every_list_of_orders_is_read_through_an_index() {
    for test in testing::databases().await {
        fill(&test).await;
        let lists = all(ORDER_FILTERS, &OrderFilter::default(), |filter, page| lists::orders_query(CITY, filter, page));
        let faults = look(&test, lists).await;
        assert!(faults.is_empty(), "{} faults\n{}", faults.len(), faults.join("\n"));
    }
}

#[tokio::test]
async fn every_list_of_tasks_is_read_through_an_index() {
    for test in testing::databases().await {
        fill(&test).await;
        let base = TaskFilter { units: vec!["unit-7".into()], ..TaskFilter::default() };
        let lists = all(TASK_FILTERS, &base, |filter, page| lists::tasks_query(CITY, filter, page));
        let faults = look(&test, lists).await;
        assert!(faults.is_empty(), "{} faults\n{}", faults.len(), faults.join("\n"));
    }
}
