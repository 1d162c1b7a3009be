//! What is sent and is no request, and what its sender is told.
//!
//! The parser below answers such bytes with a bare status. A caller cannot learn from it what
//! is wrong, so the answer is replaced by one with words. Nothing is corrected on the way: a
//! target that only looks right after a repair may have been made to pass a filter (RFC 9112,
//! section 3).

use http::StatusCode;

use crate::serve::MAX_HEADERS;

/// Kinds of what is refused before it becomes a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RefusalKind {
    /// Not HTTP, or a target or header that breaks its grammar.
    Malformed,
    /// Another version than HTTP/1.1 and HTTP/1.0.
    Version,
    /// The first line has no end within the room for a head.
    TargetTooLong,
    /// The head is larger than [`super::Bounds::head_bytes`] or has more than [`MAX_HEADERS`].
    HeadTooLarge,
    /// The head was not complete within [`super::Bounds::head`].
    HeadTimeout,
}

impl RefusalKind {
    /// The status that says so.
    pub const fn status(self) -> StatusCode {
        match self {
            Self::Malformed => StatusCode::BAD_REQUEST,
            Self::Version => StatusCode::HTTP_VERSION_NOT_SUPPORTED,
            Self::TargetTooLong => StatusCode::URI_TOO_LONG,
            Self::HeadTooLarge => StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE,
            Self::HeadTimeout => StatusCode::REQUEST_TIMEOUT,
        }
    }
}

/// A refusal of what never became a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// Its kind.
    pub kind: RefusalKind,
    /// What is wrong and what to do. It quotes nothing that was sent but one character.
    pub detail: String,
}

impl Refusal {
    /// Why a connection ended with `error`; `None` when it had other reasons.
    pub(crate) fn of(error: &hyper::Error, line: &FirstLine, head_bytes: usize) -> Option<Self> {
        if !error.is_parse() {
            return None;
        }
        let (kind, detail) = if error.is_parse_version_h2() {
            (RefusalKind::Version, ONLY_HTTP_1.to_owned())
        } else if line.part == Part::Before {
            (RefusalKind::Malformed, NO_REQUEST.to_owned())
        } else if error.is_parse_too_large() {
            if line.is_of_a_small_head(head_bytes) {
                // The parser calls a length that no number holds too large as well.
                (RefusalKind::Malformed, LENGTH_TOO_LARGE.to_owned())
            } else if line.is_complete() && !line.is_too_long() {
                (RefusalKind::HeadTooLarge, head_too_large(head_bytes))
            } else {
                (RefusalKind::TargetTooLong, target_too_long(head_bytes))
            }
        } else {
            line.mistake()
                .unwrap_or_else(|| (RefusalKind::Malformed, format!("{error}; see RFC 9112")))
        };
        Some(Self { kind, detail })
    }

    /// A head that took longer than its time.
    pub(crate) fn timeout(seconds: f64) -> Self {
        Self {
            kind: RefusalKind::HeadTimeout,
            detail: format!("the head of the request was not complete after {seconds:.0} s"),
        }
    }
}

const ONLY_HTTP_1: &str = "only HTTP/1.1 and HTTP/1.0 are spoken here; HTTP/2 without TLS is not";

const NO_REQUEST: &str = "empty lines came, and no request behind them";

const LENGTH_TOO_LARGE: &str = "its `Content-Length` is larger than any body can be";

fn head_too_large(head_bytes: usize) -> String {
    format!(
        "a head may have {head_bytes} bytes and {MAX_HEADERS} headers; send fewer or shorter ones"
    )
}

fn target_too_long(head_bytes: usize) -> String {
    format!(
        "the target and the headers together may have {head_bytes} bytes; send what is long in the body"
    )
}

/// What the sender of a target with this character is told.
pub fn odd_in_target(odd: u8) -> String {
    let shown = if odd.is_ascii_graphic() {
        format!("`{}`", char::from(odd))
    } else {
        "a control character".to_owned()
    };
    format!(
        "the target of the request has {shown}, which a URL cannot have; write it as %{odd:02X}"
    )
}

/// Longest target that the parser takes, in bytes.
const LONGEST_TARGET: usize = 65_534;

/// What was seen of a request's first line. It keeps no text.
#[derive(Clone, Debug, Default)]
pub(crate) struct FirstLine {
    part: Part,
    /// The first character that a target cannot have.
    odd: Option<u8>,
    /// The target has bytes beyond ASCII.
    beyond_ascii: bool,
    target_bytes: usize,
    version: [u8; 8],
    version_bytes: usize,
    /// Everything that came, and the lines behind the first.
    came_bytes: usize,
    further_lines: usize,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Part {
    #[default]
    Before,
    Method,
    Path,
    Query,
    Version,
    Done,
}

impl FirstLine {
    /// Looks at further bytes of a head; behind the first line it only counts lines.
    pub(crate) fn look_at(&mut self, bytes: &[u8]) {
        self.came_bytes += bytes.len();
        for (place, &byte) in bytes.iter().enumerate() {
            match (self.part, byte) {
                (Part::Done, _) => {
                    let rest = bytes.get(place..).unwrap_or_default();
                    self.further_lines += rest.iter().filter(|byte| **byte == b'\n').count();
                    return;
                }
                // Empty lines before a request are skipped (RFC 9112, section 2.2).
                (Part::Before, b'\r' | b'\n') => {}
                (Part::Before, _) => self.part = Part::Method,
                (_, b'\n') => self.part = Part::Done,
                (Part::Method, b' ') => self.part = Part::Path,
                (Part::Path | Part::Query, b' ') => self.part = Part::Version,
                (Part::Path | Part::Query, _) => self.target(byte),
                (Part::Version, _) => {
                    if let Some(place) = self.version.get_mut(self.version_bytes) {
                        *place = byte;
                        self.version_bytes += 1;
                    }
                }
                (Part::Method, _) => {}
            }
        }
    }

    fn target(&mut self, byte: u8) {
        self.target_bytes += 1;
        let odd = match byte {
            b'"' | b'<' | b'>' | 0..=b' ' | 0x7f => true,
            b'`' => self.part == Part::Path,
            _ => false,
        };
        if odd && self.odd.is_none() {
            self.odd = Some(byte);
        }
        self.beyond_ascii |= !byte.is_ascii();
        if byte == b'?' {
            self.part = Part::Query;
        }
    }

    fn is_complete(&self) -> bool {
        self.part == Part::Done
    }

    /// Whether the head that it begins is within its bounds.
    fn is_of_a_small_head(&self, head_bytes: usize) -> bool {
        self.is_complete()
            && !self.is_too_long()
            && self.came_bytes < head_bytes
            && self.further_lines <= MAX_HEADERS
    }

    fn is_too_long(&self) -> bool {
        self.target_bytes > LONGEST_TARGET
    }

    /// What is wrong with the line itself.
    pub(crate) fn mistake(&self) -> Option<(RefusalKind, String)> {
        let version = &self.version[..self.version_bytes];
        if self.is_too_long() {
            return Some((RefusalKind::TargetTooLong, target_too_long(LONGEST_TARGET)));
        }
        let detail = if let Some(odd) = self.odd {
            odd_in_target(odd)
        } else if self.version_bytes > 0 && !version.starts_with(b"HTTP/") {
            "the target of the request has a space, which a URL cannot have; write it as %20"
                .to_owned()
        } else if self.version_bytes == self.version.len() && !version.starts_with(b"HTTP/1.") {
            return Some((RefusalKind::Version, ONLY_HTTP_1.to_owned()));
        } else if self.beyond_ascii {
            "the target of the request has bytes that are no UTF-8; write them as %XX".to_owned()
        } else {
            return None;
        };
        Some((RefusalKind::Malformed, detail))
    }
}

#[cfg(test)]
mod tests;
