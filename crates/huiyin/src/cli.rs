//! The command line.

use std::path::PathBuf;

use anyhow::Result;
use clap::{Args, Parser, Subcommand};

use crate::{bench, config::Flags, data, intake, modes, output::Outcome, people, policy, serve};

/// Huiyin: every appeal to a city's 12345 hotline becomes an order that cannot be lost.
#[derive(Debug, Parser)]
#[command(name = "huiyin", version, max_term_width = 100)]
pub struct Cli {
    #[command(subcommand)]
    command: Command,
}

/// Which data a command works on.
#[derive(Debug, Clone, Default, Args)]
pub struct Place {
    /// Configuration file; `huiyin.toml` where one lies in the working folder.
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// Folder of the data.
    #[arg(long, value_name = "DIR")]
    pub data_dir: Option<PathBuf>,
    /// The city's rules: name of a built-in pack, or a folder.
    #[arg(long, value_name = "PACK")]
    pub pack: Option<String>,
}

impl Place {
    /// As flags over the configuration.
    pub fn flags(&self) -> Flags {
        Flags { config: self.config.clone(), data_dir: self.data_dir.clone(), pack: self.pack.clone(), listen: None }
    }
}

/// What to do.
#[derive(Debug, Subcommand)]
enum Command {
    /// Runs everything in one process: pages, API, workers.
    Serve(serve::Serve),
    /// Runs the workers only: for more nodes on PostgreSQL.
    Work {
        #[command(flatten)]
        place: Place,
    },
    /// Brings the tables of the database up to this program.
    Migrate {
        #[command(flatten)]
        common: data::Common,
    },
    /// Examines all data: rows against journals, holders, clocks; exit code 1 when something is wrong.
    Doctor {
        #[command(flatten)]
        common: data::Common,
    },
    /// Copies all data to a new folder, while the server runs; the master key is not in it.
    Backup {
        /// A folder that is empty or not there yet.
        dir: PathBuf,
        #[command(flatten)]
        common: data::Common,
    },
    /// Puts a backup into an empty database; needs the key file the data was made with.
    Restore {
        /// Folder of the backup.
        dir: PathBuf,
        #[command(flatten)]
        common: data::Common,
    },
    /// Writes all data as text files, the same from either database.
    Export {
        /// A folder that is empty or not there yet.
        dir: PathBuf,
        #[command(flatten)]
        common: data::Common,
    },
    /// Reads an export into an empty database, of either kind.
    Import {
        /// Folder of the export.
        dir: PathBuf,
        #[command(flatten)]
        common: data::Common,
    },
    /// Tokens of programs that use the API.
    #[command(subcommand)]
    Token(people::Token),
    /// Persons who sign in.
    #[command(subcommand)]
    User(people::User),
    /// The register of units, persons and posts.
    #[command(subcommand)]
    Org(people::Org),
    /// The city's rules.
    #[command(subcommand)]
    Policy(policy::Policy),
    /// Emergency modes of the city: declared, ended, listed.
    #[command(subcommand)]
    Mode(modes::Mode),
    /// Takes in rows `{id,title,body,time,user}`: each becomes a contact and an order that waits for a person.
    Intake(intake::Intake),
    /// Measures what the program costs on this machine, each figure beside its bar; exit code 1 when one is missed.
    Bench(bench::Command),
    /// Proof that nothing was changed behind the program's back.
    #[command(subcommand)]
    Audit(data::Audit),
}

impl Cli {
    /// Carries out the command.
    pub fn run(self) -> Result<Outcome> {
        match self.command {
            Command::Serve(serve) => serve.run(),
            Command::Work { place } => serve::work(&place),
            Command::Migrate { common } => data::migrate(common),
            Command::Doctor { common } => data::doctor(common),
            Command::Backup { dir, common } => data::backup(dir, common),
            Command::Restore { dir, common } => data::restore(dir, common),
            Command::Export { dir, common } => data::export(dir, common),
            Command::Import { dir, common } => data::import(dir, common),
            Command::Token(token) => token.run(),
            Command::User(user) => user.run(),
            Command::Org(org) => org.run(),
            Command::Policy(policy) => policy.run(),
            Command::Mode(mode) => mode.run(),
            Command::Intake(intake) => intake.run(),
            Command::Bench(bench) => bench.run(),
            Command::Audit(audit) => audit.run(),
        }
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    #[test]
    fn the_command_line_is_sound() {
        super::Cli::command().debug_assert();
    }
}
