//! What can go wrong in the store. No message ever carries a bound value: those are people's data.

use sqlx::error::DatabaseError;
use sqlx::postgres::PgDatabaseError;

/// What went wrong in the store.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum StoreError {
    /// The database cannot be reached or cannot write now (gone, full disk, locked); trying later may help.
    #[error("the database is not available: {0}")]
    Unavailable(String),
    /// The row was changed since the caller read it (its version is no longer the expected one).
    #[error("the record was changed by someone else in the meantime")]
    Conflict,
    /// A row with the same unique columns exists; holds `table(column, column)`, the same on both engines.
    #[error("a record with the same `{0}` exists already")]
    Unique(String),
    /// What is stored cannot be what was written.
    #[error("stored data is damaged: {0}")]
    Corrupt(String),
    /// A fault of the program or of the set-up.
    #[error("{0}")]
    Other(String),
}

/// What a failed statement means for the transaction it ran in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fault {
    /// The engine asks to run the transaction again.
    Retry,
    /// The connection is of no further use.
    Lost,
    /// The transaction has failed; the connection is good.
    Failed,
}

impl StoreError {
    pub(crate) fn unavailable(text: impl Into<String>) -> Self {
        Self::Unavailable(text.into())
    }

    pub(crate) fn other(text: impl Into<String>) -> Self {
        Self::Other(text.into())
    }
}

/// Reads a driver's error.
pub(crate) fn classify(error: &sqlx::Error) -> (Fault, StoreError) {
    match error {
        sqlx::Error::Database(error) => match error.try_downcast_ref::<PgDatabaseError>() {
            Some(error) => postgres(error),
            None => sqlite(error.as_ref()),
        },
        sqlx::Error::Io(error) => {
            (Fault::Lost, StoreError::unavailable(format!("the connection was lost ({})", error.kind())))
        }
        sqlx::Error::Tls(_) => (Fault::Lost, StoreError::unavailable("no encrypted connection could be made")),
        sqlx::Error::Protocol(_) | sqlx::Error::WorkerCrashed => {
            (Fault::Lost, StoreError::unavailable("the connection was lost"))
        }
        sqlx::Error::ColumnDecode { index, .. } => {
            (Fault::Failed, StoreError::Corrupt(format!("column {index} is not of the expected type")))
        }
        sqlx::Error::ColumnIndexOutOfBounds { index, len } => {
            (Fault::Failed, StoreError::other(format!("column {index} was asked for, the row has {len}")))
        }
        sqlx::Error::RowNotFound => (Fault::Failed, StoreError::other("no row where one was expected")),
        sqlx::Error::Encode(_) => (Fault::Failed, StoreError::other("a value cannot be bound")),
        _ => (Fault::Failed, StoreError::other("the database driver failed")),
    }
}

fn postgres(error: &PgDatabaseError) -> (Fault, StoreError) {
    let code = error.code();
    match code {
        "40001" | "40P01" => {
            return (Fault::Retry, StoreError::unavailable("too many writes to the same records at once"));
        }
        "23505" => return (Fault::Failed, StoreError::Unique(postgres_key(error))),
        "25006" => {
            return (Fault::Failed, StoreError::unavailable("it is read-only here"));
        }
        "57014" => {
            return (Fault::Failed, StoreError::unavailable("a statement was cancelled"));
        }
        "XX001" | "XX002" => {
            return (Fault::Failed, StoreError::Corrupt(format!("PostgreSQL reports {code}")));
        }
        _ => {}
    }
    match &code[..2] {
        "08" | "57" => (Fault::Lost, StoreError::unavailable(format!("PostgreSQL closed the connection ({code})"))),
        "53" | "58" => {
            let what = if code == "53100" { "its disk is full" } else { "it lacks resources" };
            (Fault::Failed, StoreError::unavailable(format!("{what} ({code})")))
        }
        "23" => {
            let name = error.constraint().or(error.column()).unwrap_or("?");
            (Fault::Failed, StoreError::other(format!("constraint `{name}` is violated ({code})")))
        }
        // These name tables, columns and types, never values.
        "42" => (Fault::Failed, StoreError::other(format!("{} ({code})", error.message()))),
        _ => (Fault::Failed, StoreError::other(format!("PostgreSQL refused a statement ({code})"))),
    }
}

/// `table(column, column)`, as far as the server tells: its detail reads `Key (a, b)=(values) already exists`, in its own language.
fn postgres_key(error: &PgDatabaseError) -> String {
    let table = error.table().unwrap_or("?");
    let columns = error
        .detail()
        .and_then(|detail| detail.split_once(")=("))
        .and_then(|(head, _)| head.split_once('('))
        .map(|(_, columns)| columns);
    match columns {
        Some(columns) => format!("{table}({columns})"),
        None => error.constraint().unwrap_or(table).to_owned(),
    }
}

fn sqlite(error: &dyn DatabaseError) -> (Fault, StoreError) {
    let code: i32 = error.code().and_then(|code| code.parse().ok()).unwrap_or(1);
    match code & 0xff {
        5 | 6 => (Fault::Failed, StoreError::unavailable("it is locked by another program")),
        7 => (Fault::Lost, StoreError::unavailable("out of memory")),
        8 => (Fault::Failed, StoreError::unavailable("it is read-only here")),
        10 => (Fault::Lost, StoreError::unavailable(format!("the disk failed ({code})"))),
        13 => (Fault::Lost, StoreError::unavailable("the disk is full")),
        14 => (Fault::Lost, StoreError::unavailable("the database file cannot be opened")),
        11 | 26 => (Fault::Failed, StoreError::Corrupt(format!("the file is not a sound database ({code})"))),
        19 => {
            // "UNIQUE constraint failed: setting.city, setting.name"
            let what = error.message().split_once("failed: ").map_or("?", |(_, what)| what);
            match code {
                1555 | 2067 | 2579 => (Fault::Failed, StoreError::Unique(sqlite_key(what))),
                _ => (Fault::Failed, StoreError::other(format!("constraint `{what}` is violated ({code})"))),
            }
        }
        // A full-text error repeats what was searched for.
        1 if error.message().contains("fts5") || error.message().contains("MATCH") => {
            (Fault::Failed, StoreError::other("the full-text expression is malformed"))
        }
        1 => (Fault::Failed, StoreError::other(format!("{} ({code})", error.message()))),
        _ => (Fault::Failed, StoreError::other(format!("SQLite refused a statement ({code})"))),
    }
}

fn sqlite_key(what: &str) -> String {
    let Some((table, _)) = what.split_once('.') else {
        return what.to_owned();
    };
    let columns: Vec<&str> =
        what.split(", ").map(|part| part.split_once('.').map_or(part, |(_, column)| column)).collect();
    format!("{table}({})", columns.join(", "))
}

#[cfg(test)]
mod tests {
    use super::sqlite_key;

    #[test]
    fn a_unique_violation_names_table_and_columns() {
        assert_eq!(sqlite_key("setting.city, setting.name"), "setting(city, name)");
        assert_eq!(sqlite_key("index 'by_lower'"), "index 'by_lower'");
    }
}
