//! An answer that gives its connection back when it was read to the end.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use http::Response;
use http_body::{Body, Frame, SizeHint};
use hyper::body::Incoming;

use super::{Exclusive, Pool};
use crate::connect::Origin;
use crate::error::ReplyError;

/// The head of an answer, and its body.
pub type Reply<B> = Response<ReplyBody<B>>;

/// The body of an answer as it arrives.
///
/// Read to its end, the connection goes back to the pool. Dropped before, an HTTP/1.1
/// connection is closed, since the rest of the answer would stand in the way.
pub struct ReplyBody<B> {
    incoming: Incoming,
    lease: Option<Returnable<B>>,
    /// It shares its connection with others, over HTTP/2.
    shared: bool,
}

struct Returnable<B> {
    pool: Arc<Pool<B>>,
    origin: Origin,
    connection: Exclusive<B>,
}

pub(super) trait ReplyExt<B> {
    fn exclusive(
        response: Response<Incoming>,
        pool: &Arc<Pool<B>>,
        origin: &Origin,
        connection: Exclusive<B>,
    ) -> Self;
    fn shared(response: Response<Incoming>) -> Self;
}

impl<B> ReplyExt<B> for Reply<B> {
    fn exclusive(
        response: Response<Incoming>,
        pool: &Arc<Pool<B>>,
        origin: &Origin,
        connection: Exclusive<B>,
    ) -> Self {
        response.map(|incoming| {
            let mut body = ReplyBody {
                incoming,
                lease: Some(Returnable {
                    pool: Arc::clone(pool),
                    origin: origin.clone(),
                    connection,
                }),
                shared: false,
            };
            if body.incoming.is_end_stream() {
                body.finish();
            }
            body
        })
    }

    fn shared(response: Response<Incoming>) -> Self {
        response.map(|incoming| ReplyBody {
            incoming,
            lease: None,
            shared: true,
        })
    }
}

impl<B> ReplyBody<B> {
    fn finish(&mut self) {
        if let Some(returnable) = self.lease.take() {
            returnable
                .pool
                .give_back(&returnable.origin, returnable.connection);
        }
    }
}

impl<B> Body for ReplyBody<B>
where
    B: Unpin,
{
    type Data = Bytes;
    type Error = ReplyError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, ReplyError>>> {
        let frame = ready!(Pin::new(&mut self.incoming).poll_frame(cx));
        // hyper takes a stream that was reset with NO_ERROR for one that ended. Only END_STREAM
        // ends a message (RFC 9113, 8.1).
        if frame.is_none() && self.shared && !self.incoming.is_end_stream() {
            return Poll::Ready(Some(Err(ReplyError::Reset)));
        }
        match &frame {
            None => self.finish(),
            // Nothing comes behind trailers, and who passes them on may not ask.
            Some(Ok(frame)) if frame.is_trailers() || self.incoming.is_end_stream() => {
                self.finish();
            }
            Some(Err(_)) => self.lease = None,
            Some(Ok(_)) => {}
        }
        Poll::Ready(frame.map(|frame| frame.map_err(ReplyError::Broken)))
    }

    fn is_end_stream(&self) -> bool {
        self.incoming.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.incoming.size_hint()
    }
}
