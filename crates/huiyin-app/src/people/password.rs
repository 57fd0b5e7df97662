//! Passwords: hashing, changing one's own, resetting somebody's.

use std::sync::Arc;

use argon2::{Algorithm, Argon2, Params, PasswordHasher, PasswordVerifier, Version, password_hash::phc::PasswordHash};
use huiyin_core::id::PersonId;
use huiyin_store::{
    people,
    people::{Private, sign_in as store},
    seal::Entropy,
};
use serde_json::json;

use super::{
    note, permit,
    sign_in::{self, Attempt},
};
use crate::{Actor, App, CommandError};

/// Fewest characters of a password.
pub const PASSWORD_LENGTH: usize = 10;

/// Most bytes of a password: longer ones only cost time.
const LONGEST: usize = 256;

/// Argon2id over 19 MiB, twice (OWASP's first choice for one lane).
const PARAMETERS: (u32, u32, u32) = (19 * 1024, 2, 1);

/// A hash nobody has the password of, verified for unknown logins so that they take as long as known ones.
const NOBODY: &str =
    "$argon2id$v=19$m=19456,t=2,p=1$bm9ib2R5bm9ib2R5bm9ibw$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

fn argon2() -> Result<Argon2<'static>, CommandError> {
    let (memory, times, lanes) = PARAMETERS;
    let params = Params::new(memory, times, lanes, None).map_err(|error| CommandError::Internal(error.to_string()))?;
    Ok(Argon2::new(Algorithm::Argon2id, Version::V0x13, params))
}

/// Runs slow work on a thread of its own, one at a time: each takes 19 MiB.
async fn slowly<T: Send + 'static>(app: &App, work: impl FnOnce() -> T + Send + 'static) -> Result<T, CommandError> {
    let gone = |_| CommandError::Internal("the password could not be checked".into());
    let _turn = app.passwords.acquire().await.map_err(|_| CommandError::Unavailable("it is closing".into()))?;
    tokio::task::spawn_blocking(work).await.map_err(gone)
}

/// The hash of a password.
pub(super) async fn hash(app: &App, password: &str) -> Result<Private, CommandError> {
    let mut salt = [0; 16];
    app.entropy.fill(&mut salt);
    let password = Private::from(password);
    let fault = |error: argon2::password_hash::Error| CommandError::Internal(error.to_string());
    let argon2 = argon2()?;
    slowly(app, move || argon2.hash_password_with_salt(password.as_str().as_bytes(), &salt))
        .await?
        .map(|hash| Private(hash.to_string()))
        .map_err(fault)
}

/// Whether a password is the one of a hash; without a hash it takes as long and is wrong.
pub(super) async fn verify(app: &App, password: &str, hash: Option<&Private>) -> Result<bool, CommandError> {
    let known = hash.is_some();
    let hash = hash.cloned().unwrap_or_else(|| NOBODY.into());
    let password = Private(password.chars().take(LONGEST + 1).collect());
    let argon2 = argon2()?;
    let right = slowly(app, move || {
        PasswordHash::new(hash.as_str())
            .is_ok_and(|hash| argon2.verify_password(password.as_str().as_bytes(), &hash).is_ok())
    })
    .await?;
    Ok(right && known)
}

/// Whether a password is good enough for a login.
pub(super) fn check(login: &str, password: &str) -> Result<(), CommandError> {
    let fault = |message: String| Err(CommandError::invalid("password", message));
    let length = password.chars().count();
    if length < PASSWORD_LENGTH {
        return fault(format!("it has {length} characters; use at least {PASSWORD_LENGTH}"));
    }
    if password.len() > LONGEST {
        return fault(format!("it is longer than {LONGEST} bytes; use a shorter one"));
    }
    if password.to_lowercase() == login {
        return fault("it is the login; use another".into());
    }
    let first = password.chars().next();
    if password.chars().all(|char| Some(char) == first) {
        return fault("it is one character over and over; use another".into());
    }
    Ok(())
}

/// A password to be handed over and changed: 70 bits, in letters and digits that cannot be mistaken for each other.
pub(super) fn temporary(entropy: &dyn Entropy) -> String {
    const LETTERS: &[u8; 32] = b"abcdefghjkmnpqrstuvwxyz23456789A";
    let mut bytes = [0; 14];
    entropy.fill(&mut bytes);
    bytes.iter().map(|byte| char::from(LETTERS[usize::from(byte % 32)])).collect()
}

/// Changes one's own password; all other sessions of the person end. A wrong present password counts as a failed
/// sign-in.
///
/// # Errors
/// [`CommandError::Invalid`] for a wrong present or a weak new password; [`CommandError::TooMany`] while locked.
pub async fn change_password(
    app: &App,
    actor: &Actor,
    session: &str,
    present: &str,
    new: &str,
) -> Result<(), CommandError> {
    permit::require_person(actor)?;
    let person = sign_in::person(app, &actor.person).await?;
    check(&person.login, new)?;
    if present == new {
        return Err(CommandError::invalid("password", "it is the present one; use another"));
    }
    confirm(app, &person, present).await?;
    let new = hash(app, new).await?;
    let (city, now, keep) = (app.city.clone(), app.now(), session.to_owned());
    let person = Arc::new(person);
    app.db
        .write("change password", move |tx| {
            let (city, person, new, keep) = (city.clone(), Arc::clone(&person), new.clone(), keep.clone());
            Box::pin(async move {
                let city = city.as_str();
                // Changed meanwhile: what was confirmed is no longer so.
                let current = people::find(tx, city, &person.id).await?.and_then(|now| now.password);
                if current != person.password {
                    return Err(CommandError::invalid("present", "the password was changed meanwhile; try again"));
                }
                people::set_password(tx, city, &person.id, &new, false).await?;
                store::end_others(tx, city, &person.id, &keep).await?;
                let chain = format!("person:{}", person.id);
                note(tx, city, &chain, now, &person.id, "password.changed", json!({})).await?;
                Ok(())
            })
        })
        .await
}

/// Confirms that a signed-in person knows their password, before something that a forgotten open page must not do.
pub(super) async fn confirm(app: &App, person: &people::Person, present: &str) -> Result<(), CommandError> {
    match sign_in::attempt(app, &person.login, present, Attempt::Confirm).await {
        Ok(_) => Ok(()),
        Err(sign_in::SignInError::Locked { seconds, .. }) => Err(CommandError::TooMany { seconds }),
        Err(sign_in::SignInError::Failed(error)) => Err(error),
        Err(error) => Err(CommandError::invalid("present", error.to_string())),
    }
}

/// Gives a person a temporary password, which must be changed at the next sign-in; their sessions end and a lock is
/// lifted. The password is shown this once.
///
/// # Errors
/// [`CommandError::Forbidden`] for all but an admin; [`CommandError::NotFound`] without such a login.
pub async fn reset_password(app: &App, actor: &Actor, login: &str) -> Result<Private, CommandError> {
    permit::require_admin(actor)?;
    let login = sign_in::normal_login(login);
    let text = temporary(&*app.entropy);
    let new = hash(app, &text).await?;
    let key = sign_in::failure_key(app, &login);
    let (city, now, by) = (app.city.clone(), app.now(), actor.person.clone());
    let input = Arc::new((login, new, key));
    app.db
        .write("reset password", move |tx| {
            let (city, by, input) = (city.clone(), by.clone(), Arc::clone(&input));
            Box::pin(async move {
                let (city, (login, new, key)) = (city.as_str(), &*input);
                let person = people::find_by_login(tx, city, login).await?.ok_or(CommandError::NotFound)?;
                people::set_password(tx, city, &person.id, new, true).await?;
                store::end_others(tx, city, &person.id, "").await?;
                store::clear_failures(tx, city, key).await?;
                let chain = format!("person:{}", person.id);
                note(tx, city, &chain, now, by.as_str(), "password.reset", json!({})).await?;
                Ok::<_, CommandError>(PersonId(person.id))
            })
        })
        .await?;
    Ok(Private(text))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A login nobody has must cost a whole hash: one that is refused unread would be told by its speed.
    #[test]
    fn nobodys_hash_is_computed_with_the_same_parameters() {
        let nobody = PasswordHash::new(NOBODY).unwrap();
        let theirs = Params::try_from(&nobody).unwrap();
        assert_eq!((theirs.m_cost(), theirs.t_cost(), theirs.p_cost()), PARAMETERS);
        let refused = argon2().unwrap().verify_password(b"any-password-1", &nobody);
        assert_eq!(refused, Err(argon2::password_hash::Error::PasswordInvalid));
        let mine: PasswordHash = argon2().unwrap().hash_password_with_salt(b"any-password-1", &[7; 16]).unwrap();
        assert_eq!(mine.hash.unwrap().len(), nobody.hash.unwrap().len());
    }

    #[test]
    fn a_temporary_password_keeps_the_rules() {
        let password = temporary(&huiyin_store::seal::SeededEntropy::new(3));
        assert_eq!(check("somebody", &password), Ok(()));
        assert_eq!(password.len(), 14);
    }
}
