//! What is said of the end of a call: to its caller, and in its trace.

use std::time::Duration;

use http::Response;
use tokio::time::Instant;
use wharf_net::{Origin, SendErrorKind};
use wharf_policy::retry::{Sent, Stop};

use crate::body::BodyError;
use crate::call::Call;
use crate::classify::Verdict;
use crate::deadline::Deadline;
use crate::dispatch::{Broken, BrokenKind, Dispatched, VendorBody};
use crate::inbound::Inbound;
use crate::problem::{Code, Problem};
use crate::target::Target;

/// What the caller gets when no other attempt follows: the vendor's answer, or what is wrong.
pub(crate) fn ending<'a>(
    call: &Call,
    outcome: Dispatched,
    stop: Stop,
    verdict: Verdict<'a>,
) -> Result<(Response<VendorBody>, Verdict<'a>), Problem> {
    match outcome {
        Ok(response) => ensure_fits(call, response, verdict),
        Err(broken) => {
            call.ended.alert(&verdict, &call.target);
            let Call {
                inbound,
                target,
                deadline,
                ..
            } = call;
            Err(explain(inbound, target, *deadline, &broken, &stop))
        }
    }
}

/// The answer again, unless it is known to be larger than the document allows.
pub(crate) fn ensure_fits<'a>(
    call: &Call,
    response: Response<VendorBody>,
    verdict: Verdict<'a>,
) -> Result<(Response<VendorBody>, Verdict<'a>), Problem> {
    let limit = call.target.settings().max_body_bytes;
    if let (Some(limit), Some(length)) = (limit, response.body().length_bytes())
        && length > limit
    {
        call.ended.alert(&verdict, &call.target);
        let (inbound, target) = (&call.inbound, &call.target);
        return Err(answer_too_large(inbound, target, &verdict, length, limit));
    }
    Ok((response, verdict))
}

/// Turns the end of a call without an answer into what its caller is told.
fn explain(
    inbound: &Inbound,
    target: &Target,
    deadline: Deadline,
    broken: &Broken,
    stop: &Stop,
) -> Problem {
    let retry_safe = inbound.repeatable.safety(broken.sent).is_safe();
    let failure = inbound.body.failure();
    if failure == Some(BodyError::TooLarge) {
        let limit = target.settings().max_body_bytes;
        return Problem {
            sent: broken.sent,
            retry_safe,
            ..too_large(limit.unwrap_or_default())
        };
    }
    let retry_after_seconds = match stop {
        Stop::DeadlineTooClose { wait } => Some(whole_seconds(*wait)),
        _ => None,
    };
    let detail = if failure.is_some() {
        // Neither the vendor nor the document has a part in it.
        let what = cut_short(broken, failure);
        format!("{what}; nothing is repeated without the whole body")
    } else {
        format!(
            "{}: {}; no other attempt: {stop}",
            origin(target),
            broken.reason()
        )
    };
    let past_deadline = deadline.fixed && Instant::now() >= deadline.at;
    let code = code(broken, failure, past_deadline);
    let remedy = match code {
        Code::DescriptorsExhausted => "; raise `ulimit -n` or lower `max_connections`",
        _ => "",
    };
    Problem {
        code,
        detail: detail + remedy,
        sent: broken.sent,
        retry_safe,
        retry_after_seconds,
    }
}

/// A wait for `Retry-After`: never shorter than it is, and never none.
fn whole_seconds(wait: Duration) -> u64 {
    let begun = u64::from(wait.subsec_nanos() > 0);
    wait.as_secs().saturating_add(begun).max(1)
}

/// How the caller's body ended before its end, in our own words.
fn cut_short(broken: &Broken, failure: Option<BodyError>) -> String {
    match (&broken.kind, failure) {
        (BrokenKind::CallerStalled(_), _) | (_, None) => broken.reason(),
        (_, Some(failure)) => failure.to_string(),
    }
}

fn origin(target: &Target) -> String {
    target
        .environment
        .origin
        .as_ref()
        .map_or_else(String::new, ToString::to_string)
}

fn code(broken: &Broken, failure: Option<BodyError>, past_deadline: bool) -> Code {
    match (&broken.kind, failure) {
        (BrokenKind::CallerStalled(_), _) | (_, Some(BodyError::Stalled)) => Code::RequestStalled,
        (_, Some(_)) => Code::RequestBroken,
        (BrokenKind::Timeout(_) | BrokenKind::Truncated(_), None) if past_deadline => {
            Code::DeadlineExceeded
        }
        (BrokenKind::Timeout(_), None) => Code::AttemptTimeout,
        (BrokenKind::Truncated(_), None) => Code::VendorTruncated,
        (BrokenKind::Send(error), None) => unsent(error.kind),
    }
}

/// What its caller is told of a request that got no answer. Whose fault it is follows from this,
/// in traces, metrics and the answer.
pub(crate) const fn unsent(kind: SendErrorKind) -> Code {
    match kind {
        SendErrorKind::Dns
        | SendErrorKind::Connect
        | SendErrorKind::Tls
        | SendErrorKind::ConnectTimeout
        | SendErrorKind::Busy => Code::VendorUnreachable,
        SendErrorKind::Descriptors => Code::DescriptorsExhausted,
        SendErrorKind::Closed | SendErrorKind::Refused => Code::VendorClosed,
        SendErrorKind::Protocol | SendErrorKind::HeadTooLarge => Code::VendorInvalid,
        SendErrorKind::RequestBody => Code::RequestBroken,
    }
}

/// Logs what is no mistake of the request and ends it before it is matched, where libraries of
/// vendors may hide the words from whoever called. `integration`: the one that was named.
pub(crate) fn log_unmatched(problem: &Problem, integration: Option<&str>, caller: &str) {
    if problem.code.status().is_server_error() {
        tracing::warn!(
            integration = integration.unwrap_or("unknown"),
            caller,
            attempts = 0,
            code = problem.code.as_str(),
            detail = problem.detail,
            "call failed"
        );
    }
}

/// The caller was removed while its call was under way.
pub(crate) fn caller_removed(inbound: &Inbound, sent: Sent) -> Problem {
    Problem {
        sent,
        retry_safe: inbound.repeatable.safety(sent).is_safe(),
        ..Problem::refused(
            Code::UnknownCaller,
            "the caller was removed while its call was under way",
        )
    }
}

/// A request body over the document's `max_body`.
pub(crate) fn too_large(limit: u64) -> Problem {
    Problem::refused(
        Code::RequestTooLarge,
        format!("the document's `max_body` allows {limit} bytes"),
    )
}

/// A vendor's answer over the document's `max_body`.
fn answer_too_large(
    inbound: &Inbound,
    target: &Target,
    verdict: &Verdict<'_>,
    length: u64,
    limit: u64,
) -> Problem {
    let id = &target.integration().id;
    Problem {
        sent: verdict.sent,
        retry_safe: inbound.repeatable.safety(verdict.sent).is_safe(),
        ..Problem::refused(
            Code::AnswerTooLarge,
            format!("the answer has {length} bytes; `max_body` of {id} allows {limit}"),
        )
    }
}

/// For traces: what an attempt came to.
pub(crate) fn dispatched(outcome: &Dispatched, origin: &Origin) -> (String, String) {
    let decision = match outcome {
        Ok(response) => format!("{} from {origin}", response.status().as_u16()),
        Err(broken) => format!("no answer from {origin}: {}", broken.reason()),
    };
    let why = outcome.as_ref().err().map_or_else(String::new, |broken| {
        format!("sent: {}", broken.sent.as_str())
    });
    (decision, why)
}

#[cfg(test)]
mod tests;
