//! Allowances: money and quota, taken in chunks that are on disk before they are spent.

use crate::error::Unavailable;
use crate::names::Name;

/// The most units that an allowance may have; more counts as this.
pub const UNIT_LIMIT: u64 = i64::MAX as u64;

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
    pub(crate) source: Unavailable,
}
