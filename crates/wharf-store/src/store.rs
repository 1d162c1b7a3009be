//! The handle that everything stored is reached by.

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use rusqlite::Connection;

use crate::callers::Callers;
use crate::error::{Error, OpenError};
use crate::open;

/// One handle to the state. A clone uses the same connection; they take turns.
#[derive(Clone)]
pub struct Store {
    inner: Arc<Inner>,
}

struct Inner {
    path: PathBuf,
    connection: Mutex<Connection>,
}

impl Store {
    /// Opens the state in `folder`; makes the folder and the database where they are missing.
    ///
    /// A new folder has mode 0700, the files in it 0600.
    pub fn open(folder: &Path) -> Result<Self, OpenError> {
        let connection = open::open(folder)?;
        Ok(Self::new(folder.join(open::DATABASE_FILE_NAME), connection))
    }

    /// State that ends with the last clone of the handle, for simulation and tests.
    pub fn in_memory() -> Result<Self, OpenError> {
        let path = PathBuf::from("(in memory)");
        let connection = open::in_memory(&path)?;
        Ok(Self::new(path, connection))
    }

    fn new(path: PathBuf, connection: Connection) -> Self {
        Self {
            inner: Arc::new(Inner {
                path,
                connection: Mutex::new(connection),
            }),
        }
    }

    /// Who may call.
    pub fn callers(&self) -> Callers {
        Callers::new(self.clone())
    }

    /// A number that differs from an earlier one of the same handle when this or another
    /// process has changed something in between.
    ///
    /// It orders nothing. It may change when nothing did. Asking costs a look at shared memory.
    pub fn change_counter(&self) -> Result<u64, Error> {
        self.with(|connection| {
            // The version sees other connections only, the count of changes this one only.
            let others: u32 =
                connection.pragma_query_value(None, "data_version", |row| row.get(0))?;
            let own = connection.total_changes() & u64::from(u32::MAX);
            Ok(u64::from(others) << 32 | own)
        })
    }

    /// The database file, for messages.
    pub(crate) fn path(&self) -> &Path {
        &self.inner.path
    }

    /// Runs statements, one caller at a time.
    pub(crate) fn with<T>(
        &self,
        run: impl FnOnce(&mut Connection) -> rusqlite::Result<T>,
    ) -> Result<T, Error> {
        run(&mut self.lock()).map_err(|error| Error::new(self.path(), error))
    }

    pub(crate) fn lock(&self) -> MutexGuard<'_, Connection> {
        // A thread that panicked has rolled its transaction back on the way out.
        self.inner
            .connection
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Store {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Store")
            .field("path", &self.inner.path)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
