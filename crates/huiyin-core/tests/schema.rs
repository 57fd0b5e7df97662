//! The schema for editors and the program know the same keys.

mod common;

use std::path::Path;

use huiyin_core::policy::{Pack, SETTINGS, schema};
use serde_json::{Value, json};

/// A text of a pack as the schema sees it: dates are texts.
fn json_of(value: &toml::Value) -> Value {
    match value {
        toml::Value::String(text) => json!(text),
        toml::Value::Integer(number) => json!(number),
        toml::Value::Float(number) => json!(number),
        toml::Value::Boolean(flag) => json!(flag),
        toml::Value::Datetime(at) => json!(at.to_string()),
        toml::Value::Array(list) => list.iter().map(json_of).collect(),
        toml::Value::Table(fields) => fields.iter().map(|(name, value)| (name.clone(), json_of(value))).collect(),
    }
}

/// What is wrong with a value by a schema: the words of JSON Schema that ours uses, and no others.
fn wrong(schema: &Value, value: &Value, at: &str) -> Vec<String> {
    let mut found = Vec::new();
    let is = |kind: &str| match kind {
        "string" => value.is_string(),
        "integer" => value.is_i64() || value.is_u64(),
        "number" => value.is_number(),
        "boolean" => value.is_boolean(),
        "array" => value.is_array(),
        "object" => value.is_object(),
        other => panic!("`{other}` is no type"),
    };
    if let Some(kind) = schema["type"].as_str().filter(|kind| !is(kind)) {
        return vec![format!("{at}: {value} is no {kind}")];
    }
    if let Some(words) = schema["enum"].as_array().filter(|words| !words.contains(value)) {
        found.push(format!("{at}: {value} is none of {words:?}"));
    }
    for (n, item) in value.as_array().into_iter().flatten().enumerate() {
        found.extend(wrong(&schema["items"], item, &format!("{at}[{n}]")));
    }
    let Some(fields) = value.as_object() else { return found };
    for needed in schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str) {
        if !fields.contains_key(needed) {
            found.push(format!("{at}: `{needed}` is missing"));
        }
    }
    for (name, inner) in fields {
        let at = format!("{at}.{name}");
        match (&schema["properties"][name], &schema["additionalProperties"]) {
            (Value::Null, Value::Bool(false)) => found.push(format!("{at}: an unknown key")),
            (Value::Null, Value::Null | Value::Bool(true)) => {}
            (Value::Null, others) => found.extend(wrong(others, inner, &at)),
            (own, _) => found.extend(wrong(own, inner, &at)),
        }
    }
    found
}

fn packs() -> Vec<(String, toml::Value)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../packs");
    let mut found = Vec::new();
    for folder in std::fs::read_dir(root).expect("packs").map(|entry| entry.expect("a folder").path()) {
        if !folder.is_dir() {
            continue;
        }
        for file in std::fs::read_dir(&folder).expect("files").map(|entry| entry.expect("a file").path()) {
            if file.extension().is_some_and(|is| is == "toml") {
                let text = std::fs::read_to_string(&file).expect("a text");
                found.push((file.display().to_string(), toml::from_str(&text).expect("it is TOML")));
            }
        }
    }
    assert!(found.len() > 40, "{} files", found.len());
    found
}

#[test]
fn every_file_of_every_pack_fits_the_schema() {
    let schema = schema();
    for (file, text) in packs() {
        let faults = wrong(&schema, &json_of(&text), &file);
        assert!(faults.is_empty(), "{faults:#?}");
    }
}

#[test]
fn a_key_the_schema_does_not_know_is_refused_by_both() {
    let schema = schema();
    let mut tried = 0;
    let mut seen = std::collections::BTreeSet::new();
    for (file, text) in packs().into_iter().filter(|(file, _)| file.contains("/sanya/")) {
        let name = file.rsplit('/').next().expect("a name").to_owned();
        let sections: Vec<String> = text.as_table().expect("a table").keys().cloned().collect();
        for section in sections.into_iter().filter(|section| seen.insert(section.clone())) {
            let mut changed = text.clone();
            let entry = match &mut changed[&section] {
                toml::Value::Array(list) => &mut list[0],
                one => one,
            };
            entry.as_table_mut().expect("a table").insert("colour".into(), toml::Value::String("red".into()));
            let by_schema = wrong(&schema, &json_of(&changed), "");
            assert!(by_schema.iter().any(|fault| fault.contains("colour")), "{section}: {by_schema:?}");
            let mut texts = common::texts();
            let (_, own) = texts.iter_mut().find(|(file, _)| *file == name).expect("a file");
            *own = toml::to_string(&changed).expect("it is TOML");
            let faults = Pack::load(&texts).expect_err(&section);
            assert!(faults.iter().any(|fault| fault.message.contains("colour")), "{section}: {faults:#?}");
            tried += 1;
        }
    }
    assert!(tried > 20, "{tried} sections");
}

#[test]
fn the_schema_names_what_is_needed_and_what_it_means() {
    let schema = schema();
    let clock = &schema["properties"]["clock"]["items"];
    let needed = clock["required"].as_array().expect("a list");
    assert!(needed.contains(&json!("rule")) && !needed.contains(&json!("when")), "{needed:?}");
    assert_eq!(clock["properties"]["start"]["description"], "Signal that starts it.");
    assert_eq!(clock["properties"]["level"]["enum"], json!(["case", "task"]));
    let value = &clock["properties"]["value"]["items"];
    assert_eq!(value["properties"]["from"]["format"], "date");
    assert_eq!(value["required"], json!(["cite", "from", "unit"]), "an amount stands in some units");
    let names = schema["properties"]["parameter"]["items"]["properties"]["name"]["enum"].as_array().expect("names");
    assert_eq!(names.len(), SETTINGS.len());
    assert!(wrong(&schema, &json!({ "lottery": [] }), "").iter().any(|fault| fault.contains("lottery")));
    assert!(!wrong(&schema, &json!({ "kind": [{ "code": 1 }] }), "").is_empty());
}

#[test]
fn a_setting_nobody_asks_for_is_refused_with_the_nearest_name() {
    let says = |name: &str, says: &str| {
        let faults =
            Pack::load(&common::edited("parameters.toml", "name = \"redo.count\"", &format!("name = \"{name}\"")))
                .expect_err(says);
        let own: Vec<_> = faults.iter().filter(|fault| fault.message.contains("no parameter is called")).collect();
        assert!(own.len() == 1 && own[0].message.contains(says), "{faults:#?}");
        assert!(own[0].file == "parameters.toml" && own[0].line > 1 && own[0].column == 1, "{own:?}");
    };
    says("redo.counts", "did you mean `redo.count`?");
    says("weather", "leave it out");
    let faults =
        Pack::load(&common::edited("clocks.toml", "excusable = true", "excuseable = true")).expect_err("a slip");
    assert!(faults.iter().any(|fault| fault.message.contains("did you mean `excusable`?")), "{faults:#?}");
}
