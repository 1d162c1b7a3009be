//! Getting a connection for a request: one at rest, a stream of a shared one, or a new one.

use std::future::poll_fn;
use std::pin::Pin;
use std::sync::Arc;
use std::task::Poll;
use std::time::Instant;

use http_body::Body;
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use tokio::time::{timeout, timeout_at};

use super::super::connect::Connection;
use super::super::counted::Counted;
use super::super::driver::Driver;
use super::super::error::{SendError, SendErrorKind};
use super::super::head;
use super::super::origin::Origin;
use super::super::shared::Shared;
use super::bell::Place;
use super::origins::{HELD_UP, PerOrigin, Speaks};
use super::{Exclusive, Lease, Lent, Pool};

/// What a request without a connection has to do.
enum Step<B> {
    Take(Lease<B>),
    /// Make a connection, which others may share where it is `for_all`.
    Connect {
        for_all: bool,
    },
    /// Wait in this place until a look is worthwhile. The number is that of failures so far.
    Wait(Place, u64),
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
    /// Where a connection that it makes takes longer than [`HELD_UP`], the request takes the first
    /// that is ready: this one, one more that it makes, or one of others.
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
        // Kept over all looks: who waits longest is rung for first.
        let mut place = None;
        let mut own = Own(Vec::new());
        loop {
            match self.with(origin, |entry| {
                self.step(entry, now, queued, place.take(), own.count())
            }) {
                Step::Take(lease) => {
                    self.keep(origin, own);
                    return Ok(lease);
                }
                Step::Fail(error) => return Err(error),
                Step::Connect { for_all } => {
                    own.0.push(self.opening(origin, deadline, for_all));
                    // A further one is waited for together with the first and with all others.
                    if own.count() == 1 {
                        match timeout(HELD_UP, own.first()).await {
                            Ok(Ok(lease)) => return Ok(lease),
                            Ok(Err(missed)) if !missed.others => return Err(missed.error),
                            // There are others; one of their streams will be free.
                            Ok(Err(_)) => {}
                            Err(_) => queued = Some(OWN_WAY),
                        }
                    }
                }
                Step::Wait(own_place, failures) => {
                    let waited = tokio::select! {
                        // First, since at the deadline it says what did not come about.
                        biased;
                        opened = own.first(), if own.count() > 0 => Waited::Own(opened),
                        rung = self.wait(origin, &own_place, deadline) => Waited::Others(rung),
                    };
                    // The next step does not count it among those that wait before this request.
                    place = Some(own_place);
                    match waited {
                        Waited::Own(Ok(lease)) => {
                            self.keep(origin, own);
                            return Ok(lease);
                        }
                        Waited::Own(Err(missed)) if own.is_hopeless(&missed) => {
                            return Err(missed.error);
                        }
                        Waited::Others(false) => return Err(self.waited_in_vain(origin)),
                        Waited::Own(Err(_)) | Waited::Others(true) => {}
                    }
                    queued = Some(if own.count() == 0 { failures } else { OWN_WAY });
                }
            }
            now = Instant::now();
        }
    }

    /// `queued`: the number of failures when the request began to wait. `place`: where it waits.
    /// `own`: connections that it makes already.
    fn step(
        &self,
        entry: &mut PerOrigin<B>,
        now: Instant,
        queued: Option<u64>,
        place: Option<Place>,
        own: usize,
    ) -> Step<B> {
        if let Some(lease) = entry.reuse(self.limits, now, queued.is_some()) {
            return Step::Take(lease);
        }
        if entry.speaks == Speaks::Http1 {
            if own == 0 {
                return Step::Connect { for_all: false };
            }
            if entry.is_worth_one_more(self.limits) {
                entry.began = Some(now);
                return Step::Connect { for_all: false };
            }
        } else if let Some(before) = queued
            && entry.failures > before
            && let Some(error) = &entry.failure
        {
            return Step::Fail(error.clone());
        } else {
            let others = entry.bell.waiting() - usize::from(place.is_some());
            if entry.may_connect(self.limits, others) {
                entry.connect();
                return Step::Connect { for_all: true };
            }
        }
        // Taken under the lock, so that no ring for all between here and the wait is missed.
        let place = place.unwrap_or_else(|| entry.bell.queue_up());
        Step::Wait(place, entry.failures)
    }

    /// Begins to make a connection. Nothing happens until it is polled.
    fn opening(self: &Arc<Self>, origin: &Origin, deadline: Instant, for_all: bool) -> Opening<B> {
        let (pool, origin) = (Arc::clone(self), origin.clone());
        let connecting = for_all.then(|| Connecting {
            pool: Arc::clone(&pool),
            origin: origin.clone(),
        });
        Box::pin(async move {
            let opened = pool.open(&origin, deadline).await;
            // Before a failure is told: whom that wakes must not wait for a connection that nobody
            // makes any more.
            drop(connecting);
            opened.map_err(|error| Missed {
                others: for_all && pool.failed(&origin, &error),
                error,
            })
        })
    }

    /// What comes of connections whose request goes over another one is for those that come.
    fn keep(self: &Arc<Self>, origin: &Origin, own: Own<B>) {
        for opening in own.0 {
            let (pool, origin) = (Arc::clone(self), origin.clone());
            self.tasks.spawn(async move {
                // One that can be shared is in its place already.
                if let Ok(Lease::Exclusive(lent)) = opening.await {
                    pool.give_back(&origin, lent.connection);
                }
            });
        }
    }

    /// Waits until a look is worthwhile; `false` when the time was over first.
    async fn wait(&self, origin: &Origin, place: &Place, deadline: Instant) -> bool {
        loop {
            // What it waits for may hang, and then nothing rings.
            let until = deadline.min(Instant::now() + HELD_UP);
            if timeout_at(until.into(), place.rung()).await.is_ok() {
                return true;
            }
            if Instant::now() >= deadline {
                return false;
            }
            if self.with(origin, |entry| entry.is_worth_one_more(self.limits)) {
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
            entry.bell.ring_for_all();
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
        let offer = self.with(origin, |entry| entry.offer());
        let connecting = self.connect(origin, offer, deadline);
        let Connection { io, http2, times } = connecting.await?;
        tracing::debug!(%origin, http2, ?times, "connected to vendor");
        let (io, traffic) = Counted::new(io, self.open.one_more(), http2);
        if http2 {
            let bell = self.with(origin, |entry| Arc::clone(&entry.bell));
            let shared = Shared::open(self.patience, io, traffic, &self.tasks, &bell)
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
        self.with(origin, |entry| {
            if entry.speaks != Speaks::Http1 {
                entry.speaks = Speaks::Http1;
                // Nobody can share this one, so all that wait connect beside each other.
                entry.bell.ring_for_all();
            }
        });
        let now = Instant::now();
        Ok(Lease::Exclusive(Lent {
            connection: Exclusive {
                sender,
                traffic,
                opened: now,
                rests: None,
                driver: Driver::new(origin, driver),
            },
            reused: false,
            since: now,
        }))
    }
}

/// A connection that is being made.
type Opening<B> = Pin<Box<dyn Future<Output = Result<Lease<B>, Missed>> + Send>>;

/// A connection that could not be made.
struct Missed {
    error: SendError,
    /// There are others to wait for.
    others: bool,
}

/// What a request that waits heard of first.
enum Waited<B> {
    /// A connection that it makes.
    Own(Result<Lease<B>, Missed>),
    /// The bell; `false` when the time was over.
    Others(bool),
}

/// Stands for the number of failures where a request makes a connection: those of others are not
/// its own.
const OWN_WAY: u64 = u64::MAX;

/// The connections that one request makes. Nearly always none.
struct Own<B>(Vec<Opening<B>>);

impl<B> Own<B> {
    const fn count(&self) -> usize {
        self.0.len()
    }

    /// Whether nothing is left to wait for, after `missed`. All of them have the same time.
    fn is_hopeless(&self, missed: &Missed) -> bool {
        !missed.others && (self.count() == 0 || missed.error.kind == SendErrorKind::ConnectTimeout)
    }

    /// Waits for the first that ends, and takes it out. Waits for ever where there is none.
    async fn first(&mut self) -> Result<Lease<B>, Missed> {
        let (index, opened) = poll_fn(|cx| {
            let mut all = self.0.iter_mut().enumerate();
            all.find_map(|(index, opening)| match opening.as_mut().poll(cx) {
                Poll::Ready(opened) => Some(Poll::Ready((index, opened))),
                Poll::Pending => None,
            })
            .unwrap_or(Poll::Pending)
        })
        .await;
        drop(self.0.swap_remove(index));
        opened
    }
}

/// Counts as a connection being made, also when its maker is dropped.
struct Connecting<B> {
    pool: Arc<Pool<B>>,
    origin: Origin,
}

impl<B> Drop for Connecting<B> {
    fn drop(&mut self) {
        self.pool.with(&self.origin, |entry| {
            entry.connecting = entry.connecting.saturating_sub(1);
            entry.bell.ring();
        });
    }
}
