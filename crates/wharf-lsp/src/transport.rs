//! Messages as they travel: a header with a length, and a JSON text.
//!
//! A message that cannot be read is reported and passed over; the stream goes on. What a header
//! claims is checked before memory is taken for it.

use std::io::{self, BufRead, Read as _, Write};

use serde::Serialize;
use serde_json::{Value, json};

/// Largest message that is read; a longer one is passed over.
pub(crate) const LARGEST_MESSAGE_BYTES: u64 = 64 * 1024 * 1024;

/// Longest line of a header.
const LONGEST_HEADER_BYTES: u64 = 4 * 1024;

/// Most lines of a header.
const MOST_HEADER_LINES: usize = 64;

/// What came.
#[derive(Debug)]
pub(crate) enum Incoming {
    Message(Value),
    /// A message that cannot be read, and why. The next one can.
    Malformed(String),
}

/// Reads one message. `None` at the end of the stream; an error where it cannot go on.
pub(crate) fn read(input: &mut impl BufRead) -> io::Result<Option<Incoming>> {
    let Some(length) = read_header(input)? else {
        return Ok(None);
    };
    if length > LARGEST_MESSAGE_BYTES {
        let passed = io::copy(&mut input.take(length), &mut io::sink())?;
        if passed < length {
            return Ok(None);
        }
        let message = format!("a message of {length} bytes is larger than {LARGEST_MESSAGE_BYTES}");
        return Ok(Some(Incoming::Malformed(message)));
    }
    let mut bytes = Vec::new();
    if (input.take(length).read_to_end(&mut bytes)? as u64) < length {
        return Ok(None);
    }
    Ok(Some(match serde_json::from_slice(&bytes) {
        Ok(value) => Incoming::Message(value),
        // The parser's own words hold no text of the message.
        Err(error) => Incoming::Malformed(format!("not JSON: {error}")),
    }))
}

/// Reads up to the empty line and returns the length of what follows. `None` at the end of the stream.
fn read_header(input: &mut impl BufRead) -> io::Result<Option<u64>> {
    let mut length = None;
    for _ in 0..MOST_HEADER_LINES {
        let mut line = Vec::new();
        let count = input
            .take(LONGEST_HEADER_BYTES)
            .read_until(b'\n', &mut line)?;
        if count == 0 {
            return Ok(None);
        }
        if !line.ends_with(b"\n") {
            return Err(invalid("a line of the header is too long or cut off"));
        }
        let line = String::from_utf8_lossy(&line);
        let line = line.trim_end();
        if line.is_empty() {
            match length {
                Some(length) => return Ok(Some(length)),
                // Empty lines between messages harm nobody.
                None => continue,
            }
        }
        if let Some((name, value)) = line.split_once(':')
            && name.trim().eq_ignore_ascii_case("content-length")
        {
            length = value.trim().parse().ok();
            if length.is_none() {
                return Err(invalid("the header's Content-Length is no number"));
            }
        }
    }
    Err(invalid("the header has too many lines"))
}

fn invalid(message: &'static str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, message)
}

/// The version of JSON-RPC.
const VERSION: &str = "2.0";

/// An answer. What messages hold may be much, so none is copied to be written.
#[derive(Serialize)]
struct Answer<'a> {
    jsonrpc: &'static str,
    id: &'a Value,
    result: &'a Value,
}

#[derive(Serialize)]
struct Notification<'a, P> {
    jsonrpc: &'static str,
    method: &'a str,
    params: &'a P,
}

/// Writes messages.
pub(crate) struct Output<W> {
    writer: W,
}

impl<W: Write> Output<W> {
    pub(crate) fn new(writer: W) -> Self {
        Self { writer }
    }

    /// An answer to a request.
    pub(crate) fn answer(&mut self, id: &Value, result: &Value) -> io::Result<()> {
        self.send(&Answer {
            jsonrpc: VERSION,
            id,
            result,
        })
    }

    /// A refusal of a request.
    pub(crate) fn refuse(&mut self, id: &Value, code: i64, message: &str) -> io::Result<()> {
        let error = json!({ "code": code, "message": message });
        self.send(&json!({ "jsonrpc": VERSION, "id": id, "error": error }))
    }

    pub(crate) fn notify(&mut self, method: &str, params: &impl Serialize) -> io::Result<()> {
        self.send(&Notification {
            jsonrpc: VERSION,
            method,
            params,
        })
    }

    pub(crate) fn request(&mut self, id: u64, method: &str, params: &Value) -> io::Result<()> {
        self.send(&json!({ "jsonrpc": VERSION, "id": id, "method": method, "params": params }))
    }

    fn send(&mut self, message: &impl Serialize) -> io::Result<()> {
        let text = serde_json::to_vec(message)?;
        write!(self.writer, "Content-Length: {}\r\n\r\n", text.len())?;
        self.writer.write_all(&text)?;
        self.writer.flush()
    }
}

#[cfg(test)]
mod tests;
