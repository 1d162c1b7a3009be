//! The life of a call, from top to bottom.
//!
//! Each phase has a file of its own, named like the phase. The names are the same in metrics
//! (`wharf_phase_duration_seconds_total`), in traces (`wharf call`) and in the documentation.
//! Numbers 3, look up (the response cache), and 4, admit (limits and budgets), are left free for two
//! phases that are not built. They will stand between match and authorise.

use std::sync::Arc;

use http::{Request, Response};
use wharf_net::Client;
use wharf_plan::CompiledIntegration;
use wharf_policy::retry::Sent;

use crate::authorise;
use crate::body::{CallerBody, OutgoingBody};
use crate::call::{Arrived, Call};
use crate::classify::{self, Verdict};
use crate::dispatch::{self, VendorBody};
use crate::explain;
use crate::identify;
use crate::inbound::CameOver;
use crate::matching;
use crate::media_type::MediaType;
use crate::meter;
use crate::problem::Problem;
use crate::recover::{self, Next, Progress};
use crate::reply::{self, ReplyBody};
use crate::snapshot::{Handle, Shared};
use crate::trace::{Clock, Trace};

/// Serves calls; one per worker, each with connections of its own.
#[derive(Clone)]
pub struct Engine {
    shared: Arc<Shared>,
    client: Client<OutgoingBody>,
}

/// What a call came to: what the vendor answered, or what its caller is told instead.
type Outcome<'a> = Result<(Response<VendorBody>, Verdict<'a>), Problem>;

impl Engine {
    /// An engine that shares plan, callers and metrics with others.
    pub fn new(handle: &Handle, client: Client<OutgoingBody>) -> Self {
        Self {
            shared: Arc::clone(&handle.shared),
            client,
        }
    }

    pub(crate) const fn client(&self) -> &Client<OutgoingBody> {
        &self.client
    }

    /// The id of the integration that a URL names, where there is one.
    pub(crate) fn served(&self, uri: &http::Uri) -> Option<String> {
        let snapshot = self.shared.snapshot.load();
        let named = snapshot.named(uri)?;
        Some(named.compiled.id.to_string())
    }

    /// Serves one call that begins inside the program. Never fails: what goes wrong becomes the
    /// answer.
    ///
    /// Dropping the future abandons the call: its connection to the vendor is closed, over HTTP/2
    /// its stream reset.
    pub async fn call(
        &self,
        request: Request<CallerBody>,
        trace: &mut Trace,
    ) -> Response<ReplyBody> {
        self.serve(request, CameOver::Nothing, trace).await
    }

    /// Serves one call, wherever it came from.
    pub(crate) async fn serve(
        &self,
        request: Request<CallerBody>,
        came_over: CameOver,
        trace: &mut Trace,
    ) -> Response<ReplyBody> {
        let mut clock = Clock::start(trace);
        let arrived = Arrived::new(request, came_over);
        let media_type = arrived.media_type();
        let mut call = match self.begin(arrived, &mut clock) {
            Ok(call) => call,
            Err(problem) => return self.refuse(&problem, media_type, None, &mut clock),
        };
        let compiled = Arc::clone(call.target.integration());
        let outcome = self.attempts(&mut call, &compiled, &mut clock).await;
        let (response, verdict) = match outcome {
            Ok(answered) => answered,
            Err(problem) => return self.refuse(&problem, media_type, Some(call), &mut clock),
        };
        // 9. meter: count it.
        let kinds = meter::answered(&mut call, &response, &verdict, &mut clock);
        // 10. reply: pass on what the vendor said.
        let answer = reply::vendor(call, response, kinds, self.shared.simulated, &mut clock);
        self.shared.metrics.add_up(clock.spent());
        answer
    }

    /// Phases 1 and 2. Before its caller is known, a call is asked for no more than the integration
    /// that it names, and its token.
    fn begin(&self, arrived: Arrived, clock: &mut Clock<'_>) -> Result<Call, Problem> {
        // A call sees one snapshot, whatever is reloaded meanwhile. What it needs of it goes on
        // in the call; the rest must not be held back by calls that last.
        let snapshot = self.shared.snapshot.load();
        let named = snapshot.named(&arrived.head.uri);
        // 1. identify: whose token is it?
        let identified = identify::phase(&snapshot, named, &arrived, clock)?;
        // 2. match: which integration, environment and operation is meant?
        matching::phase(&self.shared, &snapshot, named, arrived, identified, clock)
    }

    /// Phases 5 to 8, once per attempt, until an outcome stands.
    ///
    /// Every connection has room for this future as long as it lives, and is slow where that is
    /// much. So what few calls come to is boxed.
    async fn attempts<'t>(
        &self,
        call: &mut Call,
        compiled: &'t CompiledIntegration,
        clock: &mut Clock<'_>,
    ) -> Outcome<'t> {
        call.target.environment.budget.deposit();
        let mut progress = Progress::default();
        let mut sent = Sent::Nothing;
        loop {
            clock.begin_attempt();
            // It may have been removed while a retry was waited for.
            call.ensure_let_in(sent)?;
            // 5. authorise: put the real credential in.
            let (credential, hop) = authorise::phase(call, clock).await?;
            // 6. dispatch: send it, and wait for the head of the answer.
            let outcome = dispatch::phase(&self.client, call, compiled, hop, clock).await?;
            sent = dispatch::sent(&outcome);
            call.ensure_let_in(sent)?;
            // 7. classify: whose fault is it, and what does the document say?
            let verdict = classify::phase(compiled, &outcome, clock);
            if verdict.is_success()
                && let Ok(response) = outcome
            {
                return explain::ensure_fits(call, response, verdict);
            }
            // 8. recover: try again, wait, or give up.
            let next = recover::phase(call, &credential, &verdict, &mut progress, clock);
            match Box::pin(next).await {
                Next::Stop(stop) => return explain::ending(call, outcome, stop, verdict),
                next => {
                    // The answer's connection must not be held while the next attempt is waited for.
                    drop(outcome);
                    Box::pin(recover::wait(next, &verdict, call, clock)).await;
                }
            }
        }
    }

    /// Phases 9 and 10 for a call that we answer ourselves. `call`: `None` where it is not known
    /// what is called.
    fn refuse(
        &self,
        problem: &Problem,
        media_type: MediaType,
        call: Option<Call>,
        clock: &mut Clock<'_>,
    ) -> Response<ReplyBody> {
        let compiled = call.as_ref().map(|call| call.target.integration());
        let warning = compiled.and_then(|compiled| reply::warning(compiled));
        // 9. meter: count it.
        let ended = meter::refused(problem, call, &self.shared.metrics, clock);
        // 10. reply: say what is wrong.
        let answer = reply::problem(problem, media_type, ended, warning, clock);
        self.shared.metrics.add_up(clock.spent());
        answer
    }
}
