//! Docker Hub tokens: `dckr_pat_` of a person or `dckr_oat_` of an organisation, then 20 or more
//! characters of base64 for addresses.
//!
//! Source: "Personal access tokens", "Organization access tokens" (docs.docker.com).

use super::alphabet::{is_base64url, word};
use super::filler::is_drawn;
use super::{Found, Kind};

pub(super) const STARTS: [&str; 2] = ["dckr_pat_", "dckr_oat_"];

pub(super) fn read(text: &str, at: usize, start: &str) -> Option<Found> {
    let word = word(text, at, start, is_base64url, 20..=64)?;
    is_drawn(&text[word.body]).then(|| Found::new(Kind::Docker, word.all))
}

#[cfg(test)]
mod tests;
