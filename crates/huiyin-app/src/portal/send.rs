//! A matter that is sent: kept raw, taken in by the channel `web` as every other, waiting for a person. Sent twice it is
//! one. Whoever sends it has a code from then on.

use std::sync::Arc;

use huiyin_core::{
    calendar::{Due, Unit},
    id::OrderId,
    order::Channel,
    policy::{Citation, Question},
    time::Instant,
};
use huiyin_store::{orders as store, portal, seal};

use super::{access, draft, draft::Draft};
use crate::{
    Actor, App, CommandError,
    orders::{NewClaimantInput, NewOrder, take_in},
};

/// Longest what of a matter, in characters.
pub const LONGEST: usize = 2_000;
/// Shortest, so that somebody can act on it.
pub const SHORTEST: usize = 6;
/// How much of it stands in the title.
const TITLE: usize = 40;
/// Nobody writes a matter in less, in milliseconds.
const FASTEST: i64 = 3_000;

/// What it came to.
#[derive(Clone, PartialEq, Eq)]
pub struct Sent {
    /// The number.
    pub no: String,
    /// The code.
    pub code: String,
}

/// Who a browser is while it writes.
pub fn visitor(token: &str) -> Actor {
    Actor::visitor(&draft::id(token))
}

/// The code of a matter that was sent: made of its token, so that it is the same however often it is asked for.
fn code_of(app: &App, token: &str) -> String {
    let long = app.master.lookup("portal-code", &draft::id(token));
    let number = long.iter().take(8).fold(0_u64, |number, byte| number << 8 | u64::from(*byte));
    format!("{:06}", number % 1_000_000)
}

/// What is shown of a matter that was sent.
pub fn sent(app: &App, token: &str, draft: &Draft) -> Option<Sent> {
    draft.sent.clone().map(|no| Sent { no, code: code_of(app, token) })
}

/// Whether units must not learn who it is: as was said, or as the pack has it for the kind.
pub fn secret(app: &App, draft: &Draft) -> bool {
    let today = app.zone().day(app.now());
    draft.secret.unwrap_or_else(|| app.pack.lists("secret.kinds_default", today, &draft.kind))
}

/// Sends it.
///
/// # Errors
/// [`CommandError::TooMany`] for what was written faster than anybody writes; [`CommandError`] of taking in.
pub async fn send(app: &Arc<App>, token: &str, mut draft: Draft, language: &str) -> Result<Sent, CommandError> {
    if let Some(sent) = sent(app, token, &draft) {
        return Ok(sent);
    }
    if app.now().ms() < draft.made_at + FASTEST {
        return Err(CommandError::TooMany { seconds: FASTEST / 1000 });
    }
    let said = |text: &str| Some(text.trim()).filter(|text| !text.is_empty()).map(str::to_owned);
    // Without a way to be reached nobody is told anything, and without a name nobody is known.
    let identity = |text: &str| if draft.anonymous { None } else { said(text) };
    let new = NewOrder {
        channel: Some(Channel::Web.code().to_owned()),
        title: Some(title(&draft)),
        claimed_kind: Some(draft.kind.clone()),
        body: Some(draft.what.clone()),
        place: said(&draft.place),
        claimant: NewClaimantInput {
            name: identity(&draft.name),
            phone: identity(&draft.phone),
            email: identity(&draft.email),
            language: Some(language.to_owned()),
            anonymous: draft.anonymous,
            ..NewClaimantInput::default()
        },
        secret: Some(secret(app, &draft)),
        files: draft.files.iter().map(|file| file.id.clone()).collect(),
        follows: draft.follow.clone().map(OrderId),
        ..NewOrder::default()
    };
    let raw = serde_json::to_vec(&draft).map_err(|error| CommandError::Internal(error.to_string()))?;
    let taken = take_in(app, &visitor(token), new, &raw, Some("portal".into())).await?;
    let code = code_of(app, token);
    let (own, id, no, digest) = (
        Arc::clone(app),
        OrderId(taken.done.id),
        taken.done.no.clone(),
        access::code_digest(app, &taken.done.no, &code),
    );
    app.db
        .write("portal code", move |tx| {
            let (app, id, digest) = (Arc::clone(&own), id.clone(), digest.clone());
            Box::pin(async move {
                let city = app.city.as_str();
                let order = store::find(tx, city, &id).await?.ok_or(CommandError::NotFound)?.order;
                let part = order.parts.first().ok_or(CommandError::NotFound)?;
                let opens = portal::Access {
                    what: access::CODE.into(),
                    order: id.0.clone(),
                    claimant: part.claimant.0.clone(),
                    round: 0,
                    until: access::FOR_EVER,
                };
                portal::give_access(tx, city, &digest, &opens, app.now()).await.map_err(CommandError::from)
            })
        })
        .await?;
    draft.sent = Some(no.clone());
    draft::keep(app, token, &draft).await?;
    Ok(Sent { no, code })
}

/// What it is called at the desk: how it begins.
fn title(draft: &Draft) -> String {
    let words: String = draft.what.split_whitespace().collect::<Vec<_>>().join(" ");
    let mut begins: String = words.chars().take(TITLE).collect();
    if words.chars().count() > TITLE {
        begins.push('…');
    }
    begins
}

/// A limit there will be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Expected {
    /// When it ends.
    pub due: Due,
    /// So much.
    pub amount: i64,
    /// Of what: `hour`, `workday`, …
    pub unit: &'static str,
    /// What the rule demands.
    pub what: String,
    /// Where it stands.
    pub basis: Citation,
}

/// When a matter of a kind is sent on, and when it is answered, at the latest: by the rules for a matter of no special
/// subject. A kind without limits has neither.
pub fn expected(app: &App, kind: &str, from: Instant) -> (Option<Expected>, Option<Expected>) {
    let pack = &app.pack;
    let question = Question {
        kind: Some(kind),
        subject: None,
        urgency: "normal",
        unit_kind: None,
        source: Some(Channel::Web.code()),
        assist: false,
        first: true,
        below: false,
        units: &[],
        mode: None,
        governing: app.zone().day(from),
    };
    let last = |start: Instant, signal: &str, names: &[&str]| {
        let all = pack.ask(&question, start, &[signal]);
        let own = all.into_iter().filter(|one| one.governs && names.contains(&one.rule.name.as_str()));
        own.max_by_key(|one| one.due.at).map(|one| Expected {
            amount: i64::from(one.value.amount),
            unit: unit(one.value.unit),
            what: one.rule.what.clone(),
            basis: pack.citation(&one.basis),
            due: one.due,
        })
    };
    let sent_on = last(from, "taken-in", &["dispatch"]);
    let start = sent_on.as_ref().map_or(from, |limit| limit.due.at);
    (sent_on, last(start, "dispatched", &["close", "reply"]))
}

fn unit(unit: Unit) -> &'static str {
    match unit {
        Unit::Minute | Unit::Workminute => "minute",
        Unit::Hour | Unit::Workhour => "hour",
        Unit::Day => "day",
        Unit::Workday => "workday",
    }
}

/// Whether a phone number can be called.
pub fn is_phone(app: &App, text: &str) -> bool {
    seal::normalise_phone(text, &app.pack.head().area_code).is_some()
}
