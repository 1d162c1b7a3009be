//! Whether calls can be taken, and what is wrong.

use serde::{Deserialize, Serialize};

/// The answer of `/readyz`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Readiness {
    /// Whether new calls should be sent here: 200 or 503.
    pub ready: bool,
    /// Shutting down: calls under way are finished, new ones should go elsewhere.
    pub draining: bool,
    /// How many integrations are running.
    pub integrations: usize,
    /// Documents whose last good version runs, or that do not run at all.
    pub broken: Vec<BrokenDocument>,
    /// Environments that cannot be called because their credential cannot be fetched.
    pub credentials_missing: Vec<MissingCredential>,
    /// What is wrong with credentials that calls go on with.
    pub credential_warnings: Vec<MissingCredential>,
}

/// A document that could not be taken as it now stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BrokenDocument {
    /// Path of the document in the workspace.
    pub file: String,
    /// What is wrong with it, and which version of it runs.
    pub message: String,
}

/// An environment whose credential is not usable, or is not as it should be.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MissingCredential {
    /// Id of the integration.
    pub integration: String,
    /// Name of the environment.
    pub environment: String,
    /// What is wrong with it, and what to do. Never a secret.
    pub message: String,
}
