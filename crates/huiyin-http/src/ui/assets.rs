//! Styles, scripts and icons, inside the binary, served under `/static/` and named by their content.

use std::{
    collections::HashMap,
    fmt::{Display, Write},
    sync::LazyLock,
};

use axum::{
    extract::Path,
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
};
use rust_embed::RustEmbed;

use crate::catalogue::Language;

#[derive(RustEmbed)]
#[folder = "../../assets"]
struct Assets;

/// The script of the staff's pages.
const SCRIPT: &str = "js/app.js";

/// What it says: keys of the words, and what it puts into them.
const WORDS: &[(&str, &[&str])] = &[
    (key!("left-days"), &["days", "hours"]),
    (key!("left-hours"), &["hours", "minutes"]),
    (key!("left-minutes"), &["minutes", "seconds"]),
    (key!("left-over"), &["text"]),
    (key!("left-left"), &["text"]),
    (key!("script-draft-kept"), &["at"]),
    (key!("script-draft-beside"), &["at"]),
    (key!("script-draft-lost"), &[]),
    (key!("script-new-orders"), &["n"]),
    (key!("script-order-changed"), &[]),
    (key!("script-editing"), &["name"]),
    (key!("script-looking"), &["name"]),
    (key!("script-list"), &[]),
];

/// The script with its words in front, one file for each language.
static SCRIPTS: LazyLock<HashMap<String, Vec<u8>>> = LazyLock::new(|| {
    let script = Assets::get(SCRIPT).map(|file| file.data.into_owned()).unwrap_or_default();
    Language::STAFF
        .iter()
        .map(|language| {
            let words = WORDS.iter().map(|(key, put)| {
                let put: Vec<(&str, String)> = put.iter().map(|name| (*name, format!("{{{name}}}"))).collect();
                let put: Vec<(&str, &dyn Display)> = put.iter().map(|(name, to)| (*name, to as &dyn Display)).collect();
                ((*key).to_owned(), language.with(key, &put).into())
            });
            let words = serde_json::Value::Object(words.collect());
            (script_of(*language), [format!("var WORDS = {words};\n").as_bytes(), &script].concat())
        })
        .collect()
});

fn script_of(language: Language) -> String {
    format!("js/app.{}.js", language.code())
}

/// The address of the script in the language of the request.
pub fn script() -> String {
    address(&script_of(Language::here()))
}

/// Address of each file with the digest of its content.
static ADDRESSES: LazyLock<HashMap<String, (String, String)>> = LazyLock::new(|| {
    let addressed = |path: String, digest: String| (path.clone(), (format!("/static/{path}?v={digest}"), digest));
    let files = Assets::iter()
        .filter_map(|path| Some(addressed(path.to_string(), digest(&Assets::get(&path)?.metadata.sha256_hash()))));
    // Of what is made here no digest is at hand: the file's own, and the length of the words.
    let scripts = SCRIPTS.iter().filter_map(|(path, bytes)| {
        let own = Assets::get(SCRIPT)?.metadata.sha256_hash();
        Some(addressed(path.clone(), format!("{}{:x}", digest(&own), checksum(bytes))))
    });
    files.chain(scripts).collect()
});

/// Tells two contents apart (FNV-1a).
fn checksum(bytes: &[u8]) -> u32 {
    bytes.iter().fold(0x811c_9dc5, |sum, byte| (sum ^ u32::from(*byte)).wrapping_mul(0x0100_0193))
}

fn digest(hash: &[u8]) -> String {
    hash.iter().take(6).fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// The address of a file; of one that is not there, its plain address.
pub fn address(path: &str) -> String {
    ADDRESSES.get(path).map_or_else(|| format!("/static/{path}"), |(address, _)| address.clone())
}

/// The address of the icons, without the icon.
pub static ICONS: LazyLock<String> = LazyLock::new(|| address("icons.svg"));

/// `GET /static/{*path}`.
pub async fn show(Path(path): Path<String>, headers: HeaderMap) -> Response {
    let content = SCRIPTS.get(&path).cloned().or_else(|| Assets::get(&path).map(|file| file.data.into_owned()));
    let (Some(content), Some((_, digest))) = (content, ADDRESSES.get(&path)) else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let tag = format!("\"{digest}\"");
    let kind = match path.rsplit('.').next() {
        Some("css") => "text/css; charset=utf-8",
        Some("js") => "text/javascript; charset=utf-8",
        Some("svg") => "image/svg+xml",
        Some("png") => "image/png",
        _ => "text/plain; charset=utf-8",
    };
    // Pages name a file with its digest, so an answer under that address never changes.
    let fixed =
        [(header::ETAG, tag.clone()), (header::CACHE_CONTROL, "public, max-age=31536000, immutable".to_owned())];
    let known = headers.get(header::IF_NONE_MATCH).and_then(|value| value.to_str().ok());
    if known.is_some_and(|known| known.split(',').any(|one| one.trim() == tag)) {
        return (StatusCode::NOT_MODIFIED, fixed).into_response();
    }
    (fixed, [(header::CONTENT_TYPE, kind)], content).into_response()
}

#[cfg(test)]
mod tests {
    #[test]
    fn what_pages_name_is_there() {
        for path in
            ["css/app.css", "css/ui.css", "js/app.zh.js", "js/app.en.js", "icons.svg", "favicon.svg", "icons.LICENSE"]
        {
            assert!(super::address(path).contains("?v="), "`{path}` is not among the assets");
        }
    }

    #[test]
    fn the_script_speaks_the_language_of_its_page() {
        let english = String::from_utf8(super::SCRIPTS["js/app.en.js"].clone()).expect("a text");
        assert!(english.starts_with("var WORDS = {") && english.contains("{days} d {hours} h"), "{english:.300}");
        let said = |text: &str| {
            let no_notes = text.split("/*").map(|part| part.split("*/").last().unwrap_or_default());
            no_notes.collect::<String>().chars().any(|c| ('\u{4e00}'..='\u{9fff}').contains(&c))
        };
        assert!(!said(&english), "a Chinese word stands in the script itself");
    }
}
