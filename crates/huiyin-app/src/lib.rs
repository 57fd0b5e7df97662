//! What the hotline does: one function per command and per query, permissions, jobs.
//!
//! Page, API, hook and CLI call the same functions here. [`App`] holds the database, the rules in force and the ports;
//! [`orders`] has the commands on orders and the queries; [`files`] the evidence; [`drafts`] what is not sent yet, [`views`] filters with a name; [`people`] who may sign in and for which unit;
//! [`permission`] who may do what; [`portal`] what the public does without an account; [`jobs`] what runs by itself, [`bulk`] what a person has asked for on many orders; [`live`] what open pages are told, [`notices`] what is new for a person,
//! [`presence`] who else looks at an order; [`modes`] the city's emergency modes.
//!
//! This crate knows no SQL text, no HTTP, no template.

#![recursion_limit = "256"] // the order written out as JSON is one large literal

mod actor;
mod app;
pub mod audit;
pub mod bulk;
pub mod doctor;
pub mod drafts;
mod error;
pub mod files;
mod input;
pub mod jobs;
pub mod live;
pub mod modes;
pub mod notices;
pub mod orders;
pub mod people;
pub mod permission;
pub mod policy;
pub mod portal;
pub mod ports;
pub mod presence;
pub mod seed;
pub mod transfer;
pub mod views;

pub use actor::{Actor, Post, Role, Scope, is_public};
pub use app::{App, Parts};
pub use error::CommandError;
pub use huiyin_store::BoxFuture;
