//! The body of an answer: whole, or watched while it flows.

use std::error::Error;
use std::fmt;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use http::HeaderMap;
use http_body::{Body, Frame, SizeHint};
use tokio::time::{Instant, Sleep, sleep_until};
use wharf_policy::fault::Fault;

use crate::body::{OutgoingBody, Upload};
use crate::caller::{Caller, LOOK};
use crate::ended::Ended;
use crate::problem::Code;

use super::rules::AnswerRules;

/// The body of an answer to a caller. Dropping it ends the call and counts it.
pub struct ReplyBody {
    state: State,
    /// `None` when the end has come, or there was no call.
    ended: Option<Box<Ended>>,
}

enum State {
    Whole {
        bytes: Option<Bytes>,
        trailers: Option<HeaderMap>,
    },
    Flowing(Box<Flowing>),
}

struct Flowing {
    head: Option<Bytes>,
    rest: wharf_net::ReplyBody<OutgoingBody>,
    /// Longest silence of the vendor.
    patience: Duration,
    deadline: Instant,
    alarm: Option<Pin<Box<Sleep>>>,
    /// When the vendor's silence has lasted too long; set while it is silent.
    silent_until: Option<Instant>,
    left_bytes: Option<u64>,
    trailers: AnswerRules,
    caller: Arc<Caller>,
    /// Something was given on, the head at first, since the server last had time to send it.
    unsent: bool,
    /// How the answer broke off, while what came before is sent.
    broken: Option<wharf_net::ReplyError>,
}

/// Bounds of a body that still flows.
pub(crate) struct Bounds {
    pub(crate) patience: Duration,
    pub(crate) deadline: Instant,
    pub(crate) max_bytes: Option<u64>,
    /// Once it is removed, nothing more flows.
    pub(crate) caller: Arc<Caller>,
}

/// Why an answer broke off after its head was sent; the caller sees a broken connection.
#[derive(Debug)]
pub enum StreamError {
    /// The vendor's connection broke, or it sent something that is not valid HTTP.
    Broken(wharf_net::ReplyError),
    /// The vendor was silent for longer than one attempt may take.
    Silent(Duration),
    /// The caller stopped sending its request, and the vendor waits for the rest.
    CallerStalled(Duration),
    /// The caller's deadline, or the bound on all answers, passed.
    Deadline,
    /// The answer is larger than the document's `max_body`.
    TooLarge,
    /// The caller was removed while its answer flowed.
    CallerRemoved,
}

impl fmt::Display for StreamError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Broken(error) => write!(f, "the vendor's answer broke off: {error}"),
            Self::Silent(patience) => write!(
                f,
                "the vendor was silent for {:.1} s",
                patience.as_secs_f64()
            ),
            Self::CallerStalled(patience) => write!(
                f,
                "the caller sent nothing more of its body for {:.1} s",
                patience.as_secs_f64()
            ),
            Self::Deadline => f.write_str("the call's deadline passed while the answer flowed"),
            Self::TooLarge => f.write_str("the answer is larger than `max_body` allows"),
            Self::CallerRemoved => f.write_str("the caller was removed while its answer flowed"),
        }
    }
}

impl Error for StreamError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            Self::Broken(error) => Some(error),
            Self::Silent(_)
            | Self::CallerStalled(_)
            | Self::Deadline
            | Self::TooLarge
            | Self::CallerRemoved => None,
        }
    }
}

impl StreamError {
    const fn fault(&self) -> Fault {
        match self {
            // That of the code of the same end, where it comes before the head is passed on.
            Self::Broken(_) => Code::VendorTruncated.fault(),
            Self::Silent(_) => Code::AttemptTimeout.fault(),
            Self::TooLarge => Code::AnswerTooLarge.fault(),
            Self::CallerStalled(_) => Code::RequestStalled.fault(),
            Self::Deadline => Code::DeadlineExceeded.fault(),
            Self::CallerRemoved => Code::UnknownCaller.fault(),
        }
    }
}

impl ReplyBody {
    pub(crate) fn whole(
        bytes: Bytes,
        trailers: Option<HeaderMap>,
        ended: Option<Box<Ended>>,
    ) -> Self {
        Self {
            state: State::Whole {
                bytes: Some(bytes).filter(|bytes| !bytes.is_empty()),
                trailers,
            },
            ended,
        }
    }

    pub(crate) fn flowing(
        head: Option<Bytes>,
        rest: wharf_net::ReplyBody<OutgoingBody>,
        bounds: &Bounds,
        trailers: AnswerRules,
        mut ended: Box<Ended>,
    ) -> Self {
        // The server does not ask for what has no more to come.
        if head.is_some() || !rest.is_end_stream() {
            ended.flows();
        }
        Self {
            state: State::Flowing(Box::new(Flowing {
                head,
                rest,
                patience: bounds.patience,
                deadline: bounds.deadline,
                alarm: None,
                left_bytes: bounds.max_bytes,
                trailers,
                caller: Arc::clone(&bounds.caller),
                silent_until: None,
                unsent: true,
                broken: None,
            })),
            ended: Some(ended),
        }
    }

    /// When it must have ended; `None` when it is at hand already.
    pub(crate) fn deadline(&self) -> Option<Instant> {
        match &self.state {
            State::Whole { .. } => None,
            State::Flowing(flowing) => Some(flowing.deadline),
        }
    }

    /// Notes what is passed on, and the end where it comes.
    fn note(&mut self, polled: &Poll<Option<Result<Frame<Bytes>, StreamError>>>) {
        let has_no_more = self.is_end_stream();
        let Some(ended) = &mut self.ended else {
            return;
        };
        match polled {
            Poll::Pending => return,
            Poll::Ready(Some(Ok(frame))) => {
                ended.passed(frame.data_ref().map_or(0, Bytes::len));
                // Nothing comes behind trailers, and the server does not ask.
                if !frame.is_trailers() {
                    if has_no_more {
                        // It need not ask either, and drops the body when the rest is sent.
                        ended.finished();
                    }
                    return;
                }
            }
            Poll::Ready(Some(Err(error))) => ended.broke(error.fault(), error),
            Poll::Ready(None) => {}
        }
        ended.finished();
        self.ended = None;
    }
}

impl Flowing {
    /// `upload`: how far the request has come, which may still be on its way.
    fn poll_frame(
        &mut self,
        upload: Option<Upload>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, StreamError>>> {
        if self.caller.is_removed() {
            return Poll::Ready(Some(Err(StreamError::CallerRemoved)));
        }
        if let Some(head) = self.head.take() {
            self.unsent = true;
            return Poll::Ready(Some(self.allow(Frame::data(head))));
        }
        if let Some(error) = self.broken.take() {
            return Poll::Ready(Some(Err(StreamError::Broken(error))));
        }
        if let Poll::Ready(frame) = Pin::new(&mut self.rest).poll_frame(cx) {
            self.silent_until = None;
            return Poll::Ready(match frame {
                None => None,
                Some(Ok(_)) if Instant::now() >= self.deadline => Some(Err(StreamError::Deadline)),
                Some(Ok(frame)) => {
                    self.unsent = true;
                    Some(self.allow(frame))
                }
                Some(Err(error)) if self.unsent => {
                    // The server drops what it has not sent when a body fails.
                    self.broken = Some(error);
                    self.unsent = false;
                    cx.waker().wake_by_ref();
                    return Poll::Pending;
                }
                Some(Err(error)) => Some(Err(StreamError::Broken(error))),
            });
        }
        self.unsent = false;
        let (patience, deadline) = (self.patience, self.deadline);
        let mut now = Instant::now();
        let mut until = *self
            .silent_until
            .get_or_insert_with(|| (now + patience).min(deadline));
        let alarm = self
            .alarm
            .get_or_insert_with(|| Box::pin(sleep_until(until.min(now + LOOK))));
        // An alarm of before the last piece is early, and is set anew here.
        while alarm.as_mut().poll(cx).is_ready() {
            now = Instant::now();
            if self.caller.is_removed() {
                return Poll::Ready(Some(Err(StreamError::CallerRemoved)));
            }
            if now >= deadline {
                return Poll::Ready(Some(Err(StreamError::Deadline)));
            }
            // A vendor need not speak while it is still being sent the request.
            if let Some(upload) = upload {
                until = until.max((upload.moved_at + patience).min(deadline));
                self.silent_until = Some(until);
            }
            if now >= until {
                let stalled = upload.is_some_and(|upload| upload.waits_for_caller);
                return Poll::Ready(Some(Err(if stalled {
                    StreamError::CallerStalled(patience)
                } else {
                    StreamError::Silent(patience)
                })));
            }
            alarm.as_mut().reset(until.min(now + LOOK));
        }
        Poll::Pending
    }

    fn allow(&mut self, mut frame: Frame<Bytes>) -> Result<Frame<Bytes>, StreamError> {
        if let Some(trailers) = frame.trailers_mut() {
            self.trailers.clean(trailers);
        }
        if let (Some(left), Some(data)) = (&mut self.left_bytes, frame.data_ref()) {
            *left = left
                .checked_sub(data.len() as u64)
                .ok_or(StreamError::TooLarge)?;
        }
        Ok(frame)
    }
}

impl Body for ReplyBody {
    type Data = Bytes;
    type Error = StreamError;

    fn poll_frame(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, StreamError>>> {
        let this = self.get_mut();
        let polled = match &mut this.state {
            State::Whole { bytes, trailers } => {
                let data = bytes.take().map(Frame::data);
                Poll::Ready(
                    data.or_else(|| trailers.take().map(Frame::trailers))
                        .map(Ok),
                )
            }
            State::Flowing(flowing) => {
                let upload = this.ended.as_ref().and_then(|ended| ended.upload());
                flowing.poll_frame(upload, cx)
            }
        };
        this.note(&polled);
        polled
    }

    fn is_end_stream(&self) -> bool {
        match &self.state {
            State::Whole { bytes, trailers } => bytes.is_none() && trailers.is_none(),
            State::Flowing(flowing) => flowing.head.is_none() && flowing.rest.is_end_stream(),
        }
    }

    fn size_hint(&self) -> SizeHint {
        match &self.state {
            State::Whole {
                bytes,
                trailers: None,
            } => SizeHint::with_exact(bytes.as_ref().map_or(0, Bytes::len) as u64),
            State::Flowing(flowing) if flowing.head.is_none() => flowing.rest.size_hint(),
            // Over HTTP/1.1, trailers need a body of unknown length (RFC 9112, 7.1.2).
            State::Whole { .. } | State::Flowing(_) => SizeHint::default(),
        }
    }
}
