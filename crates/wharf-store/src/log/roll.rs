//! From one segment to the next: the writer ends one, begins another, and says in it what was.

use std::io;
use std::sync::Arc;

use super::frame::{Group, Head, Kind, salt};
use super::payload;
use super::segment::{self, DATA_START, Header, Marks, Segment};
use super::shared::Counts;
use super::upkeep::{self, Job};
use super::wire::Put as _;
use super::writer::{Current, GROUP_LIMIT_BYTES, Writer};
use crate::disk::DiskFile;

/// Most exceptions in one frame of a segment's beginning.
const EXCEPTIONS_OF_A_FRAME: usize = 1_000;

impl Writer {
    /// Writes no more to the segment that is written: nobody knows what it holds behind its end.
    pub(super) fn leave(&mut self) {
        self.is_untidy = true;
        if let Some(current) = self.current.take() {
            self.previous = Some((current.segment.number(), current.end));
            self.dedupe.end_segment(current.segment.number());
        }
    }

    /// Sees to it that there is a segment with this much room, in bytes.
    pub(super) fn make_room(&mut self, bytes: u64) -> io::Result<()> {
        if let Some(current) = &self.current {
            let half = self.segment_bytes / 2;
            // What is larger than that makes it longer, so that no change is too large for all. So does
            // what was when it began: another segment would begin with as much.
            let is_for_none = current.end < current.start + half && bytes > half;
            let room = self.segment_bytes.max(current.start + half);
            if current.end + bytes <= room || is_for_none {
                return Ok(());
            }
        }
        self.seal();
        self.begin()
    }

    /// Ends the segment that is written, with an index of it. One without is read through.
    pub(super) fn seal(&mut self) {
        let Some(mut current) = self.current.take() else {
            return;
        };
        let segment = &current.segment;
        let marks = segment.known_marks().map(|marks| marks.all());
        let mut group = Group::new(segment.header.salt, current.end, Vec::new());
        let head = Head {
            kind: Kind::Index,
            has_more: false,
            lane: 0,
            position: 0,
            time: self.time,
        };
        group.add(head, |out| {
            payload::put_index(out, &marks.unwrap_or_default());
            // The frame ends with the eight bytes that say where it begins.
            out.resize(out.len().next_multiple_of(8), 0);
            out.put_u64(current.end);
        });
        let end = group.offset();
        let sealed = self
            .write(segment, current.end, &group.bytes)
            .and_then(|()| segment.file.truncate(end));
        match sealed {
            Ok(()) => {
                segment.set_end(end);
                current.end = end;
                if let Ok(segment) = segment.at_rest(&self.shared.disk) {
                    self.shared.add_segment(Arc::new(segment));
                }
            }
            Err(error) => tracing::debug!(%error, "a segment was left without an index"),
        }
        self.previous = Some((segment.number(), current.end));
        // What it gives is asked for again there.
        let _ = self.dedupe.freeze(segment.number());
        self.put_keys_by();
    }

    /// Begins another segment. After an error there is none, and it can be tried again.
    pub(crate) fn begin(&mut self) -> io::Result<()> {
        let disk = Arc::clone(&self.shared.disk);
        if let Some((number, _)) = self.previous
            && let Some(before) = self.shared.segment(number)
        {
            // In another folder of the same name nobody would find it.
            self.is_in_place(&before)?;
        }
        let mut number = self.last_number + 1;
        // Something stands there that was no segment when the log was opened. A folder would not be
        // replaced, and a file that somebody put back must not be.
        while disk.identity(&segment::name(number))?.is_some() {
            number += 1;
        }
        let header = Header {
            log: self.log,
            number,
            salt: salt((self.random)()?),
            previous: self.previous,
            time: self.time,
        };
        let (from, file) = if std::mem::take(&mut self.has_spare) {
            (upkeep::SPARE, disk.open_to_write(upkeep::SPARE)?)
        } else {
            (
                upkeep::NEXT,
                upkeep::make(&*disk, upkeep::NEXT, self.segment_bytes)?,
            )
        };
        let end = self.write_beginning(&*file, header)?;
        let name = segment::name(number);
        disk.rename(from, &name)?;
        // It may be there from now on, whatever the next call says.
        self.last_number = number;
        disk.sync_folder(segment::FOLDER)?;
        // It says where the one before ends.
        self.is_untidy = false;
        let marks = Some(Marks::default());
        let rows = self.state.rows();
        let segment = Arc::new(Segment::new(header, file, end, &rows, marks));
        self.is_in_place(&segment)?;
        self.shared.add_segment(Arc::clone(&segment));
        self.current = Some(Current {
            segment,
            start: end,
            end,
        });
        self.give_room_back();
        // Two would be in each other's way.
        if !std::mem::replace(&mut self.is_spare_asked, true) {
            self.ask_upkeep(Job::Spare(self.segment_bytes));
        }
        Ok(())
    }

    /// Lets go of what the last process had taken: room behind the end of its segment, and a segment
    /// that this one replaces.
    fn give_room_back(&mut self) {
        for number in std::mem::take(&mut self.idle) {
            self.shared.remove_segment(number);
            upkeep::remove(&*self.shared.disk, number);
        }
        if let Some((number, end)) = self.previous
            && let Some(before) = self.shared.segment(number)
            && let Err(error) = before.file.truncate(end)
        {
            tracing::debug!(%error, "the room behind the end of a segment stays taken");
        }
    }

    /// Writes what is now, so that the segment can be understood without those before it. Where it
    /// ends.
    fn write_beginning(&self, file: &dyn DiskFile, header: Header) -> io::Result<u64> {
        file.write_at(&header.to_bytes(), 0)?;
        let mut group = Group::new(header.salt, DATA_START, Vec::new());
        let head = |kind, lane| Head {
            kind,
            has_more: kind != Kind::Begun,
            lane,
            position: 0,
            time: header.time,
        };
        let rows = self.state.rows();
        group.add(head(Kind::Lanes, 0), |out| payload::put_lanes(out, &rows));
        for (&lane, of) in &self.state.lanes {
            for (name, handler) in &of.handlers {
                let mut rest = handler.exceptions.values();
                let mut is_first = true;
                while is_first || rest.len() > 0 {
                    is_first = false;
                    let part: Vec<_> = rest.by_ref().take(EXCEPTIONS_OF_A_FRAME).collect();
                    group.add(head(Kind::Handler, lane), |out| {
                        payload::put_handler(out, name, handler.cursor, &part);
                    });
                    if group.bytes.len() >= GROUP_LIMIT_BYTES {
                        group.write_to(file)?;
                    }
                }
            }
        }
        group.add(head(Kind::Begun, 0), |_| {});
        group.write_to(file)?;
        file.sync()?;
        let counts = &self.shared.counts;
        Counts::add(&counts.syncs, 1);
        Counts::add(&counts.bytes, group.offset());
        Ok(group.offset())
    }
}
