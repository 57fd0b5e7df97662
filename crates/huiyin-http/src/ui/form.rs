//! What stands in a form: names and values as sent, and the JSON a command takes.

use huiyin_core::{
    order::table::{Field, Holds},
    organisation::Organisation,
};
use serde_json::{Map, Value, json};

/// Names and values of a form or a query, in the order they came.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Form(pub Vec<(String, String)>);

impl Form {
    /// Reads `name=value&…`.
    pub fn parse(bytes: &[u8]) -> Self {
        let pairs = bytes.split(|byte| *byte == b'&').filter(|pair| !pair.is_empty());
        Self(
            pairs
                .map(|pair| match pair.iter().position(|byte| *byte == b'=') {
                    Some(at) => (decode(&pair[..at]), decode(&pair[at + 1..])),
                    None => (decode(pair), String::new()),
                })
                .collect(),
        )
    }

    /// The query of an address.
    pub fn query(query: Option<&str>) -> Self {
        Self::parse(query.unwrap_or_default().as_bytes())
    }

    /// The first value of a name that is not empty.
    pub fn get(&self, name: &str) -> Option<&str> {
        let found = self.0.iter().find(|(known, value)| known == name && !value.trim().is_empty());
        found.map(|(_, value)| value.trim())
    }

    /// The values of a name that are not empty.
    pub fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.0
            .iter()
            .filter(move |(known, value)| known == name && !value.trim().is_empty())
            .map(|(_, value)| value.trim())
    }

    /// What a person has written, with labels: not what a page sends by itself, no choices, no password.
    pub fn written(&self) -> Vec<(String, String)> {
        let secret = |name: &str| matches!(name, "password" | "present" | "again" | "code" | "files");
        self.0
            .iter()
            .filter(|(name, value)| !name.starts_with('_') && !secret(name) && value.chars().count() > 3)
            .map(|(name, value)| (super::words::field(name.trim_start_matches("facts.")).to_owned(), value.clone()))
            .collect()
    }

    /// Whether a name was sent, empty or not.
    pub fn has(&self, name: &str) -> bool {
        self.0.iter().any(|(known, _)| known == name)
    }
}

fn decode(bytes: &[u8]) -> String {
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        let hex = |byte: u8| char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
        match bytes[at] {
            b'+' => out.push(b' '),
            b'%' => match (bytes.get(at + 1).copied().and_then(hex), bytes.get(at + 2).copied().and_then(hex)) {
                (Some(high), Some(low)) => {
                    out.push(high * 16 + low);
                    at += 2;
                }
                _ => out.push(b'%'),
            },
            byte => out.push(byte),
        }
        at += 1;
    }
    String::from_utf8_lossy(&out).into_owned()
}

/// A text as a value in an address.
pub fn encode(text: &str) -> String {
    text.bytes().fold(String::new(), |mut out, byte| {
        if byte.is_ascii_alphanumeric() || b"-._~/".contains(&byte) {
            out.push(char::from(byte));
        } else {
            out.push_str(&format!("%{byte:02X}"));
        }
        out
    })
}

/// A fault at a field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BadField {
    /// The field.
    pub field: String,
    /// What to write.
    pub message: String,
}

/// The unit a person named: its code, its name or another of its names.
///
/// # Errors
/// [`BadField`] naming units that come close.
pub fn unit(org: &Organisation, field: &str, text: &str) -> Result<String, BadField> {
    let text = text.trim();
    let exact = org
        .units()
        .filter(|unit| unit.until.is_none())
        .find(|unit| unit.id.as_str() == text || unit.name == text || unit.aliases.iter().any(|alias| alias == text));
    if let Some(unit) = exact {
        return Ok(unit.id.0.clone());
    }
    let close: Vec<&str> = org
        .units()
        .filter(|unit| unit.until.is_none() && unit.name.contains(text))
        .map(|unit| unit.name.as_str())
        .take(5)
        .collect();
    match close.as_slice() {
        [only] => Ok(org.units().find(|unit| unit.name == *only).map_or_else(String::new, |unit| unit.id.0.clone())),
        [] => Err(BadField { field: field.into(), message: t!("form-no-unit", text) }),
        several => Err(BadField {
            field: field.into(),
            message: t!("form-many-units", text, several = several.join(t!("punct-list"))),
        }),
    }
}

/// The input of a command: flags, numbers, units and nested names made what the command takes.
///
/// # Errors
/// [`BadField`] for a number or unit that is none.
pub fn input(takes: &[Field], form: &Form, org: &Organisation) -> Result<Value, BadField> {
    let holds = |name: &str| takes.iter().find(|field| field.name == name).map(|field| field.holds);
    let mut out = Map::new();
    for (name, value) in &form.0 {
        let (value, holds) = (value.trim(), holds(name));
        // An empty choice of a flag that need not be given says nothing.
        let unsaid = value.is_empty()
            && (holds != Some(Holds::Flag) || !takes.iter().any(|field| field.name == name && field.required));
        if name.starts_with('_') || unsaid {
            continue;
        }
        if let Some(fact) = name.strip_prefix("facts.") {
            // The same fact may stand in several branches: the first that says something counts.
            nest(&mut out, "facts").entry(fact).or_insert_with(|| json!(value));
        } else if let Some(answer) = name.strip_prefix("answers.") {
            let value = match answer {
                "satisfied" => json!(number(name, value)?),
                "said" => json!(value),
                _ => json!(is_yes(value)),
            };
            nest(&mut out, "answers").insert(answer.into(), value);
        } else if let Some(part) = name.strip_prefix("span.") {
            let value = if part == "amount" { json!(number(name, value)?) } else { json!(value) };
            nest(&mut out, "span").insert(part.into(), value);
        } else {
            let value = match holds {
                Some(Holds::Units) => {
                    let found = unit(org, name, value)?;
                    if let Value::Array(list) = out.entry(name).or_insert_with(|| json!([])) {
                        list.push(json!(found));
                    }
                    continue;
                }
                Some(Holds::Files) => {
                    if let Value::Array(list) = out.entry(name).or_insert_with(|| json!([])) {
                        list.push(json!(value));
                    }
                    continue;
                }
                Some(Holds::Number) => json!(number(name, value)?),
                Some(Holds::Flag) => json!(is_yes(value)),
                // A typed unit counts before a ticked suggestion.
                Some(Holds::Unit) => {
                    json!(unit(org, name, form.get(&format!("_other_{name}")).unwrap_or(value))?)
                }
                _ => json!(value),
            };
            out.insert(name.clone(), value);
        }
    }
    for Field { name, .. } in takes.iter().filter(|field| field.holds == Holds::Unit) {
        if let Some(typed) = form.get(&format!("_other_{name}"))
            && !out.contains_key(*name)
        {
            out.insert((*name).into(), json!(unit(org, name, typed)?));
        }
    }
    Ok(Value::Object(out))
}

fn nest<'a>(out: &'a mut Map<String, Value>, name: &str) -> &'a mut Map<String, Value> {
    let entry = out.entry(name).or_insert_with(|| json!({}));
    if !entry.is_object() {
        *entry = json!({});
    }
    entry.as_object_mut().expect("it was just made an object")
}

fn number(name: &str, value: &str) -> Result<u32, BadField> {
    value.parse().map_err(|_| BadField { field: name.into(), message: t!("form-not-number", value) })
}

fn is_yes(value: &str) -> bool {
    matches!(value, "true" | "yes" | "on" | "1")
}

#[cfg(test)]
mod tests {
    use huiyin_core::{
        order::table::{self, Field},
        organisation::{Organisation, Unit},
        policy::Function,
    };
    use serde_json::json;

    use super::{Form, encode, input};

    fn org() -> Organisation {
        let day = 20260101.try_into().expect("a day");
        Organisation::new([("water", "市水务局"), ("housing", "市住房和城乡建设局")].map(|(id, name)| Unit {
            id: id.into(),
            name: name.into(),
            aliases: vec![format!("{id}局")],
            kind: "city-department".into(),
            function: Function::Member,
            parent: None,
            territory: None,
            from: day,
            until: None,
            successor: None,
            approval: Vec::new(),
        }))
    }

    #[test]
    fn a_form_becomes_the_input_of_a_command() {
        let form = Form::parse(
            "_csrf=x&task=2&facts.finding=true&facts.solved=on&facts.explanation=&facts.explanation=b&reached=\
             &assist=%E5%B8%82%E6%B0%B4%E5%8A%A1%E5%B1%80&lead=housing&answers.satisfied=4&answers.solved=false&note=a+b%0D%0Ac"
                .as_bytes(),
        );
        let takes: Vec<Field> = ["feedback", "contact", "dispatch"]
            .iter()
            .flat_map(|name| table::named(name).expect("a row").takes)
            .copied()
            .collect();
        assert_eq!(
            input(&takes, &form, &org()).expect("it can be read"),
            json!({
                "task": 2, "facts": { "finding": "true", "solved": "on", "explanation": "b" }, "reached": false,
                "assist": ["water"], "lead": "housing", "answers": { "satisfied": 4, "solved": false }, "note": "a b\r\nc",
            })
        );
    }

    #[test]
    fn a_unit_may_be_typed() {
        let takes = table::named("dispatch").expect("a row").takes;
        let typed = |text: &str| input(takes, &Form(vec![("_other_lead".into(), text.into())]), &org());
        assert_eq!(typed("水务").expect("one unit comes close"), json!({ "lead": "water" }));
        assert!(typed("市").expect_err("two come close").message.contains("市水务局"));
        assert!(typed("海关").is_err());
        let both = Form(vec![("lead".into(), "housing".into()), ("_other_lead".into(), "water局".into())]);
        assert_eq!(input(takes, &both, &org()).expect("typed counts first"), json!({ "lead": "water" }));
    }

    #[test]
    fn what_is_encoded_is_decoded() {
        let text = "亚龙湾 & 100%=?\n";
        assert_eq!(Form::parse(format!("q={}", encode(text)).as_bytes()).0[0].1, text);
    }
}
