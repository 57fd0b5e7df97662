//! Packs held to their scenarios and worked examples, each by name, through the functions that pages and API call.
//!
//! Everything to check is data beside the packs (`packs/*/scenarios`, `packs/*/examples`, `packs/acceptance.toml`); the
//! files here only carry it out. All data invented.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

#[path = "../common/mod.rs"]
mod common;
#[path = "../common/desk.rs"]
mod desk;

mod acceptance;
mod conformance;
mod examples;
mod file;
mod generated;
mod matching;
mod mutation;
mod packs;
mod run;
mod slow;

use libtest_mimic::Arguments;

fn main() {
    let mut trials = run::trials();
    trials.extend(examples::trials());
    trials.extend(acceptance::trials());
    trials.extend(mutation::trials());
    trials.extend(generated::trials());
    trials.extend(conformance::trials());
    libtest_mimic::run(&Arguments::from_args(), trials).exit();
}
