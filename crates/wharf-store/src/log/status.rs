//! What there is in a log, and whether all of it is whole.

use std::collections::BTreeMap;
use std::io;
use std::sync::Arc;

use super::Log;
use super::damage::Damage;
use super::frame::Kind;
use super::segment::{self, NoHeader};
use super::walk::{Met, walk};
use crate::dedupe::Figures;
use crate::disk::Disk;
use crate::error::Unavailable;
use crate::events::Cursor;
use crate::names::{Epoch, LaneId, Name, Position};

/// What there is in the log of events.
#[derive(Clone, Debug)]
pub struct LogStatus {
    /// How many files.
    pub segment_count: usize,
    /// Bytes in them.
    pub bytes: u64,
    /// Bytes that are left on the disk, where it says so.
    pub free_bytes: Option<u64>,
    /// A time that the oldest event is not after; none in a log of one file.
    pub oldest: Option<jiff::Timestamp>,
    /// Every lane that was ever used.
    pub lanes: Vec<LaneStatus>,
    /// Remembered dedupe keys.
    pub keys: KeyStatus,
    /// What cannot be read any more.
    pub damages: Vec<Damage>,
    /// Numbers of files that are gone: from one to another.
    pub missing: Vec<(u64, u64)>,
    /// Files in the folder that are none of ours.
    pub foreign: Vec<String>,
    /// Why nothing is appended now.
    pub refusal: Option<Unavailable>,
    /// What was done since this process opened it.
    pub counts: LogCounts,
}

/// What the thread that writes the log has done. What is done beside it (room for the next file, files
/// of keys) is not counted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LogCounts {
    /// Groups of changes, each with one wait for the disk.
    pub groups: u64,
    /// Waits for the disk, of all kinds.
    pub syncs: u64,
    /// Bytes that were handed to the disk.
    pub bytes: u64,
    /// Events that were stored.
    pub events: u64,
    /// Events that were there before.
    pub duplicates: u64,
}

/// How many dedupe keys are remembered, and where.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KeyStatus {
    /// How many.
    pub count: u64,
    /// Files that some of them are in.
    pub file_count: u64,
    /// Bytes of these.
    pub disk_bytes: u64,
    /// Bytes of memory for all of them.
    pub memory_bytes: u64,
}

impl KeyStatus {
    fn of(figures: Figures) -> Self {
        Self {
            count: figures.keys_in_memory + figures.keys_in_runs,
            file_count: figures.run_count,
            disk_bytes: figures.disk_bytes,
            memory_bytes: figures.memory_bytes,
        }
    }
}

/// What there is in a lane.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LaneStatus {
    /// Which.
    pub lane: LaneId,
    /// Its owner.
    pub epoch: Epoch,
    /// The first event that is still there, where there is one.
    pub first: Position,
    /// The position behind its last event.
    pub head: Position,
    /// How far each handler is.
    pub handlers: Vec<(Name, Cursor)>,
}

impl Log {
    pub(crate) async fn status(&self) -> Result<LogStatus, Unavailable> {
        let shared = Arc::clone(&self.shared);
        let foreign = self.foreign.clone();
        let behind = self.room.is_full().then(|| self.behind());
        self.ask(move |view| {
            let segments = shared.segments();
            let first = |lane: u16| segments.first().map_or(0, |segment| segment.head(lane));
            let lanes = view.state.lanes.iter().map(|(&lane, of)| {
                let handlers = of.handlers.iter();
                LaneStatus {
                    lane: LaneId::from_number(lane),
                    epoch: of.epoch,
                    first: Position::new(first(lane)),
                    head: Position::new(of.head),
                    handlers: handlers
                        .map(|(name, handler)| (name.clone(), handler.cursor()))
                        .collect(),
                }
            });
            let second = segments.get(1).map(|segment| segment.header.time);
            LogStatus {
                segment_count: segments.len(),
                bytes: segments.iter().map(|segment| segment.end()).sum(),
                free_bytes: shared.disk.free_bytes().ok(),
                oldest: second.and_then(|time| jiff::Timestamp::from_microsecond(time).ok()),
                lanes: lanes.collect(),
                keys: KeyStatus::of(view.dedupe.figures()),
                damages: shared.damages.all(),
                missing: shared.damages.all_missing(),
                foreign,
                refusal: view
                    .refusal
                    .as_ref()
                    .map(super::group::Refusal::unavailable)
                    .or(behind),
                counts: shared.counts.now(),
            }
        })
        .await
    }
}

/// What reading all of a log came to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Checked {
    /// How many files were read.
    pub segment_count: usize,
    /// How many bytes.
    pub bytes: u64,
    /// How many events are whole.
    pub event_count: u64,
    /// What is not what was written.
    pub damages: Vec<Damage>,
    /// Numbers of files that are gone.
    pub missing: Vec<(u64, u64)>,
    /// Files that a later version wrote.
    pub newer: Vec<u64>,
    /// Files of another log than the first one's.
    pub mixed: Vec<u64>,
    /// Files in the folder that are none of ours.
    pub foreign: Vec<String>,
    /// The highest number that a file has; 0 where there is none.
    pub last_number: u64,
}

/// Reads all of a log and compares every checksum. It changes nothing, and somebody may write
/// meanwhile: what is not whole at the very end may be on its way. Blocks.
pub(crate) fn check(disk: &Arc<dyn Disk>, mut progress: impl FnMut(u64)) -> io::Result<Checked> {
    let mut checked = Checked::default();
    let mut numbers = Vec::new();
    for entry in disk.list(segment::FOLDER)? {
        match segment::number(&entry.name) {
            Some(number) => numbers.push(number),
            None if super::OWN_FILES.contains(&entry.name.as_str()) => {}
            None => checked.foreign.push(entry.name),
        }
    }
    checked.last_number = numbers.last().copied().unwrap_or_default();
    let mut log = None;
    let mut ends: BTreeMap<u64, u64> = BTreeMap::new();
    let mut headers = BTreeMap::new();
    for &number in &numbers {
        let file = match disk.open(&segment::name(number)) {
            // Retention took it away meanwhile.
            Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
            opened => opened?,
        };
        match segment::header_of(&*file)? {
            Ok(header) if header.number == number => {
                if *log.get_or_insert(header.log) != header.log {
                    checked.mixed.push(number);
                    continue;
                }
                ends.extend(header.previous);
                headers.insert(number, header);
            }
            Err(NoHeader::Newer(_)) => checked.newer.push(number),
            Ok(_) | Err(NoHeader::Damaged) => {
                checked.damages.push(Damage::whole(number, file.bytes()?));
            }
        }
    }
    for pair in numbers.windows(2) {
        if let [number, next] = *pair
            && next > number + 1
            && let Some(header) = headers.get(&next)
            && header.previous.is_some_and(|(before, _)| before > number)
        {
            checked.missing.push((number + 1, next - 1));
        }
    }
    for (&number, header) in &headers {
        // Not kept open: there may be more of them than a process may open.
        let file = match disk.open(&segment::name(number)) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
            opened => opened?,
        };
        let bytes = file.bytes()?;
        let end = ends.get(&number).copied();
        checked.segment_count += 1;
        if end.is_some_and(|end| end > bytes) {
            let to = end.unwrap_or(bytes);
            let segment = number;
            checked.damages.push(Damage {
                segment,
                from: bytes,
                to,
            });
        }
        let damages = &mut checked.damages;
        let event_count = &mut checked.event_count;
        let whole = walk(&*file, header.salt, end, |met| match met {
            Met::Frame(seen) => *event_count += u64::from(seen.head.kind == Kind::Event),
            Met::Damage(from, to) => damages.push(Damage {
                segment: number,
                from,
                to,
            }),
        })?;
        checked.bytes += whole;
        progress(checked.bytes);
    }
    Ok(checked)
}
