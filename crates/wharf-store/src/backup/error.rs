//! Why there is no backup, or nothing was restored, each with its path and a remedy.

use std::io;
use std::path::{Path, PathBuf};

use crate::check::CheckError;
use crate::error::OpenError;

/// A file could not be copied, from a state folder or back into one.
#[derive(Debug, thiserror::Error)]
pub enum FileError {
    /// It cannot be read.
    #[error("{} cannot be read; check the disk and the permissions of the file", path.display())]
    Read {
        /// The file or folder.
        path: PathBuf,
        /// What the operating system said.
        #[source]
        source: io::Error,
    },
    /// It cannot be written.
    #[error("{} cannot be written; check its disk, the room on it and its permissions", path.display())]
    Write {
        /// The file or folder.
        path: PathBuf,
        /// What the operating system said.
        #[source]
        source: io::Error,
    },
}

/// No backup was made. Nothing is left of it, unless the error says so.
#[derive(Debug, thiserror::Error)]
pub enum BackupError {
    /// There is nothing to copy.
    #[error("there is no state in {}; name another folder with --state", path.display())]
    NoState {
        /// The state folder.
        path: PathBuf,
    },
    /// Something has that name already.
    #[error("{} is there already; name a folder that does not exist yet", path.display())]
    Exists {
        /// The folder that was to be made.
        path: PathBuf,
    },
    /// Each backup would be a part of the next one's disk.
    #[error(
        "{} is inside the state folder {}; name one elsewhere, best on another disk",
        path.display(), state.display()
    )]
    Inside {
        /// The folder that was to be made.
        path: PathBuf,
        /// The state folder.
        state: PathBuf,
    },
    /// A backup to the same folder did not end, or is under way.
    #[error(
        "{} is what another backup left, or is making now; where none runs, remove it with \
         `rm -r` and try again", path.display()
    )]
    Unfinished {
        /// What is there.
        path: PathBuf,
    },
    /// It is known before that it would not fit.
    #[error(
        "the backup needs {needed_bytes} bytes, and there is room for {free_bytes} at {}; free \
         some, or name a folder on another disk", path.display()
    )]
    NoRoom {
        /// Where it was to be made.
        path: PathBuf,
        /// Bytes that it takes.
        needed_bytes: u64,
        /// Bytes that are free.
        free_bytes: u64,
    },
    /// A file of the state folder cannot be read, or one of the backup cannot be written.
    #[error(transparent)]
    File(#[from] FileError),
    /// The database cannot be copied, or a restore into the state folder did not end.
    #[error(transparent)]
    Database(OpenError),
    /// The files of keys were never the same twice.
    #[error("the files in {} change all the time; try again", path.display())]
    Changing {
        /// Their folder.
        path: PathBuf,
    },
    /// What was written cannot be read again.
    #[error(transparent)]
    Check(CheckError),
}

/// Nothing was restored, and the state folder is as it was, unless the error says so.
#[derive(Debug, thiserror::Error)]
pub enum RestoreError {
    /// The folder is none that a backup made.
    #[error(
        "{} is no backup: it has no file wharf-backup that can be read; name the folder that \
         `wharf store backup` has made", path.display()
    )]
    NotABackup {
        /// The folder.
        path: PathBuf,
    },
    /// A later version made it.
    #[error(
        "{} has {what}, which is newer than this version of wharf; use the newer wharf that made it",
        path.display()
    )]
    Newer {
        /// The backup, or a file of it.
        path: PathBuf,
        /// What is newer.
        what: String,
    },
    /// There is state already.
    #[error(
        "the state folder {} has state already; nothing was changed: name an empty one with \
         --state, or move what is there away", path.display()
    )]
    HasState {
        /// The state folder.
        path: PathBuf,
    },
    /// A restore into this folder did not end.
    #[error(
        "{} is what another restore left, or is working on now; where none runs, remove it, and \
         wharf.sqlite3 and the folders log, dedupe and calls beside it, with `rm -rf`, and try again",
        path.display()
    )]
    Unfinished {
        /// What is there.
        path: PathBuf,
    },
    /// A process uses the state folder.
    #[error(
        "another process uses the state folder {}; stop it, and try again", path.display()
    )]
    InUse {
        /// The state folder.
        path: PathBuf,
    },
    /// The list of checksums has a line that is none.
    #[error("line {line} of {} is no checksum and name of a backup; take another backup", path.display())]
    BadList {
        /// The list.
        path: PathBuf,
        /// Number of the line, from 1.
        line: usize,
    },
    /// A file of the list is gone.
    #[error("{} is missing from the backup; take another backup", path.display())]
    Missing {
        /// The file.
        path: PathBuf,
    },
    /// A file is there that the list does not have.
    #[error("{} does not belong to the backup; take it out, or take another backup", path.display())]
    Extra {
        /// The file.
        path: PathBuf,
    },
    /// A file is not what it was.
    #[error("{} is not what was backed up: its checksum is wrong; take another backup", path.display())]
    Differs {
        /// The file.
        path: PathBuf,
    },
    /// It is known before that it would not fit.
    #[error(
        "the state needs {needed_bytes} bytes, and there is room for {free_bytes} at {}; free some, \
         or name a state folder on another disk", path.display()
    )]
    NoRoom {
        /// The state folder.
        path: PathBuf,
        /// Bytes that it takes.
        needed_bytes: u64,
        /// Bytes that are free.
        free_bytes: u64,
    },
    /// A file of the backup cannot be read, or the state folder cannot be written.
    #[error(transparent)]
    File(#[from] FileError),
    /// What was put back cannot be used.
    #[error(transparent)]
    Open(OpenError),
    /// What was put back cannot be read again.
    #[error(transparent)]
    Check(CheckError),
}

impl FileError {
    pub(super) fn read(path: &Path) -> impl FnOnce(io::Error) -> Self + use<> {
        let path = path.to_owned();
        move |source| Self::Read { path, source }
    }

    pub(super) fn write(path: &Path) -> impl FnOnce(io::Error) -> Self + use<> {
        let path = path.to_owned();
        move |source| Self::Write { path, source }
    }
}
