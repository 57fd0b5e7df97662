//! The way in over HTTP: pages for people ([`ui`]), for the public ([`portal`]) and their words ([`catalogue`]), the API for programs ([`api`]), what gateways post
//! ([`hooks`]), what watches the server ([`ops`]),
//! and the words of codes pages and API share ([`words`]).
//!
//! A handler takes the request apart, calls one function of `huiyin_app`, and shows the answer. It holds no rule and no SQL.

#[macro_use]
pub mod catalogue;

pub mod api;
pub mod hooks;
pub mod ops;
pub mod portal;
mod serve;
pub mod ui;
pub mod words;

use std::{net::IpAddr, sync::Arc, time::Duration};

use axum::Router;
use huiyin_app::App;

pub use serve::serve;

/// What every handler has.
#[derive(Clone)]
pub struct Site {
    /// The application.
    pub app: Arc<App>,
    /// How the site behaves.
    pub options: Arc<Options>,
}

/// How the site behaves.
#[derive(Debug, Clone)]
pub struct Options {
    /// Whether browsers reach it by HTTPS, so that cookies are marked secure.
    pub secure_cookies: bool,
    /// Whether it shows the logins of the demonstration on the sign-in page.
    pub demo: bool,
    /// Proxies in front of it: of these, and of no others, `X-Forwarded-For` is believed.
    pub trusted_proxies: Vec<IpAddr>,
    /// Longest body of a request, in bytes.
    pub body_limit: usize,
    /// How long a request may take until its answer begins.
    pub timeout: Duration,
    /// How many requests are worked on at once; what is beyond is turned away at once.
    pub at_once: usize,
    /// How the message gateway's reports are read, where it sends some.
    pub sms_reports: Option<huiyin_channels::sms::Mapping>,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            secure_cookies: false,
            demo: false,
            trusted_proxies: Vec::new(),
            body_limit: 1024 * 1024,
            timeout: Duration::from_secs(30),
            at_once: 512,
            sms_reports: None,
        }
    }
}

/// All routes of the main port. [`serve`] answers by them.
pub fn router(site: Site) -> Router {
    let routes = Router::new()
        .merge(ui::router(site.clone()))
        .merge(portal::router(site.clone()))
        .merge(api::router(site.clone()))
        .merge(hooks::router(site.clone()));
    ops::layers(routes.merge(ops::router(site.clone())), &site)
}
