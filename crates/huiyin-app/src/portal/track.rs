//! What the claimant of an order sees of it, and does to it: who has it and until when, what has happened in plain steps,
//! adding facts, urging, and asking to take it back. No word of a unit or of another claimant stands here but the answer
//! that is public.

use std::sync::Arc;

use huiyin_core::{
    calendar::Due,
    id::{ClaimantId, OrderId},
    order::{Ask, Channel, Decision, Event, Order, Outcome, State, table},
    organisation::Organisation,
    policy::{Citation, Function},
    time::Instant,
};
use huiyin_store::{
    Tx, contents, orders as store,
    records::{self, DeskItem},
};
use serde_json::json;

use super::{
    access::{Proof, followed},
    rate,
};
use crate::{
    App, CommandError,
    orders::{Done, Given, command},
};

/// A desk item: somebody at the call centre asks the claimant whether they mean it.
pub const WITHDRAW: &str = "withdraw";
/// How long that may take, in milliseconds.
const WITHIN: i64 = 24 * 3_600_000;

/// A step of an order, named by a code the pages have words for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// What happened: `received`, `accepted`, `sent`, …
    pub what: &'static str,
    /// When.
    pub at: Instant,
    /// The unit it happened at.
    pub unit: String,
    /// What the claimant is told with it.
    pub text: String,
}

/// When the answer is due, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Until {
    /// When.
    pub due: Due,
    /// When it began to run.
    pub start: Instant,
    /// Whether it is the limit of the answer, and not of a step before it.
    pub of_answer: bool,
    /// What the rule demands.
    pub what: String,
    /// Where it stands.
    pub basis: Citation,
    /// Whether it is past.
    pub missed: bool,
}

/// An order as its claimant sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tracked {
    /// Its number, as the claimant knows it.
    pub no: String,
    /// Where it stands: `waiting`, `accepted`, `with-unit`, `review`, `callback`, or how it ended.
    pub state: String,
    /// Whether nothing more is done.
    pub over: bool,
    /// Its kind.
    pub kind: Option<String>,
    /// The kind its claimant called it.
    pub claimed_kind: Option<String>,
    /// What the claimant wrote, as it begins.
    pub title: String,
    /// The unit that has it.
    pub unit: String,
    /// Until when; nothing runs where it is none.
    pub until: Option<Until>,
    /// What has happened, the newest first.
    pub steps: Vec<Step>,
    /// The answer.
    pub answer: String,
    /// Whether it goes on inside another.
    pub merged: bool,
    /// Whether facts may be added, and whether it may be urged.
    pub open: bool,
    /// Whether it may be asked to be taken back.
    pub may_withdraw: bool,
    /// Whether it was asked already.
    pub withdraw_asked: bool,
    /// Whether the answer may be rated now.
    pub may_rate: bool,
}

/// The order of a proof.
///
/// # Errors
/// [`CommandError::NotFound`] when there is none any longer.
pub async fn look(app: &Arc<App>, proof: &Proof) -> Result<Tracked, CommandError> {
    let (own, proof) = (Arc::clone(app), proof.clone());
    app.db.read("portal track", move |tx| Box::pin(async move { read(tx, &own, &proof).await })).await
}

async fn read(tx: &mut Tx, app: &App, proof: &Proof) -> Result<Tracked, CommandError> {
    let city = app.city.as_str();
    let org = app.organisation(tx).await?;
    let own = store::find(tx, city, &proof.order).await?.ok_or(CommandError::NotFound)?.order;
    let now = followed(tx, app, &proof.order).await?.order;
    let merged = now.id != own.id;
    let mut steps = steps_of(&own, &org, &store::journal(tx, city, own.id.as_str()).await?);
    if merged {
        // What became of the other is told from when the own order went into it, and of nobody's part in it.
        let since = steps.last().map_or(own.at, |step| step.at);
        let others = steps_of(&now, &org, &store::journal(tx, city, now.id.as_str()).await?);
        steps.extend(others.into_iter().filter(|step| step.at >= since && !PERSONAL.contains(&step.what)));
    }
    let public = now.public.as_ref().or(own.public.as_ref());
    let answer = match public.filter(|_| matches!(now.state, State::Callback | State::Closed(_) | State::Archived(_))) {
        Some(text) => contents::body(tx, city, text.content.as_str()).await?,
        None => None,
    };
    // Their own words, where they wrote them; else what was written down for them.
    let words = if own.channel == Channel::Phone {
        own.title.as_ref().or(own.body.as_ref())
    } else {
        own.body.as_ref().or(own.title.as_ref())
    };
    let title = match words {
        Some(text) => contents::body(tx, city, text.content.as_str()).await?,
        None => None,
    };
    let said = |bytes: Option<Vec<u8>>| bytes.map(|b| String::from_utf8_lossy(&b).into_owned()).unwrap_or_default();
    let active = now.active_parts().any(|part| part.claimant == proof.claimant);
    let asked = records::item_by_id(tx, city, &withdraw_item(&now.id, &proof.claimant)).await?;
    let allowed = |name: &str| table::named(name).is_some_and(|row| row.allows(now.state));
    let open = !now.sealed && !own.sealed && active && allowed("supplement");
    steps.reverse();
    Ok(Tracked {
        no: own.no.clone(),
        state: standing(&now),
        over: !now.state.is_open(),
        kind: now.kind.clone(),
        claimed_kind: own.claimed_kind.clone(),
        title: beginning(&said(title), 80),
        unit: unit_of(&now, &org),
        until: if now.state.is_open() { until(app, &now) } else { None },
        steps,
        answer: said(answer),
        merged,
        open,
        may_withdraw: open && allowed("withdraw") && asked.is_none(),
        withdraw_asked: asked.is_some() && now.state.is_open(),
        may_rate: rate::may_be_rated(app, &now, &proof.claimant),
    })
}

/// Steps that tell of a claimant.
pub const PERSONAL: &[&str] = &["added", "urged", "received", "withdrawn"];

/// How a text begins, in so many characters; that it goes on is seen.
pub(super) fn beginning(text: &str, most: usize) -> String {
    match text.char_indices().nth(most) {
        Some((end, _)) => format!("{}…", text[..end].trim_end()),
        None => text.to_owned(),
    }
}

pub(super) fn standing(order: &Order) -> String {
    match order.state {
        State::Intake => "waiting".into(),
        State::Registered => "accepted".into(),
        State::Assigned => "with-unit".into(),
        State::Review => "review".into(),
        State::Callback => "callback".into(),
        State::Closed(how) | State::Archived(how) => how.code().to_owned(),
    }
}

/// Who has it: the unit it is with, and before and after that the hotline.
fn unit_of(order: &Order, org: &Organisation) -> String {
    let office = || org.with_function(Function::Office).map(|unit| unit.id.clone());
    let holder = match order.state {
        State::Assigned => order.holder().map(|holder| holder.unit),
        _ => order.tasks.iter().rev().find(|task| task.leads_case()).map(|task| task.unit.clone()).filter(|_| {
            matches!(
                order.state,
                State::Closed(Outcome::Handled | Outcome::PassedOn) | State::Archived(_) | State::Callback
            )
        }),
    };
    let unit = holder.or_else(office).and_then(|id| org.unit(&id).map(|unit| unit.name.clone()));
    unit.unwrap_or_default()
}

fn until(app: &App, order: &Order) -> Option<Until> {
    let first = |names: &[&str]| {
        let runs = |name: &&str| {
            order.clocks.iter().rev().find(|clock| {
                clock.name == **name
                    && clock.task.is_none()
                    && clock.standing == huiyin_core::order::Standing::Governs
                    && clock.is_unsettled()
            })
        };
        names.iter().find_map(runs)
    };
    let clock =
        order.case_due().filter(|clock| clock.is_unsettled()).or_else(|| first(&["shelving", "dispatch", "accept"]))?;
    let rule = app.pack.clock_rule(&clock.rule, &clock.name, clock.level);
    Some(Until {
        due: clock.due,
        start: clock.start,
        of_answer: clock.name == "close",
        what: rule.map_or_else(String::new, |rule| rule.what.clone()),
        basis: app.pack.citation(&clock.basis),
        missed: clock.due.missed_by(app.now()),
    })
}

/// The journal in plain steps, the oldest first.
fn steps_of(order: &Order, org: &Organisation, journal: &[store::JournalRow]) -> Vec<Step> {
    let name = |id: &huiyin_core::id::UnitId| org.unit(id).map_or_else(String::new, |unit| unit.name.clone());
    let leading = |no| order.task(no).filter(|task| task.leads_case()).map(|task| name(&task.unit));
    let mut steps: Vec<Step> = Vec::new();
    for row in journal {
        let Ok(event) = serde_json::from_str::<Event>(&row.body) else { continue };
        let step = match &event {
            Event::TakenIn { .. } => Some(("received", String::new())),
            Event::Registered(_) => Some(("accepted", String::new())),
            Event::TaskDelivered { unit, parent: None, role: huiyin_core::order::Role::Lead, .. } => {
                Some(("sent", name(unit)))
            }
            Event::TaskSigned { task } => leading(*task).map(|unit| ("signed", unit)),
            Event::TaskProgressed { task, .. } => leading(*task).map(|unit| ("progress", unit)),
            Event::TaskFedBack { task, .. } => leading(*task).map(|unit| ("fed-back", unit)),
            Event::TaskReturned { task } => leading(*task).map(|unit| ("returned", unit)),
            Event::RequestDecided { request, decision: Decision::Granted, .. } => {
                let granted = order.request(*request).map(|request| &request.ask);
                match granted {
                    Some(Ask::Extension { .. }) => Some(("extended", String::new())),
                    Some(Ask::Shelving { .. }) => Some(("shelved", String::new())),
                    _ => None,
                }
            }
            Event::Passed { .. } => Some(("passed", String::new())),
            Event::Redone { .. } => Some(("redo", String::new())),
            Event::CallbackAnswered { .. } => Some(("rated", String::new())),
            Event::Supplemented { .. } => Some(("added", String::new())),
            Event::Urged { .. } => Some(("urged", String::new())),
            Event::Merged { .. } => Some(("merged", String::new())),
            Event::PartWithdrawn { .. } => Some(("withdrawn", String::new())),
            Event::Closed { outcome, .. } => closed(*outcome).map(|what| (what, String::new())),
            _ => None,
        };
        if let Some((what, unit)) = step {
            steps.push(Step { what, at: row.at, unit, text: String::new() });
        }
    }
    steps
}

fn closed(outcome: Outcome) -> Option<&'static str> {
    Some(match outcome {
        Outcome::Answered => "answered",
        Outcome::Handled => "handled",
        Outcome::PassedOn => "passed-on",
        Outcome::Refused => "refused",
        Outcome::Transferred => "transferred",
        Outcome::Stopped => "stopped",
        // Told by its own step.
        Outcome::Withdrawn | Outcome::Merged => return None,
    })
}

/// The id of the order a proof's claimant acts on now.
async fn acting_on(app: &Arc<App>, proof: &Proof) -> Result<OrderId, CommandError> {
    let (own, order) = (Arc::clone(app), proof.order.clone());
    let stored =
        app.db.read("portal order", move |tx| Box::pin(async move { followed(tx, &own, &order).await })).await?;
    Ok(stored.order.id)
}

async fn give(
    app: &Arc<App>,
    proof: &Proof,
    name: &str,
    input: serde_json::Value,
    key: Option<&str>,
) -> Result<Done, CommandError> {
    let order = acting_on(app, proof).await?;
    let key = key.map(|key| format!("{name}:{}", key.chars().take(100).collect::<String>()));
    let given = Given { order: order.0.clone(), command: name.to_owned(), input, key, if_match: None };
    command(app, &proof.actor(&order), given).await
}

/// Adds facts and files.
///
/// # Errors
/// [`CommandError`] of the command.
pub async fn add(
    app: &Arc<App>,
    proof: &Proof,
    text: &str,
    files: &[String],
    key: Option<&str>,
) -> Result<Done, CommandError> {
    give(app, proof, "supplement", json!({ "text": text, "files": files }), key).await
}

/// Urges.
///
/// # Errors
/// [`CommandError`] of the command.
pub async fn urge(app: &Arc<App>, proof: &Proof, text: &str, key: Option<&str>) -> Result<Done, CommandError> {
    give(app, proof, "urge", json!({ "text": text }), key).await
}

fn withdraw_item(order: &OrderId, claimant: &ClaimantId) -> String {
    format!("{WITHDRAW}:{order}:{claimant}")
}

/// Asks to take the matter back: a person at the call centre confirms it with the claimant before anything ends.
///
/// # Errors
/// [`CommandError`] of the command.
pub async fn ask_to_withdraw(app: &Arc<App>, proof: &Proof, why: &str, key: Option<&str>) -> Result<(), CommandError> {
    let text = format!("诉求人在网上申请撤回。{why}");
    let done = give(app, proof, "supplement", json!({ "text": text.trim() }), key).await?;
    let (own, order, claimant) = (Arc::clone(app), OrderId(done.id), proof.claimant.clone());
    app.db
        .write("portal withdraw", move |tx| {
            let (app, order, claimant) = (Arc::clone(&own), order.clone(), claimant.clone());
            Box::pin(async move {
                let org = app.organisation(tx).await?;
                let desk = org.with_function(Function::CallCentre).or_else(|| org.with_function(Function::Office));
                let unit = desk.map(|unit| unit.id.0.clone()).ok_or(CommandError::NotFound)?;
                let id = withdraw_item(&order, &claimant);
                let item = DeskItem {
                    id: id.clone(),
                    order: order.0,
                    what: WITHDRAW.into(),
                    unit,
                    task: None,
                    duty: None,
                    created_at: app.now(),
                    due: app.now().plus(WITHIN),
                    note: None,
                };
                records::add_item(tx, app.city.as_str(), &item, &id).await.map(drop).map_err(CommandError::from)
            })
        })
        .await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_that_goes_on_says_so() {
        assert_eq!(beginning("路灯不亮", 4), "路灯不亮");
        assert_eq!(beginning("路灯 不亮了", 3), "路灯…");
    }
}
