//! Which connections are open, and which of them can be closed to make room.

use std::cmp::Reverse;
use std::collections::HashMap;
use std::net::{IpAddr, SocketAddr};
use std::sync::atomic::{AtomicU8, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use tokio::sync::{OwnedSemaphorePermit, oneshot};

/// Most connections that are told to close at once, to make room for one more.
const MOST_EVICTED: usize = 32;

/// What a connection is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Signal {
    /// Finish what is under way, and end.
    Drain,
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
    started: Instant,
    on_change: OnChange,
}

#[derive(Default)]
struct Open {
    next: u64,
    draining: bool,
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
    started: Instant,
}

impl State {
    pub(crate) fn set(&self, phase: Phase) {
        // Calls change the phase twice each, and only those without one are ever compared.
        if phase == Phase::Quiet {
            self.since.store(age(self.started), Ordering::Relaxed);
        }
        self.phase.store(phase as u8, Ordering::Release);
    }

    pub(crate) fn is(&self, phase: Phase) -> bool {
        self.phase.load(Ordering::Acquire) == phase as u8
    }

    /// Whether nothing is lost for a caller when the connection ends now.
    pub(crate) fn can_go(&self) -> bool {
        self.is(Phase::Quiet) || self.is(Phase::Lingering)
    }
}

fn age(started: Instant) -> u64 {
    u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX)
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
        Arc::new(Self {
            open: Mutex::default(),
            started: Instant::now(),
            on_change,
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
    pub(crate) fn evict(&self) {
        let mut open = self.lock();
        let mut held: HashMap<IpAddr, usize> = HashMap::new();
        for entry in open.entries.values().filter(|entry| entry.can_go()) {
            *held.entry(entry.peer).or_default() += 1;
        }
        let mut victims: Vec<_> = open
            .entries
            .iter()
            .filter(|(_, entry)| entry.can_go())
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
    pub(crate) fn drain(&self) {
        let mut open = self.lock();
        open.draining = true;
        for entry in open.entries.values_mut() {
            if let Some(sender) = entry.signal.take() {
                let _ = sender.send(Signal::Drain);
            }
        }
    }
}

impl Open {
    /// Keeps the way to a connection; during a drain it is used at once.
    fn tell(&self, sender: oneshot::Sender<Signal>) -> Option<oneshot::Sender<Signal>> {
        if self.draining {
            let _ = sender.send(Signal::Drain);
            return None;
        }
        Some(sender)
    }
}

impl Entry {
    fn can_go(&self) -> bool {
        self.signal.is_some() && self.state.can_go()
    }
}

impl Place {
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
        self.places.lock().entries.remove(&self.id);
        (self.places.on_change)(-1);
    }
}

#[cfg(test)]
mod tests;
