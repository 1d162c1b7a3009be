//! What is appended, and what is read again.

use bytes::Bytes;
use jiff::Timestamp;

use crate::names::{Name, Place};
use crate::time::kept;

/// Most events that are appended at once.
pub const BATCH_COUNT_LIMIT: usize = 512;

/// Most bytes of all events of one batch: bodies, meta data, names and keys, with 64 more for each
/// event.
pub const BATCH_LIMIT_BYTES: usize = 16 * 1024 * 1024;

/// Most bytes of appends that wait for the disk at once, an event counting for 1 KiB more than its body
/// and meta data. What comes above is refused, whether or not those who brought the others still wait.
pub const WAITING_LIMIT_BYTES: usize = 64 * 1024 * 1024;

/// Longest dedupe key, in bytes.
pub const KEY_LIMIT_BYTES: usize = 64 * 1024;

/// Room for what is fixed in an event, in bytes. [`ReadLimit`](crate::ReadLimit) tells it too.
const FIXED_BYTES: usize = 64;

/// An event that is to be stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewEvent {
    /// Where it came from. Dedupe keys of one source mean nothing to another.
    pub source: Name,
    /// What kind of event it is, in the source's words.
    pub kind: Name,
    /// What tells it from others of its source: of two with the same, the second is a duplicate.
    /// Without one it never is.
    pub key: Option<Bytes>,
    /// Events that are to stay in order have the same number here.
    pub order: Option<u64>,
    /// When it came. Kept to the microsecond.
    pub at: Timestamp,
    /// What belongs to it and is not its body, such as headers.
    pub meta: Bytes,
    /// What was received.
    pub body: Bytes,
}

/// An event that is stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    /// Where it is, and what it is called by.
    pub place: Place,
    /// Where it came from.
    pub source: Name,
    /// What kind of event it is.
    pub kind: Name,
    /// What its order number was.
    pub order: Option<u64>,
    /// When it came.
    pub at: Timestamp,
    /// What belongs to it and is not its body.
    pub meta: Bytes,
    /// What was received.
    pub body: Bytes,
}

impl Event {
    /// What it counts for where bytes are limited.
    pub(crate) fn weight_bytes(&self) -> usize {
        self.body.len() + self.meta.len() + FIXED_BYTES
    }
}

/// Events that are stored together, all of them or none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Batch(Vec<NewEvent>);

/// Events are no [`Batch`].
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BatchError {
    /// There is none.
    #[error("no event to store")]
    Empty,
    /// There are too many.
    #[error("{count} events are to be stored at once; the most is {BATCH_COUNT_LIMIT}")]
    TooMany {
        /// How many there are.
        count: usize,
    },
    /// They are too large together.
    #[error("{bytes} bytes are to be stored at once; the most is {BATCH_LIMIT_BYTES}")]
    TooLarge {
        /// How many bytes they have.
        bytes: usize,
    },
    /// A dedupe key is too long.
    #[error("a dedupe key has {bytes} bytes; the most is {KEY_LIMIT_BYTES}")]
    KeyTooLong {
        /// How long it is.
        bytes: usize,
    },
}

impl Batch {
    /// Checks the bounds: one to [`BATCH_COUNT_LIMIT`] events with [`BATCH_LIMIT_BYTES`] at most.
    pub fn new(mut events: Vec<NewEvent>) -> Result<Self, BatchError> {
        match events.len() {
            0 => return Err(BatchError::Empty),
            count if count > BATCH_COUNT_LIMIT => return Err(BatchError::TooMany { count }),
            _ => {}
        }
        let keys = events.iter().filter_map(|event| event.key.as_ref());
        if let Some(bytes) = keys.map(Bytes::len).find(|&bytes| bytes > KEY_LIMIT_BYTES) {
            return Err(BatchError::KeyTooLong { bytes });
        }
        let sizes = events.iter().map(|event| {
            FIXED_BYTES
                + event.body.len()
                + event.meta.len()
                + event.source.as_str().len()
                + event.kind.as_str().len()
                + event.key.as_ref().map_or(0, Bytes::len)
        });
        let bytes = sizes.sum();
        if bytes > BATCH_LIMIT_BYTES {
            return Err(BatchError::TooLarge { bytes });
        }
        for event in &mut events {
            event.at = kept(event.at);
        }
        Ok(Self(events))
    }

    pub(crate) fn into_events(self) -> Vec<NewEvent> {
        self.0
    }
}

#[cfg(test)]
mod tests;
