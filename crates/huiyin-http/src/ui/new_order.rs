//! `/orders/new`: a call, letter or visit typed in by hand. Received and registered are two things: with a kind it is
//! registered at once, without one it waits at `/intake`. The limits can be looked at before anything is stored.

use askama::Template;
use axum::{
    extract::RawQuery,
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use huiyin_app::{
    App, CommandError,
    orders::{self, NewClaimantInput, NewOrder},
};

use super::{
    asks, doing,
    drafts::{self, Note},
    error::Fault,
    field::{Choice, Field, Problem, Tried},
    filters,
    form::{self, Form},
    frame::Frame,
    session::{self, Ctx, Posted},
    show,
    suggest::{self, Limit},
};
use crate::catalogue::Language;

/// The page.
#[derive(Debug, Template)]
#[template(path = "new_order.html")]
pub struct NewOrderPage {
    /// What surrounds it.
    pub frame: Frame,
    /// How it came in.
    pub arrival: Vec<Field>,
    /// The matter.
    pub matter: Vec<Field>,
    /// Who raises it.
    pub claimant: Vec<Field>,
    /// The limits there would be.
    pub limits: Vec<Limit>,
    /// The unit the rules suggest.
    pub suggested: String,
    /// Sent twice it is one.
    pub key: String,
    /// Its draft.
    pub draft: Note,
    /// Names of units.
    pub units: Vec<String>,
}

/// `GET /orders/new`.
///
/// # Errors
/// [`Fault`].
pub async fn get(ctx: Ctx, RawQuery(query): RawQuery) -> Result<Response, Fault> {
    let draft = drafts::named(&ctx, &Form::query(query.as_deref())).await?;
    let note = draft.as_ref().map(|draft| Note::of(&ctx, draft));
    let form = Form(draft.map(|draft| draft.fields).unwrap_or_default());
    let own = page(&ctx, &form, None);
    let page = NewOrderPage { draft: note.unwrap_or_else(|| own.draft.clone()), ..own };
    ctx.answer(&page, None)
}

/// `POST /orders/new`.
///
/// # Errors
/// [`Fault`].
pub async fn post(posted: Posted) -> Result<Response, Fault> {
    let Posted { ctx, form, untaken } = posted;
    let doing = form.get("_do").unwrap_or("register").to_owned();
    if doing == "draft" {
        let saved = drafts::keep(&ctx, &form).await?;
        let said = session::say(&ctx.site, "draft-kept");
        let to = format!("/orders/new?draft={}", form::encode(&saved.id));
        return Ok((StatusCode::SEE_OTHER, [(header::LOCATION, to)], [(header::SET_COOKIE, said)]).into_response());
    }
    if doing == "preview" {
        let page = page(&ctx, &form, None);
        return ctx.answer(&page, None);
    }
    let again = |problem: Problem| {
        let tried = Tried::new("", "new", form.clone(), problem);
        let mut page = page(&ctx, &form, Some(&tried));
        page.frame.problem = Some(tried.problem.clone());
        ctx.answer(&page, Some(&tried))
    };
    if let Some((file, error)) = untaken {
        return again(doing::not_taken(&file, error)?);
    }
    let bad =
        |field: &str, message: String| Problem { title: message, field: Some(field.into()), ..Problem::default() };
    if doing == "register" && form.get("kind").is_none() {
        return again(bad("kind", t!("contacts-kind-missing").into()));
    }
    let target = match form.get("target").map(|text| form::unit(&ctx.org, "target", text)).transpose() {
        Ok(target) => target,
        Err(fault) => return again(bad(&fault.field, fault.message)),
    };
    let new = read(&form, target, doing == "register");
    let raw = serde_json::to_vec(&new).map_err(|error| CommandError::Internal(error.to_string()))?;
    let key = form.get("_key").map(|key| key.chars().take(200).collect());
    match orders::take_in(&ctx.site.app, &ctx.actor, new, &raw, key).await {
        Ok(taken) => {
            let what = match taken.known {
                true => "known",
                false if doing == "register" => "registered",
                false => "taken-in",
            };
            drafts::sent(&ctx, &form).await;
            let said = session::say(&ctx.site, &format!("{what}|{}", taken.done.no));
            let to = format!("/orders/{}", taken.done.no);
            Ok((StatusCode::SEE_OTHER, [(header::LOCATION, to)], [(header::SET_COOKIE, said)]).into_response())
        }
        Err(CommandError::Refused(refusal)) => again(doing::refused(&ctx, &refusal)),
        Err(CommandError::Invalid { field, message }) => {
            let words = super::words::invalid(&field, &message);
            again(bad(&field, words))
        }
        Err(CommandError::KeyReused) => {
            again(Problem { title: t!("new-order-twice").into(), code: "key.reused".into(), ..Problem::default() })
        }
        Err(other) => Err(other.into()),
    }
}

/// A matter as the form has it.
pub fn read(form: &Form, target: Option<String>, registered: bool) -> NewOrder {
    let own = |name: &str| form.get(name).map(str::to_owned);
    let if_registered = |name: &str| if registered { own(name) } else { None };
    NewOrder {
        channel: own("channel"),
        received_at: own("received_at"),
        title: own("title"),
        body: own("body"),
        claimant: NewClaimantInput {
            name: own("claimant.name"),
            phone: own("claimant.phone"),
            address: own("claimant.address"),
            language: own("claimant.language"),
            anonymous: own("claimant.anonymous").is_some(),
            ..NewClaimantInput::default()
        },
        claimed_emergency: own("claimed_emergency").is_some(),
        kind: if_registered("kind"),
        subject: if_registered("subject"),
        item: if_registered("item"),
        urgency: if_registered("urgency"),
        area: if_registered("area"),
        place: own("place"),
        target,
        secret: own("secret").map(|said| said == "true" || said == "on"),
        files: form.all("files").map(str::to_owned).collect(),
        ..NewOrder::default()
    }
}

/// Fields with what was typed in them, and what is wrong with it.
pub fn filled(fields: Vec<Field>, typed: &Form, tried: Option<&Tried>) -> Vec<Field> {
    let mut fields = fields;
    for field in &mut fields {
        field.id = format!("new-{}", field.name.replace('.', "-"));
        field.keep_files(typed);
        if !typed.0.is_empty() {
            field.value = typed
                .0
                .iter()
                .find(|(name, _)| *name == field.name)
                .map(|(_, value)| value.clone())
                .unwrap_or_default();
        }
        if let Some(tried) = tried.filter(|tried| tried.problem.field.as_deref() == Some(&field.name)) {
            field.error = Some(tried.problem.title.clone());
        }
    }
    fields
}

/// The fields of a matter and of who raises it.
pub fn fields(app: &App) -> (Vec<Field>, Vec<Field>) {
    let mut matter = vec![
        Field::line("title", t!("word-title")).hint(t!("new-order-title-hint")),
        Field::area("body", t!("word-matter")).required(),
    ];
    matter[1].shape = super::field::Shape::Area(5);
    let mut registration = asks::registration(app);
    // Without a kind it can still be received.
    registration[0].required = false;
    registration[0].hint = Some(t!("new-order-kind-hint").into());
    matter.extend(registration);
    matter.push(Field::check("claimed_emergency", t!("new-order-emergency")).half());
    matter.push(Field::files());
    let languages = Language::ALL.iter().map(|one| Choice::new(one.code(), one.name())).collect();
    let claimant = vec![
        Field::line("claimant.name", t!("word-name")).half(),
        Field::typed("claimant.phone", t!("word-phone"), "tel").hint(t!("new-order-phone-hint")).half(),
        Field::line("claimant.address", t!("word-address")).half(),
        Field::list("claimant.language", t!("new-order-language"), languages).half(),
        Field::check("claimant.anonymous", t!("word-anonymous")).hint(t!("new-order-anonymous-hint")),
    ];
    (matter, claimant)
}

fn page(ctx: &Ctx, typed: &Form, tried: Option<&Tried>) -> NewOrderPage {
    let app = &ctx.site.app;
    let arrival = vec![
        Field::list("channel", t!("field-channel"), show::channels()).required().value("phone").half(),
        Field::typed("received_at", t!("field-received_at"), "datetime-local")
            .hint(t!("new-order-received-hint"))
            .half(),
    ];
    let (matter, claimant) = fields(app);
    let kind = typed.get("kind");
    let matter_now = suggest::Matter {
        kind,
        subject: typed.get("subject"),
        area: typed.get("area"),
        urgency: typed.get("urgency").unwrap_or("normal"),
        channel: typed.get("channel").unwrap_or("phone"),
    };
    let received = typed.get("received_at").and_then(|text| app.zone().parse(text).ok()).unwrap_or_else(|| app.now());
    let limits = if kind.is_some() { suggest::limits(app, &ctx.org, &matter_now, received) } else { Vec::new() };
    let suggested = kind
        .and_then(|kind| {
            let question = suggest::Matter { kind: Some(kind), ..matter_now }.route(app.now());
            app.pack.routes(&question).first().map(|route| route.lead.clone())
        })
        .map(|lead| show::unit(&ctx.org, &lead.as_str().into()))
        .unwrap_or_default();
    NewOrderPage {
        frame: ctx.frame(t!("word-register-order"), "/orders/new", tried),
        arrival: filled(arrival, typed, tried),
        matter: filled(matter, typed, tried),
        claimant: filled(claimant, typed, tried),
        limits,
        suggested,
        key: app.id(),
        draft: Note::sent(typed).unwrap_or_else(|| Note::fresh("new", "", app.id())),
        units: show::unit_names(app, &ctx.org),
    }
}
