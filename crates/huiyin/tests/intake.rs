//! Rows taken in from a file: each once, whatever it holds.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod program;

use std::{fs::File, io::Write, path::Path};

use flate2::{Compression, write::GzEncoder};
use program::{Ran, run};

/// Nine rows that can be read and five that cannot, and a blank line, which is none.
fn sample() -> String {
    let mut text = String::from("\u{feff}");
    for n in 1..=8 {
        text.push_str(&format!(
            "{{\"id\":\"web-{n}\",\"title\":\"路灯不亮\",\"body\":\"小区门口第{n}盏路灯不亮。\",\"time\":\"2026-01-0{n}T08:30:00\",\"user\":\"u{n}\"}}\n"
        ));
    }
    text.push_str("{\"id\":9,\"body\":\"没有标题，也没有时间\",\"up\":3}\n\n");
    text.push_str("{\"id\":\"web-10\",\"title\":\"断在半\n");
    text.push_str("{\"title\":\"没有编号\",\"body\":\"……\"}\n");
    text.push_str(&format!("{{\"id\":\"web-12\",\"title\":\"太长\",\"body\":\"{}\"}}\n", "很".repeat(20_001)));
    text.push_str("{\"id\":\"web-13\",\"title\":\"时间不对\",\"body\":\"……\",\"time\":\"昨天\"}\n");
    text.push_str("{\"id\":\"web-14\",\"title\":\"\",\"body\":\"  \"}"); // nothing said, and no line end
    text
}

fn last_line(ran: &Ran) -> &str {
    ran.stderr.lines().last().unwrap_or_default()
}

fn orders(folder: &Path) -> u64 {
    run(folder, &["doctor", "--json"]).is_done().json()["orders"].as_u64().unwrap()
}

#[test]
fn each_row_is_taken_in_once_and_a_broken_one_waits() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("rows.jsonl"), sample()).unwrap();
    let first = run(folder.path(), &["intake", "rows.jsonl"]);
    assert_eq!(last_line(first.is_done()), "14 rows: 9 new, 0 already had, 5 set aside");
    assert_eq!(first.stdout, "");
    assert_eq!(orders(folder.path()), 9);
    let second = run(folder.path(), &["intake", "rows.jsonl", "--json"]);
    assert_eq!(last_line(second.is_done()), "14 rows: 0 new, 14 already had, 0 set aside");
    assert_eq!(second.json(), serde_json::json!({ "rows": 14, "new": 0, "had": 14, "set_aside": 0 }));
    assert_eq!(orders(folder.path()), 9);
    // By another channel they are other contacts.
    let other = run(folder.path(), &["intake", "rows.jsonl", "--channel", "wechat"]);
    assert_eq!(last_line(other.is_done()), "14 rows: 9 new, 0 already had, 5 set aside");
    assert_eq!(orders(folder.path()), 18);
    run(folder.path(), &["audit", "verify"]).is_done();
    run(folder.path(), &["intake", "rows.jsonl", "--channel", "pigeon"]).is_refused("pigeon");
}

#[test]
fn gzip_is_known_by_its_bytes() {
    let folder = tempfile::tempdir().unwrap();
    // Called as if it were plain.
    let mut packed = GzEncoder::new(File::create(folder.path().join("rows.jsonl")).unwrap(), Compression::fast());
    packed.write_all(sample().as_bytes()).unwrap();
    packed.finish().unwrap();
    let ran = run(folder.path(), &["intake", "rows.jsonl"]);
    assert_eq!(last_line(ran.is_done()), "14 rows: 9 new, 0 already had, 5 set aside");
}

#[test]
fn a_file_that_breaks_off_is_gone_on_with() {
    let folder = tempfile::tempdir().unwrap();
    let rows: String =
        (0..500).map(|n| format!("{{\"id\":\"r{n}\",\"body\":\"第{n}件，{:x}\"}}\n", n * 7919)).collect();
    let mut packed = GzEncoder::new(Vec::new(), Compression::fast());
    packed.write_all(rows.as_bytes()).unwrap();
    let packed = packed.finish().unwrap();
    let path = folder.path().join("rows.jsonl.gz");
    std::fs::write(&path, &packed[..packed.len() - 40]).unwrap();
    let cut = run(folder.path(), &["intake", "rows.jsonl.gz"]);
    cut.is_refused("damaged");
    let before = orders(folder.path());
    std::fs::write(&path, &packed).unwrap();
    let whole = run(folder.path(), &["intake", "rows.jsonl.gz"]);
    let left = 500 - before;
    assert_eq!(last_line(whole.is_done()), format!("500 rows: {left} new, {before} already had, 0 set aside"));
    assert_eq!(orders(folder.path()), 500);
}

#[test]
fn rows_are_taken_in_beside_a_server() {
    let folder = tempfile::tempdir().unwrap();
    let server = program::Server::start(folder.path(), &[]);
    std::fs::write(folder.path().join("rows.jsonl"), sample()).unwrap();
    let ran = run(folder.path(), &["intake", "rows.jsonl"]);
    assert_eq!(last_line(ran.is_done()), "14 rows: 9 new, 0 already had, 5 set aside");
    assert_eq!(server.get("/readyz").unwrap().0, 200);
}

/// Real messages where `HUIYIN_TEST_MESSAGES` names some; invented ones otherwise.
#[test]
fn a_stream_of_messages_is_taken_in_whole() {
    let folder = tempfile::tempdir().unwrap();
    let path = std::env::var("HUIYIN_TEST_MESSAGES").unwrap_or_else(|_| {
        let path = folder.path().join("messages.jsonl.gz");
        let mut packed = GzEncoder::new(File::create(&path).unwrap(), Compression::fast());
        for n in 0..1_000 {
            let body = format!("第{n}件：{}", "道路积水，车辆绕行。".repeat(1 + n % 90));
            writeln!(packed, "{}", serde_json::json!({ "id": format!("m{n}"), "title": "积水", "body": body }))
                .unwrap();
        }
        packed.finish().unwrap();
        path.to_str().unwrap().to_owned()
    });
    let text = std::io::read_to_string(flate2::read::MultiGzDecoder::new(File::open(&path).unwrap())).unwrap();
    let rows = text.lines().filter(|line| !line.trim().is_empty()).count();
    let first = run(folder.path(), &["intake", &path]);
    assert_eq!(last_line(first.is_done()), format!("{rows} rows: {rows} new, 0 already had, 0 set aside"));
    let second = run(folder.path(), &["intake", &path]);
    assert_eq!(last_line(second.is_done()), format!("{rows} rows: 0 new, {rows} already had, 0 set aside"));
    assert_eq!(orders(folder.path()), rows as u64);
    run(folder.path(), &["audit", "verify"]).is_done();
}
