//! Exit codes, and what goes where.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod program;

use program::run;

fn folder() -> tempfile::TempDir {
    tempfile::tempdir().unwrap()
}

#[test]
fn wrong_use_is_two_and_help_is_zero() {
    let folder = folder();
    for wrong in [
        &["nonsense"][..],
        &[],
        &["policy", "due"],
        &["token", "add", "--user", "x", "--scope", "orders:all"],
        &["token", "add", "--user", "x"],
        &["token", "add", "--user", "x", "--scope", "admin", "--until", "31.12.2026"],
        &["user", "add", "x", "--name", "X", "--unit", "office", "--role", "king"],
        &["restore"],
    ] {
        let ran = run(folder.path(), wrong);
        assert_eq!((ran.code, ran.stdout.as_str()), (2, ""), "{ran:?}");
        assert!(!ran.stderr.is_empty());
    }
    for fine in [&["--help"][..], &["--version"], &["policy", "due", "--help"]] {
        let ran = run(folder.path(), fine);
        assert!(ran.is_done().stderr.is_empty() && !ran.stdout.is_empty(), "{ran:?}");
    }
}

#[test]
fn what_cannot_run_is_two_and_makes_nothing() {
    let folder = folder();
    for command in [&["doctor"][..], &["audit", "verify"], &["backup", "out"], &["export", "out"], &["token", "list"]] {
        run(folder.path(), command).is_refused("there is no database");
    }
    run(folder.path(), &["restore", "nowhere"]).is_refused("nowhere");
    run(folder.path(), &["intake", "nowhere.jsonl"]).is_refused("nowhere.jsonl");
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
    run(folder.path(), &["migrate", "--config", "nowhere.toml"]).is_refused("nowhere.toml");
    std::fs::write(folder.path().join("huiyin.toml"), "listn = \"127.0.0.1:1\"\n").unwrap();
    let ran = run(folder.path(), &["migrate"]);
    ran.is_refused("`listn`");
    assert!(ran.stderr.contains("huiyin.toml"), "{ran:?}");
}

#[test]
fn the_environment_stands_over_the_file_and_flags_over_both() {
    let folder = folder();
    std::fs::write(folder.path().join("own.toml"), "listen = \"127.0.0.1:1\"\ndata_dir = \"a\"\npack = \"sanya\"\n")
        .unwrap();
    let mut command = program::huiyin();
    command
        .current_dir(folder.path())
        .env("HUIYIN_LISTEN", "127.0.0.1:2")
        .env("HUIYIN_DATA_DIR", "b")
        .env("HUIYIN_CONFIG", "own.toml");
    let output = command.args(["serve", "--print-config", "--data-dir", "c"]).output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success(), "{text}");
    assert!(text.contains("\nlisten = \"127.0.0.1:2\"\n"), "{text}");
    assert!(text.contains("\ndata_dir = \"c\"\n"), "{text}");
    assert!(text.contains("# default: \"127.0.0.1:12345\""), "{text}");
}

#[test]
fn a_person_a_token_and_a_register_are_entered_beside_a_server() {
    let folder = folder();
    let server = program::Server::start(folder.path(), &[]);
    let add = ["user", "add", "chief", "--name", "测试员", "--unit", "office", "--role", "admin", "--json"];
    let added = run(folder.path(), &add).is_done().json();
    assert_eq!(added["login"], "chief");
    assert!(added["password"].as_str().unwrap().len() >= 10);
    run(folder.path(), &add).is_refused("chief");
    let token = run(folder.path(), &["token", "add", "--user", "chief", "--scope", "orders:read", "admin"]);
    assert!(token.is_done().stdout.starts_with("hy_"), "only the token is on standard output: {token:?}");
    assert_eq!(token.stdout.lines().count(), 1);
    let listed = run(folder.path(), &["token", "list", "--json"]).is_done().json();
    let id = listed["tokens"][0]["id"].as_str().unwrap().to_owned();
    assert!(!listed.to_string().contains(token.stdout.trim()), "its text is shown once");
    run(folder.path(), &["token", "revoke", &id]).is_done();
    let listed = run(folder.path(), &["token", "list", "--json"]).is_done().json();
    assert!(listed["tokens"][0]["revoked_at"].is_string());
    run(folder.path(), &["token", "revoke", "none"]).is_refused("none");

    let table = folder.path().join("people.csv");
    std::fs::write(&table, "unit,login,name,role,position\nhousing,zhang,张某,officer,handler\n").unwrap();
    let dry = run(folder.path(), &["org", "import", "people.csv", "--json"]).is_done().json();
    assert_eq!((dry["applied"].as_bool(), dry["faults"].as_array().unwrap().len()), (Some(false), 0), "{dry}");
    let applied = run(folder.path(), &["org", "import", "people.csv", "--apply", "--json"]).is_done().json();
    assert_eq!(applied["applied"], true);
    std::fs::write(&table, "unit,login,name,role,position\nno-such-unit,li,李某,officer,handler\n").unwrap();
    let faulty = run(folder.path(), &["org", "import", "people.csv", "--apply"]);
    assert_eq!(faulty.code, 1, "{faulty:?}");
    assert!(faulty.stdout.contains("people.csv:2:"), "{faulty:?}");
    drop(server);
}

#[test]
fn data_is_proved_sound_and_moves_to_another_folder() {
    let (old, new) = (folder(), folder());
    let rows: String =
        (0..20).map(|n| format!("{{\"id\":\"m{n}\",\"title\":\"路灯不亮\",\"body\":\"第{n}盏\"}}\n")).collect();
    std::fs::write(old.path().join("rows.jsonl"), rows).unwrap();
    run(old.path(), &["intake", "rows.jsonl"]).is_done();
    let sound = run(old.path(), &["audit", "verify", "--city", "sanya", "--json"]).is_done().json();
    assert_eq!((sound["ok"].as_bool(), sound["orders"].as_u64()), (Some(true), Some(20)));
    let doctor = run(old.path(), &["doctor", "--json"]);
    assert_eq!(doctor.is_done().json()["orders"], 20);
    run(old.path(), &["audit", "verify", "--city", "haikou"]).is_refused("sanya");

    let backup = old.path().join("out");
    let backup = backup.to_str().unwrap();
    let made = run(old.path(), &["backup", backup]);
    assert!(made.is_done().stderr.contains("master key"), "{made:?}");
    run(old.path(), &["backup", backup]).is_refused("not empty");
    assert!(!std::path::Path::new(backup).join("key").exists());

    let restored = run(new.path(), &["restore", backup]);
    assert!(restored.is_done().stderr.contains("key file"), "{restored:?}");
    run(new.path(), &["audit", "verify"]).is_refused("does not exist");
    run(new.path(), &["restore", backup]).is_refused("empty");
    std::fs::copy(old.path().join("data/key"), new.path().join("data/key")).unwrap();
    assert_eq!(run(new.path(), &["audit", "verify", "--json"]).is_done().json(), sound);

    let (one, two) = (old.path().join("one"), new.path().join("two"));
    run(old.path(), &["export", one.to_str().unwrap()]).is_done();
    run(new.path(), &["export", two.to_str().unwrap()]).is_done();
    for entry in std::fs::read_dir(&one).unwrap() {
        let name = entry.unwrap().file_name();
        assert!(std::fs::read(one.join(&name)).unwrap() == std::fs::read(two.join(&name)).unwrap(), "{name:?} differs");
    }
}

#[test]
fn a_change_behind_the_back_is_one() {
    let folder = folder();
    std::fs::write(folder.path().join("rows.jsonl"), "{\"id\":1,\"body\":\"井盖破损\"}\n").unwrap();
    run(folder.path(), &["intake", "rows.jsonl"]).is_done();
    let out = folder.path().join("out");
    run(folder.path(), &["export", out.to_str().unwrap()]).is_done();
    // The text of a content is changed in the export, its digest in the manifest put right.
    let content = out.join("content.jsonl");
    let manifest = out.join("manifest.json");
    let (text, listed) = (std::fs::read_to_string(&content).unwrap(), std::fs::read_to_string(&manifest).unwrap());
    let body = hex("井盖破损");
    let changed = text.replace(&body, &hex("井盖完好"));
    assert!(changed != text, "the text stands in the export");
    std::fs::write(&content, &changed).unwrap();
    std::fs::write(&manifest, listed.replace(&digest(text.as_bytes()), &digest(changed.as_bytes()))).unwrap();
    let target = tempfile::tempdir().unwrap();
    run(target.path(), &["import", out.to_str().unwrap()]).is_done();
    std::fs::copy(folder.path().join("data/key"), target.path().join("data/key")).unwrap();
    let audit = run(target.path(), &["audit", "verify", "--json"]);
    assert_eq!(audit.code, 1, "{audit:?}");
    assert_eq!(audit.json()["ok"], false);
}

fn hex(text: &str) -> String {
    text.bytes().map(|byte| format!("{byte:02x}")).collect()
}

fn digest(bytes: &[u8]) -> String {
    use sha2::{Digest, Sha256};
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}
