//! `GET /queue`: the tasks of one's own units, the nearest limit first.

use askama::Template;
use axum::{extract::RawQuery, response::Response};
use huiyin_app::orders::list::{self, ListRow, Page, Sort, TaskFilter};
use huiyin_core::time::Instant;

use super::{
    cases::{self, Tab},
    error::Fault,
    field::{Choice, Tried},
    filters,
    form::{Form, encode},
    frame::Frame,
    matter::Tag,
    session::Ctx,
    show::{self, DueCell},
    words,
};

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
    /// Kind.
    pub kind: String,
    /// Where it stands.
    pub state: String,
    /// Whether it is new to the unit.
    pub unread: bool,
    /// The unit.
    pub unit: String,
    /// The task, where signing for it is the next step; and the command.
    pub sign: Option<(i64, &'static str, &'static str)>,
    /// Version of the order.
    pub seq: i64,
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
    /// Kinds to filter by.
    pub kinds: Vec<Choice>,
    /// The kind filtered by.
    pub kind: String,
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

const TABS: &[(&str, &str, &str)] = &[
    ("", "全部待办", ""),
    ("sign", "待签收", ""),
    ("work", "办理中", ""),
    ("soon", "临期", "soon"),
    ("over", "超期", "over"),
    ("redo", "重办", ""),
    ("asked", "申请中", ""),
    ("done", "已反馈", ""),
];

fn list_of(parts: &[&str]) -> Vec<String> {
    parts.iter().map(|part| (*part).to_owned()).collect()
}

/// The condition of a tab. Near is what ends today or within six hours.
fn filter(tab: &str, kind: Option<&str>, near: i64) -> TaskFilter {
    let open =
        TaskFilter { open: Some(true), kinds: kind.map(str::to_owned).into_iter().collect(), ..TaskFilter::default() };
    match tab {
        "sign" => TaskFilter { states: list_of(&["delivered"]), ..open },
        "work" => TaskFilter { states: list_of(&["signed", "accepted"]), ..open },
        "soon" => TaskFilter { due_before: Some(near), missed: Some(false), ..open },
        "over" => TaskFilter { missed: Some(true), ..open },
        "redo" => TaskFilter { redone: Some(true), ..open },
        "asked" => {
            TaskFilter { asked: list_of(&["return", "extension", "pause", "shelving", "excuse", "approval"]), ..open }
        }
        "done" => TaskFilter { open: Some(false), ..open },
        _ => open,
    }
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
    let tomorrow = app.zone().start_of(app.zone().day(now).next()).ms();
    let near = tomorrow.max(now.ms() + 6 * 3_600_000);
    let tab = query.get("tab").unwrap_or_default();
    let kind = query.get("kind");
    let sort = if tab == "done" { Sort::Newest } else { Sort::Due };
    let page = Page { order: sort, after: after(query.get("after")), limit: 50 };
    let tabs = TABS.iter().map(|(code, ..)| filter(code, kind, near)).collect();
    let (rows, counts) = list::queue(app, &ctx.actor, filter(tab, kind, near), page, tabs).await?;
    let address = |tab: &str, kind: Option<&str>, after: Option<&str>| {
        let parts: Vec<String> = [("tab", (!tab.is_empty()).then_some(tab)), ("kind", kind), ("after", after)]
            .into_iter()
            .filter_map(|(name, value)| value.map(|value| format!("{name}={}", encode(value))))
            .collect();
        if parts.is_empty() { "/queue".to_owned() } else { format!("/queue?{}", parts.join("&")) }
    };
    let more =
        (rows.len() == 50).then(|| rows.last().map(|row| address(tab, kind, Some(&key_of(row, sort))))).flatten();
    let first = rows.iter().find(|row| row.missed);
    let over = counts.get(4).map_or(0, |count| count.n);
    let soon = counts.get(3).map_or(0, |count| count.n);
    let sub = format!(
        "临期 {soon} 件，已超期 {over} 件{}",
        first.map(|row| format!(" · 最早超期 {}", row.no)).unwrap_or_default()
    );
    let shown = rows.len();
    let page = QueuePage {
        frame: ctx.frame("待我处理", "/queue", tried),
        tabs: TABS
            .iter()
            .enumerate()
            .map(|(at, (code, words, level))| Tab {
                href: address(code, kind, None),
                words: (*words).into(),
                count: cases::count(counts.get(at)),
                level,
                here: *code == tab,
            })
            .collect(),
        sub,
        parts: parts(ctx, rows, now, tomorrow, tab == "done"),
        kinds: show::kinds(&app.pack),
        kind: kind.unwrap_or_default().to_owned(),
        tab: tab.to_owned(),
        path: address(tab, kind, query.get("after")),
        key: app.id(),
        more,
        shown,
    };
    ctx.answer(&page, tried)
}

fn parts(ctx: &Ctx, rows: Vec<ListRow>, now: Instant, tomorrow: i64, done: bool) -> Vec<Part> {
    let mut found: Vec<Part> = Vec::new();
    for row in rows {
        let words = match () {
            () if done => "已反馈",
            () if row.missed || row.due <= now.ms() + 2 * 3_600_000 || row.urgency == "emergency" => "需立即处理",
            () if row.due < tomorrow => "今日其余",
            () => "明日及以后",
        };
        let shown = show_row(ctx, row, now, done);
        match found.iter_mut().find(|part| part.words == words) {
            Some(part) => part.rows.push(shown),
            None => found.push(Part { words, rows: vec![shown] }),
        }
    }
    // An emergency stands first, whatever its limit for the whole is.
    found.sort_by_key(|part| part.words != "需立即处理");
    found
}

fn show_row(ctx: &Ctx, row: ListRow, now: Instant, done: bool) -> Row {
    let app = &ctx.site.app;
    let task = row.task.clone();
    let state = task.as_ref().map(|task| task.state.clone()).unwrap_or_default();
    let start = task.as_ref().map_or(row.taken_in_at, |task| task.delivered_at);
    let assists = task.as_ref().is_some_and(|task| task.role == "assist");
    let area = show::area(&app.pack, row.area.as_deref());
    let parts = [area, if assists { "协办".to_owned() } else { String::new() }];
    let sign = task.as_ref().filter(|task| task.state == "delivered" && !done).map(|task| match row.kind.as_deref() {
        Some("praise") => (task.no, "confirm-receipt", "确认收到"),
        _ => (task.no, "sign", "签收"),
    });
    Row {
        title: cases::title(&row),
        due: if done { None } else { show::due_cell(app, now, start, row.due, row.missed, row.urgency == "emergency") },
        meta: parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" · "),
        tags: cases::row_tags(&row),
        kind: show::kind(&app.pack, row.kind.as_deref()),
        state: words::task_state(&state).to_owned(),
        unread: state == "delivered",
        unit: task.map(|task| show::unit(&ctx.org, &task.unit.as_str().into())).unwrap_or_default(),
        sign,
        seq: row.seq,
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
