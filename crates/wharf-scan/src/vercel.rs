//! Vercel tokens: `vcp_` personal, `vci_` integration, `vca_` app, `vcr_` refresh or `vck_` API
//! key, 50 characters of base64 for addresses and a checksum of six. Older ones are 24 letters and
//! digits without a mark; they are told by the words around them, see the sibling `context`.
//!
//! Source: "New token formats and secret scanning" (vercel.com/changelog, 2026).

use super::alphabet::{is_base64url, word};
use super::{Found, Kind, checksum};

pub(super) const STARTS: [&str; 5] = ["vcp_", "vci_", "vca_", "vcr_", "vck_"];

pub(super) fn read(text: &str, at: usize, start: &str) -> Option<Found> {
    let word = word(text, at, start, is_base64url, 56..=56)?;
    checksum::ends_with_base62(&text[word.body]).then(|| Found::new(Kind::Vercel, word.all))
}

#[cfg(test)]
mod tests;
