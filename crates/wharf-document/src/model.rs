//! The typed integration: what a document says, checked value by value, each with its span.
//!
//! Nothing here was guessed: a value that could not be read is absent and has a diagnostic.
//! This is the `X` of `RawX → X → CompiledX`; the compiled form lives in `wharf-plan`.

mod authentication;
mod call;
mod configuration;
mod cost;
mod credentials;
mod dependency;
mod frontmatter;
mod id;
mod limit;
mod link;
mod minting;
mod monitoring;
mod path;
mod people;
mod recovery;
mod roadmap;
mod service;
mod value;
mod webhook;

use std::borrow::Cow;
use std::sync::Arc;

use wharf_diag::{SourceText, Span, Spanned};

pub use authentication::{
    Authentication, AuthenticationType, CredentialReference, CredentialStore, JWT_ALGORITHMS,
    Placement, Template, TemplatePart, TokenUrl,
};
pub use call::{
    CacheTime, CallCost, Condition, ErrorCode, ErrorRow, Example, ExampleBody, Idempotence, Method,
    Operation, RetryStrategy, StatusPattern, Verb, Weight,
};
pub use configuration::{BodyFormat, Configuration, EnvironmentSettings, Feature, Settings};
pub use cost::{Budget, Costs, Task};
pub use credentials::Credentials;
pub use dependency::{Dependencies, Dependency, System, SystemClass};
pub use frontmatter::{Criticality, DefaultEnvironment, Frontmatter, Reference};
pub use id::IntegrationId;
pub use limit::{LimitHeader, LimitMeaning, LimitSource};
pub use link::Link;
pub use minting::{
    Claim, ClientAuthentication, Grant, Making, Minting, RotateWith, TlsFields, TokenRequest,
};
pub use monitoring::{Expectation, HealthCheck, Metric, Monitoring, Objective, Probe};
pub use path::{PathPattern, PathPiece, PathSegment, Specificity};
pub use people::{Contact, Contacts, Note, Notes, ReviewItem, ReviewQuestion};
pub use recovery::{EnvironmentMapping, Fallback, OperationMapping, Recovery, Step};
pub use roadmap::{MigrationStep, Roadmap, Version};
pub use service::{Contract, Environment, ServiceDetails};
pub use value::{
    BaseUrl, Bound, ByteCount, Comparison, Connection, CountedPer, Currency, Money, Operator,
    Price, PricePer, Rate, RateLimit, Scheme,
};
pub use webhook::{
    EventField, Handshake, IncomingWebhook, Mapping, OutgoingWebhook, SignatureAlgorithm,
    SignatureAlphabet, SignatureEncoding, SignatureScheme, Verification, WebhookSecret,
    WebhookTarget, Webhooks, handler_name,
};

/// One document, read and checked value by value.
#[derive(Clone, Debug)]
pub struct Integration {
    /// The stem of the file.
    pub id: IntegrationId,
    /// The text all spans point into.
    pub source: Arc<SourceText>,
    /// The YAML between the `---` lines.
    pub frontmatter: Frontmatter,
    /// Purpose, category, vendor, contract.
    pub service: ServiceDetails,
    /// Rows of the Environments table, in the document's order.
    pub environments: Vec<Environment>,
    /// How a call is authorised. `None` when the document has no Authentication section.
    pub authentication: Option<Authentication>,
    /// Entries of Credential Storage, in the document's order.
    pub credentials: Credentials,
    /// Required Settings and Optional Features.
    pub configuration: Configuration,
    /// Rows of the API Endpoints table, in the document's order.
    pub operations: Vec<Operation>,
    /// Links of Examples to files with further answers, which [`linked_examples`] reads.
    ///
    /// [`linked_examples`]: crate::linked_examples()
    pub example_files: Vec<Link>,
    /// The `Limit headers` list below the operations.
    pub limit_headers: Vec<LimitHeader>,
    /// What comes in and goes out without being asked for.
    pub webhooks: Webhooks,
    /// Rows of Common Errors, in the document's order.
    pub errors: Vec<ErrorRow>,
    /// The Retry Strategy block.
    pub retry: RetryStrategy,
    /// Probes and objectives.
    pub monitoring: Monitoring,
    /// Who depends on the service, and what it depends on.
    pub dependencies: Dependencies,
    /// What it costs.
    pub costs: Costs,
    /// Versions and their dates.
    pub roadmap: Roadmap,
    /// What happens when it is out.
    pub recovery: Recovery,
    /// Who is told.
    pub contacts: Contacts,
    /// Links of the Documentation section.
    pub documentation: Vec<Link>,
    /// Known issues and tips.
    pub notes: Notes,
    /// The Review Checklist.
    pub review: Vec<ReviewItem>,
    /// Names and places of the sections that stand in the document, in its order.
    pub sections: Vec<Spanned<String>>,
    /// Sections that the program does not know; they are kept.
    pub unread: Vec<Spanned<String>>,
}

impl Integration {
    /// The title without its `[Integration]` mark, or the id where there is none.
    pub fn display_name(&self) -> &str {
        let title = self
            .frontmatter
            .title
            .as_ref()
            .map_or("", |title| title.value.as_str());
        let name = title.strip_prefix("[Integration]").unwrap_or(title).trim();
        if name.is_empty() {
            self.id.as_str()
        } else {
            name
        }
    }

    /// Forgets what only the checks of this one document read. What other documents are compared
    /// with stays: ids, names, operations, environments, where credentials are, webhooks,
    /// dependencies, the fallback, contacts.
    pub fn forget_own(&mut self) {
        self.authentication = None;
        self.configuration = Configuration::default();
        self.example_files = Vec::new();
        self.limit_headers = Vec::new();
        self.errors = Vec::new();
        self.retry = RetryStrategy::default();
        self.monitoring = Monitoring::default();
        self.costs = Costs::default();
        self.roadmap = Roadmap::default();
        self.recovery.procedure = Vec::new();
        self.documentation = Vec::new();
        self.notes = Notes::default();
        self.review = Vec::new();
        self.webhooks.mappings = Vec::new();
        for operation in &mut self.operations {
            operation.examples = Vec::new();
            operation.rate_limits = Vec::new();
            operation.costs = Vec::new();
            operation.methods.shrink_to_fit();
        }
        // What is left was read into lists with room for more.
        self.operations.shrink_to_fit();
        self.environments.shrink_to_fit();
        self.webhooks.incoming.shrink_to_fit();
        self.webhooks.outgoing.shrink_to_fit();
        self.dependencies.systems.shrink_to_fit();
        self.dependencies.needs.shrink_to_fit();
        self.sections = Vec::new();
    }

    /// The document as an environment has it: what stands for that environment goes before what
    /// holds for every one.
    pub fn in_environment(&self, environment: &str) -> Cow<'_, Self> {
        let Some(own) = self.configuration.own_of(environment) else {
            return Cow::Borrowed(self);
        };
        let mut document = self.clone();
        document.configuration.settings = own.over(&self.configuration.settings);
        Cow::Owned(document)
    }

    /// Retries after the first attempt, and the value that says so. `retry_attempts` and
    /// `max_retries` both bound them; the smaller wins. A document that gives neither means as
    /// many as it has delays.
    pub fn retries(&self) -> (u32, Option<Span>) {
        self.retries_with(&self.configuration.settings)
    }

    /// The same for the settings of one environment.
    pub fn retries_with(&self, settings: &Settings) -> (u32, Option<Span>) {
        let bounds = [settings.retry_attempts, self.retry.max_retries];
        let smaller = bounds.into_iter().flatten().min_by_key(|bound| bound.value);
        let delays = self.retry.delays.as_ref();
        smaller.map_or_else(
            || {
                let count = delays.map_or(0, |delays| delays.value.len());
                (u32::try_from(count).unwrap_or(u32::MAX), None)
            },
            |bound| (bound.value, Some(bound.span)),
        )
    }

    /// Whether calls are allowed; a document that does not say so is active.
    pub fn is_active(&self) -> bool {
        let active = self.frontmatter.active.as_ref();
        active.is_none_or(|active| active.value)
    }

    /// Whether the document is kept but should not be used any more.
    pub fn is_deprecated(&self) -> bool {
        let deprecated = self.frontmatter.deprecated.as_ref();
        deprecated.is_some_and(|deprecated| deprecated.value)
    }

    /// The environment of calls that name none: the one the frontmatter names; where it names
    /// none, the only one there is. An index into `environments`.
    pub fn default_environment(&self) -> Option<usize> {
        let named = self.frontmatter.environment.as_ref();
        match named.map(|environment| &environment.value) {
            Some(DefaultEnvironment::Named(name)) => self
                .environments
                .iter()
                .position(|environment| environment.name.value.eq_ignore_ascii_case(name)),
            Some(DefaultEnvironment::All) => None,
            None => (self.environments.len() == 1).then_some(0),
        }
    }

    /// The credential entry of an environment; names compare without regard to case.
    pub fn credential(&self, environment: &str) -> Option<&CredentialReference> {
        self.credentials.of(environment)
    }

    /// The links of the Documentation section whose words name an API description.
    pub fn api_descriptions(&self) -> impl Iterator<Item = &Link> {
        self.documentation.iter().filter(|link| {
            let text = link.text.value.to_ascii_lowercase();
            [
                "openapi",
                "api description",
                "swagger",
                "discovery document",
            ]
            .iter()
            .any(|words| text.contains(words))
        })
    }

    /// The first link of the Documentation section that names an API description, if any.
    pub fn api_description(&self) -> Option<&Link> {
        self.api_descriptions().next()
    }
}
