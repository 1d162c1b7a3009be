//! Settings and feature switches, for all environments and for one.

use std::time::Duration;

use wharf_diag::Spanned;

use super::{ByteCount, RateLimit};

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
    pub timeout: Option<Spanned<Duration>>,
    /// Bound of connecting, TLS included.
    pub connect_timeout: Option<Spanned<Duration>>,
    /// Retries after the first attempt.
    pub retry_attempts: Option<Spanned<u32>>,
    /// Limits over all operations; all of them hold.
    pub rate_limits: Vec<Spanned<RateLimit>>,
    /// Where the vendor sends webhooks.
    pub webhook_url: Option<Spanned<String>>,
    /// Calls in flight at the same time.
    pub max_concurrency: Option<Spanned<u32>>,
    /// Longest wait for a rate limit.
    pub max_wait: Option<Spanned<Duration>>,
    /// How long answers may be reused.
    pub cache_ttl: Option<Spanned<Duration>>,
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
