//! One-time codes (TOTP, RFC 6238): optional, each code good once.

use std::sync::Arc;

use huiyin_core::time::Instant;
use huiyin_store::{
    people,
    people::{Person, Private},
};
use serde_json::json;
use totp_rs::{Builder, Secret, Totp};

use super::{note, password, permit, sign_in};
use crate::{Actor, App, CommandError};

/// What a person puts into their authenticator: shown once, in force only when [`confirm_totp`] has seen a code.
#[derive(Debug, Clone)]
pub struct Enrolment {
    /// The secret in Base32, to be typed.
    pub secret: Private,
    /// The `otpauth://` address, to be shown as a picture.
    pub url: Private,
}

fn fault(error: impl std::fmt::Display) -> CommandError {
    CommandError::Internal(format!("the one-time codes cannot be made: {error}"))
}

fn totp(secret: Vec<u8>, login: &str) -> Result<Totp, CommandError> {
    let issuer: Box<str> = "12345".into();
    let account: Box<str> = login.replace(':', "_").into();
    Builder::new().with_secret(secret).with_account_name(account).with_issuer(Some(issuer)).build().map_err(fault)
}

/// What a sealed secret is bound to.
fn bound(app: &App, person: &str) -> Vec<u8> {
    format!("totp/{}/{person}", app.city).into_bytes()
}

fn open(app: &App, person: &Person, sealed: &[u8]) -> Result<Totp, CommandError> {
    let secret = app.master.open_identity(sealed, &bound(app, &person.id)).map_err(fault)?;
    totp(secret, &person.login)
}

fn seconds(now: Instant) -> u64 {
    u64::try_from(now.ms() / 1000).unwrap_or(0)
}

fn step_of(totp: &Totp, code: &str, now: Instant) -> Option<i64> {
    totp.check(code, seconds(now)).and_then(|step| i64::try_from(step).ok())
}

/// The time step a code is right for, if it is.
pub(super) fn step(app: &App, person: &Person, code: &str, now: Instant) -> Result<Option<i64>, CommandError> {
    let Some(sealed) = &person.totp else { return Ok(None) };
    Ok(step_of(&open(app, person, sealed)?, code, now))
}

/// Makes a secret for one-time codes; it is asked for only once [`confirm_totp`] has seen a code made with it.
///
/// # Errors
/// [`CommandError::Invalid`] for a wrong password.
pub async fn enrol_totp(app: &App, actor: &Actor, present: &str) -> Result<Enrolment, CommandError> {
    permit::require_person(actor)?;
    let person = sign_in::person(app, &actor.person).await?;
    password::confirm(app, &person, present).await?;
    let mut secret = vec![0; 20];
    app.entropy.fill(&mut secret);
    let sealed = app.master.seal_identity(&secret, &bound(app, &person.id), &*app.entropy);
    let base32 = Secret::from(secret.clone()).to_base32();
    let url = totp(secret, &person.login)?.to_url().map_err(fault)?;
    let (city, id) = (app.city.clone(), person.id);
    let input = Arc::new((id, sealed));
    app.db
        .write("enrol totp", move |tx| {
            let (city, input) = (city.clone(), Arc::clone(&input));
            Box::pin(async move {
                let (city, (id, sealed)) = (city.as_str(), &*input);
                let person = people::find(tx, city, id).await?.ok_or(CommandError::Unauthenticated)?;
                people::set_totp(tx, city, id, person.totp, Some(sealed.clone()), person.totp_step).await?;
                Ok::<_, CommandError>(())
            })
        })
        .await?;
    Ok(Enrolment { secret: base32.into(), url: url.into() })
}

/// Puts the secret of [`enrol_totp`] in force, given a code made with it.
///
/// # Errors
/// [`CommandError::Invalid`] for a wrong code, or when nothing was enrolled.
pub async fn confirm_totp(app: &App, actor: &Actor, code: &str) -> Result<(), CommandError> {
    permit::require_person(actor)?;
    let person = sign_in::person(app, &actor.person).await?;
    let now = app.now();
    let Some(pending) = person.totp_pending.clone() else {
        return Err(CommandError::invalid("code", "no one-time codes are being set up; begin again"));
    };
    let step = step_of(&open(app, &person, &pending)?, code.trim(), now)
        .ok_or_else(|| CommandError::invalid("code", "it is not the code of now; check the time of the device"))?;
    let (city, input) = (app.city.clone(), Arc::new((person.id, pending)));
    app.db
        .write("confirm totp", move |tx| {
            let (city, input) = (city.clone(), Arc::clone(&input));
            Box::pin(async move {
                let (city, (id, pending)) = (city.as_str(), &*input);
                let person = people::find(tx, city, id).await?.ok_or(CommandError::Unauthenticated)?;
                if person.totp_pending.as_ref() != Some(pending) {
                    return Err(CommandError::invalid("code", "it was set up again meanwhile; begin again"));
                }
                people::set_totp(tx, city, id, Some(pending.clone()), None, step).await?;
                note(tx, city, &format!("person:{id}"), now, id, "totp.set", json!({})).await?;
                Ok(())
            })
        })
        .await
}

/// Takes one-time codes away: one's own with the password, or as an admin those of a person who lost the device.
///
/// # Errors
/// [`CommandError::Invalid`] for a wrong password; [`CommandError::Forbidden`] for somebody else's.
pub async fn remove_totp(app: &App, actor: &Actor, login: &str, present: Option<&str>) -> Result<(), CommandError> {
    let (city, login) = (app.city.clone(), sign_in::normal_login(login));
    let own = actor.person.clone();
    let person = app
        .db
        .read("person", move |tx| Box::pin(async move { people::find_by_login(tx, city.as_str(), &login).await }))
        .await?;
    let Some(person) = person.filter(|person| permit::is_admin(actor) || person.id == own.as_str()) else {
        return Err(if permit::is_admin(actor) {
            CommandError::NotFound
        } else {
            CommandError::Forbidden("the role admin".into())
        });
    };
    if person.id == own.as_str() {
        permit::require_person(actor)?;
        password::confirm(app, &person, present.unwrap_or("")).await?;
    }
    let (city, now, by, id) = (app.city.clone(), app.now(), actor.person.clone(), person.id);
    app.db
        .write("remove totp", move |tx| {
            let (city, by, id) = (city.clone(), by.clone(), id.clone());
            Box::pin(async move {
                let city = city.as_str();
                let person = people::find(tx, city, &id).await?.ok_or(CommandError::NotFound)?;
                if person.totp.is_some() || person.totp_pending.is_some() {
                    people::set_totp(tx, city, &id, None, None, person.totp_step).await?;
                    note(tx, city, &format!("person:{id}"), now, by.as_str(), "totp.removed", json!({})).await?;
                }
                Ok(())
            })
        })
        .await
}
