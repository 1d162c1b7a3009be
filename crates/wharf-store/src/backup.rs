//! A copy of a state folder that another one can be made of: what counts, and nothing else.
//!
//! ```text
//! wharf-backup     what this folder is: format, time, version, one a line
//! SHA256SUMS       a line for each other file, as `sha256sum -c` reads it
//! wharf.sqlite3    the database, without what was deleted
//! dedupe/…         files of keys
//! log/…            segments, each as far as it is whole
//! calls/…          files of the call log, each as far as it is whole
//! ```
//!
//! Only names on this list are copied: keys, control files, locks and sockets are not on it.

mod copy;
mod error;
mod make;
mod manifest;
mod restore;
#[cfg(test)]
mod tests;

use std::path::Path;

use jiff::Timestamp;

pub use self::error::{BackupError, FileError, RestoreError};
pub use self::make::backup;
pub use self::manifest::BACKUP_FORMAT;
pub use self::restore::restore;
use crate::check::Report;
use crate::disk::{Disk as _, RealDisk};
use crate::log::segment;

/// A backup that was made.
#[derive(Clone, Debug)]
pub struct Backup {
    /// Files in it, those that describe it included.
    pub file_count: u64,
    /// Their bytes.
    pub bytes: u64,
    /// What reading all of it came to: damage that was there before is in it too.
    pub report: Report,
}

/// A state folder that was restored.
#[derive(Clone, Debug)]
pub struct Restored {
    /// When the backup was made.
    pub time: Timestamp,
    /// Which version of the program made it.
    pub version: String,
    /// Files that were put back.
    pub file_count: u64,
    /// Their bytes.
    pub bytes: u64,
    /// What reading all of it came to.
    pub report: Report,
}

/// Whether events lie in a state folder. What cannot be looked at has none.
pub fn has_events(folder: &Path) -> bool {
    let entries = RealDisk::new(folder).list(segment::FOLDER);
    entries.is_ok_and(|all| all.iter().any(|one| segment::number(&one.name).is_some()))
}
