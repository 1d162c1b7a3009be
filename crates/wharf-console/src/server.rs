//! Taking connections, a bounded number for a bounded time, until told to stop.

use std::convert::Infallible;
use std::fmt;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::http::{Request, Response};
use hyper::body::Incoming;
use wharf_net::serve::{self, Bounds, Peer, Refusal, Service, Shutdown};

use crate::api::{Api, PeerAddress};
use crate::pages::{self, Metrics, Ready, Sources};
use crate::problem;
use crate::refusals::{Refusals, Teller};

/// Most connections at once. For one more, some without a request under way are closed.
pub const CONNECTION_LIMIT: usize = 64;

/// Longest time a client may take for the head of a request, after which it is told so (408), or stay
/// idle between two, after which the connection is closed.
pub const HEADER_READ_TIMEOUT: Duration = Duration::from_secs(10);

/// Longest life of a connection, so that no client holds one of the places for good. After it
/// the answer under way is finished within [`DRAIN_TIMEOUT`] and the connection closed.
pub const CONNECTION_LIFETIME: Duration = Duration::from_secs(120);

/// Longest time that answers under way get at the end; after it their connections are cut.
pub const DRAIN_TIMEOUT: Duration = Duration::from_secs(5);

/// Room for the head of a request; a larger one is answered with 431.
const HEAD_LIMIT_BYTES: usize = 16 * 1024;

/// What a control plane needs.
pub struct Options {
    /// Already bound, so that a port in use is found before anything starts.
    pub listener: std::net::TcpListener,
    /// Gives the text of `/metrics`.
    pub metrics: Arc<dyn Metrics>,
    /// Gives the answer of `/readyz`.
    pub ready: Arc<dyn Ready>,
    /// Counts what is refused to browsers and to who has no token.
    pub refusals: Arc<dyn Refusals>,
    /// What `/api/v1` gives and changes. `None`: there is no state, and nothing at that path.
    pub api: Option<Api>,
}

impl fmt::Debug for Options {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Options")
            .field("listener", &self.listener)
            .finish_non_exhaustive()
    }
}

/// The control plane could not take over its listener.
#[derive(Debug, thiserror::Error)]
#[error("the control plane cannot use its listener; choose another address for it")]
pub struct RunError(#[from] io::Error);

/// The control plane, ready to run.
#[derive(Debug)]
pub struct Console {
    listener: std::net::TcpListener,
    router: Router,
    /// The bounds above; values, so that tests need not wait for them.
    bounds: Bounds,
}

impl Console {
    /// Prepares a control plane; nothing is answered before [`Console::run`].
    pub fn new(options: Options) -> Self {
        let sources = Sources {
            metrics: options.metrics,
            ready: options.ready,
            refusals: Arc::new(Teller::new(options.refusals)),
            has_api: options.api.is_some(),
        };
        let router = pages::router(sources, options.api);
        Self {
            listener: options.listener,
            router,
            bounds: Bounds {
                connections: CONNECTION_LIMIT,
                head: HEADER_READ_TIMEOUT,
                idle: HEADER_READ_TIMEOUT,
                lifetime: Some(CONNECTION_LIFETIME),
                head_bytes: HEAD_LIMIT_BYTES,
                drain: DRAIN_TIMEOUT,
            },
        }
    }

    /// Answers until `shutdown` ends, then for at most [`DRAIN_TIMEOUT`] more.
    ///
    /// Dropping the future cuts all connections.
    pub async fn run(
        self,
        shutdown: impl Future<Output: Into<Shutdown>> + Send,
    ) -> Result<(), RunError> {
        self.listener.set_nonblocking(true)?;
        serve::serve(self.listener, self.bounds, Pages(self.router), shutdown).await?;
        Ok(())
    }
}

/// What a connection is served with.
#[derive(Clone)]
struct Pages(Router);

impl Service for Pages {
    type Body = Body;
    type Error = Infallible;

    async fn call(
        &self,
        mut request: Request<Incoming>,
        peer: &Peer,
    ) -> Result<Response<Body>, Infallible> {
        request.extensions_mut().insert(PeerAddress(peer.address()));
        // A router is always ready.
        tower_service::Service::call(&mut self.0.clone(), request).await
    }

    fn refuse(&self, refusal: &Refusal, _peer: SocketAddr) -> Response<Bytes> {
        problem::refusal(refusal)
    }
}

#[cfg(test)]
mod tests;
