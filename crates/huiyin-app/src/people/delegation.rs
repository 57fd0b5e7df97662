//! A leader's approval in other hands, for a dated period.

use std::sync::Arc;

use huiyin_core::{
    id::{PersonId, UnitId},
    time::{Day, Instant},
};
use huiyin_store::people::{
    delegations::{self as store, Delegation},
    posts,
};
use serde_json::json;

use super::{note, organisation, permit};
use crate::{Actor, App, CommandError, Role, Scope};

/// Longest period, in days: longer ones are a post.
const LONGEST: i64 = 366;

/// A delegation to be given.
#[derive(Debug, Clone)]
pub struct Delegate {
    /// The unit whose approval it is.
    pub unit: UnitId,
    /// Who approves.
    pub to: PersonId,
    /// First day.
    pub from: Day,
    /// Last day.
    pub until: Day,
}

/// A delegation, given.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Delegated {
    /// Its id.
    pub id: String,
    /// The leader.
    pub from_person: PersonId,
    /// Who approves.
    pub to: PersonId,
    /// First day.
    pub from: Day,
    /// Last day.
    pub until: Day,
    /// When it was ended early.
    pub ended_at: Option<Instant>,
}

/// Lets another person of the unit approve in the leader's place. It ends with its last day, with the leader's own post,
/// or with the other's.
///
/// # Errors
/// [`CommandError::Forbidden`] for all but leaders of the unit itself; [`CommandError::Invalid`] for a person without a
/// post in it, or days that cannot be.
pub async fn delegate(app: &App, by: &Actor, input: Delegate) -> Result<String, CommandError> {
    let (city, now, id) = (app.city.clone(), app.now(), app.id());
    let today = app.zone().day(now);
    if input.until < input.from {
        return Err(CommandError::invalid("until", "it is before the first day"));
    }
    if input.until < today {
        return Err(CommandError::invalid("until", "it is past"));
    }
    if (app.zone().start_of(input.until).ms() - app.zone().start_of(input.from).ms()) / 86_400_000 >= LONGEST {
        return Err(CommandError::invalid("until", format!("a delegation lasts at most {LONGEST} days")));
    }
    if input.to == by.person {
        return Err(CommandError::invalid("to", "name somebody else"));
    }
    let input = Arc::new((by.clone(), input));
    app.db
        .write("delegate", move |tx| {
            let (city, id, input) = (city.clone(), id.clone(), Arc::clone(&input));
            Box::pin(async move {
                let (city, (by, input)) = (city.as_str(), &*input);
                let units = organisation(tx, city).await?;
                let may = by.allows(Scope::Admin) && by.units(Role::Leader).any(|unit| *unit == input.unit);
                permit::require(may, by, &units, &input.unit, "the role leader in the unit")?;
                let theirs = posts::of_person(tx, city, input.to.as_str()).await?;
                let first = input.from.max(today);
                if !theirs.iter().any(|post| post.unit == input.unit.as_str() && post.in_force(first)) {
                    return Err(CommandError::invalid("to", "the person has no post in the unit on the first day"));
                }
                let given = Delegation {
                    id: id.clone(),
                    unit: input.unit.as_str().to_owned(),
                    from_person: by.person.as_str().to_owned(),
                    to_person: input.to.as_str().to_owned(),
                    from: input.from,
                    until: input.until,
                    created_at: now,
                    ended_at: None,
                };
                store::insert(tx, city, &given).await?;
                let body = json!({
                    "delegation": id, "to": given.to_person, "from": given.from.number(), "until": given.until.number(),
                });
                let chain = format!("unit:{}", input.unit);
                note(tx, city, &chain, now, by.person.as_str(), "delegation.given", body).await?;
                Ok(id)
            })
        })
        .await
}

/// Ends a delegation at once.
///
/// # Errors
/// [`CommandError::Forbidden`] for all but leaders of the unit and an admin; [`CommandError::NotFound`] for one of a unit
/// one may not see; [`CommandError::Invalid`] when it was ended before.
pub async fn end_delegation(app: &App, by: &Actor, id: &str) -> Result<(), CommandError> {
    let (city, now) = (app.city.clone(), app.now());
    let input = Arc::new((by.clone(), id.to_owned()));
    app.db
        .write("end delegation", move |tx| {
            let (city, input) = (city.clone(), Arc::clone(&input));
            Box::pin(async move {
                let (city, (by, id)) = (city.as_str(), &*input);
                let given = store::find(tx, city, id).await?.ok_or(CommandError::NotFound)?;
                let (units, unit) = (organisation(tx, city).await?, UnitId(given.unit));
                let may = permit::manages(by, &units, &unit);
                permit::require(may, by, &units, &unit, "the role leader in the unit")?;
                if !store::end(tx, city, id, now).await? {
                    return Err(CommandError::invalid("delegation", "it was ended before"));
                }
                let body = json!({ "delegation": id });
                note(tx, city, &format!("unit:{unit}"), now, by.person.as_str(), "delegation.ended", body).await?;
                Ok(())
            })
        })
        .await
}

/// A unit's delegations, past ones too, by first day.
///
/// # Errors
/// [`CommandError::NotFound`] for a unit one may not see.
pub async fn delegations(app: &App, actor: &Actor, unit: &UnitId) -> Result<Vec<Delegated>, CommandError> {
    let units = app.current_organisation().await?;
    permit::require(permit::sees(actor, &units, unit), actor, &units, unit, "")?;
    let (city, unit) = (app.city.clone(), unit.clone());
    let found = app
        .db
        .read("delegations", move |tx| Box::pin(async move { store::of_unit(tx, city.as_str(), unit.as_str()).await }))
        .await?;
    let view = |given: Delegation| Delegated {
        id: given.id,
        from_person: PersonId(given.from_person),
        to: PersonId(given.to_person),
        from: given.from,
        until: given.until,
        ended_at: given.ended_at,
    };
    Ok(found.into_iter().map(view).collect())
}
