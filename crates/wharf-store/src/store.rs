//! The handle that everything stored is reached by.

use std::fmt;
use std::path::Path;
use std::sync::Arc;

use crate::changes::Changes;
use crate::engine::{Engine, Shared};
use crate::error::OpenError;
use crate::memory::Memory;
use crate::records::Records;
use crate::sqlite::Sqlite;

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
    pub async fn open(folder: &Path) -> Result<Self, OpenError> {
        Ok(Self::over(Engine::Sqlite(Sqlite::open(folder).await?)))
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

    /// Tells of changes from now on, those of other processes within a second.
    pub fn changes(&self) -> Changes {
        Changes::new(Arc::clone(&self.engine))
    }

    /// How many groups of changes were committed since the store was opened, each with one wait for
    /// the disk. Fewer than changes, where many wait at once.
    pub fn commit_count(&self) -> u64 {
        match &*self.engine {
            Engine::Sqlite(sqlite) => sqlite.commit_count(),
            Engine::Memory(memory) => memory.commit_count(),
        }
    }

    /// Ends this handle, and waits until the files are closed where no other one is left. A program
    /// that ends without it loses nothing, but leaves the log of the database beside it.
    pub async fn close(self) {
        let closed = match &*self.engine {
            Engine::Sqlite(sqlite) => Some(sqlite.closed()),
            Engine::Memory(_) => None,
        };
        // What is waited for comes when no handle is left, and this is one.
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
            Engine::Sqlite(sqlite) => shown.field("path", &sqlite.path()),
            Engine::Memory(_) => shown.field("path", &"(in memory)"),
        };
        shown.finish_non_exhaustive()
    }
}
