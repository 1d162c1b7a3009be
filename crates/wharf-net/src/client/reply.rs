//! An answer that gives its connection back when it was read to the end.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use http::Response;
use http_body::{Body, Frame, SizeHint};
use hyper::body::Incoming;

use super::error::ReplyError;
use super::origin::Origin;
use super::pool::{Exclusive, Pool};
use super::shared;

/// The head of an answer, and its body.
pub type Reply<B> = Response<ReplyBody<B>>;

/// The body of an answer as it arrives.
///
/// Read to its end, the connection goes back to the pool. Dropped before, an HTTP/1.1
/// connection is closed, since the rest of the answer would stand in the way; over HTTP/2 only
/// the stream is reset.
pub struct ReplyBody<B>(Kind<B>);

enum Kind<B> {
    Exclusive {
        incoming: Incoming,
        lease: Option<Returnable<B>>,
    },
    Shared(shared::Incoming),
}

struct Returnable<B> {
    pool: Arc<Pool<B>>,
    origin: Origin,
    connection: Exclusive<B>,
}

impl<B> ReplyBody<B> {
    /// Over HTTP/1.1.
    pub(super) fn exclusive(
        response: Response<Incoming>,
        pool: &Arc<Pool<B>>,
        origin: &Origin,
        connection: Exclusive<B>,
    ) -> Reply<B> {
        response.map(|incoming| {
            let lease = Returnable {
                pool: Arc::clone(pool),
                origin: origin.clone(),
                connection,
            };
            if incoming.is_end_stream() {
                lease.give_back();
                return Self(Kind::Exclusive {
                    incoming,
                    lease: None,
                });
            }
            Self(Kind::Exclusive {
                incoming,
                lease: Some(lease),
            })
        })
    }

    /// Over HTTP/2.
    pub(super) fn shared(response: Response<shared::Incoming>) -> Reply<B> {
        response.map(|incoming| Self(Kind::Shared(incoming)))
    }
}

impl<B> Returnable<B> {
    fn give_back(self) {
        self.pool.give_back(&self.origin, self.connection);
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
        let (incoming, lease) = match &mut self.0 {
            Kind::Exclusive { incoming, lease } => (incoming, lease),
            Kind::Shared(incoming) => return Pin::new(incoming).poll_frame(cx),
        };
        let frame = ready!(match lease {
            Some(lease) => {
                let driver = &mut lease.connection.driver;
                driver.poll(cx, |cx| Pin::new(&mut *incoming).poll_frame(cx))
            }
            None => Pin::new(&mut *incoming).poll_frame(cx),
        });
        let ended = match &frame {
            None => true,
            // Nothing comes behind trailers, and who passes them on may not ask.
            Some(Ok(frame)) => frame.is_trailers() || incoming.is_end_stream(),
            Some(Err(_)) => {
                *lease = None;
                false
            }
        };
        if ended && let Some(returnable) = lease.take() {
            returnable.give_back();
        }
        Poll::Ready(frame.map(|frame| frame.map_err(|error| ReplyError::Broken(error.into()))))
    }

    fn is_end_stream(&self) -> bool {
        match &self.0 {
            Kind::Exclusive { incoming, .. } => incoming.is_end_stream(),
            Kind::Shared(incoming) => incoming.is_end_stream(),
        }
    }

    fn size_hint(&self) -> SizeHint {
        match &self.0 {
            Kind::Exclusive { incoming, .. } => incoming.size_hint(),
            Kind::Shared(incoming) => incoming.size_hint(),
        }
    }
}
