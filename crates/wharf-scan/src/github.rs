//! GitHub tokens.
//!
//! `ghp_`, `gho_`, `ghu_`, `ghs_` or `ghr_`, then letters and digits: 30 or more by chance and a
//! checksum of six. Fine-grained tokens are `github_pat_`, 22 characters, `_` and 59 more. Since
//! 2026 installation tokens are `ghs_`, the number of the app, `_` and a JSON Web Token.
//!
//! Sources: "Behind GitHub's new authentication token formats" (github.blog, 2021-04-05); "About
//! authentication to GitHub" (docs.github.com); "Upcoming new format for GitHub App installation
//! tokens" (github.blog/changelog, 2026-04-24).

use super::alphabet::{is_base62, is_base64url, run, starts_word, word};
use super::filler::is_drawn;
use super::{Found, Kind, checksum, jwt};

pub(super) const STARTS: [&str; 5] = ["ghp_", "gho_", "ghu_", "ghs_", "ghr_"];
pub(super) const FINE_GRAINED: [&str; 1] = ["github_pat_"];

pub(super) fn classic(text: &str, at: usize, start: &str) -> Option<Found> {
    if let Some(word) = word(text, at, start, is_base62, 36..=255) {
        let is_token = checksum::ends_with_base62(&text[word.body]);
        return is_token.then(|| Found::new(Kind::GitHub, word.all));
    }
    let app = run(text, at + start.len(), |byte| byte.is_ascii_digit(), 20);
    let is_stateless = start == "ghs_" && !app.is_empty() && text[app.end..].starts_with("_eyJ");
    if !is_stateless || !starts_word(text, at, is_base62) {
        return None;
    }
    let token = jwt::token(text, app.end + 1)?;
    Some(Found::new(Kind::GitHub, at..token.end))
}

pub(super) fn fine_grained(text: &str, at: usize, start: &str) -> Option<Found> {
    let word = word(text, at, start, is_base64url, 82..=82)?;
    let (id, secret) = text[word.body].split_once('_')?;
    let is_token = id.len() == 22
        && id.bytes().chain(secret.bytes()).all(is_base62)
        && is_drawn(id)
        && is_drawn(secret);
    is_token.then(|| Found::new(Kind::GitHub, word.all))
}

#[cfg(test)]
pub(super) mod tests;
