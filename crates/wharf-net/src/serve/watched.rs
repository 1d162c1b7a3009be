//! A caller's connection with an eye on heads: how long they take, and what answers them.

use std::io::{self, IoSlice};
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::{Instant, Sleep, sleep_until};

use crate::serve::Bounds;
use crate::serve::places::{Phase, State};
use crate::serve::refusal::FirstLine;

/// Room for what the parser says by itself. Its refusals have about 100 bytes.
const HELD_BYTES: usize = 1_024;

/// How reading came to its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum End {
    /// The caller ended it.
    Caller,
    /// Nothing of a request came in time.
    Idle,
    /// A part of a head came in time.
    Unfinished,
}

/// What is left of a stream when the parser has let go of it.
pub(crate) struct Left<S> {
    pub(crate) stream: S,
    /// `None`: the reading has not ended.
    pub(crate) end: Option<End>,
    /// Bytes that were held back.
    pub(crate) held: Vec<u8>,
    pub(crate) line: FirstLine,
}

/// Where it is left: the parser keeps the stream to itself until it is dropped.
pub(crate) type Slot<S> = Arc<Mutex<Option<Left<S>>>>;

/// A stream that ends when heads take too long, and that holds back what is written while no
/// request is under way.
///
/// Only the parser writes then, to refuse what it cannot read with a bare status. What it wrote
/// is replaced, or released when it was something else ([`Left::held`]). The stream is not shut
/// down by the parser; it is put into its slot.
pub(crate) struct Watched<S> {
    /// `None` only while it is dropped.
    stream: Option<S>,
    slot: Slot<S>,
    state: Arc<State>,
    head: Duration,
    idle: Duration,
    alarm: Pin<Box<Sleep>>,
    /// When the head that is awaited must have come, or begun.
    deadline: Instant,
    /// No head came before the one that is awaited.
    is_first: bool,
    /// The head that is awaited has begun, and its time not yet: nearly every head comes in one
    /// piece, and needs no clock.
    begins: bool,
    line: FirstLine,
    /// Bytes of the head that is awaited.
    head_bytes: usize,
    end: Option<End>,
    held: Vec<u8>,
}

impl<S> Watched<S> {
    pub(crate) fn new(stream: S, state: Arc<State>, bounds: &Bounds, slot: Slot<S>) -> Self {
        let deadline = Instant::now() + bounds.head;
        Self {
            stream: Some(stream),
            slot,
            state,
            head: bounds.head,
            idle: bounds.idle,
            alarm: Box::pin(sleep_until(deadline)),
            deadline,
            is_first: true,
            begins: false,
            line: FirstLine::default(),
            head_bytes: 0,
            end: None,
            held: Vec::new(),
        }
    }

    fn came(&mut self, bytes: &[u8]) {
        if bytes.is_empty() {
            self.end = Some(End::Caller);
        } else if self.state.is(Phase::Quiet) {
            self.begins |= self.head_bytes == 0;
            self.head_bytes += bytes.len();
            self.line.look_at(bytes);
        }
    }

    /// Ends the reading when the time for a head has passed.
    fn watch(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        if !self.state.is(Phase::Quiet) {
            return Poll::Pending;
        }
        // A first head has its time from the connection's start, so that who says little by little
        // holds a place no longer than who says nothing.
        if std::mem::take(&mut self.begins) && !self.is_first {
            self.deadline = Instant::now() + self.head;
        }
        if self.alarm.deadline() != self.deadline {
            self.alarm.as_mut().reset(self.deadline);
        }
        ready!(self.alarm.as_mut().poll(cx));
        self.end = Some(if self.head_bytes == 0 {
            End::Idle
        } else {
            End::Unfinished
        });
        Poll::Ready(Ok(()))
    }

    /// What is written and flushed was an answer to its end; the next head is awaited.
    fn flushed(&mut self) {
        if self.state.is(Phase::Answered) {
            let now = Instant::now();
            self.state.rest(now.into_std());
            self.deadline = now + self.idle;
            self.is_first = false;
            self.begins = false;
            self.line = FirstLine::default();
            self.head_bytes = 0;
        }
    }

    /// Holds bytes back while there is nothing to answer; says how many.
    fn hold(&mut self, bytes: &[u8]) -> Option<usize> {
        let holds = self.state.is(Phase::Quiet) && self.held.len() + bytes.len() <= HELD_BYTES;
        holds.then(|| {
            self.held.extend_from_slice(bytes);
            bytes.len()
        })
    }
}

impl<S: Unpin> Watched<S> {
    fn stream(&mut self) -> io::Result<Pin<&mut S>> {
        let gone = || io::Error::from(io::ErrorKind::NotConnected);
        self.stream.as_mut().map(Pin::new).ok_or_else(gone)
    }
}

impl<S> Drop for Watched<S> {
    fn drop(&mut self) {
        let left = self.stream.take().map(|stream| Left {
            stream,
            end: self.end,
            held: std::mem::take(&mut self.held),
            line: std::mem::take(&mut self.line),
        });
        // Nobody panics with the slot locked.
        if let Ok(mut slot) = self.slot.lock() {
            *slot = left;
        }
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Watched<S> {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        if this.end.is_some() {
            return Poll::Ready(Ok(()));
        }
        let before = buf.filled().len();
        let has_room = buf.remaining() > 0;
        match this.stream()?.poll_read(cx, buf) {
            Poll::Pending => this.watch(cx),
            Poll::Ready(read) => {
                if read.is_ok() && has_room {
                    this.came(&buf.filled()[before..]);
                }
                Poll::Ready(read)
            }
        }
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Watched<S> {
    fn poll_write(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        match this.hold(buf) {
            Some(held) => Poll::Ready(Ok(held)),
            None => this.stream()?.poll_write(cx, buf),
        }
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        ready!(this.stream()?.poll_flush(cx))?;
        this.flushed();
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.poll_flush(cx)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.as_ref().is_some_and(S::is_write_vectored)
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        let first = bufs.iter().find(|buf| !buf.is_empty());
        match first.and_then(|buf| this.hold(buf)) {
            Some(held) => Poll::Ready(Ok(held)),
            None => this.stream()?.poll_write_vectored(cx, bufs),
        }
    }
}

/// The body of an answer; its end is the end of a request's life.
pub(crate) struct Answer<B> {
    body: B,
    state: Arc<State>,
}

impl<B> Answer<B> {
    pub(crate) const fn new(body: B, state: Arc<State>) -> Self {
        Self { body, state }
    }
}

impl<B> Drop for Answer<B> {
    fn drop(&mut self) {
        self.state.set(Phase::Answered);
    }
}

impl<B: Body<Data = Bytes> + Unpin> Body for Answer<B> {
    type Data = Bytes;
    type Error = B::Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, B::Error>>> {
        Pin::new(&mut self.get_mut().body).poll_frame(cx)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

#[cfg(test)]
mod tests;
