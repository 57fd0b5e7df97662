//! The second way to follow an order: a code sent to its phone. Not offered where no message can be sent.

use askama::Template;
use axum::{extract::Request, http::StatusCode, response::Response};
use huiyin_app::{
    Actor, CommandError,
    portal::{
        access::{self, Denied},
        phone::{self, Held},
    },
};

use super::{Answer, Doing, PHONE, Shell, TICKET, TICKET_LASTS, Visit, clean, filters, say, track::AskPage};

/// Longest number, in characters.
const LONGEST: usize = 40;

/// The code is asked for.
#[derive(Debug, Template)]
#[template(path = "portal/phone.html")]
pub struct CodePage {
    /// What surrounds it.
    pub s: Shell,
    /// The phone as typed.
    pub phone: String,
    /// Minutes a code is good.
    pub minutes: i64,
    /// What is wrong.
    pub error: Option<String>,
}

impl CodePage {
    fn new(visit: &Visit, phone: String, error: Option<String>) -> Self {
        let s =
            Shell { back: visit.path("/track"), rest: "/track".into(), ..visit.shell(visit.language.t("track-title")) };
        Self { s, phone, minutes: phone::GOOD / 60_000, error }
    }
}

/// The orders of a phone.
#[derive(Debug, Template)]
#[template(path = "portal/mine.html")]
pub struct MinePage {
    /// What surrounds it.
    pub s: Shell,
    /// Number, how it begins, state in words, when.
    pub found: Vec<(String, String, String, String)>,
}

fn typed(form: &crate::ui::form::Form) -> String {
    clean(form.get("phone").unwrap_or_default()).chars().take(LONGEST).collect()
}

/// `POST /p/track/phone`: sends a code.
pub async fn ask(visit: Visit, request: Request) -> Response {
    let answer = send_code(&visit, request).await;
    visit.answer(answer)
}

async fn send_code(visit: &Visit, request: Request) -> Answer {
    let (l, app) = (visit.language, &visit.site.app);
    let (form, _) = visit.read(request, &Actor::visitor("track")).await?;
    if !phone::is_offered(app) {
        return visit.go("/track", Vec::new());
    }
    let phone = typed(&form);
    let again = |status: StatusCode, words: String| {
        let page = AskPage { phone_error: Some(words), ..AskPage::new(visit, String::new(), None) };
        visit.show_as(status, &page)
    };
    let waits = |minutes: i64| again(StatusCode::TOO_MANY_REQUESTS, l.put("track-wait", "minutes", minutes));
    if !visit.allow(Doing::Code) {
        return waits(30);
    }
    if !huiyin_app::portal::send::is_phone(app, &phone) {
        return again(StatusCode::UNPROCESSABLE_ENTITY, l.t("phone-wrong"));
    }
    match phone::ask(app, &phone, l.code(), visit.address).await {
        Ok(()) => visit.show(&CodePage::new(visit, phone, None)),
        Err(Denied::Wait { minutes }) => waits(minutes),
        Err(Denied::Wrong) => visit.go("/track", Vec::new()),
        Err(Denied::Failed(error)) => Err(error.into()),
    }
}

/// `POST /p/track/code`: lets somebody in.
pub async fn open(visit: Visit, request: Request) -> Response {
    let answer = let_in(&visit, request).await;
    visit.answer(answer)
}

async fn let_in(visit: &Visit, request: Request) -> Answer {
    let (l, app) = (visit.language, &visit.site.app);
    let (form, _) = visit.read(request, &Actor::visitor("track")).await?;
    if !phone::is_offered(app) {
        return visit.go("/track", Vec::new());
    }
    let phone = typed(&form);
    let again =
        |status: StatusCode, words: String| visit.show_as(status, &CodePage::new(visit, phone.clone(), Some(words)));
    if !visit.allow(Doing::Code) {
        return again(StatusCode::TOO_MANY_REQUESTS, l.put("track-wait", "minutes", 30));
    }
    match phone::by_code(app, &phone, form.get("code").unwrap_or_default(), visit.address).await {
        Ok(held) => visit.go("/track/mine", vec![visit.set(PHONE, &phone::ticket(app, &held), TICKET_LASTS)]),
        Err(Denied::Wrong) => again(StatusCode::UNPROCESSABLE_ENTITY, l.t("phone-code-wrong")),
        Err(Denied::Wait { minutes }) => again(StatusCode::TOO_MANY_REQUESTS, l.put("track-wait", "minutes", minutes)),
        Err(Denied::Failed(error)) => Err(error.into()),
    }
}

impl Visit {
    /// The phone this browser has shown to hold.
    fn held(&self) -> Option<Held> {
        self.cookie(PHONE).and_then(|ticket| phone::open_ticket(&self.site.app, ticket))
    }
}

/// `GET /p/track/mine`.
pub async fn mine(visit: Visit) -> Response {
    let answer = show_mine(&visit).await;
    visit.answer(answer)
}

async fn show_mine(visit: &Visit) -> Answer {
    let (l, app) = (visit.language, &visit.site.app);
    let Some(held) = visit.held() else { return visit.go("/track?over=1", Vec::new()) };
    let line = |one: phone::Own| (one.no, one.title, l.code_of("state", &one.state), say::moment(app, l, one.at));
    let found = phone::own(app, &held).await?.into_iter().map(line).collect();
    visit.show(&MinePage { s: Shell { back: visit.path("/track"), ..visit.shell(l.t("mine-title")) }, found })
}

/// `POST /p/track/mine`: opens one.
pub async fn choose(visit: Visit, request: Request) -> Response {
    let answer = open_one(&visit, request).await;
    visit.answer(answer)
}

async fn open_one(visit: &Visit, request: Request) -> Answer {
    let app = &visit.site.app;
    let (form, _) = visit.read(request, &Actor::visitor("track")).await?;
    let Some(held) = visit.held() else { return visit.go("/track?over=1", Vec::new()) };
    let proof = phone::proof(app, &held, form.get("no").unwrap_or_default()).await?;
    let proof = proof.ok_or(CommandError::NotFound)?;
    visit.go(&format!("/track/{}", proof.no), vec![visit.set(TICKET, &access::ticket(app, &proof), TICKET_LASTS)])
}
