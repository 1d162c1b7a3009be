//! The connections of one worker, by origin.
//!
//! HTTP/1.1 connections carry one request at a time and wait in a list between requests.
//! HTTP/2 connections are shared; where the streams of one do not suffice, there are several.
//! Which of the two an origin speaks is settled during its first TLS handshake, and remembered.

pub(super) mod bell;
mod lease;
mod origins;
mod scarce;

use std::collections::HashMap;
use std::sync::atomic::AtomicU64;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use hyper::client::conn::http1;
use tokio_util::task::TaskTracker;

use super::connect::Connector;
use super::counted::{OpenConnections, Traffic};
use super::driver::Driver;
use super::origin::Origin;
use super::sending::Sending;
use super::shared::{Patience, Stream};
use origins::PerOrigin;

/// Bounds of a [`Client`](crate::Client).
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// HTTP/1.1 connections kept open per origin between requests; more are closed after use.
    pub idle_per_origin: usize,
    /// Of those, so many are kept for `idle_timeout`. The others are what a burst left.
    pub spare_per_origin: usize,
    /// A connection beyond `spare_per_origin` is closed when it was not used for so long.
    pub burst_timeout: Duration,
    /// HTTP/2 connections per origin. Each takes as many requests as the other side allows, at
    /// most 100; further requests wait for one to end.
    pub shared_per_origin: usize,
    /// A connection unused for this long is closed. Below the usual keep-alive of servers,
    /// so that it is we who close.
    pub idle_timeout: Duration,
    /// A connection this old takes no new request, so that changes of addresses are noticed.
    pub max_age: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            idle_per_origin: 1_024,
            spare_per_origin: 64,
            burst_timeout: Duration::from_secs(5),
            shared_per_origin: 32,
            idle_timeout: Duration::from_secs(55),
            max_age: Duration::from_secs(600),
        }
    }
}

/// Looked into twice a call. Documents decide which origins there are, so nobody can make names
/// that collide.
type Origins<B> = HashMap<Origin, PerOrigin<B>, foldhash::fast::RandomState>;

/// All connections of a client.
pub(crate) struct Pool<B> {
    pub(super) connector: Connector,
    pub(super) limits: Limits,
    /// With HTTP/2 connections that fall silent.
    patience: Patience,
    origins: Mutex<Origins<B>>,
    /// So many of those that the connector counts were heeded.
    shortages_seen: AtomicU64,
    pub(super) tasks: TaskTracker,
    pub(super) open: OpenConnections,
}

/// An HTTP/1.1 connection: one request at a time.
pub(crate) struct Exclusive<B> {
    /// Before `driver`, which ends politely only when this is gone.
    pub(super) sender: http1::SendRequest<Sending<B>>,
    pub(super) traffic: Traffic,
    opened: Instant,
    /// How long it may rest, as the other side says.
    pub(super) rests: Option<Duration>,
    pub(super) driver: Driver,
}

impl<B> Drop for Exclusive<B> {
    fn drop(&mut self) {
        self.traffic.give_up();
        if self.sender.is_ready() {
            self.driver.end_politely();
        } else {
            // It would wait for the other side to take what is left.
            self.driver.abort();
        }
    }
}

/// The right to send one request.
pub(super) enum Lease<B> {
    Exclusive(Lent<B>),
    Shared(Stream),
}

/// A connection for one request.
pub(super) struct Lent<B> {
    pub(super) connection: Exclusive<B>,
    /// It had one before.
    pub(super) reused: bool,
    pub(super) since: Instant,
}

impl<B> Pool<B> {
    pub(super) fn new(connector: Connector, limits: Limits, patience: Patience) -> Self {
        Self {
            connector,
            limits,
            patience,
            origins: Mutex::default(),
            shortages_seen: AtomicU64::new(0),
            tasks: TaskTracker::new(),
            open: OpenConnections::default(),
        }
    }

    fn origins(&self) -> MutexGuard<'_, Origins<B>> {
        self.origins.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Does something with the entry of an origin, which is made where there is none.
    fn with<R>(&self, origin: &Origin, act: impl FnOnce(&mut PerOrigin<B>) -> R) -> R {
        let mut origins = self.origins();
        // Nearly always there; the name is copied only where it is not.
        if let Some(entry) = origins.get_mut(origin) {
            return act(entry);
        }
        let entry = origins.entry(origin.clone());
        act(entry.or_insert_with(|| PerOrigin::new(origin)))
    }

    /// A connection, or a stream of one, that can be had without waiting.
    pub(super) fn at_rest(&self, origin: &Origin, now: Instant) -> Option<Lease<B>> {
        self.with(origin, |entry| entry.reuse(self.limits, now, false))
    }

    /// Takes back a connection whose answer was read to its end.
    pub(super) fn give_back(&self, origin: &Origin, mut connection: Exclusive<B>) {
        self.heed_shortages();
        // It learns that the answer is at its end, and what stands behind it.
        connection.driver.settle();
        if !connection.sender.is_ready() {
            // The rest of the request is still on its way.
            connection.driver.detach(&self.tasks);
        }
        let now = Instant::now();
        if connection.sender.is_closed()
            || connection.traffic.has_failed()
            || connection.rests == Some(Duration::ZERO)
            || now.saturating_duration_since(connection.opened) > self.limits.max_age
        {
            return;
        }
        self.with(origin, |entry| {
            entry.rest(connection, now, self.limits.idle_per_origin);
        });
    }

    /// A request that began at `since` had no answer in time, or died with its connection: what
    /// was silent since then is not trusted blindly any more.
    pub(super) fn distrust(&self, origin: &Origin, since: Instant) {
        self.with(origin, |entry| entry.distrust(since));
    }

    /// An origin asked for a request over HTTP/1.1.
    pub(super) fn fall_back(&self, origin: &Origin) {
        self.with(origin, PerOrigin::fall_back);
    }

    /// Closes what is unused too long, or unused at all where descriptors ran out, and forgets
    /// origins that nobody asks for.
    pub(super) fn sweep(&self) {
        self.heed_shortages();
        let mut origins = self.origins();
        origins.retain(|_, entry| entry.sweep(self.limits));
        // A name costs little, but documents may name new ones for ever.
        if origins.len() > origins::MOST_REMEMBERED {
            origins.retain(|_, entry| entry.is_in_use());
        }
    }
}
