//! What is small and changes, one file for each kind of record.

mod audit;
pub(crate) mod callers;
mod journal;
mod notices;
pub(crate) mod sealed;

use std::fmt;
use std::sync::Arc;

use crate::audit::Actor;
use crate::engine::Shared;

/// The records of a [`Store`](crate::Store). Clones are cheap and reach the same.
#[derive(Clone)]
pub struct Records {
    engine: Shared,
    /// Who changes something through this handle, where that is to be kept.
    attempt: Option<Arc<Actor>>,
}

impl Records {
    pub(crate) fn new(engine: Shared) -> Self {
        Self {
            engine,
            attempt: None,
        }
    }
}

impl fmt::Debug for Records {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Records").finish_non_exhaustive()
    }
}
