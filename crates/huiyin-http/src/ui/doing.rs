//! `POST /orders/{no}/do/{command}`: every command a page gives goes this one way.

use axum::{
    extract::Path,
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use huiyin_app::{
    Actor, CommandError,
    orders::{self, Given, view},
};
use huiyin_core::order::{Refusal, table};

use super::{
    approvals, callback, dispatch, disputes, drafts,
    error::Fault,
    field::{Problem, Tried},
    form::{self, Form},
    frame, intake, order, queue, review,
    session::{self, Ctx, Posted},
    show, timeline, words,
};

/// The handler.
///
/// # Errors
/// [`Fault`]; what the rules refuse is no fault but the page again, with everything typed.
pub async fn post(Path((no, command)): Path<(String, String)>, posted: Posted) -> Result<Response, Fault> {
    let Posted { ctx, form, untaken } = posted;
    if let Some((file, error)) = untaken {
        let problem = not_taken(&file, error)?;
        return again(&ctx, Tried::new(&no, &command, form, problem)).await;
    }
    carry_out(&ctx, &no, &command, form).await
}

/// Gives a command a page asks for, and goes on to where its form says.
///
/// # Errors
/// [`Fault`].
pub async fn carry_out(ctx: &Ctx, no: &str, command: &str, form: Form) -> Result<Response, Fault> {
    match give(ctx, no, command, &form).await {
        Ok(done) => {
            drafts::sent(ctx, &form).await;
            let own = format!("/orders/{}", done.no);
            let to = session::next(form.get("_next"), &own).to_owned();
            let undo = done.undo.as_ref().map(|undo| format!("|{}", frame::undo_code(undo))).unwrap_or_default();
            let said = session::say(&ctx.site, &format!("{command}|{}{undo}", done.no));
            Ok((StatusCode::SEE_OTHER, [(header::LOCATION, to)], [(header::SET_COOKIE, said)]).into_response())
        }
        Err(Not::Done(problem)) => again(ctx, Tried::new(no, command, form, problem)).await,
        Err(Not::Fault(fault)) => Err(fault),
    }
}

/// Why a command was not carried out.
enum Not {
    /// The page again, saying this.
    Done(Problem),
    /// Another page.
    Fault(Fault),
}

async fn give(ctx: &Ctx, no: &str, command: &str, form: &Form) -> Result<orders::Done, Not> {
    let takes = table::named(command).map_or(&[] as &[_], |row| row.takes);
    let input = form::input(takes, form, &ctx.org).map_err(|bad| Not::Done(at_field(&bad.field, bad.message)))?;
    let given = |version| Given {
        order: no.to_owned(),
        command: command.to_owned(),
        input: input.clone(),
        key: form.get("_key").map(|key| key.chars().take(200).collect()),
        if_match: version,
    };
    let seen = form.get("_version").and_then(|version| version.parse::<u64>().ok()).filter(|version| *version > 0);
    let app = &ctx.site.app;
    let mut outcome = orders::command(app, &ctx.actor, given(seen)).await;
    if let (Err(CommandError::Stale { now }), Some(seen)) = (&outcome, seen) {
        let now = *now;
        let changed = changes(ctx, no, seen).await.map_err(Not::Fault)?;
        if changed.is_empty() {
            // Nothing the person had to know.
            outcome = orders::command(app, &ctx.actor, given(Some(now))).await;
        } else {
            return Err(Not::Done(Problem {
                title: t!("doing-stale").into(),
                code: "order.stale".into(),
                basis: changed,
                ..Problem::default()
            }));
        }
    }
    outcome.map_err(|error| match problem(ctx, no, &error) {
        Some(problem) => Not::Done(problem),
        None => Not::Fault(error.into()),
    })
}

/// What happened to an order since a version, without what changes nothing for anybody: limits that tick on, and the system
/// writing down that a message of its own has arrived.
async fn changes(ctx: &Ctx, no: &str, seen: u64) -> Result<Vec<String>, Fault> {
    let view = view::order(&ctx.site.app, &ctx.actor, no).await?;
    let system = Actor::system().person;
    let told =
        |seq| view.journal.iter().any(|row| row.seq == seq && row.name == "duty.told" && row.person == system.as_str());
    Ok(timeline::entries(&ctx.site.app, &view)
        .into_iter()
        .filter(|entry| u64::try_from(entry.seq).is_ok_and(|seq| seq > seen))
        .filter(|entry| entry.group != "clock" && !told(entry.seq))
        .map(|entry| t!("doing-change", at = entry.at, title = entry.title, detail = entry.detail, who = entry.who))
        .collect())
}

fn at_field(field: &str, message: String) -> Problem {
    Problem { title: message, field: Some(field.into()), ..Problem::default() }
}

/// What to say on the page again; none for what needs a page of its own.
fn problem(ctx: &Ctx, _no: &str, error: &CommandError) -> Option<Problem> {
    match error {
        CommandError::Refused(refusal) => Some(refused(ctx, refusal)),
        CommandError::Invalid { field, message } => Some(at_field(field, words::invalid(field, message))),
        CommandError::KeyReused => {
            Some(Problem { title: t!("doing-twice").into(), code: "key.reused".into(), ..Problem::default() })
        }
        _ => None,
    }
}

/// Why a file of a form was not taken.
///
/// # Errors
/// [`Fault`] for what is not about the file.
pub fn not_taken(file: &str, error: CommandError) -> Result<Problem, Fault> {
    let file: String = file.chars().take(60).collect();
    let why = match &error {
        CommandError::TooLarge { most } => t!("files-large", most = most >> 20),
        CommandError::Invalid { message, .. } => words::invalid("file", message),
        CommandError::TooMany { .. } => t!("files-many").into(),
        CommandError::KeyReused => t!("files-twice").into(),
        _ => return Err(error.into()),
    };
    Ok(at_field("files", t!("files-refused", file, why)))
}

/// A refusal in the reader's words: why, by which rule, and what would be accepted.
pub fn refused(ctx: &Ctx, refusal: &Refusal) -> Problem {
    let pack = &ctx.site.app.pack;
    let (title, instead) = words::refused(pack, &ctx.org, refusal);
    Problem {
        title,
        code: refusal.code.clone(),
        field: field_of(&refusal.code).map(str::to_owned),
        basis: refusal.basis.iter().map(|basis| show::full_cite(pack, basis)).collect(),
        instead,
        anchor: None,
        kept: Vec::new(),
    }
}

/// The field a refusal is about, where it is about one.
fn field_of(code: &str) -> Option<&'static str> {
    Some(match code {
        "register.subject_missing" | "subject.unknown" | "subject.not_a_leaf" => "subject",
        "register.text_missing" => "title",
        "return.basis_missing" => "basis",
        "return.suggestion_missing" | "return.suggests_itself" => "suggestion",
        "feedback.public_missing" => "public",
        "reject.note_missing" | "stop.note_missing" | "dispatch.same_unit_again" | "correct.emergency_needs_note" => {
            "note"
        }
        "contact.nothing_said" => "said",
        "transfer.not_answered" | "transfer.in_future" => "answered_at",
        "shelving.review_in_past" => "review",
        "pause.in_past" | "pause.too_long" => "until",
        "dispatch.reported_party" | "dispatch.unit_ended" | "dispatch.unit_takes_no_orders" => "lead",
        "dispatch.too_many_assists" | "dispatch.unit_twice" => "assist",
        "withdraw.not_confirmed" => "confirmed",
        "extension.nothing" | "extension.too_long" | "extension.longer_than_original" => "span.amount",
        "duty.record_missing" => "record",
        "files.too_many" | "files.none" => "files",
        _ => return None,
    })
}

/// The page a form stood on, again, with what was typed.
async fn again(ctx: &Ctx, tried: Tried) -> Result<Response, Fault> {
    let from = session::next(tried.typed.get("_next"), "/").to_owned();
    let (path, query) = from.split_once('?').map_or((from.as_str(), ""), |(path, query)| (path, query));
    let mut query = Form::query(Some(query));
    // The list stays at this order, wherever it would have gone on to.
    query.0.retain(|(name, _)| name != "case");
    query.0.push(("case".into(), tried.no.clone()));
    match path {
        "/intake" => intake::show_page(ctx, &query, Some(&tried)).await,
        "/dispatch" => dispatch::show_page(ctx, &query, Some(&tried)).await,
        "/review" => review::show_page(ctx, &query, Some(&tried)).await,
        "/callback" => callback::show_page(ctx, &query, Some(&tried)).await,
        "/disputes" => disputes::show_page(ctx, &query, Some(&tried)).await,
        "/approvals" => approvals::show_page(ctx, Some(&tried)).await,
        "/queue" => queue::show_page(ctx, &query, Some(&tried)).await,
        _ => order::show_order(ctx, &tried.no, &Form::default(), Some(&tried), Vec::new()).await,
    }
}
