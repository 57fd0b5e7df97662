//! Policy packs: those built into the program, and those in a folder.

use std::{
    borrow::Cow,
    fs,
    path::{Path, PathBuf},
    sync::Arc,
};

use anyhow::{Context, Result, bail};
use huiyin_app::policy::versions::Rules;
use huiyin_core::policy::{Fault, Pack};
use rust_embed::RustEmbed;
use sha2::{Digest as _, Sha256};

#[derive(RustEmbed)]
#[folder = "../../packs"]
struct Embedded;

/// The texts of a pack and what to call its files.
pub struct Texts {
    /// What the person called it.
    pub called: String,
    /// What stands before a file's name in a fault.
    prefix: String,
    files: Vec<(String, String)>,
    /// The list of sums, if the folder has one.
    manifest: Option<String>,
    /// The folder, for the packs beside it.
    folder: Option<PathBuf>,
}

impl Texts {
    /// The pack, or all its faults.
    pub fn load(&self) -> Result<Pack, Vec<Fault>> {
        let named = |fault: Fault| Fault { file: format!("{}{}", self.prefix, fault.file), ..fault };
        let sums = sums(self.manifest.as_deref(), &self.files);
        match Pack::load_with(&self.files, &|parent| self.parent(parent)) {
            Ok(pack) if sums.is_empty() => Ok(pack),
            Ok(_) => Err(sums.into_iter().map(named).collect()),
            Err(faults) => Err(sums.into_iter().chain(faults).map(named).collect()),
        }
    }

    /// The pack, or how many faults it has and the first.
    ///
    /// # Errors
    /// When it has any.
    pub fn sound(&self) -> Result<Pack> {
        self.load().map_err(|faults| {
            let first = faults.first().map(ToString::to_string).unwrap_or_default();
            anyhow::anyhow!(
                "the pack `{}` has {} faults, the first: {first} (see `huiyin policy check`)",
                self.called,
                faults.len()
            )
        })
    }

    /// The files and the packs above them, for the program that runs by them.
    pub fn rules(self) -> Rules {
        Rules::built(self.files.clone(), Arc::new(move |parent| self.parent(parent)))
    }

    /// The texts of a pack this one extends: a folder beside it, or a built-in one.
    fn parent(&self, name: &str) -> Option<Vec<(String, String)>> {
        if name.contains(['/', '\\']) || name.starts_with('.') {
            return None;
        }
        let beside = self.folder.as_ref().and_then(|folder| Some(folder.canonicalize().ok()?.parent()?.join(name)));
        match beside.filter(|folder| folder.is_dir()) {
            Some(folder) => in_folder(&folder).ok(),
            None => embedded(name).ok(),
        }
        .map(|texts| texts.files)
    }
}

/// Name of the list of sums in a pack's folder, as `sha256sum *.toml > pack.sum` writes it.
const MANIFEST: &str = "pack.sum";

/// What does not match the list of sums, if there is one.
fn sums(manifest: Option<&str>, files: &[(String, String)]) -> Vec<Fault> {
    let Some(manifest) = manifest else { return Vec::new() };
    let fault = |line: usize, message: String| Fault { file: MANIFEST.into(), line, column: 1, message };
    let mut found = Vec::new();
    let mut listed = Vec::new();
    for (at, line) in manifest.lines().enumerate().filter(|(_, line)| !line.trim().is_empty()) {
        let Some((sum, name)) = line.split_once(char::is_whitespace) else {
            found.push(fault(at + 1, "a line is a SHA-256 sum and a file; write it with `sha256sum *.toml`".into()));
            continue;
        };
        let name = name.trim().trim_start_matches('*');
        listed.push(name);
        let Some((_, text)) = files.iter().find(|(file, _)| file == name) else {
            found.push(fault(
                at + 1,
                format!("`{name}` is listed and not in the pack; put it back or list the files again"),
            ));
            continue;
        };
        let is: String = Sha256::digest(text.as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect();
        if !is.eq_ignore_ascii_case(sum) {
            found.push(fault(at + 1, format!("`{name}` is not the file that was listed: its sum is {is}")));
        }
    }
    for (name, _) in files.iter().filter(|(name, _)| !listed.contains(&name.as_str())) {
        found.push(fault(1, format!("`{name}` is not listed; take it away or list the files again")));
    }
    found
}

/// Names of the packs built into the program.
pub fn names() -> Vec<String> {
    let mut names: Vec<String> =
        Embedded::iter().filter_map(|file| file.split_once('/').map(|(pack, _)| pack.to_owned())).collect();
    names.sort();
    names.dedup();
    names
}

/// The texts of a pack: a built-in one by its name, or a folder of TOML files.
pub fn texts(called: &str) -> Result<Texts> {
    if names().iter().any(|name| name == called) {
        return embedded(called);
    }
    let folder = Path::new(called);
    if folder.is_dir() {
        return in_folder(folder);
    }
    bail!("there is no pack `{called}`: name one of {}, or the folder of another", names().join(", "))
}

/// The texts of a pack in a folder.
pub fn in_folder(folder: &Path) -> Result<Texts> {
    let shown = folder.display().to_string();
    let mut paths: Vec<PathBuf> = fs::read_dir(folder)
        .and_then(|entries| entries.map(|entry| entry.map(|entry| entry.path())).collect())
        .with_context(|| format!("the folder `{shown}` cannot be read"))?;
    paths.retain(|path| path.extension().is_some_and(|ext| ext == "toml") && path.is_file());
    paths.sort();
    let mut files = Vec::new();
    for path in paths {
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let bytes = fs::read(&path).with_context(|| format!("`{}` cannot be read", path.display()))?;
        // What is no UTF-8 is a fault of the pack, told with its place.
        files.push((name, String::from_utf8_lossy(&bytes).into_owned()));
    }
    let prefix = if shown.ends_with('/') { shown.clone() } else { format!("{shown}/") };
    let manifest = fs::read_to_string(folder.join(MANIFEST)).ok();
    Ok(Texts { called: shown, prefix, files, manifest, folder: Some(folder.to_path_buf()) })
}

fn embedded(pack: &str) -> Result<Texts> {
    let mut names: Vec<Cow<'static, str>> = Embedded::iter()
        .filter(|file| {
            file.ends_with(".toml") && file.split_once('/').is_some_and(|(of, name)| of == pack && !name.contains('/'))
        })
        .collect();
    names.sort();
    let mut files = Vec::new();
    for name in names {
        let file = Embedded::get(&name).with_context(|| format!("the built-in file `{name}` is gone"))?;
        let text = String::from_utf8(file.data.into_owned())?;
        let name = name.split_once('/').map_or(&*name, |(_, name)| name).to_owned();
        files.push((name, text));
    }
    if files.is_empty() {
        bail!("there is no built-in pack `{pack}`");
    }
    Ok(Texts { called: pack.to_owned(), prefix: format!("packs/{pack}/"), files, manifest: None, folder: None })
}

/// A pack without faults.
pub fn pack(called: &str) -> Result<Pack> {
    texts(called)?.sound()
}
