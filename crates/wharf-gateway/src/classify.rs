//! Phase 7: whose fault is the outcome, and what does the document say about it?

use std::borrow::Cow;
use std::time::{Duration, SystemTime};

use http::Response;
use http::header::{CONTENT_TYPE, DATE, HeaderMap, HeaderName, RETRY_AFTER};
use serde_json::Value;
use wharf_document::model::Verb;
use wharf_net::{SendErrorKind, content};
use wharf_plan::{Answer, CompiledIntegration, MatchedRow, VendorLimits};
use wharf_policy::fault::Fault;
use wharf_policy::limit::Said;
use wharf_policy::retry::Sent;
use wharf_policy::retry_after;

use crate::dispatch::{Broken, BrokenKind, Dispatched, VendorBody};
use crate::explain;
use crate::phase::Phase;
use crate::trace::Clock;

/// Most bytes that come out of the content codings of an answer; a larger one is not understood.
const DECODED_BYTES: usize = 256 * 1024;

/// What an attempt came to.
pub(crate) struct Verdict<'a> {
    /// The status, when the vendor answered.
    pub(crate) status: Option<u16>,
    /// `None`: a success.
    pub(crate) fault: Option<Fault>,
    pub(crate) row: Option<MatchedRow<'a>>,
    pub(crate) sent: Sent,
    /// The vendor's wish.
    pub(crate) wait_at_least: Option<Duration>,
    /// What the vendor says about sending the same request again.
    pub(crate) advice: Option<bool>,
}

/// Phase 7.
pub(crate) fn phase<'a>(
    compiled: &'a CompiledIntegration,
    outcome: &Dispatched,
    clock: &mut Clock<'_>,
) -> Verdict<'a> {
    let verdict = match outcome {
        Ok(response) => answered(compiled, response, SystemTime::now),
        Err(failed) => broken(compiled, failed),
    };
    clock.done(Phase::Classify, || verdict.describe());
    verdict
}

impl Verdict<'_> {
    pub(crate) const fn is_success(&self) -> bool {
        self.fault.is_none()
    }

    pub(crate) fn says(&self, verb: Verb) -> bool {
        self.row.is_some_and(|row| row.verbs.contains(&verb))
    }

    /// For traces.
    pub(crate) fn describe(&self) -> (String, String) {
        let decision = match (self.status, self.fault) {
            (Some(status), None) => format!("success: {status}"),
            (Some(status), Some(fault)) => format!("fault of {fault}: {status}"),
            (None, fault) => format!(
                "fault of {}: no answer",
                fault.map_or("nobody", Fault::as_str)
            ),
        };
        let why = self.row.map_or_else(String::new, |row| {
            let verbs: Vec<&str> = row.verbs.iter().map(|verb| verb.as_str()).collect();
            format!("Common Errors: {} → {}", row.meaning, verbs.join(" + "))
        });
        (decision, why)
    }
}

/// Whether the body of an answer has to be looked at: rows are told apart by it, or the vendor
/// says in it when an error may be tried again. Only JSON is, so that no other stream is ever
/// held up.
pub(crate) fn needs_body<B>(compiled: &CompiledIntegration, response: &Response<B>) -> bool {
    let status = response.status();
    let tells_wait = !compiled.limits.fields.is_empty()
        && (status.is_client_error() || status.is_server_error());
    (tells_wait || compiled.errors.needs_body(status.as_u16())) && is_json(response.headers())
}

/// An answer as the rows of Common Errors ask about it.
struct Seen<'a> {
    headers: &'a HeaderMap,
    /// The body, where it was asked for, came whole and is JSON.
    body: Option<Value>,
}

impl<'a> Seen<'a> {
    fn new(compiled: &CompiledIntegration, response: &'a Response<VendorBody>) -> Self {
        let headers = response.headers();
        let body = match response.body() {
            VendorBody::Whole { bytes, .. } if needs_body(compiled, response) => {
                let decoded = content::decoded(headers, bytes, DECODED_BYTES).ok();
                decoded.and_then(|body| serde_json::from_slice(&body).ok())
            }
            VendorBody::Whole { .. } | VendorBody::Flowing { .. } => None,
        };
        Self { headers, body }
    }

    /// The vendor's own codes.
    fn codes(&self) -> impl Iterator<Item = Cow<'_, str>> {
        CODE_PLACES.iter().filter_map(|place| self.field(place))
    }

    fn field(&self, pointer: &str) -> Option<Cow<'_, str>> {
        scalar(self.body.as_ref()?.pointer(pointer)?)
    }

    /// What the vendor says about its limits. `now` is the vendor's clock.
    fn limits(&self, limits: &VendorLimits, now: SystemTime) -> Said {
        let mut said = Said::default();
        for sign in &limits.headers {
            for value in self.headers.get_all(&sign.place) {
                if let Ok(value) = value.to_str() {
                    said.hear(sign.quota, sign.meaning, value, now);
                }
            }
        }
        for sign in &limits.fields {
            if let Some(value) = self.field(&sign.place) {
                said.hear(sign.quota, sign.meaning, &value, now);
            }
        }
        said
    }
}

/// Where vendors put their own code in the JSON body of an error.
const CODE_PLACES: [&str; 10] = [
    "/error/code",
    "/error/type",
    "/error",
    "/code",
    "/type",
    "/name",
    "/errors/0/code",
    "/errors/0/type",
    "/errors/0/extensions/code",
    "/details/0/issue",
];

impl Answer for Seen<'_> {
    fn has_code(&self, code: &str) -> bool {
        self.codes().any(|found| found == code)
    }

    fn has_header(&self, name: &HeaderName, value: Option<&str>) -> bool {
        let mut lines = self.headers.get_all(name).iter();
        lines.any(|line| value.is_none_or(|value| line.as_bytes().trim_ascii() == value.as_bytes()))
    }

    fn has_field(&self, pointer: &str, value: Option<&str>) -> bool {
        let found = self.body.as_ref().and_then(|body| body.pointer(pointer));
        match (found, value) {
            (None | Some(Value::Null), _) => false,
            (Some(_), None) => true,
            (Some(found), Some(value)) => scalar(found).is_some_and(|found| found == value),
        }
    }
}

/// A text, number or truth value as documents write it.
fn scalar(value: &Value) -> Option<Cow<'_, str>> {
    match value {
        Value::String(text) => Some(Cow::Borrowed(text)),
        Value::Number(number) => Some(Cow::Owned(number.to_string())),
        Value::Bool(truth) => Some(Cow::Borrowed(if *truth { "true" } else { "false" })),
        Value::Null | Value::Array(_) | Value::Object(_) => None,
    }
}

fn is_json(headers: &HeaderMap) -> bool {
    let value = headers
        .get(CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default();
    let media_type = value
        .split(';')
        .next()
        .unwrap_or_default()
        .trim()
        .to_ascii_lowercase();
    media_type == "application/json" || media_type.ends_with("+json")
}

/// The vendor's own codes in the JSON body of an error.
pub(crate) fn codes(body: &[u8]) -> Vec<String> {
    let seen = Seen {
        headers: &HeaderMap::new(),
        body: serde_json::from_slice(body).ok(),
    };
    seen.codes().map(Cow::into_owned).collect()
}

/// Judges an answer.
pub(crate) fn answered<'a>(
    compiled: &'a CompiledIntegration,
    response: &Response<VendorBody>,
    now: impl FnOnce() -> SystemTime,
) -> Verdict<'a> {
    let status = response.status().as_u16();
    let seen = Seen::new(compiled, response);
    let row = compiled.errors.find(status, &seen);
    let fault = fault(status, row);
    let (wait_at_least, advice) = match fault {
        Some(fault) => wish(&seen, &compiled.limits, fault, now),
        None => (None, None),
    };
    Verdict {
        status: Some(status),
        fault: if row.is_some_and(|row| row.verbs.contains(&Verb::Ignore)) {
            None
        } else {
            fault
        },
        row,
        sent: Sent::Maybe,
        wait_at_least,
        advice,
    }
}

/// Whose fault an answer is. The status tells; a row that knows more about an answer than its
/// status says goes before it.
fn fault(status: u16, row: Option<MatchedRow<'_>>) -> Option<Fault> {
    let says = |verb| row.is_some_and(|row: MatchedRow<'_>| row.verbs.contains(&verb));
    match (Fault::of_status(status), row) {
        (None, Some(_)) if says(Verb::RotateKey) || says(Verb::RefreshToken) => {
            Some(Fault::Credential)
        }
        (None | Some(Fault::Caller), Some(row)) if row.specific && says(Verb::Backoff) => {
            Some(Fault::Quota)
        }
        (None, Some(_)) if says(Verb::Retry) || says(Verb::Backoff) => Some(Fault::Vendor),
        (None, Some(_)) => Some(Fault::Caller),
        (fault, _) => fault,
    }
}

/// The wait that the vendor asks for after an error, and what it says about sending the request
/// again. Its own words go first: `Retry-After`, and a finer header that the document names; then
/// the time until the limits that are used up are full again.
fn wish(
    seen: &Seen<'_>,
    limits: &VendorLimits,
    fault: Fault,
    now: impl FnOnce() -> SystemTime,
) -> (Option<Duration>, Option<bool>) {
    if !limits.tells_something() && !seen.headers.contains_key(RETRY_AFTER) {
        return (None, None);
    }
    let now = vendor_time(seen.headers).unwrap_or_else(now);
    let said = seen.limits(limits, now);
    let wait = said
        .retry_after()
        .or_else(|| retry_after(seen.headers, now))
        // Of any other error, a quota that does not tell its rest is none that was hit.
        .or_else(|| said.until_reset(fault == Fault::Quota));
    (wait, said.should_retry())
}

/// `Retry-After`. One header is allowed (RFC 9110, 10.2.3); where a machine before the vendor adds
/// its own, the longest is what suits both.
fn retry_after(headers: &HeaderMap, now: SystemTime) -> Option<Duration> {
    let values = headers.get_all(RETRY_AFTER).iter();
    values
        .filter_map(|value| retry_after::parse(value.to_str().ok()?, now))
        .max()
}

/// What the vendor's clock says. A date in `Retry-After` is meant by that clock, which need not
/// agree with ours.
fn vendor_time(headers: &HeaderMap) -> Option<SystemTime> {
    httpdate::parse_http_date(headers.get(DATE)?.to_str().ok()?).ok()
}

/// Judges an attempt without a usable answer.
pub(crate) fn broken<'a>(compiled: &'a CompiledIntegration, broken: &Broken) -> Verdict<'a> {
    let errors = &compiled.errors;
    let (fault, row) = match &broken.kind {
        BrokenKind::Send(error) => {
            let fault = explain::unsent(error.kind).fault();
            // The caller's own body is not for a row, nor are our own descriptors.
            let is_vendors = !matches!(
                error.kind,
                SendErrorKind::RequestBody | SendErrorKind::Descriptors
            );
            (fault, errors.unreachable().filter(|_| is_vendors))
        }
        BrokenKind::CallerStalled(_) => (Fault::Caller, None),
        BrokenKind::Timeout(_) => (Fault::Vendor, errors.timeout()),
        BrokenKind::Truncated(_) => (Fault::Vendor, errors.unreachable()),
    };
    Verdict {
        status: None,
        fault: Some(fault),
        row,
        sent: broken.sent,
        wait_at_least: None,
        advice: None,
    }
}

#[cfg(test)]
mod tests;
