//! Tokens of programs: a digest, a person in whose name the program acts, scopes, perhaps an end.

use std::sync::Arc;

use huiyin_core::{id::PersonId, time::Instant};
use huiyin_store::{
    people,
    people::{Private, sign_in as store},
    seal::{new_token, token_hash},
};
use serde_json::json;

use super::{note, permit, sessions::actor, sign_in::normal_login};
use crate::{Actor, App, CommandError, Scope};

/// A token to be made.
#[derive(Debug, Clone)]
pub struct AddToken {
    /// Login of the person in whose name it acts.
    pub login: String,
    /// What it may do, of what that person may do.
    pub scopes: Vec<Scope>,
    /// When it ends; never, without.
    pub until: Option<Instant>,
}

/// A token just made: its text is shown this once.
#[derive(Debug, Clone)]
pub struct NewToken {
    /// Its id, to revoke it by.
    pub id: String,
    /// The token.
    pub token: Private,
}

/// A token in a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TokenView {
    /// Its id.
    pub id: String,
    /// In whose name it acts.
    pub person: PersonId,
    /// What it may do.
    pub scopes: Vec<Scope>,
    /// When it was made.
    pub created_at: Instant,
    /// When it ends.
    pub until: Option<Instant>,
    /// When it was revoked.
    pub revoked_at: Option<Instant>,
}

fn scopes(text: &str) -> Result<Vec<Scope>, CommandError> {
    text.split_whitespace().map(Scope::try_from).collect::<Result<_, _>>().map_err(CommandError::Internal)
}

/// Makes a token.
///
/// # Errors
/// [`CommandError::Forbidden`] for all but an admin; [`CommandError::Invalid`] without a scope, for an end that is past,
/// or for an unknown login.
pub async fn add_token(app: &App, by: &Actor, input: AddToken) -> Result<NewToken, CommandError> {
    permit::require_admin(by)?;
    let now = app.now();
    if input.scopes.is_empty() {
        return Err(CommandError::invalid("scopes", "name at least one scope"));
    }
    if input.until.is_some_and(|until| until <= now) {
        return Err(CommandError::invalid("until", "it is past; name a later moment"));
    }
    let mut codes: Vec<&str> = Vec::new();
    for scope in &input.scopes {
        if !codes.contains(&scope.code()) {
            codes.push(scope.code());
        }
    }
    let (text, id) = (new_token("hy_", &*app.entropy), app.id());
    let row = store::Token {
        id: id.clone(),
        person: String::new(),
        scopes: codes.join(" "),
        created_at: now,
        until: input.until,
        revoked_at: None,
    };
    let (city, by) = (app.city.clone(), by.person.clone());
    let input = Arc::new((normal_login(&input.login), row, token_hash(&text)));
    app.db
        .write("add token", move |tx| {
            let (city, by, input) = (city.clone(), by.clone(), Arc::clone(&input));
            Box::pin(async move {
                let (city, (login, row, digest)) = (city.as_str(), &*input);
                let person = people::find_by_login(tx, city, login).await?.filter(|person| person.active);
                let person = person
                    .ok_or_else(|| CommandError::invalid("login", format!("nobody active signs in as `{login}`")))?;
                let row = store::Token { person: person.id.clone(), ..row.clone() };
                store::insert_token(tx, city, digest, &row).await?;
                let body = json!({ "token": row.id, "scopes": row.scopes, "until": row.until.map(Instant::ms) });
                note(tx, city, &format!("person:{}", person.id), now, by.as_str(), "token.added", body).await?;
                Ok::<_, CommandError>(())
            })
        })
        .await?;
    Ok(NewToken { id, token: text.into() })
}

/// Revokes a token: one's own, or as an admin anybody's. It is refused from the next request on.
///
/// # Errors
/// [`CommandError::NotFound`] when there is none one may revoke.
pub async fn revoke_token(app: &App, by: &Actor, id: &str) -> Result<(), CommandError> {
    let (admin, own) = (permit::is_admin(by), by.scopes.is_none());
    let (city, now, by, id) = (app.city.clone(), app.now(), by.person.clone(), id.to_owned());
    app.db
        .write("revoke token", move |tx| {
            let (city, by, id) = (city.clone(), by.clone(), id.clone());
            Box::pin(async move {
                let city = city.as_str();
                let token = store::find_token(tx, city, &id).await?;
                let token = token.filter(|token| admin || own && token.person == by.as_str());
                let token = token.ok_or(CommandError::NotFound)?;
                if store::revoke(tx, city, &id, now).await? {
                    let chain = format!("person:{}", token.person);
                    note(tx, city, &chain, now, by.as_str(), "token.revoked", json!({ "token": id })).await?;
                }
                Ok(())
            })
        })
        .await
}

/// One's own tokens; an admin sees everybody's.
///
/// # Errors
/// [`CommandError::Forbidden`] for a program without the scope `admin`.
pub async fn tokens(app: &App, actor: &Actor) -> Result<Vec<TokenView>, CommandError> {
    let admin = permit::is_admin(actor);
    if !admin {
        permit::require_person(actor)?;
    }
    let (city, person) = (app.city.clone(), (!admin).then(|| actor.person.clone()));
    let found = app
        .db
        .read("tokens", move |tx| {
            Box::pin(async move { store::tokens(tx, city.as_str(), person.as_ref().map(PersonId::as_str)).await })
        })
        .await?;
    let view = |token: store::Token| {
        Ok(TokenView {
            scopes: scopes(&token.scopes)?,
            id: token.id,
            person: PersonId(token.person),
            created_at: token.created_at,
            until: token.until,
            revoked_at: token.revoked_at,
        })
    };
    found.into_iter().map(view).collect()
}

/// Who a program is: one statement by the digest of its token, so that a revoked token is refused at once on every node.
///
/// # Errors
/// [`CommandError::Unauthenticated`] for an unknown, ended or revoked token, or a person who is no longer active.
pub async fn token_actor(app: &App, bearer: &str) -> Result<Actor, CommandError> {
    let now = app.now();
    let found = store::by_token(&app.db, app.city.as_str(), &token_hash(bearer), app.zone().day(now)).await?;
    let (token, standing) = found.ok_or(CommandError::Unauthenticated)?;
    if token.revoked_at.is_some() || token.until.is_some_and(|until| now >= until) {
        return Err(CommandError::Unauthenticated);
    }
    actor(token.person, standing, Some(scopes(&token.scopes)?))
}
