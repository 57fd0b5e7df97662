//! The rules of a hotline, pure: the same input gives the same answer, today and in ten years.
//!
//! Nothing here knows a database, a network, a file, the clock or chance: time, ids and the pack of
//! rules are arguments. The ways in are [`order::decide`] (what a command does to an order),
//! [`order::apply`] (the only interpreter of events) and [`policy::Pack`] (a city's rules as data).
//!
//! * To add a command: its row in `order/command.rs`, what decides it in `order/decide`, and, if it leaves an event of its
//!   own, that event's row in `order/event.rs` and its meaning in `order/apply.rs`.
//! * To add a limit, reason, kind or condition: nothing here; it is a row in a pack.

pub mod calendar;
pub mod id;
pub mod order;
pub mod organisation;
pub mod policy;
pub mod time;
