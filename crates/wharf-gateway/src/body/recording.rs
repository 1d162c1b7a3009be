//! What was read from a caller, for the attempt that runs and for one that may follow.

use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use http::HeaderMap;
use http_body::{Body, Frame, SizeHint};
use hyper::body::Incoming;
use tokio::time::Instant;
use wharf_policy::retry::BodyLost;

use super::kept::Kept;
use super::{Allowance, BodyError, Upload};
use crate::token::TrailerRules;

/// Which attempt reads, and how far it has come.
#[derive(Debug)]
pub(crate) struct Position {
    attempt: u32,
    /// Bytes given to it.
    offset: usize,
    gave_trailers: bool,
}

/// The body of a caller as far as it has come.
pub(crate) struct Recording {
    source: Incoming,
    hint: SizeHint,
    trailer_rules: TrailerRules,
    kept: Kept,
    trailers: Option<HeaderMap>,
    ended: bool,
    failed: Option<BodyError>,
    read_bytes: u64,
    limit_bytes: Option<u64>,
    /// The attempt that may read. An older one, still held by a connection, gets an error.
    attempt: u32,
    /// Whether this attempt asked for anything yet.
    asked: bool,
    /// Bytes given to this attempt.
    given: usize,
    /// No attempt follows this one.
    released: bool,
    upload: Upload,
}

impl Recording {
    pub(super) fn new(source: Incoming, allowance: Allowance<'_>) -> Self {
        Self {
            hint: source.size_hint(),
            source,
            kept: Kept::new(allowance.keep, allowance.budget),
            trailers: None,
            trailer_rules: allowance.trailers,
            ended: false,
            failed: None,
            read_bytes: 0,
            limit_bytes: allowance.limit_bytes,
            attempt: 0,
            asked: false,
            given: 0,
            released: false,
            upload: Upload {
                moved_at: Instant::now(),
                waits_for_caller: false,
            },
        }
    }

    /// Starts an attempt, which reads from the beginning.
    pub(super) fn begin(&mut self) -> Position {
        self.attempt += 1;
        self.asked = false;
        self.given = 0;
        self.upload.waits_for_caller = false;
        Position {
            attempt: self.attempt,
            offset: 0,
            gave_trailers: false,
        }
    }

    /// Why this body cannot be sent from its beginning again. Of one that nobody read yet, nothing
    /// is lost.
    pub(super) fn lost(&self) -> Option<BodyLost> {
        if self.failed.is_some() {
            return Some(BodyLost::Broken);
        }
        self.kept.lost().filter(|_| self.read_bytes > 0)
    }

    pub(super) const fn failure(&self) -> Option<BodyError> {
        self.failed
    }

    pub(super) fn fail(&mut self, error: BodyError) {
        self.failed = Some(error);
        self.kept.let_go();
    }

    /// Lets go of what is kept, once the attempt that runs has read it: an answer may come before
    /// its request was sent to the end.
    pub(super) fn release(&mut self) {
        self.released = true;
        if self.given >= self.kept.len() {
            self.kept.let_go();
        }
    }

    pub(super) const fn upload(&self) -> Option<Upload> {
        if self.asked { Some(self.upload) } else { None }
    }

    pub(super) const fn read_bytes(&self) -> u64 {
        self.read_bytes
    }

    pub(super) const fn size_hint(&self) -> SizeHint {
        self.hint
    }

    pub(super) fn poll_next(
        &mut self,
        position: &mut Position,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BodyError>>> {
        if position.attempt != self.attempt {
            return Poll::Ready(Some(Err(BodyError::Replaced)));
        }
        if let Some(error) = self.failed {
            return Poll::Ready(Some(Err(error)));
        }
        let polled = self.poll_frame(position, cx);
        self.asked = true;
        self.upload.waits_for_caller = polled.is_pending();
        if polled.is_ready() {
            self.upload.moved_at = Instant::now();
        }
        polled
    }

    fn poll_frame(
        &mut self,
        position: &mut Position,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BodyError>>> {
        if position.offset < self.kept.len() {
            let piece = self.kept.piece(position.offset);
            position.offset += piece.len();
            self.given = position.offset;
            return Poll::Ready(Some(Ok(Frame::data(piece))));
        }
        if self.released {
            self.kept.let_go();
        }
        if self.ended {
            let trailers = self.trailers.as_ref().filter(|_| !position.gave_trailers);
            position.gave_trailers = true;
            return Poll::Ready(trailers.map(|trailers| Ok(Frame::trailers(trailers.clone()))));
        }
        let frame = match ready!(Pin::new(&mut self.source).poll_frame(cx)) {
            None => {
                self.ended = true;
                position.gave_trailers = true;
                return Poll::Ready(None);
            }
            Some(Err(_)) => {
                self.fail(BodyError::Caller);
                return Poll::Ready(Some(Err(BodyError::Caller)));
            }
            Some(Ok(frame)) => frame,
        };
        Poll::Ready(Some(match frame.into_data() {
            Ok(bytes) => self.data(position, bytes),
            Err(frame) => {
                let trailers = frame.into_trailers().unwrap_or_default();
                Ok(self.trailers(position, trailers))
            }
        }))
    }

    fn data(&mut self, position: &mut Position, bytes: Bytes) -> Result<Frame<Bytes>, BodyError> {
        self.read_bytes += bytes.len() as u64;
        if self
            .limit_bytes
            .is_some_and(|limit| self.read_bytes > limit)
        {
            self.fail(BodyError::TooLarge);
            return Err(BodyError::TooLarge);
        }
        self.kept.push(&bytes);
        position.offset = self.kept.len();
        self.given = position.offset;
        Ok(Frame::data(bytes))
    }

    /// Trailers end a body.
    fn trailers(&mut self, position: &mut Position, mut trailers: HeaderMap) -> Frame<Bytes> {
        self.trailer_rules.clean(&mut trailers);
        self.ended = true;
        position.gave_trailers = true;
        let bytes = trailers
            .iter()
            .map(|(name, value)| name.as_str().len() + value.len());
        self.kept.count(bytes.sum());
        if self.kept.lost().is_none() {
            self.trailers = Some(trailers.clone());
        }
        Frame::trailers(trailers)
    }
}
