//! Files of segments that nobody writes: open only while they are read.
//!
//! Each start that keeps an event begins a segment, so a program that is started again and again
//! leaves very many. One open file for each would take those that calls need, and the next start
//! would fail for want of them.

use std::io;
use std::sync::Arc;

use crate::disk::{Disk, DiskFile, Identity};

/// A file that is opened for each call. One that took its place meanwhile is not it.
#[derive(Debug)]
pub(crate) struct AtRest {
    disk: Arc<dyn Disk>,
    name: String,
    identity: Identity,
}

impl AtRest {
    /// Of a file that is open under this name; it may be closed then.
    pub(crate) fn of(disk: &Arc<dyn Disk>, name: String, file: &dyn DiskFile) -> io::Result<Self> {
        Ok(Self {
            identity: file.identity()?,
            disk: Arc::clone(disk),
            name,
        })
    }

    fn open(&self) -> io::Result<Box<dyn DiskFile>> {
        self.checked(self.disk.open(&self.name)?)
    }

    fn open_to_write(&self) -> io::Result<Box<dyn DiskFile>> {
        self.checked(self.disk.open_to_write(&self.name)?)
    }

    fn checked(&self, file: Box<dyn DiskFile>) -> io::Result<Box<dyn DiskFile>> {
        if file.identity()? == self.identity {
            return Ok(file);
        }
        Err(io::ErrorKind::NotFound.into())
    }
}

impl DiskFile for AtRest {
    fn identity(&self) -> io::Result<Identity> {
        Ok(self.identity)
    }

    fn bytes(&self) -> io::Result<u64> {
        self.open()?.bytes()
    }

    fn read_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
        self.open()?.read_at(buffer, offset)
    }

    fn write_at(&self, bytes: &[u8], offset: u64) -> io::Result<()> {
        self.open_to_write()?.write_at(bytes, offset)
    }

    fn allocate(&self, bytes: u64) -> io::Result<()> {
        self.open_to_write()?.allocate(bytes)
    }

    fn truncate(&self, bytes: u64) -> io::Result<()> {
        self.open_to_write()?.truncate(bytes)
    }

    /// Of what was written through another handle too.
    fn sync(&self) -> io::Result<()> {
        self.open_to_write()?.sync()
    }
}
