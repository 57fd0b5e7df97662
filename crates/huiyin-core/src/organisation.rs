//! The dated register of units: a tree with kinds, territories, ends and successors.

use std::collections::{BTreeMap, HashMap};

use serde::{Deserialize, Serialize};

use crate::{
    id::UnitId,
    policy::{Function, Mode, Pack},
    time::{Day, Instant},
};

/// A unit of the register.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Unit {
    /// Code, stable for ever.
    pub id: UnitId,
    /// Official name.
    pub name: String,
    /// Other names it is written by.
    #[serde(default)]
    pub aliases: Vec<String>,
    /// Code of its kind in the pack.
    pub kind: String,
    /// What its kind does in the procedure.
    pub function: Function,
    /// The unit above it.
    #[serde(default)]
    pub parent: Option<UnitId>,
    /// Area it answers for.
    #[serde(default)]
    pub territory: Option<String>,
    /// First day in the register.
    pub from: Day,
    /// Last day, if it ended.
    #[serde(default)]
    pub until: Option<Day>,
    /// The unit that took over.
    #[serde(default)]
    pub successor: Option<UnitId>,
    /// Kinds whose feedback needs the leader's approval.
    #[serde(default)]
    pub approval: Vec<String>,
}

impl Unit {
    /// Whether the unit exists on a day.
    pub fn in_force(&self, day: Day) -> bool {
        self.from <= day && self.until.is_none_or(|until| day <= until)
    }
}

/// An emergency mode that was declared.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Declared {
    /// Its code in the pack.
    pub mode: String,
    /// Since when it is on.
    pub from: Instant,
    /// When it ends, or ended.
    pub until: Instant,
}

/// All units of a city, and the emergency modes declared in it.
#[derive(Debug, Clone, Default)]
pub struct Organisation {
    units: BTreeMap<UnitId, Unit>,
    children: HashMap<UnitId, Vec<UnitId>>,
    modes: Vec<Declared>,
}

impl Organisation {
    /// The register made of these units; of two with one code the later stands.
    pub fn new(units: impl IntoIterator<Item = Unit>) -> Self {
        let units: BTreeMap<UnitId, Unit> = units.into_iter().map(|unit| (unit.id.clone(), unit)).collect();
        let mut children: HashMap<UnitId, Vec<UnitId>> = HashMap::new();
        for unit in units.values() {
            if let Some(parent) = &unit.parent {
                children.entry(parent.clone()).or_default().push(unit.id.clone());
            }
        }
        Self { units, children, modes: Vec::new() }
    }

    /// The same with the modes declared, the latest last.
    #[must_use]
    pub fn with_modes(mut self, modes: impl IntoIterator<Item = Declared>) -> Self {
        self.modes.extend(modes);
        self
    }

    /// The mode of the pack that is on at a moment and takes such a matter onto the emergency path, if there is one.
    pub fn mode_for<'p>(&self, pack: &'p Pack, at: Instant, kind: &str, subject: Option<&str>) -> Option<&'p Mode> {
        self.modes.iter().rev().filter(|declared| declared.from <= at && at < declared.until).find_map(|declared| {
            pack.mode(&declared.mode).filter(|mode| {
                (mode.kinds.is_empty() || mode.kinds.iter().any(|k| k == kind)) && pack.flagged(&mode.flags, subject)
            })
        })
    }

    /// The unit and all above it.
    pub fn path(&self, id: &UnitId) -> Vec<&str> {
        let mut found: Vec<&str> = Vec::new();
        let mut at = self.units.get(id);
        while let Some(unit) = at.filter(|unit| !found.contains(&unit.id.as_str())) {
            found.push(unit.id.as_str());
            at = unit.parent.as_ref().and_then(|above| self.units.get(above));
        }
        found
    }

    /// The register a pack starts with.
    pub fn of_pack(pack: &Pack) -> Self {
        Self::new(pack.units().iter().map(|entry| Unit {
            id: UnitId(entry.code.clone()),
            name: entry.name.clone(),
            aliases: entry.aliases.clone(),
            kind: entry.kind.clone(),
            function: pack.unit_kind(&entry.kind).map_or(Function::None, |kind| kind.function),
            parent: entry.parent.clone().map(UnitId),
            territory: entry.territory.clone(),
            from: entry.from,
            until: entry.until,
            successor: entry.successor.clone().map(UnitId),
            approval: entry.approval.clone(),
        }))
    }

    /// A unit by its code.
    pub fn unit(&self, id: &UnitId) -> Option<&Unit> {
        self.units.get(id)
    }

    /// All units, by code.
    pub fn units(&self) -> impl Iterator<Item = &Unit> {
        self.units.values()
    }

    /// Units directly below.
    pub fn children(&self, id: &UnitId) -> &[UnitId] {
        self.children.get(id).map_or(&[], Vec::as_slice)
    }

    /// The unit and all below it. A cycle in the register ends where it closes.
    pub fn subtree(&self, id: &UnitId) -> Vec<UnitId> {
        let mut found = vec![id.clone()];
        let mut at = 0;
        while at < found.len() {
            for child in self.children(&found[at].clone()) {
                if !found.contains(child) {
                    found.push(child.clone());
                }
            }
            at += 1;
        }
        found
    }

    /// Whether `id` is `above` or lies below it.
    pub fn is_within(&self, id: &UnitId, above: &UnitId) -> bool {
        let mut at = Some(id);
        for _ in 0..=self.units.len() {
            match at {
                Some(unit) if unit == above => return true,
                Some(unit) => at = self.units.get(unit).and_then(|unit| unit.parent.as_ref()),
                None => return false,
            }
        }
        false
    }

    /// The first unit with a function, by code.
    pub fn with_function(&self, function: Function) -> Option<&Unit> {
        self.units.values().find(|unit| unit.function == function && unit.until.is_none())
    }

    /// The nearest unit that still exists: itself, or along its successors.
    pub fn successor_in_force(&self, id: &UnitId, day: Day) -> Option<&Unit> {
        let mut at = self.units.get(id);
        for _ in 0..=self.units.len() {
            let unit = at?;
            if unit.in_force(day) {
                return Some(unit);
            }
            at = unit.successor.as_ref().and_then(|next| self.units.get(next));
        }
        None
    }

    /// The sub-centre a unit is or lies below, if any.
    pub fn sub_centre_of(&self, id: &UnitId) -> Option<&Unit> {
        let mut at = self.units.get(id);
        for _ in 0..=self.units.len() {
            let unit = at?;
            if unit.function == Function::SubCentre {
                return Some(unit);
            }
            at = unit.parent.as_ref().and_then(|above| self.units.get(above));
        }
        None
    }
}
