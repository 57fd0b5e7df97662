//! `GET /callback`: claimants to be called, the script, the matter and the answer in one glance.

use askama::Template;
use axum::{extract::RawQuery, response::Response};
use huiyin_app::orders::{
    list::{self, OrderFilter, Page},
    view::{self, OrderView},
};

use super::{
    acts::Maker,
    cases::{self, Case, Tab},
    error::Fault,
    field::{Act, Tried},
    filters,
    form::{Form, encode},
    frame::Frame,
    matter::{self, Tag},
    session::Ctx,
    show,
    timeline::{self, Entry},
};

/// The order that is open.
#[derive(Debug)]
pub struct Open {
    /// Number.
    pub no: String,
    /// Title.
    pub title: String,
    /// What tells it from others.
    pub tags: Vec<Tag>,
    /// What to say.
    pub script: String,
    /// The matter.
    pub body: String,
    /// How and when it came in.
    pub source: String,
    /// The unit's answer.
    pub public: String,
    /// Who answered, and when.
    pub by: String,
    /// Calls that reached nobody.
    pub missed: Vec<String>,
    /// What was answered, and what it suggests.
    pub answered: Option<(String, String)>,
    /// What happened before.
    pub entries: Vec<Entry>,
    /// The answers.
    pub answers: Option<Act>,
    /// What else: not reached, waived, redone.
    pub others: Vec<Act>,
    /// Closing it.
    pub close: Option<Act>,
}

/// The page.
#[derive(Debug, Template)]
#[template(path = "callback.html")]
pub struct CallbackPage {
    /// What surrounds it.
    pub frame: Frame,
    /// Tabs.
    pub tabs: Vec<Tab>,
    /// The list.
    pub cases: Vec<Case>,
    /// What an empty list says.
    pub empty: &'static str,
    /// Whether a case was asked for.
    pub split: bool,
    /// The order that is open.
    pub open: Option<Open>,
}

/// `GET /callback`.
///
/// # Errors
/// [`Fault`].
pub async fn get(ctx: Ctx, RawQuery(query): RawQuery) -> Result<Response, Fault> {
    show_page(&ctx, &Form::query(query.as_deref()), None).await
}

/// The page, perhaps with a form that was not carried out.
///
/// # Errors
/// [`Fault`].
pub async fn show_page(ctx: &Ctx, query: &Form, tried: Option<&Tried>) -> Result<Response, Fault> {
    let app = &ctx.site.app;
    let tab = query.get("tab").unwrap_or_default();
    let filter = |tab: &str| OrderFilter {
        states: vec!["callback".into()],
        supervised: (tab == "supervised").then_some(true),
        urgency: if tab == "emergency" { vec!["emergency".into()] } else { Vec::new() },
        ..OrderFilter::default()
    };
    let names = [("", t!("word-to-callback")), ("supervised", t!("word-supervised")), ("emergency", t!("nav-modes"))];
    let page = Page { limit: 50, ..Page::default() };
    let (rows, counts) = list::orders_in(
        app,
        &ctx.actor,
        &ctx.org,
        filter(tab),
        page,
        names.iter().map(|(tab, _)| filter(tab)).collect(),
    )
    .await?;
    let (mut cases, here) = cases::cases(ctx, &rows, "/callback", query);
    for case in &mut cases {
        // The unit's limit has ended with its answer: it is not this desk's.
        case.due = None;
    }
    let open = match here.filter(|no| rows.iter().any(|row| row.no == *no)) {
        Some(no) => {
            let view = view::order_in(app, &ctx.actor, &ctx.org, &no).await?;
            let tab = if tab.is_empty() { String::new() } else { format!("?tab={}", encode(tab)) };
            Some(open(ctx, &view, &format!("/callback{tab}"), tried).await?)
        }
        None => None,
    };
    let page = CallbackPage {
        frame: ctx.frame(t!("nav-callback"), "/callback", tried),
        tabs: names
            .iter()
            .enumerate()
            .map(|(at, (code, words))| Tab {
                href: if code.is_empty() { "/callback".into() } else { format!("/callback?tab={code}") },
                words: (*words).into(),
                count: cases::count(counts.get(at)),
                level: "",
                here: *code == tab,
            })
            .collect(),
        cases,
        empty: t!("callback-empty"),
        split: query.get("case").is_some(),
        open,
    };
    ctx.answer(&page, tried)
}

async fn open(ctx: &Ctx, view: &OrderView, next: &str, tried: Option<&Tried>) -> Result<Open, Fault> {
    let (app, order) = (&ctx.site.app, &view.order);
    let pack = &app.pack;
    let now = app.now();
    // After the answers are saved the same case stays: closing or redoing it is the next step.
    let stay = format!("{next}{}case={}", if next.contains('?') { "&" } else { "?" }, order.no);
    let staying = Maker::new(ctx, view, &stay, tried).with_drafts().await?;
    let going = Maker::new(ctx, view, next, tried);
    let may = |command: &str| view.may.contains(&command);
    let task = order.tasks.iter().rev().find(|task| task.leads_case() && task.feedback.is_some());
    let unit = task.map(|task| view.unit_name(task.unit.as_str())).unwrap_or_default();
    let feedback = task.and_then(|task| task.feedback.as_ref());
    let public = order.public.as_ref().or_else(|| feedback.and_then(|one| one.public.as_ref()));
    let script =
        pack.text("script.callback", "zh").unwrap_or_default().replace("{number}", &order.no).replace("{unit}", &unit);
    let enough = pack.number("callback.satisfied_from", order.pinned.unwrap_or_else(|| app.zone().day(now)));
    let answered = order.callback.answers.as_ref().map(|answers| {
        let scale = ["", t!("satisfied-1"), t!("satisfied-2"), t!("satisfied-3"), t!("satisfied-4"), t!("satisfied-5")];
        let satisfied = scale.get(usize::from(answers.satisfied)).copied().unwrap_or_default();
        let contacted = if answers.contacted { t!("timeline-contacted") } else { t!("timeline-not-contacted") };
        let solved = if answers.solved { t!("word-solved") } else { t!("word-not-solved") };
        let said = format!("{contacted} · {solved} · {satisfied}");
        let suggestion = if answers.solved && i64::from(answers.satisfied) >= enough {
            t!("callback-close")
        } else {
            t!("callback-redo")
        };
        (said, suggestion.to_owned())
    });
    let title = view.text(order.title.as_ref());
    let ready = order.callback.answers.is_some() || order.callback.waived.is_some();
    let entries: Vec<Entry> =
        timeline::entries(app, view).into_iter().filter(|entry| entry.group != "clock").take(12).collect();
    Ok(Open {
        no: order.no.clone(),
        title: if title.is_empty() { t!("word-no-title").into() } else { title.to_owned() },
        tags: matter::tags(ctx, view),
        script,
        body: view.body().to_owned(),
        source: matter::source(ctx, view),
        public: view.text(public).to_owned(),
        by: feedback.map(|one| format!("{unit} · {}", show::near_moment(pack, now, one.at))).unwrap_or_default(),
        missed: order.callback.attempts.iter().map(|at| show::near_moment(pack, now, *at)).collect(),
        answered,
        entries,
        answers: may("callback-answered").then(|| staying.flat("callback-answered")),
        others: [
            ("callback-missed", &going),
            ("waive-callback", &staying),
            ("redo", &going),
            ("urge", &staying),
            ("supplement", &staying),
        ]
        .iter()
        .filter(|(name, _)| may(name))
        .map(|(name, maker)| maker.whole(name))
        .collect(),
        close: (ready && may("close"))
            .then(|| Act { button: t!("callback-close-next").into(), ..going.whole("close") }),
    })
}
