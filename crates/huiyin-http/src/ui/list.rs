//! `GET /orders`: all orders one may see, by filters that stand in the address.

use askama::Template;
use axum::{
    extract::RawQuery,
    response::{IntoResponse, Redirect, Response},
};
use huiyin_app::{
    CommandError, Role,
    orders::{
        self,
        list::{self, ListRow, NEVER, OrderFilter, Page, Sort},
        view,
    },
    views,
};

use super::{
    bulk,
    cases::{self, Tab},
    columns::{self, Cell, Chosen, Offer},
    error::Fault,
    field::{Choice, Field},
    filters,
    form::Form,
    frame::Frame,
    matter::Tag,
    narrow::{self, Of},
    peek::{self, Peek},
    queue::{after, sorted},
    session::Ctx,
    show::{self, DueCell},
    views::{self as saved, View},
    words,
};
use crate::catalogue::word;

/// A row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// Number.
    pub no: String,
    /// Title.
    pub title: String,
    /// The limit of the case.
    pub due: Option<DueCell>,
    /// Beside the number.
    pub meta: String,
    /// What tells it from others.
    pub tags: Vec<Tag>,
    /// What stands in the columns chosen.
    pub cells: Vec<Cell>,
    /// How it is picked.
    pub pick: String,
    /// A look into it.
    pub peek: String,
}

/// The page.
#[derive(Debug, Template)]
#[template(path = "orders.html")]
pub struct OrdersPage {
    /// What surrounds it.
    pub frame: Frame,
    /// Tabs.
    pub tabs: Vec<Tab>,
    /// The filters.
    pub fields: Vec<Field>,
    /// The columns chosen.
    pub chosen: Chosen,
    /// Every column, for the menu.
    pub offers: Vec<Offer>,
    /// Tags of the city's list.
    pub labels: Vec<Choice>,
    /// Reasons of a merge.
    pub reasons: Vec<Choice>,
    /// Whether several can be merged into another at once.
    pub may_merge: bool,
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
    /// Whether several can be urged at once.
    pub may_urge: bool,
    /// Sent twice it is one.
    pub key: String,
    /// Rows.
    pub rows: Vec<Row>,
    /// The tab shown.
    pub tab: String,
    /// Names of units.
    pub units: Vec<String>,
    /// What a search found, or why nothing.
    pub note: Option<String>,
    /// The next page.
    pub more: Option<String>,
}

const TABS: &[(&str, &str, &str)] = &[
    ("", key!("word-open-orders"), ""),
    ("over", key!("queue-tab-overdue"), "over"),
    ("emergency", key!("nav-modes"), "over"),
    ("supervised", key!("word-supervised"), "sup"),
    ("difficult", key!("list-tab-difficult"), ""),
    ("closed", key!("word-closed"), ""),
    ("all", key!("word-all"), ""),
];

fn filter(ctx: &Ctx, tab: &str, query: &Form) -> OrderFilter {
    let own = narrow::orders(ctx, query);
    match tab {
        "over" => OrderFilter { open: Some(true), missed: Some(true), ..own },
        "emergency" => OrderFilter { open: Some(true), urgency: vec!["emergency".into()], ..own },
        "supervised" => OrderFilter { open: Some(true), supervised: Some(true), ..own },
        "difficult" => OrderFilter { open: Some(true), difficult: Some(true), ..own },
        "closed" => OrderFilter { open: Some(false), ..own },
        "all" => own,
        _ => OrderFilter { open: Some(true), ..own },
    }
}

/// What the address asks for.
pub fn wanted(ctx: &Ctx, query: &Form) -> OrderFilter {
    filter(ctx, query.get("tab").unwrap_or_default(), query)
}

/// In which order.
pub fn sort(query: &Form) -> Sort {
    let newest = matches!(query.get("tab"), Some("closed" | "all")) || query.get("sort") == Some("newest");
    if newest { Sort::Newest } else { Sort::Due }
}

fn address(query: &Form, change: &[(&str, Option<&str>)]) -> String {
    narrow::address(Of::Orders, query, change)
}

/// `GET /orders`.
///
/// # Errors
/// [`Fault`].
pub async fn get(ctx: Ctx, RawQuery(query): RawQuery) -> Result<Response, Fault> {
    let query = Form::query(query.as_deref());
    let app = &ctx.site.app;
    let mut note = None;
    if let Some(sought) = query.get("q") {
        match search(&ctx, sought).await? {
            Ok(no) => return Ok(Redirect::to(&format!("/orders/{no}")).into_response()),
            Err(words) => note = Some(words),
        }
    }
    let beside = views::beside(app, &ctx.actor, Of::Orders.page()).await?;
    let chosen = Chosen::of(Of::Orders, &beside.settings);
    let query = sorted(&query, &chosen);
    let tab = query.get("tab").unwrap_or_default();
    let sort = sort(&query);
    let page = Page { order: sort, after: after(query.get("after")), limit: 50 };
    let tabs = TABS.iter().map(|(code, ..)| filter(&ctx, code, &query)).collect();
    let (rows, counts) = list::orders_in(app, &ctx.actor, &ctx.org, filter(&ctx, tab, &query), page, tabs).await?;
    let more = (rows.len() == 50)
        .then(|| {
            rows.last().map(|row| {
                let (value, id, no) = row.key(sort);
                address(&query, &[("after", Some(&format!("{value}.{no}.{id}")))])
            })
        })
        .flatten();
    let mut frame = ctx.frame(t!("nav-orders"), "/orders", None);
    frame.search = query.get("q").unwrap_or_default().to_owned();
    let page = OrdersPage {
        frame,
        tabs: TABS
            .iter()
            .enumerate()
            .map(|(at, (code, words, level))| Tab {
                href: address(&query, &[("tab", Some(code)), ("after", None), ("peek", None)]),
                words: word(words).into(),
                count: cases::count(counts.get(at)),
                level,
                here: *code == tab,
            })
            .collect(),
        fields: narrow::fields(&ctx, Of::Orders, &query, &[]),
        used: narrow::used(&ctx, Of::Orders, &query, &[]),
        views: saved::of(Of::Orders, &query, beside.views),
        offers: chosen.offers(Of::Orders),
        labels: show::reasons(&app.pack, "tag"),
        reasons: show::reasons(&app.pack, "merge"),
        may_merge: ctx.has(&[Role::Agent, Role::Office, Role::Subcentre]),
        may_pin: ctx.has(&[Role::Office]),
        bare: narrow::bare(Of::Orders, &query),
        peek: peek::named(&ctx, Of::Orders, &query).await?,
        may_urge: ctx.has(&[Role::Agent, Role::Office, Role::Subcentre, Role::Callback]),
        key: app.id(),
        rows: rows.into_iter().map(|row| show_row(&ctx, &query, &chosen, row)).collect(),
        chosen,
        tab: tab.to_owned(),
        units: show::unit_names(app, &ctx.org),
        note,
        more,
    };
    ctx.answer(&page, None)
}

/// The one order somebody looks for, or why there is none to go to.
async fn search(ctx: &Ctx, sought: &str) -> Result<Result<String, String>, Fault> {
    let app = &ctx.site.app;
    match view::order(app, &ctx.actor, sought).await {
        Ok(found) => return Ok(Ok(found.order.no)),
        Err(CommandError::NotFound | CommandError::Invalid { .. }) => {}
        Err(other) => return Err(other.into()),
    }
    let digits = sought.chars().filter(char::is_ascii_digit).count();
    if digits >= 7 && ctx.has(&[Role::Agent, Role::Office, Role::Callback, Role::Subcentre]) {
        return Ok(match orders::find_by_phone(app, &ctx.actor, sought).await {
            Ok(found) => match found.as_slice() {
                [] => Err(t!("list-no-number").into()),
                [only] => Ok(only.clone()),
                several => Err(t!("list-by-phone", n = several.len(), several = several.join(t!("punct-list")))),
            },
            Err(CommandError::Invalid { .. }) => Err(t!("list-not-found", sought)),
            Err(other) => return Err(other.into()),
        });
    }
    Ok(Err(t!("list-not-found-filter", sought)))
}

fn show_row(ctx: &Ctx, query: &Form, chosen: &Chosen, row: ListRow) -> Row {
    let app = &ctx.site.app;
    // Once the unit has answered its limit no longer runs.
    let runs = row.outcome.is_none() && (row.missed || !matches!(row.state.as_str(), "review" | "callback"));
    let due = match runs && row.due < NEVER {
        true => show::due_cell(app, app.now(), row.taken_in_at, row.due, row.missed, row.urgency == "emergency"),
        false => None,
    };
    let area = show::area(&app.pack, row.area.as_deref());
    let parts = [area, words::channel(&row.channel).to_owned(), show::subject(&app.pack, row.subject.as_deref())];
    Row {
        title: cases::title(&row),
        pick: bulk::pick(&row),
        peek: address(query, &[("peek", Some(&row.no))]),
        due,
        meta: parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" · "),
        tags: cases::row_tags(&app.pack, &row),
        cells: columns::cells(ctx, chosen, &row, false),
        no: row.no,
    }
}
