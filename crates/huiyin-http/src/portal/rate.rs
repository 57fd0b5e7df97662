//! Rating by a link: three questions and a reason.

use askama::Template;
use axum::{
    extract::{Path, Request},
    http::StatusCode,
    response::Response,
};
use huiyin_app::{
    Actor, CommandError,
    portal::rate::{self, Answers, Follows, Over, Rating},
};

use super::{Answer, Doing, Shell, Trouble, Visit, Wrong, clean, filters};
use crate::ui::form::Form;

/// Longest reason, in characters.
const LONGEST: usize = 1_000;

/// The page.
#[derive(Debug, Template)]
#[template(path = "portal/rate.html")]
pub struct RatePage {
    /// What surrounds it.
    pub s: Shell,
    /// What the link leads to.
    pub rating: Rating,
    /// The link's own address.
    pub action: String,
    /// What was typed.
    pub typed: Form,
    /// What is wrong.
    pub wrong: Vec<Wrong>,
    /// How many days a link is good.
    pub days: i64,
}

impl RatePage {
    /// What is wrong with a field.
    pub fn error(&self, field: &str) -> Option<&str> {
        self.wrong.iter().find(|one| one.field == field).map(|one| one.words.as_str())
    }

    /// Whether an answer was chosen.
    pub fn chosen(&self, field: &str, value: &str) -> bool {
        self.typed.get(field) == Some(value)
    }

    /// Why the link is over, in words.
    pub fn over(&self, over: &Over) -> String {
        let code = match over {
            Over::Expired => return self.s.put("rate-over-expired", "days", self.days),
            Over::Redone => "redone",
            Over::Closed => "closed",
            Over::Unknown => "unknown",
        };
        self.s.code_of("rate-over", code)
    }

    /// What the rating set off, in words.
    pub fn follows(&self, follows: &Follows) -> String {
        let code = match follows {
            Follows::Nothing => "nothing",
            Follows::Check => "check",
            Follows::Reopening => "reopening",
        };
        self.s.code_of("rate-follows", code)
    }

    /// The reason as typed.
    pub fn said(&self) -> &str {
        self.typed.get("said").unwrap_or_default()
    }
}

/// `GET /p/rate/{token}`.
pub async fn show(visit: Visit, Path(token): Path<String>) -> Response {
    let answer = page(&visit, &token, Form::default(), Vec::new()).await;
    visit.answer(answer)
}

async fn page(visit: &Visit, token: &str, typed: Form, wrong: Vec<Wrong>) -> Answer {
    if !visit.allow(Doing::Code) {
        return Err(Trouble::TooMuch(Vec::new()));
    }
    let l = visit.language;
    let rating = rate::find(&visit.site.app, token).await?;
    let status = match (&rating, wrong.is_empty()) {
        (Rating::Over(_), _) => StatusCode::GONE,
        (_, false) => StatusCode::UNPROCESSABLE_ENTITY,
        _ => StatusCode::OK,
    };
    let page = RatePage {
        s: visit.shell(l.t("rate-title")),
        action: visit.rest.split('?').next().unwrap_or_default().to_owned(),
        days: rate::GOOD / (24 * 3_600_000),
        rating,
        typed,
        wrong,
    };
    visit.show_as(status, &page)
}

/// `POST /p/rate/{token}`.
pub async fn send(visit: Visit, Path(token): Path<String>, request: Request) -> Response {
    let answer = take(&visit, &token, request).await;
    visit.answer(answer)
}

async fn take(visit: &Visit, token: &str, request: Request) -> Answer {
    let l = visit.language;
    let (form, _) = visit.read(request, &Actor::visitor("rate")).await?;
    let said: String = clean(form.get("said").unwrap_or_default());
    let mut wrong = Vec::new();
    let mut choice = |field: &'static str, known: &[&str]| {
        let chosen = form.get(field).filter(|value| known.contains(value));
        if chosen.is_none() {
            wrong.push(Wrong { field, words: l.t("choose") });
        }
        chosen.unwrap_or_default().to_owned()
    };
    let solved = choice("solved", &["yes", "partly", "no"]);
    let satisfied = choice("satisfied", &["5", "3", "1"]);
    let contacted = choice("contacted", &["yes", "no"]);
    if said.chars().count() > LONGEST {
        wrong.push(Wrong { field: "said", words: l.put("text-wrong", "most", LONGEST) });
    }
    if !wrong.is_empty() {
        return page(visit, token, form, wrong).await;
    }
    let partly = if solved == "partly" { "（诉求人选择：部分解决）" } else { "" };
    let answers = Answers {
        contacted: contacted == "yes",
        solved: solved == "yes",
        satisfied: satisfied.parse().unwrap_or(1),
        said: format!("{said}{partly}"),
    };
    match rate::answer(&visit.site.app, token, &answers).await {
        Ok(_) => visit.go(&format!("/rate/{token}"), Vec::new()),
        Err(CommandError::NotFound | CommandError::Refused(_)) => page(visit, token, form, Vec::new()).await,
        Err(error) => Err(Trouble::Failed(error, vec![said])),
    }
}
