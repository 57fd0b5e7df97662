//! `GET /notices`: what is new since one last looked, and what wants one's attention now, the most pressing first. The second
//! is read from the orders as they are, so that nothing done elsewhere still stands there.

use askama::Template;
use axum::{
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use huiyin_app::{
    Role,
    notices::{self, Told},
    orders::list::{self, ListRow, OrderFilter, Page, TaskFilter},
};

use super::{
    cases,
    error::Fault,
    filters,
    frame::Frame,
    matter::Tag,
    session::{self, Ctx, Posted},
    show, words,
};
use crate::catalogue::word;

/// Kinds of what is new: code, key of its words, look, icon.
const KINDS: &[(&str, &str, &str, &str)] = &[
    ("emergency", key!("notice-emergency"), "over", "urgent"),
    ("overdue", key!("notice-overdue"), "over", "overdue"),
    ("supervised", key!("notice-supervised"), "sup", "sup"),
    ("redo", key!("notice-redo"), "mark", "repeat"),
    ("delivered", key!("notice-delivered"), "mark", "inbox"),
    ("soon", key!("notice-soon"), "soon", "soon"),
    ("asked", key!("notice-asked"), "", "stamp"),
    ("decided", key!("notice-decided"), "", "gavel"),
    ("sent-back", key!("notice-sent-back"), "mark", "rotate-ccw"),
    ("recalled", key!("notice-recalled"), "", "arrow-left"),
    ("supplement", key!("notice-supplement"), "", "message-square-plus"),
    ("assigned", key!("notice-assigned"), "", "users"),
];

/// What a kind is called, as far as it is known.
pub fn kind(code: &str) -> &'static str {
    KINDS.iter().find(|(known, ..)| *known == code).map_or("", |(_, words, ..)| word(words))
}

/// Something that happened.
#[derive(Debug)]
pub struct News {
    /// Where it leads.
    pub href: String,
    /// Title of the order.
    pub title: String,
    /// Its number.
    pub no: String,
    /// What happened.
    pub tag: Tag,
    /// When, and by whom.
    pub at: String,
    /// Whether one has not read it.
    pub new: bool,
}

/// A row.
#[derive(Debug)]
pub struct Row {
    /// Where it leads.
    pub href: String,
    /// Title.
    pub title: String,
    /// Number.
    pub no: String,
    /// What tells it from others, its limit first.
    pub tags: Vec<Tag>,
}

/// Rows for one cause.
#[derive(Debug)]
pub struct Group {
    /// The cause.
    pub words: &'static str,
    /// How many there are.
    pub count: String,
    /// Where all of them are.
    pub href: &'static str,
    /// The colour of the count.
    pub level: &'static str,
    /// The first of them.
    pub rows: Vec<Row>,
}

/// The page.
#[derive(Debug, Template)]
#[template(path = "notices.html")]
pub struct NoticesPage {
    /// What surrounds it.
    pub frame: Frame,
    /// What happened, the latest first.
    pub news: Vec<News>,
    /// How many of it one has not read.
    pub unread: usize,
    /// When the page was made: what came since stays new.
    pub until: i64,
    /// Causes with something in them.
    pub groups: Vec<Group>,
}

/// Rows shown of each cause.
const SHOWN: u32 = 5;

fn row(ctx: &Ctx, row: &ListRow) -> Row {
    let (app, emergency) = (&ctx.site.app, row.urgency == "emergency");
    let start = row.task.as_ref().map_or(row.taken_in_at, |task| task.delivered_at);
    let due = show::due_cell(app, app.now(), start, row.due, row.missed, emergency);
    let due = due.map(|due| Tag { look: due.level, icon: due.icon, words: due.text });
    Row {
        href: format!("/orders/{}", row.no),
        title: cases::title(row),
        no: row.no.clone(),
        tags: due.into_iter().chain(cases::row_tags(&app.pack, row)).collect(),
    }
}

fn news(ctx: &Ctx, told: Told, new: bool) -> News {
    let app = &ctx.site.app;
    let (_, words, look, icon) =
        KINDS.iter().find(|(code, ..)| *code == told.kind).copied().unwrap_or(("", key!("word-order"), "", "bell"));
    let title = told.title.filter(|title| !title.is_empty());
    let at = show::near_moment(&app.pack, app.now(), told.at);
    News {
        href: format!("/orders/{}", told.no),
        title: title.unwrap_or_else(|| if told.secret { t!("cases-secret-title") } else { t!("word-untitled") }.into()),
        no: told.no,
        tag: Tag { look, icon, words: word(words).into() },
        at: if told.by.is_empty() { at } else { format!("{at} · {}", told.by) },
        new,
    }
}

/// `POST /notices/read`: all that the page has shown is read.
///
/// # Errors
/// [`Fault`].
pub async fn read(posted: Posted) -> Result<Response, Fault> {
    let Posted { ctx, form, .. } = posted;
    let until = form.get("until").and_then(|until| until.parse().ok()).unwrap_or(0);
    notices::read(&ctx.site.app, &ctx.actor, huiyin_core::time::Instant(until)).await?;
    let said = session::say(&ctx.site, "notices-read");
    Ok((StatusCode::SEE_OTHER, [(header::LOCATION, "/notices")], [(header::SET_COOKIE, said)]).into_response())
}

/// `GET /notices`.
///
/// # Errors
/// [`Fault`].
pub async fn get(ctx: Ctx) -> Result<Response, Fault> {
    let app = &ctx.site.app;
    let mut groups = Vec::new();
    let mut add = |words, href, level, rows: &[ListRow], count: String| {
        if !rows.is_empty() {
            groups.push(Group { words, count, href, level, rows: rows.iter().map(|one| row(&ctx, one)).collect() });
        }
    };
    let page = || Page { limit: SHOWN, ..Page::default() };
    if ctx.has(&[Role::Officer, Role::Leader, Role::Subcentre]) {
        let open = || TaskFilter { open: Some(true), ..TaskFilter::default() };
        let causes: [(_, _, _, TaskFilter); 5] = [
            (
                t!("nav-modes"),
                "/queue?urgency=emergency",
                "over",
                TaskFilter { urgency: vec!["emergency".into()], ..open() },
            ),
            (t!("word-overdue"), "/queue?tab=over", "over", TaskFilter { missed: Some(true), ..open() }),
            (t!("word-to-sign"), "/queue?tab=sign", "soon", TaskFilter { states: vec!["delivered".into()], ..open() }),
            (t!("word-redo"), "/queue?tab=redo", "soon", TaskFilter { redone: Some(true), ..open() }),
            (t!("word-supervised"), "/queue?tab=supervised", "sup", TaskFilter { supervised: Some(true), ..open() }),
        ];
        for (words, href, level, filter) in causes {
            let (rows, counts) = list::queue(app, &ctx.actor, filter.clone(), page(), vec![filter]).await?;
            add(words, href, level, &rows, cases::count(counts.first()));
        }
    }
    if ctx.has(&[Role::Leader]) || !ctx.actor.stands_in.is_empty() {
        let filter = OrderFilter { asked: vec!["approval".into()], open: Some(true), ..OrderFilter::default() };
        let (rows, counts) = list::orders_in(app, &ctx.actor, &ctx.org, filter.clone(), page(), vec![filter]).await?;
        add(t!("notices-approve"), "/approvals", "soon", &rows, cases::count(counts.first()));
    }
    if ctx.has(&[Role::Office, Role::Agent, Role::Callback, Role::Mayor]) {
        let open = || OrderFilter { open: Some(true), ..OrderFilter::default() };
        let desk = ctx.has(&[Role::Office, Role::Agent]);
        let causes: [(_, _, _, OrderFilter, bool); 4] = [
            (
                t!("notices-emergency"),
                "/orders?tab=emergency",
                "over",
                OrderFilter { urgency: vec!["emergency".into()], ..open() },
                true,
            ),
            (
                t!("word-overdue"),
                "/orders?tab=over",
                "over",
                OrderFilter { missed: Some(true), ..open() },
                ctx.has(&[Role::Office, Role::Mayor]),
            ),
            (t!("notices-intake"), "/intake", "soon", OrderFilter { states: vec!["intake".into()], ..open() }, desk),
            (
                t!("word-to-callback"),
                "/callback",
                "",
                OrderFilter { states: vec!["callback".into()], ..open() },
                ctx.has(&[Role::Callback]),
            ),
        ];
        for (words, href, level, filter, _) in causes.into_iter().filter(|cause| cause.4) {
            let (rows, counts) =
                list::orders_in(app, &ctx.actor, &ctx.org, filter.clone(), page(), vec![filter]).await?;
            add(words, href, level, &rows, cases::count(counts.first()));
        }
    }
    if ctx.has(&[Role::Agent, Role::Office, Role::Subcentre, Role::Callback]) {
        let items = list::desk_items(app, &ctx.actor).await?;
        if !items.is_empty() {
            let (pack, now) = (&app.pack, app.now());
            let shown = items.iter().take(SHOWN as usize).map(|item| Row {
                href: "/desk-items".into(),
                title: words::item(&item.what).to_owned(),
                no: String::new(),
                tags: vec![Tag {
                    look: if item.due < now { "over" } else { "" },
                    icon: "clock",
                    words: t!("word-before", due = show::near_moment(pack, now, item.due)),
                }],
            });
            groups.push(Group {
                words: t!("nav-desk-items"),
                count: items.len().to_string(),
                href: "/desk-items",
                level: "soon",
                rows: shown.collect(),
            });
        }
    }
    let until = app.now().ms();
    let found = notices::list(app, &ctx.actor).await?;
    let unread = found.told.iter().filter(|told| found.is_new(told)).count();
    let seen: Vec<bool> = found.told.iter().map(|told| found.is_new(told)).collect();
    let news = found.told.into_iter().zip(seen).map(|(told, new)| self::news(&ctx, told, new)).collect();
    let page = NoticesPage { frame: ctx.frame(t!("nav-notices"), "/notices", None), news, unread, until, groups };
    ctx.answer(&page, None)
}
