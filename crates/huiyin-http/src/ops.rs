//! Placeholder.
use axum::Router;

use crate::Site;

/// The routes.
pub fn router(_site: Site) -> Router {
    Router::new()
}

/// The layers around all routes.
pub fn layers(router: Router) -> Router {
    router
}
