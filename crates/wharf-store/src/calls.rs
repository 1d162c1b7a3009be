//! The call log: a record of each call, on disk within a second.
//!
//! It never makes a call wait. What it has no room for is dropped and counted. How many bytes are
//! kept is decided by who calls [`Calls::retain`](crate::Calls::retain), now and then.

pub(crate) mod check;
pub(crate) mod damage;
pub(crate) mod files;
pub(crate) mod writer;

use std::time::Duration;

use bytes::Bytes;
use jiff::Timestamp;

/// Longest record, in bytes; a longer one is dropped.
pub const CALL_LIMIT_BYTES: usize = 16 * 1024;

/// Most records that wait to be taken by the thread that writes; what comes above is dropped.
pub const CALL_QUEUE_LIMIT: usize = 16 * 1024;

/// Most bytes of records that wait to be written or are being written; what comes above is dropped.
pub const CALL_QUEUE_LIMIT_BYTES: usize = 16 * 1024 * 1024;

/// Longest time after which a record is on disk, unless the disk is slower. A crash loses what is
/// younger.
pub const CALL_SYNC_INTERVAL: Duration = Duration::from_secs(1);

/// A record that was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CallRecord {
    /// Where it is; reading goes on behind it.
    pub place: CallPlace,
    /// When the call was. Kept to the microsecond.
    pub at: Timestamp,
    /// What was written of it.
    pub record: Bytes,
}

/// A place in the call log. Records of one process stand in the order in which they were written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CallPlace {
    /// Number of the file.
    pub(crate) file: u64,
    /// Behind which byte of it.
    pub(crate) behind: u64,
}

impl CallPlace {
    /// Before the first record that is still there.
    pub const START: Self = Self { file: 0, behind: 0 };
}

/// What became of records since the store was opened.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct CallCounts {
    /// On disk.
    pub kept: u64,
    /// There was no room, or the disk failed.
    pub dropped: u64,
}

#[cfg(test)]
mod tests;
