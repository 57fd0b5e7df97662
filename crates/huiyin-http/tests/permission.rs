//! Every route of the API with every role and every scope. A route that is not in the tables here fails the test.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod common;

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use common::{Answer, ORDERS, Server, app, server};
use huiyin_app::{
    Role, Scope,
    people::{Position, SeedPerson},
};
use huiyin_core::order::table;
use huiyin_http::{
    Options,
    api::{self, Access},
};
use huiyin_store::records::{self, DeskItem};
use serde_json::{Value, json};

/// Who calls: a letter for the tables, a login, a role, a unit. The order lies with `sub-jiyang` and is at `jiyang-market`.
const CALLERS: &[(char, &str, Role, &str)] = &[
    ('a', "agent", Role::Agent, "call-centre"),
    ('o', "office", Role::Office, "office"),
    ('s', "subcentre", Role::Subcentre, "sub-jiyang"),
    ('f', "officer", Role::Officer, "jiyang-market"),
    ('l', "leader", Role::Leader, "jiyang-market"),
    ('c', "callback", Role::Callback, "call-centre"),
    ('e', "editor", Role::Editor, "office"),
    ('v', "supervisor", Role::Supervisor, "office"),
    ('m', "mayor", Role::Mayor, "office"),
    ('x', "admin", Role::Admin, "office"),
    // The same roles elsewhere.
    ('S', "other-subcentre", Role::Subcentre, "sub-tianya"),
    ('F', "other-officer", Role::Officer, "water"),
    ('L', "other-leader", Role::Leader, "water"),
];

/// Who sees the order.
const SEES: &str = "aosflcm";

/// Which of those who see the order may give a command; to the others of them it is 403, to the rest 404.
const COMMANDS: &[(&str, &str)] = &[
    ("accept", "fl"),
    ("acknowledge", "fl"),
    ("answer", "aos"),
    ("append", "aos"),
    ("archive", "o"),
    ("assign", "fl"),
    ("callback-answered", "c"),
    ("callback-missed", "c"),
    ("close", "co"),
    ("confirm-receipt", "fl"),
    ("contact", "fl"),
    ("correct", "aos"),
    ("difficult", "o"),
    ("dispatch", "aos"),
    ("excuse", "fl"),
    ("extend", "fl"),
    ("fail-review", "os"),
    ("feedback", "fl"),
    ("grant", "os"),
    ("hold", "o"),
    ("lift-supervision", "om"),
    ("link", "aos"),
    ("made-safe", "fl"),
    ("merge", "aos"),
    ("note", "aosflc"),
    ("on-scene", "fl"),
    ("pass", "os"),
    ("pass-on", "aos"),
    ("pause", "fl"),
    ("phone-notice", "aos"),
    ("progress", "fl"),
    ("recall", "os"),
    ("redact", "aos"),
    ("redispatch", "fl"),
    ("redo", "co"),
    ("refuse", "aos"),
    ("register", "aos"),
    ("reject", "os"),
    ("relay", "fl"),
    ("relay-answer", "aos"),
    ("reopen", "aosc"),
    ("resume", "flos"),
    ("return", "fl"),
    ("review-shelving", "os"),
    ("rule", "o"),
    ("send-back", "os"),
    ("shelve", "fl"),
    ("sign", "fl"),
    ("situation", "fl"),
    ("split", "aos"),
    ("stop", "o"),
    ("supervise", "om"),
    ("supplement", "aosc"),
    ("tag", "aosflc"),
    ("tell", "aosc"),
    ("transfer", "aos"),
    ("unmerge", "aos"),
    ("urge", "aosc"),
    ("waive-callback", "co"),
    ("withdraw", "aosc"),
    ("withdraw-note", "aosflc"),
    ("withdraw-request", "fl"),
];

const ALL: &str = "aosflcevmxSFL";

type Other = (&'static str, &'static str, Option<&'static str>, &'static str, &'static str, u16);

/// The other routes: what they ask of a token, a body, and who gets an answer; those who do not get 403, or 404 where
/// the route is about something they may not know of.
const OTHERS: &[Other] = &[
    ("GET", "/api/openapi.json", None, "", ALL, 0),
    ("GET", "/api/v1/me", None, "", ALL, 0),
    ("GET", "/api/v1/orders", Some("orders:read"), "", ALL, 0),
    ("POST", "/api/v1/orders", Some("orders:write"), r#"{"body":"路灯不亮"}"#, "aosS", 403),
    ("POST", "/api/v1/orders/find", Some("orders:read"), r#"{"phone":"13800000000"}"#, "aoscS", 403),
    ("GET", "/api/v1/orders/{no}", Some("orders:read"), "", SEES, 404),
    ("POST", "/api/v1/orders/{no}/reveal", Some("orders:reveal"), r#"{"purpose":"核实地址"}"#, "aosflc", 404),
    // Not a file of the kinds that are taken: 400 to those who may store some.
    ("POST", "/api/v1/files", Some("orders:write"), "{}", "aosflcSFL", 403),
    ("GET", "/api/v1/orders/{no}/files/{id}", Some("orders:read"), "", SEES, 404),
    // The contact waits for a person.
    ("GET", "/api/v1/contacts", Some("orders:read"), "", "aosS", 403),
    ("GET", "/api/v1/contacts/{id}", Some("orders:reveal"), "", "aosS", 403),
    ("POST", "/api/v1/contacts/{id}/open", Some("orders:write"), r#"{"body":"路灯不亮"}"#, "aosS", 403),
    ("POST", "/api/v1/contacts/{id}/dismiss", Some("orders:write"), r#"{"reason":"spam"}"#, "aosS", 403),
    // It is not set aside: refused to those who may.
    ("POST", "/api/v1/contacts/{id}/restore", Some("orders:write"), "{}", "aosS", 403),
    ("GET", "/api/v1/queue", Some("orders:read"), "", ALL, 0),
    ("GET", "/api/v1/desk-items", Some("orders:read"), "", ALL, 0),
    // The item is one of the call centre's.
    ("POST", "/api/v1/desk-items/{id}/done", Some("orders:write"), r#"{"note":"电话已接"}"#, "ac", 404),
    ("GET", "/api/v1/modes", Some("orders:read"), "", ALL, 0),
    // Those the pack names; without a mode of that name nothing is declared.
    (
        "POST",
        "/api/v1/modes",
        Some("orders:write"),
        r#"{"mode":"typhoon","notice":"停工通知","until":"2020-01-01"}"#,
        "om",
        403,
    ),
    ("POST", "/api/v1/modes/{id}/end", Some("orders:write"), "", "", 404),
];

/// Exceptions to the last column: a city leader sees orders, not identities.
const FORBIDDEN: &[(&str, char)] = &[("/api/v1/orders/{no}/reveal", 'm')];

/// Scopes a token of its own is made for.
const SCOPES: &[Scope] = Scope::ALL;

struct World {
    server: Server,
    tokens: BTreeMap<char, String>,
    items: std::cell::Cell<u32>,
}

impl World {
    async fn new() -> Self {
        let server = server(app::sqlite_app().await, Options::default());
        let mut tokens = BTreeMap::new();
        for (letter, login, role, unit) in CALLERS {
            let position = if *role == Role::Leader { Position::Head } else { Position::Staff };
            let posts = vec![app::post(unit, *role, position)];
            let person = SeedPerson {
                login,
                password: app::PASSWORD,
                must_change: false,
                name: "测试人员",
                phone: None,
                posts,
                filed: true,
            };
            huiyin_app::people::seed_person(&server.test.app, person).await.unwrap();
            tokens.insert(*letter, server.token(login, ORDERS).await);
        }
        Self { server, tokens, items: std::cell::Cell::new(0) }
    }

    /// An order at a unit below the sub-centre, taken up, with a request that waits.
    async fn order(&self) -> String {
        let new = json!({ "body": "欠薪", "kind": "help", "subject": "090201", "claimant": { "name": "王女士", "phone": "13800000000" } });
        let no = self.server.post(&self.tokens[&'s'], "/api/v1/orders", &new).await.expect(201)["no"]
            .as_str()
            .unwrap()
            .to_owned();
        for (who, command, body) in [
            ('s', "dispatch", json!({ "lead": "jiyang-market" })),
            ('f', "sign", json!({})),
            ('f', "accept", json!({})),
            ('f', "extend", json!({ "span": { "amount": 1, "unit": "workday" }, "reason": "complex" })),
        ] {
            self.server.command(&self.tokens[&who], &no, command, &body).await.expect(200);
        }
        no
    }

    /// A file the unit has given.
    async fn file(&self, no: &str) -> String {
        let kept = self.ask(&self.tokens[&'f'], "POST", "/api/v1/files?name=a.pdf", "%PDF-1.7").await.expect(201);
        let id = kept["id"].as_str().unwrap().to_owned();
        let progress = json!({ "text": "进展", "files": [id] });
        self.server.command(&self.tokens[&'f'], no, "progress", &progress).await.expect(200);
        id
    }

    /// A contact that could not be read.
    async fn contact(&self) -> String {
        self.items.set(self.items.get() + 1);
        let (app, external) = (&self.server.test.app, format!("c-{}", self.items.get()));
        huiyin_app::orders::set_aside(app, "web", &external, b"\xff", "not UTF-8").await.unwrap();
        let agent = app::actor("agent", Role::Agent, "call-centre");
        let waiting = huiyin_app::orders::contacts::list(app, &agent, "waiting", None).await.unwrap();
        waiting.into_iter().find(|one| one.external_id.as_deref() == Some(&external)).unwrap().id
    }

    /// A desk item of the call centre.
    async fn item(&self, order: &str) -> String {
        let app = Arc::clone(&self.server.test.app);
        let view = huiyin_app::orders::view::order(&app, &huiyin_app::Actor::system(), order).await.unwrap();
        self.items.set(self.items.get() + 1);
        let id = format!("alert:{}", self.items.get());
        let item = DeskItem {
            id: id.clone(),
            order: view.order.id.0,
            what: "call-duty-phone".into(),
            unit: "call-centre".into(),
            task: None,
            duty: None,
            created_at: app.now(),
            due: app.now(),
            note: None,
        };
        let city = app.city.clone();
        app.db
            .write("item", move |tx| {
                let (city, item) = (city.clone(), item.clone());
                Box::pin(async move { records::add_item(tx, city.as_str(), &item, &item.id).await.map(drop) })
            })
            .await
            .unwrap();
        id
    }

    async fn ask(&self, token: &str, method: &str, path: &str, body: &str) -> Answer {
        let headers: &[(&str, &str)] = if body.is_empty() { &[] } else { &[("content-type", "application/json")] };
        self.server.raw(token, method, path, headers, body.to_owned()).await
    }
}

#[test]
fn every_route_is_in_the_tables() {
    let listed: BTreeSet<(String, String)> = COMMANDS
        .iter()
        .map(|(name, _)| ("POST".to_owned(), format!("/api/v1/orders/{{no}}/{name}")))
        .chain(OTHERS.iter().map(|(method, path, ..)| ((*method).to_owned(), (*path).to_owned())))
        .collect();
    let routes: BTreeSet<(String, String)> =
        api::routes().into_iter().map(|(method, path, _)| (method.to_owned(), path)).collect();
    assert_eq!(listed, routes);
    assert_eq!(listed.len(), COMMANDS.len() + OTHERS.len(), "no route is listed twice");
    // Every role calls.
    let calling: BTreeSet<&str> = CALLERS.iter().map(|(_, _, role, _)| role.code()).collect();
    assert_eq!(calling, Role::ALL.iter().map(|role| role.code()).collect());
    for (method, path, access) in api::routes() {
        let asked = match OTHERS.iter().find(|other| (other.0, other.1) == (method, path.as_str())) {
            Some((_, _, scope, ..)) => *scope,
            None => Some("orders:write"),
        };
        let asks = match access {
            Access::Public | Access::Token => None,
            Access::Scope(scope) => Some(scope.code()),
        };
        assert_eq!(asks, asked, "{method} {path}");
        assert_eq!(access == Access::Public, path == "/api/openapi.json", "{method} {path}");
    }
}

#[tokio::test]
async fn commands_are_for_those_who_may() {
    let world = World::new().await;
    let first = world.order().await;
    for (name, may) in COMMANDS {
        let no = world.order().await;
        let mut body: Value = serde_json::from_str(table::named(name).unwrap().sample).unwrap();
        for field in ["into", "other"] {
            if body.get(field).is_some() {
                body[field] = json!(first);
            }
        }
        // Those who may come last: what they do changes the order.
        let mut callers = CALLERS.to_vec();
        callers.sort_by_key(|(letter, ..)| may.contains(*letter));
        for (letter, login, ..) in &callers {
            let answer = world.server.command(&world.tokens[letter], &no, name, &body).await;
            let status = answer.status.as_u16();
            if may.contains(*letter) {
                assert!(matches!(status, 200 | 422), "{name} by {login}: {status} {}", answer.text);
            } else if SEES.contains(*letter) {
                answer.problem(403, "forbidden");
            } else {
                answer.problem(404, "not_found");
            }
        }
    }
}

#[tokio::test]
async fn the_other_routes_are_for_those_who_may() {
    let world = World::new().await;
    let no = world.order().await;
    let file = world.file(&no).await;
    for (method, path, _, body, may, otherwise) in OTHERS {
        for (letter, login, ..) in CALLERS {
            let id = match () {
                () if path.contains("/files/") => file.clone(),
                () if path.contains("/contacts/") => world.contact().await,
                () => world.item(&no).await,
            };
            let path_of = path.replace("{no}", &no).replace("{id}", &id);
            let answer = world.ask(&world.tokens[letter], method, &path_of, body).await;
            let expected = match may.contains(*letter) {
                true if *path == "/api/v1/orders" && *method == "POST" => 201,
                true if path.ends_with("/done") => 204,
                true if *path == "/api/v1/modes" && *method == "POST" => 400,
                true if *path == "/api/v1/files" => 400,
                true if path.ends_with("/open") => 201,
                true if path.ends_with("/dismiss") => 204,
                true if path.ends_with("/restore") => 422,
                true => 200,
                false if FORBIDDEN.contains(&(*path, *letter)) => 403,
                false => *otherwise,
            };
            assert_eq!(answer.status.as_u16(), expected, "{method} {path} by {login}: {}", answer.text);
        }
    }
}

#[tokio::test]
async fn a_token_opens_what_its_scope_says() {
    let world = World::new().await;
    let no = world.order().await;
    for scope in SCOPES {
        let token = world.server.token("office", &[*scope]).await;
        for (method, path, access) in api::routes() {
            let body =
                OTHERS.iter().find(|other| (other.0, other.1) == (method, path.as_str())).map_or("{}", |other| other.3);
            let path = path.replace("{no}", &no).replace("{id}", "none");
            let answer = world.ask(&token, method, &path, body).await;
            let status = answer.status.as_u16();
            match access {
                Access::Scope(needed) if needed != *scope => {
                    let problem = answer.problem(403, "token.scope");
                    assert_eq!(problem["instead"], json!([needed.code()]));
                    assert!(answer.header("www-authenticate").contains("insufficient_scope"));
                }
                _ => {
                    assert!(status < 500 && status != 401, "{method} {path} with {}: {status}", scope.code());
                    assert!(
                        !answer.text.contains("token with scope"),
                        "{method} {path} with {}: {}",
                        scope.code(),
                        answer.text
                    );
                    assert!(status != 404 || path.contains("/none"), "{method} {path} with {}", scope.code());
                }
            }
        }
    }
}

#[tokio::test]
async fn without_a_token_nothing_is_answered() {
    let world = World::new().await;
    let no = world.order().await;
    for (method, path, access) in api::routes() {
        let path = path.replace("{no}", &no).replace("{id}", "none");
        let answer = world.ask("", method, &path, "{}").await;
        let expected = if access == Access::Public { 200 } else { 401 };
        assert_eq!(answer.status.as_u16(), expected, "{method} {path}");
    }
}

#[tokio::test]
async fn a_post_that_has_ended_opens_nothing() {
    let world = World::new().await;
    let mut post = app::post("jiyang-market", Role::Officer, Position::Staff);
    post.until = Some(app::day(20_261_012));
    let no = world.order().await;
    world.server.test.person_with("leaving", vec![post]).await;
    let token = world.server.token("leaving", ORDERS).await;
    let path = format!("/api/v1/orders/{no}");
    world.server.get(&token, &path).await.expect(200);
    world.server.test.set("2026-10-13T09:00:00");
    world.server.get(&token, &path).await.problem(404, "not_found");
    world.server.command(&token, &no, "progress", &json!({ "text": "已联系" })).await.problem(404, "not_found");
}
