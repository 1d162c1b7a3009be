//! The data plane: calls from a listener into the pipeline.
//!
//! Taking connections, heads, and the end are `wharf_net::serve`'s. Each worker has an engine,
//! and with it connections to vendors of its own.

use std::convert::Infallible;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response};
use hyper::body::Incoming;
use wharf_net::machine;
use wharf_net::serve::{self, Peer, Refusal, Service, Shutdown, Workers};
use wharf_net::{Client, Connector, Limits};

use crate::body::CallerBody;
use crate::inbound::CameOver;
use crate::metrics::Metrics;
use crate::pipeline::Engine;
use crate::problem::refusal;
use crate::reply::{Refused, ReplyBody};
use crate::snapshot::Handle;
use crate::trace::Trace;

/// A caller that is slow with the head of a request is told so after this.
const HEAD_TIMEOUT: Duration = Duration::from_secs(10);

/// A caller's connection without a request is closed after this.
const IDLE_TIMEOUT: Duration = Duration::from_secs(75);

/// Room for the head of one request, in bytes.
const HEAD_BYTES: usize = 64 << 10;

/// What the data plane needs to start.
pub struct Options {
    /// Already bound and non-blocking.
    pub listener: std::net::TcpListener,
    /// Threads that serve calls; at least one.
    pub workers: usize,
    /// Connections from callers at the same time. For one more, some without a call under way are
    /// closed; while all have one, it waits.
    pub max_connections: usize,
    /// How long calls under way may go on after shutdown has begun.
    pub drain_timeout: Duration,
}

/// The data plane, ready to run.
pub struct Server {
    options: Options,
    handle: Handle,
}

impl Server {
    /// A server that answers from what `handle` holds.
    pub const fn new(options: Options, handle: Handle) -> Self {
        Self { options, handle }
    }

    /// Serves until `shutdown` completes, then lets calls under way finish within the drain
    /// timeout, and returns. `shutdown` is polled before the first call is taken. Errors: the
    /// listener or a worker cannot be set up.
    pub async fn run(self, shutdown: impl Future<Output: Into<Shutdown>>) -> io::Result<()> {
        let Self { options, handle } = self;
        machine::read_names();
        let bounds = serve::Bounds {
            connections: options.max_connections,
            head: HEAD_TIMEOUT,
            idle: IDLE_TIMEOUT,
            lifetime: None,
            head_bytes: HEAD_BYTES,
            drain: options.drain_timeout,
        };
        let connections = handle.shared.metrics.connections.clone();
        let workers = Workers {
            count: options.workers,
            name: "gateway",
            on_change: Arc::new(move |change| {
                connections.inc_by(change);
            }),
        };
        let connector = connector();
        let make = move || Calls::new(&handle, connector.clone());
        serve::serve_with_workers(options.listener, bounds, workers, make, shutdown).await
    }
}

/// Reads the machine's certificates, once for all workers, and says what is wrong with them before
/// a call finds out.
fn connector() -> Connector {
    let connector = Connector::new();
    for problem in connector.unreadable_certificates() {
        tracing::warn!("trusted certificates cannot be read: {problem}");
    }
    if let Some(error) = connector.trust_error() {
        tracing::warn!("no vendor can be reached over https: {error}");
    }
    connector
}

/// What one worker serves.
#[derive(Clone)]
struct Calls {
    engine: Engine,
    upstream: Arc<Upstream>,
}

/// One worker's share of the open connections to vendors, as they are counted.
struct Upstream {
    metrics: Arc<Metrics>,
    counted: AtomicI64,
}

impl Drop for Upstream {
    fn drop(&mut self) {
        let counted = self.counted.load(Ordering::Relaxed);
        self.metrics.upstream_connections.dec_by(counted);
    }
}

impl Calls {
    fn new(handle: &Handle, connector: Connector) -> Self {
        Self {
            engine: Engine::new(handle, Client::new(connector, Limits::default())),
            upstream: Arc::new(Upstream {
                metrics: Arc::clone(&handle.shared.metrics),
                counted: AtomicI64::new(0),
            }),
        }
    }
}

impl Service for Calls {
    type Body = ReplyBody;
    type Error = Infallible;

    async fn call(
        &self,
        request: Request<Incoming>,
        peer: &Peer,
    ) -> Result<Response<ReplyBody>, Infallible> {
        // Asked for only where it is written.
        let path = tracing::enabled!(tracing::Level::DEBUG).then(|| request.uri().clone());
        let mut trace = Trace::off();
        let request = request.map(CallerBody::Incoming);
        let came_over = CameOver::Connection(peer.local());
        let mut response = self.engine.serve(request, came_over, &mut trace).await;
        if let Some(Refused(code)) = response.extensions_mut().remove()
            && let Some(uri) = path
        {
            // Nothing that the caller wrote: a token may stand anywhere in a URL.
            let asked = self.engine.served(&uri);
            let integration = asked.as_deref().unwrap_or("unknown");
            tracing::debug!(code, peer = %peer.address(), integration, "call refused");
        }
        peer.answer_until(response.body().deadline());
        Ok(response)
    }

    fn refuse(&self, refused: &Refusal, peer: SocketAddr) -> Response<Bytes> {
        let (code, response) = refusal(refused);
        self.upstream.metrics.refused(code);
        tracing::debug!(code, %peer, detail = refused.detail, "request refused");
        response
    }

    fn tick(&self) {
        let client = self.engine.client();
        client.sweep();
        let open = i64::try_from(client.open_connections()).unwrap_or(i64::MAX);
        let before = self.upstream.counted.swap(open, Ordering::Relaxed);
        self.upstream
            .metrics
            .upstream_connections
            .inc_by(open - before);
    }
}
