//! Words of pages, one catalogue for each language: `locales/<language>/<pages>.ftl`, inside the binary.
//!
//! A page holds its [`Language`] and asks it: `{{ l.t("home-title") }}`, `{{ l.put("steps", "n", 2) }}`, and
//! `{{ l.code("kind", kind) }}` for the words of a code (`kind-complaint`). Longer sentences are made by [`Language::say`].
//!
//! **To add a page's words**: keys in the same file of every language. **A group of pages** in fewer languages is a file
//! of its own in these. A test names keys that are missing, unused or differ between the languages.

use std::{collections::HashMap, sync::LazyLock};

use fluent_bundle::{FluentArgs, FluentResource, FluentValue, concurrent::FluentBundle};
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

static BUNDLES: LazyLock<HashMap<Language, FluentBundle<FluentResource>>> =
    LazyLock::new(|| Language::ALL.iter().map(|language| (*language, language.bundle())).collect());

impl Language {
    /// All of them.
    pub const ALL: &'static [Self] = &[Self::Zh, Self::En, Self::Ru];

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

    fn bundle(self) -> FluentBundle<FluentResource> {
        let tag = self.code().parse().unwrap_or_default();
        let mut bundle = FluentBundle::new_concurrent(vec![tag]);
        // Pages are written in one direction, and the marks would end up in forms and messages.
        bundle.set_use_isolating(false);
        for path in Locales::iter().filter(|path| path.split('/').next() == Some(self.code())) {
            let Some(file) = Locales::get(&path) else { continue };
            // What cannot be read is left out here and named by the test.
            let (Ok(resource) | Err((resource, _))) =
                FluentResource::try_new(String::from_utf8_lossy(&file.data).into_owned());
            bundle.add_resource_overriding(resource);
        }
        bundle
    }

    /// The words of a key with what stands in them; a key that is not there is shown as it is.
    pub fn say(self, key: &str, put: &[(&str, &str)]) -> String {
        let mut args = FluentArgs::new();
        for (name, value) in put {
            args.set(*name, FluentValue::from(*value));
        }
        self.format(key, Some(&args)).unwrap_or_else(|| key.to_owned())
    }

    fn format(self, key: &str, args: Option<&FluentArgs<'_>>) -> Option<String> {
        let bundle = BUNDLES.get(&self)?;
        let pattern = bundle.get_message(key)?.value()?;
        Some(bundle.format_pattern(pattern, args, &mut Vec::new()).into_owned())
    }

    /// The words of a key.
    pub fn t(&self, key: &str) -> String {
        self.say(key, &[])
    }

    /// The words of a key with one thing in them.
    pub fn put(&self, key: &str, name: &str, value: impl std::fmt::Display) -> String {
        self.say(key, &[(name, &value.to_string())])
    }

    /// The words of a key that depend on a number.
    pub fn count(&self, key: &str, n: usize) -> String {
        let mut args = FluentArgs::new();
        args.set("n", n);
        self.format(key, Some(&args)).unwrap_or_else(|| key.to_owned())
    }

    /// The words of a code of a group: `code("kind", "help")` has the key `kind-help`. A code without words is itself.
    pub fn code_of(&self, group: &str, code: &str) -> String {
        self.format(&format!("{group}-{code}"), None).unwrap_or_else(|| code.to_owned())
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

    /// Text of every template and source file.
    fn sources() -> Vec<(String, String)> {
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
            for call in [".t(\"", ".put(\"", ".say(\"", ".count(\""] {
                for part in text.split(call).skip(1) {
                    asked.insert(part.split('"').next().unwrap_or_default().to_owned(), path.clone());
                }
            }
            for part in text.split(".code_of(\"").skip(1) {
                let group = part.split('"').next().unwrap_or_default();
                let (_, codes) = CODES.iter().find(|(known, _)| *known == group).unwrap_or_else(|| {
                    panic!("{path}: the codes of `{group}` are not listed in this test");
                });
                asked.extend(codes.iter().map(|code| (format!("{group}-{code}"), path.clone())));
            }
        }
        asked
    }

    #[test]
    fn every_language_of_a_file_has_the_same_keys() {
        let zh = keys(Language::Zh);
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
