//! A workspace of integrations compiled into one immutable plan.
//!
//! The documents say some things twice and leave others open; here every question has one
//! answer: which base URL, how many retries, which timeout, which row of the error table.
//! Compiling cannot fail: what a document does not give is recorded as absent, and a call that
//! needs it gets an answer that says so.

mod change;
mod compile;
mod defaults;
mod effective;
mod error_table;
mod limits;
mod not_in_force;
mod route;

pub use change::{Risk, Section, what_it_changes};
pub use compile::compile;
pub use defaults::{ATTEMPT_TIMEOUT, CALL_BODY_LIMIT_BYTES, CONNECT_TIMEOUT};
pub use effective::{
    EffectiveSettings, EnvironmentSettings, OperationSettings, Origin, Setting, effective, shown,
};
pub use error_table::{Answer, ErrorTable, MatchedRow};
pub use limits::{VendorLimits, VendorSign};
pub use not_in_force::{NotInForce, Part, not_in_force};

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use http::{HeaderName, HeaderValue, Method};
use wharf_document::model::{
    BaseUrl, BodyFormat, Connection, CredentialStore, PathPattern, Placement,
};
use wharf_document::{Integration, IntegrationId};
use wharf_policy::retry;

/// Everything the program needs to know about the documents to serve a call.
#[derive(Debug, Default)]
pub struct Plan {
    integrations: HashMap<String, Arc<CompiledIntegration>>,
}

impl Plan {
    /// Compiles documents; of two with one id the last wins (the workspace reports the clash).
    pub fn new(integrations: impl IntoIterator<Item = Arc<Integration>>) -> Self {
        Self {
            integrations: integrations
                .into_iter()
                .map(|integration| {
                    (
                        integration.id.as_str().to_owned(),
                        Arc::new(compile(&integration)),
                    )
                })
                .collect(),
        }
    }

    /// The integration with this id.
    pub fn integration(&self, id: &str) -> Option<&Arc<CompiledIntegration>> {
        self.integrations.get(id)
    }

    /// All integrations, in order of their ids.
    pub fn integrations(&self) -> Vec<&Arc<CompiledIntegration>> {
        let mut all: Vec<_> = self.integrations.values().collect();
        all.sort_by(|a, b| a.id.cmp(&b.id));
        all
    }
}

/// One document, ready to run.
#[derive(Debug)]
pub struct CompiledIntegration {
    /// The stem of the file.
    pub id: IntegrationId,
    /// The title without its mark.
    pub name: String,
    /// `false`: calls are refused.
    pub active: bool,
    /// The document is deprecated, with the reason it gives.
    pub deprecated: Option<String>,
    /// Index into `environments` for calls that name none. `None`: the caller must name one.
    pub default_environment: Option<usize>,
    /// In the document's order.
    pub environments: Vec<CompiledEnvironment>,
    /// In the document's order.
    pub operations: Vec<CompiledOperation>,
    /// Where the credential goes.
    pub placements: Vec<Placement>,
    /// The headers among them, besides `Authorization`, which never goes through.
    pub credential_headers: Vec<HeaderName>,
    /// The fields the placements need, each once.
    pub credential_fields: Vec<String>,
    /// What holds where an environment has no setting of its own. Calls use their environment's.
    pub settings: CallSettings,
    /// Common Errors.
    pub errors: ErrorTable,
    /// Where the vendor's answers tell about its limits.
    pub limits: VendorLimits,
}

/// What holds for calls of one environment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CallSettings {
    /// Header and value that pin the vendor's API version, added where the caller sends none.
    pub version_header: Option<(HeaderName, HeaderValue)>,
    /// Header whose presence makes a request safe to repeat.
    pub idempotency_header: Option<HeaderName>,
    /// Retries, with the precedence rules applied.
    pub retry: retry::Policy,
    /// Bound of connecting, TLS included.
    pub connect_timeout: Duration,
    /// Bound of one attempt, where the operation has none of its own.
    pub attempt_timeout: Duration,
    /// Largest body in either direction, in bytes. `None`: no bound of its own.
    pub max_body_bytes: Option<u64>,
    /// How `wharf call` encodes a body.
    pub body_format: BodyFormat,
}

/// One row of the Environments table, ready to run.
#[derive(Debug)]
pub struct CompiledEnvironment {
    /// The name in lower case, as used in `{integration}@{environment}`.
    pub name: String,
    /// Where calls go. `None`: not filled in, calls are refused.
    pub base_url: Option<BaseUrl>,
    /// Where the service is, when it does not speak HTTP over a network; calls are refused.
    pub connection: Option<Connection>,
    /// Where the credential is. `None`: the document names none.
    pub credential: Option<CredentialStore>,
    /// What holds for its calls.
    pub settings: CallSettings,
}

/// One row of the API Endpoints table, ready to run.
#[derive(Debug)]
pub struct CompiledOperation {
    /// For example `create-payment-intent`.
    pub id: String,
    /// The first cell.
    pub name: String,
    /// The methods as they go on the wire; at least one.
    pub methods: Vec<Method>,
    /// The path below the base URL.
    pub pattern: PathPattern,
    /// The vendor treats repeats as one.
    pub idempotent: bool,
    /// Header whose presence makes a request of this operation safe to repeat, beside the
    /// integration's own.
    pub idempotency_header: Option<HeaderName>,
    /// Bound of one attempt, where the operation has its own.
    pub attempt_timeout: Option<Duration>,
}

impl CompiledIntegration {
    /// The environment a call goes to: the named one, or the default.
    pub fn environment(&self, name: Option<&str>) -> Option<usize> {
        match name {
            Some(name) => self
                .environments
                .iter()
                .position(|e| e.name.eq_ignore_ascii_case(name)),
            None => self.default_environment,
        }
    }

    /// The operation a request belongs to: the most specific row that fits method and path.
    ///
    /// `path` starts with a slash and is still percent-encoded. `HEAD` also fits `GET` rows.
    pub fn route(&self, method: &Method, path: &str) -> Option<usize> {
        route::find(&self.operations, method, path)
    }

    /// The operation with this id.
    pub fn operation(&self, id: &str) -> Option<&CompiledOperation> {
        self.operations.iter().find(|operation| operation.id == id)
    }
}

impl CallSettings {
    /// Longest time a call may take until the head of its answer, where the caller sets no
    /// deadline: every attempt at its timeout, and every delay.
    pub fn call_timeout(&self, attempt_timeout: Duration) -> Duration {
        self.retry.longest_call(attempt_timeout).total
    }
}

#[cfg(test)]
mod tests;
