//! What `SQLite` says, sorted by what a person can do about it.

use std::path::Path;

use rusqlite::ErrorCode;

use super::open;
use crate::error::{Cause, Unavailable};

/// Why statements did not do what they should.
pub(crate) enum Failure {
    Engine(rusqlite::Error),
    /// A row of this table that the program did not write.
    Row(&'static str),
}

impl From<rusqlite::Error> for Failure {
    fn from(error: rusqlite::Error) -> Self {
        Self::Engine(error)
    }
}

/// For a file that is cut off.
pub(super) fn cut_off(path: &Path) -> Unavailable {
    Unavailable::CutOff {
        path: path.to_owned(),
        bytes: open::length(path),
    }
}

/// What a person can do about a failure.
pub(super) fn unavailable(path: &Path, failure: impl Into<Failure>) -> Unavailable {
    let path = path.to_owned();
    let error = match failure.into() {
        Failure::Engine(error) => error,
        Failure::Row(table) => return Unavailable::Row { path, table },
    };
    match error.sqlite_error_code() {
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => Unavailable::Busy { path },
        Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => Unavailable::Damaged {
            path,
            source: Cause::of(&error),
        },
        Some(ErrorCode::DiskFull) => Unavailable::DiskFull { path },
        Some(ErrorCode::ReadOnly | ErrorCode::PermissionDenied) => Unavailable::ReadOnly { path },
        // A full disk shows as this one too: the shared memory beside the log cannot grow.
        Some(ErrorCode::SystemIoFailure) => Unavailable::Disk {
            path,
            code: error.sqlite_error().map_or(0, |error| error.extended_code),
        },
        _ => Unavailable::Failed {
            path,
            source: Cause::of(&error),
        },
    }
}

#[cfg(test)]
mod tests;
