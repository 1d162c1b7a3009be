//! What a store that several machines share may do, said by a test.

use std::fmt;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};

use crate::engine::{Engine, Shared};
use crate::error::Unavailable;
use crate::names::{Epoch, LaneId, Name};

/// How often a change is tried that finds others in its way, before it is given up.
pub(crate) const CONFLICT_LIMIT: u32 = 10;

/// What goes wrong next.
#[derive(Default)]
pub(super) struct Faults {
    conflicts: AtomicU32,
    is_away: AtomicBool,
}

impl Faults {
    pub(super) fn is_here(&self) -> Result<(), Unavailable> {
        if self.is_away.load(Ordering::Relaxed) {
            return Err(Unavailable::Away { path: path() });
        }
        Ok(())
    }

    /// Whether the change that is tried now finds another in its way.
    pub(super) fn is_conflict(&self) -> Result<bool, Unavailable> {
        let left = self.conflicts.load(Ordering::Relaxed);
        if left > CONFLICT_LIMIT {
            self.conflicts.fetch_sub(CONFLICT_LIMIT, Ordering::Relaxed);
            return Err(Unavailable::Contended { path: path() });
        }
        if left > 0 {
            self.conflicts.fetch_sub(1, Ordering::Relaxed);
        }
        Ok(left > 0)
    }
}

fn path() -> PathBuf {
    PathBuf::from("(in memory)")
}

/// The other side of a [`Store`](crate::Store) in memory: it does to it what other machines and a
/// network do to a store that is shared, so that whatever is built on the face can be tried with it.
pub struct Model {
    engine: Shared,
}

impl Model {
    pub(crate) fn new(engine: Shared) -> Self {
        Self { engine }
    }

    /// Lets the next changes find another one in their way, and have to be made again. Above ten in a
    /// row a change fails with [`Unavailable::Contended`].
    pub fn conflict(&self, count: u32) {
        self.with(|memory| memory.faults.conflicts.store(count, Ordering::Relaxed));
    }

    /// Cuts the store off, or brings it back. While it is away all fails with
    /// [`Unavailable::Away`].
    pub fn away(&self, is_away: bool) {
        self.with(|memory| memory.faults.is_away.store(is_away, Ordering::Relaxed));
    }

    /// Lets another node have a lease from now on, until [`Self::give_back`].
    pub fn take_lease(&self, name: &Name) {
        self.with(|memory| memory.write(|tables| tables.leases.take_away(name)));
    }

    /// Ends the lease of another node.
    pub fn give_back(&self, name: &Name) {
        self.with(|memory| memory.write(|tables| tables.leases.give_back(name)));
    }

    /// Lets another node own a lane from now on.
    pub fn take_lane(&self, lane: LaneId) -> Epoch {
        // Another node is not cut off where this one is.
        let taken = self.with(|memory| {
            let epoch = memory.write(|tables| tables.events.own(lane));
            memory.tell();
            epoch
        });
        taken.unwrap_or_default()
    }

    fn with<T>(&self, act: impl FnOnce(&super::Memory) -> T) -> Option<T> {
        match &*self.engine {
            Engine::Memory(memory) => Some(act(memory)),
            Engine::Embedded(_) => None,
        }
    }
}

impl fmt::Debug for Model {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Model").finish_non_exhaustive()
    }
}
