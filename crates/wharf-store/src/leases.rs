//! Leases: what one process at a time may do, among several.

use std::time::Duration;

use tokio::time::Instant;

use crate::names::{Epoch, Name};

/// Shortest and longest term of a lease.
pub const TERM_LIMITS: (Duration, Duration) = (
    Duration::from_millis(100),
    Duration::from_secs(24 * 60 * 60),
);

/// The right to do something alone, for a time.
#[derive(Clone, Debug)]
pub struct Lease {
    name: Name,
    epoch: Epoch,
    term: Duration,
    valid_until: Instant,
}

impl Lease {
    /// `asked` is when the store was asked, before it answered.
    pub(crate) fn new(name: Name, epoch: Epoch, term: Duration, asked: Instant) -> Self {
        Self {
            name,
            epoch,
            term,
            // The holder stops before anybody else may begin.
            valid_until: asked + term * 2 / 3,
        }
    }

    /// What it is for.
    pub fn name(&self) -> &Name {
        &self.name
    }

    /// Which holder this is. What is done under the lease carries it, so that what comes late from
    /// an earlier holder is refused.
    pub fn epoch(&self) -> Epoch {
        self.epoch
    }

    /// How long it lasts from when it was asked for.
    pub fn term(&self) -> Duration {
        self.term
    }

    /// When its holder has to stop: two thirds of the term after it asked.
    pub fn valid_until(&self) -> Instant {
        self.valid_until
    }

    /// Whether its holder may go on now.
    pub fn is_valid(&self) -> bool {
        Instant::now() < self.valid_until
    }
}
