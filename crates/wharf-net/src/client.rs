//! The client: one pool of connections per worker.

mod certificate;
pub(crate) mod connect;
mod counted;
mod driver;
pub(crate) mod error;
pub(crate) mod examine;
pub(crate) mod head;
pub(crate) mod interim;
pub(crate) mod origin;
mod pool;
pub(crate) mod reply;
pub(crate) mod resolve;
mod sending;
pub(crate) mod shared;
mod shortage;
pub(crate) mod tcp;
pub(crate) mod tls;

use std::future::poll_fn;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use http::header::HOST;
use http::{Request, StatusCode, Uri};
use http_body::Body;

use crate::coding::is_chunked_at_most;
use connect::Connector;
use error::{SendError, SendErrorKind};
use origin::Origin;
pub use pool::Limits;
use pool::{Lease, Lent, Pool};
use reply::{Reply, ReplyBody};
use sending::Sending;
use shared::{Doubt, Failed, Patience, Stream};

/// So many connections are tried where one after the other turns out to be closed.
///
/// Of a thousand at rest, all may be stale at once. After so many the call fails with nothing sent,
/// and the document's retries decide.
const STALE_TRIES: usize = 8;

/// Behind an answer that has ended, the rest of its request is dropped when nothing of it moved
/// for so long. Over HTTP/1.1 it is [`Client::sweep`] that sees it.
const UNTAKEN: Duration = Duration::from_secs(5);

/// A request that is given up before this tells nothing about its connection: callers leave.
const TELLING: Duration = Duration::from_millis(100);

/// An HTTP client with a pool; clones share it.
///
/// An HTTP/1.1 connection moves while somebody waits for what it brings: what a vendor does to one
/// at rest is seen when it is lent, and at the next [`Client::sweep`]. HTTP/2 connections run as tasks
/// of the runtime that calls [`Client::send`]. Dropping the last clone closes idle ones, and busy ones
/// end with their answer.
pub struct Client<B> {
    pool: Arc<Pool<B>>,
}

impl<B> Clone for Client<B> {
    fn clone(&self) -> Self {
        Self {
            pool: Arc::clone(&self.pool),
        }
    }
}

/// What came of one try on one connection.
enum Outcome<B> {
    Done(Result<Reply<B>, SendError>),
    /// The connection took nothing, so the request is as it was.
    Unsent(Request<B>, SendError),
}

impl<B> Client<B>
where
    B: Body + Send + Unpin + 'static,
    B::Data: Send,
    B::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
{
    /// A client with an empty pool.
    pub fn new(connector: Connector, limits: Limits) -> Self {
        Self {
            pool: Arc::new(Pool::new(connector, limits, Patience::default())),
        }
    }

    /// Sends a request whose URI is a path and query, and waits for the head of the answer.
    ///
    /// `Host` is set from the origin. `connect_timeout` bounds waiting for a connection and
    /// making one, together. A pooled connection that turns out to be closed before any byte was
    /// written is replaced without a word; nothing else is ever sent again here.
    ///
    /// Dropping the future abandons the request: its HTTP/1.1 connection is closed, its HTTP/2
    /// stream reset. What `handed_over` says then tells whether the request can have been written
    /// at all; it is false as long as the request waits for a connection or a stream. Where it was
    /// true for more than a moment, its connection, where it brought no other answer meanwhile, and
    /// others to the origin that were silent all that time are not trusted any more: idle ones are
    /// closed, shared ones get no request until they answer a ping.
    #[expect(
        clippy::manual_async_fn,
        reason = "an async fn would keep the request twice for as long as it waits"
    )]
    pub fn send<'a>(
        &'a self,
        origin: &'a Origin,
        mut request: Request<B>,
        connect_timeout: Duration,
        handed_over: &'a AtomicBool,
    ) -> impl Future<Output = Result<Reply<B>, SendError>> + Send {
        async move {
            let mut now = Instant::now();
            let deadline = now + connect_timeout;
            let mut last = None;
            for _ in 0..STALE_TRIES {
                // Anew at each try: what an earlier one handed over took no byte. Relaxed, since it
                // is read where this future was polled.
                handed_over.store(false, Ordering::Relaxed);
                let lease = match self.pool.at_rest(origin, now) {
                    Some(lease) => lease,
                    None => Box::pin(self.pool.lease(origin, now, deadline)).await?,
                };
                let outcome = match lease {
                    Lease::Exclusive(lent) => {
                        handed_over.store(true, Ordering::Relaxed);
                        self.over_http1(origin, request, lent).await
                    }
                    Lease::Shared(stream) => {
                        Box::pin(self.over_http2(origin, request, stream, handed_over)).await?
                    }
                };
                match outcome {
                    Outcome::Done(result) => return result,
                    Outcome::Unsent(unsent, error) => {
                        now = Instant::now();
                        request = unsent;
                        last = Some(error);
                    }
                }
            }
            Err(last.unwrap_or_else(|| SendError::queued(SendErrorKind::Closed)))
        }
    }

    /// The request is handed over before the future is made, which has no room for it.
    fn over_http1<'a>(
        &'a self,
        origin: &'a Origin,
        mut request: Request<B>,
        lent: Lent<B>,
    ) -> impl Future<Output = Outcome<B>> + Send {
        let Lent {
            mut connection,
            reused,
            since,
        } = lent;
        // An HTTP/2 connection may have been tried before.
        let is_absolute = request.uri().authority().is_some();
        let uri = is_absolute.then(|| relative(request.uri())).transpose();
        let before = connection.traffic.written_bytes();
        let sending = uri.map(|uri| {
            if let Some(uri) = uri {
                *request.uri_mut() = uri;
            }
            let headers = request.headers_mut();
            headers.insert(HOST, origin.host_header().clone());
            connection.traffic.ask();
            let request = request.map(|body| Sending::new(body, connection.traffic.clone()));
            connection.sender.try_send_request(request)
        });
        async move {
            let sending = match sending {
                Ok(sending) => sending,
                Err(error) => return Outcome::Done(Err(error)),
            };
            let unanswered = Unanswered::new(&self.pool, origin, None, since);
            let sent = {
                let mut answer = pin!(sending);
                poll_fn(|cx| connection.driver.poll(cx, |cx| answer.as_mut().poll(cx))).await
            };
            unanswered.answered();
            match sent {
                Ok(response) if response.status() == StatusCode::SWITCHING_PROTOCOLS => {
                    Outcome::Done(Err(SendError::unasked_upgrade()))
                }
                Ok(response) if !is_chunked_at_most(response.headers()) => {
                    Outcome::Done(Err(SendError::unknown_coding()))
                }
                Ok(response) => {
                    connection.rests = head::keep_alive(response.headers());
                    // The caller may send on and read nothing of the answer until it is done.
                    if !connection.traffic.is_sent() {
                        connection.driver.detach(&self.pool.tasks);
                    }
                    let reply = ReplyBody::exclusive(response, &self.pool, origin, connection);
                    Outcome::Done(Ok(reply))
                }
                Err(mut failed) => match failed.take_message() {
                    Some(unsent) if reused => {
                        let unsent = unsent.map(Sending::into_inner);
                        Outcome::Unsent(unsent, SendError::from_hyper(failed.into_error(), false))
                    }
                    unsent => {
                        let wrote = unsent.is_none() && connection.traffic.written_bytes() > before;
                        let error = SendError::from_hyper(failed.into_error(), wrote);
                        if reused && error.kind == SendErrorKind::Closed {
                            // What ended it at rest has probably ended those beside it.
                            self.pool.distrust(origin, since);
                        }
                        Outcome::Done(Err(error))
                    }
                },
            }
        }
    }

    async fn over_http2(
        &self,
        origin: &Origin,
        mut request: Request<B>,
        stream: Stream,
        handed_over: &AtomicBool,
    ) -> Result<Outcome<B>, SendError> {
        *request.uri_mut() = absolute(origin, request.uri())?;
        let unanswered = Unanswered::new(&self.pool, origin, Some(stream.doubt()), Instant::now());
        let sent = shared::exchange(stream, request, handed_over, &self.pool.tasks).await;
        unanswered.answered();
        Ok(match sent {
            Ok(response) => Outcome::Done(Ok(ReplyBody::shared(response))),
            Err(Failed::Unsent(request, error)) => Outcome::Unsent(*request, error),
            Err(Failed::Lost(error)) => {
                if error.wants_http1() {
                    self.pool.fall_back(origin);
                }
                Outcome::Done(Err(error))
            }
        })
    }

    /// Closes connections that were unused too long. Call it every few seconds.
    pub fn sweep(&self) {
        self.pool.sweep();
    }

    /// Open connections, idle and busy.
    pub fn open_connections(&self) -> usize {
        self.pool.open.count()
    }
}

/// A request that waits for its answer. Dropped meanwhile, it was given up.
struct Unanswered<'a, B> {
    pool: &'a Pool<B>,
    origin: &'a Origin,
    /// Over HTTP/2, where the connection outlives the request.
    doubt: Option<Doubt>,
    started: Instant,
    answered: bool,
}

impl<'a, B> Unanswered<'a, B> {
    fn new(pool: &'a Pool<B>, origin: &'a Origin, doubt: Option<Doubt>, started: Instant) -> Self {
        Self {
            pool,
            origin,
            doubt,
            started,
            answered: false,
        }
    }

    /// It has its answer, or its error.
    fn answered(mut self) {
        self.answered = true;
    }
}

impl<B> Drop for Unanswered<'_, B> {
    fn drop(&mut self) {
        if !self.answered && self.started.elapsed() >= TELLING {
            if let Some(doubt) = &self.doubt {
                doubt.cast(self.started);
            }
            self.pool.distrust(self.origin, self.started);
        }
    }
}

/// HTTP/1.1 carries path and query only, the authority in `Host`.
fn relative(uri: &Uri) -> Result<Uri, SendError> {
    let mut parts = uri.clone().into_parts();
    parts.scheme = None;
    parts.authority = None;
    Uri::from_parts(parts).map_err(|error| SendError::unsent(SendErrorKind::Connect, error))
}

/// HTTP/2 carries scheme and authority in the request itself.
fn absolute(origin: &Origin, uri: &Uri) -> Result<Uri, SendError> {
    let mut parts = uri.clone().into_parts();
    parts.scheme = Some(origin.scheme());
    parts.authority = Some(origin.authority().clone());
    Uri::from_parts(parts).map_err(|error| SendError::unsent(SendErrorKind::Connect, error))
}

#[cfg(test)]
mod tests;
