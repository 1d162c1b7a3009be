//! What an engine tells of its state to who follows it.

use crate::error::Unavailable;

/// What is known of the state, as the engine tells it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Condition {
    pub(crate) mark: Mark,
    /// Why it cannot be followed now.
    pub(crate) problem: Option<Unavailable>,
}

/// What tells one content from another. It orders nothing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Mark {
    /// How often another file was found in the place of the one before.
    pub(crate) replacements: u64,
    /// How often the file was opened again.
    pub(crate) openings: u64,
    /// What the engine counts changes by.
    pub(crate) version: u64,
}

impl Condition {
    /// Whether there is nothing to say of `other` to who knows this one.
    pub(crate) fn is_same(&self, other: &Self) -> bool {
        let words = |of: &Self| of.problem.as_ref().map(ToString::to_string);
        self.mark == other.mark && words(self) == words(other)
    }
}
