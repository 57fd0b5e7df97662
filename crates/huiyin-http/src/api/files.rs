//! Files: storing one before a command names it, reading one of an order.

use axum::{
    Extension, Json,
    body::Body,
    extract::{DefaultBodyLimit, FromRequest as _, Multipart, Path, Request, State},
    http::{
        HeaderMap, StatusCode,
        header::{CONTENT_LENGTH, CONTENT_TYPE},
    },
    response::Response,
};
use huiyin_app::{
    Actor, CommandError,
    files::{self, Kept, MAX_SIZE, Part},
};

use super::{
    Problem,
    read::{Params, key},
};
use crate::{Site, ops};

/// The body is the file and nothing else, its name in the query; or a form in parts whose first file it is.
pub(super) async fn take(
    State(site): State<Site>,
    Extension(actor): Extension<Actor>,
    headers: HeaderMap,
    mut params: Params,
    body: Body,
) -> Result<(StatusCode, Json<Kept>), Problem> {
    let key = key(&headers)?;
    let name = params.one("name")?.unwrap_or_default();
    params.finish()?;
    let announced = headers.get(CONTENT_LENGTH).and_then(|value| value.to_str().ok()?.parse::<u64>().ok());
    let of = |error| Problem::of(&site.app, error);
    if announced.is_some_and(|length| length > MAX_SIZE + 64 * 1024) {
        return Err(of(CommandError::TooLarge { most: MAX_SIZE }));
    }
    let kind = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let kept = if kind.starts_with("multipart/form-data") {
        part(&site, &actor, &name, key.as_deref(), kind, body).await.map_err(of)?
    } else {
        files::take(&site.app, &actor, &name, key.as_deref(), body.into_data_stream()).await.map_err(of)?
    };
    Ok((StatusCode::CREATED, Json(kept)))
}

/// Takes the only file of a form in parts, while it comes in.
async fn part(
    site: &Site,
    actor: &Actor,
    name: &str,
    key: Option<&str>,
    kind: &str,
    body: Body,
) -> Result<Kept, CommandError> {
    let broken = || CommandError::invalid("file", "the form in parts cannot be read; send it again, with its boundary");
    let mut request = Request::builder().header(CONTENT_TYPE, kind).body(body).map_err(|_| broken())?;
    // The file's own limit counts; a form is a little longer than what is in it.
    DefaultBodyLimit::max(usize::try_from(MAX_SIZE).unwrap_or(usize::MAX) + 64 * 1024).apply(&mut request);
    let mut parts = Multipart::from_request(request, site).await.map_err(|_| broken())?;
    while let Some(mut part) = parts.next_field().await.map_err(|_| broken())? {
        let Some(own) = part.file_name().map(|name| name.chars().take(500).collect::<String>()) else { continue };
        let name = if name.is_empty() { own.as_str() } else { name };
        return files::take(&site.app, actor, name, key, &mut part).await;
    }
    Err(CommandError::invalid("file", "no part of the form is a file; send one with a file name"))
}

pub(super) async fn read(
    State(site): State<Site>,
    Extension(actor): Extension<Actor>,
    path: Result<Path<(String, String)>, axum::extract::rejection::PathRejection>,
    params: Params,
) -> Result<Response, Problem> {
    params.finish()?;
    let of = |error| Problem::of(&site.app, error);
    let Ok(Path((no, id))) = path else { return Err(of(CommandError::NotFound)) };
    let reading = files::read(&site.app, &actor, &no, &id, Part::Whole).await.map_err(of)?;
    Ok(ops::file(reading))
}
