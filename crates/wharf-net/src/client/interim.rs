//! How many interim answers (1xx) may come before the answer proper.
//!
//! A vendor may send any number (RFC 9110, 15.2), and the parser passes over them without a pause
//! for as long as there is something to read: an endless row would take the worker for itself, and
//! no timer would go off. So they are counted below the parser.

use std::error::Error;
use std::fmt;

/// So many may come for one request. Few send more than one or two; a vendor that tells of its
/// progress in this way sends one every few seconds.
pub(super) const MOST: u32 = 100;

/// All of them together may be so long over HTTP/1.1.
const MOST_BYTES: usize = 256 * 1024;

/// What comes before the first digit of a status (RFC 9112, 4).
const BEFORE_STATUS_BYTES: usize = "HTTP/1.1 ".len();

/// More interim answers than are taken.
#[derive(Clone, Copy, Debug)]
pub(crate) struct TooMany;

impl fmt::Display for TooMany {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("more interim answers (1xx) came than Wharf takes: 100, or 256 KiB")
    }
}

impl Error for TooMany {}

/// Where in what comes the next byte is.
#[derive(Clone, Copy, Debug)]
enum At {
    /// Behind so many bytes of a status line.
    Status(usize),
    /// Within a line of the head of an interim answer.
    Line,
    /// Behind one; an empty line would end the head.
    LineEnd,
    /// Behind the status of the answer proper: nothing is counted any more.
    Answer,
}

/// The interim answers to one request over HTTP/1.1, counted byte by byte as they come.
#[derive(Debug)]
pub(crate) struct Interim {
    at: At,
    count: u32,
    bytes: usize,
}

impl Interim {
    /// Before the first byte of what answers a request.
    pub(crate) const fn new() -> Self {
        Self {
            at: At::Status(0),
            count: 0,
            bytes: 0,
        }
    }

    /// Takes the bytes that came. Costs a few comparisons where no interim answer is among them.
    pub(crate) fn pass(&mut self, bytes: &[u8]) -> Result<(), TooMany> {
        for byte in bytes {
            self.at = match (self.at, byte) {
                (At::Answer, _) => return Ok(()),
                // Parsers pass over empty lines before a status line.
                (At::Status(0), b'\r' | b'\n') | (At::LineEnd, b'\n') => At::Status(0),
                (At::Status(BEFORE_STATUS_BYTES), b'1') => {
                    self.count += 1;
                    At::Line
                }
                (At::Status(BEFORE_STATUS_BYTES), _) => At::Answer,
                (At::Status(before), _) => At::Status(before + 1),
                (At::Line, b'\n') => At::LineEnd,
                (at @ (At::Line | At::LineEnd), b'\r') => at,
                (At::Line | At::LineEnd, _) => At::Line,
            };
            self.bytes += 1;
            if self.count > MOST || self.bytes > MOST_BYTES {
                return Err(TooMany);
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;
