//! `huiyin bench seed N`: history in bulk, for measurements and drills.

use std::{
    path::Path,
    time::{Duration, Instant},
};

use anyhow::{Result, bail};
use clap::Args;
use huiyin_app::seed::{self, BYTES_PER_ORDER, Plan};

use super::cpu;
use crate::{
    cli::Place,
    config::Config,
    log,
    open::{self, Use},
    output::{self, Outcome},
};

/// What to invent, and where.
#[derive(Debug, Args)]
pub struct Seed {
    /// How many orders.
    orders: u64,
    /// How many percent of them are still open.
    #[arg(long, value_name = "PERCENT", default_value_t = 10, value_parser = clap::value_parser!(u8).range(0..=100))]
    open: u8,
    /// Over how many days they came in, up to now.
    #[arg(long, value_name = "DAYS", default_value_t = 365, value_parser = clap::value_parser!(u32).range(1..=3650))]
    days: u32,
    /// The same seed gives the same orders; never for real data, since who knows it knows the keys.
    #[arg(long, value_name = "NUMBER")]
    seed: Option<u64>,
    /// Print one JSON document.
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    place: Place,
}

impl Seed {
    /// Carries it out.
    pub fn run(self) -> Result<Outcome> {
        open::block_on(async move {
            let config = Config::read(&self.place.flags())?;
            log::quiet(&config)?;
            if config.database_url().is_sqlite() {
                enough_room(&config.data_dir, self.orders)?;
            }
            let open = open::configured(&config, Use::Alone).await?;
            let plan = Plan { orders: self.orders, open_percent: self.open, days: self.days, seed: self.seed };
            let began = Instant::now();
            let seeded = seed::seed(&open.app, &plan, progress(self.orders)).await?;
            let took = began.elapsed().as_secs_f64();
            huiyin_store::bench::settle(&open.app.db).await?;
            open.close().await;
            if self.json {
                output::document(&seeded)?;
            } else {
                let rate = seeded.orders as f64 / took.max(0.001);
                output::line(format_args!(
                    "{} orders, {} of them open, {} events, {} texts in {took:.1} s ({rate:.0} orders a second)",
                    seeded.orders, seeded.open, seeded.events, seeded.texts
                ))?;
            }
            Ok(Outcome::Yes)
        })
    }
}

/// Refuses what the disk has no room for.
pub(super) fn enough_room(folder: &Path, orders: u64) -> Result<()> {
    // The folder may not be there yet; what it will lie in is.
    let there = folder.ancestors().find(|folder| folder.is_dir()).unwrap_or(Path::new("."));
    let there = if there.as_os_str().is_empty() { Path::new(".") } else { there };
    let Some(free) = cpu::free(there) else {
        bail!("how much disk is free at `{}` cannot be told; nothing was written", there.display());
    };
    let needed = orders.saturating_mul(BYTES_PER_ORDER);
    if free < needed {
        let gib = |bytes: u64| bytes as f64 / (1_u64 << 30) as f64;
        bail!(
            "{orders} orders take about {:.1} GiB; {:.1} GiB are free at `{}`",
            gib(needed),
            gib(free),
            there.display()
        );
    }
    Ok(())
}

/// Says how far it is, now and then.
pub(super) fn progress(of: u64) -> impl FnMut(u64) + Send {
    let (began, mut told) = (Instant::now(), Instant::now());
    move |done| {
        if told.elapsed() > Duration::from_secs(5) || (done == of && began.elapsed() > Duration::from_secs(5)) {
            told = Instant::now();
            let rate = done as f64 / began.elapsed().as_secs_f64();
            output::note(format_args!("{done} of {of} orders, {rate:.0} a second"));
        }
    }
}
