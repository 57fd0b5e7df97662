//! `/admin/rules/versions`: a new version of the rules is written or uploaded, checked, tried on past orders, approved by a
//! second person, and in force from its day on.

use askama::Template;
use axum::{
    extract::{DefaultBodyLimit, FromRequest, FromRequestParts as _, Multipart, Path, RawQuery, Request, State},
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use huiyin_app::{
    CommandError,
    policy::{
        Simulation,
        versions::{self, MAX_FILES, MAX_TEXTS, PackVersion, Texts, Unfit},
    },
};
use huiyin_core::{
    policy::{
        Fault as PackFault,
        entries::{Change, compare, entries},
    },
    time::Day,
};

use super::super::{
    error::Fault,
    field::{Problem, Tried},
    filters,
    form::Form,
    frame::Frame,
    session::{self, Ctx, Posted},
    show, words,
};
use crate::Site;

/// Changes listed at once.
const LISTED: usize = 200;

/// A version in the list.
#[derive(Debug)]
pub struct VersionRow {
    /// Its number.
    pub no: i64,
    /// The version its head names.
    pub version: String,
    /// What changes and why.
    pub note: String,
    /// How it stands.
    pub state: (&'static str, &'static str),
    /// Who wrote it, and when.
    pub made: String,
    /// From which day.
    pub from: String,
}

/// What was sent and cannot be taken as it is.
#[derive(Debug, Default)]
pub struct Draft {
    /// The version it is written over; empty for the rules in force.
    pub base: String,
    /// The file that is written.
    pub file: String,
    /// Its text.
    pub text: String,
    /// What changes and why.
    pub note: String,
}

/// The list, with the form for an upload.
#[derive(Debug, Template)]
#[template(path = "rule_versions.html")]
pub struct VersionsPage {
    /// What surrounds it.
    pub frame: Frame,
    /// Versions, the newest first.
    pub versions: Vec<VersionRow>,
    /// Files of the rules in force.
    pub files: Vec<String>,
    /// What is in force.
    pub in_force: String,
    /// What stood in the form.
    pub draft: Draft,
    /// What is wrong with what was uploaded.
    pub faults: Vec<String>,
}

/// One file, to be written.
#[derive(Debug, Template)]
#[template(path = "rule_edit.html")]
pub struct EditPage {
    /// What surrounds it.
    pub frame: Frame,
    /// What stands in the form.
    pub draft: Draft,
    /// What is wrong with it.
    pub faults: Vec<String>,
}

/// An entry that changes.
#[derive(Debug)]
pub struct ChangeRow {
    /// Its section and name.
    pub name: String,
    /// `new`, `gone` or `changed`.
    pub how: &'static str,
    /// Field, what stood there, what stands there.
    pub fields: Vec<(String, String, String)>,
    /// File and line.
    pub place: String,
}

/// A version.
#[derive(Debug, Template)]
#[template(path = "rule_version.html")]
pub struct VersionPage {
    /// What surrounds it.
    pub frame: Frame,
    /// The version.
    pub row: VersionRow,
    /// Who decided, and when.
    pub decided: Option<String>,
    /// What differs from the rules in force.
    pub changes: Vec<ChangeRow>,
    /// Changes beyond those listed.
    pub more: usize,
    /// How far a trial is: done, of how many, in percent.
    pub running: Option<(u64, u64, u64)>,
    /// What a trial came to.
    pub trial: Option<Simulation>,
    /// Units and kinds of the trial, in words.
    pub rows: Vec<(String, String, u64, u64, u64)>,
    /// Clocks of the trial, in words: name, count, late, would be late, earlier, later.
    pub limits: Vec<(String, u64, u64, u64, u64, u64)>,
    /// First and last day a trial is offered for.
    pub span: (String, String),
    /// The first day it may be in force.
    pub today: String,
    /// Whether it is a draft.
    pub is_draft: bool,
    /// Whether the person wrote it, and so cannot approve it.
    pub own: bool,
    /// Whether it may be withdrawn.
    pub withdrawable: bool,
}

fn row(ctx: &Ctx, version: &PackVersion) -> VersionRow {
    let who = version.made_by_name.as_deref().unwrap_or(&version.made_by);
    VersionRow {
        no: version.no,
        version: version.version.clone(),
        note: version.note.clone(),
        state: super::state(ctx, version),
        made: format!("{who} · {}", super::when(ctx, version.made_at)),
        from: version.from.map_or_else(|| "—".into(), |day| day.to_string()),
    }
}

/// `GET /admin/rules/versions`.
///
/// # Errors
/// [`Fault`].
pub async fn versions(ctx: Ctx) -> Result<Response, Fault> {
    list(&ctx, Draft::default(), Vec::new(), None).await
}

async fn list(ctx: &Ctx, draft: Draft, faults: Vec<String>, tried: Option<&Tried>) -> Result<Response, Fault> {
    let app = &ctx.site.app;
    let found = versions::list(app, &ctx.actor).await?;
    let page = VersionsPage {
        frame: ctx.frame(t!("rule-versions-title"), "/admin/rules", tried),
        versions: found.iter().map(|version| row(ctx, version)).collect(),
        files: app.rules.files.iter().map(|(name, _)| name.clone()).collect(),
        in_force: match app.rules.no {
            Some(no) => t!("rules-version-named", no, version = app.pack.head().version),
            None => t!("rules-installed", version = app.pack.head().version),
        },
        draft,
        faults,
    };
    ctx.answer(&page, tried)
}

/// `GET /admin/rules/versions/edit`: one file of the rules in force, or of another version.
///
/// # Errors
/// [`Fault`].
pub async fn edit(ctx: Ctx, RawQuery(query): RawQuery) -> Result<Response, Fault> {
    let query = Form::query(query.as_deref());
    let base = query.get("base").unwrap_or_default().to_owned();
    let files = base_files(&ctx, &base).await?;
    let file = query.get("file").unwrap_or_default().to_owned();
    let text = files.into_iter().find(|(name, _)| *name == file).map(|(_, text)| text).ok_or(CommandError::NotFound)?;
    let draft = Draft { base, file, text, note: String::new() };
    ctx.answer(&EditPage { frame: ctx.frame(t!("rules-edit"), "/admin/rules", None), draft, faults: Vec::new() }, None)
}

async fn base_files(ctx: &Ctx, base: &str) -> Result<Texts, Fault> {
    match base.parse::<i64>() {
        Ok(no) => Ok(versions::one(&ctx.site.app, &ctx.actor, no).await?.1),
        Err(_) => Ok(ctx.site.app.rules.files.clone()),
    }
}

/// A form with files of rules, which are texts and no evidence: read, not stored.
struct Sent {
    form: Form,
    files: Texts,
}

async fn sent(request: Request, site: &Site, ctx: &Ctx) -> Result<Sent, Fault> {
    let mut request = request;
    DefaultBodyLimit::max(MAX_TEXTS + site.options.body_limit).apply(&mut request);
    let mut parts = Multipart::from_request(request, site).await.map_err(|_| Fault::Unreadable)?;
    let (mut form, mut files) = (Form::default(), Texts::new());
    while let Some(part) = parts.next_field().await.map_err(|_| Fault::Unreadable)? {
        let name: String = part.name().unwrap_or_default().chars().take(100).collect();
        let file = part.file_name().map(|name| name.chars().take(200).collect::<String>());
        // The token stands first: nothing of another page's form is read on.
        if form.has("_csrf") && !ctx.session.is_own_form(form.get("_csrf").unwrap_or_default()) {
            return Err(Fault::Foreign);
        }
        let bytes = part.bytes().await.map_err(|_| Fault::Unreadable)?;
        match file {
            None => form.0.push((name, String::from_utf8_lossy(&bytes).into_owned())),
            Some(file) if !file.is_empty() && files.len() <= MAX_FILES => {
                files.push((file, String::from_utf8_lossy(&bytes).into_owned()));
            }
            Some(_) => {}
        }
    }
    match ctx.session.is_own_form(form.get("_csrf").unwrap_or_default()) {
        true => Ok(Sent { form, files }),
        false => Err(Fault::Foreign),
    }
}

/// `POST /admin/rules/versions`: a draft, written over the rules in force or another version.
///
/// # Errors
/// [`Fault`]; a pack with faults is the page again, with all of them and what was typed.
pub async fn draft(State(site): State<Site>, request: Request) -> Result<Response, Fault> {
    session::own_page(request.headers())?;
    let (mut parts, body) = request.into_parts();
    let ctx = Ctx::from_request_parts(&mut parts, &site).await?;
    let Sent { form, files } = sent(Request::from_parts(parts, body), &site, &ctx).await?;
    // Lines as a file has them: a browser sends both ends of a line.
    let plain = |text: &str| text.replace("\r\n", "\n");
    let raw = |name: &str| form.0.iter().find(|(known, _)| known == name).map_or("", |(_, value)| value.as_str());
    let draft = Draft {
        base: raw("base").trim().to_owned(),
        file: raw("file").trim().to_owned(),
        text: plain(raw("text")),
        note: plain(raw("note")),
    };
    let writes = !draft.file.is_empty();
    let mut texts = base_files(&ctx, &draft.base).await?;
    let new = if writes { vec![(draft.file.clone(), draft.text.clone())] } else { files };
    if new.is_empty() {
        return again(&ctx, draft, Vec::new(), at("files", t!("rule-edit-no-file"))).await;
    }
    if raw("whole") == "true" {
        texts.clear();
    }
    for (name, text) in new {
        match texts.iter_mut().find(|(known, _)| *known == name) {
            Some((_, old)) => *old = text,
            None => texts.push((name, text)),
        }
    }
    texts.sort();
    match versions::add(&ctx.site.app, &ctx.actor, texts, &draft.note).await {
        Ok(no) => Ok(gone(&ctx, "rules-drafted", no)),
        Err(Unfit::Faults(faults)) => {
            let count = faults.len();
            let title = t!("rule-edit-faults", count);
            again(&ctx, draft, faults.iter().map(PackFault::to_string).collect(), at("text", &title)).await
        }
        Err(Unfit::Error(CommandError::Invalid { field, message })) => {
            let title = match field.as_str() {
                "note" => t!("rule-edit-no-why").to_owned(),
                _ => message,
            };
            again(&ctx, draft, Vec::new(), at(&field, &title)).await
        }
        Err(Unfit::Error(error)) => Err(error.into()),
    }
}

fn at(field: &str, title: &str) -> Problem {
    Problem { title: title.to_owned(), field: Some(field.to_owned()), ..Problem::default() }
}

async fn again(ctx: &Ctx, draft: Draft, faults: Vec<String>, problem: Problem) -> Result<Response, Fault> {
    let tried = Tried::new("", "rules", Form::default(), problem);
    if draft.file.is_empty() {
        return list(ctx, draft, faults, Some(&tried)).await;
    }
    let frame = ctx.frame(t!("rules-edit"), "/admin/rules", Some(&tried));
    ctx.answer(&EditPage { frame, draft, faults }, Some(&tried))
}

fn gone(ctx: &Ctx, what: &str, no: i64) -> Response {
    let to = format!("/admin/rules/versions/{no}");
    let said = session::say(&ctx.site, what);
    (StatusCode::SEE_OTHER, [(header::LOCATION, to)], [(header::SET_COOKIE, said)]).into_response()
}

fn number(version: &str) -> Result<i64, Fault> {
    version.parse().map_err(|_| CommandError::NotFound.into())
}

/// `GET /admin/rules/versions/{version}`.
///
/// # Errors
/// [`Fault`].
pub async fn one(ctx: Ctx, Path(version): Path<String>) -> Result<Response, Fault> {
    page(&ctx, number(&version)?, None).await
}

async fn page(ctx: &Ctx, no: i64, tried: Option<&Tried>) -> Result<Response, Fault> {
    let app = &ctx.site.app;
    let (version, files) = versions::one(app, &ctx.actor, no).await?;
    let changes = compare(&entries(&app.rules.files), &entries(&files));
    let today = app.zone().day(app.now());
    let trial: Option<Simulation> = version.trial.as_deref().and_then(|text| serde_json::from_str(text).ok());
    let pack = &app.pack;
    let unit = |id: &str| show::unit(&ctx.org, &id.into());
    let month = (0..30).fold(today, |day, _| day.previous());
    let page = VersionPage {
        frame: ctx.frame(&t!("rule-version-title", no), "/admin/rules", tried),
        decided: version.decided_at.map(|at| {
            let who = version.decided_by_name.as_deref().or(version.decided_by.as_deref()).unwrap_or_default();
            let what = if version.state == "approved" { t!("rule-approve") } else { t!("word-withdraw") };
            format!("{who} {} {what}", super::when(ctx, at))
        }),
        more: changes.len().saturating_sub(LISTED),
        changes: changes.iter().take(LISTED).map(change).collect(),
        running: versions::running(app, no).map(|(done, total)| (done, total, done * 100 / total.max(1))),
        rows: trial
            .iter()
            .flat_map(|trial| &trial.by_unit_and_kind)
            .take(LISTED)
            .map(|row| (unit(&row.unit), show::kind(pack, Some(&row.kind)), row.orders, row.late, row.would_be_late))
            .collect(),
        limits: trial
            .iter()
            .flat_map(|trial| &trial.limits)
            .map(|of| {
                let level = if of.level == "task" { t!("word-unit") } else { t!("word-order") };
                let name = format!("{level}{}", words::clock(&of.name));
                (name, of.count, of.late, of.would_be_late, of.earlier.count, of.later.count)
            })
            .collect(),
        trial,
        span: (month.to_string(), today.to_string()),
        today: today.to_string(),
        is_draft: version.state == "draft",
        own: version.made_by == ctx.actor.person.as_str(),
        withdrawable: version.state == "draft"
            || (version.state == "approved" && version.from.is_some_and(|from| from > today)),
        row: row(ctx, &version),
    };
    ctx.answer(&page, tried)
}

fn change(change: &Change) -> ChangeRow {
    let at = change.now.as_ref().or(change.was.as_ref());
    ChangeRow {
        name: format!("{} · {}", super::section(&change.section), change.name),
        how: match (&change.was, &change.now) {
            (None, _) => "new",
            (_, None) => "gone",
            _ => "changed",
        },
        fields: change
            .fields()
            .into_iter()
            .map(|(name, was, now)| {
                let text = |value: Option<String>| show::short(&value.unwrap_or_default(), 400);
                (super::field(&name).to_owned(), text(was), text(now))
            })
            .collect(),
        place: at.map(|entry| format!("{}:{}", entry.file, entry.line)).unwrap_or_default(),
    }
}

/// A day as a browser sends it.
fn day(form: &Form, name: &str) -> Option<Day> {
    let text = form.get(name).filter(|text| text.len() == 10)?;
    text.replace('-', "").parse::<i64>().ok().and_then(|number| Day::try_from(number).ok())
}

/// What is said of a day that is none.
fn no_day(name: &str) -> Problem {
    at(name, t!("rule-bad-day"))
}

async fn told(ctx: &Ctx, no: i64, what: &str, done: Result<(), CommandError>) -> Result<Response, Fault> {
    let problem = match done {
        Ok(()) => return Ok(gone(ctx, what, no)),
        Err(CommandError::Forbidden(who)) if who.starts_with("another") => at("from", t!("rule-own-draft")),
        Err(CommandError::Invalid { field, message }) => {
            let title = match (field.as_str(), message.as_str()) {
                ("from", _) => t!("rule-past-day"),
                ("to", _) => t!("rule-bad-period"),
                (_, text) if text.contains("not tried") => t!("rule-not-tried"),
                (_, text) if text.contains("being tried") => t!("rule-trying"),
                (_, text) if text.contains("in force") => t!("rule-in-force"),
                _ => t!("rule-moved-on"),
            };
            at(&field, title)
        }
        Err(other) => return Err(other.into()),
    };
    page(ctx, no, Some(&Tried::new("", "rules", Form::default(), problem))).await
}

async fn refused(ctx: &Ctx, no: i64, problem: Problem) -> Result<Response, Fault> {
    page(ctx, no, Some(&Tried::new("", "rules", Form::default(), problem))).await
}

/// `POST /admin/rules/versions/{version}/try`.
///
/// # Errors
/// [`Fault`].
pub async fn attempt(Path(version): Path<String>, posted: Posted) -> Result<Response, Fault> {
    let (ctx, form, no) = (posted.ctx, posted.form, number(&version)?);
    versions::one(&ctx.site.app, &ctx.actor, no).await?;
    let Some(from) = day(&form, "from") else { return refused(&ctx, no, no_day("from")).await };
    let Some(to) = day(&form, "to") else { return refused(&ctx, no, no_day("to")).await };
    let started = versions::start_trial(&ctx.site.app, &ctx.actor, no, from, to).await;
    told(&ctx, no, "rules-trying", started).await
}

/// `POST /admin/rules/versions/{version}/approve`.
///
/// # Errors
/// [`Fault`].
pub async fn approve(Path(version): Path<String>, posted: Posted) -> Result<Response, Fault> {
    let (ctx, form, no) = (posted.ctx, posted.form, number(&version)?);
    versions::one(&ctx.site.app, &ctx.actor, no).await?;
    let Some(from) = day(&form, "from") else { return refused(&ctx, no, no_day("from")).await };
    let done = versions::approve(&ctx.site.app, &ctx.actor, no, from).await;
    told(&ctx, no, "rules-approved", done).await
}

/// `POST /admin/rules/versions/{version}/withdraw`.
///
/// # Errors
/// [`Fault`].
pub async fn withdraw(Path(version): Path<String>, posted: Posted) -> Result<Response, Fault> {
    let (ctx, no) = (posted.ctx, number(&version)?);
    let done = versions::withdraw(&ctx.site.app, &ctx.actor, no).await;
    told(&ctx, no, "rules-withdrawn", done).await
}
