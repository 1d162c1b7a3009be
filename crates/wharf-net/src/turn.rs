//! What a worker writes in one turn of its runtime, sent together at the end of the turn.
//!
//! A write to a socket wakes who reads it. Between two writes that stand apart, the reader falls
//! asleep again, and the kernel takes more for waking it than for the bytes. A worker that serves
//! many connections has many small writes in a turn: held for the rest of the turn, they leave one
//! behind the other, and most of them find their reader awake.
//!
//! Only threads whose runtime runs [`send_at_the_end_of_each`] hold anything back; elsewhere a
//! [`Corked`] writes as any stream does.

use std::cell::RefCell;
use std::future::poll_fn;
use std::io::{self, IoSlice};
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker, ready};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;

/// Of one stream, so much is held at most. More is worth a system call of its own, and copying it
/// would cost more than is won.
const MOST_HELD_BYTES: usize = 16 * 1024;

/// So many streams are held at most before they are sent in the middle of the turn: a long turn
/// must not leave those on the other side without work.
const MOST_STREAMS: usize = 64;

/// A stream with its small writes of this turn.
#[derive(Debug)]
pub(crate) struct Corked(Arc<Mutex<Held>>);

#[derive(Debug)]
struct Held {
    stream: TcpStream,
    /// Taken by us and not by the system. Empty between turns, unless the system takes no more.
    bytes: Vec<u8>,
    /// It will be sent at the end of the turn.
    queued: bool,
    /// The system did not take all at the end of a turn: what is left goes out as the stream is
    /// polled.
    stuck: bool,
    /// Why the last write failed, which nobody was told yet.
    failure: Option<io::Error>,
    /// Who is to poll the stream where it is stuck.
    writer: Option<Waker>,
}

/// The streams that this thread holds something of.
struct Turn {
    /// Whether somebody sends at the end of the turn.
    runs: bool,
    queue: Vec<Arc<Mutex<Held>>>,
    sender: Option<Waker>,
    /// Room for what is held, used again and again; at most as much as can be held at once.
    spare: Vec<Vec<u8>>,
}

thread_local! {
    static TURN: RefCell<Turn> = const {
        RefCell::new(Turn { runs: false, queue: Vec::new(), sender: None, spare: Vec::new() })
    };
}

/// Sends what is held at the end of each turn of this thread's runtime, which has no other thread.
/// It never ends; dropping it sends what is held, and from then on nothing is.
pub(crate) async fn send_at_the_end_of_each() {
    let _running = Running::begin();
    poll_fn(|cx| -> Poll<()> {
        TURN.with_borrow_mut(|turn| {
            if !turn
                .sender
                .as_ref()
                .is_some_and(|known| known.will_wake(cx.waker()))
            {
                turn.sender = Some(cx.waker().clone());
            }
        });
        send_all();
        Poll::Pending
    })
    .await;
}

/// Sends what this thread holds.
pub(crate) fn send_all() {
    let mut queue = TURN.with_borrow_mut(|turn| std::mem::take(&mut turn.queue));
    for stream in queue.drain(..) {
        let mut held = lock(&stream);
        held.queued = false;
        held.send();
    }
    TURN.with_borrow_mut(|turn| {
        // Sending wakes tasks and runs none, so nothing was queued meanwhile: its room is used again.
        if turn.queue.is_empty() {
            turn.queue = queue;
        }
    });
}

struct Running;

impl Running {
    fn begin() -> Self {
        TURN.with_borrow_mut(|turn| turn.runs = true);
        Self
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let ended = TURN.try_with(|turn| {
            let mut turn = turn.borrow_mut();
            turn.runs = false;
            turn.sender = None;
        });
        // Else the thread ends, and what it held is gone with its streams.
        if ended.is_ok() {
            send_all();
        }
    }
}

fn lock(stream: &Mutex<Held>) -> MutexGuard<'_, Held> {
    stream.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Whether this thread has somebody who sends at the end of the turn.
fn holds() -> bool {
    TURN.with_borrow(|turn| turn.runs)
}

/// Has a stream sent at the end of the turn. Its lock must not be held.
fn queue(stream: &Arc<Mutex<Held>>) {
    let is_full = TURN.with_borrow_mut(|turn| {
        turn.queue.push(Arc::clone(stream));
        // The task is put behind all that are to run in this turn; the first write of it asks.
        if turn.queue.len() == 1
            && let Some(sender) = &turn.sender
        {
            sender.wake_by_ref();
        }
        turn.queue.len() >= MOST_STREAMS
    });
    if is_full {
        send_all();
    }
}

impl Held {
    /// Sends what the system takes at once.
    fn send(&mut self) {
        if self.bytes.is_empty() || self.stuck {
            return;
        }
        match self.stream.try_write(&self.bytes) {
            Ok(sent) if sent == self.bytes.len() => {
                self.give_back();
                return;
            }
            Ok(sent) => drop(self.bytes.drain(..sent)),
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
            Err(error) => {
                self.give_back();
                self.failure = Some(error);
            }
        }
        self.stuck = true;
        if let Some(writer) = self.writer.take() {
            writer.wake();
        }
    }

    /// Sends what is held, and waits for the system to take it; tells of a write that failed.
    fn poll_send(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        if let Some(failure) = self.failure.take() {
            return Poll::Ready(Err(failure));
        }
        while !self.bytes.is_empty() {
            let sent = ready!(Pin::new(&mut self.stream).poll_write(cx, &self.bytes));
            let sent = sent.and_then(|sent| match sent {
                0 => Err(io::ErrorKind::WriteZero.into()),
                sent => Ok(sent),
            });
            match sent {
                Ok(sent) => drop(self.bytes.drain(..sent)),
                Err(error) => {
                    self.give_back();
                    return Poll::Ready(Err(error));
                }
            }
        }
        self.give_back();
        self.stuck = false;
        Poll::Ready(Ok(()))
    }

    /// Takes what is to be written; there is room for it.
    fn hold(&mut self, pieces: &[IoSlice<'_>], writer: &Waker) {
        if self.bytes.capacity() == 0 {
            self.bytes = TURN
                .with_borrow_mut(|turn| turn.spare.pop())
                .unwrap_or_default();
        }
        for piece in pieces {
            self.bytes.extend_from_slice(piece);
        }
        if !self
            .writer
            .as_ref()
            .is_some_and(|known| known.will_wake(writer))
        {
            self.writer = Some(writer.clone());
        }
    }

    /// Nothing is held any more: the room is for others.
    fn give_back(&mut self) {
        let mut room = std::mem::take(&mut self.bytes);
        room.clear();
        if room.capacity() == 0 || room.capacity() > MOST_HELD_BYTES {
            return;
        }
        // Fails only while the thread ends.
        let _ = TURN.try_with(|turn| {
            let mut turn = turn.borrow_mut();
            if turn.runs && turn.spare.len() < MOST_STREAMS {
                turn.spare.push(room);
            }
        });
    }
}

impl Corked {
    pub(crate) fn new(stream: TcpStream) -> Self {
        Self(Arc::new(Mutex::new(Held {
            stream,
            bytes: Vec::new(),
            queued: false,
            stuck: false,
            failure: None,
            writer: None,
        })))
    }

    /// From now on closing the stream resets the connection, and what is held is not sent.
    pub(crate) fn reset_at_close(&self) -> io::Result<()> {
        let mut held = lock(&self.0);
        held.give_back();
        held.stream.set_zero_linger()
    }
}

impl AsyncRead for Corked {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut lock(&self.0).stream).poll_read(cx, buf)
    }
}

impl AsyncWrite for Corked {
    fn poll_write(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.poll_write_vectored(cx, &[IoSlice::new(buf)])
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let mut held = lock(&self.0);
        let length: usize = bufs.iter().map(|piece| piece.len()).sum();
        if held.stuck || held.bytes.len() + length > MOST_HELD_BYTES || !holds() {
            // What came before goes before.
            ready!(held.poll_send(cx))?;
            return Pin::new(&mut held.stream).poll_write_vectored(cx, bufs);
        }
        held.hold(bufs, cx.waker());
        let is_new = !std::mem::replace(&mut held.queued, true);
        drop(held);
        if is_new {
            queue(&self.0);
        }
        Poll::Ready(Ok(length))
    }

    fn is_write_vectored(&self) -> bool {
        true
    }

    /// What is held will be sent without anybody's doing, so nobody waits for the end of the turn.
    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let mut held = lock(&self.0);
        if held.stuck {
            return held.poll_send(cx);
        }
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let mut held = lock(&self.0);
        ready!(held.poll_send(cx))?;
        Pin::new(&mut held.stream).poll_shutdown(cx)
    }
}

#[cfg(test)]
mod tests;
