//! Which keys were there before: recent ones in memory, older ones in sorted run files with filters.
//!
//! A B-tree of random keys writes two pages for each. Here a key is written once when its batch is
//! sealed, and some times more when runs are merged; a lookup of a key that is new reads nearly
//! never.
//!
//! The log is the truth: what is here can be made again from it. So a key counts as kept once the
//! event is durable, and no call here waits for the disk but a lookup that a filter let pass.
//! [`Seal`], [`Merge`] and [`Removal`] are jobs for another thread, one at a time; what comes of them
//! is handed back, and lookups go on meanwhile.
//!
//! Time is an argument, in milliseconds since 1970. A key is kept for at least the window behind its
//! time; when it is forgotten after that, upkeep decides. A time in the future keeps a key for longer,
//! one long past lets the next merge forget it. Who inserts has looked the key up before, and found
//! nothing or the same place.
//!
//! Memory, counted by [`Dedupe::figures`]: 47 to 94 bytes for a key that is not in a run yet, of which
//! there are at most four batches; 1.7 bytes for one that is.

pub(crate) mod check;
mod claims;
mod filter;
mod format;
pub(crate) mod fuzzing;
mod jobs;
mod key;
mod open;
mod recent;
mod run;
#[cfg(test)]
mod tests;
mod write;

use std::collections::{BTreeMap, VecDeque};
use std::io;
use std::sync::Arc;
use std::time::Duration;

use self::claims::Claim;
pub(crate) use self::claims::Segments;
#[cfg(test)]
pub(crate) use self::jobs::RUN_COUNT_LIMIT;
pub(crate) use self::jobs::{Merge, Merged, Removal, Seal, Sealed};
use self::key::Entry;
pub(crate) use self::key::{Key, Place};
#[cfg(test)]
pub(crate) use self::open::Opened;
pub(crate) use self::open::SetAside;
#[cfg(test)]
use self::recent::BATCH_KEY_LIMIT;
use self::recent::Batch;
#[cfg(test)]
pub(crate) use self::run::NewerRun;
use self::run::Run;
pub(crate) use self::run::{DamagedRun, damage};
use self::write::path_of;
use crate::disk::Disk;

/// Where the runs are.
pub(crate) const FOLDER: &str = "dedupe";
/// Where what is damaged goes.
const QUARANTINE: &str = "quarantine";
/// Batches that may wait for their seal, beside the open one.
const CLOSED_BATCH_LIMIT: usize = 3;
/// Keys in memory from which on [`Dedupe::has_room`] says no.
#[cfg(test)]
pub(crate) const MEMORY_KEY_LIMIT: usize = (CLOSED_BATCH_LIMIT + 1) * BATCH_KEY_LIMIT;

/// The keys of the window.
#[derive(Debug)]
pub(crate) struct Dedupe {
    disk: Arc<dyn Disk>,
    window_milliseconds: u64,
    recent: Batch,
    /// The batch in which the first key of each segment came that has not ended.
    begun: BTreeMap<u64, u64>,
    /// Oldest first.
    closed: VecDeque<Arc<Batch>>,
    /// In the order of their batches.
    runs: Vec<Arc<Run>>,
}

/// How much there is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Figures {
    /// Keys in memory. One that was inserted twice may count twice, here and in runs.
    pub(crate) keys_in_memory: u64,
    pub(crate) keys_in_runs: u64,
    pub(crate) run_count: u64,
    pub(crate) disk_bytes: u64,
    pub(crate) memory_bytes: u64,
    /// The time of the oldest key, in milliseconds since 1970.
    pub(crate) oldest: Option<u64>,
}

impl Dedupe {
    fn new(disk: Arc<dyn Disk>, window: Duration, runs: Vec<Arc<Run>>, recent: Batch) -> Self {
        Self {
            disk,
            window_milliseconds: u64::try_from(window.as_millis()).unwrap_or(u64::MAX),
            recent,
            begun: BTreeMap::new(),
            closed: VecDeque::new(),
            runs,
        }
    }

    /// Where the first event with a key lies; `None` when there was none in the window.
    ///
    /// Of a key that was inserted again behind its window, the later place. An error never means that
    /// the key is not there. When it tells of damage (see [`damage`]), [`Dedupe::set_aside`] helps.
    pub(crate) fn find(&self, key: &Key) -> io::Result<Option<Place>> {
        let mut counts: Option<Entry> = None;
        let mut take = |found: Option<Entry>| {
            if let Some(found) = found {
                let first = counts.unwrap_or(found);
                counts = Some(first.or_later(found, self.window_milliseconds));
            }
        };
        for run in &self.runs {
            take(run.find(key)?);
        }
        for batch in &self.closed {
            take(batch.find(key));
        }
        take(self.recent.find(key));
        Ok(counts.map(|entry| entry.place))
    }

    /// Notes a key once its event is durable. `time` decides when it may be forgotten; `segment` says
    /// where the log has the event.
    ///
    /// A batch that is full is closed, as [`Dedupe::close_batch`] does.
    pub(crate) fn insert(&mut self, key: Key, place: Place, time: u64, segment: u64) {
        if self.recent.is_full() {
            self.close_batch();
        }
        self.begun.entry(segment).or_insert(self.recent.number);
        let entry = Entry { key, place, time };
        self.recent.insert(entry, self.window_milliseconds);
    }

    /// Whether a further key is within the bound of memory. The log takes no event with a key while
    /// this says no: seals fail, or come too slowly.
    pub(crate) fn has_room(&self) -> bool {
        match self.closed.len() {
            // Batches are closed early too, so there may be more of them than full ones.
            CLOSED_BATCH_LIMIT => !self.recent.is_full(),
            count => count < CLOSED_BATCH_LIMIT,
        }
    }

    /// All keys of a segment were inserted: the log went on to another one, or read it to its end.
    ///
    /// It counts as sealed once they are in runs. One that is never ended is read again at each
    /// opening.
    pub(crate) fn end_segment(&mut self, segment: u64) {
        let last_batch = self.recent.number;
        let first_batch = self.begun.remove(&segment).unwrap_or(last_batch);
        self.recent.claims.push(Claim {
            first_segment: segment,
            last_segment: segment,
            first_batch,
            last_batch,
        });
    }

    /// Closes the batch of recent keys, so that it can be sealed. Does nothing to one without keys.
    pub(crate) fn close_batch(&mut self) {
        if self.recent.len() == 0 {
            return;
        }
        let next = Batch::new(self.recent.number + 1, self.recent.len());
        let closed = std::mem::replace(&mut self.recent, next);
        self.closed.push_back(Arc::new(closed));
    }

    /// The log went on from a segment: its end is noted, its keys' batch is closed, and the oldest
    /// batch is given to be sealed.
    pub(crate) fn freeze(&mut self, segment: u64) -> Option<Seal> {
        self.end_segment(segment);
        self.close_batch();
        self.seal()
    }

    /// The oldest batch that waits to be sealed. The same one until [`Dedupe::sealed`].
    pub(crate) fn seal(&self) -> Option<Seal> {
        let batch = Arc::clone(self.closed.front()?);
        let disk = Arc::clone(&self.disk);
        Some(Seal { disk, batch })
    }

    /// Asks a run in place of the batch that it was made of.
    pub(crate) fn sealed(&mut self, done: Sealed) {
        let number = done.run.head.first_batch;
        // Handed over twice, it is asked already.
        if self
            .closed
            .front()
            .is_some_and(|batch| batch.number == number)
        {
            self.closed.pop_front();
            self.runs.push(done.run);
        }
    }

    /// Some runs to make one of, so that lookups ask at most 16. What is older than
    /// the window at `now` is left out. The same ones until [`Dedupe::merged`].
    ///
    /// Runs between which one was set aside are not merged; each such gap may leave one more run, for
    /// as long as the window.
    pub(crate) fn merge(&self, now: u64) -> Option<Merge> {
        let range = jobs::pick(&self.runs, self.window_milliseconds)?;
        Some(Merge {
            disk: Arc::clone(&self.disk),
            runs: self.runs.get(range)?.to_vec(),
            oldest_kept: now.saturating_sub(self.window_milliseconds),
            window_milliseconds: self.window_milliseconds,
        })
    }

    /// Asks a run in place of those that it was made of. Their files may be taken away then; when that
    /// does not happen, the next opening does it.
    pub(crate) fn merged(&mut self, done: Merged) -> Removal {
        let head = &done.run.head;
        let batches = head.first_batch..=head.last_batch;
        let mut removal = self.drop_runs(|run| batches.contains(&run.head.first_batch));
        // A merge that ran twice made the same file twice.
        removal.names.retain(|name| *name != done.run.name);
        let at = self
            .runs
            .partition_point(|run| run.head.first_batch < head.first_batch);
        self.runs.insert(at, done.run);
        removal
    }

    /// Forgets runs whose newest key is older than the window.
    pub(crate) fn expire(&mut self, now: u64) -> Option<Removal> {
        let oldest_kept = now.saturating_sub(self.window_milliseconds);
        let removal = self.drop_runs(|run| run.head.newest < oldest_kept);
        (!removal.names.is_empty()).then_some(removal)
    }

    fn drop_runs(&mut self, is_dropped: impl Fn(&Run) -> bool) -> Removal {
        let dropped = self.runs.extract_if(.., |run| is_dropped(run));
        Removal {
            names: dropped.map(|run| run.name.clone()).collect(),
            disk: Arc::clone(&self.disk),
        }
    }

    /// Asks a damaged run no more, and moves its file to quarantine.
    ///
    /// Its keys are unknown from then on, so the log takes no event until it has read those segments
    /// again that [`Dedupe::sealed_segments`] does not have any more. After an error the run is still
    /// asked.
    pub(crate) fn set_aside(&mut self, damage: &DamagedRun) -> io::Result<SetAside> {
        let aside = open::set_aside(self.disk.as_ref(), damage.clone())?;
        self.runs.retain(|run| run.name != damage.file);
        Ok(aside)
    }

    /// Segments whose keys are all in runs.
    pub(crate) fn sealed_segments(&self) -> Segments {
        let heads = || self.runs.iter().map(|run| &run.head);
        let batches = heads().map(|head| (head.first_batch, head.last_batch));
        let batches = Segments::of(batches.collect());
        let claims = heads().flat_map(|head| &head.claims);
        let holding =
            claims.filter(|claim| batches.contains_all(claim.first_batch, claim.last_batch));
        Segments::of(
            holding
                .map(|claim| (claim.first_segment, claim.last_segment))
                .collect(),
        )
    }

    /// The last segment that a run says to have keys of; 0 where there is none. The log has it, unless
    /// its files are gone.
    pub(crate) fn last_claimed_segment(&self) -> u64 {
        let claims = self.runs.iter().flat_map(|run| &run.head.claims);
        let last = claims.map(|claim| claim.last_segment).max();
        last.unwrap_or_default()
    }

    /// How much there is now.
    pub(crate) fn figures(&self) -> Figures {
        let closed = self.closed.iter().map(AsRef::as_ref);
        let batches = || closed.clone().chain([&self.recent]);
        let heads = || self.runs.iter().map(|run| &run.head);
        let in_runs = heads()
            .filter(|head| head.count > 0)
            .map(|head| head.oldest);
        let in_memory = batches().filter_map(|batch| batch.oldest);
        Figures {
            keys_in_memory: batches().map(|batch| batch.len() as u64).sum(),
            keys_in_runs: heads().map(|head| head.count).sum(),
            run_count: self.runs.len() as u64,
            disk_bytes: heads().map(format::Head::file_bytes).sum(),
            memory_bytes: batches().map(Batch::memory_bytes).sum::<u64>()
                + self.runs.iter().map(|run| run.memory_bytes()).sum::<u64>(),
            oldest: in_runs.chain(in_memory).min(),
        }
    }
}
