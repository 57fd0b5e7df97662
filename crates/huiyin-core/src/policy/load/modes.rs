//! Emergency modes.

use super::{
    Checker, Known, Sections,
    check::{labelled, length, one_of},
};

/// Roles a person may hold, as posts give them.
const ROLES: &[&str] =
    &["agent", "office", "subcentre", "officer", "leader", "callback", "editor", "supervisor", "mayor", "admin"];

pub(super) fn check_modes(check: &mut Checker, all: &Sections, known: &Known) {
    for (at, mode) in &all.mode {
        check.cite(at, &known.sources, &mode.cite);
        check.matters(at, known, &[], &mode.kinds, &mode.flags);
        check.known(at, &known.urgencies, "urgency", [&mode.urgency]);
        length(check, at, "`longest`", mode.longest);
        if mode.longest.ms().is_none() {
            check.fault(at, "`longest` is a time in minutes or hours: a mode ends at a moment");
        }
        for role in &mode.declared_by {
            one_of(check, at, "role", ROLES, role);
        }
        if mode.declared_by.is_empty() {
            check.fault(at, format!("nobody may declare the mode `{}`; name roles in `declared_by`", mode.code));
        }
        labelled(check, at, &mode.label);
    }
}
