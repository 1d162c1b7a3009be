//! What [`crate::opening`] reaches.

use std::io;
use std::sync::Arc;

pub(crate) use super::format::mend;
use super::key::{Entry, Key, Place};
use super::run::{Reader, Run};
use super::write::{Plan, Writer};
use crate::disk::DiskFile;
use crate::opening::RunRead;

pub(crate) fn read(file: Box<dyn DiskFile>) -> io::Result<RunRead> {
    let run = Arc::new(Run::open("input", file)?);
    let mut reader = Reader::new(Arc::clone(&run));
    let mut read = RunRead { keys: 0, found: 0 };
    while let Some(entry) = reader.next()? {
        read.keys += 1;
        if run.find(&entry.key)? == Some(entry) {
            read.found += 1;
        }
    }
    Ok(read)
}

pub(crate) fn write(file: &dyn DiskFile, count: u64) -> io::Result<()> {
    let mut keys: Vec<Key> = (0..count)
        .map(|number| Key::of("fuzz", &number.to_le_bytes()))
        .collect();
    keys.sort_unstable();
    let mut writer = Writer::new(file, count);
    for (key, position) in keys.into_iter().zip(0..) {
        writer.push(Entry {
            key,
            place: Place { lane: 1, position },
            time: position,
        })?;
    }
    let plan = Plan {
        first_batch: 1,
        last_batch: 1,
        claims: Vec::new(),
        count_limit: count,
    };
    writer.finish(&plan)?;
    Ok(())
}
