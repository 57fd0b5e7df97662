//! What an error says in Chinese: to staff on a page, to a program that asks for it.

use huiyin_core::{order::Refusal, organisation::Organisation, policy::Pack};

use crate::catalogue::Language;

use super::{command, field, refusal as words_of, state, task_state};

/// Why a command was refused, and what would be accepted instead.
pub fn refused(pack: &Pack, org: &Organisation, refusal: &Refusal) -> (String, Vec<String>) {
    let why = words_of(&refusal.code).map_or_else(|| refusal.why.clone(), str::to_owned);
    let instead: Vec<String> = refusal.instead.iter().map(|code| instead(pack, org, code)).collect();
    if refusal.code == "close.facts_missing" {
        return (t!("said-lacks", why, instead = instead.join(t!("punct-list"))), Vec::new());
    }
    (why, instead)
}

/// What would be accepted: a unit, a fact, a command, a state, a field; else the code itself.
pub fn instead(pack: &Pack, org: &Organisation, code: &str) -> String {
    if let Some(unit) = org.unit(&code.into()) {
        return unit.name.clone();
    }
    if let Some(fact) = pack.fact(code) {
        return pack.in_language(&fact.label, Language::here().code()).unwrap_or(code).to_owned();
    }
    for words in [command(code), task_state(code), state(code), field(code)] {
        if words != code {
            return words.to_owned();
        }
    }
    match code {
        "a shorter extension" => t!("instead-shorter").into(),
        "transfer with `answered_at`" => t!("instead-answered_at").into(),
        other => other.to_owned(),
    }
}

/// A fault of the input in the reader's words.
pub fn invalid(of: &str, message: &str) -> String {
    let name = field(of.trim_start_matches("facts."));
    if message.contains("missing field") {
        return t!("invalid-missing", name);
    }
    if message.starts_with("write a day") || message.contains("is not a day") {
        return t!("invalid-day", name);
    }
    if message.starts_with("write a time") || message.contains("is not a time") {
        return t!("invalid-time", name);
    }
    if matches!(of, "file" | "files") {
        return match message {
            _ if message.starts_with("its content is") => t!("invalid-file-kind").into(),
            _ if message.contains("did not arrive whole") => t!("invalid-file-part").into(),
            _ if message.contains("is empty") => t!("invalid-file-empty").into(),
            _ if message.contains("damaged") => t!("invalid-file-damaged").into(),
            _ => t!("invalid-file-gone", name),
        };
    }
    if message.contains("no order of this number") || message.starts_with("name the other order") {
        return t!("invalid-order-no", name);
    }
    if message.contains("at most") && message.contains("characters") {
        return t!("invalid-long", name);
    }
    if message.contains("control character") {
        return t!("invalid-control", name);
    }
    if message.starts_with("write what the matter is") || message.starts_with("write what this part") {
        return t!("invalid-matter").into();
    }
    if message.contains("lies in the future") {
        return t!("invalid-future", name);
    }
    if message.starts_with("name one of your open tasks") {
        return t!("invalid-which-task").into();
    }
    if message.contains("not a phone number") {
        return t!("invalid-phone", name);
    }
    if message.starts_with("unknown field") {
        return t!("invalid-unknown", name);
    }
    if message.starts_with("this is not JSON") {
        return t!("invalid-json").into();
    }
    if message.contains("send a JSON object") {
        return t!("invalid-object").into();
    }
    if message.contains("is not one of its codes") {
        return t!("invalid-code", name);
    }
    if message.starts_with("write true or false") || message.starts_with("send true or false") {
        return t!("invalid-flag", name);
    }
    if message.contains("no unit is called") {
        return t!("invalid-unit", name);
    }
    t!("invalid-other", name, message)
}
