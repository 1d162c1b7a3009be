//! The handle that everything stored is reached by.

use std::fmt;
use std::fs;
use std::os::unix::fs::MetadataExt as _;
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
    /// What was opened. `None`: no file.
    file: Option<FileMark>,
    connection: Mutex<Connection>,
}

/// Which file a database is in, and when that file was last changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct FileMark {
    device: u64,
    inode: u64,
    bytes: u64,
    /// Seconds and nanoseconds of the last change of anything.
    changed: (i64, i64),
}

impl FileMark {
    /// Looks at a file without opening it: closing it again would drop the locks that a
    /// connection of this process holds on it.
    fn of(path: &Path) -> Option<Self> {
        let metadata = fs::metadata(path).ok()?;
        Some(Self {
            device: metadata.dev(),
            inode: metadata.ino(),
            bytes: metadata.len(),
            changed: (metadata.ctime(), metadata.ctime_nsec()),
        })
    }

    fn is_same_file(self, other: Self) -> bool {
        (self.device, self.inode) == (other.device, other.inode)
    }
}

/// What has become of the file that a [`Store`] has opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// It is where it was, and its pages are as they were when it was opened.
    Untouched,
    /// It is where it was, and somebody has written to it. That is ordinary; it may also be
    /// damage, which an open handle does not see. Opening it again tells.
    Written,
    /// It is where it was, and less is in it than the smallest database has. `SQLite` would take it
    /// for a new one, and wait for the lock that the open handle holds on it.
    CutOff,
    /// Another file is in its place.
    Replaced,
    /// There is no file.
    Gone,
}

impl Store {
    /// Opens the state in `folder`; makes the folder and the database where they are missing.
    ///
    /// A new folder has mode 0700, the files in it 0600.
    pub fn open(folder: &Path) -> Result<Self, OpenError> {
        let connection = open::open(folder)?;
        let path = folder.join(open::DATABASE_FILE_NAME);
        let file = FileMark::of(&path);
        Ok(Self::new(path, file, connection))
    }

    /// State that ends with the last clone of the handle, for simulation and tests.
    pub fn in_memory() -> Result<Self, OpenError> {
        let path = PathBuf::from("(in memory)");
        let connection = open::in_memory(&path)?;
        Ok(Self::new(path, None, connection))
    }

    fn new(path: PathBuf, file: Option<FileMark>, connection: Connection) -> Self {
        Self {
            inner: Arc::new(Inner {
                path,
                file,
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

    /// What has become of the file since this handle was opened. Costs one look at the file.
    ///
    /// State in memory is always untouched.
    pub fn standing(&self) -> Standing {
        let Some(opened) = self.inner.file else {
            return Standing::Untouched;
        };
        match FileMark::of(self.path()) {
            None => Standing::Gone,
            Some(now) if now == opened => Standing::Untouched,
            Some(now) if now.is_same_file(opened) && open::is_cut_off(now.bytes) => {
                Standing::CutOff
            }
            Some(now) if now.is_same_file(opened) => Standing::Written,
            Some(_) => Standing::Replaced,
        }
    }

    /// Reads every page and compares them with each other. Takes milliseconds for callers alone.
    pub fn verify(&self) -> Result<(), Error> {
        let found: String = self.with(|connection| {
            connection.pragma_query_value(None, "quick_check", |row| row.get(0))
        })?;
        if found == "ok" {
            return Ok(());
        }
        Err(Error::Damaged {
            path: self.path().to_owned(),
            source: rusqlite::Error::SqliteFailure(
                rusqlite::ffi::Error::new(rusqlite::ffi::SQLITE_CORRUPT),
                Some(found),
            ),
        })
    }

    /// The error for a file that is gone, or is another one.
    pub fn moved(&self) -> Error {
        Error::Moved {
            path: self.path().to_owned(),
        }
    }

    /// The error for a file that is cut off.
    pub fn cut_off(&self) -> Error {
        Error::cut_off(self.path())
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
        run(&mut self.lock()).map_err(|error| self.error(error))
    }

    /// What a failure comes from: the file may have been cut off under the very statement.
    fn error(&self, error: rusqlite::Error) -> Error {
        match self.standing() {
            Standing::CutOff => self.cut_off(),
            Standing::Untouched | Standing::Written | Standing::Replaced | Standing::Gone => {
                Error::new(self.path(), error)
            }
        }
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
