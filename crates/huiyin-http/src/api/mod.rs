//! The API for programs, under `/api`: JSON in, JSON or problem+json out, described at `/api/openapi.json`.
//!
//! [`ROUTES`] lists every route with what it asks of a token; the router is built from that list, and a test goes
//! through it with every role and every scope. Every command of [`table::given`] is a path of its own.
//!
//! To add a route: a line in [`ROUTES`], its handler in `handler`, its description in `openapi.rs`, and its row in
//! `tests/permission.rs`. A command follows from its row in core.

mod contacts;
mod files;
mod gate;
mod openapi;
mod orders;
mod problem;
mod read;
mod work;

use std::sync::Arc;

use axum::{
    Router,
    body::Bytes,
    http::{Method, StatusCode, Uri, header::CONTENT_TYPE},
    middleware,
    response::IntoResponse,
    routing::{MethodRouter, any, get, post},
};
use huiyin_app::Scope;
use huiyin_core::order::table;

pub use problem::{Problem, in_chinese, wants_chinese};

use crate::Site;

/// What a route asks of who calls it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// Nothing.
    Public,
    /// A token, whatever it may do.
    Token,
    /// A token with a scope.
    Scope(Scope),
}

/// A route of the API.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Route {
    /// `GET` or `POST`.
    pub method: &'static str,
    /// Its path; `{command}` stands for each command.
    pub path: &'static str,
    /// What it asks.
    pub access: Access,
}

const fn route(method: &'static str, path: &'static str, access: Access) -> Route {
    Route { method, path, access }
}

/// Every route of the API; the commands in one line.
pub const ROUTES: &[Route] = &[
    route("GET", "/api/openapi.json", Access::Public),
    route("GET", "/api/v1/me", Access::Token),
    route("GET", "/api/v1/orders", Access::Scope(Scope::OrdersRead)),
    route("POST", "/api/v1/orders", Access::Scope(Scope::OrdersWrite)),
    route("POST", "/api/v1/orders/find", Access::Scope(Scope::OrdersRead)),
    route("GET", "/api/v1/orders/{no}", Access::Scope(Scope::OrdersRead)),
    route("POST", "/api/v1/orders/{no}/reveal", Access::Scope(Scope::OrdersReveal)),
    route("POST", COMMAND, Access::Scope(Scope::OrdersWrite)),
    route("POST", "/api/v1/files", Access::Scope(Scope::OrdersWrite)),
    route("GET", "/api/v1/orders/{no}/files/{id}", Access::Scope(Scope::OrdersRead)),
    route("GET", "/api/v1/contacts", Access::Scope(Scope::OrdersRead)),
    route("GET", "/api/v1/contacts/{id}", Access::Scope(Scope::OrdersReveal)),
    route("POST", "/api/v1/contacts/{id}/open", Access::Scope(Scope::OrdersWrite)),
    route("POST", "/api/v1/contacts/{id}/dismiss", Access::Scope(Scope::OrdersWrite)),
    route("POST", "/api/v1/contacts/{id}/restore", Access::Scope(Scope::OrdersWrite)),
    route("GET", "/api/v1/queue", Access::Scope(Scope::OrdersRead)),
    route("GET", "/api/v1/desk-items", Access::Scope(Scope::OrdersRead)),
    route("POST", "/api/v1/desk-items/{id}/done", Access::Scope(Scope::OrdersWrite)),
    route("GET", "/api/v1/modes", Access::Scope(Scope::OrdersRead)),
    route("POST", "/api/v1/modes", Access::Scope(Scope::OrdersWrite)),
    route("POST", "/api/v1/modes/{id}/end", Access::Scope(Scope::OrdersWrite)),
];

/// The path of every command.
const COMMAND: &str = "/api/v1/orders/{no}/{command}";

/// Every route with its own path: method, path, what it asks.
pub fn routes() -> Vec<(&'static str, String, Access)> {
    let mut all = Vec::new();
    for Route { method, path, access } in ROUTES {
        if *path == COMMAND {
            all.extend(table::given().map(|row| (*method, path.replace("{command}", row.command), *access)));
        } else {
            all.push((*method, (*path).to_owned(), *access));
        }
    }
    all
}

/// The routes.
pub fn router(site: Site) -> Router {
    let gate = Arc::new(gate::Gate::new(site.clone()));
    let mut router = Router::new();
    for Route { method, path, access } in ROUTES {
        let guarded = |route: MethodRouter<Site>| match access {
            Access::Public => route,
            Access::Token => route.route_layer(middleware::from_fn_with_state((Arc::clone(&gate), None), gate::pass)),
            Access::Scope(scope) => {
                route.route_layer(middleware::from_fn_with_state((Arc::clone(&gate), Some(*scope)), gate::pass))
            }
        };
        if *path == COMMAND {
            for row in table::given() {
                let path = path.replace("{command}", row.command);
                router = router.route(&path, guarded(post(orders::command(row.command))));
            }
        } else {
            router = router.route(path, guarded(handler(method, path)));
        }
    }
    router
        .route("/api", any(unknown))
        .route("/api/", any(unknown))
        .route("/api/{*rest}", any(unknown))
        .method_not_allowed_fallback(wrong_method)
        .with_state(site)
}

/// The handler of a route.
fn handler(method: &str, path: &str) -> MethodRouter<Site> {
    match (method, path) {
        ("GET", "/api/openapi.json") => {
            let text = Bytes::from(openapi::document().to_string());
            get(move || async move { ([(CONTENT_TYPE, "application/json")], text) })
        }
        ("GET", "/api/v1/me") => get(work::me),
        ("GET", "/api/v1/orders") => get(orders::list),
        ("POST", "/api/v1/orders") => post(orders::take_in),
        ("POST", "/api/v1/orders/find") => post(orders::find),
        ("GET", "/api/v1/orders/{no}") => get(orders::one),
        ("POST", "/api/v1/orders/{no}/reveal") => post(orders::reveal),
        ("POST", "/api/v1/files") => post(files::take),
        ("GET", "/api/v1/orders/{no}/files/{id}") => get(files::read),
        ("GET", "/api/v1/contacts") => get(contacts::list),
        ("GET", "/api/v1/contacts/{id}") => get(contacts::one),
        ("POST", "/api/v1/contacts/{id}/open") => post(contacts::open),
        ("POST", "/api/v1/contacts/{id}/dismiss") => post(contacts::dismiss),
        ("POST", "/api/v1/contacts/{id}/restore") => post(contacts::restore),
        ("GET", "/api/v1/queue") => get(work::queue),
        ("GET", "/api/v1/desk-items") => get(work::desk_items),
        ("POST", "/api/v1/desk-items/{id}/done") => post(work::done),
        ("GET", "/api/v1/modes") => get(work::modes),
        ("POST", "/api/v1/modes") => post(work::declare_mode),
        ("POST", "/api/v1/modes/{id}/end") => post(work::end_mode),
        // INVARIANT: every line of ROUTES has its handler; every test that builds a router looks.
        _ => unreachable!("{method} {path} has no handler"),
    }
}

/// The document at `/api/openapi.json`.
pub fn document() -> serde_json::Value {
    openapi::document()
}

async fn unknown(uri: Uri) -> impl IntoResponse {
    let detail = "there is nothing at this path; `/api/openapi.json` lists all paths";
    let problem = Problem::new(StatusCode::NOT_FOUND, "path.unknown", detail);
    let parts: Vec<&str> = uri.path().split('/').skip(1).collect();
    match parts.as_slice() {
        ["api", "v1", "orders", _, _] => problem.instead(table::given().map(|row| row.command)),
        _ => problem.instead(["/api/openapi.json"]),
    }
}

async fn wrong_method(method: Method, uri: Uri) -> impl IntoResponse {
    let method: String = method.as_str().chars().take(20).collect();
    let detail = format!("there is no {method} here; see the header `Allow` and `/api/openapi.json`");
    let problem = Problem::new(StatusCode::METHOD_NOT_ALLOWED, "method.unknown", detail);
    if uri.path().starts_with("/api/v1/orders") { problem.instead(["GET", "POST"]) } else { problem.instead(["GET"]) }
}
