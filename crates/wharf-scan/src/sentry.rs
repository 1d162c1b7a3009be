//! Sentry auth tokens: `sntryu_` of a user and 64 hex digits; `sntrys_` of an organisation, facts as
//! JSON in base64, `_`, and 43 characters of base64. A DSN is no secret.
//!
//! Source: Sentry's RFC 0091, "CI upload tokens" (github.com/getsentry/rfcs).

use super::alphabet::{is_base64, is_hex, run, run_of_word, starts_word, word};
use super::filler::is_drawn;
use super::{Found, Kind, decode};

pub(super) const USER: [&str; 2] = ["sntryu_", "sntrya_"];
pub(super) const ORGANISATION: [&str; 1] = ["sntrys_"];

/// Bytes of base64. The facts are a time, two addresses and a name.
const MOST_FACTS: usize = 1_024;

pub(super) fn user(text: &str, at: usize, start: &str) -> Option<Found> {
    let word = word(text, at, start, is_hex, 64..=64)?;
    is_drawn(&text[word.body]).then(|| Found::new(Kind::Sentry, word.all))
}

pub(super) fn organisation(text: &str, at: usize, start: &str) -> Option<Found> {
    let facts = run(text, at + start.len(), is_base64, MOST_FACTS);
    let secret = run_of_word(text, at, facts.end + 1, is_base64, 43);
    let is_joined = text.as_bytes().get(facts.end) == Some(&b'_') && secret.len() == 43;
    if !is_joined || !starts_word(text, at, is_base64) {
        return None;
    }
    let json = decode::base64_text(&text[facts])?;
    let is_token =
        json.starts_with('{') && json.contains("\"iat\"") && is_drawn(&text[secret.clone()]);
    is_token.then(|| Found::new(Kind::Sentry, at..secret.end))
}

#[cfg(test)]
mod tests;
