//! Words of pages, one catalogue for each language: `locales/<language>/<pages>.ftl`, inside the binary.
//!
//! A page of the public holds its [`Language`] and asks it: `{{ s.t("home-title") }}`, `{{ s.put("steps", "n", 2) }}`, and
//! `{{ s.code("kind", kind) }}` for the words of a code (`kind-complaint`). Longer sentences are made by [`Language::say`].
//!
//! Pages of the staff are written in the language of the request ([`Language::here`]), which [`Language::scope`] lays around
//! it once: `{{ "queue-empty"|t }}` and `{{ "drafts-saved-at"|put("at", at) }}` in a template, `t!("queue-empty")` and
//! `t!("drafts-saved-at", at)` in code, [`coded`] for the words of a code. A table that stands outside any request holds
//! keys, marked `key!("nav-desk")`, and [`word`] is asked where it is read.
//!
//! **To add a page's words**: keys in the same file of every language. **A group of pages** in fewer languages is a file
//! of its own in these. A test names keys that are missing, unused or differ between the languages.

use std::{
    collections::HashMap,
    fmt::{Display, Write},
    sync::{LazyLock, OnceLock},
};

use fluent_bundle::{FluentArgs, FluentResource, FluentValue, concurrent::FluentBundle};
use fluent_syntax::ast::{Entry, Expression, InlineExpression, Pattern, PatternElement};
use rust_embed::RustEmbed;

#[derive(RustEmbed)]
#[folder = "locales"]
struct Locales;

/// A language of pages.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Language {
    /// Chinese.
    Zh,
    /// English.
    En,
    /// Russian.
    Ru,
}

/// What a message is made of. Most are plain words or have things put into them; these are read once, so that a word costs
/// a look into a table. Fluent is asked only where words depend on a number.
enum Message {
    Plain(String),
    Pieces(Vec<Piece>),
    Chosen,
}

enum Piece {
    Text(String),
    Put(String),
}

/// The messages of a language.
struct Catalogue {
    bundle: FluentBundle<FluentResource>,
    messages: HashMap<String, Message>,
}

static CATALOGUES: LazyLock<[Catalogue; 3]> =
    LazyLock::new(|| [Language::Zh, Language::En, Language::Ru].map(Catalogue::read));

tokio::task_local! {
    static HERE: Language;
}

/// Words of a key in the language of the request: `t!("key")`, or with what stands in them `t!("key", name, n = rows.len())`.
macro_rules! t {
    ($key:literal) => {{
        static WORDS: $crate::catalogue::Word = $crate::catalogue::Word::new($key);
        WORDS.here()
    }};
    ($key:literal, $($name:ident $(= $value:expr)?),+ $(,)?) => {
        $crate::catalogue::Language::here().with($key, &[$((stringify!($name), &t!(@ $name $($value)?) as &dyn std::fmt::Display)),+])
    };
    (@ $name:ident) => { $name };
    (@ $name:ident $value:expr) => { $value };
}

/// A key that stands in a table, so that the test of keys finds it.
macro_rules! key {
    ($key:literal) => {
        $key
    };
}

/// The words of a key that stands in the code: looked up once for each language, so that a row of a list costs next to
/// nothing.
pub struct Word {
    key: &'static str,
    words: [OnceLock<&'static str>; 3],
}

impl Word {
    /// The words of a key.
    pub const fn new(key: &'static str) -> Self {
        Self { key, words: [const { OnceLock::new() }; 3] }
    }

    /// In the language of the request.
    pub fn here(&self) -> &'static str {
        let here = Language::here();
        self.words[here as usize].get_or_init(|| here.word(self.key).unwrap_or(self.key))
    }
}

/// The words of a key in the language of the request.
pub fn word(key: &'static str) -> &'static str {
    Language::here().word(key).unwrap_or(key)
}

/// The words of a code of a group: `coded("urgency", "normal")` has the key `urgency-normal`. A code without words is itself.
pub fn coded<'a>(group: &str, code: &'a str) -> &'a str {
    Language::here().coded(group, code).unwrap_or(code)
}

impl Message {
    fn of(pattern: &Pattern<&str>) -> Self {
        let mut pieces = Vec::new();
        for element in &pattern.elements {
            pieces.push(match element {
                PatternElement::TextElement { value } => Piece::Text((*value).to_owned()),
                PatternElement::Placeable {
                    expression: Expression::Inline(InlineExpression::StringLiteral { value }),
                } => Piece::Text((*value).to_owned()),
                PatternElement::Placeable {
                    expression: Expression::Inline(InlineExpression::VariableReference { id }),
                } => Piece::Put(id.name.to_owned()),
                PatternElement::Placeable { .. } => return Self::Chosen,
            });
        }
        let plain: Option<String> = pieces
            .iter()
            .map(|piece| match piece {
                Piece::Text(text) => Some(text.as_str()),
                Piece::Put(_) => None,
            })
            .collect();
        plain.map_or(Self::Pieces(pieces), Self::Plain)
    }
}

impl Catalogue {
    fn read(language: Language) -> Self {
        let tag = language.code().parse().unwrap_or_default();
        let mut bundle = FluentBundle::new_concurrent(vec![tag]);
        // Pages are written in one direction, and the marks would end up in forms and messages.
        bundle.set_use_isolating(false);
        let mut messages = HashMap::new();
        for path in Locales::iter().filter(|path| path.split('/').next() == Some(language.code())) {
            let Some(file) = Locales::get(&path) else { continue };
            // What cannot be read is left out here and named by the test.
            let (Ok(resource) | Err((resource, _))) =
                FluentResource::try_new(String::from_utf8_lossy(&file.data).into_owned());
            for entry in resource.entries() {
                if let Entry::Message(message) = entry
                    && let Some(pattern) = &message.value
                {
                    messages.insert(message.id.name.to_owned(), Message::of(pattern));
                }
            }
            bundle.add_resource_overriding(resource);
        }
        Self { bundle, messages }
    }

    fn choose(&self, key: &str, args: &FluentArgs<'_>) -> Option<String> {
        let pattern = self.bundle.get_message(key)?.value()?;
        Some(self.bundle.format_pattern(pattern, Some(args), &mut Vec::new()).into_owned())
    }
}

impl Language {
    /// All of them.
    pub const ALL: &'static [Self] = &[Self::Zh, Self::En, Self::Ru];

    /// Those the staff's pages are written in; the first is the one of who has chosen none.
    pub const STAFF: &'static [Self] = &[Self::Zh, Self::En];

    /// The language of the request being answered.
    pub fn here() -> Self {
        HERE.try_with(|language| *language).unwrap_or(Self::Zh)
    }

    /// Answers a request in this language.
    pub async fn scope<F: Future>(self, answer: F) -> F::Output {
        HERE.scope(self, answer).await
    }

    /// Makes something in this language outside of a request's own task.
    pub fn sync_scope<T>(self, make: impl FnOnce() -> T) -> T {
        HERE.sync_scope(self, make)
    }

    /// One of the staff's by its code.
    pub fn of_staff(code: &str) -> Option<Self> {
        Self::STAFF.iter().copied().find(|one| one.code() == code)
    }

    /// The code, as a pack writes it.
    pub fn code(self) -> &'static str {
        match self {
            Self::Zh => "zh",
            Self::En => "en",
            Self::Ru => "ru",
        }
    }

    /// The code, as a page's `lang` has it.
    pub fn tag(self) -> &'static str {
        match self {
            Self::Zh => "zh-CN",
            other => other.code(),
        }
    }

    /// Its own name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Zh => "中文",
            Self::En => "English",
            Self::Ru => "Русский",
        }
    }

    fn catalogue(self) -> &'static Catalogue {
        let [zh, en, ru] = &*CATALOGUES;
        match self {
            Self::Zh => zh,
            Self::En => en,
            Self::Ru => ru,
        }
    }

    /// The words of a key into which nothing is put.
    pub fn word(self, key: &str) -> Option<&'static str> {
        match self.catalogue().messages.get(key)? {
            Message::Plain(words) => Some(words),
            _ => None,
        }
    }

    /// The words of a code of a group.
    pub fn coded(self, group: &str, code: &str) -> Option<&'static str> {
        let mut key = String::with_capacity(group.len() + 1 + code.len());
        key.push_str(group);
        key.push('-');
        // Codes of refusals have a point in them, and keys may not.
        match code.split_once('.') {
            Some((area, what)) => key.extend([area, "-", what]),
            None => key.push_str(code),
        }
        self.word(&key)
    }

    /// The words of a key with what stands in them; a key that is not there is shown as it is.
    pub fn with(self, key: &str, put: &[(&str, &dyn Display)]) -> String {
        let catalogue = self.catalogue();
        match catalogue.messages.get(key) {
            None => key.to_owned(),
            Some(Message::Plain(words)) => words.clone(),
            Some(Message::Pieces(pieces)) => {
                let mut words = String::with_capacity(48);
                for piece in pieces {
                    match piece {
                        Piece::Text(text) => words.push_str(text),
                        Piece::Put(name) => {
                            if let Some((_, value)) = put.iter().find(|(known, _)| known == name) {
                                let _ = write!(words, "{value}");
                            }
                        }
                    }
                }
                words
            }
            Some(Message::Chosen) => {
                let mut args = FluentArgs::new();
                for (name, value) in put {
                    let text = value.to_string();
                    let number = text.parse::<i64>().ok().filter(|n| n.to_string() == text);
                    args.set(*name, number.map_or_else(|| FluentValue::from(text), FluentValue::from));
                }
                catalogue.choose(key, &args).unwrap_or_else(|| key.to_owned())
            }
        }
    }

    /// The words of a key with what stands in them; a key that is not there is shown as it is.
    pub fn say(self, key: &str, put: &[(&str, &str)]) -> String {
        let put: Vec<(&str, &dyn Display)> = put.iter().map(|(name, value)| (*name, value as &dyn Display)).collect();
        self.with(key, &put)
    }

    /// The words of a key.
    pub fn t(&self, key: &str) -> String {
        self.word(key).unwrap_or(key).to_owned()
    }

    /// The words of a key with one thing in them.
    pub fn put(&self, key: &str, name: &str, value: impl Display) -> String {
        self.with(key, &[(name, &value)])
    }

    /// The words of a key that depend on a number.
    pub fn count(&self, key: &str, n: usize) -> String {
        self.with(key, &[("n", &n)])
    }

    /// The words of a code of a group: `code("kind", "help")` has the key `kind-help`. A code without words is itself.
    pub fn code_of(&self, group: &str, code: &str) -> String {
        self.coded(group, code).unwrap_or(code).to_owned()
    }
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};

    use fluent_bundle::FluentResource;

    use super::{Language, Locales};

    /// Keys made of a group and a code: every code that may come.
    const CODES: &[(&str, &[&str])] = &[
        ("kind", &["complaint", "help", "consultation", "report", "suggestion", "praise"]),
        ("rate-over", &["redone", "closed", "unknown"]),
        ("rate-follows", &["nothing", "check", "reopening"]),
        (
            "state",
            &[
                "waiting",
                "accepted",
                "with-unit",
                "review",
                "callback",
                "answered",
                "handled",
                "passed-on",
                "refused",
                "transferred",
                "withdrawn",
                "merged",
                "stopped",
            ],
        ),
        (
            "step",
            &[
                "received",
                "accepted",
                "sent",
                "signed",
                "progress",
                "fed-back",
                "returned",
                "extended",
                "shelved",
                "passed",
                "redo",
                "rated",
                "added",
                "urged",
                "merged",
                "withdrawn",
                "answered",
                "handled",
                "passed-on",
                "refused",
                "transferred",
                "stopped",
            ],
        ),
        ("order-state", &["intake", "registered", "assigned", "review", "callback", "closed", "archived"]),
        ("task-state", &["delivered", "signed", "accepted", "fed-back", "done", "returned", "recalled"]),
        ("outcome", &["answered", "handled", "passed-on", "refused", "transferred", "withdrawn", "merged", "stopped"]),
        ("urgency", &["normal", "urgent", "emergency"]),
        ("channel", &["phone", "letter", "fax", "email", "sms", "mms", "wechat", "weibo", "web", "voice", "visit"]),
        (
            "role",
            &[
                "agent",
                "office",
                "subcentre",
                "officer",
                "leader",
                "callback",
                "editor",
                "supervisor",
                "mayor",
                "admin",
            ],
        ),
        ("task-role", &["lead", "assist"]),
        ("ask", &["return", "extension", "pause", "shelving", "excuse", "approval"]),
        ("decision", &["asked", "granted", "refused", "withdrawn"]),
        ("told", &["accepted", "refused", "transferred", "extended", "shelved", "hastened", "result"]),
        (
            "clock",
            &[
                "dispatch",
                "accept",
                "close",
                "scene",
                "return",
                "redispatch",
                "reply",
                "pause",
                "shelving",
                "follow-up",
                "review",
                "callback",
                "contact",
                "remind",
                "supervise",
                "leaders",
            ],
        ),
        ("relation", &["related", "split-from", "split-into", "reopens", "reopened-by", "follows-up"]),
        ("supervision", &["urge", "order", "joint", "interview", "leading-group"]),
        (
            "desk-item",
            &[
                "phone-notice",
                "tell",
                "withdraw",
                "relay",
                "follow-up",
                "overrun",
                "phone-head",
                "fix-owner",
                "mass-event",
                "mass-found",
                "copy",
                "sample-review",
                "redact",
                "not-solved",
                "reopen-asked",
                "phone-leaders",
                "supervision-notice",
                "call-duty-phone",
            ],
        ),
        ("span-unit", &["minute", "hour", "day", "workday"]),
        (
            "field",
            &[
                "text",
                "place",
                "unit",
                "into",
                "other",
                "at",
                "channel",
                "received_at",
                "purpose",
                "span",
                "claimant-name",
                "claimant-phone",
                "claimant-email",
                "claimant-idno",
                "claimant-address",
                "answers-contacted",
                "answers-solved",
                "answers-satisfied",
                "present",
                "password",
                "code",
                "phone",
                "desk",
                "file",
                "files",
            ],
        ),
    ];

    /// Keys of each file of a language.
    fn keys(language: Language) -> BTreeMap<String, BTreeSet<String>> {
        let own = |path: &str| path.strip_prefix(&format!("{}/", language.code())).map(str::to_owned);
        Locales::iter()
            .filter_map(|path| Some((own(&path)?, Locales::get(&path)?)))
            .map(|(name, file)| {
                let text = String::from_utf8(file.data.into_owned()).expect("a catalogue is UTF-8");
                if let Err((_, faults)) = FluentResource::try_new(text.clone()) {
                    panic!("{}/{name}: {faults:?}", language.code());
                }
                let mut seen = BTreeSet::new();
                for line in text.lines().filter(|line| line.starts_with(|first: char| first.is_ascii_lowercase())) {
                    let key = line.split(" =").next().unwrap_or_default().to_owned();
                    assert!(seen.insert(key.clone()), "{}/{name}: `{key}` stands twice", language.code());
                }
                (name, seen)
            })
            .collect()
    }

    fn walk(folder: &std::path::Path, found: &mut Vec<(String, String)>) {
        for entry in std::fs::read_dir(folder).expect("a folder") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                walk(&path, found);
            } else if !path.ends_with("catalogue.rs") {
                let text = std::fs::read_to_string(&path).expect("a text");
                found.push((path.display().to_string(), text));
            }
        }
    }

    /// Text of every template and source file.
    fn sources() -> Vec<(String, String)> {
        let mut found = Vec::new();
        for folder in ["src", "templates"] {
            walk(&std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join(folder), &mut found);
        }
        found
    }

    /// Keys that pages ask for, and where.
    fn asked() -> BTreeMap<String, String> {
        let mut asked = BTreeMap::new();
        for (path, text) in sources() {
            let text = text.split_whitespace().collect::<Vec<_>>().join(" ").replace("( \"", "(\"");
            for call in [".t(\"", ".put(\"", ".say(\"", ".count(\"", "t!(\"", "key!(\""] {
                for (at, _) in text.match_indices(call) {
                    // `format!(` ends in the same letters.
                    if call.starts_with('.') || !text[..at].ends_with(char::is_alphanumeric) {
                        let key = text[at + call.len()..].split('"').next().unwrap_or_default();
                        asked.insert(key.to_owned(), path.clone());
                    }
                }
            }
            for filter in ["\"|t ", "\"|t)", "\"|put"] {
                for (at, _) in text.match_indices(filter) {
                    let key = text[..at].rsplit('"').next().unwrap_or_default();
                    asked.insert(key.to_owned(), path.clone());
                }
            }
            for part in text.split(".code_of(\"").skip(1).chain(text.split("coded(\"").skip(1)) {
                let group = part.split('"').next().unwrap_or_default();
                if group == "refusal" {
                    asked.extend(refusals().into_iter().map(|key| (key, path.clone())));
                    continue;
                }
                let (_, codes) = CODES.iter().find(|(known, _)| *known == group).unwrap_or_else(|| {
                    panic!("{path}: the codes of `{group}` are not listed in this test");
                });
                asked.extend(codes.iter().map(|code| (format!("{group}-{code}"), path.clone())));
            }
        }
        asked
    }

    /// Keys of the refusals that core and application make.
    fn refusals() -> Vec<String> {
        let mut found = Vec::new();
        for folder in ["../huiyin-core/src", "../huiyin-app/src"] {
            walk(&std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join(folder), &mut found);
        }
        let text: String = found.into_iter().map(|(_, text)| text).collect();
        let said = keys(Language::Zh).remove("staff-refusals.ftl").expect("refusals have words");
        let made = |key: &String| {
            let Some((area, what)) = key["refusal-".len()..].split_once('-') else { return false };
            // Some are made of a request and what is wrong with it.
            text.contains(&format!("\"{area}.{what}\"")) || text.contains(&format!("}}.{what}\""))
        };
        said.into_iter().filter(made).collect()
    }

    /// What is put into each message.
    fn put_in(language: Language) -> BTreeMap<String, BTreeSet<String>> {
        let text =
            |path: &str| String::from_utf8(Locales::get(path).expect("a file").data.into_owned()).expect("UTF-8");
        let own = Locales::iter().filter(|path| path.starts_with(language.code()));
        own.flat_map(|path| {
            let named = |text: &str| {
                let names = text.split('$').skip(1).map(|rest| {
                    rest.split(|c: char| !c.is_ascii_alphanumeric() && c != '_').next().unwrap_or_default().to_owned()
                });
                names.collect::<BTreeSet<_>>()
            };
            let mut messages: Vec<(String, String)> = Vec::new();
            for line in text(&path).lines() {
                match line.split_once(" =").filter(|_| line.starts_with(|first: char| first.is_ascii_lowercase())) {
                    Some((key, words)) => messages.push((key.to_owned(), words.to_owned())),
                    None => messages.last_mut().into_iter().for_each(|(_, words)| words.push_str(line)),
                }
            }
            messages.into_iter().map(|(key, words)| (key, named(&words))).collect::<Vec<_>>()
        })
        .collect()
    }

    #[test]
    fn no_words_stand_in_templates_or_pages() {
        let chinese = |c: char| ('\u{3000}'..='\u{303f}').contains(&c) || ('\u{4e00}'..='\u{9fff}').contains(&c);
        let quoted = |line: &str| line.split('"').skip(1).step_by(2).any(|text| text.contains(chinese));
        let mut found = Vec::new();
        for (path, text) in sources() {
            let page = path.ends_with(".html");
            if !page && !path.contains("/src/ui/") && !path.contains("/src/words/") {
                continue;
            }
            let own = text.split("#[cfg(test)]").next().unwrap_or_default();
            let words = |line: &&str| if page { line.contains(chinese) } else { quoted(line) };
            let lines = own.lines().filter(|line| !line.trim_start().starts_with("//")).filter(words);
            found.extend(lines.map(|line| format!("{path}: {}", line.trim())));
        }
        assert!(found.is_empty(), "words belong into `locales`: {found:#?}");
    }

    #[test]
    fn the_same_is_put_into_a_message_in_every_language() {
        let zh = put_in(Language::Zh);
        for language in [Language::En, Language::Ru] {
            for (key, put) in put_in(language) {
                assert_eq!(Some(&put), zh.get(&key), "{}: `{key}`", language.code());
            }
        }
    }

    #[test]
    fn a_page_is_in_the_language_laid_around_it() {
        assert_eq!(t!("frame-got-it"), "知道了");
        Language::En.sync_scope(|| {
            let (name, n) = ("Li", 3);
            assert_eq!(t!("frame-got-it"), "Got it");
            assert_eq!(t!("script-editing", name), "Li is filling a form in");
            assert_eq!(t!("print-what", n), "3 slips; a secret order's slip leaves the claimant out");
            assert_eq!(t!("print-what", n = 1), "1 slip; a secret order's slip leaves the claimant out");
            assert_eq!(super::coded("urgency", "normal"), "Normal");
            assert_eq!(super::coded("urgency", "no-such-code"), "no-such-code");
        });
    }

    #[test]
    fn every_language_of_a_file_has_the_same_keys() {
        let zh = keys(Language::Zh);
        for language in Language::STAFF {
            assert!(keys(*language).keys().eq(zh.keys()), "{} lacks a file", language.code());
        }
        let all: Vec<&String> = zh.values().flatten().collect();
        assert_eq!(all.len(), zh.values().flatten().collect::<BTreeSet<_>>().len(), "a key stands in two files");
        for language in Language::ALL {
            for (name, own) in keys(*language) {
                let first = zh.get(&name).unwrap_or_else(|| panic!("`{name}` is not there in Chinese"));
                let missing: Vec<_> = first.difference(&own).collect();
                let more: Vec<_> = own.difference(first).collect();
                assert!(missing.is_empty(), "{}/{name} lacks {missing:?}", language.code());
                assert!(more.is_empty(), "{}/{name} has {more:?}, which Chinese has not", language.code());
            }
        }
    }

    #[test]
    fn no_key_is_missing_and_none_unused() {
        let known: BTreeSet<String> = keys(Language::Zh).into_values().flatten().collect();
        let asked = asked();
        let missing: Vec<_> = asked.iter().filter(|(key, _)| !known.contains(*key)).collect();
        assert!(missing.is_empty(), "asked for, and in no catalogue: {missing:?}");
        let unused: Vec<_> = known.iter().filter(|key| !asked.contains_key(*key)).collect();
        assert!(unused.is_empty(), "in the catalogue, and nowhere asked for: {unused:?}");
    }

    #[test]
    fn what_is_put_in_stands_in_every_language() {
        for language in Language::ALL {
            assert!(language.put("steps-of", "n", 2).contains('2'), "{}", language.code());
            assert_eq!(language.t("no-such-key"), "no-such-key");
        }
        assert_eq!(Language::En.count("files-kept", 1), "1 file");
        assert_eq!(Language::Ru.count("files-kept", 5), "5 файлов");
    }
}
