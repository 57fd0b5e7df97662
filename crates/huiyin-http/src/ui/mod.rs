//! Placeholder.
use axum::Router;

use crate::Site;

/// The routes.
pub fn router(_site: Site) -> Router {
    Router::new()
}
