//! What grows with the number of orders, and what must not.

use std::{
    io::{Read as _, Write as _},
    net::{SocketAddr, TcpStream},
    process::{Command, Stdio},
    sync::Arc,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, bail};
use huiyin_app::{App, jobs, ports::SetClock};
use huiyin_store::orders;

use super::{Bench, LARGE, SMALL, Series};
use crate::bench::{
    Bar, Figure,
    client::{Client, Request},
    cpu,
    world::{self, Who, World},
};

/// Lists of the office, as its people look at them.
pub(super) const FILTERS: &[&str] = &[
    "/api/v1/orders?limit=50&open=true",
    "/api/v1/orders?limit=50&state=assigned&kind=help",
    "/api/v1/orders?limit=50&state=assigned&urgency=urgent",
    "/api/v1/orders?limit=50&state=review",
    "/api/v1/orders?limit=50&state=callback&kind=complaint",
    "/api/v1/orders?limit=50&open=true&missed=true",
    "/api/v1/orders?limit=50&open=true&area=460203",
    "/api/v1/orders?limit=50&asked=extension",
    "/api/v1/orders?limit=50&sort=newest",
    "/api/v1/orders?limit=50&sort=newest&kind=consultation",
    "/api/v1/orders?limit=50&open=true&supervised=true",
    "/api/v1/orders?limit=50&holder=office",
];

/// Requests to two cities in turn, so that whatever else the machine does falls on both.
fn in_turn(bench: &Bench, sides: [(usize, &dyn Fn(usize) -> Request); 2], count: usize) -> Result<[Series; 2]> {
    let mut clients = Vec::new();
    for (which, _) in &sides {
        clients.push(Client::connect(bench.city(*which)?.address)?);
    }
    let mut taken = [0, 1].map(|_| Series { cpu: 0.0, statements: 0.0, took: Vec::new(), bytes: 0.0 });
    for round in 0..2 * count {
        for (side, (_, request)) in sides.iter().enumerate() {
            let request = request(round);
            let answer = clients[side].send(&request)?;
            if answer.status >= 300 {
                bail!("`{}` answered {}: {}", request.path, answer.status, String::from_utf8_lossy(&answer.body));
            }
            // Everything is asked for once before it counts.
            if round >= count {
                taken[side].took.push(answer.took);
            }
        }
    }
    Ok(taken)
}

fn ratio(name: &str, over: &Series, under: &Series, most: f64) -> Figure {
    let (over, under) =
        ([over.percentile(50.0), over.percentile(99.0)], [under.percentile(50.0), under.percentile(99.0)]);
    let note = format!("p99 {:.2} ms over {:.2} ms; p50 {:.2} ms over {:.2} ms", over[1], under[1], over[0], under[0]);
    Figure::new(name, over[1] / under[1], "×", Some(Bar::AtMost(most))).note(note)
}

/// One filter of several, told beside the figure of all of them; it has no bar of its own.
fn each(path: &str, over: &Series, under: &Series) -> Figure {
    let name = format!("  {}", path.replace("/api/v1/orders?limit=50&", ""));
    Figure { bar: None, passes: None, ..ratio(&name, over, under, 1.0) }
}

/// Pages of a large city beside those of a small one; of a unit beside those of the office.
pub(in crate::bench) fn pages(bench: &mut Bench) -> Result<Vec<Figure>> {
    bench.need(SMALL)?;
    bench.need(LARGE)?;
    let count = bench.requests.max(600);
    let mut figures = Vec::new();
    let who = [bench.city(SMALL)?.who.clone(), bench.city(LARGE)?.who.clone()];
    let many = format!("{} over {} orders", bench.plans[LARGE].orders, bench.plans[SMALL].orders);
    let list = |side: usize| {
        let office = &who[side].office;
        move |n: usize| Request::get(FILTERS[n % FILTERS.len()], office)
    };
    let [small, large] = in_turn(bench, [(SMALL, &list(SMALL)), (LARGE, &list(LARGE))], count)?;
    figures.push(ratio(&format!("queue, {many}"), &large, &small, 2.0));
    for filter in FILTERS {
        let one = |side: usize| {
            let office = &who[side].office;
            move |_: usize| Request::get(*filter, office)
        };
        let [small, large] = in_turn(bench, [(SMALL, &one(SMALL)), (LARGE, &one(LARGE))], 60)?;
        figures.push(each(filter, &large, &small));
    }
    let orders =
        [SMALL, LARGE].map(|which| bench.city(which).and_then(|city| bench.runtime.block_on(city.sample(count))));
    let [small_orders, large_orders] = orders;
    let orders = [small_orders?, large_orders?];
    let one = |side: usize| {
        let (office, orders) = (&who[side].office, &orders[side]);
        move |n: usize| Request::get(format!("/api/v1/orders/{}", orders[n % orders.len()]), office)
    };
    let [small, large] = in_turn(bench, [(SMALL, &one(SMALL)), (LARGE, &one(LARGE))], count)?;
    figures.push(ratio(&format!("order, {many}"), &large, &small, 2.0));
    for (name, paths) in [
        ("list of a unit over the office's", FILTERS),
        ("queue of a unit over the office's", &["/api/v1/queue?limit=50"]),
    ] {
        let officers: Vec<&String> = who[LARGE].officers.iter().map(|(_, officer)| officer).collect();
        if officers.is_empty() {
            bail!("no unit holds an open order");
        }
        let unit = |n: usize| Request::get(paths[n % paths.len()], officers[n / paths.len() % officers.len()]);
        let [office, unit] = in_turn(bench, [(LARGE, &list(LARGE)), (LARGE, &unit)], count)?;
        figures.push(ratio(name, &unit, &office, 1.5));
        for path in paths.iter().filter(|_| paths.len() > 1) {
            let office = |_: usize| Request::get(*path, &who[LARGE].office);
            let unit = |n: usize| Request::get(*path, officers[n % officers.len()]);
            let [office, unit] = in_turn(bench, [(LARGE, &office), (LARGE, &unit)], 60)?;
            figures.push(each(path, &unit, &office));
        }
    }
    Ok(figures)
}

/// Timers that have come, out of many that have not.
const DUE: usize = 1_000;

pub(in crate::bench) fn timers(bench: &mut Bench) -> Result<Vec<Figure>> {
    bench.need(SMALL)?;
    bench.need(LARGE)?;
    let mut costs = Vec::new();
    let mut notes = Vec::new();
    let mut whole = true;
    for which in [SMALL, LARGE] {
        let city = bench.city(which)?;
        let (fired, due, cpu, took) = fire(bench, city)?;
        whole &= fired >= due;
        costs.push(cpu / fired.max(1) as f64);
        notes.push(format!("{fired} of {due} in {:.0} ms", took.as_secs_f64() * 1e3));
    }
    let note = format!("{:.0} µs each over {:.0} µs; {}", costs[1] / 1e3, costs[0] / 1e3, notes.join(", "));
    Ok(vec![
        Figure::new("timers: all that is due in one scan", f64::from(u8::from(whole)), "", Some(Bar::AtLeast(1.0))),
        Figure::new("timers: processor time, large city over small", costs[1] / costs[0], "×", Some(Bar::AtMost(2.0)))
            .note(note),
    ])
}

/// Sets a clock to when so many timers are due, and runs one scan.
fn fire(bench: &Bench, city: &World) -> Result<(usize, usize, f64, Duration)> {
    let clock = Arc::new(SetClock::at(city.app.now()));
    let url = bench.postgres.clone().unwrap_or_else(|| world::sqlite(&city.folder));
    let app: Arc<App> =
        bench.runtime.block_on(world::open(&city.folder, &url, Arc::clone(&bench.pack), clock.clone()))?;
    let mut account = cpu::Account::open(&city.server);
    let taken = bench.runtime.block_on(async {
        // What came due since the history was made is not part of it.
        jobs::fire(&app).await?;
        let (own, city) = (Arc::clone(&app), app.city.clone());
        let far = app.now().plus(3_650 * 86_400_000);
        let due = own
            .db
            .read("due", move |tx| {
                Box::pin(async move { orders::due_clocks(tx, city.as_str(), far, DUE as i64).await })
            })
            .await?;
        clock.set(due.last().context("no timer runs")?.at);
        Ok::<_, anyhow::Error>(due.len())
    })?;
    let (before, began) = (account.nanoseconds(), Instant::now());
    let worker = Arc::clone(&app);
    let fired = bench.runtime.block_on(bench.runtime.spawn(async move { jobs::fire(&worker).await }))??;
    let took = began.elapsed();
    let used = (account.nanoseconds() - before) as f64;
    bench.runtime.block_on(async { app.db.close().await });
    Ok((fired, taken, used, took))
}

/// A server of its own over the large city: how soon it answers, and what it holds.
pub(in crate::bench) fn memory(bench: &mut Bench) -> Result<Vec<Figure>> {
    bench.need(LARGE)?;
    if bench.postgres.is_some() {
        bail!("taken on SQLite, where the database is part of the process");
    }
    let count = bench.requests.max(600);
    let (who, orders) = {
        let city = bench.city(LARGE)?;
        (city.who.clone(), bench.runtime.block_on(city.sample(count))?)
    };
    // The lock of the folder is the server's, and its memory must not share our cache.
    let folder = bench.folder.join("large");
    if let Some(city) = bench.cities[LARGE].take() {
        bench.runtime.block_on(async { city.app.db.close().await });
    }
    let address = free_address()?;
    let began = Instant::now();
    let mut server = Command::new(std::env::current_exe()?)
        .args(["serve", "--listen", &address.to_string(), "--data-dir"])
        .arg(&folder)
        .env("HUIYIN_METRICS_LISTEN", "off")
        .env("HUIYIN_LOG", "error")
        .env_remove("HUIYIN_DATABASE_URL")
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .spawn()
        .context("the server cannot be started")?;
    let measured = (|| {
        let first = first_page(&mut server, address, began)?;
        let mut client = Client::connect(address)?;
        let idle = cpu::memory(server.id()).0;
        for n in 0..count {
            client.send(&Request::get(FILTERS[n % FILTERS.len()], &who.office))?.json()?;
            client.send(&Request::get(format!("/api/v1/orders/{}", orders[n % orders.len()]), &who.office))?.json()?;
        }
        let worked = cpu::memory(server.id()).0;
        let mut pages = open_pages(address, &who.browser)?;
        let opened = cpu::memory(server.id()).0;
        let told = tell(&mut client, &who, &mut pages)?;
        let (now, most) = cpu::memory(server.id());
        let note = format!(
            "{idle:.0} MiB after the start, {worked:.0} after {} requests, {opened:.0} with {PAGES} live pages, {now:.0} after \
             {CHANGES} changes, of which they were told in {:.1} events each",
            2 * count,
            told as f64 / PAGES as f64
        );
        Ok(vec![
            Figure::new("memory of the server, large city, 500 live pages", most, "MiB", Some(Bar::AtMost(150.0)))
                .note(note),
            Figure::new("start to first page, large city", first.as_secs_f64(), "s", Some(Bar::AtMost(1.0))),
        ])
    })();
    let _ = server.kill();
    let _ = server.wait();
    measured
}

/// Pages that are looked at.
const PAGES: usize = 500;
/// Orders registered while they are.
const CHANGES: usize = 60;

/// Opens the streams of many pages, each on a connection of its own.
fn open_pages(address: SocketAddr, browser: &str) -> Result<Vec<TcpStream>> {
    let mut pages = Vec::with_capacity(PAGES);
    for _ in 0..PAGES {
        let mut page = TcpStream::connect(address)?;
        page.set_read_timeout(Some(Duration::from_secs(20)))?;
        page.write_all(format!("GET /live HTTP/1.1\r\nHost: localhost\r\n{browser}\r\n\r\n").as_bytes())?;
        let (mut head, mut part) = (String::new(), [0; 1024]);
        while !head.contains("event: hello") {
            let length = page.read(&mut part)?;
            if length == 0 || head.len() > 8192 {
                bail!("a page's stream did not begin: {head}");
            }
            head.push_str(&String::from_utf8_lossy(&part[..length]));
        }
        page.set_nonblocking(true)?;
        pages.push(page);
    }
    Ok(pages)
}

/// Registers orders over a few seconds; gives how many events the pages were told of it in all.
fn tell(client: &mut Client, who: &Who, pages: &mut [TcpStream]) -> Result<usize> {
    let mut events = 0;
    let mut read = |pages: &mut [TcpStream]| {
        let mut part = [0; 4096];
        for page in pages {
            while let Ok(length @ 1..) = page.read(&mut part) {
                events += String::from_utf8_lossy(&part[..length]).matches("event: changed").count();
            }
        }
    };
    for _ in 0..CHANGES {
        let new = serde_json::json!({ "body": "路灯不亮", "kind": "help", "subject": "090201" });
        client.send(&Request::post("/api/v1/orders", &who.agent, &new))?.json()?;
        std::thread::sleep(Duration::from_millis(50));
        read(pages);
    }
    std::thread::sleep(Duration::from_millis(1_500));
    read(pages);
    if events < PAGES {
        bail!("{PAGES} pages were told of changes in {events} events");
    }
    Ok(events)
}

fn free_address() -> Result<SocketAddr> {
    Ok(std::net::TcpListener::bind("127.0.0.1:0")?.local_addr()?)
}

/// Waits for the first answer of a server.
fn first_page(server: &mut std::process::Child, address: SocketAddr, began: Instant) -> Result<Duration> {
    loop {
        if let Some(status) = server.try_wait()? {
            bail!("the server ended with {status}");
        }
        if began.elapsed() > Duration::from_secs(60) {
            bail!("no answer within a minute");
        }
        if TcpStream::connect(address).is_ok()
            && let Ok(answer) = Client::connect(address)
                .and_then(|mut client| client.send(&Request::get("/sign-in", "Accept: text/html")))
            && answer.status < 500
        {
            return Ok(began.elapsed());
        }
        std::thread::sleep(Duration::from_millis(5));
    }
}
