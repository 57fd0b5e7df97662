//! `/admin/…`: the register of units, who may sign in, the calendar, keys of programs, and the chains of what was changed.

use askama::Template;
use axum::{
    extract::{Path, RawQuery},
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use huiyin_app::{
    CommandError, Role, Scope,
    audit::{self, AuditReport},
    people::{self, AddToken},
};
use huiyin_core::{
    id::{PersonId, UnitId},
    organisation::Unit,
    policy::Function,
    time::Day,
};

use super::{
    error::Fault,
    field::{Choice, Field, Problem, Tried},
    filters,
    form::{self, Form},
    frame::Frame,
    people::part,
    session::{self, Ctx, Posted},
    show, words,
};
use crate::catalogue::{Language, word};

/// A table with what can be done beside it: every page here is one.
#[derive(Debug, Template)]
#[template(path = "admin.html")]
pub struct AdminPage {
    /// What surrounds it.
    pub frame: Frame,
    /// The pages here: path, words, shown.
    pub tabs: Vec<(&'static str, &'static str, bool)>,
    /// Its title.
    pub title: &'static str,
    /// What stands under it.
    pub sub: String,
    /// Said once: a secret just made, or what a verification came to.
    pub said: Option<Said>,
    /// Heads of the columns.
    pub heads: Vec<&'static str>,
    /// Rows.
    pub rows: Vec<Row>,
    /// What an empty table says.
    pub empty: &'static str,
    /// Links above the table: words, address, shown.
    pub links: Vec<(String, String, bool)>,
    /// Forms beside it.
    pub forms: Vec<Beside>,
    /// Names of units.
    pub units: Vec<String>,
}

/// Something said once.
#[derive(Debug)]
pub struct Said {
    /// `done`, `over`.
    pub level: &'static str,
    /// In a few words.
    pub title: String,
    /// A secret, to be copied.
    pub secret: String,
    /// More of it.
    pub lines: Vec<String>,
}

/// A button of a row.
#[derive(Debug)]
pub struct Do {
    /// Where it is sent.
    pub action: &'static str,
    /// What it names.
    pub named: Vec<(&'static str, String)>,
    /// What it says.
    pub button: &'static str,
}

/// A form beside the table.
#[derive(Debug)]
pub struct Beside {
    /// Where it is sent.
    pub action: &'static str,
    /// Its title.
    pub title: &'static str,
    /// Its fields.
    pub fields: Vec<Field>,
    /// What its button says.
    pub button: &'static str,
}

/// A row.
#[derive(Debug, Default)]
pub struct Row {
    /// Its cells; the first may lead somewhere.
    pub cells: Vec<String>,
    /// Where the first leads.
    pub href: String,
    /// What can be done with it.
    pub acts: Vec<Do>,
    /// Whether it is over.
    pub gone: bool,
}

/// The pages here: path, key of its words, whose it is.
const PAGES: &[(&str, &str, &[Role])] = &[
    ("/admin/units", key!("word-unit"), &[Role::Admin, Role::Office]),
    ("/admin/people", key!("word-login"), &[Role::Admin]),
    ("/admin/calendar", key!("admin-calendar"), &[Role::Admin, Role::Office]),
    ("/admin/keys", key!("admin-keys"), &[Role::Admin]),
    ("/admin/audit", key!("admin-audit"), &[Role::Admin]),
];

fn page(
    ctx: &Ctx,
    here: &'static str,
    title: &'static str,
    sub: impl Into<String>,
    tried: Option<&Tried>,
) -> AdminPage {
    let mut frame = ctx.frame(title, "/admin/units", None);
    frame.problem = tried.map(|tried| tried.problem.clone());
    AdminPage {
        frame,
        tabs: PAGES
            .iter()
            .filter(|(.., roles)| ctx.has(roles))
            .map(|(path, words, _)| (*path, word(words), *path == here))
            .collect(),
        title,
        sub: sub.into(),
        said: None,
        heads: Vec::new(),
        rows: Vec::new(),
        empty: t!("admin-no-rows"),
        links: Vec::new(),
        forms: Vec::new(),
        units: Vec::new(),
    }
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

/// `GET /admin/units`.
///
/// # Errors
/// [`Fault`].
pub async fn units(ctx: Ctx, RawQuery(query): RawQuery) -> Result<Response, Fault> {
    let page = units_page(&ctx, &Form::query(query.as_deref()), None).await?;
    ctx.answer(&page, None)
}

async fn units_page(ctx: &Ctx, query: &Form, tried: Option<&Tried>) -> Result<AdminPage, Fault> {
    let app = &ctx.site.app;
    let (pack, today) = (&app.pack, app.zone().day(app.now()));
    let ended = query.get("show") == Some("ended");
    let not_ready = people::not_ready(app, &ctx.actor).await?;
    let kind = |code: &str| {
        pack.unit_kind(code)
            .and_then(|kind| pack.in_language(&kind.label, Language::here().code()))
            .unwrap_or(code)
            .to_owned()
    };
    let mut page = page(ctx, "/admin/units", t!("word-unit"), t!("admin-units-what"), tried);
    page.heads = vec![
        t!("word-unit"),
        t!("admin-unit-code"),
        t!("admin-unit-kind"),
        t!("word-above"),
        t!("field-area"),
        t!("word-period"),
        t!("admin-ready"),
    ];
    page.links = vec![
        (t!("word-in-use").into(), "/admin/units".into(), !ended),
        (t!("word-stopped").into(), "/admin/units?show=ended".into(), ended),
    ];
    page.rows = ctx
        .org
        .units()
        .filter(|unit| unit.in_force(today) != ended)
        .map(|unit| {
            let lacks = not_ready.iter().find(|one| one.unit == unit.id).map(|one| {
                one.missing.iter().map(|missing| part(missing.part)).collect::<Vec<_>>().join(t!("punct-list"))
            });
            let parent = unit.parent.as_ref().map(|parent| show::unit(&ctx.org, parent)).unwrap_or_default();
            let days = match (&unit.until, &unit.successor) {
                (Some(until), Some(next)) => {
                    t!("admin-unit-ended", from = unit.from, until, next = show::unit(&ctx.org, next))
                }
                (Some(until), None) => t!("word-from-to", from = unit.from, until),
                _ => t!("word-from-on", from = unit.from),
            };
            Row {
                href: format!("/unit?unit={}", form::encode(unit.id.as_str())),
                cells: vec![
                    unit.name.clone(),
                    unit.id.0.clone(),
                    kind(&unit.kind),
                    parent,
                    show::area(pack, unit.territory.as_deref()),
                    days,
                    match (unit.function, lacks) {
                        (_, Some(lacks)) => t!("admin-unit-lacks", lacks),
                        (Function::Member, None) => t!("word-complete").into(),
                        _ => String::new(),
                    },
                ],
                gone: ended,
                ..Row::default()
            }
        })
        .collect();
    page.units = ctx.org.units().filter(|unit| unit.in_force(today)).map(|unit| unit.name.clone()).collect();
    if ctx.has(&[Role::Admin]) {
        let mut kinds: Vec<&str> = ctx.org.units().map(|unit| unit.kind.as_str()).collect();
        kinds.sort_unstable();
        kinds.dedup();
        let kinds = kinds.into_iter().map(|code| Choice::new(code, kind(code))).collect();
        let save = vec![
            Field::line("code", t!("admin-unit-code")).required().hint(t!("admin-unit-code-hint")).half(),
            Field::line("name", t!("admin-unit-name")).required().half(),
            Field::list("kind", t!("admin-unit-kind"), kinds).required().half(),
            Field::of_unit("parent", t!("admin-unit-parent")).half(),
            Field::select("territory", t!("field-area"), show::areas(pack)).half(),
            Field::typed("from", t!("admin-unit-from"), "date").hint(t!("word-empty-today")).half(),
            Field::line("aliases", t!("admin-unit-aliases")).hint(t!("admin-unit-aliases-hint")).half(),
        ];
        let end = vec![
            Field::of_unit("unit", t!("admin-unit-ends")).required().half(),
            Field::of_unit("successor", t!("admin-unit-successor")).half(),
            Field::typed("last", t!("admin-unit-last-day"), "date").required().half(),
        ];
        page.forms = vec![
            Beside {
                action: "/admin/units/save",
                title: t!("admin-unit-save"),
                fields: filled(save, "save", tried),
                button: t!("word-save"),
            },
            Beside {
                action: "/admin/units/end",
                title: t!("admin-unit-end"),
                fields: filled(end, "end", tried),
                button: t!("word-stop"),
            },
        ];
    }
    Ok(page)
}

/// `GET /admin/people`.
///
/// # Errors
/// [`Fault`].
pub async fn persons(ctx: Ctx) -> Result<Response, Fault> {
    let page = persons_page(&ctx, None).await?;
    ctx.answer(&page, None)
}

async fn persons_page(ctx: &Ctx, tried: Option<&Tried>) -> Result<AdminPage, Fault> {
    let app = &ctx.site.app;
    let mut page = page(ctx, "/admin/people", t!("word-login"), t!("admin-people-what"), tried);
    page.heads = vec![t!("word-name"), t!("word-login"), t!("word-state"), t!("word-totp"), t!("word-actions")];
    page.rows = people::persons(app, &ctx.actor)
        .await?
        .into_iter()
        .map(|one| {
            let toggle = if one.active { ("false", t!("word-stop")) } else { ("true", t!("word-turn-on")) };
            let mut acts = Vec::new();
            // One's own password is changed on one's own page.
            if one.id != ctx.actor.person {
                let named = vec![("login", one.login.clone())];
                acts.push(Do { action: "/admin/people/password", named, button: t!("admin-reset") });
                let named = vec![("person", one.id.0.clone()), ("active", toggle.0.to_owned())];
                acts.push(Do { action: "/admin/people/active", named, button: toggle.1 });
            }
            Row {
                cells: vec![
                    one.name,
                    one.login,
                    match (one.active, one.must_change) {
                        (false, _) => t!("word-stopped").into(),
                        (true, true) => t!("admin-must-change").into(),
                        (true, false) => t!("admin-normal").into(),
                    },
                    if one.totp { t!("word-turned-on") } else { "" }.into(),
                ],
                acts,
                gone: !one.active,
                ..Row::default()
            }
        })
        .collect();
    Ok(page)
}

/// `GET /admin/calendar`.
///
/// # Errors
/// [`Fault`].
pub async fn calendar(ctx: Ctx, RawQuery(query): RawQuery) -> Result<Response, Fault> {
    let app = &ctx.site.app;
    let calendar = app.pack.calendar();
    let this = app.zone().day(app.now()).date().year();
    let asked = Form::query(query.as_deref()).get("year").and_then(|year| year.parse::<i16>().ok());
    let year = asked.filter(|year| (2000..2100).contains(year)).unwrap_or(this);
    let sub = match calendar.notice(year) {
        Some(notice) => t!("admin-year", year, notice),
        None => t!("admin-year-missing", year),
    };
    let mut page = page(&ctx, "/admin/calendar", t!("admin-calendar"), sub, None);
    page.links = (this - 3..=this + 1)
        .map(|one| (one.to_string(), format!("/admin/calendar?year={one}"), one == year))
        .collect();
    page.heads = vec![t!("word-date"), t!("admin-weekday"), t!("admin-day-kind")];
    page.empty = t!("admin-no-days");
    let mut day = Day::try_from(i64::from(year) * 10_000 + 101).ok();
    while let Some(now) = day.filter(|day| day.date().year() == year) {
        let weekend = now.weekday() > 5;
        if calendar.is_working(now) == weekend {
            let what = if weekend { t!("admin-workday") } else { t!("admin-holiday") };
            page.rows.push(Row {
                cells: vec![now.to_string(), show::weekday(now).to_owned(), what.to_owned()],
                ..Row::default()
            });
        }
        day = Some(now.next());
    }
    ctx.answer(&page, None)
}

/// `GET /admin/keys`.
///
/// # Errors
/// [`Fault`].
pub async fn keys(ctx: Ctx) -> Result<Response, Fault> {
    let page = keys_page(&ctx, None).await?;
    ctx.answer(&page, None)
}

async fn keys_page(ctx: &Ctx, tried: Option<&Tried>) -> Result<AdminPage, Fault> {
    let app = &ctx.site.app;
    let (pack, now) = (&app.pack, app.now());
    let sub = t!("admin-keys-what");
    let mut page = page(ctx, "/admin/keys", t!("admin-keys"), sub, tried);
    page.heads =
        vec![t!("admin-token-for"), t!("admin-scopes"), t!("admin-made"), t!("admin-expires"), t!("word-actions")];
    page.empty = t!("admin-no-tokens");
    let persons = people::persons(app, &ctx.actor).await?;
    page.rows = people::tokens(app, &ctx.actor)
        .await?
        .into_iter()
        .map(|one| {
            let over = one.revoked_at.is_some() || one.until.is_some_and(|until| until <= now);
            let who = persons.iter().find(|person| person.id == one.person);
            let scopes: Vec<&str> = one.scopes.iter().map(|scope| scope.code()).collect();
            Row {
                cells: vec![
                    who.map_or_else(
                        || one.person.0.clone(),
                        |who| t!("admin-person", name = who.name, login = who.login),
                    ),
                    scopes.join(t!("punct-list")),
                    show::near_moment(pack, now, one.created_at),
                    match (one.revoked_at, one.until) {
                        (Some(at), _) => t!("admin-revoked", at = show::near_moment(pack, now, at)),
                        (None, Some(until)) => show::near_moment(pack, now, until),
                        (None, None) => t!("admin-for-good").into(),
                    },
                ],
                acts: match over {
                    true => Vec::new(),
                    false => {
                        vec![Do {
                            action: "/admin/keys/revoke",
                            named: vec![("token", one.id)],
                            button: t!("admin-revoke"),
                        }]
                    }
                },
                gone: over,
                ..Row::default()
            }
        })
        .collect();
    let scopes = Scope::ALL.iter().map(|scope| Choice::new(scope.code(), scope.code())).collect();
    let add = vec![
        Field::line("login", t!("admin-token-login")).required().half(),
        Field::list("scope", t!("admin-scopes"), scopes).required().half(),
        Field::typed("until", t!("admin-token-until"), "date").hint(t!("admin-token-until-hint")).half(),
    ];
    page.forms = vec![Beside {
        action: "/admin/keys/add",
        title: t!("admin-token-new"),
        fields: filled(add, "add", tried),
        button: t!("admin-token-make"),
    }];
    Ok(page)
}

/// `GET /admin/audit`.
///
/// # Errors
/// [`Fault`].
pub async fn trail(ctx: Ctx, RawQuery(query): RawQuery) -> Result<Response, Fault> {
    let page = trail_page(&ctx, &Form::query(query.as_deref()), None).await?;
    ctx.answer(&page, None)
}

async fn trail_page(ctx: &Ctx, query: &Form, report: Option<AuditReport>) -> Result<AdminPage, Fault> {
    let app = &ctx.site.app;
    let (pack, now) = (&app.pack, app.now());
    let sub = t!("admin-audit-what");
    let mut page = page(ctx, "/admin/audit", t!("admin-audit"), sub, None);
    let chains = audit::chain_names(app, &ctx.actor).await?;
    let wanted = query.get("chain").unwrap_or("exports").to_owned();
    page.links = chains
        .iter()
        .filter(|chain| !chain.contains(':') || **chain == wanted)
        .take(20)
        .map(|chain| (chain.clone(), format!("/admin/audit?chain={}", form::encode(chain)), *chain == wanted))
        .collect();
    let persons = people::persons(app, &ctx.actor).await?;
    let name = |id: &str| {
        persons.iter().find(|one| one.id.as_str() == id).map_or_else(|| id.to_owned(), |one| one.name.clone())
    };
    page.heads = vec![t!("admin-seq"), t!("word-time"), t!("admin-who"), t!("items-did"), t!("word-content")];
    page.empty = t!("admin-no-entries");
    page.rows = audit::entries(app, &ctx.actor, &wanted, 100)
        .await?
        .into_iter()
        .map(|one| Row {
            cells: vec![
                one.seq.to_string(),
                show::near_moment(pack, now, one.at),
                name(&one.person),
                one.name,
                show::short(&one.body, 300),
            ],
            ..Row::default()
        })
        .collect();
    let chain = vec![
        Field::list("chain", t!("admin-chain"), chains.iter().map(|one| Choice::new(one, one)).collect())
            .value(wanted)
            .half(),
    ];
    page.forms = vec![
        Beside {
            action: "/admin/audit",
            title: t!("admin-chain-other"),
            fields: filled(chain, "chain", None),
            button: t!("word-look"),
        },
        Beside {
            action: "/admin/audit/verify",
            title: t!("admin-verify"),
            fields: Vec::new(),
            button: t!("admin-verify-go"),
        },
    ];
    page.said = report.map(|report| Said {
        level: if report.ok { "done" } else { "over" },
        title: if report.ok { t!("admin-whole").into() } else { t!("admin-broken").into() },
        secret: String::new(),
        lines: std::iter::once(t!(
            "admin-verified",
            orders = report.orders,
            events = report.events,
            texts = report.texts,
            checkpoints = report.checkpoints,
            chains = report.chains
        ))
        .chain(report.faults)
        .collect(),
    });
    Ok(page)
}

fn day(form: &Form, name: &str) -> Result<Option<Day>, CommandError> {
    let Some(text) = form.get(name) else { return Ok(None) };
    let number = text.replace('-', "").parse::<i64>().ok().and_then(|number| Day::try_from(number).ok());
    number.map(Some).ok_or_else(|| CommandError::Invalid { field: name.into(), message: t!("word-not-a-day").into() })
}

fn unit_of(ctx: &Ctx, form: &Form, name: &str) -> Result<Option<UnitId>, CommandError> {
    form.get(name)
        .map(|text| form::unit(&ctx.org, name, text).map(UnitId))
        .transpose()
        .map_err(|bad| CommandError::Invalid { field: bad.field, message: bad.message })
}

/// `POST /admin/{page}/{what}`.
///
/// # Errors
/// [`Fault`]; a fault of the input is the page again, with everything typed.
pub async fn post(Path((which, what)): Path<(String, String)>, posted: Posted) -> Result<Response, Fault> {
    let Posted { ctx, form, .. } = posted;
    match carry_out(&ctx, &which, &what, &form).await {
        Ok(None) => {
            let said = session::say(&ctx.site, "admin-done");
            Ok((StatusCode::SEE_OTHER, [(header::LOCATION, format!("/admin/{which}"))], [(header::SET_COOKIE, said)])
                .into_response())
        }
        Ok(Some(said)) => {
            let page = match which.as_str() {
                "people" => persons_page(&ctx, None).await?,
                "keys" => keys_page(&ctx, None).await?,
                _ => return Err(CommandError::NotFound.into()),
            };
            ctx.answer(&AdminPage { said: Some(said), ..page }, None)
        }
        Err(CommandError::Invalid { field, message }) => {
            let title = words::invalid(&field, &message);
            let tried = Tried::new("", &what, form, Problem { title, field: Some(field), ..Problem::default() });
            let page = match which.as_str() {
                "units" => units_page(&ctx, &Form::default(), Some(&tried)).await?,
                "people" => persons_page(&ctx, Some(&tried)).await?,
                "keys" => keys_page(&ctx, Some(&tried)).await?,
                _ => return Err(CommandError::NotFound.into()),
            };
            ctx.answer(&page, Some(&tried))
        }
        Err(other) => Err(other.into()),
    }
}

/// `POST /admin/audit/verify`.
///
/// # Errors
/// [`Fault`].
pub async fn verify(posted: Posted) -> Result<Response, Fault> {
    let Posted { ctx, .. } = posted;
    let report = audit::verify_for(&ctx.site.app, &ctx.actor).await?;
    let page = trail_page(&ctx, &Form::default(), Some(report)).await?;
    ctx.answer(&page, None)
}

async fn carry_out(ctx: &Ctx, which: &str, what: &str, form: &Form) -> Result<Option<Said>, CommandError> {
    let (app, actor) = (&ctx.site.app, &ctx.actor);
    let text = |name: &str| form.get(name).unwrap_or_default().to_owned();
    match (which, what) {
        ("units", "save") => {
            let code = text("code");
            let today = app.zone().day(app.now());
            let known = ctx.org.unit(&code.as_str().into()).cloned();
            let blank = Unit {
                id: code.as_str().into(),
                name: String::new(),
                aliases: Vec::new(),
                kind: String::new(),
                function: Function::Member,
                parent: None,
                territory: None,
                from: today,
                until: None,
                successor: None,
                approval: Vec::new(),
            };
            let old = known.unwrap_or(blank);
            let aliases = text("aliases");
            let unit = Unit {
                name: text("name"),
                kind: text("kind"),
                parent: unit_of(ctx, form, "parent")?,
                territory: form.get("territory").map(str::to_owned),
                from: day(form, "from")?.unwrap_or(old.from),
                aliases: match aliases.is_empty() {
                    true => old.aliases.clone(),
                    false => aliases.split(['、', ',', '，']).map(|one| one.trim().to_owned()).collect(),
                },
                ..old
            };
            people::save_unit(app, actor, unit).await?;
            Ok(None)
        }
        ("units", "end") => {
            let invalid =
                |field: &str, message: &str| CommandError::Invalid { field: field.into(), message: message.into() };
            let unit = unit_of(ctx, form, "unit")?.ok_or_else(|| invalid("unit", t!("admin-which-unit")))?;
            let last = day(form, "last")?.ok_or_else(|| invalid("last", t!("admin-which-day")))?;
            people::end_unit(app, actor, &unit, last, unit_of(ctx, form, "successor")?).await?;
            Ok(None)
        }
        ("people", "password") => {
            let login = text("login");
            let password = people::reset_password(app, actor, &login).await?;
            Ok(Some(Said {
                level: "done",
                title: t!("admin-reset-done", login),
                secret: password.as_str().to_owned(),
                lines: vec![t!("admin-reset-what").into()],
            }))
        }
        ("people", "active") => {
            people::set_active(app, actor, &PersonId(text("person")), form.get("active") == Some("true")).await?;
            Ok(None)
        }
        ("keys", "add") => {
            let scope = Scope::try_from(text("scope").as_str())
                .map_err(|message| CommandError::Invalid { field: "scope".into(), message })?;
            let until = day(form, "until")?.map(|day| app.zone().start_of(day.next()));
            let made =
                people::add_token(app, actor, AddToken { login: text("login"), scopes: vec![scope], until }).await?;
            Ok(Some(Said {
                level: "done",
                title: t!("admin-token-done").into(),
                secret: made.token.as_str().to_owned(),
                lines: vec![t!("admin-token-what").into()],
            }))
        }
        ("keys", "revoke") => people::revoke_token(app, actor, &text("token")).await.map(|()| None),
        _ => Err(CommandError::NotFound),
    }
}
