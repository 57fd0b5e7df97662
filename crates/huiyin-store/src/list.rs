//! Lists whose conditions, order and page are chosen while the program runs.
//!
//! A list holds only the conditions in use, so that each engine can pick an index for them, and numbers its values
//! itself. Every piece of text in it is a constant of the program; what a person typed is only ever a value.
//!
//! ```
//! use huiyin_store::list::{Filter, List, Sort};
//!
//! const BY_DUE: Sort = Sort { keys: &["t.due", "t.id"], descending: false };
//!
//! let mut filter = Filter::new().is("t.city", "sanya").is("t.unit", "u1");
//! let states = ["delivered", "signed"];
//! if !states.is_empty() {
//!     filter = filter.among("t.state", states);
//! }
//! let page = List::new("t.id, t.due", "task t").filter(filter).sort(&BY_DUE).limit(50).query();
//! assert_eq!(
//!     page.sql(),
//!     "SELECT t.id, t.due FROM task t WHERE t.city = $1 AND t.unit = $2 AND t.state IN ($3, $4) ORDER BY t.due, t.id LIMIT 50",
//! );
//! ```
//!
//! To add a condition: a method call in the area's module, an index in a migration that begins with the equalities and
//! ends with the sort's keys, and a line in the area's test, which reads [`full_scans`] and [`sorts`] of the plan.

use std::fmt;
use std::fmt::Write as _;
use std::sync::Arc;

use sqlx::{AssertSqlSafe, SqlSafeStr as _};

use crate::db::{Db, Engine, Tx};
use crate::error::StoreError;
use crate::value::{Row, Value};

/// Counts stop here; what is beyond shows as "1000+".
pub const COUNT_CAP: i64 = 1000;

/// Conditions that must all hold.
#[derive(Clone, Debug, Default)]
pub struct Filter(Vec<Condition>);

#[derive(Clone, Debug)]
enum Condition {
    /// A constant text with a `?` for each value.
    Text(&'static str, Vec<Value>),
    Among {
        column: &'static str,
        values: Vec<Value>,
        not: bool,
    },
    Either(Vec<Filter>),
}

impl Filter {
    /// No condition.
    pub const fn new() -> Self {
        Self(Vec::new())
    }

    /// The column equals the value.
    #[must_use]
    pub fn is(self, column: &'static str, value: impl Into<Value>) -> Self {
        self.among_values(column, vec![value.into()], false)
    }

    /// The column is one of the values; no values, no rows.
    #[must_use]
    pub fn among<V: Into<Value>>(self, column: &'static str, values: impl IntoIterator<Item = V>) -> Self {
        self.among_values(column, values.into_iter().map(Into::into).collect(), false)
    }

    /// The column is none of the values; rows where it is null are left out unless there are no values.
    #[must_use]
    pub fn not_among<V: Into<Value>>(self, column: &'static str, values: impl IntoIterator<Item = V>) -> Self {
        self.among_values(column, values.into_iter().map(Into::into).collect(), true)
    }

    fn among_values(mut self, column: &'static str, values: Vec<Value>, not: bool) -> Self {
        self.0.push(Condition::Among { column, values, not });
        self
    }

    /// Any other condition: a constant text with a `?` for each value, such as `"t.due < ?"` or `"o.lead IS NULL"`.
    #[must_use]
    pub fn when(mut self, text: &'static str, values: Vec<Value>) -> Self {
        debug_assert_eq!(text.matches('?').count(), values.len(), "values of `{text}`");
        self.0.push(Condition::Text(text, values));
        self
    }

    /// At least one of the filters holds; no filters, no rows.
    #[must_use]
    pub fn either(mut self, filters: Vec<Self>) -> Self {
        self.0.push(Condition::Either(filters));
        self
    }

    /// All conditions of another filter as well.
    #[must_use]
    pub fn and(mut self, other: Self) -> Self {
        self.0.extend(other.0);
        self
    }

    fn render(&self, sql: &mut String, values: &mut Vec<Value>) {
        if self.0.is_empty() {
            sql.push_str("1 = 1");
        }
        for (i, condition) in self.0.iter().enumerate() {
            if i > 0 {
                sql.push_str(" AND ");
            }
            condition.render(sql, values);
        }
    }
}

impl Condition {
    fn render(&self, sql: &mut String, values: &mut Vec<Value>) {
        match self {
            Self::Text(text, own) => {
                let mut own = own.iter();
                for piece in text.split_inclusive('?') {
                    match piece.strip_suffix('?') {
                        Some(before) => {
                            sql.push_str(before);
                            if let Some(value) = own.next() {
                                push_value(sql, values, value);
                            }
                        }
                        None => sql.push_str(piece),
                    }
                }
            }
            Self::Among { values: own, not, .. } if own.is_empty() => {
                sql.push_str(if *not { "1 = 1" } else { "1 = 0" });
            }
            Self::Among { column, values: own, not } => {
                sql.push_str(column);
                match (own.as_slice(), not) {
                    ([one], false) => {
                        sql.push_str(" = ");
                        push_value(sql, values, one);
                    }
                    (many, _) => {
                        sql.push_str(if *not { " NOT IN " } else { " IN " });
                        push_tuple(sql, values, many);
                    }
                }
            }
            Self::Either(filters) if filters.is_empty() => sql.push_str("1 = 0"),
            Self::Either(filters) => {
                for (i, filter) in filters.iter().enumerate() {
                    sql.push_str(if i == 0 { "((" } else { " OR (" });
                    filter.render(sql, values);
                    sql.push(')');
                }
                sql.push(')');
            }
        }
    }
}

fn push_value(sql: &mut String, values: &mut Vec<Value>, value: &Value) {
    values.push(value.clone());
    // Writing to a string cannot fail.
    let _ = write!(sql, "${}", values.len());
}

/// `($3, $4)`
fn push_tuple(sql: &mut String, values: &mut Vec<Value>, tuple: &[Value]) {
    sql.push('(');
    for (i, value) in tuple.iter().enumerate() {
        if i > 0 {
            sql.push_str(", ");
        }
        push_value(sql, values, value);
    }
    sql.push(')');
}

/// An order of rows. An area makes an enum of its sorts that gives one of these for each variant.
///
/// The keys run all upwards or all downwards and the last makes the row unique, so that one row-value comparison finds
/// the next page. INVARIANT: no key is nullable. The engines place nulls differently and a comparison with null finds
/// nothing; a column that may be empty gets a sorting twin that never is (`due_sort`, far in the future when there is
/// no due).
#[derive(Debug)]
pub struct Sort {
    /// Columns, the last of which makes the row unique.
    pub keys: &'static [&'static str],
    /// Downwards.
    pub descending: bool,
}

/// A list being put together.
#[derive(Clone, Debug)]
pub struct List {
    columns: &'static str,
    from: String,
    filter: Filter,
    sort: Option<&'static Sort>,
    edge: Option<(Edge, Vec<Value>)>,
    limit: Option<u32>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Edge {
    After,
    Before,
}

impl List {
    /// A list of these columns from this table (and joined ones).
    pub fn new(columns: &'static str, from: &'static str) -> Self {
        Self { columns, from: from.to_owned(), filter: Filter::new(), sort: None, edge: None, limit: None }
    }

    /// Joins another table, for a condition that needs it.
    #[must_use]
    pub fn join(mut self, join: &'static str) -> Self {
        self.from.push(' ');
        self.from.push_str(join);
        self
    }

    /// Adds conditions.
    #[must_use]
    pub fn filter(mut self, filter: Filter) -> Self {
        self.filter = self.filter.and(filter);
        self
    }

    /// Sets the order.
    #[must_use]
    pub const fn sort(mut self, sort: &'static Sort) -> Self {
        self.sort = Some(sort);
        self
    }

    /// Starts behind the row with these values of the sort's keys.
    #[must_use]
    pub fn after(mut self, keys: Vec<Value>) -> Self {
        self.edge = Some((Edge::After, keys));
        self
    }

    /// Ends before the row with these values of the sort's keys: the page above it, in the sort's order.
    #[must_use]
    pub fn before(mut self, keys: Vec<Value>) -> Self {
        self.edge = Some((Edge::Before, keys));
        self
    }

    /// Gives so many rows at most.
    #[must_use]
    pub const fn limit(mut self, limit: u32) -> Self {
        self.limit = Some(limit);
        self
    }

    /// The finished query.
    pub fn query(self) -> ListQuery {
        let (mut sql, mut values) = (String::new(), Vec::new());
        self.render(&mut sql, &mut values);
        ListQuery { sql: sql.into(), values, reversed: self.is_reversed() }
    }

    fn is_reversed(&self) -> bool {
        matches!(self.edge, Some((Edge::Before, _)))
    }

    fn render(&self, sql: &mut String, values: &mut Vec<Value>) {
        let _ = write!(sql, "SELECT {} FROM {} WHERE ", self.columns, self.from);
        self.filter.render(sql, values);
        if let Some(sort) = self.sort {
            let downwards = sort.descending != self.is_reversed();
            if let Some((_, keys)) = &self.edge {
                debug_assert_eq!(keys.len(), sort.keys.len(), "one value for each key of the sort");
                let sign = if downwards { '<' } else { '>' };
                let _ = write!(sql, " AND ({}) {sign} ", sort.keys.join(", "));
                push_tuple(sql, values, keys);
            }
            push_order(sql, sort.keys, downwards);
        } else {
            debug_assert!(self.edge.is_none(), "a page needs an order");
        }
        if let Some(limit) = self.limit {
            let _ = write!(sql, " LIMIT {limit}");
        }
    }
}

fn push_order(sql: &mut String, keys: &[&str], downwards: bool) {
    let direction = if downwards { " DESC" } else { "" };
    for (i, key) in keys.iter().enumerate() {
        let _ = write!(sql, "{}{key}{direction}", if i == 0 { " ORDER BY " } else { ", " });
    }
}

/// Several lists of the same kind as one, each row once: each list is read in its order and cut at the limit, so that all
/// cost no more than they show. Every list gives the columns `keys`, by which it is sorted; `then` are the tables that are
/// joined to them, under the name `m`.
pub fn merged(
    columns: &'static str,
    keys: &'static [&'static str],
    then: &'static str,
    city: &str,
    lists: &[List],
    limit: u32,
) -> ListQuery {
    let (mut sql, mut values) =
        (format!("SELECT {columns} FROM (SELECT DISTINCT {} FROM (", keys.join(", ")), Vec::new());
    let (mut downwards, mut reversed) = (false, false);
    for (i, list) in lists.iter().enumerate() {
        sql.push_str(if i == 0 { "SELECT * FROM (" } else { " UNION ALL SELECT * FROM (" });
        list.render(&mut sql, &mut values);
        let _ = write!(sql, ") AS u{i}");
        reversed = list.is_reversed();
        downwards = list.sort.is_some_and(|sort| sort.descending) != reversed;
    }
    sql.push_str(") AS u");
    push_order(&mut sql, keys, downwards);
    let _ = write!(sql, " LIMIT {limit}) AS m {then} WHERE o.city = ");
    push_value(&mut sql, &mut values, &city.into());
    let outer: Vec<String> = keys.iter().map(|key| format!("m.{key}")).collect();
    push_order(&mut sql, &outer.iter().map(String::as_str).collect::<Vec<_>>(), downwards);
    ListQuery { sql: sql.into(), values, reversed }
}

/// A composed query and its values. `Debug` shows the text only.
#[derive(Clone)]
pub struct ListQuery {
    sql: Arc<str>,
    values: Vec<Value>,
    reversed: bool,
}

impl ListQuery {
    /// Its text.
    pub fn sql(&self) -> &str {
        &self.sql
    }

    /// Its values.
    pub fn values(&self) -> &[Value] {
        &self.values
    }

    pub(crate) const fn text(&self) -> &Arc<str> {
        &self.sql
    }

    pub(crate) const fn reversed(&self) -> bool {
        self.reversed
    }
}

impl fmt::Debug for ListQuery {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.sql)
    }
}

/// One tab of a queue: where its rows come from and what marks them.
#[derive(Clone, Debug)]
pub struct Tab {
    /// Tables, as in [`List::new`].
    pub from: &'static str,
    /// What the tab adds to the scope.
    pub filter: Filter,
    /// Column that tells what is counted, where the tables give it more than once.
    pub each: Option<&'static str>,
}

/// A number that stops at [`COUNT_CAP`]; shown as `42` or `1000+`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Count {
    /// The number, at most [`COUNT_CAP`].
    pub n: i64,
    /// There are more.
    pub more: bool,
}

impl fmt::Display for Count {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", self.n, if self.more { "+" } else { "" })
    }
}

/// One statement that counts every tab of a scope, in the tabs' order.
pub fn counts(scope: &Filter, tabs: &[Tab]) -> ListQuery {
    let mut values = Vec::new();
    let mut scoped = String::new();
    // Every tab repeats the scope's text with the same numbers.
    scope.render(&mut scoped, &mut values);
    let mut sql = String::from("SELECT ");
    for (i, tab) in tabs.iter().enumerate() {
        let comma = if i == 0 { "" } else { ", " };
        let row = tab.each.map_or_else(|| "1".to_owned(), |each| format!("DISTINCT {each}"));
        let _ = write!(sql, "{comma}CAST((SELECT COUNT(*) FROM (SELECT {row} FROM {} WHERE {scoped} AND ", tab.from);
        tab.filter.render(&mut sql, &mut values);
        let _ = write!(sql, " LIMIT {}) AS tab) AS BIGINT)", COUNT_CAP + 1);
    }
    if tabs.is_empty() {
        values.clear();
        sql.push('1');
    }
    ListQuery { sql: sql.into(), values, reversed: false }
}

fn read_counts(rows: &[Row], tabs: usize) -> Result<Vec<Count>, StoreError> {
    let row = rows.first().ok_or_else(|| StoreError::other("no row where one was expected"))?;
    (0..tabs).map(|i| row.int(i).map(|n| Count { n: n.min(COUNT_CAP), more: n > COUNT_CAP })).collect()
}

impl Tx {
    /// Counts every tab of a scope in one statement.
    pub async fn counts(&mut self, scope: &Filter, tabs: &[Tab]) -> Result<Vec<Count>, StoreError> {
        let rows = self.fetch_list(&counts(scope, tabs)).await?;
        read_counts(&rows, tabs.len())
    }
}

impl Db {
    /// Counts every tab of a scope in one statement.
    pub async fn counts(&self, scope: &Filter, tabs: &[Tab]) -> Result<Vec<Count>, StoreError> {
        let rows = self.fetch_list(&counts(scope, tabs)).await?;
        read_counts(&rows, tabs.len())
    }
}

pub(crate) async fn explain(tx: &mut Tx, list: &ListQuery) -> Result<String, StoreError> {
    let (prefix, column) = match tx.engine() {
        Engine::Sqlite => ("EXPLAIN QUERY PLAN", 3),
        Engine::Postgres => {
            // Small test tables would be read whole whatever indexes there are.
            let off = "SET LOCAL enable_seqscan = off";
            tx.control(off).await.map_err(|(_, error)| error)?;
            ("EXPLAIN (COSTS OFF)", 0)
        }
    };
    let sql = AssertSqlSafe(format!("{prefix} {}", list.sql));
    let rows = tx.fetch_sql(sql.into_sql_str(), &list.values).await?;
    let lines: Vec<&str> = rows.iter().map(|row| row.str(column)).collect::<Result<_, _>>()?;
    Ok(lines.join("\n"))
}

/// The lines of a plan that read a whole table.
pub fn full_scans(plan: &str) -> Vec<&str> {
    let made: Vec<&str> = plan
        .lines()
        .filter_map(|line| line.strip_prefix("CO-ROUTINE ").or_else(|| line.strip_prefix("MATERIALIZE ")))
        .collect();
    plan.lines()
        .filter(|line| {
            let scanned = line.strip_prefix("SCAN ");
            let table = scanned.is_some_and(|what| !made.contains(&what) && what != "CONSTANT ROW");
            table || line.contains("Seq Scan")
        })
        .collect()
}

/// Whether a plan sorts rows instead of reading them in order.
pub fn sorts(plan: &str) -> bool {
    plan.lines().any(|line| line.contains("USE TEMP B-TREE") || line.contains("Sort"))
}

#[cfg(test)]
mod tests {
    use super::{Filter, List, Sort, Tab, counts, full_scans, sorts};
    use crate::values;

    const BY_DUE: Sort = Sort { keys: &["due", "id"], descending: false };

    #[test]
    fn values_are_numbered_in_order_and_only_used_conditions_appear() {
        let filter = Filter::new()
            .is("city", "sanya")
            .among("state", ["a", "b"])
            .among("kind", Vec::<String>::new())
            .not_among("unit", ["x"])
            .either(vec![Filter::new().is("lead", 1), Filter::new().when("due BETWEEN ? AND ?", values![2, 3])]);
        let query = List::new("id", "task").join("JOIN unit u USING (city)").filter(filter).query();
        assert_eq!(
            query.sql(),
            "SELECT id FROM task JOIN unit u USING (city) WHERE city = $1 AND state IN ($2, $3) AND 1 = 0 \
             AND unit NOT IN ($4) AND ((lead = $5) OR (due BETWEEN $6 AND $7))"
        );
        assert_eq!(query.values(), values!["sanya", "a", "b", "x", 1, 2, 3]);
    }

    #[test]
    fn a_page_before_turns_the_sort_round() {
        let list = List::new("id", "task").filter(Filter::new().is("city", "s")).sort(&BY_DUE).limit(3);
        let after = list.clone().after(values![5, "k"]).query();
        assert_eq!(
            after.sql(),
            "SELECT id FROM task WHERE city = $1 AND (due, id) > ($2, $3) ORDER BY due, id LIMIT 3"
        );
        let before = list.before(values![5, "k"]).query();
        let text = "SELECT id FROM task WHERE city = $1 AND (due, id) < ($2, $3) ORDER BY due DESC, id DESC LIMIT 3";
        assert_eq!(before.sql(), text);
        assert!(before.reversed() && !after.reversed());
    }

    #[test]
    fn all_tabs_are_one_statement() {
        let tab = |state: &str| Tab { from: "task", filter: Filter::new().is("state", state), each: None };
        let query = counts(&Filter::new().is("city", "s"), &[tab("a"), tab("b")]);
        assert_eq!(
            query.sql(),
            "SELECT CAST((SELECT COUNT(*) FROM (SELECT 1 FROM task WHERE city = $1 AND state = $2 LIMIT 1001) AS tab) AS BIGINT), \
             CAST((SELECT COUNT(*) FROM (SELECT 1 FROM task WHERE city = $1 AND state = $3 LIMIT 1001) AS tab) AS BIGINT)"
        );
        assert_eq!(counts(&Filter::new(), &[]).sql(), "SELECT 1");
    }

    #[test]
    fn plans_are_read() {
        assert!(full_scans("CO-ROUTINE tab\nSEARCH task USING INDEX i (city=?)\nSCAN tab").is_empty());
        assert_eq!(full_scans("SCAN task\nUSE TEMP B-TREE FOR ORDER BY").len(), 1);
        assert_eq!(full_scans("Limit\n  ->  Seq Scan on task").len(), 1);
        assert!(sorts("USE TEMP B-TREE FOR ORDER BY") && sorts("Sort") && !sorts("Index Scan using i on task"));
    }
}
