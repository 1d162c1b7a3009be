//! An HTTP/2 connection: many requests at a time, as many as the other side allows.
//!
//! The protocol is spoken with `h2` itself, since what the pool must know is hidden above it:
//! how many streams the other side allows, whether a ping is answered, and whether a request
//! was taken before the connection went away.

mod exchange;
mod inbox;
mod paced;
mod queue;
mod sieve;
mod through;
mod watch;

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, Waker};
use std::time::{Duration, Instant};

use h2::PingPong;
use h2::client::{Connection, SendRequest};
use tokio::sync::Notify;
use tokio_util::task::TaskTracker;

use super::counted::{Counted, Traffic};
use super::head;
use super::pool::bell::Bell;
use inbox::Arrivals;
use paced::Paced;
use queue::Piece;
use watch::watch;

pub(super) use exchange::{Failed, Incoming, exchange};
pub(crate) use sieve::Sieve;
pub(crate) use through::Through;
pub(super) use watch::Patience;

/// So much of one answer is taken before its caller reads, in bytes.
const STREAM_WINDOW: u32 = 512 * 1024;

/// So many requests share one connection, where the other side allows as many.
///
/// All of them together may fill their windows without filling the connection's, so callers that
/// do not read never hold up others (RFC 9113, 5.2.2).
const STREAMS: u32 = 100;

/// The same as a count.
pub(super) const MOST_STREAMS: usize = STREAMS as usize;

const CONNECTION_WINDOW: u32 = STREAM_WINDOW * STREAMS;

/// What h2 may keep beside the content of small frames, in bytes by its own reckoning.
const SMALL_FRAMES_BUDGET: usize = 64 * 1024 * 1024;

/// A connection takes no new request after so many answers that broke a rule of the protocol.
///
/// h2 counts them over its whole life and ends all of its calls at 1,025: one operation of a
/// vendor that is always answered wrongly would cost others theirs. Those that are under way here
/// are at most [`STREAMS`].
const MOST_FAULTS: usize = 512;

/// A connection takes no new request after so many were given up before their answer's end.
///
/// What the other side had sent of those by then still comes. h2 passes over it as long as it
/// remembers the stream; what comes for one that it forgot counts as a fault of the other side,
/// and ends all calls at 1,025. So it remembers as many as there can be.
const MOST_GIVEN_UP: usize = 1_000;

/// Streams that were given up are remembered for so long: more than anything is on its way.
const REMEMBERED: Duration = Duration::from_secs(60);

/// Stands for a bound that the other side has not told yet. What it can tell has 32 bits.
const UNKNOWN: usize = usize::MAX - 1;

/// One connection, as the pool keeps it. Dropping it lets the connection end with its last
/// stream.
pub(super) struct Shared {
    sender: SendRequest<Piece>,
    state: Arc<State>,
    opened: Instant,
}

struct State {
    /// Streams in use, by our own count.
    streams: AtomicUsize,
    /// What the other side allows at once (`SETTINGS_MAX_CONCURRENT_STREAMS`).
    allowed: AtomicUsize,
    /// When the last stream ended.
    unused_since: Mutex<Instant>,
    /// A request had no answer in time; cleared when a ping is answered.
    suspect: AtomicBool,
    suspected: Notify,
    /// It broke, or has had its share of faults or of requests that were given up.
    ended: AtomicBool,
    faults: AtomicUsize,
    given_up: AtomicUsize,
    traffic: Traffic,
    /// Answers of which something came, which is less than what comes at all.
    arrivals: Arc<Arrivals>,
    /// Rings when a stream becomes free, here or elsewhere at the same origin.
    bell: Arc<Bell>,
}

/// The right to one stream. Dropping it lets the next request have it.
pub(super) struct Stream {
    sender: SendRequest<Piece>,
    state: Arc<State>,
    /// A request went over it whose answer has not come to its end.
    is_under_way: bool,
}

impl Drop for Stream {
    fn drop(&mut self) {
        if self.is_under_way {
            self.state.count(&self.state.given_up, MOST_GIVEN_UP);
        }
        // Before the count falls: whoever finds no stream in use reads since when.
        *self.state.unused_since() = Instant::now();
        self.state.streams.fetch_sub(1, Ordering::AcqRel);
        self.state.bell.ring();
    }
}

/// Lets a request that had no answer in time cast doubt on its connection.
pub(super) struct Doubt(Arc<State>);

impl Doubt {
    /// The connection gets no new request until it answers a ping, where it brought no part of any
    /// answer since `moment`.
    pub(super) fn cast(&self, moment: Instant) {
        if self.0.arrivals.last().is_silent_since(moment) {
            self.0.distrust();
        }
    }
}

impl Stream {
    pub(super) fn doubt(&self) -> Doubt {
        Doubt(Arc::clone(&self.state))
    }
}

impl State {
    fn distrust(&self) {
        // Once for many requests that give up together: one ping answers for all.
        if !self.suspect.swap(true, Ordering::AcqRel) {
            self.suspected.notify_one();
        }
    }

    /// An answer ended with this error. Where it broke a rule that ends its stream only, it counts.
    fn count_fault(&self, error: &h2::Error) {
        if error.is_library() && error.is_reset() {
            self.count(&self.faults, MOST_FAULTS);
        }
    }

    /// One more of those of which a connection bears so many.
    fn count(&self, counter: &AtomicUsize, most: usize) {
        if counter.fetch_add(1, Ordering::AcqRel) + 1 == most {
            self.ended.store(true, Ordering::Release);
            // Whoever waits for one of its streams has to look elsewhere.
            self.bell.ring_for_all();
        }
    }

    fn unused_since(&self) -> std::sync::MutexGuard<'_, Instant> {
        self.unused_since
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

impl Shared {
    /// Begins to speak HTTP/2 over `io`. The connection runs as one of `tasks`.
    pub(super) async fn open<T>(
        patience: Patience,
        io: Counted<T>,
        traffic: Traffic,
        tasks: &TaskTracker,
        bell: &Arc<Bell>,
    ) -> Result<Self, h2::Error>
    where
        T: tokio::io::AsyncRead + tokio::io::AsyncWrite + Send + Unpin + 'static,
    {
        let (sender, mut connection) = h2::client::Builder::new()
            .initial_window_size(STREAM_WINDOW)
            .initial_connection_window_size(CONNECTION_WINDOW)
            // Twice our own bound, so that most of what is above it is told apart from nonsense.
            .max_header_list_size(2 * u32::try_from(head::MOST_BYTES).unwrap_or(u32::MAX / 2))
            .initial_max_send_streams(UNKNOWN)
            .enable_push(false)
            // What waits is bounded by us, in `inbox`; this is a second line behind it. It must be
            // far away: h2 also counts small frames of answers that were given up, never forgets
            // those, and ends all calls of a connection here.
            .data_frame_budget(SMALL_FRAMES_BUDGET)
            .max_concurrent_reset_streams(MOST_GIVEN_UP + MOST_STREAMS)
            .reset_stream_duration(REMEMBERED)
            .handshake(Through::new(
                Through::new(io, Paced::new()),
                Sieve::default(),
            ))
            .await?;
        let state = Arc::new(State {
            streams: AtomicUsize::new(0),
            allowed: AtomicUsize::new(UNKNOWN),
            unused_since: Mutex::new(Instant::now()),
            suspect: AtomicBool::new(false),
            suspected: Notify::new(),
            ended: AtomicBool::new(false),
            faults: AtomicUsize::new(0),
            given_up: AtomicUsize::new(0),
            traffic,
            arrivals: Arc::default(),
            bell: Arc::clone(bell),
        });
        let pings = connection.ping_pong();
        tasks.spawn(drive(connection, pings, patience, Arc::clone(&state)));
        Ok(Self {
            sender,
            state,
            opened: Instant::now(),
        })
    }

    /// A stream, where one is free. Called under the pool's lock, so counts cannot cross.
    pub(super) fn stream(&self) -> Option<Stream> {
        if self.state.streams.load(Ordering::Acquire) >= self.capacity() {
            return None;
        }
        self.state.streams.fetch_add(1, Ordering::AcqRel);
        Some(Stream {
            sender: self.sender.clone(),
            state: Arc::clone(&self.state),
            is_under_way: false,
        })
    }

    /// Streams at once; one as long as the other side has not told.
    fn capacity(&self) -> usize {
        match self.bound() {
            Some(bound) => bound.min(MOST_STREAMS),
            None => 1,
        }
    }

    /// What the other side allows, once it has told.
    pub(super) fn bound(&self) -> Option<usize> {
        let allowed = self.state.allowed.load(Ordering::Acquire);
        (allowed != UNKNOWN).then_some(allowed)
    }

    /// Whether it may get new requests, as far as is known.
    pub(super) fn is_trusted(&self) -> bool {
        !self.state.suspect.load(Ordering::Acquire)
    }

    /// Gets no new request until it answers a ping, where nothing came over it since `moment`.
    pub(super) fn distrust_if_silent_since(&self, moment: Instant) {
        if self.state.traffic.is_silent_since(moment) {
            self.state.distrust();
        }
    }

    /// Whether it takes no new request any more: it broke, brought too many faults, has too many
    /// requests behind it that were given up, or either side said good-bye.
    pub(super) fn is_closed(&self) -> bool {
        self.state.ended.load(Ordering::Acquire)
            || self.state.traffic.has_failed()
            || ready_now(&mut self.sender.clone()).is_err()
    }

    pub(super) fn age(&self) -> Duration {
        self.opened.elapsed()
    }

    /// Whether no stream was used for so long.
    pub(super) fn is_unused_for(&self, time: Duration) -> bool {
        self.state.streams.load(Ordering::Acquire) == 0
            && self.state.unused_since().elapsed() >= time
    }
}

/// Whether a connection takes new streams. A handle that has none yet never waits here.
fn ready_now(sender: &mut SendRequest<Piece>) -> Result<(), h2::Error> {
    match sender.poll_ready(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(ready) => ready,
        Poll::Pending => Ok(()),
    }
}

/// Runs a connection to its end.
async fn drive<T>(
    mut connection: Connection<T, Piece>,
    pings: Option<PingPong>,
    patience: Patience,
    state: Arc<State>,
) where
    T: tokio::io::AsyncRead + tokio::io::AsyncWrite + Unpin,
{
    let mut watching = std::pin::pin!(watch(pings, patience, &state));
    let ended = std::future::poll_fn(|cx| {
        let ended = std::pin::Pin::new(&mut connection).poll(cx);
        state.arrivals.collect();
        let allowed = connection.max_concurrent_send_streams();
        if state.allowed.swap(allowed, Ordering::AcqRel) != allowed {
            state.bell.ring_for_all();
        }
        match ended {
            Poll::Ready(ended) => Poll::Ready(ended),
            // Behind the connection: what was read just now may hold the pong.
            Poll::Pending => watching.as_mut().poll(cx).map(Ok),
        }
    });
    if let Err(error) = ended.await {
        tracing::debug!(%error, "connection to vendor ended");
    }
    state.ended.store(true, Ordering::Release);
    // Whoever waits for one of its streams has to look elsewhere.
    state.bell.ring_for_all();
}

#[cfg(test)]
mod tests;
