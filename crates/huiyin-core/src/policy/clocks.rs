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
    /// The unit and all above it, for the rules units lay for themselves.
    pub units: &'a [&'a str],
    /// The mode the order was taken in under.
    pub mode: Option<&'a str>,
    /// The day whose values govern.
    pub governing: Day,
}

impl Question<'_> {
    /// A first dispatch to a lead of which nothing else is known, by the rules of a day.
    pub fn on(governing: Day) -> Self {
        Self {
            kind: None,
            subject: None,
            urgency: "normal",
            unit_kind: None,
            source: None,
            assist: false,
            first: true,
            below: false,
            units: &[],
            mode: None,
            governing,
        }
    }
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
            // A statutory limit and a unit's own neither yield nor make others yield: what they set aside stays to be seen.
            let plain = |other: &Ruled<'_>| !other.rule.statutory && other.rule.when.within.is_none();
            let top = found.iter().filter(group).filter(|other| plain(other)).map(|other| other.rule.precedence).max();
            found[at].yields = plain(&found[at]) && Some(found[at].rule.precedence) < top;
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

    /// By when a person looks at what came in by a channel and could not be read, and why: by the limit of the channel
    /// itself, else by `contact.read_within`. None where the pack says neither.
    pub fn contact_limit(&self, channel: &str, received: Instant) -> Option<(Due, Basis)> {
        let day = self.zone().day(received);
        let holds = |value: &&ClockValue| value.from <= day && value.until.is_none_or(|until| day <= until);
        let channel = self.channels.iter().find(|entry| entry.code == channel);
        let (span, basis) = match channel.and_then(|entry| entry.answer.iter().find(holds)) {
            Some(value) => (Span { amount: value.amount, unit: value.unit }, self.basis(&value.cite)),
            None => {
                let (_, basis) = self.parameter("contact.read_within", day)?;
                (self.span("contact.read_within", day)?, basis)
            }
        };
        let ends = Ends { roll: false, close: self.day_end == DayEnd::CloseOfBusiness };
        Some((self.calendar.due(received, span, ends), basis))
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

    /// Whether `found[at]` governs among the rules of its name and level that did not yield: a unit's own where it ends
    /// before the city's, else the city's.
    fn wins(&self, found: &[Ruled<'_>], at: usize) -> bool {
        let own = &found[at];
        let same = |ruled: &Ruled<'_>| ruled.rule.name == own.rule.name && ruled.rule.level == own.rule.level;
        let inner = |ruled: &Ruled<'_>| ruled.rule.when.within.is_some();
        if !found.iter().any(inner) {
            return self.wins_among_the_citys(found, at);
        }
        let citys = (0..found.len())
            .filter(|other| !found[*other].yields && same(&found[*other]) && !inner(&found[*other]))
            .filter(|other| self.wins_among_the_citys(found, *other))
            .map(|other| found[other].due.at)
            .min();
        let strictest = found
            .iter()
            .enumerate()
            .filter(|(_, ruled)| same(ruled) && inner(ruled) && citys.is_none_or(|due| ruled.due.at < due))
            .min_by_key(|(other, ruled)| (ruled.due.at, *other));
        match strictest {
            Some((strictest, _)) => strictest == at,
            None => !inner(own) && self.wins_among_the_citys(found, at),
        }
    }

    /// The same without the rules that units lay for themselves.
    fn wins_among_the_citys(&self, found: &[Ruled<'_>], at: usize) -> bool {
        let own = &found[at];
        let rivals = || {
            found.iter().enumerate().filter(|(other, ruled)| {
                *other != at
                    && !ruled.yields
                    && ruled.rule.when.within.is_none()
                    && ruled.rule.name == own.rule.name
                    && ruled.rule.level == own.rule.level
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
        && when.within.as_deref().is_none_or(|unit| question.units.contains(&unit))
        && (when.modes.is_empty() || question.mode.is_some_and(|mode| among(&when.modes, Some(mode))))
        && !(question.assist && level == Level::Case)
}

fn lessened(value: &ClockValue, offset: Option<Span>) -> Span {
    if value.amount == 0 {
        return Span { amount: 0, unit: value.unit };
    }
    let less = offset.filter(|offset| offset.unit == value.unit).map_or(0, |offset| offset.amount);
    Span { amount: value.amount.saturating_sub(less).max(1), unit: value.unit }
}
