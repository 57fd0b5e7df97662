//! The texts the program writes: each by a name it asks for, with placeholders it fills, and in the working language.

use super::{Checker, Known, Sections, check::TOLD_ON};
use crate::{order::Told, policy::settings::nearest};

/// What stands in a message about a duty to tell.
const TOLD: &[&str] = &["number", "due", "reason", "unit", "text", "track"];

/// Texts beside those of duties to tell, with their placeholders.
const OTHERS: &[(&str, &[&str])] = &[
    ("tell.stopped", TOLD),
    ("tell.track", &["url", "code"]),
    ("tell.rate", &["number", "link"]),
    ("tell.code", &["code"]),
    ("notice.phone-duty", &["number", "unit", "due"]),
    ("script.callback", &["number", "unit"]),
];

pub(super) fn check_texts(check: &mut Checker, all: &Sections, known: &Known) {
    let told: Vec<String> = Told::ALL.iter().map(|what| format!("tell.{}", what.code())).collect();
    let names = || told.iter().map(String::as_str).chain(OTHERS.iter().map(|(name, _)| *name));
    let languages: &[String] = all.pack.first().map_or(&[], |(_, head)| &head.languages);
    for (at, text) in &all.text {
        if !names().any(|name| name == text.name) {
            let near = nearest(&text.name, names());
            let near = near.map_or_else(String::new, |near| format!("did you mean `{near}`? "));
            let list = names().collect::<Vec<_>>().join(", ");
            check.fault(at, format!("the program writes no text `{}`; {near}texts are {list}", text.name));
            continue;
        }
        let placeholders = OTHERS.iter().find(|(name, _)| *name == text.name).map_or(TOLD, |(_, of)| *of);
        for words in text.words.values() {
            for unknown in placed(words).filter(|name| !placeholders.contains(name)) {
                let list = placeholders.iter().map(|name| format!("{{{name}}}")).collect::<Vec<_>>().join(", ");
                check.fault(
                    at,
                    format!("text `{}`: nothing is put in place of `{{{unknown}}}`; write one of {list}", text.name),
                );
            }
        }
        if let Some(working) = languages.first().filter(|working| !text.words.contains_key(*working)) {
            check.fault(
                at,
                format!("text `{}` is missing in `{working}`, the language every other falls back to", text.name),
            );
        }
    }
    let written: Vec<&str> = all.text.iter().map(|(_, text)| text.name.as_str()).collect();
    let unread: Vec<String> = all.unread("text").collect();
    for (at, tell) in &all.tell {
        check.cite(at, &known.sources, &tell.cite);
        check.known(at, &known.kinds, "kind", &tell.kinds);
        if !TOLD_ON.contains(&tell.on.as_str()) {
            check.fault(at, format!("nothing is told on `{}`; write one of {}", tell.on, TOLD_ON.join(", ")));
        }
        if let Err(message) = Told::try_from(tell.what.as_str()) {
            check.fault(at, message);
            continue;
        }
        let name = format!("tell.{}", tell.what);
        if !written.contains(&name.as_str()) && !unread.contains(&name) {
            check.fault(at, format!("what the claimant hears is missing; add a [[text]] called `{name}`"));
        }
    }
}

/// The names in braces of a text.
fn placed(words: &str) -> impl Iterator<Item = &str> {
    words.split('{').skip(1).filter_map(|rest| rest.split_once('}').map(|(name, _)| name))
}
