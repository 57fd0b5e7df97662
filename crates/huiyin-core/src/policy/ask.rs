//! The questions the program asks a pack.

use crate::{
    calendar::{Calendar, Span},
    policy::{
        Approver, Area, Basis, ChannelEntry, Citation, Cite, ClockRule, Closing, Coded, Conflict, Dated, Fact, Head,
        Ladder, Mode, NoClock, Origin, Pack, Reason, Source, SubjectNode, Tell, UnitEntry, UnitKind, Words,
    },
    time::{Day, Zone},
};

impl Pack {
    /// Whose pack it is.
    pub fn head(&self) -> &Head {
        &self.head
    }

    /// A digest of the pack's texts: changes whenever a rule does.
    pub fn checksum(&self) -> &str {
        &self.checksum
    }

    /// Where an entry is written: its section and name, such as `clock` and `SY-62-a/close/case/`.
    pub fn origin(&self, section: &str, name: &str) -> Option<&Origin> {
        self.origins.get(&format!("{section} {name}"))
    }

    /// Where a clock rule is written.
    pub fn origin_of(&self, rule: &ClockRule) -> Option<&Origin> {
        self.origin("clock", &rule.key())
    }

    /// The working days.
    pub fn calendar(&self) -> &Calendar {
        &self.calendar
    }

    /// The city's zone.
    pub fn zone(&self) -> &Zone {
        self.calendar.zone()
    }

    /// A document by its key.
    pub fn source(&self, key: &str) -> Option<&Source> {
        self.sources.get(key)
    }

    /// All areas, by code.
    pub fn areas(&self) -> impl Iterator<Item = &Area> {
        self.areas.values()
    }

    /// An area by its code.
    pub fn area(&self, code: &str) -> Option<&Area> {
        self.areas.get(code)
    }

    /// Whether an area is `above` or lies in it.
    pub fn area_within(&self, code: &str, above: &str) -> bool {
        let mut at = Some(code);
        for _ in 0..8 {
            match at {
                Some(code) if code == above => return true,
                Some(code) => at = self.areas.get(code).and_then(|area| area.parent.as_deref()),
                None => return false,
            }
        }
        false
    }

    /// A kind of unit.
    pub fn unit_kind(&self, code: &str) -> Option<&UnitKind> {
        self.unit_kinds.get(code)
    }

    /// The register of units the pack starts with.
    pub fn units(&self) -> &[UnitEntry] {
        &self.units
    }

    /// The organ in charge of a unit on a day, as the pack names it.
    pub fn organ(&self, unit: &str, day: Day) -> Option<&str> {
        let organs = &self.units.iter().find(|entry| entry.code == unit)?.organ;
        let organ = organs.iter().rev().find(|organ| organ.from <= day)?;
        organ.until.is_none_or(|until| day <= until).then_some(organ.value.as_str())
    }

    /// Kinds of request, in the pack's order.
    pub fn kinds(&self) -> &[Coded] {
        &self.kinds
    }

    /// A kind by its code.
    pub fn kind(&self, code: &str) -> Option<&Coded> {
        self.kinds.iter().find(|kind| kind.code == code)
    }

    /// Matters the city accepts.
    pub fn items(&self) -> &[Coded] {
        &self.items
    }

    /// All subjects, by code.
    pub fn subjects(&self) -> impl Iterator<Item = &SubjectNode> {
        self.subjects.values()
    }

    /// A subject by its code.
    pub fn subject(&self, code: &str) -> Option<&SubjectNode> {
        self.subjects.get(code)
    }

    /// The reasons of a group.
    pub fn reasons<'a>(&'a self, group: &'a str) -> impl Iterator<Item = &'a Reason> {
        self.reasons.iter().filter(move |reason| reason.group == group)
    }

    /// A reason by group and code.
    pub fn reason(&self, group: &str, code: &str) -> Option<&Reason> {
        self.reasons.iter().find(|reason| reason.group == group && reason.code == code)
    }

    /// The clock rules.
    pub fn clock_rules(&self) -> &[ClockRule] {
        &self.clocks
    }

    /// The reason why an order of this kind in this state may run no clock.
    pub fn no_clock(&self, kind: Option<&str>, state: &str) -> Option<&NoClock> {
        self.no_clocks.iter().find(|entry| {
            (entry.states.is_empty() || entry.states.iter().any(|s| s == state))
                && (entry.kinds.is_empty() || kind.is_some_and(|kind| entry.kinds.iter().any(|k| k == kind)))
        })
    }

    /// The channels by which matters are taken in; none where the pack lists none, and any are.
    pub fn channels(&self) -> &[ChannelEntry] {
        &self.channels
    }

    /// Whether the answer to an order is looked at a second time: a share of all, by the order's number alone.
    pub fn samples(&self, no: &str, day: Day) -> bool {
        // FNV-1a, so that numbers that follow one another fall apart.
        let hash = no
            .bytes()
            .fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3));
        i64::try_from((hash >> 32) % 100).is_ok_and(|at| at < self.number("review.sample_percent", day))
    }

    /// Emergency modes that may be declared.
    pub fn modes(&self) -> &[Mode] {
        &self.modes
    }

    /// An emergency mode by its code.
    pub fn mode(&self, code: &str) -> Option<&Mode> {
        self.modes.iter().find(|mode| mode.code == code)
    }

    /// The levels of supervision that are reached by themselves.
    pub fn ladder(&self) -> &[Ladder] {
        &self.ladder
    }

    /// Who may decide requests of a kind, in order; empty where the level above does.
    pub fn approvers<'a>(&'a self, ask: &'a str) -> impl Iterator<Item = &'a Approver> {
        self.approvers.iter().filter(move |row| row.ask == ask)
    }

    /// A fact by its name.
    pub fn fact(&self, name: &str) -> Option<&Fact> {
        self.facts.iter().find(|fact| fact.name == name)
    }

    /// All facts.
    pub fn facts(&self) -> &[Fact] {
        &self.facts
    }

    /// The closing conditions of a kind and urgency.
    pub fn closings<'a>(&'a self, kind: &'a str, urgency: &'a str) -> impl Iterator<Item = &'a Closing> {
        self.closings.iter().filter(move |closing| {
            (closing.kinds.is_empty() || closing.kinds.iter().any(|k| k == kind))
                && (closing.urgency.is_empty() || closing.urgency.iter().any(|u| u == urgency))
        })
    }

    /// What the claimant must be told on an event.
    pub fn tell(&self, on: &str, kind: Option<&str>) -> Option<&Tell> {
        self.tells.iter().find(|tell| {
            tell.on == on && (tell.kinds.is_empty() || kind.is_some_and(|kind| tell.kinds.iter().any(|k| k == kind)))
        })
    }

    /// A text of the pack in a language, or in its working language.
    pub fn text(&self, name: &str, language: &str) -> Option<&str> {
        self.texts.get(name).and_then(|words| self.in_language(words, language))
    }

    /// The words in a language, or in the pack's working language.
    pub fn in_language<'a>(&self, words: &'a Words, language: &str) -> Option<&'a str> {
        let working = self.head.languages.first().map_or("zh", String::as_str);
        words.get(language).or_else(|| words.get(working)).map(String::as_str)
    }

    /// How two rules of a group that both apply are resolved.
    pub fn conflict(&self, group: &str) -> Conflict {
        self.head.conflicts.get(group).copied().unwrap_or(self.head.conflict)
    }

    /// The stored form of a citation.
    pub fn basis(&self, cite: &Cite) -> Basis {
        let from =
            cite.from.or_else(|| self.sources.get(&cite.source).map(|source| source.from)).unwrap_or(self.head.from);
        Basis { source: cite.source.clone(), article: cite.article.clone(), from }
    }

    /// A basis written out.
    pub fn citation(&self, basis: &Basis) -> Citation {
        let source = self.sources.get(&basis.source);
        Citation {
            document: source.map_or_else(|| basis.source.clone(), |s| s.document.clone()),
            number: source.map_or_else(String::new, |s| s.number.clone()),
            article: basis.article.clone(),
            from: basis.from.to_string(),
        }
    }

    /// A parameter in force on a day, with its basis.
    pub fn parameter(&self, name: &str, day: Day) -> Option<(&toml::Value, Basis)> {
        let dated = self.parameters.get(name)?.iter().rev().find(|dated| dated.from <= day)?;
        dated.until.is_none_or(|until| day <= until).then(|| (&dated.value, self.basis(&dated.cite)))
    }

    /// The last day on which a limit of the pack begins: from then on all of it is in force.
    pub fn newest(&self) -> Option<Day> {
        self.clocks.iter().flat_map(|rule| &rule.value).map(|value| value.from).max()
    }

    /// The rule a clock was set by.
    pub fn clock_rule(&self, rule: &str, name: &str, level: super::Level) -> Option<&ClockRule> {
        self.clocks.iter().find(|one| one.rule == rule && one.name == name && one.level == level)
    }

    /// The names of all parameters, in order.
    pub fn parameter_names(&self) -> impl Iterator<Item = &str> {
        let mut names: Vec<&str> = self.parameters.keys().map(String::as_str).collect();
        names.sort_unstable();
        names.into_iter()
    }

    /// The values of a parameter over time.
    pub fn parameter_values(&self, name: &str) -> &[Dated<toml::Value>] {
        self.parameters.get(name).map_or(&[], Vec::as_slice)
    }

    /// The basis of a parameter, or of the pack itself where it has none on that day.
    pub fn parameter_basis(&self, name: &str, day: Day) -> Vec<Basis> {
        self.parameter(name, day).map(|(_, basis)| basis).into_iter().collect()
    }

    /// A whole number; 0 where the pack sets none on that day.
    pub fn number(&self, name: &str, day: Day) -> i64 {
        self.parameter(name, day).and_then(|(value, _)| value.as_integer()).unwrap_or(0)
    }

    /// A yes or no; no where the pack sets none on that day.
    pub fn flag(&self, name: &str, day: Day) -> bool {
        self.parameter(name, day).and_then(|(value, _)| value.as_bool()).unwrap_or(false)
    }

    /// A word; empty where the pack sets none on that day.
    pub fn word(&self, name: &str, day: Day) -> &str {
        self.parameter(name, day).and_then(|(value, _)| value.as_str()).unwrap_or("")
    }

    /// Hours of the day, in milliseconds from its start; none where the pack sets none on that day.
    pub fn hours(&self, name: &str, day: Day) -> Option<std::ops::Range<i64>> {
        self.parameter(name, day).and_then(|(value, _)| hours(value))
    }

    /// Whether a list holds a word.
    pub fn lists(&self, name: &str, day: Day, word: &str) -> bool {
        self.parameter(name, day)
            .and_then(|(value, _)| value.as_array())
            .is_some_and(|list| list.iter().any(|entry| entry.as_str() == Some(word)))
    }

    /// An amount of time.
    pub fn span(&self, name: &str, day: Day) -> Option<Span> {
        self.parameter(name, day).and_then(|(value, _)| value.clone().try_into().ok())
    }
}

/// `{ from = "08:00", to = "18:00" }`: from the first moment until before the second.
pub(in crate::policy) fn hours(value: &toml::Value) -> Option<std::ops::Range<i64>> {
    let at = |name: &str| {
        let time: jiff::civil::Time = value.get(name)?.as_str()?.parse().ok()?;
        Some((i64::from(time.hour()) * 60 + i64::from(time.minute())) * 60_000)
    };
    let range = at("from")?..at("to")?;
    (!range.is_empty()).then_some(range)
}

#[cfg(test)]
mod tests {
    #[test]
    fn hours_are_read_and_refused() {
        let read = |text: &str| super::hours(&toml::from_str::<toml::Value>(text).expect("it is TOML"));
        assert_eq!(read("from = \"08:30\"\nto = \"18:00\""), Some(30_600_000..64_800_000));
        for bad in ["from = \"18:00\"\nto = \"08:00\"", "from = \"8\"\nto = \"18:00\"", "from = \"08:00\"", "to = 18"] {
            assert_eq!(read(bad), None, "{bad}");
        }
    }
}
