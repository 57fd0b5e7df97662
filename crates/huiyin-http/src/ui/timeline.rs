//! An order's journal as a reader sees it: what happened, who did it, the words that go with it.

use huiyin_app::{App, orders::view::OrderView};
use huiyin_core::order::{Ask, Event, Matter, Text};

use super::{facts, show, words};

/// An entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Its icon.
    pub icon: &'static str,
    /// Its colour: `ok`, `done`, `soon`, `over`, `sup`, or none.
    pub level: &'static str,
    /// What happened.
    pub title: String,
    /// More about it, in one line.
    pub detail: String,
    /// Who did it.
    pub who: String,
    /// When.
    pub at: String,
    /// The words that go with it: a label, where one is needed, and the text.
    pub texts: Vec<(String, String)>,
    /// `flow`, `talk`, `clock`, `reveal`.
    pub group: &'static str,
    /// Version of the order after it; 0 for a reading of an identity.
    pub seq: i64,
}

fn level(event: &Event) -> &'static str {
    match event {
        Event::TaskSigned { .. }
        | Event::TaskAccepted { .. }
        | Event::TaskDone { .. }
        | Event::Passed { .. }
        | Event::Closed { .. } => "done",
        Event::TaskProgressed { .. }
        | Event::TaskFedBack { .. }
        | Event::TaskContacted { .. }
        | Event::CallbackAnswered { .. } => "ok",
        Event::TaskCommanded { .. } | Event::Redone { .. } => "over",
        Event::ClockFired { moment, .. } if *moment == huiyin_core::order::Moment::Due => "over",
        Event::ClockFired { .. } | Event::Urged { .. } => "soon",
        Event::Supervised { .. } => "sup",
        _ => "",
    }
}

struct Reader<'a> {
    app: &'a App,
    view: &'a OrderView,
}

impl Reader<'_> {
    fn text(&self, text: Option<&Text>) -> Vec<(String, String)> {
        let text = self.view.text(text);
        if text.is_empty() { Vec::new() } else { vec![(String::new(), text.to_owned())] }
    }

    fn task(&self, no: huiyin_core::id::TaskNo) -> String {
        self.view.order.task(no).map_or_else(String::new, |task| self.view.unit_name(task.unit.as_str()))
    }

    fn clock(&self, no: huiyin_core::id::ClockNo) -> String {
        let Some(clock) = self.view.order.clock(no) else { return String::new() };
        let whose = clock.task.map(|task| format!(" · {}", self.task(task))).unwrap_or_default();
        format!("{}{whose}", words::clock(&clock.name))
    }

    fn reason(&self, group: &str, code: &str) -> String {
        show::reason(&self.app.pack, group, code)
    }

    fn ask(&self, ask: &Ask) -> (String, Vec<(String, String)>) {
        let pack = &self.app.pack;
        match ask {
            Ask::Return { reason, basis, suggestion } => {
                let to = suggestion
                    .as_ref()
                    .map(|unit| t!("timeline-suggests", unit = self.view.unit_name(unit.as_str())))
                    .unwrap_or_default();
                (format!("{}{to}", self.reason("return", reason)), self.text(basis.as_ref()))
            }
            Ask::Extension { span, reason } => {
                let unit = serde_json::to_value(span.unit)
                    .ok()
                    .and_then(|unit| unit.as_str().map(str::to_owned))
                    .unwrap_or_default();
                (
                    t!(
                        "timeline-extend",
                        amount = span.amount,
                        unit = words::span_unit(&unit),
                        reason = self.reason("extension", reason)
                    ),
                    Vec::new(),
                )
            }
            Ask::Pause { reason, until } => {
                (t!("timeline-pause", until, reason = self.reason("pause", reason)), Vec::new())
            }
            Ask::Shelving { reason, plan, responsible, review } => {
                let mut texts = self.text(Some(plan));
                texts.push((t!("word-responsible").into(), self.view.text(Some(responsible)).to_owned()));
                (t!("timeline-shelve", reason = self.reason("shelving", reason), review), texts)
            }
            Ask::Excuse { clock, reason, evidence } => (
                t!("timeline-excuse", clock = self.clock(*clock), reason = self.reason("excuse", reason)),
                self.text(evidence.as_ref()),
            ),
            Ask::Approval { feedback } => {
                let mut texts = Vec::new();
                for (label, text) in [
                    (t!("word-public-wording"), feedback.public.as_ref()),
                    (t!("word-internal"), feedback.internal.as_ref()),
                ] {
                    texts.extend(self.text(text).into_iter().map(|(_, text)| (label.to_owned(), text)));
                }
                let _ = pack;
                (String::new(), texts)
            }
        }
    }

    /// What an event says beyond its name.
    fn say(&self, event: &Event) -> (String, Vec<(String, String)>) {
        let pack = &self.app.pack;
        let unit = |id: &huiyin_core::id::UnitId| self.view.unit_name(id.as_str());
        match event {
            Event::TakenIn { channel, .. } => (words::channel(channel.code()).to_owned(), Vec::new()),
            Event::Registered(Matter { kind, subject, urgency, .. }) => {
                let mut parts = vec![show::kind(pack, Some(kind))];
                parts.extend(subject.as_deref().map(|code| show::subject(pack, Some(code))));
                if urgency.code() != "normal" {
                    parts.push(words::urgency(urgency.code()).to_owned());
                }
                (parts.join(" · "), Vec::new())
            }
            Event::Corrected { kind, subject, area, urgency, reason, note, .. } => {
                let mut parts = vec![self.reason("correct", reason)];
                parts.extend(kind.as_deref().map(|code| show::kind(pack, Some(code))));
                parts.extend(subject.as_deref().map(|code| show::subject(pack, Some(code))));
                parts.extend(area.as_deref().map(|code| show::area(pack, Some(code))));
                parts.extend(urgency.map(|urgency| words::urgency(urgency.code()).to_owned()));
                (parts.join(" · "), self.text(note.as_ref()))
            }
            Event::MadeSecret { kind, basis } => (
                t!("timeline-made-secret", kind = show::kind(pack, Some(kind))),
                basis.iter().map(|basis| (t!("word-basis").to_owned(), show::cite(pack, basis))).collect(),
            ),
            Event::Redacted { text } | Event::Supplemented { text } => (String::new(), self.text(Some(text))),
            Event::FilesAttached { files, .. } => {
                let name = |file: &Text| self.view.files.iter().find(|one| one.id == file.content.as_str());
                let names: Vec<&str> = files.iter().filter_map(name).map(|file| file.name.as_str()).collect();
                (
                    if names.is_empty() { t!("timeline-files", n = files.len()) } else { names.join(t!("punct-list")) },
                    Vec::new(),
                )
            }
            Event::Linked { link } => (words::relation(&link.relation).to_owned(), Vec::new()),
            Event::Merged { reason, .. } => (self.reason("merge", reason), Vec::new()),
            Event::Unmerged { reason: note } | Event::SupervisionLifted { note } | Event::Urged { text: note } => {
                (String::new(), self.text(note.as_ref()))
            }
            Event::PartWithdrawn { reason, .. } => (self.reason("withdraw", reason), Vec::new()),
            Event::Supervised { level, reason, note } => (
                format!("{} · {}", words::supervision(level), self.reason("supervise", reason)),
                self.text(note.as_ref()),
            ),
            Event::TaskAssigned { task, person } => {
                let name = person.as_ref().map(|person| self.view.names.get(person.as_str()));
                let name = name
                    .map(|name| name.map_or(t!("lists-handler-gone"), String::as_str))
                    .unwrap_or(t!("lists-handler-none"));
                (format!("{} → {name}", self.task(*task)), Vec::new())
            }
            Event::Tagged { tag, on } => {
                let tag = self.reason("tag", tag);
                (if *on { t!("lists-tagged-on", tag) } else { t!("lists-tagged-off", tag) }, Vec::new())
            }
            Event::Noted { text, .. } => {
                let gone = self.view.order.notes.iter().any(|note| note.withdrawn && note.text == *text);
                (if gone { t!("lists-note-gone") } else { "" }.to_owned(), self.text(Some(text)))
            }
            Event::NoteWithdrawn { note } => {
                let note = (*note as usize).checked_sub(1).and_then(|at| self.view.order.notes.get(at));
                let words = note.map(|note| show::short(self.view.text(Some(&note.text)), 20)).unwrap_or_default();
                (words, Vec::new())
            }
            Event::Difficult { on, note } | Event::LegalHold { on, note } => {
                (if *on { t!("word-put-on") } else { t!("word-lift") }.to_owned(), self.text(note.as_ref()))
            }
            Event::Pinned { day } => (t!("timeline-pinned", day), Vec::new()),
            Event::TaskDelivered { unit: to, role, ruled, note, .. } => {
                let ruled = if *ruled { t!("timeline-by-ruling") } else { "" };
                (
                    t!("timeline-to", to = unit(to), role = words::task_role(role.code()), ruled),
                    self.text(note.as_ref()),
                )
            }
            Event::TaskPhoned { task, who, answered_at } => (
                t!(
                    "timeline-phoned",
                    task = self.task(*task),
                    answered_at = show::near_moment(pack, self.app.now(), *answered_at)
                ),
                self.text(Some(who)),
            ),
            Event::TaskProgressed { text, .. }
            | Event::RelayAsked { text, .. }
            | Event::RelayAnswered { text, .. }
            | Event::TaskSituation { text, .. } => (String::new(), self.text(Some(text))),
            Event::TaskContacted { reached, said, .. } => (
                if *reached { t!("word-reached") } else { t!("word-not-reached") }.to_owned(),
                self.text(said.as_ref()),
            ),
            Event::TaskOnScene { at, place, safety, .. } => {
                let mut texts = self.text(Some(place));
                texts.extend(
                    self.text(Some(safety)).into_iter().map(|(_, text)| (t!("timeline-safety").to_owned(), text)),
                );
                (show::near_moment(pack, self.app.now(), *at), texts)
            }
            Event::TaskFedBack { task, feedback } => {
                let mut texts = facts::stated(self.app, self.view, &feedback.facts);
                for (label, text) in [
                    (t!("word-public-wording"), feedback.public.as_ref()),
                    (t!("word-internal"), feedback.internal.as_ref()),
                ] {
                    texts.extend(self.text(text).into_iter().map(|(_, text)| (label.to_owned(), text)));
                }
                let missing: Vec<String> = feedback.missing.iter().map(unit).collect();
                let missing = if missing.is_empty() {
                    String::new()
                } else {
                    t!("timeline-no-feedback", missing = missing.join(t!("punct-list")))
                };
                (format!("{}{missing}", self.task(*task)), texts)
            }
            Event::TaskSentBack { reason, note, task } => {
                (format!("{} · {}", self.task(*task), self.reason("send-back", reason)), self.text(note.as_ref()))
            }
            Event::TaskRecalled { task, reason } => {
                (format!("{} · {}", self.task(*task), self.reason("recall", reason)), Vec::new())
            }
            Event::TaskReturned { task }
            | Event::TaskSigned { task }
            | Event::TaskAccepted { task }
            | Event::TaskDone { task }
            | Event::TaskRuled { task }
            | Event::TaskCommanded { task }
            | Event::TaskMadeSafe { task }
            | Event::SupplementAcknowledged { task } => (self.task(*task), Vec::new()),
            Event::RequestAsked { ask, task, .. } => {
                let (detail, texts) = self.ask(ask);
                let detail = if detail.is_empty() { String::new() } else { format!(" · {detail}") };
                (format!("{} · {}{detail}", self.task(*task), words::ask(ask.code())), texts)
            }
            Event::RequestDecided { request, decision, note } => {
                let what = self.view.order.request(*request).map_or("", |request| words::ask(request.ask.code()));
                let decision = serde_json::to_value(decision)
                    .ok()
                    .and_then(|one| one.as_str().map(str::to_owned))
                    .unwrap_or_default();
                (t!("timeline-decided", what, decision = words::decision(&decision)), self.text(note.as_ref()))
            }
            Event::ClockStarted { clock } => (
                t!(
                    "timeline-clock",
                    no = self.clock(clock.no),
                    due = show::until(pack, &clock.due),
                    basis = show::cite(pack, &clock.basis)
                ),
                Vec::new(),
            ),
            Event::ClockResumed { clock, due, .. }
            | Event::ClockExtended { clock, due, .. }
            | Event::ClockRecounted { clock, due, .. } => {
                (t!("timeline-clock-due", clock = self.clock(*clock), due = show::until(pack, due)), Vec::new())
            }
            Event::ClockFired { clock, moment } => {
                let what = match moment {
                    huiyin_core::order::Moment::Warn => t!("timeline-soon"),
                    huiyin_core::order::Moment::Alert => t!("timeline-phone"),
                    huiyin_core::order::Moment::Due => t!("word-overdue"),
                };
                (format!("{} {what}", self.clock(*clock)), Vec::new())
            }
            Event::ClockHalted { clock }
            | Event::ClockUnhalted { clock }
            | Event::ClockPaused { clock }
            | Event::ClockStopped { clock, .. }
            | Event::ClockCancelled { clock }
            | Event::ClockExcused { clock, .. } => (self.clock(*clock), Vec::new()),
            Event::DutyOwed { duty } => (words::told(duty.what.code()).to_owned(), self.text(duty.text.as_ref())),
            Event::DutyTold { duty, impossible, record } => {
                let what = self
                    .view
                    .order
                    .duties
                    .iter()
                    .find(|one| one.no == *duty)
                    .map_or("", |one| words::told(one.what.code()));
                (
                    format!("{what}{}", if *impossible { t!("timeline-not-told") } else { "" }),
                    self.text(record.as_ref()),
                )
            }
            Event::CallbackAnswered { answers, .. } => {
                let scale =
                    ["", t!("satisfied-1"), t!("satisfied-2"), t!("satisfied-3"), t!("satisfied-4"), t!("satisfied-5")];
                let satisfied = scale.get(usize::from(answers.satisfied)).copied().unwrap_or_default();
                let contacted = if answers.contacted { t!("timeline-contacted") } else { t!("timeline-not-contacted") };
                let solved = if answers.solved { t!("word-solved") } else { t!("word-not-solved") };
                (format!("{contacted} · {solved} · {satisfied}"), self.text(answers.said.as_ref()))
            }
            Event::CallbackWaived { reason } => (self.reason("waive", reason), Vec::new()),
            Event::CallbackMissed { at } => (show::near_moment(pack, self.app.now(), *at), Vec::new()),
            Event::Redone { reason, note } => (self.reason("redo", reason), self.text(note.as_ref())),
            Event::EntryUsed { entry, .. } => (entry.clone(), Vec::new()),
            Event::Closed { outcome, reason, text, .. } => {
                let group = match outcome.code() {
                    "refused" => "refusal",
                    "transferred" => "transfer",
                    "stopped" => "stop",
                    _ => "withdraw",
                };
                let why = reason.as_deref().map(|code| format!(" · {}", self.reason(group, code))).unwrap_or_default();
                (format!("{}{why}", words::outcome(outcome.code())), self.text(text.as_ref()))
            }
            _ => (String::new(), Vec::new()),
        }
    }
}

/// The journal and the readings of identities, the newest first.
pub fn entries(app: &App, view: &OrderView) -> Vec<Entry> {
    let (pack, now) = (&app.pack, app.now());
    let who = |person: &str, unit: &str| match person {
        "system" => t!("word-system").to_owned(),
        _ if huiyin_app::is_public(person) => t!("word-claimant").to_owned(),
        _ => {
            let name = view.names.get(person).map(String::as_str).unwrap_or_default();
            format!("{name} · {}", view.unit_name(unit)).trim_start_matches(" · ").to_owned()
        }
    };
    let reader = Reader { app, view };
    let mut found: Vec<(i64, Entry)> = view
        .journal
        .iter()
        .map(|row| {
            let (icon, group) = words::event_face(&row.name);
            let (level, (detail, texts)) = match row.event() {
                Ok(event) => (level(&event), reader.say(&event)),
                Err(_) => ("", (String::new(), Vec::new())),
            };
            let title = words::event(&row.name).to_owned();
            let at = show::near_moment(pack, now, row.at);
            (
                row.at.ms(),
                Entry { icon, level, title, detail, who: who(&row.person, &row.unit), at, texts, group, seq: row.seq },
            )
        })
        .collect();
    found.extend(view.reveals.iter().map(|reveal| {
        (
            reveal.at.ms(),
            Entry {
                icon: "eye",
                level: "",
                title: if reveal.field == "file" { t!("timeline-file-seen") } else { t!("timeline-identity-seen") }
                    .into(),
                detail: reveal.purpose.clone(),
                who: view.names.get(&reveal.person).cloned().unwrap_or_default(),
                at: show::near_moment(pack, now, reveal.at),
                texts: Vec::new(),
                group: "reveal",
                seq: 0,
            },
        )
    }));
    found.sort_by_key(|(at, entry)| std::cmp::Reverse((*at, entry.seq)));
    found.into_iter().map(|(_, entry)| entry).collect()
}
