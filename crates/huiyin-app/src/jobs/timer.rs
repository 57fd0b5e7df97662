//! Timers: clocks with a moment that has come. One scan; its cost grows with what is due, not with what is open.

use std::sync::Arc;

use huiyin_store::orders;
use serde_json::json;

use crate::{
    Actor, App, CommandError,
    orders::{Given, command},
};

/// Moments told of in one scan at most; the rest follow in the next.
const AT_ONCE: i64 = 2_000;

/// Fires what is due; gives how many.
///
/// # Errors
/// [`CommandError::Unavailable`] without a database.
pub async fn fire(app: &Arc<App>) -> Result<usize, CommandError> {
    let (own, now) = (Arc::clone(app), app.now());
    let due = app
        .db
        .read("due_clocks", move |tx| {
            Box::pin(async move { orders::due_clocks(tx, own.city.as_str(), now, AT_ONCE).await })
        })
        .await?;
    // Side by side, so that the writer commits them in groups; those of one order stay in order of time.
    let mut fired = 0;
    for group in due.chunks(64) {
        let mut running = tokio::task::JoinSet::new();
        let mut by_order: Vec<(String, Vec<&orders::DueClock>)> = Vec::new();
        for clock in group {
            match by_order.iter_mut().find(|(order, _)| *order == clock.order.0) {
                Some((_, clocks)) => clocks.push(clock),
                None => by_order.push((clock.order.0.clone(), vec![clock])),
            }
        }
        for (order, clocks) in by_order {
            let app = Arc::clone(app);
            let clocks: Vec<orders::DueClock> = clocks.into_iter().cloned().collect();
            running.spawn(async move {
                let mut fired = 0;
                for clock in clocks {
                    let given = Given {
                        order: order.clone(),
                        command: "fire".into(),
                        input: json!({ "clock": clock.clock, "moment": clock.moment }),
                        key: None,
                        if_match: None,
                    };
                    match command(&app, &Actor::system(), given).await {
                        Ok(_) => fired += 1,
                        // Told of meanwhile, or the clock stopped in the same second.
                        Err(CommandError::Refused(_)) => {}
                        Err(error @ CommandError::Unavailable(_)) => return Err(error),
                        // What is wrong with one order stops no other's timers.
                        Err(error) => {
                            tracing::error!(order.id = %order, clock = clock.clock, %error, "a timer could not be fired");
                            break;
                        }
                    }
                }
                Ok(fired)
            });
        }
        while let Some(outcome) = running.join_next().await {
            fired += outcome.map_err(|error| CommandError::Internal(error.to_string()))??;
        }
    }
    Ok(fired)
}
