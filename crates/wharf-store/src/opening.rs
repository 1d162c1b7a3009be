//! Readers of files, in a form that fuzz targets can reach.
//!
//! Not part of the interface: nothing else may use it.

use std::io;
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::dedupe::fuzzing;
use crate::disk::{DiskFile, Identity};

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

/// A file in memory.
#[derive(Debug)]
pub(crate) struct Bytes(pub(crate) Mutex<Vec<u8>>);

impl Bytes {
    pub(crate) fn content(&self) -> MutexGuard<'_, Vec<u8>> {
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
