//! `huiyin policy`: a pack checked, shown, and asked for limits.

use std::path::PathBuf;

use anyhow::{Result, anyhow, bail};
use clap::{Args, Subcommand};
use huiyin_app::{Actor, orders::view, policy};
use huiyin_core::{
    order::{Channel, Urgency},
    organisation::Organisation,
    policy::{Basis, Citation, Pack, Question, SubjectNode, schema},
    time::Day,
};
use serde::Serialize;
use serde_json::{Value, json};

use crate::{
    cli::Place,
    open::{self, Use},
    output::{self, Outcome},
    packs,
};

/// What to do with a pack.
#[derive(Debug, Subcommand)]
pub enum Policy {
    /// Looks for faults in packs: `file:line:column: message`, all at once; exit code 1 when there are any.
    Check {
        /// Folders of packs; without any, the packs built into the program.
        dirs: Vec<PathBuf>,
        /// Print one JSON document.
        #[arg(long)]
        json: bool,
    },
    /// Shows a pack: kinds, subjects, units, rules.
    Show {
        /// Name of a built-in pack, or a folder.
        #[arg(long, default_value = "sanya")]
        pack: String,
        /// Print one JSON document.
        #[arg(long)]
        json: bool,
    },
    /// Prints the JSON Schema of a pack's files, for editors.
    Schema,
    /// The limits of a matter that starts at a moment, each with its basis.
    Due(Due),
    /// What a draft pack would have come to for the orders of past days: which would be late, which limits move.
    /// Nothing live changes.
    /// The draft is what `--pack` names; the orders are those of the city the configuration names.
    Simulate {
        /// First day orders were taken in, `2026-10-01`.
        #[arg(long)]
        from: String,
        /// Last day.
        #[arg(long)]
        to: String,
        #[command(flatten)]
        place: Place,
        /// Print one JSON document.
        #[arg(long)]
        json: bool,
    },
    /// Counts provisional limits of open orders again, once the holiday notice of a year stands in the pack.
    Recount {
        #[command(flatten)]
        place: Place,
    },
    /// Why an order has its limits, its routing, its required fields: rule, text, since when, what else applied and lost.
    Explain {
        /// Number of the order.
        order: String,
        #[command(flatten)]
        place: Place,
        /// Print one JSON document.
        #[arg(long)]
        json: bool,
    },
}

/// What is asked of a pack.
#[derive(Debug, Args)]
pub struct Due {
    /// Name of a built-in pack, or a folder.
    #[arg(long, default_value = "sanya")]
    pack: String,
    /// When the matter starts: RFC 3339, or local time of the pack. It is the start event of every clock printed.
    #[arg(long)]
    at: String,
    /// Kind of request.
    #[arg(long)]
    kind: String,
    /// Code of the subject.
    #[arg(long)]
    subject: Option<String>,
    /// Kind of the unit that handles it.
    #[arg(long)]
    unit_kind: Option<String>,
    /// The unit that handles it: its kind, and the rules it and the units above it lay for themselves.
    #[arg(long)]
    unit: Option<String>,
    /// The emergency mode it was taken in under.
    #[arg(long)]
    mode: Option<String>,
    /// How pressing it is: normal, urgent, emergency.
    #[arg(long, default_value = "normal")]
    urgency: String,
    /// Channel or partner it came by.
    #[arg(long)]
    source: Option<String>,
    /// The limits of an assisting unit; without it, those of the lead, first dispatched.
    #[arg(long)]
    assist: bool,
    /// Print one JSON document.
    #[arg(long)]
    json: bool,
}

impl Policy {
    /// Carries it out.
    pub fn run(self) -> Result<Outcome> {
        match self {
            Self::Check { dirs, json } => check(&dirs, json),
            Self::Show { pack, json } => show(&pack, json),
            Self::Schema => {
                output::document(&schema())?;
                Ok(Outcome::Yes)
            }
            Self::Due(due) => due.run(),
            Self::Recount { place } => open::block_on(recount(place)),
            Self::Simulate { from, to, place, json } => open::block_on(simulate(from, to, place, json)),
            Self::Explain { order, place, json } => open::block_on(explain(order, place, json)),
        }
    }
}

fn check(dirs: &[PathBuf], json: bool) -> Result<Outcome> {
    let texts: Vec<packs::Texts> = match dirs {
        [] => packs::names().iter().map(|name| packs::texts(name)).collect::<Result<_>>()?,
        dirs => dirs.iter().map(|dir| packs::in_folder(dir)).collect::<Result<_>>()?,
    };
    let checked: Vec<_> = texts.iter().map(|texts| (texts.called.as_str(), texts.load())).collect();
    let ok = checked.iter().all(|(_, loaded)| loaded.is_ok());
    if json {
        let packs: Vec<Value> = checked
            .iter()
            .map(|(called, loaded)| {
                let faults: Vec<Value> = loaded
                    .as_ref()
                    .err()
                    .into_iter()
                    .flatten()
                    .map(|f| json!({ "file": f.file, "line": f.line, "column": f.column, "message": f.message }))
                    .collect();
                json!({ "pack": called, "ok": faults.is_empty(), "faults": faults })
            })
            .collect();
        output::document(&json!({ "ok": ok, "packs": packs }))?;
        return Ok(ok.into());
    }
    for (called, loaded) in &checked {
        match loaded {
            Ok(pack) => {
                let (rules, subjects) = (pack.clock_rules().len(), pack.subjects().filter(|node| node.leaf).count());
                output::line(format_args!(
                    "{called}: sound; {rules} limits, {subjects} subjects, {} units",
                    pack.units().len()
                ))?;
            }
            Err(faults) => faults.iter().try_for_each(output::line)?,
        }
    }
    Ok(ok.into())
}

fn show(called: &str, as_json: bool) -> Result<Outcome> {
    let pack = packs::pack(called)?;
    let cited = |basis: Basis| pack.citation(&basis);
    let kinds: Vec<Value> = pack
        .kinds()
        .iter()
        .map(|kind| json!({ "code": kind.code, "label": kind.label, "basis": [cited(pack.basis(&kind.cite))] }))
        .collect();
    let head = pack.head();
    let parameters: Vec<Value> = pack
        .parameter_names()
        .map(|name| {
            json!({
                "name": name, "written": pack.origin("parameter", name),
                "values": pack.parameter_values(name).iter().map(|dated| json!({
                    "from": dated.from.to_string(), "until": dated.until.map(|day| day.to_string()), "value": dated.value,
                    "basis": [cited(pack.basis(&dated.cite))],
                })).collect::<Vec<_>>(),
            })
        })
        .collect();
    let subjects: Vec<&SubjectNode> = pack.subjects().filter(|node| node.leaf).collect();
    let units: Vec<Value> = pack
        .units()
        .iter()
        .map(|unit| {
            json!({
                "code": unit.code, "name": unit.name, "aliases": unit.aliases, "kind": unit.kind, "parent": unit.parent,
                "territory": unit.territory, "from": unit.from.to_string(),
                "until": unit.until.map(|day| day.to_string()), "successor": unit.successor,
                "basis": [cited(pack.basis(&unit.cite))],
            })
        })
        .collect();
    let rules: Vec<Value> = pack.clock_rules().iter().map(|rule| {
        let when = &rule.when;
        json!({
            "rule": rule.rule, "name": rule.name, "level": rule.level, "what": rule.what, "start": rule.start, "stop": rule.stop,
            "when": {
                "kinds": when.kinds, "urgency": when.urgency, "flags": when.flags, "without_flags": when.without_flags,
                "unit_kinds": when.unit_kinds, "not_unit_kinds": when.not_unit_kinds, "sources": when.sources,
                "role": when.role, "first": when.first, "below": when.below, "within": when.within, "modes": when.modes,
            },
            "statutory": rule.statutory, "written": pack.origin_of(rule),
            "precedence": rule.precedence, "breach": rule.breach,
            "values": rule.value.iter().map(|value| json!({
                "from": value.from.to_string(), "until": value.until.map(|day| day.to_string()),
                "amount": value.amount, "unit": value.unit, "basis": [cited(pack.basis(&value.cite))],
            })).collect::<Vec<_>>(),
        })
    }).collect();
    if as_json {
        output::document(&json!({
            "pack": head.name, "title": head.title, "version": head.version, "checksum": pack.checksum(),
            "kinds": kinds, "subjects": subjects, "units": units, "rules": rules, "parameters": parameters, "parent": head.parent,
        }))?;
        return Ok(Outcome::Yes);
    }
    let title = pack.in_language(&head.title, "zh").unwrap_or(&head.name);
    output::line(format_args!("{} {title} {}", head.name, head.version))?;
    output::line("\nkinds")?;
    output::table(
        &pack
            .kinds()
            .iter()
            .map(|kind| vec![format!("  {}", kind.code), label(&pack, &kind.label)])
            .collect::<Vec<_>>(),
    )?;
    output::line("\nlimits")?;
    let rows = pack.clock_rules().iter().map(|rule| {
        let level = json!(rule.level).as_str().unwrap_or_default().to_owned();
        let written = pack.origin_of(rule).map_or_else(String::new, |at| format!("{}:{}", at.file, at.line));
        vec![format!("  {}", rule.rule), rule.name.clone(), level, written, rule.what.clone()]
    });
    output::table(&rows.collect::<Vec<_>>())?;
    output::line("\nunits")?;
    let rows = pack.units().iter().map(|unit| vec![format!("  {}", unit.code), unit.kind.clone(), unit.name.clone()]);
    output::table(&rows.collect::<Vec<_>>())?;
    output::line("\nsubjects")?;
    let rows =
        subjects.iter().map(|node| vec![format!("  {}", node.code), node.path.join(" / "), node.flags.join(" ")]);
    output::table(&rows.collect::<Vec<_>>())?;
    Ok(Outcome::Yes)
}

fn label(pack: &Pack, words: &huiyin_core::policy::Words) -> String {
    pack.in_language(words, "zh").unwrap_or_default().to_owned()
}

/// What `policy due --json` prints.
#[derive(Debug, Serialize)]
struct Limits<'a> {
    pack: &'a str,
    clocks: Vec<Limit>,
}

/// A clock as it is printed.
#[derive(Debug, Serialize)]
struct Limit {
    #[serde(skip)]
    rule: String,
    name: String,
    level: Value,
    start: String,
    due: String,
    inclusive: bool,
    provisional: bool,
    warn_at: Option<String>,
    governs: bool,
    basis: Vec<Citation>,
}

impl Due {
    fn run(self) -> Result<Outcome> {
        let pack = packs::pack(&self.pack)?;
        let zone = pack.zone();
        let at = zone.parse(&self.at).map_err(|message| anyhow!("--at: {message}"))?;
        let governing = zone.day(at);
        if !(1900..=9000).contains(&governing.date().year()) {
            bail!("--at: `{}` lies outside the years a pack can count in", self.at);
        }
        known("kind", &self.kind, pack.kinds().iter().map(|kind| kind.code.as_str()))?;
        known("urgency", &self.urgency, Urgency::ALL.iter().map(|urgency| urgency.code()))?;
        if let Some(kind) = &self.unit_kind
            && pack.unit_kind(kind).is_none()
        {
            // The pack knows kinds by code; those of its units are the ones there are.
            let mut codes: Vec<&str> = pack.units().iter().map(|unit| unit.kind.as_str()).collect();
            codes.sort_unstable();
            codes.dedup();
            known("unit-kind", kind, codes.into_iter())?;
        }
        if let Some(source) = &self.source {
            let partners = pack.clock_rules().iter().flat_map(|rule| rule.when.sources.iter().map(String::as_str));
            known("source", source, Channel::ALL.iter().map(|channel| channel.code()).chain(partners))?;
        }
        let subject = self.subject.as_deref().map(|code| subject(&pack, code)).transpose()?;
        let organisation = Organisation::of_pack(&pack);
        let path = match &self.unit {
            Some(unit) => {
                known("unit", unit, pack.units().iter().map(|unit| unit.code.as_str()))?;
                organisation.path(&unit.as_str().into())
            }
            None => Vec::new(),
        };
        if let Some(mode) = &self.mode {
            known("mode", mode, pack.modes().iter().map(|mode| mode.code.as_str()))?;
        }
        let kind_of =
            |unit: &String| pack.units().iter().find(|known| known.code == *unit).map(|known| known.kind.as_str());
        let question = Question {
            kind: Some(&self.kind),
            subject,
            urgency: &self.urgency,
            unit_kind: self.unit_kind.as_deref().or_else(|| self.unit.as_ref().and_then(kind_of)),
            source: self.source.as_deref(),
            assist: self.assist,
            first: !self.assist,
            below: false,
            units: &path,
            mode: self.mode.as_deref(),
            governing,
        };
        let limits: Vec<Limit> = pack
            .ask(&question, at, &[])
            .into_iter()
            .map(|ruled| Limit {
                rule: ruled.rule.rule.clone(),
                name: ruled.rule.name.clone(),
                level: json!(ruled.rule.level),
                start: zone.rfc3339(at),
                due: zone.rfc3339(ruled.due.at),
                inclusive: ruled.due.inclusive,
                provisional: ruled.due.provisional,
                warn_at: ruled.warn_at.map(|at| zone.rfc3339(at)),
                governs: ruled.governs,
                basis: vec![pack.citation(&ruled.basis)],
            })
            .collect();
        if self.json {
            output::document(&Limits { pack: &pack.head().name, clocks: limits })?;
        } else if limits.is_empty() {
            let (name, from) = (&pack.head().name, pack.head().from);
            output::line(format_args!("no limit of `{name}` holds for this; its rules begin on {from}"))?;
        } else {
            print(&limits)?;
        }
        Ok(Outcome::Yes)
    }
}

fn print(limits: &[Limit]) -> Result<()> {
    let mut rows = vec![["clock", "level", "rule", "due", "", "warning", "basis"].map(str::to_owned).to_vec()];
    for limit in limits {
        let edge = if limit.inclusive { "at the latest" } else { "before" };
        let mut marks = vec![edge];
        if !limit.governs {
            marks.push("shown, does not govern");
        }
        if limit.provisional {
            marks.push("provisional");
        }
        let basis = limit.basis.iter().map(|basis| format!("{} {} {}", basis.document, basis.number, basis.article));
        rows.push(vec![
            limit.name.clone(),
            limit.level.as_str().unwrap_or_default().to_owned(),
            limit.rule.clone(),
            limit.due.clone(),
            marks.join(", "),
            limit.warn_at.clone().unwrap_or_default(),
            basis.collect::<Vec<_>>().join("; "),
        ]);
    }
    output::table(&rows)
}

/// Refuses a code that is not among those there are, and names them.
fn known<'a>(what: &str, code: &str, codes: impl Iterator<Item = &'a str>) -> Result<()> {
    let codes: Vec<&str> = codes.collect();
    if codes.contains(&code) {
        return Ok(());
    }
    bail!("--{what}: there is no `{code}`; there are {}", codes.join(", "))
}

fn subject<'a>(pack: &'a Pack, code: &str) -> Result<&'a SubjectNode> {
    if let Some(node) = pack.subject(code) {
        return Ok(node);
    }
    // Of several hundred, those that begin alike.
    let like = |length: usize| -> Vec<&str> {
        let start: String = code.chars().take(length).collect();
        pack.subjects().filter(|node| node.code.starts_with(&start)).map(|node| node.code.as_str()).collect()
    };
    let near = (1..=code.chars().count()).rev().map(like).find(|found| !found.is_empty());
    let near = near.unwrap_or_else(|| {
        pack.subjects().filter(|node| node.above.is_empty()).map(|node| node.code.as_str()).collect()
    });
    let shown: Vec<&str> = near.iter().copied().take(20).collect();
    bail!("--subject: there is no `{code}`; there are {} … (all: `huiyin policy show`)", shown.join(", "))
}

async fn recount(place: Place) -> Result<Outcome> {
    let open = open::open(&place, Use::Write).await?;
    let moved = huiyin_app::jobs::recount(&open.app).await?;
    output::line(format_args!("{moved} orders had a limit moved"))?;
    open.close().await;
    Ok(Outcome::Yes)
}

async fn explain(no: String, place: Place, as_json: bool) -> Result<Outcome> {
    let open = open::open(&place, Use::Read).await?;
    let app = &open.app;
    let view = view::order(app, &Actor::system(), &no).await.map_err(|error| match error {
        huiyin_app::CommandError::NotFound => anyhow!("there is no order `{no}`"),
        other => other.into(),
    })?;
    let why = policy::explain(app, &view);
    if as_json {
        output::document(&why)?;
    } else {
        explained(&why)?;
    }
    open.close().await;
    Ok(Outcome::Yes)
}

fn cited(basis: &Citation) -> String {
    format!("{} {} {}, since {}", basis.document, basis.number, basis.article, basis.from).replace("  ", " ")
}

fn explained(why: &policy::Explanation) -> Result<()> {
    let pinned = why.pinned.as_deref().unwrap_or("today");
    output::line(format_args!("{} {} (rules of {pinned})", why.order, why.state))?;
    for one in &why.clocks {
        let clock = &one.clock;
        let marks = [("missed", clock.missed), ("excused", clock.excused), ("provisional", clock.provisional)];
        let marks: String = marks.iter().filter(|(_, is)| *is).map(|(mark, _)| format!(", {mark}")).collect();
        let task = clock.task.map(|no| format!(" of task {no}")).unwrap_or_default();
        output::line(format_args!("\n{}{task}: {} ({}{marks})", clock.name, clock.due, clock.state))?;
        output::line(format_args!("  rule {}: {}", clock.rule, one.what))?;
        for basis in &clock.basis {
            output::line(format_args!("  by {}", cited(basis)))?;
        }
        for loser in &one.lost {
            let how = if loser.yields { "gave way" } else { "lost" };
            output::line(format_args!("  {how}: rule {}, {}, by {}", loser.rule, loser.due, cited(&loser.basis)))?;
        }
        output::line(format_args!("  {}\n  {}", one.plain.zh, one.plain.en))?;
    }
    if let Some(mode) = &why.mode {
        output::line(format_args!(
            "\nmode {} {}: {}\n  by {}",
            mode.mode,
            mode.label.zh,
            mode.what,
            cited(&mode.basis)
        ))?;
    }
    for request in &why.requests {
        let by = serde_json::to_value(request.by)?;
        let by = by.as_str().unwrap_or_default();
        output::line(format_args!("\n{} asked by {}: decided by {by}", request.ask, request.unit))?;
        if let (Some(row), Some(basis)) = (&request.row, &request.basis) {
            output::line(format_args!("  row {row}, by {}", cited(basis)))?;
        }
    }
    output::line("\nrouting")?;
    for route in &why.routing {
        let mark = if route.chosen { "  went to" } else { "  also" };
        output::line(format_args!("{mark} {} {}, by {}", route.lead, route.name, cited(&route.basis)))?;
    }
    output::line("\nclosing asks for")?;
    for fact in &why.required {
        let is = if fact.met { "stated" } else { "missing" };
        output::line(format_args!(
            "  {} {}: {is}; {}, by {}",
            fact.fact,
            fact.label.zh,
            fact.rule,
            cited(&fact.basis)
        ))?;
    }
    output::line("\nsettings")?;
    for setting in &why.settings {
        output::line(format_args!("  {} = {}, by {}", setting.name, setting.value, cited(&setting.basis)))?;
    }
    Ok(())
}

async fn simulate(from: String, to: String, mut place: Place, as_json: bool) -> Result<Outcome> {
    let called = place.pack.take().ok_or_else(|| anyhow!("name the draft: --pack DIR"))?;
    let draft = packs::pack(&called)?;
    let day = |name: &str, text: &str| {
        let number = text.trim().replace('-', "").parse::<i64>().ok();
        number
            .and_then(|number| Day::try_from(number).ok())
            .ok_or_else(|| anyhow!("--{name} `{text}` is not a day; write one such as 2026-10-12"))
    };
    let (from, to) = (day("from", &from)?, day("to", &to)?);
    let open = open::open(&place, Use::Read).await?;
    let bar = Bar::new();
    let done =
        policy::simulate(&open.app, &Actor::system(), draft, from, to, |done, total| bar.show(done, total)).await?;
    bar.end();
    if as_json {
        output::document(&done)?;
    } else {
        simulated(&done)?;
    }
    open.close().await;
    Ok(Outcome::Yes)
}

/// A bar on standard error, where a person looks on.
struct Bar(bool);

impl Bar {
    fn new() -> Self {
        Self(std::io::IsTerminal::is_terminal(&std::io::stderr()))
    }

    fn show(&self, done: u64, total: u64) {
        if self.0 {
            let filled = usize::try_from(done * 40 / total.max(1)).unwrap_or(40).min(40);
            eprint!("\r[{}{}] {done} of {total} orders", "#".repeat(filled), ".".repeat(40 - filled));
        } else if done == total || done.is_multiple_of(10_000) {
            output::note(format_args!("{done} of {total} orders"));
        }
    }

    fn end(&self) {
        if self.0 {
            eprintln!();
        }
    }
}

fn simulated(done: &policy::Simulation) -> Result<()> {
    output::line(format_args!(
        "{} orders taken in from {} to {}, by the draft as in force on {}: late {}, would be {}",
        done.orders, done.from, done.to, done.rules_of, done.late, done.would_be_late
    ))?;
    let hours = |minutes: i64| format!("{:.1} h", minutes as f64 / 60.0);
    let shift = |shift: &policy::Shift| match shift.count {
        0 => "-".to_owned(),
        count => format!("{count} ({} to {}, mean {})", hours(shift.least), hours(shift.most), hours(shift.mean)),
    };
    let head =
        ["limit", "level", "ran", "would not", "late", "would be", "earlier", "later"].map(str::to_owned).to_vec();
    let rows = done.limits.iter().map(|of| {
        let numbers = [of.count, of.gone, of.late, of.would_be_late].map(|number| number.to_string());
        let [count, gone, late, would] = numbers;
        vec![of.name.clone(), of.level.clone(), count, gone, late, would, shift(&of.earlier), shift(&of.later)]
    });
    output::line("")?;
    output::table(&std::iter::once(head).chain(rows).collect::<Vec<_>>())?;
    let head = ["unit", "kind", "orders", "late", "would be"].map(str::to_owned).to_vec();
    let rows = done.by_unit_and_kind.iter().map(|row| {
        let [orders, late, would] = [row.orders, row.late, row.would_be_late].map(|number| number.to_string());
        vec![row.unit.clone(), row.kind.clone(), orders, late, would]
    });
    output::line("")?;
    output::table(&std::iter::once(head).chain(rows).collect::<Vec<_>>())?;
    output::line(format_args!("\n{} orders change; --json names them", done.moved.len()))
}
