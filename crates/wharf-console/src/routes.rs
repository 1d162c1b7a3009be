//! What the control plane answers, path by path.

use std::sync::Arc;

use axum::Router;
use axum::extract::{Request, State};
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE, X_CONTENT_TYPE_OPTIONS};
use axum::http::{HeaderValue, StatusCode};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Json, Response};
use axum::routing::get;
use serde_json::json;

use crate::host;
use crate::problem::Problem;
use crate::readiness::Readiness;

/// The text that `prometheus-client` encodes, which Prometheus reads since its version 2.
const METRICS_CONTENT_TYPE: HeaderValue =
    HeaderValue::from_static("application/openmetrics-text; version=1.0.0; charset=utf-8");

/// Where the answers come from.
pub(crate) struct Sources {
    pub(crate) metrics: Arc<dyn Fn() -> String + Send + Sync>,
    pub(crate) readiness: Arc<dyn Fn() -> Readiness + Send + Sync>,
}

/// Every path, behind the check of the host.
pub(crate) fn router(sources: Sources) -> Router {
    let sources = Arc::new(sources);
    Router::new()
        .route("/", get(index))
        .route("/healthz", get(health))
        .route("/readyz", get(ready))
        .route("/metrics", get(metrics))
        .fallback(async || Problem::NotFound)
        .method_not_allowed_fallback(async || Problem::MethodNotAllowed)
        .layer(middleware::from_fn(guard))
        .with_state(sources)
}

async fn index() -> Json<serde_json::Value> {
    Json(json!({
        "name": "wharf",
        "version": env!("CARGO_PKG_VERSION"),
        "paths": {
            "/healthz": "whether the process is alive",
            "/readyz": "whether calls can be taken, and what is wrong",
            "/metrics": "counters in OpenMetrics text",
        },
    }))
}

async fn health() -> &'static str {
    "ok"
}

async fn ready(State(sources): State<Arc<Sources>>) -> Response {
    let readiness = (sources.readiness)();
    let status = if readiness.ready {
        StatusCode::OK
    } else {
        StatusCode::SERVICE_UNAVAILABLE
    };
    (status, Json(readiness)).into_response()
}

async fn metrics(State(sources): State<Arc<Sources>>) -> impl IntoResponse {
    ([(CONTENT_TYPE, METRICS_CONTENT_TYPE)], (sources.metrics)())
}

/// Refuses requests for other hosts; what is answered is of this moment and of this type.
async fn guard(request: Request, next: Next) -> Response {
    let checked = host::check(request.version(), request.uri(), request.headers());
    let mut response = match checked {
        Ok(()) => next.run(request).await,
        Err(problem) => problem.into_response(),
    };
    let headers = response.headers_mut();
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    response
}
