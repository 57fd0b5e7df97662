//! What changed, told to the pages that are open, at most once a second: which orders, and nothing of them. A page fetches
//! again what it shows.
//!
//! Each command leaves one row in its own transaction. One task of each process reads the rows of the last ten seconds once
//! a second, leaves out those it has seen, and hands the rest to every open stream; a stream passes on what its person may
//! know of. Without open streams nothing is read.

use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use huiyin_core::time::Instant;
use huiyin_store::live::{self, Change};
use serde::Serialize;
use tokio::sync::{broadcast, watch};

use crate::{Actor, App, CommandError, Scope, permission::Reach};

/// How far back a look reaches, in milliseconds: what commits late is still found.
const BACK: i64 = 10_000;
/// How long rows are kept, in milliseconds.
const KEPT: i64 = 60_000;
/// Streams a process holds open.
const MOST: usize = 5_000;
/// Looks a stream may be behind; one further behind is told that something changed.
const BEHIND: usize = 16;
/// Orders named at once.
const NAMED: usize = 50;

type Batch = Arc<Vec<Change>>;

/// Where the streams of a process hang.
pub(crate) struct Hub {
    sender: Mutex<Option<broadcast::Sender<Batch>>>,
    open: Arc<AtomicUsize>,
}

impl Default for Hub {
    fn default() -> Self {
        Self { sender: Mutex::new(Some(broadcast::channel(BEHIND).0)), open: Arc::default() }
    }
}

impl Hub {
    fn receiver(&self) -> Option<broadcast::Receiver<Batch>> {
        self.sender.lock().unwrap_or_else(PoisonError::into_inner).as_ref().map(broadcast::Sender::subscribe)
    }

    fn tell(&self, batch: Batch) {
        if let Some(sender) = self.sender.lock().unwrap_or_else(PoisonError::into_inner).as_ref() {
            // Nobody listens: nothing to tell.
            let _ = sender.send(batch);
        }
    }

    /// Ends every stream.
    fn close(&self) {
        self.sender.lock().unwrap_or_else(PoisonError::into_inner).take();
    }
}

/// What a stream tells its page.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Told {
    /// Numbers of orders that others changed.
    pub orders: Vec<String>,
    /// Numbers of orders the person changed: a list shows them anew, and nobody is told of what they did themselves.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub own: Vec<String>,
    /// Whether there are more than are named.
    pub more: bool,
}

/// An open stream.
pub struct Watch {
    receiver: broadcast::Receiver<Batch>,
    person: String,
    reach: Reach,
    open: Arc<AtomicUsize>,
}

impl Drop for Watch {
    fn drop(&mut self) {
        self.open.fetch_sub(1, Ordering::Relaxed);
    }
}

/// Opens a stream of what an actor may know of, as their posts are now.
///
/// # Errors
/// [`CommandError::TooMany`] when the process holds as many as it may; [`CommandError::Unavailable`] while it stops.
pub async fn open(app: &Arc<App>, actor: &Actor) -> Result<Watch, CommandError> {
    if !actor.allows(Scope::OrdersRead) {
        return Err(CommandError::Forbidden("a token with scope orders:read".into()));
    }
    let org = app.current_organisation().await?;
    let reach = Reach::of(actor, &org);
    let receiver =
        app.live.receiver().ok_or_else(|| CommandError::Unavailable("the server is stopping; connect again".into()))?;
    let open = Arc::clone(&app.live.open);
    if open.fetch_add(1, Ordering::Relaxed) >= MOST {
        open.fetch_sub(1, Ordering::Relaxed);
        return Err(CommandError::TooMany { seconds: 30 });
    }
    Ok(Watch { receiver, person: actor.person.0.clone(), reach, open })
}

impl Watch {
    /// Waits for a change; none when the process stops.
    pub async fn next(&mut self) -> Option<Told> {
        loop {
            let told = match self.receiver.recv().await {
                Ok(batch) => self.told(&batch),
                Err(broadcast::error::RecvError::Lagged(_)) => Told { more: true, ..Told::default() },
                Err(broadcast::error::RecvError::Closed) => return None,
            };
            if told.more || !told.orders.is_empty() || !told.own.is_empty() {
                return Some(told);
            }
        }
    }

    fn told(&self, batch: &[Change]) -> Told {
        let mut told = Told::default();
        for change in batch.iter().filter(|change| sees(&self.reach, change)) {
            let named = if change.person == self.person { &mut told.own } else { &mut told.orders };
            if named.contains(&change.no) {
                continue;
            }
            if named.len() == NAMED {
                told.more = true;
                break;
            }
            named.push(change.no.clone());
        }
        told.own.retain(|no| !told.orders.contains(no));
        told
    }
}

/// As [`permission::sees`](crate::permission::sees) has it, from what a change says.
fn sees(reach: &Reach, change: &Change) -> bool {
    !change.sealed
        && match reach {
            Reach::City => true,
            Reach::Units(units) => {
                change.units.iter().any(|unit| units.iter().any(|own| own.as_str() == unit.as_str()))
            }
            Reach::Nothing => false,
        }
}

/// What a process has told of: order, place in its journal, when.
#[derive(Default)]
pub struct Seen(HashMap<(String, i64), Instant>);

/// One look; gives how many changes were new. Without open streams none is taken.
///
/// # Errors
/// [`CommandError::Unavailable`] without a database.
pub async fn look(app: &Arc<App>, seen: &mut Seen) -> Result<usize, CommandError> {
    let streams = app.live.open.load(Ordering::Relaxed);
    metrics::gauge!("huiyin_live_streams").set(streams as f64);
    if streams == 0 {
        return Ok(0);
    }
    let (own, since) = (Arc::clone(app), app.now().plus(-BACK));
    let mut changes =
        app.db.read("live", move |tx| Box::pin(async move { live::since(tx, own.city.as_str(), since).await })).await?;
    changes.retain(|change| !seen.0.contains_key(&(change.order.clone(), change.seq)));
    // Longer than a look reaches back, whatever the clocks of other nodes say.
    seen.0.retain(|_, at| *at >= since.plus(-BACK));
    let now = app.now();
    seen.0.extend(changes.iter().map(|change| ((change.order.clone(), change.seq), now)));
    let new = changes.len();
    if new > 0 {
        app.live.tell(Arc::new(changes));
    }
    Ok(new)
}

/// Looks once a second until told to stop; then every stream ends, and its page connects to who answers next.
pub async fn run(app: Arc<App>, mut stop: watch::Receiver<bool>) {
    let (mut seen, mut ticks) = (Seen::default(), tokio::time::interval(Duration::from_secs(1)));
    ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    while !*stop.borrow() {
        tokio::select! {
            _ = ticks.tick() => {}
            _ = stop.changed() => break,
        }
        if let Err(error) = look(&app, &mut seen).await {
            tracing::debug!(%error, "pages could not be told what changed");
        }
    }
    app.live.close();
}

/// Removes rows that every node has read by now.
///
/// # Errors
/// [`CommandError::Unavailable`] without a database.
pub async fn sweep(app: &Arc<App>) -> Result<u64, CommandError> {
    let (city, before) = (app.city.clone(), app.now().plus(-KEPT));
    let gone = app
        .db
        .write("live", move |tx| {
            let city = city.clone();
            Box::pin(async move { live::sweep(tx, city.as_str(), before).await })
        })
        .await?;
    Ok(gone)
}
