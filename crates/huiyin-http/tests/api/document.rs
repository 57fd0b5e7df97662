//! `/api/openapi.json` says what is so.

use std::collections::{BTreeMap, BTreeSet};

use huiyin_app::{Role, orders, orders::Given};
use huiyin_core::order::{
    Command,
    table::{self, Field, Holds},
};
use huiyin_http::{
    Options,
    api::{self, Access},
};
use serde_json::{Map, Value, json};

use crate::common::{Server, app, server};

/// Commands on two orders, whose fields are read by the application and not by core.
const PAIRS: &[&str] = &["append", "link", "merge", "reopen", "split", "unmerge"];

/// A value core reads where a field holds this.
fn value(field: &Field) -> Value {
    let text = json!({ "content": "c", "mac": "00" });
    match field.holds {
        Holds::Text => text,
        Holds::Code | Holds::Order | Holds::Reason(_) | Holds::Person | Holds::Unit => json!("x"),
        Holds::Units => json!(["x"]),
        Holds::Number => json!(1),
        Holds::Urgency => json!("urgent"),
        Holds::Flag => json!(true),
        Holds::Instant => json!(1_760_000_000_000_i64),
        Holds::Day => json!(20_261_012),
        Holds::Span => json!({ "amount": 1, "unit": "day" }),
        Holds::Facts => json!({ "solved": { "flag": true } }),
        Holds::Answers => json!({ "contacted": true, "solved": true, "satisfied": 5, "said": text }),
        Holds::Files => json!(["x"]),
    }
}

fn read(name: &str, fields: &Map<String, Value>) -> Result<Command, String> {
    let mut fields = fields.clone();
    fields.insert("command".into(), json!(name));
    serde_json::from_value(Value::Object(fields)).map_err(|error| error.to_string())
}

/// The names in backticks of a message, after its first.
fn names(message: &str) -> BTreeSet<String> {
    message.split('`').skip(3).step_by(2).map(str::to_owned).collect()
}

#[test]
fn a_command_takes_the_fields_it_is_described_with() {
    for spec in table::given().filter(|spec| !PAIRS.contains(&spec.command)) {
        // Files are read by the application and not by core.
        let fields: Vec<&Field> = spec.takes.iter().filter(|field| field.holds != Holds::Files).collect();
        let all: Map<String, Value> = fields.iter().map(|field| (field.name.to_owned(), value(field))).collect();
        assert_eq!(read(spec.command, &all).map(|command| command.code().to_owned()), Ok(spec.command.to_owned()));
        // Each field it is described with, and no other.
        let mut more = all.clone();
        more.insert("?".into(), json!(1));
        let message = read(spec.command, &more).unwrap_err();
        assert!(message.starts_with("unknown field `?`"), "{}: {message}", spec.command);
        let described: BTreeSet<String> = fields.iter().map(|field| field.name.to_owned()).collect();
        assert_eq!(names(&message), described, "{}: {message}", spec.command);
        for field in fields {
            // Of the type it is described with: no other is read.
            let mut wrong = all.clone();
            wrong.insert(field.name.to_owned(), if field.holds == Holds::Flag { json!("x") } else { json!([[true]]) });
            assert!(read(spec.command, &wrong).is_err(), "{}.{}", spec.command, field.name);
            let mut without = all.clone();
            without.remove(field.name);
            // The application finds the only open task by itself.
            let needed = read(spec.command, &without).is_err() && field.name != "task";
            assert_eq!(needed, field.required, "{}.{}", spec.command, field.name);
        }
    }
}

#[tokio::test]
async fn commands_on_two_orders_take_the_fields_they_are_described_with() {
    let server = server(app::sqlite_app().await, Options::default());
    let agent = app::actor("agent", Role::Agent, "call-centre");
    let new = orders::NewOrder { body: Some("路灯不亮".into()), ..orders::NewOrder::default() };
    let no = orders::take_in(&server.test.app, &agent, new, b"{}", None).await.unwrap().done.no;
    for name in PAIRS {
        let spec = table::named(name).unwrap();
        let mut input: Map<String, Value> = spec
            .takes
            .iter()
            .filter(|field| !matches!(field.holds, Holds::Urgency | Holds::Flag))
            .map(|field| (field.name.to_owned(), if field.holds == Holds::Order { json!(no) } else { json!("x") }))
            .collect();
        input.insert("zz".into(), json!("x"));
        let given = Given {
            order: no.clone(),
            command: (*name).into(),
            input: Value::Object(input),
            key: None,
            if_match: None,
        };
        let error = orders::command(&server.test.app, &agent, given).await.unwrap_err().to_string();
        let (_, message) = error.split_once("zz: ").unwrap_or_else(|| panic!("{name}: {error}"));
        let mut described: BTreeSet<String> = spec.takes.iter().map(|field| field.name.to_owned()).collect();
        let told: BTreeSet<String> = match message.strip_prefix("unknown field; this takes ") {
            Some(list) => list.split(", ").map(str::to_owned).collect(),
            None => {
                // Split takes the fields of a registration beside the text.
                described.remove("title");
                described.remove("body");
                let mut told = names(message);
                told.remove("title");
                told.remove("body");
                told
            }
        };
        assert_eq!(told, described, "{name}: {message}");
    }
}

#[test]
fn every_route_is_described_with_what_it_asks() {
    let document = api::document();
    let mut described = BTreeMap::new();
    for (path, methods) in document["paths"].as_object().unwrap() {
        for (method, operation) in methods.as_object().unwrap() {
            described.insert((method.to_uppercase(), path.clone()), operation["security"].clone());
            assert!(operation["summary"].is_string() && operation["operationId"].is_string(), "{method} {path}");
        }
    }
    let routes: BTreeMap<(String, String), Value> = api::routes()
        .into_iter()
        .map(|(method, path, access)| {
            let security = match access {
                Access::Public => json!([]),
                Access::Token => json!([{ "token": [] }]),
                Access::Scope(scope) => json!([{ "token": [scope.code()] }]),
            };
            ((method.to_owned(), path), security)
        })
        .collect();
    assert_eq!(described, routes);
    let mut ids: Vec<&str> = document["paths"]
        .as_object()
        .unwrap()
        .values()
        .flat_map(|methods| methods.as_object().unwrap().values())
        .map(|operation| operation["operationId"].as_str().unwrap())
        .collect();
    ids.sort_unstable();
    let all = ids.len();
    ids.dedup();
    assert_eq!(ids.len(), all, "an operation's id is its own");
    references(&document, &document);
}

/// Every reference leads somewhere.
fn references(document: &Value, at: &Value) {
    match at {
        Value::Object(fields) => {
            if let Some(target) = fields.get("$ref").and_then(Value::as_str) {
                let pointer = target.strip_prefix('#').unwrap();
                assert!(document.pointer(pointer).is_some(), "{target}");
            }
            fields.values().for_each(|field| references(document, field));
        }
        Value::Array(values) => values.iter().for_each(|value| references(document, value)),
        _ => {}
    }
}

/// Whether a value is what a schema says; the little of JSON Schema the description uses.
fn conforms(document: &Value, schema: &Value, value: &Value, at: &str) {
    if let Some(target) = schema.get("$ref").and_then(Value::as_str) {
        let target = document.pointer(target.strip_prefix('#').unwrap()).unwrap();
        return conforms(document, target, value, at);
    }
    if let Some(any) = schema.get("oneOf").and_then(Value::as_array) {
        assert_eq!(any.len(), 2, "{at}");
        if !value.is_null() {
            conforms(document, &any[0], value, at);
        }
        return;
    }
    if let Some(all) = schema.get("enum").and_then(Value::as_array) {
        assert!(all.contains(value), "{at}: {value} is not one of {all:?}");
    }
    let kinds: Vec<&str> = match &schema["type"] {
        Value::String(kind) => vec![kind.as_str()],
        Value::Array(kinds) => kinds.iter().filter_map(Value::as_str).collect(),
        _ => panic!("{at}: a schema without a type: {schema}"),
    };
    let kind = match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(number) if number.is_i64() || number.is_u64() => "integer",
        Value::Number(_) => "number",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    };
    assert!(kinds.contains(&kind), "{at}: {value} is not {kinds:?}");
    match value {
        Value::Array(values) => {
            values.iter().for_each(|value| conforms(document, &schema["items"], value, &format!("{at}[]")))
        }
        Value::Object(fields) => {
            for name in schema.get("required").and_then(Value::as_array).into_iter().flatten() {
                assert!(fields.contains_key(name.as_str().unwrap()), "{at}: no {name}");
            }
            for (name, value) in fields {
                let own = schema["properties"]
                    .get(name)
                    .or_else(|| schema.get("additionalProperties").filter(|s| s.is_object()));
                let own = own.unwrap_or_else(|| panic!("{at}: `{name}` is not described"));
                conforms(document, own, value, &format!("{at}.{name}"));
            }
        }
        Value::String(text) if schema["format"] == "date-time" => {
            assert!(text.len() == 25 && text.contains('T'), "{at}: {text}")
        }
        _ => {}
    }
}

async fn checked(
    server: &Server,
    document: &Value,
    token: &str,
    method: &str,
    path: &str,
    template: &str,
    body: Option<Value>,
) -> Value {
    let answer = match body {
        Some(body) => server.post(token, path, &body).await,
        None => server.get(token, path).await,
    };
    let operation = &document["paths"][template][method];
    let mut described = &operation["responses"][answer.status.as_str()];
    if let Some(target) = described.get("$ref").and_then(Value::as_str) {
        described = document.pointer(target.strip_prefix('#').unwrap()).unwrap();
    }
    let kind = answer.header("content-type").to_owned();
    let schema = &described["content"][&kind]["schema"];
    assert!(schema.is_object(), "{method} {template}: {} {kind} is not described", answer.status);
    let value = answer.json();
    conforms(document, schema, &value, &format!("{method} {template} {}", answer.status));
    value
}

#[tokio::test]
async fn answers_are_what_is_described() {
    let server = server(app::sqlite_app().await, Options::default());
    let document = server.get("", "/api/openapi.json").await.expect(200);
    assert_eq!(document, api::document());
    let agent = server.caller("agent", Role::Agent, "call-centre").await;
    let office = server.caller("office", Role::Office, "office").await;
    let officer = server.caller("officer", Role::Officer, "human-resources").await;
    let callback = server.caller("callback", Role::Callback, "call-centre").await;
    let orders = "/api/v1/orders";
    let new = document["paths"][orders]["post"]["requestBody"]["content"]["application/json"]["example"].clone();
    let mut emergency = new.clone();
    emergency["urgency"] = json!("emergency");
    let mut numbers = Vec::new();
    for (body, who) in [(new, &agent), (emergency, &agent)] {
        let taken = checked(&server, &document, who, "post", orders, orders, Some(body)).await;
        numbers.push(taken["no"].as_str().unwrap().to_owned());
    }
    let one = "/api/v1/orders/{no}";
    for (at, no) in numbers.iter().enumerate() {
        let give = |who: &str, command: &'static str, body: Value| {
            let (server, document, who, no) = (&server, &document, who.to_owned(), no.clone());
            async move {
                let template = format!("{one}/{command}");
                checked(server, document, &who, "post", &template.replace("{no}", &no), &template, Some(body)).await
            }
        };
        give(&office, "dispatch", json!({ "lead": "human-resources", "assist": ["water"] })).await;
        give(&officer, "sign", json!({ "nonsense": 1 })).await;
        give(&officer, "sign", json!({})).await;
        give(&officer, "accept", json!({})).await;
        if at == 0 {
            give(&officer, "extend", json!({ "span": { "amount": 1, "unit": "workday" }, "reason": "complex" })).await;
            give(&office, "grant", json!({ "request": 1 })).await;
        } else {
            give(&officer, "on-scene", json!({ "place": "解放路", "safety": "围挡" })).await;
        }
        give(&officer, "feedback", json!({})).await;
        give(&officer, "feedback", json!({ "public": "已办", "internal": "x", "facts": { "finding": "lawful", "solved": true, "measures": "y" } })).await;
        give(&office, "pass", json!({})).await;
        give(
            &callback,
            "callback-answered",
            json!({ "answers": { "contacted": true, "solved": true, "satisfied": 5 } }),
        )
        .await;
        let seen = checked(&server, &document, &office, "get", &one.replace("{no}", no), one, None).await;
        for list in ["tasks", "clocks", "duties", "journal", "may"] {
            assert!(!seen[list].as_array().unwrap().is_empty(), "{list}");
        }
        // Every property described is there.
        assert_eq!(
            seen.as_object().unwrap().len(),
            document["components"]["schemas"]["Order"]["properties"].as_object().unwrap().len()
        );
        let reveal = format!("{one}/reveal");
        checked(
            &server,
            &document,
            &office,
            "post",
            &reveal.replace("{no}", no),
            &reveal,
            Some(json!({ "purpose": "核实地址" })),
        )
        .await;
    }
    checked(&server, &document, &office, "get", "/api/v1/orders?limit=1", orders, None).await;
    checked(&server, &document, &office, "get", "/api/v1/orders?limit=0", orders, None).await;
    checked(&server, &document, "", "get", orders, orders, None).await;
    checked(&server, &document, &officer, "get", "/api/v1/queue?open=false", "/api/v1/queue", None).await;
    checked(&server, &document, &agent, "get", "/api/v1/desk-items", "/api/v1/desk-items", None).await;
    checked(&server, &document, &agent, "get", "/api/v1/me", "/api/v1/me", None).await;
    checked(
        &server,
        &document,
        &agent,
        "post",
        "/api/v1/orders/find",
        "/api/v1/orders/find",
        Some(json!({ "phone": "13800000000" })),
    )
    .await;
}
