//! Taking connections, and making room for them.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use rustix::io::Errno;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio_util::sync::CancellationToken;

use crate::serve::MOST_CONNECTIONS;
use crate::serve::places::Places;

/// Pause after the system had no room for a connection. One that ends makes some.
const PAUSE: Duration = Duration::from_millis(50);

/// How long a connection that was told to close may take before another one is told to.
const EVICTION_PAUSE: Duration = Duration::from_millis(20);

/// A listener with a bound on what it has open.
pub(crate) struct Acceptor {
    listener: TcpListener,
    room: Room,
    stop: CancellationToken,
}

/// What there is room for.
struct Room {
    permits: Arc<Semaphore>,
    places: Arc<Places>,
}

/// A connection with its share of the bound.
pub(crate) struct Accepted {
    pub(crate) stream: TcpStream,
    pub(crate) peer: SocketAddr,
    pub(crate) permit: OwnedSemaphorePermit,
}

impl Acceptor {
    /// `listener` is bound and non-blocking. `stop` ends the taking.
    pub(crate) fn new(
        listener: std::net::TcpListener,
        connections: usize,
        places: Arc<Places>,
        stop: CancellationToken,
    ) -> io::Result<Self> {
        let permits = Arc::new(Semaphore::new(connections.clamp(1, MOST_CONNECTIONS)));
        Ok(Self {
            listener: TcpListener::from_std(listener)?,
            room: Room { permits, places },
            stop,
        })
    }

    /// The next connection that there is room for, and what takes further ones; `None` when it
    /// was stopped. Dropping the future loses at most one that was waiting for room; stopping
    /// loses none, and gives the listener up at once.
    pub(crate) async fn next(self) -> Option<(Accepted, Option<Self>)> {
        let (stream, peer) = tokio::select! {
            biased;
            // The end first: what still waits in the queue is for whoever listens next.
            () = self.stop.cancelled() => return None,
            accepted = accept(&self.listener) => accepted,
        };
        let permit = tokio::select! {
            biased;
            // Room first: what was accepted is ours, and nobody else will serve it.
            permit = self.room.take() => permit,
            () = self.stop.cancelled() => {
                let Self { listener, room, .. } = self;
                // Before the wait: what comes meanwhile must find the process that listens now.
                drop(listener);
                let permit = room.take().await;
                return Some((Accepted { stream, peer, permit }, None));
            }
        };
        let accepted = Accepted {
            stream,
            peer,
            permit,
        };
        Some((accepted, Some(self)))
    }
}

async fn accept(listener: &TcpListener) -> (TcpStream, SocketAddr) {
    loop {
        match listener.accept().await {
            Ok(accepted) => return accepted,
            Err(error) if is_shortage(&error) => {
                tracing::warn!(%error, "cannot accept a connection");
                tokio::time::sleep(PAUSE).await;
            }
            // The caller gave up before it was taken; that must not hold up the others.
            Err(error) => tracing::debug!(%error, "a connection ended before it was taken"),
        }
    }
}

impl Room {
    /// Waits for a place. A connection that only waits for its next request gives up its own.
    async fn take(&self) -> OwnedSemaphorePermit {
        loop {
            if let Ok(permit) = Arc::clone(&self.permits).try_acquire_owned() {
                return permit;
            }
            self.places.evict();
            let permit = Arc::clone(&self.permits).acquire_owned();
            // The semaphore is never closed, so the only other end is the pause.
            if let Ok(Ok(permit)) = tokio::time::timeout(EVICTION_PAUSE, permit).await {
                return permit;
            }
        }
    }
}

/// Whether waiting helps: this process or the system has no descriptor or memory left.
fn is_shortage(error: &io::Error) -> bool {
    matches!(
        Errno::from_io_error(error),
        Some(Errno::MFILE | Errno::NFILE | Errno::NOMEM | Errno::NOBUFS)
    )
}

#[cfg(test)]
mod tests {
    use std::io;

    use rustix::io::Errno;

    use super::is_shortage;

    #[test]
    fn only_a_shortage_is_waited_for() {
        for (errno, wanted) in [
            (Errno::MFILE, true),
            (Errno::NFILE, true),
            (Errno::NOMEM, true),
            (Errno::NOBUFS, true),
            (Errno::CONNABORTED, false),
            (Errno::PROTO, false),
            (Errno::PERM, false),
        ] {
            assert_eq!(is_shortage(&io::Error::from(errno)), wanted, "{errno:?}");
        }
        assert!(!is_shortage(&io::Error::other("not the system's")));
    }
}
