//! Serving HTTP/1.1 to callers: what the data plane, the control plane and the simulator share.
//!
//! A service says what to answer ([`Service`]). Here is everything below that: taking
//! connections, a bounded number of them (`accept`); the time and room that a head may take
//! (`watched`); refusals of what is no request (`refusal`); callers that take nothing
//! (`patient`); answers that came before the request was read (`linger`); and the end.

mod accept;
mod connection;
mod date;
mod linger;
mod patient;
mod places;
pub mod problem;
pub(crate) mod refusal;
mod single;
mod watched;
mod worker;

use std::error::Error;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response};
use http_body::Body;
use hyper::body::Incoming;
use tokio::time::Instant;

pub use linger::{LINGER_BYTES, LINGER_TIME};
pub use patient::WRITE_TIMEOUT;
pub use refusal::{Refusal, RefusalKind, odd_in_target};
pub use single::serve;
pub use worker::{Workers, serve_with_workers};

use crate::serve::patient::AnswerDeadline;

/// The most connections that can be asked for. No system gives one process more descriptors
/// without being asked twice, and each connection takes some kilobytes.
pub const MOST_CONNECTIONS: usize = 1 << 20;

/// Most headers of one request. It is hyper's own bound: for a higher one its parser takes and
/// fills 16 KiB of heap for each head. Vendors send more, and a caller is told.
pub const MAX_HEADERS: usize = 100;

/// How much of [`Bounds::drain`] is left for those that did not end by themselves, when another
/// process has the listener.
const CLOSING: Duration = Duration::from_millis(500);

/// What a service's errors are turned into.
pub type BoxError = Box<dyn Error + Send + Sync>;

/// What is answered. A clone serves each connection.
pub trait Service: Clone + Send + Sync + 'static {
    /// The body of an answer. An error in it breaks the connection off.
    type Body: Body<Data = Bytes, Error: Into<BoxError>> + Unpin + Send + 'static;
    /// Ends the connection without an answer.
    type Error: Into<BoxError>;

    /// Answers one request. The future is dropped when the caller goes away.
    fn call(
        &self,
        request: Request<Incoming>,
        peer: &Peer,
    ) -> impl Future<Output = Result<Response<Self::Body>, Self::Error>> + Send;

    /// The answer to what never became a request. Its length and the end of the connection are
    /// added. Called once for each such refusal, so it can be counted here.
    fn refuse(&self, refusal: &Refusal, peer: SocketAddr) -> Response<Bytes>;

    /// Called about once a second on each worker of [`serve_with_workers`].
    fn tick(&self) {}
}

/// How serving ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shutdown {
    /// The port refuses, and connections without a request under way are closed, so that callers
    /// turn to another instance at once.
    Close,
    /// Another process takes connections from the same listener. A connection stays open for one
    /// more request, whose answer says that it is the last, or until [`Bounds::drain`] is over:
    /// closed earlier, it could meet a request that is on its way.
    HandOver,
}

impl From<()> for Shutdown {
    fn from((): ()) -> Self {
        Self::Close
    }
}

/// Bounds on connections: with [`WRITE_TIMEOUT`] and the bounds of what is read behind an answer, all
/// memory and time that a caller can take without being known.
#[derive(Clone, Copy, Debug)]
pub struct Bounds {
    /// Connections at the same time, at most [`MOST_CONNECTIONS`]. For one more, some that have no
    /// request under way are closed, the oldest of the address that has most; while all have one,
    /// it waits.
    pub connections: usize,
    /// Time for a head: for a connection's first one from its start, for later ones from their first
    /// byte. Then 408, or the end without a word where no byte came.
    pub head: Duration,
    /// Time between two requests. Then the connection is closed.
    pub idle: Duration,
    /// Longest life of a connection; `None`: no bound. An answer under way then has as long as
    /// at a shutdown.
    pub lifetime: Option<Duration>,
    /// Room for one head, at least 8,192. Then 431, or 414 when its first line alone is longer.
    pub head_bytes: usize,
    /// How long answers under way may go on after shutdown has begun, and unused connections stay
    /// open after [`Shutdown::HandOver`].
    pub drain: Duration,
}

/// Who is at the other end of a connection, and how that connection is to end.
#[derive(Clone)]
pub struct Peer {
    address: SocketAddr,
    local: Option<SocketAddr>,
    deadline: AnswerDeadline,
    reset: Arc<AtomicBool>,
}

impl Peer {
    fn new(address: SocketAddr, local: Option<SocketAddr>) -> Self {
        Self {
            address,
            local,
            deadline: AnswerDeadline::default(),
            reset: Arc::default(),
        }
    }

    /// The address that the connection came from.
    pub const fn address(&self) -> SocketAddr {
        self.address
    }

    /// The address of ours that the connection came to, where the system tells it.
    pub const fn local(&self) -> Option<SocketAddr> {
        self.local
    }

    /// When the answer that is given now must have ended, however slowly it is taken; `None`:
    /// only [`WRITE_TIMEOUT`] holds.
    pub fn answer_until(&self, deadline: Option<Instant>) {
        self.deadline.set(deadline);
    }

    /// From now on the connection ends with a reset instead of an orderly close.
    pub fn reset_at_end(&self) {
        self.reset.store(true, Ordering::Relaxed);
    }

    fn wants_reset(&self) -> bool {
        self.reset.load(Ordering::Relaxed)
    }
}
