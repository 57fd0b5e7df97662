//! Files: storing one before a command names it, reading one of an order.

use axum::{
    Extension, Json,
    body::Body,
    extract::{Path, State},
    http::{HeaderMap, StatusCode, header::CONTENT_LENGTH},
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

/// The file's name goes in the query: the body is the file and nothing else.
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
    if announced.is_some_and(|length| length > MAX_SIZE) {
        return Err(of(CommandError::TooLarge { most: MAX_SIZE }));
    }
    let kept = files::take(&site.app, &actor, &name, key.as_deref(), body.into_data_stream()).await.map_err(of)?;
    Ok((StatusCode::CREATED, Json(kept)))
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
