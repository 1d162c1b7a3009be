//! A caller's connection that is given up when the caller takes nothing.
//!
//! While the way to the caller is full, nobody asks for more of the answer, so its own bounds are
//! not looked at. Without a bound here, a caller that stops reading holds the vendor's connection
//! for as long as it likes.

use std::io::{self, IoSlice};
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::{Instant, Sleep, sleep_until};

/// A caller that takes no byte of its answer for this long is cut.
pub const WRITE_TIMEOUT: Duration = Duration::from_secs(60);

/// When the answer that is being sent must have ended; shared by a connection and its calls.
#[derive(Clone, Default)]
pub(crate) struct AnswerDeadline(Arc<Mutex<Option<Instant>>>);

impl AnswerDeadline {
    /// Sets the deadline of the next answer; `None`: it has none.
    pub(crate) fn set(&self, deadline: Option<Instant>) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = deadline;
    }

    fn get(&self) -> Option<Instant> {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A stream that fails with `TimedOut` when nothing could be written until [`WRITE_TIMEOUT`] or
/// the answer's deadline has passed.
pub(crate) struct Patient<S> {
    stream: S,
    deadline: AnswerDeadline,
    /// Set while a write waits, and made anew for each that does: its time begins there, and nearly
    /// none has to wait.
    alarm: Option<Pin<Box<Sleep>>>,
}

impl<S> Patient<S> {
    pub(crate) const fn new(stream: S, deadline: AnswerDeadline) -> Self {
        Self {
            stream,
            deadline,
            alarm: None,
        }
    }

    pub(crate) const fn get_ref(&self) -> &S {
        &self.stream
    }

    fn watch<T>(
        &mut self,
        written: Poll<io::Result<T>>,
        cx: &mut Context<'_>,
    ) -> Poll<io::Result<T>> {
        if written.is_ready() {
            self.alarm = None;
            return written;
        }
        let deadline = &self.deadline;
        let alarm = self.alarm.get_or_insert_with(|| {
            let patience = Instant::now() + WRITE_TIMEOUT;
            let until = deadline
                .get()
                .map_or(patience, |deadline| deadline.min(patience));
            Box::pin(sleep_until(until))
        });
        match alarm.as_mut().poll(cx) {
            Poll::Pending => Poll::Pending,
            Poll::Ready(()) => Poll::Ready(Err(io::Error::new(
                io::ErrorKind::TimedOut,
                "the caller does not take its answer",
            ))),
        }
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Patient<S> {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().stream).poll_read(cx, buf)
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Patient<S> {
    fn poll_write(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        let written = Pin::new(&mut this.stream).poll_write(cx, buf);
        this.watch(written, cx)
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        // What the stream took may still be held there.
        let this = self.get_mut();
        let flushed = Pin::new(&mut this.stream).poll_flush(cx);
        this.watch(flushed, cx)
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().stream).poll_shutdown(cx)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        let written = Pin::new(&mut this.stream).poll_write_vectored(cx, bufs);
        this.watch(written, cx)
    }
}

#[cfg(test)]
mod tests;
