//! The filters of both lists: what stands in the address, as fields, as pills, and as what the lists are asked for.
//!
//! All filters hold together; the same one given twice means either.

use huiyin_app::orders::list::{OrderFilter, TaskFilter};
use huiyin_core::{
    order::{State, TaskState},
    time::Day,
};

use super::{
    field::{Choice, Field, Group},
    form::{self, Form, encode},
    session::Ctx,
    show, words,
};

/// A list with filters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Of {
    /// Tasks of one's own units.
    Queue,
    /// Orders.
    Orders,
}

impl Of {
    /// Its address.
    pub const fn path(self) -> &'static str {
        match self {
            Self::Queue => "/queue",
            Self::Orders => "/orders",
        }
    }

    /// Its name among saved views.
    pub const fn page(self) -> &'static str {
        match self {
            Self::Queue => "queue",
            Self::Orders => "orders",
        }
    }

    const fn names(self) -> &'static [&'static str] {
        match self {
            Self::Queue => &[
                "state",
                "kind",
                "urgency",
                "subject",
                "area",
                "channel",
                "role",
                "asked",
                "missed",
                "supervised",
                "redone",
                "handler",
                "tag",
            ],
            Self::Orders => &[
                "state",
                "kind",
                "urgency",
                "subject",
                "area",
                "channel",
                "holder",
                "asked",
                "missed",
                "supervised",
                "redone",
                "tag",
                "from",
                "to",
            ],
        }
    }
}

fn flag(query: &Form, name: &str) -> Option<bool> {
    query.get(name).map(|text| text == "true")
}

fn all(query: &Form, name: &str) -> Vec<String> {
    query.all(name).map(str::to_owned).collect()
}

/// An area with all that lies in it.
fn areas(ctx: &Ctx, query: &Form) -> Vec<String> {
    let pack = &ctx.site.app.pack;
    query
        .all("area")
        .flat_map(|wanted| {
            pack.areas()
                .filter(move |area| pack.area_within(&area.code, wanted))
                .map(|area| area.code.clone())
                .collect::<Vec<_>>()
        })
        .collect()
}

/// Subjects may be named by an upper level: all below it.
fn subjects(ctx: &Ctx, query: &Form) -> Vec<String> {
    let pack = &ctx.site.app.pack;
    query
        .all("subject")
        .flat_map(|wanted| {
            let below: Vec<String> = pack
                .subjects()
                .filter(|node| node.leaf && node.code.starts_with(wanted))
                .map(|node| node.code.clone())
                .collect();
            if below.is_empty() { vec![wanted.to_owned()] } else { below }
        })
        .collect()
}

fn days(query: &Form) -> Option<(i64, i64)> {
    let day = |name: &str| {
        query
            .get(name)
            .and_then(|text| text.replace('-', "").parse::<i64>().ok())
            .filter(|day| Day::try_from(*day).is_ok())
    };
    match (day("from"), day("to")) {
        (None, None) => None,
        // Both ends are days there are.
        (from, to) => Some((from.unwrap_or(20_000_101), to.unwrap_or(21_001_231))),
    }
}

/// What orders are asked for.
pub fn orders(ctx: &Ctx, query: &Form) -> OrderFilter {
    // A holder may be written by name.
    let holders = query
        .all("holder")
        .map(|text| form::unit(&ctx.org, "holder", text).unwrap_or_else(|_| text.to_owned()))
        .collect();
    OrderFilter {
        states: all(query, "state"),
        kinds: all(query, "kind"),
        urgency: all(query, "urgency"),
        subjects: subjects(ctx, query),
        areas: areas(ctx, query),
        channels: all(query, "channel"),
        holders,
        asked: all(query, "asked"),
        missed: flag(query, "missed"),
        supervised: flag(query, "supervised"),
        redone: flag(query, "redone"),
        days: days(query),
        tags: all(query, "tag"),
        ..OrderFilter::default()
    }
}

/// What tasks are asked for.
pub fn tasks(ctx: &Ctx, query: &Form) -> TaskFilter {
    TaskFilter {
        states: all(query, "state"),
        kinds: all(query, "kind"),
        urgency: all(query, "urgency"),
        subjects: subjects(ctx, query),
        areas: areas(ctx, query),
        channels: all(query, "channel"),
        roles: all(query, "role"),
        asked: all(query, "asked"),
        missed: flag(query, "missed"),
        supervised: flag(query, "supervised"),
        redone: flag(query, "redone"),
        handlers: all(query, "handler").into_iter().filter(|one| one != "none").collect(),
        handled: (query.get("handler") == Some("none")).then_some(false),
        tags: all(query, "tag"),
        ..TaskFilter::default()
    }
}

/// The address of a list with some of its query changed: each changed name stands at most once.
pub fn address(of: Of, query: &Form, change: &[(&str, Option<&str>)]) -> String {
    let changed = |name: &str| change.iter().any(|(own, _)| *own == name);
    let known = |name: &str| of.names().contains(&name) || matches!(name, "tab" | "sort" | "after" | "peek");
    let kept = query.0.iter().filter(|(name, value)| known(name) && !value.is_empty() && !changed(name));
    let kept = kept.map(|(name, value)| (name.as_str(), value.as_str()));
    let new =
        change.iter().filter_map(|(name, value)| value.filter(|value| !value.is_empty()).map(|value| (*name, value)));
    let parts: Vec<String> = kept.chain(new).map(|(name, value)| format!("{name}={}", encode(value))).collect();
    if parts.is_empty() { of.path().into() } else { format!("{}?{}", of.path(), parts.join("&")) }
}

/// The query without a page or a look into a row: what a view keeps and an export is of.
pub fn bare(of: Of, query: &Form) -> String {
    let whole = address(of, query, &[("after", None), ("peek", None)]);
    whole.split_once('?').map(|(_, query)| query.to_owned()).unwrap_or_default()
}

/// The fields of the filters.
pub fn fields(ctx: &Ctx, of: Of, query: &Form, colleagues: &[Choice]) -> Vec<Field> {
    let pack = &ctx.site.app.pack;
    let states = match of {
        Of::Orders => State::CODES.iter().map(|code| Choice::new(*code, words::state(code))).collect(),
        Of::Queue => TaskState::ALL.iter().map(|one| Choice::new(one.code(), words::task_state(one.code()))).collect(),
    };
    let asks = ["return", "extension", "pause", "shelving", "excuse", "approval"];
    let asks = asks.iter().map(|code| Choice::new(*code, words::ask(code))).collect();
    let districts = show::areas(pack).into_iter().filter_map(|group| group.choices.into_iter().next()).collect();
    let handlers: Vec<Choice> = [Choice::new("me", t!("lists-me")), Choice::new("none", t!("lists-unhandled"))]
        .into_iter()
        .chain(colleagues.iter().cloned())
        .collect();
    let yes = |yes: &str, no: &str| vec![Choice::new("true", yes), Choice::new("false", no)];
    let mut fields: Vec<Field> = of
        .names()
        .iter()
        .map(|name| match *name {
            "state" => Field::list("state", t!("word-state"), Vec::clone(&states)),
            "kind" => Field::list("kind", t!("word-kind"), show::kinds(pack)),
            "urgency" => Field::list("urgency", t!("field-urgency"), show::urgencies()),
            "subject" => Field::select("subject", t!("field-subject"), show::subjects(pack)),
            "area" => Field::select(
                "area",
                t!("field-area"),
                vec![Group { label: String::new(), choices: Vec::clone(&districts) }],
            ),
            "channel" => Field::list("channel", t!("field-channel"), show::channels()),
            "holder" => Field::of_unit("holder", t!("word-holder")),
            "role" => Field::list(
                "role",
                t!("word-handled-by"),
                vec![Choice::new("lead", t!("word-lead")), Choice::new("assist", t!("word-assist"))],
            ),
            "asked" => Field::list("asked", t!("word-request"), Vec::clone(&asks)),
            "missed" => Field::list("missed", t!("word-limits"), yes(t!("word-overdue"), t!("narrow-not-overdue"))),
            "supervised" => Field::list(
                "supervised",
                t!("word-supervised"),
                yes(t!("narrow-supervised"), t!("narrow-not-supervised")),
            ),
            "redone" => Field::list("redone", t!("word-redone"), yes(t!("narrow-redone"), t!("narrow-not-redone"))),
            "handler" => Field::list("handler", t!("lists-handler"), handlers.clone()),
            "tag" => Field::list("tag", t!("lists-tags"), show::reasons(pack, "tag")),
            "from" => Field::typed("from", t!("narrow-received-from"), "date"),
            _ => Field::typed("to", t!("narrow-received-until"), "date"),
        })
        .collect();
    for field in &mut fields {
        field.id = format!("f-{}", field.name);
        field.half = true;
        field.value = query.get(&field.name).unwrap_or_default().to_owned();
    }
    fields
}

/// A filter's value in words.
fn said(ctx: &Ctx, of: Of, name: &str, value: &str, colleagues: &[Choice]) -> String {
    let pack = &ctx.site.app.pack;
    let yes = value == "true";
    match name {
        "state" if of == Of::Queue => words::task_state(value).to_owned(),
        "state" => words::state(value).to_owned(),
        "kind" => show::kind(pack, Some(value)),
        "urgency" => words::urgency(value).to_owned(),
        "subject" => show::subject(pack, Some(value)),
        "area" => show::area(pack, Some(value)),
        "channel" => words::channel(value).to_owned(),
        "role" => words::task_role(value).to_owned(),
        "asked" => words::ask(value).to_owned(),
        "missed" => if yes { t!("word-overdue") } else { t!("narrow-not-overdue") }.to_owned(),
        "supervised" => if yes { t!("narrow-supervised") } else { t!("narrow-not-supervised") }.to_owned(),
        "redone" => if yes { t!("narrow-redone") } else { t!("narrow-not-redone") }.to_owned(),
        "handler" if value == "me" => t!("lists-of", name = t!("lists-me")),
        "handler" if value == "none" => t!("lists-of", name = t!("lists-unhandled")),
        "handler" => {
            let known = colleagues.iter().find(|one| one.value == value);
            t!("lists-of", name = known.map_or(t!("lists-somebody"), |one| one.label.as_str()))
        }
        "tag" => show::reason(pack, "tag", value),
        "from" => t!("narrow-from", value),
        "to" => t!("narrow-until", value),
        _ => value.to_owned(),
    }
}

/// Filters in use: words, and the address without each.
pub fn used(ctx: &Ctx, of: Of, query: &Form, colleagues: &[Choice]) -> Vec<(String, String)> {
    query
        .0
        .iter()
        .enumerate()
        .filter(|(_, (name, value))| of.names().contains(&name.as_str()) && !value.trim().is_empty())
        .map(|(at, (name, value))| {
            let rest = Form(
                query.0.iter().enumerate().filter(|(other, _)| *other != at).map(|(_, pair)| pair.clone()).collect(),
            );
            (said(ctx, of, name, value, colleagues), address(of, &rest, &[("after", None), ("peek", None)]))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::{Form, Of, address, bare, days};

    fn query(text: &str) -> Form {
        Form::query(Some(text))
    }

    #[test]
    fn an_address_keeps_several_values_and_forgets_what_it_does_not_know() {
        let query = query("kind=help&kind=report&evil=1&after=3.1.x&tab=over");
        assert_eq!(address(Of::Queue, &query, &[("after", None)]), "/queue?kind=help&kind=report&tab=over");
        assert_eq!(
            address(Of::Queue, &query, &[("tab", Some("sign")), ("after", None), ("kind", None)]),
            "/queue?tab=sign"
        );
        assert_eq!(bare(Of::Orders, &query), "kind=help&kind=report&tab=over");
    }

    #[test]
    fn one_end_of_a_span_of_days_is_enough() {
        assert_eq!(days(&query("from=2026-11-01")), Some((20_261_101, 21_001_231)));
        assert_eq!(days(&query("from=2026-13-01&to=x")), None);
    }
}
