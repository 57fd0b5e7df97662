//! Values bound to statements, and rows read from them.

use std::fmt;

use sqlx::postgres::{PgArguments, PgRow};
use sqlx::sqlite::{SqliteArguments, SqliteRow};
use sqlx::{Arguments, Row as _};

use crate::StoreError;

/// One bound value. A null has a type, since PostgreSQL wants to know it.
///
/// `Debug` shows only the kind: values are people's data and must not reach a log.
#[derive(Clone, PartialEq)]
pub enum Value {
    /// `TEXT`
    Text(Option<String>),
    /// `BIGINT`
    Int(Option<i64>),
    /// `BOOLEAN`
    Bool(Option<bool>),
    /// `BYTEA`
    Bytes(Option<Vec<u8>>),
    /// `DOUBLE PRECISION`
    Real(Option<f64>),
}

impl fmt::Debug for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Text(None) | Self::Int(None) | Self::Bool(None) | Self::Bytes(None) | Self::Real(None) => "null",
            Self::Text(_) => "text",
            Self::Int(_) => "int",
            Self::Bool(_) => "bool",
            Self::Bytes(_) => "bytes",
            Self::Real(_) => "real",
        })
    }
}

macro_rules! from {
    ($($type:ty => $variant:ident, |$v:ident| $make:expr;)*) => {$(
        impl From<$type> for Value {
            fn from($v: $type) -> Self { Self::$variant(Some($make)) }
        }
        impl From<Option<$type>> for Value {
            fn from(value: Option<$type>) -> Self { Self::$variant(value.map(|$v| $make)) }
        }
    )*};
}

from! {
    String => Text, |v| v;
    &String => Text, |v| v.clone();
    &str => Text, |v| v.to_owned();
    i64 => Int, |v| v;
    i32 => Int, |v| i64::from(v);
    u32 => Int, |v| i64::from(v);
    bool => Bool, |v| v;
    Vec<u8> => Bytes, |v| v;
    &[u8] => Bytes, |v| v.to_vec();
    &Vec<u8> => Bytes, |v| v.clone();
    f64 => Real, |v| v;
}

/// Makes a `Vec<Value>` of expressions that convert to [`Value`].
#[macro_export]
macro_rules! values {
    ($($value:expr),* $(,)?) => { ::std::vec![$($crate::Value::from($value)),*] };
}

/// Binds values in order, to either engine's arguments.
macro_rules! bind {
    ($args:ty, $values:expr) => {{
        let mut args = <$args>::default();
        args.reserve($values.len(), 0);
        for value in $values {
            match value {
                Value::Text(Some(text)) if text.contains('\0') => {
                    return Err(StoreError::other("text may not contain the character U+0000"));
                }
                Value::Text(v) => args.add(v.as_deref()),
                Value::Int(v) => args.add(*v),
                Value::Bool(v) => args.add(*v),
                Value::Bytes(v) => args.add(v.as_deref()),
                Value::Real(v) => args.add(*v),
            }
            .map_err(|_| StoreError::other("a value cannot be bound"))?;
        }
        Ok(args)
    }};
}

pub(crate) fn sqlite_arguments(values: &[Value]) -> Result<SqliteArguments, StoreError> {
    bind!(SqliteArguments, values)
}

pub(crate) fn postgres_arguments(values: &[Value]) -> Result<PgArguments, StoreError> {
    bind!(PgArguments, values)
}

/// One row of an answer; columns are read by their position, from 0.
pub struct Row(Inner);

enum Inner {
    Sqlite(SqliteRow),
    Postgres(PgRow),
}

impl From<SqliteRow> for Row {
    fn from(row: SqliteRow) -> Self {
        Self(Inner::Sqlite(row))
    }
}

impl From<PgRow> for Row {
    fn from(row: PgRow) -> Self {
        Self(Inner::Postgres(row))
    }
}

macro_rules! get {
    ($row:expr, $i:expr, $type:ty, $what:literal) => {
        match &$row.0 {
            Inner::Sqlite(row) => row.try_get::<Option<$type>, _>($i),
            Inner::Postgres(row) => row.try_get::<Option<$type>, _>($i),
        }
        .map_err(|_| wrong($i, $what))
    };
}

fn wrong(i: usize, what: &str) -> StoreError {
    StoreError::Corrupt(format!("column {i} is missing or not {what}"))
}

fn present<T>(value: Option<T>, i: usize) -> Result<T, StoreError> {
    value.ok_or_else(|| StoreError::Corrupt(format!("column {i} is null")))
}

impl Row {
    /// Text.
    pub fn str(&self, i: usize) -> Result<&str, StoreError> {
        present(self.opt_str(i)?, i)
    }

    /// Text or null.
    pub fn opt_str(&self, i: usize) -> Result<Option<&str>, StoreError> {
        get!(self, i, &str, "text")
    }

    /// Text, owned.
    pub fn string(&self, i: usize) -> Result<String, StoreError> {
        self.str(i).map(str::to_owned)
    }

    /// Text or null, owned.
    pub fn opt_string(&self, i: usize) -> Result<Option<String>, StoreError> {
        Ok(self.opt_str(i)?.map(str::to_owned))
    }

    /// A whole number.
    pub fn int(&self, i: usize) -> Result<i64, StoreError> {
        present(self.opt_int(i)?, i)
    }

    /// A whole number or null. A `NUMERIC`, as PostgreSQL makes of `SUM`, is refused: the statement must `CAST` it.
    pub fn opt_int(&self, i: usize) -> Result<Option<i64>, StoreError> {
        match get!(self, i, i64, "a whole number") {
            // A literal is INTEGER in PostgreSQL.
            Err(error) => match &self.0 {
                Inner::Postgres(row) => row.try_get::<Option<i32>, _>(i).map(|v| v.map(i64::from)).map_err(|_| error),
                Inner::Sqlite(_) => Err(error),
            },
            ok => ok,
        }
    }

    /// True or false.
    pub fn bool(&self, i: usize) -> Result<bool, StoreError> {
        present(self.opt_bool(i)?, i)
    }

    /// True, false or null.
    pub fn opt_bool(&self, i: usize) -> Result<Option<bool>, StoreError> {
        get!(self, i, bool, "true or false")
    }

    /// Bytes.
    pub fn bytes(&self, i: usize) -> Result<Vec<u8>, StoreError> {
        present(self.opt_bytes(i)?, i)
    }

    /// Bytes or null.
    pub fn opt_bytes(&self, i: usize) -> Result<Option<Vec<u8>>, StoreError> {
        get!(self, i, Vec<u8>, "bytes")
    }

    /// A number with a fraction.
    pub fn real(&self, i: usize) -> Result<f64, StoreError> {
        present(self.opt_real(i)?, i)
    }

    /// A number with a fraction, or null.
    pub fn opt_real(&self, i: usize) -> Result<Option<f64>, StoreError> {
        get!(self, i, f64, "a number")
    }

    /// Whether a column holds just this value.
    pub fn holds(&self, i: usize, value: &Value) -> Result<bool, StoreError> {
        Ok(match value {
            Value::Text(text) => self.opt_str(i)? == text.as_deref(),
            Value::Int(number) => self.opt_int(i)? == *number,
            Value::Bool(flag) => self.opt_bool(i)? == *flag,
            Value::Bytes(bytes) => self.opt_bytes(i)? == *bytes,
            Value::Real(number) => self.opt_real(i)? == *number,
        })
    }
}
