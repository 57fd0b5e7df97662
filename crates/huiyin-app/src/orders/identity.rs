//! Who a claimant is: sealed apart from the matter, found by number, read with a purpose and into a log.

use std::sync::Arc;

use huiyin_core::id::{ClaimantId, OrderId};
use huiyin_store::{
    contents::{self, NewClaimant},
    orders,
    records::{self, Reveal},
    seal,
};
use serde::{Deserialize, Serialize};

use super::run::seen;
use crate::{Actor, App, CommandError, Role, Scope, input::clean, permission};

/// What a claimant says of themselves.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct NewClaimantInput {
    /// Name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Phone number, in any usual written form.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub phone: Option<String>,
    /// Mail address.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    /// Identity number.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub idno: Option<String>,
    /// Home address.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub address: Option<String>,
    /// `zh`, `en`, `ru`: the language to answer in.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub language: Option<String>,
    /// Wants no name known.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub anonymous: bool,
}

/// An identity as it lies sealed.
pub type Identity = NewClaimantInput;

/// Who reads need a purpose of at least so many characters.
const PURPOSE: usize = 4;

/// An identity made ready for storing.
pub(super) struct SealedClaimant {
    pub row: NewClaimant,
    pub anonymous: bool,
    pub reachable: bool,
}

/// Seals an identity for the order it is raised in.
pub(super) fn seal_claimant(
    app: &App,
    given: NewClaimantInput,
    order: &OrderId,
) -> Result<SealedClaimant, CommandError> {
    let mut own = given;
    for (name, field) in [
        ("claimant.name", &mut own.name),
        ("claimant.phone", &mut own.phone),
        ("claimant.email", &mut own.email),
        ("claimant.idno", &mut own.idno),
        ("claimant.address", &mut own.address),
    ] {
        if let Some(text) = field.take() {
            let text = clean(name, &text)?;
            if text.chars().count() > 200 {
                return Err(CommandError::invalid(name, "has more than 200 characters"));
            }
            *field = (!text.is_empty()).then_some(text);
        }
    }
    let area = app.pack.head().area_code.as_str();
    let phone = own.phone.as_deref().and_then(|phone| seal::normalise_phone(phone, area));
    let idno = own.idno.as_deref().and_then(seal::normalise_idno);
    let email = own.email.as_deref().map(str::to_lowercase).filter(|email| {
        email
            .split_once('@')
            .is_some_and(|(name, host)| !name.is_empty() && host.contains('.') && !email.contains(char::is_whitespace))
    });
    let id = app.id();
    let plain = serde_json::to_vec(&own).map_err(|error| CommandError::Internal(error.to_string()))?;
    let aad = format!("{}/{id}", app.city);
    let lookup = |kind: &str, value: &Option<String>| value.as_deref().map(|value| app.master.lookup(kind, value));
    Ok(SealedClaimant {
        anonymous: own.anonymous || own.name.is_none(),
        reachable: phone.is_some() || email.is_some(),
        row: NewClaimant {
            order: order.0.clone(),
            sealed: app.master.seal_identity(&plain, aad.as_bytes(), &*app.entropy),
            phone: lookup("phone", &phone),
            idno: lookup("idno", &idno),
            email: lookup("email", &email),
            id,
        },
    })
}

/// Opens a sealed identity.
pub(crate) fn open_claimant(app: &App, claimant: &ClaimantId, sealed: &[u8]) -> Result<Identity, CommandError> {
    let aad = format!("{}/{claimant}", app.city);
    let plain = app
        .master
        .open_identity(sealed, aad.as_bytes())
        .map_err(|error| CommandError::Internal(format!("an identity cannot be opened: {error}")))?;
    serde_json::from_slice(&plain).map_err(|error| CommandError::Internal(error.to_string()))
}

/// A claimant's identity, read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Revealed {
    /// The claimant.
    pub claimant: String,
    /// Who it is.
    pub identity: Identity,
}

/// Reads the identities of an order's claimants; the reading is logged before it is answered.
///
/// # Errors
/// [`CommandError::Forbidden`] for units on a secret order; [`CommandError::Invalid`] without a purpose.
pub async fn reveal(app: &Arc<App>, actor: &Actor, order: &str, purpose: &str) -> Result<Vec<Revealed>, CommandError> {
    let purpose = clean("purpose", purpose)?;
    if purpose.chars().count() < PURPOSE {
        return Err(CommandError::invalid("purpose", "say in a few words why the identity must be read"));
    }
    if !actor.allows(Scope::OrdersReveal) {
        return Err(CommandError::Forbidden("a token with scope orders:reveal".into()));
    }
    let (own, actor, order) = (Arc::clone(app), actor.clone(), order.to_owned());
    app.db
        .write("reveal", move |tx| {
            let (app, actor, order, purpose) = (Arc::clone(&own), actor.clone(), order.clone(), purpose.clone());
            Box::pin(async move {
                let org = app.organisation(tx).await?;
                let stored = seen(tx, &app, &actor, &org, &order).await?;
                if !permission::reads_identities(&actor) {
                    return Err(CommandError::Forbidden("a desk or unit that speaks with claimants".into()));
                }
                if !permission::sees_claimants(&actor, &stored.order) {
                    return Err(CommandError::Forbidden("the call centre: the claimant asked for secrecy".into()));
                }
                let city = app.city.as_str();
                let mut found = Vec::new();
                for part in &stored.order.parts {
                    // Who came with a secret order stays secret in the one it was merged into.
                    if let Some(via) = &part.via
                        && !permission::sees_secrets(&actor)
                        && orders::find(tx, city, via).await?.is_none_or(|came_with| came_with.order.secret)
                    {
                        continue;
                    }
                    let Some(sealed) = contents::sealed(tx, city, part.claimant.as_str()).await? else { continue };
                    let log = Reveal {
                        person: actor.person.0.clone(),
                        field: "identity".into(),
                        purpose: purpose.clone(),
                        at: app.now(),
                    };
                    records::reveal(tx, city, &app.id(), stored.order.id.as_str(), part.claimant.as_str(), &log)
                        .await?;
                    found.push(Revealed {
                        claimant: part.claimant.0.clone(),
                        identity: open_claimant(&app, &part.claimant, &sealed)?,
                    });
                }
                Ok(found)
            })
        })
        .await
}

/// Numbers of orders raised from a phone number, in any written form; newest first, of those one may see.
///
/// # Errors
/// [`CommandError::Invalid`] when it is no phone number.
pub async fn find_by_phone(app: &Arc<App>, actor: &Actor, phone: &str) -> Result<Vec<String>, CommandError> {
    if !actor.allows(Scope::OrdersRead) {
        return Err(CommandError::Forbidden("a token with scope orders:read".into()));
    }
    if ![Role::Agent, Role::Office, Role::Callback, Role::Subcentre].iter().any(|role| actor.has(*role)) {
        return Err(CommandError::Forbidden("the call centre, the office or a sub-centre".into()));
    }
    let area = &app.pack.head().area_code;
    let Some(normal) = seal::normalise_phone(phone, area) else {
        let message = format!("this is not a phone number; write 13800000000 or {area}-00000000");
        return Err(CommandError::invalid("phone", message));
    };
    let key = app.master.lookup("phone", &normal);
    let (own, actor) = (Arc::clone(app), actor.clone());
    app.db
        .read("by_phone", move |tx| {
            Box::pin(async move {
                let org = own.organisation(tx).await?;
                let mut found = Vec::new();
                for (_, order) in contents::by_phone(tx, own.city.as_str(), key).await? {
                    let Some(stored) = orders::find(tx, own.city.as_str(), &OrderId(order)).await? else { continue };
                    if permission::sees(&actor, &stored.order, &org) && !found.contains(&stored.order.no) {
                        found.push(stored.order.no);
                    }
                }
                Ok(found)
            })
        })
        .await
}
