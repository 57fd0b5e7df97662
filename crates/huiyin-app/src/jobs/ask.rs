//! Asking claimants how it went, by a link: where the pack has words for it (`tell.rate`) and a carrier reaches them. Once
//! for each time an order comes to the call back; whoever is not reached, or does not answer, is called as ever.

use std::sync::Arc;

use huiyin_core::id::{ClaimantId, OrderId};
use huiyin_store::{contents, orders, portal as store};

use super::tell::reached_by;
use crate::{
    App, CommandError,
    orders::open_claimant,
    portal,
    ports::{Message, Sent},
};

/// Orders looked at in one round.
const AT_ONCE: i64 = 50;

/// Sends links that were not sent yet; gives how many.
///
/// # Errors
/// [`CommandError::Unavailable`] without a database.
pub async fn ask(app: &Arc<App>) -> Result<usize, CommandError> {
    if app.public_url.is_none() || app.carriers.is_empty() || app.pack.text("tell.rate", "zh").is_none() {
        return Ok(0);
    }
    let methods = app.pack.parameter("callback.methods", app.zone().day(app.now()));
    if methods.is_some() && !app.pack.lists("callback.methods", app.zone().day(app.now()), "link") {
        return Ok(0);
    }
    let city = app.city.clone();
    let waiting = app
        .db
        .read("to_rate", move |tx| Box::pin(async move { store::to_rate(tx, city.as_str(), AT_ONCE).await }))
        .await?;
    let mut sent = 0;
    for order in waiting {
        sent += one(app, OrderId(order)).await?;
    }
    Ok(sent)
}

async fn one(app: &Arc<App>, id: OrderId) -> Result<usize, CommandError> {
    let city = app.city.clone();
    let found = app
        .db
        .read("to_rate", move |tx| {
            Box::pin(async move {
                let city = city.as_str();
                let Some(stored) = orders::find(tx, city, &id).await? else { return Ok::<_, CommandError>(None) };
                let mut sealed = Vec::new();
                for part in stored.order.active_parts() {
                    sealed.push((part.claimant.clone(), contents::sealed(tx, city, part.claimant.as_str()).await?));
                }
                Ok(Some((stored.order, sealed)))
            })
        })
        .await?;
    let Some((order, claimants)) = found else { return Ok(0) };
    let mut sent = 0;
    // The link is kept before it is sent: it is never sent twice, and of who has none it is known that they were looked at.
    if claimants.is_empty() {
        portal::rate::token(app, &order, &ClaimantId(String::new())).await?;
    }
    for (claimant, sealed) in claimants {
        let token = portal::rate::token(app, &order, &claimant).await?;
        let Some(identity) = sealed.and_then(|sealed| open_claimant(app, &claimant, &sealed).ok()) else { continue };
        let Some((carrier, to)) = reached_by(app, &identity) else { continue };
        let language = identity.language.as_deref().unwrap_or("zh");
        let (Some(url), Some(text)) = (&app.public_url, app.pack.text("tell.rate", language)) else { continue };
        let link = format!("{url}{}/rate/{token}", portal::base(language));
        let message = Message {
            to,
            subject: format!("12345 {}", order.no),
            text: text.replace("{number}", &order.no).replace("{link}", &link),
            key: format!("{}-rate-{}-{claimant}", order.id, order.redo),
            order_no: order.no.clone(),
        };
        match carrier.send(&message).await {
            Sent::Taken { .. } => sent += 1,
            Sent::Later(fault) | Sent::Never(fault) => {
                tracing::warn!(order.id = %order.id, %fault, "a link to rate was not sent; the claimant is called");
            }
        }
    }
    Ok(sent)
}
