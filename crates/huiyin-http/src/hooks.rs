//! What gateways post to us: reports of delivery.
//!
//! `/hooks/sms/{token}`, by GET or POST as the gateway does it. The token stands in the settings; without it, or with
//! none set, there is nothing here. A report is answered once it is stored.

use axum::{
    Router,
    body::Bytes,
    extract::{Path, RawQuery, State},
    http::StatusCode,
    response::{IntoResponse, Response},
    routing::get,
};
use huiyin_app::{
    CommandError,
    jobs::{self, Report},
};
use huiyin_channels::sms::DeliveryState;

use crate::Site;

/// The routes.
pub fn router(site: Site) -> Router {
    Router::new().route("/hooks/sms/{token}", get(sms).post(sms)).with_state(site)
}

async fn sms(State(site): State<Site>, Path(token): Path<String>, RawQuery(query): RawQuery, body: Bytes) -> Response {
    let Some(mapping) = site.options.sms_reports.as_ref().filter(|mapping| mapping.allows(&token)) else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let reports = match mapping.in_query() {
        true => mapping.read(query.unwrap_or_default().as_bytes()),
        false => mapping.read(&body),
    };
    if reports.unread > 0 {
        metrics::counter!("huiyin_sms_reports_unread_total").increment(reports.unread as u64);
        tracing::warn!(
            unread = reports.unread,
            "a gateway's report cannot be read; compare the [sms.report] settings with its manual"
        );
    }
    for report in reports.read {
        let state = match report.state {
            DeliveryState::Accepted => Report::Accepted,
            DeliveryState::Delivered => Report::Delivered,
            DeliveryState::Expired | DeliveryState::Failed => Report::Failed,
        };
        match jobs::report(&site.app, "sms", &report.receipt, state).await {
            Ok(_) => {}
            // Not answered as taken: the gateway sends it again.
            Err(CommandError::Unavailable(_)) => return StatusCode::SERVICE_UNAVAILABLE.into_response(),
            Err(error) => tracing::error!(%error, "a report of delivery could not be stored"),
        }
    }
    (StatusCode::OK, mapping.answer().to_owned()).into_response()
}
