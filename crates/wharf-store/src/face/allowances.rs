//! The handle by which allowances are taken and settled.

use std::fmt;

use crate::allowances::{Allowance, AllowanceKey, Chunk, SettleError, UNIT_LIMIT};
use crate::engine::{Embedded, Engine, Shared};
use crate::error::Unavailable;
use crate::names::Name;

/// Allowances of a [`Store`](crate::Store). Clones are cheap and reach the same.
///
/// A chunk counts as spent when it is taken. Settling it gives back what was not; after a crash
/// nobody settles it, so the whole chunk stays spent: the cap holds, and the error is one chunk.
#[derive(Clone)]
pub struct Allowances {
    pub(crate) engine: Shared,
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
