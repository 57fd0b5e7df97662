//! Telling claimants: by a carrier where one is set up and reaches them, else by a person at the desk.

use std::sync::Arc;

use huiyin_core::{
    id::{ClaimantId, OrderId},
    order::Order,
    organisation::Organisation,
    policy::Function,
};
use huiyin_store::{
    StoreError, Tx, contents,
    duties::{self, Outgoing},
    orders,
    records::{self, DeskItem},
    seal,
};
use serde_json::json;

use super::words::{closing_reason, words};
use crate::{
    Actor, App, CommandError,
    orders::{Given, Identity, command, open_claimant},
    portal::{self, access},
    ports::{Carrier, Message, Sent},
};

/// Duties tried in one round.
const AT_ONCE: i64 = 200;
/// For how long a duty is taken by one sender, in milliseconds.
const LEASE: i64 = 120_000;
/// How long a carrier may take to report delivery, in milliseconds; then a person tells.
const REPORT: i64 = 24 * 3_600_000;
/// Attempts before a person takes over.
const ATTEMPTS: i64 = 8;

/// Sends what is owed; gives how many duties moved on.
///
/// # Errors
/// [`CommandError::Unavailable`] without a database.
pub async fn send(app: &Arc<App>) -> Result<usize, CommandError> {
    let (own, now) = (Arc::clone(app), app.now());
    let (waiting, unreported) = app
        .db
        .read("to_send", move |tx| {
            Box::pin(async move {
                let city = own.city.as_str();
                let waiting = duties::to_send(tx, city, now, AT_ONCE).await?;
                let mut unreported = Vec::new();
                for duty in duties::unreported(tx, city, now, AT_ONCE).await? {
                    if let Some(stored) = orders::find(tx, city, &OrderId(duty.order.clone())).await? {
                        unreported.push((stored.order, duty));
                    }
                }
                Ok::<_, StoreError>((waiting, unreported))
            })
        })
        .await?;
    let mut moved = 0;
    for (order, duty) in unreported {
        moved += usize::from(hand_to_person(app, &order, &duty, "the carrier never reported its delivery").await?);
    }
    for duty in waiting {
        let (order, no) = (duty.order.clone(), duty.no);
        match one(app, duty).await {
            Ok(done) => moved += usize::from(done),
            Err(error @ CommandError::Unavailable(_)) => return Err(error),
            // What is wrong with one order stops no other's messages; its turn comes again.
            Err(error) => tracing::error!(order.id = %order, duty = no, %error, "a message could not be sent"),
        }
    }
    Ok(moved)
}

/// What a message is made of.
struct Claimed {
    order: Order,
    org: Arc<Organisation>,
    sealed: Vec<u8>,
    text: Option<Vec<u8>>,
    closed_with: Option<String>,
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
                let Some((order, sealed)) = order.zip(sealed) else {
                    return Err(CommandError::Internal("the order or its claimant is gone; restore a backup".into()));
                };
                let text =
                    match order.order.duties.iter().find(|d| i64::from(d.no.0) == duty.no).and_then(|d| d.text.clone())
                    {
                        Some(text) => contents::body(tx, city, text.content.as_str()).await?,
                        None => None,
                    };
                let closed_with = closing_reason(&orders::journal(tx, city, &duty.order).await?);
                let org = app.organisation(tx).await?;
                Ok(Some(Claimed { order: order.order, org, sealed, text, closed_with }))
            })
        })
        .await?;
    let Some(claimed) = claimed else { return Ok(false) };
    let order = &claimed.order;
    let Ok(identity) = open_claimant(app, &ClaimantId(duty.claimant.clone()), &claimed.sealed) else {
        return hand_to_person(app, order, &duty, "the identity cannot be opened").await;
    };
    let track = track(app, &claimed, &duty, &identity).await?;
    let Some((carrier, message)) = route(app, &claimed, &duty, &identity, &track) else {
        return hand_to_person(app, order, &duty, "no carrier reaches this claimant").await;
    };
    match carrier.send(&message).await {
        Sent::Taken { receipt, report_follows } => {
            // Told first: between the two, a crash would leave a duty that nobody looks at again.
            if !report_follows {
                told(app, &duty.order, duty.no, carrier.name(), receipt.as_deref()).await?;
            }
            let state = if report_follows { "sent" } else { "accepted" };
            let (own, sent, name, kept) = (Arc::clone(app), duty.clone(), carrier.name(), receipt.clone());
            let by = app.now().plus(REPORT);
            app.db
                .write("duty_sent", move |tx| {
                    let (app, duty, receipt) = (Arc::clone(&own), sent.clone(), kept.clone());
                    Box::pin(async move {
                        duties::taken(tx, app.city.as_str(), &duty, state, name, receipt.as_deref(), by).await
                    })
                })
                .await?;
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
        Sent::Later(fault) | Sent::Never(fault) => hand_to_person(app, order, &duty, &fault).await,
    }
}

/// The carrier that reaches somebody, and where.
pub(super) fn reached_by<'a>(app: &'a App, identity: &Identity) -> Option<(&'a Arc<dyn Carrier>, String)> {
    let by = |name: &str| app.carriers.iter().find(|carrier| carrier.name() == name);
    let phone = identity.phone.as_deref().and_then(|phone| seal::normalise_phone(phone, &app.pack.head().area_code));
    by("sms").zip(phone).or_else(|| by("email").zip(identity.email.clone()))
}

/// Where the claimant follows the order, and a code for it, if the pack's text has room for that.
async fn track(
    app: &Arc<App>,
    claimed: &Claimed,
    duty: &Outgoing,
    identity: &Identity,
) -> Result<String, CommandError> {
    let language = identity.language.as_deref().unwrap_or("zh");
    let asked = app.pack.text(&format!("tell.{}", duty.what), language).is_some_and(|text| text.contains("{track}"));
    let (Some(url), Some(text)) = (&app.public_url, app.pack.text("tell.track", language)) else {
        return Ok(String::new());
    };
    if !asked || reached_by(app, identity).is_none() {
        return Ok(String::new());
    }
    let code = access::give_code(app, &claimed.order, &ClaimantId(duty.claimant.clone())).await?;
    Ok(text.replace("{url}", &format!("{url}{}/track", portal::base(language))).replace("{code}", &code))
}

/// The carrier that reaches a claimant, and the words.
fn route<'a>(
    app: &'a App,
    claimed: &Claimed,
    duty: &Outgoing,
    identity: &Identity,
    track: &str,
) -> Option<(&'a Arc<dyn Carrier>, Message)> {
    let (carrier, to) = reached_by(app, identity)?;
    let language = identity.language.as_deref().unwrap_or("zh");
    let order = &claimed.order;
    let text = claimed.text.as_ref().map(|bytes| String::from_utf8_lossy(bytes));
    let closed_with = claimed.closed_with.as_deref();
    let words = words(app, &claimed.org, order, &duty.what, closed_with, text.as_deref(), track, language)?;
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
async fn told(
    app: &Arc<App>,
    order: &str,
    duty: i64,
    carrier: &str,
    receipt: Option<&str>,
) -> Result<(), CommandError> {
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
                    // Delivered, but perhaps not yet told of it: a crash may lie between the two.
                    return Ok(Some((order, no, Some(next).filter(|next| *next == state))));
                }
                if report == Report::Failed {
                    if let Some(stored) = orders::find(tx, city, &OrderId(order.clone())).await? {
                        let duty = Outgoing {
                            order: order.clone(),
                            no,
                            what: String::new(),
                            claimant: String::new(),
                            attempts: 0,
                        };
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
