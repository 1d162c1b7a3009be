//! Files with keys that were written in base64 into one value: the JSON of a Google service account, and
//! private keys in armour.
//!
//! Sources: "Create service account keys" (docs.cloud.google.com); RFC 7468.

use super::alphabet::{is_base64, is_base64url, run, starts_word};
use super::{Found, Kind, decode, entropy};

/// `{"type":"`, `{"type": "`, `{ "type": "` and the same on lines of their own, and `-----BEGIN`.
pub(super) const STARTS: [&str; 6] = [
    "eyJ0eXBlIjoi",
    "eyJ0eXBlIjog",
    "eyAidHlwZSI6",
    "ewogICJ0eXBlIjog",
    "ewogICAgInR5cGUiOi",
    "LS0tLS1CRUdJTi",
];

/// A key of 4096 bits has some 3200 bytes, the JSON around it 800.
const MOST_VALUE: usize = 8_192;
/// The shortest key in armour, of 32 bytes, has more.
const LEAST_VALUE: usize = 120;

pub(super) fn read(text: &str, at: usize, start: &str) -> Option<Found> {
    let is_part = |byte: u8| is_base64(byte) || is_base64url(byte);
    if !starts_word(text, at, is_base64url) {
        return None;
    }
    let value = run(text, at, is_part, MOST_VALUE);
    if !(LEAST_VALUE..=MOST_VALUE).contains(&value.len()) {
        return None;
    }
    let plain = decode::base64(&text[value.clone()])?;
    let plain = String::from_utf8_lossy(&plain);
    let (_, key) = plain.split_once("PRIVATE KEY-----")?;
    let key: String = key.chars().filter(char::is_ascii_alphanumeric).collect();
    let is_account = !start.starts_with("LS0") && plain.contains("service_account");
    let kind = if is_account {
        Kind::GoogleServiceAccount
    } else {
        Kind::PrivateKey
    };
    (key.len() >= LEAST_VALUE / 2 && entropy::is_high(&key)).then(|| Found::new(kind, value))
}

#[cfg(test)]
mod tests;
