//! Under which media type a caller gets a problem document. The document is the same.

use http::HeaderMap;
use http::header::{ACCEPT, HeaderValue, USER_AGENT};

/// What every client of Discord's API must begin its `User-Agent` with, as Discord's reference
/// says under "User Agent".
const DISCORD_CLIENT: &[u8] = b"DiscordBot";

/// The media type of a problem document.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum MediaType {
    /// `application/problem+json`, the document's own (RFC 9457, section 3).
    Problem,
    /// `application/json`, for clients that look into no other body for a message.
    Json,
}

impl MediaType {
    /// The type for the caller that sent these headers, by its `Accept` (RFC 9110, 12.5.1).
    ///
    /// A caller that names `application/problem+json` gets it. One that names other types and
    /// covers problem documents by no wildcard, or that names `application/json`, gets that:
    /// GitHub's library, which asks for `application/vnd.github.v3+json`, reads nothing else.
    /// So does Discord's, which asks for anything and is known by its `User-Agent`.
    pub(crate) fn wanted(headers: &HeaderMap) -> Self {
        let mut names_one = false;
        let mut wildcard = false;
        let mut json = false;
        for range in headers.get_all(ACCEPT).iter().flat_map(ranges) {
            names_one = true;
            let mut parts = range.split(';').map(str::trim);
            let name = parts.next().unwrap_or_default();
            let is = |other: &str| name.eq_ignore_ascii_case(other);
            let taken = !parts.any(is_zero_weight);
            if taken && is("application/problem+json") {
                return Self::Problem;
            }
            json |= taken && is("application/json");
            wildcard |= taken && (is("*/*") || is("application/*"));
        }
        let of_discord = headers
            .get(USER_AGENT)
            .is_some_and(|agent| agent.as_bytes().starts_with(DISCORD_CLIENT));
        if json || of_discord || (names_one && !wildcard) {
            Self::Json
        } else {
            Self::Problem
        }
    }

    /// The value of `Content-Type`.
    pub(crate) const fn header(self) -> HeaderValue {
        HeaderValue::from_static(match self {
            Self::Problem => "application/problem+json",
            Self::Json => "application/json",
        })
    }
}

/// The media ranges of one line. What is not text names none.
fn ranges(line: &HeaderValue) -> impl Iterator<Item = &str> {
    let line = line.to_str().unwrap_or_default();
    line.split(',')
        .map(str::trim)
        .filter(|range| !range.is_empty())
}

/// Whether a parameter says that its range is not acceptable (RFC 9110, 12.4.2).
fn is_zero_weight(parameter: &str) -> bool {
    parameter
        .split_once('=')
        .is_some_and(|(name, weight)| name.eq_ignore_ascii_case("q") && weight.parse() == Ok(0.0))
}

#[cfg(test)]
mod tests;
