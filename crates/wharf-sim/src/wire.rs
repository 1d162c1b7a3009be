//! The response body as it goes on the wire: in pieces, with pauses, or cut short.

use std::collections::VecDeque;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::Bytes;
use http_body::{Frame, SizeHint};
use tokio::time::Sleep;

use crate::answer::AnswerBody;

/// Pause between two pieces: long enough that each is flushed on its own.
const PAUSE: Duration = Duration::from_millis(5);

/// A body of known pieces.
pub(crate) struct WireBody {
    pieces: VecDeque<Bytes>,
    pause: Option<Pin<Box<Sleep>>>,
    /// Sent ahead in `Content-Length`; `None` for chunks.
    length: Option<u64>,
    is_cut: bool,
}

/// The body was cut short on purpose.
#[derive(Debug, thiserror::Error)]
#[error("cut off by `truncate`")]
pub(crate) struct CutOff;

impl WireBody {
    /// No body.
    pub(crate) fn empty() -> Self {
        Self::whole(Bytes::new())
    }

    /// A body in one piece.
    pub(crate) fn whole(bytes: Bytes) -> Self {
        Self {
            length: Some(bytes.len() as u64),
            pieces: Some(bytes).into_iter().filter(|b| !b.is_empty()).collect(),
            pause: None,
            is_cut: false,
        }
    }

    /// The body of an answer: events one by one, anything else at once.
    pub(crate) fn new(body: AnswerBody) -> Self {
        match body {
            AnswerBody::Whole(bytes) => Self::whole(bytes),
            AnswerBody::Events(events) => Self {
                pieces: events.iter().cloned().collect(),
                pause: None,
                length: None,
                is_cut: false,
            },
            AnswerBody::Quiet(quiet) => Self {
                pieces: VecDeque::new(),
                pause: Some(Box::pin(tokio::time::sleep(quiet))),
                length: None,
                is_cut: false,
            },
        }
    }

    /// The first half of an answer's body; the connection breaks where the rest would come.
    pub(crate) fn half(body: AnswerBody) -> Self {
        let mut half = Self::new(body);
        half.is_cut = true;
        // Gives the head of the answer time to leave before the connection breaks.
        half.pause = Some(Box::pin(tokio::time::sleep(PAUSE)));
        if half.length.is_none() {
            half.pieces.truncate(half.pieces.len() / 2);
        } else if let Some(mut whole) = half.pieces.pop_front() {
            whole.truncate(whole.len() / 2);
            half.pieces
                .extend(Some(whole).filter(|half| !half.is_empty()));
        }
        half
    }
}

impl http_body::Body for WireBody {
    type Data = Bytes;
    type Error = CutOff;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, CutOff>>> {
        if let Some(pause) = &mut self.pause {
            ready!(pause.as_mut().poll(cx));
            self.pause = None;
        }
        match self.pieces.pop_front() {
            Some(piece) => {
                if self.is_cut || !self.pieces.is_empty() {
                    self.pause = Some(Box::pin(tokio::time::sleep(PAUSE)));
                }
                Poll::Ready(Some(Ok(Frame::data(piece))))
            }
            None if self.is_cut => Poll::Ready(Some(Err(CutOff))),
            None => Poll::Ready(None),
        }
    }

    fn is_end_stream(&self) -> bool {
        self.pieces.is_empty() && self.pause.is_none() && !self.is_cut
    }

    fn size_hint(&self) -> SizeHint {
        self.length
            .map_or_else(SizeHint::default, SizeHint::with_exact)
    }
}
