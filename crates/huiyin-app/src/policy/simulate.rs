//! A draft pack on past orders: which would be late, which limits move. Reads only.

use std::{
    collections::{BTreeMap, HashSet},
    sync::Arc,
};

use huiyin_core::{
    order::{Order, WhatIf, what_if},
    organisation::Organisation,
    policy::Pack,
    time::{Day, Instant},
};
use huiyin_store::orders;
use serde::{Deserialize, Serialize};

use crate::{Actor, App, CommandError, Role};

/// Orders read at once.
const PAGE: i64 = 500;
/// Orders counted before others on the same thread have their turn.
const SLICE: usize = 20;

/// What a draft would have come to.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct Simulation {
    /// First day the orders were taken in.
    pub from: String,
    /// Last day.
    pub to: String,
    /// The day from which the draft is taken to be in force.
    pub rules_of: String,
    /// Orders looked at.
    pub orders: u64,
    /// Of them missed at least one limit.
    pub late: u64,
    /// Of them would miss one.
    pub would_be_late: u64,
    /// By unit that led and kind, where anything differs or is late.
    pub by_unit_and_kind: Vec<Row>,
    /// By clock.
    pub limits: Vec<Limits>,
    /// Orders whose lateness changes.
    pub moved: Vec<Moved>,
}

/// Orders of a unit and kind.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Row {
    /// The unit that led, or the desk where none did.
    pub unit: String,
    /// The kind; empty where none was given.
    pub kind: String,
    /// Orders.
    pub orders: u64,
    /// Late.
    pub late: u64,
    /// That would be.
    pub would_be_late: u64,
}

/// One clock of a level over all orders.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Limits {
    /// The clock.
    pub name: String,
    /// `case` or `task`.
    pub level: String,
    /// How often it ran.
    pub count: u64,
    /// How often it would not run at all.
    pub gone: u64,
    /// Missed.
    pub late: u64,
    /// That would be.
    pub would_be_late: u64,
    /// How often it would end earlier, and by how much.
    pub earlier: Shift,
    /// How often it would end later, and by how much.
    pub later: Shift,
}

/// By how much limits move, in minutes.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Shift {
    /// How many.
    pub count: u64,
    /// The least.
    pub least: i64,
    /// On average.
    pub mean: i64,
    /// The most.
    pub most: i64,
}

/// An order that would be late and is not, or the other way round.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Moved {
    /// Its number.
    pub order: String,
    /// The unit that led.
    pub unit: String,
    /// Its kind.
    pub kind: String,
    /// Whether it would be late; else it no longer would.
    pub would_be_late: bool,
    /// The limits that make the difference.
    pub clocks: Vec<String>,
}

#[derive(Default)]
struct Sum {
    count: u64,
    least: i64,
    total: i64,
    most: i64,
}

impl Sum {
    fn add(&mut self, minutes: i64) {
        self.least = if self.count == 0 { minutes } else { self.least.min(minutes) };
        self.most = self.most.max(minutes);
        self.total += minutes;
        self.count += 1;
    }

    fn shift(&self) -> Shift {
        let mean = self.total / i64::try_from(self.count.max(1)).unwrap_or(i64::MAX);
        Shift { count: self.count, least: self.least, mean, most: self.most }
    }
}

#[derive(Default)]
struct OfClock {
    count: u64,
    gone: u64,
    late: u64,
    would_be_late: u64,
    earlier: Sum,
    later: Sum,
}

struct Counting<'a> {
    draft: &'a Pack,
    org: &'a Organisation,
    rules_of: Day,
    now: Instant,
    rows: BTreeMap<(String, String), (u64, u64, u64)>,
    clocks: BTreeMap<(String, &'static str), OfClock>,
    done: Simulation,
}

impl Counting<'_> {
    fn add(&mut self, order: &Order) {
        let limits = what_if(order, self.draft, self.org, self.rules_of, self.now);
        let (late, would) = (limits.iter().any(|one| one.late), limits.iter().any(|one| one.would_be_late));
        let lead = order.tasks.iter().rev().find(|task| task.leads_case());
        let unit = lead.map_or(&order.lies_with, |task| &task.unit).0.clone();
        let kind = order.kind.clone().unwrap_or_default();
        self.done.orders += 1;
        self.done.late += u64::from(late);
        self.done.would_be_late += u64::from(would);
        let row = self.rows.entry((unit.clone(), kind.clone())).or_default();
        *row = (row.0 + 1, row.1 + u64::from(late), row.2 + u64::from(would));
        if late != would {
            let differs: HashSet<&str> =
                limits.iter().filter(|one| one.late != one.would_be_late).map(|one| one.clock.name.as_str()).collect();
            let mut clocks: Vec<String> = differs.into_iter().map(str::to_owned).collect();
            clocks.sort();
            self.done.moved.push(Moved { order: order.no.clone(), unit, kind, would_be_late: would, clocks });
        }
        limits.iter().for_each(|one| self.clock(one));
    }

    fn clock(&mut self, one: &WhatIf<'_>) {
        let level = if one.clock.task.is_some() { "task" } else { "case" };
        let of = self.clocks.entry((one.clock.name.clone(), level)).or_default();
        of.count += 1;
        of.late += u64::from(one.late);
        of.would_be_late += u64::from(one.would_be_late);
        match &one.would {
            None => of.gone += 1,
            Some(would) => {
                let minutes = (would.due.at.ms() - one.clock.due.at.ms()) / 60_000;
                match minutes {
                    0 => {}
                    1.. => of.later.add(minutes),
                    _ => of.earlier.add(-minutes),
                }
            }
        }
    }

    fn finish(mut self) -> Simulation {
        let rows = self.rows.into_iter().map(|((unit, kind), (orders, late, would_be_late))| Row {
            unit,
            kind,
            orders,
            late,
            would_be_late,
        });
        self.done.by_unit_and_kind = rows.filter(|row| row.late + row.would_be_late > 0).collect();
        self.done.by_unit_and_kind.sort_by_key(|row| std::cmp::Reverse(row.late.abs_diff(row.would_be_late)));
        self.done.limits = self
            .clocks
            .into_iter()
            .map(|((name, level), of)| Limits {
                name,
                level: level.to_owned(),
                count: of.count,
                gone: of.gone,
                late: of.late,
                would_be_late: of.would_be_late,
                earlier: of.earlier.shift(),
                later: of.later.shift(),
            })
            .collect();
        self.done
    }
}

/// What `draft` would have come to for the orders taken in from a day until a day. The draft is taken to be in force
/// throughout, as it is when its newest limit has begun. `progress` is told how many of how many are done.
///
/// # Errors
/// [`CommandError::Forbidden`] for all but the hotline office; [`CommandError::Invalid`] for days in the wrong order.
pub async fn simulate(
    app: &Arc<App>,
    actor: &Actor,
    draft: Pack,
    from: Day,
    to: Day,
    mut progress: impl FnMut(u64, u64),
) -> Result<Simulation, CommandError> {
    if !(actor.is_system() || actor.has(Role::Office)) {
        return Err(CommandError::Forbidden("the hotline office".into()));
    }
    if to < from {
        return Err(CommandError::invalid("to", "lies before the first day"));
    }
    let (first, end) = (app.zone().start_of(from), app.zone().start_of(to.next()));
    let city = app.city.clone();
    let total = app
        .db
        .read("simulate_count", move |tx| {
            Box::pin(async move { orders::count_between(tx, city.as_str(), first, end).await })
        })
        .await?;
    let total = u64::try_from(total).unwrap_or(0);
    let org = app.current_organisation().await?;
    let rules_of = draft.newest().unwrap_or(from);
    let mut counting = Counting {
        draft: &draft,
        org: &org,
        rules_of,
        now: app.now(),
        rows: BTreeMap::new(),
        clocks: BTreeMap::new(),
        done: Simulation {
            from: from.to_string(),
            to: to.to_string(),
            rules_of: rules_of.to_string(),
            ..Simulation::default()
        },
    };
    for sealed in [false, true] {
        let (mut at, mut id) = (first, String::new());
        loop {
            let (city, after) = (app.city.clone(), id.clone());
            let page = app
                .db
                .read("simulate", move |tx| {
                    Box::pin(async move {
                        orders::taken_in_between(tx, city.as_str(), sealed, (at, &after), end, PAGE).await
                    })
                })
                .await?;
            let Some((last, stored)) = page.last() else { break };
            at = *last;
            id.clone_from(&stored.order.id.0);
            for some in page.chunks(SLICE) {
                some.iter().for_each(|(_, stored)| counting.add(&stored.order));
                tokio::task::yield_now().await;
            }
            progress(counting.done.orders, total);
        }
    }
    Ok(counting.finish())
}
