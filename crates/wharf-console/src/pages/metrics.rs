//! `/metrics`: counters in `OpenMetrics` text.

use axum::extract::State;
use axum::http::HeaderValue;
use axum::http::header::CONTENT_TYPE;
use axum::response::IntoResponse;

use super::Shared;

/// The text that `prometheus-client` encodes, which Prometheus reads since its version 2.
const METRICS_CONTENT_TYPE: HeaderValue =
    HeaderValue::from_static("application/openmetrics-text; version=1.0.0; charset=utf-8");

/// Who counts.
pub trait Metrics: Send + Sync {
    /// All counters as they are, as `prometheus-client` encodes them. It must not block.
    fn text(&self) -> String;
}

pub(super) async fn page(State(sources): State<Shared>) -> impl IntoResponse {
    (
        [(CONTENT_TYPE, METRICS_CONTENT_TYPE)],
        sources.metrics.text(),
    )
}
