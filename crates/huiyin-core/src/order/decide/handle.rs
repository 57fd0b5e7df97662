//! What a unit does with a task: sign, accept, report, speak with the claimant, go to the scene, answer.

use super::{AT_WORK, OPEN, in_state, reason, task};
use crate::{
    id::{ContentId, RequestNo, TaskNo},
    order::{
        Ask, Event, Facts, Feedback, Refusal, Role, TaskState, Text, Urgency, closing,
        draft::{Draft, Step},
    },
    time::Instant,
};

pub(super) fn sign(d: &mut Draft<'_>, no: TaskNo) -> Step {
    let task = task(d, no, &[TaskState::Delivered])?;
    if task.praise {
        return Err(Refusal::new("sign.praise", "praise is confirmed, not signed for").instead(["confirm-receipt"]));
    }
    d.emit(Event::TaskSigned { task: no });
    if !d.ctx.pack.flag("accept.separate", d.governing_day()) {
        d.emit(Event::TaskAccepted { task: no });
    }
    Ok(())
}

pub(super) fn accept(d: &mut Draft<'_>, no: TaskNo) -> Step {
    task(d, no, &[TaskState::Signed])?;
    d.emit(Event::TaskAccepted { task: no });
    Ok(())
}

/// Work from `delivered` or `signed` says that the unit has taken it up.
pub(super) fn ensure_accepted(d: &mut Draft<'_>, no: TaskNo) {
    if d.order.task(no).is_some_and(|task| task.state == TaskState::Delivered) {
        d.emit(Event::TaskSigned { task: no });
    }
    if d.order.task(no).is_some_and(|task| task.state == TaskState::Signed) {
        d.emit(Event::TaskAccepted { task: no });
    }
}

pub(super) fn progress(d: &mut Draft<'_>, no: TaskNo, text: &Text) -> Step {
    task(d, no, AT_WORK)?;
    ensure_accepted(d, no);
    d.emit(Event::TaskProgressed { task: no, text: text.clone() });
    Ok(())
}

pub(super) fn contact(d: &mut Draft<'_>, no: TaskNo, reached: bool, at: Option<Instant>, said: &Option<Text>) -> Step {
    let task = task(d, no, OPEN)?;
    let at = past(d, at)?;
    if reached && said.is_none() {
        return Err(Refusal::new("contact.nothing_said", "write what the claimant said").instead(["said"]));
    }
    // An emergency is contacted before anything is signed for.
    if task.state == TaskState::Delivered && d.order.urgency != Urgency::Emergency {
        return Err(Refusal::new("task.wrong_state", "sign for the task before contacting the claimant").instead(["sign"]));
    }
    d.emit(Event::TaskContacted { task: no, reached, at, said: said.clone() });
    Ok(())
}

/// A moment a person names: not in the future, not before the order was received.
pub(super) fn past(d: &Draft<'_>, at: Option<Instant>) -> Result<Instant, Refusal> {
    let at = at.unwrap_or(d.now);
    if at > d.now {
        return Err(Refusal::new("time.in_future", "that time is still to come"));
    }
    if at < d.order.received_at {
        return Err(Refusal::new("time.before_receipt", "that time lies before the matter was received"));
    }
    Ok(at)
}

pub(super) fn feedback(d: &mut Draft<'_>, no: TaskNo, facts: &Facts, internal: &Option<Text>, public: &Option<Text>) -> Step {
    let task = task(d, no, AT_WORK)?;
    if d.order.pending().any(|r| r.task == no && matches!(r.ask, Ask::Approval { .. })) {
        return Err(Refusal::new("feedback.approval_pending", "an answer already waits for the leader").instead(["withdraw-request"]));
    }
    if let Some(below) = d.order.open_child_lead(no) {
        return Err(Refusal::new("feedback.still_below", format!("`{}` has not answered yet", below.unit)).instead(["recall", "urge"]));
    }
    if d.order.supplements.iter().any(|s| !s.acknowledged) && task.role == Role::Lead {
        return Err(Refusal::new("feedback.supplement_unread", "the claimant added facts; take note of them first").instead(["acknowledge"]));
    }
    if task.leads_case() {
        if public.is_none() {
            return Err(Refusal::new("feedback.public_missing", "write the wording for the claimant").instead(["public"]));
        }
        closing::check(&d.order, facts, d.ctx.pack)?;
    } else if internal.is_none() && public.is_none() {
        return Err(Refusal::new("feedback.empty", "write what was found").instead(["internal", "public"]));
    }
    ensure_accepted(d, no);
    let missing = if task.role == Role::Lead {
        d.order
            .tasks
            .iter()
            .filter(|other| other.parent == task.parent && other.role == Role::Assist && other.state.is_open())
            .map(|other| other.unit.clone())
            .collect()
    } else {
        Vec::new()
    };
    let feedback = Feedback { at: d.now, facts: facts.clone(), internal: internal.clone(), public: public.clone(), missing };
    let approves = d.ctx.organisation.unit(&task.unit).is_some_and(|unit| {
        d.order.kind.as_ref().is_some_and(|kind| unit.approval.contains(kind))
    });
    if approves {
        let request = d.next_request();
        d.emit(Event::RequestAsked { request, task: no, ask: Ask::Approval { feedback: Box::new(feedback) } });
    } else {
        give(d, no, feedback);
    }
    Ok(())
}

/// The answer goes up: what the task still asked is overtaken.
pub(super) fn give(d: &mut Draft<'_>, no: TaskNo, feedback: Feedback) {
    let overtaken: Vec<RequestNo> =
        d.order.pending().filter(|r| r.task == no && !matches!(r.ask, Ask::Excuse { .. } | Ask::Approval { .. })).map(|r| r.no).collect();
    for request in overtaken {
        d.emit(Event::RequestDecided { request, decision: crate::order::Decision::Withdrawn, note: None });
    }
    let own: Vec<_> = d
        .order
        .clocks
        .iter()
        .filter(|c| c.task == Some(no) && matches!(c.name.as_str(), "pause" | "shelving") && c.is_running())
        .map(|c| c.no)
        .collect();
    for clock in own {
        d.emit(Event::ClockStopped { clock, at: d.now });
    }
    d.emit(Event::TaskFedBack { task: no, feedback });
}

pub(super) fn send_back(d: &mut Draft<'_>, no: TaskNo, code: &str, note: &Option<Text>) -> Step {
    let below = task(d, no, &[TaskState::FedBack])?;
    reason(d, "send-back", code)?;
    let above_open = match below.parent {
        Some(above) => d.order.task(above).is_some_and(|task| task.state.is_open()),
        None => below.role == Role::Assist && d.order.state.code() == "assigned",
    };
    if !above_open {
        return Err(Refusal::new("send_back.not_below", "this answer is with the review; it is sent back from there").instead(["fail-review"]));
    }
    d.emit(Event::TaskSentBack { task: no, reason: code.to_owned(), note: note.clone() });
    d.unhalt_clocks(Some(no));
    Ok(())
}

pub(super) fn acknowledge(d: &mut Draft<'_>, no: TaskNo) -> Step {
    task(d, no, OPEN)?;
    if d.order.supplements.iter().all(|s| s.acknowledged) {
        return Err(Refusal::new("acknowledge.nothing", "there are no added facts to take note of"));
    }
    d.emit(Event::SupplementAcknowledged { task: no });
    Ok(())
}

fn commanded(d: &Draft<'_>, no: TaskNo) -> Result<crate::order::Task, Refusal> {
    let task = task(d, no, OPEN)?;
    if task.commanded_at.is_none() {
        return Err(Refusal::new("emergency.not_commanded", "no emergency command was given for this task"));
    }
    Ok(task)
}

pub(super) fn phone_notice(d: &mut Draft<'_>, no: TaskNo, who: &Text, answered_at: Option<Instant>) -> Step {
    commanded(d, no)?;
    let answered_at = past(d, answered_at)?;
    d.emit(Event::TaskPhoned { task: no, who: who.clone(), answered_at });
    Ok(())
}

pub(super) fn on_scene(d: &mut Draft<'_>, no: TaskNo, at: Option<Instant>, place: &Text, safety: &Text, photo: &Option<ContentId>) -> Step {
    let task = commanded(d, no)?;
    if task.scene.is_some() {
        return Err(Refusal::new("emergency.already_on_scene", "the arrival is already recorded; add a situation report").instead(["situation"]));
    }
    let at = past(d, at)?;
    if task.commanded_at.is_some_and(|commanded| at < commanded) {
        return Err(Refusal::new("emergency.before_command", "the arrival cannot lie before the command"));
    }
    d.emit(Event::TaskOnScene { task: no, at, place: place.clone(), safety: safety.clone(), photo: photo.clone() });
    Ok(())
}

pub(super) fn made_safe(d: &mut Draft<'_>, no: TaskNo) -> Step {
    let task = commanded(d, no)?;
    if task.scene.is_none() {
        return Err(Refusal::new("emergency.not_on_scene", "record the arrival on the scene first").instead(["on-scene"]));
    }
    if task.safe_at.is_some() {
        return Err(Refusal::new("emergency.already_safe", "danger is already recorded as over"));
    }
    d.emit(Event::TaskMadeSafe { task: no });
    Ok(())
}

pub(super) fn situation(d: &mut Draft<'_>, no: TaskNo, text: &Text) -> Step {
    commanded(d, no)?;
    in_state(d, &["assigned"])?;
    d.emit(Event::TaskSituation { task: no, text: text.clone() });
    Ok(())
}
