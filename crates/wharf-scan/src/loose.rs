//! The judgement for a field that holds a reference to a secret: there, what may be a secret is
//! taken for one.

use super::entropy::is_scrambled;
use super::{starts, words};

/// Whether a text looks like a credential that somebody issued.
///
/// Looser than [`scan`](super::scan): no checksum and no placeholder is considered.
pub fn looks_like_secret(text: &str) -> bool {
    let text = text.trim();
    starts::issued().any(|start| text.starts_with(start) && text.len() >= start.len() + 8)
        || is_aws_key_id(text)
        || is_random(text)
}

/// `AKIA` or `ASIA` and sixteen capital letters or digits.
fn is_aws_key_id(text: &str) -> bool {
    text.len() == 20
        && (text.starts_with("AKIA") || text.starts_with("ASIA"))
        && text
            .bytes()
            .all(|b| b.is_ascii_uppercase() || b.is_ascii_digit())
}

/// A long word in which letters and digits alternate as in no name that people give.
fn is_random(text: &str) -> bool {
    text.len() >= 20
        && text
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b"+=_-".contains(&b))
        && text.bytes().filter(u8::is_ascii_digit).count() >= 3
        && is_scrambled(text)
        && !words::is_name(text)
}

#[cfg(test)]
mod tests;
