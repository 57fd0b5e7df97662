//! Sessions of signed-in browsers.

use huiyin_core::{
    id::{PersonId, UnitId},
    time::Instant,
};
use huiyin_store::{
    StoreError,
    people::{
        Private,
        sign_in::{self as store, Standing},
    },
    seal::{constant_time_eq, token_hash},
};

use super::permit;
use crate::{Actor, App, CommandError, Post, Role, Scope};

/// A session not used for this long is over.
pub const SESSION_IDLE_MS: i64 = 8 * 3_600_000;

/// A session is over after this long, however much it is used.
pub const SESSION_LONGEST_MS: i64 = 24 * 3_600_000;

/// How often the last use of a session is written.
const SEEN_MS: i64 = 60_000;

/// A signed-in browser.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Session {
    /// Its id, to name it in a list.
    pub id: String,
    /// What forms must send back.
    pub csrf: Private,
    /// Since when.
    pub created_at: Instant,
    /// When it was last used, to the minute.
    pub seen_at: Instant,
    /// When it ends whatever happens.
    pub until: Instant,
    /// What the browser calls itself.
    pub agent: String,
    /// Whether the person must change the password before anything else.
    pub must_change: bool,
    /// Notices the person has not read, up to a hundred.
    pub unread: i64,
}

impl Session {
    /// Whether a form sent back what it was given.
    pub fn is_own_form(&self, csrf: &str) -> bool {
        constant_time_eq(self.csrf.as_str().as_bytes(), csrf.as_bytes())
    }

    fn of(session: store::Session, must_change: bool, unread: i64) -> Self {
        Self {
            id: session.id,
            csrf: session.csrf.into(),
            created_at: session.created_at,
            seen_at: session.seen_at,
            until: session.until,
            agent: session.agent,
            must_change,
            unread,
        }
    }
}

fn is_over(session: &store::Session, now: Instant) -> bool {
    now >= session.until || now >= session.seen_at.plus(SESSION_IDLE_MS)
}

/// The actor a person is today.
pub(super) fn actor(person: String, standing: Standing, scopes: Option<Vec<Scope>>) -> Result<Actor, CommandError> {
    let posts = standing.posts.into_iter().map(|(unit, role, from, until)| {
        let role = Role::try_from(role.as_str()).map_err(CommandError::Internal)?;
        Ok(Post { unit: UnitId(unit), role, from, until })
    });
    Ok(Actor {
        person: PersonId(person),
        name: standing.name,
        posts: posts.collect::<Result<_, CommandError>>()?,
        stands_in: standing.stands_in.into_iter().map(UnitId).collect(),
        scopes,
        own: None,
    })
}

/// The actor a person is today, for what they have asked for and goes on behind.
pub(crate) fn standing_actor(person: String, standing: Standing) -> Result<Actor, CommandError> {
    actor(person, standing, None)
}

/// Who a browser is: one statement by the digest of its token, and once a minute a note that it was used.
///
/// # Errors
/// [`CommandError::Unauthenticated`] for no session, one that is over, or a person who may no longer sign in.
pub async fn session_actor(app: &App, token: &str) -> Result<(Actor, Session), CommandError> {
    let (now, digest) = (app.now(), token_hash(token));
    let found = store::by_session(&app.db, app.city.as_str(), &digest, app.zone().day(now)).await?;
    let (session, standing) = found.ok_or(CommandError::Unauthenticated)?;
    if is_over(&session, now) {
        return Err(CommandError::Unauthenticated);
    }
    if now >= session.seen_at.plus(SEEN_MS) {
        let city = app.city.clone();
        let seen: Result<(), StoreError> = app
            .db
            .write("session seen", move |tx| {
                let (city, digest) = (city.clone(), digest.clone());
                Box::pin(async move { store::seen(tx, city.as_str(), &digest, now).await })
            })
            .await;
        if let Err(error) = seen {
            tracing::warn!(session.id = %session.id, %error, "the use of a session could not be noted");
        }
    }
    let (must_change, unread) = (standing.must_change, standing.unread);
    Ok((actor(session.person.clone(), standing, None)?, Session::of(session, must_change, unread)))
}

/// Ends the session of a token; nothing happens when there is none.
///
/// # Errors
/// [`CommandError::Unavailable`] without a database.
pub async fn sign_out(app: &App, token: &str) -> Result<(), CommandError> {
    let (city, digest) = (app.city.clone(), token_hash(token));
    app.db
        .write("sign out", move |tx| {
            let (city, digest) = (city.clone(), digest.clone());
            Box::pin(async move { Ok(store::end_digest(tx, city.as_str(), &digest).await?) })
        })
        .await
}

/// One's own open sessions, the last used first.
///
/// # Errors
/// [`CommandError::Forbidden`] for a program.
pub async fn sessions(app: &App, actor: &Actor) -> Result<Vec<Session>, CommandError> {
    permit::require_person(actor)?;
    let (city, person, now) = (app.city.clone(), actor.person.clone(), app.now());
    let found = app
        .db
        .read("sessions", move |tx| Box::pin(async move { store::sessions(tx, city.as_str(), person.as_str()).await }))
        .await?;
    Ok(found.into_iter().filter(|session| !is_over(session, now)).map(|s| Session::of(s, false, 0)).collect())
}

/// Ends one of one's own sessions.
///
/// # Errors
/// [`CommandError::NotFound`] when there is none of this id.
pub async fn end_session(app: &App, actor: &Actor, id: &str) -> Result<(), CommandError> {
    permit::require_person(actor)?;
    let (city, person, id) = (app.city.clone(), actor.person.clone(), id.to_owned());
    let ended = app
        .db
        .write("end session", move |tx| {
            let (city, person, id) = (city.clone(), person.clone(), id.clone());
            Box::pin(async move { store::end_session(tx, city.as_str(), person.as_str(), &id).await })
        })
        .await?;
    if ended { Ok(()) } else { Err(CommandError::NotFound) }
}
