//! What events leave on desks: phone notices, alerts, follow-ups, relays; and what takes them off again.

use huiyin_core::{
    calendar::Ends,
    id::{TaskNo, UnitId},
    order::{Clock, Event, Moment, Order, Role},
    policy::{Function, Notice, RouteQuestion},
    time::{Day, Instant},
};
use huiyin_store::{
    Tx,
    records::{self, DeskItem},
};

use crate::{Actor, App, CommandError};

/// Adds and finishes the desk items of events.
pub(super) async fn follow(
    tx: &mut Tx,
    app: &App,
    actor: &Actor,
    order: &Order,
    events: &[Event],
) -> Result<(), CommandError> {
    for event in events {
        match event {
            Event::TaskCommanded { task } if is_phoned(app, order) => {
                let desk = call_centre(app, tx, order).await?;
                add(tx, app, order, "phone-notice", desk, Some(*task), None, order.at).await?;
            }
            // Only for a unit that is sent so at all: the register costs a statement.
            Event::TaskDelivered { task, parent: None, role: Role::Lead, praise: false, unit, .. }
                if app.pack.goes_unclear(unit.as_str()) =>
            {
                let org = app.organisation(tx).await?;
                let target = order.target.as_ref().map(|target| org.path(target)).unwrap_or_default();
                if app.pack.unclear(unit.as_str(), &RouteQuestion::of(order, &target, order.at)).is_some() {
                    let desk = office(app, tx, order).await?;
                    add(tx, app, order, "fix-owner", desk, Some(*task), None, order.at).await?;
                }
            }
            // So many about one event: the office finds out what is behind it.
            Event::Absorbed { parts, .. } => {
                let threshold = app.pack.number("mass_event.threshold", rules_of(app, order));
                let now = order.active_parts().count() as i64;
                if threshold > 0 && now >= threshold && now - (parts.len() as i64) < threshold {
                    let desk = office(app, tx, order).await?;
                    add(tx, app, order, "mass-event", desk, None, Some(0), order.at).await?;
                }
            }
            Event::Copied { units } => {
                for (at, unit) in units.iter().enumerate() {
                    let cause = u32::try_from(order.copies.len() - units.len() + at).ok();
                    add(tx, app, order, "copy", unit.clone(), None, cause, order.at).await?;
                }
            }
            // A share of the answers that passed is looked at again, by the number alone.
            Event::Passed { .. } if app.pack.samples(&order.no, rules_of(app, order)) => {
                let desk = office(app, tx, order).await?;
                add(tx, app, order, "sample-review", desk, None, Some(order.redo), order.at).await?;
            }
            // Units that have it already see no words of it until somebody has settled what they may see.
            Event::MadeSecret { .. }
                if order.redacted.is_none() && order.tasks.iter().any(|task| task.state.is_open()) =>
            {
                let desk = order.lies_with.clone();
                add(tx, app, order, "redact", desk, None, Some(0), order.at).await?;
            }
            // Whoever is called is heard by the person who calls; what is said by a link, somebody must look at.
            Event::CallbackAnswered { answers, .. } if !answers.solved && actor.is_public() => {
                let day = order.pinned.unwrap_or_else(|| app.zone().day(order.at));
                let due = app.pack.span("rating.check", day);
                let due = due.map_or(order.at, |span| app.pack.calendar().due(order.at, span, Ends::default()).at);
                let open = order.state.is_open();
                let desk = match &order.callback_desk {
                    Some(desk) if open => desk.clone(),
                    _ => call_centre(app, tx, order).await?,
                };
                let what = if open { "not-solved" } else { "reopen-asked" };
                add(tx, app, order, what, desk, None, Some(order.redo), due).await?;
            }
            // Done again, closed or taken up anew: it was looked at.
            Event::Redone { .. } | Event::Closed { .. } => {
                let round = order.redo - u32::from(matches!(event, Event::Redone { .. }));
                finish(tx, app, actor, order, &item_id("not-solved", order, None, Some(round))).await?;
                if matches!(event, Event::Closed { .. }) && order.secret {
                    finish(tx, app, actor, order, &item_id("redact", order, None, Some(0))).await?;
                }
            }
            Event::Redacted { .. } => {
                finish(tx, app, actor, order, &item_id("redact", order, None, Some(0))).await?;
            }
            Event::Linked { link } if link.relation == "reopened-by" => {
                finish(tx, app, actor, order, &item_id("reopen-asked", order, None, Some(order.redo))).await?;
            }
            Event::TaskPhoned { task, .. } => finish_task(tx, app, actor, order, *task, "phone-notice").await?,
            Event::RelayAsked { task, .. } => {
                let desk = call_centre(app, tx, order).await?;
                let question = u32::try_from(order.relays.len()).ok();
                add(tx, app, order, "relay", desk, Some(*task), question, order.at).await?;
            }
            Event::RelayAnswered { task, question: Some(question), .. } => {
                let (city, id) = (app.city.as_str(), item_id("relay", order, Some(*task), Some(*question)));
                records::finish_item(tx, city, &id, order.at, actor.person.as_str(), None).await?;
            }
            // What a unit no longer works on, nobody need be called for.
            Event::TaskRecalled { task, .. } | Event::TaskReturned { task } | Event::TaskDone { task } => {
                for what in ["phone-notice", "relay", "phone-head", "call-duty-phone"] {
                    finish_task(tx, app, actor, order, *task, what).await?;
                }
            }
            // Signed for, or on the scene: who was to be called has come.
            Event::TaskSigned { task } => finish_task(tx, app, actor, order, *task, "call-duty-phone").await?,
            Event::TaskOnScene { task, .. } => finish_task(tx, app, actor, order, *task, "phone-head").await?,
            Event::DutyTold { duty, .. } => {
                let (city, id) = (app.city.as_str(), order.id.as_str());
                records::finish_duty_item(tx, city, id, i64::from(duty.0), order.at, actor.person.as_str()).await?;
            }
            Event::ClockFired { clock, moment } => {
                let Some(clock) = order.clock(*clock) else { continue };
                if *moment == Moment::Due
                    && let Some((what, desk)) = noticed(app, tx, order, clock).await?
                {
                    add(tx, app, order, what, desk, clock.task, Some(clock.no.0), clock.due.at).await?;
                }
                let what = match (clock.name.as_str(), moment) {
                    ("follow-up", Moment::Due) => "follow-up",
                    ("pause" | "shelving", Moment::Due) => "overrun",
                    // Of several limits for the scene the last one is when the head is phoned.
                    ("scene", Moment::Due) if is_last(order, clock) => "phone-head",
                    (_, Moment::Alert) => "call-duty-phone",
                    _ => continue,
                };
                let desk = match what {
                    "follow-up" | "overrun" => order.lies_with.clone(),
                    _ => call_centre(app, tx, order).await?,
                };
                add(tx, app, order, what, desk, clock.task, Some(clock.no.0), clock.due.at).await?;
            }
            _ => {}
        }
    }
    Ok(())
}

/// The day whose rules govern an order.
fn rules_of(app: &App, order: &Order) -> Day {
    order.pinned.unwrap_or_else(|| app.zone().day(order.at))
}

/// What the ladder of supervision puts on a desk when a limit is missed.
async fn noticed(
    app: &App,
    tx: &mut Tx,
    order: &Order,
    clock: &Clock,
) -> Result<Option<(&'static str, UnitId)>, CommandError> {
    let row = app.pack.ladder().iter().find(|row| row.clock == clock.name);
    Ok(match row.and_then(|row| row.notice) {
        None => None,
        Some(Notice::Phone) => Some(("phone-leaders", call_centre(app, tx, order).await?)),
        Some(Notice::Written) => Some(("supervision-notice", office(app, tx, order).await?)),
    })
}

/// Whether a command goes by phone too, at the order's urgency.
fn is_phoned(app: &App, order: &Order) -> bool {
    app.pack.lists("phone_notice.urgency", rules_of(app, order), order.urgency.code())
}

/// Whether no clock of the same name and task runs on beyond this one.
fn is_last(order: &Order, clock: &Clock) -> bool {
    let same = |other: &&Clock| other.name == clock.name && other.task == clock.task && other.is_running();
    order.clocks.iter().filter(same).all(|other| other.due.at <= clock.due.at)
}

async fn finish_task(
    tx: &mut Tx,
    app: &App,
    actor: &Actor,
    order: &Order,
    task: TaskNo,
    what: &str,
) -> Result<(), CommandError> {
    // Most orders never had such an item, and a statement that finds nothing is still a statement.
    let fired =
        |moment: Moment| order.clocks.iter().any(|clock| clock.task == Some(task) && clock.fired.contains(&moment));
    let had = match what {
        "phone-notice" => order.task(task).is_some_and(|task| task.commanded_at.is_some()),
        "relay" => order.secret,
        "phone-head" => fired(Moment::Due),
        "call-duty-phone" => fired(Moment::Alert),
        _ => true,
    };
    if !had {
        return Ok(());
    }
    let (city, id) = (app.city.as_str(), order.id.as_str());
    records::finish_task_item(tx, city, id, i64::from(task.0), what, order.at, actor.person.as_str()).await?;
    Ok(())
}

async fn finish(tx: &mut Tx, app: &App, actor: &Actor, order: &Order, item: &str) -> Result<(), CommandError> {
    records::finish_item(tx, app.city.as_str(), item, order.at, actor.person.as_str(), None).await?;
    Ok(())
}

async fn call_centre(app: &App, tx: &mut Tx, order: &Order) -> Result<UnitId, CommandError> {
    let org = app.organisation(tx).await?;
    Ok(org.with_function(Function::CallCentre).map_or_else(|| order.lies_with.clone(), |unit| unit.id.clone()))
}

async fn office(app: &App, tx: &mut Tx, order: &Order) -> Result<UnitId, CommandError> {
    let org = app.organisation(tx).await?;
    Ok(org.with_function(Function::Office).map_or_else(|| order.lies_with.clone(), |unit| unit.id.clone()))
}

/// One cause, one item: of several clocks or questions of a task, the number of the one.
fn item_id(what: &str, order: &Order, task: Option<TaskNo>, cause: Option<u32>) -> String {
    format!("{what}:{}:{}:{}", order.id, task.map_or(0, |task| task.0), cause.unwrap_or(order.seq as u32))
}

#[allow(clippy::too_many_arguments)]
async fn add(
    tx: &mut Tx,
    app: &App,
    order: &Order,
    what: &str,
    unit: UnitId,
    task: Option<TaskNo>,
    cause: Option<u32>,
    due: Instant,
) -> Result<(), CommandError> {
    // One item for one cause: its id says which.
    let id = item_id(what, order, task, cause);
    let item = DeskItem {
        id: id.clone(),
        order: order.id.0.clone(),
        what: what.to_owned(),
        unit: unit.0,
        task: task.map(|task| i64::from(task.0)),
        duty: None,
        created_at: order.at,
        due,
        note: None,
    };
    records::add_item(tx, app.city.as_str(), &item, &id).await?;
    Ok(())
}
