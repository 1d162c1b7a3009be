//! The handle of the call log.

use std::fmt;

use bytes::Bytes;
use jiff::Timestamp;

use crate::calls::{CALL_LIMIT_BYTES, CallCounts, CallPlace, CallRecord};
use crate::engine::{Engine, Shared};
use crate::error::Unavailable;

/// The call log of a [`Store`](crate::Store). Clones are cheap and reach the same.
///
/// Several processes may write to one: each has files of its own. What a record says is known to who
/// writes it.
#[derive(Clone)]
pub struct Calls {
    pub(crate) engine: Shared,
}

impl Calls {
    /// Writes a record soon: within [`CALL_SYNC_INTERVAL`](crate::CALL_SYNC_INTERVAL), or when a
    /// MiB waits. Whether it was taken; one that was not is counted. Never waits.
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

    /// Records behind a place, at most `limit`: those that were written.
    ///
    /// Fewer than `limit` are all there are now. What is damaged is left out, and an error in the
    /// log of the process tells of it once.
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

    /// Takes the oldest files away until this many bytes are left, and those of which all is older
    /// than `before`. How many bytes went.
    ///
    /// Files have 8 MiB and a group of records, and the newest stays: it may be written. For its age
    /// only the oldest file goes, and those of the day behind it, so a clock that is wrong does not
    /// take everything away at once. Where no call was ever recorded, nothing is made.
    pub async fn retain(&self, bytes: u64, before: Timestamp) -> Result<u64, Unavailable> {
        match &*self.engine {
            Engine::Embedded(embedded) => embedded.retain_calls(bytes, before).await,
            Engine::Memory(memory) => memory.try_write(|tables| tables.calls.retain(bytes, before)),
        }
    }

    /// What became of records.
    pub fn counts(&self) -> CallCounts {
        match &*self.engine {
            Engine::Embedded(embedded) => embedded.call_counts(),
            Engine::Memory(memory) => memory.read(|tables| tables.calls.counts()),
        }
    }
}

impl fmt::Debug for Calls {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Calls").finish_non_exhaustive()
    }
}
