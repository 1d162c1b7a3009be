//! A byte stream that is read a little at a time.

use std::io::{self, IoSlice};
use std::pin::Pin;
use std::task::{Context, Poll};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

/// So many bytes are read before whoever drives the connection gets a turn.
///
/// A frame is at least 9 bytes long, so this bounds how many of them h2 takes in between two
/// looks at what came: it keeps each as an entry of some 250 bytes.
const TURN_BYTES: usize = 32 * 1024;

/// Reads from `inner`, and pauses after [`TURN_BYTES`] for as long as it takes to be asked again.
pub(super) struct Paced<T> {
    inner: T,
    left_bytes: usize,
}

impl<T> Paced<T> {
    pub(super) const fn new(inner: T) -> Self {
        Self {
            inner,
            left_bytes: TURN_BYTES,
        }
    }
}

impl<T: AsyncRead + Unpin> AsyncRead for Paced<T> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        if self.left_bytes == 0 {
            self.left_bytes = TURN_BYTES;
            cx.waker().wake_by_ref();
            return Poll::Pending;
        }
        let before = buf.filled().len();
        let Poll::Ready(result) = Pin::new(&mut self.inner).poll_read(cx, buf) else {
            self.left_bytes = TURN_BYTES;
            return Poll::Pending;
        };
        let taken = buf.filled().len() - before;
        self.left_bytes = self.left_bytes.saturating_sub(taken);
        Poll::Ready(result)
    }
}

impl<T: AsyncWrite + Unpin> AsyncWrite for Paced<T> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.inner).poll_write(cx, buf)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_shutdown(cx)
    }

    fn is_write_vectored(&self) -> bool {
        self.inner.is_write_vectored()
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.inner).poll_write_vectored(cx, bufs)
    }
}
