//! The program: configuration, wiring, and the command line. It holds no rule of its own.
//!
//! A command is a variant of `cli::Command` and a function in the module of its area; it ends in
//! [`output::Outcome`] or an error. Exit codes: 0 done, 1 the answer is no, 2 wrong use or could not run. What a command
//! answers goes to standard output, with `--json` as one document; progress and logs go to standard error.

mod bench;
mod cli;
mod config;
mod data;
mod demo;
mod intake;
mod log;
mod modes;
mod open;
mod output;
mod packs;
mod people;
mod policy;
mod serve;

use std::process::ExitCode;

use clap::Parser;

use output::Outcome;

/// glibc's allocator keeps the 19 MiB of a password hash, and the body of a large request, once it has seen a few:
/// 206 MiB resident after sixteen sign-ins, 350 after filling the demonstration; with this one 67 to 89.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    // Wrong use ends here with 2, `--help` and `--version` with 0.
    let cli = cli::Cli::parse();
    match cli.run() {
        Ok(Outcome::Yes) => ExitCode::SUCCESS,
        Ok(Outcome::No) => ExitCode::from(1),
        Err(error) => {
            output::note(format_args!("huiyin: {error:#}"));
            ExitCode::from(2)
        }
    }
}
