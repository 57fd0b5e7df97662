//! What cannot be read: each case is told with its place and what to do, and nothing is stored.

use huiyin_app::Role;
use serde_json::{Value, json};

use crate::common::{Answer, Server, servers};

const JSON: &[(&str, &str)] = &[("content-type", "application/json")];

/// Problem, field and a word of the detail.
type Expected = (u16, &'static str, &'static str, &'static str);

fn check(what: &str, answer: &Answer, (status, code, field, word): Expected) {
    assert_eq!(answer.status.as_u16(), status, "{what}: {}", answer.text);
    let problem = answer.problem(status, code);
    if !field.is_empty() {
        assert_eq!(problem["field"], field, "{what}: {problem}");
    }
    let told = problem["detail"].as_str().unwrap();
    assert!(told.contains(word), "{what}: {told}");
    assert!(!told.is_empty() && !told.ends_with('.'), "{what}: {told}");
    for part in ["type", "title", "basis", "instead"] {
        assert!(!problem[part].is_null(), "{what}: no {part}");
    }
}

fn order(field: &str, value: Value) -> String {
    let mut new = json!({ "body": "路灯不亮" });
    match field.split_once('.') {
        Some((outer, inner)) => new[outer][inner] = value,
        None => new[field] = value,
    }
    new.to_string()
}

const BAD: Expected = (400, "input.invalid", "", "");

const fn bad(field: &'static str, word: &'static str) -> Expected {
    (400, "input.invalid", field, word)
}

#[tokio::test]
async fn a_body_that_cannot_be_read_is_told_and_stores_nothing() {
    let long = "长".repeat(20_001);
    let deep = format!("{}{}", "[".repeat(200), "]".repeat(200));
    let deep_field = format!("{{\"body\":{deep}}}");
    let two_mb = order("body", json!("a".repeat(2 * 1024 * 1024)));
    let cases: Vec<(&str, Vec<u8>, Expected)> = vec![
        ("empty", Vec::new(), bad("body", "empty")),
        ("blank", b" \n".to_vec(), bad("body", "empty")),
        ("no object", b"[1]".to_vec(), bad("body", "object")),
        ("a word", b"hello".to_vec(), bad("body", "object")),
        ("null", b"null".to_vec(), bad("body", "object")),
        ("half", b"{\"body\":\"x".to_vec(), bad("body", "EOF")),
        ("more behind", b"{\"body\":\"x\"} {}".to_vec(), bad("body", "trailing")),
        ("unknown field", order("colour", json!("red")).into(), bad("colour", "unknown field `colour`")),
        ("unknown field within", order("claimant.age", json!(7)).into(), bad("claimant.age", "unknown field `age`")),
        ("field twice", b"{\"body\":\"a\",\"body\":\"b\"}".to_vec(), bad("body", "duplicate")),
        ("number for text", order("title", json!(5)).into(), bad("title", "expected a string")),
        ("text for flag", order("secret", json!("yes")).into(), bad("secret", "expected a boolean")),
        ("claimant of another type", order("claimant", json!("Wang")).into(), bad("claimant", "expected struct")),
        ("number within", order("claimant.phone", json!(138)).into(), bad("claimant.phone", "expected a string")),
        ("no text", b"{}".to_vec(), bad("body", "write")),
        ("blank text", order("body", json!("  ")).into(), bad("body", "write")),
        ("long text", order("body", json!(long)).into(), bad("body", "20001 characters")),
        ("long title", order("title", json!("题".repeat(201))).into(), bad("title", "201 characters")),
        ("control character", order("body", json!("a\u{7}b")).into(), bad("body", "U+0007")),
        ("zero byte", order("body", json!("a\0b")).into(), bad("body", "U+0000")),
        ("zero byte in a code", order("external_id", json!("a\0b")).into(), bad("external_id", "U+0000")),
        ("zero byte in a desk", order("desk", json!("a\0b")).into(), bad("desk", "U+0000")),
        ("zero byte in a name", order("claimant.name", json!("a\0b")).into(), bad("claimant.name", "U+0000")),
        ("lone surrogate", b"{\"body\":\"\\ud800\"}".to_vec(), bad("body", "")),
        ("broken UTF-8", b"{\"body\":\"\xc2\xb7\xff\"}".to_vec(), bad("body", "UTF-8")),
        ("GBK", b"{\"body\":\"\xc2\xb7\xb5\xc6\"}".to_vec(), bad("body", "UTF-8")),
        ("deep array", deep.clone().into(), bad("body", "object")),
        ("deep field", deep_field.into(), bad("body", "")),
        ("2 MB", two_mb.into(), (413, "body.too_large", "", "1048576")),
        ("unknown channel", order("channel", json!("pigeon")).into(), bad("channel", "pigeon")),
        ("unknown desk", order("desk", json!("moon")).into(), bad("desk", "moon")),
        ("no time", order("received_at", json!("yesterday")).into(), bad("received_at", "yesterday")),
        ("time to come", order("received_at", json!("2027-01-01T00:00:00+08:00")).into(), bad("received_at", "future")),
        (
            "unknown urgency",
            json!({ "body": "x", "kind": "help", "subject": "010201", "urgency": "very" }).to_string().into(),
            bad("urgency", "very"),
        ),
        ("unknown kind", json!({ "body": "x", "kind": "rant" }).to_string().into(), (422, "kind.unknown", "", "rant")),
        (
            "no subject",
            json!({ "body": "x", "kind": "help" }).to_string().into(),
            (422, "register.subject_missing", "", "subject"),
        ),
        (
            "group of subjects",
            json!({ "body": "x", "kind": "help", "subject": "01" }).to_string().into(),
            (422, "subject.not_a_leaf", "", "below"),
        ),
    ];
    for server in servers().await {
        let agent = server.caller("agent", Role::Agent, "call-centre").await;
        for (what, body, expected) in &cases {
            let answer = server.raw(&agent, "POST", "/api/v1/orders", JSON, body.clone()).await;
            check(what, &answer, *expected);
        }
        for kind in ["text/plain", "application/x-www-form-urlencoded", "application/json; charset=gbk", ""] {
            let answer =
                server.raw(&agent, "POST", "/api/v1/orders", &[("content-type", kind)], "{\"body\":\"x\"}").await;
            check(kind, &answer, (415, "body.type", "", "application/json"));
        }
        let list = server.get(&agent, "/api/v1/orders").await.expect(200);
        assert_eq!(list["items"], json!([]), "nothing was stored");
        // These can be read.
        for kind in ["application/json; charset=UTF-8", "application/ld+json", "Application/JSON"] {
            server
                .raw(&agent, "POST", "/api/v1/orders", &[("content-type", kind)], "{\"body\":\"x\"}")
                .await
                .expect(201);
        }
        server.raw(&agent, "POST", "/api/v1/orders", JSON, "\u{feff}{\"body\":\"x\"}").await.expect(201);
    }
}

async fn dispatched(server: &Server, agent: &str, office: &str) -> String {
    let new = json!({ "body": "欠薪", "kind": "help", "subject": "090201" });
    let no = server.post(agent, "/api/v1/orders", &new).await.expect(201)["no"].as_str().unwrap().to_owned();
    server.command(office, &no, "dispatch", &json!({ "lead": "human-resources" })).await.expect(200);
    no
}

#[tokio::test]
async fn a_command_that_cannot_be_read_is_told_and_changes_nothing() {
    for server in servers().await {
        let agent = server.caller("agent", Role::Agent, "call-centre").await;
        let office = server.caller("office", Role::Office, "office").await;
        let officer = server.caller("officer", Role::Officer, "human-resources").await;
        let no = dispatched(&server, &agent, &office).await;
        let path = |command: &str| format!("/api/v1/orders/{no}/{command}");
        let cases: &[(&str, Value, Expected)] = &[
            ("sign", json!({ "colour": 1 }), bad("colour", "unknown field `colour`")),
            ("sign", json!({ "colour": null }), bad("colour", "unknown field `colour`")),
            ("sign", json!({ "command": "stop" }), bad("command", "unknown field `command`")),
            ("sign", json!({ "task": "one" }), bad("task", "")),
            ("sign", json!({ "task": -1 }), bad("task", "")),
            ("sign", json!({ "task": 1.5 }), bad("task", "")),
            ("sign", json!({ "task": 4_294_967_296_u64 }), bad("task", "")),
            ("sign", json!([]), bad("body", "object")),
            ("sign", json!({ "task": 9 }), (422, "task.unknown", "", "no task 9")),
            ("progress", json!({}), bad("text", "missing field `text`")),
            ("progress", json!({ "text": 5 }), bad("text", "text")),
            ("progress", json!({ "text": "a\u{1b}b" }), bad("text", "U+001B")),
            ("progress", json!({ "text": "长".repeat(20_001) }), bad("text", "20001")),
            ("contact", json!({ "reached": "maybe" }), bad("reached", "")),
            ("contact", json!({ "reached": true, "at": "soon" }), bad("at", "soon")),
            ("pause", json!({ "reason": "waiting-claimant", "until": "2026-02-30" }), bad("until", "day")),
            ("pause", json!({ "reason": "waiting-claimant", "until": 5 }), bad("until", "day")),
            ("extend", json!({ "span": 3, "reason": "complex" }), bad("span", "")),
            ("extend", json!({ "span": { "amount": 3, "unit": "moon" }, "reason": "complex" }), bad("span", "moon")),
            ("extend", json!({ "span": { "amount": 3, "unit": "day", "x": 1 }, "reason": "complex" }), bad("span", "")),
            ("return", json!({ "reason": "a\0" }), bad("reason", "U+0000")),
            ("return", json!({ "reason": "not-our-duty", "suggestion": ["x"] }), bad("suggestion", "")),
            ("feedback", json!({ "facts": [] }), bad("facts", "object")),
            ("feedback", json!({ "facts": { "colour": 1 } }), bad("facts.colour", "no fact")),
            ("feedback", json!({ "facts": { "solved": "perhaps" } }), bad("facts.solved", "true or false")),
            ("feedback", json!({ "facts": { "finding": "a\0" } }), bad("facts.finding", "U+0000")),
        ];
        for (command, body, expected) in cases {
            let answer = server.post(&officer, &path(command), body).await;
            check(&format!("{command} {body}"), &answer, *expected);
        }
        let office_cases: &[(&str, Value, Expected)] = &[
            ("grant", json!({}), bad("request", "missing field")),
            ("merge", json!({ "into": "a\0" }), bad("into", "U+0000")),
            ("merge", json!({ "into": 5 }), bad("into", "")),
            ("link", json!({}), bad("other", "number")),
            ("recall", json!({ "reason": ["wrong-unit"] }), bad("reason", "")),
        ];
        for (command, body, expected) in office_cases {
            let answer = server.post(&office, &path(command), body).await;
            check(&format!("{command} {body}"), &answer, *expected);
        }
        let callback = server.caller("callback", Role::Callback, "call-centre").await;
        for answers in [
            json!(5),
            json!({}),
            json!({ "contacted": true, "solved": true, "satisfied": 300 }),
            json!({ "contacted": true, "solved": true, "satisfied": 5, "mood": 1 }),
        ] {
            let answer = server.post(&callback, &path("callback-answered"), &json!({ "answers": answers })).await;
            check(&answers.to_string(), &answer, bad("answers", ""));
        }
        let big = json!({ "text": "a".repeat(300_000) });
        check("300 kB", &server.post(&officer, &path("progress"), &big).await, (413, "body.too_large", "", "262144"));
        let deep = format!("{{\"facts\":{}1{}}}", "{\"a\":".repeat(200), "}".repeat(200));
        check("deep", &server.raw(&officer, "POST", &path("feedback"), JSON, deep).await, bad("body", "recursion"));
        for key in ["", "a b", "钥匙", &"k".repeat(201)] {
            let request =
                axum::http::HeaderValue::from_str(key).or_else(|_| axum::http::HeaderValue::from_bytes(key.as_bytes()));
            let mut sent = axum::http::Request::post(path("sign")).header("authorization", format!("Bearer {officer}"));
            sent = sent.header("idempotency-key", request.unwrap());
            check(
                key,
                &server.send(sent.body(axum::body::Body::empty()).unwrap()).await,
                bad("Idempotency-Key", "200"),
            );
        }
        let seen = server.get(&officer, &format!("/api/v1/orders/{no}")).await.expect(200);
        assert_eq!(seen["tasks"][0]["state"], "delivered", "nothing was changed");
        // A command without fields needs no body at all.
        server.raw(&officer, "POST", &path("sign"), &[], "").await.expect(200);
        // A number as a form would send it is a number.
        server.post(&officer, &path("accept"), &json!({ "task": "1" })).await.expect(200);
    }
}

#[tokio::test]
async fn a_query_that_cannot_be_read_is_told() {
    for server in servers().await {
        let office = server.caller("office", Role::Office, "office").await;
        let cases: &[(&str, Expected)] = &[
            ("colour=red", bad("colour", "unknown query parameter `colour`")),
            ("phone=13800000000", bad("phone", "unknown query parameter")),
            ("limit=0", bad("limit", "1 to 200")),
            ("limit=-1", bad("limit", "1 to 200")),
            ("limit=99999999999999999999", bad("limit", "1 to 200")),
            ("limit=201", bad("limit", "1 to 200")),
            ("limit=2&limit=3", bad("limit", "once")),
            ("state=asleep", bad("state", "asleep")),
            ("state=assigned,", bad("state", "not one of its codes")),
            ("kind=rant", bad("kind", "rant")),
            ("urgency=very", bad("urgency", "very")),
            ("channel=pigeon", bad("channel", "pigeon")),
            ("asked=money", bad("asked", "money")),
            ("holder=%00", bad("holder", "codes")),
            ("holder=a%20b", bad("holder", "codes")),
            ("holder=%ff", bad("holder", "codes")),
            ("area='%3BDROP", bad("area", "codes")),
            ("open=perhaps", bad("open", "true or false")),
            ("missed=1", bad("missed", "true or false")),
            ("from=2026-13-01", bad("from", "day")),
            ("from=20261012", bad("from", "day")),
            ("to=9999-99-99", bad("to", "day")),
            ("sort=colour", bad("sort", "newest")),
            ("after=x", bad("after", "next")),
            ("after=00", bad("after", "next")),
            ("after=642e312e2e30", bad("after", "next")),
            ("after=%E4%BD%A0%E5%A5%BD", bad("after", "next")),
        ];
        for (query, expected) in cases {
            check(query, &server.get(&office, &format!("/api/v1/orders?{query}")).await, *expected);
        }
        for query in ["state=closed", "due_before=soon", "redone=2", "difficult=true"] {
            check(query, &server.get(&office, &format!("/api/v1/queue?{query}")).await, BAD);
        }
        for path in ["/api/v1/me?x=1", "/api/v1/desk-items?x=1", "/api/v1/orders/20261012-0001?x=1"] {
            check(path, &server.get(&office, path).await, bad("x", "unknown query parameter"));
        }
        // A cursor of one order is none of the other.
        let cursor: String = b"n.1.a.0".iter().map(|byte| format!("{byte:02x}")).collect();
        check(
            "sort",
            &server.get(&office, &format!("/api/v1/orders?after={cursor}")).await,
            bad("after", "same `sort`"),
        );
        server.get(&office, &format!("/api/v1/orders?sort=newest&after={cursor}")).await.expect(200);
        // An empty value is none, as a form sends it.
        server.get(&office, "/api/v1/orders?state=&limit=").await.expect(200);
    }
}

#[tokio::test]
async fn a_path_that_leads_nowhere_is_told() {
    for server in servers().await {
        let office = server.caller("office", Role::Office, "office").await;
        for path in ["/api", "/api/", "/api/v1", "/api/v2/orders", "/api/v1/orders/", "/api/v1/orders/x/y/z"] {
            server.get(&office, path).await.problem(404, "path.unknown");
            server.get("", path).await.problem(404, "path.unknown");
        }
        let problem =
            server.post(&office, "/api/v1/orders/20261012-0001/explode", &json!({})).await.problem(404, "path.unknown");
        assert!(problem["instead"].as_array().unwrap().contains(&json!("dispatch")));
        // Commands only the program gives have no path.
        for command in ["fire", "recount", "take-in", "absorb", "release", "take-over"] {
            server.command(&office, "20261012-0001", command, &json!({})).await.problem(404, "path.unknown");
        }
        for no in [
            "20261012-9999",
            "%00",
            "a%00b",
            "%ff",
            "..%2f..",
            &"9".repeat(3_000),
            "00000000-0000-0000-0000-000000000000",
        ] {
            server.get(&office, &format!("/api/v1/orders/{no}")).await.problem(404, "not_found");
            server.command(&office, no, "close", &json!({})).await.problem(404, "not_found");
        }
        server.post(&office, "/api/v1/desk-items/%00/done", &json!({ "note": "已办" })).await.problem(404, "not_found");
        for (method, path) in [
            ("DELETE", "/api/v1/orders"),
            ("PUT", "/api/v1/orders/x"),
            ("GET", "/api/v1/orders/x/sign"),
            ("POST", "/api/v1/me"),
            ("BREW", "/api/v1/queue"),
        ] {
            let answer = server.raw(&office, method, path, &[], "").await;
            answer.problem(405, "method.unknown");
            assert!(!answer.header("allow").is_empty(), "{method} {path}");
        }
    }
}
