//! The handle by which leases are asked for.

use std::fmt;
use std::time::Duration;

use tokio::time::Instant;

use crate::engine::{Embedded, Engine, Shared};
use crate::error::Unavailable;
use crate::leases::{Lease, TERM_LIMITS};
use crate::names::Name;

/// Leases of a [`Store`](crate::Store). Clones are cheap and reach the same.
///
/// Time is that of the store, not of the caller: a clock that jumps ends no lease and makes none
/// longer. In a store of one machine a lease is always granted: whoever asks last has it, and whoever
/// had it finds that its epoch is old.
#[derive(Clone)]
pub struct Leases {
    pub(crate) engine: Shared,
}

impl Leases {
    /// Asks for a lease. `None`: another one holds it.
    ///
    /// Each holder has a higher epoch than the one before, also one that comes back after its own
    /// has ended. A term outside of [`TERM_LIMITS`] becomes the nearest within. Dropped, the lease
    /// may be held until its term ends.
    pub async fn acquire(&self, name: &Name, term: Duration) -> Result<Option<Lease>, Unavailable> {
        let term = term.clamp(TERM_LIMITS.0, TERM_LIMITS.1);
        let asked = Instant::now();
        let epoch = match &*self.engine {
            Engine::Embedded(Embedded { sqlite, .. }) => {
                Some(sqlite.acquire_lease(name.clone()).await?)
            }
            Engine::Memory(memory) => {
                memory.try_write(|tables| tables.leases.acquire(name, asked, term))?
            }
        };
        Ok(epoch.map(|epoch| Lease::new(name.clone(), epoch, term, asked)))
    }

    /// Makes a lease last for another term from now. `None`: it is over, or another one holds it.
    pub async fn renew(&self, lease: &Lease) -> Result<Option<Lease>, Unavailable> {
        let asked = Instant::now();
        if asked >= lease.valid_until() + lease.term() / 3 {
            return Ok(None);
        }
        let (name, epoch, term) = (lease.name().clone(), lease.epoch(), lease.term());
        let is_held = match &*self.engine {
            Engine::Embedded(Embedded { sqlite, .. }) => sqlite.holds_lease(name, epoch).await?,
            Engine::Memory(memory) => {
                memory.try_write(|tables| tables.leases.renew(&name, epoch, asked, term))?
            }
        };
        Ok(is_held.then(|| Lease::new(lease.name().clone(), epoch, term, asked)))
    }

    /// Gives a lease back before its end. One that is over is none.
    pub async fn release(&self, lease: Lease) -> Result<(), Unavailable> {
        match &*self.engine {
            Engine::Embedded(Embedded { sqlite, .. }) => {
                sqlite
                    .release_lease(lease.name().clone(), lease.epoch())
                    .await
            }
            Engine::Memory(memory) => {
                memory.try_write(|tables| tables.leases.release(lease.name(), lease.epoch()))
            }
        }
    }
}

impl fmt::Debug for Leases {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Leases").finish_non_exhaustive()
    }
}
