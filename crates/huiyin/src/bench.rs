//! `huiyin bench`: what the program costs, measured on the machine at hand, each figure beside its bar.
//!
//! A city is made in a folder of its own, served over the loopback by this very process, and asked by a client that
//! does little; processor time is the operating system's account of all threads but the client's, and of the database
//! server's processes. Bars of wall time are ratios within one run. To add a figure: a function in `measures`, and its
//! line in [`ALL`].

mod client;
mod cpu;
mod measures;
mod seed;
mod world;

use std::{path::PathBuf, sync::Arc};

use anyhow::{Context, Result, bail};
use clap::{Args, Subcommand};
use huiyin_app::seed::Plan;
use serde::Serialize;
use serde_json::json;

use crate::{
    output::{self, Outcome},
    packs,
};
use measures::Bench;

/// What to measure.
#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true)]
pub struct Command {
    #[command(subcommand)]
    what: Option<What>,
    #[command(flatten)]
    run: Run,
}

#[derive(Debug, Subcommand)]
enum What {
    /// Writes invented history in bulk: whole lives with journals, clocks, texts and signed checkpoints.
    Seed(seed::Seed),
}

#[derive(Debug, Args)]
struct Run {
    /// Figures to take; all of them where none is named.
    #[arg(value_name = "NAME")]
    names: Vec<String>,
    /// Orders of the small city.
    #[arg(long, value_name = "N", default_value_t = 10_000)]
    small: u64,
    /// Orders of the large city, for the figures that compare the two.
    #[arg(long, value_name = "N", default_value_t = 100_000)]
    large: u64,
    /// How many percent of the orders are open.
    #[arg(long, value_name = "PERCENT", default_value_t = 10, value_parser = clap::value_parser!(u8).range(1..=100))]
    open: u8,
    /// Requests of each serial figure.
    #[arg(long, value_name = "N", default_value_t = 300, value_parser = clap::value_parser!(u32).range(20..))]
    requests: u32,
    /// Folder the cities are made in; one that is there already is used as it is.
    #[arg(long, value_name = "DIR")]
    dir: Option<PathBuf>,
    /// Leave the folder as it is afterwards.
    #[arg(long)]
    keep: bool,
    /// An empty PostgreSQL database to measure on, instead of files of SQLite.
    #[arg(long, value_name = "URL")]
    database_url: Option<String>,
    /// Rules of the city.
    #[arg(long, value_name = "PACK", default_value = "sanya")]
    pack: String,
    /// Print one JSON document.
    #[arg(long)]
    json: bool,
}

/// A figure beside its bar.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Figure {
    /// What was measured.
    pub name: String,
    /// How much it came to; none where it could not be taken.
    pub value: Option<f64>,
    /// In what.
    pub unit: &'static str,
    /// At most, or at least, so much.
    pub bar: Option<Bar>,
    /// Whether it keeps the bar.
    pub passes: Option<bool>,
    /// What lies behind it.
    pub note: String,
}

/// A bar.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Bar {
    /// No more than.
    AtMost(f64),
    /// No less than.
    AtLeast(f64),
}

impl Figure {
    pub(crate) fn new(name: impl Into<String>, value: f64, unit: &'static str, bar: Option<Bar>) -> Self {
        let passes = bar.map(|bar| match bar {
            Bar::AtMost(most) => value <= most,
            Bar::AtLeast(least) => value >= least,
        });
        Self { name: name.into(), value: Some(value), unit, bar, passes, note: String::new() }
    }

    pub(crate) fn not_taken(name: impl Into<String>, why: impl Into<String>) -> Self {
        Self { name: name.into(), value: None, unit: "", bar: None, passes: None, note: why.into() }
    }

    pub(crate) fn note(mut self, note: impl Into<String>) -> Self {
        self.note = note.into();
        self
    }

    fn cells(&self) -> Vec<String> {
        let number = |n: f64| match n.abs() {
            0.0 => "0".to_owned(),
            n if n >= 100.0 => format!("{n:.0}"),
            n if n >= 10.0 => format!("{n:.1}"),
            _ => format!("{n:.2}"),
        };
        let value = self.value.map_or_else(|| "–".to_owned(), |value| format!("{} {}", number(value), self.unit));
        let bar = match self.bar {
            Some(Bar::AtMost(most)) => format!("≤ {}", number(most)),
            Some(Bar::AtLeast(least)) => format!("≥ {}", number(least)),
            None => String::new(),
        };
        let verdict = match self.passes {
            Some(true) => "pass",
            Some(false) => "MISS",
            None => "",
        };
        vec![self.name.clone(), value, bar, verdict.to_owned(), self.note.clone()]
    }
}

/// Every figure by name: what it needs is made when it is asked for.
type Take = fn(&mut Bench) -> Result<Vec<Figure>>;
const ALL: &[(&str, Take)] = &[
    ("register", measures::register),
    ("state", measures::state),
    ("queue", measures::queue),
    ("order", measures::order),
    ("token", measures::token),
    ("clients", measures::clients),
    ("pages", measures::pages),
    ("timers", measures::timers),
    ("memory", measures::memory),
];

impl Command {
    /// Carries it out.
    pub fn run(self) -> Result<Outcome> {
        match self.what {
            Some(What::Seed(seed)) => seed.run(),
            None => self.run.measure(),
        }
    }
}

impl Run {
    fn measure(self) -> Result<Outcome> {
        let known = || ALL.iter().map(|(name, _)| *name).collect::<Vec<_>>().join(", ");
        if let Some(name) = self.names.iter().find(|name| ALL.iter().all(|(known, _)| known != name)) {
            bail!("there is no figure `{name}`; there are {}", known());
        }
        let (folder, made) = match &self.dir {
            Some(dir) => (dir.clone(), !dir.exists()),
            None => (std::env::temp_dir().join(format!("huiyin-bench-{}", std::process::id())), true),
        };
        let pack = Arc::new(packs::pack(&self.pack)?);
        let plan = |orders| Plan { orders, open_percent: self.open, days: 365, seed: None };
        let runtime =
            tokio::runtime::Builder::new_multi_thread().enable_all().build().context("the runtime cannot start")?;
        let mut bench = Bench::new(
            runtime,
            folder.clone(),
            pack,
            plan(self.small),
            plan(self.large),
            self.database_url.clone(),
            self.requests,
        );
        let mut figures = Vec::new();
        for (name, take) in ALL {
            if self.names.is_empty() || self.names.iter().any(|wanted| wanted == name) {
                output::note(format_args!("{name} …"));
                match take(&mut bench) {
                    Ok(taken) => figures.extend(taken),
                    Err(error) => figures.push(Figure::not_taken(*name, format!("failed: {error:#}"))),
                }
            }
        }
        bench.end();
        if made && !self.keep {
            std::fs::remove_dir_all(&folder).with_context(|| format!("`{}` cannot be removed", folder.display()))?;
        }
        if self.json {
            let (small, large) = (self.small, self.large);
            let engine = if self.database_url.is_some() { "PostgreSQL" } else { "SQLite" };
            output::document(&json!({ "engine": engine, "small": small, "large": large, "figures": figures }))?;
        } else {
            let head = ["figure", "measured", "bar", "", ""].map(str::to_owned).to_vec();
            let rows: Vec<Vec<String>> = std::iter::once(head).chain(figures.iter().map(Figure::cells)).collect();
            output::table(&rows)?;
        }
        Ok(figures.iter().all(|figure| figure.passes != Some(false) && !figure.note.starts_with("failed")).into())
    }
}
