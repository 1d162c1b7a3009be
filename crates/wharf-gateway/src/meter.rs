//! Phase 9: count a call when its answer has ended, however it ends.

use std::collections::HashSet;
use std::sync::atomic::AtomicI64;
use std::sync::{Arc, OnceLock};
use std::time::Instant;

use arc_swap::ArcSwap;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use wharf_document::model::Verb;
use wharf_policy::fault::Fault;

use crate::body::{CallBody, Upload};
use crate::classify::Verdict;
use crate::identify::Caller;
use crate::lookup::Lookup;
use crate::matching::Target;
use crate::metrics::{CallerLabels, Metrics, OperationLabels, OutcomeLabels};
use crate::problem::Problem;

/// What answered a call; the value of `Wharf-Source`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    /// The vendor.
    Vendor,
    /// We did, with a problem document.
    Wharf,
}

impl Source {
    /// The lower-case word.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Vendor => "vendor",
            Self::Wharf => "wharf",
        }
    }
}

/// Handles of one operation in one environment, looked up once instead of per call.
pub(crate) struct OperationMeter {
    labels: OperationLabels,
    metrics: Arc<Metrics>,
    outcomes: [OnceLock<Counter>; 2 * (Fault::ALL.len() + 1)],
    /// Made with the first call, so that operations nobody calls have no series.
    totals: OnceLock<Totals>,
    /// By name; as many as ever called this.
    callers: ArcSwap<Lookup<String, Counter>>,
}

struct Totals {
    attempts: Counter,
    request_bytes: Counter,
    response_bytes: Counter,
    seconds: Histogram,
}

impl OperationMeter {
    pub(crate) fn new(metrics: &Arc<Metrics>, labels: OperationLabels) -> Self {
        Self {
            outcomes: Default::default(),
            totals: OnceLock::new(),
            callers: ArcSwap::default(),
            metrics: Arc::clone(metrics),
            labels,
        }
    }

    pub(crate) fn alert(&self) {
        self.metrics.alerts.get_or_create(&self.labels).inc();
    }

    pub(crate) fn deprecated_answer(&self) {
        self.metrics
            .deprecated_answers
            .get_or_create(&self.labels)
            .inc();
    }

    pub(crate) fn count_caller(&self, caller: &str) {
        if let Some(counter) = self.callers.load().get(caller) {
            counter.inc();
            return;
        }
        let labels = CallerLabels {
            caller: caller.to_owned(),
            integration: self.labels.integration.clone(),
        };
        let counter = self.metrics.calls_of(labels);
        counter.inc();
        self.callers.rcu(|known| {
            let mut known = Lookup::clone(known);
            known.insert(caller.to_owned(), counter.clone());
            known
        });
    }

    /// Forgets the counters of these callers, whose series are gone.
    pub(crate) fn forget_callers(&self, names: &HashSet<String>) {
        let known = self.callers.load();
        if !known.keys().any(|name| names.contains(name)) {
            return;
        }
        self.callers.rcu(|known| {
            let mut known = Lookup::clone(known);
            known.retain(|name, _| !names.contains(name));
            known
        });
    }

    /// How many callers it keeps a counter of.
    #[cfg(test)]
    pub(crate) fn callers(&self) -> usize {
        self.callers.load().len()
    }

    fn totals(&self) -> &Totals {
        self.totals.get_or_init(|| Totals {
            attempts: self.metrics.attempts.get_or_create_owned(&self.labels),
            request_bytes: self.metrics.request_bytes.get_or_create_owned(&self.labels),
            response_bytes: self
                .metrics
                .response_bytes
                .get_or_create_owned(&self.labels),
            seconds: self.metrics.call_seconds.get_or_create_owned(&self.labels),
        })
    }

    fn outcome(&self, source: Source, fault: Option<Fault>) -> &Counter {
        let column = fault.map_or(0, |fault| fault as usize + 1);
        let row = match source {
            Source::Vendor => 0,
            Source::Wharf => Fault::ALL.len() + 1,
        };
        self.outcomes[row + column].get_or_init(|| {
            let labels = self.outcome_labels(source, fault);
            self.metrics.calls.get_or_create_owned(&labels)
        })
    }

    fn outcome_labels(&self, source: Source, fault: Option<Fault>) -> OutcomeLabels {
        OutcomeLabels {
            integration: self.labels.integration.clone(),
            environment: self.labels.environment.clone(),
            operation: self.labels.operation.clone(),
            source: source.as_str(),
            outcome: fault.map_or("success", Fault::as_str),
        }
    }

    /// Takes everything that was counted here out of the metrics. The meter must not count again.
    pub(crate) fn remove_series(&self) {
        let (metrics, labels) = (&self.metrics, &self.labels);
        let faults = || std::iter::once(None).chain(Fault::ALL.into_iter().map(Some));
        for source in [Source::Vendor, Source::Wharf] {
            for fault in faults() {
                metrics.calls.remove(&self.outcome_labels(source, fault));
            }
        }
        for family in [
            &metrics.attempts,
            &metrics.alerts,
            &metrics.request_bytes,
            &metrics.response_bytes,
            &metrics.deprecated_answers,
        ] {
            family.remove(labels);
        }
        metrics.call_seconds.remove(labels);
    }
}

/// Counts one call when it is dropped, which is when the answer's body has ended or the caller
/// has gone away. A call that never got this far counts as the caller's doing.
pub(crate) struct Meter {
    operation: Arc<OperationMeter>,
    started: Instant,
    in_flight: Gauge<i64, AtomicI64>,
    pub(crate) source: Source,
    pub(crate) fault: Option<Fault>,
    pub(crate) attempts: u32,
    pub(crate) response_bytes: u64,
    caller: Arc<Caller>,
    /// Still read from while the answer flows already.
    body: CallBody,
}

impl Meter {
    pub(crate) fn start(
        operation: &Arc<OperationMeter>,
        caller: &Arc<Caller>,
        body: &CallBody,
        started: Instant,
    ) -> Self {
        let in_flight = operation.metrics.calls_in_flight.clone();
        in_flight.inc();
        Self {
            operation: Arc::clone(operation),
            started,
            in_flight,
            caller: Arc::clone(caller),
            body: body.clone(),
            source: Source::Wharf,
            fault: Some(Fault::Caller),
            attempts: 0,
            response_bytes: 0,
        }
    }

    /// How far the request's body has come.
    pub(crate) fn upload(&self) -> Option<Upload> {
        self.body.upload()
    }

    /// Notes what the vendor answered, and what the document wants to be told. `says_deprecated`:
    /// the vendor says that what was called will be gone.
    pub(crate) fn answered(
        &mut self,
        verdict: &Verdict<'_>,
        target: &Target,
        says_deprecated: bool,
    ) {
        self.source = Source::Vendor;
        self.fault = verdict.fault;
        self.alert(verdict, target);
        if says_deprecated {
            self.operation.deprecated_answer();
        }
    }

    /// Tells what the document wants to be told about an outcome.
    pub(crate) fn alert(&self, verdict: &Verdict<'_>, target: &Target) {
        if !verdict.says(Verb::Alert) {
            return;
        }
        self.operation.alert();
        tracing::warn!(
            integration = %target.integration.compiled.id,
            environment = target.environment_name(),
            operation = target.operation_id(),
            status = verdict.status,
            meaning = verdict.row.map_or("", |row| row.meaning),
            "the document asks for an alert on this outcome"
        );
    }

    /// Notes that we answer the call ourselves, and logs why.
    pub(crate) fn refused(&mut self, problem: &Problem, target: &Target) {
        self.fault = Some(problem.code.fault());
        tracing::warn!(
            integration = %target.integration.compiled.id,
            environment = target.environment_name(),
            operation = target.operation_id(),
            caller = %self.caller,
            attempts = self.attempts,
            code = problem.code.as_str(),
            detail = problem.detail,
            "call failed"
        );
    }
}

impl Drop for Meter {
    fn drop(&mut self) {
        let operation = &self.operation;
        operation.outcome(self.source, self.fault).inc();
        let totals = operation.totals();
        totals.attempts.inc_by(u64::from(self.attempts));
        totals.request_bytes.inc_by(self.body.read_bytes());
        totals.response_bytes.inc_by(self.response_bytes);
        totals.seconds.observe(self.started.elapsed().as_secs_f64());
        operation.count_caller(&self.caller);
        self.in_flight.dec();
    }
}
