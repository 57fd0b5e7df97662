//! What a table changes in what is known: pure, so that a dry run and the writing agree.

use std::collections::{BTreeMap, HashMap};

use huiyin_core::{
    id::UnitId,
    organisation::{Organisation, Unit},
    policy::{Function, Pack},
    time::{Day, Instant},
};
use huiyin_store::people::{Person, posts::Post};

use super::super::{AddPost, Position, Terms, posts as post_rules, units as unit_rules};
use super::{
    ImportChange, ImportFault, ImportReport, Subject,
    read::{Row, Table},
};
use crate::CommandError;

/// What is there already.
pub(super) struct Known {
    pub(super) units: Vec<Unit>,
    pub(super) persons: Vec<Person>,
    pub(super) posts: Vec<Post>,
}

/// What is to be written, and the report of it.
pub(super) struct Plan {
    pub(super) report: ImportReport,
    /// Units, and whether they are new.
    pub(super) units: Vec<(Unit, bool)>,
    pub(super) new_persons: Vec<Person>,
    pub(super) changed_persons: Vec<Person>,
    /// Posts, and whether they are new.
    pub(super) posts: Vec<(Post, bool)>,
}

struct Planner<'a> {
    pack: &'a Pack,
    table: &'a Table,
    now: Instant,
    today: Day,
    plan: Plan,
}

impl Planner<'_> {
    fn fault(&mut self, line: usize, column: &str, message: impl Into<String>) {
        let column = if column.is_empty() { String::new() } else { self.table.heading(column) };
        self.plan.report.faults.push(ImportFault { line, column, message: message.into() });
    }

    fn changed(&mut self, line: usize, subject: Subject, code: &str, new: bool, columns: &[&str]) {
        let columns = columns.iter().map(|column| self.table.heading(column)).collect();
        let change = ImportChange { line, subject, code: code.to_owned(), columns };
        if new { self.plan.report.new.push(change) } else { self.plan.report.changed.push(change) }
    }

    /// The register after the table: its rows over what is known.
    fn units(&mut self, known: &Known) -> Organisation {
        let table = self.table;
        let old: BTreeMap<&UnitId, &Unit> = known.units.iter().map(|unit| (&unit.id, unit)).collect();
        let mut seen: HashMap<&str, &Row> = HashMap::new();
        let mut units: Vec<(usize, Unit, bool)> = Vec::new();
        for row in table.rows.iter().filter(|row| row.describes_unit() && !row.unit.is_empty()) {
            if let Some(first) = seen.get(row.unit.as_str()) {
                if !same_unit(first, row) {
                    let message = format!("the unit `{}` is described otherwise in line {}", row.unit, first.line);
                    self.fault(row.line, "unit", message);
                }
                continue;
            }
            seen.insert(&row.unit, row);
            let id = UnitId(row.unit.clone());
            let before = old.get(&id).copied();
            let Some(unit) = self.unit(row, id, before) else { continue };
            let Some(before) = before else {
                let all = ["unit_name", "kind", "parent", "territory"];
                self.changed(row.line, Subject::Unit, &row.unit, true, &all);
                units.push((row.line, unit, true));
                continue;
            };
            if *before != unit {
                let columns: Vec<&str> = [
                    ("unit_name", before.name != unit.name),
                    ("aliases", before.aliases != unit.aliases),
                    ("kind", before.kind != unit.kind),
                    ("parent", before.parent != unit.parent),
                    ("territory", before.territory != unit.territory),
                    ("successor", before.successor != unit.successor),
                    ("from", before.from != unit.from),
                    ("until", before.until != unit.until),
                ]
                .into_iter()
                .filter_map(|(column, differs)| differs.then_some(column))
                .collect();
                self.changed(row.line, Subject::Unit, &row.unit, false, &columns);
                units.push((row.line, unit, false));
            }
        }
        let all = known.units.iter().cloned().chain(units.iter().map(|(_, unit, _)| unit.clone()));
        let register = Organisation::new(all);
        for (line, unit, _) in &units {
            for (column, message) in unit_rules::faults(self.pack, &register, unit, self.today) {
                let column = if column == "name" { "unit_name" } else { column };
                self.fault(*line, column, message);
            }
            if let Some((name, other)) = unit_rules::namesake(&register, unit, self.today) {
                let place =
                    seen.get(other.id.as_str()).map_or_else(String::new, |row| format!(" in line {}", row.line));
                self.fault(*line, "unit_name", format!("`{name}` is the unit `{}`{place} already", other.id));
            }
        }
        self.plan.units = units.into_iter().map(|(_, unit, new)| (unit, new)).collect();
        register
    }

    /// A row's unit: its cells over what is known. None when a new one lacks what it must have.
    fn unit(&mut self, row: &Row, id: UnitId, before: Option<&Unit>) -> Option<Unit> {
        let mut unit = match (before, &row.unit_name, &row.kind) {
            (Some(before), ..) => before.clone(),
            (None, Some(name), Some(kind)) => Unit {
                id,
                name: name.clone(),
                aliases: Vec::new(),
                kind: kind.clone(),
                function: Function::None,
                parent: None,
                territory: None,
                from: self.today,
                until: None,
                successor: None,
                approval: Vec::new(),
            },
            (None, None, _) => {
                self.fault(row.line, "unit_name", format!("the unit `{}` is new and has no name", row.unit));
                return None;
            }
            (None, _, None) => {
                // A kind that could not be read was reported where it stands.
                if !self.table.faults.iter().any(|fault| fault.line == row.line) {
                    self.fault(row.line, "kind", format!("the unit `{}` is new and has no kind", row.unit));
                }
                return None;
            }
        };
        if let Some(name) = &row.unit_name {
            unit.name.clone_from(name);
        }
        if let Some(aliases) = &row.aliases {
            unit.aliases.clone_from(aliases);
        }
        if let Some(kind) = &row.kind {
            unit.kind.clone_from(kind);
        }
        if let Some(kind) = self.pack.unit_kind(&unit.kind) {
            unit.function = kind.function;
        }
        if let Some(parent) = &row.parent {
            unit.parent = Some(UnitId(parent.clone()));
        }
        if let Some(territory) = &row.territory {
            unit.territory = Some(territory.clone());
        }
        if let Some(successor) = &row.successor {
            unit.successor = Some(UnitId(successor.clone()));
        }
        if row.login.is_none() {
            unit.from = row.from.unwrap_or(unit.from);
            unit.until = row.until.or(unit.until);
        }
        Some(unit)
    }

    /// The persons after the table, by login.
    fn persons(&mut self, known: &Known, ids: &mut impl Iterator<Item = String>) -> HashMap<String, Person> {
        let table = self.table;
        let mut persons: HashMap<String, Person> =
            known.persons.iter().map(|person| (person.login.clone(), person.clone())).collect();
        let mut first: HashMap<&str, &Row> = HashMap::new();
        for row in &table.rows {
            let Some(login) = &row.login else { continue };
            if let Some(first) = first.get(login.as_str()) {
                for (column, alike) in
                    [("name", agree(&row.name, &first.name)), ("phone", agree(&row.phone, &first.phone))]
                {
                    if !alike {
                        self.fault(row.line, column, format!("`{login}` has another {column} in line {}", first.line));
                    }
                }
                continue;
            }
            first.insert(login, row);
            if let Some(before) = persons.get_mut(login) {
                let name = row.name.clone().unwrap_or_else(|| before.name.clone());
                let phone = row.phone.clone().or_else(|| before.phone.clone());
                let columns: Vec<&str> = [("name", name != before.name), ("phone", phone != before.phone)]
                    .into_iter()
                    .filter_map(|(column, differs)| differs.then_some(column))
                    .collect();
                if !columns.is_empty() {
                    (before.name, before.phone) = (name, phone);
                    self.plan.changed_persons.push(before.clone());
                    self.changed(row.line, Subject::Person, login, false, &columns);
                }
                continue;
            }
            let Some(name) = &row.name else {
                if !table.faults.iter().any(|fault| fault.line == row.line) {
                    self.fault(row.line, "name", format!("`{login}` is new and has no name"));
                }
                continue;
            };
            let person = Person {
                id: ids.next().unwrap_or_default(),
                login: login.clone(),
                name: name.clone(),
                phone: row.phone.clone(),
                password: None,
                must_change: true,
                totp: None,
                totp_pending: None,
                totp_step: 0,
                active: true,
                created_at: self.now,
            };
            self.changed(row.line, Subject::Person, login, true, &["name", "phone"]);
            self.plan.new_persons.push(person.clone());
            persons.insert(login.clone(), person);
        }
        persons
    }

    fn posts(
        &mut self,
        known: &Known,
        register: &Organisation,
        persons: &HashMap<String, Person>,
        ids: &mut impl Iterator<Item = String>,
    ) {
        let table = self.table;
        let mut by_person: HashMap<String, Vec<(Post, usize)>> = HashMap::new();
        for post in &known.posts {
            by_person.entry(post.person.clone()).or_default().push((post.clone(), 0));
        }
        for row in &table.rows {
            let Some(login) = &row.login else {
                for (column, given) in [
                    ("name", row.name.is_some()),
                    ("phone", row.phone.is_some()),
                    ("role", row.role.is_some()),
                    ("position", row.position.is_some()),
                    ("employer", row.employer.is_some()),
                ] {
                    if given && !table.faults.iter().any(|fault| fault.line == row.line) {
                        self.fault(row.line, column, "whose is it? write the person's login");
                    }
                }
                if !row.describes_unit() && !table.faults.iter().any(|fault| fault.line == row.line) {
                    self.fault(row.line, "", "the row says nothing beside a unit's code");
                }
                continue;
            };
            let Some(role) = row.role else {
                if row.position.is_some() {
                    self.fault(row.line, "role", "a post needs a role");
                }
                continue;
            };
            let Some(person) = persons.get(login) else { continue };
            let add = AddPost {
                unit: UnitId(row.unit.clone()),
                role,
                position: row.position.unwrap_or(Position::Staff),
                terms: row.terms.unwrap_or(Terms::Own),
                employer: row.employer.clone(),
                from: row.from,
                until: row.until,
            };
            let held = by_person.entry(person.id.clone()).or_default();
            let same = |post: &Post| {
                post.unit == row.unit
                    && post.role == role.code()
                    && post.position == add.position.code()
                    && row.from.map_or_else(|| post.in_force(self.today), |from| post.from == from)
            };
            if let Some((old, line)) = held.iter_mut().find(|(post, _)| same(post)) {
                if *line > 0 {
                    if row.until != old.until {
                        let message = format!("the same post has another last day in line {line}");
                        self.fault(row.line, "until", message);
                    }
                    continue;
                }
                *line = row.line;
                let Some(last) = row.until.filter(|_| row.until != old.until) else { continue };
                if last < old.from {
                    self.fault(row.line, "until", format!("the post begins on {}", old.from));
                } else if post_rules::end(self.pack, register, old, last, self.now).is_ok() {
                    let old = old.clone();
                    self.changed(row.line, Subject::Post, &format!("{login}@{}", row.unit), false, &["until"]);
                    self.plan.posts.push((old, false));
                }
                continue;
            }
            let id = ids.next().unwrap_or_default();
            match post_rules::checked(self.pack, register, &add, id, &person.id, self.now) {
                Ok(post) => {
                    if let Some((other, line)) = held.iter().find(|(other, _)| post_rules::overlap(other, &post)) {
                        let place = if *line > 0 { format!(" by line {line}") } else { String::new() };
                        let message = format!("the person holds this post from {} on already{place}", other.from);
                        self.fault(row.line, "from", message);
                        continue;
                    }
                    held.push((post.clone(), row.line));
                    let all = ["role", "position", "terms", "employer", "from", "until"];
                    self.changed(row.line, Subject::Post, &format!("{login}@{}", row.unit), true, &all);
                    self.plan.posts.push((post, true));
                }
                Err(CommandError::Invalid { field, message }) => self.fault(row.line, &field, message),
                Err(error) => self.fault(row.line, "", error.to_string()),
            }
        }
    }

    /// Rows that stand there twice, word for word.
    fn repeated(&mut self) {
        let mut seen: HashMap<(&str, Option<&str>), Vec<&Row>> = HashMap::new();
        for row in &self.table.rows {
            let rows = seen.entry((&row.unit, row.login.as_deref())).or_default();
            match rows.iter().find(|first| first.same_as(row)) {
                Some(first) => {
                    let message = format!("it says the same as line {} and counts once", first.line);
                    self.plan.report.notes.push(ImportFault { line: row.line, column: String::new(), message });
                }
                None => rows.push(row),
            }
        }
    }
}

/// Whether two cells agree; an empty one contradicts nothing.
fn agree<T: PartialEq>(a: &Option<T>, b: &Option<T>) -> bool {
    a.is_none() || b.is_none() || a == b
}

/// Whether two rows describe a unit alike.
fn same_unit(a: &Row, b: &Row) -> bool {
    agree(&a.unit_name, &b.unit_name)
        && agree(&a.aliases, &b.aliases)
        && agree(&a.kind, &b.kind)
        && agree(&a.parent, &b.parent)
        && agree(&a.territory, &b.territory)
        && agree(&a.successor, &b.successor)
        && (a.login.is_some() || b.login.is_some() || agree(&a.from, &b.from) && agree(&a.until, &b.until))
}

/// Lays a table over what is known. `ids` holds two for each row.
pub(super) fn plan(pack: &Pack, known: &Known, table: &Table, ids: &[String], now: Instant) -> Plan {
    let report = ImportReport { rows: table.rows.len(), faults: table.faults.clone(), ..ImportReport::default() };
    let plan =
        Plan { report, units: Vec::new(), new_persons: Vec::new(), changed_persons: Vec::new(), posts: Vec::new() };
    let mut planner = Planner { pack, table, now, today: pack.zone().day(now), plan };
    let mut ids = ids.iter().cloned();
    planner.repeated();
    let register = planner.units(known);
    let persons = planner.persons(known, &mut ids);
    planner.posts(known, &register, &persons, &mut ids);
    planner.plan.report.faults.sort_by_key(|fault| fault.line);
    planner.plan
}
