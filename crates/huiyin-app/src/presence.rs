//! Who else looks at an order, and who is filling a form in. It is known while a page's stream is open and forgotten with
//! it; nothing of it is stored. Each process knows its own pages.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use huiyin_core::organisation::Organisation;
use serde::Serialize;
use tokio::sync::watch;

use crate::{Actor, App, CommandError, Scope, orders};

/// Pages of one order that are kept in mind.
const MOST: usize = 50;

/// Somebody at an order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Present {
    /// Their name.
    pub name: String,
    /// Whether they are filling a form in.
    pub editing: bool,
}

struct Page {
    id: u64,
    person: String,
    name: String,
    editing: bool,
}

#[derive(Default)]
struct Pages {
    next: u64,
    orders: HashMap<String, Vec<Page>>,
}

/// Where the open pages of a process are known.
pub(crate) struct Room {
    pages: Mutex<Pages>,
    changed: watch::Sender<u64>,
}

impl Default for Room {
    fn default() -> Self {
        Self { pages: Mutex::default(), changed: watch::channel(0).0 }
    }
}

impl Room {
    fn with<T>(&self, change: impl FnOnce(&mut Pages) -> T) -> T {
        let found = change(&mut self.pages.lock().unwrap_or_else(PoisonError::into_inner));
        self.changed.send_modify(|count| *count += 1);
        found
    }
}

/// An open page of an order; dropped, it is gone.
pub struct Attendance {
    room: Arc<Room>,
    order: String,
    person: String,
    id: u64,
    changed: watch::Receiver<u64>,
}

impl Drop for Attendance {
    fn drop(&mut self) {
        self.room.with(|pages| {
            if let Some(of) = pages.orders.get_mut(&self.order) {
                of.retain(|page| page.id != self.id);
                if of.is_empty() {
                    pages.orders.remove(&self.order);
                }
            }
        });
    }
}

impl Attendance {
    /// The others at the order, each once.
    pub fn others(&self) -> Vec<Present> {
        let pages = self.room.pages.lock().unwrap_or_else(PoisonError::into_inner);
        let mut found: Vec<(&str, Present)> = Vec::new();
        for page in pages.orders.get(&self.order).into_iter().flatten().filter(|page| page.person != self.person) {
            match found.iter_mut().find(|(person, _)| *person == page.person) {
                Some((_, known)) => known.editing |= page.editing,
                None => found.push((&page.person, Present { name: page.name.clone(), editing: page.editing })),
            }
        }
        found.into_iter().map(|(_, present)| present).collect()
    }

    /// Waits until somebody came, went or began to write, at this order or another.
    pub async fn changed(&mut self) {
        // The sender lives as long as the room this holds.
        let _ = self.changed.changed().await;
    }
}

/// Says that a page of an order is open; none where there are more than are kept in mind.
///
/// # Errors
/// [`CommandError::NotFound`] when the actor may not know of the order.
pub async fn attend(
    app: &Arc<App>,
    actor: &Actor,
    org: &Arc<Organisation>,
    no: &str,
) -> Result<Option<Attendance>, CommandError> {
    let no = orders::known(app, actor, org, no).await?;
    let room = Arc::clone(&app.room);
    let id = room.with(|pages| {
        pages.next += 1;
        let id = pages.next;
        let of = pages.orders.entry(no.clone()).or_default();
        (of.len() < MOST).then(|| {
            let (person, name) = (actor.person.0.clone(), actor.name.clone());
            of.push(Page { id, person, name, editing: false });
            id
        })
    });
    let changed = room.changed.subscribe();
    Ok(id.map(|id| Attendance { room, order: no, person: actor.person.0.clone(), id, changed }))
}

/// Says that a person has begun to fill a form in, or stopped. Without an open page it says nothing.
///
/// # Errors
/// [`CommandError::NotFound`] when the actor may not know of the order.
pub async fn editing(
    app: &Arc<App>,
    actor: &Actor,
    org: &Arc<Organisation>,
    no: &str,
    on: bool,
) -> Result<(), CommandError> {
    if !actor.allows(Scope::OrdersRead) {
        return Err(CommandError::Forbidden("a token with scope orders:read".into()));
    }
    let no = orders::known(app, actor, org, no).await?;
    app.room.with(|pages| {
        let own = pages.orders.get_mut(&no).into_iter().flatten().filter(|page| page.person == actor.person.as_str());
        own.for_each(|page| page.editing = on);
    });
    Ok(())
}
