//! Limits: values without gap or overlap, names that are defined, amounts that can be counted.

use super::{Checker, Known, MOST, Sections, check::check_below};
use crate::{order::signal, policy::Level};

pub(super) fn check_limits(check: &mut Checker, all: &Sections, known: &Known) {
    for (at, rule) in &all.clock {
        let what = format!("clock rule `{}`", rule.rule);
        check.timeline(at, &what, rule.value.iter().map(|v| (v.from, v.until)));
        for value in &rule.value {
            check.cite(at, &known.sources, &value.cite);
            if value.amount > MOST {
                check.fault(at, format!("{what}: an amount of {} is more than {MOST}", value.amount));
            }
        }
        check_below(check, at, &what, rule);
        for span in rule.warn.iter().chain(&rule.offset).filter(|span| span.amount == 0 || span.amount > MOST) {
            check.fault(at, format!("{what}: an amount of {} is not between 1 and {MOST}", span.amount));
        }
        if let Some(offset) = rule.offset
            && rule.value.iter().any(|value| value.unit != offset.unit || value.amount <= offset.amount)
        {
            check.fault(at, format!("{what}: `offset` is taken off the value, so it is in the same unit and smaller"));
        }
        if rule.stop.is_empty() {
            check.fault(at, format!("{what}: `stop` is empty, so that nothing would meet it; name a signal"));
        }
        for name in std::iter::once(&rule.start).chain(&rule.stop).chain(&rule.notice) {
            if !signal::ALL.contains(&name.as_str()) {
                check.fault(at, format!("{what}: nothing signals `{name}`; signals are {}", signal::ALL.join(", ")));
            }
        }
        check.known(at, &known.kinds, "kind", &rule.when.kinds);
        check.known(at, &known.urgencies, "urgency", &rule.when.urgency);
        check.known(at, &known.unit_kinds, "unit kind", rule.when.unit_kinds.iter().chain(&rule.when.not_unit_kinds));
        check.known(at, &known.flags, "subject flag", rule.when.flags.iter().chain(&rule.when.without_flags));
        check.known(at, &known.units, "unit", &rule.when.within);
        if rule.when.within.is_some() && rule.level != Level::Task {
            check.fault(at, format!("{what}: a unit's own rule is about its tasks; write level = \"task\""));
        }
        check.known(at, &known.modes, "mode", &rule.when.modes);
        if rule.when.role.as_deref().is_some_and(|role| !matches!(role, "lead" | "assist")) {
            check.fault(at, format!("{what}: a role is `lead` or `assist`"));
        }
    }
    for (at, entry) in &all.no_clock {
        check.cite(at, &known.sources, &entry.cite);
        check.known(at, &known.kinds, "kind", &entry.kinds);
        check.known(at, &known.states, "state", &entry.states);
    }
}
