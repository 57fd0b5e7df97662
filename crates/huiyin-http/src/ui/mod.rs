//! Pages for people: rendered on the server, working without script.
//!
//! **To add a page**: a file here with its struct, its template under `templates/`, a line in [`ROUTES`] with whose it is,
//! a row in the permission test, and its words in `locales/zh` and `locales/en` ([`crate::catalogue`]). A handler takes
//! [`session::Ctx`] (who asks, checked against the table) or [`session::Posted`] (the same for a form of ours), calls
//! `huiyin_app`, and answers with [`session::Ctx::answer`].
//! Forms of commands are made by [`acts::Maker`] and go to [`doing::post`]; what the rules refuse comes back as the same
//! page with everything typed. Words for codes stand in [`words`], which the API shares.
//!
//! What a page must not do: decide, read the clock, or name a limit of the law.

pub mod acts;
pub mod admin;
pub mod approvals;
pub mod asks;
pub mod assets;
pub mod bulk;
pub mod callback;
pub mod cases;
pub mod columns;
pub mod contacts;
pub mod desk;
pub mod dispatch;
pub mod disputes;
pub mod doing;
pub mod drafts;
pub mod error;
pub mod export;
pub mod facts;
pub mod field;
pub mod files;
pub(crate) mod filters;
pub mod form;
pub mod frame;
pub mod intake;
pub mod items;
pub mod language;
pub mod list;
pub mod live;
pub mod login;
pub mod matter;
pub mod me;
pub mod modes;
pub mod narrow;
pub mod new_order;
pub mod notices;
pub mod order;
pub mod peek;
pub mod people;
pub mod print;
pub mod queue;
pub mod review;
pub mod rules;
pub mod session;
pub mod sheet;
pub mod show;
pub mod suggest;
pub mod timeline;
pub mod tour;
pub mod unit;
pub mod views;

use std::sync::Arc;

use axum::{Extension, Router, http::Method, routing};
use huiyin_app::{Actor, Role};

pub use crate::words;

use crate::Site;

/// Whose a page is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Whose {
    /// Anybody's.
    Public,
    /// Any signed-in person's.
    Staff,
    /// Of those with one of these roles.
    Roles(&'static [Role]),
}

/// A page or a form.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Route {
    /// `GET` or `POST`.
    pub method: &'static str,
    /// Its path.
    pub path: &'static str,
    /// Whose it is.
    pub whose: Whose,
}

const INTAKE: Whose = Whose::Roles(&[Role::Agent, Role::Office, Role::Subcentre]);
const DESK: Whose = Whose::Roles(&[Role::Office, Role::Subcentre]);
const UNIT: Whose = Whose::Roles(&[Role::Officer, Role::Leader, Role::Subcentre]);
const ITEMS: Whose = Whose::Roles(&[Role::Agent, Role::Office, Role::Subcentre, Role::Callback]);
const OFFICE: Whose = Whose::Roles(&[Role::Office]);
const ADMIN: Whose = Whose::Roles(&[Role::Admin]);
const ADMIN_OR_OFFICE: Whose = Whose::Roles(&[Role::Admin, Role::Office]);
const MODES: Whose = Whose::Roles(&[Role::Office, Role::Mayor]);
const PEOPLE: Whose = Whose::Roles(&[Role::Office, Role::Leader, Role::Officer, Role::Subcentre, Role::Admin]);

const RULES: Whose = Whose::Roles(rules::WHOSE);

/// Writes the table of routes and the router from the same lines, so that no page is outside the table.
macro_rules! routes {
    ($($method:ident $path:literal, $whose:expr, $handler:path;)*) => {
        /// Every page and form, and whose it is.
        pub const ROUTES: &[Route] = &[$(Route { method: stringify!($method), path: $path, whose: $whose }),*];

        fn table() -> Router<Site> {
            Router::new()$(.route($path, routes!(@ $method $handler)))*
        }
    };
    (@ GET $handler:path) => { routing::get($handler) };
    (@ POST $handler:path) => { routing::post($handler) };
}

routes! {
    GET "/static/{*path}", Whose::Public, assets::show;
    GET "/tour", Whose::Public, tour::get;
    GET "/login", Whose::Public, login::get;
    POST "/login", Whose::Public, login::post;
    POST "/logout", Whose::Staff, login::logout;
    POST "/language", Whose::Public, language::choose;
    GET "/", Whose::Staff, login::home;
    GET "/live", Whose::Staff, live::get;
    GET "/me", Whose::Staff, me::get;
    POST "/me/notices", Whose::Staff, me::notices;
    POST "/me/password", Whose::Staff, me::password;
    POST "/me/sessions/{id}/end", Whose::Staff, me::end_session;
    POST "/me/totp/enrol", Whose::Staff, me::enrol;
    POST "/me/totp/confirm", Whose::Staff, me::confirm;
    POST "/me/totp/remove", Whose::Staff, me::remove;
    GET "/desk", INTAKE, desk::get;
    POST "/desk", INTAKE, desk::post;
    GET "/desk/drafts", Whose::Staff, drafts::get;
    POST "/drafts", Whose::Staff, drafts::save;
    POST "/drafts/{id}/discard", Whose::Staff, drafts::discard;
    GET "/intake", INTAKE, intake::get;
    GET "/intake/contacts", INTAKE, contacts::get;
    GET "/intake/contacts/{id}/raw", INTAKE, contacts::raw;
    POST "/intake/contacts/{id}/open", INTAKE, contacts::open_order;
    POST "/intake/contacts/{id}/dismiss", INTAKE, contacts::dismiss;
    POST "/intake/contacts/{id}/restore", INTAKE, contacts::restore;
    GET "/orders/new", INTAKE, new_order::get;
    POST "/orders/new", INTAKE, new_order::post;
    GET "/orders", Whose::Staff, list::get;
    GET "/orders/export", Whose::Staff, export::orders;
    POST "/orders/bulk", Whose::Staff, bulk::orders;
    GET "/bulk", Whose::Staff, bulk::list;
    GET "/bulk/{id}", Whose::Staff, bulk::progress;
    POST "/bulk/{id}/stop", Whose::Staff, bulk::stop;
    POST "/bulk/{id}/undo", Whose::Staff, bulk::undo;
    POST "/lists/{page}", Whose::Staff, columns::keep;
    POST "/views", Whose::Staff, views::add;
    POST "/views/{id}/remove", Whose::Staff, views::remove;
    GET "/orders/{no}/print", Whose::Staff, print::get;
    GET "/orders/{no}", Whose::Staff, order::get;
    GET "/orders/{no}/files/{id}", Whose::Staff, files::whole;
    GET "/orders/{no}/files/{id}/thumb", Whose::Staff, files::thumb;
    POST "/orders/{no}/editing", Whose::Staff, live::editing;
    POST "/orders/{no}/reveal", Whose::Staff, order::reveal;
    POST "/orders/{no}/do/{command}", Whose::Staff, doing::post;
    GET "/dispatch", DESK, dispatch::get;
    GET "/queue", UNIT, queue::get;
    GET "/queue/export", UNIT, export::queue;
    POST "/queue/bulk", UNIT, bulk::queue;
    GET "/review", DESK, review::get;
    GET "/approvals", Whose::Roles(&[Role::Leader]), approvals::get;
    GET "/callback", Whose::Roles(&[Role::Callback, Role::Office]), callback::get;
    GET "/desk-items", ITEMS, items::get;
    POST "/desk-items/{id}/done", ITEMS, items::done;
    GET "/people", PEOPLE, people::get;
    GET "/unit", PEOPLE, unit::get;
    POST "/unit/{what}", PEOPLE, unit::post;
    GET "/notices", Whose::Staff, notices::get;
    POST "/notices/read", Whose::Staff, notices::read;
    GET "/disputes", OFFICE, disputes::get;
    GET "/admin/units", ADMIN_OR_OFFICE, admin::units;
    GET "/admin/people", ADMIN, admin::persons;
    GET "/admin/calendar", ADMIN_OR_OFFICE, admin::calendar;
    GET "/admin/keys", ADMIN, admin::keys;
    GET "/admin/audit", ADMIN, admin::trail;
    POST "/admin/audit/verify", ADMIN, admin::verify;
    POST "/admin/{page}/{what}", ADMIN, admin::post;
    GET "/admin/rules", RULES, rules::get;
    GET "/admin/rules/versions", RULES, rules::versions;
    POST "/admin/rules/versions", RULES, rules::draft;
    GET "/admin/rules/versions/edit", RULES, rules::edit;
    GET "/admin/rules/versions/{version}", RULES, rules::one;
    POST "/admin/rules/versions/{version}/try", RULES, rules::attempt;
    POST "/admin/rules/versions/{version}/approve", RULES, rules::approve;
    POST "/admin/rules/versions/{version}/withdraw", RULES, rules::withdraw;
    GET "/admin/modes", MODES, modes::get;
    POST "/admin/modes", MODES, modes::declare;
    POST "/admin/modes/{id}/end", MODES, modes::end;
}

/// Whether a person may open a page. A path outside the table is nobody's.
fn admits(method: &Method, path: &str, actor: &Actor) -> bool {
    let route =
        ROUTES.iter().find(|route| route.path == path && (route.method == method.as_str() || method == Method::HEAD));
    match route.map(|route| route.whose) {
        Some(Whose::Public | Whose::Staff) => true,
        // Who stands in for a leader approves as one.
        Some(Whose::Roles(roles)) => {
            roles.iter().any(|role| actor.has(*role)) || (path == "/approvals" && !actor.stands_in.is_empty())
        }
        None => false,
    }
}

/// The pages' routes.
pub fn router(site: Site) -> Router {
    table().layer(Extension(Arc::new(login::Tries::default()))).fallback(error::not_found).with_state(site)
}
