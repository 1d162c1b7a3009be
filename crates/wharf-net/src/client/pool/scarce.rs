//! Connecting where file descriptors run out: connections at rest give theirs up.

use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use super::super::connect::{ConnectError, Connection};
use super::super::origin::Origin;
use super::super::tls::Offer;
use super::Pool;

/// Time for connections that were told to end to give their descriptors up.
const PAUSE: Duration = Duration::from_millis(20);

impl<B> Pool<B> {
    /// Connects before `deadline`; once more where there was no descriptor, when this pool's unused
    /// connections are closed. Other pools of the same [`Connector`](super::Connector) close theirs
    /// when they take a connection back, or at their next sweep.
    pub(super) async fn connect(
        &self,
        origin: &Origin,
        offer: Offer,
        deadline: Instant,
    ) -> Result<Connection, ConnectError> {
        let connected = self.connector.connect(origin, offer, deadline).await;
        if !connected.as_ref().is_err_and(ConnectError::is_shortage) {
            return connected;
        }
        // Relaxed, as below: it orders nothing.
        self.connector.shortages.fetch_add(1, Ordering::Relaxed);
        self.shortages_seen.fetch_add(1, Ordering::Relaxed);
        self.close_unused();
        tokio::time::sleep(PAUSE).await;
        self.connector.connect(origin, offer, deadline).await
    }

    /// Closes unused connections if there was a shortage that this pool has not closed them for.
    pub(super) fn heed_shortages(&self) {
        let shortages = self.connector.shortages.load(Ordering::Relaxed);
        // Read before it is written, since every call comes by.
        if self.shortages_seen.load(Ordering::Relaxed) != shortages
            && self.shortages_seen.swap(shortages, Ordering::Relaxed) != shortages
        {
            self.close_unused();
        }
    }

    fn close_unused(&self) {
        for entry in self.origins().values_mut() {
            entry.close_unused();
        }
    }
}
