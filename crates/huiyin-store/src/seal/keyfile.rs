//! The file that holds the master key.

use std::ffi::OsString;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Write};
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

use super::digest::to_hex;
use super::{Entropy, MasterKey, OsEntropy, SealError, Secret};

/// What the first line of a key file begins with.
const HEADER: &str = "# huiyin master key 1";
const EXPLANATION: &str = "keep a copy of this file apart from the data and its backups; without it the data is lost";
/// More than a key file ever holds; less than would hurt to read.
const MOST: u64 = 4096;

impl MasterKey {
    /// The key in this file.
    ///
    /// # Errors
    /// If the file is absent, open to others than its owner, or not a key file.
    pub fn load(path: &Path) -> Result<Self, SealError> {
        read(path)?.ok_or_else(|| SealError::KeyFileMissing { path: path.to_owned() })
    }

    /// The key in this file; if there is no such file, a new key that is on the disk (mode 0600) before this returns.
    /// Of two programs that start at once, one makes the key and both use it.
    ///
    /// The folder must exist: a missing one is more likely a misspelt path than a first start.
    ///
    /// # Errors
    /// If the file is open to others than its owner, is not a key file, or cannot be made.
    pub fn load_or_create(path: &Path, entropy: &dyn Entropy) -> Result<Self, SealError> {
        if let Some(key) = read(path)? {
            return Ok(key);
        }
        let root = Secret::generate(entropy);
        match create(path, &format!("{HEADER}: {EXPLANATION}\n{}\n", to_hex(&root.0))) {
            Ok(()) => Ok(MasterKey::from_root(&root)),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => MasterKey::load(path),
            Err(error) => Err(refused("create", path, error)),
        }
    }
}

/// The key in the file, or nothing if there is no file.
fn read(path: &Path) -> Result<Option<MasterKey>, SealError> {
    let file = match File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(refused("open", path, error)),
    };
    let metadata = file.metadata().map_err(|error| refused("inspect", path, error))?;
    if !metadata.is_file() {
        return Err(malformed(path, "it is not a regular file"));
    }
    let mode = metadata.permissions().mode() & 0o777;
    if mode & 0o077 != 0 {
        return Err(SealError::KeyFileMode { path: path.to_owned(), mode });
    }
    let mut text = Vec::new();
    file.take(MOST).read_to_end(&mut text).map_err(|error| refused("read", path, error))?;
    let root = parse(&text).map_err(|why| malformed(path, why));
    text.fill(0);
    std::hint::black_box(&text);
    Ok(Some(MasterKey::from_root(&root?)))
}

fn parse(text: &[u8]) -> Result<Secret, &'static str> {
    let text = str::from_utf8(text).map_err(|_| "it is not text")?;
    if text.trim().is_empty() {
        return Err("it is empty");
    }
    let mut lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
    let headed = lines
        .next()
        .and_then(|line| line.strip_prefix(HEADER))
        .is_some_and(|rest| rest.is_empty() || rest.starts_with(':'));
    if !headed {
        return Err("its first line is not that of a Huiyin master key");
    }
    let line = lines.next().ok_or("the key is missing below the first line")?;
    if lines.next().is_some() {
        return Err("there is more in it than one key");
    }
    let digits = line.as_bytes();
    let mut root = Secret([0; 32]);
    if digits.len() != 2 * root.0.len() {
        return Err("the key is not 64 hexadecimal digits");
    }
    for (byte, pair) in root.0.iter_mut().zip(digits.chunks(2)) {
        for &digit in pair {
            let value = char::from(digit).to_digit(16).ok_or("the key is not 64 hexadecimal digits")?;
            *byte = *byte << 4 | value as u8;
        }
    }
    Ok(root)
}

/// Puts the whole file at `path` or nothing: a program killed half-way leaves no key file that is empty or cut, which
/// nobody could tell from a lost key. `AlreadyExists` if another was first.
fn create(path: &Path, text: &str) -> io::Result<()> {
    let draft = draft(path);
    let placed = write_new(&draft, text).and_then(|()| fs::hard_link(&draft, path));
    let removed = fs::remove_file(&draft);
    match placed {
        Ok(()) => removed?,
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => return Err(error),
        // Some file systems know no links; there the file is made in its place.
        Err(_) => write_new(path, text)?,
    }
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    File::open(folder)?.sync_all()
}

fn write_new(path: &Path, text: &str) -> io::Result<()> {
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?;
    let written = file.write_all(text.as_bytes()).and_then(|()| file.sync_all());
    if written.is_err() {
        // The first failure is the one to report.
        let _ = fs::remove_file(path);
    }
    written
}

/// A name beside `path` that no other start uses, whatever generator makes the key.
fn draft(path: &Path) -> PathBuf {
    let mut tail = [0; 8];
    OsEntropy.fill(&mut tail);
    let mut name = OsString::from(".");
    name.push(path.file_name().unwrap_or_default());
    name.push(format!(".{}", to_hex(&tail)));
    path.with_file_name(name)
}

fn refused(action: &'static str, path: &Path, source: io::Error) -> SealError {
    SealError::KeyFileIo { action, path: path.to_owned(), source }
}

fn malformed(path: &Path, why: &'static str) -> SealError {
    SealError::KeyFileMalformed { path: path.to_owned(), why }
}

#[cfg(test)]
mod tests {
    use std::fs::Permissions;

    use super::*;
    use crate::seal::SeededEntropy;

    fn put(path: &Path, text: &str, mode: u32) {
        fs::write(path, text).unwrap();
        fs::set_permissions(path, Permissions::from_mode(mode)).unwrap();
    }

    #[test]
    fn a_key_is_made_once_and_found_again() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("key");
        let made = MasterKey::load_or_create(&path, &SeededEntropy::new(1)).unwrap();
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1, "only the key file is left");

        let text = fs::read_to_string(&path).unwrap();
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(lines.len(), 2);
        assert!(lines[0].starts_with("# huiyin master key 1: "));
        assert_eq!(lines[1].len(), 64);

        let again = MasterKey::load_or_create(&path, &SeededEntropy::new(2)).unwrap();
        assert_eq!(again.check_value(), made.check_value());
        assert_eq!(MasterKey::load(&path).unwrap().check_value(), made.check_value());
        assert_eq!(made.check_value(), MasterKey::generate(&SeededEntropy::new(1)).check_value());
        let sealed = made.seal_identity(b"x", b"p1", &SeededEntropy::new(3));
        assert_eq!(again.open_identity(&sealed, b"p1").unwrap(), b"x");
        assert_eq!(fs::read_to_string(&path).unwrap(), text);
    }

    #[test]
    fn programs_that_start_at_once_share_one_key() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("key");
        let checks: Vec<String> = std::thread::scope(|scope| {
            let started: Vec<_> = (0..8)
                .map(|seed| {
                    let path = &path;
                    scope.spawn(move || {
                        MasterKey::load_or_create(path, &SeededEntropy::new(seed)).unwrap().check_value()
                    })
                })
                .collect();
            started.into_iter().map(|thread| thread.join().unwrap()).collect()
        });
        assert!(checks.iter().all(|check| *check == checks[0]));
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[test]
    fn a_file_open_to_others_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("key");
        MasterKey::load_or_create(&path, &SeededEntropy::new(1)).unwrap();
        let text = fs::read_to_string(&path).unwrap();
        for mode in [0o640, 0o604, 0o660, 0o666, 0o644] {
            put(&path, &text, mode);
            let refusal = MasterKey::load_or_create(&path, &SeededEntropy::new(1)).unwrap_err();
            assert!(matches!(refusal, SealError::KeyFileMode { mode: seen, .. } if seen == mode));
            assert!(refusal.to_string().contains(&format!("mode {mode:o}): run `chmod 600 ")), "{refusal}");
        }
        for mode in [0o600, 0o400] {
            put(&path, "", 0o600);
            put(&path, &text, mode);
            assert!(MasterKey::load(&path).is_ok());
        }
    }

    #[test]
    fn what_is_not_a_key_file_is_refused_and_left_alone() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("key");
        let digits = "0123456789abcdef".repeat(4);
        let bad = [
            String::new(),
            "\n\n".into(),
            digits.clone(),
            format!("# some other key\n{digits}\n"),
            format!("# huiyin master key 12\n{digits}\n"),
            format!("{HEADER}\n"),
            format!("{HEADER}\n{}\n", &digits[1..]),
            format!("{HEADER}\n{digits}0\n"),
            format!("{HEADER}\n{}g\n", &digits[1..]),
            format!("{HEADER}\n+{}\n", &digits[1..]),
            format!("{HEADER}\n{}\n", "密".repeat(64)),
            format!("{HEADER}\n{digits}\n{digits}\n"),
        ];
        for text in bad {
            put(&path, &text, 0o600);
            let refusal = MasterKey::load_or_create(&path, &SeededEntropy::new(1)).unwrap_err();
            assert!(matches!(refusal, SealError::KeyFileMalformed { .. }), "{text:?}: {refusal}");
            assert!(!refusal.to_string().contains(&digits[1..]), "no key in a message");
            assert_eq!(fs::read_to_string(&path).unwrap(), text);
        }
        for text in [format!("{HEADER}\n{digits}"), format!("{HEADER}: x\r\n{}\r\n\r\n", digits.to_uppercase())] {
            put(&path, &text, 0o600);
            assert!(MasterKey::load(&path).is_ok(), "{text:?}");
        }
        let folder_as_key = folder.path().join("folder");
        fs::create_dir(&folder_as_key).unwrap();
        assert!(matches!(MasterKey::load(&folder_as_key), Err(SealError::KeyFileMalformed { .. })));
    }

    #[test]
    fn an_absent_file_is_told_from_an_absent_folder() {
        let folder = tempfile::tempdir().unwrap();
        let missing = MasterKey::load(&folder.path().join("key")).unwrap_err();
        assert!(matches!(missing, SealError::KeyFileMissing { .. }));
        let refusal = MasterKey::load_or_create(&folder.path().join("none/key"), &SeededEntropy::new(1)).unwrap_err();
        assert!(matches!(refusal, SealError::KeyFileIo { action: "create", .. }), "{refusal}");
    }
}
