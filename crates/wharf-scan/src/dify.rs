//! Dify keys: `app-` or `dataset-` and 24 letters and digits.
//!
//! The starts are common words, so the end must look drawn: digits, small and capital letters
//! that alternate. Source: "Developing with APIs" (docs.dify.ai) and Dify's generator of keys.

use super::alphabet::{is_base64url, word};
use super::filler::is_drawn;
use super::{Found, Kind, entropy, words};

pub(super) const STARTS: [&str; 2] = ["app-", "dataset-"];

pub(super) fn read(text: &str, at: usize, start: &str) -> Option<Found> {
    let word = word(text, at, start, is_base64url, 24..=24)?;
    let body = &text[word.body];
    let has = |is_kind: fn(&u8) -> bool| body.as_bytes().iter().any(is_kind);
    let is_key = body.bytes().all(|byte| byte.is_ascii_alphanumeric())
        && has(u8::is_ascii_lowercase)
        && has(u8::is_ascii_uppercase)
        && entropy::is_scrambled(body)
        && (has(u8::is_ascii_digit) || words::is_far_from_name(body))
        && is_drawn(body);
    is_key.then(|| Found::new(Kind::Dify, word.all))
}

#[cfg(test)]
mod tests;
