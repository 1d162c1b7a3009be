//! The life of a credential: fetched by one flight, kept while valid, replaced by a newer one.
//!
//! A credential is known by its reference: the location, the variables or the path, and the
//! fields. Whoever uses one holds a [`Kept`]; it lives as long as one of them does, so a reload
//! that changes another document fetches nothing, and a reference that no document has any more
//! takes its value with it.

use std::collections::HashMap;
use std::fmt;
use std::pin::pin;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::task::{Context, Poll, Wake, Waker};
use std::thread::{self, Thread};
use std::time::{Duration, Instant};

use arc_swap::ArcSwap;
use futures_util::stream::{self, StreamExt as _};
use tokio::sync::{Mutex as AsyncMutex, watch};
use wharf_document::model::CredentialStore;

use crate::credential::Credential;
use crate::resolver::{Resolver, each_once};
use crate::stores::file::Stamp;
use crate::stores::{self, Identity, Place};

/// Until the first repetition of a fetch that failed. It doubles up to [`LONGEST_PAUSE`].
const FIRST_PAUSE: Duration = Duration::from_millis(500);

/// Longest time until a fetch that failed is repeated. A file that appears or changes is not
/// waited for: it is read at the next [`Keeper::fetch_due`].
pub const LONGEST_PAUSE: Duration = Duration::from_secs(4);

/// So many credentials are fetched beside each other, so that one store that is slow holds up few.
const FETCHES_AT_ONCE: usize = 16;

/// Keeps the credentials that somebody uses. Clones are cheap and keep the same ones.
#[derive(Clone)]
pub struct Keeper {
    shared: Arc<Shared>,
}

struct Shared {
    resolver: Resolver,
    /// Weak, so that the last user of a credential takes it along.
    cells: Mutex<HashMap<Reference, Weak<Cell>>>,
}

/// What tells one credential from another.
#[derive(Clone, PartialEq, Eq, Hash)]
struct Reference {
    place: Identity,
    fields: Vec<String>,
}

/// One credential that is kept. Clones are the same one.
#[derive(Clone)]
pub struct Kept(Arc<Cell>);

struct Cell {
    place: Box<dyn Place>,
    fields: Vec<String>,
    held: ArcSwap<Held>,
    /// The version of `held`, to be compared without touching it.
    version: AtomicU64,
    /// Held while the store is read, which is a wait: a second reader waits too, and then sees that
    /// it was done.
    tries: AsyncMutex<Tries>,
    /// Flights of [`Kept::refresh`].
    flights: watch::Sender<Flights>,
}

/// What is known about a credential now.
#[derive(Clone, Debug, Default)]
pub struct Held {
    /// The last value that was fetched. Later failures do not take it away.
    pub credential: Option<Arc<Credential>>,
    /// Why the last fetch gave none; never a value.
    pub problem: Option<String>,
    /// Grows with every change of this.
    pub version: u64,
}

#[derive(Default)]
struct Tries {
    /// `None`: never tried.
    last: Option<Tried>,
    /// Failed ones in a row.
    failures: u32,
}

struct Tried {
    at: Instant,
    /// The file just before it was read.
    stamp: Option<Stamp>,
}

#[derive(Default)]
struct Flights {
    under_way: bool,
    landed: u64,
}

impl Keeper {
    /// A keeper of what `resolver` fetches.
    pub fn new(resolver: Resolver) -> Self {
        Self {
            shared: Arc::new(Shared {
                resolver,
                cells: Mutex::default(),
            }),
        }
    }

    /// The credential of a reference: the one that is kept already, else a new one without a
    /// value. The next [`Keeper::fetch_due`] fetches that.
    pub fn keep(&self, store: &CredentialStore, fields: &[String]) -> Kept {
        let place = self.shared.resolver.place(store);
        let reference = Reference {
            place: place.identity(),
            fields: each_once(fields),
        };
        let mut cells = self.shared.cells();
        if let Some(cell) = cells.get(&reference).and_then(Weak::upgrade) {
            return Kept(cell);
        }
        let cell = Arc::new(Cell {
            place,
            fields: reference.fields.clone(),
            held: ArcSwap::default(),
            version: AtomicU64::new(0),
            tries: AsyncMutex::default(),
            flights: watch::Sender::default(),
        });
        cells.insert(reference, Arc::downgrade(&cell));
        Kept(cell)
    }

    /// Fetches what was never fetched, whose file has another stamp, and what failed some time
    /// ago; forgets what nobody uses any more.
    ///
    /// Where another look or flight reads the same credential, it waits for that one instead. A few
    /// are fetched beside each other. Never blocks within a runtime. Dropping the future gives up
    /// what it has not fetched yet.
    pub async fn fetch_due(&self, now: Instant) {
        let cells: Vec<Arc<Cell>> = {
            let mut cells = self.shared.cells();
            cells.retain(|_, cell| cell.strong_count() > 0);
            cells.values().filter_map(Weak::upgrade).collect()
        };
        // All files in one go elsewhere: a folder on the network may keep whoever looks at it.
        let look = move || {
            let stamps = cells.into_iter().map(|cell| (cell.place.stamp(), cell));
            stamps.collect::<Vec<_>>()
        };
        let Some(seen) = stores::aside(look).await else {
            return;
        };
        let fetches = seen
            .iter()
            .map(|(stamp, cell)| cell.fetch_if_due(*stamp, now));
        stream::iter(fetches)
            .for_each_concurrent(FETCHES_AT_ONCE, |fetch| fetch)
            .await;
    }
}

impl Shared {
    fn cells(&self) -> MutexGuard<'_, HashMap<Reference, Weak<Cell>>> {
        self.cells.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Kept {
    /// What is known now. Never blocks.
    pub fn get(&self) -> Arc<Held> {
        self.0.held.load_full()
    }

    /// The version of what [`Kept::get`] gives: one atomic read, for whoever keeps something
    /// that is made of it.
    pub fn version(&self) -> u64 {
        self.0.version.load(Ordering::Acquire)
    }

    /// Fetches it now, on a thread that may block, and gives what is known then.
    ///
    /// All who ask while one fetch is under way wait for that one. A caller that goes away does
    /// not end it. Has to be called in a Tokio runtime.
    pub async fn refresh(&self) -> Arc<Held> {
        let mut landings = self.0.flights.subscribe();
        let mut takes_off = false;
        let mut awaited = 0;
        self.0.flights.send_modify(|flights| {
            awaited = flights.landed + 1;
            takes_off = !flights.under_way;
            flights.under_way = true;
        });
        if takes_off {
            let flight = Flight(Arc::clone(&self.0));
            // Driven elsewhere, not by the worker that asked: the flight goes on for all others
            // where that one ends, and it looks at a file first.
            tokio::task::spawn_blocking(move || drive(flight.0.fetch(Instant::now())));
        }
        // It fails only when the sender is gone, and the sender is in the cell that is held here.
        let _ = landings.wait_for(|flights| flights.landed >= awaited).await;
        self.get()
    }
}

/// Lands however it ends: also when the runtime goes away before it took off.
struct Flight(Arc<Cell>);

impl Drop for Flight {
    fn drop(&mut self) {
        self.0.flights.send_modify(|flights| {
            flights.under_way = false;
            flights.landed += 1;
        });
    }
}

impl Cell {
    async fn fetch_if_due(&self, stamp: Option<Stamp>, now: Instant) {
        let mut tries = self.tries.lock().await;
        if tries.is_due(stamp, now) {
            self.fetch_holding(&mut tries, stamp, now).await;
        }
    }

    /// Fetches it whether it is due or not. Looks at a file on this thread.
    async fn fetch(&self, now: Instant) {
        let mut tries = self.tries.lock().await;
        let stamp = self.place.stamp();
        self.fetch_holding(&mut tries, stamp, now).await;
    }

    /// The only place where a value is taken over: a newer one replaces it, an absence does not.
    ///
    /// `stamp` is from before reading: what changes meanwhile has another one and is read once more.
    async fn fetch_holding(&self, tries: &mut Tries, stamp: Option<Stamp>, now: Instant) {
        let fetched = self.place.fetch_needed(&self.fields).await;
        // After it: a look that was given up has tried nothing.
        tries.last = Some(Tried { at: now, stamp });
        let old = self.held.load();
        if let Ok(new) = &fetched {
            self.tell(old.credential.as_deref(), new, tries.failures > 0);
        }
        let (credential, problem) = match fetched {
            Ok(credential) => {
                tries.failures = 0;
                (Some(Arc::new(credential)), None)
            }
            Err(error) => {
                tries.failures = tries.failures.saturating_add(1);
                (old.credential.clone(), Some(error.to_string()))
            }
        };
        let is_same = match (&credential, &old.credential) {
            (Some(new), Some(old)) => new == old && new.warnings() == old.warnings(),
            (None, None) => true,
            _ => false,
        };
        if is_same && problem == old.problem {
            return;
        }
        let version = old.version + 1;
        self.held.store(Arc::new(Held {
            credential,
            problem,
            version,
        }));
        // After the value: whoever reads this version finds that value or a later one.
        self.version.store(version, Ordering::Release);
    }
}

impl Cell {
    /// Logs a value that took another's place, and one that could not be fetched before. The value
    /// itself is never told, only what tells it from others within this process.
    fn tell(&self, old: Option<&Credential>, new: &Credential, has_failed: bool) {
        let what = match old {
            Some(old) if old != new => "has changed; calls go on with the new one",
            _ if has_failed => "can be fetched again",
            _ => return,
        };
        let place = self.place.describe();
        tracing::info!(fingerprint = %new.fingerprint(), "credential {place} {what}");
    }
}

impl Tries {
    fn is_due(&self, stamp: Option<Stamp>, now: Instant) -> bool {
        let Some(last) = &self.last else {
            return true;
        };
        let pause = FIRST_PAUSE
            // Bounded, or a shift by as many as there were failures would overflow.
            .saturating_mul(1 << self.failures.saturating_sub(1).min(16))
            .min(LONGEST_PAUSE);
        let is_over = self.failures > 0 && now.saturating_duration_since(last.at) >= pause;
        is_over || stamp != last.stamp
    }
}

/// Runs a future on this thread alone, which sleeps until it is woken.
pub(crate) fn drive<T>(future: impl Future<Output = T>) -> T {
    struct Sleeper(Thread);
    impl Wake for Sleeper {
        fn wake(self: Arc<Self>) {
            self.0.unpark();
        }
    }
    let waker = Waker::from(Arc::new(Sleeper(thread::current())));
    let mut context = Context::from_waker(&waker);
    let mut future = pin!(future);
    loop {
        match future.as_mut().poll(&mut context) {
            Poll::Ready(outcome) => return outcome,
            Poll::Pending => thread::park(),
        }
    }
}

impl fmt::Debug for Keeper {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Keeper")
            .field("resolver", &self.shared.resolver)
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for Kept {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Kept").field(&self.0.held.load()).finish()
    }
}

#[cfg(test)]
mod tests;
