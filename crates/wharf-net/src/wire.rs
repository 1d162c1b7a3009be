//! Readers of what comes over the wire, in a form that fuzz targets can reach.
//!
//! Not part of the interface: nothing else may use it.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use http::HeaderMap;
use tokio::io::{AsyncRead, ReadBuf};

use crate::client::head;
use crate::client::interim::Interim;
use crate::client::shared::{Sieve, Through};
use crate::serve::RefusalKind;
use crate::serve::refusal::FirstLine;

/// How long a connection may rest behind an answer with these headers.
pub fn keep_alive(headers: &HeaderMap) -> Option<Duration> {
    head::keep_alive(headers)
}

/// Whether what answers a request over HTTP/1.1 is taken as far as its interim answers go, when
/// it comes in pieces of so many bytes.
pub fn takes_interim(bytes: &[u8], piece_bytes: usize) -> bool {
    let mut interim = Interim::new();
    let mut pieces = bytes.chunks(piece_bytes.max(1));
    pieces.all(|piece| interim.pass(piece).is_ok())
}

/// What is wrong with the first line of a request that comes in pieces of so many bytes.
pub fn mistake(bytes: &[u8], piece_bytes: usize) -> Option<(RefusalKind, String)> {
    let mut line = FirstLine::default();
    for piece in bytes.chunks(piece_bytes.max(1)) {
        line.look_at(piece);
    }
    line.mistake()
}

/// What is left of the frames of an HTTP/2 connection, when they come in pieces of so many bytes
/// and are read with room for so many.
pub fn sift(bytes: &[u8], piece_bytes: usize, room_bytes: usize) -> io::Result<Vec<u8>> {
    let pieces = Pieces {
        bytes,
        piece_bytes: piece_bytes.max(1),
    };
    let mut sieve = Through::new(pieces, Sieve::default());
    let (mut room, mut left) = (vec![0; room_bytes.max(1)], Vec::new());
    loop {
        let mut buf = ReadBuf::new(&mut room);
        let mut cx = Context::from_waker(Waker::noop());
        match Pin::new(&mut sieve).poll_read(&mut cx, &mut buf) {
            Poll::Ready(Ok(())) if buf.filled().is_empty() => return Ok(left),
            Poll::Ready(Ok(())) => left.extend_from_slice(buf.filled()),
            Poll::Ready(Err(error)) => return Err(error),
            Poll::Pending => {}
        }
    }
}

/// Bytes that come piece by piece and are always there.
struct Pieces<'a> {
    bytes: &'a [u8],
    piece_bytes: usize,
}

impl AsyncRead for Pieces<'_> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let most = self.piece_bytes.min(buf.remaining());
        let (piece, rest) = self.bytes.split_at(most.min(self.bytes.len()));
        buf.put_slice(piece);
        self.bytes = rest;
        Poll::Ready(Ok(()))
    }
}
