//! Mass events found: many claimants whose matters are alike by a rule of the pack, within its window. The office is told
//! once a day; a person looks, and merges them or does not.

use std::sync::Arc;

use huiyin_core::{policy::Function, time::Instant};
use huiyin_store::{alike as store, records::DeskItem};
use serde::{Deserialize, Serialize};

use crate::{App, CommandError};

/// Keys looked at in one round.
const AT_ONCE: i64 = 200;

/// What was found, as the desk item says it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Found {
    /// The rule of the pack.
    pub rule: String,
    /// How many orders.
    pub orders: usize,
    /// Of how many claimants.
    pub claimants: usize,
}

/// Looks at what was registered since the last time; gives how many desk items were added.
///
/// # Errors
/// [`CommandError::Unavailable`] without a database.
pub async fn found(app: &Arc<App>) -> Result<usize, CommandError> {
    if app.pack.mass_events().is_empty() {
        return Ok(0);
    }
    let own = Arc::clone(app);
    let keys = app
        .db
        .read("alike", move |tx| Box::pin(async move { store::unlooked(tx, own.city.as_str(), AT_ONCE).await }))
        .await?;
    let mut added = 0;
    for key in keys {
        added += usize::from(look(app, key).await?);
    }
    Ok(added)
}

async fn look(app: &Arc<App>, key: String) -> Result<bool, CommandError> {
    let own = Arc::clone(app);
    app.db
        .write("mass_event", move |tx| {
            let (app, key) = (Arc::clone(&own), key.clone());
            Box::pin(async move {
                let (city, now) = (app.city.as_str(), app.now());
                store::looked(tx, city, &key).await?;
                let name = key.split('/').next().unwrap_or_default();
                let Some(rule) = app.pack.mass_events().iter().find(|rule| rule.name == name) else { return Ok(false) };
                let since = now.plus(-rule.window.ms().unwrap_or(0));
                let sharing = store::sharing(tx, city, &key, since).await?;
                let many = sharing.claimants >= usize::try_from(rule.threshold).unwrap_or(usize::MAX);
                let (true, [first, _, ..]) = (many, sharing.orders.as_slice()) else { return Ok(false) };
                let org = app.organisation(tx).await?;
                let Some(office) = org.with_function(Function::Office) else { return Ok(false) };
                let found =
                    Found { rule: rule.name.clone(), orders: sharing.orders.len(), claimants: sharing.claimants };
                let item = DeskItem {
                    // Told of once a day: more claimants do not make it another event.
                    id: format!("mass-found:{key}:{}", app.zone().day(now).number()),
                    order: first.clone(),
                    what: "mass-found".into(),
                    unit: office.id.0.clone(),
                    task: None,
                    duty: None,
                    created_at: now,
                    due: now,
                    note: serde_json::to_string(&found).ok(),
                };
                Ok(store::add_item(tx, city, &item).await?)
            })
        })
        .await
}

/// Forgets what lies before every window of the pack.
pub(super) async fn forget(app: &Arc<App>) -> Result<(), CommandError> {
    let longest = app.pack.mass_events().iter().filter_map(|rule| rule.window.ms()).max().unwrap_or(0);
    let (own, before): (_, Instant) = (Arc::clone(app), app.now().plus(-longest));
    app.db
        .write("forget_alike", move |tx| {
            let app = Arc::clone(&own);
            Box::pin(async move { store::forget(tx, app.city.as_str(), before).await })
        })
        .await?;
    Ok(())
}
