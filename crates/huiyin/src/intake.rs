//! `huiyin intake`: a file of rows taken in, each once, however often the file is given.

use std::{
    fs::File,
    io::{BufRead, BufReader, Read},
    path::{Path, PathBuf},
    sync::Arc,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, bail};
use clap::Args;
use flate2::bufread::MultiGzDecoder;
use huiyin_app::{
    Actor, App, CommandError,
    orders::{self, NewClaimantInput, NewOrder},
};
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::{sync::mpsc, task::JoinSet};

use crate::{
    cli::Place,
    open::{self, Use},
    output::{self, Outcome},
};

/// Rows being taken in at once: the writer commits them in groups.
const AT_ONCE: usize = 64;
/// Longest row, in bytes: it is held in memory as a whole.
const LONGEST: u64 = 16 << 20;
/// How often the person at the terminal hears of it.
const PROGRESS: Duration = Duration::from_secs(2);

/// A file to take in.
#[derive(Debug, Args)]
pub struct Intake {
    /// One JSON object a line, plain or gzip.
    file: PathBuf,
    /// The channel the rows came by.
    #[arg(long, default_value = "web")]
    channel: String,
    #[command(flatten)]
    place: Place,
    /// Print one JSON document.
    #[arg(long)]
    json: bool,
}

/// A row as it is read. Who wrote it is kept in the raw row alone.
#[derive(Debug, Deserialize)]
struct Row {
    id: Value,
    title: Option<String>,
    body: Option<String>,
    time: Option<String>,
}

/// What became of a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fate {
    New,
    Had,
    SetAside,
}

#[derive(Debug, Default)]
struct Tally {
    rows: u64,
    new: u64,
    had: u64,
    set_aside: u64,
}

impl Tally {
    fn count(&mut self, fate: Fate) {
        self.rows += 1;
        *match fate {
            Fate::New => &mut self.new,
            Fate::Had => &mut self.had,
            Fate::SetAside => &mut self.set_aside,
        } += 1;
    }
}

impl std::fmt::Display for Tally {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} rows: {} new, {} already had, {} set aside", self.rows, self.new, self.had, self.set_aside)
    }
}

impl Intake {
    /// Carries it out.
    pub fn run(self) -> Result<Outcome> {
        open::block_on(async move {
            if let Err(message) = huiyin_core::order::Channel::try_from(self.channel.as_str()) {
                bail!("--channel: {message}");
            }
            let lines = reader(&self.file)?;
            let open = open::open(&self.place, Use::Write).await?;
            let tally = take_in(&open.app, &self.channel, lines).await?;
            open.close().await;
            if self.json {
                let Tally { rows, new, had, set_aside } = tally;
                output::document(&json!({ "rows": rows, "new": new, "had": had, "set_aside": set_aside }))?;
            }
            output::note(&tally);
            Ok(Outcome::Yes)
        })
    }
}

/// The file, unpacked where it is gzip, whatever it is called.
fn reader(path: &Path) -> Result<Box<dyn BufRead + Send>> {
    let cannot = || format!("`{}` cannot be read", path.display());
    let mut file = BufReader::with_capacity(1 << 16, File::open(path).with_context(cannot)?);
    let packed = file.fill_buf().with_context(cannot)?.starts_with(&[0x1f, 0x8b]);
    Ok(if packed { Box::new(BufReader::with_capacity(1 << 16, MultiGzDecoder::new(file))) } else { Box::new(file) })
}

/// Lines of a reader, numbered from 1, without their ends; blank ones are left out.
fn send_lines(mut from: Box<dyn BufRead + Send>, to: &mpsc::Sender<Result<(u64, Vec<u8>)>>) {
    for number in 1.. {
        let mut line = Vec::new();
        let read = from.by_ref().take(LONGEST + 1).read_until(b'\n', &mut line);
        let sent = match read {
            Ok(0) => return,
            Ok(_) if line.len() as u64 > LONGEST => {
                Err(anyhow::anyhow!("line {number} is longer than {} MiB; split the file", LONGEST >> 20))
            }
            Ok(_) => {
                if number == 1 && line.starts_with(&[0xef, 0xbb, 0xbf]) {
                    line.drain(..3);
                }
                while line.last().is_some_and(u8::is_ascii_whitespace) {
                    line.pop();
                }
                if line.is_empty() {
                    continue;
                }
                Ok((number, line))
            }
            Err(error) => Err(anyhow::Error::new(error).context(format!("the file is damaged at line {number}"))),
        };
        let failed = sent.is_err();
        if to.blocking_send(sent).is_err() || failed {
            return;
        }
    }
}

async fn take_in(app: &Arc<App>, channel: &str, from: Box<dyn BufRead + Send>) -> Result<Tally> {
    let (to, mut lines) = mpsc::channel(AT_ONCE);
    let reading = tokio::task::spawn_blocking(move || send_lines(from, &to));
    let channel: Arc<str> = channel.into();
    let mut tally = Tally::default();
    let mut running: JoinSet<Result<Fate>> = JoinSet::new();
    let mut told = Instant::now();
    let mut failed = None;
    while let Some(line) = lines.recv().await {
        let (number, raw) = match line {
            Ok(line) => line,
            Err(error) => {
                failed = Some(error);
                break;
            }
        };
        if running.len() >= AT_ONCE
            && let Some(done) = running.join_next().await
        {
            match done? {
                Ok(fate) => tally.count(fate),
                Err(error) => {
                    failed = Some(error);
                    break;
                }
            }
        }
        if told.elapsed() >= PROGRESS {
            output::note(format_args!("… {} rows", tally.rows));
            told = Instant::now();
        }
        let (app, channel) = (Arc::clone(app), Arc::clone(&channel));
        running.spawn(async move { row(&app, &channel, &raw).await.with_context(|| format!("line {number}")) });
    }
    drop(lines);
    while let Some(done) = running.join_next().await {
        match done? {
            Ok(fate) => tally.count(fate),
            Err(error) => failed = failed.or(Some(error)),
        }
    }
    reading.await?;
    match failed {
        None => Ok(tally),
        Some(error) => Err(error.context(format!("stopped after {tally}; give the file again to go on"))),
    }
}

/// Takes a row in, or sets it aside for a person.
async fn row(app: &Arc<App>, channel: &str, raw: &[u8]) -> Result<Fate> {
    let row: Row = match serde_json::from_slice(raw) {
        Ok(row) => row,
        Err(error) => {
            return set_aside(app, channel, None, raw, &format!("not a row {{id,title,body,time,user}}: {error}"))
                .await;
        }
    };
    let id = match &row.id {
        Value::String(id) if !id.trim().is_empty() => id.trim().to_owned(),
        Value::Number(id) => id.to_string(),
        _ => return set_aside(app, channel, None, raw, "`id` is neither a text nor a number").await,
    };
    let new = NewOrder {
        channel: Some(channel.to_owned()),
        external_id: Some(id.clone()),
        received_at: row.time,
        title: row.title,
        body: row.body,
        claimant: NewClaimantInput { anonymous: true, ..NewClaimantInput::default() },
        ..NewOrder::default()
    };
    match orders::take_in(app, &Actor::system(), new, raw, None).await {
        Ok(taken) => Ok(if taken.known { Fate::Had } else { Fate::New }),
        // It waits since an earlier run.
        Err(CommandError::KeyReused) => Ok(Fate::Had),
        Err(error @ (CommandError::Invalid { .. } | CommandError::Refused(_))) => {
            set_aside(app, channel, Some(&id), raw, &error.to_string()).await
        }
        Err(error) => Err(error.into()),
    }
}

/// Stores a row that cannot become an order. Without an id of its own it goes by what it says.
async fn set_aside(app: &Arc<App>, channel: &str, id: Option<&str>, raw: &[u8], fault: &str) -> Result<Fate> {
    let id = match id {
        Some(id) if id.len() <= 250 => id.to_owned(),
        _ => format!("row:{}", digest(raw)),
    };
    let new = orders::set_aside(app, channel, &id, raw, fault).await?;
    Ok(if new { Fate::SetAside } else { Fate::Had })
}

fn digest(raw: &[u8]) -> String {
    use sha2::{Digest, Sha256};
    Sha256::digest(raw).iter().map(|byte| format!("{byte:02x}")).collect()
}
