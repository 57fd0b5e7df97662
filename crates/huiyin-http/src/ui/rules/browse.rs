//! `GET /admin/rules`: a pack entry by entry, each with its values over time, its citations and its place.

use askama::Template;
use axum::{extract::RawQuery, response::Response};
use huiyin_app::policy::versions;
use huiyin_core::{
    policy::{
        Pack,
        entries::{Entry, Table, Value, entries, written},
    },
    time::Day,
};

use super::super::{
    error::Fault,
    filters,
    form::{self, Form},
    frame::Frame,
    session::Ctx,
    show,
};

/// Entries listed at once.
const LISTED: usize = 300;

/// A section and how many entries it has.
#[derive(Debug)]
pub struct SectionRow {
    /// Where it leads.
    pub href: String,
    /// What it is called.
    pub words: String,
    /// How many entries.
    pub count: usize,
    /// Whether it is shown.
    pub here: bool,
}

/// An entry in the list.
#[derive(Debug)]
pub struct EntryRow {
    /// Where it leads.
    pub href: String,
    /// What it is called.
    pub title: String,
    /// Its name in the pack, and the newest value.
    pub meta: String,
    /// Whether it cites nothing, though it should.
    pub uncited: bool,
    /// Whether it is shown.
    pub here: bool,
}

/// A value and its days.
#[derive(Debug)]
pub struct ValueRow {
    /// First day.
    pub from: String,
    /// Last day.
    pub until: String,
    /// The value.
    pub value: String,
    /// Where it comes from.
    pub cite: String,
    /// `now`, `past` or `next`.
    pub state: &'static str,
}

/// A document that is cited.
#[derive(Debug)]
pub struct Law {
    /// Name, number and articles.
    pub title: String,
    /// Who issued it, and its standing.
    pub about: String,
    /// When it was last compared.
    pub checked: String,
}

/// The entry that is open.
#[derive(Debug)]
pub struct Open {
    /// What it is called.
    pub title: String,
    /// Its section and name.
    pub name: String,
    /// File and line.
    pub place: String,
    /// The file, for writing a new version.
    pub file: String,
    /// Values over time.
    pub values: Vec<ValueRow>,
    /// Other fields.
    pub fields: Vec<(String, String)>,
    /// Documents.
    pub laws: Vec<Law>,
}

/// The page.
#[derive(Debug, Template)]
#[template(path = "rules.html")]
pub struct RulesPage {
    /// What surrounds it.
    pub frame: Frame,
    /// The version shown; empty for the one in force.
    pub version: String,
    /// What the version is called.
    pub called: String,
    /// What is searched for.
    pub search: String,
    /// Sections.
    pub sections: Vec<SectionRow>,
    /// The section shown.
    pub section: String,
    /// Entries.
    pub entries: Vec<EntryRow>,
    /// Entries beyond those listed.
    pub more: usize,
    /// Whether an entry was asked for, so that a phone shows it and not the list.
    pub split: bool,
    /// The entry that is open.
    pub open: Option<Open>,
}

/// `GET /admin/rules`.
///
/// # Errors
/// [`Fault`].
pub async fn get(ctx: Ctx, RawQuery(query): RawQuery) -> Result<Response, Fault> {
    let query = Form::query(query.as_deref());
    let app = &ctx.site.app;
    let version = query.get("version").unwrap_or_default().to_owned();
    let (files, called) = match version.parse::<i64>() {
        Ok(no) => {
            let (found, files) = versions::one(app, &ctx.actor, no).await?;
            (files, t!("rules-version-named", no, version = found.version))
        }
        Err(_) => {
            let brought_in = app.rules.no.map(|no| t!("rules-version-no", no)).unwrap_or_default();
            (app.rules.files.clone(), t!("rules-in-force", version = app.pack.head().version, brought_in))
        }
    };
    let all = entries(&files);
    let search = query.get("q").unwrap_or_default().to_lowercase();
    let pack = &app.pack;
    let matching: Vec<&Entry> = all.iter().filter(|entry| search.is_empty() || says(pack, entry, &search)).collect();
    let mut codes: Vec<&str> = Vec::new();
    for entry in &matching {
        if !codes.contains(&entry.section.as_str()) {
            codes.push(&entry.section);
        }
    }
    let wanted = query.get("section").filter(|code| codes.contains(code));
    let section = wanted.or_else(|| codes.iter().copied().find(|code| *code == "clock")).or(codes.first().copied());
    let section = section.unwrap_or_default().to_owned();
    let href = |section: &str, entry: Option<&str>| {
        let mut href = format!("/admin/rules?section={}", form::encode(section));
        for (name, value) in [("version", Some(version.as_str())), ("q", query.get("q")), ("entry", entry)] {
            if let Some(value) = value.filter(|value| !value.is_empty()) {
                href.push_str(&format!("&{name}={}", form::encode(value)));
            }
        }
        href
    };
    let shown: Vec<&Entry> = matching.iter().copied().filter(|entry| entry.section == section).collect();
    let open = match query.get("entry") {
        Some(name) => shown.iter().find(|entry| entry.name == name).copied(),
        None => shown.first().copied(),
    };
    let today = app.zone().day(app.now());
    let page = RulesPage {
        frame: ctx.frame(t!("nav-rules"), "/admin/rules", None),
        sections: codes
            .iter()
            .map(|code| SectionRow {
                href: href(code, None),
                words: super::section(code).to_owned(),
                count: matching.iter().filter(|entry| entry.section == **code).count(),
                here: *code == section,
            })
            .collect(),
        entries: shown
            .iter()
            .take(LISTED)
            .map(|entry| EntryRow {
                href: href(&section, Some(&entry.name)),
                title: show::short(&super::title(entry), 40),
                meta: meta(entry, today),
                uncited: entry.values().next().is_some() && entry.cites().is_empty(),
                here: open.is_some_and(|open| open.name == entry.name),
            })
            .collect(),
        more: shown.len().saturating_sub(LISTED),
        split: query.get("entry").is_some(),
        open: open.map(|entry| opened(pack, entry, today)),
        section,
        search: query.get("q").unwrap_or_default().to_owned(),
        called,
        version,
    };
    ctx.answer(&page, None)
}

/// Whether an entry says something: its name, its words, the number of a document, an article.
fn says(pack: &Pack, entry: &Entry, search: &str) -> bool {
    let within = |text: &str| text.to_lowercase().contains(search);
    within(&entry.name)
        || within(&super::title(entry))
        || entry.cites().iter().any(|(key, article)| within(&super::cite(pack, key, article)))
}

fn day(value: Option<&Value>) -> Option<Day> {
    let text = value.map(written)?;
    text.replace('-', "").parse::<i64>().ok().and_then(|number| Day::try_from(number).ok())
}

/// Where a value stands in time: the next one ends it where it does not say so.
fn standing(table: &Table, next: Option<&Table>, today: Day) -> &'static str {
    let starts = |table: &Table| day(table.get("from"));
    let ended = day(table.get("until")).is_some_and(|until| until < today);
    let replaced = next.and_then(starts).is_some_and(|from| from <= today);
    match starts(table) {
        Some(from) if from > today => "next",
        _ if ended || replaced => "past",
        _ => "now",
    }
}

/// What a value is, beside its days and its citation.
fn value(table: &Table) -> String {
    let rest: Vec<(&String, &Value)> =
        table.iter().filter(|(name, _)| !matches!(name.as_str(), "from" | "until" | "cite")).collect();
    match rest.as_slice() {
        [(name, only)] if *name == "value" => written(only),
        several => several
            .iter()
            .map(|(name, value)| match name.as_str() {
                "amount" => written(value),
                "unit" => super::measure(&written(value)).to_owned(),
                name => format!("{} {}", super::field(name), written(value)),
            })
            .collect::<Vec<_>>()
            .join(" "),
    }
}

fn meta(entry: &Entry, today: Day) -> String {
    let values: Vec<&Table> = entry.values().collect();
    let now = values
        .iter()
        .enumerate()
        .find(|(at, table)| standing(table, values.get(at + 1).copied(), today) == "now")
        .map(|(_, table)| show::short(&value(table), 30));
    match now {
        Some(value) => format!("{value} · {}", entry.name),
        None => entry.name.clone(),
    }
}

fn opened(pack: &Pack, entry: &Entry, today: Day) -> Open {
    let all: Vec<&Table> = entry.values().collect();
    let cite_of = |table: &Table| {
        let cite = table.get("cite").and_then(Value::as_table)?;
        let (key, article) = (cite.get("source")?.as_str()?, cite.get("article")?.as_str()?);
        Some(super::cite(pack, key, article))
    };
    let values = all
        .iter()
        .enumerate()
        .map(|(at, table)| ValueRow {
            from: table.get("from").map(written).unwrap_or_default(),
            until: table.get("until").map_or_else(|| "—".to_owned(), written),
            value: value(table),
            cite: cite_of(table).unwrap_or_else(|| t!("rules-no-cite").into()),
            state: standing(table, all.get(at + 1).copied(), today),
        })
        .collect();
    let fields = entry
        .fields
        .iter()
        .filter(|(name, value)| *name != "cite" && !(*name == "value" && value.is_array()))
        .map(|(name, value)| (super::field(name).to_owned(), show::short(&written(value), 600)))
        .collect();
    let mut laws: Vec<(String, Law)> = Vec::new();
    for (key, article) in entry.cites() {
        if let Some((_, law)) = laws.iter_mut().find(|(known, _)| known == key) {
            if !law.title.contains(article) {
                law.title.push_str(&t!("rules-and-article", article));
            }
            continue;
        }
        let law = match pack.source(key) {
            Some(source) => Law {
                title: t!("rules-source-line", document = source.document, number = source.number, article),
                about: t!("rules-source-about", issuer = source.issuer, from = source.from, status = source.status),
                checked: t!("rules-source-checked", checked = source.checked),
            },
            None => Law { title: format!("{key} {article}"), about: String::new(), checked: String::new() },
        };
        laws.push((key.to_owned(), law));
    }
    Open {
        title: super::title(entry),
        name: format!("{} · {}", super::section(&entry.section), entry.name),
        place: format!("{}:{}", entry.file, entry.line),
        file: entry.file.clone(),
        values,
        fields,
        laws: laws.into_iter().map(|(_, law)| law).collect(),
    }
}
