//! The one path of every command: load → permission → decide → apply → save, in one transaction.

use std::sync::Arc;

use huiyin_core::{
    id::{OrderId, PersonId, UnitId},
    order::{Actor as CoreActor, Command, Context, Event, Order, Refusal, State, apply, decide, table},
    organisation::Organisation,
    time::Instant,
};
use huiyin_store::{
    Tx, contents,
    orders::{self, Author, Stored},
    people, records,
};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::{effects, pair};
use crate::{
    Actor, App, CommandError, Role, files,
    input::{self, Ready},
    notices, permission,
};

/// A command as it is given.
#[derive(Debug, Clone)]
pub struct Given {
    /// Number or id of the order.
    pub order: String,
    /// Name of the command.
    pub command: String,
    /// Its fields.
    pub input: Value,
    /// The same command under the same key is carried out once.
    pub key: Option<String>,
    /// The version the order must still have.
    pub if_match: Option<u64>,
}

/// What a command came to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Done {
    /// The order's id.
    pub id: String,
    /// Its number.
    pub no: String,
    /// Its state now.
    pub state: String,
    /// How it ended, if it did.
    pub outcome: Option<String>,
    /// Its version now.
    pub version: u64,
    /// Who holds it now.
    pub holder: Option<String>,
    /// Names of the events.
    pub events: Vec<String>,
    /// Number of an order made beside it (split, reopen).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub other: Option<String>,
    /// The command that takes it back, where one does: a further record, nothing is erased.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub undo: Option<Undo>,
    /// Whether this answer was given before under the same key.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub repeated: bool,
}

/// A command that takes another back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Undo {
    /// Its name.
    pub command: String,
    /// Its fields.
    pub input: Value,
}

impl Undo {
    /// What takes a command back that was given on this order.
    fn of(before: &Order, command: &Command) -> Option<Self> {
        let (name, input) = match command {
            Command::Assign { task, .. } => {
                let handler = before.task(*task)?.handler.as_ref();
                ("assign", json!({ "task": task, "person": handler.map_or("", |person| person.as_str()) }))
            }
            Command::Tag { tag, on } => ("tag", json!({ "tag": tag, "on": !on })),
            Command::Note { .. } => ("withdraw-note", json!({ "note": before.notes.len() + 1 })),
            _ => return None,
        };
        Some(Self { command: name.to_owned(), input })
    }
}

impl Done {
    pub(super) fn of(order: &Order, events: &[Event]) -> Self {
        Self {
            id: order.id.0.clone(),
            no: order.no.clone(),
            state: order.state.code().to_owned(),
            outcome: order.outcome().map(|outcome| outcome.code().to_owned()),
            version: order.seq,
            holder: order.holder().map(|holder| holder.unit.0),
            events: events.iter().map(Event::name).collect(),
            other: None,
            undo: None,
            repeated: false,
        }
    }
}

/// Commands on one order may name no more than this in their input, in bytes of JSON.
pub const MAX_INPUT: usize = 256 * 1024;

/// Carries out a command.
///
/// # Errors
/// [`CommandError`]; a refusal is logged as an attempt and changes nothing.
pub async fn command(app: &Arc<App>, actor: &Actor, given: Given) -> Result<Done, CommandError> {
    if table::given().all(|row| row.command != given.command) && !(actor.is_system() && is_internal(&given.command)) {
        return Err(CommandError::NotFound);
    }
    if let Some(key) = &given.key {
        input::key(key)?;
    }
    let text = given.input.to_string();
    if text.len() > MAX_INPUT {
        return Err(CommandError::invalid(
            "body",
            format!("has {} bytes; a command takes at most {MAX_INPUT}", text.len()),
        ));
    }
    let digest = digest(&given, &text);
    let ready = input::ready(app, &given.command, given.input.clone())?;
    let made_beside = pair::makes_order(&given.command);
    let beside = match made_beside {
        true => Some((OrderId(app.id()), app.order_number(app.now()).await?, app.id())),
        false => None,
    };
    let job = Arc::new(Job { actor: actor.clone(), given, digest, ready, beside });
    let (own, work) = (Arc::clone(app), Arc::clone(&job));
    let outcome = app
        .db
        .write("command", move |tx| {
            let (app, job) = (Arc::clone(&own), Arc::clone(&work));
            Box::pin(async move { run(tx, &app, &job).await })
        })
        .await;
    let outcome = match outcome {
        // Another with the same key was faster: its answer is the answer.
        Err(CommandError::Internal(ref why)) if why.contains("idempotency(") => repeated(app, &job).await,
        other => other,
    };
    if let Err(error @ (CommandError::Refused(_) | CommandError::Forbidden(_))) = &outcome
        && !actor.is_system()
    {
        // What the program itself finds not yet due is nobody's attempt.
        log_attempt(app, actor, &job.given, error.code()).await;
    }
    metrics::counter!("huiyin_commands_total", "command" => job.given.command.clone(), "outcome" => match &outcome {
        Ok(_) => "done",
        Err(CommandError::Refused(_)) => "refused",
        Err(_) => "failed",
    })
    .increment(1);
    outcome
}

/// Commands that only the program gives.
fn is_internal(command: &str) -> bool {
    matches!(command, "fire" | "recount" | "archive")
}

/// All a command needs that is drawn before the transaction, so that running it again gives the same.
pub(super) struct Job {
    pub actor: Actor,
    pub given: Given,
    pub digest: String,
    pub ready: Ready,
    /// Id, number and contact of the order made beside it.
    pub beside: Option<(OrderId, String, String)>,
}

fn digest(given: &Given, input: &str) -> String {
    use sha2::{Digest, Sha256};
    let mut digest = Sha256::new();
    for part in [&given.order, "\n", &given.command, "\n", input] {
        digest.update(part.as_bytes());
    }
    crate::app::hex(&digest.finalize())
}

async fn repeated(app: &Arc<App>, job: &Arc<Job>) -> Result<Done, CommandError> {
    let (own, job) = (Arc::clone(app), Arc::clone(job));
    app.db
        .read("repeated", move |tx| {
            Box::pin(async move { known_answer(tx, &own, &job).await?.ok_or(CommandError::KeyReused) })
        })
        .await
}

async fn known_answer(tx: &mut Tx, app: &App, job: &Job) -> Result<Option<Done>, CommandError> {
    let Some(key) = &job.given.key else { return Ok(None) };
    let Some((digest, answer)) = records::answered(tx, app.city.as_str(), job.actor.person.as_str(), key).await? else {
        return Ok(None);
    };
    if digest != job.digest {
        return Err(CommandError::KeyReused);
    }
    let done: Done = serde_json::from_str(&answer)
        .map_err(|error| CommandError::Internal(format!("a kept answer cannot be read: {error}")))?;
    Ok(Some(Done { repeated: true, ..done }))
}

async fn log_attempt(app: &Arc<App>, actor: &Actor, given: &Given, code: &str) {
    let attempt = records::Attempt {
        person: actor.person.0.clone(),
        command: given.command.clone(),
        code: code.to_owned(),
        at: app.now(),
    };
    let (id, city, no) = (app.id(), app.city.clone(), given.order.clone());
    let logged = app
        .db
        .write("attempt", move |tx| {
            let (id, city, no, attempt) = (id.clone(), city.clone(), no.clone(), attempt.clone());
            Box::pin(async move {
                let order = named(tx, city.as_str(), &no).await?.map(|stored| stored.order.id);
                records::attempt(tx, city.as_str(), &id, order.as_ref().map(OrderId::as_str), &attempt).await?;
                Ok::<_, CommandError>(())
            })
        })
        .await;
    if let Err(error) = logged {
        tracing::warn!(%error, "a refused attempt could not be logged");
    }
}

/// An order, found by number or id, that the actor may see.
pub(crate) async fn seen(
    tx: &mut Tx,
    app: &App,
    actor: &Actor,
    org: &Organisation,
    order: &str,
) -> Result<Stored, CommandError> {
    let stored = named(tx, app.city.as_str(), order).await?;
    stored.filter(|stored| permission::sees(actor, &stored.order, org)).ok_or(CommandError::NotFound)
}

/// The number of an order the actor may see, by number or id.
pub(crate) async fn known(
    app: &Arc<App>,
    actor: &Actor,
    org: &Arc<Organisation>,
    order: &str,
) -> Result<String, CommandError> {
    let (own, actor, org, order) = (Arc::clone(app), actor.clone(), Arc::clone(org), order.to_owned());
    app.db
        .read("known", move |tx| Box::pin(async move { Ok(seen(tx, &own, &actor, &org, &order).await?.order.no) }))
        .await
}

/// An order by its number or id, whoever asks.
async fn named(tx: &mut Tx, city: &str, order: &str) -> Result<Option<Stored>, CommandError> {
    input::code_text("order", order).map_err(|_| CommandError::NotFound)?;
    Ok(match orders::find_by_no(tx, city, order).await? {
        Some(stored) => Some(stored),
        None if order.len() == 36 => orders::find(tx, city, &order.into()).await?,
        None => None,
    })
}

/// As [`named`], with the register of units: the two together are one statement.
async fn with_register(
    tx: &mut Tx,
    app: &App,
    order: &str,
) -> Result<(Option<Stored>, Arc<Organisation>), CommandError> {
    input::code_text("order", order).map_err(|_| CommandError::NotFound)?;
    let city = app.city.as_str();
    let (stored, version) = orders::find_by_no_beside(tx, city, order, records::REGISTER).await?;
    let org = app.organisation_of(tx, version).await?;
    Ok(match stored {
        None if order.len() == 36 => (orders::find(tx, city, &order.into()).await?, org),
        stored => (stored, org),
    })
}

/// A key is not looked up first: that no two answers stand under it is the table's own rule, and a repeated command runs
/// into it at the end, where nothing of it is kept. What is refused may have been done before under its key.
async fn run(tx: &mut Tx, app: &App, job: &Job) -> Result<Done, CommandError> {
    match carry_out(tx, app, job).await {
        Err(error) if error.is_an_answer() => known_answer(tx, app, job).await?.ok_or(error),
        other => other,
    }
}

async fn carry_out(tx: &mut Tx, app: &App, job: &Job) -> Result<Done, CommandError> {
    let (stored, org) = with_register(tx, app, &job.given.order).await?;
    let stored = stored
        .filter(|stored| permission::may_act_on(&job.actor, &stored.order, &org))
        .ok_or(CommandError::NotFound)?;
    if let Some(wanted) = job.given.if_match
        && wanted != stored.order.seq
    {
        return Err(CommandError::Stale { now: stored.order.seq });
    }
    let done = match pair::PAIRS.contains(&job.given.command.as_str()) {
        true => pair::run(tx, app, job, &org, stored).await?,
        false => single(tx, app, job, &org, stored).await?,
    };
    if let Some(key) = &job.given.key {
        let answer = serde_json::to_string(&done).map_err(|error| CommandError::Internal(error.to_string()))?;
        let person = job.actor.person.as_str();
        records::remember(tx, app.city.as_str(), person, key, &job.digest, &answer, app.now()).await?;
    }
    Ok(done)
}

async fn single(tx: &mut Tx, app: &App, job: &Job, org: &Organisation, stored: Stored) -> Result<Done, CommandError> {
    let mut fields = with_task(job, &stored.order, org)?;
    let ids = evidence(job, &mut fields)?;
    let mut command = parse(&job.given.command, fields)?;
    let master_closed = match (&command, &stored.order.merged) {
        (Command::Archive {}, Some((master, _))) => {
            orders::find(tx, app.city.as_str(), master).await?.is_none_or(|master| !master.order.state.is_open())
        }
        _ => false,
    };
    let unit = acting_for(job, &stored.order, &command, org)?;
    if let Command::Assign { task, person: person @ Some(_) } = &mut command {
        let of = stored.order.task(*task).map(|task| &task.unit);
        let named = person.take().unwrap_or_else(|| "".into());
        *person = Some(handler(tx, app, job, org, of, &named).await?);
    }
    let given = files::give(tx, app, &job.actor, &stored.order.id, &ids).await?;
    if let Command::OnScene { photo: photo @ None, .. } = &mut command {
        let picture = given.iter().find(|given| given.picture);
        *photo = picture.map(|picture| picture.file.content.clone());
    }
    let step = Step { actor: &job.actor, unit, now: app.now(), master_closed, other: None };
    let (mut after, mut events) = step.decide(app, org, &stored.order, &command)?;
    if !given.is_empty() {
        let (kept, more) = step.decide(
            app,
            org,
            &after,
            &Command::Attach { of: command.task(), files: given.into_iter().map(|given| given.file).collect() },
        )?;
        after = kept;
        events.extend(more);
    }
    let undo = Undo::of(&stored.order, &command);
    let done = save(tx, app, &job.actor, &step.unit, Some(&stored), after, events, &job.ready.contents).await?;
    Ok(Done { undo, ..done })
}

/// The person named to work on a task, by id or login; `me` is who asks. They must have a post that handles its unit's tasks.
async fn handler(
    tx: &mut Tx,
    app: &App,
    job: &Job,
    org: &Organisation,
    unit: Option<&UnitId>,
    named: &PersonId,
) -> Result<PersonId, CommandError> {
    let (city, named) = (app.city.as_str(), named.as_str());
    let sought = if named == "me" { job.actor.person.as_str() } else { named };
    let person = match people::find(tx, city, sought).await? {
        Some(person) => Some(person),
        None => people::find_by_login(tx, city, sought).await?,
    };
    if let (Some(person), Some(unit)) = (person.filter(|person| person.active), unit) {
        let today = app.zone().day(app.now());
        let posts = people::posts::of_person(tx, city, &person.id).await?;
        let fits = posts.iter().filter(|post| post.in_force(today)).any(|post| {
            Role::try_from(post.role.as_str())
                .is_ok_and(|role| permission::makes_handler(&UnitId(post.unit.clone()), role, unit, org))
        });
        if fits {
            return Ok(PersonId(person.id));
        }
    }
    Err(Refusal::new("assign.not_of_unit", format!("`{named}` has no post that handles the tasks of this unit"))
        .instead(["me"])
        .into())
}

/// Ids of the files a command brings, taken out of its fields. The picture of a scene is one of them.
fn evidence(job: &Job, fields: &mut Value) -> Result<Vec<String>, CommandError> {
    if table::named(&job.given.command).is_none_or(|row| row.field("files").is_none()) {
        return Ok(Vec::new());
    }
    let mut ids = files::named(fields)?;
    if let Some(photo) = fields.get("photo").and_then(Value::as_str) {
        ids.retain(|id| id != photo);
        ids.insert(0, photo.to_owned());
    }
    Ok(ids)
}

/// The unit acted for, once permission is clear.
pub(super) fn acting_for(
    job: &Job,
    order: &Order,
    command: &Command,
    org: &Organisation,
) -> Result<UnitId, CommandError> {
    let asked = command.request();
    let (task, request) = (command.task().and_then(|no| order.task(no)), asked.and_then(|no| order.request(no)));
    // A number that is not there is said to be so: nobody's permission is missing.
    if let Some(no) = command.task().filter(|_| task.is_none()) {
        let open = order.tasks.iter().filter(|task| task.state.is_open()).map(|task| task.no.to_string());
        return Err(Refusal::new("task.unknown", format!("the order has no task {no}")).instead(open).into());
    }
    if let Some(no) = asked.filter(|_| request.is_none()) {
        let pending = order.pending().map(|request| request.no.to_string());
        return Err(Refusal::new("request.unknown", format!("the order has no request {no}")).instead(pending).into());
    }
    permission::commander(&job.actor, &job.given.command, order, task, request, org)
}

/// One decision: who for, and what it may look at.
pub(super) struct Step<'a> {
    pub actor: &'a Actor,
    pub unit: UnitId,
    /// One moment for all that a command does: its events stand at it in the journal.
    pub now: Instant,
    pub master_closed: bool,
    pub other: Option<(OrderId, State)>,
}

impl Step<'_> {
    /// Decides and applies.
    pub fn decide(
        &self,
        app: &App,
        org: &Organisation,
        order: &Order,
        command: &Command,
    ) -> Result<(Order, Vec<Event>), CommandError> {
        let now = self.now;
        if now.ms() + 1_000 < order.at.ms() {
            metrics::counter!("huiyin_clock_stepped_back_total").increment(1);
            tracing::warn!(order.id = %order.id, behind_ms = order.at.ms() - now.ms(), "the clock is behind the order's last event");
        }
        let ctx = Context {
            actor: CoreActor { person: self.actor.person.clone(), unit: self.unit.clone() },
            now,
            pack: &app.pack,
            organisation: org,
            master_closed: self.master_closed,
            other: self.other.clone(),
        };
        let events = decide(order, command, &ctx)?;
        let at = now.max(order.at);
        let after = events.iter().fold(order.clone(), |order, event| apply(order, event, at));
        Ok((after, events))
    }
}

/// A command of its name and fields.
pub(super) fn parse(name: &str, mut fields: Value) -> Result<Command, CommandError> {
    if let Some(fields) = fields.as_object_mut() {
        fields.insert("command".into(), json!(name));
    }
    serde_json::from_value(fields.clone()).map_err(|error| {
        let message = error.to_string();
        let named =
            |start: &str| message.strip_prefix(start).and_then(|rest| rest.split('`').next()).map(str::to_owned);
        let field = match (named("unknown field `"), named("missing field `")) {
            (Some(unknown), _) if fields.get(&unknown).is_some() => Some(unknown),
            (_, Some(missing)) if has_field(name, &missing) => Some(missing),
            (_, Some(missing)) => Some(at_fault(&fields, &message, Value::is_object).unwrap_or(missing)),
            _ => at_fault(&fields, &message, |_| true),
        };
        CommandError::Invalid { field: field.unwrap_or_else(|| "body".into()), message }
    })
}

/// Whether a command has a field of this name; else it is one of an object inside it.
fn has_field(command: &str, field: &str) -> bool {
    let unknown = format!("unknown field `{field}`");
    serde_json::from_value::<Command>(json!({ "command": command, field: null }))
        .err()
        .is_none_or(|error| !error.to_string().starts_with(&unknown))
}

/// The field that cannot be read: without it, the fault is another or none.
fn at_fault(fields: &Value, message: &str, may: impl Fn(&Value) -> bool) -> Option<String> {
    let fields = fields.as_object()?;
    let without = |name: &str| {
        let mut rest = fields.clone();
        rest.remove(name);
        serde_json::from_value::<Command>(Value::Object(rest)).err().is_none_or(|error| error.to_string() != message)
    };
    let mut own = fields.iter().filter(|(name, value)| *name != "command" && may(value));
    own.find(|(name, _)| without(name)).map(|(name, _)| name.clone())
}

/// The fields, with the actor's only open task where a task command names none.
fn with_task(job: &Job, order: &Order, org: &Organisation) -> Result<Value, CommandError> {
    let mut value = job.ready.value.clone();
    let Some(fields) = value.as_object_mut() else { return Ok(value) };
    if let Some(task) = fields.get("task").and_then(Value::as_str).and_then(|task| task.parse::<u32>().ok()) {
        fields.insert("task".into(), json!(task));
    }
    if table::named(&job.given.command).is_none_or(|row| row.field("task").is_none()) || fields.contains_key("task") {
        return Ok(value);
    }
    let own: Vec<u32> = order
        .tasks
        .iter()
        .filter(|task| match job.given.command.as_str() {
            "send-back" => task.state.code() == "fed-back",
            _ => task.state.is_open(),
        })
        .filter(|task| permission::commander(&job.actor, &job.given.command, order, Some(task), None, org).is_ok())
        .map(|task| task.no.0)
        .collect();
    match own.as_slice() {
        [only] => {
            fields.insert("task".into(), json!(only));
            Ok(value)
        }
        [] => {
            // Let the first task speak: its unit is not the actor's, or nothing is open.
            match order.tasks.last() {
                Some(task) => {
                    fields.insert("task".into(), json!(task.no.0));
                    Ok(value)
                }
                None => Err(Refusal::new("task.none", "the order is with no unit").into()),
            }
        }
        several => Err(CommandError::invalid("task", format!("name one of your open tasks: {several:?}"))),
    }
}

/// Saves one order's step: rows, journal, contents, desk items.
#[allow(clippy::too_many_arguments)]
pub(super) async fn save(
    tx: &mut Tx,
    app: &App,
    actor: &Actor,
    unit: &UnitId,
    before: Option<&Stored>,
    after: Order,
    events: Vec<Event>,
    contents: &[contents::NewContent],
) -> Result<Done, CommandError> {
    let city = app.city.as_str();
    let done = Done::of(&after, &events);
    let author = Author { person: actor.person.0.clone(), unit: unit.0.clone() };
    let texts: Vec<contents::NewContent> = contents
        .iter()
        .map(|content| contents::NewContent { order: Some(after.id.0.clone()), ..content.clone() })
        .collect();
    effects::follow(tx, app, actor, &after, &events).await?;
    let notices = notices::of(tx, app, actor, &after, &events).await?;
    let mut changes = tx.changes();
    contents::add(&mut changes, city, after.at, &texts);
    huiyin_store::notices::add(&mut changes, city, &notices);
    orders::save_with(tx, changes, city, app.zone(), before, after, &events, &author).await?;
    Ok(done)
}
