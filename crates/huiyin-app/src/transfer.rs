//! Backup and restore, export and import: the whole city as text files, the same from either database.
//!
//! The master key is never among them; without it, what is sealed stays sealed.

use std::{
    fs::File,
    io::{BufReader, BufWriter, Write},
    path::Path,
    sync::Arc,
};

use futures_util::StreamExt as _;
use huiyin_store::{
    Db,
    files::{self as objects, Files},
    transfer,
};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::{App, CommandError, app::hex, files};

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
    /// Files given as evidence, sealed, each under its SHA-256 in the folder `files`.
    #[serde(default)]
    pub files: Copied,
}

/// Files given as evidence, beside the tables.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Copied {
    /// How many objects.
    pub objects: u64,
    /// Their bytes.
    pub bytes: u64,
    /// Objects that rows name and that were missing or changed when this was written.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub missing: Vec<String>,
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
const FILES: &str = "files";

/// Writes the whole city to an empty folder, as of one moment, while the server runs.
///
/// # Errors
/// [`CommandError::Invalid`] when the folder is not empty; [`CommandError::Unavailable`] when it cannot be written.
pub async fn export(app: &Arc<App>, folder: &Path, stamped: bool) -> Result<Manifest, CommandError> {
    std::fs::create_dir_all(folder).map_err(|error| io(folder, &error))?;
    if std::fs::read_dir(folder).map_err(|error| io(folder, &error))?.next().is_some() {
        return Err(CommandError::invalid("DIR", format!("`{}` is not empty; name a new folder", folder.display())));
    }
    let (own, to) = (Arc::clone(app), folder.to_owned());
    let tables = app
        .db
        .read("export", move |tx| {
            Box::pin(async move {
                let city = own.city.as_str();
                let mut tables = Vec::new();
                for shape in transfer::shapes(tx).await? {
                    let path = to.join(format!("{}.jsonl", shape.name));
                    let file = File::create(&path).map_err(|error| io(&path, &error))?;
                    let mut out = Hashing { out: BufWriter::new(file), digest: Sha256::new() };
                    let rows = transfer::write_table(tx, &shape, city, &mut out).await?;
                    let (mut out, digest) = (out.out, out.digest);
                    out.flush().map_err(|error| io(&path, &error))?;
                    out.get_ref().sync_all().map_err(|error| io(&path, &error))?;
                    tables.push(Entry { table: shape.name, rows, sha256: hex(&digest.finalize()) });
                }
                Ok::<_, CommandError>(tables)
            })
        })
        .await?;
    // After the rows: what they name is there by now, and what they do not name harms nobody.
    let manifest = Manifest {
        format: FORMAT.into(),
        city: app.city.as_str().to_owned(),
        at: stamped.then(|| app.zone().rfc3339(app.now())),
        note: "The master key is not in this folder. Keep data/key apart: without it nothing sealed can be read."
            .into(),
        tables,
        files: copy_out(app, &folder.join(FILES)).await?,
    };
    let text = serde_json::to_string_pretty(&manifest).map_err(|error| CommandError::Internal(error.to_string()))?;
    let path = folder.join(MANIFEST);
    std::fs::write(&path, text + "\n").map_err(|error| io(&path, &error))?;
    Ok(manifest)
}

/// Copies every object that a file's row names.
async fn copy_out(app: &Arc<App>, folder: &Path) -> Result<Copied, CommandError> {
    let (mut copied, mut after) = (Copied::default(), String::new());
    loop {
        let rows = files::rows_after(app, &after).await?;
        for row in &rows {
            for digest in [Some(&row.digest), row.thumb.as_ref()].into_iter().flatten() {
                std::fs::create_dir_all(folder).map_err(|error| io(folder, &error))?;
                let path = folder.join(digest);
                match write_object(app, digest, &path).await? {
                    Some(bytes) => {
                        copied.objects += 1;
                        copied.bytes += bytes;
                    }
                    None => {
                        copied.missing.push(digest.clone());
                        let _ = std::fs::remove_file(&path);
                    }
                }
            }
        }
        match rows.last() {
            Some(last) => after.clone_from(&last.id),
            None => return Ok(copied),
        }
    }
}

/// Writes one object to a file; gives its length, or nothing when it is not there whole.
async fn write_object(app: &App, digest: &str, path: &Path) -> Result<Option<u64>, CommandError> {
    let Some(mut bytes) = app.files.read(app.city.as_str(), digest).await? else { return Ok(None) };
    let file = File::create(path).map_err(|error| io(path, &error))?;
    let mut out = Hashing { out: BufWriter::new(file), digest: Sha256::new() };
    let mut length = 0;
    while let Some(part) = bytes.next().await {
        let part = part?;
        length += part.len() as u64;
        out.write_all(&part).map_err(|error| io(path, &error))?;
    }
    out.flush().map_err(|error| io(path, &error))?;
    out.out.get_ref().sync_all().map_err(|error| io(path, &error))?;
    Ok((hex(&out.digest.finalize()) == digest).then_some(length))
}

/// Puts the objects of a folder where files are kept, each proved by its name.
async fn copy_in(kept: &Files, manifest: &Manifest, folder: &Path) -> Result<(), CommandError> {
    let damaged =
        |path: &Path, why: &str| Err(CommandError::invalid("DIR", format!("`{}` is damaged: {why}", path.display())));
    let names = match std::fs::read_dir(folder) {
        Ok(entries) => entries.map(|entry| Ok(entry.map_err(|error| io(folder, &error))?.file_name())).collect(),
        Err(_) if manifest.files.objects == 0 => Ok(Vec::new()),
        Err(error) => Err(io(folder, &error)),
    };
    let names: Vec<std::ffi::OsString> = names?;
    if names.len() as u64 != manifest.files.objects {
        return damaged(folder, &format!("it has {} files, the manifest says {}", names.len(), manifest.files.objects));
    }
    for name in names {
        let path = folder.join(&name);
        let Some(digest) = name.to_str().filter(|name| objects::is_digest(name)) else {
            return damaged(&path, "its name is no SHA-256");
        };
        let mut file = tokio::fs::File::open(&path).await.map_err(|error| io(&path, &error))?;
        let mut incoming = kept.begin(&manifest.city, digest).await?;
        let mut part = vec![0; 256 * 1024];
        loop {
            let length =
                tokio::io::AsyncReadExt::read(&mut file, &mut part).await.map_err(|error| io(&path, &error))?;
            if length == 0 {
                break;
            }
            incoming.write(&part[..length]).await?;
        }
        let stored = incoming.finish().await?;
        if stored.digest != digest {
            kept.remove(&manifest.city, &stored.digest).await?;
            return damaged(&path, "its SHA-256 is not its name");
        }
    }
    Ok(())
}

/// Reads a folder written by [`export`] into a migrated database that has nothing of the city yet.
///
/// # Errors
/// [`CommandError::Invalid`] for a folder that is damaged or of another format, or a target that is not empty;
/// nothing is left half done.
pub async fn import(db: &Db, kept: &Files, folder: &Path) -> Result<Manifest, CommandError> {
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
    // Before the rows that name them: what a row names is there.
    copy_in(kept, &manifest, &folder.join(FILES)).await?;
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
