//! A run file that is open: its filter and fences in memory, its keys on the disk.

use std::io;
use std::sync::Arc;

use super::filter::{Filter, WORD_BYTES};
use super::format::{HEAD_BYTES, Head, PAGE_BYTES, Refusal, decode_page};
use super::key::{Entry, KEY_BYTES, Key};
use crate::disk::DiskFile;

/// A run file is not what was written.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "the file of keys {file} is damaged at byte {offset}: {what}; set it aside and read the keys of its segments from the log again"
)]
pub(crate) struct DamagedRun {
    /// Its name in the folder of runs.
    pub(crate) file: String,
    pub(crate) offset: u64,
    pub(crate) what: &'static str,
}

/// A run file of a later version.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "the file of keys {file} has format {format}, which is newer than this program; start the version that wrote it"
)]
pub(crate) struct NewerRun {
    pub(crate) file: String,
    pub(crate) format: u16,
}

/// The damage that an error tells of.
pub(crate) fn damage(error: &io::Error) -> Option<&DamagedRun> {
    error.get_ref()?.downcast_ref()
}

/// A run.
#[derive(Debug)]
pub(super) struct Run {
    pub(super) name: String,
    pub(super) head: Head,
    filter: Filter,
    /// The first key of each page.
    fences: Vec<Key>,
    file: Box<dyn DiskFile>,
}

impl Run {
    /// Of what was just written.
    pub(super) fn new(
        name: String,
        head: Head,
        filter: Filter,
        fences: Vec<Key>,
        file: Box<dyn DiskFile>,
    ) -> Self {
        Self {
            name,
            head,
            filter,
            fences,
            file,
        }
    }

    /// Reads all but the keys of a file. Errors: what the disk says, [`DamagedRun`] and
    /// [`NewerRun`].
    ///
    /// Nothing is taken into memory that the file is too short for.
    pub(super) fn open(name: &str, file: Box<dyn DiskFile>) -> io::Result<Self> {
        let damaged = |offset, what| damaged(name, offset, what);
        let mut bytes = vec![0; HEAD_BYTES];
        let read = file.read_at(&mut bytes, 0)?;
        bytes.truncate(read);
        let head = Head::decode(&bytes).map_err(|refusal| match refusal {
            Refusal::Damaged(what) => damaged(0, what),
            Refusal::Newer(format) => newer(name, format),
        })?;
        if file.bytes()? != head.file_bytes() {
            return Err(damaged(0, "it is not as long as its head says"));
        }
        let part = |start: u64, end: u64| {
            let bytes = usize::try_from(end - start).unwrap_or(usize::MAX);
            let mut part = vec![0; bytes];
            let read = file.read_at(&mut part, start)?;
            if read < bytes {
                return Err(damaged(start, "it ends too early"));
            }
            Ok(part)
        };
        let filter = part(head.filter_start(), head.fences_start())?;
        if crc32c::crc32c(&filter) != head.filter_checksum {
            let at = head.filter_start();
            return Err(damaged(at, "the checksum of its filter is wrong"));
        }
        let fences = part(head.fences_start(), head.file_bytes())?;
        if crc32c::crc32c(&fences) != head.fences_checksum {
            let at = head.fences_start();
            return Err(damaged(at, "the checksum of its fences is wrong"));
        }
        let (words, _) = filter.as_chunks::<WORD_BYTES>();
        let words = words.iter().map(|word| u64::from_le_bytes(*word)).collect();
        let (keys, _) = fences.as_chunks::<KEY_BYTES>();
        let fences: Vec<Key> = keys.iter().map(|key| Key::from_bytes(*key)).collect();
        if !fences.is_sorted_by(|one, next| one < next) {
            let at = head.fences_start();
            return Err(damaged(at, "its fences are out of order"));
        }
        let filter = Filter::from_words(words, head.hash_count);
        Ok(Self::new(name.to_owned(), head, filter, fences, file))
    }

    /// Looks a key up. Reads one page of the disk where the key may be there, and none else.
    pub(super) fn find(&self, key: &Key) -> io::Result<Option<Entry>> {
        let after = self.fences.partition_point(|fence| fence <= key);
        let Some(page) = after.checked_sub(1) else {
            return Ok(None);
        };
        if !self.filter.may_have(key) {
            return Ok(None);
        }
        let entries = self.page(page as u64)?;
        let found = entries.binary_search_by_key(key, |entry| entry.key);
        Ok(found.ok().and_then(|at| entries.get(at)).copied())
    }

    /// The keys of a page, once they are what was written.
    pub(super) fn page(&self, number: u64) -> io::Result<Vec<Entry>> {
        let start = Head::page_start(number);
        let damaged = |what| damaged(&self.name, start, what);
        let mut bytes = [0; PAGE_BYTES];
        let read = self.file.read_at(&mut bytes, start)?;
        let read = bytes.get(..read).unwrap_or_default();
        let entries = decode_page(read, number, self.head.keys_of(number)).map_err(damaged)?;
        // A key that lies on another page than its fences say would never be found.
        let fence = |page| self.fences.get(usize::try_from(page).unwrap_or(usize::MAX));
        let is_fenced = entries.first().map(|entry| &entry.key) == fence(number)
            && fence(number + 1)
                .is_none_or(|next| entries.last().is_some_and(|entry| entry.key < *next));
        if !is_fenced {
            return Err(damaged("a page does not fit its fences"));
        }
        Ok(entries)
    }

    pub(super) fn memory_bytes(&self) -> u64 {
        self.filter.memory_bytes() + (self.fences.capacity() * KEY_BYTES) as u64
    }
}

/// The keys of a run in order, page by page.
#[derive(Debug)]
pub(super) struct Reader {
    run: Arc<Run>,
    next_page: u64,
    entries: std::vec::IntoIter<Entry>,
}

impl Reader {
    pub(super) fn new(run: Arc<Run>) -> Self {
        Self {
            run,
            next_page: 0,
            entries: Vec::new().into_iter(),
        }
    }

    pub(super) fn next(&mut self) -> io::Result<Option<Entry>> {
        if self.entries.len() == 0 && self.next_page < self.run.head.page_count() {
            self.entries = self.run.page(self.next_page)?.into_iter();
            self.next_page += 1;
        }
        Ok(self.entries.next())
    }
}

fn damaged(file: &str, offset: u64, what: &'static str) -> io::Error {
    let file = file.to_owned();
    io::Error::new(
        io::ErrorKind::InvalidData,
        DamagedRun { file, offset, what },
    )
}

fn newer(file: &str, format: u16) -> io::Error {
    let file = file.to_owned();
    io::Error::new(io::ErrorKind::Unsupported, NewerRun { file, format })
}
