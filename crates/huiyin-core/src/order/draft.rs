//! A decision being made: events are applied as they are emitted, and clocks follow each of them.

use crate::{
    calendar::{Due, Span, Unit},
    id::{ClockNo, DutyNo, RequestNo, TaskNo},
    order::{
        Clock, ClockState, Context, Decision, Duty, Event, Order, Part, Refusal, Role, Standing, TaskState, Text,
        Told, apply, signal,
    },
    policy::{Basis, Level, Question, Ruled},
    time::{Day, Instant},
};

/// What a command's function gives.
pub(super) type Step = Result<(), Refusal>;

pub(super) struct Draft<'a> {
    pub order: Order,
    pub ctx: &'a Context<'a>,
    /// Now, and never before the order's last event.
    pub now: Instant,
    /// Today in the city's zone.
    pub today: Day,
    pub events: Vec<Event>,
}

impl<'a> Draft<'a> {
    pub fn new(order: &Order, ctx: &'a Context<'a>) -> Self {
        let now = ctx.now.max(order.at);
        Self { order: order.clone(), ctx, now, today: ctx.pack.zone().day(now), events: Vec::new() }
    }

    /// Adds an event, applies it, and lets the clocks follow.
    pub fn emit(&mut self, event: Event) {
        self.order = apply(std::mem::replace(&mut self.order, Order::blank("".into(), self.now)), &event, self.now);
        let signals = signal::of(&self.order, &event);
        self.events.push(event);
        for (name, task) in signals {
            self.stop_clocks(name, task);
            self.start_clocks(name, task);
        }
    }

    /// The day whose rule values govern.
    pub fn governing_day(&self) -> Day {
        self.order.pinned.unwrap_or(self.today)
    }

    /// The basis of a parameter.
    pub fn param_basis(&self, name: &str) -> Vec<Basis> {
        self.ctx.pack.parameter_basis(name, self.governing_day())
    }

    pub fn next_task(&self) -> TaskNo {
        TaskNo(self.order.tasks.len() as u32 + 1)
    }

    pub fn next_request(&self) -> RequestNo {
        RequestNo(self.order.requests.len() as u32 + 1)
    }

    fn next_clock(&self) -> ClockNo {
        ClockNo(self.order.clocks.len() as u32 + 1)
    }

    /// The clocks this signal starts.
    fn start_clocks(&mut self, name: &str, task: Option<TaskNo>) {
        let pack = self.ctx.pack;
        let start = match name {
            "taken-in" if pack.word("intake.clock_from", self.today) == "received" => self.order.received_at,
            _ => self.now,
        };
        for clock in self.ruled(name, task, start) {
            self.emit(Event::ClockStarted { clock: Box::new(clock) });
        }
    }

    /// The clocks a signal would start at a moment, numbered on from the order's.
    fn ruled(&self, signal: &str, task: Option<TaskNo>, start: Instant) -> Vec<Clock> {
        let (pack, order) = (self.ctx.pack, &self.order);
        let at_task = task.and_then(|no| order.task(no));
        if at_task.is_some_and(|task| task.praise) {
            return Vec::new();
        }
        let unit_kind = at_task.and_then(|task| self.ctx.organisation.unit(&task.unit)).map(|unit| unit.kind.as_str());
        // A case clock is asked for the unit the case went to first.
        let unit_kind = unit_kind.or_else(|| {
            let lead = order.tasks.iter().find(|task| task.leads_case())?;
            self.ctx.organisation.unit(&lead.unit).map(|unit| unit.kind.as_str())
        });
        let question = Question {
            kind: order.kind.as_deref(),
            subject: order.subject.as_deref().and_then(|code| pack.subject(code)),
            urgency: order.urgency.code(),
            unit_kind,
            source: Some(order.channel.code()),
            assist: at_task.is_some_and(|task| task.role == Role::Assist),
            first: at_task.is_some_and(|task| task.first),
            governing: self.governing_day(),
        };
        let level = if task.is_some() { Level::Task } else { Level::Case };
        let cap = at_task
            .and_then(|task| task.parent)
            .and_then(|parent| order.governing("close", Level::Task, Some(parent)))
            .map(|clock| clock.due);
        let mut no = self.next_clock().0;
        pack.ask(&question, start, &[signal])
            .into_iter()
            .filter(|ruled| ruled.rule.level == level)
            .filter(|ruled| {
                // A case clock starts once: re-routing and redo never start it again. Lying with the desk
                // again is another matter each time.
                level == Level::Task
                    || signal == "unassigned"
                    || !order.clocks.iter().any(|clock| {
                        clock.level == Level::Case && clock.name == ruled.rule.name && clock.state != ClockState::Cancelled
                    })
            })
            .map(|ruled| {
                let clock = self.clock(ClockNo(no), &ruled, task, start, cap);
                no += 1;
                clock
            })
            .collect()
    }

    fn clock(&self, no: ClockNo, ruled: &Ruled<'_>, task: Option<TaskNo>, start: Instant, cap: Option<Due>) -> Clock {
        let pack = self.ctx.pack;
        // A lower level answers within the limit of the level above it.
        let due = cap.filter(|cap| ruled.rule.name == "close" && cap.at < ruled.due.at).unwrap_or(ruled.due);
        let percent = match ruled.rule.name.as_str() {
            "accept" => pack.number("alert.unsigned_percent", self.governing_day()),
            "close" if task.is_some() => pack.number("alert.near_due_percent", self.governing_day()),
            _ => 0,
        };
        Clock {
            no,
            name: ruled.rule.name.clone(),
            level: ruled.rule.level,
            task,
            rule: ruled.rule.rule.clone(),
            basis: ruled.basis.clone(),
            calendar: pack.calendar().notice(self.today.date().year()).unwrap_or_default().to_owned(),
            start,
            due,
            original: due,
            warn_at: ruled.warn_at.filter(|at| *at < due.at),
            alert_at: (percent > 0).then(|| start.plus((due.at.ms() - start.ms()) * percent / 100)),
            standing: match (ruled.governs, ruled.yields) {
                (true, _) => Standing::Governs,
                (false, false) => Standing::Second,
                (false, true) => Standing::Yields,
            },
            breach: ruled.rule.breach,
            excusable: ruled.rule.excusable,
            extendable: ruled.rule.extendable,
            pausable: ruled.rule.pausable,
            stop: ruled.rule.stop.clone(),
            state: ClockState::Running,
            fired: Vec::new(),
            missed: None,
            excuses: Vec::new(),
            extensions: 0,
        }
    }

    /// A clock that a person's date sets (pause, shelving review, promise), not a rule's span.
    pub fn start_dated(&mut self, name: &str, task: Option<TaskNo>, last: Day, basis: Basis, stop: &[&str]) {
        let due = self.ctx.pack.calendar().end_of(last, last);
        let warn_at = self.ctx.pack.calendar().warning(due, Span { amount: 1, unit: Unit::Workday });
        let clock = Clock {
            no: self.next_clock(),
            name: name.to_owned(),
            level: if task.is_some() { Level::Task } else { Level::Case },
            task,
            rule: name.to_owned(),
            basis,
            calendar: self.ctx.pack.calendar().notice(last.date().year()).unwrap_or_default().to_owned(),
            start: self.now,
            due,
            original: due,
            warn_at: Some(warn_at).filter(|at| *at > self.now),
            alert_at: None,
            standing: Standing::Governs,
            breach: true,
            excusable: false,
            extendable: false,
            pausable: false,
            stop: stop.iter().map(|&s| s.to_owned()).collect(),
            state: ClockState::Running,
            fired: Vec::new(),
            missed: None,
            excuses: Vec::new(),
            extensions: 0,
        };
        self.emit(Event::ClockStarted { clock: Box::new(clock) });
    }

    /// The clocks this signal stops: an answer only halts them until it passes review.
    fn stop_clocks(&mut self, name: &str, task: Option<TaskNo>) {
        let stopped: Vec<ClockNo> = self
            .order
            .clocks
            .iter()
            .filter(|clock| clock.task == task && clock.stop.iter().any(|stop| stop == name))
            .filter(|clock| matches!(clock.state, ClockState::Running | ClockState::Held(_)))
            .map(|clock| clock.no)
            .collect();
        for clock in stopped {
            match name {
                "feedback" => self.emit(Event::ClockHalted { clock }),
                "on-scene" => {
                    let at = task.and_then(|no| self.order.task(no)).and_then(|task| task.scene.as_ref()).map_or(self.now, |s| s.at);
                    self.emit(Event::ClockStopped { clock, at });
                }
                _ => self.emit(Event::ClockStopped { clock, at: self.now }),
            }
        }
    }

    /// What an accepted answer leaves behind: its clocks stopped when it was given.
    pub fn settle_clocks(&mut self, task: Option<TaskNo>) {
        let halted: Vec<(ClockNo, Instant)> = self
            .order
            .clocks
            .iter()
            .filter(|clock| clock.task == task)
            .filter_map(|clock| match clock.state {
                ClockState::Halted(at) => Some((clock.no, at)),
                _ => None,
            })
            .collect();
        for (clock, at) in halted {
            self.emit(Event::ClockStopped { clock, at });
        }
    }

    /// What an answer sent back leaves behind: its clocks never stopped.
    pub fn unhalt_clocks(&mut self, task: Option<TaskNo>) {
        let halted: Vec<ClockNo> = self
            .order
            .clocks
            .iter()
            .filter(|clock| clock.task == task && matches!(clock.state, ClockState::Halted(_)))
            .map(|clock| clock.no)
            .collect();
        for clock in halted {
            self.emit(Event::ClockUnhalted { clock });
        }
    }

    /// Cancels the clocks that still run: all of a task, or with none all of the case and its tasks.
    pub fn cancel_clocks(&mut self, task: Option<TaskNo>) {
        let running: Vec<ClockNo> = self
            .order
            .clocks
            .iter()
            .filter(|clock| task.is_none() || clock.task == task)
            .filter(|clock| !matches!(clock.state, ClockState::Stopped(_) | ClockState::Cancelled))
            .map(|clock| clock.no)
            .collect();
        for clock in running {
            self.emit(Event::ClockCancelled { clock });
        }
    }

    /// Starts again, from their original start, the clocks of a name that a correction changed.
    pub fn recount_clocks(&mut self) {
        let old: Vec<Clock> = self
            .order
            .clocks
            .iter()
            .filter(|clock| matches!(clock.state, ClockState::Running) && !matches!(clock.name.as_str(), "pause" | "shelving" | "follow-up" | "scene"))
            .cloned()
            .collect();
        let mut starts: Vec<(Option<TaskNo>, Instant)> = old.iter().map(|clock| (clock.task, clock.start)).collect();
        starts.sort();
        starts.dedup();
        for (task, start) in starts {
            let gone: Vec<&Clock> = old.iter().filter(|clock| clock.task == task && clock.start == start).collect();
            let signals: &[&str] = if task.is_some() { &["delivered"] } else { &["taken-in", "dispatched"] };
            let mut fresh = Vec::new();
            let keep = self.order.clone();
            for clock in &gone {
                // Out of the way for the asking; nothing is emitted yet.
                if let Some(clock) = self.order.clocks.iter_mut().find(|c| c.no == clock.no) {
                    clock.state = ClockState::Cancelled;
                }
            }
            for signal in signals {
                fresh.extend(self.ruled(signal, task, start));
            }
            self.order = keep;
            fresh.retain(|clock| gone.iter().any(|old| old.name == clock.name));
            let same = fresh.len() == gone.len()
                && fresh.iter().zip(&gone).all(|(new, old)| new.name == old.name && new.rule == old.rule && new.original == old.original);
            if same {
                continue;
            }
            for clock in gone {
                self.emit(Event::ClockCancelled { clock: clock.no });
            }
            for mut clock in fresh {
                clock.no = self.next_clock();
                self.emit(Event::ClockStarted { clock: Box::new(clock) });
            }
        }
    }

    /// Ends requests of a task (or all) that events have overtaken.
    pub fn withdraw_requests(&mut self, task: Option<TaskNo>) {
        let pending: Vec<RequestNo> =
            self.order.pending().filter(|request| task.is_none_or(|task| request.task == task)).map(|request| request.no).collect();
        for request in pending {
            self.emit(Event::RequestDecided { request, decision: Decision::Withdrawn, note: None });
        }
    }

    /// Recalls the open tasks below one, or with none all of the order.
    pub fn recall_open(&mut self, below: Option<TaskNo>, reason: &str) {
        let mut open: Vec<TaskNo> = self
            .order
            .tasks
            .iter()
            .filter(|task| task.state.is_open() || task.state == TaskState::FedBack)
            .filter(|task| below.is_none_or(|above| self.lies_below(task.no, above)))
            .map(|task| task.no)
            .collect();
        // The deepest first, so that no child outlives its parent.
        open.reverse();
        for task in open {
            self.withdraw_requests(Some(task));
            self.cancel_clocks(Some(task));
            self.emit(Event::TaskRecalled { task, reason: reason.to_owned() });
        }
    }

    fn lies_below(&self, task: TaskNo, above: TaskNo) -> bool {
        let mut at = self.order.task(task).and_then(|task| task.parent);
        while let Some(no) = at {
            if no == above {
                return true;
            }
            at = self.order.task(no).and_then(|task| task.parent);
        }
        false
    }

    /// Owes each claimant what the pack says of this event.
    pub fn owe(&mut self, on: &str, text: Option<Text>) {
        let Some(tell) = self.ctx.pack.tell(on, self.order.kind.as_deref()) else { return };
        let Ok(what) = Told::try_from(tell.what.as_str()) else { return };
        let basis = self.ctx.pack.basis(&tell.cite);
        let parts: Vec<Part> = self.order.active_parts().cloned().collect();
        for part in parts {
            if self.order.duties.iter().any(|d| d.what == what && d.claimant == part.claimant && d.told_at.is_none()) {
                continue;
            }
            let no = DutyNo(self.order.duties.len() as u32 + 1);
            let duty = Duty {
                no,
                what,
                claimant: part.claimant.clone(),
                owed_at: self.now,
                basis: basis.clone(),
                text: text.clone(),
                told_at: None,
                impossible: false,
            };
            self.emit(Event::DutyOwed { duty });
            if !part.reachable {
                self.emit(Event::DutyTold { duty: no, impossible: true, record: None });
            }
        }
    }
}
