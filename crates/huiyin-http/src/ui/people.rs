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
        MissingPart::LeadingGroup => "领导小组",
        MissingPart::Head => "主要负责人",
        MissingPart::Deputy => "分管负责人",
        MissingPart::Handlers => "信息采编员",
        MissingPart::Filing => "人员变动备案",
        MissingPart::RosterDay => "工作时间值班电话",
        MissingPart::RosterNight => "夜间值班电话",
        MissingPart::RosterHoliday => "节假日值班电话",
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
                    MissingPart::Filing => format!("{}（{} 项逾期）", part(one.part), one.have),
                    _ if one.need > 1 => format!("{}（{} / {}）", part(one.part), one.have, one.need),
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
                days: held
                    .until
                    .map_or_else(|| format!("{} 起", held.from), |until| format!("{} 至 {until}", held.from)),
                filed: match (held.filed_at, held.filing_due) {
                    (Some(at), _) => format!("{} 备案", show::near_moment(pack, app.now(), at)),
                    (None, Some(due)) => format!("未备案，{} 前", show::near_moment(pack, app.now(), due)),
                    (None, None) => String::new(),
                },
            });
        }
    }
    let page = PeoplePage { frame: ctx.frame("人员与就绪", "/people", None), units, people: found };
    ctx.answer(&page, None)
}
