//! What comes of appending, owning, reading and taking steps.

use crate::error::Unavailable;
use crate::names::{Epoch, LaneId, Name, Place, Position};

/// A lane that this handle's holder may read and say is done, until somebody else owns it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OwnedLane {
    pub(crate) id: LaneId,
    pub(crate) epoch: Epoch,
}

impl OwnedLane {
    /// Which lane.
    pub fn id(&self) -> LaneId {
        self.id
    }

    /// Which owner of it this is. Everything that is done for the lane elsewhere carries it.
    pub fn epoch(&self) -> Epoch {
        self.epoch
    }
}

/// What came of an event that was appended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Appended {
    /// Where it is; for a duplicate, where the first one is.
    pub place: Place,
    /// It was there before, and was not stored again.
    pub is_duplicate: bool,
}

/// How far a handler is in a lane.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Cursor {
    /// The first event that is neither done nor an exception.
    pub position: Position,
    /// Exceptions that are to be tried again or wait for another.
    pub open_count: usize,
    /// Exceptions that are not tried again.
    pub dead_count: usize,
}

/// Where reading stops.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ReadLimit {
    /// Most events.
    pub count: usize,
    /// Most bytes of bodies and meta data together, with 64 more for each event. One is read whatever
    /// it has.
    pub bytes: usize,
}

/// Events were not stored.
#[derive(Clone, Debug, thiserror::Error)]
pub enum AppendError {
    /// There is no room. It is looked for again each second.
    #[error(
        "no room left on disk for events in {}; free some: wharf goes on by itself", 
        path.display()
    )]
    Full {
        /// Where they are kept.
        path: std::path::PathBuf,
    },
    /// Somebody else owns the lane.
    #[error(transparent)]
    Lost(#[from] LaneError),
    /// The store cannot be written now.
    #[error(transparent)]
    Unavailable(#[from] Unavailable),
}

/// A lane is not this holder's any more, who has to stop what it does for it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("lane {lane} has another owner since epoch {now}; this one had epoch {had}")]
pub struct LaneError {
    /// Which lane.
    pub lane: LaneId,
    /// The epoch of who asked.
    pub had: Epoch,
    /// The epoch of its owner.
    pub now: Epoch,
}

/// A step was not taken.
#[derive(Clone, Debug, thiserror::Error)]
pub enum AdvanceError {
    /// Somebody else owns the lane.
    #[error(transparent)]
    Lost(#[from] LaneError),
    /// It goes back.
    #[error("the cursor of handler {handler} in lane {lane} is at {at} and cannot go back to {to}")]
    Backwards {
        /// Whose.
        handler: Name,
        /// Which lane.
        lane: LaneId,
        /// Where it is.
        at: Position,
        /// Where it was to go.
        to: Position,
    },
    /// It speaks of events that are not there yet.
    #[error("lane {lane} ends before {head}; position {position} is not there")]
    BeyondHead {
        /// Which lane.
        lane: LaneId,
        /// The position behind its last event.
        head: Position,
        /// What was spoken of.
        position: Position,
    },
    /// There is a bound, and it is reached.
    #[error("a step of handler {handler} in lane {lane} was not taken: {what}")]
    TooMany {
        /// Whose.
        handler: Name,
        /// Which lane.
        lane: LaneId,
        /// Which bound, and what to do.
        what: &'static str,
    },
    /// The store cannot be written now.
    #[error(transparent)]
    Unavailable(#[from] Unavailable),
}

/// A lane could not be owned.
#[derive(Clone, Debug, thiserror::Error)]
pub enum OwnError {
    /// The lease is over.
    #[error("lane {lane} needs a lease that is valid; lease {name} has ended")]
    LeaseEnded {
        /// Which lane.
        lane: LaneId,
        /// Which lease.
        name: Name,
    },
    /// The store cannot be written now.
    #[error(transparent)]
    Unavailable(#[from] Unavailable),
}

/// Events were not read.
#[derive(Clone, Debug, thiserror::Error)]
pub enum ReadError {
    /// Somebody else owns the lane.
    #[error(transparent)]
    Lost(#[from] LaneError),
    /// The store cannot be read now.
    #[error(transparent)]
    Unavailable(#[from] Unavailable),
}
