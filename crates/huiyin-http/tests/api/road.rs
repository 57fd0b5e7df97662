//! The main road of an order through the API, and what stands beside it.

use huiyin_app::{Role, Scope};
use serde_json::{Value, json};

use crate::common::{Server, app, server, servers};

/// Those who work on the orders of these tests.
struct Staff {
    agent: String,
    office: String,
    officer: String,
    stranger: String,
    callback: String,
}

async fn staff(server: &Server) -> Staff {
    Staff {
        agent: server.caller("agent", Role::Agent, "call-centre").await,
        office: server.caller("office", Role::Office, "office").await,
        officer: server.caller("officer", Role::Officer, "human-resources").await,
        stranger: server.caller("stranger", Role::Officer, "water").await,
        callback: server.caller("callback", Role::Callback, "call-centre").await,
    }
}

fn wages() -> Value {
    json!({
        "channel": "phone", "title": "拖欠工资", "body": "公司两个月没有发工资。",
        "claimant": { "name": "王女士", "phone": "138 0000 0000" }, "kind": "help", "subject": "090201",
    })
}

fn answered() -> Value {
    json!({ "public": "工资已全部发放。", "facts": { "finding": "lawful", "solved": true, "measures": "责令限期支付" } })
}

async fn order(server: &Server, staff: &Staff) -> String {
    let taken = server.post(&staff.agent, "/api/v1/orders", &wages()).await.expect(201);
    taken["no"].as_str().unwrap().to_owned()
}

async fn dispatched(server: &Server, staff: &Staff) -> String {
    let no = order(server, staff).await;
    server.command(&staff.office, &no, "dispatch", &json!({ "lead": "human-resources" })).await.expect(200);
    no
}

#[tokio::test]
async fn an_order_goes_the_main_road() {
    for server in servers().await {
        let staff = staff(&server).await;
        let warm = order(&server, &staff).await;
        assert_eq!(warm, "20261012-0001");

        let (taken, cost) = server.statements(server.post(&staff.agent, "/api/v1/orders", &wages())).await;
        assert!(cost <= 10, "taking in took {cost} statements");
        let body = taken.expect(201);
        let no = body["no"].as_str().unwrap().to_owned();
        assert_eq!(taken.header("location"), format!("/api/v1/orders/{no}"));
        assert_eq!(taken.header("etag"), format!("\"{}\"", body["version"]));
        assert_eq!(
            (&body["state"], &body["holder"], &body["known"]),
            (&json!("registered"), &json!("office"), &json!(false))
        );

        let steps: &[(&str, &str, Value, &str, Value)] = &[
            (&staff.office, "dispatch", json!({ "lead": "human-resources" }), "assigned", json!("human-resources")),
            (&staff.officer, "sign", json!({}), "assigned", json!("human-resources")),
            (&staff.officer, "accept", json!({}), "assigned", json!("human-resources")),
            (
                &staff.officer,
                "contact",
                json!({ "reached": true, "said": "同意" }),
                "assigned",
                json!("human-resources"),
            ),
            (&staff.officer, "feedback", answered(), "review", json!("office")),
            (&staff.office, "pass", json!({}), "callback", json!("call-centre")),
            (
                &staff.callback,
                "callback-answered",
                json!({ "answers": { "contacted": true, "solved": true, "satisfied": 5, "said": "满意" } }),
                "callback",
                json!("call-centre"),
            ),
        ];
        server.test.clock.advance(60_000);
        for (who, command, body, state, holder) in steps {
            let (answer, cost) = server.statements(server.command(who, &no, command, body)).await;
            let done = answer.expect(200);
            assert!(cost <= 10, "{command} took {cost} statements");
            assert_eq!((&done["state"], &done["holder"]), (&json!(state), holder), "{command}");
            let (seen, cost) = server.statements(server.get(&staff.office, &format!("/api/v1/orders/{no}"))).await;
            assert!(cost <= 8, "reading took {cost} statements");
            let seen_body = seen.expect(200);
            assert_eq!(seen_body["state"], *state);
            assert_eq!(seen_body["version"], done["version"]);
            assert_eq!(seen.header("etag"), answer.header("etag"));
            clocks(&seen_body, command);
            server.test.clock.advance(60_000);
        }
        let seen = server.get(&staff.office, &format!("/api/v1/orders/{no}")).await.expect(200);
        assert_eq!(seen["body"], "公司两个月没有发工资。");
        assert_eq!(seen["tasks"][0]["feedback"]["public"], "工资已全部发放。");
        // What is owed to the claimant is told before the order ends.
        for duty in seen["duties"].as_array().unwrap().iter().filter(|duty| duty["told_at"].is_null()) {
            server
                .command(&staff.callback, &no, "tell", &json!({ "duty": duty["no"], "record": "电话" }))
                .await
                .expect(200);
        }
        let closed = server.command(&staff.callback, &no, "close", &json!({})).await.expect(200);
        assert_eq!((&closed["state"], &closed["outcome"]), (&json!("closed"), &json!("handled")));
        server.test.clock.advance(30 * 86_400_000);
        let archived = server.command(&staff.office, &no, "archive", &json!({})).await.expect(200);
        assert_eq!(
            (&archived["state"], &archived["outcome"], &archived["holder"]),
            (&json!("archived"), &json!("handled"), &Value::Null)
        );
    }
}

/// The limits as they stand after a command.
#[track_caller]
fn clocks(order: &Value, command: &str) {
    let clocks = order["clocks"].as_array().unwrap();
    let clock = |name: &str, level: &str| {
        clocks.iter().rev().find(|clock| clock["name"] == name && clock["level"] == level && clock["governs"] == true)
    };
    let state = |name: &str, level: &str| clock(name, level).map_or("none", |clock| clock["state"].as_str().unwrap());
    let close = clock("close", "case").unwrap_or_else(|| panic!("no close clock after {command}: {clocks:?}"));
    assert!(!close["basis"][0]["article"].as_str().unwrap().is_empty());
    assert_eq!(close["start"], "2026-10-12T09:01:00+08:00");
    assert!(close["due"].as_str().unwrap().ends_with("+08:00"));
    let expected = match command {
        "dispatch" => ("running", "running"),
        "sign" | "accept" | "contact" => ("stopped", "running"),
        "feedback" => ("stopped", "halted"),
        _ => ("stopped", "stopped"),
    };
    assert_eq!((state("accept", "task"), state("close", "case")), expected, "after {command}");
}

#[tokio::test]
async fn a_contact_without_a_kind_waits_for_a_person() {
    for server in servers().await {
        let staff = staff(&server).await;
        let new = json!({ "channel": "email", "external_id": "<1@mail>", "body": "路灯不亮", "received_at": "2026-10-12T08:30:00+08:00" });
        let first = server.post(&staff.agent, "/api/v1/orders", &new).await.expect(201);
        assert_eq!((&first["state"], &first["holder"]), (&json!("intake"), &json!("call-centre")));
        // The same mail delivered again is the same contact.
        let again = server.post(&staff.agent, "/api/v1/orders", &new).await.expect(200);
        assert_eq!((&again["no"], &again["known"]), (&first["no"], &json!(true)));
        let no = first["no"].as_str().unwrap();
        let body = json!({ "kind": "help", "subject": "010201", "title": "路灯" });
        let done = server.command(&staff.agent, no, "register", &body).await.expect(200);
        assert_eq!(done["state"], "registered");
        let seen = server.get(&staff.agent, &format!("/api/v1/orders/{no}")).await.expect(200);
        assert_eq!((&seen["title"], &seen["received_at"]), (&json!("路灯"), &json!("2026-10-12T08:30:00+08:00")));
    }
}

#[tokio::test]
async fn a_key_gives_the_first_answer_again() {
    for server in servers().await {
        let staff = staff(&server).await;
        let key = [("idempotency-key", "k-1")];
        let first = server.post_with(&staff.agent, "/api/v1/orders", &key, &wages()).await;
        let again = server.post_with(&staff.agent, "/api/v1/orders", &key, &wages()).await;
        first.expect(201);
        again.expect(201);
        assert_eq!(
            (&first.text, first.header("etag"), first.header("location")),
            (&again.text, again.header("etag"), again.header("location"))
        );
        assert_eq!((first.header("idempotency-replayed"), again.header("idempotency-replayed")), ("", "true"));
        let other = json!({ "body": "另一件事" });
        server.post_with(&staff.agent, "/api/v1/orders", &key, &other).await.problem(409, "key.reused");
        // Another's key is another key.
        server.post_with(&staff.office, "/api/v1/orders", &key, &other).await.expect(201);

        let no = first.json()["no"].as_str().unwrap().to_owned();
        let path = format!("/api/v1/orders/{no}/dispatch");
        let (key, body) = ([("idempotency-key", "k-2")], json!({ "lead": "human-resources" }));
        let first = server.post_with(&staff.office, &path, &key, &body).await;
        let again = server.post_with(&staff.office, &path, &key, &body).await;
        first.expect(200);
        again.expect(200);
        assert_eq!((&first.text, first.header("etag")), (&again.text, again.header("etag")));
        assert_eq!(again.header("idempotency-replayed"), "true");
        let other = json!({ "lead": "water" });
        server.post_with(&staff.office, &path, &key, &other).await.problem(409, "key.reused");
        let list = server.get(&staff.office, "/api/v1/orders").await.expect(200);
        assert_eq!(list["items"].as_array().unwrap().len(), 2);
        // A refused command keeps no key: it may be sent again, put right.
        let key = [("idempotency-key", "k-3")];
        server.post_with(&staff.office, &path, &key, &other).await.problem(422, "order.wrong_state");
    }
}

#[tokio::test]
async fn a_problem_is_told_in_the_language_asked_for() {
    for server in servers().await {
        let staff = staff(&server).await;
        let no = order(&server, &staff).await;
        let dispatch = format!("/api/v1/orders/{no}/dispatch");
        let sign = format!("/api/v1/orders/{no}/sign");
        let zh = [("accept-language", "zh-CN,zh;q=0.9,en;q=0.5")];
        let ask = async |path: &str, headers: &[(&str, &str)], body: Value| {
            server.post_with(&staff.office, path, headers, &body).await
        };
        // By default, and where another is asked for first, in English.
        for headers in [&[][..], &[("accept-language", "en,zh;q=0.8")][..], &[("accept-language", "fr")][..]] {
            let told = ask(&dispatch, headers, json!({ "lead": "nobody" })).await;
            let problem = told.problem(422, "unit.unknown");
            assert_eq!(problem["title"], "The rules refuse it");
            assert!(problem["detail"].as_str().unwrap().is_ascii(), "{problem}");
            assert_eq!((told.header("content-language"), told.header("vary")), ("en", "accept-language"));
        }
        let told = ask(&dispatch, &zh, json!({ "lead": "nobody" })).await;
        let problem = told.problem(422, "unit.unknown");
        assert_eq!((&problem["title"], &problem["detail"]), (&json!("规则不允许"), &json!("没有这个单位")));
        assert_eq!(told.header("content-language"), "zh");
        // What would be accepted, as the pages name it.
        let register = format!("/api/v1/orders/{no}/register");
        let problem =
            ask(&register, &zh, json!({ "kind": "help", "subject": "090201" })).await.problem(422, "order.wrong_state");
        assert_eq!(problem["instead"], json!(["待受理"]));
        let problem = ask(&sign, &zh, json!({})).await.problem(422, "task.none");
        assert_eq!(problem["detail"], "工单不在任何单位");
        let problem = ask(&dispatch, &zh, json!({})).await.problem(400, "input.invalid");
        assert_eq!(problem["detail"], "请填写主办单位");
        let problem = ask("/api/v1/orders/20000101-0001/sign", &zh, json!({})).await.problem(404, "not_found");
        assert_eq!(problem["title"], "没有找到");
        let told = server.post_with("hy_bad", &sign, &zh, &json!({})).await;
        assert_eq!(told.problem(401, "unauthenticated")["title"], "没有登录");
        assert!(told.header("www-authenticate").starts_with("Bearer"));
    }
}

#[tokio::test]
async fn a_key_costs_no_look_up() {
    for server in servers().await {
        let staff = staff(&server).await;
        order(&server, &staff).await;
        let (key, light) = ([("idempotency-key", "k-0")], json!({ "channel": "web", "body": "路灯不亮" }));
        let (taken, cost) = server.statements(server.post_with(&staff.agent, "/api/v1/orders", &key, &light)).await;
        taken.expect(201);
        assert!(cost <= 10, "taking in under a key took {cost} statements");
        // Registered at once it owes the claimant a word as well.
        let key = [("idempotency-key", "k-1")];
        let (taken, cost) = server.statements(server.post_with(&staff.agent, "/api/v1/orders", &key, &wages())).await;
        assert!(cost <= 11, "registering under a key took {cost} statements");
        let path = format!("/api/v1/orders/{}/dispatch", taken.expect(201)["no"].as_str().unwrap());
        let (key, body) = ([("idempotency-key", "k-2")], json!({ "lead": "human-resources" }));
        let (done, cost) = server.statements(server.post_with(&staff.office, &path, &key, &body)).await;
        done.expect(200);
        assert!(cost <= 10, "dispatching under a key took {cost} statements");
    }
}

#[tokio::test]
async fn one_key_at_once_is_one_order() {
    for server in servers().await {
        let staff = staff(&server).await;
        let key = [("idempotency-key", "at-once")];
        let (first, second) = (wages(), json!({ "body": "另一件事" }));
        let sent = |body| server.post_with(&staff.agent, "/api/v1/orders", &key, body);
        let answers = tokio::join!(sent(&first), sent(&first), sent(&first));
        let numbers = [&answers.0, &answers.1, &answers.2].map(|answer| answer.expect(201)["no"].clone());
        assert!(numbers.iter().all(|no| *no == numbers[0]), "{numbers:?}");
        sent(&second).await.problem(409, "key.reused");
        let list = server.get(&staff.office, "/api/v1/orders").await.expect(200);
        assert_eq!(list["items"].as_array().unwrap().len(), 1);
        // A command that could be done again is done once all the same.
        let path = format!("/api/v1/orders/{}/urge", numbers[0].as_str().unwrap());
        let key = [("idempotency-key", "urge-at-once")];
        let urged = json!({});
        let sent = || server.post_with(&staff.agent, &path, &key, &urged);
        let answers = tokio::join!(sent(), sent(), sent());
        for answer in [answers.0, answers.1, answers.2] {
            answer.expect(200);
        }
        let seen = server.get(&staff.office, &format!("/api/v1/orders/{}", numbers[0].as_str().unwrap())).await;
        let urged =
            seen.expect(200)["journal"].as_array().unwrap().iter().filter(|row| row["event"] == "order.urged").count();
        assert_eq!(urged, 1);
    }
}

#[tokio::test]
async fn a_stale_version_is_told_and_a_refusal_says_why() {
    for server in servers().await {
        let staff = staff(&server).await;
        let no = dispatched(&server, &staff).await;
        let version = server.get(&staff.officer, &format!("/api/v1/orders/{no}")).await.header("etag").to_owned();
        let sign = format!("/api/v1/orders/{no}/sign");
        let stale = server.post_with(&staff.officer, &sign, &[("if-match", "\"1\"")], &json!({})).await;
        let problem = stale.problem(412, "order.stale");
        assert_eq!(format!("\"{}\"", problem["version"]), version);
        for bad in ["1", "W/\"1\"", "\"x\"", "\"1\", \"2\"", ""] {
            let answer = server.post_with(&staff.officer, &sign, &[("if-match", bad)], &json!({})).await;
            assert_eq!(answer.problem(400, "input.invalid")["field"], "If-Match", "{bad}");
        }
        server.post_with(&staff.officer, &sign, &[("if-match", &version)], &json!({})).await.expect(200);
        server
            .post_with(&staff.officer, &format!("/api/v1/orders/{no}/accept"), &[("if-match", "*")], &json!({}))
            .await
            .expect(200);

        // Facts are missing: the article that asks for them, and which.
        let problem = server
            .command(&staff.officer, &no, "feedback", &json!({ "public": "已处理" }))
            .await
            .problem(422, "close.facts_missing");
        assert_eq!(problem["instead"], json!(["finding"]));
        let basis = &problem["basis"][0];
        for part in ["document", "number", "article", "from"] {
            assert!(basis[part].as_str().is_some_and(|text| !text.is_empty()), "{part} of {basis}");
        }
        // What is refused changes nothing.
        let seen = server.get(&staff.officer, &format!("/api/v1/orders/{no}")).await.expect(200);
        assert_eq!((&seen["state"], &seen["tasks"][0]["state"]), (&json!("assigned"), &json!("accepted")));
    }
}

#[tokio::test]
async fn what_one_may_not_see_is_not_found() {
    for server in servers().await {
        let staff = staff(&server).await;
        let no = dispatched(&server, &staff).await;
        let hidden = server.get(&staff.stranger, &format!("/api/v1/orders/{no}")).await;
        let none = server.get(&staff.stranger, "/api/v1/orders/20261012-9999").await;
        hidden.problem(404, "not_found");
        assert_eq!((hidden.status, &hidden.text), (none.status, &none.text));
        server.command(&staff.stranger, &no, "sign", &json!({})).await.problem(404, "not_found");
        server
            .post(&staff.stranger, &format!("/api/v1/orders/{no}/reveal"), &json!({ "purpose": "核实地址" }))
            .await
            .problem(404, "not_found");
        assert_eq!(server.get(&staff.stranger, "/api/v1/orders").await.expect(200)["items"], json!([]));
        assert_eq!(server.get(&staff.stranger, "/api/v1/queue").await.expect(200)["items"], json!([]));
        // One may see it, but not do this.
        server.command(&staff.officer, &no, "pass", &json!({})).await.problem(403, "forbidden");
        // Linking cannot be used to find out what there is.
        let own = order(&server, &staff).await;
        let problem = server
            .command(&staff.agent, &own, "link", &json!({ "other": "20261012-9999" }))
            .await
            .problem(400, "input.invalid");
        assert_eq!(problem["field"], "other");
    }
}

#[tokio::test]
async fn lists_are_pages() {
    for server in servers().await {
        let staff = staff(&server).await;
        let mut all = Vec::new();
        for _ in 0..5 {
            all.push(dispatched(&server, &staff).await);
            server.test.clock.advance(1_000);
        }
        let page = |token: &str, path: String| {
            let (server, token) = (&server, token.to_owned());
            async move {
                let (answer, cost) = server.statements(server.get(&token, &path)).await;
                assert!(cost <= 5, "{path} took {cost} statements");
                answer.expect(200)
            }
        };
        for (token, base) in
            [(&staff.office, "/api/v1/orders"), (&staff.officer, "/api/v1/orders"), (&staff.officer, "/api/v1/queue")]
        {
            for sort in ["due", "newest"] {
                let mut found = Vec::new();
                let mut next = String::new();
                for turn in 0.. {
                    let page = page(token, format!("{base}?limit=2&sort={sort}{next}")).await;
                    found.extend(
                        page["items"].as_array().unwrap().iter().map(|item| item["no"].as_str().unwrap().to_owned()),
                    );
                    let Some(cursor) = page["next"].as_str() else {
                        assert_eq!(turn, 2, "three pages of two rows");
                        break;
                    };
                    next = format!("&after={cursor}");
                }
                if sort == "newest" {
                    found.reverse();
                }
                assert_eq!(found, all, "{base} by {sort}");
            }
        }
        // The last page is known to be it.
        assert!(page(&staff.office, "/api/v1/orders?limit=5".into()).await["next"].is_null());
        let filtered = |query: &str| page(&staff.office, format!("/api/v1/orders?{query}"));
        for (query, rows) in [
            ("state=assigned,review&open=true&kind=help&urgency=normal&channel=phone&holder=human-resources", 5),
            ("from=2026-10-12&to=2026-10-12&missed=false&supervised=false&difficult=false", 5),
            ("to=2026-10-11", 0),
            ("state=closed", 0),
            ("holder=water", 0),
            ("asked=return", 0),
            ("area=460203", 0),
        ] {
            assert_eq!(filtered(query).await["items"].as_array().unwrap().len(), rows, "{query}");
        }
        let queue = page(
            &staff.officer,
            "/api/v1/queue?due_before=2026-12-01T00:00:00%2B08:00&redone=false&unit=human-resources".into(),
        )
        .await;
        assert_eq!(queue["items"].as_array().unwrap().len(), 5);
        assert_eq!(
            (&queue["items"][0]["task"]["state"], &queue["items"][0]["task"]["unit"]),
            (&json!("delivered"), &json!("human-resources"))
        );
        // Another's unit cannot be asked for.
        assert_eq!(page(&staff.stranger, "/api/v1/queue?unit=human-resources".into()).await["items"], json!([]));
    }
}

#[tokio::test]
async fn a_secret_order_tells_units_nothing_of_who_or_in_what_words() {
    for server in servers().await {
        let staff = staff(&server).await;
        let mut new = wages();
        (new["secret"], new["kind"]) = (json!(true), json!("report"));
        let no = server.post(&staff.agent, "/api/v1/orders", &new).await.expect(201)["no"].as_str().unwrap().to_owned();
        server
            .command(&staff.office, &no, "dispatch", &json!({ "lead": "human-resources" }))
            .await
            .problem(422, "dispatch.not_redacted");
        server.command(&staff.office, &no, "redact", &json!({ "text": "反映欠薪" })).await.expect(200);
        server.command(&staff.office, &no, "dispatch", &json!({ "lead": "human-resources" })).await.expect(200);
        let seen = server.get(&staff.officer, &format!("/api/v1/orders/{no}")).await;
        assert_eq!(seen.expect(200)["body"], "反映欠薪");
        let lists =
            [server.get(&staff.officer, "/api/v1/orders").await, server.get(&staff.officer, "/api/v1/queue").await];
        for answer in lists.iter().chain([&seen]) {
            answer.expect(200);
            for words in ["拖欠工资", "公司", "王女士", "138"] {
                assert!(!answer.text.contains(words), "`{words}` in {}", answer.text);
            }
        }
        assert_eq!(server.get(&staff.office, "/api/v1/orders").await.expect(200)["items"][0]["title"], "拖欠工资");
        let reveal = format!("/api/v1/orders/{no}/reveal");
        server.post(&staff.officer, &reveal, &json!({ "purpose": "核实地址" })).await.problem(403, "forbidden");
        let found = server.post(&staff.office, &reveal, &json!({ "purpose": "核实地址" })).await.expect(200);
        assert_eq!(found["claimants"][0]["identity"]["phone"], "138 0000 0000");
        let problem =
            server.post(&staff.office, &reveal, &json!({ "purpose": "看" })).await.problem(400, "input.invalid");
        assert_eq!(problem["field"], "purpose");
    }
}

#[tokio::test]
async fn orders_are_found_by_phone_in_any_written_form() {
    for server in servers().await {
        let staff = staff(&server).await;
        let (first, second) = (order(&server, &staff).await, order(&server, &staff).await);
        let found = server
            .post(&staff.agent, "/api/v1/orders/find", &json!({ "phone": "+86 138-0000-0000" }))
            .await
            .expect(200);
        assert_eq!(found["orders"], json!([second, first]));
        server
            .post(&staff.officer, "/api/v1/orders/find", &json!({ "phone": "13800000000" }))
            .await
            .problem(403, "forbidden");
        let problem = server
            .post(&staff.agent, "/api/v1/orders/find", &json!({ "phone": "x" }))
            .await
            .problem(400, "input.invalid");
        assert_eq!(problem["field"], "phone");
        // A number in a path or query would stand in every log on the way.
        server.get(&staff.agent, "/api/v1/orders?phone=13800000000").await.problem(400, "input.invalid");
    }
}

#[tokio::test]
async fn desk_items_wait_and_are_done() {
    for server in servers().await {
        let staff = staff(&server).await;
        let mut new = wages();
        new["urgency"] = json!("emergency");
        let no = server.post(&staff.agent, "/api/v1/orders", &new).await.expect(201)["no"].as_str().unwrap().to_owned();
        server.command(&staff.office, &no, "dispatch", &json!({ "lead": "human-resources" })).await.expect(200);
        let items = server.get(&staff.agent, "/api/v1/desk-items").await.expect(200);
        let notice = items["items"].as_array().unwrap().iter().find(|item| item["what"] == "phone-notice").unwrap();
        let path = format!("/api/v1/desk-items/{}/done", notice["id"].as_str().unwrap());
        let problem =
            server.post(&staff.agent, &path, &json!({ "note": "已打电话" })).await.problem(400, "input.invalid");
        assert!(problem["detail"].as_str().unwrap().contains("phone-notice"), "{problem}");
        server.post(&staff.stranger, &path, &json!({ "note": "已打电话" })).await.problem(404, "not_found");
        server
            .post(&staff.agent, "/api/v1/desk-items/none/done", &json!({ "note": "已打电话" }))
            .await
            .problem(404, "not_found");
        server.post(&staff.agent, &path, &json!({ "note": " " })).await.problem(400, "input.invalid");
        server.command(&staff.agent, &no, "phone-notice", &json!({ "who": "值班员" })).await.expect(200);
        let items = server.get(&staff.agent, "/api/v1/desk-items").await.expect(200);
        assert!(items["items"].as_array().unwrap().iter().all(|item| item["what"] != "phone-notice"));
    }
}

#[tokio::test]
async fn the_caller_is_told_who_it_is() {
    let server = server(app::sqlite_app().await, huiyin_http::Options::default());
    let token =
        server.caller_with("officer", Role::Officer, "human-resources", &[Scope::OrdersRead, Scope::ReportsRead]).await;
    let me = server.get(&token, "/api/v1/me").await.expect(200);
    assert_eq!(me["scopes"], json!(["orders:read", "reports:read"]));
    assert_eq!((&me["posts"][0]["unit"], &me["posts"][0]["role"]), (&json!("human-resources"), &json!("officer")));
    assert_eq!(me["posts"][0]["from"], "2026-01-01");
    assert!(me["posts"][0]["unit_name"].as_str().is_some_and(|name| name.contains("人力资源")));
    assert_eq!(me["city"], "sanya");
}

#[tokio::test]
async fn two_orders_are_touched_by_one_command() {
    for server in servers().await {
        let staff = staff(&server).await;
        let (first, second) = (order(&server, &staff).await, order(&server, &staff).await);
        let linked = server.command(&staff.agent, &second, "link", &json!({ "other": first })).await.expect(200);
        assert_eq!(linked["other"], json!(first));
        let merged = server.command(&staff.agent, &second, "merge", &json!({ "into": first })).await.expect(200);
        assert_eq!(
            (&merged["state"], &merged["outcome"], &merged["other"]),
            (&json!("closed"), &json!("merged"), &json!(first))
        );
        let back = server.command(&staff.agent, &second, "unmerge", &json!({ "note": "不是同一件" })).await.expect(200);
        assert_eq!(back["state"], "registered");
        let split = server
            .command(&staff.agent, &first, "split", &json!({ "body": "另一件", "kind": "help", "subject": "010201" }))
            .await
            .expect(200);
        let third = split["other"].as_str().unwrap();
        assert_eq!(
            server.get(&staff.agent, &format!("/api/v1/orders/{third}")).await.expect(200)["state"],
            "registered"
        );
        let contact =
            server.post(&staff.agent, "/api/v1/orders", &json!({ "body": "补充:还有加班费" })).await.expect(201);
        let appended = server
            .command(&staff.agent, contact["no"].as_str().unwrap(), "append", &json!({ "into": first }))
            .await
            .expect(200);
        assert_eq!(appended["outcome"], "merged");
        server.command(&staff.office, &first, "stop", &json!({ "reason": "test", "note": "测试单" })).await.expect(200);
        let reopened = server
            .command(&staff.agent, &first, "reopen", &json!({ "reason": "relapse", "body": "又欠薪" }))
            .await
            .expect(200);
        assert!(reopened["other"].as_str().is_some());
    }
}
