//! Proof that nothing was changed behind the program's back: every chain hash, every text's code, every signature.

use std::sync::Arc;

use huiyin_core::time::Instant;
use huiyin_store::{
    Tx,
    contents::{self, Kept},
    orders::{self, JournalRow},
    records, seal,
};
use serde::Serialize;
use serde_json::Value;

use crate::{Actor, App, CommandError, Role, Scope, app::unhex, jobs};

/// What a verification found.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct AuditReport {
    /// Whether everything holds.
    pub ok: bool,
    /// Orders looked at.
    pub orders: u64,
    /// Events looked at.
    pub events: u64,
    /// Texts whose code was checked.
    pub texts: u64,
    /// Checkpoints looked at.
    pub checkpoints: u64,
    /// Chains of people, units, settings looked at.
    pub chains: u64,
    /// What does not hold: the first broken entry of each chain, and between which times it was changed.
    pub faults: Vec<String>,
}

/// Faults reported at most; the rest are counted in the last line.
const FAULTS: usize = 200;

impl AuditReport {
    fn fault(&mut self, text: String) {
        if self.faults.len() < FAULTS {
            self.faults.push(text);
        }
    }
}

/// Verifies journals, texts, checkpoints and the other chains of the city.
///
/// # Errors
/// [`CommandError`] when the database cannot be read; what does not hold is in the report.
pub async fn verify(app: &Arc<App>) -> Result<AuditReport, CommandError> {
    let mut report = AuditReport::default();
    let mut after = String::new();
    loop {
        let (own, from) = (Arc::clone(app), after.clone());
        let mut page = report;
        let (next, done) = app
            .db
            .read("audit", move |tx| {
                Box::pin(async move {
                    let city = own.city.as_str();
                    let ids = orders::journalled_after(tx, city, &from, 200).await?;
                    for id in &ids {
                        order(tx, &own, id, &mut page).await?;
                    }
                    Ok::<_, CommandError>((page, ids.last().cloned()))
                })
            })
            .await?;
        report = next;
        match done {
            Some(last) => after = last,
            None => break,
        }
    }
    let own = Arc::clone(app);
    let mut rest = report;
    let mut report = app
        .db
        .read("audit", move |tx| {
            Box::pin(async move {
                orphans(tx, &own, &mut rest).await?;
                checkpoints(tx, &own, &mut rest).await?;
                chains(tx, &own, &mut rest).await?;
                Ok::<_, CommandError>(rest)
            })
        })
        .await?;
    report.ok = report.faults.is_empty();
    Ok(report)
}

async fn order(tx: &mut Tx, app: &App, id: &str, report: &mut AuditReport) -> Result<(), CommandError> {
    let (city, zone) = (app.city.as_str(), app.zone());
    let journal = orders::journal(tx, city, id).await?;
    report.orders += 1;
    let mut previous = String::new();
    let mut before: Option<Instant> = None;
    for (row, place) in journal.iter().zip(1_i64..) {
        report.events += 1;
        let between = match before {
            Some(at) => format!("between {} and {}", zone.rfc3339(at), zone.rfc3339(row.at)),
            None => format!("before {}", zone.rfc3339(row.at)),
        };
        if row.seq != place {
            report.fault(format!("order {id}: event {place} is missing or out of place ({between})"));
            return Ok(());
        }
        if row.hash != row.expected_hash(city, &previous) {
            report.fault(format!("order {id}: event {} `{}` was changed ({between})", row.seq, row.name));
            return Ok(());
        }
        texts(tx, app, row, report).await?;
        previous.clone_from(&row.hash);
        before = Some(row.at);
    }
    match orders::find(tx, city, &id.into()).await? {
        Some(stored) if stored.hash == previous && stored.order.seq == journal.len() as u64 => {}
        Some(stored) => report.fault(format!(
            "order {id}: the journal has {} events, the order says {}; entries at its end were removed or added",
            journal.len(),
            stored.order.seq
        )),
        None => report.fault(format!("order {id}: it has a journal but no row; rebuild it")),
    }
    Ok(())
}

/// Checks the code of every text an event names; an erased text cannot be checked, which is right.
async fn texts(tx: &mut Tx, app: &App, row: &JournalRow, report: &mut AuditReport) -> Result<(), CommandError> {
    let Ok(body) = serde_json::from_str::<Value>(&row.body) else {
        report.fault(format!("order {}: event {} is not JSON", row.order, row.seq));
        return Ok(());
    };
    let mut found = Vec::new();
    references(&body, &mut found);
    for (content, mac) in found {
        report.texts += 1;
        let holds = match contents::keyed(tx, app.city.as_str(), &content).await? {
            Kept::Whole(text, wrapped) => {
                app.master.unwrap_content(&wrapped, &content).is_ok_and(|key| key.mac(&text) == mac)
            }
            Kept::Erased => true,
            Kept::Broken => {
                report.fault(format!(
                    "order {}: the text {content} of event {} `{}` is gone",
                    row.order, row.seq, row.name
                ));
                continue;
            }
        };
        if !holds {
            report.fault(format!(
                "order {}: the text {content} of event {} `{}` was changed",
                row.order, row.seq, row.name
            ));
        }
    }
    Ok(())
}

/// Every `{content, mac}` inside an event.
pub(crate) fn references(value: &Value, found: &mut Vec<(String, String)>) {
    match value {
        Value::Object(map) => {
            if let (Some(content), Some(mac)) =
                (map.get("content").and_then(Value::as_str), map.get("mac").and_then(Value::as_str))
            {
                found.push((content.to_owned(), mac.to_owned()));
                return;
            }
            map.values().for_each(|value| references(value, found));
        }
        Value::Array(list) => list.iter().for_each(|value| references(value, found)),
        _ => {}
    }
}

/// Orders without any journal.
async fn orphans(tx: &mut Tx, app: &App, report: &mut AuditReport) -> Result<(), CommandError> {
    for id in orders::without_journal(tx, app.city.as_str(), 50).await? {
        report.fault(format!("order {id}: its journal is gone"));
    }
    Ok(())
}

async fn checkpoints(tx: &mut Tx, app: &App, report: &mut AuditReport) -> Result<(), CommandError> {
    let city = app.city.as_str();
    // The key that lies under the master key, not the one that stands open beside the signatures.
    let public = app.signing().public();
    let stated = records::setting(tx, city, "signing_public").await?.and_then(|(text, _)| unhex(&text));
    if stated.as_deref() != Some(public.as_slice()) {
        report.fault("the public key in the settings is not that of the signing key; it was changed".into());
    }
    let mut previous = String::new();
    let mut since: Option<Instant> = None;
    for (checkpoint, place) in records::checkpoints(tx, city).await?.into_iter().zip(1_i64..) {
        report.checkpoints += 1;
        let no = checkpoint.no;
        if no != place {
            report.fault(format!("checkpoint {place} is missing"));
            return Ok(());
        }
        let covered = records::covered(tx, city, no).await?;
        let mut entries = Vec::with_capacity(covered.len());
        for (order, seq, hash, _) in covered {
            match hash {
                Some(hash) => entries.push((order, seq, hash)),
                None => report.fault(format!("checkpoint {no}: event {seq} of order {order} was removed")),
            }
        }
        let expected = jobs::digest(&previous, no, checkpoint.at.ms(), &entries);
        if expected != checkpoint.digest || entries.len() as i64 != checkpoint.entries {
            let (zone, until) = (app.zone(), checkpoint.at);
            let from = since.map_or_else(|| "the beginning".into(), |since| zone.rfc3339(since));
            report.fault(format!(
                "checkpoint {no}: an entry under it was changed, removed or added (events between {from} and {})",
                zone.rfc3339(until)
            ));
        } else if !seal::verify(&public, checkpoint.digest.as_bytes(), &checkpoint.signature) {
            report.fault(format!("checkpoint {no}: the signature is not of this city's key"));
        }
        previous = checkpoint.digest;
        since = Some(checkpoint.at);
    }
    let adrift = records::without_checkpoint(tx, city).await?;
    if adrift > 0 {
        report.fault(format!("the checkpoint over {adrift} events is missing"));
    }
    for (order, seq) in records::without_event(tx, city, 50).await? {
        report.fault(format!("order {order}: event {seq} was removed before it came under a checkpoint"));
    }
    let uncovered = records::uncovered(tx, city).await?;
    if uncovered > 0 {
        report.fault(format!("{uncovered} events are under no checkpoint and wait for none"));
    }
    Ok(())
}

async fn chains(tx: &mut Tx, app: &App, report: &mut AuditReport) -> Result<(), CommandError> {
    let city = app.city.as_str();
    for name in records::chains(tx, city).await? {
        report.chains += 1;
        let mut previous = String::new();
        for (entry, place) in records::chain(tx, city, &name).await?.into_iter().zip(1_i64..) {
            if entry.seq != place || entry.hash != entry.expected_hash(city, &name, &previous) {
                report.fault(format!("chain {name}: entry {place} `{}` was changed or removed", entry.name));
                break;
            }
            previous = entry.hash;
        }
    }
    Ok(())
}

/// An entry of a chain, for a reader: ids and codes, no name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Entry {
    /// Its place in the chain.
    pub seq: i64,
    /// When.
    pub at: Instant,
    /// Who, by id.
    pub person: String,
    /// What happened.
    pub name: String,
    /// Codes and ids.
    pub body: String,
}

fn may_read(actor: &Actor) -> Result<(), CommandError> {
    let may = actor.is_system() || (actor.has(Role::Admin) && actor.allows(Scope::Admin));
    may.then_some(()).ok_or_else(|| CommandError::Forbidden("the role admin".into()))
}

/// The chains of all that is not an order: people, units, settings, exports.
///
/// # Errors
/// [`CommandError::Forbidden`] for all but an admin.
pub async fn chain_names(app: &Arc<App>, actor: &Actor) -> Result<Vec<String>, CommandError> {
    may_read(actor)?;
    let city = app.city.clone();
    app.db
        .read("chains", move |tx| {
            Box::pin(async move { records::chains(tx, city.as_str()).await.map_err(CommandError::from) })
        })
        .await
}

/// The last entries of a chain, the newest first.
///
/// # Errors
/// [`CommandError::Forbidden`] for all but an admin.
pub async fn entries(app: &Arc<App>, actor: &Actor, chain: &str, limit: usize) -> Result<Vec<Entry>, CommandError> {
    may_read(actor)?;
    crate::input::code_text("chain", chain)?;
    let (city, chain) = (app.city.clone(), chain.to_owned());
    let found = app
        .db
        .read("chain", move |tx| {
            Box::pin(async move { records::chain(tx, city.as_str(), &chain).await.map_err(CommandError::from) })
        })
        .await?;
    let shown = found.into_iter().rev().take(limit);
    Ok(shown
        .map(|one| Entry { seq: one.seq, at: one.at, person: one.person, name: one.name, body: one.body })
        .collect())
}

/// Verifies as [`verify`] does, for a person at a page.
///
/// # Errors
/// [`CommandError::Forbidden`] for all but an admin.
pub async fn verify_for(app: &Arc<App>, actor: &Actor) -> Result<AuditReport, CommandError> {
    may_read(actor)?;
    verify(app).await
}
