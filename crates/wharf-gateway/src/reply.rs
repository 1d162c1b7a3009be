//! Phase 10: answer the caller, with what the vendor said or with our own words.

mod body;
mod rules;

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::header::{HeaderMap, HeaderValue};
use http::{Response, Version};
use wharf_plan::CompiledIntegration;

use crate::call::Call;
use crate::counts::Source;
use crate::dispatch::VendorBody;
use crate::ended::Ended;
use crate::headers::{self, Kinds, SERVER_TIMING, WHARF_ATTEMPTS, WHARF_SOURCE, WHARF_WARNING};
use crate::inbound::Inbound;
use crate::media_type::MediaType;
use crate::phase::Phase;
use crate::problem::Problem;
use crate::relocate::{Places, relocate};
use crate::trace::Clock;

use body::Bounds;
pub use body::{ReplyBody, StreamError};
use rules::AnswerRules;

/// Marks the answer to a call that was refused before it was matched, for whoever logs it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Refused(pub(crate) &'static str);

/// The vendor's answer, as its caller gets it. The body passes through byte for byte; of the
/// headers, what concerns the connection, other integrations or the credential is changed.
pub(crate) fn vendor(
    mut call: Call,
    response: Response<VendorBody>,
    kinds: Kinds,
    simulated: bool,
    clock: &mut Clock<'_>,
) -> Response<ReplyBody> {
    let compiled = Arc::clone(call.target.integration());
    let length = response.body().length_bytes();
    let (mut head, body) = response.into_parts();
    // Passed on, an old vendor's version would let a part look like the whole: the end of
    // the connection is all that ends a body of HTTP/1.0.
    head.version = Version::HTTP_11;
    let method = &call.inbound.method;
    headers::frame_answer(&mut head.headers, kinds, method, head.status, length);
    headers::clean_answer(&mut head.headers, kinds, simulated);
    let rules = AnswerRules::new(Arc::clone(&compiled), call.used.take());
    let secrets = rules.secrets();
    relocate(&mut head.headers, kinds, || places(&call), &secrets);
    secrets.remove_from_status_line(&mut head.extensions);
    if let Some(warning) = warning(&compiled) {
        head.headers.insert(WHARF_WARNING, warning);
    }
    let attempts = call.ended.attempts();
    mark(&mut head.headers, Source::Vendor, attempts, clock);
    let status = head.status.as_u16();
    let answer = Response::from_parts(head, vendor_body(call, body, rules));
    clock.done(Phase::Reply, || {
        (status.to_string(), "as the vendor answered".into())
    });
    answer
}

fn vendor_body(call: Call, body: VendorBody, rules: AnswerRules) -> ReplyBody {
    match body {
        VendorBody::Whole {
            bytes,
            mut trailers,
        } => {
            if let Some(trailers) = &mut trailers {
                rules.clean(trailers);
            }
            ReplyBody::whole(bytes, trailers, Some(call.ended))
        }
        VendorBody::Flowing { head, rest } => {
            let bounds = Bounds {
                patience: call.target.attempt_timeout,
                deadline: if call.deadline.fixed {
                    call.deadline.at
                } else {
                    call.deadline.longest
                },
                max_bytes: call.target.settings().max_body_bytes,
                caller: Arc::clone(&call.inbound.caller),
            };
            ReplyBody::flowing(head, rest, &bounds, rules, call.ended)
        }
    }
}

/// A problem document. `ended` goes with it; `None`: the call was refused before it was matched.
/// `warning` is about what was called.
pub(crate) fn problem(
    problem: &Problem,
    media_type: MediaType,
    ended: Option<Box<Ended>>,
    warning: Option<HeaderValue>,
    clock: &mut Clock<'_>,
) -> Response<ReplyBody> {
    let attempts = ended.as_ref().map_or(0, |ended| ended.attempts());
    let mut response = problem.response(attempts, media_type);
    if ended.is_none() {
        let refused = Refused(problem.code.as_str());
        response.extensions_mut().insert(refused);
    }
    if let Some(warning) = warning {
        response.headers_mut().insert(WHARF_WARNING, warning);
    }
    mark(response.headers_mut(), Source::Wharf, attempts, clock);
    let status = response.status().as_u16();
    clock.done(Phase::Reply, || {
        (status.to_string(), problem.detail.clone())
    });
    response.map(|bytes: Bytes| ReplyBody::whole(bytes, None, ended))
}

/// Between which URLs the references in an answer are mapped.
fn places(call: &Call) -> Option<Places> {
    let base = call.target.base_url();
    let asked = &call.inbound.asked;
    let (rest, query) = (asked.rest(), asked.query().unwrap_or_default());
    let separator = if query.is_empty() { "" } else { "?" };
    let request = format!("{base}{rest}{separator}{query}");
    let places = Places::new(&request, &base, local_base(&call.inbound).as_deref())?;
    Some(places.reached_at(call.inbound.reached.here))
}

/// The URL under which the caller reaches the integration: what it called, less the path.
fn local_base(inbound: &Inbound) -> Option<String> {
    let host = inbound.reached.host.as_ref()?.to_str().ok()?;
    let first = inbound.asked.path().split('/').nth(1)?;
    Some(format!(
        "{}://{host}/{first}",
        headers::caller_scheme(&inbound.headers)
    ))
}

/// What callers are told of an integration whose document is deprecated.
pub(crate) fn warning(integration: &CompiledIntegration) -> Option<HeaderValue> {
    let reason = integration.deprecated.as_ref()?;
    let without_reason = || HeaderValue::from_static("this integration is deprecated");
    if reason.is_empty() {
        return Some(without_reason());
    }
    let text = format!("this integration is deprecated: {reason}");
    Some(HeaderValue::from_str(&text).unwrap_or_else(|_| without_reason()))
}

/// Adds what every reply carries: who answered, how many attempts, and where the time went.
fn mark(headers: &mut HeaderMap, source: Source, attempts: u32, clock: &Clock<'_>) {
    headers.insert(WHARF_SOURCE, HeaderValue::from_static(source.as_str()));
    headers.insert(WHARF_ATTEMPTS, count(attempts));
    let vendor = clock.spent()[Phase::Dispatch as usize];
    let waiting = clock.spent()[Phase::Recover as usize];
    let own = clock
        .elapsed()
        .saturating_sub(vendor)
        .saturating_sub(waiting);
    let mut timing = Timing::default();
    timing.push("wharf;dur=", own);
    timing.push(", dispatch;dur=", vendor);
    // Also where the attempt that was waited for did not come.
    if !waiting.is_zero() {
        timing.push(", recover;dur=", waiting);
    }
    if let Ok(value) = HeaderValue::from_bytes(timing.text()) {
        // Appended, because the vendor's own timings are of interest too.
        headers.append(SERVER_TIMING, value);
    }
}

/// A small number, which nearly always is a single digit.
fn count(number: u32) -> HeaderValue {
    const DIGITS: [&str; 10] = ["0", "1", "2", "3", "4", "5", "6", "7", "8", "9"];
    let digit = usize::try_from(number)
        .ok()
        .and_then(|number| DIGITS.get(number));
    digit.map_or_else(|| number.into(), |digit| HeaderValue::from_static(digit))
}

/// A value of `Server-Timing` while it is written: every call has one, so it costs no formatting
/// and one allocation.
struct Timing {
    text: [u8; Self::ROOM],
    length: usize,
}

impl Default for Timing {
    fn default() -> Self {
        Self {
            text: [0; Self::ROOM],
            length: 0,
        }
    }
}

impl Timing {
    /// More than three names with the longest numbers take.
    const ROOM: usize = 144;

    fn text(&self) -> &[u8] {
        self.text.get(..self.length).unwrap_or_default()
    }

    fn add(&mut self, bytes: &[u8]) {
        let end = self.length + bytes.len();
        if let Some(room) = self.text.get_mut(self.length..end) {
            room.copy_from_slice(bytes);
            self.length = end;
        }
    }

    /// One entry, in milliseconds with three decimals.
    fn push(&mut self, name: &str, duration: Duration) {
        self.add(name.as_bytes());
        let mut microseconds = u64::try_from(duration.as_micros()).unwrap_or(u64::MAX);
        // From the end: three decimals, the point, and at least one digit before it.
        let mut digits = [0; 24];
        let mut start = digits.len();
        for (place, digit) in digits.iter_mut().rev().enumerate() {
            if place > 4 && microseconds == 0 {
                break;
            }
            start -= 1;
            if place == 3 {
                *digit = b'.';
                continue;
            }
            *digit = b'0' + u8::try_from(microseconds % 10).unwrap_or_default();
            microseconds /= 10;
        }
        self.add(digits.get(start..).unwrap_or_default());
    }
}

#[cfg(test)]
mod tests;
