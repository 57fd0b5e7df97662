//! Commands on all of the data: migrate, doctor, audit, backup and restore, export and import.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use clap::{Args, Subcommand};
use huiyin_app::{audit, doctor, transfer};
use huiyin_store::{Schema, records, seal::MasterKey};
use serde_json::json;

use crate::{
    cli::Place,
    config::Config,
    log,
    open::{self, Use},
    output::{self, Outcome},
};

/// What these commands have in common.
#[derive(Debug, Args)]
pub struct Common {
    #[command(flatten)]
    place: Place,
    /// Print one JSON document.
    #[arg(long)]
    json: bool,
}

/// What to prove.
#[derive(Debug, Subcommand)]
pub enum Audit {
    /// Verifies every chain, text, checkpoint; exit code 1 when one does not hold.
    Verify {
        /// The city; the pack's own where nothing is said.
        #[arg(long)]
        city: Option<String>,
        #[command(flatten)]
        common: Common,
    },
}

impl Audit {
    /// Carries it out.
    pub fn run(self) -> Result<Outcome> {
        let Self::Verify { city, common } = self;
        open::block_on(async move {
            let open = open::open(&common.place, Use::Read).await?;
            if let Some(city) = city
                && city != open.app.city.as_str()
            {
                bail!("this configuration is of the city `{}`; name the pack of `{city}` with --pack", open.app.city);
            }
            let report = audit::verify(&open.app).await?;
            if common.json {
                output::document(&report)?;
            } else {
                report.faults.iter().try_for_each(output::line)?;
                let (orders, events, checkpoints) = (report.orders, report.events, report.checkpoints);
                let verdict = if report.ok { "everything holds" } else { "something was changed" };
                output::line(format_args!("{verdict}: {orders} orders, {events} events, {checkpoints} checkpoints"))?;
            }
            open.close().await;
            Ok(report.ok.into())
        })
    }
}

/// `huiyin migrate`.
pub fn migrate(common: Common) -> Result<Outcome> {
    open::block_on(async move {
        let config = Config::read(&common.place.flags())?;
        log::quiet(&config)?;
        let _lock = open::lock(&config)?;
        let db = open::connect(&config).await?;
        let before = db.schema().await?;
        db.migrate().await?;
        let applied = if let Schema::Behind(applied) = before { applied } else { 0 };
        db.close().await;
        if common.json {
            output::document(&json!({ "applied": applied }))?;
        } else {
            output::line(format_args!("{applied} migrations applied; the tables are those of this program"))?;
        }
        Ok(Outcome::Yes)
    })
}

/// `huiyin doctor`.
pub fn doctor(common: Common) -> Result<Outcome> {
    open::block_on(async move {
        let open = open::open(&common.place, Use::Read).await?;
        let found = doctor::examine(&open.app).await?;
        if common.json {
            output::document(&found)?;
        } else {
            found.faults.iter().try_for_each(output::line)?;
            output::line(format_args!(
                "{} orders, {} of them open: {} faults",
                found.orders,
                found.open,
                found.faults.len()
            ))?;
        }
        open.close().await;
        Ok(found.ok.into())
    })
}

/// `huiyin backup`.
pub fn backup(dir: PathBuf, common: Common) -> Result<Outcome> {
    write_out(dir, common, true)
}

/// `huiyin export`.
pub fn export(dir: PathBuf, common: Common) -> Result<Outcome> {
    write_out(dir, common, false)
}

fn write_out(dir: PathBuf, common: Common, stamped: bool) -> Result<Outcome> {
    open::block_on(async move {
        let config = Config::read(&common.place.flags())?;
        log::quiet(&config)?;
        let open = open::configured(&config, Use::Read).await?;
        let manifest = transfer::export(&open.app, &dir, stamped).await?;
        open.close().await;
        if common.json {
            output::document(&manifest)?;
        } else {
            let rows: u64 = manifest.tables.iter().map(|table| table.rows).sum();
            output::line(format_args!(
                "{}: {} tables, {rows} rows, {} files of {}",
                dir.display(),
                manifest.tables.len(),
                manifest.files.objects,
                manifest.city
            ))?;
        }
        for digest in &manifest.files.missing {
            output::note(format_args!(
                "The file `{digest}` is missing or was changed, and is not in it: `huiyin doctor` says whose it is."
            ));
        }
        output::note(format_args!(
            "The master key is not in it: keep a copy of `{}` in another place, or what is sealed can never be read again.",
            config.key_file().display()
        ));
        Ok(Outcome::Yes)
    })
}

/// `huiyin restore`.
pub fn restore(dir: PathBuf, common: Common) -> Result<Outcome> {
    read_in(dir, common)
}

/// `huiyin import`.
pub fn import(dir: PathBuf, common: Common) -> Result<Outcome> {
    read_in(dir, common)
}

fn read_in(dir: PathBuf, common: Common) -> Result<Outcome> {
    open::block_on(async move {
        let config = Config::read(&common.place.flags())?;
        log::quiet(&config)?;
        if !dir.is_dir() {
            bail!("`{}` is not a folder", dir.display());
        }
        let _lock = open::lock(&config)?;
        let db = open::connect(&config).await?;
        if let Schema::Newer(version) = db.schema().await? {
            bail!("the target was written by a newer huiyin (migration {version})");
        }
        db.migrate().await?;
        let manifest = transfer::import(&db, &open::files(&config)?, &dir).await?;
        let city = manifest.city.clone();
        let check = db
            .read("key_check", move |tx| Box::pin(async move { records::setting(tx, &city, "key_check").await }))
            .await?;
        db.close().await;
        if let Some((check, _)) = check {
            fits(&config.key_file(), &check)?;
        }
        if common.json {
            output::document(&manifest)?;
        } else {
            let rows: u64 = manifest.tables.iter().map(|table| table.rows).sum();
            output::line(format_args!(
                "{} tables, {rows} rows, {} files of {}",
                manifest.tables.len(),
                manifest.files.objects,
                manifest.city
            ))?;
        }
        Ok(Outcome::Yes)
    })
}

/// Whether the key at hand is that of the data just read in; the data is in its place either way.
fn fits(path: &Path, check: &str) -> Result<()> {
    if !path.exists() {
        output::note(format_args!(
            "The data is in its place. Before the first start, put the key file it was made with at `{}` (mode 600).",
            path.display()
        ));
        return Ok(());
    }
    MasterKey::load(path)
        .and_then(|key| key.verify_check(check))
        .with_context(|| format!("the data is in its place, but the key at `{}` does not open it", path.display()))
}
