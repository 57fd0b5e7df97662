//! The only interpreter of events: used live and in rebuild.

use crate::{
    id::OrderId,
    order::{
        Answers, ClockState, Decision, Event, Moment, Note, Order, Part, Relay, Role, Scene, State, Supervision,
        Supplement, Task, TaskState, Urgency,
    },
    time::Instant,
};

/// The order after an event that happened at `at`.
pub fn apply(mut order: Order, event: &Event, at: Instant) -> Order {
    order.seq += 1;
    order.at = order.at.max(at);
    let at = order.at;
    if let Event::Merged { into, .. } = event {
        order.merged = Some((into.clone(), order.state));
    }
    if let Some(state) = event.reaches() {
        order.state = state;
    }
    on_order(&mut order, event, at);
    on_task(&mut order, event, at);
    on_clock(&mut order, event, at);
    order
}

/// An order made again from its journal, `(event, when)` in order. None when the journal does not begin with a taking-in.
pub fn rebuild<'a>(id: &OrderId, events: impl IntoIterator<Item = (&'a Event, Instant)>) -> Option<Order> {
    let mut events = events.into_iter().peekable();
    let (Event::TakenIn { .. }, at) = *events.peek()? else { return None };
    Some(events.fold(Order::blank(id.clone(), at), |order, (event, at)| apply(order, event, at)))
}

impl Order {
    /// An order before its first event.
    pub fn blank(id: OrderId, at: Instant) -> Self {
        Self {
            id,
            no: String::new(),
            seq: 0,
            at,
            state: State::Intake,
            channel: super::Channel::Phone,
            contact: "".into(),
            desk: "".into(),
            lies_with: "".into(),
            received_at: at,
            taken_in_at: at,
            registered_at: None,
            kind: None,
            subject: None,
            item: None,
            urgency: Urgency::Normal,
            claimed_emergency: false,
            claimed_kind: None,
            area: None,
            place: None,
            title: None,
            body: None,
            redacted: None,
            target: None,
            secret: false,
            sealed: false,
            pinned: None,
            mode: None,
            parts: Vec::new(),
            tasks: Vec::new(),
            requests: Vec::new(),
            clocks: Vec::new(),
            duties: Vec::new(),
            facts: super::Facts::new(),
            public: None,
            callback: super::Callback::default(),
            callback_desk: None,
            relays: Vec::new(),
            redo: 0,
            urges: 0,
            supplements: Vec::new(),
            files: Vec::new(),
            tags: Vec::new(),
            notes: Vec::new(),
            supervision: Vec::new(),
            difficult: false,
            hold: false,
            links: Vec::new(),
            merged: None,
            absorbed: Vec::new(),
            copies: Vec::new(),
            closed_at: None,
        }
    }
}

fn set<T: Clone>(field: &mut Option<T>, value: &Option<T>) {
    if value.is_some() {
        field.clone_from(value);
    }
}

fn on_order(order: &mut Order, event: &Event, at: Instant) {
    match event {
        Event::TakenIn {
            no,
            channel,
            contact,
            desk,
            lies_with,
            received_at,
            claimed_emergency,
            claimed_kind,
            title,
            body,
            parts,
            link,
            secret,
        } => {
            order.no.clone_from(no);
            order.channel = *channel;
            order.contact = contact.clone();
            order.desk = desk.clone();
            order.lies_with = lies_with.clone();
            order.received_at = *received_at;
            order.taken_in_at = at;
            order.claimed_emergency = *claimed_emergency;
            order.claimed_kind.clone_from(claimed_kind);
            order.title.clone_from(title);
            order.body.clone_from(body);
            order.parts.clone_from(parts);
            order.links.extend(link.clone());
            order.secret = *secret;
        }
        Event::Copied { units } => order.copies.extend(units.iter().cloned()),
        Event::InMode { mode } => order.mode = Some(mode.clone()),
        Event::Registered(matter) => {
            order.registered_at = Some(at);
            order.kind = Some(matter.kind.clone());
            order.subject.clone_from(&matter.subject);
            order.item.clone_from(&matter.item);
            order.urgency = matter.urgency;
            order.area.clone_from(&matter.area);
            order.target.clone_from(&matter.target);
            // Who asked for secrecy keeps it, whatever the form said.
            order.secret = matter.secret.unwrap_or(order.secret);
            set(&mut order.place, &matter.place);
            set(&mut order.title, &matter.title);
            set(&mut order.body, &matter.body);
        }
        Event::Corrected { kind, subject, area, place, urgency, .. } => {
            set(&mut order.kind, kind);
            set(&mut order.subject, subject);
            set(&mut order.area, area);
            set(&mut order.place, place);
            order.urgency = urgency.unwrap_or(order.urgency);
        }
        Event::Redacted { text } => {
            order.redacted = Some(text.clone());
            // Units see that text from now on, and no other.
            order.secret = true;
        }
        Event::MadeSecret { .. } => order.secret = true,
        Event::Linked { link } => order.links.push(link.clone()),
        Event::Absorbed { from, parts } => {
            order.absorbed.push(from.clone());
            order.parts.extend(parts.iter().cloned().map(|part| Part { via: Some(from.clone()), ..part }));
        }
        Event::Released { from } => {
            order.absorbed.retain(|other| other != from);
            order.parts.retain(|part| part.via.as_ref() != Some(from));
        }
        Event::Merged { .. } => order.closed_at = Some(at),
        Event::Unmerged { .. } => {
            if let Some((_, before)) = order.merged.take() {
                order.state = before;
            }
            order.closed_at = None;
        }
        Event::PartWithdrawn { claimant, reason } => {
            for part in order.parts.iter_mut().filter(|part| part.claimant == *claimant) {
                part.withdrawn = true;
                part.withdrawn_for = Some(reason.clone());
            }
        }
        Event::FilesAttached { task, files } => {
            let given = files.iter().map(|file| super::Attached { file: file.clone(), task: *task, at });
            order.files.extend(given);
        }
        Event::Supplemented { text } => {
            order.supplements.push(Supplement { at, text: text.clone(), acknowledged: false });
        }
        Event::SupplementAcknowledged { .. } => order.supplements.iter_mut().for_each(|s| s.acknowledged = true),
        Event::Urged { .. } => order.urges += 1,
        Event::Supervised { level, reason, .. } => {
            order.supervision.push(Supervision { level: level.clone(), reason: reason.clone(), at, on: true });
        }
        Event::SupervisionLifted { .. } => order.supervision.iter_mut().for_each(|s| s.on = false),
        Event::Tagged { tag, on } => {
            order.tags.retain(|known| known != tag);
            order.tags.extend(on.then(|| tag.clone()));
        }
        Event::Noted { text, by } => {
            order.notes.push(Note { at, by: by.clone(), text: text.clone(), withdrawn: false });
        }
        Event::NoteWithdrawn { note } => {
            if let Some(note) = (*note as usize).checked_sub(1).and_then(|at| order.notes.get_mut(at)) {
                note.withdrawn = true;
            }
        }
        Event::Difficult { on, .. } => order.difficult = *on,
        Event::LegalHold { on, .. } => order.hold = *on,
        Event::Sealed => order.sealed = true,
        Event::Pinned { day } => order.pinned = Some(*day),
        Event::DutyOwed { duty } => order.duties.push(duty.clone()),
        Event::DutyTold { duty, impossible, .. } => {
            if let Some(duty) = order.duties.iter_mut().find(|d| d.no == *duty) {
                duty.told_at = Some(at);
                duty.impossible = *impossible;
            }
        }
        Event::Passed { callback_desk } => order.callback_desk = Some(callback_desk.clone()),
        Event::CallbackMissed { at } => order.callback.attempts.push(*at),
        Event::RelayAsked { task, text } => {
            order.relays.push(Relay { task: *task, text: text.clone(), answered: false });
        }
        Event::RelayAnswered { task, question, .. } => {
            // An answer from before questions had numbers was one to all of the task.
            let is = |no: u32, relay: &Relay| question.map_or(relay.task == *task, |question| question == no);
            for (no, relay) in (1_u32..).zip(&mut order.relays) {
                relay.answered |= is(no, relay);
            }
        }
        Event::CallbackAnswered { claimant, answers } => {
            let callback = &mut order.callback;
            let rank = |answers: &Answers| (answers.solved, answers.satisfied);
            let first = callback.answered.iter().all(|one| Some(one) == claimant.as_ref());
            if first || callback.answers.as_ref().is_none_or(|known| rank(answers) < rank(known)) {
                callback.answers = Some(answers.clone());
            }
            if let Some(claimant) = claimant.clone().filter(|claimant| !callback.answered.contains(claimant)) {
                callback.answered.push(claimant);
            }
        }
        Event::CallbackWaived { reason } => order.callback.waived = Some(reason.clone()),
        Event::Redone { .. } => {
            order.redo += 1;
            order.callback.attempts.clear();
            order.callback.answers = None;
            order.callback.answered.clear();
            order.callback.waived = None;
        }
        Event::Closed { facts, text, .. } => {
            order.closed_at = Some(at);
            if !facts.is_empty() {
                order.facts.clone_from(facts);
            }
            set(&mut order.public, text);
        }
        Event::Archived => {
            if let State::Closed(outcome) = order.state {
                order.state = State::Archived(outcome);
            }
        }
        _ => {}
    }
}

fn on_task(order: &mut Order, event: &Event, at: Instant) {
    if let Event::TaskDelivered { task, parent, unit, role, first, ruled, praise, .. } = event {
        order.tasks.push(Task {
            no: *task,
            parent: *parent,
            unit: unit.clone(),
            role: *role,
            state: TaskState::Delivered,
            first: *first,
            ruled: *ruled,
            redo: order.redo,
            praise: *praise,
            delivered_at: at,
            commanded_at: None,
            phoned: false,
            contacted: false,
            scene: None,
            safe_at: None,
            feedback: None,
            handler: None,
        });
        // Work below the lead, or beside it while its answer is looked at, leaves the order where it is.
        if parent.is_none() && *role == Role::Lead {
            order.state = State::Assigned;
        }
        return;
    }
    let Some(no) = event.task() else { return };
    let Some(task) = (no.0 as usize).checked_sub(1).and_then(|at| order.tasks.get_mut(at)) else { return };
    let leads = task.leads_case();
    match event {
        Event::TaskAssigned { person, .. } => task.handler.clone_from(person),
        Event::TaskCommanded { .. } => task.commanded_at = Some(at),
        Event::TaskPhoned { .. } => task.phoned = true,
        Event::TaskSigned { .. } => task.state = TaskState::Signed,
        Event::TaskAccepted { .. } => task.state = TaskState::Accepted,
        Event::TaskContacted { reached, .. } => task.contacted |= reached,
        Event::TaskOnScene { at, place, safety, photo, .. } => {
            task.scene = Some(Scene { at: *at, place: place.clone(), safety: safety.clone(), photo: photo.clone() });
        }
        Event::TaskMadeSafe { .. } => task.safe_at = Some(at),
        Event::TaskFedBack { feedback, .. } => {
            task.state = TaskState::FedBack;
            task.feedback = Some(feedback.clone());
            if leads {
                order.facts.clone_from(&feedback.facts);
                order.public.clone_from(&feedback.public);
                order.state = State::Review;
            }
        }
        Event::TaskSentBack { .. } => {
            task.state = TaskState::Accepted;
            if leads {
                order.state = State::Assigned;
            }
        }
        Event::TaskDone { .. } => task.state = TaskState::Done,
        Event::TaskReturned { .. } => task.state = TaskState::Returned,
        Event::TaskRecalled { .. } => task.state = TaskState::Recalled,
        Event::TaskRuled { .. } => task.ruled = true,
        _ => {}
    }
    let gone = matches!(event, Event::TaskReturned { .. } | Event::TaskRecalled { .. });
    if leads && gone && order.state == State::Assigned {
        order.state = State::Registered;
    }
}

fn on_clock(order: &mut Order, event: &Event, at: Instant) {
    match event {
        Event::RequestAsked { request, task, ask, by } => {
            order.requests.push(super::Request {
                no: *request,
                task: *task,
                ask: ask.clone(),
                asked_at: at,
                decision: Decision::Asked,
                decided_at: None,
                by: *by,
            });
            return;
        }
        Event::RequestDecided { request, decision, .. } => {
            if let Some(request) = order.requests.iter_mut().find(|r| r.no == *request) {
                request.decision = *decision;
                request.decided_at = Some(at);
            }
            return;
        }
        Event::ClockStarted { clock } => {
            order.clocks.push((**clock).clone());
            return;
        }
        _ => {}
    }
    let Some(no) = event.clock() else { return };
    let Some(clock) = order.clocks.iter_mut().find(|clock| clock.no == no) else { return };
    match event {
        Event::ClockHalted { .. } => clock.state = ClockState::Halted(at),
        Event::ClockUnhalted { .. } => clock.state = ClockState::Running,
        Event::ClockPaused { .. } => clock.state = ClockState::Held(at),
        Event::ClockResumed { due, warn_at, alert_at, .. } => {
            clock.state = ClockState::Running;
            clock.due = *due;
            clock.warn_at = *warn_at;
            clock.alert_at = *alert_at;
        }
        Event::ClockExtended { due, warn_at, alert_at, .. } => {
            clock.due = *due;
            clock.warn_at = *warn_at;
            clock.alert_at = *alert_at;
            clock.extensions += 1;
            clock.fired.clear();
            clock.missed = None;
        }
        Event::ClockRecounted { original, due, warn_at, alert_at, calendar, .. } => {
            if due.at != clock.due.at {
                clock.fired.clear();
                clock.missed = None;
            }
            clock.original = *original;
            clock.due = *due;
            clock.warn_at = *warn_at;
            clock.alert_at = *alert_at;
            clock.calendar.clone_from(calendar);
        }
        Event::ClockStopped { at, .. } => {
            clock.state = ClockState::Stopped(*at);
            // What was done in time was not missed, even if it was recorded after the end was told of.
            clock.missed = clock.due.missed_by(*at).then_some(clock.due.at);
        }
        Event::ClockCancelled { .. } => clock.state = ClockState::Cancelled,
        Event::ClockFired { moment, .. } => {
            clock.fired.push(*moment);
            if *moment == Moment::Due {
                clock.missed = Some(clock.due.at);
            }
        }
        Event::ClockExcused { request, .. } => clock.excuses.push(*request),
        _ => {}
    }
}

impl Event {
    fn clock(&self) -> Option<crate::id::ClockNo> {
        match self {
            Self::ClockHalted { clock }
            | Self::ClockUnhalted { clock }
            | Self::ClockPaused { clock }
            | Self::ClockResumed { clock, .. }
            | Self::ClockExtended { clock, .. }
            | Self::ClockRecounted { clock, .. }
            | Self::ClockStopped { clock, .. }
            | Self::ClockCancelled { clock }
            | Self::ClockFired { clock, .. }
            | Self::ClockExcused { clock, .. } => Some(*clock),
            _ => None,
        }
    }
}
