//! Backup and restore, export and import: the whole city as text files, the same from either database.
//!
//! The master key is never among them; without it, what is sealed stays sealed.

use std::{
    fs::File,
    io::{BufReader, BufWriter, Write},
    path::Path,
    sync::Arc,
};

use huiyin_store::{Db, transfer};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::{App, CommandError, app::hex};

/// What a folder of files holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manifest {
    /// What this is.
    pub format: String,
    /// The city.
    pub city: String,
    /// When it was written; left out of exports, which are the same whenever they are made.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub at: Option<String>,
    /// What is not here.
    pub note: String,
    /// Files with rows and SHA-256.
    pub tables: Vec<Entry>,
}

/// A file of a folder.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// The table.
    pub table: String,
    /// Rows.
    pub rows: u64,
    /// SHA-256 of the file.
    pub sha256: String,
}

/// The format this program writes and reads.
const FORMAT: &str = "huiyin-1";
const MANIFEST: &str = "manifest.json";

/// Writes the whole city to an empty folder, as of one moment, while the server runs.
///
/// # Errors
/// [`CommandError::Invalid`] when the folder is not empty; [`CommandError::Unavailable`] when it cannot be written.
pub async fn export(app: &Arc<App>, folder: &Path, stamped: bool) -> Result<Manifest, CommandError> {
    std::fs::create_dir_all(folder).map_err(|error| io(folder, &error))?;
    if std::fs::read_dir(folder).map_err(|error| io(folder, &error))?.next().is_some() {
        return Err(CommandError::invalid("DIR", format!("`{}` is not empty; name a new folder", folder.display())));
    }
    let (own, folder) = (Arc::clone(app), folder.to_owned());
    app.db
        .read("export", move |tx| {
            Box::pin(async move {
                let city = own.city.as_str();
                let mut tables = Vec::new();
                for shape in transfer::shapes(tx).await? {
                    let path = folder.join(format!("{}.jsonl", shape.name));
                    let file = File::create(&path).map_err(|error| io(&path, &error))?;
                    let mut out = Hashing { out: BufWriter::new(file), digest: Sha256::new() };
                    let rows = transfer::write_table(tx, &shape, city, &mut out).await?;
                    let (mut out, digest) = (out.out, out.digest);
                    out.flush().map_err(|error| io(&path, &error))?;
                    out.get_ref().sync_all().map_err(|error| io(&path, &error))?;
                    tables.push(Entry { table: shape.name, rows, sha256: hex(&digest.finalize()) });
                }
                let manifest = Manifest {
                    format: FORMAT.into(),
                    city: city.to_owned(),
                    at: stamped.then(|| own.zone().rfc3339(own.now())),
                    note: "The master key is not in this folder. Keep data/key apart: without it nothing sealed can be read.".into(),
                    tables,
                };
                let text = serde_json::to_string_pretty(&manifest).map_err(|error| CommandError::Internal(error.to_string()))?;
                let path = folder.join(MANIFEST);
                std::fs::write(&path, text + "\n").map_err(|error| io(&path, &error))?;
                Ok(manifest)
            })
        })
        .await
}

/// Reads a folder written by [`export`] into a migrated database that has nothing of the city yet.
///
/// # Errors
/// [`CommandError::Invalid`] for a folder that is damaged or of another format, or a target that is not empty;
/// nothing is left half done.
pub async fn import(db: &Db, folder: &Path) -> Result<Manifest, CommandError> {
    let path = folder.join(MANIFEST);
    let text = std::fs::read_to_string(&path).map_err(|error| io(&path, &error))?;
    let manifest: Manifest = serde_json::from_str(&text)
        .map_err(|error| CommandError::invalid("DIR", format!("`{}` cannot be read: {error}", path.display())))?;
    if manifest.format != FORMAT {
        return Err(CommandError::invalid(
            "DIR",
            format!("the format is `{}`; this program reads `{FORMAT}`", manifest.format),
        ));
    }
    for entry in &manifest.tables {
        let path = folder.join(format!("{}.jsonl", entry.table));
        let mut file = File::open(&path).map_err(|error| io(&path, &error))?;
        let mut digest = Sha256::new();
        std::io::copy(&mut file, &mut Digesting(&mut digest)).map_err(|error| io(&path, &error))?;
        if hex(&digest.finalize()) != entry.sha256 {
            return Err(CommandError::invalid(
                "DIR",
                format!("`{}` is damaged: its SHA-256 is not the one in the manifest", path.display()),
            ));
        }
    }
    let (folder, read) = (Arc::new(folder.to_owned()), Arc::new(manifest.clone()));
    db.write("import", move |tx| {
        let (folder, manifest) = (Arc::clone(&folder), Arc::clone(&read));
        Box::pin(async move {
            let shapes = transfer::shapes(tx).await?;
            for shape in &shapes {
                if !transfer::is_empty(tx, shape, &manifest.city).await? {
                    return Err(CommandError::invalid(
                        "target",
                        format!(
                            "the database already has rows of `{}` in `{}`; use an empty one",
                            manifest.city, shape.name
                        ),
                    ));
                }
            }
            for entry in &manifest.tables {
                let Some(shape) = shapes.iter().find(|shape| shape.name == entry.table) else {
                    return Err(CommandError::invalid(
                        "DIR",
                        format!(
                            "this program has no table `{}`; use the version that wrote the folder, or a newer one",
                            entry.table
                        ),
                    ));
                };
                let path = folder.join(format!("{}.jsonl", entry.table));
                let file = BufReader::new(File::open(&path).map_err(|error| io(&path, &error))?);
                let mut rows = 0;
                for group in transfer::groups(shape, file) {
                    let (first, lines) = group?;
                    rows += transfer::insert_lines(tx, shape, &manifest.city, &lines, first).await?;
                }
                if rows != entry.rows {
                    return Err(CommandError::invalid(
                        "DIR",
                        format!("`{}` has {rows} rows, the manifest says {}", entry.table, entry.rows),
                    ));
                }
            }
            Ok(())
        })
    })
    .await?;
    Ok(manifest)
}

fn io(path: &Path, error: &std::io::Error) -> CommandError {
    CommandError::Unavailable(format!("`{}`: {error}", path.display()))
}

/// Writes through to a file and a digest.
struct Hashing {
    out: BufWriter<File>,
    digest: Sha256,
}

impl Write for Hashing {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        let written = self.out.write(bytes)?;
        self.digest.update(&bytes[..written]);
        Ok(written)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        self.out.flush()
    }
}

/// A digest as a writer.
struct Digesting<'a>(&'a mut Sha256);

impl Write for Digesting<'_> {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.update(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}
