//! The face each journal event has in the timeline.

use huiyin_core::order::Event;

use crate::catalogue::Language;

/// Icon and group of an event where they are its own; else a plain mark in `flow`, or in `clock` for what a limit does.
const FACES: &[(&str, &str, &str)] = &[
    // name, icon, group: `flow` moves the order, `talk` is with the claimant, `clock` is a limit
    ("order.taken-in", "inbox", "flow"),
    ("order.registered", "file-pen-line", "flow"),
    ("order.corrected", "square-pen", "flow"),
    ("order.redacted", "lock", "flow"),
    ("order.made-secret", "lock", "flow"),
    ("order.linked", "copy", "flow"),
    ("order.absorbed", "copy", "flow"),
    ("order.released", "copy", "flow"),
    ("order.merged", "copy", "flow"),
    ("order.unmerged", "rotate-ccw", "flow"),
    ("part.withdrawn", "rotate-ccw", "talk"),
    ("order.supplemented", "message-square-plus", "talk"),
    ("order.files-attached", "paperclip", "flow"),
    ("order.supplement-acknowledged", "check", "flow"),
    ("order.urged", "bell", "talk"),
    ("order.supervised", "sup", "flow"),
    ("order.supervision-lifted", "flag", "flow"),
    ("order.tagged", "bookmark", "flow"),
    ("order.noted", "message-square", "flow"),
    ("order.note-withdrawn", "rotate-ccw", "flow"),
    ("order.difficult", "archive", "flow"),
    ("order.held", "archive", "flow"),
    ("order.sealed", "lock", "flow"),
    ("order.pinned", "book-open", "clock"),
    ("task.delivered", "split", "flow"),
    ("task.commanded", "siren", "flow"),
    ("task.phoned", "phone-call", "flow"),
    ("task.signed", "check", "flow"),
    ("task.assigned", "users-round", "flow"),
    ("task.accepted", "circle-check", "flow"),
    ("task.progressed", "message-square", "flow"),
    ("task.contacted", "phone-outgoing", "talk"),
    ("task.relay-asked", "message-square", "talk"),
    ("task.relay-answered", "message-square-reply", "talk"),
    ("task.on-scene", "map-pin", "flow"),
    ("task.made-safe", "circle-check", "flow"),
    ("task.situation-reported", "radio-tower", "flow"),
    ("task.fed-back", "message-square-reply", "flow"),
    ("task.sent-back", "rotate-ccw", "flow"),
    ("task.done", "check", "flow"),
    ("task.returned", "rotate-ccw", "flow"),
    ("task.recalled", "rotate-ccw", "flow"),
    ("task.ruled", "gavel", "flow"),
    ("request.asked", "calendar-clock", "flow"),
    ("request.decided", "gavel", "flow"),
    ("clock.started", "clock", "clock"),
    ("clock.halted", "pause", "clock"),
    ("clock.unhalted", "play", "clock"),
    ("clock.paused", "hold", "clock"),
    ("clock.resumed", "play", "clock"),
    ("clock.extended", "calendar-clock", "clock"),
    ("clock.recounted", "calendar-clock", "clock"),
    ("clock.stopped", "done", "clock"),
    ("clock.cancelled", "x", "clock"),
    ("clock.fired", "soon", "clock"),
    ("clock.excused", "badge-check", "clock"),
    ("duty.owed", "bell", "talk"),
    ("duty.told", "phone-outgoing", "talk"),
    ("order.passed", "badge-check", "flow"),
    ("callback.missed", "phone-missed", "talk"),
    ("callback.answered", "phone-outgoing", "talk"),
    ("callback.waived", "phone-off", "talk"),
    ("order.redone", "rotate-ccw", "flow"),
    ("order.entry-used", "book-open", "flow"),
    ("order.closed", "done", "flow"),
    ("order.archived", "archive", "flow"),
];

/// The words for an event.
pub fn event(name: &str) -> &str {
    let words = if Language::here() == Language::En { Event::en(name) } else { Event::zh(name) };
    words.unwrap_or(name)
}

/// Its icon, and `flow`, `talk` or `clock`.
pub fn event_face(name: &str) -> (&'static str, &'static str) {
    let own = FACES.iter().find(|(known, ..)| *known == name).map(|(_, icon, group)| (*icon, *group));
    own.unwrap_or(if name.starts_with("clock.") { ("clock", "clock") } else { ("info", "flow") })
}
