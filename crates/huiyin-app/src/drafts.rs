//! Drafts: what a person has begun to write belongs to the person and the order, and waits sealed until it is sent or
//! thrown away. Saved from two places, both texts stay.

use std::sync::Arc;

use huiyin_core::time::Instant;
use huiyin_store::drafts::{self as store, DraftRow};

use crate::{Actor, App, CommandError, input};

/// Most drafts that are listed.
const LISTED: i64 = 100;
/// Drafts nobody touches for so long are thrown away.
const KEPT: i64 = 90 * 86_400_000;
/// A draft has no more than this, in bytes of JSON.
const MAX: usize = 128 * 1024;

/// What is written, by name of field.
pub type Fields = Vec<(String, String)>;

/// A draft to be saved.
#[derive(Debug, Clone)]
pub struct Save {
    /// Its id, of the person alone.
    pub id: String,
    /// Where it is written: `desk`, `new`, a command.
    pub form: String,
    /// The order it is about.
    pub order: Option<String>,
    /// What is written.
    pub fields: Fields,
    /// How often it was saved as far as the writer knows; 0 for a new one.
    pub seq: i64,
}

/// A draft, saved.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Saved {
    /// Its id: another than asked for, where it was saved beside a text from elsewhere.
    pub id: String,
    /// How often it was saved.
    pub seq: i64,
    /// When.
    pub at: Instant,
    /// When the text from elsewhere was saved, where there is one.
    pub beside: Option<Instant>,
}

/// A draft.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Draft {
    /// Its id.
    pub id: String,
    /// Where it is written.
    pub form: String,
    /// The order it is about; empty for none.
    pub order: String,
    /// What is written.
    pub fields: Fields,
    /// How often it was saved.
    pub seq: i64,
    /// When last.
    pub at: Instant,
}

impl Draft {
    /// What stands in a field.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.fields.iter().find(|(own, value)| own == name && !value.trim().is_empty()).map(|(_, value)| value.as_str())
    }
}

fn aad(app: &App, person: &str, id: &str) -> String {
    format!("{}/draft/{person}/{id}", app.city)
}

fn opened(app: &App, person: &str, row: DraftRow) -> Result<Draft, CommandError> {
    let plain = app
        .master
        .open_identity(&row.sealed, aad(app, person, &row.id).as_bytes())
        .map_err(|error| CommandError::Internal(format!("a draft cannot be opened: {error}")))?;
    let fields = serde_json::from_slice(&plain).map_err(|error| CommandError::Internal(error.to_string()))?;
    Ok(Draft { id: row.id, form: row.form, order: row.order_no, fields, seq: row.seq, at: row.saved_at })
}

/// Saves a draft. Where it was saved from elsewhere since, that text stays and this one is kept beside it.
///
/// # Errors
/// [`CommandError::Invalid`] for an id or form that is none; [`CommandError::TooLarge`].
pub async fn save(app: &Arc<App>, actor: &Actor, draft: Save) -> Result<Saved, CommandError> {
    for (name, code) in [("id", &draft.id), ("form", &draft.form), ("order", &draft.order.clone().unwrap_or_default())]
    {
        input::code_text(name, code)?;
    }
    if draft.id.is_empty() || draft.id.len() > 200 || draft.form.len() > 60 {
        return Err(CommandError::invalid("id", "a draft has an id of at most 200 bytes"));
    }
    let plain = serde_json::to_vec(&draft.fields).map_err(|error| CommandError::Internal(error.to_string()))?;
    if plain.len() > MAX {
        return Err(CommandError::TooLarge { most: MAX as u64 });
    }
    let (own, person, now, other) = (Arc::clone(app), actor.person.0.clone(), app.now(), app.id());
    // Under either id: nothing random is drawn in the transaction.
    let beside_id = format!("{}~{other}", draft.id.split('~').next().unwrap_or_default());
    let seal = |id: &str| app.master.seal_identity(&plain, aad(app, &person, id).as_bytes(), &*app.entropy);
    let made = Arc::new((seal(&draft.id), seal(&beside_id), beside_id, draft));
    let writer = person.clone();
    app.db
        .write("draft", move |tx| {
            let (app, person, made) = (Arc::clone(&own), writer.clone(), Arc::clone(&made));
            Box::pin(async move {
                let (sealed, sealed_beside, beside_id, draft) = &*made;
                let city = app.city.as_str();
                let stored = store::seq(tx, city, &person, &draft.id).await?;
                let row = |id: &str, sealed: &[u8], seq: i64| DraftRow {
                    id: id.to_owned(),
                    form: draft.form.clone(),
                    order_no: draft.order.clone().unwrap_or_default(),
                    sealed: sealed.to_vec(),
                    seq,
                    saved_at: now,
                };
                match stored {
                    Some((seq, at)) if seq != draft.seq => {
                        store::save(tx, city, &person, &row(beside_id, sealed_beside, 1)).await?;
                        Ok(Saved { id: beside_id.clone(), seq: 1, at: now, beside: Some(at) })
                    }
                    _ => {
                        let seq = draft.seq + 1;
                        store::save(tx, city, &person, &row(&draft.id, sealed, seq)).await?;
                        if stored.is_none() {
                            store::sweep(tx, city, &person, Instant(now.ms() - KEPT)).await?;
                        }
                        Ok(Saved { id: draft.id.clone(), seq, at: now, beside: None })
                    }
                }
            })
        })
        .await
}

/// A draft of one's own.
///
/// # Errors
/// [`CommandError::NotFound`].
pub async fn find(app: &Arc<App>, actor: &Actor, id: &str) -> Result<Draft, CommandError> {
    input::code_text("id", id).map_err(|_| CommandError::NotFound)?;
    let (own, person, id) = (Arc::clone(app), actor.person.0.clone(), id.to_owned());
    app.db
        .read("draft", move |tx| {
            Box::pin(async move {
                let row = store::find(tx, own.city.as_str(), &person, &id).await?.ok_or(CommandError::NotFound)?;
                opened(&own, &person, row)
            })
        })
        .await
}

/// One's own drafts, on one order or all; the latest first.
///
/// # Errors
/// [`CommandError::Unavailable`] without a database.
pub async fn list(app: &Arc<App>, actor: &Actor, order: Option<&str>) -> Result<Vec<Draft>, CommandError> {
    let (own, person, order) = (Arc::clone(app), actor.person.0.clone(), order.map(str::to_owned));
    app.db
        .read("drafts", move |tx| {
            Box::pin(async move {
                let city = own.city.as_str();
                let rows = match &order {
                    Some(no) => store::of_order(tx, city, &person, no, LISTED).await?,
                    None => store::of_person(tx, city, &person, LISTED).await?,
                };
                rows.into_iter().map(|row| opened(&own, &person, row)).collect()
            })
        })
        .await
}

/// Throws a draft of one's own away; with it what was saved beside it, where all was sent.
///
/// # Errors
/// [`CommandError::NotFound`] when there is none.
pub async fn discard(app: &Arc<App>, actor: &Actor, id: &str) -> Result<(), CommandError> {
    input::code_text("id", id).map_err(|_| CommandError::NotFound)?;
    let (own, person, id) = (Arc::clone(app), actor.person.0.clone(), id.to_owned());
    app.db
        .write("discard", move |tx| {
            let (app, person, id) = (Arc::clone(&own), person.clone(), id.clone());
            Box::pin(async move {
                let found = store::discard(tx, app.city.as_str(), &person, &id).await?;
                found.then_some(()).ok_or(CommandError::NotFound)
            })
        })
        .await
}
