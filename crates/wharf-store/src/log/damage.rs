//! What of the log cannot be read any more: told once, and a copy of it kept for who may save some.

use std::collections::BTreeSet;
use std::io;
use std::sync::{Arc, Mutex, PoisonError};

use super::segment::{self, Scan};
use crate::disk::{Disk, DiskFile};

/// Where copies of what is damaged are kept, in the state folder.
pub(crate) const QUARANTINE: &str = "quarantine";

/// Most places that are remembered; what is more is counted.
const COUNT_LIMIT: usize = 1_000;

/// Most bytes of one copy.
const COPY_LIMIT_BYTES: u64 = 64 * 1024 * 1024;

/// Bytes of a segment that are not what was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Damage {
    /// Number of the segment.
    pub segment: u64,
    /// Where it begins, in bytes.
    pub from: u64,
    /// Where what is whole goes on, in bytes.
    pub to: u64,
}

impl Damage {
    pub(crate) fn whole(segment: u64, bytes: u64) -> Self {
        Self {
            segment,
            from: 0,
            to: bytes,
        }
    }
}

/// All damage that was found since the log was opened.
#[derive(Debug)]
pub(crate) struct Damages {
    disk: Arc<dyn Disk>,
    known: Mutex<Known>,
}

#[derive(Debug, Default)]
struct Known {
    places: BTreeSet<Damage>,
    missing: BTreeSet<(u64, u64)>,
}

impl Damages {
    pub(crate) fn new(disk: Arc<dyn Disk>) -> Self {
        Self {
            disk,
            known: Mutex::default(),
        }
    }

    /// Tells of damage, and keeps a copy of the bytes, once.
    pub(crate) fn note(&self, damage: Damage, file: &dyn DiskFile) {
        if self.tell(damage)
            && let Err(error) = self.copy(damage, file)
        {
            tracing::warn!("no copy of what is damaged could be kept: {error}");
        }
    }

    /// Passes what is bad at a place of a segment, and notes it. Where what is whole goes on.
    pub(crate) fn pass(&self, segment: u64, from: u64, scan: &mut Scan<'_>) -> io::Result<u64> {
        let to = scan.pass()?;
        self.note(Damage { segment, from, to }, scan.file());
        Ok(to)
    }

    /// Tells of damage, once. Whether it is new.
    pub(crate) fn tell(&self, damage: Damage) -> bool {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        let is_new = known.places.len() < COUNT_LIMIT && known.places.insert(damage);
        drop(known);
        if is_new {
            tracing::error!(
                "{} is damaged from byte {} to byte {}: events that were stored there are lost; \
                 check the disk",
                self.disk.path(&segment::name(damage.segment)).display(),
                damage.from,
                damage.to
            );
        }
        is_new
    }

    /// Tells of segments that are gone, from one number to another.
    pub(crate) fn missing(&self, from: u64, to: u64) {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        let is_new = known.missing.len() < COUNT_LIMIT && known.missing.insert((from, to));
        drop(known);
        if is_new {
            tracing::error!(
                "{} and what follows it up to number {to} is missing: events that were stored \
                 there are lost; put the files back, and start wharf again",
                self.disk.path(&segment::name(from)).display(),
            );
        }
    }

    pub(crate) fn all(&self) -> Vec<Damage> {
        let known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        known.places.iter().copied().collect()
    }

    pub(crate) fn all_missing(&self) -> Vec<(u64, u64)> {
        let known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        known.missing.iter().copied().collect()
    }

    fn copy(&self, damage: Damage, file: &dyn DiskFile) -> io::Result<()> {
        let Damage { segment, from, to } = damage;
        self.disk.make_folder(QUARANTINE)?;
        let name = format!("{QUARANTINE}/{segment:020}-{from}");
        let copy = match self.disk.create(&name) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => return Ok(()),
            created => created?,
        };
        let mut buffer = vec![0; 64 * 1024];
        let mut done = 0;
        let all = to.saturating_sub(from).min(COPY_LIMIT_BYTES);
        while done < all {
            let most = buffer
                .len()
                .min(usize::try_from(all - done).unwrap_or(usize::MAX));
            let piece = buffer.get_mut(..most).unwrap_or_default();
            let read = file.read_at(piece, from + done)?;
            if read == 0 {
                break;
            }
            copy.write_at(piece.get(..read).unwrap_or_default(), done)?;
            done += read as u64;
        }
        copy.sync()
    }
}
