//! Why an order has the limits, routes and conditions it has, and what other rules would have made of past orders.

mod explain;
mod simulate;
pub mod versions;

pub use explain::{
    ClockWhy, Explanation, FactWhy, Loser, ModeWhy, Plain, RequestWhy, RouteWhy, SettingWhy, clock_why, explain,
    mode_why, request_why,
};
pub use simulate::{Limits, Moved, Row, Shift, Simulation, simulate};
