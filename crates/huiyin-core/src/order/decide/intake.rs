//! From a contact to an order, or to an early end: take in, accept, refuse, answer, hand over, split, merge, correct.

use super::reason;
use crate::{
    id::{ClaimantId, OrderId, UnitId},
    order::{
        Clock, ClockState, Command, Event, Facts, Link, Matter, Outcome, Part, Refusal, State, Task, Text, Urgency,
        closing,
        draft::{Draft, Step},
    },
    policy::Function,
    time::{Day, Instant},
};

pub(in crate::order) fn take_in(d: &mut Draft<'_>, command: &Command) -> Step {
    let (no, channel, contact, desk, received_at, claimed, title, body, parts, link, secret) = match command {
        Command::TakeIn {
            no,
            channel,
            contact,
            desk,
            received_at,
            claimed_emergency,
            claimed_kind,
            title,
            body,
            parts,
            link,
            secret,
        } => {
            let own = d.order.id.clone();
            let parts: Vec<Part> = parts
                .iter()
                .map(|part| Part {
                    claimant: part.claimant.clone(),
                    contact: contact.clone(),
                    origin: own.clone(),
                    anonymous: part.anonymous,
                    reachable: part.reachable,
                    withdrawn: false,
                    withdrawn_for: None,
                    via: None,
                })
                .collect();
            (
                no,
                channel,
                contact,
                desk,
                received_at.unwrap_or(d.now),
                (*claimed_emergency, claimed_kind.clone()),
                title,
                body,
                parts,
                link.clone(),
                *secret,
            )
        }
        Command::TakeOver { no, channel, contact, desk, parts, link, title, body } => {
            let parts: Vec<Part> = parts.iter().cloned().map(|part| Part { via: None, ..part }).collect();
            (no, channel, contact, desk, d.now, (false, None), title, body, parts, Some(link.clone()), false)
        }
        _ => return Err(Refusal::new("order.not_taken_in", "an order begins with a contact taken in")),
    };
    if parts.is_empty() {
        return Err(Refusal::new(
            "intake.no_claimant",
            "a matter is raised by somebody; add a claimant, anonymous if need be",
        ));
    }
    if received_at > d.now {
        return Err(Refusal::new("intake.received_in_future", "the matter cannot have been received after now"));
    }
    if d.ctx.pack.zone().day(received_at).number() < 19_000_101 {
        return Err(Refusal::new("intake.received_long_ago", "the matter cannot have been received before 1900"));
    }
    let listed = d.ctx.pack.channels();
    if !listed.is_empty() && listed.iter().all(|entry| entry.code != channel.code()) {
        return Err(Refusal::new(
            "intake.channel_closed",
            format!("the city takes nothing in by `{}`", channel.code()),
        )
        .instead(listed.iter().map(|entry| entry.code.clone())));
    }
    let (claimed_emergency, claimed_kind) = claimed;
    if let Some(kind) = &claimed_kind {
        known_kind(d, kind)?;
    }
    let lies_with = lies_with(d, desk)?;
    d.emit(Event::TakenIn {
        no: no.clone(),
        channel: *channel,
        contact: contact.clone(),
        desk: desk.clone(),
        lies_with,
        received_at,
        claimed_emergency,
        claimed_kind,
        title: title.clone(),
        body: body.clone(),
        parts,
        link,
        secret,
    });
    if d.ctx.pack.word("policy.pinning", d.today) == "intake" {
        d.emit(Event::Pinned { day: d.today });
    }
    Ok(())
}

/// A sub-centre keeps what it takes in; everything else lies with the office.
fn lies_with(d: &Draft<'_>, desk: &UnitId) -> Result<UnitId, Refusal> {
    let org = d.ctx.organisation;
    let unit = org.unit(desk).ok_or_else(|| Refusal::new("unit.unknown", format!("no unit is called `{desk}`")))?;
    if unit.function == Function::SubCentre {
        return Ok(desk.clone());
    }
    org.with_function(Function::Office)
        .map(|office| office.id.clone())
        .ok_or_else(|| Refusal::new("unit.no_office", "the register has no hotline office; add one"))
}

pub(in crate::order) fn register(d: &mut Draft<'_>, matter: &Matter) -> Step {
    let Matter { kind, subject, item, area, target, title, body, .. } = matter;
    known_kind(d, kind)?;
    known_subject(d, subject.as_deref())?;
    known_area(d, area.as_deref())?;
    let pack = d.ctx.pack;
    if let Some(item) = item
        && !pack.items().iter().any(|known| known.code == *item)
    {
        return Err(Refusal::new("item.unknown", format!("`{item}` is not an accepted matter"))
            .instead(pack.items().iter().map(|item| item.code.clone())));
    }
    if let Some(target) = target
        && d.ctx.organisation.unit(target).is_none()
    {
        return Err(Refusal::new("unit.unknown", format!("no unit is called `{target}`")));
    }
    if subject.is_none() && pack.no_clock(Some(kind), "registered").is_none() {
        return Err(Refusal::new(
            "register.subject_missing",
            "choose a subject: it fixes the limits and suggests the unit",
        ));
    }
    if title.is_none() && d.order.title.is_none() && body.is_none() && d.order.body.is_none() {
        return Err(Refusal::new("register.text_missing", "write what the matter is"));
    }
    // In an emergency mode of the city such a matter is at least as urgent as the mode says.
    let mut matter = matter.clone();
    let by_kind = || pack.lists("secret.kinds_default", d.today, kind);
    matter.secret = Some(matter.secret.unwrap_or_else(|| d.order.secret || by_kind()));
    if let Some(mode) = d.ctx.organisation.mode_for(pack, d.now, kind, subject.as_deref()) {
        matter.urgency = matter.urgency.max(Urgency::try_from(mode.urgency.as_str()).unwrap_or(matter.urgency));
        d.emit(Event::InMode { mode: mode.code.clone() });
    }
    d.emit(Event::Registered(matter));
    d.recount_clocks();
    d.owe("registered", None);
    Ok(())
}

fn known_kind(d: &Draft<'_>, kind: &str) -> Step {
    let pack = d.ctx.pack;
    if pack.kind(kind).is_some() {
        return Ok(());
    }
    Err(Refusal::new("kind.unknown", format!("`{kind}` is not a kind of request"))
        .instead(pack.kinds().iter().map(|kind| kind.code.clone())))
}

fn known_subject(d: &Draft<'_>, subject: Option<&str>) -> Step {
    let Some(code) = subject else { return Ok(()) };
    match d.ctx.pack.subject(code) {
        Some(node) if node.leaf => Ok(()),
        Some(_) => {
            Err(Refusal::new("subject.not_a_leaf", format!("`{code}` is a group of subjects; choose one below it")))
        }
        None => Err(Refusal::new("subject.unknown", format!("no subject has the code `{code}`"))),
    }
}

fn known_area(d: &Draft<'_>, area: Option<&str>) -> Step {
    match area {
        Some(code) if d.ctx.pack.area(code).is_none() => {
            Err(Refusal::new("area.unknown", format!("no area has the code `{code}`")))
        }
        _ => Ok(()),
    }
}

pub(in crate::order) fn refuse(d: &mut Draft<'_>, code: &str, text: &Option<Text>) -> Step {
    let why = reason(d, "refusal", code)?;
    // A hazard inside a matter is never discarded with it: an emergency is an order first.
    if d.order.urgency == Urgency::Emergency {
        return Err(Refusal::new(
            "refuse.emergency",
            "an emergency cannot be refused; open the hazard as an order of its own first",
        )
        .by([d.ctx.pack.basis(&why.cite)])
        .instead(["dispatch", "correct", "split"]));
    }
    end(d, Outcome::Refused, Some(code), text.clone());
    d.owe("refused", text.clone());
    Ok(())
}

/// Ends the order early: nothing is left running.
pub(in crate::order) fn end(d: &mut Draft<'_>, outcome: Outcome, reason: Option<&str>, text: Option<Text>) {
    // Closed first: an order that ends does not come back to the desk when its tasks are taken back.
    d.emit(Event::Closed { outcome, reason: reason.map(str::to_owned), text, facts: Facts::new() });
    d.cancel_clocks(None);
    d.withdraw_requests(None);
    d.recall_open(None, "closed");
}

pub(in crate::order) fn answer(
    d: &mut Draft<'_>,
    facts: &Facts,
    public: &Text,
    entry: Option<(&str, Option<u32>)>,
    entry_until: Option<Day>,
) -> Step {
    if entry_until.is_some_and(|until| until < d.today) {
        return Err(Refusal::new(
            "answer.entry_expired",
            "the knowledge entry is past its review date; send the question to the unit that owns it",
        )
        .instead(["dispatch"]));
    }
    if d.order.urgency == Urgency::Emergency {
        return Err(Refusal::new("answer.emergency", "an emergency goes to a unit").instead(["dispatch"]));
    }
    closing::check(&d.order, facts, d.ctx.pack)?;
    closing::promises_ahead(&d.order, facts, d.ctx.pack, d.today)?;
    if let Some((entry, version)) = entry {
        d.emit(Event::EntryUsed { entry: entry.to_owned(), version });
    }
    d.emit(Event::Closed {
        outcome: Outcome::Answered,
        reason: None,
        text: Some(public.clone()),
        facts: facts.clone(),
    });
    d.cancel_clocks(None);
    d.owe("closed", Some(public.clone()));
    // Answered live: the claimant has just been told.
    let told: Vec<_> = d.order.duties.iter().filter(|duty| duty.told_at.is_none()).map(|duty| duty.no).collect();
    for duty in told {
        d.emit(Event::DutyTold { duty, impossible: false, record: None });
    }
    d.emit(Event::CallbackWaived { reason: "answered-live".into() });
    Ok(())
}

pub(in crate::order) fn transfer(
    d: &mut Draft<'_>,
    to: &str,
    answered_at: Option<Instant>,
    note: &Option<Text>,
) -> Step {
    let target = reason(d, "transfer", to)?;
    let live = d.order.channel == crate::order::Channel::Phone
        && !target.seals
        && to.rsplit('-').next().is_some_and(|n| n.parse::<u16>().is_ok());
    if live && answered_at.is_none() {
        return Err(Refusal::new(
            "transfer.not_answered",
            "the other service has not taken the call over; stay on the line and record when it answers",
        )
        .by([d.ctx.pack.basis(&target.cite)])
        .instead(["transfer with `answered_at`", "dispatch"]));
    }
    if answered_at.is_some_and(|at| at > d.now) {
        return Err(Refusal::new("transfer.in_future", "the call cannot have been taken over after now"));
    }
    if answered_at.is_some_and(|at| at < d.order.received_at) {
        return Err(Refusal::new("time.before_receipt", "that time lies before the matter was received"));
    }
    if target.seals {
        d.emit(Event::Sealed);
    }
    end(d, Outcome::Transferred, Some(to), note.clone());
    d.owe("transferred", note.clone());
    if answered_at.is_some() {
        // A call handed over live has told the caller.
        let told: Vec<_> = d.order.duties.iter().filter(|duty| duty.told_at.is_none()).map(|duty| duty.no).collect();
        for duty in told {
            d.emit(Event::DutyTold { duty, impossible: false, record: None });
        }
    }
    Ok(())
}

pub(in crate::order) fn split(d: &mut Draft<'_>, into: &OrderId) -> Step {
    link(d, into, "split-into")
}

pub(in crate::order) fn link(d: &mut Draft<'_>, other: &OrderId, relation: &str) -> Step {
    if *other == d.order.id {
        return Err(Refusal::new("link.itself", "an order cannot be linked to itself"));
    }
    if !matches!(relation, "related" | "split-from" | "split-into" | "reopens" | "reopened-by" | "follows-up") {
        return Err(Refusal::new("link.relation", format!("`{relation}` is not a relation")).instead(["related"]));
    }
    let link = Link { order: other.clone(), relation: relation.to_owned() };
    if d.order.links.contains(&link) {
        return Err(Refusal::new("link.exists", "the orders are already linked"));
    }
    d.emit(Event::Linked { link });
    Ok(())
}

pub(in crate::order) fn merge(d: &mut Draft<'_>, into: &OrderId, code: &str) -> Step {
    reason(d, "merge", code)?;
    if *into == d.order.id {
        return Err(Refusal::new("merge.itself", "an order cannot be merged into itself"));
    }
    match &d.ctx.other {
        Some((other, state)) if other == into && !state.is_open() => {
            return Err(Refusal::new(
                "merge.closed",
                format!("the other order is `{}`; tell the result, or open a linked order on new facts", state.code()),
            )
            .instead(["link", "register"]));
        }
        _ => {}
    }
    d.withdraw_requests(None);
    d.emit(Event::Merged { into: into.clone(), reason: code.to_owned() });
    // The case goes on in the other order: its clocks rest until an unmerge.
    let running: Vec<_> = d.order.clocks.iter().filter(|c| c.state == ClockState::Running).map(|c| c.no).collect();
    for clock in running {
        d.emit(Event::ClockPaused { clock });
    }
    Ok(())
}

/// `fresh`: nobody had accepted the matter yet; whoever raised it hears now that it was.
pub(in crate::order) fn absorb(d: &mut Draft<'_>, from: &OrderId, parts: &[Part], fresh: bool) -> Step {
    if d.order.absorbed.contains(from) {
        return Err(Refusal::new("merge.exists", "the orders are already merged"));
    }
    d.emit(Event::Absorbed { from: from.clone(), parts: parts.to_vec() });
    if fresh && d.order.registered_at.is_some() {
        d.owe_to("registered", None, |part| part.via.as_ref() == Some(from));
    }
    Ok(())
}

/// `withdrawn`: who took their part back while it stood in the other order, and why.
pub(in crate::order) fn unmerge(d: &mut Draft<'_>, note: &Option<Text>, withdrawn: &[(ClaimantId, String)]) -> Step {
    if d.order.state != State::Closed(Outcome::Merged) || d.order.merged.is_none() {
        return Err(Refusal::new("unmerge.not_merged", "the order is not merged into another, or already archived"));
    }
    d.emit(Event::Unmerged { reason: note.clone() });
    // Tasks that were paused or shelved when the merge came still are: what they held stays held.
    let resting = |c: &Clock| matches!(c.state, ClockState::Held(_));
    let paused: Vec<Task> = d
        .order
        .clocks
        .iter()
        .filter(|c| matches!(c.name.as_str(), "pause" | "shelving") && resting(c))
        .filter_map(|c| d.order.task(c.task?).cloned())
        .collect();
    let held: Vec<_> = d
        .order
        .clocks
        .iter()
        .filter(|c| resting(c) && !(c.pausable && paused.iter().any(|task| c.moves_with(task))))
        .map(|c| (c.no, c.due, c.warn_at, c.alert_at))
        .collect();
    for (clock, due, warn_at, alert_at) in held {
        // The limit never moved: the merge was found to be wrong.
        d.emit(Event::ClockResumed { clock, due, warn_at, alert_at });
    }
    for (claimant, reason) in withdrawn {
        if d.order.active_parts().any(|part| part.claimant == *claimant) {
            super::finish::withdraw_part(d, claimant, reason);
        }
    }
    let last = withdrawn.last().filter(|_| d.order.active_parts().next().is_none());
    if let Some((_, reason)) = last.filter(|_| !super::finish::goes_on_without(d)) {
        end(d, Outcome::Withdrawn, Some(reason), None);
    }
    Ok(())
}

pub(in crate::order) fn release(d: &mut Draft<'_>, from: &OrderId) -> Step {
    if !d.order.absorbed.contains(from) {
        return Err(Refusal::new("unmerge.not_merged", "that order is not merged into this one"));
    }
    let left: Vec<_> =
        d.order.parts.iter().filter(|p| p.via.as_ref() == Some(from)).map(|p| p.claimant.clone()).collect();
    d.emit(Event::Released { from: from.clone() });
    // Their own order tells them from now on.
    super::finish::forget_duties(d, |claimant| left.contains(claimant));
    Ok(())
}

#[allow(clippy::too_many_arguments)]
pub(in crate::order) fn correct(
    d: &mut Draft<'_>,
    kind: &Option<String>,
    subject: &Option<String>,
    area: &Option<String>,
    place: &Option<Text>,
    urgency: Option<Urgency>,
    code: &str,
    note: &Option<Text>,
) -> Step {
    reason(d, "correct", code)?;
    if let Some(kind) = kind {
        known_kind(d, kind)?;
        let pack = d.ctx.pack;
        let unlimited = |kind: Option<&str>| pack.no_clock(kind, "assigned").is_some();
        if d.order.state == State::Assigned && unlimited(Some(kind)) != unlimited(d.order.kind.as_deref()) {
            return Err(Refusal::new(
                "correct.kind_runs_otherwise",
                "that kind takes another road; recall it from the unit first",
            )
            .instead(["recall"]));
        }
    }
    known_subject(d, subject.as_deref())?;
    known_area(d, area.as_deref())?;
    let unchanged = kind.as_ref().is_none_or(|k| Some(k) == d.order.kind.as_ref())
        && subject.as_ref().is_none_or(|s| Some(s) == d.order.subject.as_ref())
        && area.as_ref().is_none_or(|a| Some(a) == d.order.area.as_ref())
        && urgency.is_none_or(|u| u == d.order.urgency)
        && place.is_none();
    if unchanged {
        return Err(Refusal::new(
            "correct.nothing",
            "nothing would change; name a kind, subject, place or urgency that differs",
        ));
    }
    if urgency.is_some_and(|u| u != d.order.urgency) && d.order.urgency == Urgency::Emergency && note.is_none() {
        return Err(Refusal::new("correct.emergency_needs_note", "lifting an emergency needs a note saying why")
            .instead(["note"]));
    }
    let rises = urgency == Some(Urgency::Emergency) && d.order.urgency != Urgency::Emergency;
    d.emit(Event::Corrected {
        kind: kind.clone(),
        subject: subject.clone(),
        area: area.clone(),
        place: place.clone(),
        urgency,
        reason: code.to_owned(),
        note: note.clone(),
    });
    let made = kind.as_ref().filter(|_| !d.order.secret);
    if let Some(kind) = made.filter(|kind| d.ctx.pack.lists("secret.kinds_default", d.governing_day(), kind)) {
        let basis = d.param_basis("secret.kinds_default");
        d.emit(Event::MadeSecret { kind: kind.clone(), basis });
    }
    if d.ctx.pack.flag("correct.recompute", d.governing_day()) {
        d.recount_clocks();
    }
    if rises {
        // The first dispatch keeps its time; the emergency clock starts at this command.
        let open: Vec<_> = d
            .order
            .tasks
            .iter()
            .filter(|task| task.state.is_open() && task.scene.is_none())
            .map(|task| task.no)
            .collect();
        for task in open {
            d.emit(Event::TaskCommanded { task });
        }
    }
    Ok(())
}

pub(in crate::order) fn redact(d: &mut Draft<'_>, text: &Text) -> Step {
    d.emit(Event::Redacted { text: text.clone() });
    Ok(())
}
