//! `docs/conformance.md` is printed from the packs: each rule with its place, the code that obeys it, the tests and
//! scenarios that hold the program to it; and each acceptance scenario with where it is carried out.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Write as _,
    path::{Path, PathBuf},
};

use libtest_mimic::{Failed, Trial};

use crate::{acceptance, packs, run};

/// Where the rules of a section are obeyed. A parameter is looked for by its name.
const CODE: &[(&str, &str)] = &[
    ("clock", "`core/policy/clocks.rs`, `core/order/draft.rs`"),
    ("closing", "`core/order/closing.rs`"),
    ("conflict", "`core/policy/clocks.rs`"),
];

/// The tests made from a section's own text.
const TESTS: &[(&str, &str)] = &[("clock", "limits"), ("closing", "closing"), ("parameter", "counts")];

/// Rust files of the program, by short path, with their text.
fn code() -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    for name in ["core", "app", "http"] {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("../huiyin-{name}/src"));
        let mut folders = vec![folder.clone()];
        while let Some(here) = folders.pop() {
            for path in std::fs::read_dir(here).expect("a folder").map(|entry| entry.expect("an entry").path()) {
                if path.is_dir() {
                    folders.push(path);
                } else if path.extension().is_some_and(|extension| extension == "rs") {
                    let short = path.strip_prefix(&folder).expect("inside").to_string_lossy().into_owned();
                    // What the loader checks of a name is not what obeys it.
                    if !short.starts_with("policy/load") && short != "policy/settings.rs" {
                        found.insert(format!("{name}/{short}"), std::fs::read_to_string(&path).expect("a text"));
                    }
                }
            }
        }
    }
    found
}

/// Files that ask for a parameter: by its name, or by the end of a name put together.
fn asks(code: &BTreeMap<String, String>, name: &str) -> String {
    let with = |part: &str| -> Vec<String> {
        let files = code.iter().filter(|(_, text)| text.contains(part));
        files.map(|(path, _)| format!("`{path}`")).collect()
    };
    let mut files = with(&format!("\"{name}\""));
    if files.is_empty() {
        let end = name.split_once('.').map_or(name, |(_, end)| end);
        files = with(&format!("}}.{end}\""));
    }
    if files.is_empty() { "**not obeyed yet**".into() } else { files.join(", ") }
}

/// The line of a file on which an entry is named.
fn line(texts: &packs::Texts, section: &str, name: &str) -> Option<String> {
    let field = if section == "parameter" { "name" } else { "rule" };
    let wanted = format!("{field} = \"{name}\"");
    texts.iter().find_map(|(file, text)| {
        let at = text.lines().position(|line| line.trim_start().starts_with(&wanted))?;
        Some(format!("{file}:{}", at + 1))
    })
}

/// Where a scenario is written.
fn written(pack: &str, id: &str) -> Vec<String> {
    let texts =
        packs::files(&format!("{pack}/scenarios")).into_iter().map(|(file, text)| (format!("scenarios/{file}"), text));
    let examples =
        packs::files(&format!("{pack}/examples")).into_iter().map(|(file, text)| (format!("examples/{file}"), text));
    let wanted = format!("id = \"{id}\"");
    let mut found = Vec::new();
    for (file, text) in texts.chain(examples.filter(|_| id == "B08")) {
        if let Some(at) = text.lines().position(|line| line.contains(&wanted)) {
            found.push(format!("{pack}/{file}:{}", at + 1));
        }
    }
    found
}

fn page() -> Result<String, String> {
    let code = code();
    let mut page = String::from(
        "# Conformance\n\nPrinted from the packs; a test fails when this page is not what they say. Paths of packs begin at `packs/`, of code \
         at `crates/huiyin-`. A test `sanya::A01` is run by `cargo nextest run -p huiyin-app -E 'test(=sanya::A01)'`.\n\n\
         ## Acceptance scenarios\n\n| id | what | carried out by | not yet |\n|---|---|---|---|\n",
    );
    let (list, done) = (acceptance::list()?, acceptance::carried_out()?);
    for entry in &list.scenario {
        let places: Vec<String> =
            done.get(&entry.id).into_iter().flatten().flat_map(|pack| written(pack, &entry.id)).collect();
        let missing = entry.later.as_deref().or(entry.partly.as_deref()).unwrap_or("");
        let _ = writeln!(page, "| {} | {} | {} | {missing} |", entry.id, entry.what, places.join("<br>"));
    }
    let (later, partly) = (
        list.scenario.iter().filter(|entry| entry.later.is_some()).count(),
        list.scenario.iter().filter(|entry| entry.partly.is_some()).count(),
    );
    let _ = writeln!(
        page,
        "\n{} scenarios: {} carried out, of these {partly} in part; {later} later. All {} clock vectors are counted.",
        list.scenario.len(),
        list.scenario.len() - later,
        list.vector.len()
    );
    for pack in packs::names() {
        let (texts, scenarios) = (packs::files(&pack), run::scenarios(&pack)?);
        let examples: String = packs::files(&format!("{pack}/examples")).into_iter().map(|(_, text)| text).collect();
        let all = packs::merged(&texts)?;
        let _ = writeln!(
            page,
            "\n## Pack `{pack}`\n\n| rule | in the pack | code | tests | scenarios |\n|---|---|---|---|---|"
        );
        for section in ["clock", "closing", "parameter"] {
            let entries = all.get(section).and_then(toml::Value::as_array).map_or(&[][..], Vec::as_slice);
            let names: BTreeSet<String> = entries.iter().filter_map(packs::called).collect();
            for name in names {
                let place = line(&texts, section, &name).unwrap_or_default();
                let obeys =
                    CODE.iter().find(|(of, _)| *of == section).map_or_else(|| asks(&code, &name), |(_, c)| (*c).into());
                let mut tests = Vec::new();
                if examples.contains(&format!("\"{name}\"")) {
                    tests.push(format!("`{pack}::examples`"));
                }
                let made = include_str!("generated.rs");
                let named = made.contains(&format!("(\"{name}\")")) || made.contains(&format!(", \"{name}\", "));
                let counted = section != "parameter" || named;
                if let Some((_, made)) = TESTS.iter().find(|(of, _)| *of == section && counted) {
                    tests.push(format!("`generated::{pack}::{made}`"));
                }
                let ids: Vec<String> = scenarios
                    .iter()
                    .filter(|scenario| scenario.rules.contains(&name))
                    .map(|scenario| match &scenario.case {
                        Some(case) => format!("{}/{case}", scenario.id),
                        None => scenario.id.clone(),
                    })
                    .collect();
                let _ = writeln!(
                    page,
                    "| `{name}` | {pack}/{place} | {obeys} | {} | {} |",
                    tests.join(", "),
                    ids.join(", ")
                );
            }
        }
    }
    Ok(page)
}

fn check() -> Result<(), String> {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../docs/conformance.md");
    let printed = page()?;
    if std::env::var_os("HUIYIN_WRITE").is_some() {
        std::fs::write(&path, &printed).map_err(|error| error.to_string())?;
    }
    let stored = std::fs::read_to_string(&path).map_err(|error| format!("docs/conformance.md: {error}"))?;
    if stored == printed {
        return Ok(());
    }
    Err("docs/conformance.md is not what the packs say; run this test with HUIYIN_WRITE=1".into())
}

/// The page is held to the packs.
pub fn trials() -> Vec<Trial> {
    vec![Trial::test("conformance::the_page_is_what_the_packs_say", || check().map_err(Failed::from))]
}
