//! Who is let in.

use std::fmt;
use std::ops::Deref;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use wharf_policy::caller::TokenHash;

use crate::lookup::Lookup;

/// How often whatever waits for a caller looks whether it was removed.
pub(crate) const LOOK: Duration = Duration::from_millis(500);

/// A caller that is let in, until it is removed.
#[derive(Debug)]
pub(crate) struct Caller {
    name: String,
    removed: AtomicBool,
}

impl Caller {
    fn new(name: String) -> Arc<Self> {
        Arc::new(Self {
            name,
            removed: AtomicBool::new(false),
        })
    }

    /// Whether its token was taken back, so that nothing more may flow to it.
    pub(crate) fn is_removed(&self) -> bool {
        self.removed.load(Ordering::Relaxed)
    }
}

impl Deref for Caller {
    type Target = str;

    fn deref(&self) -> &str {
        &self.name
    }
}

impl fmt::Display for Caller {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.name)
    }
}

/// The callers that are let in, by the hash of their token.
#[derive(Clone, Debug, Default)]
pub struct CallerDirectory {
    callers: Lookup<TokenHash, Arc<Caller>>,
}

impl CallerDirectory {
    /// A directory of these callers.
    pub fn new(callers: impl IntoIterator<Item = (TokenHash, String)>) -> Self {
        Self {
            callers: callers
                .into_iter()
                .map(|(hash, name)| (hash, Caller::new(name)))
                .collect(),
        }
    }

    pub(crate) fn get(&self, hash: &TokenHash) -> Option<&Arc<Caller>> {
        self.callers.get(hash)
    }

    /// How many callers there are.
    pub fn len(&self) -> usize {
        self.callers.len()
    }

    /// Whether nobody is let in.
    pub fn is_empty(&self) -> bool {
        self.callers.is_empty()
    }

    /// Who is let in.
    pub(crate) fn names(&self) -> impl Iterator<Item = &str> {
        self.callers.values().map(|caller| caller.name.as_str())
    }

    /// Takes the place of `old`: who is in both stays the same, so that what flows to it goes on.
    #[must_use]
    pub(crate) fn after(mut self, old: &Self) -> Self {
        for (hash, caller) in &mut self.callers {
            if let Some(known) = old
                .callers
                .get(hash)
                .filter(|known| known.name == caller.name)
            {
                *caller = Arc::clone(known);
            }
        }
        self
    }

    /// Marks as removed who is in `old` and no more in this one.
    pub(crate) fn retire(&self, old: &Self) {
        for (hash, caller) in &old.callers {
            if !self
                .callers
                .get(hash)
                .is_some_and(|now| Arc::ptr_eq(now, caller))
            {
                // Relaxed: a call that still finds it unset is one that came a moment earlier.
                caller.removed.store(true, Ordering::Relaxed);
            }
        }
    }
}
