//! Commands that touch two orders in one transaction: merge, append, unmerge, link, split, reopen.

use huiyin_core::{
    id::{ContactId, UnitId},
    order::{Command, Link, Order, Part, Refusal, State, Text},
    organisation::Organisation,
};
use huiyin_store::{Tx, contents::NewContent, orders::Stored};
use serde_json::Value;

use super::{
    Done,
    run::{Job, Step, parse, save, seen},
};
use crate::{App, CommandError, permission};

/// The commands of this file.
pub(super) const PAIRS: &[&str] = &["merge", "append", "unmerge", "link", "split", "reopen"];

/// Whether a command makes another order.
pub(super) fn makes_order(command: &str) -> bool {
    matches!(command, "split" | "reopen")
}

pub(super) async fn run(
    tx: &mut Tx,
    app: &App,
    job: &Job,
    org: &Organisation,
    stored: Stored,
) -> Result<Done, CommandError> {
    let unit = permission::commander(&job.actor, &job.given.command, &stored.order, None, None, org)?;
    match job.given.command.as_str() {
        "merge" => merge(tx, app, job, org, stored, unit, false).await,
        "append" => merge(tx, app, job, org, stored, unit, true).await,
        "unmerge" => unmerge(tx, app, job, org, stored, unit).await,
        "link" => link(tx, app, job, org, stored, unit).await,
        _ => beside(tx, app, job, org, stored, unit).await,
    }
}

/// The other order, named by number in `field`.
async fn other(tx: &mut Tx, app: &App, job: &Job, org: &Organisation, field: &str) -> Result<Stored, CommandError> {
    let Some(no) = job.ready.value.get(field).and_then(Value::as_str) else {
        return Err(CommandError::invalid(field, "name the other order by its number"));
    };
    seen(tx, app, &job.actor, org, no).await.map_err(|error| match error {
        CommandError::NotFound => CommandError::invalid(field, "there is no order of this number"),
        other => other,
    })
}

fn code<'a>(job: &'a Job, field: &str, default: &'a str) -> &'a str {
    job.ready.value.get(field).and_then(Value::as_str).unwrap_or(default)
}

fn text(job: &Job, field: &str) -> Option<Text> {
    job.ready.value.get(field).cloned().and_then(|value| serde_json::from_value(value).ok())
}

/// Only these fields may be named.
fn only(job: &Job, known: &[&str]) -> Result<(), CommandError> {
    let Some(fields) = job.ready.value.as_object() else { return Ok(()) };
    match fields.keys().find(|name| !known.contains(&name.as_str())) {
        Some(name) => Err(CommandError::invalid(name, format!("unknown field; this takes {}", known.join(", ")))),
        None => Ok(()),
    }
}

async fn merge(
    tx: &mut Tx,
    app: &App,
    job: &Job,
    org: &Organisation,
    stored: Stored,
    unit: UnitId,
    append: bool,
) -> Result<Done, CommandError> {
    only(job, &["into", "reason"])?;
    let master = other(tx, app, job, org, "into").await?;
    permission::commander(&job.actor, &job.given.command, &master.order, None, None, org)?;
    if append && stored.order.secret && !master.order.secret {
        let why = "the order is secret: its words would stand open in the other; merge it, and its words stay with it";
        return Err(Refusal::new("append.secret", why).instead(["merge"]).into());
    }
    let reason = code(job, "reason", if append { "same-person-same-facts" } else { "same-event" }).to_owned();
    let state = master.order.state;
    let step = Step {
        actor: &job.actor,
        unit,
        now: app.now(),
        master_closed: false,
        other: Some((master.order.id.clone(), state)),
    };
    let merge = Command::Merge { into: master.order.id.clone(), reason };
    let (dup, dup_events) = step.decide(app, org, &stored.order, &merge)?;
    let parts: Vec<Part> = stored.order.active_parts().cloned().collect();
    let fresh = stored.order.state == State::Intake;
    let absorb = Command::Absorb { from: stored.order.id.clone(), parts, fresh };
    let (mut after, mut events) = step.decide(app, org, &master.order, &absorb)?;
    if append && let Some(body) = stored.order.body.clone().or(stored.order.title.clone()) {
        let (supplemented, more) = step.decide(app, org, &after, &Command::Supplement { text: body })?;
        after = supplemented;
        events.extend(more);
    }
    save(tx, app, &job.actor, &step.unit, Some(&master), after, events, &[]).await?;
    let done = save(tx, app, &job.actor, &step.unit, Some(&stored), dup, dup_events, &job.ready.contents).await?;
    Ok(Done { other: Some(master.order.no), ..done })
}

async fn unmerge(
    tx: &mut Tx,
    app: &App,
    job: &Job,
    org: &Organisation,
    stored: Stored,
    unit: UnitId,
) -> Result<Done, CommandError> {
    only(job, &["note"])?;
    let step = Step { actor: &job.actor, unit, now: app.now(), master_closed: false, other: None };
    let master = match &stored.order.merged {
        Some((master, _)) => huiyin_store::orders::find(tx, app.city.as_str(), master).await?,
        None => None,
    };
    // Who took their part back meanwhile did so in the other order.
    let parts = master.iter().flat_map(|master| &master.order.parts);
    let withdrawn = parts
        .filter(|part| part.withdrawn && part.via.as_ref() == Some(&stored.order.id))
        .map(|part| (part.claimant.clone(), part.withdrawn_for.clone().unwrap_or_default()))
        .collect();
    let unmerge = Command::Unmerge { note: text(job, "note"), withdrawn };
    let (after, events) = step.decide(app, org, &stored.order, &unmerge)?;
    let Some(master) = master else {
        return Err(CommandError::Internal("the order it was merged into is gone".into()));
    };
    let release = Command::Release { from: stored.order.id.clone() };
    let (released, more) = step.decide(app, org, &master.order, &release)?;
    save(tx, app, &job.actor, &step.unit, Some(&master), released, more, &[]).await?;
    let done = save(tx, app, &job.actor, &step.unit, Some(&stored), after, events, &job.ready.contents).await?;
    Ok(Done { other: Some(master.order.no), ..done })
}

async fn link(
    tx: &mut Tx,
    app: &App,
    job: &Job,
    org: &Organisation,
    stored: Stored,
    unit: UnitId,
) -> Result<Done, CommandError> {
    only(job, &["other"])?;
    let far = other(tx, app, job, org, "other").await?;
    permission::commander(&job.actor, &job.given.command, &far.order, None, None, org)?;
    let step = Step { actor: &job.actor, unit, now: app.now(), master_closed: false, other: None };
    let there = Command::Link { other: stored.order.id.clone(), relation: "related".into() };
    let here = Command::Link { other: far.order.id.clone(), relation: "related".into() };
    let (after, events) = step.decide(app, org, &stored.order, &here)?;
    let (other_after, more) = step.decide(app, org, &far.order, &there)?;
    save(tx, app, &job.actor, &step.unit, Some(&far), other_after, more, &[]).await?;
    let done = save(tx, app, &job.actor, &step.unit, Some(&stored), after, events, &[]).await?;
    Ok(Done { other: Some(far.order.no), ..done })
}

/// Split and reopen: an order beside this one, with the same claimants, linked both ways.
async fn beside(
    tx: &mut Tx,
    app: &App,
    job: &Job,
    org: &Organisation,
    stored: Stored,
    unit: UnitId,
) -> Result<Done, CommandError> {
    let Some((id, no, contact)) = job.beside.clone() else {
        return Err(CommandError::Internal("no number was drawn for the order beside".into()));
    };
    let split = job.given.command == "split";
    let (own, relation) = if split {
        (Command::Split { into: id.clone() }, "split-from")
    } else {
        only(job, &["reason", "title", "body"])?;
        (Command::Reopen { by: id.clone(), reason: code(job, "reason", "").to_owned() }, "reopens")
    };
    let step = Step { actor: &job.actor, unit: unit.clone(), now: app.now(), master_closed: false, other: None };
    let (after, events) = step.decide(app, org, &stored.order, &own)?;
    let parts: Vec<Part> =
        stored.order.active_parts().map(|part| Part { origin: id.clone(), ..part.clone() }).collect();
    let body = text(job, "body");
    if body.is_none() && text(job, "title").is_none() {
        return Err(CommandError::invalid("body", "write what this part of the matter is"));
    }
    let take_over = Command::TakeOver {
        no,
        channel: stored.order.channel,
        // The raw contact is the first order's; this one was made by hand of it.
        contact: if split { stored.order.contact.clone() } else { ContactId(contact) },
        desk: if stored.order.desk == unit { unit.clone() } else { stored.order.desk.clone() },
        parts,
        link: Link { order: stored.order.id.clone(), relation: relation.into() },
        title: text(job, "title"),
        body,
    };
    let blank = Order::blank(id, step.now);
    let (mut fresh, mut made) = step.decide(app, org, &blank, &take_over)?;
    if split && job.ready.value.get("kind").is_some() {
        let mut fields = job.ready.value.clone();
        if let Some(fields) = fields.as_object_mut() {
            fields.remove("title");
            fields.remove("body");
        }
        let (registered, more) = step.decide(app, org, &fresh, &parse("register", fields)?)?;
        fresh = registered;
        made.extend(more);
    } else if split {
        only(job, &["title", "body"])?;
    }
    let no = fresh.no.clone();
    let contents: Vec<NewContent> = job.ready.contents.clone();
    save(tx, app, &job.actor, &unit, None, fresh, made, &contents).await?;
    let done = save(tx, app, &job.actor, &unit, Some(&stored), after, events, &[]).await?;
    Ok(Done { other: Some(no), ..done })
}
