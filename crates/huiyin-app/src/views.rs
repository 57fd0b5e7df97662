//! What stands beside a list: filters with a name (each the query of the list's address), columns and order a person has
//! chosen, and the colleagues a task can be given to.

use std::sync::Arc;

use huiyin_store::drafts as store;
pub use huiyin_store::drafts::{Beside, SavedView};

use crate::{Actor, App, CommandError, Role, input};

/// Most filters of one list.
const MOST: i64 = 20;
/// Lists that have them.
const PAGES: &[&str] = &["queue", "orders"];

/// What stands beside a list of one's own.
///
/// # Errors
/// [`CommandError::Unavailable`] without a database.
pub async fn beside(app: &Arc<App>, actor: &Actor, page: &'static str) -> Result<Beside, CommandError> {
    let (own, person, today) = (Arc::clone(app), actor.person.0.clone(), app.zone().day(app.now()));
    app.db
        .read("beside", move |tx| {
            Box::pin(async move {
                store::beside(tx, own.city.as_str(), &person, page, today).await.map_err(CommandError::from)
            })
        })
        .await
}

/// Who else is to see a filter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shared {
    /// Nobody.
    No,
    /// The persons of one's first unit.
    Unit,
    /// Everybody: the office pins it.
    Everybody,
}

/// Keeps a filter under a name.
///
/// # Errors
/// [`CommandError::Invalid`] for a name that is none, another list, or one too many.
pub async fn add(
    app: &Arc<App>,
    actor: &Actor,
    page: &str,
    name: &str,
    query: &str,
    shared: Shared,
) -> Result<(), CommandError> {
    let name = input::clean("name", name)?;
    if name.is_empty() || name.chars().count() > 20 {
        return Err(CommandError::invalid("name", "a view has a name of 1 to 20 characters"));
    }
    input::code_text("query", query)?;
    if !PAGES.contains(&page) || query.len() > 1000 {
        return Err(CommandError::invalid("page", "there are views of `queue` and `orders`"));
    }
    let shared = match shared {
        Shared::No => None,
        Shared::Unit => actor.posts.first().map(|post| post.unit.0.clone()),
        Shared::Everybody if actor.has(Role::Office) => Some("*".to_owned()),
        Shared::Everybody => return Err(CommandError::Forbidden("the hotline office".into())),
    };
    let view = SavedView { id: app.id(), page: page.to_owned(), name, query: query.to_owned(), shared, own: true };
    let (own, person) = (Arc::clone(app), actor.person.0.clone());
    app.db
        .write("add_view", move |tx| {
            let (app, person, view) = (Arc::clone(&own), person.clone(), view.clone());
            Box::pin(async move {
                let city = app.city.as_str();
                if store::own_views(tx, city, &person, &view.page).await? >= MOST {
                    return Err(CommandError::invalid(
                        "name",
                        format!("there are {MOST} views already; remove one first"),
                    ));
                }
                store::add_view(tx, city, &person, &view, app.now()).await?;
                Ok(())
            })
        })
        .await
}

/// Names of settings there are.
const SETTINGS: &[&str] =
    &["queue.columns", "queue.density", "queue.sort", "orders.columns", "orders.density", "orders.sort"];

/// One's own settings by name.
///
/// # Errors
/// [`CommandError::Unavailable`] without a database.
pub async fn settings(app: &Arc<App>, actor: &Actor) -> Result<Vec<(String, String)>, CommandError> {
    let (own, person) = (Arc::clone(app), actor.person.0.clone());
    app.db
        .read("settings", move |tx| {
            Box::pin(async move { store::settings(tx, own.city.as_str(), &person).await.map_err(CommandError::from) })
        })
        .await
}

/// Keeps settings of one's own.
///
/// # Errors
/// [`CommandError::Invalid`] for one there is not.
pub async fn keep_settings(app: &Arc<App>, actor: &Actor, settings: Vec<(String, String)>) -> Result<(), CommandError> {
    for (name, value) in &settings {
        input::code_text(name, value)?;
        if !SETTINGS.contains(&name.as_str()) {
            return Err(CommandError::invalid("setting", format!("there is no setting `{name}`")));
        }
    }
    let (own, person, settings) = (Arc::clone(app), actor.person.0.clone(), Arc::new(settings));
    app.db
        .write("settings", move |tx| {
            let (app, person, settings) = (Arc::clone(&own), person.clone(), Arc::clone(&settings));
            Box::pin(async move {
                for (name, value) in settings.iter() {
                    store::set(tx, app.city.as_str(), &person, name, value).await?;
                }
                Ok(())
            })
        })
        .await
}

/// Forgets a filter of one's own.
///
/// # Errors
/// [`CommandError::NotFound`].
pub async fn remove(app: &Arc<App>, actor: &Actor, id: &str) -> Result<(), CommandError> {
    input::code_text("id", id).map_err(|_| CommandError::NotFound)?;
    let (own, person, id) = (Arc::clone(app), actor.person.0.clone(), id.to_owned());
    app.db
        .write("remove_view", move |tx| {
            let (app, person, id) = (Arc::clone(&own), person.clone(), id.clone());
            Box::pin(async move {
                let found = store::remove_view(tx, app.city.as_str(), &person, &id).await?;
                found.then_some(()).ok_or(CommandError::NotFound)
            })
        })
        .await
}
