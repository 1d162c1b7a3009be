//! How `wharf reload ID --accept` reaches the running process: small files in the state folder.
//!
//! ```text
//! STATE/reload/running      locked by the one process that serves, whose number it holds
//! STATE/reload/held/ID      written by that process: what waits, why, and the hash of the text
//! STATE/reload/accept/ID    written by the command: the hash of the text that is accepted
//! ```
//!
//! What is accepted is a text, not whatever the file holds by then. There are at most as many
//! files as documents.

use std::fs::{self, DirBuilder, File, OpenOptions, TryLockError};
use std::io::{self, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, FileExt as _, MetadataExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use aws_lc_rs::digest::{SHA256, digest};
use rustix::fs::OFlags;
use serde::{Deserialize, Serialize};

use wharf_workspace::reload::Held;

use crate::read::{open, state_text};

/// The SHA-256 of a text, in hexadecimal digits.
pub(crate) fn hash(text: &str) -> String {
    let digest = digest(&SHA256, text.as_bytes());
    digest
        .as_ref()
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

/// A change that waits, as the command reads it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Waiting {
    /// Path of the document in the workspace.
    pub(crate) file: String,
    /// What makes the change one to be careful with.
    pub(crate) why: String,
    /// What it takes away.
    pub(crate) lost: String,
    /// Of the exact text or end.
    pub(crate) hash: String,
    /// It ends the integration.
    pub(crate) ends: bool,
}

/// Why a process has no place in a state folder.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Refused {
    /// Another one has it.
    #[error(
        "another `wharf up` uses the state folder {}{}; put this one in its place with --takeover, \
         stop that one, or give this one a folder of its own with --state (callers are kept there, \
         so it needs its own)",
        folder.display(),
        number.map_or_else(String::new, |number| format!(" (process {number})"))
    )]
    InUse {
        /// The state folder.
        folder: PathBuf,
        /// The number of that process, as it knows itself.
        number: Option<u32>,
    },
    /// The system says no.
    #[error(transparent)]
    Failed(#[from] io::Error),
}

/// The process's side. The lock lasts as long as this value, and as the process at most.
#[derive(Debug)]
pub(crate) struct Desk {
    folder: PathBuf,
    lock: File,
}

impl Desk {
    /// Takes its place in a state folder that is there, which one process at a time can have: two
    /// would each overwrite the texts that the other has kept, and answer for the other's changes.
    ///
    /// A command that only looks whether a process serves is waited for, up to [`LOOK`].
    pub(crate) fn take(state: &Path) -> Result<Self, Refused> {
        let deadline = Instant::now() + LOOK;
        loop {
            match Self::open(state) {
                Err(Refused::InUse { .. }) if Instant::now() < deadline => {
                    std::thread::sleep(LOOK / 20);
                }
                done => return done,
            }
        }
    }

    /// The same without waiting.
    pub(super) fn open(state: &Path) -> Result<Self, Refused> {
        let folder = state.join(FOLDER);
        for name in ["", HELD, ACCEPT] {
            make_folder(&folder.join(name))?;
        }
        let lock = lock_file(&folder)?;
        match lock.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                let number = state_text(&folder.join(LOCK)).ok();
                return Err(Refused::InUse {
                    folder: state.to_owned(),
                    number: number.and_then(|number| number.trim().parse().ok()),
                });
            }
            Err(TryLockError::Error(error)) => return Err(error.into()),
        }
        sign(&lock);
        Ok(Self { folder, lock })
    }

    /// The place of another process that gave its lock; `None`: it is not the one of this folder.
    pub(crate) fn given(state: &Path, lock: File) -> Option<Self> {
        let folder = state.join(FOLDER);
        let desk = Self { folder, lock };
        desk.is_in_place().then_some(desk)
    }

    /// The lock, for another process: it holds until all who have it are gone.
    pub(crate) fn lock(&self) -> io::Result<File> {
        self.lock.try_clone()
    }

    /// Whether the file that is locked is the one that the command looks at.
    pub(super) fn is_in_place(&self) -> bool {
        let place = |metadata: fs::Metadata| (metadata.dev(), metadata.ino());
        let there = fs::metadata(self.folder.join(LOCK)).ok().map(place);
        there.is_some() && there == self.lock.metadata().ok().map(place)
    }

    /// Shows what waits, and takes away what waits no longer.
    pub(super) fn show(&self, held: &[Held]) -> io::Result<()> {
        self.add(held)?;
        for entry in fs::read_dir(self.folder.join(HELD))? {
            let entry = entry?;
            let name = entry.file_name();
            if !held.iter().any(|held| name == held.id.as_str()) {
                remove(&entry.path())?;
                remove(&self.folder.join(ACCEPT).join(name))?;
            }
        }
        Ok(())
    }

    /// Shows what waits.
    pub(super) fn add(&self, held: &[Held]) -> io::Result<()> {
        let folder = self.folder.join(HELD);
        for document in held {
            let waiting = Waiting {
                file: document.file.clone(),
                why: document.why.clone(),
                lost: document.lost.clone(),
                hash: document.hash.clone(),
                ends: document.ends,
            };
            if read(&folder, &document.id).as_ref() != Some(&waiting) {
                write(&folder, &document.id, &serde_json::to_vec(&waiting)?)?;
            }
        }
        Ok(())
    }
}

/// Writes the number of this process into the lock's file.
///
/// It only helps whoever is refused, so a full disk does not matter here.
pub(crate) fn sign(lock: &File) {
    let number = format!("{}\n", std::process::id());
    // Where the last one stopped to write is no place to begin.
    let _ = lock
        .set_len(0)
        .and_then(|()| lock.write_all_at(number.as_bytes(), 0));
}

/// Hashes of what waits and was accepted.
pub(super) fn accepted(state: &Path, held: &[Held]) -> Vec<String> {
    let folder = state.join(FOLDER).join(ACCEPT);
    let hash_of = |held: &Held| state_text(&folder.join(&held.id)).ok();
    held.iter()
        .filter(|held| hash_of(held).is_some_and(|hash| hash.trim() == held.hash))
        .map(|held| held.hash.clone())
        .collect()
}

/// The command's side.
#[derive(Debug)]
pub(crate) struct Counter {
    folder: PathBuf,
}

impl Counter {
    /// For a state folder. Nothing is made.
    pub(crate) fn of(state: &Path) -> Self {
        Self {
            folder: state.join(FOLDER),
        }
    }

    /// Whether a process serves.
    pub(crate) fn is_attended(&self) -> io::Result<bool> {
        let lock = match open(&self.folder.join(LOCK)) {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(false),
            Err(error) => return Err(error),
        };
        // Shared, so that two commands never take each other for a process that serves.
        match lock.try_lock_shared() {
            Ok(()) => Ok(false),
            Err(TryLockError::WouldBlock) => Ok(true),
            Err(TryLockError::Error(error)) => Err(error),
        }
    }

    /// The number of the process that serves, as it knows itself.
    pub(crate) fn number(&self) -> Option<u32> {
        let number = state_text(&self.folder.join(LOCK)).ok()?;
        number.trim().parse().ok()
    }

    /// Everything that waits, by id.
    pub(crate) fn waiting(&self) -> io::Result<Vec<(String, Waiting)>> {
        let folder = self.folder.join(HELD);
        let mut all = Vec::new();
        for entry in fs::read_dir(&folder)? {
            let id = entry?.file_name().to_string_lossy().into_owned();
            if let Some(waiting) = read(&folder, &id) {
                all.push((id, waiting));
            }
        }
        all.sort_by(|a, b| a.0.cmp(&b.0));
        Ok(all)
    }

    /// What waits under one id.
    pub(crate) fn waiting_for(&self, id: &str) -> Option<Waiting> {
        read(&self.folder.join(HELD), id)
    }

    /// Accepts a text.
    pub(crate) fn accept(&self, id: &str, hash: &str) -> io::Result<()> {
        write(&self.folder.join(ACCEPT), id, hash.as_bytes())
    }
}

/// Longest time for which a command holds the lock while it looks.
const LOOK: Duration = Duration::from_millis(500);

const FOLDER: &str = "reload";
const HELD: &str = "held";
const ACCEPT: &str = "accept";
const LOCK: &str = "running";

/// No link is followed: what it leads to would be written over. No pipe is waited for.
fn lock_file(folder: &Path) -> io::Result<File> {
    let flags = (OFlags::NOFOLLOW | OFlags::NONBLOCK).bits();
    OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(false)
        .mode(0o600)
        .custom_flags(i32::try_from(flags).unwrap_or_default())
        .open(folder.join(LOCK))
}

/// Makes a folder for its owner alone, in a folder that is there.
pub(super) fn make_folder(path: &Path) -> io::Result<()> {
    match DirBuilder::new().mode(0o700).create(path) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
        made => made,
    }
}

/// Puts a file in place whole, for its owner alone. Its name is on the disk after [`sync_folder`].
pub(super) fn write(folder: &Path, name: &str, bytes: &[u8]) -> io::Result<()> {
    // Files of this kind are made with mode 0600.
    let mut file = tempfile::Builder::new()
        .prefix(".wharf-")
        .tempfile_in(folder)?;
    file.write_all(bytes)?;
    file.as_file().sync_all()?;
    file.persist(folder.join(name))
        .map_err(|error| error.error)?;
    Ok(())
}

/// Makes sure that names of new files lead to them after a loss of power.
pub(super) fn sync_folder(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}

pub(super) fn remove(path: &Path) -> io::Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        removed => removed,
    }
}

/// `None`: there is no such file, or it is half written by something else.
fn read(folder: &Path, id: &str) -> Option<Waiting> {
    // A name with a slash is no id.
    wharf_document::IntegrationId::new(id)?;
    serde_json::from_str(&state_text(&folder.join(id)).ok()?).ok()
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::process::Command;

    use super::{Counter, Desk, FOLDER, LOCK};

    #[test]
    fn nothing_in_the_place_of_the_lock_is_waited_for_or_written_over() {
        let state = tempfile::tempdir().unwrap();
        let other = state.path().join("other");
        fs::write(&other, "precious").unwrap();
        let lock = state.path().join(FOLDER).join(LOCK);
        fs::create_dir(state.path().join(FOLDER)).unwrap();
        std::os::unix::fs::symlink(&other, &lock).unwrap();
        assert!(Desk::open(state.path()).is_err());
        assert_eq!(fs::read_to_string(&other).unwrap(), "precious");
        fs::remove_file(&lock).unwrap();
        let made = Command::new("mkfifo").arg(&lock).status();
        assert!(made.unwrap().success());
        assert!(Desk::open(state.path()).is_err());
        let counter = Counter::of(state.path());
        assert!(counter.is_attended().is_err());
        assert_eq!(counter.number(), None);
        fs::remove_file(&lock).unwrap();
        let _desk = Desk::open(state.path()).unwrap();
        assert!(counter.is_attended().unwrap());
        assert_eq!(counter.number(), Some(std::process::id()));
    }
}
