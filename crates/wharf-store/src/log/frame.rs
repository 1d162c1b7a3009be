//! Frames: what a segment is made of, and how a damaged one is found out.
//!
//! ```text
//! offset bytes
//!  0     4   length of the payload, combined by exclusive or with the upper half of the salt
//!  4     4   CRC-32C of the segment's salt, the frame's offset, and all but this field
//!  8     1   kind
//!  9     1   flags: 1 = the next frame belongs to the same change
//! 10     2   lane
//! 12     4   start of the group it was written with, in units of 8 bytes, combined by exclusive or
//!            with the lower half of the salt
//! 16     8   position
//! 24     8   time in microseconds since 1970
//! 32         payload, then zeros up to a multiple of 8 bytes
//! ```
//!
//! All numbers are little-endian. The salt is random for each segment, so no event can contain
//! bytes that pass for a frame, and neither can what a reused block of the disk held before. Nor can
//! it contain what looks like one until a long checksum is computed, at each of many places. The
//! offset tells a block that was written to a wrong place.
//!
//! The start of the group tells what was on the disk when the frame was written: all before it. So
//! a bad frame before the group of a good one is damage, and one within the last group is what a
//! crash leaves.

use std::io;

use super::wire::{Put as _, Take};
use crate::disk::DiskFile;

/// What stands before a payload, in bytes.
pub(crate) const HEADER_BYTES: usize = 32;

/// Frames begin at multiples of this, in bytes.
pub(crate) const ALIGNMENT: usize = 8;

/// Longest payload: a batch of one event at its bound, with room for what is around it.
pub(crate) const PAYLOAD_LIMIT_BYTES: usize = crate::events::BATCH_LIMIT_BYTES + 1024 * 1024;

/// What a frame is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// An event of a lane.
    Event,
    /// What came of events of a lane, for one handler.
    Step,
    /// Another one owns a lane.
    Own,
    /// A handler of a lane is none any more.
    Forgotten,
    /// Every lane, as it was when the segment began.
    Lanes,
    /// A handler of a lane, as it was when the segment began, or a part of it.
    Handler,
    /// The last frame of what was when the segment began.
    Begun,
    /// Where frames of lanes begin, at the end of a segment.
    Index,
    /// A record of the call log, which has files of its own.
    Call,
}

impl Kind {
    const ALL: [(Self, u8); 9] = [
        (Self::Event, 1),
        (Self::Step, 2),
        (Self::Own, 3),
        (Self::Forgotten, 4),
        (Self::Lanes, 16),
        (Self::Handler, 17),
        (Self::Begun, 18),
        (Self::Index, 32),
        (Self::Call, 64),
    ];

    fn number(self) -> u8 {
        let found = Self::ALL.iter().find(|(kind, _)| *kind == self);
        found.map_or(0, |(_, number)| *number)
    }

    fn of(number: u8) -> Option<Self> {
        let found = Self::ALL.iter().find(|(_, other)| *other == number);
        found.map(|(kind, _)| *kind)
    }
}

/// What is told of a frame before its payload.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Head {
    pub(crate) kind: Kind,
    /// The next frame belongs to the same change: both count, or neither does.
    pub(crate) has_more: bool,
    pub(crate) lane: u16,
    pub(crate) position: u64,
    pub(crate) time: i64,
}

/// A frame that is as it was written.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Frame<'a> {
    pub(crate) head: Head,
    /// Offset of its group in the segment. All before it was on disk when this was written.
    pub(crate) group: u64,
    pub(crate) payload: &'a [u8],
    /// With header and padding.
    pub(crate) bytes: usize,
}

/// Why there is no frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Bad {
    /// The bytes end before it does; this many are needed at least.
    Short(usize),
    /// It is not what was written.
    Damaged,
    /// It is whole, and of a kind that this version does not know.
    Unknown,
}

/// Puts frames of one group behind each other, as they are to stand from an offset of a segment on.
#[derive(Debug)]
pub(crate) struct Group {
    salt: u64,
    start: u64,
    /// Where the bytes begin in the segment.
    place: u64,
    pub(crate) bytes: Vec<u8>,
}

impl Group {
    pub(crate) fn new(salt: u64, start: u64, bytes: Vec<u8>) -> Self {
        debug_assert!(bytes.is_empty() && start.is_multiple_of(ALIGNMENT as u64));
        Self {
            salt,
            start,
            place: start,
            bytes,
        }
    }

    /// Where the next frame begins in the segment.
    pub(crate) fn offset(&self) -> u64 {
        self.place + self.bytes.len() as u64
    }

    /// Writes what is there, and goes on behind it. The group stays one.
    pub(crate) fn write_to(&mut self, file: &dyn DiskFile) -> io::Result<()> {
        file.write_at(&self.bytes, self.place)?;
        self.place = self.offset();
        self.bytes.clear();
        Ok(())
    }

    /// Adds a frame whose payload `put` writes.
    pub(crate) fn add(&mut self, head: Head, put: impl FnOnce(&mut Vec<u8>)) {
        let start = self.bytes.len();
        let offset = self.offset();
        let out = &mut self.bytes;
        out.put_u64(0);
        out.put_u8(head.kind.number());
        out.put_u8(u8::from(head.has_more));
        out.put_u16(head.lane);
        // A segment is far below the 32 GiB that this can count.
        let group = u32::try_from(self.start / ALIGNMENT as u64).unwrap_or(u32::MAX);
        out.put_u32(group ^ halves(self.salt).1);
        out.put_u64(head.position);
        out.put_i64(head.time);
        put(out);
        let length = out.len() - start - HEADER_BYTES;
        out.resize(out.len().next_multiple_of(ALIGNMENT), 0);
        let Some(frame) = out.get_mut(start..) else {
            return;
        };
        let length = u32::try_from(length).unwrap_or(u32::MAX) ^ halves(self.salt).0;
        let checksum = checksum(
            self.salt,
            offset,
            length,
            frame.get(8..).unwrap_or_default(),
        );
        if let Some(place) = frame.first_chunk_mut::<8>() {
            *place = ((u64::from(checksum) << 32) | u64::from(length)).to_le_bytes();
        }
    }
}

/// A salt that tells places that were never written from frames at once: of zeros, the length and the
/// group are none that can be.
pub(crate) fn salt(random: u64) -> u64 {
    random | 0x8000_0000_8000_0000
}

/// The upper half of a salt and the lower one.
fn halves(salt: u64) -> (u32, u32) {
    let lower = u32::try_from(salt & u64::from(u32::MAX)).unwrap_or(u32::MAX);
    (u32::try_from(salt >> 32).unwrap_or(u32::MAX), lower)
}

/// Over all that is fixed by where a frame stands, and all that is behind its checksum.
fn checksum(salt: u64, offset: u64, length: u32, behind: &[u8]) -> u32 {
    let mut place = [0; 20];
    place[..8].copy_from_slice(&salt.to_le_bytes());
    place[8..16].copy_from_slice(&offset.to_le_bytes());
    place[16..].copy_from_slice(&length.to_le_bytes());
    crc32c::crc32c_append(crc32c::crc32c(&place), behind)
}

/// Reads the frame that begins these bytes, which stand at this offset of the segment.
pub(crate) fn read(bytes: &[u8], salt: u64, offset: u64) -> Result<Frame<'_>, Bad> {
    let Some(header) = bytes.get(..HEADER_BYTES) else {
        return Err(Bad::Short(HEADER_BYTES));
    };
    let mut take = Take(header);
    let fields = (|| {
        let length = take.u32()?;
        let checksum = take.u32()?;
        let (kind, flags, lane) = (take.u8()?, take.u8()?, take.u16()?);
        let (group, position, time) = (take.u32()?, take.u64()?, take.i64()?);
        Some((length, checksum, kind, flags, lane, group, position, time))
    })();
    let Some((length, expected, kind, flags, lane, group, position, time)) = fields else {
        return Err(Bad::Damaged);
    };
    let (upper, lower) = halves(salt);
    let payload_bytes = usize::try_from(length ^ upper).unwrap_or(usize::MAX);
    let group = u64::from(group ^ lower) * ALIGNMENT as u64;
    if payload_bytes > PAYLOAD_LIMIT_BYTES || group > offset {
        return Err(Bad::Damaged);
    }
    let whole = (HEADER_BYTES + payload_bytes).next_multiple_of(ALIGNMENT);
    let Some(frame) = bytes.get(..whole) else {
        return Err(Bad::Short(whole));
    };
    let behind = frame.get(8..).unwrap_or_default();
    if checksum(salt, offset, length, behind) != expected {
        return Err(Bad::Damaged);
    }
    let (Some(kind), 0 | 1) = (Kind::of(kind), flags) else {
        return Err(Bad::Unknown);
    };
    Ok(Frame {
        head: Head {
            kind,
            has_more: flags == 1,
            lane,
            position,
            time,
        },
        group,
        payload: frame
            .get(HEADER_BYTES..HEADER_BYTES + payload_bytes)
            .unwrap_or_default(),
        bytes: whole,
    })
}

/// Makes lengths, groups and checksums of frames right that stand behind each other from an offset on,
/// whatever they are.
pub(crate) fn mend(mut bytes: &mut [u8], salt: u64, mut offset: u64) {
    let (upper, lower) = halves(salt);
    while let Some(header) = bytes.first_chunk_mut::<HEADER_BYTES>() {
        let [l0, l1, _, _, ..] = *header;
        let wanted = usize::from(u16::from_le_bytes([l0, l1]) % 256);
        let [.., g0, g1, _, _, _, _] = *header;
        let group = u64::from(u16::from_le_bytes([g0, g1])) % (offset / ALIGNMENT as u64 + 1);
        let group = u32::try_from(group).unwrap_or(u32::MAX) ^ lower;
        header[12..16].copy_from_slice(&group.to_le_bytes());
        let payload = wanted.min(bytes.len() - HEADER_BYTES);
        let whole = (HEADER_BYTES + payload)
            .next_multiple_of(ALIGNMENT)
            .min(bytes.len());
        let (frame, rest) = bytes.split_at_mut(whole);
        let length = u32::try_from(payload).unwrap_or(u32::MAX) ^ upper;
        let sum = checksum(salt, offset, length, frame.get(8..).unwrap_or_default());
        if let Some(place) = frame.first_chunk_mut::<8>() {
            *place = ((u64::from(sum) << 32) | u64::from(length)).to_le_bytes();
        }
        offset += whole as u64;
        bytes = rest;
    }
}

#[cfg(test)]
mod tests;
