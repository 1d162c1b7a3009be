//! The recovery of a log of events, in a form that fuzz targets can reach.
//!
//! Not part of the interface: nothing else may use it.

use std::collections::BTreeMap;
use std::io;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::disk::{Disk, DiskFile, Entry, Identity};
use crate::log::fuzzing as log;
use crate::opening::Bytes;

/// A segment of the log of events, with any bytes behind its header.
///
/// With `mended`, lengths and checksums of frames are made right.
pub fn segment(number: u64, previous: Option<(u64, u64)>, behind: &[u8], mended: bool) -> Vec<u8> {
    log::segment(number, previous, behind, mended)
}

/// Recovers a log of two files, the first and the second segment, twice. How many events were read,
/// and whether both came to the same.
///
/// Errors say why it is refused.
pub fn recover_log(first: Vec<u8>, second: Vec<u8>) -> Result<(usize, bool), String> {
    let folder = Folder::default();
    folder.put(log::name(1), first);
    folder.put(log::name(2), second);
    let disk: Arc<dyn Disk> = Arc::new(folder);
    let once = log::recover(&disk).map_err(|error| error.to_string())?;
    let twice = log::recover(&disk).map_err(|error| error.to_string())?;
    Ok((once.event_count(), once == twice))
}

/// Files in memory, by their names.
#[derive(Debug, Default)]
struct Folder(Mutex<BTreeMap<String, Arc<Bytes>>>);

impl Folder {
    fn files(&self) -> MutexGuard<'_, BTreeMap<String, Arc<Bytes>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn put(&self, name: String, content: Vec<u8>) {
        self.files()
            .insert(name, Arc::new(Bytes(Mutex::new(content))));
    }
}

impl Disk for Folder {
    fn list(&self, folder: &str) -> io::Result<Vec<Entry>> {
        let files = self.files();
        let entry = |(name, file): (&String, &Arc<Bytes>)| {
            let name = name.strip_prefix(folder)?.strip_prefix('/')?;
            Some(Entry {
                name: name.to_owned(),
                bytes: file.content().len() as u64,
            })
        };
        Ok(files.iter().filter_map(entry).collect())
    }

    fn make_folder(&self, _: &str) -> io::Result<()> {
        Ok(())
    }

    fn create(&self, name: &str) -> io::Result<Box<dyn DiskFile>> {
        if self.files().contains_key(name) {
            return Err(io::ErrorKind::AlreadyExists.into());
        }
        self.put(name.to_owned(), Vec::new());
        self.open(name)
    }

    fn open(&self, name: &str) -> io::Result<Box<dyn DiskFile>> {
        let file = self.files().get(name).map(Arc::clone);
        let file = file.ok_or(io::ErrorKind::NotFound)?;
        Ok(Box::new(Held(file)))
    }

    fn open_to_write(&self, name: &str) -> io::Result<Box<dyn DiskFile>> {
        self.open(name)
    }

    fn rename(&self, from: &str, to: &str) -> io::Result<()> {
        let mut files = self.files();
        let file = files.remove(from).ok_or(io::ErrorKind::NotFound)?;
        files.insert(to.to_owned(), file);
        Ok(())
    }

    fn remove(&self, name: &str) -> io::Result<()> {
        self.files().remove(name);
        Ok(())
    }

    fn sync_folder(&self, _: &str) -> io::Result<()> {
        Ok(())
    }

    fn free_bytes(&self) -> io::Result<u64> {
        Ok(u64::MAX)
    }

    fn identity(&self, name: &str) -> io::Result<Option<Identity>> {
        Ok(self.files().contains_key(name).then_some((0, 0)))
    }

    fn path(&self, name: &str) -> PathBuf {
        name.into()
    }
}

/// A file of a folder that is open.
#[derive(Debug)]
struct Held(Arc<Bytes>);

impl DiskFile for Held {
    fn identity(&self) -> io::Result<Identity> {
        self.0.identity()
    }

    fn bytes(&self) -> io::Result<u64> {
        self.0.bytes()
    }

    fn read_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
        self.0.read_at(buffer, offset)
    }

    fn write_at(&self, bytes: &[u8], offset: u64) -> io::Result<()> {
        self.0.write_at(bytes, offset)
    }

    fn allocate(&self, bytes: u64) -> io::Result<()> {
        self.0.allocate(bytes)
    }

    fn truncate(&self, bytes: u64) -> io::Result<()> {
        self.0.truncate(bytes)
    }

    fn sync(&self) -> io::Result<()> {
        self.0.sync()
    }
}

#[cfg(test)]
mod tests;
