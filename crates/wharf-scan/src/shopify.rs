//! Shopify tokens: `shpat_` of an app, `shpca_` of a custom app, `shppa_` of a private app, `shptka_`
//! of Theme Access, `shpss_` the shared secret, each with 32 hex digits.
//!
//! Sources: "Length of the shared secret", "Access token format" (shopify.dev/changelog, 2020);
//! "Theme Access" (shopify.dev/docs).

use super::alphabet::{is_base62, word};
use super::filler::is_drawn;
use super::{Found, Kind};

pub(super) const STARTS: [&str; 5] = ["shpat_", "shpca_", "shppa_", "shpss_", "shptka_"];

pub(super) fn read(text: &str, at: usize, start: &str) -> Option<Found> {
    let word = word(text, at, start, is_base62, 32..=32)?;
    let body = &text[word.body];
    let is_token = body.bytes().all(|byte| byte.is_ascii_hexdigit()) && is_drawn(body);
    is_token.then(|| Found::new(Kind::Shopify, word.all))
}

#[cfg(test)]
mod tests;
