//! Who decides a request, and how supervision climbs.

use std::collections::HashSet;

use super::{
    Checker, Known, Sections,
    check::{length, one_of},
};

/// Requests that somebody decides.
const ASKS: &[&str] = &["return", "extension", "pause", "shelving", "excuse"];

pub(super) fn check_decisions(check: &mut Checker, all: &Sections, known: &Known) {
    for (at, row) in &all.approver {
        check.cite(at, &known.sources, &row.cite);
        one_of(check, at, "request", ASKS, &row.ask);
        check.known(at, &known.kinds, "kind", &row.kinds);
        check.known(at, &known.urgencies, "urgency", &row.urgency);
        if let Some(span) = row.up_to {
            length(check, at, "`up_to`", span);
        }
        if (row.up_to.is_some() || row.share.is_some()) && row.ask != "extension" {
            check.fault(at, "`up_to` and `share` measure an extension; leave them out of another request");
        }
        if row.share.is_some_and(|share| !(1..=1_000).contains(&share)) || row.nth == Some(0) {
            check.fault(at, "`share` is 1 to 1000 percent, `nth` at least 1");
        }
    }
    let reasons: HashSet<String> =
        all.reason.iter().filter(|(_, r)| r.group == "supervise").map(|(_, r)| r.code.clone()).collect();
    let clocks: HashSet<String> = all.clock.iter().map(|(_, rule)| rule.name.clone()).collect();
    let levels: HashSet<String> = all
        .parameter
        .iter()
        .filter(|(_, parameter)| parameter.name == "supervision.levels")
        .flat_map(|(_, parameter)| &parameter.value)
        .filter_map(|dated| dated.value.as_array())
        .flatten()
        .filter_map(|level| level.as_str().map(str::to_owned))
        .collect();
    for (at, row) in &all.ladder {
        check.cite(at, &known.sources, &row.cite);
        check.known(at, &levels, "level of supervision", [&row.level]);
        check.known(at, &reasons, "reason to supervise", [&row.reason]);
        check.known(at, &clocks, "clock", [&row.clock]);
    }
}
