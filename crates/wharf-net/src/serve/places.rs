//! Which connections are open, and which of them can be closed to make room.

use std::cmp::Reverse;
use std::collections::HashMap;
use std::net::{IpAddr, SocketAddr};
use std::sync::atomic::{AtomicBool, AtomicU8, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use tokio::sync::{Notify, OwnedSemaphorePermit, oneshot};

/// Most connections that are told to close at once, to make room for one more.
const MOST_EVICTED: usize = 32;

/// A new connection has so long to send its first request before its place can be another's.
///
/// Nobody connects to be idle, so the request is on its way, and unlike the end of a connection
/// that was kept for later, that of a new one is a failed call. What is older is judged by what
/// it does, else one that says nothing would keep its place.
const ARRIVAL: Duration = Duration::from_millis(250);

/// What a connection is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Signal {
    /// Finish what is under way until then, and end.
    Drain(tokio::time::Instant),
    /// End at once, if nothing is under way.
    Evict,
}

/// What a connection is doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub(crate) enum Phase {
    /// It waits for a request, or for the rest of a head.
    Quiet,
    /// A request is with the service, or its answer flows.
    Busy,
    /// The answer is complete, and may still be on its way to the system.
    Answered,
    /// All was said; what the caller still sends is thrown away.
    Lingering,
}

/// Sees connections open and close: `1` and `-1`. Called on any thread; it must not block.
pub(crate) type OnChange = Arc<dyn Fn(i64) + Send + Sync>;

/// All open connections of one listener.
pub(crate) struct Places {
    open: Mutex<Open>,
    /// Each connection is to end with its next answer. Written once; read by every call.
    finishing: AtomicBool,
    /// The last connection has ended.
    emptied: Notify,
    started: Instant,
    on_change: OnChange,
    /// [`ARRIVAL`], in milliseconds.
    arrival: u64,
}

#[derive(Default)]
struct Open {
    next: u64,
    /// Set once all are told to end: until when.
    draining: Option<tokio::time::Instant>,
    entries: HashMap<u64, Entry>,
}

struct Entry {
    peer: IpAddr,
    state: Arc<State>,
    /// `None`: it was told already.
    signal: Option<oneshot::Sender<Signal>>,
}

/// What a connection does and since when, for others to see.
pub(crate) struct State {
    phase: AtomicU8,
    /// Milliseconds since the listener started.
    since: AtomicU64,
    /// A request has come over it.
    was_asked: AtomicBool,
    started: Instant,
}

impl State {
    /// A request has come.
    pub(crate) fn begin(&self) {
        // Before the phase, as with the time in `rest`.
        self.was_asked.store(true, Ordering::Relaxed);
        self.set(Phase::Busy);
    }

    pub(crate) fn set(&self, phase: Phase) {
        self.phase.store(phase as u8, Ordering::Release);
    }

    /// It waits for a request from now on. Only such connections are ever compared by their time.
    pub(crate) fn rest(&self, now: Instant) {
        let since = now.saturating_duration_since(self.started);
        // Before the phase, which releases it: who reads `Quiet` reads since when.
        self.since.store(milliseconds(since), Ordering::Relaxed);
        self.set(Phase::Quiet);
    }

    pub(crate) fn is(&self, phase: Phase) -> bool {
        self.phase.load(Ordering::Acquire) == phase as u8
    }

    /// Whether nothing is lost for a caller when the connection ends now.
    pub(crate) fn can_go(&self) -> bool {
        self.is(Phase::Quiet) || self.is(Phase::Lingering)
    }

    /// Whether its first request may still be on its way, which has `arrival` for it; in
    /// milliseconds, as `now`.
    fn is_arriving(&self, now: u64, arrival: u64) -> bool {
        // As long as none has come, it has been quiet since it was opened.
        self.is(Phase::Quiet)
            && !self.was_asked.load(Ordering::Relaxed)
            && now < self.since.load(Ordering::Relaxed).saturating_add(arrival)
    }
}

fn age(started: Instant) -> u64 {
    milliseconds(started.elapsed())
}

fn milliseconds(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}

/// One connection's place. Dropping it frees the place.
pub(crate) struct Place {
    id: u64,
    places: Arc<Places>,
    pub(crate) state: Arc<State>,
    _permit: OwnedSemaphorePermit,
}

impl Places {
    pub(crate) fn new(on_change: OnChange) -> Arc<Self> {
        Self::with_arrival(on_change, ARRIVAL)
    }

    fn with_arrival(on_change: OnChange, arrival: Duration) -> Arc<Self> {
        Arc::new(Self {
            open: Mutex::default(),
            finishing: AtomicBool::new(false),
            emptied: Notify::new(),
            started: Instant::now(),
            on_change,
            arrival: milliseconds(arrival),
        })
    }

    fn lock(&self) -> MutexGuard<'_, Open> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A place for a connection, and where it hears what it is told.
    pub(crate) fn take(
        self: &Arc<Self>,
        peer: SocketAddr,
        permit: OwnedSemaphorePermit,
    ) -> (Place, oneshot::Receiver<Signal>) {
        let state = Arc::new(State {
            phase: AtomicU8::new(Phase::Quiet as u8),
            since: AtomicU64::new(age(self.started)),
            was_asked: AtomicBool::new(false),
            started: self.started,
        });
        let (sender, signal) = oneshot::channel();
        let mut open = self.lock();
        let id = open.next;
        open.next += 1;
        let entry = Entry {
            peer: peer.ip(),
            state: Arc::clone(&state),
            signal: open.tell(sender),
        };
        open.entries.insert(id, entry);
        // What follows is others' code, which must not run under the lock.
        drop(open);
        (self.on_change)(1);
        let place = Place {
            id,
            places: Arc::clone(self),
            state,
            _permit: permit,
        };
        (place, signal)
    }

    /// Tells connections without a request under way to close, an eighth of them, at most
    /// [`MOST_EVICTED`]: the oldest of the peer that has the most, so that who takes many places
    /// loses them first. Several at once, because looking costs as much as there are.
    ///
    /// None whose first request is on its way ([`ARRIVAL`]).
    pub(crate) fn evict(&self) {
        let mut open = self.lock();
        let now = age(self.started);
        let mut held: HashMap<IpAddr, usize> = HashMap::new();
        for entry in open
            .entries
            .values()
            .filter(|entry| entry.can_go(now, self.arrival))
        {
            *held.entry(entry.peer).or_default() += 1;
        }
        let mut victims: Vec<_> = open
            .entries
            .iter()
            .filter(|(_, entry)| entry.can_go(now, self.arrival))
            .map(|(id, entry)| {
                let since = entry.state.since.load(Ordering::Relaxed);
                (Reverse(held.get(&entry.peer)), since, *id)
            })
            .collect();
        victims.sort_unstable();
        let count = (victims.len() / 8).clamp(1, MOST_EVICTED);
        for (_, _, id) in victims.into_iter().take(count) {
            if let Some(sender) = open.entries.get_mut(&id).and_then(|e| e.signal.take()) {
                // Fails when it has just ended by itself, which makes room as well.
                let _ = sender.send(Signal::Evict);
            }
        }
    }

    /// Tells all connections, those that come later too, to finish and end.
    pub(crate) fn drain(&self, until: tokio::time::Instant) {
        let mut open = self.lock();
        open.draining = Some(until);
        for entry in open.entries.values_mut() {
            if let Some(sender) = entry.signal.take() {
                // Fails where the connection has just ended by itself.
                let _ = sender.send(Signal::Drain(until));
            }
        }
    }

    /// Until when answers may go on; `None`: no drain was begun.
    pub(crate) fn draining_until(&self) -> Option<tokio::time::Instant> {
        self.lock().draining
    }

    /// From now on the next answer of each connection is its last. None is told, so an unused one
    /// stays as it is.
    pub(crate) fn finish(&self) {
        self.finishing.store(true, Ordering::Relaxed);
    }

    /// Waits until no connection is open.
    pub(crate) async fn until_empty(&self) {
        loop {
            let mut emptied = std::pin::pin!(self.emptied.notified());
            // Before the look, so that what ends between the two is heard.
            emptied.as_mut().enable();
            if self.lock().entries.is_empty() {
                return;
            }
            emptied.await;
        }
    }
}

impl Open {
    /// Keeps the way to a connection; during a drain it is used at once.
    fn tell(&self, sender: oneshot::Sender<Signal>) -> Option<oneshot::Sender<Signal>> {
        if let Some(until) = self.draining {
            let _ = sender.send(Signal::Drain(until));
            return None;
        }
        Some(sender)
    }
}

impl Entry {
    /// `arrival`: how long a first request may be on its way; in milliseconds, as `now`.
    fn can_go(&self, now: u64, arrival: u64) -> bool {
        self.signal.is_some() && self.state.can_go() && !self.state.is_arriving(now, arrival)
    }
}

impl Place {
    /// Whether the answer that is given now is to be the connection's last.
    pub(crate) fn is_finishing(&self) -> bool {
        self.places.finishing.load(Ordering::Relaxed)
    }

    /// A new way to be told something, after the first was used.
    pub(crate) fn listen_again(&self) -> oneshot::Receiver<Signal> {
        let (sender, signal) = oneshot::channel();
        let mut open = self.places.lock();
        let kept = open.tell(sender);
        if let Some(entry) = open.entries.get_mut(&self.id) {
            entry.signal = kept;
        }
        signal
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut open = self.places.lock();
        open.entries.remove(&self.id);
        if open.entries.is_empty() {
            self.places.emptied.notify_waiters();
        }
        // As at the beginning: not under the lock.
        drop(open);
        (self.places.on_change)(-1);
    }
}

#[cfg(test)]
mod tests;
