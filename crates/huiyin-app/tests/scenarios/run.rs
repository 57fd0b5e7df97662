//! Carries a scenario out.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, Mutex},
};

use huiyin_app::{
    Actor, App, BoxFuture, CommandError, Parts, Post, Role, audit, jobs, modes,
    orders::{self, Given, NewOrder, export, list, view},
    people::{self, AddPost, Position, SeedPerson, Terms},
    policy,
    ports::{Carrier, CountingIds, Message, Sent, SetClock},
};
use huiyin_core::{order::Order, policy::Function, time::Day};
use huiyin_store::{
    records,
    seal::{MasterKey, SeededEntropy},
    testing::{self, TestDb},
};
use libtest_mimic::{Failed, Trial};
use serde_json::{Map, Value as Json, json};
use toml::Value;

use crate::{
    common::PASSWORD,
    desk::Drive,
    file::{Export, File, Hire, Scenario, Simulate, Step},
    matching::differs,
    packs::{self, Texts},
};

/// The scenarios of a pack.
pub fn scenarios(pack: &str) -> Result<Vec<Scenario>, String> {
    let mut all = Vec::new();
    for (name, text) in packs::files(&format!("{pack}/scenarios")) {
        let file: File = toml::from_str(&text).map_err(|error| format!("{pack}/scenarios/{name}: {error}"))?;
        all.extend(file.scenario);
    }
    Ok(all)
}

/// A test for each scenario of each pack.
pub fn trials() -> Vec<Trial> {
    let mut trials = Vec::new();
    for pack in packs::names() {
        let scenarios = match scenarios(&pack) {
            Ok(scenarios) => scenarios,
            Err(fault) => {
                trials.push(Trial::test(format!("{pack}::scenarios_can_be_read"), move || Err(fault.into())));
                continue;
            }
        };
        let (own, named) = (pack.clone(), scenarios.clone());
        trials.push(Trial::test(format!("{pack}::scenarios_name_rules_there_are"), move || {
            rules_there_are(&own, &named).map_err(Failed::from)
        }));
        for scenario in scenarios {
            for engine in [Engine::Sqlite, Engine::Postgres] {
                if engine == Engine::Postgres && !scenario.postgres {
                    continue;
                }
                let (pack, scenario) = (pack.clone(), scenario.clone());
                trials.push(Trial::test(name(&pack, &scenario, engine), move || {
                    let texts = packs::files(&pack);
                    carry_out(&texts, &scenario, engine).map_err(Failed::from)
                }));
            }
        }
    }
    trials
}

/// Rules, parameters and settings of a pack by name.
pub fn rules(texts: &Texts) -> Result<Vec<String>, String> {
    let all = packs::merged(texts)?;
    let named = ["clock", "closing", "parameter"].iter().filter_map(|section| all.get(*section)?.as_array());
    let mut rules: Vec<String> = named.flatten().filter_map(packs::called).collect();
    rules.push("conflict".into());
    rules.sort();
    rules.dedup();
    Ok(rules)
}

fn rules_there_are(pack: &str, scenarios: &[Scenario]) -> Result<(), String> {
    let rules = rules(&packs::files(pack))?;
    let unknown = scenarios.iter().flat_map(|scenario| {
        let unknown = scenario.rules.iter().filter(|rule| !rules.contains(rule));
        unknown.map(|rule| format!("{}: the pack has no rule `{rule}`", scenario.id))
    });
    let unknown: Vec<String> = unknown.collect();
    if unknown.is_empty() { Ok(()) } else { Err(unknown.join("\n")) }
}

/// What a scenario's test is called.
pub fn name(pack: &str, scenario: &Scenario, engine: Engine) -> String {
    let case = scenario.case.as_ref().map_or_else(String::new, |case| format!("::{case}"));
    let engine = if engine == Engine::Postgres { "::postgres" } else { "" };
    format!("{pack}::{}{case}{engine}", scenario.id)
}

/// Which database a scenario runs on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Engine {
    Sqlite,
    Postgres,
}

/// Carries a scenario out over a pack; an error names the step and the difference. Then nothing may be found wrong.
pub fn carry_out(texts: &Texts, scenario: &Scenario, engine: Engine) -> Result<(), String> {
    carried(texts, scenario, engine, true)
}

/// As [`carry_out`], without looking for what is wrong at the end.
pub fn lived(texts: &Texts, scenario: &Scenario, engine: Engine) -> Result<(), String> {
    carried(texts, scenario, engine, false)
}

fn carried(texts: &Texts, scenario: &Scenario, engine: Engine, sound: bool) -> Result<(), String> {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    runtime.block_on(async {
        let texts = match &scenario.change {
            Some(change) => packs::changed(texts, change)?,
            None => texts.clone(),
        };
        let db = match engine {
            Engine::Sqlite => testing::sqlite().await,
            Engine::Postgres => testing::postgres().await,
        };
        let mut world = World::new(texts, db).await?;
        for (at, step) in scenario.step.iter().enumerate() {
            let told =
                |why: String| format!("{}, {}: step {} ({}): {why}", scenario.id, scenario.what, at + 1, brief(step));
            for n in 1..=step.times.unwrap_or(1) {
                world.carry_out(&counted(step, n)).await.map_err(told)?;
            }
        }
        if !sound || world.tampered {
            return Ok(());
        }
        world.sound().await.map_err(|why| format!("{}, at its end: {why}", scenario.id))
    })
}

/// A step that happens several times, the nth time.
fn counted(step: &Step, n: usize) -> Step {
    let name = |name: &Option<String>| name.as_ref().map(|name| name.replace("{n}", &n.to_string()));
    let take_in = step.take_in.clone().map(|mut fields| {
        fields.iter_mut().for_each(|(_, value)| number(value, n));
        fields
    });
    Step { called: name(&step.called), order: name(&step.order), take_in, ..step.clone() }
}

/// `{n}` in a text is the number, `{nnnn}` with four digits.
fn number(value: &mut Value, n: usize) {
    match value {
        Value::String(text) => *text = text.replace("{nnnn}", &format!("{n:04}")).replace("{n}", &n.to_string()),
        Value::Table(fields) => fields.iter_mut().for_each(|(_, value)| number(value, n)),
        _ => {}
    }
}

fn brief(step: &Step) -> String {
    let what = step.command.clone().unwrap_or_else(|| match step {
        Step { take_in: Some(_), .. } => "take-in".into(),
        Step { jobs: true, .. } => "jobs".into(),
        Step { change: Some(_), .. } => "change of the pack".into(),
        _ => "look".into(),
    });
    [step.at.clone(), step.by.clone(), Some(what)].into_iter().flatten().collect::<Vec<_>>().join(" ")
}

/// Keeps what was sent.
#[derive(Default)]
struct Kept(Mutex<Vec<Message>>);

impl Carrier for Kept {
    fn name(&self) -> &'static str {
        "sms"
    }

    fn send<'a>(&'a self, message: &'a Message) -> BoxFuture<'a, Sent> {
        Box::pin(async move {
            self.0.lock().unwrap().push(message.clone());
            Sent::Taken { receipt: None, report_follows: false }
        })
    }
}

/// A city at work.
struct World {
    app: Arc<App>,
    texts: Texts,
    clock: Arc<SetClock>,
    kept: Arc<Kept>,
    db: TestDb,
    /// Numbers of the orders by what they are called.
    orders: BTreeMap<String, String>,
    /// The order last named.
    last: String,
    tampered: bool,
    started: u64,
}

async fn app(
    db: &TestDb,
    texts: &Texts,
    clock: &Arc<SetClock>,
    kept: &Arc<Kept>,
    started: u64,
) -> Result<Arc<App>, String> {
    let parts = Parts {
        db: testing::open(&db.url).await,
        pack: Arc::new(packs::load(texts)?),
        master: Arc::new(MasterKey::generate(&SeededEntropy::new(1))),
        clock: Arc::clone(clock) as _,
        ids: Arc::new(CountingIds::from(started << 32)),
        entropy: Arc::new(SeededEntropy::new(2 + started)),
        carriers: vec![Arc::clone(kept) as _],
        files: huiyin_store::files::Files::in_memory(),
    };
    App::open(parts).await.map(Arc::new).map_err(|error| error.to_string())
}

impl World {
    async fn new(texts: Texts, db: TestDb) -> Result<Self, String> {
        let pack = packs::load(&texts)?;
        let clock = Arc::new(SetClock::at(pack.zone().parse("2026-10-12T09:00:00")?));
        let kept = Arc::new(Kept::default());
        let app = app(&db, &texts, &clock, &kept, 0).await?;
        let (orders, last) = (BTreeMap::new(), String::new());
        Ok(Self { app, texts, clock, kept, db, orders, last, tampered: false, started: 0 })
    }

    async fn reopen(&mut self) -> Result<(), String> {
        self.started += 1;
        self.app = app(&self.db, &self.texts, &self.clock, &self.kept, self.started).await?;
        Ok(())
    }

    async fn carry_out(&mut self, step: &Step) -> Result<(), String> {
        if let Some(at) = &step.at {
            self.set(at)?;
        }
        if let Some(order) = &step.order {
            self.last.clone_from(order);
        }
        if let Some(change) = &step.change {
            return self.change(change, &step.faults).await;
        }
        if step.restart {
            self.reopen().await?;
        }
        let before = match &step.refused {
            Some(_) => Some(self.app.everything().await),
            None => None,
        };
        if let Some(outcome) = self.act(step).await? {
            self.judge(step, outcome)?;
        }
        if let Some(before) = before
            && before != self.app.everything().await
        {
            return Err("it was refused and changed something".into());
        }
        if !step.together.is_empty() {
            self.together(step).await?;
        }
        if step.jobs {
            // A clock tells of one moment in one scan; a server scans each second.
            self.app.fire().await;
            jobs::once(&self.app).await.map_err(|error| error.to_string())?;
        }
        if step.recount {
            jobs::recount(&self.app).await.map_err(|error| error.to_string())?;
        }
        if let Some(simulate) = &step.simulate {
            let actor = self.actor(step.by.as_deref().unwrap_or("office"))?;
            self.simulate(&actor, simulate).await?;
        }
        if let Some(hire) = &step.hire {
            self.hire(hire).await?;
        }
        if let Some(table) = &step.import {
            let report = people::org_import(&self.app, &self.actor("admin")?, table.as_bytes(), "units.csv", false)
                .await
                .map_err(|error| error.to_string())?;
            let found: Vec<String> =
                report.faults.iter().chain(&report.notes).map(|fault| format!("{fault:?}")).collect();
            told_of(&step.faults, &found)?;
        }
        if let Some(export) = &step.export {
            self.export(&self.actor(step.by.as_deref().unwrap_or("office"))?, export).await?;
        }
        if let Some(sql) = &step.tamper {
            self.tampered = true;
            jobs::checkpoint(&self.app).await.map_err(|error| error.to_string())?;
            if self.app.tamper(sql, Vec::new()).await == 0 {
                return Err("no row was changed".into());
            }
            let report = audit::verify(&self.app).await.map_err(|error| error.to_string())?;
            told_of(&step.faults, &report.faults)?;
        }
        self.look(step).await
    }

    /// Takes a list out, which is noted of the actor before the first row is given.
    async fn export(&self, actor: &Actor, wanted: &Export) -> Result<(), String> {
        let said = |error: CommandError| error.to_string();
        let all = export::Wanted::Orders(list::OrderFilter::default());
        let mut export =
            export::begin(&self.app, actor, all, list::Page::default().order, "csv", "").await.map_err(said)?;
        let mut rows = Vec::new();
        while let Some(more) = export.next().await.map_err(said)? {
            rows.extend(more);
        }
        let named = |names: &[String]| names.iter().map(|name| self.number(name)).collect::<Result<BTreeSet<_>, _>>();
        let given: BTreeSet<String> = rows.iter().map(|row| row.no.clone()).collect();
        let untitled: BTreeSet<String> =
            rows.iter().filter(|row| row.title.is_none()).map(|row| row.no.clone()).collect();
        if given != named(&wanted.orders)? || untitled != named(&wanted.unseen)? {
            return Err(format!("taken out are {given:?}, without their words {untitled:?}"));
        }
        let city = self.app.city.clone();
        let noted = self
            .app
            .db
            .read("chain", move |tx| Box::pin(async move { records::chain(tx, city.as_str(), "exports").await }));
        let last = noted.await.map_err(|error| error.to_string())?.pop();
        match last.is_some_and(|entry| entry.name == "list.exported" && entry.person == actor.person.as_str()) {
            true => Ok(()),
            false => Err("the export is not noted".into()),
        }
    }

    /// Moves the clock: to a local time, or by an amount.
    fn set(&self, at: &str) -> Result<(), String> {
        let Some((sign, rest)) = at.strip_prefix('+').map(|r| (1, r)).or_else(|| at.strip_prefix('-').map(|r| (-1, r)))
        else {
            self.clock.set(self.app.zone().parse(at)?);
            return Ok(());
        };
        let unit = match rest.chars().last() {
            Some('s') => 1_000,
            Some('m') => 60_000,
            Some('h') => 3_600_000,
            Some('d') => 86_400_000,
            _ => return Err(format!("`{at}`: write a local time, or +30m")),
        };
        let amount: i64 = rest[..rest.len() - 1].parse().map_err(|_| format!("`{at}`: write +30m"))?;
        self.clock.advance(sign * amount * unit);
        Ok(())
    }

    /// Who a name stands for. Desks are found by what their kind of unit does, so that a step reads alike in every pack.
    fn actor(&self, name: &str) -> Result<Actor, String> {
        match name {
            "system" => return Ok(Actor::system()),
            "claimant" => return Ok(Actor::visitor("scenario")),
            _ => {}
        }
        let pack = &self.app.pack;
        let (role, unit) = name.split_once(':').map_or((name, None), |(role, unit)| (role, Some(unit)));
        let role = Role::try_from(role)?;
        let desk = |function: Function| {
            let is = |kind: &str| pack.unit_kind(kind).is_some_and(|kind| kind.function == function);
            pack.units().iter().find(|unit| is(&unit.kind)).map(|unit| unit.code.clone())
        };
        let unit = match (unit, role) {
            (Some(unit), _) => Some(unit.to_owned()),
            (None, Role::Agent | Role::Callback) => desk(Function::CallCentre).or_else(|| desk(Function::Office)),
            (None, Role::Office | Role::Mayor | Role::Admin | Role::Supervisor) => desk(Function::Office),
            _ => None,
        };
        let unit = unit.ok_or_else(|| format!("`{name}`: write the unit, {}:UNIT", role.code()))?;
        let from = pack.head().from;
        Ok(Actor {
            person: name.into(),
            name: name.to_owned(),
            posts: vec![Post { unit: unit.as_str().into(), role, from, until: None }],
            stands_in: Vec::new(),
            scopes: None,
            own: None,
        })
    }

    fn number(&self, called: &str) -> Result<String, String> {
        self.orders.get(called).cloned().ok_or_else(|| format!("no order is called `{called}`"))
    }

    /// Does what a step says, where it says to do something; gives the outcome.
    async fn act(&mut self, step: &Step) -> Result<Option<Result<(), CommandError>>, String> {
        let actor = self.actor(step.by.as_deref().unwrap_or("system"))?;
        if let Some(fields) = &step.take_in {
            let new = self.new_order(fields)?;
            let raw = serde_json::to_vec(&new).map_err(|error| error.to_string())?;
            return Ok(Some(match orders::take_in(&self.app, &actor, new, &raw, None).await {
                Ok(taken) => {
                    self.name(step.called.as_deref(), taken.done.no);
                    Ok(())
                }
                Err(error) => Err(error),
            }));
        }
        if let Some(purpose) = &step.reveal {
            let no = self.number(&self.last)?;
            return Ok(Some(orders::reveal(&self.app, &actor, &no, purpose).await.map(drop)));
        }
        if let Some(mode) = &step.declare {
            let until = mode.until.as_deref().map(|at| self.app.zone().parse(at)).transpose()?;
            let input = modes::Declare { mode: mode.mode.clone(), until, notice: mode.notice.clone() };
            return Ok(Some(modes::declare(&self.app, &actor, input).await.map(drop)));
        }
        if let Some(mode) = &step.end {
            let on = modes::list(&self.app, &actor).await.map_err(|error| error.to_string())?;
            let on = on.into_iter().find(|view| view.on && view.period.mode == *mode);
            let id = on.ok_or_else(|| format!("the mode `{mode}` is not on"))?.period.id;
            return Ok(Some(modes::end(&self.app, &actor, &id).await));
        }
        let Some(command) = &step.command else { return Ok(None) };
        let given = self.given(command, step).await?;
        Ok(Some(match orders::command(&self.app, &actor, given).await {
            Ok(done) => {
                if let (Some(called), Some(other)) = (&step.called, done.other) {
                    self.name(Some(called), other);
                }
                Ok(())
            }
            Err(error) => Err(error),
        }))
    }

    fn name(&mut self, called: Option<&str>, no: String) {
        self.last = called.unwrap_or("order").to_owned();
        self.orders.insert(self.last.clone(), no);
    }

    /// A matter as it comes in, filled up so that a step names only what matters.
    fn new_order(&self, fields: &toml::Table) -> Result<NewOrder, String> {
        let mut all = json!({
            "channel": "phone",
            "title": "测试事项",
            "body": "请有关单位处理。",
            "claimant": { "name": "李甲", "phone": "13800000001" },
        });
        if let Json::Object(given) = self.json(&Value::Table(fields.clone()))? {
            all.as_object_mut().unwrap().extend(given);
        }
        serde_json::from_value(all).map_err(|error| format!("take_in: {error}"))
    }

    async fn given(&self, command: &str, step: &Step) -> Result<Given, String> {
        let no = self.number(&self.last)?;
        let mut input = self.json(&Value::Table(step.with.clone()))?;
        let fields = input.as_object_mut().unwrap();
        let asks =
            matches!(command, "grant" | "reject" | "rule" | "withdraw-request") && !fields.contains_key("request");
        if asks || ["task", "clock", "duty"].iter().any(|name| fields.get(*name).is_some_and(Json::is_string)) {
            let order = self.app.order(&no).await;
            if asks {
                let request = order.pending().last().ok_or("nothing is asked that could be decided")?;
                fields.insert("request".into(), json!(request.no));
            }
            by_number(&order, fields)?;
        } else if command == "tell" && !fields.contains_key("duty") {
            let order = self.app.order(&no).await;
            let duty = order.duties.iter().find(|duty| duty.told_at.is_none()).ok_or("nothing is owed")?;
            fields.insert("duty".into(), json!(duty.no));
        }
        Ok(Given { order: no, command: command.to_owned(), input, key: None, if_match: step.version })
    }

    /// A value as JSON; `@name` is the number of the order called so.
    fn json(&self, value: &Value) -> Result<Json, String> {
        Ok(match value {
            Value::String(text) => match text.strip_prefix('@') {
                Some(called) => json!(self.number(called)?),
                None => json!(text),
            },
            Value::Datetime(at) => json!(at.to_string()),
            Value::Array(list) => Json::Array(list.iter().map(|one| self.json(one)).collect::<Result<_, _>>()?),
            Value::Table(fields) => {
                Json::Object(fields.iter().map(|(name, one)| Ok((name.clone(), self.json(one)?))).collect::<Result<
                    Map<_, _>,
                    String,
                >>(
                )?)
            }
            Value::Integer(number) => json!(number),
            Value::Float(number) => json!(number),
            Value::Boolean(flag) => json!(flag),
        })
    }

    fn judge(&self, step: &Step, outcome: Result<(), CommandError>) -> Result<(), String> {
        let (wanted, error) = match (&step.refused, outcome) {
            (None, Ok(())) => return Ok(()),
            (None, Err(error)) => return Err(format!("it was refused with {}: {error}", error.code())),
            (Some(wanted), Ok(())) => return Err(format!("it was carried out and not refused with {wanted}")),
            (Some(wanted), Err(error)) => (wanted, error),
        };
        if error.code() != wanted {
            return Err(format!("it was refused with {}, not {wanted}: {error}", error.code()));
        }
        if let CommandError::Refused(refusal) = &error {
            if let Some(missing) = step.instead.iter().find(|offer| !refusal.instead.contains(offer)) {
                return Err(format!("the refusal does not offer `{missing}`, but {:?}", refusal.instead));
            }
            let sources: Vec<&str> = refusal.basis.iter().map(|basis| basis.source.as_str()).collect();
            if let Some(missing) = step.basis.iter().find(|key| !sources.contains(&key.as_str())) {
                return Err(format!("the refusal does not name `{missing}`, but {sources:?}"));
            }
        }
        Ok(())
    }

    async fn together(&mut self, step: &Step) -> Result<(), String> {
        let mut running = tokio::task::JoinSet::new();
        for one in &step.together {
            let actor = self.actor(one.by.as_deref().unwrap_or("system"))?;
            let given = self.given(one.command.as_deref().ok_or("`together` gives commands")?, one).await?;
            let app = Arc::clone(&self.app);
            running.spawn(async move { orders::command(&app, &actor, given).await });
        }
        let mut done = 0;
        while let Some(outcome) = running.join_next().await {
            match outcome.map_err(|error| error.to_string())? {
                Ok(_) => done += 1,
                Err(error) if step.one_of.iter().any(|code| code == error.code()) => {}
                Err(error) => return Err(format!("one was refused with {}: {error}", error.code())),
            }
        }
        (done == 1).then_some(()).ok_or_else(|| format!("{done} were carried out, not one"))
    }

    async fn change(&mut self, change: &packs::Change, faults: &[String]) -> Result<(), String> {
        let texts = packs::changed(&self.texts, change)?;
        match (packs::load(&texts), faults) {
            (Ok(_), []) => {
                self.texts = texts;
                self.reopen().await
            }
            (Ok(_), _) => Err("the changed pack has no faults".into()),
            (Err(found), []) => Err(found),
            (Err(found), wanted) => {
                told_of(wanted, &found.lines().map(str::to_owned).collect::<Vec<_>>())?;
                // Refused as a whole: the pack that was there goes on.
                self.reopen().await
            }
        }
    }

    /// Tries a draft on past orders: what it comes to, and that no order changed by it.
    async fn simulate(&self, actor: &Actor, simulate: &Simulate) -> Result<(), String> {
        let draft = packs::load(&packs::changed(&self.texts, &simulate.change)?)?;
        let before = self.app.everything().await;
        let (from, to) = (Day::try_from(simulate.from)?, Day::try_from(simulate.to)?);
        let done = policy::simulate(&self.app, actor, draft, from, to, |_, _| {}).await;
        let done = serde_json::to_value(done.map_err(|error| error.to_string())?).map_err(|error| error.to_string())?;
        if before != self.app.everything().await {
            return Err("a trial changed something".into());
        }
        differs(&self.json(&simulate.see)?, &done).map_or(Ok(()), Err)
    }

    async fn hire(&self, hire: &Hire) -> Result<(), String> {
        let post = AddPost {
            unit: hire.unit.as_str().into(),
            role: Role::try_from(hire.role.as_str())?,
            position: Position::try_from(hire.position.as_str())?,
            terms: Terms::Own,
            employer: None,
            from: None,
            until: None,
        };
        let seed = SeedPerson {
            login: &hire.login,
            password: PASSWORD,
            must_change: false,
            name: "测试人员",
            phone: None,
            posts: vec![post],
            filed: hire.filed,
        };
        people::seed_person(&self.app, seed).await.map(drop).map_err(|error| error.to_string())
    }

    /// Compares what there is with what a step says there must be.
    async fn look(&self, step: &Step) -> Result<(), String> {
        if let Some(wanted) = &step.lists {
            let actor = self.actor(step.by.as_deref().unwrap_or("system"))?;
            let page = list::Page { limit: 100, ..list::Page::default() };
            let (rows, _) = list::orders(&self.app, &actor, list::OrderFilter::default(), page, Vec::new())
                .await
                .map_err(|error| error.to_string())?;
            let mut found: Vec<String> = rows.into_iter().map(|row| row.no).collect();
            let mut numbers = wanted.iter().map(|called| self.number(called)).collect::<Result<Vec<_>, _>>()?;
            found.sort();
            numbers.sort();
            if found != numbers {
                return Err(format!("the list holds {found:?}, not {numbers:?}"));
            }
        }
        if let Some(wanted) = &step.not_ready {
            let units =
                people::not_ready(&self.app, &self.actor("office")?).await.map_err(|error| error.to_string())?;
            let found = serde_json::to_value(units).map_err(|error| error.to_string())?;
            let (unit, part) = (wanted.get("unit").and_then(Value::as_str), wanted.get("part").and_then(Value::as_str));
            let holds = differs(&json!([{ "unit": unit, "missing": [{ "part": part }] }]), &found).is_none();
            let must = wanted.get("is").and_then(Value::as_bool).unwrap_or(true);
            if holds != must {
                return Err(format!("whether {unit:?} lacks {part:?} is {holds}"));
            }
        }
        if step.see.is_none() && step.unseen.is_none() && step.count.is_empty() {
            return Ok(());
        }
        let viewer = self.actor(step.seen_by.as_deref().unwrap_or("system"))?;
        let found = self.document(&viewer).await;
        let document = match (found, &step.see) {
            (Err(CommandError::NotFound), Some(Value::Boolean(false))) => return Ok(()),
            (Ok(_), Some(Value::Boolean(false))) => return Err("the order is found".into()),
            (Err(error), _) => return Err(format!("the order cannot be looked at: {error}")),
            (Ok(document), _) => document,
        };
        if let Some(wanted) = &step.see
            && let Some(why) = differs(&self.json(wanted)?, &document)
        {
            return Err(why);
        }
        if let Some(unwanted) = &step.unseen {
            let unwanted = self.json(unwanted)?;
            if differs(&unwanted, &document).is_none() {
                return Err(format!("it is {unwanted}"));
            }
        }
        for (list, wanted) in &step.count {
            let found = document[list].as_array().map_or(0, Vec::len);
            if Some(found as i64) != wanted.as_integer() {
                let shown: String = document[list].to_string().chars().take(600).collect();
                return Err(format!("{list} has {found} entries, not {wanted}: {shown}"));
            }
        }
        Ok(())
    }

    /// The order as the API gives it, with what else a scenario may look at.
    async fn document(&self, viewer: &Actor) -> Result<Json, CommandError> {
        let no = self.number(&self.last).map_err(CommandError::Internal)?;
        let view = view::order(&self.app, viewer, &no).await?;
        let zone = self.app.zone();
        let mut document = view::json(&self.app, &view);
        for (clock, shown) in view.order.clocks.iter().zip(document["clocks"].as_array_mut().into_iter().flatten()) {
            shown["warn_at"] = json!(clock.warn_at.map(|at| zone.rfc3339(at)));
            shown["alert_at"] = json!(clock.alert_at.map(|at| zone.rfc3339(at)));
            shown["fired"] = json!(clock.fired);
        }
        for (row, shown) in view.journal.iter().zip(document["journal"].as_array_mut().into_iter().flatten()) {
            shown["body"] = serde_json::from_str(&row.body).unwrap_or_default();
        }
        document["sealed"] = json!(view.order.sealed);
        document["claimed_emergency"] = json!(view.order.claimed_emergency);
        document["pinned"] = json!(view.order.pinned.map(|day| day.to_string()));
        document["desk"] = view.items.iter().map(|item| json!({ "what": item.what, "unit": item.unit })).collect();
        document["reads"] =
            view.reveals.iter().map(|read| json!({ "person": read.person, "field": read.field })).collect();
        document["attempts"] =
            self.app.attempts(&no).await.iter().map(|a| json!({ "person": a.person, "code": a.code })).collect();
        let kept = self.kept.0.lock().unwrap();
        document["messages"] =
            kept.iter().filter(|m| m.order_no == no).map(|m| json!({ "to": m.to, "text": m.text })).collect();
        Ok(document)
    }

    /// Nothing may be found wrong, whatever happened.
    async fn sound(&self) -> Result<(), String> {
        jobs::checkpoint(&self.app).await.map_err(|error| error.to_string())?;
        let report = audit::verify(&self.app).await.map_err(|error| error.to_string())?;
        let found = huiyin_app::doctor::examine(&self.app).await.map_err(|error| error.to_string())?;
        let faults: Vec<String> = report.faults.into_iter().chain(found.faults).collect();
        faults.is_empty().then_some(()).ok_or_else(|| faults.join("\n"))
    }
}

/// Names of tasks, clocks and duties in the fields of a command, made numbers: a task by its unit, a clock by name and
/// rule, a duty by what is owed.
fn by_number(order: &Order, fields: &mut Map<String, Json>) -> Result<(), String> {
    if let Some(unit) = fields.get("task").and_then(Json::as_str) {
        let task = order.tasks.iter().rev().find(|task| task.unit.as_str() == unit);
        let no = task.ok_or_else(|| format!("no task is at `{unit}`"))?.no;
        fields.insert("task".into(), json!(no));
    }
    if let Some(called) = fields.get("clock").and_then(Json::as_str) {
        let (name, rule) = called.split_once(' ').map_or((called, None), |(name, rule)| (name, Some(rule)));
        let task = fields.get("task").and_then(Json::as_u64);
        let clock = order.clocks.iter().rev().find(|clock| {
            clock.name == name
                && rule.is_none_or(|rule| clock.rule == rule)
                && task.is_none_or(|task| clock.task.is_some_and(|no| u64::from(no.0) == task))
        });
        let no = clock.ok_or_else(|| format!("no clock is called `{called}`"))?.no;
        fields.insert("clock".into(), json!(no));
    }
    if let Some(what) = fields.get("duty").and_then(Json::as_str) {
        let is = |duty: &huiyin_core::order::Duty| duty.told_at.is_none() && json!(duty.what) == json!(what);
        let no = order.duties.iter().find(|duty| is(duty)).ok_or_else(|| format!("no `{what}` is owed"))?.no;
        fields.insert("duty".into(), json!(no));
    }
    Ok(())
}

/// Whether each wanted part stands in one of the faults found.
fn told_of(wanted: &[String], found: &[String]) -> Result<(), String> {
    match wanted.iter().find(|part| !found.iter().any(|fault| fault.contains(part.as_str()))) {
        Some(missing) => Err(format!("no fault says `{missing}`, but:\n{}", found.join("\n"))),
        None => Ok(()),
    }
}
