//! The log of events of a start: this process keeps it until another one takes over.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use tokio::runtime::Handle;
use wharf_store::{LogLock, OpenError, Store};

use crate::takeover::Kept;

/// How long another process is waited for that has the log: a command that looks at it, or one that
/// ends.
const WAIT: Duration = Duration::from_secs(5);

const PAUSE: Duration = Duration::from_millis(50);

/// A log, its lock, and who can keep it.
pub(super) struct Events {
    store: Store,
    state: PathBuf,
    /// While this process has the lock and keeps no log with it.
    lock: Mutex<Option<LogLock>>,
}

impl Events {
    /// For a store in a state folder; keeps nothing yet. `given` is the lock that another process
    /// handed over.
    pub(super) fn new(store: Store, state: &Path, given: Option<File>) -> Self {
        let lock = given.and_then(|lock| LogLock::given(state, lock));
        Self {
            store,
            state: state.to_owned(),
            lock: Mutex::new(lock),
        }
    }

    /// Takes the lock where no process handed one over. Waits up to [`WAIT`] for it, and blocks.
    pub(super) fn take_lock(&self) -> Result<(), OpenError> {
        let mut place = self.lock.lock().unwrap_or_else(PoisonError::into_inner);
        if place.is_some() {
            return Ok(());
        }
        let deadline = Instant::now() + WAIT;
        loop {
            if let Some(lock) = LogLock::take(&self.state)? {
                *place = Some(lock);
                return Ok(());
            }
            if Instant::now() >= deadline {
                return Err(OpenError::LogLocked {
                    path: self.state.join("log"),
                });
            }
            std::thread::sleep(PAUSE);
        }
    }

    /// The lock, for another process.
    pub(super) fn lock_for_others(&self) -> Option<File> {
        let place = self.lock.lock().unwrap_or_else(PoisonError::into_inner);
        place.as_ref().and_then(|lock| lock.file().ok())
    }

    /// Reads the log, and keeps events from now on. Nothing where it does so already. That it cannot be
    /// read is logged: calls go on, and whoever brings an event is told.
    pub(super) async fn keep(&self) {
        let Some(lock) = self.take() else { return };
        if let Err(error) = self.store.own_log(lock).await {
            log_absence(&error);
        }
    }

    /// Writes what was acknowledged to the end, keeps no more, and gives the lock up.
    pub(super) async fn quit(&self) {
        drop(self.store.leave_log().await);
        drop(self.take());
    }

    /// The same, but for the lock: another process has it too.
    async fn leave(&self) {
        if let Some(lock) = self.store.leave_log().await {
            *self.lock.lock().unwrap_or_else(PoisonError::into_inner) = Some(lock);
        }
    }

    fn take(&self) -> Option<LogLock> {
        let mut place = self.lock.lock().unwrap_or_else(PoisonError::into_inner);
        place.take()
    }
}

/// Closes the store where nobody else has it.
pub(super) async fn end(events: Arc<Events>) {
    if let Ok(events) = Arc::try_unwrap(events) {
        events.store.close().await;
    }
}

/// No event is kept in this life of the process.
pub(super) fn log_absence(error: &OpenError) {
    let cause = std::error::Error::source(error);
    let cause = cause.map_or_else(String::new, |cause| format!(": {cause}"));
    tracing::error!("no events are kept until the next start, and calls go on: {error}{cause}");
}

impl Kept for Events {
    fn release(&self) {
        Handle::current().block_on(self.leave());
    }

    fn take_back(&self) {
        Handle::current().block_on(self.keep());
    }
}
