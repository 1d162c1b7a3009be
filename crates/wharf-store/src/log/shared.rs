//! What the writer tells and readers look at.

use std::collections::{BTreeMap, HashMap};
use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, PoisonError, RwLock};

use tokio::sync::watch;

use super::damage::Damages;
use super::segment::Segment;
use super::status::LogCounts;
use crate::disk::Disk;
use crate::names::Epoch;

/// All of it is of what was acknowledged.
#[derive(Debug)]
pub(crate) struct Shared {
    pub(crate) disk: Arc<dyn Disk>,
    /// The folder, for messages.
    pub(crate) path: PathBuf,
    pub(crate) damages: Damages,
    pub(crate) news: watch::Sender<u64>,
    segments: RwLock<BTreeMap<u64, Arc<Segment>>>,
    heads: RwLock<HashMap<u16, (u64, Epoch)>>,
    pub(crate) counts: Counts,
}

/// What was done since the log was opened.
#[derive(Debug, Default)]
pub(crate) struct Counts {
    /// Groups, each with one wait for the disk.
    pub(crate) groups: AtomicU64,
    /// Waits for the disk, of all kinds.
    pub(crate) syncs: AtomicU64,
    /// Bytes that were handed to the disk.
    pub(crate) bytes: AtomicU64,
    pub(crate) events: AtomicU64,
    pub(crate) duplicates: AtomicU64,
}

impl Counts {
    pub(crate) fn add(counter: &AtomicU64, count: u64) {
        counter.fetch_add(count, Ordering::Relaxed);
    }

    pub(crate) fn now(&self) -> LogCounts {
        let read = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        LogCounts {
            groups: read(&self.groups),
            syncs: read(&self.syncs),
            bytes: read(&self.bytes),
            events: read(&self.events),
            duplicates: read(&self.duplicates),
        }
    }
}

impl Shared {
    pub(crate) fn new(disk: Arc<dyn Disk>) -> Self {
        Self {
            path: disk.path(super::segment::FOLDER),
            damages: Damages::new(Arc::clone(&disk)),
            disk,
            news: watch::Sender::default(),
            segments: RwLock::default(),
            heads: RwLock::default(),
            counts: Counts::default(),
        }
    }

    /// The position behind a lane's last event, and its owner.
    pub(crate) fn head(&self, lane: u16) -> (u64, Epoch) {
        let heads = self.heads.read().unwrap_or_else(PoisonError::into_inner);
        heads.get(&lane).copied().unwrap_or_default()
    }

    pub(crate) fn set_heads(&self, all: impl IntoIterator<Item = (u16, (u64, Epoch))>) {
        let mut heads = self.heads.write().unwrap_or_else(PoisonError::into_inner);
        heads.extend(all);
        drop(heads);
        self.news.send_modify(|version| *version += 1);
    }

    /// The segment that a position of a lane is in, or the first one that is there behind it.
    pub(crate) fn segment_of(&self, lane: u16, position: u64) -> Option<Arc<Segment>> {
        let segments = self.segments.read().unwrap_or_else(PoisonError::into_inner);
        let mut newest_first = segments.values().rev();
        let found = newest_first.find(|segment| segment.head(lane) <= position);
        found.or_else(|| segments.values().next()).cloned()
    }

    pub(crate) fn segment(&self, number: u64) -> Option<Arc<Segment>> {
        let segments = self.segments.read().unwrap_or_else(PoisonError::into_inner);
        segments.get(&number).cloned()
    }

    pub(crate) fn segment_after(&self, number: u64) -> Option<Arc<Segment>> {
        let segments = self.segments.read().unwrap_or_else(PoisonError::into_inner);
        let mut after = segments.range(number + 1..);
        after.next().map(|(_, segment)| Arc::clone(segment))
    }

    pub(crate) fn add_segment(&self, segment: Arc<Segment>) {
        let mut segments = self
            .segments
            .write()
            .unwrap_or_else(PoisonError::into_inner);
        segments.insert(segment.number(), segment);
    }

    pub(crate) fn remove_segment(&self, number: u64) {
        let mut segments = self
            .segments
            .write()
            .unwrap_or_else(PoisonError::into_inner);
        segments.remove(&number);
    }

    /// All segments, the oldest first.
    pub(crate) fn segments(&self) -> Vec<Arc<Segment>> {
        let segments = self.segments.read().unwrap_or_else(PoisonError::into_inner);
        segments.values().cloned().collect()
    }
}
