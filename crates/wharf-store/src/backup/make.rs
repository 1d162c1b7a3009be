//! Making a backup, while processes go on writing.
//!
//! The order makes the parts fit. Files of keys are opened before segments are listed: a key whose
//! event is not in the copy would have a later delivery of it taken for a duplicate. The newest
//! segments are opened before that, so that retention does not take away one whose keys are in no
//! file yet. The database comes first: what it refers to is in the log.

use std::collections::BTreeMap;
use std::fs::{self, DirBuilder};
use std::io;
use std::os::unix::fs::DirBuilderExt as _;
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use rustix::fs::{CWD, RenameFlags, renameat_with, statvfs};

use super::Backup;
use super::copy::{self, Side, sync_folder};
use super::error::{BackupError, FileError};
use super::manifest::{self, About, BACKUP_FORMAT, Sums};
use crate::calls::files;
use crate::check::{self, Area, Progress, Sizes};
use crate::dedupe::check as keys;
use crate::disk::{Disk, DiskFile, RealDisk};
use crate::log::segment;
use crate::log::walk::walk;
use crate::sqlite::inspect::{CopyError, Look};
use crate::sqlite::open::{DATABASE_FILE_NAME, ensure_restored};

/// What the name of a backup ends with until it is whole.
const UNFINISHED: &str = ".wharf-unfinished";

/// Most segments that are kept open: many more than have keys in no file.
const OPEN_LIMIT: usize = 256;

/// Looks at files that change before that is given up.
const TRY_LIMIT: usize = 100;

/// Room that file systems take beside the files, in bytes.
const SPARE_BYTES: u64 = 1024 * 1024;

/// Copies a state folder to a new folder `target`, while processes use it or not. Blocks.
///
/// All that was acknowledged before it began is in it; of what was acknowledged meanwhile, some may
/// be. Every file and name of it is on the disk on return. Killed, it leaves a folder beside the
/// target with `.wharf-unfinished` behind its name; `target` itself is whole or not there.
pub fn backup(
    state: &Path,
    target: &Path,
    version: &str,
    now: Timestamp,
    progress: &mut dyn FnMut(Progress),
) -> Result<Backup, BackupError> {
    ensure_restored(state).map_err(BackupError::Database)?;
    let disk = RealDisk::new(state);
    let sizes = Sizes::of(state, &disk).map_err(FileError::read(state))?;
    if sizes.is_none() {
        return Err(BackupError::NoState {
            path: state.to_owned(),
        });
    }
    let place = Place::of(state, target)?;
    let found = Found::of(&disk)?;
    let total_bytes = sizes.records + found.bytes();
    place.ensure_room(total_bytes)?;
    place.make()?;
    let mut maker = Maker {
        disk: &disk,
        to: &place.unfinished,
        sums: Sums::new(),
        bytes: 0,
        total_bytes,
        progress,
    };
    let made = maker.make(state, &sizes, found, version, now);
    let made = made.and_then(|backup| {
        place.finish()?;
        Ok(backup)
    });
    if made.is_err() {
        // The first error is the one to tell; the next backup tells what is left.
        let _ = fs::remove_dir_all(&place.unfinished);
    }
    made
}

/// Where a backup is made.
struct Place {
    parent: PathBuf,
    target: PathBuf,
    unfinished: PathBuf,
}

impl Place {
    fn of(state: &Path, target: &Path) -> Result<Self, BackupError> {
        let exists = || BackupError::Exists {
            path: target.to_owned(),
        };
        if target.symlink_metadata().is_ok() {
            return Err(exists());
        }
        let name = target.file_name().ok_or_else(exists)?;
        let parent = match target.parent() {
            Some(parent) if !parent.as_os_str().is_empty() => parent,
            _ => Path::new("."),
        };
        let parent = parent.canonicalize().map_err(FileError::write(parent))?;
        let real_state = state.canonicalize().map_err(FileError::read(state))?;
        if parent.starts_with(&real_state) {
            return Err(BackupError::Inside {
                path: target.to_owned(),
                state: state.to_owned(),
            });
        }
        let mut unfinished = name.to_owned();
        unfinished.push(UNFINISHED);
        Ok(Self {
            target: parent.join(name),
            unfinished: parent.join(unfinished),
            parent,
        })
    }

    fn ensure_room(&self, bytes: u64) -> Result<(), BackupError> {
        let needed_bytes = bytes.saturating_add(SPARE_BYTES);
        // Where the system does not say it, the disk will.
        let Ok(of) = statvfs(&self.parent) else {
            return Ok(());
        };
        let free_bytes = of.f_bavail.saturating_mul(of.f_frsize);
        if free_bytes >= needed_bytes {
            return Ok(());
        }
        Err(BackupError::NoRoom {
            path: self.parent.clone(),
            needed_bytes,
            free_bytes,
        })
    }

    fn make(&self) -> Result<(), BackupError> {
        match new_folder(&self.unfinished) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
                Err(BackupError::Unfinished {
                    path: self.unfinished.clone(),
                })
            }
            made => Ok(made.map_err(FileError::write(&self.unfinished))?),
        }
    }

    fn finish(&self) -> Result<(), BackupError> {
        match rename_new(&self.unfinished, &self.target) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
                return Err(BackupError::Exists {
                    path: self.target.clone(),
                });
            }
            renamed => renamed.map_err(FileError::write(&self.target))?,
        }
        Ok(sync_folder(&self.parent).map_err(FileError::write(&self.parent))?)
    }
}

pub(super) fn new_folder(path: &Path) -> io::Result<()> {
    DirBuilder::new().mode(0o700).create(path)
}

/// Gives a file or folder a name that nothing has.
pub(super) fn rename_new(from: &Path, to: &Path) -> io::Result<()> {
    use rustix::io::Errno;
    match renameat_with(CWD, from, CWD, to, RenameFlags::NOREPLACE) {
        // The file system cannot refuse by itself.
        Err(Errno::INVAL | Errno::NOSYS | Errno::OPNOTSUPP) => {
            if to.symlink_metadata().is_ok() {
                return Err(io::ErrorKind::AlreadyExists.into());
            }
            fs::rename(from, to)
        }
        renamed => Ok(renamed?),
    }
}

/// A segment that is to be copied.
struct Source {
    /// Open, while there are not too many.
    file: Option<Box<dyn DiskFile>>,
    bytes: u64,
}

/// A file of keys that is open: its name, and how long it is.
type OpenRun = (String, Box<dyn DiskFile>, u64);

/// Files that are to be copied.
struct Found {
    runs: Vec<OpenRun>,
    segments: BTreeMap<u64, Source>,
    /// Where segments end, as the ones behind them say.
    ends: BTreeMap<u64, u64>,
    calls: Vec<(u64, u64)>,
}

impl Found {
    fn of(disk: &RealDisk) -> Result<Self, BackupError> {
        let mut found = Self {
            runs: Vec::new(),
            segments: BTreeMap::new(),
            ends: BTreeMap::new(),
            calls: Vec::new(),
        };
        found.find_segments(disk)?;
        found.runs = runs(disk)?;
        found.find_segments(disk)?;
        let calls = files::all(disk);
        found.calls = calls.map_err(FileError::read(&disk.path(files::FOLDER)))?;
        Ok(found)
    }

    /// Opens the segments that are not known yet.
    fn find_segments(&mut self, disk: &RealDisk) -> Result<(), BackupError> {
        let failed = |name: &str| FileError::read(&disk.path(name));
        let entries = disk.list(segment::FOLDER);
        let entries = entries.map_err(failed(segment::FOLDER))?;
        let numbers: Vec<u64> = entries
            .iter()
            .filter_map(|entry| segment::number(&entry.name))
            .filter(|number| !self.segments.contains_key(number))
            .collect();
        let first_open = numbers.len().saturating_sub(OPEN_LIMIT);
        for (at, number) in numbers.into_iter().enumerate() {
            let name = segment::name(number);
            let file = match disk.open(&name) {
                Err(error) if error.kind() == io::ErrorKind::NotFound => {
                    self.forget_up_to(number);
                    continue;
                }
                opened => opened.map_err(failed(&name))?,
            };
            if let Ok(header) = segment::header_of(&*file).map_err(failed(&name))? {
                self.ends.extend(header.previous);
            }
            let bytes = file.bytes().map_err(failed(&name))?;
            let file = (at >= first_open).then_some(file);
            self.segments.insert(number, Source { file, bytes });
        }
        Ok(())
    }

    /// Retention takes the oldest first: what lies before a segment that is gone is going too, and a
    /// gap would look like a loss.
    fn forget_up_to(&mut self, number: u64) {
        self.segments.retain(|&other, _| other > number);
    }

    fn bytes(&self) -> u64 {
        let runs = self.runs.iter().map(|(_, _, bytes)| bytes);
        let calls = self.calls.iter().map(|(_, bytes)| bytes);
        let segment = |(number, source): (&u64, &Source)| {
            let end = self.ends.get(number).copied();
            end.unwrap_or(source.bytes).min(source.bytes)
        };
        let segments = self.segments.iter().map(segment);
        runs.chain(calls).sum::<u64>() + segments.sum::<u64>()
    }
}

/// Opens all files of keys at one moment: none of them is made or taken away between two looks.
fn runs(disk: &RealDisk) -> Result<Vec<OpenRun>, BackupError> {
    let folder = disk.path(crate::dedupe::FOLDER);
    let failed = || FileError::read(&folder);
    let mut before = keys::names(disk).map_err(failed())?;
    for _ in 0..TRY_LIMIT {
        let opened: io::Result<Vec<_>> = before
            .iter()
            .map(|name| {
                let file = disk.open(&keys::path(name))?;
                let bytes = file.bytes()?;
                Ok((name.clone(), file, bytes))
            })
            .collect();
        let after = keys::names(disk).map_err(failed())?;
        match opened {
            Ok(opened) if after == before => return Ok(opened),
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                return Err(failed()(error).into());
            }
            _ => before = after,
        }
    }
    Err(BackupError::Changing { path: folder })
}

struct Maker<'a> {
    disk: &'a RealDisk,
    to: &'a Path,
    sums: Sums,
    /// Bytes of files that were copied.
    bytes: u64,
    total_bytes: u64,
    progress: &'a mut dyn FnMut(Progress),
}

impl Maker<'_> {
    fn make(
        &mut self,
        state: &Path,
        sizes: &Sizes,
        found: Found,
        version: &str,
        now: Timestamp,
    ) -> Result<Backup, BackupError> {
        self.tell(Area::Records, 0);
        if sizes.has_database {
            self.records(state)?;
        }
        self.folder(crate::dedupe::FOLDER)?;
        for (name, file, _) in found.runs {
            self.file(Area::Keys, &keys::path(&name), &*file, u64::MAX)?;
        }
        self.folder(segment::FOLDER)?;
        self.events(found.segments, &found.ends)?;
        self.folder(files::FOLDER)?;
        for (number, _) in found.calls {
            self.calls(number)?;
        }
        self.describe(version, now)?;
        for folder in [crate::dedupe::FOLDER, segment::FOLDER, files::FOLDER, ""] {
            let path = self.to.join(folder);
            sync_folder(&path).map_err(FileError::write(&path))?;
        }
        let report = check::check(self.to, &mut |_| {}).map_err(BackupError::Check)?;
        Ok(Backup {
            // The list is in no list.
            file_count: self.sums.len() as u64 + 1,
            bytes: self.bytes,
            report,
        })
    }

    fn folder(&self, name: &str) -> Result<(), BackupError> {
        let path = self.to.join(name);
        Ok(new_folder(&path).map_err(FileError::write(&path))?)
    }

    fn records(&mut self, state: &Path) -> Result<(), BackupError> {
        let to = self.to.join(DATABASE_FILE_NAME);
        let Some(look) = Look::open(state).map_err(BackupError::Database)? else {
            return Ok(());
        };
        look.copy(&to).map_err(|error| match error {
            CopyError::Write(source) => FileError::write(&to)(source).into(),
            CopyError::Database(error) => BackupError::Database(error.into()),
        })?;
        drop(look);
        let copied = RealDisk::new(self.to)
            .open(DATABASE_FILE_NAME)
            .and_then(|file| copy::sum(&*file));
        let copied = copied.map_err(FileError::read(&to))?;
        self.note(DATABASE_FILE_NAME, copied);
        self.tell(Area::Records, self.bytes);
        Ok(())
    }

    fn events(
        &mut self,
        segments: BTreeMap<u64, Source>,
        ends: &BTreeMap<u64, u64>,
    ) -> Result<(), BackupError> {
        let mut written: Vec<String> = Vec::new();
        for (number, source) in segments {
            let name = segment::name(number);
            let path = self.disk.path(&name);
            let file = match source.file.map_or_else(|| self.disk.open(&name), Ok) {
                Err(error) if error.kind() == io::ErrorKind::NotFound => {
                    // As above.
                    for name in written.drain(..) {
                        let path = self.to.join(&name);
                        fs::remove_file(&path).map_err(FileError::write(&path))?;
                        self.sums.remove(&name);
                    }
                    continue;
                }
                opened => opened.map_err(FileError::read(&path))?,
            };
            let failed = || FileError::read(&path);
            let end = match (
                ends.get(&number),
                segment::header_of(&*file).map_err(failed())?,
            ) {
                (Some(end), _) => *end,
                (None, Ok(header)) => walk(&*file, header.salt, None, |_| {}).map_err(failed())?,
                (None, Err(_)) => source.bytes,
            };
            self.file(Area::Events, &name, &*file, end)?;
            written.push(name);
        }
        Ok(())
    }

    fn calls(&mut self, number: u64) -> Result<(), BackupError> {
        let name = files::name(number);
        let path = self.disk.path(&name);
        let failed = || FileError::read(&path);
        let file = match self.disk.open(&name) {
            // Somebody took it away meanwhile.
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
            opened => opened.map_err(failed())?,
        };
        let end = match segment::header_of(&*file).map_err(failed())? {
            Ok(header) => walk(&*file, header.salt, None, |_| {}).map_err(failed())?,
            // It is being begun.
            Err(_) if file.bytes().map_err(failed())? == 0 => return Ok(()),
            Err(_) => u64::MAX,
        };
        self.file(Area::Calls, &name, &*file, end)
    }

    fn file(
        &mut self,
        area: Area,
        name: &str,
        from: &dyn DiskFile,
        end: u64,
    ) -> Result<(), BackupError> {
        let to = self.to.join(name);
        let mut done = self.bytes;
        let total_bytes = self.total_bytes;
        let progress = &mut self.progress;
        let copied = copy::copy(from, end, &to, &mut |bytes| {
            done += bytes;
            progress(Progress {
                area,
                done_bytes: done.min(total_bytes),
                total_bytes,
            });
        });
        let copied = copied.map_err(|side| match side {
            Side::From(error) => FileError::read(&self.disk.path(name))(error),
            Side::To(error) => FileError::write(&to)(error),
        })?;
        self.note(name, copied);
        Ok(())
    }

    fn note(&mut self, name: &str, copied: copy::Copied) {
        self.bytes += copied.bytes;
        self.sums.insert(name.to_owned(), copied.sum);
    }

    /// Writes what the backup says of itself.
    fn describe(&mut self, version: &str, now: Timestamp) -> Result<(), BackupError> {
        let about = About {
            format: BACKUP_FORMAT,
            time: now,
            version: version.to_owned(),
        };
        let written = self.text(manifest::ABOUT_FILE, &about.to_text())?;
        self.note(manifest::ABOUT_FILE, written);
        let list = manifest::sums_to_text(&self.sums);
        let written = self.text(manifest::SUMS_FILE, &list)?;
        self.bytes += written.bytes;
        Ok(())
    }

    fn text(&self, name: &str, text: &str) -> Result<copy::Copied, BackupError> {
        let to = RealDisk::new(self.to);
        let written = to.create(name).and_then(|file| {
            file.write_at(text.as_bytes(), 0)?;
            file.sync()?;
            copy::sum(&*file)
        });
        Ok(written.map_err(FileError::write(&to.path(name)))?)
    }

    fn tell(&mut self, area: Area, done: u64) {
        (self.progress)(Progress {
            area,
            done_bytes: done.min(self.total_bytes),
            total_bytes: self.total_bytes,
        });
    }
}
