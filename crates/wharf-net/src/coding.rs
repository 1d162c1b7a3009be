//! Transfer codings: how a message is wrapped for one connection.

use http::HeaderMap;
use http::header::TRANSFER_ENCODING;

/// Whether a message is chunked, once, or not wrapped at all (RFC 9112, 6.1).
///
/// Of the other codings, such as `gzip`, the name belongs to the connection and the wrapping
/// stays on the body: passed on, it would be content that nobody can read. `identity`, which old
/// servers still say, wraps nothing.
pub fn is_chunked_at_most(headers: &HeaderMap) -> bool {
    let mut codings = headers
        .get_all(TRANSFER_ENCODING)
        .iter()
        .flat_map(|value| value.as_bytes().split(|byte| *byte == b','))
        .map(<[u8]>::trim_ascii)
        .filter(|coding| !coding.is_empty() && !coding.eq_ignore_ascii_case(b"identity"));
    let first = codings.next();
    first.is_none_or(|coding| coding.eq_ignore_ascii_case(b"chunked")) && codings.next().is_none()
}

#[cfg(test)]
mod tests;
