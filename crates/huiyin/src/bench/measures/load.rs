//! Many at once: what comes through beside what the driver, or the server itself, could do at best.

use std::{
    path::{Path, PathBuf},
    process::Command,
    sync::{
        Arc, Barrier,
        atomic::{AtomicUsize, Ordering},
    },
    time::Instant,
};

use anyhow::{Context, Result, bail};
use huiyin_store::{Db, Options, bench::Tape};

use super::{Bench, SMALL, matter};
use crate::bench::{
    Bar, Figure,
    client::{Client, Request},
    world,
};

const CLIENTS: usize = 16;
/// Registrations of one run.
const ORDERS: usize = 4_000;

/// Registers orders from many clients at once; gives how many a second.
fn rush(bench: &Bench, count: usize) -> Result<f64> {
    let city = bench.city(SMALL)?;
    let (address, who) = (city.address, city.who.agent.clone());
    let (next, start) = (Arc::new(AtomicUsize::new(0)), Arc::new(Barrier::new(CLIENTS + 1)));
    let threads: Vec<_> = (0..CLIENTS)
        .map(|_| {
            let (who, next, start) = (who.clone(), Arc::clone(&next), Arc::clone(&start));
            std::thread::spawn(move || -> Result<()> {
                let client = Client::connect(address);
                start.wait();
                let mut client = client?;
                loop {
                    let n = next.fetch_add(1, Ordering::Relaxed);
                    if n >= count {
                        return Ok(());
                    }
                    client.send(&Request::post("/api/v1/orders", &who, &matter(n)))?.json()?;
                }
            })
        })
        .collect();
    start.wait();
    let began = Instant::now();
    for thread in threads {
        thread.join().map_err(|_| anyhow::anyhow!("a client panicked"))??;
    }
    Ok(count as f64 / began.elapsed().as_secs_f64())
}

/// Registering from 16 clients, beside the best there is.
pub(in crate::bench) fn clients(bench: &mut Bench) -> Result<Vec<Figure>> {
    bench.need(SMALL)?;
    rush(bench, 500)?;
    Tape::start(&bench.city(SMALL)?.app.db);
    let taped = rush(bench, ORDERS / 2);
    // Leases of numbers and the like are shorter.
    let tape = Tape::stop(&bench.city(SMALL)?.app.db).longer_than(4);
    taped?;
    if tape.len() < ORDERS / 4 {
        bail!("only {} registrations were kept", tape.len());
    }
    if let Some(url) = &bench.postgres { beside_pgbench(bench, url, &tape) } else { beside_bare_loop(bench, &tape) }
}

/// In turn, so that whatever else the machine does falls on both.
fn beside_bare_loop(bench: &Bench, tape: &Tape) -> Result<Vec<Figure>> {
    let (mut ours, mut bare) = (Vec::new(), Vec::new());
    for round in 0..3 {
        let folder = bench.folder.join(format!("bare-{round}"));
        std::fs::create_dir_all(&folder)?;
        let took = bench.runtime.block_on(async {
            let db = Db::open(&world::sqlite(&folder), Options::default()).await?;
            db.migrate().await?;
            let took = tape.replay(&db, CLIENTS).await?;
            db.close().await;
            Ok::<_, huiyin_store::StoreError>(took)
        })?;
        bare.push(tape.len() as f64 / took.as_secs_f64());
        std::fs::remove_dir_all(&folder)?;
        ours.push(rush(bench, tape.len())?);
    }
    let (ours, bare) = (median(ours), median(bare));
    let note = format!("{ours:.0} a second through HTTP, {bare:.0} in a bare loop of {CLIENTS} to a commit");
    Ok(vec![
        Figure::new("register at 16 clients over a bare loop", ours / bare, "×", Some(Bar::AtLeast(0.5))).note(note),
    ])
}

fn beside_pgbench(bench: &Bench, url: &str, tape: &Tape) -> Result<Vec<Figure>> {
    let program = pgbench().context("no pgbench is installed in /usr/lib/postgresql")?;
    std::fs::create_dir_all(&bench.folder)?;
    let script = bench.folder.join("pgbench.sql");
    std::fs::write(&script, tape.script())?;
    let (mut ours, mut theirs) = (Vec::new(), Vec::new());
    // Ids that no run before has used.
    let mut used = std::time::UNIX_EPOCH.elapsed().map_or(0, |since| since.as_secs()) % 1_000_000 * 1_000;
    for _ in 0..3 {
        theirs.push(run_pgbench(&program, url, &script, used)?);
        used += 100_000;
        ours.push(rush(bench, tape.len())?);
    }
    let (ours, theirs) = (median(ours), median(theirs));
    let note = format!("{ours:.0} a second through HTTP, {theirs:.0} transactions of pgbench with the same rows");
    Ok(vec![Figure::new("register at 16 clients over pgbench", ours / theirs, "×", Some(Bar::AtLeast(0.4))).note(note)])
}

fn pgbench() -> Option<PathBuf> {
    let versions = std::fs::read_dir("/usr/lib/postgresql").ok()?.flatten();
    let mut found: Vec<PathBuf> =
        versions.map(|entry| entry.path().join("bin/pgbench")).filter(|path| path.is_file()).collect();
    found.sort();
    found.pop()
}

fn run_pgbench(program: &Path, url: &str, script: &Path, from: u64) -> Result<f64> {
    let clients = CLIENTS.to_string();
    let said = Command::new(program)
        .args(["-n", "-M", "prepared", "-j", "2", "-T", "6", "-c", &clients, "-D", &format!("n={from}"), "-f"])
        .arg(script)
        .arg(url)
        .output()
        .context("pgbench cannot be started")?;
    let text = String::from_utf8_lossy(&said.stdout).into_owned();
    let rate = text.lines().find_map(|line| line.strip_prefix("tps = ")?.split(' ').next()?.parse().ok());
    rate.filter(|_| said.status.success()).with_context(|| {
        let fault: String = String::from_utf8_lossy(&said.stderr).chars().take(600).collect();
        format!("pgbench failed: {fault}")
    })
}

fn median(mut of: Vec<f64>) -> f64 {
    of.sort_by(f64::total_cmp);
    of[of.len() / 2]
}
