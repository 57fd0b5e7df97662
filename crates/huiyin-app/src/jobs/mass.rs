//! Mass events found: many claimants whose matters are alike by a rule of the pack, within its window. The office is told
//! once a day; a person looks, and merges them or does not.

use std::{collections::BTreeSet, sync::Arc};

use huiyin_core::{id::OrderId, policy::Function, time::Instant};
use huiyin_store::{
    Tx, alike as store,
    orders::{self, Stored},
    records::DeskItem,
};
use serde::{Deserialize, Serialize};

use crate::{App, CommandError};

/// Orders looked at in one transaction.
const AT_ONCE: usize = 50;

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

/// Looks at what was registered or corrected since the last time; gives how many desk items were added.
///
/// # Errors
/// [`CommandError::Unavailable`] without a database.
pub async fn found(app: &Arc<App>) -> Result<usize, CommandError> {
    let own = Arc::clone(app);
    let waits =
        app.db.read("alike", move |tx| Box::pin(async move { store::waits(tx, own.city.as_str()).await })).await?;
    if !waits {
        return Ok(0);
    }
    let mut added = 0;
    loop {
        let own = Arc::clone(app);
        let look = app.db.write("mass_event", move |tx| {
            let app = Arc::clone(&own);
            Box::pin(async move { look(tx, &app).await })
        });
        let (looked, new) = look.await?;
        added += new;
        if looked < AT_ONCE {
            return Ok(added);
        }
    }
}

/// Looks at the next orders: how many they were, and how many desk items were added.
async fn look(tx: &mut Tx, app: &App) -> Result<(usize, usize), CommandError> {
    let city = app.city.as_str();
    let claimed = store::claim(tx, city, AT_ONCE as i64).await?;
    // Without a rule none is kept in mind: one that comes later counts from its day on.
    if app.pack.mass_events().is_empty() {
        return Ok((claimed.len(), 0));
    }
    let mut rows = Vec::new();
    for id in &claimed {
        let Some(Stored { order, .. }) = orders::find(tx, city, &OrderId(id.clone())).await? else { continue };
        let Some(at) = order.registered_at else { continue };
        let keys = app.pack.alike(&order, app.zone().day(at)).into_iter();
        rows.extend(keys.map(|(_, key)| (key, at, id.clone())));
    }
    store::add(tx, city, &rows).await?;
    let keys: BTreeSet<&String> = rows.iter().map(|(key, ..)| key).collect();
    let mut added = 0;
    for key in keys {
        added += usize::from(count(tx, app, key).await?);
    }
    Ok((claimed.len(), added))
}

/// Counts what shares a key; true where that is told anew.
async fn count(tx: &mut Tx, app: &App, key: &str) -> Result<bool, CommandError> {
    let (city, now) = (app.city.as_str(), app.now());
    let name = key.split('/').next().unwrap_or_default();
    let Some(rule) = app.pack.mass_events().iter().find(|rule| rule.name == name) else { return Ok(false) };
    let since = now.plus(-rule.window.ms().unwrap_or(0));
    let sharing = store::sharing(tx, city, key, since).await?;
    let many = sharing.claimants >= usize::try_from(rule.threshold).unwrap_or(usize::MAX);
    let (true, [first, _, ..]) = (many, sharing.orders.as_slice()) else { return Ok(false) };
    let org = app.organisation(tx).await?;
    let Some(office) = org.with_function(Function::Office) else { return Ok(false) };
    let found = Found { rule: rule.name.clone(), orders: sharing.orders.len(), claimants: sharing.claimants };
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
