//! Words for codes in the language of the request: states, refusals, kinds of thing. One place, so that every page says
//! the same; what commands, their fields and events are called stands in their rows in core.

mod events;
mod refusals;
mod said;

use huiyin_core::{
    order::{
        Order, State, TaskState,
        table::{self, Who},
    },
    policy::Decides,
};

use crate::catalogue::{Language, coded};

pub use events::{event, event_face};
pub use refusals::refusal;
pub use said::{instead, invalid, refused};

/// What core calls a thing, in the language of the request.
fn own(zh: &'static str, en: &'static str) -> &'static str {
    if Language::here() == Language::En { en } else { zh }
}

/// A command.
pub fn command(code: &str) -> &str {
    table::named(code).map_or(code, |row| own(row.zh, row.en))
}

/// A state of an order.
pub fn state(code: &str) -> &str {
    coded("order-state", code)
}

/// Where an order stands, said for a reader: derived, never stored.
pub fn caption(order: &Order) -> String {
    match order.state {
        State::Assigned => {
            let at = order.holder().and_then(|holder| holder.task).and_then(|no| order.task(no));
            let approval = order.pending().any(|request| request.ask.code() == "approval");
            match at.map(|task| task.state) {
                _ if approval => t!("caption-approval"),
                Some(TaskState::Delivered) => task_state("delivered"),
                _ => task_state("accepted"),
            }
            .to_owned()
        }
        State::Closed(how) | State::Archived(how) => format!("{} · {}", state(order.state.code()), outcome(how.code())),
        other => state(other.code()).to_owned(),
    }
}

/// A state of a task.
pub fn task_state(code: &str) -> &str {
    coded("task-state", code)
}

/// How an order ended.
pub fn outcome(code: &str) -> &str {
    coded("outcome", code)
}

/// How pressing.
pub fn urgency(code: &str) -> &str {
    coded("urgency", code)
}

/// How it came in.
pub fn channel(code: &str) -> &str {
    coded("channel", code)
}

/// The icon of a channel.
pub fn channel_icon(code: &str) -> &'static str {
    match code {
        "phone" => "phone-incoming",
        "letter" | "fax" => "file-pen-line",
        "email" => "file-text",
        "web" => "monitor",
        "voice" => "mic",
        "visit" => "users",
        _ => "message-square",
    }
}

/// A role of a post.
pub fn role(code: &str) -> &str {
    coded("role", code)
}

/// A unit's part in an order.
pub fn task_role(code: &str) -> &str {
    coded("task-role", code)
}

/// What is asked.
pub fn ask(code: &str) -> &str {
    coded("ask", code)
}

/// How a request stands.
pub fn decision(code: &str) -> &str {
    coded("decision", code)
}

/// What a claimant must be told.
pub fn told(code: &str) -> &str {
    coded("told", code)
}

/// A clock.
pub fn clock(code: &str) -> &str {
    coded("clock", code)
}

/// A relation to another order.
pub fn relation(code: &str) -> &str {
    coded("relation", code)
}

/// A level of supervision.
pub fn supervision(code: &str) -> &str {
    coded("supervision", code)
}

/// A desk item.
pub fn item(code: &str) -> &str {
    coded("desk-item", code)
}

/// Who decides a request.
pub fn decides(by: Decides) -> &'static str {
    match by {
        Decides::Leader => t!("decides-leader"),
        Decides::Above => t!("decides-above"),
        Decides::Office => t!("decides-office"),
        Decides::Mayor => t!("decides-mayor"),
    }
}

/// A unit of time.
pub fn span_unit(code: &str) -> &str {
    coded("span-unit", code)
}

/// A field of a form: of a command, or of one of the other forms.
pub fn field(name: &str) -> &str {
    let of_a_command = || table::given().find_map(|row| row.field(name)).map(field_of);
    Language::here().coded("field", name).or_else(of_a_command).unwrap_or(name)
}

/// A field of a command, as its row calls it.
pub fn field_of(field: &'static table::Field) -> &'static str {
    own(field.zh, field.en)
}

/// What a forbidden action needs, as `huiyin_app` says it.
pub fn who(words: &str) -> String {
    let here = Language::here();
    if here == Language::En {
        return words.to_owned();
    }
    match words {
        "the call centre: the claimant asked for secrecy" => return t!("who-call-centre-secret").to_owned(),
        "the call centre, the office or a sub-centre" => return t!("who-call-centre-office").to_owned(),
        _ => {}
    }
    let zh = |part: &str| Who::ALL.iter().map(|who| who.words()).find(|(en, _)| *en == part).map(|(_, zh)| zh);
    words.split(" or ").map(|part| zh(part).unwrap_or(part)).collect::<Vec<_>>().join(t!("punct-list"))
}

#[cfg(test)]
mod tests {
    use huiyin_app::Role;
    use huiyin_core::order::{Channel, Outcome, State, TaskState, Told, Urgency, table};

    #[test]
    fn every_command_and_field_has_words() {
        for row in table::ROWS.iter().chain(table::given()) {
            assert!(!row.zh.is_empty() && !row.says().is_empty(), "no words for command `{}`", row.command);
            for field in row.takes {
                assert!(!field.zh.is_empty(), "no words for `{}.{}`", row.command, field.name);
            }
        }
    }

    #[test]
    fn every_code_of_an_order_has_words() {
        let missing = |words: &str, code: &str| assert_ne!(words, code, "no words for `{code}`");
        State::CODES.iter().for_each(|code| missing(super::state(code), code));
        Outcome::ALL.iter().for_each(|one| missing(super::outcome(one.code()), one.code()));
        Urgency::ALL.iter().for_each(|one| missing(super::urgency(one.code()), one.code()));
        Channel::ALL.iter().for_each(|one| missing(super::channel(one.code()), one.code()));
        TaskState::ALL.iter().for_each(|one| missing(super::task_state(one.code()), one.code()));
        Told::ALL.iter().for_each(|one| missing(super::told(one.code()), one.code()));
        Role::ALL.iter().for_each(|one| missing(super::role(one.code()), one.code()));
    }
}
