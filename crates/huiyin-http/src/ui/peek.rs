//! A look into an order beside its list: enough to decide what comes first.

use askama::Template;
use huiyin_app::{CommandError, orders::view};

use super::{
    error::Fault,
    filters,
    form::Form,
    matter::{self, Tag},
    narrow::{self, Of},
    session::Ctx,
    show::{self, ClockCard},
    timeline::{self, Entry},
};

/// What is shown.
#[derive(Debug, Template)]
#[template(path = "part/peek.html")]
pub struct Peek {
    /// Number.
    pub no: String,
    /// Title.
    pub title: String,
    /// What tells it from others.
    pub tags: Vec<Tag>,
    /// The limits that run.
    pub clocks: Vec<ClockCard>,
    /// The matter.
    pub body: String,
    /// What it is about.
    pub about: Vec<(String, String)>,
    /// What happened last.
    pub entries: Vec<Entry>,
    /// The list without it.
    pub close: String,
}

/// A look into the order an address names; none where it names none, or one that is not to be seen.
///
/// # Errors
/// [`Fault`].
pub async fn named(ctx: &Ctx, of: Of, query: &Form) -> Result<Option<Peek>, Fault> {
    let Some(no) = query.get("peek") else { return Ok(None) };
    let view = match view::order_in(&ctx.site.app, &ctx.actor, &ctx.org, no).await {
        Ok(view) => view,
        Err(CommandError::NotFound | CommandError::Invalid { .. }) => return Ok(None),
        Err(other) => return Err(other.into()),
    };
    let (app, order) = (&ctx.site.app, &view.order);
    let title = view.text(order.title.as_ref());
    let mut seen = Vec::new();
    let running = order.clocks.iter().filter(|clock| clock.is_unsettled() && clock.breach);
    Ok(Some(Peek {
        no: order.no.clone(),
        title: if title.is_empty() { t!("word-no-title").into() } else { title.to_owned() },
        tags: matter::tags(ctx, &view),
        clocks: running
            .map(|clock| show::clock_card(app, &ctx.org, order, clock))
            .filter(|card| !card.second)
            // The case's limit and the unit's are often the same.
            .filter(|card| {
                let fresh = !seen.contains(&(card.name.clone(), card.detail.clone()));
                seen.push((card.name.clone(), card.detail.clone()));
                fresh
            })
            .take(3)
            .collect(),
        body: show::short(view.body(), 400),
        about: matter::about(ctx, &view),
        entries: timeline::entries(app, &view).into_iter().filter(|entry| entry.group != "clock").take(5).collect(),
        close: narrow::address(of, query, &[("peek", None)]),
    }))
}
