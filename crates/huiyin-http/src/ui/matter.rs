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
        "emergency" => found.push(tag("urgent", "urgent", "应急")),
        "urgent" => found.push(tag("mark", "", "紧急")),
        _ if order.claimed_emergency => found.push(tag("mark", "", "来件人称应急")),
        _ => {}
    }
    if order.redo > 0 {
        found.push(tag("mark", "rotate-ccw", format!("第 {} 次办理", order.redo + 1)));
    }
    if order.urges > 0 {
        found.push(tag("mark", "bell", format!("催办 {}", order.urges)));
    }
    if order.parts.len() > 1 {
        found.push(tag("", "users", format!("{} 位诉求人", order.parts.len())));
    }
    if order.supervision.iter().any(|one| one.on) {
        found.push(tag("sup", "sup", "督办"));
    }
    if order.secret {
        found.push(tag("hold", "lock", "诉求人要求保密"));
    }
    if order.difficult {
        found.push(tag("mark", "", "疑难库"));
    }
    if order.hold {
        found.push(tag("mark", "", "证据保全"));
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
    let rows = [
        ("地点", whole),
        ("事项", show::subject(pack, order.subject.as_deref())),
        (
            "受理范围",
            item.and_then(|item| pack.in_language(&item.label, Language::here().code())).unwrap_or_default().to_owned(),
        ),
        ("主办", lead),
        ("协办", assist.join("、")),
        ("被反映单位", order.target.as_ref().map(|unit| view.unit_name(unit.as_str())).unwrap_or_default()),
        ("当前责任方", order.holder().map(|holder| view.unit_name(holder.unit.as_str())).unwrap_or_default()),
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
        let name = if part.anonymous { "匿名" } else { "已登记（身份封存）" };
        let way = if part.reachable { "留有联系方式" } else { "未留联系方式" };
        let gone = if part.withdrawn { "，已撤回" } else { "" };
        format!("{name} · {way}{gone}")
    };
    match parts.as_slice() {
        [only] => vec![("诉求人".into(), one(only))],
        several => several.iter().enumerate().map(|(at, part)| (format!("第 {} 位", at + 1), one(part))).collect(),
    }
}
