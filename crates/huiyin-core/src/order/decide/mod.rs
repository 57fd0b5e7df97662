//! What a command does to an order: the events, or a refusal. No I/O, no clock, no chance.

pub(super) mod dispatch;
pub(super) mod finish;
pub(super) mod handle;
pub(super) mod intake;
pub(super) mod overlay;
pub(super) mod request;

pub use request::approver_of;

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
    super::command::run(&mut draft, command)?;
    Ok(draft.events)
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
