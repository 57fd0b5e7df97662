//! Whole databases as text and back: one file of JSON lines for each table, the same from either engine.
//!
//! The tables and columns are read from the database itself, so that a new migration needs nothing here.

use std::io::{BufRead, Write};

use serde_json::{Value as Json, json};
use sqlx::{AssertSqlSafe, SqlSafeStr as _};

use crate::{Row, StoreError, Tx, Value, db::Engine, values};

crate::statements! {
    COLUMNS = {
        sqlite: "SELECT m.name, p.name, p.type, CAST(p.pk AS BIGINT) FROM sqlite_master m JOIN pragma_table_info(m.name) p WHERE m.type = 'table' ORDER BY m.name, p.cid",
        postgres: "SELECT CAST(c.table_name AS TEXT), CAST(c.column_name AS TEXT), CAST(c.data_type AS TEXT), CAST(COALESCE(k.ordinal_position, 0) AS BIGINT) FROM information_schema.columns c LEFT JOIN information_schema.table_constraints p ON p.table_schema = c.table_schema AND p.table_name = c.table_name AND p.constraint_type = 'PRIMARY KEY' LEFT JOIN information_schema.key_column_usage k ON k.constraint_schema = p.constraint_schema AND k.constraint_name = p.constraint_name AND k.column_name = c.column_name WHERE c.table_schema = current_schema() ORDER BY c.table_name, c.ordinal_position",
    };
}

/// Tables that hold nothing worth moving: who is signed in, who holds which lease, what was migrated,
/// what somebody is writing or has tried.
const LEFT_OUT: &[&str] = &[
    "session",
    "lease",
    "live",
    "portal_draft",
    "access_try",
    "phone_code",
    "_sqlx_migrations",
    "migration",
    "schema_migration",
];

/// Rows read or written at once.
const PAGE: usize = 500;

/// What a column holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Text,
    Int,
    Bool,
    Bytes,
    Real,
}

/// A table, as the database describes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shape {
    /// Its name.
    pub name: String,
    columns: Vec<(String, Kind)>,
    key: Vec<usize>,
}

/// The tables of a city's data, by name.
///
/// # Errors
/// [`StoreError`] of the database, or for a column type the program does not use.
pub async fn shapes(tx: &mut Tx) -> Result<Vec<Shape>, StoreError> {
    let mut found: Vec<Shape> = Vec::new();
    let mut keys: Vec<Vec<(i64, usize)>> = Vec::new();
    for row in tx.fetch(&COLUMNS, values![]).await? {
        let (table, column, kind, place) = (row.str(0)?, row.string(1)?, row.str(2)?, row.int(3)?);
        if LEFT_OUT.contains(&table) || table.starts_with("sqlite_") {
            continue;
        }
        let kind = match kind.to_lowercase().as_str() {
            "text" => Kind::Text,
            "bigint" => Kind::Int,
            "boolean" => Kind::Bool,
            "bytea" => Kind::Bytes,
            "double precision" => Kind::Real,
            other => return Err(StoreError::Other(format!("column `{table}.{column}` has the type `{other}`"))),
        };
        if found.last().is_none_or(|shape| shape.name != table) {
            found.push(Shape { name: table.to_owned(), columns: Vec::new(), key: Vec::new() });
            keys.push(Vec::new());
        }
        if let (Some(shape), Some(key)) = (found.last_mut(), keys.last_mut()) {
            if place > 0 {
                key.push((place, shape.columns.len()));
            }
            shape.columns.push((column, kind));
        }
    }
    for (shape, mut key) in found.iter_mut().zip(keys) {
        key.sort_unstable();
        shape.key = key.into_iter().map(|(_, at)| at).collect();
    }
    found.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(found)
}

/// Writes all rows of a city as JSON lines, in the order of the key; gives how many.
///
/// # Errors
/// [`StoreError`] of the database, or when the file cannot be written.
pub async fn write_table(tx: &mut Tx, shape: &Shape, city: &str, out: &mut impl Write) -> Result<u64, StoreError> {
    let names: Vec<&str> = shape.columns.iter().map(|(name, _)| name.as_str()).collect();
    // The same order on both engines: by bytes, not by a collation.
    let collate = |at: &usize| match (tx.engine(), shape.columns[*at].1) {
        (Engine::Postgres, Kind::Text) => format!("{} COLLATE \"C\"", shape.columns[*at].0),
        _ => shape.columns[*at].0.clone(),
    };
    let key: Vec<String> = shape.key.iter().map(collate).collect();
    let marks: Vec<String> = (2..shape.key.len() + 2).map(|n| format!("${n}")).collect();
    let head = format!("SELECT {} FROM {} WHERE city = $1", names.join(", "), shape.name);
    let tail = format!("ORDER BY {} LIMIT {PAGE}", key.join(", "));
    let first = format!("{head} {tail}");
    let next = format!("{head} AND ({}) > ({}) {tail}", key.join(", "), marks.join(", "));
    let (mut after, mut count) = (None::<Vec<Value>>, 0);
    loop {
        let mut bound = values![city];
        let sql = match &after {
            Some(key) => {
                bound.extend(key.iter().cloned());
                next.clone()
            }
            None => first.clone(),
        };
        let rows = tx.fetch_sql(AssertSqlSafe(sql).into_sql_str(), &bound).await?;
        for row in &rows {
            let line = Json::Array(
                (0..shape.columns.len()).map(|at| read(row, at, shape.columns[at].1)).collect::<Result<_, _>>()?,
            );
            writeln!(out, "{line}").map_err(|error| io(&shape.name, &error))?;
        }
        count += rows.len() as u64;
        let Some(last) = rows.last().filter(|_| rows.len() == PAGE) else { return Ok(count) };
        after = Some(
            shape
                .key
                .iter()
                .map(|at| bind(&read(last, *at, shape.columns[*at].1)?, shape.columns[*at].1))
                .collect::<Result<_, _>>()?,
        );
    }
}

/// Inserts the rows of a file written by [`write_table`]; gives how many. `first` is the number of its first line, for messages.
///
/// # Errors
/// [`StoreError`] of the database, or for a line that is not a row of the table and city.
pub async fn insert_lines(
    tx: &mut Tx,
    shape: &Shape,
    city: &str,
    lines: &[String],
    first: u64,
) -> Result<u64, StoreError> {
    let names: Vec<&str> = shape.columns.iter().map(|(name, _)| name.as_str()).collect();
    let width = shape.columns.len();
    let mut bound = Vec::with_capacity(lines.len() * width);
    for (line, no) in lines.iter().zip(first..) {
        let fault = || StoreError::Other(format!("{}.jsonl:{no}: this line is not a row of the table", shape.name));
        let Ok(Json::Array(cells)) = serde_json::from_str(line) else { return Err(fault()) };
        if cells.len() != width {
            return Err(fault());
        }
        for (cell, (column, kind)) in cells.iter().zip(&shape.columns) {
            if column == "city" && cell != city {
                return Err(StoreError::Other(format!("{}.jsonl:{no}: this line is of another city", shape.name)));
            }
            bound.push(bind(cell, *kind).map_err(|_| fault())?);
        }
    }
    if lines.is_empty() {
        return Ok(0);
    }
    let mut sql = format!("INSERT INTO {} ({}) VALUES ", shape.name, names.join(", "));
    for row in 0..lines.len() {
        let marks: Vec<String> = (1..=width).map(|at| format!("${}", row * width + at)).collect();
        sql.push_str(&format!("{}({})", if row == 0 { "" } else { ", " }, marks.join(", ")));
    }
    tx.fetch_sql(AssertSqlSafe(sql).into_sql_str(), &bound).await?;
    Ok(lines.len() as u64)
}

/// The lines of a table's file in groups that fit one statement: each with the number of its first line.
///
/// # Errors
/// When the file cannot be read.
pub fn groups(table: &Shape, file: impl BufRead) -> impl Iterator<Item = Result<(u64, Vec<String>), StoreError>> {
    let size = (20_000 / table.columns.len().max(1)).clamp(1, PAGE);
    let name = table.name.clone();
    let mut lines = file.lines();
    let mut no: u64 = 1;
    std::iter::from_fn(move || {
        let mut group = Vec::with_capacity(size);
        for line in lines.by_ref().take(size) {
            match line {
                Ok(line) => group.push(line),
                Err(error) => return Some(Err(io(&name, &error))),
            }
        }
        let first = no;
        no += group.len() as u64;
        (!group.is_empty()).then_some(Ok((first, group)))
    })
}

/// Whether a table has no row of a city.
///
/// # Errors
/// [`StoreError`] of the database.
pub async fn is_empty(tx: &mut Tx, shape: &Shape, city: &str) -> Result<bool, StoreError> {
    let sql = format!("SELECT 1 FROM {} WHERE city = $1 LIMIT 1", shape.name);
    Ok(tx.fetch_sql(AssertSqlSafe(sql).into_sql_str(), &values![city]).await?.is_empty())
}

fn io(table: &str, error: &std::io::Error) -> StoreError {
    StoreError::Unavailable(format!("`{table}.jsonl`: {}", error.kind()))
}

fn read(row: &Row, at: usize, kind: Kind) -> Result<Json, StoreError> {
    Ok(match kind {
        Kind::Text => json!(row.opt_str(at)?),
        Kind::Int => json!(row.opt_int(at)?),
        Kind::Bool => json!(row.opt_bool(at)?),
        Kind::Real => json!(row.opt_real(at)?),
        Kind::Bytes => match row.opt_bytes(at)? {
            Some(bytes) => Json::String(bytes.iter().map(|byte| format!("{byte:02x}")).collect()),
            None => Json::Null,
        },
    })
}

fn bind(cell: &Json, kind: Kind) -> Result<Value, StoreError> {
    let wrong = || StoreError::Other("a value has the wrong type".into());
    Ok(match (kind, cell) {
        (Kind::Text, Json::Null) => Value::Text(None),
        (Kind::Int, Json::Null) => Value::Int(None),
        (Kind::Bool, Json::Null) => Value::Bool(None),
        (Kind::Real, Json::Null) => Value::Real(None),
        (Kind::Bytes, Json::Null) => Value::Bytes(None),
        (Kind::Text, Json::String(text)) => Value::Text(Some(text.clone())),
        (Kind::Int, Json::Number(number)) => Value::Int(Some(number.as_i64().ok_or_else(wrong)?)),
        (Kind::Bool, Json::Bool(flag)) => Value::Bool(Some(*flag)),
        (Kind::Real, Json::Number(number)) => Value::Real(Some(number.as_f64().ok_or_else(wrong)?)),
        (Kind::Bytes, Json::String(hex)) => {
            let bytes = (0..hex.len())
                .step_by(2)
                .map(|at| hex.get(at..at + 2).and_then(|pair| u8::from_str_radix(pair, 16).ok()).ok_or_else(wrong))
                .collect::<Result<_, _>>()?;
            Value::Bytes(Some(bytes))
        }
        _ => return Err(wrong()),
    })
}
