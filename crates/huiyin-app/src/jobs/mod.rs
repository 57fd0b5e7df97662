//! What runs by itself: timers, messages to claimants, checkpoints of the journal, archiving.
//!
//! Each job takes no input but the time: it compares what is with what should be, may run twice, and leaves everything
//! as it was when it fails. [`run`] is the loop of a server; tests call [`once`].

mod archive;
mod ask;
mod checkpoint;
mod mass;
mod recount;
mod tell;
mod timer;
mod words;

use std::{sync::Arc, time::Duration};

use huiyin_store::{portal, records};
use tokio::sync::watch;

pub use archive::archive;
pub use ask::ask;
pub use checkpoint::checkpoint;
pub(crate) use checkpoint::digest;
pub use mass::{Found, found};
pub use recount::recount;
pub use tell::{Report, report, send};
pub use timer::fire;

use crate::{
    App, CommandError, bulk, files, live, notices,
    portal::{access, phone},
};

/// What one round did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Round {
    /// Moments of clocks told of.
    pub fired: usize,
    /// Messages handed to carriers or desks.
    pub sent: usize,
    /// Events put under checkpoints.
    pub sealed: usize,
    /// Orders archived.
    pub archived: usize,
}

/// Rounds until told to stop: timers each second, the rest each fifth.
pub async fn run(app: Arc<App>, mut stop: watch::Receiver<bool>) {
    let mut beat: u64 = 0;
    let mut ticks = tokio::time::interval(Duration::from_secs(1));
    ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    let node = app.id();
    // A new notice comes with a start of the program.
    if let Err(error) = recount(&app).await {
        tracing::warn!(%error, "limits could not be counted by the holiday notices; `huiyin policy recount` does it");
    }
    loop {
        tokio::select! {
            _ = ticks.tick() => {}
            changed = stop.changed() => if changed.is_err() || *stop.borrow() { return },
        }
        if *stop.borrow() {
            return;
        }
        beat += 1;
        let all = beat % 5 == 1;
        match round(&app, &node, all).await {
            Ok(round) => {
                metrics::counter!("huiyin_timers_fired_total").increment(round.fired as u64);
                metrics::gauge!("huiyin_jobs_last_round_seconds").set(app.now().ms() as f64 / 1000.0);
            }
            Err(error) => {
                metrics::counter!("huiyin_job_failures_total").increment(1);
                tracing::warn!(%error, "a round of jobs failed; it will be tried again");
            }
        }
    }
}

/// One round, if no other node is at it.
async fn round(app: &Arc<App>, node: &str, all: bool) -> Result<Round, CommandError> {
    let (city, holder, now) = (app.city.clone(), node.to_owned(), app.now());
    let mine = app
        .db
        .write("lease", move |tx| {
            let (city, holder) = (city.clone(), holder.clone());
            Box::pin(
                async move { records::take_lease(tx, city.as_str(), "jobs", &holder, now, now.plus(10_000)).await },
            )
        })
        .await?;
    if !mine {
        return Ok(Round::default());
    }
    if !all {
        // Somebody waits for a code with the page open; what is given in bulk can wait for both.
        let (fired, sent) = (fire(app).await?, phone::send(app).await?);
        bulk::work(app, BULK).await?;
        return Ok(Round { fired, sent, ..Round::default() });
    }
    let done = once(app).await;
    forget(app).await?;
    live::sweep(app).await?;
    sweep_daily(app).await?;
    done
}

/// Orders of bulk commands in one round, so that limits do not wait behind them.
const BULK: usize = 200;

/// When files were last swept, as a setting.
const SWEPT: &str = "files_swept";
/// How often they are, in milliseconds.
const SWEEP: i64 = 24 * 3_600_000;

/// Sweeps files that nothing names, once a day.
async fn sweep_daily(app: &Arc<App>) -> Result<(), CommandError> {
    let (city, now) = (app.city.clone(), app.now());
    let last = app
        .db
        .read("sweep", move |tx| Box::pin(async move { records::setting(tx, city.as_str(), SWEPT).await }))
        .await?
        .and_then(|(text, _)| text.parse::<i64>().ok());
    if last.is_some_and(|last| now.ms() < last + SWEEP) {
        return Ok(());
    }
    mass::forget(app).await?;
    notices::sweep(app).await?;
    bulk::forget(app).await?;
    let removed = files::sweep(app).await?;
    tracing::info!(removed, "files that nothing names were swept");
    let city = app.city.clone();
    app.db
        .write("sweep", move |tx| {
            let city = city.clone();
            Box::pin(async move { records::set(tx, city.as_str(), SWEPT, &now.ms().to_string()).await })
        })
        .await?;
    Ok(())
}

/// Everything there is to do now, for tests, drivers and the command line.
///
/// # Errors
/// [`CommandError`] of the first job that failed.
pub async fn once(app: &Arc<App>) -> Result<Round, CommandError> {
    // All are tried, whatever becomes of the one before.
    let (fired, sent, asked, codes) = (fire(app).await, send(app).await, ask(app).await, phone::send(app).await);
    let (sealed, archived, found) = (checkpoint(app).await, archive(app).await, found(app).await);
    bulk::work(app, BULK).await?;
    found?;
    Ok(Round { fired: fired?, sent: sent? + asked? + codes?, sealed: sealed?, archived: archived? })
}

/// How long an answer is kept under its key, in milliseconds.
const KEYS_KEPT: i64 = 7 * 24 * 3_600_000;

async fn forget(app: &Arc<App>) -> Result<(), CommandError> {
    let (city, now, before) = (app.city.clone(), app.now(), app.now().plus(-KEYS_KEPT));
    app.db
        .write("forget", move |tx| {
            let city = city.clone();
            Box::pin(async move {
                portal::sweep(tx, city.as_str(), now, now.plus(-access::COUNTED)).await?;
                records::forget(tx, city.as_str(), before).await
            })
        })
        .await?;
    Ok(())
}
