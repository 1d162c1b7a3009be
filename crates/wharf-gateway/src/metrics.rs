//! Counters and histograms of the gateway, in the Prometheus data model.
//!
//! Labels are bounded: integrations, environments and operations come from the documents, callers
//! from the list of callers, every other label from a closed set. What a caller sends never becomes
//! a label.

use std::collections::HashSet;
use std::sync::atomic::AtomicI64;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::counter;
use prometheus_client::metrics::family::{Family, MetricConstructor};
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::registry::{Registry, Unit};

use crate::per_worker::{Count, Durations, Level, Spent};
use crate::phase::Phase;

/// Upper bounds of the latency histograms, in seconds. Those above 10 are for streams and for models
/// that think: a call may last an hour.
const LATENCY_BUCKETS: [f64; 18] = [
    0.001, 0.002_5, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0,
    120.0, 300.0, 600.0,
];

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
pub(crate) struct OperationLabels {
    pub(crate) integration: String,
    pub(crate) environment: String,
    pub(crate) operation: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
pub(crate) struct OutcomeLabels {
    pub(crate) integration: String,
    pub(crate) environment: String,
    pub(crate) operation: String,
    pub(crate) source: &'static str,
    pub(crate) outcome: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
pub(crate) struct CallerLabels {
    pub(crate) caller: String,
    pub(crate) integration: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct ReasonLabels {
    reason: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct PhaseLabels {
    phase: &'static str,
}

#[derive(Clone)]
pub(crate) struct Buckets;

impl MetricConstructor<Histogram> for Buckets {
    fn new_metric(&self) -> Histogram {
        Durations::new(&LATENCY_BUCKETS)
    }
}

/// What calls count, each worker by itself.
pub(crate) type Counter = counter::Counter<u64, Count>;
pub(crate) type Seconds = counter::Counter<f64, Spent>;
pub(crate) type Histogram = Durations<{ LATENCY_BUCKETS.len() }>;
pub(crate) type CallsInFlight = Gauge<i64, Level>;

/// All metrics of one gateway; clones of a family share its values.
pub(crate) struct Metrics {
    pub(crate) calls: Family<OutcomeLabels, Counter>,
    pub(crate) attempts: Family<OperationLabels, Counter>,
    pub(crate) alerts: Family<OperationLabels, Counter>,
    pub(crate) request_bytes: Family<OperationLabels, Counter>,
    pub(crate) response_bytes: Family<OperationLabels, Counter>,
    pub(crate) deprecated_answers: Family<OperationLabels, Counter>,
    pub(crate) call_seconds: Family<OperationLabels, Histogram, Buckets>,
    caller_calls: Family<CallerLabels, Counter>,
    /// The series of `caller_calls`, which a family does not tell.
    caller_series: Mutex<HashSet<CallerLabels>>,
    refused: Family<ReasonLabels, Counter>,
    phase_seconds: [Seconds; Phase::COUNT],
    pub(crate) calls_in_flight: CallsInFlight,
    pub(crate) connections: Gauge<i64, AtomicI64>,
    pub(crate) upstream_connections: Gauge<i64, AtomicI64>,
    pub(crate) reloads: Counter,
}

impl Metrics {
    /// Creates the metrics and enters them into a registry under the prefix `wharf`.
    pub(crate) fn register(registry: &mut Registry) -> Self {
        let phases = Family::<PhaseLabels, Seconds>::default();
        let metrics = Self {
            calls: Family::default(),
            attempts: Family::default(),
            alerts: Family::default(),
            request_bytes: Family::default(),
            response_bytes: Family::default(),
            deprecated_answers: Family::default(),
            call_seconds: Family::new_with_constructor(Buckets),
            caller_calls: Family::default(),
            caller_series: Mutex::default(),
            refused: Family::default(),
            phase_seconds: Phase::ALL.map(|phase| {
                phases
                    .get_or_create(&PhaseLabels {
                        phase: phase.as_str(),
                    })
                    .clone()
            }),
            calls_in_flight: Gauge::default(),
            connections: Gauge::default(),
            upstream_connections: Gauge::default(),
            reloads: Counter::default(),
        };
        let registry = registry.sub_registry_with_prefix("wharf");
        registry.register(
            "calls",
            "Finished calls by what answered them and whose fault a failure was; `success` where there was none",
            metrics.calls.clone(),
        );
        registry.register(
            "attempts",
            "Attempts at vendors, retries and unreachable vendors included",
            metrics.attempts.clone(),
        );
        registry.register(
            "alerts",
            "Calls whose last outcome, an answer or none, has a row of Common Errors that says Alert",
            metrics.alerts.clone(),
        );
        registry.register_with_unit(
            "request_body",
            "Bytes of request bodies read from callers",
            Unit::Bytes,
            metrics.request_bytes.clone(),
        );
        registry.register_with_unit(
            "response_body",
            "Bytes of response bodies passed to callers",
            Unit::Bytes,
            metrics.response_bytes.clone(),
        );
        registry.register(
            "deprecated_answers",
            "Vendors' answers passed on that carried a Deprecation or Sunset header",
            metrics.deprecated_answers.clone(),
        );
        registry.register_with_unit(
            "call_duration",
            "Time from the end of a call's head to the end of its answer",
            Unit::Seconds,
            metrics.call_seconds.clone(),
        );
        registry.register(
            "caller_calls",
            "Finished calls by caller",
            metrics.caller_calls.clone(),
        );
        registry.register(
            "refused_calls",
            "Requests refused before they became a call of an operation, by reason",
            metrics.refused.clone(),
        );
        registry.register_with_unit(
            "phase_duration",
            "Time spent in each phase of calls that got an answer, until its body flows",
            Unit::Seconds,
            phases,
        );
        registry.register(
            "calls_in_flight",
            "Calls being served",
            metrics.calls_in_flight.clone(),
        );
        registry.register(
            "connections",
            "Open connections from callers; those that wait at `max_connections` are not in it",
            metrics.connections.clone(),
        );
        registry.register(
            "upstream_connections",
            "Open connections to vendors, idle ones included, as of a look once a second: not what is being connected, and what a vendor closed at rest until that look",
            metrics.upstream_connections.clone(),
        );
        registry.register(
            "reloads",
            "Times that changed documents were taken over",
            metrics.reloads.clone(),
        );
        metrics
    }

    /// The counter of a caller's calls, made where there is none.
    pub(crate) fn calls_of(&self, labels: CallerLabels) -> Counter {
        let mut series = self.caller_series();
        let counter = self.caller_calls.get_or_create_owned(&labels);
        series.insert(labels);
        counter
    }

    /// The names of callers that have a series and are meant.
    pub(crate) fn counted_callers(&self, is_meant: impl Fn(&str) -> bool) -> HashSet<String> {
        let series = self.caller_series();
        let names = series.iter().map(|labels| &labels.caller);
        names.filter(|name| is_meant(name)).cloned().collect()
    }

    /// Takes series of callers out of the metrics. Counters of them must not count again.
    pub(crate) fn forget_callers(&self, is_gone: impl Fn(&CallerLabels) -> bool) {
        for labels in self.caller_series().extract_if(|labels| is_gone(labels)) {
            self.caller_calls.remove(&labels);
        }
    }

    fn caller_series(&self) -> MutexGuard<'_, HashSet<CallerLabels>> {
        self.caller_series
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }

    /// Adds what a call spent in its phases.
    pub(crate) fn add_up(&self, spent: &[Duration; Phase::COUNT]) {
        for (counter, spent) in self.phase_seconds.iter().zip(spent) {
            if !spent.is_zero() {
                counter.inner().add(*spent);
            }
        }
    }

    /// Counts a request that was refused before it became a call of an operation.
    pub(crate) fn refused(&self, reason: &'static str) {
        self.refused.get_or_create(&ReasonLabels { reason }).inc();
    }
}

#[cfg(test)]
mod tests;
