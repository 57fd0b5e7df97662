//! Styles, scripts and icons, inside the binary, served under `/static/` and named by their content.

use std::{collections::HashMap, fmt::Write, sync::LazyLock};

use axum::{
    extract::Path,
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
};
use rust_embed::RustEmbed;

#[derive(RustEmbed)]
#[folder = "../../assets"]
struct Assets;

/// Address of each file with the digest of its content.
static ADDRESSES: LazyLock<HashMap<String, (String, String)>> = LazyLock::new(|| {
    Assets::iter()
        .filter_map(|path| {
            let digest = digest(&Assets::get(&path)?.metadata.sha256_hash());
            Some((path.to_string(), (format!("/static/{path}?v={digest}"), digest)))
        })
        .collect()
});

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
    let (Some(file), Some((_, digest))) = (Assets::get(&path), ADDRESSES.get(&path)) else {
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
    (fixed, [(header::CONTENT_TYPE, kind)], file.data.into_owned()).into_response()
}

#[cfg(test)]
mod tests {
    #[test]
    fn what_pages_name_is_there() {
        for path in ["css/app.css", "css/ui.css", "js/app.js", "icons.svg", "favicon.svg", "icons.LICENSE"] {
            assert!(super::address(path).contains("?v="), "`{path}` is not among the assets");
        }
    }
}
