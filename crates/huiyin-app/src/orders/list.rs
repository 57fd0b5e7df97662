//! Lists, each within the actor's reach.

use std::sync::Arc;

use huiyin_core::organisation::Organisation;
use huiyin_store::{lists, records};

pub use huiyin_store::{
    list::Count,
    lists::{ListRow, Order as Sort, OrderFilter, Page, TaskCell, TaskFilter},
    orders::NEVER,
    records::DeskItem,
};

use crate::{
    Actor, App, CommandError, Role, Scope, input,
    permission::{self, Reach},
};

/// Most rows of a page.
pub const MAX_LIMIT: u32 = 200;

fn reading(actor: &Actor) -> Result<(), CommandError> {
    actor
        .allows(Scope::OrdersRead)
        .then_some(())
        .ok_or_else(|| CommandError::Forbidden("a token with scope orders:read".into()))
}

fn writing(actor: &Actor) -> Result<(), CommandError> {
    actor
        .allows(Scope::OrdersWrite)
        .then_some(())
        .ok_or_else(|| CommandError::Forbidden("a token with scope orders:write".into()))
}

/// Rows as the actor may see them: units learn no words of a secret order from a list either.
fn shown(actor: &Actor, mut rows: Vec<ListRow>) -> Vec<ListRow> {
    for row in rows.iter_mut().filter(|row| !permission::sees_secrets(actor) && row.secret) {
        row.title = None;
    }
    rows
}

/// How many rows a page takes from the database: one beyond the longest tells whether there are more.
fn clamped(page: Page) -> Page {
    Page { limit: page.limit.clamp(1, MAX_LIMIT + 1), ..page }
}

/// Codes of a filter are codes: a control character finds nothing and one database refuses it.
fn codes<'a>(lists: impl IntoIterator<Item = (&'a str, &'a Vec<String>)>) -> Result<(), CommandError> {
    lists.into_iter().try_for_each(|(name, list)| list.iter().try_for_each(|code| input::code_text(name, code)))
}

/// A filter narrowed to what the actor may see; none where nothing can match.
fn within(reach: &Reach, mut wanted: OrderFilter) -> Option<OrderFilter> {
    match reach {
        Reach::City => Some(wanted),
        Reach::Units(units) => {
            wanted.within = Some(units.iter().map(|unit| unit.0.clone()).collect());
            Some(wanted)
        }
        Reach::Nothing => None,
    }
}

/// A page of orders, and the counts of some tabs in one more statement.
///
/// # Errors
/// [`CommandError::Forbidden`] without the scope.
pub async fn orders(
    app: &Arc<App>,
    actor: &Actor,
    wanted: OrderFilter,
    page: Page,
    tabs: Vec<OrderFilter>,
) -> Result<(Vec<ListRow>, Vec<Count>), CommandError> {
    reading(actor)?;
    let org = app.current_organisation().await?;
    orders_in(app, actor, &org, wanted, page, tabs).await
}

/// The same, by a register of units that was read for this request already.
///
/// # Errors
/// As [`orders`].
pub async fn orders_in(
    app: &Arc<App>,
    actor: &Actor,
    org: &Organisation,
    wanted: OrderFilter,
    page: Page,
    tabs: Vec<OrderFilter>,
) -> Result<(Vec<ListRow>, Vec<Count>), CommandError> {
    reading(actor)?;
    codes([
        ("state", &wanted.states),
        ("kind", &wanted.kinds),
        ("subject", &wanted.subjects),
        ("urgency", &wanted.urgency),
        ("area", &wanted.areas),
        ("channel", &wanted.channels),
        ("holder", &wanted.holders),
        ("asked", &wanted.asked),
        ("tag", &wanted.tags),
    ])?;
    let reach = Reach::of(actor, org);
    let (own, actor) = (Arc::clone(app), actor.clone());
    let page = clamped(page);
    app.db
        .read("orders", move |tx| {
            Box::pin(async move {
                let city = own.city.as_str();
                let Some(wanted) = within(&reach, wanted) else {
                    return Ok((Vec::new(), tabs.iter().map(|_| Count { n: 0, more: false }).collect()));
                };
                let tabs: Vec<OrderFilter> = tabs.into_iter().filter_map(|tab| within(&reach, tab)).collect();
                let rows = lists::orders(tx, city, &wanted, &page).await?;
                let counts = if tabs.is_empty() { Vec::new() } else { lists::count_orders(tx, city, &tabs).await? };
                Ok((shown(&actor, rows), counts))
            })
        })
        .await
}

/// A page of the tasks of the actor's own units, and the counts of some tabs.
///
/// # Errors
/// [`CommandError::Forbidden`] without the scope.
pub async fn queue(
    app: &Arc<App>,
    actor: &Actor,
    mut wanted: TaskFilter,
    page: Page,
    mut tabs: Vec<TaskFilter>,
) -> Result<(Vec<ListRow>, Vec<Count>), CommandError> {
    reading(actor)?;
    codes([
        ("unit", &wanted.units),
        ("state", &wanted.states),
        ("kind", &wanted.kinds),
        ("urgency", &wanted.urgency),
        ("asked", &wanted.asked),
        ("subject", &wanted.subjects),
        ("area", &wanted.areas),
        ("channel", &wanted.channels),
        ("role", &wanted.roles),
        ("handler", &wanted.handlers),
        ("tag", &wanted.tags),
    ])?;
    // The person's own, whoever asks.
    for filter in tabs.iter_mut().chain(std::iter::once(&mut wanted)) {
        for handler in filter.handlers.iter_mut().filter(|handler| *handler == "me") {
            actor.person.0.clone_into(handler);
        }
    }
    let mut own: Vec<String> = [Role::Officer, Role::Leader, Role::Subcentre]
        .iter()
        .flat_map(|role| actor.units(*role))
        .map(|unit| unit.0.clone())
        .collect();
    own.sort();
    own.dedup();
    if wanted.units.is_empty() {
        wanted.units = own.clone();
    } else {
        wanted.units.retain(|unit| own.contains(unit));
    }
    for tab in &mut tabs {
        tab.units.clone_from(&wanted.units);
    }
    let (reader, actor) = (Arc::clone(app), actor.clone());
    let page = clamped(page);
    app.db
        .read("queue", move |tx| {
            Box::pin(async move {
                let city = reader.city.as_str();
                let rows = lists::tasks(tx, city, &wanted, &page).await?;
                let counts = if tabs.is_empty() { Vec::new() } else { lists::count_tasks(tx, city, &tabs).await? };
                Ok((shown(&actor, rows), counts))
            })
        })
        .await
}

/// Open desk items (待办) of the units the actor has a post in.
///
/// # Errors
/// [`CommandError::Forbidden`] without the scope.
pub async fn desk_items(app: &Arc<App>, actor: &Actor) -> Result<Vec<DeskItem>, CommandError> {
    reading(actor)?;
    let mut units: Vec<String> = actor.posts.iter().map(|post| post.unit.0.clone()).collect();
    units.sort();
    units.dedup();
    let own = Arc::clone(app);
    app.db
        .read("desk_items", move |tx| {
            Box::pin(async move {
                let mut found = Vec::new();
                for unit in &units {
                    found.extend(records::items(tx, own.city.as_str(), unit, 200).await?);
                }
                found.sort_by_key(|item| item.due);
                Ok(found)
            })
        })
        .await
}

/// Marks a desk item done that no command on the order finishes: an alert, a follow-up, an overrun.
///
/// # Errors
/// [`CommandError::NotFound`] when there is no such open item at the actor's desks.
pub async fn finish_item(app: &Arc<App>, actor: &Actor, id: &str, note: &str) -> Result<(), CommandError> {
    writing(actor)?;
    input::code_text("id", id).map_err(|_| CommandError::NotFound)?;
    let note = input::clean("note", note)?;
    if note.is_empty() {
        return Err(CommandError::invalid("note", "write what was done: who, number, when, reached, said what"));
    }
    let (own, actor, id) = (Arc::clone(app), actor.clone(), id.to_owned());
    app.db
        .write("finish_item", move |tx| {
            let (app, actor, id, note) = (Arc::clone(&own), actor.clone(), id.clone(), note.clone());
            Box::pin(async move {
                let city = app.city.as_str();
                let Some(item) = records::item_by_id(tx, city, &id).await? else { return Err(CommandError::NotFound) };
                if !actor.posts.iter().any(|post| post.unit.as_str() == item.unit) {
                    return Err(CommandError::NotFound);
                }
                if matches!(item.what.as_str(), "tell" | "relay" | "phone-notice") {
                    return Err(CommandError::invalid(
                        "id",
                        format!("`{}` is closed by its command on the order", item.what),
                    ));
                }
                records::finish_item(tx, city, &id, app.now(), actor.person.as_str(), Some(&note)).await?;
                Ok(())
            })
        })
        .await
}
