//! What starts and stops clocks: the names a pack may use, and which event gives which.

use crate::{
    id::TaskNo,
    order::{Clock, Event, Moment, Order, Standing, State, Task, TaskState},
};

/// Every signal a clock rule may name.
pub const ALL: &[&str] = &[
    "taken-in",
    "registered",
    "dispatched",
    "delivered",
    "commanded",
    "signed",
    "accepted",
    "contacted",
    "on-scene",
    "made-safe",
    "feedback",
    "passed",
    "redone",
    "returned",
    "unassigned",
    "missed",
    "scene-missed",
    "closed",
];

/// A signal of an event: its name, and the task it is about (none: the whole case).
pub(super) type Signal = (&'static str, Option<TaskNo>);

/// The signals an event gives, seen on the order after it.
pub(super) fn of(order: &Order, event: &Event) -> Vec<Signal> {
    let top_lead = |task: &TaskNo| order.task(*task).is_some_and(|task| task.leads_case());
    match event {
        Event::TakenIn { .. } => vec![("taken-in", None)],
        Event::Registered { .. } => vec![("registered", None)],
        Event::TaskDelivered { task, .. } if top_lead(task) => vec![("dispatched", None), ("delivered", Some(*task))],
        Event::TaskDelivered { task, .. } => vec![("delivered", Some(*task))],
        Event::TaskCommanded { task } => vec![("commanded", Some(*task))],
        Event::TaskSigned { task } => vec![("signed", Some(*task))],
        Event::TaskAccepted { task } => vec![("accepted", Some(*task))],
        Event::TaskContacted { task, reached: true, .. } if top_lead(task) => {
            vec![("contacted", None), ("contacted", Some(*task))]
        }
        Event::TaskContacted { task, reached: true, .. } => vec![("contacted", Some(*task))],
        Event::TaskOnScene { task, .. } => vec![("on-scene", Some(*task))],
        Event::TaskMadeSafe { task } => vec![("made-safe", Some(*task))],
        Event::TaskFedBack { task, .. } if top_lead(task) => vec![("feedback", None), ("feedback", Some(*task))],
        Event::TaskFedBack { task, .. } => vec![("feedback", Some(*task))],
        Event::TaskReturned { task } if top_lead(task) => vec![("returned", Some(*task)), ("unassigned", None)],
        Event::TaskReturned { task } => vec![("returned", Some(*task))],
        Event::TaskRecalled { task, .. } if top_lead(task) && order.state == State::Registered => {
            vec![("unassigned", None)]
        }
        Event::ClockFired { clock, moment: Moment::Due } => order.clock(*clock).map_or_else(Vec::new, missed(order)),
        Event::Passed { .. } => vec![("passed", None)],
        Event::Redone { .. } => vec![("redone", None)],
        Event::Closed { .. } => vec![("closed", None)],
        _ => Vec::new(),
    }
}

/// The signal of a limit that ended unmet: the governing one for the answer, the last one for the scene.
fn missed(order: &Order) -> impl Fn(&Clock) -> Vec<Signal> {
    move |clock| match clock.name.as_str() {
        "close" if clock.standing == Standing::Governs => vec![("missed", clock.task)],
        "scene" if !later_scene(order, clock) => vec![("scene-missed", clock.task)],
        _ => Vec::new(),
    }
}

/// Whether another limit for the same scene runs on beyond this one.
fn later_scene(order: &Order, clock: &Clock) -> bool {
    let same = |other: &&Clock| other.name == clock.name && other.task == clock.task && other.is_running();
    order.clocks.iter().filter(same).any(|other| other.due.at > clock.due.at)
}

/// Whether a signal has been given on this case, or on this task of it.
pub(super) fn happened(order: &Order, signal: &str, task: Option<TaskNo>) -> bool {
    use TaskState as T;
    let at = task.and_then(|no| order.task(no));
    let dispatched = || order.tasks.iter().any(Task::leads_case);
    match signal {
        "taken-in" => true,
        "registered" => order.registered_at.is_some(),
        "dispatched" => dispatched(),
        "delivered" => at.is_some(),
        "commanded" => at.is_some_and(|task| task.commanded_at.is_some()),
        "signed" | "accepted" => {
            let accepted = signal == "accepted";
            at.is_some_and(|task| match task.state {
                T::Signed => !accepted,
                T::Accepted | T::FedBack | T::Done => true,
                T::Delivered | T::Returned | T::Recalled => false,
            })
        }
        "contacted" => match at {
            Some(task) => task.contacted,
            None => order.tasks.iter().any(|task| task.leads_case() && task.contacted),
        },
        "on-scene" => at.is_some_and(|task| task.scene.is_some()),
        "made-safe" => at.is_some_and(|task| task.safe_at.is_some()),
        "feedback" => match at {
            Some(task) => matches!(task.state, T::FedBack | T::Done),
            None => matches!(order.state, State::Review | State::Callback) || order.redo > 0,
        },
        "missed" => {
            order.clocks.iter().any(|clock| clock.name == "close" && clock.task == task && clock.missed.is_some())
        }
        "scene-missed" => {
            order.clocks.iter().any(|clock| clock.name == "scene" && clock.task == task && clock.missed.is_some())
        }
        "passed" => order.callback_desk.is_some(),
        "redone" => order.redo > 0,
        "returned" => at.is_some_and(|task| task.state == T::Returned),
        "unassigned" => order.state == State::Registered && dispatched(),
        "closed" => !order.state.is_open(),
        _ => false,
    }
}
