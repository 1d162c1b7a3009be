//! What came of an answer and waits for its reader.
//!
//! Flow control counts bytes, and h2 keeps an entry for each frame beside them, however small it
//! is; a frame also holds on to the whole piece of memory that it was read into. So frames are
//! taken from h2 as they come, and small ones are joined here. What waits is then as large as the
//! window lets it be, and not a hundred times that.
//!
//! What comes behind a head waits in h2 until whoever asked takes the head. That is a turn of the
//! connection at most where each call is a task of the runtime, since the head wakes that task
//! before the connection wakes itself.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::task::{Context, Poll, Wake, Waker};

use bytes::{Bytes, BytesMut};
use h2::RecvStream;
use http::HeaderMap;

use super::super::counted::LastSeen;

/// Frames are joined to pieces of this size, in bytes. A frame that is as large waits as it is:
/// it is the largest that the other side may send (RFC 9113, 4.2).
const PIECE_BYTES: usize = 16 * 1024;

/// The answers of one connection of which something came.
#[derive(Default)]
pub(super) struct Arrivals {
    news: Mutex<Vec<Weak<Inbox>>>,
    /// When a part of any answer came.
    last: LastSeen,
}

impl Arrivals {
    /// Takes what came out of h2. Called after each turn of the connection.
    pub(super) fn collect(&self) {
        // Never held while h2 is asked: it calls `wake` under a lock of its own.
        let news = std::mem::take(&mut *lock(&self.news));
        for inbox in news.iter().filter_map(Weak::upgrade) {
            inbox.is_listed.store(false, Ordering::Release);
            // Its end and its errors are told again when its reader asks.
            let _ = inbox.content().fill(&inbox);
        }
    }

    pub(super) const fn last(&self) -> &LastSeen {
        &self.last
    }
}

/// The answer of one stream.
pub(super) struct Inbox {
    content: Mutex<Content>,
    /// Whoever waits for more of it.
    reader: Mutex<Option<Waker>>,
    is_listed: AtomicBool,
    arrivals: Arc<Arrivals>,
}

struct Content {
    /// `None` once the reader is gone. h2 keeps a waker of the inbox with the stream, so the two
    /// would keep each other for ever.
    stream: Option<RecvStream>,
    waiting: Waiting,
}

/// Called by h2 when something of the answer came, with a lock of its own held: nothing here may
/// ask h2 anything.
impl Wake for Inbox {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        if !self.is_listed.swap(true, Ordering::AcqRel) {
            lock(&self.arrivals.news).push(Arc::downgrade(self));
        }
        let reader = lock(&self.reader).take();
        if let Some(reader) = reader {
            reader.wake();
        }
    }
}

impl Inbox {
    pub(super) fn new(stream: RecvStream, arrivals: &Arc<Arrivals>) -> Arc<Self> {
        let inbox = Arc::new(Self {
            content: Mutex::new(Content {
                stream: Some(stream),
                waiting: Waiting::default(),
            }),
            reader: Mutex::default(),
            is_listed: AtomicBool::new(false),
            arrivals: Arc::clone(arrivals),
        });
        // From here on h2 tells this inbox what comes.
        let _ = inbox.content().fill(&inbox);
        inbox
    }

    fn content(&self) -> MutexGuard<'_, Content> {
        lock(&self.content)
    }

    /// The next piece, or `None` when there is no further one.
    ///
    /// Taking it opens the window for as much again, so that the window bounds what waits.
    pub(super) fn poll_data(
        self: &Arc<Self>,
        cx: &Context<'_>,
    ) -> Poll<Option<Result<Bytes, h2::Error>>> {
        let mut content = self.content();
        if content.waiting.is_empty() {
            // Before h2 is asked, so that what comes from now on wakes the reader.
            self.wakes(cx);
            if let Poll::Ready(end) = content.fill(self)
                && content.waiting.is_empty()
            {
                return Poll::Ready(end.err().map(Err));
            }
        }
        let Some(piece) = content.waiting.pop() else {
            return Poll::Pending;
        };
        if let Some(stream) = &mut content.stream {
            // An error means that the stream is over.
            let _ = stream.flow_control().release_capacity(piece.len());
        }
        Poll::Ready(Some(Ok(piece)))
    }

    /// What stands behind the last piece.
    pub(super) fn poll_trailers(
        self: &Arc<Self>,
        cx: &Context<'_>,
    ) -> Poll<Result<Option<HeaderMap>, h2::Error>> {
        self.wakes(cx);
        let waker = Waker::from(Arc::clone(self));
        match &mut self.content().stream {
            Some(stream) => stream.poll_trailers(&mut Context::from_waker(&waker)),
            None => Poll::Ready(Ok(None)),
        }
    }

    fn wakes(&self, cx: &Context<'_>) {
        let mut reader = lock(&self.reader);
        match &mut *reader {
            Some(waker) => waker.clone_from(cx.waker()),
            None => *reader = Some(cx.waker().clone()),
        }
    }

    /// Whether all of the answer came and was taken.
    pub(super) fn is_end_stream(&self) -> bool {
        let content = self.content();
        content.waiting.is_empty()
            && content
                .stream
                .as_ref()
                .is_none_or(RecvStream::is_end_stream)
    }

    /// Its reader is gone. A stream that has not ended is reset.
    pub(super) fn close(&self) {
        let mut content = self.content();
        content.waiting = Waiting::default();
        let stream = content.stream.take();
        drop(content);
        // Behind the lock: h2 may wake whom it likes.
        drop(stream);
    }
}

impl Content {
    /// Moves all frames that came out of h2. Ready at the end of the data.
    fn fill(&mut self, inbox: &Arc<Inbox>) -> Poll<Result<(), h2::Error>> {
        let Some(stream) = &mut self.stream else {
            return Poll::Ready(Ok(()));
        };
        let waker = Waker::from(Arc::clone(inbox));
        let mut cx = Context::from_waker(&waker);
        let mut came = false;
        let end = loop {
            match stream.poll_data(&mut cx) {
                Poll::Ready(Some(Ok(data))) => {
                    came = true;
                    self.waiting.push(data);
                }
                Poll::Ready(Some(Err(error))) => break Poll::Ready(Err(error)),
                Poll::Ready(None) => break Poll::Ready(Ok(())),
                Poll::Pending => break Poll::Pending,
            }
        };
        if came {
            inbox.arrivals.last.now();
        }
        end
    }
}

/// Pieces in their order.
#[derive(Default)]
struct Waiting {
    pieces: VecDeque<Bytes>,
    /// Small frames behind all of them.
    joined: BytesMut,
}

impl Waiting {
    fn push(&mut self, data: Bytes) {
        // A reader that keeps up gets each frame as it is.
        if self.is_empty() || data.len() >= PIECE_BYTES {
            self.close();
            self.pieces.push_back(data);
            return;
        }
        if self.joined.len() + data.len() > PIECE_BYTES {
            self.close();
        }
        self.joined.extend_from_slice(&data);
    }

    /// Nothing more is joined to the last piece.
    fn close(&mut self) {
        if !self.joined.is_empty() {
            self.pieces.push_back(self.joined.split().freeze());
        }
    }

    fn pop(&mut self) -> Option<Bytes> {
        self.pieces.pop_front().or_else(|| {
            (!self.joined.is_empty()).then(|| std::mem::take(&mut self.joined).freeze())
        })
    }

    fn is_empty(&self) -> bool {
        self.pieces.is_empty() && self.joined.is_empty()
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests;
