//! What is counted of the calls of one operation.

use std::collections::HashSet;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use arc_swap::ArcSwap;
use wharf_policy::fault::Fault;

use crate::lookup::Lookup;
use crate::metrics::{
    CallerLabels, CallsInFlight, Counter, Histogram, Metrics, OperationLabels, OutcomeLabels,
};

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

/// What a call that has ended took.
pub(crate) struct Counts {
    pub(crate) attempts: u32,
    pub(crate) request_bytes: u64,
    pub(crate) response_bytes: u64,
    /// From the end of its head to the end of its answer.
    pub(crate) duration: Duration,
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

    pub(crate) fn calls_in_flight(&self) -> &CallsInFlight {
        &self.metrics.calls_in_flight
    }

    /// Counts a call that has ended.
    pub(crate) fn count(
        &self,
        source: Source,
        fault: Option<Fault>,
        caller: &str,
        counts: &Counts,
    ) {
        self.outcome(source, fault).inc();
        let totals = self.totals();
        totals.attempts.inc_by(u64::from(counts.attempts));
        totals.request_bytes.inc_by(counts.request_bytes);
        totals.response_bytes.inc_by(counts.response_bytes);
        totals.seconds.observe(counts.duration);
        self.count_caller(caller);
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
