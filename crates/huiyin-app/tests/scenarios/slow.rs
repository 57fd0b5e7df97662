//! The limits of a matter, counted a second time, slowly and obviously, from the pack's own text: day by day, rule by rule.
//!
//! It knows nothing of the program's types, so that what it says is said twice.

use std::collections::BTreeSet;

use jiff::{
    SignedDuration, Timestamp, ZonedDateTime,
    civil::{Date, DateTime},
    tz::TimeZone,
};
use toml::{Table, Value};

/// What is asked.
#[derive(Debug, Clone, Default)]
pub struct Matter {
    pub kind: String,
    /// Flags of the subject; none where no subject is known.
    pub flags: Option<BTreeSet<String>>,
    pub urgency: String,
    pub unit_kind: Option<String>,
    pub source: Option<String>,
    pub assist: bool,
    pub first: bool,
}

/// A limit.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Limit {
    pub name: String,
    pub level: String,
    pub rule: String,
    pub due: String,
    pub warn: Option<String>,
    pub governs: bool,
}

/// A pack's text, to be asked.
pub struct Slow<'a> {
    all: &'a Table,
    zone: TimeZone,
    rest: BTreeSet<Date>,
    work: BTreeSet<Date>,
    week: Vec<i64>,
}

impl<'a> Slow<'a> {
    pub fn new(all: &'a Table) -> Self {
        let zone = all["pack"]["zone"].as_str().expect("a zone");
        let named = |field: &str| -> BTreeSet<Date> {
            let notices = all.get("holiday").and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
            let days = notices.iter().filter_map(|notice| notice[field].as_array()).flatten();
            days.map(|day| day.to_string().parse().expect("a day")).collect()
        };
        let week = all["calendar"]["workdays"].as_array().expect("weekdays").iter().filter_map(Value::as_integer);
        Self {
            all,
            zone: TimeZone::get(zone).expect("a zone there is"),
            rest: named("rest"),
            work: named("work"),
            week: week.collect(),
        }
    }

    fn list(&self, section: &str) -> &'a [Value] {
        self.all.get(section).and_then(Value::as_array).map_or(&[], Vec::as_slice)
    }

    /// A moment of the city.
    pub fn at(&self, local: &str) -> ZonedDateTime {
        local.parse::<DateTime>().expect("a local time").to_zoned_datetime(self.zone.clone()).expect("a moment")
    }

    fn works(&self, day: Date) -> bool {
        if self.work.contains(&day) {
            return true;
        }
        !self.rest.contains(&day) && self.week.contains(&i64::from(day.weekday().to_monday_one_offset()))
    }

    fn midnight(&self, day: Date) -> ZonedDateTime {
        day.to_zoned_datetime(self.zone.clone()).expect("a day")
    }

    /// The last counted day of days, or the end of hours.
    fn end(&self, start: &ZonedDateTime, amount: i64, unit: &str, roll: bool) -> (ZonedDateTime, Option<Date>) {
        match unit {
            "minute" => (start + SignedDuration::from_mins(amount), None),
            "hour" => (start + SignedDuration::from_hours(amount), None),
            _ => {
                let mut day = start.date();
                let mut counted = 0;
                while counted < amount {
                    day = day.tomorrow().expect("a day");
                    counted += i64::from(unit == "day" || self.works(day));
                }
                while unit == "day" && roll && !self.works(day) {
                    day = day.tomorrow().expect("a day");
                }
                (self.midnight(day.tomorrow().expect("a day")), Some(day))
            }
        }
    }

    fn warning(&self, due: &ZonedDateTime, last: Option<Date>, before: &Value) -> ZonedDateTime {
        let (amount, unit) =
            (before["amount"].as_integer().expect("an amount"), before["unit"].as_str().expect("a unit"));
        match unit {
            "minute" => due - SignedDuration::from_mins(amount),
            "hour" => due - SignedDuration::from_hours(amount),
            _ => {
                let mut day = last.unwrap_or(due.date());
                let mut left = amount;
                loop {
                    left -= i64::from(unit == "day" || self.works(day));
                    if left <= 0 {
                        return self.midnight(day);
                    }
                    day = day.yesterday().expect("a day");
                }
            }
        }
    }

    /// Every limit of a matter that one of these signals starts, counted from `start`.
    pub fn limits(&self, matter: &Matter, start: &ZonedDateTime, governing: Date, signals: &[&str]) -> Vec<Limit> {
        struct Found {
            limit: Limit,
            due: Timestamp,
            precedence: i64,
            from: String,
            rank: i64,
        }
        let mut found: Vec<Found> = Vec::new();
        for rule in self.list("clock") {
            let text = |field: &str| rule[field].as_str().expect("a text").to_owned();
            if !signals.contains(&text("start").as_str()) || !self.holds(rule, matter) {
                continue;
            }
            let of_day = rule["value"].as_array().expect("values").iter().rfind(|value| {
                value["from"].to_string() <= governing.to_string()
                    && value.get("until").is_none_or(|until| governing.to_string() <= until.to_string())
            });
            let Some(value) = of_day else { continue };
            let (mut amount, unit) = match value["unit"].as_str().expect("a unit") {
                "at-once" => (0, "minute"),
                "same-day" => (0, "day"),
                "next-workday" => (1, "workday"),
                unit => (value["amount"].as_integer().expect("an amount"), unit),
            };
            if let Some(offset) = rule.get("offset") {
                amount -= offset["amount"].as_integer().expect("an amount");
            }
            let roll = rule.get("roll").and_then(Value::as_bool).unwrap_or(false);
            let (due, last) = self.end(start, amount, unit, roll);
            let warn = rule.get("warn").map(|before| self.warning(&due, last, before)).filter(|at| at > start);
            let source = value["cite"]["source"].as_str().expect("a source");
            let document = self.list("source").iter().find(|s| s["key"].as_str() == Some(source)).expect("a document");
            let shown = |at: &ZonedDateTime| at.strftime("%Y-%m-%dT%H:%M:%S").to_string();
            found.push(Found {
                due: due.timestamp(),
                precedence: rule.get("precedence").and_then(Value::as_integer).unwrap_or(0),
                from: value["cite"].get("from").unwrap_or(&document["from"]).to_string(),
                rank: document["rank"].as_integer().expect("a rank"),
                limit: Limit {
                    name: text("name"),
                    level: text("level"),
                    rule: text("rule"),
                    due: shown(&due),
                    warn: warn.as_ref().map(shown),
                    governs: false,
                },
            });
        }
        // Of each name and level, those of the highest precedence; of these, the one the pack's way of settling names.
        let mut out = Vec::new();
        for at in 0..found.len() {
            let own = &found[at];
            let group: Vec<(usize, &Found)> = found
                .iter()
                .enumerate()
                .filter(|(_, other)| other.limit.name == own.limit.name && other.limit.level == own.limit.level)
                .collect();
            let top = group.iter().map(|(_, other)| other.precedence).max().expect("at least itself");
            if own.precedence < top {
                continue;
            }
            let group = group.into_iter().filter(|(_, other)| other.precedence == top);
            let way = self.all["pack"]["conflicts"].get(&own.limit.name).unwrap_or(&self.all["pack"]["conflict"]);
            let first = match way.as_str().expect("a way") {
                "strictest" => group.min_by_key(|(n, other)| (other.due, *n)),
                "highest_authority" => group.min_by_key(|(n, other)| (other.rank, *n)),
                "latest" => group.max_by_key(|(n, other)| (other.from.clone(), std::cmp::Reverse(*n))),
                _ => None,
            };
            let governs = first.is_none_or(|(n, _)| n == at);
            out.push(Limit { governs, ..own.limit.clone() });
        }
        out
    }

    fn holds(&self, rule: &Value, matter: &Matter) -> bool {
        let assist_of_case = matter.assist && rule["level"].as_str() == Some("case");
        let Some(when) = rule.get("when") else { return !assist_of_case };
        let words = |field: &str| -> Vec<&str> {
            when.get(field)
                .and_then(Value::as_array)
                .map_or(Vec::new(), |l| l.iter().filter_map(Value::as_str).collect())
        };
        let among = |field: &str, word: Option<&str>| {
            let words = words(field);
            words.is_empty() || word.is_some_and(|word| words.contains(&word))
        };
        let flagged =
            |field: &str| matter.flags.as_ref().map(|flags| words(field).iter().any(|flag| flags.contains(*flag)));
        let barred = words("not_unit_kinds");
        let role = when.get("role").and_then(Value::as_str);
        // A unit's own rules and those of a mode are for a unit and a mode that are named; here neither is.
        !assist_of_case
            && when.get("within").is_none()
            && when.get("modes").is_none()
            && among("kinds", Some(&matter.kind))
            && among("urgency", Some(&matter.urgency))
            && among("unit_kinds", matter.unit_kind.as_deref())
            && among("sources", matter.source.as_deref())
            && !matter.unit_kind.as_deref().is_some_and(|kind| barred.contains(&kind))
            && (words("flags").is_empty() || flagged("flags") == Some(true))
            && (words("without_flags").is_empty() || flagged("without_flags") == Some(false))
            && role.is_none_or(|role| (role == "assist") == matter.assist)
            && (when.get("first").and_then(Value::as_bool) != Some(true) || matter.first)
    }
}
