//! Return, extension, pause, shelving, excuse, approval: asked by a unit, decided by the level above.

use super::{at_work, reason, task};
use crate::{
    calendar::{Ends, Span},
    id::{ClockNo, RequestNo, TaskNo, UnitId},
    order::{
        Ask, Clock, ClockState, Context, Decision, Event, Order, Outcome, Refusal, Request, State, Task, Text,
        draft::{Draft, Step},
    },
    policy::{Approver, Decides, Level},
    time::Day,
};

fn ask(d: &mut Draft<'_>, no: TaskNo, ask: Ask) -> Step {
    let code = ask.code();
    if d.order.pending().any(|r| r.task == no && r.ask.code() == code) {
        return Err(
            Refusal::new("request.pending", format!("a {code} is already being decided")).instead(["withdraw-request"])
        );
    }
    let by = decider(d, no, &ask)?;
    let request = d.next_request();
    d.emit(Event::RequestAsked { request, task: no, ask, by });
    Ok(())
}

/// The row of the pack that says who decides a request; none where it has no row that holds.
fn approver<'a>(d: &Draft<'a>, no: TaskNo, ask: &Ask) -> Option<&'a Approver> {
    let among = |list: &[String], word: &str| list.is_empty() || list.iter().any(|entry| entry == word);
    let before = granted(d, no, ask.code());
    let pack = d.ctx.pack;
    pack.approvers(ask.code()).find(|row| {
        among(&row.kinds, d.order.kind.as_deref().unwrap_or_default())
            && among(&row.urgency, d.order.urgency.code())
            && row.nth.is_none_or(|nth| before < i64::from(nth))
            && fits(d, no, ask, row)
    })
}

/// The row of the pack by which somebody decides a request of an order; none where the level above does, by no row.
pub fn approver_of<'a>(order: &Order, request: &Request, ctx: &'a Context<'a>) -> Option<&'a Approver> {
    approver(&Draft::new(order, ctx), request.task, &request.ask)
}

/// Who decides a request by the pack; none where the level above the task does.
fn decider(d: &Draft<'_>, no: TaskNo, ask: &Ask) -> Result<Option<Decides>, Refusal> {
    let (pack, code) = (d.ctx.pack, ask.code());
    let mut basis = pack.approvers(code).map(|row| pack.basis(&row.cite)).peekable();
    if basis.peek().is_none() {
        return Ok(None);
    }
    if let Some(row) = approver(d, no, ask) {
        return Ok(Some(row.by).filter(|by| *by != Decides::Above));
    }
    Err(Refusal::new(
        &format!("{code}.beyond"),
        format!("nobody may grant this {code}: it is longer, or one more, than the rules allow"),
    )
    .by(basis)
    .instead([format!("a shorter {code}"), "feedback".to_owned()]))
}

/// Whether an extension is no longer than a row allows; what is no extension has no length.
fn fits(d: &Draft<'_>, no: TaskNo, ask: &Ask, row: &Approver) -> bool {
    let (Ask::Extension { span, .. }, Ok(clock)) = (ask, close_clock(d, no)) else { return true };
    let (calendar, from) = (d.ctx.pack.calendar(), d.counted_from(clock));
    let end = |span: Span| calendar.due(from, span, Ends::default()).at.ms();
    let within_length = row.up_to.is_none_or(|most| end(*span) <= end(most));
    let within_share = row.share.is_none_or(|share| {
        let original = calendar.units(from, clock.original, span.unit);
        i64::from(span.amount) * 100 <= original * i64::from(share)
    });
    within_length && within_share
}

/// How often a kind of request was granted: on the task, or for the lead on the whole case since its last redo.
fn granted(d: &Draft<'_>, no: TaskNo, code: &str) -> i64 {
    let Some(own) = d.order.task(no) else { return 0 };
    let counts = |other: &Task| other.no == no || (own.leads_case() && other.leads_case() && own.redo == other.redo);
    d.order
        .requests
        .iter()
        .filter(|r| r.ask.code() == code && r.decision == Decision::Granted)
        .filter(|r| d.order.task(r.task).is_some_and(counts))
        .count() as i64
}

/// The longest that may be asked for, whatever the pack allows.
const LONGEST: i64 = 10 * 366 * 86_400_000;

/// Whether an amount of time is more than anyone may ask for.
fn too_long(span: Span) -> bool {
    // A day has at least one working hour.
    let ms = span.ms().or(span.work_ms().map(|ms| ms * 24)).unwrap_or_else(|| i64::from(span.amount) * 86_400_000);
    ms > LONGEST
}

pub(in crate::order) fn give_back(
    d: &mut Draft<'_>,
    no: TaskNo,
    code: &str,
    basis: &Option<Text>,
    suggestion: &Option<UnitId>,
) -> Step {
    let held = task(d, no)?;
    let why = reason(d, "return", code)?;
    let by = || [d.ctx.pack.basis(&why.cite)];
    let day = d.governing_day();
    if held.praise {
        return Err(Refusal::new("return.praise", "praise is only confirmed").instead(["confirm-receipt"]));
    }
    if held.ruled {
        return Err(Refusal::new("return.ruled", "a ruling sent it here; it may not be returned")
            .by(by())
            .instead(["feedback", "extend"]));
    }
    if d.order.open_child_lead(no).is_some() {
        return Err(Refusal::new("return.still_below", "it is with a unit below; recall it first").instead(["recall"]));
    }
    let before = d
        .order
        .requests
        .iter()
        .filter(|r| matches!(r.ask, Ask::Return { .. }) && matches!(r.decision, Decision::Granted | Decision::Refused))
        .filter(|r| d.order.task(r.task).is_some_and(|t| t.unit == held.unit))
        .count() as i64;
    if before >= d.ctx.pack.number("return.per_unit", day) {
        return Err(Refusal::new(
            "return.count_used_up",
            "the unit has used its returns for this order; the office must rule",
        )
        .by(d.param_basis("return.per_unit"))
        .instead(["feedback"]));
    }
    if let Some(window) = d.order.governing("return", Level::Task, Some(no))
        && window.due.missed_by(d.now)
    {
        return Err(Refusal::new(
            "return.window_closed",
            format!("the window for returning ended {}", d.ctx.pack.zone().rfc3339(window.due.at)),
        )
        .by([window.basis.clone()])
        .instead(["feedback", "extend"]));
    }
    if basis.is_none() && d.ctx.pack.flag("return.basis_required", day) {
        return Err(Refusal::new("return.basis_missing", "name the provision or duty the return rests on")
            .by(d.param_basis("return.basis_required"))
            .instead(["basis"]));
    }
    match suggestion {
        None if d.ctx.pack.flag("return.suggestion_required", day) => {
            return Err(Refusal::new("return.suggestion_missing", "name the unit it belongs to")
                .by(d.param_basis("return.suggestion_required"))
                .instead(["suggestion"]));
        }
        Some(unit) if d.ctx.organisation.unit(unit).is_none() => {
            return Err(Refusal::new("unit.unknown", format!("no unit is called `{unit}`")));
        }
        Some(unit) if *unit == held.unit => {
            return Err(Refusal::new("return.suggests_itself", "the suggested unit is the returning unit"));
        }
        _ => {}
    }
    ask(d, no, Ask::Return { reason: code.to_owned(), basis: basis.clone(), suggestion: suggestion.clone() })
}

/// The clock an extension moves first: the task's own close clock.
fn close_clock<'a>(d: &'a Draft<'_>, no: TaskNo) -> Result<&'a Clock, Refusal> {
    d.order
        .governing("close", Level::Task, Some(no))
        .filter(|clock| matches!(clock.state, ClockState::Running | ClockState::Held(_)))
        .ok_or_else(|| Refusal::new("request.no_clock", "no limit runs on this task"))
}

/// Refuses what the pack forbids at the order's urgency; asked when a request is made and again when it is granted.
fn urgency_allows(d: &Draft<'_>, what: &str, instead: [&str; 2]) -> Step {
    let name = format!("{what}.forbidden_urgency");
    if !d.ctx.pack.lists(&name, d.governing_day(), d.order.urgency.code()) {
        return Ok(());
    }
    Err(Refusal::new(&format!("{what}.urgency"), format!("no {what} on an order marked `{}`", d.order.urgency))
        .by(d.param_basis(&name))
        .instead(instead))
}

pub(in crate::order) fn extend(d: &mut Draft<'_>, no: TaskNo, span: Span, code: &str) -> Step {
    reason(d, "extension", code)?;
    let day = d.governing_day();
    let pack = d.ctx.pack;
    urgency_allows(d, "extension", ["excuse", "feedback"])?;
    let count = pack.number("extension.count", day);
    if granted(d, no, "extension") >= count {
        return Err(Refusal::new("extension.count_used_up", format!("at most {count} extension is granted"))
            .by(d.param_basis("extension.count"))
            .instead(["shelve", "feedback"]));
    }
    let clock = close_clock(d, no)?.clone();
    if !clock.extendable {
        return Err(Refusal::new("extension.clock_fixed", "this limit cannot be extended").by([clock.basis]));
    }
    if clock.due.missed_by(d.now) {
        return Err(Refusal::new(
            "extension.too_late",
            format!("an extension is asked before the limit ends; it ended {}", pack.zone().rfc3339(clock.due.at)),
        )
        .by(d.param_basis("extension.count"))
        .instead(["excuse", "feedback"]));
    }
    if span.amount == 0 {
        return Err(Refusal::new("extension.nothing", "ask for at least one"));
    }
    if too_long(span) {
        return Err(Refusal::new("extension.too_long", "nobody grants more than ten years")
            .instead(["a shorter extension", "shelve"]));
    }
    if pack.flag("extension.within_original", day) && longer_than_original(d, &clock, span) {
        return Err(Refusal::new("extension.longer_than_original", "an extension is not longer than the limit itself")
            .by(d.param_basis("extension.within_original"))
            .instead(["a shorter extension", "shelve"]));
    }
    ask(d, no, Ask::Extension { span, reason: code.to_owned() })
}

fn longer_than_original(d: &Draft<'_>, clock: &Clock, span: Span) -> bool {
    let calendar = d.ctx.pack.calendar();
    match (clock.original.last, span.ms()) {
        (None, Some(ms)) => ms > clock.original.at.ms() - clock.start.ms(),
        // The same start with the asked amount would end later than the limit did.
        (_, None) => calendar.due(d.counted_from(clock), span, d.ends_of(clock)).at > clock.original.at,
        (Some(_), Some(ms)) => ms > clock.original.at.ms() - clock.start.ms(),
    }
}

pub(in crate::order) fn pause(d: &mut Draft<'_>, no: TaskNo, code: &str, until: Day) -> Step {
    reason(d, "pause", code)?;
    let day = d.governing_day();
    let count = d.ctx.pack.number("pause.count", day);
    if granted(d, no, "pause") >= count {
        return Err(Refusal::new("pause.count_used_up", format!("at most {count} pauses are granted"))
            .by(d.param_basis("pause.count")));
    }
    let clock = close_clock(d, no)?;
    if !clock.pausable || clock.state != ClockState::Running {
        return Err(Refusal::new("pause.clock_not_running", "the limit does not run now, or cannot be paused")
            .by([clock.basis.clone()]));
    }
    if until < d.today {
        return Err(Refusal::new("pause.in_past", "the pause would end before today"));
    }
    if let Some(longest) = d.ctx.pack.span("pause.longest", day)
        && d.ctx.pack.calendar().end_of(d.today, until, false).at
            > d.ctx.pack.calendar().due(d.now, longest, Ends::default()).at
    {
        return Err(Refusal::new("pause.too_long", "the pause is longer than may be granted")
            .by(d.param_basis("pause.longest")));
    }
    ask(d, no, Ask::Pause { reason: code.to_owned(), until })
}

pub(in crate::order) fn resume(d: &mut Draft<'_>, no: TaskNo) -> Step {
    if d.holding(no, Some("pause")).is_none() {
        return Err(Refusal::new("resume.not_paused", "the task is not paused"));
    }
    d.end_hold(no);
    Ok(())
}

/// Refuses a review date that nobody at work today will see.
fn reviewed_in_time(d: &Draft<'_>, review: Day) -> Step {
    if d.ctx.pack.zone().start_of(review).ms() - d.now.ms() > LONGEST {
        return Err(Refusal::new("shelving.review_too_far", "a review date lies within ten years"));
    }
    Ok(())
}

pub(in crate::order) fn shelve(
    d: &mut Draft<'_>,
    no: TaskNo,
    code: &str,
    plan: &Text,
    responsible: &Text,
    review: Day,
) -> Step {
    reason(d, "shelving", code)?;
    urgency_allows(d, "shelving", ["excuse", "feedback"])?;
    if review <= d.today {
        return Err(Refusal::new("shelving.review_in_past", "the review date lies after today"));
    }
    reviewed_in_time(d, review)?;
    if d.holding(no, Some("shelving")).is_some() {
        return Err(Refusal::new("shelving.already", "it is shelved; review it instead").instead(["review-shelving"]));
    }
    ask(d, no, Ask::Shelving { reason: code.to_owned(), plan: plan.clone(), responsible: responsible.clone(), review })
}

pub(in crate::order) fn review_shelving(d: &mut Draft<'_>, no: TaskNo, review: Option<Day>) -> Step {
    let Some(clock) = d.holding(no, Some("shelving")) else {
        return Err(Refusal::new("shelving.not_shelved", "the task is not shelved"));
    };
    if review.is_some_and(|review| review <= d.today) {
        return Err(Refusal::new("shelving.review_in_past", "the review date lies after today"));
    }
    if let Some(review) = review {
        reviewed_in_time(d, review)?;
    }
    let basis = d.order.clock(clock).map(|clock| clock.basis.clone());
    match (review, basis) {
        (Some(review), Some(basis)) => {
            d.emit(Event::ClockStopped { clock, at: d.now });
            d.start_dated("shelving", Some(no), review, basis, &["feedback"]);
        }
        _ => d.end_hold(no),
    }
    Ok(())
}

pub(in crate::order) fn excuse(
    d: &mut Draft<'_>,
    no: TaskNo,
    clock: ClockNo,
    code: &str,
    evidence: &Option<Text>,
) -> Step {
    reason(d, "excuse", code)?;
    let missed = d.order.clock(clock).filter(|c| c.task == Some(no) || c.level == Level::Case);
    match missed {
        None => Err(Refusal::new("excuse.unknown_clock", "the task has no such limit")),
        Some(c) if c.missed.is_none() && !(c.is_running() && c.due.missed_by(d.now)) => {
            Err(Refusal::new("excuse.not_missed", "the limit was not missed; there is nothing to excuse")
                .by([c.basis.clone()]))
        }
        Some(_) => ask(d, no, Ask::Excuse { clock, reason: code.to_owned(), evidence: evidence.clone() }),
    }
}

fn pending(d: &Draft<'_>, no: RequestNo) -> Result<Request, Refusal> {
    let Some(request) = d.order.request(no) else {
        return Err(Refusal::new("request.unknown", format!("the order has no request {no}"))
            .instead(d.order.pending().map(|r| r.no.to_string())));
    };
    // An excuse is about the unit's record, not about the claimant's answer: it is still decided after closing.
    let rests = match request.ask {
        Ask::Excuse { .. } => matches!(d.order.state, State::Archived(_) | State::Closed(Outcome::Merged)),
        _ => !d.order.state.is_open(),
    };
    if request.decision != Decision::Asked || rests {
        return Err(Refusal::new("request.decided", "the request is no longer open"));
    }
    Ok(request.clone())
}

fn decided(d: &mut Draft<'_>, request: RequestNo, decision: Decision, note: &Option<Text>) {
    d.emit(Event::RequestDecided { request, decision, note: note.clone() });
}

pub(in crate::order) fn grant(d: &mut Draft<'_>, no: RequestNo, note: &Option<Text>) -> Step {
    let request = pending(d, no)?;
    match &request.ask {
        Ask::Return { .. } => {
            decided(d, no, Decision::Granted, note);
            give_away(d, request.task);
        }
        Ask::Extension { span, .. } => {
            urgency_allows(d, "extension", ["reject", "excuse"])?;
            let held = at_work(d, request.task)?;
            decided(d, no, Decision::Granted, note);
            for clock in d.moved_by(&held) {
                // An answer below or beside waits for its review with the limit it had.
                if !clock.extendable || matches!(clock.state, ClockState::Halted(_)) {
                    continue;
                }
                let due = d.ctx.pack.calendar().extend(clock.due, *span, d.ends_of(&clock));
                let (warn_at, alert_at) = d.moments(&clock, due);
                d.emit(Event::ClockExtended { clock: clock.no, due, warn_at, alert_at, request: no });
            }
            d.owe("extended", note.clone());
        }
        Ask::Pause { reason: code, until, .. } => {
            let basis = d.ctx.pack.basis(&reason(d, "pause", code)?.cite);
            if d.holding(request.task, Some("shelving")).is_some() {
                return Err(
                    Refusal::new("pause.shelved", "the task is shelved; there is nothing to pause").instead(["reject"])
                );
            }
            let held = at_work(d, request.task)?;
            decided(d, no, Decision::Granted, note);
            d.hold(&held);
            d.start_dated("pause", Some(request.task), (*until).max(d.today), basis, &["feedback"]);
        }
        Ask::Shelving { reason: code, review, plan, .. } => {
            urgency_allows(d, "shelving", ["reject", "excuse"])?;
            let held = at_work(d, request.task)?;
            let basis = d.ctx.pack.basis(&reason(d, "shelving", code)?.cite);
            if *review <= d.today {
                return Err(Refusal::new(
                    "shelving.review_in_past",
                    "the review date has passed; ask again with a later one",
                )
                .instead(["reject"]));
            }
            decided(d, no, Decision::Granted, note);
            if let Some(pause) = d.holding(request.task, Some("pause")) {
                d.emit(Event::ClockStopped { clock: pause, at: d.now });
            }
            d.hold(&held);
            d.start_dated("shelving", Some(request.task), *review, basis, &["feedback"]);
            d.owe("shelved", Some(plan.clone()));
        }
        Ask::Excuse { clock, .. } => {
            decided(d, no, Decision::Granted, note);
            d.emit(Event::ClockExcused { clock: *clock, request: no });
        }
        Ask::Approval { feedback } => {
            decided(d, no, Decision::Granted, note);
            super::handle::give(d, request.task, (**feedback).clone())?;
        }
    }
    Ok(())
}

/// The task is the unit's no longer; without its lead, the case lies with the desk again.
fn give_away(d: &mut Draft<'_>, no: TaskNo) {
    d.withdraw_requests(Some(no));
    d.recall_open(Some(no), "returned");
    let lead = d.order.task(no).is_some_and(Task::leads_case);
    d.end_hold(no);
    d.emit(Event::TaskReturned { task: no });
    d.cancel_clocks(Some(no));
    if lead {
        d.recall_open(None, "lead-returned");
    }
}

pub(in crate::order) fn reject(d: &mut Draft<'_>, no: RequestNo, note: &Option<Text>) -> Step {
    let request = pending(d, no)?;
    if note.is_none() {
        return Err(Refusal::new("reject.note_missing", "say why the request is refused").instead(["note"]));
    }
    decided(d, no, Decision::Refused, note);
    if matches!(request.ask, Ask::Extension { .. }) {
        // Refused: what ran out meanwhile has been overdue since the old due.
        let missed: Vec<ClockNo> = d
            .order
            .clocks
            .iter()
            .filter(|c| c.extendable && c.is_running() && c.breach && c.missed.is_none() && c.due.missed_by(d.now))
            .filter(|c| d.order.task(request.task).is_some_and(|task| c.moves_with(task)))
            .map(|c| c.no)
            .collect();
        for clock in missed {
            d.emit(Event::ClockFired { clock, moment: crate::order::Moment::Due });
        }
    }
    Ok(())
}

pub(in crate::order) fn rule(d: &mut Draft<'_>, no: RequestNo, unit: &UnitId, note: &Option<Text>) -> Step {
    let request = pending(d, no)?;
    if !matches!(request.ask, Ask::Return { .. }) {
        return Err(
            Refusal::new("rule.not_a_return", "only a disputed return is ruled on").instead(["grant", "reject"])
        );
    }
    let Some(held) = d.order.task(request.task).cloned() else {
        return Err(Refusal::new("task.unknown", "the request names no task"));
    };
    if held.unit == *unit {
        decided(d, no, Decision::Refused, note);
        d.emit(Event::TaskRuled { task: request.task });
        return Ok(());
    }
    if !held.leads_case() {
        return Err(Refusal::new("rule.below", "a return below a sub-centre or unit is decided there")
            .instead(["grant", "reject"]));
    }
    decided(d, no, Decision::Granted, note);
    give_away(d, request.task);
    super::dispatch::dispatch(d, unit, &[], note, true)
}

pub(in crate::order) fn withdraw(d: &mut Draft<'_>, no: RequestNo) -> Step {
    pending(d, no)?;
    decided(d, no, Decision::Withdrawn, &None);
    Ok(())
}
