//! Filters a person has given a name: each is the query of a list's address.

use std::sync::Arc;

use huiyin_store::drafts as store;
pub use huiyin_store::drafts::SavedView;

use crate::{Actor, App, CommandError, input};

/// Most filters of one list.
const MOST: usize = 20;
/// Lists that have them.
const PAGES: &[&str] = &["queue", "orders"];

/// One's own filters of a list.
///
/// # Errors
/// [`CommandError::Unavailable`] without a database.
pub async fn list(app: &Arc<App>, actor: &Actor, page: &'static str) -> Result<Vec<SavedView>, CommandError> {
    let (own, person) = (Arc::clone(app), actor.person.0.clone());
    app.db
        .read("views", move |tx| {
            Box::pin(
                async move { store::views(tx, own.city.as_str(), &person, page).await.map_err(CommandError::from) },
            )
        })
        .await
}

/// Keeps a filter under a name.
///
/// # Errors
/// [`CommandError::Invalid`] for a name that is none, another list, or one too many.
pub async fn add(app: &Arc<App>, actor: &Actor, page: &str, name: &str, query: &str) -> Result<(), CommandError> {
    let name = input::clean("name", name)?;
    if name.is_empty() || name.chars().count() > 20 {
        return Err(CommandError::invalid("name", "a view has a name of 1 to 20 characters"));
    }
    input::code_text("query", query)?;
    if !PAGES.contains(&page) || query.len() > 1000 {
        return Err(CommandError::invalid("page", "there are views of `queue` and `orders`"));
    }
    let view = SavedView { id: app.id(), page: page.to_owned(), name, query: query.to_owned() };
    let (own, person) = (Arc::clone(app), actor.person.0.clone());
    app.db
        .write("add_view", move |tx| {
            let (app, person, view) = (Arc::clone(&own), person.clone(), view.clone());
            Box::pin(async move {
                let city = app.city.as_str();
                if store::views(tx, city, &person, &view.page).await?.len() >= MOST {
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
