//! A city to measure: a database with invented history, the program on it, a server, and who asks.

use std::{
    net::SocketAddr,
    path::{Path, PathBuf},
    sync::Arc,
};

use anyhow::{Context, Result, bail};
use huiyin_app::{
    Actor, App, Parts, Role, Scope,
    orders::list::{self, OrderFilter, Page},
    people::{self, AddPost, AddToken, Position, SeedPerson, Terms},
    ports::{Clock, RandomIds, SystemClock},
    seed::{self, Plan},
};
use huiyin_core::policy::Pack;
use huiyin_store::{
    Db, Engine, Options, orders,
    seal::{MasterKey, OsEntropy},
};
use tokio::runtime::Runtime;

use super::cpu;
use crate::output;

/// Who asks, as the header that says so.
#[derive(Debug, Default, Clone)]
pub(super) struct Who {
    pub agent: String,
    pub office: String,
    /// Of each member unit that had most to do.
    pub officers: Vec<(String, String)>,
    /// A browser of the office.
    pub browser: String,
}

/// A running city.
pub(super) struct World {
    pub app: Arc<App>,
    pub address: SocketAddr,
    pub who: Who,
    /// The bare token of the office.
    pub token: String,
    /// Processes of the database server, where it runs on this machine.
    pub server: Vec<u64>,
    pub folder: PathBuf,
}

pub(super) const PASSWORD: &str = "a long enough password";

/// Opens a database and the program on it.
pub(super) async fn open(folder: &Path, url: &str, pack: Arc<Pack>, clock: Arc<dyn Clock>) -> Result<Arc<App>> {
    std::fs::create_dir_all(folder).with_context(|| format!("the folder `{}` cannot be made", folder.display()))?;
    let db = Db::open(url, Options::default()).await?;
    db.migrate().await?;
    let parts = Parts {
        db,
        pack,
        master: Arc::new(MasterKey::load_or_create(&folder.join("key"), &OsEntropy)?),
        clock,
        ids: Arc::new(RandomIds::default()),
        entropy: Arc::new(OsEntropy),
        carriers: Vec::new(),
        files: huiyin_store::files::Files::in_folder(&folder.join("files"))?,
    };
    Ok(Arc::new(App::open(parts).await?))
}

/// The address of a database in a folder.
pub(super) fn sqlite(folder: &Path) -> String {
    format!("sqlite://{}", folder.join("huiyin.db").display())
}

impl World {
    /// A city with so many orders, made now or before in the same folder.
    pub fn start(runtime: &Runtime, folder: &Path, url: &str, pack: &Arc<Pack>, plan: &Plan) -> Result<Self> {
        runtime.block_on(async {
            let app = open(folder, url, Arc::clone(pack), Arc::new(SystemClock)).await?;
            fill(&app, folder, plan).await?;
            Self::serve(app, folder).await
        })
    }

    async fn serve(app: Arc<App>, folder: &Path) -> Result<Self> {
        let mut who = Who::default();
        let (agent, _) = hire(&app, Role::Agent, "call-centre").await?;
        let (office, browser) = hire(&app, Role::Office, "office").await?;
        for unit in busiest(&app).await? {
            let (officer, _) = hire(&app, Role::Officer, &unit).await?;
            who.officers.push((unit, header(&officer)));
        }
        (who.agent, who.office, who.browser) =
            (header(&agent), header(&office), format!("Cookie: huiyin_session={browser}"));
        let site = huiyin_http::Site { app: Arc::clone(&app), options: Arc::new(huiyin_http::Options::default()) };
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
        let address = listener.local_addr()?;
        tokio::spawn(huiyin_http::serve(listener, huiyin_http::router(site), std::future::pending()));
        let backend = match app.db.engine() {
            Engine::Postgres => huiyin_store::bench::backend(&app.db).await?,
            Engine::Sqlite => None,
        };
        let server = backend.and_then(|pid| u64::try_from(pid).ok()).map(cpu::server_of).unwrap_or_default();
        Ok(Self { app, address, who, token: office, server, folder: folder.to_owned() })
    }

    /// Ids of orders from all over the history.
    pub async fn sample(&self, count: usize) -> Result<Vec<String>> {
        let app = Arc::clone(&self.app);
        let found = self
            .app
            .db
            .read("sample", move |tx| {
                Box::pin(async move {
                    let city = app.city.as_str();
                    let Some(first) = orders::after(tx, city, "", 1).await?.pop() else { return Ok(Vec::new()) };
                    let (from, to) = (first.order.at.ms(), app.now().ms());
                    let mut found = Vec::with_capacity(count);
                    for n in 0..count as i64 {
                        let ms = from + (to - from) / count as i64 * n;
                        let start = format!("{:08x}-{:04x}", ms >> 16, ms & 0xffff);
                        found.extend(
                            orders::after(tx, city, &start, 1).await?.into_iter().map(|stored| stored.order.no),
                        );
                    }
                    Ok::<_, huiyin_store::StoreError>(found)
                })
            })
            .await?;
        if found.is_empty() {
            bail!("there are no orders to look at");
        }
        Ok(found)
    }
}

fn header(token: &str) -> String {
    format!("Authorization: Bearer {token}")
}

/// Fills an empty database by the plan.
async fn fill(app: &Arc<App>, folder: &Path, plan: &Plan) -> Result<()> {
    let own = Arc::clone(app);
    let known = app
        .db
        .read("known", move |tx| Box::pin(async move { orders::after(tx, own.city.as_str(), "", 1).await }))
        .await?;
    if !known.is_empty() || plan.orders == 0 {
        return Ok(());
    }
    super::seed::enough_room(folder, plan.orders)?;
    let seeded = seed::seed(app, plan, super::seed::progress(plan.orders)).await?;
    output::note(format_args!("{} orders and {} events written", seeded.orders, seeded.events));
    huiyin_store::bench::settle(&app.db).await?;
    Ok(())
}

/// A person of a unit: a token and a browser's session.
async fn hire(app: &Arc<App>, role: Role, unit: &str) -> Result<(String, String)> {
    let id = app.id();
    let login = format!("bench-{}", id.rsplit('-').next().unwrap_or(&id));
    let post = AddPost {
        unit: unit.into(),
        role,
        position: Position::Staff,
        terms: Terms::Own,
        employer: None,
        from: None,
        until: None,
    };
    let person = SeedPerson {
        login: &login,
        password: PASSWORD,
        must_change: false,
        name: &login,
        phone: None,
        posts: vec![post],
        filed: true,
    };
    people::seed_person(app, person).await?;
    let scopes = vec![Scope::OrdersRead, Scope::OrdersWrite];
    let token =
        people::add_token(app, &Actor::system(), AddToken { login: login.clone(), scopes, until: None }).await?;
    let session = people::sign_in(app, &login, PASSWORD, None, "bench").await?;
    Ok((token.token.as_str().to_owned(), session.token.as_str().to_owned()))
}

/// Some units that hold open orders.
async fn busiest(app: &Arc<App>) -> Result<Vec<String>> {
    let page = Page { limit: 200, ..Page::default() };
    let wanted = OrderFilter { states: vec!["assigned".into()], ..OrderFilter::default() };
    let (rows, _) = list::orders(app, &Actor::system(), wanted, page, Vec::new()).await?;
    let mut units: Vec<String> = rows.into_iter().filter_map(|row| row.holder).collect();
    units.sort();
    units.dedup();
    let org = app.current_organisation().await?;
    units.retain(|unit| {
        org.unit(&unit.as_str().into()).is_some_and(|unit| unit.function == huiyin_core::policy::Function::Member)
    });
    units.truncate(4);
    Ok(units)
}
