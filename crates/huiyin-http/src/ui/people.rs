//! `GET /people`: which units are not ready, and who works in one's own.

use askama::Template;
use axum::response::Response;
use huiyin_app::people::{self, MissingPart};

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
            name: unit.name,
            missing: unit
                .missing
                .iter()
                .map(|one| match one.part {
                    MissingPart::Filing => t!("people-lack-late", part = part(one.part), have = one.have),
                    _ if one.need > 1 => t!("people-lack", part = part(one.part), have = one.have, need = one.need),
                    _ => part(one.part).to_owned(),
                })
                .collect(),
            cite: unit.missing.iter().flat_map(|one| &one.basis).next().map_or_else(String::new, |basis| {
                format!("{} {}", if basis.number.is_empty() { &basis.document } else { &basis.number }, basis.article)
            }),
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
