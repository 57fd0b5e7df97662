//! `GET /dispatch`: what waits for a unit: the case, and the units the rules suggest with reasons.

use askama::Template;
use axum::{extract::RawQuery, response::Response};
use huiyin_app::{
    Role,
    orders::{
        list::{self, OrderFilter, Page},
        view::{self, OrderView},
    },
};
use huiyin_core::order::TaskState;

use super::{
    acts::Maker,
    cases::{self, Case, Tab},
    error::Fault,
    field::{Act, Tried},
    filters,
    form::Form,
    frame::Frame,
    matter::{self, Tag},
    people::{self, Lacking},
    session::Ctx,
    show,
    suggest::{self, Limit, Suggestion},
    words,
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
    /// The matter.
    pub body: String,
    /// What it is about.
    pub about: Vec<(String, String)>,
    /// Where it has been: when, unit, what came of it.
    pub been: Vec<(String, String, String)>,
    /// The last return: unit, when, words.
    pub returned: Option<(String, String, String)>,
    /// Limits.
    pub limits: Vec<Limit>,
    /// The form to dispatch, or to pass on praise.
    pub form: Option<Act>,
    /// Units the rules suggest.
    pub suggested: Vec<Suggestion>,
    /// The unit marked.
    pub lead: String,
    /// Units ticked to assist.
    pub ticked: Vec<String>,
    /// Units offered to assist: code and name.
    pub assist: Vec<(String, String)>,
    /// How many may assist.
    pub most: i64,
    /// Another unit, as typed.
    pub other: String,
    /// The note, as typed.
    pub note: String,
    /// Whether a note must be written.
    pub note_required: bool,
    /// What must be done first.
    pub first: Vec<Act>,
    /// What else may be done.
    pub others: Vec<Act>,
}

/// The page.
#[derive(Debug, Template)]
#[template(path = "dispatch.html")]
pub struct DispatchPage {
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
    /// Names of units.
    pub units: Vec<String>,
    /// Units that are not ready.
    pub lacking: Vec<Lacking>,
}

/// `GET /dispatch`.
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
    let holders: Vec<String> = match ctx.actor.has(Role::Office) {
        true => Vec::new(),
        false => ctx.actor.units(Role::Subcentre).map(|unit| unit.0.clone()).collect(),
    };
    let wanted = query.get("tab").unwrap_or_default();
    let filter = |tab: &str| OrderFilter {
        states: vec!["registered".into()],
        holders: holders.clone(),
        urgency: if tab == "emergency" { vec!["emergency".into(), "urgent".into()] } else { Vec::new() },
        kinds: if tab == "praise" { vec!["praise".into()] } else { Vec::new() },
        ..OrderFilter::default()
    };
    let kinds =
        [("", t!("word-to-dispatch")), ("emergency", t!("dispatch-tab-urgent")), ("praise", t!("dispatch-tab-praise"))];
    let page = Page { limit: 50, ..Page::default() };
    let (rows, counts) = list::orders_in(
        app,
        &ctx.actor,
        &ctx.org,
        filter(wanted),
        page,
        kinds.iter().map(|(tab, _)| filter(tab)).collect(),
    )
    .await?;
    let (cases, here) = cases::cases(ctx, &rows, "/dispatch", query);
    let lacking = if here.is_some() { people::lacking(ctx).await? } else { Vec::new() };
    let open = match here.filter(|no| rows.iter().any(|row| row.no == *no)) {
        Some(no) => {
            let view = view::order_in(app, &ctx.actor, &ctx.org, &no).await?;
            let tab = if wanted.is_empty() { String::new() } else { format!("?tab={}", super::form::encode(wanted)) };
            Some(open(ctx, &view, &format!("/dispatch{tab}"), tried, &lacking).await?)
        }
        None => None,
    };
    let tabs = kinds
        .iter()
        .enumerate()
        .map(|(at, (tab, words))| Tab {
            href: if tab.is_empty() { "/dispatch".into() } else { format!("/dispatch?tab={tab}") },
            words: (*words).into(),
            count: cases::count(counts.get(at)),
            level: if *tab == "emergency" { "over" } else { "" },
            here: *tab == wanted,
        })
        .collect();
    let page = DispatchPage {
        frame: ctx.frame(t!("dispatch-title"), "/dispatch", tried),
        tabs,
        cases,
        empty: t!("dispatch-empty"),
        split: query.get("case").is_some(),
        open,
        units: show::unit_names(app, &ctx.org),
        lacking,
    };
    ctx.answer(&page, tried)
}

impl Open {
    /// Whether one of the other forms was not carried out and stands open.
    fn others_open(&self) -> bool {
        self.others.iter().any(|act| act.open)
    }
}

async fn open(
    ctx: &Ctx,
    view: &OrderView,
    next: &str,
    tried: Option<&Tried>,
    lacking: &[Lacking],
) -> Result<Open, Fault> {
    let (app, order) = (&ctx.site.app, &view.order);
    let pack = &app.pack;
    let now = app.now();
    let maker = Maker::new(ctx, view, next, tried).with_drafts().await?;
    let may = |command: &str| view.may.contains(&command);
    let praise = pack.no_clock(order.kind.as_deref(), "assigned").is_some();
    let command = if praise { "pass-on" } else { "dispatch" };
    let form = may(command).then(|| maker.flat(command));
    let mut suggested = suggest::units(app, &ctx.org, order);
    for one in &mut suggested {
        one.lacks = Lacking::of(lacking, &one.unit).map(|lacking| lacking.lacks.clone()).unwrap_or_default();
    }
    // What was typed and not carried out, or begun here and not sent.
    let begun = form.as_ref().and_then(|form| maker.begun(form)).map(|draft| Form(draft.fields.clone()));
    let tried_here = tried.filter(|tried| tried.command == command && tried.no == order.no);
    let typed = tried_here.map(|tried| &tried.typed).or(begun.as_ref());
    let best = suggested.first().filter(|one| one.against.is_empty());
    let lead = match typed {
        Some(typed) => typed.get("lead").unwrap_or_default().to_owned(),
        None => best.map(|one| one.unit.clone()).unwrap_or_default(),
    };
    let mut assist: Vec<(String, String)> = Vec::new();
    for one in suggested
        .iter()
        .flat_map(|one| &one.assist)
        .chain(&suggested.iter().skip(1).map(|one| (one.unit.clone(), one.name.clone())).collect::<Vec<_>>())
    {
        if !assist.contains(one) && *one.0 != lead && assist.len() < 6 {
            assist.push(one.clone());
        }
    }
    let typed_in = |name: &str| typed.and_then(|typed| typed.get(name)).unwrap_or_default().to_owned();
    let been: Vec<(String, String, String)> = order
        .tasks
        .iter()
        .filter(|task| task.parent.is_none())
        .map(|task| {
            (
                show::near_moment(pack, now, task.delivered_at),
                view.unit_name(task.unit.as_str()),
                words::task_state(task.state.code()).to_owned(),
            )
        })
        .collect();
    let returned = order.requests.iter().rev().find_map(|request| match &request.ask {
        huiyin_core::order::Ask::Return { reason, basis, .. } => {
            let task = order.task(request.task).filter(|task| task.state == TaskState::Returned)?;
            let text = format!("{} {}", show::reason(pack, "return", reason), view.text(basis.as_ref()));
            Some((view.unit_name(task.unit.as_str()), show::near_moment(pack, now, request.asked_at), text))
        }
        _ => None,
    });
    let title = view.text(order.title.as_ref());
    let day = pack.zone().day(now);
    Ok(Open {
        no: order.no.clone(),
        title: if title.is_empty() { t!("word-no-title").into() } else { title.to_owned() },
        tags: matter::tags(ctx, view),
        body: view.body().to_owned(),
        about: matter::about(ctx, view),
        note_required: returned.is_some(),
        been,
        returned,
        limits: suggest::limits(app, &ctx.org, &suggest::Matter::of(order), order.received_at),
        form,
        lead,
        ticked: typed.map(|typed| typed.all("assist").map(str::to_owned).collect()).unwrap_or_default(),
        assist,
        most: pack.number("assist.max", day),
        other: typed_in("_other_lead"),
        note: typed_in("note"),
        suggested,
        first: if order.secret && order.redacted.is_none() && may("redact") {
            vec![Act { open: true, ..maker.whole("redact") }]
        } else {
            Vec::new()
        },
        others: ["correct", "answer", "transfer", "refuse", "merge", "split"]
            .iter()
            .filter(|name| may(name))
            .map(|name| maker.whole(name))
            .collect(),
    })
}
