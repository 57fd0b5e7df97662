//! Counting again: limits that ran through a year whose holiday notice was not out yet, once it is.

use std::sync::Arc;

use huiyin_core::id::OrderId;
use huiyin_store::orders;
use serde_json::json;

use crate::{
    Actor, App, CommandError,
    orders::{Given, command},
};

/// Orders looked at in one read.
const PAGE: i64 = 200;

/// Counts the provisional limits of open orders again by the pack's notices; gives how many orders had one move.
///
/// # Errors
/// [`CommandError::Unavailable`] without a database.
pub async fn recount(app: &Arc<App>) -> Result<usize, CommandError> {
    let (mut after, mut moved) = (String::new(), 0);
    loop {
        let (own, from) = (Arc::clone(app), after.clone());
        let page: Vec<OrderId> = app
            .db
            .read("provisional", move |tx| {
                Box::pin(async move { orders::provisional(tx, own.city.as_str(), &from, PAGE).await })
            })
            .await?;
        let Some(last) = page.last() else { return Ok(moved) };
        after = last.0.clone();
        for order in page {
            let id = order.0.clone();
            let given =
                Given { order: order.0, command: "recount".into(), input: json!({}), key: None, if_match: None };
            match command(app, &Actor::system(), given).await {
                Ok(_) => moved += 1,
                // The year is still unknown, or the order has ended.
                Err(CommandError::Refused(_)) => {}
                Err(error @ CommandError::Unavailable(_)) => return Err(error),
                // What is wrong with one order keeps no other's limits from being counted.
                Err(error) => {
                    tracing::error!(order.id = %id, %error, "the limits of an order could not be counted again")
                }
            }
        }
    }
}
