//! PayPal access tokens: `A21AA` and some 90 characters of base64 for addresses. The secret of an
//! app is 80 characters without a mark; it is told by the words around it, see `context`.
//!
//! Source: "Get an access token" (developer.paypal.com).

use super::alphabet::{is_base64url, word};
use super::filler::is_drawn;
use super::{Found, Kind};

pub(super) const STARTS: [&str; 1] = ["A21AA"];

pub(super) fn read(text: &str, at: usize, start: &str) -> Option<Found> {
    let word = word(text, at, start, is_base64url, 80..=130)?;
    is_drawn(&text[word.body]).then(|| Found::new(Kind::PayPal, word.all))
}

#[cfg(test)]
mod tests;
