//! Files: their rows, and the object store that keeps their sealed bytes, each under the SHA-256 of what it keeps.
//!
//! An object is written under `incoming/` first and gets its name when it is whole, so that a name always stands for all
//! of its bytes; what is left over of a broken upload has no name and is swept.

use std::{
    fs::DirBuilder,
    io::ErrorKind,
    os::unix::fs::DirBuilderExt,
    path::{Path, PathBuf},
    sync::Arc,
};

use bytes::Bytes;
use futures_util::{StreamExt as _, stream::BoxStream};
use huiyin_core::time::Instant;
use object_store::{
    Error, MultipartUpload, ObjectStore, PutPayload, local::LocalFileSystem, memory::InMemory, path::Path as Name,
};
use sha2::{Digest as _, Sha256};

use crate::{Row, StoreError, Table, Tx, values};

/// Bytes handed to the object store at once.
const PART: usize = 256 * 1024;

/// Where the sealed bytes of a city's files are.
#[derive(Clone)]
pub struct Files {
    objects: Arc<dyn ObjectStore>,
    /// The folder, where it is one.
    folder: Option<PathBuf>,
}

impl std::fmt::Debug for Files {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Files").field("folder", &self.folder).finish_non_exhaustive()
    }
}

impl Files {
    /// Files in a folder, which is made for its owner alone where it is not there.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`] when the folder cannot be made.
    pub fn in_folder(folder: &Path) -> Result<Self, StoreError> {
        DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(folder)
            .map_err(|error| StoreError::unavailable(format!("the folder `{}`: {error}", folder.display())))?;
        let objects = LocalFileSystem::new_with_prefix(folder).map_err(|error| away(&error))?;
        let folder = std::fs::canonicalize(folder)
            .map_err(|error| StoreError::unavailable(format!("the folder `{}`: {error}", folder.display())))?;
        Ok(Self { objects: Arc::new(objects), folder: Some(folder) })
    }

    /// Files in memory, gone with the process: for tests.
    pub fn in_memory() -> Self {
        Self { objects: Arc::new(InMemory::new()), folder: None }
    }

    /// Begins an object; `id` is its own until it has a name.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub async fn begin(&self, city: &str, id: &str) -> Result<Incoming, StoreError> {
        let at = Name::from(format!("{city}/incoming/{id}"));
        let upload = self.objects.put_multipart(&at).await.map_err(|error| away(&error))?;
        Ok(Incoming {
            files: self.clone(),
            city: city.to_owned(),
            at,
            upload,
            part: Vec::new(),
            digest: Sha256::new(),
            size: 0,
        })
    }

    /// The sealed bytes of an object; none when it is not there.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub async fn read(
        &self,
        city: &str,
        digest: &str,
    ) -> Result<Option<BoxStream<'static, Result<Bytes, StoreError>>>, StoreError> {
        match self.objects.get(&name(city, digest)).await {
            Ok(found) => Ok(Some(found.into_stream().map(|part| part.map_err(|error| away(&error))).boxed())),
            Err(Error::NotFound { .. }) => Ok(None),
            Err(error) => Err(away(&error)),
        }
    }

    /// What an object's bytes come to now; none when it is not there.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub async fn digest(&self, city: &str, digest: &str) -> Result<Option<String>, StoreError> {
        let Some(mut bytes) = self.read(city, digest).await? else { return Ok(None) };
        let mut found = Sha256::new();
        while let Some(part) = bytes.next().await {
            found.update(&part?);
        }
        Ok(Some(hex(&found.finalize())))
    }

    /// Removes an object; one that is not there is removed already.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub async fn remove(&self, city: &str, digest: &str) -> Result<(), StoreError> {
        self.drop_at(&name(city, digest)).await
    }

    async fn drop_at(&self, at: &Name) -> Result<(), StoreError> {
        match self.objects.delete(at).await {
            Ok(()) | Err(Error::NotFound { .. }) => Ok(()),
            Err(error) => Err(away(&error)),
        }
    }

    /// Names of the objects last written before a moment. What was begun before it and never got a name is removed.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub async fn older_than(&self, city: &str, before: Instant) -> Result<Vec<String>, StoreError> {
        let mut all = self.objects.list(Some(&Name::from(city)));
        let (mut old, mut broken) = (Vec::new(), Vec::new());
        while let Some(found) = all.next().await {
            let found = found.map_err(|error| away(&error))?;
            if found.last_modified.timestamp_millis() >= before.ms() {
                continue;
            }
            match found.location.filename() {
                Some(digest) if is_digest(digest) => old.push(digest.to_owned()),
                _ => broken.push(found.location),
            }
        }
        for at in &broken {
            self.drop_at(at).await?;
        }
        self.sweep_parts(city, before).await?;
        Ok(old)
    }

    /// A folder's parts of uploads that a killed process left behind are in no listing.
    async fn sweep_parts(&self, city: &str, before: Instant) -> Result<(), StoreError> {
        let Some(folder) = self.folder.as_ref().map(|folder| folder.join(city).join("incoming")) else {
            return Ok(());
        };
        blocking(move || {
            let Ok(entries) = std::fs::read_dir(&folder) else { return Ok(()) };
            for entry in entries.flatten() {
                let old = entry
                    .metadata()
                    .and_then(|about| about.modified())
                    .ok()
                    .and_then(|at| at.duration_since(std::time::UNIX_EPOCH).ok())
                    .is_some_and(|at| i128::try_from(at.as_millis()).unwrap_or(i128::MAX) < i128::from(before.ms()));
                if old {
                    std::fs::remove_file(entry.path())?;
                }
            }
            Ok(())
        })
        .await
    }

    /// Makes the file of an object and its name last through a loss of power.
    async fn settle(&self, at: &Name) -> Result<(), StoreError> {
        let Some(path) = self.folder.as_ref().map(|folder| folder.join(at.as_ref())) else { return Ok(()) };
        blocking(move || {
            std::fs::File::open(&path)?.sync_all()?;
            let folders = path.ancestors().skip(1).take(3);
            for folder in folders {
                std::fs::File::open(folder)?.sync_all()?;
            }
            Ok(())
        })
        .await
    }
}

async fn blocking(work: impl FnOnce() -> std::io::Result<()> + Send + 'static) -> Result<(), StoreError> {
    match tokio::task::spawn_blocking(work).await {
        Ok(Ok(())) => Ok(()),
        Ok(Err(error)) if error.kind() == ErrorKind::NotFound => Ok(()),
        Ok(Err(error)) => Err(StoreError::unavailable(format!("the folder of files: {error}"))),
        Err(_) => Err(StoreError::unavailable("the folder of files: the work was cut off")),
    }
}

fn away(error: &Error) -> StoreError {
    // The source says what the system refused, without the object's name.
    let why = std::error::Error::source(error).map_or_else(|| error.to_string(), ToString::to_string);
    StoreError::unavailable(format!("the files cannot be reached: {why}"))
}

fn name(city: &str, digest: &str) -> Name {
    Name::from(format!("{city}/{}/{digest}", digest.get(..2).unwrap_or("00")))
}

/// Whether a name is one of an object.
pub fn is_digest(text: &str) -> bool {
    text.len() == 64 && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// An object being written. Dropped before it is finished, it leaves nothing.
pub struct Incoming {
    files: Files,
    city: String,
    at: Name,
    upload: Box<dyn MultipartUpload>,
    part: Vec<u8>,
    digest: Sha256,
    size: u64,
}

/// An object that is whole.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stored {
    /// SHA-256 of its bytes, its name.
    pub digest: String,
    /// Its length.
    pub size: u64,
}

impl Incoming {
    /// Takes more sealed bytes.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub async fn write(&mut self, sealed: &[u8]) -> Result<(), StoreError> {
        self.digest.update(sealed);
        self.size += sealed.len() as u64;
        self.part.extend_from_slice(sealed);
        if self.part.len() >= PART {
            self.put().await?;
        }
        Ok(())
    }

    async fn put(&mut self) -> Result<(), StoreError> {
        let part = std::mem::replace(&mut self.part, Vec::with_capacity(2 * PART));
        self.upload.put_part(PutPayload::from(part)).await.map_err(|error| away(&error))
    }

    /// Gives it its name; on its return it lasts.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub async fn finish(mut self) -> Result<Stored, StoreError> {
        if !self.part.is_empty() {
            self.put().await?;
        }
        self.upload.complete().await.map_err(|error| away(&error))?;
        let digest = hex(&std::mem::take(&mut self.digest).finalize());
        let to = name(&self.city, &digest);
        self.files.objects.rename(&self.at, &to).await.map_err(|error| away(&error))?;
        self.files.settle(&to).await?;
        Ok(Stored { digest, size: self.size })
    }

    /// Leaves nothing of it.
    pub async fn abort(mut self) {
        // What cannot be removed now is swept.
        let _ = self.upload.abort().await;
    }
}

/// A file's row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileRow {
    /// Its id, which is also that of its content.
    pub id: String,
    /// The order that has it.
    pub order: Option<String>,
    /// Who gave it.
    pub person: String,
    /// Name of its object.
    pub digest: String,
    /// Name of the object of its small picture.
    pub thumb: Option<String>,
    /// What it is.
    pub media: String,
    /// Its length before sealing.
    pub size: i64,
    /// SHA-256 of the file itself.
    pub sha256: String,
}

const FILE: Table = Table {
    name: "file",
    key: &["city", "id"],
    columns: &["city", "id", "order_id", "person", "digest", "thumb", "media", "size", "sha256", "stored_at"],
};

crate::statements! {
    FIND = "SELECT id, order_id, person, digest, thumb, media, size, sha256 FROM file WHERE city = $1 AND id = $2";
    AFTER = "SELECT id, order_id, person, digest, thumb, media, size, sha256 FROM file WHERE city = $1 AND id > $2 ORDER BY id LIMIT $3";
    GIVE = "UPDATE file SET order_id = $3 WHERE city = $1 AND id = $2 AND order_id IS NULL";
    GIVE_CONTENT = "UPDATE content SET order_id = $3 WHERE city = $1 AND id = $2 AND order_id IS NULL";
    LOOSE = "SELECT id FROM file WHERE city = $1 AND order_id IS NULL AND stored_at < $2 ORDER BY stored_at, id LIMIT $3";
    LOOSE_OF = "SELECT CAST(COUNT(*) AS BIGINT) FROM file WHERE city = $1 AND order_id IS NULL AND stored_at >= $2 AND person = $3";
    DROP_LOOSE = "DELETE FROM file WHERE city = $1 AND id = $2 AND order_id IS NULL";
    DROP_CONTENT = "DELETE FROM content WHERE city = $1 AND id = $2 AND order_id IS NULL";
    BY_DIGEST = "SELECT id FROM file WHERE city = $1 AND digest = $2 LIMIT 1";
    BY_THUMB = "SELECT id FROM file WHERE city = $1 AND thumb = $2 LIMIT 1";
}

/// Stores a file's row.
///
/// # Errors
/// [`StoreError::Unique`] when the id is taken.
pub async fn insert(tx: &mut Tx, city: &str, at: Instant, file: &FileRow) -> Result<(), StoreError> {
    let row = values![
        city,
        &file.id,
        file.order.as_deref(),
        &file.person,
        &file.digest,
        file.thumb.as_deref(),
        &file.media,
        file.size,
        &file.sha256,
        at.ms()
    ];
    tx.insert(&FILE, vec![row]).await.map(drop)
}

fn read(row: &Row) -> Result<FileRow, StoreError> {
    Ok(FileRow {
        id: row.string(0)?,
        order: row.opt_string(1)?,
        person: row.string(2)?,
        digest: row.string(3)?,
        thumb: row.opt_string(4)?,
        media: row.string(5)?,
        size: row.int(6)?,
        sha256: row.string(7)?,
    })
}

/// A file by its id.
///
/// # Errors
/// [`StoreError`] of the database.
pub async fn find(tx: &mut Tx, city: &str, id: &str) -> Result<Option<FileRow>, StoreError> {
    tx.fetch_optional(&FIND, values![city, id]).await?.map(|row| read(&row)).transpose()
}

/// Files in the order of their ids, after one.
///
/// # Errors
/// [`StoreError`] of the database.
pub async fn after(tx: &mut Tx, city: &str, id: &str, limit: i64) -> Result<Vec<FileRow>, StoreError> {
    tx.fetch(&AFTER, values![city, id, limit]).await?.iter().map(read).collect()
}

/// Gives a file to an order. False when it has one already.
///
/// # Errors
/// [`StoreError`] of the database.
pub async fn give(tx: &mut Tx, city: &str, id: &str, order: &str) -> Result<bool, StoreError> {
    let given = tx.execute(&GIVE, values![city, id, order]).await? > 0;
    Ok(given && tx.execute(&GIVE_CONTENT, values![city, id, order]).await? > 0)
}

/// How many files of a person no command has named since a moment.
///
/// # Errors
/// [`StoreError`] of the database.
pub async fn loose_of(tx: &mut Tx, city: &str, person: &str, since: Instant) -> Result<i64, StoreError> {
    tx.fetch_optional(&LOOSE_OF, values![city, since.ms(), person]).await?.map_or(Ok(0), |row| row.int(0))
}

/// Removes the rows of files that no command has named since they were stored before a moment; gives how many.
///
/// # Errors
/// [`StoreError`] of the database.
pub async fn drop_loose(tx: &mut Tx, city: &str, before: Instant, limit: i64) -> Result<usize, StoreError> {
    let rows = tx.fetch(&LOOSE, values![city, before.ms(), limit]).await?;
    for row in &rows {
        let id = row.str(0)?;
        if tx.execute(&DROP_LOOSE, values![city, id]).await? > 0 {
            tx.execute(&DROP_CONTENT, values![city, id]).await?;
        }
    }
    Ok(rows.len())
}

/// Whether a row names an object.
///
/// # Errors
/// [`StoreError`] of the database.
pub async fn is_named(tx: &mut Tx, city: &str, digest: &str) -> Result<bool, StoreError> {
    Ok(tx.fetch_optional(&BY_DIGEST, values![city, digest]).await?.is_some()
        || tx.fetch_optional(&BY_THUMB, values![city, digest]).await?.is_some())
}
