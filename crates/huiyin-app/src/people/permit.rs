//! Who may see and change people and units.
//!
//! What one may not see is not found; an action on what one may see is forbidden. A program needs the scope `admin` for
//! anything about people.

use huiyin_core::{id::UnitId, organisation::Organisation};

use crate::{Actor, CommandError, Role, Scope};

/// Whether the actor runs the system, or is it.
pub(super) fn is_admin(actor: &Actor) -> bool {
    actor.is_system() || actor.has(Role::Admin) && actor.allows(Scope::Admin)
}

/// Whether the actor is the hotline office, or runs the system.
pub(super) fn is_office(actor: &Actor) -> bool {
    is_admin(actor) || actor.has(Role::Office) && actor.allows(Scope::Admin)
}

/// Whether the actor may know who works in a unit: those who see every unit, and posts in the unit or above it.
pub(super) fn sees(actor: &Actor, organisation: &Organisation, unit: &UnitId) -> bool {
    is_office(actor)
        || actor.allows(Scope::Admin)
            && (actor.has(Role::Mayor) || actor.posts.iter().any(|post| organisation.is_within(unit, &post.unit)))
}

/// Whether the actor may know that a unit is not ready: who sees it, and the call centre, which sends orders to any.
pub(super) fn sees_readiness(actor: &Actor, organisation: &Organisation, unit: &UnitId) -> bool {
    sees(actor, organisation, unit) || actor.allows(Scope::Admin) && actor.has(Role::Agent)
}

/// Whether the actor may change who works in a unit: a leader of it or of a unit above it.
pub(super) fn manages(actor: &Actor, organisation: &Organisation, unit: &UnitId) -> bool {
    is_admin(actor)
        || actor.allows(Scope::Admin) && actor.units(Role::Leader).any(|own| organisation.is_within(unit, own))
}

/// Whether the actor may speak for a unit towards the office: its officers and leaders.
pub(super) fn speaks_for(actor: &Actor, organisation: &Organisation, unit: &UnitId) -> bool {
    manages(actor, organisation, unit)
        || actor.allows(Scope::Admin) && actor.units(Role::Officer).any(|own| organisation.is_within(unit, own))
}

/// Refuses an action: not found where the actor may not see the unit, forbidden where it may.
pub(super) fn refuse(actor: &Actor, organisation: &Organisation, unit: &UnitId, needs: &str) -> CommandError {
    if organisation.unit(unit).is_some() && sees(actor, organisation, unit) {
        CommandError::Forbidden(needs.to_owned())
    } else {
        CommandError::NotFound
    }
}

/// Refuses unless a test holds.
pub(super) fn require(
    holds: bool,
    actor: &Actor,
    organisation: &Organisation,
    unit: &UnitId,
    needs: &str,
) -> Result<(), CommandError> {
    if holds && organisation.unit(unit).is_some() { Ok(()) } else { Err(refuse(actor, organisation, unit, needs)) }
}

/// Refuses unless the actor runs the system.
pub(super) fn require_admin(actor: &Actor) -> Result<(), CommandError> {
    if is_admin(actor) { Ok(()) } else { Err(CommandError::Forbidden("the role admin".into())) }
}

/// Refuses unless the actor is a signed-in person: a program changes nobody's password or sessions.
pub(super) fn require_person(actor: &Actor) -> Result<(), CommandError> {
    if actor.scopes.is_some() || actor.is_system() || actor.is_public() {
        return Err(CommandError::Forbidden("a signed-in person".into()));
    }
    Ok(())
}
