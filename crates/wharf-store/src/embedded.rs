//! The engine in a folder of this machine: a database for what is small and changes, and a log for
//! events.

use std::fs::{File, OpenOptions, TryLockError};
use std::io;
use std::os::unix::fs::{MetadataExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock, PoisonError, RwLock};

use jiff::Timestamp;

use crate::calls::CallCounts;
use crate::calls::writer::{CallLog, retain_on_a_thread};
use crate::disk::{Disk as _, RealDisk};
use crate::error::{OpenError, Unavailable};
use crate::index::Index;
use crate::log::{LOCK, Log};
use crate::sqlite::Sqlite;

/// State in a folder.
pub(crate) struct Embedded {
    pub(crate) sqlite: Sqlite,
    folder: PathBuf,
    log: RwLock<Option<Kept>>,
    calls: OnceLock<CallLog>,
}

/// What a process that has the log keeps.
struct Kept {
    log: Arc<Log>,
    index: Arc<Index>,
    lock: LogLock,
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

    /// Takes the oldest files of the call log away, whoever has written them.
    pub(crate) async fn retain_calls(
        &self,
        bytes: u64,
        before: Timestamp,
    ) -> Result<u64, Unavailable> {
        retain_on_a_thread(Arc::new(RealDisk::new(&self.folder)), bytes, before).await
    }

    pub(crate) fn folder(&self) -> &Path {
        &self.folder
    }

    /// What became of records of calls; nothing where none was written.
    pub(crate) fn call_counts(&self) -> CallCounts {
        self.calls.get().map(CallLog::counts).unwrap_or_default()
    }

    /// The log, where this process has it.
    pub(crate) fn log(&self) -> Result<Arc<Log>, Unavailable> {
        let log = self.log.read().unwrap_or_else(PoisonError::into_inner);
        match &*log {
            Some(kept) => Ok(Arc::clone(&kept.log)),
            None => Err(self.not_owned()),
        }
    }

    /// The index of the log, where this process has that.
    pub(crate) fn index(&self) -> Result<Arc<Index>, Unavailable> {
        let log = self.log.read().unwrap_or_else(PoisonError::into_inner);
        let index = log.as_ref().map(|kept| Arc::clone(&kept.index));
        index.ok_or_else(|| self.not_owned())
    }

    fn not_owned(&self) -> Unavailable {
        Unavailable::LogNotOwned {
            path: self.folder.join("log"),
        }
    }

    pub(crate) async fn own_log(&self, lock: LogLock, segment_bytes: u64) -> Result<(), OpenError> {
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
        let held_too = lock.file().map_err(failed)?;
        let open = move || {
            let disk = Arc::new(RealDisk::new(&folder));
            Log::with_segments_of(disk, segment_bytes, Some(held))
        };
        let opened = tokio::task::spawn_blocking(open).await;
        let log = opened.map_err(|error| failed(io::Error::other(error)))??;
        let mut place = self.log.write().unwrap_or_else(PoisonError::into_inner);
        let index = Index::start(&self.folder, Arc::clone(log.shared()), Some(held_too));
        let index = index.map_err(|source| OpenError::NoThread {
            path: self.folder.clone(),
            source,
        })?;
        *place = Some(Kept {
            log: Arc::new(log),
            index: Arc::new(index),
            lock,
        });
        Ok(())
    }

    pub(crate) async fn leave_log(&self) -> Option<LogLock> {
        let kept = self.take_log()?;
        kept.log.close().await;
        // Another process may write both from then on.
        kept.index.close().await;
        Some(kept.lock)
    }

    fn take_log(&self) -> Option<Kept> {
        let mut place = self.log.write().unwrap_or_else(PoisonError::into_inner);
        place.take()
    }
}
