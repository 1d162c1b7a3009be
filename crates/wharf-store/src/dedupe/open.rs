//! Finding what runs there are.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use super::claims::Segments;
use super::recent::Batch;
use super::run::{DamagedRun, Run, damage};
use super::write::{UNFINISHED, batches_of, path_of};
use super::{Dedupe, FOLDER, QUARANTINE};
use crate::disk::Disk;

/// EIO, the same on every Linux.
pub(super) const DISK_ERROR: i32 = 5;
/// Batches are counted from 1; a name with a higher number than this is none of ours.
const BATCH_LIMIT: u64 = u64::MAX / 2;

/// What was found.
#[derive(Debug)]
pub(crate) struct Opened {
    pub(crate) dedupe: Dedupe,
    /// Segments whose keys are all in runs. The log reads those of every other one again, but of
    /// such as are older than the window: their runs may be gone.
    pub(crate) sealed: Segments,
    /// What was set aside.
    pub(crate) damaged: Vec<SetAside>,
}

/// A run file that was moved out of the way.
#[derive(Debug)]
pub(crate) struct SetAside {
    /// What is wrong with it.
    pub(crate) damage: DamagedRun,
    /// Where it is now, as a person calls it.
    pub(crate) path: std::path::PathBuf,
}

impl Dedupe {
    /// Opens what is there, or begins with nothing.
    ///
    /// The heads of run files are verified here, their pages when they are read. A file that is not
    /// what was written, or that the disk cannot read, is moved to the folder `quarantine`. What a
    /// crash left is taken away: unfinished files, and those whose keys another one has too.
    ///
    /// Errors: what the disk says; [`super::run::NewerRun`], and then nothing of that file is touched.
    pub(crate) fn open(disk: Arc<dyn Disk>, window: Duration) -> io::Result<Opened> {
        disk.make_folder(FOLDER)?;
        disk.sync_folder("")?;
        let mut runs = Vec::new();
        let mut damaged = Vec::new();
        let mut is_changed = false;
        for entry in disk.list(FOLDER)? {
            if entry.name.ends_with(UNFINISHED) {
                disk.remove(&path_of(&entry.name))?;
                is_changed = true;
            } else if is_run(&entry.name) {
                match open_run(disk.as_ref(), &entry.name) {
                    Ok(run) => runs.push(Arc::new(run)),
                    Err(error) => {
                        let found = damage_of(error, &entry.name)?;
                        damaged.push(set_aside(disk.as_ref(), found)?);
                    }
                }
            }
        }
        for name in superfluous(&mut runs) {
            disk.remove(&path_of(&name))?;
            is_changed = true;
        }
        if is_changed {
            disk.sync_folder(FOLDER)?;
        }
        let last = runs.iter().map(|run| run.head.last_batch).max();
        // The number of a batch that was set aside is not given again: claims may name it.
        let aside = disk.list(QUARANTINE)?.into_iter().filter_map(|entry| {
            let (_, last) = batches_of(entry.name.strip_prefix(ASIDE)?)?;
            (last <= BATCH_LIMIT).then_some(last)
        });
        let last = last.max(aside.max()).unwrap_or_default();
        let dedupe = Self::new(disk, window, runs, Batch::new(last + 1, 0));
        Ok(Opened {
            sealed: dedupe.sealed_segments(),
            dedupe,
            damaged,
        })
    }
}

/// What names in quarantine begin with: other files lie there too.
const ASIDE: &str = "dedupe-";

pub(super) fn is_run(name: &str) -> bool {
    batches_of(name).is_some_and(|(first, last)| 0 < first && first <= last && last <= BATCH_LIMIT)
}

pub(super) fn open_run(disk: &dyn Disk, name: &str) -> io::Result<Run> {
    let run = Run::open(name, disk.open(&path_of(name))?)?;
    if batches_of(name) == Some((run.head.first_batch, run.head.last_batch)) {
        return Ok(run);
    }
    let damage = DamagedRun {
        file: name.to_owned(),
        offset: 0,
        what: "its name is not that of its batches",
    };
    Err(io::Error::new(io::ErrorKind::InvalidData, damage))
}

/// The damage that an error tells of, or the error when it tells of something else.
fn damage_of(error: io::Error, name: &str) -> io::Result<DamagedRun> {
    if let Some(damage) = damage(&error) {
        return Ok(damage.clone());
    }
    if error.raw_os_error() == Some(DISK_ERROR) {
        return Ok(DamagedRun {
            file: name.to_owned(),
            offset: 0,
            what: "the disk cannot read it",
        });
    }
    Err(error)
}

/// Moves a file to quarantine, durably.
pub(super) fn set_aside(disk: &dyn Disk, damage: DamagedRun) -> io::Result<SetAside> {
    disk.make_folder(QUARANTINE)?;
    disk.sync_folder("")?;
    let to = format!("{QUARANTINE}/{ASIDE}{}", damage.file);
    disk.rename(&path_of(&damage.file), &to)?;
    disk.sync_folder(QUARANTINE)?;
    disk.sync_folder(FOLDER)?;
    Ok(SetAside {
        path: disk.path(&to),
        damage,
    })
}

/// Takes out runs whose batches are all in another one, and gives their names. They were merged, and a
/// crash came before they were taken away.
fn superfluous(runs: &mut Vec<Arc<Run>>) -> Vec<String> {
    // Of those that begin alike the longest comes first, so what covers a run stands before it.
    runs.sort_by_key(|run| (run.head.first_batch, std::cmp::Reverse(run.head.last_batch)));
    let mut covered_to = 0;
    let mut names = Vec::new();
    runs.retain(|run| {
        let is_kept = run.head.last_batch > covered_to;
        covered_to = covered_to.max(run.head.last_batch);
        if !is_kept {
            names.push(run.name.clone());
        }
        is_kept
    });
    names
}
