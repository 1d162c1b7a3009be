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
use http::header::{CONTENT_LENGTH, HOST, HeaderMap, HeaderValue};
use http::{Request, Response, Version, request};
use tokio::time::Instant;
use wharf_document::model::Verb;
use wharf_net::{Client, SendErrorKind};
use wharf_policy::retry::{Repeatable, Stop};

use crate::body::{BodyError, CallBody, CallerBody, OutgoingBody};
use crate::classify::{self, Verdict};
use crate::dispatch::{self, Broken, BrokenKind, Outgoing, VendorBody};
use crate::headers::{WHARF_WARNING, clean_request, remove_hop_by_hop};
use crate::identify;
use crate::matching::{self, Address, LONGEST_CALL, Target};
use crate::meter::{Meter, Source, count_caller};
use crate::phase::Phase;
use crate::problem::{Code, Problem};
use crate::recover::{self, Next, Situation};
use crate::relocate::relocate;
use crate::reply::{self, Bounds, ReplyBody};
use crate::snapshot::{Handle, Shared, Snapshot};
use crate::trace::{Clock, Trace};

/// Serves calls; one per worker, each with connections of its own.
#[derive(Clone)]
pub struct Engine {
    shared: Arc<Shared>,
    client: Client<OutgoingBody>,
}

/// What is known about a call once it is matched.
struct Call {
    target: Target,
    caller: Arc<str>,
    method: http::Method,
    headers: HeaderMap,
    /// As the caller sent it, and the host it was sent to.
    uri: http::Uri,
    host: Option<HeaderValue>,
    rest: String,
    query: String,
    body: CallBody,
    deadline: Instant,
    repeatable: Repeatable,
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

        // 1 and 2. identify and match: who calls, and what is meant?
        let mut call = match self.begin(&snapshot, head, body, &mut clock) {
            Ok(call) => call,
            Err(problem) => return self.refuse(&problem, None, &mut clock),
        };
        // 5 to 8. authorise, dispatch, classify and recover, until an outcome stands.
        let integration = Arc::clone(&call.target.integration);
        let ending = match self
            .attempts(&mut call, &integration.compiled.errors, &mut clock)
            .await
        {
            Ok(ending) => ending,
            Err(problem) => return self.refuse(&problem, Some(call), &mut clock),
        };
        // 9 and 10. meter and reply: count it, and answer the caller.
        match ending {
            Ending::Answer(response, verdict) => self.answer(call, response, &verdict, &mut clock),
            Ending::Broken(broken, stop) => {
                let problem = explain(&call, &broken, &stop);
                self.refuse(&problem, Some(call), &mut clock)
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
        let placements = snapshot
            .integrations
            .get(address.integration)
            .map_or(&[][..], |integration| &integration.compiled.placements);
        let caller = identify::caller(
            &snapshot.callers,
            &head.headers,
            head.uri.query(),
            placements,
        )?;
        clock.done(Phase::Identify, || {
            (caller.to_string(), "the token is registered".into())
        });

        let target = matching::target(snapshot, &address, &head.method, &head.headers)?;
        let compiled = &target.integration.compiled;
        if let (Some(limit), Some(length)) = (compiled.max_body_bytes, body.size_hint().exact())
            && length > limit
        {
            return Err(too_large(limit));
        }
        let rest = address.rest.to_owned();
        let query =
            identify::query_without_credentials(head.uri.query().unwrap_or_default(), placements);
        let query = Cow::into_owned(query);
        let mut headers = head.headers;
        let host = headers.get(HOST).cloned();
        identify::remove_credentials(&mut headers, &compiled.placements);
        clean_request(&mut headers, self.shared.simulated);
        if let Some((name, value)) = &compiled.version_header
            && !headers.contains_key(name)
        {
            headers.insert(name.clone(), value.clone());
        }
        let repeatable = Repeatable {
            method: head.method.is_idempotent(),
            operation: target.is_idempotent(),
            key: compiled
                .idempotency_header
                .as_ref()
                .is_some_and(|name| headers.contains_key(name)),
        };
        let meter = target.environment().meter(target.operation);
        let call = Call {
            body: CallBody::new(body, compiled.max_body_bytes, &self.shared.kept),
            deadline: Instant::from_std(clock.started()) + target.deadline,
            meter: Box::new(Meter::start(meter, &self.shared.metrics, clock.started())),
            caller,
            method: head.method,
            headers,
            uri: head.uri,
            host,
            rest,
            query,
            repeatable,
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
                format!("{} {}", call.method, call.rest),
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
            if let Err(problem) = credential.put_into(&mut call.headers) {
                clock.done(Phase::Authorise, || {
                    (credential.describe(), problem.detail.clone())
                });
                return Err(problem);
            }
            let uri = dispatch::uri(
                call.target.base_path(),
                &call.rest,
                &call.query,
                &credential,
            )
            .ok_or_else(|| {
                Problem::refused(Code::PathNotAllowed, "the path is not a valid URL path")
            })?;
            clock.done(Phase::Authorise, || (credential.describe(), String::new()));

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
                method: &call.method,
                headers: &call.headers,
                uri: &uri,
                connect_timeout: integration.compiled.connect_timeout,
                attempt_timeout: call.target.attempt_timeout,
                deadline: call.deadline,
            };
            call.meter.attempts += 1;
            let outcome = dispatch::attempt(&outgoing, call.body.for_attempt()).await;
            clock.done(Phase::Dispatch, || describe_dispatch(&outcome, origin));

            // 7. classify: whose fault is it, and what does the document say?
            let left = call.deadline.saturating_duration_since(Instant::now());
            let patience = call.target.attempt_timeout.min(left);
            let outcome = classify::details(table, outcome, patience).await;
            let verdict = match &outcome {
                Ok((response, details)) => {
                    classify::answered(table, response, details, SystemTime::now)
                }
                Err(broken) => classify::broken(broken),
            };
            clock.done(Phase::Classify, || verdict.describe());
            let outcome = match outcome {
                Ok((response, _)) if verdict.fault.is_none() => {
                    return Ok(Ending::Answer(response, verdict));
                }
                outcome => outcome.map(|(response, _)| response),
            };

            // 8. recover: try again, wait, or give up.
            let situation = Situation {
                target: &call.target,
                used: &credential,
                body: &call.body,
                repeatable: call.repeatable,
                retries,
                deadline: call.deadline,
                replayed,
            };
            let next = recover::next(&verdict, &situation).await;
            match (&next, outcome) {
                (Next::Stop(stop), outcome) => {
                    clock.done(Phase::Recover, || next.describe(&verdict, call.repeatable));
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
            clock.done(Phase::Recover, || next.describe(&verdict, call.repeatable));
        }
    }

    /// Phases 9 and 10 for an answer of the vendor. It passes through byte for byte.
    fn answer(
        &self,
        mut call: Call,
        response: Response<VendorBody>,
        verdict: &Verdict<'_>,
        clock: &mut Clock<'_>,
    ) -> Response<ReplyBody> {
        let compiled = Arc::clone(&call.target.integration.compiled);
        let length = match response.body() {
            VendorBody::Whole(bytes) => Some(bytes.len() as u64),
            VendorBody::Flowing { .. } => content_length(response.headers()),
        };
        if let (Some(limit), Some(length)) = (compiled.max_body_bytes, length)
            && length > limit
        {
            let problem = Problem {
                sent: verdict.sent,
                retry_safe: call.repeatable.safety(verdict.sent).is_safe(),
                ..Problem::refused(
                    Code::AnswerTooLarge,
                    format!(
                        "the answer has {length} bytes; `max_body` of {} allows {limit}",
                        compiled.id
                    ),
                )
            };
            return self.refuse(&problem, Some(call), clock);
        }

        // 9. meter: count it. What flows is counted when it has ended.
        let meter = &mut call.meter;
        meter.source = Source::Vendor;
        meter.fault = verdict.fault;
        meter.request_bytes = call.body.read_bytes();
        let operation = call.target.environment().meter(call.target.operation);
        if verdict.says(Verb::Alert) {
            operation.alert();
            tracing::warn!(
                integration = %compiled.id,
                environment = call.target.environment_name(),
                operation = call.target.operation_id(),
                status = response.status().as_u16(),
                meaning = verdict.row.map_or("", |row| row.meaning),
                "the document asks for an alert on this answer"
            );
        }
        if response.headers().contains_key("deprecation")
            || response.headers().contains_key("sunset")
        {
            operation.deprecated_answer();
        }
        count_caller(&self.shared.metrics, &call.caller, compiled.id.as_str());
        clock.done(Phase::Meter, || {
            (verdict.describe().0, format!("caller {}", call.caller))
        });

        // 10. reply: answer the caller.
        let (mut head, body) = response.into_parts();
        // Passed on, an old vendor's version would let a part look like the whole: the end of
        // the connection is all that ends a body of HTTP/1.0.
        head.version = Version::HTTP_11;
        remove_hop_by_hop(&mut head.headers);
        relocate(
            &mut head.headers,
            || call.target.base_url(),
            || local_base(call.host.as_ref()?, &call.uri),
            &compiled.placements,
        );
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
            VendorBody::Whole(bytes) => ReplyBody::whole(bytes, Some(call.meter)),
            VendorBody::Flowing { head, rest } => {
                let longest = Instant::from_std(clock.started()) + LONGEST_CALL;
                let bounds = Bounds {
                    patience: call.target.attempt_timeout,
                    deadline: if call.target.caller_deadline {
                        call.deadline
                    } else {
                        longest
                    },
                    max_bytes: compiled.max_body_bytes,
                };
                ReplyBody::flowing(head, rest, &bounds, call.meter)
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
        call: Option<Call>,
        clock: &mut Clock<'_>,
    ) -> Response<ReplyBody> {
        let mut meter = None;
        let code = problem.code.as_str();
        if let Some(mut call) = call {
            call.meter.fault = Some(problem.code.fault());
            call.meter.request_bytes = call.body.read_bytes();
            let compiled = &call.target.integration.compiled;
            count_caller(&self.shared.metrics, &call.caller, compiled.id.as_str());
            tracing::warn!(
                integration = %compiled.id,
                environment = call.target.environment_name(),
                operation = call.target.operation_id(),
                caller = %call.caller,
                attempts = call.meter.attempts,
                code,
                detail = problem.detail,
                "call failed"
            );
            meter = Some(call.meter);
        } else {
            self.shared.metrics.refused(code);
            tracing::info!(code, "call refused");
        }
        clock.done(Phase::Meter, || {
            (format!("fault of {}", problem.code.fault()), code.into())
        });
        let attempts = meter.as_ref().map_or(0, |meter| meter.attempts);
        let mut response = problem.response(attempts);
        reply::mark(response.headers_mut(), Source::Wharf, attempts, clock);
        clock.done(Phase::Reply, || {
            (
                format!("{}", response.status().as_u16()),
                problem.detail.clone(),
            )
        });
        self.add_up(clock);
        response.map(|bytes: Bytes| ReplyBody::whole(bytes, meter))
    }

    fn add_up(&self, clock: &Clock<'_>) {
        for (counter, spent) in self.shared.metrics.phase_seconds.iter().zip(clock.spent()) {
            if !spent.is_zero() {
                counter.inc_by(spent.as_secs_f64());
            }
        }
    }
}

fn content_length(headers: &HeaderMap) -> Option<u64> {
    headers.get(CONTENT_LENGTH)?.to_str().ok()?.parse().ok()
}

/// The URL under which the caller reaches the integration: what it called, less the path.
fn local_base(host: &HeaderValue, uri: &http::Uri) -> Option<String> {
    let first = uri.path().split('/').nth(1)?;
    Some(format!("http://{}/{first}", host.to_str().ok()?))
}

fn deprecation_warning(reason: &str) -> HeaderValue {
    let text = format!("this integration is deprecated: {reason}");
    HeaderValue::from_str(&text)
        .unwrap_or_else(|_| HeaderValue::from_static("this integration is deprecated"))
}

fn too_large(limit: u64) -> Problem {
    Problem::refused(
        Code::RequestTooLarge,
        format!("the document's `max_body` allows {limit} bytes"),
    )
}

fn describe_dispatch(
    outcome: &Result<Response<VendorBody>, Broken>,
    origin: &wharf_net::Origin,
) -> (String, String) {
    let decision = match outcome {
        Ok(response) => format!("{} from {origin}", response.status().as_u16()),
        Err(broken) => format!("no answer from {origin}: {}", broken.reason()),
    };
    let why = outcome.as_ref().err().map_or_else(String::new, |broken| {
        format!("sent: {}", broken.sent.as_str())
    });
    (decision, why)
}

/// Turns the end of a call without an answer into what its caller is told.
fn explain(call: &Call, broken: &Broken, stop: &Stop) -> Problem {
    let past_deadline = call.target.caller_deadline && Instant::now() >= call.deadline;
    let code = match (&broken.kind, call.body.failure()) {
        (_, Some(BodyError::TooLarge)) => {
            let limit = call.target.integration.compiled.max_body_bytes;
            return Problem {
                sent: broken.sent,
                retry_safe: call.repeatable.safety(broken.sent).is_safe(),
                ..too_large(limit.unwrap_or_default())
            };
        }
        (_, Some(_)) => Code::RequestBroken,
        (BrokenKind::Timeout(_) | BrokenKind::Truncated, None) if past_deadline => {
            Code::DeadlineExceeded
        }
        (BrokenKind::Timeout(_), None) => Code::AttemptTimeout,
        (BrokenKind::Truncated, None) => Code::VendorTruncated,
        (BrokenKind::Send(error), None) => match error.kind {
            SendErrorKind::Dns
            | SendErrorKind::Connect
            | SendErrorKind::Tls
            | SendErrorKind::ConnectTimeout => Code::VendorUnreachable,
            SendErrorKind::Closed | SendErrorKind::Refused => Code::VendorClosed,
            SendErrorKind::Protocol => Code::VendorInvalid,
            SendErrorKind::RequestBody => Code::RequestBroken,
        },
    };
    let origin = call
        .target
        .environment()
        .origin
        .as_ref()
        .map_or_else(String::new, ToString::to_string);
    Problem {
        code,
        detail: format!("{origin}: {}; no other attempt: {stop}", broken.reason()),
        sent: broken.sent,
        retry_safe: call.repeatable.safety(broken.sent).is_safe(),
        retry_after_seconds: match stop {
            Stop::DeadlineTooClose { wait } => Some(wait.as_secs().max(1)),
            _ => None,
        },
    }
}
