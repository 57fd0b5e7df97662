//! A matter in three steps: what and where, how to be reached, look again and send. What is typed is kept after every step,
//! right or wrong; what is wrong is said on the page of the step, which is read again like any other.

use askama::Template;
use axum::{
    extract::{Path, Request},
    http::HeaderValue,
    response::Response,
};
use huiyin_app::{
    Actor, CommandError,
    portal::{
        draft::{self, Draft, DraftFile},
        send,
        similar::{self, Similar},
    },
};

use super::{
    Answer, DRAFT, DRAFT_LASTS, Doing, LOOK, LOOK_LASTS, Language, Look, Shell, Trouble, Visit, Wrong, base, clean,
    filters, say,
};
use crate::ui::form::Form;

/// Most files of a matter.
const FILES: usize = huiyin_core::order::MAX_FILES;
/// Longest place, name or address, in characters.
const LINE: usize = 200;
/// Kinds of which a place must be said.
const WITH_PLACE: &[&str] = &["complaint", "help", "report"];

/// A draft and the token it lies under.
struct Writing {
    token: String,
    draft: Draft,
}

impl Visit {
    /// What this browser is writing. What was sent is written no more.
    async fn writing(&self) -> Result<Option<Writing>, CommandError> {
        let Some(token) = self.cookie(DRAFT) else { return Ok(None) };
        let found = draft::open(&self.site.app, token).await?;
        Ok(found.map(|draft| Writing { token: token.to_owned(), draft }))
    }

    /// What it is writing and has not sent.
    async fn unsent(&self) -> Result<Option<Writing>, CommandError> {
        Ok(self.writing().await?.filter(|writing| writing.draft.sent.is_none()))
    }

    fn draft_cookie(&self, token: &str) -> HeaderValue {
        self.set(DRAFT, token, DRAFT_LASTS)
    }

    /// The same page with other letters or in another language, where a button asks for it.
    fn switched(&self, form: &Form, rest: &str, token: &str) -> Option<Answer> {
        let mut cookies = vec![self.draft_cookie(token)];
        if let Some(look) = form.get("_look") {
            cookies.push(self.set(LOOK, Look::of(Some(look)).code(), LOOK_LASTS));
            return Some(self.go(rest, cookies));
        }
        let to = Language::ALL.iter().find(|language| Some(language.code()) == form.get("_lang"))?;
        Some(self.go_to(&format!("{}{rest}", base(*to)), cookies))
    }
}

/// The first step.
#[derive(Template)]
#[template(path = "portal/matter.html")]
pub struct MatterPage {
    /// What surrounds it.
    pub s: Shell,
    /// What was typed.
    pub draft: Draft,
    /// Kinds: code, words, whether it is chosen.
    pub kinds: Vec<(String, String, bool)>,
    /// What is wrong.
    pub wrong: Vec<Wrong>,
    /// Files there is room for.
    pub room: usize,
    /// Whether it was just kept.
    pub kept: bool,
    /// Whether what was typed before is gone.
    pub lost: bool,
    /// Sent twice, its files are taken once.
    pub key: String,
}

impl MatterPage {
    /// What is wrong with a field.
    pub fn error(&self, field: &str) -> Option<&str> {
        error(&self.wrong, field)
    }
}

fn error<'a>(wrong: &'a [Wrong], field: &str) -> Option<&'a str> {
    wrong.iter().find(|one| one.field == field).map(|one| one.words.as_str())
}

/// `GET /p/new`: from the first page, perhaps with a kind.
pub async fn begin(visit: Visit) -> Response {
    let kind = visit.query.get("kind").filter(|kind| visit.site.app.pack.kind(kind).is_some());
    let to = kind.map_or_else(|| "/new/1".to_owned(), |kind| format!("/new/1?kind={kind}"));
    visit.answer(visit.go(&to, Vec::new()))
}

fn wrong_matter(l: Language, draft: &Draft) -> Vec<Wrong> {
    let mut wrong = Vec::new();
    let length = draft.what.chars().count();
    let mut add = |field, words| wrong.push(Wrong { field, words });
    if draft.kind.is_empty() {
        add("kind", l.t("kind-missing"));
    }
    if length < send::SHORTEST {
        add("what", l.t("what-short"));
    } else if length > send::LONGEST {
        add("what", l.say("what-long", &[("most", &send::LONGEST.to_string()), ("now", &length.to_string())]));
    }
    if draft.place.is_empty() && WITH_PLACE.contains(&draft.kind.as_str()) {
        add("place", l.t("place-missing"));
    } else if draft.place.chars().count() > LINE {
        add("place", l.put("line-long", "most", LINE));
    }
    wrong
}

fn wrong_contact(l: Language, app: &huiyin_app::App, draft: &Draft) -> Vec<Wrong> {
    let mut wrong = Vec::new();
    let mut add = |field, words| wrong.push(Wrong { field, words });
    if draft.anonymous {
        return wrong;
    }
    for (field, text) in [("name", &draft.name), ("phone", &draft.phone), ("email", &draft.email)] {
        if text.chars().count() > LINE {
            add(field, l.put("line-long", "most", LINE));
        }
    }
    if draft.phone.is_empty() && draft.email.is_empty() {
        add("phone", l.t("phone-missing"));
    } else if !draft.phone.is_empty() && !send::is_phone(app, &draft.phone) {
        add("phone", l.t("phone-wrong"));
    }
    let sound = |email: &str| email.split_once('@').is_some_and(|(name, host)| !name.is_empty() && host.contains('.'));
    if !draft.email.is_empty() && !sound(&draft.email) {
        add("email", l.t("email-wrong"));
    }
    wrong
}

/// Why a file was not taken, as the address says it.
pub(super) fn file_fault(error: &CommandError) -> &'static str {
    match error {
        CommandError::TooLarge { .. } => "large",
        CommandError::TooMany { .. } => "busy",
        CommandError::Invalid { message, .. } if message.contains("kinds are taken") => "kind",
        CommandError::Invalid { message, .. } if message.contains("save it anew") => "unsafe",
        _ => "broken",
    }
}

pub(super) fn file_words(l: Language, code: &str) -> Option<Wrong> {
    let words = match code {
        "large" => l.t("file-large"),
        "busy" => l.t("file-busy"),
        "kind" => l.t("file-kind"),
        "unsafe" => l.t("file-unsafe"),
        "many" => l.put("file-many", "most", FILES),
        "broken" => l.t("file-broken"),
        _ => return None,
    };
    Some(Wrong { field: "files", words })
}

/// `GET /p/new/1`.
pub async fn matter(visit: Visit) -> Response {
    let answer = show_matter(&visit).await;
    visit.answer(answer)
}

async fn show_matter(visit: &Visit) -> Answer {
    let (l, app) = (visit.language, &visit.site.app);
    let mut draft = visit.unsent().await?.map_or_else(|| Draft::new(app.now()), |writing| writing.draft);
    if let Some(kind) = visit.query.get("kind").filter(|kind| draft.kind.is_empty() && app.pack.kind(kind).is_some()) {
        draft.kind = kind.to_owned();
    }
    let mut wrong = if visit.query.has("check") { wrong_matter(l, &draft) } else { Vec::new() };
    wrong.extend(visit.query.get("file").and_then(|code| file_words(l, code)));
    let kinds = ["complaint", "help", "consultation", "report", "suggestion", "praise"];
    let kinds = kinds.into_iter().filter(|code| app.pack.kind(code).is_some());
    let page = MatterPage {
        s: Shell { form: true, ..visit.shell(l.t("step-1")) },
        kinds: kinds.map(|code| (code.to_owned(), l.code_of("kind", code), code == draft.kind)).collect(),
        room: FILES.saturating_sub(draft.files.len()),
        kept: visit.query.has("kept"),
        lost: visit.query.has("lost"),
        key: app.id(),
        wrong,
        draft,
    };
    visit.show(&page)
}

/// `POST /p/new/1`.
pub async fn keep_matter(visit: Visit, request: Request) -> Response {
    let answer = take_matter(&visit, request).await;
    visit.answer(answer)
}

async fn take_matter(visit: &Visit, request: Request) -> Answer {
    if !visit.allow(Doing::Keep) {
        return Err(Trouble::TooMuch(Vec::new()));
    }
    let app = &visit.site.app;
    let known = visit.unsent().await;
    // What is typed is read even when the database is away: it is shown, to be copied.
    let (writing, away) = match known {
        Ok(writing) => (writing, None),
        Err(error) => (None, Some(error)),
    };
    if writing.is_none() && !visit.allow(Doing::Draft) {
        let (form, _) = visit.read(request, &Actor::visitor("nobody")).await?;
        let typed = |name: &str| clean(form.get(name).unwrap_or_default());
        return Err(Trouble::TooMuch(vec![typed("what"), typed("place")]));
    }
    let Writing { token, mut draft } =
        writing.unwrap_or_else(|| Writing { token: draft::token(app), draft: Draft::new(app.now()) });
    let (form, untaken) = visit.read(request, &send::visitor(&token)).await?;
    let typed = |name: &str| clean(form.get(name).unwrap_or_default());
    let kept = || vec![typed("what"), typed("place")];
    if let Some(error) = away {
        return Err(Trouble::Failed(error, kept()));
    }
    // A field no person sees: who fills it in is none.
    if form.get("website").is_some() {
        return Err(Trouble::TooMuch(kept()));
    }
    draft.kind = typed("kind");
    if app.pack.kind(&draft.kind).is_none() {
        draft.kind.clear();
    }
    draft.what = typed("what").chars().take(send::LONGEST * 3).collect();
    draft.place = typed("place").chars().take(LINE * 3).collect();
    let mut fault = untaken.as_ref().map(file_fault);
    draft.files.retain(|file| !form.all("drop").any(|id| id == file.id));
    for id in form.all("files") {
        if draft.files.iter().any(|file| file.id == id) {
            continue;
        }
        // Only what was stored with this form: its name stands beside it.
        let Some(name) = form.get(&format!("_file_{id}")) else { continue };
        if draft.files.len() < FILES {
            draft.files.push(DraftFile { id: id.to_owned(), name: name.to_owned() });
        } else {
            fault = Some("many");
        }
    }
    draft::keep(app, &token, &draft).await.map_err(|error| Trouble::Failed(error, kept()))?;
    if let Some(answer) = visit.switched(&form, "/new/1", &token) {
        return answer;
    }
    let cookie = vec![visit.draft_cookie(&token)];
    if form.get("_go") == Some("keep") && fault.is_none() {
        return visit.go("/new/1?kept=1", cookie);
    }
    let wrong = !wrong_matter(visit.language, &draft).is_empty();
    match (fault, wrong) {
        (Some(code), _) => {
            return visit.go(&format!("/new/1?file={code}{}", if wrong { "&check=1" } else { "" }), cookie);
        }
        (None, true) => return visit.go("/new/1?check=1", cookie),
        (None, false) => {}
    }
    let alike = match draft.follow {
        Some(_) => Vec::new(),
        None => similar::to(app, &draft.kind, &draft.what, &draft.place).await?,
    };
    visit.go(if alike.is_empty() { "/new/2" } else { "/similar" }, cookie)
}

/// Open matters like it.
#[derive(Template)]
#[template(path = "portal/similar.html")]
pub struct SimilarPage {
    /// What surrounds it.
    pub s: Shell,
    /// Id, subject, area, state in words.
    pub found: Vec<(String, String, String, String)>,
}

/// `GET /p/similar`.
pub async fn similar(visit: Visit) -> Response {
    let answer = show_similar(&visit).await;
    visit.answer(answer)
}

async fn show_similar(visit: &Visit) -> Answer {
    let (l, app) = (visit.language, &visit.site.app);
    let Some(Writing { draft, .. }) = visit.unsent().await? else { return visit.go("/new/1?lost=1", Vec::new()) };
    let found = similar::to(app, &draft.kind, &draft.what, &draft.place).await?;
    if found.is_empty() {
        return visit.go("/new/2", Vec::new());
    }
    let line = |one: Similar| {
        let state = match one.state.as_str() {
            "registered" | "intake" => l.t("state-accepted"),
            "assigned" => l.t("state-with-unit"),
            _ => l.t("state-review"),
        };
        (one.id, one.subject.join(" · "), one.area, state)
    };
    let found = found.into_iter().map(line).collect();
    let s = Shell { back: visit.path("/new/1"), ..visit.shell(l.t("similar-title")) };
    visit.show(&SimilarPage { s, found })
}

/// `POST /p/similar`: goes along with one, or with none.
pub async fn follow(visit: Visit, request: Request) -> Response {
    let answer = choose(&visit, request).await;
    visit.answer(answer)
}

async fn choose(visit: &Visit, request: Request) -> Answer {
    let app = &visit.site.app;
    let Some(Writing { token, mut draft }) = visit.unsent().await? else {
        return visit.go("/new/1?lost=1", Vec::new());
    };
    let (form, _) = visit.read(request, &send::visitor(&token)).await?;
    let offered = similar::to(app, &draft.kind, &draft.what, &draft.place).await?;
    draft.follow = form.get("follow").filter(|id| offered.iter().any(|one| one.id == *id)).map(str::to_owned);
    draft::keep(app, &token, &draft).await?;
    visit.go("/new/2", vec![visit.draft_cookie(&token)])
}

/// The second step.
#[derive(Template)]
#[template(path = "portal/contact.html")]
pub struct ContactPage {
    /// What surrounds it.
    pub s: Shell,
    /// What was typed.
    pub draft: Draft,
    /// Whether units are not to learn who it is.
    pub secret: bool,
    /// Whether the pack has it so for the kind.
    pub secret_kind: bool,
    /// What is wrong.
    pub wrong: Vec<Wrong>,
}

impl ContactPage {
    /// What is wrong with a field.
    pub fn error(&self, field: &str) -> Option<&str> {
        error(&self.wrong, field)
    }
}

/// `GET /p/new/2`.
pub async fn contact(visit: Visit) -> Response {
    let answer = show_contact(&visit).await;
    visit.answer(answer)
}

async fn show_contact(visit: &Visit) -> Answer {
    let (l, app) = (visit.language, &visit.site.app);
    let Some(Writing { draft, .. }) = visit.unsent().await? else { return visit.go("/new/1?lost=1", Vec::new()) };
    if !wrong_matter(l, &draft).is_empty() {
        return visit.go("/new/1?check=1", Vec::new());
    }
    let wrong = if visit.query.has("check") { wrong_contact(l, app, &draft) } else { Vec::new() };
    let page = ContactPage {
        s: Shell { form: true, back: visit.path("/new/1"), ..visit.shell(l.t("step-2")) },
        secret: send::secret(app, &draft),
        secret_kind: send::secret(app, &Draft { secret: None, ..draft.clone() }),
        wrong,
        draft,
    };
    visit.show(&page)
}

/// `POST /p/new/2`.
pub async fn keep_contact(visit: Visit, request: Request) -> Response {
    let answer = take_contact(&visit, request).await;
    visit.answer(answer)
}

async fn take_contact(visit: &Visit, request: Request) -> Answer {
    if !visit.allow(Doing::Keep) {
        return Err(Trouble::TooMuch(Vec::new()));
    }
    let app = &visit.site.app;
    let Some(Writing { token, mut draft }) = visit.unsent().await? else {
        return visit.go("/new/1?lost=1", Vec::new());
    };
    let (form, _) = visit.read(request, &send::visitor(&token)).await?;
    let typed = |name: &str| clean(form.get(name).unwrap_or_default()).chars().take(LINE * 3).collect::<String>();
    draft.name = typed("name");
    draft.phone = typed("phone");
    draft.email = typed("email");
    draft.secret = Some(form.get("secret").is_some());
    draft.anonymous = form.get("_go") == Some("anonymous");
    draft::keep(app, &token, &draft)
        .await
        .map_err(|error| Trouble::Failed(error, vec![draft.name.clone(), draft.phone.clone(), draft.email.clone()]))?;
    if let Some(answer) = visit.switched(&form, "/new/2", &token) {
        return answer;
    }
    let right = wrong_contact(visit.language, app, &draft).is_empty();
    visit.go(if right { "/new/3" } else { "/new/2?check=1" }, vec![visit.draft_cookie(&token)])
}

/// The third step.
#[derive(Template)]
#[template(path = "portal/check.html")]
pub struct CheckPage {
    /// What surrounds it.
    pub s: Shell,
    /// What was typed.
    pub draft: Draft,
    /// The phone number without its middle.
    pub phone: String,
    /// Whether units do not learn who it is.
    pub secret: bool,
    /// What is wrong.
    pub wrong: Vec<Wrong>,
    /// The limit there will be, in a sentence.
    pub limit: String,
}

impl CheckPage {
    /// What is wrong with a field.
    pub fn error(&self, field: &str) -> Option<&str> {
        error(&self.wrong, field)
    }
}

/// A number that can be recognised by who knows it.
fn masked(phone: &str) -> String {
    let chars: Vec<char> = phone.chars().filter(|char| !char.is_whitespace()).collect();
    if chars.len() < 8 {
        return phone.to_owned();
    }
    let (first, last): (String, String) = (chars[..3].iter().collect(), chars[chars.len() - 4..].iter().collect());
    format!("{first} **** {last}")
}

/// `GET /p/new/3`.
pub async fn check(visit: Visit) -> Response {
    let answer = show_check(&visit).await;
    visit.answer(answer)
}

/// The step that is not done yet, if one is not.
fn undone(visit: &Visit, draft: &Draft) -> Option<&'static str> {
    if !wrong_matter(visit.language, draft).is_empty() {
        return Some("/new/1?check=1");
    }
    (!wrong_contact(visit.language, &visit.site.app, draft).is_empty()).then_some("/new/2?check=1")
}

async fn show_check(visit: &Visit) -> Answer {
    let (l, app) = (visit.language, &visit.site.app);
    let Some(Writing { draft, .. }) = visit.writing().await? else { return visit.go("/new/1?lost=1", Vec::new()) };
    if let Some(no) = &draft.sent {
        return visit.go(&format!("/done/{no}"), Vec::new());
    }
    if let Some(step) = undone(visit, &draft) {
        return visit.go(step, Vec::new());
    }
    let (_, answered) = send::expected(app, &draft.kind, app.now());
    let wrong = match visit.query.has("check") {
        true => vec![Wrong { field: "agree", words: l.t("agree-missing") }],
        false => Vec::new(),
    };
    let page = CheckPage {
        s: Shell { form: true, back: visit.path("/new/2"), ..visit.shell(l.t("step-3")) },
        phone: masked(&draft.phone),
        secret: send::secret(app, &draft),
        limit: answered.map_or_else(String::new, |limit| l.put("limit-usual", "until", say::until(app, l, &limit.due))),
        wrong,
        draft,
    };
    visit.show(&page)
}

/// `POST /p/new/3`.
pub async fn send(visit: Visit, request: Request) -> Response {
    let answer = send_off(&visit, request).await;
    visit.answer(answer)
}

async fn send_off(visit: &Visit, request: Request) -> Answer {
    let app = &visit.site.app;
    let Some(Writing { token, draft }) = visit.writing().await? else { return visit.go("/new/1?lost=1", Vec::new()) };
    let (form, _) = visit.read(request, &send::visitor(&token)).await?;
    if let Some(answer) = visit.switched(&form, "/new/3", &token) {
        return answer;
    }
    if let Some(no) = &draft.sent {
        return visit.go(&format!("/done/{no}"), Vec::new());
    }
    if let Some(step) = undone(visit, &draft) {
        return visit.go(step, Vec::new());
    }
    if form.get("agree").is_none() {
        return visit.go("/new/3?check=1", Vec::new());
    }
    if !visit.allow(Doing::Send) {
        return Err(Trouble::TooMuch(vec![draft.what.clone(), draft.place.clone()]));
    }
    let kept = vec![draft.what.clone(), draft.place.clone()];
    let sent = send::send(app, &token, draft, visit.language.code()).await;
    let sent = match sent {
        // Pressed twice at once: the first is the one.
        Err(CommandError::KeyReused) => {
            let again = draft::open(app, &token).await?.and_then(|draft| send::sent(app, &token, &draft));
            again.ok_or(Trouble::Failed(CommandError::KeyReused, kept))?
        }
        other => other.map_err(|error| Trouble::Failed(error, kept))?,
    };
    visit.go(&format!("/done/{}", sent.no), vec![visit.draft_cookie(&token)])
}

/// Sent.
#[derive(Debug, Template)]
#[template(path = "portal/done.html")]
pub struct DonePage {
    /// What surrounds it.
    pub s: Shell,
    /// The number.
    pub no: String,
    /// The code, in two groups.
    pub code: String,
    /// The code as it is typed.
    pub typed: String,
    /// What happens next: icon, words, when.
    pub next: Vec<(&'static str, String, String)>,
    /// The rule of the answer, in plain words.
    pub rule: String,
    /// Whether nobody can be told.
    pub anonymous: bool,
}

/// `GET /p/done/{no}`.
pub async fn done(visit: Visit, Path(no): Path<String>) -> Response {
    let answer = show_done(&visit, &no).await;
    visit.answer(answer)
}

async fn show_done(visit: &Visit, no: &str) -> Answer {
    let (l, app) = (visit.language, &visit.site.app);
    let found = visit.writing().await?;
    let found = found.and_then(|one| send::sent(app, &one.token, &one.draft).map(|sent| (one.draft, sent)));
    // The code is shown to the browser that sent it and to no other.
    let Some((draft, sent)) = found.filter(|(_, sent)| sent.no == no) else { return visit.go("/track", Vec::new()) };
    let (sent_on, answered) = send::expected(app, &draft.kind, app.now());
    let before = |limit: &Option<send::Expected>| {
        limit.as_ref().map_or_else(String::new, |limit| l.put("at-the-latest", "until", say::until(app, l, &limit.due)))
    };
    let next = vec![
        ("check", l.t("next-received"), say::moment(app, l, app.now())),
        ("split", l.t("next-sent-on"), before(&sent_on)),
        ("building-2", l.t("next-handled"), String::new()),
        ("phone", l.t("next-answer"), before(&answered)),
        ("star", l.t("next-rate"), String::new()),
    ];
    let page = DonePage {
        s: visit.shell(l.t("done-title")),
        code: format!("{} {}", &sent.code[..3], &sent.code[3..]),
        typed: sent.code,
        no: sent.no,
        next,
        rule: answered.map_or_else(String::new, |limit| rule(l, &limit)),
        anonymous: draft.anonymous,
    };
    visit.show(&page)
}

/// A rule in a sentence: as the pack has it in Chinese, by its amount in other languages.
fn rule(l: Language, limit: &send::Expected) -> String {
    let basis = if limit.basis.number.is_empty() { &limit.basis.document } else { &limit.basis.number };
    if l == Language::Zh {
        return format!("{} · {basis}", limit.what);
    }
    let n = usize::try_from(limit.amount).unwrap_or(0);
    let amount = match limit.unit {
        "minute" => l.count("within-minute", n),
        "hour" => l.count("within-hour", n),
        "day" => l.count("within-day", n),
        _ => l.count("within-workday", n),
    };
    l.say("rule", &[("amount", &amount), ("basis", basis)])
}
