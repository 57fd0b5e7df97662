//! Which member units are not ready, and why: told to the office, the unit and who sends orders to it, never in the way of a dispatch.

use std::collections::{HashMap, HashSet};

use huiyin_core::{
    id::UnitId,
    organisation::Organisation,
    policy::{Citation, Function},
    time::Instant,
};
use huiyin_store::people::posts::Post;
use serde::Serialize;

use super::{Position, Shift, permit};
use crate::{Actor, App, CommandError};

/// A unit that is not ready.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct UnitReadiness {
    /// The unit.
    pub unit: UnitId,
    /// Its name.
    pub name: String,
    /// What is missing; never empty.
    pub missing: Vec<Missing>,
}

/// What a unit lacks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum MissingPart {
    /// Its own leading group.
    LeadingGroup,
    /// A head.
    Head,
    /// A named deputy.
    Deputy,
    /// Enough handlers.
    Handlers,
    /// A change of persons is not filed in time.
    Filing,
    /// A duty phone in working hours.
    RosterDay,
    /// A duty phone at night.
    RosterNight,
    /// A duty phone on days off.
    RosterHoliday,
}

/// One thing a unit lacks.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Missing {
    /// What.
    pub part: MissingPart,
    /// How many there are; of filings, how many are late.
    pub have: i64,
    /// How many there must be; of filings, none may be late.
    pub need: i64,
    /// Since when the oldest filing is late.
    pub since: Option<Instant>,
    /// The rule that asks for it; none where the pack names none.
    pub basis: Vec<Citation>,
}

/// The member units an actor may see that are not ready now, by code.
///
/// # Errors
/// [`CommandError::Unavailable`] without a database.
pub async fn not_ready(app: &App, actor: &Actor) -> Result<Vec<UnitReadiness>, CommandError> {
    let units = app.current_organisation().await?;
    not_ready_in(app, actor, &units).await
}

/// The same, by a register of units that was read for this request already.
///
/// # Errors
/// As [`not_ready`].
pub async fn not_ready_in(app: &App, actor: &Actor, units: &Organisation) -> Result<Vec<UnitReadiness>, CommandError> {
    let now = app.now();
    let today = app.zone().day(now);
    let holders = app.holders(today).await?;
    let posts = &holders.posts;
    let covered: HashSet<(&str, &str)> =
        holders.phones.iter().map(|(unit, shift)| (unit.as_str(), shift.as_str())).collect();
    let mut by_unit: HashMap<&str, Vec<&Post>> = HashMap::new();
    for post in posts.iter().filter(|post| post.in_force(today)) {
        by_unit.entry(&post.unit).or_default().push(post);
    }
    let cite = |name: &str| -> Vec<Citation> {
        app.pack.parameter_basis(name, today).iter().map(|basis| app.pack.citation(basis)).collect()
    };
    let (set_up, filing_limit, standby) = (cite("unit.min_handlers"), cite("filing.limit"), cite("roster.standby"));
    let stands_by = app.pack.flag("roster.standby", today);
    let handlers = app.pack.number("unit.min_handlers", today);
    let mut found = Vec::new();
    for unit in units.units() {
        let counts = unit.function == Function::Member && unit.in_force(today);
        if !counts || !permit::sees_readiness(actor, units, &unit.id) {
            continue;
        }
        let within = with_sections(units, &unit.id);
        let count = |position: Position| {
            let own = within.iter().filter_map(|unit| by_unit.get(unit.as_str())).flatten();
            let persons: HashSet<&str> =
                own.filter(|post| post.position == position.code()).map(|post| post.person.as_str()).collect();
            i64::try_from(persons.len()).unwrap_or(i64::MAX)
        };
        let mut missing = Vec::new();
        for (part, position, need) in [
            (MissingPart::LeadingGroup, Position::LeadingGroup, 1),
            (MissingPart::Head, Position::Head, 1),
            (MissingPart::Deputy, Position::Deputy, 1),
            (MissingPart::Handlers, Position::Handler, handlers),
        ] {
            let have = count(position);
            if have < need {
                missing.push(Missing { part, have, need, since: None, basis: set_up.clone() });
            }
        }
        let is_late = |post: &&Post| post.filed_at.is_none() && post.filing_due.is_some_and(|due| due <= now);
        let late: Vec<&Post> = posts.iter().filter(|post| post.unit == unit.id.as_str()).filter(is_late).collect();
        if let Some(first) = late.iter().min_by_key(|post| post.filing_due) {
            missing.push(Missing {
                part: MissingPart::Filing,
                have: i64::try_from(late.len()).unwrap_or(i64::MAX),
                need: 0,
                since: first.filing_due,
                basis: filing_limit.clone(),
            });
        }
        let shifts = [
            (MissingPart::RosterDay, Shift::Day),
            (MissingPart::RosterNight, Shift::Night),
            (MissingPart::RosterHoliday, Shift::Holiday),
        ];
        // Outside working hours only a unit that must stand by has to have a phone.
        for (part, shift) in shifts.into_iter().filter(|(_, shift)| stands_by || *shift == Shift::Day) {
            if !covered.contains(&(unit.id.as_str(), shift.code())) {
                missing.push(Missing { part, have: 0, need: 1, since: None, basis: standby.clone() });
            }
        }
        if !missing.is_empty() {
            found.push(UnitReadiness { unit: unit.id.clone(), name: unit.name.clone(), missing });
        }
    }
    Ok(found)
}

/// A unit with its sections, whose handlers are its own.
fn with_sections(units: &Organisation, unit: &UnitId) -> Vec<UnitId> {
    let mut within = units.subtree(unit);
    within.retain(|id| id == unit || units.unit(id).is_some_and(|unit| unit.function == Function::Section));
    within
}
