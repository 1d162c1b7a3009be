//! The listener, its connections and their end.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};
use tokio::task::JoinSet;

use crate::compiled::World;
use crate::handle::{Handle, Shared};
use crate::socket::{ResetSwitch, Socket};
use crate::{Error, Options, Warning, request};

/// Connections at the same time; further ones wait in the kernel's queue.
pub const MAX_CONNECTIONS: usize = 4_096;

/// Time a connection may take to send the headers of its next request.
pub const HEADER_READ_TIMEOUT: Duration = Duration::from_secs(60);

/// Time that answers under way have after the shutdown begins.
pub const DRAIN_TIMEOUT: Duration = Duration::from_secs(5);

/// Pause after the system refused to accept, for example for want of file descriptors.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);

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
    /// [`DRAIN_TIMEOUT`].
    ///
    /// No task outlives this future: they all end when it is dropped.
    pub async fn run(self, shutdown: impl Future<Output = ()>) {
        let permits = Arc::new(Semaphore::new(MAX_CONNECTIONS));
        let (drain, draining) = watch::channel(false);
        let mut connections = JoinSet::new();
        let mut shutdown = std::pin::pin!(shutdown);
        loop {
            tokio::select! {
                () = &mut shutdown => break,
                (stream, permit) = accept(&self.listener, &permits) => {
                    let shared = Arc::clone(&self.shared);
                    connections.spawn(serve(stream, permit, shared, draining.clone()));
                }
                Some(_) = connections.join_next() => {}
            }
        }
        drop(self.listener);
        // Fails only when every connection has already ended.
        let _ = drain.send(true);
        let all_ended = async { while connections.join_next().await.is_some() {} };
        if tokio::time::timeout(DRAIN_TIMEOUT, all_ended)
            .await
            .is_err()
        {
            tracing::warn!(
                connections = connections.len(),
                "simulator: cut off answers that outlasted the drain"
            );
            connections.shutdown().await;
        }
    }
}

/// Waits for a free place first, so that connections beyond the bound stay in the kernel's queue.
async fn accept(
    listener: &TcpListener,
    permits: &Arc<Semaphore>,
) -> (TcpStream, Option<OwnedSemaphorePermit>) {
    // The semaphore is never closed, so a permit always comes.
    let permit = Arc::clone(permits).acquire_owned().await.ok();
    loop {
        match listener.accept().await {
            Ok((stream, _)) => return (stream, permit),
            Err(error) => {
                tracing::warn!(%error, "simulator: could not accept a connection");
                tokio::time::sleep(ACCEPT_PAUSE).await;
            }
        }
    }
}

async fn serve(
    stream: TcpStream,
    permit: Option<OwnedSemaphorePermit>,
    shared: Arc<Shared>,
    mut draining: watch::Receiver<bool>,
) {
    let _permit = permit;
    // Without it small answers wait for the acknowledgement of the one before.
    if let Err(error) = stream.set_nodelay(true) {
        tracing::debug!(%error, "simulator: no TCP_NODELAY");
    }
    let reset = ResetSwitch::default();
    let io = TokioIo::new(Socket::new(stream, reset.clone()));
    let service = service_fn(move |request| {
        let shared = Arc::clone(&shared);
        let reset = reset.clone();
        async move { request::answer(&shared, request, &reset).await }
    });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEADER_READ_TIMEOUT)
        .serve_connection(io, service);
    let mut connection = std::pin::pin!(connection);
    let ended = tokio::select! {
        ended = connection.as_mut() => ended,
        // Also ends when the server is gone.
        () = async { draining.wait_for(|draining| *draining).await.map_or((), drop) } => {
            connection.as_mut().graceful_shutdown();
            connection.await
        }
    };
    if let Err(error) = ended {
        tracing::debug!(%error, "simulator: connection ended");
    }
}
