//! Telling claimants: by a carrier where one is set up and reaches them, else by a person at the desk.

use std::sync::Arc;

use huiyin_core::{
    id::{ClaimantId, OrderId},
    order::Order,
    policy::Function,
};
use huiyin_store::{
    Tx, contents,
    duties::{self, Outgoing},
    orders,
    records::{self, DeskItem},
    seal,
};
use serde_json::json;

use crate::{
    Actor, App, CommandError,
    orders::{Given, Identity, command, open_claimant},
    ports::{Carrier, Message, Sent},
};

/// Duties tried in one round.
const AT_ONCE: i64 = 200;
/// For how long a duty is taken by one sender, in milliseconds.
const LEASE: i64 = 120_000;
/// Attempts before a person takes over.
const ATTEMPTS: i64 = 8;

/// Sends what is owed; gives how many duties moved on.
///
/// # Errors
/// [`CommandError::Unavailable`] without a database.
pub async fn send(app: &Arc<App>) -> Result<usize, CommandError> {
    let (own, now) = (Arc::clone(app), app.now());
    let waiting = app
        .db
        .read("to_send", move |tx| {
            Box::pin(async move { duties::to_send(tx, own.city.as_str(), now, AT_ONCE).await })
        })
        .await?;
    let mut moved = 0;
    for duty in waiting {
        moved += usize::from(one(app, duty).await?);
    }
    Ok(moved)
}

async fn one(app: &Arc<App>, duty: Outgoing) -> Result<bool, CommandError> {
    let (own, taken, now) = (Arc::clone(app), duty.clone(), app.now());
    let claimed = app
        .db
        .write("claim_duty", move |tx| {
            let (app, duty) = (Arc::clone(&own), taken.clone());
            Box::pin(async move {
                let city = app.city.as_str();
                if !duties::claim(tx, city, &duty, now, now.plus(LEASE)).await? {
                    return Ok::<_, CommandError>(None);
                }
                let order = orders::find(tx, city, &OrderId(duty.order.clone())).await?;
                let sealed = contents::sealed(tx, city, &duty.claimant).await?;
                let Some((order, sealed)) = order.zip(sealed) else { return Ok(None) };
                let text = match order.order.duties.iter().find(|d| i64::from(d.no.0) == duty.no).and_then(|d| d.text.clone()) {
                    Some(text) => contents::body(tx, city, text.content.as_str()).await?,
                    None => None,
                };
                Ok(Some((order.order, sealed, text)))
            })
        })
        .await?;
    let Some((order, sealed, text)) = claimed else { return Ok(false) };
    let identity = open_claimant(app, &ClaimantId(duty.claimant.clone()), &sealed)?;
    let text = text.map(|bytes| String::from_utf8_lossy(&bytes).into_owned());
    let Some((carrier, message)) = route(app, &order, &duty, &identity, text.as_deref()) else {
        return hand_to_person(app, &order, &duty, "no carrier reaches this claimant").await;
    };
    match carrier.send(&message).await {
        Sent::Taken { receipt, report_follows } => {
            let state = if report_follows { "sent" } else { "accepted" };
            let (own, sent, name, kept) = (Arc::clone(app), duty.clone(), carrier.name(), receipt.clone());
            app.db
                .write("duty_sent", move |tx| {
                    let (app, duty, receipt) = (Arc::clone(&own), sent.clone(), kept.clone());
                    Box::pin(async move {
                        duties::taken(tx, app.city.as_str(), &duty, state, name, receipt.as_deref()).await
                    })
                })
                .await?;
            if !report_follows {
                told(app, &duty.order, duty.no, carrier.name(), receipt.as_deref()).await?;
            }
            Ok(true)
        }
        Sent::Later(fault) if duty.attempts + 1 < ATTEMPTS => {
            let wait = 60_000_i64 << duty.attempts.clamp(0, 6);
            let (own, at) = (Arc::clone(app), app.now().plus(wait));
            app.db
                .write("duty_later", move |tx| {
                    let (app, duty, fault) = (Arc::clone(&own), duty.clone(), fault.clone());
                    Box::pin(async move { duties::later(tx, app.city.as_str(), &duty, at, &fault).await })
                })
                .await?;
            Ok(false)
        }
        Sent::Later(fault) | Sent::Never(fault) => hand_to_person(app, &order, &duty, &fault).await,
    }
}

/// The carrier that reaches a claimant, and the words.
fn route<'a>(
    app: &'a App,
    order: &Order,
    duty: &Outgoing,
    identity: &Identity,
    text: Option<&str>,
) -> Option<(&'a Arc<dyn Carrier>, Message)> {
    let by = |name: &str| app.carriers.iter().find(|carrier| carrier.name() == name);
    let phone = identity.phone.as_deref().and_then(|phone| seal::normalise_phone(phone, &app.pack.head().area_code));
    let (carrier, to) = match (by("sms").zip(phone), by("email").zip(identity.email.clone())) {
        (Some(sms), _) => sms,
        (None, Some(email)) => email,
        (None, None) => return None,
    };
    let language = identity.language.as_deref().unwrap_or("zh");
    let template = app.pack.text(&format!("tell.{}", duty.what), language)?;
    let due = order.case_due().map(|clock| app.zone().short(clock.due.at)).unwrap_or_default();
    let reason = order.outcome().map(|outcome| outcome.code()).unwrap_or_default();
    let words = template
        .replace("{number}", &order.no)
        .replace("{due}", &due)
        .replace("{reason}", reason)
        .replace("{unit}", order.holder().map(|holder| holder.unit.0).as_deref().unwrap_or_default())
        .replace("{text}", text.unwrap_or_default());
    let subject = format!("12345 {}", order.no);
    let key = format!("{}-{}", duty.order, duty.no);
    Some((carrier, Message { to, subject, text: words, key, order_no: order.no.clone() }))
}

/// A person at the call centre tells it; closed by a contact record.
async fn hand_to_person(app: &Arc<App>, order: &Order, duty: &Outgoing, fault: &str) -> Result<bool, CommandError> {
    let (own, order, duty, fault) = (Arc::clone(app), order.clone(), duty.clone(), fault.to_owned());
    app.db
        .write("duty_to_person", move |tx| {
            let (app, order, duty, fault) = (Arc::clone(&own), order.clone(), duty.clone(), fault.clone());
            Box::pin(async move { to_person(tx, &app, &order, &duty, &fault).await })
        })
        .await
}

async fn to_person(tx: &mut Tx, app: &App, order: &Order, duty: &Outgoing, fault: &str) -> Result<bool, CommandError> {
    let city = app.city.as_str();
    if !duties::to_person(tx, city, &duty.order, duty.no, fault).await? {
        return Ok(false);
    }
    let org = app.organisation(tx).await?;
    let desk = org.with_function(Function::CallCentre).map_or_else(|| order.lies_with.clone(), |unit| unit.id.clone());
    let id = format!("tell:{}:{}", duty.order, duty.no);
    let item = DeskItem {
        id: id.clone(),
        order: duty.order.clone(),
        what: "tell".into(),
        unit: desk.0,
        task: None,
        duty: Some(duty.no),
        created_at: app.now(),
        due: app.now().plus(24 * 3_600_000),
        note: None,
    };
    records::add_item(tx, city, &item, &id).await?;
    Ok(true)
}

/// Discharges a duty by the carrier's receipt.
async fn told(app: &Arc<App>, order: &str, duty: i64, carrier: &str, receipt: Option<&str>) -> Result<(), CommandError> {
    let given = Given {
        order: order.to_owned(),
        command: "tell".into(),
        input: json!({ "duty": duty, "record": format!("{carrier} {}", receipt.unwrap_or("")).trim() }),
        key: None,
        if_match: None,
    };
    match command(app, &Actor::system(), given).await {
        Ok(_) | Err(CommandError::Refused(_)) => Ok(()),
        Err(error) => Err(error),
    }
}

/// A carrier's later word on a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Report {
    /// The network took it.
    Accepted,
    /// It reached the claimant.
    Delivered,
    /// It will not.
    Failed,
}

/// Takes a report in: late, repeated and out-of-order ones never move a message back. False for an unknown receipt.
///
/// # Errors
/// [`CommandError::Unavailable`] without a database.
pub async fn report(app: &Arc<App>, carrier: &str, receipt: &str, report: Report) -> Result<bool, CommandError> {
    let (own, name, key) = (Arc::clone(app), carrier.to_owned(), receipt.to_owned());
    let found = app
        .db
        .write("report", move |tx| {
            let (app, name, key) = (Arc::clone(&own), name.clone(), key.clone());
            Box::pin(async move {
                let city = app.city.as_str();
                let Some((order, no, state)) = duties::by_receipt(tx, city, &name, &key).await? else {
                    return Ok::<_, CommandError>(None);
                };
                let rank = |state: &str| match state {
                    "queued" | "sending" => 0,
                    "sent" => 1,
                    "accepted" => 2,
                    _ => 3,
                };
                let next = match report {
                    Report::Accepted => "accepted",
                    Report::Delivered => "delivered",
                    Report::Failed => "failed",
                };
                if rank(next) <= rank(&state) {
                    return Ok(Some((order, no, None)));
                }
                if report == Report::Failed {
                    if let Some(stored) = orders::find(tx, city, &OrderId(order.clone())).await? {
                        let duty = Outgoing { order: order.clone(), no, what: String::new(), claimant: String::new(), attempts: 0 };
                        to_person(tx, &app, &stored.order, &duty, "the carrier reports it failed").await?;
                    }
                    return Ok(Some((order, no, Some(next))));
                }
                duties::advance(tx, city, &order, no, next).await?;
                Ok(Some((order, no, Some(next))))
            })
        })
        .await?;
    match found {
        None => Ok(false),
        Some((order, no, Some("delivered"))) => {
            told(app, &order, no, carrier, Some(receipt)).await?;
            Ok(true)
        }
        Some(_) => Ok(true),
    }
}

