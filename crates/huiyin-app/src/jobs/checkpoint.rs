//! Checkpoints: a signature over all new journal entries, chained to the one before.

use std::sync::Arc;

use huiyin_store::{
    Tx,
    records::{self, Checkpoint},
    seal,
};

use crate::{App, CommandError};

/// Events under one checkpoint at most.
const ENTRIES: i64 = 5_000;

/// The digest a checkpoint signs: over its number, its time, and every entry's order, place and hash.
pub(crate) fn digest(previous: &str, no: i64, at: i64, entries: &[(String, i64, String)]) -> String {
    let mut fields = vec![no.to_string(), at.to_string()];
    for (order, seq, hash) in entries {
        fields.push(order.clone());
        fields.push(seq.to_string());
        fields.push(hash.clone());
    }
    let fields: Vec<&str> = fields.iter().map(String::as_str).collect();
    seal::chain_hash(previous, &fields)
}

/// Puts new events under checkpoints; gives how many.
///
/// # Errors
/// [`CommandError`] of the database.
pub async fn checkpoint(app: &Arc<App>) -> Result<usize, CommandError> {
    let mut sealed = 0;
    loop {
        let own = Arc::clone(app);
        let count = app
            .db
            .write("checkpoint", move |tx| {
                let app = Arc::clone(&own);
                Box::pin(async move { one(tx, &app).await })
            })
            .await?;
        sealed += count;
        if count < usize::try_from(ENTRIES).unwrap_or(usize::MAX) {
            return Ok(sealed);
        }
    }
}

async fn one(tx: &mut Tx, app: &App) -> Result<usize, CommandError> {
    let city = app.city.as_str();
    let claimed = records::claim_feed(tx, city, "checkpoint", ENTRIES).await?;
    if claimed.is_empty() {
        return Ok(0);
    }
    let hashes = records::event_hashes(tx, city, &claimed).await?;
    let entries: Vec<(String, i64, String)> =
        claimed.into_iter().zip(hashes).map(|((order, seq), hash)| (order, seq, hash)).collect();
    let (last, previous) = records::last_checkpoint(tx, city).await?.unwrap_or((0, String::new()));
    let (no, at) = (last + 1, app.now());
    let digest = digest(&previous, no, at.ms(), &entries);
    let checkpoint =
        Checkpoint { no, at, entries: entries.len() as i64, signature: app.signing().sign(digest.as_bytes()), digest };
    let keys: Vec<(String, i64)> = entries.iter().map(|(order, seq, _)| (order.clone(), *seq)).collect();
    records::add_checkpoint(tx, city, &checkpoint, &keys).await?;
    Ok(keys.len())
}
