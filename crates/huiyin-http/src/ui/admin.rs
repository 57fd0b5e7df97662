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

const PAGES: &[(&str, &str, &[Role])] = &[
    ("/admin/units", "单位", &[Role::Admin, Role::Office]),
    ("/admin/people", "账号", &[Role::Admin]),
    ("/admin/calendar", "工作日历", &[Role::Admin, Role::Office]),
    ("/admin/keys", "接口令牌", &[Role::Admin]),
    ("/admin/audit", "审计", &[Role::Admin]),
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
            .map(|(path, words, _)| (*path, *words, *path == here))
            .collect(),
        title,
        sub: sub.into(),
        said: None,
        heads: Vec::new(),
        rows: Vec::new(),
        empty: "没有记录",
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
        pack.unit_kind(code).and_then(|kind| pack.in_language(&kind.label, "zh")).unwrap_or(code).to_owned()
    };
    let mut page = page(ctx, "/admin/units", "单位", "登记的单位、上下级与到位情况；停用的写明接续单位", tried);
    page.heads = vec!["单位", "单位码", "类别", "上级", "区域", "期间", "到位"];
    page.links = vec![
        ("在用".into(), "/admin/units".into(), !ended),
        ("已停用".into(), "/admin/units?show=ended".into(), ended),
    ];
    page.rows = ctx
        .org
        .units()
        .filter(|unit| unit.in_force(today) != ended)
        .map(|unit| {
            let lacks = not_ready
                .iter()
                .find(|one| one.unit == unit.id)
                .map(|one| one.missing.iter().map(|missing| part(missing.part)).collect::<Vec<_>>().join("、"));
            let parent = unit.parent.as_ref().map(|parent| show::unit(&ctx.org, parent)).unwrap_or_default();
            let days = match (&unit.until, &unit.successor) {
                (Some(until), Some(next)) => format!("{} 至 {until}，接续：{}", unit.from, show::unit(&ctx.org, next)),
                (Some(until), None) => format!("{} 至 {until}", unit.from),
                _ => format!("{} 起", unit.from),
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
                        (_, Some(lacks)) => format!("缺：{lacks}"),
                        (Function::Member, None) => "齐".into(),
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
            Field::line("code", "单位码").required().hint("小写字母、数字与短横；已有的码即修改那个单位").half(),
            Field::line("name", "全称").required().half(),
            Field::list("kind", "类别", kinds).required().half(),
            Field::of_unit("parent", "上级单位").half(),
            Field::select("territory", "区域", show::areas(pack)).half(),
            Field::typed("from", "起用日期", "date").hint("留空为今天").half(),
            Field::line("aliases", "别名").hint("用顿号分开").half(),
        ];
        let end = vec![
            Field::of_unit("unit", "停用的单位").required().half(),
            Field::of_unit("successor", "接续单位").half(),
            Field::typed("last", "最后一天", "date").required().half(),
        ];
        page.forms = vec![
            Beside {
                action: "/admin/units/save",
                title: "登记或修改单位",
                fields: filled(save, "save", tried),
                button: "保存",
            },
            Beside {
                action: "/admin/units/end", title: "停用单位", fields: filled(end, "end", tried), button: "停用"
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
    let mut page = page(ctx, "/admin/people", "账号", "谁可以登录；岗位与备案在「人员与分工」", tried);
    page.heads = vec!["姓名", "账号", "状态", "动态验证码", "操作"];
    page.rows = people::persons(app, &ctx.actor)
        .await?
        .into_iter()
        .map(|one| {
            let toggle = if one.active { ("false", "停用") } else { ("true", "启用") };
            let mut acts = Vec::new();
            // One's own password is changed on one's own page.
            if one.id != ctx.actor.person {
                let named = vec![("login", one.login.clone())];
                acts.push(Do { action: "/admin/people/password", named, button: "重置密码" });
                let named = vec![("person", one.id.0.clone()), ("active", toggle.0.to_owned())];
                acts.push(Do { action: "/admin/people/active", named, button: toggle.1 });
            }
            Row {
                cells: vec![
                    one.name,
                    one.login,
                    match (one.active, one.must_change) {
                        (false, _) => "已停用".into(),
                        (true, true) => "待改密码".into(),
                        (true, false) => "正常".into(),
                    },
                    if one.totp { "已启用" } else { "" }.into(),
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
        Some(notice) => format!("{year} 年，依据：{notice}"),
        None => format!("{year} 年放假安排尚未载入：按周末推算，时限都标「暂定」，载入后自动重算"),
    };
    let mut page = page(&ctx, "/admin/calendar", "工作日历", sub, None);
    page.links = (this - 3..=this + 1)
        .map(|one| (one.to_string(), format!("/admin/calendar?year={one}"), one == year))
        .collect();
    page.heads = vec!["日期", "星期", "安排"];
    page.empty = "这一年没有与周末不同的安排";
    let mut day = Day::try_from(i64::from(year) * 10_000 + 101).ok();
    while let Some(now) = day.filter(|day| day.date().year() == year) {
        let weekend = now.weekday() > 5;
        if calendar.is_working(now) == weekend {
            let what = if weekend { "调休上班" } else { "放假" };
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
    let sub = "别的程序凭令牌使用接口，只有列出的权限；主密钥在服务器的密钥文件里，不在这里，也不在备份里";
    let mut page = page(ctx, "/admin/keys", "接口令牌", sub, tried);
    page.heads = vec!["以谁的名义", "权限", "建立", "到期", "操作"];
    page.empty = "还没有令牌";
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
                    who.map_or_else(|| one.person.0.clone(), |who| format!("{}（{}）", who.name, who.login)),
                    scopes.join("、"),
                    show::near_moment(pack, now, one.created_at),
                    match (one.revoked_at, one.until) {
                        (Some(at), _) => format!("{} 撤销", show::near_moment(pack, now, at)),
                        (None, Some(until)) => show::near_moment(pack, now, until),
                        (None, None) => "长期".into(),
                    },
                ],
                acts: match over {
                    true => Vec::new(),
                    false => {
                        vec![Do { action: "/admin/keys/revoke", named: vec![("token", one.id)], button: "撤销" }]
                    }
                },
                gone: over,
                ..Row::default()
            }
        })
        .collect();
    let scopes = Scope::ALL.iter().map(|scope| Choice::new(scope.code(), scope.code())).collect();
    let add = vec![
        Field::line("login", "以谁的名义（账号）").required().half(),
        Field::list("scope", "权限", scopes).required().half(),
        Field::typed("until", "到期日", "date").hint("留空为长期").half(),
    ];
    page.forms = vec![Beside {
        action: "/admin/keys/add",
        title: "新建令牌",
        fields: filled(add, "add", tried),
        button: "新建",
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
    let sub = "人员、单位、设置、导出的每次变更都接在链上，只能追加；工单的变更在工单时间线里";
    let mut page = page(ctx, "/admin/audit", "审计", sub, None);
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
    page.heads = vec!["序", "时间", "谁", "做了什么", "内容"];
    page.empty = "这条链还没有记录";
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
        Field::list("chain", "看哪条链", chains.iter().map(|one| Choice::new(one, one)).collect()).value(wanted).half(),
    ];
    page.forms = vec![
        Beside {
            action: "/admin/audit", title: "换一条链", fields: filled(chain, "chain", None), button: "查看"
        },
        Beside {
            action: "/admin/audit/verify", title: "校验全部账本", fields: Vec::new(), button: "开始校验"
        },
    ];
    page.said = report.map(|report| Said {
        level: if report.ok { "done" } else { "over" },
        title: if report.ok { "账本完整，没有被改动".into() } else { "账本有不符之处".into() },
        secret: String::new(),
        lines: std::iter::once(format!(
            "工单 {} 件，事件 {} 条，文字 {} 段，检查点 {} 个，其他链 {} 条",
            report.orders, report.events, report.texts, report.checkpoints, report.chains
        ))
        .chain(report.faults)
        .collect(),
    });
    Ok(page)
}

fn day(form: &Form, name: &str) -> Result<Option<Day>, CommandError> {
    let Some(text) = form.get(name) else { return Ok(None) };
    let number = text.replace('-', "").parse::<i64>().ok().and_then(|number| Day::try_from(number).ok());
    number.map(Some).ok_or_else(|| CommandError::Invalid { field: name.into(), message: "不是日期".into() })
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
            let unit = unit_of(ctx, form, "unit")?.ok_or_else(|| invalid("unit", "请填写停用哪个单位"))?;
            let last = day(form, "last")?.ok_or_else(|| invalid("last", "请写最后一天"))?;
            people::end_unit(app, actor, &unit, last, unit_of(ctx, form, "successor")?).await?;
            Ok(None)
        }
        ("people", "password") => {
            let login = text("login");
            let password = people::reset_password(app, actor, &login).await?;
            Ok(Some(Said {
                level: "done",
                title: format!("{login} 的临时密码，只显示这一次"),
                secret: password.as_str().to_owned(),
                lines: vec!["原来的登录都已退出；首次登录须修改。请当面或电话告知本人。".into()],
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
                title: "新令牌，只显示这一次".into(),
                secret: made.token.as_str().to_owned(),
                lines: vec!["放进对方程序的配置，不要写进文件或聊天记录。".into()],
            }))
        }
        ("keys", "revoke") => people::revoke_token(app, actor, &text("token")).await.map(|()| None),
        _ => Err(CommandError::NotFound),
    }
}
