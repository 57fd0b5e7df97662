//! An order by number and code: what has happened, who has it and until when; add facts, urge, take back, rate.

use askama::Template;
use axum::{
    extract::{Path, Request},
    http::StatusCode,
    response::Response,
};
use huiyin_app::{
    Actor, App, CommandError,
    portal::{
        access::{self, Denied, Proof},
        rate as rating, track,
    },
};

use super::{Answer, Doing, Shell, TICKET, TICKET_LASTS, Trouble, Visit, Wrong, clean, filters, say, steps};

/// Longest text that is added, in characters.
const LONGEST: usize = 2_000;

/// Number and code are asked for.
#[derive(Debug, Template)]
#[template(path = "portal/ask.html")]
pub struct AskPage {
    /// What surrounds it.
    pub s: Shell,
    /// The number as typed.
    pub no: String,
    /// What is wrong.
    pub error: Option<String>,
    /// Whether a code may be asked for by phone.
    pub by_phone: bool,
    /// What is wrong with the phone.
    pub phone_error: Option<String>,
}

impl AskPage {
    pub(super) fn new(visit: &Visit, no: String, error: Option<String>) -> Self {
        let by_phone = huiyin_app::portal::phone::is_offered(&visit.site.app);
        Self { s: visit.shell(visit.language.t("track-title")), no, error, by_phone, phone_error: None }
    }
}

/// `GET /p/track`.
pub async fn ask(visit: Visit) -> Response {
    let l = visit.language;
    let no: String = clean(visit.query.get("no").unwrap_or_default()).chars().take(40).collect();
    let error = visit.query.has("over").then(|| l.t("track-over"));
    visit.answer(visit.show(&AskPage::new(&visit, no, error)))
}

/// `POST /p/track`.
pub async fn open(visit: Visit, request: Request) -> Response {
    let answer = let_in(&visit, request).await;
    visit.answer(answer)
}

async fn let_in(visit: &Visit, request: Request) -> Answer {
    let l = visit.language;
    let (form, _) = visit.read(request, &Actor::visitor("track")).await?;
    let no: String = clean(form.get("no").unwrap_or_default()).chars().take(40).collect();
    let again =
        |status: StatusCode, words: String| visit.show_as(status, &AskPage::new(visit, no.clone(), Some(words)));
    if !visit.allow(Doing::Code) {
        return again(StatusCode::TOO_MANY_REQUESTS, l.put("track-wait", "minutes", 30));
    }
    let Some(code) = form.get("code").filter(|_| !no.is_empty()) else {
        return again(StatusCode::UNPROCESSABLE_ENTITY, l.t("track-both"));
    };
    match access::by_code(&visit.site.app, &no, code, visit.address).await {
        Ok(proof) => {
            let ticket = access::ticket(&visit.site.app, &proof);
            visit.go(&format!("/track/{}", proof.no), vec![visit.set(TICKET, &ticket, TICKET_LASTS)])
        }
        Err(Denied::Wrong) => again(StatusCode::UNPROCESSABLE_ENTITY, l.t("track-wrong")),
        Err(Denied::Wait { minutes }) => again(StatusCode::TOO_MANY_REQUESTS, l.put("track-wait", "minutes", minutes)),
        Err(Denied::Failed(error)) => Err(error.into()),
    }
}

impl Visit {
    /// What this browser has shown of an order.
    fn proof(&self, no: &str) -> Option<Proof> {
        self.cookie(TICKET)
            .and_then(|ticket| access::open_ticket(&self.site.app, ticket))
            .filter(|proof| proof.no == no)
    }

    fn ask_again(&self, no: &str) -> Answer {
        let plain: String = no.chars().filter(|char| char.is_ascii_digit() || *char == '-').take(40).collect();
        self.go(&format!("/track?no={plain}&over=1"), Vec::new())
    }
}

/// A step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StepView {
    /// Its words.
    pub words: String,
    /// The unit it happened at, as the register has it.
    pub unit: String,
    /// When.
    pub at: String,
    /// Whether it is the newest and something is still to come.
    pub now: bool,
}

/// An order.
#[derive(Debug, Template)]
#[template(path = "portal/track.html")]
pub struct TrackPage {
    /// What surrounds it.
    pub s: Shell,
    /// The order.
    pub order: track::Tracked,
    /// Where it stands, in words.
    pub state: String,
    /// Its kind, in words.
    pub kind: String,
    /// Who has it, in a sentence: what stands before and after the unit's name.
    pub who: Option<(String, String)>,
    /// Until when, in a sentence.
    pub until: String,
    /// Colour of the limit.
    pub level: &'static str,
    /// How much of it is gone, in steps of five of a hundred.
    pub gone: i64,
    /// The rule.
    pub rule: String,
    /// What has happened.
    pub steps: Vec<StepView>,
    /// What the last form came to.
    pub said: Option<String>,
    /// What was typed and not taken.
    pub typed: String,
    /// What is wrong.
    pub wrong: Vec<Wrong>,
    /// Sent twice it is one.
    pub key: String,
}

impl TrackPage {
    /// What is wrong with a field.
    pub fn error(&self, field: &str) -> Option<&str> {
        self.wrong.iter().find(|one| one.field == field).map(|one| one.words.as_str())
    }
}

/// `GET /p/track/{no}`.
pub async fn show(visit: Visit, Path(no): Path<String>) -> Response {
    let answer = page(&visit, &no, String::new(), Vec::new()).await;
    visit.answer(answer)
}

async fn page(visit: &Visit, no: &str, typed: String, wrong: Vec<Wrong>) -> Answer {
    let (l, app) = (visit.language, &visit.site.app);
    let Some(proof) = visit.proof(no) else { return visit.ask_again(no) };
    let order = track::look(app, &proof).await?;
    let (until, level, gone, rule) = match &order.until {
        None => (String::new(), "done", 100, String::new()),
        Some(limit) => {
            let whole = (limit.due.at.ms() - limit.start.ms()).max(1);
            let gone = ((app.now().ms() - limit.start.ms()) * 20 / whole * 5).clamp(0, 100);
            let level = match () {
                () if limit.missed => "over",
                () if gone >= 75 => "soon",
                () => "ok",
            };
            let when = say::until(app, l, &limit.due);
            let words = match (limit.missed, limit.of_answer) {
                (true, _) => l.put("until-missed", "until", when),
                (false, false) => l.put("until-sent-on", "until", when),
                (false, true) => l.put("until-answer", "until", when),
            };
            let basis = if limit.basis.number.is_empty() { &limit.basis.document } else { &limit.basis.number };
            let rule = match l {
                _ if !limit.of_answer => String::new(),
                super::Language::Zh => format!("{} · {basis}", limit.what),
                _ => l.put("basis", "basis", basis),
            };
            (words, level, gone, rule)
        }
    };
    let who = match (order.over, order.unit.is_empty()) {
        (false, false) => l.put("has-it", "unit", "\0").split_once('\0').map(|(a, b)| (a.to_owned(), b.to_owned())),
        _ => None,
    };
    // What is under way is the newest step that is not the claimant's own.
    let under_way = order.steps.iter().position(|step| !track::PERSONAL.contains(&step.what)).unwrap_or(0);
    let under_way = (!order.over).then_some(under_way);
    let steps = order.steps.iter().enumerate().map(|(at, step)| StepView {
        words: l.code_of("step", step.what),
        unit: step.unit.clone(),
        at: say::moment(app, l, step.at),
        now: Some(at) == under_way,
    });
    let said = match visit.query.get("said") {
        Some("added") => Some(l.t("said-added")),
        Some("urged") => Some(l.t("said-urged")),
        Some("withdraw") => Some(l.t("said-withdraw")),
        _ => None,
    };
    let view = TrackPage {
        s: visit.shell(l.t("track-title")),
        state: l.code_of("state", &order.state),
        kind: kind_words(app, l, order.kind.as_deref().or(order.claimed_kind.as_deref())),
        who,
        until,
        level,
        gone,
        rule,
        steps: steps.collect(),
        said,
        key: app.id(),
        order,
        typed,
        wrong,
    };
    let status = if view.wrong.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    visit.show_as(status, &view)
}

/// A kind as the pack calls it.
fn kind_words(app: &App, l: super::Language, code: Option<&str>) -> String {
    let kind = code.and_then(|code| app.pack.kind(code));
    kind.and_then(|kind| app.pack.in_language(&kind.label, l.code())).unwrap_or_default().to_owned()
}

/// What a claimant does with a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Act {
    Add,
    Urge,
    Withdraw,
}

/// `POST /p/track/{no}/add`.
pub async fn add(visit: Visit, Path(no): Path<String>, request: Request) -> Response {
    let answer = act(&visit, &no, request, Act::Add).await;
    visit.answer(answer)
}

/// `POST /p/track/{no}/urge`.
pub async fn urge(visit: Visit, Path(no): Path<String>, request: Request) -> Response {
    let answer = act(&visit, &no, request, Act::Urge).await;
    visit.answer(answer)
}

/// `POST /p/track/{no}/withdraw`.
pub async fn withdraw(visit: Visit, Path(no): Path<String>, request: Request) -> Response {
    let answer = act(&visit, &no, request, Act::Withdraw).await;
    visit.answer(answer)
}

async fn act(visit: &Visit, no: &str, request: Request, what: Act) -> Answer {
    let app = &visit.site.app;
    if !visit.allow(Doing::Keep) {
        return Err(Trouble::TooMuch(Vec::new()));
    }
    let Some(proof) = visit.proof(no) else { return visit.ask_again(no) };
    let actor = Actor::claimant_of(&proof.order, &proof.claimant);
    let (form, untaken) = visit.read(request, &actor).await?;
    let text = clean(form.get("text").unwrap_or_default());
    let back = |query: &str| visit.go(&format!("/track/{no}?{query}"), Vec::new());
    let l = visit.language;
    if let Some(error) = untaken {
        let words = steps::file_words(l, steps::file_fault(&error)).map_or_else(String::new, |wrong| wrong.words);
        return page(visit, no, text, vec![Wrong { field: "files", words }]).await;
    }
    if text.chars().count() > LONGEST || (what == Act::Add && text.is_empty()) {
        let words = l.put("text-wrong", "most", LONGEST);
        return page(visit, no, text, vec![Wrong { field: "text", words }]).await;
    }
    let key = form.get("_key");
    let files: Vec<String> = form.all("files").map(str::to_owned).collect();
    let failed = |error: CommandError| Trouble::Failed(error, vec![text.clone()]);
    match what {
        Act::Add => track::add(app, &proof, &text, &files, key).await.map(drop).map_err(failed)?,
        Act::Urge => track::urge(app, &proof, &text, key).await.map(drop).map_err(failed)?,
        Act::Withdraw => track::ask_to_withdraw(app, &proof, &text, key).await.map_err(failed)?,
    }
    back(match what {
        Act::Add => "said=added",
        Act::Urge => "said=urged",
        Act::Withdraw => "said=withdraw",
    })
}

/// `POST /p/track/{no}/rate`: to the page that rates it.
pub async fn rate(visit: Visit, Path(no): Path<String>, request: Request) -> Response {
    let answer = to_rating(&visit, &no, request).await;
    visit.answer(answer)
}

async fn to_rating(visit: &Visit, no: &str, request: Request) -> Answer {
    let Some(proof) = visit.proof(no) else { return visit.ask_again(no) };
    visit.read(request, &Actor::visitor("track")).await?;
    let token = rating::token_for(&visit.site.app, &proof).await?;
    visit.go(&format!("/rate/{token}"), Vec::new())
}

/// `POST /p/track/{no}/leave`: this browser is let in no longer.
pub async fn leave(visit: Visit, Path(_): Path<String>, request: Request) -> Response {
    let answer = match visit.read(request, &Actor::visitor("track")).await {
        Ok(_) => visit.go("/", vec![visit.set(TICKET, "", 0), visit.set(super::PHONE, "", 0)]),
        Err(trouble) => Err(trouble),
    };
    visit.answer(answer)
}
