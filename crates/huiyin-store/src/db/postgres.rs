//! Writes on PostgreSQL: one transaction per closure, run again when the server asks for it.

use std::time::Duration;

use super::pool::{Lent, Pool};
use super::tx::Tx;
use super::writer::run;
use super::{BoxFuture, Total};
use crate::error::{Fault, StoreError};

/// How often a closure is run before its caller is told that the records are too busy.
const ATTEMPTS: u32 = 6;

/// Begins a transaction. Connections that died while idle are passed over: nothing has run on them.
pub(super) async fn begin(
    pool: &Pool,
    total: &Total,
    begin: &'static str,
) -> Result<(Tx, tokio::sync::OwnedSemaphorePermit), StoreError> {
    loop {
        let Lent { connection, fresh, permit } = pool.take().await?;
        let mut tx = Tx::new(connection, total.clone());
        match tx.open(begin).await {
            Ok(()) => return Ok((tx, permit)),
            Err((Fault::Lost, _)) if !fresh => {}
            Err((_, error)) => return Err(error),
        }
    }
}

pub(super) async fn write<T, E, F>(pool: &Pool, total: &Total, isolation: &'static str, f: F) -> Result<T, E>
where
    F: for<'a> Fn(&'a mut Tx) -> BoxFuture<'a, Result<T, E>> + Send + Sync,
    T: Send,
    E: From<StoreError> + Send,
{
    let mut attempt = 1;
    loop {
        let (mut tx, permit) = begin(pool, total, isolation).await?;
        let outcome = run(&f, &mut tx).await;
        let fault = match (&outcome, tx.fault()) {
            (Ok(_), _) => match tx.control("COMMIT").await {
                Ok(()) => {
                    pool.put(tx.into_connection(), permit);
                    return outcome;
                }
                Err((Fault::Retry, error)) => (Fault::Retry, Some(error)),
                Err((Fault::Lost, _)) => {
                    let text = "the connection was lost during the commit; the write may or may not be done";
                    return Err(StoreError::unavailable(text).into());
                }
                Err((fault, error)) => (fault, Some(error)),
            },
            (Err(_), fault) => (fault.unwrap_or(Fault::Failed), None),
        };
        if fault.0 != Fault::Lost && tx.control("ROLLBACK").await.is_ok() {
            pool.put(tx.into_connection(), permit);
        } else {
            drop((tx, permit));
        }
        if fault.0 == Fault::Retry && attempt < ATTEMPTS {
            tokio::time::sleep(backoff(attempt)).await;
            attempt += 1;
            continue;
        }
        return match fault.1 {
            Some(error) => Err(error.into()),
            None => outcome,
        };
    }
}

/// 4 ms, 8 ms, 16 ms …, up to half as much again so that two that met do not meet again.
fn backoff(attempt: u32) -> Duration {
    let base = 2_u64 << attempt;
    Duration::from_micros(base * 1000 + rand::random_range(0..=base * 500))
}
