//! Which unit the rules suggest for an order, and what limits would run: reasons and basis with each.

use huiyin_app::App;
use huiyin_core::{
    order::{Order, TaskState},
    organisation::Organisation,
    policy::{Question, Route, RouteQuestion},
    time::Instant,
};

use super::{show, words};

/// A unit the rules suggest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Suggestion {
    /// Its code.
    pub unit: String,
    /// Its name.
    pub name: String,
    /// What speaks for it.
    pub reasons: Vec<String>,
    /// What speaks against it.
    pub against: Vec<String>,
    /// What it lacks to be ready: told, and in the way of nothing.
    pub lacks: Vec<String>,
    /// Where the route comes from.
    pub cite: String,
    /// Units that usually assist: code and name.
    pub assist: Vec<(String, String)>,
}

/// What a matter is about, as far as it is known.
#[derive(Debug, Clone, Copy, Default)]
pub struct Matter<'a> {
    /// Kind.
    pub kind: Option<&'a str>,
    /// Subject.
    pub subject: Option<&'a str>,
    /// Area.
    pub area: Option<&'a str>,
    /// Urgency.
    pub urgency: &'a str,
    /// Channel.
    pub channel: &'a str,
}

impl<'a> Matter<'a> {
    /// What an order is about.
    pub fn of(order: &'a Order) -> Self {
        Self {
            kind: order.kind.as_deref(),
            subject: order.subject.as_deref(),
            area: order.area.as_deref(),
            urgency: order.urgency.code(),
            channel: order.channel.code(),
        }
    }

    /// What the routes are asked for it, sent at a moment.
    pub fn route(&self, at: Instant) -> RouteQuestion<'a> {
        let urgency = if self.urgency.is_empty() { "normal" } else { self.urgency };
        let kind = self.kind.unwrap_or_default();
        RouteQuestion { subject: self.subject, area: self.area, urgency, ..RouteQuestion::on(kind, at) }
    }
}

fn reasons(app: &App, route: &Route, matter: &Matter<'_>) -> Vec<String> {
    let mut found = Vec::new();
    if !route.subjects.is_empty() {
        found.push(t!("suggest-function", subject = show::subject(&app.pack, matter.subject)));
    }
    if !route.areas.is_empty() {
        found.push(t!("suggest-territory", area = show::area(&app.pack, matter.area)));
    }
    if !route.kinds.is_empty() {
        found.push(t!("suggest-kind", kind = show::kind(&app.pack, matter.kind)));
    }
    if !route.flags.is_empty() {
        found.push(t!("suggest-flag").to_owned());
    }
    if !route.urgency.is_empty() {
        found.push(t!("suggest-urgency", urgency = words::urgency(matter.urgency)));
    }
    if !route.targets.is_empty() {
        found.push(t!("suggest-target").to_owned());
    }
    if !route.modes.is_empty() {
        found.push(t!("suggest-mode").to_owned());
    }
    if let Some([from, until]) = &route.hours {
        found.push(t!("suggest-hours", from, until));
    }
    if route.from.is_some() || route.until.is_some() {
        let end = |day: Option<huiyin_core::time::Day>| day.map_or_else(String::new, |day| day.to_string());
        found.push(t!("suggest-dates", from = end(route.from), until = end(route.until)));
    }
    if route.unclear {
        found.push(t!("suggest-fallback").to_owned());
    }
    found
}

/// The units the routes of the pack suggest, the most specific first; units no longer in the register are left out.
pub fn units(app: &App, org: &Organisation, order: &Order) -> Vec<Suggestion> {
    let matter = Matter::of(order);
    let today = app.zone().day(app.now());
    let in_force = |code: &str| org.unit(&code.into()).filter(|unit| unit.in_force(today));
    let mut found: Vec<Suggestion> = Vec::new();
    let target = order.target.as_ref().map(|target| org.path(target)).unwrap_or_default();
    let question = RouteQuestion::of(order, &target, app.now());
    for route in app.pack.routes(&question) {
        let Some(unit) = in_force(&route.lead) else { continue };
        if found.iter().any(|one| one.unit == route.lead) || found.len() >= 5 {
            continue;
        }
        let given_back = order.tasks.iter().any(|task| task.unit == unit.id && task.state == TaskState::Returned);
        let mut against = Vec::new();
        if given_back {
            against.push(t!("suggest-returned").to_owned());
        }
        if let Some(forbid) = app.pack.forbids(unit, &question) {
            against.push(t!(
                "suggest-cited",
                what = forbid.what,
                cite = show::cite(&app.pack, &app.pack.basis(&forbid.cite))
            ));
        }
        if order.target.as_ref().is_some_and(|target| org.is_within(&unit.id, target)) {
            against.push(t!("suggest-party").to_owned());
        }
        found.push(Suggestion {
            unit: route.lead.clone(),
            name: unit.name.clone(),
            reasons: reasons(app, route, &matter),
            against,
            lacks: Vec::new(),
            cite: show::cite(&app.pack, &app.pack.basis(&route.cite)),
            assist: route
                .assist
                .iter()
                .filter_map(|code| in_force(code).map(|unit| (code.clone(), unit.name.clone())))
                .collect(),
        });
    }
    // What speaks against goes down, however specific its route.
    found.sort_by_key(|one| !one.against.is_empty());
    found
}

/// A limit that would run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limit {
    /// Its name.
    pub name: String,
    /// Until when.
    pub until: String,
    /// What the rule says.
    pub what: String,
    /// Where it comes from.
    pub cite: String,
}

/// The limits of a matter: taken in at one moment, dispatched now to the unit the rules suggest.
pub fn limits(app: &App, org: &Organisation, matter: &Matter<'_>, received: Instant) -> Vec<Limit> {
    let pack = &app.pack;
    let now = app.now();
    let lead = pack.routes(&matter.route(now)).first().map(|route| route.lead.clone());
    let unit_kind = lead.as_deref().and_then(|lead| org.unit(&lead.into())).map(|unit| unit.kind.clone());
    let question = |unit_kind| Question {
        kind: matter.kind,
        subject: matter.subject.and_then(|code| pack.subject(code)),
        urgency: matter.urgency,
        unit_kind,
        source: Some(matter.channel),
        assist: false,
        first: true,
        below: false,
        units: &[],
        mode: None,
        governing: pack.zone().day(now),
    };
    let start = if pack.word("intake.clock_from", pack.zone().day(now)) == "received" { received } else { now };
    let mut ruled = pack.ask(&question(None), start, &["taken-in"]);
    ruled.extend(pack.ask(&question(unit_kind.as_deref()), now, &["dispatched"]));
    let mut of_unit = pack.ask(&question(unit_kind.as_deref()), now, &["delivered", "commanded"]);
    of_unit.retain(|one| one.rule.start != "commanded" || matter.urgency == "emergency");
    // The unit's own limit for the whole is the case's, when it goes out now.
    of_unit.retain(|one| !(one.rule.name == "close" || one.rule.name == "return"));
    ruled.extend(of_unit);
    ruled
        .into_iter()
        .filter(|one| one.governs)
        .map(|one| Limit {
            name: super::words::clock(&one.rule.name).to_owned(),
            until: show::until(pack, &one.due),
            what: one.rule.what.clone(),
            cite: short(show::cite(pack, &one.basis)),
        })
        .collect()
}

/// A citation without the remarks after its first clause: a strip has one line.
fn short(cite: String) -> String {
    cite.split('；').next().unwrap_or_default().to_owned()
}
