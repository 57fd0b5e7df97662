//! Who calls: what a number has raised before, and how the caller was called then.

use std::sync::Arc;

use huiyin_core::id::{ClaimantId, OrderId};
use huiyin_store::{
    contents, lists, orders,
    records::{self, Reveal},
    seal,
};

use super::{
    identity::{Identity, open_claimant},
    list::ListRow,
};
use crate::{Actor, App, CommandError, Role, Scope, permission};

/// Most orders of a number that are shown.
const HISTORY: usize = 20;

/// What the log says an identity was read for at the desk.
const PURPOSE: &str = "来电登记，核对来电人";

/// A number's past.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Caller {
    /// Orders raised from the number, the newest first.
    pub orders: Vec<ListRow>,
    /// Who raised the newest of them, where it was asked for; the reading is in the log.
    pub known: Option<Identity>,
}

fn may(actor: &Actor) -> Result<(), CommandError> {
    if !actor.allows(Scope::OrdersRead) {
        return Err(CommandError::Forbidden("a token with scope orders:read".into()));
    }
    [Role::Agent, Role::Office, Role::Callback, Role::Subcentre]
        .iter()
        .any(|role| actor.has(*role))
        .then_some(())
        .ok_or_else(|| CommandError::Forbidden("the call centre, the office or a sub-centre".into()))
}

/// What a number in any written form has raised, of what one may see. With `identity` the newest claimant's name is read
/// too, and the reading logged.
///
/// # Errors
/// [`CommandError::Invalid`] when it is no phone number; [`CommandError::Forbidden`] to whom no desk is.
pub async fn caller(app: &Arc<App>, actor: &Actor, phone: &str, identity: bool) -> Result<Caller, CommandError> {
    may(actor)?;
    let area = &app.pack.head().area_code;
    let Some(normal) = seal::normalise_phone(phone, area) else {
        let message = format!("this is not a phone number; write 13800000000 or {area}-00000000");
        return Err(CommandError::invalid("phone", message));
    };
    let key = app.master.lookup("phone", &normal);
    let (own, reader) = (Arc::clone(app), actor.clone());
    let (orders, newest) = app
        .db
        .read("caller", move |tx| {
            Box::pin(async move {
                let city = own.city.as_str();
                let org = own.organisation(tx).await?;
                let mut seen: Vec<(String, String)> = Vec::new();
                for (claimant, order) in contents::by_phone(tx, city, key).await? {
                    if seen.len() >= HISTORY || seen.iter().any(|(_, known)| *known == order) {
                        continue;
                    }
                    let Some(stored) = orders::find(tx, city, &OrderId(order.clone())).await? else { continue };
                    if permission::sees(&reader, &stored.order, &org) {
                        seen.push((claimant, order));
                    }
                }
                let ids: Vec<String> = seen.iter().map(|(_, order)| order.clone()).collect();
                let rows = lists::orders_by_id(tx, city, &ids).await?;
                Ok::<_, CommandError>((rows, seen.into_iter().next()))
            })
        })
        .await?;
    let wanted = identity && permission::reads_identities(actor) && actor.allows(Scope::OrdersReveal);
    let known = match newest {
        Some((claimant, order)) if wanted => read(app, actor, claimant, order).await?,
        _ => None,
    };
    Ok(Caller { orders, known })
}

async fn read(
    app: &Arc<App>,
    actor: &Actor,
    claimant: String,
    order: String,
) -> Result<Option<Identity>, CommandError> {
    let (own, actor) = (Arc::clone(app), actor.clone());
    app.db
        .write("greet", move |tx| {
            let (app, actor, claimant, order) = (Arc::clone(&own), actor.clone(), claimant.clone(), order.clone());
            Box::pin(async move {
                let city = app.city.as_str();
                let Some(sealed) = contents::sealed(tx, city, &claimant).await? else { return Ok(None) };
                let log = Reveal {
                    person: actor.person.0.clone(),
                    field: "identity".into(),
                    purpose: PURPOSE.into(),
                    at: app.now(),
                };
                records::reveal(tx, city, &app.id(), &order, &claimant, &log).await?;
                open_claimant(&app, &ClaimantId(claimant), &sealed).map(Some)
            })
        })
        .await
}
