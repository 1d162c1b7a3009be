//! Reading every page of every run file.

use std::io;

use super::format::Head;
use super::open::{DISK_ERROR, is_run, open_run};
use super::run::{NewerRun, damage};
use super::write::UNFINISHED;
use super::{FOLDER, path_of};
use crate::disk::Disk;

/// What reading all files of keys came to.
#[derive(Debug, Default)]
pub(crate) struct CheckedRuns {
    pub(crate) file_count: u64,
    pub(crate) bytes: u64,
    pub(crate) key_count: u64,
    /// The last segment whose keys are in them, 0 where there is none.
    pub(crate) last_segment: u64,
    /// Name of the file, from where to where, and what is wrong.
    pub(crate) damages: Vec<(String, u64, u64, &'static str)>,
    /// Files that a later version wrote.
    pub(crate) newer: Vec<String>,
    /// Files in the folder that are none of ours.
    pub(crate) foreign: Vec<String>,
}

/// Names of the run files of a folder.
pub(crate) fn names(disk: &dyn Disk) -> io::Result<Vec<String>> {
    let entries = disk.list(FOLDER)?.into_iter().map(|entry| entry.name);
    Ok(entries.filter(|name| is_run(name)).collect())
}

/// The name of a run file in the state folder.
pub(crate) fn path(name: &str) -> String {
    path_of(name)
}

/// Whether a file of the folder is a run, by its name.
pub(crate) fn is_name(name: &str) -> bool {
    is_run(name)
}

/// Changes nothing. Blocks. `progress` is told how many bytes were read so far.
pub(crate) fn check(disk: &dyn Disk, mut progress: impl FnMut(u64)) -> io::Result<CheckedRuns> {
    let mut checked = CheckedRuns::default();
    for entry in disk.list(FOLDER)? {
        let name = entry.name;
        if !is_run(&name) {
            if !name.ends_with(UNFINISHED) {
                checked.foreign.push(name);
            }
            continue;
        }
        checked.file_count += 1;
        match check_run(disk, &name, &mut checked) {
            Ok(()) => {}
            // It was merged into another one meanwhile.
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                checked.file_count -= 1;
                continue;
            }
            Err(error) if is_newer(&error) => {
                checked.newer.push(name);
            }
            Err(error) => {
                let found = match damage(&error) {
                    Some(damage) => (damage.offset, damage.what),
                    None if error.raw_os_error() == Some(DISK_ERROR) => {
                        (0, "the disk cannot read it")
                    }
                    None => return Err(error),
                };
                checked.damages.push((name, found.0, entry.bytes, found.1));
            }
        }
        checked.bytes += entry.bytes;
        progress(checked.bytes);
    }
    Ok(checked)
}

fn check_run(disk: &dyn Disk, name: &str, checked: &mut CheckedRuns) -> io::Result<()> {
    let run = open_run(disk, name)?;
    let last = run.head.claims.iter().map(|claim| claim.last_segment).max();
    checked.last_segment = checked.last_segment.max(last.unwrap_or_default());
    for page in 0..run.head.page_count() {
        match run.page(page) {
            Ok(entries) => checked.key_count += entries.len() as u64,
            Err(error) => match damage(&error) {
                Some(damage) => {
                    let end = Head::page_start(page + 1);
                    let found = (name.to_owned(), damage.offset, end, damage.what);
                    checked.damages.push(found);
                }
                None => return Err(error),
            },
        }
    }
    Ok(())
}

fn is_newer(error: &io::Error) -> bool {
    let inner = error.get_ref();
    inner
        .and_then(|inner| inner.downcast_ref::<NewerRun>())
        .is_some()
}
