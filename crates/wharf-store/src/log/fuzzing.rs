//! Segments of any bytes, for fuzz targets: made, mended and recovered.

use std::sync::Arc;

use super::frame;
use super::prepare;
use super::read;
use super::segment::{self, DATA_START, Header};
use super::state::State;
use crate::disk::Disk;
use crate::error::OpenError;
use crate::events::{Event, ReadLimit};
use crate::names::{LaneId, Position};

/// Small, so that it is begun quickly.
const SEGMENT_BYTES: u64 = 16 * 1024;

/// Most events of one lane that are read: a position may be any number.
const EVENT_LIMIT: usize = 10_000;

/// What a log came to.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Read {
    state: State,
    events: Vec<Event>,
}

impl Read {
    pub(crate) fn event_count(&self) -> usize {
        self.events.len()
    }
}

/// The file of a segment with these bytes behind its header. With `mended`, lengths and checksums are
/// made right, so that what stands in frames is reached.
pub(crate) fn segment(
    number: u64,
    previous: Option<(u64, u64)>,
    behind: &[u8],
    mended: bool,
) -> Vec<u8> {
    let header = Header {
        log: [1; 16],
        number,
        salt: frame::salt(number),
        previous,
        time: 0,
    };
    let mut file = header.to_bytes();
    let mut behind = behind.to_vec();
    if mended {
        behind.resize(behind.len().next_multiple_of(frame::ALIGNMENT), 0);
        frame::mend(&mut behind, header.salt, DATA_START);
    }
    file.extend(behind);
    file
}

/// The name of a segment's file.
pub(crate) fn name(number: u64) -> String {
    segment::name(number)
}

/// Recovers a log and reads all of it.
pub(crate) fn recover(disk: &Arc<dyn Disk>) -> Result<Read, OpenError> {
    let (writer, _, _) = prepare(disk, SEGMENT_BYTES)?;
    let shared = Arc::clone(&writer.shared);
    let limit = ReadLimit {
        count: EVENT_LIMIT,
        bytes: usize::MAX,
    };
    let mut events = Vec::new();
    for row in writer.state.rows() {
        let lane = LaneId::from_number(row.lane);
        let of_lane = read::read(&shared, lane, Position::FIRST, limit);
        events.extend(of_lane.map_err(|source| OpenError::Log {
            path: shared.path.clone(),
            source,
        })?);
    }
    Ok(Read {
        state: writer.state,
        events,
    })
}
