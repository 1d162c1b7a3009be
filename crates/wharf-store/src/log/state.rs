//! What the log says when it is read from the start to here: lanes, handlers, what is beside cursors.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

use super::payload::LaneRow;
use crate::events::{
    AdvanceError, Cursor, EXCEPTION_LIMIT, EXCEPTION_TOTAL_LIMIT, Exception, HANDLER_LIMIT,
    HANDLER_TOTAL_LIMIT, LaneError, State as Fate, Step, TOO_LARGE, TOO_MANY_EXCEPTIONS,
    TOO_MANY_EXCEPTIONS_IN_ALL, TOO_MANY_HANDLERS, TOO_MANY_HANDLERS_IN_ALL, shared_places,
};
use crate::names::{Epoch, LaneId, Name, Position};

/// All lanes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct State {
    pub(crate) lanes: BTreeMap<u16, Lane>,
}

/// One lane.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Lane {
    pub(crate) epoch: Epoch,
    /// Position of its next event.
    pub(crate) head: u64,
    pub(crate) handlers: BTreeMap<Name, Handler>,
}

/// One handler of a lane.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Handler {
    pub(crate) cursor: Position,
    pub(crate) exceptions: BTreeMap<Position, Exception>,
    /// Those that are tried again, by when.
    due: BTreeSet<(Timestamp, Position)>,
    dead_count: usize,
}

/// How to take a change back of which nobody may hear.
#[derive(Debug)]
pub(crate) enum Undo {
    Head(u16, u64),
    Epoch(u16, Epoch),
    NoHandler(u16, Name),
    Handler(u16, Name, Handler),
    Cursor(u16, Name, Position),
    Exception(u16, Name, Position, Option<Exception>),
}

impl State {
    pub(crate) fn head(&self, lane: u16) -> u64 {
        self.lanes.get(&lane).map_or(0, |lane| lane.head)
    }

    pub(crate) fn epoch(&self, lane: u16) -> Epoch {
        self.lanes
            .get(&lane)
            .map(|lane| lane.epoch)
            .unwrap_or_default()
    }

    /// Whether this epoch is that of the lane's owner.
    pub(crate) fn holds(&self, lane: LaneId, epoch: Epoch) -> Result<(), LaneError> {
        let now = self.epoch(lane.number());
        if now == epoch && now != Epoch::default() {
            return Ok(());
        }
        Err(LaneError {
            lane,
            had: epoch,
            now,
        })
    }

    pub(crate) fn set_head(&mut self, lane: u16, head: u64) -> Undo {
        let row = self.lanes.entry(lane).or_default();
        Undo::Head(lane, std::mem::replace(&mut row.head, head))
    }

    pub(crate) fn set_epoch(&mut self, lane: u16, epoch: Epoch) -> Undo {
        let row = self.lanes.entry(lane).or_default();
        Undo::Epoch(lane, std::mem::replace(&mut row.epoch, epoch))
    }

    /// Whether a step may be taken now.
    pub(crate) fn check(
        &self,
        lane: LaneId,
        epoch: Epoch,
        name: &Name,
        step: &Step,
    ) -> Result<(), AdvanceError> {
        self.holds(lane, epoch)?;
        let too_many = |what| AdvanceError::TooMany {
            handler: name.clone(),
            lane,
            what,
        };
        if !step.is_small() {
            return Err(too_many(TOO_LARGE));
        }
        let head = Position::new(self.head(lane.number()));
        let beyond = step.cursor.filter(|cursor| *cursor > head);
        if let Some(position) = beyond.or_else(|| step.last().filter(|last| *last >= head)) {
            return Err(AdvanceError::BeyondHead {
                lane,
                head,
                position,
            });
        }
        let handlers = self.lanes.get(&lane.number()).map(|lane| &lane.handlers);
        let handler = handlers.and_then(|handlers| handlers.get(name));
        if handler.is_none() && handlers.is_some_and(|all| all.len() >= HANDLER_LIMIT) {
            return Err(too_many(TOO_MANY_HANDLERS));
        }
        if handler.is_none() && self.handlers().count() >= HANDLER_TOTAL_LIMIT {
            return Err(too_many(TOO_MANY_HANDLERS_IN_ALL));
        }
        let at = handler.map(|handler| handler.cursor).unwrap_or_default();
        if let Some(to) = step.cursor.filter(|to| *to < at) {
            return Err(AdvanceError::Backwards {
                handler: name.clone(),
                lane,
                at,
                to,
            });
        }
        let after = count_after(handler, step);
        if after > EXCEPTION_LIMIT {
            return Err(too_many(TOO_MANY_EXCEPTIONS));
        }
        let before = handler.map_or(0, |handler| handler.exceptions.len());
        let more = shared_places(after).saturating_sub(shared_places(before));
        if more > 0 && self.shared_places() + more > EXCEPTION_TOTAL_LIMIT {
            return Err(too_many(TOO_MANY_EXCEPTIONS_IN_ALL));
        }
        Ok(())
    }

    fn handlers(&self) -> impl Iterator<Item = &Handler> {
        self.lanes.values().flat_map(|lane| lane.handlers.values())
    }

    /// How many exceptions count against the bound of all.
    fn shared_places(&self) -> usize {
        let of = |handler: &Handler| shared_places(handler.exceptions.len());
        self.handlers().map(of).sum()
    }

    /// Takes a handler away with all that it has. `None`: there was none.
    pub(crate) fn forget(&mut self, lane: u16, name: &Name) -> Option<Undo> {
        let handlers = &mut self.lanes.get_mut(&lane)?.handlers;
        let (name, handler) = handlers.remove_entry(name)?;
        Some(Undo::Handler(lane, name, handler))
    }

    /// Takes a step that was checked, or was read from the log.
    pub(crate) fn take(&mut self, lane: u16, name: &Name, step: &Step, undo: &mut Vec<Undo>) {
        let handlers = &mut self.lanes.entry(lane).or_default().handlers;
        if !handlers.contains_key(name) {
            undo.push(Undo::NoHandler(lane, name.clone()));
        }
        let handler = handlers.entry(name.clone()).or_default();
        if let Some(cursor) = step.cursor {
            undo.push(Undo::Cursor(lane, name.clone(), handler.cursor));
            handler.cursor = cursor;
        }
        for position in &step.settled {
            let before = handler.set(*position, None);
            undo.push(Undo::Exception(lane, name.clone(), *position, before));
        }
        for exception in &step.exceptions {
            let position = exception.position;
            let before = handler.set(position, Some(exception.clone()));
            undo.push(Undo::Exception(lane, name.clone(), position, before));
        }
    }

    /// Takes changes back, the last of them first.
    pub(crate) fn undo(&mut self, changes: Vec<Undo>) {
        for change in changes.into_iter().rev() {
            match change {
                Undo::Head(lane, head) => drop(self.set_head(lane, head)),
                Undo::Epoch(lane, epoch) => drop(self.set_epoch(lane, epoch)),
                Undo::NoHandler(lane, name) => {
                    if let Some(lane) = self.lanes.get_mut(&lane) {
                        lane.handlers.remove(&name);
                    }
                }
                Undo::Handler(lane, name, handler) => {
                    let lane = self.lanes.entry(lane).or_default();
                    lane.handlers.insert(name, handler);
                }
                Undo::Cursor(lane, name, cursor) => {
                    if let Some(handler) = self.handler_mut(lane, &name) {
                        handler.cursor = cursor;
                    }
                }
                Undo::Exception(lane, name, position, before) => {
                    if let Some(handler) = self.handler_mut(lane, &name) {
                        handler.set(position, before);
                    }
                }
            }
        }
        // A lane that was begun by them is none.
        self.lanes.retain(|_, lane| *lane != Lane::default());
    }

    /// A handler as a segment's beginning tells it, or one more part of it.
    pub(crate) fn add_handler(
        &mut self,
        lane: u16,
        name: Name,
        cursor: Position,
        exceptions: Vec<Exception>,
    ) {
        let handlers = &mut self.lanes.entry(lane).or_default().handlers;
        let handler = handlers.entry(name).or_default();
        handler.cursor = cursor;
        for exception in exceptions {
            handler.set(exception.position, Some(exception));
        }
    }

    /// Lanes as a segment's beginning tells them.
    pub(crate) fn rows(&self) -> Vec<LaneRow> {
        let row = |(&lane, of): (&u16, &Lane)| LaneRow {
            lane,
            epoch: of.epoch.number(),
            head: of.head,
        };
        self.lanes.iter().map(row).collect()
    }

    pub(crate) fn handler(&self, lane: LaneId, name: &Name) -> Option<&Handler> {
        self.lanes.get(&lane.number())?.handlers.get(name)
    }

    fn handler_mut(&mut self, lane: u16, name: &Name) -> Option<&mut Handler> {
        self.lanes.get_mut(&lane)?.handlers.get_mut(name)
    }
}

/// How many exceptions there are behind a step, at most.
fn count_after(handler: Option<&Handler>, step: &Step) -> usize {
    let Some(handler) = handler else {
        return step.exceptions.len();
    };
    // Looked at closely only where it matters.
    if shared_places(handler.exceptions.len() + step.exceptions.len()) == 0 {
        return handler.exceptions.len() + step.exceptions.len();
    }
    let settled: BTreeSet<_> = step.settled.iter().collect();
    let kept = handler.exceptions.keys();
    let kept = kept.filter(|position| !settled.contains(position));
    let stated = step.exceptions.iter().map(|exception| &exception.position);
    kept.chain(stated).collect::<BTreeSet<_>>().len()
}

impl Handler {
    /// Puts an exception in the place of what was there, which it gives.
    fn set(&mut self, position: Position, exception: Option<Exception>) -> Option<Exception> {
        let state = exception.as_ref().map(|of| of.state);
        let before = match exception {
            Some(exception) => self.exceptions.insert(position, exception),
            None => self.exceptions.remove(&position),
        };
        match before.as_ref().map(|of| of.state) {
            Some(Fate::Due(at)) => drop(self.due.remove(&(at, position))),
            Some(Fate::Dead) => self.dead_count -= 1,
            Some(Fate::Behind) | None => {}
        }
        match state {
            Some(Fate::Due(at)) => drop(self.due.insert((at, position))),
            Some(Fate::Dead) => self.dead_count += 1,
            Some(Fate::Behind) | None => {}
        }
        before
    }

    pub(crate) fn cursor(&self) -> Cursor {
        Cursor {
            position: self.cursor,
            open_count: self.exceptions.len() - self.dead_count,
            dead_count: self.dead_count,
        }
    }

    pub(crate) fn due(&self, now: Timestamp, limit: usize) -> Vec<Exception> {
        let due = self.due.iter().take_while(|(at, _)| *at <= now);
        let due = due.filter_map(|(_, position)| self.exceptions.get(position));
        due.take(limit).cloned().collect()
    }

    pub(crate) fn from(&self, from: Position, limit: usize) -> Vec<Exception> {
        let from = self.exceptions.range(from..).take(limit);
        from.map(|(_, exception)| exception.clone()).collect()
    }

    /// The first event that is still to be delivered to it.
    pub(crate) fn oldest_open(&self) -> Position {
        let open = self
            .exceptions
            .iter()
            .find(|(_, of)| of.state != Fate::Dead);
        open.map_or(self.cursor, |(&position, _)| position.min(self.cursor))
    }
}

#[cfg(test)]
mod tests;
