//! The description at `/api/openapi.json`, made from the routes and the commands.

use huiyin_app::{
    Role, Scope,
    files::{KINDS, MAX_SIZE},
    orders::contacts,
};
use huiyin_core::order::{
    Ask, Channel, MAX_FILES, Outcome, State, TaskState, Urgency,
    table::{self, Field, Holds, Row},
};
use serde_json::{Map, Value, json};

use super::{Access, Route};

/// The whole description.
pub(super) fn document() -> Value {
    let mut paths = Map::new();
    for Route { method, path, access } in super::ROUTES {
        if *path == super::COMMAND {
            for spec in table::given() {
                add(&mut paths, method, &path.replace("{command}", spec.command), command(spec), *access);
            }
        } else {
            add(&mut paths, method, path, operation(method, path), *access);
        }
    }
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "Huiyin",
            "version": "1",
            "license": { "name": "Apache-2.0", "identifier": "Apache-2.0" },
            "description": "Orders of a 12345 government hotline.\n\n\
                Times are RFC 3339 with the city's offset; days `2026-10-12`. A text is plain, at most 20,000 characters. \
                Unknown fields and query parameters are refused.\n\n\
                A command with an `Idempotency-Key` is carried out once: sent again it gives the first answer, with \
                `Idempotency-Replayed: true`. A command with `If-Match` is carried out only at that version (the order's \
                `ETag`). What one may not see is 404.\n\n\
                A problem is told in English; with `Accept-Language: zh` its title, detail and `instead` are in Chinese. Its \
                `code` is the same.",
        },
        "tags": [
            { "name": "orders", "description": "Take matters in, find and read them" },
            { "name": "commands", "description": "Everything that changes an order" },
            { "name": "work", "description": "What waits for the caller" },
        ],
        "paths": paths,
        "components": {
            "securitySchemes": { "token": { "type": "http", "scheme": "bearer", "description": "A token of `huiyin token add`" } },
            "parameters": {
                "no": {
                    "name": "no", "in": "path", "required": true, "description": "Number or id of the order",
                    "schema": { "type": "string" }, "example": "20261012-0001",
                },
                "key": {
                    "name": "Idempotency-Key", "in": "header", "description": "The same command under the same key is carried out once",
                    "schema": { "type": "string", "minLength": 1, "maxLength": 200 },
                },
                "version": {
                    "name": "If-Match", "in": "header", "description": "The version the order must still have, as its ETag",
                    "schema": { "type": "string", "pattern": "^(\\*|\"[0-9]+\")$" }, "example": "\"7\"",
                },
            },
            "headers": {
                "version": { "description": "The order's version", "schema": { "type": "string" } },
                "replayed": { "description": "`true` when the answer was given before under the same key", "schema": { "type": "string" } },
                "retry": { "description": "Seconds to wait", "schema": { "type": "integer" } },
            },
            "responses": problems(),
            "schemas": schemas(),
        },
    })
}

fn add(paths: &mut Map<String, Value>, method: &str, path: &str, mut operation: Value, access: Access) {
    let security = match access {
        Access::Public => json!([]),
        Access::Token => json!([{ "token": [] }]),
        Access::Scope(scope) => json!([{ "token": [scope.code()] }]),
    };
    if let Some(fields) = operation.as_object_mut() {
        fields.insert("security".into(), security);
        let mut wrong: Vec<&str> = match access {
            Access::Public => vec!["500", "503"],
            Access::Token => vec!["400", "401", "429", "500", "503"],
            Access::Scope(_) => vec!["400", "401", "403", "429", "500", "503"],
        };
        if path.contains("{no}") || path.contains("{id}") {
            wrong.push("404");
        }
        if method == "POST" {
            wrong.extend(["413", "415"]);
        }
        if fields.get("tags").is_some_and(|tags| tags[0] == "commands") {
            wrong.extend(["409", "412", "422"]);
        } else if method == "POST" && (path == "/api/v1/orders" || path.starts_with("/api/v1/contacts/")) {
            wrong.extend(["409", "422"]);
        }
        if let Some(responses) = fields.get_mut("responses").and_then(Value::as_object_mut) {
            for status in wrong {
                responses.insert(status.into(), json!({ "$ref": format!("#/components/responses/{status}") }));
            }
        }
    }
    let entry = paths.entry(path.to_owned()).or_insert_with(|| json!({}));
    if let Some(methods) = entry.as_object_mut() {
        methods.insert(method.to_lowercase(), operation);
    }
}

fn refer(schema: &str) -> Value {
    json!({ "$ref": format!("#/components/schemas/{schema}") })
}

fn answer(what: &str, schema: Value) -> Value {
    json!({ "description": what, "content": { "application/json": { "schema": schema } } })
}

fn versioned(what: &str, schema: Value) -> Value {
    let mut answer = answer(what, schema);
    answer["headers"] = json!({
        "ETag": { "$ref": "#/components/headers/version" },
        "Idempotency-Replayed": { "$ref": "#/components/headers/replayed" },
    });
    answer
}

fn body(schema: Value, example: Value) -> Value {
    json!({ "required": true, "content": { "application/json": { "schema": schema, "example": example } } })
}

fn command(spec: &Row) -> Value {
    let required: Vec<&str> = spec.takes.iter().filter(|field| field.required).map(|field| field.name).collect();
    let properties: Map<String, Value> =
        spec.takes.iter().map(|field| (field.name.to_owned(), property(field))).collect();
    let mut schema = json!({ "type": "object", "additionalProperties": false, "properties": properties });
    if !required.is_empty() {
        schema["required"] = json!(required);
    }
    let sample: Value = serde_json::from_str(spec.sample).unwrap_or_default();
    let mut request = body(schema, sample);
    request["required"] = json!(!required.is_empty());
    json!({
        "operationId": spec.command,
        "tags": ["commands"],
        "summary": spec.says(),
        "parameters": [
            { "$ref": "#/components/parameters/no" },
            { "$ref": "#/components/parameters/key" },
            { "$ref": "#/components/parameters/version" },
        ],
        "requestBody": request,
        "responses": { "200": versioned("It is done", refer("Done")) },
    })
}

fn property(field: &Field) -> Value {
    let mut schema = match field.holds {
        Holds::Text if field.name == "title" => json!({ "type": "string", "maxLength": 200 }),
        Holds::Text => json!({ "type": "string", "maxLength": 20_000 }),
        Holds::Code | Holds::Reason(_) | Holds::Person | Holds::Unit => json!({ "type": "string", "maxLength": 250 }),
        Holds::Units => json!({ "type": "array", "items": { "type": "string" } }),
        Holds::Order => json!({ "type": "string", "pattern": "^[0-9]{8}-[0-9]{4,}$" }),
        Holds::Number => json!({ "type": "integer", "minimum": 0 }),
        Holds::Urgency => json!({ "type": "string", "enum": codes(Urgency::ALL.iter().map(|u| u.code())) }),
        Holds::Flag => json!({ "type": "boolean" }),
        Holds::Instant => json!({ "type": "string", "format": "date-time" }),
        Holds::Day => json!({ "type": "string", "format": "date" }),
        Holds::Span => refer("Span"),
        Holds::Facts => refer("Facts"),
        Holds::Answers => refer("Answers"),
        Holds::Files => json!({ "type": "array", "items": text(), "maxItems": MAX_FILES }),
    };
    schema["description"] = match field.holds {
        Holds::Reason(group) => json!(format!("{}; of the reasons in group `{group}`", field.what)),
        _ => json!(field.what),
    };
    schema
}

fn codes(all: impl Iterator<Item = &'static str>) -> Vec<&'static str> {
    all.collect()
}

fn param(name: &str, what: &str, schema: Value) -> Value {
    json!({ "name": name, "in": "query", "description": what, "schema": schema })
}

/// Codes with commas between.
fn list(name: &str, what: &str, of: Value) -> Value {
    json!({
        "name": name, "in": "query", "description": what, "style": "form", "explode": false,
        "schema": { "type": "array", "items": of, "maxItems": 50 },
    })
}

fn paging() -> Vec<Value> {
    vec![
        param(
            "sort",
            "By limit, the nearest first, or by when it was taken in, the newest first",
            json!({ "type": "string", "enum": ["due", "newest"], "default": "due" }),
        ),
        param("after", "`next` of the page before", json!({ "type": "string" })),
        param("limit", "Rows of a page", json!({ "type": "integer", "minimum": 1, "maximum": 200, "default": 50 })),
    ]
}

fn flag() -> Value {
    json!({ "type": "boolean" })
}

fn text() -> Value {
    json!({ "type": "string" })
}

fn one_of(all: &[&str]) -> Value {
    json!({ "type": "string", "enum": all })
}

fn operation(method: &str, path: &str) -> Value {
    let urgency = one_of(&codes(Urgency::ALL.iter().map(|u| u.code())));
    let channel = one_of(&codes(Channel::ALL.iter().map(|c| c.code())));
    let no = json!([{ "$ref": "#/components/parameters/no" }]);
    match (method, path) {
        ("GET", "/api/openapi.json") => json!({
            "operationId": "description", "tags": ["work"], "summary": "This description",
            "responses": { "200": answer("OpenAPI 3.1", json!({ "type": "object" })) },
        }),
        ("GET", "/api/v1/me") => json!({
            "operationId": "me", "tags": ["work"], "summary": "In whose name the token acts, and what it may do",
            "responses": { "200": answer("The caller", refer("Me")) },
        }),
        ("GET", "/api/v1/orders") => {
            let mut parameters = vec![
                list("state", "States", one_of(State::CODES)),
                param("open", "Before `closed`, or after", flag()),
                list("kind", "Kinds", text()),
                list("subject", "Subjects", text()),
                list("urgency", "Urgencies", urgency),
                list("area", "Area codes", text()),
                list("channel", "Channels", channel),
                list("holder", "Units that hold it", text()),
                list("asked", "A request of this kind waits", one_of(Ask::CODES)),
                param("missed", "The limit of the case is missed", flag()),
                param("supervised", "Under supervision", flag()),
                param("difficult", "In the difficult pool", flag()),
                param("redone", "Redone at least once", flag()),
                list("tag", "Has one of these tags", text()),
                param("from", "First day it was taken in", json!({ "type": "string", "format": "date" })),
                param("to", "Last day it was taken in", json!({ "type": "string", "format": "date" })),
            ];
            parameters.extend(paging());
            json!({
                "operationId": "orders", "tags": ["orders"], "summary": "Orders within the caller's reach",
                "parameters": parameters,
                "responses": { "200": answer("A page", refer("Page")) },
            })
        }
        ("POST", "/api/v1/orders") => {
            let example = json!({
                "channel": "phone", "title": "拖欠工资", "body": "公司两个月没有发工资。",
                "claimant": { "name": "王女士", "phone": "13800000000" }, "kind": "help", "subject": "090201",
            });
            json!({
                "operationId": "take-in", "tags": ["orders"],
                "summary": "Takes a matter in: an order in `intake`, or with `kind` registered at once. The body is kept as it came",
                "parameters": [{ "$ref": "#/components/parameters/key" }],
                "requestBody": body(refer("NewOrder"), example),
                "responses": {
                    "201": {
                        "description": "It is taken in",
                        "headers": {
                            "Location": { "description": "Path of the order", "schema": text() },
                            "ETag": { "$ref": "#/components/headers/version" },
                            "Idempotency-Replayed": { "$ref": "#/components/headers/replayed" },
                        },
                        "content": { "application/json": { "schema": refer("TakenIn") } },
                    },
                    "200": versioned("The channel had delivered it before, under the same `external_id`", refer("TakenIn")),
                },
            })
        }
        ("POST", "/api/v1/orders/find") => json!({
            "operationId": "find", "tags": ["orders"],
            "summary": "Numbers of orders raised from a phone number, in any usual written form, newest first",
            "requestBody": body(
                json!({ "type": "object", "additionalProperties": false, "required": ["phone"], "properties": { "phone": text() } }),
                json!({ "phone": "138 0000 0000" }),
            ),
            "responses": { "200": answer("Numbers of orders", json!({
                "type": "object", "required": ["orders"], "properties": { "orders": { "type": "array", "items": text() } },
            })) },
        }),
        ("GET", "/api/v1/orders/{no}") => json!({
            "operationId": "order", "tags": ["orders"], "summary": "One order: facts, texts, clocks with their basis, journal",
            "parameters": no,
            "responses": { "200": versioned("The order", refer("Order")) },
        }),
        ("POST", "/api/v1/orders/{no}/reveal") => json!({
            "operationId": "reveal", "tags": ["orders"], "summary": "Reads who raised the order; the reading is logged with its purpose",
            "parameters": no,
            "requestBody": body(
                json!({
                    "type": "object", "additionalProperties": false, "required": ["purpose"],
                    "properties": { "purpose": { "type": "string", "minLength": 4, "maxLength": 20_000 } },
                }),
                json!({ "purpose": "回拨核实地址" }),
            ),
            "responses": { "200": answer("The identities", json!({
                "type": "object", "required": ["claimants"],
                "properties": { "claimants": { "type": "array", "items": refer("Revealed") } },
            })) },
        }),
        ("POST", "/api/v1/files") => {
            let kinds: Vec<&str> = KINDS.iter().map(|kind| kind.ending).collect();
            json!({
                "operationId": "store-file", "tags": ["orders"],
                "summary": format!(
                    "Stores a file ({}; at most {MAX_SIZE} bytes) for a command of the same caller that names it within a day. \
                     What a camera or a program wrote beside what it shows is taken out; what hides something, runs or unpacks \
                     to far too much is not taken; with an Idempotency-Key sent again it is one file",
                    kinds.join(" ")
                ),
                "parameters": [
                    { "$ref": "#/components/parameters/key" },
                    param("name", "Its name", text()),
                ],
                "requestBody": { "required": true, "content": {
                    "application/octet-stream": { "schema": text() },
                    "multipart/form-data": { "schema": {
                        "type": "object", "required": ["file"],
                        "properties": { "file": {
                            "type": "string", "contentMediaType": "application/octet-stream",
                            "description": "The only file; its own name counts where the query has none",
                        } },
                    } },
                } },
                "responses": { "201": answer("It is kept", refer("Kept")) },
            })
        }
        ("GET", "/api/v1/orders/{no}/files/{id}") => json!({
            "operationId": "file", "tags": ["orders"], "summary": "A file of an order; the reading is logged",
            "parameters": [
                { "$ref": "#/components/parameters/no" },
                { "name": "id", "in": "path", "required": true, "description": "Id of the file", "schema": text() },
            ],
            "responses": { "200": { "description": "The file", "content": { "*/*": { "schema": text() } } } },
        }),
        ("GET", "/api/v1/contacts") => json!({
            "operationId": "contacts", "tags": ["work"], "summary": "Contacts that could not be read and wait for a person, or were set aside",
            "parameters": [
                list("state", "One state; `waiting` where nothing is said", one_of(contacts::STATES)),
                param("after", "`next` of the page before", text()),
            ],
            "responses": { "200": answer("A page, the oldest first", json!({
                "type": "object", "required": ["items", "next"],
                "properties": { "items": { "type": "array", "items": refer("Contact") }, "next": { "type": ["string", "null"] } },
            })) },
        }),
        ("GET", "/api/v1/contacts/{id}") => json!({
            "operationId": "read-contact", "tags": ["work"],
            "summary": "What came in, written out; identities stand in it as they came, and the reading is kept",
            "parameters": [contact(), list("encoding", "How to read it; `utf-8` where nothing is said", one_of(contacts::ENCODINGS))],
            "responses": { "200": answer("The contact", refer("ContactText")) },
        }),
        ("POST", "/api/v1/contacts/{id}/open") => json!({
            "operationId": "open-contact", "tags": ["work"], "summary": "Opens the contact's order, as a person has read it",
            "parameters": [contact(), { "$ref": "#/components/parameters/key" }],
            "requestBody": body(refer("NewOrder"), json!({ "title": "路灯不亮", "body": "三亚湾路一段路灯不亮。" })),
            "responses": {
                "201": answer("It is taken in", refer("TakenIn")),
                "200": answer("Somebody had opened it before", refer("TakenIn")),
            },
        }),
        ("POST", "/api/v1/contacts/{id}/dismiss") => json!({
            "operationId": "dismiss-contact", "tags": ["work"], "summary": "Sets the contact aside with a reason; nothing of it is deleted",
            "parameters": [contact()],
            "requestBody": body(
                json!({
                    "type": "object", "additionalProperties": false, "required": ["reason"],
                    "properties": { "reason": one_of(contacts::REASONS), "note": { "type": ["string", "null"], "maxLength": 20_000 } },
                }),
                json!({ "reason": "spam" }),
            ),
            "responses": { "204": { "description": "It is done" } },
        }),
        ("POST", "/api/v1/contacts/{id}/restore") => json!({
            "operationId": "restore-contact", "tags": ["work"], "summary": "Lets a contact wait again that was set aside",
            "parameters": [contact()],
            "responses": { "204": { "description": "It is done" } },
        }),
        ("GET", "/api/v1/queue") => {
            let mut parameters = vec![
                list("unit", "Of the caller's units, these", text()),
                list("state", "States of the task", one_of(&codes(TaskState::ALL.iter().map(|state| state.code())))),
                param(
                    "open",
                    "Whether the unit still owes something; true where neither this nor `state` is given",
                    flag(),
                ),
                list("kind", "Kinds", text()),
                list("urgency", "Urgencies", urgency),
                list("asked", "A request of this kind waits", one_of(Ask::CODES)),
                param("missed", "The task's limit is missed", flag()),
                param("redone", "Redone at least once", flag()),
                list("subject", "Subjects", text()),
                list("area", "Area codes", text()),
                list("channel", "Channels", text()),
                list("role", "Whether the unit leads or assists", one_of(&["lead", "assist"])),
                param("supervised", "Under supervision", flag()),
                list("handler", "Persons named to work on it; `me` is the caller", text()),
                param("handled", "Whether somebody is named to work on it", flag()),
                list("tag", "The order has one of these tags", text()),
                param("due_before", "Due before this moment", json!({ "type": "string", "format": "date-time" })),
            ];
            parameters.extend(paging());
            json!({
                "operationId": "queue", "tags": ["work"], "summary": "Tasks of the caller's units",
                "parameters": parameters,
                "responses": { "200": answer("A page; each item has its task", refer("Page")) },
            })
        }
        ("GET", "/api/v1/desk-items") => json!({
            "operationId": "desk-items", "tags": ["work"], "summary": "What else waits at the caller's desks, the most pressing first",
            "responses": { "200": answer("Desk items", json!({
                "type": "object", "required": ["items"], "properties": { "items": { "type": "array", "items": refer("DeskItem") } },
            })) },
        }),
        ("POST", "/api/v1/desk-items/{id}/done") => json!({
            "operationId": "desk-item-done", "tags": ["work"],
            "summary": "Marks a desk item done that no command on its order finishes",
            "parameters": [{ "name": "id", "in": "path", "required": true, "description": "Id of the item", "schema": text() }],
            "requestBody": body(
                json!({
                    "type": "object", "additionalProperties": false, "required": ["note"],
                    "properties": { "note": { "type": "string", "minLength": 1, "maxLength": 20_000 } },
                }),
                json!({ "note": "10:05 电话已接，值班员称已派人" }),
            ),
            "responses": { "204": { "description": "It is done" } },
        }),
        ("GET", "/api/v1/modes") => json!({
            "operationId": "modes", "tags": ["work"], "summary": "Emergency modes of the city declared last, the newest first",
            "responses": { "200": answer("Modes", json!({
                "type": "object", "required": ["modes"],
                "properties": { "modes": { "type": "array", "items": {
                    "type": "object",
                    "required": ["id", "mode", "from", "until", "notice", "declared_by", "ended_by", "on"],
                    "additionalProperties": false,
                    "properties": {
                        "id": text(), "mode": text(), "from": text(), "until": text(), "notice": text(), "declared_by": text(),
                        "ended_by": { "type": ["string", "null"] }, "on": { "type": "boolean" },
                    },
                } } },
            })) },
        }),
        ("POST", "/api/v1/modes") => json!({
            "operationId": "mode-declare", "tags": ["work"],
            "summary": "Declares an emergency mode of the city from now on",
            "requestBody": body(
                json!({
                    "type": "object", "additionalProperties": false, "required": ["mode", "notice"],
                    "properties": {
                        "mode": text(), "until": text(),
                        "notice": { "type": "string", "minLength": 1, "maxLength": 200 },
                    },
                }),
                json!({ "mode": "typhoon", "notice": "三防指〔2026〕3号" }),
            ),
            "responses": { "201": answer("It is on", json!({
                "type": "object", "required": ["id"], "properties": { "id": text() },
            })) },
        }),
        ("POST", "/api/v1/modes/{id}/end") => json!({
            "operationId": "mode-end", "tags": ["work"],
            "summary": "Ends an emergency mode now; what was commanded under it stays commanded",
            "parameters": [{ "name": "id", "in": "path", "required": true, "description": "Id of the mode as declared", "schema": text() }],
            "responses": { "204": { "description": "It has ended" } },
        }),
        _ => json!({ "responses": {} }),
    }
}

fn contact() -> Value {
    json!({ "name": "id", "in": "path", "required": true, "description": "Id of the contact", "schema": text() })
}

fn problems() -> Value {
    let all: &[(&str, &str, bool)] = &[
        ("400", "The input cannot be read; `field` names the part", false),
        ("401", "No token, or not a good one", false),
        ("403", "The token lacks the scope, or its person may not do this", false),
        ("404", "There is none, or the caller may not know of it", false),
        ("409", "The Idempotency-Key was used for another request", false),
        ("412", "The order has another version; `version` is the one it has", false),
        ("413", "The body is too large", false),
        ("415", "The body is not JSON", false),
        ("422", "The rules refuse it: `basis` says which, `instead` what would be accepted", false),
        ("429", "Too many bad tokens came from this address", true),
        ("500", "A fault of the program; `incident` is its number in the log", false),
        ("503", "Not available now; send it again, with the same Idempotency-Key", true),
    ];
    let problem = |(status, what, retry): &(&str, &str, bool)| {
        let mut answer = json!({
            "description": what,
            "content": { "application/problem+json": { "schema": refer("Problem") } },
        });
        if *retry {
            answer["headers"] = json!({ "Retry-After": { "$ref": "#/components/headers/retry" } });
        }
        ((*status).to_owned(), answer)
    };
    Value::Object(all.iter().map(problem).collect())
}

/// An object of these properties; a `?` after a name says that it may be missing.
fn object(what: &str, properties: &[(&str, Value)]) -> Value {
    let bare = |name: &str| name.trim_end_matches('?').to_owned();
    let required: Vec<&str> = properties.iter().map(|(name, _)| *name).filter(|name| !name.ends_with('?')).collect();
    let properties: Map<String, Value> = properties.iter().map(|(name, schema)| (bare(name), schema.clone())).collect();
    json!({ "type": "object", "description": what, "required": required, "properties": properties, "additionalProperties": false })
}

/// The schema, or null.
fn or_null(schema: Value) -> Value {
    match schema.get("type").and_then(Value::as_str).map(str::to_owned) {
        Some(kind) if schema.get("enum").is_none() => {
            let mut schema = schema;
            schema["type"] = json!([kind, "null"]);
            schema
        }
        _ => json!({ "oneOf": [schema, { "type": "null" }] }),
    }
}

fn array(of: Value) -> Value {
    json!({ "type": "array", "items": of })
}

fn about_contact() -> Vec<(&'static str, Value)> {
    let (said, instant) = (|| or_null(text()), || json!({ "type": "string", "format": "date-time" }));
    vec![
        ("id", text()),
        ("channel", one_of(&codes(Channel::ALL.iter().map(|c| c.code())))),
        ("external_id", said()),
        ("received_at", instant()),
        ("stored_at", instant()),
        ("state", one_of(contacts::STATES)),
        ("fault", text()),
        ("size", json!({ "type": "integer" })),
        ("reason", said()),
        ("settled_at", or_null(instant())),
        ("settled_by", said()),
        ("due", or_null(instant())),
        ("missed", flag()),
        ("basis", array(refer("Citation"))),
    ]
}

fn schemas() -> Value {
    let number = || json!({ "type": "integer" });
    let instant = || json!({ "type": "string", "format": "date-time" });
    let day = || json!({ "type": "string", "format": "date" });
    let said = || or_null(text());
    let urgency = || one_of(&codes(Urgency::ALL.iter().map(|u| u.code())));
    let channel = || one_of(&codes(Channel::ALL.iter().map(|c| c.code())));
    let state = || one_of(State::CODES);
    let outcome = || or_null(one_of(&codes(Outcome::ALL.iter().map(|o| o.code()))));
    let task_state = || one_of(&codes(TaskState::ALL.iter().map(|s| s.code())));
    let citations = || array(refer("Citation"));
    let done = vec![
        ("id", text()),
        ("no", text()),
        ("state", state()),
        ("outcome", outcome()),
        ("version", number()),
        ("holder", said()),
        ("events", array(text())),
        ("other?", text()),
        ("undo?", object("What takes it back", &[("command", text()), ("input", json!({ "type": "object" }))])),
    ];
    let taken_in: Vec<(&str, Value)> = done.iter().cloned().chain([("known", flag())]).collect();
    let roles = codes(Role::ALL.iter().map(|role| role.code()));
    let scopes = codes(Scope::ALL.iter().map(|scope| scope.code()));
    json!({
        "Problem": object("Why there is no other answer (RFC 9457)", &[
            ("type", text()), ("title", text()), ("status", number()), ("detail", text()), ("code", text()),
            ("basis", citations()), ("instead", array(text())), ("field?", text()), ("version?", number()), ("incident?", text()),
        ]),
        "Citation": object("Where a rule comes from", &[
            ("document", text()), ("number", text()), ("article", text()), ("from", day()),
        ]),
        "Span": object("An amount of time", &[
            ("amount", json!({ "type": "integer", "minimum": 1 })), ("unit", one_of(&["minute", "hour", "day", "workday"])),
        ]),
        "Facts": json!({
            "type": "object",
            "description": "Facts by the names of the city's pack: a flag is true or false, a code, text, day or moment is a string",
            "additionalProperties": { "type": ["string", "boolean"] },
        }),
        "Answers": object("What the claimant answered when called", &[
            ("contacted", flag()), ("solved", flag()), ("satisfied", json!({ "type": "integer", "minimum": 1, "maximum": 5 })),
            ("said?", json!({ "type": "string", "maxLength": 20_000 })),
        ]),
        "Claimant": object("What a claimant says of themselves", &[
            ("name?", said()), ("phone?", said()), ("email?", said()), ("idno?", said()), ("address?", said()),
            ("language?", said()), ("anonymous?", flag()),
        ]),
        "NewOrder": object("A matter as it comes in", &[
            ("channel?", or_null(channel())), ("external_id?", said()), ("received_at?", or_null(instant())), ("desk?", said()),
            ("title?", said()), ("body?", said()), ("claimant?", refer("Claimant")), ("claimed_emergency?", flag()), ("claimed_kind?", text()),
            ("kind?", said()), ("subject?", said()), ("item?", said()), ("urgency?", or_null(urgency())), ("area?", said()),
            ("place?", said()), ("target?", said()), ("secret?", json!({
                "type": "boolean",
                "description": "Whether who raised it is kept from units; absent: as the rules say of its kind (`secret.kinds_default`)",
            })), ("files?", array(text())),
        ]),
        "Contact": object("A contact that no order was opened for", &about_contact()),
        "ContactText": object("A contact and what came in", &[about_contact(), vec![("text", text()), ("cut", flag())]].concat()),
        "Kept": object("A file as it is kept", &[
            ("id", text()), ("name", text()), ("media", text()), ("size", number()), ("digest", text()),
        ]),
        "Done": object("What a command came to", &done),
        "TakenIn": object("What taking in came to", &taken_in),
        "Revealed": object("Who raised an order", &[("claimant", text()), ("identity", refer("Claimant"))]),
        "Me": object("The caller", &[
            ("person", text()), ("name", text()), ("city", text()),
            ("posts", array(object("A post in force", &[
                ("unit", text()), ("unit_name", said()), ("role", one_of(&roles)), ("from", day()), ("until", or_null(day())),
            ]))),
            ("stands_in", array(text())), ("scopes", array(one_of(&scopes))),
        ]),
        "Page": object("A page of a list", &[("items", array(refer("Item"))), ("next", said())]),
        "Item": object("An order in a list", &[
            ("id", text()), ("no", text()), ("version", number()), ("state", state()), ("outcome", outcome()), ("kind", said()),
            ("subject", said()), ("urgency", urgency()), ("area", said()), ("channel", channel()), ("holder", said()),
            ("asked", said()), ("redo", number()), ("urges", number()), ("missed", flag()), ("due", or_null(instant())),
            ("provisional", flag()), ("secret", flag()), ("supervised", flag()), ("taken_in_at", instant()), ("title", said()),
            ("tags", array(text())),
            ("task?", object("The task, in a queue", &[
                ("no", number()), ("unit", text()), ("role", one_of(&["lead", "assist"])), ("state", task_state()),
                ("delivered_at", instant()), ("handler", said()),
            ])),
        ]),
        "DeskItem": object("Something a person must do beside the tasks", &[
            ("id", text()), ("order", text()), ("what", text()), ("unit", text()), ("task", or_null(number())),
            ("duty", or_null(number())), ("created_at", instant()), ("due", or_null(instant())), ("note", said()),
        ]),
        "Clock": object("A running limit", &[
            ("no", number()), ("name", text()), ("level", one_of(&["case", "task"])), ("task", or_null(number())), ("rule", text()),
            ("start", instant()), ("due", instant()), ("original_due", instant()), ("inclusive", flag()), ("provisional", flag()),
            ("governs", flag()), ("state", one_of(&["running", "halted", "held", "stopped", "cancelled"])), ("missed", flag()),
            ("excused", flag()), ("basis", citations()),
        ]),
        "Task": object("The order at one unit", &[
            ("no", number()), ("parent", or_null(number())), ("unit", text()), ("role", one_of(&["lead", "assist"])),
            ("state", task_state()), ("first", flag()), ("ruled", flag()), ("redo", number()), ("handler", said()), ("delivered_at", instant()),
            ("commanded_at", or_null(instant())),
            ("scene", or_null(object("On the scene", &[("at", instant()), ("place", text()), ("safety", text())]))),
            ("feedback", or_null(object("The answer", &[
                ("at", instant()), ("public", said()), ("internal", said()), ("missing", array(text())),
            ]))),
        ]),
        "Request": object("Something a unit asked", &[
            ("no", number()), ("task", number()), ("ask", one_of(Ask::CODES)),
            ("decision", one_of(&["asked", "granted", "refused", "withdrawn"])), ("asked_at", instant()),
            ("decided_at", or_null(instant())), ("decides", or_null(one_of(&["leader", "above", "office", "mayor"]))),
        ]),
        "Duty": object("Something the claimant must be told", &[
            ("no", number()), ("what", one_of(&["accepted", "refused", "transferred", "extended", "shelved", "result"])),
            ("owed_at", instant()), ("told_at", or_null(instant())), ("impossible", flag()), ("basis", citations()),
        ]),
        "Order": object("An order as the caller may see it", &[
            ("id", text()), ("no", text()), ("version", number()), ("state", state()), ("outcome", outcome()), ("kind", said()),
            ("subject", said()), ("item", said()), ("urgency", urgency()), ("channel", channel()), ("area", said()),
            ("place", said()), ("title", said()), ("body", text()), ("secret", flag()), ("target", said()),
            ("holder", or_null(object("Who owes the next step", &[("unit", text()), ("task", or_null(number()))]))),
            ("lies_with", text()), ("received_at", instant()), ("taken_in_at", instant()), ("registered_at", or_null(instant())),
            ("closed_at", or_null(instant())), ("redo", number()), ("urges", number()), ("supervised", flag()),
            ("mode", said()), ("difficult", flag()), ("hold", flag()), ("tags", array(text())),
            ("notes", array(object("A note of staff for staff", &[
                ("no", number()), ("at", instant()), ("person", text()), ("text", said()), ("withdrawn", flag()),
            ]))),
            ("claimants", number()), ("tasks", array(refer("Task"))),
            ("requests", array(refer("Request"))), ("clocks", array(refer("Clock"))), ("duties", array(refer("Duty"))),
            ("callback", object("Calling back", &[
                ("attempts", array(instant())),
                ("answers", or_null(object("What was answered", &[("contacted", flag()), ("solved", flag()), ("satisfied", number())]))),
                ("waived", said()), ("to_call", array(text())),
            ])),
            ("files", array(object("A file given as evidence", &[
                ("id", text()), ("name", text()), ("media", text()), ("size", number()), ("digest", text()),
                ("task", or_null(number())), ("thumb", flag()),
            ]))),
            ("links", array(object("Another order", &[("order", text()), ("relation", text())]))), ("merged_into", said()),
            ("journal", array(object("What happened", &[
                ("seq", number()), ("at", instant()), ("event", text()), ("unit", text()), ("person", text()),
            ]))),
            ("may", array(text())),
        ]),
    })
}
