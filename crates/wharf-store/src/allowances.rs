//! Allowances: money and quota, taken in chunks that are on disk before they are spent.

use std::fmt;

use crate::engine::{Embedded, Engine, Shared};
use crate::error::Unavailable;
use crate::names::Name;

/// The most units that an allowance may have; more counts as this.
pub const UNIT_LIMIT: u64 = i64::MAX as u64;

/// Allowances of a [`Store`](crate::Store). Clones are cheap and reach the same.
///
/// A chunk counts as spent when it is taken. Settling it gives back what was not; after a crash
/// nobody settles it, so the whole chunk stays spent: the cap holds, and the error is one chunk.
#[derive(Clone)]
pub struct Allowances {
    pub(crate) engine: Shared,
}

/// What an allowance is called: a name, and which period of it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AllowanceKey {
    /// What is limited.
    pub name: Name,
    /// Which month, day or other period, as its user numbers them.
    pub period: i64,
}

/// A part of an allowance that may be spent.
#[derive(Debug)]
#[must_use = "what is not settled counts as spent"]
pub struct Chunk {
    pub(crate) id: i64,
    pub(crate) units: u64,
}

impl Chunk {
    /// How much may be spent.
    pub fn units(&self) -> u64 {
        self.units
    }
}

/// How an allowance stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Allowance {
    /// The most that may be taken, as was said last.
    pub cap: u64,
    /// What was taken and not given back.
    pub taken: u64,
    /// What of it is known to be spent.
    pub settled: u64,
}

/// A chunk could not be settled; it can be tried again with the chunk.
#[derive(Debug, thiserror::Error)]
#[error(
    "what was spent of an allowance could not be written; until it is, all of it counts as spent"
)]
pub struct SettleError {
    /// The chunk.
    pub chunk: Chunk,
    /// Why.
    #[source]
    source: Unavailable,
}

impl Allowances {
    /// Takes up to `want` units of what is left of `cap`. `None`: nothing is left.
    ///
    /// `cap` is the one that counts from now on; below what was taken already, nothing is left.
    /// Dropped, the chunk may be taken, and counts as spent.
    pub async fn take(
        &self,
        key: &AllowanceKey,
        cap: u64,
        want: u64,
    ) -> Result<Option<Chunk>, Unavailable> {
        let (cap, want) = (cap.min(UNIT_LIMIT), want.min(UNIT_LIMIT));
        match &*self.engine {
            Engine::Embedded(Embedded { sqlite, .. }) => {
                sqlite.take_allowance(key.clone(), cap, want).await
            }
            Engine::Memory(memory) => {
                memory.try_write(|tables| tables.allowances.take(key, cap, want))
            }
        }
    }

    /// Says what of a chunk was spent, and gives the rest back. More than the chunk has counts as
    /// all of it. A chunk of a period that was forgotten is none any more.
    pub async fn settle(&self, chunk: Chunk, spent: u64) -> Result<(), SettleError> {
        let done = match &*self.engine {
            Engine::Embedded(Embedded { sqlite, .. }) => sqlite.settle_chunk(chunk.id, spent).await,
            Engine::Memory(memory) => {
                memory.try_write(|tables| tables.allowances.settle(chunk.id, spent))
            }
        };
        done.map_err(|source| SettleError { chunk, source })
    }

    /// How an allowance stands; `None` where nothing was ever taken of it.
    pub async fn look(&self, key: &AllowanceKey) -> Result<Option<Allowance>, Unavailable> {
        match &*self.engine {
            Engine::Embedded(Embedded { sqlite, .. }) => sqlite.allowance(key.clone()).await,
            Engine::Memory(memory) => memory.try_read(|tables| tables.allowances.look(key)),
        }
    }

    /// Forgets the periods of a name that are before one, with their chunks. How many there were.
    pub async fn forget(&self, name: &Name, before: i64) -> Result<usize, Unavailable> {
        match &*self.engine {
            Engine::Embedded(Embedded { sqlite, .. }) => {
                sqlite.forget_allowances(name.clone(), before).await
            }
            Engine::Memory(memory) => {
                memory.try_write(|tables| tables.allowances.forget(name, before))
            }
        }
    }
}

impl fmt::Debug for Allowances {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Allowances").finish_non_exhaustive()
    }
}
