//! Taking connections, and making room for them.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use rustix::io::Errno;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::serve::MOST_CONNECTIONS;
use crate::serve::places::Places;

/// Pause after the system had no room for a connection. One that ends makes some.
const PAUSE: Duration = Duration::from_millis(50);

/// How long a connection that was told to close may take before another one is told to.
const EVICTION_PAUSE: Duration = Duration::from_millis(20);

/// A listener with a bound on what it has open.
pub(crate) struct Acceptor {
    listener: TcpListener,
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
    /// `listener` is bound and non-blocking.
    pub(crate) fn new(
        listener: std::net::TcpListener,
        connections: usize,
        places: Arc<Places>,
    ) -> io::Result<Self> {
        Ok(Self {
            listener: TcpListener::from_std(listener)?,
            permits: Arc::new(Semaphore::new(connections.clamp(1, MOST_CONNECTIONS))),
            places,
        })
    }

    /// The next connection that there is room for. Dropping the future loses at most one that
    /// was waiting for room.
    pub(crate) async fn next(&self) -> Accepted {
        let (stream, peer) = loop {
            match self.listener.accept().await {
                Ok(accepted) => break accepted,
                Err(error) if is_shortage(&error) => {
                    tracing::warn!(%error, "cannot accept a connection");
                    tokio::time::sleep(PAUSE).await;
                }
                // The caller gave up before it was taken; that must not hold up the others.
                Err(error) => tracing::debug!(%error, "a connection ended before it was taken"),
            }
        };
        Accepted {
            stream,
            peer,
            permit: self.room().await,
        }
    }

    /// Waits for a place. A connection that only waits for its next request gives up its own.
    async fn room(&self) -> OwnedSemaphorePermit {
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
