//! From a valid document to its compiled form, one conversion each.

use std::collections::HashMap;
use std::sync::Arc;

use http::header::AUTHORIZATION;
use http::{HeaderName, Method};
use wharf_document::model::{self, Authentication, Idempotence, Operation};
use wharf_document::{Integration, credential_fields, effective_placements};

use crate::{
    CallSettings, CompiledEnvironment, CompiledIntegration, CompiledOperation, CompiledPlacement,
    ErrorTable, VendorLimits,
};

/// Applies the document's precedence rules and the defaults.
pub fn compile(integration: &Integration) -> CompiledIntegration {
    let written = effective_placements(integration);
    let placements: Vec<_> = written.iter().filter_map(CompiledPlacement::new).collect();
    let operations = integration.operations.iter();
    CompiledIntegration {
        id: integration.id.clone(),
        name: integration.display_name().to_owned(),
        active: integration.is_active(),
        deprecated: deprecated(integration),
        default_environment: integration.default_environment(),
        environments: environments(integration),
        operations: operations.map(operation).collect(),
        credential_fields: credential_fields(&written)
            .into_iter()
            .map(str::to_owned)
            .collect(),
        tokens: tokens(integration),
        credential_headers: credential_headers(&placements),
        unsendable: placements.len() < written.len(),
        placements,
        settings: CallSettings::new(integration, &integration.configuration.settings),
        errors: ErrorTable::new(&integration.errors),
        limits: VendorLimits::new(&integration.limit_headers),
    }
}

fn credential_headers(placements: &[CompiledPlacement]) -> Vec<HeaderName> {
    let names = placements.iter().filter_map(|placement| match placement {
        CompiledPlacement::Header { name, .. } => Some(name),
        CompiledPlacement::Query { .. } | CompiledPlacement::Basic { .. } => None,
    });
    names
        .filter(|name| **name != AUTHORIZATION)
        .cloned()
        .collect()
}

fn tokens(integration: &Integration) -> Option<Arc<Authentication>> {
    let authentication = integration.authentication.as_ref();
    let authentication = authentication.filter(|authentication| authentication.making().is_some());
    authentication.cloned().map(Arc::new)
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

fn environments(integration: &Integration) -> Vec<Arc<CompiledEnvironment>> {
    let configuration = &integration.configuration;
    let own = configuration.by_environment.iter();
    let own: HashMap<_, _> = own
        .map(|own| (own.environment.value.to_lowercase(), &own.settings))
        .collect();
    let environments = integration.environments.iter().map(|environment| {
        let name = environment.name.value.to_lowercase();
        let own = own.get(&name).map(|own| own.over(&configuration.settings));
        let credential = integration.credential(&environment.name.value);
        CompiledEnvironment {
            settings: CallSettings::new(
                integration,
                own.as_ref().unwrap_or(&configuration.settings),
            ),
            name,
            base_url: environment
                .endpoint
                .as_ref()
                .map(|found| found.value.clone()),
            connection: environment
                .connection
                .as_ref()
                .map(|found| found.value.clone()),
            credential: credential.map(|reference| reference.store.value.clone()),
        }
    });
    environments.map(Arc::new).collect()
}

fn operation(operation: &Operation) -> CompiledOperation {
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
        attempt_timeout: operation.timeout.map(|timeout| timeout.value),
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
