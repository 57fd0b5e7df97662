//! What the reader of TOML says of a text it cannot read, in the words of a pack: what is wrong, and what to write.

use serde_json::Value;

use crate::policy::settings::nearest;

/// Most characters of a faulty text that are repeated.
const SHOWN: usize = 40;

/// Faults of writing: how the reader's message begins, and what is said instead.
const WRITING: &[(&str, &str)] = &[
    ("invalid basic string, expected `\"`", "the text does not end; close it with `\"` on the line it begins on"),
    ("invalid literal string, expected `'`", "the text does not end; close it with `'` on the line it begins on"),
    (
        "invalid multi-line basic string, expected `\"`",
        "the text begun with `\"\"\"` does not end; close it with `\"\"\"`",
    ),
    ("invalid multi-line literal string, expected `'`", "the text begun with `'''` does not end; close it with `'''`"),
    ("invalid basic string", "a control character stands in the text; remove it"),
    ("invalid literal string", "a control character stands in the text; remove it"),
    ("invalid multi-line", "a control character stands in the text; remove it"),
    ("invalid comment character", "a control character stands in the comment; remove it"),
    ("missing opening quote", "the text does not begin; open it with the quote that closes it"),
    ("missing escaped value", "`\\` begins a sign such as `\\n`; a backslash itself is written `\\\\`"),
    ("too few unicode value digits", "`\\u` takes four digits of 0-9 and a-f, such as `\\u00e9`"),
    ("invalid boolean", "write `true` or `false`, in small letters"),
    ("unexpected leading zero", "a number has no leading zero; write a code in quotes, such as \"012\""),
    ("invalid date", "this is no day; write one that is in the calendar, such as 2026-01-31"),
    ("invalid datetime", "this is no day; write one that is in the calendar, such as 2026-01-31"),
    ("invalid time", "this is no time; write it in quotes, such as \"08:30\""),
    ("unexpected key or value", "something stands behind the value; begin a new line, or write `#` before a comment"),
    ("key with no value", "a line is `key = value`; `=` and the value are missing"),
    ("missing value", "the value is missing behind `=`"),
    ("extra `=`", "one `=` too many; a line is `key = value`"),
    ("missing assignment between", "`=` is missing between key and value"),
    ("missing key", "the key is missing before `=`"),
    ("unclosed array table", "the heading is not closed; write `[[section]]`"),
    ("unclosed table", "the heading is not closed; write `[section]`"),
    ("unclosed array", "the list is not closed; write `]`"),
    ("unclosed inline table", "the table is not closed; write `}`"),
    ("missing comma between array", "a comma is missing before this, or the list above is not closed with `]`"),
    ("missing comma between key", "a comma is missing before this, or the table above is not closed with `}`"),
    ("extra comma", "one comma too many; remove it"),
    ("duplicate key", "this is already written above; remove one of the two"),
    ("cannot extend value", "this name already has a value above; remove one of the two"),
    ("carriage return", "a line ends in a lone carriage return; save the file with ends of line LF or CRLF"),
    ("unquoted keys cannot be empty", "the key is missing before `=`"),
    ("invalid unquoted key", "a key is written in letters a to z, digits, `-` and `_`"),
    ("invalid key-value pair", "a line is `key = value`, `[[section]]` or `# comment`; this is none of them"),
    ("cannot recurse", "lists and tables are nested too deep; no key of a pack needs more than a few levels"),
    ("recursion limit", "lists and tables are nested too deep; no key of a pack needs more than a few levels"),
];

/// What is wrong with the writing of a file, where the reader stopped at `rest`.
pub(super) fn unreadable(message: &str, rest: &str) -> String {
    if message.starts_with("string values must be quoted") {
        return match rest.chars().next() {
            None | Some('\n' | '\r') => "the value is missing behind `=`".into(),
            Some('“' | '”' | '‘' | '’' | '「') => {
                format!("`{}` are no quotation marks of TOML; write \"…\"", shown(rest))
            }
            _ => format!("`{}` is neither a number nor a day; a text stands in quotes, \"…\"", shown(rest)),
        };
    }
    match WRITING.iter().find(|(begins, _)| message.starts_with(begins)) {
        Some((_, said)) => (*said).to_owned(),
        None => format!("{}; a line is `key = value`, `[[section]]` or `# comment`", message.replace('\n', ", ")),
    }
}

/// Why an entry is not what its section holds. `key` is the key the fault stands behind, `rest` the text from there on,
/// `form` what the section holds, as JSON Schema.
pub(super) fn misread(message: &str, key: Option<&str>, rest: &str, form: &Value) -> String {
    let mut words = message.split('`').skip(1).step_by(2);
    if message.starts_with("missing field") {
        let name = words.next().unwrap_or_default();
        let Some(field) = field(form, name, true) else { return format!("`{name}` is missing; add it") };
        let what = field["description"].as_str().map_or_else(String::new, |what| format!(": {}", opening(what)));
        return format!("`{name}` is missing{what}; add such as `{name} = {}`", example(field));
    }
    if message.starts_with("unknown field") {
        let name = words.next().unwrap_or_default();
        let keys: Vec<&str> = words.collect();
        return format!("no key is called `{}` here; {}keys are {}", shown(name), meant(name, &keys), keys.join(", "));
    }
    let behind = key.map_or_else(String::new, |key| format!("`{key}`: "));
    if message.starts_with("unknown variant") {
        let name = words.next().unwrap_or_default();
        let all: Vec<&str> = words.collect();
        let listed: Vec<String> = all.iter().map(|word| format!("\"{word}\"")).collect();
        return format!(
            "{behind}`{}` is no word for this; {}write one of {}",
            shown(name),
            meant(name, &all),
            listed.join(", ")
        );
    }
    let field = key.and_then(|key| field(form, key, false));
    let such = match (key, field) {
        (Some(key), Some(field)) => format!("; write such as `{key} = {}`", example(field)),
        _ => String::new(),
    };
    let wanted = match message.rsplit_once("expected ") {
        Some((before, wanted)) if before.starts_with("invalid ") => kind_of(wanted),
        _ if message == "wanted string or table" || message.starts_with("integer number") => field
            .map_or(
                "another value",
                |field| if field["enum"].is_array() { "a word in quotes" } else { "a smaller number" },
            )
            .to_owned(),
        _ => return format!("{behind}{}{such}", message.replace('\n', ", ")),
    };
    let found = value(rest);
    if found.starts_with("[[") || found.is_empty() {
        return format!("{behind}here belongs {wanted}{such}");
    }
    format!("{behind}`{}` stands where {wanted} belongs{such}", shown(found))
}

/// What is wanted, in no language of programs.
fn kind_of(wanted: &str) -> String {
    let most = |most: u64| format!("a whole number from 0 to {most}");
    match wanted {
        "u8" => most(u8::MAX.into()),
        "u16" => most(u16::MAX.into()),
        "u32" => most(u32::MAX.into()),
        "u64" | "usize" => "a whole number, 0 or more".into(),
        "i8" | "i16" | "i32" | "i64" => "a whole number".into(),
        "a TOML datetime" => "a day without quotes".into(),
        "a string" => "a text in quotes".into(),
        "a boolean" => "`true` or `false`".into(),
        "a sequence" => "a list in brackets".into(),
        "a map" => "a table of texts by language".into(),
        wanted if wanted.starts_with("struct ") => "a table".into(),
        wanted => match wanted.strip_prefix("an array of length ") {
            Some(count) => format!("a list of {count}"),
            None => wanted.replace('\n', ", "),
        },
    }
}

/// The word an unknown one was probably meant for.
fn meant(unknown: &str, all: &[&str]) -> String {
    nearest(unknown, all.iter().copied()).map_or_else(String::new, |near| format!("did you mean `{near}`? "))
}

/// The first sentence.
fn opening(what: &str) -> &str {
    what.split(['.', ';']).next().unwrap_or(what).trim_end()
}

/// The beginning of a text, on one line.
fn shown(text: &str) -> String {
    let line = text.lines().next().unwrap_or_default().trim_end();
    let mut short: String = line.chars().take(SHOWN).collect();
    if line.chars().nth(SHOWN).is_some() {
        short.push('…');
    }
    short
}

/// The value a text begins with: up to the comma, bracket or end of line behind it.
fn value(rest: &str) -> &str {
    let line = rest.lines().next().unwrap_or_default();
    let end = match line.chars().next() {
        Some(quote @ ('"' | '\'')) => line[1..].find(quote).map(|at| at + 2),
        Some('[') => line.find(']').map(|at| at + 1),
        Some('{') => line.find('}').map(|at| at + 1),
        _ => line.find([',', ']', '}', '#']),
    };
    line[..end.unwrap_or(line.len())].trim_end()
}

/// The form of a key, the one nearest to the entry itself; with `needed`, only where the key must be there.
fn field<'f>(form: &'f Value, name: &str, needed: bool) -> Option<&'f Value> {
    let mut level = vec![form];
    while !level.is_empty() {
        let has = |form: &&&Value| {
            !needed || form["required"].as_array().is_some_and(|all| all.iter().any(|one| one == name))
        };
        if let Some(found) = level.iter().filter(has).find_map(|form| form["properties"].get(name)) {
            return Some(found);
        }
        level = level
            .into_iter()
            .flat_map(|form| {
                let fields = form["properties"].as_object().into_iter().flat_map(|fields| fields.values());
                fields.chain(form.get("items")).chain(form.get("additionalProperties"))
            })
            .collect();
    }
    None
}

/// An example of a value, as it is written.
fn example(form: &Value) -> String {
    if let Some(word) = form["enum"][0].as_str() {
        return format!("\"{word}\"");
    }
    match form["type"].as_str() {
        Some("string") if form["format"] == "date" => "2026-01-01".into(),
        Some("integer" | "number") => "1".into(),
        Some("boolean") => "true".into(),
        Some("array") => {
            let count = form["minItems"].as_u64().unwrap_or(1);
            let each: Vec<String> = (0..count).map(|_| example(&form["items"])).collect();
            format!("[{}]", each.join(", "))
        }
        Some("object") if form["properties"].is_object() => {
            let needed = form["required"].as_array().into_iter().flatten().filter_map(Value::as_str);
            let fields: Vec<String> =
                needed.map(|name| format!("{name} = {}", example(&form["properties"][name]))).collect();
            format!("{{ {} }}", fields.join(", "))
        }
        Some("object") => format!("{{ zh = {} }}", example(&form["additionalProperties"])),
        _ => "\"…\"".into(),
    }
}
