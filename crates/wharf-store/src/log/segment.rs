//! A segment: one file of the log, from its header to where the next one says that it ends.
//!
//! ```text
//! offset bytes
//!   0     8   "WHARFLOG"
//!   8     4   format: 1
//!  12     4   CRC-32C of the first 80 bytes, this field taken as zero
//!  16    16   the log it belongs to, the same in all segments
//!  32     8   number of the segment
//!  40     8   salt of its frames
//!  48     8   number of the segment before, or 0
//!  56     8   where that one ends, in bytes: what stands there behind it does not count
//!  64     8   time of the last change before this segment, in microseconds since 1970
//!  72     8   zero
//!  80         zeros up to 4,096, then frames
//! ```
//!
//! The first frames say what was when the segment began, so a segment can be understood without
//! those before it. They are on the disk before the file gets its name.

use std::collections::BTreeMap;
use std::io;
use std::ops::Range;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use super::at_rest::AtRest;
use super::frame;
use super::payload::{LaneRow, Mark};
use super::wire::{Put as _, Take};
use crate::disk::{Disk, DiskFile};
use crate::numbered;

/// Size of a segment, in bytes. One batch may make it longer.
pub(crate) const SEGMENT_BYTES: u64 = 64 * 1024 * 1024;

/// Where frames begin.
pub(crate) const DATA_START: u64 = 4096;

/// The folder of the log in the state folder.
pub(crate) const FOLDER: &str = "log";

const ENDING: &str = ".segment";
const MAGIC: [u8; 8] = *b"WHARFLOG";
const FORMAT: u32 = 1;
const HEADER_BYTES: usize = 80;

/// A place in a segment is remembered for each lane at least this far apart, in bytes.
const MARK_DISTANCE: u64 = 64 * 1024;

/// What a segment says of itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Header {
    pub(crate) log: [u8; 16],
    pub(crate) number: u64,
    pub(crate) salt: u64,
    /// The segment before it, and where that one ends.
    pub(crate) previous: Option<(u64, u64)>,
    /// Of the last change before it.
    pub(crate) time: i64,
}

/// A file is no segment of this program.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum NoHeader {
    /// It is too short, or is not what was written.
    Damaged,
    /// A later version wrote it.
    Newer(u32),
}

impl Header {
    pub(crate) fn to_bytes(self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(HEADER_BYTES);
        bytes.put(&MAGIC);
        bytes.put_u32(FORMAT);
        bytes.put_u32(0);
        bytes.put(&self.log);
        bytes.put_u64(self.number);
        bytes.put_u64(self.salt);
        let (number, end) = self.previous.unwrap_or_default();
        bytes.put_u64(number);
        bytes.put_u64(end);
        bytes.put_i64(self.time);
        bytes.put_u64(0);
        let checksum = crc32c::crc32c(&bytes);
        if let Some(place) = bytes.get_mut(12..16) {
            place.copy_from_slice(&checksum.to_le_bytes());
        }
        bytes.resize(4096, 0);
        bytes
    }

    pub(crate) fn read(bytes: &[u8]) -> Result<Self, NoHeader> {
        let bytes = bytes.get(..HEADER_BYTES).ok_or(NoHeader::Damaged)?;
        let mut take = Take(bytes);
        let mut fields = || {
            let (magic, format, checksum) = (take.bytes(8)?, take.u32()?, take.u32()?);
            let (log, number, salt) = (take.key()?, take.u64()?, take.u64()?);
            let previous = (take.u64()?, take.u64()?);
            Some((
                magic,
                format,
                checksum,
                log,
                number,
                salt,
                previous,
                take.i64()?,
            ))
        };
        let fields = fields().ok_or(NoHeader::Damaged)?;
        let (magic, format, expected, log, number, salt, previous, time) = fields;
        let mut zeroed = bytes.to_vec();
        if let Some(place) = zeroed.get_mut(12..16) {
            place.fill(0);
        }
        if magic != MAGIC || crc32c::crc32c(&zeroed) != expected {
            return Err(NoHeader::Damaged);
        }
        if format != FORMAT {
            return Err(NoHeader::Newer(format));
        }
        Ok(Self {
            log,
            number,
            salt,
            previous: (previous.0 != 0).then_some(previous),
            time,
        })
    }
}

/// The name of a segment in the state folder.
pub(crate) fn name(number: u64) -> String {
    format!("{FOLDER}/{}", numbered::name(number, ENDING))
}

/// The number of a segment by its name in its folder.
pub(crate) fn number(name: &str) -> Option<u64> {
    numbered::counted(name, ENDING)
}

/// A segment that is read, and, while it is the last, written.
#[derive(Debug)]
pub(crate) struct Segment {
    pub(crate) header: Header,
    pub(crate) file: Box<dyn DiskFile>,
    /// What is on disk and counts ends here.
    end: AtomicU64,
    /// Position of each lane's next event when it began.
    pub(crate) heads: BTreeMap<u16, u64>,
    /// Places of frames; `None` until somebody reads one that was not written by this process.
    marks: Mutex<Option<Arc<Marks>>>,
}

/// Where frames of lanes begin, each lane in order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Marks(BTreeMap<u16, Vec<(u64, u32)>>);

impl Segment {
    pub(crate) fn new(
        header: Header,
        file: Box<dyn DiskFile>,
        end: u64,
        rows: &[LaneRow],
        marks: Option<Marks>,
    ) -> Self {
        Self {
            header,
            file,
            end: AtomicU64::new(end),
            heads: rows.iter().map(|row| (row.lane, row.head)).collect(),
            marks: Mutex::new(marks.map(Arc::new)),
        }
    }

    /// The same, with a file that is open only while it is read.
    pub(crate) fn at_rest(&self, disk: &Arc<dyn Disk>) -> io::Result<Self> {
        let file = AtRest::of(disk, name(self.number()), &*self.file)?;
        Ok(Self {
            header: self.header,
            file: Box::new(file),
            end: AtomicU64::new(self.end()),
            heads: self.heads.clone(),
            marks: Mutex::new(self.known_marks()),
        })
    }

    pub(crate) fn number(&self) -> u64 {
        self.header.number
    }

    pub(crate) fn end(&self) -> u64 {
        self.end.load(Ordering::Acquire)
    }

    pub(crate) fn set_end(&self, end: u64) {
        self.end.store(end, Ordering::Release);
    }

    /// Position of a lane's next event when the segment began.
    pub(crate) fn head(&self, lane: u16) -> u64 {
        self.heads.get(&lane).copied().unwrap_or(0)
    }

    /// The place from which a position of a lane is found by reading on; `None` where the marks
    /// are not known.
    pub(crate) fn known_marks(&self) -> Option<Arc<Marks>> {
        self.marks
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    pub(crate) fn learn(&self, marks: Marks) -> Arc<Marks> {
        let mut known = self.marks.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(known.get_or_insert_with(|| Arc::new(marks)))
    }

    /// Adds places to those of a segment that is written.
    pub(crate) fn mark(&self, new: &[Mark]) {
        let mut known = self.marks.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(marks) = &mut *known {
            // Whoever reads meanwhile keeps what it has.
            let marks = Arc::make_mut(marks);
            for mark in new {
                marks.add(*mark);
            }
        }
    }
}

impl Marks {
    /// Remembers a frame, unless one of its lane shortly before is remembered.
    pub(crate) fn add(&mut self, mark: Mark) {
        let lane = self.0.entry(mark.lane).or_default();
        let is_far =
            |&(_, offset): &(u64, u32)| u64::from(mark.offset) >= u64::from(offset) + MARK_DISTANCE;
        if lane.last().is_none_or(is_far) {
            lane.push((mark.position, mark.offset));
        }
    }

    /// Where to begin to read for a position: the last place known that is not behind it, or the
    /// first of the lane. `None`: the lane has no event here.
    pub(crate) fn before(&self, lane: u16, position: u64) -> Option<u64> {
        let places = self.0.get(&lane)?;
        let behind = places.partition_point(|&(at, _)| at <= position);
        let place = places.get(behind.saturating_sub(1))?;
        Some(place.1.into())
    }

    pub(crate) fn all(&self) -> Vec<Mark> {
        let each = self.0.iter().flat_map(|(&lane, places)| {
            places.iter().map(move |&(position, offset)| Mark {
                lane,
                position,
                offset,
            })
        });
        each.collect()
    }

    pub(crate) fn of(all: Vec<Mark>) -> Self {
        let mut marks = Self::default();
        for mark in all {
            let lane = marks.0.entry(mark.lane).or_default();
            lane.push((mark.position, mark.offset));
        }
        marks
    }
}

/// Reads the header of a segment.
pub(crate) fn read_header(
    disk: &dyn Disk,
    number: u64,
) -> io::Result<(Box<dyn DiskFile>, Result<Header, NoHeader>)> {
    let file = disk.open_to_write(&name(number))?;
    let header = header_of(&*file)?;
    Ok((file, header))
}

/// What an open file says at its start.
pub(crate) fn header_of(file: &dyn DiskFile) -> io::Result<Result<Header, NoHeader>> {
    let mut bytes = [0; HEADER_BYTES];
    let read = file.read_at(&mut bytes, 0)?;
    Ok(Header::read(bytes.get(..read).unwrap_or_default()))
}

/// Frames of a segment one after another, from a place on, with what is bad between them.
#[derive(Debug)]
pub(crate) struct Scan<'a> {
    file: &'a dyn DiskFile,
    salt: u64,
    /// Where the bytes begin in the segment.
    start: u64,
    bytes: Vec<u8>,
    /// Where the next frame is, within the bytes.
    at: usize,
    /// Nothing is read from here on.
    end: u64,
    buffer_bytes: usize,
}

/// What a scan comes to.
#[derive(Clone, Debug)]
pub(crate) enum Found {
    Frame(Seen),
    /// No frame begins at this place: damage, or the end of what was written.
    Bad(u64),
}

/// A frame that is as it was written.
#[derive(Clone, Debug)]
pub(crate) struct Seen {
    pub(crate) offset: u64,
    pub(crate) head: frame::Head,
    pub(crate) group: u64,
    /// Where its payload is in what was read last.
    payload: Range<usize>,
}

impl<'a> Scan<'a> {
    /// Reads up to `end`, in pieces of `buffer_bytes` at least.
    pub(crate) fn new(
        file: &'a dyn DiskFile,
        salt: u64,
        start: u64,
        end: u64,
        buffer_bytes: usize,
    ) -> Self {
        Self {
            file,
            salt,
            start,
            bytes: Vec::new(),
            at: 0,
            end,
            buffer_bytes,
        }
    }

    /// What is read.
    pub(crate) fn file(&self) -> &'a dyn DiskFile {
        self.file
    }

    /// Where the next frame is.
    pub(crate) fn offset(&self) -> u64 {
        self.start + self.at as u64
    }

    /// Goes on at another place.
    pub(crate) fn jump(&mut self, offset: u64) {
        let within = offset
            .checked_sub(self.start)
            .and_then(|at| usize::try_from(at).ok());
        if let Some(at) = within.filter(|&at| at <= self.bytes.len()) {
            self.at = at;
        } else {
            (self.start, self.at) = (offset, 0);
            self.bytes.clear();
        }
    }

    /// The next frame. `None` at the end. At what is bad it stays, until a [`Self::jump`].
    pub(crate) fn next(&mut self) -> io::Result<Option<Found>> {
        let offset = self.offset();
        if offset >= self.end {
            return Ok(None);
        }
        let mut needed = frame::HEADER_BYTES;
        loop {
            let is_there = self.fill(needed)?;
            let bytes = self.bytes.get(self.at..).unwrap_or_default();
            match frame::read(bytes, self.salt, offset) {
                Ok(frame) => {
                    let payload = self.at + frame::HEADER_BYTES;
                    let seen = Seen {
                        offset,
                        head: frame.head,
                        group: frame.group,
                        payload: payload..payload + frame.payload.len(),
                    };
                    self.at += frame.bytes;
                    return Ok(Some(Found::Frame(seen)));
                }
                Err(frame::Bad::Short(more)) if is_there => {
                    needed = more;
                }
                // One that is short ends behind the end of all.
                Err(_) => return Ok(Some(Found::Bad(offset))),
            }
        }
    }

    /// What stands in the frame that was found last.
    pub(crate) fn payload(&self, seen: &Seen) -> &[u8] {
        self.bytes.get(seen.payload.clone()).unwrap_or_default()
    }

    /// Looks for the next frame behind a bad place, and goes there. Whether there is one.
    pub(crate) fn resume(&mut self) -> io::Result<bool> {
        loop {
            let next = self.offset() + frame::ALIGNMENT as u64;
            if next >= self.end {
                return Ok(false);
            }
            self.jump(next);
            if self.skip_zeros()? {
                return Ok(false);
            }
            if let Some(Found::Frame(seen)) = self.next()? {
                self.jump(seen.offset);
                return Ok(true);
            }
        }
    }

    /// Goes to the next frame behind a bad place, or to the end where there is none. Where that is.
    pub(crate) fn pass(&mut self) -> io::Result<u64> {
        if !self.resume()? {
            self.jump(self.end);
        }
        Ok(self.offset())
    }

    /// Passes what was never written: no frame begins with zeros. Whether that is all there is.
    fn skip_zeros(&mut self) -> io::Result<bool> {
        loop {
            if !self.fill(frame::ALIGNMENT)? {
                return Ok(true);
            }
            let rest = self.bytes.get(self.at..).unwrap_or_default();
            let zeros = rest.iter().take_while(|&&byte| byte == 0).count();
            let passed = zeros - zeros % frame::ALIGNMENT;
            self.at += passed;
            if passed + frame::ALIGNMENT <= rest.len() {
                return Ok(self.offset() >= self.end);
            }
        }
    }

    /// Sees to it that this many bytes are there. Whether the segment has them.
    fn fill(&mut self, needed: usize) -> io::Result<bool> {
        if self.bytes.len() >= self.at + needed {
            return Ok(true);
        }
        self.bytes.drain(..self.at);
        self.start += self.at as u64;
        self.at = 0;
        let there = self.bytes.len();
        let left = self.end.saturating_sub(self.start + there as u64);
        let left = usize::try_from(left).unwrap_or(usize::MAX);
        let more = (needed.max(self.buffer_bytes) - there).min(left);
        self.bytes.resize(there + more, 0);
        let place = self.bytes.get_mut(there..).unwrap_or_default();
        let read = self.file.read_at(place, self.start + there as u64)?;
        self.bytes.truncate(there + read);
        Ok(self.bytes.len() >= needed)
    }
}

#[cfg(test)]
pub(crate) mod tests;
