//! Finding what must not go on in what a caller or a vendor wrote, whichever way it is written.

use std::borrow::Cow;

use http::header::{HeaderMap, HeaderName, HeaderValue};
use percent_encoding::percent_decode;

/// How often a value is decoded to find something in it: vendors quote URLs in URLs, and servers
/// behind a vendor's first may decode again what the first passed on.
const DECODINGS: usize = 3;

/// Removes the headers of whose name `is_out` is true, and the values of which it is, and leaves
/// other values of the same name.
pub(crate) fn remove_holding(headers: &mut HeaderMap, is_out: impl Fn(&[u8]) -> bool) {
    let holding: Vec<HeaderName> = headers
        .iter()
        .filter(|(name, value)| is_out(value.as_bytes()) || is_out(name.as_str().as_bytes()))
        .map(|(name, _)| name.clone())
        .collect();
    for name in holding {
        let left: Vec<HeaderValue> = headers
            .get_all(&name)
            .iter()
            .filter(|value| !is_out(value.as_bytes()))
            .cloned()
            .collect();
        headers.remove(&name);
        if is_out(name.as_str().as_bytes()) {
            continue;
        }
        for value in left {
            headers.append(&name, value);
        }
    }
}

/// Whether `holds` is true for a value, as it stands or percent-decoded.
pub(crate) fn in_every_decoding(value: &[u8], holds: impl Fn(&[u8]) -> bool) -> bool {
    let mut value = Cow::Borrowed(value);
    for _ in 0..DECODINGS {
        if holds(&value) {
            return true;
        }
        // The decoder goes byte by byte, and few values have anything to decode.
        if memchr::memchr(b'%', &value).is_none() {
            return false;
        }
        let Cow::Owned(decoded) = Cow::from(percent_decode(&value)) else {
            return false;
        };
        value = Cow::Owned(decoded);
    }
    holds(&value)
}

/// Whether `needle`, which is not empty, stands in `haystack`, in any case.
pub(crate) fn contains(haystack: &[u8], needle: &[u8]) -> bool {
    // Most forms of a credential are longer than most values.
    let Some(first) = needle.first().filter(|_| needle.len() <= haystack.len()) else {
        return false;
    };
    // Every header of every answer is looked through, so all places but few are skipped at once.
    let starts = memchr::memchr2_iter(
        first.to_ascii_lowercase(),
        first.to_ascii_uppercase(),
        haystack,
    );
    starts
        .filter_map(|start| haystack.get(start..start + needle.len()))
        .any(|window| window.eq_ignore_ascii_case(needle))
}
