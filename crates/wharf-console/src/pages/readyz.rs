//! `/readyz`: whether calls can be taken, and what is wrong.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Json, Response};
use serde::{Deserialize, Serialize};

use super::Shared;

/// Who knows whether calls can be taken.
pub trait Ready: Send + Sync {
    /// How it stands at this moment. It must not block.
    fn readiness(&self) -> Readiness;
}

/// The answer of `/readyz`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Readiness {
    /// Whether new calls should be sent here: 200 or 503.
    pub ready: bool,
    /// Shutting down: calls under way are finished, new ones should go elsewhere.
    pub draining: bool,
    /// How many integrations are running.
    pub integrations: usize,
    /// Connections of callers that are taken at the same time.
    pub max_connections: usize,
    /// Why those are fewer than the settings have it, and what to do. `None`: they are not.
    pub connections_problem: Option<String>,
    /// Documents whose last good version runs, or that do not run at all.
    pub broken: Vec<BrokenDocument>,
    /// Documents whose change waits to be accepted; their last good version runs.
    pub held: Vec<HeldDocument>,
    /// Documents whose change is decided when their file has been still; their last good version
    /// runs until then.
    pub waiting: Vec<WaitingDocument>,
    /// Why the list of callers may be out of date, and what to do. `None`: it is current.
    pub state_problem: Option<String>,
    /// Why a restart may run an older version of a document, or `wharf reload` finds no process, and
    /// what to do. `None`: the state folder has all it should have.
    pub kept_problem: Option<String>,
    /// Environments that cannot be called because their document gives them no address.
    pub endpoints_missing: Vec<EnvironmentProblem>,
    /// Environments that cannot be called because their credential cannot be fetched.
    pub credentials_missing: Vec<EnvironmentProblem>,
    /// What is wrong with credentials that calls go on with.
    pub credential_warnings: Vec<EnvironmentProblem>,
}

/// A document that could not be taken as it now stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BrokenDocument {
    /// Path of the document in the workspace.
    pub file: String,
    /// What is wrong with it, and which version of it runs.
    pub message: String,
}

/// A change that could come from a file that is not whole, and is not taken over by itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HeldDocument {
    /// Id of the integration.
    pub integration: String,
    /// Path of the document in the workspace.
    pub file: String,
    /// What the change would take away, and how it is accepted.
    pub message: String,
    /// The command line that accepts it, to be run in the workspace.
    pub command: String,
}

/// A change that is decided within seconds, by itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct WaitingDocument {
    /// Path of the document in the workspace.
    pub file: String,
    /// What the change is, and what it waits for.
    pub message: String,
}

/// An environment that cannot be called, or whose credential is not as it should be.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EnvironmentProblem {
    /// Id of the integration.
    pub integration: String,
    /// Name of the environment.
    pub environment: String,
    /// What is wrong with it, and what to do. Never a secret.
    pub message: String,
}

/// 200 or 503, with what is wrong.
pub(super) async fn page(State(sources): State<Shared>) -> Response {
    let readiness = sources.ready.readiness();
    let status = if readiness.ready {
        StatusCode::OK
    } else {
        StatusCode::SERVICE_UNAVAILABLE
    };
    (status, Json(readiness)).into_response()
}

#[cfg(test)]
mod tests;
