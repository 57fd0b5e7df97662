//! SQLite's one writer: a task that owns the writing connection and runs the queued closures one after another.
//!
//! Those that wait together share one commit, which is the dear part (`synchronous=FULL`). Each runs in a savepoint,
//! so that a refused one leaves the others alone; no answer is released before the commit.

use std::any::Any;
use std::future::Future;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::task::Poll;

use tokio::sync::{mpsc, oneshot};
use tracing::{Instrument as _, Span};

use super::pool::{Source, close};
use super::tx::{Connection, Tx, Unended};
use super::{BoxFuture, Total};
use crate::error::{Fault, StoreError};

/// Closures that share one commit at the most.
const BATCH: usize = 64;
/// Closures that may wait; more callers wait to be let into the queue.
pub(super) const QUEUE: usize = 1024;

/// What the writer is asked to do.
pub(super) enum Order {
    Run(Box<dyn Member>),
    Close(oneshot::Sender<()>),
}

/// One queued closure, its outcome and the one who waits for it, whatever their types.
pub(super) trait Member: Send {
    /// Runs the closure and says whether what it wrote shall stay.
    fn run<'a>(&'a mut self, tx: &'a mut Tx) -> BoxFuture<'a, bool>;
    /// Puts an error in the place of its outcome.
    fn spoil(&mut self, error: StoreError);
    /// Hands the outcome over.
    fn release(self: Box<Self>);
    /// Hands an error over instead of the outcome.
    fn fail(self: Box<Self>, error: StoreError);
}

pub(super) struct Pending<T, E, F> {
    f: F,
    span: Span,
    outcome: Option<Result<T, E>>,
    answer: oneshot::Sender<Result<T, E>>,
}

impl<T, E, F> Pending<T, E, F> {
    pub(super) const fn new(f: F, span: Span, answer: oneshot::Sender<Result<T, E>>) -> Self {
        Self { f, span, outcome: None, answer }
    }
}

impl<T, E, F> Member for Pending<T, E, F>
where
    F: for<'a> Fn(&'a mut Tx) -> BoxFuture<'a, Result<T, E>> + Send + Sync,
    T: Send,
    E: From<StoreError> + Send,
{
    fn run<'a>(&'a mut self, tx: &'a mut Tx) -> BoxFuture<'a, bool> {
        Box::pin(async move {
            let outcome = run(&self.f, tx).instrument(self.span.clone()).await;
            let keep = outcome.is_ok();
            self.outcome = Some(outcome);
            keep
        })
    }

    fn spoil(&mut self, error: StoreError) {
        self.outcome = Some(Err(error.into()));
    }

    fn release(self: Box<Self>) {
        if let Some(outcome) = self.outcome {
            // Who no longer waits needs no answer.
            let _ = self.answer.send(outcome);
        }
    }

    fn fail(self: Box<Self>, error: StoreError) {
        let _ = self.answer.send(Err(error.into()));
    }
}

/// Runs a closure so that neither a panic nor a swallowed error passes for success.
pub(super) async fn run<T, E, F>(f: &F, tx: &mut Tx) -> Result<T, E>
where
    F: for<'a> Fn(&'a mut Tx) -> BoxFuture<'a, Result<T, E>>,
    E: From<StoreError>,
{
    match caught(|| f(tx)).await {
        Ok(Ok(_)) if tx.fault().is_some() => {
            Err(StoreError::other("a statement failed, but the write went on as if it had not").into())
        }
        Ok(outcome) => outcome,
        Err(_) => Err(StoreError::other("the write panicked").into()),
    }
}

/// Polls a future and turns a panic, in it or in making it, into an error.
async fn caught<'a, T>(make: impl FnOnce() -> BoxFuture<'a, T>) -> Result<T, Box<dyn Any + Send>> {
    let mut future: Pin<Box<dyn Future<Output = T> + Send + 'a>> = catch_unwind(AssertUnwindSafe(make))?;
    std::future::poll_fn(|context| match catch_unwind(AssertUnwindSafe(|| future.as_mut().poll(context))) {
        Ok(Poll::Pending) => Poll::Pending,
        Ok(Poll::Ready(value)) => Poll::Ready(Ok(value)),
        Err(panic) => Poll::Ready(Err(panic)),
    })
    .await
}

/// The writer task: ends when asked to, or when nobody can ask any more.
pub(super) async fn task(source: Source, first: Connection, total: Total, mut queue: mpsc::Receiver<Order>) {
    let mut writer = Some(Tx::new(first, total.clone()));
    let mut closing = None;
    while closing.is_none() {
        let member = match queue.recv().await {
            Some(Order::Run(member)) => member,
            Some(Order::Close(answer)) => {
                closing = Some(answer);
                break;
            }
            None => break,
        };
        let tx = match writer.take() {
            Some(tx) => tx,
            // The last batch broke the connection.
            None => match source.connect().await {
                Ok(connection) => Tx::new(connection, total.clone()),
                Err(error) => {
                    member.fail(error);
                    continue;
                }
            },
        };
        writer = batch(tx, member, &mut queue, &mut closing).await;
    }
    if let Some(tx) = writer {
        close(tx.into_connection()).await;
    }
    if let Some(answer) = closing {
        let _ = answer.send(());
    }
}

/// Runs one closure and those that wait behind it, commits, and answers. Gives the connection back if it is still good.
///
/// What begins the transaction goes with the first statement, and the commit with the last changes: the driver's thread
/// is far away.
async fn batch(
    mut tx: Tx,
    first: Box<dyn Member>,
    queue: &mut mpsc::Receiver<Order>,
    closing: &mut Option<oneshot::Sender<()>>,
) -> Option<Tx> {
    if let Err((_, error)) = tx.open("BEGIN IMMEDIATE").await {
        first.fail(error);
        return None;
    }
    let mut members = Vec::new();
    let mut next = Some(first);
    while let Some(mut member) = next.take() {
        // The first needs no savepoint: the transaction is its own until another joins.
        let joined = !members.is_empty();
        let full = members.len() + 1 >= BATCH;
        match step(&mut tx, member.as_mut(), joined, || full || queue.is_empty()).await {
            Ok(Kept::Committed) => {
                members.push(member);
                members.into_iter().for_each(|member| member.release());
                return Some(tx);
            }
            Ok(Kept::Yes) => members.push(member),
            Ok(Kept::No) if joined => members.push(member),
            Ok(Kept::No) => {
                member.release();
                return Some(tx);
            }
            Ok(Kept::Broken) => {
                member.release();
                close(tx.into_connection()).await;
                return None;
            }
            Ok(Kept::Nothing) => {
                // It knows its own error; the others learn that it took them along.
                member.release();
                let error = "the disk or the memory failed during another write";
                return abandon(tx, members, StoreError::unavailable(error)).await;
            }
            Err(error) => {
                members.push(member);
                return abandon(tx, members, error).await;
            }
        }
        if !full {
            match queue.try_recv() {
                Ok(Order::Run(member)) => next = Some(member),
                Ok(Order::Close(answer)) => *closing = Some(answer),
                Err(_) => {}
            }
        }
    }
    if let Err((_, error)) = tx.control("COMMIT").await {
        return abandon(tx, members, error).await;
    }
    for member in members {
        member.release();
    }
    Some(tx)
}

/// What stays of a batch after a member has run.
enum Kept {
    /// All that was written, and it is committed.
    Committed,
    /// All that was written.
    Yes,
    /// All but what this member wrote.
    No,
    /// Nothing, and the connection is not to be used again: it had not even begun.
    Broken,
    /// Nothing: after some failures (a full disk) SQLite ends the transaction by itself.
    Nothing,
}

/// Runs one member; when it is the last, commits. An error means that the whole batch is lost.
async fn step(tx: &mut Tx, member: &mut dyn Member, joined: bool, last: impl Fn() -> bool) -> Result<Kept, StoreError> {
    let plain = |(_, error)| error;
    tx.reset();
    if joined {
        tx.open("SAVEPOINT member").await.map_err(plain)?;
    }
    if member.run(tx).await {
        if tx.never_opened() {
            // The first of a batch that touched nothing ends it; there is nothing to commit.
            return Ok(if joined { Kept::Yes } else { Kept::No });
        }
        let (kept, ending) = match (last(), joined) {
            (true, _) => (Kept::Committed, Some("COMMIT")),
            (false, true) => (Kept::Yes, Some("RELEASE member")),
            (false, false) => (Kept::Yes, None),
        };
        match tx.end(ending).await {
            Ok(()) => return Ok(kept),
            Err(Unended::End(error)) => return Err(error),
            Err(Unended::Change(error)) => member.spoil(error),
        }
    }
    if tx.fault() == Some(Fault::Lost) {
        return Ok(Kept::Nothing);
    }
    tx.drop_deferred();
    if tx.never_opened() {
        return Ok(Kept::No);
    }
    if joined {
        tx.control("ROLLBACK TO member").await.map_err(plain)?;
        tx.control("RELEASE member").await.map_err(plain)?;
    } else if tx.control("ROLLBACK").await.is_err() {
        // Locked by another program.
        return Ok(Kept::Broken);
    }
    Ok(Kept::No)
}

/// Gives a batch up: nothing of it stays, everyone is told, and the connection is made anew.
async fn abandon(mut tx: Tx, members: Vec<Box<dyn Member>>, error: StoreError) -> Option<Tx> {
    tracing::error!(error = %error, members = members.len(), "a batch of writes could not be committed");
    let _ = tx.control("ROLLBACK").await;
    close(tx.into_connection()).await;
    let error = match error {
        StoreError::Unavailable(_) | StoreError::Corrupt(_) => error,
        other => StoreError::unavailable(format!("the write could not be committed: {other}")),
    };
    for member in members {
        member.fail(error.clone());
    }
    None
}
