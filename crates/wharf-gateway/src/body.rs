//! Request bodies: streamed on as they come, kept for a retry while they are small.

mod kept;
mod recording;

use std::error::Error;
use std::fmt;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use hyper::body::Incoming;
use tokio::time::Instant;
use wharf_policy::retry::BodyLost;

use crate::token::TrailerRules;

pub(crate) use kept::KeptBytes;
use recording::{Position, Recording};

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

/// The body of one call, from which every attempt gets its own [`OutgoingBody`]. Clones are the
/// same body.
#[derive(Clone)]
pub(crate) enum CallBody {
    Empty,
    Bytes(Bytes),
    Stream(Arc<Mutex<Recording>>),
}

/// How far the upload of a body has come.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Upload {
    /// When a piece of it was last handed to a connection.
    pub(crate) moved_at: Instant,
    /// A connection would take more, and the caller sends nothing.
    pub(crate) waits_for_caller: bool,
}

/// What one call may cost in kept and read bytes.
pub(crate) struct Allowance<'a> {
    /// Whether a second attempt is possible at all; nothing is kept where it is not.
    pub(crate) keep: bool,
    /// Bounds what is read from the caller; more makes the body fail.
    pub(crate) limit_bytes: Option<u64>,
    /// The process's own.
    pub(crate) budget: &'a KeptBytes,
    /// What is taken out of its trailers.
    pub(crate) trailers: TrailerRules,
}

fn lock(recording: &Mutex<Recording>) -> MutexGuard<'_, Recording> {
    recording.lock().unwrap_or_else(PoisonError::into_inner)
}

impl CallBody {
    /// `allowance` is asked for only where something comes over a connection.
    pub(crate) fn new<'a>(body: CallerBody, allowance: impl FnOnce() -> Allowance<'a>) -> Self {
        if body.is_empty() {
            return Self::Empty;
        }
        match body {
            CallerBody::Bytes(bytes) => Self::Bytes(bytes),
            CallerBody::Incoming(source) => {
                let recording = Recording::new(source, allowance());
                Self::Stream(Arc::new(Mutex::new(recording)))
            }
        }
    }

    /// The body for the next attempt. Bodies of earlier attempts break off.
    pub(crate) fn for_attempt(&self) -> OutgoingBody {
        match self {
            Self::Empty => OutgoingBody::Empty,
            Self::Bytes(bytes) => OutgoingBody::Bytes(Some(bytes.clone())),
            Self::Stream(recording) => OutgoingBody::Stream {
                position: lock(recording).begin(),
                recording: Arc::clone(recording),
            },
        }
    }

    /// Why no other attempt can send the whole body; `None` where one can.
    pub(crate) fn lost(&self) -> Option<BodyLost> {
        match self {
            Self::Empty | Self::Bytes(_) => None,
            Self::Stream(recording) => lock(recording).lost(),
        }
    }

    /// Why the body did not come to its end, where it is the body's own doing.
    pub(crate) fn failure(&self) -> Option<BodyError> {
        match self {
            Self::Empty | Self::Bytes(_) => None,
            Self::Stream(recording) => lock(recording).failure(),
        }
    }

    /// Gives the body up because its caller sends nothing more.
    pub(crate) fn stalled(&self) {
        if let Self::Stream(recording) = self {
            lock(recording).fail(BodyError::Stalled);
        }
    }

    /// No attempt follows: what was kept for one is let go.
    pub(crate) fn release(&self) {
        if let Self::Stream(recording) = self {
            lock(recording).release();
        }
    }

    /// How far it has come; `None` when nothing has to be waited for.
    pub(crate) fn upload(&self) -> Option<Upload> {
        match self {
            Self::Empty | Self::Bytes(_) => None,
            Self::Stream(recording) => lock(recording).upload(),
        }
    }

    /// Bytes read from the caller.
    pub(crate) fn read_bytes(&self) -> u64 {
        match self {
            Self::Empty => 0,
            Self::Bytes(bytes) => bytes.len() as u64,
            Self::Stream(recording) => lock(recording).read_bytes(),
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
        /// Which attempt, and how far it has come.
        position: Position,
        /// Shared with the call.
        recording: Arc<Mutex<Recording>>,
    },
}

/// Why a request body broke off.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BodyError {
    /// The caller's connection failed.
    Caller,
    /// The caller sent nothing more for as long as one attempt may take.
    Stalled,
    /// More bytes came than the document allows.
    TooLarge,
    /// A newer attempt took over.
    Replaced,
}

impl fmt::Display for BodyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Caller => "the caller's body broke off",
            Self::Stalled => "the caller stopped sending its body",
            Self::TooLarge => "the caller's body is larger than the document allows",
            Self::Replaced => "a newer attempt took the body over",
        })
    }
}

impl Error for BodyError {}

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
                position,
                recording,
            } => lock(recording).poll_next(position, cx),
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
            Self::Stream { recording, .. } => lock(recording).size_hint(),
        }
    }
}
