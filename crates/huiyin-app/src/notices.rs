//! What is new for a person since they last looked. A command that something follows from leaves a notice at the unit it
//! concerns; whoever has a post there reads it, and each has their own moment until which all is read.

use std::sync::Arc;

use huiyin_core::{
    id::UnitId,
    order::{Ask, Clock, Decision, Event, Moment, Order, State, Urgency},
    policy::{Decides, Function},
    time::Instant,
};
use huiyin_store::{
    Tx, drafts,
    notices::{self as store, LEFT_OUT, Notice, SEEN},
};

pub use huiyin_store::notices::Told;

use crate::{Actor, App, CommandError, permission};

/// How long notices are kept, in milliseconds.
const KEPT: i64 = 14 * 86_400_000;
/// Most that are listed.
const LISTED: i64 = 100;

/// A kind of notice, and whether the rules or a duty demand it: then it cannot be left out.
pub const KINDS: &[(&str, bool)] = &[
    ("emergency", true),
    ("overdue", true),
    ("supervised", true),
    ("redo", true),
    ("delivered", false),
    ("soon", false),
    ("asked", false),
    ("decided", false),
    ("sent-back", false),
    ("recalled", false),
    ("supplement", false),
    ("assigned", false),
];

/// Notices to a person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct News {
    /// The latest.
    pub told: Vec<Told>,
    /// Until when they have read.
    pub seen: Instant,
    /// Kinds they have left out of the count.
    pub left_out: Vec<String>,
}

impl News {
    /// Whether a notice is new to its reader.
    pub fn is_new(&self, told: &Told) -> bool {
        told.at > self.seen && !self.left_out.contains(&told.kind)
    }
}

/// What a person has set: until when they have read, and the kinds left out.
fn read_settings(settings: Vec<(String, String)>) -> (Instant, Vec<String>) {
    let (mut seen, mut left_out) = (Instant(0), Vec::new());
    for (name, value) in settings {
        if name == SEEN {
            seen = Instant(value.parse().unwrap_or(0));
        } else if let Some(kind) = name.strip_prefix(LEFT_OUT)
            && value == "true"
        {
            left_out.push(kind.to_owned());
        }
    }
    (seen, left_out)
}

/// The latest notices to a person.
///
/// # Errors
/// [`CommandError::Unavailable`] without a database.
pub async fn list(app: &Arc<App>, actor: &Actor) -> Result<News, CommandError> {
    let (own, actor, today) = (Arc::clone(app), actor.clone(), app.zone().day(app.now()));
    app.db
        .read("notices", move |tx| {
            Box::pin(async move {
                let (city, person) = (own.city.as_str(), actor.person.as_str());
                let mut told = store::list(tx, city, person, today, LISTED).await?;
                for one in told.iter_mut().filter(|one| one.secret && !permission::sees_secrets(&actor)) {
                    one.title = None;
                }
                let (seen, left_out) = read_settings(drafts::settings(tx, city, person).await?);
                Ok(News { told, seen, left_out })
            })
        })
        .await
}

/// Kinds a person has left out of the count.
///
/// # Errors
/// [`CommandError::Unavailable`] without a database.
pub async fn left_out(app: &Arc<App>, actor: &Actor) -> Result<Vec<String>, CommandError> {
    Ok(read_settings(crate::views::settings(app, actor).await?).1)
}

/// Marks all as read that there was at a moment; what came since stays new.
///
/// # Errors
/// [`CommandError::Unavailable`] without a database.
pub async fn read(app: &Arc<App>, actor: &Actor, until: Instant) -> Result<(), CommandError> {
    let until = until.min(app.now());
    let (own, person) = (Arc::clone(app), actor.person.0.clone());
    app.db
        .write("notices_read", move |tx| {
            let (app, person) = (Arc::clone(&own), person.clone());
            Box::pin(async move {
                let city = app.city.as_str();
                // Another page of the same person may have read further.
                let (seen, _) = read_settings(drafts::settings(tx, city, &person).await?);
                drafts::set(tx, city, &person, SEEN, &until.max(seen).ms().to_string()).await?;
                Ok(())
            })
        })
        .await
}

/// Keeps which kinds are counted. What the rules or a duty demand always is, whatever is asked.
///
/// # Errors
/// [`CommandError::Unavailable`] without a database.
pub async fn choose(app: &Arc<App>, actor: &Actor, counted: &[String]) -> Result<(), CommandError> {
    let free = KINDS.iter().filter(|(_, demanded)| !demanded);
    let settings: Arc<Vec<(String, bool)>> =
        Arc::new(free.map(|(kind, _)| (format!("{LEFT_OUT}{kind}"), !counted.iter().any(|one| one == kind))).collect());
    let (own, person) = (Arc::clone(app), actor.person.0.clone());
    app.db
        .write("notices_choose", move |tx| {
            let (app, person, settings) = (Arc::clone(&own), person.clone(), Arc::clone(&settings));
            Box::pin(async move {
                for (name, off) in settings.iter() {
                    drafts::set(tx, app.city.as_str(), &person, name, &off.to_string()).await?;
                }
                Ok(())
            })
        })
        .await
}

/// Forgets notices of long ago.
///
/// # Errors
/// [`CommandError::Unavailable`] without a database.
pub(crate) async fn sweep(app: &Arc<App>) -> Result<u64, CommandError> {
    let (city, before) = (app.city.clone(), app.now().plus(-KEPT));
    let gone = app
        .db
        .write("notices_sweep", move |tx| {
            let city = city.clone();
            Box::pin(async move { store::sweep(tx, city.as_str(), before).await })
        })
        .await?;
    Ok(gone)
}

/// Whom a notice is for: the unit, whose posts there, the one person of them.
type Whom = (UnitId, &'static str, Option<String>);

fn unit(id: &UnitId) -> Whom {
    (id.clone(), "unit", None)
}

fn desk(order: &Order) -> Whom {
    (order.lies_with.clone(), "desk", None)
}

/// Units that work on an order now.
fn working(order: &Order) -> Vec<Whom> {
    order.tasks.iter().filter(|task| task.state.is_open()).map(|task| unit(&task.unit)).collect()
}

/// Who answers for a limit: its task's unit, or who has the case; where it is with no unit, the desk.
fn of_clock(order: &Order, clock: &Clock) -> Vec<Whom> {
    let own = clock.task.and_then(|no| order.task(no)).map(|task| vec![unit(&task.unit)]);
    let found = own.unwrap_or_else(|| {
        let leads = order.tasks.iter().filter(|task| task.state.is_open() && task.leads_case());
        leads.map(|task| unit(&task.unit)).collect()
    });
    if found.is_empty() { vec![desk(order)] } else { found }
}

/// Who decides a request.
async fn decides(
    tx: &mut Tx,
    app: &App,
    order: &Order,
    ask: &Ask,
    task: Option<&UnitId>,
    by: Option<Decides>,
) -> Result<Option<Whom>, CommandError> {
    let above = || {
        let parent = order.tasks.iter().rev().find(|one| Some(&one.unit) == task).and_then(|one| one.parent);
        parent.and_then(|no| order.task(no)).map_or_else(|| desk(order), |parent| unit(&parent.unit))
    };
    Ok(match (ask, by) {
        (Ask::Approval { .. }, _) | (_, Some(Decides::Leader)) => task.map(|task| (task.clone(), "leader", None)),
        (_, None | Some(Decides::Above)) => Some(above()),
        (_, Some(Decides::Office)) => {
            let org = app.organisation(tx).await?;
            org.with_function(Function::Office).map(|office| (office.id.clone(), "desk", None))
        }
        // A city leader finds it at `/orders`; there is no unit that all of them work in.
        (_, Some(Decides::Mayor)) => None,
    })
}

/// What events are to be told of, and whom.
///
/// # Errors
/// [`CommandError::Unavailable`] without a database.
pub(crate) async fn of(
    tx: &mut Tx,
    app: &App,
    actor: &Actor,
    order: &Order,
    events: &[Event],
) -> Result<Vec<Notice>, CommandError> {
    let mut found: Vec<(&'static str, Whom)> = Vec::new();
    let emergency = order.urgency == Urgency::Emergency;
    for event in events {
        let (kind, whom): (&'static str, Vec<Whom>) = match event {
            Event::TakenIn { claimed_emergency: true, desk, .. } => ("emergency", vec![(desk.clone(), "desk", None)]),
            Event::Registered(_) if emergency => ("emergency", vec![desk(order)]),
            Event::Corrected { urgency: Some(Urgency::Emergency), .. } => {
                ("emergency", working(order).into_iter().chain([desk(order)]).collect())
            }
            Event::TaskDelivered { task, unit: to, .. } => {
                let again = order.task(*task).is_some_and(|task| task.redo > 0 && task.parent.is_none());
                let kind = if emergency {
                    "emergency"
                } else if again {
                    "redo"
                } else {
                    "delivered"
                };
                (kind, vec![unit(to)])
            }
            Event::TaskAssigned { task, person: Some(person) } => {
                let whom = order.task(*task).map(|task| (task.unit.clone(), "unit", Some(person.0.clone())));
                ("assigned", whom.into_iter().collect())
            }
            Event::TaskSentBack { task, .. } => {
                ("sent-back", order.task(*task).map(|task| unit(&task.unit)).into_iter().collect())
            }
            Event::TaskRecalled { task, .. } => {
                ("recalled", order.task(*task).map(|task| unit(&task.unit)).into_iter().collect())
            }
            Event::RequestAsked { task, ask, by, .. } => {
                let of = order.task(*task).map(|task| task.unit.clone());
                ("asked", decides(tx, app, order, ask, of.as_ref(), *by).await?.into_iter().collect())
            }
            Event::RequestDecided { request, decision, .. } if *decision != Decision::Withdrawn => {
                let task = order.request(*request).and_then(|request| order.task(request.task));
                ("decided", task.map(|task| unit(&task.unit)).into_iter().collect())
            }
            Event::Supplemented { .. } | Event::Urged { .. } => ("supplement", working(order)),
            Event::Supervised { .. } => ("supervised", working(order)),
            Event::ClockFired { clock, moment } => match (order.clock(*clock), moment) {
                (Some(clock), Moment::Due) if clock.breach => ("overdue", of_clock(order, clock)),
                (Some(clock), Moment::Warn) if clock.breach => ("soon", of_clock(order, clock)),
                _ => continue,
            },
            _ => continue,
        };
        for whom in whom {
            let one = (kind, whom);
            // One notice of a kind, however many tasks or limits it is about.
            if !found.contains(&one) {
                found.push(one);
            }
        }
    }
    // Brought in already ended, it is nobody's news.
    if matches!(order.state, State::Archived(_)) {
        found.clear();
    }
    let made = found.into_iter().enumerate().map(|(at, (kind, (unit, whose, person)))| Notice {
        id: format!("{}:{}:{at}", order.id, order.seq),
        unit: unit.0,
        whose,
        person,
        kind,
        order: order.id.0.clone(),
        made_by: actor.person.0.clone(),
        at: order.at,
    });
    Ok(made.collect())
}
