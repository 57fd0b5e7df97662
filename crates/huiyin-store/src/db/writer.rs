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
use super::tx::{Connection, Tx};
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
async fn batch(
    mut tx: Tx,
    first: Box<dyn Member>,
    queue: &mut mpsc::Receiver<Order>,
    closing: &mut Option<oneshot::Sender<()>>,
) -> Option<Tx> {
    if let Err((fault, error)) = tx.control("BEGIN IMMEDIATE").await {
        // Locked by another program: the connection is good. Anything else: start over with a new one.
        let locked = fault == Fault::Failed && matches!(error, StoreError::Unavailable(_));
        first.fail(error);
        return locked.then_some(tx);
    }
    let mut members = Vec::new();
    let mut next = Some(first);
    while let Some(mut member) = next.take() {
        // The first needs no savepoint: the transaction is its own until another joins.
        let joined = !members.is_empty();
        match step(&mut tx, member.as_mut(), joined).await {
            Ok(Kept::Yes) => members.push(member),
            Ok(Kept::No) if joined => members.push(member),
            Ok(Kept::No) => {
                member.release();
                return Some(tx);
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
        if members.len() < BATCH {
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
    /// All that was written.
    Yes,
    /// All but what this member wrote.
    No,
    /// Nothing: after some failures (a full disk) SQLite ends the transaction by itself.
    Nothing,
}

/// Runs one member. An error means that the whole batch is lost.
async fn step(tx: &mut Tx, member: &mut dyn Member, joined: bool) -> Result<Kept, StoreError> {
    let plain = |(_, error)| error;
    tx.reset();
    if joined {
        tx.control("SAVEPOINT member").await.map_err(plain)?;
    }
    if member.run(tx).await {
        if joined {
            tx.control("RELEASE member").await.map_err(plain)?;
        }
        return Ok(Kept::Yes);
    }
    if tx.fault() == Some(Fault::Lost) {
        return Ok(Kept::Nothing);
    }
    if joined {
        tx.control("ROLLBACK TO member").await.map_err(plain)?;
        tx.control("RELEASE member").await.map_err(plain)?;
    } else {
        tx.control("ROLLBACK").await.map_err(plain)?;
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
