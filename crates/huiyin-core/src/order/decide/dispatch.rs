//! To the units and back: dispatch, re-dispatch down the tree, recall; praise is passed on.

use super::{reason, task};
use crate::{
    id::{TaskNo, UnitId},
    order::{
        Ask, Event, Outcome, Refusal, Role, TaskState, Text, Urgency,
        draft::{Draft, Step},
    },
    organisation::Unit,
    policy::{Function, RouteQuestion},
};

/// A unit that may be given work today. Whom the matter is about never leads; where the pack lets it assist, it sees what
/// units see of a secret order.
fn receiver<'a>(d: &Draft<'a>, id: &UnitId, role: Role) -> Result<&'a Unit, Refusal> {
    let org = d.ctx.organisation;
    let Some(unit) = org.unit(id) else {
        return Err(Refusal::new("unit.unknown", format!("no unit is called `{id}`")));
    };
    if !unit.in_force(d.today) {
        let successor = org.successor_in_force(id, d.today);
        return Err(Refusal::new("dispatch.unit_ended", format!("`{id}` is not in the register on {}", d.today))
            .instead(successor.map(|unit| unit.id.0.clone())));
    }
    if matches!(unit.function, Function::None | Function::Office) {
        return Err(Refusal::new("dispatch.unit_takes_no_orders", format!("`{id}` takes no orders")));
    }
    let assists = role == Role::Assist && d.ctx.pack.flag("recusal.may_assist", d.governing_day());
    let about = d.order.target.as_ref().filter(|target| org.is_within(id, target));
    if assists && about.is_some() && !(d.order.secret && d.order.redacted.is_some()) {
        return Err(Refusal::new(
            "dispatch.reported_party_reads",
            format!("the matter is about `{id}`, which may assist only by a redacted text; settle that first"),
        )
        .by(d.param_basis("recusal.may_assist"))
        .instead(["redact"]));
    }
    if let Some(target) = about.filter(|_| !assists) {
        let entry = d.ctx.pack.units().iter().find(|unit| unit.code == target.as_str());
        let superior = entry.and_then(|unit| unit.superior.clone()).map(UnitId);
        let above = superior.or_else(|| org.unit(target).and_then(|unit| unit.parent.clone()));
        return Err(Refusal::new(
            "dispatch.reported_party",
            format!("the matter is about `{target}`; neither it nor a unit below it may handle it"),
        )
        .instead(above.map(|unit| unit.0).or_else(|| d.ctx.pack.organ(target.as_str(), d.today).map(str::to_owned))));
    }
    let target = d.order.target.as_ref().map(|target| org.path(target)).unwrap_or_default();
    let question = RouteQuestion::of(&d.order, &target, d.now);
    if let Some(forbid) = d.ctx.pack.forbids(unit, &question) {
        let listed =
            d.ctx.pack.routes(&question).into_iter().map(|route| route.lead.clone()).filter(|lead| lead != id.as_str());
        return Err(Refusal::new("dispatch.forbidden", format!("`{id}` may not be given this: {}", forbid.what))
            .by([d.ctx.pack.basis(&forbid.cite)])
            .instead(listed.take(5)));
    }
    Ok(unit)
}

fn receivers(d: &Draft<'_>, lead: &UnitId, assist: &[UnitId], ruled: bool) -> Step {
    receiver(d, lead, Role::Lead)?;
    for (at, unit) in assist.iter().enumerate() {
        receiver(d, unit, Role::Assist)?;
        if unit == lead || assist[..at].contains(unit) {
            return Err(Refusal::new("dispatch.unit_twice", format!("`{unit}` is named twice")));
        }
    }
    let kind = |unit: &UnitId| d.ctx.organisation.unit(unit).map_or("", |unit| unit.kind.as_str());
    let leads = assist.iter().find_map(|other| Some((other, d.ctx.pack.leads_over(kind(lead), kind(other))?)));
    if let Some((other, rule)) = leads.filter(|_| !ruled) {
        return Err(Refusal::new("dispatch.lead_order", format!("`{other}` leads where `{lead}` takes part"))
            .by([d.ctx.pack.basis(&rule.cite)])
            .instead([other.0.clone()]));
    }
    let max = d.ctx.pack.number("assist.max", d.governing_day());
    if assist.len() as i64 > max {
        return Err(Refusal::new("dispatch.too_many_assists", format!("at most {max} units assist"))
            .by(d.param_basis("assist.max")));
    }
    if d.order.secret && d.order.redacted.is_none() {
        return Err(Refusal::new("dispatch.not_redacted", "the order is secret; settle the text units may see first")
            .instead(["redact"]));
    }
    Ok(())
}

pub(in crate::order) fn dispatch(
    d: &mut Draft<'_>,
    lead: &UnitId,
    assist: &[UnitId],
    note: &Option<Text>,
    ruled: bool,
) -> Step {
    let unlimited = d.ctx.pack.no_clock(d.order.kind.as_deref(), "assigned");
    if let Some(mark) = unlimited {
        return Err(Refusal::new("dispatch.passed_on", "this kind is passed on, not dispatched")
            .by([d.ctx.pack.basis(&mark.cite)])
            .instead(["pass-on"]));
    }
    receivers(d, lead, assist, ruled)?;
    let given_back = d
        .order
        .tasks
        .iter()
        .any(|task| task.unit == *lead && task.parent.is_none() && task.state == TaskState::Returned);
    if given_back && note.is_none() && !ruled {
        return Err(Refusal::new(
            "dispatch.same_unit_again",
            format!("`{lead}` has given it back; sending it there again needs a note"),
        )
        .instead(["note"]));
    }
    if d.order.pinned.is_none() && d.ctx.pack.word("policy.pinning", d.today) == "dispatch" {
        d.emit(Event::Pinned { day: d.today });
    }
    deliver(d, None, lead, assist, note, ruled);
    copy(d, lead, assist);
    Ok(())
}

/// Units that the route to the lead names get a copy to supervise by; not who the matter is about.
fn copy(d: &mut Draft<'_>, lead: &UnitId, assist: &[UnitId]) {
    let org = d.ctx.organisation;
    let target = d.order.target.as_ref().map(|target| org.path(target)).unwrap_or_default();
    let question = RouteQuestion::of(&d.order, &target, d.now);
    let routes = d.ctx.pack.routes(&question).into_iter().filter(|route| route.lead == lead.as_str());
    let mut units: Vec<UnitId> = Vec::new();
    for unit in routes.flat_map(|route| &route.copy_to).map(|unit| UnitId(unit.clone())) {
        let about = d.order.target.as_ref().is_some_and(|target| org.is_within(&unit, target));
        let handles = unit == *lead || assist.contains(&unit) || d.order.copies.contains(&unit);
        let in_force = org.unit(&unit).is_some_and(|unit| unit.in_force(d.today));
        if in_force && !about && !handles && !units.contains(&unit) {
            units.push(unit);
        }
    }
    if !units.is_empty() {
        d.emit(Event::Copied { units });
    }
}

/// Delivers to the lead, then to those who assist; an emergency is commanded to all of them.
pub(in crate::order) fn deliver(
    d: &mut Draft<'_>,
    parent: Option<TaskNo>,
    lead: &UnitId,
    assist: &[UnitId],
    note: &Option<Text>,
    ruled: bool,
) {
    let first = d.order.tasks.is_empty();
    let units = std::iter::once((lead, Role::Lead)).chain(assist.iter().map(|unit| (unit, Role::Assist)));
    for (unit, role) in units {
        let task = d.next_task();
        d.emit(Event::TaskDelivered {
            task,
            parent,
            unit: unit.clone(),
            role,
            first: first && role == Role::Lead,
            ruled: ruled && role == Role::Lead,
            praise: false,
            note: note.clone(),
        });
        if d.order.urgency == Urgency::Emergency {
            d.emit(Event::TaskCommanded { task });
        }
    }
}

pub(in crate::order) fn redispatch(
    d: &mut Draft<'_>,
    no: TaskNo,
    lead: &UnitId,
    assist: &[UnitId],
    note: &Option<Text>,
) -> Step {
    let above = task(d, no)?;
    if above.praise {
        return Err(
            Refusal::new("redispatch.praise", "praise is only confirmed").instead(["confirm-receipt", "recall"])
        );
    }
    if d.order.pending().any(|r| r.task == no && matches!(r.ask, Ask::Approval { .. })) {
        return Err(Refusal::new("feedback.approval_pending", "an answer waits for the leader; withdraw it first")
            .instead(["withdraw-request"]));
    }
    receivers(d, lead, assist, false)?;
    if let Some(below) = d.order.open_child_lead(no) {
        return Err(Refusal::new(
            "redispatch.already_below",
            format!("it is already with `{}`; recall it there first", below.unit),
        )
        .instead(["recall"]));
    }
    let org = d.ctx.organisation;
    for unit in std::iter::once(lead).chain(assist) {
        if *unit == above.unit || !org.is_within(unit, &above.unit) {
            return Err(Refusal::new("redispatch.not_below", format!("`{unit}` does not belong to `{}`", above.unit))
                .instead(org.children(&above.unit).iter().map(|unit| unit.0.clone())));
        }
    }
    super::handle::ensure_accepted(d, no);
    deliver(d, Some(no), lead, assist, note, false);
    Ok(())
}

pub(in crate::order) fn recall(d: &mut Draft<'_>, no: TaskNo, code: &str) -> Step {
    reason(d, "recall", code)?;
    d.recall_open(Some(no), code);
    d.withdraw_requests(Some(no));
    d.end_hold(no);
    d.cancel_clocks(Some(no));
    let lead = d.order.task(no).is_some_and(super::super::Task::leads_case);
    d.emit(Event::TaskRecalled { task: no, reason: code.to_owned() });
    if lead {
        d.recall_open(None, "lead-recalled");
    }
    Ok(())
}

pub(in crate::order) fn pass_on(d: &mut Draft<'_>, unit: &UnitId, note: &Option<Text>) -> Step {
    if d.ctx.pack.no_clock(d.order.kind.as_deref(), "assigned").is_none() {
        return Err(
            Refusal::new("pass_on.not_praise", "only a kind without a clock is passed on").instead(["dispatch"])
        );
    }
    receiver(d, unit, Role::Lead)?;
    let task = d.next_task();
    d.emit(Event::TaskDelivered {
        task,
        parent: None,
        unit: unit.clone(),
        role: Role::Lead,
        first: d.order.tasks.is_empty(),
        ruled: false,
        praise: true,
        note: note.clone(),
    });
    Ok(())
}

pub(in crate::order) fn confirm_receipt(d: &mut Draft<'_>, no: TaskNo) -> Step {
    let task = task(d, no)?;
    if !task.praise {
        return Err(Refusal::new("confirm.not_praise", "only praise is confirmed; sign for this").instead(["sign"]));
    }
    d.emit(Event::TaskDone { task: no });
    d.emit(Event::Closed { outcome: Outcome::PassedOn, reason: None, text: None, facts: crate::order::Facts::new() });
    d.cancel_clocks(None);
    d.emit(Event::CallbackWaived { reason: "praise".into() });
    Ok(())
}
