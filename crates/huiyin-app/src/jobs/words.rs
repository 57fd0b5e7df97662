//! What a claimant is told: the pack's text with the order's number, limit, reason, unit and answer in it.

use huiyin_core::{
    order::{Ask, Decision, Order, Outcome},
    organisation::Organisation,
    policy::Function,
};
use huiyin_store::orders::JournalRow;
use serde_json::Value;

use crate::App;

/// The reason an order was closed with, as the journal has it.
pub(super) fn closing_reason(journal: &[JournalRow]) -> Option<String> {
    let closed = journal.iter().rev().find(|row| row.name == "order.closed")?;
    let body: Value = serde_json::from_str(&closed.body).ok()?;
    body["reason"].as_str().map(str::to_owned)
}

/// The words for one duty to tell; none when the pack has no text for it. `track` is how to follow it, or nothing.
#[allow(clippy::too_many_arguments)] // what stands in a message comes from everywhere
pub(super) fn words(
    app: &App,
    org: &Organisation,
    order: &Order,
    what: &str,
    closed_with: Option<&str>,
    text: Option<&str>,
    track: &str,
    language: &str,
) -> Option<String> {
    // The result of an order that was stopped is no answer, and reads otherwise.
    let stopped = what == "result" && order.outcome() == Some(Outcome::Stopped);
    let template = stopped.then(|| app.pack.text("tell.stopped", language)).flatten();
    let template = template.or_else(|| app.pack.text(&format!("tell.{what}"), language))?;
    let granted = |code: &str| {
        let of_kind = |ask: &Ask| ask.code() == code;
        order.requests.iter().rev().find(|r| r.decision == Decision::Granted && of_kind(&r.ask)).map(|r| &r.ask)
    };
    let case_due = || order.case_due().map(|clock| app.zone().short(clock.due.at));
    let (reason, unit, due) = match what {
        "result" if stopped => (said(app, "stop", closed_with, language), None, None),
        "refused" => (said(app, "refusal", closed_with, language), None, None),
        "transferred" => (None, said(app, "transfer", closed_with, language), None),
        "extended" => match granted("extension") {
            Some(Ask::Extension { reason, .. }) => (said(app, "extension", Some(reason), language), None, case_due()),
            _ => (None, None, case_due()),
        },
        "shelved" => match granted("shelving") {
            Some(Ask::Shelving { reason, review, .. }) => {
                (said(app, "shelving", Some(reason), language), None, Some(review.to_string()))
            }
            _ => (None, None, None),
        },
        _ => (None, None, case_due()),
    };
    let unit = unit.unwrap_or_else(|| answering(org, order));
    Some(
        template
            .replace("{number}", &order.no)
            .replace("{due}", due.as_deref().unwrap_or_default())
            .replace("{reason}", reason.as_deref().unwrap_or_default())
            .replace("{unit}", &unit)
            .replace("{track}", track)
            // Last, so that nothing is put into what a person wrote.
            .replace("{text}", text.unwrap_or_default()),
    )
}

/// The unit that answers: the last that led the case, or the office where none did.
fn answering(org: &Organisation, order: &Order) -> String {
    let lead = order.tasks.iter().rev().find(|task| task.leads_case()).and_then(|task| org.unit(&task.unit));
    let unit = lead.or_else(|| org.with_function(Function::Office));
    unit.map_or_else(String::new, |unit| unit.name.clone())
}

/// A reason as the claimant hears it, and what is open to them instead.
fn said(app: &App, group: &str, code: Option<&str>, language: &str) -> Option<String> {
    let reason = app.pack.reason(group, code?)?;
    let told = app.pack.in_language(&reason.tell, language).filter(|_| group == "refusal");
    let told = told.or_else(|| app.pack.in_language(&reason.label, language))?.to_owned();
    let instead = app.pack.in_language(&reason.instead, language).filter(|_| group == "refusal").unwrap_or_default();
    Some(told + instead)
}
