//! A decision being made: events are applied as they are emitted, and clocks follow each of them.

use crate::{
    calendar::{Due, Ends, Span, Unit},
    id::{ClockNo, DutyNo, RequestNo, TaskNo},
    order::{
        Clock, ClockState, Context, Decision, Duty, Event, Order, Part, Refusal, Role, Standing, Task, TaskState, Text,
        Told, apply, signal,
    },
    policy::{Basis, Below, ClockRule, Level, Question, Ruled},
    time::{Day, Instant},
};

/// Clocks that a person's date set rather than a rule's span.
const DATED: &[&str] = &["pause", "shelving", "follow-up"];

/// Of these, those that hold the other clocks of their task.
const HOLDING: &[&str] = &["pause", "shelving"];

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
            // When the limit ended, whenever that was noticed.
            "missed" | "scene-missed" => {
                let of = if name == "missed" { "close" } else { "scene" };
                let ended = self.order.clocks.iter().filter(|clock| clock.name == of && clock.task == task);
                ended.filter_map(|clock| clock.missed).max().unwrap_or(self.now)
            }
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
        let path = at_task.map(|task| self.ctx.organisation.path(&task.unit)).unwrap_or_default();
        let question = Question {
            kind: order.kind.as_deref(),
            subject: order.subject.as_deref().and_then(|code| pack.subject(code)),
            urgency: order.urgency.code(),
            unit_kind,
            source: Some(order.channel.code()),
            assist: at_task.is_some_and(|task| task.role == Role::Assist),
            first: at_task.is_some_and(|task| task.first),
            below: at_task.is_some_and(|task| task.parent.is_some()),
            units: &path,
            mode: order.mode.as_deref(),
            governing: self.governing_day(),
        };
        let level = if task.is_some() { Level::Task } else { Level::Case };
        let mut no = self.next_clock().0;
        let ruled = pack.ask(&question, start, &[signal]);
        // Signals that also meet a limit which a statutory one sets aside.
        let notice = |name: &str| {
            let mut over = ruled.iter().filter(|r| r.governs && r.rule.statutory && r.rule.name == name);
            over.next().map_or_else(Vec::new, |r| r.rule.notice.clone())
        };
        ruled
            .iter()
            .filter(|ruled| ruled.rule.level == level)
            .filter(|ruled| {
                // A case clock starts once: re-routing and redo never start it again. Lying with the desk
                // again is another matter each time.
                level == Level::Task
                    || signal == "unassigned"
                    || !order.clocks.iter().any(|clock| {
                        clock.level == Level::Case
                            && clock.name == ruled.rule.name
                            && clock.state != ClockState::Cancelled
                    })
            })
            .map(|ruled| {
                let mut clock = self.clock(ClockNo(no), ruled, task, start);
                if clock.standing == Standing::Second && !ruled.rule.statutory {
                    clock.stop.extend(notice(&clock.name));
                }
                no += 1;
                clock
            })
            .collect()
    }

    /// When a limit of a task below another ends: within the upper one, and as the rule says of it.
    fn within_upper(&self, ruled: &Ruled<'_>, task: Option<TaskNo>, start: Instant) -> Due {
        let name = ruled.rule.name.as_str();
        let upper = task
            .and_then(|no| self.order.task(no)?.parent)
            .and_then(|parent| self.order.governing(name, Level::Task, Some(parent)))
            .filter(|_| name == "close" || ruled.rule.below.is_some())
            .map(|clock| clock.due);
        let Some(upper) = upper else { return ruled.due };
        let calendar = self.ctx.pack.calendar();
        let from = self.ctx.pack.counts_from(ruled.rule, start);
        let ends = self.ctx.pack.ends(ruled.rule);
        let due = match ruled.rule.below {
            Some(Below { offset: Some(offset), .. }) => calendar.earlier(upper, offset, ends),
            Some(Below { share: Some(share), .. }) => calendar.share(from, upper, share, ends),
            _ => ruled.due,
        };
        // What would leave no time at all leaves what the upper level has.
        if due.at > start && due.at < upper.at { due } else { upper }
    }

    fn clock(&self, no: ClockNo, ruled: &Ruled<'_>, task: Option<TaskNo>, start: Instant) -> Clock {
        let pack = self.ctx.pack;
        let due = self.within_upper(ruled, task, start);
        let warn_at = match ruled.rule.warn {
            Some(before) if due != ruled.due => Some(pack.calendar().warning(due, before)).filter(|at| *at > start),
            _ => ruled.warn_at,
        };
        Clock {
            no,
            name: ruled.rule.name.clone(),
            level: ruled.rule.level,
            task,
            rule: ruled.rule.rule.clone(),
            basis: ruled.basis.clone(),
            calendar: self.notice_of(due),
            start,
            due,
            original: due,
            warn_at: warn_at.filter(|at| *at < due.at),
            alert_at: self.alert(&ruled.rule.name, task, start, due),
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

    /// The holiday notice a limit was counted by: that of the year it ends in, or today's where that is not known.
    fn notice_of(&self, due: Due) -> String {
        let calendar = self.ctx.pack.calendar();
        let last = due.last.unwrap_or_else(|| calendar.zone().day(due.at));
        let notice = calendar.notice(last.date().year()).or_else(|| calendar.notice(self.today.date().year()));
        notice.unwrap_or_default().to_owned()
    }

    /// When the duty phone is called for a clock: so many percent of it gone.
    fn alert(&self, name: &str, task: Option<TaskNo>, start: Instant, due: Due) -> Option<Instant> {
        let pack = self.ctx.pack;
        let percent = match name {
            "accept" => pack.number("alert.unsigned_percent", self.governing_day()),
            "close" if task.is_some() => pack.number("alert.near_due_percent", self.governing_day()),
            _ => 0,
        };
        (percent > 0 && due.at > start).then(|| start.plus((due.at.ms() - start.ms()) * percent / 100))
    }

    /// The rule a clock was set by, as the pack has it now.
    fn rule_of(&self, clock: &Clock) -> Option<&'a ClockRule> {
        let role = clock.task.and_then(|no| self.order.task(no)).map(|task| task.role.code());
        self.ctx
            .pack
            .clock_rules()
            .iter()
            .filter(|rule| rule.rule == clock.rule && rule.name == clock.name && rule.level == clock.level)
            .find(|rule| rule.when.role.as_deref().is_none_or(|of| role == Some(of)))
    }

    /// When to warn and to call for a clock whose end has moved; not for an end that is already past.
    pub fn moments(&self, clock: &Clock, due: Due) -> (Option<Instant>, Option<Instant>) {
        if due.missed_by(self.now) {
            return (None, None);
        }
        let warn_at = match self.rule_of(clock).and_then(|rule| rule.warn) {
            Some(before) => Some(self.ctx.pack.calendar().warning(due, before)),
            None => clock.warn_at.map(|at| at.plus(due.at.ms() - clock.due.at.ms())),
        };
        let alert_at = self.alert(&clock.name, clock.task, clock.start, due);
        (warn_at.filter(|at| *at > clock.start && *at < due.at), alert_at)
    }

    /// A clock that a person's date sets (pause, shelving review, promise), not a rule's span.
    pub fn start_dated(&mut self, name: &str, task: Option<TaskNo>, last: Day, basis: Basis, stop: &[&str]) {
        // A date that a person named is certain, whatever notice is still to come.
        let due = Due { provisional: false, ..self.ctx.pack.calendar().end_of(last, last, false) };
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
                    let at = task
                        .and_then(|no| self.order.task(no))
                        .and_then(|task| task.scene.as_ref())
                        .map_or(self.now, |s| s.at);
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
            .filter(|clock| clock.is_unsettled())
            .map(|clock| clock.no)
            .collect();
        for clock in running {
            self.emit(Event::ClockCancelled { clock });
        }
    }

    /// Counts again, from their original start, the clocks that a correction changed.
    ///
    /// What was settled stays as it was. A limit that the matter now has and had not before starts where it would
    /// have; one that it has no longer is cancelled. Extensions and pauses count on the new limit too.
    pub fn recount_clocks(&mut self) {
        for (task, signal, start) in self.starts() {
            let gone: Vec<Clock> = self
                .order
                .clocks
                .iter()
                .filter(|clock| clock.task == task && clock.start == start && clock.is_unsettled())
                .filter(|clock| self.start_signal(clock) == Some(signal.as_str()))
                .cloned()
                .collect();
            let keep = self.order.clone();
            for clock in &gone {
                // Out of the way for the asking; nothing is emitted yet.
                if let Some(clock) = self.order.clocks.iter_mut().find(|c| c.no == clock.no) {
                    clock.state = ClockState::Cancelled;
                }
            }
            let mut fresh = self.ruled(&signal, task, start);
            fresh.retain(|new| gone.iter().any(|old| old.name == new.name) || self.starts_late(new));
            self.order = keep;
            let same = fresh.len() == gone.len()
                && fresh.iter().zip(&gone).all(|(new, old)| {
                    new.name == old.name
                        && new.rule == old.rule
                        && new.original == old.original
                        && new.standing == old.standing
                });
            if same {
                continue;
            }
            for clock in &gone {
                self.emit(Event::ClockCancelled { clock: clock.no });
            }
            for mut clock in fresh {
                clock.no = self.next_clock();
                self.carry_over(&mut clock, &gone);
                self.emit(Event::ClockStarted { clock: Box::new(clock) });
            }
        }
    }

    /// Moves what was counted through a year without a notice, where the notice is known now. Gives whether any moved.
    pub fn recount_provisional(&mut self) -> bool {
        let open: Vec<Clock> = self
            .order
            .clocks
            .iter()
            .filter(|clock| clock.is_unsettled() && (clock.due.provisional || clock.original.provisional))
            .cloned()
            .collect();
        let mut moved = false;
        for old in open {
            let Some(mut fresh) = self.counted_again(&old) else { continue };
            self.carry_over(&mut fresh, std::slice::from_ref(&old));
            if fresh.due == old.due && fresh.original == old.original {
                continue;
            }
            moved = true;
            let Clock { original, due, warn_at, alert_at, calendar, .. } = fresh;
            self.emit(Event::ClockRecounted { clock: old.no, original, due, warn_at, alert_at, calendar });
        }
        moved
    }

    /// A clock as its rule would set it now at its start.
    fn counted_again(&mut self, old: &Clock) -> Option<Clock> {
        let signal = self.start_signal(old)?;
        let keep = self.order.clone();
        for clock in &mut self.order.clocks {
            if (clock.task, clock.level, &clock.name) == (old.task, old.level, &old.name) {
                // Out of the way for the asking; nothing is emitted yet.
                clock.state = ClockState::Cancelled;
            }
        }
        let fresh = self.ruled(signal, old.task, old.start);
        self.order = keep;
        fresh.into_iter().find(|new| new.rule == old.rule && new.name == old.name && new.level == old.level)
    }

    /// Everything that started clocks which may still run: the task, the signal and when it was.
    fn starts(&self) -> Vec<(Option<TaskNo>, String, Instant)> {
        let order = &self.order;
        let mut starts: Vec<(Option<TaskNo>, String, Instant)> = order
            .clocks
            .iter()
            .filter(|clock| clock.is_unsettled())
            .filter_map(|clock| Some((clock.task, self.start_signal(clock)?.to_owned(), clock.start)))
            .collect();
        let add = |starts: &mut Vec<_>, task: Option<TaskNo>, signal: &str, at: Instant| {
            if !starts.iter().any(|(t, s, _): &(Option<TaskNo>, String, Instant)| *t == task && s == signal) {
                starts.push((task, signal.to_owned(), at));
            }
        };
        let received =
            self.ctx.pack.word("intake.clock_from", self.ctx.pack.zone().day(order.taken_in_at)) == "received";
        add(&mut starts, None, "taken-in", if received { order.received_at } else { order.taken_in_at });
        if let Some(at) = order.registered_at {
            add(&mut starts, None, "registered", at);
        }
        if let Some(first) = order.tasks.iter().find(|task| task.leads_case() && !task.praise) {
            add(&mut starts, None, "dispatched", first.delivered_at);
        }
        for task in order.tasks.iter().filter(|task| task.state.is_open() || task.state == TaskState::FedBack) {
            add(&mut starts, Some(task.no), "delivered", task.delivered_at);
        }
        starts.sort();
        starts.dedup();
        starts
    }

    /// The signal that started a clock, by its rule.
    fn start_signal(&self, clock: &Clock) -> Option<&'a str> {
        if DATED.contains(&clock.name.as_str()) {
            return None;
        }
        self.rule_of(clock).map(|rule| rule.start.as_str())
    }

    /// Whether a limit that a correction brought may still start: it was never on this case or task, and what
    /// stops it has not happened.
    fn starts_late(&self, new: &Clock) -> bool {
        let known = self.order.clocks.iter().any(|clock| {
            clock.name == new.name
                && clock.level == new.level
                && clock.task == new.task
                && clock.state != ClockState::Cancelled
        });
        !known && !new.stop.iter().any(|stop| signal::happened(&self.order, stop, new.task))
    }

    /// Gives a clock counted again what happened to those it replaces.
    fn carry_over(&self, clock: &mut Clock, gone: &[Clock]) {
        let Some(old) =
            gone.iter().filter(|old| old.name == clock.name).max_by_key(|old| old.standing == Standing::Governs)
        else {
            return;
        };
        let calendar = self.ctx.pack.calendar();
        let concerns = |no: TaskNo| self.order.task(no).is_some_and(|task| clock.moves_with(task));
        let mut moves: Vec<(Instant, Option<Span>, Instant)> = Vec::new();
        if clock.extendable {
            moves.extend(
                self.order.requests.iter().filter(|r| r.decision == Decision::Granted && concerns(r.task)).filter_map(
                    |r| match &r.ask {
                        crate::order::Ask::Extension { span, .. } => Some((r.decided_at?, Some(*span), r.decided_at?)),
                        _ => None,
                    },
                ),
            );
        }
        if clock.pausable {
            moves.extend(self.order.clocks.iter().filter(|c| HOLDING.contains(&c.name.as_str())).filter_map(|c| {
                match c.state {
                    ClockState::Stopped(until) if c.task.is_some_and(concerns) => Some((c.start, None, until)),
                    _ => None,
                }
            }));
        }
        moves.retain(|(from, ..)| *from >= clock.start);
        moves.sort_by_key(|(from, _, until)| (*from, *until));
        for (from, span, until) in moves {
            match span {
                Some(span) => clock.due = calendar.extend(clock.due, span, self.ends_of(clock)),
                None if clock.due.missed_by(from) => {}
                None => clock.due = calendar.shift(clock.due, from, until, self.unit_of(clock), self.ends_of(clock)),
            }
        }
        (clock.warn_at, clock.alert_at) = self.moments(clock, clock.due);
        clock.extensions = if clock.extendable { old.extensions } else { 0 };
        clock.excuses.clone_from(&old.excuses);
        clock.state = match old.state {
            ClockState::Held(_) if !clock.pausable => ClockState::Running,
            state => state,
        };
    }

    /// What a clock counts.
    fn unit_of(&self, clock: &Clock) -> Unit {
        let day = self.governing_day();
        self.rule_of(clock)
            .and_then(|rule| rule.value.iter().rev().find(|value| value.from <= day).or(rule.value.first()))
            .map_or(Unit::Workday, |value| value.unit)
    }

    /// How the days of a clock end.
    pub fn ends_of(&self, clock: &Clock) -> Ends {
        self.rule_of(clock).map(|rule| self.ctx.pack.ends(rule)).unwrap_or_default()
    }

    /// Where the count of a clock began.
    pub fn counted_from(&self, clock: &Clock) -> Instant {
        self.rule_of(clock).map_or(clock.start, |rule| self.ctx.pack.counts_from(rule, clock.start))
    }

    /// The clocks that a request or pause of a task moves or holds.
    pub fn moved_by(&self, task: &Task) -> Vec<Clock> {
        self.order.clocks.iter().filter(|clock| clock.is_unsettled() && clock.moves_with(task)).cloned().collect()
    }

    /// Whether a task is paused or shelved: the clock that says until when.
    pub fn holding(&self, task: TaskNo, name: Option<&str>) -> Option<ClockNo> {
        self.order
            .clocks
            .iter()
            .find(|clock| {
                clock.task == Some(task)
                    && HOLDING.contains(&clock.name.as_str())
                    && name.is_none_or(|name| clock.name == name)
                    && clock.is_running()
            })
            .map(|clock| clock.no)
    }

    /// Holds the clocks of a task.
    pub fn hold(&mut self, task: &Task) {
        for clock in self.moved_by(task) {
            if clock.pausable && clock.state == ClockState::Running {
                self.emit(Event::ClockPaused { clock: clock.no });
            }
        }
    }

    /// Lets the held clocks of a task run on, later by what the pause took.
    pub fn release_held(&mut self, task: &Task) {
        for clock in self.moved_by(task) {
            let ClockState::Held(since) = clock.state else { continue };
            if !clock.pausable {
                continue;
            }
            // What was missed before the pause stays missed.
            let missed = clock.missed.is_some() || clock.due.missed_by(since);
            let (unit, ends) = (self.unit_of(&clock), self.ends_of(&clock));
            let shifted = || self.ctx.pack.calendar().shift(clock.due, since, self.now, unit, ends);
            let due = if missed { clock.due } else { shifted() };
            let (warn_at, alert_at) = if missed { (None, None) } else { self.moments(&clock, due) };
            self.emit(Event::ClockResumed { clock: clock.no, due, warn_at, alert_at });
        }
    }

    /// Ends a pause or shelving of a task, as when it answers or leaves the unit.
    pub fn end_hold(&mut self, no: TaskNo) {
        let Some(task) = self.order.task(no).cloned() else { return };
        if let Some(clock) = self.holding(no, None) {
            self.emit(Event::ClockStopped { clock, at: self.now });
            self.release_held(&task);
        }
    }

    /// Ends requests of a task (or all) that events have overtaken.
    pub fn withdraw_requests(&mut self, task: Option<TaskNo>) {
        let pending: Vec<RequestNo> = self
            .order
            .pending()
            .filter(|request| task.is_none_or(|task| request.task == task))
            .map(|request| request.no)
            .collect();
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
            self.end_hold(task);
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
        self.owe_to(on, text, |_| true);
    }

    /// The same for some of them.
    pub fn owe_to(&mut self, on: &str, text: Option<Text>, of: impl Fn(&Part) -> bool) {
        let Some(tell) = self.ctx.pack.tell(on, self.order.kind.as_deref()) else { return };
        let Ok(what) = Told::try_from(tell.what.as_str()) else { return };
        let basis = self.ctx.pack.basis(&tell.cite);
        let parts: Vec<Part> = self.order.active_parts().filter(|part| of(part)).cloned().collect();
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
