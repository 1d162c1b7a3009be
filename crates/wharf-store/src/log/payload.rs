//! What stands in the frames of each kind.
//!
//! ```text
//! Event    source text · kind text · flags u8 (1 key, 2 order) · [key 16] · [order u64]
//!          · meta length u32 · meta · body
//! Step     handler text · flags u8 (1 cursor) · [cursor u64]
//!          · count u32 of outcomes:   position u64 · attempt u32 · done u8 · time i64 · took u32 · text
//!          · count u32 of exceptions: position u64 · state u8 (0 due, 1 behind, 2 dead) · [due i64]
//!                                     · attempts u32 · text
//!          · count u32 of settled:    position u64
//! Own      epoch u64
//! Forgotten  handler text
//! Lanes    count u32: lane u16 · epoch u64 · head u64
//! Handler  handler text · cursor u64 · count u32 of exceptions
//! Begun    nothing
//! Index    count u32: lane u16 · position u64 · offset u32
//! ```
//!
//! A text is a byte for its length and then its bytes.

use std::time::Duration;

use bytes::Bytes;
use jiff::Timestamp;

use super::frame::{Head, Kind};
use super::wire::{Put, Take};
use crate::dedupe::Key;
use crate::events::{Event, Exception, NewEvent, Outcome, Reason, State, Step};
use crate::names::{LaneId, Name, Place, Position};

/// Most of anything that is counted in a payload. It only keeps a foreign number from asking for
/// memory: what is written has bounds of its own.
const COUNT_LIMIT: usize = 1_000_000;

/// A lane as it was when a segment began.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct LaneRow {
    pub(crate) lane: u16,
    pub(crate) epoch: u64,
    /// Position of its next event.
    pub(crate) head: u64,
}

/// Where in a segment a frame of a lane begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Mark {
    pub(crate) lane: u16,
    pub(crate) position: u64,
    pub(crate) offset: u32,
}

/// The event frame of a new event that gets this place.
pub(crate) fn event_head(event: &NewEvent, place: Place, has_more: bool) -> Head {
    Head {
        kind: Kind::Event,
        has_more,
        lane: place.lane.number(),
        position: place.position.number(),
        time: event.at.as_microsecond(),
    }
}

pub(crate) fn put_event(out: &mut Vec<u8>, event: &NewEvent, key: Option<&Key>) {
    out.put_text(event.source.as_str());
    out.put_text(event.kind.as_str());
    out.put_u8(u8::from(key.is_some()) | (u8::from(event.order.is_some()) << 1));
    if let Some(key) = key {
        out.put(key.bytes());
    }
    if let Some(order) = event.order {
        out.put_u64(order);
    }
    out.put_u32(u32::try_from(event.meta.len()).unwrap_or(u32::MAX));
    out.put(&event.meta);
    out.put(&event.body);
}

/// What an event is besides its meta data and its body.
#[derive(Debug)]
pub(crate) struct EventFields<'a> {
    pub(crate) source: &'a str,
    pub(crate) kind: &'a str,
    pub(crate) key: Option<Key>,
    pub(crate) order: Option<u64>,
    meta: &'a [u8],
    pub(crate) body: &'a [u8],
}

pub(crate) fn event_fields(payload: &[u8]) -> Option<EventFields<'_>> {
    let mut take = Take(payload);
    let (source, kind, flags) = (take.text()?, take.text()?, take.u8()?);
    let key = match flags & 1 {
        0 => None,
        _ => Some(Key::from_bytes(take.key()?)),
    };
    let order = match flags & 2 {
        0 => None,
        _ => Some(take.u64()?),
    };
    let meta_bytes = usize::try_from(take.u32()?).ok()?;
    Some(EventFields {
        source,
        kind,
        key,
        order,
        meta: take.bytes(meta_bytes)?,
        body: take.0,
    })
}

/// A stored event.
pub(crate) fn event(head: Head, payload: &[u8]) -> Option<Event> {
    let fields = event_fields(payload)?;
    Some(Event {
        place: place(head),
        source: Name::new(fields.source).ok()?,
        kind: Name::new(fields.kind).ok()?,
        order: fields.order,
        at: Timestamp::from_microsecond(head.time).ok()?,
        meta: Bytes::copy_from_slice(fields.meta),
        body: Bytes::copy_from_slice(fields.body),
    })
}

pub(crate) fn place(head: Head) -> Place {
    Place {
        lane: LaneId::from_number(head.lane),
        position: Position::new(head.position),
    }
}

pub(crate) fn put_step(out: &mut Vec<u8>, handler: &Name, step: &Step) {
    out.put_text(handler.as_str());
    out.put_u8(u8::from(step.cursor.is_some()));
    if let Some(cursor) = step.cursor {
        out.put_u64(cursor.number());
    }
    out.put_all(&step.outcomes, put_outcome);
    out.put_all(&step.exceptions, put_exception);
    out.put_all(&step.settled, |out, position| {
        out.put_u64(position.number());
    });
}

pub(crate) fn step(payload: &[u8]) -> Option<(Name, Step)> {
    let mut take = Take(payload);
    let handler = take.name()?;
    let cursor = match take.u8()? {
        0 => None,
        _ => Some(Position::new(take.u64()?)),
    };
    let step = Step {
        cursor,
        outcomes: take.all(COUNT_LIMIT, outcome)?,
        exceptions: take.all(COUNT_LIMIT, exception)?,
        settled: take.all(COUNT_LIMIT, |take| take.u64().map(Position::new))?,
    };
    take.is_over().then_some((handler, step))
}

fn put_outcome(out: &mut Vec<u8>, outcome: &Outcome) {
    out.put_u64(outcome.position.number());
    out.put_u32(outcome.attempt);
    out.put_u8(u8::from(outcome.is_done));
    out.put_i64(outcome.at.as_microsecond());
    out.put_u32(u32::try_from(outcome.took.as_micros()).unwrap_or(u32::MAX));
    out.put_text(outcome.reason.as_str());
}

fn outcome(take: &mut Take<'_>) -> Option<Outcome> {
    Some(Outcome {
        position: Position::new(take.u64()?),
        attempt: take.u32()?,
        is_done: take.u8()? != 0,
        at: Timestamp::from_microsecond(take.i64()?).ok()?,
        took: Duration::from_micros(take.u32()?.into()),
        reason: Reason::new(take.text()?),
    })
}

fn put_exception(out: &mut Vec<u8>, exception: &Exception) {
    out.put_u64(exception.position.number());
    match exception.state {
        State::Due(at) => {
            out.put_u8(0);
            out.put_i64(at.as_microsecond());
        }
        State::Behind => out.put_u8(1),
        State::Dead => out.put_u8(2),
    }
    out.put_u32(exception.attempts);
    out.put_text(exception.reason.as_str());
}

fn exception(take: &mut Take<'_>) -> Option<Exception> {
    let position = Position::new(take.u64()?);
    let state = match take.u8()? {
        0 => State::Due(Timestamp::from_microsecond(take.i64()?).ok()?),
        1 => State::Behind,
        2 => State::Dead,
        _ => return None,
    };
    Some(Exception {
        position,
        state,
        attempts: take.u32()?,
        reason: Reason::new(take.text()?),
    })
}

pub(crate) fn put_lanes(out: &mut Vec<u8>, lanes: &[LaneRow]) {
    out.put_all(lanes, |out, row| {
        out.put_u16(row.lane);
        out.put_u64(row.epoch);
        out.put_u64(row.head);
    });
}

pub(crate) fn lanes(payload: &[u8]) -> Option<Vec<LaneRow>> {
    Take(payload).all(COUNT_LIMIT, |take| {
        Some(LaneRow {
            lane: take.u16()?,
            epoch: take.u64()?,
            head: take.u64()?,
        })
    })
}

pub(crate) fn put_handler(
    out: &mut Vec<u8>,
    handler: &Name,
    cursor: Position,
    exceptions: &[&Exception],
) {
    out.put_text(handler.as_str());
    out.put_u64(cursor.number());
    out.put_all(exceptions, |out, exception| put_exception(out, exception));
}

pub(crate) fn handler(payload: &[u8]) -> Option<(Name, Position, Vec<Exception>)> {
    let mut take = Take(payload);
    let handler = take.name()?;
    let cursor = Position::new(take.u64()?);
    Some((handler, cursor, take.all(COUNT_LIMIT, exception)?))
}

pub(crate) fn put_index(out: &mut Vec<u8>, marks: &[Mark]) {
    out.put_all(marks, |out, mark| {
        out.put_u16(mark.lane);
        out.put_u64(mark.position);
        out.put_u32(mark.offset);
    });
}

pub(crate) fn index(payload: &[u8]) -> Option<Vec<Mark>> {
    Take(payload).all(COUNT_LIMIT, |take| {
        Some(Mark {
            lane: take.u16()?,
            position: take.u64()?,
            offset: take.u32()?,
        })
    })
}

#[cfg(test)]
pub(crate) mod tests;
