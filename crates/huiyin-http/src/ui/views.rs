//! Saved views: a filter with a name, of a person; each is an address.

use axum::{
    extract::Path,
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use huiyin_app::{
    CommandError,
    views::{self, SavedView, Shared},
};

use super::{
    error::Fault,
    form::Form,
    narrow::Of,
    session::{self, Ctx, Posted},
};

/// A view on the page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct View {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Where it leads.
    pub href: String,
    /// Whether it is the one shown.
    pub here: bool,
    /// Whether it is one's own; else a colleague's or the office's.
    pub own: bool,
    /// Who else sees it, in words.
    pub shared: &'static str,
}

/// The views of a list as its page shows them.
pub fn of(of: Of, query: &Form, found: Vec<SavedView>) -> Vec<View> {
    let now = super::narrow::bare(of, query);
    found
        .into_iter()
        .map(|view| View {
            here: view.query == now,
            href: format!("{}?{}", of.path(), view.query),
            id: view.id,
            name: view.name,
            own: view.own,
            shared: match view.shared.as_deref() {
                Some("*") => t!("lists-view-all"),
                Some(_) => t!("lists-shared-unit"),
                None => "",
            },
        })
        .collect()
}

/// `POST /views`.
///
/// # Errors
/// [`Fault`].
pub async fn add(posted: Posted) -> Result<Response, Fault> {
    let Posted { ctx, form, .. } = posted;
    let of = if form.get("page") == Some("orders") { Of::Orders } else { Of::Queue };
    // Only what a list knows is kept.
    let query = super::narrow::bare(of, &Form::query(form.get("query")));
    let shared = match form.get("shared") {
        Some("unit") => Shared::Unit,
        Some("all") => Shared::Everybody,
        _ => Shared::No,
    };
    let name = form.get("name").unwrap_or_default();
    match views::add(&ctx.site.app, &ctx.actor, of.page(), name, &query, shared).await {
        Ok(()) => Ok(back(&ctx, &form, "view-kept")),
        Err(CommandError::Invalid { .. }) => Ok(back(&ctx, &form, "view-not-kept")),
        Err(other) => Err(other.into()),
    }
}

/// `POST /views/{id}/remove`.
///
/// # Errors
/// [`Fault`].
pub async fn remove(Path(id): Path<String>, posted: Posted) -> Result<Response, Fault> {
    let Posted { ctx, form, .. } = posted;
    views::remove(&ctx.site.app, &ctx.actor, &id).await?;
    Ok(back(&ctx, &form, "view-gone"))
}

fn back(ctx: &Ctx, form: &Form, said: &str) -> Response {
    let to = session::next(form.get("_next"), "/orders").to_owned();
    (StatusCode::SEE_OTHER, [(header::LOCATION, to)], [(header::SET_COOKIE, session::say(&ctx.site, said))])
        .into_response()
}
