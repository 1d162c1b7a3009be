//! Signatures of addresses that were signed for a time: whoever has the address has the file.
//!
//! Version 2 of S3 and of Google Cloud Storage, `CloudFront`, and Alibaba's OSS write `Signature=`, Tencent's
//! COS `q-signature=`. The name of the key stands in the same address. Version 4 signs for a week at most;
//! its credential is read as the id of a key.
//!
//! Sources: "Authenticating requests (Signature Version 2)" and "Using signed URLs" (docs.aws.amazon.com);
//! "V2 signing process" (docs.cloud.google.com); "Add signatures to URLs" (alibabacloud.com/help); "Request
//! signature" (intl.cloud.tencent.com).

use super::alphabet::run;
use super::{Found, Kind, vendors};

pub(super) const STARTS: [&str; 2] = ["Signature=", "q-signature="];

/// Fields that name the key, or what it allows.
const FIELDS: [&str; 7] = [
    "AWSAccessKeyId=",
    "GoogleAccessId=",
    "Key-Pair-Id=",
    "Policy=",
    "OSSAccessKeyId=",
    "q-ak=",
    "Expires=",
];
/// How far from a signature the name of its key is looked for, in bytes.
const MOST_AROUND: usize = 900;
/// A signature of 20 bytes in base64, and of 512 of which every sign is an escape.
const LENGTHS: std::ops::RangeInclusive<usize> = 27..=2_052;

/// The place is that of the value.
pub(super) fn read(text: &str, at: usize, start: &str) -> Option<Found> {
    if !text[..at].ends_with(['?', '&', ';']) {
        return None;
    }
    let is_part = |byte: u8| byte.is_ascii_alphanumeric() || b"+/=_-%~".contains(&byte);
    let value = run(text, at + start.len(), is_part, *LENGTHS.end());
    let signs = text[value.clone()].replace('%', "");
    let is_signature = LENGTHS.contains(&value.len())
        && vendors::is_drawn(&signs)
        && names_key(text, at, value.end);
    is_signature.then(|| Found::new(Kind::SignedAddress, value))
}

fn names_key(text: &str, start: usize, end: usize) -> bool {
    let first = text.floor_char_boundary(start.saturating_sub(MOST_AROUND));
    let last = text.floor_char_boundary((end + MOST_AROUND).min(text.len()));
    let is_end = |sign: char| sign.is_whitespace() || matches!(sign, '"' | '\'' | '`' | '<' | '>');
    let before = text[first..start].rsplit(is_end).next().unwrap_or_default();
    let behind = text[end..last].split(is_end).next().unwrap_or_default();
    FIELDS
        .iter()
        .any(|field| before.contains(field) || behind.contains(field))
}

#[cfg(test)]
mod tests;
