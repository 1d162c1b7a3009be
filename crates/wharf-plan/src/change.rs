//! What a changed document would take away or let loose.
//!
//! A file that is half written looks like a document that says less. What it no longer says must
//! not be read as a wish, so a change that is dangerous to take by mistake is told apart here from
//! one that is not. Who watches the files decides how long a risky change has to wait.

use std::collections::HashMap;
use std::fmt;

use wharf_document::Integration;
use wharf_document::model::CredentialStore;

use crate::{CallSettings, CompiledEnvironment, CompiledIntegration, compile};

/// A section that calls depend on. It counts as present while the document says something in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Section {
    /// Rows of the Environments table.
    Environments,
    /// The Method list under Authentication.
    Method,
    /// Entries of Credential Storage.
    CredentialStorage,
    /// Settings and features under Configuration.
    Configuration,
    /// Rows of the API Endpoints table.
    ApiEndpoints,
    /// Rows of Common Errors.
    CommonErrors,
    /// The Retry Strategy block.
    RetryStrategy,
}

impl Section {
    const ALL: [Self; 7] = [
        Self::Environments,
        Self::Method,
        Self::CredentialStorage,
        Self::Configuration,
        Self::ApiEndpoints,
        Self::CommonErrors,
        Self::RetryStrategy,
    ];

    /// The heading, as documents write it.
    pub const fn heading(self) -> &'static str {
        match self {
            Self::Environments => "Environments",
            Self::Method => "Method",
            Self::CredentialStorage => "Credential Storage",
            Self::Configuration => "Configuration",
            Self::ApiEndpoints => "API Endpoints",
            Self::CommonErrors => "Common Errors",
            Self::RetryStrategy => "Retry Strategy",
        }
    }

    /// Whether the document says something here. A heading alone says nothing: a file that is cut
    /// may end right behind one.
    fn has_content(self, document: &Integration) -> bool {
        match self {
            Self::Environments => !document.environments.is_empty(),
            Self::Method => document.authentication.is_some(),
            Self::CredentialStorage => !document.credentials.is_empty(),
            Self::Configuration => {
                let has_section = |section: &&wharf_diag::Spanned<String>| {
                    section.value.eq_ignore_ascii_case("Configuration")
                };
                document
                    .sections
                    .iter()
                    .any(|section| has_section(&section))
            }
            Self::ApiEndpoints => !document.operations.is_empty(),
            Self::CommonErrors => !document.errors.is_empty(),
            Self::RetryStrategy => {
                let retry = &document.retry;
                retry.delays.is_some() || retry.max_retries.is_some() || retry.retry_on.is_some()
            }
        }
    }
}

/// Something that would be bad to take over from a file that is not whole.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Risk {
    /// The document said something here and says nothing now.
    SectionLost(Section),
    /// Calls would carry no credential, or another one, or carry it elsewhere in the request.
    /// `None`: in every environment.
    Credential(Option<String>),
    /// Calls of an environment would go to another address. `None`: calls that name none.
    Host(Option<String>),
    /// A bound would be raised or end: the name of its setting.
    Limit(&'static str),
}

impl fmt::Display for Risk {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::SectionLost(section) => {
                write!(f, "`{}` says nothing any longer", section.heading())
            }
            Self::Credential(None) => f.write_str("where the credential goes is changed"),
            Self::Credential(Some(name)) => {
                write!(f, "the credential of `{name}` is dropped or another")
            }
            Self::Host(None) => f.write_str("the default environment is another"),
            Self::Host(Some(name)) => write!(f, "the endpoint of `{name}` is gone or another"),
            Self::Limit(setting) => write!(f, "`{setting}` is raised or lifted"),
        }
    }
}

/// What would be risky about running `new` where `old` runs; empty for an ordinary change.
///
/// Timeouts do not count: a longer one lets no more through than before. Whether the document is
/// active does not count either: to stop calls is always safe.
pub fn what_it_changes(old: &Integration, new: &Integration) -> Vec<Risk> {
    let mut risks: Vec<_> = Section::ALL
        .into_iter()
        .filter(|section| section.has_content(old) && !section.has_content(new))
        .map(Risk::SectionLost)
        .collect();
    risks.extend(in_plan(&compile(old), &compile(new)));
    risks
}

fn in_plan(old: &CompiledIntegration, new: &CompiledIntegration) -> Vec<Risk> {
    // Named one by one, so that a new field cannot be added without a decision here.
    let CompiledIntegration {
        id: _,
        name: _,
        active: _,
        deprecated: _,
        default_environment: _,
        environments,
        operations: _,
        placements,
        unsendable: _,
        // Follow from the placements.
        credential_headers: _,
        credential_fields: _,
        tokens: _,
        // Calls use those of their environment.
        settings: _,
        errors: _,
        limits,
    } = old;
    let mut risks = Vec::new();
    if !placements.is_empty() && *placements != new.placements {
        risks.push(Risk::Credential(None));
    }
    let mut now = HashMap::with_capacity(new.environments.len());
    for environment in &new.environments {
        now.entry(environment.name.as_str()).or_insert(environment);
    }
    for before in environments {
        let after = now.get(before.name.as_str()).map(AsRef::as_ref);
        risks.extend(in_environment(before, after));
        if let Some(after) = after {
            risks.extend(in_settings(&before.settings, &after.settings));
        }
    }
    if let (Some(before), after) = (default_name(old), default_name(new))
        && after != Some(before)
    {
        risks.push(Risk::Host(None));
    }
    if limits.tells_something() && !new.limits.tells_something() {
        risks.push(Risk::Limit("Limit headers"));
    }
    risks.sort_by_key(|risk| matches!(risk, Risk::Limit(_)));
    risks.dedup();
    risks
}

fn in_environment(
    before: &CompiledEnvironment,
    after: Option<&CompiledEnvironment>,
) -> impl Iterator<Item = Risk> {
    let CompiledEnvironment {
        name,
        base_url,
        connection,
        credential,
        settings: _,
    } = before;
    let same_credential = credential.as_ref().is_none_or(|before| {
        let after = after.and_then(|after| after.credential.as_ref());
        after.is_some_and(|after| names(before) == names(after))
    });
    let same_host = (base_url.is_none() && connection.is_none())
        || after
            .is_some_and(|after| after.base_url == *base_url && after.connection == *connection);
    let credential = (!same_credential).then(|| Risk::Credential(Some(name.clone())));
    let host = (!same_host).then(|| Risk::Host(Some(name.clone())));
    credential.into_iter().chain(host)
}

fn in_settings(before: &CallSettings, after: &CallSettings) -> impl Iterator<Item = Risk> {
    let CallSettings {
        version_header: _,
        idempotency_header: _,
        retry,
        connect_timeout: _,
        attempt_timeout: _,
        max_body_bytes,
        body_format: _,
    } = before;
    let is_lifted = |before: u64| after.max_body_bytes.is_none_or(|after| after > before);
    let retries = (after.retry.max_retries > retry.max_retries).then_some("max_retries");
    let body = max_body_bytes.is_some_and(is_lifted).then_some("max_body");
    retries.into_iter().chain(body).map(Risk::Limit)
}

/// Which store and which names in it, without the places in the text: a line that is added above
/// moves those.
fn names(store: &CredentialStore) -> (std::mem::Discriminant<CredentialStore>, Vec<&str>) {
    let names = match store {
        CredentialStore::AwsSecretsManager { path }
        | CredentialStore::HashicorpVault { path }
        | CredentialStore::File { path } => vec![path.value.as_str()],
        CredentialStore::EnvVariables { variables } => {
            let names = variables.iter().map(|name| name.value.as_str());
            names.collect()
        }
    };
    (std::mem::discriminant(store), names)
}

fn default_name(integration: &CompiledIntegration) -> Option<&str> {
    let environment = integration
        .environments
        .get(integration.default_environment?)?;
    Some(&environment.name)
}

#[cfg(test)]
mod tests;
