//! An order as a person sees it: facts, texts, clocks with their basis, the journal as a timeline, and what may be done.

use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
};

use huiyin_core::{
    order::{
        Clock, Order, Request, Task, Text,
        table::{self, Row},
    },
    organisation::Organisation,
    policy::Citation,
    time::Instant,
};
use huiyin_store::{
    contents, orders,
    orders::{JournalRow, MayHandle, NamedJournal},
    records::{self, DeskItem, Reveal},
};
use serde::Serialize;
use serde_json::{Value, json};

use super::run::seen;
use crate::{
    Actor, App, CommandError, Scope, audit,
    files::{self, FileView},
    permission,
};

/// An order and all that its page shows.
pub struct OrderView {
    /// The order.
    pub order: Order,
    /// Texts by content id, of those the actor may see.
    pub texts: HashMap<String, String>,
    /// The journal.
    pub journal: Vec<JournalRow>,
    /// Names of the persons in the journal, by id.
    pub names: HashMap<String, String>,
    /// Who may be named to work on its open tasks.
    pub people: Vec<MayHandle>,
    /// Files the actor may see.
    pub files: Vec<FileView>,
    /// Readings of identities and files.
    pub reveals: Vec<Reveal>,
    /// Open desk items.
    pub items: Vec<DeskItem>,
    /// Commands the actor may give now, by name.
    pub may: Vec<&'static str>,
    /// Whether the actor may learn who raised it.
    pub sees_claimants: bool,
    /// The register of units.
    pub organisation: Arc<Organisation>,
}

impl OrderView {
    /// A text of the order; what was erased or may not be seen is empty.
    pub fn text(&self, text: Option<&Text>) -> &str {
        text.and_then(|text| self.texts.get(text.content.as_str())).map_or("", String::as_str)
    }

    /// The matter as the actor may see it: for a secret order, units see the redacted text.
    pub fn body(&self) -> &str {
        if self.sees_claimants { self.text(self.order.body.as_ref()) } else { self.text(self.order.redacted.as_ref()) }
    }

    /// A unit's name.
    pub fn unit_name(&self, id: &str) -> String {
        self.organisation.unit(&id.into()).map_or_else(|| id.to_owned(), |unit| unit.name.clone())
    }
}

/// An order the actor may see.
///
/// # Errors
/// [`CommandError::NotFound`] when there is none, or the actor may not know of it.
pub async fn order(app: &Arc<App>, actor: &Actor, no: &str) -> Result<OrderView, CommandError> {
    let org = app.current_organisation().await?;
    order_in(app, actor, &org, no).await
}

/// The same, by a register of units that was read for this request already.
///
/// # Errors
/// As [`order`].
pub async fn order_in(
    app: &Arc<App>,
    actor: &Actor,
    org: &Arc<Organisation>,
    no: &str,
) -> Result<OrderView, CommandError> {
    if !actor.allows(Scope::OrdersRead) {
        return Err(CommandError::Forbidden("a token with scope orders:read".into()));
    }
    let (own, actor, no, org) = (Arc::clone(app), actor.clone(), no.to_owned(), Arc::clone(org));
    app.db
        .read("order", move |tx| {
            Box::pin(async move {
                let order = seen(tx, &own, &actor, &org, &no).await?.order;
                let city = own.city.as_str();
                let sees_claimants = permission::sees_claimants(&actor, &order);
                let NamedJournal { entries: journal, reveals, names } =
                    orders::named_journal(tx, city, order.id.as_str()).await?;
                let people = orders::handlers(tx, city, order.id.as_str(), own.zone().day(own.now())).await?;
                let mut names: HashMap<String, String> = names.into_iter().collect();
                names.extend(people.iter().map(|one| (one.person.clone(), one.name.clone())));
                let hidden = if sees_claimants { HashSet::new() } else { own_words(&order, &journal) };
                // Raw contacts stay sealed.
                let stored = contents::of_order(tx, city, order.id.as_str()).await?;
                let (about, stored): (Vec<_>, Vec<_>) = stored
                    .into_iter()
                    .filter(|(_, what, _)| what != "raw")
                    .partition(|(_, what, _)| what == files::WHAT);
                let mut texts: HashMap<String, String> = stored.into_iter().map(|(id, _, text)| (id, text)).collect();
                let files = order
                    .files
                    .iter()
                    .filter(|attached| sees_claimants || attached.task.is_some())
                    .filter_map(|attached| {
                        let (id, _, about) = about.iter().find(|(id, ..)| *id == attached.file.content.as_str())?;
                        files::view(id, about, attached.task.map(|task| task.0))
                    })
                    .collect();
                // What was appended lies with the order it came from.
                for added in order.supplements.iter().map(|supplement| supplement.text.content.as_str()) {
                    if !texts.contains_key(added)
                        && let Some(text) = contents::body(tx, city, added).await?
                    {
                        texts.insert(added.to_owned(), String::from_utf8_lossy(&text).into_owned());
                    }
                }
                texts.retain(|id, _| !hidden.contains(id));
                let items = records::items_of_order(tx, city, order.id.as_str()).await?;
                let may = may(&actor, &order, &org);
                Ok(OrderView {
                    order,
                    texts,
                    journal,
                    names,
                    people: people.into_iter().filter(|one| !one.unit.is_empty()).collect(),
                    files,
                    reveals,
                    items,
                    may,
                    sees_claimants,
                    organisation: org,
                })
            })
        })
        .await
}

/// Texts that tell who raised a secret order: the claimant's own words, and what was noted in speaking with them. Units see
/// the settled text, the place, and what the call centre answers for the claimant.
fn own_words(order: &Order, journal: &[JournalRow]) -> HashSet<String> {
    let mut found = Vec::new();
    for row in journal {
        let Ok(body) = serde_json::from_str::<Value>(&row.body) else { continue };
        match row.name.as_str() {
            "order.taken-in" | "order.supplemented" | "order.urged" | "callback.answered" | "duty.told" => {
                audit::references(&body, &mut found);
            }
            // What those note who know the claimant may tell of them; what a unit notes it knew.
            "order.noted" if order.tasks.iter().all(|task| task.unit.as_str() != row.unit) => {
                audit::references(&body, &mut found);
            }
            "order.registered" => ["title", "body"].iter().for_each(|name| audit::references(&body[*name], &mut found)),
            _ => {}
        }
    }
    found.into_iter().map(|(content, _)| content).collect()
}

/// Commands an actor may give on an order in its state, whichever task or request it is about.
fn may(actor: &Actor, order: &Order, org: &Organisation) -> Vec<&'static str> {
    table::given()
        .filter(|row| row.allows(order.state) && fits(row.command, actor, order))
        .filter(|row| {
            let on = |task: Option<&Task>, request: Option<&Request>| {
                permission::commander(actor, row.command, order, task, request, org).is_ok()
            };
            if row.field("request").is_some() {
                order.pending().any(|request| on(None, Some(request)))
            } else if row.task.is_empty() {
                on(None, None)
            } else {
                order.tasks.iter().filter(|task| task_fits(row, task, order)).any(|task| on(Some(task), None))
            }
        })
        .map(|row| row.command)
        .collect()
}

/// Whether a command has something to be about in an order; `decide` has the last word.
fn fits(command: &str, actor: &Actor, order: &Order) -> bool {
    match command {
        "unmerge" => order.merged.is_some(),
        "lift-supervision" => order.supervision.iter().any(|one| one.on),
        "tell" => order.duties.iter().any(|duty| duty.told_at.is_none()),
        "redact" => order.secret || order.target.is_some(),
        "withdraw-note" => order.notes_of(&actor.person).next().is_some(),
        _ => true,
    }
}

/// Whether a command has something to be about in a task, in a state its row allows; `decide` has the last word.
pub fn task_fits(row: &Row, task: &Task, order: &Order) -> bool {
    let asked = |code: &str| order.pending().any(|request| request.task == task.no && request.ask.code() == code);
    let held = |name: &str| {
        order.clocks.iter().any(|clock| clock.name == name && clock.task == Some(task.no) && clock.is_running())
    };
    row.allows_task(task.state)
        && match row.command {
            "sign" => !task.praise,
            "confirm-receipt" => task.praise,
            "send-back" => !task.leads_case(),
            "on-scene" => task.commanded_at.is_some() && task.scene.is_none(),
            "made-safe" => task.scene.is_some() && task.safe_at.is_none(),
            "situation" => task.commanded_at.is_some(),
            "phone-notice" => task.commanded_at.is_some() && !task.phoned,
            "relay" => order.secret,
            "relay-answer" => !order.open_questions(task.no).is_empty(),
            "contact" => !order.secret && !task.praise,
            "acknowledge" => task.leads_case() && order.supplements.iter().any(|one| !one.acknowledged),
            "feedback" => !asked("approval") && !task.praise,
            "return" => !asked("return") && !task.praise,
            "extend" => !asked("extension") && !task.praise,
            "resume" => held("pause"),
            "review-shelving" => held("shelving"),
            "excuse" => order
                .clocks
                .iter()
                .any(|clock| clock.missed.is_some() && (clock.task == Some(task.no) || clock.task.is_none())),
            "recall" => true,
            _ => !task.praise,
        }
}

/// A clock as a program reads it.
#[derive(Debug, Clone, Serialize)]
pub struct ClockView {
    /// Its number.
    pub no: u32,
    /// Its name.
    pub name: String,
    /// `case` or `task`.
    pub level: Value,
    /// The task.
    pub task: Option<u32>,
    /// The rule.
    pub rule: String,
    /// When it started.
    pub start: String,
    /// When it ends.
    pub due: String,
    /// When it first ended.
    pub original_due: String,
    /// Whether `due` itself is in time.
    pub inclusive: bool,
    /// Whether the calendar of its years is not all known.
    pub provisional: bool,
    /// Whether it governs among those of its name.
    pub governs: bool,
    /// `running`, `halted`, `held`, `stopped`, `cancelled`.
    pub state: String,
    /// Whether it is missed.
    pub missed: bool,
    /// Whether the breach is excused.
    pub excused: bool,
    /// Where it comes from.
    pub basis: Vec<Citation>,
}

/// A clock written out.
pub fn clock_view(app: &App, clock: &Clock, now: Instant) -> ClockView {
    let zone = app.zone();
    let state = serde_json::to_value(clock.state).unwrap_or_default();
    ClockView {
        no: clock.no.0,
        name: clock.name.clone(),
        level: serde_json::to_value(clock.level).unwrap_or_default(),
        task: clock.task.map(|task| task.0),
        rule: clock.rule.clone(),
        start: zone.rfc3339(clock.start),
        due: zone.rfc3339(clock.due.at),
        original_due: zone.rfc3339(clock.original.at),
        inclusive: clock.due.inclusive,
        provisional: clock.due.provisional,
        governs: clock.standing == huiyin_core::order::Standing::Governs,
        state: match &state {
            Value::String(code) => code.clone(),
            Value::Object(map) => map.keys().next().cloned().unwrap_or_default(),
            _ => String::new(),
        },
        missed: clock.missed.is_some() || (clock.is_running() && clock.breach && clock.due.missed_by(now)),
        excused: clock.is_excused(),
        basis: vec![app.pack.citation(&clock.basis)],
    }
}

/// The order for programs: what the API answers.
pub fn json(app: &App, view: &OrderView) -> Value {
    let (order, now, zone) = (&view.order, app.now(), app.zone());
    let at = |at: Option<Instant>| at.map(|at| zone.rfc3339(at));
    let text = |text: Option<&Text>| text.map(|text| view.text(Some(text)).to_owned());
    json!({
        "id": order.id,
        "no": order.no,
        "version": order.seq,
        "state": order.state.code(),
        "outcome": order.outcome(),
        "kind": order.kind,
        "subject": order.subject,
        "item": order.item,
        "urgency": order.urgency,
        "channel": order.channel,
        "area": order.area,
        "place": text(order.place.as_ref()),
        "title": text(order.title.as_ref()),
        "body": view.body(),
        "secret": order.secret,
        "target": order.target,
        "holder": order.holder().map(|holder| json!({ "unit": holder.unit, "task": holder.task })),
        "lies_with": order.lies_with,
        "received_at": zone.rfc3339(order.received_at),
        "taken_in_at": zone.rfc3339(order.taken_in_at),
        "registered_at": at(order.registered_at),
        "closed_at": at(order.closed_at),
        "redo": order.redo,
        "urges": order.urges,
        "supervised": order.supervision.iter().any(|supervision| supervision.on),
        "mode": order.mode,
        "difficult": order.difficult,
        "hold": order.hold,
        "tags": order.tags,
        "notes": (1_u32..).zip(&order.notes).map(|(no, note)| json!({
            "no": no,
            "at": zone.rfc3339(note.at),
            "person": note.by,
            "text": view.text(Some(&note.text)),
            "withdrawn": note.withdrawn,
        })).collect::<Vec<_>>(),
        "claimants": order.parts.len(),
        "tasks": order.tasks.iter().map(|task| json!({
            "no": task.no,
            "parent": task.parent,
            "unit": task.unit,
            "role": task.role,
            "state": task.state,
            "first": task.first,
            "ruled": task.ruled,
            "redo": task.redo,
            "handler": task.handler,
            "delivered_at": zone.rfc3339(task.delivered_at),
            "commanded_at": at(task.commanded_at),
            "scene": task.scene.as_ref().map(|scene| json!({
                "at": zone.rfc3339(scene.at),
                "place": view.text(Some(&scene.place)),
                "safety": view.text(Some(&scene.safety)),
            })),
            "feedback": task.feedback.as_ref().map(|feedback| json!({
                "at": zone.rfc3339(feedback.at),
                "public": text(feedback.public.as_ref()),
                "internal": text(feedback.internal.as_ref()),
                "missing": feedback.missing,
            })),
        })).collect::<Vec<_>>(),
        "requests": order.requests.iter().map(|request| json!({
            "no": request.no,
            "task": request.task,
            "ask": request.ask.code(),
            "decision": request.decision,
            "decides": request.by,
            "asked_at": zone.rfc3339(request.asked_at),
            "decided_at": at(request.decided_at),
        })).collect::<Vec<_>>(),
        "clocks": order.clocks.iter().map(|clock| clock_view(app, clock, now)).collect::<Vec<_>>(),
        "duties": order.duties.iter().map(|duty| json!({
            "no": duty.no,
            "what": duty.what,
            "owed_at": zone.rfc3339(duty.owed_at),
            "told_at": at(duty.told_at),
            "impossible": duty.impossible,
            "basis": [app.pack.citation(&duty.basis)],
        })).collect::<Vec<_>>(),
        "callback": {
            "attempts": order.callback.attempts.iter().map(|at| zone.rfc3339(*at)).collect::<Vec<_>>(),
            "answers": order.callback.answers.as_ref().map(|answers| json!({
                "contacted": answers.contacted, "solved": answers.solved, "satisfied": answers.satisfied,
            })),
            "waived": order.callback.waived,
            // Who is meant, is read elsewhere, with a purpose.
            "to_call": if view.sees_claimants { order.to_call() } else { Vec::new() },
        },
        "files": view.files,
        "links": order.links,
        "merged_into": order.merged.as_ref().map(|(into, _)| into),
        "journal": view.journal.iter().map(|row| json!({
            "seq": row.seq, "at": zone.rfc3339(row.at), "event": row.name, "unit": row.unit, "person": row.person,
        })).collect::<Vec<_>>(),
        "may": view.may,
    })
}
