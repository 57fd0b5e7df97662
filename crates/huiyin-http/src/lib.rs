//! The way in over HTTP: pages for people ([`ui`]), the API for programs ([`api`]), and what watches the server ([`ops`]).
//!
//! A handler takes the request apart, calls one function of `huiyin_app`, and shows the answer. It holds no rule and no SQL.

pub mod api;
pub mod ops;
pub mod ui;

use std::sync::Arc;

use axum::Router;
use huiyin_app::App;

/// What every handler has.
#[derive(Clone)]
pub struct Site {
    /// The application.
    pub app: Arc<App>,
    /// How the site behaves.
    pub options: Arc<Options>,
}

/// How the site behaves.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// Whether browsers reach it by HTTPS, so that cookies are marked secure.
    pub secure_cookies: bool,
    /// Whether it shows the logins of the demonstration on the sign-in page.
    pub demo: bool,
}

/// All routes of the main port.
pub fn router(site: Site) -> Router {
    ops::layers(Router::new().merge(ui::router(site.clone())).merge(api::router(site.clone())).merge(ops::router(site)))
}
