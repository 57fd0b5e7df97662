//! One command on more orders than a page shows: asked once, carried out behind by the worker in the name of who asked, order
//! by order by the one path of every command, with what each came to. A restart goes on where it was; each order is once.

use std::sync::Arc;

use huiyin_core::{order::Refusal, time::Instant};
use huiyin_store::{
    bulk::{self as store, Bulk, BulkRow},
    people::sign_in,
};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::{
    Actor, App, CommandError, input,
    orders::{self, Given, Undo},
    people,
};

/// Most orders of one.
pub const MOST: usize = 20_000;
/// Orders carried out before it is written down what they came to.
const AT_ONCE: i64 = 25;
/// How long the outcome is kept, in milliseconds.
const KEPT: i64 = 30 * 86_400_000;
/// Most that are listed.
const LISTED: i64 = 20;
/// Most refused orders that are shown.
const SHOWN: i64 = 500;

/// An order that is meant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pick {
    /// Its number.
    pub no: String,
    /// The task, for a command on one.
    pub task: Option<u32>,
    /// The command on this one.
    pub command: String,
}

/// What is asked.
#[derive(Debug, Clone)]
pub struct Ask {
    /// The key of the form: sent twice it is one.
    pub key: String,
    /// The command, as it is called.
    pub command: String,
    /// What it is given with.
    pub input: Value,
    /// Where its page leads back to.
    pub back: String,
    /// The orders.
    pub picks: Vec<Pick>,
}

/// Why an order was refused.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fault {
    /// The code.
    pub code: String,
    /// The refusal of the rules, where it is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refusal: Option<Refusal>,
    /// The field that could not be read, and why.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub invalid: Option<(String, String)>,
}

/// How far it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Progress {
    /// Its id.
    pub id: String,
    /// The command; `undo` for taking back.
    pub command: String,
    /// Where it leads back to.
    pub back: String,
    /// `running`, `ended`, `stopped`.
    pub state: String,
    /// When it was asked.
    pub made_at: Instant,
    /// Orders done.
    pub done: i64,
    /// Orders refused.
    pub refused: i64,
    /// Orders left.
    pub waiting: i64,
    /// Numbers of those refused, with why.
    pub faults: Vec<(String, Fault)>,
    /// Whether something of it can be taken back.
    pub may_undo: bool,
}

fn aad(app: &App, person: &str, id: &str) -> String {
    format!("{}/bulk/{person}/{id}", app.city)
}

/// Asks for a command on many orders; gives the id of what goes on behind. Asked again under the same key it is the same.
///
/// # Errors
/// [`CommandError::Invalid`] for no orders, or too many.
pub async fn ask(app: &Arc<App>, actor: &Actor, ask: Ask) -> Result<String, CommandError> {
    if ask.picks.is_empty() || ask.picks.len() > MOST {
        return Err(CommandError::invalid("pick", format!("choose 1 to {MOST} orders")));
    }
    let mut rows = Vec::with_capacity(ask.picks.len());
    for (place, pick) in ask.picks.iter().enumerate() {
        input::code_text("pick", &pick.no)?;
        rows.push(BulkRow {
            place: place as i64,
            no: pick.no.clone(),
            task: pick.task.map_or(0, i64::from),
            command: pick.command.clone(),
            given: None,
            state: "waiting".into(),
            fault: None,
            undo: None,
        });
    }
    keep(app, actor, &ask.key, &ask.command, &ask.input, &ask.back, rows).await
}

async fn keep(
    app: &Arc<App>,
    actor: &Actor,
    key: &str,
    command: &str,
    given: &Value,
    back: &str,
    rows: Vec<BulkRow>,
) -> Result<String, CommandError> {
    input::key(key)?;
    let text = given.to_string();
    let mut digest = Sha256::new();
    for part in [actor.person.as_str(), "\n", key, "\n", command, "\n", &text] {
        digest.update(part.as_bytes());
    }
    let id = crate::app::hex(&digest.finalize())[..32].to_owned();
    let person = actor.person.0.clone();
    let fields = app.master.seal_identity(text.as_bytes(), aad(app, &person, &id).as_bytes(), &*app.entropy);
    let bulk = Bulk {
        id: id.clone(),
        person,
        command: command.to_owned(),
        fields,
        back: back.to_owned(),
        state: "running".into(),
        made_at: app.now(),
        ended_at: None,
    };
    let (own, made) = (Arc::clone(app), Arc::new((bulk, rows)));
    app.db
        .write("bulk", move |tx| {
            let (app, made) = (Arc::clone(&own), Arc::clone(&made));
            Box::pin(async move {
                let (city, (bulk, rows)) = (app.city.as_str(), &*made);
                if store::find(tx, city, &bulk.id).await?.is_none() {
                    store::add(tx, city, bulk, rows).await?;
                }
                Ok::<_, CommandError>(())
            })
        })
        .await?;
    Ok(id)
}

/// What one has asked for, by its id.
async fn own(app: &Arc<App>, actor: &Actor, id: &str) -> Result<Bulk, CommandError> {
    input::code_text("id", id).map_err(|_| CommandError::NotFound)?;
    let (city, id) = (app.city.clone(), id.to_owned());
    let found =
        app.db.read("bulk", move |tx| Box::pin(async move { store::find(tx, city.as_str(), &id).await })).await?;
    found.filter(|bulk| bulk.person == actor.person.as_str()).ok_or(CommandError::NotFound)
}

/// How far something of one's own is.
///
/// # Errors
/// [`CommandError::NotFound`].
pub async fn progress(app: &Arc<App>, actor: &Actor, id: &str) -> Result<Progress, CommandError> {
    let bulk = own(app, actor, id).await?;
    let own = Arc::clone(app);
    app.db
        .read("bulk_progress", move |tx| {
            Box::pin(async move {
                let city = own.city.as_str();
                let counts = store::counts(tx, city, &bulk.id).await?;
                let refused = store::rows(tx, city, &bulk.id, "refused", SHOWN).await?;
                let undoable = bulk.state != "running" && !store::undoable(tx, city, &bulk.id, 1).await?.is_empty();
                let count = |state: &str| counts.iter().find(|one| one.0 == state).map_or(0, |one| one.1);
                let fault = |row: BulkRow| {
                    let fault = row.fault.as_deref().and_then(|text| serde_json::from_str(text).ok());
                    let unknown = || Fault { code: "internal".into(), refusal: None, invalid: None };
                    (row.no, fault.unwrap_or_else(unknown))
                };
                Ok::<_, CommandError>(Progress {
                    done: count("done"),
                    refused: count("refused"),
                    waiting: count("waiting"),
                    faults: refused.into_iter().map(fault).collect(),
                    may_undo: undoable,
                    id: bulk.id,
                    command: bulk.command,
                    back: bulk.back,
                    state: bulk.state,
                    made_at: bulk.made_at,
                })
            })
        })
        .await
}

/// What one has asked for lately: id, command, state, when; the latest first.
///
/// # Errors
/// [`CommandError::Unavailable`] without a database.
pub async fn list(app: &Arc<App>, actor: &Actor) -> Result<Vec<Bulk>, CommandError> {
    let (city, person) = (app.city.clone(), actor.person.clone());
    let found = app
        .db
        .read("bulks", move |tx| {
            Box::pin(async move { store::of_person(tx, city.as_str(), person.as_str(), LISTED).await })
        })
        .await?;
    Ok(found)
}

/// Stops what is left of it; what is done stays done.
///
/// # Errors
/// [`CommandError::NotFound`].
pub async fn stop(app: &Arc<App>, actor: &Actor, id: &str) -> Result<(), CommandError> {
    let bulk = own(app, actor, id).await?;
    end(app, bulk.id, "stopped").await
}

async fn end(app: &Arc<App>, id: String, state: &'static str) -> Result<(), CommandError> {
    let (own, id) = (Arc::clone(app), Arc::new(id));
    app.db
        .write("bulk_end", move |tx| {
            let (app, id) = (Arc::clone(&own), Arc::clone(&id));
            Box::pin(async move {
                store::end(tx, app.city.as_str(), &id, state, app.now()).await?;
                Ok(())
            })
        })
        .await
}

/// Takes back what was done, where a command does: behind again, each by its own command, as a further record.
///
/// # Errors
/// [`CommandError::NotFound`]; [`CommandError::Invalid`] while it runs, or with nothing to take back.
pub async fn undo(app: &Arc<App>, actor: &Actor, id: &str) -> Result<String, CommandError> {
    let bulk = own(app, actor, id).await?;
    if bulk.state == "running" {
        return Err(CommandError::invalid("id", "it still runs; stop it first"));
    }
    let (city, of) = (app.city.clone(), bulk.id.clone());
    let done = app
        .db
        .read("bulk_undo", move |tx| {
            Box::pin(async move { store::undoable(tx, city.as_str(), &of, MOST as i64).await })
        })
        .await?;
    let mut rows = Vec::new();
    for row in done {
        let Some(undo) = row.undo.as_deref().and_then(|text| serde_json::from_str::<Undo>(text).ok()) else { continue };
        rows.push(BulkRow {
            place: rows.len() as i64,
            no: row.no,
            task: 0,
            command: undo.command,
            given: Some(undo.input.to_string()),
            state: "waiting".into(),
            fault: None,
            undo: None,
        });
    }
    if rows.is_empty() {
        return Err(CommandError::invalid("id", "there is nothing to take back"));
    }
    keep(app, actor, &format!("undo:{}", bulk.id), "undo", &json!({}), &bulk.back, rows).await
}

/// Carries out up to so many orders of what is asked for; gives how many.
///
/// # Errors
/// [`CommandError::Unavailable`] without a database; what is not written down then is carried out again under its key, and
/// comes to the same.
pub async fn work(app: &Arc<App>, most: usize) -> Result<usize, CommandError> {
    let city = app.city.clone();
    let running =
        app.db.read("bulk_running", move |tx| Box::pin(async move { store::running(tx, city.as_str()).await })).await?;
    let mut worked = 0;
    for bulk in running {
        while worked < most {
            match batch(app, &bulk).await {
                Ok(Some(done)) => worked += done,
                Ok(None) => break,
                Err(error @ CommandError::Unavailable(_)) => return Err(error),
                // One that cannot be read must not hold up the others, nor what else the worker does.
                Err(error) => {
                    tracing::error!(%error, bulk = bulk.id, "a bulk command is stopped");
                    end(app, bulk.id.clone(), "stopped").await?;
                    break;
                }
            }
        }
    }
    Ok(worked)
}

/// A few orders of it; none when it is over.
async fn batch(app: &Arc<App>, bulk: &Bulk) -> Result<Option<usize>, CommandError> {
    let (own, id, today) = (Arc::clone(app), bulk.id.clone(), app.zone().day(app.now()));
    let person = bulk.person.clone();
    let (state, rows, standing) = app
        .db
        .read("bulk_next", move |tx| {
            Box::pin(async move {
                let city = own.city.as_str();
                let state = store::find(tx, city, &id).await?.map(|bulk| bulk.state);
                let rows = store::rows(tx, city, &id, "waiting", AT_ONCE).await?;
                Ok::<_, CommandError>((state, rows, sign_in::by_person(tx, city, &person, today).await?))
            })
        })
        .await?;
    // Stopped since the list was read.
    if state.as_deref() != Some("running") {
        return Ok(None);
    }
    if rows.is_empty() {
        end(app, bulk.id.clone(), "ended").await?;
        return Ok(None);
    }
    // What a person may do is what they may do now: who has left does nothing any more.
    let Some(standing) = standing else {
        end(app, bulk.id.clone(), "stopped").await?;
        return Ok(None);
    };
    let actor = people::standing_actor(bulk.person.clone(), standing)?;
    let plain = app
        .master
        .open_identity(&bulk.fields, aad(app, &bulk.person, &bulk.id).as_bytes())
        .map_err(|error| CommandError::Internal(format!("a bulk command cannot be opened: {error}")))?;
    let fields: Value = serde_json::from_slice(&plain).map_err(|error| CommandError::Internal(error.to_string()))?;
    let mut came = Vec::new();
    for mut row in rows {
        let outcome = give(app, &actor, bulk, &row, &fields).await;
        let json = |value: &Undo| serde_json::to_string(value).ok();
        (row.state, row.fault, row.undo) = match outcome {
            Ok(undo) => ("done".into(), None, undo.as_ref().and_then(json)),
            Err(error @ CommandError::Unavailable(_)) => {
                write_down(app, &bulk.id, came).await?;
                return Err(error);
            }
            Err(error) => ("refused".into(), serde_json::to_string(&fault(error)).ok(), None),
        };
        came.push(row);
    }
    let count = came.len();
    write_down(app, &bulk.id, came).await?;
    Ok(Some(count))
}

fn fault(error: CommandError) -> Fault {
    let code = error.code().to_owned();
    match error {
        CommandError::Refused(refusal) => Fault { code, refusal: Some(refusal), invalid: None },
        CommandError::Invalid { field, message } => Fault { code, refusal: None, invalid: Some((field, message)) },
        other => {
            if matches!(other, CommandError::Internal(_)) {
                tracing::error!(error = %other, "an order of a bulk command could not be carried out");
            }
            Fault { code, refusal: None, invalid: None }
        }
    }
}

/// The command on one order, under a key of its own.
async fn give(
    app: &Arc<App>,
    actor: &Actor,
    bulk: &Bulk,
    row: &BulkRow,
    fields: &Value,
) -> Result<Option<Undo>, CommandError> {
    let mut input = match &row.given {
        Some(text) => serde_json::from_str(text).map_err(|error| CommandError::Internal(error.to_string()))?,
        None => fields.clone(),
    };
    let takes_task = huiyin_core::order::table::named(&row.command).is_some_and(|row| row.field("task").is_some());
    if let (Value::Object(map), true, true) = (&mut input, takes_task, row.task > 0) {
        map.insert("task".into(), json!(row.task));
    }
    let given = Given {
        order: row.no.clone(),
        command: row.command.clone(),
        input,
        key: Some(format!("bulk:{}:{}", bulk.id, row.place)),
        if_match: None,
    };
    Ok(orders::command(app, actor, given).await?.undo)
}

async fn write_down(app: &Arc<App>, id: &str, rows: Vec<BulkRow>) -> Result<(), CommandError> {
    if rows.is_empty() {
        return Ok(());
    }
    let (own, made) = (Arc::clone(app), Arc::new((id.to_owned(), rows)));
    app.db
        .write("bulk_came_to", move |tx| {
            let (app, made) = (Arc::clone(&own), Arc::clone(&made));
            Box::pin(async move {
                for row in &made.1 {
                    store::came_to(tx, app.city.as_str(), &made.0, row).await?;
                }
                Ok(())
            })
        })
        .await
}

/// Forgets the outcome of long ago.
///
/// # Errors
/// [`CommandError::Unavailable`] without a database.
pub(crate) async fn forget(app: &Arc<App>) -> Result<u64, CommandError> {
    let (city, before) = (app.city.clone(), app.now().plus(-KEPT));
    let gone = app
        .db
        .write("bulk_forget", move |tx| {
            let city = city.clone();
            Box::pin(async move { store::forget(tx, city.as_str(), before).await })
        })
        .await?;
    Ok(gone)
}
