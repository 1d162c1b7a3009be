//! Probes and objectives.

use std::fmt;
use std::time::Duration;

use wharf_diag::{Span, Spanned};

use super::{Comparison, Condition, Link, Method, PathPattern, StatusPattern};

/// The Monitoring section.
#[derive(Clone, Debug, Default)]
pub struct Monitoring {
    /// The Health Checks list.
    pub health: HealthCheck,
    /// The Key Metrics list, in the document's order.
    pub objectives: Vec<Objective>,
    /// Links of Dashboards.
    pub dashboards: Vec<Link>,
}

/// How the service is probed.
#[derive(Clone, Debug, Default)]
pub struct HealthCheck {
    /// `Endpoint`.
    pub probe: Option<Spanned<Probe>>,
    /// `Frequency`: time between two probes.
    pub interval: Option<Spanned<Duration>>,
    /// `Timeout` of one probe.
    pub timeout: Option<Spanned<Duration>>,
    /// `Alert threshold`: failures in a row that count as an outage; at least 1.
    pub threshold: Option<Spanned<u32>>,
    /// `Expect`: what an answer must have, all of it. Empty: a status below 400.
    pub expect: Vec<Spanned<Expectation>>,
}

/// What the answer to a probe must have.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Expectation {
    /// `200`, or `2xx`. Of several one is enough.
    Status(StatusPattern),
    /// `header x = y`, or `/status = ok`.
    Condition(Condition),
}

/// What one probe does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Probe {
    /// An HTTP request below the base URL.
    Http {
        /// `GET` or `HEAD`, as a probe changes nothing; other methods where the document says so.
        method: Method,
        /// The path.
        path: PathPattern,
    },
    /// Opening a connection.
    Tcp,
}

impl HealthCheck {
    /// Longest time from the start of an outage until it is noticed: `interval` × `threshold`.
    pub fn detection(&self) -> Option<Duration> {
        let interval = self.interval?.value;
        Some(interval.saturating_mul(self.threshold?.value))
    }
}

impl fmt::Display for Expectation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Status(status) => status.fmt(f),
            Self::Condition(condition) => condition.fmt(f),
        }
    }
}

/// One line of Key Metrics.
#[derive(Clone, Debug)]
pub struct Objective {
    /// What is measured.
    pub metric: Metric,
    /// The words before the colon.
    pub name: Spanned<String>,
    /// The bound. `None` when it is a placeholder or could not be read.
    pub comparison: Option<Spanned<Comparison>>,
    /// The whole line behind the name.
    pub span: Span,
}

/// What an [`Objective`] is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Metric {
    /// `API response time`.
    Latency,
    /// `Error rate`.
    ErrorRate,
    /// `Availability`.
    Availability,
    /// `Usage`: share of the quota.
    Usage,
    /// A name of the document's own.
    Other,
}

impl Metric {
    /// Every metric with the words that documents use for it.
    pub const ALL: [(Self, &'static str); 7] = [
        (Self::Latency, "API response time"),
        (Self::Latency, "Response time"),
        (Self::Latency, "Latency"),
        (Self::ErrorRate, "Error rate"),
        (Self::Availability, "Availability"),
        (Self::Availability, "Uptime"),
        (Self::Usage, "Usage"),
    ];
}
