//! What the operating system says was used.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

/// Nanoseconds on a processor, by the scheduler's account of a thread.
fn used(schedstat: &Path) -> u64 {
    let text = fs::read_to_string(schedstat).unwrap_or_default();
    text.split_whitespace().next().and_then(|first| first.parse().ok()).unwrap_or(0)
}

/// The thread this is called on.
fn this_thread() -> u64 {
    let link = fs::read_link("/proc/thread-self").unwrap_or_default();
    link.file_name().and_then(|name| name.to_str()?.parse().ok()).unwrap_or(0)
}

/// Processor time of this process, but for some threads, and of some other processes.
#[derive(Debug)]
pub(super) struct Account {
    but: Vec<u64>,
    others: Vec<u64>,
    /// What each thread and process had used when it was last looked at: those that have ended keep it.
    seen: BTreeMap<PathBuf, u64>,
}

impl Account {
    /// An account without the thread it is opened on.
    pub(super) fn open(others: &[u64]) -> Self {
        Self { but: vec![this_thread()], others: others.to_vec(), seen: BTreeMap::new() }
    }

    /// Nanoseconds used until now; only differences mean anything.
    pub(super) fn nanoseconds(&mut self) -> u64 {
        let threads = fs::read_dir("/proc/self/task").into_iter().flatten().flatten().filter(|entry| {
            entry.file_name().to_str().and_then(|name| name.parse().ok()).is_some_and(|id| !self.but.contains(&id))
        });
        let others = self.others.iter().map(|pid| PathBuf::from(format!("/proc/{pid}")));
        for path in threads.map(|entry| entry.path()).chain(others).collect::<Vec<_>>() {
            let used = used(&path.join("schedstat"));
            let seen = self.seen.entry(path).or_default();
            *seen = used.max(*seen);
        }
        self.seen.values().sum()
    }
}

fn parent(pid: u64) -> Option<u64> {
    let text = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    // The name in parentheses may hold anything.
    text.rsplit_once(')')?.1.split_whitespace().nth(1)?.parse().ok()
}

/// The processes of the database server that this one belongs to: the one above it and all below that.
pub(super) fn server_of(backend: u64) -> Vec<u64> {
    let Some(above) = parent(backend).filter(|above| *above > 1) else { return Vec::new() };
    let all = fs::read_dir("/proc").into_iter().flatten().flatten();
    let ids = all.filter_map(|entry| entry.file_name().to_str()?.parse::<u64>().ok());
    ids.filter(|pid| *pid == above || parent(*pid) == Some(above)).collect()
}

/// Memory a process holds, in MiB, and the most it ever held.
pub(super) fn memory(pid: u32) -> (f64, f64) {
    let text = fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
    let field = |name: &str| {
        let line = text.lines().find_map(|line| line.strip_prefix(name));
        line.and_then(|rest| rest.trim_start_matches(':').split_whitespace().next()?.parse::<f64>().ok()).unwrap_or(0.0)
            / 1024.0
    };
    (field("VmRSS"), field("VmHWM"))
}

/// Bytes free where a folder lies.
pub(super) fn free(folder: &Path) -> Option<u64> {
    let said = std::process::Command::new("df").args(["-Pk", "--"]).arg(folder).output().ok()?;
    let text = String::from_utf8(said.stdout).ok()?;
    text.lines().nth(1)?.split_whitespace().nth(3)?.parse::<u64>().ok().map(|kib| kib * 1024)
}
