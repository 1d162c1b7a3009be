//! What can go wrong with the database, each with its path and a remedy.

use std::io;
use std::path::{Path, PathBuf};

use rusqlite::ErrorCode;

use crate::open::{self, BUSY_TIMEOUT, OPEN_TIMEOUT};

/// A statement on the open database failed. Nothing of it was kept.
#[derive(Debug, thiserror::Error)]
pub enum Error {
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
    /// The file is no `SQLite` database, or its pages contradict each other.
    #[error(
        "state database {} is damaged or not a SQLite database; restore it from a backup, \
         or move it and the files beside it that start with its name away and add every caller \
         again: wharf makes a new one without callers. A `wharf up` that runs meanwhile goes on \
         with the callers it knew until there is a new one",
        path.display()
    )]
    Damaged {
        /// The database file.
        path: PathBuf,
        /// What `SQLite` said.
        #[source]
        source: rusqlite::Error,
    },
    /// Of the file, less is left than the smallest database has.
    #[error(
        "state database {} is cut off: {bytes} bytes are left of it; restore it from a backup, \
         or move it and the files beside it that start with its name away and add every caller \
         again: wharf makes a new one without callers. A `wharf up` that runs meanwhile goes on \
         with the callers it knew until there is a new one",
        path.display()
    )]
    CutOff {
        /// The database file.
        path: PathBuf,
        /// How long it is.
        bytes: u64,
    },
    /// No room for the change.
    #[error("no room left on disk for state database {}; free some and try again", path.display())]
    DiskFull {
        /// The database file.
        path: PathBuf,
    },
    /// The operating system could not read or write the file.
    #[error(
        "state database {} cannot be read or written (SQLite error {code}); most often the disk \
         is full: free some room, check the disk, and try again",
        path.display()
    )]
    Disk {
        /// The database file.
        path: PathBuf,
        /// The extended result code of `SQLite`.
        code: i32,
    },
    /// The file is gone, or another file stands in its place.
    #[error(
        "state database {} is no longer the file that was opened; \
         put it back, or add every caller again",
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
    /// Anything else that `SQLite` or the operating system reports.
    #[error(
        "state database {} cannot be used; check the disk and the permissions of its folder",
        path.display()
    )]
    Failed {
        /// The database file.
        path: PathBuf,
        /// What `SQLite` said.
        #[source]
        source: rusqlite::Error,
    },
}

impl Error {
    pub(crate) fn cut_off(path: &Path) -> Self {
        Self::CutOff {
            path: path.to_owned(),
            bytes: open::length(path),
        }
    }

    /// Sorts what `SQLite` said by what a person can do about it.
    pub(crate) fn new(path: &Path, source: rusqlite::Error) -> Self {
        let path = path.to_owned();
        match source.sqlite_error_code() {
            Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => Self::Busy { path },
            Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => {
                Self::Damaged { path, source }
            }
            Some(ErrorCode::DiskFull) => Self::DiskFull { path },
            Some(ErrorCode::ReadOnly | ErrorCode::PermissionDenied) => Self::ReadOnly { path },
            // A full disk shows as this one too: the shared memory beside the log cannot grow.
            Some(ErrorCode::SystemIoFailure) => Self::Disk {
                path,
                code: source.sqlite_error().map_or(0, |error| error.extended_code),
            },
            _ => Self::Failed { path, source },
        }
    }
}

/// The state folder or the database in it could not be opened. Nothing was changed.
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
    /// A `SQLite` database that belongs to another program.
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
    /// The database in the folder cannot be used.
    #[error(transparent)]
    Database(#[from] Error),
}

#[cfg(test)]
mod tests;
