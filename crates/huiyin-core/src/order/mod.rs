//! An order: its states, the commands people give it, the events that came of them.
//!
//! [`decide`] says what a command does, [`apply`] what an event means; nothing else changes an order.

mod apply;
mod closing;
mod command;
mod decide;
mod draft;
mod event;
mod model;
mod refusal;
pub mod signal;
mod state;
pub mod table;
mod what_if;

pub use apply::{apply, rebuild};
pub use closing::{Condition, conditions, rated_until};
pub use command::{Command, NewPart};
pub use decide::{Actor, Context, approver_of, decide};
pub use event::Event;
pub use model::{
    Answers, Ask, Attached, Callback, Clock, ClockState, Decision, Duty, FactValue, Facts, Feedback, Holder, Link,
    MAX_FILES, Matter, Moment, Note, Order, Part, Relay, Request, Scene, Standing, Supervision, Supplement, Task, Text,
};
pub use refusal::Refusal;
pub use state::{Channel, Outcome, Role, State, TaskState, Told, Urgency};
pub use what_if::{WhatIf, Would, what_if};
