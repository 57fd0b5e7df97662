//! What a command does to an order: the events, or a refusal. No I/O, no clock, no chance.

mod dispatch;
mod finish;
mod handle;
mod intake;
mod overlay;
mod request;

use crate::{
    id::{OrderId, PersonId, TaskNo, UnitId},
    order::{
        Command, Event, Order, Refusal, State, Task, TaskState,
        draft::{Draft, Step},
        table,
    },
    organisation::Organisation,
    policy::Pack,
    time::Instant,
};

/// Who acts, and for which unit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Actor {
    /// The person; `system` for timers and programs, `claimant` for the public.
    pub person: PersonId,
    /// The unit the person acts for.
    pub unit: UnitId,
}

/// What a decision may look at beside the order.
#[derive(Debug, Clone)]
pub struct Context<'a> {
    /// Who acts.
    pub actor: Actor,
    /// Now.
    pub now: Instant,
    /// The city's rules.
    pub pack: &'a Pack,
    /// The register of units.
    pub organisation: &'a Organisation,
    /// The order this one was merged into has ended, so that it may be archived.
    pub master_closed: bool,
    /// The other order of a pair command (merge, link) is this one, as it stands.
    pub other: Option<(OrderId, State)>,
}

/// What a command does.
///
/// # Errors
/// A [`Refusal`] with its code, reason, rules, and what would be accepted; then nothing has changed.
pub fn decide(order: &Order, command: &Command, ctx: &Context<'_>) -> Result<Vec<Event>, Refusal> {
    by_table(order, command)?;
    let mut draft = Draft::new(order, ctx);
    run(&mut draft, command)?;
    Ok(draft.events)
}

fn run(d: &mut Draft<'_>, command: &Command) -> Step {
    use Command as C;
    match command {
        C::TakeIn { .. } | C::TakeOver { .. } => intake::take_in(d, command),
        C::Register { .. } => intake::register(d, command),
        C::Refuse { reason, text } => intake::refuse(d, reason, text),
        C::Answer { facts, public, entry, entry_version, entry_until } => {
            intake::answer(d, facts, public, entry.as_deref().map(|entry| (entry, *entry_version)), *entry_until)
        }
        C::Transfer { to, answered_at, note } => intake::transfer(d, to, *answered_at, note),
        C::Split { into } => intake::split(d, into),
        C::Link { other, relation } => intake::link(d, other, relation),
        C::Merge { into, reason } => intake::merge(d, into, reason),
        C::Absorb { from, parts } => intake::absorb(d, from, parts),
        C::Unmerge { note } => intake::unmerge(d, note),
        C::Release { from } => intake::release(d, from),
        C::Correct { kind, subject, area, place, urgency, reason, note } => {
            intake::correct(d, kind, subject, area, place, *urgency, reason, note)
        }
        C::Redact { text } => intake::redact(d, text),
        C::PassOn { unit, note } => dispatch::pass_on(d, unit, note),
        C::ConfirmReceipt { task } => dispatch::confirm_receipt(d, *task),
        C::Dispatch { lead, assist, note } => dispatch::dispatch(d, lead, assist, note, false),
        C::Redispatch { task, lead, assist, note } => dispatch::redispatch(d, *task, lead, assist, note),
        C::Recall { task, reason } => dispatch::recall(d, *task, reason),
        C::Sign { task } => handle::sign(d, *task),
        C::Accept { task } => handle::accept(d, *task),
        C::Progress { task, text } => handle::progress(d, *task, text),
        C::Contact { task, reached, at, said } => handle::contact(d, *task, *reached, *at, said),
        C::Relay { task, text } => handle::relay(d, *task, text),
        C::RelayAnswer { task, text } => handle::relay_answer(d, *task, text),
        C::Feedback { task, facts, internal, public } => handle::feedback(d, *task, facts, internal, public),
        C::SendBack { task, reason, note } => handle::send_back(d, *task, reason, note),
        C::Acknowledge { task } => handle::acknowledge(d, *task),
        C::PhoneNotice { task, who, answered_at } => handle::phone_notice(d, *task, who, *answered_at),
        C::OnScene { task, at, place, safety, photo } => handle::on_scene(d, *task, *at, place, safety, photo),
        C::MadeSafe { task } => handle::made_safe(d, *task),
        C::Situation { task, text } => handle::situation(d, *task, text),
        C::Return { task, reason, basis, suggestion } => request::give_back(d, *task, reason, basis, suggestion),
        C::Extend { task, span, reason } => request::extend(d, *task, *span, reason),
        C::Pause { task, reason, until } => request::pause(d, *task, reason, *until),
        C::Resume { task } => request::resume(d, *task),
        C::Shelve { task, reason, plan, responsible, review } => {
            request::shelve(d, *task, reason, plan, responsible, *review)
        }
        C::ReviewShelving { task, review, .. } => request::review_shelving(d, *task, *review),
        C::Excuse { task, clock, reason, evidence } => request::excuse(d, *task, *clock, reason, evidence),
        C::Grant { request, note } => request::grant(d, *request, note),
        C::Reject { request, note } => request::reject(d, *request, note),
        C::Rule { request, unit, note } => request::rule(d, *request, unit, note),
        C::WithdrawRequest { request } => request::withdraw(d, *request),
        C::Pass {} => finish::pass(d),
        C::FailReview { reason, note } => finish::fail_review(d, reason, note),
        C::CallbackMissed { at } => finish::callback_missed(d, *at),
        C::CallbackAnswered { answers } => finish::callback_answered(d, answers),
        C::WaiveCallback { reason } => finish::waive_callback(d, reason),
        C::Redo { reason, note } => finish::redo(d, reason, note),
        C::Close {} => finish::close(d),
        C::Archive {} => finish::archive(d),
        C::Reopen { by, reason } => finish::reopen(d, by, reason),
        C::Withdraw { claimant, reason, confirmed } => finish::withdraw(d, claimant, reason, *confirmed),
        C::Stop { reason, note } => finish::stop(d, reason, note),
        C::Tell { duty, reached, record } => finish::tell(d, *duty, *reached, record),
        C::Supplement { text } => overlay::supplement(d, text),
        C::Attach { of, files } => overlay::attach(d, *of, files),
        C::Urge { text } => overlay::urge(d, text),
        C::Supervise { level, reason, note } => overlay::supervise(d, level, reason, note),
        C::LiftSupervision { note } => overlay::lift_supervision(d, note),
        C::Difficult { on, note } => overlay::difficult(d, *on, note),
        C::Hold { on, note } => overlay::hold(d, *on, note),
        C::Fire { clock, moment } => overlay::fire(d, *clock, *moment),
    }
}

/// Refuses what the table of states does not allow.
fn by_table(order: &Order, command: &Command) -> Step {
    let row = table::of(command);
    if row.order.is_empty() {
        // INVARIANT: an order is taken in once, by its first event.
        if order.seq != 0 {
            return Err(Refusal::new("order.exists", "the contact has already opened this order"));
        }
        return Ok(());
    }
    if order.seq == 0 {
        return Err(Refusal::new("order.not_taken_in", "an order begins with a contact taken in").instead(["take-in"]));
    }
    if !row.allows(order.state) {
        let states: Vec<&str> = row.order.iter().map(|(from, _)| *from).collect();
        return Err(Refusal::new(
            "order.wrong_state",
            format!("the order is `{}`; this needs {}", order.state.code(), states.join(" or ")),
        )
        .instead(states));
    }
    if let Some(no) = command.task() {
        let state = existing(order, no)?.state;
        if !row.allows_task(state) {
            let states: Vec<&str> = row.task.iter().map(|(from, _)| from.code()).collect();
            return Err(Refusal::new(
                "task.wrong_state",
                format!("task {no} is `{state}`; this needs {}", states.join(" or ")),
            )
            .instead(states));
        }
    }
    Ok(())
}

fn existing(order: &Order, no: TaskNo) -> Result<&Task, Refusal> {
    order.task(no).ok_or_else(|| {
        Refusal::new("task.unknown", format!("the order has no task {no}"))
            .instead(order.tasks.iter().filter(|t| t.state.is_open()).map(|t| t.no.to_string()))
    })
}

/// A task of the order.
fn task(d: &Draft<'_>, no: TaskNo) -> Result<Task, Refusal> {
    existing(&d.order, no).cloned()
}

/// A task whose unit is at work on it: what a request was made for may have gone since.
fn at_work(d: &Draft<'_>, no: TaskNo) -> Result<Task, Refusal> {
    let task = task(d, no)?;
    if !matches!(task.state, TaskState::Signed | TaskState::Accepted) {
        return Err(Refusal::new(
            "task.wrong_state",
            format!("task {no} is `{}`; this needs signed or accepted", task.state),
        ));
    }
    Ok(task)
}

/// A reason code of the pack's list.
fn reason<'a>(d: &Draft<'a>, group: &str, code: &str) -> Result<&'a crate::policy::Reason, Refusal> {
    let pack = d.ctx.pack;
    pack.reason(group, code).ok_or_else(|| {
        let known: Vec<String> = pack.reasons(group).map(|reason| reason.code.clone()).collect();
        Refusal::new("reason.unknown", format!("`{code}` is not among the reasons for `{group}`")).instead(known)
    })
}
