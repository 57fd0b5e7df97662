//! Invented history in bulk: whole lives through the same decisions as live ones, written many rows at a time.
//!
//! What is measured on it is what a city has after some years: archived orders, open ones in every state with clocks
//! that run, some of them overdue, over many units, kinds and areas. Journals, codes of texts and signed checkpoints
//! hold, so that `audit verify` and `doctor` pass on it. Nothing in it was ever said by anybody.

mod life;
mod words;

use std::{
    collections::{BTreeMap, VecDeque},
    sync::Arc,
};

use huiyin_core::{
    organisation::Organisation,
    policy::{Function, Pack},
    time::Instant,
};
use huiyin_store::{
    Tx,
    contents::{self, Bundle},
    orders::{self, History, Life},
    records::{self, Checkpoint, DeskItem},
    seal::{Entropy, SeededEntropy},
};
use serde::Serialize;

use crate::{App, CommandError, jobs};
use life::Maker;

/// What to invent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan {
    /// How many orders.
    pub orders: u64,
    /// How many percent of them are still open.
    pub open_percent: u8,
    /// Over how many days they came in, up to now.
    pub days: u32,
    /// The same seed, plan and time give the same orders, texts and keys. Never for real data: who knows the seed
    /// knows the keys.
    pub seed: Option<u64>,
}

/// Bytes an order takes on disk, with its journal, texts and indexes, and what writing it takes beside that for a while.
pub const BYTES_PER_ORDER: u64 = 40_000;

/// What was written.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Seeded {
    /// Orders.
    pub orders: u64,
    /// Of them, before `closed`.
    pub open: u64,
    /// Events in their journals.
    pub events: u64,
    /// Texts.
    pub texts: u64,
}

/// Orders made and written at once.
const BATCH: u64 = 250;
/// Batches being made while one is written.
const AHEAD: usize = 3;
/// Events under one checkpoint.
const ENTRIES: usize = 5_000;
/// Days within which every life that has ended has had the time to.
const LONGEST: i64 = 30;
/// Days that open orders came in over.
const RECENT: i64 = 20;
const DAY: i64 = 86_400_000;

/// Chance for plans: a stream of its own, which stays the same whatever a library does.
#[derive(Debug, Clone)]
pub(crate) struct Dice(u64);

impl Dice {
    /// The stream of a seed.
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// The next number.
    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// From 0 to below `sides`.
    pub(crate) fn roll(&mut self, sides: u64) -> u64 {
        self.next() % sides.max(1)
    }

    /// True in so many of a hundred.
    pub(crate) fn percent(&mut self, chance: u64) -> bool {
        self.roll(100) < chance
    }

    /// One of several.
    pub(crate) fn pick<'a, T>(&mut self, of: &'a [T]) -> &'a T {
        &of[self.roll(of.len() as u64) as usize]
    }

    /// One of several, the earlier ones more often, as a few units of a city have most of the work.
    pub(crate) fn lean<'a, T>(&mut self, of: &'a [T]) -> &'a T {
        let (one, other) = (self.roll(1_000), self.roll(1_000));
        &of[(one * other * of.len() as u64 / 1_000_000) as usize]
    }
}

/// What lives may draw from.
pub(crate) struct World {
    pub(crate) pack: Arc<Pack>,
    pub(crate) org: Arc<Organisation>,
    /// Units that handle orders, and a unit below for those that have one.
    pub(crate) members: Vec<(String, Option<String>)>,
    pub(crate) subjects: Vec<String>,
    pub(crate) areas: Vec<String>,
    pub(crate) call_centre: String,
    pub(crate) office: String,
    pub(crate) level: String,
}

impl World {
    fn of(app: &App, org: Arc<Organisation>) -> Result<Self, CommandError> {
        let missing = |what: &str| CommandError::Internal(format!("the register of `{}` has no {what}", app.city));
        let pack = Arc::clone(&app.pack);
        let today = app.zone().day(app.now());
        let function = |function| org.with_function(function).map(|unit| unit.id.0.clone());
        let start = app.zone().day(app.now().plus(-12 * 366 * DAY));
        let mut members: Vec<(String, Option<String>)> = org
            .units()
            .filter(|unit| unit.in_force(today) && unit.from <= start.max(unit.from))
            .filter_map(|unit| match unit.function {
                Function::SubCentre => {
                    let below =
                        org.children(&unit.id).iter().find(|below| org.unit(below).is_some_and(|u| u.in_force(today)));
                    Some((unit.id.0.clone(), below.map(|below| below.0.clone())))
                }
                Function::Member => Some((unit.id.0.clone(), None)),
                _ => None,
            })
            .collect();
        // In an order of its own, so that no alphabet decides who has most of the work.
        members.sort_by_key(|(unit, _)| {
            unit.bytes().fold(7_u64, |sum, byte| sum.wrapping_mul(131).wrapping_add(byte.into()))
        });
        let subjects = pack.subjects().filter(|node| node.leaf).map(|node| node.code.clone()).collect::<Vec<_>>();
        let areas = pack.areas().map(|area| area.code.clone()).collect::<Vec<_>>();
        if members.is_empty() || subjects.is_empty() || areas.is_empty() {
            return Err(missing("member units, subjects or areas"));
        }
        let level =
            ["office", "city", "department"].into_iter().find(|level| pack.lists("supervision.levels", today, level));
        Ok(Self {
            members,
            subjects,
            areas,
            call_centre: function(Function::CallCentre).ok_or_else(|| missing("call centre"))?,
            office: function(Function::Office).ok_or_else(|| missing("hotline office"))?,
            level: level.unwrap_or_default().to_owned(),
            pack,
            org,
        })
    }
}

/// Everything of some orders, ready to be written.
struct Batch {
    history: History,
    bundle: Bundle,
    items: Vec<DeskItem>,
    open: u64,
}

/// Writes invented history; `progress` is told how many orders are done.
///
/// # Errors
/// [`CommandError`] of the database; what was written until then stays, and stands by itself.
pub async fn seed(app: &Arc<App>, plan: &Plan, mut progress: impl FnMut(u64)) -> Result<Seeded, CommandError> {
    let world = Arc::new(World::of(app, app.current_organisation().await?)?);
    let now = app.now();
    let seed = plan.seed.unwrap_or_else(|| {
        let mut bytes = [0; 8];
        app.entropy.fill(&mut bytes);
        u64::from_le_bytes(bytes)
    });
    let mut making = VecDeque::new();
    let (mut first, mut done) = (0, Seeded::default());
    loop {
        while making.len() < AHEAD && first < plan.orders {
            let count = BATCH.min(plan.orders - first);
            let mut dice = Dice::new(seed ^ first.wrapping_mul(0x2545_f491_4f6c_dd1d));
            let births: Vec<(Instant, Fate)> =
                (first..first + count).map(|at| birth(plan, at, now, &mut dice)).collect();
            let numbers = numbers(app, &births).await?;
            let (own, world, seeded) =
                (Arc::clone(app), Arc::clone(&world), plan.seed.map(|_| seed.wrapping_add(first)));
            making.push_back(tokio::task::spawn_blocking(move || {
                let seeded = seeded.map(SeededEntropy::new);
                let entropy: &dyn Entropy = seeded.as_ref().map_or(&*own.entropy, |entropy| entropy);
                make(&own, &world, entropy, dice, now, &births, numbers)
            }));
            first += count;
        }
        let Some(next) = making.pop_front() else { return Ok(done) };
        let batch = Arc::new(next.await.map_err(|error| CommandError::Internal(error.to_string()))??);
        let (own, work) = (Arc::clone(app), Arc::clone(&batch));
        app.db
            .write("seed", move |tx| {
                let (app, batch) = (Arc::clone(&own), Arc::clone(&work));
                Box::pin(async move { write(tx, &app, &batch, now).await })
            })
            .await?;
        done.orders += batch.bundle.contacts.len() as u64;
        done.open += batch.open;
        done.events += batch.history.entries.len() as u64;
        done.texts += batch.bundle.contents.len() as u64;
        progress(done.orders);
    }
}

/// How far a life goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fate {
    /// To the archive, by any way.
    Ended,
    /// To the archive, without a unit's work.
    EndedSoon,
    /// To somewhere on its way.
    Open,
}

/// When an order came in, in order of time, and how far its life goes: those long ended first, then the open ones with
/// such among them as end soon.
fn birth(plan: &Plan, at: u64, now: Instant, dice: &mut Dice) -> (Instant, Fate) {
    let open = plan.orders * u64::from(plan.open_percent.min(100)) / 100;
    let recent = open + open.min((plan.orders - open) / 4);
    let long_ended = plan.orders - recent;
    let within = |part: u64, of: u64, span: i64| {
        i64::try_from(i128::from(part) * i128::from(span) / i128::from(of.max(1))).unwrap_or(0)
    };
    let jitter = dice.roll(60_000) as i64;
    if at < long_ended {
        // Old enough for any life to have ended.
        let span = ((i64::from(plan.days) - LONGEST) * DAY).max(DAY);
        return (now.plus(-LONGEST * DAY - span + within(at, long_ended, span) + jitter), Fate::Ended);
    }
    let place = at - long_ended;
    let opens = (place + 1) * open / recent != place * open / recent;
    let born = now.plus(-RECENT * DAY + within(place, recent, RECENT * DAY - 3_600_000) + jitter);
    (born, if opens { Fate::Open } else { Fate::EndedSoon })
}

/// Numbers for orders that came in at these moments.
async fn numbers(app: &Arc<App>, births: &[(Instant, Fate)]) -> Result<Vec<String>, CommandError> {
    let days: Vec<i64> = births.iter().map(|(at, _)| app.zone().day(*at).number()).collect();
    let mut wanted: BTreeMap<i64, i64> = BTreeMap::new();
    days.iter().for_each(|day| *wanted.entry(*day).or_default() += 1);
    let city = app.city.clone();
    let mut next = app
        .db
        .write("numbers", move |tx| {
            let (city, wanted) = (city.clone(), wanted.clone());
            Box::pin(async move {
                let mut next = BTreeMap::new();
                for (day, count) in wanted {
                    next.insert(day, records::take_numbers(tx, city.as_str(), day, count).await?);
                }
                Ok::<_, CommandError>(next)
            })
        })
        .await?;
    let number = |day: i64| {
        let next = next.entry(day).or_insert(1);
        *next += 1;
        format!("{day}-{:04}", *next - 1)
    };
    Ok(days.into_iter().map(number).collect())
}

fn make(
    app: &App,
    world: &World,
    entropy: &dyn Entropy,
    dice: Dice,
    now: Instant,
    births: &[(Instant, Fate)],
    numbers: Vec<String>,
) -> Result<Batch, CommandError> {
    let mut maker = Maker { app, world, entropy, dice, now, bundle: Bundle::default(), items: Vec::new() };
    let mut lives = Vec::with_capacity(births.len());
    let mut open = 0;
    for ((at, fate), no) in births.iter().zip(numbers) {
        let life: Life = maker.life(no, *at, *fate)?;
        open += u64::from(life.order.state.is_open());
        lives.push(life);
    }
    let history = orders::history(app.city.as_str(), app.zone(), &lives)?;
    Ok(Batch { history, bundle: maker.bundle, items: maker.items, open })
}

async fn write(tx: &mut Tx, app: &App, batch: &Batch, now: Instant) -> Result<(), CommandError> {
    let city = app.city.as_str();
    contents::bring_in(tx, city, &batch.bundle).await?;
    orders::bring_in(tx, &batch.history).await?;
    for item in &batch.items {
        records::add_item(tx, city, item, &item.id).await?;
    }
    for entries in batch.history.entries.chunks(ENTRIES) {
        let (last, previous) = records::last_checkpoint(tx, city).await?.unwrap_or((0, String::new()));
        let digest = jobs::digest(&previous, last + 1, now.ms(), entries);
        let checkpoint = Checkpoint {
            no: last + 1,
            at: now,
            entries: entries.len() as i64,
            signature: app.signing().sign(digest.as_bytes()),
            digest,
        };
        let keys: Vec<(String, i64)> = entries.iter().map(|(order, seq, _)| (order.clone(), *seq)).collect();
        records::add_checkpoint(tx, city, &checkpoint, &keys).await?;
    }
    Ok(())
}
