//! Versions of the rules brought in while the program runs: written and checked by one person, tried on past orders,
//! approved by another, in force from a day on. The files the program was started with are the rules until the first is.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use huiyin_core::{
    policy::{Fault, Pack},
    time::{Day, Instant},
};
use huiyin_store::{Db, StoreError, packs, records};
use serde_json::json;

pub use huiyin_store::packs::PackVersion;

use super::simulate;
use crate::{Actor, App, CommandError, Role, input};

/// The files of a pack, each with its text.
pub type Texts = Vec<(String, String)>;

/// Finds the files of a pack by its name: those above one are looked for with it.
pub type Library = Arc<dyn Fn(&str) -> Option<Texts> + Send + Sync>;

/// Where the rules in force come from.
#[derive(Clone)]
pub struct Rules {
    /// The version brought in, if they are one.
    pub no: Option<i64>,
    /// The newest version that should be in force: more than `no` when it could not be read.
    pub wanted: Option<i64>,
    /// Their files.
    pub files: Texts,
    /// The packs above them.
    pub library: Library,
}

impl Rules {
    /// Rules the program was started with.
    pub fn built(files: Texts, library: Library) -> Self {
        Self { no: None, wanted: None, files, library }
    }
}

impl Default for Rules {
    fn default() -> Self {
        Self::built(Vec::new(), Arc::new(|_| None))
    }
}

/// Trials that run: how many orders of how many are done.
#[derive(Default)]
pub(crate) struct Trials(Mutex<HashMap<i64, (u64, u64)>>);

impl Trials {
    fn with<T>(&self, f: impl FnOnce(&mut HashMap<i64, (u64, u64)>) -> T) -> T {
        f(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// Most bytes of all files of a version.
pub const MAX_TEXTS: usize = 16 * 1024 * 1024;
/// Most files of a version.
pub const MAX_FILES: usize = 100;
/// Versions that are listed.
const LISTED: i64 = 100;
/// Longest note, in characters.
const MAX_NOTE: usize = 2_000;
/// The chain of what happened to the rules.
const CHAIN: &str = "pack";

/// Why a version was not taken.
#[derive(Debug)]
pub enum Unfit {
    /// What is wrong with its files, each with its place.
    Faults(Vec<Fault>),
    /// Anything else.
    Error(CommandError),
}

impl From<CommandError> for Unfit {
    fn from(error: CommandError) -> Self {
        Self::Error(error)
    }
}

/// The rules in force today: the newest approved version whose day has come, or those the program was started with. A
/// version this program can no longer read is passed over for the one before it, and said so.
///
/// # Errors
/// [`StoreError`] of the database.
pub async fn in_force(db: &Db, now: Instant, pack: Pack, built: Rules) -> Result<(Pack, Rules), StoreError> {
    let (city, today) = (pack.head().name.clone(), pack.zone().day(now));
    let found = db
        .read("pack_in_force", move |tx| {
            Box::pin(async move {
                let mut found = Vec::new();
                for no in packs::in_force(tx, &city, today, 3).await? {
                    found.extend(packs::files(tx, &city, no).await?.map(|files| (no, files)));
                }
                Ok::<_, StoreError>(found)
            })
        })
        .await?;
    let wanted = found.first().map(|(no, _)| *no);
    for (no, files) in found {
        let read = serde_json::from_str::<Texts>(&files).map_err(|error| error.to_string()).and_then(|files| {
            match Pack::load_with(&files, &*built.library) {
                Ok(pack) => Ok((pack, files)),
                Err(faults) => Err(faults.first().map(ToString::to_string).unwrap_or_default()),
            }
        });
        match read {
            Ok((pack, files)) => return Ok((pack, Rules { no: Some(no), wanted, files, library: built.library })),
            Err(fault) => tracing::error!(
                version = no,
                fault,
                "this version of the rules cannot be read by this program; the one before it stays in force"
            ),
        }
    }
    Ok((pack, Rules { wanted, ..built }))
}

/// Whether another version should be in force by now than the one this process was started with.
///
/// # Errors
/// [`CommandError::Unavailable`] without a database.
pub async fn has_turned(app: &App) -> Result<bool, CommandError> {
    let (city, today) = (app.city.clone(), app.zone().day(app.now()));
    let newest = app
        .db
        .read("pack_turned", move |tx| Box::pin(async move { packs::in_force(tx, city.as_str(), today, 1).await }))
        .await?;
    Ok(newest.first().copied() != app.rules.wanted)
}

fn may(actor: &Actor) -> Result<(), CommandError> {
    match [Role::Office, Role::Admin].iter().any(|role| actor.has(*role)) {
        true => Ok(()),
        false => Err(CommandError::Forbidden("the hotline office or an administrator".into())),
    }
}

/// Reads a pack from its files.
///
/// # Errors
/// All its faults.
pub async fn check(app: &Arc<App>, files: Texts) -> Result<(Pack, Texts), Unfit> {
    let size: usize = files.iter().map(|(_, text)| text.len()).sum();
    if size > MAX_TEXTS || files.len() > MAX_FILES {
        return Err(CommandError::TooLarge { most: MAX_TEXTS as u64 }.into());
    }
    for (name, _) in &files {
        let fit = name.strip_suffix(".toml").is_some_and(|stem| {
            !stem.is_empty()
                && stem.len() <= 80
                && stem.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte))
        });
        if !fit {
            return Err(CommandError::invalid(
                "files",
                format!("`{name}` is no name of a rules file; name it like `clocks.toml`"),
            )
            .into());
        }
    }
    let library = Arc::clone(&app.rules.library);
    // It may take seconds, and others wait for the same threads.
    let read = tokio::task::spawn_blocking(move || Pack::load_with(&files, &*library).map(|pack| (pack, files)))
        .await
        .map_err(|error| CommandError::Internal(error.to_string()))?;
    let (pack, files) = read.map_err(Unfit::Faults)?;
    if pack.head().name != app.city.as_str() {
        let message = format!("this is the pack of `{}`; here the rules of `{}` are kept", pack.head().name, app.city);
        return Err(CommandError::invalid("files", message).into());
    }
    Ok((pack, files))
}

/// Adds a draft, if nothing is wrong with it, and gives its number.
///
/// # Errors
/// [`Unfit::Faults`]: nothing is kept, and the rules in force stay.
pub async fn add(app: &Arc<App>, actor: &Actor, files: Texts, note: &str) -> Result<i64, Unfit> {
    may(actor)?;
    let note = input::clean("note", note)?;
    if note.trim().is_empty() || note.chars().count() > MAX_NOTE {
        return Err(
            CommandError::invalid("note", format!("say what changes and why, in 1 to {MAX_NOTE} characters")).into()
        );
    }
    let (pack, files) = check(app, files).await?;
    let draft = PackVersion {
        no: 0,
        state: "draft".into(),
        note: note.trim().to_owned(),
        version: pack.head().version.clone(),
        checksum: pack.checksum().to_owned(),
        made_by: actor.person.0.clone(),
        made_by_name: None,
        made_at: app.now(),
        trial: None,
        decided_by: None,
        decided_by_name: None,
        decided_at: None,
        from: None,
    };
    let texts = serde_json::to_string(&files).map_err(|error| CommandError::Internal(error.to_string()))?;
    let (city, job) = (app.city.clone(), Arc::new((draft, texts)));
    let no = app
        .db
        .write("pack_draft", move |tx| {
            let (city, job) = (city.clone(), Arc::clone(&job));
            Box::pin(async move {
                let (city, (draft, texts)) = (city.as_str(), &*job);
                let no = packs::add(tx, city, draft, texts).await?;
                let body = json!({ "version": no, "checksum": draft.checksum }).to_string();
                records::add_to_chain(tx, city, CHAIN, draft.made_at, &draft.made_by, "pack.drafted", &body).await?;
                Ok::<_, CommandError>(no)
            })
        })
        .await?;
    Ok(no)
}

/// The newest versions.
///
/// # Errors
/// [`CommandError::Forbidden`] for all but the office and administrators.
pub async fn list(app: &App, actor: &Actor) -> Result<Vec<PackVersion>, CommandError> {
    may(actor)?;
    let city = app.city.clone();
    Ok(app
        .db
        .read("pack_versions", move |tx| Box::pin(async move { packs::newest(tx, city.as_str(), LISTED).await }))
        .await?)
}

/// A version and its files.
///
/// # Errors
/// As [`list`]; [`CommandError::NotFound`].
pub async fn one(app: &App, actor: &Actor, no: i64) -> Result<(PackVersion, Texts), CommandError> {
    may(actor)?;
    let city = app.city.clone();
    let found = app
        .db
        .read("pack_version", move |tx| {
            Box::pin(async move {
                let version = packs::one(tx, city.as_str(), no).await?;
                Ok::<_, StoreError>(version.zip(packs::files(tx, city.as_str(), no).await?))
            })
        })
        .await?;
    let (version, files) = found.ok_or(CommandError::NotFound)?;
    let files = serde_json::from_str(&files)
        .map_err(|error| CommandError::Internal(format!("the files of a version cannot be read: {error}")))?;
    Ok((version, files))
}

/// Starts the trial of a draft on the orders taken in from a day until a day. It goes on behind; [`running`] says how far.
///
/// # Errors
/// As [`one`]; [`CommandError::Invalid`] for what is no draft, runs already, or days in the wrong order.
pub async fn start_trial(app: &Arc<App>, actor: &Actor, no: i64, from: Day, to: Day) -> Result<(), CommandError> {
    let (version, files) = one(app, actor, no).await?;
    if version.state != "draft" {
        return Err(CommandError::invalid("version", "is decided; only a draft is tried"));
    }
    if to < from {
        return Err(CommandError::invalid("to", "lies before the first day"));
    }
    let draft = match check(app, files).await {
        Ok((draft, _)) => draft,
        Err(Unfit::Error(error)) => return Err(error),
        Err(Unfit::Faults(faults)) => {
            let first = faults.first().map(ToString::to_string).unwrap_or_default();
            return Err(CommandError::invalid("version", format!("cannot be read any more: {first}")));
        }
    };
    if app.trials.with(|trials| trials.insert(no, (0, 0)).is_some()) {
        return Err(CommandError::invalid("version", "is being tried; wait for the end"));
    }
    let app = Arc::clone(app);
    tokio::spawn(async move {
        let progress = |done, total| {
            app.trials.with(|trials| trials.insert(no, (done, total)));
        };
        let done = simulate(&app, &Actor::system(), draft, from, to, progress).await;
        if let Err(error) = keep_trial(&app, no, done).await {
            tracing::error!(version = no, %error, "the trial of the rules came to nothing");
        }
        app.trials.with(|trials| trials.remove(&no));
    });
    Ok(())
}

async fn keep_trial(
    app: &Arc<App>,
    no: i64,
    done: Result<super::Simulation, CommandError>,
) -> Result<(), CommandError> {
    let text = serde_json::to_string(&done?).map_err(|error| CommandError::Internal(error.to_string()))?;
    let city = app.city.clone();
    app.db
        .write("pack_tried", move |tx| {
            let (city, text) = (city.clone(), text.clone());
            Box::pin(async move { packs::tried(tx, city.as_str(), no, &text).await.map(drop) })
        })
        .await?;
    Ok(())
}

/// How far the trial of a version is, if one runs here: orders done, and of how many.
pub fn running(app: &App, no: i64) -> Option<(u64, u64)> {
    app.trials.with(|trials| trials.get(&no).copied())
}

/// Approves a draft that was tried, by another person than who wrote it, to be in force from a day on.
///
/// # Errors
/// As [`one`]; [`CommandError::Forbidden`] for who wrote it; [`CommandError::Invalid`] for a day that has gone, a draft
/// that was not tried, or what is no draft.
pub async fn approve(app: &App, actor: &Actor, no: i64, from: Day) -> Result<(), CommandError> {
    let (version, _) = one(app, actor, no).await?;
    if version.made_by == actor.person.as_str() {
        return Err(CommandError::Forbidden("another person than who wrote the draft".into()));
    }
    if version.trial.is_none() {
        return Err(CommandError::invalid("version", "was not tried on past orders yet"));
    }
    if from < app.zone().day(app.now()) {
        return Err(CommandError::invalid("from", "lies in the past: what has been decided stays as it was decided"));
    }
    decide(app, actor, no, "draft", "approved", Some(from)).await
}

/// Withdraws a draft, or an approved version before its day.
///
/// # Errors
/// As [`one`]; [`CommandError::Invalid`] for what is in force or withdrawn.
pub async fn withdraw(app: &App, actor: &Actor, no: i64) -> Result<(), CommandError> {
    let (version, _) = one(app, actor, no).await?;
    let today = app.zone().day(app.now());
    if version.state == "approved" && version.from.is_some_and(|from| from <= today) {
        return Err(CommandError::invalid("version", "is in force; bring in another that says what shall hold"));
    }
    decide(app, actor, no, &version.state, "withdrawn", None).await
}

async fn decide(
    app: &App,
    actor: &Actor,
    no: i64,
    was: &str,
    state: &'static str,
    from: Option<Day>,
) -> Result<(), CommandError> {
    let (city, was, person, now) = (app.city.clone(), was.to_owned(), actor.person.clone(), app.now());
    app.db
        .write("pack_decide", move |tx| {
            let (city, was, person) = (city.clone(), was.clone(), person.clone());
            Box::pin(async move {
                let (city, person) = (city.as_str(), person.as_str());
                if was == "withdrawn" || !packs::decide(tx, city, no, &was, state, person, now, from).await? {
                    return Err(CommandError::invalid("version", "was decided about meanwhile; look at it again"));
                }
                let body = json!({ "version": no, "from": from.map(|day| day.to_string()) }).to_string();
                let name = if state == "approved" { "pack.approved" } else { "pack.withdrawn" };
                records::add_to_chain(tx, city, CHAIN, now, person, name, &body).await?;
                Ok(())
            })
        })
        .await
}
