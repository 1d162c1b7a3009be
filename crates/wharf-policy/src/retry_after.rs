//! The `Retry-After` header (RFC 9110, 10.2.3): seconds or an HTTP date.

use std::time::{Duration, SystemTime};

/// Longest wait that is believed; a vendor that asks for more is read as asking for this.
pub const MAX: Duration = Duration::from_secs(30 * 24 * 3_600);

/// Reads a `Retry-After` value, relative to `now` where it is a date.
///
/// Fractions of seconds are accepted, since some vendors send them, and rounded up to the
/// millisecond. A date in the past is no wait at all. `None` when the value is neither form.
pub fn parse(value: &str, now: SystemTime) -> Option<Duration> {
    let value = value.trim();
    if let Some(wait) = seconds(value) {
        return Some(wait.min(MAX));
    }
    let date = httpdate::parse_http_date(value).ok()?;
    Some(date.duration_since(now).unwrap_or_default().min(MAX))
}

fn seconds(value: &str) -> Option<Duration> {
    let (whole, fraction) = value.split_once('.').unwrap_or((value, ""));
    let digits = |text: &str| text.bytes().all(|b| b.is_ascii_digit());
    if whole.is_empty()
        || !digits(whole)
        || !digits(fraction)
        || (fraction.is_empty() && value.contains('.'))
    {
        return None;
    }
    let whole = whole.parse().unwrap_or(u64::MAX);
    let mut milliseconds = 0;
    for (place, digit) in [100, 10, 1].into_iter().zip(fraction.bytes()) {
        milliseconds += u64::from(digit - b'0') * place;
    }
    if fraction.bytes().skip(3).any(|digit| digit != b'0') {
        milliseconds += 1;
    }
    Some(Duration::from_secs(whole).saturating_add(Duration::from_millis(milliseconds)))
}

#[cfg(test)]
mod tests;
