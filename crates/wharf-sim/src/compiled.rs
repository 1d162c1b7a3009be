//! Vendors made ready to answer: expected credentials rendered, answers prepared.

use std::collections::BTreeMap;
use std::sync::Arc;

use http::{HeaderName, HeaderValue, StatusCode};
use serde_json::Value;
use wharf_diag::Severity;
use wharf_document::Integration;
use wharf_document::model::{ExampleBody, Operation};

use crate::answer::{JSON, Plain, Prepared};
use crate::credential::{Expected, Owner};
use crate::description;
use crate::event::EventStream;
use crate::{Error, Vendor, Warning};

/// Every vendor of a simulator. Immutable; exchanged as a whole.
#[derive(Default)]
pub(crate) struct World {
    vendors: BTreeMap<String, CompiledVendor>,
}

/// One vendor.
pub(crate) struct CompiledVendor {
    pub(crate) integration: Arc<Integration>,
    pub(crate) environments: Vec<CompiledEnvironment>,
    /// By the place of the operation in the document's table.
    pub(crate) answers: Vec<Prepared>,
}

/// One environment of a vendor.
pub(crate) struct CompiledEnvironment {
    /// As the document writes it.
    pub(crate) name: String,
    /// The segment of the path that picks it.
    pub(crate) segment: String,
    pub(crate) expected: Expected,
    pub(crate) idempotency_header: Option<HeaderName>,
}

impl World {
    /// Prepares all vendors, their API descriptions one after the other off the runtime's thread.
    pub(crate) async fn compile(vendors: Vec<Vendor>) -> Result<(Self, Vec<Warning>), Error> {
        let mut world = Self::default();
        let mut warnings = Vec::new();
        for vendor in vendors {
            let id = vendor.integration.id.as_str().to_owned();
            let compiled = CompiledVendor::new(vendor, &mut warnings).await?;
            if world.vendors.insert(id.clone(), compiled).is_some() {
                return Err(Error::DuplicateIntegration { integration: id });
            }
        }
        Ok((world, warnings))
    }

    /// The vendor with this id.
    pub(crate) fn vendor(&self, integration: &str) -> Option<&CompiledVendor> {
        self.vendors.get(integration)
    }

    /// Paths of all environments, in order.
    pub(crate) fn base_paths(&self) -> impl Iterator<Item = String> {
        self.vendors.values().flat_map(|vendor| {
            vendor
                .environments
                .iter()
                .map(|environment| vendor.base_path(environment))
        })
    }

    /// Every environment but one, the other environments of its own vendor first.
    pub(crate) fn others<'a>(
        &'a self,
        vendor: &'a CompiledVendor,
        environment: &'a CompiledEnvironment,
    ) -> impl Iterator<Item = Owner<'a>> {
        let siblings = std::iter::once(vendor);
        let strangers = self
            .vendors
            .values()
            .filter(|other| other.integration.id != vendor.integration.id);
        siblings
            .chain(strangers)
            .flat_map(|vendor| {
                vendor
                    .environments
                    .iter()
                    .map(move |environment| (vendor, environment))
            })
            .filter(|(_, other)| !std::ptr::eq(*other, environment))
            .map(|(vendor, environment)| Owner {
                integration: vendor.integration.id.as_str(),
                environment: &environment.name,
                expected: &environment.expected,
            })
    }
}

impl CompiledVendor {
    async fn new(vendor: Vendor, warnings: &mut Vec<Warning>) -> Result<Self, Error> {
        let id = vendor.integration.id.as_str();
        let mut environments: Vec<CompiledEnvironment> = Vec::new();
        for environment in &vendor.environments {
            let segment = segment(&environment.name);
            if environments.iter().any(|other| other.segment == segment) {
                return Err(Error::DuplicateEnvironment {
                    integration: id.to_owned(),
                    environment: environment.name.clone(),
                });
            }
            environments.push(CompiledEnvironment {
                name: environment.name.clone(),
                segment,
                expected: Expected::new(&vendor.placements, environment, id)?,
                idempotency_header: idempotency_header(&vendor.integration, &environment.name),
            });
        }
        Ok(Self {
            answers: prepare(&vendor, warnings).await,
            integration: vendor.integration,
            environments,
        })
    }

    /// The environment of a path segment or a name.
    pub(crate) fn environment(&self, name: &str) -> Option<&CompiledEnvironment> {
        let wanted = segment(name);
        self.environments
            .iter()
            .find(|environment| environment.segment == wanted)
    }

    /// For example `/openai-api/production`.
    pub(crate) fn base_path(&self, environment: &CompiledEnvironment) -> String {
        format!("/{}/{}", self.integration.id, environment.segment)
    }
}

/// The name in lower case, with a dash for everything that has a meaning in a path.
fn segment(name: &str) -> String {
    name.to_lowercase()
        .chars()
        .map(|c| match c {
            'a'..='z' | '0'..='9' | '_' | '.' => c,
            _ => '-',
        })
        .collect()
}

/// One prepared answer per operation: the description's, overridden by the document's examples.
async fn prepare(vendor: &Vendor, warnings: &mut Vec<Warning>) -> Vec<Prepared> {
    let integration = &vendor.integration;
    let mut answers: Vec<Prepared> = Vec::new();
    if let Some(path) = vendor.api_description.clone() {
        let document = Arc::clone(integration);
        // It reads a file, and some descriptions have megabytes.
        let read = tokio::task::spawn_blocking(move || description::read(&path, &document)).await;
        let (described, found) = read.unwrap_or_else(|error| {
            let message = format!("reading the API description ended early: {error}");
            (Vec::new(), vec![(Severity::Warning, message)])
        });
        answers = described;
        warnings.extend(found.into_iter().map(|(severity, message)| Warning {
            integration: integration.id.to_string(),
            severity,
            message,
        }));
    }
    answers.resize_with(integration.operations.len(), Prepared::default);
    for (operation, answer) in integration.operations.iter().zip(&mut answers) {
        if let Some(problem) = apply_examples(operation, answer) {
            warnings.push(Warning {
                integration: integration.id.to_string(),
                severity: Severity::Warning,
                message: problem,
            });
        }
    }
    answers
}

/// Puts the document's own examples in the place of the description's. Returns what is wrong.
fn apply_examples(operation: &Operation, answer: &mut Prepared) -> Option<String> {
    let mut problem = None;
    let mut json = None;
    let mut text_body = None;
    let mut stream = None;
    let mut status = None;
    for example in &operation.examples {
        status = status.or(example.status);
        match &example.body {
            ExampleBody::Json(text) => match serde_json::from_str::<Value>(text) {
                Ok(value) if json.is_none() => json = Some(value),
                Ok(value) => answer.others.push(value),
                Err(error) => {
                    problem = Some(format!(
                        "the example of operation `{}` is not valid JSON ({error}) and is not used",
                        operation.id
                    ));
                }
            },
            ExampleBody::EventStream(text) if stream.is_none() => {
                stream = Some(EventStream::parse(text)).filter(|stream| !stream.events.is_empty());
            }
            ExampleBody::Text(text) if text_body.is_none() => text_body = Some(text.clone()),
            ExampleBody::EventStream(_) | ExampleBody::Text(_) => {}
        }
    }
    let shows_something = json.is_some() || text_body.is_some() || stream.is_some();
    let shows_only_a_stream = json.is_none() && text_body.is_none() && stream.is_some();
    if let Some(text) = text_body {
        // Text without a letter is an answer without a body, which has no type either.
        answer.plain = Some(if text.is_empty() {
            Plain::Empty
        } else {
            Plain::Bytes {
                content_type: HeaderValue::from_static("text/plain; charset=utf-8"),
                bytes: text.into(),
            }
        });
    }
    if let Some(value) = json {
        answer.plain = Some(Plain::Json {
            content_type: JSON,
            value,
        });
    }
    if let Some(stream) = stream {
        answer.stream = Some(stream);
    }
    if shows_only_a_stream && matches!(&answer.plain, Some(Plain::Empty)) {
        answer.plain = None;
    }
    // A description that promises no body yields to the document that shows one.
    if shows_something
        && matches!(
            answer.status,
            Some(StatusCode::NO_CONTENT | StatusCode::RESET_CONTENT)
        )
    {
        answer.status = None;
    }
    if let Some(status) = status.and_then(|status| StatusCode::from_u16(status).ok()) {
        answer.status = Some(status);
    }
    problem
}

/// The header with which a call of an environment is answered once.
fn idempotency_header(integration: &Integration, environment: &str) -> Option<HeaderName> {
    let configuration = &integration.configuration;
    let own = configuration.own_of(environment);
    let own = own.and_then(|own| own.idempotency_header.as_ref());
    let name = own.or(configuration.settings.idempotency_header.as_ref())?;
    name.value.parse().ok()
}
