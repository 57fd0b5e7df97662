//! What a unit does with a task: sign, accept, report, speak with the claimant, go to the scene, answer.

use super::{at_work, reason, task};
use crate::{
    id::{ContentId, PersonId, RequestNo, TaskNo, UnitId},
    order::{
        Ask, Event, FactValue, Facts, Feedback, Refusal, Role, Task, TaskState, Text, Urgency, closing,
        draft::{Draft, Step},
    },
    time::Instant,
};

/// Who of the unit works on it is the unit's own affair: neither state nor clocks nor holder move.
pub(in crate::order) fn assign(d: &mut Draft<'_>, no: TaskNo, person: &Option<PersonId>) -> Step {
    if task(d, no)?.handler == *person {
        return Err(Refusal::new("assign.already", "nothing would change"));
    }
    d.emit(Event::TaskAssigned { task: no, person: person.clone() });
    Ok(())
}

pub(in crate::order) fn sign(d: &mut Draft<'_>, no: TaskNo) -> Step {
    let task = task(d, no)?;
    if task.praise {
        return Err(Refusal::new("sign.praise", "praise is confirmed, not signed for").instead(["confirm-receipt"]));
    }
    d.emit(Event::TaskSigned { task: no });
    if !d.ctx.pack.flag("accept.separate", d.governing_day()) {
        d.emit(Event::TaskAccepted { task: no });
    }
    Ok(())
}

pub(in crate::order) fn accept(d: &mut Draft<'_>, no: TaskNo) -> Step {
    d.emit(Event::TaskAccepted { task: no });
    Ok(())
}

/// Work from `delivered` or `signed` says that the unit has taken it up.
pub(in crate::order) fn ensure_accepted(d: &mut Draft<'_>, no: TaskNo) {
    if d.order.task(no).is_some_and(|task| task.state == TaskState::Delivered) {
        d.emit(Event::TaskSigned { task: no });
    }
    if d.order.task(no).is_some_and(|task| task.state == TaskState::Signed) {
        d.emit(Event::TaskAccepted { task: no });
    }
}

pub(in crate::order) fn progress(d: &mut Draft<'_>, no: TaskNo, text: &Text) -> Step {
    ensure_accepted(d, no);
    d.emit(Event::TaskProgressed { task: no, text: text.clone() });
    Ok(())
}

pub(in crate::order) fn relay(d: &mut Draft<'_>, no: TaskNo, text: &Text) -> Step {
    if !d.order.secret {
        return Err(Refusal::new("relay.not_secret", "only a secret order is asked through the call centre")
            .instead(["contact"]));
    }
    d.emit(Event::RelayAsked { task: no, text: text.clone() });
    Ok(())
}

pub(in crate::order) fn relay_answer(d: &mut Draft<'_>, no: TaskNo, text: &Text, question: Option<u32>) -> Step {
    if !d.order.secret {
        return Err(Refusal::new("relay.not_secret", "only a secret order is asked through the call centre")
            .instead(["contact"]));
    }
    let open = d.order.open_questions(no);
    let question = match (question, open.as_slice()) {
        (Some(asked), open) if open.contains(&asked) => asked,
        (None, [only]) => *only,
        (_, []) => return Err(Refusal::new("relay.nothing_asked", "no question of this task waits for an answer")),
        (_, open) => {
            return Err(Refusal::new("relay.which_question", "name the question it answers")
                .instead(open.iter().map(u32::to_string)));
        }
    };
    d.emit(Event::RelayAnswered { task: no, text: text.clone(), question: Some(question) });
    Ok(())
}

pub(in crate::order) fn contact(
    d: &mut Draft<'_>,
    no: TaskNo,
    reached: bool,
    at: Option<Instant>,
    said: &Option<Text>,
) -> Step {
    let task = task(d, no)?;
    if d.order.secret {
        return Err(Refusal::new(
            "contact.secret",
            "the claimant asked for secrecy; ask and answer through the call centre",
        )
        .instead(["relay"]));
    }
    let at = past(d, at)?;
    if reached && said.is_none() {
        return Err(Refusal::new("contact.nothing_said", "write what the claimant said").instead(["said"]));
    }
    // An emergency is contacted before anything is signed for.
    if task.state == TaskState::Delivered && d.order.urgency != Urgency::Emergency {
        return Err(
            Refusal::new("task.wrong_state", "sign for the task before contacting the claimant").instead(["sign"])
        );
    }
    d.emit(Event::TaskContacted { task: no, reached, at, said: said.clone() });
    Ok(())
}

/// A moment a person names: not in the future, not before the order was received.
pub(in crate::order) fn past(d: &Draft<'_>, at: Option<Instant>) -> Result<Instant, Refusal> {
    let at = at.unwrap_or(d.now);
    if at > d.now {
        return Err(Refusal::new("time.in_future", "that time is still to come"));
    }
    if at < d.order.received_at {
        return Err(Refusal::new("time.before_receipt", "that time lies before the matter was received"));
    }
    Ok(at)
}

pub(in crate::order) fn feedback(
    d: &mut Draft<'_>,
    no: TaskNo,
    facts: &Facts,
    internal: &Option<Text>,
    public: &Option<Text>,
) -> Step {
    let task = task(d, no)?;
    if d.order.pending().any(|r| r.task == no && matches!(r.ask, Ask::Approval { .. })) {
        return Err(Refusal::new("feedback.approval_pending", "an answer already waits for the leader")
            .instead(["withdraw-request"]));
    }
    let feedback = Feedback {
        at: d.now,
        facts: facts.clone(),
        internal: internal.clone(),
        public: public.clone(),
        missing: Vec::new(),
    };
    may_give(d, no, &feedback)?;
    ensure_accepted(d, no);
    let approves = d
        .ctx
        .organisation
        .unit(&task.unit)
        .is_some_and(|unit| d.order.kind.as_ref().is_some_and(|kind| unit.approval.contains(kind)));
    if approves {
        let request = d.next_request();
        let feedback = Feedback { missing: missing(d, &task), ..feedback };
        let ask = Ask::Approval { feedback: Box::new(feedback) };
        d.emit(Event::RequestAsked { request, task: no, ask, by: None });
        return Ok(());
    }
    give(d, no, feedback)
}

/// Whether the answer may leave the unit: looked at when it is written and again when its leader approves it.
fn may_give(d: &Draft<'_>, no: TaskNo, feedback: &Feedback) -> Step {
    let task = at_work(d, no)?;
    if let Some(below) = d.order.open_child_lead(no) {
        return Err(Refusal::new("feedback.still_below", format!("`{}` has not answered yet", below.unit))
            .instead(["recall", "urge"]));
    }
    if d.order.supplements.iter().any(|s| !s.acknowledged) && task.role == Role::Lead {
        return Err(Refusal::new("feedback.supplement_unread", "the claimant added facts; take note of them first")
            .instead(["acknowledge"]));
    }
    if task.leads_case() {
        // A pack that says nothing of it asks for one.
        let asked = d.ctx.pack.parameter("feedback.public_required", d.governing_day());
        if feedback.public.is_none() && asked.is_none_or(|(value, _)| value.as_bool() != Some(false)) {
            return Err(Refusal::new("feedback.public_missing", "write the wording for the claimant")
                .by(d.param_basis("feedback.public_required"))
                .instead(["public"]));
        }
        closing::check(&d.order, &feedback.facts, d.ctx.pack)?;
        closing::promises_ahead(&d.order, &feedback.facts, d.ctx.pack, d.today)?;
    } else if feedback.internal.is_none() && feedback.public.is_none() {
        return Err(Refusal::new("feedback.empty", "write what was found").instead(["internal", "public"]));
    }
    Ok(())
}

/// Assisting units beside or below a lead that have not answered.
fn missing(d: &Draft<'_>, task: &Task) -> Vec<UnitId> {
    if task.role != Role::Lead {
        return Vec::new();
    }
    d.order
        .tasks
        .iter()
        .filter(|other| other.parent == task.parent || other.parent == Some(task.no))
        .filter(|other| other.role == Role::Assist && other.state.is_open())
        .map(|other| other.unit.clone())
        .collect()
}

/// The answer goes up: a pause ends with it, and what the task still asked is overtaken.
pub(in crate::order) fn give(d: &mut Draft<'_>, no: TaskNo, feedback: Feedback) -> Step {
    may_give(d, no, &feedback)?;
    scene_of(d, no, &feedback.facts)?;
    let overtaken: Vec<RequestNo> = d
        .order
        .pending()
        .filter(|r| r.task == no && !matches!(r.ask, Ask::Excuse { .. } | Ask::Approval { .. }))
        .map(|r| r.no)
        .collect();
    for request in overtaken {
        d.emit(Event::RequestDecided { request, decision: crate::order::Decision::Withdrawn, note: None });
    }
    d.end_hold(no);
    let missing = d.order.task(no).map(|task| missing(d, task)).unwrap_or_default();
    d.emit(Event::TaskFedBack { task: no, feedback: Feedback { missing, ..feedback } });
    Ok(())
}

/// An arrival that only the answer states is an arrival: the clock to the scene ends with it.
fn scene_of(d: &mut Draft<'_>, no: TaskNo, facts: &Facts) -> Step {
    let Some(task) = d.order.task(no).filter(|task| task.commanded_at.is_some() && task.scene.is_none()) else {
        return Ok(());
    };
    let (Some(FactValue::Instant(at)), Some(FactValue::Text(place)), Some(FactValue::Text(safety))) =
        (facts.get("scene_at"), facts.get("scene_place"), facts.get("safety"))
    else {
        return Ok(());
    };
    let at = arrival(d, task, Some(*at))?;
    d.emit(Event::TaskOnScene { task: no, at, place: place.clone(), safety: safety.clone(), photo: None });
    Ok(())
}

fn arrival(d: &Draft<'_>, task: &Task, at: Option<Instant>) -> Result<Instant, Refusal> {
    let at = past(d, at)?;
    if task.commanded_at.is_some_and(|commanded| at < commanded) {
        return Err(Refusal::new("emergency.before_command", "the arrival cannot lie before the command"));
    }
    Ok(at)
}

pub(in crate::order) fn send_back(d: &mut Draft<'_>, no: TaskNo, code: &str, note: &Option<Text>) -> Step {
    let below = task(d, no)?;
    reason(d, "send-back", code)?;
    let above_open = match below.parent {
        Some(above) => d.order.task(above).is_some_and(|task| task.state.is_open()),
        None => below.role == Role::Assist && d.order.state.code() == "assigned",
    };
    if !above_open {
        return Err(Refusal::new("send_back.not_below", "this answer is with the review; it is sent back from there")
            .instead(["fail-review"]));
    }
    d.emit(Event::TaskSentBack { task: no, reason: code.to_owned(), note: note.clone() });
    d.unhalt_clocks(Some(no));
    Ok(())
}

pub(in crate::order) fn acknowledge(d: &mut Draft<'_>, no: TaskNo) -> Step {
    let task = task(d, no)?;
    if task.role != Role::Lead {
        return Err(Refusal::new("acknowledge.not_lead", "the unit that answers takes note of added facts"));
    }
    if d.order.supplements.iter().all(|s| s.acknowledged) {
        return Err(Refusal::new("acknowledge.nothing", "there are no added facts to take note of"));
    }
    d.emit(Event::SupplementAcknowledged { task: no });
    Ok(())
}

fn commanded(d: &Draft<'_>, no: TaskNo) -> Result<Task, Refusal> {
    let task = task(d, no)?;
    if task.commanded_at.is_none() {
        return Err(Refusal::new("emergency.not_commanded", "no emergency command was given for this task"));
    }
    Ok(task)
}

pub(in crate::order) fn phone_notice(d: &mut Draft<'_>, no: TaskNo, who: &Text, answered_at: Option<Instant>) -> Step {
    commanded(d, no)?;
    let answered_at = past(d, answered_at)?;
    d.emit(Event::TaskPhoned { task: no, who: who.clone(), answered_at });
    Ok(())
}

pub(in crate::order) fn on_scene(
    d: &mut Draft<'_>,
    no: TaskNo,
    at: Option<Instant>,
    place: &Text,
    safety: &Text,
    photo: &Option<ContentId>,
) -> Step {
    let task = commanded(d, no)?;
    if task.scene.is_some() {
        return Err(Refusal::new(
            "emergency.already_on_scene",
            "the arrival is already recorded; add a situation report",
        )
        .instead(["situation"]));
    }
    let at = arrival(d, &task, at)?;
    d.emit(Event::TaskOnScene { task: no, at, place: place.clone(), safety: safety.clone(), photo: photo.clone() });
    Ok(())
}

pub(in crate::order) fn made_safe(d: &mut Draft<'_>, no: TaskNo) -> Step {
    let task = commanded(d, no)?;
    if task.scene.is_none() {
        return Err(
            Refusal::new("emergency.not_on_scene", "record the arrival on the scene first").instead(["on-scene"])
        );
    }
    if task.safe_at.is_some() {
        return Err(Refusal::new("emergency.already_safe", "danger is already recorded as over"));
    }
    d.emit(Event::TaskMadeSafe { task: no });
    Ok(())
}

pub(in crate::order) fn situation(d: &mut Draft<'_>, no: TaskNo, text: &Text) -> Step {
    commanded(d, no)?;
    d.emit(Event::TaskSituation { task: no, text: text.clone() });
    Ok(())
}
