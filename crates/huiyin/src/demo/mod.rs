//! `huiyin serve --demo`: an empty data folder filled with an invented city day.
//!
//! What happens stands in `day.toml`; [`plan`] turns it into steps with their moments, and here they are walked in
//! order of time through the application's own commands, with a clock that is set to each moment. So every order has
//! the history, clocks and chains it would have had.

mod plan;

use std::{collections::HashMap, net::SocketAddr, sync::Arc};

use anyhow::{Context, Result, bail};
use huiyin_app::{
    Actor, App, Post, Role, jobs,
    orders::{self, Given, NewClaimantInput, NewOrder},
    people::{self, AddPost, Position, SeedPerson, Terms},
    ports::{Clock, SetClock, SystemClock},
};
use huiyin_core::{
    id::{PersonId, UnitId},
    time::{Day, Instant},
};
use huiyin_store::{StoreError, records};
use serde_json::{Value, json};

use crate::{
    config::Config,
    open::{self, Use},
    output, packs,
};
use plan::{HOUR, Happening, Step};

/// The password of every login.
const PASSWORD: &str = "huiyin-demo";
/// The setting that says a database is the demonstration's.
const MARK: &str = "demo";
const DAY: i64 = 24 * HOUR;

/// Fills an empty database; one filled before is left as it is.
pub async fn seed(config: &Config) -> Result<()> {
    seed_at(config, SystemClock.now()).await
}

async fn seed_at(config: &Config, now: Instant) -> Result<()> {
    let texts = packs::texts(&config.pack)?;
    let pack = texts.sound()?;
    if pack.head().name != "sanya" {
        bail!("the demonstration is of the pack `sanya`; leave out --pack");
    }
    let day = plan::day();
    let clock = Arc::new(SetClock::at(now));
    let db = open::database(config, Use::Alone).await?;
    let app =
        open::application(&config.silent(), db, pack, texts.rules(), Arc::clone(&clock) as Arc<dyn Clock>).await?;
    match state(&app).await? {
        State::Seeded => {}
        State::Halfway => {
            bail!("an earlier filling of this data folder was interrupted; remove the folder and start again")
        }
        State::Foreign => {
            bail!(
                "`{}` holds data that is not the demonstration's; --demo wants an empty folder (--data-dir)",
                config.data_dir.display()
            )
        }
        State::Empty => {
            output::note("Filling the data folder with an invented city day …");
            mark(&app, "filling").await?;
            let began = plan::began(&day, app.zone(), now)?;
            clock.set(began.plus(-DAY));
            let cast = Cast::enter(&app, &day).await?;
            walk(&app, &clock, &day, &cast, now).await?;
            clock.set(now);
            mark(&app, "filled").await?;
        }
    }
    app.db.close().await;
    Ok(())
}

/// Tells the person at the terminal how to look around.
pub fn greet(address: SocketAddr) -> Result<()> {
    output::line(format_args!(
        "\nHuiyin is at http://{address} with an invented city day. Sign in with password {PASSWORD}:\n"
    ))?;
    let rows: Vec<Vec<String>> = plan::day()
        .person
        .iter()
        .map(|person| vec![format!("  {}", person.login), person.what.clone(), person.name.clone()])
        .collect();
    output::table(&rows)?;
    output::line("\nEach unit at work also has its own two, such as `housing` and `housing-leader`.")
}

/// What a database holds.
enum State {
    Empty,
    Halfway,
    Seeded,
    Foreign,
}

async fn state(app: &App) -> Result<State> {
    let city = app.city.clone();
    let (mark, used) = app
        .db
        .read("demo", move |tx| {
            Box::pin(async move {
                let city = city.as_str();
                let mark = records::setting(tx, city, MARK).await?.map(|(mark, _)| mark);
                let people = huiyin_store::people::all(tx, city).await?;
                let orders = huiyin_store::orders::after(tx, city, "", 1).await?;
                Ok::<_, StoreError>((mark, !people.is_empty() || !orders.is_empty()))
            })
        })
        .await?;
    Ok(match (mark.as_deref(), used) {
        (Some("filled"), _) => State::Seeded,
        (Some(_), _) => State::Halfway,
        (None, true) => State::Foreign,
        (None, false) => State::Empty,
    })
}

async fn mark(app: &App, value: &'static str) -> Result<()> {
    let city = app.city.clone();
    app.db
        .write("demo", move |tx| {
            let city = city.clone();
            Box::pin(async move { records::set(tx, city.as_str(), MARK, value).await })
        })
        .await?;
    Ok(())
}

/// Who plays whom.
struct Cast {
    by_login: HashMap<String, Actor>,
    officers: HashMap<String, String>,
    leaders: HashMap<String, String>,
}

impl Cast {
    /// Enters everybody, their posts filed long ago.
    async fn enter(app: &Arc<App>, day: &plan::Plan) -> Result<Self> {
        let mut cast = Self { by_login: HashMap::new(), officers: HashMap::new(), leaders: HashMap::new() };
        let from = app.zone().day(app.now());
        for person in &day.person {
            let role = Role::try_from(person.role.as_str()).map_err(anyhow::Error::msg)?;
            cast.add(app, &person.login, &person.name, &person.unit, role, from).await?;
        }
        for unit in &day.unit {
            cast.add(app, &unit.code, &unit.officer, &unit.code, Role::Officer, from).await?;
            cast.add(app, &format!("{}-leader", unit.code), &unit.leader, &unit.code, Role::Leader, from).await?;
        }
        // One unit whose leader looks at the answers to complaints before they go out.
        let org = app.current_organisation().await?;
        if let Some(unit) = org.unit(&UnitId::from("enforcement")) {
            let mut unit = unit.clone();
            unit.approval = vec!["complaint".into()];
            people::save_unit(app, &Actor::system(), unit).await?;
        }
        Ok(cast)
    }

    async fn add(&mut self, app: &Arc<App>, login: &str, name: &str, unit: &str, role: Role, from: Day) -> Result<()> {
        let position = match role {
            Role::Officer => Position::Handler,
            Role::Leader => Position::Head,
            _ => Position::Staff,
        };
        let unit = UnitId::from(unit);
        let post = AddPost {
            unit: unit.clone(),
            role,
            position,
            terms: Terms::Own,
            employer: None,
            from: Some(from),
            until: None,
        };
        let seed = SeedPerson {
            login,
            password: PASSWORD,
            must_change: false,
            name,
            phone: None,
            posts: vec![post],
            filed: true,
        };
        let person: PersonId = people::seed_person(app, seed).await.with_context(|| format!("entering `{login}`"))?;
        match role {
            Role::Officer | Role::Subcentre => self.officers.insert(unit.0.clone(), login.to_owned()),
            Role::Leader => self.leaders.insert(unit.0.clone(), login.to_owned()),
            _ => None,
        };
        let posts = vec![Post { unit, role, from, until: None }];
        self.by_login.insert(
            login.to_owned(),
            Actor { person, name: name.to_owned(), posts, stands_in: Vec::new(), scopes: None, own: None },
        );
        Ok(())
    }

    /// The actor a step names: a login, or the officer or leader of a unit.
    fn actor(&self, who: &str) -> Result<Actor> {
        let login = match who.split_once(':') {
            Some(("unit", unit)) => self.officers.get(unit).map(String::as_str),
            Some(("leader", unit)) => self.leaders.get(unit).map(String::as_str),
            _ => Some(who),
        };
        match who {
            "system" => Ok(Actor::system()),
            "claimant" => Ok(Actor::visitor("demo")),
            _ => login
                .and_then(|login| self.by_login.get(login))
                .cloned()
                .with_context(|| format!("nobody plays `{who}`")),
        }
    }
}

/// Walks all steps in order of time; between them the clocks of orders come to their moments.
async fn walk(app: &Arc<App>, clock: &SetClock, day: &plan::Plan, cast: &Cast, now: Instant) -> Result<()> {
    let steps = plan::steps(day, app.zone(), now)?;
    let mut numbers: HashMap<usize, String> = HashMap::new();
    let mut worked = app.now();
    for step in &steps {
        while app.now().plus(HOUR) < step.at {
            clock.advance(HOUR);
            jobs::fire(app).await?;
        }
        clock.set(step.at.max(app.now()));
        if app.now().ms() - worked.ms() > 3 * HOUR {
            jobs::once(app).await?;
            worked = app.now();
        }
        take(app, day, cast, step, &mut numbers).await.with_context(|| {
            let title = &day.order[step.order].title;
            format!("the demonstration stumbles at `{title}`, {} at {}", step.what(), app.zone().short(step.at))
        })?;
    }
    clock.set(now);
    jobs::once(app).await?;
    Ok(())
}

async fn take(
    app: &Arc<App>,
    day: &plan::Plan,
    cast: &Cast,
    step: &Step,
    numbers: &mut HashMap<usize, String>,
) -> Result<()> {
    let order = &day.order[step.order];
    let actor = cast.actor(&step.who)?;
    match &step.happening {
        Happening::TakenIn => {
            let new = NewOrder {
                channel: Some(order.channel.clone()),
                title: Some(order.title.clone()),
                body: Some(order.body.clone()),
                claimant: NewClaimantInput {
                    name: order.name.clone(),
                    phone: order.phone.clone(),
                    anonymous: order.anonymous,
                    ..NewClaimantInput::default()
                },
                claimed_emergency: order.emergency,
                ..NewOrder::default()
            };
            let raw = json!({ "title": order.title, "body": order.body }).to_string();
            let taken = orders::take_in(app, &actor, new, raw.as_bytes(), None).await?;
            numbers.insert(step.order, taken.done.no);
        }
        Happening::Command(name, fields) => {
            let fields = filled(app, day, fields, numbers)?;
            let no = numbers.get(&step.order).cloned().unwrap_or_default();
            let actor = match actor.is_public() {
                true => Actor { own: Some(orders::view::order(app, &Actor::system(), &no).await?.order.id), ..actor },
                false => actor,
            };
            let given = Given { order: no, command: name.clone(), input: fields, key: None, if_match: None };
            orders::command(app, &actor, given).await?;
        }
    }
    Ok(())
}

/// Fields with `@…` made into what it stands for.
fn filled(app: &App, day: &plan::Plan, value: &Value, numbers: &HashMap<usize, String>) -> Result<Value> {
    Ok(match value {
        Value::String(text) => match text.strip_prefix('@') {
            None => value.clone(),
            Some(word) => {
                if let Some(days) = word.strip_prefix("day+") {
                    let days: u32 = days.parse()?;
                    json!((0..days).fold(app.zone().day(app.now()), |day, _| day.next()).to_string())
                } else if let Some(ago) = word.strip_prefix("now") {
                    let ago = if ago.is_empty() { 0 } else { plan::span(ago.trim_start_matches('-'))? };
                    json!(app.zone().rfc3339(app.now().plus(-ago)))
                } else {
                    let other = day.order.iter().position(|order| order.key.as_deref() == Some(word));
                    let no = other.and_then(|other| numbers.get(&other));
                    json!(no.with_context(|| format!("no order is called `{word}` by then"))?)
                }
            }
        },
        Value::Object(fields) => Value::Object(
            fields
                .iter()
                .map(|(name, value)| Ok((name.clone(), filled(app, day, value, numbers)?)))
                .collect::<Result<_>>()?,
        ),
        Value::Array(values) => {
            Value::Array(values.iter().map(|value| filled(app, day, value, numbers)).collect::<Result<_>>()?)
        }
        other => other.clone(),
    })
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use huiyin_core::time::Zone;

    use super::*;
    use crate::{cli::Place, config::Flags};

    /// In the night, in a long holiday, in a year whose holidays are not known yet.
    #[tokio::test(flavor = "multi_thread")]
    async fn it_can_be_filled_at_any_moment_and_has_every_state() {
        let zone = Zone::named("Asia/Shanghai").unwrap();
        for now in ["2026-02-19T00:05:00", "2026-10-08T11:30:00", "2027-05-04T23:58:00"] {
            let folder = tempfile::tempdir().unwrap();
            let place = Place { data_dir: Some(folder.path().to_owned()), ..Place::default() };
            // A gateway that is set up is not asked: the people of that day are invented, their numbers may be somebody's.
            let file = folder.path().join("huiyin.toml");
            std::fs::write(&file, "[sms]\nurl = \"http://127.0.0.1:9/{to}/{text}\"\n").unwrap();
            let flags = Flags { pack: Some("sanya".into()), config: Some(file), ..place.flags() };
            let config = Config::read(&flags).unwrap();
            seed_at(&config, zone.parse(now).unwrap()).await.unwrap_or_else(|error| panic!("{now}: {error:#}"));
            let open = open::configured(&config, Use::Read).await.unwrap();
            let (city, mut states) = (open.app.city.clone(), BTreeSet::new());
            let orders: Result<_, StoreError> = open
                .app
                .db
                .read("all", move |tx| {
                    Box::pin(async move { huiyin_store::orders::after(tx, city.as_str(), "", 500).await })
                })
                .await;
            for stored in orders.unwrap() {
                let order = stored.order;
                states.insert(order.state.code().to_owned());
                states.extend(order.outcome().map(|outcome| outcome.code().to_owned()));
                states.extend(
                    order.tasks.iter().filter(|task| task.state.is_open()).map(|task| task.state.code().to_owned()),
                );
                states.extend(order.pending().map(|request| request.ask.code().to_owned()));
                states.extend(order.clocks.iter().filter(|clock| clock.missed.is_some()).map(|_| "missed".to_owned()));
            }
            for wanted in [
                "intake",
                "registered",
                "assigned",
                "review",
                "callback",
                "closed",
                "archived",
                "answered",
                "handled",
                "passed-on",
                "refused",
                "transferred",
                "withdrawn",
                "merged",
                "stopped",
                "delivered",
                "signed",
                "accepted",
                "return",
                "extension",
                "approval",
                "missed",
            ] {
                assert!(states.contains(wanted), "{now}: no `{wanted}` among {states:?}");
            }
            open.close().await;
        }
    }
}
