//! Readers of files, in a form that fuzz targets can reach.
//!
//! Not part of the interface: nothing else may use it.

use std::collections::BTreeMap;
use std::io;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::dedupe::fuzzing;
use crate::disk::{Disk, DiskFile, Entry, Identity};
use crate::log::fuzzing as log;

/// What was read of a run file of keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RunRead {
    /// Keys on its pages.
    pub keys: u64,
    /// Those of them that were found when they were looked up.
    pub found: u64,
}

/// Reads a run file of keys: its head, each page, and each key again by looking it up.
///
/// With `mended`, all checksums are made right first, so that what lies behind them is reached.
/// Errors say what is wrong with the file.
pub fn read_run(mut file: Vec<u8>, mended: bool) -> Result<RunRead, String> {
    if mended {
        fuzzing::mend(&mut file);
    }
    let read = fuzzing::read(Box::new(Bytes(Mutex::new(file))));
    read.map_err(|error| error.to_string())
}

/// A run file of so many keys.
pub fn run_file(count: u64) -> io::Result<Vec<u8>> {
    let file = Bytes(Mutex::default());
    fuzzing::write(&file, count)?;
    let bytes = file.content().clone();
    Ok(bytes)
}

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

/// A file in memory.
#[derive(Debug)]
struct Bytes(Mutex<Vec<u8>>);

impl Bytes {
    fn content(&self) -> MutexGuard<'_, Vec<u8>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl DiskFile for Bytes {
    fn identity(&self) -> io::Result<Identity> {
        Ok((0, 0))
    }

    fn bytes(&self) -> io::Result<u64> {
        Ok(self.content().len() as u64)
    }

    fn read_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
        let content = self.content();
        let start = usize::try_from(offset).unwrap_or(usize::MAX);
        let from = content.get(start..).unwrap_or_default();
        let bytes = from.len().min(buffer.len());
        for (to, from) in buffer.iter_mut().zip(from) {
            *to = *from;
        }
        Ok(bytes)
    }

    fn write_at(&self, bytes: &[u8], offset: u64) -> io::Result<()> {
        let mut content = self.content();
        let start = usize::try_from(offset).map_err(io::Error::other)?;
        let end = start.saturating_add(bytes.len());
        if content.len() < end {
            content.resize(end, 0);
        }
        if let Some(to) = content.get_mut(start..end) {
            to.copy_from_slice(bytes);
        }
        Ok(())
    }

    fn allocate(&self, _: u64) -> io::Result<()> {
        Ok(())
    }

    fn truncate(&self, bytes: u64) -> io::Result<()> {
        let bytes = usize::try_from(bytes).map_err(io::Error::other)?;
        self.content().resize(bytes, 0);
        Ok(())
    }

    fn sync(&self) -> io::Result<()> {
        Ok(())
    }
}
