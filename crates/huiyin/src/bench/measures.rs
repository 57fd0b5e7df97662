//! Each figure, taken.

mod load;
mod scale;

use std::{
    path::PathBuf,
    sync::Arc,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, bail};
use huiyin_app::{people, seed::Plan};
use huiyin_core::policy::Pack;
use serde_json::json;
use tokio::runtime::Runtime;

use super::{
    Bar, Figure,
    client::{Answer, Client, Request},
    cpu,
    world::{self, World},
};

pub(super) use load::clients;
pub(super) use scale::{memory, pages, timers};

/// What figures share: cities are made when the first asks for them.
pub(super) struct Bench {
    runtime: Runtime,
    folder: PathBuf,
    pack: Arc<Pack>,
    plans: [Plan; 2],
    postgres: Option<String>,
    requests: usize,
    cities: [Option<World>; 2],
}

const SMALL: usize = 0;
const LARGE: usize = 1;
/// Requests before those that count.
const WARM_UP: usize = 60;

/// A series of requests.
struct Series {
    /// Mean processor time, in microseconds.
    cpu: f64,
    statements: f64,
    took: Vec<Duration>,
    /// Mean size of an answer, in bytes.
    bytes: f64,
}

impl Series {
    fn percentile(&self, of_hundred: f64) -> f64 {
        let mut took = self.took.clone();
        took.sort();
        let at = ((took.len() as f64 * of_hundred / 100.0) as usize).min(took.len().saturating_sub(1));
        took.get(at).map_or(0.0, |took| took.as_secs_f64() * 1e3)
    }
}

impl Bench {
    pub fn new(
        runtime: Runtime,
        folder: PathBuf,
        pack: Arc<Pack>,
        small: Plan,
        large: Plan,
        postgres: Option<String>,
        requests: u32,
    ) -> Self {
        let requests = requests as usize;
        Self { runtime, folder, pack, plans: [small, large], postgres, requests, cities: [None, None] }
    }

    /// Makes a city if it is not there yet.
    fn need(&mut self, which: usize) -> Result<()> {
        if self.cities[which].is_none() {
            let folder = self.folder.join(["small", "large"][which]);
            let url = match (&self.postgres, which) {
                (Some(url), SMALL) => url.clone(),
                (Some(_), _) => {
                    bail!("one PostgreSQL database holds one city; take the figures of a large city on SQLite")
                }
                (None, _) => world::sqlite(&folder),
            };
            self.cities[which] = Some(World::start(&self.runtime, &folder, &url, &self.pack, &self.plans[which])?);
        }
        Ok(())
    }

    fn city(&self, which: usize) -> Result<&World> {
        self.cities[which].as_ref().context("the city is not made yet")
    }

    /// Bars of processor time are twice as high on PostgreSQL.
    fn cpu_bar(&self, ms: f64) -> Bar {
        Bar::AtMost(if self.postgres.is_some() { 2.0 * ms } else { ms })
    }

    /// Ends everything in order.
    pub fn end(self) {
        for city in self.cities.into_iter().flatten() {
            self.runtime.block_on(async { city.app.db.close().await });
        }
        self.runtime.shutdown_timeout(Duration::from_secs(5));
    }

    /// One request after another; the first ones do not count.
    fn series(&self, which: usize, count: usize, mut request: impl FnMut(usize) -> Request) -> Result<Series> {
        let city = self.city(which)?;
        let mut client = Client::connect(city.address)?;
        let mut account = cpu::Account::open(&city.server);
        let mut taken = Series { cpu: 0.0, statements: 0.0, took: Vec::with_capacity(count), bytes: 0.0 };
        let mut before = 0;
        let mut statements = Vec::with_capacity(count);
        for n in 0..WARM_UP + count {
            if n == WARM_UP {
                // Whatever the warm-up left to do is done by now.
                std::thread::sleep(Duration::from_millis(50));
                before = account.nanoseconds();
            }
            let request = request(n);
            let so_far = city.app.db.statements();
            let Answer { status, body, took } = client.send(&request)?;
            if status >= 300 {
                bail!("`{}` answered {status}: {}", request.path, String::from_utf8_lossy(&body));
            }
            if n >= WARM_UP {
                taken.took.push(took);
                statements.push(city.app.db.statements() - so_far);
                taken.bytes += body.len() as f64 / count as f64;
            }
        }
        std::thread::sleep(Duration::from_millis(20));
        taken.cpu = (account.nanoseconds() - before) as f64 / 1e3 / count as f64;
        // The middle one: a lease of numbers and the scan of timers now and then fall between two requests.
        statements.sort_unstable();
        taken.statements = statements.get(count / 2).copied().unwrap_or(0) as f64;
        Ok(taken)
    }

    /// Processor time and statements of a series, beside their bars.
    fn figures(&self, name: &str, series: &Series, cpu_ms: f64, statements: f64) -> Vec<Figure> {
        let note = format!(
            "p50 {:.2} ms, p99 {:.2} ms, {:.1} KB an answer, {} requests",
            series.percentile(50.0),
            series.percentile(99.0),
            series.bytes / 1e3,
            series.took.len()
        );
        vec![
            Figure::new(format!("{name}: processor time"), series.cpu / 1e3, "ms", Some(self.cpu_bar(cpu_ms)))
                .note(note),
            // The session or token check is one of them.
            Figure::new(format!("{name}: statements"), series.statements, "", Some(Bar::AtMost(statements))),
        ]
    }
}

/// A matter to be registered.
pub(super) fn matter(n: usize) -> serde_json::Value {
    let kinds = ["help", "complaint", "consultation", "report"];
    json!({
        "channel": "phone",
        "title": format!("解放路{n}号路灯不亮"),
        "body": format!("来电反映：解放路{n}号附近路灯不亮，已有三天，夜间出行不便，请派人到现场查看，并告知处理结果。"),
        "claimant": { "name": "甲某", "phone": format!("138{:08}", n % 100_000_000) },
        "kind": kinds[n % kinds.len()],
        "subject": "010201",
        "area": "460203",
        "place": "解放路与新风街路口",
    })
}

/// Registering an order.
pub(super) fn register(bench: &mut Bench) -> Result<Vec<Figure>> {
    bench.need(SMALL)?;
    let who = bench.city(SMALL)?.who.agent.clone();
    let series = bench.series(SMALL, bench.requests, |n| Request::post("/api/v1/orders", &who, &matter(n)))?;
    Ok(bench.figures("register", &series, 1.0, 10.0))
}

/// Changes of state: dispatch, sign, feedback, each over many orders.
pub(super) fn state(bench: &mut Bench) -> Result<Vec<Figure>> {
    bench.need(SMALL)?;
    let city = bench.city(SMALL)?;
    let (who, count) = (city.who.clone(), WARM_UP + bench.requests);
    let (unit, officer) = who.officers.first().cloned().context("no unit holds an open order")?;
    let mut client = Client::connect(city.address)?;
    let mut orders = Vec::with_capacity(count);
    for n in 0..count {
        let mut new = matter(n);
        new["kind"] = json!("help");
        let taken = client.send(&Request::post("/api/v1/orders", &who.agent, &new))?.json()?;
        orders.push(taken["no"].as_str().unwrap_or_default().to_owned());
    }
    let answer = json!({
        "facts": { "finding": "lawful", "solved": true, "measures": "已更换灯具并恢复照明。" },
        "internal": "现场核查情况属实。",
        "public": "您反映的路灯已经修复，感谢您的监督。",
    });
    let steps = [
        ("dispatch", &who.office, json!({ "lead": unit })),
        ("sign", &officer, json!({})),
        ("feedback", &officer, answer),
    ];
    let mut figures = Vec::new();
    for (command, asks, body) in steps {
        let path = |n: usize| format!("/api/v1/orders/{}/{command}", orders[n]);
        let series = bench.series(SMALL, bench.requests, |n| Request::post(path(n), asks, &body))?;
        figures.extend(bench.figures(command, &series, 1.0, 10.0));
    }
    Ok(figures)
}

/// Lists as people look at them.
pub(super) fn queue(bench: &mut Bench) -> Result<Vec<Figure>> {
    bench.need(SMALL)?;
    let who = bench.city(SMALL)?.who.clone();
    let mut figures = Vec::new();
    let series =
        bench.series(SMALL, bench.requests, |n| Request::get(scale::FILTERS[n % scale::FILTERS.len()], &who.office))?;
    figures.extend(bench.figures("queue of 50 with filters, API", &series, 3.0, 5.0));
    if let Some((_, officer)) = who.officers.first() {
        let series = bench.series(SMALL, bench.requests, |_| Request::get("/api/v1/queue?limit=50", officer))?;
        figures.extend(bench.figures("queue of a unit, API", &series, 3.0, 5.0));
    }
    for (name, path) in
        [("queue page of 50 with filters", "/orders?state=assigned&kind=help"), ("queue page", "/orders")]
    {
        figures.extend(page(bench, name, path, 3.0, 5.0));
    }
    Ok(figures)
}

/// One order with all that its page shows.
pub(super) fn order(bench: &mut Bench) -> Result<Vec<Figure>> {
    bench.need(SMALL)?;
    let city = bench.city(SMALL)?;
    let (who, orders) = (city.who.clone(), bench.runtime.block_on(city.sample(bench.requests))?);
    let at = |n: usize| &orders[n % orders.len()];
    let series =
        bench.series(SMALL, bench.requests, |n| Request::get(format!("/api/v1/orders/{}", at(n)), &who.office))?;
    let mut figures = bench.figures("order, API", &series, 3.0, 8.0);
    figures.extend(page(bench, "order page", &format!("/orders/{}", orders[orders.len() - 1]), 3.0, 8.0));
    Ok(figures)
}

/// A page for people, if it is there.
fn page(bench: &Bench, name: &str, path: &str, cpu_ms: f64, statements: f64) -> Vec<Figure> {
    let taken = (|| {
        let city = bench.city(SMALL)?;
        let browser = city.who.browser.clone();
        let first = Client::connect(city.address)?.send(&Request::get(path, &browser))?;
        if first.status != 200 || !String::from_utf8_lossy(&first.body).contains("<html") {
            bail!("`{path}` answers {}; there is no such page yet", first.status);
        }
        bench.series(SMALL, bench.requests, |_| Request::get(path, &browser))
    })();
    match taken {
        Ok(series) => bench.figures(name, &series, cpu_ms, statements),
        Err(error) => vec![Figure::not_taken(name, format!("not measured: {error:#}"))],
    }
}

/// The check of a token, without the request around it.
pub(super) fn token(bench: &mut Bench) -> Result<Vec<Figure>> {
    bench.need(SMALL)?;
    let city = bench.city(SMALL)?;
    let mut account = cpu::Account::open(&city.server);
    let rounds = 2_000_u32;
    let (app, token) = (Arc::clone(&city.app), city.token.clone());
    let check = move |rounds: u32| {
        let (app, token) = (Arc::clone(&app), token.clone());
        async move {
            for _ in 0..rounds {
                people::token_actor(&app, &token).await?;
            }
            Ok::<_, huiyin_app::CommandError>(())
        }
    };
    // On a worker, so that this thread has no part in it.
    bench.runtime.block_on(bench.runtime.spawn(check(500)))??;
    let (before, began) = (account.nanoseconds(), Instant::now());
    bench.runtime.block_on(bench.runtime.spawn(check(rounds)))??;
    let wall = began.elapsed().as_secs_f64() * 1e6 / f64::from(rounds);
    let used = (account.nanoseconds() - before) as f64 / 1e3 / f64::from(rounds);
    let bar = if bench.postgres.is_some() { 100.0 } else { 50.0 };
    Ok(vec![
        Figure::new("API token check", used, "µs", Some(Bar::AtMost(bar)))
            .note(format!("{rounds} checks, {wall:.0} µs each")),
    ])
}
