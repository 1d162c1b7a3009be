//! What the control plane answers, one file a page.

mod healthz;
mod index;
mod metrics;
mod readyz;

pub use metrics::Metrics;
pub use readyz::{
    BrokenDocument, EnvironmentProblem, HeldDocument, Readiness, Ready, WaitingDocument,
};

use std::sync::Arc;

use axum::Router;
use axum::extract::{Request, State};
use axum::http::HeaderValue;
use axum::http::header::{CACHE_CONTROL, X_CONTENT_TYPE_OPTIONS};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use axum::routing::get;

use crate::api::{self, Api};
use crate::host;
use crate::problem::Problem;
use crate::refusals::{Reason, Teller};

/// Where the answers come from: one trait for each area, which whoever knows it fills.
pub(crate) struct Sources {
    pub(crate) metrics: Arc<dyn Metrics>,
    pub(crate) ready: Arc<dyn Ready>,
    pub(crate) refusals: Arc<Teller>,
    pub(crate) has_api: bool,
}

type Shared = Arc<Sources>;

/// Every path, behind the check of the host.
pub(crate) fn router(sources: Sources, api: Option<Api>) -> Router {
    let refusals = Arc::clone(&sources.refusals);
    let mut router = Router::new()
        .route("/", get(index::page))
        .route("/healthz", get(healthz::page))
        .route("/readyz", get(readyz::page))
        .route("/metrics", get(metrics::page))
        .fallback(async || Problem::NotFound)
        .method_not_allowed_fallback(async || Problem::MethodNotAllowed)
        .with_state(Arc::new(sources));
    if let Some(api) = api {
        router = router.nest(api::PATH, api::router(api, Arc::clone(&refusals)));
    }
    router.layer(middleware::from_fn_with_state(refusals, guard))
}

/// Refuses requests for other hosts; what is answered is of this moment and of this type.
async fn guard(State(refusals): State<Arc<Teller>>, request: Request, next: Next) -> Response {
    let checked = host::check(request.version(), request.uri(), request.headers());
    let mut response = match checked {
        Ok(()) => next.run(request).await,
        Err(problem) => {
            refusals.tell(Reason::Host, &request);
            problem.into_response()
        }
    };
    let headers = response.headers_mut();
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    response
}
