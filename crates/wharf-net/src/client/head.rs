//! How large the head of an answer may be, over HTTP/1.1 and HTTP/2 alike.

use http::HeaderMap;

/// An answer may have so many headers. Parsers reserve this much for each answer.
pub(super) const MOST_HEADERS: usize = 256;

/// The head of an answer may be so long. Over HTTP/2 it is counted as RFC 9113 does it
/// (section 10.5.1): with 32 bytes more for each header.
pub(super) const MOST_BYTES: usize = 256 * 1024;

/// How one that is larger is told of.
pub(super) const TOO_LARGE: &str =
    "head of the answer is too large: Wharf takes 256 headers and 256 KiB";

/// Whether the headers of an answer over HTTP/2 are more than is taken.
pub(super) fn is_too_large(headers: &HeaderMap) -> bool {
    let bytes = |(name, value): (&http::HeaderName, &http::HeaderValue)| {
        name.as_str().len() + value.len() + 32
    };
    headers.len() > MOST_HEADERS || headers.iter().map(bytes).sum::<usize>() > MOST_BYTES
}
