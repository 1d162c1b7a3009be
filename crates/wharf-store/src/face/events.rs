//! The handle by which events are appended, read, and said to be done.

use std::fmt;

use jiff::Timestamp;
use tokio::sync::watch;

use crate::engine::{Engine, Shared};
use crate::error::Unavailable;
use crate::events::{
    AdvanceError, AppendError, Appended, Batch, Cursor, Event, Exception, OwnError, OwnedLane,
    ReadError, ReadLimit, Step,
};
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
                let appended =
                    memory.try_write(|tables| tables.events.append(lane, epoch, &events))?;
                if appended.is_ok() {
                    memory.tell();
                }
                appended
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
            Engine::Memory(memory) => {
                let epoch = memory.try_write(|tables| tables.events.own(lane))?;
                memory.tell();
                epoch
            }
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

    /// Takes a handler of a lane away: its cursor, its exceptions, and its place among those that a
    /// lane may have. Events are no longer kept for its sake. Whether it was there.
    ///
    /// Its attempts stay listed as long as the events do. A step in its name makes another one, from
    /// the step's own cursor on.
    pub async fn forget(&self, lane: &OwnedLane, handler: &Name) -> Result<bool, ReadError> {
        match &*self.engine {
            Engine::Embedded(embedded) => embedded.log()?.forget(lane, handler).await,
            Engine::Memory(memory) => {
                memory.try_write(|tables| tables.events.forget(lane, handler))?
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

impl fmt::Debug for Events {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Events").finish_non_exhaustive()
    }
}
