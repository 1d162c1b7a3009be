//! Google keys: `AIza` and 35 characters for an API key, `GOCSPX-` and 28 for the secret of an
//! OAuth client, `ya29.` and a long end for an access token. The key of a service account is a
//! private key in the field `private_key` of a JSON file, see the sibling `private_key`.
//!
//! Sources: "Using API keys" (docs.cloud.google.com); "Using OAuth 2.0" (developers.google.com);
//! the lists of supported formats of GitHub's secret scanning (docs.github.com).

use super::alphabet::{is_base64url, run, starts_word, without_emphasis, word};
use super::filler::is_drawn;
use super::{Found, Kind};

pub(super) const API_KEY: [&str; 1] = ["AIza"];
pub(super) const CLIENT_SECRET: [&str; 1] = ["GOCSPX-"];
pub(super) const TOKEN: [&str; 1] = ["ya29."];

pub(super) fn api_key(text: &str, at: usize, start: &str) -> Option<Found> {
    let word = word(text, at, start, is_base64url, 35..=35)?;
    is_drawn(&text[word.body]).then(|| Found::new(Kind::GoogleApiKey, word.all))
}

pub(super) fn client_secret(text: &str, at: usize, start: &str) -> Option<Found> {
    let word = word(text, at, start, is_base64url, 28..=28)?;
    is_drawn(&text[word.body]).then(|| Found::new(Kind::GoogleClientSecret, word.all))
}

pub(super) fn token(text: &str, at: usize, start: &str) -> Option<Found> {
    let is_part = |byte: u8| is_base64url(byte) || byte == b'.';
    if !starts_word(text, at, is_part) {
        return None;
    }
    let body = run(text, at + start.len(), is_part, 2_048);
    let body = body.start..body.start + text[body].trim_end_matches('.').len();
    let body = without_emphasis(text, at, body);
    let is_token = (30..=2_048).contains(&body.len()) && is_drawn(&text[body.clone()]);
    is_token.then(|| Found::new(Kind::GoogleToken, at..body.end))
}

#[cfg(test)]
mod tests;
