//! The shape of the workspace: which crate may name what, and under which licences everything comes.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::{collections::BTreeMap, process::Command};

use serde_json::Value;

fn metadata() -> Value {
    let output = Command::new(env!("CARGO"))
        .args(["metadata", "--format-version", "1", "--locked", "--offline"])
        .current_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/../.."))
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

/// What each of our crates names, outside its tests.
fn named(metadata: &Value) -> BTreeMap<String, Vec<String>> {
    let members: Vec<&str> =
        metadata["workspace_members"].as_array().unwrap().iter().filter_map(Value::as_str).collect();
    metadata["packages"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|package| members.contains(&package["id"].as_str().unwrap()))
        .map(|package| {
            let names = package["dependencies"]
                .as_array()
                .unwrap()
                .iter()
                .filter(|dependency| dependency["kind"].is_null())
                .map(|dependency| dependency["name"].as_str().unwrap().to_owned())
                .collect();
            (package["name"].as_str().unwrap().to_owned(), names)
        })
        .collect()
}

#[test]
fn crates_depend_in_one_direction() {
    let named = named(&metadata());
    let ours = |name: &str| -> Vec<&str> {
        named[name].iter().filter(|name| name.starts_with("huiyin")).map(String::as_str).collect()
    };
    let none: &[&str] = &[];
    assert_eq!(ours("huiyin-core"), none);
    assert_eq!(ours("huiyin-store"), ["huiyin-core"]);
    assert_eq!(ours("huiyin-app"), ["huiyin-core", "huiyin-store"]);
    assert!(ours("huiyin-channels").iter().all(|name| ["huiyin-app", "huiyin-core"].contains(name)));
    assert!(ours("huiyin-http").iter().all(|name| ["huiyin-app", "huiyin-channels", "huiyin-core"].contains(name)));
}

#[test]
fn what_is_fenced_stays_in_its_crate() {
    let named = named(&metadata());
    for (library, home) in [
        ("sqlx", "huiyin-store"),
        ("axum", "huiyin-http"),
        ("askama", "huiyin-http"),
        ("reqwest", "huiyin-channels"),
        ("lettre", "huiyin-channels"),
        ("argon2", "huiyin-app"),
    ] {
        for (name, names) in &named {
            assert!(name == home || !names.iter().any(|name| name == library), "`{name}` names `{library}`");
        }
    }
    let allowed = ["jiff", "serde", "serde_json", "thiserror", "toml"];
    for name in &named["huiyin-core"] {
        assert!(allowed.contains(&name.as_str()), "the core names `{name}`: it may know no I/O, clock or chance");
    }
}

#[test]
fn every_licence_is_permissive_or_mpl() {
    let allowed = [
        "MIT",
        "Apache-2.0",
        "Apache-2.0 WITH LLVM-exception",
        "BSD-2-Clause",
        "BSD-3-Clause",
        "ISC",
        "MPL-2.0",
        "Zlib",
        "0BSD",
        "Unlicense",
        "CC0-1.0",
        "Unicode-3.0",
        "BSL-1.0",
        "CDLA-Permissive-2.0",
        "MIT-0",
        "OpenSSL",
    ];
    for package in metadata()["packages"].as_array().unwrap() {
        let name = package["name"].as_str().unwrap();
        let licence = package["license"].as_str().unwrap_or_else(|| panic!("`{name}` names no licence"));
        // One of the alternatives must be allowed whole.
        let fits = licence.replace('/', " OR ").split(" OR ").any(|choice| {
            choice
                .trim_matches(|c| matches!(c, '(' | ')' | ' '))
                .split(" AND ")
                .all(|part| allowed.contains(&part.trim_matches(|c| matches!(c, '(' | ')' | ' '))))
        });
        assert!(fits, "`{name}` is under `{licence}`");
    }
}

#[test]
fn one_sqlite_is_linked() {
    let metadata = metadata();
    let count = metadata["packages"].as_array().unwrap().iter().filter(|p| p["name"] == "libsqlite3-sys").count();
    assert_eq!(count, 1);
}
