//! Reading HTTP/2 frames without DATA frames that neither hold nor end anything.
//!
//! Such a frame is legal (RFC 9113, 6.1); servers write one where a handler flushes before it has
//! something to send. h2 counts them over the whole life of a connection and ends all of its calls
//! at 101, however honest they are. So they are taken out below it. They count for no window, so
//! nothing is owed for them.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use tokio::io::{AsyncRead, ReadBuf};

use super::through::Reading;

/// So many are taken out with nothing of any answer between them. What comes above that is a
/// flood: h2 gets it to count, and ends the connection.
///
/// A hundred answers that wait, with such a frame every 15 s each, have as many in four hours.
const MOST_IN_A_ROW: u32 = 100_000;

/// A frame begins with so many bytes (RFC 9113, 4.1).
const HEAD_BYTES: usize = 9;

/// Types of frames (RFC 9113, 6).
const DATA: u8 = 0;
const HEADERS: u8 = 1;
const PUSH_PROMISE: u8 = 5;
const CONTINUATION: u8 = 9;

const END_STREAM: u8 = 1;
const END_HEADERS: u8 = 4;
const PADDED: u8 = 8;

/// Where the stream of frames is. It begins with the beginning of a frame.
#[derive(Default)]
pub(crate) struct Sieve {
    /// What came of a head, while it is not whole.
    head: [u8; HEAD_BYTES],
    head_bytes: usize,
    /// What of a whole head is given on already.
    given_bytes: usize,
    /// What is left of the frame that began last.
    payload_bytes: usize,
    /// A block of headers has begun and has not ended. Nothing may stand in it, and what does is
    /// for h2 to see.
    in_block: bool,
    left_out_in_a_row: u32,
}

impl Sieve {
    /// Moves what is passed on to the front of `chunk`, and says how much that is. The beginning
    /// of a head stays here.
    fn sift(&mut self, chunk: &mut [u8]) -> usize {
        let (mut at, mut kept) = (0, 0);
        while at < chunk.len() {
            let rest = &chunk[at..];
            let passed = if self.payload_bytes > 0 {
                let passed = self.payload_bytes.min(rest.len());
                self.payload_bytes -= passed;
                passed
            } else if let Some(head) = rest.first_chunk() {
                if self.leaves_out(*head) {
                    at += HEAD_BYTES;
                    continue;
                }
                HEAD_BYTES
            } else {
                self.head[..rest.len()].copy_from_slice(rest);
                self.head_bytes = rest.len();
                break;
            };
            if kept < at {
                chunk.copy_within(at..at + passed, kept);
            }
            at += passed;
            kept += passed;
        }
        kept
    }

    /// Gives on as much of a whole head as there is room for.
    fn give_head(&mut self, buf: &mut ReadBuf<'_>) {
        let left = &self.head[self.given_bytes..];
        let given = left.len().min(buf.remaining());
        buf.put_slice(&left[..given]);
        self.given_bytes += given;
        if self.given_bytes == HEAD_BYTES {
            (self.head_bytes, self.given_bytes) = (0, 0);
        }
    }

    /// Whether the frame that begins with `head` is taken out.
    fn leaves_out(&mut self, head: [u8; HEAD_BYTES]) -> bool {
        let [a, b, c, kind, flags, stream @ ..] = head;
        self.payload_bytes = u32::from_be_bytes([0, a, b, c]) as usize;
        let is_empty = self.payload_bytes == 0;
        match kind {
            DATA if is_empty => {
                let is_for_nothing = flags & (END_STREAM | PADDED) == 0
                    // The highest bit says nothing. Stream 0 has no data, which h2 will say.
                    && u32::from_be_bytes(stream) << 1 != 0
                    && !self.in_block;
                if is_for_nothing && self.left_out_in_a_row < MOST_IN_A_ROW {
                    self.left_out_in_a_row += 1;
                    return true;
                }
            }
            DATA => self.left_out_in_a_row = 0,
            HEADERS | PUSH_PROMISE | CONTINUATION => {
                self.left_out_in_a_row = 0;
                self.in_block = flags & END_HEADERS == 0;
            }
            _ => {}
        }
        false
    }

    /// Reads the rest of a head that came in two parts. Ready when it is whole and passed on, when
    /// it is taken out, and at the end of all bytes; then it stays as it is.
    fn poll_head(
        &mut self,
        mut inner: Pin<&mut (impl AsyncRead + Unpin)>,
        cx: &mut Context<'_>,
    ) -> Poll<io::Result<()>> {
        while self.head_bytes < HEAD_BYTES {
            let mut rest = ReadBuf::new(&mut self.head[self.head_bytes..]);
            ready!(inner.as_mut().poll_read(cx, &mut rest))?;
            let read = rest.filled().len();
            if read == 0 {
                return Poll::Ready(Ok(()));
            }
            self.head_bytes += read;
            if self.head_bytes == HEAD_BYTES && self.leaves_out(self.head) {
                self.head_bytes = 0;
                return Poll::Ready(Ok(()));
            }
        }
        Poll::Ready(Ok(()))
    }
}

impl Reading for Sieve {
    fn poll_read(
        &mut self,
        mut inner: Pin<&mut (impl AsyncRead + Unpin)>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        // Below, reading pauses now and then, so a flood does not keep the thread here.
        loop {
            if self.head_bytes > 0 {
                ready!(self.poll_head(inner.as_mut(), cx))?;
                match self.head_bytes {
                    0 => continue,
                    HEAD_BYTES => self.give_head(buf),
                    // The bytes ended in a head, of which h2 can make nothing either.
                    _ => {}
                }
                return Poll::Ready(Ok(()));
            }
            let before = buf.filled().len();
            ready!(inner.as_mut().poll_read(cx, buf))?;
            let came = &mut buf.filled_mut()[before..];
            let has_ended = came.is_empty();
            let kept = self.sift(came);
            buf.set_filled(before + kept);
            // To pass nothing on would mean the end.
            if kept > 0 || has_ended {
                return Poll::Ready(Ok(()));
            }
        }
    }
}

#[cfg(test)]
mod tests;
