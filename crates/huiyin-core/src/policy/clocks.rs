//! Which limits apply to a case or task, when they end, and which of several governs.

use crate::{
    calendar::{Due, Span},
    policy::{Basis, ClockRule, ClockValue, Conflict, Level, Pack, SubjectNode, When},
    time::{Day, Instant},
};

/// What is asked of the clock rules.
#[derive(Debug, Clone, Copy)]
pub struct Question<'a> {
    /// Kind of request; unknown while a contact waits, and then every rule may apply.
    pub kind: Option<&'a str>,
    /// The subject, where one is known.
    pub subject: Option<&'a SubjectNode>,
    /// `normal`, `urgent` or `emergency`.
    pub urgency: &'a str,
    /// Kind of the unit that handles it.
    pub unit_kind: Option<&'a str>,
    /// Channel or partner it came by.
    pub source: Option<&'a str>,
    /// Assists rather than leads.
    pub assist: bool,
    /// Whether it is the order's first dispatch.
    pub first: bool,
    /// The day whose values govern.
    pub governing: Day,
}

/// A rule that applies, with what it comes to.
#[derive(Debug, Clone)]
pub struct Ruled<'a> {
    /// The rule.
    pub rule: &'a ClockRule,
    /// The value in force.
    pub value: &'a ClockValue,
    /// When it ends.
    pub due: Due,
    /// When to warn.
    pub warn_at: Option<Instant>,
    /// Whether it governs among those of its name and level.
    pub governs: bool,
    /// Whether it gave way to a rule of higher precedence, so that it binds nobody.
    pub yields: bool,
    /// Where it comes from.
    pub basis: Basis,
}

impl Pack {
    /// All clocks of a question that start at `start`; `signals` names the start signals meant (all when empty).
    pub fn ask(&self, question: &Question<'_>, start: Instant, signals: &[&str]) -> Vec<Ruled<'_>> {
        let mut found: Vec<Ruled<'_>> = self
            .clocks
            .iter()
            .filter(|rule| signals.is_empty() || signals.contains(&rule.start.as_str()))
            .filter(|rule| applies(&rule.when, question, rule.level))
            .filter_map(|rule| {
                let value = rule.value.iter().rev().find(|value| value.from <= question.governing)?;
                value.until.is_none_or(|until| question.governing <= until).then(|| {
                    let due = self.calendar.due(start, lessened(value, rule.offset), rule.roll);
                    Ruled {
                        rule,
                        value,
                        due,
                        warn_at: rule.warn.map(|before| self.calendar.warning(due, before)).filter(|at| *at > start),
                        governs: true,
                        yields: false,
                        basis: self.basis(&value.cite),
                    }
                })
            })
            .collect();
        for at in 0..found.len() {
            let (name, level) = (found[at].rule.name.as_str(), found[at].rule.level);
            let group = |other: &&Ruled<'_>| other.rule.name == name && other.rule.level == level;
            let top = found.iter().filter(group).map(|other| other.rule.precedence).max();
            found[at].yields = Some(found[at].rule.precedence) < top;
        }
        for at in 0..found.len() {
            found[at].governs = !found[at].yields && self.wins(&found, at);
        }
        found
    }

    /// Whether `found[at]` governs among the rules of its name and level that did not yield.
    fn wins(&self, found: &[Ruled<'_>], at: usize) -> bool {
        let own = &found[at];
        let rivals = || {
            found.iter().enumerate().filter(|(other, ruled)| {
                *other != at && !ruled.yields && ruled.rule.name == own.rule.name && ruled.rule.level == own.rule.level
            })
        };
        let rank = |ruled: &Ruled<'_>| self.sources.get(&ruled.basis.source).map_or(u8::MAX, |source| source.rank);
        // The first in the pack wins a tie, so that exactly one governs.
        match self.conflict(&own.rule.name) {
            Conflict::BothReported => true,
            Conflict::Strictest => rivals().all(|(other, r)| (own.due.at, at) < (r.due.at, other)),
            Conflict::Latest => rivals()
                .all(|(other, r)| own.basis.from > r.basis.from || (own.basis.from == r.basis.from && at < other)),
            Conflict::HighestAuthority => rivals().all(|(other, r)| (rank(own), at) < (rank(r), other)),
        }
    }
}

fn applies(when: &When, question: &Question<'_>, level: Level) -> bool {
    let among = |list: &[String], word: Option<&str>| {
        list.is_empty() || word.is_some_and(|word| list.iter().any(|entry| entry == word))
    };
    let flagged = |flags: &[String], node: &SubjectNode| node.flags.iter().any(|flag| flags.contains(flag));
    (question.kind.is_none() || among(&when.kinds, question.kind))
        && among(&when.urgency, Some(question.urgency))
        && among(&when.unit_kinds, question.unit_kind)
        && (when.not_unit_kinds.is_empty() || !among(&when.not_unit_kinds, question.unit_kind))
        && among(&when.sources, question.source)
        && (when.flags.is_empty() || question.subject.is_some_and(|node| flagged(&when.flags, node)))
        && (when.without_flags.is_empty() || question.subject.is_some_and(|node| !flagged(&when.without_flags, node)))
        && when.role.as_deref().is_none_or(|role| (role == "assist") == question.assist)
        && (!when.first || question.first)
        && !(question.assist && level == Level::Case)
}

fn lessened(value: &ClockValue, offset: Option<Span>) -> Span {
    let less = offset.filter(|offset| offset.unit == value.unit).map_or(0, |offset| offset.amount);
    Span { amount: value.amount.saturating_sub(less).max(1), unit: value.unit }
}
