//! What the pool keeps for one origin. Pure state; nothing here waits.

use std::sync::Arc;
use std::time::{Duration, Instant};

use super::super::UNTAKEN;
use super::super::error::SendError;
use super::super::origin::Origin;
use super::super::shared::{MOST_STREAMS, Shared};
use super::super::tls::Offer;
use super::bell::Bell;
use super::{Exclusive, Lease, Lent, Limits};

/// What an origin speaks is remembered for so long after its last request.
const REMEMBERED: Duration = Duration::from_secs(3_600);

/// So many origins without a connection are remembered.
pub(super) const MOST_REMEMBERED: usize = 4_096;

/// After it asked for HTTP/1.1, an origin is not offered HTTP/2 for so long.
const HTTP1_ALONE: Duration = Duration::from_secs(3_600);

/// After a further HTTP/2 connection could not be made, none is tried for so long.
const CROWDED: Duration = Duration::from_secs(1);

/// Requests wait so long for what a connection on its way will tell or give; then one more is
/// made. Behind one name there are many machines, and one that hangs must not hold up all calls.
pub(super) const HELD_UP: Duration = Duration::from_secs(1);

/// What is known of the protocol of an origin.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Speaks {
    /// Nothing: one connection is made, and whoever comes meanwhile waits for what it tells, as
    /// long as it is not [`HELD_UP`].
    Unknown,
    /// Each request needs a connection of its own.
    Http1,
    /// Requests share connections.
    Http2,
}

/// The connections of an origin, and who waits for them.
pub(super) struct PerOrigin<B> {
    pub(super) speaks: Speaks,
    idle: Vec<Idle<B>>,
    shared: Vec<Shared>,
    /// Streams that its connections allowed last.
    streams_each: Option<usize>,
    /// Connections being made that may become shared ones.
    pub(super) connecting: usize,
    /// When the last of them began, or the last for requests that wait for one of their own.
    pub(super) began: Option<Instant>,
    /// Has the requests that wait for a stream, for what the connection being made tells, or longer
    /// than [`HELD_UP`] for a connection of their own. Rings when a look is worthwhile for those.
    pub(super) bell: Arc<Bell>,
    /// How often the first connection could not be made, and why not, the last time.
    pub(super) failures: u64,
    pub(super) failure: Option<SendError>,
    crowded: Option<Instant>,
    /// When a request that went over HTTP/2 was wanted over HTTP/1.1.
    fell_back: Option<Instant>,
    used: Instant,
}

struct Idle<B> {
    connection: Exclusive<B>,
    since: Instant,
    /// What was written when it was last looked at, and since when it is so much. Behind an
    /// answer, the rest of its request may still be on its way.
    written_bytes: u64,
    stands: Instant,
}

impl<B> Idle<B> {
    fn new(connection: Exclusive<B>, now: Instant) -> Self {
        Self {
            written_bytes: connection.traffic.written_bytes(),
            connection,
            since: now,
            stands: now,
        }
    }

    fn rests_for(&self, now: Instant) -> Duration {
        now.saturating_duration_since(self.since)
    }

    /// Whether the other side still says that it waits for a request.
    fn may_rest(&self, now: Instant) -> bool {
        let rests = self.connection.rests;
        rests.is_none_or(|rests| self.rests_for(now) < rests)
    }

    /// Whether it is neither too old nor at rest for too long.
    fn is_good(&self, limits: Limits, now: Instant) -> bool {
        self.rests_for(now) < limits.idle_timeout
            && now.saturating_duration_since(self.connection.opened) <= limits.max_age
            && self.may_rest(now)
    }

    /// Whether it has something to send that nobody takes.
    fn is_stuck(&mut self) -> bool {
        let written = self.connection.traffic.written_bytes();
        if self.connection.sender.is_ready() || written != self.written_bytes {
            self.written_bytes = written;
            self.stands = Instant::now();
        }
        self.stands.elapsed() >= UNTAKEN
    }
}

impl<B> PerOrigin<B> {
    pub(super) fn new(origin: &Origin) -> Self {
        Self {
            speaks: if origin.is_tls() {
                Speaks::Unknown
            } else {
                Speaks::Http1
            },
            idle: Vec::new(),
            shared: Vec::new(),
            streams_each: None,
            connecting: 0,
            began: None,
            bell: Arc::default(),
            failures: 0,
            failure: None,
            crowded: None,
            fell_back: None,
            used: Instant::now(),
        }
    }

    /// A connection, or a stream of one, that can take a request now. Closed ones are dropped on
    /// the way. `queued`: the request waited, so it goes before those that come just now.
    pub(super) fn reuse(&mut self, limits: Limits, now: Instant, queued: bool) -> Option<Lease<B>> {
        self.used = now;
        if !self.shared.is_empty() {
            self.drop_closed(limits);
        }
        if queued || self.bell.waiting() == 0 {
            // The first that has room, so that those at the end fall idle and are closed.
            let mut free = self.shared.iter().filter(|shared| shared.is_trusted());
            let taken = free.find_map(Shared::stream);
            if let Some(stream) = taken {
                // Rings may fall together; who is served passes the next one on.
                if self.bell.waiting() > 0 {
                    self.bell.ring();
                }
                return Some(Lease::Shared(stream));
            }
        }
        let connection = self.freshest(limits, now)?;
        Some(Lease::Exclusive(Lent {
            connection,
            reused: true,
            since: now,
        }))
    }

    fn freshest(&mut self, limits: Limits, now: Instant) -> Option<Exclusive<B>> {
        for index in (0..self.idle.len()).rev() {
            let idle = self.idle.get_mut(index)?;
            idle.connection.driver.settle_if_stirred();
            let sender = &idle.connection.sender;
            if sender.is_closed() || !idle.is_good(limits, now) {
                self.idle.remove(index);
            } else if sender.is_ready() {
                return Some(self.idle.remove(index).connection);
            }
        }
        None
    }

    fn drop_closed(&mut self, limits: Limits) {
        for shared in &self.shared {
            self.streams_each = shared.bound().or(self.streams_each);
        }
        self.shared
            .retain(|shared| !shared.is_closed() && shared.age() < limits.max_age);
    }

    /// Whether one more connection is to be made that may become a shared one, beside what those
    /// that wait before the request will take.
    pub(super) fn may_connect(&self, limits: Limits, waiting: usize) -> bool {
        if self.speaks == Speaks::Unknown {
            return self.connecting == 0 || self.is_held_up(limits);
        }
        let crowded = self.crowded.is_some_and(|since| since.elapsed() < CROWDED);
        if crowded && !self.shared.is_empty()
            || self.shared.len() + self.connecting >= limits.shared_per_origin
        {
            return false;
        }
        if self.is_held_up(limits) {
            return true;
        }
        // Connections on their way will take those who wait already.
        let coming = self.coming();
        let each = self
            .streams_each
            .unwrap_or(MOST_STREAMS)
            .clamp(1, MOST_STREAMS);
        waiting >= coming.saturating_mul(each)
    }

    /// Connections on their way: being made, or made and silent about what they allow.
    fn coming(&self) -> usize {
        let fresh = |shared: &&Shared| shared.is_trusted() && shared.bound().is_none();
        self.connecting + self.shared.iter().filter(fresh).count()
    }

    /// Whether what is on its way takes too long to be waited for alone, and there is room beside
    /// it.
    fn is_held_up(&self, limits: Limits) -> bool {
        self.began.is_some_and(|began| began.elapsed() >= HELD_UP)
            && self.coming() > 0
            && self.shared.len() + self.connecting < limits.shared_per_origin
    }

    /// Whether who waits longer than [`HELD_UP`] may make one more connection. Beside one that is
    /// on its way, one a second is made for all of them: a vendor that is slow to take connections
    /// is not asked for twice as many.
    pub(super) fn is_worth_one_more(&mut self, limits: Limits) -> bool {
        if self.speaks == Speaks::Http1 {
            // Each that waits makes one.
            return self.began.is_none_or(|began| began.elapsed() >= HELD_UP);
        }
        // Nothing rings when a connection says good-bye, nor when there may be room again.
        self.drop_closed(limits);
        self.may_connect(limits, self.bell.waiting())
    }

    /// A connection is being made that may become a shared one.
    pub(super) fn connect(&mut self) {
        self.connecting += 1;
        self.began = Some(Instant::now());
    }

    /// What a connection that is made now offers.
    pub(super) fn offer(&self) -> Offer {
        let is_recent = |since: Instant| since.elapsed() < HTTP1_ALONE;
        if self.fell_back.is_some_and(is_recent) {
            Offer::Http1
        } else {
            Offer::Both
        }
    }

    /// Requests go over HTTP/1.1 from now on: what asks for it once asks for it again. Those that
    /// are under way end as they do.
    pub(super) fn fall_back(&mut self) {
        self.fell_back = Some(Instant::now());
        self.speaks = Speaks::Http1;
        self.shared.clear();
        self.bell.ring_for_all();
    }

    /// Takes in a new HTTP/2 connection, and gives its first stream.
    pub(super) fn share(&mut self, shared: Shared) -> Option<Lease<B>> {
        if self.offer() == Offer::Http1 {
            // It was on its way already, and serves nobody but whoever made it.
            return shared.stream().map(Lease::Shared);
        }
        self.speaks = Speaks::Http2;
        self.crowded = None;
        let stream = shared.stream();
        self.shared.push(shared);
        stream.map(Lease::Shared)
    }

    /// A further connection could not be made; whether there are others to wait for.
    pub(super) fn is_crowded(&mut self) -> bool {
        self.crowded = Some(Instant::now());
        self.shared.iter().any(Shared::is_trusted)
    }

    /// Keeps an HTTP/1.1 connection for the next request.
    pub(super) fn rest(&mut self, connection: Exclusive<B>, now: Instant, most: usize) {
        self.used = now;
        if self.idle.len() < most {
            self.idle.push(Idle::new(connection, now));
            if self.bell.waiting() > 0 {
                self.bell.ring();
            }
        }
    }

    /// Trusts nothing that was silent since `moment`: idle connections are closed, shared ones
    /// are asked whether they live.
    pub(super) fn distrust(&mut self, moment: Instant) {
        self.idle.retain(|idle| idle.since >= moment);
        for shared in &self.shared {
            shared.distrust_if_silent_since(moment);
        }
        // Whoever waits for one of their streams may make a connection now.
        self.bell.ring_for_all();
    }

    /// Closes what no request needs now, behind whose answer nothing is left to be sent.
    pub(super) fn close_unused(&mut self) {
        self.idle.retain(|idle| {
            let sender = &idle.connection.sender;
            !sender.is_ready() && !sender.is_closed()
        });
        self.shared
            .retain(|shared| !shared.is_unused_for(Duration::ZERO));
    }

    /// Closes what is unused; whether anything is left to know.
    pub(super) fn sweep(&mut self, limits: Limits) -> bool {
        self.drop_closed(limits);
        self.shared
            .retain(|shared| !shared.is_unused_for(limits.idle_timeout));
        let now = Instant::now();
        // The one that was used last is lent first, so what a burst left lies at the bottom.
        let mut beyond_spares = self.idle.len().saturating_sub(limits.spare_per_origin);
        self.idle.retain_mut(|idle| {
            idle.connection.driver.settle_if_stirred();
            let is_of_burst = beyond_spares > 0 && idle.rests_for(now) >= limits.burst_timeout;
            beyond_spares = beyond_spares.saturating_sub(1);
            !idle.connection.sender.is_closed()
                && idle.is_good(limits, now)
                && !idle.is_stuck()
                && !is_of_burst
        });
        self.is_in_use() || self.speaks != Speaks::Unknown && self.used.elapsed() < REMEMBERED
    }

    pub(super) fn is_in_use(&self) -> bool {
        !self.idle.is_empty()
            || !self.shared.is_empty()
            || self.connecting > 0
            || self.bell.waiting() > 0
    }
}

#[cfg(test)]
mod tests;
