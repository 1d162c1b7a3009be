//! Phase 6: send the request, and wait for the head of the answer.

mod ahead;
mod clock;

use std::pin::pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, Request, Response};
use http_body::Body;
use tokio::time::Instant;
use wharf_net::{Client, Origin, ReplyError, SendError, SendErrorKind};
use wharf_plan::CompiledIntegration;
use wharf_policy::retry::Sent;

use crate::body::{CallBody, OutgoingBody};
use crate::call::Call;
use crate::causes::with_causes;
use crate::classify;
use crate::explain;
use crate::hop::Hop;
use crate::phase::Phase;
use crate::problem::{Code, Problem};
use crate::trace::Clock;

use clock::AttemptClock;

/// The body of a vendor's answer.
pub(crate) enum VendorBody {
    /// Read to its end.
    Whole {
        bytes: Bytes,
        trailers: Option<HeaderMap>,
    },
    /// Still flowing; what was read ahead comes first.
    Flowing {
        head: Option<Bytes>,
        rest: wharf_net::ReplyBody<OutgoingBody>,
    },
}

impl VendorBody {
    pub(crate) const fn whole(bytes: Bytes) -> Self {
        Self::Whole {
            bytes,
            trailers: None,
        }
    }

    /// The whole length in bytes, as the message was framed; `None` when only its end will tell,
    /// or trailers come behind it.
    pub(crate) fn length_bytes(&self) -> Option<u64> {
        match self {
            Self::Whole {
                bytes,
                trailers: None,
            } => Some(bytes.len() as u64),
            Self::Whole { .. } => None,
            // What was read ahead no longer counts in what is left.
            Self::Flowing { head, rest } => {
                let head = head.as_ref().map_or(0, Bytes::len) as u64;
                rest.size_hint().exact()?.checked_add(head)
            }
        }
    }
}

/// An attempt that gave no usable answer.
#[derive(Debug)]
pub(crate) struct Broken {
    pub(crate) kind: BrokenKind,
    pub(crate) sent: Sent,
}

#[derive(Debug)]
pub(crate) enum BrokenKind {
    /// No answer came.
    Send(SendError),
    /// The time for one attempt, or what was left of the call's, was over before the answer, or
    /// the part of it that is read ahead, had come.
    Timeout(Duration),
    /// The caller stopped in the middle of its body, for this long.
    CallerStalled(Duration),
    /// The answer's body broke off while it was read ahead.
    Truncated(ReplyError),
}

impl Broken {
    /// What happened, with its causes; for messages and traces.
    pub(crate) fn reason(&self) -> String {
        match &self.kind {
            BrokenKind::Timeout(after) => {
                format!("no whole answer within {:.3} s", after.as_secs_f64())
            }
            BrokenKind::CallerStalled(after) => format!(
                "the caller sent nothing more of its body for {:.3} s",
                after.as_secs_f64()
            ),
            // Its causes are not told: the vendor may have written them.
            BrokenKind::Truncated(error) => format!("the answer broke off: {error}"),
            BrokenKind::Send(error) => with_causes(error),
        }
    }
}

/// What came of one attempt.
pub(crate) type Dispatched = Result<Response<VendorBody>, Broken>;

/// Phase 6. Fails where there is nowhere to send it.
pub(crate) async fn phase(
    client: &Client<OutgoingBody>,
    call: &mut Call,
    compiled: &CompiledIntegration,
    hop: Hop,
    clock: &mut Clock<'_>,
) -> Result<Dispatched, Problem> {
    let origin = call.target.environment.origin.as_ref().ok_or_else(|| {
        Problem::refused(
            Code::EnvironmentNotConfigured,
            "the environment has no usable endpoint",
        )
    })?;
    let outgoing = Outgoing {
        client,
        origin,
        connect_timeout: call.target.settings().connect_timeout,
        compiled,
    };
    if call.ended.attempts() == 0 {
        // What we took until here is not the vendor's: its first attempt has the whole timeout.
        call.deadline = call.deadline.later(clock.lap() - clock.started());
    }
    call.ended.attempt();
    let attempt_clock = AttemptClock::start(
        Instant::from_std(clock.lap()),
        call.target.attempt_timeout,
        call.deadline,
        &call.inbound.body,
        &call.inbound.caller,
    );
    let outcome = attempt(&outgoing, hop, &call.inbound.body, &attempt_clock).await;
    call.deadline = attempt_clock.deadline();
    clock.done(Phase::Dispatch, || explain::dispatched(&outcome, origin));
    Ok(outcome)
}

/// What an attempt needs beside its hop.
struct Outgoing<'a> {
    client: &'a Client<OutgoingBody>,
    origin: &'a Origin,
    connect_timeout: Duration,
    compiled: &'a CompiledIntegration,
}

/// Makes one attempt, and reads as much of its answer as has to be known before it is passed on.
///
/// No `async fn`, here and in `head`: it would keep its arguments twice for as long as it waits.
fn attempt<'a>(
    outgoing: &'a Outgoing<'_>,
    hop: Hop,
    body: &CallBody,
    clock: &'a AttemptClock<'_>,
) -> impl Future<Output = Dispatched> {
    let mut request = Request::new(body.for_attempt());
    *request.method_mut() = hop.method;
    *request.uri_mut() = hop.uri;
    *request.headers_mut() = hop.headers;
    async move {
        let response = head(outgoing, request, clock).await?;
        let look = classify::needs_body(outgoing.compiled, &response);
        ahead::read(response, clock, look).await
    }
}

/// Sends a request, and waits for the head of its answer.
fn head<'a>(
    outgoing: &'a Outgoing<'_>,
    request: Request<OutgoingBody>,
    clock: &'a AttemptClock<'_>,
) -> impl Future<Output = Result<wharf_net::Reply<OutgoingBody>, Broken>> {
    let Outgoing {
        client,
        origin,
        connect_timeout,
        ..
    } = *outgoing;
    async move {
        let handed_over = AtomicBool::new(false);
        let sending = pin!(client.send(origin, request, connect_timeout, &handed_over));
        match clock.within(sending, None).await {
            Ok(Ok(response)) => Ok(response),
            Ok(Err(error)) => Err(Broken {
                sent: sent_before(&error),
                kind: BrokenKind::Send(error),
            }),
            Err(_) => {
                let handed_over = handed_over.load(Ordering::Relaxed);
                Err(clock.broken(if handed_over {
                    Sent::Maybe
                } else {
                    Sent::Nothing
                }))
            }
        }
    }
}

/// Whether the vendor can have got the request.
pub(crate) fn sent(outcome: &Dispatched) -> Sent {
    outcome
        .as_ref()
        .map_or_else(|broken| broken.sent, |_| Sent::Maybe)
}

fn sent_before(error: &SendError) -> Sent {
    match error.kind {
        SendErrorKind::Refused => Sent::NotProcessed,
        _ if error.wrote => Sent::Maybe,
        _ => Sent::Nothing,
    }
}
