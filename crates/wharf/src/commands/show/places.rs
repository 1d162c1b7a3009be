//! Places of a document and where its credentials are, in words.

use wharf_diag::Span;
use wharf_document::Integration;
use wharf_document::model::{
    Authentication, AuthenticationType, ClientAuthentication, CredentialStore, Dependency,
    Environment, Fallback, Operation, Probe, SignatureScheme, Step, Verification, WebhookTarget,
};
use wharf_plan::EffectiveSettings;

/// `file:line` of a place.
pub(super) fn place(integration: &Integration, span: Span) -> String {
    let source = &integration.source;
    format!("{}:{}", source.name(), source.line_column(span.start).line)
}

/// Where clients of its own reach an environment that no HTTP over a network does.
pub(super) fn connection(environment: &Environment) -> Option<String> {
    let connection = environment.connection.as_ref()?;
    Some(connection.value.to_string())
}

/// What a credential's location is called in documents, and the names it has there.
pub(super) fn store(store: &CredentialStore) -> (&'static str, Vec<&str>) {
    match store {
        CredentialStore::AwsSecretsManager { path } => ("AWS_SECRETS_MANAGER", vec![&path.value]),
        CredentialStore::HashicorpVault { path } => ("HASHICORP_VAULT", vec![&path.value]),
        CredentialStore::File { path } => ("FILE", vec![&path.value]),
        CredentialStore::EnvVariables { variables } => (
            "ENV_VARIABLES",
            variables.iter().map(|name| name.value.as_str()).collect(),
        ),
    }
}

pub(super) const fn authentication(kind: AuthenticationType) -> &'static str {
    match kind {
        AuthenticationType::ApiKey => "API Key",
        AuthenticationType::OAuth2 => "OAuth2",
        AuthenticationType::Jwt => "JWT",
        AuthenticationType::Basic => "Basic",
        AuthenticationType::None => "None",
    }
}

/// Where the credential stands in each call; the usual place of its type is marked as such.
pub(super) fn sent_as(effective: &EffectiveSettings) -> Vec<String> {
    let places = effective.sent_as.iter().map(|sent| {
        let mark = if sent.usual { " (usual)" } else { "" };
        format!("{}{mark}", sent.words)
    });
    places.collect()
}

pub(super) fn scheme(scheme: &SignatureScheme) -> String {
    match scheme {
        SignatureScheme::Named(name) => (*name).to_owned(),
        SignatureScheme::Generic => "Generic".to_owned(),
        SignatureScheme::Unsigned(None) => "None".to_owned(),
        SignatureScheme::Unsigned(Some(proof)) => format!("None, {proof}"),
    }
}

pub(super) fn target(target: &WebhookTarget) -> String {
    match target {
        WebhookTarget::Url(url) => url.clone(),
        WebhookTarget::Operation {
            integration,
            operation,
        } => format!("{integration} {operation}"),
    }
}

pub(super) fn probe(probe: &Probe) -> String {
    match probe {
        Probe::Http { method, path } => format!("{method} {path}"),
        Probe::Tcp => "TCP".to_owned(),
    }
}

pub(super) fn need(need: &Dependency) -> &str {
    match need {
        Dependency::Network => "network",
        Dependency::Dns => "DNS",
        Dependency::Certificates => "certificates",
        Dependency::Integration(id) => id.as_str(),
        Dependency::Other(words) => words,
    }
}

pub(super) fn fallback(fallback: &Fallback) -> String {
    match fallback {
        Fallback::Integration {
            id,
            environment: Some(environment),
        } => format!("{id}@{environment}"),
        Fallback::Integration { id, .. } => id.to_string(),
        Fallback::Words(words) => words.clone(),
    }
}

/// A step in the words of the document, and what the program makes of it.
pub(super) const fn step(step: &Step) -> &'static str {
    match step {
        Step::Detect => "detect",
        Step::CheckVendorStatus => "check_vendor_status",
        Step::SwitchToFallback { .. } => "switch_to_fallback",
        Step::Notify { .. } => "notify",
        Step::Document => "document",
        Step::Other(_) => "person",
    }
}

/// The prices of one call.
pub(super) fn costs(operation: &Operation) -> Option<String> {
    let costs: Vec<_> = operation
        .costs
        .iter()
        .map(|cost| cost.value.to_string())
        .collect();
    (!costs.is_empty()).then(|| costs.join(" + "))
}

/// Where the events of one request stand, as documents write it.
pub(super) fn items(verification: &Verification) -> Option<&str> {
    let items = verification.items.as_ref()?;
    Some(if items.value.is_empty() {
        "/"
    } else {
        &items.value
    })
}

/// Several values with commas; `None` where there is none.
pub(super) fn joined<T: ToString>(values: impl IntoIterator<Item = T>) -> Option<String> {
    let values: Vec<_> = values.into_iter().map(|value| value.to_string()).collect();
    (!values.is_empty()).then(|| values.join(", "))
}

/// `basic` or `body`, where the document says it.
pub(super) fn client_authentication(authentication: &Authentication) -> Option<&'static str> {
    let found = authentication.minting.client_authentication?;
    let mut all = ClientAuthentication::ALL.into_iter();
    all.find(|(known, _)| *known == found.value)
        .map(|(_, words)| words)
}

/// Claims of a JWT, as documents write them.
pub(super) fn claims(authentication: &Authentication) -> Option<String> {
    joined(
        authentication
            .claims
            .iter()
            .map(|(name, claim)| format!("{}={}", name.value, claim.value)),
    )
}

/// Fields of the credential for TLS in both directions.
pub(super) fn tls_fields(authentication: &Authentication) -> Option<String> {
    let tls = &authentication.tls;
    joined(
        [&tls.authority, &tls.certificate, &tls.key]
            .into_iter()
            .flatten()
            .map(|field| format!("{{{}}}", field.value)),
    )
}

/// `GET /v1/customers/{id}`.
pub(super) fn request(operation: &Operation) -> String {
    format!("{} {}", operation.shown_methods(), operation.path.value)
}
