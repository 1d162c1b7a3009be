//! A byte stream that tells what went over it, and that outlives a failed write.

use std::io::{self, IoSlice};
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, LazyLock, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker, ready};
use std::time::{Duration, Instant};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use super::interim::Interim;

/// Times of reads are kept as milliseconds since this moment.
static BEGINNING: LazyLock<Instant> = LazyLock::new(Instant::now);

fn milliseconds_until(moment: Instant) -> u64 {
    let since = moment.saturating_duration_since(*BEGINNING);
    u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
}

/// When something happened last.
#[derive(Debug, Default)]
pub(crate) struct LastSeen(AtomicU64);

impl LastSeen {
    /// It happens now.
    pub(crate) fn now(&self) {
        let now = milliseconds_until(Instant::now());
        self.0.store(now, Ordering::Release);
    }

    /// Whether it did not happen since `moment`.
    pub(crate) fn is_silent_since(&self, moment: Instant) -> bool {
        self.0.load(Ordering::Acquire) < milliseconds_until(moment)
    }

    fn silence(&self) -> Duration {
        let last = self.0.load(Ordering::Acquire);
        Duration::from_millis(milliseconds_until(Instant::now()).saturating_sub(last))
    }
}

/// What went over one connection so far.
#[derive(Clone, Debug, Default)]
pub(crate) struct Traffic(Arc<Shared>);

#[derive(Debug, Default)]
struct Shared {
    written_bytes: AtomicU64,
    last_read: LastSeen,
    /// A request goes out, and what comes from now on answers it.
    is_asked: AtomicBool,
    /// Of the body of the request under way, nothing is left to be taken.
    is_sent: AtomicBool,
    /// Whether there is an error in `failure`: no lock is taken to learn that there is none.
    has_failed: AtomicBool,
    failure: Mutex<Failure>,
}

/// A write that failed, while there may be something to read.
#[derive(Debug, Default)]
struct Failure {
    error: Option<io::Error>,
    /// Nothing more can be read, or nobody wants to.
    over: bool,
    writer: Option<Waker>,
}

impl Traffic {
    pub(crate) fn written_bytes(&self) -> u64 {
        self.0.written_bytes.load(Ordering::Acquire)
    }

    /// The next request goes out over a connection that serves one at a time.
    pub(crate) fn ask(&self) {
        self.0.is_asked.store(true, Ordering::Release);
    }

    /// Whether all of the request's body was taken.
    pub(crate) fn sends(&self, all: bool) {
        self.0.is_sent.store(all, Ordering::Release);
    }

    /// Whether nothing of the body of the request under way is left to be taken.
    pub(crate) fn is_sent(&self) -> bool {
        self.0.is_sent.load(Ordering::Acquire)
    }

    /// Whether nothing came from the other side since `moment`.
    pub(crate) fn is_silent_since(&self, moment: Instant) -> bool {
        self.0.last_read.is_silent_since(moment)
    }

    /// How long nothing came from the other side.
    pub(crate) fn silence(&self) -> Duration {
        self.0.last_read.silence()
    }

    /// Whether a write failed: what is sent from then on arrives nowhere.
    pub(crate) fn has_failed(&self) -> bool {
        self.0.has_failed.load(Ordering::Acquire)
    }

    /// Nobody waits for an answer any more, so a failed write may end the connection.
    pub(crate) fn give_up(&self) {
        let mut failure = self.failure();
        failure.over = true;
        if let Some(writer) = failure.writer.take() {
            writer.wake();
        }
    }

    fn failure(&self) -> MutexGuard<'_, Failure> {
        self.0
            .failure
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }

    fn wrote(&self, bytes: usize) {
        self.0
            .written_bytes
            // Released to whoever asks: a call that is told of an error must see each byte that was
            // written before it, or it would call the request unsent.
            .fetch_add(bytes as u64, Ordering::AcqRel);
    }

    fn read(&self) {
        self.0.last_read.now();
    }

    /// What a writer gets: its bytes' count, or patience while an early answer may still be read.
    ///
    /// A server that refuses a body answers, closes, and resets what still comes. The answer is
    /// in our buffers by then, and whoever writes and reads on one connection must not let the
    /// failed write end it before the answer was read (RFC 9112, 9.6).
    fn settle(&self, cx: &Context<'_>, result: io::Result<usize>) -> Poll<io::Result<usize>> {
        match result {
            Ok(written) => {
                if written > 0 {
                    self.wrote(written);
                }
                Poll::Ready(Ok(written))
            }
            Err(error) if is_gone(&error) => {
                let mut failure = self.failure();
                failure.error.get_or_insert(error);
                // Behind the error and under its lock: whoever sees it finds the error.
                self.0.has_failed.store(true, Ordering::Release);
                Self::failed(&mut failure, cx)
            }
            Err(error) => Poll::Ready(Err(error)),
        }
    }

    fn failed(failure: &mut Failure, cx: &Context<'_>) -> Poll<io::Result<usize>> {
        let Some(error) = &failure.error else {
            return Poll::Pending;
        };
        if failure.over {
            return Poll::Ready(Err(error.kind().into()));
        }
        failure.writer = Some(cx.waker().clone());
        Poll::Pending
    }

    /// The fate of every write after one that failed.
    fn after_failure(&self, cx: &Context<'_>) -> Option<Poll<io::Result<usize>>> {
        self.has_failed()
            .then(|| Self::failed(&mut self.failure(), cx))
    }
}

/// Whether the other side takes no more bytes.
fn is_gone(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::BrokenPipe | io::ErrorKind::ConnectionReset
    )
}

/// How many streams there are.
#[derive(Clone, Debug, Default)]
pub(crate) struct OpenConnections(Arc<AtomicUsize>);

impl OpenConnections {
    pub(crate) fn count(&self) -> usize {
        // A gauge: it orders nothing.
        self.0.load(Ordering::Relaxed)
    }

    /// Counts one more for as long as the result lives.
    pub(crate) fn one_more(&self) -> OpenConnection {
        self.0.fetch_add(1, Ordering::Relaxed);
        OpenConnection(self.clone())
    }
}

/// One stream's share of [`OpenConnections`].
pub(crate) struct OpenConnection(OpenConnections);

impl Drop for OpenConnection {
    fn drop(&mut self) {
        self.0.0.fetch_sub(1, Ordering::Relaxed);
    }
}

/// Counts below HTTP, so that "nothing was written" means the socket (or TLS) took no byte.
pub(crate) struct Counted<T> {
    inner: T,
    traffic: Traffic,
    /// Whether somebody asks how long nothing came.
    timed: bool,
    /// Of the request under way, where there is one at a time.
    interim: Interim,
    _open: OpenConnection,
}

impl<T> Counted<T> {
    /// `timed`: moments of reads are kept. On a connection that serves one request at a time, its
    /// answer tells as much.
    pub(crate) fn new(inner: T, open: OpenConnection, timed: bool) -> (Self, Traffic) {
        let traffic = Traffic::default();
        traffic.read();
        let counted = Self {
            inner,
            timed,
            interim: Interim::new(),
            traffic: traffic.clone(),
            _open: open,
        };
        (counted, traffic)
    }
}

impl<T> Counted<T> {
    fn count_interim(&mut self, came: &[u8]) -> io::Result<()> {
        // No swap: nearly all reads find it unset, and looking alone writes to no shared memory.
        if self.traffic.0.is_asked.load(Ordering::Acquire) {
            self.traffic.0.is_asked.store(false, Ordering::Release);
            self.interim = Interim::new();
        }
        self.interim.pass(came).map_err(io::Error::other)
    }
}

impl<T: AsyncRead + Unpin> AsyncRead for Counted<T> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buf.filled().len();
        let result = ready!(Pin::new(&mut self.inner).poll_read(cx, buf));
        if result.is_err() || buf.filled().len() == before {
            self.traffic.give_up();
        } else if self.timed {
            self.traffic.read();
        } else {
            let came = buf.filled().get(before..).unwrap_or_default();
            if let Err(error) = self.count_interim(came) {
                // Whoever writes is not to wait for an answer any more.
                self.traffic.give_up();
                return Poll::Ready(Err(error));
            }
        }
        Poll::Ready(result)
    }
}

impl<T: AsyncWrite + Unpin> AsyncWrite for Counted<T> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        if let Some(fate) = self.traffic.after_failure(cx) {
            return fate;
        }
        let result = ready!(Pin::new(&mut self.inner).poll_write(cx, buf));
        self.traffic.settle(cx, result)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        if let Some(fate) = self.traffic.after_failure(cx) {
            return fate.map_ok(|_| ());
        }
        let result = ready!(Pin::new(&mut self.inner).poll_flush(cx));
        self.traffic.settle(cx, result.map(|()| 0)).map_ok(|_| ())
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
        if let Some(fate) = self.traffic.after_failure(cx) {
            return fate;
        }
        let result = ready!(Pin::new(&mut self.inner).poll_write_vectored(cx, bufs));
        self.traffic.settle(cx, result)
    }
}
