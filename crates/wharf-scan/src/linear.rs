//! Linear keys: `lin_api_` and 40 letters and digits; `lin_oauth_` and 64 hex digits.
//!
//! Source: "Personal API keys", "OAuth 2.0 authentication" (linear.app/developers).

use super::alphabet::{is_base62, word};
use super::filler::is_drawn;
use super::{Found, Kind};

pub(super) const STARTS: [&str; 2] = ["lin_api_", "lin_oauth_"];

pub(super) fn read(text: &str, at: usize, start: &str) -> Option<Found> {
    let word = word(text, at, start, is_base62, 32..=64)?;
    let body = &text[word.body];
    let is_key = body.bytes().any(|byte| byte.is_ascii_digit()) && is_drawn(body);
    is_key.then(|| Found::new(Kind::Linear, word.all))
}

#[cfg(test)]
mod tests;
