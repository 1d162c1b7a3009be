//! Notion tokens of an integration: `ntn_` and 46 letters and digits since 2024, `secret_` and 43
//! before.
//!
//! Source: "Upcoming changes to the format of API tokens" (developers.notion.com/changelog, 2024).

use super::alphabet::{is_base62, word};
use super::filler::is_drawn;
use super::{Found, Kind, words};

pub(super) const STARTS: [&str; 2] = ["ntn_", "secret_"];

pub(super) fn read(text: &str, at: usize, start: &str) -> Option<Found> {
    let lengths = if start == "ntn_" { 40..=60 } else { 43..=43 };
    let word = word(text, at, start, is_base62, lengths)?;
    let body = &text[word.body];
    let has_digit = body.bytes().any(|byte| byte.is_ascii_digit());
    let is_token = has_digit && is_drawn(body) && !words::is_name(body);
    is_token.then(|| Found::new(Kind::Notion, word.all))
}

#[cfg(test)]
mod tests;
