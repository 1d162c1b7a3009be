//! The settings that hold for calls, and why: which value wins, and where it stands.
//!
//! Values are taken from what [`compile()`](crate::compile()) makes, so what is shown is what runs.
//! The document gives only the words and the places. What is in no plan yet is read from the
//! document, and says so: [`Setting::not_in_force`].

mod cache;
mod calls;
mod limits;
mod retries;
mod sent;
mod words;

pub use sent::SentAs;
pub use words::shown;

use wharf_diag::{Span, Spanned};
use wharf_document::Integration;
use wharf_document::model::Operation;

use crate::{CallSettings, CompiledOperation, Part, compile};

/// One setting as it holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Setting {
    /// What it is, for example `retries`.
    pub name: &'static str,
    /// The names that documents write it under.
    pub keys: &'static [&'static str],
    /// The value that holds, for people: `3 retries`.
    pub value: String,
    /// Why it holds, as words behind the value: `the smaller of …`.
    pub reason: String,
    /// The places that take part; none where a default holds.
    pub places: Vec<Place>,
    /// The part of documents it belongs to, where nothing obeys it yet.
    pub not_in_force: Option<Part>,
}

/// A place that takes part in a [`Setting`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// Where the value stands in the document.
    pub span: Span,
    /// The name there and what it says: `retry_attempts 3`.
    pub words: String,
    /// Whether this value is the one that holds.
    pub wins: bool,
}

/// What holds for one operation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OperationSettings {
    /// The id of the operation.
    pub id: String,
    /// Its name and place.
    pub name: Spanned<String>,
    /// What holds for it.
    pub settings: Vec<Setting>,
}

/// What holds in one environment alone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EnvironmentSettings {
    /// Its name, as the settings have it.
    pub environment: Spanned<String>,
    /// What holds there and not everywhere.
    pub settings: Vec<Setting>,
}

/// What holds for a document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EffectiveSettings {
    /// Of every call, where its environment has nothing of its own.
    pub integration: Vec<Setting>,
    /// Of each environment with settings of its own.
    pub environments: Vec<EnvironmentSettings>,
    /// Where the credential stands in each call.
    pub sent_as: Vec<SentAs>,
    /// Of each operation, in the document's order; where its environment has nothing of its own.
    pub operations: Vec<OperationSettings>,
}

/// Works out what holds for a document.
pub fn effective(document: &Integration) -> EffectiveSettings {
    let compiled = compile(document);
    let holding = &compiled.settings;
    let everywhere = of_integration(document, compiled.default_environment, holding);
    let environments = document.configuration.by_environment.iter().map(|own| {
        let inside = document.in_environment(&own.environment.value);
        let holding = CallSettings::new(&inside, &inside.configuration.settings);
        let mut settings = of_integration(&inside, compiled.default_environment, &holding);
        settings.retain(|setting| !everywhere.contains(setting));
        EnvironmentSettings {
            environment: own.environment.clone(),
            settings,
        }
    });
    let operations = document.operations.iter().zip(&compiled.operations);
    EffectiveSettings {
        environments: environments.collect(),
        sent_as: sent::sent_as(document, &compiled),
        operations: operations
            .map(|(written, operation)| OperationSettings {
                id: operation.id.clone(),
                name: written.name.clone(),
                settings: of_operation(document, written, operation, holding),
            })
            .collect(),
        integration: everywhere,
    }
}

fn of_integration(
    document: &Integration,
    default_environment: Option<usize>,
    holding: &CallSettings,
) -> Vec<Setting> {
    let written = &document.configuration.settings;
    let mut settings = vec![
        calls::environment(document, default_environment),
        calls::attempt_timeout(written, holding),
        calls::connect_timeout(written, holding),
        retries::retries(document, holding),
        retries::delays(document, holding),
        retries::longest_call(document, holding, holding.attempt_timeout, written.timeout),
    ];
    settings.extend(limits::rate(&written.rate_limits, &[]));
    settings.extend(limits::wait(written));
    settings.extend(limits::concurrency(written));
    settings.extend(cache::of_integration(written));
    settings.extend(calls::largest_body(written, holding));
    settings.extend(calls::idempotency_header(written, holding));
    settings.extend(calls::version(document, holding));
    settings.extend(calls::body_format(written, holding));
    settings
}

fn of_operation(
    document: &Integration,
    written: &Operation,
    operation: &CompiledOperation,
    holding: &CallSettings,
) -> Vec<Setting> {
    let settings = &document.configuration.settings;
    let timeout = operation.attempt_timeout.unwrap_or(holding.attempt_timeout);
    let said = written.timeout.or(settings.timeout);
    let mut held = vec![
        calls::timeout_of_operation(written, settings, timeout),
        retries::longest_call(document, holding, timeout, said),
        retries::repeatable(written, operation, settings, holding),
    ];
    held.extend(limits::rate(&settings.rate_limits, &written.rate_limits));
    held.extend(cache::of_operation(written, settings));
    held
}

#[cfg(test)]
mod tests;
