//! Pieces of a request body that h2 has taken and not written yet.
//!
//! h2 bounds what it takes by bytes and keeps an entry of some 300 bytes for each piece, so a body
//! in pieces of one byte would fill it with entries. Here they are counted.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, Waker};

use bytes::{Buf, Bytes};

/// So many pieces of one body wait at most. Full ones reach h2's bound of 400 KiB before.
pub(super) const MOST_PIECES: usize = 256;

/// A body goes on when so many are left.
const FEW_PIECES: usize = MOST_PIECES / 2;

/// The pieces of one body.
#[derive(Clone, Default)]
pub(super) struct Queue(Arc<Queued>);

#[derive(Default)]
struct Queued {
    pieces: AtomicUsize,
    /// The body, when it waits for room.
    sender: Mutex<Option<Waker>>,
}

/// A piece, counted until h2 has written it or thrown it away.
pub(super) struct Piece {
    data: Bytes,
    queue: Queue,
}

impl Queue {
    /// Ready while there is room for one more.
    pub(super) fn poll_room(&self, cx: &Context<'_>) -> Poll<()> {
        if self.len() < MOST_PIECES {
            return Poll::Ready(());
        }
        let waker = cx.waker().clone();
        *self.sender() = Some(waker);
        // Some may have gone before the waker was there, and then nobody wakes it.
        if self.len() <= FEW_PIECES {
            Poll::Ready(())
        } else {
            Poll::Pending
        }
    }

    pub(super) fn piece(&self, data: Bytes) -> Piece {
        self.0.pieces.fetch_add(1, Ordering::AcqRel);
        Piece {
            data,
            queue: self.clone(),
        }
    }

    fn len(&self) -> usize {
        self.0.pieces.load(Ordering::Acquire)
    }

    fn sender(&self) -> std::sync::MutexGuard<'_, Option<Waker>> {
        self.0.sender.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Piece {
    fn drop(&mut self) {
        // Counted before the waker is looked for: a sender that leaves its waker just behind this
        // look sees by the lock what was counted, and does not wait.
        let before = self.queue.0.pieces.fetch_sub(1, Ordering::AcqRel);
        if before <= FEW_PIECES + 1 {
            let sender = self.queue.sender().take();
            if let Some(sender) = sender {
                sender.wake();
            }
        }
    }
}

impl Buf for Piece {
    fn remaining(&self) -> usize {
        self.data.len()
    }

    fn chunk(&self) -> &[u8] {
        &self.data
    }

    fn advance(&mut self, count: usize) {
        self.data.advance(count);
    }
}
