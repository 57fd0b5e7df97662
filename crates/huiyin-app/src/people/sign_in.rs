//! Signing in with a login, a password and perhaps a one-time code.
//!
//! Failures are counted by login, known or not: five lock it for fifteen minutes, five more for twice as long, and so on
//! up to a day. An unknown login takes the same time and gives the same words as a known one.

use std::sync::Arc;

use huiyin_core::{id::PersonId, time::Instant};
use huiyin_store::{
    StoreError, people,
    people::{
        Person, Private,
        sign_in::{self as store, Failures},
    },
    seal::{new_token, token_hash},
};

use super::{password, sessions::SESSION_LONGEST_MS, totp};
use crate::{App, CommandError};

/// Failures before a lock.
pub const TRIES: i64 = 5;

/// Length of the first lock; each further one is twice as long.
pub const LOCK_MS: i64 = 15 * 60_000;

const LONGEST_LOCK_MS: i64 = 24 * 3_600_000;

/// Failures that nobody added to for this long are forgotten, so that the next lock is a short one again.
const FORGET_MS: i64 = 2 * LONGEST_LOCK_MS;

/// Who has signed in. The token is the cookie; it is shown this once and kept only as a digest.
#[derive(Debug, Clone)]
pub struct SignedIn {
    /// The session's token.
    pub token: Private,
    /// What forms must send back.
    pub csrf: Private,
    /// Whether the password is temporary and must be changed first.
    pub must_change: bool,
    /// Who it is.
    pub person: PersonId,
    /// When the session ends whatever happens.
    pub until: Instant,
}

/// Why nobody has signed in.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SignInError {
    /// Wrong login or password: which of them is not said.
    #[error("the login or the password is not right; {tries_left} tries left before it is locked")]
    Wrong {
        /// Tries before a lock.
        tries_left: i64,
    },
    /// The password is right; a one-time code is needed too.
    #[error("give the one-time code as well")]
    CodeNeeded,
    /// The one-time code is wrong or was used before.
    #[error("the one-time code is not right or was used before; {tries_left} tries left before it is locked")]
    WrongCode {
        /// Tries before a lock.
        tries_left: i64,
    },
    /// Too many failures.
    #[error("locked after too many failed attempts; try again in {} minutes", (seconds + 59) / 60)]
    Locked {
        /// When it opens.
        until: Instant,
        /// Seconds until then.
        seconds: i64,
    },
    /// Something else is wrong.
    #[error(transparent)]
    Failed(#[from] CommandError),
}

impl From<StoreError> for SignInError {
    fn from(error: StoreError) -> Self {
        Self::Failed(error.into())
    }
}

/// A login as it is stored: without blanks around it, in lower case.
pub(super) fn normal_login(login: &str) -> String {
    login.trim().to_lowercase()
}

/// Under what the failures of a login are counted.
pub(super) fn failure_key(app: &App, login: &str) -> Vec<u8> {
    app.master.lookup("login", login)
}

/// The person an actor is.
pub(super) async fn person(app: &App, id: &PersonId) -> Result<Person, CommandError> {
    let (city, id) = (app.city.clone(), id.clone());
    app.db
        .read("person", move |tx| {
            Box::pin(
                async move { people::find(tx, city.as_str(), id.as_str()).await?.ok_or(CommandError::Unauthenticated) },
            )
        })
        .await
}

/// What a right password is for.
pub(super) enum Attempt {
    /// To open a session, with the code given and the browser's name.
    SignIn { code: Option<String>, agent: String },
    /// To confirm that the person at the open page is still the same.
    Confirm,
}

/// Signs a person in and opens a session.
///
/// # Errors
/// [`SignInError`], whose words can be shown as they are.
pub async fn sign_in(
    app: &App,
    login: &str,
    password: &str,
    totp: Option<&str>,
    agent: &str,
) -> Result<SignedIn, SignInError> {
    let code = totp.map(|code| code.chars().filter(|char| !char.is_whitespace()).collect::<String>());
    let agent = agent.chars().filter(|char| !char.is_control()).take(200).collect();
    let attempt = self::attempt(app, login, password, Attempt::SignIn { code: code.filter(|c| !c.is_empty()), agent });
    attempt.await?.ok_or_else(|| CommandError::Internal("no session was opened".into()).into())
}

/// What an attempt ends in, inside the transaction; failures are written, so they are no errors there.
enum Outcome {
    Open(Option<(bool, PersonId)>),
    Not(SignInError),
}

fn locked(f: Failures, now: Instant) -> Option<SignInError> {
    let until = f.locked_until.filter(|until| now < *until)?;
    Some(SignInError::Locked { until, seconds: (until.ms() - now.ms() + 999) / 1000 })
}

/// Failures with one more.
fn failed(f: Failures, now: Instant) -> Failures {
    let failures = f.failures + 1;
    if failures % TRIES != 0 {
        return Failures { failures, locked_until: None };
    }
    let doublings = u32::try_from((failures / TRIES - 1).clamp(0, 20)).unwrap_or(0);
    let length = (LOCK_MS << doublings).min(LONGEST_LOCK_MS);
    Failures { failures, locked_until: Some(now.plus(length)) }
}

pub(super) async fn attempt(
    app: &App,
    login: &str,
    password: &str,
    attempt: Attempt,
) -> Result<Option<SignedIn>, SignInError> {
    let login = normal_login(login);
    let key = failure_key(app, &login);
    let (city, lookup) = (app.city.clone(), (login.clone(), key.clone()));
    let (failures, person) = app
        .db
        .read("sign in", move |tx| {
            Box::pin(async move {
                let (city, (login, key)) = (city.as_str(), lookup);
                let failures = store::failures(tx, city, &key).await?;
                Ok::<_, StoreError>((failures, people::find_by_login(tx, city, &login).await?))
            })
        })
        .await?;
    if let Some(error) = locked(failures, app.now()) {
        return Err(error);
    }
    let person = person.filter(|person| person.active);
    let right = password::verify(app, password, person.as_ref().and_then(|person| person.password.as_ref())).await?;
    // Hashing takes its time, and others may have failed meanwhile: the transaction looks again.
    let now = app.now();
    let needs_code = matches!(attempt, Attempt::SignIn { .. });
    let (code, agent) = match attempt {
        Attempt::SignIn { code, agent } => (code, Some(agent)),
        Attempt::Confirm => (None, None),
    };
    let step = match (&person, &code) {
        (Some(person), Some(code)) if right => totp::step(app, person, code, now)?,
        _ => None,
    };
    let (token, csrf) = (new_token("hs_", &*app.entropy), new_token("", &*app.entropy));
    let until = now.plus(SESSION_LONGEST_MS);
    let session = agent.map(|agent| store::Session {
        id: app.id(),
        person: person.as_ref().map(|person| person.id.clone()).unwrap_or_default(),
        csrf: csrf.clone(),
        created_at: now,
        seen_at: now,
        until,
        agent,
    });
    let (city, digest) = (app.city.clone(), token_hash(&token));
    let input = Arc::new((key, person, session, digest, code.is_some()));
    let outcome = app
        .db
        .write("sign in", move |tx| {
            let (city, input) = (city.clone(), Arc::clone(&input));
            Box::pin(async move {
                let (key, person, session, digest, code_given) = &*input;
                let city = city.as_str();
                let failures = store::failures(tx, city, key).await?;
                if let Some(error) = locked(failures, now) {
                    return Ok::<_, StoreError>(Outcome::Not(error));
                }
                let current = match person {
                    Some(person) => people::find(tx, city, &person.id).await?,
                    None => None,
                };
                // What was verified must still be the password of somebody who may sign in.
                let current = current.filter(|current| {
                    right && current.active && Some(&current.password) == person.as_ref().map(|p| &p.password)
                });
                let mut wrong_code = false;
                if let Some(current) = current {
                    let with_code = current.totp.is_some() && needs_code;
                    if with_code && !code_given {
                        return Ok(Outcome::Not(SignInError::CodeNeeded));
                    }
                    let taken = match step.filter(|_| with_code) {
                        Some(step) => people::use_totp_step(tx, city, &current.id, step).await?,
                        None => !with_code,
                    };
                    if taken {
                        store::clear_failures(tx, city, key).await?;
                        let Some(session) = session else { return Ok(Outcome::Open(None)) };
                        store::open_session(tx, city, digest, session).await?;
                        return Ok(Outcome::Open(Some((current.must_change, PersonId(current.id)))));
                    }
                    wrong_code = true;
                }
                let failures = failed(failures, now);
                store::set_failures(tx, city, key, failures, now, now.plus(-FORGET_MS)).await?;
                let tries_left = TRIES - failures.failures % TRIES;
                Ok(Outcome::Not(match locked(failures, now) {
                    Some(error) => error,
                    None if wrong_code => SignInError::WrongCode { tries_left },
                    None => SignInError::Wrong { tries_left },
                }))
            })
        })
        .await?;
    match outcome {
        Outcome::Open(None) => Ok(None),
        Outcome::Open(Some((must_change, person))) => {
            Ok(Some(SignedIn { token: token.into(), csrf: csrf.into(), must_change, person, until }))
        }
        Outcome::Not(error) => Err(error),
    }
}
