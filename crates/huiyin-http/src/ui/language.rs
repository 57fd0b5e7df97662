//! In which language a person of the staff reads pages: chosen at sign-in or under one's settings, kept in the browser.

use axum::{
    extract::{RawForm, State},
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
};

use super::{
    error::Fault,
    form::Form,
    session::{self, cookie, set},
};
use crate::{Site, catalogue::Language};

/// The cookie of a language.
const COOKIE: &str = "huiyin_language";
/// Seconds a choice lasts.
const LASTS: i64 = 365 * 24 * 3600;

/// The language of a request. Who has chosen none reads Chinese, whatever the browser was set up with: a browser in
/// English is common on machines of people who read none.
pub fn of(headers: &HeaderMap) -> Language {
    let chosen = cookie(headers, COOKIE).and_then(Language::of_staff);
    chosen.unwrap_or(Language::Zh)
}

/// A language one may choose.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Choice {
    /// Its code.
    pub code: &'static str,
    /// Its own name.
    pub name: &'static str,
    /// Its `lang`.
    pub tag: &'static str,
    /// Whether the page is in it.
    pub here: bool,
}

/// The languages one may choose from.
pub fn choices() -> Vec<Choice> {
    let choice =
        |one: &Language| Choice { code: one.code(), name: one.name(), tag: one.tag(), here: *one == Language::here() };
    Language::STAFF.iter().map(choice).collect()
}

/// `POST /language`. It is no secret and changes nothing on the server, so it needs no session.
///
/// # Errors
/// [`Fault`] when the form is of another site.
pub async fn choose(State(site): State<Site>, headers: HeaderMap, RawForm(bytes): RawForm) -> Result<Response, Fault> {
    session::own_page(&headers)?;
    let form = Form::parse(&bytes);
    let language = form.get("language").and_then(Language::of_staff).ok_or(Fault::Unreadable)?;
    let to = session::next(form.get("next"), "/").to_owned();
    let kept = set(COOKIE, language.code(), site.options.secure_cookies, Some(LASTS));
    Ok((StatusCode::SEE_OTHER, [(header::LOCATION, to)], [(header::SET_COOKIE, kept)]).into_response())
}
