//! The socket in the state folder at which a process is asked for its listeners.

use std::fs::{self, File, Permissions};
use std::io;
use std::os::fd::AsRawFd as _;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::{Path, PathBuf};

use rustix::net::{AddressFamily, SocketAddrUnix, SocketFlags, SocketType, connect, socket_with};

/// Longest path that is used for a socket as it is, in bytes. Linux takes 107, others 103.
const MOST_PATH_BYTES: usize = 100;

/// A socket under its name. Dropping it takes the name away, unless another process has it by then.
#[derive(Debug)]
pub(super) struct Door {
    path: PathBuf,
    /// Device and inode.
    place: (u64, u64),
}

impl Door {
    /// Makes a socket in a folder that is there, and puts it in the place of what had its name.
    ///
    /// Errors: the system refuses, as a file system does that knows no sockets.
    pub(super) fn open(folder: &Path, name: &str) -> io::Result<(Self, UnixListener)> {
        let path = folder.join(name);
        // Under its name only when it answers: a caller that finds none believes that nobody serves.
        let new = format!(".{name}-{}", std::process::id());
        // In a container every process may have the same number.
        let _ = fs::remove_file(folder.join(&new));
        let listener = at(folder, &new, |path| UnixListener::bind(path))?;
        let new = folder.join(new);
        let placed = fs::set_permissions(&new, Permissions::from_mode(0o600))
            .and_then(|()| fs::metadata(&new))
            .and_then(|metadata| fs::rename(&new, &path).map(|()| metadata));
        let metadata = placed.inspect_err(|_| drop(fs::remove_file(&new)))?;
        listener.set_nonblocking(true)?;
        let door = Self {
            path,
            place: place(&metadata),
        };
        Ok((door, listener))
    }

    /// Whether it is still found under its name.
    pub(super) fn is_in_place(&self) -> bool {
        fs::symlink_metadata(&self.path).is_ok_and(|there| place(&there) == self.place)
    }
}

impl Drop for Door {
    fn drop(&mut self) {
        if self.is_in_place() {
            // What is left is found to be dead.
            let _ = fs::remove_file(&self.path);
        }
    }
}

/// Connects to the process behind a name; `None`: there is none. The stream does not block.
///
/// Errors: `WouldBlock` when there is one that takes no more connections, as one that is stopped.
pub(super) fn knock(folder: &Path, name: &str) -> io::Result<Option<UnixStream>> {
    match at(folder, name, reach) {
        Ok(stream) => Ok(Some(stream)),
        Err(error) if is_nobody(&error) => Ok(None),
        Err(error) => Err(error),
    }
}

/// Connects without waiting for room in the other's queue: who asks may be the one thread that
/// serves, and a process that is stopped makes no room.
fn reach(path: &Path) -> io::Result<UnixStream> {
    let flags = SocketFlags::CLOEXEC | SocketFlags::NONBLOCK;
    let socket = socket_with(AddressFamily::UNIX, SocketType::STREAM, flags, None)?;
    connect(&socket, &SocketAddrUnix::new(path)?)?;
    Ok(socket.into())
}

fn is_nobody(error: &io::Error) -> bool {
    use io::ErrorKind::{ConnectionRefused, NotADirectory, NotFound};
    matches!(error.kind(), NotFound | NotADirectory | ConnectionRefused)
}

fn place(metadata: &fs::Metadata) -> (u64, u64) {
    (metadata.dev(), metadata.ino())
}

/// Does something with the path of a socket. One that is too long for the system goes by way of the
/// folder's descriptor.
fn at<T>(folder: &Path, name: &str, act: impl Fn(&Path) -> io::Result<T>) -> io::Result<T> {
    let path = folder.join(name);
    if path.as_os_str().len() <= MOST_PATH_BYTES {
        return act(&path);
    }
    let folder = File::open(folder)?;
    let short = format!("/proc/self/fd/{}", folder.as_raw_fd());
    act(&Path::new(&short).join(name))
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::io::ErrorKind;

    use super::{Door, knock};

    #[test]
    fn one_that_takes_no_connections_is_not_waited_for() {
        let folder = tempfile::tempdir().unwrap();
        let (_door, listener) = Door::open(folder.path(), "door").unwrap();
        // The shortest queue that there is.
        rustix::net::listen(&listener, 0).unwrap();
        let mut waiting = Vec::new();
        let error = loop {
            match knock(folder.path(), "door") {
                Ok(stream) => waiting.push(stream.unwrap()),
                Err(error) => break error,
            }
        };
        assert_eq!(error.kind(), ErrorKind::WouldBlock);
    }

    #[test]
    fn a_door_is_found_under_its_name_while_it_is_there() {
        let folder = tempfile::tempdir().unwrap();
        let long = folder.path().join("x".repeat(150));
        fs::create_dir(&long).unwrap();
        for folder in [folder.path(), &long] {
            assert!(knock(folder, "door").unwrap().is_none());
            let (first, listener) = Door::open(folder, "door").unwrap();
            assert!(first.is_in_place());
            assert!(knock(folder, "door").unwrap().is_some());
            listener.accept().unwrap();
            // Another takes its name, and keeps it when the first goes.
            let (second, other) = Door::open(folder, "door").unwrap();
            assert!(!first.is_in_place());
            drop((first, listener));
            assert!(second.is_in_place());
            assert!(knock(folder, "door").unwrap().is_some());
            // What a killed process leaves is nobody.
            drop(other);
            assert!(knock(folder, "door").unwrap().is_none());
            let (third, _listener) = Door::open(folder, "door").unwrap();
            drop(third);
            assert!(!folder.join("door").exists());
            drop(second);
        }
        assert!(
            knock(&folder.path().join("none"), "door")
                .unwrap()
                .is_none()
        );
    }
}
