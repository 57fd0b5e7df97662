//! The server as it is started and stopped.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod program;

use std::{
    io::Write,
    net::{TcpListener, TcpStream},
    path::Path,
};

use program::{Server, run};

#[test]
fn it_answers_and_ends_when_asked_to() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start(folder.path(), &[]);
    assert_eq!(server.get("/healthz").unwrap().0, 200);
    assert_eq!(server.get("/readyz").unwrap().0, 200);
    let data = folder.path().join("data");
    assert!(data.join("huiyin.db").exists() && data.join("key").exists());
    server.signal("-TERM");
    let (code, said) = server.ended();
    assert_eq!(code, Some(0), "{said}");
    assert!(said.contains("stopped"), "{said}");
    assert!(!data.join("huiyin.db-wal").exists(), "the log is written back");
}

#[test]
fn what_is_being_answered_is_finished() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start(folder.path(), &[]);
    // Half a request keeps its connection; one that never ends does not keep the server for ever.
    let mut slow = TcpStream::connect(&server.address).unwrap();
    slow.write_all(b"GET /healthz HTTP/1.1\r\nHost: x\r\n").unwrap();
    server.signal("-TERM");
    slow.write_all(b"Connection: close\r\n\r\n").unwrap();
    let mut answer = String::new();
    std::io::Read::read_to_string(&mut slow, &mut answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 200") || answer.is_empty(), "{answer}");
    let (code, said) = server.ended();
    assert_eq!(code, Some(0), "{said}");
}

#[test]
fn a_second_server_on_the_same_folder_is_told_who_runs() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start(folder.path(), &[]);
    let second = run(folder.path(), &["serve", "--listen", "127.0.0.1:0"]);
    second.is_refused(&format!("pid {}", server.pid()));
    run(folder.path(), &["work"]).is_refused("another huiyin");
    run(folder.path(), &["migrate"]).is_refused("another huiyin");
    assert_eq!(server.get("/healthz").unwrap().0, 200);
    // Killed, it leaves nothing in the way of the next.
    server.signal("-KILL");
    server.ended();
    Server::start(folder.path(), &[]);
}

#[test]
fn a_port_in_use_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    run(folder.path(), &["serve", "--listen", &address]).is_refused(&address);
    run(folder.path(), &["serve", "--listen", "nowhere"]).is_refused("nowhere");
}

#[test]
fn another_key_or_none_does_not_open_the_data() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start(folder.path(), &[]);
    server.signal("-TERM");
    server.ended();
    let key = folder.path().join("data/key");
    let own = std::fs::read_to_string(&key).unwrap();
    let start = || run(folder.path(), &["serve", "--listen", "127.0.0.1:0"]);

    std::fs::remove_file(&key).unwrap();
    start().is_refused("does not exist");
    assert!(!key.exists(), "no new key is made for data that has one");

    let other = tempfile::tempdir().unwrap();
    Server::start(other.path(), &[]);
    std::fs::copy(other.path().join("data/key"), &key).unwrap();
    start().is_refused("HUIYIN_KEY_FILE");

    std::fs::write(&key, own).unwrap();
    open_to_all(&key);
    start().is_refused("chmod 600");
}

fn open_to_all(path: &Path) {
    use std::os::unix::fs::PermissionsExt;
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o644)).unwrap();
}

#[test]
fn a_database_that_does_not_answer_ends_the_start() {
    let folder = tempfile::tempdir().unwrap();
    let nobody = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let output = program::huiyin()
        .current_dir(folder.path())
        .env("HUIYIN_DATABASE_URL", format!("postgres://huiyin:geheim@{nobody}/huiyin"))
        .env("HUIYIN_DATABASE_WAIT_SECONDS", "1")
        .args(["serve", "--listen", "127.0.0.1:0"])
        .output()
        .unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(2), "{said}");
    assert!(said.contains("PostgreSQL does not answer") && !said.contains("geheim"), "{said}");
}

#[test]
fn the_demonstration_fills_an_empty_folder_once() {
    let folder = tempfile::tempdir().unwrap();
    let mut server = Server::start(folder.path(), &["--demo"]);
    let greeting = server.printed("Each unit at work");
    for login in
        ["agent", "office", "subcentre", "officer", "leader", "callback", "editor", "supervisor", "mayor", "admin"]
    {
        assert!(greeting.contains(&format!("  {login} ")), "{login}: {greeting}");
    }
    assert!(greeting.contains("huiyin-demo") && greeting.contains(&server.address), "{greeting}");
    let examined = run(folder.path(), &["doctor", "--json"]).is_done().json();
    assert!(examined["orders"].as_u64().unwrap() >= 60, "{examined}");
    run(folder.path(), &["audit", "verify"]).is_done();
    server.signal("-TERM");
    assert_eq!(server.ended().0, Some(0));

    let server = Server::start(folder.path(), &["--demo"]);
    let again = run(folder.path(), &["doctor", "--json"]).is_done().json();
    assert_eq!(again["orders"], examined["orders"]);
    drop(server);
}

#[test]
fn the_demonstration_leaves_other_data_alone() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("rows.jsonl"), "{\"id\":1,\"body\":\"井盖破损\"}\n").unwrap();
    run(folder.path(), &["intake", "rows.jsonl"]).is_done();
    run(folder.path(), &["serve", "--demo", "--listen", "127.0.0.1:0"]).is_refused("empty folder");
}
