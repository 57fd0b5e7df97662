//! Why an order has the limits, routes and conditions it has, and what other rules would have made of past orders.

mod explain;
mod simulate;
pub mod versions;

pub use explain::{ClockWhy, Explanation, FactWhy, Loser, Plain, RouteWhy, SettingWhy, clock_why, explain};
pub use simulate::{Limits, Moved, Row, Shift, Simulation, simulate};
