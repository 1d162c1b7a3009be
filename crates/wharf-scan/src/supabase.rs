//! Supabase keys: `sbp_` and 40 hex digits for a personal access token; `sb_secret_`, 22 characters,
//! `_` and 8 more for a secret key. Publishable keys (`sb_publishable_`) and `anon` tokens are made
//! to be public; a `service_role` token is a secret, see the sibling `jwt`.
//!
//! Sources: "Understanding API keys", "Management API" (supabase.com/docs).

use super::alphabet::{is_base62, is_base64url, word};
use super::filler::is_drawn;
use super::{Found, Kind};

pub(super) const ACCESS_TOKEN: [&str; 1] = ["sbp_"];
pub(super) const SECRET_KEY: [&str; 1] = ["sb_secret_"];

pub(super) fn access_token(text: &str, at: usize, start: &str) -> Option<Found> {
    let word = word(text, at, start, is_base62, 40..=40)?;
    let body = &text[word.body];
    let is_token = body.bytes().all(super::alphabet::is_hex) && is_drawn(body);
    is_token.then(|| Found::new(Kind::Supabase, word.all))
}

pub(super) fn secret_key(text: &str, at: usize, start: &str) -> Option<Found> {
    let word = word(text, at, start, is_base64url, 31..=41)?;
    let body = &text[word.body];
    let is_key = body.bytes().any(|byte| byte.is_ascii_digit()) && is_drawn(body);
    is_key.then(|| Found::new(Kind::Supabase, word.all))
}

#[cfg(test)]
mod tests;
