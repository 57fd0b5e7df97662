//! The facts a kind needs before it may close (SY-62-c to g in `sanya`): checked on fields, never on wording.

use std::collections::BTreeSet;

use crate::{
    calendar::Ends,
    order::{FactValue, Facts, Order, Refusal},
    policy::{Basis, Pack},
    time::Instant,
};

/// One closing condition of an order, met or not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Condition {
    /// The rule.
    pub rule: String,
    /// The fact.
    pub fact: String,
    /// Whether it is stated.
    pub met: bool,
    /// Where the rule comes from.
    pub basis: Basis,
}

/// Until when a closed matter may be rated, where the pack lets it be rated at all.
pub fn rated_until(order: &Order, pack: &Pack) -> Option<Instant> {
    let closed = order.closed_at?;
    let day = order.pinned.unwrap_or_else(|| pack.zone().day(closed));
    let span = pack.span("rating.after_close", day)?;
    Some(pack.calendar().due(closed, span, Ends::default()).at)
}

/// Facts of the order itself that count beside those of the answer: what was recorded on the scene.
fn own_facts(order: &Order) -> Facts {
    let mut facts = Facts::new();
    if let Some(scene) = order
        .tasks
        .iter()
        .filter(|task| task.scene.is_some())
        .min_by_key(|task| !task.first)
        .and_then(|t| t.scene.as_ref())
    {
        facts.insert("scene_at".into(), FactValue::Instant(scene.at));
        facts.insert("scene_place".into(), FactValue::Text(scene.place.clone()));
        facts.insert("safety".into(), FactValue::Text(scene.safety.clone()));
    }
    facts
}

/// Every condition on closing this order with these facts.
pub fn conditions(order: &Order, facts: &Facts, pack: &Pack) -> Vec<Condition> {
    let Some(kind) = order.kind.as_deref() else { return Vec::new() };
    let own = own_facts(order);
    let stated = |name: &str| facts.get(name).or_else(|| own.get(name)).is_some_and(FactValue::is_stated);
    let mut found = Vec::new();
    for closing in pack.closings(kind, order.urgency.code()) {
        let basis = pack.basis(&closing.cite);
        let mut needed: Vec<&String> = closing.requires.iter().collect();
        if let Some(branch) = &closing.branch {
            let chosen = match facts.get(branch) {
                Some(FactValue::Code(code)) => closing.case.iter().find(|case| case.when == *code),
                _ => None,
            };
            found.push(Condition {
                rule: closing.rule.clone(),
                fact: branch.clone(),
                met: chosen.is_some(),
                basis: basis.clone(),
            });
            if let Some(case) = chosen {
                needed.extend(&case.requires);
            }
        }
        found.extend(needed.into_iter().map(|fact| Condition {
            rule: closing.rule.clone(),
            fact: fact.clone(),
            met: stated(fact),
            basis: basis.clone(),
        }));
    }
    found
}

/// Refuses facts that do not close the order.
pub(super) fn check(order: &Order, facts: &Facts, pack: &Pack) -> Result<(), Refusal> {
    let kind = order.kind.as_deref().unwrap_or_default();
    for (name, value) in facts {
        let Some(fact) = pack.fact(name) else {
            return Err(Refusal::new("close.unknown_fact", format!("no fact is called `{name}` in this city's rules"))
                .instead(pack.facts().iter().map(|fact| fact.name.clone())));
        };
        if value.kind() != fact.is {
            return Err(Refusal::new(
                "close.fact_kind",
                format!("`{name}` is stated as {:?}, not as {:?}", fact.is, value.kind()).to_lowercase(),
            )
            .instead([format!("{name}: {:?}", fact.is).to_lowercase()]));
        }
    }
    for closing in pack.closings(kind, order.urgency.code()) {
        let Some(branch) = &closing.branch else { continue };
        let Some(FactValue::Code(code)) = facts.get(branch) else { continue };
        let Some(case) = closing.case.iter().find(|case| case.when == *code) else {
            return Err(Refusal::new("close.unknown_branch", format!("`{branch}` cannot be `{code}`"))
                .by([pack.basis(&closing.cite)])
                .instead(closing.case.iter().map(|case| case.when.clone())));
        };
        if let Some(fact) = case.forbids.iter().find(|fact| facts.get(*fact).is_some_and(FactValue::is_stated)) {
            return Err(Refusal::new(
                "close.fact_forbidden",
                format!("`{fact}` cannot be stated where `{branch}` is `{code}`"),
            )
            .by([pack.basis(&closing.cite)]));
        }
    }
    let missing: Vec<Condition> = conditions(order, facts, pack).into_iter().filter(|c| !c.met).collect();
    if missing.is_empty() {
        return Ok(());
    }
    let names: BTreeSet<&str> = missing.iter().map(|c| c.fact.as_str()).collect();
    let mut basis: Vec<Basis> = missing.iter().map(|c| c.basis.clone()).collect();
    basis.sort();
    basis.dedup();
    let list = names.iter().copied().collect::<Vec<_>>().join(", ");
    Err(Refusal::new("close.facts_missing", format!("the answer does not state: {list}"))
        .by(basis)
        .instead(names.into_iter().map(str::to_owned)))
}

/// The day promised by these facts, and the rule it stands under.
pub(super) fn promise(order: &Order, facts: &Facts, pack: &Pack) -> Option<(crate::time::Day, Basis)> {
    let kind = order.kind.as_deref()?;
    pack.closings(kind, order.urgency.code()).find_map(|closing| {
        let Some(FactValue::Code(code)) = facts.get(closing.branch.as_ref()?) else { return None };
        let case = closing.case.iter().find(|case| case.when == *code)?;
        match facts.get(case.promise.as_ref()?) {
            Some(FactValue::Day(day)) => Some((*day, pack.basis(&closing.cite))),
            _ => None,
        }
    })
}

/// Refuses a promise for a day that has passed. Asked when it is made, not again when the order closes.
pub(super) fn promises_ahead(
    order: &Order,
    facts: &Facts,
    pack: &Pack,
    today: crate::time::Day,
) -> Result<(), Refusal> {
    match promise(order, facts, pack) {
        Some((day, basis)) if day < today => {
            Err(Refusal::new("close.promise_past", format!("the day promised, {day}, has passed")).by([basis]))
        }
        _ => Ok(()),
    }
}
