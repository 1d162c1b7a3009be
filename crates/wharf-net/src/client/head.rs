//! What the head of an answer may be, and what it says of its connection.

use std::time::Duration;

use http::header::{HeaderMap, HeaderName};

/// An answer may have so many headers: more than the hundred of most parsers, since vendors are
/// known that send those. It costs 16 KiB of heap while an answer's head is read.
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

const KEEP_ALIVE: HeaderName = HeaderName::from_static("keep-alive");

/// So much earlier than the other side we stop using a connection: its clock began when it sent
/// the answer, and a request needs its time to get there.
const MARGIN: Duration = Duration::from_secs(1);

/// How long the connection may rest behind this answer (`Keep-Alive: timeout=5`, RFC 2068,
/// 19.7.1.1). A request that meets the other side's closing is lost, and not every one may be
/// sent again.
pub(crate) fn keep_alive(headers: &HeaderMap) -> Option<Duration> {
    let values = headers.get_all(KEEP_ALIVE);
    let mut parameters = values
        .iter()
        .flat_map(|value| value.as_bytes().split(|byte| matches!(byte, b',' | b';')));
    let seconds = parameters.find_map(|parameter| {
        let (name, seconds) = std::str::from_utf8(parameter).ok()?.split_once('=')?;
        let is_timeout = name.trim().eq_ignore_ascii_case("timeout");
        let seconds = seconds.trim_matches([' ', '\t', '"']);
        is_timeout.then(|| seconds.parse::<u32>().ok())?
    })?;
    Some(Duration::from_secs(seconds.into()).saturating_sub(MARGIN))
}

#[cfg(test)]
mod tests;
