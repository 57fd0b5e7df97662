//! `POST /queue/bulk`, `POST /orders/bulk`: one command on several rows, each on its own, each with what it came to; on more
//! than a page of them it goes on behind, and `/bulk/{id}` says how far. Closing, refusing and publishing are never given in
//! bulk.

use askama::Template;
use axum::{
    extract::Path,
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use huiyin_app::{
    CommandError,
    bulk::{self, Ask},
    orders::{
        self, Given,
        list::{self, Page},
    },
};
use huiyin_core::order::table;
use serde_json::{Value, json};

use super::{
    doing,
    error::Fault,
    filters,
    form::{self, Form},
    frame::{self, Frame},
    list as order_list,
    narrow::Of,
    print, queue,
    session::{self, Ctx, Posted},
    show, words,
};

/// Rows carried out while the page waits: a page of a list. More go on behind.
const AT_ONCE: usize = 50;
/// Most rows that are picked by hand, or taken back by one form.
const MOST: usize = 500;
/// Most slips printed at once.
const SLIPS: usize = 50;

/// What a row came to.
#[derive(Debug)]
pub struct Outcome {
    /// Number.
    pub no: String,
    /// Why it was not carried out; none where it was.
    pub fault: Option<String>,
    /// What takes it back: number, command, fields.
    pub undo: Option<String>,
}

/// The page.
#[derive(Debug, Template)]
#[template(path = "bulk.html")]
pub struct BulkPage {
    /// What surrounds it.
    pub frame: Frame,
    /// What was done.
    pub what: String,
    /// Each row.
    pub rows: Vec<Outcome>,
    /// How many were carried out.
    pub done: usize,
    /// Where to go back to.
    pub back: String,
    /// Where what was done is taken back.
    pub action: String,
    /// Sets the form that takes it back apart.
    pub key: String,
}

impl BulkPage {
    /// Whether something that was done can be taken back.
    fn may_undo(&self) -> bool {
        self.rows.iter().any(|row| row.undo.is_some())
    }
}

/// A row that is picked: number, task, and the command that signs for it.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Pick {
    no: String,
    task: Option<u32>,
    sign: String,
}

impl Pick {
    /// Reads `number.task.command`.
    fn read(text: &str) -> Option<Self> {
        let mut parts = text.split('.');
        let no = parts.next().filter(|no| !no.is_empty() && no.len() < 40)?.to_owned();
        let task = parts.next().and_then(|task| task.parse().ok()).filter(|task| *task > 0);
        let sign = parts.next().filter(|sign| *sign == "confirm-receipt").unwrap_or("sign").to_owned();
        Some(Self { no, task, sign })
    }
}

/// `POST /queue/bulk`.
///
/// # Errors
/// [`Fault`].
pub async fn queue(posted: Posted) -> Result<Response, Fault> {
    carry_out(posted, Of::Queue).await
}

/// `POST /orders/bulk`.
///
/// # Errors
/// [`Fault`].
pub async fn orders(posted: Posted) -> Result<Response, Fault> {
    carry_out(posted, Of::Orders).await
}

/// Commands a list gives in bulk.
fn commands(of: Of) -> &'static [&'static str] {
    match of {
        Of::Queue => &["sign", "assign", "tag", "note", "redispatch", "progress", "extend"],
        Of::Orders => &["urge", "supervise", "tag", "note", "merge"],
    }
}

async fn carry_out(posted: Posted, of: Of) -> Result<Response, Fault> {
    let Posted { ctx, form, .. } = posted;
    let back = session::next(form.get("_next"), of.path()).to_owned();
    let way = form.get("_do").unwrap_or_default().to_owned();
    // The button of a row: this one alone, and on with the list.
    if let Some(pick) = form.get("_one").and_then(Pick::read) {
        let key = form.get("_key").unwrap_or_default();
        let task = pick.task.unwrap_or_default();
        let one = [
            ("_key", format!("{}:{}:{task}", key.chars().take(80).collect::<String>(), pick.no)),
            ("_next", back),
            ("task", task.to_string()),
        ];
        let one = Form(one.into_iter().map(|(name, value)| (name.to_owned(), value)).collect());
        return doing::carry_out(&ctx, &pick.no, &pick.sign, one).await;
    }
    if way == "undo" {
        return take_back(&ctx, of, &form, back).await;
    }
    let picks = picks(&ctx, of, &form, if way == "print" { SLIPS } else { bulk::MOST + 1 }).await?;
    if way == "print" {
        let mut numbers: Vec<String> = picks.iter().map(|pick| pick.no.clone()).collect();
        numbers.dedup();
        numbers.truncate(SLIPS);
        return print::show(&ctx, &numbers, back).await;
    }
    let Some(command) = commands(of).iter().find(|command| **command == way) else {
        return Err(
            CommandError::Invalid { field: "_do".into(), message: format!("`{way}` is not given in bulk") }.into()
        );
    };
    let takes = table::named(command).map_or(&[] as &[_], |row| row.takes);
    // A field that several ways of the bar have says whose it is: `note:text`.
    let own = Form(
        form.0
            .iter()
            .map(|(name, value)| match name.split_once(':') {
                Some((of, name)) if of == *command => (name.to_owned(), value.clone()),
                _ => (name.clone(), value.clone()),
            })
            .filter(|(name, _)| takes.iter().any(|field| field.name == name.split('.').next().unwrap_or(name)))
            .collect(),
    );
    let input = form::input(takes, &own, &ctx.org);
    if let (Ok(input), true) = (&input, picks.len() > AT_ONCE) {
        return behind(&ctx, &form, command, input.clone(), back, picks).await;
    }
    let mut rows = Vec::new();
    for pick in picks {
        rows.push(match &input {
            Err(bad) => Outcome { no: pick.no, fault: Some(bad.message.clone()), undo: None },
            Ok(input) => give(&ctx, &form, command, &pick, input.clone()).await?,
        });
    }
    results(&ctx, of, words::command(command).to_owned(), rows, back)
}

/// Leaves a command on many rows to the worker, and goes on to the page that says how far it is.
async fn behind(
    ctx: &Ctx,
    form: &Form,
    command: &str,
    input: Value,
    back: String,
    picks: Vec<Pick>,
) -> Result<Response, Fault> {
    let key = form.get("_key").map_or_else(|| ctx.site.app.id(), |key| key.chars().take(80).collect());
    let picks = picks.into_iter().map(|pick| bulk::Pick {
        command: if command == "sign" { pick.sign } else { command.to_owned() },
        no: pick.no,
        task: pick.task,
    });
    let ask = Ask { key, command: command.to_owned(), input, back, picks: picks.collect() };
    let id = bulk::ask(&ctx.site.app, &ctx.actor, ask).await?;
    Ok((StatusCode::SEE_OTHER, [(header::LOCATION, format!("/bulk/{id}"))]).into_response())
}

/// How far a command on many orders is.
#[derive(Debug, Template)]
#[template(path = "bulk_progress.html")]
pub struct ProgressPage {
    /// What surrounds it.
    pub frame: Frame,
    /// Its id.
    pub id: String,
    /// What is done.
    pub what: String,
    /// When it was asked.
    pub at: String,
    /// `running`, `ended`, `stopped`.
    pub state: String,
    /// Orders done.
    pub done: i64,
    /// Orders refused.
    pub refused: i64,
    /// Orders left.
    pub waiting: i64,
    /// Those refused: number and why.
    pub faults: Vec<(String, String)>,
    /// Whether what was done can be taken back.
    pub may_undo: bool,
    /// Where to go back to.
    pub back: String,
}

impl ProgressPage {
    fn all(&self) -> i64 {
        self.done + self.refused + self.waiting
    }
}

/// What a command on many orders is called.
fn called(command: &str) -> String {
    if command == "undo" { t!("lists-undo").into() } else { words::command(command).to_owned() }
}

/// Why an order was refused, in the reader's words.
fn why(ctx: &Ctx, fault: &bulk::Fault) -> String {
    match (&fault.refusal, &fault.invalid, fault.code.as_str()) {
        (Some(refusal), ..) => doing::refused(ctx, refusal).title,
        (_, Some((field, message)), _) => words::invalid(field, message),
        (.., "forbidden") => t!("bulk-not-yours").into(),
        (.., "not_found") => t!("bulk-no-order").into(),
        (.., "key.reused") => t!("bulk-twice").into(),
        _ => t!("bulk-fault").into(),
    }
}

/// `GET /bulk/{id}`.
///
/// # Errors
/// [`Fault`].
pub async fn progress(ctx: Ctx, Path(id): Path<String>) -> Result<Response, Fault> {
    let app = &ctx.site.app;
    let found = bulk::progress(app, &ctx.actor, &id).await?;
    let page = ProgressPage {
        frame: ctx.frame(t!("bulk-name"), "/bulk", None),
        what: called(&found.command),
        at: show::near_moment(&app.pack, app.now(), found.made_at),
        faults: found.faults.iter().map(|(no, fault)| (no.clone(), why(&ctx, fault))).collect(),
        id: found.id,
        state: found.state,
        done: found.done,
        refused: found.refused,
        waiting: found.waiting,
        may_undo: found.may_undo,
        back: session::next(Some(&found.back), "/").to_owned(),
    };
    ctx.answer(&page, None)
}

/// Commands on many orders one has asked for lately.
#[derive(Debug, Template)]
#[template(path = "bulks.html")]
pub struct BulksPage {
    /// What surrounds it.
    pub frame: Frame,
    /// Id, what, when, how it stands.
    pub rows: Vec<(String, String, String, &'static str)>,
}

/// `GET /bulk`.
///
/// # Errors
/// [`Fault`].
pub async fn list(ctx: Ctx) -> Result<Response, Fault> {
    let app = &ctx.site.app;
    let rows = bulk::list(app, &ctx.actor).await?.into_iter().map(|one| {
        let state = match one.state.as_str() {
            "running" => t!("bulk-running"),
            "stopped" => t!("bulk-stopped"),
            _ => t!("bulk-ended"),
        };
        (one.id, called(&one.command), show::near_moment(&app.pack, app.now(), one.made_at), state)
    });
    let page = BulksPage { rows: rows.collect(), frame: ctx.frame(t!("bulk-name"), "/bulk", None) };
    ctx.answer(&page, None)
}

/// `POST /bulk/{id}/stop`.
///
/// # Errors
/// [`Fault`].
pub async fn stop(Path(id): Path<String>, posted: Posted) -> Result<Response, Fault> {
    bulk::stop(&posted.ctx.site.app, &posted.ctx.actor, &id).await?;
    Ok((StatusCode::SEE_OTHER, [(header::LOCATION, format!("/bulk/{id}"))]).into_response())
}

/// `POST /bulk/{id}/undo`: takes back what was done, where a command does.
///
/// # Errors
/// [`Fault`].
pub async fn undo(Path(id): Path<String>, posted: Posted) -> Result<Response, Fault> {
    let id = bulk::undo(&posted.ctx.site.app, &posted.ctx.actor, &id).await?;
    Ok((StatusCode::SEE_OTHER, [(header::LOCATION, format!("/bulk/{id}"))]).into_response())
}

fn results(ctx: &Ctx, of: Of, what: String, rows: Vec<Outcome>, back: String) -> Result<Response, Fault> {
    let page = BulkPage {
        frame: ctx.frame(t!("bulk-name"), of.path(), None),
        what,
        done: rows.iter().filter(|row| row.fault.is_none()).count(),
        rows,
        back,
        action: format!("{}/bulk", of.path()),
        key: ctx.site.app.id(),
    };
    ctx.answer(&page, None)
}

/// Takes back what was done in bulk: each row by its own command, as a further record.
async fn take_back(ctx: &Ctx, of: Of, form: &Form, back: String) -> Result<Response, Fault> {
    let mut rows = Vec::new();
    for one in form.all("undo").take(MOST) {
        let mut parts = one.splitn(3, '|');
        let (Some(no), Some(command), Some(fields)) = (parts.next(), parts.next(), parts.next()) else { continue };
        let Some(row) = table::named(command).filter(|row| UNDOING.contains(&row.command)) else { continue };
        let pick = Pick { no: no.to_owned(), task: None, sign: String::new() };
        rows.push(match form::input(row.takes, &Form::query(Some(fields)), &ctx.org) {
            Err(bad) => Outcome { no: pick.no, fault: Some(bad.message), undo: None },
            Ok(input) => Outcome { undo: None, ..give(ctx, form, command, &pick, input).await? },
        });
    }
    results(ctx, of, t!("lists-undo").into(), rows, back)
}

/// Commands that take another back.
const UNDOING: &[&str] = &["assign", "tag", "withdraw-note"];

/// One command on one row: what it came to.
async fn give(ctx: &Ctx, form: &Form, command: &str, pick: &Pick, input: Value) -> Result<Outcome, Fault> {
    let command = if command == "sign" { pick.sign.as_str() } else { command };
    let mut input = input;
    if let (Value::Object(map), Some(task)) = (&mut input, pick.task)
        && table::named(command).is_some_and(|row| row.field("task").is_some())
    {
        map.insert("task".into(), json!(task));
    }
    let key = form.get("_key").map(|key| {
        format!("{}:{command}:{}:{}", key.chars().take(80).collect::<String>(), pick.no, pick.task.unwrap_or(0))
    });
    let given = Given { order: pick.no.clone(), command: command.to_owned(), input, key, if_match: None };
    let no = pick.no.clone();
    let fault = match orders::command(&ctx.site.app, &ctx.actor, given).await {
        Ok(done) => {
            let undo = done.undo.map(|undo| format!("{no}|{}", frame::undo_code(&undo)));
            return Ok(Outcome { no, fault: None, undo });
        }
        Err(CommandError::Refused(refusal)) => Some(doing::refused(ctx, &refusal).title),
        Err(CommandError::Invalid { field, message }) => Some(words::invalid(&field, &message)),
        Err(CommandError::Forbidden(_)) => Some(t!("bulk-not-yours").into()),
        Err(CommandError::NotFound) => Some(t!("bulk-no-order").into()),
        Err(CommandError::KeyReused) => Some(t!("bulk-twice").into()),
        Err(other) => return Err(other.into()),
    };
    Ok(Outcome { no, fault, undo: None })
}

/// The rows that are meant: those picked, or all the filter finds.
async fn picks(ctx: &Ctx, of: Of, form: &Form, most: usize) -> Result<Vec<Pick>, Fault> {
    if form.get("_all").is_none() {
        return Ok(form.all("pick").filter_map(Pick::read).take(MOST.min(most)).collect());
    }
    let query = Form::query(form.get("_query"));
    let (app, mut found, mut after) = (&ctx.site.app, Vec::new(), None);
    let sort = if of == Of::Queue { queue::sort(&query) } else { order_list::sort(&query) };
    while found.len() < most {
        let page = Page { order: sort, after: after.take(), limit: list::MAX_LIMIT };
        let (rows, _) = match of {
            Of::Queue => list::queue(app, &ctx.actor, queue::wanted(ctx, &query), page, Vec::new()).await?,
            Of::Orders => list::orders(app, &ctx.actor, order_list::wanted(ctx, &query), page, Vec::new()).await?,
        };
        let whole = rows.len() == list::MAX_LIMIT as usize;
        after = rows.last().map(|row| row.key(sort));
        found.extend(rows.iter().filter_map(|row| Pick::read(&pick(row))));
        if !whole {
            break;
        }
    }
    found.truncate(most);
    Ok(found)
}

/// A row as it is picked.
pub fn pick(row: &list::ListRow) -> String {
    let sign = if row.kind.as_deref() == Some("praise") { "confirm-receipt" } else { "sign" };
    format!("{}.{}.{sign}", row.no, row.task.as_ref().map_or(0, |task| task.no))
}

#[cfg(test)]
mod tests {
    use super::Pick;

    #[test]
    fn a_row_is_picked_by_number_and_task() {
        let pick = Pick::read("20261123-0051.2.confirm-receipt").expect("it can be read");
        assert_eq!((pick.no.as_str(), pick.task, pick.sign.as_str()), ("20261123-0051", Some(2), "confirm-receipt"));
        assert_eq!(Pick::read("20261123-0051.0.close").expect("it can be read").sign, "sign");
        assert_eq!(Pick::read(""), None);
    }
}
