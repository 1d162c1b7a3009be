//! Twilio API keys: `SK` and 32 hex digits. The id of an account (`AC…`) is no secret. Auth tokens
//! (32 hex digits) and the secrets of API keys (32 letters and digits) have no mark; they are told
//! by the words around them, see the sibling `context`.
//!
//! Source: "API keys", "Auth tokens and how to change them" (twilio.com/docs/iam).

use super::alphabet::is_hex;
use super::filler::is_drawn;

/// Whether a long word is the id of an API key.
pub(super) fn is_api_key(word: &str) -> bool {
    word.len() == 34
        && word
            .strip_prefix("SK")
            .is_some_and(|body| body.bytes().all(is_hex) && is_drawn(body))
}

#[cfg(test)]
mod tests;
