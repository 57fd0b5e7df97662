//! Worked examples beside each pack: what a lawyer can read and count after.

use huiyin_core::{
    calendar::{Ends, Span, Unit},
    id::UnitId,
    organisation::Organisation,
    policy::{FactKind, Level, Pack, Question, RouteQuestion},
    time::{Day, Instant},
};
use libtest_mimic::{Failed, Trial};
use serde::Deserialize;

use crate::packs::{self, Texts};

/// A file of examples.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct File {
    /// Limits of a matter.
    pub due: Vec<Due>,
    /// The arithmetic of limits.
    pub vector: Vec<Vector>,
    /// Who answers for a matter.
    pub route: Vec<Route>,
    /// Subjects with what they inherit.
    pub subject: Vec<Subject>,
    /// Days, worked or not.
    pub day: Vec<WorkedDay>,
    /// Units on a day.
    pub unit: Vec<UnitOn>,
    /// Settings of the procedure on a day.
    pub parameter: Vec<Setting>,
    /// Texts in a language.
    pub text: Vec<Said>,
    /// Documents the pack cites, or only lists.
    pub source: Vec<Document>,
    /// The same documents as their register has them.
    document: Vec<Registered>,
    /// Who answers for subjects, in a place or anywhere.
    answers: Vec<Answers>,
    /// Which subjects carry a flag.
    flagged: Vec<Flagged>,
    /// Which subjects lie right below one.
    below: Vec<Below>,
    /// Which units of a kind are in force on a day.
    in_force: Vec<InForce>,
    /// Which units stand right below one.
    under: Vec<Under>,
    /// Which territory a unit answers for.
    territory: Vec<Territory>,
    /// Coded reasons of a group.
    reasons: Vec<Reasons>,
    /// What each limit rests on.
    limit: Vec<Rested>,
    /// What a holiday notice makes of the plain week.
    notice: Vec<Notice>,
    /// Which conditions a kind closes by, at an urgency.
    closes: Vec<Closes>,
    /// What kind of value facts are.
    stated: Vec<Stated>,
    /// Which areas lie right inside one.
    within: Vec<Within>,
    /// What is owed to claimants on an event.
    owed: Vec<Owed>,
    /// Where an open order may run no clock.
    unlimited: Vec<Unlimited>,
}

/// A matter, when it starts, and when its limits end.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Due {
    pub id: String,
    at: String,
    #[serde(default)]
    kind: String,
    /// In place of `kind`: the same for each of these.
    #[serde(default)]
    kinds: Vec<String>,
    subject: Option<String>,
    unit_kind: Option<String>,
    /// In place of `unit_kind`.
    #[serde(default)]
    unit_kinds: Vec<String>,
    urgency: Option<String>,
    /// In place of `urgency`.
    #[serde(default)]
    urgencies: Vec<String>,
    source: Option<String>,
    /// The unit that handles it, for the rules units lay for themselves.
    unit: Option<String>,
    /// The emergency mode it was taken in under.
    mode: Option<String>,
    /// Whether the task lies below another.
    #[serde(default)]
    below: bool,
    #[serde(default)]
    assist: bool,
    first: Option<bool>,
    expect: Vec<Limit>,
    /// No other rule binds beside those named, for the clocks named.
    #[serde(default)]
    alone: bool,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct Limit {
    clock: String,
    level: Level,
    rule: Option<String>,
    due: String,
    governs: bool,
    warn: Option<String>,
    provisional: Option<bool>,
}

/// A limit by itself.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Vector {
    pub id: String,
    at: String,
    amount: u32,
    unit: Unit,
    #[serde(default)]
    roll: bool,
    end: String,
}

/// A matter and who answers for it.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Route {
    pub id: String,
    #[serde(default = "help")]
    kind: String,
    subject: Option<String>,
    area: Option<String>,
    urgency: Option<String>,
    /// The unit it is about.
    target: Option<String>,
    /// The emergency mode it was taken in under.
    mode: Option<String>,
    /// When it is sent, where that matters.
    at: Option<String>,
    /// Who is proposed first; without it, that is not what the example is about.
    lead: Option<String>,
    #[serde(default)]
    assist: Vec<String>,
    /// A unit that is proposed too, further down.
    also: Option<String>,
    /// A unit that is not proposed.
    not: Option<String>,
}

/// When a matter is sent, where the example does not say.
const SENT: &str = "2026-10-12T09:00:00";

fn help() -> String {
    "help".into()
}

/// A subject with what it inherits.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Subject {
    code: String,
    path: Vec<String>,
    #[serde(default)]
    flags: Vec<String>,
}

/// A day.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WorkedDay {
    day: String,
    worked: bool,
}

/// A unit on a day.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct UnitOn {
    code: String,
    name: String,
    kind: String,
    parent: Option<String>,
    from: String,
    until: Option<String>,
    successor: Option<String>,
}

/// A setting on a day.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Setting {
    name: String,
    day: String,
    value: toml::Value,
    source: String,
    from: Option<String>,
}

/// A text in a language.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Said {
    name: String,
    language: String,
    words: String,
}

/// A document.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Document {
    id: Option<String>,
    key: String,
    number: String,
    status: String,
    cited: bool,
}

/// A document in the register.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Registered {
    key: String,
    number: String,
    rank: u8,
    issued: String,
    from: String,
    status: String,
}

/// A unit and the subjects it answers for.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Answers {
    area: Option<String>,
    lead: String,
    #[serde(default)]
    assist: Vec<String>,
    subjects: Vec<String>,
}

/// A flag and all leaves that carry it.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Flagged {
    flag: String,
    subjects: Vec<String>,
}

/// A subject and those right below it.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Below {
    subject: String,
    subjects: Vec<String>,
}

/// All units of a kind on a day.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct InForce {
    day: String,
    kind: String,
    units: Vec<String>,
}

/// A unit and those right below it.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Under {
    unit: String,
    units: Vec<String>,
}

/// A unit's territory.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Territory {
    unit: String,
    area: String,
}

/// All reasons of a group that rest on one source.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Reasons {
    group: String,
    source: String,
    #[serde(default)]
    appeal: bool,
    #[serde(default)]
    seals: bool,
    codes: Vec<String>,
}

/// A limit, what it rests on, what stops it and what may be done to it.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rested {
    rule: String,
    name: String,
    level: Level,
    role: Option<String>,
    source: String,
    from: String,
    start: String,
    stop: Vec<String>,
    may: Vec<String>,
}

/// Days off and days made up in a year.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Notice {
    year: i16,
    off: Vec<String>,
    worked: Vec<String>,
}

/// A kind, an urgency, and the conditions it closes by.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Closes {
    kinds: Vec<String>,
    urgencies: Vec<String>,
    rules: Vec<String>,
}

/// Facts of one kind of value.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Stated {
    is: FactKind,
    facts: Vec<String>,
}

/// An area and those right inside it.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Within {
    area: String,
    areas: Vec<String>,
}

/// What a claimant is told on an event, by kind; nothing where `what` is left out.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Owed {
    on: String,
    kinds: Vec<String>,
    what: Option<String>,
}

/// A state in which an order of these kinds may run no clock.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Unlimited {
    state: String,
    kinds: Vec<String>,
    code: Option<String>,
}

/// One example of any sort.
pub type Check = Box<dyn Fn(&Pack) -> Result<(), String> + Send + Sync>;

/// Every example of a pack by name.
pub fn checks(pack: &str) -> Result<Vec<(String, Check)>, String> {
    let mut checks: Vec<(String, Check)> = Vec::new();
    for (name, text) in packs::files(&format!("{pack}/examples")) {
        let file: File = toml::from_str(&text).map_err(|error| format!("{pack}/examples/{name}: {error}"))?;
        for one in file.due {
            checks.push((format!("due {}", one.id), Box::new(move |pack| one.check(pack))));
        }
        for one in file.vector {
            checks.push((format!("vector {}", one.id), Box::new(move |pack| one.check(pack))));
        }
        for one in file.route {
            checks.push((format!("route {}", one.id), Box::new(move |pack| one.check(pack))));
        }
        for one in file.subject {
            checks.push((format!("subject {}", one.code), Box::new(move |pack| one.check(pack))));
        }
        for one in file.day {
            checks.push((format!("day {}", one.day), Box::new(move |pack| one.check(pack))));
        }
        for one in file.unit {
            checks.push((format!("unit {}", one.code), Box::new(move |pack| one.check(pack))));
        }
        for one in file.parameter {
            checks.push((format!("parameter {} {}", one.name, one.day), Box::new(move |pack| one.check(pack))));
        }
        for one in file.text {
            checks.push((format!("text {} {}", one.name, one.language), Box::new(move |pack| one.check(pack))));
        }
        for one in file.source {
            let name = one.id.clone().unwrap_or_else(|| one.key.clone());
            checks.push((format!("source {name}"), Box::new(move |pack| one.check(pack))));
        }
        for one in file.document {
            checks.push((format!("document {}", one.key), Box::new(move |pack| one.check(pack))));
        }
        for one in file.answers {
            checks.push((format!("answers {}", one.lead), Box::new(move |pack| one.check(pack))));
        }
        for one in file.flagged {
            checks.push((format!("flagged {}", one.flag), Box::new(move |pack| one.check(pack))));
        }
        for one in file.below {
            checks.push((format!("below {}", one.subject), Box::new(move |pack| one.check(pack))));
        }
        for one in file.in_force {
            checks.push((format!("in force {} {}", one.day, one.kind), Box::new(move |pack| one.check(pack))));
        }
        for one in file.under {
            checks.push((format!("under {}", one.unit), Box::new(move |pack| one.check(pack))));
        }
        for one in file.territory {
            checks.push((format!("territory {}", one.unit), Box::new(move |pack| one.check(pack))));
        }
        for one in file.reasons {
            checks.push((format!("reasons {} {}", one.group, one.source), Box::new(move |pack| one.check(pack))));
        }
        for one in file.limit {
            checks.push((format!("limit {} {}", one.rule, one.name), Box::new(move |pack| one.check(pack))));
        }
        for one in file.notice {
            checks.push((format!("notice {}", one.year), Box::new(move |pack| one.check(pack))));
        }
        for one in file.closes {
            checks.push((format!("closes {:?}", one.rules), Box::new(move |pack| one.check(pack))));
        }
        for one in file.stated {
            checks.push((format!("stated {:?}", one.is), Box::new(move |pack| one.check(pack))));
        }
        for one in file.within {
            checks.push((format!("within {}", one.area), Box::new(move |pack| one.check(pack))));
        }
        for one in file.owed {
            checks.push((format!("owed on {}", one.on), Box::new(move |pack| one.check(pack))));
        }
        for one in file.unlimited {
            checks.push((format!("unlimited {}", one.state), Box::new(move |pack| one.check(pack))));
        }
    }
    Ok(checks)
}

/// A test for the examples of each pack; it names all that do not come out.
pub fn trials() -> Vec<Trial> {
    packs::names()
        .into_iter()
        .map(|pack| {
            Trial::test(format!("{pack}::examples"), move || {
                let failed = failures(&pack, &packs::files(&pack))?;
                if failed.is_empty() { Ok(()) } else { Err(Failed::from(failed.join("\n"))) }
            })
        })
        .collect()
}

/// The examples of a pack that do not come out over these texts.
pub fn failures(pack: &str, texts: &Texts) -> Result<Vec<String>, String> {
    let (checks, pack) = (checks(pack)?, packs::load(texts)?);
    Ok(checks.iter().filter_map(|(name, check)| check(&pack).err().map(|why| format!("{name}: {why}"))).collect())
}

fn same<T: PartialEq + std::fmt::Debug>(what: &str, found: T, wanted: T) -> Result<(), String> {
    if found == wanted { Ok(()) } else { Err(format!("{what} is {found:?}, not {wanted:?}")) }
}

fn local(pack: &Pack, at: Instant) -> String {
    pack.zone().rfc3339(at)[..19].to_owned()
}

fn day(text: &str) -> Result<Day, String> {
    let number = text.replace('-', "").parse::<i64>().map_err(|_| format!("`{text}` is not a day"))?;
    Day::try_from(number).map_err(|_| format!("`{text}` is not a day"))
}

impl Due {
    fn check(&self, pack: &Pack) -> Result<(), String> {
        let each = |several: &[String], one: Option<&String>| -> Vec<Option<String>> {
            if several.is_empty() { vec![one.cloned()] } else { several.iter().cloned().map(Some).collect() }
        };
        for kind in each(&self.kinds, Some(&self.kind)) {
            for unit_kind in each(&self.unit_kinds, self.unit_kind.as_ref()) {
                for urgency in each(&self.urgencies, self.urgency.as_ref()) {
                    let kind = kind.clone().unwrap_or_default();
                    let one = Self { kind, unit_kind: unit_kind.clone(), urgency, ..self.clone() };
                    one.check_one(pack).map_err(|why| format!("{} at {:?}: {why}", one.kind, one.unit_kind))?;
                }
            }
        }
        Ok(())
    }

    fn check_one(&self, pack: &Pack) -> Result<(), String> {
        let start = pack.zone().parse(&self.at)?;
        let subject = match &self.subject {
            Some(code) => Some(pack.subject(code).ok_or_else(|| format!("there is no subject {code}"))?),
            None => None,
        };
        let org = Organisation::of_pack(pack);
        let unit = self.unit.as_ref().map(|unit| UnitId(unit.clone()));
        let question = Question {
            kind: Some(&self.kind),
            subject,
            urgency: self.urgency.as_deref().unwrap_or("normal"),
            unit_kind: self.unit_kind.as_deref(),
            source: self.source.as_deref(),
            assist: self.assist,
            first: self.first.unwrap_or(!self.assist),
            below: self.below,
            units: &unit.as_ref().map(|unit| org.path(unit)).unwrap_or_default(),
            mode: self.mode.as_deref(),
            governing: pack.zone().day(start),
        };
        let ruled = pack.ask(&question, start, &[]);
        for wanted in &self.expect {
            let named: Vec<_> = ruled
                .iter()
                .filter(|ruled| {
                    ruled.rule.name == wanted.clock
                        && ruled.rule.level == wanted.level
                        && ruled.governs == wanted.governs
                        && !ruled.yields
                        && wanted.rule.as_ref().is_none_or(|rule| ruled.rule.rule == *rule)
                })
                .collect();
            let what = format!("{} of the {:?}", wanted.clock, wanted.level);
            let binding = |ruled: &&huiyin_core::policy::Ruled<'_>| {
                ruled.rule.name == wanted.clock && ruled.rule.level == wanted.level && !ruled.yields
            };
            if self.alone {
                same(&format!("how many bind {what}"), ruled.iter().filter(binding).count(), 1)?;
            }
            let dues: Vec<String> = named.iter().map(|ruled| local(pack, ruled.due.at)).collect();
            same(&what, dues, vec![wanted.due.clone()])?;
            if let (Some(warn), Some(ruled)) = (&wanted.warn, named.first()) {
                same(&format!("the warning of {what}"), ruled.warn_at.map(|at| local(pack, at)), Some(warn.clone()))?;
            }
            if let (Some(wanted), Some(ruled)) = (wanted.provisional, named.first()) {
                same(&format!("whether {what} is provisional"), ruled.due.provisional, wanted)?;
            }
        }
        Ok(())
    }
}

impl Vector {
    fn check(&self, pack: &Pack) -> Result<(), String> {
        let (start, span) = (pack.zone().parse(&self.at)?, Span { amount: self.amount, unit: self.unit });
        let due = pack.calendar().due(start, span, Ends { roll: self.roll, close: false });
        same("the end", local(pack, due.at), self.end.clone())?;
        // An hour limit may still be met at its end; a day limit ends before it.
        let hours = span.ms().is_some();
        let last = if hours { due.at } else { due.at.plus(-1) };
        same("whether the last moment is late", due.missed_by(last), false)?;
        same("whether the next is", due.missed_by(last.plus(1)), true)
    }
}

impl Route {
    fn check(&self, pack: &Pack) -> Result<(), String> {
        let org = Organisation::of_pack(pack);
        let target = self.target.as_ref().map(|unit| UnitId(unit.clone()));
        let target = target.as_ref().map(|unit| org.path(unit)).unwrap_or_default();
        let at = pack.zone().parse(self.at.as_deref().unwrap_or(SENT))?;
        let routes = pack.routes(&RouteQuestion {
            subject: self.subject.as_deref(),
            area: self.area.as_deref(),
            urgency: self.urgency.as_deref().unwrap_or("normal"),
            target: &target,
            mode: self.mode.as_deref(),
            ..RouteQuestion::on(&self.kind, at)
        });
        let proposed = |unit: &String| routes.iter().any(|route| route.lead == *unit);
        if let Some(also) = &self.also {
            same("whether it is proposed too", proposed(also), true)?;
        }
        if let Some(not) = &self.not {
            same("whether it is proposed", proposed(not), false)?;
        }
        let Some(lead) = &self.lead else { return Ok(()) };
        let route = routes.first().ok_or("nobody answers for it")?;
        same("the lead", &route.lead, lead)?;
        same("who assists", &route.assist, &self.assist)
    }
}

impl Subject {
    fn check(&self, pack: &Pack) -> Result<(), String> {
        let node = pack.subject(&self.code).ok_or("it is not there")?;
        same("the path", &node.path, &self.path)?;
        same("the flags", &node.flags, &self.flags)
    }
}

impl WorkedDay {
    fn check(&self, pack: &Pack) -> Result<(), String> {
        same("worked", pack.calendar().is_working(day(&self.day)?), self.worked)
    }
}

impl UnitOn {
    fn check(&self, pack: &Pack) -> Result<(), String> {
        let unit = pack.units().iter().find(|unit| unit.code == self.code).ok_or("it is not there")?;
        same("the name", &unit.name, &self.name)?;
        same("the kind", &unit.kind, &self.kind)?;
        same("the unit above", &unit.parent, &self.parent)?;
        same("the first day", unit.from.to_string(), self.from.clone())?;
        same("the last day", unit.until.map(|day| day.to_string()), self.until.clone())?;
        same("the successor", &unit.successor, &self.successor)
    }
}

impl Setting {
    fn check(&self, pack: &Pack) -> Result<(), String> {
        let (value, basis) = pack.parameter(&self.name, day(&self.day)?).ok_or("it has no value")?;
        same("the value", value, &self.value)?;
        if let Some(from) = &self.from {
            same("the clause's first day", basis.from.to_string(), from.clone())?;
        }
        same("the source", basis.source, self.source.clone())
    }
}

impl Said {
    fn check(&self, pack: &Pack) -> Result<(), String> {
        same("the text", pack.text(&self.name, &self.language), Some(self.words.as_str()))
    }
}

impl Document {
    fn check(&self, pack: &Pack) -> Result<(), String> {
        let source = pack.source(&self.key).ok_or("it is not listed")?;
        same("the number", &source.number, &self.number)?;
        same("the status", &source.status, &self.status)?;
        let cited = pack.clock_rules().iter().flat_map(|rule| &rule.value).any(|value| value.cite.source == self.key)
            || pack.kinds().iter().chain(pack.items()).any(|entry| entry.cite.source == self.key);
        same("whether a rule rests on it", cited, self.cited)
    }
}

impl Registered {
    fn check(&self, pack: &Pack) -> Result<(), String> {
        let source = pack.source(&self.key).ok_or("it is not listed")?;
        same("the number", &source.number, &self.number)?;
        same("the rank", source.rank, self.rank)?;
        same("the day of issue", source.issued.to_string(), self.issued.clone())?;
        same("the first day", source.from.to_string(), self.from.clone())?;
        same("the status", &source.status, &self.status)
    }
}

impl Answers {
    fn check(&self, pack: &Pack) -> Result<(), String> {
        for subject in &self.subjects {
            let question = RouteQuestion::on("help", pack.zone().parse(SENT)?);
            let routes = pack.routes(&RouteQuestion { subject: Some(subject), area: self.area.as_deref(), ..question });
            let route = routes.first().ok_or_else(|| format!("nobody answers for {subject}"))?;
            same(&format!("who leads {subject}"), &route.lead, &self.lead)?;
            same(&format!("who assists with {subject}"), &route.assist, &self.assist)?;
        }
        Ok(())
    }
}

impl Flagged {
    fn check(&self, pack: &Pack) -> Result<(), String> {
        let carry = pack.subjects().filter(|node| node.leaf && node.flags.contains(&self.flag));
        same("who carries it", carry.map(|node| node.code.as_str()).collect::<Vec<_>>(), strs(&self.subjects))
    }
}

impl Below {
    fn check(&self, pack: &Pack) -> Result<(), String> {
        let below = pack.subjects().filter(|node| node.above.first() == Some(&self.subject));
        same("what lies below", below.map(|node| node.code.as_str()).collect::<Vec<_>>(), strs(&self.subjects))
    }
}

impl InForce {
    fn check(&self, pack: &Pack) -> Result<(), String> {
        let day = day(&self.day)?;
        let there = pack
            .units()
            .iter()
            .filter(|unit| unit.kind == self.kind && unit.from <= day && unit.until.is_none_or(|until| day <= until));
        same("who is in force", there.map(|unit| unit.code.as_str()).collect::<Vec<_>>(), strs(&self.units))
    }
}

impl Under {
    fn check(&self, pack: &Pack) -> Result<(), String> {
        let below = pack.units().iter().filter(|unit| unit.parent.as_ref() == Some(&self.unit));
        same("who stands below", below.map(|unit| unit.code.as_str()).collect::<Vec<_>>(), strs(&self.units))
    }
}

impl Territory {
    fn check(&self, pack: &Pack) -> Result<(), String> {
        let unit = pack.units().iter().find(|unit| unit.code == self.unit).ok_or("it is not there")?;
        same("the territory", unit.territory.as_deref(), Some(self.area.as_str()))
    }
}

impl Reasons {
    fn check(&self, pack: &Pack) -> Result<(), String> {
        let there = pack.reasons(&self.group).filter(|reason| {
            reason.cite.source == self.source && reason.appeal == self.appeal && reason.seals == self.seals
        });
        same("the codes", there.map(|reason| reason.code.as_str()).collect::<Vec<_>>(), strs(&self.codes))
    }
}

impl Rested {
    fn check(&self, pack: &Pack) -> Result<(), String> {
        let is = |rule: &&huiyin_core::policy::ClockRule| {
            rule.rule == self.rule && rule.name == self.name && rule.level == self.level && rule.when.role == self.role
        };
        let rule = pack.clock_rules().iter().find(is).ok_or("it is not there")?;
        let basis = pack.basis(&rule.value.last().ok_or("it has no value")?.cite);
        same("the source", &basis.source, &self.source)?;
        same("the clause's first day", basis.from.to_string(), self.from.clone())?;
        same("what starts it", &rule.start, &self.start)?;
        same("what stops it", &rule.stop, &self.stop)?;
        let may = [
            ("extendable", rule.extendable),
            ("pausable", rule.pausable),
            ("excusable", rule.excusable),
            ("breach", rule.breach),
        ];
        let may: Vec<&str> = may.iter().filter(|(_, may)| *may).map(|(name, _)| *name).collect();
        same("what may be done to it", may, strs(&self.may))
    }
}

impl Notice {
    fn check(&self, pack: &Pack) -> Result<(), String> {
        let calendar = pack.calendar();
        let mut at = day(&format!("{}-01-01", self.year))?;
        let (mut off, mut worked) = (Vec::new(), Vec::new());
        while at.date().year() == self.year {
            match (at.weekday() < 6, calendar.is_working(at)) {
                (true, false) => off.push(at.to_string()),
                (false, true) => worked.push(at.to_string()),
                _ => {}
            }
            at = at.next();
        }
        same("days off", &off, &self.off)?;
        same("days made up", &worked, &self.worked)?;
        same("whether the notice is known", calendar.notice(self.year).is_some(), true)
    }
}

impl Closes {
    fn check(&self, pack: &Pack) -> Result<(), String> {
        for kind in &self.kinds {
            for urgency in &self.urgencies {
                let rules: Vec<&str> = pack.closings(kind, urgency).map(|closing| closing.rule.as_str()).collect();
                same(&format!("what a {kind}, {urgency}, closes by"), rules, strs(&self.rules))?;
            }
        }
        Ok(())
    }
}

impl Stated {
    fn check(&self, pack: &Pack) -> Result<(), String> {
        let facts = pack.facts().iter().filter(|fact| fact.is == self.is);
        same("the facts", facts.map(|fact| fact.name.as_str()).collect::<Vec<_>>(), strs(&self.facts))
    }
}

impl Within {
    fn check(&self, pack: &Pack) -> Result<(), String> {
        let inside = pack.areas().filter(|area| area.parent.as_ref() == Some(&self.area));
        same("what lies inside", inside.map(|area| area.code.as_str()).collect::<Vec<_>>(), strs(&self.areas))
    }
}

impl Owed {
    fn check(&self, pack: &Pack) -> Result<(), String> {
        self.kinds.iter().try_for_each(|kind| {
            let owed = pack.tell(&self.on, Some(kind)).map(|tell| tell.what.clone());
            same(&format!("what is owed of a {kind}"), owed, self.what.clone())
        })
    }
}

impl Unlimited {
    fn check(&self, pack: &Pack) -> Result<(), String> {
        self.kinds.iter().try_for_each(|kind| {
            let mark = pack.no_clock(Some(kind), &self.state).map(|mark| mark.code.clone());
            same(&format!("the mark of a {kind}"), mark, self.code.clone())
        })
    }
}

fn strs(list: &[String]) -> Vec<&str> {
    list.iter().map(String::as_str).collect()
}
