//! npm access tokens: `npm_`, 30 letters and digits, and a checksum of six.
//!
//! Source: "Announcing npm's new access token format" (github.blog, 2021-09-23).

use super::alphabet::{is_base62, word};
use super::{Found, Kind, checksum};

pub(super) const STARTS: [&str; 1] = ["npm_"];

pub(super) fn read(text: &str, at: usize, start: &str) -> Option<Found> {
    let word = word(text, at, start, is_base62, 36..=36)?;
    checksum::ends_with_base62(&text[word.body]).then(|| Found::new(Kind::Npm, word.all))
}

#[cfg(test)]
mod tests;
