//! Phase 9: count it.
//!
//! What is known when the head of an answer goes out is noted here. All of it is counted when the
//! call has ended (`ended.rs`).

use http::Response;

use crate::call::Call;
use crate::classify::Verdict;
use crate::dispatch::VendorBody;
use crate::ended::Ended;
use crate::headers::{Kind, Kinds};
use crate::metrics::Metrics;
use crate::phase::Phase;
use crate::problem::Problem;
use crate::trace::Clock;

/// Phase 9 for an answer of the vendor. What flows is counted when it has ended.
pub(crate) fn answered(
    call: &mut Call,
    response: &Response<VendorBody>,
    verdict: &Verdict<'_>,
    clock: &mut Clock<'_>,
) -> Kinds {
    let kinds = Kinds::of_answer(response.headers());
    call.ended.release();
    call.ended
        .answered(verdict, &call.target, kinds.has(Kind::Deprecation));
    clock.done(Phase::Meter, || {
        let caller = format!("caller {}", call.inbound.caller);
        (verdict.describe().0, caller)
    });
    kinds
}

/// Phase 9 for a call that we answer ourselves. One that was not matched has no operation to be
/// counted for.
pub(crate) fn refused(
    problem: &Problem,
    call: Option<Call>,
    metrics: &Metrics,
    clock: &mut Clock<'_>,
) -> Option<Box<Ended>> {
    let code = problem.code.as_str();
    let ended = call.map(|mut call| {
        call.ended.release();
        call.ended.refused(problem, &call.target);
        call.ended
    });
    if ended.is_none() {
        metrics.refused(code);
    }
    clock.done(Phase::Meter, || {
        (format!("fault of {}", problem.code.fault()), code.into())
    });
    ended
}
