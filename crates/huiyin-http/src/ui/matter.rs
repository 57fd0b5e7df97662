//! What every page says of an order: what tells it from others, what it is about, where it came from, who raised it.

use huiyin_app::orders::view::OrderView;
use huiyin_core::order::TaskState;

use super::{session::Ctx, show, words};
use crate::catalogue::Language;

/// A flag beside the title.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tag {
    /// Its colour, `mark` or `urgent`, or nothing.
    pub look: &'static str,
    /// Its icon.
    pub icon: &'static str,
    /// Its words.
    pub words: String,
}

fn tag(look: &'static str, icon: &'static str, words: impl Into<String>) -> Tag {
    Tag { look, icon, words: words.into() }
}

/// What tells an order from others.
pub fn tags(ctx: &Ctx, view: &OrderView) -> Vec<Tag> {
    let order = &view.order;
    let mut found = vec![
        tag("", "loader", words::caption(order)),
        tag("", "", show::kind(&ctx.site.app.pack, order.kind.as_deref())),
    ];
    match order.urgency.code() {
        "emergency" => found.push(tag("urgent", "urgent", t!("nav-modes"))),
        "urgent" => found.push(tag("mark", "", t!("word-urgent"))),
        _ if order.claimed_emergency => found.push(tag("mark", "", t!("matter-says-emergency"))),
        _ => {}
    }
    if let Some(claimed) = order.claimed_kind.as_deref().filter(|kind| order.kind.as_deref() != Some(*kind)) {
        let kind = show::kind(&ctx.site.app.pack, Some(claimed));
        found.push(tag("mark", "", t!("matter-claimed-kind", kind = kind)));
    }
    if order.redo > 0 {
        found.push(tag("mark", "rotate-ccw", t!("matter-redo", redo = order.redo + 1)));
    }
    if order.urges > 0 {
        found.push(tag("mark", "bell", t!("cases-urged", urges = order.urges)));
    }
    if order.parts.len() > 1 {
        found.push(tag("", "users", t!("matter-claimants", n = order.parts.len())));
    }
    if order.supervision.iter().any(|one| one.on) {
        found.push(tag("sup", "sup", t!("word-supervised")));
    }
    found.extend(order.tags.iter().map(|code| tag("", "bookmark", show::reason(&ctx.site.app.pack, "tag", code))));
    if order.secret {
        found.push(tag("hold", "lock", t!("word-secret-asked")));
    }
    if order.difficult {
        found.push(tag("mark", "", t!("matter-difficult")));
    }
    if order.hold {
        found.push(tag("mark", "", t!("matter-held")));
    }
    found
}

/// What an order is about.
pub fn about(ctx: &Ctx, view: &OrderView) -> Vec<(String, String)> {
    let (order, pack) = (&view.order, &ctx.site.app.pack);
    let item = order.item.as_deref().and_then(|code| pack.items().iter().find(|item| item.code == code));
    let place = view.text(order.place.as_ref());
    let area = show::area(pack, order.area.as_deref());
    let whole = [area.as_str(), place].iter().filter(|part| !part.is_empty()).copied().collect::<Vec<_>>().join(" ");
    let lead = order.lead().map(|task| view.unit_name(task.unit.as_str())).unwrap_or_default();
    let assist: Vec<String> = order
        .tasks
        .iter()
        .filter(|task| {
            task.role.code() == "assist"
                && task.parent.is_none()
                && !matches!(task.state, TaskState::Recalled | TaskState::Returned)
        })
        .map(|task| view.unit_name(task.unit.as_str()))
        .collect();
    let mode = order.mode.as_deref().and_then(|code| pack.mode(code)).map(|mode| {
        let label = pack.in_language(&mode.label, Language::here().code()).unwrap_or(&mode.code);
        t!("field-cited", label, cite = show::cite(pack, &pack.basis(&mode.cite)))
    });
    let handlers: Vec<&str> = order
        .tasks
        .iter()
        .filter(|task| task.state.is_open())
        .filter_map(|task| view.names.get(task.handler.as_ref()?.as_str()).map(String::as_str))
        .collect();
    let rows = [
        (t!("order-mode"), mode.unwrap_or_default()),
        (t!("field-place"), whole),
        (t!("field-subject"), show::subject(pack, order.subject.as_deref())),
        (
            t!("field-item"),
            item.and_then(|item| pack.in_language(&item.label, Language::here().code())).unwrap_or_default().to_owned(),
        ),
        (t!("word-lead"), lead),
        (t!("word-assist"), assist.join(t!("punct-list"))),
        (t!("lists-handler"), handlers.join(t!("punct-list"))),
        (t!("field-target"), order.target.as_ref().map(|unit| view.unit_name(unit.as_str())).unwrap_or_default()),
        (t!("word-holder"), order.holder().map(|holder| view.unit_name(holder.unit.as_str())).unwrap_or_default()),
    ];
    rows.into_iter().filter(|(_, value)| !value.is_empty()).map(|(name, value)| (name.to_owned(), value)).collect()
}

/// How and when a matter came in.
pub fn source(ctx: &Ctx, view: &OrderView) -> String {
    let order = &view.order;
    format!(
        "{} · {} · {}",
        words::channel(order.channel.code()),
        show::moment(&ctx.site.app.pack, order.received_at),
        view.unit_name(order.desk.as_str())
    )
}

/// What there is to say of claimants without naming them.
pub fn claimants(view: &OrderView) -> Vec<(String, String)> {
    let parts: Vec<_> = view.order.parts.iter().collect();
    let one = |part: &huiyin_core::order::Part| {
        let name = if part.anonymous { t!("word-anonymous") } else { t!("matter-identity") };
        let way = if part.reachable { t!("matter-reachable") } else { t!("matter-unreachable") };
        let gone = if part.withdrawn { t!("matter-withdrawn") } else { "" };
        format!("{name} · {way}{gone}")
    };
    match parts.as_slice() {
        [only] => vec![(t!("word-claimant").into(), one(only))],
        several => {
            several.iter().enumerate().map(|(at, part)| (t!("matter-claimant-no", at = at + 1), one(part))).collect()
        }
    }
}
