//! Phase 7: whose fault is the outcome, and what does the document say about it?

use std::time::{Duration, SystemTime};

use http::Response;
use http::header::{CONTENT_TYPE, DATE, HeaderMap, RETRY_AFTER};
use serde_json::Value;
use wharf_document::model::Verb;
use wharf_plan::{ErrorTable, MatchedRow};
use wharf_policy::fault::Fault;
use wharf_policy::retry::Sent;
use wharf_policy::retry_after;

use crate::coding;
use crate::dispatch::{Broken, BrokenKind, VendorBody};
use crate::explain;

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
}

impl Verdict<'_> {
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

/// Whether the body of an answer has to be looked at, since only the vendor's own code tells rows
/// apart. Codes are looked for in JSON only, so that no other stream is ever held up.
pub(crate) fn needs_body<B>(table: &ErrorTable, response: &Response<B>) -> bool {
    table.needs_detail(response.status().as_u16()) && is_json(response.headers())
}

/// The vendor's codes in an answer that was read to its end; none where they are not needed.
fn details(table: &ErrorTable, response: &Response<VendorBody>) -> Vec<String> {
    match response.body() {
        VendorBody::Whole { bytes, .. } if needs_body(table, response) => {
            coding::decoded(response.headers(), bytes).map_or_else(Vec::new, |body| codes(&body))
        }
        VendorBody::Whole { .. } | VendorBody::Flowing { .. } => Vec::new(),
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

/// The vendor's own codes in a JSON error body: at the places where vendors put them.
pub(crate) fn codes(body: &[u8]) -> Vec<String> {
    let Ok(body) = serde_json::from_slice::<Value>(body) else {
        return Vec::new();
    };
    [
        "/error/code",
        "/error/type",
        "/error",
        "/code",
        "/type",
        "/errors/0/code",
        "/errors/0/type",
    ]
    .into_iter()
    .filter_map(|pointer| match body.pointer(pointer)? {
        Value::String(code) => Some(code.clone()),
        Value::Number(code) => Some(code.to_string()),
        _ => None,
    })
    .collect()
}

/// Judges an answer.
pub(crate) fn answered<'a>(
    table: &'a ErrorTable,
    response: &Response<VendorBody>,
    now: impl FnOnce() -> SystemTime,
) -> Verdict<'a> {
    let status = response.status().as_u16();
    let row = table.find(status, &details(table, response));
    let fault = Fault::of_status(status).or_else(|| row.map(fault_of_row));
    let wait_at_least = fault.and_then(|_| wish(response.headers(), now));
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
    }
}

/// The wait that the vendor asks for. One header is allowed (RFC 9110, 10.2.3); where a machine
/// before the vendor adds its own, the longest is what suits both.
fn wish(headers: &HeaderMap, now: impl FnOnce() -> SystemTime) -> Option<Duration> {
    let mut values = headers.get_all(RETRY_AFTER).iter().peekable();
    values.peek()?;
    let now = vendor_time(headers).unwrap_or_else(now);
    values
        .filter_map(|value| retry_after::parse(value.to_str().ok()?, now))
        .max()
}

/// What the vendor's clock says. A date in `Retry-After` is meant by that clock, which need not
/// agree with ours.
fn vendor_time(headers: &HeaderMap) -> Option<SystemTime> {
    httpdate::parse_http_date(headers.get(DATE)?.to_str().ok()?).ok()
}

/// An error that came with a success status: what the row does about it tells whose fault it is.
fn fault_of_row(row: MatchedRow<'_>) -> Fault {
    let says = |verbs: &[Verb]| row.verbs.iter().any(|verb| verbs.contains(verb));
    if says(&[Verb::RotateKey, Verb::RefreshToken]) {
        Fault::Credential
    } else if says(&[Verb::Retry, Verb::Backoff]) {
        Fault::Vendor
    } else {
        Fault::Caller
    }
}

/// Judges an attempt without a usable answer.
pub(crate) const fn broken<'a>(broken: &Broken) -> Verdict<'a> {
    let fault = match &broken.kind {
        BrokenKind::Send(error) => explain::unsent(error.kind).fault(),
        BrokenKind::CallerStalled(_) => Fault::Caller,
        BrokenKind::Timeout(_) | BrokenKind::Truncated(_) => Fault::Vendor,
    };
    Verdict {
        status: None,
        fault: Some(fault),
        row: None,
        sent: broken.sent,
        wait_at_least: None,
    }
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, SystemTime};

    use http::HeaderMap;
    use http::header::{DATE, RETRY_AFTER};

    use super::{codes, wish};

    #[test]
    fn of_several_waits_the_longest_counts() {
        let day = "Fri, 27 Nov 2026 10:00:";
        let date = format!("{day}40 GMT");
        let cases: [(&[&str], Option<u64>); 6] = [
            (&[], None),
            (&["soon"], None),
            (&["1", "20"], Some(20)),
            (&["20", "1"], Some(20)),
            (&["5", "soon"], Some(5)),
            (&["5", &date, "10"], Some(30)),
        ];
        for (values, seconds) in cases {
            let mut headers = HeaderMap::new();
            headers.insert(DATE, format!("{day}10 GMT").parse().unwrap());
            for value in values {
                headers.append(RETRY_AFTER, value.parse().unwrap());
            }
            let wait = wish(&headers, || SystemTime::UNIX_EPOCH);
            assert_eq!(wait, seconds.map(Duration::from_secs), "{values:?}");
        }
    }

    #[test]
    fn codes_are_found_where_vendors_put_them() {
        let cases = [
            (
                r#"{"error":{"code":"insufficient_quota","type":"quota"}}"#,
                vec!["insufficient_quota", "quota"],
            ),
            (
                r#"{"ok":false,"error":"invalid_auth"}"#,
                vec!["invalid_auth"],
            ),
            (r#"{"code":20003,"message":"x"}"#, vec!["20003"]),
            (r#"{"errors":[{"code":"X"}]}"#, vec!["X"]),
            (r#"{"error":null}"#, vec![]),
            ("not json", vec![]),
            ("", vec![]),
        ];
        for (body, expected) in cases {
            assert_eq!(codes(body.as_bytes()), expected, "{body}");
        }
    }
}
