//! The call log: a record of each call, on disk within a second, within a bound of bytes.
//!
//! It never makes a call wait. What it has no room for is dropped and counted.

pub(crate) mod files;
pub(crate) mod writer;

use std::fmt;
use std::time::Duration;

use bytes::Bytes;
use jiff::Timestamp;

use crate::engine::{Engine, Shared};
use crate::error::Unavailable;

/// Longest record, in bytes; a longer one is dropped.
pub const CALL_LIMIT_BYTES: usize = 16 * 1024;

/// Most records that wait to be written; what comes above is dropped.
pub const CALL_QUEUE_LIMIT: usize = 16 * 1024;

/// Longest time after which a record is on disk, unless the disk is slower. A crash loses what is
/// younger.
pub const CALL_SYNC_INTERVAL: Duration = Duration::from_secs(1);

/// The call log of a [`Store`](crate::Store). Clones are cheap and reach the same.
///
/// Several processes may write to one: each has files of its own. What a record says is known to who
/// writes it.
#[derive(Clone)]
pub struct Calls {
    pub(crate) engine: Shared,
}

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

impl Calls {
    /// Writes a record soon. Whether it was taken; one that was not is counted.
    pub fn record(&self, at: Timestamp, record: Bytes) -> bool {
        let is_small = record.len() <= CALL_LIMIT_BYTES;
        match &*self.engine {
            Engine::Embedded(embedded) => embedded.calls().record(at, record, is_small),
            Engine::Memory(memory) => {
                memory.write_unseen(|tables| tables.calls.record(at, record, is_small))
            }
        }
    }

    /// Waits until what was recorded before is on disk, or is known to be lost.
    pub async fn flush(&self) {
        match &*self.engine {
            Engine::Embedded(embedded) => embedded.calls().flush().await,
            Engine::Memory(_) => {}
        }
    }

    /// Records behind a place, at most `limit`, those on disk alone.
    ///
    /// Fewer than `limit` are all there are now. A record that is damaged is left out, and told.
    pub async fn read(
        &self,
        behind: CallPlace,
        limit: usize,
    ) -> Result<Vec<CallRecord>, Unavailable> {
        match &*self.engine {
            Engine::Embedded(embedded) => embedded.calls().read(behind, limit).await,
            Engine::Memory(memory) => memory.try_read(|tables| tables.calls.read(behind, limit)),
        }
    }

    /// Takes the oldest files away until this many bytes are left, and those that are older than
    /// `before`. How many bytes went.
    pub async fn retain(&self, bytes: u64, before: Timestamp) -> Result<u64, Unavailable> {
        match &*self.engine {
            Engine::Embedded(embedded) => embedded.calls().retain(bytes, before).await,
            Engine::Memory(memory) => memory.try_write(|tables| tables.calls.retain(bytes, before)),
        }
    }

    /// What became of records.
    pub fn counts(&self) -> CallCounts {
        match &*self.engine {
            Engine::Embedded(embedded) => embedded.calls().counts(),
            Engine::Memory(memory) => memory.read(|tables| tables.calls.counts()),
        }
    }
}

impl fmt::Debug for Calls {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Calls").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
