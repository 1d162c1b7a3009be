//! Getting a connection for a request: one at rest, a stream of a shared one, or a new one.

use std::pin::pin;
use std::sync::Arc;
use std::time::Instant;

use http_body::Body;
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use tokio::sync::futures::OwnedNotified;
use tokio::time::timeout_at;

use super::super::connect::Connection;
use super::super::counted::Counted;
use super::super::error::{SendError, SendErrorKind};
use super::super::head;
use super::super::origin::Origin;
use super::super::shared::Shared;
use super::origins::{HELD_UP, PerOrigin, Speaks};
use super::{Exclusive, Lease, Lent, Pool};

/// What a request without a connection has to do.
enum Step<B> {
    Take(Lease<B>),
    /// Make a connection for itself.
    Connect,
    /// Make a connection that others may share.
    ConnectForAll,
    /// Wait until a look is worthwhile. The number is that of failures so far.
    Wait(OwnedNotified, u64),
    /// The connection that it waited for could not be made.
    Fail(SendError),
}

impl<B> Pool<B>
where
    B: Body + Send + Unpin + 'static,
    B::Data: Send,
    B::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
{
    /// A connection before `deadline`, which covers waiting and connecting together. `now` is the
    /// time of the call.
    ///
    /// Dropping the future gives its place up; whoever waits for a connection that it makes
    /// makes one in its stead.
    pub(in super::super) async fn lease(
        self: &Arc<Self>,
        origin: &Origin,
        now: Instant,
        deadline: Instant,
    ) -> Result<Lease<B>, SendError> {
        let (mut now, mut queued) = (now, None);
        loop {
            match self.with(origin, |entry| self.step(entry, now, queued)) {
                Step::Take(lease) => return Ok(lease),
                Step::Fail(error) => return Err(error),
                Step::Connect => return self.open(origin, deadline).await,
                Step::ConnectForAll => {
                    let connecting = Connecting { pool: self, origin };
                    let opened = self.open(origin, deadline).await;
                    drop(connecting);
                    match opened {
                        Ok(lease) => return Ok(lease),
                        Err(error) if !self.failed(origin, &error) => return Err(error),
                        // There are others; one of their streams will be free.
                        Err(_) => {}
                    }
                }
                Step::Wait(bell, failures) => {
                    let waiting = Waiting { pool: self, origin };
                    let rung = self.wait(origin, bell, deadline).await;
                    drop(waiting);
                    if !rung {
                        return Err(self.waited_in_vain(origin));
                    }
                    queued = Some(failures);
                }
            }
            now = Instant::now();
        }
    }

    /// `queued`: the number of failures when the request began to wait.
    fn step(&self, entry: &mut PerOrigin<B>, now: Instant, queued: Option<u64>) -> Step<B> {
        if let Some(lease) = entry.reuse(self.limits, now, queued.is_some()) {
            return Step::Take(lease);
        }
        if entry.speaks == Speaks::Http1 {
            return Step::Connect;
        }
        if let Some(before) = queued
            && entry.failures > before
            && let Some(error) = &entry.failure
        {
            return Step::Fail(error.clone());
        }
        if entry.may_connect(self.limits) {
            entry.connect();
            return Step::ConnectForAll;
        }
        entry.waiting += 1;
        // Made under the lock, so that no ring between here and the wait is missed.
        Step::Wait(Arc::clone(&entry.bell).notified_owned(), entry.failures)
    }

    /// Waits until a look is worthwhile; `false` when the time was over first.
    async fn wait(&self, origin: &Origin, bell: OwnedNotified, deadline: Instant) -> bool {
        // Kept over all looks: who waits longest is rung for first.
        let mut bell = pin!(bell);
        loop {
            // What it waits for may hang, and then nothing rings.
            let until = deadline.min(Instant::now() + HELD_UP);
            if timeout_at(until.into(), bell.as_mut()).await.is_ok() {
                return true;
            }
            if Instant::now() >= deadline {
                return false;
            }
            if self.with(origin, |entry| entry.is_held_up(self.limits)) {
                return true;
            }
        }
    }

    /// A connection for all could not be made. Whether to wait for a stream of another one.
    fn failed(&self, origin: &Origin, error: &SendError) -> bool {
        self.with(origin, |entry| {
            let others = entry.is_crowded();
            // Those who wait would fail in the same way, one after the other. Their time may be
            // longer than the one that was over here, though.
            if !others && error.kind != SendErrorKind::ConnectTimeout {
                entry.failures += 1;
                entry.failure = Some(error.clone());
            }
            entry.bell.notify_waiters();
            others
        })
    }

    fn waited_in_vain(&self, origin: &Origin) -> SendError {
        SendError::queued(self.with(origin, |entry| {
            if entry.connecting > 0 || entry.speaks == Speaks::Unknown {
                SendErrorKind::ConnectTimeout
            } else {
                SendErrorKind::Busy
            }
        }))
    }

    async fn open(
        self: &Arc<Self>,
        origin: &Origin,
        deadline: Instant,
    ) -> Result<Lease<B>, SendError> {
        let Connection { io, http2, times } = self.connector.connect(origin, deadline).await?;
        tracing::debug!(%origin, http2, ?times, "connected to vendor");
        let (io, traffic) = Counted::new(io, self.open.one_more(), http2);
        if http2 {
            let bell = self.with(origin, |entry| Arc::clone(&entry.bell));
            let shared = Shared::open(io, traffic, &self.tasks, &bell)
                .await
                .map_err(|error| SendError::unsent(SendErrorKind::Protocol, error))?;
            let lease = self.with(origin, |entry| entry.share(shared));
            return lease.ok_or_else(|| SendError::queued(SendErrorKind::Busy));
        }
        let (sender, driver) = http1::Builder::new()
            .max_headers(head::MOST_HEADERS)
            .max_header_size(head::MOST_BYTES)
            .handshake(TokioIo::new(io))
            .await
            .map_err(|error| SendError::unsent(SendErrorKind::Protocol, error))?;
        let ended = origin.clone();
        let driver = self.tasks.spawn(async move {
            if let Err(error) = driver.await {
                tracing::debug!(origin = %ended, %error, "connection to vendor ended");
            }
        });
        self.with(origin, |entry| {
            if entry.speaks != Speaks::Http1 {
                entry.speaks = Speaks::Http1;
                // Nobody can share this one, so all that wait connect beside each other.
                entry.bell.notify_waiters();
            }
        });
        let now = Instant::now();
        Ok(Lease::Exclusive(Lent {
            connection: Exclusive {
                sender,
                traffic,
                opened: now,
                rests: None,
                driver: driver.abort_handle(),
            },
            reused: false,
            since: now,
        }))
    }
}

/// Counts as a connection being made, also when its maker is dropped.
struct Connecting<'a, B> {
    pool: &'a Pool<B>,
    origin: &'a Origin,
}

impl<B> Drop for Connecting<'_, B> {
    fn drop(&mut self) {
        self.pool.with(self.origin, |entry| {
            entry.connecting = entry.connecting.saturating_sub(1);
            entry.bell.notify_one();
        });
    }
}

/// Counts as a request that waits, also when it is dropped.
struct Waiting<'a, B> {
    pool: &'a Pool<B>,
    origin: &'a Origin,
}

impl<B> Drop for Waiting<'_, B> {
    fn drop(&mut self) {
        self.pool.with(self.origin, |entry| {
            entry.waiting = entry.waiting.saturating_sub(1);
        });
    }
}
