//! The register of units: entered, changed, ended.

use std::sync::Arc;

use huiyin_core::{
    id::UnitId,
    organisation::{Organisation, Unit},
    policy::Pack,
    time::{Day, Instant},
};
use huiyin_store::{Tx, records, units as register};
use serde_json::json;

use super::{note, organisation, permit};
use crate::{Actor, App, CommandError};

/// What is wrong with a unit in a register that holds it, as column and words.
pub(super) fn faults(pack: &Pack, units: &Organisation, unit: &Unit, today: Day) -> Vec<(&'static str, String)> {
    let mut faults = Vec::new();
    let code = unit.id.as_str();
    let fits = |char: char| char.is_ascii_lowercase() || char.is_ascii_digit() || char == '-';
    if code.is_empty() || code.len() > 40 || !code.chars().all(fits) {
        faults.push(("unit", "a code is at most 40 of a-z, 0-9 and -".into()));
    }
    match unit.name.chars().count() {
        0 => faults.push(("name", format!("the unit `{code}` has no name"))),
        1..=80 => {}
        _ => faults.push(("name", "a name has at most 80 characters".into())),
    }
    if pack.unit_kind(&unit.kind).is_none() {
        faults.push(("kind", format!("`{}` is not a kind of unit of the pack", unit.kind)));
    }
    if let Some(area) = &unit.territory
        && pack.area(area).is_none()
    {
        faults.push(("territory", format!("there is no area `{area}` in the pack")));
    }
    if unit.until.is_some_and(|until| until < unit.from) {
        faults.push(("until", "it is before the first day".into()));
    }
    if let Some(parent) = &unit.parent {
        match units.unit(parent) {
            None => faults.push(("parent", format!("there is no unit `{parent}`"))),
            Some(_) if units.is_within(parent, &unit.id) => {
                faults.push(("parent", format!("`{parent}` is the unit itself or lies below it")));
            }
            Some(above) if !above.in_force(unit.from.max(today)) && unit.in_force(today) => {
                let next = units.successor_in_force(parent, today);
                let next = next.map_or_else(String::new, |next| format!("; its successor is `{}`", next.id));
                faults.push(("parent", format!("the unit `{parent}` is not in force{next}")));
            }
            Some(_) => {}
        }
    }
    if let Some(successor) = &unit.successor
        && units.unit(successor).is_none()
    {
        faults.push(("successor", format!("there is no unit `{successor}`")));
    }
    faults
}

/// Another unit in force that goes by a name of this one.
pub(super) fn namesake<'a>(units: &'a Organisation, unit: &'a Unit, today: Day) -> Option<(&'a str, &'a Unit)> {
    if !unit.in_force(today) && unit.from <= today {
        return None;
    }
    let names = || std::iter::once(&unit.name).chain(&unit.aliases).filter(|name| !name.is_empty());
    units.units().filter(|other| other.id != unit.id && other.in_force(today)).find_map(|other| {
        let name = names().find(|name| other.name == **name || other.aliases.contains(name))?;
        Some((name.as_str(), other))
    })
}

/// Writes units, their entries in the chains, and the new version of the register.
pub(super) async fn write(
    tx: &mut Tx,
    city: &str,
    by: &str,
    now: Instant,
    changed: &[(&Unit, &'static str)],
) -> Result<(), CommandError> {
    if changed.is_empty() {
        return Ok(());
    }
    let units: Vec<Unit> = changed.iter().map(|(unit, _)| (*unit).clone()).collect();
    register::replace(tx, city, &units).await?;
    for (unit, name) in changed {
        let body = json!({
            "kind": unit.kind, "parent": unit.parent, "territory": unit.territory, "from": unit.from.number(),
            "until": unit.until.map(Day::number), "successor": unit.successor, "approval": unit.approval,
        });
        note(tx, city, &format!("unit:{}", unit.id), now, by, name, body).await?;
    }
    records::register_changed(tx, city).await?;
    Ok(())
}

/// Enters a unit, or changes the one of this code. The function always follows from the kind.
///
/// # Errors
/// [`CommandError::Forbidden`] for all but an admin; [`CommandError::Invalid`] for a value that cannot be, or a name
/// another unit in force goes by.
pub async fn save_unit(app: &App, by: &Actor, unit: Unit) -> Result<(), CommandError> {
    permit::require_admin(by)?;
    let (city, now, pack) = (app.city.clone(), app.now(), Arc::clone(&app.pack));
    let today = app.zone().day(now);
    let input = Arc::new((by.person.clone(), unit));
    app.db
        .write("save unit", move |tx| {
            let (city, pack, input) = (city.clone(), Arc::clone(&pack), Arc::clone(&input));
            Box::pin(async move {
                let (city, (by, unit)) = (city.as_str(), &*input);
                let mut unit = unit.clone();
                if let Some(kind) = pack.unit_kind(&unit.kind) {
                    unit.function = kind.function;
                }
                let old = organisation(tx, city).await?;
                let before = old.unit(&unit.id).cloned();
                if before.as_ref() == Some(&unit) {
                    return Ok(());
                }
                let new = Organisation::new(old.units().cloned().chain([unit.clone()]));
                if let Some((field, message)) = faults(&pack, &new, &unit, today).into_iter().next() {
                    return Err(CommandError::invalid(field, message));
                }
                if let Some((name, other)) = namesake(&new, &unit, today) {
                    return Err(CommandError::invalid("name", format!("`{name}` is the unit `{}` already", other.id)));
                }
                let name = if before.is_some() { "unit.changed" } else { "unit.added" };
                write(tx, city, by.as_str(), now, &[(&unit, name)]).await
            })
        })
        .await
}

/// Makes a day the last of a unit, and names the unit that takes over.
///
/// # Errors
/// As [`save_unit`]; [`CommandError::NotFound`] for an unknown unit.
pub async fn end_unit(
    app: &App,
    by: &Actor,
    unit: &UnitId,
    last: Day,
    successor: Option<UnitId>,
) -> Result<(), CommandError> {
    permit::require_admin(by)?;
    let units = app.current_organisation().await?;
    let unit = units.unit(unit).ok_or(CommandError::NotFound)?;
    if successor.as_ref() == Some(&unit.id) {
        return Err(CommandError::invalid("successor", "name another unit"));
    }
    save_unit(app, by, Unit { until: Some(last), successor, ..unit.clone() }).await
}
