//! `GET /queue`: the tasks of one's own units, the nearest limit first.

use askama::Template;
use axum::{extract::RawQuery, response::Response};
use huiyin_app::{
    Role,
    orders::list::{self, ListRow, Page, Sort, TaskFilter},
    views::{self, Beside},
};
use huiyin_core::time::Instant;

use super::{
    asks, bulk,
    cases::{self, Tab},
    columns::{self, Cell, Chosen, Offer},
    error::Fault,
    field::{Choice, Field, Tried},
    filters,
    form::Form,
    frame::Frame,
    matter::Tag,
    narrow::{self, Of},
    peek::{self, Peek},
    session::Ctx,
    show::{self, DueCell},
    views::{self as saved, View},
};
use crate::catalogue::word;

/// A row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// Number of the order.
    pub no: String,
    /// Title.
    pub title: String,
    /// The limit.
    pub due: Option<DueCell>,
    /// Beside the number.
    pub meta: String,
    /// What tells it from others.
    pub tags: Vec<Tag>,
    /// What stands in the columns chosen.
    pub cells: Vec<Cell>,
    /// Whether it is new to the unit.
    pub unread: bool,
    /// How it is picked.
    pub pick: String,
    /// A look into it.
    pub peek: String,
}

/// Rows under a heading.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    /// The heading.
    pub words: &'static str,
    /// The rows.
    pub rows: Vec<Row>,
}

/// The page.
#[derive(Debug, Template)]
#[template(path = "queue.html")]
pub struct QueuePage {
    /// What surrounds it.
    pub frame: Frame,
    /// Tabs.
    pub tabs: Vec<Tab>,
    /// What stands beside the title.
    pub sub: String,
    /// The rows by when they are due.
    pub parts: Vec<Part>,
    /// The filters.
    pub fields: Vec<Field>,
    /// The columns chosen.
    pub chosen: Chosen,
    /// Every column, for the menu.
    pub offers: Vec<Offer>,
    /// Handlers of one's own units.
    pub colleagues: Vec<Choice>,
    /// Tags of the city's list.
    pub labels: Vec<Choice>,
    /// Whether a view may be pinned for everybody.
    pub may_pin: bool,
    /// Filters in use: words, and the address without each.
    pub used: Vec<(String, String)>,
    /// Saved views.
    pub views: Vec<View>,
    /// The filter, as a view keeps it.
    pub bare: String,
    /// The order looked into.
    pub peek: Option<Peek>,
    /// Reasons of an extension asked for several at once.
    pub reasons: Vec<Choice>,
    /// Units it is asked in.
    pub spans: Vec<Choice>,
    /// Names of units.
    pub units: Vec<String>,
    /// The tab shown.
    pub tab: String,
    /// The page to come back to.
    pub path: String,
    /// Sets the keys of this page's forms apart.
    pub key: String,
    /// The next page.
    pub more: Option<String>,
    /// How many rows are shown.
    pub shown: usize,
}

/// `GET /queue`.
///
/// # Errors
/// [`Fault`].
pub async fn get(ctx: Ctx, RawQuery(query): RawQuery) -> Result<Response, Fault> {
    show_page(&ctx, &Form::query(query.as_deref()), None).await
}

/// Tabs: code, key of its words, how pressing.
const TABS: &[(&str, &str, &str)] = &[
    ("", key!("queue-tab-all"), ""),
    ("sign", key!("word-to-sign"), ""),
    ("work", key!("queue-tab-working"), ""),
    ("soon", key!("word-due-soon"), "soon"),
    ("over", key!("queue-tab-overdue"), "over"),
    ("redo", key!("word-redone"), ""),
    ("supervised", key!("word-supervised"), "sup"),
    ("asked", key!("queue-tab-asked"), ""),
    ("done", key!("queue-tab-fed-back"), ""),
];

fn list_of(parts: &[&str]) -> Vec<String> {
    parts.iter().map(|part| (*part).to_owned()).collect()
}

/// The condition of a tab beside the filters. Near is what ends today or within six hours.
fn filter(ctx: &Ctx, tab: &str, query: &Form, near: i64) -> TaskFilter {
    let own = narrow::tasks(ctx, query);
    // A state that is filtered by says itself whether it is open.
    let open = TaskFilter { open: own.states.is_empty().then_some(true), ..own };
    match tab {
        "sign" => TaskFilter { states: list_of(&["delivered"]), open: Some(true), ..open },
        "work" => TaskFilter { states: list_of(&["signed", "accepted"]), open: Some(true), ..open },
        "soon" => TaskFilter { due_before: Some(near), missed: Some(false), ..open },
        "over" => TaskFilter { missed: Some(true), ..open },
        "redo" => TaskFilter { redone: Some(true), ..open },
        "supervised" => TaskFilter { supervised: Some(true), ..open },
        "asked" => {
            TaskFilter { asked: list_of(&["return", "extension", "pause", "shelving", "excuse", "approval"]), ..open }
        }
        "done" => TaskFilter { open: Some(false), ..open },
        _ => open,
    }
}

/// What the address asks for.
pub fn wanted(ctx: &Ctx, query: &Form) -> TaskFilter {
    filter(ctx, query.get("tab").unwrap_or_default(), query, near(ctx).1)
}

/// In which order.
pub fn sort(query: &Form) -> Sort {
    if query.get("tab") == Some("done") || query.get("sort") == Some("newest") { Sort::Newest } else { Sort::Due }
}

/// Handlers of the person's own units, each once.
pub fn colleagues(beside: &Beside) -> Vec<Choice> {
    let mut found: Vec<Choice> = Vec::new();
    for (_, person, name) in &beside.colleagues {
        if found.iter().all(|known| known.value != *person) {
            found.push(Choice::new(person, name));
        }
    }
    found
}

/// A query in the order the person has chosen, where it names none.
pub fn sorted(query: &Form, chosen: &Chosen) -> Form {
    let mut query = query.clone();
    if chosen.newest && !query.has("sort") {
        query.0.push(("sort".into(), "newest".into()));
    }
    query
}

/// When tomorrow begins, and until when a limit is near.
fn near(ctx: &Ctx) -> (i64, i64) {
    let (app, now) = (&ctx.site.app, ctx.site.app.now());
    let tomorrow = app.zone().start_of(app.zone().day(now).next()).ms();
    (tomorrow, tomorrow.max(now.ms() + 6 * 3_600_000))
}

/// A key as it stands in an address, and back.
fn key_of(row: &ListRow, sort: Sort) -> String {
    let (value, id, no) = row.key(sort);
    format!("{value}.{no}.{id}")
}

/// A key of an address.
pub fn after(text: Option<&str>) -> Option<(i64, String, i64)> {
    let mut parts = text?.splitn(3, '.');
    let (value, no, id) = (parts.next()?.parse().ok()?, parts.next()?.parse().ok()?, parts.next()?);
    Some((value, id.to_owned(), no))
}

/// The page, perhaps with a form that was not carried out.
///
/// # Errors
/// [`Fault`].
pub async fn show_page(ctx: &Ctx, query: &Form, tried: Option<&Tried>) -> Result<Response, Fault> {
    let app = &ctx.site.app;
    let now = app.now();
    let beside = views::beside(app, &ctx.actor, Of::Queue.page()).await?;
    let (chosen, colleagues) = (Chosen::of(Of::Queue, &beside.settings), colleagues(&beside));
    let query = &sorted(query, &chosen);
    let (tomorrow, near) = near(ctx);
    let tab = query.get("tab").unwrap_or_default();
    let sort = sort(query);
    let page = Page { order: sort, after: after(query.get("after")), limit: 50 };
    let tabs = TABS.iter().map(|(code, ..)| filter(ctx, code, query, near)).collect();
    let (rows, counts) = list::queue(app, &ctx.actor, filter(ctx, tab, query, near), page, tabs).await?;
    let address = |change: &[(&str, Option<&str>)]| narrow::address(Of::Queue, query, change);
    let more =
        (rows.len() == 50).then(|| rows.last().map(|row| address(&[("after", Some(&key_of(row, sort)))]))).flatten();
    let first = rows.iter().find(|row| row.missed);
    let over = counts.get(4).map_or(0, |count| count.n);
    let soon = counts.get(3).map_or(0, |count| count.n);
    let sub = t!("queue-sub", soon, over, no = first.map(|row| t!("queue-oldest", no = row.no)).unwrap_or_default());
    let shown = rows.len();
    let page = QueuePage {
        frame: ctx.frame(t!("nav-queue"), "/queue", tried),
        tabs: TABS
            .iter()
            .enumerate()
            .map(|(at, (code, words, level))| Tab {
                href: address(&[("tab", Some(code)), ("after", None), ("peek", None)]),
                words: word(words).into(),
                count: cases::count(counts.get(at)),
                level,
                here: *code == tab,
            })
            .collect(),
        sub,
        parts: parts(ctx, query, &chosen, rows, (now, tomorrow), tab == "done"),
        fields: narrow::fields(ctx, Of::Queue, query, &colleagues),
        used: narrow::used(ctx, Of::Queue, query, &colleagues),
        views: saved::of(Of::Queue, query, beside.views),
        offers: chosen.offers(Of::Queue),
        labels: show::reasons(&app.pack, "tag"),
        may_pin: ctx.has(&[Role::Office]),
        chosen,
        colleagues,
        bare: narrow::bare(Of::Queue, query),
        peek: peek::named(ctx, Of::Queue, query).await?,
        reasons: show::reasons(&app.pack, "extension"),
        spans: asks::span_units(),
        units: show::unit_names(app, &ctx.org),
        tab: tab.to_owned(),
        path: address(&[]),
        key: app.id(),
        more,
        shown,
    };
    ctx.answer(&page, tried)
}

fn parts(
    ctx: &Ctx,
    query: &Form,
    chosen: &Chosen,
    rows: Vec<ListRow>,
    (now, tomorrow): (Instant, i64),
    done: bool,
) -> Vec<Part> {
    let newest = sort(query) == Sort::Newest;
    let mut found: Vec<Part> = Vec::new();
    for row in rows {
        let words = match () {
            () if done => t!("queue-tab-fed-back"),
            () if newest => t!("lists-newest"),
            () if row.missed || row.due <= now.ms() + 2 * 3_600_000 || row.urgency == "emergency" => {
                t!("queue-group-now")
            }
            () if row.due < tomorrow => t!("queue-group-today"),
            () => t!("queue-group-later"),
        };
        let shown = show_row(ctx, query, chosen, row, now, done);
        match found.iter_mut().find(|part| part.words == words) {
            Some(part) => part.rows.push(shown),
            None => found.push(Part { words, rows: vec![shown] }),
        }
    }
    // An emergency stands first, whatever its limit for the whole is.
    found.sort_by_key(|part| part.words != t!("queue-group-now"));
    found
}

fn show_row(ctx: &Ctx, query: &Form, chosen: &Chosen, row: ListRow, now: Instant, done: bool) -> Row {
    let app = &ctx.site.app;
    let task = row.task.clone();
    let state = task.as_ref().map(|task| task.state.clone()).unwrap_or_default();
    let start = task.as_ref().map_or(row.taken_in_at, |task| task.delivered_at);
    let assists = task.as_ref().is_some_and(|task| task.role == "assist");
    let area = show::area(&app.pack, row.area.as_deref());
    let parts = [area, if assists { t!("word-assist").to_owned() } else { String::new() }];
    let unread = state == "delivered";
    let mut cells = columns::cells(ctx, chosen, &row, unread);
    // Where nobody is named yet, signing for it is the next step.
    let at = chosen.shown.iter().position(|column| column.code == "handler").unwrap_or(cells.len());
    if unread && !done {
        let label = if row.kind.as_deref() == Some("praise") { t!("queue-confirm") } else { t!("word-sign") };
        let sign = Cell::Sign(bulk::pick(&row), row.no.clone(), label);
        match cells.get_mut(at) {
            Some(cell) if *cell == Cell::Whose(String::new()) => *cell = sign,
            _ => cells.insert(at.min(cells.len()), sign),
        }
    }
    Row {
        title: cases::title(&row),
        pick: bulk::pick(&row),
        peek: narrow::address(Of::Queue, query, &[("peek", Some(&row.no))]),
        due: if done { None } else { show::due_cell(app, now, start, row.due, row.missed, row.urgency == "emergency") },
        meta: parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" · "),
        tags: cases::row_tags(&app.pack, &row),
        cells,
        unread,
        no: row.no,
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn a_key_goes_through_an_address() {
        assert_eq!(super::after(Some("17.2.0190-ab")), Some((17, "0190-ab".into(), 2)));
        assert_eq!(super::after(Some("x")), None);
        assert_eq!(super::after(None), None);
    }
}
