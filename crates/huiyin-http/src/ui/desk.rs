//! `/desk`: a call taken by hand. The number first, with what it has raised before; then the matter, its limits and their
//! rules before anything is stored; then one of the ways on: dispatch, emergency, answer, refuse, transfer, append.
//!
//! All of it is one form. Each way stores the contact first and then gives one more command; where the rules refuse that
//! command, the order is there already and its page shows why, with everything typed.

use std::collections::HashSet;

use askama::Template;
use axum::{
    extract::RawQuery,
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use huiyin_app::{
    CommandError,
    orders::{
        self, Caller, Given,
        list::{self, ListRow, OrderFilter, Page},
        view,
    },
};
use huiyin_core::{
    id::OrderId,
    order::{Order, Urgency, table},
};
use serde_json::{Value, json};

use super::{
    asks, cases, doing,
    drafts::{self, Note},
    error::Fault,
    facts,
    field::{Choice, Field, Problem, Tried},
    filters,
    form::{self, Form},
    frame::Frame,
    new_order, order,
    people::{self, Lacking},
    session::{self, Ctx, Posted},
    show,
    suggest::{self, Limit},
    words,
};

/// An order beside the form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Near {
    /// Number.
    pub no: String,
    /// Title.
    pub title: String,
    /// Where it stands, and when it is due.
    pub state: String,
    /// The colour of its limit, or nothing.
    pub level: &'static str,
    /// Why it is shown: same number, place, subject.
    pub why: String,
    /// Whether it can be added to.
    pub open: bool,
}

/// Something that must be there before it goes out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Check {
    /// What.
    pub what: &'static str,
    /// Whether it is.
    pub met: bool,
}

/// The page.
#[derive(Debug, Template)]
#[template(path = "desk.html")]
pub struct DeskPage {
    /// What surrounds it.
    pub frame: Frame,
    /// Sent twice it is one.
    pub key: String,
    /// Its draft.
    pub draft: Note,
    /// The number as typed.
    pub phone: String,
    /// What is wrong with the number.
    pub phone_error: Option<String>,
    /// Whether the number was looked up.
    pub looked: bool,
    /// How many orders it has raised, and how many are open.
    pub counts: (usize, usize),
    /// What it has raised.
    pub history: Vec<Near>,
    /// Orders this may be the same as; the first is offered for adding to.
    pub same: Vec<Near>,
    /// Open orders of the same subject and place.
    pub around: Vec<Near>,
    /// Kinds.
    pub kinds: Vec<Choice>,
    /// The kind chosen.
    pub kind: String,
    /// What is wrong with the kind.
    pub kind_error: Option<String>,
    /// The matter.
    pub matter: Vec<Field>,
    /// Where it is and what it is about.
    pub place: Vec<Field>,
    /// Who raises it.
    pub claimant: Vec<Field>,
    /// Refusing it.
    pub refuse: Vec<Field>,
    /// Transferring it.
    pub transfer: Vec<Field>,
    /// Answering it at once.
    pub answer: Vec<Field>,
    /// An emergency: confirmed, and who was told by phone.
    pub emergency: Vec<Field>,
    /// The way last tried, whose fold stands open.
    pub way: String,
    /// The unit the rules suggest.
    pub suggested: String,
    /// Units that are not ready.
    pub lacking: Vec<Lacking>,
    /// The unit that leads, where it is not ready: its name, and what it lacks.
    pub not_ready: Option<(String, String)>,
    /// The limits there would be.
    pub limits: Vec<Limit>,
    /// What must be there before it goes out.
    pub checks: Vec<Check>,
    /// Names of units.
    pub units: Vec<String>,
}

/// `GET /desk`.
///
/// # Errors
/// [`Fault`].
pub async fn get(ctx: Ctx, RawQuery(query): RawQuery) -> Result<Response, Fault> {
    let draft = drafts::named(&ctx, &Form::query(query.as_deref())).await?;
    let note = draft.as_ref().map(|draft| Note::of(&ctx, draft));
    let form = Form(draft.map(|draft| draft.fields).unwrap_or_default());
    let page = DeskPage { draft: note.unwrap_or_else(|| fresh(&ctx)), ..page(&ctx, form, None).await? };
    ctx.answer(&page, None)
}

/// `POST /desk`: looks up, shows the limits, or carries out; what is not carried out comes back with everything typed.
///
/// # Errors
/// [`Fault`].
pub async fn post(posted: Posted) -> Result<Response, Fault> {
    let Posted { ctx, form, untaken } = posted;
    let way = form.get("_do").unwrap_or("dispatch").to_owned();
    if let Some((file, error)) = untaken {
        let problem = doing::not_taken(&file, error)?;
        return again(&ctx, form, problem).await;
    }
    if way == "draft" {
        let saved = drafts::keep(&ctx, &form).await?;
        return Ok(gone_on(&ctx, "draft-kept", "", &format!("/desk?draft={}", form::encode(&saved.id))));
    }
    if matches!(way.as_str(), "find" | "preview") {
        let page = page(&ctx, form, None).await?;
        return ctx.answer(&page, None);
    }
    match carry_out(&ctx, &way, &form).await {
        Ok(response) => {
            drafts::sent(&ctx, &form).await;
            Ok(response)
        }
        Err(Not::Done(problem)) => again(&ctx, form, problem).await,
        Err(Not::Fault(fault)) => Err(fault),
    }
}

/// Why nothing was stored.
enum Not {
    Done(Problem),
    Fault(Fault),
}

impl<E: Into<Fault>> From<E> for Not {
    fn from(error: E) -> Self {
        Self::Fault(error.into())
    }
}

fn bad(field: &str, title: impl Into<String>) -> Not {
    Not::Done(Problem { title: title.into(), field: Some(field.into()), ..Problem::default() })
}

async fn carry_out(ctx: &Ctx, way: &str, form: &Form) -> Result<Response, Not> {
    let app = &ctx.site.app;
    let into = way.strip_prefix("append:");
    let registers = matches!(way, "dispatch" | "emergency" | "answer" | "register");
    if registers && form.get("kind").is_none() {
        return Err(bad("kind", t!("desk-choose-kind")));
    }
    if way == "emergency" && form.get("confirmed").is_none() {
        return Err(bad("confirmed", t!("desk-confirm-emergency")));
    }
    let lead = form.get("lead").map(|text| form::unit(&ctx.org, "lead", text)).transpose();
    let lead = lead.map_err(|fault| bad(&fault.field, fault.message))?;
    if matches!(way, "dispatch" | "emergency") && lead.is_none() {
        return Err(bad("lead", t!("desk-lead-missing")));
    }
    if way == "refuse" && form.get("reason").is_none() {
        return Err(bad("reason", t!("desk-refuse-why")));
    }
    if way == "transfer" && form.get("to").is_none() {
        return Err(bad("to", t!("desk-transfer-to")));
    }
    if way == "answer" && form.get("public").is_none() {
        return Err(bad("public", t!("desk-answer-missing")));
    }
    let target = form.get("target").map(|text| form::unit(&ctx.org, "target", text)).transpose();
    let target = target.map_err(|fault| bad(&fault.field, fault.message))?;
    let mut new = new_order::read(form, target, registers);
    new.channel = Some(form.get("channel").unwrap_or("phone").to_owned());
    if way == "emergency" {
        new.urgency = Some(Urgency::Emergency.code().into());
        new.claimed_emergency = true;
    }
    if new.title.is_none() {
        new.title = new.body.as_deref().map(title_of);
    }
    let raw = serde_json::to_vec(&new).map_err(|error| CommandError::Internal(error.to_string()))?;
    let key: Option<String> = form.get("_key").map(|key| key.chars().take(150).collect());
    let taken = match orders::take_in(app, &ctx.actor, new, &raw, key.clone()).await {
        Ok(taken) => taken,
        Err(error) => return Err(not_taken_in(ctx, error)),
    };
    let no = taken.done.no;
    let after = |name: &str| key.as_ref().map(|key| format!("{key}:{name}"));
    let (command, input) = match way {
        "dispatch" | "emergency" => ("dispatch", json!({ "lead": lead, "note": form.get("note") })),
        "refuse" => ("refuse", json!({ "reason": form.get("reason"), "text": form.get("text") })),
        "transfer" => ("transfer", json!({ "to": form.get("to"), "answered_at": form.get("answered_at") })),
        "answer" => {
            let takes = table::named("answer").map_or(&[] as &[_], |row| row.takes);
            let own = |name: &str| name == "public" || name.starts_with("facts.");
            let own = Form(form.0.iter().filter(|(name, _)| own(name)).cloned().collect());
            ("answer", form::input(takes, &own, &ctx.org).map_err(|fault| bad(&fault.field, fault.message))?)
        }
        _ if into.is_some() => ("append", json!({ "into": into })),
        _ => return Ok(gone_on(ctx, "registered", &no, "/desk")),
    };
    let given = Given {
        order: no.clone(),
        command: command.into(),
        input: without_nulls(input),
        key: after(command),
        if_match: None,
    };
    if let Err(error) = orders::command(app, &ctx.actor, given).await {
        return Ok(half_way(ctx, &no, command, form, error).await?);
    }
    if way == "emergency" {
        return Ok(tell_by_phone(ctx, &no, form, after("phone-notice")).await?);
    }
    Ok(gone_on(ctx, command, &no, "/desk"))
}

/// A command's input without what was left empty.
fn without_nulls(input: Value) -> Value {
    match input {
        Value::Object(map) => Value::Object(map.into_iter().filter(|(_, value)| !value.is_null()).collect()),
        other => other,
    }
}

/// The first words of a text, for a title nobody wrote.
fn title_of(body: &str) -> String {
    let first = body.trim().split(['。', '\n', '；', '!', '！']).next().unwrap_or_default();
    show::short(first.trim(), 40)
}

fn not_taken_in(ctx: &Ctx, error: CommandError) -> Not {
    match error {
        CommandError::Refused(refusal) => Not::Done(doing::refused(ctx, &refusal)),
        CommandError::Invalid { field, message } => {
            let title = words::invalid(&field, &message);
            bad(&field, title)
        }
        CommandError::KeyReused => {
            Not::Done(Problem { title: t!("desk-twice").into(), code: "key.reused".into(), ..Problem::default() })
        }
        other => Not::Fault(other.into()),
    }
}

/// The order is there, the next step was refused: its page, saying why, with what was typed.
async fn half_way(ctx: &Ctx, no: &str, command: &str, form: &Form, error: CommandError) -> Result<Response, Fault> {
    let mut problem = match error {
        CommandError::Refused(refusal) => doing::refused(ctx, &refusal),
        CommandError::Invalid { field, message } => {
            Problem { title: words::invalid(&field, &message), field: Some(field), ..Problem::default() }
        }
        other => return Err(other.into()),
    };
    problem.title =
        t!("desk-half-done", no, what = words::command(command).trim_start_matches('已'), title = problem.title);
    let mut typed = form.clone();
    typed.0.retain(|(name, _)| !name.starts_with('_'));
    let tried = Tried::new(no, command, typed, problem);
    order::show_order(ctx, no, &Form::default(), Some(&tried), Vec::new()).await
}

/// Puts down who was told of an emergency by phone; without a name the order's page asks for it.
async fn tell_by_phone(ctx: &Ctx, no: &str, form: &Form, key: Option<String>) -> Result<Response, Fault> {
    let app = &ctx.site.app;
    let view = view::order(app, &ctx.actor, no).await?;
    let lead = view.order.lead().map(|task| task.no.0);
    let (Some(who), Some(task)) = (form.get("notice.who"), lead) else {
        return Ok(gone_on(ctx, "dispatch", no, &format!("/orders/{no}")));
    };
    let input = without_nulls(json!({ "task": task, "who": who, "answered_at": form.get("notice.at") }));
    let given = Given { order: no.to_owned(), command: "phone-notice".into(), input, key, if_match: None };
    match orders::command(app, &ctx.actor, given).await {
        Ok(_) => Ok(gone_on(ctx, "phone-notice", no, "/desk")),
        Err(error) => half_way(ctx, no, "phone-notice", form, error).await,
    }
}

fn gone_on(ctx: &Ctx, what: &str, no: &str, to: &str) -> Response {
    let said = session::say(&ctx.site, &format!("{what}|{no}"));
    (StatusCode::SEE_OTHER, [(header::LOCATION, to.to_owned())], [(header::SET_COOKIE, said)]).into_response()
}

async fn again(ctx: &Ctx, form: Form, problem: Problem) -> Result<Response, Fault> {
    let tried = Tried::new("", "desk", form.clone(), problem);
    let mut page = page(ctx, form, Some(&tried)).await?;
    page.frame.problem = Some(tried.problem.clone());
    ctx.answer(&page, Some(&tried))
}

fn fresh(ctx: &Ctx) -> Note {
    Note::fresh("desk", "", ctx.site.app.id())
}

/// An order beside the form.
fn near(ctx: &Ctx, row: &ListRow, why: String) -> Near {
    let app = &ctx.site.app;
    let due = cases::desk_due(app, row).filter(|_| !row.ended);
    let state = match &row.outcome {
        Some(outcome) => words::outcome(outcome).to_owned(),
        None => words::state(&row.state).to_owned(),
    };
    Near {
        no: row.no.clone(),
        title: cases::title(row),
        level: due.as_ref().map_or("", |due| due.level),
        state: due.map_or(state.clone(), |due| format!("{state} · {}", due.text)),
        why,
        open: !row.ended && row.state != "intake",
    }
}

struct Found {
    caller: Caller,
    error: Option<String>,
    around: Vec<ListRow>,
}

/// What the number has raised, and what is open of the same subject and place.
async fn look(ctx: &Ctx, form: &mut Form) -> Result<Found, Fault> {
    let app = &ctx.site.app;
    let mut found = Found { caller: Caller::default(), error: None, around: Vec::new() };
    if let Some(phone) = form.get("claimant.phone") {
        let first = form.get("_do") == Some("find");
        match orders::caller(app, &ctx.actor, phone, first).await {
            Ok(caller) => found.caller = caller,
            Err(CommandError::Invalid { .. }) => {
                found.error = Some(t!("desk-not-a-phone").into());
            }
            Err(other) => return Err(other.into()),
        }
    }
    if let Some(known) = &found.caller.known {
        for (name, value) in [
            ("claimant.name", &known.name),
            ("claimant.address", &known.address),
            ("claimant.language", &known.language),
        ] {
            if form.get(name).is_none()
                && let Some(value) = value
            {
                form.0.retain(|(own, _)| own != name);
                form.0.push((name.into(), value.clone()));
            }
        }
    }
    if let Some(subject) = form.get("subject") {
        let wanted = OrderFilter {
            open: Some(true),
            subjects: vec![subject.into()],
            areas: form.get("area").map(str::to_owned).into_iter().collect(),
            ..OrderFilter::default()
        };
        let page = Page { limit: 6, ..Page::default() };
        found.around = list::orders(app, &ctx.actor, wanted, page, Vec::new()).await?.0;
    }
    Ok(found)
}

async fn page(ctx: &Ctx, typed: Form, tried: Option<&Tried>) -> Result<DeskPage, Fault> {
    let (app, mut form) = (&ctx.site.app, typed);
    let found = look(ctx, &mut form).await?;
    let (subject, area) = (form.get("subject"), form.get("area"));
    let mut same = Vec::new();
    let mut numbers = HashSet::new();
    for row in &found.caller.orders {
        let place = area.is_some() && row.area.as_deref() == area;
        let matter = subject.is_some() && row.subject.as_deref() == subject;
        if !row.ended && (place || matter) {
            let why = [(t!("similar-phone"), true), (t!("similar-place"), place), (t!("similar-subject"), matter)];
            let why: Vec<&str> = why.iter().filter(|(_, is)| *is).map(|(words, _)| *words).collect();
            same.push(near(ctx, row, why.join(t!("punct-list"))));
            numbers.insert(row.no.clone());
        }
    }
    let around = found
        .around
        .iter()
        .filter(|row| !numbers.contains(&row.no))
        .map(|row| {
            near(
                ctx,
                row,
                if area.is_some() { t!("similar-subject-place").into() } else { t!("similar-subject").into() },
            )
        })
        .collect();
    let open = found.caller.orders.iter().filter(|row| !row.ended).count();
    let history: Vec<Near> = found.caller.orders.iter().map(|row| near(ctx, row, String::new())).collect();
    let kind = form.get("kind").unwrap_or_default().to_owned();
    let urgency =
        if form.get("_do") == Some("emergency") { "emergency" } else { form.get("urgency").unwrap_or("normal") };
    let matter = suggest::Matter {
        kind: Some(kind.as_str()).filter(|kind| !kind.is_empty()),
        subject,
        area,
        urgency,
        channel: form.get("channel").unwrap_or("phone"),
    };
    let limits = if kind.is_empty() { Vec::new() } else { suggest::limits(app, &ctx.org, &matter, app.now()) };
    let suggested = matter
        .kind
        .and_then(|_| app.pack.routes(&matter.route(app.now())).first().map(|route| route.lead.clone()))
        .map(|lead| show::unit(&ctx.org, &lead.as_str().into()))
        .unwrap_or_default();
    let lead = lead_of(&form, &suggested);
    let checks = vec![
        Check {
            what: t!("desk-check-caller"),
            met: form.get("claimant.phone").is_some() || form.get("claimant.anonymous").is_some(),
        },
        Check { what: t!("field-kind"), met: !kind.is_empty() },
        Check { what: t!("word-matter"), met: form.get("body").is_some() },
        Check { what: t!("field-subject"), met: subject.is_some() },
        Check { what: t!("field-place"), met: area.is_some() || form.get("place").is_some() || kind == "consultation" },
        Check { what: t!("word-lead-unit"), met: !lead.is_empty() },
    ];
    let lacking = if lead.is_empty() { Vec::new() } else { people::lacking(ctx).await? };
    let not_ready = Lacking::of(&lacking, &lead).map(|one| (one.name.clone(), one.line()));
    let fields = Fields::of(ctx, &kind, urgency, &lead, &suggested);
    let fill = |fields: Vec<Field>| filled(fields, &form, tried);
    let at = |name: &str| {
        tried.filter(|tried| tried.problem.field.as_deref() == Some(name)).map(|tried| tried.problem.title.clone())
    };
    Ok(DeskPage {
        frame: ctx.frame(t!("desk-title"), "/desk", tried),
        key: app.id(),
        draft: Note::sent(&form).unwrap_or_else(|| fresh(ctx)),
        phone: form.get("claimant.phone").unwrap_or_default().to_owned(),
        phone_error: found.error.or_else(|| at("claimant.phone")),
        looked: form.get("claimant.phone").is_some(),
        counts: (history.len(), open),
        history,
        same,
        around,
        kinds: show::kinds(&app.pack),
        kind_error: at("kind"),
        kind,
        matter: fill(fields.matter),
        place: fill(fields.place),
        claimant: fill(fields.claimant),
        refuse: fill(fields.refuse),
        transfer: fill(fields.transfer),
        answer: fill(fields.answer),
        emergency: fill(fields.emergency),
        way: tried.and_then(|tried| tried.typed.get("_do")).unwrap_or_default().to_owned(),
        suggested,
        limits,
        checks,
        units: show::unit_names(app, &ctx.org),
        lacking,
        not_ready,
    })
}

/// The unit that leads: as typed, or as suggested where what stands there was suggested before.
fn lead_of(form: &Form, suggested: &str) -> String {
    match form.get("lead") {
        Some(lead) if form.get("_lead") != Some(lead) => lead.to_owned(),
        _ => suggested.to_owned(),
    }
}

/// The fields of the desk's form.
struct Fields {
    matter: Vec<Field>,
    place: Vec<Field>,
    claimant: Vec<Field>,
    refuse: Vec<Field>,
    transfer: Vec<Field>,
    answer: Vec<Field>,
    emergency: Vec<Field>,
}

impl Fields {
    fn of(ctx: &Ctx, kind: &str, urgency: &str, lead: &str, suggested: &str) -> Self {
        let (app, pack) = (&ctx.site.app, &ctx.site.app.pack);
        let mut body = Field::area("body", t!("word-matter")).hint(t!("desk-matter-hint"));
        body.shape = super::field::Shape::Area(4);
        let (_, mut claimant) = new_order::fields(app);
        claimant.retain(|field| field.name != "claimant.phone");
        claimant.push(asks::secrecy(app).half());
        let mut unit = Field::of_unit("lead", t!("word-lead-unit")).value(lead).half();
        if !suggested.is_empty() {
            unit.hint = Some(t!("desk-lead-hint").into());
        }
        let mut blank = Order::blank(OrderId(String::new()), app.now());
        blank.kind = Some(kind.to_owned()).filter(|kind| !kind.is_empty());
        blank.urgency = Urgency::try_from(urgency).unwrap_or(Urgency::Normal);
        let mut answer = facts::fields(app, &blank);
        for field in &mut answer {
            // Only needed where it is answered at once.
            field.required = false;
        }
        answer.push(Field::area("public", t!("word-answer")).hint(t!("desk-answer-hint")));
        Self {
            matter: vec![Field::line("title", t!("word-title")).hint(t!("desk-title-hint")), body],
            place: vec![
                Field::select("subject", t!("field-subject"), show::subjects(pack)).hint(t!("field-subject-hint")),
                Field::select("area", t!("field-area"), show::areas(pack)).half(),
                Field::line("place", t!("desk-place-hint")).half(),
                unit,
                Field::list("urgency", t!("field-urgency"), show::urgencies()).value("normal").half(),
                Field::area("note", t!("dispatch-note")),
            ],
            claimant,
            refuse: vec![
                Field::list("reason", t!("desk-refuse-reason"), asks::cited_reasons(pack, "refusal")),
                Field::area("text", t!("desk-refuse-text")).hint(t!("desk-refuse-text-hint")),
            ],
            transfer: vec![
                Field::list("to", t!("field-to"), asks::cited_reasons(pack, "transfer")),
                Field::typed("answered_at", t!("field-answered_at"), "datetime-local")
                    .hint(t!("desk-answered-hint"))
                    .half(),
            ],
            answer,
            emergency: vec![
                Field::check("confirmed", t!("desk-emergency-tick")),
                Field::line("notice.who", t!("desk-notice-who")).hint(t!("desk-notice-hint")).half(),
                Field::typed("notice.at", t!("desk-notice-at"), "datetime-local").hint(t!("word-empty-now")).half(),
            ],
        }
    }
}

/// Fields with what was typed; what the page proposes stays where nothing was sent.
fn filled(fields: Vec<Field>, typed: &Form, tried: Option<&Tried>) -> Vec<Field> {
    let proposed: Vec<String> = fields.iter().map(|field| field.value.clone()).collect();
    let mut fields = new_order::filled(fields, typed, tried);
    for (field, proposed) in fields.iter_mut().zip(proposed) {
        field.id = format!("desk-{}", field.name.replace('.', "-"));
        if field.name == "lead" || (field.value.is_empty() && !typed.has(&field.name)) {
            field.value = proposed;
        }
    }
    fields
}

#[cfg(test)]
mod tests {
    use super::{lead_of, title_of};
    use crate::ui::form::Form;

    #[test]
    fn a_title_is_the_first_sentence() {
        assert_eq!(title_of("路灯不亮。已经三天。"), "路灯不亮");
        assert_eq!(title_of(&"长".repeat(80)).chars().count(), 40);
    }

    #[test]
    fn a_unit_somebody_typed_is_not_replaced_by_a_suggestion() {
        let form = |lead: &str| Form(vec![("lead".into(), lead.into()), ("_lead".into(), "市水务局".into())]);
        assert_eq!(lead_of(&form("市水务局"), "市公安局"), "市公安局");
        assert_eq!(lead_of(&form("市住建局"), "市公安局"), "市住建局");
        assert_eq!(lead_of(&Form::default(), "市公安局"), "市公安局");
    }
}
