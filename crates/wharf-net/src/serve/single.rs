//! Serving on the runtime of whoever asks.

use std::io;
use std::pin::pin;
use std::sync::Arc;

use tokio::task::{JoinError, JoinSet};

use crate::serve::accept::Acceptor;
use crate::serve::connection::Connection;
use crate::serve::places::Places;
use crate::serve::{Bounds, Service};

/// Serves until `shutdown` ends, then lets answers under way finish within [`Bounds::drain`].
///
/// `listener` is bound and non-blocking. No task outlives this future: dropping it cuts all
/// connections. Errors: the listener cannot be used.
pub async fn serve<S: Service>(
    listener: std::net::TcpListener,
    bounds: Bounds,
    service: S,
    shutdown: impl Future<Output = ()>,
) -> io::Result<()> {
    let places = Places::new(Arc::new(|_| ()));
    let acceptor = Acceptor::new(listener, bounds.connections, Arc::clone(&places))?;
    let mut connections = JoinSet::new();
    let mut shutdown = pin!(shutdown);
    // Kept across rounds: a connection that waits for room must not be dropped when another ends.
    let mut accepting = Box::pin(acceptor.next());
    loop {
        tokio::select! {
            biased;
            () = &mut shutdown => break,
            Some(ended) = connections.join_next() => report(ended),
            accepted = &mut accepting => {
                accepting = Box::pin(acceptor.next());
                if let Ok(connection) = Connection::new(accepted, &places) {
                    connections.spawn(connection.serve(service.clone(), bounds));
                }
            }
        }
    }
    drop(accepting);
    drop(acceptor);
    places.drain();
    let drained = tokio::time::timeout(bounds.drain, async {
        while let Some(ended) = connections.join_next().await {
            report(ended);
        }
    });
    if drained.await.is_err() {
        tracing::warn!(
            connections = connections.len(),
            "drain timeout passed; remaining connections are closed"
        );
        connections.shutdown().await;
    }
    Ok(())
}

fn report(ended: Result<(), JoinError>) {
    if let Err(error) = ended {
        tracing::error!(%error, "a request ended in a panic");
    }
}
