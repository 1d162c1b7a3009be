//! Reading an answer before its head is passed on: small ones whole, so that one that breaks off
//! can still be answered for, and the beginning of those in which the vendor's code may stand.

use std::future::poll_fn;
use std::pin::{Pin, pin};
use std::task::Poll;
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use http::{HeaderMap, Response, StatusCode};
use http_body::Body;
use http_body_util::BodyExt;
use wharf_net::ReplyError;
use wharf_policy::retry::Sent;

use super::clock::AttemptClock;
use super::{Broken, BrokenKind, VendorBody};
use crate::body::OutgoingBody;

/// An answer whose declared length is at most this is read before the caller gets its head, so
/// that one that breaks off can still be answered for. In bytes.
pub(crate) const READ_AHEAD_BYTES: u64 = 64 * 1024;

/// How long a success of unknown length is held to look for an error code in it. Long enough for
/// an answer that is at hand but comes in pieces; short enough for one that flows.
const HOLD: Duration = Duration::from_millis(250);

type Reply = wharf_net::ReplyBody<OutgoingBody>;

/// Reads what has to be read. `look`: the vendor's code may stand in the body.
pub(super) async fn read(
    response: Response<Reply>,
    clock: &AttemptClock<'_>,
    look: bool,
) -> Result<Response<VendorBody>, Broken> {
    let (head, body) = response.into_parts();
    let small = body
        .size_hint()
        .exact()
        .is_some_and(|length| length <= READ_AHEAD_BYTES);
    let body = if small {
        whole(body, clock).await?
    } else if look {
        beginning(body, clock, head.status).await?
    } else {
        first_piece(body).await?
    };
    Ok(Response::from_parts(head, body))
}

const fn truncated(error: ReplyError) -> Broken {
    Broken {
        kind: BrokenKind::Truncated(error),
        // The head of the answer had come.
        sent: Sent::Maybe,
    }
}

async fn whole(mut body: Reply, clock: &AttemptClock<'_>) -> Result<VendorBody, Broken> {
    let mut ahead = Ahead::default();
    let reading = clock.within(pin!(ahead.read(&mut body)), None).await;
    match reading {
        Ok(Ok(ended)) => Ok(ahead.into_body(ended, body)),
        Ok(Err(error)) => Err(truncated(error)),
        Err(_) => Err(clock.broken(Sent::Maybe)),
    }
}

/// Holds the answer while its beginning comes. A success that does not end soon flows on unread: it
/// is never broken off for what may stand in it. An error has to end within the
/// attempt, or to pass [`READ_AHEAD_BYTES`].
async fn beginning(
    mut body: Reply,
    clock: &AttemptClock<'_>,
    status: StatusCode,
) -> Result<VendorBody, Broken> {
    let mut ahead = Ahead::default();
    let hold = status.is_success().then_some(HOLD);
    let reading = clock.within(pin!(ahead.read(&mut body)), hold).await;
    match reading {
        Ok(Ok(ended)) => Ok(ahead.into_body(ended, body)),
        Ok(Err(error)) => Err(truncated(error)),
        Err(_) if hold.is_some() => Ok(ahead.into_body(false, body)),
        Err(_) => Err(clock.broken(Sent::Maybe)),
    }
}

/// Takes what came together with the head, without waiting: where that is broken already, there
/// still is an answer to give.
async fn first_piece(mut rest: Reply) -> Result<VendorBody, Broken> {
    let at_hand = poll_fn(|cx| Poll::Ready(Pin::new(&mut rest).poll_frame(cx))).await;
    let frame = match at_hand {
        Poll::Pending => return Ok(VendorBody::Flowing { head: None, rest }),
        Poll::Ready(Some(Err(error))) => return Err(truncated(error)),
        Poll::Ready(None) => return Ok(VendorBody::whole(Bytes::new())),
        Poll::Ready(Some(Ok(frame))) => frame,
    };
    Ok(match frame.into_data() {
        Ok(data) => VendorBody::Flowing {
            head: Some(data),
            rest,
        },
        Err(frame) => VendorBody::Whole {
            bytes: Bytes::new(),
            trailers: frame.into_trailers().ok(),
        },
    })
}

/// What was read so far. Nothing is lost when reading is given up.
#[derive(Default)]
struct Ahead {
    first: Bytes,
    /// Holds `first` too, once there is more than that.
    all: BytesMut,
    trailers: Option<HeaderMap>,
}

impl Ahead {
    /// Reads until the end or until there is more than may be read ahead; says whether the end
    /// came.
    async fn read(&mut self, body: &mut Reply) -> Result<bool, ReplyError> {
        // `is_end_stream` is not asked: it holds also for a stream that is about to report an
        // error.
        while (self.first.len() + self.all.len()) as u64 <= READ_AHEAD_BYTES {
            let Some(frame) = body.frame().await else {
                return Ok(true);
            };
            match frame?.into_data() {
                Ok(data) => self.add(data),
                Err(frame) => self.trailers = frame.into_trailers().ok(),
            }
        }
        Ok(false)
    }

    fn add(&mut self, data: Bytes) {
        if self.first.is_empty() && self.all.is_empty() {
            self.first = data;
        } else {
            self.all.extend_from_slice(&std::mem::take(&mut self.first));
            self.all.extend_from_slice(&data);
        }
    }

    fn into_body(self, ended: bool, rest: Reply) -> VendorBody {
        let bytes = if self.all.is_empty() {
            self.first
        } else {
            self.all.freeze()
        };
        if ended || self.trailers.is_some() {
            return VendorBody::Whole {
                bytes,
                trailers: self.trailers,
            };
        }
        VendorBody::Flowing {
            head: Some(bytes).filter(|bytes| !bytes.is_empty()),
            rest,
        }
    }
}
