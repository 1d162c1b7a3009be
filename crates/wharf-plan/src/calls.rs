//! What a call needs: the compiled integration, its environments and its operations.

mod error_table;
mod placement;
mod route;
mod settings;

pub use error_table::{Answer, ErrorTable, MatchedRow};
pub use placement::CompiledPlacement;
pub use settings::CallSettings;

use std::sync::Arc;
use std::time::Duration;

use http::{HeaderName, Method};
use wharf_document::IntegrationId;
use wharf_document::model::{Authentication, BaseUrl, Connection, CredentialStore, PathPattern};

use crate::VendorLimits;

/// One document, ready to run.
#[derive(Clone, Debug)]
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
    pub environments: Vec<Arc<CompiledEnvironment>>,
    /// In the document's order.
    pub operations: Vec<CompiledOperation>,
    /// Where the credential goes, ready to be filled in.
    pub placements: Vec<CompiledPlacement>,
    /// The document names a place besides them that no request can have: calls are refused.
    pub unsendable: bool,
    /// The headers among them, besides `Authorization`, which never goes through.
    pub credential_headers: Vec<HeaderName>,
    /// The fields the placements need, each once.
    pub credential_fields: Vec<String>,
    /// What the document says about a token that is made of the credential. `None`: the credential
    /// is sent as it is.
    pub tokens: Option<Arc<Authentication>>,
    /// What holds where an environment has no setting of its own. Calls use their environment's.
    pub settings: CallSettings,
    /// Common Errors.
    pub errors: ErrorTable,
    /// Where the vendor's answers tell about its limits.
    pub limits: VendorLimits,
}

/// One row of the Environments table, ready to run.
#[derive(Clone, Debug)]
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
#[derive(Clone, Debug)]
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
