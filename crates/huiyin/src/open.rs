//! From a configuration to a running application: lock, database, tables, key, pack, carriers.

use std::{
    fs::DirBuilder,
    future::Future,
    os::unix::fs::DirBuilderExt,
    path::Path,
    sync::Arc,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, bail};
use huiyin_app::{
    App, Parts,
    policy::versions::{self, Rules},
    ports::{Clock, RandomIds, SystemClock},
};
use huiyin_core::policy::Pack;
use huiyin_store::{
    DataLock, Db, Options, Schema, StoreError,
    files::Files,
    records,
    seal::{MasterKey, OsEntropy},
};

use crate::{
    cli::Place,
    config::{self, Config},
    log, packs,
};

/// What a command does with the data.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Use {
    /// Reads, beside a server; everything must be there.
    Read,
    /// Writes, beside a server; a new data folder is made ready.
    Write,
    /// Writes, with the lock on the data folder already taken; makes everything ready.
    Alone,
}

/// An open application.
pub struct Open {
    /// The application.
    pub app: Arc<App>,
}

impl Open {
    /// Finishes what is queued and lets everything go.
    pub async fn close(self) {
        self.app.db.close().await;
    }
}

/// Runs a command to its end.
pub fn block_on<T>(command: impl Future<Output = Result<T>>) -> Result<T> {
    tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .context("the runtime cannot start")?
        .block_on(command)
}

/// Opens the application for a command that answers and ends.
pub async fn open(place: &Place, usage: Use) -> Result<Open> {
    let config = Config::read(&place.flags())?;
    log::quiet(&config)?;
    configured(&config, usage).await
}

/// Opens the application of a configuration.
pub async fn configured(config: &Config, usage: Use) -> Result<Open> {
    warn_of_unknown();
    let texts = packs::texts(&config.pack)?;
    let pack = texts.sound()?;
    let db = database(config, usage).await?;
    let (pack, rules) = versions::in_force(&db, SystemClock.now(), pack, texts.rules()).await?;
    let app = application(config, db, pack, rules, Arc::new(SystemClock)).await?;
    Ok(Open { app })
}

/// Says which variables of the environment look like settings and are none.
fn warn_of_unknown() {
    for name in config::unknown_variables() {
        tracing::warn!(variable = name, "this variable of the environment is no setting and has no effect");
    }
}

/// Makes the data folder, and on SQLite takes its lock.
pub fn lock(config: &Config) -> Result<Option<DataLock>> {
    folder(&config.data_dir)?;
    Ok(if config.database_url().is_sqlite() { Some(DataLock::take(&config.data_dir)?) } else { None })
}

/// Makes a folder for its owner alone, if it is not there.
fn folder(path: &Path) -> Result<()> {
    if path.is_dir() {
        return Ok(());
    }
    DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(path)
        .with_context(|| format!("the folder `{}` cannot be made", path.display()))
}

/// Opens the database with the tables this program knows.
pub async fn database(config: &Config, usage: Use) -> Result<Db> {
    let url = config.database_url();
    if usage == Use::Read
        && let Some(path) = url.reveal().strip_prefix("sqlite://")
        && !Path::new(path).exists()
    {
        bail!("there is no database at `{path}`; `huiyin serve` or `huiyin migrate` makes one");
    }
    if usage != Use::Read {
        folder(&config.data_dir)?;
    }
    let db = connect(config).await?;
    match db.schema().await? {
        Schema::Current => {}
        Schema::Newer(version) => {
            bail!(
                "the database was written by a newer huiyin (migration {version}); start that one, or restore a backup of this one"
            )
        }
        Schema::Behind(_) if usage == Use::Alone => db.migrate().await?,
        Schema::Behind(_) if usage == Use::Write && url.is_sqlite() => {
            let _lock = lock(config)?;
            db.migrate().await?;
        }
        Schema::Behind(_) => bail!("the tables of the database are older than this huiyin; run `huiyin migrate`"),
    }
    Ok(db)
}

/// Connects; a PostgreSQL that does not answer is waited for.
pub async fn connect(config: &Config) -> Result<Db> {
    let url = config.database_url();
    let options = Options {
        read_connections: config.read_connections,
        write_connections: config.write_connections,
        ..Options::default()
    };
    let patience = Duration::from_secs(if url.is_sqlite() { 0 } else { config.database_wait_seconds });
    let began = Instant::now();
    loop {
        match Db::open(url.reveal(), options.clone()).await {
            Ok(db) => return Ok(db),
            Err(StoreError::Unavailable(why)) if began.elapsed() < patience => {
                tracing::warn!(why, "the database does not answer yet; trying again");
                tokio::time::sleep(Duration::from_millis(500)).await;
            }
            Err(StoreError::Unavailable(why)) if !patience.is_zero() => {
                bail!("PostgreSQL does not answer ({why}); look at `database_url` and whether the server runs")
            }
            Err(error) => return Err(error).context("the database cannot be opened"),
        }
    }
}

/// Where files are kept.
pub fn files(config: &Config) -> Result<Files> {
    Ok(Files::in_folder(&config.files_dir())?)
}

/// The application on an open database. A key is made only for a database that has none yet.
pub async fn application(config: &Config, db: Db, pack: Pack, rules: Rules, clock: Arc<dyn Clock>) -> Result<Arc<App>> {
    let city = pack.head().name.clone();
    let known: Result<_, StoreError> =
        db.read("key_check", move |tx| Box::pin(async move { records::setting(tx, &city, "key_check").await })).await;
    let path = config.key_file();
    let master = match known? {
        Some(_) => MasterKey::load(&path),
        None => MasterKey::load_or_create(&path, &OsEntropy),
    };
    let master = master.map_err(|error| {
        let source = std::error::Error::source(&error).map(|source| format!(": {source}")).unwrap_or_default();
        anyhow::anyhow!("{error}{source}")
    })?;
    let carriers = huiyin_channels::carriers(&config.channels(), &clock).context("the configuration is wrong")?;
    let parts = Parts {
        db,
        pack: Arc::new(pack),
        master: Arc::new(master),
        clock,
        ids: Arc::new(RandomIds::default()),
        entropy: Arc::new(OsEntropy),
        carriers,
        files: files(config)?,
    };
    Ok(Arc::new(App::open(parts).await?.reached_at(config.public_url()).with_rules(rules)))
}
