//! Orders through their one path, on both databases: every command, keys and versions, pairs, secrecy, who sees what,
//! what is refused. All data invented.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

#[path = "../common/mod.rs"]
mod common;
#[path = "../common/desk.rs"]
mod desk;

mod contacts;
mod files;
mod handlers;
mod keys;
mod lives;
mod pairs;
mod policy;
mod secrets;
mod sight;
mod taking_in;
mod versions;
