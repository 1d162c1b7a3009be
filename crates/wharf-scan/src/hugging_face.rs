//! Hugging Face tokens: `hf_` of a user or `api_org_` of an organisation, and 34 letters and digits.
//!
//! Source: "User access tokens" (huggingface.co/docs/hub), which gives the start; the length is that
//! of the tokens which the hub issues.

use super::alphabet::{is_base62, word};
use super::filler::is_drawn;
use super::{Found, Kind, entropy};

pub(super) const STARTS: [&str; 2] = ["hf_", "api_org_"];

pub(super) fn read(text: &str, at: usize, start: &str) -> Option<Found> {
    let word = word(text, at, start, is_base62, 34..=40)?;
    let body = &text[word.body];
    let is_token = entropy::is_scrambled(body) && is_drawn(body);
    is_token.then(|| Found::new(Kind::HuggingFace, word.all))
}

#[cfg(test)]
mod tests;
