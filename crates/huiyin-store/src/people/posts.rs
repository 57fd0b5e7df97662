//! Dated posts.

use huiyin_core::time::{Day, Instant};

use crate::{Row, StoreError, Table, Tx, records, values};

/// A person's post in a unit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Post {
    /// The id.
    pub id: String,
    /// The person.
    pub person: String,
    /// The unit.
    pub unit: String,
    /// Code of the role it gives.
    pub role: String,
    /// `leading-group`, `head`, `deputy`, `handler`, `staff`.
    pub position: String,
    /// `own`, `seconded`, `supplier`.
    pub terms: String,
    /// Who sent a seconded person, or the supplier's name.
    pub employer: Option<String>,
    /// First day.
    pub from: Day,
    /// Last day.
    pub until: Option<Day>,
    /// When it was last changed.
    pub changed_at: Instant,
    /// By when the last change must be filed; none where it need not be.
    pub filing_due: Option<Instant>,
    /// When the unit filed it.
    pub filed_at: Option<Instant>,
    /// Who filed it.
    pub filed_by: Option<String>,
    /// The office's receipt number.
    pub receipt: Option<String>,
    /// When the office recorded it.
    pub received_at: Option<Instant>,
}

impl Post {
    /// Whether it is held on a day.
    pub fn in_force(&self, day: Day) -> bool {
        self.from <= day && self.until.is_none_or(|until| day <= until)
    }
}

/// A post with the name and login of who holds it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Held {
    /// The post.
    pub post: Post,
    /// Login of the holder.
    pub login: String,
    /// Name of the holder.
    pub name: String,
    /// Phone of the holder.
    pub phone: Option<super::Private>,
    /// Whether the holder may sign in.
    pub active: bool,
}

const POST: Table = Table {
    name: "post",
    key: &["city", "id"],
    columns: &[
        "city",
        "id",
        "person",
        "unit",
        "role",
        "position",
        "terms",
        "employer",
        "from_day",
        "until_day",
        "changed_at",
        "filing_due",
        "filed_at",
        "filed_by",
        "receipt",
        "received_at",
    ],
};

crate::statements! {
    FIND = "SELECT id, person, unit, role, position, terms, employer, from_day, until_day, changed_at, filing_due, filed_at, filed_by, receipt, received_at FROM post WHERE city = $1 AND id = $2";
    OF_PERSON = "SELECT id, person, unit, role, position, terms, employer, from_day, until_day, changed_at, filing_due, filed_at, filed_by, receipt, received_at FROM post WHERE city = $1 AND person = $2 ORDER BY from_day, id";
    ALL = "SELECT id, person, unit, role, position, terms, employer, from_day, until_day, changed_at, filing_due, filed_at, filed_by, receipt, received_at FROM post WHERE city = $1 ORDER BY id";
    OF_UNIT = "SELECT o.id, o.person, o.unit, o.role, o.position, o.terms, o.employer, o.from_day, o.until_day, o.changed_at, o.filing_due, o.filed_at, o.filed_by, o.receipt, o.received_at, p.login, p.name, p.phone, p.active FROM post o JOIN person p ON p.city = o.city AND p.id = o.person WHERE o.city = $1 AND o.unit = $2 ORDER BY o.from_day, o.id";
}

pub(super) fn post(row: &Row) -> Result<Post, StoreError> {
    let day = |number: i64| Day::try_from(number).map_err(StoreError::Corrupt);
    Ok(Post {
        id: row.string(0)?,
        person: row.string(1)?,
        unit: row.string(2)?,
        role: row.string(3)?,
        position: row.string(4)?,
        terms: row.string(5)?,
        employer: row.opt_string(6)?,
        from: day(row.int(7)?)?,
        until: row.opt_int(8)?.map(day).transpose()?,
        changed_at: Instant(row.int(9)?),
        filing_due: row.opt_int(10)?.map(Instant),
        filed_at: row.opt_int(11)?.map(Instant),
        filed_by: row.opt_string(12)?,
        receipt: row.opt_string(13)?,
        received_at: row.opt_int(14)?.map(Instant),
    })
}

/// A post by its id.
///
/// # Errors
/// [`StoreError`] of the database.
pub async fn find(tx: &mut Tx, city: &str, id: &str) -> Result<Option<Post>, StoreError> {
    tx.fetch_optional(&FIND, values![city, id]).await?.map(|row| post(&row)).transpose()
}

/// A person's posts, past ones too.
///
/// # Errors
/// [`StoreError`] of the database.
pub async fn of_person(tx: &mut Tx, city: &str, person: &str) -> Result<Vec<Post>, StoreError> {
    tx.fetch(&OF_PERSON, values![city, person]).await?.iter().map(post).collect()
}

/// A unit's posts and who holds them, past ones too.
///
/// # Errors
/// [`StoreError`] of the database.
pub async fn of_unit(tx: &mut Tx, city: &str, unit: &str) -> Result<Vec<Held>, StoreError> {
    let held = |row: &Row| {
        Ok(Held {
            post: post(row)?,
            login: row.string(15)?,
            name: row.string(16)?,
            phone: row.opt_string(17)?.map(super::Private),
            active: row.bool(18)?,
        })
    };
    tx.fetch(&OF_UNIT, values![city, unit]).await?.iter().map(held).collect()
}

/// All posts.
///
/// # Errors
/// [`StoreError`] of the database.
pub async fn all(tx: &mut Tx, city: &str) -> Result<Vec<Post>, StoreError> {
    tx.fetch(&ALL, values![city]).await?.iter().map(post).collect()
}

/// Writes posts; posts of the same id are replaced.
///
/// # Errors
/// [`StoreError`] of the database.
pub async fn save(tx: &mut Tx, city: &str, posts: &[Post]) -> Result<(), StoreError> {
    records::register_changed(tx, city).await?;
    let rows = posts
        .iter()
        .map(|p| {
            values![
                city,
                &p.id,
                &p.person,
                &p.unit,
                &p.role,
                &p.position,
                &p.terms,
                p.employer.as_deref(),
                p.from.number(),
                p.until.map(Day::number),
                p.changed_at.ms(),
                p.filing_due.map(Instant::ms),
                p.filed_at.map(Instant::ms),
                p.filed_by.as_deref(),
                p.receipt.as_deref(),
                p.received_at.map(Instant::ms)
            ]
        })
        .collect();
    tx.upsert(&POST, rows).await.map(drop)
}
