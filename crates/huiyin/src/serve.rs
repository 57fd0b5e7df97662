//! `huiyin serve` and `huiyin work`: everything in one process, or the workers alone.

use std::{sync::Arc, time::Duration};

use anyhow::{Context, Result};
use clap::Args;
use huiyin_app::{App, jobs, live, policy::versions};
use tokio::{
    net::TcpListener,
    signal::unix::{SignalKind, signal},
    sync::watch,
    task::JoinHandle,
};

use crate::{
    cli::Place,
    config::Config,
    demo, log,
    open::{self, Use},
    output::{self, Outcome},
};

/// How to serve.
#[derive(Debug, Args)]
pub struct Serve {
    /// Fill an empty data folder with an invented city day, with one login per role.
    #[arg(long)]
    demo: bool,
    /// Address of the pages and the API.
    #[arg(long, value_name = "ADDRESS")]
    listen: Option<String>,
    /// Print every setting with its default and meaning, and end.
    #[arg(long)]
    print_config: bool,
    #[command(flatten)]
    place: Place,
}

/// How long the workers may take to end.
const WORKERS: Duration = Duration::from_secs(10);

impl Serve {
    /// Carries it out.
    pub fn run(self) -> Result<Outcome> {
        let mut flags = self.place.flags();
        flags.listen.clone_from(&self.listen);
        let config = Config::read(&flags)?;
        if self.print_config {
            output::line(config.printed().trim_end())?;
            return Ok(Outcome::Yes);
        }
        log::start(&config)?;
        open::block_on(serve(config, self.demo))
    }
}

async fn serve(config: Config, demo: bool) -> Result<Outcome> {
    let stop = stopped()?;
    let lock = open::lock(&config)?;
    // Before anything is made or changed: a port in use is the commonest fault of a start.
    let listener = listen(&config.listen, "--listen or HUIYIN_LISTEN").await?;
    let metrics = metrics(&config).await?;
    if demo {
        demo::seed(&config).await?;
    }
    let listener = listener.into_std()?;
    let watching = watch(metrics, &stop)?;
    let mut greeted = false;
    // A round for each version of the rules; who connects between two of them waits.
    loop {
        let open = open::configured(&config, Use::Alone).await?;
        let app = Arc::clone(&open.app);
        let sms_reports = match &config.channels().sms {
            Some(sms) => huiyin_channels::sms::Mapping::of(sms).context("the configuration is wrong")?,
            None => None,
        };
        let options = huiyin_http::Options { sms_reports, ..config.site(demo) };
        let site = huiyin_http::Site { app: Arc::clone(&app), options: Arc::new(options) };
        let listener = TcpListener::from_std(listener.try_clone()?)?;
        let address = listener.local_addr()?;
        tracing::info!(
            listen = %address,
            database = %app.db.engine(),
            city = %app.city,
            pack.version = app.pack.head().version,
            pack.brought_in = app.rules.no,
            version = env!("CARGO_PKG_VERSION"),
            "serving"
        );
        if demo && !std::mem::replace(&mut greeted, true) {
            demo::greet(address)?;
        }
        let (over, round) = watch::channel(false);
        let workers = tokio::spawn(jobs::run(Arc::clone(&app), round.clone()));
        let pages = tokio::spawn(live::run(Arc::clone(&app), round.clone()));
        let serving = tokio::spawn(huiyin_http::serve(listener, huiyin_http::router(site), until(round)));
        let again = turned_or(&app, stop.clone()).await;
        let _ = over.send(true);
        tracing::info!(again, "stopping: what is being answered is finished first");
        // Streams end first: a connection that stays open is waited for.
        end(pages, WORKERS, "live pages").await;
        end(serving, Duration::from_secs(config.stop_seconds), "requests").await;
        end(workers, WORKERS, "workers").await;
        open.close().await;
        if !again {
            break;
        }
    }
    if let Some(watching) = watching {
        watching.abort();
    }
    drop(lock);
    tracing::info!("stopped");
    Ok(Outcome::Yes)
}

/// How often the rules in force are looked at.
const LOOK: Duration = Duration::from_secs(5);

/// Waits until another version of the rules is to be in force (true), or the process is asked to end.
async fn turned_or(app: &App, stop: watch::Receiver<bool>) -> bool {
    let turned = async {
        loop {
            tokio::time::sleep(LOOK).await;
            match versions::has_turned(app).await {
                Ok(true) => return,
                Ok(false) => {}
                Err(error) => tracing::debug!(%error, "the rules in force cannot be looked at"),
            }
        }
    };
    tokio::select! {
        () = turned => true,
        () = until(stop) => false,
    }
}

/// `huiyin work`.
pub fn work(place: &Place) -> Result<Outcome> {
    let config = Config::read(&place.flags())?;
    log::start(&config)?;
    open::block_on(async move {
        let stop = stopped()?;
        let lock = open::lock(&config)?;
        let metrics = metrics(&config).await?;
        let watching = watch(metrics, &stop)?;
        loop {
            let open = open::configured(&config, Use::Alone).await?;
            let app: Arc<App> = Arc::clone(&open.app);
            tracing::info!(database = %app.db.engine(), city = %app.city, version = env!("CARGO_PKG_VERSION"), "working");
            let (over, round) = watch::channel(false);
            let workers = tokio::spawn(jobs::run(Arc::clone(&app), round));
            let again = turned_or(&app, stop.clone()).await;
            let _ = over.send(true);
            end(workers, WORKERS, "workers").await;
            open.close().await;
            if !again {
                break;
            }
        }
        if let Some(watching) = watching {
            watching.abort();
        }
        drop(lock);
        tracing::info!("stopped");
        Ok(Outcome::Yes)
    })
}

async fn listen(address: &str, setting: &str) -> Result<TcpListener> {
    TcpListener::bind(address)
        .await
        .with_context(|| format!("cannot listen on `{address}`; choose another address with {setting}"))
}

/// The port of the metrics, unless it is off.
async fn metrics(config: &Config) -> Result<Option<TcpListener>> {
    if matches!(config.metrics_listen.as_str(), "" | "off") {
        return Ok(None);
    }
    match listen(&config.metrics_listen, "`metrics_listen` or HUIYIN_METRICS_LISTEN").await {
        Ok(listener) => Ok(Some(listener)),
        // Nobody asked for this port: a second server of the same machine goes without.
        Err(error) if config.metrics_by_default() => {
            tracing::warn!(error = format!("{error:#}"), "no metrics are served");
            Ok(None)
        }
        Err(error) => Err(error),
    }
}

fn watch(listener: Option<TcpListener>, stop: &watch::Receiver<bool>) -> Result<Option<JoinHandle<()>>> {
    let Some(listener) = listener else { return Ok(None) };
    let handle = huiyin_http::ops::keep_metrics().context("the metrics cannot be kept")?;
    let serving = huiyin_http::serve(listener, huiyin_http::ops::metrics_router(handle), until(stop.clone()));
    Ok(Some(tokio::spawn(async move {
        if let Err(error) = serving.await {
            tracing::warn!(%error, "the metrics are no longer served");
        }
    })))
}

/// Turns true when the process is asked to end; asked again, it ends at once.
fn stopped() -> Result<watch::Receiver<bool>> {
    let (mut terminate, mut interrupt) = (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?);
    let (tell, told) = watch::channel(false);
    tokio::spawn(async move {
        tokio::select! { _ = terminate.recv() => {}, _ = interrupt.recv() => {} }
        let _ = tell.send(true);
        tokio::select! { _ = terminate.recv() => {}, _ = interrupt.recv() => {} }
        std::process::exit(130);
    });
    Ok(told)
}

async fn until(mut stop: watch::Receiver<bool>) {
    // An error means that nobody can ask any more.
    let _ = stop.wait_for(|stop| *stop).await;
}

/// Waits for a task to end, but not for ever.
async fn end<T>(task: JoinHandle<T>, patience: Duration, what: &str) {
    let abort = task.abort_handle();
    match tokio::time::timeout(patience, task).await {
        Ok(Ok(_)) => {}
        Ok(Err(error)) => tracing::error!(%error, "the {what} failed"),
        Err(_) => {
            tracing::warn!(seconds = patience.as_secs(), "the {what} did not end in time and are cut off");
            abort.abort();
        }
    }
}
