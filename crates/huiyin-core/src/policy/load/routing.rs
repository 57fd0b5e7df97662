//! Routes, forbidden work, who leads.

use super::{Checker, Known, Sections, check::interval, days::minutes};

pub(super) fn check_routing(check: &mut Checker, all: &Sections, known: &Known) {
    for (at, route) in &all.route {
        check.cite(at, &known.sources, &route.cite);
        check.matters(at, known, &route.subjects, &route.kinds, &route.flags);
        check.known(at, &known.areas, "area", &route.areas);
        check.known(at, &known.urgencies, "urgency", &route.urgency);
        check.known(at, &known.modes, "mode", &route.modes);
        let units = std::iter::once(&route.lead).chain(&route.assist).chain(&route.copy_to).chain(&route.targets);
        check.known(at, &known.units, "unit", units);
        interval(check, at, "the route", route.from, route.until);
        if route.hours.as_ref().is_some_and(|hours| hours.iter().any(|time| minutes(time).is_none())) {
            check.fault(at, "`hours` is a time of day from and until: [\"17:30\", \"08:30\"]");
        }
    }
    for (at, forbid) in &all.forbid {
        check.cite(at, &known.sources, &forbid.cite);
        check.known(at, &known.unit_kinds, "unit kind", &forbid.unit_kinds);
        check.known(at, &known.units, "unit", &forbid.units);
        check.matters(at, known, &forbid.subjects, &forbid.kinds, &forbid.flags);
        interval(check, at, "the prohibition", forbid.from, forbid.until);
        if forbid.unit_kinds.is_empty() && forbid.units.is_empty() {
            check.fault(at, format!("`{}` forbids no unit anything; name `unit_kinds` or `units`", forbid.name));
        }
    }
    for (at, lead) in &all.lead {
        check.cite(at, &known.sources, &lead.cite);
        check.known(at, &known.unit_kinds, "unit kind", lead.over.iter().chain(&lead.under));
        if lead.over.iter().any(|kind| lead.under.contains(kind)) {
            check.fault(at, format!("`{}`: a kind of unit cannot lead and assist itself", lead.name));
        }
    }
}
