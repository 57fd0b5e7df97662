//! `/login`, `/logout` and `/`: in, out, and to where one's work is.

use std::{
    net::{IpAddr, SocketAddr},
    num::NonZeroU32,
    sync::Arc,
};

use askama::Template;
use axum::{
    Extension,
    extract::{ConnectInfo, RawForm, RawQuery, State},
    http::{HeaderMap, StatusCode, header},
    response::{Html, IntoResponse, Redirect, Response},
};
use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter};
use huiyin_app::{
    CommandError, Role,
    people::{self, SignInError},
};

use super::{
    error::Fault,
    filters,
    form::{Form, encode},
    frame, language,
    session::{self, Ctx, Posted},
    words,
};
use crate::{Site, catalogue::Language, ops};

/// How often one address may try to sign in, in a minute.
const TRIES_A_MINUTE: u32 = 30;

/// Addresses kept in mind at once.
const KEPT: usize = 10_000;

/// Counts tries by address.
pub struct Tries(DefaultKeyedRateLimiter<IpAddr>);

impl Default for Tries {
    fn default() -> Self {
        // INVARIANT: the number is not zero.
        Self(RateLimiter::keyed(Quota::per_minute(NonZeroU32::new(TRIES_A_MINUTE).unwrap_or(NonZeroU32::MIN))))
    }
}

impl Tries {
    fn allows(&self, address: IpAddr) -> bool {
        if self.0.len() > KEPT {
            self.0.retain_recent();
        }
        self.0.check_key(&address).is_ok()
    }
}

/// The page.
#[derive(Debug, Default, Template)]
#[template(path = "login.html")]
pub struct LoginPage {
    /// The city's name.
    pub city: String,
    /// Whether a session is over.
    pub over: bool,
    /// Where to go on.
    pub next: String,
    /// The login as typed.
    pub login: String,
    /// Whether a code is asked for.
    pub code: bool,
    /// What is wrong.
    pub error: Option<String>,
    /// Logins of the demonstration: login, role.
    pub demo: Vec<(&'static str, &'static str)>,
    /// Their password.
    pub demo_password: &'static str,
    /// Languages one may read the pages in.
    pub languages: Vec<language::Choice>,
    /// The same page again, in another language.
    pub again: String,
}

/// The password of the demonstration's logins.
pub const DEMO_PASSWORD: &str = "huiyin-demo";

fn page(site: &Site, form: &Form) -> LoginPage {
    let pack = &site.app.pack;
    LoginPage {
        city: pack.in_language(&pack.head().title, Language::here().code()).unwrap_or_default().to_owned(),
        over: form.get("over").is_some(),
        next: session::next(form.get("next"), "/").to_owned(),
        login: form.get("login").unwrap_or_default().to_owned(),
        code: form.has("code"),
        error: None,
        demo: if site.options.demo {
            Role::ALL.iter().map(|role| (role.code(), words::role(role.code()))).collect()
        } else {
            Vec::new()
        },
        languages: language::choices(),
        again: format!("/login?next={}", encode(session::next(form.get("next"), "/"))),
        demo_password: DEMO_PASSWORD,
    }
}

fn answer(status: StatusCode, page: &LoginPage) -> Result<Response, Fault> {
    Ok((status, [(header::CACHE_CONTROL, "no-store")], Html(page.render()?)).into_response())
}

/// `GET /login`.
///
/// # Errors
/// [`Fault`].
pub async fn get(State(site): State<Site>, RawQuery(query): RawQuery) -> Result<Response, Fault> {
    answer(StatusCode::OK, &page(&site, &Form::query(query.as_deref())))
}

/// `POST /login`. A session is always a new one, so that nobody is signed in to one somebody else has prepared.
///
/// # Errors
/// [`Fault`].
pub async fn post(
    State(site): State<Site>,
    Extension(tries): Extension<Arc<Tries>>,
    headers: HeaderMap,
    peer: Option<Extension<ConnectInfo<SocketAddr>>>,
    RawForm(bytes): RawForm,
) -> Result<Response, Fault> {
    session::own_page(&headers)?;
    let form = Form::parse(&bytes);
    let mut page = page(&site, &form);
    let address = ops::client(peer.as_ref().map(|Extension(peer)| peer), &headers, &site.options);
    if !tries.allows(address) {
        page.error = Some(t!("login-too-often").into());
        return answer(StatusCode::TOO_MANY_REQUESTS, &page);
    }
    let agent = headers.get(header::USER_AGENT).and_then(|agent| agent.to_str().ok()).unwrap_or_default();
    // A password is taken as typed: blanks at its ends are part of it.
    let password = form.0.iter().find(|(name, _)| name == "password").map_or("", |(_, password)| password.as_str());
    let login = form.get("login").unwrap_or_default();
    if login.is_empty() || password.is_empty() {
        page.error = Some(t!("login-fill-in").into());
        return answer(StatusCode::UNPROCESSABLE_ENTITY, &page);
    }
    let (status, error) = match people::sign_in(&site.app, login, password, form.get("code"), agent).await {
        Ok(signed) => {
            if let Some(old) = session::token(&site, &headers) {
                people::sign_out(&site.app, old).await?;
            }
            let to = if signed.must_change { "/me?must=1".to_owned() } else { page.next };
            let cookie = session::open(&site, signed.token.as_str());
            return Ok(
                (StatusCode::SEE_OTHER, [(header::LOCATION, to)], [(header::SET_COOKIE, cookie)]).into_response()
            );
        }
        Err(SignInError::Wrong { tries_left }) => (StatusCode::UNPROCESSABLE_ENTITY, t!("login-wrong", tries_left)),
        Err(SignInError::CodeNeeded) => {
            page.code = true;
            (StatusCode::UNPROCESSABLE_ENTITY, t!("login-code-needed").into())
        }
        Err(SignInError::WrongCode { tries_left }) => {
            page.code = true;
            (StatusCode::UNPROCESSABLE_ENTITY, t!("login-code-wrong", tries_left))
        }
        Err(SignInError::Locked { seconds, .. }) => {
            (StatusCode::TOO_MANY_REQUESTS, t!("login-locked", seconds = (seconds + 59) / 60))
        }
        Err(SignInError::Failed(error)) => return Err(error.into()),
    };
    page.error = Some(error);
    answer(status, &page)
}

/// `POST /logout`.
///
/// # Errors
/// [`Fault`].
pub async fn logout(headers: HeaderMap, posted: Posted) -> Result<Response, Fault> {
    let site = &posted.ctx.site;
    if let Some(token) = session::token(site, &headers) {
        people::sign_out(&site.app, token).await?;
    }
    let gone = session::close(site);
    Ok((StatusCode::SEE_OTHER, [(header::LOCATION, "/login")], [(header::SET_COOKIE, gone)]).into_response())
}

/// `GET /`.
pub async fn home(ctx: Ctx) -> Redirect {
    Redirect::to(frame::home(&ctx))
}

/// What a fault of the database is at sign-in.
impl From<SignInError> for Fault {
    fn from(error: SignInError) -> Self {
        match error {
            SignInError::Failed(error) => error.into(),
            other => CommandError::Internal(other.to_string()).into(),
        }
    }
}
