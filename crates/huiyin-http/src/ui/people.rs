//! `GET /people`: which units are not ready, and who works in one's own.

use askama::Template;
use axum::response::Response;
use huiyin_app::people::{self, Missing, MissingPart, UnitReadiness};

use super::{error::Fault, filters, frame::Frame, session::Ctx, show, words};

/// A unit that is not ready.
#[derive(Debug)]
pub struct UnitRow {
    /// Its name.
    pub name: String,
    /// What is missing.
    pub missing: Vec<String>,
    /// The rules.
    pub cite: String,
}

/// A person of one's own unit.
#[derive(Debug)]
pub struct PersonRow {
    /// Name.
    pub name: String,
    /// Unit.
    pub unit: String,
    /// Role.
    pub role: String,
    /// Since when, until when.
    pub days: String,
    /// Whether the change is filed.
    pub filed: String,
}

/// The page.
#[derive(Debug, Template)]
#[template(path = "people.html")]
pub struct PeoplePage {
    /// What surrounds it.
    pub frame: Frame,
    /// Units that are not ready.
    pub units: Vec<UnitRow>,
    /// People of one's own units.
    pub people: Vec<PersonRow>,
}

/// What a unit lacks, in words.
pub fn part(part: MissingPart) -> &'static str {
    match part {
        MissingPart::LeadingGroup => t!("lack-leading-group"),
        MissingPart::Head => t!("lack-head"),
        MissingPart::Deputy => t!("lack-deputy"),
        MissingPart::Handlers => t!("lack-handler"),
        MissingPart::Filing => t!("lack-filing"),
        MissingPart::RosterDay => t!("lack-day"),
        MissingPart::RosterNight => t!("lack-night"),
        MissingPart::RosterHoliday => t!("lack-holiday"),
    }
}

fn cite(basis: &huiyin_core::policy::Citation) -> String {
    format!("{} {}", if basis.number.is_empty() { &basis.document } else { &basis.number }, basis.article)
}

fn lack(one: &Missing) -> String {
    match one.part {
        MissingPart::Filing => t!("people-lack-late", part = part(one.part), have = one.have),
        _ if one.need > 1 => t!("people-lack", part = part(one.part), have = one.have, need = one.need),
        _ => part(one.part).to_owned(),
    }
}

/// All that a unit lacks, in words.
fn lacks(unit: &UnitReadiness) -> Vec<String> {
    unit.missing.iter().map(lack).collect()
}

/// A unit that is not ready, beside a place where units are chosen: told, and in the way of nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lacking {
    /// Its code.
    pub unit: String,
    /// Its name.
    pub name: String,
    /// What it lacks, each with its rule.
    pub lacks: Vec<String>,
}

impl Lacking {
    /// All of it in one line.
    pub fn line(&self) -> String {
        t!("ready-not", lacks = self.lacks.join(t!("punct-list")))
    }

    /// What a unit lacks that somebody typed or picked, by code or name.
    pub fn of<'a>(all: &'a [Self], unit: &str) -> Option<&'a Self> {
        all.iter().find(|one| one.unit == unit || one.name == unit)
    }
}

/// Units that are not ready.
///
/// # Errors
/// [`Fault`].
pub async fn lacking(ctx: &Ctx) -> Result<Vec<Lacking>, Fault> {
    let found = people::not_ready_in(&ctx.site.app, &ctx.actor, &ctx.org).await?;
    let row = |unit: UnitReadiness| {
        // What one rule asks for stands together, and its citation once, without remarks.
        let mut by_rule: Vec<(String, Vec<String>)> = Vec::new();
        for one in &unit.missing {
            let rule = one.basis.first().map_or_else(String::new, cite);
            let rule = rule.split('；').next().unwrap_or_default().to_owned();
            match by_rule.iter_mut().find(|known| known.0 == rule) {
                Some(known) => known.1.push(lack(one)),
                None => by_rule.push((rule, vec![lack(one)])),
            }
        }
        let words = |(rule, lacks): (String, Vec<String>)| {
            let lack = lacks.join(t!("punct-list"));
            if rule.is_empty() { lack } else { t!("ready-lack", lack, cite = rule) }
        };
        Lacking { unit: unit.unit.0, name: unit.name, lacks: by_rule.into_iter().map(words).collect() }
    };
    Ok(found.into_iter().map(row).collect())
}

/// `GET /people`.
///
/// # Errors
/// [`Fault`].
pub async fn get(ctx: Ctx) -> Result<Response, Fault> {
    let app = &ctx.site.app;
    let pack = &app.pack;
    let not_ready = people::not_ready(app, &ctx.actor).await?;
    let units = not_ready
        .into_iter()
        .map(|unit| UnitRow {
            missing: lacks(&unit),
            name: unit.name.clone(),
            cite: unit.missing.iter().flat_map(|one| &one.basis).next().map_or_else(String::new, cite),
        })
        .collect();
    let mut found = Vec::new();
    let mut own: Vec<_> = ctx.actor.posts.iter().map(|post| post.unit.clone()).collect();
    own.sort();
    own.dedup();
    let today = app.zone().day(app.now());
    for unit in own {
        for held in people::unit_people(app, &ctx.actor, &unit).await?.into_iter().filter(|held| held.in_force(today)) {
            found.push(PersonRow {
                name: held.name.clone(),
                unit: show::unit(&ctx.org, &held.unit),
                role: words::role(held.role.code()).to_owned(),
                days: held.until.map_or_else(
                    || t!("word-from-on", from = held.from),
                    |until| t!("word-from-to", from = held.from, until),
                ),
                filed: match (held.filed_at, held.filing_due) {
                    (Some(at), _) => t!("people-filed", at = show::near_moment(pack, app.now(), at)),
                    (None, Some(due)) => t!("people-to-file", due = show::near_moment(pack, app.now(), due)),
                    (None, None) => String::new(),
                },
            });
        }
    }
    let page = PeoplePage { frame: ctx.frame(t!("people-title"), "/people", None), units, people: found };
    ctx.answer(&page, None)
}
