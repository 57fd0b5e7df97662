//! Pages in process: who may open which, the main road by forms alone, and what happens when a form is not carried out.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

#[path = "../common/mod.rs"]
mod common;

mod attack;
mod browser;
mod bulk;
mod contacts;
mod desk;
mod drafts;
mod files;
mod forms;
mod handlers;
mod lists;
mod live;
mod login;
mod notices;
mod permission;
mod portal;
mod road;
mod rules;
mod unit;
mod words;
