//! `/`: what the control plane has.

use axum::extract::State;
use axum::response::Json;
use serde_json::{Value, json};

use super::Shared;

pub(super) async fn page(State(sources): State<Shared>) -> Json<Value> {
    let api = "/api/v1, with the token that control.json in the state folder holds";
    Json(json!({
        "name": "wharf",
        "version": env!("CARGO_PKG_VERSION"),
        "paths": {
            "/healthz": "whether the process is alive",
            "/readyz": "whether calls can be taken, and what is wrong",
            "/metrics": "counters in OpenMetrics text",
        },
        "api": sources.has_api.then_some(api),
    }))
}
