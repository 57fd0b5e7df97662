//! Policy packs: those built into the program, and those in a folder.

use std::{
    borrow::Cow,
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result, bail};
use huiyin_core::policy::{Fault, Pack};
use rust_embed::RustEmbed;

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
}

impl Texts {
    /// The pack, or all its faults.
    pub fn load(&self) -> Result<Pack, Vec<Fault>> {
        Pack::load(&self.files).map_err(|faults| {
            faults.into_iter().map(|fault| Fault { file: format!("{}{}", self.prefix, fault.file), ..fault }).collect()
        })
    }
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
        let text = String::from_utf8(bytes).map_err(|_| anyhow::anyhow!("`{}` is not UTF-8 text", path.display()))?;
        files.push((name, text));
    }
    let prefix = if shown.ends_with('/') { shown.clone() } else { format!("{shown}/") };
    Ok(Texts { called: shown, prefix, files })
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
    Ok(Texts { called: pack.to_owned(), prefix: format!("packs/{pack}/"), files })
}

/// A pack without faults.
pub fn pack(called: &str) -> Result<Pack> {
    texts(called)?.load().map_err(|faults| {
        let first = faults.first().map(ToString::to_string).unwrap_or_default();
        anyhow::anyhow!(
            "the pack `{called}` has {} faults, the first: {first} (see `huiyin policy check`)",
            faults.len()
        )
    })
}
