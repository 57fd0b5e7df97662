//! Who answers for a matter, who may not, and who leads.

use crate::{
    order::Order,
    organisation::Unit,
    policy::{Forbid, Lead, Pack, Route},
    time::{Day, Instant},
};

/// What is asked of the routes.
#[derive(Debug, Clone, Copy)]
pub struct RouteQuestion<'a> {
    /// Kind of request.
    pub kind: &'a str,
    /// Subject.
    pub subject: Option<&'a str>,
    /// Area.
    pub area: Option<&'a str>,
    /// Urgency.
    pub urgency: &'a str,
    /// The unit the matter is about, and all above it.
    pub target: &'a [&'a str],
    /// The mode it was taken in under.
    pub mode: Option<&'a str>,
    /// When it is sent.
    pub at: Instant,
}

impl<'a> RouteQuestion<'a> {
    /// A matter of a kind at a moment of which nothing else is known.
    pub fn on(kind: &'a str, at: Instant) -> Self {
        Self { kind, subject: None, area: None, urgency: "normal", target: &[], mode: None, at }
    }
}

/// How specific a route is: a mode or target, the depth of its subject, of its area, further conditions.
type Weight = [usize; 4];

impl<'a> RouteQuestion<'a> {
    /// What is asked for an order sent at a moment; `target` is the path of the unit it is about.
    pub fn of(order: &'a Order, target: &'a [&'a str], at: Instant) -> Self {
        Self {
            kind: order.kind.as_deref().unwrap_or_default(),
            subject: order.subject.as_deref(),
            area: order.area.as_deref(),
            urgency: order.urgency.code(),
            target,
            mode: order.mode.as_deref(),
            at,
        }
    }
}

fn among(list: &[String], word: &str) -> bool {
    list.is_empty() || list.iter().any(|entry| entry == word)
}

fn between(day: Day, from: Option<Day>, until: Option<Day>) -> bool {
    from.is_none_or(|from| from <= day) && until.is_none_or(|until| day <= until)
}

impl Pack {
    /// Who answers for a matter, most specific first.
    pub fn routes(&self, question: &RouteQuestion<'_>) -> Vec<&Route> {
        let mut found: Vec<(Weight, &Route)> =
            self.routes.iter().filter_map(|route| Some((self.weight(route, question)?, route))).collect();
        found.sort_by_key(|(weight, _)| std::cmp::Reverse(*weight));
        found.into_iter().map(|(_, route)| route).collect()
    }

    /// How specific a route is for a matter; none where it does not hold.
    fn weight(&self, route: &Route, question: &RouteQuestion<'_>) -> Option<Weight> {
        let by_subject = route
            .subjects
            .iter()
            .filter(|above| self.subject_within(question.subject, above))
            .map(|code| self.subject_depth(code))
            .max();
        let in_area = |above: &&String| question.area.is_some_and(|area| self.area_within(area, above));
        let by_area = route.areas.iter().filter(in_area).map(|code| self.area_depth(code)).max();
        let targeted = route.targets.iter().any(|target| question.target.contains(&target.as_str()));
        let holds = among(&route.kinds, question.kind)
            && among(&route.urgency, question.urgency)
            && (route.subjects.is_empty() || by_subject.is_some())
            && (route.areas.is_empty() || by_area.is_some())
            && (route.targets.is_empty() || targeted)
            && self.flagged(&route.flags, question.subject)
            && (route.modes.is_empty() || question.mode.is_some_and(|mode| among(&route.modes, mode)))
            && between(self.zone().day(question.at), route.from, route.until)
            && route.hours.as_ref().is_none_or(|hours| self.within_hours(hours, question.at));
        let narrower = [
            !route.kinds.is_empty(),
            !route.urgency.is_empty(),
            !route.flags.is_empty(),
            route.from.is_some() || route.until.is_some(),
            route.hours.is_some(),
        ];
        let narrower = narrower.into_iter().map(usize::from).sum::<usize>();
        // What a mode or the unit complained about decides outdoes what subject and place say.
        let first = usize::from(!route.modes.is_empty()) + usize::from(targeted);
        holds.then(|| [first, by_subject.unwrap_or(0), by_area.unwrap_or(0), narrower])
    }

    /// Whether a route sends a unit to matters whose owner is not clear.
    pub fn goes_unclear(&self, unit: &str) -> bool {
        self.routes.iter().any(|route| route.unclear && route.lead == unit)
    }

    /// The route by which a unit is sent to a matter whose owner is not clear, where no other names it.
    pub fn unclear(&self, unit: &str, question: &RouteQuestion<'_>) -> Option<&Route> {
        let mut named = self.routes(question).into_iter().filter(|route| route.lead == unit);
        named.next().filter(|route| route.unclear)
    }

    fn within_hours(&self, [from, until]: &[String; 2], at: Instant) -> bool {
        let short = self.zone().short(at);
        let time = short.get(11..).unwrap_or_default();
        if from <= until {
            from.as_str() <= time && time < until.as_str()
        } else {
            from.as_str() <= time || time < until.as_str()
        }
    }

    /// How deep a subject lies: what is nearer to the leaf says more of a matter, however codes are written.
    fn subject_depth(&self, code: &str) -> usize {
        self.subjects.get(code).map_or(0, |node| node.above.len() + 1)
    }

    fn area_depth(&self, code: &str) -> usize {
        let mut at = self.areas.get(code);
        let mut depth = 0;
        while let Some(area) = at.filter(|_| depth < 8) {
            depth += 1;
            at = area.parent.as_deref().and_then(|above| self.areas.get(above));
        }
        depth
    }

    fn subject_within(&self, subject: Option<&str>, above: &str) -> bool {
        subject.is_some_and(|code| {
            code == above || self.subjects.get(code).is_some_and(|node| node.above.iter().any(|a| a == above))
        })
    }

    /// Whether a subject carries one of these flags; any does where there are none.
    pub(crate) fn flagged(&self, flags: &[String], subject: Option<&str>) -> bool {
        let node = subject.and_then(|code| self.subjects.get(code));
        flags.is_empty() || node.is_some_and(|node| node.flags.iter().any(|flag| flags.contains(flag)))
    }

    /// Why a unit may not be given a matter, if it may not.
    pub fn forbids(&self, unit: &Unit, question: &RouteQuestion<'_>) -> Option<&Forbid> {
        let day = self.zone().day(question.at);
        let listed = || {
            self.routes(question).into_iter().any(|route| {
                route.lead == unit.id.as_str() || route.assist.iter().any(|assist| assist == unit.id.as_str())
            })
        };
        self.forbids.iter().find(|forbid| {
            let subject = forbid.subjects.is_empty()
                || forbid.subjects.iter().any(|above| self.subject_within(question.subject, above));
            (forbid.unit_kinds.contains(&unit.kind) || forbid.units.iter().any(|code| code == unit.id.as_str()))
                && among(&forbid.kinds, question.kind)
                && subject
                && self.flagged(&forbid.flags, question.subject)
                && between(day, forbid.from, forbid.until)
                && !(forbid.except_routed && listed())
        })
    }

    /// The rule by which a kind of unit may not lead beside another, if there is one.
    pub fn leads_over(&self, lead: &str, assist: &str) -> Option<&Lead> {
        let has = |list: &[String], kind: &str| list.iter().any(|entry| entry == kind);
        self.leads.iter().find(|rule| has(&rule.under, lead) && has(&rule.over, assist))
    }
}
