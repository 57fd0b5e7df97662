//! Files given as evidence: taken by their content, without what a camera wrote, sealed while they stream to the object
//! store; read by those who may see the order, each reading logged; swept when no command has named them for a day.
//!
//! [`take`] stores a file and gives its id; a command that takes evidence names it in `files`, and from then on the order
//! has it. Sent twice under one key it is one file.

mod film;
mod kind;
mod office;
mod pdf;
mod strip;
mod thumb;

use std::sync::Arc;

use bytes::Bytes;
use futures_util::{Stream, StreamExt as _, stream, stream::BoxStream};
use huiyin_core::{
    id::{ContentId, OrderId},
    order::Text,
};
use huiyin_store::{
    StoreError, Tx,
    contents::{self, Kept as Keyed, NewContent},
    files::{self, FileRow, Incoming},
    records::{self, Reveal},
    seal::{ContentKey, StreamOpener, StreamSealer},
};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

pub use kind::{KINDS, Kind};

use crate::{Actor, App, CommandError, Role, Scope, input, orders, permission};

/// Largest file, in bytes.
pub const MAX_SIZE: u64 = 20 * 1024 * 1024;
/// Files one person may have stored in a day without a command that names them.
const MAX_LOOSE: i64 = 200;
/// How long a file waits for a command that names it, in milliseconds.
const WAITS: i64 = 24 * 3_600_000;
/// Files are held whole while they are looked at: this much of them at once, in MiB.
pub(crate) const HELD: usize = 48;

/// Why a file is not taken, whatever its beginning shows it to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fault {
    /// It is not whole, or not of its kind after all.
    Damaged,
    /// Another file is hidden in it, or a part of it leads out of it.
    Hidden,
    /// Unpacked it is far larger than it may be.
    Bomb,
    /// It holds what runs.
    Macros,
}

impl Fault {
    fn words(self) -> &'static str {
        match self {
            Self::Damaged => "the file is damaged; take or save it again",
            Self::Hidden => "the file hides another one; save it anew with the program that made it",
            Self::Bomb => "unpacked, the file is far larger than may be; save it anew in smaller parts",
            Self::Macros => "the document holds macros or controls; save it anew without them, or as pdf",
        }
    }
}

impl From<Fault> for CommandError {
    fn from(fault: Fault) -> Self {
        Self::invalid("file", fault.words())
    }
}

/// A file as it is kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Kept {
    /// Its id, by which a command names it.
    pub id: String,
    /// Its name.
    pub name: String,
    /// What it is.
    pub media: String,
    /// Its length in bytes, as it is kept.
    pub size: u64,
    /// SHA-256 of it, as it is kept.
    pub digest: String,
}

/// What a file's content row says, and its code in the journal covers.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct About {
    name: String,
    media: String,
    size: u64,
    /// SHA-256 of the file.
    sha256: String,
    /// SHA-256 of its sealed bytes.
    sealed: String,
    /// SHA-256 of the sealed small picture.
    thumb: Option<String>,
}

/// What a file's content row is called.
pub(crate) const WHAT: &str = "file";

/// Who may store files: those who may give a command that takes some.
fn may(actor: &Actor) -> Result<(), CommandError> {
    use Role::{Agent, Callback, Leader, Office, Officer, Subcentre};
    if !actor.allows(Scope::OrdersWrite) {
        return Err(CommandError::Forbidden("a token with scope orders:write".into()));
    }
    let staff = [Agent, Office, Subcentre, Officer, Leader, Callback].iter().any(|role| actor.has(*role));
    if staff || actor.is_system() || actor.is_public() {
        return Ok(());
    }
    Err(CommandError::Forbidden("who takes matters in or handles them".into()))
}

/// Takes a file. Nothing of it stays when it is not whole, not of a kind that is taken, or too large.
///
/// # Errors
/// [`CommandError::Invalid`] for what is no file of these kinds; [`CommandError::TooLarge`]; [`CommandError::Unavailable`].
pub async fn take<S, E>(
    app: &Arc<App>,
    actor: &Actor,
    given: &str,
    key: Option<&str>,
    mut body: S,
) -> Result<Kept, CommandError>
where
    S: Stream<Item = Result<Bytes, E>> + Send + Unpin,
{
    may(actor)?;
    let id = match key {
        Some(key) => {
            input::key(key)?;
            id_of(app.city.as_str(), actor.person.as_str(), key)
        }
        None => app.id(),
    };
    few_loose(app, actor).await?;
    let mut reader = Reader { body: &mut body, taken: 0 };
    let mut head = Vec::new();
    while head.len() < kind::HEAD
        && let Some(part) = reader.next().await?
    {
        head.extend_from_slice(&part);
    }
    if head.is_empty() {
        return Err(CommandError::invalid("file", "the file is empty; choose another"));
    }
    let kind = kind::of(&head).map_err(|found| {
        let taken: Vec<&str> = KINDS.iter().map(|kind| kind.ending).collect();
        let message = format!("its content is `{found}`; files of these kinds are taken: {}", taken.join(" "));
        CommandError::invalid("file", message)
    })?;
    let key = ContentKey::generate(&*app.entropy);
    let mut object = Object::begin(app, &key, "file", &id).await?;
    let mut thumb = None;
    let written = if kind.media == kind::MP4 {
        through(app, head.into(), &mut reader, &mut object).await
    } else {
        held(app, kind, head, &mut reader, &mut object).await.map(|small| thumb = small)
    };
    if let Err(error) = written {
        object.incoming.abort().await;
        return Err(error);
    }
    let (size, sha256, sealed) = object.finish().await?;
    let thumb = match thumb {
        Some(small) => {
            let mut object = Object::begin(app, &key, "thumb", &format!("{id}-thumb")).await?;
            object.write(&small).await?;
            Some(object.finish().await?.2)
        }
        None => None,
    };
    let about = About { name: kind::name(given, kind), media: kind.media.to_owned(), size, sha256, sealed, thumb };
    enter(app, actor, id, &key, about).await
}

/// The id of what is sent under a key: sent again it is the same.
fn id_of(city: &str, person: &str, key: &str) -> String {
    let digest = crate::app::hex(&Sha256::digest(format!("file\n{city}\n{person}\n{key}")));
    format!("{}-{}-{}-{}-{}", &digest[..8], &digest[8..12], &digest[12..16], &digest[16..20], &digest[20..32])
}

async fn few_loose(app: &Arc<App>, actor: &Actor) -> Result<(), CommandError> {
    let (city, person, since) = (app.city.clone(), actor.person.clone(), app.now().plus(-WAITS));
    let loose = app
        .db
        .read("files", move |tx| {
            Box::pin(async move { files::loose_of(tx, city.as_str(), person.as_str(), since).await })
        })
        .await?;
    if loose >= MAX_LOOSE { Err(CommandError::TooMany { seconds: 3600 }) } else { Ok(()) }
}

/// A body that is not read beyond the limit.
struct Reader<'a, S> {
    body: &'a mut S,
    taken: u64,
}

impl<S, E> Reader<'_, S>
where
    S: Stream<Item = Result<Bytes, E>> + Send + Unpin,
{
    async fn next(&mut self) -> Result<Option<Bytes>, CommandError> {
        match self.body.next().await {
            None => Ok(None),
            Some(Ok(part)) => {
                self.taken += part.len() as u64;
                if self.taken > MAX_SIZE {
                    return Err(CommandError::TooLarge { most: MAX_SIZE });
                }
                Ok(Some(part))
            }
            Some(Err(_)) => Err(CommandError::invalid("file", "the file did not arrive whole; send it again")),
        }
    }
}

/// An object being sealed and written.
struct Object {
    incoming: Incoming,
    sealer: StreamSealer,
    sealed: Vec<u8>,
    digest: Sha256,
    size: u64,
}

impl Object {
    async fn begin(app: &App, key: &ContentKey, what: &str, id: &str) -> Result<Self, CommandError> {
        let (sealer, head) = StreamSealer::new(key, what, &*app.entropy);
        // Two uploads under one key must not meet.
        let own = format!("{id}-{}", app.id());
        let mut incoming = app.files.begin(app.city.as_str(), &own).await.map_err(files_away)?;
        incoming.write(&head).await.map_err(files_away)?;
        Ok(Self { incoming, sealer, sealed: Vec::new(), digest: Sha256::new(), size: 0 })
    }

    async fn write(&mut self, text: &[u8]) -> Result<(), CommandError> {
        self.digest.update(text);
        self.size += text.len() as u64;
        for part in text.chunks(4 * huiyin_store::seal::CHUNK) {
            self.sealer.push(part, &mut self.sealed);
            self.incoming.write(&self.sealed).await.map_err(files_away)?;
            self.sealed.clear();
        }
        Ok(())
    }

    /// Length and SHA-256 of the text, and the object's name.
    async fn finish(mut self) -> Result<(u64, String, String), CommandError> {
        self.sealer.finish(&mut self.sealed);
        self.incoming.write(&self.sealed).await.map_err(files_away)?;
        let stored = self.incoming.finish().await.map_err(files_away)?;
        Ok((self.size, crate::app::hex(&self.digest.finalize()), stored.digest))
    }
}

fn files_away(error: StoreError) -> CommandError {
    match error {
        StoreError::Unavailable(why) => CommandError::Unavailable(why),
        other => CommandError::Internal(other.to_string()),
    }
}

/// A film is looked into while it goes through.
async fn through<S, E>(
    app: &App,
    head: Bytes,
    reader: &mut Reader<'_, S>,
    object: &mut Object,
) -> Result<(), CommandError>
where
    S: Stream<Item = Result<Bytes, E>> + Send + Unpin,
{
    let (mut film, mut out, mut end) = (film::Film::default(), Vec::new(), Vec::new());
    let (mut places, mut part) = (Vec::new(), Some(head));
    while let Some(text) = part {
        film.push(&text, &mut out)?;
        while places.len() < film.held().div_ceil(1 << 20) {
            places.push(place(&app.pictures)?);
        }
        object.write(&out).await?;
        end.extend_from_slice(&out);
        end.drain(..end.len().saturating_sub(kind::TAIL));
        out.clear();
        part = reader.next().await?;
    }
    film.finish()?;
    if kind::hides_archive(&end) { Err(Fault::Hidden.into()) } else { Ok(()) }
}

/// Everything else is held whole: what a camera or a program wrote beside what it shows is taken out, and a small picture
/// is made of a picture.
async fn held<S, E>(
    app: &App,
    kind: Kind,
    mut whole: Vec<u8>,
    reader: &mut Reader<'_, S>,
    object: &mut Object,
) -> Result<Option<Vec<u8>>, CommandError>
where
    S: Stream<Item = Result<Bytes, E>> + Send + Unpin,
{
    let mut places = vec![place(&app.pictures)?];
    // What is not written to costs nothing; what grows by moving holds a file three times over.
    whole.reserve_exact(usize::try_from(MAX_SIZE).unwrap_or_default());
    while let Some(part) = reader.next().await? {
        whole.extend_from_slice(&part);
        while places.len() <= whole.len() >> 20 {
            places.push(place(&app.pictures)?);
        }
    }
    let looked = tokio::task::spawn_blocking(move || look_into(kind, whole)).await;
    let (parts, small) = looked.map_err(|_| Fault::Damaged)??;
    for part in parts {
        object.write(&part).await?;
    }
    Ok(small)
}

/// What of a file is kept, and its small picture.
fn look_into(kind: Kind, mut whole: Vec<u8>) -> Result<(Vec<Bytes>, Option<Vec<u8>>), Fault> {
    let office = matches!(kind.media, kind::DOCX | kind::XLSX);
    if !office && kind::hides_archive(&whole) {
        return Err(Fault::Hidden);
    }
    match kind.media {
        kind::PDF => {
            pdf::clean(&mut whole)?;
            Ok((vec![Bytes::from(whole)], None))
        }
        kind::AMR if !kind::is_sound(&whole) => Err(Fault::Damaged),
        kind::AMR => Ok((vec![Bytes::from(whole)], None)),
        media if office => Ok((vec![office::clean(media, &Bytes::from(whole))?.into()], None)),
        media => {
            let whole = Bytes::from(whole);
            let turned = strip::turned(media, &whole);
            let parts = strip::picture(media, whole.clone()).ok_or(Fault::Damaged)?;
            Ok((parts, thumb::of(media, &whole, turned)))
        }
    }
}

fn place(pictures: &Arc<Semaphore>) -> Result<OwnedSemaphorePermit, CommandError> {
    Arc::clone(pictures).try_acquire_owned().map_err(|_| CommandError::TooMany { seconds: 5 })
}

/// The file's rows. Where the same person has sent the same file under the same key, that one stands.
async fn enter(
    app: &Arc<App>,
    actor: &Actor,
    id: String,
    key: &ContentKey,
    about: About,
) -> Result<Kept, CommandError> {
    let body = serde_json::to_vec(&about).map_err(|error| CommandError::Internal(error.to_string()))?;
    let content = NewContent {
        id: id.clone(),
        order: None,
        what: WHAT.into(),
        body,
        wrapped_key: app.master.wrap_content(key, &id, &*app.entropy),
    };
    let row = FileRow {
        id: id.clone(),
        order: None,
        person: actor.person.0.clone(),
        digest: about.sealed.clone(),
        thumb: about.thumb.clone(),
        media: about.media.clone(),
        size: i64::try_from(about.size).unwrap_or(i64::MAX),
        sha256: about.sha256.clone(),
    };
    let (own, rows, now) = (Arc::clone(app), Arc::new((content, row)), app.now());
    let entered = app
        .db
        .write("file", move |tx| {
            let (app, rows) = (Arc::clone(&own), Arc::clone(&rows));
            Box::pin(async move {
                let city = app.city.as_str();
                if let Some(known) = files::find(tx, city, &rows.1.id).await? {
                    return Ok::<_, CommandError>(Some(known));
                }
                contents::insert(tx, city, now, std::slice::from_ref(&rows.0)).await?;
                files::insert(tx, city, now, &rows.1).await?;
                Ok(None)
            })
        })
        .await;
    let known = match entered {
        Ok(known) => known,
        // Entered twice at once: asked again, the first is found.
        Err(CommandError::Internal(why)) if why.contains("content(") || why.contains("file(") => {
            let (own, id) = (Arc::clone(app), id.clone());
            app.db
                .read("file", move |tx| Box::pin(async move { files::find(tx, own.city.as_str(), &id).await }))
                .await?
        }
        Err(other) => return Err(other),
    };
    let kept = Kept { id, name: about.name, media: about.media, size: about.size, digest: about.sha256 };
    let Some(known) = known else { return Ok(kept) };
    for spare in [Some(about.sealed), about.thumb].into_iter().flatten() {
        app.files.remove(app.city.as_str(), &spare).await.map_err(files_away)?;
    }
    if known.person == actor.person.as_str() && known.sha256 == kept.digest {
        Ok(kept)
    } else {
        Err(CommandError::KeyReused)
    }
}

/// A file an order has been given in this transaction.
pub(crate) struct Given {
    /// What the journal keeps of it.
    pub file: Text,
    /// Whether it is a picture.
    pub picture: bool,
}

/// Gives files to an order: each was stored by the actor and waits.
pub(crate) async fn give(
    tx: &mut Tx,
    app: &App,
    actor: &Actor,
    order: &OrderId,
    ids: &[String],
) -> Result<Vec<Given>, CommandError> {
    let city = app.city.as_str();
    let mut given = Vec::with_capacity(ids.len());
    for (at, id) in ids.iter().enumerate() {
        let unknown = || CommandError::invalid("files", format!("no file `{id}` of yours waits; store it first"));
        if ids[..at].contains(id) {
            return Err(CommandError::invalid("files", format!("the file `{id}` is named twice; name it once")));
        }
        let row = files::find(tx, city, id).await?.filter(|row| row.person == actor.person.as_str());
        let Some(row) = row else { return Err(unknown()) };
        let Keyed::Whole(about, wrapped) = contents::keyed(tx, city, id).await? else { return Err(unknown()) };
        if !files::give(tx, city, id, order.as_str()).await? {
            return Err(unknown());
        }
        let key = app.master.unwrap_content(&wrapped, id).map_err(|error| CommandError::Internal(error.to_string()))?;
        let file = Text { content: ContentId(id.clone()), mac: key.mac(&about) };
        given.push(Given { file, picture: row.media.starts_with("image/") });
    }
    Ok(given)
}

/// Ids of files in a command's fields, taken out of them.
pub(crate) fn named(fields: &mut serde_json::Value) -> Result<Vec<String>, CommandError> {
    let Some(given) = fields.as_object_mut().and_then(|fields| fields.remove("files")) else { return Ok(Vec::new()) };
    let wrong = || CommandError::invalid("files", "send a list of ids of files stored before");
    let serde_json::Value::Array(ids) = given else { return Err(wrong()) };
    ids.into_iter().map(|id| id.as_str().map(str::to_owned).ok_or_else(wrong)).collect()
}

/// A file of an order, as its page shows it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FileView {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// What it is.
    pub media: String,
    /// Its length in bytes.
    pub size: u64,
    /// SHA-256 of it.
    pub digest: String,
    /// The task whose unit gave it.
    pub task: Option<u32>,
    /// Whether there is a small picture of it.
    pub thumb: bool,
}

/// What a content row says of its file; none where it was erased.
pub(crate) fn view(id: &str, about: &str, task: Option<u32>) -> Option<FileView> {
    let About { name, media, size, sha256, thumb, .. } = serde_json::from_str(about).ok()?;
    Some(FileView { id: id.to_owned(), name, media, size, digest: sha256, task, thumb: thumb.is_some() })
}

/// A file being read.
pub struct Reading {
    /// Its name.
    pub name: String,
    /// What it is.
    pub media: String,
    /// Its length in bytes, where it is the whole file.
    pub size: Option<u64>,
    /// Its bytes, opened on the way.
    pub body: BoxStream<'static, Result<Bytes, CommandError>>,
}

/// Which of a file's pictures is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// The file itself; the reading is logged.
    Whole,
    /// The small picture beside it on the order's page.
    Thumb,
}

/// Reads a file of an order. What units may not learn of a secret order is not found by them.
///
/// # Errors
/// [`CommandError::NotFound`]; [`CommandError::Internal`] when its bytes are gone or were changed.
pub async fn read(app: &Arc<App>, actor: &Actor, order: &str, id: &str, part: Part) -> Result<Reading, CommandError> {
    if !actor.allows(Scope::OrdersRead) {
        return Err(CommandError::Forbidden("a token with scope orders:read".into()));
    }
    input::code_text("id", id).map_err(|_| CommandError::NotFound)?;
    let asked = (Arc::clone(app), actor.clone(), order.to_owned(), id.to_owned());
    let (about, wrapped) = match part {
        Part::Whole => {
            app.db
                .write("file", move |tx| {
                    let (app, actor, order, id) = asked.clone();
                    Box::pin(async move { find(tx, &app, &actor, &order, &id, part).await })
                })
                .await?
        }
        Part::Thumb => {
            let (own, actor, order, id) = asked;
            app.db
                .read("thumb", move |tx| Box::pin(async move { find(tx, &own, &actor, &order, &id, part).await }))
                .await?
        }
    };
    let key = app.master.unwrap_content(&wrapped, id).map_err(|error| CommandError::Internal(error.to_string()))?;
    let (digest, what) = match part {
        Part::Whole => (Some(about.sealed), "file"),
        Part::Thumb => (about.thumb, "thumb"),
    };
    let Some(digest) = digest else { return Err(CommandError::NotFound) };
    let sealed = app.files.read(app.city.as_str(), &digest).await.map_err(files_away)?;
    let sealed = sealed.ok_or_else(|| CommandError::Internal(format!("the bytes of the file {id} are gone")))?;
    let media = if part == Part::Whole { about.media } else { "image/png".to_owned() };
    let body = opened(sealed, StreamOpener::new(key, what));
    Ok(Reading { name: about.name, media, size: (part == Part::Whole).then_some(about.size), body })
}

/// What a file is and its wrapped key, for one who may see it; that the whole is read is logged.
async fn find(
    tx: &mut Tx,
    app: &App,
    actor: &Actor,
    order: &str,
    id: &str,
    part: Part,
) -> Result<(About, Vec<u8>), CommandError> {
    let city = app.city.as_str();
    let org = app.organisation(tx).await?;
    let order = orders::seen(tx, app, actor, &org, order).await?.order;
    let own = permission::sees_claimants(actor, &order);
    let attached = order.files.iter().find(|attached| attached.file.content.as_str() == id);
    if attached.is_none_or(|attached| attached.task.is_none() && !own) {
        return Err(CommandError::NotFound);
    }
    let Keyed::Whole(about, wrapped) = contents::keyed(tx, city, id).await? else {
        return Err(CommandError::NotFound);
    };
    let about: About = serde_json::from_slice(&about)
        .map_err(|error| CommandError::Internal(format!("the file {id} is not described: {error}")))?;
    if part == Part::Whole && !actor.is_system() {
        let log =
            Reveal { person: actor.person.0.clone(), field: WHAT.into(), purpose: about.name.clone(), at: app.now() };
        records::reveal(tx, city, &app.id(), order.id.as_str(), id, &log).await?;
    }
    Ok((about, wrapped))
}

fn opened(
    sealed: BoxStream<'static, Result<Bytes, StoreError>>,
    opener: StreamOpener,
) -> BoxStream<'static, Result<Bytes, CommandError>> {
    let changed = |error: huiyin_store::seal::SealError| CommandError::Internal(format!("a file: {error}"));
    stream::try_unfold((sealed, Some(opener)), move |(mut sealed, opener)| async move {
        let Some(mut opener) = opener else { return Ok(None) };
        let mut text = Vec::new();
        while let Some(part) = sealed.next().await {
            opener.push(&part.map_err(files_away)?, &mut text).map_err(changed)?;
            if !text.is_empty() {
                return Ok(Some((Bytes::from(text), (sealed, Some(opener)))));
            }
        }
        opener.finish(&mut text).map_err(changed)?;
        Ok(Some((Bytes::from(text), (sealed, None))))
    })
    .boxed()
}

/// Removes files that no command has named for a day, and objects that no row names; gives how many objects.
///
/// # Errors
/// [`CommandError::Unavailable`].
pub async fn sweep(app: &Arc<App>) -> Result<usize, CommandError> {
    /// Rows removed in one transaction.
    const ROWS: i64 = 200;
    let before = app.now().plus(-WAITS);
    loop {
        let city = app.city.clone();
        let gone = app
            .db
            .write("sweep", move |tx| {
                let city = city.clone();
                Box::pin(async move { files::drop_loose(tx, city.as_str(), before, ROWS).await })
            })
            .await?;
        if i64::try_from(gone).unwrap_or(ROWS) < ROWS {
            break;
        }
    }
    let mut removed = 0;
    for digest in app.files.older_than(app.city.as_str(), before).await.map_err(files_away)? {
        let (city, name) = (app.city.clone(), digest.clone());
        let named = app
            .db
            .read("sweep", move |tx| Box::pin(async move { files::is_named(tx, city.as_str(), &name).await }))
            .await?;
        if !named {
            app.files.remove(app.city.as_str(), &digest).await.map_err(files_away)?;
            removed += 1;
        }
    }
    Ok(removed)
}

/// Every file row, in the order of ids; a page at a time.
pub(crate) async fn rows_after(app: &Arc<App>, after: &str) -> Result<Vec<FileRow>, CommandError> {
    let (own, after) = (Arc::clone(app), after.to_owned());
    let rows = app
        .db
        .read("files", move |tx| Box::pin(async move { files::after(tx, own.city.as_str(), &after, 200).await }))
        .await?;
    Ok(rows)
}

/// What is wrong with the bytes of the files orders have.
///
/// # Errors
/// [`CommandError::Unavailable`] when the files cannot be reached at all.
pub(crate) async fn faults(app: &Arc<App>) -> Result<Vec<String>, CommandError> {
    let (mut after, mut found) = (String::new(), Vec::new());
    loop {
        let rows = rows_after(app, &after).await?;
        for row in &rows {
            let Some(order) = &row.order else { continue };
            for digest in [Some(&row.digest), row.thumb.as_ref()].into_iter().flatten() {
                match app.files.digest(app.city.as_str(), digest).await {
                    Ok(Some(now)) if now == *digest => {}
                    Ok(Some(_)) => found.push(format!(
                        "order {order}: the file {} was changed; bring `{digest}` back from a backup",
                        row.id
                    )),
                    Ok(None) => found.push(format!(
                        "order {order}: the file {} is missing; bring `{digest}` back from a backup",
                        row.id
                    )),
                    Err(error) => found.push(format!("order {order}: the file {} cannot be read: {error}", row.id)),
                }
            }
        }
        match rows.last() {
            Some(last) => after.clone_from(&last.id),
            None => return Ok(found),
        }
    }
}
