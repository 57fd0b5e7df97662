//! `/intake/contacts`: what could not be read waits here for a person, raw beside the form it is typed into; and what was
//! set aside, to be taken back.

use askama::Template;
use axum::{
    extract::{Path, RawQuery},
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use huiyin_app::{
    CommandError,
    orders::{
        self,
        contacts::{self, Waiting},
    },
};

use super::{
    cases::{Case, Tab},
    doing,
    error::Fault,
    field::{Choice, Field, Problem, Tried},
    filters,
    form::{self, Form},
    frame::Frame,
    intake,
    matter::Tag,
    new_order,
    session::{self, Ctx, Posted},
    show, words,
};

/// The contact that is open.
#[derive(Debug)]
pub struct Open {
    /// Its id.
    pub id: String,
    /// How it came in.
    pub channel: String,
    /// The channel's own id of it.
    pub external: String,
    /// When it was received.
    pub received: String,
    /// By when a person looks at it, and by which rule.
    pub limit: Option<(String, String)>,
    /// Why it could not be read.
    pub fault: String,
    /// Its length.
    pub size: String,
    /// What came in, written out.
    pub text: String,
    /// Whether there is more of it.
    pub cut: bool,
    /// Whether some of it is no text in the encoding chosen.
    pub broken: bool,
    /// Encodings: name, chosen.
    pub encodings: Vec<(&'static str, bool)>,
    /// Why and when it was set aside, and by whom.
    pub aside: Option<String>,
    /// The matter as a person reads it.
    pub matter: Vec<Field>,
    /// Who raises it.
    pub claimant: Vec<Field>,
    /// Setting it aside.
    pub dismiss: Vec<Field>,
    /// The same form sent twice is carried out once.
    pub key: String,
}

/// The page.
#[derive(Debug, Template)]
#[template(path = "contacts.html")]
pub struct ContactsPage {
    /// What surrounds it.
    pub frame: Frame,
    /// Tabs.
    pub tabs: Vec<Tab>,
    /// The list.
    pub cases: Vec<Case>,
    /// What an empty list says.
    pub empty: &'static str,
    /// Whether a contact was asked for, so that a phone shows it and not the list.
    pub split: bool,
    /// The contact that is open.
    pub open: Option<Open>,
    /// Names of units.
    pub units: Vec<String>,
    /// The state shown.
    pub state: &'static str,
}

/// `GET /intake/contacts`.
///
/// # Errors
/// [`Fault`].
pub async fn get(ctx: Ctx, RawQuery(query): RawQuery) -> Result<Response, Fault> {
    show_page(&ctx, &Form::query(query.as_deref()), None).await
}

fn reason(code: &str) -> &str {
    match code {
        "spam" => t!("dismiss-spam"),
        "duplicate" => t!("dismiss-duplicate"),
        "test" => t!("dismiss-test"),
        "empty" => t!("dismiss-empty"),
        other => other,
    }
}

async fn show_page(ctx: &Ctx, query: &Form, tried: Option<&Tried>) -> Result<Response, Fault> {
    let app = &ctx.site.app;
    let state = if query.get("state") == Some("dismissed") { "dismissed" } else { "waiting" };
    let rows = contacts::list(app, &ctx.actor, state, None).await?;
    let wanted = query.get("contact").map(str::to_owned).or_else(|| rows.first().map(|row| row.id.clone()));
    let open = match &wanted {
        // Dealt with by somebody meanwhile: the list is shown, with what was typed.
        Some(id) => match contacts::read(app, &ctx.actor, id).await {
            Ok((contact, raw)) => Some(open(ctx, contact, &raw, query, tried)),
            Err(CommandError::NotFound) => None,
            Err(other) => return Err(other.into()),
        },
        None => None,
    };
    let cases = rows.iter().map(|row| case(ctx, row, state, open.as_ref().map(|open| open.id.as_str()))).collect();
    let (tabs, _) = intake::tabs(ctx, if state == "waiting" { "unread" } else { "aside" }, None).await?;
    let page = ContactsPage {
        frame: ctx.frame(
            if state == "waiting" { t!("contacts-title-unread") } else { t!("contacts-title-aside") },
            "/intake",
            tried,
        ),
        tabs,
        cases,
        empty: if state == "waiting" { t!("contacts-none-unread") } else { t!("contacts-none-aside") },
        split: query.get("contact").is_some(),
        open,
        units: show::unit_names(app, &ctx.org),
        state,
    };
    ctx.answer(&page, tried)
}

fn case(ctx: &Ctx, row: &Waiting, state: &str, here: Option<&str>) -> Case {
    let app = &ctx.site.app;
    let at = show::near_moment(&app.pack, app.now(), row.stored_at);
    let tag = match &row.reason {
        Some(code) => Tag { look: "hold", icon: "archive", words: reason(code).to_owned() },
        None => Tag { look: "mark", icon: "circle-alert", words: t!("contacts-unread").into() },
    };
    Case {
        href: format!("/intake/contacts?state={state}&contact={}", row.id),
        no: String::new(),
        title: t!("contacts-no-title", size = super::files::size(row.size as u64)),
        meta: format!("{} · {at}", words::channel(&row.channel)),
        due: row.limit.as_ref().and_then(|(due, _)| {
            let cell = show::due_cell(app, app.now(), row.received_at.ms(), due.missed_from().ms(), false, false)?;
            Some((cell.level, cell.icon, cell.text))
        }),
        tags: vec![tag],
        here: here == Some(row.id.as_str()),
    }
}

fn open(ctx: &Ctx, contact: Waiting, raw: &[u8], query: &Form, tried: Option<&Tried>) -> Open {
    let app = &ctx.site.app;
    let wanted = query.get("encoding").unwrap_or("utf-8");
    let chosen = *contacts::ENCODINGS.iter().find(|one| **one == wanted).unwrap_or(&"utf-8");
    let shown = contacts::shown(raw, chosen);
    let typed = tried.map(|tried| tried.typed.clone()).unwrap_or_default();
    let (matter, claimant) = new_order::fields(app);
    let mut dismiss = vec![
        Field::list(
            "reason",
            t!("contacts-why-aside"),
            contacts::REASONS.iter().map(|code| Choice::new(*code, reason(code))).collect(),
        )
        .required(),
        Field::line("note", t!("word-note")).hint(t!("contacts-note-hint")),
    ];
    for field in &mut dismiss {
        field.id = format!("aside-{}", field.name);
    }
    let aside = contact.reason.as_deref().map(|code| {
        let at = contact.settled_at.map(|at| show::near_moment(&app.pack, app.now(), at)).unwrap_or_default();
        t!("contacts-aside-at", at, reason = reason(code))
    });
    Open {
        channel: words::channel(&contact.channel).to_owned(),
        external: show::short(contact.external_id.as_deref().unwrap_or_default(), 24),
        received: show::moment(&app.pack, contact.received_at),
        limit: contact
            .limit
            .as_ref()
            .map(|(due, basis)| (show::until(&app.pack, due), show::full_cite(&app.pack, basis))),
        fault: contact.fault,
        size: super::files::size(contact.size as u64),
        text: shown.text,
        cut: shown.cut,
        broken: shown.faults,
        encodings: contacts::ENCODINGS.iter().map(|one| (*one, *one == chosen)).collect(),
        aside,
        matter: new_order::filled(matter, &typed, tried),
        claimant: new_order::filled(claimant, &typed, tried),
        dismiss,
        key: app.id(),
        id: contact.id,
    }
}

/// `GET /intake/contacts/{id}/raw`: what came in, byte for byte, to be saved.
///
/// # Errors
/// [`Fault`].
pub async fn raw(ctx: Ctx, Path(id): Path<String>) -> Result<Response, Fault> {
    let (contact, raw) = contacts::read(&ctx.site.app, &ctx.actor, &id).await?;
    let disposition = format!("attachment; filename=\"{}-{}.bin\"", contact.channel, contact.stored_at.ms());
    let headers = [
        (header::CONTENT_TYPE, "application/octet-stream".to_owned()),
        (header::CONTENT_DISPOSITION, disposition),
        (header::CONTENT_SECURITY_POLICY, "default-src 'none'; sandbox".to_owned()),
    ];
    Ok((headers, raw).into_response())
}

/// `POST /intake/contacts/{id}/open`: its order, as a person has read it; with a kind it is registered at once.
///
/// # Errors
/// [`Fault`]; what the rules refuse is the page again, with everything typed.
pub async fn open_order(Path(id): Path<String>, posted: Posted) -> Result<Response, Fault> {
    let Posted { ctx, form, untaken } = posted;
    if let Some((file, error)) = untaken {
        return again(&ctx, &id, form, doing::not_taken(&file, error)?).await;
    }
    let register = form.get("_do") == Some("register");
    if register && form.get("kind").is_none() {
        return again(&ctx, &id, form, at("kind", t!("contacts-kind-missing").into())).await;
    }
    let target = match form.get("target").map(|text| form::unit(&ctx.org, "target", text)).transpose() {
        Ok(target) => target,
        Err(fault) => return again(&ctx, &id, form, at(&fault.field, fault.message)).await,
    };
    let new = new_order::read(&form, target, register);
    let key = form.get("_key").map(|key| key.chars().take(200).collect());
    match orders::open_waiting(&ctx.site.app, &ctx.actor, &id, new, key).await {
        Ok(taken) => {
            let what = if register { "registered" } else { "taken-in" };
            let said = session::say(&ctx.site, &format!("{what}|{}", taken.done.no));
            Ok((
                StatusCode::SEE_OTHER,
                [(header::LOCATION, format!("/orders/{}", taken.done.no))],
                [(header::SET_COOKIE, said)],
            )
                .into_response())
        }
        Err(error) => not_done(&ctx, &id, form, error).await,
    }
}

/// `POST /intake/contacts/{id}/dismiss`.
///
/// # Errors
/// As [`open_order`].
pub async fn dismiss(Path(id): Path<String>, posted: Posted) -> Result<Response, Fault> {
    let Posted { ctx, form, .. } = posted;
    let reason = form.get("reason").unwrap_or_default();
    match contacts::dismiss(&ctx.site.app, &ctx.actor, &id, reason, form.get("note")).await {
        Ok(()) => Ok(settled(&ctx, "dismissed", "/intake/contacts".into())),
        Err(error) => not_done(&ctx, &id, form, error).await,
    }
}

/// `POST /intake/contacts/{id}/restore`.
///
/// # Errors
/// As [`open_order`].
pub async fn restore(Path(id): Path<String>, posted: Posted) -> Result<Response, Fault> {
    let Posted { ctx, form, .. } = posted;
    match contacts::restore(&ctx.site.app, &ctx.actor, &id).await {
        Ok(()) => Ok(settled(&ctx, "restored", format!("/intake/contacts?contact={}", form::encode(&id)))),
        Err(error) => not_done(&ctx, &id, form, error).await,
    }
}

fn settled(ctx: &Ctx, what: &str, to: String) -> Response {
    let said = session::say(&ctx.site, what);
    (StatusCode::SEE_OTHER, [(header::LOCATION, to)], [(header::SET_COOKIE, said)]).into_response()
}

fn at(field: &str, message: String) -> Problem {
    Problem { title: message, field: Some(field.into()), ..Problem::default() }
}

async fn not_done(ctx: &Ctx, id: &str, form: Form, error: CommandError) -> Result<Response, Fault> {
    let problem = match error {
        CommandError::Refused(refusal) => doing::refused(ctx, &refusal),
        CommandError::Invalid { field, message } => {
            let words =
                if field == "reason" { t!("contacts-choose-reason").into() } else { words::invalid(&field, &message) };
            at(&field, words)
        }
        CommandError::KeyReused => {
            Problem { title: t!("contacts-twice").into(), code: "key.reused".into(), ..Problem::default() }
        }
        other => return Err(other.into()),
    };
    again(ctx, id, form, problem).await
}

async fn again(ctx: &Ctx, id: &str, form: Form, problem: Problem) -> Result<Response, Fault> {
    let mut query = vec![("contact".to_owned(), id.to_owned())];
    query.extend(form.get("_encoding").map(|encoding| ("encoding".to_owned(), encoding.to_owned())));
    let tried = Tried::new("", "contact", form, problem);
    show_page(ctx, &Form(query), Some(&tried)).await
}
