//! The texts of a pack, and what is wrong with them so far.

use std::{
    any::TypeId,
    collections::{HashMap, HashSet},
    ops::Range,
    rc::Rc,
};

use serde::de::DeserializeOwned;

use super::{Fault, Known, LONGEST, MAX_FILE, MAX_PACK, MOST_ENTRIES, MOST_FAULTS, read, sections::Sections, words};
use crate::{
    policy::{Cite, Pack, schema::form},
    time::Day,
};

/// Where an entry stands.
#[derive(Clone)]
pub(super) struct At {
    pub(super) file: usize,
    pub(super) span: Range<usize>,
}

/// One text of a pack.
pub(super) struct File {
    pub(super) name: String,
    pub(super) text: String,
    /// Where its lines begin.
    pub(super) lines: Vec<usize>,
}

/// The texts and what is wrong with them so far.
#[derive(Default)]
pub(super) struct Checker {
    pub(super) files: Vec<File>,
    pub(super) faults: Vec<Fault>,
    /// Faults beyond those that are kept.
    pub(super) more: usize,
    /// Entries read.
    pub(super) entries: usize,
    /// Sources that are superseded and decide nothing.
    pub(super) silent: HashSet<String>,
    /// What sections hold, of those a fault was found in.
    forms: HashMap<TypeId, Rc<serde_json::Value>>,
}

impl Checker {
    pub(super) fn fault(&mut self, at: &At, message: impl Into<String>) {
        if self.faults.len() >= MOST_FAULTS {
            self.more += 1;
            return;
        }
        let (line, column) = self.place(at);
        let file = self.files[at.file].name.clone();
        let mut message = message.into();
        if message.len() > LONGEST {
            message.truncate(message.floor_char_boundary(LONGEST));
            message.push('…');
        }
        message.shrink_to_fit();
        self.faults.push(Fault { file, line, column, message });
    }

    /// A text that is no TOML, by the reader's message.
    pub(super) fn unreadable(&mut self, at: &At, message: &str) {
        let said = words::unreadable(message, self.rest(at));
        self.fault(at, said);
    }

    /// An entry that is none of its section, by the reader's message.
    pub(super) fn misread<T: DeserializeOwned + 'static>(&mut self, at: &At, message: &str) {
        if self.faults.len() >= MOST_FAULTS {
            self.more += 1;
            return;
        }
        let form = Rc::clone(self.forms.entry(TypeId::of::<T>()).or_insert_with(|| Rc::new(form::<T>())));
        let said = words::misread(message, self.key(at), self.rest(at), &form);
        self.fault(at, said);
    }

    /// The text from a place on.
    fn rest(&self, at: &At) -> &str {
        self.files[at.file].text.get(at.span.start..).unwrap_or_default()
    }

    /// The key on whose right side a place lies, where it is on the same line.
    fn key(&self, at: &At) -> Option<&str> {
        let before = self.files[at.file].text.get(..at.span.start)?;
        let (left, right) = before.lines().next_back()?.rsplit_once('=')?;
        let key = left.trim_end().rsplit([' ', ',', '{', '.']).next()?;
        (!key.is_empty() && !right.contains(['}', '"'])).then_some(key)
    }

    /// Line and column of a place, from 1.
    pub(super) fn place(&self, at: &At) -> (usize, usize) {
        let File { text, lines, .. } = &self.files[at.file];
        let start = at.span.start.min(text.len());
        let line = lines.partition_point(|begin| *begin <= start);
        let begin = line.checked_sub(1).and_then(|line| lines.get(line)).copied().unwrap_or(0);
        (line.max(1), text.get(begin..start).map_or(0, |before| before.chars().count()) + 1)
    }

    /// Reads the texts of one pack.
    pub(super) fn layer(&mut self, texts: &[(String, String)], prefix: &str) -> Sections {
        let mut all = Sections::default();
        for (name, text) in texts {
            let file = self.files.len();
            let all_files: usize = self.files.iter().map(|file| file.text.len()).sum();
            let large = text.len() > MAX_FILE || all_files + text.len() > MAX_PACK;
            let whole = text.len();
            // Some editors begin a file with a byte-order mark; it says nothing in UTF-8.
            let text = text.strip_prefix('\u{feff}').unwrap_or(text);
            let text = if large { String::new() } else { text.to_owned() };
            let lines = std::iter::once(0).chain(text.match_indices('\n').map(|(at, _)| at + 1)).collect();
            self.files.push(File { name: format!("{prefix}{name}"), text: text.clone(), lines });
            if large {
                let at = At { file, span: 0..0 };
                let said = if whole > MAX_FILE {
                    format!("`{name}` is larger than {} MiB; split it", MAX_FILE >> 20)
                } else {
                    format!("with `{name}` the pack is larger than {} MiB; it was not read", MAX_PACK >> 20)
                };
                self.fault(&at, said);
                continue;
            }
            // What takes bytes that are no UTF-8 for a text puts this sign in their place.
            if let Some(start) = text.find(char::REPLACEMENT_CHARACTER) {
                let at = At { file, span: start..start };
                self.fault(&at, "here stands a sign that is not in UTF-8; save the file in the encoding UTF-8");
            }
            read(self, file, &text, &mut all);
        }
        all
    }

    /// Counts an entry; false when there are more than a pack may have.
    pub(super) fn counts(&mut self, at: &At) -> bool {
        self.entries += 1;
        if self.entries == MOST_ENTRIES + 1 {
            self.fault(at, format!("the pack has more than {MOST_ENTRIES} entries; the rest was not read"));
        }
        self.entries <= MOST_ENTRIES
    }

    /// The pack, if nothing is wrong with it.
    pub(super) fn done(mut self, pack: Option<Pack>) -> Result<Pack, Vec<Fault>> {
        self.faults.sort();
        self.faults.dedup();
        if self.more > 0
            && let Some(last) = self.faults.last().cloned()
        {
            let message = format!("and {} more faults; mend those above first", self.more);
            self.faults.push(Fault { message, ..last });
        }
        match pack {
            Some(pack) if self.faults.is_empty() => Ok(pack),
            _ => Err(self.faults),
        }
    }

    pub(super) fn known(
        &mut self,
        at: &At,
        known: &HashSet<String>,
        what: &str,
        codes: impl IntoIterator<Item = impl AsRef<str>>,
    ) {
        for code in codes {
            let code = code.as_ref();
            if !known.contains(code) {
                self.fault(at, format!("no {what} is called `{code}`; define it or correct the name"));
            }
        }
    }

    /// Which matters an entry holds for.
    pub(super) fn matters(&mut self, at: &At, known: &Known, subjects: &[String], kinds: &[String], flags: &[String]) {
        self.known(at, &known.subjects, "subject", subjects);
        self.known(at, &known.kinds, "kind", kinds);
        self.known(at, &known.flags, "subject flag", flags);
    }

    pub(super) fn cite(&mut self, at: &At, sources: &HashSet<String>, cite: &Cite) {
        self.known(at, sources, "source", [&cite.source]);
        if self.silent.contains(&cite.source) {
            self.fault(
                at,
                format!(
                    "source `{}` is superseded and decides nothing; cite what took its place, or set `decides = true` on it",
                    cite.source
                ),
            );
        }
        if cite.article.trim().is_empty() {
            self.fault(at, "a citation names no article; write which part of the document the value comes from");
        }
    }

    /// Values in order of time, without overlap or gap.
    pub(super) fn timeline(&mut self, at: &At, what: &str, spans: impl Iterator<Item = (Day, Option<Day>)>) {
        let spans: Vec<_> = spans.collect();
        if spans.is_empty() {
            self.fault(at, format!("{what} has no value; add one with `from` and `cite`"));
        }
        for (from, until) in &spans {
            if until.is_some_and(|until| until < *from) {
                self.fault(at, format!("{what}: a value ends before it begins on {from}"));
            }
        }
        for pair in spans.windows(2) {
            let ((from, until), (next, _)) = (pair[0], pair[1]);
            if next <= from {
                self.fault(at, format!("{what}: the value from {next} must stand after the one from {from} in time"));
            } else if until.is_some_and(|until| until >= next) {
                self.fault(at, format!("{what}: two values cover {next}; end the earlier one before"));
            } else if until.is_some_and(|until| until >= from && until.next() < next) {
                self.fault(
                    at,
                    format!("{what}: no value covers the days between {} and {next}", until.unwrap_or(from)),
                );
            }
        }
    }
}
