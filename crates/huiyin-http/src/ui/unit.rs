//! `/unit`: who answers for a unit, since when and under which receipt; whom to phone by day, at night and on days off; what is
//! missing; who approves in whose place. Every change on it is a plain form.

use askama::Template;
use axum::{
    extract::{Path, RawQuery},
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use huiyin_app::{
    CommandError, Role,
    people::{self, AddPerson, AddPost, AddRoster, Delegate, Held, MissingPart, Position, Shift, Terms},
};
use huiyin_core::{
    id::{PersonId, UnitId},
    time::Day,
};

use super::{
    error::Fault,
    field::{Choice, Field, Problem, Tried},
    filters,
    form::{Form, encode},
    frame::Frame,
    people::part,
    session::{self, Ctx, Posted},
    show, words,
};
use crate::catalogue::Language;

/// A post.
#[derive(Debug)]
pub struct PostRow {
    /// Its id.
    pub id: String,
    /// The person's id.
    pub person: String,
    /// What they are in the unit.
    pub position: &'static str,
    /// Name.
    pub name: String,
    /// Role and terms.
    pub role: String,
    /// Phone, its middle hidden.
    pub phone: String,
    /// Since when, until when.
    pub days: String,
    /// `done`, `soon`, `over`, or nothing.
    pub level: &'static str,
    /// How the filing stands.
    pub filing: String,
    /// Whether it must still be filed.
    pub to_file: bool,
    /// Whether the receipt is still missing.
    pub to_receive: bool,
    /// Whether it is over.
    pub ended: bool,
}

/// A duty phone.
#[derive(Debug)]
pub struct RosterRow {
    /// Its id.
    pub id: String,
    /// Which shift.
    pub shift: &'static str,
    /// Who.
    pub who: String,
    /// Phone, its middle hidden.
    pub phone: String,
    /// Who stands in.
    pub substitute: String,
    /// Since when, until when.
    pub days: String,
}

/// A condition of readiness.
#[derive(Debug)]
pub struct Cond {
    /// What.
    pub what: &'static str,
    /// Whether it is met.
    pub met: bool,
    /// How many of how many.
    pub detail: String,
    /// The rule.
    pub cite: String,
}

/// Somebody who approves in a leader's place.
#[derive(Debug)]
pub struct DelegationRow {
    /// Its id.
    pub id: String,
    /// Who for whom.
    pub who: String,
    /// From when to when.
    pub days: String,
    /// Whether it is in force today.
    pub now: bool,
    /// Whether it can be ended.
    pub open: bool,
}

/// The page.
#[derive(Debug, Template)]
#[template(path = "unit.html")]
pub struct UnitPage {
    /// What surrounds it.
    pub frame: Frame,
    /// The unit's code.
    pub unit: String,
    /// Its name.
    pub name: String,
    /// What it is.
    pub about: String,
    /// Other units one may look at: code and name.
    pub others: Vec<Choice>,
    /// Changes that wait for filing: what is said of the nearest limit.
    pub waits: Option<(&'static str, String)>,
    /// Posts.
    pub posts: Vec<PostRow>,
    /// Duty phones.
    pub roster: Vec<RosterRow>,
    /// Filings and receipts: when, what, whose, by whom.
    pub history: Vec<(String, String, String, String)>,
    /// Shifts nobody stands for.
    pub gaps: Vec<&'static str>,
    /// Conditions of readiness.
    pub conds: Vec<Cond>,
    /// Who approves in whose place.
    pub delegations: Vec<DelegationRow>,
    /// Whether one may change who works here.
    pub manages: bool,
    /// Whether one may file and keep the roster.
    pub speaks: bool,
    /// Whether one records receipts.
    pub receives: bool,
    /// Whether one leads the unit.
    pub leads: bool,
    /// A new person's fields.
    pub person: Vec<Field>,
    /// A duty phone's fields.
    pub duty: Vec<Field>,
    /// A delegation's fields.
    pub delegate: Vec<Field>,
    /// A password made just now, shown this once: login and password.
    pub password: Option<(String, String)>,
}

/// What a position is called.
pub fn position(position: Position) -> &'static str {
    match position {
        Position::LeadingGroup => t!("lack-leading-group"),
        Position::Head => t!("lack-head"),
        Position::Deputy => t!("lack-deputy"),
        Position::Handler => t!("lack-handler"),
        Position::Staff => t!("unit-staff"),
    }
}

fn shift(shift: Shift) -> &'static str {
    match shift {
        Shift::Day => t!("word-working-hours"),
        Shift::Night => t!("word-night"),
        Shift::Holiday => t!("word-holidays"),
    }
}

fn terms(terms: Terms) -> &'static str {
    match terms {
        Terms::Own => "",
        Terms::Seconded => t!("unit-seconded"),
        Terms::Supplier => t!("unit-supplier"),
    }
}

/// A phone with its middle hidden: who needs it in an emergency is given it with the order.
pub fn hidden(phone: &str) -> String {
    let chars: Vec<char> = phone.chars().collect();
    if chars.len() < 7 {
        return phone.to_owned();
    }
    let (head, tail) = (chars[..3].iter().collect::<String>(), chars[chars.len() - 4..].iter().collect::<String>());
    format!("{head} **** {tail}")
}

/// `GET /unit`.
///
/// # Errors
/// [`Fault`].
pub async fn get(ctx: Ctx, RawQuery(query): RawQuery) -> Result<Response, Fault> {
    show_page(&ctx, &Form::query(query.as_deref()), None, None).await
}

/// The unit that is looked at: as asked for, else one's own.
fn wanted(ctx: &Ctx, query: &Form) -> Result<UnitId, Fault> {
    let asked = query.get("unit").map(UnitId::from);
    let own = ctx.actor.posts.iter().map(|post| post.unit.clone()).next();
    asked.or(own).ok_or_else(|| CommandError::NotFound.into())
}

async fn show_page(
    ctx: &Ctx,
    query: &Form,
    tried: Option<&Tried>,
    password: Option<(String, String)>,
) -> Result<Response, Fault> {
    let app = &ctx.site.app;
    let (pack, now, actor) = (&app.pack, app.now(), &ctx.actor);
    let today = app.zone().day(now);
    let unit = wanted(ctx, query)?;
    let held = people::unit_people(app, actor, &unit).await?;
    let entries = people::roster(app, actor, &unit).await?;
    let not_ready = people::not_ready(app, actor).await?;
    let delegations = people::delegations(app, actor, &unit).await?;
    let history = people::filing_history(app, actor, &unit).await?;
    let known = ctx.org.unit(&unit).ok_or(CommandError::NotFound)?;
    let missing = not_ready.iter().find(|one| one.unit == unit).map_or(&[][..], |one| one.missing.as_slice());
    let within = |role: Role| actor.units(role).any(|own| ctx.org.is_within(&unit, own));
    let (admin, leads) = (actor.has(Role::Admin), within(Role::Leader));
    let mut posts: Vec<PostRow> = held.iter().map(|one| post_row(ctx, one, today)).collect();
    posts.sort_by_key(|row| row.ended);
    let due = held.iter().filter(|one| one.filed_at.is_none()).filter_map(|one| one.filing_due).min();
    let waits = due.map(|due| {
        let count = held.iter().filter(|one| one.filed_at.is_none() && one.filing_due.is_some()).count();
        let when = show::moment(pack, due);
        if due < now {
            ("over", t!("unit-filing-late", count, when))
        } else {
            ("soon", t!("unit-filing-due", count, when))
        }
    });
    let stands: Vec<_> = entries.iter().filter(|entry| entry.in_force(today)).collect();
    let gaps = Shift::ALL
        .iter()
        .filter(|one| stands.iter().all(|entry| entry.shift != one.code()))
        .map(|one| shift(*one))
        .collect();
    let name_of = |person: &PersonId| {
        held.iter().find(|one| one.person == *person).map_or_else(|| person.0.clone(), |one| one.name.clone())
    };
    let others = units_seen(ctx);
    let page = UnitPage {
        frame: {
            let mut frame = ctx.frame(t!("unit-title"), "/unit", tried);
            frame.problem = tried.map(|tried| tried.problem.clone());
            frame
        },
        name: known.name.clone(),
        about: t!(
            "unit-about",
            kind = pack
                .unit_kind(&known.kind)
                .and_then(|kind| pack.in_language(&kind.label, Language::here().code()))
                .unwrap_or(&known.kind),
            id = known.id,
            format = known.until.map(|until| t!("unit-until", until)).unwrap_or_default()
        ),
        others,
        waits,
        posts,
        roster: entries
            .iter()
            .filter(|entry| entry.until.is_none_or(|until| until >= today))
            .map(|entry| RosterRow {
                id: entry.id.clone(),
                shift: Shift::read(&entry.shift).map_or("", shift),
                who: entry.who.clone(),
                phone: hidden(entry.phone.as_str()),
                substitute: entry.substitute.clone().unwrap_or_default(),
                days: days(entry.from, entry.until),
            })
            .collect(),
        gaps,
        history: history
            .into_iter()
            .map(|one| {
                let whose = one.whose.iter().map(|(name, held)| t!("ready-whose", name, position = position(*held)));
                let what = match one.receipt {
                    Some(receipt) => t!("ready-received", receipt),
                    None => t!("ready-filed").into(),
                };
                let whose = whose.collect::<Vec<_>>().join(t!("punct-list"));
                (show::near_moment(pack, now, one.at), what, whose, one.by)
            })
            .collect(),
        conds: conds(missing),
        delegations: delegations
            .into_iter()
            .map(|one| DelegationRow {
                who: format!("{} → {}", name_of(&one.from_person), name_of(&one.to)),
                days: days(one.from, Some(one.until)),
                now: one.ended_at.is_none() && one.from <= today && today <= one.until,
                open: one.ended_at.is_none() && today <= one.until,
                id: one.id,
            })
            .collect(),
        manages: admin || leads,
        speaks: admin || leads || within(Role::Officer),
        receives: admin || actor.has(Role::Office),
        leads: actor.units(Role::Leader).any(|own| *own == unit),
        person: filled(person_fields(), "person", tried),
        duty: filled(duty_fields(), "roster", tried),
        delegate: filled(delegate_fields(&held, today), "delegate", tried),
        password,
        unit: unit.0,
    };
    ctx.answer(&page, tried)
}

/// Units one may look at beside one's own.
fn units_seen(ctx: &Ctx) -> Vec<Choice> {
    let today = ctx.site.app.zone().day(ctx.site.app.now());
    let all = ctx.has(&[Role::Office, Role::Admin, Role::Mayor]);
    let seen = |unit: &huiyin_core::organisation::Unit| {
        unit.in_force(today) && (all || ctx.actor.posts.iter().any(|post| ctx.org.is_within(&unit.id, &post.unit)))
    };
    ctx.org.units().filter(|unit| seen(unit)).map(|unit| Choice::new(unit.id.as_str(), &unit.name)).collect()
}

fn days(from: Day, until: Option<Day>) -> String {
    until.map_or_else(|| t!("word-from-on", from), |until| t!("word-from-to", from, until))
}

fn post_row(ctx: &Ctx, held: &Held, today: Day) -> PostRow {
    let (app, now) = (&ctx.site.app, ctx.site.app.now());
    let (level, filing) = match (&held.receipt, held.filed_at, held.filing_due) {
        (Some(receipt), ..) => ("done", receipt.clone()),
        (None, Some(at), Some(_)) => ("", t!("unit-filed-at", at = show::near_moment(&app.pack, now, at))),
        (None, None, Some(due)) if due < now => ("over", t!("unit-file-late").to_owned()),
        (None, None, Some(due)) => ("soon", t!("unit-file-by", due = show::near_moment(&app.pack, now, due))),
        _ => ("", String::new()),
    };
    PostRow {
        id: held.id.clone(),
        person: held.person.0.clone(),
        position: position(held.position),
        name: held.name.clone(),
        role: format!("{}{}", words::role(held.role.code()), terms(held.terms)),
        phone: held.phone.as_ref().map(|phone| hidden(phone.as_str())).unwrap_or_default(),
        days: days(held.from, held.until),
        level,
        filing,
        to_file: held.filing_due.is_some() && held.filed_at.is_none(),
        to_receive: held.filing_due.is_some() && held.filed_at.is_some() && held.receipt.is_none(),
        ended: held.until.is_some_and(|until| until < today),
    }
}

fn conds(missing: &[people::Missing]) -> Vec<Cond> {
    [
        MissingPart::LeadingGroup,
        MissingPart::Head,
        MissingPart::Deputy,
        MissingPart::Handlers,
        MissingPart::Filing,
        MissingPart::RosterDay,
        MissingPart::RosterNight,
        MissingPart::RosterHoliday,
    ]
    .into_iter()
    .map(|what| {
        let lacks = missing.iter().find(|one| one.part == what);
        let basis = lacks.and_then(|one| one.basis.first());
        Cond {
            what: part(what),
            met: lacks.is_none(),
            detail: match lacks {
                None => String::new(),
                Some(one) if what == MissingPart::Filing => t!("unit-late", have = one.have),
                Some(one) => t!("unit-have-need", have = one.have, need = one.need),
            },
            cite: basis.map_or_else(String::new, |basis| {
                format!("{} {}", if basis.number.is_empty() { &basis.document } else { &basis.number }, basis.article)
            }),
        }
    })
    .collect()
}

fn person_fields() -> Vec<Field> {
    let positions = Position::ALL.iter().map(|one| Choice::new(one.code(), position(*one))).collect();
    let roles = [Role::Officer, Role::Leader, Role::Subcentre, Role::Agent, Role::Callback, Role::Office]
        .map(|role| Choice::new(role.code(), words::role(role.code())));
    let own = vec![
        Choice::new("own", t!("terms-own")),
        Choice::new("seconded", t!("terms-seconded")),
        Choice::new("supplier", t!("terms-supplier")),
    ];
    vec![
        Field::line("name", t!("word-name")).required().half(),
        Field::line("login", t!("unit-login")).required().hint(t!("unit-login-hint")).half(),
        Field::typed("phone", t!("unit-mobile"), "tel").half(),
        Field::list("position", t!("word-post"), positions).required().half(),
        Field::list("role", t!("admin-scopes"), roles.to_vec()).required().value("officer").half(),
        Field::list("terms", t!("unit-terms"), own).required().value("own").half(),
        Field::typed("from", t!("unit-from"), "date").hint(t!("word-empty-today")).half(),
    ]
}

fn duty_fields() -> Vec<Field> {
    vec![
        Field::list(
            "shift",
            t!("word-shift"),
            Shift::ALL.iter().map(|one| Choice::new(one.code(), shift(*one))).collect(),
        )
        .required()
        .half(),
        Field::line("who", t!("word-on-duty")).required().half(),
        Field::typed("phone", t!("word-phone"), "tel").required().half(),
        Field::line("substitute", t!("unit-substitute")).half(),
        Field::typed("substitute_phone", t!("unit-substitute-phone"), "tel").half(),
        Field::typed("from", t!("word-from"), "date").hint(t!("word-empty-today")).half(),
        Field::typed("until", t!("word-to"), "date").half(),
    ]
}

fn delegate_fields(held: &[Held], today: Day) -> Vec<Field> {
    let mut people: Vec<Choice> = held
        .iter()
        .filter(|one| one.in_force(today) && one.active)
        .map(|one| Choice::new(one.person.as_str(), &one.name))
        .collect();
    people.dedup();
    vec![
        Field::list("to", t!("unit-delegate-to"), people).required().half(),
        Field::typed("from", t!("word-from"), "date").required().half(),
        Field::typed("until", t!("word-to"), "date").required().half(),
    ]
}

fn filled(mut fields: Vec<Field>, what: &str, tried: Option<&Tried>) -> Vec<Field> {
    let mine = tried.filter(|tried| tried.command == what);
    for field in &mut fields {
        field.id = format!("{what}-{}", field.name);
        let Some(tried) = mine else { continue };
        field.value = tried.typed.get(&field.name).unwrap_or_default().to_owned();
        if tried.problem.field.as_deref() == Some(&field.name) {
            field.error = Some(tried.problem.title.clone());
        }
    }
    fields
}

/// A day of a form; none where nothing is written.
fn day(form: &Form, name: &str) -> Result<Option<Day>, CommandError> {
    let Some(text) = form.get(name) else { return Ok(None) };
    let number = text.replace('-', "").parse::<i64>().ok().and_then(|number| Day::try_from(number).ok());
    number.map(Some).ok_or_else(|| CommandError::Invalid { field: name.into(), message: t!("word-not-a-day").into() })
}

fn code<T: for<'a> TryFrom<&'a str, Error = String>>(form: &Form, name: &str) -> Result<T, CommandError> {
    let text = form.get(name).unwrap_or_default();
    T::try_from(text).map_err(|message| CommandError::Invalid { field: name.into(), message })
}

/// `POST /unit/{what}`: `person`, `end-post`, `file`, `receipt`, `roster`, `end-roster`, `delegate`, `end-delegation`.
///
/// # Errors
/// [`Fault`]; a fault of the input is the page again, with everything typed.
pub async fn post(Path(what): Path<String>, posted: Posted) -> Result<Response, Fault> {
    let Posted { ctx, form, .. } = posted;
    let unit = wanted(&ctx, &form)?;
    match carry_out(&ctx, &what, &form, &unit).await {
        Ok(Some(password)) => {
            let query = Form(vec![("unit".into(), unit.0.clone())]);
            show_page(&ctx, &query, None, Some(password)).await
        }
        Ok(None) => {
            let said = session::say(&ctx.site, "unit-done");
            let to = format!("/unit?unit={}", encode(unit.as_str()));
            Ok((StatusCode::SEE_OTHER, [(header::LOCATION, to)], [(header::SET_COOKIE, said)]).into_response())
        }
        Err(CommandError::Invalid { field, message }) => {
            let title = fault(&field, &message);
            let problem = Problem { title, field: Some(field), ..Problem::default() };
            let tried = Tried::new("", &what, form, problem);
            let query = Form(vec![("unit".into(), unit.0)]);
            show_page(&ctx, &query, Some(&tried), None).await
        }
        Err(other) => Err(other.into()),
    }
}

/// What is wrong with a field, in the reader's words.
fn fault(field: &str, message: &str) -> String {
    match field {
        "login" => t!("unit-bad-login").into(),
        "phone" | "substitute_phone" => t!("unit-bad-phone").into(),
        "posts" => t!("unit-tick").into(),
        "receipt" => t!("unit-bad-receipt").into(),
        "from" | "until" | "last" => t!("unit-bad-day", message),
        "to" => t!("unit-other-person").into(),
        _ => words::invalid(field, message),
    }
}

async fn carry_out(
    ctx: &Ctx,
    what: &str,
    form: &Form,
    unit: &UnitId,
) -> Result<Option<(String, String)>, CommandError> {
    let (app, actor) = (&ctx.site.app, &ctx.actor);
    let today = app.zone().day(app.now());
    let text = |name: &str| form.get(name).unwrap_or_default().to_owned();
    let own = |name: &str| form.get(name).map(str::to_owned);
    let posts: Vec<String> = form.all("posts").map(str::to_owned).collect();
    match what {
        "person" => {
            let post = AddPost {
                unit: unit.clone(),
                role: code(form, "role")?,
                position: code(form, "position")?,
                terms: code(form, "terms")?,
                employer: None,
                from: day(form, "from")?,
                until: None,
            };
            let add = AddPerson { login: text("login"), name: text("name"), phone: own("phone"), posts: vec![post] };
            let added = people::add_person(app, actor, add).await?;
            return Ok(Some((text("login"), added.password.as_str().to_owned())));
        }
        "end-post" => people::end_post(app, actor, &text("post"), day(form, "last")?.unwrap_or(today)).await?,
        "file" => people::file_change(app, actor, unit, &posts).await.map(drop)?,
        "receipt" => people::record_receipt(app, actor, unit, &posts, &text("receipt")).await.map(drop)?,
        "roster" => {
            let add = AddRoster {
                unit: unit.clone(),
                shift: code(form, "shift")?,
                from: day(form, "from")?,
                until: day(form, "until")?,
                who: text("who"),
                phone: text("phone"),
                substitute: own("substitute"),
                substitute_phone: own("substitute_phone"),
            };
            people::add_roster(app, actor, add).await.map(drop)?;
        }
        "end-roster" => people::end_roster(app, actor, &text("entry"), day(form, "last")?.unwrap_or(today)).await?,
        "delegate" => {
            let needed = |found: Option<Day>, name: &str| {
                found.ok_or_else(|| CommandError::Invalid { field: name.into(), message: t!("word-write-day").into() })
            };
            let give = Delegate {
                unit: unit.clone(),
                to: PersonId(text("to")),
                from: needed(day(form, "from")?, "from")?,
                until: needed(day(form, "until")?, "until")?,
            };
            people::delegate(app, actor, give).await.map(drop)?;
        }
        "end-delegation" => people::end_delegation(app, actor, &text("delegation")).await?,
        _ => return Err(CommandError::NotFound),
    }
    Ok(None)
}

#[cfg(test)]
mod tests {
    #[test]
    fn a_phone_is_shown_without_its_middle() {
        assert_eq!(super::hidden("13800138000"), "138 **** 8000");
        assert_eq!(super::hidden("110"), "110");
    }
}
