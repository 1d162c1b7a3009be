//! The body of a request over HTTP/1.1, which tells when all of it was taken.

use std::pin::Pin;
use std::task::{Context, Poll, ready};

use http_body::{Body, Frame, SizeHint};

use super::counted::Traffic;

/// A body on its way.
pub(super) struct Sending<B> {
    inner: B,
    traffic: Traffic,
}

impl<B: Body> Sending<B> {
    pub(super) fn new(inner: B, traffic: Traffic) -> Self {
        traffic.sends(inner.is_end_stream());
        Self { inner, traffic }
    }

    pub(super) fn into_inner(self) -> B {
        self.inner
    }
}

impl<B: Body + Unpin> Body for Sending<B> {
    type Data = B::Data;
    type Error = B::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<B::Data>, B::Error>>> {
        let frame = ready!(Pin::new(&mut self.inner).poll_frame(cx));
        if !matches!(frame, Some(Ok(_))) || self.inner.is_end_stream() {
            self.traffic.sends(true);
        }
        Poll::Ready(frame)
    }

    fn is_end_stream(&self) -> bool {
        self.inner.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.inner.size_hint()
    }
}
