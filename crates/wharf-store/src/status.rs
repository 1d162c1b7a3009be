//! What there is in a store: sizes, ages, what is pending, and what is wrong.

use std::io;

use jiff::Timestamp;

use crate::calls::{CallCounts, files};
use crate::disk::{Disk as _, RealDisk};
use crate::embedded::Embedded;
use crate::error::{Cause, Unavailable};
use crate::log::damage::QUARANTINE;
use crate::log::status::LogStatus;
use crate::sealed::KeyUse;
use crate::sqlite::inspect::{TableStatus, tables};
use crate::sqlite::open::{beside, length};

/// What there is.
#[derive(Clone, Debug)]
pub struct StoreStatus {
    /// Tables of the database, in order of their names.
    pub tables: Vec<TableStatus>,
    /// Bytes of the database.
    pub database_bytes: u64,
    /// Bytes of its write-ahead log, which is emptied now and then.
    pub database_log_bytes: u64,
    /// Keys that stored secrets are sealed with.
    pub sealing_keys: Vec<KeyUse>,
    /// Events and dedupe keys, or why this process cannot tell.
    pub log: Result<LogStatus, Unavailable>,
    /// The call log.
    pub calls: CallStatus,
    /// Copies of what was damaged.
    pub quarantine: QuarantineStatus,
}

/// What there is of the call log.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct CallStatus {
    /// How many files.
    pub file_count: u64,
    /// Bytes in them.
    pub bytes: u64,
    /// When the oldest record was that is still there.
    pub oldest: Option<Timestamp>,
    /// What became of records since this process began.
    pub counts: CallCounts,
}

/// What there is of files that were damaged.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct QuarantineStatus {
    /// How many files.
    pub file_count: u64,
    /// Bytes in them.
    pub bytes: u64,
}

impl Embedded {
    pub(crate) async fn status(&self) -> Result<StoreStatus, Unavailable> {
        let tables = self.sqlite.read(tables).await?;
        let sealing_keys = self.sqlite.sealing_keys().await?;
        let log = match self.log() {
            Ok(log) => log.status().await,
            Err(error) => Err(error),
        };
        let folder = self.folder().to_owned();
        let look = move || look(&RealDisk::new(&folder));
        let looked = tokio::task::spawn_blocking(look).await;
        let looked = looked.map_err(io::Error::other).and_then(|looked| looked);
        let (mut calls, quarantine) = looked.map_err(|error| Unavailable::Calls {
            path: self.folder().join(files::FOLDER),
            source: Cause::of(&error),
        })?;
        calls.counts = self.call_counts();
        let path = self.sqlite.path();
        Ok(StoreStatus {
            tables,
            database_bytes: length(path),
            database_log_bytes: length(&beside(path, "-wal")),
            sealing_keys,
            log,
            calls,
            quarantine,
        })
    }
}

fn look(disk: &RealDisk) -> io::Result<(CallStatus, QuarantineStatus)> {
    let mut calls = CallStatus::default();
    for (number, bytes) in files::all(disk)? {
        calls.file_count += 1;
        calls.bytes += bytes;
        if calls.oldest.is_none() {
            calls.oldest = match disk.open(&files::name(number)) {
                // Somebody took it away meanwhile.
                Err(error) if error.kind() == io::ErrorKind::NotFound => None,
                opened => files::header(&*opened?)?
                    .and_then(|header| Timestamp::from_microsecond(header.time).ok()),
            };
        }
    }
    let mut quarantine = QuarantineStatus::default();
    for entry in disk.list(QUARANTINE)? {
        quarantine.file_count += 1;
        quarantine.bytes += entry.bytes;
    }
    Ok((calls, quarantine))
}
