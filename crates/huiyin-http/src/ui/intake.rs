//! `GET /intake`: matters that wait for a person, the raw text beside what is done with it.

use askama::Template;
use axum::{extract::RawQuery, response::Response};
use huiyin_app::{
    Role,
    orders::{
        contacts,
        list::{self, ListRow, OrderFilter, Page},
        view,
    },
};

use super::{
    acts::Maker,
    cases::{self, Case, Tab},
    error::Fault,
    field::{Act, Tried},
    filters,
    form::Form,
    frame::Frame,
    matter::{self, Tag},
    session::Ctx,
    show,
    suggest::{self, Limit},
};
use crate::catalogue::word;

/// The matter that is open.
#[derive(Debug)]
pub struct Open {
    /// Number.
    pub no: String,
    /// Title.
    pub title: String,
    /// What tells it from others.
    pub tags: Vec<Tag>,
    /// How and when it came in.
    pub source: String,
    /// Who raised it, without a name.
    pub claimants: Vec<(String, String)>,
    /// The text as it came in.
    pub raw: String,
    /// Limits that run or will run.
    pub limits: Vec<Limit>,
    /// Registering it.
    pub register: Option<Act>,
    /// What else may be done with it.
    pub others: Vec<Act>,
}

/// The page.
#[derive(Debug, Template)]
#[template(path = "intake.html")]
pub struct IntakePage {
    /// What surrounds it.
    pub frame: Frame,
    /// Tabs.
    pub tabs: Vec<Tab>,
    /// The list.
    pub cases: Vec<Case>,
    /// What an empty list says.
    pub empty: &'static str,
    /// Whether a case was asked for, so that a phone shows it and not the list.
    pub split: bool,
    /// The matter that is open.
    pub open: Option<Open>,
    /// Names of units.
    pub units: Vec<String>,
}

/// `GET /intake`.
///
/// # Errors
/// [`Fault`].
pub async fn get(ctx: Ctx, RawQuery(query): RawQuery) -> Result<Response, Fault> {
    show_page(&ctx, &Form::query(query.as_deref()), None).await
}

/// Groups of channels: code, key of its words, channels.
const GROUPS: &[(&str, &str, &[&str])] = &[
    ("", key!("intake-to-accept"), &[]),
    ("written", key!("intake-tab-letter"), &["letter", "fax"]),
    ("net", key!("intake-tab-web"), &["web", "email", "wechat", "weibo", "sms", "mms", "voice"]),
    ("live", key!("intake-tab-phone"), &["phone", "visit"]),
];

/// The page, perhaps with a form that was not carried out.
///
/// # Errors
/// [`Fault`].
pub async fn show_page(ctx: &Ctx, query: &Form, tried: Option<&Tried>) -> Result<Response, Fault> {
    let app = &ctx.site.app;
    let wanted = query.get("from").unwrap_or_default();
    let own = GROUPS.iter().find(|(code, ..)| *code == wanted).map_or(&[][..], |(.., channels)| channels);
    let (tabs, rows) = tabs(ctx, wanted, Some(filter(ctx, own))).await?;
    let (cases, here) = cases::cases(ctx, &rows, "/intake", query);
    let open = match here.filter(|no| rows.iter().any(|row| row.no == *no)) {
        Some(no) => Some(open(ctx, &no, query, tried).await?),
        None => None,
    };
    let page = IntakePage {
        frame: ctx.frame(t!("intake-title"), "/intake", tried),
        tabs,
        cases,
        empty: t!("intake-empty"),
        split: query.get("case").is_some(),
        open,
        units: show::unit_names(app, &ctx.org),
    };
    ctx.answer(&page, tried)
}

fn filter(ctx: &Ctx, channels: &[&str]) -> OrderFilter {
    OrderFilter {
        states: vec!["intake".into()],
        channels: channels.iter().map(|one| (*one).to_owned()).collect(),
        holders: own_desks(ctx),
        ..OrderFilter::default()
    }
}

/// The tabs of what waits, orders and contacts; with the rows of a list, where one is asked for.
///
/// # Errors
/// [`Fault`].
pub async fn tabs(ctx: &Ctx, wanted: &str, list: Option<OrderFilter>) -> Result<(Vec<Tab>, Vec<ListRow>), Fault> {
    let app = &ctx.site.app;
    let page = Page { limit: if list.is_some() { 50 } else { 1 }, ..Page::default() };
    let counted = GROUPS.iter().map(|(.., channels)| filter(ctx, channels)).collect();
    let (rows, counts) =
        list::orders_in(app, &ctx.actor, &ctx.org, list.unwrap_or_else(|| filter(ctx, &[])), page, counted).await?;
    let waiting = contacts::count(app, &ctx.actor).await?;
    let mut tabs: Vec<Tab> = GROUPS
        .iter()
        .enumerate()
        .map(|(at, (code, words, _))| Tab {
            href: if code.is_empty() { "/intake".into() } else { format!("/intake?from={code}") },
            words: word(words).into(),
            count: cases::count(counts.get(at)),
            level: "",
            here: *code == wanted,
        })
        .collect();
    // Beside the first: a narrow pane shows no more than a few.
    let unread = Tab {
        href: "/intake/contacts".into(),
        words: t!("contacts-unread").into(),
        count: if waiting > 1000 { "1000+".into() } else { waiting.to_string() },
        level: "soon",
        here: wanted == "unread",
    };
    tabs.insert(1, unread);
    if matches!(wanted, "unread" | "aside") {
        let aside = Tab {
            href: "/intake/contacts?state=dismissed".into(),
            words: t!("contacts-aside").into(),
            count: String::new(),
            level: "",
            here: wanted == "aside",
        };
        tabs.insert(2, aside);
    }
    Ok((tabs, rows))
}

/// Desks whose matters one takes up: the office sees all, a sub-centre and a call centre their own.
fn own_desks(ctx: &Ctx) -> Vec<String> {
    if ctx.actor.has(Role::Office) || ctx.actor.has(Role::Agent) {
        return Vec::new();
    }
    ctx.actor.units(Role::Subcentre).map(|unit| unit.0.clone()).collect()
}

async fn open(ctx: &Ctx, no: &str, query: &Form, tried: Option<&Tried>) -> Result<Open, Fault> {
    let app = &ctx.site.app;
    let view = view::order_in(app, &ctx.actor, &ctx.org, no).await?;
    let from = query.get("from").map(|from| format!("?from={}", super::form::encode(from))).unwrap_or_default();
    let maker = Maker::new(ctx, &view, &format!("/intake{from}"), tried).with_drafts().await?;
    let may = |command: &str| view.may.contains(&command);
    let register = may("register").then(|| {
        let act = maker.flat("register");
        Act { button: t!("intake-next").into(), ..act }
    });
    let others = ["append", "split", "transfer", "refuse", "merge", "link"]
        .iter()
        .filter(|name| may(name))
        .map(|name| maker.whole(name))
        .collect();
    let order = &view.order;
    let matter = match tried.filter(|tried| tried.command == "register" && tried.no == order.no) {
        // What has been chosen so far shows what it would come to.
        Some(tried) => suggest::Matter {
            kind: tried.typed.get("kind"),
            subject: tried.typed.get("subject"),
            area: tried.typed.get("area"),
            urgency: tried.typed.get("urgency").unwrap_or("normal"),
            channel: order.channel.code(),
        },
        None => {
            let own = suggest::Matter::of(order);
            suggest::Matter { kind: own.kind.or(order.claimed_kind.as_deref()), ..own }
        }
    };
    let title = view.text(order.title.as_ref());
    Ok(Open {
        no: order.no.clone(),
        title: if title.is_empty() { t!("contacts-untitled").into() } else { title.to_owned() },
        tags: matter::tags(ctx, &view),
        source: matter::source(ctx, &view),
        claimants: matter::claimants(&view),
        raw: view.body().to_owned(),
        limits: suggest::limits(app, &ctx.org, &matter, order.received_at),
        register,
        others,
    })
}
