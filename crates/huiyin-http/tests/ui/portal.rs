//! The public pages by forms alone: a matter in three steps, followed by number and code, rated by link; what they refuse.

use huiyin_app::{
    Actor, Role, jobs,
    orders::{self, Given, view::OrderView},
};
use huiyin_core::order::{Order, State};
use huiyin_http::portal::{Language, ROUTES, base};
use serde_json::json;

use super::{
    browser::{Browser, Form, form, registered, site},
    common::{Answer, Server, app},
};

const WHAT: &str = "昨晚十点后排档把桌子摆到人行道上，盲道也占了，希望清理。";

async fn view(server: &Server, no: &str) -> OrderView {
    orders::view::order(&server.test.app, &Actor::system(), no).await.unwrap()
}

async fn order(server: &Server, no: &str) -> Order {
    view(server, no).await.order
}

async fn command(server: &Server, actor: &Actor, no: &str, command: &str, input: serde_json::Value) {
    let given = Given { order: no.into(), command: command.into(), input, key: None, if_match: None };
    orders::command(&server.test.app, actor, given).await.unwrap_or_else(|error| panic!("{command}: {error}"));
}

fn matter(kind: &str) -> Form {
    Form { action: "/p/new/1".into(), fields: Vec::new() }
        .with("kind", kind)
        .with("what", WHAT)
        .with("place", "榆亚路大东海广场北门")
        .with("_go", "next")
}

fn contact() -> Form {
    Form { action: "/p/new/2".into(), fields: Vec::new() }
        .with("name", "陈女士")
        .with("phone", "138 0000 2046")
        .with("_go", "next")
}

fn agreed() -> Form {
    Form { action: "/p/new/3".into(), fields: Vec::new() }.with("agree", "1")
}

/// Number and code of the page that says it was sent.
fn number_and_code(page: &Answer) -> (String, String) {
    let of = |id: &str| {
        let at = page.text.find(&format!("id=\"{id}\">")).unwrap_or_else(|| panic!("{id}: {}", page.text));
        page.text[at..].split('>').nth(1).unwrap().split('<').next().unwrap().to_owned()
    };
    (of("done-no"), of("done-code").replace(' ', ""))
}

/// Sends a matter; its number and code.
async fn sent(server: &Server, browser: &mut Browser<'_>, kind: &str) -> (String, String) {
    // Like ones may be offered by now: none is the same.
    if browser.done(&matter(kind)).await == "/p/similar" {
        browser.done(&Form { action: "/p/similar".into(), fields: Vec::new() }).await;
    }
    assert_eq!(browser.done(&contact()).await, "/p/new/3");
    server.test.clock.advance(10_000);
    let to = browser.done(&agreed()).await;
    number_and_code(&browser.get(&to).await)
}

async fn let_in(browser: &mut Browser<'_>, no: &str, code: &str) -> Answer {
    let form = Form { action: "/p/track".into(), fields: Vec::new() };
    browser.send(&form.with("no", no).with("code", code)).await
}

#[tokio::test]
async fn a_matter_is_sent_in_three_steps_and_followed() {
    let server = site().await;
    let mut browser = Browser::new(&server);
    assert!(browser.get("/p/").await.text.contains("我要提诉求"));
    let (no, code) = sent(&server, &mut browser, "complaint").await;
    assert_eq!(code.len(), 6);
    let seen = view(&server, &no).await;
    assert_eq!((seen.order.state, seen.order.channel.code()), (State::Intake, "web"));
    assert_eq!(seen.body(), WHAT);
    assert!(seen.text(seen.order.title.as_ref()).starts_with("昨晚十点后"));
    // What its claimant called it stands beside what staff find.
    assert_eq!((seen.order.claimed_kind.as_deref(), seen.order.kind.as_deref()), (Some("complaint"), None));
    let mut agent = Browser::of(&server, "agent").await;
    assert!(agent.get(&format!("/orders/{no}")).await.text.contains("诉求人选：投诉"));
    assert!(seen.order.parts[0].reachable && !seen.order.secret);
    // Somebody else, with the code.
    let mut other = Browser::new(&server);
    let answer = let_in(&mut other, &no, &code).await;
    assert_eq!((answer.status.as_u16(), answer.header("location")), (303, format!("/p/track/{no}").as_str()));
    let page = other.get(&format!("/p/track/{no}")).await;
    assert!(page.text.contains("等待受理") && page.text.contains("最迟"), "{}", page.text);
    for (base, words) in [("/en/p", ["Complaint", "Waiting to be accepted"]), ("/ru/p", ["Жалоба", ""])] {
        let page = other.get(&format!("{base}/track/{no}")).await;
        assert!(page.text.contains(words[0]), "{base}: {}", page.text);
        assert!(!page.text.contains("投诉"), "{base}: the kind is named in the page's language");
    }
    // Adds facts twice pressed, urges, and asks to take it back.
    let add = other.form_at(&format!("/p/track/{no}"), &format!("/p/track/{no}/add")).await.with("text", "今晚又来了");
    for _ in 0..2 {
        assert_eq!(other.done(&add).await, format!("/p/track/{no}?said=added"));
    }
    let urge = other.form_at(&format!("/p/track/{no}"), &format!("/p/track/{no}/urge")).await;
    assert_eq!(other.done(&urge).await, format!("/p/track/{no}?said=urged"));
    let now = order(&server, &no).await;
    assert_eq!((now.supplements.len(), now.urges), (1, 1));
    let withdraw = other.form_at(&format!("/p/track/{no}"), &format!("/p/track/{no}/withdraw")).await;
    other.done(&withdraw.with("text", "已经解决")).await;
    let seen = view(&server, &no).await;
    assert!(seen.items.iter().any(|item| item.what == "withdraw"), "a person confirms it first");
    assert!(seen.order.state.is_open());
    let page = other.get(&format!("/p/track/{no}")).await;
    assert!(page.text.contains("您已申请撤回") && !page.text.contains("/withdraw\""));
    // Left, it is asked for again.
    let leave = other.form_at(&format!("/p/track/{no}"), &format!("/p/track/{no}/leave")).await;
    other.done(&leave).await;
    assert_eq!(other.get(&format!("/p/track/{no}")).await.status, 303);
}

#[tokio::test]
async fn nothing_typed_is_lost() {
    let server = site().await;
    let mut browser = Browser::new(&server);
    let long = "很".repeat(3_000);
    let typed = Form { action: "/p/new/1".into(), fields: Vec::new() }.with("what", &long).with("_go", "next");
    assert_eq!(browser.done(&typed).await, "/p/new/1?check=1");
    let page = browser.get("/p/new/1?check=1").await;
    for part in [long.as_str(), "请选择您要做什么", "内容有 3000 字", "aria-invalid"] {
        assert!(page.text.contains(part), "{part}");
    }
    // Another language and larger letters keep it.
    let switched = matter("help").with("_lang", "ru");
    assert_eq!(browser.done(&switched).await, "/ru/p/new/1");
    let page = browser.get("/ru/p/new/1").await;
    assert!(page.text.contains(WHAT) && page.text.contains("Шаг 1 из 3"));
    let larger = Form { action: "/ru/p/new/1".into(), ..matter("help") }.with("_look", "elder");
    assert_eq!(browser.done(&larger).await, "/ru/p/new/1");
    assert!(browser.get("/ru/p/new/1").await.text.contains("data-mode=\"elder\""));
    // A wrong number is kept and said; later steps cannot be reached over earlier ones.
    assert_eq!(browser.done(&matter("help")).await, "/p/new/2");
    assert_eq!(browser.done(&contact().with("email", "x")).await, "/p/new/2?check=1");
    assert_eq!(browser.get("/p/new/3").await.header("location"), "/p/new/2?check=1");
    assert!(browser.get("/p/new/2?check=1").await.text.contains("138 0000 2046"));
    // Without saying that it is true nothing is sent.
    assert_eq!(browser.done(&contact()).await, "/p/new/3");
    server.test.clock.advance(10_000);
    let unsaid = Form { action: "/p/new/3".into(), fields: Vec::new() };
    assert_eq!(browser.done(&unsaid).await, "/p/new/3?check=1");
    // Back at the first step everything stands there.
    assert!(browser.get("/p/new/1").await.text.contains(WHAT));
    // A browser that begins at the end begins at the beginning.
    assert_eq!(Browser::new(&server).get("/p/new/2").await.header("location"), "/p/new/1?lost=1");
}

#[tokio::test]
async fn sent_twice_is_one_and_the_code_is_shown_to_its_browser_alone() {
    let server = site().await;
    let mut browser = Browser::new(&server);
    let (no, code) = sent(&server, &mut browser, "help").await;
    assert_eq!(browser.done(&agreed()).await, format!("/p/done/{no}"));
    assert_eq!(number_and_code(&browser.get(&format!("/p/done/{no}")).await), (no.clone(), code));
    assert_eq!(Browser::new(&server).get(&format!("/p/done/{no}")).await.header("location"), "/p/track");
    // The next matter is another.
    let (second, _) = sent(&server, &mut browser, "help").await;
    assert_ne!(second, no);
}

#[tokio::test]
async fn files_go_with_it_by_their_content() {
    let server = site().await;
    let mut browser = Browser::new(&server);
    let pdf: &[u8] = b"%PDF-1.7\n";
    let answer =
        browser.send_with(&matter("complaint"), &[("files", "a.pdf", pdf), ("files", "b.exe", b"MZ\x90\0")]).await;
    assert_eq!(answer.header("location"), "/p/new/1?file=kind");
    let page = browser.get("/p/new/1?file=kind").await;
    assert!(page.text.contains("a.pdf") && page.text.contains("格式不能接收") && page.text.contains(WHAT));
    assert_eq!(browser.done(&matter("complaint")).await, "/p/new/2");
    browser.done(&contact()).await;
    server.test.clock.advance(10_000);
    let to = browser.done(&agreed()).await;
    let (no, _) = number_and_code(&browser.get(&to).await);
    assert_eq!(view(&server, &no).await.files.len(), 1);
}

#[tokio::test]
async fn a_report_is_secret_and_whoever_is_anonymous_is_nobody() {
    let server = site().await;
    let mut browser = Browser::new(&server);
    browser.done(&matter("report")).await;
    let page = browser.get("/p/new/2").await;
    assert!(page.text.contains("name=\"secret\" value=\"1\" checked"), "as the pack has it for reports");
    browser.done(&contact().with("secret", "1")).await;
    server.test.clock.advance(10_000);
    let to = browser.done(&agreed()).await;
    let (no, _) = number_and_code(&browser.get(&to).await);
    assert!(order(&server, &no).await.secret);
    // Registered without the mark it stays secret.
    let office = app::actor("o", Role::Office, "office");
    command(&server, &office, &no, "register", json!({ "kind": "report", "subject": "020103" })).await;
    assert!(order(&server, &no).await.secret);
    let mut nobody = Browser::new(&server);
    nobody.done(&matter("complaint")).await;
    let anonymous =
        Form { action: "/p/new/2".into(), fields: Vec::new() }.with("name", "陈女士").with("_go", "anonymous");
    assert_eq!(nobody.done(&anonymous).await, "/p/new/3");
    server.test.clock.advance(10_000);
    let to = nobody.done(&agreed()).await;
    let (no, _) = number_and_code(&nobody.get(&to).await);
    let part = &order(&server, &no).await.parts[0];
    assert!(part.anonymous && !part.reachable);
}

#[tokio::test]
async fn what_no_person_does_is_not_taken() {
    let server = site().await;
    let mut robot = Browser::new(&server);
    let answer = robot.send(&matter("complaint").with("website", "http://spam.example")).await;
    assert_eq!(answer.status, 429);
    assert!(answer.text.contains(WHAT), "a person who is taken for one loses nothing");
    // Faster than anybody writes.
    robot.done(&matter("complaint")).await;
    robot.done(&contact()).await;
    let answer = robot.send(&agreed()).await;
    assert_eq!(answer.status, 429, "{}", answer.text);
    // From another site.
    let headers = [("content-type", "application/x-www-form-urlencoded"), ("origin", "http://evil.test")];
    assert_eq!(robot.ask("POST", "/p/new/3", &headers, "agree=1".to_owned()).await.status, 400);
    server.test.clock.advance(10_000);
    assert!(robot.done(&agreed()).await.starts_with("/p/done/"));
}

#[tokio::test]
async fn nothing_tells_whether_a_number_exists() {
    let server = site().await;
    let mut browser = Browser::new(&server);
    let (no, code) = sent(&server, &mut browser, "help").await;
    let wrong = if code == "000000" { "000001" } else { "000000" };
    let mut statements = Vec::new();
    for number in [no.as_str(), "20261012-9999"] {
        let mut texts = Vec::new();
        for _ in 0..5 {
            let (answer, n) = server.statements(let_in(&mut Browser::new(&server), number, wrong)).await;
            statements.push(n);
            texts.push((answer.status.as_u16(), answer.text.replace(number, "")));
        }
        assert_eq!(texts[0].0, 422);
        assert!(texts[0].1.contains("工单号或查询码不对"));
        assert_eq!(texts[4].0, 429, "the fifth has to wait");
        assert!(texts[4].1.contains("15 分钟"));
        statements.push(u64::from(texts[3] == texts[0]));
    }
    assert_eq!(statements[..6], statements[6..], "the same work, whether or not there is such a number");
    // Waiting, the right code opens nothing; afterwards it does.
    assert_eq!(let_in(&mut Browser::new(&server), &no, &code).await.status, 429);
    server.test.clock.advance(16 * 60_000);
    assert_eq!(let_in(&mut Browser::new(&server), &no, &code).await.status, 303);
}

#[tokio::test]
async fn an_order_is_opened_by_its_own_code_alone() {
    let server = site().await;
    let (mut first, mut second) = (Browser::new(&server), Browser::new(&server));
    let (one, code) = sent(&server, &mut first, "help").await;
    let (two, _) = sent(&server, &mut second, "help").await;
    let staff = registered(&server, "complaint", "020103").await;
    let_in(&mut first, &one, &code).await;
    for no in [two.as_str(), staff.as_str()] {
        assert_eq!(first.get(&format!("/p/track/{no}")).await.status, 303);
        for what in ["add", "urge", "withdraw", "rate"] {
            let form = Form { action: format!("/p/track/{no}/{what}"), fields: Vec::new() }.with("text", "别人的");
            let answer = first.send(&form).await;
            assert!(answer.header("location").starts_with("/p/track?no="), "{what} {no}: {}", answer.text);
        }
        let now = order(&server, no).await;
        assert_eq!((now.supplements.len(), now.urges), (0, 0));
    }
    // Who is signed in as staff is nobody here, and who was let in here is nobody there.
    let mut agent = Browser::of(&server, "agent").await;
    assert_eq!(agent.get(&format!("/p/track/{one}")).await.status, 303);
    assert!(first.get(&format!("/orders/{one}")).await.header("location").starts_with("/login"));
}

#[tokio::test]
async fn every_page_is_for_everybody_in_every_language() {
    let server = site().await;
    let mut browser = Browser::new(&server);
    for language in Language::ALL {
        for (method, path) in ROUTES {
            let path = format!("{}{path}", base(*language)).replace("{no}", "20261012-0001").replace("{token}", "none");
            let answer = match *method {
                "GET" => browser.get(&path).await,
                _ => browser.send(&Form { action: path.clone(), fields: Vec::new() }).await,
            };
            let status = answer.status.as_u16();
            assert!(matches!(status, 200 | 303 | 410 | 422), "{method} {path}: {status} {}", answer.text);
            assert!(!answer.header("location").starts_with("/login"), "{method} {path}");
            if status != 303 {
                assert!(answer.text.contains(&format!("<html lang=\"{}\"", language.tag())), "{method} {path}");
                assert_eq!(answer.header("cache-control"), "no-store", "{method} {path}");
            }
        }
    }
    assert_eq!(browser.get("/p/no-such-page").await.status, 404);
}

/// Drives an order to the call back.
async fn answered(server: &Server, no: &str) {
    let (office, unit) = (app::actor("o", Role::Office, "office"), app::actor("u", Role::Officer, "enforcement"));
    if order(server, no).await.state == State::Intake {
        command(server, &office, no, "register", json!({ "kind": "help", "subject": "020103" })).await;
    }
    command(server, &office, no, "dispatch", json!({ "lead": "enforcement" })).await;
    for name in ["sign", "accept"] {
        let given = Given { order: no.into(), command: name.into(), input: json!({}), key: None, if_match: None };
        let _ = orders::command(&server.test.app, &unit, given).await;
    }
    let facts = json!({ "finding": "lawful", "solved": true, "measures": "已清退" });
    let input = json!({ "internal": "已处置", "public": "桌椅已清退。", "facts": facts });
    command(server, &unit, no, "feedback", input).await;
    let asked = order(server, no).await.pending().next().map(|request| request.no.0);
    if let Some(request) = asked {
        let leader = app::actor("l", Role::Leader, "enforcement");
        command(server, &leader, no, "grant", json!({ "request": request })).await;
    }
    command(server, &office, no, "pass", json!({})).await;
}

#[tokio::test]
async fn what_is_rated_is_the_answer_of_the_call_back() {
    let server = site().await;
    let mut browser = Browser::new(&server);
    let (no, code) = sent(&server, &mut browser, "help").await;
    answered(&server, &no).await;
    let_in(&mut browser, &no, &code).await;
    let page = browser.get(&format!("/p/track/{no}")).await;
    assert!(page.text.contains("桌椅已清退") && page.text.contains("已有答复"), "{}", page.text);
    let link = browser.done(&form(&page, &format!("/p/track/{no}/rate"))).await;
    assert!(link.starts_with("/p/rate/"));
    // Without an answer to each question nothing is taken, and what was written stays.
    let empty = browser.form_at(&link, &link).await.with("said", "音响还是很响");
    let page = browser.send(&empty).await;
    assert_eq!(page.status, 422);
    assert!(page.text.contains("音响还是很响"));
    let full = empty.with("solved", "partly").with("satisfied", "3").with("contacted", "yes");
    assert_eq!(browser.done(&full).await, link);
    let page = browser.get(&link).await;
    assert!(page.text.contains("评价已收到") && page.text.contains("重新办理"), "{}", page.text);
    assert!(view(&server, &no).await.items.iter().any(|item| item.what == "not-solved"));
    let answers = order(&server, &no).await.callback.answers.unwrap();
    assert_eq!((answers.contacted, answers.solved, answers.satisfied), (true, false, 3));
    // Sent again it is no second answer, and the order is closed by a person alone.
    browser.done(&full).await;
    let now = order(&server, &no).await;
    assert_eq!((now.callback.answered.len(), now.state), (1, State::Callback));
    // A link is over after its time, and one that never was is over too.
    let (other, code) = sent(&server, &mut browser, "help").await;
    answered(&server, &other).await;
    let_in(&mut browser, &other, &code).await;
    let page = browser.get(&format!("/p/track/{other}")).await;
    let link = browser.done(&form(&page, &format!("/p/track/{other}/rate"))).await;
    server.test.clock.advance(8 * 24 * 3_600_000);
    for link in [link.as_str(), "/p/rate/never-given"] {
        let page = browser.get(link).await;
        assert_eq!(page.status, 410);
        assert!(page.text.contains("链接不能再用") && page.text.contains("查询码"));
    }
    jobs::once(&server.test.app).await.unwrap();
}

#[tokio::test]
async fn like_matters_are_offered_without_a_word_of_anybody() {
    let server = site().await;
    let other = registered(&server, "complaint", "020103").await;
    let mut browser = Browser::new(&server);
    let near = Form { action: "/p/new/1".into(), fields: Vec::new() }
        .with("kind", "complaint")
        .with("what", "大东海夜市占道，桌子摆到人行道上了")
        .with("place", "大东海")
        .with("_go", "next");
    assert_eq!(browser.done(&near).await, "/p/similar");
    let page = browser.get("/p/similar").await;
    for secret in [other.as_str(), "大东海夜市占道", "林某", "每晚摆到人行道"] {
        assert!(!page.text.contains(secret), "`{secret}` is nobody else's to read");
    }
    let follow = form(&page, "/p/similar");
    assert_eq!(browser.done(&follow).await, "/p/new/2");
    browser.done(&contact()).await;
    server.test.clock.advance(10_000);
    let to = browser.done(&agreed()).await;
    let (no, _) = number_and_code(&browser.get(&to).await);
    let (own, first) = (order(&server, &no).await, order(&server, &other).await);
    assert_eq!(own.links[0].order, first.id);
    assert_eq!(own.state, State::Intake, "a person decides whether it is the same");
    // Merged, its claimant follows the other, and sees nothing of who raised it.
    let office = app::actor("o", Role::Office, "office");
    command(&server, &office, &no, "merge", json!({ "into": other })).await;
    let code = number_and_code(&browser.get(&to).await).1;
    let_in(&mut browser, &no, &code).await;
    let page = browser.get(&format!("/p/track/{no}")).await;
    assert!(page.text.contains("合并办理") && !page.text.contains("林某"), "{}", page.text);
    let urge = form(&page, &format!("/p/track/{no}/urge"));
    browser.done(&urge).await;
    assert_eq!(order(&server, &other).await.urges, 1);
    // A report is like nothing.
    let report =
        Form { fields: near.fields.iter().filter(|(name, _)| name != "kind").cloned().collect(), ..near.clone() };
    assert_eq!(Browser::new(&server).done(&report.with("kind", "report")).await, "/p/new/2");
}

/// A gateway that takes every message.
#[derive(Default)]
struct Gateway(std::sync::Mutex<Vec<huiyin_app::ports::Message>>);

impl huiyin_app::ports::Carrier for Gateway {
    fn name(&self) -> &'static str {
        "sms"
    }

    fn send<'a>(
        &'a self,
        message: &'a huiyin_app::ports::Message,
    ) -> huiyin_app::BoxFuture<'a, huiyin_app::ports::Sent> {
        Box::pin(async move {
            self.0.lock().unwrap().push(message.clone());
            huiyin_app::ports::Sent::Taken { receipt: None, report_follows: false }
        })
    }
}

#[tokio::test]
async fn a_phone_and_a_code_lead_to_its_orders_and_tell_nothing_of_others() {
    let gateway = std::sync::Arc::new(Gateway::default());
    let carriers = || vec![gateway.clone() as std::sync::Arc<dyn huiyin_app::ports::Carrier>];
    let server = super::common::server(app::apps_with(carriers).await.remove(0), huiyin_http::Options::default());
    let mut writer = Browser::new(&server);
    let (no, _) = sent(&server, &mut writer, "help").await;
    let ask = |phone: &str| Form { action: "/p/track/phone".into(), fields: Vec::new() }.with("phone", phone);
    let show = |phone: &str, code: &str| {
        Form { action: "/p/track/code".into(), fields: Vec::new() }.with("phone", phone).with("code", code)
    };
    assert!(Browser::new(&server).get("/p/track").await.text.contains("用手机号查询"));
    let mut browser = Browser::new(&server);
    let (known, unknown) = ("13800002046", "13900009999");
    let mut told = Vec::new();
    for phone in [known, unknown] {
        let (page, n) = server.statements(browser.send(&ask(phone))).await;
        told.push((page.status, page.text.replace(phone, ""), n));
        let (page, n) = server.statements(browser.send(&show(phone, "000000"))).await;
        told.push((page.status, page.text.replace(phone, ""), n));
    }
    assert!(told[0].0 == 200 && told[1].0 == 422, "{}", told[0].1);
    assert_eq!(told[..2], told[2..], "the same words after the same work");
    jobs::once(&server.test.app).await.unwrap();
    let text = gateway.0.lock().unwrap().iter().find(|one| one.text.contains("验证码")).unwrap().clone();
    assert_eq!(
        (
            text.to.ends_with(known),
            gateway.0.lock().unwrap().iter().filter(|one| one.to.contains("13900009999")).count()
        ),
        (true, 0)
    );
    let code: String = text.text.chars().filter(char::is_ascii_digit).skip(5).take(6).collect();
    assert_eq!(browser.done(&show(known, &code)).await, "/p/track/mine");
    let page = browser.get("/p/track/mine").await;
    assert!(page.text.contains(&no) && page.text.contains("昨晚十点后"), "{}", page.text);
    // Nobody else's is opened by it.
    let staff = registered_by(&server).await;
    let other = Form { action: "/p/track/mine".into(), fields: Vec::new() }.with("no", &staff);
    assert_eq!(browser.send(&other).await.status, 404);
    assert_eq!(browser.done(&form(&page, "/p/track/mine")).await, format!("/p/track/{no}"));
    assert_eq!(browser.get(&format!("/p/track/{no}")).await.status, 200);
    let leave = browser.form_at("/p/track/mine", "/p/track/mine/leave").await;
    browser.done(&leave).await;
    assert_eq!(browser.get("/p/track/mine").await.header("location"), "/p/track?over=1");
    // Five wrong codes, and one waits; asked for too often, too.
    let mut last = 0;
    for _ in 0..5 {
        last = browser.send(&show(unknown, "111111")).await.status.as_u16();
    }
    assert_eq!(last, 429);
    for _ in 0..4 {
        last = browser.send(&ask(unknown)).await.status.as_u16();
    }
    assert_eq!(last, 429);
    assert_eq!(browser.send(&ask("not a number")).await.status, 422);
}

async fn registered_by(server: &Server) -> String {
    let new = serde_json::from_value(json!({
        "kind": "help", "subject": "010201", "title": "路灯不亮", "claimant": { "name": "王某", "phone": "13700000003" },
    }))
    .unwrap();
    let agent = app::actor("a", Role::Agent, "call-centre");
    orders::take_in(&server.test.app, &agent, new, b"raw", None).await.unwrap().done.no
}

#[tokio::test]
async fn where_no_message_can_be_sent_no_phone_is_asked_for() {
    let server = site().await;
    let mut browser = Browser::new(&server);
    assert!(!browser.get("/p/track").await.text.contains("/p/track/phone"));
    let ask = Form { action: "/p/track/phone".into(), fields: Vec::new() }.with("phone", "13800002046");
    assert_eq!(browser.send(&ask).await.header("location"), "/p/track");
}

#[tokio::test]
async fn a_closed_matter_can_still_be_rated_and_says_what_follows() {
    let server = site().await;
    let mut browser = Browser::new(&server);
    let (no, code) = sent(&server, &mut browser, "help").await;
    answered(&server, &no).await;
    let desk = app::actor("c", Role::Callback, "call-centre");
    command(&server, &desk, &no, "waive-callback", json!({ "reason": "claimant-declined" })).await;
    command(&server, &desk, &no, "close", json!({})).await;
    let_in(&mut browser, &no, &code).await;
    let page = browser.get(&format!("/en/p/track/{no}")).await;
    assert!(page.text.contains("Settled"), "{}", page.text);
    let link = browser.done(&form(&page, &format!("/en/p/track/{no}/rate"))).await;
    let full = browser.form_at(&link, &link).await.with("solved", "no").with("satisfied", "1").with("contacted", "yes");
    browser.done(&full).await;
    let page = browser.get(&link).await;
    assert!(page.text.contains("as a new request linked to this one"), "{}", page.text);
    assert!(view(&server, &no).await.items.iter().any(|item| item.what == "reopen-asked"));
    assert!(!order(&server, &no).await.state.is_open(), "a person decides");
}
