//! What closing a kind needs, as fields of a form and as a list of conditions.

use huiyin_app::{App, orders::view::OrderView};
use huiyin_core::{
    order::{FactValue, Facts, Order, conditions},
    policy::{Closing, FactKind, Pack},
};

use super::{
    field::{Choice, Field},
    show,
};
use crate::catalogue::Language;

fn label(pack: &Pack, name: &str) -> String {
    pack.fact(name).and_then(|fact| pack.in_language(&fact.label, Language::here().code())).unwrap_or(name).to_owned()
}

fn field_of(pack: &Pack, name: &str) -> Option<Field> {
    let fact = pack.fact(name)?;
    let (own, label) = (format!("facts.{name}"), label(pack, name));
    Some(match fact.is {
        FactKind::Flag => Field::check(&own, &label),
        FactKind::Text => Field::area(&own, &label),
        FactKind::Day => Field::typed(&own, &label, "date").half(),
        FactKind::Instant => Field::typed(&own, &label, "datetime-local").half(),
        FactKind::Code => Field::line(&own, &label),
    })
}

fn branch(pack: &Pack, closing: &Closing, name: &str) -> Field {
    let choices = closing
        .case
        .iter()
        .map(|case| {
            Choice::new(&case.when, pack.in_language(&case.label, Language::here().code()).unwrap_or(&case.when))
        })
        .collect();
    Field::seg(&format!("facts.{name}"), &label(pack, name), choices)
        .required()
        .cite(show::cite(pack, &pack.basis(&closing.cite)))
}

/// The fields an answer to this order is given with. What is already on record is not asked again.
pub fn fields(app: &App, order: &Order) -> Vec<Field> {
    let (pack, mut found) = (&app.pack, Vec::<Field>::new());
    let Some(kind) = order.kind.as_deref() else { return found };
    let on_scene = order.tasks.iter().any(|task| task.scene.is_some());
    for closing in pack.closings(kind, order.urgency.code()) {
        let cite = show::cite(pack, &pack.basis(&closing.cite));
        for name in &closing.requires {
            if on_scene && matches!(name.as_str(), "scene_at" | "scene_place" | "safety") {
                continue;
            }
            found.extend(field_of(pack, name).map(|field| field.cite(cite.clone())));
        }
        let Some(own) = &closing.branch else { continue };
        found.push(branch(pack, closing, own));
        let mut asked: Vec<&String> = Vec::new();
        for name in closing.case.iter().flat_map(|case| case.requires.iter().chain(&case.promise)) {
            if asked.contains(&name) {
                continue;
            }
            asked.push(name);
            let cases: Vec<_> = closing
                .case
                .iter()
                .filter(|case| case.requires.contains(name) || case.promise.as_ref() == Some(name))
                .collect();
            let values: Vec<&str> = cases.iter().map(|case| case.when.as_str()).collect();
            let words: Vec<&str> =
                cases.iter().filter_map(|case| pack.in_language(&case.label, Language::here().code())).collect();
            let hint = t!("facts-when", x = words.join(t!("facts-or")));
            found.extend(field_of(pack, name).map(|field| field.hint(hint).when(&format!("facts.{own}"), &values)));
        }
    }
    found
}

/// A condition of closing, for a reader.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cond {
    /// `met`, `miss`.
    pub state: &'static str,
    /// What it is.
    pub words: String,
    /// What is on record.
    pub evidence: String,
    /// The rule.
    pub cite: String,
}

/// A fact for a reader.
fn said(app: &App, view: &OrderView, name: &str, value: &FactValue) -> String {
    match value {
        FactValue::Flag(yes) => if *yes { t!("word-yes") } else { t!("word-no") }.to_owned(),
        FactValue::Code(code) => code_words(&app.pack, &view.order, name, code),
        FactValue::Text(text) => view.text(Some(text)).to_owned(),
        FactValue::Day(day) => day.to_string(),
        FactValue::Instant(at) => show::moment(&app.pack, *at),
    }
}

fn code_words(pack: &Pack, order: &Order, name: &str, code: &str) -> String {
    let kind = order.kind.as_deref().unwrap_or_default();
    pack.closings(kind, order.urgency.code())
        .filter(|closing| closing.branch.as_deref() == Some(name))
        .flat_map(|closing| &closing.case)
        .find(|case| case.when == code)
        .and_then(|case| pack.in_language(&case.label, Language::here().code()))
        .unwrap_or(code)
        .to_owned()
}

/// What closing needs, met or missing, with these facts.
pub fn conds(app: &App, view: &OrderView, facts: &Facts) -> Vec<Cond> {
    conditions(&view.order, facts, &app.pack)
        .into_iter()
        .map(|one| Cond {
            state: if one.met { "met" } else { "miss" },
            words: label(&app.pack, &one.fact),
            evidence: facts.get(&one.fact).map_or_else(String::new, |value| said(app, view, &one.fact, value)),
            cite: show::cite(&app.pack, &one.basis),
        })
        .collect()
}

/// Facts of an answer, for a reader: label and value.
pub fn stated(app: &App, view: &OrderView, facts: &Facts) -> Vec<(String, String)> {
    facts.iter().map(|(name, value)| (label(&app.pack, name), said(app, view, name, value))).collect()
}
