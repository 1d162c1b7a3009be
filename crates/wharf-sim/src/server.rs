//! The listener, its connections and their end.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response};
use hyper::body::Incoming;
use tokio::net::TcpListener;
use wharf_net::serve::problem::{NoExtra, Problem};
use wharf_net::serve::{self, Bounds, Peer, Refusal, Service};

use crate::compiled::World;
use crate::handle::{Handle, Shared};
use crate::request::{self, NoAnswer};
use crate::wire::WireBody;
use crate::{Error, Options, Warning};

/// Connections at the same time. For one more, the oldest without a request is closed; while all
/// have one, it waits.
pub const MAX_CONNECTIONS: usize = 4_096;

/// Time a connection may take to send the headers of its next request.
pub const HEADER_READ_TIMEOUT: Duration = Duration::from_secs(60);

/// Time that answers under way have after the shutdown begins.
pub const DRAIN_TIMEOUT: Duration = Duration::from_secs(5);

/// Room for the head of one request, in bytes.
const HEAD_BYTES: usize = 64 << 10;

/// A bound listener with its vendors, not yet serving.
pub struct Simulator {
    listener: TcpListener,
    address: SocketAddr,
    shared: Arc<Shared>,
}

impl Simulator {
    /// Prepares all vendors and takes the address. Nothing is answered before [`Self::run`].
    pub async fn bind(options: Options) -> Result<(Self, Vec<Warning>), Error> {
        let address = options.listen;
        if !address.ip().is_loopback() {
            return Err(Error::NotLoopback { address });
        }
        let refused = |source| Error::Listen { address, source };
        let listener = TcpListener::bind(address).await.map_err(refused)?;
        let bound = listener.local_addr().map_err(refused)?;
        let (world, warnings) = World::compile(options.vendors).await?;
        let simulator = Self {
            listener,
            address: bound,
            shared: Arc::new(Shared::new(world)),
        };
        Ok((simulator, warnings))
    }

    /// The address that is listened on, with its real port.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The path that stands for an environment's base URL, for example `/openai-api/production`.
    ///
    /// The environment's name compares without regard to case. `None` when it is not simulated.
    pub fn base_path(&self, integration: &str, environment: &str) -> Option<String> {
        self.handle().base_path(integration, environment)
    }

    /// Counters, and a way to exchange the vendors.
    pub fn handle(&self) -> Handle {
        Handle {
            shared: Arc::clone(&self.shared),
        }
    }

    /// Serves until `shutdown` resolves, then lets answers under way finish within
    /// [`DRAIN_TIMEOUT`]. Errors: the listener cannot be taken over.
    ///
    /// No task outlives this future: they all end when it is dropped.
    pub async fn run(self, shutdown: impl Future<Output = ()>) -> io::Result<()> {
        let bounds = Bounds {
            connections: MAX_CONNECTIONS,
            head: HEADER_READ_TIMEOUT,
            idle: HEADER_READ_TIMEOUT,
            lifetime: None,
            head_bytes: HEAD_BYTES,
            drain: DRAIN_TIMEOUT,
        };
        // It was made by this very runtime, and goes back to it.
        let listener = self.listener.into_std()?;
        serve::serve(listener, bounds, Vendors(self.shared), shutdown).await
    }
}

/// What a connection is served with.
#[derive(Clone)]
struct Vendors(Arc<Shared>);

impl Service for Vendors {
    type Body = WireBody;
    type Error = NoAnswer;

    async fn call(
        &self,
        request: Request<Incoming>,
        peer: &Peer,
    ) -> Result<Response<WireBody>, NoAnswer> {
        request::answer(&self.0, request, peer).await
    }

    fn refuse(&self, refusal: &Refusal, _peer: SocketAddr) -> Response<Bytes> {
        let problem = Problem {
            status: refusal.kind.status(),
            code: "request_invalid",
            title: "The simulator cannot read the request",
            detail: &refusal.detail,
            extra: NoExtra {},
        };
        problem.response()
    }
}
