//! The sections of a pack: each entry read by itself, one pack laid over those above it.

use std::collections::{HashMap, HashSet};

use serde::de::DeserializeOwned;
use toml::{
    Spanned,
    de::{DeValue, ValueDeserializer},
};

use super::{At, Checker};
use crate::policy::{
    Approver, Area, BusinessHours, ChannelEntry, ClockRule, Closing, Closure, Coded, Fact, Forbid, Ladder, Lead,
    MassEvent, Mode, NoClock, Origin, Parameter, Reason, Route, Source, Tell, TextEntry, UnitEntry, UnitKind,
    file::{self, Subject},
    schema::form,
    settings::nearest,
};

/// Reads one entry. One that does not read is remembered by its code, so that what names it is no fault too.
fn entry<T: DeserializeOwned + 'static>(
    check: &mut Checker,
    file: usize,
    value: Spanned<DeValue<'_>>,
    loud: bool,
) -> Result<(At, T), Option<String>> {
    let at = At { file, span: value.span() };
    let code = ["key", "code", "name", "rule"]
        .iter()
        .find_map(|field| value.get_ref().as_table()?.get(*field)?.get_ref().as_str().map(str::to_owned));
    match T::deserialize(ValueDeserializer::from(value)) {
        Ok(entry) => Ok((at, entry)),
        Err(error) => {
            if loud {
                let at = At { span: error.span().unwrap_or(at.span), ..at };
                check.misread::<T>(&at, error.message());
            }
            Err(code)
        }
    }
}

macro_rules! sections {
    ($($field:ident: $type:ty = $key:expr),+ $(,)?) => {
        #[derive(Default)]
        pub(super) struct Sections {
            pub(super) pack: Vec<(At, file::Head)>,
            pub(super) calendar: Vec<(At, file::CalendarFile)>,
            pub(super) remove: Vec<(At, file::Remove)>,
            $(pub(super) $field: Vec<(At, $type)>,)+
            /// What was removed from the packs above, for its citations.
            pub(super) removed: Vec<(At, file::Remove)>,
            /// Entries that do not read: their section, and their code where they have one.
            pub(super) broken: Vec<(&'static str, String)>,
        }

        /// Each section with its form, and whether it is a list.
        pub(in crate::policy) fn forms() -> Vec<(&'static str, bool, serde_json::Value)> {
            vec![
                ("pack", false, form::<file::Head>()),
                ("calendar", false, form::<file::CalendarFile>()),
                ("remove", true, form::<file::Remove>()),
                $((stringify!($field), true, form::<$type>())),+
            ]
        }

        impl Sections {
            const NAMES: &[&str] = &["pack", "calendar", "remove", $(stringify!($field)),+];

            pub(super) fn add(&mut self, check: &mut Checker, at: &At, name: &str, value: Spanned<DeValue<'_>>, loud: bool) {
                let broken = &mut self.broken;
                match name {
                    "pack" => match entry(check, at.file, value, loud) {
                        Ok(entry) => self.pack.push(entry),
                        Err(code) => broken.push(("pack", code.unwrap_or_default())),
                    },
                    "calendar" => match entry(check, at.file, value, loud) {
                        Ok(entry) => self.calendar.push(entry),
                        Err(code) => broken.push(("calendar", code.unwrap_or_default())),
                    },
                    "remove" => {
                        for value in list(check, at, name, value, loud) {
                            if let Ok(entry) = entry(check, at.file, value, loud) {
                                self.remove.push(entry);
                            }
                        }
                    }
                    $(stringify!($field) => {
                        for value in list(check, at, name, value, loud) {
                            if !check.counts(at) {
                                return;
                            }
                            match entry(check, at.file, value, loud) {
                                Ok(entry) => self.$field.push(entry),
                                Err(code) => broken.push((stringify!($field), code.unwrap_or_default())),
                            }
                        }
                    })+
                    _ if !loud => {}
                    _ if LATER.contains(&name) => check.fault(
                        at,
                        format!("`{name}` is not yet supported by this program; leave the section out until it is"),
                    ),
                    _ => {
                        let near = nearest(name, Self::NAMES.iter().copied());
                        let near = near.map_or_else(String::new, |near| format!("did you mean `{near}`? "));
                        let mut name = name.to_owned();
                        name.truncate(name.floor_char_boundary(80));
                        let known = Self::NAMES.join(", ");
                        check.fault(at, format!("no section is called `{name}`; {near}sections are {known}"));
                    }
                }
            }

            /// Codes of entries of a section that are written but do not read.
            pub(super) fn unread(&self, section: &str) -> impl Iterator<Item = String> {
                self.broken.iter().filter(move |(of, _)| *of == section).map(|(_, code)| code.clone())
            }

            /// This pack over those above it: what has a name of theirs stands in its place, what is removed is gone.
            pub(super) fn over(mut self, mut above: Self, check: &mut Checker, origins: &mut Origins) -> Self {
                let name = self.name().to_owned();
                let removed = std::mem::take(&mut self.remove);
                for (at, remove) in &removed {
                    let found = match remove.section.as_str() {
                        $(stringify!($field) => {
                            let before = above.$field.len();
                            above.$field.retain(|(_, entry)| !is_named(&($key)(entry), &remove.name));
                            above.$field.len() < before
                        })+
                        _ => {
                            check.fault(at, format!("nothing is removed from `{}`; name one of {}", remove.section, Self::NAMES[3..].join(", ")));
                            continue;
                        }
                    };
                    if !found {
                        check.fault(at, format!("the packs above have no {} `{}` to remove", remove.section, remove.name));
                    }
                }
                $(
                    unique(check, &self.$field, stringify!($field), $key);
                    for (at, entry) in &self.$field {
                        let (line, column) = check.place(at);
                        let file = check.files[at.file].name.clone();
                        let origin = Origin { pack: name.clone(), file, line, column };
                        origins.insert(format!("{} {}", stringify!($field), ($key)(entry)), origin);
                    }
                    if above.$field.is_empty() {
                        above.$field = self.$field;
                    } else {
                        let places: HashMap<String, usize> =
                            above.$field.iter().enumerate().map(|(at, (_, entry))| (($key)(entry), at)).collect();
                        for entry in self.$field {
                            match places.get(&($key)(&entry.1)).filter(|_| ($key)(&entry.1) != UNNAMED) {
                                Some(place) => above.$field[*place] = entry,
                                None => above.$field.push(entry),
                            }
                        }
                    }
                )+
                if !self.pack.is_empty() {
                    // What the pack does not say of resolving conflicts, those above it say.
                    if let (Some((_, own)), Some((_, upper))) = (self.pack.first_mut(), above.pack.first()) {
                        let mut conflicts = upper.conflicts.clone();
                        conflicts.append(&mut own.conflicts);
                        own.conflicts = conflicts;
                        own.latest_by = own.latest_by.or(upper.latest_by);
                    }
                    above.pack = self.pack;
                }
                if !self.calendar.is_empty() {
                    above.calendar = self.calendar;
                }
                above.broken.append(&mut self.broken);
                above.removed.extend(removed);
                above
            }
        }
    };
}

/// Where each named entry of a pack comes from.
pub(super) type Origins = HashMap<String, Origin>;

/// Sections of the design that no version of the program reads yet.
const LATER: &[&str] =
    &["privacy", "reward", "knowledge", "exchange", "measure", "report", "outside", "automation", "telephony"];

/// The entries of a list section.
fn list<'t>(
    check: &mut Checker,
    at: &At,
    name: &str,
    value: Spanned<DeValue<'t>>,
    loud: bool,
) -> Vec<Spanned<DeValue<'t>>> {
    match value.into_inner() {
        DeValue::Array(entries) => entries.into_iter().collect(),
        _ => {
            if loud {
                check.fault(at, format!("`{name}` is a list; write [[{name}]]"));
            }
            Vec::new()
        }
    }
}

/// Whether a key is this name, or begins with it: `SY-62-a` names all rules of that name.
fn is_named(key: &str, name: &str) -> bool {
    key.strip_prefix(name).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// Every name of a section only once.
fn unique<T>(check: &mut Checker, entries: &[(At, T)], section: &str, key: impl Fn(&T) -> String) {
    let mut seen = HashSet::new();
    let what = section.replace('_', " ");
    for (at, entry) in entries {
        let key = key(entry);
        if key.trim_matches(['/', ' ']).is_empty() {
            check.fault(at, format!("a {what} has an empty code; give it one"));
        } else if key != UNNAMED && !seen.insert(key.clone()) {
            check.fault(at, format!("{what} `{key}` is already defined; remove one or give it another code"));
        }
    }
}

sections! {
    source: Source = |s: &Source| s.key.clone(),
    parameter: Parameter = |p: &Parameter| p.name.clone(),
    holiday: file::Holiday = |h: &file::Holiday| h.year.to_string(),
    business_hours: BusinessHours =
        |h: &BusinessHours| format!("{} {}", h.from, h.season.as_ref().map_or(String::new(), |s| s.join(" "))),
    closure: Closure = |c: &Closure| c.from.to_string(),
    area: Area = |a: &Area| a.code.clone(),
    unit_kind: UnitKind = |k: &UnitKind| k.code.clone(),
    unit: UnitEntry = |u: &UnitEntry| u.code.clone(),
    kind: Coded = |k: &Coded| k.code.clone(),
    item: Coded = |i: &Coded| i.code.clone(),
    subject: Subject = |s: &Subject| s.code.clone(),
    reason: Reason = |r: &Reason| format!("{}/{}", r.group, r.code),
    clock: ClockRule = ClockRule::key,
    no_clock: NoClock = |n: &NoClock| format!("{}/{}/{}", n.code, n.kinds.join(" "), n.states.join(" ")),
    fact: Fact = |f: &Fact| f.name.clone(),
    closing: Closing = |c: &Closing| format!("{}/{}/{}", c.rule, c.kinds.join(" "), c.urgency.join(" ")),
    tell: Tell = |t: &Tell| format!("{}/{}", t.on, t.kinds.join(" ")),
    route: Route = |r: &Route| r.name.clone().unwrap_or_else(|| UNNAMED.to_owned()),
    forbid: Forbid = |f: &Forbid| f.name.clone(),
    lead: Lead = |l: &Lead| l.name.clone(),
    approver: Approver = |a: &Approver| a.name.clone(),
    ladder: Ladder = |l: &Ladder| l.level.clone(),
    mode: Mode = |m: &Mode| m.code.clone(),
    channel: ChannelEntry = |c: &ChannelEntry| c.code.clone(),
    mass_event: MassEvent = |m: &MassEvent| m.name.clone(),
    text: TextEntry = |t: &TextEntry| t.name.clone(),
}

/// The key of an entry without a name: it stands beside all others.
const UNNAMED: &str = "\u{1}";

impl Sections {
    /// The pack's name.
    pub(super) fn name(&self) -> &str {
        self.pack.first().map_or("", |(_, head)| head.name.as_str())
    }

    /// The pack it extends.
    pub(super) fn parent(&self) -> Option<(At, String)> {
        self.pack.first().and_then(|(at, head)| Some((at.clone(), head.parent.clone()?)))
    }
}
