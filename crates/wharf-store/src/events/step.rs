//! What came of events: outcomes, exceptions, and how far a handler is.

use std::fmt;
use std::time::Duration;

use jiff::Timestamp;

use crate::names::Position;
use crate::time::{kept, kept_duration};

/// Most events of one handler in one lane that are beside its cursor: to be tried again, waiting for
/// another, or dead. A handler that has so many is down: its cursor has to stop.
pub const EXCEPTION_LIMIT: usize = 10_000;

/// Most of them in the whole store, beyond those that every handler may have at any time
/// ([`EXCEPTION_RESERVE`]). They are held in memory, and each file of events begins with them.
pub const EXCEPTION_TOTAL_LIMIT: usize = 100_000;

/// Exceptions of one handler in one lane that others cannot take from it.
pub const EXCEPTION_RESERVE: usize = 16;

/// Most handlers of one lane.
pub const HANDLER_LIMIT: usize = 1_024;

/// Most handlers of all lanes together. One that is in two lanes counts twice.
pub const HANDLER_TOTAL_LIMIT: usize = 4_096;

/// Longest reason, in bytes; what is longer is cut.
pub const REASON_LIMIT_BYTES: usize = 200;

/// Most outcomes, exceptions and settled positions of one step, of each.
pub const STEP_LIMIT: usize = 4_096;

/// What an error says of a step that has too much.
pub(crate) const TOO_LARGE: &str = "a step has at most 4,096 outcomes, 4,096 exceptions and 4,096 \
                                    settled positions; take several";

/// What an error says of one handler too many.
pub(crate) const TOO_MANY_HANDLERS: &str = "a lane has at most 1,024 handlers";

/// The same of one too many in all lanes.
pub(crate) const TOO_MANY_HANDLERS_IN_ALL: &str = "all lanes together have at most 4,096 handlers; \
                                                   forget those that are of no use any more";

/// What an error says of one exception too many.
pub(crate) const TOO_MANY_EXCEPTIONS: &str = "it would have more than 10,000 events beside its \
                                              cursor; let that stop until some are settled";

/// The same of one too many in all lanes.
pub(crate) const TOO_MANY_EXCEPTIONS_IN_ALL: &str = "all handlers together have 100,000 events \
                                                     beside their cursors; let this one stop until \
                                                     some are settled";

/// What the words say.
const _: () = assert!(STEP_LIMIT == 4_096 && HANDLER_LIMIT == 1_024 && EXCEPTION_LIMIT == 10_000);
const _: () = assert!(HANDLER_TOTAL_LIMIT == 4_096 && EXCEPTION_TOTAL_LIMIT == 100_000);

/// What came of one or several events of one handler, written together or not at all.
///
/// At most [`STEP_LIMIT`] of each kind; [`Events::advance`](crate::Events::advance) refuses more.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Step {
    /// All before it is done or is an exception. It never goes back.
    pub cursor: Option<Position>,
    /// Attempts that were made, for those who look.
    pub outcomes: Vec<Outcome>,
    /// Events that are beside the cursor from now on, or are so in another way than before.
    pub exceptions: Vec<Exception>,
    /// Exceptions that are none any more: they are done.
    pub settled: Vec<Position>,
}

/// One attempt to deliver an event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outcome {
    /// Which event.
    pub position: Position,
    /// Which attempt it was, from 1.
    pub attempt: u32,
    /// Whether it was delivered.
    pub is_done: bool,
    /// When it ended. Kept to the microsecond.
    pub at: Timestamp,
    /// How long it took. Kept to the microsecond, 71 minutes at most.
    pub took: Duration,
    /// What was answered or why it failed.
    pub reason: Reason,
}

/// An outcome as it is listed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attempt {
    /// Who was to get the event.
    pub handler: crate::names::Name,
    /// What came of it.
    pub outcome: Outcome,
}

/// An event that a handler's cursor passes, or has passed, without being done with it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Exception {
    /// Which event.
    pub position: Position,
    /// What is to become of it.
    pub state: State,
    /// How many attempts there were.
    pub attempts: u32,
    /// Why it is one.
    pub reason: Reason,
}

impl Exception {
    /// Whether something is still to be done with it.
    pub(crate) fn is_open(&self) -> bool {
        self.state != State::Dead
    }
}

/// What is to become of an event that is an exception.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum State {
    /// It is tried again.
    Due(Timestamp),
    /// It waits for an earlier one of its order.
    Behind,
    /// It is not tried again, unless a person says so.
    Dead,
}

/// A short text, of [`REASON_LIMIT_BYTES`] at most and without control characters.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Reason(String);

impl Reason {
    /// What is too long is cut, control characters become spaces.
    pub fn new(text: &str) -> Self {
        let mut short = String::with_capacity(text.len().min(REASON_LIMIT_BYTES));
        for character in text.chars() {
            let character = if character.is_control() {
                ' '
            } else {
                character
            };
            if short.len() + character.len_utf8() > REASON_LIMIT_BYTES {
                break;
            }
            short.push(character);
        }
        Self(short)
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.0, f)
    }
}

impl Step {
    /// With times as they are kept.
    pub(crate) fn kept(mut self) -> Self {
        for outcome in &mut self.outcomes {
            outcome.at = kept(outcome.at);
            outcome.took = kept_duration(outcome.took);
        }
        for exception in &mut self.exceptions {
            if let State::Due(at) = &mut exception.state {
                *at = kept(*at);
            }
        }
        self
    }

    /// Whether it is within the bound of its size.
    pub(crate) fn is_small(&self) -> bool {
        let most = self.outcomes.len().max(self.exceptions.len());
        most.max(self.settled.len()) <= STEP_LIMIT
    }

    /// The last position that it speaks of.
    pub(crate) fn last(&self) -> Option<Position> {
        let outcomes = self.outcomes.iter().map(|of| of.position);
        let exceptions = self.exceptions.iter().map(|of| of.position);
        outcomes.chain(exceptions).max()
    }
}

/// How many of a handler's exceptions count against [`EXCEPTION_TOTAL_LIMIT`].
pub(crate) fn shared_places(count: usize) -> usize {
    count.saturating_sub(EXCEPTION_RESERVE)
}
