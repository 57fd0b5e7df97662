//! The lock on the data folder: one program that changes the data at a time.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{Read, Seek, Write};
use std::path::Path;

/// Why the data folder could not be locked.
#[derive(Debug, thiserror::Error)]
pub enum LockError {
    /// Someone else holds it.
    #[error("another huiyin runs on `{folder}` (pid {pid})")]
    Held {
        /// The data folder.
        folder: String,
        /// The process that holds it, or `?`.
        pid: String,
    },
    /// The folder or the lock file cannot be used.
    #[error("cannot lock the data folder `{folder}`: {source}")]
    Io {
        /// The data folder.
        folder: String,
        /// What the system says.
        source: std::io::Error,
    },
}

/// Held as long as it lives, and let go by the system when the process ends, however it ends.
#[derive(Debug)]
pub struct DataLock {
    _file: File,
}

impl DataLock {
    /// Makes the folder if need be and takes its lock, or says at once who holds it.
    pub fn take(dir: &Path) -> Result<Self, LockError> {
        let folder = || dir.display().to_string();
        let io = |source| LockError::Io { folder: folder(), source };
        std::fs::create_dir_all(dir).map_err(io)?;
        // Not truncated on opening: the number in it belongs to the holder.
        let mut file = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .open(dir.join("lock"))
            .map_err(io)?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                let mut pid = String::new();
                let known = file.read_to_string(&mut pid).is_ok() && !pid.trim().is_empty();
                let pid = if known { pid.trim().to_owned() } else { "?".to_owned() };
                return Err(LockError::Held { folder: folder(), pid });
            }
            Err(TryLockError::Error(source)) => return Err(io(source)),
        }
        file.set_len(0).map_err(io)?;
        file.rewind().map_err(io)?;
        writeln!(file, "{}", std::process::id()).map_err(io)?;
        Ok(Self { _file: file })
    }
}

#[cfg(test)]
mod tests {
    use super::{DataLock, LockError};

    #[test]
    fn a_second_taker_is_told_who_holds_it() {
        let dir = tempfile::tempdir().unwrap();
        let held = DataLock::take(dir.path()).unwrap();
        let error = DataLock::take(dir.path()).unwrap_err();
        assert!(matches!(&error, LockError::Held { pid, .. } if *pid == std::process::id().to_string()), "{error}");
        drop(held);
        DataLock::take(dir.path()).unwrap();
    }
}
