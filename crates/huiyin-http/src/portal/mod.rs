//! Pages for the public, without an account: `/p/` in Chinese, `/en/p/` in English, `/ru/p/` in Russian.
//!
//! **To add a page**: its handler in a file here, its template under `templates/portal/`, its words in every
//! `locales/*/portal.ftl`, a line in [`ROUTES`], a row in the table of `tests/portal/`. A handler takes a [`Visit`]
//! (whose language, which browser, which address) and answers with `Visit::show`.
//!
//! All works without script. What is typed is kept on the server, sealed, from one step to the next, so that back, reload,
//! another language and larger letters lose nothing. Nobody of the public sees a page of the staff, nor the other way.

mod pages;
mod phone;
mod rate;
mod say;
mod steps;
mod track;

use std::{
    collections::HashMap,
    net::{IpAddr, SocketAddr},
    num::NonZeroU32,
    ops::Deref,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use askama::Template;
use axum::{
    Extension, Router,
    body::Bytes,
    extract::{ConnectInfo, FromRequest, FromRequestParts, OriginalUri, Request},
    http::{HeaderMap, HeaderValue, StatusCode, header, request::Parts},
    response::{Html, IntoResponse, Response},
    routing,
};
use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter};
use huiyin_app::{Actor, CommandError, files::MAX_SIZE};

pub use crate::catalogue::Language;

use crate::{
    Site, ops,
    ui::{
        error::Fault,
        filters,
        form::Form,
        session::{cookie, own_page, read_parts, set},
    },
};

/// The cookie of a matter being written.
const DRAFT: &str = "huiyin_draft";
/// The cookie of an order one has shown the code of.
const TICKET: &str = "huiyin_track";
/// The cookie of a phone one has shown to hold.
const PHONE: &str = "huiyin_phone";
/// The cookie of how large letters are.
const LOOK: &str = "huiyin_look";
/// Seconds a draft's cookie lasts: as long as the draft.
const DRAFT_LASTS: i64 = 24 * 3600;
/// Seconds a ticket's cookie lasts.
const TICKET_LASTS: i64 = 30 * 60;
/// How long the files of somebody of the public may take.
const FILES_WITHIN: Duration = Duration::from_secs(5 * 60);
/// Seconds large letters last.
const LOOK_LASTS: i64 = 365 * 24 * 3600;

/// Writes the table of routes and the router from the same lines, for each language.
macro_rules! routes {
    ($($method:ident $path:literal $handler:path;)*) => {
        /// Every page and form of a language: method and path after `/p`.
        pub const ROUTES: &[(&str, &str)] = &[$((stringify!($method), $path)),*];

        fn table(base: &str) -> Router<Site> {
            Router::new()$(.route(&format!("{base}{}", $path), routes!(@ $method $handler)))*
        }
    };
    (@ GET $handler:path) => { routing::get($handler) };
    (@ POST $handler:path) => { routing::post($handler) };
}

routes! {
    GET "" pages::home;
    GET "/" pages::home;
    POST "/look" pages::look;
    GET "/accessibility" pages::accessibility;
    GET "/privacy" pages::privacy;
    GET "/new" steps::begin;
    GET "/new/1" steps::matter;
    POST "/new/1" steps::keep_matter;
    GET "/new/2" steps::contact;
    POST "/new/2" steps::keep_contact;
    GET "/new/3" steps::check;
    POST "/new/3" steps::send;
    GET "/similar" steps::similar;
    POST "/similar" steps::follow;
    GET "/done/{no}" steps::done;
    GET "/track" track::ask;
    POST "/track" track::open;
    POST "/track/phone" phone::ask;
    POST "/track/code" phone::open;
    GET "/track/mine" phone::mine;
    POST "/track/mine" phone::choose;
    GET "/track/{no}" track::show;
    POST "/track/{no}/add" track::add;
    POST "/track/{no}/urge" track::urge;
    POST "/track/{no}/withdraw" track::withdraw;
    POST "/track/{no}/rate" track::rate;
    POST "/track/{no}/leave" track::leave;
    GET "/rate/{token}" rate::show;
    POST "/rate/{token}" rate::send;
}

/// Where the pages of a language begin.
pub fn base(language: Language) -> &'static str {
    match language {
        Language::Zh => "/p",
        Language::En => "/en/p",
        Language::Ru => "/ru/p",
    }
}

/// The pages' routes.
pub fn router(site: Site) -> Router {
    let all = Language::ALL.iter().fold(Router::new(), |all, language| all.merge(table(base(*language))));
    all.layer(Extension(Arc::new(Limits::default()))).with_state(site)
}

/// What an address may do, each in an hour. Many people sit behind one.
struct Limits {
    keep: DefaultKeyedRateLimiter<IpAddr>,
    draft: DefaultKeyedRateLimiter<IpAddr>,
    send: DefaultKeyedRateLimiter<IpAddr>,
    code: DefaultKeyedRateLimiter<IpAddr>,
    /// Megabytes of files.
    files: DefaultKeyedRateLimiter<IpAddr>,
    /// Forms that are coming in, by address.
    coming: Mutex<HashMap<IpAddr, usize>>,
}

/// What is counted.
#[derive(Debug, Clone, Copy)]
enum Doing {
    /// A step is kept, a fact added.
    Keep,
    /// A matter is begun: a row is kept for a day.
    Draft,
    /// A matter is sent.
    Send,
    /// A code or link is shown.
    Code,
}

/// Addresses kept in mind at once.
const KEPT: usize = 10_000;
/// Forms one address may be sending at once: who sends slowly holds a place that others need.
const AT_ONCE: usize = 24;
/// Megabytes of files an address may send in an hour.
const MEGABYTES: u32 = 1_000;

impl Default for Limits {
    fn default() -> Self {
        // INVARIANT: no number is zero.
        let an_hour = |n: u32| RateLimiter::keyed(Quota::per_hour(NonZeroU32::new(n).unwrap_or(NonZeroU32::MIN)));
        Self {
            keep: an_hour(300),
            draft: an_hour(60),
            send: an_hour(30),
            code: an_hour(120),
            files: an_hour(MEGABYTES),
            coming: Mutex::default(),
        }
    }
}

impl Limits {
    fn allow(&self, doing: Doing, address: IpAddr) -> bool {
        let limiter = match doing {
            Doing::Keep => &self.keep,
            Doing::Draft => &self.draft,
            Doing::Send => &self.send,
            Doing::Code => &self.code,
        };
        if limiter.len() > KEPT {
            limiter.retain_recent();
        }
        limiter.check_key(&address).is_ok()
    }

    /// Whether an address may send files in a form as long as it says.
    fn allow_files(&self, address: IpAddr, length: Option<u64>) -> bool {
        if self.files.len() > KEPT {
            self.files.retain_recent();
        }
        // Who does not say how long it is may send as much as a form may hold.
        let most = MAX_SIZE * huiyin_core::order::MAX_FILES as u64;
        let megabytes = u32::try_from(length.unwrap_or(most).min(most) / (1024 * 1024) + 1).unwrap_or(u32::MAX);
        let megabytes = NonZeroU32::new(megabytes).unwrap_or(NonZeroU32::MIN);
        matches!(self.files.check_key_n(&address, megabytes), Ok(Ok(())))
    }

    /// A place for a form that comes in, until it is dropped.
    fn come(self: &Arc<Self>, address: IpAddr) -> Option<Coming> {
        let mut coming = self.coming.lock().unwrap_or_else(PoisonError::into_inner);
        let now = coming.entry(address).or_default();
        if *now >= AT_ONCE {
            return None;
        }
        *now += 1;
        Some(Coming { limits: Arc::clone(self), address })
    }
}

/// A form that comes in.
struct Coming {
    limits: Arc<Limits>,
    address: IpAddr,
}

impl Drop for Coming {
    fn drop(&mut self) {
        let mut coming = self.limits.coming.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(now) = coming.get_mut(&self.address) {
            *now -= 1;
            if *now == 0 {
                coming.remove(&self.address);
            }
        }
    }
}

/// How large letters are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Look {
    /// As designed.
    Normal,
    /// For elders.
    Elder,
    /// Largest.
    Largest,
}

impl Look {
    fn of(code: Option<&str>) -> Self {
        match code {
            Some("elder") => Self::Elder,
            Some("largest") => Self::Largest,
            _ => Self::Normal,
        }
    }

    /// The code.
    pub fn code(self) -> &'static str {
        match self {
            Self::Normal => "normal",
            Self::Elder => "elder",
            Self::Largest => "largest",
        }
    }

    /// What the button leads to.
    pub fn next(self) -> Self {
        match self {
            Self::Normal => Self::Elder,
            Self::Elder => Self::Largest,
            Self::Largest => Self::Normal,
        }
    }
}

/// Somebody of the public at a page.
pub struct Visit {
    site: Site,
    limits: Arc<Limits>,
    language: Language,
    /// The path after `/p`, with its query.
    rest: String,
    query: Form,
    headers: HeaderMap,
    look: Look,
    address: IpAddr,
}

impl FromRequestParts<Site> for Visit {
    type Rejection = Fault;

    async fn from_request_parts(parts: &mut Parts, site: &Site) -> Result<Self, Fault> {
        let uri = parts.extensions.get::<OriginalUri>().map_or_else(|| parts.uri.clone(), |uri| uri.0.clone());
        let path = uri.path_and_query().map_or("", |path| path.as_str());
        let language = match path {
            _ if path.starts_with("/en/") => Language::En,
            _ if path.starts_with("/ru/") => Language::Ru,
            _ => Language::Zh,
        };
        let peer = parts.extensions.get::<ConnectInfo<SocketAddr>>().copied();
        let limits = parts.extensions.get::<Arc<Limits>>().cloned().unwrap_or_default();
        Ok(Self {
            site: site.clone(),
            limits,
            language,
            rest: path.strip_prefix(base(language)).unwrap_or_default().to_owned(),
            query: Form::query(uri.query()),
            look: Look::of(cookie(&parts.headers, LOOK)),
            address: ops::client(peer.as_ref(), &parts.headers, &site.options),
            headers: parts.headers.clone(),
        })
    }
}

/// What surrounds a page: its language first, so that a template asks it for words.
#[derive(Debug, Clone)]
pub struct Shell {
    /// The language.
    pub language: Language,
    /// The page's title.
    pub title: String,
    /// The city's hotline by name.
    pub city: String,
    /// The path after `/p`.
    pub rest: String,
    /// Where back leads.
    pub back: String,
    /// Whether it is the first page.
    pub home: bool,
    /// Whether the page has a form `f` whose fields are kept when language or letters change.
    pub form: bool,
    /// How large letters are.
    pub look: Look,
}

impl Deref for Shell {
    type Target = Language;

    fn deref(&self) -> &Language {
        &self.language
    }
}

impl Shell {
    /// Where the pages of its language begin.
    pub fn base(&self) -> &'static str {
        base(self.language)
    }

    /// Every language: its code, its name, its `lang`, the same page in it, whether it is this one.
    pub fn languages(&self) -> Vec<(&'static str, &'static str, &'static str, String, bool)> {
        let link = |language: Language| match self.rest.as_str() {
            "" => format!("{}/", base(language)),
            rest => format!("{}{rest}", base(language)),
        };
        Language::ALL.iter().map(|one| (one.code(), one.name(), one.tag(), link(*one), *one == self.language)).collect()
    }

    /// The hotline's name beside its number.
    pub fn brand(&self) -> String {
        self.city.replace("12345", "").split_whitespace().collect::<Vec<_>>().join(" ")
    }

    /// What the button at the top says.
    pub fn other_short(&self) -> &'static str {
        if self.other() == Language::En { "EN" } else { Language::Zh.name() }
    }

    /// The language the button at the top leads to.
    pub fn other(&self) -> Language {
        if self.language == Language::Zh { Language::En } else { Language::Zh }
    }
}

/// What is wrong with a field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wrong {
    /// The field.
    pub field: &'static str,
    /// What to write.
    pub words: String,
}

/// The page that says that there is none.
#[derive(Debug, Template)]
#[template(path = "portal/trouble.html")]
struct TroublePage {
    s: Shell,
    heading: String,
    detail: String,
    kept: Vec<String>,
}

/// Why there is no page.
pub enum Trouble {
    /// A request of another site, or one that cannot be read.
    Unreadable,
    /// Too much from one address, or by something that is no person: what was typed.
    TooMuch(Vec<String>),
    /// What a command or query ended in, and what was typed.
    Failed(CommandError, Vec<String>),
    /// A page that cannot be written out.
    Template(askama::Error),
}

impl From<CommandError> for Trouble {
    fn from(error: CommandError) -> Self {
        Self::Failed(error, Vec::new())
    }
}

impl From<askama::Error> for Trouble {
    fn from(error: askama::Error) -> Self {
        Self::Template(error)
    }
}

impl From<Fault> for Trouble {
    fn from(fault: Fault) -> Self {
        match fault {
            Fault::Command(error) => error.into(),
            Fault::Template(error) => error.into(),
            _ => Self::Unreadable,
        }
    }
}

type Answer = Result<Response, Trouble>;

impl Visit {
    /// What surrounds a page.
    fn shell(&self, title: String) -> Shell {
        let pack = &self.site.app.pack;
        let city = pack.in_language(&pack.head().title, self.language.code()).unwrap_or_default().to_owned();
        // A query says how the last form went; the same page in another language begins afresh.
        let rest = self.rest.split('?').next().unwrap_or_default().to_owned();
        Shell {
            language: self.language,
            title,
            city,
            back: format!("{}/", base(self.language)),
            home: false,
            form: false,
            look: self.look,
            rest,
        }
    }

    fn path(&self, rest: &str) -> String {
        format!("{}{rest}", base(self.language))
    }

    fn show(&self, page: &impl Template) -> Answer {
        self.show_as(StatusCode::OK, page)
    }

    fn show_as(&self, status: StatusCode, page: &impl Template) -> Answer {
        Ok((status, [(header::CACHE_CONTROL, "no-store")], Html(page.render()?)).into_response())
    }

    /// Goes to a page of the same language.
    fn go(&self, rest: &str, cookies: Vec<HeaderValue>) -> Answer {
        self.go_to(&self.path(rest), cookies)
    }

    fn go_to(&self, path: &str, cookies: Vec<HeaderValue>) -> Answer {
        let mut response = (StatusCode::SEE_OTHER, [(header::LOCATION, path.to_owned())]).into_response();
        for cookie in cookies {
            response.headers_mut().append(header::SET_COOKIE, cookie);
        }
        Ok(response)
    }

    fn cookie(&self, name: &'static str) -> Option<&str> {
        cookie(&self.headers, name).filter(|value| !value.is_empty() && value.len() < 4_000)
    }

    fn set(&self, name: &str, value: &str, lasts: i64) -> HeaderValue {
        set(name, value, self.site.options.secure_cookies, Some(lasts))
    }

    fn allow(&self, doing: Doing) -> bool {
        self.limits.allow(doing, self.address)
    }

    /// What was sent with a form of this site; files in it are stored in somebody's name.
    async fn read(&self, request: Request, actor: &Actor) -> Result<(Form, Option<CommandError>), Trouble> {
        own_page(&self.headers)?;
        let text = |name: header::HeaderName| self.headers.get(name).and_then(|value| value.to_str().ok());
        let Some(_coming) = self.limits.come(self.address) else { return Err(Trouble::TooMuch(Vec::new())) };
        if text(header::CONTENT_TYPE).is_some_and(|kind| kind.starts_with("multipart/form-data")) {
            let length = text(header::CONTENT_LENGTH).and_then(|length| length.parse().ok());
            // What is written is read all the same.
            let takes = self.limits.allow_files(self.address, length);
            let reading = read_parts(request, &self.site, |_| takes.then_some(actor));
            let (form, untaken) =
                tokio::time::timeout(FILES_WITHIN, reading).await.map_err(|_| Trouble::Unreadable)??;
            let untaken = untaken.map(|(_, error)| error);
            let busy = (!takes && length.is_none_or(|length| length > 64 * 1024))
                .then_some(CommandError::TooMany { seconds: 3_600 });
            return Ok((form, untaken.or(busy)));
        }
        let bytes = Bytes::from_request(request, &self.site).await.map_err(|_| Trouble::Unreadable)?;
        Ok((Form::parse(&bytes), None))
    }

    /// An answer, or the page that says why there is none.
    fn answer(&self, answer: Answer) -> Response {
        answer.unwrap_or_else(|trouble| self.trouble(&trouble))
    }

    fn trouble(&self, trouble: &Trouble) -> Response {
        let l = self.language;
        let broken = |why: &dyn std::fmt::Display| {
            let number = ops::request_id();
            tracing::error!(incident = %number, error = %why, "a public page could not be shown");
            (StatusCode::INTERNAL_SERVER_ERROR, l.t("trouble-broken"), l.put("trouble-broken-what", "number", number))
        };
        let gone = || (StatusCode::NOT_FOUND, l.t("trouble-gone"), l.t("trouble-gone-what"));
        let much = || (StatusCode::TOO_MANY_REQUESTS, l.t("trouble-much"), l.t("trouble-much-what"));
        let (status, heading, detail) = match trouble {
            Trouble::Unreadable => (StatusCode::BAD_REQUEST, l.t("trouble-unreadable"), l.t("trouble-unreadable-what")),
            Trouble::TooMuch(_) => much(),
            Trouble::Template(error) => broken(error),
            Trouble::Failed(error, _) => match error {
                CommandError::NotFound | CommandError::Forbidden(_) | CommandError::Unauthenticated => gone(),
                CommandError::TooMany { .. } => much(),
                CommandError::Refused(_) | CommandError::Stale { .. } | CommandError::KeyReused => {
                    (StatusCode::UNPROCESSABLE_ENTITY, l.t("trouble-refused"), l.t("trouble-refused-what"))
                }
                CommandError::Invalid { .. } | CommandError::TooLarge { .. } => {
                    (StatusCode::UNPROCESSABLE_ENTITY, l.t("trouble-unreadable"), l.t("trouble-unreadable-what"))
                }
                CommandError::Unavailable(why) => {
                    tracing::warn!(error = %why, "the database is away");
                    (StatusCode::SERVICE_UNAVAILABLE, l.t("trouble-away"), l.t("trouble-away-what"))
                }
                CommandError::Internal(why) => broken(why),
            },
        };
        let kept = match trouble {
            Trouble::TooMuch(kept) | Trouble::Failed(_, kept) => {
                kept.iter().filter(|text| !text.is_empty()).cloned().collect()
            }
            _ => Vec::new(),
        };
        let page = TroublePage { s: self.shell(heading.clone()), heading, detail, kept };
        let body = page.render().unwrap_or_else(|_| page.heading.clone());
        (status, [(header::CACHE_CONTROL, "no-store")], Html(body)).into_response()
    }
}

/// What was typed, without what would break a page or a database.
fn clean(text: &str) -> String {
    let lines = text.replace("\r\n", "\n").replace('\r', "\n");
    lines
        .chars()
        .filter(|char| *char == '\n' || *char == '\t' || !char.is_control())
        .collect::<String>()
        .trim()
        .to_owned()
}

#[cfg(test)]
mod tests;
