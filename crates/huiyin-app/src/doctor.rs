//! Is everything as it must be? Rows against journals, holders, clocks, and what should be moving.

use std::sync::Arc;

use huiyin_core::order::rebuild;
use huiyin_store::{Tx, duties, orders};
use serde::Serialize;

use crate::{App, CommandError, files};

/// What an examination found.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Examination {
    /// Whether all is well.
    pub ok: bool,
    /// Orders looked at.
    pub orders: u64,
    /// Of them, before `closed`.
    pub open: u64,
    /// What is not as it must be, and what to do.
    pub faults: Vec<String>,
    /// Messages to claimants by where they stand.
    pub outbox: Vec<(String, i64)>,
}

/// Examines the city's data.
///
/// # Errors
/// [`CommandError`] when the database cannot be read; what is wrong is in the examination.
pub async fn examine(app: &Arc<App>) -> Result<Examination, CommandError> {
    let mut found = Examination::default();
    let mut after = String::new();
    loop {
        let (own, from, mut page) = (Arc::clone(app), after.clone(), found);
        let (next, last) = app
            .db
            .read("doctor", move |tx| {
                Box::pin(async move {
                    let ids = orders::journalled_after(tx, own.city.as_str(), &from, 200).await?;
                    for id in &ids {
                        order(tx, &own, id, &mut page).await?;
                    }
                    Ok::<_, CommandError>((page, ids.last().cloned()))
                })
            })
            .await?;
        found = next;
        match last {
            Some(last) => after = last,
            None => break,
        }
    }
    let own = Arc::clone(app);
    let (outbox, bare): (_, Vec<String>) = app
        .db
        .read("doctor", move |tx| {
            Box::pin(async move {
                let city = own.city.as_str();
                Ok::<_, CommandError>((duties::states(tx, city).await?, orders::without_journal(tx, city, 50).await?))
            })
        })
        .await?;
    found.outbox = outbox;
    found.faults.extend(files::faults(app).await?);
    found
        .faults
        .extend(bare.into_iter().map(|id| format!("order {id}: it has a row and no journal; restore a backup")));
    found.ok = found.faults.is_empty();
    Ok(found)
}

async fn order(tx: &mut Tx, app: &App, id: &str, found: &mut Examination) -> Result<(), CommandError> {
    let city = app.city.as_str();
    found.orders += 1;
    let journal = orders::journal(tx, city, id).await?;
    let mut events = Vec::with_capacity(journal.len());
    for row in &journal {
        match row.event() {
            Ok(event) => events.push((event, row.at)),
            Err(error) => {
                found.faults.push(error.to_string());
                return Ok(());
            }
        }
    }
    let Some(rebuilt) = rebuild(&id.into(), events.iter().map(|(event, at)| (event, *at))) else {
        found.faults.push(format!("order {id}: its journal does not begin with a taking-in"));
        return Ok(());
    };
    for fault in orders::compare(tx, city, app.zone(), &rebuilt).await? {
        found.faults.push(format!("order {} ({id}): {fault}", rebuilt.no));
    }
    if !rebuilt.state.is_open() {
        return Ok(());
    }
    found.open += 1;
    let org = app.organisation(tx).await?;
    match rebuilt.holder() {
        Some(holder) if org.unit(&holder.unit).is_some() => {}
        Some(holder) => {
            found.faults.push(format!("order {}: its holder `{}` is not in the register", rebuilt.no, holder.unit))
        }
        None => found.faults.push(format!("order {}: nobody holds it", rebuilt.no)),
    }
    let running = rebuilt.clocks.iter().any(|clock| clock.is_running());
    let excused = app.pack.no_clock(rebuilt.kind.as_deref(), rebuilt.state.code()).is_some();
    if !running && !excused {
        found.faults.push(format!(
            "order {}: no clock runs in `{}` and the rules list no reason for it",
            rebuilt.no,
            rebuilt.state.code()
        ));
    }
    Ok(())
}
