//! Scenarios made from a pack's own text, for every pack and for one more: `sanya` with every value shifted.
//!
//! What is expected is counted by [`Slow`] and read from the text, not asked of the program. One program passes all.

use std::collections::BTreeSet;

use huiyin_core::{
    policy::{Level, Question},
    time::Instant,
};
use libtest_mimic::{Failed, Trial};
use serde_json::{Value as Json, json};
use toml::{Table, Value};

use crate::{
    file::{Scenario, Step},
    packs,
    run::{self, Engine},
    slow::{Limit, Matter, Slow},
};

/// Tests for each pack and the shifted one.
pub fn trials() -> Vec<Trial> {
    let mut all: Vec<(String, Result<Table, String>)> =
        packs::names().into_iter().map(|name| (name.clone(), packs::merged(&packs::files(&name)))).collect();
    all.push(("shifted".into(), packs::merged(&packs::files("sanya")).map(|all| shifted(&all))));
    let mut trials = Vec::new();
    for (name, all) in all {
        let own = all.clone();
        trials.push(Trial::test(format!("generated::{name}::limits_agree_with_a_second_count"), move || {
            agree(&own.clone()?).map_err(Failed::from)
        }));
        for (what, make) in KINDS_OF {
            let (all, make) = (all.clone(), *make);
            trials.push(Trial::test(format!("generated::{name}::{what}"), move || {
                let all = all.clone()?;
                let texts = packs::written(&all);
                packs::load(&texts)?;
                let scenarios = make(&Made { all: &all });
                let failed: Vec<String> =
                    scenarios.iter().filter_map(|one| run::carry_out(&texts, one, Engine::Sqlite).err()).collect();
                match (scenarios.is_empty(), failed.is_empty()) {
                    (true, _) => Err(Failed::from("nothing was generated")),
                    (_, true) => Ok(()),
                    _ => Err(Failed::from(failed.join("\n"))),
                }
            }));
        }
    }
    trials
}

/// How many random matters are asked of each pack: in all a million when the long sets run.
fn cases() -> usize {
    let whole = std::env::var("HUIYIN_TEST_ALL").is_ok_and(|value| value == "1");
    if whole { 1_000_000 / (packs::names().len() + 1) + 1 } else { 300 }
}

/// Random matters at random moments: the limits the program finds, and those counted a second time.
fn agree(all: &Table) -> Result<(), String> {
    let (pack, slow, made) = (packs::load(&packs::written(all))?, Slow::new(all), Made { all });
    let mut state: u64 = 0x9e37_79b9_7f4a_7c15;
    let mut next = |below: usize| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        usize::try_from(state % below as u64).expect("a small number")
    };
    let (subjects, units) = (made.subjects(), made.units());
    let kinds: Vec<&str> = made.list("kind").iter().filter_map(|kind| kind["code"].as_str()).collect();
    let starts: Vec<&str> = made.list("clock").iter().filter_map(|rule| rule["start"].as_str()).collect();
    for n in 0..cases() {
        // From the first notice to the year after the last.
        let start =
            pack.zone().parse("2021-01-01T00:00:00")?.plus(next(2_200 * 86_400) as i64 * 1000 + next(3) as i64 * 500);
        let local = pack.zone().rfc3339(start)[..19].to_owned();
        let (subject, flags) = &subjects[next(subjects.len())];
        let subject = (next(4) > 0).then_some((*subject, flags));
        let matter = Matter {
            kind: kinds[next(kinds.len())].into(),
            flags: subject.map(|(_, flags)| flags.clone()),
            urgency: ["normal", "urgent", "emergency"][next(3)].into(),
            unit_kind: (next(4) > 0).then(|| units[next(units.len())].1.to_owned()),
            source: [None, Some("phone".to_owned()), Some("web".to_owned())][next(3)].clone(),
            assist: next(3) == 0,
            first: next(2) == 0,
        };
        let question = Question {
            kind: Some(&matter.kind),
            subject: subject.and_then(|(code, _)| pack.subject(code)),
            urgency: &matter.urgency,
            unit_kind: matter.unit_kind.as_deref(),
            source: matter.source.as_deref(),
            assist: matter.assist,
            first: matter.first,
            below: false,
            units: &[],
            mode: None,
            governing: pack.zone().day(start),
        };
        let shown = |at: Instant| pack.zone().rfc3339(at)[..19].to_owned();
        let mut found: Vec<Limit> = pack
            .ask(&question, start, &[])
            .into_iter()
            .filter(|ruled| !ruled.yields)
            .map(|ruled| Limit {
                name: ruled.rule.name.clone(),
                level: if ruled.rule.level == Level::Case { "case".into() } else { "task".into() },
                rule: ruled.rule.rule.clone(),
                due: shown(ruled.due.at),
                warn: ruled.warn_at.map(shown),
                governs: ruled.governs,
            })
            .collect();
        let at = slow.at(&local);
        let mut counted = slow.limits(&matter, &at, at.date(), &starts);
        found.sort();
        counted.sort();
        if found != counted {
            return Err(format!("case {n}, {matter:?} at {local}:\nfound   {found:?}\ncounted {counted:?}"));
        }
    }
    Ok(())
}

type Make = fn(&Made<'_>) -> Vec<Scenario>;

const KINDS_OF: &[(&str, Make)] = &[
    ("limits", |made| made.limits()),
    ("lives", |made| made.lives()),
    ("closing", |made| made.closing()),
    ("counts", |made| made.counts()),
    ("endings", |made| made.endings()),
];

/// The day most of it happens on.
const DAY: &str = "2026-10-12";

/// Moments at which limits begin: an evening, holidays, make-up days, the night before an unknown year.
const STARTS: &[&str] = &[
    "2026-09-30T10:00:00",
    "2026-10-03T22:30:00",
    "2026-02-13T17:59:00",
    "2026-10-12T09:00:00",
    "2026-05-08T23:59:59",
    "2026-09-20T00:00:00",
];

/// A pack's text, from which scenarios are made.
struct Made<'a> {
    all: &'a Table,
}

impl<'a> Made<'a> {
    fn list(&self, section: &str) -> &'a [Value] {
        self.all.get(section).and_then(Value::as_array).map_or(&[], Vec::as_slice)
    }

    /// The last value of a parameter.
    fn setting(&self, name: &str) -> &'a Value {
        let parameter = self.list("parameter").iter().find(|p| p["name"].as_str() == Some(name));
        let values = parameter.and_then(|p| p["value"].as_array()).unwrap_or_else(|| panic!("no parameter {name}"));
        &values.last().expect("a value")["value"]
    }

    fn number(&self, name: &str) -> i64 {
        self.setting(name).as_integer().unwrap_or_else(|| panic!("{name} is no number"))
    }

    fn flag(&self, name: &str) -> bool {
        self.setting(name).as_bool().unwrap_or_else(|| panic!("{name} is no flag"))
    }

    fn words_of(&self, name: &str) -> Vec<&'a str> {
        self.setting(name).as_array().map_or(Vec::new(), |list| list.iter().filter_map(Value::as_str).collect())
    }

    fn names(entry: &'a Value, field: &str) -> Vec<&'a str> {
        entry.get(field).and_then(Value::as_array).map_or(Vec::new(), |l| l.iter().filter_map(Value::as_str).collect())
    }

    /// Kinds that are dispatched, and those that are only passed on.
    fn kinds(&self, passed_on: bool) -> Vec<&'a str> {
        let unlimited = |kind: &str| {
            self.list("no_clock").iter().any(|mark| {
                let (kinds, states) = (Self::names(mark, "kinds"), Self::names(mark, "states"));
                (kinds.is_empty() || kinds.contains(&kind)) && (states.is_empty() || states.contains(&"assigned"))
            })
        };
        let all = self.list("kind").iter().filter_map(|kind| kind["code"].as_str());
        all.filter(|kind| unlimited(kind) == passed_on).collect()
    }

    /// Leaves of the subject tree with what they inherit.
    fn subjects(&self) -> Vec<(&'a str, BTreeSet<String>)> {
        let all = self.list("subject");
        let above = |entry: &Value| {
            let parent = entry.get("parent")?.as_str()?.to_owned();
            all.iter().find(|other| other["code"].as_str() == Some(&parent))
        };
        let inner: BTreeSet<&str> = all.iter().filter_map(|entry| entry.get("parent")?.as_str()).collect();
        let leaf = |entry: &&Value| entry["code"].as_str().is_some_and(|code| !inner.contains(code));
        let mut seen = BTreeSet::new();
        let mut found = Vec::new();
        for entry in all.iter().filter(leaf) {
            let mut flags: BTreeSet<String> = BTreeSet::new();
            let mut at = Some(entry);
            while let Some(node) = at {
                flags.extend(Self::names(node, "flags").into_iter().map(str::to_owned));
                at = above(node);
            }
            // One for each set of flags: more of them say nothing new.
            if seen.insert(flags.clone()) {
                found.push((entry["code"].as_str().expect("a code"), flags));
            }
        }
        found
    }

    /// Units that handle orders on the day, one of each kind first, with their kind.
    fn units(&self) -> Vec<(&'a str, &'a str)> {
        let handles = |kind: &str| {
            let kind = self.list("unit_kind").iter().find(|entry| entry["code"].as_str() == Some(kind));
            kind.is_some_and(|kind| kind["function"].as_str() == Some("member"))
        };
        let mut units: Vec<(&str, &str)> = self
            .list("unit")
            .iter()
            .filter(|unit| unit.get("until").is_none())
            .map(|unit| (unit["code"].as_str().expect("a code"), unit["kind"].as_str().expect("a kind")))
            .filter(|(_, kind)| handles(kind))
            .collect();
        let mut seen = BTreeSet::new();
        units.sort_by_key(|(_, kind)| !seen.insert(*kind));
        units
    }

    fn reason(&self, group: &str) -> &'a str {
        let all = self.list("reason");
        let found = all.iter().find(|reason| reason["group"].as_str() == Some(group));
        found.unwrap_or_else(|| panic!("no reason of group {group}"))["code"].as_str().expect("a code")
    }

    /// Closing rules of a kind at an urgency.
    fn closings(&self, kind: &str, urgency: &str) -> Vec<&'a Value> {
        let among = |entry: &'a Value, field: &str, word: &str| {
            let words = Self::names(entry, field);
            words.is_empty() || words.contains(&word)
        };
        self.list("closing").iter().filter(|c| among(c, "kinds", kind) && among(c, "urgency", urgency)).collect()
    }

    /// A fact stated, as its kind asks.
    fn fact(&self, name: &str) -> Json {
        let fact = self.list("fact").iter().find(|fact| fact["name"].as_str() == Some(name));
        match fact.and_then(|fact| fact["is"].as_str()) {
            Some("flag") => json!(true),
            Some("day") => json!("2026-12-01"),
            Some("instant") => json!(format!("{DAY}T09:00:00")),
            _ => json!("已经查明。"),
        }
    }

    /// All facts that closing asks of a kind, in the branch that a rule takes (the first of the others).
    fn facts(&self, kind: &str, urgency: &str, of: Option<(&'a Value, &'a Value)>) -> serde_json::Map<String, Json> {
        let mut facts = serde_json::Map::new();
        for closing in self.closings(kind, urgency) {
            for name in Self::names(closing, "requires") {
                facts.insert(name.into(), self.fact(name));
            }
            let Some(branch) = closing.get("branch").and_then(Value::as_str) else { continue };
            let cases = closing["case"].as_array().expect("cases");
            let case = of.filter(|(rule, _)| *rule == closing).map_or(&cases[0], |(_, case)| case);
            facts.insert(branch.into(), json!(case["when"].as_str()));
            for name in Self::names(case, "requires") {
                facts.insert(name.into(), self.fact(name));
            }
        }
        facts
    }

    /// The steps up to a unit that works on it.
    fn at_work(&self, kind: &str, urgency: &str, unit: &str) -> Vec<Json> {
        let (subject, _) = self.subjects()[0];
        let who = format!("officer:{unit}");
        let mut steps = vec![
            json!({ "at": format!("{DAY}T09:00:00"), "by": "agent", "take_in": { "kind": kind, "secret": false, "subject": subject, "urgency": urgency } }),
            json!({ "by": "office", "do": "dispatch", "with": { "lead": unit } }),
            json!({ "by": who, "do": "sign" }),
        ];
        if self.flag("accept.separate") {
            steps.push(json!({ "by": who, "do": "accept" }));
        }
        steps
    }

    fn limits(&self) -> Vec<Scenario> {
        let (slow, subjects, units) = (Slow::new(self.all), self.subjects(), self.units());
        let mut made = Vec::new();
        let mut n = 0;
        for kind in self.kinds(false) {
            for urgency in ["normal", "urgent", "emergency"] {
                for (subject, flags) in &subjects {
                    n += 1;
                    let (lead, lead_kind) = units[n % units.len()];
                    let (assist, assist_kind) = units[(n + 1) % units.len()];
                    let (start, channel) = (STARTS[n % STARTS.len()], ["phone", "web", "letter"][n % 3]);
                    let at = slow.at(start);
                    let day = at.date();
                    let matter = Matter {
                        kind: kind.into(),
                        flags: Some(flags.clone()),
                        urgency: urgency.into(),
                        source: Some(channel.into()),
                        ..Matter::default()
                    };
                    let taken = slow.limits(&matter, &at, day, &["taken-in"]);
                    let case = Matter { unit_kind: Some(lead_kind.into()), ..matter.clone() };
                    let commanded = urgency == "emergency";
                    let tasks: &[&str] = if commanded { &["delivered", "commanded"] } else { &["delivered"] };
                    let mut sent = slow.limits(&case, &at, day, &["dispatched"]);
                    sent.retain(|limit| limit.level == "case");
                    let of = |no: u32, limits: Vec<Limit>| {
                        limits
                            .into_iter()
                            .filter(|limit| limit.level == "task")
                            .map(move |limit| shown(&limit, Some(no)))
                    };
                    let lead_limits = slow.limits(&Matter { first: true, ..case.clone() }, &at, day, tasks);
                    let assists = Matter { unit_kind: Some(assist_kind.into()), assist: true, ..matter.clone() };
                    let assist_limits = slow.limits(&assists, &at, day, tasks);
                    let clocks: Vec<Json> = sent
                        .iter()
                        .map(|limit| shown(limit, None))
                        .chain(of(1, lead_limits))
                        .chain(of(2, assist_limits))
                        .collect();
                    let taken: Vec<Json> = taken.iter().map(|limit| shown(limit, None)).collect();
                    made.push(scenario(
                        &format!("limits {kind} {urgency} {subject} at {start}"),
                        vec![
                            json!({ "at": start, "by": "agent", "take_in": { "kind": kind, "secret": false, "subject": subject, "urgency": urgency, "channel": channel }, "see": { "clocks": taken } }),
                            json!({ "by": "office", "do": "dispatch", "with": { "lead": lead, "assist": [assist] }, "see": { "clocks": clocks } }),
                        ],
                    ));
                }
            }
        }
        // A pack with many flags makes many: a slice by default.
        let most = if std::env::var("HUIYIN_TEST_ALL").is_ok_and(|value| value == "1") { made.len() } else { 24 };
        let step = made.len().div_ceil(most.max(1)).max(1);
        made.into_iter().step_by(step).collect()
    }

    fn lives(&self) -> Vec<Scenario> {
        let units = self.units();
        let mut made = Vec::new();
        for (n, kind) in self.kinds(false).into_iter().enumerate() {
            for urgency in ["normal", "emergency"] {
                let (unit, _) = units[n % units.len()];
                let mut steps = self.at_work(kind, urgency, unit);
                steps.push(json!({ "by": format!("officer:{unit}"), "do": "feedback", "with": { "public": "已办结。", "facts": self.facts(kind, urgency, None) }, "see": { "state": "review" } }));
                steps.push(json!({ "by": "office", "do": "pass", "see": { "state": "callback" } }));
                steps.push(json!({ "by": "callback", "do": "callback-answered", "with": { "answers": { "contacted": true, "solved": true, "satisfied": 5 } } }));
                steps.push(
                    json!({ "by": "callback", "do": "close", "see": { "state": "closed", "outcome": "handled" } }),
                );
                steps.push(json!({ "jobs": true }));
                made.push(scenario(&format!("life of a {kind}, {urgency}"), steps));
            }
        }
        for kind in self.kinds(true) {
            let (unit, _) = units[0];
            made.push(scenario(
                &format!("life of a {kind}"),
                vec![
                    json!({ "at": format!("{DAY}T09:00:00"), "by": "agent", "take_in": { "kind": kind, "secret": false } }),
                    json!({ "by": "agent", "do": "dispatch", "with": { "lead": unit }, "refused": "dispatch.passed_on" }),
                    json!({ "by": "agent", "do": "pass-on", "with": { "unit": unit } }),
                    json!({ "by": format!("officer:{unit}"), "do": "confirm-receipt", "see": { "outcome": "passed-on" } }),
                ],
            ));
        }
        made
    }

    fn closing(&self) -> Vec<Scenario> {
        let (unit, _) = self.units()[0];
        let who = format!("officer:{unit}");
        let dispatched = self.kinds(false);
        let mut made = Vec::new();
        for closing in self.list("closing") {
            let kinds = Self::names(closing, "kinds");
            let Some(kind) = dispatched.iter().find(|kind| kinds.is_empty() || kinds.contains(kind)) else { continue };
            let urgency = Self::names(closing, "urgency").first().copied().unwrap_or("normal");
            let cases: &[Value] = closing.get("case").and_then(Value::as_array).map_or(&[], Vec::as_slice);
            let branches: Vec<Option<(&Value, &Value)>> =
                if cases.is_empty() { vec![None] } else { cases.iter().map(|case| Some((closing, case))).collect() };
            for branch in branches {
                let facts = self.facts(kind, urgency, branch);
                let mut steps = self.at_work(kind, urgency, unit);
                let required = Self::names(closing, "requires")
                    .into_iter()
                    .chain(branch.map_or(Vec::new(), |(_, case)| Self::names(case, "requires")));
                for name in required {
                    let mut without = facts.clone();
                    without.remove(name);
                    steps.push(json!({ "by": who, "do": "feedback", "with": { "public": "已办结。", "facts": without }, "refused": "close.facts_missing", "instead": [name] }));
                }
                for name in branch.map_or(Vec::new(), |(_, case)| Self::names(case, "forbids")) {
                    let mut with = facts.clone();
                    with.insert(name.into(), self.fact(name));
                    steps.push(json!({ "by": who, "do": "feedback", "with": { "public": "已办结。", "facts": with }, "refused": "close.fact_forbidden" }));
                }
                steps.push(json!({ "by": who, "do": "feedback", "with": { "public": "已办结。", "facts": facts }, "see": { "state": "review" } }));
                let rule = closing["rule"].as_str().unwrap_or_default();
                made.push(scenario(
                    &format!(
                        "closing by {rule} {}",
                        branch.map_or("", |(_, case)| case["when"].as_str().unwrap_or(""))
                    ),
                    steps,
                ));
            }
        }
        made
    }

    fn counts(&self) -> Vec<Scenario> {
        let (units, kind) = (self.units(), self.kinds(false)[0]);
        let (unit, other) = (units[0].0, units[1].0);
        let who = format!("officer:{unit}");
        let hour = json!({ "span": { "amount": 1, "unit": "hour" }, "reason": self.reason("extension") });
        let mut made = Vec::new();
        // Extensions: as many as the pack says, at the urgencies it says.
        let barred = self.words_of("extension.forbidden_urgency");
        for urgency in ["normal", "urgent", "emergency"] {
            let mut steps = self.at_work(kind, urgency, unit);
            if barred.contains(&urgency) {
                steps.push(json!({ "by": who, "do": "extend", "with": hour, "refused": "extension.urgency" }));
            } else {
                for _ in 0..self.number("extension.count") {
                    steps.push(json!({ "by": who, "do": "extend", "with": hour }));
                    steps.push(json!({ "by": "office", "do": "grant" }));
                }
                steps.push(json!({ "by": who, "do": "extend", "with": hour, "refused": "extension.count_used_up" }));
            }
            made.push(scenario(&format!("extensions, {urgency}"), steps));
        }
        // Returns.
        let mut back = json!({ "reason": self.reason("return"), "basis": "职责清单", "suggestion": other });
        let mut steps = self.at_work(kind, "normal", unit);
        for (field, asked, code) in [
            ("basis", "return.basis_required", "return.basis_missing"),
            ("suggestion", "return.suggestion_required", "return.suggestion_missing"),
        ] {
            if self.flag(asked) && self.number("return.per_unit") > 0 {
                let mut without = back.clone();
                without.as_object_mut().expect("fields").remove(field);
                steps.push(json!({ "by": who, "do": "return", "with": without, "refused": code }));
            } else {
                back.as_object_mut().expect("fields").remove(field);
            }
        }
        for _ in 0..self.number("return.per_unit") {
            steps.push(json!({ "by": who, "do": "return", "with": back }));
            steps.push(json!({ "by": "office", "do": "reject", "with": { "note": "属于贵单位职责。" } }));
        }
        steps.push(json!({ "by": who, "do": "return", "with": back, "refused": "return.count_used_up" }));
        made.push(scenario("returns", steps));
        // Assisting units.
        let most = usize::try_from(self.number("assist.max")).unwrap_or(0);
        let several: Vec<&str> = units.iter().skip(1).map(|(unit, _)| *unit).collect();
        if several.len() > most {
            let (subject, _) = self.subjects()[0];
            made.push(scenario("assisting units", vec![
                json!({ "at": format!("{DAY}T09:00:00"), "by": "agent", "take_in": { "kind": kind, "secret": false, "subject": subject } }),
                json!({ "by": "office", "do": "dispatch", "with": { "lead": unit, "assist": several[..=most] }, "refused": "dispatch.too_many_assists" }),
                json!({ "by": "office", "do": "dispatch", "with": { "lead": unit, "assist": several[..most] }, "count": { "tasks": most + 1 } }),
            ]));
        }
        // Redo.
        let mut steps = self.at_work(kind, "normal", unit);
        let answer = json!({ "by": who, "do": "feedback", "with": { "public": "已办结。", "facts": self.facts(kind, "normal", None) } });
        let called = json!({ "by": "callback", "do": "callback-answered", "with": { "answers": { "contacted": true, "solved": false, "satisfied": 1 } } });
        let again = json!({ "by": "callback", "do": "redo", "with": { "reason": self.reason("redo") } });
        for _ in 0..self.number("redo.count") {
            steps.extend([
                answer.clone(),
                json!({ "by": "office", "do": "pass" }),
                called.clone(),
                again.clone(),
                json!({ "by": who, "do": "sign" }),
            ]);
        }
        let mut last = again;
        last["refused"] = json!("redo.count_used_up");
        steps.extend([answer.clone(), json!({ "by": "office", "do": "pass" }), called, last]);
        made.push(scenario("redos", steps));
        // Calling back: one attempt a day, until there are enough of both.
        let enough = self.number("callback.attempts").max(self.number("callback.days"));
        let mut steps = self.at_work(kind, "normal", unit);
        steps.extend([answer, json!({ "by": "office", "do": "pass" })]);
        let waive = json!({ "by": "callback", "do": "waive-callback", "with": { "reason": "not-reached" } });
        for n in 1..=enough {
            if n == enough {
                let mut early = waive.clone();
                early["refused"] = json!("waive.too_few_attempts");
                steps.push(early);
            }
            steps.push(json!({ "at": "+1d", "by": "callback", "do": "callback-missed" }));
        }
        steps.push(waive);
        made.push(scenario("calls back", steps));
        made
    }

    fn endings(&self) -> Vec<Scenario> {
        let mut made = Vec::new();
        for reason in self.list("reason") {
            let (group, code) = (reason["group"].as_str().unwrap_or(""), reason["code"].as_str().unwrap_or(""));
            let taken = json!({ "at": format!("{DAY}T09:00:00"), "by": "agent", "take_in": {} });
            let steps = match group {
                "refusal" => vec![
                    taken,
                    json!({ "by": "agent", "do": "refuse", "with": { "reason": code }, "see": { "state": "closed", "outcome": "refused", "duties": [{ "what": "refused" }] } }),
                ],
                "transfer" => {
                    let seals = reason.get("seals").and_then(Value::as_bool).unwrap_or(false);
                    let mut with = json!({ "to": code });
                    if code.rsplit('-').next().is_some_and(|end| end.parse::<u16>().is_ok()) {
                        with["answered_at"] = json!(format!("{DAY}T09:00:00"));
                    }
                    vec![
                        taken,
                        json!({ "by": "agent", "do": "transfer", "with": with, "see": { "outcome": "transferred", "sealed": seals } }),
                    ]
                }
                _ => continue,
            };
            made.push(scenario(&format!("{group} {code}"), steps));
        }
        made
    }
}

/// A limit as an order shows it.
fn shown(limit: &Limit, task: Option<u32>) -> Json {
    let mut clock = json!({
        "name": limit.name, "level": limit.level, "rule": limit.rule, "due": limit.due, "governs": limit.governs,
    });
    if let Some(task) = task {
        clock["task"] = json!(task);
    }
    if let Some(warn) = &limit.warn {
        clock["warn_at"] = json!(warn);
    }
    clock
}

fn scenario(id: &str, steps: Vec<Json>) -> Scenario {
    let step = |step: Json| serde_json::from_value::<Step>(step).expect("a step");
    Scenario {
        id: id.into(),
        case: None,
        what: "made from the pack's text".into(),
        rules: Vec::new(),
        change: None,
        postgres: false,
        step: steps.into_iter().map(step).collect(),
    }
}

// --- The shifted pack ---

/// Fields that hold codes of the pack's own, by section.
const CODES: &[(&str, &[&str])] = &[
    ("pack", &["territory"]),
    ("source", &["key"]),
    ("area", &["code", "parent"]),
    ("unit_kind", &["code"]),
    ("unit", &["code", "kind", "parent", "territory", "successor", "approval", "superior"]),
    ("kind", &["code"]),
    ("item", &["code"]),
    ("subject", &["code", "parent", "flags"]),
    (
        "clock",
        &[
            "rule",
            "when.kinds",
            "when.flags",
            "when.without_flags",
            "when.unit_kinds",
            "when.not_unit_kinds",
            "when.within",
            "when.modes",
        ],
    ),
    ("forbid", &["unit_kinds", "units", "kinds", "subjects", "flags"]),
    ("lead", &["over", "under"]),
    ("approver", &["kinds"]),
    ("ladder", &["level", "reason"]),
    ("mode", &["code", "kinds", "flags"]),
    ("no_clock", &["code", "kinds"]),
    ("fact", &["name"]),
    ("closing", &["rule", "kinds", "requires", "branch", "case.when", "case.requires", "case.forbids", "case.promise"]),
    ("tell", &["kinds"]),
    ("mass_event", &["kinds", "flags"]),
    ("route", &["subjects", "areas", "kinds", "lead", "assist", "flags", "targets", "modes", "copy_to"]),
    ("reason", &["code"]),
];

/// Words the program itself knows, in any pack.
const KNOWN: &[&str] = &["scene_at", "scene_place", "safety"];

/// Groups of reasons that the program names by itself.
const KNOWN_REASONS: &[&str] = &["waive", "merge"];

/// `sanya` with every value shifted: codes renamed, amounts, units, shares, yes and no, order of precedence, zone, week,
/// holidays, way of settling conflicts, and all words.
pub fn shifted(all: &Table) -> Table {
    let mut all = all.clone();
    for (section, value) in all.iter_mut() {
        let entries: Vec<&mut Value> = match value {
            Value::Array(list) => list.iter_mut().collect(),
            one => vec![one],
        };
        for entry in entries {
            let group = entry.get("group").and_then(Value::as_str).unwrap_or_default().to_owned();
            let parameter = entry.get("name").and_then(Value::as_str).unwrap_or_default().to_owned();
            shift(entry, section, "", &group, &parameter);
        }
    }
    for holiday in all["holiday"].as_array_mut().expect("holidays") {
        let year = holiday["year"].as_integer().expect("a year").to_string();
        let moved = |days: &Value| -> Vec<String> {
            let next = |day: &Value| day.to_string().parse::<jiff::civil::Date>().ok()?.tomorrow().ok();
            let days = days.as_array().expect("days").iter().filter_map(next).map(|day| day.to_string());
            days.filter(|day| day.starts_with(&year)).collect()
        };
        let rest = moved(&holiday["rest"]);
        let work: Vec<String> = moved(&holiday["work"]).into_iter().filter(|day| !rest.contains(day)).collect();
        let dates =
            |days: Vec<String>| Value::Array(days.iter().map(|d| Value::Datetime(d.parse().expect("a day"))).collect());
        let table = holiday.as_table_mut().expect("a notice");
        table.insert("rest".into(), dates(rest));
        table.insert("work".into(), dates(work));
    }
    let head = all["pack"].as_table_mut().expect("a head");
    head.insert("name".into(), "shifted".into());
    head.insert("zone".into(), "Asia/Urumqi".into());
    head.insert("area_code".into(), "0991".into());
    head.insert("conflict".into(), "latest".into());
    all["calendar"]["workdays"] = Value::Array((2..=6).map(Value::Integer).collect());
    all
}

fn shift(value: &mut Value, section: &str, field: &str, group: &str, parameter: &str) {
    let is_code = CODES.iter().any(|(of, fields)| *of == section && fields.contains(&field))
        || field.ends_with("cite.source")
        || field.ends_with("consent.source")
        || (section == "parameter"
            && field == "value.value"
            && matches!(parameter, "secret.kinds_default" | "withdraw.part_only_kinds" | "supervision.levels"));
    match value {
        Value::Table(fields) => {
            for (name, value) in fields.iter_mut() {
                let field = if field.is_empty() { name.clone() } else { format!("{field}.{name}") };
                shift(value, section, &field, group, parameter);
            }
        }
        Value::Array(list) => list.iter_mut().for_each(|value| shift(value, section, field, group, parameter)),
        Value::String(text) if is_code => *text = renamed(text, section, field, group),
        Value::String(text) => {
            let last = field.rsplit('.').next().unwrap_or(field);
            let words = [
                "zh", "en", "ru", "article", "document", "number", "issuer", "what", "notice", "status", "version",
                "aliases",
            ];
            if section == "ladder" && last == "notice" {
                // A word of the program's: in writing, or by phone.
            } else if (words.contains(&last) && section != "tell")
                || (last == "name" && !matches!(section, "pack" | "clock" | "parameter" | "text"))
            {
                text.push_str("（移）");
            } else if section == "parameter" {
                *text = match text.as_str() {
                    "dispatch" => "intake".into(),
                    "registered" => "received".into(),
                    "emergency" => "urgent".into(),
                    "workday" => "day".into(),
                    other => other.to_owned(),
                };
            } else if section == "clock" && last == "unit" && text == "workday" {
                *text = "day".into();
            }
        }
        Value::Integer(number) => match (section, field) {
            ("clock", "value.amount") => *number = *number * 2 + 1,
            ("clock" | "source", _) | ("parameter", _) => *number += 1,
            _ => {}
        },
        Value::Boolean(flag) if section == "parameter" || field == "roll" => *flag = !*flag,
        _ => {}
    }
}

/// A code of the pack's own under another name; what the program itself knows keeps it.
fn renamed(code: &str, section: &str, field: &str, group: &str) -> String {
    let known = KNOWN.contains(&code) || (section == "reason" && field == "code" && KNOWN_REASONS.contains(&group));
    if known { code.to_owned() } else { format!("s-{code}") }
}
