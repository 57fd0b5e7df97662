//! Instants, civil days and the city's zone: three types, never mixed.

use jiff::{Timestamp, ZonedDateTime, civil::Date, tz::TimeZone};
use serde::{Deserialize, Serialize};

/// A moment, in UTC milliseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Instant(pub i64);

impl Instant {
    /// UTC milliseconds since 1970.
    pub fn ms(self) -> i64 {
        self.0
    }

    /// This moment moved by `ms` milliseconds.
    pub fn plus(self, ms: i64) -> Self {
        Self(self.0.saturating_add(ms))
    }
}

/// A civil date, written as the integer 20261123 wherever it is stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "i64", into = "i64")]
pub struct Day(Date);

impl Day {
    /// The civil date.
    pub fn date(self) -> Date {
        self.0
    }

    /// The day as an integer, 20261123.
    pub fn number(self) -> i64 {
        i64::from(self.0.year()) * 10_000 + i64::from(self.0.month()) * 100 + i64::from(self.0.day())
    }

    /// The next day.
    ///
    /// # Panics
    /// Never for the years a pack may name (1900–9000).
    pub fn next(self) -> Self {
        Self(self.0.tomorrow().expect("a pack's days end long before the last date"))
    }

    /// The day before.
    ///
    /// # Panics
    /// Never for the years a pack may name (1900–9000).
    pub fn previous(self) -> Self {
        Self(self.0.yesterday().expect("a pack's days begin long after the first date"))
    }

    /// 1 for Monday to 7 for Sunday.
    pub fn weekday(self) -> i8 {
        self.0.weekday().to_monday_one_offset()
    }
}

impl From<Date> for Day {
    fn from(date: Date) -> Self {
        Self(date)
    }
}

impl TryFrom<i64> for Day {
    type Error = String;

    fn try_from(number: i64) -> Result<Self, String> {
        let fault = || format!("`{number}` is not a day such as 20261123");
        let year = i16::try_from(number / 10_000).map_err(|_| fault())?;
        if !(1900..=9000).contains(&year) {
            return Err(fault());
        }
        let month = i8::try_from(number / 100 % 100).map_err(|_| fault())?;
        let day = i8::try_from(number % 100).map_err(|_| fault())?;
        Date::new(year, month, day).map(Self).map_err(|_| fault())
    }
}

impl From<Day> for i64 {
    fn from(day: Day) -> Self {
        day.number()
    }
}

impl std::fmt::Display for Day {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}

/// A city's time zone.
#[derive(Debug, Clone)]
pub struct Zone(TimeZone);

impl Zone {
    /// The zone of an IANA name such as `Asia/Shanghai`.
    ///
    /// # Errors
    /// When no such zone is known.
    pub fn named(name: &str) -> Result<Self, String> {
        TimeZone::get(name)
            .map(Self)
            .map_err(|_| format!("no time zone is called `{name}`; write one such as Asia/Shanghai"))
    }

    /// The civil date at a moment.
    pub fn day(&self, at: Instant) -> Day {
        Day(self.zoned(at).date())
    }

    /// The first moment of a day.
    ///
    /// # Panics
    /// Never for the years a pack may name (1900–9000).
    pub fn start_of(&self, day: Day) -> Instant {
        let start = day.0.to_zoned_datetime(self.0.clone()).expect("a pack's days have a first moment");
        Instant(start.timestamp().as_millisecond())
    }

    /// The moment so many minutes into a day by the clock on the wall; 1440 is the start of the next.
    pub fn moment(&self, day: Day, minute: u16) -> Instant {
        let (hour, minute) = (i8::try_from(minute / 60).unwrap_or(24), i8::try_from(minute % 60).unwrap_or(0));
        let time = jiff::civil::Time::new(hour, minute, 0, 0).ok();
        let at = time.and_then(|time| day.0.to_datetime(time).to_zoned_datetime(self.0.clone()).ok());
        at.map_or_else(|| self.start_of(day.next()), |at| Instant(at.timestamp().as_millisecond()))
    }

    /// The moment as RFC 3339 with the zone's offset, to the second.
    pub fn rfc3339(&self, at: Instant) -> String {
        self.zoned(at).strftime("%Y-%m-%dT%H:%M:%S%:z").to_string()
    }

    /// The moment for a reader: `2026-11-23 17:30`.
    pub fn short(&self, at: Instant) -> String {
        self.zoned(at).strftime("%Y-%m-%d %H:%M").to_string()
    }

    /// Reads RFC 3339, or local time of this zone (`2026-10-12T09:00:00`, `2026-10-12 09:00`, `2026-10-12`).
    ///
    /// # Errors
    /// When the text is neither.
    pub fn parse(&self, text: &str) -> Result<Instant, String> {
        let text = text.trim();
        if let Ok(at) = text.parse::<Timestamp>() {
            return Ok(Instant(at.as_millisecond()));
        }
        text.parse::<jiff::civil::DateTime>()
            .ok()
            .and_then(|local| local.to_zoned_datetime(self.0.clone()).ok())
            .map(|at| Instant(at.timestamp().as_millisecond()))
            .ok_or_else(|| format!("`{text}` is not a time; write 2026-10-12T09:00:00 or 2026-10-12T09:00:00+08:00"))
    }

    fn zoned(&self, at: Instant) -> ZonedDateTime {
        Timestamp::from_millisecond(at.0)
            .unwrap_or(if at.0 < 0 { Timestamp::MIN } else { Timestamp::MAX })
            .to_zoned_datetime(self.0.clone())
    }
}
