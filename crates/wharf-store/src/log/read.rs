//! Reading events of a lane, from whichever segments they are in.

use std::io;
use std::sync::Arc;

use super::damage::Damage;
use super::frame::Kind;
use super::payload;
use super::recover;
use super::segment::{DATA_START, Found, Marks, Scan, Segment};
use super::shared::Shared;
use crate::events::{Event, ReadLimit};
use crate::names::{LaneId, Position};

/// Bytes that are read at once: enough for a few events, and for what stands between two places that
/// are remembered.
const BUFFER_BYTES: usize = 64 * 1024;

/// Most bytes of an index at the end of a segment.
const INDEX_LIMIT_BYTES: u64 = 32 * 1024 * 1024;

/// Events of a lane from a position on, up to the last that is acknowledged.
pub(crate) fn read(
    shared: &Shared,
    lane: LaneId,
    from: Position,
    limit: ReadLimit,
) -> io::Result<Vec<Event>> {
    let mut wanted = Wanted {
        shared,
        lane: lane.number(),
        next: from.number(),
        head: shared.head(lane.number()).0,
        limit,
        left_bytes: limit.bytes,
        events: Vec::new(),
    };
    let mut segment = shared.segment_of(wanted.lane, wanted.next);
    while let Some(current) = segment {
        if wanted.is_over() {
            break;
        }
        match wanted.read_in(&current) {
            // Retention took it away meanwhile.
            Err(error)
                if error.kind() == io::ErrorKind::NotFound
                    && shared.segment(current.number()).is_none() => {}
            read => read?,
        }
        segment = shared.segment_after(current.number());
    }
    Ok(wanted.events)
}

/// What is read for, and what there is of it.
struct Wanted<'a> {
    shared: &'a Shared,
    lane: u16,
    next: u64,
    head: u64,
    limit: ReadLimit,
    left_bytes: usize,
    events: Vec<Event>,
}

impl Wanted<'_> {
    fn is_over(&self) -> bool {
        self.next >= self.head
            || self.events.len() >= self.limit.count
            || self.left_bytes == 0 && !self.events.is_empty()
    }

    fn read_in(&mut self, segment: &Segment) -> io::Result<()> {
        let marks = marks(segment)?;
        let Some(start) = marks.before(self.lane, self.next) else {
            return Ok(());
        };
        let file = &*segment.file;
        let end = segment.end();
        let mut scan = Scan::new(file, segment.header.salt, start, end, BUFFER_BYTES);
        while !self.is_over()
            && let Some(found) = scan.next()?
        {
            match found {
                Found::Frame(seen) => {
                    let is_wanted = seen.head.kind == Kind::Event
                        && seen.head.lane == self.lane
                        && seen.head.position >= self.next;
                    if is_wanted {
                        if seen.head.position >= self.head {
                            self.next = self.head;
                            break;
                        }
                        self.next = seen.head.position + 1;
                        match payload::event(seen.head, scan.payload(&seen)) {
                            Some(event) => {
                                if !self.take(event) {
                                    break;
                                }
                            }
                            None => drop(self.shared.damages.tell(Damage {
                                segment: segment.number(),
                                from: seen.offset,
                                to: scan.offset(),
                            })),
                        }
                    } else if seen.head.lane != self.lane {
                        // Others may have written much before the next one of this lane.
                        let place = marks.before(self.lane, self.next);
                        if let Some(place) = place.filter(|&place| place > scan.offset()) {
                            scan.jump(place);
                        }
                    }
                }
                Found::Bad(from) => {
                    self.shared
                        .damages
                        .pass(segment.number(), from, &mut scan)?;
                }
            }
        }
        Ok(())
    }

    /// Whether there was room for it.
    fn take(&mut self, event: Event) -> bool {
        let bytes = event.weight_bytes();
        if bytes > self.left_bytes && !self.events.is_empty() {
            self.left_bytes = 0;
            return false;
        }
        self.left_bytes = self.left_bytes.saturating_sub(bytes);
        self.events.push(event);
        true
    }
}

/// Places of frames: as this process wrote them, as they stand at the end of the segment, or found by
/// reading all of it.
pub(crate) fn marks(segment: &Segment) -> io::Result<Arc<Marks>> {
    if let Some(known) = segment.known_marks() {
        return Ok(known);
    }
    let found = match written_marks(segment)? {
        Some(marks) => marks,
        None => recover::marks(segment)?,
    };
    Ok(segment.learn(found))
}

/// The index at the end of a segment; the last eight bytes say where it begins.
fn written_marks(segment: &Segment) -> io::Result<Option<Marks>> {
    let end = segment.end();
    let Some(place) = end.checked_sub(8).filter(|&place| place > DATA_START) else {
        return Ok(None);
    };
    let mut bytes = [0; 8];
    if segment.file.read_at(&mut bytes, place)? != bytes.len() {
        return Ok(None);
    }
    let start = u64::from_le_bytes(bytes);
    let is_within = start.is_multiple_of(8)
        && (DATA_START..place).contains(&start)
        && end - start <= INDEX_LIMIT_BYTES;
    if !is_within {
        return Ok(None);
    }
    let file = &*segment.file;
    let bytes = usize::try_from(end - start).unwrap_or(usize::MAX);
    let mut scan = Scan::new(file, segment.header.salt, start, end, bytes);
    Ok(match scan.next()? {
        Some(Found::Frame(seen)) if seen.head.kind == Kind::Index => {
            payload::index(scan.payload(&seen)).map(Marks::of)
        }
        _ => None,
    })
}
