//! Events in memory: what the log has to do, in the fewest words.

use std::collections::BTreeMap;

use bytes::Bytes;
use jiff::Timestamp;

use crate::events::{
    AdvanceError, AppendError, Appended, Attempt, Cursor, EXCEPTION_LIMIT, EXCEPTION_TOTAL_LIMIT,
    Event, Exception, HANDLER_LIMIT, HANDLER_TOTAL_LIMIT, LaneError, NewEvent, OwnedLane,
    ReadError, ReadLimit, State, Step, TOO_LARGE, TOO_MANY_EXCEPTIONS, TOO_MANY_EXCEPTIONS_IN_ALL,
    TOO_MANY_HANDLERS, TOO_MANY_HANDLERS_IN_ALL, shared_places,
};
use crate::names::{Epoch, LaneId, Name, Place, Position};

#[derive(Clone, Default)]
pub(crate) struct Events {
    pub(super) lanes: BTreeMap<LaneId, Lane>,
    keys: BTreeMap<(Name, Bytes), Place>,
}

#[derive(Clone, Default)]
pub(super) struct Lane {
    epoch: Epoch,
    pub(super) events: Vec<Event>,
    pub(super) handlers: BTreeMap<Name, Handler>,
    pub(super) attempts: BTreeMap<Position, Vec<Attempt>>,
}

#[derive(Clone, Default)]
pub(super) struct Handler {
    pub(super) cursor: Position,
    pub(super) exceptions: BTreeMap<Position, Exception>,
}

impl Events {
    pub(crate) fn append(
        &mut self,
        id: LaneId,
        epoch: Option<Epoch>,
        events: &[NewEvent],
    ) -> Result<Vec<Appended>, AppendError> {
        if let Some(epoch) = epoch {
            self.holds(id, epoch)?;
        }
        let appended = events.iter().map(|event| self.append_one(id, event));
        Ok(appended.collect())
    }

    fn append_one(&mut self, id: LaneId, event: &NewEvent) -> Appended {
        let lane = self.lanes.entry(id).or_default();
        let position = Position::new(lane.events.len() as u64);
        let place = Place { lane: id, position };
        if let Some(key) = &event.key {
            let first = self.keys.entry((event.source.clone(), key.clone()));
            let first = *first.or_insert(place);
            if first != place {
                return Appended {
                    place: first,
                    is_duplicate: true,
                };
            }
        }
        lane.events.push(Event {
            place,
            source: event.source.clone(),
            kind: event.kind.clone(),
            order: event.order,
            at: event.at,
            meta: event.meta.clone(),
            body: event.body.clone(),
        });
        Appended {
            place,
            is_duplicate: false,
        }
    }

    pub(crate) fn own(&mut self, id: LaneId) -> Epoch {
        let lane = self.lanes.entry(id).or_default();
        lane.epoch = lane.epoch.next();
        lane.epoch
    }

    pub(crate) fn holds(&self, id: LaneId, epoch: Epoch) -> Result<(), LaneError> {
        let now = self
            .lanes
            .get(&id)
            .map(|lane| lane.epoch)
            .unwrap_or_default();
        if now == epoch && now != Epoch::default() {
            return Ok(());
        }
        Err(LaneError {
            lane: id,
            had: epoch,
            now,
        })
    }

    pub(crate) fn head(&self, id: LaneId) -> Position {
        let count = self.lanes.get(&id).map_or(0, |lane| lane.events.len());
        Position::new(count as u64)
    }

    pub(crate) fn read(&self, id: LaneId, from: Position, limit: ReadLimit) -> Vec<Event> {
        let events = self.lanes.get(&id).map_or(&[][..], |lane| &lane.events);
        let from = usize::try_from(from.number()).unwrap_or(usize::MAX);
        let mut left = limit.bytes;
        let mut read = Vec::new();
        for event in events.iter().skip(from).take(limit.count) {
            let bytes = event.weight_bytes();
            if bytes > left && !read.is_empty() {
                break;
            }
            left = left.saturating_sub(bytes);
            read.push(event.clone());
        }
        read
    }

    pub(crate) fn advance(
        &mut self,
        owned: &OwnedLane,
        name: &Name,
        step: &Step,
    ) -> Result<(), AdvanceError> {
        self.holds(owned.id, owned.epoch)?;
        let head = self.head(owned.id);
        let all = self.lanes.values().flat_map(|lane| lane.handlers.values());
        let all: Vec<usize> = all.map(|handler| handler.exceptions.len()).collect();
        let lane = self.lanes.entry(owned.id).or_default();
        let too_many = |what| AdvanceError::TooMany {
            handler: name.clone(),
            lane: owned.id,
            what,
        };
        if !step.is_small() {
            return Err(too_many(TOO_LARGE));
        }
        let beyond = step.cursor.filter(|cursor| *cursor > head);
        if let Some(position) = beyond.or_else(|| step.last().filter(|last| *last >= head)) {
            return Err(AdvanceError::BeyondHead {
                lane: owned.id,
                head,
                position,
            });
        }
        if !lane.handlers.contains_key(name) && lane.handlers.len() >= HANDLER_LIMIT {
            return Err(too_many(TOO_MANY_HANDLERS));
        }
        if !lane.handlers.contains_key(name) && all.len() >= HANDLER_TOTAL_LIMIT {
            return Err(too_many(TOO_MANY_HANDLERS_IN_ALL));
        }
        let mut handler = lane.handlers.get(name).cloned().unwrap_or_default();
        if let Some(to) = step.cursor {
            if to < handler.cursor {
                return Err(AdvanceError::Backwards {
                    handler: name.clone(),
                    lane: owned.id,
                    at: handler.cursor,
                    to,
                });
            }
            handler.cursor = to;
        }
        let before = shared_places(handler.exceptions.len());
        for position in &step.settled {
            handler.exceptions.remove(position);
        }
        for exception in &step.exceptions {
            handler
                .exceptions
                .insert(exception.position, exception.clone());
        }
        if handler.exceptions.len() > EXCEPTION_LIMIT {
            return Err(too_many(TOO_MANY_EXCEPTIONS));
        }
        let more = shared_places(handler.exceptions.len()).saturating_sub(before);
        let shared: usize = all.into_iter().map(shared_places).sum();
        if more > 0 && shared + more > EXCEPTION_TOTAL_LIMIT {
            return Err(too_many(TOO_MANY_EXCEPTIONS_IN_ALL));
        }
        lane.handlers.insert(name.clone(), handler);
        for outcome in &step.outcomes {
            let attempts = lane.attempts.entry(outcome.position).or_default();
            let is_same = |of: &Attempt| {
                let (at, attempt) = (of.outcome.at, of.outcome.attempt);
                of.handler == *name && (at, attempt) == (outcome.at, outcome.attempt)
            };
            if !attempts.iter().any(is_same) {
                attempts.push(Attempt {
                    handler: name.clone(),
                    outcome: outcome.clone(),
                });
            }
        }
        Ok(())
    }

    pub(crate) fn forget(&mut self, owned: &OwnedLane, name: &Name) -> Result<bool, ReadError> {
        self.holds(owned.id, owned.epoch)?;
        let lane = self.lanes.entry(owned.id).or_default();
        Ok(lane.handlers.remove(name).is_some())
    }

    fn handler(&self, id: LaneId, name: &Name) -> Option<&Handler> {
        self.lanes.get(&id)?.handlers.get(name)
    }

    pub(crate) fn cursor(&self, id: LaneId, name: &Name) -> Option<Cursor> {
        let handler = self.handler(id, name)?;
        let dead = handler.exceptions.values();
        let dead_count = dead.filter(|of| of.state == State::Dead).count();
        Some(Cursor {
            position: handler.cursor,
            open_count: handler.exceptions.len() - dead_count,
            dead_count,
        })
    }

    pub(crate) fn due(
        &self,
        id: LaneId,
        name: &Name,
        now: Timestamp,
        limit: usize,
    ) -> Vec<Exception> {
        let all = self.handler(id, name).map(|handler| &handler.exceptions);
        let is_due = |of: &&Exception| matches!(of.state, State::Due(at) if at <= now);
        let mut due: Vec<_> = all
            .into_iter()
            .flatten()
            .map(|(_, of)| of)
            .filter(is_due)
            .cloned()
            .collect();
        due.sort_by_key(|of| (of.state, of.position));
        due.truncate(limit);
        due
    }

    pub(crate) fn exceptions(
        &self,
        id: LaneId,
        name: &Name,
        from: Position,
        limit: usize,
    ) -> Vec<Exception> {
        let all = self.handler(id, name).map(|handler| &handler.exceptions);
        let from = all.into_iter().flat_map(|all| all.range(from..));
        from.take(limit).map(|(_, of)| of.clone()).collect()
    }
}
