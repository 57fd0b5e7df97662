//! The rules units lay for themselves: stricter than the city's, never looser.

use std::collections::{BTreeMap, BTreeSet};

use super::{At, Checker};
use crate::{
    order::Urgency,
    policy::{ClockRule, Level, Pack, Question, SubjectNode},
    time::Day,
};

/// Days on which a limit is tried: three weeks show week ends and most holidays.
const DAYS: usize = 21;

/// Most rules units lay for themselves in one pack.
const MOST_INNER: usize = 500;

/// Refuses a unit's own rule that ends after the city's for any matter it holds for.
pub(super) fn check_inner(check: &mut Checker, pack: &Pack, inner: &[(At, String)]) {
    if let Some((at, _)) = inner.get(MOST_INNER) {
        check.fault(at, format!("units lay more than {MOST_INNER} rules of their own; join some"));
        return;
    }
    for (at, key) in inner {
        let Some(rule) = pack.clock_rules().iter().find(|rule| rule.key() == *key) else { continue };
        if let Some(looser) = looser(pack, rule) {
            check.fault(at, format!("clock rule `{}`: {looser}; a unit may be stricter, never looser", rule.rule));
        }
    }
}

/// Where a unit's own rule ends after the city's.
fn looser(pack: &Pack, rule: &ClockRule) -> Option<String> {
    let unit = rule.when.within.as_deref()?;
    let lies_within = |code: &str| {
        let mut at = Some(code);
        for _ in 0..16 {
            match at {
                Some(code) if code == unit => return true,
                Some(code) => at = pack.units().iter().find(|u| u.code == code).and_then(|u| u.parent.as_deref()),
                None => return false,
            }
        }
        false
    };
    let unit_kinds: BTreeSet<&str> =
        pack.units().iter().filter(|u| lies_within(&u.code)).map(|u| u.kind.as_str()).collect();
    // Subjects that the rules tell apart, one of each.
    let named: BTreeSet<&String> =
        pack.clock_rules().iter().flat_map(|rule| rule.when.flags.iter().chain(&rule.when.without_flags)).collect();
    let mut subjects: BTreeMap<Vec<&String>, &SubjectNode> = BTreeMap::new();
    for node in pack.subjects().filter(|node| node.leaf) {
        subjects.entry(node.flags.iter().filter(|flag| named.contains(flag)).collect()).or_insert(node);
    }
    let all_kinds: Vec<&str> = pack.kinds().iter().map(|kind| kind.code.as_str()).collect();
    let kinds: Vec<&str> = match rule.when.kinds.as_slice() {
        [] => all_kinds,
        some => some.iter().map(String::as_str).collect(),
    };
    let units = [unit];
    for value in &rule.value {
        let mut day: Day = value.from.max(pack.head().from);
        for _ in 0..DAYS {
            let start = pack.zone().moment(day, 10 * 60);
            for (kind, subject) in kinds.iter().flat_map(|kind| subjects.values().map(move |node| (*kind, *node))) {
                for (urgency, unit_kind) in
                    Urgency::ALL.iter().flat_map(|u| unit_kinds.iter().map(move |kind| (*u, *kind)))
                {
                    for below in [false, true] {
                        let question = Question {
                            kind: Some(kind),
                            subject: Some(subject),
                            urgency: urgency.code(),
                            unit_kind: Some(unit_kind),
                            assist: rule.when.role.as_deref() == Some("assist"),
                            below,
                            units: &units,
                            ..Question::on(day)
                        };
                        let found = pack.ask(&question, start, &[]);
                        let of_name =
                            || found.iter().filter(|r| r.rule.name == rule.name && r.rule.level == Level::Task);
                        let Some(own) = of_name().find(|r| r.rule.key() == rule.key()).map(|r| r.due) else { continue };
                        let city =
                            of_name().filter(|r| r.rule.when.within.is_none() && !r.yields).min_by_key(|r| r.due.at);
                        if let Some(city) = city.filter(|city| city.due.at < own.at) {
                            let until = |at| pack.zone().short(at);
                            return Some(format!(
                                "for kind `{kind}` and subject `{}`, started {}, it ends {} and the city's `{}` {}",
                                subject.code,
                                until(start),
                                until(own.at),
                                city.rule.rule,
                                until(city.due.at),
                            ));
                        }
                    }
                }
            }
            day = day.next();
        }
    }
    None
}
