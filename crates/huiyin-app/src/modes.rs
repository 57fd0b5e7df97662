//! Emergency modes of the city (typhoon): declared and ended by those the pack names, each in the chain `modes`.
//!
//! What is on is kept with the register of units and read with it, so that every command sees it without asking more.

use std::sync::Arc;

use huiyin_core::{organisation::Declared, time::Instant};
use huiyin_store::{
    StoreError, Tx,
    modes::{self as store, ModePeriod},
    records,
};
use serde_json::json;

use crate::{Actor, App, CommandError, Role, Scope};

/// Modes that may still matter: those declared last.
const LATEST: i64 = 100;

/// The chain that keeps who declared and ended what.
const CHAIN: &str = "modes";

/// Longest name of a notice, in characters.
const LONGEST_NOTICE: usize = 200;

/// A mode to be declared.
#[derive(Debug, Clone)]
pub struct Declare {
    /// Its code in the pack.
    pub mode: String,
    /// When it ends; the longest the pack allows where none is named.
    pub until: Option<Instant>,
    /// The notice it rests on.
    pub notice: String,
}

/// A mode of the city, as one sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ModeView {
    /// What was declared.
    pub period: ModePeriod,
    /// Whether it is on.
    pub on: bool,
    /// Whether one may end it.
    pub may_end: bool,
}

/// The declared modes, for the register.
pub(crate) async fn declared(tx: &mut Tx, city: &str) -> Result<Vec<Declared>, StoreError> {
    let mut found = store::latest(tx, city, LATEST).await?;
    found.reverse();
    Ok(found.into_iter().map(|p| Declared { mode: p.mode, from: p.from, until: p.until }).collect())
}

/// Whether an actor may declare and end a mode.
pub fn may(app: &App, actor: &Actor, mode: &str) -> bool {
    let roles = app.pack.mode(mode).map_or(&[][..], |mode| &mode.declared_by);
    actor.allows(Scope::OrdersWrite)
        && roles.iter().any(|role| Role::try_from(role.as_str()).is_ok_and(|role| actor.has(role)))
}

fn permitted(app: &App, actor: &Actor, mode: &str) -> Result<(), CommandError> {
    if may(app, actor, mode) || actor.is_system() {
        return Ok(());
    }
    let roles = app.pack.mode(mode).map_or_else(String::new, |mode| mode.declared_by.join(" or "));
    Err(CommandError::Forbidden(format!("the role {roles}")))
}

/// Declares a mode from now on. Orders already taken in keep what they have.
///
/// # Errors
/// [`CommandError::Forbidden`] for all but those the pack names; [`CommandError::Invalid`] for a mode the pack does not
/// know, one that is on already, or an end that cannot be.
pub async fn declare(app: &Arc<App>, by: &Actor, input: Declare) -> Result<String, CommandError> {
    let Some(mode) = app.pack.mode(&input.mode) else {
        let known: Vec<&str> = app.pack.modes().iter().map(|mode| mode.code.as_str()).collect();
        return Err(CommandError::invalid(
            "mode",
            format!("there is no mode `{}`; there are {}", input.mode, known.join(", ")),
        ));
    };
    permitted(app, by, &mode.code)?;
    let (now, id) = (app.now(), app.id());
    let latest = now.plus(mode.longest.ms().unwrap_or(0));
    let until = input.until.unwrap_or(latest);
    if until <= now {
        return Err(CommandError::invalid("until", "it is past"));
    }
    if until > latest {
        let zone = app.zone();
        return Err(CommandError::invalid(
            "until",
            format!("it may last until {} at most; declare it again then", zone.short(latest)),
        ));
    }
    let notice = input.notice.trim().to_owned();
    if notice.is_empty() {
        return Err(CommandError::invalid("notice", "name the notice it rests on"));
    }
    if notice.chars().count() > LONGEST_NOTICE {
        return Err(CommandError::invalid("notice", format!("at most {LONGEST_NOTICE} characters")));
    }
    let person = by.person.as_str().to_owned();
    let period = Arc::new(ModePeriod {
        id,
        mode: mode.code.clone(),
        from: now,
        until,
        notice,
        declared_by: person,
        ended_by: None,
    });
    let city = app.city.clone();
    let given = app
        .db
        .write("declare mode", move |tx| {
            let (city, period) = (city.clone(), Arc::clone(&period));
            Box::pin(async move {
                let city = city.as_str();
                let on = store::latest(tx, city, LATEST).await?;
                if on.iter().any(|other| other.mode == period.mode && other.from <= now && now < other.until) {
                    return Err(CommandError::invalid("mode", "it is on already; end it first, or wait"));
                }
                store::insert(tx, city, &period).await?;
                records::register_changed(tx, city).await?;
                let body = json!({ "id": period.id, "mode": period.mode, "until": period.until.ms() }).to_string();
                records::add_to_chain(tx, city, CHAIN, now, &period.declared_by, "mode.declared", &body).await?;
                Ok::<_, CommandError>(period.id.clone())
            })
        })
        .await?;
    app.current_organisation().await?;
    Ok(given)
}

/// Ends a mode now. What was commanded under it stays commanded.
///
/// # Errors
/// [`CommandError::NotFound`] for one that was never declared; [`CommandError::Forbidden`] for all but those the pack
/// names; [`CommandError::Invalid`] when it has ended.
pub async fn end(app: &Arc<App>, by: &Actor, id: &str) -> Result<(), CommandError> {
    let (city, now) = (app.city.clone(), app.now());
    let input = Arc::new((Arc::clone(app), by.clone(), id.to_owned()));
    app.db
        .write("end mode", move |tx| {
            let (city, input) = (city.clone(), Arc::clone(&input));
            Box::pin(async move {
                let (city, (app, by, id)) = (city.as_str(), &*input);
                let period = store::find(tx, city, id).await?.ok_or(CommandError::NotFound)?;
                permitted(app, by, &period.mode)?;
                if !store::end(tx, city, id, now, by.person.as_str()).await? {
                    return Err(CommandError::invalid("mode", "it has ended already"));
                }
                records::register_changed(tx, city).await?;
                let body = json!({ "id": id, "mode": period.mode }).to_string();
                records::add_to_chain(tx, city, CHAIN, now, by.person.as_str(), "mode.ended", &body).await?;
                Ok::<_, CommandError>(())
            })
        })
        .await?;
    app.current_organisation().await?;
    Ok(())
}

/// The modes declared last, the newest first.
///
/// # Errors
/// [`CommandError::Unavailable`] without a database.
pub async fn list(app: &App, actor: &Actor) -> Result<Vec<ModeView>, CommandError> {
    let (city, now) = (app.city.clone(), app.now());
    let found =
        app.db.read("modes", move |tx| Box::pin(async move { store::latest(tx, city.as_str(), LATEST).await })).await?;
    Ok(found
        .into_iter()
        .map(|period| {
            let on = period.from <= now && now < period.until;
            let may_end = on && (may(app, actor, &period.mode) || actor.is_system());
            ModeView { period, on, may_end }
        })
        .collect())
}
