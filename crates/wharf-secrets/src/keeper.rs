//! The life of a credential: fetched by one flight, kept while valid, renewed ahead of its end,
//! replaced by a newer one.
//!
//! A credential is known by its reference: the location, the variables or the path, and the
//! fields. Whoever uses one holds a [`Kept`]; it lives as long as one of them does, so a reload
//! that changes another document fetches nothing, and a reference that no document has any more
//! takes its value with it.
//!
//! A store over a network is asked seldom: for its value once, then each [`QUESTION_INTERVAL`] what
//! version it has, and for the value again where that is another one.

use std::collections::HashMap;
use std::fmt;
use std::pin::pin;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, LazyLock, Mutex, MutexGuard, PoisonError, Weak};
use std::task::{Context, Poll, Wake, Waker};
use std::thread::{self, Thread};
use std::time::{Duration, Instant};

use arc_swap::ArcSwap;
use futures_util::stream::{self, StreamExt as _};
use jiff::Timestamp;
use tokio::runtime::Handle;
use tokio::sync::{Mutex as AsyncMutex, watch};
use wharf_document::model::CredentialStore;

use crate::credential::Credential;
use crate::made::Made;
use crate::mint::Recipe;
use crate::resolver::{Resolver, each_once};
use crate::stores::{self, Identity, Life, Place, Sign, Version};

/// Until the first repetition of a fetch that failed. It doubles up to [`LONGEST_PAUSE`].
const FIRST_PAUSE: Duration = Duration::from_millis(500);

/// Longest time until a fetch that failed is repeated. A file that appears or changes is not
/// waited for: it is read at the next [`Keeper::fetch_due`].
pub const LONGEST_PAUSE: Duration = Duration::from_secs(4);

/// The same, where a store over a network is away and a value is there to go on with.
pub const LONGEST_REMOTE_PAUSE: Duration = Duration::from_secs(30);

/// Time between two questions to a store over a network whether it has another version. One that
/// cannot say is asked for the value at every tenth time.
pub const QUESTION_INTERVAL: Duration = Duration::from_secs(30);

/// How many questions lie between two values of a store that tells no version.
const QUESTIONS_A_VALUE: u32 = 10;

/// Time between two fetches over a network because a vendor refused what is there: callers who are
/// refused, one after the other, are no reason to ask as often.
pub const ASKED_PAUSE: Duration = Duration::from_secs(1);

/// So many credentials are fetched beside each other, so that one store that is slow holds up few.
const FETCHES_AT_ONCE: usize = 16;

/// Keeps the credentials that somebody uses. Clones are cheap and keep the same ones.
#[derive(Clone)]
pub struct Keeper {
    shared: Arc<Shared>,
}

struct Shared {
    resolver: Resolver,
    /// Where flights are driven: they outlive the worker that asked for one.
    runtime: Option<Handle>,
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
    /// When it is to be renewed, and when it ends, by [`moment`].
    renew_at: AtomicU64,
    end: AtomicU64,
    runtime: Option<Handle>,
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
    /// When the value was made, where the store says so.
    pub made_at: Option<Timestamp>,
    /// Grows with every other value.
    value_version: u64,
    life: Option<Life>,
    /// Grows with every change of this.
    pub version: u64,
}

/// Whether a credential can be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Age {
    /// It can, and nothing is to be done.
    Fresh,
    /// It can, and should be renewed.
    Due,
    /// It has ended.
    Over,
}

#[derive(Default)]
struct Tries {
    /// `None`: never tried.
    last: Option<Tried>,
    /// When the last one ended.
    done: Option<Instant>,
    /// Failed ones in a row.
    failures: u32,
    /// The pause that the last failure asks for.
    asked_pause: Option<Duration>,
    /// When the store was asked anything last.
    questioned: Option<Instant>,
    /// Questions since the value was read that told no version.
    unanswered: u32,
    version: Option<Version>,
    /// When somebody was refused, and it was fetched for that.
    asked: Option<Instant>,
}

struct Tried {
    at: Instant,
    /// The file just before it was read.
    stamp: Option<Sign>,
}

#[derive(Default)]
struct Flights {
    under_way: bool,
    landed: u64,
}

impl Keeper {
    /// A keeper of what `resolver` fetches. Made in a Tokio runtime, it fetches there.
    pub fn new(resolver: Resolver) -> Self {
        Self {
            shared: Arc::new(Shared {
                resolver,
                runtime: Handle::try_current().ok(),
                cells: Mutex::default(),
            }),
        }
    }

    /// The credential of a reference: the one that is kept already, else a new one without a
    /// value. The next [`Keeper::fetch_due`] fetches that.
    pub fn keep(&self, store: &CredentialStore, fields: &[String]) -> Kept {
        self.keep_of(self.shared.resolver.place(store), fields)
    }

    /// The token that is made of the credential of a reference, as a document says it: kept as any
    /// credential is, renewed ahead of its end, and made anew when the credential is another one.
    pub fn keep_made(&self, store: &CredentialStore, recipe: Recipe) -> Kept {
        let resolver = &self.shared.resolver;
        let of = resolver.place(store).identity();
        let source = self.keep(store, recipe.fields());
        let fields = [recipe.made_field().to_owned()];
        let made = Made::new(source, of, recipe, resolver.exchange());
        self.keep_of(Box::new(made), &fields)
    }

    fn keep_of(&self, place: Box<dyn Place>, fields: &[String]) -> Kept {
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
            renew_at: AtomicU64::new(NEVER),
            end: AtomicU64::new(NEVER),
            runtime: self.shared.runtime.clone(),
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

    /// Which value it is: another one has another number.
    pub(crate) fn value_version(&self) -> u64 {
        self.0.held.load().value_version
    }

    /// Whether it can be used now. Of what has no end the clock is not asked.
    pub fn age_now(&self) -> Age {
        if self.0.renew_at.load(Ordering::Acquire) == NEVER {
            return Age::Fresh;
        }
        self.age(Instant::now())
    }

    /// Whether it can be used at `now`: one or two atomic reads.
    pub fn age(&self, now: Instant) -> Age {
        let now = moment(now);
        if now < self.0.renew_at.load(Ordering::Acquire) {
            Age::Fresh
        } else if now < self.0.end.load(Ordering::Acquire) {
            Age::Due
        } else {
            Age::Over
        }
    }

    /// Begins to fetch it anew, unless somebody does. Has to be called in a Tokio runtime.
    pub fn renew(&self) {
        self.take_off(Why::Due);
    }

    /// The same, and waits for it. Gives what is known then: after a failure nothing is fetched for
    /// a pause, and this comes back at once.
    pub async fn renewed(&self) -> Arc<Held> {
        self.landed(Why::Due).await
    }

    /// Fetches it now since a vendor refused it, and gives what is known then.
    ///
    /// All who ask while one fetch is under way wait for that one. A caller that goes away does
    /// not end it. What is behind a network is fetched once in [`ASKED_PAUSE`]. Has to be called in
    /// a Tokio runtime.
    pub async fn refresh(&self) -> Arc<Held> {
        self.landed(Why::Refused).await
    }

    async fn landed(&self, why: Why) -> Arc<Held> {
        let mut landings = self.0.flights.subscribe();
        let awaited = self.take_off(why);
        // It fails only when the sender is gone, and the sender is in the cell that is held here.
        let _ = landings.wait_for(|flights| flights.landed >= awaited).await;
        self.get()
    }

    /// Sees to it that a flight is under way. Which one.
    fn take_off(&self, why: Why) -> u64 {
        let mut takes_off = false;
        let mut awaited = 0;
        self.0.flights.send_if_modified(|flights| {
            awaited = flights.landed + 1;
            takes_off = !std::mem::replace(&mut flights.under_way, true);
            false
        });
        if takes_off {
            let flight = Flight(Arc::clone(&self.0));
            // Driven elsewhere, not by the worker that asked: the flight goes on for all others
            // where that one ends.
            let fetch = async move { flight.0.fetch(Instant::now(), why).await };
            let remote = self.0.runtime.as_ref().filter(|_| self.0.place.is_remote());
            match remote {
                Some(runtime) => drop(runtime.spawn(fetch)),
                // It looks at a file.
                None => drop(tokio::task::spawn_blocking(move || drive(fetch))),
            }
        }
        awaited
    }
}

/// What a flight is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Why {
    /// It is to be renewed, or has ended.
    Due,
    /// Somebody was refused with it.
    Refused,
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
    async fn fetch_if_due(&self, stamp: Option<Sign>, now: Instant) {
        let mut tries = self.tries.lock().await;
        let is_due = tries.is_due(stamp, now, self.longest_pause())
            // After a failure, the pause says when.
            || (tries.failures == 0 && moment(now) >= self.renew_at.load(Ordering::Acquire))
            || self.has_other_version(&mut tries, now).await;
        if is_due {
            self.fetch_holding(&mut tries, stamp, now).await;
        }
    }

    /// Fetches it, unless that was done just now.
    async fn fetch(self: &Arc<Self>, now: Instant, why: Why) {
        let mut tries = self.tries.lock().await;
        // Who looked meanwhile did it for this one too.
        let was_done = tries.done.is_some_and(|done| done > now);
        if was_done || tries.is_too_soon(now, why, &*self.place) {
            return;
        }
        let cell = Arc::clone(self);
        // A folder on the network may keep whoever looks at it.
        let stamp = stores::aside(move || cell.place.stamp()).await.flatten();
        self.fetch_holding(&mut tries, stamp, now).await;
        if why == Why::Refused {
            tries.asked = Some(now);
        }
    }

    /// Asks a store over a network, where it is time to, whether it has another value.
    async fn has_other_version(&self, tries: &mut Tries, now: Instant) -> bool {
        let is_time = |at: Instant| now.saturating_duration_since(at) >= QUESTION_INTERVAL;
        if !self.place.has_versions() || !tries.questioned.is_none_or(is_time) {
            return false;
        }
        let answer = self.place.version().await;
        tries.questioned = Some(now);
        match answer {
            Ok(None) => {
                tries.unanswered += 1;
                tries.unanswered >= QUESTIONS_A_VALUE
            }
            Ok(version) => {
                self.note(None);
                version != tries.version
            }
            Err(error) => {
                self.note(Some(error.to_string()));
                false
            }
        }
    }

    fn longest_pause(&self) -> Duration {
        let is_held = self.held.load().credential.is_some();
        if self.place.is_remote() && is_held {
            LONGEST_REMOTE_PAUSE
        } else {
            LONGEST_PAUSE
        }
    }

    /// The only place where a value is taken over: a newer one replaces it, an absence does not.
    ///
    /// `stamp` is from before reading: what changes meanwhile has another one and is read once more.
    async fn fetch_holding(&self, tries: &mut Tries, stamp: Option<Sign>, now: Instant) {
        let fetched = self.place.fetch_needed(&self.fields).await;
        tries.done = Some(Instant::now());
        // After it: a look that was given up has tried nothing.
        tries.last = Some(Tried { at: now, stamp });
        tries.questioned = Some(now);
        let old = self.held.load_full();
        match fetched {
            Ok(fetched) => {
                self.tell(
                    old.credential.as_deref(),
                    &fetched.credential,
                    tries.failures > 0,
                );
                tries.failures = 0;
                tries.unanswered = 0;
                tries.version.clone_from(&fetched.version);
                self.hold(Held {
                    credential: Some(Arc::new(fetched.credential)),
                    problem: None,
                    made_at: fetched.version.and_then(|version| version.made_at),
                    life: fetched.life,
                    value_version: old.value_version,
                    version: old.version,
                });
            }
            Err(error) => {
                tries.failures = tries.failures.saturating_add(1);
                tries.asked_pause = error.pause();
                if let Some(life) = old.life {
                    let again = now + tries.pause(self.longest_pause());
                    // Never behind the end, or it would be fresh there.
                    let again = moment(again.min(life.end));
                    self.renew_at.store(again, Ordering::Release);
                }
                self.note(Some(error.to_string()));
            }
        }
    }

    /// Tells what is wrong now, and leaves the value as it is.
    fn note(&self, problem: Option<String>) {
        let old = self.held.load_full();
        self.hold(Held {
            problem,
            ..Held::clone(&old)
        });
    }

    /// Puts it in the place of what was known, with a version of its own where it is another.
    fn hold(&self, mut new: Held) {
        let old = self.held.load();
        let is_same = match (&new.credential, &old.credential) {
            (Some(new), Some(old)) => new == old && new.warnings() == old.warnings(),
            (None, None) => true,
            _ => false,
        };
        if !is_same {
            new.value_version += 1;
        }
        if !is_same || new.problem != old.problem {
            new.version += 1;
        }
        let (version, life) = (new.version, new.life);
        let is_other_life = life != old.life;
        self.held.store(Arc::new(new));
        // After the value: whoever reads this version finds that value or a later one.
        self.version.store(version, Ordering::Release);
        if is_other_life {
            let of =
                |at: fn(&Life) -> Instant| life.as_ref().map_or(NEVER, |life| moment(at(life)));
            self.end.store(of(|life| life.end), Ordering::Release);
            self.renew_at
                .store(of(|life| life.renew_at), Ordering::Release);
        }
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
    fn is_due(&self, stamp: Option<Sign>, now: Instant, longest: Duration) -> bool {
        let Some(last) = &self.last else {
            return true;
        };
        let since = now.saturating_duration_since(last.at);
        let is_over = self.failures > 0 && since >= self.pause(longest);
        is_over || stamp != last.stamp
    }

    /// After failures, before the next try.
    fn pause(&self, longest: Duration) -> Duration {
        if let Some(pause) = self.asked_pause {
            return pause;
        }
        FIRST_PAUSE
            // Bounded, or a shift by as many as there were failures would overflow.
            .saturating_mul(1 << self.failures.saturating_sub(1).min(16))
            .min(longest)
    }

    /// Whether a store over a network was asked so shortly before that it is not asked again.
    fn is_too_soon(&self, now: Instant, why: Why, place: &dyn Place) -> bool {
        if !place.is_remote() {
            return false;
        }
        let within = |at: Option<Instant>, pause: Duration| {
            at.is_some_and(|at| now.saturating_duration_since(at) < pause)
        };
        let last = self.last.as_ref().map(|last| last.at);
        let has_failed = self.failures > 0 && within(last, self.pause(LONGEST_PAUSE));
        has_failed || (why == Why::Refused && within(self.asked, ASKED_PAUSE))
    }
}

/// A moment as a number that can be read and written at once: nanoseconds since this process first
/// asked, and at most [`NEVER`].
fn moment(at: Instant) -> u64 {
    static START: LazyLock<Instant> = LazyLock::new(Instant::now);
    let since = at.saturating_duration_since(*START);
    u64::try_from(since.as_nanos()).unwrap_or(NEVER)
}

/// A moment that does not come.
const NEVER: u64 = u64::MAX;

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
