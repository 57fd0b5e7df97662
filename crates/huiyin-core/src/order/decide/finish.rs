//! The way back to the claimant: review, call back, redo, close, archive; and the other ends.

use super::reason;
use crate::{
    id::{ClaimantId, DutyNo, OrderId, TaskNo},
    order::{
        Answers, Event, Link, Outcome, Refusal, TaskState, Text, Urgency, closing,
        draft::{Draft, Step},
    },
    policy::Function,
    time::Instant,
};

pub(in crate::order) fn pass(d: &mut Draft<'_>) -> Step {
    closing::check(&d.order, &d.order.facts.clone(), d.ctx.pack)?;
    // A child that answered through its parent is finished with it.
    d.settle_clocks(None);
    let answered: Vec<TaskNo> = d.order.tasks.iter().filter(|t| t.state == TaskState::FedBack).map(|t| t.no).collect();
    for task in answered {
        d.settle_clocks(Some(task));
        d.emit(Event::TaskDone { task });
        // What its answer did not stop is asked of it no longer.
        d.cancel_clocks(Some(task));
    }
    d.recall_open(None, "lead-answered");
    let org = d.ctx.organisation;
    let desk = org.with_function(Function::CallCentre).map_or_else(|| d.order.desk.clone(), |unit| unit.id.clone());
    d.emit(Event::Passed { callback_desk: desk });
    if d.order.active_parts().all(|part| !part.reachable) {
        // Nobody can be called: the review's evidence stands instead.
        let all_withdrawn = d.order.active_parts().next().is_none();
        let reason = if all_withdrawn { "claimant-declined" } else { "anonymous-no-number" };
        d.emit(Event::CallbackWaived { reason: reason.into() });
        finish(d);
    }
    Ok(())
}

pub(in crate::order) fn fail_review(d: &mut Draft<'_>, code: &str, note: &Option<Text>) -> Step {
    reason(d, "send-back", code)?;
    let Some(task) = d.order.lead().filter(|task| task.state == TaskState::FedBack).map(|task| task.no) else {
        return Err(Refusal::new("review.no_answer", "no answer of a unit is under review"));
    };
    d.emit(Event::TaskSentBack { task, reason: code.to_owned(), note: note.clone() });
    d.unhalt_clocks(Some(task));
    d.unhalt_clocks(None);
    Ok(())
}

pub(in crate::order) fn callback_missed(d: &mut Draft<'_>, at: Option<Instant>) -> Step {
    let at = super::handle::past(d, at)?;
    if d.order.callback.attempts.last().is_some_and(|last| at <= *last) {
        return Err(Refusal::new("callback.out_of_order", "an attempt comes after the one before it"));
    }
    d.emit(Event::CallbackMissed { at });
    Ok(())
}

pub(in crate::order) fn callback_answered(d: &mut Draft<'_>, claimant: &Option<ClaimantId>, answers: &Answers) -> Step {
    if !(1..=5).contains(&answers.satisfied) {
        return Err(Refusal::new("callback.scale", "satisfaction is 1 to 5").instead(["1", "2", "3", "4", "5"]));
    }
    let to_call = d.order.to_call();
    let claimant = match (claimant, to_call.as_slice()) {
        (Some(one), _) if d.order.active_parts().any(|part| part.claimant == *one) => Some(one.clone()),
        (Some(_), _) => {
            return Err(Refusal::new("callback.unknown_claimant", "that claimant has no part in this order")
                .instead(to_call.iter().map(|one| one.0.clone())));
        }
        (None, [next, ..]) => Some((*next).clone()),
        // All have been asked: somebody who answered says more.
        (None, []) => d.order.callback.answered.last().cloned(),
    };
    if !d.order.state.is_open() {
        in_time_after_closing(d, claimant.as_ref())?;
    }
    d.emit(Event::CallbackAnswered { claimant, answers: answers.clone() });
    Ok(())
}

/// Who was not asked before a handled matter was closed may say how it went for a while.
fn in_time_after_closing(d: &Draft<'_>, claimant: Option<&ClaimantId>) -> Step {
    let reopen = ["reopen"];
    let handled = d.order.outcome() == Some(Outcome::Handled);
    if !handled || claimant.is_none_or(|one| d.order.callback.answered.contains(one)) {
        return Err(Refusal::new("callback.closed", "the matter is closed; open a linked order").instead(reopen));
    }
    let until = closing::rated_until(&d.order, d.ctx.pack);
    if until.is_none_or(|until| d.now > until) {
        return Err(Refusal::new("callback.too_late", "the matter was closed too long ago; open a linked order")
            .by(d.param_basis("rating.after_close"))
            .instead(reopen));
    }
    Ok(())
}

/// Whether enough attempts were made, far enough apart, on enough days.
fn not_reached(d: &Draft<'_>) -> bool {
    let (pack, day) = (d.ctx.pack, d.governing_day());
    let spacing = pack.span("callback.spacing", day).and_then(crate::calendar::Span::ms).unwrap_or(0);
    let mut counted: Vec<Instant> = Vec::new();
    for at in &d.order.callback.attempts {
        if counted.last().is_none_or(|last| at.ms() - last.ms() >= spacing) {
            counted.push(*at);
        }
    }
    let mut days: Vec<_> = counted.iter().map(|at| pack.zone().day(*at)).collect();
    days.dedup();
    counted.len() as i64 >= pack.number("callback.attempts", day)
        && days.len() as i64 >= pack.number("callback.days", day)
}

pub(in crate::order) fn waive_callback(d: &mut Draft<'_>, code: &str) -> Step {
    let why = reason(d, "waive", code)?;
    if d.order.callback.waived.is_some() {
        return Err(Refusal::new("waive.already", "calling back is already waived").instead(["close"]));
    }
    if matches!(code, "praise" | "answered-live" | "merged") {
        return Err(Refusal::new(
            "waive.not_applicable",
            format!("`{code}` is not why nobody needs to be asked about the answer of a unit"),
        )
        .by([d.ctx.pack.basis(&why.cite)])
        .instead(["callback-answered", "callback-missed"]));
    }
    if code == "not-reached" && !not_reached(d) {
        return Err(Refusal::new(
            "waive.too_few_attempts",
            "too few attempts, or too close together, to say the claimant was not reached",
        )
        .by(d.param_basis("callback.attempts").into_iter().chain(d.param_basis("callback.days")))
        .instead(["callback-missed"]));
    }
    if code == "anonymous-no-number" && d.order.active_parts().any(|part| part.reachable) {
        return Err(
            Refusal::new("waive.reachable", "a claimant left a number or address").by([d.ctx.pack.basis(&why.cite)])
        );
    }
    d.emit(Event::CallbackWaived { reason: code.to_owned() });
    Ok(())
}

pub(in crate::order) fn redo(d: &mut Draft<'_>, code: &str, note: &Option<Text>) -> Step {
    let why = reason(d, "redo", code)?;
    let max = d.ctx.pack.number("redo.count", d.governing_day());
    if i64::from(d.order.redo) >= max {
        return Err(Refusal::new(
            "redo.count_used_up",
            format!("it was redone {max} times; it goes to the difficult pool and the joint meeting"),
        )
        .by(d.param_basis("redo.count"))
        .instead(["difficult", "close"]));
    }
    let from = d.ctx.pack.number("callback.satisfied_from", d.governing_day());
    if d.order.callback.answers.as_ref().is_none_or(|a| a.solved && i64::from(a.satisfied) >= from) {
        return Err(Refusal::new(
            "redo.no_cause",
            "the claimant was not reached, or is satisfied; nothing asks for a redo",
        )
        .by([d.ctx.pack.basis(&why.cite)])
        .instead(["close"]));
    }
    let Some(unit) =
        d.order.tasks.iter().rev().find(|t| t.leads_case() && t.state == TaskState::Done).map(|t| t.unit.clone())
    else {
        return Err(Refusal::new("redo.no_unit", "no unit has handled it"));
    };
    let ended = d.ctx.organisation.unit(&unit).is_none_or(|u| !u.in_force(d.today));
    if ended {
        return Err(Refusal::new(
            "dispatch.unit_ended",
            format!("`{unit}` is no longer in the register; open a linked order"),
        )
        .instead(d.ctx.organisation.successor_in_force(&unit, d.today).map(|u| u.id.0.clone())));
    }
    d.emit(Event::Redone { reason: code.to_owned(), note: note.clone() });
    super::dispatch::deliver(d, None, &unit, &[], note, false);
    Ok(())
}

pub(in crate::order) fn close(d: &mut Draft<'_>) -> Step {
    if d.order.callback.answers.is_none() && d.order.callback.waived.is_none() {
        return Err(Refusal::new("close.not_called_back", "the claimant has not been asked, nor the call waived")
            .by(d.param_basis("callback.attempts"))
            .instead(["callback-answered", "callback-missed", "waive-callback"]));
    }
    closing::check(&d.order, &d.order.facts.clone(), d.ctx.pack)?;
    finish(d);
    Ok(())
}

/// Handled: told is who was called, owed is who was not; a promise stays on its clock.
fn finish(d: &mut Draft<'_>) {
    let facts = d.order.facts.clone();
    let text = d.order.public.clone();
    d.emit(Event::Closed { outcome: Outcome::Handled, reason: None, text: text.clone(), facts: facts.clone() });
    d.cancel_clocks(None);
    d.owe("closed", text);
    let called = d.order.callback.answered.clone();
    if !called.is_empty() {
        // A claimant who was called has heard the result.
        let heard: Vec<DutyNo> = d
            .order
            .duties
            .iter()
            .filter(|duty| called.contains(&duty.claimant) && duty.told_at.is_none())
            .map(|duty| duty.no)
            .collect();
        for duty in heard {
            d.emit(Event::DutyTold { duty, impossible: false, record: None });
        }
    }
    if let Some((day, basis)) = closing::promise(&d.order, &facts, d.ctx.pack) {
        d.start_dated("follow-up", None, day, basis, &[]);
    }
}

pub(in crate::order) fn archive(d: &mut Draft<'_>) -> Step {
    if d.order.outcome() == Some(Outcome::Merged) && !d.ctx.master_closed {
        return Err(Refusal::new("archive.merged_still_open", "the order it was merged into is still open"));
    }
    if let Some(request) = d.order.pending().next() {
        return Err(Refusal::new(
            "archive.request_pending",
            format!("the {} asked for on task {} is not decided", request.ask.code(), request.task),
        )
        .instead(["grant", "reject", "withdraw-request"]));
    }
    let owed: Vec<String> =
        d.order.duties.iter().filter(|duty| duty.told_at.is_none()).map(|duty| duty.what.code().to_owned()).collect();
    if !owed.is_empty() {
        return Err(Refusal::new("archive.duty_owed", format!("the claimant has not been told: {}", owed.join(", ")))
            .by(d.order.duties.iter().filter(|duty| duty.told_at.is_none()).map(|duty| duty.basis.clone()))
            .instead(["tell"]));
    }
    d.emit(Event::Archived);
    Ok(())
}

pub(in crate::order) fn reopen(d: &mut Draft<'_>, by: &OrderId, code: &str) -> Step {
    reason(d, "reopen", code)?;
    if d.order.outcome() == Some(Outcome::Merged) {
        return Err(Refusal::new("reopen.merged", "reopen the order it was merged into").instead(["unmerge"]));
    }
    d.emit(Event::Linked { link: Link { order: by.clone(), relation: "reopened-by".into() } });
    Ok(())
}

pub(in crate::order) fn withdraw(
    d: &mut Draft<'_>,
    claimant: &Option<ClaimantId>,
    code: &str,
    confirmed: bool,
) -> Step {
    reason(d, "withdraw", code)?;
    let active: Vec<ClaimantId> = d.order.active_parts().map(|part| part.claimant.clone()).collect();
    let who = match claimant {
        Some(who) if active.contains(who) => who.clone(),
        Some(_) => return Err(Refusal::new("withdraw.unknown_claimant", "that claimant has no part in this order")),
        None => match active.as_slice() {
            [only] => only.clone(),
            _ => {
                return Err(Refusal::new(
                    "withdraw.which_claimant",
                    "several claimants raised this; name the one who withdraws",
                )
                .instead(["claimant"]));
            }
        },
    };
    if !confirmed {
        return Err(Refusal::new("withdraw.not_confirmed", "a person confirms a withdrawal with the claimant first")
            .instead(["confirmed"]));
    }
    let part_only = goes_on_without(d) || active.len() > 1;
    withdraw_part(d, &who, code);
    if !part_only {
        super::intake::end(d, Outcome::Withdrawn, Some(code), None);
    }
    Ok(())
}

/// Whether the matter is looked into even when whoever raised it takes it back.
pub(super) fn goes_on_without(d: &Draft<'_>) -> bool {
    let day = d.governing_day();
    d.order.kind.as_deref().is_some_and(|kind| d.ctx.pack.lists("withdraw.part_only_kinds", day, kind))
        || d.order.urgency == Urgency::Emergency
        || !d.order.absorbed.is_empty()
}

/// Takes a claimant's part back; nothing is owed to them any longer.
pub(super) fn withdraw_part(d: &mut Draft<'_>, claimant: &ClaimantId, code: &str) {
    d.emit(Event::PartWithdrawn { claimant: claimant.clone(), reason: code.to_owned() });
    forget_duties(d, |_| true);
}

/// What is owed to claimants who have no part here any longer, of those asked about, is owed no more.
pub(super) fn forget_duties(d: &mut Draft<'_>, of: impl Fn(&ClaimantId) -> bool) {
    let owed: Vec<DutyNo> = d
        .order
        .duties
        .iter()
        .filter(|duty| duty.told_at.is_none() && of(&duty.claimant))
        .filter(|duty| !d.order.active_parts().any(|part| part.claimant == duty.claimant))
        .map(|duty| duty.no)
        .collect();
    for duty in owed {
        d.emit(Event::DutyTold { duty, impossible: true, record: None });
    }
}

pub(in crate::order) fn stop(d: &mut Draft<'_>, code: &str, note: &Option<Text>) -> Step {
    reason(d, "stop", code)?;
    if note.is_none() {
        return Err(Refusal::new("stop.note_missing", "say why the order is stopped").instead(["note"]));
    }
    super::intake::end(d, Outcome::Stopped, Some(code), note.clone());
    // A pack that does not say it apart tells it as it tells a result.
    let apart = d.ctx.pack.tell("stopped", d.order.kind.as_deref()).is_some();
    d.owe(if apart { "stopped" } else { "closed" }, note.clone());
    Ok(())
}

pub(in crate::order) fn tell(d: &mut Draft<'_>, no: DutyNo, reached: bool, record: &Option<Text>) -> Step {
    let Some(duty) = d.order.duties.iter().find(|duty| duty.no == no) else {
        return Err(Refusal::new("duty.unknown", format!("the order owes no duty {no}")));
    };
    if duty.told_at.is_some() {
        return Err(Refusal::new("duty.already_told", "the claimant has already been told"));
    }
    if record.is_none() {
        return Err(Refusal::new(
            "duty.record_missing",
            "record who was told, by which number, when, and what was said",
        )
        .instead(["record"]));
    }
    d.emit(Event::DutyTold { duty: no, impossible: !reached, record: record.clone() });
    Ok(())
}
