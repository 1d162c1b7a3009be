//! Files of the call log: segments like those of the log of events, with records only.

use std::io;
use std::ops::Range;
use std::sync::Arc;

use bytes::Bytes;
use jiff::Timestamp;

use super::damage::Damages;
use super::{CallPlace, CallRecord};
use crate::disk::{Disk, DiskFile};
use crate::log::frame::{Group, Head, Kind, salt};
use crate::log::segment::{DATA_START, Found, Header, NoHeader, Scan, header_of};
use crate::numbered;

/// The folder of the call log in the state folder.
pub(crate) const FOLDER: &str = "calls";

/// Size from which on another file is begun, in bytes.
pub(crate) const FILE_BYTES: u64 = 8 * 1024 * 1024;

const ENDING: &str = ".calls";
const BUFFER_BYTES: usize = 256 * 1024;

pub(crate) fn name(number: u64) -> String {
    format!("{FOLDER}/{}", numbered::name(number, ENDING))
}

pub(crate) fn number(name: &str) -> Option<u64> {
    numbered::counted(name, ENDING)
}

/// The numbers of the files that are there, the oldest first, each with its bytes.
pub(crate) fn all(disk: &dyn Disk) -> io::Result<Vec<(u64, u64)>> {
    let entries = disk.list(FOLDER)?.into_iter();
    Ok(entries
        .filter_map(|entry| Some((number(&entry.name)?, entry.bytes)))
        .collect())
}

/// A file that this process writes.
#[derive(Debug)]
pub(crate) struct Output {
    file: Box<dyn DiskFile>,
    number: u64,
    salt: u64,
    end: u64,
}

impl Output {
    /// Begins a file that no other process has. Its name is on disk.
    pub(crate) fn begin(disk: &dyn Disk, time: i64, random: u64) -> io::Result<Self> {
        disk.make_folder(FOLDER)?;
        let mut number = all(disk)?.last().map_or(0, |(number, _)| *number);
        let file = loop {
            number += 1;
            match disk.create(&name(number)) {
                // Another process was quicker.
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
                created => break created?,
            }
        };
        let header = Header {
            log: [0; 16],
            number,
            salt: salt(random),
            previous: None,
            time,
        };
        let begun = file
            .write_at(&header.to_bytes(), 0)
            .and_then(|()| file.sync())
            .and_then(|()| disk.sync_folder(FOLDER))
            .and_then(|()| disk.sync_folder(""));
        if let Err(error) = begun {
            // On a full disk each try would leave one more.
            let _ = disk.remove(&name(number));
            return Err(error);
        }
        Ok(Self {
            file,
            number,
            salt: header.salt,
            end: DATA_START,
        })
    }

    pub(crate) fn is_full(&self) -> bool {
        self.end >= FILE_BYTES
    }

    /// Writes records, and waits for the disk. After an error the file is written no more.
    pub(crate) fn write(
        &mut self,
        disk: &dyn Disk,
        records: &[(Timestamp, Bytes)],
    ) -> io::Result<()> {
        let mut group = Group::new(self.salt, self.end, Vec::new());
        for (at, record) in records {
            let head = Head {
                kind: Kind::Call,
                has_more: false,
                lane: 0,
                position: 0,
                time: at.as_microsecond(),
            };
            group.add(head, |out| out.extend_from_slice(record));
        }
        self.file.write_at(&group.bytes, self.end)?;
        self.file.sync()?;
        // A file that was deleted, or whose folder was, takes writes and is gone with the process.
        if disk.identity(&name(self.number))? != Some(self.file.identity()?) {
            return Err(io::Error::other("the file is not in its place any more"));
        }
        self.end = group.offset();
        Ok(())
    }
}

/// Records behind a place, at most `limit`.
pub(crate) fn read(
    disk: &Arc<dyn Disk>,
    damages: &Damages,
    behind: CallPlace,
    limit: usize,
) -> io::Result<Vec<CallRecord>> {
    let mut records = Vec::new();
    for (number, bytes) in all(&**disk)? {
        if records.len() >= limit {
            break;
        }
        if number < behind.file {
            continue;
        }
        let start = if number == behind.file {
            behind.behind
        } else {
            0
        };
        let range = start.max(DATA_START)..bytes;
        match read_file(&**disk, damages, number, range, limit, &mut records) {
            // Somebody took it away meanwhile.
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            read => read?,
        }
    }
    Ok(records)
}

fn read_file(
    disk: &dyn Disk,
    damages: &Damages,
    number: u64,
    range: Range<u64>,
    limit: usize,
    records: &mut Vec<CallRecord>,
) -> io::Result<()> {
    let file = disk.open(&name(number))?;
    let header = match header_of(&*file)? {
        Ok(header) if header.number == number => header,
        Err(NoHeader::Newer(_)) => return Ok(()),
        Ok(_) | Err(NoHeader::Damaged) => {
            let bytes = file.bytes()?;
            // One without a record is being begun.
            if bytes > DATA_START {
                damages.tell(disk, number, 0, bytes);
            }
            return Ok(());
        }
    };
    let mut scan = Scan::new(&*file, header.salt, range.start, range.end, BUFFER_BYTES);
    while records.len() < limit
        && let Some(found) = scan.next()?
    {
        match found {
            Found::Frame(seen) => {
                let place = CallPlace {
                    file: number,
                    behind: scan.offset(),
                };
                if seen.head.kind == Kind::Call
                    && let Ok(at) = Timestamp::from_microsecond(seen.head.time)
                {
                    records.push(CallRecord {
                        place,
                        at,
                        record: Bytes::copy_from_slice(scan.payload(&seen)),
                    });
                }
            }
            Found::Bad(from) => {
                // At the end it is what a crash left, or what another process is writing now.
                if !scan.resume()? {
                    break;
                }
                damages.tell(disk, number, from, scan.offset());
            }
        }
    }
    Ok(())
}

pub(crate) fn header(file: &dyn DiskFile) -> io::Result<Option<Header>> {
    let mut bytes = [0; 128];
    let read = file.read_at(&mut bytes, 0)?;
    Ok(Header::read(bytes.get(..read).unwrap_or_default()).ok())
}
