//! Reading everything in a state folder, or in a backup, and comparing every checksum.

mod finding;

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

pub use self::finding::{Area, Finding, FindingKind};
use crate::calls::check as calls;
use crate::dedupe::check as keys;
use crate::disk::{Disk, RealDisk};
use crate::error::{OpenError, Unavailable};
use crate::log::segment;
use crate::log::status::{self, Checked};
use crate::sqlite::inspect::{Look, damage_of};
use crate::sqlite::open::{DATABASE_FILE_NAME, beside, ensure_restored, length};

/// Most findings that are kept; what is more is counted.
pub const FINDING_LIMIT: usize = 1_000;

/// How far long work is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Progress {
    /// What is worked on.
    pub area: Area,
    /// Bytes that are done, of all areas together.
    pub done_bytes: u64,
    /// Bytes that there were to do when it began.
    pub total_bytes: u64,
}

/// What is in an area.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct AreaCount {
    /// Files that were read.
    pub file_count: u64,
    /// Bytes in them that count.
    pub bytes: u64,
    /// Rows, events, keys or records that are whole.
    pub item_count: u64,
}

/// What reading everything came to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Report {
    /// The database.
    pub records: AreaCount,
    /// The log of events.
    pub events: AreaCount,
    /// Dedupe keys.
    pub keys: AreaCount,
    /// The call log.
    pub calls: AreaCount,
    /// What is not as it was written, at most [`FINDING_LIMIT`].
    pub findings: Vec<Finding>,
    /// How many more there were.
    pub left_out: u64,
}

impl Report {
    /// Whether all that was written is there as it was written. Files of others do not matter.
    pub fn is_whole(&self) -> bool {
        self.left_out == 0 && !self.findings.iter().any(Finding::is_damage)
    }

    fn add(
        &mut self,
        area: Area,
        kind: FindingKind,
        file: String,
        bytes: Option<(u64, u64)>,
        what: impl Into<String>,
    ) {
        if self.findings.len() >= FINDING_LIMIT {
            self.left_out += 1;
            return;
        }
        self.findings.push(Finding {
            area,
            kind,
            file,
            bytes,
            what: what.into(),
        });
    }
}

/// A check could not be made.
#[derive(Debug, thiserror::Error)]
pub enum CheckError {
    /// There is nothing to check.
    #[error("there is no state in {}; name another folder with --state", path.display())]
    NoState {
        /// The folder.
        path: PathBuf,
    },
    /// The database cannot be looked at, or a restore into the folder did not end.
    #[error(transparent)]
    Database(OpenError),
    /// Files cannot be read.
    #[error(
        "the files in {} cannot be read; check the disk and the permissions of the folder",
        path.display()
    )]
    Read {
        /// Their folder.
        path: PathBuf,
        /// What the operating system said.
        #[source]
        source: io::Error,
    },
}

/// Reads all of a state folder, or of a backup, and compares every checksum. Blocks.
///
/// It changes nothing, and processes may use the folder meanwhile. Of a read-only folder, everything
/// can be read but a database whose write-ahead log was left by a crash.
pub fn check(folder: &Path, progress: &mut dyn FnMut(Progress)) -> Result<Report, CheckError> {
    let disk: Arc<dyn Disk> = Arc::new(RealDisk::new(folder));
    let failed = |area: &str| {
        let path = folder.join(area);
        move |source| CheckError::Read { path, source }
    };
    ensure_restored(folder).map_err(CheckError::Database)?;
    let sizes = Sizes::of(folder, &*disk).map_err(failed(""))?;
    if sizes.is_none() {
        return Err(CheckError::NoState {
            path: folder.to_owned(),
        });
    }
    let total_bytes = sizes.total();
    let mut report = Report::default();
    let mut before = 0;
    let mut tell = |area: Area, done: u64| {
        progress(Progress {
            area,
            done_bytes: done.min(total_bytes),
            total_bytes,
        });
    };
    tell(Area::Records, 0);
    check_records(folder, &sizes, &mut report)?;
    before += sizes.records;
    // Keys first: what is begun meanwhile has its keys in files only once it is among the segments.
    let runs = keys::check(&*disk, |done| tell(Area::Keys, before + done));
    let runs = runs.map_err(failed(crate::dedupe::FOLDER))?;
    before += sizes.keys;
    let log = status::check(&disk, |done| tell(Area::Events, before + done));
    let log = log.map_err(failed(segment::FOLDER))?;
    before += sizes.events;
    add_events(&mut report, &log, runs.last_segment);
    add_keys(&mut report, runs);
    let records = calls::check(&*disk, |done| tell(Area::Calls, before + done));
    add_calls(
        &mut report,
        records.map_err(failed(crate::calls::files::FOLDER))?,
    );
    tell(Area::Calls, total_bytes);
    Ok(report)
}

/// Tells files of an area from others by their names.
type IsOurs = fn(&str) -> bool;

/// Bytes of files, by area.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Sizes {
    pub(crate) has_database: bool,
    pub(crate) records: u64,
    pub(crate) events: u64,
    pub(crate) keys: u64,
    pub(crate) calls: u64,
    file_count: usize,
}

impl Sizes {
    pub(crate) fn of(folder: &Path, disk: &dyn Disk) -> io::Result<Self> {
        let database = folder.join(DATABASE_FILE_NAME);
        let mut sizes = Self {
            has_database: database.symlink_metadata().is_ok(),
            records: length(&database) + length(&beside(&database, "-wal")),
            ..Self::default()
        };
        let areas: [(&str, IsOurs, &mut u64); 3] = [
            (
                segment::FOLDER,
                |name| segment::number(name).is_some(),
                &mut sizes.events,
            ),
            (crate::dedupe::FOLDER, keys::is_name, &mut sizes.keys),
            (
                crate::calls::files::FOLDER,
                |name| crate::calls::files::number(name).is_some(),
                &mut sizes.calls,
            ),
        ];
        for (folder, is_ours, bytes) in areas {
            for entry in disk.list(folder)? {
                if is_ours(&entry.name) {
                    *bytes += entry.bytes;
                    sizes.file_count += 1;
                }
            }
        }
        Ok(sizes)
    }

    /// Whether there is no state at all.
    pub(crate) fn is_none(&self) -> bool {
        !self.has_database && self.file_count == 0
    }

    pub(crate) fn total(&self) -> u64 {
        self.records + self.events + self.keys + self.calls
    }
}

fn check_records(folder: &Path, sizes: &Sizes, report: &mut Report) -> Result<(), CheckError> {
    let add = |report: &mut Report, kind, what: String| {
        let file = DATABASE_FILE_NAME.to_owned();
        report.add(Area::Records, kind, file, None, what);
    };
    if !sizes.has_database {
        add(report, FindingKind::Missing, "it is gone".to_owned());
        return Ok(());
    }
    report.records.file_count = 1;
    report.records.bytes = sizes.records;
    let look = match Look::open(folder) {
        Ok(Some(look)) => look,
        Ok(None) => {
            add(report, FindingKind::Missing, "it is gone".to_owned());
            return Ok(());
        }
        Err(OpenError::Newer { found, .. }) => {
            let what = format!("it has schema {found}, which is newer than this program");
            add(report, FindingKind::Newer, what);
            return Ok(());
        }
        Err(error) => {
            let Some(what) = damage_of(&error) else {
                return Err(CheckError::Database(error));
            };
            add(report, FindingKind::Damaged, what);
            return Ok(());
        }
    };
    let of_database = |error: Unavailable| CheckError::Database(error.into());
    for what in look.complaints().map_err(of_database)? {
        add(report, FindingKind::Damaged, what);
    }
    if let Ok(tables) = look.tables() {
        report.records.item_count = tables.iter().map(|table| table.row_count).sum();
    }
    Ok(())
}

fn add_events(report: &mut Report, log: &Checked, last_of_keys: u64) {
    report.events = AreaCount {
        file_count: log.segment_count as u64,
        bytes: log.bytes,
        item_count: log.event_count,
    };
    let mut add = |kind, number: u64, bytes, what: String| {
        report.add(Area::Events, kind, segment::name(number), bytes, what);
    };
    for damage in &log.damages {
        let bytes = Some((damage.from, damage.to));
        let what = "it is not what was written".to_owned();
        add(FindingKind::Damaged, damage.segment, bytes, what);
    }
    let last = log.last_number;
    let behind = (last_of_keys > last).then_some((last + 1, last_of_keys));
    for &(from, to) in log.missing.iter().chain(&behind) {
        let what = match to - from {
            0 => "it is gone".to_owned(),
            more => format!("it is gone, and so are the {more} behind it"),
        };
        add(FindingKind::Missing, from, None, what);
    }
    for &number in &log.newer {
        let what = "a newer version of wharf wrote it".to_owned();
        add(FindingKind::Newer, number, None, what);
    }
    for &number in &log.mixed {
        let what = "it belongs to another log than the files before it".to_owned();
        add(FindingKind::Damaged, number, None, what);
    }
    add_foreign(report, Area::Events, segment::FOLDER, &log.foreign);
}

fn add_keys(report: &mut Report, runs: keys::CheckedRuns) {
    report.keys = AreaCount {
        file_count: runs.file_count,
        bytes: runs.bytes,
        item_count: runs.key_count,
    };
    for (name, from, to, what) in runs.damages {
        let file = keys::path(&name);
        let bytes = Some((from, to));
        report.add(Area::Keys, FindingKind::Damaged, file, bytes, what);
    }
    for name in runs.newer {
        let what = "a newer version of wharf wrote it";
        let file = keys::path(&name);
        report.add(Area::Keys, FindingKind::Newer, file, None, what);
    }
    add_foreign(report, Area::Keys, crate::dedupe::FOLDER, &runs.foreign);
}

fn add_calls(report: &mut Report, calls: calls::CheckedCalls) {
    let folder = crate::calls::files::FOLDER;
    report.calls = AreaCount {
        file_count: calls.file_count,
        bytes: calls.bytes,
        item_count: calls.record_count,
    };
    for (name, from, to) in calls.damages {
        let file = format!("{folder}/{name}");
        let bytes = Some((from, to));
        let what = "it is not what was written";
        report.add(Area::Calls, FindingKind::Damaged, file, bytes, what);
    }
    for name in calls.newer {
        let file = format!("{folder}/{name}");
        let what = "a newer version of wharf wrote it";
        report.add(Area::Calls, FindingKind::Newer, file, None, what);
    }
    add_foreign(report, Area::Calls, folder, &calls.foreign);
}

fn add_foreign(report: &mut Report, area: Area, folder: &str, names: &[String]) {
    for name in names {
        let file = format!("{folder}/{name}");
        let what = "it is none of wharf's files";
        report.add(area, FindingKind::Foreign, file, None, what);
    }
}
