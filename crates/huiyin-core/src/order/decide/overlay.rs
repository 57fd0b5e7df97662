//! What lies over an order without being a state: added facts, urging, supervision, the difficult pool, holds; and the timer.

use super::{existing, reason};
use crate::{
    id::{ClockNo, TaskNo},
    order::{
        Event, MAX_FILES, Moment, Refusal, Text,
        draft::{Draft, Step},
    },
};

pub(in crate::order) fn supplement(d: &mut Draft<'_>, text: &Text) -> Step {
    d.emit(Event::Supplemented { text: text.clone() });
    Ok(())
}

pub(in crate::order) fn attach(d: &mut Draft<'_>, of: Option<TaskNo>, files: &[Text]) -> Step {
    if let Some(no) = of {
        existing(&d.order, no)?;
    }
    let kept = d.order.files.iter().filter(|attached| attached.task == of).count();
    if files.is_empty() {
        return Err(Refusal::new("files.none", "name at least one file"));
    }
    if kept + files.len() > MAX_FILES {
        let left = MAX_FILES.saturating_sub(kept);
        let why = format!("{kept} files are kept already and {} are given; at most {MAX_FILES} are", files.len());
        return Err(Refusal::new("files.too_many", why).instead([format!("at most {left} more files")]));
    }
    d.emit(Event::FilesAttached { task: of, files: files.to_vec() });
    Ok(())
}

pub(in crate::order) fn urge(d: &mut Draft<'_>, text: &Option<Text>) -> Step {
    d.emit(Event::Urged { text: text.clone() });
    Ok(())
}

pub(in crate::order) fn supervise(d: &mut Draft<'_>, level: &str, code: &str, note: &Option<Text>) -> Step {
    reason(d, "supervise", code)?;
    if !d.ctx.pack.lists("supervision.levels", d.governing_day(), level) {
        return Err(Refusal::new("supervise.level_unknown", format!("`{level}` is not a level of supervision"))
            .by(d.param_basis("supervision.levels")));
    }
    d.emit(Event::Supervised { level: level.to_owned(), reason: code.to_owned(), note: note.clone() });
    Ok(())
}

pub(in crate::order) fn lift_supervision(d: &mut Draft<'_>, note: &Option<Text>) -> Step {
    if d.order.supervision.iter().all(|s| !s.on) {
        return Err(Refusal::new("supervise.not_on", "the order is not under supervision"));
    }
    d.emit(Event::SupervisionLifted { note: note.clone() });
    Ok(())
}

pub(in crate::order) fn tag(d: &mut Draft<'_>, tag: &str, on: bool) -> Step {
    // A tag the list no longer has may still be taken off.
    if on {
        reason(d, "tag", tag)?;
    }
    if d.order.tags.iter().any(|known| known == tag) == on {
        return Err(Refusal::new("tag.already", "nothing would change"));
    }
    d.emit(Event::Tagged { tag: tag.to_owned(), on });
    Ok(())
}

pub(in crate::order) fn note(d: &mut Draft<'_>, text: &Text) -> Step {
    let by = d.ctx.actor.person.clone();
    d.emit(Event::Noted { text: text.clone(), by });
    Ok(())
}

pub(in crate::order) fn withdraw_note(d: &mut Draft<'_>, no: u32) -> Step {
    let own: Vec<u32> = d.order.notes_of(&d.ctx.actor.person).map(|(no, _)| no).collect();
    if !own.contains(&no) {
        return Err(Refusal::new("note.not_own", format!("there is no note {no} of yours that stands"))
            .instead(own.iter().map(u32::to_string)));
    }
    d.emit(Event::NoteWithdrawn { note: no });
    Ok(())
}

pub(in crate::order) fn difficult(d: &mut Draft<'_>, on: bool, note: &Option<Text>) -> Step {
    if d.order.difficult == on {
        return Err(Refusal::new("difficult.already", "nothing would change"));
    }
    d.emit(Event::Difficult { on, note: note.clone() });
    Ok(())
}

pub(in crate::order) fn hold(d: &mut Draft<'_>, on: bool, note: &Option<Text>) -> Step {
    if d.order.hold == on {
        return Err(Refusal::new("hold.already", "nothing would change"));
    }
    d.emit(Event::LegalHold { on, note: note.clone() });
    Ok(())
}

/// Counts again what was counted through a year without a holiday notice. The claimant hears of it only when the answer
/// is due earlier than it was.
pub(in crate::order) fn recount(d: &mut Draft<'_>) -> Step {
    let due = |d: &Draft<'_>| d.order.case_due().map(|clock| clock.due.at);
    let before = due(d);
    if !d.recount_provisional() {
        return Err(Refusal::new(
            "clock.nothing_provisional",
            "no limit of the order would move by the notices there are",
        ));
    }
    if due(d) < before {
        d.owe("hastened", None);
    }
    Ok(())
}

/// A missed limit puts the order under the level of supervision the pack's ladder names for it, once.
fn climb(d: &mut Draft<'_>, clock: &str) {
    let row = d.ctx.pack.ladder().iter().find(|row| row.clock == clock);
    let Some(row) = row.filter(|row| !d.order.supervision.iter().any(|s| s.level == row.level)) else { return };
    d.emit(Event::Supervised { level: row.level.clone(), reason: row.reason.clone(), note: None });
}

pub(in crate::order) fn fire(d: &mut Draft<'_>, no: ClockNo, moment: Moment) -> Step {
    let Some(clock) = d.order.clock(no) else {
        return Err(Refusal::new("clock.unknown", format!("the order has no clock {no}")));
    };
    match d.order.next_moment(clock) {
        Some((at, next)) if next == moment && at <= d.now => {
            let name = clock.name.clone();
            d.emit(Event::ClockFired { clock: no, moment });
            if moment == Moment::Due {
                climb(d, &name);
            }
            Ok(())
        }
        _ => Err(Refusal::new("clock.not_due", "that moment has not come, was already told of, or no longer will")),
    }
}
