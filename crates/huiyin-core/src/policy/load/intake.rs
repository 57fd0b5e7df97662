//! Channels with their limits, and mass events.

use super::{
    Checker, Known, Sections,
    check::{interval, length, one_of},
};
use crate::{
    order::Channel,
    policy::{ChannelEntry, ClockRule, Level, When},
};

pub(super) fn check_intake(check: &mut Checker, all: &Sections, known: &Known) {
    let codes: Vec<&str> = Channel::ALL.iter().map(|channel| channel.code()).collect();
    for (at, channel) in &all.channel {
        check.cite(at, &known.sources, &channel.cite);
        one_of(check, at, "channel", &codes, &channel.code);
        if !channel.answer.is_empty() {
            let what = format!("the answers of channel `{}`", channel.code);
            check.timeline(at, &what, channel.answer.iter().map(|value| (value.from, value.until)));
        }
        for value in &channel.answer {
            check.cite(at, &known.sources, &value.cite);
        }
    }
    for (at, rule) in &all.mass_event {
        check.cite(at, &known.sources, &rule.cite);
        check.matters(at, known, &[], &rule.kinds, &rule.flags);
        interval(check, at, "the rule on mass events", rule.from, rule.until);
        length(check, at, "`window`", rule.window);
        if rule.window.ms().is_none() {
            check.fault(at, "`window` is a time in minutes or hours");
        }
        if rule.threshold < 2 {
            check.fault(at, "`threshold` is at least 2: one claimant is no mass event");
        }
        if rule.subject_level.is_none() && rule.area_level.is_none() && !rule.same_target {
            let why = "everything would be alike; say by what: `subject_level`, `area_level` or `same_target`";
            check.fault(at, format!("`{}`: {why}", rule.name));
        }
        for (name, level) in [("subject_level", rule.subject_level), ("area_level", rule.area_level)] {
            if level.is_some_and(|level| !(1..=8).contains(&level)) {
                check.fault(at, format!("`{name}` is 1 to 8, 1 the first level"));
            }
        }
    }
}

/// The limit a channel sets, as any other limit.
pub(super) fn answer_limit(channel: &ChannelEntry) -> Option<ClockRule> {
    let rule = ClockRule {
        rule: format!("channel-{}", channel.code),
        name: "answer".into(),
        level: Level::Case,
        what: "渠道来件须在时限内由人处理".into(),
        start: "taken-in".into(),
        stop: vec!["registered".into(), "closed".into()],
        when: When { sources: vec![channel.code.clone()], ..When::default() },
        precedence: 0,
        warn: None,
        roll: false,
        day_end: None,
        shift: None,
        offset: None,
        below: None,
        statutory: false,
        notice: Vec::new(),
        excusable: false,
        extendable: false,
        pausable: false,
        breach: true,
        value: channel.answer.clone(),
    };
    (!channel.answer.is_empty()).then_some(rule)
}
