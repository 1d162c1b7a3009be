//! Taking connections, a bounded number for a bounded time, until told to stop.

use std::fmt;
use std::io;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::{JoinError, JoinSet};
use tokio::time::{sleep, timeout};

use crate::readiness::Readiness;
use crate::routes::{self, Sources};

/// Most connections at once. One more waits in the system's queue until another ends.
pub const CONNECTION_LIMIT: usize = 64;

/// Longest time a client may take for the head of a request, or stay idle between two; after it
/// the connection is closed.
pub const HEADER_READ_TIMEOUT: Duration = Duration::from_secs(10);

/// Longest life of a connection, so that no client holds one of the places for good. After it
/// the answer under way is finished within [`DRAIN_TIMEOUT`] and the connection closed.
pub const CONNECTION_LIFETIME: Duration = Duration::from_secs(120);

/// Longest time that answers under way get at the end; after it their connections are cut.
pub const DRAIN_TIMEOUT: Duration = Duration::from_secs(5);

/// Pause after the system refused a connection, for example because no file handles are left.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// Room for the head of a request; a larger one is answered with 431.
const HEAD_LIMIT_BYTES: usize = 16 * 1024;

/// What a control plane needs.
pub struct Options {
    /// Already bound, so that a port in use is found before anything starts.
    pub listener: std::net::TcpListener,
    /// Gives the text of `/metrics`, as `prometheus-client` encodes it. It must not block.
    pub metrics: Arc<dyn Fn() -> String + Send + Sync>,
    /// Gives the answer of `/readyz`. It must not block.
    pub readiness: Arc<dyn Fn() -> Readiness + Send + Sync>,
    /// Names that the `Host` header may carry besides loopback names and IP addresses.
    pub hosts: Vec<String>,
}

impl fmt::Debug for Options {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Options")
            .field("listener", &self.listener)
            .field("hosts", &self.hosts)
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
    bounds: Bounds,
}

/// The bounds above, as values, so that tests need not wait for them.
#[derive(Clone, Copy, Debug)]
struct Bounds {
    connections: usize,
    header_read: Duration,
    lifetime: Duration,
    drain: Duration,
}

impl Console {
    /// Prepares a control plane; nothing is answered before [`Console::run`].
    pub fn new(options: Options) -> Self {
        let router = routes::router(Sources {
            metrics: options.metrics,
            readiness: options.readiness,
            hosts: options.hosts,
        });
        Self {
            listener: options.listener,
            router,
            bounds: Bounds {
                connections: CONNECTION_LIMIT,
                header_read: HEADER_READ_TIMEOUT,
                lifetime: CONNECTION_LIFETIME,
                drain: DRAIN_TIMEOUT,
            },
        }
    }

    /// Answers until `shutdown` ends, then for at most [`DRAIN_TIMEOUT`] more.
    ///
    /// Dropping the future cuts all connections.
    pub async fn run(self, shutdown: impl Future<Output = ()> + Send) -> Result<(), RunError> {
        self.listener.set_nonblocking(true)?;
        let listener = TcpListener::from_std(self.listener)?;
        let bounds = self.bounds;
        let (stop, stopping) = watch::channel(());
        let mut connections = JoinSet::new();
        let mut shutdown = pin!(shutdown);
        loop {
            tokio::select! {
                biased;
                () = shutdown.as_mut() => break,
                Some(ended) = connections.join_next() => report(ended),
                accepted = listener.accept(), if connections.len() < bounds.connections => {
                    match accepted {
                        Ok((stream, _)) => {
                            let router = self.router.clone();
                            connections.spawn(serve(stream, router, bounds, stopping.clone()));
                        }
                        Err(error) => {
                            tracing::warn!(%error, "the control plane could not take a connection");
                            sleep(ACCEPT_PAUSE).await;
                        }
                    }
                }
            }
        }
        drop((listener, stop));
        let drained = timeout(bounds.drain, async {
            while let Some(ended) = connections.join_next().await {
                report(ended);
            }
        });
        if drained.await.is_err() {
            tracing::warn!(
                connections = connections.len(),
                "connections to the control plane were cut at the end of the drain"
            );
            connections.shutdown().await;
        }
        Ok(())
    }
}

/// One connection, from its first byte to its end.
async fn serve(
    stream: TcpStream,
    router: Router,
    bounds: Bounds,
    mut stopping: watch::Receiver<()>,
) {
    // Answers are small and written at once; waiting for more to send only delays them.
    if let Err(error) = stream.set_nodelay(true) {
        tracing::debug!(%error, "TCP_NODELAY cannot be set");
    }
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(bounds.header_read)
        .max_buf_size(HEAD_LIMIT_BYTES)
        .serve_connection(TokioIo::new(stream), TowerToHyperService::new(router));
    let mut connection = pin!(connection);
    let ended = tokio::select! {
        ended = connection.as_mut() => Some(ended),
        // The sender is only ever dropped, which ends the wait with an error.
        _ = stopping.changed() => None,
        () = sleep(bounds.lifetime) => None,
    };
    let ended = if let Some(ended) = ended {
        ended
    } else {
        connection.as_mut().graceful_shutdown();
        timeout(bounds.drain, connection).await.unwrap_or(Ok(()))
    };
    if let Err(error) = ended {
        tracing::debug!(%error, "a connection to the control plane broke off");
    }
}

fn report(ended: Result<(), JoinError>) {
    if let Err(error) = ended {
        tracing::error!(%error, "a request to the control plane ended in a panic");
    }
}

#[cfg(test)]
mod tests;
