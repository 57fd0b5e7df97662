//! The API, in process, over both databases.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

#[path = "../common/mod.rs"]
mod common;

mod document;
mod files;
mod input;
mod road;
mod watch;
