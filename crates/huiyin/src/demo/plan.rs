//! The plan of the demonstration: `day.toml` read, the usual road of an order filled in, every step with its moment.

use anyhow::{Context, Result, bail};
use huiyin_core::time::{Instant, Zone};
use serde::Deserialize;
use serde_json::{Map, Value, json};

/// Milliseconds.
const MINUTE: i64 = 60_000;
/// Milliseconds.
pub const HOUR: i64 = 60 * MINUTE;

/// The whole of it.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Plan {
    /// One person for each role.
    pub person: Vec<Person>,
    /// Further units at work.
    pub unit: Vec<Unit>,
    /// What comes in.
    pub order: Vec<Order>,
}

/// A person who can sign in.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Person {
    /// Login.
    pub login: String,
    /// Name.
    pub name: String,
    /// Unit.
    pub unit: String,
    /// Role.
    pub role: String,
    /// What they do.
    pub what: String,
}

/// A unit at work.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Unit {
    /// Code.
    pub code: String,
    /// Name of its officer.
    pub officer: String,
    /// Name of its leader.
    pub leader: String,
}

/// What comes in, and how far it goes.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Order {
    /// What other orders call it.
    pub key: Option<String>,
    /// When it comes in.
    pub at: String,
    /// How.
    #[serde(default = "phone")]
    pub channel: String,
    /// Title.
    pub title: String,
    /// The matter.
    pub body: String,
    /// Who raises it.
    pub name: Option<String>,
    /// Their number.
    pub phone: Option<String>,
    /// Whether no name is given.
    pub anonymous: bool,
    /// Whether the claimant calls it an emergency.
    pub emergency: bool,
    /// Whether units must not learn who raised it.
    pub secret: bool,
    /// What units may read of a secret matter.
    pub redacted: Option<String>,
    kind: Option<String>,
    subject: Option<String>,
    area: Option<String>,
    place: Option<String>,
    urgency: Option<String>,
    lead: Option<String>,
    #[serde(default)]
    assist: Vec<String>,
    below: Option<String>,
    stage: Option<String>,
    answer: Option<String>,
    satisfied: Option<u8>,
    #[serde(default)]
    steps: Vec<(String, String, String, Map<String, Value>)>,
}

fn phone() -> String {
    "phone".into()
}

/// Something that happens.
#[derive(Debug)]
pub enum Happening {
    /// The contact comes in.
    TakenIn,
    /// A command by its name, with its fields.
    Command(String, Value),
}

/// Something that happens to an order, when, and by whom.
#[derive(Debug)]
pub struct Step {
    /// When.
    pub at: Instant,
    /// Which order, by its place in the plan.
    pub order: usize,
    /// By whom: a login, `unit:<code>`, `leader:<code>`, `system`, `claimant`.
    pub who: String,
    /// What.
    pub happening: Happening,
}

impl Step {
    /// Its name.
    pub fn what(&self) -> &str {
        match &self.happening {
            Happening::TakenIn => "take-in",
            Happening::Command(name, _) => name,
        }
    }
}

/// The plan.
///
/// # Panics
/// Never: a test reads it.
pub fn day() -> Plan {
    toml::from_str(include_str!("day.toml")).expect("the plan of the demonstration can be read")
}

/// How far the usual road goes, in order.
const STAGES: &[&str] = &["intake", "registered", "delivered", "signed", "accepted", "review", "callback", "closed"];

/// When the first contact comes in.
pub fn began(plan: &Plan, zone: &Zone, now: Instant) -> Result<Instant> {
    let times = plan.order.iter().map(|order| moment(&order.at, zone, now)).collect::<Result<Vec<_>>>()?;
    times.into_iter().min().context("the plan is empty")
}

/// Every step, in order of time.
pub fn steps(plan: &Plan, zone: &Zone, now: Instant) -> Result<Vec<Step>> {
    let mut steps = Vec::new();
    for (at, order) in plan.order.iter().enumerate() {
        let start = moment(&order.at, zone, now).with_context(|| order.title.clone())?;
        let mut road = Road { order: at, at: start, steps: &mut steps };
        walk(order, &mut road).with_context(|| order.title.clone())?;
    }
    // Stable: steps of one order at one moment stay in their order.
    steps.sort_by_key(|step| step.at);
    Ok(steps)
}

struct Road<'a> {
    order: usize,
    at: Instant,
    steps: &'a mut Vec<Step>,
}

impl Road<'_> {
    fn step(&mut self, minutes: i64, who: &str, name: &str, fields: Value) {
        self.at = self.at.plus(minutes * MINUTE);
        let happening = Happening::Command(name.to_owned(), fields);
        self.steps.push(Step { at: self.at, order: self.order, who: who.to_owned(), happening });
    }
}

fn walk(order: &Order, road: &mut Road<'_>) -> Result<()> {
    let public = !matches!(order.channel.as_str(), "phone" | "letter" | "fax" | "visit");
    let who = if public { "claimant" } else { "agent" }.to_owned();
    road.steps.push(Step { at: road.at, order: road.order, who, happening: Happening::TakenIn });
    let stage = order.stage.as_deref().unwrap_or("intake");
    let Some(stage) = STAGES.iter().position(|known| *known == stage) else {
        bail!("`{stage}` is not a stage");
    };
    let reaches = |name: &str| STAGES.iter().position(|known| *known == name).is_some_and(|at| at <= stage);
    if reaches("registered") {
        road.step(4, "agent", "register", registration(order));
    }
    if reaches("delivered") {
        if let Some(redacted) = &order.redacted {
            road.step(3, "agent", "redact", json!({ "text": redacted }));
        }
        road.step(15, "agent", "dispatch", json!({ "lead": order.lead, "assist": order.assist }));
        if order.phone.is_some() {
            road.step(
                6,
                "agent",
                "tell",
                json!({ "duty": 1, "reached": true, "record": "已电话告知受理情况和工单号，来电人表示知晓。" }),
            );
        }
    }
    let lead = order.lead.clone().unwrap_or_default();
    let desk = format!("unit:{lead}");
    // Below a sub-centre, the department does the work.
    let unit = order.below.as_ref().map_or_else(|| desk.clone(), |below| format!("unit:{below}"));
    if reaches("signed") && order.below.is_some() {
        road.step(20, &desk, "sign", json!({}));
        road.step(5, &desk, "accept", json!({}));
        road.step(15, &desk, "redispatch", json!({ "task": 1, "lead": order.below }));
    }
    if reaches("signed") {
        road.step(50, &unit, "sign", json!({}));
    }
    if reaches("accepted") {
        road.step(10, &unit, "accept", json!({}));
    }
    if reaches("review") {
        let answer = order.answer.as_deref().context("an answer is missing")?;
        if order.phone.is_some() && !order.secret {
            road.step(90, &unit, "contact", json!({ "reached": true, "said": "已与诉求人联系，核实了具体情况。" }));
        }
        if order.below.is_some() {
            road.step(100, &unit, "feedback", json!({ "internal": "已办理，情况如公开口径。", "public": answer }));
        }
        let fields = json!({ "facts": facts(order, answer), "internal": "现场记录和照片已存档。", "public": answer });
        road.step(50, &desk, "feedback", fields);
    }
    if reaches("callback") {
        road.step(40, "office", "pass", json!({}));
    }
    if reaches("closed") {
        let satisfied = order.satisfied.unwrap_or(5);
        let answers = json!({ "contacted": true, "solved": true, "satisfied": satisfied, "said": "已经解决，谢谢。" });
        road.step(50, "callback", "callback-answered", json!({ "answers": answers }));
        road.step(5, "callback", "close", json!({}));
    }
    for (after, who, name, fields) in &order.steps {
        let after = span(after.strip_prefix('+').unwrap_or(after))?;
        let who = match who.as_str() {
            "unit" => unit.clone(),
            "leader" => format!("leader:{lead}"),
            login => login.to_owned(),
        };
        let fields = if name == "register" { registration(order) } else { Value::Object(fields.clone()) };
        road.step(after / MINUTE, &who, name, fields);
    }
    Ok(())
}

fn registration(order: &Order) -> Value {
    json!({
        "kind": order.kind,
        "subject": order.subject,
        "area": order.area,
        "place": order.place,
        "urgency": order.urgency.as_deref().unwrap_or("normal"),
        "secret": order.secret,
    })
}

/// The facts that let an order of its kind be closed.
fn facts(order: &Order, answer: &str) -> Value {
    match order.kind.as_deref().unwrap_or_default() {
        "consultation" => json!({ "answered": true }),
        "help" => json!({ "finding": "lawful", "solved": true, "measures": answer }),
        "suggestion" => json!({ "adoption": "done", "what_was_done": answer }),
        _ => json!({ "finding": "true", "unit_dealt_with": "已对责任单位作出处理。", "matter_disposed": answer }),
    }
}

/// `-35m` before now, or `-2 09:12`: two days before today at that time.
fn moment(text: &str, zone: &Zone, now: Instant) -> Result<Instant> {
    let Some((days, time)) = text.split_once(' ') else {
        return Ok(now.plus(-span(text.strip_prefix('-').unwrap_or(text))?));
    };
    let days: u32 = days.strip_prefix('-').unwrap_or(days).parse().with_context(|| format!("`{text}` is no moment"))?;
    let day = (0..days).fold(zone.day(now), |day, _| day.previous());
    zone.parse(&format!("{day}T{time}:00")).map_err(anyhow::Error::msg)
}

/// `1h30m`, in milliseconds.
pub fn span(text: &str) -> Result<i64> {
    let (mut total, mut number) = (0, String::new());
    for c in text.chars() {
        if c.is_ascii_digit() {
            number.push(c);
            continue;
        }
        let one: i64 = number.parse().with_context(|| format!("`{text}` is no span such as 1h30m"))?;
        total += one
            * match c {
                'h' => HOUR,
                'm' => MINUTE,
                _ => bail!("`{text}` is no span such as 1h30m"),
            };
        number.clear();
    }
    Ok(total)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn at_any_hour_of_a_day_everything_lies_in_the_past() {
        let (plan, zone) = (day(), Zone::named("Asia/Shanghai").unwrap());
        assert!(plan.order.len() >= 60);
        let midnight = zone.parse("2026-11-23T00:00:00").unwrap();
        for minutes in [0, 1, 8 * 60, 12 * 60, 24 * 60 - 1] {
            let now = midnight.plus(minutes * MINUTE);
            let steps = steps(&plan, &zone, now).unwrap();
            for step in &steps {
                assert!(step.at <= now, "{} of {}", step.what(), plan.order[step.order].title);
            }
            assert!(steps.windows(2).all(|pair| pair[0].at <= pair[1].at));
        }
    }

    #[test]
    fn spans_are_read() {
        assert_eq!(span("1h30m").unwrap(), 90 * MINUTE);
        assert!(span("soon").is_err());
    }
}
