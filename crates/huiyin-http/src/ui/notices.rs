//! `GET /notices`: what wants one's attention now, of all one works on, the most pressing first. It is read from the orders
//! as they are, so that nothing done elsewhere still stands here.

use askama::Template;
use axum::response::Response;
use huiyin_app::{
    Role,
    orders::list::{self, ListRow, OrderFilter, Page, TaskFilter},
};

use super::{cases, error::Fault, filters, frame::Frame, matter::Tag, session::Ctx, show, words};

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
    let page = NoticesPage { frame: ctx.frame(t!("nav-notices"), "/notices", None), groups };
    ctx.answer(&page, None)
}
