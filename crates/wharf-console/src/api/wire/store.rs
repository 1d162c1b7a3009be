//! The answer to `GET /store`.

use crate::api::problem::in_words;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use wharf_store::{LaneStatus, LogStatus};

/// Most rows of handlers in one answer: those with most to do come first.
pub const HANDLER_ROW_LIMIT: usize = 1_000;

/// Most names of files that are none of Wharf's.
const FOREIGN_LIMIT: usize = 100;

/// What there is in a state folder.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StoreStatus {
    /// The database.
    pub records: RecordTables,
    /// The log of events; `null`: the process cannot tell.
    pub events: Option<EventLog>,
    /// Why it cannot tell.
    pub events_problem: Option<String>,
    /// The call log.
    pub calls: CallLog,
    /// Keys that stored secrets are sealed with, never a secret.
    pub sealing_keys: Vec<SealingKey>,
    /// Copies of what was damaged.
    pub quarantine: Quarantine,
}

/// The database.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecordTables {
    /// Bytes of it.
    pub bytes: u64,
    /// Bytes of its write-ahead log.
    pub log_bytes: u64,
    /// Its tables, in order of their names.
    pub tables: Vec<TableRow>,
}

/// A table.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TableRow {
    /// Its name.
    pub name: String,
    /// How many rows it has.
    pub rows: u64,
}

/// The log of events.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EventLog {
    /// How many files.
    pub segments: u64,
    /// Bytes in them that count.
    pub bytes: u64,
    /// Bytes that are free on the disk, where it says so.
    pub free_bytes: Option<u64>,
    /// A moment that the oldest event is not after, where there is more than one file.
    pub oldest: Option<String>,
    /// Why no event is taken now.
    pub refusal: Option<String>,
    /// Dedupe keys.
    pub keys: KeyFiles,
    /// Every lane that was ever used.
    pub lanes: Vec<LaneRow>,
    /// How many handlers are in no row, because there are too many.
    pub handlers_left_out: u64,
    /// What cannot be read any more.
    pub damages: Vec<DamagedBytes>,
    /// Files that are gone.
    pub missing: Vec<MissingFiles>,
    /// Files that are none of Wharf's, at most 100.
    pub foreign: Vec<String>,
}

/// Dedupe keys.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeyFiles {
    /// How many keys.
    pub count: u64,
    /// Files that most of them are in.
    pub files: u64,
    /// Bytes of these.
    pub bytes: u64,
    /// Bytes of memory for all of them.
    pub memory_bytes: u64,
}

/// A lane.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LaneRow {
    /// Its number.
    pub lane: u16,
    /// Position of the first event that is still there.
    pub first: u64,
    /// The position behind its last event.
    pub head: u64,
    /// Who takes its events.
    pub handlers: Vec<HandlerRow>,
}

/// A handler of a lane.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HandlerRow {
    /// Its name.
    pub name: String,
    /// All events before this position are dealt with, but the open ones.
    pub cursor: u64,
    /// Events behind the cursor.
    pub behind: u64,
    /// Events that are tried again.
    pub open: u64,
    /// Events that were given up.
    pub dead: u64,
}

/// Bytes that are not what was written.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DamagedBytes {
    /// Number of the segment.
    pub segment: u64,
    /// From which byte.
    pub from: u64,
    /// To which one.
    pub to: u64,
}

/// Segments that are gone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MissingFiles {
    /// Number of the first.
    pub from: u64,
    /// Number of the last.
    pub to: u64,
}

/// The call log.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CallLog {
    /// How many files.
    pub files: u64,
    /// Bytes in them.
    pub bytes: u64,
    /// When the oldest record was.
    pub oldest: Option<String>,
    /// Records since the process began that are on disk.
    pub kept: u64,
    /// Records since the process began that are nowhere.
    pub dropped: u64,
}

/// A key that stored secrets are sealed with.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SealingKey {
    /// Its id, which tells nothing of it.
    pub id: String,
    /// Secrets that it has sealed.
    pub secrets: u64,
}

/// Copies of what was damaged.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Quarantine {
    /// How many files.
    pub files: u64,
    /// Bytes in them.
    pub bytes: u64,
}

impl From<wharf_store::StoreStatus> for StoreStatus {
    fn from(status: wharf_store::StoreStatus) -> Self {
        let (events, events_problem) = match status.log {
            Ok(log) => (Some(EventLog::from(log)), None),
            Err(error) => (None, Some(in_words(&error))),
        };
        let tables = status.tables.into_iter().map(|table| TableRow {
            name: table.name,
            rows: table.row_count,
        });
        let sealing_keys = status.sealing_keys.iter().map(|used| SealingKey {
            id: used.key.to_string(),
            secrets: used.secrets,
        });
        Self {
            records: RecordTables {
                bytes: status.database_bytes,
                log_bytes: status.database_log_bytes,
                tables: tables.collect(),
            },
            events,
            events_problem,
            calls: CallLog {
                files: status.calls.file_count,
                bytes: status.calls.bytes,
                oldest: status.calls.oldest.map(in_text),
                kept: status.calls.counts.kept,
                dropped: status.calls.counts.dropped,
            },
            sealing_keys: sealing_keys.collect(),
            quarantine: Quarantine {
                files: status.quarantine.file_count,
                bytes: status.quarantine.bytes,
            },
        }
    }
}

impl From<LogStatus> for EventLog {
    fn from(log: LogStatus) -> Self {
        let mut lanes: Vec<LaneRow> = log.lanes.into_iter().map(LaneRow::from).collect();
        let handlers_left_out = leave_out(&mut lanes, HANDLER_ROW_LIMIT);
        let damages = log.damages.iter().map(|damage| DamagedBytes {
            segment: damage.segment,
            from: damage.from,
            to: damage.to,
        });
        let missing = log.missing.iter();
        Self {
            segments: log.segment_count as u64,
            bytes: log.bytes,
            free_bytes: log.free_bytes,
            oldest: log.oldest.map(in_text),
            refusal: log.refusal.as_ref().map(|error| in_words(error)),
            keys: KeyFiles {
                count: log.keys.count,
                files: log.keys.file_count,
                bytes: log.keys.disk_bytes,
                memory_bytes: log.keys.memory_bytes,
            },
            lanes,
            handlers_left_out,
            damages: damages.collect(),
            missing: missing
                .map(|&(from, to)| MissingFiles { from, to })
                .collect(),
            foreign: log.foreign.into_iter().take(FOREIGN_LIMIT).collect(),
        }
    }
}

impl From<LaneStatus> for LaneRow {
    fn from(lane: LaneStatus) -> Self {
        let head = lane.head.number();
        let handlers = lane.handlers.into_iter().map(|(name, cursor)| HandlerRow {
            name: name.as_str().to_owned(),
            cursor: cursor.position.number(),
            behind: head.saturating_sub(cursor.position.number()),
            open: cursor.open_count as u64,
            dead: cursor.dead_count as u64,
        });
        Self {
            lane: lane.lane.number(),
            first: lane.first.number(),
            head,
            handlers: handlers.collect(),
        }
    }
}

/// Leaves the handlers with least to do out, until so many are left. How many went.
fn leave_out(lanes: &mut [LaneRow], limit: usize) -> u64 {
    let pending = |row: &HandlerRow| row.behind.saturating_add(row.open).saturating_add(row.dead);
    let rows = lanes.iter().flat_map(|lane| &lane.handlers);
    let mut all: Vec<u64> = rows.map(pending).collect();
    if all.len() <= limit {
        return 0;
    }
    all.sort_unstable_by(|one, other| other.cmp(one));
    let least = all.get(limit.saturating_sub(1)).copied();
    let least = least.unwrap_or(u64::MAX);
    let above = all.iter().filter(|&&count| count > least).count();
    let mut of_least = limit.saturating_sub(above);
    for lane in lanes {
        lane.handlers.retain(|row| {
            let is_of_least = pending(row) == least && of_least > 0;
            of_least -= usize::from(is_of_least);
            is_of_least || pending(row) > least
        });
    }
    (all.len() - limit) as u64
}

fn in_text(time: Timestamp) -> String {
    time.to_string()
}

#[cfg(test)]
mod tests {
    use super::{HandlerRow, LaneRow, leave_out};

    fn lane(lane: u16, behind: &[u64]) -> LaneRow {
        let handlers = behind.iter().map(|&behind| HandlerRow {
            name: format!("handler {behind}"),
            cursor: 0,
            behind,
            open: 0,
            dead: 0,
        });
        LaneRow {
            lane,
            first: 0,
            head: 0,
            handlers: handlers.collect(),
        }
    }

    #[test]
    fn handlers_with_most_to_do_stay() {
        for (limit, left_out, kept) in [
            (9, 0, vec![vec![0, 5, 0], vec![7, 0]]),
            (5, 0, vec![vec![0, 5, 0], vec![7, 0]]),
            (3, 2, vec![vec![0, 5], vec![7]]),
            (2, 3, vec![vec![5], vec![7]]),
            (1, 4, vec![vec![], vec![7]]),
        ] {
            let mut lanes = [lane(1, &[0, 5, 0]), lane(2, &[7, 0])];
            assert_eq!(leave_out(&mut lanes, limit), left_out, "{limit}");
            let behind = |lane: &LaneRow| lane.handlers.iter().map(|row| row.behind).collect();
            let shown: Vec<Vec<u64>> = lanes.iter().map(behind).collect();
            assert_eq!(shown, kept, "{limit}");
        }
    }
}
