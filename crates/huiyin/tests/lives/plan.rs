//! What happens to each message, drawn from a seed.

use std::io::Read as _;

use serde::Deserialize;
use serde_json::{Value, json};

use super::world::{DISTRICTS, MEMBERS, World, matter};

#[derive(Debug, Clone, Deserialize)]
pub struct Message {
    pub id: String,
    pub title: String,
    pub body: String,
}

#[derive(Debug, Default)]
pub struct Tally {
    pub taken_in: u64,
    pub returns: u32,
    pub extensions: u32,
    pub redos: u32,
    pub merges: u32,
    pub splits: u32,
    pub emergencies: u32,
    pub late: u32,
}

/// Messages from the named file, or invented ones.
pub fn messages() -> Vec<Message> {
    let limit = if std::env::var("HUIYIN_TEST_ALL").is_ok_and(|all| all == "1") { usize::MAX } else { 300 };
    let text = std::env::var("HUIYIN_TEST_MESSAGES").ok().map(|path| {
        let mut text = String::new();
        flate2::read::GzDecoder::new(std::fs::File::open(path).unwrap()).read_to_string(&mut text).unwrap();
        text
    });
    match text {
        Some(text) => text.lines().take(limit).map(|line| serde_json::from_str(line).unwrap()).collect(),
        None => (0..limit.min(2_727)).map(invented).collect(),
    }
}

fn invented(n: usize) -> Message {
    let what = [
        "路灯不亮",
        "井盖松动",
        "水压不足",
        "夜间施工吵闹",
        "公交改线咨询",
        "感谢社区帮忙",
        "医保报销疑问",
        "海滩垃圾",
    ];
    let place = ["解放路", "迎宾路", "河东路", "新风街", "港华路", "学院路"];
    let (what, place) = (what[n % what.len()], place[n / 7 % place.len()]);
    Message {
        id: format!("sample-{n}"),
        title: format!("{place}{what}"),
        body: format!("{place}{}号附近{what}，已有{}天，请派人查看并告知结果。", n % 90 + 1, n % 6 + 1),
    }
}

/// A small generator of its own: the plan must stay the same whatever a library does.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % sides
    }
}

/// Where a matter is sent: a unit, or a sub-centre and the department below it.
struct Target {
    unit: String,
    section: Option<String>,
}

fn member(n: usize) -> Target {
    Target { unit: MEMBERS[n % MEMBERS.len()].to_owned(), section: None }
}

fn district(n: usize) -> Target {
    let (sub, below) = DISTRICTS[n % DISTRICTS.len()];
    Target { unit: sub.to_owned(), section: Some(below.to_owned()) }
}

/// Gives each message a life; a day passes after every few, and what runs by itself runs.
pub async fn live(world: &World, messages: &[Message]) -> Tally {
    let mut dice = Dice(42);
    let mut tally = Tally::default();
    let mut master: Option<(String, u32)> = None;
    for (n, message) in messages.iter().enumerate() {
        let phone = (dice.roll(10) > 0).then(|| format!("1380000{:04}", n % 10_000));
        let (status, taken) = world.post("agent", "/api/v1/orders", &matter(message, phone)).await;
        assert!(status.is_success(), "{status} {taken}");
        let no = taken["no"].as_str().unwrap().to_owned();
        tally.taken_in += 1;
        world.advance(dice.roll(30) as i64 + 1);
        match dice.roll(40) {
            0 => drop(
                world
                    .give(
                        "agent",
                        &no,
                        "refuse",
                        json!({ "reason": "out-of-jurisdiction", "text": "请向其他机关反映。" }),
                    )
                    .await,
            ),
            1 => drop(world.give("office", &no, "stop", json!({ "reason": "test", "note": "试录" })).await),
            2 => {
                register(world, &no, "complaint", "090201", "normal", false).await;
                world.give("agent", &no, "withdraw", json!({ "reason": "solved-itself", "confirmed": true })).await;
            }
            3 => drop(world.give("agent", &no, "transfer", json!({ "to": "litigation", "note": "已在诉讼中" })).await),
            4 => {
                register(world, &no, "consultation", "090201", "normal", false).await;
                world
                    .give(
                        "agent",
                        &no,
                        "answer",
                        json!({ "public": "可以在窗口办理。", "facts": { "answered": true } }),
                    )
                    .await;
            }
            5 => {
                let target = member(n);
                register(world, &no, "praise", "", "normal", false).await;
                world.give("agent", &no, "pass-on", json!({ "unit": target.unit })).await;
                world.give(&target.unit, &no, "confirm-receipt", json!({})).await;
            }
            6 | 7 if master.is_some() => {
                // A duplicate of the order kept open for it; now and then the merge was wrong.
                let (into, left) = master.clone().unwrap();
                world.give("agent", &no, "merge", json!({ "into": into, "reason": "same-event" })).await;
                tally.merges += 1;
                if dice.roll(4) == 0 {
                    world.give("agent", &no, "unmerge", json!({ "note": "不是同一件事" })).await;
                    road(world, &mut dice, &mut tally, n, &no).await;
                }
                master = (left > 1).then_some((into.clone(), left - 1));
                if master.is_none() {
                    road(world, &mut dice, &mut tally, n, &into).await;
                }
            }
            8 if master.is_none() => master = Some((no, 2)),
            9 => {
                let split = json!({ "title": "另一件事", "body": "同一来件里的另一件事。" });
                let other = world.give("agent", &no, "split", split).await["other"].as_str().unwrap().to_owned();
                tally.taken_in += 1;
                tally.splits += 1;
                road(world, &mut dice, &mut tally, n, &no).await;
                road(world, &mut dice, &mut tally, n + 1, &other).await;
            }
            _ => road(world, &mut dice, &mut tally, n, &no).await,
        }
        if n % 5 == 4 {
            world.advance(dice.roll(600) as i64);
            world.jobs().await;
            tell(world).await;
        }
    }
    if let Some((no, _)) = master {
        road(world, &mut dice, &mut tally, 3, &no).await;
    }
    world.jobs().await;
    tell(world).await;
    world.jobs().await;
    world.jobs().await;
    tally
}

async fn register(world: &World, no: &str, kind: &str, subject: &str, urgency: &str, secret: bool) {
    let body = json!({ "kind": kind, "subject": subject, "urgency": urgency, "secret": secret, "area": "460203" });
    world.give("agent", no, "register", body).await;
}

/// The main road with its turns: dispatch to archive.
async fn road(world: &World, dice: &mut Dice, tally: &mut Tally, n: usize, no: &str) {
    let emergency = dice.roll(15) == 0;
    let secret = !emergency && dice.roll(20) == 0;
    let kinds = ["consultation", "help", "complaint", "report", "suggestion"];
    let kind = if emergency { "help" } else { kinds[dice.roll(5) as usize] };
    let subject = if dice.roll(3) == 0 || emergency { "010201" } else { "090201" };
    register(world, no, kind, subject, if emergency { "emergency" } else { "normal" }, secret).await;
    if secret {
        world.give("office", no, "redact", json!({ "text": "有人反映一处问题，请核查。" })).await;
    }
    world.advance(dice.roll(20) as i64);
    let mut target = if dice.roll(4) == 0 { district(n) } else { member(n) };
    let assist = if dice.roll(6) == 0 { vec![member(n + 1).unit] } else { Vec::new() };
    let assist: Vec<String> = assist.into_iter().filter(|unit| *unit != target.unit).collect();
    world.give("office", no, "dispatch", json!({ "lead": target.unit, "assist": assist })).await;
    if !emergency && target.section.is_none() && dice.roll(8) == 0 {
        let other = member(n + 2).unit;
        let asked = json!({ "reason": "not-our-duty", "basis": "三定方案未列此项职责", "suggestion": other });
        world.give(&target.unit, no, "return", asked).await;
        tally.returns += 1;
        let request = pending(world, no).await;
        if dice.roll(2) == 0 {
            world.give("office", no, "rule", json!({ "request": request, "unit": other, "note": "经会商指定" })).await;
        } else {
            world.give("office", no, "grant", json!({ "request": request })).await;
            world.give("office", no, "dispatch", json!({ "lead": other })).await;
        }
        target = Target { unit: other, section: None };
    }
    work(world, dice, tally, no, &target, kind, emergency, secret).await;
    world.give("office", no, "pass", json!({})).await;
    for _ in 0..3 {
        if world.order(no).await["state"] != "callback" {
            return; // nobody to call: closed by the review
        }
        world.advance(60 + dice.roll(600) as i64);
        if dice.roll(6) == 0 && world.order(no).await["redo"].as_u64() < Some(2) {
            let bad =
                json!({ "answers": { "contacted": false, "solved": false, "satisfied": 1, "said": "没有人联系我" } });
            world.give("callback", no, "callback-answered", bad).await;
            world.give("callback", no, "redo", json!({ "reason": "not-contacted" })).await;
            tally.redos += 1;
            let lead = Target { unit: target.unit.clone(), section: target.section.clone() };
            work(world, dice, tally, no, &lead, kind, emergency, secret).await;
            world.give("office", no, "pass", json!({})).await;
            continue;
        }
        let good = json!({ "answers": { "contacted": true, "solved": true, "satisfied": 4 + dice.roll(2) } });
        world.give("callback", no, "callback-answered", good).await;
        world.give("callback", no, "close", json!({})).await;
        return;
    }
    if world.order(no).await["state"] == "callback" {
        let good = json!({ "answers": { "contacted": true, "solved": true, "satisfied": 5 } });
        world.give("callback", no, "callback-answered", good).await;
        world.give("callback", no, "close", json!({})).await;
    }
}

async fn pending(world: &World, no: &str) -> Value {
    let order = world.order(no).await;
    let requests = order["requests"].as_array().unwrap();
    requests.iter().find(|request| request["decision"] == "asked").unwrap()["no"].clone()
}

/// A unit's work until its answer lies with the review.
#[allow(clippy::too_many_arguments)]
async fn work(
    world: &World,
    dice: &mut Dice,
    tally: &mut Tally,
    no: &str,
    target: &Target,
    kind: &str,
    emergency: bool,
    secret: bool,
) {
    let unit = target.unit.as_str();
    if emergency {
        tally.emergencies += 1;
        world
            .give("agent", no, "phone-notice", json!({ "task": open_task(world, no, unit).await, "who": "值班员" }))
            .await;
        world.advance(10 + dice.roll(25) as i64);
        let scene = json!({ "task": open_task(world, no, unit).await, "place": "现场路口", "safety": "已设围挡" });
        world.give(unit, no, "on-scene", scene).await;
    }
    world.advance(dice.roll(300) as i64);
    world.give(unit, no, "sign", json!({ "task": open_task(world, no, unit).await })).await;
    if dice.roll(3) > 0 {
        world.give(unit, no, "accept", json!({ "task": open_task(world, no, unit).await })).await;
    }
    let handler = match &target.section {
        Some(below) => {
            let down = json!({ "task": open_task(world, no, unit).await, "lead": below });
            world.give(unit, no, "redispatch", down).await;
            world.give(below, no, "sign", json!({})).await;
            below.as_str()
        }
        None => unit,
    };
    if !emergency && dice.roll(8) == 0 {
        let asked = json!({ "task": open_task(world, no, handler).await, "span": { "amount": 1, "unit": "workday" }, "reason": "complex" });
        let (status, _) = world.post(handler, &format!("/api/v1/orders/{no}/extend"), &asked).await;
        if status.is_success() {
            tally.extensions += 1;
            let request = pending(world, no).await;
            let decider = if target.section.is_some() { unit } else { "office" };
            let decision = if dice.roll(2) == 0 { "grant" } else { "reject" };
            world.give(decider, no, decision, json!({ "request": request, "note": "已研究" })).await;
        }
    }
    if secret {
        world.give(handler, no, "relay", json!({ "text": "请问具体位置？" })).await;
        let answer = json!({ "task": open_task(world, no, handler).await, "text": "在路口东侧。" });
        world.give("agent", no, "relay-answer", answer).await;
    } else {
        let said = json!({ "reached": true, "said": "已说明情况" });
        world.give(handler, no, "contact", with_task(said, open_task(world, no, handler).await)).await;
    }
    if dice.roll(7) == 0 {
        // Late: the limit passes before the answer.
        world.advance(14 * 24 * 60);
        world.jobs().await;
        tally.late += 1;
    }
    let facts = facts(kind, dice);
    let answer = json!({ "facts": facts, "internal": "现场核查情况", "public": "已经处理，感谢反映。" });
    world.give(handler, no, "feedback", with_task(answer.clone(), open_task(world, no, handler).await)).await;
    if handler != unit {
        world.give(unit, no, "feedback", with_task(answer.clone(), open_task(world, no, unit).await)).await;
    }
    if dice.roll(9) == 0 {
        world.give("office", no, "fail-review", json!({ "reason": "wording", "note": "请写清结果" })).await;
        world.give(unit, no, "feedback", with_task(answer, open_task(world, no, unit).await)).await;
    }
}

fn with_task(mut body: Value, task: Value) -> Value {
    body["task"] = task;
    body
}

/// The open task of a unit.
async fn open_task(world: &World, no: &str, unit: &str) -> Value {
    let order = world.order(no).await;
    let tasks = order["tasks"].as_array().unwrap().clone();
    let open = |task: &&Value| {
        task["unit"] == unit && matches!(task["state"].as_str(), Some("delivered" | "signed" | "accepted"))
    };
    tasks.iter().rev().find(open).unwrap_or_else(|| panic!("{unit} has no open task on {no}: {tasks:?}"))["no"].clone()
}

fn facts(kind: &str, dice: &mut Dice) -> Value {
    match (kind, dice.roll(3)) {
        ("consultation", _) => json!({ "answered": true }),
        ("help", 0) => json!({ "finding": "unlawful", "provision": "某条", "explanation": "已说明" }),
        ("help", _) => json!({ "finding": "lawful", "solved": true, "measures": "已修复" }),
        ("suggestion", 0) => json!({ "adoption": "not-adopted", "reason_not_adopted": "暂不具备条件" }),
        ("suggestion", 1) => json!({ "adoption": "adopted", "finish_day": "2036-03-03" }),
        ("suggestion", _) => json!({ "adoption": "done", "what_was_done": "已经增设" }),
        (_, 0) => json!({ "finding": "untrue", "told_complainant": true, "explanation": "经查不实" }),
        _ => json!({ "finding": "true", "unit_dealt_with": "已约谈", "matter_disposed": "已整改" }),
    }
}

/// A person at the desk tells those whom no carrier reached.
async fn tell(world: &World) {
    for item in world.tell_items().await {
        let record = json!({ "duty": item.1, "reached": true, "record": "已电话告知本人" });
        world.give("agent", &item.0, "tell", record).await;
    }
}
