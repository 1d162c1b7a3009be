//! The handle that everything stored is reached by.

use std::fmt;
use std::io;
use std::path::Path;
use std::sync::Arc;

use crate::changes::Changes;
use crate::disk::{Disk, RealDisk};
use crate::embedded::LogLock;
use crate::engine::{Embedded, Engine, Shared};
use crate::error::{OpenError, Unavailable};
use crate::face::allowances::Allowances;
use crate::face::calls::Calls;
use crate::face::events::Events;
use crate::face::leases::Leases;
use crate::log::retain::{Retained, Retention};
use crate::log::segment::SEGMENT_BYTES;
use crate::log::status::{self, Checked, LogStatus};
use crate::memory::{Memory, Model};
use crate::records::Records;
use crate::sqlite::Sqlite;
use crate::status::StoreStatus;

/// One handle to the state. Clones are cheap and reach the same.
#[derive(Clone)]
pub struct Store {
    engine: Shared,
}

impl Store {
    /// Opens the state in `folder`; makes the folder and what is in it where they are missing.
    ///
    /// A new folder has mode 0700, the files in it 0600. It may wait up to
    /// [`OPEN_TIMEOUT`](crate::OPEN_TIMEOUT) for another process that opens the same folder. Dropped
    /// meanwhile, it may leave a new folder without any record.
    ///
    /// Events are not reached by it until [`Self::own_log`].
    pub async fn open(folder: &Path) -> Result<Self, OpenError> {
        let sqlite = Sqlite::open(folder).await?;
        Ok(Self::over(Engine::Embedded(Embedded::new(sqlite, folder))))
    }

    /// Reads the log of events, and keeps them from now on. One process at a time can: it has the
    /// lock.
    ///
    /// The last segment is read whole, which has about 64 MiB, and of those before it the ones of which the
    /// dedupe keys are in no file yet; how much is still to be delivered makes no difference. Dropped,
    /// the lock is free again when that has ended. Where this store keeps it already, nothing is done.
    pub async fn own_log(&self, lock: LogLock) -> Result<(), OpenError> {
        self.own_log_of(lock, SEGMENT_BYTES).await
    }

    /// The same with files of another size, in bytes: proofs let small ones be full soon.
    #[doc(hidden)]
    pub async fn own_log_of(&self, lock: LogLock, segment_bytes: u64) -> Result<(), OpenError> {
        match &*self.engine {
            Engine::Embedded(embedded) => embedded.own_log(lock, segment_bytes).await,
            Engine::Memory(_) => Ok(()),
        }
    }

    /// Writes what was asked for before, and keeps no more events: another process is to. The lock,
    /// where this process had it.
    pub async fn leave_log(&self) -> Option<LogLock> {
        match &*self.engine {
            Engine::Embedded(embedded) => embedded.leave_log().await,
            Engine::Memory(_) => None,
        }
    }

    /// The same with the other side: what does to it what other machines and a network may do.
    pub fn model() -> (Self, Model) {
        let store = Self::in_memory();
        let model = Model::new(Arc::clone(&store.engine));
        (store, model)
    }

    /// State that ends with its last handle: for what is not to be kept, and for tests.
    pub fn in_memory() -> Self {
        Self::over(Engine::Memory(Memory::default()))
    }

    fn over(engine: Engine) -> Self {
        Self {
            engine: Arc::new(engine),
        }
    }

    /// Whether no state was ever kept in a folder. Looks without making anything; what cannot be
    /// looked at is there.
    pub fn is_absent(folder: &Path) -> bool {
        Sqlite::is_absent(folder)
    }

    /// What is small and changes.
    pub fn records(&self) -> Records {
        Records::new(Arc::clone(&self.engine))
    }

    /// Events, in lanes.
    pub fn events(&self) -> Events {
        Events {
            engine: Arc::clone(&self.engine),
        }
    }

    /// What one at a time may do.
    pub fn leases(&self) -> Leases {
        Leases {
            engine: Arc::clone(&self.engine),
        }
    }

    /// Money and quota.
    pub fn allowances(&self) -> Allowances {
        Allowances {
            engine: Arc::clone(&self.engine),
        }
    }

    /// Records of calls.
    pub fn calls(&self) -> Calls {
        Calls {
            engine: Arc::clone(&self.engine),
        }
    }

    /// Takes away events that are old or too many, by whole segments: never the one that is written.
    /// `now` decides what is old. Handlers are passed over what goes before it goes.
    ///
    /// Dropped, handlers may have been passed over events that are still there.
    pub async fn retain(
        &self,
        retention: Retention,
        now: jiff::Timestamp,
    ) -> Result<Retained, Unavailable> {
        match &*self.engine {
            Engine::Embedded(embedded) => embedded.log()?.retain(retention, now).await,
            Engine::Memory(_) => Ok(Retained::default()),
        }
    }

    /// What there is of events; none where they are in memory.
    pub async fn log_status(&self) -> Result<Option<LogStatus>, Unavailable> {
        match &*self.engine {
            Engine::Embedded(embedded) => embedded.log()?.status().await.map(Some),
            Engine::Memory(_) => Ok(None),
        }
    }

    /// What there is, how big and how old it is, and what is pending; none where it is in memory.
    pub async fn status(&self) -> Result<Option<StoreStatus>, Unavailable> {
        match &*self.engine {
            Engine::Embedded(embedded) => embedded.status().await.map(Some),
            Engine::Memory(_) => Ok(None),
        }
    }

    /// Reads all of a log of events and compares every checksum; changes nothing. Blocks, and reports
    /// the bytes that were read, after each segment. A process may write to it meanwhile.
    pub fn check_log(folder: &Path, progress: impl FnMut(u64)) -> io::Result<Checked> {
        let disk: Arc<dyn Disk> = Arc::new(RealDisk::new(folder));
        status::check(&disk, progress)
    }

    /// Tells of changes from now on, those of other processes within a second.
    pub fn changes(&self) -> Changes {
        Changes::new(Arc::clone(&self.engine))
    }

    /// How many groups of changes were committed since the store was opened, each with one wait for
    /// the disk. Fewer than changes, where many wait at once.
    pub fn commit_count(&self) -> u64 {
        match &*self.engine {
            Engine::Embedded(Embedded { sqlite, .. }) => sqlite.commit_count(),
            Engine::Memory(memory) => memory.commit_count(),
        }
    }

    /// Ends this handle, and waits until the files are closed where no other one is left. A program
    /// that ends without it loses nothing, but leaves the log of the database beside it.
    pub async fn close(self) {
        // While another handle is left, nothing ends.
        if Arc::strong_count(&self.engine) > 1 {
            return;
        }
        self.leave_log().await;
        let closed = match &*self.engine {
            Engine::Embedded(Embedded { sqlite, .. }) => Some(sqlite.closed()),
            Engine::Memory(_) => None,
        };
        drop(self);
        if let Some(closed) = closed {
            closed.await;
        }
    }
}

impl fmt::Debug for Store {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = f.debug_struct("Store");
        match &*self.engine {
            Engine::Embedded(Embedded { sqlite, .. }) => shown.field("path", &sqlite.path()),
            Engine::Memory(_) => shown.field("path", &"(in memory)"),
        };
        shown.finish_non_exhaustive()
    }
}
