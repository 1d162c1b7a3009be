//! The engine in a folder of this machine: a database for what is small and changes, and a log for
//! events.

use std::fs::{File, OpenOptions, TryLockError};
use std::io;
use std::os::unix::fs::{MetadataExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock, PoisonError, RwLock};

use crate::calls::writer::CallLog;
use crate::disk::{Disk as _, RealDisk};
use crate::error::{OpenError, Unavailable};
use crate::log::{LOCK, Log};
use crate::sqlite::Sqlite;

/// State in a folder.
pub(crate) struct Embedded {
    pub(crate) sqlite: Sqlite,
    folder: PathBuf,
    log: RwLock<Option<(Arc<Log>, LogLock)>>,
    calls: OnceLock<CallLog>,
}

/// The right of one process to the log of a folder. It lasts as long as this value and its clones, in
/// whatever process they are.
#[derive(Debug)]
pub struct LogLock {
    file: File,
}

impl LogLock {
    /// Takes the log of a state folder; `None`: another process has it. Makes the folder of the log
    /// where it is missing, but not the state folder.
    pub fn take(state: &Path) -> Result<Option<Self>, OpenError> {
        let failed = |source| OpenError::Log {
            path: state.join("log"),
            source,
        };
        let disk = RealDisk::new(state);
        disk.make_folder("log").map_err(failed)?;
        let mut options = OpenOptions::new();
        options
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .mode(0o600);
        let file = options.open(state.join(LOCK)).map_err(failed)?;
        match file.try_lock() {
            Ok(()) => Ok(Some(Self { file })),
            Err(TryLockError::WouldBlock) => Ok(None),
            Err(TryLockError::Error(error)) => Err(failed(error)),
        }
    }

    /// The lock that another process gave; `None`: it is not the one of this folder.
    pub fn given(state: &Path, file: File) -> Option<Self> {
        let lock = Self { file };
        lock.is_in_place(state).then_some(lock)
    }

    /// The lock for another process: it holds until all who have it are gone.
    pub fn file(&self) -> io::Result<File> {
        self.file.try_clone()
    }

    fn is_in_place(&self, state: &Path) -> bool {
        let place = |metadata: std::fs::Metadata| (metadata.dev(), metadata.ino());
        let there = std::fs::metadata(state.join(LOCK)).ok().map(place);
        there.is_some() && there == self.file.metadata().ok().map(place)
    }
}

impl Embedded {
    pub(crate) fn new(sqlite: Sqlite, folder: &Path) -> Self {
        Self {
            sqlite,
            folder: folder.to_owned(),
            log: RwLock::default(),
            calls: OnceLock::new(),
        }
    }

    /// The call log, which has a thread from its first use on.
    pub(crate) fn calls(&self) -> &CallLog {
        let open = || CallLog::open(Arc::new(RealDisk::new(&self.folder)));
        self.calls.get_or_init(open)
    }

    /// The log, where this process has it.
    pub(crate) fn log(&self) -> Result<Arc<Log>, Unavailable> {
        let log = self.log.read().unwrap_or_else(PoisonError::into_inner);
        match &*log {
            Some((log, _)) => Ok(Arc::clone(log)),
            None => Err(Unavailable::LogNotOwned {
                path: self.folder.join("log"),
            }),
        }
    }

    pub(crate) async fn own_log(&self, lock: LogLock) -> Result<(), OpenError> {
        if self.log().is_ok() {
            // Two would write over each other.
            return Ok(());
        }
        let folder = self.folder.clone();
        let failed = |source| OpenError::Log {
            path: self.folder.join("log"),
            source,
        };
        let held = lock.file().map_err(failed)?;
        let open = move || Log::open(Arc::new(RealDisk::new(&folder)), held);
        let opened = tokio::task::spawn_blocking(open).await;
        let log = opened.map_err(|error| failed(io::Error::other(error)))??;
        let mut place = self.log.write().unwrap_or_else(PoisonError::into_inner);
        *place = Some((Arc::new(log), lock));
        Ok(())
    }

    pub(crate) async fn leave_log(&self) -> Option<LogLock> {
        let (log, lock) = self.take_log()?;
        log.close().await;
        Some(lock)
    }

    fn take_log(&self) -> Option<(Arc<Log>, LogLock)> {
        let mut place = self.log.write().unwrap_or_else(PoisonError::into_inner);
        place.take()
    }
}
