//! Making a state folder of a backup.
//!
//! All of it is copied into a folder inside the state folder first, and compared with its checksums
//! on the way. Then each file gets its place by a rename, the database last.

use std::collections::BTreeMap;
use std::fs;
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

use rustix::fs::statvfs;

use super::Restored;
use super::copy::{self, Side, sync_folder};
use super::error::{FileError, RestoreError};
use super::make::{new_folder, rename_new};
use super::manifest::{self, About, Sums};
use crate::calls::files;
use crate::check::{self, Area, FindingKind, Progress, Report, Sizes};
use crate::disk::{Disk as _, RealDisk};
use crate::embedded::LogLock;
use crate::log::segment;
use crate::sqlite::open::{DATABASE_FILE_NAME, RESTORE_FOLDER};

/// Longest list of checksums that is read, in bytes: of more than 100,000 files.
const SUMS_LIMIT_BYTES: u64 = 16 * 1024 * 1024;

/// Room that file systems take beside the files, in bytes.
const SPARE_BYTES: u64 = 1024 * 1024;

/// The folders of a backup, in the order in which they get their places.
const FOLDERS: [&str; 3] = [files::FOLDER, crate::dedupe::FOLDER, segment::FOLDER];

/// Makes state of a backup in a folder that has none; the folder may be there, with a key in it.
/// Blocks.
///
/// The log's lock is held meanwhile, so no process can begin to use the folder. After an error the
/// folder has no state. Killed, it leaves `restore.unfinished` in it, which the next one tells of.
pub fn restore(
    backup: &Path,
    state: &Path,
    progress: &mut dyn FnMut(Progress),
) -> Result<Restored, RestoreError> {
    let about = about(backup)?;
    let sums = sums(backup)?;
    let sizes = compare_names(backup, &sums)?;
    let total_bytes = sizes.values().sum();
    ensure_absent(state)?;
    make_state_folder(state)?;
    ensure_room(state, total_bytes)?;
    let in_use = || RestoreError::InUse {
        path: state.to_owned(),
    };
    let lock = LogLock::take(state).map_err(RestoreError::Open)?;
    let _lock = lock.ok_or_else(in_use)?;
    ensure_absent(state)?;
    let unfinished = state.join(RESTORE_FOLDER);
    new_folder(&unfinished).map_err(FileError::write(&unfinished))?;
    let work = Work {
        backup,
        stage: &unfinished,
        state,
        sums: &sums,
        total_bytes,
    };
    let mut placed = Vec::new();
    let report = work.fill(progress).and_then(|report| {
        work.put_in_place(&mut placed)?;
        Ok(report)
    });
    let report = match report {
        Ok(report) => report,
        Err(error) => {
            // The first error is the one to tell; the next restore tells what is left.
            for path in placed {
                let _ = fs::remove_file(path);
            }
            let _ = fs::remove_dir_all(&unfinished);
            return Err(error);
        }
    };
    fs::remove_dir_all(&unfinished).map_err(FileError::write(&unfinished))?;
    sync_folder(state).map_err(FileError::write(state))?;
    Ok(Restored {
        time: about.time,
        version: about.version,
        file_count: sums.len() as u64 - 1,
        bytes: total_bytes,
        report,
    })
}

fn about(backup: &Path) -> Result<About, RestoreError> {
    let path = backup.join(manifest::ABOUT_FILE);
    let none = || RestoreError::NotABackup {
        path: backup.to_owned(),
    };
    let text = read_text(&path, manifest::ABOUT_LIMIT_BYTES).map_err(|_| none())?;
    match About::read(&text).ok_or_else(none)? {
        Ok(about) => Ok(about),
        Err(format) => Err(RestoreError::Newer {
            path: backup.to_owned(),
            what: format!("backup format {format}"),
        }),
    }
}

fn sums(backup: &Path) -> Result<Sums, RestoreError> {
    let path = backup.join(manifest::SUMS_FILE);
    let text = match read_text(&path, SUMS_LIMIT_BYTES) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            return Err(RestoreError::Missing { path });
        }
        read => read.map_err(FileError::read(&path))?,
    };
    let sums = manifest::read_sums(&text).map_err(|line| RestoreError::BadList {
        path: path.clone(),
        line,
    })?;
    if sums.contains_key(manifest::ABOUT_FILE) {
        return Ok(sums);
    }
    let line = text.lines().count() + 1;
    Err(RestoreError::BadList { path, line })
}

fn read_text(path: &Path, limit_bytes: u64) -> io::Result<String> {
    let mut text = String::new();
    let file = fs::File::open(path)?;
    file.take(limit_bytes).read_to_string(&mut text)?;
    Ok(text)
}

/// Sees to it that all that was listed is there, and nothing else. How long each file is.
fn compare_names(backup: &Path, sums: &Sums) -> Result<BTreeMap<String, u64>, RestoreError> {
    let mut there = BTreeMap::new();
    list(backup, "", &mut there)?;
    there.remove(manifest::SUMS_FILE);
    if let Some(extra) = there.keys().find(|name| !sums.contains_key(*name)) {
        return Err(RestoreError::Extra {
            path: backup.join(extra),
        });
    }
    if let Some(missing) = sums.keys().find(|name| !there.contains_key(*name)) {
        return Err(RestoreError::Missing {
            path: backup.join(missing),
        });
    }
    Ok(there)
}

fn list(
    backup: &Path,
    folder: &str,
    there: &mut BTreeMap<String, u64>,
) -> Result<(), RestoreError> {
    let path = backup.join(folder);
    let failed = || FileError::read(&path);
    for entry in fs::read_dir(&path).map_err(failed())? {
        let entry = entry.map_err(failed())?;
        let metadata = entry.metadata().map_err(failed())?;
        let extra = || RestoreError::Extra { path: entry.path() };
        let name = entry.file_name().into_string().map_err(|_| extra())?;
        if metadata.is_file() {
            let name = match folder {
                "" => name,
                folder => format!("{folder}/{name}"),
            };
            there.insert(name, metadata.len());
        } else if folder.is_empty() && metadata.is_dir() && FOLDERS.contains(&name.as_str()) {
            list(backup, &name, there)?;
        } else {
            return Err(extra());
        }
    }
    Ok(())
}

/// Refuses a folder with state in it, or with what another restore left.
fn ensure_absent(state: &Path) -> Result<(), RestoreError> {
    let unfinished = state.join(RESTORE_FOLDER);
    if unfinished.symlink_metadata().is_ok() {
        return Err(RestoreError::Unfinished { path: unfinished });
    }
    let sizes = Sizes::of(state, &RealDisk::new(state)).map_err(FileError::read(state))?;
    if sizes.is_none() {
        return Ok(());
    }
    Err(RestoreError::HasState {
        path: state.to_owned(),
    })
}

fn make_state_folder(state: &Path) -> Result<(), RestoreError> {
    let disk = RealDisk::new(state);
    Ok(disk.make_folder("").map_err(FileError::write(state))?)
}

fn ensure_room(state: &Path, bytes: u64) -> Result<(), RestoreError> {
    let needed_bytes = bytes.saturating_add(SPARE_BYTES);
    // Where the system does not say it, the disk will.
    let Ok(of) = statvfs(state) else {
        return Ok(());
    };
    let free_bytes = of.f_bavail.saturating_mul(of.f_frsize);
    if free_bytes >= needed_bytes {
        return Ok(());
    }
    Err(RestoreError::NoRoom {
        path: state.to_owned(),
        needed_bytes,
        free_bytes,
    })
}

struct Work<'a> {
    backup: &'a Path,
    stage: &'a Path,
    state: &'a Path,
    sums: &'a Sums,
    total_bytes: u64,
}

impl Work<'_> {
    /// Copies everything, and compares it on the way: what was compared is what is used.
    fn fill(&self, progress: &mut dyn FnMut(Progress)) -> Result<Report, RestoreError> {
        for folder in FOLDERS {
            let path = self.stage.join(folder);
            new_folder(&path).map_err(FileError::write(&path))?;
        }
        let from = RealDisk::new(self.backup);
        let mut done_bytes = 0;
        for (name, expected) in self.sums {
            let path = self.backup.join(name);
            let to = self.stage.join(name);
            let file = from.open(name).map_err(FileError::read(&path))?;
            let area = area_of(name);
            let copied = copy::copy(&*file, u64::MAX, &to, &mut |bytes| {
                done_bytes += bytes;
                progress(Progress {
                    area,
                    done_bytes: done_bytes.min(self.total_bytes),
                    total_bytes: self.total_bytes,
                });
            });
            let copied = copied.map_err(|side| match side {
                Side::From(error) => FileError::read(&path)(error),
                Side::To(error) => FileError::write(&to)(error),
            })?;
            if copied.sum != *expected {
                return Err(RestoreError::Differs { path });
            }
        }
        let report = check::check(self.stage, &mut |_| {}).map_err(RestoreError::Check)?;
        let newer = |finding: &&check::Finding| finding.kind == FindingKind::Newer;
        if let Some(newer) = report.findings.iter().find(newer) {
            return Err(RestoreError::Newer {
                path: self.backup.join(&newer.file),
                what: newer.what.clone(),
            });
        }
        Ok(report)
    }

    /// The files that get a place, the database last: without one, a start says that it is gone.
    fn names(&self) -> impl Iterator<Item = &String> {
        let in_folder = |folder: &'static str| {
            let names = self.sums.keys();
            names.filter(move |name| {
                name.split_once('/').map_or("", |(folder, _)| folder) == folder
                    && *name != manifest::ABOUT_FILE
            })
        };
        FOLDERS.into_iter().chain([""]).flat_map(in_folder)
    }

    fn put_in_place(&self, placed: &mut Vec<PathBuf>) -> Result<(), RestoreError> {
        let disk = RealDisk::new(self.state);
        for folder in FOLDERS {
            let path = self.state.join(folder);
            disk.make_folder(folder).map_err(FileError::write(&path))?;
        }
        for name in self.names() {
            if name == DATABASE_FILE_NAME {
                // What the database refers to is there before it.
                self.sync()?;
            }
            let to = self.state.join(name);
            match rename_new(&self.stage.join(name), &to) {
                // A command made a database meanwhile, for which it needs no lock of the log.
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
                    return Err(RestoreError::HasState {
                        path: self.state.to_owned(),
                    });
                }
                renamed => renamed.map_err(FileError::write(&to))?,
            }
            placed.push(to);
        }
        self.sync()
    }

    fn sync(&self) -> Result<(), RestoreError> {
        let folders = FOLDERS.iter().map(|folder| self.state.join(folder));
        for path in folders.chain([self.state.to_owned()]) {
            sync_folder(&path).map_err(FileError::write(&path))?;
        }
        Ok(())
    }
}

fn area_of(name: &str) -> Area {
    match name.split_once('/') {
        Some((segment::FOLDER, _)) => Area::Events,
        Some((crate::dedupe::FOLDER, _)) => Area::Keys,
        Some((files::FOLDER, _)) => Area::Calls,
        _ => Area::Records,
    }
}
