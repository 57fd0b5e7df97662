//! Who asks: the session behind the cookie, what the route needs, and forms that come from our own pages.

use std::sync::Arc;

use axum::{
    body::Bytes,
    extract::{DefaultBodyLimit, FromRequest, FromRequestParts, MatchedPath, Multipart, OriginalUri, Request},
    http::{HeaderMap, HeaderValue, Method, header, request::Parts},
};
use huiyin_app::{
    Actor, CommandError, Role,
    files::{self, MAX_SIZE},
    people,
};
use huiyin_core::{order::MAX_FILES, organisation::Organisation};

use super::{error::Fault, form::Form};
use crate::Site;

/// A signed-in person at a page.
pub struct Ctx {
    /// The application and its options.
    pub site: Site,
    /// Who asks.
    pub actor: Actor,
    /// The browser's session.
    pub session: people::Session,
    /// The register of units.
    pub org: Arc<Organisation>,
    /// What the last action came to, to be said once.
    pub flash: Option<String>,
    /// Path and query of the page.
    pub path: String,
}

const FLASH: &str = "huiyin_flash";

fn session_cookie(secure: bool) -> &'static str {
    // A `__Host-` cookie can be set by no other host and no plain page.
    if secure { "__Host-huiyin_session" } else { "huiyin_session" }
}

/// A cookie of a request.
pub fn cookie<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|line| line.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find(|(known, _)| *known == name)
        .map(|(_, value)| value)
}

/// A cookie of this site alone, that no script reads.
pub fn set(name: &str, value: &str, secure: bool, seconds: Option<i64>) -> HeaderValue {
    let age = seconds.map(|seconds| format!("; Max-Age={seconds}")).unwrap_or_default();
    let secure = if secure { "; Secure" } else { "" };
    HeaderValue::from_str(&format!("{name}={value}; Path=/; HttpOnly; SameSite=Lax{secure}{age}"))
        .unwrap_or_else(|_| HeaderValue::from_static(""))
}

/// Sets the session's cookie.
pub fn open(site: &Site, token: &str) -> HeaderValue {
    let secure = site.options.secure_cookies;
    set(session_cookie(secure), token, secure, None)
}

/// Takes the session's cookie away.
pub fn close(site: &Site) -> HeaderValue {
    let secure = site.options.secure_cookies;
    set(session_cookie(secure), "", secure, Some(0))
}

/// The session's token.
pub fn token<'a>(site: &Site, headers: &'a HeaderMap) -> Option<&'a str> {
    cookie(headers, session_cookie(site.options.secure_cookies)).filter(|token| !token.is_empty())
}

/// Says something on the next page: a code and the order's number, no free text.
pub fn say(site: &Site, code: &str) -> HeaderValue {
    set(FLASH, code, site.options.secure_cookies, Some(60))
}

/// Takes back what was to be said.
pub fn said(site: &Site) -> HeaderValue {
    set(FLASH, "", site.options.secure_cookies, Some(0))
}

/// A path within this site to go back to, or `otherwise`.
pub fn next<'a>(wanted: Option<&'a str>, otherwise: &'a str) -> &'a str {
    wanted
        .filter(|path| path.starts_with('/') && !path.starts_with("//"))
        .filter(|path| !path.contains('\\') && path.bytes().all(|byte| (0x21..0x7f).contains(&byte)))
        .unwrap_or(otherwise)
}

/// Whether a request that changes something comes from a page of this site.
///
/// # Errors
/// [`Fault::Foreign`] when the browser says otherwise.
pub fn own_page(headers: &HeaderMap) -> Result<(), Fault> {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    if text("sec-fetch-site").is_some_and(|from| !matches!(from, "same-origin" | "none")) {
        return Err(Fault::Foreign);
    }
    let Some(origin) = text("origin") else { return Ok(()) };
    let host = origin.split_once("://").map(|(_, host)| host);
    let own = text("x-forwarded-host").or_else(|| text("host"));
    (host.is_some() && host == own).then_some(()).ok_or(Fault::Foreign)
}

impl Ctx {
    /// The form token.
    pub fn csrf(&self) -> &str {
        self.session.csrf.as_str()
    }

    /// Whether the person has one of the roles.
    pub fn has(&self, roles: &[Role]) -> bool {
        roles.iter().any(|role| self.actor.has(*role))
    }
}

impl FromRequestParts<Site> for Ctx {
    type Rejection = Fault;

    async fn from_request_parts(parts: &mut Parts, site: &Site) -> Result<Self, Fault> {
        let uri = parts.extensions.get::<OriginalUri>().map_or_else(|| parts.uri.clone(), |uri| uri.0.clone());
        let path = uri.path_and_query().map_or("/", |path| path.as_str()).to_owned();
        // Where to go on after signing in: what was asked for, or the page a form stood on.
        let back = || if parts.method == Method::GET { path.clone() } else { "/".to_owned() };
        let Some(token) = token(site, &parts.headers) else { return Err(Fault::SignIn { next: back(), over: false }) };
        let (actor, session) = match people::session_actor(&site.app, token).await {
            Ok(found) => found,
            Err(CommandError::Unauthenticated) => return Err(Fault::SignIn { next: back(), over: true }),
            Err(other) => return Err(other.into()),
        };
        let route = parts.extensions.get::<MatchedPath>().map_or("", MatchedPath::as_str);
        if session.must_change && !route.starts_with("/me") && route != "/logout" {
            return Err(Fault::Go("/me?must=1".into()));
        }
        if !super::admits(&parts.method, route, &actor) {
            return Err(Fault::Role);
        }
        let org = site.app.current_organisation().await?;
        let flash = cookie(&parts.headers, FLASH).filter(|code| !code.is_empty()).map(str::to_owned);
        Ok(Self { site: site.clone(), actor, session, org, flash, path })
    }
}

/// A form sent from one of our pages by a signed-in person.
pub struct Posted {
    /// Who sent it.
    pub ctx: Ctx,
    /// What stood in it; a file that came with it is stored by now, and its id stands here.
    pub form: Form,
    /// A file that was not taken, and why.
    pub untaken: Option<(String, CommandError)>,
}

impl FromRequest<Site> for Posted {
    type Rejection = Fault;

    async fn from_request(request: Request, site: &Site) -> Result<Self, Fault> {
        let (mut parts, body) = request.into_parts();
        own_page(&parts.headers)?;
        let outcome = Ctx::from_request_parts(&mut parts, site).await;
        let kind = parts.headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
        let in_parts = kind.starts_with("multipart/form-data");
        let request = Request::from_parts(parts, body);
        let (form, untaken) = if in_parts {
            let ctx = outcome.as_ref().ok();
            let own = |form: &Form| {
                let ctx = ctx.filter(|ctx| ctx.session.is_own_form(form.get("_csrf").unwrap_or_default()));
                ctx.map(|ctx| &ctx.actor)
            };
            let reading = read_parts(request, site, own);
            // Only who is signed in may take long.
            match ctx {
                Some(_) => reading.await?,
                None => tokio::time::timeout(site.options.timeout, reading).await.map_err(|_| Fault::Unreadable)??,
            }
        } else {
            let bytes = Bytes::from_request(request, site).await.map_err(|_| Fault::Unreadable)?;
            (Form::parse(&bytes), None)
        };
        // Nothing typed is lost with a session: it is shown, to be copied.
        let lost = |signed_in, otherwise| match form.written() {
            kept if kept.is_empty() => otherwise,
            kept => Fault::Lost { signed_in, kept },
        };
        let ctx = match outcome {
            Ok(ctx) => ctx,
            Err(fault @ Fault::SignIn { .. }) => return Err(lost(false, fault)),
            Err(other) => return Err(other),
        };
        if !ctx.session.is_own_form(form.get("_csrf").unwrap_or_default()) {
            return Err(lost(true, Fault::Foreign));
        }
        Ok(Self { ctx, form, untaken })
    }
}

/// Reads a form in parts. A file is stored while it comes in, in the name of whom `takes` finds by what stood before it:
/// none where the form is not one of ours.
///
/// # Errors
/// [`Fault::Unreadable`] for what is no form, or too large.
pub async fn read_parts<'a>(
    mut request: Request,
    site: &Site,
    takes: impl Fn(&Form) -> Option<&'a Actor>,
) -> Result<(Form, Option<(String, CommandError)>), Fault> {
    let most = usize::try_from(MAX_SIZE).unwrap_or(usize::MAX).saturating_mul(MAX_FILES);
    DefaultBodyLimit::max(most.saturating_add(site.options.body_limit)).apply(&mut request);
    let mut parts = Multipart::from_request(request, site).await.map_err(|_| Fault::Unreadable)?;
    let (mut form, mut untaken, mut written, mut count) = (Form::default(), None, 0, 0);
    while let Some(mut part) = parts.next_field().await.map_err(|_| Fault::Unreadable)? {
        let name: String = part.name().unwrap_or_default().chars().take(100).collect();
        let Some(file) = part.file_name().map(|name| name.chars().take(500).collect::<String>()) else {
            let mut text = Vec::new();
            while let Some(more) = part.chunk().await.map_err(|_| Fault::Unreadable)? {
                written += more.len();
                if written > site.options.body_limit {
                    return Err(Fault::Unreadable);
                }
                text.extend_from_slice(&more);
            }
            form.0.push((name, String::from_utf8_lossy(&text).into_owned()));
            continue;
        };
        // A browser sends an empty part where no file was chosen.
        let Some(actor) = takes(&form).filter(|_| !file.is_empty() && untaken.is_none()) else { continue };
        count += 1;
        let key = form.get("_key").map(|key| format!("{}:{count}", key.chars().take(150).collect::<String>()));
        match files::take(&site.app, actor, &file, key.as_deref(), &mut part).await {
            Ok(kept) => {
                form.0.push((format!("_file_{}", kept.id), kept.name));
                form.0.push((name, kept.id));
            }
            Err(error) => untaken = Some((file, error)),
        }
    }
    Ok((form, untaken))
}

#[cfg(test)]
mod tests {
    use super::{next, own_page};

    #[test]
    fn only_paths_of_this_site_are_gone_back_to() {
        for good in ["/queue", "/orders/20261123-0051?tl=talk", "/"] {
            assert_eq!(next(Some(good), "/x"), good);
        }
        for bad in ["//evil.example", "https://evil.example", "/\\evil", "queue", "", "/a\nb", "/a b"] {
            assert_eq!(next(Some(bad), "/x"), "/x", "`{bad}`");
        }
    }

    #[test]
    fn forms_of_other_sites_are_refused() {
        let headers = |pairs: &[(&str, &str)]| {
            pairs
                .iter()
                .map(|(name, value)| (name.parse().expect("a header name"), value.parse().expect("a header value")))
                .collect::<axum::http::HeaderMap>()
        };
        assert!(own_page(&headers(&[("host", "a.example"), ("origin", "http://a.example")])).is_ok());
        assert!(own_page(&headers(&[("host", "a.example"), ("sec-fetch-site", "same-origin")])).is_ok());
        assert!(own_page(&headers(&[("host", "a.example")])).is_ok(), "an old browser without either");
        assert!(own_page(&headers(&[("host", "a.example"), ("origin", "http://b.example")])).is_err());
        assert!(own_page(&headers(&[("host", "a.example"), ("origin", "null")])).is_err());
        assert!(own_page(&headers(&[("host", "a.example"), ("sec-fetch-site", "cross-site")])).is_err());
        assert!(own_page(&headers(&[("host", "a.example"), ("sec-fetch-site", "same-site")])).is_err());
    }
}
