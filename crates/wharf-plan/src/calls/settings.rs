//! What holds for calls of one environment: precedence rules and defaults.

use std::time::Duration;

use http::{HeaderName, HeaderValue};
use wharf_document::Integration;
use wharf_document::model::{BodyFormat, Settings};
use wharf_policy::retry;

use crate::defaults::{ATTEMPT_TIMEOUT, CONNECT_TIMEOUT};

/// What holds for calls of one environment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CallSettings {
    /// Header and value that pin the vendor's API version, added where the caller sends none.
    pub version_header: Option<(HeaderName, HeaderValue)>,
    /// Header whose presence makes a request safe to repeat.
    pub idempotency_header: Option<HeaderName>,
    /// Retries, with the precedence rules applied.
    pub retry: retry::Policy,
    /// Bound of connecting, TLS included.
    pub connect_timeout: Duration,
    /// Bound of one attempt, where the operation has none of its own.
    pub attempt_timeout: Duration,
    /// Largest body in either direction, in bytes. `None`: no bound of its own.
    pub max_body_bytes: Option<u64>,
    /// How `wharf call` encodes a body.
    pub body_format: BodyFormat,
}

impl CallSettings {
    /// What holds for calls with these settings.
    pub(crate) fn new(integration: &Integration, settings: &Settings) -> Self {
        let idempotency_header = settings.idempotency_header.as_ref();
        Self {
            version_header: version_header(integration, settings),
            idempotency_header: idempotency_header
                .and_then(|name| HeaderName::from_bytes(name.value.as_bytes()).ok()),
            retry: retry_policy(integration, settings),
            connect_timeout: settings
                .connect_timeout
                .map_or(CONNECT_TIMEOUT, |bound| bound.value),
            attempt_timeout: settings
                .timeout
                .map_or(ATTEMPT_TIMEOUT, |bound| bound.value),
            max_body_bytes: settings.max_body.map(|size| size.value.0),
            body_format: settings
                .body_format
                .map_or_else(Default::default, |f| f.value),
        }
    }

    /// Longest time a call may take until the head of its answer, where the caller sets no
    /// deadline: every attempt at its timeout, and every delay, at most
    /// [`LONGEST_CALL`](retry::LONGEST_CALL).
    pub fn call_timeout(&self, attempt_timeout: Duration) -> Duration {
        self.retry.longest_call(attempt_timeout).total
    }
}

fn version_header(
    integration: &Integration,
    settings: &Settings,
) -> Option<(HeaderName, HeaderValue)> {
    let header = integration
        .authentication
        .as_ref()?
        .version_header
        .as_ref()?;
    let version = settings.api_version.as_ref()?;
    let name = HeaderName::from_bytes(header.value.as_bytes()).ok()?;
    let value = HeaderValue::from_str(&version.value).ok()?;
    Some((name, value))
}

fn retry_policy(integration: &Integration, settings: &Settings) -> retry::Policy {
    let strategy = &integration.retry;
    let (max_retries, _) = integration.retries_with(settings);
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
