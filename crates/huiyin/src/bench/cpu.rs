//! What the operating system says was used.

use std::{fs, path::Path};

/// Nanoseconds on a processor, by the scheduler's account of a thread.
fn used(schedstat: &Path) -> u64 {
    let text = fs::read_to_string(schedstat).unwrap_or_default();
    text.split_whitespace().next().and_then(|first| first.parse().ok()).unwrap_or(0)
}

/// The thread this is called on.
pub(super) fn this_thread() -> u64 {
    let link = fs::read_link("/proc/thread-self").unwrap_or_default();
    link.file_name().and_then(|name| name.to_str()?.parse().ok()).unwrap_or(0)
}

/// Nanoseconds used by this process, but for some threads, and by some others.
pub(super) fn nanoseconds(but: &[u64], others: &[u64]) -> u64 {
    let threads = fs::read_dir("/proc/self/task").into_iter().flatten().flatten();
    let own: u64 = threads
        .filter(|entry| {
            entry.file_name().to_str().and_then(|name| name.parse().ok()).is_some_and(|id| !but.contains(&id))
        })
        .map(|entry| used(&entry.path().join("schedstat")))
        .sum();
    own + others.iter().map(|pid| used(Path::new(&format!("/proc/{pid}/schedstat")))).sum::<u64>()
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
