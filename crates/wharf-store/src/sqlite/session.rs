//! One connection to the database, and which file it is a connection to.

mod checks;

use std::fs;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use rusqlite::Connection;

use self::checks::{Checks, Judgement};
use super::error::{Failure, cut_off, unavailable};
use super::open::{self, DATABASE_FILE_NAME};
use crate::condition::Mark;
use crate::error::{Cause, OpenError, Unavailable};

/// A connection that is made anew where its file has become another one.
pub(super) struct Session {
    folder: PathBuf,
    path: PathBuf,
    connection: Connection,
    /// What was opened.
    file: Option<FileMark>,
    replacements: u64,
    openings: u64,
    /// Shared by the connections to one database.
    checks: Arc<Mutex<Checks>>,
    /// Since it was opened, the file was written to, and nobody has read it whole yet.
    is_unchecked: bool,
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

/// What has become of the file that a [`Session`] has opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Standing {
    /// It is where it was, and its pages are as they were when it was opened.
    Untouched,
    /// It is where it was, and somebody has written to it. That is ordinary; it may also be
    /// damage, which an open connection does not see. Opening it again and reading it tells.
    Written,
    /// It is where it was, and less is in it than the smallest database has. `SQLite` would take it
    /// for a new one, and wait for the lock that the open connection holds on it.
    CutOff,
    /// Another file is in its place.
    Replaced,
    /// There is no file.
    Gone,
}

impl Session {
    /// Opens the database in a folder; makes both where they are missing.
    pub(super) fn open(folder: &Path) -> Result<Self, OpenError> {
        let connection = open::open(folder)?;
        let path = folder.join(DATABASE_FILE_NAME);
        Ok(Self {
            file: FileMark::of(&path),
            folder: folder.to_owned(),
            path,
            connection,
            replacements: 0,
            openings: 0,
            checks: Arc::default(),
            is_unchecked: false,
        })
    }

    /// A second connection to the same.
    pub(super) fn beside(&self) -> Result<Self, OpenError> {
        Ok(Self {
            checks: Arc::clone(&self.checks),
            ..Self::open(&self.folder)?
        })
    }

    /// The database file, for messages.
    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// What has become of the file. Costs one look at it.
    pub(super) fn standing(&self) -> Standing {
        match (FileMark::of(&self.path), self.file) {
            (None, _) => Standing::Gone,
            (Some(now), Some(opened)) if now == opened => Standing::Untouched,
            (Some(now), Some(opened)) if now.is_same_file(opened) => {
                if open::is_cut_off(now.bytes) {
                    Standing::CutOff
                } else {
                    Standing::Written
                }
            }
            (Some(_), _) => Standing::Replaced,
        }
    }

    /// The connection, to the file that is there now: a connection to a deleted file goes on
    /// working and sees nothing of the new one, and one to a file that was written to sees no
    /// damage.
    ///
    /// A file that is gone stays an error: opening would make a new one, without any record.
    pub(super) fn ready(&mut self) -> Result<&mut Connection, Unavailable> {
        match self.standing() {
            Standing::Untouched => {}
            Standing::Gone => return Err(Unavailable::moved(&self.path)),
            // Opened, one without a byte would be a new one too.
            Standing::CutOff => return Err(cut_off(&self.path)),
            Standing::Written | Standing::Replaced => self.renew()?,
        }
        if self.is_unchecked {
            self.check()?;
        }
        Ok(&mut self.connection)
    }

    fn renew(&mut self) -> Result<(), Unavailable> {
        let fresh = Self::open(&self.folder).map_err(Unavailable::not_reopened)?;
        let is_replaced = self.standing() == Standing::Replaced;
        if is_replaced {
            self.checks().forget();
        }
        *self = Self {
            replacements: self.replacements + u64::from(is_replaced),
            openings: self.openings + 1,
            checks: Arc::clone(&self.checks),
            is_unchecked: true,
            ..fresh
        };
        Ok(())
    }

    /// Reads the file whole, where nobody has and it is time; else says what is known of it.
    fn check(&mut self) -> Result<(), Unavailable> {
        let Some(mark) = self.file else {
            // The next look finds that it is gone.
            return Ok(());
        };
        let begun = Instant::now();
        let judgement = self.checks().judge(mark, begun);
        match judgement {
            Judgement::Whole => {}
            Judgement::Damaged(damage) => return Err(damage),
            Judgement::Later => return Ok(()),
            Judgement::Now => {
                let read = self.verify();
                self.checks().end(mark, &read, begun, Instant::now());
                read?;
            }
        }
        self.is_unchecked = false;
        Ok(())
    }

    fn checks(&self) -> MutexGuard<'_, Checks> {
        self.checks.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Reads every page and compares them with each other. Takes milliseconds for callers alone, and
    /// 0.1 s for 100 MB.
    fn verify(&self) -> Result<(), Unavailable> {
        let found: String = self
            .connection
            .pragma_query_value(None, "quick_check", |row| row.get(0))
            .map_err(|error| self.error(error))?;
        if found == "ok" {
            return Ok(());
        }
        Err(Unavailable::Damaged {
            path: self.path.clone(),
            source: Cause::new(found),
        })
    }

    /// Runs statements that change nothing.
    pub(super) fn read<T>(
        &mut self,
        read: impl FnOnce(&Connection) -> Result<T, Failure>,
    ) -> Result<T, Unavailable> {
        let found = read(self.ready()?);
        found.map_err(|failure| self.error(failure))
    }

    /// What tells the content from an earlier one. Costs a look at the file and one at memory that
    /// is shared with other processes.
    pub(super) fn mark(&mut self) -> Result<Mark, Unavailable> {
        let version: u32 = self.read(|connection| {
            Ok(connection.pragma_query_value(None, "data_version", |row| row.get(0))?)
        })?;
        Ok(Mark {
            replacements: self.replacements,
            openings: self.openings,
            version: version.into(),
        })
    }

    /// What a failure comes from: the file may have been cut off under the very statement.
    pub(super) fn error(&self, failure: impl Into<Failure>) -> Unavailable {
        match self.standing() {
            Standing::CutOff => cut_off(&self.path),
            Standing::Untouched | Standing::Written | Standing::Replaced | Standing::Gone => {
                unavailable(&self.path, failure)
            }
        }
    }
}

#[cfg(test)]
mod tests;
