//! Files of an order: the file itself, the small picture beside it, and how the page names them.

use axum::{
    extract::Path,
    http::{HeaderValue, header::CACHE_CONTROL},
    response::Response,
};
use huiyin_app::files::{self, FileView, Part};

use super::{error::Fault, session::Ctx};
use crate::ops;

/// `GET /orders/{no}/files/{id}`; the reading is logged.
///
/// # Errors
/// [`Fault`].
pub async fn whole(ctx: Ctx, Path((no, id)): Path<(String, String)>) -> Result<Response, Fault> {
    Ok(ops::file(files::read(&ctx.site.app, &ctx.actor, &no, &id, Part::Whole).await?))
}

/// `GET /orders/{no}/files/{id}/thumb`.
///
/// # Errors
/// [`Fault`].
pub async fn thumb(ctx: Ctx, Path((no, id)): Path<(String, String)>) -> Result<Response, Fault> {
    let mut response = ops::file(files::read(&ctx.site.app, &ctx.actor, &no, &id, Part::Thumb).await?);
    // A page is looked at again and again within minutes.
    response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("private, max-age=300"));
    Ok(response)
}

/// A file on the page of its order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileCard {
    /// Where it is read.
    pub href: String,
    /// Its small picture.
    pub thumb: Option<String>,
    /// Its name.
    pub name: String,
    /// How large it is, and whose.
    pub detail: String,
}

/// A file on the page of its order; `whose` is the unit that gave it, or nothing for the claimant's side.
pub fn card(no: &str, file: &FileView, whose: &str) -> FileCard {
    let href = format!("/orders/{no}/files/{}", file.id);
    let whose = if whose.is_empty() { t!("word-contact") } else { whose };
    FileCard {
        thumb: file.thumb.then(|| format!("{href}/thumb")),
        name: file.name.clone(),
        detail: format!("{} · {whose}", size(file.size)),
        href,
    }
}

/// A length in bytes, for a reader.
pub fn size(bytes: u64) -> String {
    match bytes {
        0..1024 => format!("{bytes} B"),
        1024..1_048_576 => format!("{} KB", bytes / 1024),
        _ => format!("{}.{} MB", bytes / 1_048_576, bytes % 1_048_576 * 10 / 1_048_576),
    }
}
