//! What the program says: results on standard output, everything else on standard error.
//!
//! A reader that goes away (`huiyin … | head`) is no failure.

use std::io::{self, Write};

use anyhow::Result;
use serde::Serialize;

/// How a command that could run ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// Done; the answer is yes.
    Yes,
    /// The answer is no: faults found, chain broken.
    No,
}

impl From<bool> for Outcome {
    fn from(yes: bool) -> Self {
        if yes { Self::Yes } else { Self::No }
    }
}

/// Prints a line of the result.
pub fn line(text: impl std::fmt::Display) -> Result<()> {
    gone(writeln!(io::stdout().lock(), "{text}"))
}

/// Prints the one document of `--json`.
pub fn document(value: &impl Serialize) -> Result<()> {
    let text = serde_json::to_string_pretty(value)?;
    line(text)
}

/// Says something to the person at the terminal.
pub fn note(text: impl std::fmt::Display) {
    // Nobody is left to be told when this fails.
    let _ = writeln!(io::stderr().lock(), "{text}");
}

fn gone(written: io::Result<()>) -> Result<()> {
    match written {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        other => Ok(other?),
    }
}

/// Rows in columns, each as wide as its widest cell; Chinese characters count double.
pub fn table(rows: &[Vec<String>]) -> Result<()> {
    let columns = rows.iter().map(Vec::len).max().unwrap_or(0);
    let widths: Vec<usize> = (0..columns)
        .map(|at| rows.iter().filter_map(|row| row.get(at)).map(|cell| width(cell)).max().unwrap_or(0))
        .collect();
    for row in rows {
        let mut text = String::new();
        for (at, cell) in row.iter().enumerate() {
            text.push_str(cell);
            if at + 1 < row.len() {
                text.push_str(&" ".repeat(widths[at] - width(cell) + 2));
            }
        }
        line(text.trim_end())?;
    }
    Ok(())
}

fn width(text: &str) -> usize {
    text.chars().map(|c| if c as u32 >= 0x1100 { 2 } else { 1 }).sum()
}
