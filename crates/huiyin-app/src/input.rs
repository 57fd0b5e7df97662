//! Input made into commands: texts become sealed contents, times and days become numbers, facts get their kinds.
//!
//! What a field holds stands in the row of its command, so that page, API and CLI send plain strings and no command is
//! described twice.

use huiyin_core::{
    id::ContentId,
    order::{
        Text,
        table::{self, Holds},
    },
    policy::{FactKind, Pack},
    time::{Day, Instant},
};
use huiyin_store::{contents::NewContent, seal::ContentKey};
use serde_json::{Map, Value, json};

use crate::{App, CommandError};

/// Longest text of a field, in characters.
pub const MAX_TEXT: usize = 20_000;
/// Longest code, in bytes.
pub const MAX_CODE: usize = 250;
/// Longest idempotency key, in bytes.
pub const MAX_KEY: usize = 200;
/// Longest title, in characters.
pub const MAX_TITLE: usize = 200;

/// Input made ready: JSON as core reads it, and the contents to store with it.
#[derive(Clone)]
pub(crate) struct Ready {
    pub value: Value,
    pub contents: Vec<NewContent>,
}

/// Makes the input of a command ready.
pub(crate) fn ready(app: &App, command: &str, input: Value) -> Result<Ready, CommandError> {
    let Value::Object(fields) = input else {
        return Err(CommandError::invalid("body", "send a JSON object"));
    };
    let row = table::named(command);
    let mut contents = Vec::new();
    let mut out = Map::new();
    for (name, value) in fields {
        if is_empty(&value) {
            continue; // an empty field of a form is an absent one
        }
        // A field the command does not take is refused when the command is read.
        let holds = row.and_then(|row| row.field(&name)).map_or(Holds::Code, |field| field.holds);
        let made = field(app, &name, holds, value, &mut contents)?;
        out.insert(name, made);
    }
    Ok(Ready { value: Value::Object(out), contents })
}

fn is_empty(value: &Value) -> bool {
    value.is_null() || value.as_str().is_some_and(|text| text.trim().is_empty())
}

fn field(
    app: &App,
    name: &str,
    holds: Holds,
    value: Value,
    contents: &mut Vec<NewContent>,
) -> Result<Value, CommandError> {
    Ok(match holds {
        Holds::Text => {
            let Value::String(text) = value else { return Err(CommandError::invalid(name, "write a text")) };
            json!(seal_text(app, name, &text, contents)?)
        }
        Holds::Instant => json!(instant(app.pack.as_ref(), name, &value)?),
        Holds::Day => json!(day(name, &value)?),
        Holds::Facts => facts(app, value, contents)?,
        Holds::Answers => {
            let Value::Object(given) = value else {
                return Err(CommandError::invalid(name, "send an object: contacted, solved, satisfied, said"));
            };
            let mut out = Map::new();
            for (part, value) in given.into_iter().filter(|(_, value)| !is_empty(value)) {
                let holds = if part == "said" { Holds::Text } else { Holds::Code };
                let made = field(app, &part, holds, value, contents)?;
                out.insert(part, made);
            }
            Value::Object(out)
        }
        _ => {
            plain(name, &value)?;
            value
        }
    })
}

/// Codes and numbers: no database takes a zero byte, and no code holds a line end.
fn plain(name: &str, value: &Value) -> Result<(), CommandError> {
    match value {
        Value::String(code) => code_text(name, code),
        Value::Array(values) => values.iter().try_for_each(|value| plain(name, value)),
        Value::Object(fields) => fields.iter().try_for_each(|(_, value)| plain(name, value)),
        _ => Ok(()),
    }
}

/// A code, an id or a number of an order: short, without control characters.
pub(crate) fn code_text(name: &str, code: &str) -> Result<(), CommandError> {
    if let Some(bad) = code.chars().find(|c| c.is_control()) {
        return Err(CommandError::invalid(
            name,
            format!("contains the control character U+{:04X}; remove it", bad as u32),
        ));
    }
    if code.len() > MAX_CODE {
        return Err(CommandError::invalid(name, format!("has {} bytes; a code has at most {MAX_CODE}", code.len())));
    }
    Ok(())
}

/// A key under which a command is carried out once.
pub(crate) fn key(key: &str) -> Result<(), CommandError> {
    if key.is_empty() || key.len() > MAX_KEY || key.chars().any(char::is_control) {
        let message = format!("a key has 1 to {MAX_KEY} bytes and no control characters");
        return Err(CommandError::invalid("Idempotency-Key", message));
    }
    Ok(())
}

/// Seals a text: a content row with its own key, and the reference the journal keeps.
pub(crate) fn seal_text(
    app: &App,
    what: &str,
    text: &str,
    contents: &mut Vec<NewContent>,
) -> Result<Text, CommandError> {
    let text = clean(what, text)?;
    let id = app.id();
    let key = ContentKey::generate(&*app.entropy);
    let mac = key.mac(text.as_bytes());
    contents.push(NewContent {
        wrapped_key: app.master.wrap_content(&key, &id, &*app.entropy),
        id: id.clone(),
        order: None,
        what: what.to_owned(),
        body: text.into_bytes(),
    });
    Ok(Text { content: ContentId(id), mac })
}

/// A text without what no person types: control characters are refused, line ends are made one.
pub(crate) fn clean(name: &str, text: &str) -> Result<String, CommandError> {
    let text = text.replace("\r\n", "\n").replace('\r', "\n");
    let text = text.trim().to_owned();
    if let Some(bad) = text.chars().find(|c| c.is_control() && !matches!(c, '\n' | '\t')) {
        return Err(CommandError::invalid(
            name,
            format!("contains the control character U+{:04X}; remove it", bad as u32),
        ));
    }
    let (longest, length) = (if name == "title" { MAX_TITLE } else { MAX_TEXT }, text.chars().count());
    if length > longest {
        return Err(CommandError::invalid(name, format!("has {length} characters; at most {longest} are taken")));
    }
    Ok(text)
}

fn instant(pack: &Pack, name: &str, value: &Value) -> Result<Instant, CommandError> {
    match value {
        Value::String(text) => pack.zone().parse(text).map_err(|message| CommandError::invalid(name, message)),
        _ => Err(CommandError::invalid(name, "write a time such as 2026-10-12T09:00:00+08:00")),
    }
}

fn day(name: &str, value: &Value) -> Result<Day, CommandError> {
    let number = match value {
        Value::String(text) => text.trim().replace('-', "").parse::<i64>().ok(),
        Value::Number(number) => number.as_i64(),
        _ => None,
    };
    number
        .and_then(|number| Day::try_from(number).ok())
        .ok_or_else(|| CommandError::invalid(name, "write a day such as 2026-10-12"))
}

/// Facts as the pack knows them: `{"finding": "true", "solved": true, "finish_day": "2026-12-01"}`.
fn facts(app: &App, value: Value, contents: &mut Vec<NewContent>) -> Result<Value, CommandError> {
    let Value::Object(given) = value else {
        return Err(CommandError::invalid("facts", "send an object of facts by name"));
    };
    let mut out = Map::new();
    for (name, value) in given {
        if value.is_null() || value.as_str().is_some_and(|text| text.trim().is_empty()) {
            continue;
        }
        let Some(fact) = app.pack.fact(&name) else {
            return Err(CommandError::invalid(
                &format!("facts.{name}"),
                "no fact of this name stands in the city's rules",
            ));
        };
        let field = format!("facts.{name}");
        let typed = match fact.is {
            FactKind::Flag => match &value {
                Value::Bool(flag) => json!({ "flag": flag }),
                Value::String(text) if matches!(text.as_str(), "true" | "yes" | "on" | "1") => json!({ "flag": true }),
                Value::String(text) if matches!(text.as_str(), "false" | "no" | "off" | "0") => {
                    json!({ "flag": false })
                }
                _ => return Err(CommandError::invalid(&field, "send true or false")),
            },
            FactKind::Code => match &value {
                Value::String(code) => {
                    code_text(&field, code)?;
                    json!({ "code": code })
                }
                Value::Bool(flag) => json!({ "code": flag.to_string() }),
                _ => return Err(CommandError::invalid(&field, "send a code")),
            },
            FactKind::Text => match &value {
                Value::String(text) => json!({ "text": seal_text(app, &field, text, contents)? }),
                _ => return Err(CommandError::invalid(&field, "write a text")),
            },
            FactKind::Day => json!({ "day": day(&field, &value)? }),
            FactKind::Instant => json!({ "instant": instant(&app.pack, &field, &value)? }),
        };
        out.insert(name, typed);
    }
    Ok(Value::Object(out))
}
