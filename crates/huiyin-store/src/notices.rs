//! What is new for a person: one row for each thing that happened, read by all it concerns, with the moment until which each
//! has read.

use huiyin_core::time::{Day, Instant};

use crate::{Changes, Row, StoreError, Table, Tx, values};

const NOTICE: Table = Table {
    name: "notice",
    key: &["city", "id"],
    columns: &["city", "id", "unit", "whose", "person", "kind", "order_id", "made_by", "at"],
};

/// The setting that says until when a person has read.
pub const SEEN: &str = "notices.seen";
/// What a setting that leaves a kind out of the count begins with.
pub const LEFT_OUT: &str = "notices.off.";

/// Notices to a person by their posts on a day: of a unit only what still concerns it, as its lists have it.
macro_rules! mine {
    ($person:literal, $day:literal) => {
        concat!(
            "FROM notice n JOIN work_order o ON o.city = n.city AND o.id = n.order_id AND NOT o.sealed",
            " WHERE n.city = $1 AND n.unit IN (SELECT m.unit FROM post m WHERE m.city = $1 AND m.person = ",
            $person,
            " AND m.from_day <= ",
            $day,
            " AND (m.until_day IS NULL OR m.until_day >= ",
            $day,
            ")) AND (n.person IS NULL OR n.person = ",
            $person,
            ") AND n.made_by <> ",
            $person,
            " AND EXISTS (SELECT 1 FROM post m WHERE m.city = n.city AND m.person = ",
            $person,
            " AND m.unit = n.unit AND m.from_day <= ",
            $day,
            " AND (m.until_day IS NULL OR m.until_day >= ",
            $day,
            ") AND ((n.whose = 'desk' AND m.role IN ('agent', 'office')) OR (EXISTS (SELECT 1 FROM order_unit r WHERE r.city = n.city AND r.order_id = n.order_id AND r.unit = n.unit)",
            " AND ((n.whose = 'desk' AND m.role = 'subcentre') OR (n.whose = 'unit' AND m.role IN ('officer', 'leader', 'subcentre')) OR (n.whose = 'leader' AND m.role = 'leader')))))",
        )
    };
}

/// How many a person has not read, up to a hundred, as a value of one row.
macro_rules! unread {
    ($person:literal, $day:literal) => {
        concat!(
            "(SELECT CAST(COUNT(*) AS BIGINT) FROM (SELECT 1 AS one ",
            $crate::notices::mine!($person, $day),
            " AND n.at > COALESCE((SELECT CAST(v.value AS BIGINT) FROM person_setting v WHERE v.city = $1 AND v.person = ",
            $person,
            " AND v.name = 'notices.seen'), 0)",
            " AND NOT EXISTS (SELECT 1 FROM person_setting v WHERE v.city = $1 AND v.person = ",
            $person,
            " AND v.name = 'notices.off.' || n.kind AND v.value = 'true') LIMIT 100) x)",
        )
    };
}
pub(crate) use {mine, unread};

crate::statements! {
    LIST = (concat!("SELECT n.id, n.kind, n.at, o.no, o.secret, c.body, COALESCE(p.name, '') ", "FROM (SELECT n.city, n.id, n.kind, n.at, n.order_id, n.made_by ", mine!("$2", "$3"), " ORDER BY n.at DESC, n.id DESC LIMIT $4) n JOIN work_order o ON o.city = n.city AND o.id = n.order_id LEFT JOIN content c ON c.city = o.city AND c.id = o.title LEFT JOIN person p ON p.city = n.city AND p.id = n.made_by ORDER BY n.at DESC, n.id DESC"));
    SWEEP = "DELETE FROM notice WHERE city = $1 AND at < $2";
}

/// A notice to be kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notice {
    /// Its id: one cause, one notice.
    pub id: String,
    /// The unit.
    pub unit: String,
    /// Whose posts there: `unit`, `leader`, `desk`.
    pub whose: &'static str,
    /// The one person of them, where it is for one alone.
    pub person: Option<String>,
    /// What happened.
    pub kind: &'static str,
    /// The order's id.
    pub order: String,
    /// Who did it.
    pub made_by: String,
    /// When.
    pub at: Instant,
}

/// A notice as it is read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Told {
    /// Its id.
    pub id: String,
    /// What happened.
    pub kind: String,
    /// When.
    pub at: Instant,
    /// The order's number.
    pub no: String,
    /// Whether the order is secret.
    pub secret: bool,
    /// The order's title.
    pub title: Option<String>,
    /// Name of who did it; empty for the program.
    pub by: String,
}

/// Keeps notices.
pub fn add(changes: &mut Changes, city: &str, notices: &[Notice]) {
    let row = |n: &Notice| {
        values![city, &n.id, &n.unit, n.whose, n.person.as_deref(), n.kind, &n.order, &n.made_by, n.at.ms()]
    };
    changes.insert(&NOTICE, notices.iter().map(row).collect());
}

/// The latest notices to a person.
///
/// # Errors
/// [`StoreError`] of the database.
pub async fn list(tx: &mut Tx, city: &str, person: &str, day: Day, limit: i64) -> Result<Vec<Told>, StoreError> {
    let read = |row: &Row| {
        Ok(Told {
            id: row.string(0)?,
            kind: row.string(1)?,
            at: Instant(row.int(2)?),
            no: row.string(3)?,
            secret: row.bool(4)?,
            title: row.opt_bytes(5)?.map(|bytes| String::from_utf8_lossy(&bytes).into_owned()),
            by: row.string(6)?,
        })
    };
    tx.fetch(&LIST, values![city, person, day.number(), limit]).await?.iter().map(read).collect()
}

/// Forgets what is older than a moment.
///
/// # Errors
/// [`StoreError`] of the database.
pub async fn sweep(tx: &mut Tx, city: &str, before: Instant) -> Result<u64, StoreError> {
    tx.execute(&SWEEP, values![city, before.ms()]).await
}
