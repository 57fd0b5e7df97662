//! Logs, on standard error: a sentence with dotted fields, never personal data.

use anyhow::{Context, Result};
use tracing_subscriber::{EnvFilter, fmt};

use crate::config::{Config, LogFormat};

/// Starts logging as the configuration says.
pub fn start(config: &Config) -> Result<()> {
    // The database driver speaks of what the server itself only noticed.
    let filter = EnvFilter::try_new(format!("sqlx=warn,{}", config.log))
        .with_context(|| format!("the configuration is wrong: `log` is no filter: `{}`", config.log))?;
    let base = fmt().with_env_filter(filter).with_writer(std::io::stderr).with_target(true);
    match config.log_format {
        LogFormat::Json => base.json().flatten_event(true).init(),
        LogFormat::Text => base.with_ansi(std::io::IsTerminal::is_terminal(&std::io::stderr())).init(),
    }
    Ok(())
}

/// Logs only what went wrong: for commands that answer and end.
pub fn quiet(config: &Config) -> Result<()> {
    let mut quiet = config.clone();
    if quiet.log == "info" {
        quiet.log = "warn".to_owned();
    }
    start(&quiet)
}
