//! A small world of orders over pack `sanya`, and what must hold in it after every step.
#![allow(dead_code, reason = "each test binary uses a part of it")]

use std::{
    collections::{BTreeMap, BTreeSet},
    rc::Rc,
    sync::OnceLock,
};

use huiyin_core::{
    calendar::{Span, Unit as Count},
    id::{ClaimantId, OrderId, PersonId, TaskNo, UnitId},
    order::{
        Actor, Answers, Ask, Channel, Clock, ClockState, Command, Context, Decision, Event, FactValue, Facts, Link,
        Matter, Moment, NewPart, Order, Outcome, Part, Refusal, Role, Standing, State, TaskState, Text, Urgency, apply,
        decide, rebuild,
        table::{self, Holds},
    },
    organisation::{Organisation, Unit},
    policy::{Level, Pack},
    time::{Day, Instant},
};
use serde_json::{Value, json};

/// The texts of pack `sanya`.
pub fn texts() -> Vec<(String, String)> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../packs/sanya");
    let mut names: Vec<_> = std::fs::read_dir(folder)
        .expect("the pack is there")
        .map(|entry| entry.expect("a folder entry").path())
        .filter(|path| path.extension().is_some_and(|ext| ext == "toml"))
        .collect();
    names.sort();
    names
        .into_iter()
        .map(|path| {
            let name = path.file_name().expect("a file").to_string_lossy().into_owned();
            (name, std::fs::read_to_string(&path).expect("a text"))
        })
        .collect()
}

/// Pack `sanya`.
pub fn pack() -> &'static Pack {
    static PACK: OnceLock<Pack> = OnceLock::new();
    PACK.get_or_init(|| load(&texts()))
}

/// Pack `sanya` with one text replaced in one of its files.
pub fn pack_with(file: &str, old: &str, new: &str) -> Pack {
    load(&edited(file, old, new))
}

/// The texts of pack `sanya` with one text replaced in one of its files.
pub fn edited(file: &str, old: &str, new: &str) -> Vec<(String, String)> {
    let mut texts = texts();
    let (_, text) = texts.iter_mut().find(|(name, _)| name == file).expect("the file is in the pack");
    assert!(text.contains(old), "`{old}` is in {file}");
    *text = text.replacen(old, new, 1);
    texts
}

/// A pack that must be sound.
pub fn load(texts: &[(String, String)]) -> Pack {
    Pack::load(texts).unwrap_or_else(|faults| {
        panic!("{}", faults.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"));
    })
}

/// Local time of the pack.
pub fn at(text: &str) -> Instant {
    pack().zone().parse(text).expect("a time")
}

/// A moment in local time, to the second.
pub fn local(at: Instant) -> String {
    pack().zone().rfc3339(at).replace("+08:00", "")
}

/// A day as it is stored.
pub fn day(number: i64) -> Day {
    Day::try_from(number).expect("a day")
}

/// A stored text.
pub fn text() -> Text {
    Text { content: "c".into(), mac: "00".into() }
}

/// A subject that is not city management, one that is, and one with danger.
pub const SOCIAL: &str = "090201";
pub const LIGHT: &str = "010201";
pub const PIPE: &str = "040104";

/// A register: office and call centre, a sub-centre with a department and its section, a member unit whose leader
/// approves answers, a city-management unit, another member unit.
pub fn organisation() -> &'static Organisation {
    static ORGANISATION: OnceLock<Organisation> = OnceLock::new();
    ORGANISATION.get_or_init(|| {
        let keep = ["office", "call-centre", "sub-jiyang", "jiyang-market", "enforcement", "human-resources", "water"];
        let whole = Organisation::of_pack(pack());
        let mut units: Vec<Unit> = whole.units().filter(|unit| keep.contains(&unit.id.as_str())).cloned().collect();
        assert_eq!(units.len(), keep.len());
        let mut section = units.iter().find(|unit| unit.id.as_str() == "jiyang-market").expect("it is kept").clone();
        (section.id, section.name, section.aliases) = ("market-section".into(), "分局".into(), Vec::new());
        (section.kind, section.function) = ("section".into(), huiyin_core::policy::Function::Section);
        section.parent = Some("jiyang-market".into());
        units.push(section);
        for unit in &mut units {
            if unit.id.as_str() == "water" {
                unit.approval =
                    ["consultation", "help", "complaint", "report", "suggestion"].map(str::to_owned).to_vec();
            }
        }
        Organisation::new(units)
    })
}

/// What a decision looks at, at a moment.
pub fn context<'a>(pack: &'a Pack, organisation: &'a Organisation, now: Instant) -> Context<'a> {
    let actor = Actor { person: PersonId::from("p"), unit: UnitId::from("office") };
    Context { actor, now, pack, organisation, master_closed: false, other: None }
}

/// One order with its journal, driven by hand in the focused tests.
pub struct Case<'a> {
    pub pack: &'a Pack,
    pub organisation: &'a Organisation,
    pub order: Order,
    pub journal: Vec<(Event, Instant)>,
    pub now: Instant,
}

impl Case<'static> {
    /// An order taken in by phone.
    pub fn taken_in(now: &str) -> Self {
        Self::with(pack(), organisation(), now)
    }
}

impl<'a> Case<'a> {
    pub fn with(pack: &'a Pack, organisation: &'a Organisation, now: &str) -> Self {
        let now = at(now);
        let order = Order::blank("o1".into(), now);
        let mut case = Self { pack, organisation, order, journal: Vec::new(), now };
        case.ok(take_in("20261012-0001", Channel::Phone, &[("a", true)]));
        case
    }

    pub fn at(&mut self, now: &str) -> &mut Self {
        self.now = at(now);
        self
    }

    pub fn try_with(&self, command: &Command, edit: impl FnOnce(&mut Context<'a>)) -> Result<Vec<Event>, Refusal> {
        let mut context = context(self.pack, self.organisation, self.now);
        edit(&mut context);
        decide(&self.order, command, &context)
    }

    /// A command that must be accepted.
    pub fn ok(&mut self, command: Command) -> &mut Self {
        let events = self.try_with(&command, |_| {}).unwrap_or_else(|refusal| panic!("{}: {refusal}", command.code()));
        self.add(events)
    }

    pub fn add(&mut self, events: Vec<Event>) -> &mut Self {
        for event in events {
            let when = self.now.max(self.order.at);
            self.order = apply(self.order.clone(), &event, when);
            self.journal.push((event, when));
        }
        self
    }

    /// A command that must be refused with this code; nothing changes.
    pub fn no(&mut self, command: Command, code: &str) -> Refusal {
        match self.try_with(&command, |_| {}) {
            Ok(events) => panic!("{} was accepted: {events:?}", command.code()),
            Err(refusal) => {
                assert_eq!(refusal.code, code, "{refusal}");
                refusal
            }
        }
    }

    pub fn registered(&mut self, kind: &str, subject: &str, urgency: Urgency) -> &mut Self {
        self.ok(register(kind, Some(subject), urgency, None, false))
    }

    pub fn dispatched(&mut self, lead: &str, assist: &[&str]) -> &mut Self {
        self.ok(dispatch(lead, assist))
    }

    /// The unit signs and accepts.
    pub fn taken_up(&mut self, task: u32) -> &mut Self {
        self.ok(Command::Sign { task: TaskNo(task) }).ok(Command::Accept { task: TaskNo(task) })
    }

    pub fn clock(&self, name: &str, task: Option<u32>) -> &Clock {
        let level = if task.is_some() { Level::Task } else { Level::Case };
        self.order.governing(name, level, task.map(TaskNo)).unwrap_or_else(|| panic!("no clock {name} of {task:?}"))
    }

    /// When a clock ends, in local time.
    pub fn due(&self, name: &str, task: Option<u32>) -> String {
        local(self.clock(name, task).due.at)
    }

    /// Everything the timer would tell of up to now.
    pub fn fire(&mut self) -> Vec<(String, Moment)> {
        let mut fired = Vec::new();
        while let Some((no, name, moment)) = self
            .order
            .clocks
            .iter()
            .filter_map(|clock| {
                self.order.next_moment(clock).map(|(at, moment)| (at, clock.no, clock.name.clone(), moment))
            })
            .filter(|(at, ..)| *at <= self.now)
            .min_by_key(|(at, no, ..)| (*at, *no))
            .map(|(_, no, name, moment)| (no, name, moment))
        {
            self.ok(Command::Fire { clock: no, moment });
            fired.push((name, moment));
        }
        fired
    }

    pub fn events(&self) -> Vec<&'static str> {
        self.journal.iter().map(|(event, _)| event.code()).collect()
    }

    /// The order made again from its journal is this one.
    pub fn sound(&self) {
        let again = rebuild(&self.order.id, self.journal.iter().map(|(event, at)| (event, *at)));
        assert_eq!(again.as_ref(), Some(&self.order));
    }
}

pub fn take_in(no: &str, channel: Channel, claimants: &[(&str, bool)]) -> Command {
    Command::TakeIn {
        no: no.into(),
        channel,
        contact: "k1".into(),
        desk: "call-centre".into(),
        received_at: None,
        claimed_emergency: false,
        claimed_kind: None,
        title: Some(text()),
        body: Some(text()),
        parts: claimants
            .iter()
            .map(|(who, reachable)| NewPart { claimant: (*who).into(), anonymous: !reachable, reachable: *reachable })
            .collect(),
        link: None,
        secret: false,
    }
}

pub fn register(kind: &str, subject: Option<&str>, urgency: Urgency, target: Option<&str>, secret: bool) -> Command {
    Command::Register(Matter {
        subject: subject.map(Into::into),
        urgency,
        target: target.map(UnitId::from),
        secret: Some(secret),
        ..Matter::of(kind)
    })
}

pub fn dispatch(lead: &str, assist: &[&str]) -> Command {
    Command::Dispatch { lead: lead.into(), assist: assist.iter().map(|unit| UnitId::from(*unit)).collect(), note: None }
}

pub fn give_back(task: u32, suggestion: &str) -> Command {
    Command::Return {
        task: TaskNo(task),
        reason: "not-our-duty".into(),
        basis: Some(text()),
        suggestion: Some(suggestion.into()),
    }
}

pub fn extend(task: u32, amount: u32, unit: Count) -> Command {
    Command::Extend { task: TaskNo(task), span: Span { amount, unit }, reason: "complex".into() }
}

pub fn answers(contacted: bool, solved: bool, satisfied: u8) -> Command {
    Command::CallbackAnswered { claimant: None, answers: Answers { contacted, solved, satisfied, said: None } }
}

/// Facts that close an order of this kind.
pub fn closing_facts(kind: &str, urgency: Urgency, now: Instant) -> Facts {
    let text = || FactValue::Text(text());
    let code = |code: &str| FactValue::Code(code.into());
    let mut facts: Facts = match kind {
        "consultation" => [("answered", FactValue::Flag(true))].map(|(k, v)| (k.to_owned(), v)).into(),
        "complaint" | "report" => [("finding", code("true")), ("unit_dealt_with", text()), ("matter_disposed", text())]
            .map(|(k, v)| (k.to_owned(), v))
            .into(),
        "help" => [("finding", code("lawful")), ("solved", FactValue::Flag(true)), ("measures", text())]
            .map(|(k, v)| (k.to_owned(), v))
            .into(),
        "suggestion" => [("adoption", code("adopted")), ("finish_day", FactValue::Day(day(20_270_115)))]
            .map(|(k, v)| (k.to_owned(), v))
            .into(),
        _ => Facts::new(),
    };
    if urgency == Urgency::Emergency {
        facts.insert("scene_at".into(), FactValue::Instant(now));
        facts.insert("scene_place".into(), text());
        facts.insert("safety".into(), text());
    }
    facts
}

pub fn feedback(order: &Order, task: u32, now: Instant) -> Command {
    let leads = order.task(TaskNo(task)).is_some_and(|task| task.leads_case());
    let facts =
        if leads { closing_facts(order.kind.as_deref().unwrap_or_default(), order.urgency, now) } else { Facts::new() };
    Command::Feedback { task: TaskNo(task), facts, internal: Some(text()), public: Some(text()) }
}

// --- Several orders at once -------------------------------------------------------------------------------

/// Something a person or program does: to one order, or to two at once.
#[derive(Debug, Clone)]
pub enum Act {
    /// A new contact.
    TakeIn(Command),
    /// A command to one order.
    One(usize, Command),
    /// One order goes on in another.
    Merge(usize, usize),
    /// A merge is undone.
    Unmerge(usize),
    /// An order is split; the new one takes over its first claimant.
    Split(usize),
    /// A closed order is taken up again in a new one.
    Reopen(usize),
    /// The timer: to the next moment of any clock of the order.
    Timer(usize),
}

/// A claimant and the order it was raised in.
pub type Raised = (ClaimantId, OrderId);

/// Orders and their journals.
#[derive(Debug, Clone)]
pub struct World {
    pub orders: Vec<Rc<Order>>,
    pub journals: Vec<Rc<Vec<(Event, Instant)>>>,
    pub now: Instant,
    /// What the orders that are not merged must hold between them.
    pub raised: BTreeMap<Raised, usize>,
}

impl World {
    pub fn new(now: Instant) -> Self {
        Self { orders: Vec::new(), journals: Vec::new(), now, raised: BTreeMap::new() }
    }

    fn index(&self, id: &OrderId) -> usize {
        self.orders.iter().position(|order| order.id == *id).expect("the order is in the world")
    }

    fn decide(&mut self, at: usize, command: &Command, now: Instant) -> Result<(), Refusal> {
        let order = Rc::clone(&self.orders[at]);
        let order = &*order;
        let mut context = context(pack(), organisation(), now);
        let open = |order: &Order| order.state.is_open();
        context.master_closed = order.merged.as_ref().is_some_and(|(into, _)| !open(&self.orders[self.index(into)]));
        if let Command::Merge { into, .. } = command {
            context.other =
                self.orders.iter().find(|order| order.id == *into).map(|order| (order.id.clone(), order.state));
        }
        let events = decide(order, command, &context)?;
        let when = now.max(order.at);
        let mut order = Order::clone(order);
        let journal = Rc::make_mut(&mut self.journals[at]);
        for event in events {
            order = apply(order, &event, when);
            journal.push((event, when));
        }
        self.orders[at] = Rc::new(order);
        Ok(())
    }

    fn blank(&mut self) -> usize {
        let id = format!("o{}", self.orders.len());
        self.orders.push(Rc::new(Order::blank(id.into(), self.now)));
        self.journals.push(Rc::default());
        self.orders.len() - 1
    }

    fn counted(&mut self, at: usize) {
        let parts: Vec<Raised> =
            self.orders[at].parts.iter().map(|part| (part.claimant.clone(), part.origin.clone())).collect();
        for raised in parts {
            *self.raised.entry(raised).or_default() += 1;
        }
    }

    fn take_over(&mut self, from: usize, relation: &str) -> Result<(), Refusal> {
        let old = Rc::clone(&self.orders[from]);
        let parts: Vec<Part> = old.active_parts().take(1).cloned().collect();
        let (channel, contact, link) =
            (old.channel, old.contact.clone(), Link { order: old.id.clone(), relation: relation.into() });
        let desk = UnitId::from("call-centre");
        let new = self.blank();
        let no = format!("20261012-{new:04}");
        let command = Command::TakeOver { no, channel, contact, desk, parts, link, title: None, body: Some(text()) };
        self.decide(new, &command, self.now)?;
        self.counted(new);
        Ok(())
    }

    /// The world after an act, or a refusal; all of it or nothing.
    pub fn after(&self, act: &Act, now: Instant) -> Result<Self, Refusal> {
        let mut world = self.clone();
        world.now = now;
        match act {
            Act::TakeIn(command) => {
                let new = world.blank();
                world.decide(new, command, now)?;
                world.counted(new);
            }
            Act::One(at, command) => world.decide(*at, command, now)?,
            Act::Merge(from, into) => {
                let (id, parts) = (world.orders[*from].id.clone(), world.orders[*from].parts.clone());
                let fresh = world.orders[*from].state == State::Intake;
                let master = world.orders[*into].id.clone();
                world.decide(*from, &Command::Merge { into: master, reason: "same-event".into() }, now)?;
                world.decide(*into, &Command::Absorb { from: id, parts, fresh }, now)?;
            }
            Act::Unmerge(at) => {
                let id = world.orders[*at].id.clone();
                let master = world.orders[*at].merged.as_ref().map(|(into, _)| world.index(into));
                let withdrawn = master.iter().flat_map(|master| &world.orders[*master].parts);
                let withdrawn = withdrawn
                    .filter(|part| part.withdrawn && part.via.as_ref() == Some(&id))
                    .map(|part| (part.claimant.clone(), part.withdrawn_for.clone().unwrap_or_default()))
                    .collect();
                world.decide(*at, &Command::Unmerge { note: None, withdrawn }, now)?;
                let master = master.expect("an order that could be unmerged was merged");
                world.decide(master, &Command::Release { from: id }, now)?;
            }
            Act::Split(at) => {
                let into = OrderId::from(format!("o{}", world.orders.len()));
                world.decide(*at, &Command::Split { into }, now)?;
                world.take_over(*at, "split-from")?;
            }
            Act::Reopen(at) => {
                let by = OrderId::from(format!("o{}", world.orders.len()));
                world.decide(*at, &Command::Reopen { by, reason: "relapse".into() }, now)?;
                world.take_over(*at, "reopens")?;
            }
            Act::Timer(at) => {
                let order = Rc::clone(&world.orders[*at]);
                let next = order.clocks.iter().filter_map(|clock| {
                    let (when, moment) = order.next_moment(clock)?;
                    Some((when, clock.no, moment))
                });
                let Some((when, clock, moment)) = next.min() else {
                    return Err(Refusal::new("test.no_moment", "no clock has a moment left"));
                };
                world.now = now.max(when);
                world.decide(*at, &Command::Fire { clock, moment }, world.now)?;
            }
        }
        Ok(world)
    }
}

/// The commands an act is made of.
pub fn codes(act: &Act) -> Vec<&'static str> {
    match act {
        Act::TakeIn(command) | Act::One(_, command) => vec![command.code()],
        Act::Merge(..) => vec!["merge", "absorb"],
        Act::Unmerge(_) => vec!["unmerge", "release"],
        Act::Split(_) => vec!["split", "take-over"],
        Act::Reopen(_) => vec!["reopen", "take-over"],
        Act::Timer(_) => vec!["fire"],
    }
}

/// Everything that must hold in every world.
///
/// Orders that are those of `before` were looked at there.
pub fn check(world: &World, before: Option<&World>) -> Result<(), String> {
    for (at, (order, journal)) in world.orders.iter().zip(&world.journals).enumerate() {
        if before.and_then(|before| before.orders.get(at)).is_none_or(|known| !Rc::ptr_eq(known, order)) {
            check_order(order, journal).map_err(|fault| format!("order {}: {fault}", order.id))?;
        }
    }
    let mut held: BTreeMap<Raised, usize> = BTreeMap::new();
    for order in world.orders.iter().filter(|order| order.outcome() != Some(Outcome::Merged)) {
        for part in &order.parts {
            *held.entry((part.claimant.clone(), part.origin.clone())).or_default() += 1;
        }
    }
    if held != world.raised {
        return Err(format!("claimants do not balance: raised {:?}, held {held:?}", world.raised));
    }
    Ok(())
}

fn check_order(order: &Order, journal: &[(Event, Instant)]) -> Result<(), String> {
    let fail = |what: String| Err(what);
    let merged = order.outcome() == Some(Outcome::Merged);
    let open = order.state.is_open();
    if open {
        let Some(holder) = order.holder() else {
            return fail(format!("open in {} without a holder", order.state.code()));
        };
        if organisation().unit(&holder.unit).is_none() {
            return fail(format!("its holder {} is not in the register", holder.unit));
        }
        let runs =
            order.clocks.iter().any(|clock| clock.state == ClockState::Running && clock.standing == Standing::Governs);
        if !runs && pack().no_clock(order.kind.as_deref(), order.state.code()).is_none() {
            return fail(format!("open in {} without a running clock or a reason for none", order.state.code()));
        }
    } else {
        if order.holder().is_some() {
            return fail("closed with a holder".into());
        }
        if let Some(clock) =
            order.clocks.iter().find(|clock| clock.state == ClockState::Running && clock.name != "follow-up")
        {
            return fail(format!("closed with the clock {} running", clock.name));
        }
        if !merged {
            if let Some(task) = order.tasks.iter().find(|task| task.state.is_open()) {
                return fail(format!("closed with task {} open", task.no));
            }
            if let Some(request) = order.pending().find(|request| !matches!(request.ask, Ask::Excuse { .. })) {
                return fail(format!("closed with a {} pending", request.ask.code()));
            }
            if let Some(clock) = order.clocks.iter().find(|clock| clock.is_unsettled() && clock.name != "follow-up") {
                return fail(format!("closed with the clock {} {:?}", clock.name, clock.state));
            }
        }
        if order.closed_at.is_none() {
            return fail("closed without a time".into());
        }
    }
    if order.seq != journal.len() as u64 {
        return fail(format!("version {} after {} events", order.seq, journal.len()));
    }
    if journal.windows(2).any(|pair| pair[1].1 < pair[0].1) {
        return fail("time goes back".into());
    }
    for clock in &order.clocks {
        check_clock(order, clock)?;
    }
    for request in order.pending() {
        let Some(task) = order.task(request.task) else { return fail("a request on no task".into()) };
        if !task.state.is_open() && !matches!(request.ask, Ask::Excuse { .. }) {
            return fail(format!("a {} is pending on a task that is {}", request.ask.code(), task.state));
        }
    }
    for task in &order.tasks {
        let Some(above) = task.parent else { continue };
        let above = order.task(above).ok_or("a task below no task")?;
        if above.no >= task.no {
            return fail("a task lies below a later one".into());
        }
        if task.state.is_open() && matches!(above.state, TaskState::Returned | TaskState::Recalled | TaskState::Done) {
            return fail(format!("task {} outlives the task above it", task.no));
        }
    }
    let leads = order
        .tasks
        .iter()
        .filter(|task| task.leads_case() && (task.state.is_open() || task.state == TaskState::FedBack));
    if leads.count() > 1 {
        return fail("two units lead".into());
    }
    Ok(())
}

/// Every order is what its journal makes of it.
pub fn check_rebuild(world: &World) -> Result<(), String> {
    for (order, journal) in world.orders.iter().zip(&world.journals) {
        let again = rebuild(&order.id, journal.iter().map(|(event, at)| (event, *at)));
        if again.as_ref() != Some(&**order) {
            return Err(format!("a rebuild gives another order {}", order.id));
        }
    }
    Ok(())
}

fn check_clock(order: &Order, clock: &Clock) -> Result<(), String> {
    let what = format!("clock {} ({}, task {:?})", clock.no, clock.name, clock.task);
    let task = clock.task.and_then(|no| order.task(no));
    let merged = order.outcome() == Some(Outcome::Merged);
    if let Some(task) = task {
        let gone = matches!(task.state, TaskState::Done | TaskState::Returned | TaskState::Recalled);
        if gone && clock.is_unsettled() {
            return Err(format!("{what} is {:?} on a task that is {}", clock.state, task.state));
        }
    }
    let holding = |other: &Clock| {
        matches!(other.name.as_str(), "pause" | "shelving")
            && other.is_running()
            && other.task.and_then(|no| order.task(no)).is_some_and(|task| clock.moves_with(task))
    };
    let held = order.clocks.iter().any(holding);
    match clock.state {
        ClockState::Running if clock.pausable && held => return Err(format!("{what} runs through a pause")),
        ClockState::Halted(_) => {
            let waits = task.map_or(order.state == State::Review, |task| task.state == TaskState::FedBack);
            if !waits && !merged {
                return Err(format!("{what} is halted with no answer waiting"));
            }
        }
        ClockState::Held(_) if !merged && !held => return Err(format!("{what} is held by no pause")),
        _ => {}
    }
    // The limit of the level above, or a day promised, may have passed already.
    if clock.due.at < clock.start && !matches!(clock.name.as_str(), "close" | "follow-up") {
        return Err(format!("{what} ends before it starts"));
    }
    if clock.standing == Standing::Governs && clock.is_unsettled() {
        let rivals = order.clocks.iter().filter(|other| {
            other.is_unsettled()
                && other.standing == Standing::Governs
                && (&other.name, other.level, other.task) == (&clock.name, clock.level, clock.task)
        });
        if rivals.count() > 1 {
            return Err(format!("{what} does not govern alone"));
        }
    }
    Ok(())
}

/// What must hold of a step, beside what holds of the world after it.
pub fn check_step(before: &World, after: &World, act: &Act) -> Result<(), String> {
    if after.orders.len() < before.orders.len() {
        return Err("an order is gone".into());
    }
    for (old, new) in before.orders.iter().zip(&after.orders) {
        if new.at < old.at || new.seq < old.seq {
            return Err(format!("order {} goes back", old.id));
        }
        check_due(old, new, act)?;
    }
    if let Act::One(at, command) = act {
        let (old, new) = (&before.orders[*at], &after.orders[*at]);
        let row = table::of(command);
        listed(row.order, old.state.code(), &label(new.state), old.state == new.state)
            .map_err(|fault| format!("{} of an order {fault}", command.code()))?;
        if let Some(no) = command.task() {
            let (was, is) = (old.task(no).expect("it was named").state, new.task(no).expect("it stays").state);
            let row: Vec<_> = row.task.iter().map(|(from, to)| (from.code(), *to)).collect();
            listed(&row, was.code(), is.code(), was == is)
                .map_err(|fault| format!("{} of a task {fault}", command.code()))?;
        }
    }
    Ok(())
}

/// A state as the table writes it.
pub fn label(state: State) -> String {
    match state {
        State::Closed(outcome) => format!("closed {outcome}"),
        state => state.code().to_owned(),
    }
}

fn listed(row: &[table::Path<&str>], was: &str, is: &str, same: bool) -> Result<(), String> {
    let to = row.iter().find(|(from, _)| *from == was).map(|(_, to)| *to).unwrap_or_default();
    if to.contains(&is) || (same && to.contains(&"=")) {
        return Ok(());
    }
    Err(format!("leads from {was} to {is}, which the table does not list"))
}

/// The claimant's limit moves by an extension, a pause or a correction, never by sending the order elsewhere.
fn check_due(old: &Order, new: &Order, act: &Act) -> Result<(), String> {
    let moves = match act {
        Act::One(_, command) => match command {
            Command::Correct { .. } | Command::Register(_) => true,
            Command::Grant { request, .. } => old
                .request(*request)
                .is_some_and(|r| matches!(r.ask, Ask::Extension { .. }) && r.decision == Decision::Asked),
            _ => false,
        },
        _ => false,
    };
    let (Some(was), Some(is)) = (old.case_due(), new.case_due()) else {
        return Ok(());
    };
    // A pause that ends gives its time back.
    let paused = matches!(was.state, ClockState::Held(_));
    if !moves && !paused && (was.due != is.due || was.start != is.start) {
        return Err(format!("the claimant's limit moved from {} to {}", local(was.due.at), local(is.due.at)));
    }
    Ok(())
}

/// The commands worth trying on an order, good and bad.
pub fn commands(order: &Order, now: Instant) -> Vec<Command> {
    use Command as C;
    let note = Some(text());
    let mut all = vec![
        register("complaint", Some(SOCIAL), Urgency::Normal, None, false),
        register("help", Some(LIGHT), Urgency::Normal, None, false),
        register("help", Some(PIPE), Urgency::Emergency, None, false),
        register("praise", None, Urgency::Normal, None, false),
        register("report", Some(SOCIAL), Urgency::Normal, Some("enforcement"), true),
        register("suggestion", Some(SOCIAL), Urgency::Urgent, None, false),
        C::Refuse { reason: "abusive".into(), text: note.clone() },
        C::Answer {
            facts: closing_facts("consultation", Urgency::Normal, now),
            public: text(),
            entry: Some("e1".into()),
            entry_version: Some(2),
            entry_until: None,
        },
        C::Answer {
            facts: closing_facts(order.kind.as_deref().unwrap_or("help"), Urgency::Normal, now),
            public: text(),
            entry: Some("e1".into()),
            entry_version: Some(2),
            entry_until: Some(day(20_300_101)),
        },
        C::Transfer { to: "fire-119".into(), answered_at: None, note: None },
        C::Transfer { to: "fire-119".into(), answered_at: Some(order.at), note: note.clone() },
        C::Transfer { to: "discipline".into(), answered_at: None, note: None },
        C::Link { other: "o9".into(), relation: "related".into() },
        C::Link { other: order.id.clone(), relation: "related".into() },
        correct(Some("report"), None, None),
        correct(Some("praise"), None, None),
        correct(None, Some(LIGHT), None),
        correct(None, Some(SOCIAL), None),
        correct(None, None, Some(Urgency::Emergency)),
        correct(None, None, Some(Urgency::Normal)),
        C::Redact { text: text() },
        C::PassOn { unit: "human-resources".into(), note: None },
        dispatch("human-resources", &[]),
        dispatch("sub-jiyang", &["enforcement"]),
        dispatch("enforcement", &["human-resources", "water"]),
        C::Dispatch { lead: "water".into(), assist: Vec::new(), note: note.clone() },
        C::Pass {},
        C::FailReview { reason: "facts-missing".into(), note: None },
        C::CallbackMissed { at: None },
        answers(true, true, 5),
        answers(false, false, 1),
        C::WaiveCallback { reason: "claimant-declined".into() },
        C::WaiveCallback { reason: "not-reached".into() },
        C::Redo { reason: "not-solved".into(), note: None },
        C::Close {},
        C::Archive {},
        C::Supplement { text: text() },
        C::Attach { of: None, files: vec![text()] },
        C::Attach { of: Some(TaskNo(1)), files: vec![text(), text()] },
        C::Urge { text: None },
        C::Withdraw {
            claimant: order.parts.first().map(|part| part.claimant.clone()),
            reason: "changed-mind".into(),
            confirmed: true,
        },
        C::Withdraw {
            claimant: order.parts.last().map(|part| part.claimant.clone()),
            reason: "changed-mind".into(),
            confirmed: true,
        },
        C::Withdraw { claimant: None, reason: "changed-mind".into(), confirmed: false },
        C::Stop { reason: "test".into(), note: note.clone() },
        C::Stop { reason: "test".into(), note: None },
        C::Supervise { level: "order".into(), reason: "overdue".into(), note: None },
        C::Supervise { level: "none".into(), reason: "overdue".into(), note: None },
        C::LiftSupervision { note: None },
        C::Difficult { on: !order.difficult, note: None },
        C::Difficult { on: order.difficult, note: None },
        C::Hold { on: !order.hold, note: None },
        C::Hold { on: order.hold, note: None },
    ];
    // What only programs give, given wrongly.
    all.push(take_in("20261012-0009", Channel::Web, &[("x", true)]));
    all.push(C::TakeOver {
        no: "20261012-0009".into(),
        channel: order.channel,
        contact: order.contact.clone(),
        desk: order.desk.clone(),
        parts: order.parts.clone(),
        link: Link { order: order.id.clone(), relation: "split-from".into() },
        title: None,
        body: None,
    });
    all.push(C::Split { into: order.id.clone() });
    all.push(C::Release { from: "o9".into() });
    all.extend(order.absorbed.first().map(|from| C::Absorb { from: from.clone(), parts: Vec::new(), fresh: false }));
    for duty in &order.duties {
        all.push(C::Tell { duty: duty.no, reached: true, record: Some(text()) });
    }
    all.push(C::Tell { duty: huiyin_core::id::DutyNo(99), reached: false, record: None });
    for request in order.requests.iter().filter(|request| request.decision == Decision::Asked) {
        let no = request.no;
        all.push(C::Grant { request: no, note: note.clone() });
        all.push(C::Reject { request: no, note: note.clone() });
        all.push(C::WithdrawRequest { request: no });
        if let (Ask::Return { .. }, Some(task)) = (&request.ask, order.task(request.task)) {
            all.push(C::Rule { request: no, unit: task.unit.clone(), note: None });
            all.push(C::Rule { request: no, unit: "enforcement".into(), note: None });
        }
    }
    if let Some(last) = order.requests.last() {
        all.push(C::Grant { request: last.no, note: None });
        all.push(C::Rule { request: last.no, unit: "water".into(), note: None });
        all.push(C::Reject { request: last.no, note: None });
        all.push(C::WithdrawRequest { request: last.no });
    }
    for task in &order.tasks {
        // Finished tasks refuse all alike: the last of them stands for the rest.
        if task.state.is_open() || task.state == TaskState::FedBack || task.no.0 as usize == order.tasks.len() {
            task_commands(order, task.no, now, &mut all);
        }
    }
    sampled(order, now, &mut all);
    all
}

/// Commands nobody wrote down above, as their rows show them.
fn sampled(order: &Order, now: Instant, all: &mut Vec<Command>) {
    let known: BTreeSet<&str> = all.iter().map(Command::code).collect();
    // Requests and duties have their numbers; commands on two orders are acts of their own.
    let apart = |row: &table::Row| {
        matches!(row.command, "append" | "merge" | "unmerge" | "split" | "reopen")
            || row.takes.iter().any(|field| matches!(field.name, "request" | "duty"))
    };
    let rest = table::given().filter(|row| !known.contains(row.command) && !apart(row));
    for row in rest {
        let sample: Value = serde_json::from_str(row.sample).expect("a sample is JSON");
        let mut fields = json!({ "command": row.command });
        for (name, value) in sample.as_object().expect("an object") {
            fields[name] = match row.field(name).expect("a field it takes").holds {
                Holds::Text => json!(text()),
                Holds::Instant => json!(now),
                Holds::Day => json!(value.as_str().expect("a day").replace('-', "").parse::<i64>().expect("a day")),
                _ => value.clone(),
            };
        }
        let tasks: Vec<Option<TaskNo>> = match row.task.is_empty() {
            true => vec![None],
            false => order.tasks.iter().map(|task| Some(task.no)).collect(),
        };
        for task in tasks {
            if let Some(task) = task {
                fields["task"] = json!(task);
            }
            all.extend(serde_json::from_value::<Command>(fields.clone()));
        }
    }
}

fn correct(kind: Option<&str>, subject: Option<&str>, urgency: Option<Urgency>) -> Command {
    Command::Correct {
        kind: kind.map(Into::into),
        subject: subject.map(Into::into),
        area: None,
        place: None,
        urgency,
        reason: "new-facts".into(),
        note: Some(text()),
    }
}

fn task_commands(order: &Order, task: TaskNo, now: Instant, all: &mut Vec<Command>) {
    use Command as C;
    let tomorrow = pack().zone().day(now).next();
    let unit = order.task(task).map(|task| task.unit.0.clone()).unwrap_or_default();
    let below = match unit.as_str() {
        "sub-jiyang" => ("jiyang-market", vec!["market-section".into()]),
        "jiyang-market" => ("market-section", vec![]),
        _ => ("market-section", vec![]),
    };
    all.extend([
        C::ConfirmReceipt { task },
        C::Redispatch { task, lead: below.0.into(), assist: Vec::new(), note: None },
        C::Redispatch { task, lead: below.0.into(), assist: below.1, note: None },
        C::Recall { task, reason: "wrong-unit".into() },
        C::Sign { task },
        C::Accept { task },
        C::Progress { task, text: text() },
        C::Contact { task, reached: true, at: None, said: Some(text()) },
        C::Relay { task, text: text() },
        C::RelayAnswer { task, text: text(), question: None },
        give_back(task.0, "enforcement"),
        extend(task.0, 2, Count::Workday),
        extend(task.0, 12, Count::Hour),
        C::Pause { task, reason: "waiting-claimant".into(), until: tomorrow.next() },
        C::Resume { task },
        C::Shelve {
            task,
            reason: "engineering".into(),
            plan: text(),
            responsible: text(),
            review: tomorrow.next().next(),
        },
        C::ReviewShelving { task, review: None, note: None },
        C::ReviewShelving { task, review: Some(tomorrow), note: None },
        feedback(order, task.0, now),
        C::Feedback { task, facts: Facts::new(), internal: None, public: Some(text()) },
        C::SendBack { task, reason: "wording".into(), note: None },
        C::Acknowledge { task },
        C::PhoneNotice { task, who: text(), answered_at: None },
        C::OnScene { task, at: None, place: text(), safety: text(), photo: None },
        C::MadeSafe { task },
        C::Situation { task, text: text() },
    ]);
    for clock in order.clocks.iter().filter(|clock| clock.task == Some(task) && clock.missed.is_some()).take(2) {
        all.push(C::Excuse { task, clock: clock.no, reason: "force-majeure".into(), evidence: None });
    }
    all.push(C::Excuse { task, clock: huiyin_core::id::ClockNo(99), reason: "force-majeure".into(), evidence: None });
}

/// The acts worth trying in a world.
pub fn acts(world: &World, most_orders: usize) -> Vec<Act> {
    let mut all = Vec::new();
    for (at, order) in world.orders.iter().enumerate() {
        all.extend(commands(order, world.now).into_iter().map(|command| Act::One(at, command)));
        all.push(Act::Timer(at));
        all.push(Act::Unmerge(at));
        for into in 0..world.orders.len() {
            all.push(Act::Merge(at, into));
        }
        if world.orders.len() < most_orders {
            all.push(Act::Split(at));
            all.push(Act::Reopen(at));
        }
    }
    all
}

/// What tells two worlds apart, without times, counts that only grow, and overlays that no rule looks at.
pub fn normal(world: &World) -> u64 {
    use std::hash::{DefaultHasher, Hash, Hasher};
    let mut hash = DefaultHasher::new();
    for order in &world.orders {
        (order.state, &order.kind, &order.subject, order.urgency).hash(&mut hash);
        (order.secret, order.sealed, order.redacted.is_some(), order.pinned.is_some()).hash(&mut hash);
        (order.redo.min(3), &order.merged, &order.absorbed).hash(&mut hash);
        (order.callback.attempts.len().min(3), order.callback.waived.is_some()).hash(&mut hash);
        order.callback.answers.as_ref().map(|answers| answers.solved).hash(&mut hash);
        order.relays.iter().filter(|relay| !relay.answered).count().hash(&mut hash);
        order.supplements.iter().filter(|supplement| !supplement.acknowledged).count().min(1).hash(&mut hash);
        for part in &order.parts {
            (&part.claimant, &part.origin, part.withdrawn, &part.via).hash(&mut hash);
        }
        let mut settled = BTreeSet::new();
        for task in &order.tasks {
            let own = (&task.unit, task.role, task.state, task.parent, task.ruled, task.praise, task.redo);
            let seen = (task.commanded_at.is_some(), task.scene.is_some(), task.safe_at.is_some());
            if task.state.is_open() || task.state == TaskState::FedBack {
                (own, seen).hash(&mut hash);
            } else {
                settled.insert((task.unit.clone(), task.state, task.role == Role::Lead));
            }
        }
        settled.hash(&mut hash);
        for request in &order.requests {
            let waits = request.decision == Decision::Asked;
            let unit = order.task(request.task).map(|task| &task.unit);
            if waits || !matches!(request.ask, Ask::Excuse { .. }) {
                (request.ask.code(), request.decision as u8, unit).hash(&mut hash);
            }
        }
        for clock in &order.clocks {
            let state = match clock.state {
                ClockState::Running => 0,
                ClockState::Halted(_) => 1,
                ClockState::Held(_) => 2,
                ClockState::Stopped(_) => 3,
                ClockState::Cancelled => 4,
            };
            if clock.is_unsettled() {
                (&clock.name, clock.task, state, clock.standing as u8, clock.missed.is_some(), clock.extensions)
                    .hash(&mut hash);
            }
        }
        // What is still owed only matters to archiving.
        (!order.state.is_open() && order.duties.iter().any(|duty| duty.told_at.is_none())).hash(&mut hash);
    }
    hash.finish()
}

/// An order and its events come back from JSON as they were.
pub fn check_json(world: &World) -> Result<(), String> {
    for (order, journal) in world.orders.iter().zip(&world.journals) {
        let again: Order = round(&**order)?;
        if again != **order {
            return Err(format!("order {} is another after JSON", order.id));
        }
        let mut events = Vec::new();
        for (event, at) in journal.iter() {
            let body = serde_json::to_value(event).map_err(|error| error.to_string())?;
            if body["event"] != event.code() {
                return Err(format!("{} is written as {}", event.code(), body["event"]));
            }
            let again: Event = round(event)?;
            if again != *event {
                return Err(format!("{} is another after JSON", event.code()));
            }
            events.push((again, *at));
        }
        let rebuilt = rebuild(&order.id, events.iter().map(|(event, at)| (event, *at)));
        if rebuilt.as_ref() != Some(&**order) {
            return Err(format!("order {} is another when rebuilt from JSON", order.id));
        }
    }
    Ok(())
}

fn round<T: serde::Serialize + serde::de::DeserializeOwned>(value: &T) -> Result<T, String> {
    let text = serde_json::to_string(value).map_err(|error| error.to_string())?;
    serde_json::from_str(&text).map_err(|error| format!("{error}: {text}"))
}
