//! Request bodies: streamed on as they come, kept for a retry while they are small.

use std::error::Error;
use std::fmt;
use std::pin::Pin;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use http::HeaderMap;
use http_body::{Body, Frame, SizeHint};
use hyper::body::Incoming;

use crate::identify::TrailerRules;

/// Largest body of one request that is kept for a retry, in bytes. A larger one is streamed on
/// and cannot be retried.
pub(crate) const KEPT_PER_CALL_BYTES: usize = 1 << 20;

/// All bodies kept by one process, in bytes. Beyond it, bodies are streamed on and not kept.
pub(crate) const KEPT_IN_ALL_BYTES: usize = 64 << 20;

/// What a caller sends.
pub enum CallerBody {
    /// From a connection.
    Incoming(Incoming),
    /// From memory, for calls that start inside the program.
    Bytes(Bytes),
}

impl CallerBody {
    fn is_empty(&self) -> bool {
        match self {
            Self::Incoming(incoming) => incoming.is_end_stream(),
            Self::Bytes(bytes) => bytes.is_empty(),
        }
    }

    pub(crate) fn size_hint(&self) -> SizeHint {
        match self {
            Self::Incoming(incoming) => incoming.size_hint(),
            Self::Bytes(bytes) => SizeHint::with_exact(bytes.len() as u64),
        }
    }
}

/// Bytes that are kept for retries, in all calls together.
#[derive(Clone, Debug, Default)]
pub(crate) struct KeptBytes(Arc<AtomicUsize>);

impl KeptBytes {
    fn reserve(&self, bytes: usize) -> bool {
        let reserve = |kept: usize| {
            kept.checked_add(bytes)
                .filter(|sum| *sum <= KEPT_IN_ALL_BYTES)
        };
        self.0
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, reserve)
            .is_ok()
    }

    fn release(&self, bytes: usize) {
        self.0.fetch_sub(bytes, Ordering::Relaxed);
    }
}

/// The body of one call, from which every attempt gets its own [`OutgoingBody`].
pub(crate) enum CallBody {
    Empty,
    Bytes(Bytes),
    Stream(Arc<Mutex<Recording>>),
}

/// A frame that can be sent more than once.
#[derive(Clone)]
enum Piece {
    Data(Bytes),
    Trailers(HeaderMap),
}

impl From<Piece> for Frame<Bytes> {
    fn from(piece: Piece) -> Self {
        match piece {
            Piece::Data(bytes) => Self::data(bytes),
            Piece::Trailers(trailers) => Self::trailers(trailers),
        }
    }
}

/// What was read from the caller so far.
pub(crate) struct Recording {
    source: Incoming,
    hint: SizeHint,
    kept: Vec<Piece>,
    kept_bytes: usize,
    /// The body was too large; what is read now is passed on and forgotten.
    overflowed: bool,
    ended: bool,
    failed: bool,
    read_bytes: u64,
    limit_bytes: Option<u64>,
    /// The attempt that may read. An older one, still held by a connection, gets an error.
    attempt: u32,
    budget: KeptBytes,
    trailers: TrailerRules,
}

impl Drop for Recording {
    fn drop(&mut self) {
        self.budget.release(self.kept_bytes);
    }
}

fn lock(recording: &Mutex<Recording>) -> MutexGuard<'_, Recording> {
    recording.lock().unwrap_or_else(PoisonError::into_inner)
}

impl CallBody {
    /// `limit_bytes` bounds what is read from the caller; more makes the body fail.
    pub(crate) fn new(
        body: CallerBody,
        limit_bytes: Option<u64>,
        budget: &KeptBytes,
        trailers: TrailerRules,
    ) -> Self {
        if body.is_empty() {
            return Self::Empty;
        }
        match body {
            CallerBody::Bytes(bytes) => Self::Bytes(bytes),
            CallerBody::Incoming(source) => Self::Stream(Arc::new(Mutex::new(Recording {
                hint: source.size_hint(),
                source,
                kept: Vec::new(),
                kept_bytes: 0,
                overflowed: false,
                ended: false,
                failed: false,
                read_bytes: 0,
                limit_bytes,
                attempt: 0,
                budget: budget.clone(),
                trailers,
            }))),
        }
    }

    /// The body for the next attempt. Bodies of earlier attempts break off.
    pub(crate) fn for_attempt(&self) -> OutgoingBody {
        match self {
            Self::Empty => OutgoingBody::Empty,
            Self::Bytes(bytes) => OutgoingBody::Bytes(Some(bytes.clone())),
            Self::Stream(recording) => {
                let mut state = lock(recording);
                state.attempt += 1;
                OutgoingBody::Stream {
                    attempt: state.attempt,
                    next: 0,
                    recording: Arc::clone(recording),
                }
            }
        }
    }

    /// Whether another attempt can send the whole body.
    pub(crate) fn is_kept(&self) -> bool {
        match self {
            Self::Empty | Self::Bytes(_) => true,
            Self::Stream(recording) => {
                let state = lock(recording);
                !state.overflowed && !state.failed
            }
        }
    }

    /// Whether the caller's body broke off or was larger than allowed.
    pub(crate) fn failure(&self) -> Option<BodyError> {
        let Self::Stream(recording) = self else {
            return None;
        };
        let state = lock(recording);
        if state
            .limit_bytes
            .is_some_and(|limit| state.read_bytes > limit)
        {
            Some(BodyError::TooLarge)
        } else {
            state.failed.then_some(BodyError::Caller)
        }
    }

    /// Bytes read from the caller.
    pub(crate) fn read_bytes(&self) -> u64 {
        match self {
            Self::Empty => 0,
            Self::Bytes(bytes) => bytes.len() as u64,
            Self::Stream(recording) => lock(recording).read_bytes,
        }
    }
}

/// The body of one attempt.
pub enum OutgoingBody {
    /// No body.
    Empty,
    /// A body in memory.
    Bytes(Option<Bytes>),
    /// A body that is read from the caller as it is sent, after what earlier attempts read.
    #[expect(
        private_interfaces,
        reason = "the recording is not for others to touch"
    )]
    Stream {
        /// Number of the attempt.
        attempt: u32,
        /// How many kept pieces were sent.
        next: usize,
        /// Shared with the call.
        recording: Arc<Mutex<Recording>>,
    },
}

/// Why a request body broke off.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BodyError {
    /// The caller's connection failed.
    Caller,
    /// More bytes came than the document allows.
    TooLarge,
    /// A newer attempt took over.
    Replaced,
}

impl fmt::Display for BodyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Caller => "the caller's body broke off",
            Self::TooLarge => "the caller's body is larger than the document allows",
            Self::Replaced => "a newer attempt took the body over",
        })
    }
}

impl Error for BodyError {}

impl Recording {
    fn poll_next(
        &mut self,
        attempt: u32,
        next: &mut usize,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BodyError>>> {
        if attempt != self.attempt {
            return Poll::Ready(Some(Err(BodyError::Replaced)));
        }
        if let Some(piece) = self.kept.get(*next) {
            *next += 1;
            return Poll::Ready(Some(Ok(piece.clone().into())));
        }
        if self.ended {
            return Poll::Ready(None);
        }
        let piece = match ready!(Pin::new(&mut self.source).poll_frame(cx)) {
            None => {
                self.ended = true;
                return Poll::Ready(None);
            }
            Some(Err(_)) => {
                self.failed = true;
                return Poll::Ready(Some(Err(BodyError::Caller)));
            }
            Some(Ok(frame)) => match frame.into_data() {
                Ok(bytes) => Piece::Data(bytes),
                Err(frame) => {
                    let mut trailers = frame.into_trailers().unwrap_or_default();
                    self.trailers.clean(&mut trailers);
                    Piece::Trailers(trailers)
                }
            },
        };
        if let Piece::Data(bytes) = &piece {
            self.read_bytes += bytes.len() as u64;
            if self
                .limit_bytes
                .is_some_and(|limit| self.read_bytes > limit)
            {
                self.failed = true;
                return Poll::Ready(Some(Err(BodyError::TooLarge)));
            }
        }
        if self.keep(&piece) {
            *next += 1;
        }
        Poll::Ready(Some(Ok(piece.into())))
    }

    /// Keeps a piece for later attempts, or gives up keeping; says whether it was kept.
    fn keep(&mut self, piece: &Piece) -> bool {
        if self.overflowed {
            return false;
        }
        let bytes = match piece {
            Piece::Data(bytes) => bytes.len(),
            Piece::Trailers(_) => 0,
        };
        if self.kept_bytes + bytes <= KEPT_PER_CALL_BYTES && self.budget.reserve(bytes) {
            self.kept_bytes += bytes;
            self.kept.push(piece.clone());
        } else {
            self.overflowed = true;
            self.kept = Vec::new();
            self.budget.release(std::mem::take(&mut self.kept_bytes));
        }
        !self.overflowed
    }
}

impl Body for OutgoingBody {
    type Data = Bytes;
    type Error = BodyError;

    fn poll_frame(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BodyError>>> {
        match self.get_mut() {
            Self::Empty => Poll::Ready(None),
            Self::Bytes(bytes) => Poll::Ready(bytes.take().map(|bytes| Ok(Frame::data(bytes)))),
            Self::Stream {
                attempt,
                next,
                recording,
            } => lock(recording).poll_next(*attempt, next, cx),
        }
    }

    fn is_end_stream(&self) -> bool {
        match self {
            Self::Empty => true,
            Self::Bytes(bytes) => bytes.is_none(),
            Self::Stream { .. } => false,
        }
    }

    fn size_hint(&self) -> SizeHint {
        match self {
            Self::Empty => SizeHint::with_exact(0),
            Self::Bytes(bytes) => SizeHint::with_exact(bytes.as_ref().map_or(0, Bytes::len) as u64),
            Self::Stream { recording, .. } => lock(recording).hint,
        }
    }
}
