//! Taking a matter in: raw first, then an order in `intake`, then, where a person has looked, registered.

use std::sync::Arc;

use huiyin_core::{
    id::{ClaimantId, ContactId, OrderId, UnitId},
    order::{Channel, Command, Link, NewPart, Order},
    organisation::Organisation,
    policy::Function,
    time::Instant,
};
use huiyin_store::{
    StoreError, Tx,
    contents::{self, NewContact, NewContent},
    orders,
    orders::Author,
    records,
};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::{
    Done,
    identity::{NewClaimantInput, SealedClaimant, seal_claimant},
    run::{Step, parse},
};
use crate::{Actor, App, CommandError, Role, Scope, files, input, permission};

/// A matter as it comes in. With `kind` it is registered at once; without, it waits in `intake`.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct NewOrder {
    /// How it came in; `phone` where nothing is said.
    pub channel: Option<String>,
    /// The channel's own id of the contact: a second delivery is the same contact.
    pub external_id: Option<String>,
    /// When the city received it, where that differs from now.
    pub received_at: Option<String>,
    /// The desk that takes it in; the actor's own where nothing is said.
    pub desk: Option<String>,
    /// Title.
    pub title: Option<String>,
    /// The matter.
    pub body: Option<String>,
    /// Who raises it.
    pub claimant: NewClaimantInput,
    /// Whether the claimant called it an emergency.
    pub claimed_emergency: bool,
    /// The kind the claimant called it, whatever a person finds.
    pub claimed_kind: Option<String>,
    /// Kind.
    pub kind: Option<String>,
    /// Subject.
    pub subject: Option<String>,
    /// Accepted-matter item.
    pub item: Option<String>,
    /// Urgency.
    pub urgency: Option<String>,
    /// Area code.
    pub area: Option<String>,
    /// The place in words.
    pub place: Option<String>,
    /// The unit complained about.
    pub target: Option<String>,
    /// Whether units must not learn who raised it; where nothing is said, as the pack has it for the kind.
    pub secret: Option<bool>,
    /// Ids of files stored before, by the same person.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub files: Vec<String>,
    /// An open order it goes along with, where the claimant chose one; a person decides whether it is the same.
    #[serde(skip)]
    pub follows: Option<OrderId>,
}

/// What taking in came to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TakenIn {
    /// The order.
    #[serde(flatten)]
    pub done: Done,
    /// Whether the contact had been taken in before.
    pub known: bool,
}

struct Job {
    actor: Actor,
    unit: UnitId,
    id: OrderId,
    key: Option<String>,
    digest: String,
    channel: Channel,
    external_id: Option<String>,
    received_at: Instant,
    take_in: Command,
    register: Option<Command>,
    register_of_units: Arc<Organisation>,
    claimant: SealedClaimant,
    contact: NewContact,
    contents: Vec<NewContent>,
    files: Vec<String>,
    /// The contact is stored already and waits.
    waits: bool,
}

/// Why a matter was not taken in.
enum Stop {
    /// This contact of the channel was set aside and waits.
    Waiting(String),
    Error(CommandError),
}

impl From<CommandError> for Stop {
    fn from(error: CommandError) -> Self {
        Self::Error(error)
    }
}

impl From<StoreError> for Stop {
    fn from(error: StoreError) -> Self {
        Self::Error(error.into())
    }
}

/// Takes a matter in. `raw` is what came over the wire, kept sealed as it was. A contact that was set aside before and now
/// can be read opens its order and waits no longer.
///
/// # Errors
/// [`CommandError`]; nothing is stored then.
pub async fn take_in(
    app: &Arc<App>,
    actor: &Actor,
    new: NewOrder,
    raw: &[u8],
    key: Option<String>,
) -> Result<TakenIn, CommandError> {
    let waiting = match carry_out(app, Arc::new(prepare(app, actor, new.clone(), raw, key.clone(), None).await?)).await
    {
        Err(Stop::Waiting(contact)) => contact,
        Err(Stop::Error(error)) => return Err(error),
        Ok(taken) => return Ok(taken),
    };
    open(app, actor, new, raw, key, waiting).await
}

/// Opens an order for a contact that waits, as a person has read it. Once; opened again it gives the same order.
///
/// # Errors
/// [`CommandError::NotFound`] when no such contact waits; [`CommandError`]; it waits on then.
pub async fn open_waiting(
    app: &Arc<App>,
    actor: &Actor,
    contact: &str,
    new: NewOrder,
    key: Option<String>,
) -> Result<TakenIn, CommandError> {
    if !permission::INTAKE.iter().any(|role| actor.has(*role)) {
        return Err(CommandError::Forbidden("the call centre, the office or a sub-centre".into()));
    }
    input::code_text("contact", contact).map_err(|_| CommandError::NotFound)?;
    let (city, id) = (app.city.clone(), contact.to_owned());
    let found = app
        .db
        .read("contact", move |tx| Box::pin(async move { contents::contact(tx, city.as_str(), &id).await }))
        .await?
        .ok_or(CommandError::NotFound)?;
    let received = app.zone().rfc3339(found.received_at);
    let new =
        NewOrder { channel: Some(found.channel), external_id: found.external_id, received_at: Some(received), ..new };
    let raw = serde_json::to_vec(&new).map_err(|error| CommandError::Internal(error.to_string()))?;
    open(app, actor, new, &raw, key, found.id).await
}

async fn open(
    app: &Arc<App>,
    actor: &Actor,
    new: NewOrder,
    raw: &[u8],
    key: Option<String>,
    contact: String,
) -> Result<TakenIn, CommandError> {
    match carry_out(app, Arc::new(prepare(app, actor, new, raw, key, Some(contact)).await?)).await {
        Ok(taken) => Ok(taken),
        Err(Stop::Waiting(_)) => Err(CommandError::NotFound),
        Err(Stop::Error(error)) => Err(error),
    }
}

async fn carry_out(app: &Arc<App>, job: Arc<Job>) -> Result<TakenIn, Stop> {
    let (own, work) = (Arc::clone(app), Arc::clone(&job));
    let outcome = app
        .db
        .write("take_in", move |tx| {
            let (app, job) = (Arc::clone(&own), Arc::clone(&work));
            Box::pin(async move { run(tx, &app, &job).await })
        })
        .await;
    match outcome {
        // Delivered twice at once: the first stands.
        Err(Stop::Error(CommandError::Internal(why))) if why.contains("contact(") || why.contains("idempotency(") => {
            let own = Arc::clone(app);
            app.db
                .read("known_contact", move |tx| {
                    Box::pin(async move { known(tx, &own, &job).await?.ok_or(Stop::Error(CommandError::KeyReused)) })
                })
                .await
        }
        other => other,
    }
}

/// The unit an actor takes in for.
fn desk(app: &App, actor: &Actor, org: &Organisation, wanted: Option<&str>) -> Result<UnitId, CommandError> {
    let call_centre = || org.with_function(Function::CallCentre).map(|unit| unit.id.clone());
    let office = || org.with_function(Function::Office).map(|unit| unit.id.clone());
    if let Some(wanted) = wanted {
        let unit = UnitId::from(wanted);
        if org.unit(&unit).is_none() {
            return Err(CommandError::invalid("desk", format!("no unit is called `{wanted}`")));
        }
        let may = actor.is_system() || actor.posts.iter().any(|post| post.unit == unit) || actor.has(Role::Office);
        return may.then_some(unit).ok_or_else(|| CommandError::Forbidden("a post at that desk".into()));
    }
    let own = permission::INTAKE.iter().find_map(|role| actor.units(*role).next().cloned());
    own.or_else(call_centre).or_else(office).ok_or_else(|| {
        CommandError::Internal(format!("the register of `{}` has no call centre and no office", app.city))
    })
}

async fn prepare(
    app: &Arc<App>,
    actor: &Actor,
    new: NewOrder,
    raw: &[u8],
    key: Option<String>,
    waiting: Option<String>,
) -> Result<Job, CommandError> {
    if let Some(key) = &key {
        input::key(key)?;
    }
    let staff = permission::INTAKE.iter().any(|role| actor.has(*role));
    let public = actor.is_public();
    if !(staff || public || actor.is_system()) {
        return Err(CommandError::Forbidden("the call centre, the office or a sub-centre".into()));
    }
    if !actor.allows(Scope::OrdersWrite) {
        return Err(CommandError::Forbidden("a token with scope orders:write".into()));
    }
    let codes = [
        ("channel", &new.channel),
        ("external_id", &new.external_id),
        ("desk", &new.desk),
        ("kind", &new.kind),
        ("claimed_kind", &new.claimed_kind),
        ("subject", &new.subject),
        ("item", &new.item),
        ("urgency", &new.urgency),
        ("area", &new.area),
        ("target", &new.target),
        ("claimant.language", &new.claimant.language),
    ];
    for id in &new.files {
        input::code_text("files", id)?;
    }
    for (name, code) in codes {
        input::code_text(name, code.as_deref().unwrap_or_default())?;
    }
    let mut org = app.recent_organisation().await?;
    let now = app.now();
    let unit = match desk(app, actor, &org, new.desk.as_deref()) {
        Err(CommandError::Invalid { .. }) => {
            org = app.current_organisation().await?;
            desk(app, actor, &org, new.desk.as_deref())?
        }
        other => other?,
    };
    let channel = Channel::try_from(new.channel.as_deref().unwrap_or("phone"))
        .map_err(|message| CommandError::invalid("channel", message))?;
    let received_at = match new.received_at.as_deref().map(str::trim).filter(|text| !text.is_empty()) {
        Some(text) => app.zone().parse(text).map_err(|message| CommandError::invalid("received_at", message))?,
        None => now,
    };
    if new.external_id.as_ref().is_some_and(|id| id.is_empty() || id.len() > 250) {
        return Err(CommandError::invalid("external_id", "an id has 1 to 250 bytes"));
    }
    if received_at > now {
        return Err(CommandError::invalid("received_at", "lies in the future"));
    }
    let id = OrderId(app.id());
    let no = app.order_number(now).await?;
    let waits = waiting.is_some();
    let contact_id = waiting.unwrap_or_else(|| app.id());
    let digest = {
        use sha2::{Digest, Sha256};
        crate::app::hex(&Sha256::digest(raw))
    };
    let claimant = seal_claimant(app, new.claimant, &id)?;
    let mut contents = Vec::new();
    let mut text = |name: &str, value: &Option<String>| -> Result<Option<huiyin_core::order::Text>, CommandError> {
        match value.as_deref().map(str::trim).filter(|text| !text.is_empty()) {
            Some(value) => input::seal_text(app, name, value, &mut contents).map(Some),
            None => Ok(None),
        }
    };
    let (title, body, place) = (text("title", &new.title)?, text("body", &new.body)?, text("place", &new.place)?);
    if title.is_none() && body.is_none() {
        return Err(CommandError::invalid("body", "write what the matter is"));
    }
    let aad = format!("{}/{contact_id}", app.city);
    let raw_id = app.id();
    contents.push(NewContent {
        id: raw_id.clone(),
        order: Some(id.0.clone()),
        what: "raw".into(),
        body: app.master.seal_identity(raw, aad.as_bytes(), &*app.entropy),
        wrapped_key: Vec::new(),
    });
    let register = match new.kind.as_deref().filter(|kind| !kind.is_empty()) {
        None => None,
        Some(_) if public => return Err(CommandError::Forbidden("a person at the desk to register".into())),
        Some(kind) => {
            let mut fields = Map::new();
            let plain = [
                ("kind", Some(kind.to_owned())),
                ("subject", new.subject),
                ("item", new.item),
                ("urgency", new.urgency),
                ("area", new.area),
                ("target", new.target),
            ];
            for (name, value) in plain {
                if let Some(value) = value.filter(|value| !value.is_empty()) {
                    fields.insert(name.into(), json!(value));
                }
            }
            fields.insert("place".into(), json!(place));
            fields.insert("secret".into(), json!(new.secret));
            Some(parse("register", Value::Object(fields))?)
        }
    };
    Ok(Job {
        actor: actor.clone(),
        unit: unit.clone(),
        key,
        digest,
        channel,
        received_at,
        take_in: Command::TakeIn {
            no,
            channel,
            contact: ContactId(contact_id.clone()),
            desk: unit,
            received_at: Some(received_at),
            claimed_emergency: new.claimed_emergency,
            claimed_kind: new.claimed_kind.filter(|kind| !kind.is_empty()),
            title,
            body,
            parts: vec![NewPart {
                claimant: ClaimantId(claimant.row.id.clone()),
                anonymous: claimant.anonymous,
                reachable: claimant.reachable,
            }],
            link: new.follows.map(|order| Link { order, relation: "related".into() }),
            secret: new.secret.unwrap_or(false),
        },
        register,
        register_of_units: org,
        claimant,
        contact: NewContact {
            id: contact_id,
            channel: channel.code().to_owned(),
            external_id: new.external_id.clone(),
            received_at,
            raw: raw_id,
            order: Some(id.0.clone()),
            state: "opened".into(),
            fault: None,
        },
        external_id: new.external_id,
        id,
        contents,
        files: new.files,
        waits,
    })
}

async fn known(tx: &mut Tx, app: &App, job: &Job) -> Result<Option<TakenIn>, Stop> {
    let city = app.city.as_str();
    if let Some(key) = &job.key
        && let Some((digest, answer)) = records::answered(tx, city, job.actor.person.as_str(), key).await?
    {
        if digest != job.digest {
            return Err(CommandError::KeyReused.into());
        }
        let mut taken: TakenIn = serde_json::from_str(&answer)
            .map_err(|error| CommandError::Internal(format!("a kept answer cannot be read: {error}")))?;
        taken.done.repeated = true;
        return Ok(Some(taken));
    }
    let Some(external) = &job.external_id else { return Ok(None) };
    let order = match contents::known_contact(tx, city, job.channel.code(), external).await? {
        None => return Ok(None),
        Some((_, None)) if job.waits => return Ok(None),
        Some((contact, None)) => return Err(Stop::Waiting(contact)),
        Some((_, Some(order))) => orders::find(tx, city, &OrderId(order)).await?,
    };
    Ok(order.map(|stored| TakenIn { done: Done { repeated: true, ..Done::of(&stored.order, &[]) }, known: true }))
}

async fn run(tx: &mut Tx, app: &App, job: &Job) -> Result<TakenIn, Stop> {
    // The channel's own id is looked up first; a key runs into its table's rule at the end.
    if job.external_id.is_some()
        && let Some(known) = known(tx, app, job).await?
    {
        return Ok(known);
    }
    match carry_on(tx, app, job).await {
        Err(Stop::Error(error)) if error.is_an_answer() => known(tx, app, job).await?.ok_or(Stop::Error(error)),
        other => other,
    }
}

async fn carry_on(tx: &mut Tx, app: &App, job: &Job) -> Result<TakenIn, Stop> {
    let city = app.city.as_str();
    let now = app.now().max(job.received_at);
    let step = Step { actor: &job.actor, unit: job.unit.clone(), now, master_closed: false, other: None };
    let blank = Order::blank(job.id.clone(), now);
    let decided = |org: &Organisation| {
        let (order, mut events) = step.decide(app, org, &blank, &job.take_in)?;
        let Some(register) = &job.register else { return Ok((order, events)) };
        let (order, more) = step.decide(app, org, &order, register)?;
        events.extend(more);
        Ok((order, events))
    };
    // Taking in asks the register only whose desk it is and whether a unit is known: the register as last read will do,
    // and what it refuses is decided again by the register as it is now.
    let (order, events) = match decided(&job.register_of_units) {
        Err(CommandError::Refused(_)) => decided(&*app.organisation(tx).await?)?,
        other => other?,
    };
    let given = files::give(tx, app, &job.actor, &job.id, &job.files).await?;
    let (order, events) = match given.is_empty() {
        true => (order, events),
        false => {
            let files = given.into_iter().map(|given| given.file).collect();
            let (order, more) =
                step.decide(app, &job.register_of_units, &order, &Command::Attach { of: None, files })?;
            (order, [events, more].concat())
        }
    };
    let mut changes = tx.changes();
    if !job.waits {
        contents::add_contact(&mut changes, city, now, &job.contact);
    } else if !contents::settle(tx, city, &job.contact.id, "opened", Some(job.id.as_str())).await? {
        return Err(CommandError::NotFound.into());
    }
    contents::add_claimants(&mut changes, city, now, std::slice::from_ref(&job.claimant.row));
    let texts: Vec<NewContent> =
        job.contents.iter().map(|c| NewContent { order: Some(order.id.0.clone()), ..c.clone() }).collect();
    contents::add(&mut changes, city, now, &texts);
    let author = Author { person: job.actor.person.0.clone(), unit: job.unit.0.clone() };
    let taken = TakenIn { done: Done::of(&order, &events), known: false };
    orders::save_with(tx, changes, city, app.zone(), None, order, &events, &author).await?;
    if let Some(key) = &job.key {
        let answer = serde_json::to_string(&taken).map_err(|error| CommandError::Internal(error.to_string()))?;
        records::remember(tx, city, job.actor.person.as_str(), key, &job.digest, &answer, now).await?;
    }
    Ok(taken)
}

/// Stores a contact that cannot be read: raw, waiting for a person. False when the channel delivered it before.
///
/// # Errors
/// [`CommandError::Unavailable`] without a database.
pub async fn set_aside(
    app: &Arc<App>,
    channel: &str,
    external_id: &str,
    raw: &[u8],
    fault: &str,
) -> Result<bool, CommandError> {
    let channel = Channel::try_from(channel).map_err(|message| CommandError::invalid("channel", message))?;
    let (now, contact_id, raw_id) = (app.now(), app.id(), app.id());
    let aad = format!("{}/{contact_id}", app.city);
    let content = NewContent {
        id: raw_id.clone(),
        order: None,
        what: "raw".into(),
        body: app.master.seal_identity(raw, aad.as_bytes(), &*app.entropy),
        wrapped_key: Vec::new(),
    };
    let contact = NewContact {
        id: contact_id,
        channel: channel.code().to_owned(),
        external_id: Some(external_id.chars().take(250).collect()),
        received_at: now,
        raw: raw_id,
        order: None,
        state: "waiting".into(),
        fault: Some(fault.chars().take(300).collect()),
    };
    let (own, kept) = (Arc::clone(app), Arc::new((contact, content)));
    app.db
        .write("set_aside", move |tx| {
            let (app, kept) = (Arc::clone(&own), Arc::clone(&kept));
            Box::pin(async move {
                let (city, (contact, content)) = (app.city.as_str(), &*kept);
                let external = contact.external_id.as_deref().unwrap_or_default();
                if contents::known_contact(tx, city, &contact.channel, external).await?.is_some() {
                    return Ok(false);
                }
                contents::insert_contact(tx, city, now, contact).await?;
                contents::insert(tx, city, now, std::slice::from_ref(content)).await?;
                Ok(true)
            })
        })
        .await
}
