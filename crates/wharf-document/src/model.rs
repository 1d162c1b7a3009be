//! The typed integration: what a document says, checked value by value, each with its span.
//!
//! Nothing here was guessed: a value that could not be read is absent and has a diagnostic.
//! This is the `X` of `RawX → X → CompiledX`; the compiled form lives in `wharf-plan`.

mod authentication;
mod call;
mod cost;
mod credentials;
mod dependency;
mod id;
mod limit;
mod minting;
mod monitoring;
mod path;
mod people;
mod recovery;
mod roadmap;
mod value;
mod webhook;

use std::borrow::Cow;
use std::sync::Arc;

use jiff::Timestamp;
use jiff::civil::Date;
use wharf_diag::{SourceText, Span, Spanned};

pub use authentication::{
    Authentication, AuthenticationType, CredentialReference, CredentialStore, JWT_ALGORITHMS,
    Placement, Template, TemplatePart, TokenUrl,
};
pub use call::{
    CacheTime, CallCost, Condition, ErrorCode, ErrorRow, Example, ExampleBody, Idempotence, Method,
    Operation, RetryStrategy, StatusPattern, Verb, Weight,
};
pub use cost::{Budget, Costs, Task};
pub use credentials::Credentials;
pub use dependency::{Dependencies, Dependency, System, SystemClass};
pub use id::IntegrationId;
pub use limit::{LimitHeader, LimitMeaning, LimitSource};
pub use minting::{Claim, ClientAuthentication, Minting, RotateWith, TlsFields, TokenRequest};
pub use monitoring::{Expectation, HealthCheck, Metric, Monitoring, Objective, Probe};
pub use path::{PathPattern, PathPiece, PathSegment, Specificity};
pub use people::{Contact, Contacts, Note, Notes, ReviewItem, ReviewQuestion};
pub use recovery::{EnvironmentMapping, Fallback, OperationMapping, Recovery, Step};
pub use roadmap::{MigrationStep, Roadmap, Version};
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

/// The YAML between the `---` lines.
#[derive(Clone, Debug, Default)]
pub struct Frontmatter {
    /// The whole block, fences included.
    pub span: Span,
    /// Usually `[Integration] Name`.
    pub title: Option<Spanned<String>>,
    /// Search and grouping.
    pub tags: Vec<Spanned<String>>,
    /// When the document was written.
    pub created: Option<Spanned<Timestamp>>,
    /// When its content last changed.
    pub modified: Option<Spanned<Timestamp>>,
    /// Revision of the document, from 1.
    pub version: Option<Spanned<u64>>,
    /// Priority, 1 to 10.
    pub ship_factor: Option<Spanned<u8>>,
    /// `false`: shown and checked, not called.
    pub active: Option<Spanned<bool>>,
    /// The default environment of calls.
    pub environment: Option<Spanned<DefaultEnvironment>>,
    /// Money per period.
    pub cost: Option<Spanned<Price>>,
    /// Default alert severity.
    pub criticality: Option<Spanned<Criticality>>,
    /// The document is kept but should not be used.
    pub deprecated: Option<Spanned<bool>>,
    /// Since when it should not be used.
    pub deprecated_date: Option<Spanned<Date>>,
    /// Why it should not be used.
    pub deprecated_reason: Option<Spanned<String>>,
    /// Integrations that this one took the place of.
    pub supersedes: Vec<Spanned<IntegrationId>>,
    /// Integrations that take the place of this one.
    pub superseded_by: Vec<Spanned<IntegrationId>>,
    /// Other integrations and addresses to read.
    pub references: Vec<Spanned<Reference>>,
    /// Keys the program does not know, kept as written.
    pub unknown: Vec<Spanned<String>>,
}

/// What `references` names.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Reference {
    /// Another document.
    Integration(IntegrationId),
    /// An address or words.
    Other(String),
}

/// Which environment a call uses when it names none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DefaultEnvironment {
    /// The caller must name one.
    All,
    /// The name of a row of the Environments table.
    Named(String),
}

/// How much an outage of the service hurts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Criticality {
    /// A service the business stops without.
    High,
    /// A service that is missed the same day.
    Medium,
    /// A service that can wait.
    Low,
}

impl Criticality {
    /// The word that documents use.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::High => "high",
            Self::Medium => "medium",
            Self::Low => "low",
        }
    }
}

/// The Overview list of Service Details.
#[derive(Clone, Debug, Default)]
pub struct ServiceDetails {
    /// What we use it for.
    pub purpose: Option<Spanned<String>>,
    /// Kind of service.
    pub category: Option<Spanned<String>>,
    /// Company behind it.
    pub vendor: Option<Spanned<String>>,
    /// End date and terms.
    pub contract: Option<Contract>,
}

/// The contract with the vendor.
#[derive(Clone, Debug)]
pub struct Contract {
    /// When it ends, where the text names a date.
    pub end: Option<Spanned<Date>>,
    /// The whole text, as written.
    pub terms: Spanned<String>,
}

/// One row of the Environments table.
#[derive(Clone, Debug)]
pub struct Environment {
    /// Name as written; compared without regard to case.
    pub name: Spanned<String>,
    /// The base URL. `None` when the cell is empty, a placeholder or a connection: such an environment cannot be called.
    pub endpoint: Option<Spanned<BaseUrl>>,
    /// The address, where it has another scheme than `http` and `https`; `endpoint` is `None` then.
    pub connection: Option<Spanned<Connection>>,
    /// For example `Active`.
    pub status: Option<Spanned<String>>,
    /// Free text.
    pub notes: Option<Spanned<String>>,
}

impl Environment {
    /// Where the service is, over HTTP or otherwise, as one text.
    pub fn address(&self) -> Option<Spanned<String>> {
        let endpoint = self.endpoint.as_ref();
        let connection = self.connection.as_ref();
        endpoint
            .map(|endpoint| Spanned::new(endpoint.value.to_string(), endpoint.span))
            .or_else(|| connection.map(|c| Spanned::new(c.value.to_string(), c.span)))
    }

    /// Whether the document says where the service is, over HTTP or otherwise.
    pub const fn has_address(&self) -> bool {
        self.endpoint.is_some() || self.connection.is_some()
    }

    /// Whether the row counts as in use: its status is missing, or starts with `Active` or `Live`.
    pub fn is_active(&self) -> bool {
        self.status.as_ref().is_none_or(|status| {
            let word = status.value.split(|c: char| !c.is_alphanumeric()).next();
            word.is_some_and(|word| {
                word.eq_ignore_ascii_case("active") || word.eq_ignore_ascii_case("live")
            })
        })
    }
}

/// Required Settings and Optional Features.
#[derive(Clone, Debug, Default)]
pub struct Configuration {
    /// What holds where an environment says nothing of its own.
    pub settings: Settings,
    /// What stands for one environment, in the document's order.
    pub by_environment: Vec<EnvironmentSettings>,
    /// Settings the program does not know, kept: name and JSON text.
    pub other: Vec<(Spanned<String>, Spanned<String>)>,
    /// Feature switches.
    pub features: Vec<Feature>,
}

/// Settings that one environment has of its own.
#[derive(Clone, Debug)]
pub struct EnvironmentSettings {
    /// Name as written where it first stands; compared without regard to case.
    pub environment: Spanned<String>,
    /// What is given for it; the rest is that of every environment.
    pub settings: Settings,
}

/// Values of Required Settings.
///
/// Values override the built-in defaults; what the document leaves open stays `None` here.
#[derive(Clone, Debug, Default)]
pub struct Settings {
    /// The vendor's API version, sent in the version header where the document names one.
    pub api_version: Option<Spanned<String>>,
    /// Bound of one attempt.
    pub timeout: Option<Spanned<std::time::Duration>>,
    /// Bound of connecting, TLS included.
    pub connect_timeout: Option<Spanned<std::time::Duration>>,
    /// Retries after the first attempt.
    pub retry_attempts: Option<Spanned<u32>>,
    /// Limits over all operations; all of them hold.
    pub rate_limits: Vec<Spanned<RateLimit>>,
    /// Where the vendor sends webhooks.
    pub webhook_url: Option<Spanned<String>>,
    /// Calls in flight at the same time.
    pub max_concurrency: Option<Spanned<u32>>,
    /// Longest wait for a rate limit.
    pub max_wait: Option<Spanned<std::time::Duration>>,
    /// How long answers may be reused.
    pub cache_ttl: Option<Spanned<std::time::Duration>>,
    /// Largest request or answer body.
    pub max_body: Option<Spanned<ByteCount>>,
    /// Header that carries an idempotency key the vendor honours, for example `Idempotency-Key`.
    pub idempotency_header: Option<Spanned<String>>,
    /// How `wharf call` encodes a body: JSON unless it says `form`.
    pub body_format: Option<Spanned<BodyFormat>>,
}

impl Configuration {
    /// What holds for every environment, and what one has of its own.
    pub fn all(&self) -> impl Iterator<Item = &Settings> {
        let own = self.by_environment.iter().map(|own| &own.settings);
        std::iter::once(&self.settings).chain(own)
    }

    /// What an environment has of its own.
    pub fn own_of(&self, environment: &str) -> Option<&Settings> {
        let mut all = self.by_environment.iter();
        let own = all.find(|own| own.environment.value.eq_ignore_ascii_case(environment))?;
        Some(&own.settings)
    }
}

impl Settings {
    /// These values, and those of `general` where nothing stands.
    pub fn over(&self, general: &Self) -> Self {
        // Named one by one, so that a new setting cannot be added without a decision here.
        let Self {
            api_version,
            timeout,
            connect_timeout,
            retry_attempts,
            rate_limits,
            webhook_url,
            max_concurrency,
            max_wait,
            cache_ttl,
            max_body,
            idempotency_header,
            body_format,
        } = self.clone();
        let no_limit = rate_limits.is_empty();
        Self {
            api_version: api_version.or_else(|| general.api_version.clone()),
            timeout: timeout.or(general.timeout),
            connect_timeout: connect_timeout.or(general.connect_timeout),
            retry_attempts: retry_attempts.or(general.retry_attempts),
            rate_limits: if no_limit {
                general.rate_limits.clone()
            } else {
                rate_limits
            },
            webhook_url: webhook_url.or_else(|| general.webhook_url.clone()),
            max_concurrency: max_concurrency.or(general.max_concurrency),
            max_wait: max_wait.or(general.max_wait),
            cache_ttl: cache_ttl.or(general.cache_ttl),
            max_body: max_body.or(general.max_body),
            idempotency_header: idempotency_header.or_else(|| general.idempotency_header.clone()),
            body_format: body_format.or(general.body_format),
        }
    }
}

/// How `wharf call` encodes the body of a call.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum BodyFormat {
    /// `application/json`.
    #[default]
    Json,
    /// `application/x-www-form-urlencoded`.
    Form,
}

/// One line of Optional Features: `name: enabled/disabled - reason`.
#[derive(Clone, Debug)]
pub struct Feature {
    /// The name before the colon.
    pub name: Spanned<String>,
    /// `None` when it is a placeholder.
    pub enabled: Option<Spanned<bool>>,
    /// The text behind the dash.
    pub reason: Option<Spanned<String>>,
}

/// A Markdown link.
#[derive(Clone, Debug)]
pub struct Link {
    /// The words that are shown.
    pub text: Spanned<String>,
    /// Where it leads. `None` when it is a placeholder.
    pub target: Option<Spanned<String>>,
}

impl Link {
    /// The target as a file beside the document: without `#…` and `?…` behind it. `None` where
    /// it is an address, or a place in the document itself.
    pub fn file(&self) -> Option<Spanned<&str>> {
        let target = self.target.as_ref()?;
        let text = target.value.as_str();
        let file = text.split(['#', '?']).next().unwrap_or(text);
        let is_address = text.starts_with("//")
            || file.split_once(':').is_some_and(|(scheme, _)| {
                scheme.len() > 1 && scheme.chars().all(|c| c.is_ascii_alphanumeric())
            });
        (!file.is_empty() && !is_address).then(|| Spanned::new(file, target.span))
    }
}
