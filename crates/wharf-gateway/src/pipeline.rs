//! The life of a call, from top to bottom.
//!
//! Each phase has a file of its own, named like the phase. The names are the same in metrics
//! (`wharf_phase_duration_seconds`), in traces (`wharf call`) and in the documentation.
//! Two phases of the full design are not part of this version: 3, look up (the response cache),
//! and 4, admit (limits and budgets). They will stand between match and authorise.

use std::sync::Arc;
use std::time::SystemTime;

use http::{Request, Response, request};
use tokio::time::Instant;
use wharf_net::Client;
use wharf_plan::CompiledIntegration;
use wharf_policy::retry::{Sent, Stop};

use crate::authorise::CredentialState;
use crate::body::{CallerBody, OutgoingBody};
use crate::classify::{self, Verdict};
use crate::dispatch::{self, AttemptClock, Broken, Deadline, Outgoing, VendorBody};
use crate::explain;
use crate::headers::{Kind, Kinds};
use crate::hop::Hop;
use crate::identify;
use crate::inbound::{CameOver, Inbound, Reached};
use crate::matching::{self, Address, LONGEST_CALL, Target};
use crate::media_type::MediaType;
use crate::meter::Meter;
use crate::phase::Phase;
use crate::problem::{Code, Problem};
use crate::recover::{self, Next, Situation};
use crate::reply::{self, ReplyBody};
use crate::snapshot::{Handle, Shared, Snapshot};
use crate::trace::{Clock, Trace};

/// Serves calls; one per worker, each with connections of its own.
#[derive(Clone)]
pub struct Engine {
    shared: Arc<Shared>,
    client: Client<OutgoingBody>,
}

/// A call once it is matched: what the caller sent, where it goes, and how far it has come.
pub(crate) struct Call {
    pub(crate) inbound: Inbound,
    pub(crate) target: Target,
    pub(crate) deadline: Deadline,
    /// What the last attempt was authorised with.
    pub(crate) used: Option<Arc<CredentialState>>,
    pub(crate) meter: Box<Meter>,
}

/// How the attempts of a call ended.
#[expect(
    clippy::large_enum_variant,
    reason = "lives on the stack for a moment; a box would cost every call"
)]
enum Ending<'a> {
    Answer(Response<VendorBody>, Verdict<'a>),
    Broken(Broken, Stop, Verdict<'a>),
}

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
        let (id, _) = snapshot
            .integrations
            .get_key_value(Address::of(uri).integration)?;
        Some(id.clone())
    }

    /// Serves one call that begins inside the program. Never fails: what goes wrong becomes the
    /// answer.
    ///
    /// Dropping the future abandons the call; its connection to the vendor is closed.
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
        let snapshot = self.shared.snapshot.load_full();
        let (head, body) = request.into_parts();
        let kinds = Kinds::of_request(&head.headers);
        let media_type = if kinds.has(Kind::Negotiation) {
            MediaType::wanted(&head.headers)
        } else {
            MediaType::Problem
        };

        // 1 and 2. identify and match: who calls, and what is meant?
        let mut call = match self.begin(&snapshot, head, kinds, body, came_over, &mut clock) {
            Ok(call) => call,
            Err(problem) => return self.refuse(&problem, media_type, None, &mut clock),
        };
        // 5 to 8. authorise, dispatch, classify and recover, until an outcome stands.
        let integration = Arc::clone(&call.target.integration);
        let ending = match self
            .attempts(&mut call, &integration.compiled, &mut clock)
            .await
        {
            Ok(ending) => ending,
            Err(problem) => return self.refuse(&problem, media_type, Some(call), &mut clock),
        };
        // 9 and 10. meter and reply: count it, and answer the caller.
        match ending {
            Ending::Answer(response, verdict) => {
                self.answer(call, media_type, response, &verdict, &mut clock)
            }
            Ending::Broken(broken, stop, verdict) => {
                call.meter.alert(&verdict, &call.target);
                let problem =
                    explain::explain(&call.inbound, &call.target, call.deadline, &broken, &stop);
                self.refuse(&problem, media_type, Some(call), &mut clock)
            }
        }
    }

    /// Phases 1 and 2. Nothing of a call is looked at before its caller is known.
    fn begin(
        &self,
        snapshot: &Snapshot,
        head: request::Parts,
        kinds: Kinds,
        body: CallerBody,
        came_over: CameOver,
        clock: &mut Clock<'_>,
    ) -> Result<Call, Problem> {
        let address = Address::of(&head.uri);
        let named = snapshot.integrations.get(address.integration);
        let identified = identify::caller(
            &snapshot.callers,
            &head.headers,
            head.uri.query(),
            snapshot.placements(named),
        )?;
        clock.done(Phase::Identify, || {
            let caller = identified.caller.to_string();
            (caller, "the token is registered".into())
        });

        let logged = |problem: Problem| {
            let id = named.map(|integration| integration.compiled.id.as_str());
            explain::log_unmatched(&problem, id, &identified.caller);
            problem
        };
        matching::can_be_forwarded(&head, kinds).map_err(logged)?;
        let to = Reached::of(&head, came_over)?;
        let target = matching::target(
            snapshot,
            named,
            &address,
            &head.method,
            &head.headers,
            kinds,
        )
        .map_err(logged)?;
        let limit = target.settings().max_body_bytes;
        if let (Some(limit), Some(length)) = (limit, body.size_hint().exact())
            && length > limit
        {
            return Err(explain::too_large(limit));
        }
        let inbound = Inbound::new(head, kinds, body, identified, to, &target, &self.shared)?;
        let started = Instant::from_std(clock.started());
        let operation = target.environment().meter(target.operation);
        let meter = Meter::start(operation, &inbound.caller, &inbound.body, clock.started());
        let call = Call {
            deadline: Deadline {
                at: started + target.deadline,
                fixed: target.caller_deadline,
                longest: started + LONGEST_CALL,
            },
            used: None,
            meter: Box::new(meter),
            inbound,
            target,
        };
        clock.done(Phase::Match, || {
            let target = &call.target;
            let name = format!(
                "{}@{}",
                target.integration.compiled.id,
                target.environment_name()
            );
            (
                format!("{name} {}", target.operation_id()),
                format!("{} {}", call.inbound.method, call.inbound.asked.rest()),
            )
        });
        Ok(call)
    }

    /// Phases 5 to 8, once per attempt.
    async fn attempts<'t>(
        &self,
        call: &mut Call,
        compiled: &'t CompiledIntegration,
        clock: &mut Clock<'_>,
    ) -> Result<Ending<'t>, Problem> {
        let integration = Arc::clone(&call.target.integration);
        integration.budget.deposit();
        let (mut retries, mut replayed, mut sent) = (0, false, Sent::Nothing);
        loop {
            clock.begin_attempt();
            // It may have been removed while a retry was waited for.
            Self::still_let_in(call, sent)?;

            // 5. authorise: put the real credential in.
            let (credential, hop) = Self::authorised(call, clock)?;

            // 6. dispatch: send it, and wait for the head of the answer.
            let outcome = self.sent(call, compiled, hop, clock).await?;
            sent = outcome
                .as_ref()
                .map_or_else(|broken| broken.sent, |_| Sent::Maybe);
            Self::still_let_in(call, sent)?;

            // 7. classify: whose fault is it, and what does the document say?
            let verdict = match &outcome {
                Ok(response) => classify::answered(compiled, response, SystemTime::now),
                Err(broken) => classify::broken(compiled, broken),
            };
            clock.done(Phase::Classify, || verdict.describe());
            let outcome = match outcome {
                Ok(response) if verdict.fault.is_none() => {
                    return Ok(Ending::Answer(response, verdict));
                }
                outcome => outcome,
            };

            // 8. recover: try again, wait, or give up.
            let situation = Situation {
                target: &call.target,
                used: &credential,
                body: &call.inbound.body,
                repeatable: call.inbound.repeatable,
                retries,
                deadline: call.deadline.at,
                replayed,
            };
            let next = recover::next(&verdict, &situation).await;
            match (&next, outcome) {
                (Next::Stop(stop), outcome) => {
                    clock.done(Phase::Recover, || {
                        next.describe(&verdict, call.inbound.repeatable)
                    });
                    return Ok(match outcome {
                        Ok(response) => Ending::Answer(response, verdict),
                        Err(broken) => Ending::Broken(broken, *stop, verdict),
                    });
                }
                (Next::Replay, _) => replayed = true,
                (Next::Retry { after, .. }, outcome) => {
                    // The answer's connection must not be held during the wait.
                    drop(outcome);
                    retries += 1;
                    tokio::time::sleep(*after).await;
                }
            }
            clock.done(Phase::Recover, || {
                next.describe(&verdict, call.inbound.repeatable)
            });
        }
    }

    /// Phase 5: the request of one attempt, and the credential that it carries.
    fn authorised(
        call: &mut Call,
        clock: &mut Clock<'_>,
    ) -> Result<(Arc<CredentialState>, Hop), Problem> {
        let credential = call.target.environment().credential.load_full();
        call.used = Some(Arc::clone(&credential));
        let hop = Hop::new(&call.inbound, &call.target, &credential);
        clock.done(Phase::Authorise, || {
            let problem = hop.as_ref().err();
            let why = problem.map_or_else(String::new, |problem| problem.detail.clone());
            (credential.describe(), why)
        });
        Ok((credential, hop?))
    }

    /// Phase 6: what came of one attempt.
    async fn sent(
        &self,
        call: &mut Call,
        compiled: &CompiledIntegration,
        hop: Hop,
        clock: &mut Clock<'_>,
    ) -> Result<Result<Response<VendorBody>, Broken>, Problem> {
        let origin = call.target.environment().origin.as_ref().ok_or_else(|| {
            Problem::refused(
                Code::EnvironmentNotConfigured,
                "the environment has no usable endpoint",
            )
        })?;
        let outgoing = Outgoing {
            client: &self.client,
            origin,
            connect_timeout: call.target.settings().connect_timeout,
            compiled,
        };
        call.meter.attempts += 1;
        let attempt_clock = AttemptClock::start(
            Instant::from_std(clock.lap()),
            call.target.attempt_timeout,
            call.deadline,
            &call.inbound,
        );
        let outcome = dispatch::attempt(&outgoing, hop, &call.inbound.body, &attempt_clock).await;
        call.deadline = attempt_clock.deadline();
        clock.done(Phase::Dispatch, || explain::dispatched(&outcome, origin));
        Ok(outcome)
    }

    /// Nothing is sent for, and nothing given to, a caller that was removed since the call began.
    fn still_let_in(call: &Call, sent: Sent) -> Result<(), Problem> {
        if call.inbound.caller.is_removed() {
            return Err(explain::caller_removed(&call.inbound, sent));
        }
        Ok(())
    }

    /// Phases 9 and 10 for an answer of the vendor. It passes through byte for byte.
    fn answer(
        &self,
        mut call: Call,
        media_type: MediaType,
        response: Response<VendorBody>,
        verdict: &Verdict<'_>,
        clock: &mut Clock<'_>,
    ) -> Response<ReplyBody> {
        call.inbound.body.release();
        let limit = call.target.settings().max_body_bytes;
        if let (Some(limit), Some(length)) = (limit, response.body().length_bytes())
            && length > limit
        {
            let problem =
                explain::answer_too_large(&call.inbound, &call.target, verdict, length, limit);
            return self.refuse(&problem, media_type, Some(call), clock);
        }

        // 9. meter: count it. What flows is counted when it has ended.
        let kinds = Kinds::of_answer(response.headers());
        let says_deprecated = kinds.has(Kind::Deprecation);
        call.meter.answered(verdict, &call.target, says_deprecated);
        clock.done(Phase::Meter, || {
            let caller = format!("caller {}", call.inbound.caller);
            (verdict.describe().0, caller)
        });

        // 10. reply: answer the caller.
        let answer = reply::vendor(call, response, kinds, self.shared.simulated, clock);
        clock.done(Phase::Reply, || {
            (
                format!("{}", answer.status().as_u16()),
                "as the vendor answered".into(),
            )
        });
        self.add_up(clock);
        answer
    }

    /// Phases 9 and 10 for a call that we answer ourselves.
    fn refuse(
        &self,
        problem: &Problem,
        media_type: MediaType,
        call: Option<Call>,
        clock: &mut Clock<'_>,
    ) -> Response<ReplyBody> {
        let code = problem.code.as_str();
        let compiled = call.as_ref().map(|call| &call.target.integration.compiled);
        let warning = compiled.and_then(|compiled| reply::warning(compiled));
        // 9. meter: count it, where it is known what is called.
        let meter = call.map(|mut call| {
            call.inbound.body.release();
            call.meter.refused(problem, &call.target);
            call.meter
        });
        if meter.is_none() {
            self.shared.metrics.refused(code);
        }
        clock.done(Phase::Meter, || {
            (format!("fault of {}", problem.code.fault()), code.into())
        });

        // 10. reply: say what is wrong.
        let answer = reply::problem(problem, media_type, meter, warning, clock);
        clock.done(Phase::Reply, || {
            (
                format!("{}", answer.status().as_u16()),
                problem.detail.clone(),
            )
        });
        self.add_up(clock);
        answer
    }

    fn add_up(&self, clock: &Clock<'_>) {
        for (counter, spent) in self.shared.metrics.phase_seconds.iter().zip(clock.spent()) {
            if !spent.is_zero() {
                counter.inc_by(spent.as_secs_f64());
            }
        }
    }
}
