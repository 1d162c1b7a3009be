//! A name and a password in base64: `Authorization: Basic …`, `_auth=…` of npm, `"auth": "…"` of
//! Docker.
//!
//! Sources: RFC 7617; "npmrc" (docs.npmjs.com); "docker login" (docs.docker.com).

use super::alphabet::{is_base64, run};
use super::drawn_value::is_drawn_value;
use super::{Found, Kind, decode, password};

/// In an environment variable a header is written as in an address (OpenTelemetry's
/// `OTEL_EXPORTER_OTLP_HEADERS`; W3C Baggage, section 3.3).
pub(super) const STARTS: [&str; 6] = [
    "Basic ",
    "basic ",
    "Basic%20",
    "basic%20",
    "_auth=",
    "\"auth\":",
];

/// Shortest pair that is looked at, in base64, and the longest.
const LENGTHS: std::ops::RangeInclusive<usize> = 12..=512;

pub(super) fn read(text: &str, at: usize, start: &str) -> Option<Found> {
    let from = at + start.len();
    let rest = text[from..].trim_start_matches([' ', '"', '\'']);
    let word = run(text, text.len() - rest.len(), is_base64, *LENGTHS.end());
    if !LENGTHS.contains(&word.len()) {
        return None;
    }
    let pair = decode::base64_text(&text[word.clone()])?;
    let is_text = pair.chars().all(|sign| !sign.is_control());
    let (user, secret) = pair.split_once(':').filter(|_| is_text)?;
    let is_pair = password::is_set(secret, user) || is_drawn_value(user, true);
    is_pair.then(|| Found::new(Kind::Password, word))
}

#[cfg(test)]
mod tests;
