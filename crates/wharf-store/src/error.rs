//! Why the state cannot be used, each with its path and a remedy.

use std::error::Error;
use std::fmt;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::sqlite::WAITING_LIMIT;
use crate::sqlite::open::{BUSY_TIMEOUT, OPEN_TIMEOUT};

/// [`DATABASE_HOLDS`] for `concat!`, which takes no constant.
macro_rules! database_holds {
    () => {
        "callers, notices, audit records, procedures, sealed secrets and allowances"
    };
}
pub(crate) use database_holds;

/// What the state database holds, in words. Events and the call log lie beside it.
pub const DATABASE_HOLDS: &str = database_holds!();

/// What it means that a database cannot be used, and what to do: one text, whoever meets it.
const WITHOUT_IT: &str = concat!(
    "It holds ",
    database_holds!(),
    "; events and the call log lie beside it and are not touched. A `wharf up` that runs goes on with \
     calls and events, lets in the callers it knew, and keeps no change of the rest until this is \
     mended; none can start. Restore a backup, or move the database and the files beside it that \
     start with its name away: wharf makes a new one without any of that, and every caller has to \
     be added again. The section \"Without the database\" of docs/store.md has the steps"
);

/// What an engine said, in its own words.
#[derive(Clone, Debug)]
pub struct Cause {
    text: String,
    source: Option<Box<Cause>>,
}

impl Cause {
    /// The words of an error and of what it comes from.
    pub(crate) fn of(error: &dyn Error) -> Self {
        Self {
            text: error.to_string(),
            source: error.source().map(|source| Box::new(Self::of(source))),
        }
    }

    /// These words.
    pub(crate) fn new(text: String) -> Self {
        Self { text, source: None }
    }
}

impl fmt::Display for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl Error for Cause {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.source
            .as_deref()
            .map(|source| source as &(dyn Error + 'static))
    }
}

/// The state cannot be read or changed now. Nothing of a change was kept, but see
/// [`Unavailable::Disk`].
///
/// Cloned for all whose changes were to be committed together.
#[derive(Clone, Debug, thiserror::Error)]
pub enum Unavailable {
    /// Another process wrote for longer than [`BUSY_TIMEOUT`].
    #[error(
        "state database {} has been locked by another process for {} seconds; \
         wait for that process or stop it, then try again",
        path.display(), BUSY_TIMEOUT.as_secs()
    )]
    Busy {
        /// The database file.
        path: PathBuf,
    },
    /// The file is no database, or its parts contradict each other.
    #[error(
        "state database {} is damaged or not a SQLite database. {WITHOUT_IT}",
        path.display()
    )]
    Damaged {
        /// The database file.
        path: PathBuf,
        /// What the engine said.
        #[source]
        source: Cause,
    },
    /// Of the file, less is left than the smallest database has.
    #[error(
        "state database {} is cut off: {bytes} bytes are left of it. {WITHOUT_IT}",
        path.display()
    )]
    CutOff {
        /// The database file.
        path: PathBuf,
        /// How long it is.
        bytes: u64,
    },
    /// No room for the change.
    #[error(
        "no room left on disk for {}, so nothing was changed: to take something away takes room too; \
         free some and try again",
        path.display()
    )]
    DiskFull {
        /// The database file.
        path: PathBuf,
    },
    /// The operating system could not read or write the file. A change may be found in it later, as
    /// if it had been acknowledged.
    #[error(
        "state database {} cannot be read or written (SQLite error {code}); most often the disk \
         is full: free some room, check the disk, and try again",
        path.display()
    )]
    Disk {
        /// The database file.
        path: PathBuf,
        /// The number that the engine has for it.
        code: i32,
    },
    /// The file is gone, or another file stands in its place.
    #[error(
        "state database {} is no longer the file that was opened; put it back. {WITHOUT_IT}",
        path.display()
    )]
    Moved {
        /// The database file.
        path: PathBuf,
    },
    /// The file or its folder may not be written.
    #[error(
        "state database {} cannot be written; give the user that runs wharf write permission \
         for it and for its folder, or choose another state folder",
        path.display()
    )]
    ReadOnly {
        /// The database file.
        path: PathBuf,
    },
    /// A row that this program did not write.
    #[error(
        "state database {} holds a row in table {table} that wharf did not write; \
         remove the row, or restore the file from a backup",
        path.display()
    )]
    Row {
        /// The database file.
        path: PathBuf,
        /// Name of the table.
        table: &'static str,
    },
    /// Anything else that the engine or the operating system reports.
    #[error(
        "state database {} cannot be used; check the disk and the permissions of its folder",
        path.display()
    )]
    Failed {
        /// The database file.
        path: PathBuf,
        /// What the engine said.
        #[source]
        source: Cause,
    },
    /// Another file is in its place, or it was written to, and it cannot be opened again.
    #[error(transparent)]
    NotReopened(Arc<OpenError>),
    /// The files of the log cannot be written or read.
    #[error(
        "events cannot be kept in {}; check the disk and the permissions of the folder: wharf tries \
         again by itself",
        path.display()
    )]
    Log {
        /// The folder.
        path: PathBuf,
        /// What the operating system said.
        #[source]
        source: Cause,
    },
    /// Records of calls cannot be read or taken away.
    #[error(
        "records of calls in {} cannot be read or taken away; check the disk and the permissions of \
         the folder",
        path.display()
    )]
    Calls {
        /// The folder.
        path: PathBuf,
        /// What the operating system said.
        #[source]
        source: Cause,
    },
    /// The folder of the log is gone, or another one stands in its place.
    #[error(
        "{} is no longer the folder of events that was opened; put it back: nothing is kept until then",
        path.display()
    )]
    LogMoved {
        /// The folder.
        path: PathBuf,
    },
    /// The file of the lock on the log was taken away or replaced while the log was kept.
    #[error(
        "the lock on the events in {} was taken away or replaced, and another process may keep them \
         now: nothing is kept until one of them is started anew, with the other one ended",
        path.display()
    )]
    LogUnlocked {
        /// The folder.
        path: PathBuf,
    },
    /// More waits to be written to the log than is kept in memory ([`WAITING_LIMIT_BYTES`](crate::WAITING_LIMIT_BYTES)): the disk
    /// is slower than those who append, or hangs.
    #[error(
        "more events wait for the disk of {} than are kept in memory ({} MiB): it is slow or hangs; \
         check it: wharf takes events again as soon as some are written",
        path.display(), limit_bytes / (1024 * 1024)
    )]
    LogBehind {
        /// The folder.
        path: PathBuf,
        /// How much is kept, in bytes.
        limit_bytes: usize,
    },
    /// As much waits for the database as may.
    #[error(
        "{WAITING_LIMIT} changes or questions wait for the state database {} already, so this one was \
         not taken; the disk is slow or hangs, or too much is asked at once: try again later",
        path.display()
    )]
    DatabaseBehind {
        /// The file.
        path: PathBuf,
    },
    /// Another process has the log, or is to get it.
    #[error(
        "the events in {} are kept by another process, or are handed over to one; ask that one, or \
         try again when it has ended",
        path.display()
    )]
    LogNotOwned {
        /// The folder.
        path: PathBuf,
    },
    /// Others changed the same again and again.
    #[error("{} is changed by others all the time; try again", path.display())]
    Contended {
        /// Where the state is.
        path: PathBuf,
    },
    /// The place where state is kept cannot be reached.
    #[error("{} cannot be reached; wharf tries again by itself", path.display())]
    Away {
        /// Where the state is.
        path: PathBuf,
    },
    /// Who works on the file has ended, which is a fault of the program.
    #[error(
        "nothing works on state database {} any more, which is a fault of the program; \
         start wharf again",
        path.display()
    )]
    Stopped {
        /// The database file.
        path: PathBuf,
    },
}

impl Unavailable {
    /// For files of the log.
    pub(crate) fn log_failed(path: PathBuf, error: &io::Error) -> Self {
        Self::Log {
            path,
            source: Cause::of(error),
        }
    }

    /// For a file that is gone, or is another one.
    pub(crate) fn moved(path: &Path) -> Self {
        Self::Moved {
            path: path.to_owned(),
        }
    }

    /// For a file that was to be opened again.
    pub(crate) fn not_reopened(error: OpenError) -> Self {
        match error {
            OpenError::Database(unavailable) => unavailable,
            error => Self::NotReopened(Arc::new(error)),
        }
    }
}

/// The state folder or the database in it could not be opened. What was there was not changed; a
/// folder and an empty file may have been made.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The path of the state folder leads to something else.
    #[error(
        "state folder {} is not a folder; remove or rename what is there, \
         or choose another state folder",
        path.display()
    )]
    NotAFolder {
        /// The state folder.
        path: PathBuf,
    },
    /// The folder could not be made, looked at or locked.
    #[error(
        "state folder {} cannot be made or used; check the permissions of it and the folders \
         above it, or choose another state folder",
        path.display()
    )]
    Folder {
        /// The state folder.
        path: PathBuf,
        /// What the operating system said.
        #[source]
        source: io::Error,
    },
    /// Nothing may be written in the folder.
    #[error(
        "state folder {} is read-only; give the user that runs wharf write permission for it, \
         or choose another state folder",
        path.display()
    )]
    FolderReadOnly {
        /// The state folder.
        path: PathBuf,
    },
    /// Another process was opening the folder for longer than [`OPEN_TIMEOUT`].
    #[error(
        "another process has been opening state folder {} for {} seconds; \
         stop that process, then try again",
        path.display(), OPEN_TIMEOUT.as_secs()
    )]
    FolderLocked {
        /// The state folder.
        path: PathBuf,
    },
    /// A later version of the program has changed the tables.
    #[error(
        "state database {} has schema {found}, but this version of wharf knows schemas up to \
         {supported}; use the newer wharf that wrote it, or another state folder",
        path.display()
    )]
    Newer {
        /// The database file.
        path: PathBuf,
        /// Its schema.
        found: i64,
        /// The last schema this version knows.
        supported: i64,
    },
    /// A database that belongs to another program.
    #[error(
        "{} is the database of another program; choose another state folder",
        path.display()
    )]
    Foreign {
        /// The database file.
        path: PathBuf,
    },
    /// The file system cannot hold a write-ahead log.
    #[error(
        "state database {} cannot use a write-ahead log; \
         put the state folder on a local file system",
        path.display()
    )]
    NoWriteAheadLog {
        /// The database file.
        path: PathBuf,
    },
    /// The files of the log could not be read or made.
    #[error(
        "the events in {} cannot be read or kept; check the disk, its free room and the permissions \
         of the folder",
        path.display()
    )]
    Log {
        /// The folder.
        path: PathBuf,
        /// What the operating system said.
        #[source]
        source: io::Error,
    },
    /// A later version of the program has written to the log.
    #[error(
        "{} has format {format}, but this version of wharf knows formats up to 1; use the newer \
         wharf that wrote it, or another state folder",
        path.display()
    )]
    LogNewer {
        /// The file.
        path: PathBuf,
        /// Its format.
        format: u32,
    },
    /// Files of two logs are in one folder.
    #[error(
        "{} belongs to another log than the files before it; take out what does not belong there",
        path.display()
    )]
    LogMixed {
        /// The first file that does not belong to the others.
        path: PathBuf,
    },
    /// Another process has the log.
    #[error(
        "another process keeps the events in {}; stop that process, or choose another state folder",
        path.display()
    )]
    LogLocked {
        /// The folder.
        path: PathBuf,
    },
    /// A restore into the folder did not end, or is under way.
    #[error(
        "{} says that a restore did not end, or is under way; where none runs, remove it, and \
         wharf.sqlite3 and the folders log, dedupe and calls beside it, with `rm -rf`, and restore \
         the backup again",
        path.display()
    )]
    Restoring {
        /// What the restore is working with.
        path: PathBuf,
    },
    /// The system gave no thread to work on the state.
    #[error(
        "no thread for the state in {}; raise the limit of threads or processes",
        path.display()
    )]
    NoThread {
        /// The state folder.
        path: PathBuf,
        /// What the operating system said.
        #[source]
        source: io::Error,
    },
    /// The database in the folder cannot be used.
    #[error(transparent)]
    Database(#[from] Unavailable),
}
