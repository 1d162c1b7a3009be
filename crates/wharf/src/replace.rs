//! Replaces the text of a file so that a crash leaves the old text or the new one, whole; makes a
//! file so that it leaves none or all of it.

use std::fs::{self, File, OpenOptions, Permissions};
use std::io::{self, Write as _};
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, fchown};
use std::path::{Path, PathBuf};

/// Why a file keeps its text.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Refused {
    /// It is gone.
    #[error("is gone; nothing was written")]
    Vanished,
    /// Somebody else wrote it meanwhile.
    #[error("was changed by somebody else while it was checked; nothing was written, run again")]
    Changed,
    /// Nobody may write it.
    #[error("is read-only; nothing was written, make it writable and run again")]
    ReadOnly,
    /// The operating system says no.
    #[error("cannot be written ({0}); it has its old text")]
    Failed(#[from] io::Error),
}

/// Puts `new` in the place of `old`, which is what the file held when it was read.
///
/// A link is followed and stays a link. Permissions stay, and so does the owner where the
/// program may give files away. The new text is on the disk when this returns. Between the last
/// look at the old text and the replacement lies a moment in which another writer goes unnoticed.
pub(crate) fn replace(path: &Path, old: &str, new: &str) -> Result<(), Refused> {
    let target = resolved(path)?;
    let metadata = fs::metadata(&target).map_err(vanished)?;
    if metadata.permissions().readonly() {
        return Err(Refused::ReadOnly);
    }
    // Who may not write the file may still be allowed to replace it; that is not what was meant.
    if let Err(error) = OpenOptions::new().append(true).open(&target) {
        return Err(vanished(error));
    }
    let folder = crate::read::folder_of(&target);
    let mut file = tempfile::Builder::new()
        .prefix(".wharf-")
        .suffix(".tmp")
        .tempfile_in(folder)?;
    file.write_all(new.as_bytes())?;
    // Before the permissions: giving a file away takes some of them back.
    let _ = fchown(file.as_file(), Some(metadata.uid()), Some(metadata.gid()));
    file.as_file().set_permissions(metadata.permissions())?;
    file.as_file().sync_all()?;
    if fs::read(&target).map_err(vanished)? != old.as_bytes() {
        return Err(Refused::Changed);
    }
    file.persist(&target).map_err(|error| error.error)?;
    // Without this, the name may still lead to the old text after a loss of power.
    File::open(folder)?.sync_all()?;
    Ok(())
}

/// Writes a file that is not there yet: whole or not at all, also when the program is killed.
pub(crate) fn create(path: &Path, text: &str) -> io::Result<()> {
    let folder = crate::read::folder_of(path);
    let mut file = tempfile::Builder::new()
        .prefix(".wharf-")
        .suffix(".tmp")
        // Less what the user's mask takes away, as for any new file.
        .permissions(Permissions::from_mode(0o666))
        .tempfile_in(folder)?;
    file.write_all(text.as_bytes())?;
    file.as_file().sync_all()?;
    file.persist_noclobber(path).map_err(|error| error.error)?;
    File::open(folder)?.sync_all()
}

fn resolved(path: &Path) -> Result<PathBuf, Refused> {
    path.canonicalize().map_err(vanished)
}

fn vanished(error: io::Error) -> Refused {
    match error.kind() {
        io::ErrorKind::NotFound => Refused::Vanished,
        io::ErrorKind::PermissionDenied => Refused::ReadOnly,
        _ => Refused::Failed(error),
    }
}

#[cfg(test)]
mod tests;
