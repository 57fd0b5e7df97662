//! Commands on people: tokens of programs, persons who sign in, the register.

use std::path::PathBuf;

use anyhow::{Context, Result, anyhow, bail};
use clap::{Args, Subcommand};
use huiyin_app::{
    Actor, App, CommandError, Role, Scope,
    people::{self, AddPerson, AddPost, AddToken, ImportFault, MAX_IMPORT_BYTES, Position, Subject, Terms},
};
use huiyin_core::{id::UnitId, time::Day};
use serde_json::json;

use crate::{
    cli::Place,
    open::{self, Use},
    output::{self, Outcome},
};

/// What to do with tokens.
#[derive(Debug, Subcommand)]
pub enum Token {
    /// Makes a token and prints it, this once.
    Add {
        /// Login of the person in whose name the program acts.
        #[arg(long)]
        user: String,
        /// What it may do: orders:read, orders:write, orders:reveal, reports:read, admin.
        #[arg(long, required = true, num_args = 1.., value_parser = scope)]
        scope: Vec<Scope>,
        /// The last day it holds.
        #[arg(long, value_parser = day)]
        until: Option<Day>,
        #[command(flatten)]
        place: Place,
        /// Print one JSON document.
        #[arg(long)]
        json: bool,
    },
    /// Lists tokens, not their text.
    List {
        #[command(flatten)]
        place: Place,
        /// Print one JSON document.
        #[arg(long)]
        json: bool,
    },
    /// Makes a token void, from the next request on.
    Revoke {
        /// Its id, as `token list` shows it.
        id: String,
        #[command(flatten)]
        place: Place,
    },
}

/// What to do with persons.
#[derive(Debug, Subcommand)]
pub enum User {
    /// Enters a person with a post, and prints a temporary password, this once.
    Add(Box<UserAdd>),
}

/// A person to enter.
#[derive(Debug, Args)]
pub struct UserAdd {
    /// What the person signs in with.
    login: String,
    /// Name.
    #[arg(long)]
    name: String,
    /// Role the post gives: agent, office, subcentre, officer, leader, callback, editor, supervisor, mayor, admin.
    #[arg(long, value_parser = role)]
    role: Role,
    /// Code of the unit.
    #[arg(long)]
    unit: String,
    /// Office phone.
    #[arg(long)]
    phone: Option<String>,
    /// Position in the unit; for officers `handler`, for leaders `head`, else `staff` where nothing is said.
    #[arg(long, value_parser = position)]
    position: Option<Position>,
    /// Terms of the post.
    #[arg(long, value_parser = terms, default_value = "own")]
    terms: Terms,
    /// Who sent a seconded person, or the supplier's name.
    #[arg(long)]
    employer: Option<String>,
    /// First day of the post; today where nothing is said.
    #[arg(long, value_parser = day)]
    from: Option<Day>,
    /// Last day of the post.
    #[arg(long, value_parser = day)]
    until: Option<Day>,
    #[command(flatten)]
    place: Place,
    /// Print one JSON document.
    #[arg(long)]
    json: bool,
}

/// What to do with the register.
#[derive(Debug, Subcommand)]
pub enum Org {
    /// Says what a table of units, persons and posts (.xlsx or .csv) would change; exit code 1 when it has faults.
    Import {
        /// The table.
        file: PathBuf,
        /// Write it, if it has no fault.
        #[arg(long)]
        apply: bool,
        #[command(flatten)]
        place: Place,
        /// Print one JSON document.
        #[arg(long)]
        json: bool,
    },
}

fn scope(code: &str) -> Result<Scope, String> {
    Scope::try_from(code)
}

fn role(code: &str) -> Result<Role, String> {
    Role::try_from(code)
}

fn position(code: &str) -> Result<Position, String> {
    Position::try_from(code)
}

fn terms(code: &str) -> Result<Terms, String> {
    Terms::try_from(code)
}

fn day(text: &str) -> Result<Day, String> {
    let fault = || format!("`{text}` is not a day such as 2026-11-23");
    text.replace('-', "")
        .parse::<i64>()
        .map_err(|_| fault())
        .and_then(|number| Day::try_from(number).map_err(|_| fault()))
}

impl Token {
    /// Carries it out.
    pub fn run(self) -> Result<Outcome> {
        match self {
            Self::Add { user, scope, until, place, json } => open::block_on(async move {
                let open = open::open(&place, Use::Write).await?;
                let until = until.map(|day| open.app.zone().start_of(day.next()));
                let made =
                    people::add_token(&open.app, &Actor::system(), AddToken { login: user, scopes: scope, until })
                        .await?;
                open.close().await;
                if json {
                    output::document(&json!({ "id": made.id, "token": made.token.as_str() }))?;
                } else {
                    output::line(made.token.as_str())?;
                    output::note(format_args!("Token {}: it is not shown again.", made.id));
                }
                Ok(Outcome::Yes)
            }),
            Self::List { place, json } => open::block_on(async move {
                let open = open::open(&place, Use::Read).await?;
                list(&open.app, json).await?;
                open.close().await;
                Ok(Outcome::Yes)
            }),
            Self::Revoke { id, place } => open::block_on(async move {
                let open = open::open(&place, Use::Write).await?;
                people::revoke_token(&open.app, &Actor::system(), &id).await.map_err(|error| match error {
                    CommandError::NotFound => anyhow!("there is no token `{id}`; see `huiyin token list`"),
                    other => other.into(),
                })?;
                open.close().await;
                output::note(format_args!("Token {id} is void."));
                Ok(Outcome::Yes)
            }),
        }
    }
}

async fn list(app: &App, json: bool) -> Result<()> {
    let zone = app.zone();
    let tokens = people::tokens(app, &Actor::system()).await?;
    let codes = |scopes: &[Scope]| scopes.iter().map(|scope| scope.code()).collect::<Vec<_>>();
    if json {
        let rows: Vec<_> = tokens
            .iter()
            .map(|token| {
                json!({
                    "id": token.id, "person": token.person, "scopes": codes(&token.scopes),
                    "created_at": zone.rfc3339(token.created_at),
                    "until": token.until.map(|at| zone.rfc3339(at)),
                    "revoked_at": token.revoked_at.map(|at| zone.rfc3339(at)),
                })
            })
            .collect();
        return output::document(&json!({ "tokens": rows }));
    }
    let mut rows = vec![["id", "person", "scopes", "made", "until", "revoked"].map(str::to_owned).to_vec()];
    for token in &tokens {
        let at = |at: Option<huiyin_core::time::Instant>| at.map(|at| zone.short(at)).unwrap_or_default();
        rows.push(vec![
            token.id.clone(),
            token.person.0.clone(),
            codes(&token.scopes).join(" "),
            zone.short(token.created_at),
            at(token.until),
            at(token.revoked_at),
        ]);
    }
    output::table(&rows)
}

impl User {
    /// Carries it out.
    pub fn run(self) -> Result<Outcome> {
        let Self::Add(add) = self;
        let add = *add;
        open::block_on(async move {
            let open = open::open(&add.place, Use::Write).await?;
            let position = add.position.unwrap_or(match add.role {
                Role::Officer => Position::Handler,
                Role::Leader => Position::Head,
                _ => Position::Staff,
            });
            let post = AddPost {
                unit: UnitId(add.unit),
                role: add.role,
                position,
                terms: add.terms,
                employer: add.employer,
                from: add.from,
                until: add.until,
            };
            let person = AddPerson { login: add.login.clone(), name: add.name, phone: add.phone, posts: vec![post] };
            let added = people::add_person(&open.app, &Actor::system(), person).await?;
            open.close().await;
            if add.json {
                output::document(
                    &json!({ "person": added.person, "login": add.login, "password": added.password.as_str() }),
                )?;
            } else {
                output::line(added.password.as_str())?;
                output::note(format_args!(
                    "`{}` signs in with this password once and then chooses another.",
                    add.login
                ));
            }
            Ok(Outcome::Yes)
        })
    }
}

impl Org {
    /// Carries it out.
    pub fn run(self) -> Result<Outcome> {
        let Self::Import { file, apply, place, json } = self;
        open::block_on(async move {
            let shown = file.display().to_string();
            let size = std::fs::metadata(&file).with_context(|| format!("`{shown}` cannot be read"))?.len();
            if size > MAX_IMPORT_BYTES as u64 {
                bail!("`{shown}` is larger than {} MiB; split it", MAX_IMPORT_BYTES >> 20);
            }
            let bytes = std::fs::read(&file).with_context(|| format!("`{shown}` cannot be read"))?;
            let name = file.file_name().unwrap_or_default().to_string_lossy().into_owned();
            let open = open::open(&place, Use::Write).await?;
            let report = people::org_import(&open.app, &Actor::system(), &bytes, &name, apply).await?;
            open.close().await;
            let ok = report.faults.is_empty();
            if json {
                output::document(&report)?;
                return Ok(ok.into());
            }
            let spoken = |fault: &ImportFault| {
                let column = if fault.column.is_empty() { String::new() } else { format!("{}: ", fault.column) };
                format!("{shown}:{}: {column}{}", fault.line, fault.message)
            };
            report.faults.iter().chain(&report.notes).try_for_each(|fault| output::line(spoken(fault)))?;
            for (changes, what) in [(&report.new, "new"), (&report.changed, "changed")] {
                let of = |subject: Subject| changes.iter().filter(|change| change.subject == subject).count();
                let (units, persons, posts) = (of(Subject::Unit), of(Subject::Person), of(Subject::Post));
                output::line(format_args!("{what}: {units} units, {persons} persons, {posts} posts"))?;
            }
            let end = match (report.applied, ok) {
                (true, _) => "written",
                (false, true) => "nothing is written yet; add --apply",
                (false, false) => "nothing is written",
            };
            output::line(format_args!("{} rows, {} faults: {end}", report.rows, report.faults.len()))?;
            Ok(ok.into())
        })
    }
}
