//! One invented life: commands in order of time, each decided and applied as a live one, timers told of between them.

use huiyin_core::{
    calendar::{Span, Unit},
    id::{ClaimantId, ContactId, ContentId, OrderId, RequestNo, TaskNo, UnitId},
    order::{
        Actor, Answers, Channel, Command, Context, Event, FactValue, Facts, Matter, Moment, NewPart, Order, TaskState,
        Text, Urgency, apply, decide,
    },
    time::Instant,
};
use huiyin_store::{
    contents::{Bundle, NewClaimant, NewContact, NewContent},
    orders::{Author, Life},
    records::DeskItem,
    seal::{ContentKey, Entropy, normalise_phone},
};

use super::{DAY, Dice, Fate, World, words};
use crate::{App, CommandError, orders::Identity};

/// Who is said to have done it.
const PERSON: &str = "seeded";
const MINUTE: i64 = 60_000;
/// So many of a hundred ways to an end need no unit's work.
const SOON: u64 = 28;

/// Makes lives and gathers what they leave beside the orders.
pub(super) struct Maker<'a> {
    pub app: &'a App,
    pub world: &'a World,
    pub entropy: &'a dyn Entropy,
    pub dice: Dice,
    pub now: Instant,
    pub bundle: Bundle,
    pub items: Vec<DeskItem>,
}

/// A life being told.
struct Tale {
    order: Order,
    events: Vec<(Event, Instant, Author)>,
    /// Where in time it is.
    at: Instant,
}

impl Maker<'_> {
    /// A whole life, or one up to now.
    pub fn life(&mut self, no: String, born: Instant, fate: Fate) -> Result<Life, CommandError> {
        let id = OrderId(self.id(born));
        let mut tale = Tale { order: Order::blank(id, born), events: Vec::new(), at: born };
        self.take_in(&mut tale, no)?;
        match fate {
            Fate::Open => self.unfinished(&mut tale)?,
            Fate::Ended => self.finished(&mut tale, 100)?,
            Fate::EndedSoon => self.finished(&mut tale, SOON)?,
        }
        let until = if fate == Fate::Open { self.now } else { tale.at };
        self.timers(&mut tale, until)?;
        Ok(Life { order: tale.order, events: tale.events })
    }

    fn take_in(&mut self, tale: &mut Tale, no: String) -> Result<(), CommandError> {
        let (order, at) = (tale.order.id.0.clone(), tale.at);
        let channel = *self.dice.lean(&[
            Channel::Phone,
            Channel::Web,
            Channel::Wechat,
            Channel::Email,
            Channel::Letter,
            Channel::Visit,
        ]);
        let title = words::title(&mut self.dice);
        let body = words::body(&mut self.dice, &title);
        let (contact, raw, claimant) = (self.id(at), self.id(at), self.id(at));
        let city = self.app.city.as_str();
        let anonymous = self.dice.percent(10);
        let identity = match anonymous {
            true => Identity { anonymous: true, ..Identity::default() },
            false => Identity {
                name: Some(words::name(&mut self.dice)),
                phone: Some(words::phone(&mut self.dice)),
                ..Identity::default()
            },
        };
        let said = serde_json::json!({ "title": title, "body": body }).to_string();
        let master = &self.app.master;
        self.bundle.contents.push((
            at,
            NewContent {
                id: raw.clone(),
                order: Some(order.clone()),
                what: "raw".into(),
                body: master.seal_identity(said.as_bytes(), format!("{city}/{contact}").as_bytes(), self.entropy),
                wrapped_key: Vec::new(),
            },
        ));
        self.bundle.contacts.push((
            at,
            NewContact {
                id: contact.clone(),
                channel: channel.code().to_owned(),
                external_id: None,
                received_at: at,
                raw,
                order: Some(order.clone()),
                state: "opened".into(),
                fault: None,
            },
        ));
        let area = &self.app.pack.head().area_code;
        let phone = identity.phone.as_deref().and_then(|phone| normalise_phone(phone, area));
        let plain = serde_json::to_vec(&identity).map_err(|error| CommandError::Internal(error.to_string()))?;
        self.bundle.claimants.push((
            at,
            NewClaimant {
                order,
                sealed: master.seal_identity(&plain, format!("{city}/{claimant}").as_bytes(), self.entropy),
                phone: phone.as_deref().map(|phone| master.lookup("phone", phone)),
                idno: None,
                email: None,
                id: claimant.clone(),
            },
        ));
        let (title, body) = (self.text(tale, "title", &title), self.text(tale, "body", &body));
        let desk = self.world.call_centre.clone();
        self.give(
            tale,
            &desk.clone(),
            Command::TakeIn {
                no,
                channel,
                contact: ContactId(contact),
                desk: UnitId(desk),
                received_at: Some(at),
                claimed_emergency: false,
                claimed_kind: None,
                title: Some(title),
                body: Some(body),
                parts: vec![NewPart { claimant: ClaimantId(claimant), anonymous, reachable: !anonymous }],
                link: None,
                secret: false,
            },
        )
    }

    /// A life that ends in the archive, by one of the first `ways` of a hundred.
    fn finished(&mut self, tale: &mut Tale, ways: u64) -> Result<(), CommandError> {
        let (desk, office) = (self.world.call_centre.clone(), self.world.office.clone());
        self.wait(tale, 2, 20);
        match self.dice.roll(ways) {
            0..4 => {
                let text = self.text(tale, "text", "请向有管辖权的机关反映。");
                self.give(tale, &desk, Command::Refuse { reason: "out-of-jurisdiction".into(), text: Some(text) })?;
            }
            4..7 => {
                let note = self.text(tale, "note", "已转有关机关。");
                self.give(
                    tale,
                    &desk,
                    Command::Transfer { to: "litigation".into(), answered_at: None, note: Some(note) },
                )?;
            }
            7..8 => {
                let note = self.text(tale, "note", "误建。");
                self.give(tale, &office, Command::Stop { reason: "opened-in-error".into(), note: Some(note) })?;
            }
            8..11 => {
                self.register(tale, "complaint", Urgency::Normal, false)?;
                self.wait(tale, 30, 600);
                let command = Command::Withdraw { claimant: None, reason: "solved-itself".into(), confirmed: true };
                self.give(tale, &desk, command)?;
            }
            11..16 => {
                self.register(tale, "praise", Urgency::Normal, false)?;
                let (unit, _) = self.dice.lean(&self.world.members).clone();
                self.wait(tale, 5, 60);
                self.give(tale, &desk, Command::PassOn { unit: UnitId(unit.clone()), note: None })?;
                self.wait(tale, 60, 3_000);
                self.give(tale, &unit, Command::ConfirmReceipt { task: TaskNo(1) })?;
            }
            16..SOON => {
                self.register(tale, "consultation", Urgency::Normal, false)?;
                let public = self.text(tale, "public", "可以在政务服务大厅窗口办理，请携带身份证件。");
                let facts = [("answered".to_owned(), FactValue::Flag(true))].into();
                let command = Command::Answer { facts, public, entry: None, entry_version: None, entry_until: None };
                self.give(tale, &desk, command)?;
            }
            _ => {
                self.sent(tale)?;
                self.worked(tale)?;
                self.called(tale)?;
            }
        }
        self.wait(tale, 5, 60);
        self.tell(tale)?;
        self.wait(tale, 60, 600);
        self.give(tale, &office, Command::Archive {})
    }

    /// A life that goes on: it stops at one of the states on the way.
    fn unfinished(&mut self, tale: &mut Tale) -> Result<(), CommandError> {
        let age = self.now.ms() - tale.at.ms();
        let fate = self.dice.roll(100);
        if age < 2 * DAY && fate < 30 {
            return Ok(()); // still in intake
        }
        self.wait(tale, 2, 20);
        if age < 4 * DAY && fate < 50 {
            let kind = self.kind();
            self.register(tale, kind, Urgency::Normal, false)?;
            self.wait(tale, 1, 10);
            return self.tell(tale);
        }
        self.sent(tale)?;
        if fate < 70 {
            return self.under_way(tale);
        }
        self.worked(tale)?;
        if tale.order.state.code() == "review" && fate < 85 {
            return Ok(());
        }
        self.passed(tale)
    }

    /// With a unit that has not answered yet.
    fn under_way(&mut self, tale: &mut Tale) -> Result<(), CommandError> {
        let unit = self.unit(tale);
        if self.dice.percent(15) {
            return Ok(()); // not signed for
        }
        self.wait(tale, 30, 400);
        self.give(tale, &unit, Command::Sign { task: last(tale) })?;
        if self.dice.percent(70) && self.at_work(tale, TaskState::Signed) {
            self.give(tale, &unit, Command::Accept { task: last(tale) })?;
        }
        match self.dice.roll(20) {
            0 => self.ask_extension(tale).map(drop),
            1 => {
                let basis = self.text(tale, "basis", "三定方案未列此项职责。");
                let suggestion = self.other_unit(&unit);
                let command = Command::Return {
                    task: last(tale),
                    reason: "not-our-duty".into(),
                    basis: Some(basis),
                    suggestion: Some(UnitId(suggestion)),
                };
                // Only within the pack's window.
                self.timers(tale, tale.at)?;
                let _ = self.attempt(tale, &unit, &command);
                Ok(())
            }
            2 => self.give(tale, &self.world.call_centre.clone(), Command::Urge { text: None }),
            3 if !self.world.level.is_empty() => {
                let command =
                    Command::Supervise { level: self.world.level.clone(), reason: "repeated".into(), note: None };
                self.give(tale, &self.world.office.clone(), command)
            }
            4 => self.give(tale, &self.world.office.clone(), Command::Difficult { on: true, note: None }),
            _ => {
                let text = self.text(tale, "text", "已到现场查看，正在联系施工单位。");
                self.give(tale, &unit, Command::Progress { task: last(tale), text })
            }
        }
    }

    fn kind(&mut self) -> &'static str {
        let kind: &&str = self.dice.lean(&["help", "complaint", "consultation", "report", "suggestion"]);
        kind
    }

    fn register(&mut self, tale: &mut Tale, kind: &str, urgency: Urgency, secret: bool) -> Result<(), CommandError> {
        let place = words::place(&mut self.dice);
        let place = self.text(tale, "place", &place);
        let command = Command::Register(Matter {
            subject: Some(self.dice.lean(&self.world.subjects).clone()).filter(|_| kind != "praise"),
            urgency,
            area: Some(self.dice.pick(&self.world.areas).clone()),
            place: Some(place),
            secret: Some(secret),
            ..Matter::of(kind)
        });
        self.give(tale, &self.world.call_centre.clone(), command)
    }

    /// Registered, the claimant told, dispatched; now and then down the tree, or given back and sent elsewhere.
    fn sent(&mut self, tale: &mut Tale) -> Result<(), CommandError> {
        let office = self.world.office.clone();
        let kind = self.kind();
        let urgency = if self.dice.percent(6) { Urgency::Urgent } else { Urgency::Normal };
        let secret = self.dice.percent(2);
        self.register(tale, kind, urgency, secret)?;
        self.wait(tale, 1, 10);
        self.tell(tale)?;
        if secret {
            let text = self.text(tale, "text", "有人反映一处问题，请核查。");
            self.give(tale, &office, Command::Redact { text })?;
        }
        self.wait(tale, 5, 120);
        let (unit, below) = self.dice.lean(&self.world.members).clone();
        let assist = if self.dice.percent(10) { vec![UnitId(self.other_unit(&unit))] } else { Vec::new() };
        self.give(tale, &office, Command::Dispatch { lead: UnitId(unit.clone()), assist, note: None })?;
        if below.is_none() && self.dice.percent(4) {
            self.wait(tale, 10, 60);
            let other = self.other_unit(&unit);
            let basis = self.text(tale, "basis", "三定方案未列此项职责。");
            let command = Command::Return {
                task: TaskNo(1),
                reason: "not-our-duty".into(),
                basis: Some(basis),
                suggestion: Some(UnitId(other.clone())),
            };
            self.timers(tale, tale.at)?;
            if self.attempt(tale, &unit, &command).is_ok() {
                self.wait(tale, 20, 200);
                self.give(tale, &office, Command::Grant { request: RequestNo(1), note: None })?;
                self.give(tale, &office, Command::Dispatch { lead: UnitId(other), assist: Vec::new(), note: None })?;
            }
        } else if let Some(below) = below
            && self.dice.percent(70)
        {
            self.wait(tale, 20, 200);
            self.give(tale, &unit, Command::Sign { task: TaskNo(1) })?;
            let command = Command::Redispatch { task: TaskNo(1), lead: UnitId(below), assist: Vec::new(), note: None };
            self.give(tale, &unit, command)?;
        }
        Ok(())
    }

    /// From the unit's signature to its answer, and once more if the review sends it back.
    fn worked(&mut self, tale: &mut Tale) -> Result<(), CommandError> {
        let (unit, task) = (self.unit(tale), last(tale));
        self.wait(tale, 30, 400);
        self.give(tale, &unit, Command::Sign { task })?;
        if self.dice.percent(70) && self.at_work(tale, TaskState::Signed) {
            self.give(tale, &unit, Command::Accept { task })?;
        }
        if self.dice.percent(6)
            && let Some(request) = self.ask_extension(tale)?
        {
            self.wait(tale, 10, 200);
            let above = self.above(tale, task);
            let note = Some(self.text(tale, "note", "已研究。"));
            let command = if self.dice.percent(60) {
                Command::Grant { request, note }
            } else {
                Command::Reject { request, note }
            };
            self.give(tale, &above, command)?;
            self.tell(tale)?;
        }
        if self.dice.percent(5) {
            self.give(tale, &self.world.call_centre.clone(), Command::Urge { text: None })?;
        }
        // Most within the limit, some behind it.
        let late = self.dice.percent(8);
        if late {
            self.wait(tale, 8 * 24 * 60, 13 * 24 * 60)
        } else {
            self.wait(tale, 120, 2_400)
        }
        if !tale.order.secret {
            let said = self.text(tale, "said", "已向来电人说明情况。");
            let command = Command::Contact { task, reached: true, at: None, said: Some(said) };
            self.give(tale, &unit, command)?;
        }
        self.feedback(tale)?;
        if self.dice.percent(6) && tale.order.state.code() == "review" {
            self.wait(tale, 30, 300);
            let command = Command::FailReview { reason: "wording".into(), note: None };
            self.give(tale, &self.world.office.clone(), command)?;
            self.wait(tale, 60, 600);
            self.feedback(tale)?;
        }
        Ok(())
    }

    /// The answer climbs the tree to the review.
    fn feedback(&mut self, tale: &mut Tale) -> Result<(), CommandError> {
        while let Some(task) = tale.order.tasks.iter().rev().find(|task| {
            task.role == huiyin_core::order::Role::Lead && matches!(task.state, TaskState::Signed | TaskState::Accepted)
        }) {
            let (no, unit, leads) = (task.no, task.unit.0.clone(), task.leads_case());
            let facts = if leads { self.facts(tale) } else { Facts::new() };
            let internal = self.text(tale, "internal", "现场核查情况属实，已安排施工。");
            let public = self.text(tale, "public", "您反映的问题已经处理完毕，感谢您的监督。");
            self.give(
                tale,
                &unit,
                Command::Feedback { task: no, facts, internal: Some(internal), public: Some(public) },
            )?;
            let approval = tale.order.pending().find(|request| request.task == no && request.ask.code() == "approval");
            if let Some(request) = approval.map(|request| request.no) {
                self.wait(tale, 10, 120);
                self.give(tale, &unit, Command::Grant { request, note: None })?;
            }
            self.wait(tale, 10, 120);
        }
        Ok(())
    }

    fn passed(&mut self, tale: &mut Tale) -> Result<(), CommandError> {
        self.wait(tale, 20, 600);
        self.give(tale, &self.world.office.clone(), Command::Pass {})
    }

    /// Review, call back, perhaps a redo, close.
    fn called(&mut self, tale: &mut Tale) -> Result<(), CommandError> {
        let desk = self.world.call_centre.clone();
        self.passed(tale)?;
        for round in 0..2 {
            if tale.order.state.code() != "callback" {
                return Ok(()); // nobody to call
            }
            self.wait(tale, 60, 1_200);
            let redo = round == 0 && self.dice.percent(4);
            let answers = Answers {
                contacted: !redo,
                solved: !redo,
                satisfied: if redo { 1 } else { 3 + self.dice.roll(3) as u8 },
                said: None,
            };
            self.give(tale, &desk, Command::CallbackAnswered { claimant: None, answers })?;
            if redo {
                self.give(tale, &desk, Command::Redo { reason: "not-solved".into(), note: None })?;
                self.worked(tale)?;
                self.passed(tale)?;
            } else {
                return self.give(tale, &desk, Command::Close {});
            }
        }
        Ok(())
    }

    /// What is owed to the claimant is told by phone.
    fn tell(&mut self, tale: &mut Tale) -> Result<(), CommandError> {
        let owed: Vec<_> = tale.order.duties.iter().filter(|duty| duty.told_at.is_none()).map(|duty| duty.no).collect();
        for duty in owed {
            let record = self.text(tale, "record", "已电话告知本人。");
            let command = Command::Tell { duty, reached: true, record: Some(record) };
            self.give(tale, &self.world.call_centre.clone(), command)?;
        }
        Ok(())
    }

    fn ask_extension(&mut self, tale: &mut Tale) -> Result<Option<RequestNo>, CommandError> {
        let (task, unit) = (last(tale), self.unit(tale));
        let span = Span { amount: 1, unit: Unit::Workday };
        // Whether this limit can be extended is the pack's affair: what it refuses is not asked.
        let asked = self.attempt(tale, &unit, &Command::Extend { task, span, reason: "complex".into() });
        Ok(asked.ok().and_then(|()| tale.order.pending().last().map(|request| request.no)))
    }

    fn facts(&mut self, tale: &Tale) -> Facts {
        let flag = |name: &str| (name.to_owned(), FactValue::Flag(true));
        let code = |name: &str, code: &str| (name.to_owned(), FactValue::Code(code.to_owned()));
        let words = |this: &mut Self, name: &str, words: &str| {
            (name.to_owned(), FactValue::Text(this.text(tale, &format!("facts.{name}"), words)))
        };
        match tale.order.kind.as_deref() {
            Some("consultation") => [flag("answered")].into(),
            Some("help") => [code("finding", "lawful"), flag("solved"), words(self, "measures", "已经修复。")].into(),
            Some("suggestion") => [code("adoption", "done"), words(self, "what_was_done", "已经增设。")].into(),
            _ if self.dice.percent(30) => {
                [code("finding", "untrue"), flag("told_complainant"), words(self, "explanation", "经查不属实。")].into()
            }
            _ => [
                code("finding", "true"),
                words(self, "unit_dealt_with", "已约谈责任单位。"),
                words(self, "matter_disposed", "已整改到位。"),
            ]
            .into(),
        }
    }

    /// The unit of the deepest lead task.
    fn unit(&self, tale: &Tale) -> String {
        tale.order.task(last(tale)).map_or_else(|| self.world.office.clone(), |task| task.unit.0.clone())
    }

    fn above(&self, tale: &Tale, task: TaskNo) -> String {
        let parent = tale.order.task(task).and_then(|task| task.parent).and_then(|no| tale.order.task(no));
        parent.map_or_else(|| self.world.office.clone(), |task| task.unit.0.clone())
    }

    fn other_unit(&mut self, not: &str) -> String {
        loop {
            let (unit, below) = self.dice.pick(&self.world.members);
            if unit != not && below.is_none() || self.world.members.len() < 3 {
                return unit.clone();
            }
        }
    }

    fn at_work(&self, tale: &Tale, state: TaskState) -> bool {
        tale.order.task(last(tale)).is_some_and(|task| task.state == state)
    }

    /// Some minutes pass, but not beyond now.
    fn wait(&mut self, tale: &mut Tale, least: u64, most: u64) {
        let minutes = least + self.dice.roll(most.saturating_sub(least) + 1);
        let seconds = self.dice.roll(60) as i64 * 1_000;
        tale.at = tale.at.plus(minutes as i64 * MINUTE + seconds).min(self.now);
    }

    /// Carries out a command that the rules must accept.
    fn give(&mut self, tale: &mut Tale, unit: &str, command: Command) -> Result<(), CommandError> {
        self.timers(tale, tale.at)?;
        self.attempt(tale, unit, &command)
    }

    /// Carries out a command; refused, nothing has changed.
    fn attempt(&mut self, tale: &mut Tale, unit: &str, command: &Command) -> Result<(), CommandError> {
        let at = tale.at.max(tale.order.at);
        let author = Author { person: PERSON.into(), unit: unit.to_owned() };
        self.decided(tale, command, at, author)
    }

    fn decided(&mut self, tale: &mut Tale, command: &Command, at: Instant, author: Author) -> Result<(), CommandError> {
        let context = Context {
            actor: Actor { person: author.person.as_str().into(), unit: author.unit.as_str().into() },
            now: at,
            pack: &self.world.pack,
            organisation: &self.world.org,
            master_closed: false,
            other: None,
        };
        let events = decide(&tale.order, command, &context).map_err(|refusal| {
            CommandError::Internal(format!("an invented {} was refused: {refusal}", command.code()))
        })?;
        for event in events {
            let order = std::mem::replace(&mut tale.order, Order::blank("".into(), at));
            tale.order = apply(order, &event, at);
            tale.events.push((event, at, author.clone()));
        }
        Ok(())
    }

    /// Every moment of a clock up to a time is told of, as the timer would have.
    fn timers(&mut self, tale: &mut Tale, until: Instant) -> Result<(), CommandError> {
        loop {
            let order = &tale.order;
            let next = order
                .clocks
                .iter()
                .filter_map(|clock| order.next_moment(clock).map(|(at, moment)| (at, clock.no, moment)))
                .filter(|(at, ..)| *at <= until)
                .min_by_key(|(at, no, _)| (*at, *no));
            let Some((at, clock, moment)) = next else { return Ok(()) };
            let author = Author { person: "system".into(), unit: order.lies_with.0.clone() };
            let at = at.max(order.at);
            self.decided(tale, &Command::Fire { clock, moment }, at, author)?;
            // What a person has had a day for is done.
            if moment == Moment::Alert && at.plus(DAY) > self.now {
                self.alert(tale, clock.0, at);
            }
        }
    }

    fn alert(&mut self, tale: &Tale, clock: u32, at: Instant) {
        let Some(of) = tale.order.clocks.iter().find(|of| of.no.0 == clock) else { return };
        let (order, task) = (&tale.order.id, of.task);
        self.items.push(DeskItem {
            id: format!("call-duty-phone:{order}:{}:{clock}", task.map_or(0, |task| task.0)),
            order: order.0.clone(),
            what: "call-duty-phone".into(),
            unit: self.world.call_centre.clone(),
            task: task.map(|task| i64::from(task.0)),
            duty: None,
            created_at: at,
            due: of.due.at,
            note: None,
        });
    }

    /// Seals a text into a content of its own.
    fn text(&mut self, tale: &Tale, what: &str, text: &str) -> Text {
        let id = self.id(tale.at);
        let key = ContentKey::generate(self.entropy);
        let mac = key.mac(text.as_bytes());
        self.bundle.contents.push((
            tale.at,
            NewContent {
                wrapped_key: self.app.master.wrap_content(&key, &id, self.entropy),
                id: id.clone(),
                order: Some(tale.order.id.0.clone()),
                what: what.to_owned(),
                body: text.as_bytes().to_vec(),
            },
        ));
        Text { content: ContentId(id), mac }
    }

    /// An id as a live one, of that moment.
    fn id(&mut self, at: Instant) -> String {
        let mut rest = [0; 10];
        rest[..8].copy_from_slice(&self.dice.next().to_be_bytes());
        rest[8..].copy_from_slice(&self.dice.next().to_be_bytes()[..2]);
        let ms = u64::try_from(at.ms()).unwrap_or(0);
        uuid::Builder::from_unix_timestamp_millis(ms, &rest).into_uuid().to_string()
    }
}

/// The order's deepest lead task that is open, or its last task.
fn last(tale: &Tale) -> TaskNo {
    let open =
        tale.order.tasks.iter().rev().find(|task| task.state.is_open() && task.role == huiyin_core::order::Role::Lead);
    open.or(tale.order.tasks.last()).map_or(TaskNo(1), |task| task.no)
}
