//! Files, as the log needs them: the one way to the disk, so that a disk can be simulated.
//!
//! Names are relative to one folder, with `/` between folders. Everything blocks.

mod real;
#[cfg(test)]
pub(crate) mod simulated;

use std::fmt;
use std::io;

pub(crate) use self::real::RealDisk;

/// A folder on some disk.
pub(crate) trait Disk: fmt::Debug + Send + Sync {
    /// The files in a folder of it, in order of their names. A folder that is not there has none.
    fn list(&self, folder: &str) -> io::Result<Vec<Entry>>;

    /// Makes a folder, and those above it, for their owner alone. One that is there stays. The root
    /// itself is made where it alone is asked for, which is the empty name. Errors: `NotFound`, where
    /// the root is gone.
    ///
    /// It is there after a loss of power once what is above it was synced.
    fn make_folder(&self, folder: &str) -> io::Result<()>;

    /// Makes a file for its owner alone, to be read and written. Errors: `AlreadyExists`.
    ///
    /// It is there after a loss of power once its folder was synced.
    fn create(&self, name: &str) -> io::Result<Box<dyn DiskFile>>;

    /// Opens a file to be read. Errors: `NotFound`.
    fn open(&self, name: &str) -> io::Result<Box<dyn DiskFile>>;

    /// Opens a file to be read and written. Errors: `NotFound`.
    fn open_to_write(&self, name: &str) -> io::Result<Box<dyn DiskFile>>;

    /// Gives a file another name, and takes the place of what has that.
    fn rename(&self, from: &str, to: &str) -> io::Result<()>;

    /// Takes a file away. One that is gone already is none.
    fn remove(&self, name: &str) -> io::Result<()>;

    /// Waits until the names in a folder are on the disk.
    fn sync_folder(&self, folder: &str) -> io::Result<()>;

    /// Room that is left, in bytes.
    fn free_bytes(&self) -> io::Result<u64>;

    /// Which file a name leads to now; `None`: none.
    fn identity(&self, name: &str) -> io::Result<Option<Identity>>;

    /// What a person calls a file, for messages.
    fn path(&self, name: &str) -> std::path::PathBuf;
}

/// An open file.
pub(crate) trait DiskFile: fmt::Debug + Send + Sync {
    /// Which file it is, whatever its name is by now.
    fn identity(&self) -> io::Result<Identity>;

    /// How long it is.
    fn bytes(&self) -> io::Result<u64>;

    /// Reads from a place in it. Less than was asked for only where the file ends.
    fn read_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<usize>;

    /// Writes all of it at a place. After an error any part of it may be written.
    fn write_at(&self, bytes: &[u8], offset: u64) -> io::Result<()>;

    /// Makes room for this many bytes from the start, which read as zero where nothing was written.
    fn allocate(&self, bytes: u64) -> io::Result<()>;

    /// Cuts it to this length.
    fn truncate(&self, bytes: u64) -> io::Result<()>;

    /// Waits until what was written is on the disk, its length included.
    ///
    /// After an error nobody knows what is: the system may have dropped what it could not write, and
    /// the next call may succeed all the same.
    fn sync(&self) -> io::Result<()>;
}

/// What tells a file from all others of the machine: its device and its number there.
pub(crate) type Identity = (u64, u64);

/// A file in a folder.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Entry {
    /// Its name in that folder.
    pub(crate) name: String,
    pub(crate) bytes: u64,
}
