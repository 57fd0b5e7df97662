//! Filing changes of persons with the hotline office, and the office's receipt (备案).

use std::sync::Arc;

use huiyin_core::{id::UnitId, time::Instant};
use huiyin_store::{
    StoreError,
    people::{
        self, filing,
        posts::{self as store, Post},
    },
    records,
};
use serde_json::json;

use super::{Position, note, organisation, permit};
use crate::{Actor, App, CommandError};

/// A change of a person that must be filed, or was.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Filing {
    /// The post.
    pub post: String,
    /// The unit.
    pub unit: UnitId,
    /// Which post it is.
    pub position: Position,
    /// By when it must be filed; that moment is late.
    pub due: Instant,
    /// When it was filed.
    pub filed_at: Option<Instant>,
    /// Whether it was filed late, or is not filed and late now.
    pub late: bool,
}

fn filing_of(post: &Post, now: Instant) -> Option<Filing> {
    let due = post.filing_due?;
    Some(Filing {
        post: post.id.clone(),
        unit: UnitId(post.unit.clone()),
        position: Position::read(&post.position)?,
        due,
        filed_at: post.filed_at,
        late: post.filed_at.unwrap_or(now) >= due,
    })
}

/// Files changes of a unit's persons with the office. Changes filed before are left as they are.
///
/// # Errors
/// [`CommandError::Forbidden`] for all but officers and leaders of the unit; [`CommandError::NotFound`] for a unit one
/// may not see; [`CommandError::Invalid`] for posts of another unit, or none that need filing.
pub async fn file_change(app: &App, by: &Actor, unit: &UnitId, posts: &[String]) -> Result<u64, CommandError> {
    let (city, now) = (app.city.clone(), app.now());
    let input = Arc::new((by.clone(), unit.clone(), posts.to_vec()));
    app.db
        .write("file change", move |tx| {
            let (city, input) = (city.clone(), Arc::clone(&input));
            Box::pin(async move {
                let (city, (by, unit, posts)) = (city.as_str(), &*input);
                let units = organisation(tx, city).await?;
                let may = permit::speaks_for(by, &units, unit);
                permit::require(may, by, &units, unit, "the role officer or leader in the unit")?;
                let mut chosen = chosen(tx, city, unit, posts).await?;
                chosen.retain(|post| post.filing_due.is_some() && post.filed_at.is_none());
                for post in &mut chosen {
                    (post.filed_at, post.filed_by) = (Some(now), Some(by.person.as_str().to_owned()));
                }
                write(tx, city, by, now, unit, "filing.filed", &chosen, None).await
            })
        })
        .await
}

/// Records the office's receipt for changes a unit has filed.
///
/// # Errors
/// [`CommandError::Forbidden`] for all but the office; [`CommandError::Invalid`] without a number, or for posts that are
/// not filed.
pub async fn record_receipt(
    app: &App,
    by: &Actor,
    unit: &UnitId,
    posts: &[String],
    receipt: &str,
) -> Result<u64, CommandError> {
    let receipt = receipt.trim();
    if receipt.is_empty() || receipt.chars().count() > 60 || receipt.chars().any(char::is_control) {
        return Err(CommandError::invalid("receipt", "write the receipt's number, at most 60 characters"));
    }
    let (city, now) = (app.city.clone(), app.now());
    let input = Arc::new((by.clone(), unit.clone(), posts.to_vec(), receipt.to_owned()));
    app.db
        .write("record receipt", move |tx| {
            let (city, input) = (city.clone(), Arc::clone(&input));
            Box::pin(async move {
                let (city, (by, unit, posts, receipt)) = (city.as_str(), &*input);
                let units = organisation(tx, city).await?;
                permit::require(permit::is_office(by), by, &units, unit, "the role office")?;
                let mut chosen = chosen(tx, city, unit, posts).await?;
                if chosen.iter().any(|post| post.filing_due.is_none() || post.filed_at.is_none()) {
                    return Err(CommandError::invalid("posts", "one of them is not filed yet"));
                }
                chosen.retain(|post| post.received_at.is_none());
                for post in &mut chosen {
                    (post.received_at, post.receipt) = (Some(now), Some(receipt.clone()));
                }
                write(tx, city, by, now, unit, "filing.received", &chosen, Some(receipt)).await
            })
        })
        .await
}

async fn chosen(
    tx: &mut huiyin_store::Tx,
    city: &str,
    unit: &UnitId,
    posts: &[String],
) -> Result<Vec<Post>, CommandError> {
    let held = store::of_unit(tx, city, unit.as_str()).await?;
    if let Some(other) = posts.iter().find(|id| !held.iter().any(|held| held.post.id == **id)) {
        return Err(CommandError::invalid("posts", format!("`{other}` is not a post of the unit")));
    }
    if posts.is_empty() {
        return Err(CommandError::invalid("posts", "choose at least one"));
    }
    Ok(held.into_iter().map(|held| held.post).filter(|post| posts.contains(&post.id)).collect())
}

#[allow(clippy::too_many_arguments, reason = "what a chain entry is made of")]
async fn write(
    tx: &mut huiyin_store::Tx,
    city: &str,
    by: &Actor,
    now: Instant,
    unit: &UnitId,
    name: &str,
    posts: &[Post],
    receipt: Option<&str>,
) -> Result<u64, CommandError> {
    if posts.is_empty() {
        return Ok(0);
    }
    store::save(tx, city, posts).await?;
    let ids: Vec<&str> = posts.iter().map(|post| post.id.as_str()).collect();
    let body = json!({ "posts": ids, "receipt": receipt });
    note(tx, city, &format!("unit:{unit}"), now, by.person.as_str(), name, body).await?;
    Ok(posts.len() as u64)
}

/// A filing, or the office's receipt for one, as the unit's chain has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FilingEntry {
    /// When.
    pub at: Instant,
    /// Who did it.
    pub by: String,
    /// Whose posts: name and position.
    pub whose: Vec<(String, Position)>,
    /// The receipt's number; none for the filing itself.
    pub receipt: Option<String>,
}

/// What is read of an entry's body.
#[derive(serde::Deserialize)]
struct Noted {
    posts: Vec<String>,
    receipt: Option<String>,
}

/// Most entries of a history.
const HISTORY: usize = 50;

/// Filings of a unit and the receipts for them, the latest first.
///
/// # Errors
/// [`CommandError::NotFound`] for a unit one may not see.
pub async fn filing_history(app: &App, actor: &Actor, unit: &UnitId) -> Result<Vec<FilingEntry>, CommandError> {
    let units = app.current_organisation().await?;
    if units.unit(unit).is_none() || !permit::sees(actor, &units, unit) {
        return Err(CommandError::NotFound);
    }
    let (city, unit) = (app.city.clone(), unit.clone());
    app.db
        .read("filing_history", move |tx| {
            Box::pin(async move {
                let city = city.as_str();
                let held = store::of_unit(tx, city, unit.as_str()).await?;
                let mut found: Vec<FilingEntry> = Vec::new();
                let mut names: Vec<(String, String)> = Vec::new();
                for entry in records::chain(tx, city, &format!("unit:{unit}")).await?.into_iter().rev() {
                    if !matches!(entry.name.as_str(), "filing.filed" | "filing.received") || found.len() == HISTORY {
                        continue;
                    }
                    let noted: Noted = serde_json::from_str(&entry.body)
                        .map_err(|error| CommandError::Internal(format!("a filing cannot be read: {error}")))?;
                    if names.iter().all(|(id, _)| *id != entry.person) {
                        let person = people::find(tx, city, &entry.person).await?;
                        names.push((entry.person.clone(), person.map(|person| person.name).unwrap_or_default()));
                    }
                    let by = names.iter().find(|(id, _)| *id == entry.person).map(|(_, name)| name.clone());
                    let whose = noted.posts.iter().filter_map(|id| held.iter().find(|held| held.post.id == *id));
                    found.push(FilingEntry {
                        at: entry.at,
                        by: by.unwrap_or_default(),
                        whose: whose
                            .filter_map(|held| Some((held.name.clone(), Position::read(&held.post.position)?)))
                            .collect(),
                        receipt: noted.receipt,
                    });
                }
                Ok(found)
            })
        })
        .await
}

/// Changes that wait: not filed by a unit one may see, or filed and without a receipt yet. By limit.
///
/// # Errors
/// [`CommandError::Unavailable`] without a database.
pub async fn filings(app: &App, actor: &Actor) -> Result<Vec<Filing>, CommandError> {
    let units = app.current_organisation().await?;
    let (city, now) = (app.city.clone(), app.now());
    let posts = app
        .db
        .read("filings", move |tx| {
            Box::pin(async move {
                // Everything unfiled, however far its limit: a limit never lies ten years away.
                let mut posts = filing::overdue(tx, city.as_str(), now.plus(10 * 366 * 86_400_000)).await?;
                posts.extend(filing::unreceived(tx, city.as_str()).await?);
                Ok::<_, StoreError>(posts)
            })
        })
        .await?;
    let mut found: Vec<Filing> = posts
        .iter()
        .filter(|post| permit::sees(actor, &units, &UnitId(post.unit.clone())))
        .filter_map(|post| filing_of(post, now))
        .collect();
    found.sort_by(|a, b| (a.due, &a.post).cmp(&(b.due, &b.post)));
    Ok(found)
}
