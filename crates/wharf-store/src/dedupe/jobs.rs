//! What upkeep does on a thread of its own: nothing here stops a lookup.

use std::io;
use std::ops::Range;
use std::sync::Arc;

use super::FOLDER;
use super::key::Entry;
use super::recent::Batch;
use super::run::{Reader, Run};
use super::write::{Plan, path_of, write};
use crate::disk::Disk;

/// Runs that a lookup may have to ask, but while a merge is behind.
#[cfg(test)]
pub(crate) const RUN_COUNT_LIMIT: usize = 16;
/// Runs from which on some are merged, whatever their sizes; below the limit, so that those that
/// come meanwhile find room.
const RUN_COUNT_TARGET: usize = 12;
/// Runs that are merged at once, and how many times the smallest the largest of them may be.
const MERGED_AT_ONCE: usize = 4;
const SIZE_RATIO: u64 = 4;
/// Runs are merged for their size's sake while what comes out covers at most this part of the window,
/// so that a file is soon old enough as a whole to be taken away.
const WINDOW_PARTS: u64 = 4;

/// Writes the keys of a closed batch to a run.
#[derive(Clone, Debug)]
#[must_use = "the keys stay in memory until it ran"]
pub(crate) struct Seal {
    pub(super) disk: Arc<dyn Disk>,
    pub(super) batch: Arc<Batch>,
}

/// A run that is durable and not asked yet.
#[derive(Debug)]
#[must_use = "the keys stay in memory until it is handed over"]
pub(crate) struct Sealed {
    pub(super) run: Arc<Run>,
}

impl Seal {
    /// Writes, syncs, renames, syncs the folder. After an error it may run again.
    ///
    /// Takes 40 bytes of memory for each key meanwhile.
    pub(crate) fn run(&self) -> io::Result<Sealed> {
        let entries = self.batch.sorted();
        let plan = Plan {
            first_batch: self.batch.number,
            last_batch: self.batch.number,
            claims: self.batch.claims.clone(),
            count_limit: entries.len() as u64,
        };
        let mut entries = entries.into_iter();
        let run = write(self.disk.as_ref(), &plan, || Ok(entries.next()))?;
        Ok(Sealed { run: Arc::new(run) })
    }
}

/// Makes one run of several, without what is older than the window.
#[derive(Clone, Debug)]
#[must_use = "lookups grow slower until it ran"]
pub(crate) struct Merge {
    pub(super) disk: Arc<dyn Disk>,
    /// In the order of their batches, and none between them missing.
    pub(super) runs: Vec<Arc<Run>>,
    /// Milliseconds since 1970; what is older is left out.
    pub(super) oldest_kept: u64,
    pub(super) window_milliseconds: u64,
}

/// A run that is durable and holds what others hold.
#[derive(Debug)]
#[must_use = "the runs it was made of are asked until it is handed over"]
pub(crate) struct Merged {
    pub(super) run: Arc<Run>,
}

impl Merge {
    /// Reads all, writes, syncs, renames, syncs the folder. After an error it may run again, unless
    /// the error tells of a damaged run (see [`super::damage`]).
    ///
    /// Memory is that of the new run's filter, some pages and a buffer.
    pub(crate) fn run(&self) -> io::Result<Merged> {
        let heads = || self.runs.iter().map(|run| &run.head);
        let plan = Plan {
            first_batch: heads()
                .map(|head| head.first_batch)
                .min()
                .unwrap_or_default(),
            last_batch: heads()
                .map(|head| head.last_batch)
                .max()
                .unwrap_or_default(),
            claims: heads().flat_map(|head| head.claims.clone()).collect(),
            count_limit: heads().map(|head| head.count).sum(),
        };
        let mut sources = Vec::new();
        for run in &self.runs {
            let mut reader = Reader::new(Arc::clone(run));
            let next = reader.next()?;
            sources.push((next, reader));
        }
        let next = || self.next(&mut sources);
        let run = write(self.disk.as_ref(), &plan, next)?;
        Ok(Merged { run: Arc::new(run) })
    }

    /// The next key of all that is not too old, as it counts.
    fn next(&self, sources: &mut [(Option<Entry>, Reader)]) -> io::Result<Option<Entry>> {
        loop {
            let keys = sources.iter().filter_map(|(next, _)| *next);
            let Some(key) = keys.map(|entry| entry.key).min() else {
                return Ok(None);
            };
            let mut counts: Option<Entry> = None;
            for (next, reader) in sources.iter_mut() {
                let Some(entry) = next.filter(|entry| entry.key == key) else {
                    continue;
                };
                *next = reader.next()?;
                // Before they are weighed: what is too old is not to win and then to go.
                if entry.time >= self.oldest_kept {
                    counts = Some(counts.map_or(entry, |first| {
                        first.or_later(entry, self.window_milliseconds)
                    }));
                }
            }
            if counts.is_some() {
                return Ok(counts);
            }
        }
    }
}

/// Takes away files of runs that are not asked any more.
#[derive(Debug)]
#[must_use = "the files stay until the next opening"]
pub(crate) struct Removal {
    pub(super) disk: Arc<dyn Disk>,
    pub(super) names: Vec<String>,
}

impl Removal {
    /// Takes them away and syncs the folder. What is left after an error goes at a later opening.
    pub(crate) fn run(&self) -> io::Result<()> {
        for name in &self.names {
            self.disk.remove(&path_of(name))?;
        }
        self.disk.sync_folder(FOLDER)
    }
}

/// Which runs are worth merging, of those in the order of their batches.
///
/// Only neighbours are merged, so that the order of keys is that of batches, and none between which a
/// batch is missing, so that a file never claims one that it does not have.
pub(super) fn pick(runs: &[Arc<Run>], window_milliseconds: u64) -> Option<Range<usize>> {
    let alike = best(runs, MERGED_AT_ONCE, |group| {
        let counts = || group.iter().map(|run| run.head.count);
        let smallest = counts().min().unwrap_or_default().max(1);
        let oldest = group.iter().map(|run| run.head.oldest).min();
        let newest = group.iter().map(|run| run.head.newest).max();
        let span = newest
            .unwrap_or_default()
            .saturating_sub(oldest.unwrap_or_default());
        counts().all(|count| count <= smallest.saturating_mul(SIZE_RATIO))
            && span <= window_milliseconds / WINDOW_PARTS
    });
    if alike.is_some() || runs.len() <= RUN_COUNT_TARGET {
        return alike;
    }
    let too_many = runs.len() - RUN_COUNT_TARGET;
    let most = MERGED_AT_ONCE.max(too_many + 1);
    (2..=most).rev().find_map(|size| best(runs, size, |_| true))
}

/// The group of neighbours with the fewest keys, of those that fit.
fn best(
    runs: &[Arc<Run>],
    size: usize,
    fits: impl Fn(&[Arc<Run>]) -> bool,
) -> Option<Range<usize>> {
    let groups = runs.windows(size).enumerate();
    let fitting = groups.filter(|(_, group)| is_unbroken(group) && fits(group));
    let keys = |group: &[Arc<Run>]| group.iter().map(|run| run.head.count).sum::<u64>();
    let (start, _) = fitting.min_by_key(|(_, group)| keys(group))?;
    Some(start..start + size)
}

fn is_unbroken(runs: &[Arc<Run>]) -> bool {
    let pairs = runs.iter().zip(runs.iter().skip(1));
    pairs
        .map(|(one, next)| (&one.head, &next.head))
        .all(|(one, next)| one.last_batch.checked_add(1) == Some(next.first_batch))
}
