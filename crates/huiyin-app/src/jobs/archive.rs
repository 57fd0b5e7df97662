//! Archiving: what has ended and owes nobody a word is put away for good.

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

/// Archives what can be; gives how many. Merged orders follow the order they were merged into.
///
/// # Errors
/// [`CommandError::Unavailable`] without a database.
pub async fn archive(app: &Arc<App>) -> Result<usize, CommandError> {
    let (mut after, mut archived) = (String::new(), 0);
    loop {
        let (own, from) = (Arc::clone(app), after.clone());
        let closed: Vec<OrderId> = app
            .db
            .read("closed", move |tx| Box::pin(async move { orders::closed(tx, own.city.as_str(), &from, PAGE).await }))
            .await?;
        let Some(last) = closed.last() else { return Ok(archived) };
        after = last.0.clone();
        for order in closed {
            let id = order.0.clone();
            let given =
                Given { order: order.0, command: "archive".into(), input: json!({}), key: None, if_match: None };
            match command(app, &Actor::system(), given).await {
                Ok(_) => archived += 1,
                // Somebody must still be told, or the order it was merged into is open.
                Err(CommandError::Refused(_)) => {}
                Err(error @ CommandError::Unavailable(_)) => return Err(error),
                // What is wrong with one order keeps no other from being put away.
                Err(error) => tracing::error!(order.id = %id, %error, "an order could not be archived"),
            }
        }
    }
}
