//! Columns of both lists: which there are, which of them a person wants to see and in what order. The limit and the order
//! itself always stand first. An export has the same columns.

use axum::{
    extract::Path,
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use huiyin_app::{
    App, CommandError,
    orders::list::{ListRow, NEVER},
    views,
};
use huiyin_core::{organisation::Organisation, time::Instant};

use super::{
    error::Fault,
    form::Form,
    narrow::Of,
    session::{self, Ctx, Posted},
    show, words,
};
use crate::catalogue::word;

/// A column.
#[derive(Debug, PartialEq, Eq)]
pub struct Column {
    /// Its code.
    pub code: &'static str,
    /// Key of its heading.
    pub words: &'static str,
    /// In a queue: whether it stands there without being chosen; none where there is no such column.
    queue: Option<bool>,
    /// The same in the list of orders.
    orders: Option<bool>,
}

const fn column(code: &'static str, words: &'static str, queue: Option<bool>, orders: Option<bool>) -> Column {
    Column { code, words, queue, orders }
}

/// Every column, in the order they stand in where nothing is chosen.
const ALL: &[Column] = &[
    column("kind", key!("word-kind"), Some(true), Some(true)),
    column("state", key!("word-state"), Some(true), Some(true)),
    column("handler", key!("lists-handler"), Some(true), None),
    column("holder", key!("lists-holder"), None, Some(true)),
    column("unit", key!("lists-unit"), Some(false), None),
    column("role", key!("lists-role"), Some(false), None),
    column("subject", key!("field-subject"), Some(false), Some(false)),
    column("area", key!("field-area"), Some(false), Some(false)),
    column("channel", key!("field-channel"), Some(false), Some(false)),
    column("urgency", key!("field-urgency"), Some(false), Some(false)),
    column("delivered", key!("lists-delivered"), Some(false), None),
    column("taken", key!("export-received"), Some(false), Some(false)),
    column("missed", key!("export-overdue"), Some(false), Some(false)),
    column("redo", key!("export-redone"), Some(false), Some(false)),
    column("urges", key!("export-urged"), Some(false), Some(false)),
    column("supervised", key!("word-supervised"), Some(false), Some(false)),
    column("tags", key!("lists-tags"), Some(false), Some(false)),
];

/// What stands in a cell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Cell {
    /// Words.
    Text(String),
    /// Whose it is.
    Whose(String),
    /// Where it stands, and whether that is new.
    State(String, bool),
    /// A button that signs for it: how the row is picked, the number, what the button says.
    Sign(String, String, &'static str),
}

/// A column as the menu offers it: its code, its heading, whether it is shown, its place.
pub type Offer = (&'static str, &'static str, bool, usize);

/// What a person has chosen for a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Chosen {
    /// The columns shown, in their order.
    pub shown: Vec<&'static Column>,
    /// Whether rows stand close together.
    pub compact: bool,
    /// Whether the newest come first.
    pub newest: bool,
}

fn offered(of: Of) -> impl Iterator<Item = (&'static Column, bool)> {
    ALL.iter().filter_map(move |column| {
        let stands = if of == Of::Queue { column.queue } else { column.orders };
        stands.map(|stands| (column, stands))
    })
}

impl Column {
    /// Its heading.
    pub fn heading(&self) -> &'static str {
        word(self.words)
    }
}

impl Chosen {
    /// Reads what is kept of a person's choice.
    pub fn of(of: Of, settings: &[(String, String)]) -> Self {
        let kept = |name: &str| {
            let name = format!("{}.{name}", of.page());
            settings.iter().find(|(known, _)| *known == name).map(|(_, value)| value.as_str())
        };
        let shown = match kept("columns") {
            Some(codes) => {
                let named = |code: &str| offered(of).map(|(column, _)| column).find(|column| column.code == code);
                codes.split(',').filter_map(named).collect()
            }
            None => offered(of).filter(|(_, stands)| *stands).map(|(column, _)| column).collect(),
        };
        Self { shown, compact: kept("density") == Some("compact"), newest: kept("sort") == Some("newest") }
    }

    /// Every column as the menu offers it, those shown first.
    pub fn offers(&self, of: Of) -> Vec<Offer> {
        let rest = offered(of).map(|(column, _)| column).filter(|column| !self.shown.contains(column));
        let all = self.shown.iter().copied().chain(rest).enumerate();
        all.map(|(at, column)| (column.code, word(column.words), at < self.shown.len(), at + 1)).collect()
    }
}

/// What a form of the menu says, as it is kept.
fn read(of: Of, form: &Form) -> [(&'static str, String); 3] {
    let place = |code: &str| form.get(&format!("at.{code}")).and_then(|at| at.parse::<u32>().ok()).unwrap_or(u32::MAX);
    let wanted: Vec<&str> = form.all("col").collect();
    let mut codes: Vec<&str> =
        offered(of).map(|(column, _)| column.code).filter(|code| wanted.contains(code)).collect();
    codes.sort_by_key(|code| place(code));
    let one_of =
        |name: &str, known: &str| form.get(name).filter(|value| *value == known).unwrap_or_default().to_owned();
    [("columns", codes.join(",")), ("density", one_of("density", "compact")), ("sort", one_of("sort", "newest"))]
}

/// `POST /lists/{page}`: what a person wants to see of a list.
///
/// # Errors
/// [`Fault`].
pub async fn keep(Path(page): Path<String>, posted: Posted) -> Result<Response, Fault> {
    let Posted { ctx, form, .. } = posted;
    let of = [Of::Queue, Of::Orders].into_iter().find(|of| of.page() == page).ok_or(CommandError::NotFound)?;
    let settings = match form.get("_do") {
        Some("reset") => {
            read(of, &Form(offered(of).filter(|(_, on)| *on).map(|(c, _)| ("col".into(), c.code.into())).collect()))
        }
        _ => read(of, &form),
    };
    let settings = settings.map(|(name, value)| (format!("{}.{name}", of.page()), value));
    views::keep_settings(&ctx.site.app, &ctx.actor, settings.to_vec()).await?;
    let to = session::next(form.get("_next"), of.path()).to_owned();
    let said = session::say(&ctx.site, "list-kept");
    Ok((StatusCode::SEE_OTHER, [(header::LOCATION, to)], [(header::SET_COOKIE, said)]).into_response())
}

/// What a row says in a column.
pub fn said(app: &App, org: &Organisation, row: &ListRow, code: &str) -> String {
    let pack = &app.pack;
    let task = row.task.as_ref();
    let time = |at: i64| pack.zone().short(Instant(at));
    let yes = |is: bool| if is { t!("word-yes") } else { "" }.to_owned();
    let unit = |unit: Option<&String>| unit.map(|unit| show::unit(org, &unit.as_str().into())).unwrap_or_default();
    match code {
        "due" if row.due < NEVER => time(row.due),
        "kind" => show::kind(pack, row.kind.as_deref()),
        "state" => match (task, &row.outcome) {
            (Some(task), _) => words::task_state(&task.state).to_owned(),
            (None, Some(outcome)) => words::outcome(outcome).to_owned(),
            (None, None) => words::state(&row.state).to_owned(),
        },
        "handler" => task.and_then(|task| task.handler.as_ref()).map(|(_, name)| name.clone()).unwrap_or_default(),
        "holder" => unit(row.holder.as_ref()),
        "unit" => unit(task.map(|task| &task.unit)),
        "role" => task.map(|task| words::task_role(&task.role).to_owned()).unwrap_or_default(),
        "subject" => show::subject(pack, row.subject.as_deref()),
        "area" => show::area(pack, row.area.as_deref()),
        "channel" => words::channel(&row.channel).to_owned(),
        "urgency" => words::urgency(&row.urgency).to_owned(),
        "delivered" => task.map(|task| time(task.delivered_at)).unwrap_or_default(),
        "taken" => time(row.taken_in_at),
        "missed" => yes(row.missed),
        "redo" => row.redo.to_string(),
        "urges" => row.urges.to_string(),
        "supervised" => yes(row.supervised),
        "tags" => row.tags.iter().map(|tag| show::reason(pack, "tag", tag)).collect::<Vec<_>>().join(t!("punct-list")),
        _ => String::new(),
    }
}

/// The cells of a row.
pub fn cells(ctx: &Ctx, chosen: &Chosen, row: &ListRow, unread: bool) -> Vec<Cell> {
    chosen
        .shown
        .iter()
        .map(|column| {
            let words = said(&ctx.site.app, &ctx.org, row, column.code);
            match column.code {
                "state" => Cell::State(words, unread),
                "handler" | "holder" => Cell::Whose(words),
                _ => Cell::Text(words),
            }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::{Chosen, Form, Of, read};

    #[test]
    fn a_choice_is_kept_in_the_order_given_and_knows_only_columns_of_its_list() {
        let form =
            Form::query(Some("col=state&col=area&col=kind&col=holder&col=evil&at.area=1&at.kind=2&at.state=3&sort=x"));
        let kept = read(Of::Queue, &form);
        assert_eq!(kept, [("columns", "area,kind,state".into()), ("density", String::new()), ("sort", String::new())]);
        let settings: Vec<(String, String)> =
            kept.into_iter().map(|(name, value)| (format!("queue.{name}"), value)).collect();
        let codes = |chosen: &Chosen| chosen.shown.iter().map(|column| column.code).collect::<Vec<_>>();
        assert_eq!(codes(&Chosen::of(Of::Queue, &settings)), ["area", "kind", "state"]);
        assert_eq!(codes(&Chosen::of(Of::Orders, &settings)), ["kind", "state", "holder"], "another list has its own");
        let offers = Chosen::of(Of::Queue, &settings).offers(Of::Queue);
        assert_eq!((offers[0].0, offers[0].2, offers[3].2), ("area", true, false));
    }
}
