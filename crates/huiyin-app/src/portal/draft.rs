//! A matter being written: sealed, under the digest of a token that only the browser has; forgotten after a day.

use std::sync::Arc;

use huiyin_core::time::Instant;
use huiyin_store::{portal as store, seal};
use serde::{Deserialize, Serialize};

use crate::{App, CommandError};

/// How long a matter that is not sent is kept, in milliseconds.
const KEPT: i64 = 24 * 3_600_000;

/// A file that goes with it.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DraftFile {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: String,
}

/// What was typed so far, as it was typed.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Draft {
    /// When it was begun.
    pub made_at: i64,
    /// Kind of request.
    pub kind: String,
    /// What happened.
    pub what: String,
    /// Where.
    pub place: String,
    /// Files given with it.
    pub files: Vec<DraftFile>,
    /// How to call whoever raises it.
    pub name: String,
    /// Phone number.
    pub phone: String,
    /// Mail address.
    pub email: String,
    /// Whether units must not learn who it is; nothing said yet where it is none.
    pub secret: Option<bool>,
    /// Wants no name known.
    pub anonymous: bool,
    /// Id of an open order it goes along with.
    pub follow: Option<String>,
    /// Number of the order it became.
    pub sent: Option<String>,
}

impl Draft {
    /// A new one.
    pub fn new(now: Instant) -> Self {
        Self { made_at: now.ms(), ..Self::default() }
    }
}

/// A token for a new one.
pub fn token(app: &App) -> String {
    seal::new_token("", &*app.entropy)
}

/// By what it lies in the table: the token itself is in no database.
pub(super) fn id(token: &str) -> String {
    seal::token_hash(token)
}

/// The one of a browser; none where it is forgotten, or was never begun.
///
/// # Errors
/// [`CommandError::Unavailable`] without a database.
pub async fn open(app: &Arc<App>, token: &str) -> Result<Option<Draft>, CommandError> {
    let (city, id, now) = (app.city.clone(), id(token), app.now());
    let key = id.clone();
    let sealed = app
        .db
        .read("portal draft", move |tx| Box::pin(async move { store::draft(tx, city.as_str(), &key, now).await }))
        .await?;
    let plain = sealed.and_then(|sealed| app.master.open_identity(&sealed, aad(app, &id).as_bytes()).ok());
    Ok(plain.and_then(|plain| serde_json::from_slice(&plain).ok()))
}

/// Keeps it.
///
/// # Errors
/// [`CommandError::Unavailable`] without a database.
pub async fn keep(app: &Arc<App>, token: &str, draft: &Draft) -> Result<(), CommandError> {
    let id = id(token);
    let plain = serde_json::to_vec(draft).map_err(|error| CommandError::Internal(error.to_string()))?;
    let sealed = app.master.seal_identity(&plain, aad(app, &id).as_bytes(), &*app.entropy);
    let (city, made_at, until) = (app.city.clone(), Instant(draft.made_at), app.now().plus(KEPT));
    app.db
        .write("portal draft", move |tx| {
            let (city, id, sealed) = (city.clone(), id.clone(), sealed.clone());
            Box::pin(async move {
                store::keep_draft(tx, city.as_str(), &id, sealed, made_at, until).await.map_err(CommandError::from)
            })
        })
        .await
}

fn aad(app: &App, id: &str) -> String {
    format!("{}/portal-draft/{id}", app.city)
}
