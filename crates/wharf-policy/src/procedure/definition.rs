//! What a procedure is to do: its kind and its steps, in order.

use std::collections::BTreeSet;
use std::time::Duration;

use crate::bounded::Name;

/// Most steps of a procedure.
pub const MOST_STEPS: usize = 64;

/// Most attempts that a step may ask for.
pub const MOST_ATTEMPTS: u16 = 1_000;

/// Longest time that a step may wait after the one before.
pub const LONGEST_WAIT: Duration = Duration::from_secs(366 * 24 * 3_600);

/// What is done where a step was begun and nobody knows whether it was done, as after a crash.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unknown {
    /// It is done again: who does it knows the key, and does it once.
    Repeat,
    /// Who does it is asked whether it was done.
    Ask,
    /// A person looks and decides.
    Person,
}

/// What becomes of a run whose step could not be done, after its last attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GivenUp {
    /// The run ends as failed.
    End,
    /// It goes on with the next step.
    GoOn,
    /// A person decides.
    Person,
}

/// One step of a procedure.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    pub(super) name: Name,
    pub(super) after: Duration,
    pub(super) most_attempts: u16,
    pub(super) unknown: Unknown,
    pub(super) given_up: GivenUp,
    pub(super) has_way_back: bool,
}

impl Step {
    /// A step that is done at once and tried up to three times, is repeated by its key where its
    /// outcome is not known, and ends the run where it cannot be done.
    pub fn new(name: Name) -> Self {
        Self {
            name,
            after: Duration::ZERO,
            most_attempts: 3,
            unknown: Unknown::Repeat,
            given_up: GivenUp::End,
            has_way_back: false,
        }
    }

    /// Begins so long after the step before has ended. Kept in whole milliseconds, and at most
    /// [`LONGEST_WAIT`].
    pub fn after(mut self, wait: Duration) -> Self {
        let wait = wait.min(LONGEST_WAIT);
        self.after = wait.saturating_sub(Duration::from_nanos(
            (wait.subsec_nanos() % 1_000_000).into(),
        ));
        self
    }

    /// Is tried up to so many times, at least once and at most [`MOST_ATTEMPTS`] times. Attempts
    /// whose outcome stayed unknown count too.
    pub fn attempts(mut self, most: u16) -> Self {
        self.most_attempts = most.clamp(1, MOST_ATTEMPTS);
        self
    }

    /// What is done where nobody knows whether it was done.
    pub fn unknown(mut self, unknown: Unknown) -> Self {
        self.unknown = unknown;
        self
    }

    /// What becomes of the run where it cannot be done.
    pub fn given_up(mut self, given_up: GivenUp) -> Self {
        self.given_up = given_up;
        self
    }

    /// Can be taken back. Taking it back must do no harm where it was never done.
    pub fn with_way_back(mut self) -> Self {
        self.has_way_back = true;
        self
    }

    /// Its name.
    pub fn name(&self) -> &Name {
        &self.name
    }
}

/// What a procedure is to do. A run keeps the one it began with, whatever becomes of the document
/// that it was read from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Definition {
    pub(super) kind: Name,
    pub(super) steps: Vec<Step>,
}

impl Definition {
    /// Steps in their order: 1 to [`MOST_STEPS`], each with a name of its own.
    pub fn new(kind: Name, steps: Vec<Step>) -> Result<Self, DefinitionError> {
        if steps.is_empty() || steps.len() > MOST_STEPS {
            return Err(DefinitionError::Count { count: steps.len() });
        }
        let mut names = BTreeSet::new();
        for step in &steps {
            if !names.insert(step.name.as_str()) {
                return Err(DefinitionError::Twice {
                    name: step.name.clone(),
                });
            }
        }
        Ok(Self { kind, steps })
    }

    /// What kind of procedure it is, for example `rotation`.
    pub fn kind(&self) -> &Name {
        &self.kind
    }

    /// Its steps in order.
    pub fn steps(&self) -> &[Step] {
        &self.steps
    }
}

/// Steps that make no procedure.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DefinitionError {
    /// None, or more than [`MOST_STEPS`].
    #[error("a procedure has 1 to {MOST_STEPS} steps, not {count}; leave steps out or join them")]
    Count {
        /// How many there are.
        count: usize,
    },
    /// Two of one name would have one effect key.
    #[error("two steps of a procedure are named {name}; give one of them another name")]
    Twice {
        /// The name.
        name: Name,
    },
}
