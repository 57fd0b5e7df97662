//! Lists taken out of the program: page by page, so that a long one costs no more memory than a short one, and each noted in
//! a chain of its own: who, when, by which filter.

use std::sync::Arc;

use huiyin_store::records;
use serde_json::json;

use super::list::{self, ListRow, OrderFilter, Page, Sort, TaskFilter};
use crate::{Actor, App, CommandError, Scope};

/// Rows read at once.
const PAGE: u32 = 200;
/// Most rows of one export.
const MAX: usize = 200_000;

/// Which list.
#[derive(Debug, Clone)]
pub enum Wanted {
    /// Orders.
    Orders(OrderFilter),
    /// Tasks of one's own units.
    Tasks(TaskFilter),
}

/// A list on its way out.
pub struct Export {
    app: Arc<App>,
    actor: Actor,
    wanted: Wanted,
    sort: Sort,
    after: Option<(i64, String, i64)>,
    given: usize,
    ended: bool,
}

/// Begins an export: it is noted before the first row is given.
///
/// # Errors
/// [`CommandError::Forbidden`] without the scope.
pub async fn begin(
    app: &Arc<App>,
    actor: &Actor,
    wanted: Wanted,
    sort: Sort,
    format: &str,
    filter: &str,
) -> Result<Export, CommandError> {
    if !actor.allows(Scope::OrdersRead) {
        return Err(CommandError::Forbidden("a token with scope orders:read".into()));
    }
    let what = match &wanted {
        Wanted::Orders(_) => "orders",
        Wanted::Tasks(_) => "queue",
    };
    let body = json!({ "list": what, "format": format, "filter": filter }).to_string();
    let (own, person) = (Arc::clone(app), actor.person.0.clone());
    app.db
        .write("note_export", move |tx| {
            let (app, person, body) = (Arc::clone(&own), person.clone(), body.clone());
            Box::pin(async move {
                let city = app.city.as_str();
                records::add_to_chain(tx, city, "exports", app.now(), &person, "list.exported", &body)
                    .await
                    .map_err(CommandError::from)
            })
        })
        .await?;
    Ok(Export { app: Arc::clone(app), actor: actor.clone(), wanted, sort, after: None, given: 0, ended: false })
}

impl Export {
    /// The next rows; none when all are given.
    ///
    /// # Errors
    /// [`CommandError::Unavailable`] without a database.
    pub async fn next(&mut self) -> Result<Option<Vec<ListRow>>, CommandError> {
        if self.ended || self.given >= MAX {
            return Ok(None);
        }
        let page = Page { order: self.sort, after: self.after.take(), limit: PAGE };
        let (app, actor) = (&self.app, &self.actor);
        let (rows, _) = match &self.wanted {
            Wanted::Orders(filter) => list::orders(app, actor, filter.clone(), page, Vec::new()).await?,
            Wanted::Tasks(filter) => list::queue(app, actor, filter.clone(), page, Vec::new()).await?,
        };
        self.ended = rows.len() < PAGE as usize;
        self.given += rows.len();
        self.after = rows.last().map(|row| row.key(self.sort));
        Ok((!rows.is_empty()).then_some(rows))
    }
}
