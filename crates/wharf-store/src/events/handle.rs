//! The handle by which events are appended, read, and said to be done.

use std::fmt;

use jiff::Timestamp;
use tokio::sync::watch;

use super::batch::{Batch, Event};
use super::step::{Exception, Step};
use crate::engine::{Engine, Shared};
use crate::error::Unavailable;
use crate::leases::Lease;
use crate::names::{Epoch, LaneId, Name, Place, Position};

/// Events of a [`Store`](crate::Store). Clones are cheap and reach the same.
///
/// **What is acknowledged** is on disk, in every engine that has one, and is read again after any end
/// of the process or a loss of power. **Order:** events of a lane are read in the order of their
/// positions; one that was appended after another one had been acknowledged stands behind it. A
/// reader sees no event before it is acknowledged. **A call that is dropped** leaves its batch or
/// step stored whole or not at all. **A full disk** refuses appends ([`AppendError::Full`]); what is
/// done with stored events is taken on as long as there is room that was kept for it.
#[derive(Clone)]
pub struct Events {
    pub(crate) engine: Shared,
}

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
    /// Most bytes of bodies and meta data together. One event is read whatever it has.
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
    #[error(
        "handler {handler} has too much beside its cursor in lane {lane}: {what}; let its cursor \
         stop until some is settled"
    )]
    TooMany {
        /// Whose.
        handler: Name,
        /// Which lane.
        lane: LaneId,
        /// Which bound.
        what: &'static str,
    },
    /// The store cannot be written now.
    #[error(transparent)]
    Unavailable(#[from] Unavailable),
}

impl Events {
    /// Stores events in a lane of one owner, all or none. They are on disk on return.
    ///
    /// The answers stand in the order of the events. A duplicate of an event in the same batch
    /// names that one.
    pub async fn append(
        &self,
        lane: &OwnedLane,
        batch: Batch,
    ) -> Result<Vec<Appended>, AppendError> {
        self.put(lane.id, Some(lane.epoch), batch).await
    }

    /// The same for a lane that everybody may append to.
    ///
    /// The lane of an owner is no such one: [`AppendError::Lost`] with epoch 0 as the one had.
    pub async fn append_shared(
        &self,
        lane: LaneId,
        batch: Batch,
    ) -> Result<Vec<Appended>, AppendError> {
        let epoch = (!lane.is_shared()).then(Epoch::default);
        self.put(lane, epoch, batch).await
    }

    async fn put(
        &self,
        lane: LaneId,
        epoch: Option<Epoch>,
        batch: Batch,
    ) -> Result<Vec<Appended>, AppendError> {
        match &*self.engine {
            Engine::Embedded(embedded) => embedded.log()?.append(lane, epoch, batch).await,
            Engine::Memory(memory) => {
                let events = batch.into_events();
                memory.try_write(|tables| tables.events.append(lane, epoch, &events))?
            }
        }
    }

    /// Makes the holder of a lease the owner of a lane. Whoever owned it before does no more.
    pub async fn own(&self, lane: LaneId, lease: &Lease) -> Result<OwnedLane, OwnError> {
        if !lease.is_valid() {
            return Err(OwnError::LeaseEnded {
                lane,
                name: lease.name().clone(),
            });
        }
        let epoch = match &*self.engine {
            Engine::Embedded(embedded) => embedded.log()?.own(lane).await?,
            Engine::Memory(memory) => memory.try_write(|tables| tables.events.own(lane))?,
        };
        Ok(OwnedLane { id: lane, epoch })
    }

    /// The position behind the last event of a lane.
    #[expect(
        clippy::unused_async,
        reason = "an engine on another machine has to be waited for"
    )]
    pub async fn head(&self, lane: LaneId) -> Result<Position, Unavailable> {
        match &*self.engine {
            Engine::Embedded(embedded) => Ok(embedded.log()?.head(lane)),
            Engine::Memory(memory) => memory.try_read(|tables| tables.events.head(lane)),
        }
    }

    /// Events of a lane from a position on, in their order.
    ///
    /// Positions rise by one. Where one is missing, retention or damage took it, and
    /// [`Store::log_status`](crate::Store::log_status) tells of it. Nothing is read beyond the last
    /// acknowledged event.
    pub async fn read(
        &self,
        lane: &OwnedLane,
        from: Position,
        limit: ReadLimit,
    ) -> Result<Vec<Event>, ReadError> {
        match &*self.engine {
            Engine::Embedded(embedded) => {
                let log = embedded.log()?;
                log.holds(lane)?;
                Ok(log.read(lane.id, from, limit).await?)
            }
            Engine::Memory(memory) => memory.try_read(|tables| {
                tables.events.holds(lane.id, lane.epoch)?;
                Ok(tables.events.read(lane.id, from, limit))
            })?,
        }
    }

    /// One event; `None` where there is none any more, or was none yet.
    pub async fn event(&self, place: Place) -> Result<Option<Event>, Unavailable> {
        let limit = ReadLimit { count: 1, bytes: 0 };
        let found = match &*self.engine {
            Engine::Embedded(embedded) => {
                let log = embedded.log()?;
                log.read(place.lane, place.position, limit).await?
            }
            Engine::Memory(memory) => {
                memory.try_read(|tables| tables.events.read(place.lane, place.position, limit))?
            }
        };
        Ok(found.into_iter().find(|event| event.place == place))
    }

    /// Writes what came of events: outcomes, exceptions and the cursor in one step.
    ///
    /// A handler is there from its first step on, with its cursor at the step's. The same step
    /// may be taken again: what it says then stands already.
    pub async fn advance(
        &self,
        lane: &OwnedLane,
        handler: &Name,
        step: Step,
    ) -> Result<(), AdvanceError> {
        let step = step.kept();
        match &*self.engine {
            Engine::Embedded(embedded) => embedded.log()?.advance(lane, handler, step).await,
            Engine::Memory(memory) => {
                memory.try_write(|tables| tables.events.advance(lane, handler, &step))?
            }
        }
    }

    /// How far a handler is; `None` where it never took a step in this lane.
    pub async fn cursor(
        &self,
        lane: LaneId,
        handler: &Name,
    ) -> Result<Option<Cursor>, Unavailable> {
        match &*self.engine {
            Engine::Embedded(embedded) => embedded.log()?.cursor(lane, handler).await,
            Engine::Memory(memory) => memory.try_read(|tables| tables.events.cursor(lane, handler)),
        }
    }

    /// Exceptions that are to be tried again by `now`, the most overdue first.
    pub async fn due(
        &self,
        lane: LaneId,
        handler: &Name,
        now: Timestamp,
        limit: usize,
    ) -> Result<Vec<Exception>, Unavailable> {
        match &*self.engine {
            Engine::Embedded(embedded) => embedded.log()?.due(lane, handler, now, limit).await,
            Engine::Memory(memory) => {
                memory.try_read(|tables| tables.events.due(lane, handler, now, limit))
            }
        }
    }

    /// Exceptions from a position on, in order of their positions.
    pub async fn exceptions(
        &self,
        lane: LaneId,
        handler: &Name,
        from: Position,
        limit: usize,
    ) -> Result<Vec<Exception>, Unavailable> {
        match &*self.engine {
            Engine::Embedded(embedded) => {
                embedded.log()?.exceptions(lane, handler, from, limit).await
            }
            Engine::Memory(memory) => {
                memory.try_read(|tables| tables.events.exceptions(lane, handler, from, limit))
            }
        }
    }

    /// Tells when something was appended or owned: the value rises each time. With several nodes
    /// it may come a second late.
    pub fn news(&self) -> Result<watch::Receiver<u64>, Unavailable> {
        match &*self.engine {
            Engine::Embedded(embedded) => Ok(embedded.log()?.news()),
            Engine::Memory(memory) => Ok(memory.news()),
        }
    }
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

impl fmt::Debug for Events {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Events").finish_non_exhaustive()
    }
}
