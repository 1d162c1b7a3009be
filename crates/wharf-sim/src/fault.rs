//! Faults on demand: the request header `Wharf-Simulate`.

use std::collections::{HashMap, VecDeque};
use std::time::{Duration, SystemTime};

use http::StatusCode;

/// The header that asks for a fault.
pub const FAULT_HEADER: &str = "wharf-simulate";

/// What the header may say; part of the answer to a value that cannot be read.
pub const GRAMMAR: &str = "directives separated by `;`: `status=200..599`, \
    `retry-after=SECONDS` or `retry-after-date=SECONDS` (with `status`), \
    `delay=DURATION` (`250ms`, `2s`, `1m`, at most 10m), `reset` or `truncate`, and \
    `first=COUNT` (1..1000: only so many calls of the operation fail, then it recovers; \
    `run=NAME` starts another count)";

/// Separate `first=N` counts kept; the oldest is forgotten beyond that.
pub const MAX_FAULT_COUNTS: usize = 1_024;

/// As [`GRAMMAR`] says, like the next one.
const MAX_DELAY: Duration = Duration::from_secs(600);
const MAX_FIRST: u32 = 1_000;
const MAX_RETRY_AFTER_SECONDS: u64 = 86_400;

/// What a request asks to go wrong.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Fault {
    /// Answer with this status instead of the example.
    pub(crate) status: Option<StatusCode>,
    /// `Retry-After` beside that status.
    pub(crate) retry_after: Option<RetryAfter>,
    /// Wait before anything else.
    pub(crate) delay: Option<Duration>,
    /// What happens to the connection.
    pub(crate) cut: Option<Cut>,
    /// Only so many calls of the operation fail.
    first: Option<u32>,
    run: Option<String>,
}

/// How the vendor breaks off.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Cut {
    /// The connection is reset without an answer.
    Reset,
    /// The connection closes after half of the body.
    Truncate,
}

/// The two forms of `Retry-After` (RFC 9110, 10.2.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum RetryAfter {
    /// Seconds from now.
    Seconds(u64),
    /// The date so many seconds from now.
    Date(u64),
}

impl RetryAfter {
    /// The header's value.
    pub(crate) fn to_header(self, now: SystemTime) -> String {
        match self {
            Self::Seconds(seconds) => seconds.to_string(),
            Self::Date(seconds) => httpdate::fmt_http_date(now + Duration::from_secs(seconds)),
        }
    }
}

impl Fault {
    /// Reads the header's value. The error is a sentence that quotes no more than a directive.
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        let mut fault = Self::default();
        for directive in text.split(';').map(str::trim) {
            let (name, value) = match directive.split_once('=') {
                Some((name, value)) => (name.trim(), Some(value.trim())),
                None => (directive, None),
            };
            fault.read(name, value)?;
        }
        if fault.retry_after.is_some() && fault.status.is_none() {
            return Err("`retry-after` needs a `status`".to_owned());
        }
        if fault.cut == Some(Cut::Reset) && fault.status.is_some() {
            return Err("`reset` sends no answer, so `status` has no meaning".to_owned());
        }
        let does_something = fault.status.is_some() || fault.delay.is_some() || fault.cut.is_some();
        if !does_something {
            return Err("one of `status`, `delay`, `reset` or `truncate` is needed".to_owned());
        }
        if fault.run.is_some() && fault.first.is_none() {
            return Err("`run` needs `first`".to_owned());
        }
        Ok(fault)
    }

    fn read(&mut self, name: &str, value: Option<&str>) -> Result<(), String> {
        let bad = || format!("`{name}` has no such value");
        let is_new = match (name, value) {
            ("status", Some(value)) => {
                let status = value
                    .parse::<u16>()
                    .ok()
                    .filter(|status| (200..600).contains(status))
                    .and_then(|status| StatusCode::from_u16(status).ok())
                    .ok_or_else(bad)?;
                self.status.replace(status).is_none()
            }
            ("retry-after", Some(value)) => {
                let seconds = retry_after_seconds(value).ok_or_else(bad)?;
                self.retry_after
                    .replace(RetryAfter::Seconds(seconds))
                    .is_none()
            }
            ("retry-after-date", Some(value)) => {
                let seconds = retry_after_seconds(value).ok_or_else(bad)?;
                self.retry_after
                    .replace(RetryAfter::Date(seconds))
                    .is_none()
            }
            ("delay", Some(value)) => {
                let delay = parse_duration(value).ok_or_else(bad)?;
                self.delay.replace(delay).is_none()
            }
            ("first", Some(value)) => {
                let first = value
                    .parse()
                    .ok()
                    .filter(|count| (1..=MAX_FIRST).contains(count))
                    .ok_or_else(bad)?;
                self.first.replace(first).is_none()
            }
            ("run", Some(value)) if !value.is_empty() => {
                self.run.replace(value.to_owned()).is_none()
            }
            ("reset", None) => self.cut.replace(Cut::Reset).is_none(),
            ("truncate", None) => self.cut.replace(Cut::Truncate).is_none(),
            _ => return Err(format!("`{name}` is no directive of this form")),
        };
        if is_new {
            Ok(())
        } else {
            Err(format!("`{name}` contradicts an earlier directive"))
        }
    }
}

fn retry_after_seconds(text: &str) -> Option<u64> {
    text.parse()
        .ok()
        .filter(|seconds| *seconds <= MAX_RETRY_AFTER_SECONDS)
}

fn parse_duration(text: &str) -> Option<Duration> {
    let digits = text
        .find(|c: char| !c.is_ascii_digit())
        .unwrap_or(text.len());
    let (number, unit) = text.split_at(digits);
    let number: u64 = number.parse().ok()?;
    let duration = match unit {
        "ms" => Duration::from_millis(number),
        "" | "s" => Duration::from_secs(number),
        "m" => Duration::from_secs(number.checked_mul(60)?),
        _ => return None,
    };
    (duration <= MAX_DELAY).then_some(duration)
}

/// How often each `first=N` fault has struck.
#[derive(Debug, Default)]
pub(crate) struct FaultCounts {
    counts: HashMap<String, u32>,
    order: VecDeque<String>,
}

impl FaultCounts {
    /// Whether the fault strikes this call of an operation, and counts it.
    ///
    /// `operation` names the operation together with its integration and environment.
    pub(crate) fn strikes(&mut self, fault: &Fault, operation: &str) -> bool {
        let Some(first) = fault.first else {
            return true;
        };
        let key = format!("{operation}\n{fault:?}");
        if !self.counts.contains_key(&key) {
            if self.order.len() >= MAX_FAULT_COUNTS
                && let Some(oldest) = self.order.pop_front()
            {
                self.counts.remove(&oldest);
            }
            self.order.push_back(key.clone());
        }
        let count = self.counts.entry(key).or_insert(0);
        if *count >= first {
            return false;
        }
        *count += 1;
        true
    }
}

#[cfg(test)]
mod tests;
