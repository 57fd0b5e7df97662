//! Closing conditions and the facts they ask for.

use std::collections::HashSet;

use super::{Checker, Known, Sections, check::labelled};
use crate::policy::FactKind;

pub(super) fn check_closing(check: &mut Checker, all: &Sections, known: &Known) {
    for (at, closing) in &all.closing {
        check.cite(at, &known.sources, &closing.cite);
        check.known(at, &known.kinds, "kind", &closing.kinds);
        check.known(at, &known.urgencies, "urgency", &closing.urgency);
        let named = closing.requires.iter().chain(&closing.branch);
        let in_cases =
            closing.case.iter().flat_map(|case| case.requires.iter().chain(&case.forbids).chain(&case.promise));
        check.known(at, &known.facts, "fact", named.chain(in_cases));
        if closing.branch.is_some() == closing.case.is_empty() {
            check.fault(at, format!("closing `{}`: `branch` and its [[closing.case]] rows go together", closing.rule));
        }
    }
    let branching: HashSet<&str> = all.closing.iter().filter_map(|(_, closing)| closing.branch.as_deref()).collect();
    for (at, fact) in &all.fact {
        labelled(check, at, &fact.label);
        let branches = branching.contains(fact.name.as_str());
        if branches && fact.is != FactKind::Code {
            check.fault(at, format!("fact `{}` decides a branch, so `is` must be \"code\"", fact.name));
        }
    }
}
