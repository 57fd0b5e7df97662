//! How somebody of the public shows that an order is theirs: by number and code, or by a link they were sent.
//!
//! A number that does not exist, one with another code, and a code that is over are answered alike, after the same work.
//! Wrong tries are counted by number and address, and whoever tries often waits, whether or not there is such a number.

use std::{net::IpAddr, sync::Arc};

use huiyin_core::{
    id::{ClaimantId, OrderId},
    order::Order,
    time::Instant,
};
use huiyin_store::{
    StoreError, Tx, orders,
    portal::{self, Tries},
};
use serde::{Deserialize, Serialize};

use crate::{Actor, App, CommandError, app::hex, app::unhex};

/// What a code is called in the table.
pub(super) const CODE: &str = "code";
/// What a link to rate is called.
pub(super) const RATE: &str = "rate";
/// A code is good as long as its order is.
pub(super) const FOR_EVER: Instant = Instant(i64::MAX);
/// How long a browser is let in after a code, in milliseconds.
pub(super) const LET_IN: i64 = 30 * 60_000;
/// How long one waits who tried too often, in milliseconds.
const WAIT: i64 = 15 * 60_000;
/// For how long tries are counted, in milliseconds.
pub(crate) const COUNTED: i64 = 60 * 60_000;
/// Wrong codes for one number from one address.
const OWN_TRIES: i64 = 5;
/// Wrong codes from one address: many sit behind one.
const ADDRESS_TRIES: i64 = 30;
/// Wrong codes for one number, wherever they come from: its claimant mistypes less often than this.
const NUMBER_TRIES: i64 = 30;

/// What was shown.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Proof {
    /// The order.
    pub order: OrderId,
    /// Its number.
    pub no: String,
    /// Who it was given to.
    pub claimant: ClaimantId,
    /// Until when a browser is let in by it, in milliseconds.
    pub until: i64,
}

impl Proof {
    /// The claimant, acting on the order of the proof or the one it goes on inside.
    pub(super) fn actor(&self, order: &OrderId) -> Actor {
        Actor::claimant_of(order, &self.claimant)
    }
}

/// Why somebody is not let in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Denied {
    /// The pair is wrong, and nothing more is said.
    Wrong,
    /// Too many wrong ones.
    Wait {
        /// How long.
        minutes: i64,
    },
    /// Something else went wrong.
    Failed(CommandError),
}

impl From<CommandError> for Denied {
    fn from(error: CommandError) -> Self {
        Self::Failed(error)
    }
}

impl From<huiyin_store::StoreError> for Denied {
    fn from(error: huiyin_store::StoreError) -> Self {
        Self::Failed(error.into())
    }
}

/// Digits and hyphens of what was typed, in whatever width.
pub(super) fn plain(text: &str) -> String {
    text.chars()
        .filter_map(|char| match char {
            '0'..='9' | '-' => Some(char),
            '０'..='９' => char::from_u32(char as u32 - '０' as u32 + '0' as u32),
            '－' | '—' | '–' => Some('-'),
            _ => None,
        })
        .take(40)
        .collect()
}

pub(super) fn code_digest(app: &App, no: &str, code: &str) -> String {
    hex(&app.master.lookup("access-code", &format!("{no} {code}")))
}

pub(super) fn link_digest(app: &App, token: &str) -> String {
    hex(&app.master.lookup("access-link", token))
}

/// A code for a claimant of an order: drawn, told once, and kept as a digest.
///
/// # Errors
/// [`CommandError::Unavailable`] without a database.
pub(crate) async fn give_code(app: &Arc<App>, order: &Order, claimant: &ClaimantId) -> Result<String, CommandError> {
    let mut drawn = [0_u8; 8];
    app.entropy.fill(&mut drawn);
    let code = format!("{:06}", u64::from_be_bytes(drawn) % 1_000_000);
    let opens = portal::Access {
        what: CODE.into(),
        order: order.id.0.clone(),
        claimant: claimant.0.clone(),
        round: 0,
        until: FOR_EVER,
    };
    let (own, digest) = (Arc::clone(app), code_digest(app, &order.no, &code));
    app.db
        .write("portal code", move |tx| {
            let (app, digest, opens) = (Arc::clone(&own), digest.clone(), opens.clone());
            Box::pin(async move { portal::give_access(tx, app.city.as_str(), &digest, &opens, app.now()).await })
        })
        .await?;
    Ok(code)
}

/// Lets somebody in by number and code.
///
/// # Errors
/// [`Denied`].
pub async fn by_code(app: &Arc<App>, no: &str, code: &str, address: IpAddr) -> Result<Proof, Denied> {
    let (no, code) = (plain(no), plain(code).replace('-', ""));
    let digest = code_digest(app, &no, &code);
    let who = |what: &str, text: String| hex(&app.master.lookup(what, &text));
    let counted = [
        (who("try-own", format!("{no} {address}")), OWN_TRIES),
        (who("try-address", address.to_string()), ADDRESS_TRIES),
        (who("try-number", no.clone()), NUMBER_TRIES),
    ];
    let (own, now) = (Arc::clone(app), app.now());
    app.db
        .write("portal access", move |tx| {
            let (app, digest, counted, no) = (Arc::clone(&own), digest.clone(), counted.clone(), no.clone());
            Box::pin(async move { let_in(tx, &app, &digest, &counted, no, now).await })
        })
        .await?
}

/// The outcome is a value: what is denied is counted all the same.
async fn let_in(
    tx: &mut Tx,
    app: &App,
    digest: &str,
    counted: &[(String, i64); 3],
    no: String,
    now: Instant,
) -> Result<Result<Proof, Denied>, Denied> {
    let city = app.city.as_str();
    let opens = portal::access(tx, city, digest).await?.filter(|opens| opens.what == CODE && opens.until > now);
    let tried = count_tries(tx, city, counted, now, opens.is_none()).await?;
    match (tried.waits, opens) {
        (Some(minutes), _) => Ok(Err(Denied::Wait { minutes })),
        (None, None) => Ok(Err(Denied::Wrong)),
        (None, Some(opens)) => {
            portal::forget_tries(tx, city, &counted[0].0).await?;
            Ok(Ok(Proof {
                order: OrderId(opens.order),
                no,
                claimant: ClaimantId(opens.claimant),
                until: now.plus(LET_IN).ms(),
            }))
        }
    }
}

/// What counting came to.
pub(super) struct Tried {
    /// Minutes to wait, where there were too many.
    pub waits: Option<i64>,
}

/// Looks how often each of `counted` was tried, and counts one more where this one is to be. Who waits is not counted.
pub(super) async fn count_tries(
    tx: &mut Tx,
    city: &str,
    counted: &[(String, i64)],
    now: Instant,
    count: bool,
) -> Result<Tried, StoreError> {
    let mut found = Vec::new();
    for (who, most) in counted {
        let known = portal::tries(tx, city, who).await?.filter(|tries| now.ms() < tries.since.ms() + COUNTED);
        found.push((who, *most, known.unwrap_or(Tries { wrong: 0, since: now, until: Instant(0) })));
    }
    if let Some(until) = found.iter().map(|(.., tries)| tries.until).max().filter(|until| *until > now) {
        return Ok(Tried { waits: Some((until.ms() - now.ms() + 59_999) / 60_000) });
    }
    let mut over = false;
    for (who, most, tries) in found.into_iter().filter(|_| count) {
        let wrong = tries.wrong + 1;
        let waits = wrong >= most;
        over |= waits;
        let until = if waits { now.plus(WAIT) } else { tries.until };
        // Whoever has waited begins anew.
        let wrong = if waits { 0 } else { wrong };
        portal::keep_tries(tx, city, who, Tries { wrong, since: tries.since, until }).await?;
    }
    Ok(Tried { waits: over.then_some(WAIT / 60_000) })
}

/// What a browser keeps once it is let in: sealed, and over after half an hour.
pub fn ticket(app: &App, proof: &Proof) -> String {
    let plain = serde_json::to_vec(proof).unwrap_or_default();
    hex(&app.master.seal_identity(&plain, ticket_aad(app).as_bytes(), &*app.entropy))
}

/// The proof of a browser's ticket, while it lasts.
pub fn open_ticket(app: &App, ticket: &str) -> Option<Proof> {
    let sealed = unhex(ticket)?;
    let plain = app.master.open_identity(&sealed, ticket_aad(app).as_bytes()).ok()?;
    let proof: Proof = serde_json::from_slice(&plain).ok()?;
    (proof.until > app.now().ms()).then_some(proof)
}

fn ticket_aad(app: &App) -> String {
    format!("{}/portal-ticket", app.city)
}

/// An order of a claimant: their own, or the one it goes on inside.
pub(super) async fn followed(tx: &mut Tx, app: &App, own: &OrderId) -> Result<orders::Stored, CommandError> {
    let mut stored = orders::find(tx, app.city.as_str(), own).await?.ok_or(CommandError::NotFound)?;
    // A merged order is merged no further than a few times.
    for _ in 0..8 {
        let Some((into, _)) = stored.order.merged.clone() else { break };
        stored = orders::find(tx, app.city.as_str(), &into).await?.ok_or(CommandError::NotFound)?;
    }
    Ok(stored)
}
