//! Statements inside one transaction, on either engine.

use std::fmt::Write as _;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use futures_util::TryStreamExt as _;
use sqlx::{AssertSqlSafe, Executor as _, PgConnection, SqlSafeStr as _, SqlStr, SqliteConnection};

use super::Engine;
use crate::error::{Fault, StoreError, classify};
use crate::list::ListQuery;
use crate::statements::Statement;
use crate::value::{Row, Value, postgres_arguments, sqlite_arguments};

/// Counts statements; while a tape runs, keeps them.
#[derive(Default)]
pub(crate) struct Ledger {
    count: AtomicU64,
    taping: AtomicBool,
    tape: Mutex<Vec<Taped>>,
}

/// A statement as it was executed.
#[derive(Clone)]
pub(crate) struct Taped {
    pub(crate) sql: String,
    pub(crate) values: Vec<Value>,
    /// Whether it gives rows.
    pub(crate) fetches: bool,
    /// Whether it is the first of its transaction.
    pub(crate) first: bool,
}

impl Ledger {
    pub(crate) fn count(&self) -> u64 {
        self.count.load(Ordering::Relaxed)
    }

    /// Starts a tape, or ends it and gives what is on it.
    pub(crate) fn tape(&self, on: bool) -> Vec<Taped> {
        self.taping.store(on, Ordering::Relaxed);
        std::mem::take(&mut *self.tape.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn note(&self, sql: &str, values: &[Value], fetches: bool, first: bool) {
        self.count.fetch_add(1, Ordering::Relaxed);
        if self.taping.load(Ordering::Relaxed) {
            let taped = Taped { sql: sql.to_owned(), values: values.to_vec(), fetches, first };
            self.tape.lock().unwrap_or_else(PoisonError::into_inner).push(taped);
        }
    }
}

/// A connection to either engine.
pub(crate) enum Connection {
    Sqlite(SqliteConnection),
    Postgres(PgConnection),
}

/// Runs one body on either connection: the only place where the engines part.
macro_rules! on {
    ($connection:expr, |$c:ident, $bind:ident| $body:expr) => {
        match $connection {
            Connection::Sqlite($c) => {
                let $bind = sqlite_arguments;
                $body
            }
            Connection::Postgres($c) => {
                let $bind = postgres_arguments;
                $body
            }
        }
    };
}

impl Connection {
    pub(crate) const fn engine(&self) -> Engine {
        match self {
            Self::Sqlite(_) => Engine::Sqlite,
            Self::Postgres(_) => Engine::Postgres,
        }
    }
}

/// A table as the many-row writes need it. Names and columns are constants of the program, never input.
#[derive(Debug)]
pub struct Table {
    /// Its name.
    pub name: &'static str,
    /// Its primary key, city first.
    pub key: &'static [&'static str],
    /// Every column that is written, in the order of the rows' values.
    pub columns: &'static [&'static str],
}

/// Rows in one statement of a many-row write, and values in it (SQLite takes 32,766).
const ROWS: usize = 500;
const BINDS: usize = 30_000;

/// Values of statements that are made together, at most.
const TOGETHER: usize = 2_000;

/// Changes of rows, to be made together by [`Tx::make`].
pub struct Changes {
    engine: Engine,
    made: Vec<(String, Vec<Value>)>,
    misused: Option<String>,
}

impl Changes {
    /// Inserts rows.
    pub fn insert(&mut self, table: &Table, rows: Vec<Vec<Value>>) {
        self.rows(table, rows, "");
    }

    /// Inserts rows, or replaces all other columns where the key exists. One call may name a key only once.
    pub fn upsert(&mut self, table: &Table, rows: Vec<Vec<Value>>) {
        let others: Vec<String> = table
            .columns
            .iter()
            .filter(|column| !table.key.contains(column))
            .map(|column| format!("{column} = excluded.{column}"))
            .collect();
        let action = if others.is_empty() { "NOTHING".to_owned() } else { format!("UPDATE SET {}", others.join(", ")) };
        self.rows(table, rows, &format!(" ON CONFLICT ({}) DO {action}", table.key.join(", ")));
    }

    /// Changes columns of the row with this key; no columns, no statement.
    pub fn update(&mut self, table: &Table, key: Vec<Value>, columns: Vec<(&'static str, Value)>) {
        if key.len() != table.key.len() {
            self.misused = Some(format!("a key of `{}` has the wrong number of values", table.name));
            return;
        }
        if columns.is_empty() {
            return;
        }
        let mut sql = format!("UPDATE {} SET ", table.name);
        let mut values = Vec::with_capacity(columns.len() + key.len());
        for (at, (column, value)) in columns.into_iter().enumerate() {
            sql.push_str(if at == 0 { "" } else { ", " });
            sql.push_str(column);
            sql.push_str(" = ");
            push_place(&mut sql, self.engine, at);
            values.push(value);
        }
        for (at, (column, value)) in table.key.iter().zip(key).enumerate() {
            sql.push_str(if at == 0 { " WHERE " } else { " AND " });
            sql.push_str(column);
            sql.push_str(" = ");
            push_place(&mut sql, self.engine, values.len());
            values.push(value);
        }
        self.made.push((sql, values));
    }

    /// Deletes rows by key. All keys may be the same leading part of the table's key, which deletes all rows below it.
    pub fn delete(&mut self, table: &Table, keys: Vec<Vec<Value>>) {
        let Some(width) = keys.first().map(Vec::len) else { return };
        if width == 0 || width > table.key.len() || keys.iter().any(|key| key.len() != width) {
            self.misused = Some(format!("a key of `{}` has the wrong number of values", table.name));
            return;
        }
        for chunk in chunks(keys, width) {
            self.made.push(deletion(self.engine, table, width, chunk));
        }
    }

    fn rows(&mut self, table: &Table, rows: Vec<Vec<Value>>, clause: &str) {
        let width = table.columns.len();
        if rows.iter().any(|row| row.len() != width) {
            self.misused = Some(format!("a row of `{}` has the wrong number of values", table.name));
            return;
        }
        for chunk in chunks(rows, width) {
            let mut sql = format!("INSERT INTO {} ({}) VALUES ", table.name, table.columns.join(", "));
            push_tuples(&mut sql, self.engine, chunk.len(), width);
            sql.push_str(clause);
            self.made.push((sql, chunk.into_iter().flatten().collect()));
        }
    }
}

/// A transaction, handed to the closures of [`Db::write`](crate::Db::write) and [`Db::read`](crate::Db::read).
///
/// INVARIANT: after a statement has failed the transaction is over, on both engines: every further statement
/// fails, and a closure that swallows the error cannot commit. Where a clash is expected, write
/// `ON CONFLICT DO NOTHING` and look at the number of rows.
pub struct Tx {
    connection: Connection,
    statements: u64,
    total: Arc<Ledger>,
    fault: Option<Fault>,
    /// On SQLite: what opens the transaction or its part, sent with the first statement in it.
    opening: Option<&'static str>,
    /// On SQLite: changes to be made before the next statement or with the commit.
    deferred: Vec<(String, Vec<Value>)>,
}

/// Why a transaction, or its part, could not be ended.
pub(crate) enum Unended {
    /// A deferred change failed; [`Tx::fault`] says how.
    Change(StoreError),
    /// The end itself failed.
    End(StoreError),
}

impl Tx {
    pub(crate) const fn new(connection: Connection, total: Arc<Ledger>) -> Self {
        Self { connection, statements: 0, total, fault: None, opening: None, deferred: Vec::new() }
    }

    pub(crate) fn into_connection(self) -> Connection {
        self.connection
    }

    /// Makes it ready for the next closure of a batch.
    pub(crate) fn reset(&mut self) {
        self.statements = 0;
        self.fault = None;
        self.deferred.clear();
    }

    pub(crate) const fn fault(&self) -> Option<Fault> {
        self.fault
    }

    /// Which engine this runs on; only for the few statements whose two texts are composed.
    pub const fn engine(&self) -> Engine {
        self.connection.engine()
    }

    /// How many statements this closure has executed (`BEGIN`, `SAVEPOINT` and `COMMIT` do not count).
    pub const fn statements(&self) -> u64 {
        self.statements
    }

    /// Executes a statement and gives the number of rows it wrote.
    pub async fn execute(&mut self, statement: &Statement, values: Vec<Value>) -> Result<u64, StoreError> {
        self.execute_sql(statement.sql(self.engine()), &values).await
    }

    /// All rows of a query.
    pub async fn fetch(&mut self, statement: &Statement, values: Vec<Value>) -> Result<Vec<Row>, StoreError> {
        self.fetch_sql(statement.sql(self.engine()), &values).await
    }

    /// The first row of a query, if there is one.
    pub async fn fetch_optional(
        &mut self,
        statement: &Statement,
        values: Vec<Value>,
    ) -> Result<Option<Row>, StoreError> {
        Ok(self.fetch(statement, values).await?.into_iter().next())
    }

    /// The first row of a query that always has one.
    pub async fn fetch_one(&mut self, statement: &Statement, values: Vec<Value>) -> Result<Row, StoreError> {
        let row = self.fetch_optional(statement, values).await?;
        row.ok_or_else(|| StoreError::other("no row where one was expected"))
    }

    /// The rows of a composed list, in the order of its sort.
    pub async fn fetch_list(&mut self, list: &ListQuery) -> Result<Vec<Row>, StoreError> {
        let sql = AssertSqlSafe(Arc::clone(list.text()));
        let mut rows = self.fetch_sql(sql.into_sql_str(), list.values()).await?;
        if list.reversed() {
            rows.reverse();
        }
        Ok(rows)
    }

    /// Inserts rows, some hundreds in one statement; no rows, no statement.
    pub async fn insert(&mut self, table: &Table, rows: Vec<Vec<Value>>) -> Result<u64, StoreError> {
        let mut changes = self.changes();
        changes.insert(table, rows);
        self.make(changes).await
    }

    /// Inserts rows, or replaces all other columns where the key exists. One call may name a key only once.
    pub async fn upsert(&mut self, table: &Table, rows: Vec<Vec<Value>>) -> Result<u64, StoreError> {
        let mut changes = self.changes();
        changes.upsert(table, rows);
        self.make(changes).await
    }

    /// Deletes rows by key. All keys may be the same leading part of the table's key, which deletes all rows below it.
    pub async fn delete(&mut self, table: &Table, keys: Vec<Vec<Value>>) -> Result<u64, StoreError> {
        let mut changes = self.changes();
        changes.delete(table, keys);
        self.make(changes).await
    }

    /// Changes to be made together.
    pub const fn changes(&self) -> Changes {
        Changes { engine: self.engine(), made: Vec::new(), misused: None }
    }

    /// Makes changes, in their order, and gives the number of rows they wrote. On SQLite, whose driver has a thread of its
    /// own, all of them take one way there and back.
    pub async fn make(&mut self, changes: Changes) -> Result<u64, StoreError> {
        self.flush().await?;
        self.note_down(changes)?;
        self.flush().await
    }

    /// Makes changes before the next statement or, on SQLite, on the same way as the commit; what goes wrong with them
    /// may be said only there, by the outcome of the whole write.
    pub async fn defer(&mut self, changes: Changes) -> Result<(), StoreError> {
        self.note_down(changes)?;
        match self.engine() {
            Engine::Sqlite => Ok(()),
            Engine::Postgres => self.flush().await.map(drop),
        }
    }

    fn note_down(&mut self, changes: Changes) -> Result<(), StoreError> {
        if let Some(text) = changes.misused {
            return Err(self.misused(text));
        }
        for (sql, values) in &changes.made {
            self.count(sql, values, false)?;
        }
        self.deferred.extend(changes.made);
        Ok(())
    }

    /// Makes what is deferred.
    async fn flush(&mut self) -> Result<u64, StoreError> {
        let mut written = 0;
        while let Some((sql, values, _)) = self.next_way() {
            written += self.run(AssertSqlSafe(sql).into_sql_str(), &values).await?;
        }
        Ok(written)
    }

    /// Deferred changes that take one way, and how many they are.
    fn next_way(&mut self) -> Option<(String, Vec<Value>, usize)> {
        let most = if self.engine() == Engine::Sqlite { TOGETHER } else { 0 };
        let mut sum = 0;
        let fit = self.deferred.iter().take_while(|(_, values)| {
            sum += values.len();
            sum <= most
        });
        let count = fit.count().max(1).min(self.deferred.len());
        let mut made = self.deferred.drain(..count);
        let (mut sql, mut values) = made.next()?;
        for (next, more) in made {
            sql.push(';');
            sql.push_str(&next);
            values.extend(more);
        }
        Some((sql, values, count))
    }

    /// Opens a transaction, or a part of it; on SQLite with the first statement in it.
    pub(crate) async fn open(&mut self, sql: &'static str) -> Result<(), (Fault, StoreError)> {
        match self.engine() {
            Engine::Sqlite => {
                self.opening = Some(sql);
                Ok(())
            }
            Engine::Postgres => self.control(sql).await,
        }
    }

    /// Whether nothing was sent since it was opened, and nothing is deferred: then there is nothing to end, and it counts
    /// as never opened.
    pub(crate) fn never_opened(&mut self) -> bool {
        self.deferred.is_empty() && self.opening.take().is_some()
    }

    /// Drops what is deferred: the closure did not succeed.
    pub(crate) fn drop_deferred(&mut self) {
        self.deferred.clear();
    }

    /// Makes what is deferred and ends the transaction or its part, on the same way.
    pub(crate) async fn end(&mut self, ending: Option<&'static str>) -> Result<(), Unended> {
        while let Some((mut sql, values, count)) = self.next_way() {
            match ending {
                Some(ending) if self.deferred.is_empty() && self.engine() == Engine::Sqlite => {
                    sql.push(';');
                    sql.push_str(ending);
                    let before = count + usize::from(self.opening.is_some());
                    let mut done = Vec::new();
                    return match self.results(AssertSqlSafe(sql).into_sql_str(), &values, &mut done).await {
                        Err(error) if done.len() == before => Err(Unended::End(error)),
                        Err(error) => Err(Unended::Change(error)),
                        Ok(()) => Ok(()),
                    };
                }
                _ => self.run(AssertSqlSafe(sql).into_sql_str(), &values).await.map_err(Unended::Change).map(drop)?,
            }
        }
        match ending {
            Some(ending) => self.control(ending).await.map_err(|(_, error)| Unended::End(error)),
            None => Ok(()),
        }
    }

    async fn execute_sql(&mut self, sql: SqlStr, values: &[Value]) -> Result<u64, StoreError> {
        self.count(sql.as_str(), values, false)?;
        self.flush().await?;
        self.run(sql, values).await
    }

    /// Runs a text of one statement or several and gives the number of rows they wrote.
    async fn run(&mut self, sql: SqlStr, values: &[Value]) -> Result<u64, StoreError> {
        let opened = usize::from(self.opening.is_some());
        let mut done = Vec::new();
        self.results(sql, values, &mut done).await?;
        // What opens a transaction writes nothing, but SQLite says again what was written before.
        Ok(done.iter().skip(opened).sum())
    }

    /// Runs a text, after what opens the transaction where that has not been sent; of each statement that was done, the
    /// number of rows it wrote.
    async fn results(&mut self, sql: SqlStr, values: &[Value], done: &mut Vec<u64>) -> Result<(), StoreError> {
        let sql = self.opened(sql);
        let ran = on!(&mut self.connection, |c, bind| {
            match bind(values) {
                Ok(values) => {
                    let mut results = c.fetch_many(sqlx::query_with(sql, values));
                    loop {
                        match results.try_next().await {
                            Ok(Some(sqlx::Either::Left(one))) => done.push(one.rows_affected()),
                            Ok(Some(sqlx::Either::Right(_))) => {}
                            Ok(None) => break Ok(()),
                            Err(error) => break Err(error),
                        }
                    }
                }
                Err(error) => return Err(self.failed(Fault::Failed, error)),
            }
        });
        ran.map_err(|error| self.note(&error))
    }

    pub(crate) async fn fetch_sql(&mut self, sql: SqlStr, values: &[Value]) -> Result<Vec<Row>, StoreError> {
        self.count(sql.as_str(), values, true)?;
        self.flush().await?;
        let sql = self.opened(sql);
        let rows = on!(&mut self.connection, |c, bind| {
            match bind(values) {
                Ok(values) => sqlx::query_with(sql, values)
                    .fetch_all(c)
                    .await
                    .map(|rows| rows.into_iter().map(Row::from).collect()),
                Err(error) => return Err(self.failed(Fault::Failed, error)),
            }
        });
        rows.map_err(|error| self.note(&error))
    }

    /// A text behind what opens the transaction, if that has not been sent.
    fn opened(&mut self, sql: SqlStr) -> SqlStr {
        match self.opening.take() {
            Some(opening) => AssertSqlSafe(format!("{opening};{}", sql.as_str())).into_sql_str(),
            None => sql,
        }
    }

    /// Executes a statement as it was executed before.
    pub(crate) async fn again(&mut self, taped: &Taped) -> Result<(), StoreError> {
        let sql = AssertSqlSafe(taped.sql.clone()).into_sql_str();
        match taped.fetches {
            true => self.fetch_sql(sql, &taped.values).await.map(drop),
            false => self.execute_sql(sql, &taped.values).await.map(drop),
        }
    }

    /// `BEGIN`, `COMMIT` and their like: not counted, and the transaction's state is the caller's affair.
    pub(crate) async fn control(&mut self, sql: &'static str) -> Result<(), (Fault, StoreError)> {
        let done = on!(&mut self.connection, |c, _bind| sqlx::query(sql).execute(c).await.map(|_| ()));
        done.map_err(|error| classify(&error))
    }

    /// Prepares a text without running it.
    #[cfg(any(test, feature = "testing"))]
    pub(crate) async fn prepare(&mut self, sql: SqlStr) -> Result<(), StoreError> {
        let done = on!(&mut self.connection, |c, _bind| c.prepare(sql).await.map(|_| ()));
        done.map_err(|error| classify(&error).1)
    }

    fn count(&mut self, sql: &str, values: &[Value], fetches: bool) -> Result<(), StoreError> {
        if self.fault.is_some() {
            return Err(StoreError::other("an earlier statement of this transaction failed"));
        }
        self.total.note(sql, values, fetches, self.statements == 0);
        self.statements += 1;
        Ok(())
    }

    fn note(&mut self, error: &sqlx::Error) -> StoreError {
        let (fault, error) = classify(error);
        self.failed(fault, error)
    }

    const fn failed(&mut self, fault: Fault, error: StoreError) -> StoreError {
        self.fault = Some(fault);
        error
    }

    fn misused(&mut self, text: String) -> StoreError {
        self.failed(Fault::Failed, StoreError::Other(text))
    }
}

fn chunks(mut rows: Vec<Vec<Value>>, width: usize) -> impl Iterator<Item = Vec<Vec<Value>>> {
    let size = (BINDS / width.max(1)).clamp(1, ROWS);
    std::iter::from_fn(move || {
        if rows.is_empty() {
            return None;
        }
        let rest = rows.split_off(size.min(rows.len()));
        Some(std::mem::replace(&mut rows, rest))
    })
}

/// A deletion by key. SQLite uses no index for `(a, b) IN (VALUES …)`, hence `a = $1 AND b IN ($2, $3)` where only the
/// last column differs, and alternatives otherwise.
///
/// Writing to a string cannot fail, here and below.
fn deletion(engine: Engine, table: &Table, width: usize, keys: Vec<Vec<Value>>) -> (String, Vec<Value>) {
    let mut sql = format!("DELETE FROM {} WHERE ", table.name);
    let (last, leading) = (width - 1, &table.key[..width - 1]);
    let alike = keys.windows(2).all(|pair| pair[0][..last] == pair[1][..last]);
    let mut values: Vec<Value> = Vec::new();
    for (i, key) in keys.into_iter().enumerate() {
        if alike && i > 0 {
            sql.push_str(", ");
            push_place(&mut sql, engine, values.len());
            values.extend(key.into_iter().next_back());
            continue;
        }
        sql.push_str(if alike || i == 0 { "" } else { " OR " });
        for (at, column) in leading.iter().enumerate() {
            sql.push_str(column);
            sql.push_str(" = ");
            push_place(&mut sql, engine, values.len() + at);
            sql.push_str(" AND ");
        }
        sql.push_str(table.key[last]);
        sql.push_str(if alike { " IN (" } else { " = " });
        push_place(&mut sql, engine, values.len() + last);
        values.extend(key);
    }
    if alike {
        sql.push(')');
    }
    (sql, values)
}

/// `($1, $2), ($3, $4)`; on SQLite `(?, ?), (?, ?)`, since it and its driver look a named value up among all others
/// each time.
fn push_tuples(sql: &mut String, engine: Engine, rows: usize, width: usize) {
    for n in 0..rows * width {
        sql.push_str(match (n, n % width) {
            (0, _) => "(",
            (_, 0) => "), (",
            _ => ", ",
        });
        push_place(sql, engine, n);
    }
    sql.push(')');
}

/// The place of a value: the `n`th from 0.
fn push_place(sql: &mut String, engine: Engine, n: usize) {
    let _ = match engine {
        Engine::Sqlite => sql.write_char('?'),
        Engine::Postgres => write!(sql, "${}", n + 1),
    };
}

#[cfg(test)]
mod tests {
    use super::{Engine, Table, chunks, deletion, push_tuples};
    use crate::list::full_scans;
    use crate::{StoreError, testing, values};
    use sqlx::{AssertSqlSafe, SqlSafeStr as _};

    const SETTING: Table =
        Table { name: "setting", key: &["city", "name"], columns: &["city", "name", "value", "version"] };

    #[tokio::test]
    async fn a_deletion_by_key_reads_no_whole_table() {
        let alike = deletion(Engine::Postgres, &SETTING, 2, vec![values!["s", "a"], values!["s", "b"]]);
        assert_eq!(alike.0, "DELETE FROM setting WHERE city = $1 AND name IN ($2, $3)");
        assert_eq!(alike.1, values!["s", "a", "b"]);
        let various = deletion(Engine::Postgres, &SETTING, 2, vec![values!["s", "a"], values!["t", "b"]]);
        assert_eq!(various.0, "DELETE FROM setting WHERE city = $1 AND name = $2 OR city = $3 AND name = $4");
        let leading = deletion(Engine::Postgres, &SETTING, 1, vec![values!["s"], values!["t"]]);
        assert_eq!(leading.0, "DELETE FROM setting WHERE city IN ($1, $2)");
        let many = (0..500).map(|n| values![format!("c{n}"), "a"]).collect();
        let many = deletion(Engine::Postgres, &SETTING, 2, many);

        let test = testing::sqlite().await;
        for (sql, values) in [alike, various, leading, many] {
            let sql = AssertSqlSafe(format!("EXPLAIN QUERY PLAN {sql}")).into_sql_str();
            let rows =
                test.read("plan", move |tx| Box::pin(async move { tx.fetch_sql(sql, &values).await })).await.unwrap();
            let plan: Result<Vec<&str>, StoreError> = rows.iter().map(|row| row.str(3)).collect();
            let plan = plan.unwrap().join("\n");
            assert!(full_scans(&plan).is_empty(), "{plan}");
        }
    }

    #[test]
    fn tuples_are_numbered_through() {
        let mut sql = String::new();
        push_tuples(&mut sql, Engine::Postgres, 2, 3);
        assert_eq!(sql, "($1, $2, $3), ($4, $5, $6)");
        sql.clear();
        push_tuples(&mut sql, Engine::Sqlite, 2, 2);
        assert_eq!(sql, "(?, ?), (?, ?)");
    }

    #[test]
    fn chunks_keep_every_row_once_and_stay_small() {
        let rows: Vec<_> = (0..1201_i64).map(|n| values![n]).collect();
        let sizes: Vec<usize> = chunks(rows, 1).map(|chunk| chunk.len()).collect();
        assert_eq!(sizes, [500, 500, 201]);
        assert_eq!(chunks(vec![values![1]; 3], 20_000).count(), 3);
        assert_eq!(chunks(Vec::new(), 4).count(), 0);
    }
}
