//! What a folder of segments says, whatever became of it.
//!
//! The newest segment whose beginning is whole tells how all was then; what follows is applied to
//! that. What stands behind the last group is cut off, as a crash leaves it. What is bad before that
//! was acknowledged once: it is damage, which is told, and what is whole behind it counts.

use std::collections::BTreeMap;
use std::io;
use std::sync::Arc;

use super::damage::{Damage, Damages};
use super::frame::Kind;
use super::keys;
use super::parts::{Part, end_all_but_last, parts};
use super::payload;
use super::segment::{self, DATA_START, Found, Header, Marks, Scan, Seen, Segment};
use super::state::State;
use crate::dedupe::Dedupe;
use crate::disk::{Disk, DiskFile};
use crate::names::{Epoch, Position};

/// Bytes that are read at once.
pub(super) const BUFFER_BYTES: usize = 1024 * 1024;

/// All that is known when the log has been read.
#[derive(Debug)]
pub(crate) struct Recovered {
    pub(crate) state: State,
    pub(crate) segments: BTreeMap<u64, Arc<Segment>>,
    /// Which log it is; none for a folder without any segment.
    pub(crate) log: Option<[u8; 16]>,
    /// The last segment, and where it ends.
    pub(crate) previous: Option<(u64, u64)>,
    /// The highest number that a segment has or had.
    pub(crate) last_number: u64,
    /// Of the last change.
    pub(crate) time: i64,
    /// Files of the folder that are none of ours.
    pub(crate) foreign: Vec<String>,
    /// Segments of which all that they say stands in a later one too.
    pub(crate) idle: Vec<u64>,
}

/// A log could not be read at all.
#[derive(Debug)]
pub(crate) enum Unreadable {
    Disk(io::Error),
    /// A later version wrote this segment.
    Newer {
        name: String,
        format: u32,
    },
    /// Segments of two logs are in one folder.
    Mixed {
        name: String,
    },
}

impl From<io::Error> for Unreadable {
    fn from(error: io::Error) -> Self {
        Self::Disk(error)
    }
}

/// Reads a log, and puts the keys of events into `dedupe` that its files do not have.
///
/// Of what is there nothing is changed. What was read counts from then on, so the last group is
/// written once more and synced.
pub(crate) fn recover(
    disk: &Arc<dyn Disk>,
    dedupe: &mut Dedupe,
    sealed: &dyn Fn(u64) -> bool,
    damages: &Damages,
) -> Result<Recovered, Unreadable> {
    let (mut parts, mut recovered) = parts(disk, damages)?;
    end_all_but_last(&mut parts)?;
    let mut reader = Reader {
        state: State::default(),
        dedupe,
        sealed,
        damages,
        time: 0,
        group: DATA_START,
    };
    let numbers: Vec<u64> = parts.keys().copied().collect();
    let (base, mut start) = reader.base(&parts)?;
    let begun = reader.time;
    for number in numbers.iter().filter(|&&number| Some(number) >= base) {
        let Some(part) = parts.get(number) else {
            continue;
        };
        let is_last = Some(number) == numbers.last();
        let start = std::mem::replace(&mut start, DATA_START);
        let before = reader.state.clone();
        let end = reader.replay(part, start, is_last)?;
        if !sealed(*number) {
            reader.dedupe.end_segment(*number);
        }
        if is_last {
            let file = disk.open_to_write(&segment::name(*number))?;
            write_again(&*file, reader.group, end)?;
            recovered.previous = Some((*number, end));
            if end == start && base == Some(*number) && before == reader.state {
                recovered.idle.push(*number);
            }
        }
    }
    let times: Vec<i64> = parts.values().map(|part| part.header.time).collect();
    let settled = settled_time(&times, begun.min(reader.time));
    for (part, next) in parts.values().zip(times.iter().skip(1)) {
        let number = part.header.number;
        if base.is_some_and(|base| number < base) && !is_forgotten(*next, settled) {
            let end = part.end.unwrap_or(part.bytes).min(part.bytes);
            reader.keys(part.header, &*part.file, end)?;
        }
    }
    recovered.time = reader.time;
    recovered.state = reader.state;
    finish(&mut recovered, parts, damages)?;
    Ok(recovered)
}

/// Sees to it that what was read of the last segment is on disk. All before its last group was, when
/// that was written.
///
/// A sync is not enough: if the one of an earlier process failed, the system gives what was written
/// to whoever reads, and holds it for clean all the same.
fn write_again(file: &dyn DiskFile, group: u64, end: u64) -> io::Result<()> {
    let mut place = group.max(DATA_START);
    let mut buffer = Vec::new();
    while place < end {
        let most = usize::try_from(end - place).unwrap_or(usize::MAX);
        buffer.resize(most.min(BUFFER_BYTES), 0);
        let read = file.read_at(&mut buffer, place)?;
        if read == 0 {
            break;
        }
        file.write_at(buffer.get(..read).unwrap_or_default(), place)?;
        place += read as u64;
    }
    file.sync()
}

/// Makes segments of what was read.
fn finish(
    recovered: &mut Recovered,
    parts: BTreeMap<u64, Part>,
    damages: &Damages,
) -> io::Result<()> {
    let last = recovered.previous;
    // Of one whose first frame is damaged, the lanes are known where the next one begins. A read that
    // begins at one too early passes over what is not wanted; at one too late it would leave out some.
    let mut later = recovered.state.rows();
    for (number, part) in parts.into_iter().rev() {
        let rows = beginning_rows(&part)?.unwrap_or(later);
        let end = match (part.end, last) {
            (Some(end), _) => end.min(part.bytes),
            (None, Some((of, end))) if of == number => end,
            (None, _) => part.bytes,
        };
        if part.end.is_some_and(|end| end > part.bytes) {
            damages.note(
                Damage {
                    segment: number,
                    from: part.bytes,
                    to: part.end.unwrap_or(part.bytes),
                },
                &*part.file,
            );
        }
        let segment = Segment::new(part.header, part.file, end, &rows, None);
        recovered.segments.insert(number, Arc::new(segment));
        later = rows;
    }
    Ok(())
}

/// What the first frame of a segment says of lanes; `None` where it is damaged.
fn beginning_rows(part: &Part) -> io::Result<Option<Vec<payload::LaneRow>>> {
    let mut scan = Scan::new(&*part.file, part.header.salt, DATA_START, part.bytes, 4096);
    Ok(match scan.next()? {
        Some(Found::Frame(seen)) if seen.head.kind == Kind::Lanes => {
            payload::lanes(scan.payload(&seen))
        }
        _ => None,
    })
}

struct Reader<'a> {
    state: State,
    dedupe: &'a mut Dedupe,
    /// Whether the keys of a segment are in files of their own.
    sealed: &'a dyn Fn(u64) -> bool,
    damages: &'a Damages,
    time: i64,
    /// Where the group of the last frame begins.
    group: u64,
}

impl Reader<'_> {
    /// The newest segment whose beginning is whole, whose state becomes this one's, and where its
    /// own frames begin.
    fn base(&mut self, parts: &BTreeMap<u64, Part>) -> io::Result<(Option<u64>, u64)> {
        for (&number, part) in parts.iter().rev() {
            if let Some((state, start)) = beginning(part)? {
                self.state = state;
                self.time = part.header.time;
                return Ok((Some(number), start));
            }
        }
        Ok((None, DATA_START))
    }

    /// Applies what a segment says from a place on. Where it ends.
    fn replay(&mut self, part: &Part, start: u64, is_last: bool) -> io::Result<u64> {
        let number = part.header.number;
        let limit = part.end.unwrap_or(part.bytes).min(part.bytes);
        let mut scan = Scan::new(&*part.file, part.header.salt, start, limit, BUFFER_BYTES);
        // Frames of a change that is not whole yet, with what stands in them.
        let mut pending: Vec<(Seen, Vec<u8>)> = Vec::new();
        let mut end = start;
        let mut durable = None;
        // What was when it began was on disk before it had a name.
        let mut is_begun = start > DATA_START;
        let mut is_told = false;
        while let Some(found) = scan.next()? {
            match found {
                Found::Frame(seen) => {
                    is_begun |= seen.head.kind == Kind::Begun || seen.group > DATA_START;
                    self.group = seen.group;
                    let payload = scan.payload(&seen).to_vec();
                    let has_more = seen.head.has_more;
                    pending.push((seen, payload));
                    if !has_more {
                        self.apply_all(number, &mut pending)?;
                        end = scan.offset();
                    }
                }
                Found::Bad(offset) => {
                    let durable = match durable {
                        Some(durable) => durable,
                        None if is_last => {
                            let (file, salt) = (&*part.file, part.header.salt);
                            *durable.insert(last_group(file, salt, offset, limit)?)
                        }
                        None => *durable.insert(limit),
                    };
                    if offset >= durable && is_begun {
                        break;
                    }
                    is_told = true;
                    // It was acknowledged, and so was what came with it.
                    self.apply_all(number, &mut pending)?;
                    end = self.damages.pass(number, offset, &mut scan)?;
                }
            }
        }
        if !is_begun && !is_told {
            let to = limit.max(DATA_START);
            let damage = Damage {
                segment: number,
                from: limit,
                to,
            };
            self.damages.note(damage, &*part.file);
        }
        if !is_last {
            self.apply_all(number, &mut pending)?;
        }
        Ok(if is_last { end } else { limit })
    }

    fn apply_all(&mut self, segment: u64, pending: &mut Vec<(Seen, Vec<u8>)>) -> io::Result<()> {
        for (seen, payload) in pending.drain(..) {
            if self.apply(segment, &seen, &payload)?.is_none() {
                let from = seen.offset;
                self.damages.tell(Damage {
                    segment,
                    from,
                    to: from + payload.len() as u64,
                });
            }
        }
        Ok(())
    }

    /// `None`: it is whole, and this program does not understand it. Errors: a file of keys could not
    /// be written.
    fn apply(&mut self, segment: u64, seen: &Seen, payload: &[u8]) -> io::Result<Option<()>> {
        if seen.head.kind == Kind::Event && !self.key(segment, seen, payload)? {
            return Ok(None);
        }
        Ok(self.apply_to_state(seen, payload))
    }

    fn apply_to_state(&mut self, seen: &Seen, payload: &[u8]) -> Option<()> {
        let head = seen.head;
        match head.kind {
            Kind::Event => {
                let next = head.position.checked_add(1)?;
                if next > self.state.head(head.lane) {
                    self.state.set_head(head.lane, next);
                }
            }
            Kind::Step => {
                let (handler, step) = payload::step(payload)?;
                // Events that it speaks of were there: of one that is damaged nobody is to get the place.
                let last = step.last().map(Position::next);
                let known = last.max(step.cursor).unwrap_or_default().number();
                if known > self.state.head(head.lane) {
                    self.state.set_head(head.lane, known);
                }
                self.state.take(head.lane, &handler, &step, &mut Vec::new());
            }
            Kind::Own => {
                let epoch = super::wire::Take(payload).u64()?;
                self.state.set_epoch(head.lane, Epoch::new(epoch));
            }
            Kind::Forgotten => {
                let handler = super::wire::Take(payload).name()?;
                // Where an earlier segment is damaged, it may not be known.
                let _ = self.state.forget(head.lane, &handler);
            }
            Kind::Lanes | Kind::Handler | Kind::Begun | Kind::Index => return Some(()),
            Kind::Call => return None,
        }
        self.time = head.time;
        Some(())
    }

    /// Notes the key of an event that is in no file. Whether the event is understood.
    fn key(&mut self, segment: u64, seen: &Seen, payload: &[u8]) -> io::Result<bool> {
        let Some(fields) = payload::event_fields(payload) else {
            return Ok(false);
        };
        if let Some(key) = fields.key
            && !(self.sealed)(segment)
        {
            let place = crate::dedupe::Place {
                lane: seen.head.lane,
                position: seen.head.position,
            };
            let time = keys::milliseconds(seen.head.time);
            keys::make_room(self.dedupe)?;
            self.dedupe.insert(key, place, time, segment);
        }
        Ok(true)
    }

    /// Reads the keys of a segment that are in no file.
    fn keys(&mut self, header: Header, file: &dyn DiskFile, end: u64) -> io::Result<()> {
        let number = header.number;
        if (self.sealed)(number) {
            return Ok(());
        }
        let mut scan = Scan::new(file, header.salt, DATA_START, end, BUFFER_BYTES);
        while let Some(found) = scan.next()? {
            match found {
                Found::Frame(seen) if seen.head.kind == Kind::Event => {
                    let payload = scan.payload(&seen).to_vec();
                    // What is not understood is told when it is read.
                    self.key(number, &seen, &payload)?;
                }
                Found::Frame(_) => {}
                Found::Bad(from) => {
                    self.damages.pass(number, from, &mut scan)?;
                }
            }
        }
        self.dedupe.end_segment(number);
        Ok(())
    }
}

/// Reads the keys again of segments whose keys are not all in files. Those whose keys nobody asks for
/// any more are left out.
pub(super) fn read_keys(
    segments: &[Arc<Segment>],
    dedupe: &mut Dedupe,
    damages: &Damages,
    time: i64,
) -> io::Result<()> {
    let settled = settled_time(&begin_times(segments), time);
    let sealed = dedupe.sealed_segments();
    let mut reader = Reader {
        state: State::default(),
        dedupe,
        sealed: &|segment| sealed.contains(segment),
        damages,
        time,
        group: DATA_START,
    };
    let nexts = segments.iter().skip(1).map(|next| next.header.time);
    for (segment, next) in segments.iter().zip(nexts.chain([i64::MAX])) {
        if is_forgotten(next, settled) {
            continue;
        }
        reader.keys(segment.header, &*segment.file, segment.end())?;
    }
    Ok(())
}

/// A time that is hardly ahead of what the clock says when it is right: keys are forgotten by it.
///
/// A clock that was ahead for a while, as of a machine that has just started, is found in the times
/// of one segment and not yet, or not any more, in those beside it. `times` are of the beginnings of
/// segments, the oldest first; `last` is of the last change.
pub(super) fn settled_time(times: &[i64], last: i64) -> i64 {
    let newest = times.iter().rev().take(2).copied();
    newest.min().map_or(0, |time| time.min(last))
}

/// Times of the last change before each segment, as [`settled_time`] needs them.
pub(super) fn begin_times(segments: &[Arc<Segment>]) -> Vec<i64> {
    segments.iter().map(|segment| segment.header.time).collect()
}

/// Whether keys of before a time are of no use any more. Their files may be gone.
fn is_forgotten(time: i64, now: i64) -> bool {
    let window = i64::try_from(super::DEDUPE_WINDOW.as_micros()).unwrap_or(i64::MAX);
    time.saturating_add(window) < now
}

/// How all was when a segment began, and where its own frames begin. `None`: that is damaged.
fn beginning(part: &Part) -> io::Result<Option<(State, u64)>> {
    let mut state = State::default();
    let mut is_first = true;
    let mut scan = Scan::new(
        &*part.file,
        part.header.salt,
        DATA_START,
        part.bytes,
        BUFFER_BYTES,
    );
    while let Some(Found::Frame(seen)) = scan.next()? {
        let payload = scan.payload(&seen);
        let known = match seen.head.kind {
            Kind::Lanes if is_first => payload::lanes(payload).map(|rows| {
                for row in rows {
                    state.set_head(row.lane, row.head);
                    state.set_epoch(row.lane, Epoch::new(row.epoch));
                }
            }),
            Kind::Handler if !is_first => payload::handler(payload).map(|(name, cursor, all)| {
                state.add_handler(seen.head.lane, name, cursor, all);
            }),
            Kind::Begun if !is_first => return Ok(Some((state, scan.offset()))),
            _ => None,
        };
        if known.is_none() {
            return Ok(None);
        }
        is_first = false;
    }
    Ok(None)
}

/// Where the last group begins that left a whole frame behind a bad place. All before it was on disk
/// when it was written.
pub(super) fn last_group(file: &dyn DiskFile, salt: u64, bad: u64, limit: u64) -> io::Result<u64> {
    let mut scan = Scan::new(file, salt, bad, limit, BUFFER_BYTES);
    let mut last = 0;
    while scan.resume()? {
        while let Some(Found::Frame(seen)) = scan.next()? {
            last = last.max(seen.group);
        }
    }
    Ok(last)
}

/// Places of frames in a segment that has none at its end: all of it is read.
pub(crate) fn marks(segment: &Segment) -> io::Result<Marks> {
    let end = segment.end();
    let mut marks = Marks::default();
    let file = &*segment.file;
    let mut scan = Scan::new(file, segment.header.salt, DATA_START, end, BUFFER_BYTES);
    loop {
        match scan.next()? {
            None => break,
            Some(Found::Frame(seen)) if seen.head.kind == Kind::Event => {
                marks.add(payload::Mark {
                    lane: seen.head.lane,
                    position: seen.head.position,
                    offset: u32::try_from(seen.offset).unwrap_or(u32::MAX),
                });
            }
            Some(Found::Frame(_)) => {}
            Some(Found::Bad(_)) => {
                scan.pass()?;
            }
        }
    }
    Ok(marks)
}
