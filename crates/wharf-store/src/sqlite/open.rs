//! From a state folder to a database that is ready to use.

use std::fs::{self, DirBuilder, File, OpenOptions, TryLockError};
use std::io;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::thread;
use std::time::{Duration, Instant};

use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags};

use super::error::{cut_off, unavailable};
use super::migration;
use crate::error::{OpenError, Unavailable};

/// Name of the database in the state folder.
pub(crate) const DATABASE_FILE_NAME: &str = "wharf.sqlite3";

/// Where a restore has what it did not put in its place yet, in the state folder.
pub(crate) const RESTORE_FOLDER: &str = "restore.unfinished";

/// Longest wait for another process that is writing; after it the call fails.
pub const BUSY_TIMEOUT: Duration = Duration::from_secs(5);

/// Longest wait for another process that is opening the same folder; after it opening fails.
pub const OPEN_TIMEOUT: Duration = Duration::from_secs(10);

/// Time between two looks at a folder that another process is opening.
const LOCK_POLL_INTERVAL: Duration = Duration::from_millis(10);

/// Makes the folder and the database where they are missing, and opens it.
pub(crate) fn open(folder: &Path) -> Result<Connection, OpenError> {
    make_folder(folder)?;
    ensure_restored(folder)?;
    // One at a time, because switching a new database to its log and the first migration
    // cannot wait for one another inside SQLite. The lock ends with the variable.
    let _lock = lock(folder)?;
    let path = folder.join(DATABASE_FILE_NAME);
    let is_new = make_file(folder, &path)?;
    if !is_new && length(&path) == 0 && length(&beside(&path, "-wal")) > 0 {
        // SQLite would take it for a new one, and throw away what its log still holds.
        return Err(cut_off(&path).into());
    }
    match open_file(folder, &path) {
        // Who has it open holds a lock on it that makes nothing but a new database wait.
        Err(OpenError::Database(Unavailable::Busy { .. })) if is_cut_off(length(&path)) => {
            Err(cut_off(&path).into())
        }
        opened => opened,
    }
}

/// Refuses a folder in which only a part of a backup may be in its place.
pub(crate) fn ensure_restored(folder: &Path) -> Result<(), OpenError> {
    let unfinished = folder.join(RESTORE_FOLDER);
    if unfinished.symlink_metadata().is_ok() {
        return Err(OpenError::Restoring { path: unfinished });
    }
    Ok(())
}

/// Opens the file, and makes it a database where it is empty.
fn open_file(folder: &Path, path: &Path) -> Result<Connection, OpenError> {
    let failed = |error: rusqlite::Error| unavailable(path, error);
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let mut connection = Connection::open_with_flags(path, flags).map_err(failed)?;
    connection.busy_timeout(BUSY_TIMEOUT).map_err(failed)?;
    migration::check(&connection, path)?;
    close_to_others(folder, path)?;
    if connection.is_readonly("main").map_err(failed)? {
        return Err(Unavailable::ReadOnly {
            path: path.to_owned(),
        }
        .into());
    }
    let mode: String = connection
        .pragma_update_and_check(None, "journal_mode", "wal", |row| row.get(0))
        .map_err(failed)?;
    if mode != "wal" {
        return Err(OpenError::NoWriteAheadLog {
            path: path.to_owned(),
        });
    }
    prepare(&connection, path)?;
    migration::migrate(&mut connection, path)?;
    Ok(connection)
}

/// Settings of a connection, as opposed to those of the file.
fn prepare(connection: &Connection, path: &Path) -> Result<(), Unavailable> {
    let failed = |error: rusqlite::Error| unavailable(path, error);
    // FULL: a commit has reached the disk when it returns, also when the power fails after it.
    connection
        .pragma_update(None, "synchronous", "full")
        .map_err(failed)?;
    connection
        .pragma_update(None, "foreign_keys", true)
        .map_err(failed)?;
    // The file may have been changed by others: no functions from its schema, no direct writes
    // to its inner tables.
    connection
        .set_db_config(DbConfig::SQLITE_DBCONFIG_TRUSTED_SCHEMA, false)
        .map_err(failed)?;
    connection
        .set_db_config(DbConfig::SQLITE_DBCONFIG_DEFENSIVE, true)
        .map_err(failed)?;
    Ok(())
}

/// Makes the state folder for its owner alone. A folder that exists keeps its permissions.
fn make_folder(folder: &Path) -> Result<(), OpenError> {
    let path = || folder.to_owned();
    match fs::metadata(folder) {
        Ok(metadata) if metadata.is_dir() => return Ok(()),
        Ok(_) => return Err(OpenError::NotAFolder { path: path() }),
        Err(error) if error.kind() == io::ErrorKind::NotFound => {}
        Err(source) => {
            return Err(OpenError::Folder {
                path: path(),
                source,
            });
        }
    }
    DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(folder)
        .map_err(|source| OpenError::Folder {
            path: path(),
            source,
        })
}

/// Waits until no other process or thread is opening the folder.
fn lock(folder: &Path) -> Result<File, OpenError> {
    let failed = |source| OpenError::Folder {
        path: folder.to_owned(),
        source,
    };
    let handle = File::open(folder).map_err(failed)?;
    let deadline = Instant::now() + OPEN_TIMEOUT;
    loop {
        match handle.try_lock() {
            Ok(()) => return Ok(handle),
            Err(TryLockError::Error(source)) => return Err(failed(source)),
            Err(TryLockError::WouldBlock) if Instant::now() >= deadline => {
                return Err(OpenError::FolderLocked {
                    path: folder.to_owned(),
                });
            }
            // The system's own wait for a lock knows no deadline.
            Err(TryLockError::WouldBlock) => thread::sleep(LOCK_POLL_INTERVAL),
        }
    }
}

/// Makes the database file for its owner alone, where there is none.
///
/// A file that exists is never opened here: closing it would drop the locks that another
/// handle of this process holds on it. Whether it was made.
fn make_file(folder: &Path, path: &Path) -> Result<bool, OpenError> {
    let made = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(path);
    match made {
        Ok(_) => Ok(true),
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(false),
        Err(error) => Err(folder_error(folder, error)),
    }
}

/// Closes a database that is ours and open to others, with what `SQLite` keeps beside it: it gave
/// those files the permissions that the database had when they were made.
fn close_to_others(folder: &Path, path: &Path) -> Result<(), OpenError> {
    for file in [path.to_owned(), beside(path, "-wal"), beside(path, "-shm")] {
        let metadata = match fs::metadata(&file) {
            Ok(metadata) => metadata,
            Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
            Err(error) => return Err(folder_error(folder, error)),
        };
        if metadata.is_file() && metadata.permissions().mode() & 0o077 != 0 {
            match fs::set_permissions(&file, fs::Permissions::from_mode(0o600)) {
                // Whoever had the database open last took it away.
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                set => set.map_err(|error| folder_error(folder, error))?,
            }
        }
    }
    Ok(())
}

fn folder_error(folder: &Path, source: io::Error) -> OpenError {
    let path = folder.to_owned();
    match source.kind() {
        io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem => {
            OpenError::FolderReadOnly { path }
        }
        _ => OpenError::Folder { path, source },
    }
}

/// Whether a file of this length holds less than a page of the smallest size that there is. A new
/// one has no byte, until it is a database.
pub(crate) const fn is_cut_off(bytes: u64) -> bool {
    bytes < 512
}

/// How long a file is; none for one that is not there. It is not opened, for the same reason as
/// above.
pub(crate) fn length(path: &Path) -> u64 {
    fs::metadata(path).map_or(0, |metadata| metadata.len())
}

/// A file of `SQLite` beside the database: `-wal` holds what it has not moved there yet.
pub(crate) fn beside(path: &Path, ending: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(ending);
    name.into()
}

#[cfg(test)]
mod tests;
