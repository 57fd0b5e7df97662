//! `huiyin mode`: emergency modes of the city.

use anyhow::{Result, anyhow};
use clap::Subcommand;
use huiyin_app::{
    Actor,
    modes::{self, Declare},
};
use serde_json::{Value, json};

use crate::{
    cli::Place,
    open::{self, Use},
    output::{self, Outcome},
};

/// What to do with a mode.
#[derive(Debug, Subcommand)]
pub enum Mode {
    /// Lists the modes declared last.
    List {
        #[command(flatten)]
        place: Place,
        /// Print one JSON document.
        #[arg(long)]
        json: bool,
    },
    /// Declares a mode from now on.
    Declare {
        /// Its code in the pack, such as typhoon.
        mode: String,
        /// The notice it rests on.
        #[arg(long)]
        notice: String,
        /// When it ends: RFC 3339, or local time of the pack; the longest the pack allows where none is given.
        #[arg(long)]
        until: Option<String>,
        #[command(flatten)]
        place: Place,
    },
    /// Ends a mode now; what was commanded under it stays commanded.
    End {
        /// Its id, as `mode list` shows it.
        id: String,
        #[command(flatten)]
        place: Place,
    },
}

impl Mode {
    /// Carries it out.
    pub fn run(self) -> Result<Outcome> {
        match self {
            Self::List { place, json } => open::block_on(list(place, json)),
            Self::Declare { mode, notice, until, place } => open::block_on(declare(place, mode, notice, until)),
            Self::End { id, place } => open::block_on(async move {
                let open = open::open(&place, Use::Write).await?;
                modes::end(&open.app, &Actor::system(), &id).await?;
                open.close().await;
                Ok(Outcome::Yes)
            }),
        }
    }
}

async fn declare(place: Place, mode: String, notice: String, until: Option<String>) -> Result<Outcome> {
    let open = open::open(&place, Use::Write).await?;
    let parse = |text: String| open.app.zone().parse(&text).map_err(|message| anyhow!("--until: {message}"));
    let until = until.map(parse).transpose()?;
    let id = modes::declare(&open.app, &Actor::system(), Declare { mode, until, notice }).await?;
    output::line(id)?;
    open.close().await;
    Ok(Outcome::Yes)
}

async fn list(place: Place, as_json: bool) -> Result<Outcome> {
    let open = open::open(&place, Use::Read).await?;
    let zone = open.app.zone();
    let found = modes::list(&open.app, &Actor::system()).await?;
    if as_json {
        let found: Vec<Value> = found
            .iter()
            .map(|view| {
                json!({
                    "id": view.period.id, "mode": view.period.mode, "from": zone.rfc3339(view.period.from),
                    "until": zone.rfc3339(view.period.until), "notice": view.period.notice,
                    "declared_by": view.period.declared_by, "ended_by": view.period.ended_by, "on": view.on,
                })
            })
            .collect();
        output::document(&json!({ "modes": found }))?;
    } else {
        let mut rows = vec![["id", "mode", "from", "until", "", "notice"].map(str::to_owned).to_vec()];
        rows.extend(found.iter().map(|view| {
            vec![
                view.period.id.clone(),
                view.period.mode.clone(),
                zone.short(view.period.from),
                zone.short(view.period.until),
                if view.on { "on" } else { "ended" }.to_owned(),
                view.period.notice.clone(),
            ]
        }));
        output::table(&rows)?;
    }
    open.close().await;
    Ok(Outcome::Yes)
}
