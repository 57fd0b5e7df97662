//! Lists at the left of a desk's pages: one row a case, the one that is open marked.

use huiyin_app::{
    App,
    orders::list::{ListRow, NEVER},
};
use huiyin_core::{
    policy::{Pack, Question},
    time::Instant,
};

use super::{
    form::Form,
    matter::Tag,
    session::Ctx,
    show::{self, DueCell},
    words,
};

/// A row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Case {
    /// Where it leads.
    pub href: String,
    /// Number.
    pub no: String,
    /// Title.
    pub title: String,
    /// Beside the number.
    pub meta: String,
    /// Its limit.
    pub due: Option<(&'static str, &'static str, String)>,
    /// What tells it from others.
    pub tags: Vec<Tag>,
    /// Whether it is the one shown.
    pub here: bool,
}

/// A tab: address, words, count, shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tab {
    /// Where it leads.
    pub href: String,
    /// What it is called.
    pub words: String,
    /// How many.
    pub count: String,
    /// The colour of the count.
    pub level: &'static str,
    /// Whether it is the one shown.
    pub here: bool,
}

/// A count, which stops at a thousand.
pub fn count(count: Option<&huiyin_app::orders::list::Count>) -> String {
    count.map_or_else(String::new, |count| if count.more { format!("{}+", count.n) } else { count.n.to_string() })
}

/// The limit for a desk's own step: until a matter is dispatched, before the case's own limit runs.
pub fn desk_due(app: &App, row: &ListRow) -> Option<DueCell> {
    let now = app.now();
    if matches!(row.state.as_str(), "review" | "callback") && !row.missed {
        // The unit has answered: its limit no longer runs, and this desk's own step has none.
        return None;
    }
    if row.due < NEVER {
        return show::due_cell(app, now, row.taken_in_at, row.due, row.missed, row.urgency == "emergency");
    }
    let pack = &app.pack;
    let question = Question {
        kind: row.kind.as_deref(),
        subject: row.subject.as_deref().and_then(|code| pack.subject(code)),
        urgency: &row.urgency,
        unit_kind: None,
        source: Some(&row.channel),
        assist: false,
        first: true,
        below: false,
        units: &[],
        mode: None,
        governing: pack.zone().day(Instant(row.taken_in_at)),
    };
    let ruled = pack.ask(&question, Instant(row.taken_in_at), &["taken-in"]);
    let due = ruled.iter().filter(|one| one.governs).map(|one| one.due.at.ms()).min()?;
    show::due_cell(app, now, row.taken_in_at, due, false, row.urgency == "emergency")
}

/// What tells a row from others.
pub fn row_tags(pack: &Pack, row: &ListRow) -> Vec<Tag> {
    let tag = |look, icon, words: String| Tag { look, icon, words };
    let mut found = Vec::new();
    match row.urgency.as_str() {
        "emergency" => found.push(tag("urgent", "urgent", t!("nav-modes").into())),
        "urgent" => found.push(tag("mark", "", t!("word-urgent").into())),
        _ => {}
    }
    if let Some(asked) = &row.asked {
        found.push(tag("mark", "calendar-clock", words::ask(asked).to_owned()));
    }
    if row.redo > 0 {
        found.push(tag("mark", "rotate-ccw", t!("word-redone").into()));
    }
    if row.urges > 0 {
        found.push(tag("", "bell", t!("cases-urged", urges = row.urges)));
    }
    if row.supervised {
        found.push(tag("sup", "sup", t!("word-supervised").into()));
    }
    found.extend(row.tags.iter().map(|code| tag("", "", show::reason(pack, "tag", code))));
    if row.secret {
        found.push(tag("hold", "lock", t!("word-secret").into()));
    }
    found
}

/// The title of a row.
pub fn title(row: &ListRow) -> String {
    match row.title.as_deref().map(str::trim) {
        Some(title) if !title.is_empty() => title.to_owned(),
        _ if row.secret => t!("cases-secret-title").into(),
        _ => t!("word-untitled").into(),
    }
}

/// Rows as cases, the one asked for marked; without one, the first.
pub fn cases(ctx: &Ctx, rows: &[ListRow], path: &str, query: &Form) -> (Vec<Case>, Option<String>) {
    let app = &ctx.site.app;
    let pack = &app.pack;
    let wanted = query.get("case").map(str::to_owned).or_else(|| rows.first().map(|row| row.no.clone()));
    let kept: String = query
        .0
        .iter()
        .filter(|(name, value)| name != "case" && !value.is_empty() && !name.starts_with('_'))
        .fold(String::new(), |kept, (name, value)| {
            format!("{kept}&{}={}", super::form::encode(name), super::form::encode(value))
        });
    let found = rows
        .iter()
        .map(|row| {
            let area = show::area(pack, row.area.as_deref());
            let kind = row.kind.as_deref().map(|code| show::kind(pack, Some(code))).unwrap_or_default();
            let taken = show::near_moment(pack, app.now(), Instant(row.taken_in_at));
            let meta: Vec<String> = [kind, area, words::channel(&row.channel).to_owned(), taken]
                .into_iter()
                .filter(|part| !part.is_empty())
                .collect();
            Case {
                href: format!("{path}?case={}{kept}", row.no),
                no: row.no.clone(),
                title: title(row),
                meta: meta.join(" · "),
                due: desk_due(app, row).map(|due| (due.level, due.icon, due.text)),
                tags: row_tags(pack, row),
                here: wanted.as_deref() == Some(&row.no),
            }
        })
        .collect();
    (found, wanted)
}
