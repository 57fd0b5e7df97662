//! Who may do what: role × action × scope, in one place.
//!
//! The row of each command ([`table`]) names who may give it; [`commander`] finds the post that allows it and so the
//! unit the actor acts for. [`sees`] says which orders one may know of at all; for lists, [`Reach`] is the same as a
//! condition.

use huiyin_core::{
    id::UnitId,
    order::{
        Ask, Order, Request, Task,
        table::{self, Who},
    },
    organisation::Organisation,
    policy::{Decides, Function},
};

use crate::{Actor, CommandError, Role, Scope};

/// Who may take a matter in.
pub const INTAKE: &[Role] = &[Role::Agent, Role::Office, Role::Subcentre];

/// The unit an actor acts for when giving a command.
///
/// # Errors
/// [`CommandError::Forbidden`], naming who may.
pub fn commander(
    actor: &Actor,
    command: &str,
    order: &Order,
    task: Option<&Task>,
    request: Option<&Request>,
    org: &Organisation,
) -> Result<UnitId, CommandError> {
    if actor.is_system() {
        return Ok(order.lies_with.clone());
    }
    if !actor.allows(Scope::OrdersWrite) {
        return Err(CommandError::Forbidden("a token with scope orders:write".into()));
    }
    let who = table::named(command).map_or(&[] as &[Who], |row| row.who);
    if who.is_empty() {
        return Err(CommandError::NotFound);
    }
    who.iter()
        .find_map(|who| acting_unit(actor, *who, order, task, request, org))
        .ok_or_else(|| CommandError::Forbidden(words(who)))
}

fn words(who: &[Who]) -> String {
    let words: Vec<&str> = who.iter().map(|who| who.words().0).collect();
    words.join(" or ")
}

fn acting_unit(
    actor: &Actor,
    who: Who,
    order: &Order,
    task: Option<&Task>,
    request: Option<&Request>,
    org: &Organisation,
) -> Option<UnitId> {
    let any = |role: Role| actor.units(role).next().cloned();
    match who {
        Who::Agent => any(Role::Agent),
        Who::Office => any(Role::Office),
        Who::Desk => {
            any(Role::Office).or_else(|| actor.units(Role::Subcentre).find(|unit| **unit == order.lies_with).cloned())
        }
        Who::Handler => {
            let task = task.or_else(|| request.and_then(|request| order.task(request.task)))?;
            handles(actor, &task.unit, org)
        }
        Who::Above => above(actor, order, task?, org),
        Who::Decider => {
            let request = request?;
            let task = order.task(request.task)?;
            match request.ask {
                Ask::Approval { .. } => leads(actor, &task.unit, org),
                _ => match request.by {
                    Some(Decides::Leader) => leads(actor, &task.unit, org),
                    Some(Decides::Office) => any(Role::Office),
                    Some(Decides::Mayor) => any(Role::Mayor),
                    Some(Decides::Above) | None => above(actor, order, task, org),
                },
            }
        }
        Who::Callback => any(Role::Callback),
        Who::Mayor => any(Role::Mayor),
        Who::Concerned => any(Role::Agent)
            .or_else(|| any(Role::Callback))
            .or_else(|| acting_unit(actor, Who::Desk, order, None, None, org))
            .or_else(|| order.tasks.iter().rev().find_map(|task| handles(actor, &task.unit, org))),
        Who::Claimant => owns(actor, order).then(|| order.desk.clone()),
    }
}

/// Whether a post in `own` acts for `unit`: it is the unit, or the unit above its section.
fn acts_for(own: &UnitId, unit: &UnitId, org: &Organisation) -> bool {
    own == unit || (org.unit(unit).is_some_and(|u| u.function == Function::Section) && org.is_within(unit, own))
}

fn handles(actor: &Actor, unit: &UnitId, org: &Organisation) -> Option<UnitId> {
    actor.posts.iter().any(|post| makes_handler(&post.unit, post.role, unit, org)).then(|| unit.clone())
}

/// Whether a post makes its holder a handler of a unit's tasks.
pub fn makes_handler(own: &UnitId, role: Role, unit: &UnitId, org: &Organisation) -> bool {
    matches!(role, Role::Officer | Role::Leader) && acts_for(own, unit, org) || role == Role::Subcentre && own == unit
}

/// A leader of the unit, or who approves in a leader's place; a sub-centre has no leader post of its own.
fn leads(actor: &Actor, unit: &UnitId, org: &Organisation) -> Option<UnitId> {
    let leads = actor.posts.iter().any(|post| post.role == Role::Leader && acts_for(&post.unit, unit, org));
    (leads || actor.stands_in.contains(unit)).then(|| unit.clone())
}

fn above(actor: &Actor, order: &Order, task: &Task, org: &Organisation) -> Option<UnitId> {
    match task.parent.and_then(|above| order.task(above)) {
        Some(above) => handles(actor, &above.unit, org),
        None => acting_unit(actor, Who::Desk, order, None, None, org).or_else(|| {
            // An assisting unit's answer is looked at by the lead.
            let lead = order.lead().filter(|lead| lead.no != task.no)?;
            handles(actor, &lead.unit, org)
        }),
    }
}

/// Whether an actor may know of an order at all. What one may not see is not found.
pub fn sees(actor: &Actor, order: &Order, org: &Organisation) -> bool {
    if actor.is_system() {
        return true;
    }
    let scopes = [Scope::OrdersRead, Scope::OrdersWrite, Scope::OrdersReveal];
    if order.sealed || !scopes.into_iter().any(|scope| actor.allows(scope)) {
        return false;
    }
    match Reach::of(actor, org) {
        Reach::City => true,
        Reach::Units(units) => {
            units.contains(&order.lies_with)
                || units.contains(&order.desk)
                || order.tasks.iter().any(|task| units.contains(&task.unit))
                || order.copies.iter().any(|unit| units.contains(unit))
        }
        Reach::Nothing => false,
    }
}

/// Whether somebody of the public has shown that an order is theirs.
fn owns(actor: &Actor, order: &Order) -> bool {
    actor.is_public() && actor.own.as_ref() == Some(&order.id)
}

/// Whether an actor may name an order in a command: one that they see, or, through the public pages, one's own.
pub fn may_act_on(actor: &Actor, order: &Order, org: &Organisation) -> bool {
    sees(actor, order, org) || (owns(actor, order) && !order.sealed)
}

/// Whether an actor sees who raised an order: units never do for a secret one.
pub fn sees_claimants(actor: &Actor, order: &Order) -> bool {
    !order.secret || sees_secrets(actor)
}

/// Whether an actor sees who raised secret orders, and their words.
pub fn sees_secrets(actor: &Actor) -> bool {
    [Role::Agent, Role::Office, Role::Callback].iter().any(|role| actor.has(*role))
}

/// Whether an actor's work is with claimants: who only leads, watches or administers learns no identity.
pub fn reads_identities(actor: &Actor) -> bool {
    use Role::{Agent, Callback, Leader, Office, Officer, Subcentre};
    actor.is_system() || [Agent, Office, Callback, Subcentre, Officer, Leader].iter().any(|role| actor.has(*role))
}

/// How far an actor sees.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reach {
    /// Every order of the city that is not sealed.
    City,
    /// Orders that lie with, were taken in by, have a task at or were copied to one of these units.
    Units(Vec<UnitId>),
    /// None.
    Nothing,
}

impl Reach {
    /// The reach of an actor's posts.
    pub fn of(actor: &Actor, org: &Organisation) -> Self {
        if actor.is_system()
            || [Role::Agent, Role::Office, Role::Callback, Role::Mayor].iter().any(|role| actor.has(*role))
        {
            return Self::City;
        }
        let mut units: Vec<UnitId> = [Role::Subcentre, Role::Officer, Role::Leader]
            .iter()
            .flat_map(|role| actor.units(*role))
            .chain(&actor.stands_in)
            .flat_map(|unit| org.subtree(unit))
            .collect();
        units.sort();
        units.dedup();
        if units.is_empty() { Self::Nothing } else { Self::Units(units) }
    }
}
