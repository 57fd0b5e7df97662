//! Moments and limits as the public reads them.

use huiyin_app::App;
use huiyin_core::{
    calendar::Due,
    time::{Day, Instant},
};

use super::Language;

fn weekday(l: Language, day: Day) -> &'static str {
    let names = match l {
        Language::Zh => ["周一", "周二", "周三", "周四", "周五", "周六", "周日"],
        Language::En => ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"],
        Language::Ru => ["пн", "вт", "ср", "чт", "пт", "сб", "вс"],
    };
    names[usize::try_from(day.weekday() - 1).unwrap_or(0).min(6)]
}

/// A day: `11 月 25 日 周三`, `Wed 25 Nov`, `ср 25 ноября`.
fn day_words(l: Language, day: Day) -> String {
    const EN: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    const RU: [&str; 12] = [
        "января",
        "февраля",
        "марта",
        "апреля",
        "мая",
        "июня",
        "июля",
        "августа",
        "сентября",
        "октября",
        "ноября",
        "декабря",
    ];
    let number = day.number();
    let (month, date) = (number / 100 % 100, number % 100);
    let at = usize::try_from(month - 1).unwrap_or(0).min(11);
    let name = weekday(l, day);
    match l {
        Language::Zh => format!("{month} 月 {date} 日 {name}"),
        Language::En => format!("{name} {date} {}", EN[at]),
        Language::Ru => format!("{name} {date} {}", RU[at]),
    }
}

/// A moment; of today only the time.
pub fn moment(app: &App, l: Language, at: Instant) -> String {
    let zone = app.zone();
    let (short, day) = (zone.short(at), zone.day(at));
    let time = short.get(11..).unwrap_or_default();
    if day == zone.day(app.now()) {
        return l.put("today-at", "time", time);
    }
    match l {
        Language::Zh => format!("{} {time}", day_words(l, day)),
        _ => format!("{}, {time}", day_words(l, day)),
    }
}

/// When a limit ends at the latest.
pub fn until(app: &App, l: Language, due: &Due) -> String {
    match due.last {
        Some(day) => l.put("end-of", "day", day_words(l, day)),
        None => moment(app, l, due.at),
    }
}
