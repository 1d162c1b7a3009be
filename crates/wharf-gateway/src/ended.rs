//! The end of a call: one value that goes with it into the body of its answer, and settles when that
//! ends, however it does.
//!
//! What a call holds or owes hangs here, so that no way out can forget a part: an answer that came
//! whole, one that broke off, a refusal, a caller that went away in any phase. It is settled in one
//! order: the meters first; what limits, budgets, the breaker, facts and the cache need goes behind
//! them, in this order.

use std::fmt;
use std::sync::Arc;
use std::time::Instant;

use wharf_document::model::Verb;
use wharf_policy::fault::Fault;

use crate::body::{CallBody, Upload};
use crate::caller::Caller;
use crate::classify::Verdict;
use crate::counts::{Counts, OperationMeter, Source};
use crate::problem::Problem;
use crate::target::Target;

/// A call that has not ended yet. One that is dropped before anybody answered it was given up by
/// its caller.
pub(crate) struct Ended {
    meter: Arc<OperationMeter>,
    started: Instant,
    caller: Arc<Caller>,
    /// Still read from while the answer flows already.
    body: CallBody,
    source: Source,
    fault: Option<Fault>,
    attempts: u32,
    response_bytes: u64,
    /// An answer is on its way whose end has not come.
    flows: bool,
}

impl Ended {
    pub(crate) fn new(
        meter: &Arc<OperationMeter>,
        caller: &Arc<Caller>,
        body: &CallBody,
        started: Instant,
    ) -> Self {
        meter.calls_in_flight().inc();
        Self {
            meter: Arc::clone(meter),
            started,
            caller: Arc::clone(caller),
            body: body.clone(),
            source: Source::Wharf,
            fault: Some(Fault::Caller),
            attempts: 0,
            response_bytes: 0,
            flows: false,
        }
    }

    /// How far the request's body has come.
    pub(crate) fn upload(&self) -> Option<Upload> {
        self.body.upload()
    }

    pub(crate) const fn attempts(&self) -> u32 {
        self.attempts
    }

    /// One more attempt begins.
    pub(crate) const fn attempt(&mut self) {
        self.attempts += 1;
    }

    /// No attempt follows: what was kept of the request for one is let go.
    pub(crate) fn release(&self) {
        self.body.release();
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
            self.meter.deprecated_answer();
        }
    }

    /// Tells what the document wants to be told about an outcome.
    pub(crate) fn alert(&self, verdict: &Verdict<'_>, target: &Target) {
        if !verdict.says(Verb::Alert) {
            return;
        }
        self.meter.alert();
        tracing::warn!(
            integration = %target.integration().id,
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
            integration = %target.integration().id,
            environment = target.environment_name(),
            operation = target.operation_id(),
            caller = %self.caller,
            attempts = self.attempts,
            code = problem.code.as_str(),
            detail = problem.detail,
            "call failed"
        );
    }

    /// From now on the answer flows. Dropped before [`Ended::finished`], it was given up by its
    /// caller.
    pub(crate) const fn flows(&mut self) {
        self.flows = true;
    }

    /// A piece of the answer is passed on.
    pub(crate) const fn passed(&mut self, bytes: usize) {
        self.response_bytes += bytes as u64;
    }

    /// The answer has come to its end.
    pub(crate) const fn finished(&mut self) {
        self.flows = false;
    }

    /// The answer broke off. The outcome was known when its head was sent, and is another one now.
    pub(crate) fn broke(&mut self, fault: Fault, error: &impl fmt::Display) {
        // A request that broke off takes its answer along.
        let is_callers = self.body.failure().is_some();
        self.fault = Some(if is_callers { Fault::Caller } else { fault });
        tracing::warn!(%error, bytes = self.response_bytes, "answer broke off after its head was sent");
    }
}

impl Drop for Ended {
    fn drop(&mut self) {
        if self.flows {
            self.fault = Some(Fault::Caller);
        }
        self.meter.count(
            self.source,
            self.fault,
            &self.caller,
            &Counts {
                attempts: self.attempts,
                request_bytes: self.body.read_bytes(),
                response_bytes: self.response_bytes,
                duration: self.started.elapsed(),
            },
        );
        self.meter.calls_in_flight().dec();
    }
}
