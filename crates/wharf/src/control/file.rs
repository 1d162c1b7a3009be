//! `control.json`: its form, and how it is read and written.

use std::fs::{self, File};
use std::io::{self, Read as _, Write as _};
use std::net::SocketAddr;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

use rustix::fs::{Mode, OFlags};
use rustix::io::Errno;
use secrecy::zeroize::Zeroizing;
use serde::{Deserialize, Serialize};
use wharf_console::ControlToken;

use crate::takeover::Kind;

/// The format that is written, and the only one that is read.
const FORMAT: u32 = 1;

/// Longest file that is read, in bytes. A whole one has a few hundred.
const LIMIT_BYTES: u64 = 4_096;

/// What names of files begin with that are not in place yet.
const NEW: &str = ".wharf-control-";

/// Where a process answers, and what it wants to hear.
#[derive(Clone, Debug)]
pub(crate) struct Control {
    /// Where the control API is.
    pub(crate) address: SocketAddr,
    /// The number of the process, as it knows itself.
    pub(crate) process: u32,
    pub(crate) token: ControlToken,
}

#[derive(Serialize, Deserialize)]
struct Written<'a> {
    format: u32,
    address: SocketAddr,
    process: u32,
    token: &'a str,
}

/// Of a file in another format no more is known.
#[derive(Deserialize)]
struct Format {
    format: u32,
}

/// What tells a file from another one, and from itself after a change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Mark {
    device: u64,
    inode: u64,
    bytes: u64,
    changed: (i64, i64),
}

/// Why a file says nothing.
#[derive(Debug, thiserror::Error)]
pub(crate) enum FileError {
    #[error(
        "{} is damaged, or half written by another program; remove it: a `wharf up` that serves \
         writes it anew within a second",
        path.display()
    )]
    Damaged { path: PathBuf },
    #[error(
        "{} has format {format}, and this version of wharf knows format {FORMAT}; use the wharf \
         that serves",
        path.display()
    )]
    Newer { path: PathBuf, format: u32 },
    #[error(
        "{} belongs to another user ({owner}); run this command as the user that runs `wharf up`, \
         or remove the file if that user should not serve this state folder",
        path.display()
    )]
    Foreign { path: PathBuf, owner: String },
    #[error("{} cannot be read; check its permissions and those of its folder", path.display())]
    System {
        path: PathBuf,
        #[source]
        source: io::Error,
    },
}

/// The path of the file in a state folder.
pub(super) fn path(state: &Path, kind: Kind) -> PathBuf {
    state.join(match kind {
        Kind::Real => "control.json",
        Kind::Simulation => "control-simulation.json",
    })
}

impl Mark {
    /// Of what is there under a name.
    pub(super) fn of(path: &Path) -> Option<Self> {
        Some(Self::in_metadata(&fs::symlink_metadata(path).ok()?))
    }

    fn in_metadata(metadata: &fs::Metadata) -> Self {
        Self {
            device: metadata.dev(),
            inode: metadata.ino(),
            bytes: metadata.len(),
            changed: (metadata.ctime(), metadata.ctime_nsec()),
        }
    }
}

/// Reads the file; `None`: there is none. No link is followed, and nothing is waited for.
pub(super) fn read(state: &Path, kind: Kind) -> Result<Option<(Control, Mark)>, FileError> {
    let path = path(state, kind);
    let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
    let file = match rustix::fs::open(&path, flags, Mode::empty()) {
        Ok(file) => File::from(file),
        Err(Errno::NOENT | Errno::NOTDIR) => return Ok(None),
        Err(Errno::LOOP) => return Err(FileError::Damaged { path }),
        Err(error) => return Err(unreadable(path, error.into())),
    };
    let metadata = match file.metadata() {
        Ok(metadata) => metadata,
        Err(error) => return Err(unreadable(path, error)),
    };
    if !metadata.is_file() || metadata.len() > LIMIT_BYTES {
        return Err(FileError::Damaged { path });
    }
    if !is_trusted(state, metadata.uid()) {
        return Err(foreign(path, metadata.uid()));
    }
    let mut text = Zeroizing::new(String::new());
    match file.take(LIMIT_BYTES).read_to_string(&mut text) {
        Ok(_) => {}
        Err(error) if error.kind() == io::ErrorKind::InvalidData => {
            return Err(FileError::Damaged { path });
        }
        Err(error) => return Err(unreadable(path, error)),
    }
    match serde_json::from_str(&text) {
        Ok(Format { format: FORMAT }) => {}
        Ok(Format { format }) => return Err(FileError::Newer { path, format }),
        Err(_) => return Err(FileError::Damaged { path }),
    }
    let written = serde_json::from_str::<Written<'_>>(&text).ok();
    let control = written.and_then(|written| {
        Some(Control {
            address: written.address,
            process: written.process,
            token: ControlToken::from_text(written.token)?,
        })
    });
    let control = control.ok_or(FileError::Damaged { path })?;
    Ok(Some((control, Mark::in_metadata(&metadata))))
}

/// Whether what a user has written is what the process that serves wrote: that is this user. Who
/// may do everything believes the owner of the folder.
fn is_trusted(state: &Path, owner: u32) -> bool {
    let this = rustix::process::geteuid();
    let is_folders = || fs::metadata(state).is_ok_and(|folder| folder.uid() == owner);
    owner == this.as_raw() || (this.is_root() && is_folders())
}

fn unreadable(path: PathBuf, source: io::Error) -> FileError {
    let owner = fs::symlink_metadata(&path).map(|metadata| metadata.uid());
    match owner {
        Ok(owner)
            if source.kind() == io::ErrorKind::PermissionDenied
                && owner != rustix::process::geteuid().as_raw() =>
        {
            foreign(path, owner)
        }
        _ => FileError::System { path, source },
    }
}

fn foreign(path: PathBuf, owner: u32) -> FileError {
    FileError::Foreign {
        path,
        owner: super::user::name_of(owner),
    }
}

/// Puts the file in place, whole and on the disk, for its owner alone.
pub(super) fn write(state: &Path, kind: Kind, control: &Control) -> io::Result<Mark> {
    let written = Written {
        format: FORMAT,
        address: control.address,
        process: control.process,
        token: control.token.expose_secret(),
    };
    let mut text = Zeroizing::new(serde_json::to_vec(&written)?);
    text.push(b'\n');
    // Files of this kind are made with mode 0600.
    let mut file = tempfile::Builder::new().prefix(NEW).tempfile_in(state)?;
    file.write_all(&text)?;
    file.as_file().sync_all()?;
    let placed = file.persist(path(state, kind));
    let placed = placed.map_err(|error| error.error)?;
    // Being renamed changes it.
    let mark = Mark::in_metadata(&placed.metadata()?);
    File::open(state)?.sync_all()?;
    Ok(mark)
}

/// Takes away what killed processes have left of files that they were writing.
pub(super) fn tidy(state: &Path) {
    let Ok(entries) = fs::read_dir(state) else {
        return;
    };
    for entry in entries.flatten() {
        if entry
            .file_name()
            .as_encoded_bytes()
            .starts_with(NEW.as_bytes())
        {
            // What stays does no harm.
            let _ = fs::remove_file(entry.path());
        }
    }
}
