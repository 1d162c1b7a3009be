//! The life of a call, from top to bottom.
//!
//! Each phase has a file of its own, named like the phase. The names are the same in metrics
//! (`wharf_phase_duration_seconds`), in traces (`wharf call`) and in the documentation.
//! Two phases of the full design are not part of this version: 3, look up (the response cache),
//! and 4, admit (limits and budgets). They will stand between match and authorise.

use std::borrow::Cow;
use std::sync::Arc;
use std::time::SystemTime;

use bytes::Bytes;
use http::header::{HOST, HeaderValue};
use http::{Request, Response, Version, request};
use tokio::time::Instant;
use wharf_net::Client;
use wharf_policy::retry::{Repeatable, Stop};

use crate::authorise::CredentialState;
use crate::body::{Allowance, CallBody, CallerBody, OutgoingBody};
use crate::classify::{self, Verdict};
use crate::dispatch::{self, AttemptClock, Broken, Deadline, Outgoing, VendorBody};
use crate::explain;
use crate::headers::{self, WHARF_WARNING};
use crate::hop::Hop;
use crate::identify::{self, TrailerRules};
use crate::inbound::Inbound;
use crate::matching::{self, Address, LONGEST_CALL, Target};
use crate::media_type::MediaType;
use crate::meter::{Meter, Source};
use crate::phase::Phase;
use crate::problem::{Code, Problem};
use crate::recover::{self, Next, Situation};
use crate::relocate::{AnswerRules, Places, relocate};
use crate::reply::{self, Bounds, ReplyBody};
use crate::snapshot::{Handle, Shared, Snapshot};
use crate::trace::{Clock, Trace};

/// Serves calls; one per worker, each with connections of its own.
#[derive(Clone)]
pub struct Engine {
    shared: Arc<Shared>,
    client: Client<OutgoingBody>,
}

/// Marks the answer to a call that was refused before it was matched, for whoever logs it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Refused(pub(crate) &'static str);

/// A call once it is matched: what the caller sent, where it goes, and how far it has come.
struct Call {
    inbound: Inbound,
    target: Target,
    deadline: Deadline,
    /// What the last attempt was authorised with.
    used: Option<Arc<CredentialState>>,
    meter: Box<Meter>,
}

/// How the attempts of a call ended.
#[expect(
    clippy::large_enum_variant,
    reason = "lives on the stack for a moment; a box would cost every call"
)]
enum Ending<'a> {
    Answer(Response<VendorBody>, Verdict<'a>),
    Broken(Broken, Stop),
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

    /// Serves one call. Never fails: what goes wrong becomes the answer.
    ///
    /// Dropping the future abandons the call; its connection to the vendor is closed.
    pub async fn call(
        &self,
        request: Request<CallerBody>,
        trace: &mut Trace,
    ) -> Response<ReplyBody> {
        let mut clock = Clock::start(trace);
        let snapshot = self.shared.snapshot.load_full();
        let (head, body) = request.into_parts();
        let media_type = MediaType::wanted(&head.headers);

        // 1 and 2. identify and match: who calls, and what is meant?
        let mut call = match self.begin(&snapshot, head, body, &mut clock) {
            Ok(call) => call,
            Err(problem) => return self.refuse(&problem, media_type, None, &mut clock),
        };
        // 5 to 8. authorise, dispatch, classify and recover, until an outcome stands.
        let integration = Arc::clone(&call.target.integration);
        let ending = match self
            .attempts(&mut call, &integration.compiled.errors, &mut clock)
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
            Ending::Broken(broken, stop) => {
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
        body: CallerBody,
        clock: &mut Clock<'_>,
    ) -> Result<Call, Problem> {
        let address = Address::of(&head.uri);
        let identify::Identified { caller, token } = identify::caller(
            &snapshot.callers,
            &head.headers,
            head.uri.query(),
            snapshot.placements(address.integration),
        )?;
        clock.done(Phase::Identify, || {
            (caller.to_string(), "the token is registered".into())
        });

        matching::can_be_forwarded(&head.method, &head.headers)?;
        let target = matching::target(snapshot, &address, &head.method, &head.headers)?;
        let compiled = &target.integration.compiled;
        if let (Some(limit), Some(length)) = (compiled.max_body_bytes, body.size_hint().exact())
            && length > limit
        {
            return Err(explain::too_large(limit));
        }
        let rest = target.rest(address.rest).to_owned();
        if token.stands_in(rest.as_bytes()) {
            return Err(matching::token_in_path());
        }
        let query = identify::query_without_credentials(
            head.uri.query().unwrap_or_default(),
            &compiled.placements,
            &token,
        );
        let query = Cow::into_owned(query);
        let mut headers = head.headers;
        let host = headers.get(HOST).cloned();
        identify::remove_credentials(&mut headers, &compiled.placements);
        token.remove_from(&mut headers);
        headers::clean_request(&mut headers, self.shared.simulated);
        headers::frame_request(&mut headers, body.size_hint().exact());
        let repeatable = Repeatable {
            method: head.method.is_idempotent(),
            operation: target.is_idempotent(),
            key: compiled
                .idempotency_header
                .as_ref()
                .is_some_and(|name| headers::is_given(&headers, name)),
        };
        let body = CallBody::new(
            body,
            Allowance {
                keep: compiled.may_repeat(),
                limit_bytes: compiled.max_body_bytes,
                budget: &self.shared.kept,
                trailers: TrailerRules::new(&compiled.placements, token),
            },
        );
        let started = Instant::from_std(clock.started());
        let operation = target.environment().meter(target.operation);
        let call = Call {
            deadline: Deadline {
                at: started + target.deadline,
                fixed: target.caller_deadline,
                longest: started + LONGEST_CALL,
            },
            used: None,
            meter: Box::new(Meter::start(operation, &caller, &body, clock.started())),
            inbound: Inbound {
                caller,
                method: head.method,
                headers,
                uri: head.uri,
                host,
                rest,
                query,
                body,
                repeatable,
            },
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
                format!("{} {}", call.inbound.method, call.inbound.rest),
            )
        });
        Ok(call)
    }

    /// Phases 5 to 8, once per attempt.
    async fn attempts<'t>(
        &self,
        call: &mut Call,
        table: &'t wharf_plan::ErrorTable,
        clock: &mut Clock<'_>,
    ) -> Result<Ending<'t>, Problem> {
        let integration = Arc::clone(&call.target.integration);
        integration.budget.deposit();
        let (mut retries, mut replayed) = (0, false);
        loop {
            clock.begin_attempt();

            // 5. authorise: put the real credential in.
            let environment = call.target.environment();
            let credential = environment.credential.load_full();
            call.used = Some(Arc::clone(&credential));
            let hop = Hop::new(&call.inbound, &call.target, &credential);
            clock.done(Phase::Authorise, || {
                let problem = hop.as_ref().err();
                let why = problem.map_or_else(String::new, |problem| problem.detail.clone());
                (credential.describe(), why)
            });
            let hop = hop?;

            // 6. dispatch: send it, and wait for the head of the answer.
            let origin = environment.origin.as_ref().ok_or_else(|| {
                Problem::refused(
                    Code::EnvironmentNotConfigured,
                    "the environment has no usable endpoint",
                )
            })?;
            let outgoing = Outgoing {
                client: &self.client,
                origin,
                connect_timeout: integration.compiled.connect_timeout,
                table,
            };
            call.meter.attempts += 1;
            let attempt_clock = AttemptClock::start(
                call.target.attempt_timeout,
                call.deadline,
                &call.inbound.body,
            );
            let outcome =
                dispatch::attempt(&outgoing, hop, &call.inbound.body, &attempt_clock).await;
            call.deadline = attempt_clock.deadline();
            clock.done(Phase::Dispatch, || explain::dispatched(&outcome, origin));

            // 7. classify: whose fault is it, and what does the document say?
            let verdict = match &outcome {
                Ok(response) => classify::answered(table, response, SystemTime::now),
                Err(broken) => classify::broken(broken),
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
                        Err(broken) => Ending::Broken(broken, *stop),
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

    /// Phases 9 and 10 for an answer of the vendor. It passes through byte for byte.
    fn answer(
        &self,
        mut call: Call,
        media_type: MediaType,
        response: Response<VendorBody>,
        verdict: &Verdict<'_>,
        clock: &mut Clock<'_>,
    ) -> Response<ReplyBody> {
        let compiled = Arc::clone(&call.target.integration.compiled);
        call.inbound.body.release();
        let length = response.body().length_bytes();
        if let (Some(limit), Some(length)) = (compiled.max_body_bytes, length)
            && length > limit
        {
            let problem =
                explain::answer_too_large(&call.inbound, &call.target, verdict, length, limit);
            return self.refuse(&problem, media_type, Some(call), clock);
        }

        // 9. meter: count it. What flows is counted when it has ended.
        call.meter.answered(verdict, &call.target, &response);
        clock.done(Phase::Meter, || {
            let caller = format!("caller {}", call.inbound.caller);
            (verdict.describe().0, caller)
        });

        // 10. reply: answer the caller.
        let (mut head, body) = response.into_parts();
        // Passed on, an old vendor's version would let a part look like the whole: the end of
        // the connection is all that ends a body of HTTP/1.0.
        head.version = Version::HTTP_11;
        headers::frame_answer(&mut head.headers, &call.inbound.method, head.status, length);
        headers::clean_answer(&mut head.headers, self.shared.simulated);
        let rules = AnswerRules::new(Arc::clone(&compiled), call.used.take());
        relocate(&mut head.headers, || places(&call), &rules.secrets());
        if let Some(reason) = &compiled.deprecated {
            head.headers
                .insert(WHARF_WARNING, deprecation_warning(reason));
        }
        reply::mark(
            &mut head.headers,
            Source::Vendor,
            call.meter.attempts,
            clock,
        );
        let body = match body {
            VendorBody::Whole {
                bytes,
                mut trailers,
            } => {
                if let Some(trailers) = &mut trailers {
                    rules.clean(trailers);
                }
                ReplyBody::whole(bytes, trailers, Some(call.meter))
            }
            VendorBody::Flowing { head, rest } => {
                let bounds = Bounds {
                    patience: call.target.attempt_timeout,
                    deadline: if call.deadline.fixed {
                        call.deadline.at
                    } else {
                        call.deadline.longest
                    },
                    max_bytes: compiled.max_body_bytes,
                    caller: Arc::clone(&call.inbound.caller),
                };
                ReplyBody::flowing(head, rest, &bounds, rules, call.meter)
            }
        };
        clock.done(Phase::Reply, || {
            (
                format!("{}", head.status.as_u16()),
                "as the vendor answered".into(),
            )
        });
        self.add_up(clock);
        Response::from_parts(head, body)
    }

    /// Phases 9 and 10 for a call that we answer ourselves.
    fn refuse(
        &self,
        problem: &Problem,
        media_type: MediaType,
        call: Option<Call>,
        clock: &mut Clock<'_>,
    ) -> Response<ReplyBody> {
        let mut meter = None;
        let code = problem.code.as_str();
        if let Some(mut call) = call {
            call.meter.fault = Some(problem.code.fault());
            call.inbound.body.release();
            let compiled = &call.target.integration.compiled;
            tracing::warn!(
                integration = %compiled.id,
                environment = call.target.environment_name(),
                operation = call.target.operation_id(),
                caller = %call.inbound.caller,
                attempts = call.meter.attempts,
                code,
                detail = problem.detail,
                "call failed"
            );
            meter = Some(call.meter);
        } else {
            self.shared.metrics.refused(code);
        }
        clock.done(Phase::Meter, || {
            (format!("fault of {}", problem.code.fault()), code.into())
        });
        let attempts = meter.as_ref().map_or(0, |meter| meter.attempts);
        let mut response = problem.response(attempts, media_type);
        if meter.is_none() {
            response.extensions_mut().insert(Refused(code));
        }
        reply::mark(response.headers_mut(), Source::Wharf, attempts, clock);
        clock.done(Phase::Reply, || {
            (
                format!("{}", response.status().as_u16()),
                problem.detail.clone(),
            )
        });
        self.add_up(clock);
        response.map(|bytes: Bytes| ReplyBody::whole(bytes, None, meter))
    }

    fn add_up(&self, clock: &Clock<'_>) {
        for (counter, spent) in self.shared.metrics.phase_seconds.iter().zip(clock.spent()) {
            if !spent.is_zero() {
                counter.inc_by(spent.as_secs_f64());
            }
        }
    }
}

/// Between which URLs the references in an answer are mapped.
fn places(call: &Call) -> Option<Places> {
    let base = call.target.base_url();
    let Inbound { rest, query, .. } = &call.inbound;
    let separator = if query.is_empty() { "" } else { "?" };
    let request = format!("{base}{rest}{separator}{query}");
    Places::new(&request, &base, local_base(&call.inbound).as_deref())
}

/// The URL under which the caller reaches the integration: what it called, less the path.
fn local_base(inbound: &Inbound) -> Option<String> {
    let host = inbound.host.as_ref()?.to_str().ok()?;
    let first = inbound.uri.path().split('/').nth(1)?;
    // Anything else in it could make the URL another's, or hide a part of it.
    if host.contains(['/', '\\', '?', '#', '@', ' ', '\t']) {
        return None;
    }
    Some(format!(
        "{}://{host}/{first}",
        headers::caller_scheme(&inbound.headers)
    ))
}

fn deprecation_warning(reason: &str) -> HeaderValue {
    let text = format!("this integration is deprecated: {reason}");
    HeaderValue::from_str(&text)
        .unwrap_or_else(|_| HeaderValue::from_static("this integration is deprecated"))
}
