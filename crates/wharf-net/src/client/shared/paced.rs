//! Reading a little at a time.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

use tokio::io::{AsyncRead, ReadBuf};

use super::through::Reading;

/// So many bytes are read before whoever drives the connection gets a turn.
///
/// A frame is at least 9 bytes long, so this bounds how many of them h2 takes in between two
/// looks at what came: it keeps each as an entry of some 250 bytes.
const TURN_BYTES: usize = 32 * 1024;

/// Pauses after [`TURN_BYTES`] for as long as it takes to be asked again.
pub(super) struct Paced {
    left_bytes: usize,
}

impl Paced {
    pub(super) const fn new() -> Self {
        Self {
            left_bytes: TURN_BYTES,
        }
    }
}

impl Reading for Paced {
    fn poll_read(
        &mut self,
        inner: Pin<&mut (impl AsyncRead + Unpin)>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        if self.left_bytes == 0 {
            self.left_bytes = TURN_BYTES;
            cx.waker().wake_by_ref();
            return Poll::Pending;
        }
        let before = buf.filled().len();
        let Poll::Ready(result) = inner.poll_read(cx, buf) else {
            self.left_bytes = TURN_BYTES;
            return Poll::Pending;
        };
        let taken = buf.filled().len() - before;
        self.left_bytes = self.left_bytes.saturating_sub(taken);
        Poll::Ready(result)
    }
}
