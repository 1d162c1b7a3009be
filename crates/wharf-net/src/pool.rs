//! The client: one pool of connections per worker.
//!
//! HTTP/1.1 connections carry one request at a time and wait in a list between requests.
//! HTTP/2 connections are shared: one per origin. Which of the two an origin speaks is settled
//! during its TLS handshake.

mod reply;

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use http::header::HOST;
use http::{Request, StatusCode, Uri};
use http_body::Body;
use hyper::client::conn::{http1, http2};
use hyper_util::rt::TokioTimer;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio_util::task::TaskTracker;

use crate::connect::{Connector, Origin};
use crate::counted::{Counted, OpenConnections, Written};
use crate::error::{SendError, SendErrorKind};

use reply::ReplyExt;
pub use reply::{Reply, ReplyBody};

/// Connections that turn out to be closed are replaced this often before the call fails.
const STALE_TRIES: usize = 8;

/// Bounds of a [`Client`].
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// HTTP/1.1 connections kept open per origin between requests; more are closed after use.
    pub idle_per_origin: usize,
    /// A connection unused for this long is closed. Below the usual keep-alive of servers,
    /// so that it is we who close.
    pub idle_timeout: Duration,
    /// A connection this old takes no new request, so that changes of addresses are noticed.
    pub max_age: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            idle_per_origin: 1_024,
            idle_timeout: Duration::from_secs(55),
            max_age: Duration::from_secs(600),
        }
    }
}

/// An HTTP client with a pool; clones share it.
///
/// Connections run as tasks of the runtime that calls [`Client::send`]; dropping the last clone
/// closes idle ones, and busy ones end with their answer.
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

struct Pool<B> {
    connector: Connector,
    limits: Limits,
    origins: Mutex<HashMap<Origin, PerOrigin<B>>>,
    tasks: TaskTracker,
    open: OpenConnections,
}

struct PerOrigin<B> {
    idle: Vec<Idle<B>>,
    http2: Option<Shared<B>>,
    /// Held while connecting to an origin that may speak HTTP/2, so that calls that arrive
    /// together make one connection.
    gate: Arc<Semaphore>,
    plain: bool,
}

impl<B> PerOrigin<B> {
    fn new(origin: &Origin) -> Self {
        Self {
            idle: Vec::new(),
            http2: None,
            gate: Arc::new(Semaphore::new(1)),
            plain: !origin.is_tls(),
        }
    }

    /// For an origin that is known to speak HTTP/1.1.
    fn plain(origin: &Origin) -> Self {
        Self {
            plain: true,
            ..Self::new(origin)
        }
    }
}

struct Idle<B> {
    connection: Exclusive<B>,
    since: Instant,
}

/// An HTTP/1.1 connection: one request at a time.
pub(crate) struct Exclusive<B> {
    sender: http1::SendRequest<B>,
    written: Written,
    opened: Instant,
}

/// An HTTP/2 connection: many requests at a time.
struct Shared<B> {
    sender: http2::SendRequest<B>,
    opened: Instant,
}

enum Lease<B> {
    Exclusive {
        connection: Exclusive<B>,
        reused: bool,
    },
    Shared {
        sender: http2::SendRequest<B>,
        reused: bool,
    },
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
            pool: Arc::new(Pool {
                connector,
                limits,
                origins: Mutex::default(),
                tasks: TaskTracker::new(),
                open: OpenConnections::default(),
            }),
        }
    }

    /// Sends a request whose URI is a path and query, and waits for the head of the answer.
    ///
    /// `Host` is set from the origin. A pooled connection that turns out to be closed before
    /// any byte was written is replaced without a word; nothing else is ever sent again here.
    /// Dropping the future abandons the request and closes its HTTP/1.1 connection. What
    /// `handed_over` says then tells whether the request can have been written at all.
    pub async fn send(
        &self,
        origin: &Origin,
        mut request: Request<B>,
        connect_timeout: Duration,
        handed_over: &AtomicBool,
    ) -> Result<Reply<B>, SendError> {
        for _ in 0..STALE_TRIES {
            handed_over.store(false, Ordering::Relaxed);
            let lease = self.pool.lease(origin, connect_timeout).await?;
            handed_over.store(true, Ordering::Relaxed);
            match lease {
                Lease::Exclusive {
                    mut connection,
                    reused,
                } => {
                    // An HTTP/2 connection may have been tried before.
                    if request.uri().authority().is_some() {
                        *request.uri_mut() = relative(request.uri())?;
                    }
                    request
                        .headers_mut()
                        .insert(HOST, origin.host_header().clone());
                    let before = connection.written.bytes();
                    match connection.sender.try_send_request(request).await {
                        Ok(response) if response.status() == StatusCode::SWITCHING_PROTOCOLS => {
                            return Err(SendError::unasked_upgrade());
                        }
                        Ok(response) => {
                            return Ok(Reply::exclusive(response, &self.pool, origin, connection));
                        }
                        Err(mut failed) => match failed.take_message() {
                            Some(unsent) if reused => request = unsent,
                            unsent => {
                                let wrote = unsent.is_none() && connection.written.bytes() > before;
                                return Err(SendError::from_hyper(failed.into_error(), wrote));
                            }
                        },
                    }
                }
                Lease::Shared { mut sender, reused } => {
                    *request.uri_mut() = absolute(origin, request.uri())?;
                    request.headers_mut().remove(HOST);
                    match sender.try_send_request(request).await {
                        Ok(response) => return Ok(Reply::shared(response)),
                        Err(mut failed) => match failed.take_message() {
                            Some(unsent) if reused => request = unsent,
                            // Streams share a connection, so its byte count says nothing here.
                            unsent => {
                                return Err(SendError::from_hyper(
                                    failed.into_error(),
                                    unsent.is_none(),
                                ));
                            }
                        },
                    }
                }
            }
        }
        Err(SendError::unsent(
            SendErrorKind::Closed,
            "every connection closed before it could be used",
        ))
    }

    /// Closes connections that were unused too long. Call it every few seconds.
    pub fn sweep(&self) {
        let limits = self.pool.limits;
        let now = Instant::now();
        self.pool.origins().retain(|_, origin| {
            origin.idle.retain(|idle| {
                !idle.connection.sender.is_closed()
                    && now.duration_since(idle.since) < limits.idle_timeout
            });
            origin.http2.take_if(|shared| {
                shared.sender.is_closed() || now.duration_since(shared.opened) > limits.max_age
            });
            // A gate in use means that somebody is connecting and will come back to this entry.
            !origin.idle.is_empty() || origin.http2.is_some() || Arc::strong_count(&origin.gate) > 1
        });
    }

    /// Open connections, idle and busy.
    pub fn open_connections(&self) -> usize {
        self.pool.open.count()
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

impl<B> Pool<B> {
    fn origins(&self) -> MutexGuard<'_, HashMap<Origin, PerOrigin<B>>> {
        self.origins.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes back a connection whose answer was read to its end.
    fn give_back(&self, origin: &Origin, connection: Exclusive<B>) {
        if connection.sender.is_closed() || connection.opened.elapsed() > self.limits.max_age {
            return;
        }
        let mut origins = self.origins();
        let per_origin = match origins.get_mut(origin) {
            Some(per_origin) => per_origin,
            // A sweep takes away entries without a connection at rest.
            None => origins
                .entry(origin.clone())
                .or_insert_with(|| PerOrigin::plain(origin)),
        };
        if per_origin.idle.len() < self.limits.idle_per_origin {
            per_origin.idle.push(Idle {
                connection,
                since: Instant::now(),
            });
        }
    }
}

impl<B> Pool<B>
where
    B: Body + Send + Unpin + 'static,
    B::Data: Send,
    B::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
{
    async fn lease(
        self: &Arc<Self>,
        origin: &Origin,
        timeout: Duration,
    ) -> Result<Lease<B>, SendError> {
        let gate = {
            let mut origins = self.origins();
            let per_origin = match origins.get_mut(origin) {
                Some(per_origin) => per_origin,
                None => origins
                    .entry(origin.clone())
                    .or_insert_with(|| PerOrigin::new(origin)),
            };
            if let Some(lease) = reuse(per_origin, self.limits) {
                return Ok(lease);
            }
            (!per_origin.plain).then(|| Arc::clone(&per_origin.gate))
        };
        let Some(gate) = gate else {
            return self.open(origin, timeout).await;
        };
        let waiting = tokio::time::timeout(timeout, gate.acquire_owned()).await;
        let _permit: Option<OwnedSemaphorePermit> = match waiting {
            Ok(permit) => permit.ok(),
            Err(_) => return Err(SendError::timeout()),
        };
        let ready = self
            .origins()
            .get_mut(origin)
            .and_then(|per_origin| reuse(per_origin, self.limits));
        match ready {
            Some(lease) => Ok(lease),
            None => self.open(origin, timeout).await,
        }
    }

    async fn open(
        self: &Arc<Self>,
        origin: &Origin,
        timeout: Duration,
    ) -> Result<Lease<B>, SendError> {
        let connection = self.connector.connect(origin, timeout).await?;
        let (io, written) = Counted::new(connection.io, self.open.one_more());
        let opened = Instant::now();
        if connection.http2 {
            let (sender, driver) = http2::Builder::new(Spawn(self.tasks.clone()))
                .timer(TokioTimer::new())
                .keep_alive_interval(Duration::from_secs(20))
                .initial_stream_window_size(1 << 20)
                .initial_connection_window_size(4 << 20)
                .handshake(io)
                .await
                .map_err(|error| SendError::unsent(SendErrorKind::Protocol, error))?;
            self.tasks.spawn(log_end(origin.clone(), driver));
            if let Some(per_origin) = self.origins().get_mut(origin) {
                per_origin.http2 = Some(Shared {
                    sender: sender.clone(),
                    opened,
                });
            }
            return Ok(Lease::Shared {
                sender,
                reused: false,
            });
        }
        let (sender, driver) = http1::Builder::new()
            .handshake(io)
            .await
            .map_err(|error| SendError::unsent(SendErrorKind::Protocol, error))?;
        self.tasks.spawn(log_end(origin.clone(), driver));
        if let Some(per_origin) = self.origins().get_mut(origin) {
            per_origin.plain = true;
        }
        Ok(Lease::Exclusive {
            connection: Exclusive {
                sender,
                written,
                opened,
            },
            reused: false,
        })
    }
}

/// The freshest connection that can take a request now. Closed ones are dropped on the way.
fn reuse<B>(per_origin: &mut PerOrigin<B>, limits: Limits) -> Option<Lease<B>> {
    if let Some(shared) = &per_origin.http2 {
        if !shared.sender.is_closed() && shared.opened.elapsed() < limits.max_age {
            let sender = shared.sender.clone();
            return Some(Lease::Shared {
                sender,
                reused: true,
            });
        }
        per_origin.http2 = None;
    }
    for index in (0..per_origin.idle.len()).rev() {
        let idle = per_origin.idle.get(index)?;
        if idle.connection.sender.is_ready() {
            let connection = per_origin.idle.swap_remove(index).connection;
            return Some(Lease::Exclusive {
                connection,
                reused: true,
            });
        }
        if idle.connection.sender.is_closed() {
            per_origin.idle.swap_remove(index);
        }
    }
    None
}

async fn log_end(origin: Origin, driver: impl Future<Output = hyper::Result<()>>) {
    if let Err(error) = driver.await {
        tracing::debug!(%origin, %error, "connection to vendor ended");
    }
}

/// Runs HTTP/2's own tasks beside the others.
#[derive(Clone)]
struct Spawn(TaskTracker);

impl<F> hyper::rt::Executor<F> for Spawn
where
    F: Future + Send + 'static,
    F::Output: Send + 'static,
{
    fn execute(&self, future: F) {
        self.0.spawn(future);
    }
}

#[cfg(test)]
mod tests;
