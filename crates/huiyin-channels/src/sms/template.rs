//! Texts with names in braces.

use std::collections::BTreeMap;

use base64::{Engine, engine::general_purpose::STANDARD};

use super::settings::Charset;

/// What stands for each name.
pub(super) type Values = BTreeMap<String, String>;

/// A text with names in braces, read once.
#[derive(Clone)]
pub(super) struct Template(Vec<Part>);

#[derive(Clone)]
enum Part {
    Text(String),
    Name { name: String, escapes: Vec<Escape> },
}

/// How a value is written so that it stays one value in its place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Escape {
    /// In an address or a form: everything but letters, digits and `-._~` as `%XX`.
    Url,
    /// In a JSON string.
    Json,
    /// As base64.
    Base64,
}

impl Escape {
    fn named(name: &str) -> Option<Self> {
        match name {
            "url" => Some(Self::Url),
            "json" => Some(Self::Json),
            "base64" => Some(Self::Base64),
            _ => None,
        }
    }

    /// The value, so written.
    pub(super) fn apply(self, value: &str, charset: Charset) -> String {
        match self {
            Self::Url => charset.bytes(value).iter().fold(String::new(), |mut out, &b| {
                match b {
                    b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => out.push(char::from(b)),
                    _ => out.push_str(&format!("%{b:02X}")),
                }
                out
            }),
            Self::Json => {
                let quoted = serde_json::Value::from(value).to_string();
                quoted[1..quoted.len() - 1].to_owned()
            }
            Self::Base64 => STANDARD.encode(charset.bytes(value)),
        }
    }
}

impl Charset {
    /// A text as bytes.
    pub(super) fn bytes(self, text: &str) -> Vec<u8> {
        match self {
            Self::Utf8 => text.as_bytes().to_vec(),
            Self::Gb18030 => encoding_rs::GB18030.encode(text).0.into_owned(),
        }
    }

    /// Bytes as a text; what is none becomes `�`.
    pub(super) fn text(self, bytes: &[u8]) -> String {
        match self {
            Self::Utf8 => String::from_utf8_lossy(bytes).into_owned(),
            Self::Gb18030 => encoding_rs::GB18030.decode_without_bom_handling(bytes).0.into_owned(),
        }
    }
}

impl Template {
    /// Reads a template. Only `{`, a name, and escapes behind colons make a place; any other brace is itself, as JSON needs.
    ///
    /// # Errors
    /// When an escape is none we know.
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        let mut parts = Vec::new();
        let mut literal = String::new();
        let mut rest = text;
        while let Some(start) = rest.find('{') {
            literal.push_str(&rest[..start]);
            rest = &rest[start..];
            match place(rest) {
                Some(inside) => {
                    let mut words = inside.split(':');
                    let name = words.next().unwrap_or_default().to_owned();
                    let escapes = words
                        .map(|word| Escape::named(word).ok_or_else(|| format!("`{word}` is none of url, json, base64")))
                        .collect::<Result<_, _>>()?;
                    if !literal.is_empty() {
                        parts.push(Part::Text(std::mem::take(&mut literal)));
                    }
                    parts.push(Part::Name { name, escapes });
                    rest = &rest[inside.len() + 2..];
                }
                None => {
                    literal.push('{');
                    rest = &rest[1..];
                }
            }
        }
        literal.push_str(rest);
        if !literal.is_empty() {
            parts.push(Part::Text(literal));
        }
        Ok(Self(parts))
    }

    /// Whether it holds nothing.
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The names it uses.
    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        self.0.iter().filter_map(|part| match part {
            Part::Name { name, .. } => Some(name.as_str()),
            Part::Text(_) => None,
        })
    }

    /// The text before the first name.
    pub(super) fn beginning(&self) -> &str {
        match self.0.first() {
            Some(Part::Text(text)) => text,
            _ => "",
        }
    }

    /// The text with its values, each escaped for the place. A name without a value is empty: that none is missing is
    /// checked when the settings are read.
    pub(super) fn fill(&self, values: &Values, place: Option<Escape>, charset: Charset) -> String {
        self.0.iter().fold(String::new(), |mut out, part| {
            match part {
                Part::Text(text) => out.push_str(text),
                Part::Name { name, escapes } => {
                    let value = values.get(name).cloned().unwrap_or_default();
                    let escapes = escapes.iter().copied().chain(place);
                    out.push_str(&escapes.fold(value, |value, escape| escape.apply(&value, charset)));
                }
            }
            out
        })
    }
}

/// The inside of the place a text begins with.
fn place(text: &str) -> Option<&str> {
    let inside = &text[1..text.find('}')?];
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '_' | ':');
    (inside.starts_with(|c: char| c.is_ascii_lowercase()) && inside.chars().all(plain)).then_some(inside)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fill(template: &str, value: &str, place: Option<Escape>, charset: Charset) -> String {
        let values = Values::from([("text".to_owned(), value.to_owned()), ("to".to_owned(), "+86138".to_owned())]);
        Template::parse(template).expect("template").fill(&values, place, charset)
    }

    #[test]
    fn a_value_is_escaped_for_its_place() {
        use Charset::{Gb18030, Utf8};
        use Escape::{Json, Url};
        let cases: &[(&str, &str, Option<Escape>, Charset, &str)] = &[
            ("t={text}", "井盖", Some(Url), Utf8, "t=%E4%BA%95%E7%9B%96"),
            ("t={text}", "井盖", Some(Url), Gb18030, "t=%BE%AE%B8%C7"),
            ("t={text}", "𠮷", Some(Url), Gb18030, "t=%954%B25"),
            (
                "t={text}",
                "a&to=1?x=#%20+ \r\n/\\{to}",
                Some(Url),
                Utf8,
                "t=a%26to%3D1%3Fx%3D%23%2520%2B%20%0D%0A%2F%5C%7Bto%7D",
            ),
            ("t={text}", "A-z.0_9~", Some(Url), Utf8, "t=A-z.0_9~"),
            ("{to}|{to}", "", Some(Url), Utf8, "%2B86138|%2B86138"),
            (r#"{"t":"{text}"}"#, "\"},{\\\n\u{1}井{to}", Some(Json), Utf8, r#"{"t":"\"},{\\\n\u0001井{to}"}"#),
            (r#"{"p":"{\"t\":\"{text:json}\"}"}"#, "a\"b\\", Some(Json), Utf8, r#"{"p":"{\"t\":\"a\\\"b\\\\\"}"}"#),
            ("{text:base64}", "井盖", None, Utf8, "5LqV55uW"),
            ("{text:base64}", "井盖", None, Gb18030, "vq64xw=="),
            ("{text:base64:url}", "井盖", None, Gb18030, "vq64xw%3D%3D"),
            ("u={text:url}", "a b", Some(Url), Utf8, "u=a%2520b"),
            ("{text}{text}", "x", None, Utf8, "xx"),
            ("{ text } {} {Text} {text {1}", "x", None, Utf8, "{ text } {} {Text} {text {1}"),
            ("井{text}盖", "x", None, Utf8, "井x盖"),
        ];
        for (template, value, place, charset, expected) in cases {
            assert_eq!(fill(template, value, *place, *charset), *expected, "{template} with {value:?}");
        }
    }

    #[test]
    fn an_escape_must_be_known() {
        assert!(Template::parse("{text:html}").is_err());
    }

    #[test]
    fn names_and_beginning_are_told() {
        let template = Template::parse("http://a/{to}?{text:json}").expect("template");
        assert_eq!(template.names().collect::<Vec<_>>(), ["to", "text"]);
        assert_eq!(template.beginning(), "http://a/");
        assert_eq!(Template::parse("{to}").expect("template").beginning(), "");
        assert!(Template::parse("").expect("template").is_empty());
    }
}
