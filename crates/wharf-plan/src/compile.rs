//! From a valid document to its compiled form: precedence rules and defaults.

use http::header::AUTHORIZATION;
use http::{HeaderName, HeaderValue, Method};
use wharf_document::model::{self, Idempotence, Operation, Placement};
use wharf_document::{Integration, credential_fields, effective_placements};
use wharf_policy::retry;

use crate::defaults::{ATTEMPT_TIMEOUT, CONNECT_TIMEOUT};
use crate::{
    CompiledEnvironment, CompiledIntegration, CompiledOperation, ErrorTable, VendorLimits,
};

/// Applies the document's precedence rules and the defaults.
pub fn compile(integration: &Integration) -> CompiledIntegration {
    let configuration = &integration.configuration;
    let attempt_timeout = configuration
        .timeout
        .as_ref()
        .map_or(ATTEMPT_TIMEOUT, |t| t.value);
    let placements = effective_placements(integration);
    CompiledIntegration {
        id: integration.id.clone(),
        name: integration.display_name().to_owned(),
        active: integration.is_active(),
        deprecated: deprecated(integration),
        default_environment: integration.default_environment(),
        environments: integration
            .environments
            .iter()
            .map(|e| environment(integration, e))
            .collect(),
        operations: integration
            .operations
            .iter()
            .map(|o| operation(o, attempt_timeout))
            .collect(),
        credential_fields: credential_fields(&placements)
            .into_iter()
            .map(str::to_owned)
            .collect(),
        credential_headers: credential_headers(&placements),
        placements,
        version_header: version_header(integration),
        idempotency_header: configuration
            .idempotency_header
            .as_ref()
            .and_then(|name| HeaderName::from_bytes(name.value.as_bytes()).ok()),
        retry: retry_policy(integration),
        errors: ErrorTable::new(&integration.errors),
        limits: VendorLimits::new(&integration.limit_headers),
        connect_timeout: configuration
            .connect_timeout
            .as_ref()
            .map_or(CONNECT_TIMEOUT, |t| t.value),
        attempt_timeout,
        max_body_bytes: configuration.max_body.as_ref().map(|size| size.value.0),
        body_format: configuration
            .body_format
            .as_ref()
            .map_or_else(Default::default, |format| format.value),
    }
}

fn credential_headers(placements: &[Placement]) -> Vec<HeaderName> {
    let names = placements.iter().filter_map(|placement| match placement {
        Placement::Header { name, .. } => HeaderName::from_bytes(name.as_bytes()).ok(),
        Placement::Query { .. } | Placement::Basic { .. } => None,
    });
    names.filter(|name| *name != AUTHORIZATION).collect()
}

fn deprecated(integration: &Integration) -> Option<String> {
    let frontmatter = &integration.frontmatter;
    frontmatter
        .deprecated
        .as_ref()
        .filter(|deprecated| deprecated.value)?;
    Some(
        frontmatter
            .deprecated_reason
            .as_ref()
            .map_or_else(String::new, |reason| reason.value.clone()),
    )
}

fn environment(integration: &Integration, environment: &model::Environment) -> CompiledEnvironment {
    CompiledEnvironment {
        name: environment.name.value.to_lowercase(),
        base_url: environment
            .endpoint
            .as_ref()
            .map(|endpoint| endpoint.value.clone()),
        connection: environment
            .connection
            .as_ref()
            .map(|connection| connection.value.clone()),
        credential: integration
            .credential(&environment.name.value)
            .map(|reference| reference.store.value.clone()),
    }
}

fn operation(operation: &Operation, attempt_timeout: std::time::Duration) -> CompiledOperation {
    let idempotent = operation.idempotent.as_ref().map(|found| &found.value);
    CompiledOperation {
        id: operation.id.clone(),
        name: operation.name.value.clone(),
        methods: operation.methods().map(wire_method).collect(),
        pattern: operation.path.value.clone(),
        idempotent: matches!(idempotent, Some(Idempotence::Always)),
        idempotency_header: match idempotent {
            Some(Idempotence::WithKey(name)) => HeaderName::from_bytes(name.as_bytes()).ok(),
            _ => None,
        },
        attempt_timeout: operation
            .timeout
            .as_ref()
            .map_or(attempt_timeout, |timeout| timeout.value),
        examples: operation.examples.clone(),
    }
}

const fn wire_method(method: model::Method) -> Method {
    match method {
        model::Method::Get => Method::GET,
        model::Method::Head => Method::HEAD,
        model::Method::Post => Method::POST,
        model::Method::Put => Method::PUT,
        model::Method::Patch => Method::PATCH,
        model::Method::Delete => Method::DELETE,
        model::Method::Options => Method::OPTIONS,
    }
}

fn version_header(integration: &Integration) -> Option<(HeaderName, HeaderValue)> {
    let header = integration
        .authentication
        .as_ref()?
        .version_header
        .as_ref()?;
    let version = integration.configuration.api_version.as_ref()?;
    let name = HeaderName::from_bytes(header.value.as_bytes()).ok()?;
    let value = HeaderValue::from_str(&version.value).ok()?;
    Some((name, value))
}

fn retry_policy(integration: &Integration) -> retry::Policy {
    let strategy = &integration.retry;
    let (max_retries, _) = integration.retries();
    retry::Policy {
        max_retries,
        delays: strategy
            .delays
            .as_ref()
            .map_or_else(Vec::new, |delays| delays.value.clone()),
        retry_on: strategy
            .retry_on
            .as_ref()
            .map_or_else(Vec::new, |statuses| statuses.value.clone()),
    }
}
