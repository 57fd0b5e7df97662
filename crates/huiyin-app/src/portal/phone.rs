//! The second way to follow an order: a code sent to the phone that was left with it.
//!
//! Whether a number is known is told to nobody: the same work is done and the same answer given, and only a known one gets a
//! message, sent by a job. A code is good once, for ten minutes; the one asked for last is the only one.

use std::{net::IpAddr, sync::Arc};

use huiyin_core::{
    id::{ClaimantId, OrderId},
    order::Order,
    time::Instant,
};
use huiyin_store::{Tx, contents, orders, portal, seal};
use serde::{Deserialize, Serialize};

use super::access::{self, Denied, LET_IN, Proof, count_tries, plain};
use crate::{
    App, CommandError,
    app::{hex, unhex},
    ports::{Carrier, Message, Sent},
};

/// How long a code is good, in milliseconds.
pub const GOOD: i64 = 10 * 60_000;
/// The code asked for by one number that has to wait.
const NUMBER_ASKS: i64 = 4;
/// The code asked for from one address that has to wait.
const ADDRESS_ASKS: i64 = 11;
/// Wrong codes for one number, wherever they come from.
const NUMBER_TRIES: i64 = 5;
/// Wrong codes from one address.
const ADDRESS_TRIES: i64 = 30;
/// Orders shown of one phone.
const SHOWN: usize = 20;
/// Codes sent in one round.
const AT_ONCE: i64 = 50;

/// What lies sealed.
#[derive(Serialize, Deserialize)]
struct Code {
    phone: String,
    code: String,
    language: String,
}

/// A phone somebody has shown to hold.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Held {
    /// The number's HMAC, as claimants are found by.
    phone: Vec<u8>,
    /// Until when a browser is let in by it, in milliseconds.
    until: i64,
}

/// An order of a phone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Own {
    /// Its number.
    pub no: String,
    /// How it begins.
    pub title: String,
    /// Where it stands.
    pub state: String,
    /// When it was taken in.
    pub at: Instant,
}

fn carrier(app: &App) -> Option<&Arc<dyn Carrier>> {
    app.carriers.iter().find(|carrier| carrier.name() == "sms")
}

/// Whether codes can be sent: there is a gateway, and the pack has words.
pub fn is_offered(app: &App) -> bool {
    carrier(app).is_some() && app.pack.text("tell.code", "zh").is_some()
}

/// The number as it is compared, where it is one.
fn normal(app: &App, phone: &str) -> Option<String> {
    seal::normalise_phone(phone, &app.pack.head().area_code)
}

fn aad(app: &App, who: &str) -> String {
    format!("{}/phone-code/{who}", app.city)
}

/// Asks for a code. What is no phone number is answered as one that is not known.
///
/// # Errors
/// [`Denied::Wait`] after too many; [`Denied::Failed`].
pub async fn ask(app: &Arc<App>, phone: &str, language: &str, address: IpAddr) -> Result<(), Denied> {
    let number = normal(app, phone).unwrap_or_default();
    let who = hex(&app.master.lookup("phone-code", &number));
    let mut drawn = [0_u8; 8];
    app.entropy.fill(&mut drawn);
    let code = Code {
        phone: number.clone(),
        code: format!("{:06}", u64::from_be_bytes(drawn) % 1_000_000),
        language: language.to_owned(),
    };
    let text = serde_json::to_vec(&code).unwrap_or_default();
    let sealed = app.master.seal_identity(&text, aad(app, &who).as_bytes(), &*app.entropy);
    let counted = [
        (hex(&app.master.lookup("ask-phone", &number)), NUMBER_ASKS),
        (hex(&app.master.lookup("ask-address", &address.to_string())), ADDRESS_ASKS),
    ];
    let (own, now, lookup) = (Arc::clone(app), app.now(), app.master.lookup("phone", &number));
    app.db
        .write("phone code", move |tx| {
            let (app, who, sealed) = (Arc::clone(&own), who.clone(), sealed.clone());
            let (counted, lookup, known) = (counted.clone(), lookup.clone(), !number.is_empty());
            Box::pin(async move {
                let city = app.city.as_str();
                // Each is counted as a wrong try is: not the first, but the one too many has to wait.
                if let Some(minutes) = count_tries(tx, city, &counted, now, true).await?.waits {
                    return Ok::<_, Denied>(Err(Denied::Wait { minutes }));
                }
                let known = !contents::by_phone(tx, city, lookup).await?.is_empty() && known;
                portal::keep_code(tx, city, &who, sealed, now.plus(GOOD), known).await?;
                Ok(Ok(()))
            })
        })
        .await?
}

/// Lets somebody in by phone and code.
///
/// # Errors
/// [`Denied`].
pub async fn by_code(app: &Arc<App>, phone: &str, code: &str, address: IpAddr) -> Result<Held, Denied> {
    let number = normal(app, phone).unwrap_or_default();
    let code = plain(code).replace('-', "");
    let who = hex(&app.master.lookup("phone-code", &number));
    let counted = [
        (hex(&app.master.lookup("try-phone", &number)), NUMBER_TRIES),
        (hex(&app.master.lookup("try-address", &address.to_string())), ADDRESS_TRIES),
    ];
    let held = Held { phone: app.master.lookup("phone", &number), until: app.now().plus(LET_IN).ms() };
    let (own, now) = (Arc::clone(app), app.now());
    app.db
        .write("phone access", move |tx| {
            let (app, who, code) = (Arc::clone(&own), who.clone(), code.clone());
            let (counted, held) = (counted.clone(), held.clone());
            Box::pin(async move {
                let city = app.city.as_str();
                let sealed = portal::code(tx, city, &who, now).await?;
                let own = sealed.and_then(|sealed| app.master.open_identity(&sealed, aad(&app, &who).as_bytes()).ok());
                let own = own.and_then(|text| serde_json::from_slice::<Code>(&text).ok());
                let right = own.is_some_and(|own| seal::constant_time_eq(own.code.as_bytes(), code.as_bytes()));
                let tried = count_tries(tx, city, &counted, now, !right).await?;
                match (tried.waits, right) {
                    (Some(minutes), _) => Ok::<_, Denied>(Err(Denied::Wait { minutes })),
                    (None, false) => Ok(Err(Denied::Wrong)),
                    (None, true) => {
                        portal::forget_code(tx, city, &who).await?;
                        portal::forget_tries(tx, city, &counted[0].0).await?;
                        Ok(Ok(held))
                    }
                }
            })
        })
        .await?
}

/// Whether an order is shown to who holds a phone: what is kept secret is opened by its own code alone, for a phone may lie
/// on a table.
fn is_shown(order: &Order, claimant: &str) -> bool {
    !order.sealed && !order.secret && order.parts.iter().any(|part| part.claimant.as_str() == claimant)
}

async fn orders_of(tx: &mut Tx, app: &App, held: &Held) -> Result<Vec<(Order, String)>, CommandError> {
    let mut found = Vec::new();
    for (claimant, order) in contents::by_phone(tx, app.city.as_str(), held.phone.clone()).await? {
        let stored = orders::find(tx, app.city.as_str(), &OrderId(order)).await?;
        if let Some(stored) = stored.filter(|stored| is_shown(&stored.order, &claimant)) {
            found.push((stored.order, claimant));
        }
        if found.len() == SHOWN {
            break;
        }
    }
    Ok(found)
}

/// The orders of a phone, the newest first.
///
/// # Errors
/// [`CommandError::Unauthenticated`] when it must be shown anew; [`CommandError::Unavailable`].
pub async fn own(app: &Arc<App>, held: &Held) -> Result<Vec<Own>, CommandError> {
    let (app, held) = (Arc::clone(app), held.clone());
    let db = app.db.clone();
    db.read("phone orders", move |tx| {
        Box::pin(async move {
            let mut own = Vec::new();
            for (order, _) in orders_of(tx, &app, &held).await? {
                let text = match order.body.as_ref().or(order.title.as_ref()) {
                    Some(text) => contents::body(tx, app.city.as_str(), text.content.as_str()).await?,
                    None => None,
                };
                let text = text.map(|text| String::from_utf8_lossy(&text).into_owned()).unwrap_or_default();
                own.push(Own {
                    no: order.no.clone(),
                    title: super::track::beginning(&text, 60),
                    state: super::track::standing(&order),
                    at: order.received_at,
                });
            }
            Ok(own)
        })
    })
    .await
}

/// The proof of one of a phone's orders; none where it is not among them.
///
/// # Errors
/// [`CommandError::Unavailable`] without a database.
pub async fn proof(app: &Arc<App>, held: &Held, no: &str) -> Result<Option<Proof>, CommandError> {
    let (own, held, no, now) = (Arc::clone(app), held.clone(), no.to_owned(), app.now());
    app.db
        .read("phone orders", move |tx| {
            Box::pin(async move {
                let found = orders_of(tx, &own, &held).await?.into_iter().find(|(order, _)| order.no == no);
                Ok(found.map(|(order, claimant)| Proof {
                    order: order.id,
                    no: order.no,
                    claimant: ClaimantId(claimant),
                    until: now.plus(LET_IN).ms(),
                }))
            })
        })
        .await
}

/// What a browser keeps once it is let in: sealed, and over after half an hour.
pub fn ticket(app: &App, held: &Held) -> String {
    let plain = serde_json::to_vec(held).unwrap_or_default();
    hex(&app.master.seal_identity(&plain, format!("{}/phone-ticket", app.city).as_bytes(), &*app.entropy))
}

/// The phone of a browser's ticket, while it lasts.
pub fn open_ticket(app: &App, ticket: &str) -> Option<Held> {
    let plain = app.master.open_identity(&unhex(ticket)?, format!("{}/phone-ticket", app.city).as_bytes()).ok()?;
    let held: Held = serde_json::from_slice(&plain).ok()?;
    (held.until > app.now().ms()).then_some(held)
}

/// Sends the codes that wait; gives how many. A code that could not be handed over is asked for again.
///
/// # Errors
/// [`CommandError::Unavailable`] without a database.
pub(crate) async fn send(app: &Arc<App>) -> Result<usize, CommandError> {
    if !is_offered(app) {
        return Ok(0);
    }
    let (city, now) = (app.city.clone(), app.now());
    let waiting = app
        .db
        .read("phone codes", move |tx| {
            Box::pin(async move { portal::codes_to_send(tx, city.as_str(), now, AT_ONCE).await })
        })
        .await?;
    let mut sent = 0;
    for (who, sealed) in waiting {
        let (city, own) = (app.city.clone(), who.clone());
        let mine = app
            .db
            .write("phone code", move |tx| {
                let (city, who) = (city.clone(), own.clone());
                Box::pin(async move { portal::code_is_sent(tx, city.as_str(), &who).await })
            })
            .await?;
        let plain = app.master.open_identity(&sealed, aad(app, &who).as_bytes()).ok().filter(|_| mine);
        let Some(code) = plain.and_then(|plain| serde_json::from_slice::<Code>(&plain).ok()) else { continue };
        let (Some(carrier), Some(text)) = (carrier(app), app.pack.text("tell.code", &code.language)) else { continue };
        let message = Message {
            to: code.phone,
            subject: "12345".into(),
            text: text.replace("{code}", &code.code),
            key: access::code_digest(app, &who, &code.code),
            order_no: String::new(),
        };
        match carrier.send(&message).await {
            Sent::Taken { .. } => sent += 1,
            Sent::Later(fault) | Sent::Never(fault) => {
                tracing::warn!(%fault, "a code was not sent; it is asked for again")
            }
        }
    }
    Ok(sent)
}
