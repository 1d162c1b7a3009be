//! How much may wait for the writer at once.
//!
//! A caller that goes away while the disk hangs leaves all of its change in the queue, and comes again.
//! So what waits is counted, not who waits.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use super::group::Change;
use crate::events::WAITING_LIMIT_BYTES;

/// Room for what waits. Clones are the same room.
#[derive(Clone, Debug, Default)]
pub(crate) struct Room(Arc<Inner>);

#[derive(Debug, Default)]
struct Inner {
    waiting_bytes: AtomicUsize,
    /// Something was refused, and not half of what waited then was written since.
    is_full: AtomicBool,
}

/// A part of it, until this is dropped.
#[derive(Debug)]
pub(crate) struct Taken {
    bytes: usize,
    room: Room,
}

/// There is too little room.
pub(super) struct Full {
    /// Nothing was refused for a while before.
    pub(super) is_news: bool,
}

impl Room {
    /// Room for a change. What is done with events may take as much again as they may: it makes room on
    /// the disk, and deliveries wait for it.
    pub(super) fn take(&self, change: &Change) -> Result<Taken, Full> {
        let limit = match change {
            Change::Append { .. } => WAITING_LIMIT_BYTES,
            _ => 2 * WAITING_LIMIT_BYTES,
        };
        let bytes = change.bytes();
        let before = self.0.waiting_bytes.fetch_add(bytes, Ordering::Relaxed);
        let taken = Taken {
            bytes,
            room: self.clone(),
        };
        if before.saturating_add(bytes) <= limit {
            return Ok(taken);
        }
        let is_news = !self.0.is_full.swap(true, Ordering::Relaxed);
        Err(Full { is_news })
    }

    /// Whether something was refused, and not half of what waited then was written since.
    pub(super) fn is_full(&self) -> bool {
        self.0.is_full.load(Ordering::Relaxed)
    }
}

impl Drop for Taken {
    fn drop(&mut self) {
        let inner = &self.room.0;
        let before = inner.waiting_bytes.fetch_sub(self.bytes, Ordering::Relaxed);
        let is_half = before.saturating_sub(self.bytes) <= WAITING_LIMIT_BYTES / 2;
        if is_half && self.room.is_full() && inner.is_full.swap(false, Ordering::Relaxed) {
            tracing::info!("events are taken again: enough of what waited for the disk is written");
        }
    }
}
