//! Counting and telling what is refused to browsers and to who has no token.
//!
//! None of it is stored: whoever can reach the port could fill the disk.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use axum::extract::Request;

use crate::api::PeerAddress;

/// Shortest time between two lines of the log. Those in between are counted.
const PAUSE: Duration = Duration::from_secs(10);

/// Why a request was refused before anybody looked at what it wants.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Reason {
    /// It is for another host, or for none.
    Host,
    /// A browser says that it comes from another site.
    Origin,
    /// It has no token, or another one.
    Token,
}

impl Reason {
    /// All reasons.
    pub const ALL: [Self; 3] = [Self::Host, Self::Origin, Self::Token];

    /// A stable name, for metrics.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Host => "host",
            Self::Origin => "origin",
            Self::Token => "token",
        }
    }
}

/// Who counts refusals.
pub trait Refusals: Send + Sync {
    /// One more. It must not block.
    fn count(&self, reason: Reason);
}

/// Counts, and logs at most once in [`PAUSE`].
pub(crate) struct Teller {
    counter: Arc<dyn Refusals>,
    log: Mutex<Log>,
}

#[derive(Default)]
struct Log {
    told: Option<Instant>,
    untold_count: u64,
}

impl Teller {
    pub(crate) fn new(counter: Arc<dyn Refusals>) -> Self {
        Self {
            counter,
            log: Mutex::default(),
        }
    }

    /// Nothing of what the request says is told: it is whoever's.
    pub(crate) fn tell(&self, reason: Reason, request: &Request) {
        self.counter.count(reason);
        let Some(others) = self.log().due(Instant::now()) else {
            return;
        };
        let peer = request.extensions().get::<PeerAddress>();
        tracing::warn!(
            reason = reason.as_str(),
            peer = peer.map(|peer| peer.0.to_string()),
            others,
            "the control plane refused a request, and `others` since the last such line"
        );
    }

    fn log(&self) -> std::sync::MutexGuard<'_, Log> {
        self.log.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Log {
    /// How many were not told of, where one is to be told now.
    fn due(&mut self, now: Instant) -> Option<u64> {
        if self
            .told
            .is_some_and(|told| now.duration_since(told) < PAUSE)
        {
            self.untold_count += 1;
            return None;
        }
        self.told = Some(now);
        Some(std::mem::take(&mut self.untold_count))
    }
}

#[cfg(test)]
mod tests {
    use std::time::Instant;

    use super::{Log, PAUSE};

    #[test]
    fn a_flood_of_refusals_is_a_line_of_the_log_each_ten_seconds() {
        let (mut log, start) = (Log::default(), Instant::now());
        assert_eq!(log.due(start), Some(0));
        assert_eq!(log.due(start), None);
        assert_eq!(log.due(start + PAUSE / 2), None);
        assert_eq!(log.due(start + PAUSE), Some(2));
        assert_eq!(log.due(start + PAUSE * 2), Some(0));
    }
}
