//! Rating by a link: what the claimant says is the answer of the call back, or, where they were not asked before, of after
//! the closing. Where it is not solved, a person must look at it: within the pack's `rating.check`, to have it done again
//! or to take it up anew.

use std::sync::Arc;

use huiyin_core::{
    id::{ClaimantId, OrderId},
    order::{Order, Outcome, State, rated_until},
};
use huiyin_store::{Tx, contents, portal, records, seal};
use serde_json::json;

use super::access::{Proof, RATE, followed, link_digest};
use crate::{
    App, CommandError,
    orders::{Done, Given, command},
};

/// How long a link is good, in milliseconds.
pub const GOOD: i64 = 7 * 24 * 3_600_000;

/// What a link leads to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Rating {
    /// It may be rated.
    Open {
        /// The order's number.
        no: String,
        /// How it begins.
        title: String,
        /// The unit that answered.
        unit: String,
        /// The answer.
        answer: String,
    },
    /// It was rated.
    Done {
        /// The order's number.
        no: String,
        /// What follows.
        follows: Follows,
    },
    /// It cannot be rated by this link.
    Over(Over),
}

/// What a rating sets off.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Follows {
    /// Nothing more.
    Nothing,
    /// Somebody checks whether the unit must do it again.
    Check,
    /// Somebody checks whether it is taken up anew.
    Reopening,
}

/// Why a link is over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Over {
    /// Its time is.
    Expired,
    /// The unit does it again.
    Redone,
    /// It is closed, and the time for rating it is over.
    Closed,
    /// It was never given.
    Unknown,
}

/// What somebody says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answers {
    /// Whether the unit got in touch.
    pub contacted: bool,
    /// Whether the matter is solved.
    pub solved: bool,
    /// 1 to 5.
    pub satisfied: u8,
    /// In their own words.
    pub said: String,
}

/// Makes a link's token for a claimant of an order in the call back.
///
/// # Errors
/// [`CommandError::Unavailable`] without a database.
pub(crate) async fn token(app: &Arc<App>, order: &Order, claimant: &ClaimantId) -> Result<String, CommandError> {
    let token = seal::new_token("", &*app.entropy);
    let opens = portal::Access {
        what: RATE.into(),
        order: order.id.0.clone(),
        claimant: claimant.0.clone(),
        round: i64::from(order.redo),
        until: app.now().plus(GOOD),
    };
    let (own, digest) = (Arc::clone(app), link_digest(app, &token));
    app.db
        .write("portal link", move |tx| {
            let (app, digest, opens) = (Arc::clone(&own), digest.clone(), opens.clone());
            Box::pin(async move { portal::give_access(tx, app.city.as_str(), &digest, &opens, app.now()).await })
        })
        .await?;
    Ok(token)
}

/// A link for whoever has shown the code.
///
/// # Errors
/// [`CommandError::NotFound`] when nothing can be rated now.
pub async fn token_for(app: &Arc<App>, proof: &Proof) -> Result<String, CommandError> {
    let (own, order) = (Arc::clone(app), proof.order.clone());
    let stored =
        app.db.read("portal order", move |tx| Box::pin(async move { followed(tx, &own, &order).await })).await?;
    if !may_be_rated(app, &stored.order, &proof.claimant) {
        return Err(CommandError::NotFound);
    }
    token(app, &stored.order, &proof.claimant).await
}

/// Whether somebody may say how it went: once, in the call back or for a while after the closing.
pub(super) fn may_be_rated(app: &App, order: &Order, claimant: &ClaimantId) -> bool {
    let now = match order.state {
        State::Callback => true,
        State::Closed(Outcome::Handled) | State::Archived(Outcome::Handled) => {
            rated_until(order, &app.pack).is_some_and(|until| app.now() <= until)
        }
        _ => false,
    };
    now && !order.sealed
        && !order.callback.answered.contains(claimant)
        && order.active_parts().any(|part| part.claimant == *claimant)
}

/// What was set off and is not yet looked at.
async fn follows(tx: &mut Tx, city: &str, order: &Order) -> Result<Follows, CommandError> {
    for (what, follows) in [("not-solved", Follows::Check), ("reopen-asked", Follows::Reopening)] {
        if records::item_by_id(tx, city, &format!("{what}:{}:0:{}", order.id, order.redo)).await?.is_some() {
            return Ok(follows);
        }
    }
    Ok(Follows::Nothing)
}

async fn opened(app: &Arc<App>, token: &str) -> Result<Option<(portal::Access, Rating)>, CommandError> {
    let (own, digest, now) = (Arc::clone(app), link_digest(app, token), app.now());
    app.db
        .read("portal link", move |tx| {
            Box::pin(async move {
                let (app, city) = (&own, own.city.as_str());
                let Some(opens) = portal::access(tx, city, &digest).await?.filter(|opens| opens.what == RATE) else {
                    return Ok(None);
                };
                let order = followed(tx, app, &OrderId(opens.order.clone())).await?.order;
                let claimant = ClaimantId(opens.claimant.clone());
                if order.callback.answered.contains(&claimant) && opens.round == i64::from(order.redo) {
                    let follows = follows(tx, city, &order).await?;
                    return Ok(Some((opens, Rating::Done { no: order.no, follows })));
                }
                let over = match () {
                    () if opens.round != i64::from(order.redo) => Some(Over::Redone),
                    () if opens.until <= now => Some(Over::Expired),
                    () if !may_be_rated(app, &order, &claimant) => Some(Over::Closed),
                    () => None,
                };
                if let Some(over) = over {
                    return Ok(Some((opens, Rating::Over(over))));
                }
                let org = app.organisation(tx).await?;
                let mut texts = Vec::new();
                for text in [order.title.as_ref().or(order.body.as_ref()), order.public.as_ref()] {
                    let bytes = match text {
                        Some(text) => contents::body(tx, city, text.content.as_str()).await?,
                        None => None,
                    };
                    texts.push(bytes.map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).unwrap_or_default());
                }
                let unit = order.tasks.iter().rev().find(|task| task.leads_case());
                let unit = unit.and_then(|task| org.unit(&task.unit)).map(|unit| unit.name.clone());
                // Of a matter of several claimants each sees the number and the answer, and nobody's words.
                let own = order.id.as_str() == opens.order && order.absorbed.is_empty();
                let open = Rating::Open {
                    no: order.no.clone(),
                    title: if own { super::track::beginning(&texts[0], 80) } else { String::new() },
                    unit: unit.unwrap_or_default(),
                    answer: texts[1].clone(),
                };
                Ok(Some((opens, open)))
            })
        })
        .await
}

/// What a link leads to; a link that was never given is over too.
///
/// # Errors
/// [`CommandError::Unavailable`] without a database.
pub async fn find(app: &Arc<App>, token: &str) -> Result<Rating, CommandError> {
    Ok(opened(app, token).await?.map_or(Rating::Over(Over::Unknown), |(_, rating)| rating))
}

/// Gives the answer of the call back.
///
/// # Errors
/// [`CommandError::NotFound`] when the link is over; [`CommandError`] of the command.
pub async fn answer(app: &Arc<App>, token: &str, answers: &Answers) -> Result<Option<Done>, CommandError> {
    let Some((opens, rating)) = opened(app, token).await? else { return Err(CommandError::NotFound) };
    match rating {
        Rating::Done { .. } => return Ok(None),
        Rating::Over(_) => return Err(CommandError::NotFound),
        Rating::Open { .. } => {}
    }
    let (own, first) = (Arc::clone(app), OrderId(opens.order.clone()));
    let order =
        app.db.read("portal order", move |tx| Box::pin(async move { followed(tx, &own, &first).await })).await?.order;
    let claimant = ClaimantId(opens.claimant);
    let proof = Proof { order: order.id.clone(), no: order.no.clone(), claimant: claimant.clone(), until: 0 };
    let Answers { contacted, solved, satisfied, said } = answers;
    let mut input = json!({
        "claimant": claimant,
        "answers": { "contacted": contacted, "solved": solved, "satisfied": satisfied },
    });
    if !said.trim().is_empty() {
        input["answers"]["said"] = json!(said.trim());
    }
    let key = Some(format!("rate:{}", opens.round));
    let given = Given { order: order.id.0.clone(), command: "callback-answered".into(), input, key, if_match: None };
    command(app, &proof.actor(&order.id), given).await.map(Some)
}
