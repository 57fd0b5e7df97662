//! The real program, run on folders of its own.
#![allow(dead_code, clippy::unwrap_used, reason = "each test file uses a part of it; one that cannot go on has failed")]

use std::{
    io::{BufRead, BufReader},
    net::TcpListener,
    path::Path,
    process::{Child, Command, Output, Stdio},
    time::{Duration, Instant},
};

use serde_json::Value;

/// The program with no setting of the environment but its own.
pub fn huiyin() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_huiyin"));
    for (name, _) in std::env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("HUIYIN_")) {
        command.env_remove(name);
    }
    command.env("HUIYIN_METRICS_LISTEN", "off").stdin(Stdio::null());
    command
}

/// Runs it to its end.
pub fn run(folder: &Path, arguments: &[&str]) -> Ran {
    let Output { status, stdout, stderr } = huiyin().current_dir(folder).args(arguments).output().unwrap();
    Ran {
        code: status.code().unwrap(),
        stdout: String::from_utf8(stdout).unwrap(),
        stderr: String::from_utf8(stderr).unwrap(),
    }
}

/// How a run ended.
#[derive(Debug)]
pub struct Ran {
    pub code: i32,
    pub stdout: String,
    pub stderr: String,
}

impl Ran {
    /// The one document on standard output.
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.stdout).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }

    /// It could not run, said why, and printed no result.
    pub fn is_refused(&self, why: &str) {
        assert_eq!(self.code, 2, "{self:?}");
        assert!(self.stderr.contains(why), "{self:?}");
        assert_eq!(self.stdout, "", "{self:?}");
    }

    /// It ran; the answer is yes.
    pub fn is_done(&self) -> &Self {
        assert_eq!(self.code, 0, "{self:?}");
        self
    }
}

/// A server on a port of its own, stopped with the test.
pub struct Server {
    child: Child,
    pub address: String,
}

/// Longer than any machine needs: reached only when something hangs.
const PATIENCE: Duration = Duration::from_secs(120);

impl Server {
    /// Starts one on a folder and waits until it is ready.
    pub fn start(folder: &Path, arguments: &[&str]) -> Self {
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let address = format!("127.0.0.1:{port}");
        let child = huiyin()
            .current_dir(folder)
            .args(["serve", "--listen", &address])
            .args(arguments)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut server = Self { child, address };
        let began = Instant::now();
        while server.get("/readyz").is_none_or(|(status, _)| status != 200) {
            if let Some(status) = server.child.try_wait().unwrap() {
                panic!("it ended with {status}: {}", server.said());
            }
            assert!(began.elapsed() < PATIENCE, "it is not ready");
            std::thread::sleep(Duration::from_millis(50));
        }
        server
    }

    fn said(&mut self) -> String {
        self.child.stderr.take().map(|stderr| std::io::read_to_string(stderr).unwrap()).unwrap_or_default()
    }

    /// Status and body of a path, if it answers.
    pub fn get(&self, path: &str) -> Option<(u16, String)> {
        http(&self.address, &format!("GET {path} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n\r\n", self.address))
    }

    /// The process id.
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Sends a signal.
    pub fn signal(&self, signal: &str) {
        let status = Command::new("kill").args([signal, &self.child.id().to_string()]).status().unwrap();
        assert!(status.success());
    }

    /// Waits for its end; gives the exit code and what it logged.
    pub fn ended(mut self) -> (Option<i32>, String) {
        let began = Instant::now();
        loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                return (status.code(), self.said());
            }
            assert!(began.elapsed() < PATIENCE, "it does not end");
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// The first lines it printed.
    pub fn printed(&mut self, until: &str) -> String {
        let mut text = String::new();
        let mut lines = BufReader::new(self.child.stdout.take().unwrap()).lines();
        while let Some(Ok(line)) = lines.next() {
            text.push_str(&line);
            text.push('\n');
            if line.contains(until) {
                break;
            }
        }
        text
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Status and body of a request, if somebody answers.
pub fn http(address: &str, request: &str) -> Option<(u16, String)> {
    use std::io::{Read, Write};
    let mut stream = std::net::TcpStream::connect(address).ok()?;
    stream.set_read_timeout(Some(PATIENCE)).ok()?;
    stream.write_all(request.as_bytes()).ok()?;
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).ok()?;
    let answer = String::from_utf8_lossy(&answer).into_owned();
    let status = answer.split(' ').nth(1)?.parse().ok()?;
    Some((status, answer.split_once("\r\n\r\n").map(|(_, body)| body.to_owned()).unwrap_or_default()))
}
