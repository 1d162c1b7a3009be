//! The disk of this machine.

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io;
use std::os::unix::fs::{DirBuilderExt as _, FileExt as _, MetadataExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

use rustix::fs::{FallocateFlags, fallocate, statvfs};

use super::{Disk, DiskFile, Entry, Identity};

/// A folder of this machine.
#[derive(Debug)]
pub(crate) struct RealDisk {
    root: PathBuf,
}

impl RealDisk {
    pub(crate) fn new(root: &Path) -> Self {
        Self {
            root: root.to_owned(),
        }
    }

    fn open_with(&self, name: &str, options: &OpenOptions) -> io::Result<Box<dyn DiskFile>> {
        let file = options.open(self.path(name))?;
        let metadata = file.metadata()?;
        Ok(Box::new(RealFile {
            identity: (metadata.dev(), metadata.ino()),
            file,
        }))
    }
}

impl Disk for RealDisk {
    fn list(&self, folder: &str) -> io::Result<Vec<Entry>> {
        let entries = match fs::read_dir(self.path(folder)) {
            Ok(entries) => entries,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(error) => return Err(error),
        };
        let mut found = Vec::new();
        for entry in entries {
            let entry = entry?;
            // A name that is no text is none of ours.
            let Ok(name) = entry.file_name().into_string() else {
                continue;
            };
            match entry.metadata() {
                Ok(metadata) if metadata.is_file() => found.push(Entry {
                    name,
                    bytes: metadata.len(),
                }),
                Ok(_) => {}
                // Somebody took it away meanwhile.
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                Err(error) => return Err(error),
            }
        }
        found.sort();
        Ok(found)
    }

    fn make_folder(&self, folder: &str) -> io::Result<()> {
        let mut maker = DirBuilder::new();
        maker.mode(0o700);
        if folder.is_empty() {
            return maker.recursive(true).create(&self.root);
        }
        // Not the root: where that was moved away, nobody is to make another one in its place.
        let mut path = self.root.clone();
        for part in folder.split('/') {
            path.push(part);
            match maker.create(&path) {
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists && path.is_dir() => {}
                made => made?,
            }
        }
        Ok(())
    }

    fn create(&self, name: &str) -> io::Result<Box<dyn DiskFile>> {
        let mut options = OpenOptions::new();
        options.read(true).write(true).create_new(true).mode(0o600);
        self.open_with(name, &options)
    }

    fn open(&self, name: &str) -> io::Result<Box<dyn DiskFile>> {
        self.open_with(name, OpenOptions::new().read(true))
    }

    fn open_to_write(&self, name: &str) -> io::Result<Box<dyn DiskFile>> {
        self.open_with(name, OpenOptions::new().read(true).write(true))
    }

    fn rename(&self, from: &str, to: &str) -> io::Result<()> {
        fs::rename(self.path(from), self.path(to))
    }

    fn remove(&self, name: &str) -> io::Result<()> {
        match fs::remove_file(self.path(name)) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
            removed => removed,
        }
    }

    fn sync_folder(&self, folder: &str) -> io::Result<()> {
        File::open(self.path(folder))?.sync_all()
    }

    fn free_bytes(&self) -> io::Result<u64> {
        let of = statvfs(&self.root)?;
        Ok(of.f_bavail.saturating_mul(of.f_frsize))
    }

    fn identity(&self, name: &str) -> io::Result<Option<Identity>> {
        match fs::metadata(self.path(name)) {
            Ok(metadata) => Ok(Some((metadata.dev(), metadata.ino()))),
            Err(error) => match error.kind() {
                io::ErrorKind::NotFound | io::ErrorKind::NotADirectory => Ok(None),
                _ => Err(error),
            },
        }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.root.join(name)
    }
}

#[derive(Debug)]
struct RealFile {
    file: File,
    /// It stays the same, and is asked for with each group.
    identity: Identity,
}

impl DiskFile for RealFile {
    fn identity(&self) -> io::Result<Identity> {
        Ok(self.identity)
    }

    fn bytes(&self) -> io::Result<u64> {
        Ok(self.file.metadata()?.len())
    }

    fn read_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
        let mut done = 0;
        while done < buffer.len() {
            let at = offset + done as u64;
            match self
                .file
                .read_at(buffer.get_mut(done..).unwrap_or_default(), at)
            {
                Ok(0) => break,
                Ok(read) => done += read,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        Ok(done)
    }

    fn write_at(&self, bytes: &[u8], offset: u64) -> io::Result<()> {
        self.file.write_all_at(bytes, offset)
    }

    fn allocate(&self, bytes: u64) -> io::Result<()> {
        // Where memory is the disk, any signal ends it.
        let allocate = || fallocate(&self.file, FallocateFlags::empty(), 0, bytes);
        match rustix::io::retry_on_intr(allocate) {
            // The file system knows no such thing. Its length is set all the same, so that syncs
            // need not write it each time; room is then not promised.
            Err(rustix::io::Errno::OPNOTSUPP | rustix::io::Errno::NOSYS) => {
                self.file.set_len(bytes)
            }
            done => Ok(done?),
        }
    }

    fn truncate(&self, bytes: u64) -> io::Result<()> {
        self.file.set_len(bytes)
    }

    fn sync(&self) -> io::Result<()> {
        self.file.sync_data()
    }
}
