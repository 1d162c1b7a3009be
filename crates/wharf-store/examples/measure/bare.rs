//! The disk alone: one thread writes groups behind each other and waits for each.

use std::fs::File;
use std::os::unix::fs::FileExt as _;
use std::time::Instant;

use anyhow::Result;
use rustix::fs::{FallocateFlags, fallocate};

use crate::Options;
use crate::load::{BODY_BYTES, Times, microseconds};
use crate::meter::Meter;

/// Files are made as long as segments of the log are, before they are written.
const FILE_BYTES: u64 = 64 * 1024 * 1024;

pub(crate) fn append(options: &Options) -> Result<()> {
    let mut group = vec![0; options.group * BODY_BYTES];
    fastrand::fill(&mut group);
    let meter = Meter::start(&options.folder)?;
    let mut times = Times::new();
    let end = Instant::now() + options.time;
    let mut number = 0;
    while Instant::now() < end {
        let file = File::create(options.folder.join(format!("bare-{number}")))?;
        fallocate(&file, FallocateFlags::empty(), 0, FILE_BYTES)?;
        number += 1;
        let mut place = 0;
        while place + group.len() as u64 <= FILE_BYTES && Instant::now() < end {
            let started = Instant::now();
            file.write_all_at(&group, place)?;
            file.sync_data()?;
            times.push(microseconds(started.elapsed()));
            place += group.len() as u64;
        }
    }
    let seconds = meter.seconds();
    meter.end(seconds, times, options.group)
}
