//! Duty phones: by day, at night, on days off, each with a substitute.
//!
//! The shift of a moment: `holiday` on a day that is not worked, else `day` within the pack's `roster.hours`, else `night`;
//! a pack without such hours knows no night. Where a unit has nobody for it, the phone of another shift is better than none: `day` falls back to
//! `night`, then `holiday`; `night` to `holiday`, then `day`; `holiday` to `night`, then `day`. A section without any
//! phone is reached through the unit above it. Of entries for one shift the one that began last stands.

use std::sync::Arc;

use huiyin_core::{
    id::UnitId,
    policy::{Function, Pack},
    time::{Day, Instant},
};
use huiyin_store::people::{Private, roster as store};
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::{
    note, organisation, permit,
    persons::{check_name, check_phone},
    terms::codes,
};
use crate::{Actor, App, CommandError, Role};

codes! {
    /// A shift of the duty roster.
    Shift, "a shift" {
        /// Working hours of working days.
        Day = "day" ["白班", "工作时间"],
        /// The other hours of working days.
        Night = "night" ["夜班", "夜间"],
        /// Days that are not worked.
        Holiday = "holiday" ["节假日", "休息日"],
    }
}

impl Shift {
    /// The shift of a moment.
    pub fn at(pack: &Pack, at: Instant) -> Self {
        let calendar = pack.calendar();
        let day = calendar.zone().day(at);
        if !calendar.is_working(day) {
            return Self::Holiday;
        }
        let of_day = at.ms() - calendar.zone().start_of(day).ms();
        match pack.hours("roster.hours", day) {
            Some(hours) if !hours.contains(&of_day) => Self::Night,
            _ => Self::Day,
        }
    }

    /// Itself, then what it falls back to.
    fn order(self) -> [Self; 3] {
        match self {
            Self::Day => [Self::Day, Self::Night, Self::Holiday],
            Self::Night => [Self::Night, Self::Holiday, Self::Day],
            Self::Holiday => [Self::Holiday, Self::Night, Self::Day],
        }
    }
}

/// Whom to phone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DutyPhone {
    /// The unit whose phone it is: the one asked for, or the one above a section.
    pub unit: UnitId,
    /// The shift of the moment.
    pub shift: Shift,
    /// The shift whose phone it is; another one when nobody stands for the shift of the moment.
    pub found_in: Shift,
    /// Who.
    pub who: String,
    /// Their phone.
    pub phone: Private,
    /// Who is called when they do not answer.
    pub substitute: Option<String>,
    /// The substitute's phone.
    pub substitute_phone: Option<Private>,
}

/// A duty phone to be entered.
#[derive(Debug, Clone)]
pub struct AddRoster {
    /// The unit.
    pub unit: UnitId,
    /// When it is called.
    pub shift: Shift,
    /// First day; today, without.
    pub from: Option<Day>,
    /// Last day.
    pub until: Option<Day>,
    /// Who.
    pub who: String,
    /// Their phone.
    pub phone: String,
    /// Who is called when they do not answer.
    pub substitute: Option<String>,
    /// The substitute's phone.
    pub substitute_phone: Option<String>,
}

/// Whom a unit's roster names for a moment.
pub fn on_duty(pack: &Pack, entries: &[store::Entry], at: Instant) -> Option<DutyPhone> {
    let (day, shift) = (pack.zone().day(at), Shift::at(pack, at));
    shift.order().into_iter().find_map(|found_in| {
        let standing = entries.iter().filter(|entry| entry.shift == found_in.code() && entry.in_force(day));
        let entry = standing.max_by(|a, b| (a.from, &a.id).cmp(&(b.from, &b.id)))?;
        Some(DutyPhone {
            unit: UnitId(entry.unit.clone()),
            shift,
            found_in,
            who: entry.who.clone(),
            phone: entry.phone.clone(),
            substitute: entry.substitute.clone(),
            substitute_phone: entry.substitute_phone.clone(),
        })
    })
}

/// Whom to phone at a unit at a moment; none when its roster is empty.
///
/// # Errors
/// [`CommandError::NotFound`] for a unit of which one may not know the phone: call-takers, the office, sub-centres and
/// call-back know all, others those of their units.
pub async fn duty_phone(
    app: &App,
    actor: &Actor,
    unit: &UnitId,
    at: Instant,
) -> Result<Option<DutyPhone>, CommandError> {
    let units = app.current_organisation().await?;
    let desk = actor.scopes.is_none() && [Role::Agent, Role::Callback, Role::Subcentre].iter().any(|r| actor.has(*r));
    permit::require(desk || permit::sees(actor, &units, unit), actor, &units, unit, "")?;
    let mut asked = unit.clone();
    loop {
        let (city, own) = (app.city.clone(), asked.clone());
        let entries = app
            .db
            .read("duty phone", move |tx| {
                Box::pin(async move { store::of_unit(tx, city.as_str(), own.as_str()).await })
            })
            .await?;
        if let Some(found) = on_duty(&app.pack, &entries, at) {
            return Ok(Some(found));
        }
        let above = units.unit(&asked).filter(|unit| unit.function == Function::Section);
        match above.and_then(|unit| unit.parent.clone()) {
            Some(parent) if parent != asked => asked = parent,
            _ => return Ok(None),
        }
    }
}

/// A unit's roster, past entries too.
///
/// # Errors
/// [`CommandError::NotFound`] for a unit one may not see.
pub async fn roster(app: &App, actor: &Actor, unit: &UnitId) -> Result<Vec<store::Entry>, CommandError> {
    let units = app.current_organisation().await?;
    permit::require(permit::sees(actor, &units, unit), actor, &units, unit, "")?;
    let (city, unit) = (app.city.clone(), unit.clone());
    Ok(app
        .db
        .read("roster", move |tx| Box::pin(async move { store::of_unit(tx, city.as_str(), unit.as_str()).await }))
        .await?)
}

/// Enters a duty phone; the office may do so too.
///
/// # Errors
/// [`CommandError::Forbidden`] for all but officers and leaders of the unit and the office; [`CommandError::Invalid`]
/// for a value that cannot be.
pub async fn add_roster(app: &App, by: &Actor, add: AddRoster) -> Result<String, CommandError> {
    let (now, area) = (app.now(), app.pack.head().area_code.as_str());
    let from = add.from.unwrap_or_else(|| app.zone().day(now));
    if add.until.is_some_and(|until| until < from) {
        return Err(CommandError::invalid("until", "it is before the first day"));
    }
    let invalid = |field: &'static str| move |message: String| CommandError::invalid(field, message);
    let phone = check_phone(&add.phone, area).map_err(invalid("phone"))?;
    let substitute = add.substitute.as_deref().filter(|name| !name.trim().is_empty());
    let entry = store::Entry {
        id: app.id(),
        unit: add.unit.as_str().to_owned(),
        shift: add.shift.code().to_owned(),
        from,
        until: add.until,
        who: check_name(&add.who).map_err(invalid("who"))?,
        phone: phone.ok_or_else(|| CommandError::invalid("phone", "write a phone number"))?,
        substitute: substitute.map(check_name).transpose().map_err(invalid("substitute"))?,
        substitute_phone: check_phone(add.substitute_phone.as_deref().unwrap_or(""), area)
            .map_err(invalid("substitute_phone"))?,
    };
    if entry.substitute.is_some() != entry.substitute_phone.is_some() {
        return Err(CommandError::invalid("substitute", "name the substitute and their phone, or neither"));
    }
    let (city, input) = (app.city.clone(), Arc::new((by.clone(), add.unit, entry)));
    app.db
        .write("add roster", move |tx| {
            let (city, input) = (city.clone(), Arc::clone(&input));
            Box::pin(async move {
                let (city, (by, unit, entry)) = (city.as_str(), &*input);
                let units = organisation(tx, city).await?;
                let may = permit::is_office(by) || permit::speaks_for(by, &units, unit);
                permit::require(may, by, &units, unit, "the role officer or leader in the unit")?;
                store::insert(tx, city, entry).await?;
                let body = json!({
                    "entry": entry.id, "shift": entry.shift, "from": entry.from.number(),
                    "until": entry.until.map(Day::number),
                });
                note(tx, city, &format!("unit:{unit}"), now, by.person.as_str(), "roster.added", body).await?;
                Ok(entry.id.clone())
            })
        })
        .await
}

/// Makes a day the last of a roster entry.
///
/// # Errors
/// As [`add_roster`]; [`CommandError::Invalid`] when it ended by then already.
pub async fn end_roster(app: &App, by: &Actor, entry: &str, last: Day) -> Result<(), CommandError> {
    let (city, now) = (app.city.clone(), app.now());
    let input = Arc::new((by.clone(), entry.to_owned()));
    app.db
        .write("end roster", move |tx| {
            let (city, input) = (city.clone(), Arc::clone(&input));
            Box::pin(async move {
                let (city, (by, id)) = (city.as_str(), &*input);
                let entry = store::find(tx, city, id).await?.ok_or(CommandError::NotFound)?;
                let (units, unit) = (organisation(tx, city).await?, UnitId(entry.unit));
                let may = permit::is_office(by) || permit::speaks_for(by, &units, &unit);
                permit::require(may, by, &units, &unit, "the role officer or leader in the unit")?;
                if !store::end(tx, city, id, last).await? {
                    return Err(CommandError::invalid("until", "it ended by then already"));
                }
                let body = json!({ "entry": id, "until": last.number() });
                note(tx, city, &format!("unit:{unit}"), now, by.person.as_str(), "roster.ended", body).await?;
                Ok(())
            })
        })
        .await
}
