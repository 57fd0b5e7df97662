//! Which limits apply to a case or task, when they end, and which of several governs.

use crate::{
    calendar::{Due, Ends, Span},
    policy::{Basis, ClockRule, ClockValue, Conflict, DateKind, DayEnd, Level, Pack, SubjectNode, When},
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
    /// Whether the task lies below another.
    pub below: bool,
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
                    let from = self.counts_from(rule, start);
                    let due = self.calendar.due(from, lessened(value, rule.offset), self.ends(rule));
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
            // A statutory limit neither yields nor makes others yield: those it sets aside stay to be seen.
            let plain = |other: &&Ruled<'_>| !other.rule.statutory;
            let top = found.iter().filter(group).filter(plain).map(|other| other.rule.precedence).max();
            found[at].yields = !found[at].rule.statutory && Some(found[at].rule.precedence) < top;
        }
        for at in 0..found.len() {
            found[at].governs = !found[at].yields && self.wins(&found, at);
        }
        found
    }

    /// Where a rule's count begins when it starts at a moment.
    pub fn counts_from(&self, rule: &ClockRule, start: Instant) -> Instant {
        rule.shift.map_or(start, |shift| self.calendar.shifted(start, shift))
    }

    /// How a rule's days end.
    pub fn ends(&self, rule: &ClockRule) -> Ends {
        Ends { roll: rule.roll, close: rule.day_end.unwrap_or(self.day_end) == DayEnd::CloseOfBusiness }
    }

    /// The date of a clause by which the pack says which of two is the later.
    fn dated(&self, basis: &Basis) -> Day {
        let source = self.sources.get(&basis.source);
        match self.head.latest_by.unwrap_or(DateKind::Clause) {
            DateKind::Clause => basis.from,
            DateKind::Issue => source.map_or(basis.from, |source| source.issued),
            DateKind::Publication => source.map_or(basis.from, |source| source.published.unwrap_or(source.issued)),
        }
    }

    /// Whether `found[at]` governs among the rules of its name and level that did not yield.
    fn wins(&self, found: &[Ruled<'_>], at: usize) -> bool {
        let own = &found[at];
        let rivals = || {
            found.iter().enumerate().filter(|(other, ruled)| {
                *other != at && !ruled.yields && ruled.rule.name == own.rule.name && ruled.rule.level == own.rule.level
            })
        };
        // What a law above the hotline's rules sets is not a matter of their conflict.
        if !own.rule.statutory && rivals().any(|(_, rival)| rival.rule.statutory) {
            return false;
        }
        let rivals = || rivals().filter(|(_, rival)| rival.rule.statutory == own.rule.statutory);
        let rank = |ruled: &Ruled<'_>| self.sources.get(&ruled.basis.source).map_or(u8::MAX, |source| source.rank);
        // The first in the pack wins a tie, so that exactly one governs.
        match self.conflict(&own.rule.name) {
            Conflict::BothReported => true,
            Conflict::Strictest => rivals().all(|(other, r)| (own.due.at, at) < (r.due.at, other)),
            Conflict::Latest => rivals().all(|(other, r)| {
                let (own, rival) = (self.dated(&own.basis), self.dated(&r.basis));
                own > rival || (own == rival && at < other)
            }),
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
        && when.below.is_none_or(|below| below == question.below)
        && !(question.assist && level == Level::Case)
}

fn lessened(value: &ClockValue, offset: Option<Span>) -> Span {
    if value.amount == 0 {
        return Span { amount: 0, unit: value.unit };
    }
    let less = offset.filter(|offset| offset.unit == value.unit).map_or(0, |offset| offset.amount);
    Span { amount: value.amount.saturating_sub(less).max(1), unit: value.unit }
}
