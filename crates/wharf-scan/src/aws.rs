//! AWS access keys: `AKIA` (long-lived) or `ASIA` (of a session) and 16 characters of base32.
//!
//! `ABIA` (bearer of a service) and `ACCA` (of one context) are ids of other things and no keys.
//!
//! Ids made since 2019 hold the account: bits 1 to 40 behind the first one, which is set, are its
//! number of at most twelve digits. Older ids go on with `I` or `J`. The secret half is 40
//! characters of base64 without a mark; it is told by the words around it, see `context`.
//!
//! Sources: "IAM identifiers" (docs.aws.amazon.com, IAM user guide); the place of the account was
//! published by A. Steele, "AWS Access Key ID formats" (2020).

use super::alphabet::{is_base62, word};
use super::filler::is_drawn;
use super::{Found, Kind, decode};

pub(super) const STARTS: [&str; 2] = ["AKIA", "ASIA"];

/// Accounts have twelve digits.
const MOST_ACCOUNT: u64 = 999_999_999_999;

pub(super) fn read(text: &str, at: usize, start: &str) -> Option<Found> {
    let word = word(text, at, start, is_base62, 16..=16)?;
    let body = &text[word.body];
    (holds_account(body) && is_drawn(body)).then(|| Found::new(Kind::AwsAccessKeyId, word.all))
}

/// Whether the account that an id holds can be one.
fn holds_account(body: &str) -> bool {
    let is_base32 = body
        .bytes()
        .all(|byte| byte.is_ascii_uppercase() || (b'2'..=b'7').contains(&byte));
    let Some(bits) = decode::base32_start(body).filter(|_| is_base32) else {
        return false;
    };
    let is_new = bits >> 47 == 1;
    if is_new {
        (bits >> 7) & 0xFF_FFFF_FFFF <= MOST_ACCOUNT
    } else {
        body.starts_with(['I', 'J'])
    }
}

#[cfg(test)]
mod tests;
