//! The settings a pack may make, each by its name: what a value must be, and which every pack must make.

use crate::calendar::Span;

/// A setting of the procedure.
#[derive(Debug, Clone, Copy)]
pub struct Setting {
    /// Its name, as a `[[parameter]]` has it.
    pub name: &'static str,
    /// What a value must be.
    pub is: Is,
    /// Whether every pack must make it.
    pub must: bool,
}

/// What a value of a setting must be.
#[derive(Debug, Clone, Copy)]
pub enum Is {
    /// Yes or no.
    Flag,
    /// A whole number.
    Count,
    /// 1 to 100.
    Percent,
    /// Words.
    Words,
    /// Some of these words.
    WordsOf(&'static [&'static str]),
    /// An amount of time.
    Span,
    /// Hours of the day.
    Hours,
    /// One of these words.
    OneOf(&'static [&'static str]),
}

const fn must(name: &'static str, is: Is) -> Setting {
    Setting { name, is, must: true }
}

const fn may(name: &'static str, is: Is) -> Setting {
    Setting { name, is, must: false }
}

/// Every setting the program asks for. A pack that sets another is refused.
pub const SETTINGS: &[Setting] = &[
    must("accept.separate", Is::Flag),
    must("alert.near_due_percent", Is::Percent),
    must("alert.unsigned_percent", Is::Percent),
    must("assist.max", Is::Count),
    must("callback.attempts", Is::Count),
    must("callback.days", Is::Count),
    may("callback.methods", Is::WordsOf(&["link", "phone"])),
    must("callback.satisfied_from", Is::Count),
    must("callback.spacing", Is::Span),
    must("correct.recompute", Is::Flag),
    must("extension.count", Is::Count),
    must("extension.forbidden_urgency", Is::Words),
    must("extension.within_original", Is::Flag),
    may("feedback.public_required", Is::Flag),
    may("contact.read_within", Is::Span),
    must("filing.limit", Is::Span),
    must("intake.clock_from", Is::OneOf(&["received", "registered"])),
    may("mass_event.threshold", Is::Count),
    must("pause.count", Is::Count),
    must("pause.longest", Is::Span),
    must("phone_notice.urgency", Is::Words),
    must("policy.pinning", Is::OneOf(&["dispatch", "intake", "newest"])),
    may("rating.after_close", Is::Span),
    may("rating.check", Is::Span),
    must("redo.count", Is::Count),
    must("return.basis_required", Is::Flag),
    must("return.per_unit", Is::Count),
    must("return.suggestion_required", Is::Flag),
    may("review.sample_percent", Is::Percent),
    may("roster.hours", Is::Hours),
    may("roster.standby", Is::Flag),
    may("secret.kinds_default", Is::Words),
    must("shelving.forbidden_urgency", Is::Words),
    may("recusal.may_assist", Is::Flag),
    must("supervision.levels", Is::Words),
    must("unit.min_handlers", Is::Count),
    must("withdraw.part_only_kinds", Is::Words),
];

impl Is {
    /// Whether a value is one.
    pub fn fits(self, value: &toml::Value) -> bool {
        match self {
            Self::Flag => value.is_bool(),
            Self::Count => value.as_integer().is_some_and(|number| (0..=1_000_000).contains(&number)),
            Self::Percent => value.as_integer().is_some_and(|number| (1..=100).contains(&number)),
            Self::Words => value.as_array().is_some_and(|list| list.iter().all(toml::Value::is_str)),
            Self::WordsOf(words) => value
                .as_array()
                .is_some_and(|list| list.iter().all(|one| one.as_str().is_some_and(|one| words.contains(&one)))),
            Self::Span => {
                value.clone().try_into::<Span>().is_ok_and(|span| (1..=super::load::MOST).contains(&span.amount))
            }
            Self::Hours => super::ask::hours(value).is_some(),
            Self::OneOf(words) => value.as_str().is_some_and(|word| words.contains(&word)),
        }
    }

    /// What to write.
    pub fn words(self) -> String {
        match self {
            Self::Flag => "true or false".into(),
            Self::Count => "a whole number".into(),
            Self::Percent => "a whole number of 1 to 100".into(),
            Self::Words => "a list of words, [\"…\"]".into(),
            Self::WordsOf(words) => format!("a list of some of {}", words.join(", ")),
            Self::Span => "an amount of time, { amount = 2, unit = \"workday\" }".into(),
            Self::Hours => "hours of the day, { from = \"08:00\", to = \"18:00\" }".into(),
            Self::OneOf(words) => format!("one of {}", words.join(", ")),
        }
    }
}

/// The known name that a word was probably meant for.
pub(super) fn nearest<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    // Longer words are no slips of a pen, and comparing them takes long.
    if word.len() > 64 {
        return None;
    }
    let near = |known: &&str| apart(word, known);
    known
        .into_iter()
        .filter(|known| known.len() <= 64)
        .min_by_key(near)
        .filter(|known| apart(word, known) * 3 <= word.len() + 2)
}

/// How many letters two words are apart.
fn apart(one: &str, other: &str) -> usize {
    let other: Vec<char> = other.chars().collect();
    let mut row: Vec<usize> = (0..=other.len()).collect();
    for (at, letter) in one.chars().enumerate() {
        let mut before = at;
        row[0] = at + 1;
        for (to, against) in other.iter().enumerate() {
            let changed = before + usize::from(letter != *against);
            before = row[to + 1];
            row[to + 1] = changed.min(row[to] + 1).min(before + 1);
        }
    }
    row[other.len()]
}

#[cfg(test)]
mod tests {
    use super::{SETTINGS, nearest};

    #[test]
    fn the_nearest_name_is_found_and_a_stranger_is_none() {
        let names = || SETTINGS.iter().map(|setting| setting.name);
        assert_eq!(nearest("extension.counts", names()), Some("extension.count"));
        assert_eq!(nearest("retrun.per_unit", names()), Some("return.per_unit"));
        assert_eq!(nearest("weather", names()), None);
        assert_eq!(nearest(&"x".repeat(100_000), names()), None);
    }
}
