//! Writing a run file: under another name first, so that what has its name is whole.

use std::io;

use super::FOLDER;
use super::claims::{Claim, join};
use super::filter::{Filter, HASH_COUNT};
use super::format::{CLAIM_COUNT_LIMIT, HEAD_BYTES, Head, PAGE_KEYS, encode_page};
use super::key::{Entry, Key};
use super::run::Run;
use crate::disk::{Disk, DiskFile};

/// What is written at once.
const BUFFER_BYTES: usize = 256 * 1024;
/// What a name ends in while its file is written.
pub(super) const UNFINISHED: &str = ".new";

/// What is to be in a file beside its keys.
#[derive(Clone, Debug)]
pub(super) struct Plan {
    pub(super) first_batch: u64,
    pub(super) last_batch: u64,
    pub(super) claims: Vec<Claim>,
    /// No more keys than these will come.
    pub(super) count_limit: u64,
}

/// The name of a file with these batches. Names sort as batches do.
pub(super) fn name_of(first_batch: u64, last_batch: u64) -> String {
    format!("{first_batch:016x}-{last_batch:016x}.run")
}

/// The batches that a name tells of. `None` for a name that is none of ours.
pub(super) fn batches_of(name: &str) -> Option<(u64, u64)> {
    let (first, last) = name.strip_suffix(".run")?.split_once('-')?;
    let first = u64::from_str_radix(first, 16).ok()?;
    let last = u64::from_str_radix(last, 16).ok()?;
    (name_of(first, last) == name).then_some((first, last))
}

pub(super) fn path_of(name: &str) -> String {
    format!("{FOLDER}/{name}")
}

/// Writes keys that come in order, each once. The file is durable with its name on return.
///
/// After an error nothing is there, or what will be found superfluous at the next opening.
pub(super) fn write(
    disk: &dyn Disk,
    plan: &Plan,
    next: impl FnMut() -> io::Result<Option<Entry>>,
) -> io::Result<Run> {
    let path = path_of(&name_of(plan.first_batch, plan.last_batch));
    let unfinished = format!("{path}{UNFINISHED}");
    let written = write_as(disk, plan, &unfinished, &path, next);
    if written.is_err() {
        // What cannot be taken away now is at the next opening; the first error is the one to tell.
        let _ = disk.remove(&unfinished);
        let _ = disk.remove(&path);
    }
    written
}

fn write_as(
    disk: &dyn Disk,
    plan: &Plan,
    unfinished: &str,
    path: &str,
    mut next: impl FnMut() -> io::Result<Option<Entry>>,
) -> io::Result<Run> {
    // Of an attempt before. A file whose sync failed is never written again.
    disk.remove(unfinished)?;
    let file = disk.create(unfinished)?;
    let mut writer = Writer::new(file.as_ref(), plan.count_limit);
    while let Some(entry) = next()? {
        writer.push(entry)?;
    }
    let (head, filter, fences) = writer.finish(plan)?;
    file.sync()?;
    disk.rename(unfinished, path)?;
    disk.sync_folder(FOLDER)?;
    let name = name_of(plan.first_batch, plan.last_batch);
    Ok(Run::new(name, head, filter, fences, disk.open(path)?))
}

/// Puts keys on pages, and all else of a run file around them.
pub(super) struct Writer<'file> {
    file: &'file dyn DiskFile,
    /// Where the buffer begins in the file.
    offset: u64,
    buffer: Vec<u8>,
    page: Vec<Entry>,
    filter: Filter,
    fences: Vec<Key>,
    count: u64,
    oldest: Option<u64>,
    newest: u64,
}

impl<'file> Writer<'file> {
    pub(super) fn new(file: &'file dyn DiskFile, count_limit: u64) -> Self {
        Self {
            file,
            offset: HEAD_BYTES as u64,
            buffer: Vec::with_capacity(BUFFER_BYTES),
            page: Vec::with_capacity(PAGE_KEYS),
            filter: Filter::for_keys(count_limit),
            fences: Vec::new(),
            count: 0,
            oldest: None,
            newest: 0,
        }
    }

    pub(super) fn push(&mut self, entry: Entry) -> io::Result<()> {
        self.filter.add(&entry.key);
        self.count += 1;
        self.oldest = Some(
            self.oldest
                .map_or(entry.time, |oldest| oldest.min(entry.time)),
        );
        self.newest = self.newest.max(entry.time);
        self.page.push(entry);
        if self.page.len() == PAGE_KEYS {
            self.end_page()?;
        }
        Ok(())
    }

    fn end_page(&mut self) -> io::Result<()> {
        if let Some(first) = self.page.first() {
            encode_page(&mut self.buffer, self.fences.len() as u64, &self.page);
            self.fences.push(first.key);
            self.page.clear();
        }
        if self.buffer.len() >= BUFFER_BYTES {
            self.flush()?;
        }
        Ok(())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.write_at(&self.buffer, self.offset)?;
        self.offset += self.buffer.len() as u64;
        self.buffer.clear();
        Ok(())
    }

    pub(super) fn finish(mut self, plan: &Plan) -> io::Result<(Head, Filter, Vec<Key>)> {
        self.end_page()?;
        let words = self.filter.words().iter();
        let filter: Vec<u8> = words.flat_map(|word| word.to_le_bytes()).collect();
        let fences = self.fences.iter();
        let fences: Vec<u8> = fences.flat_map(|key| *key.bytes()).collect();
        self.buffer.extend_from_slice(&filter);
        self.buffer.extend_from_slice(&fences);
        self.flush()?;
        let mut claims = join(plan.claims.clone(), plan.first_batch, plan.last_batch);
        // There are as many only where much was damaged. A segment that is not claimed is read again
        // at the next opening, and old ones are the first to need that no more.
        claims.drain(..claims.len().saturating_sub(CLAIM_COUNT_LIMIT));
        let head = Head {
            first_batch: plan.first_batch,
            last_batch: plan.last_batch,
            count: self.count,
            oldest: self.oldest.unwrap_or_default(),
            newest: self.newest,
            hash_count: HASH_COUNT,
            filter_words: self.filter.words().len() as u64,
            filter_checksum: crc32c::crc32c(&filter),
            fences_checksum: crc32c::crc32c(&fences),
            claims,
        };
        self.file.write_at(&head.encode(), 0)?;
        self.fences.shrink_to_fit();
        Ok((head, self.filter, self.fences))
    }
}
