//! When matters of several claimants look like one event.

use crate::{
    order::Order,
    policy::{MassEvent, Pack},
    time::Day,
};

impl Pack {
    /// The rules on mass events.
    pub fn mass_events(&self) -> &[MassEvent] {
        &self.mass_events
    }

    /// What an order is alike by on a day: each rule that holds for it, with the key that all alike share.
    pub fn alike(&self, order: &Order, day: Day) -> Vec<(&MassEvent, String)> {
        let Some(kind) = order.kind.as_deref() else { return Vec::new() };
        let holds = |rule: &&MassEvent| {
            (rule.kinds.is_empty() || rule.kinds.iter().any(|one| one == kind))
                && self.flagged(&rule.flags, order.subject.as_deref())
                && rule.from.is_none_or(|from| from <= day)
                && rule.until.is_none_or(|until| day <= until)
        };
        self.mass_events.iter().filter(holds).filter_map(|rule| Some((rule, self.key(rule, order)?))).collect()
    }

    /// The key of an order by a rule; none where it does not say what the rule compares.
    fn key(&self, rule: &MassEvent, order: &Order) -> Option<String> {
        let part = |level: Option<usize>, path: Option<Vec<String>>| match level {
            None => Some(String::new()),
            Some(level) => path.and_then(|path| path.get(level - 1).or(path.last()).cloned()),
        };
        let subject = || {
            let node = self.subject(order.subject.as_deref()?)?;
            Some(node.above.iter().rev().chain([&node.code]).cloned().collect())
        };
        let area = || {
            let mut path = Vec::new();
            let mut at = self.area(order.area.as_deref()?);
            while let Some(area) = at.filter(|_| path.len() < 8) {
                path.insert(0, area.code.clone());
                at = area.parent.as_deref().and_then(|above| self.area(above));
            }
            Some(path)
        };
        let target = match (rule.same_target, &order.target) {
            (false, _) => "",
            (true, Some(target)) => target.as_str(),
            (true, None) => return None,
        };
        let (subject, area) = (part(rule.subject_level, subject())?, part(rule.area_level, area())?);
        Some(format!("{}/{subject}/{area}/{target}", rule.name))
    }
}
