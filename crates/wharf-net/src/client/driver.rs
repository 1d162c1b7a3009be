//! Driving an HTTP/1.1 connection from within the call that has it.
//!
//! A connection is a future that reads and writes when it is polled. As a task of its own it costs
//! every call two more turns of the scheduler, and a second place in memory that is cold by the time
//! it is needed. So whoever waits for something of a connection polls it first.

use std::pin::Pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Wake, Waker};

use tokio::task::AbortHandle;
use tokio_util::task::TaskTracker;

use super::origin::Origin;

/// What moves a connection; ends with it.
type Moving = Pin<Box<dyn Future<Output = hyper::Result<()>> + Send>>;

/// Turns of one poll. A connection that still asks for more then gets them when its task is polled
/// again: what tokio lets a task read in one poll is bounded, and is not refilled within it.
const MOST_TURNS: usize = 16;

/// What moves one connection.
pub(super) struct Driver {
    origin: Origin,
    state: State,
    relay: Arc<Relay>,
    /// Of `relay`.
    waker: Waker,
    /// Whether the other side is told of the end before it comes.
    is_polite: bool,
}

enum State {
    /// Whoever has the connection.
    Own(Moving),
    /// A task, since there is something to move that nobody waits for.
    Task(AbortHandle),
    /// The connection has ended.
    Ended,
}

impl Driver {
    pub(super) fn new(
        origin: &Origin,
        moving: impl Future<Output = hyper::Result<()>> + Send + 'static,
    ) -> Self {
        let relay = Arc::new(Relay::default());
        Self {
            origin: origin.clone(),
            state: State::Own(Box::pin(moving)),
            waker: Waker::from(Arc::clone(&relay)),
            relay,
            is_polite: false,
        }
    }

    /// Waits for what `wanted` waits for, and moves the connection meanwhile. `wanted` is something
    /// that the connection gives: it has to use the waker that it is given.
    pub(super) fn poll<T>(
        &mut self,
        cx: &Context<'_>,
        mut wanted: impl FnMut(&mut Context<'_>) -> Poll<T>,
    ) -> Poll<T> {
        if !matches!(self.state, State::Own(_)) {
            return wanted(&mut Context::from_waker(cx.waker()));
        }
        self.relay.begin(cx.waker());
        let mut inner = Context::from_waker(&self.waker);
        for _ in 0..MOST_TURNS {
            // First, since what it takes may be what the connection waits for.
            if let Poll::Ready(value) = wanted(&mut inner) {
                self.relay.end();
                return Poll::Ready(value);
            }
            self.state.turn(&mut inner, &self.origin);
            if !self.relay.has_more() && self.relay.rests() {
                return Poll::Pending;
            }
        }
        self.relay.end();
        cx.waker().wake_by_ref();
        Poll::Pending
    }

    /// Moves what can be moved at once, for nobody.
    pub(super) fn settle(&mut self) {
        if !matches!(self.state, State::Own(_)) {
            return;
        }
        self.relay.begin(Waker::noop());
        let mut inner = Context::from_waker(&self.waker);
        for _ in 0..MOST_TURNS {
            self.state.turn(&mut inner, &self.origin);
            if !self.relay.has_more() {
                break;
            }
        }
        self.relay.end();
    }

    /// The same, where something came since it was last moved: mostly the end of the connection.
    pub(super) fn settle_if_stirred(&mut self) {
        if self.relay.is_woken() {
            self.settle();
        }
    }

    /// From now on a task moves it: a part of a request is left to be sent while its answer flows,
    /// or behind it, and who reads the answer may not come back for long.
    pub(super) fn detach(&mut self, tasks: &TaskTracker) {
        self.state = match std::mem::replace(&mut self.state, State::Ended) {
            State::Own(moving) => {
                let origin = self.origin.clone();
                let task = tasks.spawn(async move { tell(&origin, moving.await) });
                State::Task(task.abort_handle())
            }
            other => other,
        };
    }

    /// Ends the connection, whatever it is in the middle of.
    pub(super) fn abort(&mut self) {
        if let State::Task(task) = std::mem::replace(&mut self.state, State::Ended) {
            task.abort();
        }
    }

    /// When it is dropped, the other side is told, as far as that takes no waiting.
    pub(super) const fn end_politely(&mut self) {
        self.is_polite = true;
    }
}

impl Drop for Driver {
    fn drop(&mut self) {
        if self.is_polite {
            self.settle();
        }
    }
}

impl State {
    fn turn(&mut self, cx: &mut Context<'_>, origin: &Origin) {
        let Self::Own(moving) = self else {
            return;
        };
        if let Poll::Ready(ended) = moving.as_mut().poll(cx) {
            // Dropped, since what still waits for it hears of its end then.
            *self = Self::Ended;
            tell(origin, ended);
        }
    }
}

fn tell(origin: &Origin, ended: hyper::Result<()>) {
    if let Err(error) = ended {
        tracing::debug!(%origin, %error, "connection to vendor ended");
    }
}

/// Passes on to a task that its connection has something to do.
///
/// The halves of a connection wake each other while they are polled. Passed on, each of that would
/// have the task polled once more for nothing, so it is only noted.
#[derive(Default)]
struct Relay {
    is_polled: AtomicBool,
    /// Since it was last asked.
    woken: AtomicBool,
    task: Mutex<Option<Waker>>,
}

impl Relay {
    fn begin(&self, task: &Waker) {
        let mut known = self.task();
        if !known.as_ref().is_some_and(|known| known.will_wake(task)) {
            *known = Some(task.clone());
        }
        drop(known);
        self.woken.store(false, Ordering::SeqCst);
        self.is_polled.store(true, Ordering::SeqCst);
    }

    fn has_more(&self) -> bool {
        self.woken.swap(false, Ordering::SeqCst)
    }

    fn is_woken(&self) -> bool {
        self.woken.load(Ordering::SeqCst)
    }

    /// From now on wakes are passed on.
    fn end(&self) {
        self.is_polled.store(false, Ordering::SeqCst);
    }

    /// The same, unless one came just before.
    fn rests(&self) -> bool {
        self.end();
        let rests = !self.has_more();
        if !rests {
            self.is_polled.store(true, Ordering::SeqCst);
        }
        rests
    }

    fn task(&self) -> MutexGuard<'_, Option<Waker>> {
        self.task.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Wake for Relay {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        // Noted first: who ends a poll asks for it after wakes are passed on again, so one of the
        // two sees it.
        self.woken.store(true, Ordering::SeqCst);
        if self.is_polled.load(Ordering::SeqCst) {
            return;
        }
        let task = self.task().clone();
        if let Some(task) = task {
            task.wake();
        }
    }
}
