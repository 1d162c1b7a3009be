//! Serving on the runtime of whoever asks.

use std::io;
use std::pin::{Pin, pin};
use std::sync::Arc;

use tokio::task::{JoinError, JoinSet};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use crate::serve::accept::{Accepted, Acceptor};
use crate::serve::connection::Connection;
use crate::serve::places::Places;
use crate::serve::{Bounds, CLOSING, Service, Shutdown};

/// Serves until `shutdown` ends, then lets answers under way finish within [`Bounds::drain`] in the
/// way that it asks for. `shutdown` is polled before the first connection is taken.
///
/// `listener` is bound and non-blocking. No task outlives this future: dropping it cuts all
/// connections. Errors: the listener cannot be used.
pub async fn serve<S: Service>(
    listener: std::net::TcpListener,
    bounds: Bounds,
    service: S,
    shutdown: impl Future<Output: Into<Shutdown>>,
) -> io::Result<()> {
    let places = Places::new(Arc::new(|_| ()));
    let stop = CancellationToken::new();
    let acceptor = Acceptor::new(
        listener,
        bounds.connections,
        Arc::clone(&places),
        stop.clone(),
    )?;
    let mut connections = JoinSet::new();
    let mut shutdown = pin!(shutdown);
    let mut taking = Taking::with(acceptor);
    let begin = |connections: &mut JoinSet<()>, accepted| {
        if let Ok(connection) = Connection::new(accepted, &places) {
            connections.spawn(connection.serve(service.clone(), bounds));
        }
    };
    let shutdown = loop {
        tokio::select! {
            biased;
            // The end first, then what has ended: a crowd at the door must hold up neither.
            shutdown = &mut shutdown => break shutdown.into(),
            Some(ended) = connections.join_next() => report(ended),
            Some(accepted) = taking.next() => begin(&mut connections, accepted),
        }
    };
    let until = Instant::now() + bounds.drain;
    if shutdown == Shutdown::HandOver {
        places.finish();
        stop.cancel();
        let ended = async {
            loop {
                tokio::select! {
                    Some(accepted) = taking.next() => begin(&mut connections, accepted),
                    Some(ended) = connections.join_next() => report(ended),
                    else => return,
                }
            }
        };
        // What is left then is told to end.
        let _ = tokio::time::timeout(bounds.drain.saturating_sub(CLOSING), ended).await;
    }
    drop(taking);
    places.drain(until);
    let drained = tokio::time::timeout_at(until, async {
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

/// Takes connections, one after the other. What it waits for is kept when the waiting is given up:
/// a connection that waits for room must not be dropped because another ends.
struct Taking(Option<Pin<Box<dyn Future<Output = Next> + Send>>>);

/// What [`Acceptor::next`] gives.
type Next = Option<(Accepted, Option<Acceptor>)>;

impl Taking {
    fn with(acceptor: Acceptor) -> Self {
        Self(Some(Box::pin(acceptor.next())))
    }

    /// The next connection; `None` when no more are taken. Dropping the future loses none.
    async fn next(&mut self) -> Option<Accepted> {
        let next = self.0.as_mut()?.await;
        self.0 = None;
        let (accepted, more) = next?;
        *self = more.map_or(Self(None), Self::with);
        Some(accepted)
    }
}

fn report(ended: Result<(), JoinError>) {
    if let Err(error) = ended {
        tracing::error!(%error, "a request ended in a panic");
    }
}
